"""Targets in the forms in which orders give them: lists, values by years, tables with and without units."""

from __future__ import annotations

from pathlib import Path

import pytest

from reading.importer import Imported, import_document
from tests.orders.paper import Block, Field, to_html, to_markdown

Wanted = tuple[str, float | None, str | None, str | None]
PLAN: Block = [["№", "Мероприятие", "Срок", "Ответственный"], ["1", "Анализ", "март", "УО"]]
TITLE = "План на 2021-2022 учебный год"
LIST: list[Block] = [
    "Целевые показатели:",
    "- Доля выпускников – не менее 98 %;",
    "- Доля школ с низкими результатами – не более 5 %.",
]
LISTED: list[Wanted] = [("Доля выпускников – не менее 98 %", 98, ">=", "%"), ("Доля школ с низкими результатами – не более 5 %.", 5, "<=", "%")]  # fmt: skip

FORMS: dict[str, tuple[list[Block], list[Wanted], set[str]]] = {
    "list before the plan": ([*LIST, PLAN], LISTED, set()),
    "list after the plan": ([PLAN, *LIST, "Начальник управления И.И. Иванов"], LISTED, set()),
    "list and table": (
        [*LIST, PLAN, [["Показатель", "Значение"], ["Доля педагогов", "не менее 80%"]]],
        [*LISTED, ("Доля педагогов: не менее 80%", 80, ">=", "%")],
        set(),
    ),
    "years": (
        [PLAN, [["№", "Наименование показателя", "Ед. изм.", "Базовое значение", "2021", "2022", "2023"],
                ["1", "Доля школ", "%", "10", "8", "6,5", "4"], ["2", "Охват", "чел.", "100", "120", "1 140", "150"]]],
        [("Доля школ: 6,5 %", 6.5, None, "%"), ("Охват: 1 140 чел.", 1_140, None, "чел.")],
        {"several-values"},
    ),
    "years below a heading": (
        [PLAN, [[Field("Индикатор", 1, 2), Field("Единица измерения", 1, 2), Field("Значение по годам", 3)],
                ["2021 (факт)", "2022 (план)", "2023 (план)"], ["Доля школ", "%", "10", "не менее 20", "30"]]],
        [("Доля школ: не менее 20 %", 20, ">=", "%")],
        {"several-values"},
    ),
    "years that are not the plan's": (
        [PLAN, [["Показатель", "Ед. изм.", "2024", "2025"], ["Доля школ", "%", "10", "20"]]],
        [("Доля школ %", None, None, None)],
        {"several-values", "no-measurable-target"},
    ),
    "unit before the value": (
        [PLAN, [["Показатель", "Единица измерения", "Значение показателя"], ["Семинары", "единиц", "не менее 5"]]],
        [("Семинары: не менее 5 единиц", 5, ">=", "единиц")],
        set(),
    ),
    "unit after the value": (
        [PLAN, [["Целевой показатель", "Плановое значение", "Ед. изм."], ["Доля школ", "до 100", "%"]]],
        [("Доля школ: до 100 %", 100, ">=", "%")],
        set(),
    ),
    "unit in the name": (
        [PLAN, [["Показатель", "Целевое значение"], ["Доля школ с планом, %", "100"]]],
        [("Доля школ с планом, %: 100", 100, None, "%")],
        set(),
    ),
    "two figures": (
        [PLAN, [["Показатель", "Значение"], ["Доля школ", "10-15 %"]]],
        [("Доля школ: 10-15 %", None, None, None)],
        {"no-measurable-target"},
    ),
    "no value": ([PLAN, [["Показатель", "Ответственный"], ["Доля школ", "УО"]]], [], {"indicators-not-read"}),
    "a column of the plan": (
        [[["№", "Мероприятие", "Срок", "Ответственный", "Результат", "Целевой показатель"],
          ["1", "Анализ", "март", "УО", "Справка", "90 % школ"]]],
        [],
        {"columns-left-out"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_indicators_are_read_in_the_forms_of_orders_or_named(form: str, tmp_path: Path) -> None:
    """Nothing is lost in silence, and no value of another year is taken."""
    blocks, wanted, codes = FORMS[form]
    (to_html if "below" in form else to_markdown)([TITLE, *blocks], tmp_path / "plan")
    imported = import_document(tmp_path / "plan")
    assert [(i.text, i.target, i.comparator, i.unit) for i in imported.indicators] == wanted
    assert codes <= _codes(imported)
    assert [m.title for m in imported.measures] == ["Анализ"]


def _codes(imported: Imported) -> set[str]:
    return {finding.code for finding in imported.findings}
