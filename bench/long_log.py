"""A long log: how fast it is verified, folded into a read model anew, and asked for the state of a past day.

The log is the example's year and then interim reports until it is as long as asked: `python -m bench.long_log [EVENTS]`.
The state is asked through the reader's door, as a whole process, from a log of a tenth and from the whole: its memory
must not grow with the log.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import psycopg

from bench.figures import Demand, Result, Spread
from bench.log import begin, grow, log, server
from eventlog.read import PAGE, SEALED
from eventlog.sessions import Connection
from eventlog.verify import verify
from projections.projector import Projection, rebuild
from projections.read_models import READ_MODELS
from settings import ROOT

EVENTS = 1_000_000
VERIFIED = 400_000
REBUILT = 250_000
STATE_SECONDS = 5.0
MEMORY = 1.2  # times that of a log of a tenth: what the interpreter itself moves by
STATE = ("report.py", "board", "--as-of", "2022-12-31", "--json")
LEARNT = ("audit.py", "state", "--as-of", "2022-12-31", "--known-at", "2022-08-31", "--json")


def long_log(server_url: str, rounds: int, events: int = EVENTS) -> Result:
    """Measure all of it, beside the plain reading of the same rows in pages by their positions."""
    with log(server_url) as url, psycopg.connect(url, autocommit=True) as connection:
        size = begin(connection, url)
        sealing = grow(connection, size, events // 10)
        _, small = _asked(url, STATE)
        sealing += grow(connection, events // 10, events)
        print(f"  {events} events are there", flush=True)
        read = _rate(events, rounds, lambda: _read(connection, events))
        verified = _rate(events, rounds, lambda: _verify(connection, events))
        # What is measured is the way through the log: the live tables, to compare with, stay empty at its end.
        for model in READ_MODELS:
            rebuild(connection, model, swap=False)
        connection.execute("update vekha.projection set position = %s", (events,))
        board, indicators = (
            _rate(events, rounds, partial(_rebuild, connection, model, events)) for model in READ_MODELS
        )
        states = [_asked(url, STATE) for _ in range(rounds)]
        learnt = [_asked(url, LEARNT) for _ in range(rounds)]
    seconds = Spread(tuple(took for took, _ in states), "s")
    memory = Spread(tuple(used for _, used in states), "MiB")
    return Result(
        f"log: {events} events",
        {
            "sealed, in blocks of 20,000": Spread((events / sealing,), "events a second"),
            "read by psycopg, in pages": read,
            "verified": verified,
            "board rebuilt": board,
            "indicators rebuilt": indicators,
            "board as of a day": seconds,
            "state as known on a day, and what was learnt later": Spread(tuple(took for took, _ in learnt), "s"),
            "memory for that": memory,
            "memory for that, of a log of a tenth": Spread((small,), "MiB"),
        },
        (
            Demand("verified, events a second", verified.median, at_least=VERIFIED),
            Demand("board rebuilt, events a second", board.median, at_least=REBUILT),
            Demand("board as of a day, s", seconds.median, at_most=STATE_SECONDS),
            Demand("memory for that, times that of a log of a tenth", memory.median / small, at_most=MEMORY),
        ),
    )


def _rate(events: int, rounds: int, work: Callable[[], object]) -> Spread:
    rates = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        rates.append(events / (time.perf_counter() - began))
    return Spread(tuple(rates), "events a second")


def _read(connection: Connection, events: int) -> None:
    position = 0
    while rows := connection.execute(SEALED, (position, PAGE)).fetchall():
        position = rows[-1][-1]
    assert position == events, position


def _verify(connection: Connection, events: int) -> None:
    result = verify(connection)
    assert (result.size, result.count) == (events, 0), f"{result.count} discrepancies in {result.size} events"


def _rebuild(connection: Connection, model: Projection[Any], events: int) -> None:
    difference = rebuild(connection, model, swap=False)
    assert difference.position == events, difference
    assert difference.rows == difference.differing > 0, difference


def _asked(url: str, question: Sequence[str]) -> tuple[float, float]:
    """Return the seconds and the MiB that a door takes, as a process."""
    environment = dict(os.environ) | {"DATABASE_URL": url}
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *question], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as door:
        _, status, usage = os.wait4(door.pid, 0)
        door.returncode = os.waitstatus_to_exitcode(status)
    assert door.returncode == 0, f"{question} ended with {door.returncode}"
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    """Measure once, on a server of its own."""
    with server() as url:
        print(long_log(url, 3, int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))


if __name__ == "__main__":
    main()
