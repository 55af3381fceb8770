"""What a superuser does to the log, found or not: `python -m bench.tampering [TRIES [CLEAN]]`, on a stack of its own.

Each try changes a sound log in one way, at a random place, and is undone. With an outside checkpoint all of them have
to be found, and no log left alone may be accused.
"""

from __future__ import annotations

import asyncio
import random
import sys

import psycopg

from eventlog.checkpoints import Checkpoint
from eventlog.migrate import migrate
from eventlog.sealer import seal_new
from eventlog.verify import verify_seen
from stack import Stack
from tests.eventlog.log import put, record
from tests.eventlog.tampering import KINDS, unguarded

SIZE = 40


def main() -> None:
    """Print, for each kind, how many tries were found without and with a checkpoint."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    clean = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    chance = random.Random(1)  # noqa: S311 - the same tries every time
    with Stack("bench-tampering", time_skipping=True).session() as endpoints:
        migrate(endpoints.database_url)
        with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
            alarms = 0
            for version in range(1, SIZE + 1):
                asyncio.run(put(endpoints.database_url, record("a/year", version)))
                if chance.random() < 0.3 or version == SIZE:
                    seal_new(connection)
            row = connection.execute(
                "select origin, last_position, merkle_root from vekha.log, vekha.block order by no desc limit 1"
            ).fetchone()
            assert row is not None
            outside = Checkpoint(*row)
            for _ in range(clean):
                alarms += bool(verify_seen(connection, [outside]).count)
            print(f"left alone: {alarms} of {clean} accused")
            unguarded(connection)
            for kind, tamper in KINDS.items():
                alone = found = 0
                for _ in range(tries):
                    with connection.transaction(force_rollback=True):
                        tamper(connection, chance, SIZE)
                        alone += bool(verify_seen(connection).count)
                        found += bool(verify_seen(connection, [outside]).count)
                print(f"{kind}: {alone} of {tries} found by the chain alone, {found} with a checkpoint")


if __name__ == "__main__":
    main()
