"""The worker's own look around: what stands still anywhere is told in its log, once when it begins and once when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import psycopg
import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from eventlog.roles import NEEDS, READER, act_as, lacking
from eventlog.sessions import connect
from stack.watching import LogGlance, glance, log_glance, signs
from views.standstill import WORDS

EVERY_SECONDS = 60.0
CONNECT_SECONDS = 5
CANNOT_LOOK = "cannot-look"

Seen = Mapping[str, tuple[str, ...]]

logger = structlog.get_logger("watch")


async def watch(client: Client, database_url: str) -> None:
    """Look around for as long as the worker works."""
    seen: Seen = {}
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        seen = await look(client, database_url, seen)


async def look(client: Client, database_url: str, before: Seen) -> Seen:
    """Look around once; tell the log what has changed since `before`, and return what is seen now."""
    try:
        log = await asyncio.to_thread(_log, database_url)
        seen: Seen = signs(await glance(client, log), log)
    except (RPCError, psycopg.Error) as error:
        seen = {CANNOT_LOOK: (" ".join(str(error).split())[:200],)}
    for code, streams in seen.items():
        if code == CANNOT_LOOK and code not in before:
            logger.warning("cannot look whether anything stands still", error=streams[0])
        elif code != CANNOT_LOOK and (new := sorted(set(streams) - set(before.get(code, ())))):
            (_, what), (_, advice) = WORDS[code]
            logger.error("standing still", code=code, what=what, streams=new, advice=advice)
    if CANNOT_LOOK in seen:
        return {**before, **seen}  # what stood still may stand still: nobody knows
    for code, streams in before.items():
        if code != CANNOT_LOOK and (gone := sorted(set(streams) - set(seen.get(code, ())))):
            logger.info("goes on again", code=code, streams=gone)
    return seen


def _log(database_url: str) -> LogGlance:
    with connect(database_url, connect_timeout=CONNECT_SECONDS) as connection:
        lacks = sorted({right for job in NEEDS for right in lacking(connection, job)})
        act_as(connection, READER)
        return replace(log_glance(connection), lacking=tuple(lacks))
