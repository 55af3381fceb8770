"""Appending: taken whole, or answered with what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from domain.records import EventRecord
from eventlog.append import Appended, append, event_id, following
from eventlog.errors import LogWasCut
from tests.eventlog.log import STREAM, record, until, value, waiting

AsyncConnection = psycopg.AsyncConnection[tuple[Any, ...]]


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[AsyncConnection]:
    """Give an asynchronous connection in autocommit mode."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield connection


async def stored_by(log: AsyncConnection, expected_version: int, *records: EventRecord) -> tuple[EventRecord, ...]:
    """Append to STREAM, and give what it then holds after the expected version."""
    assert await append(log, STREAM, expected_version, records) == Appended("appended")
    return await following(log, STREAM, expected_version, 1000)


async def test_what_is_appended_comes_back_with_the_logs_own_marks(log: AsyncConnection) -> None:
    """The id follows from the place, the database's clock says when it was written, the position comes later."""
    proposal = [record(), record(version=2, command_id="c-1", command='{"id":"c-1"}', signed=True), record(version=3)]

    for proposed, stored in zip(proposal, await stored_by(log, 0, *proposal), strict=True):
        assert stored.id == str(event_id(STREAM, proposed.version))
        assert stored.recorded_at is not None
        assert replace(stored, id=None, recorded_at=None) == proposed


@pytest.mark.parametrize(
    "data",
    [
        '{"доля":1.10}',
        '{"b":1e2,"a":-0.0}',
        '{"note":"Ёлка «№ 7»\\n\\t\\u0000"}',
        '{"note":"👩‍🏫 é é"}',
        '{"a":[1,  2]}',
    ],
)
@pytest.mark.parametrize("at", ["2021-09-30T15:00:00+00:00", "1999-12-31T23:59:59.000001+00:00"])
async def test_every_text_comes_back_byte_for_byte(log: AsyncConnection, data: str, at: str) -> None:
    """What is hashed is the text, so the database may not write it in its own way."""
    await log.execute("set time zone 'Asia/Kathmandu'")

    rows = await stored_by(
        log, 0, *(record(version=version, data=data, command=data, at=at, received_at=at) for version in (1, 2))
    )

    assert [(row.data, row.command, row.at, row.received_at) for row in rows] == 2 * [(data, data, at, at)]


async def test_a_writer_that_is_behind_gets_what_it_missed_and_inserts_nothing(log: AsyncConnection) -> None:
    """Also where its own proposal is longer than what is stored."""
    stored = await stored_by(log, 0, *(record(version=version) for version in (1, 2, 3)))

    answer = await append(log, STREAM, 1, [record(version=version, actor="late") for version in (2, 3, 4, 5)])

    assert answer == Appended("behind", stored[1:])
    assert await following(log, STREAM, 0, 10) == stored


async def test_a_proposal_sent_twice_is_stored_once(log: AsyncConnection) -> None:
    """A worker that died after the commit proposes again and learns that it was heard."""
    first = await stored_by(log, 0, record())

    assert await append(log, STREAM, 0, [record()]) == Appended("behind", first)


async def test_a_proposal_that_began_in_time_but_is_longer_inserts_nothing(
    database_url: str, log: AsyncConnection
) -> None:
    """Its second event would have had a free place."""
    async with await psycopg.AsyncConnection.connect(database_url) as first:
        await append(first, STREAM, 0, [record(actor="first")])
        second = asyncio.create_task(append(log, STREAM, 0, [record(), record(version=2)]))
        await first.commit()
        answer = await second

    assert [row.actor for row in answer.rows] == ["first"]
    assert await following(log, STREAM, 0, 10) == answer.rows


async def test_nothing_cannot_be_appended(log: AsyncConnection) -> None:
    """Who only wants to read asks what follows."""
    with pytest.raises(ValueError, match="nothing to append"):
        await append(log, STREAM, 0, [])


async def test_what_follows_is_read_in_pages(log: AsyncConnection) -> None:
    """A page is as long as it was asked for."""
    stored = await stored_by(log, 0, *(record(version=version) for version in range(1, 6)))

    pages = [await following(log, STREAM, after, 2) for after in (0, 2, 4)]

    assert pages == [stored[:2], stored[2:4], stored[4:]]


async def test_a_stream_that_ends_too_early_is_an_error(log: AsyncConnection) -> None:
    """A writer that knows version 5 of a stream that ends at 1 writes to another database, or one that was cut."""
    await append(log, STREAM, 0, [record()])

    with pytest.raises(LogWasCut, match="ends at 1, its writer knows version 5"):
        await append(log, STREAM, 5, [record(version=6)])


@pytest.mark.parametrize(
    "changes",
    [
        {"stream": "another/year"},
        {"version": 3},
        {"at": "2021-09-30T18:00:00+03:00"},
        {"at": "2021-09-30T15:00:00Z"},
        {"received_at": "2021-09-30T15:00:00.120+00:00"},
        {"received_at": "2021-09-30T15:00:00"},
        {"occurred_on": "20210930"},
        {"at": "2021-09-30T24:00:00+00:00"},
        {"at": "2021-09-30T15:00:60+00:00"},
        {"at": "2021-09-30T15:00:00.000000+00:00"},
        {"received_at": "2021-09-30 15:00:00+00:00"},
        {"received_at": "0001-09-30T15:00:00+00:00"},
        {"at": "2021-09-30T15:00:00+00:00\n"},
        {"at": "٢٠٢١-09-30T15:00:00+00:00"},
    ],
)
async def test_records_that_would_not_come_back_the_same_are_refused(
    log: AsyncConnection, changes: dict[str, Any]
) -> None:
    """Out of place or in another spelling: both are faults of the caller."""
    with pytest.raises(ValueError, match=r"follow|as we write"):
        await append(log, STREAM, 0, [replace(record(), **changes)])


async def test_a_proposal_is_taken_whole_or_not_at_all(log: AsyncConnection) -> None:
    """One event that the database cannot take takes the others with it."""
    for changes in ({"schema_version": 2**40}, {"at": "2021-02-30T15:00:00+00:00"}, {"occurred_on": "2021-13-01"}):
        with pytest.raises(psycopg.DataError):
            await append(log, STREAM, 0, [record(), replace(record(version=2), **changes)])

    assert await following(log, STREAM, 0, 10) == ()


@pytest.mark.parametrize("commits", [True, False])
async def test_of_two_writers_at_once_the_second_waits_and_adopts(
    database_url: str, log: AsyncConnection, connection: psycopg.Connection, *, commits: bool
) -> None:
    """Where the first one gives up, the second is taken after all."""
    async with await psycopg.AsyncConnection.connect(database_url) as first:
        await append(first, STREAM, 0, [record(actor="first"), record(version=2, actor="first")])
        ahead = await following(first, STREAM, 0, 10)
        second = asyncio.create_task(append(log, STREAM, 0, [record(actor="second")]))
        await asyncio.to_thread(until, lambda: waiting(connection) == 1)
        await (first.commit() if commits else first.rollback())

    answer = await second

    assert answer == (Appended("behind", ahead) if commits else Appended("appended"))
    assert {row.actor for row in await following(log, STREAM, 0, 10)} == {"first" if commits else "second"}


async def test_an_id_that_stands_in_another_stream_is_never_passed_over(
    log: AsyncConnection, connection: psycopg.Connection
) -> None:
    """Ids follow from places, so only a hand in the database can have put it there."""
    await append(log, STREAM, 0, [record()])
    connection.execute(
        "insert into vekha.event (id, stream, version, type, schema_version, occurred_on, at, received_at, actor,"
        " signed, data, writer) select %s, 'strange', 1, type, 1, occurred_on, at, received_at, actor, signed, data,"
        " writer from vekha.event",
        (event_id(STREAM, 2),),
    )

    with pytest.raises(psycopg.errors.UniqueViolation, match="event_id_key"):
        await append(log, STREAM, 1, [record(version=2)])

    assert value(connection, "select count(*) from vekha.event") == 2
