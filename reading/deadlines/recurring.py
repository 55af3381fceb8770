"""Recurrences: «ежемесячно до 5 числа», «раз в квартал», «ежегодно в мае», and how often they fall into the plan."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reading.deadlines.draft import Dated, Draft, Point
from reading.deadlines.items import Item
from reading.deadlines.moments import (
    DECEMBER,
    HALF,
    LONGEST_MONTH,
    MAY,
    QUARTER,
    SEPTEMBER,
    YEAR,
    last_day,
    month_after,
    nth_weekday_or_none,
    number_named,
    weekday_named,
    weekday_ordinals,
)
from reading.deadlines.placing import add, joined_days, settled, singly, span_in
from reading.deadlines.shapes import Period
from reading.deadlines.terms import year_point
from reading.deadlines.text import MONTH_NAMES

_Slot = tuple[int | None, int]
"""Days of a month: the first of a window, or None for a bare day, and the last (see `days_of`)."""
_HALF_SCHOOL_YEARS = {DECEMBER: 4, MAY: 5}
"""The months that end the halves of a school year, and how many months each half has."""
_MIDDLE = 15
"""The last day of the first half of a month."""
_A_YEAR = timedelta(days=370)
"""What a plan for one year is shorter than: plans begin some days early."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """How often: each `step` months, on the days `slots` or a `weekday` of a month, or until its last day.

    With `after` a time lies so many months after the last month of its stretch.
    """

    text: str
    step: int
    slots: list[_Slot]
    weekday: str
    after: int

    @property
    def rule(self) -> str:
        """Return the names of the rules that read it."""
        name = {1: "monthly", QUARTER: "quarterly", HALF: "half_yearly"}[self.step]
        return "weekday_monthly" if self.weekday else f"{name}/day_number" if self.slots else name

    def months_ended(self, month: int, *, school: bool) -> int:
        """Return the length of the stretch that ends with a month, 0 where none does; `school` halves its year."""
        if self.step == HALF and school:
            return _HALF_SCHOOL_YEARS.get(month, 0)
        return self.step if month % self.step == 0 else 0


def recur(draft: Draft, recurring: list[Item], dated: list[Dated]) -> list[Dated]:
    """Make the checkpoints of «ежемесячно» and its kin; return the entries that stand for themselves."""
    ops = [item.op for item in recurring]
    following = next((item for item in recurring if item.op == "following"), None)
    numbered = any(m.day is not None for e in dated for m in e.moments)
    slots = [slot for e in dated for slot in _slots(draft, e)]
    if numbered and any(not 1 <= last <= LONGEST_MONTH for _, last in slots):
        draft.note("no-such-date")
        return []
    dated = [s for e in dated if any(m.day is None and m.days is None for m in e.moments) for s in singly(e)]
    if len(set(ops)) > 1 and {"weekly", "daily", "seldom", "termly"} & set(ops):  # «1 раз в месяц по средам»
        draft.note("compound-phrase")
    if "yearly" in ops and not slots and "quarterly" not in ops and "monthly" not in ops:
        return _yearly(draft, recurring[ops.index("yearly")], dated, following)
    pace = _months_between(set(ops), following.text.lower() if following else "", named=bool(slots))
    if pace is None:
        return _vague(draft, recurring, dated)
    step, kind = pace
    draft.kind(kind)
    text = recurring[0].text
    scope, dated = _scope(draft, dated, bare=step == 1 and not numbered)
    if dated and all(_names_time(e) for e in dated) and (step > 1 or _times(text) > 1):
        _count(draft, text, len(dated), yearly=YEAR // step)
        return _in_each_year(draft, dated)
    if draft.period is None and scope is None:
        draft.note("year-not-said")
        return dated
    assert scope is not None  # noqa: S101  _scope gives the period's where there is one
    _count(draft, text, 1)
    if step == QUARTER:
        draft.note("calendar-unit")
    if following and "период" in following.text.lower():
        draft.note("month-not-said")  # «за отчётным периодом»: of a month, or of a quarter
    weekday, dated = _weekday_said(recurring, dated)
    after = _months_after(draft, recurring, slots if step > 1 and numbered else [])
    _every(draft, *scope, _Pace(text, step, slots, weekday, after))
    return dated


def _names_time(entry: Dated) -> bool:
    """Tell one of the times of a recurrence: «1 раз в полугодие: декабрь, май», «… до 15 января и до 15 июля»."""
    return (entry.op == "point" and entry.kind in {"month", "day"}) or (
        entry.op in {"until", "before"} and entry.kind == "day"
    )


def _months_between(ops: set[str], following: str, *, named: bool) -> tuple[int, str] | None:
    """Return the months from one time to the next and the kind; None for what is not counted in months."""
    if {"quarterly", "month_of_quarter"} & ops or "квартал" in following:
        return QUARTER, "quarterly"
    if "half_yearly" in ops:
        return HALF, "periodic"
    if {"monthly", "each_month", "weekday_monthly"} & ops or (following and (named or "месяц" in following)):
        return 1, "monthly"
    return None


def _weekday_said(recurring: list[Item], dated: list[Dated]) -> tuple[str, list[Dated]]:
    """Return the words that name a weekday of each month («последняя пятница»), and the other entries."""
    said = next((item.text for item in recurring if item.op == "weekday_monthly"), "")
    named = [e for e in dated if all(m.rule == "weekday_of_month" and m.make is None for m in e.moments)]
    if said or not named:
        return said, dated
    return named[0].text, [e for e in dated if e is not named[0]]


def _months_after(draft: Draft, recurring: list[Item], slots: list[_Slot]) -> int:
    """Return how many months after the last one of its quarter (or the like) a time lies; `slots` are in doubt."""
    for item in recurring:
        if item.op == "month_of_quarter":
            return _month_of_quarter(item.text)
        if item.op == "following":
            return 1
    return _month_meant(draft, slots) if slots else 0


def _month_of_quarter(text: str) -> int:
    """Return how many months after a quarter's last month one lies: «последний месяц квартала» is 0."""
    number = number_named(text) or -1
    return 0 if number == -1 else number - 3 if "следующ" not in text.lower() else number


def _slots(draft: Draft, entry: Dated) -> list[_Slot]:
    """Return the days of each month that an entry without a month names: a day, a window of days, a part of it."""
    moments = entry.moments
    if all(m.day is not None for m in moments):
        numbers = [m.day or 0 for m in moments]
        return [(numbers[0], numbers[-1])] if entry.op == "window" else [(None, n) for n in numbers]
    if any(m.days is None for m in moments):
        return []
    for finding in {m.finding for m in moments if m.finding}:
        draft.note(finding, text=entry.text)
    bound = entry.op in {"until", "before"}
    return [(None if bound else m.days[0], m.days[1]) for m in moments if m.days]


def _month_meant(draft: Draft, slots: list[_Slot]) -> int:
    """Ask of which month «ежеквартально до 10 числа» speaks: the next one (1), if the day is early in it.

    Reports on a quarter are due by the 10th of the month after it (Свердловская обл., docs.cntd.ru 453106005).
    """
    after = int(max(day for _, day in slots) <= _MIDDLE)
    draft.note("month-not-said")
    return after


def _scope(draft: Draft, dated: list[Dated], *, bare: bool) -> tuple[tuple[date, date] | None, list[Dated]]:
    """Return the stretch that a recurrence runs through, and the entries that do not name it.

    «Ежемесячно» in a plan for a school year is September to May (ОРКСЭ-style plans and приказ № 115 п. 17: the
    teaching year); with a day («до 25 числа») it is every month of the plan.
    """
    whole = _teaching_year(draft.period) if bare and draft.period and draft.period.is_school_year else draft.whole
    wide = [
        e
        for e in dated
        if e.op in {"window", "open_from", "during", "until"}
        or e.kind in {"year", "school_year", "quarter", "half", "school_half", "season", "years"}
    ]
    wide = [e for e in wide if not (e.op == "until" and e.kind == "day")]
    if len(wide) != 1:
        return whole, dated
    entry, rest = wide[0], [e for e in dated if e is not wide[0]]
    span = settled(draft, entry)
    if span is None:
        return whole, rest
    if entry.op == "open_from":
        return (span[0], whole[1] if whole and whole[1] > span[0] else span[1]), rest
    if entry.op == "until":
        return (whole[0] if whole else span[0], span[1]), rest
    return span, rest


def _teaching_year(period: Period) -> tuple[date, date]:
    first, last = date(period.start.year, SEPTEMBER, 1), last_day(period.end.year, MAY)
    return max(period.start, first), min(period.end, last)


def _every(draft: Draft, start: date, end: date, pace: _Pace) -> None:
    """Add a point for each stretch of the pace whose time lies from `start` to `end` and not before the signing."""
    year, month = start.year, start.month
    while date(*month_after(year, month, min(pace.after, 0)), 1) <= end:
        if length := pace.months_ended(month, school=draft.is_school_year):
            first = max(start, date(*month_after(year, month, 1 - length), 1))
            about = last_day(year, month) if pace.after > 0 else None
            for begin, due in _times_in(draft, month_after(year, month, pace.after), pace, first, end):
                point = Point(
                    _label(pace, length, year, month, due, whole=begin is not None),
                    begin,
                    due,
                    pace.rule,
                    unit=begin is not None,
                    about=about,
                )
                if start <= due <= end and (draft.signed is None or due >= draft.signed):
                    draft.points.append(point)
                elif about and about <= end < due:
                    draft.behind.append(point)
        year, month = month_after(year, month)


def _label(pace: _Pace, length: int, year: int, month: int, due: date, *, whole: bool) -> str:
    """Return what a point is called: by the month that it is about, or takes; else by its day, which nobody mistakes."""
    named = f"{MONTH_NAMES[month - 1]} {year}"
    if length == 1 and pace.after > 0:
        return f"{pace.text}: за {named}"
    if length == 1 and whole and not (pace.slots or pace.weekday):
        return f"{pace.text}: {named}"
    return f"{pace.text}: {due:%d.%m.%Y}"


def _times_in(
    draft: Draft, month: tuple[int, int], pace: _Pace, first: date, end: date
) -> list[tuple[date | None, date]]:
    """Return the times of a pace in a month; without days of its own, the stretch from `first`, cut at `end`."""
    if pace.slots or pace.weekday:
        return _dues(month, pace.slots, pace.weekday)
    last = last_day(*month)
    if not pace.after and first <= end < last:
        draft.note("boundary", str(end))
        last = end
    return [(first, last)]


def _dues(target: tuple[int, int], slots: list[_Slot], weekday: str) -> list[tuple[date | None, date]]:
    """Return each start (None for a bare day) and due day in a month; a day that it lacks is its last."""
    last = last_day(*target)
    if weekday:
        named = [nth_weekday_or_none(*target, weekday_named(weekday), nth) for nth in weekday_ordinals(weekday)]
        return [(None, day) for day in named if day]
    spans: list[tuple[date | None, date]] = []
    for first, final in slots:
        due = date(*target, min(final, last.day)) if final > 0 else last
        begin = None if first is None else _begin(first, due)
        spans.append((begin, due))
    return spans


def _begin(first: int, due: date) -> date:
    """Return day `first` of the month of `due` (less than one: back from its end), or of the month before it."""
    end = last_day(due.year, due.month)
    if first < 1:
        return date(due.year, due.month, end.day + first)
    if first <= due.day:
        return date(due.year, due.month, first)
    before = last_day(*month_after(due.year, due.month, -1))
    return before.replace(day=min(first, before.day))


def _yearly(draft: Draft, item: Item, dated: list[Dated], following: Item | None) -> list[Dated]:
    """Repeat each date in every year of the plan; without a date «ежегодно» is the whole plan and a finding."""
    draft.kind("periodic")
    since = next((e for e in dated if e.op == "open_from" and e.kind in {"year", "day", "month"}), None)
    rest = joined_days([e for e in dated if e is not since and not (e.op != "until" and e.kind in {"year", "years"})])
    span = next((settled(draft, e) for e in dated if _names_years(e)), None)
    if draft.period is None and span is None:
        if not rest:
            draft.note("no-date")
        return dated
    first, last = span or draft.whole or (date.min, date.max)
    since_span = settled(draft, since) if since else None
    if since_span:
        first = max(first, since_span[0])
        last = max(last, last_day(*month_after(first.year, first.month, 11)) if first > last else last)
    _count(draft, item.text, max(1, len(rest)))
    if not rest:
        draft.note("no-date")
        year_point(draft, item.text, "yearly")
        return []
    return [entry for entry in rest if not _each_year(draft, entry, first, last, late=following is not None)]


def _names_years(entry: Dated) -> bool:
    """Tell «2022-2026 гг.», «с 2022 по 2026 годы»."""
    return entry.kind == "years" or (entry.op == "window" and all(m.kind == "year" for m in entry.moments))


def _in_each_year(draft: Draft, dated: list[Dated]) -> list[Dated]:
    """Repeat the dates of «раз в полугодие до 20 июня и 15 декабря» in every year of a plan for several; return the rest."""
    period = draft.period
    if period is None or period.end - period.start < _A_YEAR:
        return dated
    yearless = [e for e in dated if all(m.year is None for m in e.moments)]
    for year in range(period.start.year, period.end.year + 1):
        spans = [(span, entry) for entry in yearless if (span := span_in(entry, year))]
        for span, entry in sorted(spans, key=lambda pair: pair[0][1]):
            if period.start <= span[1] <= period.end and (draft.signed is None or span[1] >= draft.signed):
                add(draft, entry, span)
    return [e for e in dated if e not in yearless]


def _each_year(draft: Draft, entry: Dated, first: date, last: date, *, late: bool) -> bool:
    """Add an entry in every year of a stretch; False where it names its year or fits nowhere.

    A report on a year (`late`) that no year of the plan can hold is due in the next one.
    """
    if any(m.make is None or m.kind == "years" for m in entry.moments):
        return False
    if any(m.year is not None for m in entry.moments):
        said = settled(draft, entry)
        if said is None:
            return True
        first = max(first, said[0])
        last = max(last, said[1])
        entry = replace(entry, moments=[replace(m, year=None) for m in entry.moments])
    spans = [span for year in range(first.year - 1, last.year + 2) if (span := span_in(entry, year))]
    fitting = [s for s in spans if first <= s[1] <= last and (draft.signed is None or s[1] >= draft.signed)]
    if not fitting and late:
        fitting = [s for s in spans if s[1] > last][:1]
    for span in fitting:
        add(draft, entry, span)
    return bool(fitting)


def _vague(draft: Draft, recurring: list[Item], dated: list[Dated]) -> list[Dated]:
    """Read weekly, daily, by school terms, every other year: the whole stretch, with a finding; named months win."""
    names = {"daily": ("all-year",), "weekly": ("all-year", "periodic")}
    item = recurring[0]
    if item.op == "following":
        draft.note("no-date")
        return dated
    draft.kind(*names.get(item.op, ("periodic",)))
    points = [e for e in dated if e.op in {"point", "until", "before"} and e.kind in {"month", "day"}]
    if points and item.op not in names:
        _count(draft, item.text, len(points))
        return dated
    draft.note("school-term" if item.op == "termly" else "no-date")
    if item.op == "seldom":
        return dated
    teaching = item.op in {"daily", "weekly", "termly"}
    around = draft.within if teaching else None
    scope, rest = ((around.start, around.end), dated) if around else _scope(draft, dated, bare=teaching)
    if scope and not (teaching and scope == draft.whole):
        draft.points.append(Point(draft.text, *scope, item.op, unit=True, key="year"))
    elif scope:
        year_point(draft, draft.text, item.op)
    return rest


def _count(draft: Draft, text: str, named: int, *, yearly: int = 1) -> None:
    """Compare the dates named with those said: «2 раза в год», «раз в полугодие» (`yearly` 2 in a plan for a year)."""
    said = _times(text)
    if draft.period and draft.period.end - draft.period.start < _A_YEAR:
        said *= yearly
    if said not in {1, named}:
        draft.note("count-differs", said=str(said), named=str(named))


def _times(text: str) -> int:
    """Return how often «2 раза в год» says, of «1-2 раза» the most, of no number one."""
    found = re.search(r"(.*?)\s*раз", text, re.IGNORECASE)
    counts = re.findall(r"\d+", found.group(1)) if found else []
    number = int(counts[-1]) if counts else number_named(found.group(1)) if found and found.group(1) else None
    if number is None and re.match("дважды|трижды", text, re.IGNORECASE):
        return 2 if text.lower().startswith("дв") else 3
    return number or 1
