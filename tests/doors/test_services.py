"""Services that are not there: the right exit code, one sentence with the remedy, and what was queued happens later."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import psycopg
import pytest
from temporalio.service import RPCError

from app.years import first_moment
from domain.codec import event_record
from domain.year import started
from doors.cli.admin import admin
from doors.cli.administrator import starter
from doors.cli.audit import audit
from doors.cli.report import report
from eventlog import sessions
from eventlog.migrate import migrations
from settings import connect_temporal
from stack import Endpoints
from stack.home import free_port
from tests.conftest import a_database
from tests.doors.calling import call, script, until
from tests.doors.conftest import Office, small_roadmap
from tests.eventlog.log import put
from tests.views.example_year import ROADMAP

NEEDS_LOG: list[tuple[click.Group, list[str]]] = [
    (admin, ["todo", "--as", "uo"]),
    (admin, ["progress", "2.3", "--as", "uo"]),
    (audit, ["history"]),
    (audit, ["rebuild"]),
    (report, ["board"]),
    (starter, ["status"]),
    (starter, ["close"]),
]


async def told_with_remedy(office: Office, group: click.Group, arguments: list[str], code: str, remedy: str) -> None:
    """Hold an answer against what a missing service may look like: exit code 3, one sentence, what to do."""
    people = await office.call(group, *arguments)
    assert people.code == 3, people
    assert remedy in people.line()
    scripts = await office.call(group, *arguments, "--json")
    assert (scripts.code, scripts.err) == (3, "")
    assert scripts.error()["code"] == code
    assert remedy in scripts.error()["text"]


@pytest.mark.parametrize(("group", "arguments"), NEEDS_LOG)
async def test_a_database_that_does_not_answer_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, group: click.Group, arguments: list[str]
) -> None:
    """Nobody listens there."""
    monkeypatch.setenv("DATABASE_URL", f"postgresql://vekha:geheim@127.0.0.1:{free_port(())}/vekha")
    await told_with_remedy(office, group, arguments, "no-database", "DATABASE_URL")
    assert "geheim" not in (await office.call(group, *arguments)).line()


@pytest.mark.parametrize("arguments", [["status"], ["status", "--roadmap", "nowhere"]])
def test_of_many_years_the_first_twenty_are_named(
    database_url: str, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """And how many more there are: a screen full of names helps nobody."""
    begin = first_moment(ROADMAP)
    years = [replace(ROADMAP, id=f"year-{number:02}") for number in range(23)]
    firsts = [event_record(started(year, "", begin, begin), f"{year.id}/year", 1, "me") for year in years]
    asyncio.run(put(database_url, *firsts))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VEKHA_LANG", "ru")
    said = call(starter, arguments)
    assert said.code == 2
    assert f"{', '.join(f'year-{number:02}' for number in range(20))} и ещё 3." in said.line()
    assert "year-20" not in said.line()
    assert call(starter, ["status", "--roadmap", "year-22", "--json"]).document("status")["roadmap"] == "year-22"


@pytest.mark.parametrize("url", ["postgresql://[::1/x", "postgresql://h/x?foo=1", "mysql://h/x", "база"])
async def test_an_address_that_is_none_is_told(office: Office, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """That is wrong usage, and no defect."""
    monkeypatch.setenv("DATABASE_URL", url)
    people = await office.call(report, "board")
    assert people.code == 2
    assert "DATABASE_URL" in people.line()


@pytest.mark.parametrize("command", ["close", "start"])
async def test_an_engine_that_does_not_answer_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    """The log stays as it was."""
    file = small_roadmap(tmp_path)
    before = len(office.records())
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port(())}")
    arguments = [command, *([str(file)] if command == "start" else [])]
    await told_with_remedy(office, starter, arguments, "unavailable", "TEMPORAL_ADDRESS")
    await told_with_remedy(office, admin, ["progress", "2.3", "--as", "uo"], "unavailable", "TEMPORAL_ADDRESS")
    await told_with_remedy(office, audit, ["reconcile"], "unavailable", "TEMPORAL_ADDRESS")
    assert len(office.records()) == before
    found = office.connection.execute("select count(*) from vekha.event where roadmap = %s", (file.stem,)).fetchone()
    assert found == (0,)


async def test_an_engine_that_does_not_know_the_year_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another namespace has none of our workflows; that is not said to be a closed year."""
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "elsewhere")
    await told_with_remedy(office, admin, ["progress", "2.3", "--as", "uo"], "no-workflow", "TEMPORAL_NAMESPACE")


@pytest.fixture
def other_database(
    office: Office, endpoints: Endpoints, migrated_template: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[psycopg.Connection]:
    """Give another database in place of the office's."""
    assert office.roadmap
    with a_database(endpoints, migrated_template) as url, psycopg.connect(url, autocommit=True) as connection:
        monkeypatch.setenv("DATABASE_URL", url)
        yield connection


@pytest.mark.parametrize("found", [-1, 0, 1])
async def test_a_database_of_another_version_is_told(
    office: Office, other_database: psycopg.Connection, found: int
) -> None:
    """An older one, an empty one, one of a newer Vekha."""
    if found == 0:
        other_database.execute("drop schema vekha cascade")
    elif found == 1:
        other_database.execute("insert into vekha.migration values (%s, 'later')", (len(migrations()) + 1,))
    else:
        other_database.execute("delete from vekha.migration where number = %s", (len(migrations()),))
    remedy = "обновите программу" if found == 1 else "eventlog.migrate"
    await told_with_remedy(office, report, ["board"], "schema-version", remedy)


async def test_a_worker_begins_no_work_at_a_database_of_another_version(
    office: Office, other_database: psycopg.Connection
) -> None:
    """It would write, seal and decide by the rules of its own version."""
    assert office.roadmap
    other_database.execute("insert into vekha.migration values (%s, 'later')", (len(migrations()) + 1,))
    said = await asyncio.to_thread(script, "worker.py")
    assert (said.code, "обновите программу" in said.line()) == (3, True)


async def test_a_worker_of_a_namespace_that_is_not_there_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no defect."""
    assert office.roadmap
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "elsewhere")
    said = await asyncio.to_thread(script, "worker.py", "--only", "temporal")
    assert (said.code, "stack.jobs namespace" in said.line()) == (3, True)


async def test_a_database_that_takes_no_writes_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A standby: what only reads goes on. One that is closed by a default alone takes what we write."""
    monkeypatch.setenv("DATABASE_URL", f"{office.database_url}?options=-c%20default_transaction_read_only%3Don")
    assert (await office.call(audit, "rebuild")).code == 0
    monkeypatch.setitem(sessions.SETTINGS, "default_transaction_read_only", "on")  # as a standby's is, come what may
    file = small_roadmap(tmp_path)
    (tmp_path / "contacts.yaml").write_text("- {code: uo, name: Управление, email: uo@example.org}\n", encoding="utf-8")
    start = ["start", str(file), "--rehearsal-from", "2021-08-24"]
    for group, arguments in ((audit, ["rebuild"]), (starter, start)):
        await told_with_remedy(office, group, arguments, "read-only", "DATABASE_URL")
    assert (await office.call(report, "board")).code == 0


async def test_a_server_that_fails_is_told_with_its_own_words(
    office: Office, other_database: psycopg.Connection
) -> None:
    """A full disk, a damaged page: it does answer, and none of it is a defect of ours."""
    for state in ("53100", "XX001"):
        other_database.execute(
            "create or replace function vekha.fail() returns bigint language plpgsql as"
            f" $$ begin raise 'No space left on device' using errcode = '{state}'; end $$;"
            "alter table vekha.seal rename to seals;"
            "create view vekha.seal as select vekha.fail() as position, 1::bigint as seq, ''::bytea as hash;"
            "grant select on vekha.seal to public; grant execute on function vekha.fail to public"
        )
        await told_with_remedy(office, audit, ["verify"], "database-failed", "No space left")
        other_database.execute("drop view vekha.seal; alter table vekha.seals rename to seal")


@pytest.mark.parametrize(("group", "arguments"), [(report, ["board"]), (audit, ["verify"]), (starter, ["status"])])
async def test_a_door_does_not_wait_for_ever_for_what_somebody_holds(
    office: Office,
    other_database: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    group: click.Group,
    arguments: list[str],
) -> None:
    """Such as a table that an administrator locks, and then goes to lunch."""
    monkeypatch.setattr("app.log.LOCK_SECONDS", 1)
    with other_database.transaction():
        other_database.execute("lock table vekha.event, vekha.seal in access exclusive mode")
        await told_with_remedy(office, group, arguments, "locked", "pg_stat_activity")


async def test_a_server_that_is_killed_in_the_middle_is_told_in_one_line(
    office: Office, other_database: psycopg.Connection
) -> None:
    """The client has words for the broken session too: they are for --debug."""
    assert office.roadmap
    waiting = "select pid from pg_locks where relation = 'vekha.event'::regclass and not granted"
    sessions = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    code = (
        "from eventlog import verify; verify.SHORT = -1; from doors.cli.output import run; from doors.cli.audit import audit;"
        "run(audit)"
    )
    with other_database.transaction():
        other_database.execute("lock table vekha.event in access exclusive mode")
        verifying = asyncio.create_task(asyncio.to_thread(script, "-c", code, "verify"))
        await until(lambda: bool(other_database.execute(waiting).fetchall()))
        other_database.execute(f"select pg_terminate_backend(pid) {sessions}")
        said = await verifying
    assert (said.code, "DATABASE_URL" in said.line()) == (3, True)


async def test_a_command_that_the_engine_has_is_queued_when_the_database_goes(office: Office) -> None:
    """It will be decided: "the database does not answer" would make people send it again."""
    mine = "select pid from pg_stat_activity where datname = current_database() and query like '%%command_id = %%'"
    before = {row[0] for row in office.connection.execute(mine).fetchall()}
    handle = office.client.get_workflow_handle(f"{office.roadmap}/m/2.3")
    await office.stop_worker()
    length = (await handle.describe()).history_length
    command = ["progress", "2.3", "--as", "uo", "--note", "база ушла", "--command-id", "queued-2"]
    asked = asyncio.create_task(office.call(admin, *command, "--wait", "60"))
    while (await handle.describe()).history_length == length:
        assert not asked.done(), await asked
    office.connection.execute(
        f"select pg_terminate_backend(pid) from ({mine}) as found where pid <> pg_backend_pid() and pid <> all(%s)",
        (list(before),),
    )
    said = await asked
    assert (said.code, said.err, "queued-2" in said.out) == (4, "", True)
    await office.start_worker()
    await until(lambda: any(record.command_id == "queued-2" for record in office.records()))


async def test_what_temporals_client_tells_is_no_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Left alone it writes to standard output of its own, where scripts await one document."""
    host, port = office.client.service_client.config.target_host.split(":")
    open_streams: list[asyncio.StreamWriter] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_streams.append(writer)
        while data := await reader.read(65536):
            writer.write(data)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pass_on(reader, to_server), pass_on(from_server, writer), return_exceptions=True)

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:{1}".format(*server.sockets[0].getsockname()))
    client = await connect_temporal()
    server.close()
    for stream in open_streams:
        stream.transport.abort()
    with pytest.raises(RPCError):
        await client.count_workflows()
    assert capfd.readouterr() == ("", "")


async def test_without_a_year_and_without_a_worker_nothing_breaks(
    office: Office, other_database: psycopg.Connection
) -> None:
    """A fresh database has no read models yet: every question is answered or told in one line."""
    row = other_database.execute("select count(*) from vekha.event").fetchone()
    assert row == (0,)
    for group, arguments in NEEDS_LOG:
        said = await office.call(group, *arguments)
        if arguments == ["rebuild"]:
            assert said.code == 0
        else:
            assert said.code == 2
            assert "starter.py start" in said.line()


async def test_before_the_projector_has_ever_run_the_reports_are_empty(
    office: Office, other_database: psycopg.Connection
) -> None:
    """A year can be in the log while nobody has made the read models: position 0, no rows."""
    columns = "seq, id, stream, version, type, schema_version, occurred_on, at, received_at, recorded_at, actor, "
    columns += "command_id, signed, data, command, writer, xid"
    with office.connection.cursor().copy(f"copy vekha.event ({columns}) to stdout") as rows:
        content = b"".join(rows)
    with other_database.cursor().copy(f"copy vekha.event ({columns}) from stdin") as there:
        there.write(content)
    for group, command in ((report, "board"), (report, "discipline"), (report, "indicators"), (starter, "status")):
        said = await office.call(group, command, "--roadmap", office.roadmap, "--json")
        assert said.code == 0, said
        said.document(command)
    said = await office.call(admin, "todo", "--as", "uo", "--roadmap", office.roadmap, "--json")
    assert said.document("todo")["rows"] == []


async def test_without_a_worker_a_command_waits_and_happens_once(office: Office) -> None:
    """Exit code 4 with the id to ask again by; later the answer is there, and the repeat says so."""
    command = ["progress", "2.3", "--as", "uo", "--note", "без исполнителя", "--command-id", "queued-1"]
    await office.stop_worker()
    people = await office.call(admin, *command, "--wait", "0")
    assert (people.code, people.err) == (4, "")
    assert "queued-1" in people.out
    assert len(people.out.splitlines()) == 1
    scripts = await office.call(admin, *command, "--wait", "0.1", "--json")
    answer = scripts.document("answer")
    assert (scripts.code, answer["outcome"], answer["events"]) == (4, "queued", [])
    await office.start_worker()
    await until(lambda: any(record.command_id == "queued-1" for record in office.records()))
    again = await office.call(admin, *command, "--json")
    answer = again.document("answer")
    assert (again.code, answer["outcome"], answer["repeated"]) == (0, "recorded", True)
    assert sum(record.command_id == "queued-1" for record in office.records()) == 1


async def test_without_a_worker_starting_and_closing_say_so(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are queued: repeated with a worker, they finish what was begun."""
    monkeypatch.setattr("app.years.WAIT_SECONDS", 0.2)
    file = small_roadmap(tmp_path)
    await office.stop_worker()
    for arguments in (["start", str(file), "--yes"], ["close", "--roadmap", file.stem, "--yes"]):
        people = await office.call(starter, *arguments)
        assert (people.code, people.out) == (4, "")
        assert "worker.py" in people.err.splitlines()[-1]
        scripts = await office.call(starter, *arguments, "--json")
        assert (scripts.code, scripts.error()["code"]) == (4, "queued")
    await office.start_worker()
    monkeypatch.undo()
    closed = await office.call(starter, "close", "--roadmap", file.stem, "--yes", "--json")
    assert closed.code == 0
    assert closed.document("close")["roadmap"] == file.stem
