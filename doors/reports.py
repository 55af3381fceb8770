"""The documents of reports: from the projections, or folded from the log up to the end of a day."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from doors.output import Door, DoorError, Exit, put
from doors.services import Connection, Year
from orders.troubles import why
from projections.as_of import as_of
from projections.board import BoardRow, read_board, row_record
from projections.discipline import discipline, discipline_record
from projections.indicators import Reading, indicator_record, judge, read_indicators
from projections.past import read_past
from projections.state import State
from views.tables import Table, render

FORMS = ("text", "json", "csv", "xlsx", "html")


def board_rows(connection: Connection, year: Year, day: date | None) -> tuple[list[BoardRow], int, date]:
    """Return the board's rows, the position they reflect and the day they are true of."""
    if day is None:
        rows, position = read_board(connection, year.roadmap.id)
        return rows, position, today(year)
    past = state_on(connection, year, day)
    return past.board, past.position, day


def board_document(connection: Connection, year: Year, day: date | None) -> dict[str, Any]:
    """Return the board: {"roadmap", "position", "as_of", "rows": [B…]}."""
    rows, position, at = board_rows(connection, year, day)
    return _document(year, position, at, [row_record(row, at) for row in rows])


def discipline_document(connection: Connection, year: Year, day: date | None) -> dict[str, Any]:
    """Return the discipline per body, and that of all as the row without a body."""
    rows, position, at = board_rows(connection, year, day)
    return _document(year, position, at, [discipline_record(row) for row in discipline(rows, at)])


def indicators_document(connection: Connection, year: Year, day: date | None) -> dict[str, Any]:
    """Return the indicators, each per body and as the aggregate."""
    readings: Sequence[Reading]
    if day is None:
        readings, position = read_indicators(connection, year.roadmap.id)
        at = today(year)
    else:
        past = state_on(connection, year, day)
        readings, position, at = past.readings, past.position, day
    return _document(year, position, at, [indicator_record(row) for row in judge(readings)])


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


def give(at: Door, document: dict[str, Any], table: Table, form: str | None, out: Path | None) -> Exit:
    """Show a report: in the asked form, on the screen or in a file."""
    form = form or ("json" if at.json else "text")
    if out is None and form == "xlsx":
        raise DoorError(
            Exit.USAGE,
            "needs-out",
            "Для xlsx укажите файл: --out отчёт.xlsx.",
            "For xlsx give a file: --out report.xlsx.",
        )
    if form == "json":
        content: str | bytes = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    else:
        content = render(table, form, colour=out is None and sys.stdout.isatty())
    if out is None:
        put(str(content))
        return Exit.DONE
    try:
        out.write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        ru, en = why(error)
        raise DoorError(
            Exit.USAGE,
            "cannot-write",
            f"Файл не записан: {ru}.",
            f"The file was not written: {en}.",
            (str(out), None, None),
        ) from error
    at.note(f"Записано: {out}", f"Written: {out}")
    return Exit.DONE


def _document(year: Year, position: int, day: date, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"roadmap": year.roadmap.id, "position": position, "as_of": day.isoformat(), "rows": rows}
