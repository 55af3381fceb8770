"""Starting and closing all measures of a year. Both are safe to repeat, whole or after a half."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.service import RPCError, RPCStatusCode

from activities.signatures import CLOSE_MEASURES, START_MEASURES, YearOrder
from activities.standing import Standings
from activities.turn import Pool
from domain.codec import command_record, event_record, instant
from domain.commands import Command
from domain.measure import planned
from domain.rehearsal import closing
from domain.roadmap import Measure, Roadmap, measure_stream, year_stream
from domain.year import YearState
from eventlog.append import append
from workflows import MEASURE_WORKFLOW, SUBMIT, TASK_LIMIT, TASK_QUEUE, YEAR_WORKFLOW
from workflows.stream import StreamInput

ROADMAP = SearchAttributeKey.for_keyword("VekhaRoadmap")
MEASURE = SearchAttributeKey.for_keyword("VekhaMeasure")
AT_ONCE = 8
BEAT_SECONDS = 5.0
SUMMARY_BYTES = 200
STARTER = "starter"
# Tasks of a workflow that fail so often in a row fail for a reason that lies in the workflow's own history.
HOPELESS = 5
CLOSED = "select stream from vekha.event where roadmap = %s and type = 'MeasureClosed'"
ASKED = "select command from vekha.event where stream = %s and type = 'YearClosed' order by version limit 1"
PLANNED = "select stream from vekha.event where roadmap = %s and type = 'MeasurePlanned'"


class Measures:
    """The year's hand on its measures."""

    def __init__(self, client: Client, pool: Pool, standings: Standings) -> None:
        self._client = client
        self._pool = pool
        self._standings = standings

    @activity.defn(name=START_MEASURES)
    async def start(self, order: YearOrder) -> None:
        """Plan every measure in the log, then see that its workflow runs: first the log, then the world."""
        year = await self._year(order.roadmap)
        async with self._pool.connection() as connection:
            there = {row[0] for row in await (await connection.execute(PLANNED, (order.roadmap,))).fetchall()}
            closed = {row[0] for row in await (await connection.execute(CLOSED, (order.roadmap,))).fetchall()}

        async def one(measure: Measure) -> None:
            stream = measure_stream(order.roadmap, measure.number)
            if stream not in there:
                now = datetime.now(UTC) + year.offset
                first = planned(year.definition.plan(measure), year.started_at, now, quiet_past=year.quiet_past)
                async with self._pool.connection() as connection:
                    # Where another try was faster, the log answers "behind" and keeps what it has.
                    await append(connection, stream, 0, [event_record(first, stream, 1, STARTER)])
            if stream not in closed:
                known = stream in there
                await start_measure(self._client, year.definition, measure, order.turns_per_run, known=known)

        await _each(year.definition.measures, one)

    @activity.defn(name=CLOSE_MEASURES)
    async def close(self, order: YearOrder) -> None:
        """Close every measure and wait until each has ended.

        The year has asked whether its sender may close it; to the measures it speaks in the administrator's name, since
        a measure may have a controller of its own, who is not the year's.
        """
        measures = (await self._year(order.roadmap)).definition.measures
        async with self._pool.connection() as connection:
            row = await (await connection.execute(ASKED, (year_stream(order.roadmap),))).fetchone()
        assert row is not None, "a year is closed by a command"  # noqa: S101 - the decider's promise
        command = closing(order.roadmap, instant(json.loads(row[0])["sent_at"]))
        await _each(measures, lambda measure: self._tell_to_close(order, measure, command))
        # Only now: a measure may wait for its letters for a minute, and the others shall not wait for that.
        await _each(measures, lambda measure: self._ended(order.roadmap, measure))

    async def _year(self, roadmap: str) -> YearState:
        """Return what the year has come to. NoStream where the log knows no such year."""
        async with self._pool.connection() as connection:
            state: YearState = (await self._standings.of(connection, year_stream(roadmap), 0)).state
        return state

    async def _tell_to_close(self, order: YearOrder, measure: Measure, command: Command) -> None:
        handle = self._client.get_workflow_handle(measure_stream(order.roadmap, measure.number))
        try:
            await handle.signal(SUBMIT, command_record(command))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _ended(self, roadmap: str, measure: Measure) -> None:
        await self._client.get_workflow_handle(measure_stream(roadmap, measure.number)).result()


async def start_measure(
    client: Client, roadmap: Roadmap, measure: Measure, turns_per_run: int, *, known: bool = True
) -> None:
    """See that a measure which the log says is open has a workflow that works; one that is not `known` yet has none."""
    stream = measure_stream(roadmap.id, measure.number)
    await _start(
        client,
        MEASURE_WORKFLOW,
        stream,
        await described(client, stream) if known else None,
        turns_per_run,
        attributes=[SearchAttributePair(ROADMAP, roadmap.id), SearchAttributePair(MEASURE, measure.number)],
        summary=_cut(f"{measure.number}. {measure.title}", SUMMARY_BYTES),
        details=f"Срок: {measure.deadline}\n\nОжидаемый результат: {measure.expected_result}",
    )


async def start_year(client: Client, roadmap: Roadmap, turns_per_run: int) -> None:
    """See that a year which the log says is open has a workflow that works."""
    stream = year_stream(roadmap.id)
    await _start(
        client,
        YEAR_WORKFLOW,
        stream,
        await described(client, stream),
        turns_per_run,
        attributes=[SearchAttributePair(ROADMAP, roadmap.id)],
        summary=f"Приказ № {roadmap.order.number} от {roadmap.order.date:%d.%m.%Y}",
        details=roadmap.title,
    )


def works(found: WorkflowExecutionDescription | None) -> bool:
    """Tell whether what Temporal knows of a stream is a workflow that runs, and is not one that can only fail."""
    if found is None or found.status is not WorkflowExecutionStatus.RUNNING:
        return False
    return found.raw_description.pending_workflow_task.attempt < HOPELESS


async def described(client: Client, stream: str) -> WorkflowExecutionDescription | None:
    """Return what Temporal knows of a stream's workflow, None where it knows none."""
    try:
        return await client.get_workflow_handle(stream).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def _start(
    client: Client,
    kind: str,
    stream: str,
    found: WorkflowExecutionDescription | None,
    turns_per_run: int,
    *,
    attributes: Sequence[SearchAttributePair[str]],
    summary: str,
    details: str,
) -> None:
    """Start the workflow of a stream, unless the one that was `found` there works.

    One that was lost, and one that can only fail, is followed by a run that first takes up what that was sent: the log says
    that the stream is open, whatever the engine knows of it.
    """
    if works(found):
        return
    if found is not None and found.status is WorkflowExecutionStatus.RUNNING:
        await client.get_workflow_handle(stream, run_id=found.run_id).terminate(
            "its tasks fail; it begins anew from the log"
        )
    await client.start_workflow(
        kind,
        StreamInput(turns_per_run, lost_run=None if found is None else found.run_id),
        id=stream,
        task_queue=TASK_QUEUE,
        task_timeout=TASK_LIMIT,
        id_conflict_policy=Conflict.USE_EXISTING,
        id_reuse_policy=Reuse.ALLOW_DUPLICATE,
        search_attributes=TypedSearchAttributes(attributes),
        static_summary=summary,
        static_details=details,
    )


async def _each(measures: Sequence[Measure], do: Callable[[Measure], Awaitable[None]]) -> None:
    """Do a thing for every measure, some at once, with signs of life meanwhile."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(measure: Measure) -> None:
        async with places:
            await do(measure)

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(BEAT_SECONDS)

    beating = asyncio.create_task(beat())
    try:
        await asyncio.gather(*(one(measure) for measure in measures))
    finally:
        beating.cancel()


def _cut(text: str, size: int) -> str:
    """Return the text cut to so many bytes of UTF-8, between letters."""
    return text.encode()[:size].decode(errors="ignore")
