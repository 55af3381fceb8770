"""The smallest documents that showed what a real one did to the reader, each with what a careful clerk reads there."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from domain.roadmap import Severity
from domain.workdays import Shift
from orders.yaml_file import read_roadmap
from reading.bodies import Body, _not_carried, read_bodies
from reading.deadlines import Period, read_deadline
from reading.documents import Cell, Row, Table, UnreadableDocument
from reading.documents.budget import Budget
from reading.documents.pdf import _whole_words
from reading.documents.ruled import CUT
from reading.importer import Imported, _unused_dates, import_document
from reading.second_look import second_look
from reading.yaml_write import latin, roadmap_text
from tests.orders.paper import KINDS as KINDS_OF_PAPER
from tests.orders.paper import Block, Field, to_html, to_pdf
from tests.orders.test_deadlines import CALENDAR

KINDS = Path(__file__).parent / "corpus" / "kinds"
HEAD = ["№", "Мероприятие", "Срок", "Ответственный"]
YEAR = "План работы на 2021-2022 учебный год"


@cache
def read(name: str) -> Imported:
    """Import one of the small documents."""
    return import_document(KINDS / name)


def put(tmp_path: Path, *blocks: Block) -> Imported:
    """Import a page of these blocks."""
    to_html(blocks, tmp_path / "plan")
    return import_document(tmp_path / "plan")


def dates(imported: Imported) -> list[tuple[str, list[str]]]:
    """Return the titles with their due dates."""
    return [(m.title, [str(c.due) for c in m.checkpoints]) for m in imported.measures]


def codes(imported: Imported) -> set[str]:
    """Return the codes of the findings."""
    return {finding.code for finding in imported.findings}


# --- tables that go on -------------------------------------------------------------------------------------


def test_a_second_table_with_headings_of_its_own_is_no_rest_of_the_first() -> None:
    """Its row without a title is asked about, and nothing is glued."""
    imported = read("t1-crash.html")
    assert dates(imported) == [("Смотр кабинетов", ["2015-09-28"])]
    assert ["до 28.10.2015" in f.text() for f in imported.findings if f.code == "row-not-read"] == [True]


def test_cells_that_do_not_stand_under_their_headings_are_taken_in_their_order() -> None:
    """Word cuts each row otherwise; that the cells were moved is asked about."""
    imported = read("t1-crash.docx")
    assert [(m.number_in_source, m.title[:20], m.deadline, m.responsible_cell) for m in imported.measures] == [
        (None, "2. Составление списк", "В течение месяца", "Кл. руководители"),
        (None, "Организация питания ", "Сентябрь-октябрь", "Харченко О.Л.,\nДемчук А.Л."),
    ]
    assert [f.code for f in imported.findings].count("cells-moved") == 2


def test_a_table_of_other_columns_goes_on_with_a_question() -> None:
    """Three measures, and the columns that were told by their content are asked about."""
    assert [m.title for m in read("t2-lost.html").measures] == ["Проверка школ", "Проверка садов", "Проверка кружков"]
    assert "columns-by-content" in codes(read("t2-lost.html"))


def test_a_row_that_a_page_tore_is_one_without_a_number_too() -> None:
    """The bracket that is open says so."""
    assert [m.title for m in read("t17-page.html").measures] == [
        "День края (Фотовыставка «Город у моря»)",
        "Осенний бал",
    ]
    assert "row-split" in codes(read("t17-page.html"))


def test_rows_before_new_headings_in_one_table_are_rows_of_the_old_ones(tmp_path: Path) -> None:
    """They were lost when the headings were looked for among the first rows of a table."""
    first = [HEAD, ["1", "Смотр", "до 1 октября", "Завуч"]]
    second = [["2", "Опрос", "до 1 ноября", "Завуч"], HEAD, ["3", "Отчёт", "до 1 декабря", "Завуч"]]
    assert [m.title for m in put(tmp_path, YEAR, first, second).measures] == ["Смотр", "Опрос", "Отчёт"]


def test_rows_of_a_merged_stage_are_measures_each(tmp_path: Path) -> None:
    """Number and stage stand once for several rows."""
    table: Block = [
        ["№", "Этап", "Мероприятие", "Срок", "Ответственный"],
        [Field("1", 1, 3), Field("Подготовка", 1, 3), "Смотр", "до 1 октября", "Завуч"],
        ["Опрос", "до 1 ноября", "Завуч"],
        ["Сбор заявок", "до 1 декабря", "Директор"],
        ["2", "Итоги", "Отчёт", "до 25 мая", "Завуч"],
    ]
    imported = put(tmp_path, YEAR, table)
    assert [m.title for m in imported.measures] == ["Смотр", "Опрос", "Сбор заявок", "Отчёт"]
    assert {m.section for m in imported.measures[:3]} == {"Подготовка"}


def test_two_rows_under_one_number_are_asked_about(tmp_path: Path) -> None:
    """They are joined, and the question shows the second."""
    rows: Block = [HEAD, [Field("1", 1, 2), "Сбор данных", "до 1 октября", "ИМЦ"], ["Отчет", "до 25 мая", "ИМЦ"]]
    imported = put(tmp_path, YEAR, rows)
    assert "rows-under-one-number" in codes(imported)


def test_headings_may_be_as_long_as_sentences() -> None:
    """The headings around them say that they are none of the measures."""
    imported = read("t5-longhead.md")
    assert dates(imported) == [("Утверждение методики", ["2013-05-15"]), ("Мониторинг сети", ["2013-05-20"])]
    assert [b.name for b in imported.measures[0].bodies] == ["Департамент финансов"]


def test_a_heading_that_is_a_sentence_names_the_titles(tmp_path: Path) -> None:
    """«Что необходимо сделать …» stands between a number and a time."""
    head = ["№", "Что нужно сделать, чтобы школа была готова", "Срок", "Ответственный"]
    assert dates(put(tmp_path, YEAR, [head, ["1", "Ремонт", "до 1 октября", "Завхоз"]])) == [("Ремонт", ["2021-10-01"])]


# --- sections ----------------------------------------------------------------------------------------------


def test_one_name_under_two_months_is_two_sections() -> None:
    """In the draft too, where sections have numbers."""
    imported = read("t34-samesection.html")
    assert [m.section for m in imported.measures] == [
        "Январь, 2017 год / Методическая работа", "Январь, 2017 год / Воспитательная работа",
        "Февраль, 2017 год / Методическая работа", "Февраль, 2017 год / Воспитательная работа",
    ]  # fmt: skip
    roadmap = read_roadmap(roadmap_text(imported)).document
    assert roadmap is not None
    titles = {part.number: part.title for part in roadmap.sections}
    assert [titles[m.section or ""][:7] for m in roadmap.measures] == ["Январь,"] * 2 + ["Февраль"] * 2


@pytest.mark.parametrize("name", ["t3-month.html", "t3-month.md"])
def test_in_the_course_of_the_month_is_the_month_of_the_section(name: str) -> None:
    """Not thirty days from the signing."""
    points = {m.title: m.checkpoints[0] for m in read(name).measures}
    got = points["Контроль в 5-х классах"], points["Контроль в 8-х классах"]
    assert [(str(c.start), str(c.due)) for c in got] == [("2016-10-01", "2016-10-31"), ("2017-02-01", "2017-02-28")]


def test_august_and_a_week_have_the_year_of_their_section() -> None:
    """«III неделя» under November; 28.08 under the August that is named with its year."""
    got = dict(dates(read("t3-month.html")))
    assert got["Тарификация"] == ["2016-08-31"]
    assert got["Проверка дневников"] == ["2016-11-21"]
    assert "year-ambiguous" not in codes(read("t3-month.html"))


@pytest.mark.parametrize(("name", "count"), [("t7-monthrows.html", 2), ("t7b-monthrows.html", 4)])
def test_a_row_with_a_month_is_the_time_of_its_rows(name: str, count: int) -> None:
    """There is no column of deadlines, and that is asked about."""
    imported = read(name)
    assert [str(m.checkpoints[0].due) for m in imported.measures] == ["2015-09-30"] * (count // 2) + ["2015-10-31"] * (
        count // 2
    )
    assert "no-deadline-column" in codes(imported)


def test_a_month_above_a_table_is_the_time_of_its_rows(tmp_path: Path) -> None:
    """Each month has a table of its own, none of which names a time."""
    head = ["Мероприятие", "Ответственный"]
    imported = put(tmp_path, YEAR, "Сентябрь", [head, ["Смотр", "Завуч"]], "Октябрь", [head, ["Опрос", "Завуч"]])
    assert dates(imported) == [("Смотр", ["2021-09-30"]), ("Опрос", ["2021-10-31"])]


def test_a_field_of_time_that_is_empty_has_the_month_of_its_section_and_a_question(tmp_path: Path) -> None:
    """Beside rows that have their day."""
    rows: Block = [HEAD, [Field("Октябрь", 4)], ["1", "Смотр", "12.10", "Завуч"], ["2", "Опрос", "", "Завуч"]]
    imported = put(tmp_path, YEAR, rows)
    assert dates(imported) == [("Смотр", ["2021-10-12"]), ("Опрос", ["2021-10-31"])]
    assert "deadline-of-section" in codes(imported)


def test_numbers_that_begin_anew_are_qualified_by_section_and_month() -> None:
    """The one without a number too."""
    numbers = [m.number for m in read("t22-nonumber.html").measures]
    assert numbers == ["1.1.1", "1.2.1", "2.1.1", "2.1.2", "2.2.1"]


def test_what_is_said_of_a_long_plan_grows_with_its_rows() -> None:
    """180 rows numbered anew in each section: a draft that `check` reads."""
    imported = read("t6-restart.html")
    assert len({m.number for m in imported.measures}) == len(imported.measures) == 180
    text = roadmap_text(imported)
    assert len(text) < 180 * 1_200
    assert read_roadmap(text).document is not None


def test_a_number_that_stands_often_is_no_square_of_remarks(tmp_path: Path) -> None:
    """Each measure once, where nothing tells them apart."""
    rows = [HEAD, *(["1", f"Смотр {n}", "до 1 октября", "Завуч"] for n in range(60))]
    text = roadmap_text(put(tmp_path, YEAR, rows))
    assert text.count("стоит дважды") < 2 * 60


def test_a_line_below_which_nothing_stands_is_asked_about(tmp_path: Path) -> None:
    """It may be a measure whose fields are empty."""
    rows = [
        HEAD,
        ["1", "Смотр", "до 1 октября", "Завуч"],
        ["", "Проверить кабинеты", "", ""],
        ["", "Осмотреть залы", "", ""],
    ]
    imported = put(tmp_path, YEAR, rows)
    assert {f.severity for f in imported.findings if f.code == "section-empty"} == {Severity.ERROR}


# --- dates -------------------------------------------------------------------------------------------------

IN_2022 = Period(date(2022, 1, 1), date(2022, 12, 31))
SIGNED = date(2021, 12, 28)


def test_twelve_reports_of_a_year_are_twelve(tmp_path: Path) -> None:
    """The last is due behind the plan, and asked about; the draft with it is read by `check`."""
    rows = [HEAD, ["1", "Отчёт", "до 5-го числа месяца, следующего за отчётным", "Отдел"]]
    imported = put(tmp_path, "Приказ от 28.12.2021 № 5", "План на 2022 год", rows)
    points = imported.measures[0].checkpoints
    assert [str(c.due) for c in points] == [f"2022-{month:02}-05" for month in range(2, 13)] + ["2023-01-05"]
    assert "report-behind-period" in codes(imported)
    found = read_roadmap(roadmap_text(imported)).findings
    assert "outside-period" not in {f.code for f in found}
    assert "report-behind-period" in {f.code for f in found}


def test_points_of_a_recurrence_open_one_after_another() -> None:
    """Not all on the first day, so a month needs no interim report."""
    read_ = read_deadline("ежемесячно, до 5 числа", IN_2022, signed=SIGNED, calendar=None, shift=Shift.PRECEDING)
    starts = [c.start for c in read_.checkpoints]
    assert starts[:3] == [SIGNED, date(2022, 1, 6), date(2022, 2, 6)]
    assert all((c.due - (c.start or c.due)).days <= 31 for c in read_.checkpoints)


def test_a_draft_of_a_recurrence_opens_in_turn_and_asks_for_no_interim_report(tmp_path: Path) -> None:
    """Every point of it, the one behind the plan's end too: `check` finds none that opens early."""
    rows = [
        HEAD,
        ["1", "Отчёт", "до 5-го числа месяца, следующего за отчётным", "Отдел"],
        ["2", "Справка", "ежеквартально до 10 числа", "Отдел"],
    ]
    loaded = read_roadmap(roadmap_text(put(tmp_path, "Приказ от 28.12.2021 № 5", "План на 2022 год", rows)))
    assert loaded.document is not None
    for measure in loaded.document.measures:
        points = measure.checkpoints
        assert len(points) > 1
        assert all(later.starts_on > earlier.due for earlier, later in pairwise(points))
        assert not any(point.interim for point in points)
    assert "opens-early" not in {finding.code for finding in second_look(loaded, "roadmap.yaml")}


def test_no_shift_carries_a_report_before_the_end_of_what_it_reports_on() -> None:
    """1 January is no working day: the report on the quarter is due after it, not on 30 December."""
    phrase = "ежеквартально до 1 числа месяца, следующего за отчетным кварталом"
    school = Period(date(2021, 9, 1), date(2022, 8, 31))
    got = read_deadline(phrase, school, signed=date(2021, 8, 31), calendar=CALENDAR, shift=Shift.PRECEDING)
    point = next(c for c in got.checkpoints if c.due == date(2022, 1, 1))
    assert point.due_on > date(2021, 12, 31)


def test_the_draft_keeps_a_report_behind_what_it_reports_on(tmp_path: Path) -> None:
    """The year's policy would shift it before: the day is written, and why."""
    rows = [HEAD, ["1", "Отчёт", "ежеквартально до 1 числа месяца, следующего за отчетным кварталом", "Отдел"]]
    to_html(["Приказ от 31.08.2021 № 5", YEAR, rows], tmp_path / "plan")
    text = roadmap_text(import_document(tmp_path / "plan", calendar_for=lambda *_: CALENDAR))
    roadmap = read_roadmap(text).document
    assert roadmap is not None
    point = next(p for p in roadmap.measures[0].checkpoints if p.due == date(2022, 1, 1))
    assert point.due_on is not None
    assert point.due_on > point.due
    assert point.settled


@pytest.mark.parametrize(
    ("phrase", "due"),
    [
        ("до 20.02.2022 (до 18:00 мск)", ["2022-02-20"]),
        ("15 мая (15.00)", ["2022-05-15"]),
        ("до 10.09.22", ["2022-09-10"]),
        ("октябрь, III неделя", ["2022-10-21"]),
    ],
)
def test_hours_in_brackets_and_weeks_are_read(phrase: str, due: list[str]) -> None:
    """The hour is told, the day taken."""
    got = read_deadline(phrase, IN_2022, signed=SIGNED, calendar=None, shift=Shift.PRECEDING)
    assert [str(c.due) for c in got.checkpoints] == due


@pytest.mark.parametrize("phrase", ["отопительный период", "купальный сезон", "в пожароопасный период", "III неделя"])
def test_a_season_that_no_calendar_has_is_a_question(phrase: str) -> None:
    """No date is made up."""
    got = read_deadline(phrase, IN_2022, signed=SIGNED, calendar=None, shift=Shift.PRECEDING)
    assert not got.checkpoints
    assert {f.severity for f in got.findings} & {Severity.ERROR, Severity.WARNING}


OCTOBER = Period(date(2021, 10, 1), date(2021, 10, 31))


@pytest.mark.parametrize(
    ("phrase", "due"),
    [
        ("III неделя", ["2021-10-21"]),
        ("3-4 неделя", ["2021-10-28"]),
        ("1, 3 неделя", ["2021-10-07", "2021-10-21"]),
        ("в конце месяца", ["2021-10-31"]),
        ("до 15", ["2021-10-15"]),
        ("15, 20 числа", ["2021-10-15", "2021-10-20"]),
        ("последняя пятница", ["2021-10-29"]),
        ("еженедельно", ["2021-10-31"]),
        ("весь месяц", ["2021-10-31"]),
        ("в течение года", ["2022-08-31"]),
    ],
)
def test_what_names_no_month_is_of_the_month_that_it_stands_under(phrase: str, due: list[str]) -> None:
    """Weeks, days, weekdays; what names a year is of the year."""
    school = Period(date(2021, 9, 1), date(2022, 8, 31))
    got = read_deadline(phrase, school, signed=date(2021, 8, 31), calendar=None, shift=Shift.PRECEDING, within=OCTOBER)
    assert [str(c.due) for c in got.checkpoints] == due


def test_a_plan_of_four_years_can_be_started() -> None:
    """Its dates are read, and `check` finds nothing wrong with its length."""
    imported = read("t11-4years.html")
    assert dates(imported)[1] == ("Обучение", ["2024-11-01"])
    found = read_roadmap(roadmap_text(imported)).findings
    assert "period-out-of-range" not in {f.code for f in found}


# --- the order ---------------------------------------------------------------------------------------------


def test_the_number_of_a_school_is_never_that_of_the_order() -> None:
    """What stands in its place is damaged, and said so."""
    imported = read("t4-number.html")
    assert imported.order.number == ""
    assert "order-number-damaged" in codes(imported)


def test_an_old_act_is_not_the_order(tmp_path: Path) -> None:
    """A preamble quotes it."""
    head = "В соответствии с приказом министерства от 01.02.2020 № 33 приказываю:"
    blocks: list[Block] = ["ПРИКАЗ", "от 31.08.2021 № 7", "О плане", head, "1. Утвердить план.", YEAR]
    imported = put(tmp_path, *blocks, [HEAD, ["1", "Смотр", "до 1 октября", "Завуч"]])
    assert (imported.order.number, str(imported.order.date)) == ("7", "2021-08-31")


def test_a_date_in_quotes_is_read_wherever_they_close() -> None:
    """«от«01 апреля » 2014 гг.»."""
    assert str(read("t25-otdate.html").order.date) == "2014-04-01"


def test_a_plan_that_prepares_a_budget_ends_before_its_years() -> None:
    """«до 14 июня» of an order of May 2012 is of 2012."""
    assert dates(read("t9-period.html")) == [("Перечень", ["2012-06-14"])]


def test_the_period_may_stand_in_the_points(tmp_path: Path) -> None:
    """Not the whole years of the title."""
    points = [
        "ПРИКАЗ",
        "от 20.11.2026 № 9",
        "О месячнике в 2026-2027 годах",
        "приказываю:",
        "1. Провести работу с 30 ноября 2026 по 30 ноября 2027.",
    ]
    imported = put(tmp_path, *points, "План", [HEAD, ["1", "Смотр", "до 1 марта", "Завуч"]])
    assert imported.period == Period(date(2026, 11, 30), date(2027, 11, 30))
    assert dates(imported) == [("Смотр", ["2027-03-01"])]


def test_whoever_controls_is_said_or_asked_for_and_never_the_first_of_the_bodies(tmp_path: Path) -> None:
    """A polyclinic would have controlled everybody."""
    rows = [HEAD, ["1", "Осмотр", "до 1 марта 2022", "Поликлиника № 1"]]
    imported = put(tmp_path, "Приказ от 20.12.2021 № 9", "План на 2022 год", rows)
    assert [f.severity for f in imported.findings if f.code == "controller-missing"] == [Severity.WARNING]
    loaded = read_roadmap(roadmap_text(imported))
    assert loaded.blocked
    assert [f.severity for f in loaded.findings if f.code == "no-controller"] == [Severity.ERROR]
    said = "2. Контроль за исполнением приказа возложить на заместителя начальника управления Иванову И.И."
    text = roadmap_text(
        put(
            tmp_path, "ПРИКАЗ", "от 20.12.2021 № 9", "приказываю:", "1. Утвердить план.", said, "План на 2022 год", rows
        )
    )
    assert "name: заместитель начальника управления" in text
    assert read_roadmap(text).roadmap is not None


def test_points_of_an_order_are_its_measures_where_there_is_no_plan() -> None:
    """With a question, and one about the body that nobody names."""
    imported = read("t19-points.md")
    assert [(m.number, str(m.checkpoints[0].due), [b.name for b in m.bodies]) for m in imported.measures] == [
        ("1", "2014-08-10", []),
        ("2", "2014-06-27", ["Руководители школ"]),
        ("3", "2014-09-01", ["Отдел образования"]),
    ]
    assert {"plan-of-points", "missing-body"} <= codes(imported)


def test_points_below_an_addressee_are_for_that_addressee(tmp_path: Path) -> None:
    """And what the order says of itself is no measure."""
    points = [
        "ПРИКАЗ", "от 07.05.2024 № 260", "О подготовке школ", "приказываю:", "1. Утвердить состав комиссии до 1 июня 2024 года.",
        "2. Руководителям школ:", "2.1. Провести до 1 июля 2024 года осмотр зданий;", "3. Контроль оставляю за собой.",
    ]  # fmt: skip
    imported = put(tmp_path, *points)
    assert [(m.number, [b.name for b in m.bodies]) for m in imported.measures] == [("2.1", ["Руководители школ"])]


def test_dates_in_points_beside_a_plan_are_asked_about(tmp_path: Path) -> None:
    """The plan's table is not all that the order orders."""
    points = [
        "ПРИКАЗ",
        "от 01.09.2021 № 5",
        "приказываю:",
        "1. Утвердить план.",
        "2. Директорам школ до 1 октября 2021 года назначить ответственных.",
    ]
    imported = put(tmp_path, *points, YEAR, [HEAD, ["1", "Смотр", "до 1 октября", "Завуч"]])
    assert "points-with-dates" in codes(imported)


def test_an_act_of_amendment_is_told_as_what_it_is(tmp_path: Path) -> None:
    """Nobody starts a year by it."""
    imported = put(
        tmp_path,
        "ПРИКАЗ",
        "от 01.09.2021 № 5",
        "О внесении изменений в план работы",
        "приказываю:",
        "1. Пункт 2 изложить до 1 октября 2021 года в новой редакции.",
    )
    assert [f.severity for f in imported.findings if f.code == "amends"] == [Severity.ERROR]
    assert not imported.measures


# --- columns, bodies, indicators ---------------------------------------------------------------------------


def test_one_heading_over_two_columns_counts_stages_and_names_what_is_done() -> None:
    """«I этап» is a number."""
    assert [(m.number, m.title) for m in read("t15-stage.html").measures] == [
        ("I", "Размещение информации"),
        ("II", "Обеспечение возможности"),
    ]


@pytest.mark.parametrize("name", ["Содержание контроля", "Вопросы, выносимые на контроль", "Тема контроля"])
def test_what_is_controlled_is_a_title(name: str, tmp_path: Path) -> None:
    """Though the word alone heads a column of remarks."""
    rows = [["№", name, "Срок", "Ответственный"], ["1", "Ведение журналов", "до 1 октября", "Завуч"]]
    assert dates(put(tmp_path, YEAR, rows)) == [("Ведение журналов", ["2021-10-01"])]


def test_a_mark_that_spans_months_stands_for_each_of_them(tmp_path: Path) -> None:
    """Merged fields of a matrix."""
    rows: Block = [
        ["Мероприятие", "сентябрь", "октябрь", "ноябрь", "Ответственный"],
        ["Смотр", Field("х", 2), "", "Завуч"],
        ["Опрос", "", "", "+", "Завуч"],
    ]
    assert dates(put(tmp_path, YEAR, rows)) == [("Смотр", ["2021-09-30", "2021-10-31"]), ("Опрос", ["2021-11-30"])]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Поликлиники № 1–3", ["Поликлиника № 1", "Поликлиника № 2", "Поликлиника № 3"]),
        ("Больница № 1, № 2", ["Больница № 1", "Больница № 2"]),
        ("Больница № 1 и поликлиника № 2", ["Больница № 1", "поликлиника № 2"]),
        ("Детские сады № 1, 3, 5–6", ["Детский сад № 1", "Детский сад № 3", "Детский сад № 5", "Детский сад № 6"]),
        ("Городская\nбольница № 3", ["Городская больница № 3"]),
        ("МБУЗ «Центральная районная\nбольница»", ["МБУЗ «Центральная районная больница»"]),
    ],
)
def test_bodies_keep_their_number_and_their_form(cell: str, names: list[str]) -> None:
    """Several by numbers are one each."""
    bodies, _ = read_bodies(cell)
    assert [body.name for body in bodies] == names
    assert {body.kind for body in bodies} == {"body"}


def test_bodies_that_only_begin_alike_are_not_one(tmp_path: Path) -> None:
    """«УО» is «Управление образования»; polyclinics 1 and 2 are two."""
    rows = [
        HEAD,
        ["1", "Осмотр", "до 1 марта 2022", "Городские поликлиники № 1, 2"],
        ["2", "Отчёт", "до 1 мая 2022", "УО"],
        ["3", "Свод", "до 1 мая 2022", "Управление образования"],
    ]
    told = [f.text() for f in put(tmp_path, YEAR, rows).findings if f.code == "two-names"]
    assert len(told) == 1
    assert "УО" in told[0]


def test_codes_are_short() -> None:
    """A name of three lines gives no code of forty letters."""
    assert latin("Заместитель начальника управления образования по учебной работе") == "zames-nacha-uprav-obraz"
    assert latin("МКУ ИМЦРО") == "mku-imcro"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t28-ind-longhead.html", "Доля организаций: 98 %"),
        ("t29-ind-weight.html", "Доля детей: 50 %"),
        ("t31-ind-drawn.md", "Доля детей: 70 процентов"),
    ],
)
def test_indicators_are_read_whatever_their_headings(name: str, text: str) -> None:
    """Long headings, weights beside them, headings that alone are drawn."""
    assert [indicator.text for indicator in read(name).indicators] == [text]
    assert len(read(name).measures) == 1


def test_figures_of_a_budget_are_no_indicators() -> None:
    """The table is named as not carried over."""
    assert read("t18-fhd.html").indicators == ()
    assert "table-left-out" in codes(read("t18-fhd.html"))


def test_which_way_is_better_is_asked() -> None:
    """Of those who failed less is better, though nobody says so."""
    finding = next(f for f in read("t30-ind-direction.html").findings if f.code == "direction-unclear")
    assert finding.severity is Severity.WARNING
    assert 'comparator: "<="' in roadmap_text(read("t30-ind-direction.html"))


def test_a_goal_with_years_is_that_of_the_plans_last_year(tmp_path: Path) -> None:
    """The others are shown."""
    goals = "Доля школ с планом – 70 % в 2021 году, 80 % в 2022 году, 90 % в 2023 году."
    imported = put(tmp_path, YEAR, "Целевые показатели:", goals, [HEAD, ["1", "Смотр", "до 1 октября", "Завуч"]])
    assert [i.target for i in imported.indicators] == [80]
    assert "several-values" in codes(imported)


# --- matrices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "months", [["IX", "X", "XI", "XII"], ["9", "10", "11", "12"], ["сент.", "окт.", "ноябрь", "Декабрь"]]
)
@pytest.mark.parametrize("kind", KINDS_OF_PAPER)
def test_marks_under_months_are_read_in_every_kind_of_file(months: list[str], kind: str, tmp_path: Path) -> None:
    """Whatever the months are called, and whatever the mark is."""
    rows = [
        ["№", "Мероприятие", *months, "Ответственный"],
        ["1", "Смотр", "х", "", "", "v", "Завуч"],
        ["2", "Опрос", "", "+", "", "", "Директор"],
    ]
    KINDS_OF_PAPER[kind](["Приказ от 31.08.2021 № 5", YEAR, rows], tmp_path / "plan")
    imported = import_document(tmp_path / "plan")
    assert dates(imported) == [("Смотр", ["2021-09-30", "2021-12-31"]), ("Опрос", ["2021-10-31"])]
    assert [[b.name for b in m.bodies] for m in imported.measures] == [["Завуч"], ["Директор"]]


def test_what_stands_under_a_month_is_of_this_month(tmp_path: Path) -> None:
    """A week, a day, a bound; a text over several months is said once."""
    head = ["Мероприятие", "Сентябрь", "Октябрь", "Ноябрь", "Ответственный"]
    rows: Block = [head, ["Опрос", "1 неделя", "", "до 10", "Завуч"], ["Беседы", Field("в течение года", 3), "Завуч"]]
    imported = put(tmp_path, YEAR, rows)
    assert dates(imported) == [("Опрос", ["2021-09-07", "2021-11-10"]), ("Беседы", ["2022-08-31"])]


def test_a_heading_may_say_that_its_numbers_are_quarters(tmp_path: Path) -> None:
    """«1, 3» and «I-IV» below «квартал»."""
    rows = [
        ["№", "Мероприятие", "Срок (квартал)", "Ответственный"],
        ["1", "Отчёт", "1, 3", "Отдел"],
        ["2", "Обзор", "IV", "Отдел"],
    ]
    imported = put(tmp_path, "Приказ от 20.12.2021 № 5", "План на 2022 год", rows)
    assert dates(imported) == [("Отчёт", ["2022-03-31", "2022-09-30"]), ("Обзор", ["2022-12-31"])]


# --- files -------------------------------------------------------------------------------------------------


def test_a_word_that_a_narrow_column_of_a_pdf_cut_is_whole_again(tmp_path: Path) -> None:
    """And asked about: nothing but the width of the column says so."""
    wide = "очень подробное описание того, что должно выйти из этого"
    rows = [
        ["№", "Мероприятие", "Срок", "Ответственный", "Результат", "Примечание", "Место"],
        ["1", "вакцинопрофилактика детей", "до 1 марта 2022 года", "Поликлиника № 1", wide, wide, wide],
    ]
    to_pdf([YEAR, rows], tmp_path / "plan")
    imported = import_document(tmp_path / "plan")
    assert imported.measures[0].title == "вакцинопрофилактика детей"
    assert "broken-word" in codes(imported)


def test_a_single_letter_of_a_cut_word_is_put_back() -> None:
    """A letter that is no word belongs to the word above; one that is a word only where the whole stands elsewhere."""
    budget = Budget()
    rows = [f"организаци{CUT} й школы", f"мероприяти{CUT} я школы", f"родители{CUT} и школа", "мероприятия"]
    table = Table(tuple(Row((Cell(text),)) for text in rows))
    (made,) = _whole_words([table], budget)
    assert isinstance(made, Table)
    assert [row.cells[0].text for row in made.rows] == [
        "организаций школы",
        "мероприятия школы",
        "родители и школа",
        "мероприятия",
    ]
    assert {f.code for f in budget.findings} == {"broken-word"}


def test_a_page_that_is_a_picture_is_told_and_not_passed_over(tmp_path: Path) -> None:
    """The others are read; where all are, the file is told to be a scan."""
    with mpl.rc_context({"pdf.fonttype": 42}), PdfPages(tmp_path / "scan") as pages:
        figure = Figure(figsize=(8, 6))
        figure.figimage(np.zeros((50, 50)))
        pages.savefig(figure)
    assert {f.code for f in import_document(tmp_path / "scan").findings} >= {"no-text-layer"}


def test_an_old_file_is_read_by_libreoffice_or_its_name_says_how_to_save_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of that name stands for LibreOffice: it puts a .docx where it is told to."""
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "order").write_bytes(b"{\\rtf1 ...}")
    with pytest.raises(UnreadableDocument) as refused:
        import_document(tmp_path / "order")
    assert ".docx" in refused.value.text("ru")
    office = tmp_path / "soffice"
    sound = KINDS / "t1-crash.docx"
    office.write_text(f'#!/bin/sh\n/bin/cp {sound} "$6/order.docx"\n')
    office.chmod(0o755)
    imported = import_document(tmp_path / "order")
    assert len(imported.measures) == 2
    assert "converted" in codes(imported)


def test_an_appendix_that_lists_a_group_gives_its_members_with_a_question(tmp_path: Path) -> None:
    """By their posts: names of people stay out."""
    rows = [HEAD, ["1", "Осмотр школ", "до 1 марта 2022", "Рабочая группа"]]
    members = [["Иванов И.И.", "начальник отдела образования, председатель"], ["Петрова П.П.", "методист МКУ «Центр»"]]
    imported = put(tmp_path, YEAR, rows, "Состав рабочей группы по осмотру школ", members)
    assert "members-of-appendix" in codes(imported)
    text = roadmap_text(imported)
    assert "members: [nacha-otdel-obraz, metodist-mku-centr]" in text
    assert "Иванов" not in text
    assert read_roadmap(text).document is not None


def test_words_of_a_field_that_came_to_nothing_are_asked_about() -> None:
    """The net under the readers of bodies sees what no name holds."""
    assert _not_carried("Завуч, библиотекарь", (Body("Завуч", "body", "Завуч"),)) == ["библиотекарь"]
    assert _not_carried("Завуч совместно с библиотекарем", read_bodies("Завуч совместно с библиотекарем")[0]) == []
    assert "words-beside-bodies" not in {f.code for f in read_bodies("Методисты (Иванова И.И., Петрова П.П.)")[1]}


def test_dates_of_a_field_that_came_to_nothing_are_asked_about() -> None:
    """The net under the grammar sees a date that no checkpoint has."""
    read_ = read_deadline("до 15.10.2022", IN_2022, signed=SIGNED, calendar=None, shift=Shift.PRECEDING)
    assert _unused_dates("до 15.10.2022", read_) == []
    assert [f.code for f in _unused_dates("до 15.10.2022, 20.11.2022", read_)] == ["unread-words"]
