"""The engine equals the rehearsal, on lives that Hypothesis made."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import psycopg
from hypothesis import strategies as st

from doors.cli.audit import decided_again
from eventlog.read import read_roadmap
from tests.engine.comparing import assert_equal
from tests.engine.conftest import Engine
from tests.engine.lives import Step, Story, lives, made, richest, steps_of
from tests.engine.roadmaps import Definition, some

REHEARSED = 120
PLAYED = int(os.environ.get("VEKHA_TEST_LIVES", "20"))
AT_ONCE = 4


async def played(engine: Engine, story: Story, source: str) -> set[Step]:
    """Play a year and hold it against its rehearsal; return the steps that it showed."""
    with psycopg.connect(engine.database_url, autocommit=True) as connection:
        year = await engine.player.start(connection, story.roadmap, source)
        result = await engine.player.play(connection, year, source, story.sent, story.close_at, calendar=False)
        records = list(read_roadmap(connection, year.roadmap.id))
    assert_equal(records, result.rehearsed)
    assert not decided_again(records).differences
    return steps_of(result.rehearsed)


async def test_lives_of_one_measure_run_as_rehearsed(engine: Engine, example: Definition) -> None:
    """Measures of every kind that the order has, with up to a dozen commands, some lives at once."""
    # A controller who lets reports lie is reminded.
    roadmap = replace(example.roadmap, policy=replace(example.roadmap.policy, unreviewed_after=(3, 6)))
    stories = st.sampled_from([measure.number for measure in roadmap.measures]).flatmap(
        lambda number: lives(roadmap, [number], 12).map(lambda sent: Story(some(roadmap, number), sent))
    )
    chosen = richest(made(stories, max(REHEARSED, PLAYED)), PLAYED, example.source)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(story: Story) -> set[Step]:
        async with places:
            return await played(engine, story, example.source)

    steps = set[Step]().union(*await asyncio.gather(*map(one, chosen)))
    assert len(steps) > 90, "the lives met too little to prove anything"


async def test_a_busy_year_runs_as_rehearsed(engine: Engine, example: Definition) -> None:
    """Every third measure and the indicators, with hundreds of commands; the demo's year has all the measures."""
    roadmap = example.roadmap
    numbers = [measure.number for measure in roadmap.measures[::3]]
    years = lives(roadmap, numbers, 240).map(lambda sent: Story(some(roadmap, *numbers), sent))
    (story,) = richest(made(years, 4), 1, example.source)
    assert len(await played(engine, story, example.source)) > 60, "the year met too little to prove anything"
