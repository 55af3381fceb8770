"""Starting and closing a year: for the administrator's door, for the demo and for the tests alike."""

from __future__ import annotations

import asyncio
import time as clock
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.measures import BEGUN, STARTER, described, runs, start_measure
from activities.measures import start_year as start_workflow
from app.engine import AT_ONCE, Standstill, each_stream, standstill
from app.log import Connection, Year, read_year
from app.problem import Problem, ProblemKind
from app.sending import engine_trouble, send
from domain.codec import event_record
from domain.errors import Lang
from domain.events import LeftOpenAtClose, MeasureClosed, MeasurePlanned
from domain.records import EventRecord
from domain.rehearsal import closing
from domain.roadmap import Measure, Roadmap, is_measure, measure_stream, streams_of, year_stream
from domain.year import definition_digest, started
from eventlog.append import append_as_door
from eventlog.sessions import connect_async
from settings import database_url
from wire.names import RESTORE, TURNS_PER_RUN

# Between two looks: at first and at last, as who waits long need not know at once.
POLL_SECONDS, LONGEST_POLL = 0.05, 0.5
WAIT_SECONDS = 60.0
NAMED = 5  # streams that a message names
TONGUES: tuple[Lang, Lang] = ("ru", "en")
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
    "already_running"}. Problem (FINDING) where the year is closed or runs by another definition.
    """
    now = datetime.now(UTC)
    begun, offset = now.replace(microsecond=0), None
    if rehearsal_from is not None:
        begun = first_moment(roadmap, rehearsal_from)
        offset = begun - now

    def first(definition: Roadmap) -> EventRecord:
        event = started(definition, source, begun, now + (offset or timedelta()), offset)
        return event_record(event, year_stream(definition.id), 1, STARTER)

    async with await connect_async(database_url()) as writing:
        # The log says whose a name is: of several rehearsals that start at once one gets it, the others the next.
        for id_ in [roadmap.id] if rehearsal_from is None else _rehearsals(connection, roadmap.id):
            roadmap = replace(roadmap, id=id_)
            if (await append_as_door(writing, year_stream(id_), 0, [first(roadmap)])).outcome == "appended":
                break
    stream = year_stream(roadmap.id)
    year = read_year(connection, roadmap.id)
    assert year is not None, "its first event has just been appended"  # noqa: S101
    _check_same(year, roadmap)
    before = _count(connection, roadmap.id, MeasurePlanned)
    await _bring_back(client, connection, year, turns_per_run or TURNS_PER_RUN)
    return {
        "roadmap": roadmap.id,
        "workflow_id": stream,
        "started": len(roadmap.measures) - before,
        "already_running": before,
    }


async def recover_year(client: Client, connection: Connection, year: Year) -> dict[str, Any]:
    """Bring an open year back from the log alone: what does not work is started where its stream stands.

    Nothing is reminded twice: a run begins by reading what has happened. Returns the same as `start_year`.
    """
    roadmap = year.roadmap
    _check_same(year, roadmap)
    lost = [one for one in await _standing_still(client, streams_of(roadmap)) if one.lost]
    missing = sum(is_measure(one.stream) for one in lost)
    await _bring_back(client, connection, year, TURNS_PER_RUN)
    return {
        "roadmap": roadmap.id,
        "workflow_id": year_stream(roadmap.id),
        "started": missing,
        "already_running": len(roadmap.measures) - missing,
    }


async def close_year(client: Client, connection: Connection, year: Year, at: datetime | None = None) -> list[str]:
    """Close a year at a moment, by default now, wait until every measure has ended, and return the assignments left open.

    A year that is closed is closed to its end: what a lost workflow has left undone.
    """
    roadmap = year.roadmap
    command = closing(roadmap.id, at or year.now())
    since = _begun(connection, roadmap.id)[year_stream(roadmap.id)]
    try:
        if not year.state.closed:
            await start_workflow(client, roadmap, TURNS_PER_RUN, since=since)
            answer = await send(client, connection, year_stream(roadmap.id), command, WAIT_SECONDS)
            if answer.outcome == "queued":
                raise await _not_in_time(client, roadmap)
        elif _left_open(connection, roadmap) is None or await _any_runs(client, roadmap):
            await start_workflow(client, roadmap, TURNS_PER_RUN, since=since)
        patience = Patience()
        while (left := _left_open(connection, roadmap)) is None:
            if not await patience.lasts(_count(connection, roadmap.id, MeasureClosed)):
                raise await _not_in_time(client, roadmap)
    except RPCError as error:
        raise engine_trouble(error) from error
    return left


def _left_open(connection: Connection, roadmap: Roadmap) -> list[str] | None:
    """Return the assignments that a year's close has left open; None while a measure is not closed."""
    rows = connection.execute(
        "select type, data::json ->> 'assignment' from vekha.event where roadmap = %s and type = any(%s) order by seq",
        (roadmap.id, [MeasureClosed.__name__, LeftOpenAtClose.__name__]),
    ).fetchall()
    if sum(kind == MeasureClosed.__name__ for kind, _ in rows) < len(roadmap.measures):
        return None
    left = [assignment for kind, assignment in rows if kind == LeftOpenAtClose.__name__]
    numbers = [measure.number for measure in roadmap.measures]
    return sorted(left, key=lambda assignment: numbers.index(assignment.partition("/")[0]))


async def _any_runs(client: Client, roadmap: Roadmap) -> bool:
    for stream in streams_of(roadmap):
        if runs(await described(client, stream)):
            return True
    return False


def _count(connection: Connection, roadmap: str, fact: type[MeasurePlanned | MeasureClosed]) -> int:
    """Return of how many measures the log has such a fact."""
    row = connection.execute(
        "select count(*) from vekha.event where roadmap = %s and type = %s", (roadmap, fact.__name__)
    ).fetchone()
    return row[0] if row else 0


class Patience:
    """Waits as long as something goes on: WAIT_SECONDS from the last time that what is seen had changed."""

    def __init__(self) -> None:
        self._seen: object = None
        self._since = clock.monotonic()
        self._pause = POLL_SECONDS

    async def lasts(self, seen: object) -> bool:
        """Wait a moment before the next look; tell whether there is to be one."""
        if seen != self._seen:
            self._seen, self._since = seen, clock.monotonic()
        await asyncio.sleep(self._pause)
        self._pause = min(1.1 * self._pause, LONGEST_POLL)
        return clock.monotonic() - self._since <= WAIT_SECONDS


def _rehearsals(connection: Connection, roadmap: str) -> Iterator[str]:
    """Yield the ids that the next rehearsal may have: ~r1, ~r2 and so on, from the first that nobody seems to have."""
    rows = connection.execute(
        "select count(*) from vekha.event where type = 'YearStarted' and roadmap like %s", (f"{roadmap}~r%",)
    ).fetchone()
    return (f"{roadmap}~r{number}" for number in count((rows[0] if rows else 0) + 1))


def _check_same(year: Year, roadmap: Roadmap) -> None:
    """Refuse to go on with a year that is over, or that another definition is in force for."""
    if year.state.closed:
        raise Problem(
            ProblemKind.FINDING,
            "closed",
            f"Год {roadmap.id} закрыт, начать его снова нельзя.",
            f"The year {roadmap.id} is closed and cannot be started again.",
        )
    if definition_digest(year.roadmap) != definition_digest(roadmap):
        raise Problem(
            ProblemKind.FINDING,
            "other-definition",
            f"Год {roadmap.id} уже идёт по другой редакции: верните файл к ней. Сроки и поручения идущего года меняет"
            " контролирующее лицо командами admin.py.",
            f"The year {roadmap.id} already runs by another definition: put the file back to it. Dates and assignments of"
            " a running year are changed by the controller, with admin.py.",
        )


def _begun(connection: Connection, roadmap: str) -> dict[str, datetime]:
    """Return the streams of a year that the log has, and since when."""
    return dict(connection.execute(BEGUN, (roadmap,)).fetchall())


async def _bring_back(client: Client, connection: Connection, year: Year, turns_per_run: int) -> None:
    """See that the year and its measures work, and wait until they do.

    What the log has planned is started here: it needs no worker, and no year that answers. The rest is the year's.
    """
    roadmap = year.roadmap
    places = asyncio.Semaphore(AT_ONCE)

    async def one(measure: Measure) -> None:
        async with places:
            since = there[measure_stream(roadmap.id, measure.number)]
            await start_measure(client, roadmap, measure, turns_per_run, since=since)

    there = _begun(connection, roadmap.id)
    planned = [one for one in roadmap.measures if measure_stream(roadmap.id, one.number) in there]
    try:
        await start_workflow(client, roadmap, turns_per_run, since=there[year_stream(roadmap.id)])
        await asyncio.gather(*map(one, planned))
        if len(planned) < len(roadmap.measures):
            await _ask_the_year(client, roadmap)
        await _wait_for_all(client, connection, roadmap)
    except RPCError as error:
        raise engine_trouble(error) from error


async def _ask_the_year(client: Client, roadmap: Roadmap) -> None:
    try:
        await client.get_workflow_handle(year_stream(roadmap.id)).signal(RESTORE)
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:  # it holds no more signals: waiting will tell
            raise


async def _wait_for_all(client: Client, connection: Connection, roadmap: Roadmap) -> None:
    """Wait until every measure is planned in the log, and every workflow of the year takes its turns.

    They are looked at in the order in which they were started, each until it works and no more: looking costs the engine
    as much as a part of their work.
    """
    patience = Patience()
    waiting = streams_of(roadmap)
    while True:
        planned = _count(connection, roadmap.id, MeasurePlanned)
        if planned == len(roadmap.measures):
            still = await _standing_still(client, waiting[:AT_ONCE])
            waiting = [*(one.stream for one in still), *waiting[AT_ONCE:]]
            if not waiting:
                return
            if not still:
                continue
        if not await patience.lasts((planned, len(waiting))):
            raise await _not_in_time(client, roadmap)


async def _standing_still(client: Client, streams: Sequence[str]) -> list[Standstill]:
    """Return which of these streams have no workflow that takes its turns, and why."""

    async def look(stream: str) -> list[Standstill]:
        found = await standstill(client, stream)
        return [] if found is None else [found]

    try:
        return await each_stream(streams, look)
    except RPCError as error:
        raise engine_trouble(error) from error


async def _not_in_time(client: Client, roadmap: Roadmap) -> Problem:
    """Return what is told where nothing answered in time: whether a worker is there, and which streams stand still, why."""
    still = await _standing_still(client, streams_of(roadmap))
    told = [
        ", ".join([f"{one.stream} — {one.text(lang)}" for one in still[:NAMED]] + ["…"] * (len(still) > NAMED))
        for lang in TONGUES
    ]
    ru, en = (f" Стоят: {told[0]}.", f" Standing still: {told[1]}.") if still else ("", "")
    return Problem(
        ProblemKind.UNANSWERED,
        "queued",
        "Команда принята, но рабочий процесс (worker.py) не ответил вовремя: проверьте, запущен ли он и что он пишет в"
        f" своём журнале, и повторите.{ru}",
        f"The command is taken, but no worker (worker.py) answered in time: see whether one runs and what it logs, and"
        f" repeat.{en}",
    )
