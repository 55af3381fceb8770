"""The rehearsal: a whole year in memory, in calendar order, the same every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings

from domain.commands import Close, ReportExecution
from domain.errors import Reason
from domain.events import (
    CommandRefused,
    DeadlineMissed,
    Event,
    ExecutionReported,
    Fact,
    LeftOpenAtClose,
    MeasureClosed,
    MeasurePlanned,
    NoticeDelivered,
    YearClosed,
    YearStarted,
)
from domain.measure import MEASURE
from domain.rehearsal import Lived, Sent, closing, rehearse
from domain.replay import replay
from domain.roadmap import is_measure, measure_stream, year_stream
from domain.turn import Decider
from domain.year import YEAR
from tests.domain.examples import MEASURES, ROADMAP, SCHOOLS
from tests.domain.lives import Life, lives
from tests.domain.story import local, report, send

START = local("2021-08-24 10:00")
CLOSE = local("2022-06-30 12:00")
calm = settings(derandomize=True, deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def by_stream(lived: Sequence[Lived]) -> dict[str, list[Event]]:
    """Return the events of each stream, in order."""
    streams: dict[str, list[Event]] = defaultdict(list)
    for item in lived:
        streams[item.stream].append(item.event)
        assert item.version == len(streams[item.stream])
    return streams


def decider_of(stream: str) -> Decider[Any]:
    """Return the rules that a stream lives by."""
    return MEASURE if is_measure(stream) else YEAR


def facts(lived: Sequence[Lived], kind: type[Fact]) -> list[Fact]:
    """Return all facts of a kind."""
    return [item.event.fact for item in lived if isinstance(item.event.fact, kind)]


def sent(measure: str | None, at: str, by: str = "school-6", id_: str | None = None) -> Sent:
    """Return a report on its way to a measure."""
    return Sent(measure, send(by, at, ReportExecution(measure=measure), id_=id_).command)


def test_a_year_without_people_ends_when_nothing_wakes() -> None:
    """It starts with the year, plans every measure, and every letter is delivered at once."""
    lived = rehearse(ROADMAP, "", START)
    assert isinstance(lived[0].event.fact, YearStarted)
    assert [type(item.event.fact) for item in lived[1 : len(MEASURES) + 1]] == [MeasurePlanned] * len(MEASURES)
    for stream, events in by_stream(lived).items():
        decider = decider_of(stream)
        state = decider.fold(None, events)
        assert state is not None
        assert decider.due(state) is None
        assert not state.outbox


def test_a_rehearsed_year_is_told_in_calendar_order() -> None:
    """Nothing is decided before what came earlier, whatever the measure."""
    lived = rehearse(ROADMAP, "", START, [sent("1.1", "2021-09-02 12:00")], close_at=CLOSE)
    received = [item.event.received_at for item in lived]
    assert received == sorted(received)


def test_a_close_leaves_nothing_open_and_nothing_after_it() -> None:
    """The year first, then each measure; moments after the close do not come."""
    lived = rehearse(ROADMAP, "", START, close_at=CLOSE)
    streams = by_stream(lived)
    assert isinstance(streams.pop(year_stream(ROADMAP.id))[-1].fact, YearClosed)
    assert all(isinstance(events[-1].fact, MeasureClosed) for events in streams.values())
    assert lived[-1].event.received_at == CLOSE
    left = [fact.assignment for fact in facts(lived, LeftOpenAtClose) if isinstance(fact, LeftOpenAtClose)]
    kept = [key for events in streams.values() if (state := MEASURE.fold(None, events)) for key in state.assignments]
    assert left == [*kept, *(f"3.6/-/{body}" for body in ("imcro", *SCHOOLS))]


def test_a_close_before_the_last_moments_cuts_them_off() -> None:
    """A deadline after the close is not missed, one at the very moment of the close is."""
    at = local("2021-09-30 18:00")
    missed = facts(rehearse(ROADMAP, "", START, close_at=at), DeadlineMissed)
    assert {fact.assignment.partition("/")[0] for fact in missed if isinstance(fact, DeadlineMissed)} == {
        *("1.1", "1.4", "1.5", "1.6", "1.7"),
    }
    assert not facts(rehearse(ROADMAP, "", START, close_at=at - timedelta(seconds=1)), DeadlineMissed)


def test_the_same_close_is_sent_to_every_stream() -> None:
    """One command closes a year, however often it is tried."""
    lived = rehearse(ROADMAP, "", START, close_at=CLOSE)
    commands = [item.event.command for item in lived if item.event.command]
    assert commands == [closing(ROADMAP.id, CLOSE)] * (len(MEASURES) + 1)


def test_a_command_sent_twice_happens_once_in_a_rehearsal() -> None:
    """The repeat is silent, at once or a week later."""
    once, week_later = sent("1.1", "2021-09-02 12:00", id_="a"), sent("1.1", "2021-09-09 12:00", id_="a")
    alone = rehearse(ROADMAP, "", START, [once], close_at=CLOSE)
    assert rehearse(ROADMAP, "", START, [once, once, week_later], close_at=CLOSE) == alone
    assert len(facts(alone, ExecutionReported)) == 1


def test_what_is_sent_to_a_measure_that_there_is_not_is_refused_by_the_year() -> None:
    """Nothing is lost on the way."""
    lived = rehearse(ROADMAP, "", START, [sent("9.9", "2021-09-02 12:00"), sent(None, "2021-09-03 12:00")])
    assert facts(lived, CommandRefused) == [
        CommandRefused(Reason.UNKNOWN_MEASURE, "9.9"),
        CommandRefused(Reason.UNKNOWN_MEASURE, ""),
    ]
    assert {item.stream for item in lived if isinstance(item.event.fact, CommandRefused)} == {year_stream(ROADMAP.id)}


def test_what_was_sent_before_the_start_is_heard_at_the_start() -> None:
    """Nobody was there before."""
    lived = rehearse(ROADMAP, "", START, [sent("1.1", "2021-08-20 12:00")])
    (event,) = (item.event for item in lived if isinstance(item.event.fact, ExecutionReported))
    assert (event.at, event.received_at) == (local("2021-08-20 12:00"), START)


def test_two_reports_at_the_very_due_moment_are_both_in_time() -> None:
    """What comes at one instant is heard before the moment of that instant."""
    reports = [sent("1.4", "2021-09-30 18:00", by) for by in ("school-1", "school-6", "imcro")]
    lived = rehearse(ROADMAP, "", START, reports)
    missed = [fact.assignment for fact in facts(lived, DeadlineMissed) if isinstance(fact, DeadlineMissed)]
    assert [key for key in missed if key.startswith("1.4/")] == ["1.4/1/school-30"]


def test_every_letter_of_a_rehearsal_is_delivered_once() -> None:
    """At the moment at which it was due."""
    lived = rehearse(ROADMAP, "", START, close_at=CLOSE)
    letters = [(item.stream, item.event.fact.notice) for item in lived if isinstance(item.event.fact, NoticeDelivered)]
    assert len(letters) == len(set(letters)) > 50


@calm
@given(lives(), lives())
def test_any_year_is_the_same_twice_and_replays_without_a_difference(one: Life, other: Life) -> None:
    """Commands for any measures, in any order of being given, with a close somewhere among them."""
    commands = [Sent(life.plan.measure.number, item.command) for life in (one, other) for item in life.items]
    close_at = max(one.closing.received_at, START)
    lived = rehearse(ROADMAP, "текст", START, commands, close_at=close_at)
    assert rehearse(ROADMAP, "текст", START, iter(commands), close_at=close_at) == lived
    streams = by_stream(lived)
    assert streams.keys() == {year_stream(ROADMAP.id), *(measure_stream(ROADMAP.id, item.number) for item in MEASURES)}
    for stream, events in streams.items():
        steps = replay(decider_of(stream), events)
        assert [step.difference for step in steps] == [None] * len(events)


def test_what_is_refused_changes_nothing_else() -> None:
    """A hundred commands of a stranger: a hundred refusals, and the year as it would have been without them."""
    commands = [Sent("1.3", report(f"2021-09-{1 + n // 4:02} 12:00", "stranger").command) for n in range(100)]
    crowded = rehearse(ROADMAP, "", START, commands, close_at=CLOSE)
    assert len(facts(crowded, CommandRefused)) == 100
    rest = [item.event for item in crowded if not isinstance(item.event.fact, CommandRefused)]
    assert rest == [item.event for item in rehearse(ROADMAP, "", START, close_at=CLOSE)]


def test_a_closing_command_is_the_administrators() -> None:
    """With an id made of the roadmap's."""
    command = closing("example-2021", CLOSE)
    assert (command.id, command.actor, command.request) == ("close-example-2021", "administrator", Close())
