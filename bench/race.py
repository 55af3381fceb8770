"""The race that event stores lose: `python -m bench.race [--events N] [--peer-events N]`, on a server of its own.

Eight writers at twenty streams append one to twenty events a transaction, dawdle before they commit, and give up now and
then; one transaction stays open from the first moment to the last; two rival sealers take turns without an election;
two subscribers read at the head. In the end each subscriber must have seen what was committed: all of it, once, each
stream in its order, and Vekha's by positions without gaps.

The same with the `eventsourcing` library, in its two ways: with the lock on its table that it takes by default, and
with its database functions, which take none. Its own statements are used, with the delays and rollbacks put between
them and the commit. With the lock nobody writes while a transaction is open, so there that one is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder

from bench.appending import TOPIC, library
from bench.figures import Demand
from bench.log import an_event, database, log, server
from eventlog.append import PAGE, append, following, insert
from eventlog.read import read_sealed
from eventlog.sealer import seal_new

WRITERS = 8
STREAMS = 20
SUBSCRIBERS = 2
SEALERS = 2
MOST_AT_ONCE = 20
GIVEN_UP = 0.1
DAWDLES = 0.001  # seconds before a commit, on average
SEALS_AFTER = 0.01
LOOKS_AFTER = 0.01
# The last event: written when all others are committed, so it is the last to be sealed.
END = "end/year"
SEALED_END = "select from vekha.event join vekha.seal using (seq) where stream = %s"
END_ID = uuid.UUID(int=0)
DATA = an_event("", 1).data.encode()

Seen = tuple[int, str, int]
"""A position, or the peer's notification id, and the stream and version of the event that a subscriber met there."""


@dataclass(frozen=True)
class Found:
    """What became of the events that one contestant has committed."""

    name: str
    committed: int
    seconds: float
    skipped: int
    doubled: int
    out_of_order: int
    gaps: int
    remark: str = ""

    def __str__(self) -> str:
        """Return one line for people."""
        return (
            f"{self.name}: {self.committed} events, {self.committed / self.seconds:,.0f} a second;"
            f" of {SUBSCRIBERS} subscribers' events {self.skipped} skipped"
            f" ({self.skipped / SUBSCRIBERS / self.committed:.2%}), {self.doubled} twice, {self.out_of_order} out of"
            f" order; {self.gaps} gaps{self.remark}"
        )


def main() -> int:
    """Run the race for each; 0 where Vekha has lost nothing, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.race", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="how many Vekha has to take (default: 200000)")
    parser.add_argument("--peer-events", type=int, default=40_000, help="how many the library has to (default: 40000)")
    chosen = parser.parse_args()
    with server() as url:
        with log(url) as own:
            ours = _vekha(own, chosen.events)
        print(ours, flush=True)
        for locked in (False, True):
            with database(url, "peer") as theirs:
                print(_library(theirs, chosen.peer_events, locked=locked), flush=True)
    demands = [
        Demand("events in the race", ours.committed, at_least=chosen.events),
        *(
            Demand(f"{what} by Vekha", value, at_most=0)
            for what, value in (
                ("gaps", ours.gaps),
                ("out of order", ours.out_of_order),
                ("skipped", ours.skipped),
                ("seen twice", ours.doubled),
            )
        ),
    ]
    print(*demands, sep="\n")
    return 0 if all(demand.met for demand in demands) else 1


def _judge(
    name: str, seconds: float, committed: Iterable[tuple[str, int]], subscribers: Iterable[list[Seen]], remark: str = ""
) -> Found:
    all_of_them = set(committed)
    skipped = doubled = out_of_order = gaps = 0
    for seen in subscribers:
        places = [(stream, version) for _, stream, version in seen]
        skipped += len(all_of_them.difference(places))
        doubled += len(places) - len(set(places))
        last = Counter[str]()
        for stream, version in places:
            out_of_order += version <= last[stream]
            last[stream] = version
        positions = [position for position, _, _ in seen]
        gaps += sum(after != before + 1 for before, after in zip([0, *positions], positions, strict=False))
    return Found(name, len(all_of_them), seconds, skipped, doubled, out_of_order, gaps, remark)


def _proposals(chance: random.Random, share: int, streams: int) -> Iterator[tuple[int, int, float, bool]]:
    """Yield what a writer does until its share of events is committed: stream, events, seconds to dawdle, giving up.

    The one who gave up has its events still to write.
    """
    while share > 0:
        count, gives_up = chance.randint(1, MOST_AT_ONCE), chance.random() < GIVEN_UP
        yield chance.randrange(streams), count, chance.expovariate(1 / DAWDLES), gives_up
        share -= 0 if gives_up else count


def _vekha(url: str, events: int) -> Found:
    # In processes of their own: threads of one Python would wait for each other more than for the database.
    with ProcessPoolExecutor(SEALERS + SUBSCRIBERS) as pool, psycopg.connect(url, autocommit=True) as connection:
        sealers = [pool.submit(_seal, url) for _ in range(SEALERS)]
        subscribers = [pool.submit(_read, url) for _ in range(SUBSCRIBERS)]
        began = time.perf_counter()
        outcomes = asyncio.run(_write_all(url, events))
        seconds = time.perf_counter() - began
        lost = sum(sealer.result() for sealer in sealers)
        committed = connection.execute("select stream, version from vekha.event where stream <> %s", (END,)).fetchall()
        behind, given_up = outcomes["behind"], outcomes["given up"]
        remark = f"; {behind} appends came second, {given_up} gave up, {lost} blocks lost to the rival"
        return _judge("Vekha", seconds, committed, [reader.result() for reader in subscribers], remark)


async def _write_all(url: str, events: int) -> Counter[str]:
    outcomes = Counter[str]()
    async with await psycopg.AsyncConnection.connect(url) as slow:
        try:
            await append(slow, "slow/year", 0, [an_event("slow/year", 1)])
            await asyncio.gather(*(_write(url, seed, events // WRITERS, outcomes) for seed in range(WRITERS)))
            await slow.commit()
        finally:
            await append(slow, END, 0, [an_event(END, 1)])
            await slow.commit()
    return outcomes


async def _write(url: str, seed: int, share: int, outcomes: Counter[str]) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    versions = Counter[str]()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for place, count, dawdles, gives_up in _proposals(chance, share, STREAMS):
            stream = f"race-{place}/year"
            outcome = "behind"
            while outcome == "behind":
                version = versions[stream]
                records = [an_event(stream, version + one) for one in range(1, count + 1)]
                outcome = "given up" if gives_up else "appended"
                try:
                    async with connection.transaction() as transaction:
                        await insert(connection, stream, version, records)
                        await asyncio.sleep(dawdles)
                        if gives_up:
                            raise psycopg.Rollback(transaction)
                except psycopg.errors.UniqueViolation:
                    outcome = "behind"
                    records = list(await following(connection, stream, version, PAGE))
                outcomes[outcome] += 1
                if outcome != "given up":
                    versions[stream] = records[-1].version


def _seal(url: str) -> int:
    """Seal without an election, until the end is sealed; return how often the rival was faster."""
    lost = 0
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(SEALED_END, (END,)).fetchone() is None:
            try:
                seal_new(connection)
            except psycopg.errors.UniqueViolation:
                lost += 1
            time.sleep(SEALS_AFTER)
    return lost


def _read(url: str) -> list[Seen]:
    """Read what is sealed as soon as it is, to the end."""
    seen: list[Seen] = []
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            rows = read_sealed(connection, seen[-1][0] if seen else 0, PAGE)
            seen += [(row.position or 0, row.stream, row.version) for row in rows]
            if seen and seen[-1][1] == END:
                return seen[:-1]
            if not rows:
                time.sleep(LOOKS_AFTER)


@contextmanager
def _inserted(recorder: PostgresApplicationRecorder, events: list[StoredEvent]) -> Iterator[Callable[[], None]]:
    """Insert events by the library's statements, and commit at the end of the block; give what gives up instead."""
    with recorder.datastore.get_connection() as connection, connection.transaction() as transaction:

        def give_up() -> None:
            raise psycopg.Rollback(transaction)

        if recorder.datastore.enable_db_functions:
            rows = [
                recorder.construct_pg_stored_event(
                    event.originator_id, event.originator_version, event.topic, event.state
                )
                for event in events
            ]
            connection.execute(recorder.sql_invoke_pg_function_insert_events, (rows,), prepare=True)
        else:
            with connection.cursor() as cursor:
                recorder._insert_stored_events(cursor, events)  # noqa: SLF001 - insert_events would commit at once
        yield give_up


def _library(url: str, events: int, *, locked: bool) -> Found:
    streams = [uuid.uuid4() for _ in range(STREAMS + 1)]
    with library(url, locked=locked) as recorder, ThreadPoolExecutor(WRITERS + SUBSCRIBERS) as pool:
        subscribers = [pool.submit(_subscribe, recorder) for _ in range(SUBSCRIBERS)]
        began = time.perf_counter()
        if locked:
            _run_writers(pool, recorder, streams, events)
        else:
            with _inserted(recorder, [StoredEvent(streams[-1], 1, TOPIC, DATA)]):
                _run_writers(pool, recorder, streams, events)
        seconds = time.perf_counter() - began
        with recorder.datastore.get_connection() as connection:
            rows = connection.execute("select originator_id::text, originator_version from stored_events").fetchall()
        recorder.insert_events([StoredEvent(END_ID, 1, TOPIC, b"")])
        seen = [reader.result() for reader in subscribers]
    committed = [(row["originator_id"], row["originator_version"]) for row in rows]
    name = f"eventsourcing {'with its lock' if locked else 'by its functions, without a lock'}"
    return _judge(name, seconds, committed, seen, " (its ids have them where a writer gave up)")


def _run_writers(
    pool: ThreadPoolExecutor, recorder: PostgresApplicationRecorder, streams: list[uuid.UUID], events: int
) -> None:
    runs = [pool.submit(_insert, recorder, streams, seed, events // WRITERS) for seed in range(WRITERS)]
    for run in runs:
        run.result()


def _insert(recorder: PostgresApplicationRecorder, streams: list[uuid.UUID], seed: int, share: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    versions = Counter[uuid.UUID]()
    for place, count, dawdles, gives_up in _proposals(chance, share, STREAMS):
        stream = streams[place]
        while True:
            version = versions[stream]
            events = [StoredEvent(stream, version + one, TOPIC, DATA) for one in range(1, count + 1)]
            try:
                with _inserted(recorder, events) as give_up:
                    time.sleep(dawdles)
                    if gives_up:
                        give_up()
            except IntegrityError:
                versions[stream] = recorder.select_events(stream, desc=True, limit=1)[0].originator_version
                continue
            versions[stream] += 0 if gives_up else count
            break


def _subscribe(recorder: PostgresApplicationRecorder) -> list[Seen]:
    """Read by the library's own subscription, until the last event has come."""
    seen: list[Seen] = []
    with recorder.subscribe(gt=0) as subscription:
        for notification in subscription:
            if notification.originator_id == END_ID:
                return seen
            seen.append((notification.id, str(notification.originator_id), notification.originator_version))
    return seen


if __name__ == "__main__":
    sys.exit(main())
