"""The engine held against the log: each way in which they can part is told, and a sound year has none."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

import domain.silence
import doors.cli.reconcile
from activities.measures import ROADMAP
from app.log import Year, read_measure
from app.sending import send
from domain.codec import event_record, make_command
from domain.commands import Close, Received, ReportProgress, RequestExtension
from domain.events import ADMINISTRATOR
from domain.measure import MEASURE
from domain.roadmap import measure_stream, year_stream
from domain.year import YEAR
from doors.cli.reconcile import mismatches
from eventlog.append import append
from eventlog.read import read_stream
from tests.engine.conftest import Engine, end_all
from tests.engine.roadmaps import Definition, some
from tests.engine.test_commands import records_of, signal, until
from tests.engine.test_letters import report, year_with_post
from tests.engine.test_strangers import alarmed, becomes, handle_of, stranger_reports, tail_cut_off
from tests.mail.office import PostOffice, listening
from wire.names import MEASURE_WORKFLOW, TASK_QUEUE
from wire.signatures import StreamInput


@pytest.fixture(autouse=True)
def _no_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take for lost at once what a real check gives a minute to: a test waits for what it expects by itself."""
    monkeypatch.setattr(doors.cli.reconcile, "TOLERANCE", timedelta())


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


async def test_an_open_measure_whose_workflow_temporal_has_lost_is_found(engine: Engine, example: Definition) -> None:
    """Temporal has forgotten it, as after its database was lost; the log has it open."""
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    await engine.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=engine.client.namespace, workflow_execution=WorkflowExecution(workflow_id=stream)
        )
    )

    async def lost() -> bool:
        return ("no-workflow", stream) in await found(engine, year)

    assert await becomes(lost)


async def test_a_measure_without_events_in_a_running_year_is_found(engine: Engine, example: Definition) -> None:
    """Its stream is gone from the log, its workflow still runs: both are told."""
    year = await begun(engine, example, "2.3")
    await engine.stop_worker()
    stream = measure_stream(year.roadmap.id, "2.3")
    engine.connection.execute("alter table vekha.event disable trigger append_only")
    engine.connection.execute("alter table vekha.seal drop constraint seal_seq_fkey")
    engine.connection.execute("delete from vekha.event where stream = %s", (stream,))
    assert await found(engine, year) == [("not-planned", stream), ("no-events", stream)]


async def test_a_moment_that_passed_without_its_event_is_found(engine: Engine, example: Definition) -> None:
    """The worker is away when the measure's clock comes to its next moment; back again, it catches up."""
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    _, state = read_measure(engine.connection, year.roadmap.id, "2.3")
    assert state is not None
    due = MEASURE.due(state)
    assert due is not None
    await engine.stop_worker()
    moving = asyncio.create_task(engine.player.move(stream, year, due.at + timedelta(hours=1)))

    async def overdue() -> bool:
        return ("moment-overdue", stream) in await found(engine, year)

    assert await becomes(overdue)
    await engine.start_worker()
    await moving
    await until(lambda: type(due.fact).__name__ in {record.type for record in records_of(engine, year, "2.3")})
    assert not await overdue()


async def test_a_letter_whose_outcome_is_not_logged_is_found(engine: Engine, example: Definition) -> None:
    """The engine has sent it; the row that says so is gone."""
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    asks = RequestExtension(until=year.roadmap.period.last + timedelta(days=30), reason="проверка")
    await signal(engine, year, "2.3", make_command("second", "uo", year.now(), None, asks))
    await until(lambda: records_of(engine, year, "2.3")[-1].type == "NoticeFiled")
    with tail_cut_off(engine, stream):
        assert ("letter-unrecorded", stream) in await found(engine, year)
    assert await found(engine, year) == []


async def test_a_letter_that_is_tried_for_too_long_is_found(
    engine: Engine, temporal_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three days after its event the log should have an outcome."""
    async with listening(PostOffice()) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration)
        notice = await report(engine, year)
        stream = measure_stream(year.roadmap.id, "1.1")
        assert await found(engine, year) == []
        for limit in ("LETTER_LIMIT", "RECORDING_LIMIT"):
            monkeypatch.setattr(domain.silence, limit, timedelta())
        only = year.roadmap.id
        told = [one async for one in mismatches(engine.client, engine.connection, [only], only=only)]
        assert [(one.code, one.stream, one.detail) for one in told] == [("letter-overdue", stream, notice)]


async def closed_by_a_stranger(engine: Engine, year: Year) -> None:
    """Write the close into the year's stream, which no workflow carries to the measures."""
    stream = year_stream(year.roadmap.id)
    command = make_command("close", ADMINISTRATOR, year.now(), None, Close())
    stored = len(list(read_stream(engine.connection, stream)))
    events = YEAR.hear(year.state, Received(command, year.now()))
    rows = [event_record(event, stream, stored + place, "a-stranger") for place, event in enumerate(events, start=1)]
    async with await psycopg.AsyncConnection.connect(engine.database_url, autocommit=True) as connection:
        assert (await append(connection, stream, stored, rows)).outcome == "appended"


async def test_what_still_runs_after_the_close_of_its_year_is_found(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log says that the year is closed, and no worker carries that to its workflows."""
    monkeypatch.setattr(doors.cli.reconcile, "CLOSING_TOLERANCE", timedelta())
    year = await begun(engine, example, "2.3")
    await engine.stop_worker()
    stream = year_stream(year.roadmap.id)
    await closed_by_a_stranger(engine, year)
    measure = measure_stream(year.roadmap.id, "2.3")
    assert {*await found(engine, year)} == {
        ("still-running", stream),
        ("still-running", measure),
        ("not-closed", measure),
    }


async def test_a_workflow_that_the_log_knows_nothing_of_is_found(engine: Engine, example: Definition) -> None:
    """It runs under the year's name, with no event behind it."""
    year = await begun(engine, example, "2.3")
    await engine.stop_worker()
    stranger = measure_stream(year.roadmap.id, "9.9")
    start: Any = StreamInput(100)
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
