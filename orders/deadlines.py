"""Reading deadlines as Russian plans write them: from a phrase and the plan's period to checkpoints.

The phrase is put in order (`deadlines_text`), parsed by the grammar (`deadlines.lark`, at work in `deadlines_items`;
`deadlines_rules` gives each rule its source and examples), its days and months are told (`deadlines_moments`) and placed
in the period (`deadlines_reading`). What is not said is never made up: a date that rests on a choice carries a finding
with the reading, and what cannot be read is a finding without a date.
"""

from __future__ import annotations

from datetime import date

from domain.workdays import Calendar, Shift
from orders.deadlines_items import parsed
from orders.deadlines_reading import DATED, RECURRING, Reading
from orders.deadlines_shapes import Checkpoint, Deadline, Period
from orders.deadlines_text import LIMIT, tidy
from orders.doubts import doubt

__all__ = ["Checkpoint", "Deadline", "Period", "is_deadline", "read_deadline"]


def read_deadline(
    phrase: str, period: Period | None, *, signed: date | None, calendar: Calendar | None, shift: Shift
) -> Deadline:
    """Read a deadline phrase; never raises for any text.

    `signed` is the order's date; `calendar` and `shift` give `due_on`, which equals `due` without a calendar.
    Without a period only dates that name their year are read.
    """
    if len(phrase) > LIMIT:
        return Deadline(("unspecified",), (), (doubt("deadline-not-understood", {"text": phrase[:60] + "…"}),))
    text, findings = tidy(phrase)
    items, mended = parsed(text)
    reading = Reading(text, period, signed)
    reading.findings += [*findings, *mended]
    try:
        reading.read(items)
    except OverflowError:
        reading.findings.append(doubt("deadline-not-understood", {"text": phrase}))
    return reading.deadline(calendar, shift)


def is_deadline(text: str) -> bool:
    """Tell whether a text is nothing but a deadline: every word of it belongs to a date or a recurrence."""
    if not text.strip() or len(text) > LIMIT:
        return False
    items, _ = parsed(tidy(text)[0])
    solid = DATED | RECURRING | {"all_year", "urgent", "separate_plan", "term_from"}
    bare = any(m.make is None for item in items for m in item.moments)
    return not bare and any(i.op in solid for i in items) and not any(i.op in {"words", "event"} for i in items)
