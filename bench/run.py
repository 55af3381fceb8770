"""`make bench`: everything, or what is named: `bench/run.py [alone] [burst] [append] [log] ...`. See docs/benchmarks.md."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # the project's rooms, not this folder
    runpy.run_module("bench.suite", run_name="__main__")
