"""The auditor's replay: an honest log shows no difference, a tampered one shows one, and what it cannot see is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from domain.codec import make_command
from domain.commands import Close, Evidence, MeasureIndicator, ReportExecution, ReportProgress
from domain.errors import Malformed, Reason
from domain.events import (
    CLOCK,
    AssignmentOpened,
    AssignmentReassigned,
    AssignmentWithdrawn,
    CommandRefused,
    DeadlineExtended,
    DeadlineMissed,
    Escalated,
    Event,
    ExecutionReported,
    Fact,
    IndicatorMeasured,
    InterimMissed,
    LeftOpenAtClose,
    NoticeDelivered,
    ProgressReported,
    ReminderIssued,
    ScheduleSet,
)
from domain.measure import MEASURE
from domain.replay import Difference, replay
from domain.year import YEAR, YearState, started
from tests.domain.examples import BY_DATE, ROADMAP, TOGETHER, UNDATED, YEAR_LONG, day
from tests.domain.lives import Life, live, lives
from tests.domain.story import accept, close, extend, local, passed, progress, reassign, report, schedule, send
from tests.domain.story import given as story_of

calm = settings(derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
KEY = "1.1/1/school-6"


def differences(events: Sequence[Event]) -> list[Difference]:
    """Return where the rules say otherwise."""
    return [step.difference for step in replay(MEASURE, events) if step.difference]


@calm
@given(lives(), st.booleans())
def test_an_honest_log_shows_no_difference(life: Life, post: bool) -> None:
    """Whatever was lived, with the letters' outcomes or without; every state is the one that was lived."""
    events = live(life, post=post)
    steps = list(replay(MEASURE, events))
    assert [step.difference for step in steps] == [None] * len(events)
    assert steps[-1].state == MEASURE.fold(None, events)


@calm
@given(lives())
def test_a_log_of_one_long_turn_shows_no_difference(life: Life) -> None:
    """The worker was off all year and decided everything at its end."""
    state = MEASURE.fold(None, [life.first])
    assert state is not None
    now = max(item.received_at for item in (*life.items, life.closing))
    assert differences([life.first, *MEASURE.turn(state, [*life.items, life.closing], now)]) == []


def changed(event: Event, how: str) -> Event:
    """Return the event with one thing changed."""
    match how:
        case "occurred_on":
            first, other = date(2021, 8, 20), date(2021, 8, 21)  # days may be the last that there is
            return replace(event, occurred_on=other if event.occurred_on == first else first)
        case "at":
            return replace(event, at=event.at - timedelta(minutes=1))
        case "actor":
            return replace(event, actor="school-30" if event.actor != "school-30" else "school-1")
        case "command_id":
            return replace(event, command_id="another")
        case "fact":
            return replace(event, fact=CommandRefused("closed", "a word that nobody said"))
        case _:
            return replace(event, received_at=event.at - timedelta(days=1))


@calm
@given(lives(), st.data(), st.sampled_from(["occurred_on", "at", "actor", "command_id", "fact", "too early"]))
def test_a_changed_event_is_a_difference(life: Life, data: st.DataObject, how: str) -> None:
    """Its day, its moment, its sender, its command, its fact, or a receipt before its moment."""
    events = live(life)
    place = data.draw(st.integers(1, len(events) - 1))
    spoilt = changed(events[place], how)
    assert spoilt != events[place]
    assert differences([*events[:place], spoilt, *events[place + 1 :]])


@calm
@given(lives(), st.data())
def test_an_event_that_stands_there_twice_is_a_difference(life: Life, data: st.DataObject) -> None:
    """A moment comes once, a command happens once, a letter has one outcome."""
    events = live(life)
    place = data.draw(st.integers(1, len(events) - 1))
    found = differences([*events[: place + 1], events[place], *events[place + 1 :]])
    assert place + 2 in {difference.version for difference in found}


@calm
@given(lives(), st.data())
def test_a_moment_that_was_left_out_is_a_difference(life: Life, data: st.DataObject) -> None:
    """The next moment, or the next thing that came after it, reveals it."""
    events = live(life)
    places = [
        place
        for place, event in enumerate(events[:-1])
        if event.actor == CLOCK
        and place
        and event.command_id is None
        and (events[place + 1].actor == CLOCK or events[place + 1].received_at > event.at)
    ]
    assume(places)
    place = data.draw(st.sampled_from(places))
    assert differences([*events[:place], *events[place + 1 :]])[0].version == place + 1


def test_the_difference_says_what_should_stand_there() -> None:
    """A reminder was taken out: the rules say so at the missed deadline."""
    events = story_of(BY_DATE, passed("2021-09-30")).lived
    (place,) = (
        place
        for place, event in enumerate(events)
        if isinstance(event.fact, ReminderIssued) and event.fact.days_before == 1
    )
    (difference, *_) = differences([*events[:place], *events[place + 1 :]])
    assert difference.expected is not None
    assert difference.expected.fact == ReminderIssued(KEY, "deadline", 1, day("2021-09-30"), "school-6")
    assert isinstance(difference.found.fact, DeadlineMissed)


def test_one_wrong_event_among_those_of_a_command_is_one_difference() -> None:
    """Changed or taken out: the others of the close are as the rules say, and no auditor is misled."""
    events = list(story_of(TOGETHER, passed("2021-10-30"), close("2022-06-30 12:00")).lived)
    place = next(place for place, event in enumerate(events) if isinstance(event.fact, LeftOpenAtClose)) + 1
    kinder = replace(events[place], fact=LeftOpenAtClose("1.4/1/school-1", "open", needed=False))
    (changed_one,) = differences([*events[:place], kinder, *events[place + 1 :]])
    assert (changed_one.expected, changed_one.found) == (events[place], kinder)
    (missing_one,) = differences([*events[:place], *events[place + 1 :]])
    assert (missing_one.expected, missing_one.found) == (events[place], events[place + 1])


def without(events: Sequence[Event], *facts: type[Fact]) -> list[Event]:
    """Return the events without those of some facts."""
    return [event for event in events if not isinstance(event.fact, facts)]


def instead(events: Sequence[Event], old: type[Fact], new: Fact) -> list[Event]:
    """Return the events with another fact in place of one."""
    return [replace(event, fact=new) if isinstance(event.fact, old) else event for event in events]


@pytest.mark.parametrize(
    ("of", "happenings", "fact", "spoilt"),
    [
        (BY_DATE, [report("2021-10-04 12:00")], ExecutionReported, ExecutionReported(KEY, "", (), 0)),
        (BY_DATE, [extend("2021-09-02 12:00", "2021-10-15")], DeadlineExtended, None),
        (
            BY_DATE,
            [extend("2021-09-02 12:00", "2021-10-15")],
            DeadlineExtended,
            DeadlineExtended(KEY, day("2021-09-30"), day("2021-10-20"), "карантин", "приказ № 12"),
        ),
        (BY_DATE, [passed("2021-10-01")], Escalated, Escalated(KEY, 1, "uo")),
        (BY_DATE, [report("2021-09-02 12:00", "uo")], CommandRefused, CommandRefused("closed", "")),
        (BY_DATE, [reassign("2021-09-02 12:00", "school-1"), passed("2021-09-30")], AssignmentReassigned, None),
        (YEAR_LONG, [progress("2021-10-20 12:00"), passed("2021-12-30")], ProgressReported, None),
        (
            UNDATED,
            [schedule("2021-08-25 12:00", ("a", "2021-09-01", "2021-09-30")), passed("2021-09-30")],
            ScheduleSet,
            None,
        ),
    ],
)
def test_a_log_made_kinder_is_a_difference(
    of: object, happenings: list[object], fact: type[Fact], spoilt: Fact | None
) -> None:
    """A report made punctual, an escalation sent elsewhere, a refusal with another reason, an act that is gone."""
    events = story_of(of, *happenings, passed("2022-01-10")).lived  # type: ignore[arg-type]
    assert not differences(events)
    assert differences(without(events, fact) if spoilt is None else instead(events, fact, spoilt))


@pytest.mark.parametrize(
    "fact",
    [
        AssignmentOpened("1.1/1/school-99"),
        InterimMissed("nothing", day("2021-09-30"), "uo"),
        AssignmentReassigned("nothing", "uo", "1.1/1/uo", "", ""),
        AssignmentWithdrawn("nothing", "", ""),
        DeadlineExtended(KEY, day("2021-09-30"), day("0001-01-01"), "", ""),
        DeadlineExtended(KEY, day("2021-09-30"), day("9999-12-31"), "", ""),
        ReminderIssued(None, "schedule", 0, None, "uo"),
    ],
)
def test_an_event_that_no_rule_can_have_made_is_a_difference_and_stops_no_auditor(fact: Fact) -> None:
    """Not even where the state cannot take it up: the steps after it are shown too."""
    story = story_of(BY_DATE, passed("2021-09-01"))
    at = datetime(2021, 9, 2, tzinfo=UTC)
    strange = Event(fact, at, at.date(), at, "uo")
    steps = list(replay(MEASURE, [*story.lived, strange, *story.when(passed("2021-09-23")).events]))
    assert steps[len(story.lived)].difference == Difference(len(story.lived) + 1, None, strange)
    assert len(steps) == len(story.lived) + 2


def test_a_ladder_of_mad_levels_stops_no_auditor() -> None:
    """A level below zero and one that is not there."""
    events = story_of(BY_DATE, passed("2021-10-30")).lived
    for level in (-9, 99):
        assert differences(instead(events, Escalated, Escalated(KEY, level, "school-6")))


def test_a_log_without_its_beginning_is_no_log() -> None:
    """The definition is taken as it stands, but it has to stand there."""
    events = story_of(BY_DATE, passed("2021-09-30")).lived
    with pytest.raises(Malformed, match="begins with MeasurePlanned, not AssignmentOpened"):
        differences(events[1:])


def test_one_who_calls_himself_clock_makes_no_false_alarm() -> None:
    """His command is refused like any stranger's, and the replay knows that it was a command."""
    story = story_of(BY_DATE, passed("2021-09-01"), send("clock", "2021-09-02 12:00", ReportProgress()))
    story = story.when(send("post", "2021-09-02 12:00", ReportProgress()), passed("2021-10-30"))
    assert differences(story.lived) == []


def test_what_the_replay_cannot_see_is_left_to_the_chain_of_hashes() -> None:
    """What changed nothing can be taken out whole: a refusal, an outcome of a letter, and the end of the log."""
    story = story_of(TOGETHER, passed("2021-09-01"), report("2021-09-02 12:00", "vasyutina")).posted("2021-09-03 12:00")
    story = story.when(passed("2021-09-30")).posted("2021-10-01 08:00").when(passed("2021-10-30"))
    assert differences(story.lived) == []
    assert differences(without(story.lived, CommandRefused, NoticeDelivered)) == []
    assert differences(story.lived[:-2]) == []


def year(*sent: tuple[str, str, MeasureIndicator | Close]) -> tuple[list[Event], YearState]:
    """Return the events of a year: its commands, each by whom and when."""
    first = started(ROADMAP, "", local("2021-08-24 10:00"), local("2021-08-24 10:00"))
    events, state = [first], YEAR.fold(None, [first])
    assert state is not None
    for number, (by, at, request) in enumerate(sent):
        item = send(by, at, request, id_=str(number))
        made = YEAR.turn(state, [item], item.received_at)
        events += made
        state = YEAR.fold(state, made)
        assert state is not None
    return events, state


def test_the_year_is_replayed_too() -> None:
    """A value that was made better is a difference."""
    value = MeasureIndicator(indicator="1", numerator=Decimal(5), denominator=Decimal(10))
    events, _ = year(("school-6", "2022-05-30 12:00", value), ("administrator", "2022-06-30 12:00", Close()))
    assert [step.difference for step in replay(YEAR, events)] == [None, None, None]
    better = replace(events[1], fact=IndicatorMeasured("1", "school-6", Decimal(10), Decimal(10), None, ""))
    (difference,) = (step.difference for step in replay(YEAR, [events[0], better, events[2]]) if step.difference)
    assert (difference.version, difference.found) == (2, better)


def test_the_command_in_the_log_decides_and_not_the_columns_beside_it() -> None:
    """A row whose command is another than its columns say is a difference."""
    events = list(story_of(BY_DATE, report("2021-09-02 12:00"), accept("2021-09-03 12:00")).lived)
    place = next(place for place, event in enumerate(events) if event.command)
    command = events[place].command
    assert command is not None
    other = make_command(command.id, "uo", command.sent_at, None, command.request)
    assert differences([*events[:place], replace(events[place], command=other), *events[place + 1 :]])


def test_a_refusal_for_want_of_files_is_decided_again_from_the_log_alone() -> None:
    """Its own detail says what the store did not have; a detail that the command does not bear out is a difference."""
    one, other = Evidence("a" * 64, 10, f"а ({'c' * 64}).pdf"), Evidence("b" * 64, 10, "б")
    asked = send("school-6", "2021-09-02 12:00", ReportExecution(evidence=(one, other)))
    lived = story_of(BY_DATE, passed("2021-09-01"), replace(asked, missing=("a" * 64,))).lived
    refused = lived[-1]
    assert isinstance(refused.fact, CommandRefused)
    assert refused.fact == CommandRefused(Reason.EVIDENCE_MISSING, f"{one.name} ({one.sha256})")
    assert differences(lived) == []

    for detail in ("", f"б ({'a' * 64})", f"в ({'d' * 64})", f"{refused.fact.detail}\nб"):
        forged = replace(refused, fact=replace(refused.fact, detail=detail))
        assert [found.found for found in differences([*lived[:-1], forged])] == [forged]
