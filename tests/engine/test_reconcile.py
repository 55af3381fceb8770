"""The engine held against the log: each way in which they can part is told, and a sound year has none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.common import SearchAttributePair, TypedSearchAttributes

import doors.reconcile
from activities.measures import ROADMAP
from domain.codec import make_command
from domain.commands import ReportProgress
from domain.roadmap import measure_stream, year_stream
from doors.reconcile import mismatches
from doors.sending import send
from doors.services import Year
from tests.engine.conftest import Engine, end_all
from tests.engine.roadmaps import Definition, some
from tests.engine.test_commands import records_of, signal, until
from tests.engine.test_strangers import alarmed, becomes, handle_of, stranger_reports, tail_cut_off
from workflows import MEASURE_WORKFLOW, TASK_QUEUE
from workflows.stream import StreamInput


@pytest.fixture(autouse=True)
def _no_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take for lost at once what a real check gives a minute to: a test waits for what it expects by itself."""
    monkeypatch.setattr(doors.reconcile, "TOLERANCE", timedelta())


async def found(engine: Engine, year: Year) -> list[tuple[str, str]]:
    """Return the codes and streams of what differs in a year."""
    only = year.roadmap.id
    return [(one.code, one.stream) async for one in mismatches(engine.client, engine.connection, [only], only=only)]


async def begun(engine: Engine, example: Definition, *numbers: str) -> Year:
    """Start a small year and let a measure of it answer a command."""
    year = await engine.player.start(engine.connection, some(example.roadmap, *numbers), example.source)
    command = make_command("first", "uo", year.now(), None, ReportProgress(note="до"))
    stream = measure_stream(year.roadmap.id, "2.3")
    assert (await send(engine.client, engine.connection, stream, command, 30)).outcome == "recorded"
    return year


async def test_a_sound_year_and_a_lost_one_are_told_apart(engine: Engine, example: Definition) -> None:
    """Nothing differs while all is well; ended workflows are found, one by one, and after `recover` nothing differs."""
    year = await begun(engine, example, "2.3", "3.6")
    streams = [year_stream(year.roadmap.id), *(measure_stream(year.roadmap.id, one) for one in ("2.3", "3.6"))]
    assert await found(engine, year) == []
    await end_all(engine.client)
    assert await found(engine, year) == [("workflow-ended", stream) for stream in streams]
    await engine.player.recover(engine.connection, year)
    await until(lambda: len(records_of(engine, year, "2.3")) > 1)
    assert await found(engine, year) == []


async def test_a_command_that_nobody_answered_is_found(engine: Engine, example: Definition) -> None:
    """The worker is away: its signal is at the server, its answer is not in the log."""
    year = await begun(engine, example, "2.3")
    await engine.stop_worker()
    await signal(engine, year, "2.3", make_command("second", "uo", year.now(), None, ReportProgress(note="после")))
    assert await found(engine, year) == [("signal-unanswered", measure_stream(year.roadmap.id, "2.3"))]
    await engine.start_worker()
    await until(lambda: "second" in {record.command_id for record in records_of(engine, year, "2.3")})
    assert await found(engine, year) == []


async def test_rows_that_the_engine_wrote_and_the_log_lost_are_found(engine: Engine, example: Definition) -> None:
    """The answered command is unanswered again, and the log is shorter than what the workflow saw in it."""
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    with tail_cut_off(engine, stream):
        codes = {code for code, _ in await found(engine, year)}
    assert codes >= {"signal-unanswered"}
    assert await found(engine, year) == []


async def test_a_halted_measure_is_found(engine: Engine, example: Definition) -> None:
    """Its alarm stands until a person has looked."""
    year = await begun(engine, example, "2.3")
    await stranger_reports(engine, year)
    await signal(engine, year, "2.3", make_command("second", "uo", year.now(), None, ReportProgress(note="после")))
    await becomes(lambda: alarmed(handle_of(engine, year)))
    assert ("alarm", measure_stream(year.roadmap.id, "2.3")) in await found(engine, year)


async def test_a_workflow_that_the_log_knows_nothing_of_is_found(engine: Engine, example: Definition) -> None:
    """It runs under the year's name, with no event behind it."""
    year = await begun(engine, example, "2.3")
    await engine.stop_worker()
    stranger = measure_stream(year.roadmap.id, "9.9")
    start: Any = StreamInput(stranger, 0, 100, 0.0)
    await engine.client.start_workflow(
        MEASURE_WORKFLOW,
        start,
        id=stranger,
        task_queue=TASK_QUEUE,
        search_attributes=TypedSearchAttributes([SearchAttributePair(ROADMAP, year.roadmap.id)]),
    )

    async def listed() -> bool:
        return ("no-events", stranger) in await found(engine, year)

    assert await becomes(listed)
