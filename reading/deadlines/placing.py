"""Placing dated entries in the plan's period: their years, their first and last days, and what «до» and «к» mean."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from reading.deadlines.draft import Dated, Draft, Point
from reading.deadlines.moments import AUGUST, days_of
from reading.deadlines.shapes import Period

_LEAP_DAY = (2, 29)
_INSIDE, _TOUCHES = 3, 1
_RANKS = {(True, True): _INSIDE, (False, True): 2, (True, False): _TOUCHES}
"""How well a stretch fits the plan, by whether its first and its last day lie in it; outside, the nearest is best."""


def place_all(draft: Draft, dated: list[Dated]) -> None:
    """Turn the entries of a phrase into points, in their order."""
    piped = [e for e in dated if e.joined == "pipe"]
    two_columns = len(piped) == 1 and len(dated) - len(piped) == 1
    if two_columns and all(e.op == "point" for e in dated):
        both = Dated("window", [m for e in dated for m in e.moments], draft.text, draft.text, bracketed=False)
        place(draft, both)
        return
    if any(e.bracketed for e in dated) and any(not e.bracketed for e in dated):
        draft.note("bracketed-date")
    placed = len(draft.points)
    for entry in joined_days(dated):
        place(draft, entry)
    yearless = not re.search(r"(?:19|20)\d{2}", draft.text)
    if yearless and any(a.due > b.due for a, b in pairwise(draft.points[placed:])):
        draft.note("year-not-said")


def joined_days(dated: list[Dated]) -> list[Dated]:
    """Join days in a row («19 и 20 мая») into one window."""
    result: list[Dated] = []
    for entry in dated:
        before = result[-1] if result else None
        if (
            before
            and entry.joined in {"and_", "comma"}
            and entry.op == "point"
            and before.op in {"point", "row"}
            and entry.kind == before.kind == "day"
            and before.moments[-1].rule == "bare_day"
            and entry.moments[0].order == (before.moments[-1].order[0], before.moments[-1].order[1] + 1)
        ):
            label = f"{before.label} {'и' if entry.joined == 'and_' else ','} {entry.label}".replace(" ,", ",")
            result[-1] = replace(before, op="row", moments=[before.moments[0], entry.moments[-1]], label=label)
            if entry.moments[-1].rule == "bare_day":
                continue
        else:
            result.append(entry)
    return [replace(e, op="window") if e.op == "row" else e for e in result]


def place(draft: Draft, entry: Dated) -> None:
    """Turn one entry into a point; several moments without a window are points of their own."""
    if any(m.kind == "term" for m in entry.moments):
        draft.kind("relative")
        draft.note("school-term", text=entry.text)
        return
    for single in singly(entry):
        span = settled(draft, single)
        if span is not None:
            add(draft, single, span)


def singly(entry: Dated) -> list[Dated]:
    """Return an entry for each of its times: «в начале и конце года», «I и III кварталы»; a window is one."""
    if entry.op == "window" or len(entry.moments) == 1:
        return [entry]
    return [replace(entry, moments=[m], label=m.text if m.kind != "quarter" else entry.label) for m in entry.moments]


def settled(draft: Draft, entry: Dated) -> tuple[date, date] | None:
    """Return the entry's days once its year is settled, or note why there are none."""
    if any(m.make is None for m in entry.moments):
        draft.unread.append(entry.text)
        return None
    if all(m.year is not None or m.kind == "years" for m in entry.moments):
        span = span_in(entry, None)
        if span is None:
            draft.note("no-such-date", text=entry.text)
        return span
    if draft.period is None:
        if span_in(entry, 2024) is None:  # a leap year: what even it does not have is no date
            draft.note("no-such-date", text=entry.text)
        else:
            draft.note("year-not-said", text=entry.text)
        return None
    return _by_period(draft, entry, draft.period)


def _by_period(draft: Draft, entry: Dated, period: Period) -> tuple[date, date] | None:
    """Choose the year that puts the entry into the plan: September to December the first, January to August the second.

    A bare August may be the preparatory one before the school year (facts: ask). In a plan of several years the
    first that is left after the signing is taken, with a finding.
    """
    around = draft.within
    if around:  # the section's month says the year
        spans = [span for year in (around.start.year, around.end.year) if (span := span_in(entry, year))]
        if fitting := [span for span in spans if around.start <= span[0] and span[1] <= around.end]:
            return fitting[0]
    ranked: list[tuple[int, int]] = []
    for year in range(period.start.year - 1, period.end.year + 2):
        span = span_in(entry, year) or _stand_in(entry, year)
        if span is None:
            draft.note("no-such-date", text=entry.text)
            return None
        start, end = span if entry.op not in {"until", "before"} else (span[1], span[1])
        inside = (period.start <= start <= period.end, period.start <= end <= period.end)
        distance = min(abs((end - period.start).days), abs((end - period.end).days))
        ranked.append((_RANKS.get(inside, -distance), year))
    best = max(score for score, _ in ranked)
    years = [year for score, year in ranked if score == best]
    chosen = _of_several(draft, entry, years)
    others = [year for score, year in ranked if score >= _TOUCHES and year != chosen]
    span = span_in(entry, chosen)
    if span is None:
        draft.note("no-such-date", text=entry.text)
        return None
    if period.is_school_year and span[0].month == span[1].month == AUGUST:
        earlier = span_in(entry, period.start.year)
        if draft.signed and earlier and earlier[1] >= draft.signed and draft.signed <= date(period.start.year, 8, 31):
            span = (max(earlier[0], draft.signed) if earlier[0] != earlier[1] else earlier[0], earlier[1])
        draft.note(
            "year-ambiguous", str(span[1]), text=entry.text, one=str(period.start.year), other=str(period.end.year)
        )
    elif others:
        draft.note("year-not-said", str(span[1]), text=entry.text)
    if entry.kind in {"quarter", "half", "season"} and entry.op != "until" and _TOUCHES <= best < _INSIDE:
        span = max(span[0], period.start), min(span[1], period.end)
        draft.note("calendar-unit", f"{span[0]} – {span[1]}", text=entry.text)
    return span


def _of_several(draft: Draft, entry: Dated, years: list[int]) -> int:
    for year in years:
        span = span_in(entry, year)
        if span and (draft.signed is None or span[1] >= draft.signed):
            return year
    return years[0]


def _stand_in(entry: Dated, year: int) -> tuple[date, date] | None:
    """Return the days of an entry with 28 February for a 29th, which most years lack, to rank the year by."""
    if all(m.order != _LEAP_DAY for m in entry.moments):
        return None
    moments = [replace(m, make=days_of(2, 28, 28)) if m.order == _LEAP_DAY else m for m in entry.moments]
    return span_in(replace(entry, moments=moments), year)


def span_in(entry: Dated, year: int | None) -> tuple[date, date] | None:
    """Return the entry's first and last day, of a year that is not said in `year`; None where there is no such day."""
    try:
        first = entry.moments[0]
        assert first.make is not None  # noqa: S101  entries without it are unread
        start, end = first.make(first.year if first.year is not None else year or 0)
        if len(entry.moments) > 1:
            last = entry.moments[-1]
            assert last.make is not None  # noqa: S101  as above
            chosen = last.year if last.year is not None else start.year
            end = last.make(chosen)[1]
            if end < start and last.year is None:
                end = last.make(chosen + 1)[1]
    except ValueError:
        return None
    return start, end


def add(draft: Draft, entry: Dated, span: tuple[date, date]) -> None:
    """Turn a placed entry into a point by the preposition before it."""
    start, end = span
    kind, first = entry.kind, entry.moments[0]
    for moment in entry.moments:
        if moment.finding and not moment.finding.endswith("-year"):
            draft.note(moment.finding, str(end), text=entry.text)
    if entry.op == "window" and end < start:
        draft.note("due-before-start", text=entry.text)
        return
    if entry.op in {"open_from", "not_before"}:
        draft.kind("window")
        draft.note("open-end", f"с {start}", text=entry.text)
        return
    if entry.op in {"until", "before"}:
        end = _bound(draft, entry, start, end)
        draft.kind("by-date")
        draft.points.append(Point(entry.label, None, end, entry.rule, unit=kind != "day"))
        return
    if not entry.is_window:
        draft.kind("by-date")
        draft.points.append(Point(entry.label, None, end, entry.rule, unit=False))
        return
    if entry.op == "window" and kind in {"day", "month"} and draft.signed and start < draft.signed <= end:
        draft.note("window-before-order", str(draft.signed), start=str(start), signed=str(draft.signed))
    if kind == "school_year":
        draft.note("school-year-end", str(end), text=entry.text)
    both_said = entry.op == "window" and first.year is not None and start.year != end.year
    draft.kind(
        "months"
        if kind == "month" and not both_said
        else "all-year"
        if kind == "school_year" or (kind == "year" and entry.op == "during")
        else "window"
    )
    key = "year" if kind in {"school_year", "years"} or (kind == "year" and entry.op == "during") else ""
    draft.points.append(Point(entry.label, start, end, entry.rule, unit=kind != "day", key=key))


def _bound(draft: Draft, entry: Dated, start: date, end: date) -> date:
    """Return the day that «до» or «к» names.

    «до» is inclusive (facts: usage in education, Supreme Court of the RF); «к сентябрю» means the state on
    31 August; the start and end of a stretch are its first and last day. All but a plain day carry a finding.
    """
    kind = entry.kind
    if kind == "day":
        return end
    if kind.startswith("part:"):
        name = kind.split(":")[1]
        if name == "start" and kind.endswith("school_year"):
            draft.findings = [f for f in draft.findings if f.code != "approximate"]
        if name == "start":
            end = start if entry.op == "before" else start - timedelta(days=1)
        elif name == "end":
            draft.findings = [f for f in draft.findings if f.code != "approximate"]
            if not entry.moments[0].rule.endswith("this_year") or not (draft.period and draft.period.is_school_year):
                return end
        elif name == "middle":
            end = date(start.year, start.month, 15)
    elif kind == "school_year":
        end = start if entry.op == "before" else end
    elif entry.op == "before":
        end = start - timedelta(days=1)
    draft.note("boundary", str(end), text=entry.text)
    return end
