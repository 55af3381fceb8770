"""Whatever people send and whenever: nothing is raised, nothing is lost, nothing depends on how it is cut into turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, pairwise

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from domain.codec import event_record, read_event
from domain.events import (
    CLOCK,
    AssignmentReassigned,
    CommandRefused,
    DeadlineExtended,
    Event,
    LetterResent,
    NoticeFailed,
    NoticeOutcome,
    NoticeSuppressed,
)
from domain.measure import MEASURE, STAGE_NAMES, Accepted, LeftOpen, MeasureState, Withdrawn, stage_of
from domain.silence import MISSING, UNDER_WAY, told
from domain.snapshots import restored, snapshot_of
from domain.turn import DELIVERY_FACTS
from tests.domain.lives import Life, live, lives
from tests.domain.story import begun

calm = settings(derandomize=True, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def states(events: Iterable[Event]) -> list[MeasureState]:
    """Return the state after each event."""
    found: list[MeasureState] = []
    state: MeasureState | None = None
    for item in events:
        state = MEASURE.fold(state, [item])
        assert state is not None
        found.append(state)
    return found


def of_clock(item: Event) -> bool:
    """Tell whether the clock made an event."""
    return item.actor == CLOCK and item.command_id is None


@calm
@given(lives())
def test_no_assignment_is_ever_lost_and_each_ends(life: Life) -> None:
    """After the close each is accepted, withdrawn or visibly left open, and nothing wakes any more."""
    lived = states(live(life))
    for before, after in pairwise(lived):
        assert before.assignments.keys() <= after.assignments.keys()
        assert after.version == before.version + 1
    last = lived[-1]
    assert stage_of(last) == "closed"
    assert all(isinstance(item.stage, Accepted | Withdrawn | LeftOpen) for item in last.assignments.values())
    assert MEASURE.due(last) is None
    for item in last.assignments.values():
        event(STAGE_NAMES[type(item.stage)])


@calm
@given(lives())
def test_every_command_is_answered_and_every_repeat_is_silent(life: Life) -> None:
    """By one first event for each content, whatever its id; refusals keep the command too."""
    events = live(life)
    sent = Counter((item.command.id, item.command.digest) for item in (*life.items, life.closing))
    answered = Counter((item.command.id, item.command.digest) for item in events if item.command)
    assert answered == Counter(dict.fromkeys(sent, 1))
    for item in events:
        if item.command:
            event(item.fact.reason if isinstance(item.fact, CommandRefused) else type(item.fact).__name__)


@calm
@given(lives())
def test_dates_never_change_places(life: Life) -> None:
    """The scheduled date stays, the one in force moves forward and by an act only, and nothing happens before its moment."""
    events = live(life)
    lived = states(events)
    for (before, after), item in zip(pairwise(lived), events[1:], strict=True):
        assert item.at <= item.received_at
        if of_clock(item):
            due = MEASURE.due(before)
            assert due is not None
            assert (due.at, due.fact) == (item.at, item.fact)
        for key, was in before.assignments.items():
            now = after.assignments[key]
            assert (now.id, now.checkpoint, now.body, now.role) == (was.id, was.checkpoint, was.body, was.role)
            assert now.scheduled_on == was.scheduled_on
            extended = isinstance(item.fact, DeadlineExtended) and item.fact.assignment == key
            assert now.due_on > was.due_on if extended else now.due_on == was.due_on
            assert now.level <= was.level + 1


@calm
@given(lives())
def test_every_letter_has_an_id_of_its_own_and_one_outcome(life: Life) -> None:
    """No two letters of a life share an id; the outbox holds just those without an outcome."""
    events = live(life)
    made = [
        notice.id for state, item in zip(states(events), events, strict=True) for notice in MEASURE.letters(state, item)
    ]
    assert len(made) == len(set(made))
    outcomes = Counter(item.fact.notice for item in events if isinstance(item.fact, NoticeOutcome))
    assert outcomes == Counter(made)
    silent = live(life, post=False)
    held_back = {item.fact.notice for item in silent if isinstance(item.fact, NoticeSuppressed)}
    assert set(begun(silent).outbox) == set(made) - held_back


@calm
@given(lives(), st.lists(st.sampled_from([*DELIVERY_FACTS, "failed", "failed", ""]), min_size=1, max_size=7))
def test_no_letter_is_ever_lost(life: Life, outcomes: list[str]) -> None:
    """Due, it is on its way or its outcome stands in the log: never neither, never both, however often it goes again."""
    spoken = cycle(outcomes)
    events = live(life, outcome=lambda: next(spoken))
    on_its_way, ended, failed = set[str](), set[str](), set[str]()
    for state, item in zip(states(events), events, strict=True):
        on_its_way |= {notice.id for notice in MEASURE.letters(state, item)}
        if isinstance(item.fact, NoticeOutcome):
            on_its_way.remove(item.fact.notice)
            ended.add(item.fact.notice)
            failed |= {item.fact.notice} if isinstance(item.fact, NoticeFailed) else set()
        if isinstance(item.fact, LetterResent):
            ended.remove(item.fact.notice)
            failed.remove(item.fact.notice)
            on_its_way.add(item.fact.notice)
        assert (set(state.outbox), set(state.failed)) == (on_its_way, failed)
        assert on_its_way.isdisjoint(ended)
        event(type(item.fact).__name__)
    told_of = {one.id: one.outcome for one in told(MEASURE, events, events[-1].received_at) if one.version}
    assert {id_ for id_, outcome in told_of.items() if outcome in {UNDER_WAY, MISSING}} == on_its_way


@calm
@given(lives(), st.lists(st.integers(0, 24 * 400), max_size=8))
def test_a_life_is_the_same_however_it_is_cut_into_turns(life: Life, hours: list[int]) -> None:
    """One turn over the whole year, or a turn now and then: the same events, but for when the clock's were decided."""
    items = sorted((*life.items, life.closing), key=lambda item: item.received_at)
    end = items[-1].received_at
    cuts = {life.begin + timedelta(hours=number) for number in hours} | {item.received_at for item in items[::3]}
    state, many = begun([life.first]), list[Event]()
    for now in sorted({cut for cut in cuts if cut < end} | {end}):
        made, state = MEASURE.advance(state, [item for item in items if item.received_at <= now], now)
        items = [item for item in items if item.received_at > now]
        many += made
        assert state == begun([life.first, *many])
    one = MEASURE.turn(begun([life.first]), [*life.items, life.closing], end)
    assert [planned_only(item) for item in one] == [planned_only(item) for item in many]


def planned_only(item: Event) -> Event:
    """Return the event without the time at which a moment was decided."""
    return replace(item, received_at=item.at) if of_clock(item) else item


@calm
@given(lives())
def test_a_life_can_be_written_down_and_read_again(life: Life) -> None:
    """The state that is folded from the rows is the state that was lived."""
    events = live(life)
    read = [
        read_event(event_record(item, "example/m/1", version, "me")) for version, item in enumerate(events, start=1)
    ]
    assert read == events
    assert begun(read) == begun(events)


@calm
@given(lives())
def test_whoever_takes_over_has_what_was_left(life: Life) -> None:
    """A reassignment withdraws one and makes one, with the same dates; never two for one body and checkpoint."""
    events = live(life)
    lived = states(events)
    for (before, after), item in zip(pairwise(lived), events[1:], strict=True):
        if isinstance(item.fact, AssignmentReassigned):
            old, new = after.assignments[item.fact.assignment], after.assignments[item.fact.successor]
            assert isinstance(old.stage, Withdrawn)
            assert (new.checkpoint, new.due_on, new.scheduled_on) == (old.checkpoint, old.due_on, old.scheduled_on)
            assert item.fact.successor not in before.assignments


@calm
@given(lives(), st.integers(1, 5), st.integers(0, 30))
def test_a_turn_may_break_off_and_an_inbox_may_come_in_parts(life: Life, most: int, part: int) -> None:
    """A few events at a time, a part of the inbox and then the rest: the same events in the same order."""
    items = sorted((*life.items, life.closing), key=lambda item: item.received_at)
    end = items[-1].received_at
    whole = MEASURE.turn(begun([life.first]), items, end)
    state, made = begun([life.first]), list[Event]()
    for inbox, more in ((items[:part], True), (items[part:], False)):
        events = [life.first]
        while events:
            events, state = MEASURE.advance(state, inbox, end, more=more, most=most)
            made += events
    assert made == whole


@calm
@given(lives())
def test_a_snapshot_holds_all_but_what_the_log_is_asked_for(life: Life) -> None:
    """Wherever it is taken, letters waiting or sent: restored, the stream stands where it stood."""
    for post in (True, False):
        for state in states(live(life, post=post))[:: 7 if post else 11]:
            text = snapshot_of(state)
            assert restored(life.first, text) == replace(state, answered={})
            assert snapshot_of(restored(life.first, text)) == text
