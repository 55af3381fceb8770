"""Sizes, in bytes on the wire: nothing that people write or send, in any number, stops a measure or a year."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import click
import psycopg
import pytest

from activities.standing import SNAPSHOT_EVENTS, read_standing
from app.log import Year, read_measure
from app.problem import Problem
from app.sending import send
from app.years import recover_year
from domain.codec import MAX_COMMAND, MAX_TEXT, event_record, make_command
from domain.commands import Received, ReportProgress
from domain.measure import MEASURE
from domain.roadmap import Body, measure_stream
from doors.cli.admin import admin
from doors.cli.administrator import starter
from doors.cli.audit import audit, decided_again
from projections.projector import position_of_all
from tests.doors.calling import call
from tests.engine.conftest import Engine
from tests.engine.roadmaps import Definition, fresh, measure, point, some
from tests.engine.test_commands import records_of, signal, until
from tests.engine.test_strangers import becomes

LONG = "щ" * MAX_TEXT  # the longest text of a command: two bytes a letter, six in the JSON of others
EVENTS = int(os.environ.get("VEKHA_TEST_EVENTS", "8000"))
NOTE = "Проведено совещание с руководителями, протокол направлен. " * 5


async def test_long_notes_stop_no_measure_at_its_next_run(engine: Engine, example: Definition) -> None:
    """Sixty of twenty thousand letters, 2.4 MB in the stream, with a new run every few turns."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source, turns_per_run=4)
    commands = [
        make_command(f"c{number}", "uo", year.now(), None, ReportProgress(note=f"{number} {LONG}"[:MAX_TEXT]))
        for number in range(60)
    ]
    for first in range(0, 60, 5):
        await signal(engine, year, "2.3", *commands[first : first + 5])
        await until(lambda: len(records_of(engine, year, "2.3")) == first + 6, 60)  # noqa: B023 - awaited here
    stream = measure_stream(year.roadmap.id, "2.3")

    async def many_runs() -> bool:
        return (await engine.client.count_workflows(f"WorkflowId = '{stream}'")).count >= 3

    assert await becomes(many_runs)
    assert not decided_again(records_of(engine, year, "2.3")).differences


async def test_what_waited_for_a_worker_is_taken_in_parts_and_in_its_order(engine: Engine, example: Definition) -> None:
    """Fifty commands of the greatest length and a thousand short ones, sent while nobody works."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    await engine.stop_worker()
    sent = [
        make_command(f"c{number}", "uo", year.now(), None, ReportProgress(note=LONG if number % 21 == 0 else "коротко"))
        for number in range(1050)
    ]
    for command in sent[:20]:  # in their order; the rest in any
        await signal(engine, year, "2.3", command)
    await signal(engine, year, "2.3", *sent[20:])
    await engine.start_worker()
    await until(lambda: len(records_of(engine, year, "2.3")) == 1051, 90)
    records = records_of(engine, year, "2.3")
    assert [record.command_id for record in records[1:21]] == [command.id for command in sent[:20]]
    assert {record.command_id for record in records[1:]} == {command.id for command in sent}
    assert not decided_again(records).differences


async def test_a_command_that_is_too_large_is_refused_at_the_door_and_by_the_stream(
    engine: Engine, example: Definition
) -> None:
    """With its size and the limit; what came past the doors is an event, and the measure lives on."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    stream = measure_stream(year.roadmap.id, "2.3")
    note = "😀" * MAX_TEXT  # four bytes each, and still a text of the length that is allowed
    within = make_command("within", "uo", year.now(), None, ReportProgress(note=note))
    assert (await send(engine.client, engine.connection, stream, within, 30)).outcome == "recorded"
    above = replace(within, id="x" * 200, request=ReportProgress(note=note, measure="2.3", body="щ" * MAX_TEXT))
    with pytest.raises(Problem, match=str(MAX_COMMAND)):
        await send(engine.client, engine.connection, stream, above, 30)
    await signal(engine, year, "2.3", above)
    await until(lambda: len(records_of(engine, year, "2.3")) == 3)
    refused = records_of(engine, year, "2.3")[-1]
    assert (refused.type, refused.command_id) == ("CommandRefused", above.id)
    assert str(MAX_COMMAND) in refused.data
    assert len(refused.command or "") < MAX_COMMAND / 5


async def test_a_measure_of_thousands_of_events_is_as_quick_as_a_fresh_one(engine: Engine, example: Definition) -> None:
    """It answers, continues as new, comes back from the log, and is shown and explained, in the time of a fresh one."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3", "2.10"), example.source)
    old, new = measure_stream(year.roadmap.id, "2.3"), measure_stream(year.roadmap.id, "2.10")
    body = year.roadmap.registry.open_group(
        next(one for one in year.roadmap.measures if one.number == "2.10").bodies[0]
    )[0]
    senders = {old: "uo", new: body}
    await engine.stop_worker()
    grow(engine, year, "2.3", EVENTS)
    await engine.client.get_workflow_handle(old).terminate("lost")
    await engine.start_worker()
    await recover_year(engine.client, engine.connection, year)
    await until(lambda: position_of_all(engine.connection) > EVENTS, 120)

    async def answer(stream: str, number: int) -> None:
        command = make_command(f"{stream}-{number}", senders[stream], year.now(), None, ReportProgress(note=NOTE))
        assert (await send(engine.client, engine.connection, stream, command, 60, shown=False)).outcome == "recorded"

    for stream in (old, new):
        await answer(stream, 0)  # and what there is of it is at hand
    fresh_one = await quickest(lambda number: answer(new, number))
    assert await quickest(lambda number: answer(old, number)) <= 2 * fresh_one + 0.02
    # Another worker begins with the snapshot, not with the first event.
    snapshots = "select max(version) from vekha.snapshot where stream = %s"
    (latest,) = engine.connection.execute(snapshots, (old,)).fetchone() or (0,)
    assert latest > EVENTS - SNAPSHOT_EVENTS
    await engine.stop_worker()
    await engine.start_worker()
    assert await taken(answer(new, 100)) + 0.5 > await taken(answer(old, 100))
    whole, state = read_measure(engine.connection, year.roadmap.id, "2.3")
    standing = read_standing(engine.connection, old)
    assert standing is not None
    assert state is not None
    assert standing.state == replace(state, answered={})
    last = f"{old}/{len(whole)}"
    roadmap = ("--roadmap", year.roadmap.id)
    for door, of_old, of_new in (
        (admin, ("show", "2.3", *roadmap), ("show", "2.10", *roadmap)),
        (audit, ("explain", "--event", last), ("explain", "--event", f"{new}/2")),
    ):
        fresh_one = await quickest(partial(said, door, of_new), 3)
        assert await quickest(partial(said, door, of_old), 3) <= 2 * fresh_one + 0.2, of_old
    assert await quickest(partial(said, starter, ("status", *roadmap)), 3) < 2


async def test_a_measure_of_two_thousand_bodies_lives(engine: Engine, example: Definition) -> None:
    """Its plan is larger than anything that Temporal takes in one piece; its deadlines fall on one instant."""
    codes = [f"body-{number}" for number in range(1990)]
    bodies = (
        *example.roadmap.registry.bodies,
        *(Body(code, f"Муниципальное учреждение {code} " * 8) for code in codes),
    )
    registry = replace(example.roadmap.registry, bodies=bodies)
    day = example.roadmap.order.date
    tested = fresh(replace(example.roadmap, registry=registry), [measure("1.1", codes, point("1", day, day))])
    year = await engine.player.start(engine.connection, tested, example.source)
    command = make_command("first", codes[7], year.now(), None, ReportProgress(note="начато"))
    stream = measure_stream(year.roadmap.id, "1.1")
    assert (await send(engine.client, engine.connection, stream, command, 60)).outcome == "recorded"
    due = tested.policy.instant(day, tested.policy.due_time)
    await engine.player.move(stream, year, due)
    missed = "select count(*) from vekha.event where stream = %s and type = 'DeadlineMissed'"

    def all_missed() -> bool:
        row = engine.connection.execute(missed, (stream,)).fetchone()
        return row == (len(codes),)

    await until(all_missed, 120)


def grow(engine: Engine, year: Year, number: str, events: int) -> None:
    """Let a measure's stream have so many progress reports, as they would stand there; nobody works meanwhile."""
    records, state = read_measure(engine.connection, year.roadmap.id, number)
    assert state is not None
    stream = measure_stream(year.roadmap.id, number)
    command = make_command("grown", "uo", year.now(), None, ReportProgress(note=NOTE))
    (event,) = MEASURE.hear(state, Received(command, year.now()))
    row = event_record(event, stream, len(records) + 1, records[-1].writer)
    copied = (
        "insert into vekha.event (stream, version, id, type, schema_version, occurred_on, at, received_at, actor,"
        " command_id, signed, data, command, writer)"
        " select %s, %s + place, gen_random_uuid(), %s, 1, %s, %s, %s, %s, 'grown-' || place, false, %s,"
        " replace(%s, '\"grown\"', '\"grown-' || place || '\"'), %s from generate_series(1, %s) as place"
    )
    values = (
        stream,
        len(records),
        row.type,
        row.occurred_on,
        row.at,
        row.received_at,
        row.actor,
        row.data,
        row.command,
    )
    with psycopg.connect(engine.database_url, autocommit=True) as connection:
        connection.execute(copied, (*values, row.writer, events))


async def taken(work: Awaitable[object]) -> float:
    """Return the seconds that something takes."""
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


async def quickest(work: Callable[[int], Awaitable[object]], times: int = 7) -> float:
    """Return the seconds of the quickest of several times: what else the machine does disturbs that least."""
    return min([await taken(work(number)) for number in range(1, times + 1)])


async def said(door: click.Command, arguments: tuple[str, ...], _number: int) -> None:
    """Call a door, which has to answer."""
    answered = await asyncio.to_thread(call, door, arguments)
    assert answered.code == 0, answered.err
