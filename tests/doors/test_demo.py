"""The demo writes its files when all of its year is there to be written."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from app import years
from app.log import read_year
from app.time_skipping import OutOfStep
from app.years import first_moment
from domain.codec import event_record
from domain.records import EventRecord
from domain.rehearsal import rehearse
from doors.cli.demo import settled
from eventlog.sealer import seal_new
from orders.yaml_file import load_roadmap
from projections.projector import Projector
from projections.read_models import READ_MODELS
from tests.doors.conftest import EXAMPLE
from tests.eventlog.log import put, running, until


async def test_the_demo_waits_until_its_log_is_sealed_and_shown(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event without a position would go into log.jsonl so; where nobody seals, it does not wait for ever."""
    loaded = load_roadmap(EXAMPLE)
    assert loaded.roadmap is not None
    first, *_ = rehearse(loaded.roadmap, loaded.source, first_moment(loaded.roadmap))
    record: EventRecord = event_record(first.event, first.stream, first.version, "demo")
    await put(database_url, record)
    with psycopg.connect(database_url, autocommit=True) as connection:
        year = read_year(connection, loaded.roadmap.id)
        assert year is not None
        with monkeypatch.context() as patch:
            patch.setattr(years, "WAIT_SECONDS", 0.2)
            with pytest.raises(OutOfStep, match="1 events have no position"):
                await settled(connection, year)
        waiting = asyncio.create_task(settled(connection, year))
        with running(Projector(database_url, READ_MODELS)):
            until(lambda: bool(connection.execute("select from vekha.projection").fetchall()))
            assert not waiting.done()
            with psycopg.connect(database_url, autocommit=True) as sealing:
                seal_new(sealing)
            await waiting
        assert connection.execute("select count(*) from vekha.seal").fetchall() == [(1,)]
        assert connection.execute("select count(*) from vekha_live.indicators").fetchall()[0][0] > 0
