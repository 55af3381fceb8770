"""A turn: what came to a stream, and what the clock has brought it, decided by the rules and appended to the log.

The stream is that of the workflow that asks, whatever it says: nobody appends to another's. The shift of a played year's
clock comes from the log. A turn may be tried again at any time: what an earlier try has appended is found there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from psycopg_pool import AsyncConnectionPool
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.received import Receipts
from activities.standing import Clock, NoStream, Standing, Standings
from activities.waking import Waves
from domain.codec import event_record, hear_command, instant, read_command
from domain.commands import Close, Delivered, Received
from domain.events import Event, YearClosed
from domain.measure import MeasureState, stage_of
from domain.records import canonical, digest, fingerprint
from domain.roadmap import is_measure, year_stream
from domain.turn import Due, Item
from eventlog.append import append
from eventlog.evidence import missing
from eventlog.sessions import AsyncConnection
from views.standing import standing_text
from wire.names import MEASURE_WORKFLOW, YEAR_WORKFLOW
from wire.signatures import TURN, Arrival, Shown, TurnAnswer, TurnOrder

Pool = AsyncConnectionPool[AsyncConnection]

# So many events go into the log at once; a turn that makes more goes on behind them.
AT_ONCE = 500
# A command that waited longer than this is judged by the server's time of its signal, not by the workflow's.
PROMPT = timedelta(minutes=1)
# So far the engine's clock may be ahead of the worker's in a year that is not played.
CLOCKS_APART = timedelta(minutes=10)
WRITERS = "select exists (select from vekha.event where stream = %s and version > %s and writer <> %s)"
ANSWERS = (
    "select command_id, command, received_at from vekha.event"
    " where stream = %s and command_id = any(%s) and command is not null order by version"
)
CLOSED = f"select exists (select from vekha.event where stream = %s and type = '{YearClosed.__name__}')"


class Turns:
    """The log's side of every stream."""

    def __init__(self, pool: Pool, standings: Standings, receipts: Receipts, waves: Waves, evidence: Path) -> None:
        self._pool = pool
        self._evidence = evidence
        self._standings = standings
        self._receipts = receipts
        self._waves = waves

    @activity.defn(name=TURN)
    async def turn(self, order: TurnOrder) -> TurnAnswer:
        """Decide and append; answer with where the stream has come to."""
        stream = stream_of_caller()
        async with self._pool.connection() as connection:
            try:
                return await self._turn(connection, stream, order)
            except NoStream as error:
                raise ApplicationError(str(error), type=NoStream.__name__, non_retryable=True) from error

    async def _turn(self, connection: AsyncConnection, stream: str, order: TurnOrder) -> TurnAnswer:
        clock = await self._standings.clock(connection, stream)
        engine_now = instant(order.now)
        if not clock.rehearsal and engine_now > datetime.now(UTC) + CLOCKS_APART:
            raise ApplicationError(f"the engine's clock says {order.now}, this machine's is far behind it")
        now = engine_now + clock.offset
        if order.resumed:
            self._standings.forget(stream)
        standing = await self._standings.of(connection, stream, order.version)
        if await self._strangers(connection, stream, standing, order):
            return TurnAnswer(order.version, stranger=True)
        items = await self._items(connection, stream, order, standing=standing, clock=clock, now=now)
        known: frozenset[str] = frozenset()
        while True:
            events, after = standing.decider.advance(standing.state, items, now, more=order.more, most=AT_ONCE)
            if not events:
                break
            records = [
                event_record(event, stream, standing.version + place, order.chain)
                for place, event in enumerate(events, start=1)
            ]
            answer = await append(connection, stream, standing.version, records, _fresh(events, known))
            if answer.outcome == "appended":
                standing = standing.grown(records, after)
                # Within the turn it stays known what it has answered.
                standing = replace(standing, state=replace(standing.state, answered=after.answered))
                known |= {event.command_id for event in events if event.command_id is not None}
            elif answer.outcome == "repeated":
                known |= {item.command.id for item in items if isinstance(item, Received)}
                answered = await _answered(connection, stream, known)
                standing = replace(standing, state=replace(standing.state, answered=answered))
            else:
                if any(row.writer != order.chain for row in answer.rows):
                    return TurnAnswer(order.version, stranger=True)
                standing = await self._standings.after(connection, stream)
                known = frozenset()
        standing = replace(standing, state=replace(standing.state, answered={}))
        standing = await self._standings.save(connection, stream, standing)
        self._standings.keep(stream, standing)
        return await self._answer(standing, order, clock)

    async def _strangers(self, connection: AsyncConnection, stream: str, standing: Standing, order: TurnOrder) -> bool:
        """Tell whether somebody else has written behind what the workflow knows: it has to stop before that."""
        if order.resumed or not 0 < order.version < standing.version:
            return False
        row = await (await connection.execute(WRITERS, (stream, order.version, order.chain))).fetchone()
        return row is not None and bool(row[0])

    async def _items(
        self,
        connection: AsyncConnection,
        stream: str,
        order: TurnOrder,
        *,
        standing: Standing,
        clock: Clock,
        now: datetime,
    ) -> list[Item]:
        """Return what came, each with the time at which the engine got it."""
        due = standing.decider.due(standing.state)
        times = await self._server_times(stream, order.arrivals, clock, moment_passed=due is not None and due.at <= now)
        items: list[Item] = []
        for arrival in order.arrivals:
            server = times.get(fingerprint(arrival.record)) if times else None
            seen = instant(arrival.seen_at if server is None else server) + clock.offset
            at = min(seen, now)
            command = hear_command(arrival.record, at)
            evidence = getattr(command.request, "evidence", ())
            lost = await asyncio.to_thread(missing, evidence, self._evidence) if evidence else ()
            items.append(Received(command, at, missing=lost))
        if is_measure(stream) and any(
            isinstance(item.command.request, Close) for item in items if isinstance(item, Received)
        ):
            row = await (await connection.execute(CLOSED, (year_stream(stream.partition("/")[0]),))).fetchone()
            closed = row is not None and bool(row[0])
            items = [replace(item, year_closed=closed) if isinstance(item, Received) else item for item in items]
        items += [Delivered(one.notice, one.outcome, one.detail, now) for one in order.outcomes]
        if order.give_up:
            items += [Delivered(key, "suppressed", "closed", now) for key in standing.state.outbox]
        return items

    async def _server_times(
        self, stream: str, arrivals: Sequence[Arrival], clock: Clock, *, moment_passed: bool
    ) -> dict[str, str]:
        """Return the server's times of those signals that cannot be judged by when the workflow saw them.

        Those are commands that waited for a worker, and all that share their turn with a moment that fell due.
        """
        doubtful: dict[str, list[str]] = {}
        for arrival in arrivals:
            if moment_passed or not _is_prompt(arrival, clock.offset):
                doubtful.setdefault(arrival.run_id, []).append(fingerprint(arrival.record))
        times: dict[str, str] = {}
        for run_id, digests in doubtful.items():
            times |= await self._receipts.times(stream, run_id, digests)
        return times

    async def _answer(self, standing: Standing, order: TurnOrder, clock: Clock) -> TurnAnswer:
        state = standing.state
        due: Due | None = standing.decider.due(state)
        due_at = wake_at = None
        if due is not None:
            due_at = (due.at - clock.offset).isoformat()
            if due_at != order.waits_for:
                wake_at = (await self._waves.wake(due.at, clock)).isoformat()
        shown = _shown(standing, due)
        return TurnAnswer(
            version=standing.version,
            letters=sum(not notice.rule for notice in state.outbox.values()),
            closed=state.closed,
            due_at=due_at,
            wake_at=wake_at,
            wake_for=f"{type(due.fact).__name__} {due.at:%d.%m.%Y %H:%M} UTC" if due is not None else "",
            shown=None if shown.digest == order.shown else shown,
        )


def stream_of_caller() -> str:
    """Return the stream of the workflow that asks. ApplicationError, for good, for a workflow that is none of ours."""
    info = activity.info()
    stream = info.workflow_id or ""
    if info.workflow_type != (MEASURE_WORKFLOW if is_measure(stream) else YEAR_WORKFLOW):
        raise ApplicationError(f"a workflow {info.workflow_type} has no stream of the log", non_retryable=True)
    return stream


def _shown(standing: Standing, due: Due | None) -> Shown:
    """Return what Temporal's pages show: where a stream stands, and what comes next."""
    state = standing.state
    details = standing_text(state, due)
    if not isinstance(state, MeasureState):
        return Shown(digest(details), details)
    overdue = sum(item.overdue for item in state.assignments.values())
    next_due = due.at.isoformat() if due is not None else None
    stage = stage_of(state)
    return Shown(digest(canonical([details, stage, overdue, next_due])), details, stage, overdue, next_due)


def _fresh(events: Sequence[Event], known: frozenset[str]) -> list[str]:
    """Return the ids of commands that the log must not have, of those that these events answer."""
    return [event.command.id for event in events if event.command is not None and event.command.id not in known]


async def _answered(connection: AsyncConnection, stream: str, ids: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the digests of the commands of these ids that a stream has answered."""
    answered: dict[str, tuple[str, ...]] = {}
    cursor = await connection.execute(ANSWERS, (stream, list(ids)))
    for id_, text, received_at in await cursor.fetchall():
        answered[id_] = (*answered.get(id_, ()), read_command(json.loads(text), received_at).digest)
    return answered


def _is_prompt(arrival: Arrival, offset: timedelta) -> bool:
    """Tell whether a command says that it was sent a moment before it was seen; one that does not say so is not."""
    sent_at = arrival.record.get("sent_at") if isinstance(arrival.record, dict) else None
    try:
        return instant(arrival.seen_at) + offset - instant(str(sent_at)) <= PROMPT
    except ValueError:
        return False
