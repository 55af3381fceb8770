"""How fast the log is sealed and verified: `python -m bench.verification [EVENTS]`, on a stack of its own."""

from __future__ import annotations

import sys
import time
import tracemalloc

import psycopg

from eventlog.migrate import migrate
from eventlog.sealer import seal_new
from eventlog.verify import verify
from stack import Stack

FILL = """
insert into vekha.event (id, stream, version, type, schema_version, occurred_on, at, received_at, actor, command_id,
                         signed, data, writer)
select gen_random_uuid(), 'city-2021/m/' || number %% 1000, 1 + number / 1000, 'ProgressReported', 1, '2021-09-30',
       now(), now(), 'school-6', 'command-' || number, false,
       '{"assignment":"2.7/1/school-6","evidence":[],"note":"' || repeat('я', 30) || '"}', 'run-1'
from generate_series(%s::int, %s::int) as number
"""
BLOCK = 20_000


def main() -> None:
    """Fill a log block by block, seal each, then verify the whole."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with Stack("bench-verification", time_skipping=True).session() as endpoints:
        migrate(endpoints.database_url)
        with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
            sealing = 0.0
            for start in range(0, size, BLOCK):
                connection.execute(FILL, (start, start + BLOCK - 1))
                began = time.perf_counter()
                seal_new(connection)
                sealing += time.perf_counter() - began
            connection.execute("vacuum analyze vekha.event")
            connection.execute("vacuum analyze vekha.seal")
            print(f"sealed {size} events in blocks of {BLOCK}: {size / sealing:,.0f} a second")
            for _ in range(3):
                began, cpu = time.perf_counter(), time.process_time()
                result = verify(connection)
                took = time.perf_counter() - began
                assert result.count == 0
                own = time.process_time() - cpu
                print(
                    f"verified {result.size} events: {result.size / took:,.0f} a second; our own processor {own:.2f} s"
                )
            tracemalloc.start()
            verify(connection)
            print(f"memory at its highest: {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
