"""Starting and closing a year: for the administrator's door, for the demo and for the tests alike."""

from __future__ import annotations

import asyncio
import time as clock
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from activities.measures import STARTER, described, works
from activities.measures import start_year as start_workflow
from domain.codec import event_record
from domain.events import LeftOpenAtClose, MeasureClosed, MeasurePlanned
from domain.rehearsal import closing
from domain.roadmap import Roadmap, measure_stream, year_stream
from domain.year import definition_digest, started
from doors.output import DoorError, Exit
from doors.sending import engine_trouble, send
from doors.services import Connection, Year, read_year
from eventlog.append import append_as_door
from eventlog.sessions import connect_async
from settings import database_url
from workflows import RESTORE, TURNS_PER_RUN

POLL_SECONDS = 0.05
WAIT_SECONDS = 60.0
AT_ONCE = 32
REHEARSAL_OPENS = time(9)


def first_moment(roadmap: Roadmap, day: date | None = None) -> datetime:
    """Return the moment at which a played year begins: nine o'clock of the day, by default of the order's."""
    return roadmap.policy.instant(day or roadmap.order.date, REHEARSAL_OPENS)


async def start_year(
    client: Client,
    connection: Connection,
    roadmap: Roadmap,
    source: str,
    *,
    rehearsal_from: date | None = None,
    turns_per_run: int | None = None,
) -> dict[str, Any]:
    """Start a year, or what is missing of it, and wait until every measure is there.

    First the log: the definition is its first event. Returns {"roadmap", "workflow_id", "started",
    "already_running"}. DoorError (FINDING) where the year is closed or runs by another definition.
    """
    offset = None
    now = datetime.now(UTC)
    started_at = now.replace(microsecond=0)
    if rehearsal_from is not None:
        roadmap = replace(roadmap, id=_free_id(connection, roadmap.id))
        started_at = first_moment(roadmap, rehearsal_from)
        offset = started_at - now
    stream = year_stream(roadmap.id)
    first = started(roadmap, source, started_at, now + (offset or timedelta()), offset)
    async with await connect_async(database_url()) as writing:
        await append_as_door(writing, stream, 0, [event_record(first, stream, 1, STARTER)])
    year = read_year(connection, roadmap.id)
    assert year is not None, "its first event has just been appended"  # noqa: S101
    _check_same(year, roadmap)
    before = _planned(connection, roadmap.id)
    await _bring_back(client, connection, year, turns_per_run or TURNS_PER_RUN)
    return {
        "roadmap": roadmap.id,
        "workflow_id": stream,
        "started": len(roadmap.measures) - before,
        "already_running": before,
    }


async def recover_year(client: Client, connection: Connection, year: Year) -> dict[str, Any]:
    """Bring an open year back from the log alone: what does not run is started where its stream stands.

    Nothing is reminded twice: a run begins by reading what has happened. Returns the same as `start_year`.
    """
    roadmap = year.roadmap
    _check_same(year, roadmap)
    missing = await _missing(client, roadmap)
    await _bring_back(client, connection, year, TURNS_PER_RUN)
    return {
        "roadmap": roadmap.id,
        "workflow_id": year_stream(roadmap.id),
        "started": missing,
        "already_running": len(roadmap.measures) - missing,
    }


async def close_year(client: Client, connection: Connection, year: Year, at: datetime | None = None) -> list[str]:
    """Close a year at a moment, by default now, wait until every measure has ended, and return the assignments left open."""
    roadmap = year.roadmap
    command = closing(roadmap.id, at or year.now())
    answer = await send(client, connection, year_stream(roadmap.id), command, WAIT_SECONDS)
    if answer.outcome == "queued":
        raise _worker_missing()
    until = clock.monotonic() + WAIT_SECONDS
    while True:
        rows = connection.execute(
            "select type, data::json ->> 'assignment' from vekha.event where roadmap = %s and type = any(%s) order by seq",
            (roadmap.id, [MeasureClosed.__name__, LeftOpenAtClose.__name__]),
        ).fetchall()
        if sum(kind == MeasureClosed.__name__ for kind, _ in rows) == len(roadmap.measures):
            left = [assignment for kind, assignment in rows if kind == LeftOpenAtClose.__name__]
            numbers = [measure.number for measure in roadmap.measures]
            return sorted(left, key=lambda assignment: numbers.index(assignment.partition("/")[0]))
        if clock.monotonic() > until:
            raise _worker_missing()
        await asyncio.sleep(POLL_SECONDS)


def _free_id(connection: Connection, roadmap: str) -> str:
    """Return the id of the next rehearsal: ~r1, ~r2 and so on."""
    rows = connection.execute(
        "select count(*) from vekha.event where type = 'YearStarted' and roadmap like %s", (f"{roadmap}~r%",)
    ).fetchone()
    return f"{roadmap}~r{(rows[0] if rows else 0) + 1}"


def _check_same(year: Year, roadmap: Roadmap) -> None:
    """Refuse to go on with a year that is over, or that another definition is in force for."""
    if year.state.closed:
        raise DoorError(
            Exit.FINDING,
            "closed",
            f"Год {roadmap.id} закрыт, начать его снова нельзя.",
            f"The year {roadmap.id} is closed and cannot be started again.",
        )
    if definition_digest(year.roadmap) != definition_digest(roadmap):
        raise DoorError(
            Exit.FINDING,
            "other-definition",
            f"Год {roadmap.id} уже идёт по другой редакции: верните файл к ней. Сроки и поручения идущего года меняет"
            " контролирующее лицо командами admin.py.",
            f"The year {roadmap.id} already runs by another definition: put the file back to it. Dates and assignments of"
            " a running year are changed by the controller, with admin.py.",
        )


def _planned(connection: Connection, roadmap: str) -> int:
    """Return how many measures the log has."""
    row = connection.execute(
        "select count(*) from vekha.event where roadmap = %s and type = %s", (roadmap, MeasurePlanned.__name__)
    ).fetchone()
    return row[0] if row else 0


async def _bring_back(client: Client, connection: Connection, year: Year, turns_per_run: int) -> None:
    """See that the year runs, ask it to see that its measures do, and wait until they do."""
    stream = year_stream(year.roadmap.id)
    try:
        await start_workflow(client, year.roadmap, turns_per_run)
        await client.get_workflow_handle(stream).signal(RESTORE)
    except RPCError as error:
        raise engine_trouble(error) from error
    await _wait_for_measures(client, connection, year)


async def _wait_for_measures(client: Client, connection: Connection, year: Year) -> None:
    """Wait until every measure is planned in the log and its workflow runs."""
    roadmap = year.roadmap
    until = clock.monotonic() + WAIT_SECONDS
    while _planned(connection, roadmap.id) < len(roadmap.measures) or await _missing(client, roadmap):
        if clock.monotonic() > until:
            raise _worker_missing()
        await asyncio.sleep(POLL_SECONDS)


async def _missing(client: Client, roadmap: Roadmap) -> int:
    """Return how many measures have no workflow that works."""
    streams = [measure_stream(roadmap.id, measure.number) for measure in roadmap.measures]
    places = asyncio.Semaphore(AT_ONCE)

    async def one(stream: str) -> bool:
        async with places:
            return works(await described(client, stream))

    try:
        return sum([not running for running in await asyncio.gather(*map(one, streams))])
    except RPCError as error:
        raise engine_trouble(error) from error


def _worker_missing() -> DoorError:
    return DoorError(
        Exit.QUEUED,
        "queued",
        "Команда принята, но рабочий процесс (worker.py) не ответил вовремя: проверьте, запущен ли он, и повторите.",
        "The command is taken, but no worker (worker.py) answered in time: see whether one runs, and repeat.",
    )
