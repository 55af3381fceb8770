"""What the clock will do in a year: the calendar of openings, reminders, deadlines and escalations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.events import (
    AssignmentOpened,
    DeadlineMissed,
    Escalated,
    Event,
    InterimMissed,
    ReminderIssued,
    ReviewAwaited,
)
from domain.rehearsal import Lived
from domain.roadmap import Roadmap
from views.moments import kind_said
from views.names import Names

KINDS: Mapping[type, str] = {
    AssignmentOpened: "opening",
    ReminderIssued: "reminder",
    InterimMissed: "interim",
    ReviewAwaited: "review",
    DeadlineMissed: "deadline",
    Escalated: "escalation",
}


def moments(lived: Iterable[Lived], roadmap: Roadmap) -> list[dict[str, Any]]:
    """Return {"at", "kind", "assignment", "to"} of every moment of the clock, in calendar order, local time.

    `to` is whom a letter goes to, null where none does. A measure without dates has a reminder without assignment.
    """
    return [
        {"at": item.event.at.astimezone(roadmap.policy.zone).isoformat(), **moment}
        for item in lived
        if (moment := _moment(item.event))
    ]


def _moment(event: Event) -> dict[str, Any] | None:
    fact = event.fact
    if (kind := KINDS.get(type(fact))) is None:
        return None
    moment = {"kind": kind, "assignment": getattr(fact, "assignment", None), "to": getattr(fact, "to", None)}
    return {**moment, "level": fact.level} if isinstance(fact, Escalated) else moment


def moments_text(rows: Iterable[dict[str, Any]], roadmap: Roadmap, lang: str) -> str:
    """Return the calendar as lines: day and time, what happens, to which assignment, who is told."""
    names = Names(roadmap, lang)
    lines = []
    for row in rows:
        at = datetime.fromisoformat(row["at"])
        kind = kind_said(row, lang)
        told = f" → {names.actor(row['to'])}" if row["to"] else ""
        lines.append(f"{at:%d.%m.%Y %H:%M}  {kind:<28} {row['assignment'] or '—'}{told}")
    return "\n".join(lines)
