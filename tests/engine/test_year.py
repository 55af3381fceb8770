"""The engine lives the year that the rehearsal foretells."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from orders.yaml_file import load_roadmap
from tests.engine.conftest import Engine

EXAMPLE = Path(__file__).parents[2] / "examples/pyatigorsk-2021-22"


async def test_a_year_without_a_word_from_anybody_runs_to_its_end(engine: Engine) -> None:
    """Nobody reports anything: every reminder, missed deadline and escalation comes as rehearsed."""
    loaded = load_roadmap(EXAMPLE / "roadmap.yaml")
    assert loaded.roadmap is not None
    year = await engine.player.start(engine.connection, loaded.roadmap, loaded.source)
    close_at = year.roadmap.policy.instant(year.roadmap.period.last.replace(month=9, day=20), time(12))
    played = await engine.player.play(engine.connection, year, loaded.source, [], close_at)
    assert played.year.state.closed
