"""Appending to the log: the one activity that a turn waits for."""

from __future__ import annotations

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from temporalio import activity

from activities.signatures import APPEND, PAGE, Answer, Proposal
from domain.records import EventRecord
from eventlog.append import append, following

Pool = AsyncConnectionPool[AsyncConnection]


class Record:
    """The log's side of a turn."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @activity.defn(name=APPEND)
    async def append(self, proposal: Proposal) -> Answer:
        """Append, or say what the log holds after the expected version; safe to repeat."""
        async with self._pool.connection() as connection:
            if not proposal.records:
                rows = await following(connection, proposal.stream, proposal.expected_version, PAGE)
                return Answer(appended=True, rows=list(rows))
            # Made by hand: Temporal's conversion of a dataclass takes 0.1 ms a record.
            records = [EventRecord(**record) for record in proposal.records]
            answer = await append(connection, proposal.stream, proposal.expected_version, records)
        if answer.outcome == "appended":
            return Answer(appended=True, rows=[])
        return Answer(appended=False, rows=list(answer.rows[:PAGE]))
