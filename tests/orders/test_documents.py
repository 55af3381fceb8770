"""Documents of every kind come out as tables, and broken ones as one clear line."""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import json
import os
import socket
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.documents import Table, UnreadableDocument, read_document
from orders.documents.layout import read_plan
from orders.findings import Place, UnreadableFile
from orders.importer import Imported, import_document
from orders.yaml_text import source_of

BAD = Path(__file__).parent / "corpus" / "badinput"
HEAD = "| № | Мероприятие | Срок | Ответственный |\n|---|---|---|---|\n"


def rows() -> list[dict[str, str]]:
    """Return the table of broken documents."""
    with (BAD / "documents.tsv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def ends_with(imported: Imported) -> int:
    """Return the exit code of an import that could be read."""
    return int(any(f.severity == "error" for f in imported.findings))


def markdown(tmp_path: Path, text: str) -> Imported:
    """Import a text as a file."""
    path = tmp_path / "plan.md"
    path.write_text(text, encoding="utf-8")
    return import_document(path)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"])
def test_broken_and_hostile_documents_end_as_the_table_says(
    row: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One typed error or findings, the right measures, no connection."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    if row["ends_with"] == "2":
        with pytest.raises(UnreadableDocument) as caught:
            import_document(BAD / row["file"])
        assert caught.value.code == row["findings"]
        assert caught.value.file.name == row["file"]
        assert caught.value.text("ru") != caught.value.text("en")
        return
    imported = import_document(BAD / row["file"])
    assert ends_with(imported) == int(row["ends_with"])
    assert len(imported.measures) == int(row["measures"])
    if row["findings"]:
        assert row["findings"] in {f.code for f in imported.findings}
    json.dumps(imported.to_json("en"), ensure_ascii=False).encode()


def test_no_broken_document_takes_200_megabytes() -> None:
    """Each in a process of its own; how long they take is measured in bench/importing.py."""
    script = (
        "import re,sys;from pathlib import Path;sys.path.insert(0,'.')\n"
        "from orders.importer import import_document;from orders.documents import UnreadableDocument\n"
        "try: import_document(Path(sys.argv[1]))\n"
        "except UnreadableDocument: pass\n"
        # Not ru_maxrss: a process inherits that from the one that started it.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(int(peak) / 1024)"
    )
    for row in rows():
        done = subprocess.run(
            [sys.executable, "-c", script, str(BAD / row["file"])], capture_output=True, text=True, check=True
        )
        assert float(done.stdout) < 200, row["file"]


def test_a_tracked_change_counts_as_accepted() -> None:
    """What was deleted is not read, what was inserted is."""
    (measure,) = import_document(BAD / "d13-tracked-changes.docx").measures
    assert measure.deadline == "до 15.10"


def test_the_numbers_that_word_shows_are_read(tmp_path: Path) -> None:
    """A list's numbers stand in numbering.xml and not in the text."""
    document = docx.Document()
    document.add_paragraph("План на 2021-2022 учебный год")
    table = document.add_table(rows=1, cols=3)
    for cell, text in zip(table.rows[0].cells, ("№", "Мероприятие", "Срок"), strict=True):
        cell.text = text
    for name, when in (("Анализ", "сентябрь"), ("Отчет", "май")):
        cells = table.add_row().cells
        cells[0].paragraphs[0].style = document.styles["List Number"]
        cells[1].text, cells[2].text = name, when
    path = tmp_path / "plan.docx"
    document.save(str(path))
    assert [(m.number_in_source, m.title) for m in import_document(path).measures] == [("1", "Анализ"), ("2", "Отчет")]


def test_merged_cells_of_word_hold_for_all_their_rows(tmp_path: Path) -> None:
    """A body that is merged over two measures answers for both."""
    document = docx.Document()
    document.add_paragraph("План на 2021-2022 учебный год")
    table = document.add_table(rows=4, cols=4)
    texts = [
        ["№", "Мероприятие", "Срок", "Ответственный"],
        ["Раздел 1. Анализ", "", "", ""],
        ["1", "Сбор", "сентябрь", "ИМЦ"],
        ["2", "Отчет", "май", ""],
    ]
    for row, line in zip(table.rows, texts, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(1, 3))
    table.cell(2, 3).merge(table.cell(3, 3))
    path = tmp_path / "plan.docx"
    document.save(str(path))
    imported = import_document(path)
    assert [[b.verbatim for b in m.bodies] for m in imported.measures] == [["ИМЦ"], ["ИМЦ"]]
    assert {m.section for m in imported.measures} == {"1"}


@pytest.mark.parametrize(
    ("heading", "row", "dues"),
    [
        ("Мероприятие | I квартал | II квартал | III квартал | IV квартал | Исполнитель", "Отчет | х | - | - | х | УО", ["2022-03-31", "2022-12-31"]),
        ("№ | Мероприятие | Ответственный | Срок начала | Срок окончания | Результат", "1 | Отчет | УО | 01.02.2022 | 01.03.2022 | Акт", ["2022-03-01"]),
        ("№ | Мероприятие | Ответственный | Результат | Срок", "1 | Отчет | УО | Акт | до 1 марта", ["2022-03-01"]),
        ("Мероприятие | Место | Дата | Дата | Дата", "ЕГЭ | ППЭ | 01.02.2022 | - | 01.04.2022", ["2022-02-01", "2022-04-01"]),
        ("Дела | Классы | Ориентировочное время проведения | Ответственные", "День знаний | 1-4 | 01.09 | Педагоги", ["2022-09-01"]),
        ("№ | Наименование этапа | Мероприятия | Содержание | Срок | Ответственный", "1 | I | Анализ | Сбор | март | УО", ["2022-03-31"]),
        ("№ | Мероприятие | Январь | Февраль | Март | Ответственный", "1 | Анализ | + |  | + | УО", ["2022-01-31", "2022-03-31"]),
    ],
)  # fmt: skip
def test_columns_are_told_by_their_headings_in_any_order(
    tmp_path: Path, heading: str, row: str, dues: list[str]
) -> None:
    """Layouts of real plans."""
    rule = "|".join(["---"] * (heading.count("|") + 1))
    imported = markdown(tmp_path, f"План на 2022 год\n\n| {heading} |\n|{rule}|\n| {row} |\n")
    (measure,) = imported.measures
    assert [str(c.due) for c in measure.checkpoints] == dues


def test_an_unknown_layout_is_refused_with_what_was_seen(tmp_path: Path) -> None:
    """Nothing is guessed."""
    imported = markdown(
        tmp_path, "| ФИО | Школа | Телефон |\n|---|---|---|\n| Иванова | 1 | 123 |\n| Петрова | 2 | 456 |\n"
    )
    assert not imported.measures
    (finding,) = [f for f in imported.findings if f.severity == "error"]
    assert (finding.code, finding.place) == ("columns-not-recognised", Place(1, 1))
    assert "ФИО | Школа | Телефон" in finding.text()


def test_columns_without_headings_are_told_by_their_content_with_a_finding(tmp_path: Path) -> None:
    """And only where the content is plain."""
    text = "План на 2022 год\n\n| 1 | Проведение диагностики | сентябрь | Методисты | Справка |\n|---|---|---|---|---|\n| 2 | Сбор отчетов школ | до 25 мая | ОО | Отчеты |\n"
    imported = markdown(tmp_path, text)
    assert [m.title for m in imported.measures] == ["Проведение диагностики", "Сбор отчетов школ"]
    assert "columns-by-content" in {f.code for f in imported.findings}


def test_a_table_of_box_characters_is_a_table(tmp_path: Path) -> None:
    """Rows take several lines there."""
    text = (
        "План на 2022 год\n\n┌───┬────────────┬────────┬──────────┐\n│ N │ Мероприятие│ Срок   │Исполнитель│\n├───┼────────────┼────────┼──────────┤\n"
        "│ 1 │ Проведение │ до 15  │ Отдел    │\n│   │ семинара   │ марта  │ образования│\n└───┴────────────┴────────┴──────────┘\n"
    )
    (measure,) = markdown(tmp_path, text).measures
    assert (measure.title, measure.deadline, measure.responsible_cell) == (
        "Проведение семинара",
        "до 15 марта",
        "Отдел образования",
    )


def test_rows_that_number_the_columns_and_repeated_headings_are_no_measures(tmp_path: Path) -> None:
    """«1 | 2 | 3 | 4» and the heading on each page."""
    text = (
        "План на 2022 год\n\n"
        + HEAD
        + "| 1 | 2 | 3 | 4 |\n| 1 | Анализ | март | УО |\n\n"
        + HEAD
        + "| 2 | Отчет | май | УО |\n"
    )
    assert [m.number for m in markdown(tmp_path, text).measures] == ["1", "2"]


def test_each_section_may_number_its_rows_anew(tmp_path: Path) -> None:
    """The section then tells the measures apart."""
    text = (
        "План на 2022 год\n\n"
        + HEAD
        + "| I. Анализ | | | |\n| 1 | Сбор | март | УО |\n| II. Итоги | | | |\n| 1 | Отчет | май | УО |\n"
    )
    assert [(m.number, m.number_in_source) for m in markdown(tmp_path, text).measures] == [("1.1", "1"), ("2.1", "1")]


def test_a_document_that_lies_about_its_kind_is_told_by_its_content(tmp_path: Path) -> None:
    """Names are never asked."""
    path = tmp_path / "plan.pdf"
    path.write_text("План на 2022 год\n\n" + HEAD + "| 1 | Анализ | март | УО |\n", encoding="utf-8")
    assert len(import_document(path).measures) == 1
    for content, code in (
        (b"PK\x03\x04broken", "damaged"),
        (b"{\\rtf1", "unknown-kind"),
        (b"%PDF-1.7\n%%EOF", "damaged"),
        (b" \n", "empty"),
    ):
        path.write_bytes(content)
        with pytest.raises(UnreadableDocument) as caught:
            read_document(path)
        assert caught.value.code == code
    with pytest.raises(UnreadableDocument) as caught:
        read_document(tmp_path / "nothing.md")
    assert caught.value.code == "missing"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_raise_anything_else(tmp_path: Path, content: bytes) -> None:
    """Unreadable or read, never another error."""
    path = tmp_path / "any"
    for whole in (
        content,
        b"| a | b |\n" + content,
        b"<html><table><tr><td>" + content,
        b"%PDF-1.4\n" + content + b"\n%%EOF",
    ):
        path.write_bytes(whole)
        with contextlib.suppress(UnreadableDocument):
            import_document(path).to_json()


cells = st.text(alphabet="абв 0123456789.,-–|\n<>*«»()№хIV", max_size=20)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(st.lists(cells, min_size=1, max_size=7), min_size=1, max_size=8))
def test_no_table_raises(tmp_path: Path, table: list[list[str]]) -> None:
    """Ragged rows, empty ones, marks in any field."""
    body = "\n".join("| " + " | ".join(row) + " |" for row in table)
    markdown(tmp_path, f"План на 2022 год\n\n{HEAD}{body}\n").to_json()
    path = tmp_path / "plan.html"
    path.write_text(
        "<table>"
        + "".join("<tr>" + "".join(f"<td>{c}" for c in row) for row in [["№", "Мероприятие", "Срок"], *table]),
        encoding="utf-8",
    )
    import_document(path).to_json()


def test_deep_and_wide_pages_stay_small(tmp_path: Path) -> None:
    """Nested elements and spans of hostile pages end."""
    path = tmp_path / "page.html"
    for text in (
        "<div>" * 20_000 + "текст",
        "<table><tr><td>" * 3_000,
        "<table>" + "<tr><td rowspan=9999 colspan=60>x" * 300,
    ):
        path.write_text(text, encoding="utf-8")
        import_document(path)


def test_a_bomb_in_any_part_of_a_package_is_refused(tmp_path: Path) -> None:
    """Whatever the part's name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", "<x/>")
        package.writestr("word/styles.xml", " " * 40_000_000)
    path = tmp_path / "bomb.docx"
    path.write_bytes(packed.getvalue())
    with pytest.raises(UnreadableDocument, match="opens to too much"):
        read_document(path)


@pytest.mark.parametrize(("code", "name"), [("cp1251", "Windows-1251"), ("koi8-r", "KOI8-R"), ("cp866", "CP866")])
def test_an_old_encoding_is_told_by_its_letters(code: str, name: str, tmp_path: Path) -> None:
    """And asked about."""
    path = tmp_path / "plan.md"
    path.write_bytes(("План на 2022 год\n\n" + HEAD.replace("№", "N") + "| 1 | Анализ | март | УО |\n").encode(code))
    imported = import_document(path)
    assert [m.title for m in imported.measures] == ["Анализ"]
    (finding,) = [f for f in imported.findings if f.code == "encoding-guessed"]
    assert name in finding.text()


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes, a device without end, a folder, a link to itself."""
    pipe, loop = tmp_path / "pipe.docx", tmp_path / "loop.docx"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    for path, code in (
        (pipe, "not-a-file"),
        (Path("/dev/zero"), "not-a-file"),
        (tmp_path, "not-a-file"),
        (loop, "missing"),
    ):
        with pytest.raises(UnreadableDocument) as caught:
            read_document(path)
        assert caught.value.code == code
    with pytest.raises(UnreadableFile, match="pipe"):
        source_of(pipe)


@pytest.mark.parametrize("wrapped", ["twice", "as text"])
def test_a_bomb_that_is_wrapped_in_a_pdf_is_refused(wrapped: str, tmp_path: Path) -> None:
    """A few kilobytes that open to a hundred megabytes: packed twice, or packed and written in letters."""
    bomb = zlib.compress(bytes(100_000_000), 9)
    data = zlib.compress(bomb, 9) if wrapped == "twice" else base64.a85encode(bomb) + b"~>"
    path = tmp_path / "bomb.pdf"
    path.write_bytes(b"%PDF-1.5\n1 0 obj\n<<>>stream\n" + data + b"\nendstream\nendobj\n%%EOF\n")
    with pytest.raises(UnreadableDocument, match="opens to too much"):
        read_document(path)


def test_a_plan_is_found_among_other_tables() -> None:
    """Layout tables and menus of a school's site are no plans."""
    document = read_document(BAD / "h12-layout-tables.html")
    assert sum(isinstance(block, Table) for block in document.blocks) == 1
    assert [row.title for row in read_plan(document).rows] == ["Опрос учителей"]
