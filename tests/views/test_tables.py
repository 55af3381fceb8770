"""Tables that can be read, and that no cell can turn into something else."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.years import first_moment
from domain.codec import event_record
from domain.commands import MeasureIndicator, ReportExecution
from domain.rehearsal import rehearse
from domain.roadmap import Body
from orders.yaml_file import load_roadmap
from projections.board import BoardRow, board
from projections.discipline import discipline
from projections.grounds import Grounds
from projections.indicators import Reading, indicators
from projections.moments import moments
from projections.reports import IndicatorsReport, Report, Todo, indicators_report, overdue
from tests.views.example_year import CERTIFICATION, MONITORING, ROADMAP, WORKSHOPS, Life, YearLife, plan, sealed
from views.plan import plan_table
from views.rendering import render, to_csv, to_html, to_text, to_xlsx
from views.report_table import ReportColumn, ReportLine, ReportTable
from views.tables import (
    board_table,
    discipline_table,
    indicators_table,
    overdue_table,
    status_table,
    todo_table,
)

R = TypeVar("R")
DAY = date(2021, 12, 3)
EXAMPLE = Path(__file__).parents[2] / "examples" / "pyatigorsk-2021-22" / "roadmap.yaml"


def report(rows: Iterable[R]) -> Report[R]:
    """Return rows as they stood at the end of DAY."""
    return Report(ROADMAP.id, 42, DAY, tuple(rows))


def board_report() -> Report[BoardRow]:
    """Return the board of three measures on 3 December 2021."""
    workshops = Life(plan(WORKSHOPS)).until("2021-12-03T12:00")
    monitoring = (
        Life(plan(MONITORING)).hear("2021-09-20T10:00", "school-1", ReportExecution()).until("2021-12-03T12:00")
    )
    return report(board(sealed(workshops, monitoring, Life(plan(CERTIFICATION)))))


def one_answer() -> IndicatorsReport:
    """Return the indicators with one answer of three."""
    year = YearLife().hear(
        "2022-06-01T10:00", "school-1", MeasureIndicator(indicator="2", numerator=Decimal(17), denominator=Decimal(21))
    )
    readings: list[Reading] = indicators(year.records)
    return indicators_report(report(readings), Grounds(year.records))


def test_the_board_says_overdue_undated_and_its_measures_in_words() -> None:
    """Nothing is told by colour alone."""
    shown = to_text(board_table(board_report(), ROADMAP))
    assert "по состоянию на 03.12.2021, последняя учтённая запись журнала — 42" in shown
    assert "Поручений: 7, просрочено: 4, без срока: 1" in shown
    assert "2.7. Педагогические мастерские" in shown
    assert "без срока" in shown
    assert "просрочено" in shown
    assert "\x1b" not in shown


def test_an_overdue_assignment_of_a_late_start_is_not_said_to_have_just_begun() -> None:
    """In the log its beginning stands behind the deadline; and no heading counts letters that nobody got."""
    rows = board(sealed(Life(plan(MONITORING), "2021-12-01T10:00").until("2021-12-03T12:00")))
    assert {row.last_event for row in rows} >= {"AssignmentOpened"}
    shown = to_text(board_table(report(rows), ROADMAP))
    assert "просрочено" in shown
    assert "начато" not in shown
    assert "срок нарушен" in shown
    assert "Сообщено" not in shown


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Readable at 100 columns, and still whole at 80."""
    for table in (board_table(board_report(), ROADMAP), indicators_table(one_answer(), ROADMAP)):
        assert max(len(line) for line in to_text(table, width=width).splitlines()) <= width


def test_colours_are_for_a_terminal_only() -> None:
    """The same words with and without."""
    table = board_table(board_report(), ROADMAP)
    assert "\x1b[31m" in to_text(table, colour=True)


def test_english_headers_and_words() -> None:
    """English beside Russian; names stay as they are."""
    shown = to_text(board_table(board_report(), ROADMAP, "en"))
    assert "Assignments: 7, overdue: 4, without a date: 1" in shown
    assert "МБОУ СОШ № 6" in shown


def test_without_a_definition_codes_stand_for_themselves() -> None:
    """A report can be read before the definition is at hand."""
    shown = to_text(board_table(board_report(), None))
    assert "school-6" in shown


def test_discipline_has_a_total_and_no_share_of_nothing() -> None:
    """A dash where nothing was due."""
    life = Life(plan(WORKSHOPS)).until("2021-12-03T12:00")
    rows = discipline(board(sealed(life)), DAY)
    lines = to_text(discipline_table(report(rows), ROADMAP)).splitlines()
    assert lines[-1].split() == ["Всего", "1", "0", "0", "1", "0", "0"]
    assert lines[-3].split()[-1] == "—"


def test_indicators_tell_missing_from_zero() -> None:
    """Who has not answered is named so; the unit and the target stand beside the value."""
    shown = to_text(indicators_table(one_answer(), ROADMAP))
    assert "нет данных" in shown
    assert "80,95" in shown
    assert "≥ 90" in shown
    assert "1 из 3" in shown


def test_a_target_is_said_to_be_reached_so_far_until_all_have_answered() -> None:
    """One of three schools has answered: nobody may read that the city has missed it."""
    lines = [line.split() for line in to_text(indicators_table(one_answer(), ROADMAP)).splitlines()]
    (city,) = [line for line in lines if line[:2] == ["Все", "вместе"] and "80,95" in line]
    (school,) = [line for line in lines if "80,95" in line and line[0] == "МБОУ"]
    assert "пока нет" in " ".join(city)
    assert "пока" not in school
    english = to_text(indicators_table(one_answer(), ROADMAP, "en"))
    assert "so far no" in english


def test_an_empty_report_says_so() -> None:
    """An empty screen is no answer."""
    assert "Ничего нет." in to_text(todo_table(Todo((), 0, ()), {}))


def test_the_status_of_a_year() -> None:
    """Each measure, its stage and its next step."""
    status = {
        "roadmap": ROADMAP.id,
        "state": "open",
        "measures": [
            {"number": "2.7", "stage": "open", "overdue": 2, "next_wake": "2021-12-07T09:00:00+03:00"},
            {"number": "3.6", "stage": "undated", "overdue": 0, "next_wake": None},
        ],
        "unsealed_seconds": None,
        "projection_lag": 0,
    }
    shown = to_text(status_table(status, ROADMAP))
    assert "07.12.2021 09:00" in shown
    assert "просрочено: 2" in shown
    assert "в работе" not in shown
    assert "без срока" in shown
    assert "Журнал и отчёты не отстают" in shown
    behind = to_text(status_table(status | {"unsealed_seconds": 40.0, "projection_lag": 7}, ROADMAP))
    assert "Последние записи ждут номера уже 40 с" in behind
    assert "В отчётах ещё не учтено записей: 7" in behind
    assert "не отстают" not in behind


# ------------------------------------------------------------------------------------------- hostile cells

HOSTILE = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]


def hostile(cell: str) -> ReportTable:
    """Return a table of one cell."""
    return ReportTable("Отчёт", (), (ReportColumn("Ячейка"),), (ReportLine((cell,)),))


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
    table = ReportTable("", (), (ReportColumn("n", numeric=True),), (ReportLine((-1.5,)),))
    assert to_csv(table) == "\ufeffn\r\n-1,5\r\n"


def test_no_text_becomes_markup_or_steers_the_terminal() -> None:
    """Tags, rich markup, escape sequences and reversed text are shown, not obeyed."""
    registry = replace(ROADMAP.registry, bodies=(Body("school-6", "<b>[red]Школа[/red]\x1b[2J\u202e</b>"),))
    roadmap = replace(ROADMAP, registry=registry)
    table = board_table(board_report(), roadmap)
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
    sheet = load_workbook(io.BytesIO(to_xlsx(board_table(board_report(), ROADMAP)))).active
    assert sheet is not None
    values = list(sheet.iter_rows(values_only=True))
    header = next(row for row in values if row[0] == "Мероприятие")
    line = values[values.index(header) + 1]
    assert line[header.index("Мероприятие")] == "1.1. Проведение мониторинга потребности в повышении квалификации"
    assert line[header.index("Срок")] == datetime(2021, 9, 30)  # noqa: DTZ001 (a workbook's date)
    assert isinstance(line[header.index("Дней опоздания")], int)


@pytest.fixture(scope="module")
def sheets() -> dict[str, Worksheet]:
    """Return the example's plan and board as workbooks of one sheet, as they would print."""
    loaded = load_roadmap(EXAMPLE)
    assert loaded.roadmap is not None
    lived = rehearse(loaded.roadmap, loaded.source, first_moment(loaded.roadmap))
    records = [event_record(item.event, item.stream, item.version, "me") for item in lived]
    rows = report(board(records))
    tables = {
        "plan": plan_table(moments(lived, loaded.roadmap), loaded.roadmap),
        "board": board_table(replace(rows, roadmap=loaded.roadmap.id), loaded.roadmap),
        "overdue": overdue_table(overdue(rows), loaded.roadmap),
    }
    found: dict[str, Worksheet] = {}
    for name, table in tables.items():
        sheet = load_workbook(io.BytesIO(to_xlsx(table))).active
        assert isinstance(sheet, Worksheet)
        found[name] = sheet
    return found


@pytest.mark.parametrize("name", ["plan", "board", "overdue"])
def test_a_sheet_prints_on_readable_pages(sheets: dict[str, Worksheet], name: str) -> None:
    """A4, as wide as a page at a size that can be read; each row as high as the text in it, the headers on each page.

    A character of a column's width is 7 pixels of 1/96 inch. Its letters may be a fifth wider than that: in DejaVu they are.
    """
    sheet = sheets[name]
    widths = [sheet.column_dimensions[get_column_letter(at)].width for at in range(1, sheet.max_column + 1)]
    upright = name == "overdue"
    assert sheet.page_setup.orientation == ("portrait" if upright else "landscape")
    assert (str(sheet.page_setup.paperSize), sheet.page_setup.fitToHeight) == ("9", int(upright))
    page = (8.27 if upright else 11.69) - 0.8
    assert page / (sum(widths) * 7 / 96) > 0.85, "smaller than that nobody reads it"
    header = next(row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, 2).value or ""))
    assert sheet.print_title_rows == f"${header}:${header}"
    for row in range(header, sheet.max_row + 1):
        cells = [sheet.cell(row, at + 1).value for at in range(len(widths))]
        said = ["" if cell is None else "30.09.2021" if isinstance(cell, datetime) else str(cell) for cell in cells]
        needed = max(len(textwrap.wrap(cell, int(width / 1.2))) for cell, width in zip(said, widths, strict=True))
        assert sheet.row_dimensions[row].height >= min(needed, 26) * 15, (row, needed)
    titles = [str(sheet.cell(row, 1).value) for row in range(1, header - 1)]
    assert {str(cells) for cells in sheet.merged_cells.ranges} == {
        f"A{row}:{get_column_letter(len(widths))}{row}" for row in range(1, len(titles) + 1)
    }


def late(number: int, body: str, days: int) -> BoardRow:
    """Return an assignment whose deadline was so many days before DAY."""
    due = DAY - timedelta(days=days)
    return BoardRow(
        roadmap=ROADMAP.id,
        assignment=f"2.7/{number}/{body}",
        measure="2.7",
        checkpoint=str(number),
        body=body,
        role="lead",
        stage="open",
        scheduled_on=due,
        due_on=due,
        missed=True,
        days_late=None,
        counted_to=None,
        escalation_level=1,
        last_event="Escalated",
        version=number + 1,
    )


def overdue_report(count: int) -> Report[BoardRow]:
    """Return so many overdue assignments of three schools, the first the oldest."""
    schools = ("school-1", "school-6", "school-30")
    return overdue(report(late(number, school, count - number) for number in range(count) for school in schools))


@pytest.mark.parametrize("by", ["body", "section"])
@pytest.mark.parametrize("count", [0, 3, 200])
def test_what_is_overdue_is_one_page(by: str, count: int) -> None:
    """The oldest of each school; what does not fit is counted, and a table for programs has all."""
    table = overdue_table(overdue_report(count), ROADMAP, "ru", by)
    whole = 3 * count
    assert f"Просрочено поручений: {whole}" in to_text(table)
    assert len(to_csv(table).splitlines()) == whole + 1
    page = to_html(table)
    assert "size:A4 portrait" in page
    shown = page.count("<tr class=bad>")
    headings = page.count("<tr class=group>")
    assert headings == (0 if not count else 3 if by == "body" else 1)
    if count < 200:
        assert shown == whole
    else:
        assert 20 <= shown + headings <= 46
        assert f"На странице {shown} из {whole}, самые давние" in page
        if by == "body":
            assert page.count("<td class=number>200</td>") == 3
    sheet = load_workbook(io.BytesIO(to_xlsx(table))).active
    assert sheet is not None
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("portrait", 1)


def test_the_whole_list_of_what_is_overdue_is_there_for_the_asking() -> None:
    """On as many pages as it takes; every title whole, dates in CSV as programs read them."""
    table = overdue_table(overdue_report(200), ROADMAP, whole=True)
    page = to_html(table)
    assert page.count("<tr class=bad>") == 600
    assert "На странице" not in page
    sheet = load_workbook(io.BytesIO(to_xlsx(table))).active
    assert sheet is not None
    assert sheet.max_row > 600
    shown = to_csv(table)
    assert "2021-12-02" in shown
    assert "…" not in shown


def test_groups_that_find_no_room_on_the_page_are_counted_too() -> None:
    """A hundred bodies, each with something overdue."""
    many = report(late(0, f"school-{number}", 1) for number in range(100))
    page = to_html(overdue_table(many, ROADMAP))
    assert "На странице 23 из 100" in page
    assert page.count("<tr class=bad>") == 23


def test_csv_is_read_back_with_its_headers() -> None:
    """Semicolons and a byte order mark, as an office's spreadsheet wants them."""
    shown = to_csv(board_table(board_report(), ROADMAP))
    rows = list(csv.DictReader(io.StringIO(shown.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 7
    assert rows[-1]["Стадия"] == "без срока"
    assert rows[-1]["Срок"] == ""


def test_a_page_is_whole_and_names_its_language() -> None:
    """One file that needs nothing else."""
    page = to_html(board_table(board_report(), ROADMAP))
    assert page.startswith('<!doctype html>\n<html lang="ru">')
    assert "http" not in page
    assert page.count("<tr") == page.count("</tr>")


@pytest.mark.parametrize(("form", "kind"), [("text", str), ("csv", str), ("html", str), ("xlsx", bytes)])
def test_every_form_can_be_asked_for_by_name(form: str, kind: type) -> None:
    """The names are those of --format."""
    assert isinstance(render(board_table(board_report(), ROADMAP), form), kind)
