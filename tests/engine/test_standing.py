"""What a worker has at hand of a stream: never taken for more than the log holds, nor for all of it where it is a part."""

from __future__ import annotations

import psycopg
import pytest

import activities.standing
from activities.standing import NoStream, Standings, read_standing
from app.log import read_measure
from domain.roadmap import measure_stream
from domain.snapshots import shape
from eventlog.append import following as following_rows
from eventlog.errors import LogWasCut
from eventlog.sessions import AsyncConnection
from tests.engine.conftest import Engine
from tests.engine.roadmaps import Definition, some
from tests.engine.test_sizes import grow


class OutOfTime(Exception):
    """The time of a try was up."""


async def test_a_part_that_was_folded_before_time_was_up_is_not_taken_for_the_whole(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next try goes on from it, to the end; and whoever asks beyond the end is told that the log was cut."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    await engine.stop_worker()
    grow(engine, year, "2.3", 50)
    stream = measure_stream(year.roadmap.id, "2.3")
    monkeypatch.setattr(activities.standing, "PAGE", 10)
    asked = list[int]()

    async def following(connection: AsyncConnection, stream: str, version: int, limit: int) -> object:
        asked.append(version)
        if len(asked) == 4:
            raise OutOfTime
        return await following_rows(connection, stream, version, limit)

    monkeypatch.setattr(activities.standing, "following", following)
    standings = Standings()
    async with await psycopg.AsyncConnection.connect(engine.database_url, autocommit=True) as connection:
        with pytest.raises(OutOfTime):
            await standings.of(connection, stream, 0)
        assert asked == [0, 1, 11, 21]
        assert (await standings.of(connection, stream, 0)).version == 51
        assert asked[4] == 21
        with pytest.raises(LogWasCut):
            await standings.of(connection, stream, 52)
        assert (await standings.of(connection, stream, 51)).version == 51
        with pytest.raises(NoStream):
            await standings.of(connection, "nobody/year", 0)


@pytest.mark.parametrize(
    "spoilt",
    [
        "update vekha.snapshot set anchor = 'of another log'",
        "update vekha.snapshot set shape = 'of other rules'",
        "update vekha.snapshot set state = '{}'",
        "update vekha.snapshot set state = 'no JSON'",
        "update vekha.snapshot set version = version + 1000000",
    ],
)
async def test_a_snapshot_that_does_not_fit_is_passed_over(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    """Of another log, of other rules, of no sense, of a place that there is not: the stream is folded from its start."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    await engine.stop_worker()
    grow(engine, year, "2.3", 50)
    stream = measure_stream(year.roadmap.id, "2.3")
    monkeypatch.setattr(activities.standing, "SNAPSHOT_EVENTS", 20)
    monkeypatch.setattr(activities.standing, "SNAPSHOT_PART", 0)
    async with await psycopg.AsyncConnection.connect(engine.database_url, autocommit=True) as connection:
        first = await Standings().of(connection, stream, 0)
        rows = engine.connection.execute("select version, shape from vekha.snapshot where stream = %s", (stream,))
        assert rows.fetchall() == [(51, shape())]
        engine.connection.execute(spoilt)
        again = await Standings().of(connection, stream, 0)
    _, state = read_measure(engine.connection, year.roadmap.id, "2.3")
    assert state is not None
    read = read_standing(engine.connection, stream)
    assert read is not None
    assert (read.state, again.version, first.version) == (again.state, 51, 51)
    assert again.state.assignments == first.state.assignments == state.assignments
