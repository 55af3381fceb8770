"""Committed histories of real workflows go through today's code: a change that would break running ones fails here.

In Temporal's sandbox, which the worker does without: what is not deterministic in the workflows fails here too.
`record_histories.py` makes them.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from app.sending import send
from domain.codec import FACTS, REQUESTS, command_record, decode, make_command
from domain.commands import ReportProgress
from domain.errors import Malformed
from domain.roadmap import measure_stream
from settings import ROOT
from tests.engine.conftest import Engine
from tests.engine.roadmaps import Definition, some
from tests.engine.test_commands import records_of
from wire.names import MEASURE_WORKFLOW, TASK_QUEUE
from workflows import retired
from workflows.measure import MeasureWorkflow
from workflows.retired import OldMeasureWorkflow, OldYearWorkflow
from workflows.year import YearWorkflow

WORKFLOWS = [MeasureWorkflow, YearWorkflow, OldMeasureWorkflow, OldYearWorkflow]

FILES = sorted((ROOT / "tests" / "histories").glob("*.json"))


def history(name: str) -> WorkflowHistory:
    """Return a committed history."""
    text = (ROOT / "tests" / "histories" / f"{name}.json").read_text(encoding="utf-8")
    return WorkflowHistory.from_json(name, text)


@pytest.fixture(autouse=True, scope="module")
def _readers() -> None:
    """Let the codec make its readers, which it does once a process: the sandbox hides the modules they look into."""
    for kind in (*FACTS.values(), *REQUESTS.values()):
        with suppress(Malformed):
            decode(kind, {"": None})


@pytest.mark.parametrize("sandboxed", [True, False])
@pytest.mark.parametrize("name", [file.stem for file in FILES])
async def test_a_history_is_replayed(name: str, sandboxed: bool) -> None:
    """In the sandbox, and as the worker runs them."""
    runner = SandboxedWorkflowRunner() if sandboxed else UnsandboxedWorkflowRunner()
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=runner)
    await replayer.replay_workflow(history(name))


async def test_a_change_of_course_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another activity, another order of commands: the replay says so."""
    monkeypatch.setattr("workflows.retired.NOTIFY", "another-activity")
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=UnsandboxedWorkflowRunner())
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history("measure-2"))


@pytest.mark.parametrize("begun", ["", "turns-"])
def test_the_histories_have_what_can_happen(begun: str) -> None:
    """Continue-as-new, letters, both ways of asking the log, a halt and a resumption: by today's workflows and the retired."""
    events: dict[str, list[dict[str, Any]]] = {
        file.stem: json.loads(file.read_text(encoding="utf-8"))["events"] for file in FILES
    }
    kinds = {
        name: [event["eventType"].removeprefix("EVENT_TYPE_") for event in found] for name, found in events.items()
    }
    assert "WORKFLOW_EXECUTION_CONTINUED_AS_NEW" in kinds[f"{begun}measure-1"]
    assert kinds[f"{begun}measure-4"][-1] == kinds[f"{begun}year-1"][-1] == "WORKFLOW_EXECUTION_COMPLETED"
    activities = {
        name: {
            event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
            for event in found
            if "activityTaskScheduledEventAttributes" in event
        }
        for name, found in events.items()
    }
    letters, asked = ("post", {"turn"}) if begun else ("notify", {"append", "received"})
    assert letters in activities[f"{begun}measure-2"]
    assert activities[f"{begun}trouble-1"] >= asked
    assert activities[f"{begun}year-1"] == {"start-measures", "close-measures"}
    signals = [
        event["workflowExecutionSignaledEventAttributes"]["signalName"]
        for event in events[f"{begun}trouble-1"]
        if "workflowExecutionSignaledEventAttributes" in event
    ]
    assert "resume" in signals
    assert "TIMER_STARTED" in kinds[f"{begun}measure-1"]


async def test_a_run_of_an_older_program_goes_on_as_one_of_today(engine: Engine, example: Definition) -> None:
    """With what it had not turned yet, and in the same chain: its rows are its own."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    stream = measure_stream(year.roadmap.id, "2.3")
    await engine.client.get_workflow_handle(stream).terminate("begun with an older program")
    waits = make_command("waits", "uo", year.now(), None, ReportProgress(note="ждало"))
    inbox = [retired.Arrival(command_record(waits), year.now().isoformat(), "no-run")]
    start: Any = retired.OldInput(stream, round(year.state.offset.total_seconds() * 1_000_000), 200, 0.0, inbox)
    await engine.client.start_workflow("Measure", start, id=stream, task_queue=TASK_QUEUE)
    command = make_command("after", "uo", year.now(), None, ReportProgress(note="дальше"))
    assert (await send(engine.client, engine.connection, stream, command, 30)).outcome == "recorded"
    assert [record.command_id for record in records_of(engine, year, "2.3")[1:]] == ["waits", "after"]
    assert (await engine.client.get_workflow_handle(stream).describe()).workflow_type == MEASURE_WORKFLOW


def test_the_histories_are_small() -> None:
    """They are read by every run of the tests."""
    assert sum(file.stat().st_size for file in FILES) < 500_000
