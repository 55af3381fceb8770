"""A table of commands: read whole or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from domain.codec import MAX_TEXT, hear_command
from domain.commands import AcceptExecution, ReportExecution, Unreadable
from orders.batch import load_batch
from orders.findings import UnreadableFile

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2021, 9, 28, 9, 30, tzinfo=UTC)
HEADER: list[object] = ["do", "as", "measure", "body", "note", "occurred_on", "files"]
ROWS: list[list[object]] = [
    HEADER,
    ["report", "school-6", "2.10", None, "готово", date(2021, 9, 27), "proof.txt"],
    [],
    ["accept", "vasyutina", "2.10", "school-6", None, None, None],
]


def workbook(path: Path, rows: list[list[object]]) -> Path:
    """Write rows as a workbook."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def problems(path: Path) -> list[str]:
    """Return what keeps a table from being read, a line each."""
    with pytest.raises(UnreadableFile) as caught:
        load_batch(path, MOSCOW, NOW)
    return [problem.line() for problem in caught.value.problems]


def test_a_csv_and_a_workbook_say_the_same(tmp_path: Path) -> None:
    """Rows in their order, blank ones passed over, proofs beside the table."""
    (tmp_path / "proof.txt").write_text("протокол")
    csv = tmp_path / "batch.csv"
    csv.write_text(
        "\ufeff" + "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in ROWS),
        encoding="utf-8",
    )
    from_csv = load_batch(csv, MOSCOW, NOW)
    from_book = load_batch(workbook(tmp_path / "batch.xlsx", ROWS), MOSCOW, NOW)
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
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("do,as,measure\nreport,uo,2.3\nreport,uo,2.3\n")
    other.write_text("do,as,measure\nreport,uo,3.3\n")
    ids = [step.id for step in load_batch(one, MOSCOW, NOW)]
    assert ids == [step.id for step in load_batch(one, MOSCOW, NOW.replace(hour=12))]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {step.id for step in load_batch(other, MOSCOW, NOW)}


def test_a_note_is_as_long_in_a_table_as_at_every_other_door(tmp_path: Path) -> None:
    """As long as the rules take it; a letter more is told at its cell, as the engine would refuse it."""
    table = tmp_path / "batch.csv"
    for letters, too_many in ((MAX_TEXT, False), (MAX_TEXT + 1, True)):
        note = "я" * letters
        table.write_text(f"do,as,measure,note,reason\nreport,uo,2.3,{note},\nreturn,uo,2.3,,{note}\n", encoding="utf-8")
        if too_many:
            assert [line.partition("batch.csv:")[2][:4] for line in problems(table)] == ["2:4:", "3:5:"]
        else:
            assert [getattr(step.request, "note", note) for step in load_batch(table, MOSCOW, NOW)] == [note, note]
        sent = {"id": "x", "actor": "uo", "type": "ReportExecution", "data": {"note": note}}
        assert isinstance(hear_command(sent, NOW).request, Unreadable) is too_many


def test_a_table_says_that_work_was_done_before_its_time(tmp_path: Path) -> None:
    """In Russian or as programs write it; blank is no."""
    table = tmp_path / "batch.csv"
    table.write_text("do,as,measure,early\n" + "".join(f"report,uo,2.3,{said}\n" for said in ("да", "Нет", "true", "")))
    assert [step.request.early for step in load_batch(table, MOSCOW, NOW)] == [True, False, True, False]  # type: ignore[union-attr]
    table.write_text("do,as,measure,early\nreport,uo,2.3,возможно\n")
    assert [line.partition("batch.csv:")[2][:4] for line in problems(table)] == ["2:4:"]


def test_every_bad_cell_is_told_at_its_place(tmp_path: Path) -> None:
    """All problems at once, each with line and column."""
    table = tmp_path / "batch.csv"
    table.write_text("do;as;measure;until\nfly;uo;2.3;\nextend;uo;2.3;скоро\nreport;;2.3;\n")
    found = problems(table)
    assert [line.split(": ")[0].rpartition("batch.csv:")[2] for line in found] == ["2:1", "3:1", "3:1", "3:4", "4:1"]


def test_a_table_without_the_columns_that_all_rows_need_is_one_problem(tmp_path: Path) -> None:
    """As a table that is none has them not, or one whose columns were named in Russian."""
    table = tmp_path / "batch.csv"
    table.write_text("as;что;мероприятие\nuo;отчёт;2.3\nuo;отчёт;2.4\n")
    (line,) = problems(table)
    assert line.partition("batch.csv:")[2].startswith("1:1: нет столбца «do»: в первой строке")


def test_a_measure_that_a_spreadsheet_made_a_number_is_refused(tmp_path: Path) -> None:
    """2.10 and 2.1 are two measures and one number."""
    table = workbook(tmp_path / "batch.xlsx", [["do", "as", "measure"], ["report", "uo", 2.10]])
    assert [line.partition("batch.xlsx:")[2][:4] for line in problems(table)] == ["2:3:"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b'do;as\n"open', "do;as\nотчёт;я".encode("cp1251")])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_is_no_table_is_one_problem(tmp_path: Path, content: bytes, suffix: str) -> None:
    """Empty, damaged, in another encoding, under either name."""
    table = tmp_path / f"batch{suffix}"
    table.write_bytes(content)
    assert problems(table)
    assert problems(tmp_path / f"absent{suffix}")
