"""How much of the processors each part of a run takes, and how much others took meanwhile.

On a machine that others use too, the clock says little; what a command costs the processors says more.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from stack import Stack
from stack.process import descendants

TICKS = os.sysconf("SC_CLK_TCK")
QUIET_PERCENT = 8.0
LOOK_SECONDS = 2.0
BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq of the first line of /proc/stat


class Meter:
    """Counts from its making on."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._spent = _spent(stack)
        self._machine = _machine()

    def costs(self, commands: int) -> dict[str, float]:
        """Return the processor milliseconds a command: of the senders, the workers, the servers, and in all."""
        parts = {part: 1000 * (now - self._spent[part]) / commands for part, now in _spent(self._stack).items()}
        return {**parts, "all": sum(parts.values())}

    def others(self) -> float:
        """Return how many percent of the machine were spent by what does not belong to this run."""
        own = sum(_spent(self._stack).values()) - sum(self._spent.values())
        busy, whole = (now - then for now, then in zip(_machine(), self._machine, strict=True))
        return max(0.0, 100 * (busy - own) / whole)


async def wait_for_quiet(stack: Stack, patience: float) -> None:
    """Wait until others leave the machine alone, or until patience, in seconds, has run out."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        meter = Meter(stack)
        await asyncio.sleep(LOOK_SECONDS)
        if meter.others() < QUIET_PERCENT:
            return


def _spent(stack: Stack) -> dict[str, float]:
    own = os.getpid()
    servers = {"Temporal": stack.temporal.process.pid, "PostgreSQL": stack.postgres.process.pid}
    elsewhere = {pid for server in servers.values() if server for pid in descendants(server)}
    return {
        "senders": _seconds(own, with_children=False),
        "workers": sum(_seconds(pid) for pid in descendants(own) if pid != own and pid not in elsewhere),
        **{name: sum(map(_seconds, descendants(pid))) if pid else 0.0 for name, pid in servers.items()},
    }


def _machine() -> tuple[float, float]:
    """Return the seconds that all processors were busy, and that they were there."""
    ticks = [int(field) for field in Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0].split()[1:9]]
    return sum(ticks[place] for place in BUSY) / TICKS, sum(ticks) / TICKS


def _seconds(pid: int, *, with_children: bool = True) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11 : 15 if with_children else 13]) / TICKS
