"""Appending: one call of the database, which either takes all events or tells that the stream is further."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import psycopg

from domain.codec import instant, instant_text
from domain.records import EventRecord
from eventlog.errors import LogWasCut
from eventlog.read import COLUMNS, record_of

NAMESPACE = uuid.UUID("5f0a3c1e-6f0d-5b52-9d0c-7f3f0c2b9a11")
CUT = "VK001"
PAGE = 1000
STORED = ", ".join(f"(stored).{name}" for name in COLUMNS)
APPEND = (
    f"select {STORED}, null, appended from vekha.append(%s, %s, %s::uuid[], %s::text[], %s::integer[], %s::date[],"
    " %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::text[],"
    " %s)"
)
FOLLOWING = (
    f"select {', '.join(COLUMNS)}, null from vekha.event where stream = %s and version > %s order by version limit %s"
)

AsyncConnection = psycopg.AsyncConnection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Appended:
    """What the log answered: the rows that it holds after the expected version.

    These are the rows of this append, or when `behind`, where nothing was inserted, those that others have stored, at
    most PAGE of them.
    """

    outcome: Literal["appended", "behind"]
    rows: tuple[EventRecord, ...]


def event_id(stream: str, version: int) -> uuid.UUID:
    """Return the id of the event at a place in a stream."""
    return uuid.uuid5(NAMESPACE, f"{stream}/{version}")


async def append(
    connection: AsyncConnection, stream: str, expected_version: int, records: Sequence[EventRecord]
) -> Appended:
    """Append records after the expected version, all or none, or tell what is stored there already.

    The connection is in autocommit mode: recorded is committed. ValueError for records out of place or with instants
    that are not in UTC as `datetime.isoformat` writes them: those would come back otherwise than they went in.
    LogWasCut where the stream ends before the expected version.
    """
    for place, record in enumerate(records, start=1):
        if (record.stream, record.version) != (stream, expected_version + place):
            raise ValueError(f"{record.stream}/{record.version} does not follow {stream}/{expected_version}")
        _check_texts(record)
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
        [record.writer for record in records],
        PAGE,
    )
    try:
        rows = await (await connection.execute(APPEND, values)).fetchall()
    except psycopg.Error as error:
        if error.sqlstate == CUT:
            raise LogWasCut(stream, expected_version, int(error.diag.message_detail or 0)) from None
        raise
    taken = all(row[-1] for row in rows)
    return Appended("appended" if taken else "behind", tuple(record_of(row[:-1]) for row in rows))


async def following(connection: AsyncConnection, stream: str, version: int, limit: int) -> tuple[EventRecord, ...]:
    """Return what a stream holds after a version, in order, at most `limit` rows; positions are not looked up."""
    cursor = await connection.execute(FOLLOWING, (stream, version, limit))
    return tuple(record_of(row) for row in await cursor.fetchall())


def _check_texts(record: EventRecord) -> None:
    for text in (record.at, record.received_at):
        if instant_text(instant(text)) != text:
            raise ValueError(f"{record.stream}/{record.version}: {text} is not an instant in UTC as we write it")
    if date.fromisoformat(record.occurred_on).isoformat() != record.occurred_on:
        raise ValueError(f"{record.stream}/{record.version}: {record.occurred_on} is not a date as we write it")
