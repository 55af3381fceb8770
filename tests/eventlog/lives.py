"""Lives that a log may have and still be sound: any size and blocks, rollbacks, late commits, rival sealers, restores."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import psycopg

from eventlog.append import append
from eventlog.checkpoints import Checkpoint
from eventlog.sealer import seal_new, seal_what_moved_in
from eventlog.verify import verify, verify_seen
from tests.eventlog.log import record

STREAMS = 4
LONGEST = 60
OUTSIDE = "select origin, last_position, merkle_root from vekha.log, vekha.block order by no desc limit 1"


def lead_a_life(database_url: str, chance: random.Random, size: int | None = None) -> list[Checkpoint]:
    """Let an empty log grow to a size, at random if none is given; return the checkpoints of some of its blocks."""
    return asyncio.run(_live(database_url, chance, chance.randint(0, LONGEST) if size is None else size))


def accused(checkpoints: list[Checkpoint], database_url: str) -> bool:
    """Tell whether anything is found in a log, in one transaction or by all processors, by its checkpoints or alone."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        return any(result.count for result in (verify(connection, checkpoints), verify_seen(connection)))


async def _live(database_url: str, chance: random.Random, size: int) -> list[Checkpoint]:
    versions = Counter[str]()
    checkpoints: list[Checkpoint] = []
    with (
        psycopg.connect(database_url, autocommit=True) as sealing,
        psycopg.connect(database_url, autocommit=True) as rival,
    ):
        async with (
            await psycopg.AsyncConnection.connect(database_url, autocommit=True) as log,
            await psycopg.AsyncConnection.connect(database_url, autocommit=True) as late,
        ):
            written = 0
            while written < size:
                stream = f"city-{chance.randrange(STREAMS)}/year"
                count = min(chance.randint(1, 5), size - written)
                proposal = [record(stream, versions[stream] + one) for one in range(1, count + 1)]
                writer = chance.choice([log, late])
                async with writer.transaction(force_rollback=chance.random() < 0.1) as transaction:
                    await append(writer, stream, versions[stream], proposal)
                    if chance.random() < 0.3:
                        seal_new(sealing)  # meanwhile: what is not committed waits
                if not transaction.force_rollback:
                    versions[stream] += count
                    written += count
                if chance.random() < 0.1:
                    _move(sealing)
                if chance.random() < 0.4:
                    _seal_at_once(sealing, rival)
                    checkpoints += _outside(sealing)
        seal_what_moved_in(sealing)
        seal_new(sealing)
        checkpoints += _outside(sealing)
    return [one for one in checkpoints if chance.random() < 0.5 or one is checkpoints[-1]]


def _seal_at_once(one: psycopg.Connection, other: psycopg.Connection) -> None:
    """Let two sealers seal: the second finds what the first has left, or nothing."""
    for sealer in (one, other):
        seal_what_moved_in(sealer)
        seal_new(sealer)


def _move(connection: psycopg.Connection) -> None:
    """Let the log wake in another cluster, as after a restore."""
    with connection.transaction():
        connection.execute("alter table vekha.block disable trigger append_only")
        connection.execute("update vekha.block set system_identifier = 'another cluster'")
        connection.execute("alter table vekha.block enable trigger append_only")


def _outside(connection: psycopg.Connection) -> list[Checkpoint]:
    row = connection.execute(OUTSIDE).fetchone()
    return [Checkpoint(*row)] if row and row[1] else []
