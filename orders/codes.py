"""Codes and numbers as people type them: the one that is meant, and those that are near where none is.

`1,1`, `1.1.` and `№ 1.1` are the measure 1.1; `Pol-2`, `pol–2` and one typed with Russian letters that look alike are the
code pol-2. What fits several is not guessed.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from domain.roadmap import Registry, Roadmap

NEAR = 3
LISTED = 20
NAME_LIMIT = 60
# Letters of the Russian keyboard that look like Latin ones.
ALIKE = str.maketrans("авеёкмнорстухі", "abeekmhopctyxi")
DASHES = re.compile(r"[\s_\u2010-\u2015\u2212-]+")

Fold = Callable[[str], str]
Known = Mapping[str, str]
"""What there is: codes or numbers, each with its name."""


def measures(roadmap: Roadmap) -> dict[str, str]:
    """Return the numbers of all measures with their titles."""
    return {measure.number: measure.title for measure in roadmap.measures}


def indicators(roadmap: Roadmap) -> dict[str, str]:
    """Return the numbers of all indicators with their texts."""
    return {indicator.number: indicator.text for indicator in roadmap.indicators}


def checkpoints(roadmap: Roadmap, measure: str) -> dict[str, str]:
    """Return the keys of a measure's checkpoints with their labels; none where its dates came later, by a schedule."""
    plan = roadmap.measure(measure)
    return {point.key: point.label for point in plan.checkpoints} if plan else {}


def bodies(registry: Registry) -> dict[str, str]:
    """Return the codes of all bodies with their names."""
    return {body.code: body.name for body in registry.bodies}


def senders(registry: Registry) -> dict[str, str]:
    """Return the codes of all bodies and people with their names and posts."""
    return bodies(registry) | {person.code: person.post or "" for person in registry.people}


def code(text: str) -> str:
    """Return what a code is compared by."""
    letters = unicodedata.normalize("NFKC", text).casefold().translate(ALIKE)
    return DASHES.sub("-", letters.strip(" \t.,;:")).strip("-")


def number(text: str) -> str:
    """Return what the number of a measure, an indicator or a checkpoint is compared by."""
    letters = unicodedata.normalize("NFKC", text).casefold().translate(ALIKE)
    return re.sub(r"^(?:№|no(?=[\s\d]))", "", letters.strip()).replace(",", ".").strip(" \t.);:")


def understood(asked: str, known: Known, fold: Fold) -> str | None:
    """Return the one that is meant: as it is written, else the only one that compares equal."""
    if asked in known:
        return asked
    wanted = fold(asked)
    found = [one for one in known if wanted and fold(one) == wanted]
    return found[0] if len(found) == 1 else None


def near(asked: str, known: Known, fold: Fold) -> list[str]:
    """Return those that may be meant: by their spelling, else by their names."""
    wanted = fold(asked)
    if not wanted:
        return []
    by_fold: dict[str, list[str]] = {}
    for one in known:
        by_fold.setdefault(fold(one), []).append(one)
    spelt = difflib.get_close_matches(wanted, by_fold, n=NEAR, cutoff=0.7)
    named = (one for one, name in known.items() if len(wanted) > NEAR and wanted in fold(name))
    return list(dict.fromkeys([*(one for key in spelt for one in by_fold[key]), *named]))[:NEAR]


def listed(asked: str, known: Known, fold: Fold) -> tuple[str, str]:
    """Return what to choose from, in both languages: the near ones, else the first of all; each with its name."""
    if found := near(asked, known, fold):
        said = "; ".join(_named(known, found))
        return f"Похожие: {said}.", f"Near ones: {said}."
    some = "; ".join(_named(known, list(known)[:LISTED])) or "—"
    more = len(known) - LISTED
    return (
        f"Есть: {some}" + (f"; и ещё {more}." if more > 0 else "."),
        f"There are: {some}" + (f"; and {more} more." if more > 0 else "."),
    )


def of_number(value: Decimal, known: Known) -> list[str]:
    """Return the numbers that a spreadsheet may have made this number of: of 2.10 and of 2.1 it makes 2.1."""
    return [one for one in known if _value(number(one)) == value]


def value_of(text: str) -> Decimal | None:
    """Return the number that a spreadsheet's cell says, with a comma or a point; None where it is none."""
    return _value(text.strip().replace(",", "."))


def _value(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"\d+(?:\.\d+)?", text, re.ASCII) else None


def _named(known: Known, codes: list[str]) -> Iterator[str]:
    for one in codes:
        name = " ".join(known[one].split())
        cut = name if len(name) <= NAME_LIMIT else f"{name[: NAME_LIMIT - 1].rstrip()}…"
        yield f"{one} ({cut})" if cut and cut != one else one
