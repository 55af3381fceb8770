"""Sending a command and waiting for its answer: the one way for staff, for the demo and for the benchmarks.

The command goes to the engine as a signal; the answer is read from the log, where alone a thing has happened.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from app.log import Connection
from app.problem import Problem, ProblemKind
from domain.codec import MAX_COMMAND, command_record, command_size, event_record, read_command, read_event
from domain.commands import Command, EraseContact, MeasureIndicator, Received
from domain.errors import Reason
from domain.events import CommandRefused, MeasureClosed, YearClosed
from domain.records import EventRecord
from domain.roadmap import Roadmap, measure_stream, year_stream
from domain.year import YEAR
from eventlog.append import append_as_door
from eventlog.read import events_of_command, read_stream
from eventlog.sessions import connect_async
from projections.projector import position_of_all
from settings import database_url, remedy
from wire.names import SUBMIT

POLL_SECONDS = 0.01
WRITER = "admin"
SIGNAL_LIMIT = "limit for signal events"  # the server's words, 10,000 signals a run
# What the server says no with, where it does answer.
REFUSALS = (
    (
        {RPCStatusCode.RESOURCE_EXHAUSTED},
        "engine-busy",
        "Temporal перегружен и ничего не принял: повторите позже",
        "Temporal is overloaded and has taken nothing: repeat later",
    ),
    (
        {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED},
        "engine-closed",
        "Temporal не пускает: проверьте TEMPORAL_API_KEY и TEMPORAL_TLS_*",
        "Temporal does not let us in: check TEMPORAL_API_KEY and TEMPORAL_TLS_*",
    ),
    (
        {RPCStatusCode.NOT_FOUND},
        "engine-other",
        "В Temporal этого нет: проверьте TEMPORAL_ADDRESS и TEMPORAL_NAMESPACE",
        "Temporal does not have this: check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE",
    ),
    (
        {RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.OUT_OF_RANGE},
        "engine-refuses",
        "Temporal отвечает, но этого не принимает; сообщите разработчикам",
        "Temporal answers, but does not take this; tell the developers",
    ),
)


@dataclass(frozen=True)
class Answered:
    """What became of a command: `outcome` is recorded, refused or queued; `reason` is the refusal's code."""

    command_id: str
    outcome: str
    repeated: bool
    events: tuple[EventRecord, ...]
    reason: str | None = None
    detail: str = ""


def stream_of(roadmap: Roadmap, measure: str | None, command: Command) -> str:
    """Return whom a command goes to: its measure, or the year, which also refuses measures nobody knows."""
    if measure is None or isinstance(command.request, MeasureIndicator) or roadmap.measure(measure) is None:
        return year_stream(roadmap.id)
    return measure_stream(roadmap.id, measure)


async def send(
    client: Client, connection: Connection, stream: str, command: Command, wait: float, *, shown: bool = True
) -> Answered:
    """Send a command and wait so many seconds until its events are committed and, with `shown`, in all projections.

    A command that the log has answered before is not sent again: the first answer is given. Where the database fails
    after the engine has taken the command, it is queued.
    """
    _check_size(command)
    before = find_answer(connection, stream, command)
    if before is not None:
        return _answer(command, before, repeated=True)
    try:
        await client.get_workflow_handle(stream).signal(SUBMIT, command_record(command))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise engine_trouble(error) from error
        if not _has_ended(connection, stream):
            raise _engine_lost(stream) from error
        if not isinstance(command.request, EraseContact):
            return Answered(command.id, "refused", repeated=False, events=(), reason=Reason.CLOSED.value, detail=stream)
        await _decide_here(connection, stream, command)
    until = time.monotonic() + wait
    rows = None
    try:
        while True:
            rows = find_answer(connection, stream, command)
            if rows is not None and (not shown or _shown(connection, rows)):
                return _answer(command, rows, repeated=False)
            if time.monotonic() >= until:
                break
            await asyncio.sleep(POLL_SECONDS)
    except psycopg.OperationalError:
        pass  # the engine has the command: it will be decided when the database is back
    return Answered(command.id, "queued", repeated=False, events=tuple(rows or ()))


def _check_size(command: Command) -> None:
    """Refuse here what the engine would not take up: Problem (INVALID)."""
    if (size := command_size(command)) > MAX_COMMAND:
        raise Problem(
            ProblemKind.INVALID,
            "too-large",
            f"Команда занимает {size} байт, можно не больше {MAX_COMMAND}: сократите пояснение, подробности приложите файлом.",
            f"The command has {size} bytes, {MAX_COMMAND} at most: shorten the note and attach the details as a file.",
        )


def used_elsewhere(connection: Connection, stream: str, command: Command) -> Answered | None:
    """Refuse a command whose id another stream of the year has answered: an id is for one content."""
    year = stream.partition("/")[0]
    for row in events_of_command(connection, command.id):
        if row.stream != stream and row.stream.partition("/")[0] == year:
            reason = Reason.ID_REUSED.value
            return Answered(command.id, "refused", repeated=False, events=(), reason=reason, detail=command.id)
    return None


def find_answer(connection: Connection, stream: str, command: Command) -> list[EventRecord] | None:
    """Return the events that this very command has made in its stream, by id and content; None while there are none."""
    rows = [row for row in events_of_command(connection, command.id) if row.stream == stream]
    for place, row in enumerate(rows):
        if row.command is None:
            continue
        stored = read_command(json.loads(row.command), read_event(row).received_at)
        if stored.digest == command.digest:
            rest = rows[place + 1 :]
            end = next((index for index, later in enumerate(rest) if later.command is not None), len(rest))
            return [row, *rest[:end]]
    return None


def engine_trouble(error: Exception) -> Problem:
    """Return the failure of an engine that does not answer, or does not take what it is given."""
    why = " ".join(str(error).split())[:200]
    status = error.status if isinstance(error, RPCError) else None
    if status is RPCStatusCode.INVALID_ARGUMENT and SIGNAL_LIMIT in why:
        return Problem(
            ProblemKind.UNAVAILABLE,
            "engine-full",
            "Команда не принята: у этого процесса в Temporal уже больше команд, чем он может держать, и их никто не разбирает."
            " Проверьте worker.py и выполните audit.py reconcile; когда очередь разойдётся, пошлите команду ещё раз.",
            "The command was not taken: this workflow in Temporal has as many commands as it can hold, and nobody works"
            " them off. Look at worker.py and run audit.py reconcile; send the command again once the queue has gone.",
        )
    for statuses, code, ru, en in REFUSALS:
        if status in statuses:
            return Problem(ProblemKind.UNAVAILABLE, code, f"{ru} ({why}).", f"{en} ({why}).")
    ru, en = remedy("TEMPORAL_ADDRESS")
    return Problem(
        ProblemKind.UNAVAILABLE,
        "no-engine",
        f"Temporal не отвечает: {ru} ({why}).",
        f"Temporal does not answer: {en} ({why}).",
    )


def _engine_lost(stream: str) -> Problem:
    return Problem(
        ProblemKind.UNAVAILABLE,
        "no-workflow",
        f"В Temporal нет процесса {stream}, а в журнале он не закрыт: проверьте TEMPORAL_ADDRESS и TEMPORAL_NAMESPACE"
        " или выполните starter.py recover.",
        f"Temporal has no workflow {stream}, but the log has not closed it: check TEMPORAL_ADDRESS and"
        " TEMPORAL_NAMESPACE, or run starter.py recover.",
    )


def _has_ended(connection: Connection, stream: str) -> bool:
    """Tell whether the log closed a stream."""
    ends = [MeasureClosed.__name__, YearClosed.__name__]
    row = connection.execute(
        "select exists (select from vekha.event where stream = %s and type = any(%s))", (stream, ends)
    ).fetchone()
    return row is not None and row[0]


async def _decide_here(connection: Connection, stream: str, command: Command) -> None:
    """Let the rules of the year decide a command without its workflow, which has ended: nobody else writes there."""
    async with await connect_async(database_url()) as writing:
        outcome = "behind"
        while outcome == "behind":  # another door was faster: decide anew, after what it wrote
            state = YEAR.fold(None, map(read_event, read_stream(connection, stream)))
            assert state is not None, "a stream that has ended has begun"  # noqa: S101
            now = datetime.now(UTC) + state.offset
            made = YEAR.turn(state, [Received(command, now)], now)
            records = [
                event_record(event, stream, state.version + place, WRITER) for place, event in enumerate(made, start=1)
            ]
            outcome = (await append_as_door(writing, stream, state.version, records)).outcome


def _answer(command: Command, rows: Sequence[EventRecord], *, repeated: bool) -> Answered:
    fact = read_event(rows[0]).fact
    if isinstance(fact, CommandRefused):
        return Answered(command.id, "refused", repeated, tuple(rows), fact.reason, fact.detail)
    return Answered(command.id, "recorded", repeated, tuple(rows))


def _shown(connection: Connection, rows: Sequence[EventRecord]) -> bool:
    """Tell whether the events are sealed and every projection has come so far."""
    last = rows[-1].position
    return last is not None and position_of_all(connection) >= last
