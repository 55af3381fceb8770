"""Whole programs on the clock: the rehearsal of the example's year, and `make demo` after its set-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from bench.figures import Demand, Result, Spread
from settings import ROOT, settings

REHEARSAL = """
import json, time
from pathlib import Path
from domain.rehearsal import rehearse
from doors.cli.demo import CLOSES_AFTER, EXAMPLE
from app.years import first_moment
from orders.scenario import load_scenario
from orders.yaml_file import load_roadmap

begun = time.perf_counter()
loaded = load_roadmap(EXAMPLE / "roadmap.yaml")
roadmap = loaded.roadmap
sent = [step.sent() for step in load_scenario(EXAMPLE / "scenario.yaml", roadmap.policy.zone)]
read = time.perf_counter()
lived = rehearse(roadmap, loaded.source, first_moment(roadmap), sent)
done = time.perf_counter()
print(json.dumps({"read": read - begun, "rehearse": done - read, "events": len(lived)}))
"""


def rehearsal(rounds: int) -> Result:
    """Time the rehearsal in a new process each: its imports do not count, its reading of the files is told apart."""
    runs = []
    for _ in range(rounds):
        run = subprocess.run([sys.executable, "-c", REHEARSAL], cwd=ROOT, check=True, stdout=subprocess.PIPE)
        runs.append(json.loads(run.stdout))
    rehearsing = Spread(tuple(run["rehearse"] for run in runs), "s")
    reading = Spread(tuple(run["read"] for run in runs), "s")
    return Result(
        f"rehearsal: the year of the example with its scenario, {runs[0]['events']} events",
        {"rehearsing": rehearsing, "reading the roadmap and the scenario": reading},
        (Demand("rehearsing, s", rehearsing.median, at_most=0.5),),
    )


def demo(rounds: int) -> Result:
    """Time `make demo` as a whole process, on a new stack each time; its programs are there already."""
    var = settings().var / "bench" / "demo"
    var.mkdir(parents=True, exist_ok=True)
    if not (var / "bin").exists():
        (var / "bin").symlink_to(settings().var / "bin")
    times = []
    for number in range(rounds):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "doors.cli.demo"],
            cwd=ROOT,
            env=dict(os.environ) | {"VEKHA_VAR": str(var)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        times.append(time.perf_counter() - begun)
        print(f"  demo, round {number + 1}: {times[-1]:.1f} s", flush=True)
    whole = Spread(tuple(times), "s")
    return Result(
        "demo: the whole process, its servers started and stopped included",
        {"make demo after set-up": whole},
        (Demand("make demo after set-up, s", whole.median, at_most=60),),
    )
