"""Appending: one call of the database, which takes all events or none."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import psycopg

from domain.records import EventRecord
from eventlog.errors import CommandRepeated, LogWasCut, ReceivedBefore, UnfitRow
from eventlog.read import EVENTS, SELECTED, record_of
from eventlog.sessions import AsyncConnection

NAMESPACE = uuid.UUID("5f0a3c1e-6f0d-5b52-9d0c-7f3f0c2b9a11")
CUT = "VK001"
REPEATED = "VK002"
UNFIT = "VK003"
RECEIVED_BEFORE = "VK004"
PAGE = 1000
# As `isoformat` writes instants in UTC, of the years that domain/codec.py takes; the database knows how long a month is.
_INSTANT = r"(?!0001|9999|0000)\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(?!000000)\d{6})?\+00:00"
_AS_WE_WRITE_THEM = re.compile(rf"{_INSTANT} {_INSTANT} \d{{4}}-\d\d-\d\d", re.ASCII).fullmatch
VALUES = 12  # of an event
PROPOSAL = ", ".join(["%s"] * VALUES)
FOLLOWING = f"select {SELECTED}, null from {EVENTS} where stream = %s and version > %s order by version limit %s"


@dataclass(frozen=True, slots=True)
class Appended:
    """What the log answered: it has taken all, or nothing.

    When `behind`, `rows` are those that others have stored after the expected version, at most PAGE of them; when
    `repeated`, a command that was said to be fresh has been answered in this stream before. What was appended is not
    repeated: it is what was proposed, word for word.
    """

    outcome: Literal["appended", "behind", "repeated"]
    rows: tuple[EventRecord, ...] = ()


def event_id(stream: str, version: int) -> uuid.UUID:
    """Return the id of the event at a place in a stream."""
    return uuid.uuid5(NAMESPACE, f"{stream}/{version}")


async def append(
    connection: AsyncConnection,
    stream: str,
    expected_version: int,
    records: Sequence[EventRecord],
    fresh: Sequence[str] = (),
) -> Appended:
    """Append records after the expected version, all or none, or tell what is stored there already.

    `fresh` are the ids of commands that the stream must not have answered yet. The connection is in autocommit mode: recorded is committed. Errors are those of `insert`; a unique violation only
    where what stands in the way does not follow the expected version, such as an id in another stream.
    """
    return await _told(
        insert(connection, stream, expected_version, records, fresh), connection, stream, expected_version
    )


async def append_as_door(
    connection: AsyncConnection, stream: str, expected_version: int, records: Sequence[EventRecord]
) -> Appended:
    """Append the one event that a door writes itself: a year's beginning, or what becomes of an erasure after its close.

    The log puts `door` in the place of the writer. Errors are those of `append`, and psycopg's InsufficientPrivilege for
    whatever else.
    """
    (record,) = records
    values = [None, *_values(stream, expected_version, (record,))]
    inserted = _call(connection, "append_as_door", stream, expected_version, values)
    return await _told(inserted, connection, stream, expected_version)


async def _told(inserted: Awaitable[None], connection: AsyncConnection, stream: str, expected_version: int) -> Appended:
    """Return what an insert comes to."""
    try:
        await inserted
    except psycopg.errors.UniqueViolation:
        stored = await following(connection, stream, expected_version, PAGE)
        if not stored:
            raise
        return Appended("behind", stored)
    except CommandRepeated:
        return Appended("repeated")
    return Appended("appended")


async def insert(
    connection: AsyncConnection,
    stream: str,
    expected_version: int,
    records: Sequence[EventRecord],
    fresh: Sequence[str] = (),
) -> None:
    """Insert records after the expected version, all or none.

    psycopg's UniqueViolation where the stream is further; LogWasCut where it ends before the expected version;
    CommandRepeated where it has a command of an id in `fresh`. UnfitRow for what could not be read back, or stands where
    nothing may begin, psycopg's DataError for what is no JSON; ReceivedBefore for a receipt before the moment of the row above.
    ValueError for no records, for records out of place, or with instants that are not in UTC as `datetime.isoformat`
    writes them: those would come back otherwise than they went in.
    """
    values = [list(fresh) or None, *_values(stream, expected_version, records)]
    await _call(connection, "append", stream, expected_version, values)


def _values(stream: str, expected_version: int, records: Sequence[EventRecord]) -> list[object]:
    """Return what is appended, twelve values an event."""
    if not records:
        raise ValueError(f"nothing to append to {stream}")
    values: list[object] = []
    for version, record in enumerate(records, start=expected_version + 1):
        if (record.stream, record.version) != (stream, version):
            raise ValueError(f"{record.stream}/{record.version} is not {stream}/{version}, which follows")
        _check_texts(record)
        values += (
            event_id(stream, version),
            record.type,
            record.schema_version,
            record.occurred_on,
            record.at,
            record.received_at,
            record.actor,
            record.command_id,
            record.signed,
            record.data,
            record.command,
            record.writer,
        )
    return values


async def _call(
    connection: AsyncConnection, function: str, stream: str, expected_version: int, values: Sequence[object]
) -> None:
    """Call a function of the log with what is fresh and the values of the events behind it."""
    try:
        await connection.execute(_statement(function, len(values) // VALUES), (stream, expected_version, *values))
    except psycopg.Error as error:
        told = error.diag.message_primary or ""
        if error.sqlstate == CUT:
            raise LogWasCut(stream, expected_version, int(error.diag.message_detail or 0)) from None
        if error.sqlstate == REPEATED:
            raise CommandRepeated(stream, error.diag.message_detail or "") from None
        if error.sqlstate == UNFIT:
            raise UnfitRow(told) from None
        if error.sqlstate == RECEIVED_BEFORE:
            raise ReceivedBefore(told) from None
        raise


async def following(connection: AsyncConnection, stream: str, version: int, limit: int) -> tuple[EventRecord, ...]:
    """Return what a stream holds after a version, in order, at most `limit` rows; positions are not looked up."""
    cursor = await connection.execute(FOLLOWING, (stream, version, limit))
    return tuple(record_of(row) for row in await cursor.fetchall())


@cache
def _statement(function: str, events: int) -> str:
    """Return the call that appends so many events: the first in the arguments, an array of the others."""
    more = f", array[{', '.join([f'row({PROPOSAL})'] * (events - 1))}]::vekha.proposal[]" if events > 1 else ""
    return f"select vekha.{function}(%s, %s, %s::text[], {PROPOSAL}{more})"


def _check_texts(record: EventRecord) -> None:
    if _AS_WE_WRITE_THEM(f"{record.at} {record.received_at} {record.occurred_on}") is None:
        raise ValueError(
            f"{record.stream}/{record.version}: {record.at}, {record.received_at} or {record.occurred_on} is not as we"
            " write instants in UTC and dates"
        )
