"""Tables drawn with characters, where they are less than whole, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading.documents import Table, read_document
from reading.documents.budget import Budget
from reading.documents.drawn import drawn_spans, drawn_table
from reading.documents.wrapping import unwrapped
from reading.importer import import_document
from reading.yaml_write import roadmap_text
from tests.orders.paper import Field, drawn

ROWS = [
    ["№", "Мероприятие", "Срок", "Ответственный"],
    ["1", "Совещание директоров", "до 1 октября 2021 г.", "Отдел общего образования\nИМЦ"],
    ["2", "Семинары", "декабрь", "РМО"],
]
STYLES = ("box", "plus", "bars")


def cells(lines: list[str]) -> list[list[str]]:
    """Return the texts of the one table that the lines draw, those of merged cells where these begin."""
    assert drawn_spans(lines) == {0: len(lines)}
    return [[c.text for c in row.cells if not c.merged] for row in drawn_table(lines, 1, Budget()).rows]


@pytest.mark.parametrize("style", STYLES)
def test_a_drawn_table_is_read_cell_by_cell(style: str) -> None:
    """A line that a person ended stays a line, what the column's width cut is one again."""
    assert cells(drawn(ROWS, style)) == ROWS


@pytest.mark.parametrize("style", STYLES)
def test_without_its_spaces_a_drawn_table_has_its_cells_still(style: str) -> None:
    """A page that was copied letter by letter keeps the bars; only the ends of lines say nothing any more."""
    lines = [" ".join(line.split()) for line in drawn(ROWS, style)]
    assert cells(lines) == [[text.replace("\n", " ") for text in row] for row in ROWS]


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("образо-", "вания", "образования"),
        ("педагог-", "психолог", "педагог-психолог"),
        ("педагог-", "ического совета", "педагогического совета"),
        ("школь-", "ного музея", "школьного музея"),
        ("школа-", "интернат", "школа-интернат"),
        ("научно-исследова-", "тельский центр", "научно-исследовательский центр"),
        ("май-", "июнь", "май-июнь"),
        ("учебно-", "методический", "учебно-методический"),
        ("ЕГЭ-", "тренинги", "ЕГЭ-тренинги"),
        ("до 15.10.20", "21", "до 15.10.2021"),
        ("с 1 -", "по 5", "с 1 - по 5"),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_is_the_words_or_the_lines(first: str, second: str, whole: str) -> None:
    """In cells of a narrow column, and in those of bodies."""
    assert unwrapped([first, second]) == whole


def test_rows_say_the_lines_where_they_begin() -> None:
    """A finding leads to its place."""
    table = drawn_table(drawn(ROWS, "box"), 10, Budget())
    assert [row.line for row in table.rows] == [11, 13, 17]


def test_marks_in_narrow_columns_are_no_rules() -> None:
    """A dash or a plus that stands in a cell is what the cell says."""
    rows = [["№", "Мероприятие", "I", "II"], ["1", "Отчёт", "+", "-"], ["2", "Итоги", "—", "+"]]
    for style in STYLES:
        assert cells(drawn(rows, style)) == rows
        assert cells([line.replace(" ", "") for line in drawn(rows, style)]) == rows


@pytest.mark.parametrize(
    "source",
    [
        "| № | Мероприятие |\n|---|---|\n| 1 | Отчёт |",
        "---\n| № | Мероприятие |\n|---|---|\n| 1 | Отчёт |\n| 2 | Итоги |",
        "| № | Мероприятие |\n|---|---|\n| 1 | Отчёт |\n---",
        "-----\n\n-----",
        "Подпись ____________ | Дата ____________",
    ],
)
def test_markdown_and_lines_to_fill_in_are_no_drawn_tables(source: str) -> None:
    """One rule of bars and hyphens is Markdown's own."""
    assert drawn_spans(source.splitlines()) == {}


LEGAL = """\
                 АДМИНИСТРАЦИЯ ГОРОДА РОСТОВА-НА-ДОНУ

                            ПОСТАНОВЛЕНИЕ

     04.04.2012                                             N 220


                    О плане мероприятий подготовки
                    муниципальных образовательных
                    учреждений к началу 2012/2013
                            учебного года


     В  целях  обеспечения  своевременной  и  качественной  подготовки
муниципальных образовательных учреждений к началу  2012/2013  учебного
года и работе в осенне-зимний период 2012-2013 годов

                             ПОСТАНОВЛЯЮ:

     1. Утвердить   план    мероприятий    подготовки    муниципальных
образовательных учреждений к началу 2012/2013 учебного  года  согласно
приложению.

     2. Контроль за исполнением постановления возложить на заместителя
главы Администрации города Рогову А.Б.

Глава Администрации города                                  А.Б. Ковалёв

                                 ПЛАН
      мероприятий подготовки муниципальных образовательных учреждений
                к началу 2012/2013 учебного года

"""
"""The head of an act as a legal database sends it; who signs it and who controls it are made up."""


def test_a_text_of_a_legal_database_is_read_with_its_head(tmp_path: Path) -> None:
    """In a text a line that is not full ends what it says: the title does not go on in the reasons below it."""
    path = tmp_path / "act.txt"
    rows = [ROWS[0], ["1", "Ремонт школ", "июнь - август", "Руководители учреждений"]]
    path.write_text(LEGAL + "\n".join(drawn(rows, "plus")), encoding="cp1251")
    imported = import_document(path)
    order, period = imported.order, imported.period
    title = "мероприятий подготовки муниципальных образовательных учреждений к началу 2012/2013 учебного года"
    assert (order.number, str(order.date), order.signatory_post) == ("220", "2012-04-04", "Глава Администрации города")
    assert (order.title, order.plan_title) == (f"О плане {title}", f"ПЛАН {title}")
    assert period is not None
    assert (str(period.start), str(period.end)) == ("2012-04-04", "2012-08-31")
    assert [str(c.due_on) for m in imported.measures for c in m.checkpoints] == ["2012-08-31"]
    roadmap = roadmap_text(imported)
    assert "name: заместитель главы Администрации города\n" in roadmap
    assert "Рогов" not in roadmap


def test_lines_with_tabs_behind_the_headings_of_a_plan_are_its_rows(tmp_path: Path) -> None:
    """As a table is when it was copied into a text; who signs below it, moved to the right by tabs, is no row."""
    path = tmp_path / "copied.txt"
    rows = [*ROWS[:1], ["1", "Совещание", "до 1 октября", "ИМЦ"], ["2", "Семинары", "декабрь", ""]]
    lines = [
        "Начальник управления\t\t\tА.Б. Ковалёв",
        "Согласовано\t\t\tВ.Г. Рогов",
        "",
        "План на 2021-2022 учебный год",
    ]
    lines += ["", *("\t".join(row) for row in rows), "", "Начальник управления\t\t\tА.Б. Ковалёв"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(m.number, m.title, m.responsible_cell) for m in import_document(path).measures] == [
        *(("1", "Совещание", "ИМЦ"), ("2", "Семинары", "")),
    ]
    assert list(drawn_spans(lines)) == [5]


def test_what_a_legal_database_calls_an_act_names_it(tmp_path: Path) -> None:
    """Where its own head is left out."""
    path = tmp_path / "act.txt"
    name = "Распоряжение Администрации Смоленской области от 07.05.2014 № 504-р/адм"
    path.write_text("\n".join([name, "", "План мероприятий на 2014 год", "", *drawn(ROWS, "bars")]), encoding="utf-8")
    order = import_document(path).order
    assert (order.number, str(order.date), order.plan_title) == (
        *("504-р/адм", "2014-05-07"),
        "План мероприятий на 2014 год",
    )


WORDS = st.text("абвгд,1.", min_size=1, max_size=40).map(str.strip).filter(bool)


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(WORDS | st.just(""), min_size=width, max_size=width), min_size=2, max_size=6)
    ),
    st.sampled_from(STYLES),
    st.booleans(),
)
def test_whatever_is_drawn_is_read_back(rows: list[list[str]], style: str, across: bool) -> None:
    """Empty cells, too, and a row that names a section; words that were cut are whole again."""
    table: list[list[str | Field]] = [list(row) for row in rows]
    if across:
        table.insert(1, [Field("Раздел", len(rows[0]))])
        rows = [rows[0], ["Раздел"], *rows[1:]]
    got = cells(drawn(table, style))
    assert [["".join(text.split()) for text in row] for row in got] == [
        ["".join(text.split()) for text in row] for row in rows
    ]


@given(st.lists(st.text("│├┼┤─┐+-|/\\═ а1\t\u00a0", max_size=30), max_size=12))
def test_no_lines_of_bars_and_rules_raise(lines: list[str]) -> None:
    """Each span begins with its first line, lies within the text, and gives a table that has rows."""
    for first, end in drawn_spans(lines).items():
        assert 0 <= first < end <= len(lines)
        assert drawn_table(lines[first:end], 1, Budget()).rows


def test_a_wide_line_of_bars_costs_no_more_than_its_letters(tmp_path: Path) -> None:
    """More columns than any table has are counted by their bars."""
    path = tmp_path / "wide.txt"
    line = "|" + "а|" * 3000
    path.write_text(f"+{'-' * 6000}+\n{line}\n+{'-' * 6000}+\n", encoding="utf-8")
    (table,) = read_document(path).blocks
    assert isinstance(table, Table)
    assert [len(row.cells) for row in table.rows] == [3000]
