"""The benchmarks as one program: all of them or those that are named; results are printed and kept in var/bench."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from temporalio.client import Client

from bench import appending, commands, long_log, programs, starting, wave
from bench.contestants import Bench, connect
from bench.figures import Result
from bench.log import server
from domain.errors import TwoTongued
from settings import Endpoints, settings
from stack import Stack

ON_SERVERS: dict[str, Callable[[Bench, int], Awaitable[Result]]] = {
    "alone": commands.alone,
    "burst": commands.burst,
    "starting": starting.starting,
}
PROGRAMS = {"rehearsal": programs.rehearsal, "demo": programs.demo}
ON_LOG = {"append": appending.appending, "seal": appending.sealing, "log": long_log.long_log}
ROUNDS = {"alone": 3, "burst": 3, "starting": 3, "wave": 1, "rehearsal": 5, "demo": 2, "append": 5, "seal": 3, "log": 3}


def main() -> int:
    """Measure; 0 where every demand is met, 1 where one is missed, 3 where a server cannot come up."""
    parser = argparse.ArgumentParser(prog="bench/run.py", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ROUNDS, []], help="which (default: all)")
    parser.add_argument("--rounds", type=int, help="rounds of each instead of its own number")
    parser.add_argument(
        "--patience", type=float, default=0, help="seconds to wait, before each figure, for others to leave the machine"
    )
    usual = wave.Size()
    parser.add_argument("--open", type=int, default=usual.open, help="wave: so many measures are open (%(default)s)")
    parser.add_argument("--waking", type=int, default=usual.waking, help="wave: so many of them wake (%(default)s)")
    chosen = parser.parse_args()
    ON_SERVERS["wave"] = partial(wave.wave, size=wave.Size(chosen.open, chosen.waking))
    names = [name for name in ROUNDS if not chosen.names or name in chosen.names]
    begun = datetime.now(UTC)
    print(f"{begun:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {_load()}", flush=True)
    met = True
    try:
        for name, result in _results(names, chosen.rounds, chosen.patience):
            print(f"\n{result}\n", flush=True)
            _keep(name, result, begun)
            met = met and all(demand.met for demand in result.demands)
    except TwoTongued as error:
        print(error.text(settings().lang), file=sys.stderr)
        return 3
    print(f"load at the end {_load()}; figures in {_folder()}")
    return 0 if met else 1


def _results(names: list[str], rounds: int | None, patience: float) -> Iterator[tuple[str, Result]]:
    for name in names:
        if name in PROGRAMS:
            yield name, PROGRAMS[name](rounds or ROUNDS[name])
    on_log = [name for name in names if name in ON_LOG]
    if on_log:
        with server() as url:
            for name in on_log:
                yield name, ON_LOG[name](url, rounds or ROUNDS[name])
    wanted = [name for name in names if name in ON_SERVERS]
    if wanted:
        stack = Stack("bench", time_skipping=False)
        with stack.session() as endpoints:
            # Beside those of a lasting stack they would tell of another log.
            os.environ |= {**endpoints.environment(), "VEKHA_CHECKPOINT_DIR": str(stack.folder / "checkpoints")}
            for name in wanted:
                yield name, asyncio.run(_on_servers(name, stack, endpoints, rounds or ROUNDS[name], patience))


async def _on_servers(name: str, stack: Stack, endpoints: Endpoints, rounds: int, patience: float) -> Result:
    client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
    with connect(endpoints) as connection:
        return await ON_SERVERS[name](Bench(stack, endpoints, client, connection, patience), rounds)


def _keep(name: str, result: Result, begun: datetime) -> None:
    document = {"begun": begun.isoformat(), "cores": os.cpu_count(), "load": os.getloadavg(), **result.record()}
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (_folder() / f"{name}.json").write_text(text, encoding="utf-8")


def _folder() -> Path:
    folder = settings().var / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _load() -> str:
    return "/".join(f"{value:.1f}" for value in os.getloadavg())


if __name__ == "__main__":
    sys.exit(main())
