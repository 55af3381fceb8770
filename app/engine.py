"""What Temporal tells of a stream's workflow that stands still, or may come to: each kind with its words and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError

from activities.measures import Trouble, backwards, described, task_failure, trouble
from app.sending import engine_trouble
from domain.errors import Lang
from domain.roadmap import Roadmap, is_measure, streams_of
from settings import connect_temporal
from views.standstill import WORDS
from wire.names import ALARM, STAGE
from wire.signatures import POST

# A run takes 10,000 signals, 51,200 events and 50 MB: from here on it is told, while there is time.
MOST_SIGNALS = 9_000
MOST_EVENTS = 40_000
MOST_BYTES = 40_000_000
# So long a task may wait for a worker that is there.
PROMPT = timedelta(seconds=15)
WHY = 300  # characters of a failure's own words
TOLERANCE = timedelta(minutes=1)  # more than the jitter of a wake and a turn that a killed worker held
AT_ONCE = 32
LOST = {"no-workflow", "workflow-ended", "wrong-workflow"}  # there is no workflow of the stream's to look into
NO_RIGHTS = "InsufficientPrivilege"


@dataclass(frozen=True, slots=True)
class Standstill:
    """A stream whose workflow stands still, by a code of views/standstill.py; `lost` where it has to begin anew."""

    stream: str
    code: str
    detail: str = ""
    lost: bool = False

    def text(self, lang: Lang) -> str:
        """Return what is wrong, in words."""
        ru, en = WORDS[self.code][0]
        return (en if lang == "en" else ru) + (f" ({self.detail})" if self.detail else "")

    def advice(self, lang: Lang) -> str:
        """Return what to do, in words."""
        ru, en = WORDS[self.code][1]
        return en if lang == "en" else ru


async def each_stream(
    streams: Sequence[str], look: Callable[[str], Awaitable[Sequence[Standstill]]]
) -> list[Standstill]:
    """Return what is found in these streams, in their order. RPCError where Temporal does not answer."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(stream: str) -> Sequence[Standstill]:
        async with places:
            return await look(stream)

    found = await asyncio.gather(*map(one, streams))
    return [one for some in found for one in some]


async def all_standstills(client: Client, stream: str) -> list[Standstill]:
    """Return all that a stream which is open has come to stand still at, also what no command waits for."""
    found = await described(client, stream)
    wrong = await trouble(client, stream, found)
    told = [Standstill(stream, wrong.code, wrong.detail, lost=True)] if wrong is not None else []
    if found is not None and (wrong is None or wrong.code not in LOST):
        seen = await troubles(client, found, TOLERANCE)
        told += [Standstill(stream, one.code, one.detail) for one in seen if wrong is None or one.code != wrong.code]
    if not told and (waits := await standstill(client, stream)) is not None:
        told.append(waits)
    return told


async def standing_still(roadmap: Roadmap) -> list[Standstill]:
    """Return all that stands still in an open year. Unavailable, or Problem (UNAVAILABLE), where Temporal does not answer."""
    try:
        look = partial(all_standstills, await connect_temporal())
        return await each_stream(streams_of(roadmap), look)
    except RPCError as error:
        raise engine_trouble(error) from error


async def standstill(client: Client, stream: str) -> Standstill | None:
    """Return why the workflow of a stream that is open takes no turns; None where it does."""
    found = await described(client, stream)
    wrong = await trouble(client, stream, found)
    if wrong is not None:
        return Standstill(stream, wrong.code, wrong.detail, lost=True)
    assert found is not None, "that would have been a trouble"  # noqa: S101
    for one in failing_activities(found):
        if one.code not in {"letters-wait", "activity-paused"}:
            return Standstill(stream, one.code, one.detail, lost=False)
    task, told = found.raw_description.pending_workflow_task, found.typed_search_attributes
    if told.get(ALARM):
        return None  # it waits for a person, not for a worker
    waits = found.raw_description.HasField("pending_workflow_task")
    old = waits and task.scheduled_time.ToDatetime(UTC) < now_of(found) - PROMPT
    begun = told.get(STAGE) is not None if is_measure(stream) else not waits or await _has_taken_a_task(client, found)
    if begun and task.attempt <= 1 and not old:
        return None
    return Standstill(stream, "no-turn", "", lost=False)


async def _has_taken_a_task(client: Client, found: WorkflowExecutionDescription) -> bool:
    async for event in backwards(client, found):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return True
    return False


def now_of(found: WorkflowExecutionDescription) -> datetime:
    """Return a workflow's own now: ahead of ours where its time was skipped, as in the demo."""
    extended = found.raw_description.workflow_extended_info
    if not extended.HasField("time_skipping_info"):
        return datetime.now(UTC)
    return extended.time_skipping_info.current_time.ToDatetime(UTC)


async def troubles(client: Client, found: WorkflowExecutionDescription, tolerance: timedelta) -> list[Trouble]:
    """Return what a workflow that runs, and is the stream's own, has come to stand still at; nothing younger than that."""
    told = []
    if found.typed_search_attributes.get(ALARM):
        told.append(Trouble("alarm"))
    task = found.raw_description.pending_workflow_task
    if task.attempt > 1:
        failure = await task_failure(client, found)
        if failure is not None and failure.at < now_of(found) - tolerance:
            told.append(Trouble("task-failing", f"×{task.attempt}, {_day(failure.at)}: {failure.why}"))
    told += [
        Trouble(one.code, one.detail)
        for one in failing_activities(found)
        if await _asked_at(client, found, one.activity) < now_of(found) - tolerance
    ]
    info = found.raw_description.workflow_execution_info
    if info.history_length > MOST_EVENTS or info.history_size_bytes > MOST_BYTES:
        told.append(Trouble("run-full", f"{info.history_length} events, {info.history_size_bytes} bytes"))
    return told


@dataclass(frozen=True, slots=True)
class FailingActivity:
    """A step that a workflow waits for in vain: a code of views/standstill.py, what exactly, and the activity's id."""

    code: str
    detail: str
    activity: str


def failing_activities(found: WorkflowExecutionDescription) -> Iterator[FailingActivity]:
    """Yield the steps that a workflow waits for in vain."""
    for one in found.raw_description.pending_activities:
        name = one.activity_type.name
        if one.state == PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED:
            yield FailingActivity("activity-paused", name, one.activity_id)
        elif one.attempt > 1 and one.HasField("last_failure"):
            yield FailingActivity(_code(one), f"{name} ×{one.attempt}: {_why(one)}", one.activity_id)


async def _asked_at(client: Client, found: WorkflowExecutionDescription, activity: str) -> datetime:
    """Return when a workflow first asked for a step; what is pending tells the next try's time only."""
    at = now_of(found)
    async for event in backwards(client, found):
        at = event.event_time.ToDatetime(UTC)
        if (
            event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
            and event.activity_task_scheduled_event_attributes.activity_id == activity
        ):
            break
    return at


def _code(one: PendingActivityInfo) -> str:
    if one.last_failure.application_failure_info.type == NO_RIGHTS:
        return "no-rights"
    return "letters-wait" if one.activity_type.name == POST else "activity-failing"


def _why(one: PendingActivityInfo) -> str:
    kind = one.last_failure.application_failure_info.type
    return " ".join(f"{kind}: {one.last_failure.message}".split())[:WHY]


def _day(at: datetime) -> str:
    return f"{at:%d.%m.%Y %H:%M} UTC"
