"""The engine lives the year that the rehearsal foretells."""

from __future__ import annotations

from datetime import time

from app.evidence import keep
from doors.cli.audit import decided_again
from doors.cli.demo import CLOSES_AFTER
from eventlog.read import read_roadmap
from eventlog.sealer import unsealed_seconds
from orders.scenario import load_scenario
from tests.engine.comparing import assert_equal
from tests.engine.conftest import Engine
from tests.engine.roadmaps import EXAMPLE, Definition, fresh
from tests.engine.test_commands import until


async def test_the_year_of_order_969_runs_as_rehearsed(engine: Engine, example: Definition) -> None:
    """The demo's whole scenario: per stream the same events, and every decision in the log is made again."""
    roadmap = fresh(example.roadmap)
    steps = load_scenario(EXAMPLE / "scenario.yaml", roadmap.policy.zone)
    sent = [step.sent(keep(step.files, engine.configuration.evidence_dir)) for step in steps]
    close_at = roadmap.policy.instant(roadmap.period.last + CLOSES_AFTER, time(12))
    year = await engine.player.start(engine.connection, roadmap, example.source)
    played = await engine.player.play(engine.connection, year, example.source, sent, close_at)
    await until(lambda: unsealed_seconds(engine.connection) == 0)
    records = list(read_roadmap(engine.connection, year.roadmap.id))
    assert_equal(records, played.rehearsed)
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    assert not decided_again(records).differences
    assert len({record.type for record in records}) > 20
    assert sum(answer.repeated for answer in played.answers) == 1
