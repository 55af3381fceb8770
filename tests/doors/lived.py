"""A year that was lived in memory and put into a real log: the whole example with all that its people do."""

from __future__ import annotations

from datetime import time
from functools import cache
from itertools import groupby

import psycopg

from app.years import first_moment
from domain.codec import event_record
from domain.records import EventRecord
from domain.rehearsal import rehearse
from domain.roadmap import Roadmap
from eventlog.append import append
from eventlog.sealer import seal_new
from orders.scenario import load_scenario
from orders.yaml_file import load_roadmap
from tests.doors.conftest import EXAMPLE


@cache
def example() -> tuple[Roadmap, list[EventRecord]]:
    """Return the example's definition and the records of its year, in calendar order."""
    loaded = load_roadmap(EXAMPLE)
    assert loaded.roadmap is not None
    steps = load_scenario(EXAMPLE.with_name("scenario.yaml"), loaded.roadmap.policy.zone)
    begin = first_moment(loaded.roadmap)
    sent = [step.sent() for step in steps]
    close_at = loaded.roadmap.policy.instant(loaded.roadmap.period.last, time(20))
    lived = rehearse(loaded.roadmap, loaded.source, begin, sent, close_at=close_at)
    return loaded.roadmap, [event_record(item.event, item.stream, item.version, "lived") for item in lived]


async def keep(database_url: str, records: list[EventRecord]) -> None:
    """Append and seal records, as near to their order as the log takes them."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        for stream, rows in groupby(records, key=lambda record: record.stream):
            together = list(rows)
            assert (await append(connection, stream, together[0].version - 1, together)).outcome == "appended"
    with psycopg.connect(database_url, autocommit=True) as connection:
        seal_new(connection)
