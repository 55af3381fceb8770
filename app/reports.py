"""The reports of a year: as they are, from the projections, or folded from the log up to the end of a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.log import Connection, Year
from app.problem import Problem, ProblemKind
from domain.codec import read_fact
from domain.errors import ForeignEvent, UnreadableEvent
from domain.events import ScheduleSet
from domain.roadmap import Checkpoint, Roadmap
from eventlog.read import read_last, read_types
from projections.as_of import When, as_of
from projections.board import BoardRow, read_board
from projections.grounds import TYPES, Grounds
from projections.indicators import read_indicators
from projections.past import read_past
from projections.reports import (
    DisciplineReport,
    IndicatorsReport,
    Report,
    discipline_report,
    indicators_report,
)
from projections.reports import overdue as overdue_of
from projections.state import State
from views.texts import day as day_said
from views.texts import moment


def board(connection: Connection, year: Year, day: date | None = None) -> Report[BoardRow]:
    """Return the board as it is, or as it was at the end of a day."""
    if day is None:
        rows, position = read_board(connection, year.roadmap.id)
        return Report(year.roadmap.id, position, today(year), tuple(rows))
    return _board(state_on(connection, year, day), year, day)


def overdue(connection: Connection, year: Year, day: date | None = None) -> Report[BoardRow]:
    """Return what of the board is overdue, what has waited longest first."""
    return overdue_of(board(connection, year, day))


def discipline(
    connection: Connection, year: Year, day: date | None = None, bodies: Collection[str] | None = None
) -> DisciplineReport:
    """Return the discipline per body, the total last, with what each figure counts; with `bodies` theirs, and no total."""
    if day is None:
        now = board(connection, year)
        return discipline_report(now, _grounds(connection, now), bodies)
    past = state_on(connection, year, day)
    return discipline_report(_board(past, year, day), past.grounds, bodies)


def indicators(connection: Connection, year: Year, day: date | None = None) -> IndicatorsReport:
    """Return the indicators, each per body and as the aggregate; with the event behind each value."""
    if day is None:
        readings, position = read_indicators(connection, year.roadmap.id)
        now = Report(year.roadmap.id, position, today(year), tuple(readings))
        return indicators_report(now, _grounds(connection, now))
    past = state_on(connection, year, day)
    return indicators_report(Report(year.roadmap.id, past.position, day, tuple(past.readings)), past.grounds)


def dated(connection: Connection, year: Year) -> Roadmap:
    """Return the definition with the checkpoints that schedules have set: their labels are for people to read."""
    set_: dict[str, tuple[Checkpoint, ...]] = {}
    for record in read_last(connection, year.roadmap.id, (ScheduleSet.__name__,)):
        try:
            fact = read_fact(record)
        except (ForeignEvent, UnreadableEvent):
            continue  # audit.py verify tells of it; the keys stand for themselves
        if isinstance(fact, ScheduleSet):
            set_[record.stream.rpartition("/m/")[2]] = fact.checkpoints
    measures = [replace(one, checkpoints=set_.get(one.number, one.checkpoints)) for one in year.roadmap.measures]
    return replace(year.roadmap, measures=tuple(measures))


def state_on(connection: Connection, year: Year, day: date) -> State:
    """Return what a year had come to at the end of a day, as it was known then: nobody's later words change it."""
    state = State()
    zone = year.roadmap.policy.zone
    with read_past(connection, year.roadmap.id, day, day, zone) as records:
        for record in as_of(records, day, zone, day):
            state.take(record)
    return state


def today(year: Year) -> date:
    """Return the day it is in a year; a closed one stays at the day of its close."""
    return year.roadmap.policy.local_date(year.closed_at or year.now())


def check_come(year: Year, when: When | None, option: str) -> None:
    """Let pass a day or an instant that has come in a year; Problem (INVALID) for one to come: nothing is known of it."""
    now = max(year.now(), year.closed_at or year.now())
    zone = year.roadmap.policy.zone
    if when is None:
        return
    if not (when <= now if isinstance(when, datetime) else when <= year.roadmap.policy.local_date(now)):
        said = moment(when, zone) if isinstance(when, datetime) else day_said(when)
        raise Problem(
            ProblemKind.INVALID,
            "not-come",
            f"{option}: {said} ещё впереди, сейчас {moment(now, zone)}. Отчёт бывает о том, что уже было; что намечено"
            " дальше, показывает starter.py plan.",
            f"{option}: {said} is still to come, it is {moment(now, zone)}. A report tells what has been; what is planned"
            " is shown by starter.py plan.",
        )


def _board(past: State, year: Year, day: date) -> Report[BoardRow]:
    return Report(year.roadmap.id, past.position, day, tuple(past.board))


def _grounds(connection: Connection, now: Report[Any]) -> Grounds:
    assert now.position is not None, "only a year that is rehearsed has none"  # noqa: S101
    return Grounds(read_types(connection, now.roadmap, TYPES, now.position))
