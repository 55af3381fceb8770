"""What others do to the log, the database and the queue: nothing is written on, lost or doubled."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TypeVar

import psycopg
from psycopg import sql
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowHandle

from app.log import Year, read_measure
from app.sending import send
from domain.codec import event_record, make_command
from domain.commands import Received, ReportExecution, ReportProgress
from domain.measure import MEASURE
from domain.roadmap import measure_stream
from doors.cli.audit import decided_again
from doors.cli.work import engine_worker
from eventlog.append import append
from eventlog.errors import LogWasCut
from stack import Endpoints
from tests.engine.conftest import Engine
from tests.engine.roadmaps import Definition, some
from tests.engine.test_commands import records_of, signal, until
from wire.names import ALARM, RESUME
from wire.signatures import TURN

T = TypeVar("T")
EVERYTHING = (
    "seq, id, stream, version, type, schema_version, occurred_on, at, received_at, recorded_at, actor, command_id,"
    " signed, data, command, writer, xid"
)


def handle_of(engine: Engine, year: Year, number: str = "2.3") -> WorkflowHandle[object, object]:
    """Return the workflow of a measure."""
    return engine.client.get_workflow_handle(measure_stream(year.roadmap.id, number))


async def alarmed(handle: WorkflowHandle[object, object]) -> bool:
    """Tell whether the measure calls for its operator."""
    return bool((await handle.describe()).typed_search_attributes.get(ALARM))


async def calm(handle: WorkflowHandle[object, object]) -> bool:
    """Tell whether it does not."""
    return not await alarmed(handle)


async def details(handle: WorkflowHandle[object, object]) -> str:
    """Return what Temporal's own pages show of the measure."""
    metadata: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details


async def asking(handle: WorkflowHandle[object, object]) -> PendingActivityInfo | None:
    """Return the measure's question to the log that holds no workflow task, while there is one."""
    pending = (await handle.describe()).raw_description.pending_activities
    return next((item for item in pending if item.activity_type.name == TURN), None)


async def becomes(check: Callable[[], Awaitable[T]]) -> T:
    """Wait until the server answers something true, and return it."""
    end = time.monotonic() + 60
    while not (found := await check()):
        assert time.monotonic() < end, "not within a minute"
        await asyncio.sleep(0.05)
    return found


async def stranger_reports(engine: Engine, year: Year) -> None:
    """Write a report into the measure's stream, behind its workflow's back."""
    records, state = read_measure(engine.connection, year.roadmap.id, "2.3")
    assert state is not None
    command = make_command("by-a-stranger", "uo", year.now(), None, ReportExecution(note="мимо движка", early=True))
    stream = measure_stream(year.roadmap.id, "2.3")
    rows = []
    for place, event in enumerate(MEASURE.hear(state, Received(command, year.now())), start=1):
        rows.append(event_record(event, stream, len(records) + place, "a-stranger"))
    async with await psycopg.AsyncConnection.connect(engine.database_url, autocommit=True) as connection:
        assert (await append(connection, stream, len(records), rows)).outcome == "appended"


async def test_a_measure_stops_before_rows_of_another_writer_and_goes_on_when_it_is_told(
    engine: Engine, example: Definition
) -> None:
    """It calls for its operator and writes nothing; resumed, it takes the log's word and answers what waited."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    handle = handle_of(engine, year)
    first = make_command("first", "uo", year.now(), None, ReportProgress(note="до"))
    assert (await send(engine.client, engine.connection, handle.id, first, 30)).outcome == "recorded"
    assert not await alarmed(handle)
    await stranger_reports(engine, year)
    stored = len(records_of(engine, year, "2.3"))
    second = make_command("second", "uo", year.now(), None, ReportProgress(note="после"))
    await signal(engine, year, "2.3", second)
    await becomes(lambda: alarmed(handle))
    assert "Остановлено" in await details(handle)
    assert RESUME in await details(handle)
    third = make_command("third", "uo", year.now(), None, ReportProgress(note="ещё"))
    await signal(engine, year, "2.3", third)
    assert len(records_of(engine, year, "2.3")) == stored
    await handle.signal(RESUME)
    await until(lambda: {"second", "third"} <= {record.command_id for record in records_of(engine, year, "2.3")})
    await becomes(lambda: calm(handle))
    records = records_of(engine, year, "2.3")
    assert [record.version for record in records] == list(range(1, len(records) + 1))
    assert Counter(record.command_id for record in records if record.command is not None) == Counter(
        ["first", "by-a-stranger", "second", "third"]
    )
    assert not decided_again(records).differences


async def refusal(handle: WorkflowHandle[object, object]) -> str | None:
    """Return why the log refused the measure's question, once it has been asked again."""
    found = await asking(handle)
    return found.last_failure.application_failure_info.type if found and found.attempt > 1 else None


@contextmanager
def tail_cut_off(engine: Engine, stream: str) -> Iterator[None]:
    """Take the last row of a stream away for a while, as its owner can who takes the guards away."""
    with psycopg.connect(engine.database_url, autocommit=True) as connection:
        connection.execute("alter table vekha.event disable trigger append_only")
        connection.execute("alter table vekha.seal drop constraint seal_seq_fkey")
        connection.execute(
            f"create temp table kept as select {EVERYTHING} from vekha.event where stream = %s order by version desc limit 1",
            (stream,),
        )
        connection.execute("delete from vekha.event where seq in (select seq from kept)")
        yield
        connection.execute(
            f"insert into vekha.event ({EVERYTHING}) overriding system value select {EVERYTHING} from kept"
        )


async def test_a_log_that_was_cut_is_not_written_on(engine: Engine, example: Definition) -> None:
    """The measure asks again and again, and says why in Temporal; with the row back, everything is answered once."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    handle = handle_of(engine, year)
    first = make_command("first", "uo", year.now(), None, ReportProgress(note="до"))
    assert (await send(engine.client, engine.connection, handle.id, first, 30)).outcome == "recorded"
    stored = [record.id for record in records_of(engine, year, "2.3")]
    with tail_cut_off(engine, handle.id):
        await signal(engine, year, "2.3", make_command("second", "uo", year.now(), None, ReportProgress(note="после")))
        assert await becomes(lambda: refusal(handle)) == LogWasCut.__name__
        assert [record.id for record in records_of(engine, year, "2.3")] == stored[:-1]
    await until(lambda: len(records_of(engine, year, "2.3")) > len(stored))
    records = records_of(engine, year, "2.3")
    assert [record.id for record in records][: len(stored)] == stored
    assert [record.command_id for record in records if record.command is not None] == ["first", "second"]


@asynccontextmanager
async def database_down(endpoints: Endpoints, url: str) -> AsyncIterator[None]:
    """Let nobody into the log's database, while Temporal's own goes on."""
    name = url.rpartition("/")[2]
    with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("alter database {} with allow_connections false").format(sql.Identifier(name)))
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        try:
            yield
        finally:
            connection.execute(sql.SQL("alter database {} with allow_connections true").format(sql.Identifier(name)))


async def test_a_database_that_is_down_holds_no_workflow_task_and_loses_nothing(
    engine: Engine, example: Definition, endpoints: Endpoints
) -> None:
    """What was sent meanwhile happens once when it is back, in every measure."""
    wanted = ("2.3", "2.10")
    year = await engine.player.start(engine.connection, some(example.roadmap, *wanted), example.source)
    bodies = {item.number: year.roadmap.registry.open_group(item.bodies[0])[0] for item in year.roadmap.measures}
    commands = {
        number: [
            make_command(f"{number}-{count}", bodies[number], year.now(), None, ReportProgress(note=str(count)))
            for count in range(10)
        ]
        for number in wanted
    }
    async with database_down(endpoints, engine.database_url):
        for number in wanted:
            await signal(engine, year, number, *commands[number])
        for number in wanted:
            handle = handle_of(engine, year, number)
            await becomes(partial(asking, handle))
            assert not (await handle.describe()).raw_description.HasField("pending_workflow_task")
    with psycopg.connect(engine.database_url, autocommit=True) as connection:

        def answered() -> Counter[str | None]:
            rows = connection.execute("select command_id from vekha.event where command is not null").fetchall()
            return Counter(row[0] for row in rows)

        sent = Counter(command.id for number in wanted for command in commands[number])
        await until(lambda: answered() >= sent, 90)
        assert answered() == sent
        for number in wanted:
            records, _ = read_measure(connection, year.roadmap.id, number)
            assert [record.version for record in records] == list(range(1, len(records) + 1))
            assert not decided_again(records).differences


async def test_two_workers_at_once_lose_and_double_nothing(
    engine: Engine, example: Definition, endpoints: Endpoints
) -> None:
    """Workers come and go on one queue while commands arrive; each command is answered once."""
    wanted = ("2.3", "2.10", "3.3")
    year = await engine.player.start(engine.connection, some(example.roadmap, *wanted), example.source, turns_per_run=5)
    bodies = {item.number: year.roadmap.registry.open_group(item.bodies[0])[0] for item in year.roadmap.measures}
    sent: list[str] = []

    async def some_commands() -> None:
        for _ in range(10):
            for number in wanted:
                id_ = f"{number}-{len(sent)}"
                sent.append(id_)
                command = make_command(id_, bodies[number], year.now(), None, ReportProgress(note=id_))
                await signal(engine, year, number, command)

    client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
    async with engine_worker(client, engine.database_url, engine.configuration):
        await some_commands()
        await engine.stop_worker()
        await some_commands()
        await engine.start_worker()
        await some_commands()
    await some_commands()

    def answered() -> Counter[str | None]:
        return Counter(
            record.command_id
            for number in wanted
            for record in records_of(engine, year, number)
            if record.command is not None
        )

    await until(lambda: answered() >= Counter(sent), 90)
    assert answered() == Counter(sent)
    assert not any(decided_again(records_of(engine, year, number)).differences for number in wanted)
