"""What the tests of the log share: events to append, keepers that run in threads, and waiting for a condition."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

from domain.records import EventRecord, digest
from eventlog.append import append, event_id

STREAM = "city-2021/year"


GIVEN = (
    *(
        "stream",
        "version",
        "type",
        "schema_version",
        "occurred_on",
        "at",
        "received_at",
        "actor",
        "command_id",
        "signed",
    ),
    *("data", "command", "writer"),
)


class Keeper(Protocol):
    """A sealer or a projector."""

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""


def beginning(roadmap: str) -> str:
    """Give the data of a year's first event, as far as the log itself looks at it."""
    return json.dumps({"definition": {"id": roadmap, "measures": []}, "source": "", "source_sha256": digest("")})


def record(stream: str = STREAM, version: int = 1, type_: str | None = None, **changes: Any) -> EventRecord:
    """Give a record to append: as a stream begins, then one report after the other."""
    if type_ is None:
        beginning = "YearStarted" if stream.endswith("/year") else "MeasurePlanned"
        type_ = beginning if version == 1 else "ProgressReported"
    fields: dict[str, Any] = {
        "schema_version": 1,
        "occurred_on": "2021-09-30",
        "at": "2021-09-30T15:00:00+00:00",
        "received_at": "2021-09-30T15:00:00.120000+00:00",
        "actor": "school-6",
        "command_id": None,
        "signed": False,
        "data": "{}",
        "command": None,
        "writer": "run-1",
    }
    return EventRecord(stream=stream, version=version, type=type_, **(fields | changes))


async def put(database_url: str, *records: EventRecord) -> None:
    """Append each record by itself."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        for one in records:
            assert (await append(connection, one.stream, one.version - 1, [one])).outcome == "appended"


def put_past(connection: psycopg.Connection, *records: EventRecord) -> None:
    """Write records past the append, as a hand in the database can, whatever they hold."""
    for one in records:
        values = [event_id(one.stream, one.version), *(getattr(one, name) for name in GIVEN)]
        names = ", ".join(("id", *GIVEN))
        holes = ", ".join(["%s"] * len(values))
        connection.execute(f"insert into vekha.event ({names}) values ({holes})", values)


@contextmanager
def running(*keepers: Keeper) -> Iterator[None]:
    """Run keepers in threads while the block lasts, and raise what they died of."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(keepers)) as pool:
        runs = [pool.submit(keeper.run, stop) for keeper in keepers]
        try:
            yield
        finally:
            stop.set()
        for run in runs:
            run.result()


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until a condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def value(connection: psycopg.Connection, query: str, *values: Any) -> Any:
    """Give the one value that a query finds."""
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def waiting(connection: psycopg.Connection) -> int:
    """Give how many sessions of this database wait for a lock."""
    return int(
        value(
            connection,
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
    )


def holder(connection: psycopg.Connection, lock: int) -> int | None:
    """Give the process of the database that holds an advisory lock, if any does."""
    row = connection.execute(
        "select pid from pg_locks where locktype = 'advisory' and objid = %s and granted"
        " and database = (select oid from pg_database where datname = current_database())",
        (lock,),
    ).fetchone()
    return None if row is None else int(row[0])
