"""Starting and closing all measures of a year. Both are safe to repeat, whole or after a half."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.service import RPCError, RPCStatusCode

from activities.record import Pool
from activities.signatures import CLOSE_MEASURES, START_MEASURES, YearOrder
from domain.codec import command_record, event_record, read_event
from domain.commands import Command
from domain.errors import VekhaError
from domain.events import Event, YearClosed
from domain.measure import planned
from domain.rehearsal import closing
from domain.roadmap import Measure, measure_stream, year_stream
from domain.year import YEAR, YearState
from eventlog.append import append, following
from workflows import MEASURE_WORKFLOW, SUBMIT, TASK_LIMIT, TASK_QUEUE
from workflows.stream import StreamInput

ROADMAP = SearchAttributeKey.for_keyword("VekhaRoadmap")
MEASURE = SearchAttributeKey.for_keyword("VekhaMeasure")
AT_ONCE = 8
BEAT_SECONDS = 5.0
SUMMARY_BYTES = 200
STARTER = "starter"
CLOSED = "select from vekha.event where stream = %s and type = 'MeasureClosed'"


class Measures:
    """The year's hand on its measures."""

    def __init__(self, client: Client, pool: Pool) -> None:
        self._client = client
        self._pool = pool

    @activity.defn(name=START_MEASURES)
    async def start(self, order: YearOrder) -> None:
        """Plan every measure in the log, then start its workflow: first the log, then the world."""
        events = await self._year(order.roadmap)
        state = _fold(order, events)
        await _each(state, lambda measure: self._start(order, state, measure, events[0].at))

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
        year = _fold(order, events)
        await _each(year, lambda measure: self._tell_to_close(order.roadmap, measure, command))
        # Only now: a measure may wait for its letters for a minute, and the others shall not wait for that.
        await _each(year, lambda measure: self._ended(order.roadmap, measure))

    async def _year(self, roadmap: str) -> list[Event]:
        """Return the year's own events: few, next to those of its measures."""
        events: list[Event] = []
        async with self._pool.connection() as connection:
            while rows := await following(connection, year_stream(roadmap), len(events), 1000):
                events += [read_event(row) for row in rows]
        return events

    async def _start(self, order: YearOrder, year: YearState, measure: Measure, at: datetime) -> None:
        stream = measure_stream(order.roadmap, measure.number)
        now = datetime.now(UTC) + year.offset
        first = planned(year.definition.plan(measure), at, now, quiet_past=year.quiet_past)
        async with self._pool.connection() as connection:
            # Where the stream is there already, the log answers "behind" and keeps what it has.
            await append(connection, stream, 0, [event_record(first, stream, 1, STARTER)])
            closed = await (await connection.execute(CLOSED, (stream,))).fetchone()
        if closed:
            return
        # The log says that it lives: whatever the engine knows of it, a run that has ended was lost.
        await self._client.start_workflow(
            MEASURE_WORKFLOW,
            StreamInput(stream, order.offset_microseconds, order.turns_per_run, order.jitter_seconds),
            id=stream,
            task_queue=TASK_QUEUE,
            task_timeout=TASK_LIMIT,
            id_conflict_policy=Conflict.USE_EXISTING,
            id_reuse_policy=Reuse.ALLOW_DUPLICATE,
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(ROADMAP, order.roadmap),
                    SearchAttributePair(MEASURE, measure.number),
                ]
            ),
            static_summary=_cut(f"{measure.number}. {measure.title}", SUMMARY_BYTES),
            static_details=f"Срок: {measure.deadline}\n\nОжидаемый результат: {measure.expected_result}",
        )

    async def _tell_to_close(self, roadmap: str, measure: Measure, command: Command) -> None:
        handle = self._client.get_workflow_handle(measure_stream(roadmap, measure.number))
        try:
            await handle.signal(SUBMIT, command_record(command))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _ended(self, roadmap: str, measure: Measure) -> None:
        await self._client.get_workflow_handle(measure_stream(roadmap, measure.number)).result()


def _fold(order: YearOrder, events: list[Event]) -> YearState:
    state = YEAR.fold(None, events)
    if state is None:
        raise VekhaError(f"the log has no year {order.roadmap}")
    return state


async def _each(state: YearState, do: Callable[[Measure], Awaitable[None]]) -> None:
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
        await asyncio.gather(*(one(measure) for measure in state.definition.measures))
    finally:
        beating.cancel()


def _cut(text: str, size: int) -> str:
    """Return the text cut to so many bytes of UTF-8, between letters."""
    return text.encode()[:size].decode(errors="ignore")
