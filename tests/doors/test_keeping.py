"""What an administrator looks after between start and close: that the log is sealed, and the key that signs it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from doors.cli.starter import starter
from eventlog.checkpoints import OVERLAP, Checkpoint, Signer, read_checkpoint
from tests.doors.calling import call
from tests.doors.lived import example, keep
from tests.eventlog.log import put, record

ROADMAP, RECORDS = example()


@pytest.mark.parametrize(("minutes", "alarm"), [(0, ""), (3, "ТРЕВОГА")])
async def test_status_is_alarmed_where_nobody_seals(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int, alarm: str
) -> None:
    """Beside a good answer: the year goes on, but its reports do not show it. Without Temporal it answers too, and says so."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VEKHA_VAR", str(tmp_path))
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    monkeypatch.setenv("VEKHA_LANG", "ru")
    await keep(database_url, RECORDS[:40])
    await put(database_url, record("somewhere/year"))
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("alter table vekha.event disable trigger append_only")
        back = timedelta(minutes=minutes)
        owner.execute("update vekha.event set recorded_at = now() - %s where stream = 'somewhere/year'", (back,))
    said = await asyncio.to_thread(call, starter, ["status", "--roadmap", ROADMAP.id, "--json"])
    assert said.code == 0
    assert said.document("status")["unsealed_seconds"] >= 60 * minutes
    assert said.document("status")["standing_still"] is None
    without, *rest = said.err.splitlines()
    assert without.startswith("Что стоит в Temporal, не узнать")
    assert [line[: len(alarm)] for line in rest] == ([alarm] if alarm else [])


def test_a_new_key_signs_beside_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key there is nothing to change; afterwards both sign, so that an auditor who has the old one follows."""
    monkeypatch.setenv("VEKHA_VAR", str(tmp_path))
    monkeypatch.setenv("VEKHA_LANG", "ru")
    said = call(starter, ["new-key"])
    assert (said.code, "checkpoint.key" in said.line()) == (2, True)
    path = tmp_path / "keys" / "checkpoint.key"
    old = Signer(path).public_keys("vekha/x")
    document = call(starter, ["new-key", "--json"]).document("new-key")
    assert document["key"] == str(path)
    assert date.fromisoformat(document["old_key_until"]) - datetime.now(UTC).date() >= OVERLAP - timedelta(days=1)
    new = Signer(path)
    point = Checkpoint("vekha/x", 1, bytes(32), datetime.now(UTC))
    assert read_checkpoint(new.sign(point), old) == point
    only_new = new.public_keys("vekha/x").splitlines()[-1]
    assert read_checkpoint(new.sign(point), only_new) == point
    assert read_checkpoint(new.sign(point), old).next_key == only_new
