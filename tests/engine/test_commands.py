"""Commands at the real engine: repeats, crowds, outages, and what the doors answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import time as at_time
from datetime import timedelta

import pytest

from app.log import Year, read_measure
from app.sending import send
from app.years import Patience, start_year
from domain.codec import command_record, make_command
from domain.commands import AcceptExecution, Command, ReportExecution, ReportProgress
from domain.records import EventRecord
from domain.roadmap import measure_stream
from doors.cli.audit import decided_again
from tests.engine.conftest import Engine
from tests.engine.roadmaps import Definition, fresh, measure, point, some
from wire.names import SUBMIT


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        await asyncio.sleep(0.01)


def records_of(engine: Engine, year: Year, number: str) -> list[EventRecord]:
    """Return the rows of a measure."""
    return read_measure(engine.connection, year.roadmap.id, number)[0]


async def signal(engine: Engine, year: Year, number: str, *commands: Command) -> None:
    """Send commands past the doors, all at once."""
    handle = engine.client.get_workflow_handle(measure_stream(year.roadmap.id, number))
    await asyncio.gather(*(handle.signal(SUBMIT, command_record(command)) for command in commands))


async def test_continue_as_new_every_five_turns_loses_nothing_while_500_signals_arrive(
    engine: Engine, example: Definition
) -> None:
    """Versions are gapless, every command is answered once, and there were many runs."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source, turns_per_run=5)
    commands = [
        make_command(f"c{number}", "uo", year.now(), None, ReportProgress(note=str(number))) for number in range(500)
    ]
    for first in range(0, len(commands), 20):
        await signal(engine, year, "2.3", *commands[first : first + 20])
    await until(lambda: len(records_of(engine, year, "2.3")) > len(commands), 90)
    records = records_of(engine, year, "2.3")
    assert [record.version for record in records] == list(range(1, len(records) + 1))
    assert Counter(record.command_id for record in records if record.command_id) == Counter(
        command.id for command in commands
    )
    assert not decided_again(records).differences
    runs = await engine.client.count_workflows(f"WorkflowId = '{measure_stream(year.roadmap.id, '2.3')}'")
    assert runs.count > 3


async def test_a_command_sent_a_hundred_times_happens_once(engine: Engine, example: Definition) -> None:
    """Before and after the completion; and the same id with other content is refused, once."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    report = make_command("report", "uo", year.now(), None, ReportExecution(note="готово", early=True))
    accept = make_command("accept", "vasyutina", year.now(), None, AcceptExecution())
    other = make_command("report", "uo", year.now(), None, ReportExecution(note="другое"))
    await signal(engine, year, "2.3", *[report] * 100)
    await until(lambda: len(records_of(engine, year, "2.3")) > 1)
    await signal(engine, year, "2.3", *[accept] * 100)
    await until(lambda: any(record.type == "MeasureCompleted" for record in records_of(engine, year, "2.3")))
    await signal(engine, year, "2.3", *[report] * 100, *[other] * 100)
    late = make_command("late", "uo", year.now(), None, ReportExecution())
    await signal(engine, year, "2.3", late)
    await until(lambda: any(record.command_id == "late" for record in records_of(engine, year, "2.3")))
    found = [(record.type, record.command_id) for record in records_of(engine, year, "2.3") if record.command_id]
    assert found == [
        ("ExecutionReported", "report"),
        ("ExecutionAccepted", "accept"),
        ("MeasureCompleted", "accept"),
        ("CommandRefused", "report"),
        ("CommandRefused", "late"),
    ]


async def test_the_second_sender_gets_the_first_answer(engine: Engine, example: Definition) -> None:
    """A door that sends a command again tells the answer of the first time."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    command = make_command("once", "uo", year.now(), None, ReportProgress(note="раз"))
    stream = measure_stream(year.roadmap.id, "2.3")
    first = await send(engine.client, engine.connection, stream, command, 30)
    again = await send(engine.client, engine.connection, stream, replace(command, sent_at=year.now()), 30)
    assert (first.outcome, first.repeated) == ("recorded", False)
    assert (again.outcome, again.repeated) == ("recorded", True)
    assert [record.id for record in first.events] == [record.id for record in again.events]


@pytest.mark.parametrize("record", ["text", 7, None, [], {}, {"id": 1}, {"id": "x", "n": float("nan")}])
async def test_a_record_that_is_no_command_is_refused_and_the_measure_lives_on(
    engine: Engine, example: Definition, record: object
) -> None:
    """Whatever comes over the wire makes an event, and nothing breaks."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    handle = engine.client.get_workflow_handle(measure_stream(year.roadmap.id, "2.3"))
    await handle.signal(SUBMIT, record)
    await until(lambda: any(row.type == "CommandRefused" for row in records_of(engine, year, "2.3")))
    command = make_command("after", "uo", year.now(), None, ReportProgress())
    answer = await send(engine.client, engine.connection, measure_stream(year.roadmap.id, "2.3"), command, 30)
    assert answer.outcome == "recorded"


async def test_nobody_is_late_because_the_worker_was_off(engine: Engine, example: Definition) -> None:
    """One report comes before the due moment and one after it, both while no worker runs: only the second is late."""
    roadmap = example.roadmap
    day = roadmap.order.date
    soon = replace(roadmap.policy, due_time=at_time(9, 0, 8))  # the year begins at nine
    tested = fresh(replace(roadmap, policy=soon), [measure("1.1", ["school-1", "school-6"], point("1", day, day))])
    year = await engine.player.start(engine.connection, tested, example.source)
    due = soon.instant(day, soon.due_time)
    await engine.stop_worker()
    assert year.now() < due - timedelta(seconds=1), "the machine is too slow for this test"
    early = make_command("early", "school-1", year.now(), None, ReportExecution())
    await signal(engine, year, "1.1", early)
    await until(lambda: year.now() > due + timedelta(seconds=1))
    late = make_command("late", "school-6", year.now(), None, ReportExecution())
    await signal(engine, year, "1.1", late)
    await engine.start_worker()
    await until(lambda: sum(record.type == "ExecutionReported" for record in records_of(engine, year, "1.1")) == 2)
    found = [(record.type, record.command_id) for record in records_of(engine, year, "1.1")]
    facts = [item for item in found if item[0] in {"ExecutionReported", "DeadlineMissed"}]
    assert facts == [("ExecutionReported", "early"), ("DeadlineMissed", None), ("ExecutionReported", "late")]
    _, state = read_measure(engine.connection, year.roadmap.id, "1.1")
    assert state is not None
    lateness = {item.body: getattr(item.stage, "days_late", None) for item in state.assignments.values()}
    assert lateness == {"school-1": 0, "school-6": 1}


async def test_a_start_repeated_starts_nothing_twice(engine: Engine, example: Definition) -> None:
    """The second start finds everything running; after the close there is no third."""
    roadmap = some(example.roadmap, "2.3", "2.10", "3.3")
    first = await start_year(engine.client, engine.connection, roadmap, example.source)
    again = await start_year(engine.client, engine.connection, roadmap, example.source)
    assert (first["started"], first["already_running"]) == (3, 0)
    assert (again["started"], again["already_running"]) == (0, 3)


async def test_whoever_waits_for_a_large_year_waits_as_long_as_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand measures take longer than one is given: what counts is the time without any change."""
    monkeypatch.setattr("app.years.WAIT_SECONDS", 0.3)
    patience = Patience()
    begun, seen = time.monotonic(), 0
    while time.monotonic() < begun + 0.6:
        seen += 1
        assert await patience.lasts(seen)
    while await patience.lasts(seen):
        assert time.monotonic() < begun + 10
