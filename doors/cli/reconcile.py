"""`audit.py reconcile`: what runs in Temporal, held against the log, stream by stream.

Whatever makes an event leaves a trace of its own: a command its signal, a moment of the clock its due time, a letter its
activity, an append its answer. Each is looked for where the log has nothing of it. The log is read after the history,
and what is younger than TOLERANCE is left alone, so that a turn under way is no finding.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError

from activities.measures import KINDS, described, runs, trouble
from activities.received import carried, document_of, record_of
from activities.standing import read_standing
from activities.waking import LATEST
from app.engine import MOST_SIGNALS, TOLERANCE, now_of, troubles
from app.log import Connection, Year, find_year, open_log, open_years
from app.sending import engine_trouble
from domain.codec import hear_command, read_command
from domain.errors import UnreadableEvent
from domain.measure import MEASURE
from domain.roadmap import is_measure, streams_of, year_stream
from domain.silence import is_missing
from domain.turn import Decider, Due, Ledger
from domain.year import YEAR
from doors.cli.codes import roadmap_option
from doors.cli.output import Door, Exit, command, door, told
from eventlog.sealer import ALARM_SECONDS, unsealed_seconds
from projections.projector import lag, stopped
from settings import connect_temporal
from stack.watching import FRESH, behind_seconds, polled
from views.standstill import WORDS as STANDSTILLS
from views.standstill import Words
from wire.names import LETTERS_QUEUE, SUBMIT, TASK_QUEUE
from wire.signatures import POST, TURN

CLOSING_TOLERANCE = timedelta(minutes=10)  # a closing year may give its letters a minute, and its activity a retry
AT_ONCE = 8
LISTED_AT_ONCE = 200
ASKED_AT_ONCE = 1000

_RECOVER = ("выполните starter.py recover", "run starter.py recover")
_WORKER = (
    "проверьте, работает ли worker.py и что он пишет в своём журнале",
    "see whether worker.py runs, and what it logs",
)
_VERIFY = (
    "журнал могли обрезать или восстановить из старой копии: остановите worker.py и выполните audit.py verify",
    "the log may have been cut, or restored from an old backup: stop worker.py and run audit.py verify",
)
_CLOSE = (
    "проверьте, работает ли worker.py, и повторите starter.py close --roadmap …",
    "see whether worker.py runs, and repeat starter.py close --roadmap …",
)
# Each finding with what to do; all are of severity error: none of them is a state that may stay.
WORDS: dict[str, Words] = {
    **STANDSTILLS,
    "not-planned": (("год идёт, а событий мероприятия нет", "the year runs, the measure has no events"), _RECOVER),
    "no-events": (
        ("процесс идёт, а событий в журнале нет", "a workflow runs and the log knows nothing of it"),
        (
            "проверьте DATABASE_URL: если база та, завершите процесс в Temporal (terminate)",
            "check DATABASE_URL: if it is the right database, terminate the workflow in Temporal",
        ),
    ),
    "still-running": (
        ("в журнале закрыто, а процесс идёт", "closed in the log, and its workflow still runs"),
        _CLOSE,
    ),
    "not-closed": (("год закрыт, а мероприятие нет", "the year is closed, the measure is not"), _CLOSE),
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
            "есть запись, которую не прочесть, и дальше неё ничего не идёт",
            "its stream has a row that cannot be read, and stands still",
        ),
        (
            "выполните audit.py verify; когда ясно, откуда она, audit.py set-aside",
            "run audit.py verify; when it is clear where it came from, audit.py set-aside",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A place where engine and log differ, or stand still: its code of WORDS, the stream, and what exactly.

    For what is no stream's own, a task queue or a table of the log stands in the stream's place.
    """

    code: str
    stream: str
    detail: str = ""


@command("reconcile", help=told("Сверить процессы Temporal с журналом.", "Hold Temporal's workflows against the log."))
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

    One year is held at a time, and of each stream a state and what one run's history says. Problem (UNAVAILABLE) where
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
        for stream in _left_unclosed(connection, only):
            yield Mismatch("not-closed", stream)
        for one in stopped(connection, only):
            yield Mismatch("report-stopped", one.stream, one.error)
        for found in await _of_all(client, connection):
            yield found
    except RPCError as error:
        raise engine_trouble(error) from error


async def _year(client: Client, connection: Connection, year: Year) -> Iterator[Mismatch]:
    roadmap = year.roadmap
    streams = streams_of(roadmap)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(stream: str) -> list[Mismatch]:
        async with places:
            return [found async for found in _stream(client, connection, stream, year)]

    found = await asyncio.gather(*map(one, streams))
    return (mismatch for part in found for mismatch in part)


async def _running(client: Client, connection: Connection, only: str | None) -> AsyncIterator[Mismatch]:
    """Yield what runs without events, or after its close: whatever bears our marks, waits in our queue or has our types."""
    kinds = ", ".join(f"'{kind}'" for kind in (*KINDS[True], *KINDS[False]))
    ours = f"VekhaRoadmap IS NOT NULL OR TaskQueue = '{TASK_QUEUE}' OR WorkflowType IN ({kinds})"
    within = ours if only is None else f"VekhaRoadmap = '{only}' OR WorkflowId STARTS_WITH '{only}/'"
    page: list[str] = []
    async for execution in client.list_workflows(
        f"ExecutionStatus = 'Running' AND ({within})", page_size=LISTED_AT_ONCE
    ):
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
        " and ended.type = 'YearClosed' and ended.recorded_at < now() - %(since)s)"
        " or exists (select from vekha.event as ended where ended.stream = event.stream"
        " and ended.type = 'MeasureClosed' and ended.recorded_at < now() - %(since)s)"
        " from vekha.event where stream = any(%(streams)s) and version = 1",
        {"since": CLOSING_TOLERANCE, "streams": streams},
    ).fetchall()
    over: dict[str, bool] = dict(rows)
    for stream in streams:
        if stream not in over:
            yield Mismatch("no-events", stream)
        elif over[stream]:
            yield Mismatch("still-running", stream)


def _left_unclosed(connection: Connection, only: str | None) -> list[str]:
    """Return the measures that are not closed though their year has been for a while."""
    rows = connection.execute(
        "select measure.stream from vekha.event as year join vekha.event as measure using (roadmap)"
        " where year.type = 'YearClosed' and year.recorded_at < now() - %s and measure.type = 'MeasurePlanned'"
        " and (%s::text is null or roadmap = %s) and not exists (select from vekha.event as ended"
        " where ended.stream = measure.stream and ended.type = 'MeasureClosed') order by measure.seq",
        (CLOSING_TOLERANCE, only, only),
    ).fetchall()
    return [row[0] for row in rows]


async def _of_all(client: Client, connection: Connection) -> list[Mismatch]:
    """Return what stands still for every year at once."""
    since = datetime.now(UTC) - FRESH
    found = []
    for queue, code in ((TASK_QUEUE, "no-worker"), (LETTERS_QUEUE, "no-letter-worker")):
        if not await polled(client, queue, since=since):
            found.append(Mismatch(code, queue))
    unsealed, behind = unsealed_seconds(connection), behind_seconds(connection)
    if unsealed > ALARM_SECONDS:
        found.append(Mismatch("not-sealed", "vekha.event", f"{unsealed:.0f} s"))
    if behind > ALARM_SECONDS:
        found.append(Mismatch("not-shown", "vekha.projection", f"{behind:.0f} s, {lag(connection)} events"))
    return found


async def _stream(client: Client, connection: Connection, stream: str, year: Year) -> AsyncIterator[Mismatch]:
    """Yield what differs in a stream of an open year. Temporal is asked first, the log after it."""
    found = await described(client, stream)
    wrong = await trouble(client, stream, found)
    own = found is not None and runs(found) and (wrong is None or wrong.code != "wrong-workflow")
    trace = await _trace(client, found) if found is not None and own else Trace()
    decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
    try:
        standing = read_standing(connection, stream)
    except UnreadableEvent as error:
        yield Mismatch("unreadable", stream, str(error))
        return
    state: Ledger | None = standing.state if standing is not None else None
    if state is None:
        yield Mismatch("not-planned", stream)
        return
    if wrong is not None and not (state.closed and wrong.code in {"no-workflow", "workflow-ended"}):
        yield Mismatch(wrong.code, stream, wrong.detail)
    if found is None or not own:
        return
    for one in await troubles(client, found, TOLERANCE):
        if wrong is None or one.code != wrong.code:
            yield Mismatch(one.code, stream, one.detail)
    if trace.signals > MOST_SIGNALS:
        yield Mismatch("run-full", stream, f"{trace.signals} signals")
    answered = _answered(connection, stream, [id_ for id_, _ in trace.commands])
    for code, detail in of_the_living(decider.due(state), state, answered, now_of(found), trace, year=year):
        yield Mismatch(code, stream, detail)


def _answered(connection: Connection, stream: str, ids: list[str]) -> dict[str, set[str]]:
    """Return the digests of the commands of these ids that a stream has answered."""
    answered: dict[str, set[str]] = {}
    for first in range(0, len(ids), ASKED_AT_ONCE):
        for id_, text, received_at in connection.execute(
            "select command_id, command, received_at from vekha.event"
            " where stream = %s and command_id = any(%s) and command is not null",
            (stream, ids[first : first + ASKED_AT_ONCE]),
        ):
            answered.setdefault(id_, set()).add(read_command(json.loads(text), received_at).digest)
    return answered


def of_the_living(
    due: Due | None,
    state: Ledger,
    answered: dict[str, set[str]],
    own_now: datetime,
    trace: Trace,
    *,
    year: Year,
) -> Iterator[tuple[str, str]]:
    """Yield as code and detail what differs between a running workflow and its stream."""
    now = own_now + year.state.offset
    if state.version < trace.least:
        yield "append-missing", f"{state.version} < {trace.least}"
    # Of many that wait for one instant each wakes a little later than the one before it.
    if due is not None and due.at < now - TOLERANCE - (timedelta() if year.rehearsal else LATEST):
        yield "moment-overdue", f"{type(due.fact).__name__} {due.at.isoformat()}"
    for (id_, digests), at in trace.commands.items():
        if at < own_now - TOLERANCE and digests.isdisjoint(answered.get(id_, ())):
            yield "signal-unanswered", id_
    sent = trace.sent(state, year.state.offset)
    for notice, at in sent.items():
        if at < own_now - TOLERANCE:
            yield "letter-unrecorded", notice
    for id_, one in state.outbox.items():
        if id_ not in sent and is_missing(one.since, now):
            yield "letter-overdue", id_


@dataclass
class Trace:
    """What a run's history says that the log must hold.

    `commands` by id and the digests that its readings have, and `letters` by notice, with the time at the server; `least`
    is the version that the run was told its stream had come to, `signals` how many the run was sent.
    """

    commands: dict[tuple[str, frozenset[str]], datetime] = field(default_factory=dict)
    letters: dict[str, datetime] = field(default_factory=dict)
    least: int = 0
    signals: int = 0

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
            start = await document_of(client, event.workflow_execution_started_event_attributes.input.payloads)
            if isinstance(start, dict) and isinstance(start.get("version", 0), int):
                trace.least = start.get("version", 0)
            for arrival in carried(start):
                trace.command(arrival.record, at)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            trace.signals += 1
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
                trace.answer(await document_of(client, completed.result.payloads))
            elif name == POST:
                for outcome in await document_of(client, completed.result.payloads):
                    trace.letters[outcome["notice"]] = event.event_time.ToDatetime(UTC)
        case EventType.EVENT_TYPE_MARKER_RECORDED:
            details = event.marker_recorded_event_attributes.details
            if "result" in details and (await document_of(client, details["data"].payloads))["activity_type"] == TURN:
                trace.answer(await document_of(client, details["result"].payloads))
