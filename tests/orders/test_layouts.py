"""The 26 layouts of real plans, each on paper of every kind: columns, merges, matrices, heads of orders, periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from reading.documents.header import period_of
from reading.importer import Imported, import_document
from tests.orders.paper import KINDS, Block, Field, Row, to_markdown, to_pdf

SCHOOL_YEAR = "План мероприятий на 2021-2022 учебный год"
YEAR = "План мероприятий на 2022 год"
FOUR = (
    ("1", "Анализ результатов экзаменов", "до 1 октября", "ИМЦ", "Справка", ["2021-10-01"]),
    ("2", "Собеседования с директорами", "ноябрь", "Управление образования, ИМЦ", "Протокол", ["2021-11-30"]),
    ("3", "Семинары учителей", "октябрь, декабрь", "РМО", "Материалы семинаров", ["2021-10-31", "2021-12-31"]),
    ("4", "Итоговое совещание", "до 25 мая", "Управление образования", "Решение", ["2022-05-25"]),
)
Wanted = tuple[str, str | None, str | None, list[str]]
"""Title, cell of bodies, result, due dates."""


def plain(order: str, *heads: str, count: bool = False) -> tuple[list[Block], list[Wanted]]:
    """Return the four measures under these headings; the order names Number, Title, Deadline, Body, Result, or other."""
    at = {"n": 0, "t": 1, "d": 2, "b": 3, "r": 4}
    rows = [[str(row[at[c]]) if c in at else "" for c in order] for row in FOUR]
    counted = [[str(n) for n in range(1, len(order) + 1)]] if count else []
    wanted = [(r[1], r[3] if "b" in order else None, r[4] if "r" in order else None, r[5]) for r in FOUR]
    return [SCHOOL_YEAR, [list(heads), *counted, *rows]], wanted


def made(title: str, rows: Sequence[Row], *wanted: Wanted) -> tuple[list[Block], list[Wanted]]:
    """Return a document of one table."""
    return [title, rows], list(wanted)


LAYOUTS = {
    "1": plain("ntdbr", "№п/п", "Мероприятия", "Сроки", "Ответственные", "Результаты исполнения"),
    "2": plain("ntdb", "N п/п", "Направления деятельности", "Сроки", "Ответственные лица"),
    "3": plain("ntdbr", "№ п/п", "Наименование мероприятий", "Срок реализации", "Ответственный исполнитель", "Результат. Вид документа", count=True),
    "4": made(SCHOOL_YEAR, [
        ["№", "Наименование этапа", "Мероприятия", "Содержание деятельности", "Срок", "Ответственный"],
        ["1", Field("Подготовительный", 1, 2), "Анализ", "Сбор данных", "до 1 октября", "ИМЦ"],
        ["2", "Беседы", "Встречи с директорами", "ноябрь", "УО"],
        ["3", "Основной", "Семинары", "Занятия", "декабрь", "РМО"],
    ], ("Анализ", "ИМЦ", None, ["2021-10-01"]), ("Беседы", "УО", None, ["2021-11-30"]), ("Семинары", "РМО", None, ["2021-12-31"])),
    "5": made(SCHOOL_YEAR, [
        ["№", "Наименование этапа", "Содержание деятельности и примерный план мероприятий", "Сроки", "Ответственный", "Предполагаемый результат"],
        ["1", "Аналитический", "Анализ", "до 1 октября", "ИМЦ", "Справка"],
        ["2", "Основной", "Семинары", "декабрь", "РМО", "Материалы"],
    ], ("Анализ", "ИМЦ", "Справка", ["2021-10-01"]), ("Семинары", "РМО", "Материалы", ["2021-12-31"])),
    "6": plain("ntdr", "№ п/п", "Мероприятия", "Сроки (исполнения)", "Результат (исполнения)"),
    "7": plain("ntdbr", "N п/п", "Мероприятия", "Период реализации", "Ответственные", "Результат"),
    "8": plain("ntdbr", "N", "Наименование мероприятия", "Срок исполнения", "Ответственный исполнитель", "Результат", count=True),
    "9": plain("ntbrd", "N", "Наименование мероприятия", "Ответственный", "Результат", "Срок"),
    "10": plain("tdb", "Этап", "Срок", "Ответственные"),
    "11": made(YEAR, [
        ["Мероприятие", "Место", "Дата", "Дата", "Дата"],
        ["Экзамен", "ППЭ 1", "01.02.2022", "05.04.2022", "20.06.2022"],
        ["Пересдача", "ППЭ 2", "-", "07.04.2022", "22.06.2022"],
    ], ("Экзамен", None, None, ["2022-02-01", "2022-04-05", "2022-06-20"]), ("Пересдача", None, None, ["2022-04-07", "2022-06-22"])),
    "12": made(YEAR, [
        [Field("№", 1, 2), Field("Наименование мероприятия", 1, 2), Field("Срок исполнения, квартал", 4), Field("Орган-исполнитель", 1, 2)],
        ["I", "II", "III", "IV"],
        ["1", "Отчет", "х", "-", "-", "х", "Отдел"],
        ["2", "Семинары", "", "до 15 мая", "", "", "ИМЦ"],
    ], ("Отчет", "Отдел", None, ["2022-03-31", "2022-12-31"]), ("Семинары", "ИМЦ", None, ["2022-05-15"])),
    "12, months": made(SCHOOL_YEAR, [
        [Field("№", 1, 2), Field("Мероприятия", 1, 2), Field("Сроки проведения (месяц)", 4), Field("Ответственные", 1, 2)],
        ["11", "12", "01", "02"],
        ["1", "Отчет", "+", "", "", "+", "УО"],
        ["2", "Семинар", "", "+", "", "", "ИМЦ"],
    ], ("Отчет", "УО", None, ["2021-11-30", "2022-02-28"]), ("Семинар", "ИМЦ", None, ["2021-12-31"])),
    "12, years": made("План мероприятий на 2022-2024 годы", [
        [Field("№", 1, 2), Field("Мероприятие", 1, 2), Field("Срок реализации", 3), Field("Ответственный", 1, 2)],
        ["2022", "2023", "2024"],
        ["1", "Обновление программ", "+", "", "+", "УО"],
        ["2", "Курсы учителей", "", "май", "", "ИМЦ"],
    ], ("Обновление программ", "УО", None, ["2022-12-31", "2024-12-31"]), ("Курсы учителей", "ИМЦ", None, ["2023-05-31"])),
    "13": made(YEAR, [
        ["N п/п", "Пошаговые мероприятия", "Контрольные показатели реализации", "I квартал", "II квартал", "III квартал", "IV квартал"],
        ["1", "Разработка", "Программа утверждена", "х", "", "", ""],
        ["2", "Обучение", "Обучено 30 учителей", "", "х", "х", ""],
    ], ("Разработка", None, "Программа утверждена", ["2022-03-31"]), ("Обучение", None, "Обучено 30 учителей", ["2022-06-30", "2022-09-30"])),
    "14": plain("ntdx", "N", "Наименование направления мероприятия", "Сроки реализации", "Дальнейшее использование результатов"),
    "15": plain("ntdb", "N", "Наименование мероприятия", "Сроки исполнения", "Ответственные исполнители"),
    "16": made(SCHOOL_YEAR, [
        ["№ п/п", "Мероприятия", "Установленные сроки проведения мероприятия", "Ответственные исполнители"],
        [Field("I. Подготовительный этап (сентябрь - ноябрь 2021 года)", 4)],
        ["1", "Анализ", "до 1 октября", "ИМЦ"],
        [Field("II. Основной этап (декабрь 2021 г. - май 2022 г.)", 4)],
        ["2", "Семинары", "декабрь", "РМО"],
    ], ("Анализ", "ИМЦ", None, ["2021-10-01"]), ("Семинары", "РМО", None, ["2021-12-31"])),
    "17": plain("ntdxb", "№", "Мероприятия", "Срок исполнения", "Корректировка плана", "Ответственные"),
    "18": plain("ntdb", "п/п", "Содержание работы", "Сроки", "Ответственный"),
    "19": plain("tdbx", "Наименование мероприятия", "Сроки", "Ответственные лица", "Отметка о выполнении"),
    "20": plain("txdb", "Дела, события, мероприятия", "Классы", "Ориентировочное время проведения", "Ответственные"),
    "21": plain("ntdb", "№", "Наименование мероприятий", "Сроки исполнения", "Исполнитель"),
    "22": plain("ntdb", "№№", "Мероприятия", "Сроки исполнения", "Ответственные"),
    "23": plain("ntdx", "№ п/п", "Мероприятие", "Сроки", "Направленность в работе"),
    "24": made(SCHOOL_YEAR, [
        [Field("N п/п", 1, 2), Field("Наименование основного мероприятия", 1, 2), Field("Ответственный исполнитель", 1, 2), Field("Срок", 2), Field("Ожидаемый непосредственный результат", 1, 2)],
        ["начала реализации", "окончания реализации"],
        ["1", "Обновление программ", "УО", "01.09.2021", "31.12.2021", "Программы"],
        ["2", "Обучение", "ИМЦ", "январь 2022 г.", "май 2022 г.", "Удостоверения"],
    ], ("Обновление программ", "УО", "Программы", ["2021-12-31"]), ("Обучение", "ИМЦ", "Удостоверения", ["2022-05-31"])),
    "25": made(SCHOOL_YEAR, [
        ["N", "Наименование основного мероприятия", "Ответственный исполнитель", "Срок начала", "Срок окончания реализации", "Ожидаемый результат", "Последствия нереализации", "Связь с показателями"],
        ["1", "Обновление", "УО", "01.09.2021", "31.12.2021", "Программы", "Снижение качества", "Показатель 1"],
    ], ("Обновление", "УО", "Программы", ["2021-12-31"])),
    "26": made(SCHOOL_YEAR, [
        ["Мероприятие", "Исполнитель", "Срок", "Ожидаемый результат", "Показатель эффективности"],
        ["Анализ", "ИМЦ", "до 1 октября", "Справка", "100 % школ"],
        ["Беседы", "УО", "ноябрь", "Протокол", "5 бесед"],
    ], ("Анализ", "ИМЦ", "Справка", ["2021-10-01"]), ("Беседы", "УО", "Протокол", ["2021-11-30"])),
}  # fmt: skip


def flat(text: str | None) -> str | None:
    """Return a text with its white space collapsed."""
    return None if text is None else " ".join(text.split())


def read(imported: Imported) -> list[Wanted]:
    """Return what was read of each measure."""
    return [
        (flat(m.title) or "", flat(m.responsible_cell), flat(m.expected_result), [str(c.due) for c in m.checkpoints])
        for m in imported.measures
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_layout_is_read_from_every_kind_of_paper(layout: str, kind: str, tmp_path: Path) -> None:
    """Titles, bodies, results and dates, as a clerk would copy them."""
    blocks, wanted = LAYOUTS[layout]
    path = tmp_path / "plan"
    KINDS[kind](blocks, path)
    if layout == "4" and kind == "md":
        return  # Markdown has no merged cells: the stage of the second row is simply not there
    assert read(import_document(path)) == wanted


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_table_without_lines_is_read_with_a_question_or_refused(layout: str, tmp_path: Path) -> None:
    """Never with cells mixed."""
    blocks, wanted = LAYOUTS[layout]
    path = tmp_path / "plan.pdf"
    to_pdf(blocks, path, ruled=False)
    imported = import_document(path)
    codes = {finding.code for finding in imported.findings}
    if imported.measures:
        assert "columns-by-position" in codes
        assert read(imported) == wanted
    else:
        assert "no-plan-table" in codes
        assert layout in {"12", "12, months", "12, years"}  # headings over headings


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_turned_back(turned: int, tmp_path: Path) -> None:
    """Whatever the page says of itself, its letters are read upright."""
    blocks, wanted = LAYOUTS["12"]
    path = tmp_path / "plan.pdf"
    to_pdf(blocks, path, turned=turned)
    assert f"/Rotate {turned}".encode() in path.read_bytes()
    assert read(import_document(path)) == wanted


@pytest.mark.parametrize("ruled", [True, False])
def test_a_plan_of_several_pages_is_one_plan(tmp_path: Path, *, ruled: bool) -> None:
    """Rows go on at the next page without headings; long cells take several lines."""
    title = "Проведение методических семинаров для учителей математики и русского языка по итогам работ"
    rows = [
        [str(n), f"{title} {n}", "до 25 мая", "Управление образования", "Материалы семинаров"] for n in range(1, 40)
    ]
    path = tmp_path / "plan.pdf"
    to_pdf([SCHOOL_YEAR, [["№", "Мероприятие", "Срок", "Ответственный", "Результат"], *rows]], path, ruled=ruled)
    got = import_document(path).measures
    assert [(m.number, m.title, m.responsible_cell) for m in got] == [(row[0], row[1], row[3]) for row in rows]


HEAD = ["№", "Мероприятие", "Срок", "Ответственный"]
ROW = ["1", "Анализ", "25 мая", "УО"]
HEADS: list[tuple[list[Block], tuple[str, str | None, str, str]]] = [
    (["П Р И К А З", "17.09.2021        № 01-05/345", "г. Энск", "Об утверждении плана", "по подготовке к ГИА", "В целях подготовки", "п р и к а з ы в а ю:", "1. Утвердить план.", "Начальник отдела        А.А. Смирнова"],
     ("01-05/345", "2021-09-17", "Об утверждении плана по подготовке к ГИА", "Начальник отдела")),
    (["ПОСТАНОВЛЕНИЕ", "от 17 сентября 2021 г. № 123-р", "Об утверждении программы", "В соответствии с Федеральным законом от 06.10.2003 № 131-ФЗ", "ПОСТАНОВЛЯЮ:", "1. Утвердить.", "Глава района И.И. Иванов"],
     ("123-р", "2021-09-17", "Об утверждении программы", "Глава района")),
    (["РАСПОРЯЖЕНИЕ", "№ 45-р от 01.02.2022", "Об организации работы", "1. Утвердить план."], ("45-р", "2022-02-01", "Об организации работы", "")),
    (["ПРИКАЗ", "от «___» __________ 2021 г. № ____", "Об утверждении плана"], ("", None, "Об утверждении плана", "")),
    (["ПРИКАЗ", "от __17.09.21__ № __345__", "ПО ВОПРОСУ ОРГАНИЗАЦИИ МОНИТОРИНГА"], ("345", "2021-09-17", "ПО ВОПРОСУ ОРГАНИЗАЦИИ МОНИТОРИНГА", "")),
    (["РЕШЕНИЕ", "от 17.09.2021 № 15/3", "О плане мероприятий", "Коллегия решила:", "1. Утвердить план.", "Председатель коллегии П.П. Петров"],
     ("15/3", "2021-09-17", "О плане мероприятий", "Председатель коллегии")),
    (["УТВЕРЖДЕНО", "приказом управления образования", "от 17.09.2021 № 345", "План мероприятий"], ("345", "2021-09-17", "План мероприятий", "")),
    (["УТВЕРЖДАЮ", "Директор школы _______ И.И. Иванов", "«31» августа 2021 г.", "План работы школы"], ("", "2021-08-31", "План работы школы", "")),
    (["П Р И К А З", [["17.09.2021", "г. Энск", "№ 345"]], "Об утверждении плана", "ПРИКАЗЫВАЮ:", "1. Утвердить план.", [["Начальник управления", "П.П. Петров"]]],
     ("345", "2021-09-17", "Об утверждении плана", "Начальник управления")),
]  # fmt: skip


@pytest.mark.parametrize(("head", "wanted"), HEADS, ids=[wanted[2] for _, wanted in HEADS])
def test_the_head_of_an_order_is_read_as_offices_write_it(
    head: list[Block], wanted: tuple[str, str | None, str, str], tmp_path: Path
) -> None:
    """Number, date, title, post of who signed."""
    path = tmp_path / "plan.md"
    to_markdown([*head, [HEAD, ROW]], path)
    order = import_document(path).order
    day = str(order.date) if order.date else None
    assert (order.number, day, order.title, order.signatory_post) == wanted


@pytest.mark.parametrize(
    ("title", "first", "last"),
    [
        ("План на 2021-2022 учебный год", "2021-09-01", "2022-08-31"),
        ("План подготовки школ к началу 2022/2023 учебного года", "2022-01-01", "2022-08-31"),
        ("План подготовки к новому 2021-2022 учебному году", "2021-01-01", "2021-08-31"),
        ("План подготовки к ГИА в 2021-2022 учебном году", "2021-09-01", "2022-08-31"),
        ("План на 2021/22", "2021-09-01", "2022-08-31"),
        ("на 2021–2022 и 2022–2023 учебные годы", "2021-09-01", "2023-08-31"),
        ("на второе полугодие 2021/2022 учебного года", "2022-01-01", "2022-08-31"),
        ("на 2022 год", "2022-01-01", "2022-12-31"),
        ("на 2021 и 2022 годы", "2021-01-01", "2022-12-31"),
        ("2021–2024 годы", "2021-01-01", "2024-12-31"),
        ("на период с 01.09.2021 по 31.05.2022", "2021-09-01", "2022-05-31"),
        ("с сентября 2021 года по май 2022 года", "2021-09-01", "2022-05-31"),
        ("в сентябре - декабре 2021 года", "2021-09-01", "2021-12-31"),
        ("на март 2022 года", "2022-03-01", "2022-03-31"),
        ("на IV квартал 2021 года", "2021-10-01", "2021-12-31"),
        ("до 2025 года", "2021-09-17", "2025-12-31"),
    ],
)
def test_a_period_is_read_as_titles_say_it(title: str, first: str, last: str) -> None:
    """Both days belong to it."""
    period = period_of(title, date(2021, 9, 17))
    assert period is not None
    assert (str(period.start), str(period.end)) == (first, last)


def test_a_plan_has_the_last_title_that_says_something(tmp_path: Path) -> None:
    """«ПЛАН» alone over the table is none, where another one stands before it."""
    path = tmp_path / "plan.md"
    to_markdown([SCHOOL_YEAR, "ПЛАН", "Раздел I", [HEAD, ROW]], path)
    assert import_document(path).order.plan_title == SCHOOL_YEAR


def test_a_column_without_a_heading_is_asked_about(tmp_path: Path) -> None:
    """Nothing that stands in a plan is left out in silence."""
    path = tmp_path / "plan.md"
    to_markdown([SCHOOL_YEAR, [[*HEAD, ""], [*ROW, "перенести на июнь"]]], path)
    (finding,) = [f for f in import_document(path).findings if f.code == "column-unnamed"]
    assert "перенести на июнь" in finding.text()
