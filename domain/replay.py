"""The auditor's replay: every decision made again by the same decider, from what the log says was asked and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from domain.commands import Close, Delivered, Received
from domain.errors import VekhaError
from domain.events import CLOCK, CommandRefused, Event, NoticeOutcome, SetAside
from domain.notices import of_clock
from domain.turn import DELIVERY_FACTS, Decider, Item, Ledger, not_stored

S = TypeVar("S", bound=Ledger)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the rules say should stand at a place in a stream, and what stands there; null for nothing."""

    version: int
    expected: Event | None
    found: Event


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """An event of a stream, the state after it, and the difference where the rules say otherwise."""

    event: Event
    state: S
    difference: Difference | None


def replay(decider: Decider[S], events: Sequence[Event]) -> Iterator[Step[S]]:
    """Yield the steps of a stream from its first event on.

    The first event is the definition itself: taken as it stands. A moment has to come at its planned time and before
    any command received later; a command has to make just the events that follow it. What was set aside makes no difference. An event that the state before it
    cannot take up is a difference and changes nothing.
    """
    state: S | None = None
    awaited: list[Event] = []
    for version, event in enumerate(events, start=1):
        if state is None:
            state = decider.begin(event)
            difference = None
        elif isinstance(event.fact, SetAside):
            difference = None  # nothing has made it, and nothing follows from it
        else:
            awaited = awaited or _decided(decider, state, event)
            expected = awaited.pop(0) if awaited else None
            difference = None if expected == event else Difference(version, expected, event)
            if difference is not None and event in awaited:
                awaited = awaited[awaited.index(event) + 1 :]  # what stood before it is missing, the rest may be right
        try:
            state = decider.evolve(state, event)
        except (VekhaError, LookupError, ArithmeticError):  # of an assignment that never was, of a day that cannot be
            difference = difference or Difference(version, None, event)
        yield Step(event, state, difference)


def _decided(decider: Decider[S], state: S, event: Event) -> list[Event]:
    """Return what has to come next, by the rules, given what stands there."""
    due = decider.due(state)
    by_clock = of_clock(event)
    overslept = due is not None and due.at < event.received_at and not by_clock
    if due is not None and (by_clock or overslept):
        moment = Event(due.fact, due.at, decider.local_date(state, due.at), event.received_at, CLOCK)
        return [moment] if due.at <= event.received_at else []
    item = _item(event)
    return [] if item is None else decider.hear(state, item)


def _item(event: Event) -> Item | None:
    """Return what was heard when the event was decided; null for an event that nothing can have made."""
    if event.command is not None:
        # A measure closes after its year; whether that had closed then, only the refusal itself tells.
        early = isinstance(event.command.request, Close) and isinstance(event.fact, CommandRefused)
        return Received(event.command, event.received_at, year_closed=not early, missing=not_stored(event.fact))
    if isinstance(event.fact, NoticeOutcome):
        outcomes: dict[Any, str] = {kind: outcome for outcome, kind in DELIVERY_FACTS.items()}
        return Delivered(event.fact.notice, outcomes[type(event.fact)], event.fact.detail, event.received_at)
    return None
