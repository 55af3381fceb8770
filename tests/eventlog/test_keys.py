"""Keys change, and what was signed in their time stays signed. Our reader and the auditor's own file agree on each case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from eventlog import verifier
from eventlog.checkpoints import OVERLAP, Checkpoint, Signer, read_checkpoint, rotate
from eventlog.errors import BadCheckpoint

ORIGIN = "vekha/x"
CHANGED = date(2026, 9, 1)
BEFORE = Checkpoint(ORIGIN, 1, bytes(32), datetime(2026, 8, 31, 12, tzinfo=UTC))
MEANWHILE = Checkpoint(ORIGIN, 2, bytes(32), datetime(2026, 9, 2, 12, tzinfo=UTC))
LAST_DAY = Checkpoint(ORIGIN, 3, bytes(32), datetime(2026, 10, 1, 23, 59, 59, tzinfo=UTC))
AFTER = Checkpoint(ORIGIN, 4, bytes(32), datetime(2026, 10, 2, tzinfo=UTC))

Reader = Callable[[str, str], int]


def ours(note: str, keys: str) -> int:
    """Return the size by our reader."""
    return read_checkpoint(note, keys).size


def theirs(note: str, keys: str) -> int:
    """Return the size by the file that goes along with an export."""
    return verifier.read_note(note, keys)[1]


@pytest.fixture(params=[ours, theirs])
def read(request: pytest.FixtureRequest) -> Reader:
    """Give each of the two readers."""
    reader: Reader = request.param
    return reader


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Give the file of a key that is there already."""
    Signer(tmp_path / "key")
    return tmp_path / "key"


def test_the_old_key_signs_beside_the_new_one_for_a_while(key: Path, read: Reader) -> None:
    """Who has either of the two can check, and the old one names the new one."""
    old = Signer(key)
    assert rotate(key, CHANGED) == CHANGED + OVERLAP == date(2026, 10, 1)
    both = Signer(key)
    for checkpoint in (BEFORE, MEANWHILE, LAST_DAY):
        note = both.sign(checkpoint)
        assert note.count("\n— ") == 2
        new_line = both.public_keys(ORIGIN).splitlines()[1]
        for keys in (old.public_keys(ORIGIN), both.public_keys(ORIGIN), new_line):
            assert read(note, keys) == checkpoint.size
        assert read_checkpoint(note, old.public_keys(ORIGIN)).next_key == new_line
    assert both.sign(AFTER).count("\n— ") == 1


def test_what_the_old_key_signed_in_its_time_stays_valid(key: Path, read: Reader) -> None:
    """However long ago the key has expired."""
    note = Signer(key).sign(BEFORE)
    rotate(key, CHANGED)
    rotate(key, date(2027, 9, 1))
    assert read(note, Signer(key).public_keys(ORIGIN)) == 1


@pytest.mark.parametrize(
    ("checkpoint", "code", "words"),
    [
        (AFTER, "expired-key", "the checkpoint was signed with a key that had expired on 2026-10-01"),
        (replace(AFTER, sealed_at=None), "undated", "the checkpoint bears no day, and its key expired on 2026-10-01"),
    ],
)
def test_an_expired_key_signs_nothing_any_more(key: Path, checkpoint: Checkpoint, code: str, words: str) -> None:
    """Whoever still has it: one line says why."""
    stolen = Signer(key)
    rotate(key, CHANGED)
    note = stolen.sign(checkpoint)
    with pytest.raises(BadCheckpoint) as refused:
        ours(note, Signer(key).public_keys(ORIGIN))
    assert refused.value.code == code
    with pytest.raises(verifier.Unreadable, match=words):
        theirs(note, Signer(key).public_keys(ORIGIN))


@pytest.mark.parametrize("line", ["", "x", "{} tomorrow", "{} 2026-10-01 2026-10-02", "{}\nx"])
def test_a_key_that_cannot_be_read_is_no_key(key: Path, line: str) -> None:
    """Not even where another line can."""
    signer = Signer(key)
    keys = line.format(signer.public_keys(ORIGIN).strip())
    with pytest.raises(BadCheckpoint):
        ours(signer.sign(BEFORE), keys)
    with pytest.raises(verifier.Unreadable, match="the public key cannot be read"):
        theirs(signer.sign(BEFORE), keys)


def test_the_keys_are_for_their_owners_eyes(key: Path) -> None:
    """Before a change, and after it; nothing else is left in the folder."""
    assert key.stat().st_mode & 0o777 == 0o600
    rotate(key, CHANGED)
    assert key.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in key.parent.iterdir()] == ["key"]
