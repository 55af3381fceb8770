"""Whether anybody was left untold: every letter that the rules made due in a stream, and what became of it.

The letters follow from the events by the very rules that the workflow goes by. What the clock should have brought and
did not is a silence too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.events import CLOCK, Event, NoticeDelivered, NoticeFailed, NoticeSuppressed, ReminderSuppressed
from domain.notices import Notice
from domain.turn import Decider

OUTCOMES = {NoticeDelivered: "delivered", NoticeFailed: "failed", NoticeSuppressed: "suppressed"}


@dataclass(frozen=True, slots=True)
class Told:
    """A letter that was due, since when, by the event of which version; what became of it, in which version.

    `outcome` is null where nothing did. A moment of the clock that left no event has no version.
    """

    id: str
    kind: str
    to: str
    due_at: datetime
    version: int | None
    outcome: str | None = None
    outcome_version: int | None = None
    detail: str = ""


def told(decider: Decider[Any], events: Sequence[Event], now: datetime) -> list[Told]:
    """Return all letters that were due in a stream up to `now`, in the order in which they became due."""
    letters: list[Told] = []
    state: Any = None
    for version, event in enumerate(events, start=1):
        state = decider.evolve(decider.begin(event) if state is None else state, event)
        due_at = event.at if event.actor == CLOCK and event.command_id is None else event.received_at
        fact = event.fact
        if isinstance(fact, NoticeDelivered | NoticeFailed | NoticeSuppressed):
            outcome = OUTCOMES[type(fact)]
            letters = [
                replace(one, outcome=outcome, outcome_version=version, detail=fact.detail)
                if one.id == fact.notice and one.outcome is None
                else one
                for one in letters
            ]
        elif isinstance(fact, ReminderSuppressed):
            id_ = f"{fact.assignment}:reminder-{fact.kind}:{fact.on}-{fact.days_before}:{fact.to}"
            letters.append(
                Told(id_, f"reminder-{fact.kind}", fact.to, due_at, version, "suppressed", version, fact.rule)
            )
        else:
            due = {notice.id: notice for notice in decider.letters(state, event)}
            letters += [_due(notice, due_at, version) for notice in due.values()]
    moment = None if state is None else decider.due(state)
    if moment is not None and moment.at <= now:
        kind = type(moment.fact).__name__
        letters.append(Told(f"{kind}:{moment.at.isoformat()}", kind, CLOCK, moment.at, None))
    return letters


def _due(notice: Notice, due_at: datetime, version: int) -> Told:
    return Told(notice.id, notice.kind, notice.to, due_at, version)
