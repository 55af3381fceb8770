"""A year that begins late: what was due before its start, and the one letter about it that each body gets.

The measures record what they missed, moment by moment, and send nothing for it (`quiet_past`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.measure import assignments_of
from domain.notices import Notice
from domain.roadmap import Roadmap

LATE_START = "late-start"


@dataclass(frozen=True, slots=True)
class PastDue:
    """What was due before the start: the assignment with its body and controller, the day, whether for an interim report."""

    assignment: str
    body: str
    controller: str
    on: date
    interim: bool


def past_due(definition: Roadmap, start: datetime) -> Iterator[PastDue]:
    """Yield what was due before an instant, in the order of the road map."""
    for measure in definition.measures:
        plan = definition.plan(measure)
        policy = plan.policy
        for item in assignments_of(plan, measure.checkpoints, start).values():
            over = policy.instant(item.due_on, policy.due_time) < start
            missed = () if over else (day for day in item.interim if policy.instant(day, policy.due_time) < start)
            for day in (item.due_on,) if over else missed:
                yield PastDue(item.id, item.body, policy.controller, day, interim=not over)


def late_notices(definition: Roadmap, start: datetime, received_at: datetime) -> Iterator[Notice]:
    """Yield a letter to each body that missed something before the start, and to each controller of it."""
    past = list(past_due(definition, start))
    told = dict.fromkeys([*(one.body for one in past), *(one.controller for one in past)])
    day = definition.policy.local_date(start)
    for code in told:
        yield Notice(f"year:{LATE_START}:{day}:{code}", LATE_START, code, None, received_at, start)


def concerning(definition: Roadmap, start: datetime, code: str) -> list[PastDue]:
    """Return what the letter to a code tells: its own assignments, and all that it controls."""
    return [one for one in past_due(definition, start) if code in (one.body, one.controller)]
