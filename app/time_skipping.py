"""Playing a year on the real engine with skipped time: for the demo and for the tests of the engine.

The rehearsal knows at which moments something happens, and to whom. At each of them, in calendar order, only the
workflows concerned are moved there; the next moment comes when the log has what the rehearsal has. Time skipping is
an experimental part of Temporal's SDK and is used nowhere else.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from app.log import Connection, Year, read_year
from app.sending import Answered, send, stream_of
from app.years import close_year, recover_year, start_year
from domain.errors import VekhaError
from domain.rehearsal import Lived, Sent, rehearse
from domain.roadmap import Roadmap, measure_stream, year_stream

MOST_SKIPS = 100_000
WAIT_SECONDS = 30.0
POLL_SECONDS = 0.005


class OutOfStep(VekhaError):
    """The engine did not do what the rehearsal says; the text names the stream and the moment."""


@dataclass(frozen=True)
class Played:
    """A year that was played: its state, what the rehearsal says of it, and the answers to its commands in order."""

    year: Year
    rehearsed: Sequence[Lived]
    answers: Sequence[Answered]


class Player:
    """Plays years on a server that can skip time. The worker has to use `client` too."""

    def __init__(self, client: Client) -> None:
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(max_session_skip_count=MOST_SKIPS))
        # No workflow skips by itself from its start on, it is moved. The switch is the skipper's, not a block's: two
        # years that start at once would turn it on under each other, so it is turned off once and for good.
        self._off = ExitStack()
        self._off.enter_context(self._skipper.with_time_skipping_disabled())

    @property
    def client(self) -> Client:
        """Return the client whose workflows can be moved in time."""
        return self._skipper.client

    async def start(
        self, connection: Connection, roadmap: Roadmap, source: str, *, turns_per_run: int | None = None
    ) -> Year:
        """Start a year on the day of its order, its clocks under our hand."""
        begun = await start_year(
            self.client, connection, roadmap, source, rehearsal_from=roadmap.order.date, turns_per_run=turns_per_run
        )
        year = read_year(connection, begun["roadmap"])
        assert year is not None, "it has just been started"  # noqa: S101
        return year

    async def play(
        self,
        connection: Connection,
        year: Year,
        source: str,
        sent: Sequence[Sent],
        close_at: datetime,
        *,
        incident: tuple[datetime, Callable[[], Awaitable[None]]] | None = None,
        calendar: bool = True,
    ) -> Played:
        """Play a started year to its close, in step with its rehearsal; an incident happens before its moment.

        Without `calendar` it stops for commands only: in between each workflow goes through its moments by itself, and
        the log has the events of different streams in any order. That takes a fraction of the time.
        """
        rehearsed = rehearse(year.roadmap, source, year.started_at, sent, close_at=close_at, offset=year.state.offset)
        answers: list[Answered] = []
        moments: dict[datetime, tuple[dict[str, int], list[Sent]]] = defaultdict(lambda: ({}, []))
        for item in rehearsed:
            moments[item.event.received_at][0][item.stream] = item.version
        for call in sent:
            moments[call.command.sent_at][1].append(call)
        expected: dict[str, int] = {}
        for at, (versions, calls) in sorted(moments.items()):
            if at >= close_at:
                break
            expected |= versions
            if not (calendar or calls):
                continue
            if incident is not None and at >= incident[0]:
                await incident[1]()
                incident = None
            addressees = [stream_of(year.roadmap, call.measure, call.command) for call in calls]
            if at > year.started_at:
                await asyncio.gather(*(self.move(stream, year, at) for stream in {*expected, *addressees}))
            for call, stream in zip(calls, addressees, strict=True):
                # Nobody reads the projections before the close, which waits for them.
                answers.append(await send(self.client, connection, stream, call.command, WAIT_SECONDS, shown=False))
            await self._in_step(connection, expected, at)
            expected = {}
        measures = [measure_stream(year.roadmap.id, measure.number) for measure in year.roadmap.measures]
        await asyncio.gather(
            *(self.move(stream, year, close_at) for stream in (year_stream(year.roadmap.id), *measures))
        )
        await self._in_step(connection, expected, close_at)
        await close_year(self.client, connection, year, close_at)
        ended = read_year(connection, year.roadmap.id)
        assert ended is not None, "it has just been closed"  # noqa: S101
        return Played(ended, rehearsed, answers)

    async def recover(self, connection: Connection, year: Year) -> dict[str, Any]:
        """Bring a year back from the log, its clocks under our hand."""
        return await recover_year(self.client, connection, year)

    async def move(self, stream: str, year: Year, at: datetime) -> None:
        """Move one workflow's clock to a moment of the year; clocks only go forward."""
        handle = self.client.get_workflow_handle(stream)
        ahead = at - year.state.offset - await self._skipper.get_current_time(handle)
        if ahead > timedelta():
            await self._skipper.fast_forward(handle, ahead)

    async def _in_step(self, connection: Connection, expected: dict[str, int], at: datetime) -> None:
        """Wait until the log has come as far as the rehearsal in these streams."""
        until, pause = time.monotonic() + WAIT_SECONDS, POLL_SECONDS
        while True:
            rows = connection.execute(
                "select stream, max(version) from vekha.event where stream = any(%s) group by stream", (list(expected),)
            ).fetchall()
            stored: dict[str, int] = dict(rows)
            behind = {stream: version for stream, version in expected.items() if stored.get(stream, 0) < version}
            if not behind:
                return
            if time.monotonic() > until:
                raise OutOfStep(f"at {at} the log has {stored}, the rehearsal {behind}")
            await asyncio.sleep(pause)
            pause *= 1.5  # what takes long is not asked about all the time: the servers need the processor
