"""What the clock will do in a year: the calendar of openings, reminders, deadlines and escalations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.events import (
    AssignmentOpened,
    DeadlineMissed,
    Escalated,
    Event,
    InterimMissed,
    ReminderIssued,
)
from domain.rehearsal import Lived
from domain.roadmap import Roadmap
from views.moments import kind_said
from views.names import Names


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
    match event.fact:
        case AssignmentOpened(assignment=key):
            return {"kind": "opening", "assignment": key, "to": None}
        case ReminderIssued(assignment=key, to=to):
            return {"kind": "reminder", "assignment": key, "to": to}
        case InterimMissed(assignment=key, to=to):
            return {"kind": "interim", "assignment": key, "to": to}
        case DeadlineMissed(assignment=key):
            return {"kind": "deadline", "assignment": key, "to": None}
        case Escalated(assignment=key, to=to, level=level):
            return {"kind": "escalation", "assignment": key, "to": to, "level": level}
        case _:
            return None


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
