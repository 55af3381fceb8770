"""Waves: many measures wait for one instant, and would stand in the way of everybody's commands if all woke at once.

So each wakes a little later than the one before it. That moves a wake, never a moment in an event.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from activities.standing import Clock

# So long what Temporal has counted is gone on from: its own count comes a second late.
COUNTED_SECONDS = 10.0
LATEST = timedelta(minutes=10)
INSTANTS = 1000


@dataclass
class _Wave:
    size: int
    counted: float


class Waves:
    """How many streams wait for each instant: counted by Temporal over all years, gone on with by this worker.

    `rate` is how many may wake in a second.
    """

    def __init__(self, client: Client, rate: float) -> None:
        self._client = client
        self._rate = rate
        self._waves: OrderedDict[datetime, _Wave] = OrderedDict()

    async def wake(self, at: datetime, clock: Clock) -> datetime:
        """Return when, by the engine's clock, a stream that begins to wait for an instant of its year may look.

        Years that are played wake at the instant itself, and so does what is late already.
        """
        spread = not clock.rehearsal and at > datetime.now(UTC)
        return at - clock.offset + (await self.place(at) if spread else timedelta())

    async def place(self, at: datetime) -> timedelta:
        """Return how much later than the instant a stream that begins to wait for it may look, LATEST at most."""
        wave = self._waves.get(at)
        if wave is None or time.monotonic() - wave.counted > COUNTED_SECONDS:
            counted = await self._count(at, wave.size if wave else 0)
            meanwhile = self._waves.get(at)
            wave = self._waves[at] = _Wave(max(counted, meanwhile.size if meanwhile else 0), time.monotonic())
            if len(self._waves) > INSTANTS:
                self._waves.popitem(last=False)
        place, wave.size = wave.size, wave.size + 1
        return timedelta(seconds=place / self._rate) % LATEST

    async def _count(self, at: datetime, known: int) -> int:
        instant = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        try:
            counted = await self._client.count_workflows(f"ExecutionStatus = 'Running' AND VekhaNextDue = '{instant}'")
        except RPCError:
            return known  # a wave that is not known is a wave that is not spread: nothing depends on it
        return max(counted.count, known)
