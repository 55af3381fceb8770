"""The board: one row an assignment, folded event by event.

The rules of a measure stay in `domain.measure`: who answers for what is opened there, and here only what happened to
each assignment is written down. A row needs nothing but itself and the next event, so that a projector can load the
rows of the touched streams, fold a batch and write it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, get_args

from psycopg import Connection

from domain.codec import instant, read_fact
from domain.errors import UnknownRow
from domain.events import (
    AssignmentOpened,
    AssignmentReassigned,
    AssignmentWithdrawn,
    CommandRefused,
    ContactErased,
    DeadlineExtended,
    DeadlineMissed,
    Escalated,
    ExecutionAccepted,
    ExecutionReported,
    ExtensionRefused,
    ExtensionRequested,
    Fact,
    IndicatorMeasured,
    LeftOpenAtClose,
    LetterResent,
    MeasureClosed,
    MeasureCompleted,
    MeasurePlanned,
    NoticeOutcome,
    ProgressReported,
    ReminderIssued,
    ReturnedForRework,
    ScheduleSet,
    SetAside,
    YearClosed,
    YearStarted,
)
from domain.measure import (
    STAGE_NAMES,
    Accepted,
    LeftOpen,
    Open,
    Planned,
    Reported,
    Withdrawn,
    assignment_id,
    assignments_of,
)
from domain.measure import UNDATED as UNDATED_KEY
from domain.records import EventRecord
from domain.roadmap import Checkpoint, MeasurePlan
from projections.folding import Folding
from projections.projector import Projection
from projections.reading import read_rows

UNDATED = "undated"
NO_CHECKPOINT = UNDATED_KEY

PLANNED = STAGE_NAMES[Planned]
OPEN = STAGE_NAMES[Open]
REPORTED = STAGE_NAMES[Reported]
ACCEPTED = STAGE_NAMES[Accepted]
WITHDRAWN = STAGE_NAMES[Withdrawn]
LEFT_OPEN = STAGE_NAMES[LeftOpen]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """Where one assignment stands.

    `roadmap` is the instance that the stream belongs to. `checkpoint` and both dates are null while the measure has
    no date: the stage is `undated` then. `days_late` is that of the report that stands (0: in time), null while none
    does. `counted_to` is the day of the close, after which an assignment left open grows no older. `version` is the
    stream version of the last event that touched the row.
    """

    roadmap: str
    assignment: str
    measure: str
    checkpoint: str | None
    body: str
    role: str
    stage: str
    scheduled_on: date | None
    due_on: date | None
    missed: bool
    days_late: int | None
    counted_to: date | None
    escalation_level: int
    last_event: str
    version: int

    @property
    def overdue(self) -> bool:
        """Tell whether the deadline was missed and the assignment is not settled yet."""
        return self.missed and self.stage not in (ACCEPTED, WITHDRAWN)

    def days_late_on(self, day: date) -> int:
        """Return the calendar days of lateness: those of the report, or as many as have passed by that day."""
        if self.days_late is not None:
            return self.days_late
        if not self.overdue or self.due_on is None:
            return 0
        return max(1, (min(day, self.counted_to or day) - self.due_on).days)


# Commands that leave an assignment where it stands: the board shows that they came, and nothing of them.
MARKS = tuple(kind.__name__ for kind in (ProgressReported, ExtensionRequested, ExtensionRefused))
# What concerns the whole measure, a letter or the year.
PASSES_OVER = tuple(
    kind.__name__
    for kind in (
        *(MeasureCompleted, MeasureClosed, CommandRefused, *get_args(NoticeOutcome), LetterResent),
        *(YearStarted, IndicatorMeasured, ContactErased, YearClosed, SetAside),
    )
)

Rows = Mapping[str, BoardRow]
Changes = dict[str, BoardRow | None]


def fold(rows: Rows, record: EventRecord) -> Changes:
    """Return the rows, by assignment id, that an event changes; None for one that goes.

    `rows` are the rows of the event's stream before it. The year's own stream has none, and events that concern no
    assignment change nothing.
    """
    roadmap, found, _ = record.stream.rpartition("/m/")
    return _folded(rows, read_fact(record), record, roadmap) if found else {}


def _folded(rows: Rows, fact: Fact, record: EventRecord, roadmap: str) -> Changes:
    name, version = record.type, record.version
    match fact:
        case MeasurePlanned(plan=plan):
            return {row.assignment: row for row in _planned(plan, record, roadmap)}
        case ScheduleSet(checkpoints=checkpoints):
            undated = [row for row in rows.values() if row.stage == UNDATED]
            # A schedule names no bodies: all that answer for the measure answer for each of its points.
            dated = [_dated(row, point, name, version) for point in checkpoints for row in undated]
            return {row.assignment: None for row in undated} | {row.assignment: row for row in dated}
        case ReminderIssued(assignment=None):
            return {
                key: replace(row, last_event=name, version=version) for key, row in rows.items() if row.stage == UNDATED
            }
        case AssignmentReassigned(assignment=key, to=to, successor=successor):
            old = _row(rows, roadmap, key)
            new = replace(
                old,
                assignment=successor,
                body=to,
                stage=PLANNED if old.stage == PLANNED else OPEN,
                missed=False,
                days_late=None,
                escalation_level=0,
                last_event=name,
                version=version,
            )
            return {key: replace(old, stage=WITHDRAWN, last_event=name, version=version), successor: new}
    touched: str | None = getattr(fact, "assignment", None)
    if touched is None:
        return {}
    return {touched: replace(_row(rows, roadmap, touched), last_event=name, version=version, **_changes(fact, record))}


BOARD: Projection[BoardRow] = Projection(
    name="board",
    version=2,
    primary_key=("assignment",),
    row=BoardRow,
    key=lambda row: row.assignment,
    fold=fold,
    passes_over=PASSES_OVER,
    marks=MARKS,
)


def read_board(connection: Connection[Any], roadmap: str) -> tuple[list[BoardRow], int]:
    """Return the rows of a roadmap as a person reads them, and the position of the log that they reflect."""
    rows, position = read_rows(connection, BOARD, roadmap)
    return sorted(rows, key=order), position


def board(records: Iterable[EventRecord]) -> list[BoardRow]:
    """Return all rows that a log makes, in the order in which they were planned; year streams are passed over."""
    return sorted(Folding(BOARD).all(records), key=order)


def order(row: BoardRow) -> tuple[str, list[tuple[int, str]], date, str, str, str]:
    """Return the key that sorts rows as a person reads them: measures by number, then dates, the lead body first."""
    parts = [(int(part), "") if part.isdecimal() else (0, part) for part in row.measure.split(".")]
    return row.roadmap, parts, row.scheduled_on or date.min, row.checkpoint or "", row.role, row.body


def _changes(fact: Fact, record: EventRecord) -> dict[str, Any]:
    changes: dict[str, Any]
    match fact:
        case AssignmentOpened():
            changes = {"stage": OPEN}
        case ExecutionReported(days_late=days):
            changes = {"stage": REPORTED, "days_late": days}
        case ExecutionAccepted():
            changes = {"stage": ACCEPTED}
        case ReturnedForRework():
            changes = {"stage": OPEN, "days_late": None}
        case DeadlineMissed():
            changes = {"missed": True}
        case Escalated(level=level):
            changes = {"escalation_level": level}
        case DeadlineExtended(until=until):
            changes = {"due_on": until, "missed": False, "escalation_level": 0}
        case AssignmentWithdrawn():
            changes = {"stage": WITHDRAWN}
        case LeftOpenAtClose():
            changes = {"stage": LEFT_OPEN, "counted_to": date.fromisoformat(record.occurred_on)}
        case _:
            changes = {}  # reminders, progress and requests leave the assignment where it stands
    return changes


def _planned(plan: MeasurePlan, record: EventRecord, roadmap: str) -> Iterator[BoardRow]:
    at = instant(record.at)
    items = assignments_of(plan, plan.measure.checkpoints, at)
    undated = not items
    if undated:
        # A point without meaning, opened by the domain: who answers is known even where the date is not.
        day = at.date()
        items = assignments_of(plan, (Checkpoint(NO_CHECKPOINT, "", day, day, day, rule=UNDATED),), at)
    for item in items.values():
        yield BoardRow(
            roadmap=roadmap,
            assignment=item.id,
            measure=plan.measure.number,
            checkpoint=None if undated else item.checkpoint,
            body=item.body,
            role=item.role.value,
            stage=UNDATED if undated else PLANNED,
            scheduled_on=None if undated else item.scheduled_on,
            due_on=None if undated else item.due_on,
            missed=False,
            days_late=None,
            counted_to=None,
            escalation_level=0,
            last_event=record.type,
            version=record.version,
        )


def _dated(row: BoardRow, point: Checkpoint, name: str, version: int) -> BoardRow:
    return replace(
        row,
        assignment=assignment_id(row.measure, point.key, row.body),
        checkpoint=point.key,
        stage=PLANNED,
        scheduled_on=point.due_on,
        due_on=point.due_on,
        last_event=name,
        version=version,
    )


def _row(rows: Rows, roadmap: str, assignment: str) -> BoardRow:
    if (row := rows.get(assignment)) is None:
        raise UnknownRow(roadmap, assignment)
    return row
