"""A table of commands: read whole or not at all, as a spreadsheet leaves it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from openpyxl import Workbook

from domain.codec import MAX_TEXT
from domain.commands import (
    AcceptExecution,
    ExtendDeadline,
    MeasureIndicator,
    ReportExecution,
    ReportProgress,
)
from domain.roadmap import Indicator, IndicatorKind, Roadmap
from orders.batch import HEADINGS, MAX_TITLES, VERBS, load_batch
from orders.counted import counts_whole
from orders.findings import UnreadableFile
from orders.scenario import Step
from orders.yaml_file import load_roadmap
from settings import ROOT

NOW = datetime(2021, 9, 28, 9, 30, tzinfo=UTC)
HEADER: list[object] = ["do", "as", "measure", "body", "note", "occurred_on", "files"]
ROWS: list[list[object]] = [
    HEADER,
    ["report", "school-6", "2.10", None, "готово", date(2021, 9, 27), "proof.txt"],
    [],
    ["accept", "vasyutina", "2.10", "school-6", None, None, None],
]


@cache
def example() -> Roadmap:
    """Return the example's definition: it has 2.1 and 2.10, 1.1 and no 1.10."""
    roadmap = load_roadmap(ROOT / "examples" / "pyatigorsk-2021-22" / "roadmap.yaml").roadmap
    assert roadmap is not None
    return roadmap


def steps(path: Path) -> tuple[Step, ...]:
    """Return the commands of a table."""
    return load_batch(path, example(), NOW)


def workbook(path: Path, rows: list[list[object]]) -> Path:
    """Write rows as a workbook."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a text as a CSV."""
    path.write_bytes(text.encode(encoding))
    return path


def problems(path: Path) -> list[str]:
    """Return what keeps a table from being read, `B3: words` each, or `3: words` where the row is meant."""
    with pytest.raises(UnreadableFile) as caught:
        steps(path)
    lines = [problem.line().partition(path.name)[2] for problem in caught.value.problems]
    place = r"^:(\d+):\d+: строка \1(?:, столбец ([A-Z]+)(?: «.*?»)?)?: |^: "
    return [re.sub(place, lambda said: f"{said[2] or ''}{said[1]}: " if said[1] else "", line) for line in lines]


def test_a_csv_and_a_workbook_say_the_same(tmp_path: Path) -> None:
    """Rows in their order, blank ones passed over, proofs beside the table."""
    (tmp_path / "proof.txt").write_text("протокол")
    text = "\ufeff" + "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in ROWS)
    from_csv = steps(csv(tmp_path / "batch.csv", text))
    from_book = steps(workbook(tmp_path / "batch.xlsx", ROWS))
    assert [step.request for step in from_csv] == [step.request for step in from_book]
    assert [type(step.request) for step in from_csv] == [ReportExecution, AcceptExecution]
    first = from_csv[0]
    assert (first.measure, first.actor, first.occurred_on, first.files) == (
        "2.10",
        "school-6",
        date(2021, 9, 27),
        (tmp_path / "proof.txt",),
    )


def test_the_same_table_has_the_same_ids(tmp_path: Path) -> None:
    """Sent twice, it happens once; another table has ids of its own."""
    one = csv(tmp_path / "one.csv", "do,as,measure\nreport,uo,2.3\nreport,uo,2.3\n")
    other = csv(tmp_path / "other.csv", "do,as,measure\nreport,uo,3.3\n")
    ids = [step.id for step in steps(one)]
    assert ids == [step.id for step in load_batch(one, example(), NOW.replace(hour=12))]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {step.id for step in steps(other)}


RUSSIAN: list[list[str | None]] = [
    ["Отчёты школ за сентябрь", None, None, None, None],
    [],
    ["Кто", "Что сделать", "№ мероприятия", "Пояснение", "Новый срок", "Причина", "Основание"],
    ["school-6", "Отчитаться", "2.2", "Обсуждено", None],
    ["vasyutina", "перенести срок", "2.3", None, "15.10.2021", "карантин", "приказ № 5"],
]


@pytest.mark.parametrize("form", ["xlsx", "utf-8-sig", "cp1251", "utf-16"])
def test_titles_above_russian_headings_and_verbs_in_each_encoding(tmp_path: Path, form: str) -> None:
    """As a clerk makes it, in a workbook or in what Excel saves as CSV: semicolons, Windows-1251, a byte order mark."""
    if form == "xlsx":
        table = workbook(tmp_path / "таблица.xlsx", [list(row) for row in RUSSIAN])
    else:
        delimiter = "\t" if form == "utf-16" else ";"
        text = "\r\n".join(delimiter.join(cell or "" for cell in row) for row in RUSSIAN)
        table = csv(tmp_path / "таблица.csv", text, form)
    report, extend = steps(table)
    assert (report.actor, report.measure, report.request) == (
        "school-6",
        "2.2",
        ReportExecution(measure="2.2", note="Обсуждено"),
    )
    assert isinstance(extend.request, ExtendDeadline)
    assert (extend.request.until, extend.request.act) == (date(2021, 10, 15), "приказ № 5")


@pytest.mark.parametrize("name", [*HEADINGS, *VERBS])
def test_every_name_is_told_apart_from_all_others(name: str) -> None:
    """No Russian word stands for two columns, or for two actions."""
    for names in (HEADINGS, VERBS):
        words = [word for one in names.values() for word in one]
        assert len(words) == len(set(words))
    assert name.isascii()


def test_dates_as_a_spreadsheet_has_them(tmp_path: Path) -> None:
    """Dates, moments, days counted since 1900, and what is shown of them."""
    cells: list[object] = [
        date(2021, 10, 15),
        datetime.fromisoformat("2021-10-15"),
        44484,
        "15.10.2021",
        "2021-10-15",
        "15.10.2021 0:00",
    ]
    rows: list[list[object]] = [["do", "as", "measure", "until", "reason"]]
    rows += [["request-extension", "uo", "2.3", cell, "-"] for cell in cells]
    for step in steps(workbook(tmp_path / "batch.xlsx", rows)):
        assert getattr(step.request, "until") == date(2021, 10, 15)  # noqa: B009  each request has a type of its own
    table = csv(tmp_path / "batch.csv", "do;as;measure;until;reason\nrequest-extension;uo;2.3;44484;-\n")
    assert problems(table)[0].startswith("D2: ")


def test_a_line_break_in_a_cell_stays(tmp_path: Path) -> None:
    """10 and 20 below each other are not 1020; the rows behind it are those that a spreadsheet shows, in either form."""
    rows = [
        ["do", "as", "measure", "note"],
        ["progress", "uo", "2.3", "10\n20"],
        ["fly", "uo", "2.3"],
        ["report", "uo", "2.33"],
    ]
    table = csv(
        tmp_path / "batch.csv", 'do;as;measure;note\nprogress;uo;2.3;"10\r\n20"\nfly;uo;2.3;\nreport;uo;2.33;\n'
    )
    for path in (table, workbook(tmp_path / "batch.xlsx", [list(row) for row in rows])):
        fly, measure = problems(path)
        assert fly.startswith("A3: неизвестное действие «fly»")
        assert measure.startswith("C4: «2.33» нет")
        with pytest.raises(UnreadableFile) as caught:
            steps(path)
        last = caught.value.problems[1]
        assert last.line().startswith(f"{path}:4:3: строка 4, столбец C «measure»: «2.33» нет в дорожной карте")
        assert last.line("en").startswith(f"{path}:4:3: row 4, column C “measure”: the roadmap has no “2.33”")
        assert (last.to_json()["line"], last.to_json()["column"]) == (4, 3)
    for path in (
        csv(tmp_path / "good.csv", 'do;as;measure;note\nprogress;uo;2.3;"10\r\n20"\n'),
        workbook(tmp_path / "good.xlsx", [["do", "as", "measure", "note"], ["progress", "uo", "2.3", "10\n20"]]),
    ):
        (step,) = steps(path)
        assert step.request == ReportProgress(measure="2.3", note="10\n20")


def test_a_note_may_be_as_long_as_at_the_door(tmp_path: Path) -> None:
    """And no longer; so may a reason."""
    for column, verb in (("note", "progress"), ("reason", "return")):
        text = "ы" * MAX_TEXT
        (step,) = steps(csv(tmp_path / f"{column}.csv", f"do;as;measure;{column}\n{verb};uo;2.3;{text}\n"))
        assert getattr(step.request, column) == text
        table = csv(tmp_path / f"long-{column}.csv", f"do;as;measure;{column}\n{verb};uo;2.3;{text}ы\n")
        assert problems(table) == [f"D2: текст длиннее {MAX_TEXT} знаков"]


def test_a_table_says_that_work_was_done_before_its_time(tmp_path: Path) -> None:
    """In Russian or as programs write it; blank is no."""
    rows = "".join(f"report,uo,2.3,{said}\n" for said in ("да", "Нет", "true", ""))
    table = csv(tmp_path / "batch.csv", "do,as,measure,early\n" + rows)
    assert [getattr(step.request, "early", None) for step in steps(table)] == [True, False, True, False]
    assert problems(csv(tmp_path / "batch.csv", "do,as,measure,early\nreport,uo,2.3,возможно\n"))[0].startswith("D2: ")


def test_every_bad_cell_is_told_at_its_place(tmp_path: Path) -> None:
    """All problems at once, each with line and column."""
    table = csv(tmp_path / "batch.csv", "do;as;measure;until\nfly;uo;2.3;\nextend;uo;2.3;скоро\nreport;;2.3;\n")
    found = problems(table)
    assert [line.split(": ")[0] for line in found] == ["A2", "3", "3", "D3", "4"]
    assert found[0].startswith("A2: неизвестное действие «fly». Есть: отчитаться (report); ")
    assert "3: не заполнен столбец «причина (reason)», для этого действия он нужен" in found
    table = csv(tmp_path / "other.csv", "do;as;measure;reason\nreport;uo;2.3;просто\n")
    assert problems(table) == ["D2: столбец «причина (reason)» для этого действия не нужен: очистите ячейку"]


@pytest.mark.parametrize(
    ("row", "place", "words"),
    [
        ("report;ivanov;2.3;;", "B2", "«ivanov» нет в дорожной карте. "),
        ("report;schol-6;2.2;;", "B2", "Похожие: school-6 (МБОУ СОШ № 6)"),
        ("report;uo;2.33;;", "C2", "«2.33» нет в дорожной карте. Похожие: 2.3 ("),
        ("accept;vasyutina;2.3;hospital;", "D2", "«hospital» нет"),
        ("report;uo;1.1;;17", "E2", "«17» нет"),
    ],
)
def test_an_unknown_code_is_told_with_its_line(tmp_path: Path, row: str, place: str, words: str) -> None:
    """Before anything is sent, with what is near."""
    table = csv(tmp_path / "batch.csv", f"do;as;measure;body;checkpoint\n{row}\n")
    (line,) = problems(table)
    assert line.startswith(f"{place}: ")
    assert words in line


def test_codes_are_understood_as_people_write_them(tmp_path: Path) -> None:
    """In a table as at the door."""
    table = csv(tmp_path / "batch.csv", "do;as;measure;body\naccept;Vasyutina;1,3.;School-6\n")
    (step,) = steps(table)
    assert (step.actor, step.measure, step.request) == (
        "vasyutina",
        "1.3",
        AcceptExecution(measure="1.3", body="school-6"),
    )


def test_a_number_that_a_spreadsheet_made_is_taken_only_where_it_can_be_one(tmp_path: Path) -> None:
    """1.1 is 1.1 where there is no 1.10; 2.1 may have been 2.10, and so may 2,1 in a CSV: nobody guesses."""
    numbers = {measure.number for measure in example().measures}
    assert {"1.1", "2.1", "2.10"} <= numbers
    assert "1.10" not in numbers

    def table(cell: object) -> Path:
        return workbook(tmp_path / "batch.xlsx", [["do", "as", "measure"], ["report", "uo", cell]])

    assert steps(table(1.1))[0].measure == "1.1"
    lost = "C2: в ячейке число 2{}1, и не видно, какой это номер: 2.1, 2.10?"
    assert problems(table(2.10))[0].startswith(lost.format("."))
    assert problems(csv(tmp_path / "batch.csv", "do;as;measure\nreport;uo;2,1\n"))[0].startswith(lost.format(","))
    assert steps(csv(tmp_path / "batch.csv", "do;as;measure\nreport;uo;1,1\n"))[0].measure == "1.1"
    assert steps(csv(tmp_path / "batch.csv", "do;as;measure\nreport;uo;2.1\n"))[0].measure == "2.1"
    assert problems(table(9.9))[0].startswith("C2: «9.9» нет")
    only_ten = replace(example(), measures=tuple(one for one in example().measures if one.number != "2.1"))
    with pytest.raises(UnreadableFile, match=r"какой это номер: 2\.10\?"):
        load_batch(table(2.1), only_ten, NOW)


def test_a_number_that_a_spreadsheet_made_a_date_is_told(tmp_path: Path) -> None:
    """1.10 becomes the first of October."""
    table = workbook(
        tmp_path / "batch.xlsx", [["do", "as", "measure"], ["report", "uo", datetime.fromisoformat("2021-10-01")]]
    )
    (line,) = problems(table)
    assert line.startswith("C2: вместо номера в ячейке дата 01.10.2021: так бывает, когда в Excel вписывают 1.10.")
    for cell in ("01.окт", "01.ОКТ", "01.10.2021"):
        (line,) = problems(csv(tmp_path / "batch.csv", f"do;as;measure\nreport;uo;{cell}\n", "cp1251"))
        assert line.startswith(f"C2: вместо номера в ячейке дата {cell}: так бывает, когда в Excel вписывают 1.10.")


def test_figures_are_read_with_a_comma_and_spaces(tmp_path: Path) -> None:
    """As an office writes them."""
    text = "что сделать;кто;показатель;числитель;знаменатель\nпоказатель;school-6;1;1 035,5;2\u00a0041\n"
    (step,) = steps(csv(tmp_path / "batch.csv", text))
    assert isinstance(step.request, MeasureIndicator)
    assert (step.request.numerator, step.request.denominator) == (Decimal("1035.5"), Decimal(2041))


def test_half_a_teacher_is_told_at_its_cell(tmp_path: Path) -> None:
    """The fourth indicator is a percentage of teachers; the first is a mean, and may be a fraction."""
    head = "do;as;indicator;numerator;denominator\n"
    table = csv(tmp_path / "batch.csv", f"{head}indicator;school-6;4;35,5;41\nindicator;school-6;4;35,0;41\n")
    assert problems(table) == ["D2: 35.5: этот показатель считает людей или организации, нужно целое число"]
    assert len(steps(csv(tmp_path / "good.csv", f"{head}indicator;school-6;1;35,5;41\n"))) == 1


@pytest.mark.parametrize(
    ("text", "kind", "unit", "whole"),
    [
        ("Доля педагогов, прошедших курсы", IndicatorKind.SHARE, "%", True),
        ("Доля молодых педагогических работников", IndicatorKind.SHARE, "%", True),
        ("не менее 90% обучающихся", IndicatorKind.SHARE, "%", True),
        ("увеличение количества учащихся в олимпиадах", IndicatorKind.COUNT, "ед.", True),
        ("Охват", IndicatorKind.COUNT, "чел.", True),
        ("Доля ставок педагогов", IndicatorKind.SHARE, "%", False),
        ("Доля расходов на обучение педагогов", IndicatorKind.SHARE, "%", False),
        ("Среднее число обучающихся в классе", IndicatorKind.MEAN, "чел.", False),
        ("Охват", IndicatorKind.COUNT, "часы", False),
        ("подготовка кадров (90% в этих школах)", IndicatorKind.SHARE, "%", False),
    ],
)
def test_only_what_surely_counts_people_or_schools_has_to_be_whole(
    text: str, kind: IndicatorKind, unit: str, whole: bool
) -> None:
    """By the indicator's own words; all else may be a fraction."""
    assert counts_whole(Indicator("1", text, kind, unit, ">=", ("oo",), date(2022, 8, 31))) is whole


def test_no_cell_is_passed_over_unsaid(tmp_path: Path) -> None:
    """Below no heading, behind the last one, below an unknown one, below one that stands twice."""
    table = csv(tmp_path / "batch.csv", "do;as;measure;;note;note\nreport;uo;2.3;лишнее;готово;нет;ещё\n")
    found = problems(table)
    assert [line.split(": ")[0] for line in found] == ["F1", "D2", "G2"]
    assert found[0].startswith("F1: столбец «note» стоит дважды")
    assert found[1].startswith("D2: над ячейкой «лишнее» нет имени столбца")
    wide = csv(tmp_path / "wide.csv", "do;as;measure\nreport;uo;2.3" + ";" * 24 + "лишнее\n")
    assert problems(wide)[0].startswith("AA2: над ячейкой «лишнее» нет имени столбца")
    (line,) = problems(csv(tmp_path / "other.csv", "do;as;measure;важность\nreport;uo;2.3;да\n"))
    assert line.startswith("D1: неизвестный столбец «важность»: ")
    assert "кто (as); что сделать (do); " in line


def test_a_table_without_the_columns_that_all_rows_need_is_one_problem(tmp_path: Path) -> None:
    """Told at the row that looks most like the names of columns."""
    table = csv(tmp_path / "batch.csv", "Отчёты\nкто;мероприятие\nuo;2.3\nuo;2.4\n")
    (line,) = problems(table)
    assert line.startswith("2: нет столбца «что сделать (do)»: над строками таблицы стоят имена столбцов")
    far = "\n" * MAX_TITLES + "do;as;measure\nreport;uo;2.3\n"
    assert problems(csv(tmp_path / "far.csv", f"Заголовок{far}"))


def test_a_large_table_is_told_to_be_large(tmp_path: Path) -> None:
    """It is no roadmap that it should be; more than a megabyte is read."""
    rows = "".join(f"progress;uo;2.3;{'ы' * 400}\n" for _ in range(2000))
    table = csv(tmp_path / "batch.csv", f"do;as;measure;note\n{rows}")
    assert table.stat().st_size > 1_500_000
    assert len(steps(table)) == 2000
    for suffix in (".csv", ".xlsx"):
        large = tmp_path / f"large{suffix}"
        large.write_bytes(b"x" * 5_000_001)
        (line,) = problems(large)
        assert line == "файл больше 5 МБ: такой не читается, разделите его"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b'do;as\n"open', "do;as\nотчёт;я".encode("cp1251")])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_is_no_table_is_one_problem(tmp_path: Path, content: bytes, suffix: str) -> None:
    """Empty, damaged, of unknown words, under either name."""
    table = tmp_path / f"batch{suffix}"
    table.write_bytes(content)
    assert problems(table)
    assert problems(tmp_path / f"absent{suffix}")
