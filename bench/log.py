"""A PostgreSQL for the benchmarks of the log: our own server alone, new and empty, with a database for each contestant.

And a long log: the example's year as the rehearsal lives it, then one interim report after the other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from app.years import first_moment
from domain.codec import event_record
from domain.records import EventRecord
from domain.rehearsal import rehearse
from eventlog.append import append
from eventlog.migrate import migrate
from eventlog.sealer import seal_new
from eventlog.sessions import Connection
from orders.scenario import load_scenario
from orders.yaml_file import load_roadmap
from settings import ROOT
from stack import Stack

EXAMPLE = ROOT / "examples" / "pyatigorsk-2021-22"
BLOCK = 20_000
# One assignment of each measure gets reports in turn; versions go on from where the year has left them.
REPORTS = """
insert into vekha.event (id, stream, version, type, schema_version, occurred_on, at, received_at, actor, command_id,
                         signed, data, writer)
select gen_random_uuid(), stream, version + number / measures, 'ProgressReported', 1, '2022-12-01', moment, moment,
       'school-6', 'report-' || number, false,
       '{"assignment":"' || assignment || '","evidence":[],"note":"Проведено совещание, протокол направлен"}', 'bench'
from generate_series(%s::int, %s::int) as number
join lateral (select '2022-12-01T09:00:00Z'::timestamptz + number * interval '1 millisecond' as moment) as clock on true
join bench.measure on place = number %% measures
"""
MEASURES = """
create schema bench;
create table bench.measure as
select row_number() over (order by stream) - 1 as place, count(*) over () as measures, stream, version + 1 as version, assignment
from (select stream, max(version) as version,
             min(data::json ->> 'assignment') filter (where type = 'AssignmentOpened') as assignment
      from vekha.event group by stream) as found
where assignment is not null
"""


@contextmanager
def server() -> Iterator[str]:
    """Run the server while the block lasts; give the address of a superuser."""
    stack = Stack("bench-log", time_skipping=False)
    stack.folder.mkdir(parents=True, exist_ok=True)
    stack.down()  # what a killed run may have left
    stack.wipe()
    stack.postgres.start()
    try:
        yield stack.postgres.url("postgres")
    finally:
        stack.down()


@contextmanager
def database(server_url: str, name: str, template: str = "template1") -> Iterator[str]:
    """Make a database for the block, like another that nobody uses; give its address."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        try:
            yield f"{server_url.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def log(server_url: str, name: str = "log") -> Iterator[str]:
    """Make an empty log for the block; give its address."""
    with database(server_url, name) as url:
        migrate(url)
        yield url


def an_event(stream: str, version: int) -> EventRecord:
    """Return an event of common size; the first one of a stream of a year's begins it."""
    return EventRecord(
        stream=stream,
        version=version,
        type="YearStarted" if version == 1 else "ProgressReported",
        schema_version=1,
        occurred_on="2021-09-30",
        at="2021-09-30T15:00:00+00:00",
        received_at="2021-09-30T15:00:00.120000+00:00",
        actor="school-6",
        command_id=f"{stream}/{version}",
        signed=False,
        data='{"assignment":"2.7/1/school-6","evidence":[],"note":"Проведено совещание, протокол направлен"}',
        command=None,
        writer="bench",
    )


def begin(connection: Connection, url: str) -> int:
    """Write the year that every long log begins with; return how many events that are."""
    roadmap = load_roadmap(EXAMPLE / "roadmap.yaml")
    assert roadmap.roadmap is not None
    policy = roadmap.roadmap.policy
    sent = [step.sent() for step in load_scenario(EXAMPLE / "scenario.yaml", policy.zone)]
    lived = rehearse(roadmap.roadmap, roadmap.source, first_moment(roadmap.roadmap), sent)
    records = [event_record(one.event, one.stream, one.version, "bench") for one in lived]
    asyncio.run(_append(url, records))
    connection.execute(MEASURES)
    return len(records)


def grow(connection: Connection, size: int, to: int) -> float:
    """Let a log of `size` events grow, and seal it block by block; return the seconds that sealing took."""
    sealing = 0.0
    while size < to:
        more = min(BLOCK, to - size)
        connection.execute(REPORTS, (size, size + more - 1))
        size += more
        began = time.perf_counter()
        seal_new(connection)
        sealing += time.perf_counter() - began
    connection.execute("vacuum analyze vekha.event")
    connection.execute("vacuum analyze vekha.seal")
    connection.execute("checkpoint")
    return sealing


async def _append(url: str, records: list[EventRecord]) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for record in records:
            await append(connection, record.stream, record.version - 1, [record])
