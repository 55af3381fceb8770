"""A turn: what waits in the inbox and what the clock has brought, decided in their true order.

The workflow, the rehearsal, the tests and the auditor's replay all go through `turn`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from domain.commands import Close, Delivered, Received
from domain.errors import Reason, Refused
from domain.events import (
    ADMINISTRATOR,
    CLOCK,
    POST,
    CommandRefused,
    Event,
    Fact,
    NoticeDelivered,
    NoticeFailed,
    NoticeSuppressed,
)
from domain.notices import Notice
from domain.roadmap import ControlPolicy, Order, Registry

Item = Received | Delivered
CLOCKS_WRONG = timedelta(days=31)  # so far before the order a command may say to have been sent
DELIVERY_FACTS: Mapping[str, type[NoticeDelivered | NoticeFailed | NoticeSuppressed]] = {
    "delivered": NoticeDelivered,
    "failed": NoticeFailed,
    "suppressed": NoticeSuppressed,
}


@dataclass(frozen=True, slots=True)
class Due:
    """The next thing that the clock brings: its planned moment and what it will make happen."""

    at: datetime
    fact: Fact


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What every stream keeps: how far it has come, whom it has answered, which letters have no outcome yet.

    `answered` has the digests of each command id, the one that happened first.
    """

    version: int = 0
    answered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outbox: Mapping[str, Notice] = field(default_factory=dict)
    closed: bool = False


S = TypeVar("S", bound=Ledger)


@dataclass(frozen=True)
class Decider(Generic[S]):
    """The rules of one kind of stream.

    `begin` gives the state before a stream's first event, `decide` gives what a command makes happen (at least one fact), `apply` the state after an event, `due` the next
    planned moment, `letters` the notices of an event, `local_date` the office's day of an instant.
    """

    begin: Callable[[Event], S]
    decide: Callable[[S, Received], Sequence[Fact]]
    apply: Callable[[S, Event], S]
    due: Callable[[S], Due | None]
    letters: Callable[[S, Event], Iterable[Notice]]
    local_date: Callable[[S, datetime], date]

    def evolve(self, state: S, event: Event) -> S:
        """Return the state after an event, the books of its stream kept."""
        after = self.apply(state, event)
        changes: dict[str, Any] = {"version": state.version + 1}
        if event.command is not None:
            known = state.answered.get(event.command.id, ())
            changes["answered"] = {**state.answered, event.command.id: (*known, event.command.digest)}
        if isinstance(event.fact, NoticeDelivered | NoticeFailed | NoticeSuppressed):
            changes["outbox"] = {key: value for key, value in state.outbox.items() if key != event.fact.notice}
        elif due := {notice.id: notice for notice in self.letters(after, event)}:
            changes["outbox"] = {**state.outbox, **due}
        return replace(after, **changes)

    def fold(self, state: S | None, events: Iterable[Event]) -> S | None:
        """Return the state after more events of a stream; None is a stream without any."""
        for event in events:
            state = self.evolve(self.begin(event) if state is None else state, event)
        return state

    def turn(self, state: S, inbox: Sequence[Item], now: datetime) -> list[Event]:
        """Return the events that a batch and the clock make, in the order in which they count."""
        return self.advance(state, inbox, now)[0]

    def advance(self, state: S, inbox: Sequence[Item], now: datetime) -> tuple[list[Event], S]:
        """Return the events of a turn and the state after them.

        Items are taken by the time they were received, ties as they came. Every moment planned before an item is
        decided first; an item at exactly the due moment is in time. A repeat of an answered command makes nothing.
        """
        events: list[Event] = []

        def happen(event: Event) -> None:
            nonlocal state
            state = self.evolve(state, event)
            events.append(event)

        def tick(until: datetime, *, inclusive: bool) -> None:
            while (due := self.due(state)) and (due.at < until or (inclusive and due.at == until)):
                happen(Event(due.fact, due.at, self.local_date(state, due.at), now, CLOCK))

        for item in sorted(inbox, key=lambda item: item.received_at):
            tick(item.received_at, inclusive=False)
            for event in self.hear(state, item):
                happen(event)
        tick(now, inclusive=True)
        return events, state

    def hear(self, state: S, item: Item) -> list[Event]:
        """Return the events that one item makes: none for a repeat, none for an outcome that is known."""
        if isinstance(item, Delivered):
            if item.notice not in state.outbox:
                return []
            day = self.local_date(state, item.received_at)
            outcome: Fact = DELIVERY_FACTS[item.outcome](notice=item.notice, detail=item.detail)
            return [Event(outcome, item.received_at, day, item.received_at, POST)]
        command = item.command
        known = state.answered.get(command.id, ())
        if command.digest in known:
            return []
        facts: Sequence[Fact] = (
            [CommandRefused(Reason.ID_REUSED.value, command.id)]
            if known and not isinstance(command.request, Close)  # nobody who took its id keeps a year from ending
            else self.decide(state, item)
        )
        # A sender whose clock runs ahead did not send in the future.
        at = min(command.sent_at, item.received_at)
        day = command.occurred_on or self.local_date(state, at)
        return [
            Event(fact, at, day, item.received_at, command.actor, command.id, None if index else command)
            for index, fact in enumerate(facts)
        ]


def check_ruler(registry: Registry, policy: ControlPolicy, actor: str) -> None:
    """Refuse who is neither the administrator nor speaks for the controller.

    The year and its measures ask alike: a signal that went past the year must not do what the year would have refused.
    """
    if actor != ADMINISTRATOR and policy.controller not in registry.acts_for(actor):
        raise Refused(Reason.NOT_CONTROLLER, actor)


def check_sender(registry: Registry, policy: ControlPolicy, order: Order, received: Received) -> None:
    """Refuse a sender nobody knows, and a date of happening or of sending that cannot be."""
    command = received.command
    if not registry.knows(command.actor):
        raise Refused(Reason.UNKNOWN_ACTOR, command.actor)
    if command.occurred_on and command.occurred_on > policy.local_date(received.received_at):
        raise Refused(Reason.IN_THE_FUTURE, command.occurred_on.isoformat())
    if command.occurred_on and command.occurred_on < order.date:
        raise Refused(Reason.BEFORE_ORDER, command.occurred_on.isoformat())
    # Clocks are wrong by days; what was sent long before there was an order cannot be about it.
    sent_on = policy.local_date(min(command.sent_at, received.received_at))
    if sent_on + CLOCKS_WRONG < min(order.date, policy.local_date(received.received_at)):
        raise Refused(Reason.BEFORE_ORDER, sent_on.isoformat())
