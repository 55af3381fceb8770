"""From a command sent to its row committed: one after the other, and a burst of them."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack

from bench.contestants import MEASURES, Bench, Contestant, Track, bare_engine, dbos_messages, dbos_queue, vekha
from bench.figures import Demand, Result, Spread, percentile, ratio, spread
from bench.processors import Meter, wait_for_quiet

VEKHA, BARE, DBOS, DBOS_QUEUE = "Vekha", "the bare engine", "DBOS, messages", "DBOS, queue"
CONTESTANTS: dict[str, Contestant] = {
    VEKHA: vekha,
    BARE: bare_engine,
    DBOS: dbos_messages,
    DBOS_QUEUE: dbos_queue,
}
WARM = 2  # commands a measure before anything is measured
TURNS = 12  # each a command a measure
BURST = 2000
SENDERS = 16
LIMIT_SECONDS = 180.0
LOOK_SECONDS = 0.001
COUNT_SECONDS = 0.02


async def alone(bench: Bench, rounds: int) -> Result:
    """Measure the milliseconds from sending a command to seeing its row, with nothing else going on.

    Both contestants are up, and take turns of a command a measure: what else the machine does disturbs both alike.
    """
    names = [VEKHA, BARE]
    medians: list[dict[str, float]] = []
    times: dict[str, list[float]] = {name: [] for name in names}
    others: list[float] = []
    for number in range(rounds):
        async with AsyncExitStack() as running:
            tracks = {name: await running.enter_async_context(CONTESTANTS[name](bench, number)) for name in names}
            for track in tracks.values():
                await _warm_up(bench, track)
            await wait_for_quiet(bench.stack, bench.patience)
            meter = Meter(bench.stack)
            for turn in range(TURNS):
                middle = {}
                for name in _order(names, turn):
                    taken = [await _one(bench, tracks[name], turn, place) for place in range(MEASURES)]
                    times[name] += taken
                    middle[name] = statistics.median(taken)
                medians.append(middle)
            others.append(meter.others())
            for track in tracks.values():
                track.check(bench.connection, (WARM + TURNS) * MEASURES)
        told = ratio(medians[-TURNS:], VEKHA, BARE)
        _progress("alone", number, f"{VEKHA} / {BARE}", f"{told}; others {others[-1]:.0f} %")
    compared = ratio(medians, VEKHA, BARE)
    whole = statistics.median(times[VEKHA]) / statistics.median(times[BARE])
    return Result(
        f"alone: a command sent until its row is committed, {len(times[VEKHA])} commands each",
        {
            **{f"{name}, medians": spread(medians, name, "ms") for name in names},
            **{f"{name}, 95 %": Spread((percentile(times[name], 0.95),), "ms") for name in names},
            "Vekha / the bare engine, turn by turn": compared,
            "taken by others meanwhile": Spread(tuple(others), "% of the processors"),
        },
        (Demand("Vekha / the bare engine, medians of all commands", whole, at_most=1.3),),
    )


async def burst(bench: Bench, rounds: int) -> Result:
    """Measure the commands a second when 16 senders send 2,000, until every row is committed."""
    rates: list[dict[str, float]] = []
    costs: list[dict[str, float]] = []
    others: list[float] = []
    for number in range(rounds):
        rate, cost = {}, {}
        for name in _order(list(CONTESTANTS), number):
            async with CONTESTANTS[name](bench, number) as track:
                await _warm_up(bench, track)
                await wait_for_quiet(bench.stack, bench.patience)
                meter = Meter(bench.stack)
                rate[name] = BURST / await _burst(bench, track)
                others.append(meter.others())
                parts = meter.costs(BURST)
                track.check(bench.connection, WARM * MEASURES + BURST)
            cost[name] = parts["all"]
            told = ", ".join(f"{part} {milliseconds:.1f}" for part, milliseconds in parts.items())
            _progress("burst", number, name, f"{rate[name]:.0f}/s; ms a command: {told}; others {others[-1]:.0f} %")
        rates.append(rate)
        costs.append(cost)
    best = max((DBOS, DBOS_QUEUE), key=lambda name: spread(rates, name, "").median)
    compared, other, bare = ratio(rates, VEKHA, DBOS), ratio(rates, VEKHA, DBOS_QUEUE), ratio(rates, VEKHA, BARE)
    return Result(
        f"burst: {BURST} commands from {SENDERS} senders over 27 measures, all rows committed",
        {
            **{name: spread(rates, name, "commands/s") for name in CONTESTANTS},
            **{f"{name}, processors": spread(costs, name, "ms/command") for name in CONTESTANTS},
            f"Vekha / {DBOS}": compared,
            f"Vekha / {DBOS_QUEUE}": other,
            "Vekha / the bare engine": bare,
            "taken by others meanwhile": Spread(tuple(others), "% of the processors"),
        },
        (Demand(f"Vekha / {DBOS}, commands a second", compared.median, at_least=4),),
        (f"the better of DBOS here: {best}",),
    )


async def _warm_up(bench: Bench, track: Track) -> None:
    """Let every workflow be in the worker's cache."""
    await asyncio.gather(
        *(track.send(place, f"warm-{turn}-{place}") for place in range(MEASURES) for turn in range(WARM))
    )
    await _until(lambda: track.total(bench.connection) >= WARM * MEASURES, COUNT_SECONDS)
    await asyncio.sleep(0.5)


async def _one(bench: Bench, track: Track, turn: int, place: int) -> float:
    """Return the milliseconds that one command took."""
    before = track.version(bench.connection, place)
    begun = time.perf_counter()
    await track.send(place, f"alone-{turn}-{place}")
    await _until(lambda: track.version(bench.connection, place) > before, LOOK_SECONDS)
    return 1000 * (time.perf_counter() - begun)


async def _burst(bench: Bench, track: Track) -> float:
    """Return the seconds until all commands have their rows."""
    before = track.total(bench.connection)
    numbers: Iterator[int] = iter(range(BURST))

    async def sender() -> None:
        for number in numbers:
            await track.send(number % MEASURES, f"burst-{number}")

    begun = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    await _until(lambda: track.total(bench.connection) >= before + BURST, COUNT_SECONDS)
    return time.perf_counter() - begun


async def _until(there: Callable[[], bool], pause: float) -> None:
    """Look again and again, with so many seconds between."""
    until = time.monotonic() + LIMIT_SECONDS
    while True:
        if there():
            return
        assert time.monotonic() < until, f"rows are missing after {LIMIT_SECONDS} s"
        await asyncio.sleep(pause)


def _order(names: Sequence[str], number: int) -> list[str]:
    """Return the contestants in this round's order: nobody is always first."""
    first = number % len(names)
    return [*names[first:], *names[:first]]


def _progress(what: str, number: int, name: str, figure: str) -> None:
    print(f"  {what}, round {number + 1}: {name} {figure}", flush=True)
