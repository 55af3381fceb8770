"""What the database leaves out of a read model's feed changes no row and hides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from domain.codec import FACTS, SCHEMA_VERSION
from domain.commands import Request
from domain.records import EventRecord
from eventlog.read import EXTENT, read_roadmap
from eventlog.sealer import seal_new
from projections.board import BOARD, MARKS, PASSES_OVER, board
from projections.feed import read_feed
from projections.indicators import INDICATORS
from projections.projector import Projection, follow, rebuild, stopped, take_over
from projections.reading import read_rows
from tests.eventlog.log import put_past, record, value
from tests.projections.reports import STEPS, keep, lived
from tests.views.example_year import MONITORING, Life, YearLife, plan


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """Give a connection to an empty log."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def fed(connection: psycopg.Connection, after: int = 0, limit: int = 100) -> tuple[list[tuple[str, int]], int]:
    """Return stream and version of what the board is fed with, and the position reached."""
    records, reached = read_feed(connection, after, limit, passes_over=PASSES_OVER, marks=MARKS)
    return [(one.stream, one.version) for one in records], reached


def reported(stream: str, version: int, assignment: str) -> EventRecord:
    """Return an interim report."""
    return record(stream, version, "ProgressReported", data=f'{{"assignment":"{assignment}","evidence":[],"note":""}}')


async def test_of_an_assignments_marks_the_first_and_the_last_are_fed(connection: psycopg.Connection) -> None:
    """Of each batch; other events between them stay where they are."""
    for stream in ("a/m/1", "b/m/1"):
        marks = [reported(stream, version, "12"[version % 2]) for version in range(1, 8)]
        put_past(connection, *marks, record(stream, 8, "InterimMissed"), reported(stream, 9, "1"))
    seal_new(connection)
    assert fed(connection) == ([(stream, n) for stream in ("a/m/1", "b/m/1") for n in (1, 2, 7, 8, 9)], 18)
    assert fed(connection, after=1, limit=4) == ([("a/m/1", n) for n in (2, 3, 4, 5)], 5)
    assert fed(connection, after=18) == ([], 18)


async def test_what_is_not_known_here_is_never_left_out(connection: psycopg.Connection) -> None:
    """A type or a version of a newer program: the fold says so, as it did before."""
    passed = PASSES_OVER[0]
    events = [
        record("a/m/1", 1, passed),
        record("a/m/1", 2, passed, schema_version=SCHEMA_VERSION + 1),
        record("a/m/1", 3, "FromTheFuture"),
        *(record("a/m/1", version, MARKS[0], schema_version=SCHEMA_VERSION + 1) for version in (4, 5, 6)),
    ]
    put_past(connection, *events)
    seal_new(connection)
    assert fed(connection) == ([("a/m/1", version) for version in range(2, 7)], 6)


@pytest.mark.parametrize("model", [BOARD, INDICATORS])
async def test_a_batch_without_anything_for_a_read_model_is_passed(
    connection: psycopg.Connection, model: Projection[Any]
) -> None:
    """The checkpoint moves on."""
    put_past(connection, record("a/m/1", 1, "NoticeFailed"), record("a/m/1", 2, "MeasureCompleted"))
    seal_new(connection)
    fence = take_over(connection, model)
    assert fence is not None
    assert follow(connection, model, fence)
    assert value(connection, "select position from vekha.projection") == 2
    assert not follow(connection, model, fence)


def test_the_ends_of_a_range_are_not_looked_for_in_the_whole_log(connection: psycopg.Connection) -> None:
    """By the key of `seq` they were found from its ends on: the longer the log, the longer each batch took."""
    connection.execute("alter table vekha.seal drop constraint seal_seq_fkey")
    connection.execute(
        "insert into vekha.seal (position, seq, hash) select n, n, sha256('') from generate_series(1, 20000) as n"
    )
    connection.execute("analyze vekha.seal")
    plan = "\n".join(row[0] for row in connection.execute(f"explain {EXTENT}", (10_000, 12_000)).fetchall())
    assert "seal_pkey" in plan
    assert "seal_seq_key" not in plan


def test_what_is_passed_over_changes_no_row() -> None:
    """Whatever the fold makes a row of is fed; the rest it does not look at."""
    lives = (Life(plan(MONITORING)).until("2021-10-05T10:00"), YearLife())
    for model in (BOARD, INDICATORS):
        assert set(model.passes_over) <= FACTS.keys()
        for one in (row for life in lives for row in life.records):
            assert one.type not in model.passes_over or not model.fold({}, one)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_a_board_fed_in_one_batch_is_that_of_every_event_by_itself(
    connection: psycopg.Connection,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    steps: list[tuple[int, str, Request, int]],
) -> None:
    """Whatever marks are left out: followed event by event, rebuilt at once, folded from the whole log."""
    roadmap = f"r-{uuid4().hex}"
    asyncio.run(keep(database_url, lived(steps, roadmap)))
    seal_new(connection)
    fence = take_over(connection, BOARD)
    assert fence is not None
    monkeypatch.setattr("projections.projector.BATCH", 1)
    while follow(connection, BOARD, fence):
        pass
    assert rebuild(connection, BOARD, swap=False).equal
    rows, _ = read_rows(connection, BOARD, roadmap)
    assert sorted(rows, key=lambda row: row.assignment) == sorted(
        board(read_roadmap(connection, roadmap)), key=lambda row: row.assignment
    )


async def test_a_mark_of_an_assignment_that_is_not_there_stops_the_board_at_its_place(
    connection: psycopg.Connection,
) -> None:
    """Not where the last of them stands."""
    planned = [replace(one, stream="a/m/1") for one in Life(plan(MONITORING)).records]
    put_past(connection, *planned, *(reported("a/m/1", len(planned) + n, "nobody") for n in range(1, 6)))
    seal_new(connection)
    fence = take_over(connection, BOARD)
    assert fence is not None
    follow(connection, BOARD, fence)
    (stop,) = stopped(connection)
    assert (stop.stream, stop.version) == ("a/m/1", len(planned) + 1)
