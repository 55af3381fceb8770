"""Appending: one call of the database, which either takes all events or tells that the stream is further."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import psycopg

from domain.records import EventRecord
from eventlog.errors import LogWasCut
from eventlog.read import COLUMNS, record_of

NAMESPACE = uuid.UUID("5f0a3c1e-6f0d-5b52-9d0c-7f3f0c2b9a11")
CUT = "VK001"
PAGE = 1000
APPEND = (
    "select vekha.append(%s, %s, %s::uuid[], %s::text[], %s::integer[], %s::date[], %s::timestamptz[],"
    " %s::timestamptz[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s)"
)
FOLLOWING = f"select {COLUMNS}, null from vekha.event where stream = %s and version > %s order by version limit %s"


@dataclass(frozen=True, slots=True)
class Appended:
    """What the log answered: the rows it holds after the expected version, at most PAGE of them."""

    outcome: Literal["appended", "behind"]
    rows: tuple[EventRecord, ...]


def event_id(stream: str, version: int) -> uuid.UUID:
    """Return the id of the event at a place in a stream."""
    return uuid.uuid5(NAMESPACE, f"{stream}/{version}")


async def append(
    connection: psycopg.AsyncConnection, stream: str, expected_version: int, records: Sequence[EventRecord]
) -> Appended:
    """Append records of one writer after the expected version, or tell what is stored there already.

    The connection is in autocommit mode: recorded is committed. LogWasCut where the stream ends earlier.
    """
    for place, record in enumerate(records, start=1):
        if (record.stream, record.version) != (stream, expected_version + place):
            raise ValueError(f"{record.stream}/{record.version} does not follow {stream}/{expected_version}")
    values = (
        stream,
        expected_version,
        [event_id(stream, record.version) for record in records],
        [record.type for record in records],
        [record.schema_version for record in records],
        [record.occurred_on for record in records],
        [record.at for record in records],
        [record.received_at for record in records],
        [record.actor for record in records],
        [record.command_id for record in records],
        [record.signed for record in records],
        [record.data for record in records],
        [record.command for record in records],
        records[0].writer,
    )
    try:
        row = await (await connection.execute(APPEND, values)).fetchone()
    except psycopg.Error as error:
        if error.sqlstate == CUT:
            raise LogWasCut(stream, expected_version, int(error.diag.message_detail or 0)) from None
        raise
    stored = await following(connection, stream, expected_version, PAGE)
    return Appended("appended" if row is not None and row[0] else "behind", stored)


async def following(
    connection: psycopg.AsyncConnection, stream: str, version: int, limit: int
) -> tuple[EventRecord, ...]:
    """Return what a stream holds after a version, in order, at most `limit` rows; positions are not looked up."""
    cursor = await connection.execute(FOLLOWING, (stream, version, limit))
    return tuple(record_of(row) for row in await cursor.fetchall())
