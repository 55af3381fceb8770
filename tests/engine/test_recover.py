"""A year whose engine was lost comes back from the log alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, time

import pytest
from temporalio.client import Client

from app.evidence import keep
from app.log import Year
from domain.roadmap import Roadmap
from doors.cli.audit import decided_again
from doors.cli.demo import CLOSES_AFTER
from eventlog.read import read_roadmap
from orders.scenario import load_scenario
from stack import Stack
from tests.engine.comparing import assert_equal
from tests.engine.conftest import Engine, end_all, running_engine
from tests.engine.roadmaps import EXAMPLE, Definition, some

LOST_ON = date(2021, 12, 1)
NUMBERS = ("1.3", "1.4", "2.5", "2.7", "3.4", "3.6")


async def test_a_year_that_the_engine_lost_ends_with_the_same_log(engine: Engine, example: Definition) -> None:
    """Every workflow is gone in the middle of the year: after `recover` nothing is missing and nothing comes twice."""
    await ends_as_rehearsed(engine, some(example.roadmap, *NUMBERS), example.source, lambda: end_all(engine.client))


async def test_a_year_whose_temporal_database_was_dropped_ends_with_the_same_log(
    lone: Stack, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Temporal has kept is gone and made anew, empty: histories, timers, the namespace."""
    endpoints = lone.up()
    monkeypatch.setenv("DATABASE_URL", endpoints.database_url)
    client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
    async with running_engine(endpoints.database_url, client) as engine:

        async def lose() -> None:
            await engine.stop_worker()
            await asyncio.to_thread(lose_all, lone)
            assert [one async for one in client.list_workflows()] == []
            await engine.start_worker()

        await ends_as_rehearsed(engine, some(example.roadmap, *NUMBERS), example.source, lose)


def lose_all(stack: Stack) -> None:
    """Take away what Temporal has kept, and bring its server back with what `up` makes of nothing."""
    stack.temporal.kill()
    stack.temporal.forget(stack.temporal.kind())
    stack.temporal.start()


async def ends_as_rehearsed(engine: Engine, roadmap: Roadmap, source: str, lose: Callable[[], Awaitable[None]]) -> None:
    """Play the scenario, lose the engine in its middle, recover it twice, and hold its log against the rehearsal's."""
    numbers = {measure.number for measure in roadmap.measures}
    steps = load_scenario(EXAMPLE / "scenario.yaml", roadmap.policy.zone)
    sent = [
        step.sent(keep(step.files, engine.configuration.evidence_dir))
        for step in steps
        if step.measure is None or step.measure in numbers
    ]
    close_at = roadmap.policy.instant(roadmap.period.last + CLOSES_AFTER, time(12))
    year: Year = await engine.player.start(engine.connection, roadmap, source)
    found: list[dict[str, object]] = []

    async def lose_and_recover() -> None:
        await lose()
        found.append(await engine.player.recover(engine.connection, year))
        found.append(await engine.player.recover(engine.connection, year))

    incident = (roadmap.policy.instant(LOST_ON, time(12)), lose_and_recover)
    played = await engine.player.play(
        engine.connection, year, source, sent, close_at, incident=incident, calendar=False
    )
    assert [(answer["started"], answer["already_running"]) for answer in found] == [
        (len(numbers), 0),
        (0, len(numbers)),
    ]
    records = list(read_roadmap(engine.connection, year.roadmap.id))
    assert_equal(records, played.rehearsed)
    assert not decided_again(records).differences
