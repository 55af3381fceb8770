"""Many measures that wait for one instant, measures that begin, and work that is handed on."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from activities.waking import LATEST, Waves
from app.sending import send
from app.years import start_year
from domain.codec import make_command
from domain.commands import ReportProgress
from domain.roadmap import Roadmap, measure_stream
from doors.cli.work import engine_worker
from orders.calendars import calendar_for
from settings import Endpoints, Settings
from tests.engine.conftest import Engine
from tests.engine.roadmaps import Definition, fresh, measure, point
from tests.engine.test_commands import until
from wire.payloads import CONVERTER

RATE = 10.0
AT_ONCE_SECONDS = 3.0  # well below the sticky limit, which is what a task waits for a worker that is gone


def real_year(example: Definition, instant: datetime, measures: int) -> Roadmap:
    """Return a year on the real clock, whose measures are due at this instant."""
    day, before = instant.date(), datetime.now(UTC).date() - timedelta(days=1)
    body = next(body.code for body in example.roadmap.registry.bodies if not body.members)
    many = [measure(str(place), [body], point("1", before, day)) for place in range(1, measures + 1)]
    return replace(
        fresh(example.roadmap, many),
        order=replace(example.roadmap.order, date=before),
        period=replace(example.roadmap.period, first=before, last=day),
        policy=replace(example.roadmap.policy, time_zone="UTC", due_time=instant.time(), reminders=()),
        calendar=calendar_for(before - timedelta(days=30), day + timedelta(days=60)),
        indicators=(),
        findings=(),
    )


def in_days(days: int) -> datetime:
    """Return an instant that no other test waits for."""
    return datetime.now(UTC) + timedelta(days=days)


async def test_each_place_in_a_wave_is_given_once_and_no_later_than_the_latest(engine: Engine) -> None:
    """Also where several turns ask while the first is still counting; who comes after the last place begins anew."""
    waves, at = Waves(engine.client, RATE), in_days(30)
    places = await asyncio.gather(*(waves.place(at) for _ in range(20)))
    assert sorted(places) == [timedelta(seconds=place / RATE) for place in range(20)]
    assert await waves.place(at + timedelta(seconds=1)) == timedelta()
    slow, other = Waves(engine.client, 1.5 / LATEST.total_seconds()), in_days(31)
    assert [await slow.place(other) for _ in range(4)] == [
        timedelta(),
        LATEST / 1.5,
        2 * LATEST / 1.5 - LATEST,
        timedelta(),
    ]


async def test_another_worker_goes_on_where_the_wave_stands(engine: Engine, example: Definition) -> None:
    """A worker that knows nothing, after a restart or beside the first, counts those who wait already."""
    instant = in_days(32)
    await start_year(engine.client, engine.connection, real_year(example, instant, 5), example.source)
    places = []

    async def counted() -> bool:
        places.append(await Waves(engine.client, RATE).place(instant))
        return places[-1] == timedelta(seconds=5 / RATE)

    end = time.monotonic() + 20
    while not await counted():
        assert time.monotonic() < end, places
        await asyncio.sleep(0.1)


async def test_a_wave_rings_in_its_order_and_moves_no_moment(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real timers: nobody is decided before the instant, the later places later, and the events name the instant."""
    monkeypatch.setenv("VEKHA_WAKES_PER_SECOND", "4")
    engine.configuration = Settings()
    await engine.stop_worker()
    await engine.start_worker()
    instant = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=8)
    roadmap = real_year(example, instant, 6)
    await start_year(engine.client, engine.connection, roadmap, example.source)
    assert datetime.now(UTC) < instant, "this machine is too busy for the test"
    query = (
        "select at, recorded_at from vekha.event where roadmap = %s and type = 'DeadlineMissed' order by recorded_at"
    )
    await until(lambda: len(engine.connection.execute(query, (roadmap.id,)).fetchall()) == 6)
    rows = engine.connection.execute(query, (roadmap.id,)).fetchall()
    assert {at for at, _ in rows} == {instant}
    late = [(recorded - at).total_seconds() for at, recorded in rows]
    assert all(place / 4 <= seconds for place, seconds in enumerate(late)), late


async def test_a_worker_that_stops_cleanly_hands_its_work_on_at_once(
    engine: Engine, endpoints: Endpoints, example: Definition
) -> None:
    """Another worker need not wait for the time for which a task is kept for the one that had its workflow at hand."""
    roadmap = real_year(example, in_days(34), 1)
    await start_year(engine.client, engine.connection, roadmap, example.source)
    stream, body = measure_stream(roadmap.id, "1"), roadmap.measures[0].bodies[0]

    async def report(id_: str) -> float:
        request = ReportProgress(checkpoint="1", body=body, note=id_)
        begun = time.monotonic()
        command = make_command(id_, body, datetime.now(UTC), None, request)
        answer = await send(engine.client, engine.connection, stream, command, 30, shown=False)
        assert answer.outcome == "recorded"
        return time.monotonic() - begun

    await report("to the first")
    assert engine.configuration.sticky_seconds > 2 * AT_ONCE_SECONDS
    another = await Client.connect(
        endpoints.temporal_address, namespace=endpoints.temporal_namespace, data_converter=CONVERTER
    )
    async with engine_worker(another, engine.database_url, engine.configuration):
        await engine.stop_worker()
        assert await report("to the second") < AT_ONCE_SECONDS
