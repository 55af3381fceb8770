"""The year of a roadmap: its definition, the values of its indicators, its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.codec import encode
from domain.commands import Close, EraseContact, MeasureIndicator, Received, ResendLetters, Unreadable
from domain.errors import Reason, Refused, UnreadableEvent
from domain.events import (
    ADMINISTRATOR,
    RULES,
    CommandRefused,
    ContactErased,
    Event,
    Fact,
    IndicatorMeasured,
    YearClosed,
    YearStarted,
)
from domain.late import late_notices
from domain.notices import Notice
from domain.records import canonical, digest
from domain.roadmap import Indicator, IndicatorKind, Registry, Roadmap
from domain.turn import Decider, Ledger, check_ruler, check_sender, known_rules, resent


@dataclass(frozen=True, kw_only=True)
class YearState(Ledger):
    """What the year has come to: the definition in force and the last value of each indicator and body."""

    definition: Roadmap
    offset: timedelta
    started_at: datetime
    quiet_past: bool
    rules: int
    values: Mapping[tuple[str, str], IndicatorMeasured] = field(default_factory=dict)


def started(
    definition: Roadmap,
    source: str,
    at: datetime,
    received_at: datetime,
    rehearsal_offset: timedelta | None = None,
    *,
    quiet_past: bool = True,
    rules: int = RULES,
) -> Event:
    """Return the first event of a year: the definition in force and the text it was made of.

    `rehearsal_offset` is the shift of the clock of a year that is played; None for a real one. Without `quiet_past` the
    year is as older Vekhas began one: each moment before its start has its letter. `rules` is the edition of the rules.
    """
    fact = YearStarted(
        definition=definition,
        definition_sha256=definition_digest(definition),
        source=source,
        source_sha256=digest(source),
        rehearsal=rehearsal_offset is not None,
        offset_seconds=Decimal(str((rehearsal_offset or timedelta()).total_seconds())),
        quiet_past=quiet_past,
        rules=rules,
    )
    return Event(fact, at, definition.policy.local_date(at), received_at, ADMINISTRATOR)


def definition_digest(definition: Roadmap) -> str:
    """Return the SHA-256 of the definition's canonical text, in hex.

    Without the version of the time zones, and of the findings with what a person has decided alone: the rest is no rule, and
    a machine that was brought up to date, or words its questions otherwise, starts no other year.
    """
    record: dict[str, Any] = encode(definition)
    del record["calendar"]["tzdata"]
    record["findings"] = [
        [finding["code"], finding["where"], finding["decision"]]
        for finding in record["findings"]
        if finding["decision"]
    ]
    return digest(canonical(record))


def begin(first: Event) -> YearState:
    """Return the state before a year's first event, made of that event."""
    if not isinstance(first.fact, YearStarted):
        raise UnreadableEvent("version 1", f"a year's stream begins with YearStarted, not {type(first.fact).__name__}")
    return YearState(
        definition=first.fact.definition,
        offset=timedelta(seconds=float(first.fact.offset_seconds)),
        started_at=first.at,
        quiet_past=first.fact.quiet_past,
        rules=known_rules(first.fact),
    )


def decide(state: YearState, received: Received) -> list[Fact]:
    """Return what a command makes happen: at least one fact, a refusal with its reason among them."""
    try:
        return _allowed(state, received)
    except Refused as refusal:
        return [CommandRefused(refusal.reason.value, refusal.detail)]


def _allowed(state: YearState, received: Received) -> list[Fact]:
    command, request = received.command, received.command.request
    definition = state.definition
    if isinstance(request, Unreadable):
        raise Refused(Reason.UNREADABLE, request.problem)
    if isinstance(request, EraseContact):  # a right that does not end with the year
        check_ruler(definition.registry, definition.policy, command.actor)
        return [ContactErased(request.code, request.act)]
    if state.closed:
        raise Refused(Reason.CLOSED, definition.id)
    if isinstance(request, Close):
        check_ruler(definition.registry, definition.policy, command.actor)
        return [YearClosed()]
    if isinstance(request, ResendLetters) and request.measure is None:
        check_ruler(definition.registry, definition.policy, command.actor)
        return [*resent(state, request)]
    check_sender(definition.registry, definition.policy, definition.order, received)
    if isinstance(request, MeasureIndicator):
        return [_measure(state, command.actor, request)]
    # Whatever concerns a measure comes here only when there is no such measure to send it to.
    raise Refused(Reason.UNKNOWN_MEASURE, request.measure or "")


def expected_bodies(registry: Registry, indicator: Indicator) -> tuple[str, ...]:
    """Return the bodies that have to answer for an indicator, groups opened."""
    return tuple(dict.fromkeys(body for code in indicator.bodies for body in registry.open_group(code)))


def _measure(state: YearState, actor: str, request: MeasureIndicator) -> IndicatorMeasured:
    registry = state.definition.registry
    indicator = next((item for item in state.definition.indicators if item.number == request.indicator), None)
    if indicator is None:
        raise Refused(Reason.UNKNOWN_INDICATOR, request.indicator)
    answering = {*expected_bodies(registry, indicator), indicator.reference or ""}
    own = sorted(answering & registry.acts_for(actor))
    body: str = request.body or (own[0] if own else actor)
    if body not in own:
        raise Refused(Reason.NOT_RESPONSIBLE, f"{actor} {indicator.number}/{body}")
    _check_value(indicator, request)
    return IndicatorMeasured(
        indicator.number, body, request.numerator, request.denominator, request.baseline, request.note
    )


def _check_value(indicator: Indicator, request: MeasureIndicator) -> None:
    numerator, denominator, baseline = request.numerator, request.denominator, request.baseline
    if numerator < 0 or (baseline is not None and baseline < 0):
        raise Refused(Reason.BAD_VALUE, "below zero")
    if denominator is None and indicator.kind is not IndicatorKind.COUNT:
        raise Refused(Reason.BAD_VALUE, "denominator")
    if denominator is not None and denominator <= 0:
        raise Refused(Reason.BAD_VALUE, "denominator")
    if indicator.kind is IndicatorKind.SHARE and denominator is not None and numerator > denominator:
        raise Refused(Reason.BAD_VALUE, f"{numerator} > {denominator}")
    if indicator.baseline != (baseline is not None):
        raise Refused(Reason.BAD_VALUE, "baseline")


def evolve(state: YearState, event: Event) -> YearState:
    """Return the state after an event."""
    match event.fact:
        case IndicatorMeasured() as value:
            return replace(state, values={**state.values, (value.indicator, value.body): value})
        case YearClosed():
            return replace(state, closed=True)
        case _:
            return state


def letters(state: YearState, event: Event) -> Iterable[Notice]:
    """Return the letters that an event makes due: those about what a year that begins late finds missed."""
    if isinstance(event.fact, YearStarted) and state.quiet_past:
        return late_notices(state.definition, state.started_at, event.received_at)
    return ()


YEAR: Decider[YearState] = Decider(
    begin=begin,
    decide=decide,
    apply=evolve,
    due=lambda _state: None,
    letters=letters,
    local_date=lambda state, instant: state.definition.policy.local_date(instant),
)
