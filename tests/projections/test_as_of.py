"""Two axes of time: what was true on a day, as it was known on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.codec import event_record, instant, read_event
from domain.commands import MeasureIndicator, ReportExecution, ReturnForRework
from domain.events import CLOCK, MeasurePlanned, ScheduleSet
from domain.records import EventRecord
from domain.roadmap import measure_stream
from projections.as_of import When, as_of
from projections.board import BoardRow, board
from projections.indicators import indicators
from projections.state import State
from tests.domain.lives import Life as AnyLife
from tests.domain.lives import live, lives
from tests.views.example_year import MONITORING, WORKSHOPS, ZONE, Life, YearLife, local, plan, sealed


def seen(life: Life, on: When, known_at: When | None) -> dict[str, BoardRow]:
    """Return the rows by body of a life's board."""
    return {row.body: row for row in board(as_of(sealed(life), on, ZONE, known_at))}


def day(text: str) -> date:
    """Return the day of an ISO text."""
    return date.fromisoformat(text)


# ------------------------------------------------------------------------------------------------- by example


def test_a_backdated_report_is_true_on_its_day_and_known_only_when_it_came() -> None:
    """The school says on 5 October that it was done on 28 September: both boards can be seen, and who knew what."""
    life = Life(plan(MONITORING)).until("2021-10-05T09:59")
    life.hear("2021-10-05T10:00", "school-6", ReportExecution(), "2021-09-28")
    then, now = (seen(life, day("2021-09-28"), known)["school-6"] for known in (day("2021-09-28"), None))
    assert (then.stage, then.days_late) == ("open", None)
    assert (now.stage, now.days_late, now.missed) == ("reported", 5, False)
    assert seen(life, day("2021-09-27"), None)["school-6"].stage == "open"


def test_whose_word_goes_back_does_not_undo_what_the_clock_found() -> None:
    """The deadline was missed at its moment, whatever is said later; lateness is judged by receipt."""
    life = Life(plan(MONITORING)).until("2021-10-05T09:59")
    life.hear("2021-10-05T10:00", "school-6", ReportExecution(), "2021-09-28")
    row = seen(life, day("2021-09-30"), None)["school-6"]
    assert (row.stage, row.missed, row.escalation_level, row.days_late) == ("reported", True, 0, 5)


def test_a_command_is_never_true_before_the_command_that_it_follows() -> None:
    """What was returned had been reported, whatever day its return claims."""
    life = Life(plan(MONITORING)).hear("2021-09-20T10:00", "school-6", ReportExecution())
    life.hear("2021-09-22T10:00", "uo", ReturnForRework(body="school-6", reason="мало"), "2021-09-10")
    assert seen(life, day("2021-09-19"), None)["school-6"].last_event == "AssignmentOpened"
    assert seen(life, day("2021-09-20"), None)["school-6"].last_event == "ReturnedForRework"


def test_what_the_clock_brings_is_known_from_its_moment_though_it_was_written_later() -> None:
    """The plan is made when the year starts: a worker that was off is no ignorance."""
    life = Life(plan(MONITORING)).until("2021-09-29T10:00")
    life.until("2021-10-07T12:00")
    assert seen(life, day("2021-09-30"), day("2021-09-30"))["school-6"].missed


def test_what_was_not_known_hides_what_follows_it() -> None:
    """A deadline that a return missed in hindsight is not known before the return."""
    life = Life(plan(WORKSHOPS)).hear("2021-11-20T10:00", "school-6", ReportExecution(checkpoint="1"))
    life.hear("2021-12-10T10:00", "uo", ReturnForRework(checkpoint="1", reason="нет фото"))
    assert not seen(life, day("2021-12-20"), day("2021-12-05"))["school-6"].missed
    assert seen(life, day("2021-12-20"), day("2021-12-10"))["school-6"].missed


def test_an_instant_counts_to_itself_and_a_day_to_its_end() -> None:
    """18:00 is not missed a moment before, and missed at its end."""
    life = Life(plan(MONITORING)).until("2021-10-01T00:00")
    before, at = (local("2021-09-30T17:59"), local("2021-09-30T18:00"))
    assert [seen(life, on, None)["school-6"].missed for on in (before, at, day("2021-09-30"))] == [False, True, True]


def test_a_backdated_value_of_an_indicator_is_seen_on_both_axes() -> None:
    """Values go by the same two axes as reports."""
    year = YearLife().hear(
        "2022-06-20T10:00",
        "school-1",
        MeasureIndicator(indicator="2", numerator=Decimal(3), denominator=Decimal(4)),
        "2022-06-01",
    )

    def answered(on: str, known_at: str | None) -> int:
        past = as_of(year.records, day(on), ZONE, day(known_at) if known_at else None)
        return sum(reading.numerator is not None for reading in indicators(past))

    assert answered("2022-06-01", None) == 1
    assert answered("2022-05-31", None) == 0
    assert answered("2022-06-30", "2022-06-19") == 0
    assert answered("2022-06-30", "2022-06-20") == 1


@pytest.mark.parametrize("far", [date.min, date.max])
def test_the_ends_of_time_are_days_like_others(far: date) -> None:
    """Before everything there is nothing, after everything all."""
    life = Life(plan(MONITORING)).until("2021-10-05T10:00")
    records = list(sealed(life))
    assert list(as_of(records, far, ZONE, None)) == ([] if far == date.min else records)
    assert list(as_of(records, far, ZONE, far)) == ([] if far == date.min else records)


# ------------------------------------------------------------------------------------------------- any log

days = st.dates(date(2021, 8, 1), date(2022, 11, 1))
BACK = st.lists(st.integers(-400, 40), min_size=1, max_size=30)


def records_of(life: AnyLife, back: Sequence[int]) -> list[EventRecord]:
    """Return all that a life leaves in the log; the senders' words go back by so many days, where they do at all."""
    stream = measure_stream(life.plan.roadmap, life.plan.measure.number)
    records = [event_record(event, stream, version, "life") for version, event in enumerate(live(life), 1)]
    return [
        record
        if record.command_id is None or by >= 0
        else replace(record, occurred_on=(instant(record.received_at).date() + timedelta(days=by)).isoformat())
        for record, by in zip(records, cycle(back), strict=False)
    ]


def by_brute_force(records: Sequence[EventRecord], on: date, known_at: date) -> list[EventRecord]:
    """Return what counts, each event held against all that stand before it, as the two axes are written down."""
    clock = [one.actor == CLOCK and one.command_id is None for one in records]
    facts = [read_event(one).fact for one in records]
    founds = [isinstance(fact, MeasurePlanned | ScheduleSet) for fact in facts]
    about = [{getattr(fact, "assignment", None), getattr(fact, "successor", None)} - {None} for fact in facts]
    known = [instant(one.at if by_clock else one.received_at) for one, by_clock in zip(records, clock, strict=True)]
    true: list[datetime] = []
    for place, one in enumerate(records):
        said = datetime.combine(date.fromisoformat(one.occurred_on), time.max, ZONE)
        followed = [
            true[before]
            for before in range(place)
            if founds[before] or (about[before] & about[place] and (clock[place] or not clock[before]))
        ]
        true.append(max([known[place] if clock[place] else min(known[place], said), *followed]))
    ends = [datetime.combine(day, time.max, ZONE) for day in (on, known_at)]
    return [one for place, one in enumerate(records) if true[place] <= ends[0] and max(known[: place + 1]) <= ends[1]]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(lives(), BACK, days, days)
def test_any_state_is_that_of_the_events_that_count(life: AnyLife, back: list[int], on: date, known_at: date) -> None:
    """For any log and any two days, and no fold stumbles over what was left out."""
    records = records_of(life, back)
    wanted = by_brute_force(records, on, known_at)
    assert list(as_of(records, on, ZONE, known_at)) == wanted
    state = State()
    for record in as_of(records, on, ZONE, known_at):
        state.take(record)
    assert state.board == board(wanted)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(lives(), BACK)
def test_what_is_known_now_of_today_is_the_whole_log(life: AnyLife, back: list[int]) -> None:
    """Nothing is left out that has been received by now."""
    records = records_of(life, back)
    last = max(instant(record.received_at) for record in records)
    assert list(as_of(records, last, ZONE, None)) == records
    assert list(as_of(records, last, ZONE, last)) == records


@settings(max_examples=100, deadline=None, derandomize=True)
@given(lives(), BACK, days)
def test_what_was_known_on_the_day_itself_is_moved_by_nobodys_words(life: AnyLife, back: list[int], on: date) -> None:
    """A report as of a day is the same however senders date what they send."""
    said, unsaid = (list(as_of(records_of(life, words), on, ZONE, on)) for words in (back, [0]))
    assert [(one.stream, one.version) for one in said] == [(one.stream, one.version) for one in unsaid]
