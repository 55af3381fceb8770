"""Documents of every kind come out as tables, and broken ones as one clear line."""

from __future__ import annotations

import base64
import contextlib
import csv
import hashlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdfminer.arcfour import Arcfour

from orders.findings import Place, UnreadableFile
from orders.yaml_text import source_of
from reading.documents import Table, Text, UnreadableDocument, read_document
from reading.documents.layout import read_plan
from reading.importer import Imported, import_document

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
        "from reading.importer import import_document;from reading.documents import UnreadableDocument\n"
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
        b"%PDF-1.4\n" + content + b"\nstartxref\n9\n%%EOF",
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
        with pytest.raises(UnreadableDocument) as caught:
            import_document(path)
        assert caught.value.code in {"too-deep", "too-many-cells"}


@pytest.mark.parametrize("text", ["|-|-|\n", "─" * 500_000 + "x", "|-" * 15_000 + "x"])
def test_lines_that_only_look_like_a_table_are_none(tmp_path: Path, text: str) -> None:
    """A rule without rows, and a half megabyte that is almost a rule."""
    assert not markdown(tmp_path, text).measures


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
    path.write_bytes(b"%PDF-1.5\n1 0 obj\n<<>>stream\n" + data + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n")
    with pytest.raises(UnreadableDocument, match="opens to too much"):
        read_document(path)


PAGE = "<html><table><tr><td>№<td>Мероприятие<td>Срок<tr><td>1<td>Анализ<td>март 2022</table>"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("|" * 1_100_000, "too-many-letters", 1),
        ("|" * 60_000, "too-many-cells", 1),
        ("```\n" * 50_000, "too-many-cells", 40_001),
        ("строка\n" * 50_000, "too-many-cells", 40_001),
        ("<del>x</del>\n\n" * 4_000, "too-many-cells", None),
        ("строка\n" * 1_200_000, "too-long", None),
        ("<table>\n" * 2_000, "too-deep", 1_001),
        (HEAD + "| 1 | а | март | УО |\n" * 2_001, "too-many-rows", 2_003),
        ("<html>" + "<p>a" * 41_000, "too-many-cells", None),
        ("<html>" + "<p hidden>a</p>" * 4_100, "too-many-cells", None),
        ("<html>" + "<p style='x:y; display : none'>a</p>" * 4_100, "too-many-cells", None),
        ("<html>" + "<br>" * 250_000, "too-many-elements", None),
        ("<html>\n" + "<div>" * 2_000, "too-deep", 2),
        ("<html>" + "<b><i><font>" * 300 + "<p>x" * 20_000, "too-many-elements", None),
        ("<html><table>" + "<tr>" + "<td colspan=63>x" * 700, "too-many-cells", None),
        ("<html>" + "буква " * 170_000, "too-many-letters", None),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_a_text_of_too_much_is_refused_early(text: str, code: str, line: int | None, tmp_path: Path) -> None:
    """A budget for all of it, whatever it is too much of; the line where there is one."""
    path = tmp_path / "plan"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableDocument) as caught:
        import_document(path)
    assert caught.value.code == code
    if line:
        assert caught.value.line == line


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        PAGE.replace("<table>", "<table " + " ".join(f"a{n}" for n in range(50_000)) + ">"),
        PAGE.replace("<table>", "<!--><table a='>' b=\">\" c==>"),
        PAGE.replace("<table>", "<script>'<div>' + '<!--'</script><style>a > b</style><!-- <div> --><table>"),
        PAGE.replace("<table>", f"<img src='data:image/png;base64,{'A' * 9_000_000}'><table>"),
        PAGE.replace("<html>", '<html><meta charset="undefined">'),
        PAGE.replace("<html>", '<html><meta charset="windows-1251">'),
        PAGE.replace("<td>", "<td title='hidden colspan=7' colspan='1x'>"),
    ],
    ids=["plain", "attributes", "quotes", "scripts", "picture", "no charset", "wrong charset", "words"],
)
def test_what_is_hostile_or_careless_in_a_page_hides_no_plan(page: str, tmp_path: Path) -> None:
    """And takes no time: a parser looks at every attribute of a tag for each of them."""
    path = tmp_path / "plan.html"
    path.write_text(page, encoding="utf-8")
    began = time.process_time()
    assert [measure.title for measure in import_document(path).measures] == ["Анализ"]
    assert time.process_time() - began < 5


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_told_by_its_zeros(code: str, tmp_path: Path) -> None:
    """And asked about."""
    path = tmp_path / "plan.md"
    path.write_bytes(("План на 2022 год\n\n" + HEAD + "| 1 | Анализ | март | УО |\n").encode(code))
    imported = import_document(path)
    assert [m.title for m in imported.measures] == ["Анализ"]
    assert "encoding-guessed" in {f.code for f in imported.findings}


def test_two_encodings_in_one_file_are_refused_where_the_second_begins(tmp_path: Path) -> None:
    """It would be read as neither."""
    path = tmp_path / "plan.md"
    path.write_bytes(HEAD.encode() + "| 1 | Анализ | март | УО |\n".encode("cp1251"))
    with pytest.raises(UnreadableDocument) as caught:
        read_document(path)
    assert (caught.value.code, caught.value.line, caught.value.column) == ("encoding", 3, 7)


def pdf_of(content: bytes, *, forms: Sequence[bytes] = (), pages: int = 1) -> bytes:
    """Return a PDF whose pages all draw the same; form n is `/Fn Do`."""

    def stream(data: bytes, more: bytes = b"") -> bytes:
        packed = zlib.compress(data, 9)
        head = b"<</Length %d/Filter/FlateDecode%b>>" % (len(packed), more)
        return head + b"stream\n" + packed + b"\nendstream"

    names = b"".join(b"/F%d %d 0 R" % (n, 5 + n) for n in range(len(forms)))
    drawn = b"<</Font<</F 3 0 R>>/XObject<<%b>>>>" % names
    form = b"/Subtype/Form/BBox[0 0 600 800]/Resources" + drawn
    kids = b" ".join(b"%d 0 R" % (5 + len(forms) + n) for n in range(pages))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources %b>>" % drawn
    written, places = bytearray(b"%PDF-1.5\n"), []
    for n, body in enumerate(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, pages),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            stream(content),
            *(stream(data, form) for data in forms),
            *[page] * pages,
        ],
        1,
    ):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    tail = b"trailer <</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, len(written))
    return bytes(written + head + table + tail)


OBJECTS = b"%PDF-1.5\n1 0 obj\n<</Type /ObjStm/N 9/First 9/Filter/FlateDecode>>stream\n"
TEN_TIMES = [b"/F%d Do " % (n + 1) * 10 for n in range(9)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: pdf_of(b"0 0 m 5 5 l S\n" * 1_300_000), "too-much-on-a-page"),
        (lambda: pdf_of(b"[" * 3_000_000), "too-much-on-a-page"),
        (lambda: pdf_of(b"BT /F 8 Tf 10 700 Td (" + b"a" * 150_000 + b")Tj ET"), "too-much-on-a-page"),
        (lambda: pdf_of(b"0 0 m " + b"5 5 l " * 20_000 + b"S"), "too-much-on-a-page"),
        (lambda: pdf_of(b"/F0 Do " * 10, forms=[*TEN_TIMES, b"0 0 m 5 5 l S"]), "too-much-on-a-page"),
        (lambda: pdf_of(b"/F0 Do " * 10, forms=[*TEN_TIMES, b" "]), "too-much-on-a-page"),
        (lambda: pdf_of(b"0 0 m 5 5 l S", pages=10_000), "too-many-pages"),
        (lambda: pdf_of(b"0 0 m 5 5 l S", pages=60_000), "too-many-objects"),
        (lambda: pdf_of(b"BT /F 8 Tf (" + b"word " * 2_000 + b")Tj ET", pages=300), "too-much-drawn"),
        (
            lambda: pdf_of(
                b"%d 0 m %d 800 l S 0 %d m 600 %d l S " * 100 % tuple(n * 6 for n in range(100) for _ in "1234"),
                pages=40,
            ),
            "too-much-drawn",
        ),
        (lambda: b"%PDF-1.5\n" + b"stream\n" * 3_000_000 + b"%%EOF", "too-many-objects"),
        (lambda: b"%PDF-1.5\n" + b"stream\nendstream\n" * 60_000 + b"startxref\n9\n%%EOF", "too-many-objects"),
        (lambda: b"%PDF-1.5\n" + b"\n" * 1_100_000 + b"startxref\n9\n%%EOF", "too-many-objects"),
        (lambda: OBJECTS + zlib.compress(bytes(20_000_000)) + b"\nendstream\nstartxref\n9\n%%EOF", "too-many-objects"),
    ],
    ids=[
        "18 MB of lines",
        "open lists",
        "letters",
        "one path",
        "forms in forms",
        "empty forms",
        "pages",
        "objects",
        "full pages",
        "crossing lines",
        "no table",
        "streams",
        "lines",
        "objects in a stream",
    ],
)
def test_a_pdf_that_asks_for_too_much_work_is_refused_before_it_is_done(
    content: Callable[[], bytes], code: str, tmp_path: Path
) -> None:
    """Small files, each of which would take minutes to days."""
    path = tmp_path / "plan.pdf"
    path.write_bytes(content())
    with pytest.raises(UnreadableDocument) as caught:
        read_document(path)
    assert caught.value.code == code


def test_all_pages_of_a_pdf_have_one_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page may be small, and their sum too large."""
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf_of(b"BT /F 8 Tf 10 700 Td (aaaaaaaaaa)Tj ET", pages=20))
    assert len(read_document(path).blocks) == 20
    monkeypatch.setattr("reading.documents.drawing.MAX_LETTERS_DRAWN", 150)
    with pytest.raises(UnreadableDocument, match="more than 150 letters") as caught:
        read_document(path)
    assert caught.value.code == "too-much-drawn"


def encrypted(more: bytes = b"", data: bytes = b"") -> bytes:
    """Return a PDF that opens with an empty password (RC4 of 40 bits), `data` beside it in a stream that says `more`."""
    padding = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    key = hashlib.md5(padding + bytes(32) + b"\xfc\xff\xff\xff" + bytes(16), usedforsecurity=False).digest()[:5]

    def stream(number: int, head: bytes, content: bytes) -> bytes:
        own = hashlib.md5(key + number.to_bytes(3, "little") + bytes(2), usedforsecurity=False).digest()[:10]
        locked = Arcfour(own).encrypt(content)
        return b"<</Length %d%b>>stream\n%b\nendstream" % (len(content), head, locked)

    drawn = b"/Contents 5 0 R/Resources<</Font<</F 3 0 R>>>>/More 6 0 R"
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[4 0 R]/Count 1>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]%b>>" % drawn,
        stream(5, b"", b"BT /F 8 Tf 10 700 Td (aaaaaaaaaa)Tj ET"),
        stream(6, more, data),
    ]
    written, places = bytearray(b"%PDF-1.5\n"), []
    for n, body in enumerate(bodies, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    users = Arcfour(key).encrypt(padding).hex()
    lock = (
        f"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{'00' * 32}>/U<{users}>>>/ID[<{'00' * 16}><{'00' * 16}>]".encode()
    )
    tail = b"xref\n0 7\n0000000000 65535 f \n%btrailer <</Size 7/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(written + tail % (table, lock, len(written)))


def test_an_encrypted_pdf_hides_no_bomb(tmp_path: Path) -> None:
    """One that opens without a password is read; what would open to too much is refused, if need be unseen."""
    path = tmp_path / "plan.pdf"
    path.write_bytes(encrypted())
    assert [block.text for block in read_document(path).blocks if isinstance(block, Text)] == ["aaaaaaaaaa"]
    bomb = zlib.compress(bytes(100_000_000), 9)
    for file, code in (
        (encrypted(b"/Filter/FlateDecode", bomb), "opens-too-large"),
        (encrypted(b"/Type/ObjStm/N 9/First 9/Filter/FlateDecode", bomb), "password"),
        (encrypted(b"/Type/#4fbjStm/N 9/First 9/Filter/FlateDecode", bomb), "password"),
        (encrypted(b"/Type/ObjStm/Filter/FlateDecode", bomb).replace(b"/Encrypt", b"/#45ncr#79pt"), "password"),
        (encrypted(b"/Type/ObjStm/Filter[/FlateDecode/FlateDecode]", zlib.compress(bomb, 9)), "password"),
    ):
        path.write_bytes(file)
        with pytest.raises(UnreadableDocument) as caught:
            read_document(path)
        assert caught.value.code == code


def test_a_picture_is_counted_without_being_kept(tmp_path: Path) -> None:
    """What it opens to is let go piece by piece, and it is not read to foresee what a page draws."""
    drawn = pdf_of(b"BT /F 8 Tf 10 700 Td (aaaaaaaaaa)Tj ET /F0 Do", forms=[bytes(90_000_000)])
    path = tmp_path / "plan.pdf"
    path.write_bytes(drawn.replace(b"/Subtype/Form/BBox[0 0 600 800]", b"/Subtype/Image/Width 9/Height 9"))
    tracemalloc.start()
    try:
        assert len(read_document(path).blocks) == 1
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_what_a_page_draws_is_counted_even_where_it_is_called_a_picture(tmp_path: Path) -> None:
    """Pdfium does not ask what the commands of a page are called."""
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf_of(b"BT /F 8 Tf 10 700 Td (a)Tj ET").replace(b"4 0 obj\n<<", b"4 0 obj\n<</Subtype/Image"))
    with pytest.raises(UnreadableDocument) as caught:
        read_document(path)
    assert caught.value.code == "damaged"


def test_a_pdf_without_its_table_of_objects_is_read_with_a_question(tmp_path: Path) -> None:
    """Its table is made anew; where what a page draws is gone it is refused, and so is a file that ends too early."""
    sound = pdf_of(b"BT /F 8 Tf 10 700 Td (aaaaaaaaaa)Tj ET", pages=3)
    path = tmp_path / "plan.pdf"
    for broken in (
        sound.replace(b"startxref", b""),
        re.sub(rb"startxref\n\d+", b"startxref\n7", sound),
        re.sub(rb"\d{10} 00000 n", b"0000000003 00000 n", sound),
    ):
        path.write_bytes(broken)
        document = read_document(path)
        assert len(document.blocks) == 3
        assert [f.code for f in document.findings] == ["rebuilt-pdf"]
    start = sound.index(b"4 0 obj")
    lost = sound[:start] + b" " * (sound.index(b"endobj", start) - start) + sound[sound.index(b"endobj", start) :]
    spoilt = sound.replace(b"stream\nx\xda", b"stream\nx\xda\xff\xff")
    fewer = sound.replace(b"/Count 3", b"/Count 1")
    for broken in (lost.replace(b"startxref", b""), spoilt, sound[:-200], fewer):
        path.write_bytes(broken)
        with pytest.raises(UnreadableDocument) as caught:
            read_document(path)
        assert caught.value.code == "damaged"


@pytest.mark.parametrize("matrix", ["0 1 -1 0 600 0", "-1 0 0 -1 600 800", "0 -1 1 0 0 800", "1 0 0 1 0 0"])
def test_a_table_that_is_drawn_turned_is_read_upright(matrix: str, tmp_path: Path) -> None:
    """Lines and letters turn together."""
    cells = [(40, 100, "one"), (100, 300, "two"), (300, 500, "three")]
    drawn = "".join(
        f"{a} {y} {b - a} 40 re S BT /F 8 Tf 1 0 0 1 {a + 4} {y + 20} Tm ({text} {n})Tj ET "
        for n, y in enumerate((400, 360))
        for a, b, text in cells
    )
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf_of(f"{matrix} cm {drawn}".encode()))
    (table,) = (block for block in read_document(path).blocks if isinstance(block, Table))
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["one 0", "two 0", "three 0"],
        ["one 1", "two 1", "three 1"],
    ]


def test_a_table_in_a_form_and_letters_that_are_drawings_are_counted(tmp_path: Path) -> None:
    """A form is read where it is put; a font's letters may be forms that draw forms, its codes may be explained at length."""
    path = tmp_path / "plan.pdf"
    boxes = b"10 10 90 40 re S 100 10 90 40 re S BT /F 8 Tf 1 0 0 1 120 30 Tm (cell)Tj ET"
    path.write_bytes(pdf_of(b"q 1 0 0 1 200 300 cm /F0 Do Q", forms=[boxes]))
    (table,) = read_document(path).blocks
    assert isinstance(table, Table)
    assert [cell.text for cell in table.rows[0].cells] == ["", "cell"]

    shown = b"BT /F 8 Tf 10 700 Td (aaa)Tj ET"
    letter = (
        b"/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 97/Widths[9]"
        b"/Encoding<</Differences[97/a]>>/CharProcs<</a 5 0 R>>/Resources<</XObject<</F1 6 0 R>>>>"
    )
    explained = b"1 beginbfrange <0000> <00FF> <0041> endbfrange " * 100_000
    for forms, font in (
        ([b"/F1 Do " * 20_000, b"0 0 m 5 5 l S " * 20_000], letter),
        ([explained], b"/Subtype/Type1/BaseFont/Helvetica/ToUnicode 5 0 R"),
    ):
        path.write_bytes(pdf_of(shown, forms=forms).replace(b"/Subtype/Type1/BaseFont/Helvetica", font))
        with pytest.raises(UnreadableDocument) as caught:
            read_document(path)
        assert caught.value.code == "too-much-drawn"


def test_a_pdf_of_2000_rows_is_read(tmp_path: Path) -> None:
    """On 125 pages, with lines around each cell; what that costs is measured in bench/importing.py."""
    ends = (20, 60, 260, 340, 460, 580)
    drawn = []
    for row in range(16):
        top = 780 - row * 45
        drawn += [f"{a} {top - 45} {b - a} 45 re S" for a, b in pairwise(ends)]
        drawn += [
            f"BT /F 8 Tf 1 0 0 1 {a + 4} {top - 14 - line * 12} Tm (some words of a cell)Tj ET" if a > 20 else ""
            for a in ends[:-1]
            for line in range(2)
        ]
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf_of(" ".join(drawn).encode(), pages=125))
    tables = [block for block in read_document(path).blocks if isinstance(block, Table)]
    assert sum(len(table.rows) for table in tables) == 2_000
    assert {cell.text for table in tables for row in table.rows for cell in row.cells[1:]} == {
        "some words of a cell some words of a cell"
    }


def word_of(body: str, path: Path, *, encoding: str = "utf-8") -> None:
    """Write the sound .docx with another body."""
    named = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><w:document xmlns:w="{named}"><w:body>{body}</w:body></w:document>'
    )
    with zipfile.ZipFile(BAD / "d00-base.docx") as sound, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sound.namelist():
            package.writestr(name, text.encode(encoding) if name == "word/document.xml" else sound.read(name))


@pytest.mark.parametrize(
    "body",
    [
        "<w:p/>" * 200_000,
        "<w:tbl><w:tr>" + "<w:tc/>" * 200_000 + "</w:tr></w:tbl>",
        "<w:tbl>" + "<w:tr><w:tc><w:p/></w:tc></w:tr>" * 100_000 + "</w:tbl>",
        "<w:p>" + "<w:r/>" * 250_001 + "</w:p>",
    ],
    ids=["paragraphs", "cells", "rows", "runs"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_docx_of_too_many_cells_is_refused(body: str, encoding: str, tmp_path: Path) -> None:
    """A few kilobytes, whatever the encoding."""
    path = tmp_path / "plan.docx"
    word_of(body, path, encoding=encoding)
    with pytest.raises(UnreadableDocument) as caught:
        read_document(path)
    assert caught.value.code in {"too-many-cells", "too-many-elements", "opens-too-large"}


@pytest.mark.parametrize(
    "broken",
    [
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="x"/><w:numId w:val="1"/></w:numPr></w:pPr></w:p>',
        '<w:tbl><w:tr><w:trPr><w:gridBefore w:val="x"/></w:trPr><w:tc/></w:tr></w:tbl>',
        f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="{"9" * 5_000}"/></w:tcPr></w:tc></w:tr></w:tbl>',
    ],
)
def test_a_number_of_a_docx_that_is_none_counts_as_nothing(broken: str, tmp_path: Path) -> None:
    """Word opens such files too."""
    path = tmp_path / "plan.docx"
    word_of(broken, path)
    read_document(path)


def test_a_long_attribute_of_a_docx_is_gone_through_once(tmp_path: Path) -> None:
    """Handed over in pieces it would be gone through anew with each."""
    path = tmp_path / "plan.docx"
    word_of(f'<w:p w:x="{"y" * 9_000_000}"/>', path)
    began = time.process_time()
    read_document(path)
    assert time.process_time() - began < 3


def test_a_docx_of_2000_rows_is_read(tmp_path: Path) -> None:
    """As Word writes them: with properties of every cell, paragraph and run."""
    cell = (
        '<w:tc><w:tcPr><w:tcW w:w="1" w:type="dxa"/><w:vAlign w:val="top"/></w:tcPr><w:p><w:pPr><w:jc w:val="left"/>'
        '<w:rPr><w:sz w:val="24"/></w:rPr></w:pPr><w:r><w:rPr><w:sz w:val="24"/></w:rPr><w:t>слово</w:t></w:r></w:p></w:tc>'
    )
    path = tmp_path / "plan.docx"
    word_of("<w:tbl>" + f"<w:tr>{cell * 6}</w:tr>" * 2_000 + "</w:tbl>", path)
    (table,) = (block for block in read_document(path).blocks if isinstance(block, Table))
    assert len(table.rows) == 2_000


def test_a_plan_is_found_among_other_tables() -> None:
    """Layout tables and menus of a school's site are no plans."""
    document = read_document(BAD / "h12-layout-tables.html")
    assert sum(isinstance(block, Table) for block in document.blocks) == 1
    assert [row.title for row in read_plan(document).rows] == ["Опрос учителей"]
