"""Reading: by stream, by roadmap, by command, by position."""

from __future__ import annotations

import psycopg
import pytest

from eventlog import read
from eventlog.read import events_of_command, read_roadmap, read_sealed, read_stream
from eventlog.sealer import seal_new
from tests.eventlog.log import put, record

STREAM = "city-2021/m/2.7"
YEAR = "city-2021/year"
OTHER = "city-20/year"


@pytest.fixture
async def written(database_url: str, connection: psycopg.Connection) -> psycopg.Connection:
    """Give a log of three streams; all but the last event of each of two are sealed."""
    await put(
        database_url,
        record(YEAR, 1),
        record(STREAM, 1, command_id="c-1"),
        record(OTHER, 1, command_id="c-1"),
        record(STREAM, 2, command_id="c-2"),
    )
    seal_new(connection)
    await put(database_url, record(YEAR, 2), record(STREAM, 3, command_id="c-1"))
    return connection


async def test_a_stream_is_read_whole_in_its_order(
    written: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small the pages are."""
    monkeypatch.setattr(read, "PAGE", 1)

    assert [(row.version, row.position) for row in read_stream(written, STREAM)] == [(1, 2), (2, 4), (3, None)]
    assert list(read_stream(written, "city-2021/m/9.9")) == []


async def test_a_roadmap_is_read_by_positions_with_the_unsealed_last(written: psycopg.Connection) -> None:
    """Another roadmap whose name begins alike stays out."""
    rows = [(row.stream, row.version, row.position) for row in read_roadmap(written, "city-2021")]

    assert rows == [(YEAR, 1, 1), (STREAM, 1, 2), (STREAM, 2, 4), (YEAR, 2, None), (STREAM, 3, None)]


async def test_the_events_of_a_command_are_found_in_all_streams(written: psycopg.Connection) -> None:
    """In the order of streams and versions."""
    rows = [(row.stream, row.version) for row in events_of_command(written, "c-1")]

    assert rows == [(OTHER, 1), (STREAM, 1), (STREAM, 3)]


async def test_the_sealed_log_is_read_page_by_page(written: psycopg.Connection) -> None:
    """What waits for its position is not seen here."""
    assert [row.position for row in read_sealed(written, 0, 3)] == [1, 2, 3]
    assert [row.position for row in read_sealed(written, 3, 3)] == [4]
    assert read_sealed(written, 4, 3) == []
