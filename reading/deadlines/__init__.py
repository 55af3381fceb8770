"""Reading deadlines as Russian plans write them: from a phrase and the plan's period to checkpoints.

A phrase goes through these modules in this order:

text       dashes, digits and the damage of scans are put in order, nothing else
items      the grammar (`grammar.lark`) cuts it into items; `rules` gives each rule its source and examples
moments    a day, a month, a quarter as a stretch of a year that is not said yet
entries    which of the items are dates, and what they are called
shared     a month or a year that is said once for several dates
recurring  «ежемесячно до 5 числа»
placing    the year by the plan's period, and the days
terms      «в течение 10 дней», «в течение года», and what names no date
result     findings about the whole, keys, the shift to working days

`draft` is what is known of the phrase meanwhile. What is not said is never made up: a date that rests on a choice
carries a finding with the reading, and what cannot be read is a finding without a date.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from domain.workdays import Calendar, Shift
from reading.deadlines.draft import Draft
from reading.deadlines.items import DATED, RECURRING, parsed
from reading.deadlines.reading import read
from reading.deadlines.result import finished_deadline
from reading.deadlines.shapes import Checkpoint, Deadline, Period
from reading.deadlines.text import LIMIT, tidy
from reading.doubts import doubt

__all__ = ["Checkpoint", "Deadline", "Period", "is_deadline", "read_deadline"]


def read_deadline(
    phrase: str,
    period: Period | None,
    *,
    signed: date | None,
    calendar: Calendar | None,
    shift: Shift,
    within: Period | None = None,
) -> Deadline:
    """Read a deadline phrase; never raises for any text.

    `signed` is the order's date; `calendar` and `shift` give `due_on`, which equals `due` without a calendar.
    Without a period only dates that name their year are read. `within` is the month or quarter of the section that the
    phrase stands in: «в течение месяца» is all of it, «III неделя» one of its weeks, and its year is that of «28.08».
    """
    if len(phrase) > LIMIT:
        return Deadline(("unspecified",), (), (doubt("deadline-not-understood", {"text": phrase[:60] + "…"}),))
    text, findings = tidy(phrase)
    items, mended = parsed(text)
    draft = Draft(text, period, signed, findings=[*findings, *mended], within=within)
    try:
        read(draft, items)
    except OverflowError:
        draft.note("deadline-not-understood", text=phrase)
    return finished_deadline(draft, calendar, shift)


@lru_cache(maxsize=4096)
def is_deadline(text: str) -> bool:
    """Tell whether a text is nothing but a deadline: every word of it belongs to a date or a recurrence."""
    if not text.strip() or len(text) > LIMIT:
        return False
    items, _ = parsed(tidy(text)[0])
    solid = DATED | RECURRING | {"all_year", "urgent", "separate_plan", "term_from"}
    moments = [m for item in items for m in item.moments]
    bare = bool(moments) and all(m.make is None for m in moments)  # days without any month: numbers of schools
    return not bare and any(i.op in solid for i in items) and not any(i.op in {"words", "event"} for i in items)
