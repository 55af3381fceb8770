"""A body, and the bodies that the office knows, found by any of their names in any case."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from orders.findings import PlacedFinding
from reading.doubts import doubt

Kind = Literal["body", "group", "person"]


@dataclass(frozen=True, slots=True)
class Body:
    """One body of a cell: its words as they stand, its name in the nominative, its code where the registry has it."""

    name: str
    kind: Kind
    verbatim: str
    code: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the plain record."""
        return {"code": self.code, "name": self.name, "kind": self.kind, "verbatim": self.verbatim}


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A body that the office knows: a code, a name, other ways to write it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    kind: Kind = "body"


@dataclass(frozen=True)
class Registry:
    """The bodies that the office knows, found by any of their names in any case."""

    entries: tuple[RegistryEntry, ...]

    @cached_property
    def _by_key(self) -> dict[str, RegistryEntry]:
        return {body_key(name): entry for entry in self.entries for name in (entry.name, *entry.aliases)}

    def find(self, name: str) -> RegistryEntry | None:
        """Return the entry of that name: exactly, or without the name of its head in brackets."""
        return self._by_key.get(body_key(name)) or self._by_key.get(body_key(re.sub(r"\s*\([^()]*\)", "", name)))


def body_key(name: str) -> str:
    """Return what two spellings of one body have in common: no case endings, quotes or usual expansions."""
    text = name.lower().replace("ё", "е")
    for pattern, short in _EXPANSIONS:
        text = pattern.sub(short, text)
    words = re.findall(r"[а-яa-z]+|\d+", text)
    return " ".join(_ENDING.sub("", w) if len(w) > _ABBREVIATED else w for w in words)


_ENDING = re.compile(
    "(?:иями|ями|ами|иям|иях|его|ого|ему|ому|ими|ыми|ов|ев|ам|ям|ах|ях|ом|ем|ой|ей|ий|ый|ая|яя|ое|ее|ые|ие|ия|ию|ии|ую|юю|у|ю|а|я|о|е|и|ы|ь)$"
)

_ABBREVIATED = 4
"""Letters that an abbreviation has at most: they are no endings."""
_EXPANSIONS = (
    (re.compile(r"(?:муниципальн[а-я]+\s+)?(?:обще)?образовательн[а-я]+\s+(?:организаци|учреждени)[а-я]+"), "оо"),
    (re.compile(r"(?<![а-я])оу(?![а-я])"), "оо"),
    (re.compile(r"(?<![а-я])(?:зам\.?\s*директор[а-я]*|замдиректор[а-я]*)"), "заместитель директора"),
    (re.compile(r"(?<![а-я])зам\.?(?![а-я])"), "заместитель"),
    (re.compile(r"(?<![а-я])кл\.\s*"), "классный "),
    (re.compile(r"(?<![а-я])соц\.\s*"), "социальный "),
    (re.compile(r"(?<![а-я])(?:городск[а-я]+\s+методическ[а-я]+\s+объединени[а-я]+)"), "гмо"),
    (re.compile(r"(?<![а-я])(?:школьн[а-я]+\s+методическ[а-я]+\s+объединени[а-я]+)"), "шмо"),
    (re.compile(r"(?<![а-я])(?:районн[а-я]+\s+методическ[а-я]+\s+объединени[а-я]+)"), "рмо"),
)


def registered(body: Body, registry: Registry | None, findings: list[PlacedFinding]) -> Body:
    """Return a body with its code and name of the registry, where there is one; a finding where it is not in it."""
    if registry is None:
        return body
    entry = registry.find(body.verbatim) or registry.find(body.name)
    if entry is None:
        findings.append(doubt("unknown-body", {"text": body.verbatim}))
        return body
    return replace(body, code=entry.code, name=entry.name, kind=entry.kind if entry.kind != "body" else body.kind)
