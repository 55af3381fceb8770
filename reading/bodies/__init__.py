"""Reading cells of the column «Ответственные»: separate bodies, named people, groups, by a registry or without one.

A cell goes through these modules in this order:

cutting      at what a person meant as separators: marks, lines, «и» between two bodies
joining      what a comma cut off and still belongs to one body
unseparated  bodies beside each other with nothing between them, before the word that begins the next one
naming       the nominative; one body, several or a person
judging      whether a body that came out holds another one
registry     the office's code and name

`words` are the words that tell all this. What could also be one body stays one body; where nothing in the cell proves
it, a finding asks (`one-or-several`).
"""

from __future__ import annotations

import re

from orders.findings import PlacedFinding
from reading.bodies.cutting import cut, tidy
from reading.bodies.joining import coordinated, joined
from reading.bodies.judging import holds_another
from reading.bodies.naming import is_group, is_people, kind_of, nominative, singular, upright
from reading.bodies.registry import Body, Kind, Registry, RegistryEntry, body_key, registered
from reading.bodies.unseparated import proven, unseparated
from reading.bodies.words import BODY_HEAD, PERSON
from reading.deadlines import is_deadline
from reading.doubts import doubt

__all__ = ["BODY_HEAD", "PERSON", "Body", "Kind", "Registry", "RegistryEntry", "body_key", "read_bodies"]

LIMIT = 2_000
"""Characters of a cell that are read."""

MOST_NUMBERS = 30
"""Numbers that a range of schools («№ 1-5») may hold; a longer one is rather one number."""


def read_bodies(cell: str, registry: Registry | None = None) -> tuple[tuple[Body, ...], tuple[PlacedFinding, ...]]:
    """Return the bodies of a cell in its order, and what is doubtful about them; never raises for any text."""
    findings: list[PlacedFinding] = []
    text = _PHONE.sub("", tidy(cell[:LIMIT]))
    if len(cell) > LIMIT:
        findings.append(doubt("bodies-too-long", {"text": text[:60]}))
        return (), tuple(findings)
    if not text.strip(" -–—.,;*xх"):
        return (), (doubt("missing-body", {"text": text}),)
    if is_deadline(text):
        return (), (doubt("deadline-in-bodies", {"text": text}),)
    recommended = re.match(r"(?:рекомендовать|предложить|просить)\s+", text, re.IGNORECASE)
    if recommended:
        findings.append(doubt("recommendation", {"text": text}))
        text = text[recommended.end() :]
    text = _NAMED_WITHIN.sub("; ", _NAMED_AS.sub("", text))
    text = _NUMBER_RANGE.sub(lambda m: _numbers(m, findings), text)
    if "№" in text:
        text = _RANGE_IN_LIST.sub(lambda m: _numbers(m, findings).removeprefix("№ "), text)
    bodies: list[Body] = []
    unsure: list[str] = []
    for n, part in enumerate(_TOGETHER.split(_unbracketed(text))):
        for chunk in joined(coordinated(cut(part, unsure, beside=n > 0)), unsure):
            bodies += _bodies(chunk, bodies[-1] if bodies else None, findings, beside=n > 0)
    unsure += [body.verbatim for body in bodies if holds_another(body.verbatim)]
    if unsure:
        findings.append(
            doubt("one-or-several", {"text": "»; «".join(dict.fromkeys(unsure))}, "; ".join(b.name for b in bodies))
        )
    found = tuple(registered(body, registry, findings) for body in bodies)
    unknown = [
        b for b in found if not (BODY_HEAD.match(b.name) or PERSON.search(b.verbatim) or is_people(b.name) or b.code)
    ]
    findings += [doubt("unclear-body", {"text": b.verbatim}) for b in unknown]
    if found and (lost := _not_carried(cell, found)):
        findings.append(doubt("words-beside-bodies", {"text": "»; «".join(lost)}))
    return found, tuple(findings) if found else (*findings, doubt("missing-body", {"text": text}))


def _not_carried(cell: str, bodies: tuple[Body, ...]) -> list[str]:
    """Return the words of a cell that stand in none of its bodies, but for those that join bodies or introduce them."""
    letters = re.sub(r"[^а-яёa-z0-9]", "", "|".join(f"{b.verbatim}|{b.name}" for b in bodies).lower())
    named = _PEOPLE_OF_GROUP.sub(lambda m: m.group(1) if len(PERSON.findall(m.group(1))) > 1 else m.group(), cell)
    words = re.findall(r"[А-Яа-яЁё]{4,}", re.sub(r"-\s*\n\s*", "", named))
    return [word for word in dict.fromkeys(words) if not _JOINS.match(word) and word.lower()[:-2] not in letters]


_PEOPLE_OF_GROUP = re.compile(r"[^,;()\n]*\(([^()]*)\)")
"""«Методисты (Иванова И.И., Петрова П.П.)»: the people stand for the group."""
_JOINS = re.compile(
    r"(?i)совместн|участи|поддержк|содействи|привлечени|взаимодействи|ответственн|исполнител|соисполнител|контроль|рекоменд|предлож|"
    r"просить|друг|также|через|сроки?$|числ"
)


def _unbracketed(text: str) -> str:
    """Return «ИМЦ (совместно с ОО)» without those brackets: the bodies in them are bodies of the cell."""
    return re.sub(
        r"(?i)\s*\(((?:совместно\s|при\s+участии|при\s+поддержке|с\s+участием|с\s+привлечением)[^()]*)\)", r" \1", text
    )


def _numbers(match: re.Match[str], findings: list[PlacedFinding]) -> str:
    """Return «№№ 1-5» as the numbers in it, if they are few."""
    first, last = int(match.group(1)), int(match.group(2))
    if not first < last <= first + MOST_NUMBERS:
        return match.group()
    listed = ", ".join(str(n) for n in range(first, last + 1))
    findings.append(doubt("number-range", {"text": match.group()}, listed))
    return f"№ {listed}"


_PHONE = re.compile(r"(?i)[\s,;(]*(?<![а-яё])(?:тел|телефон|т|моб)(?:\.|:|\s)\s*(?:\+?\d[\d\s()-]{4,}\d)\)?")
"""Where somebody is called: no body."""

_TOGETHER = re.compile(
    r"[,;]?\s*(?<![а-яё])(?:совместно\s+со?|при\s+(?:участии|поддержке|содействии)|с\s+(?:участием|привлечением)|"
    r"во\s+взаимодействии\s+со?)\s+",
    re.IGNORECASE,
)
"""What puts the bodies behind it into the instrumental or the genitive."""

_NAMED_AS = re.compile(
    r"^(?:(?:отв|ответственн\w+|исполнител\w+|соисполнител\w+)\s*[:–—-]\s*|отв\.\s*:?\s*)", re.IGNORECASE
)

_NAMED_WITHIN = re.compile(
    r"(?i)\s*[.,;\n]\s*(?:ответственн(?:ый|ая|ые)|(?:со)?исполнител[ьи]|контроль|отв\.)\s*(?::|\s[–—-]\s)\s*|\s*(?:→|->|=>)\s*"
)
"""What part the next body takes, or an arrow, between two bodies."""

_NUMBER_RANGE = re.compile(r"№+\s*(\d{1,3})\s*[-–—]\s*(\d{1,3})(?![\d\w-])(?!\s*-?\s*[а-яё]*\s*класс)")

_RANGE_IN_LIST = re.compile(r"(?<=\d,\s)(\d{1,3})\s*[-–—]\s*(\d{1,3})(?![\d\w.-])(?!\s*-?\s*[а-яё]*\s*кл)")
"""«№ 1, 3, 5–7»: a range among numbers."""


def _bodies(chunk: str, before: Body | None, findings: list[PlacedFinding], *, beside: bool) -> list[Body]:
    """Return the bodies of one piece: several people, or bodies without a separator between them.

    A number alone («МБОУ СОШ № 1, № 6») is the school of that number beside the one `before`.
    """
    number = re.fullmatch(r"№?\s*(\d{1,4})", chunk)
    if number and before and re.search(r"№+\s*\d+$", before.name):
        return [Body(re.sub(r"№+\s*\d+$", f"№ {number.group(1)}", before.name), "body", chunk)]
    chunk = re.sub("№{2,}", "№", chunk)
    listed = re.fullmatch(r"(.{5,}?)\s*\(([^()]+)\)", chunk)
    if listed and len(people := PERSON.findall(listed.group(2))) > 1 and is_group(listed.group(1)):
        return [Body(person, "person", person) for person in people]
    pieces = unseparated(chunk)
    if not proven(pieces):
        findings.append(doubt("no-separator", {"text": chunk}, "; ".join(pieces)))
    names = [nominative(upright(piece) if beside else piece) for piece in pieces]
    names = [singular(name) if re.search(r"№\s*\d+$", name) else name for name in names]
    return [Body(name, kind_of(name), piece) for name, piece in zip(names, pieces, strict=True)]
