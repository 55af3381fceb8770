"""The calendar against what everybody would count on their fingers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.errors import OutsideCalendar
from domain.workdays import Calendar, Shift
from tests.domain.examples import CALENDAR, day

FIRST = date(2021, 12, 20)
calm = settings(derandomize=True, deadline=None, max_examples=300)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Give some weeks with any days off: none, all, or those beyond the span too."""
    length = draw(st.integers(0, 40))
    off = draw(st.sets(st.integers(-3, length + 3)))
    return Calendar("any", FIRST, FIRST + timedelta(days=length), tuple(FIRST + timedelta(days=n) for n in sorted(off)))


days = st.integers(-5, 50).map(lambda n: FIRST + timedelta(days=n))


def counted(calendar: Calendar, from_: date, working_days: int, *, beyond: bool) -> date | None:
    """Count on fingers; None where the span ends before the count. Beyond it every day counts, or none."""
    step = timedelta(days=1 if working_days > 0 else -1)
    left, at = abs(working_days), from_
    while left:
        at += step
        inside = calendar.first <= at <= calendar.last
        if not inside and not beyond:
            return None
        left -= not inside or at not in calendar.days_off
    return at


@calm
@given(calendars(), days)
def test_a_day_is_working_unless_it_is_listed(calendar: Calendar, at: date) -> None:
    """Beyond the span nobody can tell."""
    if calendar.first <= at <= calendar.last:
        assert calendar.is_working(at) == (at not in calendar.days_off)
    else:
        with pytest.raises(OutsideCalendar):
            calendar.is_working(at)


@calm
@given(calendars(), days, st.integers(-60, 60).filter(bool))
def test_adding_working_days_is_counting_them(calendar: Calendar, at: date, number: int) -> None:
    """Forward or back, the day itself not counted; what leaves the span is no day."""
    inside = calendar.first <= at <= calendar.last
    wanted = counted(calendar, at, number, beyond=False) if inside else None
    if wanted is None:
        with pytest.raises(OutsideCalendar) as raised:
            calendar.add(at, number)
        assert raised.value.day == at
    else:
        assert calendar.add(at, number) == wanted


@calm
@given(calendars(), days, st.integers(-60, 60).filter(bool))
def test_reaching_goes_on_where_the_span_ends(calendar: Calendar, at: date, number: int) -> None:
    """Inside it is the same count; beyond, every day is a working day."""
    assert calendar.reach(at, number) == counted(calendar, at, number, beyond=True)


@calm
@given(calendars(), days, st.sampled_from(Shift))
def test_a_shift_finds_the_nearest_working_day_on_its_side(calendar: Calendar, at: date, rule: Shift) -> None:
    """A working day stays, and so does every day where the rule is none."""
    assume(rule is not Shift.NONE)
    assume(calendar.first <= at <= calendar.last)
    working = [
        calendar.first + timedelta(days=n)
        for n in range((calendar.last - calendar.first).days + 1)
        if calendar.first + timedelta(days=n) not in calendar.days_off
    ]
    before, after = [item for item in working if item <= at], [item for item in working if item >= at]
    side = before[-1:] if rule is Shift.PRECEDING else after[:1]
    if side:
        assert [calendar.shift(at, rule)] == side
    else:
        with pytest.raises(OutsideCalendar):
            calendar.shift(at, rule)


@calm
@given(calendars(), days)
def test_the_rule_none_moves_nothing(calendar: Calendar, at: date) -> None:
    """Not even a day that the calendar does not know."""
    assert calendar.shift(at, Shift.NONE) == at


def test_no_working_days_away_is_no_question() -> None:
    """Zero is refused rather than answered with a guess."""
    with pytest.raises(ValueError, match="zero working days"):
        CALENDAR.add(day("2021-09-30"), 0)


@pytest.mark.parametrize(
    ("at", "rule", "wanted"),
    [
        ("2021-10-31", Shift.PRECEDING, "2021-10-29"),
        ("2021-10-31", Shift.FOLLOWING, "2021-11-01"),
        ("2021-11-05", Shift.PRECEDING, "2021-11-03"),
        ("2021-12-31", Shift.PRECEDING, "2021-12-30"),
        ("2021-12-31", Shift.FOLLOWING, "2022-01-10"),
        ("2021-09-30", Shift.FOLLOWING, "2021-09-30"),
    ],
)
def test_the_dates_of_the_order_shift_as_a_clerk_shifts_them(at: str, rule: Shift, wanted: str) -> None:
    """October's Sunday, November's holidays, the last day of the year."""
    assert CALENDAR.shift(day(at), rule) == day(wanted)


def test_the_error_names_the_day_and_the_span() -> None:
    """A person can see what is missing."""
    with pytest.raises(OutsideCalendar, match="2023-01-01 lies outside the calendar of 2021-07-01 to 2022-09-30"):
        CALENDAR.is_working(day("2023-01-01"))
