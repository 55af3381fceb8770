"""Several rehearsals of one roadmap that start at the same time are several years."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg

from app.log import read_year
from app.years import close_year, start_year
from eventlog.read import read_roadmap
from orders.yaml_file import load_roadmap
from tests.doors.conftest import Office, small_roadmap

SEVERAL = 4


async def test_rehearsals_that_start_at_once_get_different_ids(office: Office, tmp_path: Path) -> None:
    """Each has its own first event and its own measures; none is taken for another's."""
    loaded = load_roadmap(small_roadmap(tmp_path))
    roadmap = loaded.roadmap
    assert roadmap is not None

    async def start() -> str:
        with psycopg.connect(office.database_url, autocommit=True) as connection:
            begun = await start_year(
                office.client, connection, roadmap, loaded.source, rehearsal_from=roadmap.order.date
            )
        assert (begun["started"], begun["already_running"]) == (len(roadmap.measures), 0)
        return str(begun["roadmap"])

    ids = await asyncio.gather(*(start() for _ in range(SEVERAL)))
    assert sorted(ids) == [f"{roadmap.id}~r{number}" for number in range(1, SEVERAL + 1)]
    for id_ in ids:
        firsts = [one for one in read_roadmap(office.connection, id_) if one.type == "YearStarted"]
        assert len(firsts) == 1
        year = read_year(office.connection, id_)
        assert year is not None
        await close_year(office.client, office.connection, year)
