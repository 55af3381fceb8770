"""Evidence: kept by its content, once, and only whole."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.evidence import LIMIT, keep
from app.problem import Problem
from domain.codec import MAX_FILES, command_record, hear_command, make_command, read_command
from domain.commands import ReportProgress
from doors.cli.admin import admin
from doors.cli.reconcile import Trace
from eventlog.evidence import MARK, stored
from tests.doors.calling import files
from tests.doors.conftest import Office


async def test_the_event_says_what_was_kept(office: Office, tmp_path: Path) -> None:
    """SHA-256, size and a plain name; the file lies under its SHA-256."""
    file = tmp_path / "при\u202eказ\x1b[31m.pdf"
    file.write_bytes(b"content of the evidence")
    said = await office.call(admin, "progress", "2.3", "--as", "uo", "--file", str(file), "--json")
    (event,) = said.document("answer")["events"]
    sha256 = hashlib.sha256(b"content of the evidence").hexdigest()
    assert event["data"]["evidence"] == [{"sha256": sha256, "size": 23, "name": "приказ[31m.pdf"}]
    assert stored(office.var / "evidence", sha256).read_bytes() == b"content of the evidence"
    assert "\\u001b" not in json.dumps(event)


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    """Under whatever name it comes, however often; nothing temporary is left."""
    storage = tmp_path / "storage"
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    for file in (first, second):
        file.write_bytes(b"same")
    kept = keep([first, second, first], storage)
    assert [item.name for item in kept] == ["a.txt", "b.txt", "a.txt"]
    assert len({item.sha256 for item in kept}) == 1
    assert files(storage) == {MARK, str(stored(Path(), kept[0].sha256))}


def test_nobody_may_change_what_is_kept(tmp_path: Path) -> None:
    """The file can be read by its owner and group alone, its folders be entered by them alone."""
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    (kept,) = keep([file], tmp_path / "var" / "storage")
    place = stored(tmp_path / "var" / "storage", kept.sha256)
    assert stat.S_IMODE(place.stat().st_mode) == 0o440
    for folder in (place.parent, place.parent.parent):
        assert not stat.S_IMODE(folder.stat().st_mode) & 0o027


def test_a_file_of_the_limit_is_kept_and_its_name_is_cut(tmp_path: Path) -> None:
    """Exactly a hundred megabytes are not too many; a name of control characters is none."""
    file = tmp_path / ("ы" * 120)
    with file.open("wb") as sparse:
        sparse.truncate(LIMIT)
    nameless = tmp_path / "\x01\udcff"
    nameless.write_bytes(b"x")
    large, small = keep([file, nameless], tmp_path / "storage")
    assert (large.size, large.name, small.name) == (LIMIT, "ы" * 120, "file")


def test_a_file_that_cannot_be_copied_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It passed the first look and is too large when it is read: no half file, no temporary one."""
    storage = tmp_path / "storage"
    file = tmp_path / "a.txt"
    file.write_bytes(b"x" * 100)
    monkeypatch.setattr("app.evidence.inspect", lambda _: None)
    monkeypatch.setattr("app.evidence.LIMIT", 99)
    with pytest.raises(Problem, match="larger"):
        keep([file], storage)
    assert files(storage) == {MARK}


@pytest.mark.parametrize("name", ["\u202efdp.exe", "a\u2028b", "a\\b", "\u200d" * 300, "е\u0301" * 200, "\x1b[2J"])
def test_whatever_a_file_is_called_the_command_can_be_read(tmp_path: Path, name: str) -> None:
    """The door makes of it a name that the engine takes."""
    file = tmp_path / name[:60]
    file.write_bytes(b"x")
    command = make_command(
        "a", "uo", datetime.now(UTC), None, ReportProgress(evidence=keep([file], tmp_path / "storage"))
    )
    assert hear_command(command_record(command), datetime.now(UTC)) == command


def test_more_files_than_a_command_may_name_are_not_kept(tmp_path: Path) -> None:
    """The first one too many is named; as many as may be are taken."""
    several = [tmp_path / f"{number}.txt" for number in range(MAX_FILES + 1)]
    for file in several:
        file.write_bytes(b"x")
    with pytest.raises(Problem, match=rf"{MAX_FILES} at most") as error:
        keep(several, tmp_path / "storage")
    assert error.value.place == (str(several[-1]), None, None)
    assert not (tmp_path / "storage").exists()
    assert len(keep(several[:-1], tmp_path / "storage")) == MAX_FILES


def test_a_signal_is_answered_by_either_of_its_readings() -> None:
    """A worker of before took evidence of any form: what its log answered so is not told as unanswered today."""
    at = datetime.now(UTC)
    data = {"evidence": [{"sha256": "a", "size": 0, "name": ""}]}
    record = {"id": "a", "actor": "uo", "type": "ReportProgress", "data": data}
    trace = Trace()
    trace.command(record, at)
    digests = {reading(record, at).digest for reading in (hear_command, read_command)}
    assert len(digests) == 2
    assert trace.commands == {("a", frozenset(digests)): at}
