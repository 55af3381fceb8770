"""A year that begins late: what was due before is recorded as missed, and told in one letter and not in a hundred."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from domain.codec import event_record, read_event
from domain.commands import Delivered
from domain.events import DeadlineMissed, Escalated, Event, InterimMissed, NoticeFailed, NoticeSuppressed, YearStarted
from domain.late import concerning, past_due
from domain.measure import MEASURE, MeasureState, planned
from domain.notices import BEFORE_START
from domain.rehearsal import rehearse
from domain.replay import replay
from domain.roadmap import Measure, is_measure
from domain.silence import told
from domain.turn import Decider
from domain.year import YEAR, started
from tests.domain.examples import BY_DATE, MEASURES, ROADMAP, YEAR_LONG, day, plan
from tests.domain.story import Story, begun, local, passed

LATE = "2021-12-15 10:00"


def late(of: Measure, *, quiet_past: bool = True, start: str = LATE) -> Story:
    """Return the story of a measure that is planned late, its past just recorded."""
    first = planned(plan(of), local(start), local(start), quiet_past=quiet_past)
    return Story(begun([first]), (first,)).when(passed(start))


def test_what_was_due_before_the_start_is_recorded_and_sends_nothing() -> None:
    """Missed, climbed to the top of the ladder, and each of its letters ended by the rule at the moment of its event."""
    story = late(BY_DATE)
    kinds = Counter(type(event.fact) for event in story.events)
    assert (kinds[DeadlineMissed], kinds[Escalated], kinds[NoticeSuppressed]) == (1, 3, 3)
    assert not story.state.outbox
    for before, event in zip(story.events, story.events[1:], strict=False):
        if isinstance(event.fact, NoticeSuppressed):
            assert isinstance(before.fact, Escalated)
            assert (event.fact.detail, event.at, event.actor) == (BEFORE_START, before.at, "clock")


def test_interim_reports_of_the_past_are_as_quiet_and_what_comes_goes_out_as_ever() -> None:
    """The reminders and misses after the start have their letters."""
    story = late(YEAR_LONG)
    assert [type(event.fact) for event in story.events].count(InterimMissed) == 1
    assert not story.state.outbox
    later = story.when(passed("2021-12-30"))
    assert {notice.kind for notice in later.state.outbox.values()} == {"reminder-interim", "interim-missed"}


def test_a_step_that_comes_after_the_start_is_told_though_its_deadline_was_before() -> None:
    """Started in the middle of a ladder, it climbs on in the open."""
    story = late(BY_DATE, start="2021-10-04 10:00")
    assert not story.state.outbox
    climbed = story.when(passed("2021-10-07"))
    assert [(notice.kind, notice.level) for notice in climbed.state.outbox.values()] == [
        ("escalation", 2),
        ("escalation", 3),
    ]


def test_a_log_of_an_older_vekha_sends_what_it_sent() -> None:
    """Its facts do not say that the past is quiet: nothing is decided anew."""
    story = late(BY_DATE, quiet_past=False)
    assert [notice.kind for notice in story.state.outbox.values()] == ["escalation"] * 3
    row = event_record(story.lived[0], "example/m/1.1", 1, "me")
    old = replace(row, schema_version=1, data=row.data.replace(',"quiet_past":false', ""))
    assert old.data != row.data
    assert read_event(old) == story.lived[0]
    year = started(ROADMAP, "", local(LATE), local(LATE), quiet_past=False)
    assert YEAR.evolve(YEAR.begin(year), year).outbox == {}


def test_the_post_has_no_say_about_a_letter_that_is_held_back() -> None:
    """A turn may break off between the event and the end of its letter: whoever sends it meanwhile changes nothing."""
    story = late(BY_DATE)
    place = next(at for at, event in enumerate(story.lived) if isinstance(event.fact, NoticeSuppressed))
    state = begun(story.lived[:place])
    (notice,) = state.outbox
    assert MEASURE.hear(state, Delivered(notice, "delivered", "SMTP", local(LATE))) == []
    assert MEASURE.turn(state, [], local(LATE)) == list(story.lived[place:])


def test_who_was_spared_a_letter_has_one_about_all_of_it() -> None:
    """Each body that missed something before the start, and the controller with everything; nobody else."""
    at = local(LATE)
    first = started(ROADMAP, "", at, at)
    state = YEAR.evolve(YEAR.begin(first), first)
    to = [notice.to for notice in state.outbox.values()]
    assert {notice.kind for notice in state.outbox.values()} == {"late-start"}
    assert len(to) == len(set(to))
    missed: list[tuple[str, str]] = []
    for measure in MEASURES:
        events = MEASURE.turn(begun([planned(plan(measure), at, at)]), [], at)
        for event in events:
            match event.fact:
                case DeadlineMissed(assignment=key):
                    missed.append((key, "deadline"))
                    missed = [one for one in missed if one != (key, "interim")]
                case InterimMissed(assignment=key):
                    missed.append((key, "interim"))
    told_of = [(one.assignment, "interim" if one.interim else "deadline") for one in past_due(ROADMAP, at)]
    assert sorted(told_of) == sorted(missed)
    assert set(to) == {key.rsplit("/", 1)[1] for key, _ in missed} | {"uo"}
    assert [one.assignment for one in concerning(ROADMAP, at, "uo")] == [key for key, _ in told_of]
    assert {one.body for one in concerning(ROADMAP, at, "school-6")} == {"school-6"}
    assert concerning(ROADMAP, at, "school-6")[0].on == day("2021-09-30")


@pytest.mark.parametrize("start", ["2021-08-24 10:00", "2021-09-30 18:00"])
def test_a_year_of_which_nothing_has_passed_writes_nothing(start: str) -> None:
    """Nor does one that begins at the very moment at which something is due."""
    at = local(start)
    first = started(ROADMAP, "", at, at)
    assert YEAR.evolve(YEAR.begin(first), first).outbox == {}


def test_a_late_year_is_told_whole_and_replays_without_a_difference() -> None:
    """The auditor finds every letter with its end, and every decision as the rules make it."""
    lived = rehearse(ROADMAP, "", local(LATE), close_at=local("2022-06-30 12:00"))
    streams: dict[str, list[Event]] = {}
    for item in lived:
        streams.setdefault(item.stream, []).append(item.event)
    spared = 0
    for stream, events in streams.items():
        decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
        assert [step.difference for step in replay(decider, events) if step.difference] == []
        letters = told(decider, events, local("2022-06-30 12:00"))
        assert {one.outcome for one in letters} <= {"delivered", "suppressed"}
        spared += sum(one.detail == BEFORE_START for one in letters)
    assert isinstance(lived[0].event.fact, YearStarted)
    assert spared > 10


def test_a_letter_that_should_have_been_held_back_and_was_not_is_a_difference() -> None:
    """Somebody left the rule's word out: the replay says so."""
    story = late(BY_DATE)
    without = [event for event in story.lived if not isinstance(event.fact, NoticeSuppressed)]
    assert [step.difference for step in replay(MEASURE, without) if step.difference]
    state: MeasureState = story.state
    assert not isinstance(story.events[-1].fact, NoticeFailed)
    assert state.failed == {}
