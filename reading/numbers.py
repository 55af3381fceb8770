"""The numbers of measures: as printed, and mended where the table's own order says how."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from orders.findings import PlacedFinding
from reading.documents.layout import PlanRow, Section
from reading.doubts import doubt

Numbers = list[tuple[str, tuple[PlacedFinding, ...]]]
"""Each row's number, and what was mended or is missing."""
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}


def numbers_of(rows: Sequence[PlanRow], *, listed: bool) -> Numbers:
    """Return each row's number, mended where the table's own order says how, and what was mended.

    A table whose rows are numbered by sections («2.7») gives a cut «.7» or «7» its section back; a table numbered
    through keeps plain numbers, as a list does: its points 1.1, 1.2 and 2 are so. Rows without any number are counted.
    """
    printed = [_printed(row.number) for row in rows]
    dotted = sum(number.count(".") >= 1 and not number.startswith(".") for number, _ in printed)
    plain = sum(number.isdigit() for number, _ in printed)
    if _begins_anew(rows, printed):
        return _qualified(rows, printed)
    by_section = not listed and dotted > 0 and (dotted * 2 >= plain or any(n.startswith(".") for n, _ in printed))
    result: Numbers = []
    prefix, last, position = "", 0, 0
    for place, (row, (number, glyphs)) in enumerate(zip(rows, printed, strict=True)):
        new_section = place == 0 or row.section is not rows[place - 1].section
        if new_section:
            position += 1
            prefix, last = _section_number(row, rows[place:], position), 0
        if not number:
            result.append((_counted(by_section, prefix, last, place), _no_number(row)))
            last += 1
            continue
        if by_section and (number.startswith(".") or number.isdigit()):
            tail = number.lstrip(".")
            whole = f"{prefix}.{tail}" if prefix else tail
            result.append((whole, (*glyphs, doubt("truncated-number", {"text": row.number}, whole))))
            last = int(tail) if tail.isdigit() else last
            continue
        if "." in number and by_section:
            prefix, _, tail = number.rpartition(".")
            last = int(tail) if tail.isdigit() else last
        result.append((number, glyphs))
    return result


def _begins_anew(rows: Sequence[PlanRow], printed: Numbers) -> bool:
    """Tell whether the sections number their rows each for itself: what stands twice stands in two of them."""
    numbers = [number for number, _ in printed if number]
    owned = [(id(row.section), number) for row, (number, _) in zip(rows, printed, strict=True) if number]
    return len(set(numbers)) < len(numbers) and len(set(owned)) == len(owned)


def _qualified(rows: Sequence[PlanRow], printed: Numbers) -> Numbers:
    """Put before each number that of its section and of those around it; said once, it counts for all."""
    prefixes = _prefixes(rows)
    count: Counter[int] = Counter()
    result: Numbers = []
    for row, (number, glyphs) in zip(rows, printed, strict=True):
        key = id(row.section)
        own = number or str(count[key] + 1)
        count[key] = int(own) if own.isdigit() else count[key] + 1
        whole = f"{prefixes[key]}.{own}"
        said = (doubt("number-qualified", {"text": row.number}, whole),) if number and not result else ()
        result.append((whole, (*glyphs, *said, *(() if number else _no_number(row)))))
    return result


def _prefixes(rows: Sequence[PlanRow]) -> dict[int, str]:
    """Return for each section its own number, or its place beside the others, behind that of the section around it."""
    places: dict[int, str] = {}
    beside: Counter[int] = Counter()
    for row in rows:
        above, prefix = id(None), ""
        for section in row.section.path if row.section else (None,):
            if id(section) not in places:
                beside[above] += 1
                number = _plain_number(section) or str(beside[above])
                places[id(section)] = f"{prefix}.{number}".lstrip(".")
            above, prefix = id(section), places[id(section)]
    return places


def _plain_number(section: Section | None) -> str:
    if section is None or not section.number:
        return ""
    return _ROMAN.get(section.number.lower(), section.number)


def _printed(text: str) -> tuple[str, tuple[PlacedFinding, ...]]:
    """Return the number without its marks, letters that stand for digits turned back; that of «I этап» is I."""
    plain = re.sub(r"(?i)\s+|этап|шаг", "", text).rstrip(".)")
    sound = (
        plain.translate(str.maketrans("ЗзОоOolI|", "330000111"))
        if re.search(r"\d", plain) or re.fullmatch(r"[ЗзОо.]+", plain)
        else plain
    )
    sound = sound.replace(",", ".")
    glyphs = (doubt("damaged-glyphs", {"text": text}, sound),) if sound != plain.replace(",", ".") else ()
    return sound, glyphs


def _section_number(row: PlanRow, rest: Sequence[PlanRow], position: int) -> str:
    """Return the prefix of a section's rows: of its whole numbers, else its own number, else its place."""
    for other in rest:
        if other.section is not row.section:
            break
        number, _ = _printed(other.number)
        if "." in number and not number.startswith("."):
            return number.rpartition(".")[0]
    return _plain_number(row.section) or (str(position) if row.section else "")


def _counted(by_section: bool, prefix: str, last: int, place: int) -> str:
    return f"{prefix}.{last + 1}" if by_section and prefix else str(place + 1)


def _no_number(row: PlanRow) -> tuple[PlacedFinding, ...]:
    return (doubt("number-missing", {"text": row.title[:60]}),) if "number" in row.columns else ()
