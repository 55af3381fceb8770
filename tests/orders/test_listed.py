"""Plans without a table: points with labels, as decisions and orders have them. What must come out was written down first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reading.importer import Imported, import_document
from tests.orders.labelled_lists import PAPERS as WRITTEN
from tests.orders.labelled_lists import Paper
from tests.orders.paper import to_html, to_markdown, to_pdf, to_word

YEAR = "План мероприятий на 2021-2022 учебный год"
SIGNED = "Начальник управления образования Н.А. Васютина"
PAPERS = {"md": to_markdown, "html": to_html, "docx": to_word, "pdf": to_pdf}
GROUP = "Создание рабочей группы по введению обновленных стандартов"
LONG = (
    f"{GROUP} общего образования в общеобразовательных учреждениях города, в которых они вводятся с 1 сентября следующего"
    " года, с участием учителей, родителей и общественности"
)
MANY = (
    "ИМЦ, Управление образования, муниципальные общеобразовательные учреждения № 1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 14, 15,"
    " 16, 17, 18, 19, 20, 21, 22, 23, 24 и 25"
)
REPORT = "Подготовка итогового отчета о результатах работы за год"


@dataclass(frozen=True)
class List:
    """Paragraphs; and the measures with number, title, deadline, bodies, and their sections where there are some."""

    paragraphs: Sequence[str]
    wanted: Sequence[tuple[str, str, str, str | None]]
    sections: Sequence[str] = ()
    codes: frozenset[str] = field(default=frozenset())


LISTS = {
    "labels on lines of their own, points in sections": List(
        [YEAR, "1. Организационное обеспечение", f"1.1. {GROUP}", "Срок: до 15 сентября", "Ответственные: ИМЦ",
         "Ожидаемый результат: приказ", f"1.2. {REPORT}", "Срок: до 25 мая", "Ответственные: Управление образования, ИМЦ",
         "Ожидаемый результат: отчет", "2. Методическое обеспечение", "2.1. Семинар для учителей", "Срок: ноябрь",
         "Ответственные: школы", "Ожидаемый результат: материалы семинара", SIGNED],
        [("1.1", GROUP, "до 15 сентября", "ИМЦ"), ("1.2", REPORT, "до 25 мая", "Управление образования, ИМЦ"),
         ("2.1", "Семинар для учителей", "ноябрь", "школы")],
        ("1", "1", "2"),
    ),
    "all in one paragraph": List(
        [YEAR, f"1. {GROUP}. Срок исполнения: до 15 сентября. Ответственный исполнитель: ИМЦ.",
         f"2. {REPORT}. Срок исполнения: до 25 мая. Ответственный исполнитель: Управление образования.", SIGNED],
        [("1", GROUP, "до 15 сентября", "ИМЦ"), ("2", REPORT, "до 25 мая", "Управление образования")],
    ),
    "in brackets": List(
        [YEAR, f"1. {GROUP} (срок – до 15 сентября; отв. – ИМЦ).",
         f"2. {REPORT} (срок: до 25 мая, ответственные: Управление образования)."],
        [("1", GROUP, "до 15 сентября", "ИМЦ"), ("2", REPORT, "до 25 мая", "Управление образования")],
    ),
    "without numbers, below headings": List(
        [YEAR, "Организационное обеспечение", GROUP, "Срок – до 15 сентября", "Исполнители – ИМЦ", "Методическое обеспечение",
         "Семинар для учителей", "Срок – ноябрь", "Исполнители – школы", REPORT, "Срок – до 25 мая", "Исполнители – ИМЦ", SIGNED],
        [("1", GROUP, "до 15 сентября", "ИМЦ"), ("2", "Семинар для учителей", "ноябрь", "школы"), ("3", REPORT, "до 25 мая", "ИМЦ")],
        ("Организационное обеспечение", "Методическое обеспечение", "Методическое обеспечение"),
        frozenset({"no-number-column"}),
    ),
    "an order whose last points are of another kind": List(
        ["ПРИКАЗ", "от 24.08.2021 № 115", "О подготовке к 2021-2022 учебному году", "ПРИКАЗЫВАЮ:",
         f"1. {GROUP}.", "Срок: до 15 сентября 2021 г.", "Ответственный: ИМЦ.", f"2. {REPORT}.", "Срок: до 25 мая 2022 г.",
         "Ответственный: Управление образования.", "3. Контроль за исполнением приказа оставляю за собой.", SIGNED],
        [("1", GROUP, "до 15 сентября 2021 г.", "ИМЦ"), ("2", REPORT, "до 25 мая 2022 г.", "Управление образования")],
    ),
    "bodies below their label": List(
        [YEAR, f"1) {GROUP}", "Сроки: до 15 сентября", "Ответственные:", "- ИМЦ", "- Управление образования", f"2) {REPORT}",
         "Сроки: до 25 мая", "Ответственные:", "- ИМЦ"],
        [("1", GROUP, "до 15 сентября", "ИМЦ Управление образования"), ("2", REPORT, "до 25 мая", "ИМЦ")],
    ),
    "a point without a deadline, one without bodies, one without labels": List(
        [YEAR, f"1.1. {GROUP}", "Срок: до 15 сентября", "Ответственные: ИМЦ", "1.2. Семинар для учителей", "Ответственные: школы",
         "1.3. Мониторинг", "Срок: ноябрь", "1.4. Совещание директоров", f"1.5. {REPORT}", "Срок: до 25 мая", "Ответственные: ИМЦ"],
        [("1.1", GROUP, "до 15 сентября", "ИМЦ"), ("1.2", "Семинар для учителей", "", "школы"), ("1.3", "Мониторинг", "ноябрь", ""),
         ("1.4", "Совещание директоров", "", ""), ("1.5", REPORT, "до 25 мая", "ИМЦ")],
    ),
    "lines of a text, with dashes": List(
        [YEAR, f"1. {GROUP}\n   Срок исполнения - до 15 сентября\n   Исполнитель - УО\n   Соисполнители - ИМЦ, школы",
         f"2. {REPORT}\n   Срок исполнения - постоянно\n   Исполнитель - ИМЦ"],
        [("1", GROUP, "до 15 сентября", "УО ИМЦ, школы"), ("2", REPORT, "постоянно", "ИМЦ")],
    ),
    "what is to be done names what labels name": List(
        [YEAR, "1. Определить ответственных: Иванова, Петрова. Срок: октябрь. Ответственный: ИМЦ.",
         "2. Довести до сведения срок проведения: не позднее мая. Исполнитель: УО. Срок: декабрь."],
        [("1", "Определить ответственных: Иванова, Петрова", "октябрь", "ИМЦ"),
         ("2", "Довести до сведения срок проведения: не позднее мая", "декабрь", "УО")],
    ),
    "long lines": List(
        [YEAR, f"1. {LONG}", "Срок: до 15 сентября", f"Ответственные: {MANY}", f"2. {REPORT}", "Срок: до 25 мая",
         "Ответственные: ИМЦ", SIGNED],
        [("1", LONG, "до 15 сентября", MANY), ("2", REPORT, "до 25 мая", "ИМЦ")],
    ),
}  # fmt: skip


def read(paragraphs: Sequence[object], kind: str, path: Path) -> Imported:
    """Put paragraphs on paper and read them."""
    PAPERS[kind](paragraphs, path)  # type: ignore[arg-type]  # paragraphs and tables, as paper.py has them
    return import_document(path)


@pytest.mark.parametrize("kind", PAPERS)
@pytest.mark.parametrize("name", LISTS)
def test_points_with_labels_are_measures(name: str, kind: str, tmp_path: Path) -> None:
    """In every kind of document; and a person is asked to compare them."""
    wanted = LISTS[name]
    imported = read(wanted.paragraphs, kind, tmp_path / "plan")
    got = [
        tuple(" ".join(text.replace("\n-", "\n").lstrip("- ").split()) if text is not None else None for text in values)
        for values in ((m.number, m.title, m.deadline, m.responsible_cell) for m in imported.measures)
    ]
    assert got == list(wanted.wanted)
    codes = {finding.code for finding in imported.findings}
    assert {"plan-of-a-list", *wanted.codes} <= codes
    assert "period-missing" not in codes
    if wanted.sections:
        assert tuple(m.section for m in imported.measures) == tuple(wanted.sections)


@pytest.mark.parametrize("kind", PAPERS)
def test_what_a_measure_is_to_bring_is_read(kind: str, tmp_path: Path) -> None:
    """As behind a table's heading."""
    imported = read(LISTS["labels on lines of their own, points in sections"].paragraphs, kind, tmp_path / "plan")
    assert [measure.expected_result for measure in imported.measures] == ["приказ", "отчет", "материалы семинара"]


@pytest.mark.parametrize(
    "paragraphs",
    [
        [YEAR, "1. Провести совещание", "Срок: до 15 сентября", "Ответственный: ИМЦ"],
        [
            YEAR,
            "Школам сообщить срок: когда начнется год.",
            "Школам сообщить дата - число и месяц.",
            "Срок службы - год.",
        ],
        [YEAR, "Ответственные: ИМЦ", "Ответственные: школы"],
    ],
)
def test_a_word_by_the_way_makes_no_plan(paragraphs: list[str], tmp_path: Path) -> None:
    """Two deadlines with their labels are the least."""
    imported = read(paragraphs, "md", tmp_path / "plan")
    assert not imported.measures
    assert "no-plan-table" in {finding.code for finding in imported.findings}


def test_a_table_goes_before_labels(tmp_path: Path) -> None:
    """Points above a plan are the order's."""
    table = [("№", "Мероприятие", "Срок", "Ответственный"), ("1", "Семинар", "ноябрь", "ИМЦ")]
    order = [
        f"1. {GROUP}",
        "Срок: до 15 сентября",
        "Ответственный: ИМЦ",
        f"2. {REPORT}",
        "Срок: до 25 мая",
        "Ответственный: ИМЦ",
    ]
    imported = read([*order, YEAR, table], "docx", tmp_path / "plan")
    assert [measure.title for measure in imported.measures] == ["Семинар"]
    assert "plan-of-a-list" not in {finding.code for finding in imported.findings}


def test_a_table_behind_the_list_stays_one(tmp_path: Path) -> None:
    """Such as that of the indicators."""
    table = [("№", "Показатель", "Значение"), ("1", "Доля учителей, прошедших обучение", "не менее 50 %")]
    paragraphs = [*LISTS["all in one paragraph"].paragraphs[:-1], "Целевые показатели", table]
    imported = read(paragraphs, "docx", tmp_path / "plan")
    assert [measure.number for measure in imported.measures] == ["1", "2"]
    assert [indicator.target for indicator in imported.indicators] == [50]


@pytest.mark.parametrize("paper", WRITTEN, ids=lambda paper: paper.name)
def test_documents_of_offices_are_read_or_asked_about(paper: Paper, tmp_path: Path) -> None:
    """What a person reads is read; what a person cannot tell is asked, and no document is taken for a plan that is none."""
    imported = import_document(paper.write(tmp_path))
    sections = {s.number or s.title: f"{s.number} {s.title}" for s in imported.sections}
    got = [
        (m.number_in_source and m.number, m.title, m.deadline, m.responsible_cell, sections.get(m.section, m.section))
        for m in imported.measures
    ]
    wanted = [(m.number, m.title, m.deadline, m.responsible, m.section) for m in paper.measures]
    assert [plain(measure[:4]) for measure in got] == [plain(measure[:4]) for measure in wanted]
    for (*_, section), (*_, name) in zip(got, wanted, strict=True):
        assert name.lower() in section.lower() if name else not section
    results = [
        (m.expected_result, w.result) for m, w in zip(imported.measures, paper.measures, strict=True) if w.result
    ]
    assert plain([result for result, _ in results]) == plain([result for _, result in results])
    codes = {finding.code for finding in imported.findings}
    assert {"plan-of-a-list" if paper.measures else "no-plan-table", *paper.asked} <= codes
    settled = {"label-of-one", "label-twice", "line-below-label", "headings-guessed"} & codes
    assert settled <= set(paper.asked), "nothing is asked where the document says it"


def plain(texts: Sequence[str | None]) -> list[str | None]:
    """Return texts without what ends or parts their lines."""
    return [text if text is None else re.sub(r"[\s;.-]+", " ", text).strip() for text in texts]
