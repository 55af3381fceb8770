"""DBOS doing the same job: durable workflows that take commands and insert rows, on the same PostgreSQL.

Two ways that its users would write it: `measure` is a workflow a measure that receives messages, one after the other;
`command` is a workflow a command, started by a queue. `python -m bench.dbos_worker` is the worker.
"""

from __future__ import annotations

import os
import signal
import threading
import uuid
from typing import Any

from dbos import DBOS
from psycopg import Connection
from psycopg_pool import ConnectionPool

NAMESPACE = uuid.UUID(int=1)
NAME = "bench"
QUEUE = "commands"
TOPIC = "command"
POLL_SECONDS = 0.02
TABLE = """
create schema if not exists dbos_bench;
create table if not exists dbos_bench.event (
    seq bigint generated always as identity primary key, id uuid not null unique, stream text not null,
    version integer, command_id text not null, data text not null,
    recorded_at timestamptz not null default clock_timestamp(), unique (stream, version)
)
"""
INSERT = """
insert into dbos_bench.event (id, stream, version, command_id, data) values (%s, %s, %s, %s, %s)
on conflict do nothing
"""

pool: ConnectionPool[Connection]


@DBOS.step()
def insert(stream: str, version: int | None, record: dict[str, Any]) -> None:
    """Insert one row."""
    with pool.connection() as connection:
        identity = uuid.uuid5(NAMESPACE, f"{stream}/{record['id']}")
        connection.execute(INSERT, (identity, stream, version, record["id"], str(record)))


@DBOS.workflow()
def measure(stream: str) -> None:
    """Take commands, insert rows, for ever."""
    version = 0
    while True:
        record = DBOS.recv(TOPIC, timeout_seconds=600)
        if record is not None:
            version += 1
            insert(stream, version, record)


@DBOS.workflow()
def command(stream: str, record: dict[str, Any]) -> None:
    """Insert one command's row; nothing keeps the commands of a measure in order."""
    insert(stream, None, record)


def work() -> None:
    """Work until the process is told to stop."""
    global pool  # noqa: PLW0603 - DBOS's functions live at the top of a module
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    DBOS(
        config={
            "name": NAME,
            "application_version": "1",
            "system_database_url": os.environ["DBOS_DATABASE_URL"],
            "log_level": "ERROR",
        }
    )
    pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=30, kwargs={"autocommit": True})
    DBOS.launch()
    DBOS.register_queue(QUEUE, polling_interval_sec=POLL_SECONDS)
    print("ready", flush=True)
    stop.wait()
    os._exit(0)  # its workflows wait for ever


if __name__ == "__main__":
    work()
