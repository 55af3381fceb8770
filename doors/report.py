"""The reader's door: board, discipline, indicators; as they are, or as they were on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from domain.roadmap import Roadmap
from doors.output import Door, Exit, Group, door, told
from doors.reports import FORMS, board_document, discipline_document, give, indicators_document
from doors.services import Connection, Year, find_year, open_log, roadmap_option
from views.tables import Table, board_table, discipline_table, indicators_table


@click.group(cls=Group, help=told("Отчёты: доска, дисциплина, показатели.", "Reports: board, discipline, indicators."))
def report() -> None:
    """Hold the commands together."""


def _report(
    name: str,
    help_text: str,
    make: Callable[[Connection, Year, Any], dict[str, Any]],
    show: Callable[[dict[str, Any], Roadmap | None, str], Table],
) -> None:
    """Add one report to the door: all have the same options."""

    @report.command(name, help=help_text)
    @roadmap_option
    @click.option(
        "--as-of",
        type=click.DateTime(["%Y-%m-%d"]),
        help=told("каким это было к концу дня", "as it was at the end of the day"),
    )
    @click.option("--format", "form", type=click.Choice(FORMS), help=told("вид", "form"))
    @click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help=told("файл", "file"))
    @door
    def command(at: Door, roadmap: str | None, as_of: datetime | None, form: str | None, out: Path | None) -> Exit:
        with open_log() as connection:
            year = find_year(connection, roadmap)
            document = make(connection, year, as_of.date() if as_of else None)
        return give(at, document, show(document, year.roadmap, at.lang), form, out)


_report("board", told("Где стоит каждое поручение.", "Where each assignment stands."), board_document, board_table)
_report(
    "discipline",
    told("Исполнительская дисциплина по организациям.", "On time, late, overdue: by body."),
    discipline_document,
    discipline_table,
)
_report(
    "indicators",
    told("Целевые показатели.", "Target indicators."),
    indicators_document,
    indicators_table,
)
