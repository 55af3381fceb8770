"""What a superuser does to the log, found or not: `python -m bench.tampering [TRIES [CLEAN]]`, on a server of its own.

Each try changes a sound log in one way, at a random place, and is undone. With an outside checkpoint all of them have
to be found. And no log that was left alone may be accused, whatever life it has had: each has a size, blocks, rollbacks,
rival sealers and restores of its own.
"""

from __future__ import annotations

import random
import sys

import psycopg

from bench.figures import Demand
from bench.log import database, log, server
from eventlog.checkpoints import Checkpoint
from eventlog.verify import verify_seen
from tests.eventlog.lives import accused, lead_a_life
from tests.eventlog.tampering import KINDS, unguarded

SIZE = 40
OUTSIDE = "select origin, last_position, merkle_root from vekha.log, vekha.block order by no desc limit 1"


def main() -> int:
    """Print, for each kind, how many tries were found without and with a checkpoint; 1 where one was not."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    clean = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with server() as url:
        alarms = _clean(url, clean)
        print(f"left alone: {alarms} of {clean} accused", flush=True)
        with log(url) as tampered, psycopg.connect(tampered, autocommit=True) as connection:
            missed = _tampered(connection, tampered, tries)
    demands = (
        Demand("accused of those left alone", alarms, at_most=0),
        Demand("not found with a checkpoint", missed, at_most=0),
    )
    print(*demands, sep="\n")
    return 0 if all(demand.met for demand in demands) else 1


def _clean(server_url: str, count: int) -> int:
    """Let so many logs live; return how many of them are accused."""
    alarms = 0
    with log(server_url, "template"):
        for number in range(count):
            with database(server_url, f"life_{number}", template="template") as url:
                alarms += accused(lead_a_life(url, random.Random(number)), url)  # noqa: S311 - the same lives every time
    return alarms


def _tampered(connection: psycopg.Connection, url: str, tries: int) -> int:
    """Tamper with one log in all ways; return how many tries a checkpoint did not find."""
    chance = random.Random(1)  # noqa: S311 - the same tries every time
    lead_a_life(url, chance, size=SIZE)
    row = connection.execute(OUTSIDE).fetchone()
    assert row is not None
    outside = Checkpoint(*row)
    unguarded(connection)
    missed = 0
    for kind, tamper in KINDS.items():
        alone = found = 0
        for _ in range(tries):
            with connection.transaction(force_rollback=True):
                tamper(connection, chance, SIZE)
                alone += bool(verify_seen(connection).count)
                found += bool(verify_seen(connection, [outside]).count)
        print(f"{kind}: {alone} of {tries} found by the chain alone, {found} with a checkpoint", flush=True)
        missed += tries - found
    return missed


if __name__ == "__main__":
    sys.exit(main())
