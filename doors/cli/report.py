"""The reader's door: board, discipline, indicators, what is overdue; as they are, or as they were on a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from app import reports
from app.log import Connection, Year, find_year, open_log
from domain.roadmap import Roadmap
from doors.cli.codes import roadmap_option
from doors.cli.history import bodies_of
from doors.cli.output import Door, Exit, Group, door, told
from doors.cli.reports import FORMS, give, wanted
from doors.cli.when import DAY
from views import documents, tables
from views.report_table import ReportTable
from views.tables import BODY, SECTION
from views.texts import day as day_said
from views.texts import text

Option = Callable[..., Any]


@click.group(cls=Group, help=told("Отчёты: доска, дисциплина, показатели.", "Reports: board, discipline, indicators."))
def report() -> None:
    """Hold the commands together."""


@dataclass(frozen=True)
class Shown:
    """A report as it was asked for: in which words people read it, and as which document scripts do."""

    table: Callable[[Roadmap, str], ReportTable]
    document: Callable[[], dict[str, Any]]


def _report(name: str, help_text: str, make: Callable[..., Shown], *options: Option) -> None:
    """Add one report to the door; `make` gets the log, the year, the day and the report's own options."""

    @roadmap_option
    @click.option("--as-of", type=DAY, help=told("каким это было к концу дня", "as it was at the end of the day"))
    @click.option("--format", "form", type=click.Choice([*FORMS]), help=told("вид", "form"))
    @click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        help=told("файл; вид — по его имени: .xlsx, .html…", "file; its name tells the form: .xlsx, .html…"),
    )
    @door
    def command(
        at: Door, roadmap: str | None, as_of: date | None, form: str | None, out: Path | None, **own: Any
    ) -> Exit:
        asked = wanted(at, form, out)
        with open_log() as connection:
            year = find_year(connection, roadmap)
            reports.check_come(year, as_of, "--as-of")
            shown = make(connection, year, as_of, **own)
            roadmap_now = reports.dated(connection, year)

        def table() -> ReportTable:
            made = shown.table(roadmap_now, at.lang)
            began = year.roadmap.policy.local_date(year.started_at)
            if as_of is None or as_of >= began:
                return made
            return replace(made, empty=text("before-control", at.lang, day=day_said(as_of), began=day_said(began)))

        return give(at, asked, shown.document, table)

    for option in reversed(options):
        command = option(command)
    report.command(name, help=help_text)(command)


def _board(connection: Connection, year: Year, day: date | None) -> Shown:
    found = reports.board(connection, year, day)
    return Shown(partial(tables.board_table, found), partial(documents.board_document, found))


def _overdue(connection: Connection, year: Year, day: date | None, by: str, *, whole: bool) -> Shown:
    found = reports.overdue(connection, year, day)
    return Shown(
        partial(tables.overdue_table, found, by=by, whole=whole), partial(documents.overdue_document, found, by)
    )


def _discipline(connection: Connection, year: Year, day: date | None, body: str | None) -> Shown:
    bodies = None if body is None else bodies_of(year, body)
    found = reports.discipline(connection, year, day, bodies)
    table = tables.discipline_table if bodies is None else tables.counted_table
    return Shown(partial(table, found), partial(documents.discipline_document, found))


def _indicators(connection: Connection, year: Year, day: date | None) -> Shown:
    found = reports.indicators(connection, year, day)
    return Shown(partial(tables.indicators_table, found), partial(documents.indicators_document, found))


_report("board", told("Где стоит каждое поручение.", "Where each assignment stands."), _board)
_report(
    "overdue",
    told(
        "Что просрочено: одна страница, по исполнителям или разделам.", "What is overdue: a page, by body or section."
    ),
    _overdue,
    click.option(
        "--by",
        type=click.Choice([BODY, SECTION]),
        default=BODY,
        help=told("по исполнителям или по разделам плана", "by bodies, or by sections of the plan"),
    ),
    click.option(
        "--all",
        "whole",
        is_flag=True,
        help=told("весь список, сколько бы листов он ни занял", "the whole list, on as many pages as it takes"),
    ),
)
_report(
    "discipline",
    told("Исполнительская дисциплина по организациям.", "On time, late, overdue: by body."),
    _discipline,
    click.option(
        "--body",
        metavar=told("КОД", "CODE"),
        help=told(
            "из каких поручений сложены цифры этой организации", "the assignments that this body's figures count"
        ),
    ),
)
_report(
    "indicators",
    told("Целевые показатели.", "Target indicators."),
    _indicators,
)
