"""Record the histories that test_histories.py replays: `.venv/bin/python -m pytest tests/engine/record_histories.py`.

A person runs it when the workflows take a new course on purpose, and commits the new files beside the old ones: an old
file stays as long as a workflow that began by it may still be alive.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial

import psycopg
from temporalio.client import Client, WorkflowHistory

from app.sending import send
from domain.codec import make_command
from domain.commands import (
    AcceptExecution,
    Command,
    MeasureIndicator,
    ReportExecution,
    ReportProgress,
    Request,
    RequestExtension,
    ReturnForRework,
)
from domain.rehearsal import Sent
from domain.roadmap import Roadmap, measure_stream, year_stream
from settings import ROOT
from stack import Endpoints
from tests.engine.conftest import Engine
from tests.engine.roadmaps import Definition, fresh, measure, point, some
from tests.engine.test_commands import records_of, signal, until
from tests.engine.test_strangers import alarmed, asking, becomes, calm, database_down, handle_of, stranger_reports
from wire.names import RESUME

FOLDER = ROOT / "tests" / "histories"
SOURCE = "id: histories"  # the text of the definition: nobody reads it here
TURNS_PER_RUN = 8


async def test_record_a_year_and_a_measure_that_live_to_their_end(engine: Engine, example: Definition) -> None:
    """Commands, a missed date, the whole ladder, letters, continue-as-new, the close."""
    roadmap = _small(example.roadmap)
    day = roadmap.order.date

    def at(days: int, minute: int, actor: str, request: Request, number: str | None = "1.1") -> Sent:
        moment = roadmap.policy.instant(day + timedelta(days=days), time(10, minute))
        command: Command = make_command(f"c{days}-{minute}", actor, moment, None, request)
        return Sent(number, command)

    sent = [
        at(2, 1, "school-1", ReportProgress(note="начато")),
        at(3, 1, "school-6", RequestExtension(until=day + timedelta(days=60), reason="карантин")),
        at(9, 1, "school-1", ReportExecution(note="готово")),
        at(9, 2, "vasyutina", ReturnForRework(body="school-1", reason="нет справки")),
        at(10, 1, "school-1", ReportExecution(note="со справкой")),
        at(10, 2, "vasyutina", AcceptExecution(body="school-1")),
        at(10, 3, "lazarenko", AcceptExecution(body="school-6")),
        at(11, 1, "school-1", MeasureIndicator(indicator="2", numerator=Decimal(1), denominator=Decimal(2)), None),
    ]
    close_at = roadmap.policy.instant(day + timedelta(days=60), time(12))
    year = await engine.player.start(engine.connection, roadmap, SOURCE, turns_per_run=TURNS_PER_RUN)
    await engine.player.play(engine.connection, year, SOURCE, sent, close_at)
    client = engine.client
    await client.get_workflow_handle(year_stream(year.roadmap.id)).result()
    assert await _record(client, measure_stream(year.roadmap.id, "1.1"), "turns-measure") > 1
    assert await _record(client, year_stream(year.roadmap.id), "turns-year") > 0


async def test_record_a_measure_in_trouble(engine: Engine, example: Definition, endpoints: Endpoints) -> None:
    """Rows of a stranger and a resumption, a command that waited, a database that was down."""
    year = await engine.player.start(engine.connection, _small(some(example.roadmap, "2.3"), keep=True), SOURCE)
    handle = handle_of(engine, year)
    await stranger_reports(engine, year)
    await signal(engine, year, "2.3", make_command("c1", "uo", year.now(), None, ReportProgress(note="раз")))
    await becomes(lambda: alarmed(handle))
    await handle.signal(RESUME)
    await becomes(lambda: calm(handle))
    waited = make_command("c2", "uo", year.now() - timedelta(minutes=30), None, ReportProgress(note="два"))
    await send(engine.client, engine.connection, handle.id, waited, 30)
    await until(lambda: any(record.command_id == "c2" for record in records_of(engine, year, "2.3")))
    async with database_down(endpoints, engine.database_url):
        await signal(engine, year, "2.3", make_command("c3", "uo", year.now(), None, ReportProgress(note="три")))
        await becomes(partial(asking, handle))
    with psycopg.connect(engine.database_url, autocommit=True) as connection:
        answered = "select from vekha.event where command_id = 'c3'"
        await until(lambda: connection.execute(answered).fetchone() is not None)
    await _record(engine.client, handle.id, "turns-trouble")


def _small(roadmap: Roadmap, *, keep: bool = False) -> Roadmap:
    """Return the roadmap with little in it, so that the files stay small."""
    day = roadmap.order.date
    tiny = replace(roadmap, findings=(), sections=(), indicators=roadmap.indicators[1:2])
    if keep:
        return tiny
    due = date(2021, 9, 10)
    return fresh(tiny, [replace(measure("1.1", ["school-1", "school-6"], point("1", day, due)), section=None)])


async def _record(client: Client, workflow: str, name: str) -> int:
    """Write the history of each run of a workflow; return how many there were."""
    described = await client.get_workflow_handle(workflow).describe()
    run: str | None = described.raw_description.workflow_execution_info.first_run_id
    count = 0
    while run:
        history: WorkflowHistory = await client.get_workflow_handle(workflow, run_id=run).fetch_history()
        count += 1
        text = json.dumps(json.loads(history.to_json()), ensure_ascii=False, separators=(",", ":"))
        (FOLDER / f"{name}-{count}.json").write_text(text.replace(f"{ROOT}/", "") + "\n", encoding="utf-8")
        last = history.events[-1]
        run = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or None
    return count
