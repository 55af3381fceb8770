"""The documents of reports: from the projections, or folded from the log up to the end of a day."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.log import Connection, Year
from app.problem import Problem, ProblemKind
from domain.codec import read_fact
from domain.errors import ForeignEvent, UnreadableEvent
from domain.events import ScheduleSet
from domain.roadmap import Checkpoint, Roadmap
from doors.cli.output import Door, Exit, put
from eventlog.read import read_last, read_types
from orders.troubles import why
from projections.as_of import When, as_of
from projections.board import BoardRow, read_board, row_record
from projections.discipline import discipline, discipline_record
from projections.grounds import TYPES, Grounds
from projections.indicators import Reading, indicator_record, judge, read_indicators
from projections.past import read_past
from projections.state import State
from views.tables import Table, render
from views.texts import day as day_said
from views.texts import moment
from whole_files import write_whole

# The forms of a report, each with the endings of its files' names.
FORMS = {
    "text": (".txt",),
    "json": (".json",),
    "csv": (".csv",),
    "xlsx": (".xlsx",),
    "html": (".html", ".htm"),
}


def board_rows(connection: Connection, year: Year, day: date | None) -> tuple[list[BoardRow], int, date]:
    """Return the board's rows, the position they reflect and the day they are true of."""
    if day is None:
        rows, position = read_board(connection, year.roadmap.id)
        return rows, position, today(year)
    past = state_on(connection, year, day)
    return past.board, past.position, day


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


def board_document(connection: Connection, year: Year, day: date | None) -> dict[str, Any]:
    """Return the board: {"roadmap", "position", "as_of", "rows": [B…]}."""
    rows, position, at = board_rows(connection, year, day)
    return _document(year, position, at, [row_record(row, at) for row in rows])


def overdue_document(connection: Connection, year: Year, day: date | None, by: str, **_shown: object) -> dict[str, Any]:
    """Return what of the board is overdue, what has waited longest first; `by` is what a page groups it by."""
    document = board_document(connection, year, day)
    late = [row for row in document["rows"] if row["overdue"]]
    return document | {"by": by, "rows": sorted(late, key=lambda row: -row["days_late"])}


def discipline_document(
    connection: Connection, year: Year, day: date | None, bodies: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the discipline per body, and that of all as the row without a body; with what each figure counts.

    With `bodies` only theirs, and no total.
    """
    if day is None:
        rows, position = read_board(connection, year.roadmap.id)
        grounds, at = _grounds(connection, year, position), today(year)
    else:
        past = state_on(connection, year, day)
        rows, position, grounds, at = past.board, past.position, past.grounds, day
    figures = [row for row in discipline(rows, at) if bodies is None or row.body in bodies]
    document = _document(year, position, at, [discipline_record(row) for row in figures])
    counted = grounds.assignments((row for row in rows if bodies is None or row.body in bodies), at)
    return document | {"assignments": list(counted)}


def indicators_document(connection: Connection, year: Year, day: date | None) -> dict[str, Any]:
    """Return the indicators, each per body and as the aggregate; with the event behind each value."""
    readings: Sequence[Reading]
    if day is None:
        readings, position = read_indicators(connection, year.roadmap.id)
        grounds, at = _grounds(connection, year, position), today(year)
    else:
        past = state_on(connection, year, day)
        readings, position, grounds, at = past.readings, past.position, past.grounds, day
    document = _document(year, position, at, [indicator_record(row) for row in judge(readings)])
    return document | {"values": list(grounds.values(readings))}


def _grounds(connection: Connection, year: Year, position: int) -> Grounds:
    return Grounds(read_types(connection, year.roadmap.id, TYPES, position))


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
    """Let pass a day or an instant that has come in a year; Problem (USAGE) for one to come: nothing is known of it."""
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


@dataclass(frozen=True)
class Wanted:
    """How a report is asked for: its form, and the file that it goes into, none for the screen."""

    form: str
    out: Path | None


def wanted(at: Door, form: str | None, out: Path | None) -> Wanted:
    """Return the form that --format or the name of the file asks for; else that of the answer, JSON or text.

    Problem (USAGE) where two of them differ, a file's name tells no form, or a workbook has no file.
    """
    suffix = out.suffix.lower() if out is not None else ""
    of_suffix = next((name for name, endings in FORMS.items() if suffix in endings), None)
    if out is not None and of_suffix is None and (suffix or form is None):
        endings = ", ".join(ending for every in FORMS.values() for ending in every)
        raise Problem(
            ProblemKind.INVALID,
            "unknown-form",
            f"По имени файла не понять, каким ему быть: закончите его одним из {endings}.",
            f"The file's name does not tell its form: let it end with one of {endings}.",
            (str(out), None, None),
        )
    if form is not None and of_suffix not in (None, form):
        raise Problem(
            ProblemKind.INVALID,
            "two-forms",
            f"Вид отчёта назван по-разному (--format {form}, файл — {of_suffix}): оставьте один.",
            f"The report is asked for in different forms (--format {form}, the file is {of_suffix}): leave one.",
            (str(out), None, None),
        )
    chosen = form or of_suffix or ("json" if at.json else "text")
    if out is None and chosen == "xlsx":
        raise Problem(
            ProblemKind.INVALID,
            "needs-out",
            "Для xlsx укажите файл: --out отчёт.xlsx.",
            "For xlsx give a file: --out report.xlsx.",
        )
    return Wanted(chosen, out)


def give(at: Door, document: dict[str, Any], table: Table, asked: Wanted) -> Exit:
    """Show a report: in the asked form, on the screen or in a file."""
    form, out = asked.form, asked.out
    if form == "json":
        content: str | bytes = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    else:
        content = render(table, form, colour=out is None and sys.stdout.isatty())
    if out is None:
        put(str(content))
        return Exit.DONE
    try:
        write_whole(out, content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        ru, en = why(error)
        raise Problem(
            ProblemKind.INVALID,
            "cannot-write",
            f"Файл не записан: {ru}.",
            f"The file was not written: {en}.",
            (str(out), None, None),
        ) from error
    at.note(f"Записано: {out}", f"Written: {out}")
    return Exit.DONE


def _document(year: Year, position: int, day: date, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"roadmap": year.roadmap.id, "position": position, "as_of": day.isoformat(), "rows": rows}
