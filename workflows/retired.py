"""The workflows of before a turn was decided in an activity: they replay the histories that they began, and go no further.

Wherever a run of theirs would do something new, it continues as a workflow of today, with what it has not turned yet. So a
year that was begun with an older program goes on; once no such run is open anywhere, this file can go.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from wire.names import ALARM, MEASURE_WORKFLOW, NEXT_DUE, OVERDUE, RESUME, STAGE, SUBMIT, YEAR_WORKFLOW
from wire.signatures import StreamInput

with workflow.unsafe.imports_passed_through():
    from domain.codec import event_record, instant, read_command, read_event
    from domain.commands import Delivered, Received
    from domain.events import Event
    from domain.measure import MEASURE, STAGE_NAMES, MeasureState, stage_of
    from domain.notices import LETTER_LIMIT, Notice
    from domain.records import EventRecord, fingerprint
    from domain.turn import Decider, Due, Item, Ledger
    from domain.year import YEAR, YearState
    from wire.signatures import Arrival as Waiting

APPEND = "append"
NOTIFY = "notify"
RECEIVED = "received"
START_MEASURES = "start-measures"
CLOSE_MEASURES = "close-measures"
PAGE = 500
ALL_MEASURES_LIMIT = timedelta(minutes=10)
HEARTBEAT_LIMIT = timedelta(seconds=30)

PROMPT = timedelta(minutes=1)
LOCAL_LIMIT = timedelta(seconds=5)
LETTER_RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(hours=1))
LETTER_TRY_LIMIT = timedelta(minutes=1)
LETTER_LEAST = timedelta(hours=1)
CLOSING_LIMIT = timedelta(minutes=1)


@dataclass(frozen=True)
class Proposal:
    """Events to append after `expected_version`; none of them is a question for what follows it."""

    stream: str
    expected_version: int
    records: list[Any]


@dataclass(frozen=True)
class Answer:
    """What the log answered: all was appended, or the rows that it holds instead."""

    appended: bool
    rows: list[EventRecord]


@dataclass(frozen=True)
class LetterOrder:
    """A letter to be sent."""

    stream: str
    notice: str


@dataclass(frozen=True)
class LetterOutcome:
    """What became of it."""

    outcome: str
    detail: str


@dataclass(frozen=True)
class Arrivals:
    """A question for the times at which signals reached the server."""

    workflow_id: str
    run_id: str
    digests: list[str]


@dataclass(frozen=True)
class YearOrder:
    """An order that concerns all measures of a year."""

    roadmap: str
    offset_microseconds: int
    turns_per_run: int
    jitter_seconds: float


S = TypeVar("S", bound=Ledger)


# A command that waited longer than this is judged by the server's time of its signal, not by the worker's.
PROMPT = timedelta(minutes=1)
LOCAL_LIMIT = timedelta(seconds=5)
LETTER_RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(hours=1))
LETTER_TRY_LIMIT = timedelta(minutes=1)
# A letter whose time ran out while nobody could send it is still tried for so long: a mail server may put strangers off.
LETTER_LEAST = timedelta(hours=1)
CLOSING_LIMIT = timedelta(minutes=1)


@dataclass
class Arrival:
    """A signal that waits: its record, when the workflow saw it, and the run whose history has it."""

    record: Any
    seen_at: str
    run_id: str


@dataclass
class OldInput:
    """What a run begins with.

    `offset_microseconds` shifts the clock of a played year. `jitter_seconds` spreads wakes that fall on one instant;
    it delays a wake, never a moment in an event. `inbox` is what the run before had not turned yet.
    """

    stream: str
    offset_microseconds: int
    turns_per_run: int
    jitter_seconds: float
    inbox: list[Arrival] = field(default_factory=list)


class OldStream(Generic[S]):
    """One stream's loop; the workflow around it shows the state and decides when it ends."""

    def __init__(self, decider: Decider[S], start: OldInput) -> None:
        self._decider = decider
        self._start = start
        self._offset = timedelta(microseconds=start.offset_microseconds)
        self._inbox: list[Arrival] = list(start.inbox)
        self._delivered: list[Delivered] = []
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._state: S | None = None
        self._version = 0
        self._turns = 0
        self._resumed = False
        self._timer: asyncio.Task[None] | None = None
        self._timer_at: datetime | None = None

    @property
    def state(self) -> S:
        """Return what the stream has come to; only after `load`."""
        if self._state is None:
            raise ApplicationError(f"the log has no stream {self._start.stream}", non_retryable=True)
        return self._state

    def now(self) -> datetime:
        """Return the domain's now, in UTC: the engine's clock, shifted for a played year."""
        return workflow.now() + self._offset

    def submit(self, record: Any) -> None:
        """Put a command's record into the inbox."""
        self._inbox.append(Arrival(record, self.now().isoformat(), workflow.info().run_id))

    def resume(self) -> None:
        """Let a halted stream go on, after a person has looked."""
        self._resumed = True

    async def load(self) -> S:
        """Read the stream from the log, in pages, and take up the letters that have no outcome."""
        self._go_on_as_today()
        while rows := (await self._ask([])).rows:
            self._adopt(rows)
            if len(rows) < PAGE:
                break
        return self.state

    async def step(self) -> S:
        """Wait for a command, a letter's outcome or the next moment; decide all that is there; return the state."""
        self._wind(self._decider.due(self.state))
        await workflow.wait_condition(lambda: bool(self._inbox or self._delivered or self._rang()))
        return await self._turn()

    def _wind(self, due: Due | None) -> None:
        """Keep the one timer at the next moment.

        It goes on through the turns that leave that moment where it is: a burst of commands winds it once, not once a
        turn.
        """
        if due is not None and due.at == self._timer_at and not self._rang():
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._timer_at = None
        if due is not None:
            self._timer = asyncio.create_task(self._wait_for(due))
            self._timer_at = due.at

    def _rang(self) -> bool:
        return self._timer is not None and self._timer.done()

    async def _wait_for(self, due: Due) -> None:
        wait = due.at - self.now()
        if wait > timedelta():
            if self._start.jitter_seconds:
                wait += timedelta(seconds=workflow.random().uniform(0, self._start.jitter_seconds))
            await workflow.sleep(wait, summary=f"{type(due.fact).__name__} {due.at:%d.%m.%Y %H:%M} UTC")

    def continue_if_long(self) -> None:
        """Continue as new when this run's history has grown; what waits in the inbox goes along."""
        long = self._turns >= self._start.turns_per_run or workflow.info().is_continue_as_new_suggested()
        if long and not self._delivered:
            start = self._start
            workflow.continue_as_new(
                OldInput(
                    start.stream, start.offset_microseconds, start.turns_per_run, start.jitter_seconds, self._inbox
                )
            )

    async def finish(self) -> None:
        """Answer what still came in; give the letters on their way a last minute, then record the rest as not sent."""
        until = workflow.now() + CLOSING_LIMIT
        while self._inbox or self.state.outbox:
            try:
                await workflow.wait_condition(
                    lambda: bool(self._inbox or self._delivered), timeout=max(until - workflow.now(), timedelta())
                )
            except TimeoutError:
                self._delivered += [Delivered(key, "suppressed", "closed", self.now()) for key in self.state.outbox]
            await self._turn()
        for task in self._sending.values():
            task.cancel()

    def _go_on_as_today(self) -> None:
        """Continue as a workflow of today, unless this is the replay of what an older program did."""
        if workflow.unsafe.is_replaying():
            return
        inbox = [
            Waiting(one.record, (instant(one.seen_at) - self._offset).isoformat(), one.run_id) for one in self._inbox
        ]
        kind = YEAR_WORKFLOW if self._decider is YEAR else MEASURE_WORKFLOW
        workflow.continue_as_new(args=[StreamInput(self._start.turns_per_run, self._version, inbox)], workflow=kind)

    async def _turn(self) -> S:
        self._go_on_as_today()
        self._turns += 1
        waiting, self._inbox = self._inbox, []
        outcomes, self._delivered = self._delivered, []
        now = self.now()
        items: list[Item] = [*await self._timed(waiting, now), *outcomes]
        taken = False
        while not taken:
            events, after = self._decider.advance(self.state, items, now)
            taken = not events or await self._append(events, after)
        return self.state

    async def _timed(self, waiting: Sequence[Arrival], now: datetime) -> list[Received]:
        """Return the commands with the times at which the engine got them.

        Normally that is when the workflow saw the signal. A command that waited for a worker, or that shares its turn
        with a moment that fell due, is judged by the time that the server wrote beside the signal.
        """
        due = self._decider.due(self.state)
        moment_passed = due is not None and due.at <= now
        doubtful: dict[str, list[Arrival]] = {}
        for arrival in waiting:
            if moment_passed or not _is_prompt(arrival):
                doubtful.setdefault(arrival.run_id, []).append(arrival)
        times: dict[str, str] = {}
        for run_id, arrivals in doubtful.items():
            question = Arrivals(
                workflow.info().workflow_id, run_id, [fingerprint(arrival.record) for arrival in arrivals]
            )
            times |= await workflow.execute_activity(
                RECEIVED, question, result_type=dict[str, str], start_to_close_timeout=timedelta(minutes=1)
            )
        received = []
        for arrival in waiting:
            server = times.get(fingerprint(arrival.record)) if times else None
            at = instant(arrival.seen_at) if server is None else min(instant(server) + self._offset, now)
            received.append(Received(read_command(arrival.record, at), at))
        return received

    async def _append(self, events: Sequence[Event], after: S) -> bool:
        """Append events page by page; False when the log knew better, and what it held has been adopted.

        Where the log says that it took a page, it holds just these events: the state goes on from them unread.
        """
        writer = workflow.info().first_execution_run_id
        for first in range(0, len(events), PAGE):
            page = events[first : first + PAGE]
            answer = await self._ask(
                [
                    event_record(event, self._start.stream, self._version + place, writer)
                    for place, event in enumerate(page, start=1)
                ]
            )
            if not answer.appended:
                if any(row.writer != writer for row in answer.rows):
                    await self._halt(f"rows of another writer after version {self._version}")
                self._adopt(answer.rows)
                return False
            self._version += len(page)
            self._state = after if page == events else self._decider.fold(self._state, page)
        return True

    async def _ask(self, records: list[EventRecord]) -> Answer:
        """Ask the log: by a local activity, and where that fails by an ordinary one that tries for ever."""
        proposal = Proposal(self._start.stream, self._version, records)
        answer: Answer
        try:
            answer = await workflow.execute_local_activity(
                APPEND,
                proposal,
                result_type=Answer,
                schedule_to_close_timeout=LOCAL_LIMIT,
                retry_policy=RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=100)),
            )
        except FailureError as error:  # a local activity's failure comes bare, or wrapped in an ActivityError
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("the log did not answer a local activity; asking until it does")
            answer = await workflow.execute_activity(
                APPEND,
                proposal,
                result_type=Answer,
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=5)
                ),
            )
        return answer

    def _adopt(self, rows: Iterable[EventRecord]) -> None:
        events = [read_event(row) for row in rows]
        self._state = self._decider.fold(self._state, events)
        self._version += len(events)

    async def _halt(self, why: str) -> None:
        """Stop until a person says `resume`: a wrong log must not be written on."""
        workflow.logger.error("halted: %s", why)
        workflow.upsert_search_attributes([ALARM.value_set(value=True)])
        workflow.set_current_details(f"**Остановлено:** {why}. Проверьте журнал и пошлите сигнал `{RESUME}`.")
        await workflow.wait_condition(lambda: self._resumed)
        self._resumed = False
        workflow.upsert_search_attributes([ALARM.value_set(value=False)])

    def send_letters(self) -> None:
        """Send what is due beside the loop: a mail server that hangs delays no command."""
        for key, notice in self.state.outbox.items():
            if key not in self._sending:
                self._sending[key] = asyncio.create_task(self._send(notice))
        for key in [key for key, task in self._sending.items() if task.done() and key not in self.state.outbox]:
            del self._sending[key]

    async def _send(self, notice: Notice) -> None:
        # Counted from its event: a run that takes the letter over goes on with what the run before has left of it.
        left = max(notice.since + LETTER_LIMIT - self.now(), LETTER_LEAST)
        try:
            outcome = await workflow.execute_activity(
                NOTIFY,
                LetterOrder(self._start.stream, notice.id),
                result_type=LetterOutcome,
                start_to_close_timeout=LETTER_TRY_LIMIT,
                schedule_to_close_timeout=left,
                retry_policy=LETTER_RETRY,
                summary=notice.id[:200],
            )
        except ActivityError as error:
            outcome = LetterOutcome("failed", str(error.cause or error)[:500])
        self._delivered.append(Delivered(notice.id, outcome.outcome, outcome.detail, self.now()))


def _is_prompt(arrival: Arrival) -> bool:
    """Tell whether a command says that it was sent a moment before it was seen; one that does not say so is not."""
    sent_at = arrival.record.get("sent_at") if isinstance(arrival.record, dict) else None
    try:
        return instant(arrival.seen_at) - instant(str(sent_at)) <= PROMPT
    except ValueError:
        return False


# What Temporal's own pages show to its operator, in the language of the office.
STAGE_WORDS = {
    "planned": "ещё не начато",
    "open": "в работе",
    "reported": "ждёт приёмки",
    "accepted": "снято с контроля",
    "withdrawn": "отозвано",
    "left-open": "не исполнено к закрытию",
}


@workflow.defn(name="Measure")
class OldMeasureWorkflow:
    """A measure that was begun with an older program."""

    @workflow.init
    def __init__(self, start: OldInput) -> None:
        self._stream = OldStream(MEASURE, start)
        self._shown: tuple[object, ...] = ()

    @workflow.run
    async def run(self, _start: OldInput) -> list[str]:
        """Live until the year closes; return the assignments that were left open."""
        state = await self._stream.load()
        while not state.closed:
            self._show(state)
            self._stream.send_letters()
            state = await self._stream.step()
            if not state.closed:
                self._stream.continue_if_long()
        await self._stream.finish()
        self._show(self._stream.state)
        return sorted(key for key, item in state.assignments.items() if STAGE_NAMES[type(item.stage)] == "left-open")

    @workflow.signal(name=SUBMIT)
    def submit(self, record: Any) -> None:
        """Take a command: the record of `domain.codec.command_record`."""
        self._stream.submit(record)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on after a halt."""
        self._stream.resume()

    def _show(self, state: MeasureState) -> None:
        """Show the operator of Temporal where the measure stands, where that has changed."""
        stages = Counter(STAGE_NAMES[type(item.stage)] for item in state.assignments.values())
        overdue = sum(item.overdue for item in state.assignments.values())
        due = MEASURE.due(state)
        stage = stage_of(state)
        shown = (stage, overdue, due.at if due else None, tuple(stages.items()))
        if shown == self._shown:
            return
        self._shown = shown
        workflow.upsert_search_attributes(
            [
                STAGE.value_set(stage),
                OVERDUE.value_set(overdue),
                NEXT_DUE.value_set(due.at) if due else NEXT_DUE.value_unset(),
            ]
        )
        workflow.set_current_details(_measure_details(state, stages, overdue))


def _measure_details(state: MeasureState, stages: Counter[str], overdue: int) -> str:
    measure = state.plan.measure
    due = MEASURE.due(state)
    lines = [f"**{measure.number}. {measure.title}**", "", f"Срок в приказе: {measure.deadline}", ""]
    if state.undated:
        lines.append("- сроков нет: ждёт графика")
    lines += [f"- {STAGE_WORDS[stage]}: {count}" for stage, count in stages.items()]
    if overdue:
        lines.append(f"- **просрочено: {overdue}**")
    if due:
        day = state.plan.policy.local_date(due.at)
        lines.append(f"- следующее событие: {day:%d.%m.%Y}")
    return "\n".join(lines)


@workflow.defn(name="Roadmap")
class OldYearWorkflow:
    """A year that was begun with an older program."""

    @workflow.init
    def __init__(self, start: OldInput) -> None:
        self._start = start
        self._stream = OldStream(YEAR, start)

    @workflow.run
    async def run(self, _start: OldInput) -> None:
        """Start what is not running yet, live until the year closes, and close every measure."""
        state = await self._stream.load()
        if not state.closed:
            await self._all_measures(START_MEASURES, state)
        while not state.closed:
            workflow.set_current_details(_year_details(state))
            state = await self._stream.step()
            if not state.closed:
                self._stream.continue_if_long()
        await self._all_measures(CLOSE_MEASURES, state)
        await self._stream.finish()

    @workflow.signal(name=SUBMIT)
    def submit(self, record: Any) -> None:
        """Take a command: the record of `domain.codec.command_record`."""
        self._stream.submit(record)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on after a halt."""
        self._stream.resume()

    async def _all_measures(self, activity: str, state: YearState) -> None:
        start = self._start
        order = YearOrder(state.definition.id, start.offset_microseconds, start.turns_per_run, start.jitter_seconds)
        await workflow.execute_activity(
            activity, order, start_to_close_timeout=ALL_MEASURES_LIMIT, heartbeat_timeout=HEARTBEAT_LIMIT
        )


def _year_details(state: YearState) -> str:
    definition = state.definition
    return "\n".join(
        [
            f"**{definition.title}**",
            "",
            f"Приказ № {definition.order.number} от {definition.order.date:%d.%m.%Y}",
            "",
            f"- мероприятий: {len(definition.measures)}",
            f"- показателей: {len(definition.indicators)}, значений получено: {len(state.values)}",
        ]
    )
