"""What is said once for several dates of a phrase: the month of bare days, the year of months."""

from __future__ import annotations

from dataclasses import replace

from reading.deadlines.draft import Dated, Draft
from reading.deadlines.items import RECURRING, Item
from reading.deadlines.moments import (
    SEPTEMBER,
    Moment,
    calendar_half,
    days_of,
    impossible,
    nth_days,
    weekday_named,
    weekday_ordinals,
)
from reading.deadlines.shapes import Period


def attach_days(draft: Draft, dated: list[Dated], recurring: list[Item]) -> list[Dated]:
    """Give a bare day the month of the next date («5, 10 мая»), or of the month before it («сентябрь (до 15)»)."""
    if draft.month and not recurring:
        _in_section(draft.month, dated)
    kept: list[Dated] = []
    ahead: Moment | None = None
    monthly = any(item.op in RECURRING for item in recurring)
    for entry in reversed(dated):
        for n in reversed(range(len(entry.moments))):
            moment = entry.moments[n]
            if moment.day is None:
                ahead = moment if moment.kind == "day" and moment.make else None
            elif ahead is not None and not (moment.rule == "day_number" and monthly):
                entry.moments[n] = _on_day(moment, ahead)
        kept.insert(0, entry)
    result: list[Dated] = []
    for entry in kept:
        within = _within(draft, entry, result[-1]) if result and not monthly else None
        if within:
            result[-1] = within
        else:
            result.append(entry)
    return result


def _in_section(month: Period, dated: list[Dated]) -> None:
    """Give days, weeks and weekdays the month of their section, where the phrase names none."""
    if any(m.make for entry in dated for m in entry.moments):
        return
    number, year = month.start.month, month.start.year
    for entry in dated:
        moments: list[Moment] = []
        for m in entry.moments:
            if m.day:
                moments.append(
                    replace(m, make=days_of(number, m.day, m.day), day=None, year=year, order=(number, m.day))
                )
            elif m.days:
                make = days_of(number, *m.days)
                moments.append(replace(m, make=make, kind="week", year=year, order=(number, abs(m.days[0]) or 1)))
            elif m.rule == "weekday_of_month":
                weekday = weekday_named(m.text)
                moments += [
                    replace(m, make=nth_days(number, weekday, nth), kind="day", year=year, order=(number, 15))
                    for nth in weekday_ordinals(m.text)
                ]
            else:
                moments.append(m)
        entry.moments = moments


def _within(draft: Draft, entry: Dated, month: Dated) -> Dated | None:
    """Return an entry that says which days of the month before it are meant; None where it stands for itself.

    «сентябрь (до 15)», «октябрь, 3 неделя», «октябрь (4-8.10)».
    """
    if month.op != "point" or month.kind != "month":
        return None
    like, label = month.moments[-1], f"{month.label} {entry.label}"
    stretches = [
        replace(m, make=days_of(like.order[0], *m.days), kind="week", year=like.year, order=like.order)
        for m in entry.moments
        if m.days
    ]
    if stretches:
        return replace(month, moments=stretches, label=label)
    bare = [m for m in entry.moments if m.day is not None]
    only_number = entry.op == "point" and bool(bare) and bare[0].rule == "bare_day"
    if only_number and entry.bracketed and like.year is not None:  # «май 2022 (1)»: rather the mark of a footnote
        draft.unread.append(entry.text)
        return month
    if len(bare) == 1 and (entry.op != "point" or entry.bracketed or bare[0].rule == "day_number"):
        if only_number:
            draft.note("bracketed-date")
        op = "until" if entry.op == "point" else entry.op
        return replace(entry, op=op, moments=[_on_day(bare[0], like)], label=label, bracketed=False)
    if entry.bracketed and entry.joined == "open-bracket" and _refines(entry, month):
        return replace(entry, label=label, bracketed=False)
    return None


def _refines(entry: Dated, month: Dated) -> bool:
    """Tell whether dates are days of the month before them: «октябрь (4-8.10)»."""
    months = {m.order[0] for m in month.moments}
    return any(m.make for m in entry.moments) and all(
        m.kind == "day" and (m.make is None or {m.order[0]} == months) for m in entry.moments
    )


def _on_day(bare: Moment, like: Moment) -> Moment:
    month, day = like.order[0], bare.day or 0
    return replace(
        bare, make=days_of(month, day, day) if day else impossible, year=like.year, day=None, order=(month, day)
    )


def attach_years(draft: Draft, dated: list[Dated]) -> list[Dated]:
    """Spread a year said once over its neighbours; a year or school year beside months is only their year."""
    bare = [
        m
        for entry in dated
        for m in entry.moments
        if m.make and m.year is None and m.kind not in {"year", "school_year"}
    ]
    if draft.period is None or not draft.period.is_school_year:
        for entry in dated:
            entry.moments = [calendar_half(m) for m in entry.moments]
    kept: list[Dated] = []
    for entry in dated:
        only_year = entry.op == "point" and entry.kind in {"year", "school_year"} and len(entry.moments) == 1
        said = entry.moments[0].year if only_year else None
        before = kept[-1] if kept else None
        if said is not None and before and entry.joined in {"comma", "and_"} and _says_year(before.moments[-1]):
            kept.append(_in_years_since(before, said))
        elif only_year and said is not None and bare:
            for other in dated:
                other.moments = [_in_year(m, said, school=entry.kind == "school_year") for m in other.moments]
        else:
            kept.append(entry)
    flat = [(entry, n) for entry in kept for n in range(len(entry.moments))]
    spread = [_spread(draft, flat, at) for at in range(len(flat))]
    for (entry, n), moment in zip(flat, spread, strict=True):
        entry.moments[n] = moment
    return kept


def _in_years_since(before: Dated, year: int) -> Dated:
    """Return the entry again in the year that stands behind it alone: «май 2022, 2023», «март - апрель 2022, 2023»."""
    later = year - (before.moments[-1].year or year)
    moments = [m if m.year is None else replace(m, year=m.year + later) for m in before.moments]
    return replace(before, moments=moments, label=f"{before.label}, {year}", joined="comma")


def _in_year(moment: Moment, year: int, *, school: bool) -> Moment:
    if moment.year is not None or not moment.make or moment.kind in {"year", "school_year"}:
        return moment
    second = school and moment.order[0] < SEPTEMBER and moment.kind != "school_half"
    return replace(moment, year=year + 1 if second else year)


def _spread(draft: Draft, flat: list[tuple[Dated, int]], at: int) -> Moment:
    entry, n = flat[at]
    moment = entry.moments[n]
    if moment.year is not None or moment.make is None or moment.finding.endswith("-year"):
        return _relative_year(draft, moment)
    if moment.kind in {"year", "school_year", "school_half"}:
        return moment
    ahead = next((e.moments[k] for e, k in flat[at + 1 :] if _says_year(e.moments[k])), None)
    behind = next((e.moments[k] for e, k in reversed(flat[:at]) if _says_year(e.moments[k])), None)
    if ahead and ahead.year is not None:
        return replace(moment, year=ahead.year if moment.order <= ahead.order else ahead.year - 1)
    if behind and behind.year is not None:
        return replace(moment, year=behind.year if moment.order >= behind.order else behind.year + 1)
    return moment


def _says_year(moment: Moment) -> bool:
    return moment.year is not None and moment.kind not in {"year", "years", "school_year", "school_half"}


def _relative_year(draft: Draft, moment: Moment) -> Moment:
    """Settle «текущего года» by the signing, «следующего года» as the year after it."""
    if moment.finding not in {"this-year", "next-year"} or moment.year is not None:
        return moment
    base = draft.signed or (draft.period.start if draft.period else None)
    if base is None:
        return moment
    year = base.year + (moment.finding == "next-year")
    if draft.period and moment.finding == "this-year" and not draft.period.start.year <= year <= draft.period.end.year:
        year = draft.period.start.year  # signed in December for the year that begins
    if (
        moment.kind in {"year", "school_year"}
        and moment.finding == "next-year"
        and draft.period
        and moment.kind == "school_year"
    ):
        year = draft.period.end.year
    draft.note("year-not-said", str(year), text=moment.text)
    return replace(moment, year=year, finding="")
