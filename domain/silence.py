"""Whether anybody was left untold: every letter that the rules made due in a stream, and what became of it.

The letters follow from the events by the very rules that the workflow goes by. What the clock should have brought and
did not is a silence too. Nothing is called missing before the time is over that it may take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.events import CLOCK, Event, LetterResent, NoticeOutcome, ReminderSuppressed
from domain.notices import LETTER_LIMIT, of_clock
from domain.turn import DELIVERY_FACTS, Decider

OUTCOMES: dict[type, str] = {kind: outcome for outcome, kind in DELIVERY_FACTS.items()}
UNDER_WAY = "under-way"
MISSING = "missing"
# So long a moment with its jitter, or the outcome of a letter, may be on its way into the log.
RECORDING_LIMIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Told:
    """A letter that was due, since when, by the event of which version; what became of it, in which version.

    `outcome` is one of OUTCOMES; where the log has none it is UNDER_WAY for the time that a letter is tried, MISSING after
    that; of a letter that was sent again it is that of the last time. A moment of the clock that left no event has no version; its `detail` is the assignment it concerns.
    """

    id: str
    kind: str
    to: str
    due_at: datetime
    version: int | None
    outcome: str
    outcome_version: int | None = None
    detail: str = ""


def told(decider: Decider[Any], events: Sequence[Event], now: datetime) -> list[Told]:
    """Return all letters that were due in a stream up to `now`, in the order in which they became due."""
    letters: list[Told] = []
    state: Any = None
    for version, event in enumerate(events, start=1):
        state = decider.evolve(decider.begin(event) if state is None else state, event)
        due_at = event.at if of_clock(event) else event.received_at
        fact = event.fact
        if isinstance(fact, NoticeOutcome):
            outcome = OUTCOMES[type(fact)]
            letters = [
                replace(one, outcome=outcome, outcome_version=version, detail=fact.detail)
                if one.id == fact.notice and one.outcome_version is None
                else one
                for one in letters
            ]
        elif isinstance(fact, LetterResent):
            again = _open_outcome(event.received_at + LETTER_LIMIT, now)
            letters = [
                replace(one, outcome=again, outcome_version=None, detail="") if one.id == fact.notice else one
                for one in letters
            ]
        elif isinstance(fact, ReminderSuppressed):
            id_ = f"{fact.assignment}:reminder-{fact.kind}:{fact.on}-{fact.days_before}:{fact.to}"
            letters.append(
                Told(id_, f"reminder-{fact.kind}", fact.to, due_at, version, "suppressed", version, fact.rule)
            )
        else:
            due = {notice.id: notice for notice in decider.letters(state, event)}
            letters += [
                Told(one.id, one.kind, one.to, due_at, version, _open_outcome(one.since + LETTER_LIMIT, now))
                for one in due.values()
            ]
    return letters if state is None else letters + [_unseen(event, now) for event in decider.turn(state, [], now)]


def _unseen(event: Event, now: datetime) -> Told:
    """Return a moment that the clock should have brought by now, as a letter to the clock."""
    kind = type(event.fact).__name__
    assignment: str | None = getattr(event.fact, "assignment", None)
    id_ = f"{assignment or 'measure'}:{kind}:{event.at.isoformat()}"
    return Told(id_, kind, CLOCK, event.at, None, _open_outcome(event.at, now), detail=assignment or "")


def is_missing(since: datetime, now: datetime) -> bool:
    """Tell of a letter that has been due since then, and has no outcome yet, whether it should have one."""
    return _open_outcome(since + LETTER_LIMIT, now) == MISSING


def _open_outcome(last: datetime, now: datetime) -> str:
    return UNDER_WAY if now <= last + RECORDING_LIMIT else MISSING
