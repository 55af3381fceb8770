"""Appending one event a transaction, beside psycopg alone and the `eventsourcing` library; and sealing under that load.

All three write to the same server, each into its own database, one connection a writer. psycopg alone inserts the same
values into a table with the columns and keys of ours, by one statement, from the same kind of connection; it is also
shown with threads, as the library has it. The library is taken as it comes: with its lock.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from bench.figures import Demand, Result, Spread, ratio, spread
from bench.log import an_event, database, log
from domain.records import EventRecord
from doors.cli.output import quiet_logs
from eventlog.append import append, event_id
from eventlog.sealer import Sealer
from eventlog.sessions import AsyncConnection

WRITERS = (1, 4, 8)
EVENTS = 2000
SHORT_ROUNDS = 3  # to a round of the other benchmarks: half a second says little on a machine that wavers
WARM_UP = 10
OF_RAW = 0.85
OF_LIBRARY = 3.0
LOAD_SECONDS = 10.0
WARNINGS = 30
TOPIC = "bench:Reported"
POOL = 16  # connections that the library may have

TABLE = "create schema bare; create table bare.event (like vekha.event including all)"
INSERT = """
insert into bare.event (stream, version, id, type, schema_version, occurred_on, at, received_at, actor, command_id, signed,
                        data, command, writer)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
BEHIND = """
select percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from sealed_at - recorded_at) * 1000),
       count(*), count(distinct no)
from vekha.event join vekha.seal using (seq) join vekha.block on position between first_position and last_position
"""

SEALED = "select max(last_position) from vekha.block"

Write = Callable[[AsyncConnection, str, int], Awaitable[None]]
Measured = Callable[[int], float]
"""Lets so many writers write; returns events a second."""


def appending(server_url: str, rounds: int) -> Result:
    """Let all contestants take turns."""
    with ExitStack() as stack:
        url = stack.enter_context(log(server_url))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLE)
        recorder = stack.enter_context(library(stack.enter_context(database(server_url, "peer"))))
        contestants: dict[str, Measured] = {
            "Vekha": partial(_asynchronous, url, _append),
            "psycopg": partial(_asynchronous, url, _insert),
            "psycopg in threads": partial(_in_threads, partial(_insert_synchronously, url)),
            "eventsourcing": partial(_in_threads, partial(_insert_by_library, recorder)),
        }
        runs: list[dict[str, float]] = []
        turns = [(writers, name) for writers in WRITERS for name in contestants]
        for number in range(rounds * SHORT_ROUNDS):
            # Every second time the other way round: nobody is always the one to come first.
            runs.append({_name(name, writers): contestants[name](writers) for writers, name in turns})
            turns.reverse()
            print(f"  append, round {number + 1} of {rounds * SHORT_ROUNDS}", flush=True)
    figures: dict[str, Spread] = {name: spread(runs, name, "events a second") for name in runs[0]}
    demands = []
    for writers in WRITERS:
        own = _name("Vekha", writers)
        for peer, wanted in (("psycopg", OF_RAW), ("eventsourcing", OF_LIBRARY)):
            beside = ratio(runs, own, _name(peer, writers))
            figures[f"{own} / {peer}"] = beside
            demands.append(Demand(f"{own}, times {peer}", beside.median, at_least=wanted))
    return Result("append: one event a transaction", figures, tuple(demands))


def sealing(server_url: str, rounds: int) -> Result:
    """Append from eight writers beside a running sealer, and see how long events have waited for their positions."""
    quiet_logs(WARNINGS)
    runs: list[dict[str, float]] = []
    for _ in range(rounds):
        with log(server_url) as url, psycopg.connect(url, autocommit=True) as connection:
            sealer = get_context("fork").Process(target=Sealer(url).run, args=(threading.Event(),), daemon=True)
            sealer.start()
            written = asyncio.run(_load(url, time.monotonic() + LOAD_SECONDS))
            while (last := connection.execute(SEALED).fetchone()) is None or last[0] < written:
                time.sleep(0.05)
            sealer.terminate()
            sealer.join()
            row = connection.execute(BEHIND).fetchone()
            assert row is not None
            (half, most), events, blocks = row
            runs.append({"median": half, "p99": most, "load": events / LOAD_SECONDS, "block": events / blocks})
    names = {
        "load": ("appended and sealed", "events a second"),
        "median": ("from recorded to sealed, median", "ms"),
        "p99": ("from recorded to sealed, p99", "ms"),
        "block": ("a block", "events"),
    }
    return Result(
        f"seal: eight writers for {LOAD_SECONDS:.0f} s",
        {title: spread(runs, key, unit) for key, (title, unit) in names.items()},
        (),
    )


def _name(contestant: str, writers: int) -> str:
    return f"{contestant}, {writers} writer{'s' if writers > 1 else ''}"


def _asynchronous(url: str, write: Write, writers: int) -> float:
    """Let writers on one event loop write, a connection each."""

    async def all_of_them() -> float:
        connections = [await psycopg.AsyncConnection.connect(url, autocommit=True) for _ in range(writers)]
        streams = _streams(writers)
        await asyncio.gather(
            *(write(one, f"warm-{name}", WARM_UP) for one, name in zip(connections, streams, strict=True))
        )
        began = time.perf_counter()
        each = EVENTS // writers
        await asyncio.gather(*(write(one, name, each) for one, name in zip(connections, streams, strict=True)))
        seconds = time.perf_counter() - began
        for one in connections:
            await one.close()
        return writers * each / seconds

    return asyncio.run(all_of_them())


async def _append(connection: AsyncConnection, stream: str, events: int) -> None:
    for version in range(1, events + 1):
        await append(connection, stream, version - 1, [an_event(stream, version)])


async def _insert(connection: AsyncConnection, stream: str, events: int) -> None:
    for version in range(1, events + 1):
        await connection.execute(INSERT, _values(an_event(stream, version)))


def _values(record: EventRecord) -> tuple[object, ...]:
    return (
        record.stream,
        record.version,
        event_id(record.stream, record.version),
        record.type,
        record.schema_version,
        record.occurred_on,
        record.at,
        record.received_at,
        record.actor,
        record.command_id,
        record.signed,
        record.data,
        record.command,
        record.writer,
    )


def _in_threads(write: Callable[[int], None], writers: int) -> float:
    """Let writers in threads write so many events each."""
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, [WARM_UP] * writers))
        began = time.perf_counter()
        each = EVENTS // writers
        list(pool.map(write, [each] * writers))
        return writers * each / (time.perf_counter() - began)


def _insert_synchronously(url: str, events: int) -> None:
    (stream,) = _streams(1)
    with psycopg.connect(url, autocommit=True) as connection:
        for version in range(1, events + 1):
            connection.execute(INSERT, _values(an_event(stream, version)))


@contextmanager
def library(url: str, *, locked: bool = True) -> Iterator[PostgresApplicationRecorder]:
    """Give the library's recorder for a database: with its lock, or with its functions, which take none."""
    info = psycopg.conninfo.conninfo_to_dict(url)
    datastore = PostgresDatastore(
        str(info["dbname"]),
        str(info["host"]),
        str(info["port"]),
        str(info["user"]),
        str(info["password"]),
        pool_size=POOL,
        enable_db_functions=not locked,
    )
    with datastore:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
        recorder.create_table()
        yield recorder


def _insert_by_library(recorder: PostgresApplicationRecorder, events: int) -> None:
    stream = uuid.uuid4()
    for version in range(1, events + 1):
        recorder.insert_events([StoredEvent(stream, version, TOPIC, an_event(str(stream), version).data.encode())])


def _streams(count: int) -> list[str]:
    return [f"{uuid.uuid4().hex}/year" for _ in range(count)]


async def _load(url: str, until: float) -> int:
    """Append from eight writers for a while; return how many events that were."""

    async def write(stream: str) -> int:
        version = 0
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            while time.monotonic() < until:
                version += 1
                await append(connection, stream, version - 1, [an_event(stream, version)])
        return version

    return sum(await asyncio.gather(*(write(stream) for stream in _streams(max(WRITERS)))))
