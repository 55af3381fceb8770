"""What the clock does in a year: openings, reminders, deadlines and escalations, in the order of the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.events import (
    AssignmentOpened,
    DeadlineMissed,
    Escalated,
    InterimMissed,
    ReminderIssued,
    ReviewAwaited,
)
from domain.rehearsal import Lived
from domain.roadmap import Roadmap

KINDS: Mapping[type, str] = {
    AssignmentOpened: "opening",
    ReminderIssued: "reminder",
    InterimMissed: "interim",
    ReviewAwaited: "review",
    DeadlineMissed: "deadline",
    Escalated: "escalation",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the clock, in the office's time zone; `kind` is one of KINDS.

    `assignment` is null for the reminder of a measure without dates, `to` where no letter goes to anybody, `level` for
    all but escalations.
    """

    at: datetime
    kind: str
    assignment: str | None
    to: str | None
    level: int | None = None


def moments(lived: Iterable[Lived], roadmap: Roadmap) -> list[Moment]:
    """Return every moment of the clock in a year that was rehearsed."""
    zone = roadmap.policy.zone
    found = []
    for event in (item.event for item in lived):
        fact = event.fact
        if kind := KINDS.get(type(fact)):
            level = fact.level if isinstance(fact, Escalated) else None
            assignment, to = getattr(fact, "assignment", None), getattr(fact, "to", None)
            found.append(Moment(event.at.astimezone(zone), kind, assignment, to, level))
    return found
