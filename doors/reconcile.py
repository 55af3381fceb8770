"""`audit.py reconcile`: what runs in Temporal, held against the log, stream by stream.

Whatever makes an event leaves a trace of its own: a command its signal, a moment of the clock its due time, a letter its
activity, an append its answer. Each is looked for where the log has nothing of it. The log is read after the history,
and what is younger than TOLERANCE is left alone, so that a turn under way is no finding.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError

from activities.measures import described
from activities.received import record_of
from activities.signatures import POST, TURN
from domain.codec import hear_command, read_command, read_event
from domain.errors import UnreadableEvent
from domain.measure import MEASURE
from domain.records import EventRecord
from domain.roadmap import is_measure, measure_stream, year_stream
from domain.silence import MISSING
from domain.silence import told as letters
from domain.turn import Decider, Due, Ledger
from domain.year import YEAR
from doors.output import Door, Exit, door, told
from doors.sending import engine_trouble
from doors.services import Connection, Year, find_year, open_log, open_years, roadmap_option
from eventlog.read import read_stream
from settings import connect_temporal
from workflows import SUBMIT

TOLERANCE = timedelta(minutes=1)  # more than the jitter of a wake and a turn that a killed worker held
CLOSING_TOLERANCE = timedelta(minutes=10)  # a closing year may give its letters a minute, and its activity a retry
AT_ONCE = 8
LISTED_AT_ONCE = 200
ALARM = SearchAttributeKey.for_bool("VekhaAlarm")

_RECOVER = ("выполните starter.py recover", "run starter.py recover")
_WORKER = (
    "проверьте, работает ли worker.py и что он пишет в своём журнале",
    "see whether worker.py runs, and what it logs",
)
_VERIFY = (
    "журнал могли обрезать или восстановить из старой копии: остановите worker.py и выполните audit.py verify",
    "the log may have been cut, or restored from an old backup: stop worker.py and run audit.py verify",
)
# Each finding with what to do; all are of severity error: none of them is a state that may stay.
WORDS = {
    "no-workflow": (
        ("открыто в журнале, а процесса в Temporal нет", "open in the log, no workflow in Temporal"),
        _RECOVER,
    ),
    "workflow-ended": (("открыто в журнале, а процесс завершён", "open in the log, its workflow has ended"), _RECOVER),
    "not-planned": (("год идёт, а событий мероприятия нет", "the year runs, the measure has no events"), _RECOVER),
    "no-events": (
        ("процесс идёт, а событий в журнале нет", "a workflow runs and the log knows nothing of it"),
        (
            "проверьте DATABASE_URL: если база та, завершите процесс в Temporal (terminate)",
            "check DATABASE_URL: if it is the right database, terminate the workflow in Temporal",
        ),
    ),
    "still-running": (
        ("год закрыт, а процесс идёт", "the year is closed, its workflow still runs"),
        (
            "проверьте worker.py; если он работает, повторите starter.py close",
            "look at worker.py; where it runs, repeat starter.py close",
        ),
    ),
    "moment-overdue": (("намеченный момент прошёл без события", "a moment has passed and left no event"), _WORKER),
    "signal-unanswered": (("на команду нет ответа в журнале", "a command has no answer in the log"), _WORKER),
    "letter-unrecorded": (
        ("письмо отправлено, исхода в журнале нет", "a letter went, its outcome is not logged"),
        _WORKER,
    ),
    "letter-overdue": (
        (
            "письмо не ушло за три дня и не признано недоставленным",
            "in three days a letter has neither left nor been recorded as failed",
        ),
        (
            "проверьте, работает ли worker.py и что он пишет о почтовом сервере",
            "see whether worker.py runs, and what it logs of the mail server",
        ),
    ),
    "append-missing": (("записанных событий в журнале нет", "appended events are not in the log"), _VERIFY),
    "unreadable": (
        (
            "в потоке запись, которую не прочесть: он стоит",
            "its stream has a row that cannot be read, and stands still",
        ),
        (
            "выполните audit.py verify; когда ясно, откуда она, audit.py set-aside",
            "run audit.py verify; when it is clear where it came from, audit.py set-aside",
        ),
    ),
    "alarm": (
        ("мероприятие остановлено: в его поток писал кто-то другой", "halted: somebody else wrote into its stream"),
        (
            "сверьте поток командой audit.py replay, затем пошлите процессу сигнал resume",
            "compare the stream with audit.py replay, then send the workflow the signal resume",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A place where engine and log differ: its code of WORDS, the stream, and what exactly."""

    code: str
    stream: str
    detail: str = ""


@click.command(
    "reconcile", help=told("Сверить процессы Temporal с журналом.", "Hold Temporal's workflows against the log.")
)
@roadmap_option
@door
async def reconcile(at: Door, roadmap: str | None) -> Exit:
    """Tell every mismatch of one year, or of all; FINDING where there is one."""
    client = await connect_temporal()
    with open_log() as connection:
        years = [find_year(connection, roadmap).roadmap.id] if roadmap is not None else open_years(connection)
        found = [one async for one in mismatches(client, connection, years, only=roadmap)]
    findings = [_document(at, one) for one in found]
    lines = [f"{one['stream']}: {one['code']}: {one['text']}. {one['advice']}" for one in findings]
    lines.append(
        at.say(
            f"Сверено открытых лет: {len(years)}, расхождений: {len(found)}.",
            f"{len(years)} open years reconciled, {len(found)} mismatches.",
        )
    )
    document = {"roadmaps": years, "findings": findings}
    return at.answer(document, "\n".join(lines), Exit.FINDING if found else Exit.DONE)


def _document(at: Door, one: Mismatch) -> dict[str, Any]:
    what, advice = WORDS[one.code]
    text = at.say(*what) + (f" ({one.detail})" if one.detail else "")
    told_advice = at.say(*advice)
    return {
        "code": one.code,
        "severity": "error",
        "stream": one.stream,
        "text": text,
        "advice": told_advice[0].upper() + told_advice[1:] + ".",
    }


async def mismatches(
    client: Client, connection: Connection, years: list[str], *, only: str | None = None
) -> AsyncIterator[Mismatch]:
    """Yield what differs: in each stream of these years, then among all that runs, or of `only` one roadmap.

    One year is held at a time, and of each stream a state and what one run's history says. DoorError (SERVICE) where
    Temporal does not answer.
    """
    try:
        for roadmap in years:
            try:
                year = find_year(connection, roadmap)
            except UnreadableEvent as error:
                yield Mismatch("unreadable", year_stream(roadmap), str(error))
                continue
            if not year.state.closed:
                for found in await _year(client, connection, year):
                    yield found
        async for found in _running(client, connection, only):
            yield found
    except RPCError as error:
        raise engine_trouble(error) from error


async def _year(client: Client, connection: Connection, year: Year) -> Iterator[Mismatch]:
    roadmap = year.roadmap
    streams = [
        year_stream(roadmap.id),
        *(measure_stream(roadmap.id, measure.number) for measure in roadmap.measures),
    ]
    places = asyncio.Semaphore(AT_ONCE)

    async def one(stream: str) -> list[Mismatch]:
        async with places:
            return [found async for found in _stream(client, connection, stream, year.state.offset)]

    found = await asyncio.gather(*map(one, streams))
    return (mismatch for part in found for mismatch in part)


async def _running(client: Client, connection: Connection, only: str | None) -> AsyncIterator[Mismatch]:
    """Yield what runs without events, or after its year's close."""
    query = "ExecutionStatus = 'Running' AND VekhaRoadmap " + ("IS NOT NULL" if only is None else f"= '{only}'")
    page: list[str] = []
    async for execution in client.list_workflows(query, page_size=LISTED_AT_ONCE):
        page.append(execution.id)
        if len(page) == LISTED_AT_ONCE:
            for found in _listed(connection, page):
                yield found
            page = []
    for found in _listed(connection, page):
        yield found


def _listed(connection: Connection, streams: list[str]) -> Iterator[Mismatch]:
    rows = connection.execute(
        "select stream, exists (select from vekha.event as ended where ended.roadmap = event.roadmap"
        " and ended.type = 'YearClosed' and ended.recorded_at < now() - %s)"
        " from vekha.event where stream = any(%s) and version = 1",
        (CLOSING_TOLERANCE, streams),
    ).fetchall()
    over: dict[str, bool] = dict(rows)
    for stream in streams:
        if stream not in over:
            yield Mismatch("no-events", stream)
        elif over[stream]:
            yield Mismatch("still-running", stream)


async def _stream(client: Client, connection: Connection, stream: str, offset: timedelta) -> AsyncIterator[Mismatch]:
    """Yield what differs in a stream of an open year. Temporal is asked first, the log after it."""
    found = await described(client, stream)
    running = found is not None and found.status is WorkflowExecutionStatus.RUNNING
    trace = await _trace(client, found) if found is not None and running else Trace()
    records = list(read_stream(connection, stream))
    decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
    try:
        events = [read_event(record) for record in records]
    except UnreadableEvent as error:
        yield Mismatch("unreadable", stream, str(error))
        return
    state: Ledger | None = decider.fold(None, events)
    if state is None:
        yield Mismatch("not-planned", stream)
        return
    if found is None or not running:
        if not state.closed:
            code = "no-workflow" if found is None else "workflow-ended"
            status = found.status.name.lower() if found is not None and found.status is not None else ""
            yield Mismatch(code, stream, status)
        return
    for code, detail in _of_the_living(decider.due(state), state, records, found, trace, offset=offset):
        yield Mismatch(code, stream, detail)
    for one in letters(decider, events, _now(found) + offset) if state.outbox else ():
        if one.outcome == MISSING and one.id in state.outbox.keys() - trace.sent(state, offset).keys():
            yield Mismatch("letter-overdue", stream, one.id)


def _of_the_living(
    due: Due | None,
    state: Ledger,
    records: list[EventRecord],
    found: WorkflowExecutionDescription,
    trace: Trace,
    *,
    offset: timedelta,
) -> Iterator[tuple[str, str]]:
    """Yield as code and detail what differs between a running workflow and its stream."""
    if found.typed_search_attributes.get(ALARM):
        yield "alarm", ""
    own_now = _now(found)
    if len(records) < trace.least:
        yield "append-missing", f"{len(records)} < {trace.least}"
    if due is not None and due.at < own_now + offset - TOLERANCE:
        yield "moment-overdue", f"{type(due.fact).__name__} {due.at.isoformat()}"
    for (id_, digests), at in trace.commands.items():
        if at < own_now - TOLERANCE and digests.isdisjoint(state.answered.get(id_, ())):
            yield "signal-unanswered", id_
    for notice, at in trace.sent(state, offset).items():
        if at < own_now - TOLERANCE:
            yield "letter-unrecorded", notice


def _now(found: WorkflowExecutionDescription) -> datetime:
    """Return a workflow's own now: ahead of ours where its time was skipped, as in the demo."""
    extended = found.raw_description.workflow_extended_info
    if not extended.HasField("time_skipping_info"):
        return datetime.now(UTC)
    return extended.time_skipping_info.current_time.ToDatetime(UTC)


@dataclass
class Trace:
    """What a run's history says that the log must hold.

    `commands` by id and the digests that its readings have, and `letters` by notice, with the time at the server; `least`
    is the version that the run was told its stream had come to.
    """

    commands: dict[tuple[str, frozenset[str]], datetime] = field(default_factory=dict)
    letters: dict[str, datetime] = field(default_factory=dict)
    least: int = 0

    def sent(self, state: Ledger, offset: timedelta) -> dict[str, datetime]:
        """Return the letters that were sent since they became due, or due again, and that the log calls on their way."""
        due = {id_: notice.since - offset for id_, notice in state.outbox.items()}
        return {id_: at for id_, at in self.letters.items() if id_ in due and at > due[id_]}

    def command(self, record: Any, at: datetime) -> None:
        """Take a signal's record."""
        # A worker of before asked less of a command than one of today: the log has it as one of them read it.
        heard, read = hear_command(record, at), read_command(record, at)
        self.commands.setdefault((heard.id, frozenset({heard.digest, read.digest})), at)

    def answer(self, answer: dict[str, Any]) -> None:
        """Take what a turn was answered."""
        self.least = max(self.least, answer["version"])


async def _trace(client: Client, found: WorkflowExecutionDescription) -> Trace:
    trace = Trace()
    asked: dict[int, str] = {}
    async for event in client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history_events():
        await _take_command(client, trace, event)
        await _take_activity(client, trace, asked, event)
    return trace


async def _take_command(client: Client, trace: Trace, event: HistoryEvent) -> None:
    """Take what was signalled in this run, or was carried into it."""
    at = event.event_time.ToDatetime(UTC)
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            start = await record_of(client, event.workflow_execution_started_event_attributes.input.payloads)
            if isinstance(start, dict):
                trace.least = start.get("version", 0)
                for arrival in start["inbox"]:
                    trace.command(arrival["record"], at)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name == SUBMIT:
                trace.command(await record_of(client, signal.input.payloads), at)


async def _take_activity(client: Client, trace: Trace, asked: dict[int, str], event: HistoryEvent) -> None:
    """Take a turn or letters, once they are done; what is `asked` for stands under the number of its event."""
    match event.event_type:
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            asked[event.event_id] = scheduled.activity_type.name
        case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            completed = event.activity_task_completed_event_attributes
            name = asked.pop(completed.scheduled_event_id, "")
            if name == TURN:
                trace.answer(await record_of(client, completed.result.payloads))
            elif name == POST:
                for outcome in await record_of(client, completed.result.payloads):
                    trace.letters[outcome["notice"]] = event.event_time.ToDatetime(UTC)
        case EventType.EVENT_TYPE_MARKER_RECORDED:
            details = event.marker_recorded_event_attributes.details
            if "result" in details and (await record_of(client, details["data"].payloads))["activity_type"] == TURN:
                trace.answer(await record_of(client, details["result"].payloads))
