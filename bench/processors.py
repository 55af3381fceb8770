"""How much of the processors each part of a run takes: unlike the clock, that says little of what else is running."""

from __future__ import annotations

import os
from pathlib import Path

from stack import Stack
from stack.process import descendants

TICKS = os.sysconf("SC_CLK_TCK")


def spent(stack: Stack) -> dict[str, float]:
    """Return the processor seconds so far of the senders, the workers, Temporal and PostgreSQL."""
    own = os.getpid()
    servers = {"Temporal": stack.temporal.process.pid, "PostgreSQL": stack.postgres.process.pid}
    elsewhere = {pid for server in servers.values() if server for pid in descendants(server)}
    return {
        "senders": _seconds(own, with_children=False),
        "workers": sum(_seconds(pid) for pid in descendants(own) if pid != own and pid not in elsewhere),
        **{name: sum(map(_seconds, descendants(pid))) if pid else 0.0 for name, pid in servers.items()},
    }


def since(before: dict[str, float], stack: Stack, commands: int) -> dict[str, float]:
    """Return the processor milliseconds a command that were spent since then, by part and in all."""
    parts = {name: 1000 * (seconds - before[name]) / commands for name, seconds in spent(stack).items()}
    return {**parts, "all": sum(parts.values())}


def _seconds(pid: int, *, with_children: bool = True) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11 : 15 if with_children else 13]) / TICKS
