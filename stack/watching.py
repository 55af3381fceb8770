"""What can be seen at a glance of an engine that stands still: who asks for work, and which workflows call for a person.

A handful of questions for any number of years: Temporal's lists are asked, never the workflows one by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from eventlog.sealer import ALARM_SECONDS, unsealed_seconds
from eventlog.sessions import Connection
from wire.names import LETTERS_QUEUE, TASK_QUEUE

FRESH = timedelta(seconds=90)  # a worker asks again after a minute at the latest
NAMED = 20
PLAYED = "~"  # stands in the id of a year that is played
# So long a moment may pass undecided: those of a wave wake over ten minutes.
MOMENT_TOLERANCE = timedelta(minutes=12)
YEARS_AT_ONCE = 50
STARTING = timedelta(minutes=5)  # so long a year of thousands may take to begin
LISTS_LAG_SECONDS = 2.0
MEASURES = (
    "select roadmap, json_array_length(data::json #> '{definition,measures}') from vekha.event as year"
    " where type = 'YearStarted' and json_typeof(data::json #> '{definition,measures}') = 'array'"
    " and recorded_at < now() - %s and not exists"
    " (select from vekha.event where type = 'YearClosed' and roadmap = year.roadmap) order by roadmap"
)


@dataclass(frozen=True)
class Glance:
    """What was seen: whether work is asked for, and the ids of workflows that stand still, NAMED of each kind at most.

    `halted` wait for a person's word, `failing` cannot take a step, `overdue` have let a moment pass. `lost` are years of
    which fewer workflows run than there should, each with how many of how many.
    """

    workers: bool
    letter_workers: bool
    halted: tuple[str, ...]
    failing: tuple[str, ...]
    overdue: tuple[str, ...]
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class LogGlance:
    """What the log tells at a glance: the open years, how long events wait for their positions, and for being shown.

    `stopped` are streams of which a report takes no more events, NAMED at most; `measures` how many each year has that was
    started a while ago; `lacking` the rights that a worker's login lacks, where it is a worker who looks.
    """

    roadmaps: tuple[str, ...]
    unsealed_seconds: float
    behind_seconds: float
    stopped: tuple[str, ...] = ()
    measures: Mapping[str, int] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()


def signs(engine: Glance, log: LogGlance) -> dict[str, tuple[str, ...]]:
    """Return the kinds of standing still that were seen, as codes of views/standstill.py, each with what it concerns."""
    seen = {
        "no-worker": () if engine.workers else (TASK_QUEUE,),
        "no-letter-worker": () if engine.letter_workers else (LETTERS_QUEUE,),
        "no-workflow": engine.lost,
        "no-rights": log.lacking,
        "alarm": engine.halted,
        "task-failing": engine.failing,
        "moment-overdue": engine.overdue,
        "not-sealed": ("vekha.event",) if log.unsealed_seconds > ALARM_SECONDS else (),
        "not-shown": ("vekha.projection",) if log.behind_seconds > ALARM_SECONDS else (),
        "report-stopped": log.stopped,
    }
    return {code: streams for code, streams in seen.items() if streams}


def log_glance(connection: Connection) -> LogGlance:
    """Look at the log."""
    rows = connection.execute(
        "select roadmap from vekha.event as year where type = 'YearStarted' and not exists (select from vekha.event"
        " where type = 'YearClosed' and roadmap = year.roadmap) order by seq"
    ).fetchall()
    measures: dict[str, int] = dict(connection.execute(MEASURES, (STARTING,)).fetchall())
    stopped = connection.execute(
        "select distinct stream from vekha.quarantine order by stream limit %s", (NAMED,)
    ).fetchall()
    return LogGlance(
        tuple(row[0] for row in rows),
        unsealed_seconds(connection),
        behind_seconds(connection),
        tuple(row[0] for row in stopped),
        measures,
    )


def behind_seconds(connection: Connection) -> float:
    """Return how long the oldest event that a projection does not show has had its position; 0 where all are shown."""
    row = connection.execute(
        "select extract(epoch from clock_timestamp() - min(sealed_at))::float8 from vekha.block"
        " where last_position > (select min(position) from vekha.projection)"
    ).fetchone()
    return row[0] or 0.0 if row else 0.0


async def glance(client: Client, log: LogGlance, *, host: str | None = None) -> Glance:
    """Look at what the open years' workflows do; with `host`, workers are asked about on that one only. RPCError.

    `overdue` leaves played years out, whose clock is another.
    """
    roadmaps = log.roadmaps
    moment = (datetime.now(UTC) - MOMENT_TOLERANCE).isoformat().replace("+00:00", "Z")
    halted: list[str] = []
    failing: list[str] = []
    overdue: list[str] = []
    for first in range(0, len(roadmaps), YEARS_AT_ONCE):
        some = ", ".join(f"'{one}'" for one in roadmaps[first : first + YEARS_AT_ONCE])
        of_these = f"ExecutionStatus = 'Running' AND VekhaRoadmap IN ({some})"
        halted += await _listed(client, f"{of_these} AND VekhaAlarm = true")
        failing += await _listed(client, f"{of_these} AND TemporalReportedProblems IS NOT NULL")
        real = [one for one in roadmaps[first : first + YEARS_AT_ONCE] if PLAYED not in one]
        if real:
            some = ", ".join(f"'{one}'" for one in real)
            overdue += await _listed(
                client, f"ExecutionStatus = 'Running' AND VekhaRoadmap IN ({some}) AND VekhaNextDue < '{moment}'"
            )
    since = datetime.now(UTC) - FRESH
    return Glance(
        workers=await polled(client, TASK_QUEUE, since=since, host=host),
        letter_workers=await polled(client, LETTERS_QUEUE, since=since, host=host),
        halted=tuple(halted[:NAMED]),
        failing=tuple(failing[:NAMED]),
        overdue=tuple(overdue[:NAMED]),
        lost=tuple([one async for one in _lost(client, log.measures)][:NAMED]),
    )


async def _lost(client: Client, measures: Mapping[str, int]) -> AsyncIterator[str]:
    """Yield the years of which fewer workflows run than they have measures, and one more; looked at twice, as lists lag."""
    for roadmap, number in measures.items():
        query = f"ExecutionStatus = 'Running' AND VekhaRoadmap = '{roadmap}'"
        for _ in range(2):
            running = (await client.count_workflows(query)).count
            if running > number:
                break
            await asyncio.sleep(LISTS_LAG_SECONDS)
        else:
            yield f"{roadmap}: {running}/{number + 1}"


async def polled(client: Client, queue: str, *, since: datetime, host: str | None = None) -> bool:
    """Tell whether a worker has asked for what a task queue is for `since` then, on `host` where that is given."""
    letters = queue == LETTERS_QUEUE
    kind = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY if letters else TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind)
    )
    return any(
        poller.last_access_time.ToDatetime(UTC) >= since and (host is None or poller.identity.endswith(f"@{host}"))
        for poller in answer.pollers
    )


async def _listed(client: Client, query: str) -> list[str]:
    try:
        return sorted([one.id async for one in client.list_workflows(query, page_size=NAMED, limit=NAMED)])
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        return []  # an older server that does not know one of these attributes
