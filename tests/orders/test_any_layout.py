"""Any table made of the known columns, in any order, merged, split and under sections, is read back or asked about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.roadmap import Severity
from reading.importer import Imported, import_document
from tests.orders.paper import KINDS, Block, Field, Row

HEADS = {
    "n": ("№", "№ п/п", "N п/п", "п/п"),
    "t": ("Мероприятие", "Мероприятия", "Наименование мероприятия", "Содержание работы", "Вид деятельности", "Содержание контроля"),
    "d": ("Срок", "Сроки", "Срок исполнения", "Дата проведения", "Сроки реализации"),
    "b": ("Ответственный", "Ответственные", "Исполнители", "Ответственный исполнитель"),
    "r": ("Результат", "Ожидаемый результат", "Вид документа"),
    "x": ("Классы", "Примечание", "Отметка о выполнении", "Место проведения"),
}  # fmt: skip
TITLES = ("Смотр кабинетов", "Опрос родителей", "Семинар учителей", "Сбор заявок", "Анализ работ", "Педсовет «Итоги»", "Проверка журналов",
          "Консультации (групповые)", "Выставка рисунков", "Итоговый отчёт")  # fmt: skip
TIMES = {"до 15.10": "2021-10-15", "ноябрь": "2021-11-30", "до 1 марта 2022 года": "2022-03-01", "20.12.2021": "2021-12-20",
         "апрель-май": "2022-05-31", "в течение года": "2022-08-31"}  # fmt: skip
BODIES = ("Завуч", "Директор школы", "Управление образования", "МКУ «Центр»", "Классные руководители")
MONTHS = {
    "Сентябрь": "2021-09-30",
    "Октябрь": "2021-10-31",
    "Ноябрь, 2021 год": "2021-11-30",
    "Декабрь 2021": "2021-12-31",
}
SECTIONS = ("Методическая работа", "I. Организационные мероприятия", "Раздел 2. Контроль", "Воспитательная работа")
YEAR = "План работы на 2021-2022 учебный год"


@dataclass(frozen=True)
class Wanted:
    """What a measure says: its title, its due date, its body ("" where the table has no column of them)."""

    title: str
    due: str
    body: str


@st.composite
def plans(draw: Any) -> tuple[list[Block], list[Wanted]]:
    """Return a document and its measures."""
    monthly = draw(st.booleans())
    inside = ["t", *(["d"] if not monthly or draw(st.booleans()) else [])]
    inside += [c for c in "nbrx" if draw(st.booleans()) or (c == "b" and "d" not in inside)]
    order = draw(st.permutations(inside))
    if "n" in order:
        order = ["n", *(c for c in order if c != "n")]
    heads = [draw(st.sampled_from(HEADS[c])) for c in order]
    tables: list[list[Row]] = [[heads]]
    wanted: list[Wanted] = []
    month = ""
    for n, title in enumerate(draw(st.permutations(TITLES))[: draw(st.integers(2, 8))]):
        if (
            monthly
            and (n == 0 or draw(st.integers(0, 3)) == 0)
            and {*MONTHS} - {month}
            and (left := [*MONTHS][[*MONTHS].index(month) + 1 if month else 0 :])
        ):
            month = left[0]
            tables[-1].append([Field(month, len(order))])
        elif draw(st.integers(0, 4)) == 0:
            tables[-1].append([Field(draw(st.sampled_from(SECTIONS)), len(order))])
        if n and len(tables[-1]) > 1 and draw(st.integers(0, 4)) == 0:
            tables.append([heads] if draw(st.booleans()) else [])
        time = draw(st.sampled_from(["", "в течение месяца"])) if monthly else draw(st.sampled_from([*TIMES]))
        body = draw(st.sampled_from(BODIES))
        texts = {"n": str(n + 1), "t": title, "d": time, "b": body, "r": "Справка", "x": "5-9"}
        tables[-1].append([texts[c] for c in order])
        wanted.append(Wanted(title, MONTHS[month] if monthly else TIMES[time], body if "b" in order else ""))
    return ["Приказ от 31.08.2021 № 5", YEAR, *(table for table in tables if table)], wanted


def missing(imported: Imported, wanted: list[Wanted]) -> list[str]:
    """Return the measures that are neither read as they stand nor asked about."""
    read = {" ".join(m.title.split()): m for m in imported.measures}
    asked = [f for f in imported.findings if f.severity is not Severity.INFO]
    silent = []
    for one in wanted:
        if any(one.title in f.text() for f in asked):
            continue
        measure = read.get(one.title)
        if measure is None:
            silent.append(f"{one.title}: not there")
            continue
        questions = [f for f in asked if f.where.split(",")[0] == f"measure {measure.number}"]
        right = [str(c.due) for c in measure.checkpoints] == [one.due] and [b.name for b in measure.bodies] == (
            [one.body] if one.body else []
        )
        if not right and not questions:
            silent.append(f"{one}: {[str(c.due) for c in measure.checkpoints]} {measure.bodies}")
    return silent


def read_back(kind: str, plan: tuple[list[Block], list[Wanted]], folder: Path) -> None:
    """Put a plan on paper and read it."""
    blocks, wanted = plan
    KINDS[kind](blocks, folder / "plan")
    imported = import_document(folder / "plan")
    assert missing(imported, wanted) == []
    assert imported.account.left() == []


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(plan=plans())
def test_any_layout_on_a_page_is_read_back_or_asked_about(
    plan: tuple[list[Block], list[Wanted]], tmp_path: Path
) -> None:
    """Pages are cheap to write: most of the search is here."""
    read_back("html", plan, tmp_path)


@pytest.mark.parametrize("kind", ["md", "docx", "pdf", "drawn text"])
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(plan=plans())
def test_any_layout_of_other_files_is_read_back_or_asked_about(
    kind: str, plan: tuple[list[Block], list[Wanted]], tmp_path: Path
) -> None:
    """The same in each kind of file."""
    read_back(kind, plan, tmp_path)


def test_what_is_missing_is_seen(tmp_path: Path) -> None:
    """A measure that nobody read and nobody asks about, and one whose date is wrong without a question."""
    rows: Block = [["Мероприятие", "Срок", "Ответственный"], ["Смотр", "до 15.10", "Завуч"]]
    KINDS["html"](["Приказ от 31.08.2021 № 5", YEAR, rows], tmp_path / "plan")
    imported = import_document(tmp_path / "plan")
    assert missing(imported, [Wanted("Смотр", "2021-10-15", "Завуч")]) == []
    assert len(missing(imported, [Wanted("Опрос", "2021-10-15", "Завуч"), Wanted("Смотр", "2021-10-16", "Завуч")])) == 2
