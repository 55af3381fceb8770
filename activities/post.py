"""The post office of the worker: sends the letters of a stream's outbox in batches, each with its notice in hand.

What is refused for good is an outcome. What may go another time is left waiting; where a batch could send nothing at all, it
fails, and the engine tries it again, with growing pauses. A letter that was tried for LETTER_LIMIT has failed.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.mail import REHEARSAL, DelayedError, Post, deliver, post_for
from activities.standing import Standings
from activities.turn import Pool, stream_of_caller
from domain.codec import read_fact
from domain.notices import LETTER_LIMIT, Notice, act_of, files_of, words_of
from eventlog.read import FROM, record_of
from eventlog.sessions import AsyncConnection
from settings import Settings
from wire.signatures import POST, LetterOutcome, PostOrder

BATCH = 50
BATCH_SECONDS = 60.0
PLACES = f"{FROM} where stream = %s and version = any(%s)"
ADDRESSES = "select code, email from vekha.contact where roadmap = %s and code = any(%s)"


class Letters:
    """The post office."""

    def __init__(self, pool: Pool, standings: Standings, configuration: Settings) -> None:
        self._pool = pool
        self._standings = standings
        self._configuration = configuration
        self._post: Post = post_for(configuration)

    @activity.defn(name=POST)
    async def post(self, order: PostOrder) -> list[LetterOutcome]:
        """Send what waits, BATCH at most; answer with what became of each. Fails where nothing could be sent yet."""
        stream = stream_of_caller()
        outcomes = _sent_before()
        async with self._pool.connection() as connection:
            standing = await self._standings.of(connection, stream, order.version)
            clock = await self._standings.clock(connection, stream)
            batch = _batch(standing.state.outbox.values(), {one.notice for one in outcomes})
            batch = await _written(connection, stream, batch)
            addresses = await _addresses(connection, stream, batch)
        until, delayed = time.monotonic() + BATCH_SECONDS, ""
        async with self._post.session() as session:
            for notice in batch:
                if time.monotonic() > until:
                    break
                now = datetime.now(UTC) + clock.offset
                try:
                    outcome, detail = await deliver(
                        session,
                        notice,
                        state=standing.state,
                        stream=stream,
                        address=addresses.get(notice.to),
                        now=now,
                        configuration=self._configuration,
                    )
                except DelayedError as error:
                    if now <= notice.since + LETTER_LIMIT:
                        delayed = str(error)
                        continue
                    outcome, detail = "failed", str(error)
                outcomes.append(LetterOutcome(notice.id, outcome, detail))
                activity.heartbeat([asdict(one) for one in outcomes])
        if delayed and not outcomes:
            raise ApplicationError(delayed, type=DelayedError.__name__)
        return outcomes


def _sent_before() -> list[LetterOutcome]:
    """Return the outcomes that an earlier try of this batch had told the engine of before it broke off."""
    details = activity.info().heartbeat_details
    return [LetterOutcome(**one) for one in details[0]] if details else []


def _batch(outbox: Collection[Notice], sent: set[str]) -> list[Notice]:
    """Return the next letters; a try that follows one in vain begins behind those."""
    waiting = [notice for notice in outbox if notice.id not in sent and not notice.rule]
    first = (activity.info().attempt - 1) * BATCH % max(len(waiting), 1)
    return [*waiting[first:], *waiting[:first]][:BATCH]


async def _written(connection: AsyncConnection, stream: str, batch: Sequence[Notice]) -> list[Notice]:
    """Return these notices with what people wrote in their events, and the files that they brought."""
    cursor = await connection.execute(PLACES, (stream, [notice.version for notice in batch]))
    facts = {record.version: read_fact(record) for record in map(record_of, await cursor.fetchall())}
    return [
        replace(notice, words=words_of(fact), act=act_of(fact), files=files_of(fact))
        if (fact := facts.get(notice.version))
        else notice
        for notice in batch
    ]


async def _addresses(connection: AsyncConnection, stream: str, batch: Sequence[Notice]) -> dict[str, str]:
    """Return the addresses of those that these notices go to, by code; who has none is left out."""
    roadmap = stream.partition("/")[0].partition(REHEARSAL)[0]
    cursor = await connection.execute(ADDRESSES, (roadmap, [notice.to for notice in batch]))
    return {code: email for code, email in await cursor.fetchall() if email}
