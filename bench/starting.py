"""Starting a year: from the first call until every measure is planned in the log and its workflow takes its turns."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from bench.contestants import Bench, worker
from bench.figures import Result, Spread
from bench.processors import Meter
from bench.wave import end, years

MEASURES = 1000
WARM = 50


async def starting(bench: Bench, rounds: int) -> Result:
    """Measure the measures a second that a year of 500 begins with, and where the time of the processors goes."""
    later = datetime.now(UTC) + timedelta(days=30)
    rates: list[float] = []
    costs: list[dict[str, float]] = []
    others: list[float] = []
    async with worker(bench, "worker.py", ready=False):
        for _ in range(rounds):
            begun = await years(bench, "warm", WARM, later, letters=False)
            meter, since = Meter(bench.stack), time.monotonic()
            begun += await years(bench, "starting", MEASURES, later, letters=False)
            rates.append(MEASURES / (time.monotonic() - since))
            costs.append(meter.costs(MEASURES))
            others.append(meter.others())
            print(f"  {rates[-1]:.1f} measures a second; others {others[-1]:.0f} %", flush=True)
            await end(bench, begun)
    return Result(
        f"starting: {MEASURES} measures in years of 500",
        {
            "measures a second": Spread(tuple(rates), "a second"),
            **{
                f"processor time a measure, {part}": Spread(tuple(one[part] for one in costs), "ms")
                for part in costs[0]
            },
            "taken by others meanwhile": Spread(tuple(others), "% of the processors"),
        },
        (),
    )
