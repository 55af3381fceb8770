"""The reader's door: board, discipline, indicators, what is overdue; as they are, or as they were on a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.log import Connection, Year, find_year, open_log
from domain.roadmap import Roadmap
from doors.cli.codes import roadmap_option
from doors.cli.history import bodies_of
from doors.cli.output import Door, Exit, Group, door, told
from doors.cli.reports import (
    FORMS,
    board_document,
    check_come,
    dated,
    discipline_document,
    give,
    indicators_document,
    overdue_document,
    wanted,
)
from doors.cli.when import DAY
from views.tables import (
    BODY,
    SECTION,
    Table,
    board_table,
    counted_table,
    discipline_table,
    indicators_table,
    overdue_table,
)
from views.texts import day as day_said
from views.texts import text

Document = dict[str, Any]
Option = Callable[..., Any]


@click.group(cls=Group, help=told("Отчёты: доска, дисциплина, показатели.", "Reports: board, discipline, indicators."))
def report() -> None:
    """Hold the commands together."""


def _report(
    name: str,
    help_text: str,
    make: Callable[..., Document],
    show: Callable[..., Table],
    *options: Option,
) -> None:
    """Add one report to the door; `make` gets the log, the year and the day, both get the report's own options."""

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
            check_come(year, as_of, "--as-of")
            document = make(connection, year, as_of, **own)
            roadmap_now = dated(connection, year)
        table = show(document, roadmap_now, at.lang, **own)
        began = year.roadmap.policy.local_date(year.started_at)
        if as_of is not None and as_of < began:
            said = text("before-control", at.lang, day=day_said(as_of), began=day_said(began))
            table = replace(table, empty=said)
        return give(at, document, table, asked)

    for option in reversed(options):
        command = option(command)
    report.command(name, help=help_text)(command)


def _discipline(connection: Connection, year: Year, day: date | None, body: str | None) -> Document:
    return discipline_document(connection, year, day, None if body is None else bodies_of(year, body))


def _discipline_table(document: Document, roadmap: Roadmap, lang: str, body: str | None) -> Table:
    return (discipline_table if body is None else counted_table)(document, roadmap, lang)


_report("board", told("Где стоит каждое поручение.", "Where each assignment stands."), board_document, board_table)
_report(
    "overdue",
    told(
        "Что просрочено: одна страница, по исполнителям или разделам.", "What is overdue: a page, by body or section."
    ),
    overdue_document,
    overdue_table,
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
    _discipline_table,
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
    indicators_document,
    indicators_table,
)
