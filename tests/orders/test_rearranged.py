"""Layouts that stand for a plan's table and are none: each is read with a question, and what looks like it and is not stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.roadmap import Severity
from reading.importer import Imported, import_document
from tests.orders.paper import KINDS, Block, Field, Row
from tests.orders.test_account import lost

HEAD = "Приказ от 10.01.2023 № 5"
YEAR = "План работы на 2023 год"


def read(tmp_path: Path, *blocks: Block, kind: str = "html") -> Imported:
    """Put blocks on paper and import them; nothing of them is left."""
    KINDS[kind]([HEAD, YEAR, *blocks], tmp_path / "plan")
    imported = import_document(tmp_path / "plan")
    assert imported.account.left() == []
    assert lost(imported) == []
    return imported


def measures(imported: Imported) -> list[tuple[str, list[str], list[str]]]:
    """Return title, due dates and bodies of each measure."""
    return [(m.title, [str(c.due)[5:] for c in m.checkpoints], [b.name for b in m.bodies]) for m in imported.measures]


def asked(imported: Imported) -> set[str]:
    """Return the codes of what a person is asked."""
    return {f.code for f in imported.findings if f.severity is not Severity.INFO}


# --- plans side by side ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["html", "md", "docx", "pdf"])
def test_two_plans_side_by_side_are_both_read(kind: str, tmp_path: Path) -> None:
    """The right one would be lost as a column of no kind that is known."""
    rows: list[Row] = [
        ["Мероприятие (I полугодие)", "Дата", "Мероприятие (II полугодие)", "Дата"],
        ["Турнир по теннису", "4 февраля", "Поход на озеро", "15 июля"],
        ["Вечер песни", "22 апреля", "День города", "9 сентября"],
    ]
    imported = read(tmp_path, rows, kind=kind)
    assert [(title, due) for title, due, _ in measures(imported)] == [
        ("Турнир по теннису", ["02-04"]), ("Вечер песни", ["04-22"]), ("Поход на озеро", ["07-15"]), ("День города", ["09-09"]),
    ]  # fmt: skip
    assert "plans-side-by-side" in asked(imported)


def test_planned_and_actual_days_are_no_two_plans(tmp_path: Path) -> None:
    """Two columns of time beside one of titles."""
    rows: list[Row] = [
        ["Мероприятие", "Дата", "Наименование документа", "Дата факт"],
        ["Смотр", "4 февраля", "Справка", "5 февраля"],
    ]
    imported = read(tmp_path, rows)
    assert len(imported.measures) == 1
    assert "plans-side-by-side" not in asked(imported)


# --- months whose fields are the measures ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["html", "md", "docx", "pdf"])
def test_measures_under_months_are_of_their_month(kind: str, tmp_path: Path) -> None:
    """What stands before the months is their section, and the body of the row is theirs."""
    rows: list[Row] = [
        ["Направление", "Февраль", "Март", "Апрель", "Ответственный"],
        ["Спорт", "Лыжный кросс школы", "Турнир по шашкам", "", "учитель физкультуры"],
        ["Музей", "", "Встреча с ветеранами", "Смотр музеев города", "руководитель музея"],
    ]
    imported = read(tmp_path, rows, kind=kind)
    assert measures(imported) == [
        ("Лыжный кросс школы", ["02-28"], ["учитель физкультуры"]),
        ("Турнир по шашкам", ["03-31"], ["учитель физкультуры"]),
        ("Встреча с ветеранами", ["03-31"], ["руководитель музея"]),
        ("Смотр музеев города", ["04-30"], ["руководитель музея"]),
    ]
    assert [m.section for m in imported.measures] == ["Спорт", "Спорт", "Музей", "Музей"]
    assert "measures-in-months" in asked(imported)


def test_measures_beside_months_are_of_their_row(tmp_path: Path) -> None:
    """Each line of a field that begins a sentence or an item is one; a line that goes on is none."""
    rows: list[Row] = [
        ["Месяц", "Методическая работа", "Контроль"],
        ["Февраль", "1. Совещание методистов\n2. Школа молодого\nпедагога", "Проверка журналов"],
        ["Март", "Семинар учителей", ""],
        ["Апрель", "Педагогические чтения", "Проверка планов"],
    ]
    imported = read(tmp_path, rows)
    assert [(title, due) for title, due, _ in measures(imported)] == [
        ("Совещание методистов", ["02-28"]), ("Школа молодого педагога", ["02-28"]), ("Семинар учителей", ["03-31"]),
        ("Педагогические чтения", ["04-30"]), ("Проверка журналов", ["02-28"]), ("Проверка планов", ["04-30"]),
    ]  # fmt: skip
    assert [m.section for m in imported.measures][-1] == "Контроль"


def test_marks_and_days_under_months_stay_times(tmp_path: Path) -> None:
    """A matrix has its measures before the months."""
    rows: list[Row] = [
        ["№", "Акция", "Февраль", "Март", "Апрель"],
        ["1", "День здоровья", "+", "", "12"],
        ["2", "Осмотр", "", "+", "+"],
    ]
    imported = read(tmp_path, rows)
    assert [title for title, _, _ in measures(imported)] == ["День здоровья", "Осмотр"]
    assert measures(imported)[1][1] == ["03-31", "04-30"]
    assert "measures-in-months" not in asked(imported)


def test_a_row_of_one_month_that_spans_the_table_is_no_heading_of_months(tmp_path: Path) -> None:
    """It is the time of the rows below."""
    rows: list[Row] = [
        ["Мероприятие", "Дата", "Ответственный"],
        [Field("Февраль", 3)],
        ["Кросс всей школы", "12", "завуч"],
        ["Смотр песни", "14", "завуч"],
    ]
    assert [title for title, _, _ in measures(read(tmp_path, rows))] == ["Кросс всей школы", "Смотр песни"]


# --- cards and lines ---------------------------------------------------------------------------------------


def test_cards_are_measures(tmp_path: Path) -> None:
    """A small table of two columns for each: what it is called on the left, what it says on the right."""
    cards = [
        [["Мероприятие № 1", "Замена опор"], ["Срок", "до 30 июня"], ["Ответственный", "служба линий"]],
        [["Мероприятие № 2", "Обрезка деревьев"], ["Срок", "октябрь"], ["Ответственный", "служба линий, районы сетей"]],
    ]
    imported = read(tmp_path, *cards)
    assert measures(imported) == [
        ("Замена опор", ["06-30"], ["служба линий"]),
        ("Обрезка деревьев", ["10-31"], ["служба линий", "районы сетей"]),
    ]
    assert "plan-of-a-list" in asked(imported)


def test_lines_with_dashes_are_measures_and_none_of_their_list_is_lost(tmp_path: Path) -> None:
    """The line without a time is one too, and what it lacks is asked for."""
    lines = [
        "1. Лыжный поход – февраль – Козлов А.А.",
        "2. День донора – апрель – отдел кадров",
        "3. Ремонт",
        "4. Турслёт – июнь",
    ]
    imported = read(tmp_path, *lines)
    assert [(title, due) for title, due, _ in measures(imported)] == [
        ("Лыжный поход", ["02-28"]), ("День донора", ["04-30"]), ("Ремонт", []), ("Турслёт", ["06-30"]),
    ]  # fmt: skip
    assert {"plan-of-a-list", "missing-deadline"} <= asked(imported)


def test_a_roster_is_no_plan(tmp_path: Path) -> None:
    """Dates beside people are when who is on duty."""
    rows: list[Row] = [
        ["Дата", "Фамилия, имя, отчество", "Телефон"],
        ["31.12.2023", "Соколов Иван Петрович", "2-14"],
        ["01.01.2024", "Мальцев Олег Ильич", "2-15"],
    ]
    imported = read(tmp_path, rows)
    assert imported.measures == ()
    assert [f.code for f in imported.findings if f.severity is Severity.ERROR] != []


def test_of_a_table_whose_headings_nobody_knows_each_measure_is_asked_about(tmp_path: Path) -> None:
    """Its columns were told by their content; the headings are none of its measures."""
    rows: list[Row] = [
        ["Ф", "Цель", "Т", "В"],
        ["1", "Провести смотр кабинетов", "до 15 марта", "завуч"],
        ["2", "Собрать отзывы родителей", "май", "завуч"],
    ]
    imported = read(tmp_path, rows)
    assert [title for title, _, _ in measures(imported)] == ["Провести смотр кабинетов", "Собрать отзывы родителей"]
    assert [f.where for f in imported.findings if f.code == "by-content"] == ["measure 1", "measure 2"]
