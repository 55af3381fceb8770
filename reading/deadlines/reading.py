"""The steps of a reading, in their order: from the items of a phrase to points and findings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reading.deadlines.draft import Dated, Draft, Point
from reading.deadlines.entries import collect, without_reported
from reading.deadlines.items import RECURRING, Item
from reading.deadlines.moments import Moment, months_long
from reading.deadlines.placing import place, place_all
from reading.deadlines.recurring import recur
from reading.deadlines.result import conclude
from reading.deadlines.shared import attach_days, attach_years
from reading.deadlines.terms import undated

_OF_SECTION = re.compile(
    r"(?i)(?:(?:в\s+)?течени[еи]\s+|весь\s+|за\s+)?(?:всего\s+)?(?:месяца?|квартала?|четверти|полугодия)\.?"
)
"""What in a section of a month or a quarter means all of it."""
_MARKED, _UNMARKED = re.compile(r"[xх+vV✓√]|да", re.IGNORECASE), re.compile(r"[-–—0]?|нет", re.IGNORECASE)


def read(draft: Draft, items: Sequence[Item]) -> None:
    """Take the items of the whole phrase."""
    if _read_matrix(draft):
        return
    if draft.within and _OF_SECTION.fullmatch(draft.text):
        draft.kind("months")
        draft.points.append(Point(draft.text, draft.within.start, draft.within.end, "during", unit=True))
        return
    dated = collect(draft, items)
    recurring = [item for item in items if item.op in RECURRING]
    if draft.month:  # «в конце месяца»: of this one
        recurring = [item for item in recurring if not re.fullmatch(r"(?i)(?:текущего\s*)?месяца", item.text.strip())]
    dated = attach_days(draft, without_reported(draft, dated), recurring)
    dated = attach_years(draft, dated)
    if recurring:
        draft.repeats = True
        dated = recur(draft, recurring, dated)
    place_all(draft, dated)
    undated(draft, items)
    conclude(draft, items)


def _read_matrix(draft: Draft) -> bool:
    """Read a row of marks: four are the quarters of the calendar year, twelve its months."""
    cells = [cell.strip() for cell in draft.text.split("|")]
    lengths = {4: 3, 12: 1}
    if len(cells) not in lengths or not all(_MARKED.fullmatch(c) or _UNMARKED.fullmatch(c) for c in cells):
        return False
    marked = [n for n, cell in enumerate(cells) if _MARKED.fullmatch(cell)]
    if not marked:
        draft.kind("unspecified")
        draft.note("no-date")
        return True
    length = lengths[len(cells)]
    if len(marked) == len(cells):
        draft.kind("quarterly" if length > 1 else "monthly")
    else:
        draft.kind("window" if length > 1 else "months")
    for n in marked:
        make = months_long(n * length + 1, length)
        moment = Moment("mark", "quarter" if length > 1 else "month", str(n + 1), make=make, order=(n * length + 1, 1))
        place(draft, Dated("point", [moment], f"{n + 1}", f"{n + 1}", bracketed=False))
    return True
