"""Terms counted from the signing or from a date, the whole year, and what names no date of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from reading.deadlines.draft import Dated, Draft, Point
from reading.deadlines.items import DATED, WITHOUT_DATE, Item, hangs_on
from reading.deadlines.moments import last_day, month_after, number_named
from reading.deadlines.placing import settled

_AROUND = {"term_before_date": -1, "term_after_date": 1}
"""Terms that are counted from a date: before it or after it."""
_A_YEAR_AND_A_MONTH = timedelta(days=366 + 31)
_ENDLESS = re.compile(r"(?:на\s*)?постоянн|систематич|регулярн|непрерывн|в\s*(?:постоянном|рабочем)", re.IGNORECASE)


def year_point(draft: Draft, label: str, rule: str) -> None:
    """Add the whole plan as one point, or say that there is none."""
    if draft.whole is None:
        draft.note("year-not-said")
        return
    draft.points.append(Point(label, *draft.whole, rule, unit=True, key="year"))


def undated(draft: Draft, items: Sequence[Item]) -> None:
    """Take the items that are no dates: the whole year, terms, and what is said of the day without naming it."""
    for n, item in enumerate(items):
        after = items[n + 1].op if n + 1 < len(items) else ""
        if item.op == "all_year":
            _whole_year(draft, item, after)
        elif item.op in {"term_from", "urgent"}:
            _term(draft, item, depends=after == "event")
        elif item.op in _AROUND:
            _term_around(draft, item)
        elif item.op in WITHOUT_DATE:
            if item.op == "event" and not item.label and after in DATED and not hangs_on(item):
                continue  # «в период с … по …»: the words before a date
            kind, code = WITHOUT_DATE[item.op]
            draft.kind(kind)
            draft.note(code, text=item.text)


def _whole_year(draft: Draft, item: Item, after: str) -> None:
    """Read «в течение года»: the whole plan, or the stretch that follows («всего периода с 2022 по 2027 годы»)."""
    draft.kind("all-year")
    several_years = draft.period is not None and draft.period.end - draft.period.start > _A_YEAR_AND_A_MONTH
    other_year = "календарн|финансов" if draft.is_school_year else "год"
    if draft.period and (several_years or draft.is_school_year) and re.search(other_year, item.text.lower()):
        draft.note("year-not-said", str(draft.period.end), text=item.text)
    if _ENDLESS.match(item.text):
        draft.note("no-date", text=item.text)
    if after in {"window", "point"} and len(draft.points) == 1:
        draft.kinds = ["all-year"]
    said = any(p.key == "year" for p in draft.points) or bool({"monthly", "quarterly"} & set(draft.kinds))
    if not (draft.points and (after in DATED or said)):
        year_point(draft, item.text, "all_year")


def _term(draft: Draft, item: Item, *, depends: bool) -> None:
    """Count a term from the signing: days and weeks on, months to the same day (ГК РФ ст. 191, 192).

    «Срочно» is 3 days, «оперативно» 10 (LAW_305378 п. 5.3.2).
    """
    draft.kind("relative")
    if depends:
        draft.note("event-date-unknown", text=item.text)
        return
    if draft.signed is None:
        draft.note("signing-unknown", text=item.text)
        return
    low = item.text.lower()
    if item.op == "urgent":
        due = draft.signed + timedelta(days=10 if "оперативно" in low else 3)
    else:
        amount = number_named(re.sub(r"\(.*?\)", "", item.parts[0])) or 1
        if "рабоч" in low:
            draft.points.append(Point(item.text, draft.signed, draft.signed, item.op, unit=False, working=amount))
            return
        due = _later(draft.signed, amount, low)
    draft.note("counted-from-signing", str(due), text=item.text, signed=str(draft.signed))
    draft.points.append(Point(item.text, draft.signed, due, item.op, unit=False))


def _term_around(draft: Draft, item: Item) -> None:
    """Count a term from a date: «за 10 дней до 1 сентября», «в течение 5 дней после 15 октября» (ГК РФ ст. 191)."""
    draft.kind("relative")
    if any(m.kind == "term" for m in item.moments):
        draft.note("school-term", text=item.text)
        return
    sign, low = _AROUND[item.op], item.parts[0].lower()
    span = settled(draft, Dated("point", item.moments, item.text, item.text, bracketed=False))
    if span is None:
        return
    part = item.moments[-1].kind.split(":")[:2]
    base = span[0] if part == ["part", "start"] or (sign < 0 and part != ["part", "end"]) else span[1]
    if item.moments[-1].kind != "day":
        draft.note("boundary", str(base), text=item.text)
    if re.search("несколько|полтора|час", low):
        draft.note("event-date-unknown", text=item.text)
        return
    amount = sign * (number_named(re.sub(r"\(.*?\)", "", low)) or 1)
    if "рабоч" in low:
        draft.points.append(Point(item.text, None, base, item.op, unit=False, working=amount))
    else:
        draft.points.append(Point(item.text, None, _later(base, amount, low), item.op, unit=False))


def _later(day: date, amount: int, text: str) -> date:
    if "недел" in text:
        return day + timedelta(weeks=amount)
    if "месяц" in text or "месяч" in text:
        year, month = month_after(day.year, day.month, amount)
        return (
            date(year, month, min(day.day, last_day(year, month).day))
            if "полу" not in text
            else day + timedelta(days=15)
        )
    if "год" in text or "лет" in text:
        return date(day.year + amount, day.month, min(day.day, last_day(day.year + amount, day.month).day))
    if "час" in text:
        return day + timedelta(days=-(-amount // 24))
    return day + timedelta(days=amount)
