"""A year whose engine was lost comes back from the log alone."""

from __future__ import annotations

from datetime import date, time

from doors.demo import CLOSES_AFTER
from eventlog.read import read_roadmap
from orders.scenario import load_scenario
from tests.engine.comparing import assert_equal
from tests.engine.conftest import Engine, end_all
from tests.engine.roadmaps import EXAMPLE, Definition, some

LOST_ON = date(2021, 12, 1)


async def test_a_year_that_the_engine_lost_ends_with_the_same_log(engine: Engine, example: Definition) -> None:
    """Every workflow is gone in the middle of the year: after `recover` nothing is missing and nothing comes twice."""
    numbers = ("1.3", "1.4", "2.5", "2.7", "3.4", "3.6")
    roadmap = some(example.roadmap, *numbers)
    steps = load_scenario(EXAMPLE / "scenario.yaml", roadmap.policy.zone)
    sent = [step.sent() for step in steps if step.measure in numbers]
    close_at = roadmap.policy.instant(roadmap.period.last + CLOSES_AFTER, time(12))
    year = await engine.player.start(engine.connection, roadmap, example.source)
    found: list[dict[str, object]] = []

    async def lose() -> None:
        await end_all(engine.client)
        found.append(await engine.player.recover(engine.connection, year))
        found.append(await engine.player.recover(engine.connection, year))

    incident = (roadmap.policy.instant(LOST_ON, time(12)), lose)
    played = await engine.player.play(engine.connection, year, example.source, sent, close_at, incident=incident)
    assert [(answer["started"], answer["already_running"]) for answer in found] == [
        (len(numbers), 0),
        (0, len(numbers)),
    ]
    assert_equal(read_roadmap(engine.connection, year.roadmap.id), played.rehearsed)
