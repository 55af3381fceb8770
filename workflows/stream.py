"""The durable life of one stream: wait, let a turn be decided, show where it stands, continue as new.

A run holds nothing of its stream but how far it knows it. What it waits for stands here: signals that came, the next moment,
letters. What is decided about it, by the rules and from the log, is the turn's (`activities/turn.py`): so a change of the
rules changes no history, and a stream may grow without end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

from wire.names import ALARM, LETTERS_QUEUE, NEXT_DUE, OVERDUE, RESUME, STAGE, SUBMIT
from wire.payloads import record_in

with workflow.unsafe.imports_passed_through():
    from wire.signatures import (
        LOST_SIGNALS,
        PART,
        PART_BYTES,
        POST,
        TURN,
        Arrival,
        LetterOutcome,
        LostPart,
        LostRun,
        PostOrder,
        Shown,
        StreamInput,
        TurnAnswer,
        TurnOrder,
    )


LOCAL_LIMIT = timedelta(seconds=5)
# A long stream of which there is no snapshot is folded from its first event.
TURN_LIMIT = timedelta(minutes=5)
POST_LIMIT = timedelta(minutes=10)
POST_SILENCE = timedelta(minutes=2)
# So long the letters of a closed stream may go without a sign that one of them left.
CLOSING_LIMIT = timedelta(minutes=1)
# What may go along when a run continues as new: Temporal takes 2 MB.
CARRIED_BYTES = 1_000_000
HALTED = (
    "**Остановлено:** в журнале после версии {version} есть записи, которых этот процесс не делал. Сверьте журнал"
    " (audit.py replay) и пошлите сигнал `{resume}`."
)


class Stream:
    """One stream's loop; the workflow around it says what else there is to do."""

    def __init__(self, start: StreamInput) -> None:
        self._start = start
        self._version = start.version
        self._inbox: list[Arrival] = list(start.inbox)
        self._outcomes: list[LetterOutcome] = []
        self._letters = 0
        self._posting: asyncio.Task[None] | None = None
        self._turns = 0
        self._resumed = False
        self._halted = False
        self._looking = False
        self._timer: asyncio.Task[None] | None = None
        self._due_at: str | None = None
        self._shown = ""
        self.closed = False

    def hear(self, name: str, arguments: Sequence[RawValue]) -> None:
        """Take any signal: a command's record, leave to go on after a halt; what is neither changes nothing."""
        if name == SUBMIT:
            record, size = _record_of(arguments)
            self._inbox.append(Arrival(record, workflow.now().isoformat(), workflow.info().run_id, size))
        elif name == RESUME:
            self._resumed = self._halted
        else:
            workflow.logger.warning("a signal %r, which nobody here knows", name[:100])

    def look(self) -> None:
        """Let a turn be decided even though nothing came: the workflow around has something to do."""
        self._looking = True

    async def begin(self) -> None:
        """Take up where the log stands, and before that what lost runs were sent and had not turned."""
        for run_id in self._start.lost_runs:
            after: int | None = 0
            while after is not None:
                part = await workflow.execute_activity(
                    LOST_SIGNALS,
                    LostRun(run_id, after),
                    result_type=LostPart,
                    start_to_close_timeout=TURN_LIMIT,
                )
                after = part.after
                await self._turn(part.arrivals, more=True)
        await self._turn([], more=bool(self._inbox))

    async def step(self) -> None:
        """Wait for a command, a letter's outcome or the next moment, and let all that is there be decided, in parts."""
        await workflow.wait_condition(lambda: bool(self._inbox or self._outcomes or self._looking or self._rang()))
        self._looking = False
        part, self._inbox = _part(self._inbox)
        await self._turn(part, more=bool(self._inbox))

    def continue_if_long(self) -> None:
        """Continue as new when this run's history has grown; what waits in the inbox goes along.

        Not in the midst of a batch of letters: they would be sent again.
        """
        long = self._turns >= self._start.turns_per_run or workflow.info().is_continue_as_new_suggested()
        sending = self._posting is not None and self._turns < 2 * self._start.turns_per_run
        carried = sum(arrival.size for arrival in self._inbox)
        if long and not sending and not self._outcomes and carried <= CARRIED_BYTES:
            workflow.continue_as_new(StreamInput(self._start.turns_per_run, self._version, self._inbox))

    async def finish(self) -> None:
        """Answer what still came in; let the letters go as long as they do go, then record the rest as not sent."""
        while self._inbox or self._letters:
            self.send_letters()
            try:
                await workflow.wait_condition(lambda: bool(self._inbox or self._outcomes), timeout=CLOSING_LIMIT)
                give_up = False
            except TimeoutError:
                give_up = True
            part, self._inbox = _part(self._inbox)
            await self._turn(part, more=bool(self._inbox), give_up=give_up)
        if self._posting is not None:
            self._posting.cancel()

    async def _turn(self, part: list[Arrival], *, more: bool, give_up: bool = False) -> None:
        self._turns += 1
        outcomes, self._outcomes = self._outcomes, []
        while True:
            order = TurnOrder(
                version=self._version,
                now=workflow.now().isoformat(),
                chain=workflow.info().first_execution_run_id,
                arrivals=part,
                outcomes=outcomes,
                more=more,
                resumed=self._resumed,
                give_up=give_up,
                waits_for=None if self._rang() else self._due_at,
                shown=self._shown,
            )
            self._resumed = False
            answer = await self._decided(order)
            if not answer.stranger:
                break
            await self._halt()
        self._version, self._letters = answer.version, answer.letters
        self.closed = answer.closed
        self._wind(answer)
        if answer.shown is not None:
            self._show(answer.shown)

    async def _decided(self, order: TurnOrder) -> TurnAnswer:
        """Let a turn be decided: by a local activity, and where that fails by an ordinary one that is tried for ever."""
        try:
            answer: TurnAnswer = await workflow.execute_local_activity(
                TURN,
                order,
                result_type=TurnAnswer,
                schedule_to_close_timeout=LOCAL_LIMIT,
                retry_policy=RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=100)),
            )
        except FailureError as error:  # a local activity's failure comes bare, or wrapped in an ActivityError
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("a turn was not decided at once; asking until it is")
            answer = await workflow.execute_activity(
                TURN,
                order,
                result_type=TurnAnswer,
                start_to_close_timeout=TURN_LIMIT,
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=5)
                ),
            )
        return answer

    async def _halt(self) -> None:
        """Stop until a person says `resume`: a wrong log must not be written on."""
        workflow.logger.error("halted: rows of another writer after version %s", self._version)
        workflow.upsert_search_attributes([ALARM.value_set(value=True)])
        workflow.set_current_details(HALTED.format(version=self._version, resume=RESUME))
        self._halted, self._shown = True, ""
        await workflow.wait_condition(lambda: self._resumed)
        self._halted = False
        workflow.upsert_search_attributes([ALARM.value_set(value=False)])

    def _wind(self, answer: TurnAnswer) -> None:
        """Keep the one timer at the next moment: turns that leave that moment where it is wind no other."""
        if answer.due_at is not None and answer.wake_at is None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._due_at = answer.due_at
        if answer.wake_at is not None:
            self._timer = asyncio.create_task(self._wait_until(datetime.fromisoformat(answer.wake_at), answer.wake_for))

    def _rang(self) -> bool:
        return self._timer is not None and self._timer.done()

    async def _wait_until(self, at: datetime, what: str) -> None:
        wait = at - workflow.now()
        if wait > timedelta():
            await workflow.sleep(wait, summary=what)

    def _show(self, shown: Shown) -> None:
        """Show the operator of Temporal where the stream stands."""
        self._shown = shown.digest
        workflow.set_current_details(shown.details)
        if shown.stage is not None:
            due = shown.next_due
            workflow.upsert_search_attributes(
                [
                    STAGE.value_set(shown.stage),
                    OVERDUE.value_set(shown.overdue),
                    NEXT_DUE.value_set(datetime.fromisoformat(due)) if due else NEXT_DUE.value_unset(),
                ]
            )

    def send_letters(self) -> None:
        """Send what waits beside the loop, batch after batch: a mail server that hangs delays no command."""
        if self._letters and self._posting is None and not self._outcomes:
            self._posting = asyncio.create_task(self._post())

    async def _post(self) -> None:
        try:
            outcomes: list[LetterOutcome] = await workflow.execute_activity(
                POST,
                PostOrder(self._version),
                result_type=list[LetterOutcome],
                task_queue=LETTERS_QUEUE,
                start_to_close_timeout=POST_LIMIT,
                heartbeat_timeout=POST_SILENCE,
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(hours=1)),
            )
            self._outcomes += outcomes
            self._looking = not outcomes  # nothing waits there: the next turn tells what the stream has come to
        finally:
            self._posting = None


def _record_of(arguments: Sequence[RawValue]) -> tuple[Any, int]:
    """Return what a signal brought and its bytes: anything may have come, or nothing."""
    if not arguments:
        return None, 0
    record = record_in(arguments[0].payload)
    return record, len(record) if isinstance(record, str) else len(arguments[0].payload.data)


def _part(inbox: Iterable[Arrival]) -> tuple[list[Arrival], list[Arrival]]:
    """Return the part of an inbox that one turn takes, and the rest: at most PART and PART_BYTES, but one at least."""
    waiting = list(inbox)
    size = 0
    for place, arrival in enumerate(waiting):
        size += arrival.size
        if place and (place == PART or size > PART_BYTES):
            return waiting[:place], waiting[place:]
    return waiting, []
