"""Laws that papers taught which nobody had read before: what is doubtful is asked about, and nothing goes out of sight."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import docx
import pytest

from domain.roadmap import Severity
from domain.workdays import Shift
from reading.bodies import read_bodies
from reading.deadlines import Period, read_deadline
from reading.documents import UnreadableDocument, read_document
from reading.documents.header import period_of
from reading.doubts import READING
from reading.importer import Imported, import_document
from tests.orders.paper import Block, Field, Row, to_html, to_markdown
from tests.orders.test_account import lost

HEAD = ["№", "Мероприятие", "Срок", "Ответственный"]
ROW = ["1", "Смотр", "до 1 марта", "Завуч"]
ORDER = "Приказ от 10.01.2023 № 5"
YEAR = "План работы на 2023 год"


def put(tmp_path: Path, *blocks: Block) -> Imported:
    """Import a page of these blocks; nothing of them is left."""
    to_html(blocks, tmp_path / "order")
    imported = import_document(tmp_path / "order")
    assert imported.account.left() == []
    assert lost(imported) == []
    return imported


def asked(imported: Imported) -> set[str]:
    """Return the codes of what a person is asked."""
    return {f.code for f in imported.findings if f.severity is not Severity.INFO}


def read(imported: Imported) -> list[tuple[str, list[str], list[str]]]:
    """Return title, due dates and bodies of each measure."""
    return [(m.title, [str(c.due)[5:] for c in m.checkpoints], [b.name for b in m.bodies]) for m in imported.measures]


# --- the head and the period -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "number", "day"),
    [
        (["РЕШЕНИЕ РАЙОННОГО СОВЕТА ДЕПУТАТОВ", "29 декабря 2022 г. № 65"], "65", date(2022, 12, 29)),
        (["Распоряжение главы Каменского сельсовета", "17.03.2023 № 56/03"], "56/03", date(2023, 3, 17)),
        (["ПРОТОКОЛ № 4 заседания комиссии", "от 8 октября 2022 г."], "4", date(2022, 10, 8)),
        (["Жилищная инспекция", "ПРИКАЗ", "30 января 2023 года № 12-НҚ"], "12-НҚ", date(2023, 1, 30)),
        (["Рассмотрено на заседании педсовета", "протокол от 30.08.2022 № 1"], "", None),
    ],
)
def test_an_act_may_say_whose_it_is_before_its_number(
    head: list[str], number: str, day: date | None, tmp_path: Path
) -> None:
    """And a stamp is none."""
    order = put(tmp_path, *head, YEAR, [HEAD, ROW]).order
    assert (order.number, order.date) == (number, day)


def test_two_dates_in_one_head_are_asked_about(tmp_path: Path) -> None:
    """One of them is that of an edition, or of another act."""
    imported = put(tmp_path, "ПРИКАЗ", "от 10.01.2023 № 5", "в редакции от 12.03.2023", YEAR, [HEAD, ROW])
    assert "order-data-differ" not in asked(imported)  # the line says what it is
    imported = put(tmp_path, "УТВЕРЖДАЮ", "Директор Зуев И.И.", "принято 10.01.2023", "12.01.2023", YEAR, [HEAD, ROW])
    assert "order-data-differ" in asked(imported)


@pytest.mark.parametrize(
    ("title", "year", "question"),
    [
        ("План работы летом 2023 года", 2023, ""),
        ("Об итогах за 2022 год и задачах на 2023 год", 2023, ""),
        ("План подготовки к отопительному сезону 2023-2024 годов", 2023, "period-of-season"),
        ("План работы", None, "period-missing"),
        ("План мероприятий к 80-летию битвы 1943 года", None, "period-missing"),
    ],
)
def test_the_year_of_a_title_is_its_period_however_it_is_said(
    title: str, year: int | None, question: str, tmp_path: Path
) -> None:
    """A season has no days in any calendar: they are asked for."""
    imported = put(tmp_path, ORDER, title, [HEAD, ROW])
    assert (imported.period.start.year if imported.period else None) == year
    assert {code for code in asked(imported) if code.startswith("period")} == ({question} if question else set())


def test_titles_of_two_periods_and_one_in_the_text_are_asked_about(tmp_path: Path) -> None:
    """Whichever was taken."""
    two = put(tmp_path, "ПРИКАЗ", "от 10.01.2023 № 5", "О плане на 2022 год", YEAR, [HEAD, ROW])
    assert "period-differs" in asked(two)
    text = put(tmp_path, ORDER, "В соответствии с программой на 2020-2025 годы", "План работы", [HEAD, ROW])
    assert "period-in-text" in asked(text)
    assert period_of("План на I квартал 2023 года", None) == Period(date(2023, 1, 1), date(2023, 3, 31))


def test_without_a_period_days_are_read_after_the_order_with_a_question(tmp_path: Path) -> None:
    """The year that is not said is asked about at each; one that is said is not."""
    rows: list[Row] = [HEAD, ROW, ["2", "Отчёт", "до 20.12.2023", "Завуч"]]
    imported = put(tmp_path, ORDER, "План работы", rows)
    assert read(imported) == [("Смотр", ["03-01"], ["Завуч"]), ("Отчёт", ["12-20"], ["Завуч"])]
    assert [f.where.split(",")[0] for f in imported.findings if f.code == "year-not-said"] == ["measure 1"]


# --- tables ------------------------------------------------------------------------------------------------


def test_headings_above_tables_are_their_sections(tmp_path: Path) -> None:
    """Where the source marks them, or each is the title of a plan of its own; the only title of a plan is none."""
    tables = ["# Очистка", [HEAD, ROW], "# Озеленение", [HEAD, ["2", "Посадки", "май", "Завуч"]]]
    to_markdown([ORDER, YEAR, *tables], tmp_path / "order")
    assert [m.section for m in import_document(tmp_path / "order").measures] == ["Очистка", "Озеленение"]
    assert [m.section for m in put(tmp_path, ORDER, YEAR, [HEAD, ROW]).measures] == [""]


def test_a_table_that_goes_on_may_have_empty_columns_behind_it(tmp_path: Path) -> None:
    """A scan makes them."""
    to_markdown(
        [ORDER, YEAR, [HEAD, ["1", "Консультация по ведению", "март", "Завуч"]], "---",
         [["", "", "", "", ""], ["", "документации группы", "", "", ""], ["2", "Смотр", "май", "Завуч", ""]]],
        tmp_path / "order",
    )  # fmt: skip
    assert [m.title for m in import_document(tmp_path / "order").measures] == [
        "Консультация по ведению документации группы",
        "Смотр",
    ]


def test_headings_may_stand_over_others_that_are_no_months(tmp_path: Path) -> None:
    """«Объём» over «всего | 2020 | 2021»: the row of the lower ones is no measure."""
    rows: list[Row] = [
        [*(Field(text, 1, 2) for text in HEAD), Field("Объём, тыс. руб.", 3)], ["всего", "2022", "2023"], [*ROW, "10", "5", "5"],
    ]  # fmt: skip
    assert [m.title for m in put(tmp_path, ORDER, YEAR, rows).measures] == ["Смотр"]


@pytest.mark.parametrize("name", ["Что", "Акция", "Вид отчёта", "Поручение", "Принятое решение"])
def test_a_rare_heading_beside_known_ones_names_the_titles(name: str, tmp_path: Path) -> None:
    """«Кто представляет» and «Ответств.» are bodies."""
    for who in ("Кто", "Кто представляет", "Ответств.", "Отвечает"):
        rows = [["№", name, "Срок", who], ROW]
        assert read(put(tmp_path, ORDER, YEAR, rows)) == [("Смотр", ["03-01"], ["Завуч"])]


def test_a_second_column_of_titles_is_told(tmp_path: Path) -> None:
    """What it holds is not carried over, and may be an order."""
    rows: list[Row] = [
        ["№", "Мероприятие", "Содержание работы", "Срок", "Ответственный"],
        ["1", "Смотр", "Обойти кабинеты", "до 1 марта", "Завуч"],
    ]
    assert "second-titles" in asked(put(tmp_path, ORDER, YEAR, rows))
    other = [["№", "Мероприятие", "Примечание", "Срок", "Ответственный"], ["1", "Смотр", "Нет", "до 1 марта", "Завуч"]]
    assert "second-titles" not in asked(put(tmp_path, ORDER, YEAR, other))


def test_marks_whose_months_nobody_names_are_an_error(tmp_path: Path) -> None:
    """One heading over twelve columns; with numbers below it they are months."""
    marks = ["V", *[""] * 3, "V", *[""] * 7]
    bare: list[Row] = [["№", "Мероприятие", Field("2023 год", 12), "Ответственный"], ["1", "Смотр", *marks, "Завуч"]]
    assert [f.severity for f in put(tmp_path, ORDER, YEAR, bare).findings if f.code == "marks-without-months"] == [
        Severity.ERROR
    ]
    numbers = ["", "", *map(str, range(1, 13)), ""]
    assert read(put(tmp_path, ORDER, YEAR, [bare[0], numbers, bare[1]])) == [("Смотр", ["01-31", "05-31"], ["Завуч"])]


def test_how_often_and_until_when_in_two_columns_are_one_time(tmp_path: Path) -> None:
    """«Периодичность» beside «Срок представления»."""
    head = ["№", "Вид отчёта", "Периодичность", "Срок", "Ответственный"]
    rows: list[Row] = [
        head,
        ["1", "Сводка", "квартальная", "до 10 апреля, до 10 июля", "Завуч"],
        ["2", "Доклад", "годовая", "25 декабря", "Завуч"],
    ]
    imported = put(tmp_path, ORDER, YEAR, rows)
    assert [due for _, due, _ in read(imported)] == [["04-10", "07-10"], ["12-25"]]


def test_a_row_below_a_merged_number_with_a_time_and_a_body_of_its_own_is_asked_about(tmp_path: Path) -> None:
    """It may be a measure."""
    rows: list[Row] = [HEAD, [Field("1", 1, 2), Field("Мониторинг", 1, 2), "март", "Завуч"], ["сентябрь", "Директор"]]
    assert "rows-under-one-number" in asked(put(tmp_path, ORDER, YEAR, rows))


def test_a_line_of_a_plan_that_may_be_a_measure_is_asked_about(tmp_path: Path) -> None:
    """A title alone in its row, where no merge says that it is a section."""
    rows: list[Row] = [HEAD, ROW, ["", "В том числе ремонт кровли", "", ""], ["2", "Отчёт", "май", "Завуч"]]
    imported = put(tmp_path, ORDER, YEAR, rows)
    assert any("В том числе ремонт кровли" in f.text() for f in imported.findings if f.severity is not Severity.INFO)


def test_the_body_of_a_section_is_asked_about(tmp_path: Path) -> None:
    """Where no column names any."""
    rows: list[Row] = [HEAD[:3], [Field("МУП «Горсвет» (Савчук И.П.)", 3)], ROW[:3]]
    imported = put(tmp_path, ORDER, YEAR, rows)
    assert [b.verbatim for b in imported.measures[0].bodies] == ["МУП «Горсвет» (Савчук И.П.)"]
    assert {"bodies-of-section", "no-responsible-column"} <= asked(imported)


# --- what stands beside the plan ---------------------------------------------------------------------------


def test_sentences_that_order_beside_the_plan_are_asked_about(tmp_path: Path) -> None:
    """By their month, their number or their value; the points of rules are none."""
    beside = [
        "Также предусмотреть ярмарку в ноябре.",
        "5. Организовать сбор отзывов.",
        "Доля довольных должна быть не менее 90 %.",
    ]
    imported = put(tmp_path, ORDER, YEAR, [HEAD, ROW], *beside)
    said = " ".join(f.text() for f in imported.findings)
    assert all(text in said for text in beside)
    assert "order-not-read" not in asked(
        put(tmp_path, ORDER, YEAR, [HEAD, ROW], "Положение о смотре", "5. Организовать сбор отзывов.")
    )


def test_heads_and_feet_of_pages_notes_and_boxes_are_in_the_account(tmp_path: Path) -> None:
    """A head that names a date is asked about, a foot with a telephone is named."""
    document = docx.Document()
    for text in (ORDER, YEAR):
        document.add_paragraph(text)
    table = document.add_table(rows=0, cols=4)
    for texts in (HEAD, ROW):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = text
    document.sections[0].header.paragraphs[0].text = "Сроки продлены до 1 июля 2023 года"
    document.sections[0].footer.paragraphs[0].text = "Исп. Лебедева, тел. 22-33"
    document.save(str(tmp_path / "order"))
    imported = import_document(tmp_path / "order")
    assert any("продлены до 1 июля" in f.text() for f in imported.findings if f.code == "text-not-read")
    assert imported.account.left() == []
    assert imported.account.rows == len(read_document(tmp_path / "order").blocks) + 1 + 2  # two rows of the table
    assert [m.title for m in imported.measures] == ["Смотр"]


# --- indicators --------------------------------------------------------------------------------------------


def test_points_of_the_order_are_no_indicators(tmp_path: Path) -> None:
    """Though its title speaks of them."""
    table = [["№", "Показатель", "Значение на 2023 год"], ["1", "Охват детей, %", "не менее 80"]]
    imported = put(
        tmp_path, "ПРИКАЗ", "от 10.01.2023 № 5", "О показателях развития в 2023 году", "1. Утвердить показатели.",
        "2. Контроль за исполнением приказа возложить на директора.", "Целевые показатели", table, YEAR, [HEAD, ROW],
    )  # fmt: skip
    assert [i.text for i in imported.indicators] == ["Охват детей, %: не менее 80"]


def test_items_end_where_the_next_bullet_begins(tmp_path: Path) -> None:
    """Also without «;»."""
    items = [
        "1. Доля довольных — не менее 90 %",
        "2. Время ожидания — не более 15 мин",
        "3. Снижение доли жалоб до 5 %",
    ]
    found = put(tmp_path, ORDER, YEAR, "Целевые показатели:", *items, [HEAD, ROW]).indicators
    assert [(i.comparator, i.target, i.unit) for i in found] == [(">=", 90, "%"), ("<=", 15, "мин"), ("<=", 5, "%")]


@pytest.mark.parametrize(
    ("name", "said", "target", "comparator"),
    [
        ("Число подписчиков", "в 1,5 раза", None, None),
        ("Количество жалоб", "снижение на 10 %", None, "<="),
        ("Охват детей, %", "до 80", 80, ">="),
        ("Доля отчисленных, %", "до 4", 4, None),
    ],
)
def test_a_change_is_no_value_and_up_to_may_be_down_to(
    name: str, said: str, target: float | None, comparator: str | None, tmp_path: Path
) -> None:
    """What is not said is asked for."""
    imported = put(tmp_path, ORDER, YEAR, [["№", "Показатель", "План на 2023 год"], ["1", name, said]], [HEAD, ROW])
    assert [(i.target, i.comparator) for i in imported.indicators] == [(target, comparator)]
    if target is None or comparator is None:
        assert any(f.where == "indicator 1" and f.severity is not Severity.INFO for f in imported.findings)


def test_a_column_may_say_which_way_is_better(tmp_path: Path) -> None:
    """«рост», «снижение»."""
    rows: list[Row] = [
        ["№", "Показатель", "Вес", "План на 2023 год", "Направление"],
        ["1", "Трудоустройство, %", "40", "62", "рост"],
        ["2", "Отсев, %", "60", "4", "снижение"],
    ]
    assert [i.comparator for i in put(tmp_path, ORDER, YEAR, rows, [HEAD, ROW]).indicators] == [">=", "<="]


def test_indicators_beside_bodies_and_years_are_no_plan(tmp_path: Path) -> None:
    """Years are their values."""
    rows: list[Row] = [
        ["№", "Целевые индикаторы", "Ед. изм.", "2022", "2023", "Ответственные"],
        ["1", "Охват", "%", "91", "95", "отдел"],
    ]
    imported = put(tmp_path, ORDER, YEAR, rows, [HEAD, ROW])
    assert [m.title for m in imported.measures] == ["Смотр"]
    assert [i.target for i in imported.indicators] == [95]


# --- phrases, cells and words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "phrase", ["летний период", "в зимний период", "отопительный период", "учебный год", "паводковый период"]
)
def test_a_named_season_is_a_question(phrase: str) -> None:
    """No calendar has its days; «весной» and «осень 2023» are months of the calendar."""
    plan = Period(date(2022, 9, 1), date(2023, 8, 31))
    found = read_deadline(phrase, plan, signed=date(2022, 8, 31), calendar=None, shift=Shift.NONE).findings
    assert [f for f in found if f.severity is not Severity.INFO]
    plain = read_deadline("весной", plan, signed=date(2022, 8, 31), calendar=None, shift=Shift.NONE).findings
    assert {f.severity for f in plain} == {Severity.INFO}


@pytest.mark.parametrize(
    ("cell", "names", "question"),
    [
        ("отдел культуры, районный дом культуры", ["отдел культуры", "районный дом культуры"], False),
        ("управляющая компания «Уют», снабжающие организации", None, True),
        ("ветеринарная станция, хозяйства района", None, True),
        ("Художественный руководитель и звукооператор", None, True),
        ("Петрова О.И., тел. 2-22-33", ["Петрова О.И."], False),
        ("отдел ЖКХ, строительства и архитектуры", ["отдел ЖКХ, строительства и архитектуры"], False),
    ],
)
def test_what_may_be_another_body_is_apart_or_asked_about(cell: str, names: list[str] | None, question: bool) -> None:
    """Never joined in silence."""
    bodies, findings = read_bodies(cell)
    assert bool([f for f in findings if f.code == "one-or-several"]) is question
    if names is not None:
        assert [body.name for body in bodies] == names


def test_every_question_says_what_to_do() -> None:
    """In the words of a clerk: an imperative, or a question that they answer."""
    does = re.compile(
        r"(?i)(?:впиш|проверьт|сверьт|исправьт|внесит|оставьт|уберит|допиш|раздели|соедини|решит|распозна|перенесит|начинают|назовит)|\?"
    )
    silent = [
        code for code, kind in READING.items() if kind.severity is not Severity.INFO and not does.search(kind.words.ru)
    ]
    assert silent == []


@pytest.mark.parametrize(("content", "kind"), [(b"{\\rtf1 x}", "rtf"), (b"\xd0\xcf\x11\xe0" + b"x" * 600, "doc")])
def test_an_old_file_is_refused_with_how_to_save_it(
    content: bytes, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no LibreOffice."""
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "order").write_bytes(content)
    with pytest.raises(UnreadableDocument) as refused:
        read_document(tmp_path / "order")
    said = refused.value.text("ru")
    assert all(words in said for words in (f"({kind})", "«Сохранить как»", ".docx"))
