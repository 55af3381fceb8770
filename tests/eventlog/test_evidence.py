"""The evidence store: what it has, what it has not, and when nothing can be said."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from io import BufferedReader
from pathlib import Path

import pytest

from domain.commands import Evidence
from eventlog import evidence as store
from eventlog.errors import StoreMissing
from eventlog.evidence import MARK, make_store, missing, stored, stored_files

CONTENT = b"content of the evidence"
GOOD = Evidence(hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), "акт.pdf")
ABSENT = Evidence("ab" * 32, 5, "нет.pdf")


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    """Give a store with one file."""
    make_store(tmp_path / "storage")
    place(tmp_path / "storage").parent.mkdir()
    place(tmp_path / "storage").write_bytes(CONTENT)
    return tmp_path / "storage"


def place(storage: Path) -> Path:
    """Return where the good file lies."""
    return stored(storage, GOOD.sha256)


def test_what_is_there_as_described_is_not_missing(storage: Path) -> None:
    """Under whatever name; what is not there is told once."""
    assert missing([GOOD, replace(GOOD, name="other")], storage) == ()
    assert missing([ABSENT, GOOD, ABSENT], storage) == (ABSENT.sha256,)


def pipe(path: Path) -> None:
    """Put a pipe, which a reader would wait for, in the place of a file."""
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(CONTENT[:-1]),
        lambda path: path.write_bytes(CONTENT[:-1] + b"?"),
        lambda path: path.write_bytes(CONTENT + b"?"),
        lambda path: path.unlink(),
        lambda path: (path.unlink(), path.mkdir()),
        pipe,
        lambda path: (path.unlink(), path.symlink_to("/dev/zero")),
        lambda path: (path.unlink(), path.parent.rmdir(), path.parent.write_bytes(b"")),
    ],
)
def test_what_was_changed_is_missing(storage: Path, harm: Callable[[Path], object]) -> None:
    """Cut, altered, grown, removed, or no file any more; also where it was looked at before."""
    assert missing([GOOD], storage) == ()
    harm(place(storage))
    assert missing([GOOD], storage) == (GOOD.sha256,)


def test_a_change_that_hides_its_time_is_found(storage: Path) -> None:
    """Size and time of writing are as they were: what is remembered of a file is known by more than these."""
    path = place(storage)
    status = path.stat()
    assert missing([GOOD], storage) == ()
    while path.stat().st_ctime_ns == status.st_ctime_ns:  # the clock of a file system ticks seldom
        path.write_bytes(CONTENT[:-1] + b"?")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        time.sleep(0)
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert missing([GOOD], storage) == (GOOD.sha256,)


def test_a_file_is_read_once_while_it_stays_as_it_is(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that is tried again does not read a hundred megabytes again."""
    read: list[str] = []
    sha256_of = store.sha256_of

    def counted(file: BufferedReader) -> str:
        read.append(file.name)
        return sha256_of(file)

    monkeypatch.setattr(store, "sha256_of", counted)
    assert [missing([GOOD], storage), missing([GOOD], storage)] == [(), ()]
    assert read == [str(place(storage))]


@pytest.mark.parametrize("described", [{"size": len(CONTENT) + 1}, {"sha256": "../../etc/passwd"}, {"sha256": ""}])
def test_what_is_described_wrongly_is_missing(storage: Path, described: dict[str, str | int]) -> None:
    """Another size; what no file of a store can be called never leads out of it."""
    wrong = replace(GOOD, **described)  # type: ignore[arg-type]
    assert missing([wrong], storage) == (wrong.sha256,)


@pytest.mark.parametrize(
    "lose",
    [
        lambda storage: storage.rename(storage.with_name("elsewhere")),
        lambda storage: (storage.rename(storage.with_name("elsewhere")), storage.mkdir()),  # its disk is not mounted
        lambda storage: (storage.rename(storage.with_name("elsewhere")), storage.write_bytes(b"")),
    ],
)
def test_a_store_that_is_not_there_lacks_nothing(storage: Path, lose: Callable[[Path], object]) -> None:
    """It is an error that says what to do: a report waits for the store, and is not refused."""
    lose(storage)
    with pytest.raises(StoreMissing) as error:
        missing([GOOD], storage)
    assert "VEKHA_EVIDENCE_DIR" in error.value.ru
    assert str(storage) in error.value.en
    assert missing([], storage) == ()


def test_a_store_of_before_needs_no_mark(storage: Path) -> None:
    """Its folders tell that it is one."""
    (storage / MARK).unlink()
    assert missing([ABSENT], storage) == (ABSENT.sha256,)


def test_a_file_that_cannot_be_read_is_not_missing(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails, a right that is wanting: nothing is known of the file."""

    def fail(_file: BufferedReader) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store, "sha256_of", fail)
    with pytest.raises(StoreMissing):
        missing([GOOD], storage)


def test_all_that_lies_in_the_store_is_listed(storage: Path) -> None:
    """Files that were kept and what else is there, by path, with the size; nothing is followed."""
    (storage / ".incoming-x").write_bytes(b"12")
    (storage / "zz").symlink_to("/dev/zero")
    found = list(stored_files(storage))
    assert (".incoming-x", 2) in found
    assert (str(place(Path())), len(CONTENT)) in found
    assert {path for path, _ in found} == {".incoming-x", "zz", str(place(Path()))}
