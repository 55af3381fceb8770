"""The reports as typed rows: what each tells, and of what day; how they look is the views' matter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from domain.records import EventRecord
from projections.as_of import When
from projections.board import BoardRow
from projections.discipline import DisciplineRow, discipline
from projections.grounds import CountedAssignment, Grounds, MeasuredValue
from projections.indicators import IndicatorRow, Reading, judge
from projections.looking_back import Past
from projections.state import State

R = TypeVar("R")


@dataclass(frozen=True)
class Report(Generic[R]):
    """Rows of a year as they stood at the end of a day.

    `position` is that of the log which they reflect, null for a year that is only rehearsed. What a board's row says of
    lateness depends on the day: `row.days_late_on(report.as_of)`.
    """

    roadmap: str
    position: int | None
    as_of: date
    rows: tuple[R, ...]


@dataclass(frozen=True)
class DisciplineReport(Report[DisciplineRow]):
    """The discipline per body, the total last unless only some bodies were asked for; with what each figure counts."""

    counted: tuple[CountedAssignment, ...]


@dataclass(frozen=True)
class IndicatorsReport(Report[IndicatorRow]):
    """The indicators, each as the aggregate and per body; with the event behind each value."""

    values: tuple[MeasuredValue, ...]


@dataclass(frozen=True)
class WaitingRow:
    """An assignment that waits for somebody at the end of a day: for a decision, else for the work itself.

    `expected_result` is what the measure promises. `asked_until` and `asked_because` are of a request for more time that
    nobody has answered yet.
    """

    row: BoardRow
    as_of: date
    decides: bool
    expected_result: str
    asked_until: date | None
    asked_because: str | None


@dataclass(frozen=True)
class Todo:
    """What waits for somebody, by date, in the years that know them: the ids of those, each with its day.

    `position` is the one that the last of these years reflects, 0 where there is none.
    """

    years: tuple[tuple[str, date], ...]
    position: int
    rows: tuple[WaitingRow, ...]


def overdue(board: Report[BoardRow]) -> Report[BoardRow]:
    """Return what of a board is overdue, what has waited longest first."""
    late = [row for row in board.rows if row.overdue]
    late.sort(key=lambda row: -row.days_late_on(board.as_of))
    return Report(board.roadmap, board.position, board.as_of, tuple(late))


def discipline_report(
    board: Report[BoardRow], grounds: Grounds, bodies: Collection[str] | None = None
) -> DisciplineReport:
    """Return the discipline that a board comes to; with `bodies` only theirs, and no total."""
    day = board.as_of
    figures = [row for row in discipline(board.rows, day) if bodies is None or row.body in bodies]
    counted = grounds.assignments((row for row in board.rows if bodies is None or row.body in bodies), day)
    return DisciplineReport(board.roadmap, board.position, day, tuple(figures), tuple(counted))


def indicators_report(readings: Report[Reading], grounds: Grounds) -> IndicatorsReport:
    """Return the indicators that readings come to."""
    rows, values = tuple(judge(readings.rows)), tuple(grounds.values(readings.rows))
    return IndicatorsReport(readings.roadmap, readings.position, readings.as_of, rows, values)


@dataclass(frozen=True)
class StateOfDay:
    """The three reports of one day, by one knowledge."""

    board: Report[BoardRow]
    discipline: Report[DisciplineRow]
    indicators: IndicatorsReport


@dataclass(frozen=True)
class StateReport:
    """What was true on a day or at an instant, and what was learnt since; instants are in the office's time zone.

    `known_at` and `now`, the same by today's knowledge, are null where nothing but today's knowledge was asked for.
    `later` are the first of the events that were learnt after `known_at`, `later_count` tells how many there are.
    """

    as_of: When
    known_at: When | None
    then: StateOfDay
    now: StateOfDay | None
    later_count: int
    later: Sequence[EventRecord]


def state_report(past: Past, roadmap: str, on: When, known_at: When | None, zone: ZoneInfo) -> StateReport:
    """Return what `look_back` found as reports of the office's day."""

    def there(when: When) -> When:
        return when.astimezone(zone) if isinstance(when, datetime) else when

    local = there(on)
    day = local.date() if isinstance(local, datetime) else local
    then = _state_of_day(past.then, roadmap, day)
    now = None if past.now is None else _state_of_day(past.now, roadmap, day)
    return StateReport(local, known_at and there(known_at), then, now, past.later_count, past.later)


def _state_of_day(state: State, roadmap: str, day: date) -> StateOfDay:
    board = Report(roadmap, state.position, day, tuple(state.board))
    readings = Report(roadmap, state.position, day, tuple(state.readings))
    figures = Report(roadmap, state.position, day, tuple(discipline(board.rows, day)))
    return StateOfDay(board, figures, indicators_report(readings, state.grounds))
