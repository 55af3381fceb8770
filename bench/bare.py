"""The bare engine: the least workflow that takes commands and inserts rows, to see what Vekha adds to it.

The same shape as Vekha's measure, without any rule: what waits in the inbox goes into one insert by a local activity
on a connection pool; the worker has the settings of doors/cli/work.py. `python -m bench.bare` is its worker.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from doors.cli.work import CONNECTIONS, WORKFLOW_TASKS
from settings import connect_temporal, settings
from workflows.stream import LOCAL_LIMIT

TASK_QUEUE = "bare"
NAMESPACE = uuid.UUID(int=0)
TABLE = """
create schema if not exists bare;
create table if not exists bare.event (
    seq bigint generated always as identity primary key, id uuid not null unique, stream text not null,
    version integer not null, command_id text not null, data text not null,
    recorded_at timestamptz not null default clock_timestamp(), unique (stream, version)
)
"""
INSERT = """
insert into bare.event (id, stream, version, command_id, data)
select * from unnest(%s::uuid[], %s::text[], %s::integer[], %s::text[], %s::text[]) on conflict do nothing
"""


@dataclass
class Row:
    """One command as a row."""

    id: str
    stream: str
    version: int
    command_id: str
    data: str


class Table:
    """The only activity."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self._pool = pool

    @activity.defn
    async def insert(self, rows: list[Row]) -> int:
        """Insert the rows."""
        columns = zip(*((row.id, row.stream, row.version, row.command_id, row.data) for row in rows), strict=True)
        async with self._pool.connection() as connection:
            await connection.execute(INSERT, [list(column) for column in columns])
        return len(rows)


@workflow.defn
class BareMeasure:
    """Takes commands, inserts rows, for ever."""

    def __init__(self) -> None:
        self._inbox: list[dict[str, Any]] = []
        self._version = 0

    @workflow.run
    async def run(self, stream: str) -> None:
        """Insert what waits, all at once."""
        while True:
            await workflow.wait_condition(lambda: bool(self._inbox))
            waiting, self._inbox = self._inbox, []
            rows = [
                Row(
                    str(uuid.uuid5(NAMESPACE, f"{stream}/{version}")), stream, version, record["id"], json.dumps(record)
                )
                for version, record in enumerate(waiting, start=self._version + 1)
            ]
            self._version += len(rows)
            await workflow.execute_local_activity("insert", rows, schedule_to_close_timeout=LOCAL_LIMIT)

    @workflow.signal
    def submit(self, record: dict[str, Any]) -> None:
        """Take a command."""
        self._inbox.append(record)


@workflow.defn
class BareTimer:
    """Waits for an instant, inserts a row, and ends."""

    @workflow.run
    async def run(self, stream: str, instant: str) -> None:
        """Insert the row at the instant, an RFC 3339 text."""
        await workflow.sleep(datetime.fromisoformat(instant) - workflow.now())
        row = Row(str(uuid.uuid5(NAMESPACE, stream)), stream, 1, stream, "{}")
        await workflow.execute_local_activity("insert", [row], schedule_to_close_timeout=LOCAL_LIMIT)


async def work() -> None:
    """Work until the process is told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await connect_temporal(warns=True)
    async with (
        AsyncConnectionPool(
            os.environ["DATABASE_URL"], min_size=2, max_size=CONNECTIONS, open=False, kwargs={"autocommit": True}
        ) as pool,
        Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[BareMeasure, BareTimer],
            activities=[Table(pool).insert],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_concurrent_workflow_tasks=WORKFLOW_TASKS,
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=settings().sticky_seconds),
        ),
    ):
        print("ready", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(work())
