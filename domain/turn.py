"""A turn: what waits in the inbox and what the clock has brought, decided in their true order.

The workflow, the rehearsal, the tests and the auditor's replay all go through `turn`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from domain.commands import Close, Delivered, Evidence, Received, ResendLetters
from domain.errors import Reason, Refused, UnreadableEvent
from domain.events import (
    ADMINISTRATOR,
    CLOCK,
    POST,
    RULES,
    CommandRefused,
    Event,
    Fact,
    LetterResent,
    MeasurePlanned,
    NoticeDelivered,
    NoticeFailed,
    NoticeFiled,
    NoticeOutcome,
    NoticeSuppressed,
    YearStarted,
)
from domain.notices import Notice, of_clock
from domain.roadmap import ControlPolicy, Order, Registry

Item = Received | Delivered
CLOCKS_WRONG = timedelta(days=31)  # so far before the order a command may say to have been sent
DELIVERY_FACTS: Mapping[str, type[NoticeOutcome]] = {
    "delivered": NoticeDelivered,
    "filed": NoticeFiled,
    "failed": NoticeFailed,
    "suppressed": NoticeSuppressed,
}
NOT_STORED = re.compile(r" \(([0-9a-f]{64})\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Due:
    """The next thing that the clock brings: its planned moment and what it will make happen."""

    at: datetime
    fact: Fact


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What every stream keeps: how far it has come, whom it has answered, which letters have no outcome yet or failed.

    `answered` has the digests of each command id, the one that happened first. `moment` is the last of all its events':
    nothing counts as received before it. A letter is either in the `outbox`, or its last outcome stands in the log; those
    whose last outcome was a failure are in `failed`, from where they are sent again.
    """

    version: int = 0
    moment: datetime | None = None
    answered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outbox: Mapping[str, Notice] = field(default_factory=dict)
    failed: Mapping[str, Notice] = field(default_factory=dict)
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
        moment = moment_of(event)
        changes: dict[str, Any] = {"version": state.version + 1, "moment": max(moment, state.moment or moment)}
        if event.command is not None:
            known = state.answered.get(event.command.id, ())
            changes["answered"] = {**state.answered, event.command.id: (*known, event.command.digest)}
        fact = event.fact
        if isinstance(fact, NoticeOutcome):
            changes["outbox"] = _without(state.outbox, fact.notice)
            if isinstance(fact, NoticeFailed) and (notice := state.outbox.get(fact.notice)):
                changes["failed"] = {**state.failed, fact.notice: notice}
        elif isinstance(fact, LetterResent):
            if again := state.failed.get(fact.notice):
                changes["failed"] = _without(state.failed, fact.notice)
                changes["outbox"] = {**state.outbox, fact.notice: replace(again, since=event.received_at)}
        elif due := {notice.id: notice for notice in self.letters(after, event)}:
            place = state.version + 1
            waiting = {key: replace(notice, words="", act="", files=(), version=place) for key, notice in due.items()}
            changes["outbox"] = {**state.outbox, **waiting}
        return replace(after, **changes)

    def fold(self, state: S | None, events: Iterable[Event]) -> S | None:
        """Return the state after more events of a stream; None is a stream without any."""
        for event in events:
            state = self.evolve(self.begin(event) if state is None else state, event)
        return state

    def turn(self, state: S, inbox: Sequence[Item], now: datetime) -> list[Event]:
        """Return the events that a batch and the clock make, in the order in which they count."""
        return self.advance(state, inbox, now)[0]

    def advance(
        self, state: S, inbox: Sequence[Item], now: datetime, *, more: bool = False, most: int | None = None
    ) -> tuple[list[Event], S]:
        """Return the events of a turn and the state after them.

        Items are taken by the time they were received, ties as they came. Every moment planned before an item is
        decided first; an item at exactly the due moment is in time. A repeat of an answered command makes nothing. With
        `more`, further items of the same inbox are still to come: the clock stops at the last of these. With `most`, the turn
        breaks off once it has so many events; from the state after them the same inbox makes the rest.
        """
        events: list[Event] = []

        def happen(event: Event) -> None:
            nonlocal state
            state = self.evolve(state, event)
            events.append(event)

        def full() -> bool:
            return most is not None and len(events) >= most

        def tick(until: datetime, *, inclusive: bool) -> None:
            while not full() and (due := self.due(state)) and (due.at < until or (inclusive and due.at == until)):
                decided_at = max(now, state.moment or now)
                happen(Event(due.fact, due.at, self.local_date(state, due.at), decided_at, CLOCK))

        for item in sorted(inbox, key=lambda item: item.received_at):
            tick(item.received_at, inclusive=False)
            if full():
                return events, state
            # Nothing is received before what stands in the log already, whatever another machine's clock says.
            heard = replace(item, received_at=max(item.received_at, state.moment or item.received_at))
            for event in self.hear(state, heard):
                happen(event)
        if not more:
            tick(now, inclusive=True)
        return events, state

    def hear(self, state: S, item: Item) -> list[Event]:
        """Return the events that one item makes: none for a repeat, none for an outcome that is known."""
        if isinstance(item, Delivered):
            notice = state.outbox.get(item.notice)
            if notice is None or notice.rule:
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


def known_rules(first: MeasurePlanned | YearStarted) -> int:
    """Return the edition of the rules that a stream lives by; UnreadableEvent for one of a newer Vekha."""
    if not 1 <= first.rules <= RULES:
        raise UnreadableEvent("version 1", f"decided by rules of edition {first.rules}, which is not known here")
    return first.rules


def moment_of(event: Event) -> datetime:
    """Return the moment of an event: when the clock had planned it, or when its command or outcome was received."""
    return event.at if of_clock(event) else event.received_at


def _without(notices: Mapping[str, Notice], id_: str) -> dict[str, Notice]:
    return {key: value for key, value in notices.items() if key != id_}


def held_back(state: Ledger) -> Due | None:
    """Return the next letter that a rule keeps from being sent: it ends in the log at the moment of its event."""
    notice = next((one for one in state.outbox.values() if one.rule), None)
    return None if notice is None else Due(notice.happened_at, NoticeSuppressed(notice.id, notice.rule))


def resent(state: Ledger, request: ResendLetters) -> list[LetterResent]:
    """Return that the failed letters which are asked for go again; refuse where none of them has failed."""
    wanted = list(state.failed) if request.notice is None else [request.notice]
    if not wanted or wanted[0] not in state.failed:
        raise Refused(Reason.NOTHING_FAILED, request.notice or "")
    return [LetterResent(id_) for id_ in wanted]


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


def check_evidence(received: Received, evidence: Sequence[Evidence]) -> None:
    """Refuse a report that names what the evidence store does not have.

    The detail has a line for each such file, `name (SHA-256)`: `not_stored` reads it again, for the replay. It is asked
    last of all, so that whatever else was wrong is told the same with and without the store.
    """
    lines = [f"{file.name} ({file.sha256})" for file in evidence if file.sha256 in received.missing]
    if lines:
        raise Refused(Reason.EVIDENCE_MISSING, "\n".join(lines))


def not_stored(fact: Fact) -> tuple[str, ...]:
    """Return what the evidence store did not have when a command was refused for that; nothing for any other fact."""
    if not isinstance(fact, CommandRefused) or fact.reason != Reason.EVIDENCE_MISSING:
        return ()
    return tuple(NOT_STORED.findall(fact.detail))
