"""What the database leaves out changes no state, whatever is asked of whatever log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from domain.codec import instant
from domain.commands import ReportProgress, Request
from eventlog.read import read_roadmap
from eventlog.sealer import seal_new
from projections.as_of import as_of, end_of
from projections.board import MARKS
from projections.looking_back import look_back
from projections.past import read_past
from projections.state import State
from tests.projections.reports import DAYS, STEPS, keep, lived
from tests.views.example_year import MONITORING, ZONE, Life, plan


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """Give a connection to an empty log."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, DAYS, DAYS)
def test_a_state_of_what_is_read_is_the_state_of_the_whole_log(
    connection: psycopg.Connection, database_url: str, steps: list[tuple[int, str, Request, int]], on: date, known: date
) -> None:
    """On both axes, as known then and as known now, with the position that it reflects."""
    roadmap = f"r-{uuid4().hex}"
    asyncio.run(keep(database_url, lived(steps, roadmap)))
    seal_new(connection)
    whole = list(read_roadmap(connection, roadmap))
    for known_at in (known, on, None):
        wanted, found = State(), State()
        for record in as_of(whole, on, ZONE, known_at):
            wanted.take(record)
        with read_past(connection, roadmap, on, known_at, ZONE) as records:
            for record in as_of(records, on, ZONE, known_at):
                found.take(record)
        assert (found.board, found.position) == (wanted.board, wanted.position)
    state = State()
    shown = [record for record in as_of(whole, on, ZONE, None) if state.take(record)]
    later = [record for record in shown if instant(record.received_at) > end_of(known, ZONE)]
    for limit in (0, 2, 100):
        past = look_back(connection, roadmap, on, known, ZONE, limit=limit)
        assert past.now is not None
        assert past.now.board == state.board
        assert (past.later_count, past.later) == (len(later), later[:limit])


def test_a_reading_that_is_given_up_leaves_the_connection_free(
    connection: psycopg.Connection, database_url: str
) -> None:
    """Also where a fold stumbles: what is told then is the reason, not that the connection is busy."""
    records = Life(plan(MONITORING)).until("2021-10-05T10:00").records
    asyncio.run(keep(database_url, records))
    day, roadmap = date(2021, 10, 5), records[0].stream.partition("/")[0]
    with suppress(KeyError), read_past(connection, roadmap, day, day, ZONE) as read:
        next(read)
        raise KeyError
    with read_past(connection, roadmap, day, day, ZONE) as read:
        assert len(list(read)) == len(records)


def test_of_a_thousand_interim_reports_the_last_is_read(connection: psycopg.Connection, database_url: str) -> None:
    """Of each assignment, as of the day; so memory does not grow with them."""
    life = Life(plan(MONITORING))
    for number in range(1000):
        life.hear(f"2021-09-0{1 + number // 200}T10:00", "school-6", ReportProgress(note=str(number)))
    asyncio.run(keep(database_url, life.records))
    day = date(2021, 9, 3)
    with read_past(connection, life.records[0].stream.partition("/")[0], day, day, ZONE) as read:
        marks = [record for record in read if record.type in MARKS]
    assert [(instant(record.received_at).date(), record.data.count("599")) for record in marks] == [(day, 1)]
