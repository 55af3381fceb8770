"""The reports as JSON documents, the shapes of interfaces.md: dates and instants in ISO 8601, numbers as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from domain.records import EventRecord
from projections.board import BoardRow
from projections.discipline import DisciplineRow
from projections.indicators import IndicatorRow, number
from projections.moments import Moment
from projections.reports import (
    DisciplineReport,
    IndicatorsReport,
    Report,
    StateOfDay,
    StateReport,
    Todo,
    WaitingRow,
)
from views.events import event_document

Row = BoardRow | DisciplineRow | IndicatorRow


@dataclass(frozen=True)
class RowChange:
    """A row of one of the tables board, discipline, indicators, before and after; null where it was not, or is no more."""

    table: str
    then: Row | None
    now: Row | None


def board_document(report: Report[BoardRow]) -> dict[str, Any]:
    """Return the board: {"roadmap", "position", "as_of", "rows": [B…]}."""
    return _report(report, [row_record(row, report.as_of) for row in report.rows])


def overdue_document(report: Report[BoardRow], by: str) -> dict[str, Any]:
    """Return what is overdue; `by` is what a page groups it by."""
    return board_document(report) | {"by": by}


def discipline_document(report: DisciplineReport) -> dict[str, Any]:
    """Return the discipline, and the assignments that its figures count."""
    counted = [
        {
            "assignment": one.assignment,
            "body": one.body,
            "counted_as": one.counted_as,
            "due_on": _iso(one.due_on),
            "days_late": one.days_late,
            "event": None if one.event is None else place(one.event),
        }
        for one in report.counted
    ]
    return _report(report, [discipline_record(row) for row in report.rows]) | {"assignments": counted}


def indicators_document(report: IndicatorsReport) -> dict[str, Any]:
    """Return the indicators, and the events behind their values."""
    values = [{"number": one.indicator, "body": one.body, "event": place(one.event)} for one in report.values]
    return _report(report, [indicator_record(row) for row in report.rows]) | {"values": values}


def todo_document(todo: Todo) -> dict[str, Any]:
    """Return what waits; `roadmap` and `as_of` are null where it is of several years, or of none."""
    years = [{"roadmap": roadmap, "as_of": day.isoformat()} for roadmap, day in todo.years]
    only = years[0] if len(years) == 1 else {"roadmap": None, "as_of": None}
    return {**only, "position": todo.position, "years": years, "rows": [_waiting(one) for one in todo.rows]}


def state_document(report: StateReport, zone: ZoneInfo) -> dict[str, Any]:
    """Return a state: its tables, what was learnt later, and each row that this changes, null where there is none."""
    board = report.then.board
    day = board.as_of
    changed = [
        {"table": one.table, "then": one.then and record(one.then, day), "now": one.now and record(one.now, day)}
        for one in changes(report)
    ]
    return {
        "roadmap": board.roadmap,
        "position": board.position,
        "as_of": report.as_of.isoformat(),
        "known_at": None if report.known_at is None else report.known_at.isoformat(),
        **{table: [record(row, day) for row in rows] for table, rows in _tables(report.then).items()},
        "later_count": report.later_count,
        "later": [event_document(event, zone) for event in report.later],
        "changed": changed,
    }


def changes(report: StateReport) -> Iterator[RowChange]:
    """Yield the rows that later knowledge shows otherwise, table by table."""
    if report.now is None:
        return
    day = report.then.board.as_of
    now = _tables(report.now)
    for table, rows in _tables(report.then).items():
        before = {_key(row): row for row in rows}
        after = {_key(row): row for row in now[table]}
        for key in dict.fromkeys((*after, *before)):
            one, other = before.get(key), after.get(key)
            if one is None or other is None or record(one, day) != record(other, day):
                yield RowChange(table, one, other)


def record(row: Row, day: date) -> dict[str, Any]:
    """Return a row of any report as it is seen at the end of a day."""
    match row:
        case BoardRow():
            return row_record(row, day)
        case DisciplineRow():
            return discipline_record(row)
        case IndicatorRow():
            return indicator_record(row)


def row_record(row: BoardRow, day: date) -> dict[str, Any]:
    """Return the row B of interfaces.md as it is seen at the end of a day."""
    return {
        "assignment": row.assignment,
        "measure": row.measure,
        "checkpoint": row.checkpoint,
        "body": row.body,
        "role": row.role,
        "stage": row.stage,
        "scheduled_on": _iso(row.scheduled_on),
        "due_on": _iso(row.due_on),
        "overdue": row.overdue,
        "days_late": row.days_late_on(day),
        "escalation_level": row.escalation_level,
        "last_event": row.last_event,
    }


def discipline_record(row: DisciplineRow) -> dict[str, Any]:
    """Return the discipline row of interfaces.md."""
    return {
        "body": row.body,
        "due": row.due,
        "on_time": row.on_time,
        "late": row.late,
        "open_overdue": row.open_overdue,
        "withdrawn": row.withdrawn,
        "share": row.share,
    }


def indicator_record(row: IndicatorRow) -> dict[str, Any]:
    """Return the indicator row of interfaces.md."""
    return {
        "number": row.number,
        "body": row.body,
        "numerator": number(row.numerator),
        "denominator": number(row.denominator),
        "value": number(row.value),
        "target": number(row.target),
        "comparator": row.comparator,
        "baseline": number(row.baseline),
        "reached": row.reached,
        "so_far": row.so_far,
        "answered": row.answered,
        "expected": row.expected,
    }


def moments_document(moments: Iterable[Moment]) -> dict[str, Any]:
    """Return {"moments": [{"at", "kind", "assignment", "to"}…]}, an escalation with its "level"."""
    return {
        "moments": [
            {"at": one.at.isoformat(), "kind": one.kind, "assignment": one.assignment, "to": one.to}
            | ({} if one.level is None else {"level": one.level})
            for one in moments
        ]
    }


def place(record: EventRecord) -> dict[str, Any]:
    """Return where an event stands: its stream and version, and its position, null until it is sealed."""
    return {"stream": record.stream, "version": record.version, "position": record.position}


def _tables(state: StateOfDay) -> dict[str, Sequence[Row]]:
    return {"board": state.board.rows, "discipline": state.discipline.rows, "indicators": state.indicators.rows}


def _key(row: Row) -> tuple[str | None, ...]:
    """Return what a row is told apart by within its table."""
    match row:
        case BoardRow():
            return (row.assignment,)
        case DisciplineRow():
            return (row.body,)
        case IndicatorRow():
            return row.number, row.body


def _waiting(one: WaitingRow) -> dict[str, Any]:
    return {
        "roadmap": one.row.roadmap,
        **row_record(one.row, one.as_of),
        "expected_result": one.expected_result,
        "asked_until": _iso(one.asked_until),
        "asked_because": one.asked_because,
    }


def _report(report: Report[Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "roadmap": report.roadmap,
        "position": report.position,
        "as_of": report.as_of.isoformat(),
        "rows": rows,
    }


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
