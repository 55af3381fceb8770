"""Nothing of a document is lost in silence: its pieces are held against what came of it, whatever happened to its tables."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reading.documents import Cell, Document, Row, Table, Text, read_document
from reading.documents.layout import PlanRow, _PlanReader
from reading.importer import Imported, imported
from tests.orders.paper import to_html
from tests.orders.test_layouts import LAYOUTS
from tests.orders.test_offices import OFFICES, put

CORPUS = Path(__file__).parent / "corpus"
FILES = (
    CORPUS / "order-969-1.md",
    *sorted((CORPUS / "plans").glob("doc*[!l]")),
    *sorted(path for path in (CORPUS / "kinds").iterdir() if not path.name.startswith("t6-")),
)
NOT_READ = {
    "row-not-read",
    "table-not-read",
    "table-left-out",
    "text-not-read",
    "order-not-read",
    "indicators-not-read",
}
SHORTEST = 3  # letters of a piece that is looked for: fewer stand everywhere
SHOWN = 60  # letters of what is not read that a finding shows for certain


def letters(text: object) -> str:
    """Return letters and digits alone."""
    return re.sub(r"[\W_]+", "", str(text or "")).lower()


def lost(read: Imported) -> list[str]:
    """Return the pieces that are said to be carried over and stand nowhere, and those that nobody asks about."""
    measures = [(m.number_in_source, m.title, m.deadline, m.responsible_cell, m.expected_result) for m in read.measures]
    paths = [m.heading.path for m in read.measures if m.heading]
    carried = {
        "measure": "|".join(letters("".join(map(letters, m))) for m in measures) + "|".join(letters(s.title) for p in paths for s in p),
        "indicator": "|".join(letters(f"{i.number}{i.text}{i.unit}") for i in read.indicators),
        "point": "|".join(letters(f"{p.number}{p.text}") for p in read.order.points),
    }  # fmt: skip
    missing = []
    asked: defaultdict[int, list[str]] = defaultdict(list)
    for place, text in read.account.pieces.items():
        use, wanted = read.account.uses[place], letters(text)
        if use in carried and len(wanted) >= SHORTEST and wanted not in carried[use]:
            missing.append(f"{use}: {text}")
        if use == "asked" and wanted:
            asked[place[0]].append(wanted[:SHOWN])
    said = [letters(f.text()) for f in read.findings if f.code in NOT_READ]
    return missing + [f"nobody asks: {of}" for of in asked.values() if not any(t in s for t in of for s in said)]


def assert_told(read: Imported) -> None:
    """Hold the sum, and that each piece is where the account says."""
    counts = read.account.to_json()
    assert counts.pop("rows") == sum(counts.values())
    assert read.account.left() == []
    assert lost(read) == []


@cache
def documents() -> tuple[Document, ...]:
    """Return the documents of the corpora, of other offices and of all layouts, read once."""
    return tuple(map(read_document, FILES))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_sum_holds_for_every_document_at_hand(path: Path) -> None:
    """Real ones and small ones, of all kinds of files."""
    assert_told(imported(read_document(path), path))


@pytest.mark.parametrize("name", OFFICES)
def test_the_sum_holds_for_the_plans_of_other_offices(name: str, tmp_path: Path) -> None:
    """Merged headings, torn rows, tables in cells."""
    put(OFFICES[name].source, tmp_path / "plan")
    assert_told(imported(read_document(tmp_path / "plan"), tmp_path / "plan"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_sum_holds_for_every_layout(layout: str, tmp_path: Path) -> None:
    """Matrices and stages among them."""
    to_html(LAYOUTS[layout][0], tmp_path / "plan")
    assert_told(imported(read_document(tmp_path / "plan"), tmp_path / "plan"))


# --- damage ------------------------------------------------------------------------------------------------

WORDS = ("до 15.10.2021", "Провести семинар", "ИМЦ", "5", "", "Октябрь", "УО, школы", "в течение года", "х", "Итого")
ORDER = Path("order")


def _tables(blocks: list[Text | Table]) -> list[int]:
    return [n for n, block in enumerate(blocks) if isinstance(block, Table) and len(block.rows) > 1]


def _cut(blocks: list[Text | Table], at: int, draw: Any) -> None:
    table = blocks[at]
    assert isinstance(table, Table)
    row = draw(st.integers(1, len(table.rows) - 1))
    between: list[Text | Table] = draw(st.sampled_from([[], [Text("7")], [Text("Приложение 2")], [Text("Ноябрь")]]))
    blocks[at : at + 1] = [Table(table.rows[:row]), *between, Table(table.rows[row:])]


def _joined(blocks: list[Text | Table], at: int, draw: Any) -> None:
    table, others = blocks[at], [n for n in _tables(blocks) if n != at]
    assert isinstance(table, Table)
    if others:
        other = blocks[draw(st.sampled_from(others))]
        assert isinstance(other, Table)
        blocks[at] = Table((*table.rows, *other.rows))


def _with_rows(blocks: list[Text | Table], at: int, rows: list[Row]) -> None:
    blocks[at] = Table(tuple(rows))


def _swapped(blocks: list[Text | Table], at: int, draw: Any) -> None:
    """Put a row elsewhere, or twice, or take it out."""
    table = blocks[at]
    assert isinstance(table, Table)
    rows = list(table.rows)
    row = rows.pop(draw(st.integers(0, len(rows) - 1)))
    for _ in range(draw(st.integers(0, 2))):
        rows.insert(draw(st.integers(0, len(rows))), row)
    _with_rows(blocks, at, rows)


def _reordered(blocks: list[Text | Table], at: int, draw: Any) -> None:
    """Put the columns in another order, or leave one out, or add one; in all rows or from one on."""
    table = blocks[at]
    assert isinstance(table, Table)
    width = max(len(row.cells) for row in table.rows)
    order = draw(st.permutations(range(width)))[: draw(st.integers(1, width))]
    since = draw(st.integers(0, len(table.rows) - 1))
    _with_rows(blocks, at, [
        Row(tuple(Cell(row.cells[n].text) if n < len(row.cells) else Cell("") for n in order), row.line) if k >= since else row
        for k, row in enumerate(table.rows)
    ])  # fmt: skip


def _merged(blocks: list[Text | Table], at: int, draw: Any) -> None:
    """Merge a field with the ones at its right or below."""
    table = blocks[at]
    assert isinstance(table, Table)
    rows = [list(row.cells) for row in table.rows]
    r = draw(st.integers(0, len(rows) - 1))
    if not rows[r]:
        return
    c = draw(st.integers(0, len(rows[r]) - 1))
    if draw(st.booleans()):
        rows[r][c + 1 :] = [Cell("", "across")] * len(rows[r][c + 1 :])
    else:
        for below in rows[r + 1 : r + draw(st.integers(2, 4))]:
            if c < len(below):
                below[c] = Cell(rows[r][c].text, "down")
    _with_rows(blocks, at, [Row(tuple(cells), row.line) for cells, row in zip(rows, table.rows, strict=True)])


def _damaged(blocks: list[Text | Table], at: int, draw: Any) -> None:
    """Write other words into a field, or more fields than there are columns."""
    table = blocks[at]
    assert isinstance(table, Table)
    rows = list(table.rows)
    r = draw(st.integers(0, len(rows) - 1))
    cells = list(rows[r].cells) + [Cell(draw(st.sampled_from(WORDS)))] * draw(st.integers(0, 2))
    for _ in range(draw(st.integers(1, 3))):
        if cells:
            cells[draw(st.integers(0, len(cells) - 1))] = Cell(draw(st.sampled_from(WORDS)))
    rows[r] = Row(tuple(cells), rows[r].line)
    _with_rows(blocks, at, rows)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_whatever_happens_to_its_tables_nothing_of_a_document_is_lost_in_silence(data: st.DataObject) -> None:
    """Cut, joined, with rows and columns elsewhere, merged and damaged."""
    document = data.draw(st.sampled_from(documents()), label="document")
    blocks = list(document.blocks)
    for _ in range(data.draw(st.integers(1, 3), label="times")):
        if tables := _tables(blocks):
            at = data.draw(st.sampled_from(tables))
            change = data.draw(st.sampled_from([_cut, _joined, _swapped, _reordered, _merged, _damaged]))
            change(blocks, at, data.draw)
    assert_told(imported(Document(document.kind, tuple(blocks), document.findings), ORDER))


# --- the account can say ill -------------------------------------------------------------------------------


def test_a_reader_that_drops_words_is_told_by_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row whose body the reader forgets is not counted as read."""
    whole = _PlanReader._row  # noqa: SLF001  the reader is broken on purpose

    def forgetful(self: _PlanReader, at: int, n: int, row: Row) -> PlanRow:
        made = whole(self, at, n, row)
        made.responsible = ""
        return made

    monkeypatch.setattr(_PlanReader, "_row", forgetful)
    read = imported(read_document(CORPUS / "kinds" / "t7-monthrows.html"), ORDER)
    told = [finding.text() for finding in read.findings if finding.code == "row-not-read"]
    assert len(told) == 2
    assert "Классные руководители" in told[0]


def test_a_reader_that_skips_rows_is_told_by_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row that nobody took is named."""
    monkeypatch.setattr(_PlanReader, "_add", lambda *_: None)
    read = imported(read_document(CORPUS / "kinds" / "t2-lost.html"), ORDER)
    assert {f.code for f in read.findings} >= {"row-not-read", "table-not-read"} or read.account.count()["asked"] == 3
    assert read.account.left() == []


def test_the_test_itself_sees_a_lost_piece() -> None:
    """A measure that is taken out afterwards is missed."""
    read = imported(read_document(CORPUS / "kinds" / "t7-monthrows.html"), ORDER)
    assert lost(read) == []
    assert lost(Imported(read.order, read.period, read.sections, read.measures[1:], (), read.findings, read.account))
