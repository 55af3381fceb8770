"""Who is measured: each runs its workers in a process of its own, takes commands for 27 measures and stores rows.

This process only sends commands and looks at the rows. A round begins with a new year, new workflows and new workers,
so that no round pays for the one before.
"""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from dbos import DBOSClient
from temporalio.client import Client

from app.log import Connection, Year, read_measure, read_year
from app.years import start_year
from bench import bare, dbos_worker
from domain.codec import command_record, make_command
from domain.commands import ReportProgress, Request, ScheduledPoint, SetSchedule
from domain.events import ProgressReported
from domain.measure import MeasureState
from domain.roadmap import measure_stream
from orders.yaml_file import load_roadmap
from settings import ROOT, Endpoints
from stack import Stack
from wire.names import SUBMIT, TASK_LIMIT

EXAMPLE = ROOT / "examples" / "pyatigorsk-2021-22" / "roadmap.yaml"
NOTE = "Проведено совещание, протокол направлен"
MEASURES = 27
QUIET_SECONDS = 1.0
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Track:
    """A contestant in a round: it takes commands by (place, id) and stores a row for each.

    `behind` counts, by stream, the rows after a version; `check` raises where the rows are not what they should be.
    """

    streams: Sequence[str]
    send: Callable[[int, str], Awaitable[None]]
    stored: str
    counted: str
    key: object
    check: Callable[[Connection, int], None]

    def version(self, connection: Connection, place: int) -> int:
        """Return how many rows a measure has."""
        row = connection.execute(self.stored, (self.streams[place],)).fetchone()
        return int(row[0]) if row else 0

    def total(self, connection: Connection) -> int:
        """Return how many commands have a row."""
        row = connection.execute(self.counted, (self.key,)).fetchone()
        return int(row[0]) if row else 0


@dataclass(frozen=True)
class Bench:
    """The servers that all contestants share; and how many seconds to wait for a quiet machine before each figure."""

    stack: Stack
    endpoints: Endpoints
    client: Client
    connection: Connection
    patience: float


Contestant = Callable[[Bench, int], AbstractAsyncContextManager[Track]]
"""Begins a round of this number."""


@asynccontextmanager
async def worker(bench: Bench, *command: str, ready: bool, **environment: str) -> AsyncIterator[Process]:
    """Run a worker in a process of its own while the block lasts; wait for its word `ready` where it gives one."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=ROOT,
        env=dict(os.environ) | bench.endpoints.environment() | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        if ready:
            assert process.stdout is not None
            word = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
            assert word == b"ready\n", f"{command} said {word!r}"
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def vekha(bench: Bench, _round: int) -> AsyncIterator[Track]:
    """Run the real worker, sealer and projector included, and a year of the example on its first day."""
    connection = bench.connection
    loaded = load_roadmap(EXAMPLE)
    assert loaded.roadmap is not None
    async with worker(bench, "worker.py", ready=False):
        begun = await start_year(
            bench.client, connection, loaded.roadmap, loaded.source, rehearsal_from=loaded.roadmap.order.date
        )
        year = read_year(connection, begun["roadmap"])
        assert year is not None
        numbers = [measure.number for measure in year.roadmap.measures]
        streams = [measure_stream(year.roadmap.id, number) for number in numbers]
        handles = [bench.client.get_workflow_handle(stream) for stream in streams]
        await _date_the_undated(bench, year)
        await _until_quiet(connection, year.roadmap.id)  # the letters of the first day are out
        states = [_state(connection, year, number) for number in numbers]
        targets = [next(iter(state.assignments.values())) for state in states]

        async def send(place: int, id_: str) -> None:
            target = targets[place]
            request = ReportProgress(checkpoint=target.checkpoint, body=target.body, note=NOTE)
            await handles[place].signal(SUBMIT, _record(id_, target.body, year.now(), request))

        def check(connection: Connection, sent: int) -> None:
            taken = "select count(distinct command_id) from vekha.event where roadmap = %s and type = %s"
            row = connection.execute(taken, (year.roadmap.id, ProgressReported.__name__)).fetchone()
            assert row == (sent,), f"{row} of {sent} commands were taken"

        yield Track(
            streams,
            send,
            "select max(version) from vekha.event where stream = %s",
            "select count(*) from vekha.event where roadmap = %s and type = 'ProgressReported'",
            year.roadmap.id,
            check,
        )
        await asyncio.gather(*(handle.terminate() for handle in handles))


def _record(id_: str, actor: str, at: datetime, request: Request) -> dict[str, Any]:
    return command_record(make_command(id_, actor, at, None, request))


def _state(connection: Connection, year: Year, number: str) -> MeasureState:
    state = read_measure(connection, year.roadmap.id, number)[1]
    assert state is not None
    return state


async def _date_the_undated(bench: Bench, year: Year) -> None:
    """Give every measure dates, so that a report of progress has an assignment to go to."""
    last = year.roadmap.period.last
    for measure in year.roadmap.measures:
        stream = measure_stream(year.roadmap.id, measure.number)
        if _state(bench.connection, year, measure.number).undated:
            points = (ScheduledPoint("1", "по графику", year.roadmap.order.date, last),)
            request = SetSchedule(points=points, act="bench")
            record = _record("schedule", year.roadmap.policy.controller, year.now(), request)
            await bench.client.get_workflow_handle(stream).signal(SUBMIT, record)


async def _until_quiet(connection: Connection, roadmap: str) -> None:
    """Wait until nothing happens any more."""
    before = -1
    while True:
        row = connection.execute("select count(*) from vekha.event where roadmap = %s", (roadmap,)).fetchone()
        if row is not None and row[0] == before:
            return
        before = row[0] if row else -1
        await asyncio.sleep(QUIET_SECONDS)


@asynccontextmanager
async def bare_engine(bench: Bench, number: int) -> AsyncIterator[Track]:
    """Run the least workflow on the same engine, with Vekha's batching and none of its rules."""
    bench.connection.execute(bare.TABLE)
    streams = [f"bare-{number}-{uuid.uuid4().hex[:6]}/m/{place}" for place in range(MEASURES)]
    async with worker(bench, "-m", "bench.bare", ready=True):
        handles = [
            await bench.client.start_workflow(
                bare.BareMeasure.run, stream, id=stream, task_queue=bare.TASK_QUEUE, task_timeout=TASK_LIMIT
            )
            for stream in streams
        ]

        async def send(place: int, id_: str) -> None:
            await handles[place].signal(SUBMIT, _any_record(id_))

        yield _track(streams, send, "bare.event")
        await asyncio.gather(*(handle.terminate() for handle in handles))


def _any_record(id_: str) -> dict[str, Any]:
    """Return a command as Vekha's senders make it."""
    request = ReportProgress(checkpoint="1", body="school-6", note=NOTE)
    return _record(id_, "school-6", datetime.now().astimezone(), request)


def _track(streams: Sequence[str], send: Callable[[int, str], Awaitable[None]], table: str) -> Track:
    def check(connection: Connection, sent: int) -> None:
        query = f"select count(distinct command_id) from {table} where stream = any(%s)"
        row = connection.execute(query, (list(streams),)).fetchone()
        assert row == (sent,), f"{row} of {sent} commands were taken"

    return Track(
        streams,
        send,
        f"select count(*) from {table} where stream = %s",
        f"select count(*) from {table} where stream = any(%s)",
        list(streams),
        check,
    )


@asynccontextmanager
async def _dbos(bench: Bench, number: int) -> AsyncIterator[tuple[DBOSClient, list[str]]]:
    """Run DBOS with a new system database on the same PostgreSQL."""
    bench.connection.execute(dbos_worker.TABLE)
    name = f"dbos_{number}_{uuid.uuid4().hex[:6]}"
    bench.connection.execute(f"create database {name}")
    url = f"{bench.endpoints.database_url.rpartition('/')[0]}/{name}"
    async with worker(bench, "-m", "bench.dbos_worker", ready=True, DBOS_DATABASE_URL=url):
        client = DBOSClient(system_database_url=url, system_database_pool_size=16)
        yield client, [f"{name}/m/{place}" for place in range(MEASURES)]
        client.destroy()
    bench.connection.execute(f"drop database {name} with (force)")


@asynccontextmanager
async def dbos_messages(bench: Bench, number: int) -> AsyncIterator[Track]:
    """Run DBOS, a workflow a measure that receives messages: the same job, and the same order of commands."""
    async with _dbos(bench, number) as (client, streams):
        for stream in streams:
            client.enqueue({"workflow_name": "measure", "queue_name": dbos_worker.QUEUE, "workflow_id": stream}, stream)
        await asyncio.sleep(2 * QUIET_SECONDS)

        async def send(place: int, id_: str) -> None:
            await client.send_async(streams[place], _any_record(id_), dbos_worker.TOPIC)

        yield _track(streams, send, "dbos_bench.event")


@asynccontextmanager
async def dbos_queue(bench: Bench, number: int) -> AsyncIterator[Track]:
    """Run DBOS, a workflow a command from a queue: simpler, but the commands of a measure have no order."""
    async with _dbos(bench, number) as (client, streams):

        async def send(place: int, id_: str) -> None:
            await client.enqueue_async(
                {"workflow_name": "command", "queue_name": dbos_worker.QUEUE}, streams[place], _any_record(id_)
            )

        yield _track(streams, send, "dbos_bench.event")


def connect(endpoints: Endpoints) -> Connection:
    """Return the connection that looks at the rows."""
    return psycopg.connect(endpoints.database_url, autocommit=True)
