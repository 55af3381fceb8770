"""The plan of a year as files, and what a new decree would move."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from orders.findings import UnreadableFile
from orders.what_if import read_layer
from tests.doors.test_reading import ROOT, answer, call, through
from tests.views.test_schemas import check

EXAMPLE = str(ROOT / "examples" / "pyatigorsk-2021-22" / "roadmap.yaml")
DECREE = ROOT / "orders" / "calendar_data" / "ru-decree.toml"


def test_the_plan_is_written_as_calendar_workbook_and_picture(tmp_path: Path) -> None:
    """Every moment once in each."""
    ics, xlsx, png = (tmp_path / f"plan.{form}" for form in ("ics", "xlsx", "png"))
    document = answer("plan", EXAMPLE, "--ics", str(ics), "--xlsx", str(xlsx), "--png", str(png))
    check("plan", document)
    count = len(document["moments"])
    events = Calendar.from_ical(ics.read_bytes()).walk("VEVENT")
    assert len(events) == count
    assert len({str(event["uid"]) for event in events}) == count
    firsts = [event.decoded("dtstart") for event in events]
    assert firsts == [datetime.fromisoformat(row["at"]).astimezone(UTC) for row in document["moments"]]
    assert max(len(line) for line in ics.read_bytes().split(b"\r\n")) <= 75
    assert "Срок: 2.5 МКУ ИМЦРО — Мониторинг уровня предметных, методических компетенций учителей" in {
        str(event["summary"]) for event in events
    }
    sheet = load_workbook(io.BytesIO(xlsx.read_bytes())).active
    assert sheet is not None
    assert sheet.max_row == count + 4
    assert png.read_bytes().startswith(b"\x89PNG")
    assert len(png.read_bytes()) > 100_000


def test_the_calendar_file_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    """A calendar program moves its events and doubles none."""
    one, other = tmp_path / "one.ics", tmp_path / "other.ics"
    call("plan", EXAMPLE, "--ics", str(one))
    call("plan", EXAMPLE, "--ics", str(other))
    assert one.read_bytes() == other.read_bytes()


def test_a_file_that_cannot_be_written_is_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    """Exit code 2."""
    got = through("plan", EXAMPLE, "--xlsx", str(tmp_path / "nowhere" / "plan.xlsx"))
    assert (got.code, len(got.err.splitlines())) == (2, 1)
    assert not list(tmp_path.iterdir())


def test_of_several_files_all_are_written_or_none(tmp_path: Path) -> None:
    """One that cannot be written keeps the others as they were; two forms in one file are refused."""
    ics, folder = tmp_path / "plan.ics", tmp_path / "folder"
    ics.write_text("до меня")
    folder.mkdir()
    got = through("plan", EXAMPLE, "--ics", str(ics), "--xlsx", str(folder))
    assert (got.code, got.err) == (2, f"{folder}: файл не записать: это папка\n")
    got = through("plan", EXAMPLE, "--ics", str(ics), "--xlsx", str(tmp_path / "nowhere" / ".." / "plan.xlsx"))
    assert (got.code, len(got.err.splitlines())) == (2, 1)
    got = through("plan", EXAMPLE, "--ics", str(ics), "--xlsx", str(folder / ".." / "plan.ics"))
    assert (got.code, len(got.err.splitlines())) == (2, 1)
    assert ics.read_text() == "до меня"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "plan.ics"]


def test_a_decree_moves_the_deadline_that_falls_on_its_days() -> None:
    """2.5 is due on 3 November; with the layer on 29 October."""
    document = answer("plan", EXAMPLE, "--what-if", str(DECREE))
    check("what-if", document)
    assert document["moved"] == [
        {"measure": "2.5", "checkpoint": "1", "due": "2021-11-05", "due_on": "2021-11-03", "would_be": "2021-10-29"}
    ]


def test_a_layer_may_be_yaml_and_outside_the_year(tmp_path: Path) -> None:
    """Days beyond the calendar move nothing."""
    file = tmp_path / "new.yaml"
    file.write_text(
        "version: проект\ndays:\n  - {from: 2021-09-30, to: 2021-09-30}\n  - {from: 2050-01-01, to: 2050-01-08, act: Указ}\n",
        encoding="utf-8",
    )
    moved = answer("plan", EXAMPLE, "--what-if", str(file))["moved"]
    assert {(item["measure"], item["would_be"]) for item in moved} == {("1.1", "2021-09-29"), ("2.4", "2021-09-29")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "version = "),
        ("b.toml", 'version = "1"\n[[days]]\nfrom = 2021-09-30\nto = 2021-09-01\n'),
        ("c.toml", 'version = "1"\ndays = 5\n'),
        ("d.yaml", "version: x\ndays: [{from: вчера, to: 2021-09-01}]\n"),
        ("e.yaml", ""),
        ("f.toml", 'version = "1"\n[[days]]\nfrom = 0001-01-01\nto = 9999-12-31\n'),
    ],
)
def test_a_file_that_is_no_calendar_is_one_line(tmp_path: Path, name: str, text: str) -> None:
    """Exit code 2, with the place where there is one."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile) as caught:
        read_layer(file)
    assert name in str(caught.value)
    assert json.dumps([problem.to_json() for problem in caught.value.problems])
