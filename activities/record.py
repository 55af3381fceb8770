"""Appending to the log: the one activity that a turn waits for."""

from __future__ import annotations

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from temporalio import activity

from activities.signatures import APPEND, PAGE, Answer, Proposal
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
            answer = await append(connection, proposal.stream, proposal.expected_version, proposal.records)
        if answer.outcome == "appended":
            return Answer(appended=True, rows=[])
        return Answer(appended=False, rows=list(answer.rows[:PAGE]))
