"""What the figures of reports rest on: the event behind each assignment that is counted, and behind each value.

A figure can then be gone through, assignment by assignment, event by event, and each event be explained by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from domain.codec import read_fact
from domain.errors import ForeignEvent, UnreadableEvent
from domain.events import (
    AssignmentReassigned,
    AssignmentWithdrawn,
    DeadlineMissed,
    ExecutionReported,
    Fact,
    IndicatorMeasured,
)
from domain.records import EventRecord
from projections.board import BoardRow
from projections.discipline import COUNTED_WITHDRAWN, LATE, ON_TIME, OPEN_OVERDUE, counted_as
from projections.indicators import Reading

BEHIND: Mapping[str, tuple[type[Fact], ...]] = {
    ON_TIME: (ExecutionReported,),
    LATE: (ExecutionReported,),
    OPEN_OVERDUE: (DeadlineMissed,),
    COUNTED_WITHDRAWN: (AssignmentWithdrawn, AssignmentReassigned),
}
TYPES = tuple({kind.__name__ for kinds in (*BEHIND.values(), (IndicatorMeasured,)) for kind in kinds})


class Grounds:
    """The last event of each kind about each assignment, and about each value of an indicator."""

    def __init__(self, records: Iterable[EventRecord] = ()) -> None:
        self._last: dict[tuple[str, ...], EventRecord] = {}
        for record in records:
            self.take(record)

    def take(self, record: EventRecord) -> None:
        """Take the next event of its stream; what no figure rests on, or nobody can read, is passed over."""
        if record.type not in TYPES:
            return
        try:
            fact = read_fact(record)
        except (ForeignEvent, UnreadableEvent):
            return
        match fact:
            case IndicatorMeasured(indicator=number, body=body):
                self._last[IndicatorMeasured.__name__, number, body] = record
            case (
                ExecutionReported(assignment=key)
                | DeadlineMissed(assignment=key)
                | AssignmentWithdrawn(assignment=key)
                | AssignmentReassigned(assignment=key)
            ):
                self._last[record.type, key] = record

    def assignments(self, rows: Iterable[BoardRow], day: date) -> Iterator[dict[str, Any]]:
        """Yield the assignments that the discipline counts at the end of a day, as interfaces.md has them."""
        for row in rows:
            figure = counted_as(row, day)
            if figure is None:
                continue
            found = (self._last.get((kind.__name__, row.assignment)) for kind in BEHIND[figure])
            yield {
                "assignment": row.assignment,
                "body": row.body,
                "counted_as": figure,
                "due_on": None if row.due_on is None else row.due_on.isoformat(),
                "days_late": row.days_late_on(day),
                "event": next((place(record) for record in found if record is not None), None),
            }

    def values(self, readings: Iterable[Reading]) -> Iterator[dict[str, Any]]:
        """Yield the values that the indicators are made of, as interfaces.md has them."""
        for reading in sorted(readings, key=lambda reading: (reading.place, reading.body)):
            record = self._last.get((IndicatorMeasured.__name__, reading.indicator, reading.body))
            if record is not None and reading.numerator is not None:
                yield {"number": reading.indicator, "body": reading.body, "event": place(record)}


def place(record: EventRecord) -> dict[str, Any]:
    """Return where an event stands: its stream and version, and its position, null until it is sealed."""
    return {"stream": record.stream, "version": record.version, "position": record.position}
