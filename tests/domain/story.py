"""Given, when, then: short lives told through `MEASURE.turn`, with times of day as the office sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from domain.codec import make_command
from domain.commands import (
    AcceptExecution,
    Close,
    Delivered,
    ExtendDeadline,
    ReassignAssignment,
    Received,
    RefuseExtension,
    ReportExecution,
    ReportProgress,
    Request,
    RequestExtension,
    ReturnForRework,
    ScheduledPoint,
    SetSchedule,
    WithdrawAssignment,
)
from domain.errors import Reason
from domain.events import RULES, CommandRefused, Event, Fact, NoticeOutcome
from domain.measure import MEASURE, Assignment, MeasureState, planned, stage_of
from domain.notices import Notice
from domain.roadmap import Measure, MeasurePlan
from domain.turn import Item
from tests.domain.examples import day, plan

ZONE = ZoneInfo("Europe/Moscow")
STARTED = "2021-08-24 10:00"
CONTROLLER = "uo"


def local(text: str) -> datetime:
    """Return the instant of a local time such as 2021-09-30 18:00."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass(frozen=True)
class Passed:
    """Nothing but time passes, up to and including this instant."""

    until: datetime


@dataclass(frozen=True)
class Together:
    """Items that one turn finds in the inbox."""

    items: tuple[Received, ...]
    now: datetime


Happening = Received | Passed | Together
_numbers = count(1)


def passed(until: str) -> Passed:
    """Let time pass; a bare day passes whole."""
    return Passed(local(until if " " in until else f"{until} 23:59"))


def together(now: str, *items: Received) -> Together:
    """Let one turn at `now` find all these items."""
    return Together(items, local(now))


def send(
    by: str,
    at: str,
    request: Request,
    *,
    id_: str | None = None,
    occurred_on: str | None = None,
    sent: str | None = None,
) -> Received:
    """Return a command as the engine gets it at `at`; it was sent then, or when `sent` says."""
    happened = None if occurred_on is None else day(occurred_on)
    command = make_command(id_ or f"command-{next(_numbers)}", by, local(sent or at), happened, request)
    return Received(command, local(at))


def report(at: str, by: str = "school-6", *, early: bool = False, **names: str) -> Received:
    """Report execution."""
    return send(by, at, ReportExecution(early=early, **names))  # type: ignore[arg-type]


def progress(at: str, by: str = "school-6", **names: str) -> Received:
    """Report progress."""
    return send(by, at, ReportProgress(**names))  # type: ignore[arg-type]


def accept(at: str, by: str = CONTROLLER, **names: str) -> Received:
    """Accept the execution."""
    return send(by, at, AcceptExecution(**names))


def give_back(at: str, by: str = CONTROLLER, **names: str) -> Received:
    """Return the report for rework."""
    return send(by, at, ReturnForRework(reason="нет протокола", **names))


def ask_for_time(at: str, until: str, by: str = "school-6", **names: str) -> Received:
    """Request an extension."""
    return send(by, at, RequestExtension(until=day(until), reason="карантин", **names))


def extend(at: str, until: str, by: str = CONTROLLER, **names: str) -> Received:
    """Move the due date."""
    return send(by, at, ExtendDeadline(until=day(until), reason="карантин", act="приказ № 12", **names))


def refuse_time(at: str, by: str = CONTROLLER, **names: str) -> Received:
    """Refuse an extension."""
    return send(by, at, RefuseExtension(reason="срок прежний", **names))


def withdraw(at: str, by: str = CONTROLLER, **names: str) -> Received:
    """Withdraw an assignment."""
    return send(by, at, WithdrawAssignment(reason="школа закрыта", act="приказ № 14", **names))


def reassign(at: str, to: str, by: str = CONTROLLER, **names: str) -> Received:
    """Give an assignment to another body."""
    return send(by, at, ReassignAssignment(to=to, reason="реорганизация", act="приказ № 15", **names))


def schedule(at: str, *points: tuple[str, str, str], by: str = CONTROLLER) -> Received:
    """Give an undated measure its dates: key, start and due date of each point."""
    dated = tuple(ScheduledPoint(key, key, day(starts_on), day(due)) for key, starts_on, due in points)
    return send(by, at, SetSchedule(points=dated, act="график от 17.09.2021"))


def close(at: str, by: str = "administrator") -> Received:
    """Close the year."""
    return send(by, at, Close(), id_="close-example-2021")


@dataclass(frozen=True)
class Story:
    """A measure's life so far, and the events since the last `when`."""

    state: MeasureState
    before: tuple[Event, ...]
    events: tuple[Event, ...] = ()

    def when(self, *happenings: Happening) -> Story:
        """Return the story after these happenings, a turn each."""
        state, events = self.state, []
        for happening in happenings:
            for event in MEASURE.turn(state, *_turned(happening)):
                state = MEASURE.evolve(state, event)
                events.append(event)
        return Story(state, self.lived, tuple(events))

    def posted(self, at: str, outcome: str = "delivered") -> Story:
        """Return the story after every letter that waits has this outcome."""
        items = [Delivered(notice, outcome, "там", local(at)) for notice in self.state.outbox]
        events = MEASURE.turn(self.state, items, local(at))
        state = MEASURE.fold(self.state, events)
        assert state is not None
        return Story(state, self.lived, tuple(events))

    def then(self, *wanted: Fact | type[Fact]) -> None:
        """Demand just these facts since the last `when`: each by its value, or by its type alone."""
        found = self.facts
        assert [
            fact if not isinstance(want, type) else type(fact) for fact, want in zip(found, wanted, strict=False)
        ] == list(wanted)
        assert len(found) == len(wanted), [type(fact).__name__ for fact in found]

    def refused(self, reason: Reason, detail: str | None = None) -> None:
        """Demand a refusal with its reason as the last fact, and its command beside it."""
        fact = self.events[-1].fact
        assert isinstance(fact, CommandRefused), fact
        assert fact.reason == reason
        assert detail in (None, fact.detail), fact.detail
        assert self.events[-1].command is not None

    @property
    def lived(self) -> tuple[Event, ...]:
        """Return all events of the life."""
        return self.before + self.events

    @property
    def facts(self) -> list[Fact]:
        """Return what happened since the last `when`, outcomes of letters apart."""
        return [event.fact for event in self.events if not isinstance(event.fact, NoticeOutcome)]

    @property
    def stage(self) -> str:
        """Return the word for where the measure stands."""
        return stage_of(self.state)

    @property
    def only(self) -> Assignment:
        """Return the measure's only assignment."""
        (item,) = self.state.assignments.values()
        return item

    def assignment(self, key: str) -> Assignment:
        """Return the assignment of that id."""
        return self.state.assignments[key]

    def letters(self) -> list[Notice]:
        """Return the letters that the last `when` made due."""
        state = begun(self.before)
        found: list[Notice] = []
        for event in self.events:
            state = MEASURE.evolve(state, event)
            found += MEASURE.letters(state, event)
        return found


def begun(events: Iterable[Event]) -> MeasureState:
    """Return the state after the events of a life."""
    state = MEASURE.fold(None, events)
    assert state is not None
    return state


def given(of: Measure | MeasurePlan, *happenings: Happening, started: str = STARTED, rules: int = RULES) -> Story:
    """Return the story of a measure that was planned, by today's rules or older ones, and of what happened to it before."""
    first = planned(of if isinstance(of, MeasurePlan) else plan(of), local(started), local(started), rules=rules)
    story = Story(begun([first]), (first,)).when(*happenings)
    return replace(story, before=story.lived, events=())


def _turned(happening: Happening) -> tuple[Sequence[Item], datetime]:
    if isinstance(happening, Passed):
        return [], happening.until
    if isinstance(happening, Together):
        return happening.items, happening.now
    return [happening], happening.received_at
