"""Sealing: every committed event gets its gapless position, whatever happens to transactions, sealers and clusters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs

from eventlog import sealer
from eventlog.append import append
from eventlog.errors import HalfRestored
from eventlog.read import read_sealed
from eventlog.roles import OWNER
from eventlog.sealer import CHANNEL, LOCK, Sealer, seal_new, seal_what_moved_in, unsealed_seconds
from tests.eventlog.log import STREAM, holder, put, record, running, until, value, waiting

FAR = 2**40 + 1000  # a transaction id that no cluster of the tests comes to


def places(connection: psycopg.Connection) -> list[tuple[str, int, int | None]]:
    """Give stream, version and position of all that is sealed."""
    return [(row.stream, row.version, row.position) for row in read_sealed(connection, 0, 10_000)]


async def test_what_is_committed_is_sealed_as_one_block_and_announced_once(
    database_url: str, connection: psycopg.Connection
) -> None:
    """A round that finds nothing writes nothing."""
    await put(database_url, record("a/year"), record("b/year"), record("a/year", 2))
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute(f"listen {CHANNEL}")

        assert [seal_new(connection), seal_new(connection)] == [3, 0]

        assert [notice.payload for notice in listener.notifies(timeout=0.2)] == ["3"]
    assert places(connection) == [("a/year", 1, 1), ("b/year", 1, 2), ("a/year", 2, 3)]
    assert connection.execute("select no, first_position, last_position from vekha.block order by no").fetchall() == [
        (0, 1, 0),
        (1, 1, 3),
    ]


async def test_an_event_that_is_committed_late_is_sealed_late_and_holds_up_nobody(
    database_url: str, connection: psycopg.Connection
) -> None:
    """Its seq lies below those that are sealed by then: this is where readers of seq lose events."""
    async with await psycopg.AsyncConnection.connect(database_url) as slow:
        await append(slow, "slow/year", 0, [record("slow/year")])
        await put(database_url, record("a/year"))
        assert seal_new(connection) == 1
        await put(database_url, record("a/year", 2))
        assert seal_new(connection) == 1
        await slow.commit()
    assert seal_new(connection) == 1

    assert places(connection) == [("a/year", 1, 1), ("a/year", 2, 2), ("slow/year", 1, 3)]
    assert value(connection, "select array_agg(seq order by position) from vekha.seal") == [2, 3, 1]


async def test_an_event_that_is_rolled_back_leaves_no_gap(database_url: str, connection: psycopg.Connection) -> None:
    """Positions are given after the commit."""
    async with await psycopg.AsyncConnection.connect(database_url) as doubtful:
        await append(doubtful, "doubtful/year", 0, [record("doubtful/year")])
        await put(database_url, record("a/year"))
        await doubtful.rollback()
    seal_new(connection)
    await put(database_url, record("a/year", 2))
    seal_new(connection)

    assert places(connection) == [("a/year", 1, 1), ("a/year", 2, 2)]


async def test_of_two_sealers_at_once_one_writes_the_block(database_url: str, connection: psycopg.Connection) -> None:
    """The other one has changed nothing, and finds the work done."""
    await put(database_url, record("a/year"), record("b/year"))

    def seal(_: int) -> str:
        with psycopg.connect(database_url, autocommit=True) as rival:
            try:
                return f"sealed {seal_new(rival)}"
            except psycopg.errors.UniqueViolation:
                return f"lost, then sealed {seal_new(rival)}"

    with ThreadPoolExecutor(2) as pool:
        with psycopg.connect(database_url) as holder:
            holder.execute("lock table vekha.block in share mode")
            results = pool.map(seal, range(2))
            until(lambda: waiting(connection) == 2)
        assert sorted(results) == ["lost, then sealed 0", "sealed 2"]

    assert places(connection) == [("a/year", 1, 1), ("b/year", 1, 2)]


@pytest.mark.parametrize("old_ids", [3, FAR], ids=["below ours", "above ours"])
async def test_a_log_that_was_restored_into_another_cluster_goes_on(
    database_url: str, connection: psycopg.Connection, old_ids: int
) -> None:
    """Its transaction ids mean nothing here: lower ones would hide new events, higher ones bring old events back."""
    await put(database_url, record("a/year"), record("b/year"))
    seal_new(connection)
    await put(database_url, record("a/year", 2))
    with connection.transaction():  # what a restored dump looks like
        for table in ("event", "block"):
            connection.execute(f"alter table vekha.{table} disable trigger append_only")
        connection.execute("update vekha.event set xid = %s::text::xid8", (old_ids,))
        connection.execute(
            "update vekha.block set system_identifier = '1', snapshot = %s::pg_snapshot",
            (f"{FAR}:{FAR}:",),
        )
        for table in ("event", "block"):
            connection.execute(f"alter table vekha.{table} enable trigger append_only")
    assert unsealed_seconds(connection) > 0

    seal_what_moved_in(connection)
    seal_what_moved_in(connection)
    await put(database_url, record("b/year", 2))
    sealed = [seal_new(connection), seal_new(connection)]

    assert sealed == [1, 0]
    assert places(connection) == [("a/year", 1, 1), ("b/year", 1, 2), ("a/year", 2, 3), ("b/year", 2, 4)]
    assert value(connection, "select count(*) from vekha.block") == 4
    assert unsealed_seconds(connection) == 0


@pytest.mark.parametrize("late", ["seal", "event"])
async def test_nothing_is_sealed_while_a_backup_is_put_back(
    database_url: str, connection: psycopg.Connection, late: str
) -> None:
    """Where one table is there and the other is not yet, each event would have two seals in the end."""
    await put(database_url, record("a/year"), record("b/year"))
    seal_new(connection)
    connection.execute(
        "alter table vekha.seal drop constraint seal_seq_fkey;"
        "alter table vekha.block disable trigger append_only; update vekha.block set system_identifier = '1';"
        f"alter table vekha.{late} rename to whole; create table vekha.{late} (like vekha.whole including all);"
        f"alter table vekha.{late} owner to {OWNER}"
    )
    before = value(connection, "select count(*) from vekha.block")

    with pytest.raises(HalfRestored, match="is a backup being put back"):
        seal_what_moved_in(connection)

    connection.execute(f"drop table vekha.{late}; alter table vekha.whole rename to {late}")
    seal_what_moved_in(connection)
    assert places(connection) == [("a/year", 1, 1), ("b/year", 1, 2)]
    assert value(connection, "select count(*) from vekha.block") == before + 1


async def test_a_moved_log_waits_for_whoever_writes_into_it_already(
    database_url: str, connection: psycopg.Connection
) -> None:
    """An event whose seq is taken but not committed would lie below the floor for ever."""
    with connection.transaction():
        connection.execute("alter table vekha.block disable trigger append_only")
        connection.execute("update vekha.block set system_identifier = '1'")
        connection.execute("alter table vekha.block enable trigger append_only")
    async with await psycopg.AsyncConnection.connect(database_url) as early:
        await append(early, "early/year", 0, [record("early/year")])
        await put(database_url, record("a/year"))
        with ThreadPoolExecutor(1) as pool, psycopg.connect(database_url, autocommit=True) as sealer:
            moving = pool.submit(seal_what_moved_in, sealer)
            until(lambda: waiting(connection) == 1)
            await early.commit()
            moving.result()

    assert places(connection) == [("early/year", 1, 1), ("a/year", 1, 2)]


async def test_the_age_of_what_waits_is_told(database_url: str, connection: psycopg.Connection) -> None:
    """Also of an event that was committed late, below what is sealed: more than a minute is an alarm."""
    assert unsealed_seconds(connection) == 0
    async with await psycopg.AsyncConnection.connect(database_url) as slow:
        await append(slow, "slow/year", 0, [record("slow/year")])
        await put(database_url, record("a/year"))
        assert 0 < unsealed_seconds(connection) < 60
        seal_new(connection)
        assert unsealed_seconds(connection) == 0
        await slow.commit()
    assert 0 < unsealed_seconds(connection) < 60


async def test_rows_that_a_sealer_does_not_take_are_an_alarm(
    database_url: str, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row with a transaction id of long ago was put there past the doors; it is told, and told again."""
    monkeypatch.setattr(sealer, "ALARM_SECONDS", 0.05)
    await put(database_url, record("a/year"))
    seal_new(connection)
    await put(database_url, record("a/year", 2))
    connection.execute("alter table vekha.event disable trigger append_only")
    connection.execute("update vekha.event set xid = '3', recorded_at = now() - interval '2 minutes' where version = 2")
    with capture_logs() as told, running(Sealer(database_url)):
        until(lambda: sum(one["event"].startswith("events wait") for one in told) > 1)
    assert {one["seconds"] // 10 for one in told if one["event"].startswith("events wait")} == {12}


async def test_when_the_elected_sealer_is_cut_off_the_other_takes_over(
    database_url: str, connection: psycopg.Connection
) -> None:
    """And the one that was cut off stands by again."""
    with running(Sealer(database_url), Sealer(database_url)):
        cut: set[int | None] = {None}
        for version in range(1, 4):
            until(lambda: holder(connection, LOCK) not in cut)
            elected = holder(connection, LOCK)
            cut.add(elected)
            await put(database_url, record(STREAM, version))
            until(lambda last=version: len(places(connection)) == last)  # type: ignore[misc]
            assert value(connection, "select pg_terminate_backend(%s)", elected)

    assert places(connection) == [(STREAM, version, version) for version in range(1, 4)]


async def test_a_sealer_outlives_a_database_that_is_gone_for_a_while(
    database_url: str, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tries again until it is let in."""
    tries: list[Any] = []
    connect = psycopg.connect

    def count(*args: Any, **options: Any) -> Any:
        tries.append(args)
        return connect(*args, **options)

    monkeypatch.setattr("eventlog.elected.psycopg.connect", count)
    database = sql.Identifier(connection.info.dbname)
    with (
        connect(database_url, autocommit=True, dbname="postgres") as outside,
        running(Sealer(database_url)),
    ):
        until(lambda: holder(connection, LOCK) is not None)
        outside.execute(sql.SQL("alter database {} with allow_connections false").format(database))
        before = len(tries)
        connection.execute("select pg_terminate_backend(%s)", (holder(connection, LOCK),))
        until(lambda: len(tries) >= before + 3)
        outside.execute(sql.SQL("alter database {} with allow_connections true").format(database))
        await put(database_url, record())
        until(lambda: len(places(connection)) == 1)
