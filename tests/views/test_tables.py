"""Tables that can be read, and that no cell can turn into something else."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from domain.commands import MeasureIndicator, ReportExecution
from domain.roadmap import Body
from projections.board import board, row_record
from projections.discipline import discipline, discipline_record
from projections.indicators import indicator_record, indicators, judge
from tests.views.example_year import CERTIFICATION, MONITORING, ROADMAP, WORKSHOPS, Life, YearLife, plan, sealed
from views.tables import (
    Column,
    Line,
    Table,
    board_table,
    discipline_table,
    indicators_table,
    render,
    status_table,
    to_csv,
    to_html,
    to_text,
    to_xlsx,
    todo_table,
)

DAY = date(2021, 12, 3)


def document(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a report's document."""
    return {"roadmap": ROADMAP.id, "position": 42, "as_of": DAY.isoformat(), "rows": rows}


def board_document() -> dict[str, Any]:
    """Return the board of three measures on 3 December 2021."""
    workshops = Life(plan(WORKSHOPS)).until("2021-12-03T12:00")
    monitoring = (
        Life(plan(MONITORING)).hear("2021-09-20T10:00", "school-1", ReportExecution()).until("2021-12-03T12:00")
    )
    rows = board(sealed(workshops, monitoring, Life(plan(CERTIFICATION))))
    return document([row_record(row, DAY) for row in rows])


def indicators_document() -> dict[str, Any]:
    """Return the indicators with one answer of three."""
    year = YearLife().hear(
        "2022-06-01T10:00", "school-1", MeasureIndicator(indicator="2", numerator=Decimal(17), denominator=Decimal(21))
    )
    return document([indicator_record(row) for row in judge(indicators(year.records))])


def test_the_board_says_overdue_undated_and_its_measures_in_words() -> None:
    """Nothing is told by colour alone."""
    shown = to_text(board_table(board_document(), ROADMAP))
    assert "по состоянию на 03.12.2021, последняя учтённая запись журнала — 42" in shown
    assert "Поручений: 7, просрочено: 4, без срока: 1" in shown
    assert "2.7. Педагогические мастерские" in shown
    assert "без срока" in shown
    assert "просрочено" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Readable at 100 columns, and still whole at 80."""
    for table in (board_table(board_document(), ROADMAP), indicators_table(indicators_document(), ROADMAP)):
        assert max(len(line) for line in to_text(table, width=width).splitlines()) <= width


def test_colours_are_for_a_terminal_only() -> None:
    """The same words with and without."""
    table = board_table(board_document(), ROADMAP)
    assert "\x1b[31m" in to_text(table, colour=True)


def test_english_headers_and_words() -> None:
    """English beside Russian; names stay as they are."""
    shown = to_text(board_table(board_document(), ROADMAP, "en"))
    assert "Assignments: 7, overdue: 4, without a date: 1" in shown
    assert "МБОУ СОШ № 6" in shown


def test_without_a_definition_codes_stand_for_themselves() -> None:
    """A report can be read before the definition is at hand."""
    shown = to_text(board_table(board_document(), None))
    assert "school-6" in shown


def test_discipline_has_a_total_and_no_share_of_nothing() -> None:
    """A dash where nothing was due."""
    life = Life(plan(WORKSHOPS)).until("2021-12-03T12:00")
    rows = [discipline_record(row) for row in discipline(board(sealed(life)), DAY)]
    lines = to_text(discipline_table(document(rows), ROADMAP)).splitlines()
    assert lines[-1].split() == ["Всего", "1", "0", "0", "1", "0", "0"]
    assert lines[-3].split()[-1] == "—"


def test_indicators_tell_missing_from_zero() -> None:
    """Who has not answered is named so; the unit and the target stand beside the value."""
    shown = to_text(indicators_table(indicators_document(), ROADMAP))
    assert "нет данных" in shown
    assert "80,95" in shown
    assert "≥ 90" in shown
    assert "1 из 3" in shown


def test_an_empty_report_says_so() -> None:
    """An empty screen is no answer."""
    assert "Ничего нет." in to_text(todo_table({"position": 0, "years": [], "rows": []}, {}))


def test_the_status_of_a_year() -> None:
    """Each measure, its stage and its next step."""
    status = {
        "roadmap": ROADMAP.id,
        "state": "open",
        "measures": [
            {"number": "2.7", "stage": "open", "next_wake": "2021-12-07T09:00:00+03:00"},
            {"number": "3.6", "stage": "undated", "next_wake": None},
        ],
        "unsealed_seconds": None,
        "projection_lag": 0,
    }
    shown = to_text(status_table(status, ROADMAP))
    assert "07.12.2021 09:00" in shown
    assert "без срока" in shown
    assert "Журнал и отчёты не отстают" in shown
    behind = to_text(status_table(status | {"unsealed_seconds": 40.0, "projection_lag": 7}, ROADMAP))
    assert "Последние записи ждут номера уже 40 с" in behind
    assert "В отчётах ещё не учтено записей: 7" in behind
    assert "не отстают" not in behind


# ------------------------------------------------------------------------------------------- hostile cells

HOSTILE = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]


def hostile(cell: str) -> Table:
    """Return a table of one cell."""
    return Table("Отчёт", (), (Column("Ячейка"),), (Line((cell,)),))


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_text_becomes_a_formula_in_csv(cell: str) -> None:
    """An apostrophe leads what a spreadsheet would calculate; a control character is written out."""
    shown = to_csv(hostile(cell)).removeprefix("\ufeff")
    (_, (value,)) = csv.reader(io.StringIO(shown), delimiter=";")
    assert value.startswith(("'", "<U+00"))


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_text_becomes_a_formula_in_xlsx(cell: str) -> None:
    """A text is stored as a text."""
    sheet = load_workbook(io.BytesIO(to_xlsx(hostile(cell)))).active
    assert sheet is not None
    types = {value.data_type for row in sheet.iter_rows() for value in row if value.value is not None}
    assert types == {"s"}


def test_a_negative_number_stays_a_number() -> None:
    """Only texts are guarded."""
    table = Table("", (), (Column("n", numeric=True),), (Line((-1.5,)),))
    assert to_csv(table) == "\ufeffn\r\n-1,5\r\n"


def test_no_text_becomes_markup_or_steers_the_terminal() -> None:
    """Tags, rich markup, escape sequences and reversed text are shown, not obeyed."""
    registry = replace(ROADMAP.registry, bodies=(Body("school-6", "<b>[red]Школа[/red]\x1b[2J\u202e</b>"),))
    roadmap = replace(ROADMAP, registry=registry)
    table = board_table(board_document(), roadmap)
    shown = to_text(table, width=200)
    assert "<b>[red]Школа[/red]<U+001B>[2J<U+202E></b>" in shown
    page = to_html(table)
    assert "&lt;b&gt;[red]Школа" in page
    assert "<b>" not in page
    assert "\x1b" not in page + shown + to_csv(table)
    to_xlsx(table)  # a character that a workbook cannot hold would be an error here


# ------------------------------------------------------------------------------------------- files


def test_a_workbook_has_dates_as_dates_and_the_measure_in_every_line() -> None:
    """It can be sorted and filtered."""
    sheet = load_workbook(io.BytesIO(to_xlsx(board_table(board_document(), ROADMAP)))).active
    assert sheet is not None
    values = list(sheet.iter_rows(values_only=True))
    header = next(row for row in values if row[0] == "Мероприятие")
    line = values[values.index(header) + 1]
    assert line[header.index("Мероприятие")] == "1.1. Проведение мониторинга потребности в повышении квалификации"
    assert line[header.index("Срок")] == datetime(2021, 9, 30)  # noqa: DTZ001 (a workbook's date)
    assert isinstance(line[header.index("Дней опоздания")], int)


def test_csv_is_read_back_with_its_headers() -> None:
    """Semicolons and a byte order mark, as an office's spreadsheet wants them."""
    shown = to_csv(board_table(board_document(), ROADMAP))
    rows = list(csv.DictReader(io.StringIO(shown.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 7
    assert rows[-1]["Стадия"] == "без срока"
    assert rows[-1]["Срок"] == ""


def test_a_page_is_whole_and_names_its_language() -> None:
    """One file that needs nothing else."""
    page = to_html(board_table(board_document(), ROADMAP))
    assert page.startswith('<!doctype html>\n<html lang="ru">')
    assert "http" not in page
    assert page.count("<tr") == page.count("</tr>")


@pytest.mark.parametrize(("form", "kind"), [("text", str), ("csv", str), ("html", str), ("xlsx", bytes)])
def test_every_form_can_be_asked_for_by_name(form: str, kind: type) -> None:
    """The names are those of --format."""
    assert isinstance(render(board_table(board_document(), ROADMAP), form), kind)
