"""What the figures of reports rest on: the event behind each assignment that is counted, and behind each value.

A figure can then be gone through, assignment by assignment, event by event, and each event be explained by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

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


@dataclass(frozen=True, slots=True)
class CountedAssignment:
    """An assignment that a figure of the discipline counts, with the event that it rests on, null where none is left.

    `counted_as` is one of `discipline.FIGURES`, `days_late` is that of the day of the report.
    """

    assignment: str
    body: str
    counted_as: str
    due_on: date | None
    days_late: int
    event: EventRecord | None


@dataclass(frozen=True, slots=True)
class MeasuredValue:
    """A value of an indicator by one body, with the event that reported it."""

    indicator: str
    body: str
    event: EventRecord


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

    def assignments(self, rows: Iterable[BoardRow], day: date) -> Iterator[CountedAssignment]:
        """Yield the assignments that the discipline counts at the end of a day."""
        for row in rows:
            figure = counted_as(row, day)
            if figure is None:
                continue
            found = (self._last.get((kind.__name__, row.assignment)) for kind in BEHIND[figure])
            event = next((record for record in found if record is not None), None)
            yield CountedAssignment(row.assignment, row.body, figure, row.due_on, row.days_late_on(day), event)

    def values(self, readings: Iterable[Reading]) -> Iterator[MeasuredValue]:
        """Yield the values that the indicators are made of."""
        for reading in sorted(readings, key=lambda reading: (reading.place, reading.body)):
            record = self._last.get((IndicatorMeasured.__name__, reading.indicator, reading.body))
            if record is not None and reading.numerator is not None:
                yield MeasuredValue(reading.indicator, reading.body, record)
