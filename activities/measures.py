"""Starting and closing all measures of a year. Both are safe to repeat, whole or after a half."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.standing import Standings
from activities.turn import Pool
from domain.codec import command_record, event_record, instant
from domain.commands import Command
from domain.measure import planned
from domain.rehearsal import closing
from domain.roadmap import Measure, Roadmap, is_measure, measure_stream, year_stream
from domain.year import YearState
from eventlog.append import append
from wire.names import MEASURE_WORKFLOW, SUBMIT, TASK_LIMIT, TASK_QUEUE, YEAR_WORKFLOW
from wire.signatures import CLOSE_MEASURES, START_MEASURES, StreamInput, YearOrder

ROADMAP = SearchAttributeKey.for_keyword("VekhaRoadmap")
MEASURE = SearchAttributeKey.for_keyword("VekhaMeasure")
AT_ONCE = 8
BEAT_SECONDS = 5.0
SUMMARY_BYTES = 200
PAGE = 100
WHY = 300  # characters of a failure's own words
STARTER = "starter"
# Tasks of a workflow that fail so often in a row fail for a reason that lies in the workflow's own history.
HOPELESS = 5
# One failure of such a kind is enough: the worker has taken the task, and its code ends with an error on this history.
OF_THE_HISTORY = {
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
}
# What the SDK calls a step that no worker of this program knows: an older program's, asked for in vain.
NOT_REGISTERED = "NotFoundError"
# Older programs' workflows go on as today's with their next turn.
KINDS = {True: (MEASURE_WORKFLOW, "Measure"), False: (YEAR_WORKFLOW, "Roadmap")}
# So many ended runs of a stream are looked at for what they were sent and had not turned.
LOST_RUNS = 10
CLOCKS_APART = timedelta(minutes=1)  # the database's and Temporal's, as far as they may differ
CLOSED = "select stream from vekha.event where roadmap = %s and type = 'MeasureClosed'"
ASKED = "select command from vekha.event where stream = %s and type = 'YearClosed' order by version limit 1"
BEGUN = "select stream, recorded_at from vekha.event where roadmap = %s and version = 1"


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
            there: dict[str, datetime] = dict(await (await connection.execute(BEGUN, (order.roadmap,))).fetchall())
            closed = {row[0] for row in await (await connection.execute(CLOSED, (order.roadmap,))).fetchall()}

        async def one(measure: Measure) -> None:
            stream = measure_stream(order.roadmap, measure.number)
            if stream not in there:
                now = datetime.now(UTC) + year.offset
                plan = year.definition.plan(measure)
                first = planned(plan, year.started_at, now, quiet_past=year.quiet_past, rules=year.rules)
                record = event_record(first, stream, 1, STARTER)
                async with self._pool.connection() as connection:
                    # Where another try was faster, the log answers "behind" and keeps what it has.
                    if (await append(connection, stream, 0, [record])).outcome == "appended":
                        self._standings.begin(stream, first, record)
            # One that is closed is left to end, which it cannot where its tasks fail.
            if stream not in closed or runs(await described(self._client, stream)):
                since = there.get(stream)
                await start_measure(self._client, year.definition, measure, order.turns_per_run, since=since)

        await _each(year.definition.measures, one)

    @activity.defn(name=CLOSE_MEASURES)
    async def close(self, order: YearOrder) -> None:
        """Close every measure and wait until each has ended; what was lost is brought back for it.

        The year has asked whether its sender may close it; to the measures it speaks in the administrator's name, since
        a measure may have a controller of its own, who is not the year's.
        """
        measures = (await self._year(order.roadmap)).definition.measures
        async with self._pool.connection() as connection:
            row = await (await connection.execute(ASKED, (year_stream(order.roadmap),))).fetchone()
        assert row is not None, "a year is closed by a command"  # noqa: S101 - the decider's promise
        command = closing(order.roadmap, instant(json.loads(row[0])["sent_at"]))
        await self.start(order)
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
        """Wait until a measure's workflow has ended; the next try of this activity brings back one that is not closed."""
        stream = measure_stream(roadmap, measure.number)
        try:
            await self._client.get_workflow_handle(stream).result()
        except (WorkflowFailureError, RPCError) as error:
            if isinstance(error, RPCError) and error.status is not RPCStatusCode.NOT_FOUND:
                raise
            async with self._pool.connection() as connection:
                closed = await (await connection.execute(CLOSED, (roadmap,))).fetchall()
            if (stream,) not in closed:
                raise


async def start_measure(
    client: Client, roadmap: Roadmap, measure: Measure, turns_per_run: int, *, since: datetime | None
) -> None:
    """See that a measure which the log says is open, and has had `since` then, has a workflow that works."""
    await _start(
        client,
        measure_stream(roadmap.id, measure.number),
        turns_per_run,
        since,
        summary=_cut(f"{measure.number}. {measure.title}", SUMMARY_BYTES),
        details=f"Срок: {measure.deadline}\n\nОжидаемый результат: {measure.expected_result}",
    )


async def start_year(client: Client, roadmap: Roadmap, turns_per_run: int, *, since: datetime | None) -> None:
    """See that a year which the log says is open, and has had `since` then, has a workflow that works."""
    await _start(
        client,
        year_stream(roadmap.id),
        turns_per_run,
        since,
        summary=f"Приказ № {roadmap.order.number} от {roadmap.order.date:%d.%m.%Y}",
        details=roadmap.title,
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why what Temporal knows of a stream is no workflow that works: a code of `audit.py reconcile`, and what exactly."""

    code: str
    detail: str = ""


async def trouble(client: Client, stream: str, found: WorkflowExecutionDescription | None) -> Trouble | None:
    """Return why a stream's workflow cannot do its work, whatever comes: it has to begin anew. None for one that works."""
    if found is None:
        return Trouble("no-workflow")
    if not runs(found):
        return Trouble("workflow-ended", found.status.name.lower() if found.status is not None else "")
    if found.workflow_type not in KINDS[is_measure(stream)] or found.task_queue != TASK_QUEUE:
        return Trouble("wrong-workflow", f"{found.workflow_type}, task queue {found.task_queue}")
    has = found.typed_search_attributes
    if wrong := [pair.key.name for pair in attributes_of(stream) if has.get(pair.key) != pair.value]:
        return Trouble("wrong-attributes", ", ".join(wrong))
    return _unknown_step(found) or await _hopeless(client, found)


def _unknown_step(found: WorkflowExecutionDescription) -> Trouble | None:
    for step in found.raw_description.pending_activities:
        if step.last_failure.application_failure_info.type == NOT_REGISTERED:
            why = f"{step.activity_type.name} ×{step.attempt}: {step.last_failure.message}"
            return Trouble("task-failing", why[:WHY])
    return None


async def _hopeless(client: Client, found: WorkflowExecutionDescription) -> Trouble | None:
    attempt = found.raw_description.pending_workflow_task.attempt
    failure = await task_failure(client, found) if attempt > 1 else None
    if attempt >= HOPELESS or (failure is not None and failure.of_the_history):
        since = f", {failure.at:%d.%m.%Y %H:%M} UTC: {failure.why}" if failure is not None else ""
        return Trouble("task-failing", f"×{attempt}{since}")
    return None


def runs(found: WorkflowExecutionDescription | None) -> bool:
    """Tell whether what Temporal knows of a stream is a workflow that has not ended."""
    return found is not None and found.status is WorkflowExecutionStatus.RUNNING


def attributes_of(stream: str) -> list[SearchAttributePair[str]]:
    """Return the search attributes that name a stream's workflow."""
    roadmap, _, number = stream.partition("/m/")
    if not number:
        return [SearchAttributePair(ROADMAP, roadmap.removesuffix("/year"))]
    return [SearchAttributePair(ROADMAP, roadmap), SearchAttributePair(MEASURE, number)]


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """How a workflow's last task went wrong: when, why, and whether it would on any worker with this program."""

    at: datetime
    why: str
    of_the_history: bool


async def task_failure(client: Client, found: WorkflowExecutionDescription) -> TaskFailure | None:
    """Return how the workflow's last task has failed, or was not answered in time; None where it went well."""
    async for event in backwards(client, found):
        at = event.event_time.ToDatetime(UTC)
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                failed = event.workflow_task_failed_event_attributes
                cause = WorkflowTaskFailedCause.Name(failed.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")
                why = " ".join(f"{cause}: {failed.failure.message}".split())[:WHY]
                return TaskFailure(at, why, failed.cause in OF_THE_HISTORY)
            case EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                return TaskFailure(at, "TIMED_OUT", of_the_history=False)
            case EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                break
    return None


async def backwards(client: Client, found: WorkflowExecutionDescription) -> AsyncIterator[HistoryEvent]:
    """Yield the events of a run's history, the last one first."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=found.id, run_id=found.run_id),
        maximum_page_size=PAGE,
    )
    while True:
        page = await client.workflow_service.get_workflow_execution_history_reverse(request)
        for event in page.history.events:
            yield event
        if not page.next_page_token:
            return
        request.next_page_token = page.next_page_token


async def described(client: Client, stream: str) -> WorkflowExecutionDescription | None:
    """Return what Temporal knows of a stream's workflow, None where it knows none."""
    try:
        return await client.get_workflow_handle(stream).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def _start(
    client: Client, stream: str, turns_per_run: int, since: datetime | None, *, summary: str, details: str
) -> None:
    """Start the workflow of a stream, unless the one that is there works.

    One that was lost, and one that can only fail or is none of ours, is followed by a run that first takes up what those
    before it were sent: the log says that the stream is open, whatever the engine knows of it.
    """
    begin = partial(
        client.start_workflow,
        KINDS[is_measure(stream)][0],
        id=stream,
        task_queue=TASK_QUEUE,
        task_timeout=TASK_LIMIT,
        id_reuse_policy=Reuse.ALLOW_DUPLICATE,
        search_attributes=TypedSearchAttributes(attributes_of(stream)),
        static_summary=summary,
        static_details=details,
        request_eager_start=True,
    )
    if since is None:
        try:
            await begin(StreamInput(turns_per_run), id_conflict_policy=Conflict.FAIL)
        except WorkflowAlreadyStartedError:
            pass
        else:
            return
    found = await described(client, stream)
    if await trouble(client, stream, found) is None:
        return
    if found is not None and runs(found):
        try:
            await client.get_workflow_handle(stream, run_id=found.run_id).terminate(
                "it cannot go on; the stream begins anew from the log"
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it has just ended, or somebody else was faster
                raise
    await begin(
        StreamInput(turns_per_run, lost_runs=await _lost_runs(client, stream, found, since)),
        id_conflict_policy=Conflict.USE_EXISTING,
    )


async def _lost_runs(
    client: Client, stream: str, found: WorkflowExecutionDescription | None, since: datetime | None
) -> list[str]:
    """Return the runs of a stream that have ended in the midst, the oldest first, LOST_RUNS at most.

    Not only the last: it may have ended before it took up what the one before was sent, or have been a stranger's. What was
    answered already makes nothing when it comes again. A run from before the stream began was another log's.
    """
    if since is None:
        return []
    quoted = stream.replace("'", "''")
    ended = f"WorkflowId = '{quoted}' AND ExecutionStatus NOT IN ('Running', 'ContinuedAsNew')"
    ended_runs = {found.run_id: found.start_time} if found is not None else {}
    async for execution in client.list_workflows(ended, page_size=LOST_RUNS, limit=LOST_RUNS):
        ended_runs[execution.run_id] = execution.start_time  # the one that was found may not be listed yet
    lost = [(at, run_id) for run_id, at in ended_runs.items() if run_id and at >= since - CLOCKS_APART]
    return [run_id for _, run_id in sorted(lost)][-LOST_RUNS:]


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
