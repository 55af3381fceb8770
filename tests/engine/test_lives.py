"""The engine equals the rehearsal, on lives that Hypothesis chose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import time, timedelta
from typing import TypeVar

import psycopg
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.records import EventRecord
from domain.rehearsal import Sent
from domain.roadmap import Roadmap
from doors.audit import decided_again
from eventlog.read import read_roadmap
from tests.engine.comparing import assert_equal
from tests.engine.conftest import Engine
from tests.engine.lives import LONGEST, lives
from tests.engine.roadmaps import Definition, fresh, some

SINGLE_LIVES = 60
WHOLE_YEARS = 5
AT_ONCE = 4

T = TypeVar("T")


def chosen(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """Return so many values, the same ones every time."""
    found: list[T] = []

    @settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: T) -> None:
        found.append(value)

    collect()
    return found


async def played(engine: Engine, roadmap: Roadmap, source: str, sent: tuple[Sent, ...]) -> list[EventRecord]:
    """Play a year and hold it against its rehearsal; return its log."""
    close_at = roadmap.policy.instant(roadmap.order.date + LONGEST + timedelta(days=1), time(12))
    with psycopg.connect(engine.database_url, autocommit=True) as connection:
        year = await engine.player.start(connection, roadmap, source)
        result = await engine.player.play(connection, year, source, sent, close_at, calendar=False)
        records = list(read_roadmap(connection, year.roadmap.id))
    assert_equal(records, result.rehearsed)
    assert not decided_again(records).differences
    return records


async def all_played(engine: Engine, source: str, stories: list[tuple[Roadmap, tuple[Sent, ...]]]) -> list[EventRecord]:
    """Play years, some at once, and return all their events."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(roadmap: Roadmap, sent: tuple[Sent, ...]) -> list[EventRecord]:
        async with places:
            return await played(engine, roadmap, source, sent)

    logs = await asyncio.gather(*(one(roadmap, sent) for roadmap, sent in stories))
    return [record for log in logs for record in log]


def assert_rich(records: list[EventRecord], stages: Callable[[EventRecord], str | None]) -> None:
    """Fail where the lives met too little to prove anything."""
    assert len({record.type for record in records}) >= 8
    assert len({stage for record in records if (stage := stages(record))}) >= 3


STAGE_AFTER = {
    "AssignmentOpened": "open",
    "ExecutionReported": "reported",
    "ExecutionAccepted": "accepted",
    "AssignmentWithdrawn": "withdrawn",
    "LeftOpenAtClose": "left-open",
}


async def test_sixty_single_lives_run_as_rehearsed(engine: Engine, example: Definition) -> None:
    """One measure each, of every kind that the order has, with up to a dozen commands."""
    roadmap = example.roadmap
    numbers = [measure.number for measure in roadmap.measures]
    strategy = st.sampled_from(numbers).flatmap(lambda number: st.tuples(st.just(number), lives(roadmap, [number], 12)))
    stories = [(some(roadmap, number), sent) for number, sent in chosen(strategy, SINGLE_LIVES)]
    assert len(stories) == SINGLE_LIVES
    records = await all_played(engine, example.source, stories)
    assert_rich(records, lambda record: STAGE_AFTER.get(record.type))


async def test_five_whole_years_run_as_rehearsed(engine: Engine, example: Definition) -> None:
    """All 27 measures and the indicators, with up to sixty commands a year."""
    roadmap = example.roadmap
    numbers = [measure.number for measure in roadmap.measures]
    stories = [(fresh(roadmap), sent) for sent in chosen(lives(roadmap, numbers, 60), WHOLE_YEARS)]
    assert len(stories) == WHOLE_YEARS
    records = await all_played(engine, example.source, stories)
    assert_rich(records, lambda record: STAGE_AFTER.get(record.type))
