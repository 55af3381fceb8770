"""Starting and closing all measures of a year. Both are safe to repeat, whole or after a half."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.service import RPCError, RPCStatusCode

from activities.signatures import CLOSE_MEASURES, START_MEASURES, YearOrder
from activities.standing import Standing, Standings
from activities.turn import Pool, shown
from domain.codec import command_record, event_record, read_event
from domain.commands import Command
from domain.errors import VekhaError
from domain.events import Event, YearClosed
from domain.measure import MEASURE, planned
from domain.rehearsal import closing
from domain.roadmap import Measure, Roadmap, measure_stream, year_stream
from domain.year import YEAR, YearState
from eventlog.append import append, following
from workflows import MEASURE_WORKFLOW, SUBMIT, TASK_LIMIT, TASK_QUEUE, YEAR_WORKFLOW
from workflows.stream import Listed, StreamInput, listed, pairs

ROADMAP = SearchAttributeKey.for_keyword("VekhaRoadmap")
NUMBER = SearchAttributeKey.for_keyword("VekhaMeasure")
AT_ONCE = 8
# So many events at most go into the log with a measure's first one; a turn writes the rest.
AT_ONCE_WRITTEN = 100
BEAT_SECONDS = 5.0
SUMMARY_BYTES = 200
STARTER = "starter"
# Tasks of a workflow that fail so often in a row fail for a reason that lies in the workflow's own history.
HOPELESS = 5
CLOSED = "select stream from vekha.event where roadmap = %s and type = 'MeasureClosed'"
PLANNED = "select stream from vekha.event where roadmap = %s and type = 'MeasurePlanned'"


@dataclass(frozen=True)
class Begun:
    """Where the stream of a new measure has come to, and what Temporal's lists show of it."""

    version: int
    listed: Listed | None


NOT_BEGUN = Begun(0, None)


class Measures:
    """The year's hand on its measures."""

    def __init__(self, client: Client, pool: Pool, standings: Standings) -> None:
        self._client = client
        self._pool = pool
        self._standings = standings

    @activity.defn(name=START_MEASURES)
    async def start(self, order: YearOrder) -> None:
        """Plan every measure in the log, then see that its workflow runs: first the log, then the world."""
        events = await self._year(order.roadmap)
        state = _fold(order.roadmap, events)
        async with self._pool.connection() as connection:
            there = {row[0] for row in await (await connection.execute(PLANNED, (order.roadmap,))).fetchall()}
            closed = {row[0] for row in await (await connection.execute(CLOSED, (order.roadmap,))).fetchall()}

        async def one(measure: Measure) -> None:
            stream = measure_stream(order.roadmap, measure.number)
            begun = None
            if stream not in there:
                now = datetime.now(UTC) + state.offset
                first = planned(state.definition.plan(measure), events[0].at, now)
                begun = await self._begun(stream, first, now)
            if stream not in closed:
                known = stream in there
                await start_measure(
                    self._client, state.definition, measure, order.turns_per_run, known=known, begun=begun
                )

        await _each(state.definition.measures, one)

    async def _begun(self, stream: str, first: Event, now: datetime) -> Begun | None:
        """Write a measure's first event, and what the clock has brought it by now; return where that has come to.

        What the measure's first turn would do is then done. None where another try was faster: the log has answered "behind",
        and keeps what it has.
        """
        planned_ = MEASURE.evolve(MEASURE.begin(first), first)
        brought, state = MEASURE.advance(planned_, [], now, most=AT_ONCE_WRITTEN)
        records = [
            event_record(event, stream, version, STARTER) for version, event in enumerate([first, *brought], start=1)
        ]
        async with self._pool.connection() as connection:
            answer = await append(connection, stream, 0, records)
        if answer.outcome != "appended":
            return None
        standing = Standing(MEASURE, state, "", 0, 0).grown(records, state)
        self._standings.keep(stream, standing)
        return Begun(standing.version, listed(shown(standing, MEASURE.due(state))))

    @activity.defn(name=CLOSE_MEASURES)
    async def close(self, order: YearOrder) -> None:
        """Close every measure and wait until each has ended.

        The year has asked whether its sender may close it; to the measures it speaks in the administrator's name, since
        a measure may have a controller of its own, who is not the year's.
        """
        events = await self._year(order.roadmap)
        asked = next(event.command for event in events if isinstance(event.fact, YearClosed))
        assert asked is not None, "a year is closed by a command"  # noqa: S101 - the decider's promise
        command = closing(order.roadmap, asked.sent_at)
        measures = _fold(order.roadmap, events).definition.measures
        await _each(measures, lambda measure: self._tell_to_close(order, measure, command))
        # Only now: a measure may wait for its letters for a minute, and the others shall not wait for that.
        await _each(measures, lambda measure: self._ended(order.roadmap, measure))

    async def _year(self, roadmap: str) -> list[Event]:
        """Return the year's own events: few, next to those of its measures."""
        events: list[Event] = []
        async with self._pool.connection() as connection:
            while rows := await following(connection, year_stream(roadmap), len(events), 1000):
                events += [read_event(row) for row in rows]
        return events

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
    client: Client,
    roadmap: Roadmap,
    measure: Measure,
    turns_per_run: int,
    *,
    known: bool = True,
    begun: Begun | None = None,
) -> None:
    """See that a measure which the log says is open has a workflow that works; one that is not `known` yet has none.

    One that has just `begun` is shown by Temporal's lists from its start on; its first task has nothing to read or write.
    """
    stream = measure_stream(roadmap.id, measure.number)
    await _start(
        client,
        MEASURE_WORKFLOW,
        stream,
        await described(client, stream) if known else None,
        turns_per_run,
        attributes=[SearchAttributePair(ROADMAP, roadmap.id), SearchAttributePair(NUMBER, measure.number)],
        begun=begun or NOT_BEGUN,
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
    attributes: Sequence[SearchAttributePair[Any]],
    summary: str,
    details: str,
    begun: Begun = NOT_BEGUN,
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
        StreamInput(
            turns_per_run, begun.version, lost_run=None if found is None else found.run_id, listed=begun.listed
        ),
        id=stream,
        task_queue=TASK_QUEUE,
        task_timeout=TASK_LIMIT,
        id_conflict_policy=Conflict.USE_EXISTING,
        id_reuse_policy=Reuse.ALLOW_DUPLICATE,
        search_attributes=TypedSearchAttributes([*attributes, *pairs(begun.listed)]),
        static_summary=summary,
        static_details=details,
    )


def _fold(roadmap: str, events: list[Event]) -> YearState:
    state = YEAR.fold(None, events)
    if state is None:
        raise VekhaError(f"the log has no year {roadmap}")
    return state


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
