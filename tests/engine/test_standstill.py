"""What stands still is seen, and can be made to go on: each way for one measure and for the year's own workflow."""

from __future__ import annotations

import asyncio
import json
import logging
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as at_time
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import structlog
from psycopg import sql
from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import (
    DeleteWorkflowExecutionRequest,
    PauseActivityRequest,
    SignalWorkflowExecutionRequest,
    UnpauseActivityRequest,
)
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import app.engine
import app.years
import doors.cli.reconcile
import stack.temporal
import stack.watching
from activities.measures import attributes_of, described, runs
from app.engine import all_standstills
from app.log import Year, read_measure, read_year
from app.problem import Problem, ProblemKind
from app.sending import engine_trouble, send
from app.watch import look
from app.years import close_year
from domain.codec import command_record, make_command
from domain.commands import MeasureIndicator, ReportExecution, ReportProgress
from domain.events import YearClosed
from domain.records import EventRecord
from domain.roadmap import measure_stream, year_stream
from domain.turn import Due, Ledger
from doors.cli.reconcile import mismatches
from doors.cli.starter import starter
from eventlog.read import read_stream
from eventlog.sealer import seal_new
from stack import Endpoints, Stack, jobs
from tests.doors.calling import SCHEMAS, call, script
from tests.engine.conftest import Engine, running_engine
from tests.engine.roadmaps import Definition, fresh, measure, point, some
from tests.engine.test_commands import records_of, signal, until
from tests.engine.test_letters import report, year_with_post
from tests.engine.test_reconcile import begun, closed_by_a_stranger
from tests.engine.test_strangers import alarmed, becomes, calm, handle_of, stranger_reports, tail_cut_off
from tests.eventlog.log import put, record
from tests.mail.office import PostOffice, listening
from wire.names import LETTERS_QUEUE, MEASURE_WORKFLOW, RESUME, SUBMIT, TASK_QUEUE, YEAR_WORKFLOW
from wire.payloads import PACKED
from wire.signatures import TURN, Arrival, StreamInput, TurnAnswer, TurnOrder

APPEND = (
    "select oid::regprocedure::text, proowner::regrole::text from pg_proc"
    " where proname = 'append' and pronamespace = 'vekha'::regnamespace"
)
NUMBERS = ("2.3", "2.10", "3.3", "3.6", "1.3", "1.4")


@pytest.fixture(autouse=True)
def _no_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take for lost at once what a real check gives a minute to: a test waits for what it expects by itself."""
    monkeypatch.setattr(doors.cli.reconcile, "TOLERANCE", timedelta())
    monkeypatch.setattr(app.engine, "TOLERANCE", timedelta())


async def found(engine: Engine, year: Year) -> set[tuple[str, str]]:
    """Return the codes and streams of what differs in a year."""
    only = year.roadmap.id
    return {(one.code, one.stream) async for one in mismatches(engine.client, engine.connection, [only], only=only)}


async def tells(engine: Engine, year: Year, code: str, stream: str) -> None:
    """Wait until `reconcile` says this of a stream."""

    async def told() -> bool:
        return (code, stream) in await found(engine, year)

    assert await becomes(told)


async def sound(engine: Engine, year: Year) -> None:
    """Wait until `reconcile` has nothing to say."""

    async def nothing() -> bool:
        return not await found(engine, year)

    assert await becomes(nothing)


def commands_of(engine: Engine, stream: str) -> dict[str | None, str]:
    """Return the commands that a stream has answered, each with the type of its first event."""
    rows: list[EventRecord] = list(read_stream(engine.connection, stream))
    return {row.command_id: row.type for row in rows if row.command is not None}


def is_answered(engine: Engine, stream: str, command: str) -> bool:
    """Tell whether a stream has answered a command."""
    return command in commands_of(engine, stream)


# ------------------------------------------------------------------------------------ lost, in each way


async def ended(engine: Engine, stream: str) -> bool:
    """Tell whether no workflow of a stream runs."""
    return not runs(await described(engine.client, stream))


async def terminated(engine: Engine, stream: str) -> None:
    """End it at once."""
    await engine.client.get_workflow_handle(stream).terminate("by hand")


async def cancelled(engine: Engine, stream: str) -> None:
    """Ask it to end; its worker does that."""
    await engine.client.get_workflow_handle(stream).cancel()


async def deleted(engine: Engine, stream: str) -> None:
    """Take it away with its history."""
    await engine.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=engine.client.namespace, workflow_execution=WorkflowExecution(workflow_id=stream)
        )
    )
    await becomes(partial(gone, engine, stream))


async def gone(engine: Engine, stream: str) -> bool:
    """Tell whether Temporal knows nothing of it."""
    return await described(engine.client, stream) is None


async def replaced(engine: Engine, stream: str, kind: str, queue: str, start: Any) -> None:
    """Put a stranger's workflow in its place."""
    await terminated(engine, stream)
    await engine.client.start_workflow(kind, start, id=stream, task_queue=queue)


def kind_of(stream: str) -> str:
    """Return the type of a stream's workflow."""
    return YEAR_WORKFLOW if stream.endswith("/year") else MEASURE_WORKFLOW


# Each way with the code that tells it.
WAYS: dict[str, tuple[str, Callable[[Engine, str], Awaitable[None]]]] = {
    "cancelled": ("workflow-ended", cancelled),
    "terminated": ("workflow-ended", terminated),
    "deleted": ("no-workflow", deleted),
    "of-wrong-type": ("wrong-workflow", lambda e, s: replaced(e, s, "Stranger", TASK_QUEUE, 7)),
    "of-wrong-queue": ("wrong-workflow", lambda e, s: replaced(e, s, kind_of(s), "elsewhere", StreamInput(100))),
    "of-wrong-shape": ("task-failing", lambda e, s: replaced(e, s, kind_of(s), TASK_QUEUE, ["no", "input"])),
}
# What has wrong search attributes too is told by them first.
ALSO = {"wrong-attributes"}


async def test_measures_that_were_lost_in_each_way_come_back_with_what_they_were_sent(
    engine: Engine, example: Definition
) -> None:
    """Commands were sent, and no worker had turned them: they are answered after `recover`, but for a deleted run's."""
    year = await engine.player.start(engine.connection, some(example.roadmap, *NUMBERS), example.source)
    streams = dict(zip(WAYS, (measure_stream(year.roadmap.id, number) for number in NUMBERS), strict=True))
    bodies = {item.number: year.roadmap.registry.open_group(item.bodies[0])[0] for item in year.roadmap.measures}
    await sound(engine, year)
    await engine.stop_worker()
    for way, number in zip(WAYS, NUMBERS, strict=True):
        command = make_command(f"to-the-{way}", bodies[number], year.now(), None, ReportProgress(note=way))
        await signal(engine, year, number, command)
        await WAYS[way][1](engine, streams[way])
    await engine.start_worker()
    await becomes(partial(ended, engine, streams["cancelled"]))
    for way, (code, _) in WAYS.items():
        await tells_one_of(engine, year, {code} | ALSO, streams[way])
    found_lost = await engine.player.recover(engine.connection, year)
    assert (found_lost["started"], found_lost["already_running"]) == (len(NUMBERS), 0)
    for way, stream in streams.items():
        assert (f"to-the-{way}" in commands_of(engine, stream)) is (way != "deleted"), way
    await sound(engine, year)


async def tells_one_of(engine: Engine, year: Year, codes: set[str], stream: str) -> None:
    """Wait until `reconcile` says one of these of a stream."""

    async def told() -> bool:
        return not codes.isdisjoint(code for code, one in await found(engine, year) if one == stream)

    assert await becomes(told)


async def test_a_years_own_workflow_comes_back_from_each_way_of_losing_it(engine: Engine, example: Definition) -> None:
    """One after the other, with a value that it was sent before; nothing of its measure is touched."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    stream = year_stream(year.roadmap.id)
    measure_run = (await handle_of(engine, year).describe()).run_id
    for way, (code, lose) in WAYS.items():
        await engine.stop_worker()
        request = MeasureIndicator(indicator="none", numerator=Decimal(1))
        command = make_command(f"to-the-{way}", "uo", year.now(), None, request)
        await engine.client.get_workflow_handle(stream).signal(SUBMIT, command_record(command))
        await lose(engine, stream)
        await engine.start_worker()
        if way == "cancelled":
            await becomes(partial(ended, engine, stream))
        await tells_one_of(engine, year, {code} | ALSO, stream)
        answer = await engine.player.recover(engine.connection, year)
        assert (answer["started"], answer["already_running"]) == (0, 1), way
        if way != "deleted":
            await until(partial(is_answered, engine, stream, f"to-the-{way}"))
        await sound(engine, year)
    assert (await handle_of(engine, year).describe()).run_id == measure_run


async def test_a_year_that_lost_a_workflow_is_told_at_a_glance(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the worker's log and by the health check, which ask for no single workflow; not of a year that is being started."""
    year = await begun(engine, example, "2.3", "3.6")
    await terminated(engine, measure_stream(year.roadmap.id, "3.6"))
    assert await look(engine.client, engine.database_url, {}) == {}
    monkeypatch.setattr(stack.watching, "STARTING", timedelta())
    seen = {"no-workflow": (f"{year.roadmap.id}: 2/3",)}

    async def told() -> bool:
        return await look(engine.client, engine.database_url, {}) == seen

    assert await becomes(told)
    await engine.player.recover(engine.connection, year)

    async def well() -> bool:
        return await look(engine.client, engine.database_url, {}) == {}

    assert await becomes(well)


async def test_a_report_to_a_run_that_was_terminated_unread_is_in_time(engine: Engine, example: Definition) -> None:
    """It came before the due moment; the run ended, another one too before it could read it, and only then `recover`."""
    roadmap = example.roadmap
    day = roadmap.order.date
    soon = replace(roadmap.policy, due_time=at_time(9, 0, 8))  # the year begins at nine
    tested = fresh(replace(roadmap, policy=soon), [measure("1.1", ["school-1"], point("1", day, day))])
    year = await engine.player.start(engine.connection, tested, example.source)
    stream = measure_stream(year.roadmap.id, "1.1")
    due = soon.instant(day, soon.due_time)
    await engine.stop_worker()
    assert year.now() < due - timedelta(seconds=1), "the machine is too slow for this test"
    await signal(engine, year, "1.1", make_command("early", "school-1", year.now(), None, ReportExecution()))
    await terminated(engine, stream)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.years, "WAIT_SECONDS", 0.5)
        with pytest.raises(Problem):
            await engine.player.recover(engine.connection, year)
    await terminated(engine, stream)
    await until(lambda: year.now() > due + timedelta(seconds=1))
    await engine.start_worker()
    await engine.player.recover(engine.connection, year)
    _, state = read_measure(engine.connection, year.roadmap.id, "1.1")
    assert state is not None
    assert [getattr(item.stage, "days_late", None) for item in state.assignments.values()] == [0]
    assert "DeadlineMissed" not in {row.type for row in records_of(engine, year, "1.1")}


async def test_what_a_lost_run_had_carried_along_is_taken_up(engine: Engine, example: Definition) -> None:
    """It had just been continued as new, with a command in its inbox, and had not taken a turn."""
    year = await begun(engine, example, "2.3")
    handle = handle_of(engine, year)
    await engine.stop_worker()
    await handle.terminate()
    command = make_command("carried", "uo", year.now(), None, ReportProgress(note="несли"))
    seen_at = (year.now() - year.state.offset).isoformat()
    start: Any = StreamInput(100, 2, [Arrival(command_record(command), seen_at, str(uuid4()), 100)])
    await engine.client.start_workflow(MEASURE_WORKFLOW, start, id=handle.id, task_queue=TASK_QUEUE)
    await handle.terminate()
    await engine.start_worker()
    await engine.player.recover(engine.connection, year)
    await until(lambda: commands_of(engine, handle.id).get("carried") == "ProgressReported")
    await sound(engine, year)


async def test_what_another_log_was_sent_is_not_taken_up(engine: Engine, example: Definition) -> None:
    """A year of this name ran here before its stream began, as where a database was made anew beside the old Temporal."""
    roadmap = some(example.roadmap, "2.3")
    stream = measure_stream(f"{roadmap.id}~r1", "2.3")
    await engine.stop_worker()
    start: Any = StreamInput(100)
    await engine.client.start_workflow(MEASURE_WORKFLOW, start, id=stream, task_queue=TASK_QUEUE)
    command = make_command("of-another", "uo", datetime.now(UTC), None, ReportProgress())
    await engine.client.get_workflow_handle(stream).signal(SUBMIT, command_record(command))
    await terminated(engine, stream)
    await engine.start_worker()
    year = await engine.player.start(engine.connection, roadmap, example.source)
    assert year.roadmap.id == f"{roadmap.id}~r1"
    after = make_command("of-this", "uo", year.now(), None, ReportProgress())
    assert (await send(engine.client, engine.connection, stream, after, 30)).outcome == "recorded"
    assert set(commands_of(engine, stream)) == {"of-this"}


async def test_recover_without_a_worker_says_what_is_missing(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The streams that stand still, and why; with the worker back, it goes on by itself."""
    year = await begun(engine, example, "2.3", "3.6")
    stream = measure_stream(year.roadmap.id, "3.6")
    await engine.stop_worker()
    await terminated(engine, stream)
    monkeypatch.setattr(app.years, "WAIT_SECONDS", 1.0)
    with pytest.raises(Problem) as refused:
        await engine.player.recover(engine.connection, year)
    assert (refused.value.kind, refused.value.code) == (ProblemKind.UNANSWERED, "queued")
    assert f"{stream} — waits for a worker" in refused.value.en
    assert f"{stream} — ждёт рабочего процесса" in refused.value.ru
    assert measure_stream(year.roadmap.id, "2.3") not in refused.value.en
    await engine.start_worker()
    await sound(engine, year)


# ------------------------------------------------------------------------------------------ any signal


def payload(encoding: bytes, data: bytes) -> Payload:
    """Return bytes that say of themselves what they are."""
    return Payload(metadata={"encoding": encoding}, data=data)


NOT_COMMANDS: dict[str, list[Payload]] = {
    "no argument": [],
    "two arguments": [payload(b"json/plain", b'{"id": "x"}'), payload(b"json/plain", b"7")],
    "no JSON": [payload(b"json/plain", b'{"id": \xff')],
    "bytes": [payload(b"binary/plain", b"\x00\xff\x00")],
    "protobuf": [payload(b"binary/protobuf", b"\x0a\x01x")],
    "no encoding": [Payload(data=b"x")],
    "encoding of no text": [payload(b"\xff\xfe", b"x")],
    "packed garbage": [payload(PACKED, b"garbage")],
    "a packed nothing": [payload(PACKED, zlib.compress(b"\xff\xff"))],
    "a bomb": [payload(PACKED, zlib.compress(bytes(300_000_000)))],
    "a bomb of good JSON": [
        payload(PACKED, zlib.compress(payload(b"json/plain", b'"' + b"x" * 7_000_000 + b'"').SerializeToString()))
    ],
    "deep JSON": [payload(b"json/plain", b"[" * 900 + b"]" * 900)],
    "deeper JSON": [payload(b"json/plain", b"[" * 200_000)],
    "long JSON": [payload(b"json/plain", json.dumps("x" * 1_500_000).encode())],
    "half a letter": [payload(b"json/plain", b'"\\ud800"')],
    "a reference": [
        Payload(
            metadata={"encoding": b"json/protobuf", "messageType": b"temporal.api.sdk.v1.ExternalStorageReference"},
            data=b'{"driverName": "s3", "claimData": {"key": "x"}}',
        )
    ],
    "an old reference": [payload(b"json/external-storage-reference", b'{"driver_name": "s3"}')],
    "a marked reference": [
        Payload(metadata={"encoding": PACKED, "__temporal_external_storage_reference": b"true"}, data=b"x")
    ],
}
# Its two megabytes cost Temporal's own parts seconds: once is enough.
MILLION = [Payload()] * 990_000


async def raw_signal(client: Client, stream: str, name: str, payloads: list[Payload]) -> None:
    """Send a signal as it is, past every converter of ours."""
    await client.workflow_service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=stream),
            signal_name=name,
            input=Payloads(payloads=payloads),
        ),
        retry=True,  # a run that is just being continued takes none
    )


async def test_no_signal_stops_a_measure_or_a_year(engine: Engine, example: Definition) -> None:
    """Whatever comes is refused in the log or passed over, and a command after it is answered; also by a run that follows."""
    year = await begun(engine, example, "2.3")
    for stream in (measure_stream(year.roadmap.id, "2.3"), year_stream(year.roadmap.id)):
        for payloads in NOT_COMMANDS.values():
            await raw_signal(engine.client, stream, SUBMIT, payloads)
            await raw_signal(engine.client, stream, RESUME, payloads)
            await raw_signal(engine.client, stream, "no-such-signal", payloads)
        await raw_signal(engine.client, stream, "restore", [payload(b"binary/plain", b"\xff")])
        await raw_signal(engine.client, stream, SUBMIT, MILLION)
    command = make_command("after", "uo", year.now(), None, ReportProgress())
    stream = measure_stream(year.roadmap.id, "2.3")
    assert (await send(engine.client, engine.connection, stream, command, 60)).outcome == "recorded"
    refused = [row for row in records_of(engine, year, "2.3") if row.type == "CommandRefused"]
    assert len(refused) >= 3
    await sound(engine, year)
    for stream in (measure_stream(year.roadmap.id, "2.3"), year_stream(year.roadmap.id)):
        await terminated(engine, stream)
    await engine.player.recover(engine.connection, year)
    await sound(engine, year)
    assert [row for row in records_of(engine, year, "2.3") if row.type == "CommandRefused"] == refused


async def test_a_signals_name_writes_no_line_of_its_own_into_the_log(
    engine: Engine, example: Definition, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reads or searches the worker's log reads what the worker says."""
    year = await begun(engine, example, "2.3")
    await raw_signal(engine.client, measure_stream(year.roadmap.id, "2.3"), "x\n2026 [error] forged\x1b[2J", [])
    await until(lambda: any("nobody here knows" in record.getMessage() for record in caplog.records))
    (said,) = [one for one in map(logging.LogRecord.getMessage, caplog.records) if "nobody here knows" in one]
    assert said.isprintable()


async def test_a_resume_before_a_halt_lets_no_halt_pass(engine: Engine, example: Definition) -> None:
    """It counts only while the measure is halted; then it counts."""
    year = await begun(engine, example, "2.3")
    handle = handle_of(engine, year)
    await handle.signal(RESUME)
    await stranger_reports(engine, year)
    stored = len(records_of(engine, year, "2.3"))
    await signal(engine, year, "2.3", make_command("second", "uo", year.now(), None, ReportProgress(note="после")))
    await becomes(partial(alarmed, handle))
    assert len(records_of(engine, year, "2.3")) == stored
    await handle.signal(RESUME)
    await becomes(partial(calm, handle))
    await until(lambda: "second" in commands_of(engine, handle.id))


# ------------------------------------------------------------------------------------------- strangers


@workflow.defn(name="Stranger")
class Stranger:
    """Asks for a turn itself, with whatever it is given."""

    @workflow.run
    async def run(self, order: TurnOrder) -> TurnAnswer:
        """Ask, and return what it is answered."""
        answer: TurnAnswer = await workflow.execute_activity(
            TURN, order, task_queue=TASK_QUEUE, result_type=TurnAnswer, start_to_close_timeout=timedelta(seconds=30)
        )
        return answer


async def test_no_strangers_workflow_appends(engine: Engine, example: Definition) -> None:
    """Of another type under the stream's name, from its own worker, or of ours under a name that the log does not know."""
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    count = "select count(*) from vekha.event"
    before = engine.connection.execute(count).fetchone()
    await terminated(engine, stream)
    command = command_record(make_command("foreign", "uo", year.now(), None, ReportProgress(note="чужое")))
    seen_at = (year.now() - year.state.offset).isoformat()
    order = TurnOrder(2, seen_at, "chain", [Arrival(command, seen_at, "run")])
    runner = UnsandboxedWorkflowRunner()
    async with Worker(engine.client, task_queue="foreign", workflows=[Stranger], workflow_runner=runner):
        for id_ in (stream, f"{stream}-copy", "stranger"):
            with pytest.raises(WorkflowFailureError):
                await engine.client.execute_workflow(Stranger.run, order, id=id_, task_queue="foreign")
    start: Any = StreamInput(100, 0, [Arrival(command, seen_at, "run")])
    for id_ in (f"{stream}-copy", "test-of-nobody/year"):
        kind = kind_of(id_)
        with pytest.raises(WorkflowFailureError):
            await engine.client.execute_workflow(kind, start, id=id_, task_queue=TASK_QUEUE)
    assert engine.connection.execute(count).fetchone() == before
    await engine.player.recover(engine.connection, year)
    await sound(engine, year)


async def test_a_strangers_workflow_in_our_queue_is_found(engine: Engine, example: Definition) -> None:
    """Without a mark of ours: by its queue, or by the name that it bears."""
    year = await begun(engine, example, "2.3")
    await engine.stop_worker()
    name = f"{year.roadmap.id}/m/2.3-copy"
    await engine.client.start_workflow("Stranger", 7, id=name, task_queue=TASK_QUEUE)
    await tells(engine, year, "no-events", name)
    years = [year.roadmap.id]
    told = {(one.code, one.stream) async for one in mismatches(engine.client, engine.connection, years)}
    assert ("no-events", name) in told
    await terminated(engine, name)
    await engine.start_worker()
    await sound(engine, year)


async def test_wrong_search_attributes_are_found_and_mended(engine: Engine, example: Definition) -> None:
    """Started by hand, without them: lists do not show it, and what stands still in it would not be seen."""
    year = await begun(engine, example, "2.3")
    handle = handle_of(engine, year)
    await handle.terminate()
    start: Any = StreamInput(100)
    await engine.client.start_workflow(MEASURE_WORKFLOW, start, id=handle.id, task_queue=TASK_QUEUE)
    await tells(engine, year, "wrong-attributes", handle.id)
    assert (await engine.player.recover(engine.connection, year))["started"] == 1
    await sound(engine, year)


# --------------------------------------------------------------------------------- steps that do not succeed


async def test_a_login_that_lost_its_rights_is_told_and_goes_on_with_them(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In `reconcile` by the step that fails; a worker that starts with such a login ends with 3 and says what it lacks."""
    monkeypatch.setenv("VEKHA_LANG", "en")
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    with psycopg.connect(engine.database_url, autocommit=True) as owner:
        # An owner may take rights from himself; who owns the log by group, from the group.
        row = owner.execute(APPEND).fetchone()
        assert row is not None
        change = sql.SQL("{{}} execute on function {function} {{}} public, vekha_writer, {owner}, {login}").format(
            function=sql.SQL(row[0]), owner=sql.SQL(row[1]), login=sql.Identifier(owner.info.user)
        )
        owner.execute(sql.SQL(change.as_string(owner)).format(sql.SQL("revoke"), sql.SQL("from")))
        try:
            await signal(engine, year, "2.3", make_command("second", "uo", year.now(), None, ReportProgress()))
            await tells(engine, year, "no-rights", stream)
            seen = await look(engine.client, engine.database_url, {})
            assert "execute on vekha.append" in "".join(seen["no-rights"])
            said = await asyncio.to_thread(script, "worker.py", "--only", "temporal")
            assert said.code == 3
            assert "lacks rights in the database" in said.err
            assert "execute on vekha.append" in said.err
        finally:
            owner.execute(sql.SQL(change.as_string(owner)).format(sql.SQL("grant"), sql.SQL("to")))
    await until(lambda: "second" in commands_of(engine, stream))
    await sound(engine, year)


async def test_a_step_that_fails_again_and_again_is_told_with_its_reason(engine: Engine, example: Definition) -> None:
    """The log was cut: the turn is tried again until the row is back."""
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    with tail_cut_off(engine, stream):
        await signal(engine, year, "2.3", make_command("second", "uo", year.now(), None, ReportProgress()))
        await tells(engine, year, "activity-failing", stream)
        (one,) = [one for one in await all_standstills(engine.client, stream) if one.code == "activity-failing"]
        assert "LogWasCut" in one.detail
        step: dict[str, Any] = {
            "namespace": engine.client.namespace,
            "execution": WorkflowExecution(workflow_id=stream),
            "type": TURN,
        }
        await engine.client.workflow_service.pause_activity(PauseActivityRequest(**step))
        await tells(engine, year, "activity-paused", stream)
    await tells(engine, year, "activity-paused", stream)
    await engine.client.workflow_service.unpause_activity(UnpauseActivityRequest(**step))
    await sound(engine, year)


@workflow.defn(name="Measure")
class OfAnOlderProgram:
    """Waits for a step that today's program no longer has."""

    @workflow.run
    async def run(self, _start: StreamInput) -> None:
        """Ask for it until it is done."""
        await workflow.execute_activity("append", start_to_close_timeout=timedelta(minutes=5))


async def test_a_step_that_no_worker_knows_any_more_is_told_and_recover_goes_on_without_it(
    engine: Engine, example: Definition
) -> None:
    """A run of the program before hung in it when the new one was installed."""
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    await engine.stop_worker()
    await terminated(engine, stream)
    start: Any = StreamInput(100)
    await engine.client.start_workflow(
        "Measure",
        start,
        id=stream,
        task_queue=TASK_QUEUE,
        search_attributes=TypedSearchAttributes(attributes_of(stream)),
    )
    runner = UnsandboxedWorkflowRunner()
    async with Worker(engine.client, task_queue=TASK_QUEUE, workflows=[OfAnOlderProgram], workflow_runner=runner):
        await becomes(partial(is_asked, engine, stream, "append"))
    await engine.start_worker()
    await tells(engine, year, "task-failing", stream)
    assert (await engine.player.recover(engine.connection, year))["started"] == 1
    await sound(engine, year)
    command = make_command("after", "uo", year.now(), None, ReportProgress())
    assert (await send(engine.client, engine.connection, stream, command, 30)).outcome == "recorded"


async def is_asked(engine: Engine, stream: str, name: str) -> bool:
    """Tell whether a stream's workflow waits for a step of this name."""
    found = await described(engine.client, stream)
    assert found is not None
    return name in {one.activity_type.name for one in found.raw_description.pending_activities}


async def test_letters_that_wait_are_told_with_the_mail_servers_words(
    engine: Engine, temporal_client: Client, tmp_path: Path
) -> None:
    """They go by themselves once it takes them."""
    office = PostOffice(answers=["451 4.7.1 greylisted, come back"] * 2)
    office.hand.set()
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration)
        await report(engine, year)
        stream = measure_stream(year.roadmap.id, "1.1")
        await tells(engine, year, "letters-wait", stream)
        (one,) = await all_standstills(engine.client, stream)
        assert "greylisted" in one.detail
        assert await asyncio.to_thread(len, office.arrived) == 0
        await until(lambda: bool(office.arrived), 60)
        await sound(engine, year)
        assert await look(engine.client, engine.database_url, {}) == {}
        with pytest.MonkeyPatch.context() as patch:  # a real year: its next moment would have passed
            patch.setattr(stack.watching, "MOMENT_TOLERANCE", timedelta(days=-200))
            assert await look(engine.client, engine.database_url, {}) == {"moment-overdue": (stream,)}


# --------------------------------------------------------------------------------------------- full runs


async def test_a_run_that_takes_no_more_signals_is_told_at_the_door_and_mended(
    lone: Stack, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's own limit, lowered: the door says what it is, `reconcile` too, and nothing that was taken is lost."""
    monkeypatch.setitem(stack.temporal.TIME_SKIPPING, "history.maximumSignalsPerExecution", 4)
    endpoints = lone.up()
    monkeypatch.setenv("DATABASE_URL", endpoints.database_url)
    client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
    async with running_engine(endpoints.database_url, client) as engine:
        year = await begun(engine, example, "2.3")
        stream = measure_stream(year.roadmap.id, "2.3")
        await engine.stop_worker()
        monkeypatch.setattr(doors.cli.reconcile, "MOST_SIGNALS", 2)
        for number in range(3):
            await signal(engine, year, "2.3", make_command(f"c{number}", "uo", year.now(), None, ReportProgress()))
        command = make_command("full", "uo", year.now(), None, ReportProgress())
        with pytest.raises(Problem) as refused:
            await send(engine.client, engine.connection, stream, command, 0)
        assert (refused.value.kind, refused.value.code) == (ProblemKind.UNAVAILABLE, "engine-full")
        assert ("run-full", stream) in await found(engine, year)
        await terminated(engine, stream)
        await engine.start_worker()
        await engine.player.recover(engine.connection, year)
        assert {"c0", "c1", "c2"} <= set(commands_of(engine, stream))
        assert (await send(engine.client, engine.connection, stream, command, 30)).outcome == "recorded"
        await sound(engine, year)


@pytest.mark.parametrize(("minutes", "rehearsal", "told"), [(5, False, False), (5, True, True), (12, False, True)])
def test_a_moment_of_a_wave_has_its_time(minutes: int, *, rehearsal: bool, told: bool) -> None:
    """Who waits for an instant with many others wakes up to ten minutes later; in a played year nobody does."""
    now = datetime.now(UTC)
    due = Due(now - timedelta(minutes=minutes), YearClosed())
    year: Any = SimpleNamespace(state=SimpleNamespace(offset=timedelta()), rehearsal=rehearsal)
    found = doors.cli.reconcile.of_the_living(due, Ledger(), {}, now, doors.cli.reconcile.Trace(), year=year)
    assert [code for code, _ in found] == ["moment-overdue"] * told


async def test_a_history_that_grows_towards_its_limit_is_told(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its events and by its bytes, each before Temporal ends the run for it."""
    year = await begun(engine, example, "2.3")
    stream = measure_stream(year.roadmap.id, "2.3")
    await sound(engine, year)
    for limit in ("MOST_EVENTS", "MOST_BYTES"):
        with monkeypatch.context() as patch:
            patch.setattr(app.engine, limit, 1)
            assert ("run-full", stream) in await found(engine, year)


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (RPCStatusCode.INVALID_ARGUMENT, "exceeded workflow execution limit for signal events", "engine-full"),
        (RPCStatusCode.INVALID_ARGUMENT, "blob data size exceeds limit", "engine-refuses"),
        (RPCStatusCode.RESOURCE_EXHAUSTED, "namespace rate limit exceeded", "engine-busy"),
        (RPCStatusCode.PERMISSION_DENIED, "request unauthorized", "engine-closed"),
        (RPCStatusCode.NOT_FOUND, "namespace vekha is not found", "engine-other"),
        (RPCStatusCode.UNAVAILABLE, "connection refused", "no-engine"),
    ],
)
def test_a_door_says_why_temporal_did_not_take_a_command(status: RPCStatusCode, message: str, code: str) -> None:
    """Only a server that does not answer is told as one that does not answer."""
    said = engine_trouble(RPCError(message, status, b""))
    assert (said.kind, said.code) == (ProblemKind.UNAVAILABLE, code)
    assert ("does not answer" in said.en, "не отвечает" in said.ru) == (code == "no-engine", code == "no-engine")


def test_every_finding_has_its_words_and_its_place_in_the_schema() -> None:
    """What is wrong and what to do, in both languages; a script that reads the codes finds them listed."""
    listed = SCHEMAS["reconcile"]["properties"]["findings"]["items"]["properties"]["code"]["enum"]
    assert sorted(listed) == sorted(doors.cli.reconcile.WORDS.keys() - {"no-turn"})  # that one is only waited for
    for code, ((ru, en), (ru_advice, en_advice)) in doors.cli.reconcile.WORDS.items():
        assert all((ru, en, ru_advice, en_advice)), code


# ------------------------------------------------------------------------------------------------- closing


async def test_a_close_finishes_what_was_lost_before_and_meanwhile(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A measure was terminated before the close, and the year's workflow in its midst: `close` once more ends both."""
    monkeypatch.setattr(doors.cli.reconcile, "CLOSING_TOLERANCE", timedelta())
    monkeypatch.setattr(app.years, "WAIT_SECONDS", 3.0)
    year = await begun(engine, example, "2.3", "3.6")
    stream, lost = year_stream(year.roadmap.id), measure_stream(year.roadmap.id, "3.6")
    await terminated(engine, lost)
    await engine.stop_worker()
    closing = asyncio.create_task(close_year(engine.client, engine.connection, year))
    with pytest.raises(Problem):
        await closing
    await terminated(engine, stream)
    await engine.start_worker()
    monkeypatch.setattr(app.years, "WAIT_SECONDS", 60.0)
    assert len(await close_year(engine.client, engine.connection, year)) > 0
    closed = read_year(engine.connection, year.roadmap.id)
    assert closed is not None
    assert closed.state.closed
    await sound(engine, year)


async def test_a_closed_year_whose_workflow_was_lost_is_told_and_closed_to_its_end(
    engine: Engine, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The close is in the log; its workflow is gone before it told the measures, of which one is lost too."""
    monkeypatch.setattr(doors.cli.reconcile, "CLOSING_TOLERANCE", timedelta())
    year = await begun(engine, example, "2.3", "3.6")
    measures = [measure_stream(year.roadmap.id, number) for number in ("2.3", "3.6")]
    await engine.stop_worker()
    await closed_by_a_stranger(engine, year)
    await terminated(engine, year_stream(year.roadmap.id))
    await terminated(engine, measures[1])
    for code, stream in (("not-closed", measures[0]), ("not-closed", measures[1]), ("still-running", measures[0])):
        await tells(engine, year, code, stream)
    await engine.start_worker()
    closed = read_year(engine.connection, year.roadmap.id)
    assert closed is not None
    await close_year(engine.client, engine.connection, closed)
    await sound(engine, year)


# ----------------------------------------------------------------------------- at a glance, and in the worker's log


async def test_what_stands_still_is_told_by_status_health_and_the_workers_log(
    engine: Engine,
    example: Definition,
    endpoints: Endpoints,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A halted measure and one that cannot take a step: once in the log when it begins, once when it ends."""
    for name, value in endpoints.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", engine.database_url)
    monkeypatch.setenv("VEKHA_LANG", "en")
    year = await begun(engine, example, "2.3", "3.6")
    failing = measure_stream(year.roadmap.id, "3.6")
    asked = ["status", "--json", "--roadmap", year.roadmap.id]

    async def status() -> set[tuple[str, str]]:
        said = await asyncio.to_thread(call, starter, asked)
        assert said.code == 0
        return {(one["code"], one["stream"]) for one in said.document("status")["standing_still"]}

    with structlog.testing.capture_logs() as logged:
        seen = await look(engine.client, engine.database_url, {})
    assert (seen, logged, await status()) == ({}, [], set())
    await stranger_reports(engine, year)
    await signal(engine, year, "2.3", make_command("second", "uo", year.now(), None, ReportProgress(note="после")))
    halted = handle_of(engine, year)
    await becomes(partial(alarmed, halted))
    await terminated(engine, failing)
    await engine.client.start_workflow(
        MEASURE_WORKFLOW,
        7,
        id=failing,
        task_queue=TASK_QUEUE,
        task_timeout=timedelta(seconds=1),
        search_attributes=TypedSearchAttributes(attributes_of(failing)),
    )

    async def seen_both() -> bool:
        return {"alarm", "task-failing"} <= {*await look(engine.client, engine.database_url, {})}

    await becomes(seen_both)  # Temporal's lists come a moment later
    with structlog.testing.capture_logs() as logged:
        seen = await look(engine.client, engine.database_url, {})
        again = await look(engine.client, engine.database_url, seen)
    assert (seen, again) == ({"alarm": (halted.id,), "task-failing": (failing,)}, seen)
    (line,) = [line for line in logged if line["code"] == "alarm"]
    assert (line["event"], line["streams"], line["log_level"]) == ("standing still", [halted.id], "error")
    assert ("alarm", halted.id) in await status()

    assert ("task-failing", failing) in await status()
    capsys.readouterr()
    assert await asyncio.to_thread(jobs.main, "health") == 0  # this worker does its part, and mends it for nobody
    said = capsys.readouterr().err
    assert halted.id in said
    assert failing in said
    await engine.player.recover(engine.connection, year)
    await halted.signal(RESUME)

    async def goes_on() -> bool:
        return not await look(engine.client, engine.database_url, {})

    await becomes(goes_on)
    with structlog.testing.capture_logs() as logged:
        assert await look(engine.client, engine.database_url, seen) == {}
    assert ("goes on again", [halted.id]) in [(line["event"], line["streams"]) for line in logged]
    assert await status() == set()


async def test_a_log_that_nobody_seals_or_shows_and_queues_that_nobody_asks_are_told(
    database_url: str,
    temporal_client: Client,
    endpoints: Endpoints,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each beside its well state; in `reconcile`, and of the same look in the worker's log."""

    async def told() -> set[str]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return {one.code async for one in mismatches(temporal_client, connection, [], only="somewhere")}

    async def looked() -> set[str]:
        return set(await look(temporal_client, database_url, {}))

    runner = UnsandboxedWorkflowRunner()
    async with (
        Worker(temporal_client, task_queue=TASK_QUEUE, workflows=[Stranger], workflow_runner=runner),
        Worker(temporal_client, task_queue=LETTERS_QUEUE, activities=[nothing]),
    ):
        queues = {"no-worker", "no-letter-worker"}
        await becomes(partial(lacks, told, queues))
        assert await looked() == set()
        await put(database_url, record("somewhere/year"))
        with psycopg.connect(database_url, autocommit=True) as owner:
            for table in ("event", "block"):
                owner.execute(sql.SQL("alter table vekha.{} disable trigger append_only").format(sql.Identifier(table)))
            owner.execute("update vekha.event set recorded_at = now() - interval '3 minutes'")
            assert await told() == await looked() == {"not-sealed"}
            seal_new(owner)
            owner.execute("insert into vekha.projection (name, version, position, fence) values ('a-report', 1, 0, 0)")
            assert await told() == await looked() == set()
            owner.execute("update vekha.block set sealed_at = now() - interval '3 minutes'")
            assert await told() == await looked() == {"not-shown"}
            stop = ("a-report", "somewhere/year", 1, 1, "why")
            owner.execute("insert into vekha.quarantine values (%s, %s, %s, %s, %s)", stop)
            assert await told() == await looked() == {"not-shown", "report-stopped"}
            assert (await look(temporal_client, database_url, {}))["report-stopped"] == ("somewhere/year",)
            owner.execute("delete from vekha.quarantine")
            owner.execute("delete from vekha.projection")
        assert await told() == await looked() == set()
    for module in (doors.cli.reconcile, stack.watching):
        monkeypatch.setattr(module, "FRESH", timedelta())
    assert await told() == await looked() == queues
    for name, value in endpoints.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VEKHA_LANG", "en")
    assert await asyncio.to_thread(jobs.main, "health") == 3
    said = capsys.readouterr().err
    assert "nobody takes work" in said
    assert "nobody sends letters" in said


async def lacks(told: Callable[[], Awaitable[set[str]]], codes: set[str]) -> bool:
    """Tell whether none of the codes is told."""
    return codes.isdisjoint(await told())


@activity.defn
async def nothing() -> None:
    """Stand for the worker that sends letters."""
