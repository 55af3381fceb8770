"""Verification: whatever a superuser does to the log is found, and where; a log left alone is never accused."""

from __future__ import annotations

import base64
import os
import random
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from domain.errors import Unavailable
from eventlog import verify as module
from eventlog.chain import Tree, inclusion, levels_of, link_of, peaks_of, root_from, root_of
from eventlog.checkpoints import Checkpoint, Notary, Signer, log_folder, read_checkpoint
from eventlog.errors import BadCheckpoint
from eventlog.sealer import Sealer, seal_new
from eventlog.verify import leaves, verify, verify_seen
from settings import ROOT
from tests.eventlog.lives import accused, lead_a_life
from tests.eventlog.log import put, record, running, until, value
from tests.eventlog.tampering import KINDS, forge, rechain, unguarded

TRIES = 20
SIZE = 12


@pytest.fixture
async def log(database_url: str, connection: psycopg.Connection) -> psycopg.Connection:
    """Give a owner's connection to a log of SIZE events in three blocks."""
    for start in range(0, SIZE, 4):
        await put(database_url, *(record("a/year", start + place) for place in range(1, 5)))
        seal_new(connection)
    return connection


def in_segments(monkeypatch: pytest.MonkeyPatch, height: int) -> None:
    """Let the log be looked at in segments of 2**height events."""
    monkeypatch.setattr(module, "HEIGHT", height)
    monkeypatch.setattr(module, "SEGMENT", 2**height)


def checkpoint(connection: psycopg.Connection) -> Checkpoint:
    """Give what the log has come to."""
    row = connection.execute(
        "select origin, last_position, merkle_root from vekha.log, vekha.block order by no desc limit 1"
    ).fetchone()
    assert row is not None
    return Checkpoint(*row)


def test_a_log_that_was_left_alone_is_not_accused(log: psycopg.Connection) -> None:
    """Neither by its chain and blocks nor by a checkpoint of any age."""
    result = verify(log, [checkpoint(log)])

    assert (result.size, result.blocks, result.discrepancies) == (SIZE, 4, [])
    assert result.root == checkpoint(log).root


@pytest.mark.parametrize("seed", range(10))
def test_whatever_life_a_log_has_had_it_is_not_accused(
    database_url: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The benchmark leads a thousand of them."""
    in_segments(monkeypatch, seed % 5)
    monkeypatch.setattr(module, "SHORT", 0)
    chance = random.Random(seed)  # noqa: S311 - the same lives every time

    assert not accused(lead_a_life(database_url, chance), database_url)


def test_an_empty_log_is_sound(connection: psycopg.Connection) -> None:
    """Its root is the hash of nothing."""
    result = verify(connection)
    assert (result.size, result.discrepancies, result.root) == (0, [], root_of([]))


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_done_is_found(log: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Each kind many times, at random places, from the same sound log, whose segments are of any size."""
    outside = checkpoint(log)
    unguarded(log)
    chance = random.Random(kind)  # noqa: S311 - the same tries every time
    for _ in range(TRIES):
        in_segments(monkeypatch, chance.randint(0, 4))
        with log.transaction(force_rollback=True):
            KINDS[kind](log, chance, SIZE)
            assert verify_seen(log, [outside]).count, kind
        with log.transaction(force_rollback=True):
            assert not verify_seen(log, [outside]).count


@pytest.mark.parametrize("height", [0, 1, 2, 3])
def test_processes_see_what_one_sees(log: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, height: int) -> None:
    """Also where a block or a checkpoint ends within a segment, and where something does not fit."""
    outside = checkpoint(log)
    alone = verify(log, [outside])
    in_segments(monkeypatch, height)
    monkeypatch.setattr(module, "SHORT", 0)
    assert verify(log, [outside]) == alone

    unguarded(log)
    for position in (3, 10):
        log.execute(
            "update vekha.event set actor = 'x' where seq = (select seq from vekha.seal where position = %s)",
            (position,),
        )
    assert [found.position for found in verify(log, [outside]).discrepancies] == [3, 10, SIZE]


def test_a_finding_names_the_place(log: psycopg.Connection) -> None:
    """And what was expected there, and what is there."""
    unguarded(log)
    stored = value(log, "select hash from vekha.seal where position = 7")
    log.execute("update vekha.event set actor = 'school-7' where seq = (select seq from vekha.seal where position = 7)")

    (found,) = verify(log).discrepancies

    assert (found.code, found.position, found.expected) == ("changed", 7, stored.hex())
    assert found.found not in {None, stored.hex()}


@pytest.mark.parametrize("position", [5, 8])
def test_a_seal_without_a_hash_is_found(
    log: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, position: int
) -> None:
    """Also where its event is gone as well, and where a segment ends with it."""
    in_segments(monkeypatch, 3)
    unguarded(log)
    log.execute("alter table vekha.seal alter column hash drop not null")
    log.execute("update vekha.seal set hash = null where position = %s", (position,))
    assert {found.position for found in verify(log).discrepancies} >= {position, position + 1}

    log.execute("delete from vekha.event where seq = (select seq from vekha.seal where position = %s)", (position,))
    assert verify(log).discrepancies[0].code == "missing"


def test_only_an_outside_checkpoint_finds_a_chain_made_anew(log: psycopg.Connection) -> None:
    """That is why they are kept outside."""
    outside = checkpoint(log)
    unguarded(log)
    rechain(log, random.Random(1), SIZE)  # noqa: S311 - the same try every time

    assert verify(log).discrepancies == []
    assert [found.code for found in verify(log, [outside]).discrepancies] == ["rewritten"]


def test_events_that_were_sealed_twice_are_found(log: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chain, blocks and roots are all as they would be: so a sealer seals that works while a backup is put back."""
    log.execute("alter table vekha.seal drop constraint seal_seq_key")
    unguarded(log)
    log.execute("insert into vekha.seal select position + %s, seq from vekha.seal where position > 8", (SIZE,))
    log.execute("update vekha.seal set position = position - 8 where position > %s", (SIZE,))
    log.execute("update vekha.block set last_position = %s where last_position = %s", (SIZE + 4, SIZE))
    forge(log)

    for short in (module.SHORT, 0):
        monkeypatch.setattr(module, "SHORT", short)
        (found,) = verify(log).discrepancies
        assert (found.code, found.position, found.found) == ("twice", SIZE + 1, "4, seq 9")


def test_processes_of_a_verification_that_is_killed_end_with_it(database_url: str, log: psycopg.Connection) -> None:
    """They would wait for ever, each with a snapshot that holds back vacuum."""
    code = (
        "import sys, time, psycopg; from eventlog import verify as module; module.SHORT = 0;"
        "module._Walk.end = lambda self: (print(flush=True), time.sleep(600));"
        "module.verify(psycopg.connect(sys.argv[1], autocommit=True))"
    )
    sessions = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    before = value(log, sessions)
    with subprocess.Popen([sys.executable, "-c", code, database_url], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert value(log, sessions) > before + 1
        process.kill()
    until(lambda: value(log, sessions) == before)


def test_a_verification_that_loses_a_process_says_so(log: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as to want of memory: that says nothing of the log, and is no defect of ours."""
    monkeypatch.setattr(module, "SHORT", 0)
    monkeypatch.setattr(module, "_look", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(Unavailable, match="broken off"):
        verify(log)


def test_a_checkpoint_of_another_log_is_told_so(log: psycopg.Connection) -> None:
    """Also where it would be of the same size."""
    other = Checkpoint("vekha/other", SIZE, checkpoint(log).root)
    assert [found.code for found in verify(log, [other]).discrepancies] == ["other-log"]


@pytest.mark.parametrize("size", [*range(1, 18), 31, 32, 33])
def test_every_event_is_proved_to_be_in_the_tree(size: int) -> None:
    """And no other one is, at no other place."""
    some = [link_of(bytes(32), bytes([number])) for number in range(size)]
    root = root_of(some)
    for index, leaf in enumerate(some):
        path = inclusion(iter(some), index, size)
        assert root_from(path, leaf, index, size) == root
        assert root_from(path, link_of(leaf, leaf), index, size) != root
        assert size == 1 or root_from(path, leaf, (index + 1) % size, size) != root


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 16])
def test_a_tree_made_level_by_level_is_the_same(size: int) -> None:
    """Over any number of its leaves, and put to the right of another."""
    some = [link_of(bytes(32), bytes([number])) for number in range(16 + size)]
    one_by_one, joined = Tree(), Tree()
    joined.add(levels_of(some[:16])[-1][0], 4)
    levels = levels_of(some[16:])
    for count, leaf in enumerate(some, start=1):
        one_by_one.add(leaf)
        if count >= 16:
            assert joined.joined(count - 16, peaks_of(levels, count - 16)) == one_by_one


def test_an_event_of_the_log_is_proved(log: psycopg.Connection) -> None:
    """Against the root that a checkpoint was signed for."""
    outside = checkpoint(log)
    path = inclusion(leaves(log), 6, SIZE)
    assert root_from(path, list(leaves(log))[6], 6, SIZE) == outside.root


def test_the_notary_signs_what_the_log_has_come_to(log: psycopg.Connection, tmp_path: Path) -> None:
    """In every folder, with a key that only its owner can read."""
    folders = [tmp_path / "one", tmp_path / "two"]
    key = tmp_path / "keys" / "checkpoint.key"
    Notary(Signer(key), folders).publish(log)
    Notary(Signer(key), folders).publish(log)

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    for folder in folders:
        own = log_folder(folder, checkpoint(log).origin)
        note = (own / "latest.txt").read_text()
        verifier_key = (own / "key.pub").read_text()
        assert read_checkpoint(note, verifier_key) == checkpoint(log)
        for place in range(len(note)):
            with pytest.raises(BadCheckpoint):
                read_checkpoint(note[:place] + ("x" if note[place] != "x" else "y") + note[place + 1 :], verifier_key)
        with pytest.raises(BadCheckpoint, match="another key"):
            read_checkpoint(note, Signer(tmp_path / "other").public_keys(checkpoint(log).origin))


async def test_a_log_that_was_rewritten_is_not_signed(
    log: psycopg.Connection, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last checkpoint stays: it is the evidence."""
    notary = Notary(Signer(tmp_path / "key"), [tmp_path])
    notary.publish(log)
    latest = log_folder(tmp_path, checkpoint(log).origin) / "latest.txt"
    before = latest.read_text()
    for table in ("event", "seal", "block"):
        log.execute(f"alter table vekha.{table} disable trigger append_only")
    log.execute("update vekha.event set actor = 'nobody' where version = 3")
    forge(log)
    await put(database_url, record("a/year", SIZE + 1))
    seal_new(log)

    notary.publish(log)

    assert latest.read_text() == before
    assert "rewritten" in capsys.readouterr().out


def test_a_note_is_written_as_c2sp_says(tmp_path: Path) -> None:
    """With the key of RFC 8032's first vector: origin, size, root, an empty line, the signature."""
    (tmp_path / "key").write_text("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n")
    signer = Signer(tmp_path / "key")
    assert base64.b64decode(signer.public_keys("vekha/x").split("+", 2)[2])[1:].hex() == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    note = signer.sign(Checkpoint("vekha/x", 3, bytes(32)))
    assert note.startswith(f"vekha/x\n3\n{'A' * 43}=\n\n— vekha/x ")
    assert note.endswith("\n")


async def test_the_sealer_leaves_a_checkpoint_of_every_block(
    database_url: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    """Also of one that was sealed while no notary was there; a folder that is spoilt does not stop it."""
    await put(database_url, record("a/year"))
    seal_new(connection)
    own = log_folder(tmp_path, str(value(connection, "select origin from vekha.log")))
    notary = Notary(Signer(tmp_path / "key"), [tmp_path, tmp_path / "key"])

    def size() -> int:
        note, key = own / "latest.txt", own / "key.pub"
        return read_checkpoint(note.read_text(), key.read_text()).size if note.exists() else 0

    with running(Sealer(database_url, notary)):
        until(lambda: size() == 1)
        await put(database_url, record("a/year", 2))
        until(lambda: size() == 2)
        (own / "latest.txt").write_bytes(b"\xff")
        await put(database_url, record("a/year", 3))
        until(lambda: verify(connection).size == 3)
