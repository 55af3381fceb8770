"""Everybody at once: writers that dawdle and give up, rival sealers, a reader at the head."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

import psycopg

from eventlog.append import append, following, insert
from eventlog.read import read_sealed
from eventlog.sealer import seal_new
from tests.eventlog.log import record, value

WRITERS = 8
ROUNDS = 600
STREAMS = [f"city-{number}/year" for number in range(5)]
OPEN = "slow-2021/year"


async def test_no_event_is_skipped_doubled_or_out_of_order(database_url: str, connection: psycopg.Connection) -> None:
    """What a reader at the head has seen, position by position, is in the end exactly what was committed."""
    stop = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        sealers = [pool.submit(_seal, database_url, stop) for _ in range(2)]
        reader = pool.submit(_follow, database_url, stop)
        try:
            async with await psycopg.AsyncConnection.connect(database_url) as slow:
                await append(slow, OPEN, 0, [record(OPEN)])
                outcomes = Counter[str]()
                await asyncio.gather(*(_write(database_url, seed, outcomes) for seed in range(WRITERS)))
                await slow.commit()
        finally:
            stop.set()
        lost = sum(sealer.result() for sealer in sealers)
        seen = reader.result()
    while seal_new(connection):
        pass
    rest = [(row.position, row.stream, row.version) for row in read_sealed(connection, len(seen), 100_000)]

    committed = connection.execute("select stream, version from vekha.event").fetchall()
    everything = seen + rest
    assert [position for position, _, _ in everything] == list(range(1, len(committed) + 1))
    assert Counter((stream, version) for _, stream, version in everything) == Counter(committed)
    versions = defaultdict(list)
    for _, stream, version in everything:
        versions[stream].append(version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    assert len(seen) > len(committed) / 2, "the reader was at the head, not after the end"
    assert value(connection, "select count(*) from vekha.block") > 20
    # The race was one: every way that an append can end was gone, and the sealers met.
    assert len(committed) > 1000
    assert outcomes.keys() == {"appended", "behind", "given up"}
    assert lost > 0


async def _write(database_url: str, seed: int, outcomes: Counter[str]) -> None:
    """Append one to three events to a stream at random, wait a little, and commit or give up."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as log:
        versions = dict.fromkeys(STREAMS, 0)
        for _ in range(ROUNDS):
            stream = chance.choice(STREAMS)
            version = versions[stream]
            proposal = [record(stream, version + 1 + place) for place in range(chance.randint(1, 3))]
            outcome = "given up" if chance.random() < 0.1 else "appended"
            try:
                async with log.transaction() as transaction:
                    await insert(log, stream, version, proposal)
                    await asyncio.sleep(chance.expovariate(1000))
                    if outcome == "given up":
                        raise psycopg.Rollback(transaction)
            except psycopg.errors.UniqueViolation:
                outcome = "behind"
                proposal = list(await following(log, stream, version, 1000))
            outcomes[outcome] += 1
            if outcome != "given up":
                versions[stream] = proposal[-1].version


def _seal(database_url: str, stop: threading.Event) -> int:
    """Seal without an election; give how often the rival was faster."""
    lost = 0
    with psycopg.connect(database_url, autocommit=True) as connection:
        while not stop.is_set():
            try:
                seal_new(connection)
            except psycopg.errors.UniqueViolation:
                lost += 1
            stop.wait(0.002)
    return lost


def _follow(database_url: str, stop: threading.Event) -> list[tuple[int | None, str, int]]:
    """Read what is sealed as soon as it is, each position once."""
    seen: list[tuple[int | None, str, int]] = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        while not stop.is_set():
            rows = read_sealed(connection, len(seen), 100)
            seen += [(row.position, row.stream, row.version) for row in rows]
    return seen
