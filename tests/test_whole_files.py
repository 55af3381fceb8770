"""Whole or not at all: what a write that breaks off leaves behind, and what stays of the file that was there."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.problem import Problem
from doors.cli.output import Door
from doors.cli.reports import Wanted, give
from views.report_table import ReportColumn, ReportLine, ReportTable
from whole_files import PRIVATE, write_all, write_whole

ROOM = 4096


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Let no file of this process grow beyond ROOM bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(folder: Path) -> list[str]:
    """Return what lies in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("full_disk")
def test_a_write_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    """Of several files neither the one that fits nor the one that does not; nothing lies beside them."""
    first, second, new = tmp_path / "first", tmp_path / "second", tmp_path / "new"
    first.write_bytes(b"before")
    second.write_bytes(b"before")
    with pytest.raises(OSError, match="File too large") as caught:
        write_all([(first, b"after"), (second, b"x" * (ROOM + 1)), (new, b"after")])
    assert caught.value.filename == str(second)
    assert (first.read_bytes(), second.read_bytes()) == (b"before", b"before")
    assert names(tmp_path) == ["first", "second"]
    write_whole(second, b"x" * ROOM)
    assert second.stat().st_size == ROOM


@pytest.mark.usefixtures("full_disk")
def test_a_report_that_breaks_off_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    """The door tells it in its own words."""
    out = tmp_path / "board.csv"
    out.write_bytes(b"before")
    table = ReportTable("", (), (ReportColumn("n"),), (ReportLine(("x" * ROOM,)),))
    with pytest.raises(Problem) as caught:
        give(Door(json=False, lang="en"), Wanted("csv", out), dict, lambda: table)
    assert (caught.value.code, caught.value.place[0]) == ("cannot-write", str(out))
    assert (out.read_bytes(), names(tmp_path)) == (b"before", ["board.csv"])


def test_a_file_keeps_its_rights_and_a_secret_is_its_owners(tmp_path: Path) -> None:
    """A new file has what the umask leaves."""
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", b"")
    finally:
        os.umask(before)
    shared, secret = tmp_path / "shared", tmp_path / "secret"
    for file in (shared, secret):
        file.write_bytes(b"before")
        file.chmod(0o664)
    write_whole(shared, b"after")
    write_whole(secret, b"after", PRIVATE)
    rights = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert rights == {"new": 0o640, "shared": 0o664, "secret": 0o600}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is written, in its own folder."""
    (tmp_path / "far").mkdir()
    link = tmp_path / "link"
    link.symlink_to("far/file")
    for content in (b"made", b"replaced"):
        write_whole(link, content)
        assert (link.is_symlink(), (tmp_path / "far" / "file").read_bytes()) == (True, content)
    assert (names(tmp_path), names(tmp_path / "far")) == (["far", "link"], ["file"])


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    """As `--out /dev/stdout` is: nothing is put in its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, b"through")
    reader.join(timeout=10)
    assert (read, pipe.is_fifo()) == ([b"through"], True)


def test_what_a_link_leads_to_may_have_no_place(tmp_path: Path) -> None:
    """`/dev/stdout` is such a link, into a pipe; and into a file that is no longer there by any name."""
    read_end, write_end = os.pipe()
    lost = os.open(tmp_path / "lost", os.O_RDWR | os.O_CREAT)
    (tmp_path / "lost").unlink()
    for number, (end, source) in enumerate(((write_end, read_end), (lost, lost))):
        link = tmp_path / f"link-{number}"
        link.symlink_to(f"/proc/self/fd/{end}")
        write_whole(link, b"through")
        assert os.read(source, 100) == b"through"
    for end in (read_end, write_end, lost):
        os.close(end)
    assert names(tmp_path) == ["link-0", "link-1"]


@pytest.mark.parametrize("name", [".", "nowhere/file", "nowhere/../file", "n" * 300])
def test_what_cannot_be_written_is_named_as_it_was_given(tmp_path: Path, name: str) -> None:
    """And nothing is made."""
    path = tmp_path / name
    with pytest.raises(OSError, match=r"Errno") as caught:
        write_whole(path, b"")
    assert str(caught.value.filename) == str(path)
    assert not names(tmp_path)
