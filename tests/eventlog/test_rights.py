"""The log is append-only: for its owner's mistakes by triggers, for everybody else by rights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from doors.cli.audit import audit
from eventlog import roles, verify
from eventlog.append import append
from eventlog.errors import LogWasCut, MigrationHeld
from eventlog.migrate import LOCK, migrate
from eventlog.read import read_stream
from eventlog.sealer import Sealer, seal_new
from projections.projector import Projector, rebuild
from projections.read_models import READ_MODELS
from settings import ROOT
from stack import Stack
from stack.postgres import share
from tests.conftest import in_database
from tests.doors.calling import call
from tests.eventlog.log import STREAM, beginning, put, record, running, until, value

READ = {
    "the events": "select count(*) from vekha.event",
    "the seals": "select count(*) from vekha.seal",
    "the blocks": "select count(*) from vekha.block",
    "the checkpoints of reports": "select count(*) from vekha.projection",
    "the schema's version": "select count(*) from vekha.migration",
    "what was set aside": "select count(*) from vekha.aside",
    "where reports have stopped": "select count(*) from vekha.quarantine",
    "that contacts were changed": "select count(*) from vekha.contact_change",
}
NAME = {"the log's name": "select origin from vekha.log"}
REPORTS = {"a report": "select count(*) from vekha_live.board"}
SEAL = {
    "add a seal": "insert into vekha.seal select 2, seq, sha256('') from vekha.event where version = 2",
    "add a block": "insert into vekha.block select no + 1, 2, 2, floor_seq, snapshot, system_identifier, sealed_at, head,"
    " merkle_root, frontier from vekha.block order by no desc limit 1",
    "hold writers": "select vekha.hold_writers()",
}
PROJECT = {
    "move a report's checkpoint": "update vekha.projection set position = position",
    "write a report": "delete from vekha_live.board",
    "stop a report": "insert into vekha.quarantine values ('board', 'city-2021/year', 2, 2, '')",
    "let a report go on": "delete from vekha.quarantine",
    "make a report": "create table vekha_live.made (id integer)",
    "make a report beside": "create table vekha_shadow.made (id integer)",
    "replace a report": "drop table vekha_live.board",
}
YEAR = (
    "'city-2022/year', 0, null, gen_random_uuid(), 'YearStarted', 1, '2021-09-01', now(), now(), 'administrator', null,"
    f" false, '{beginning('city-2022')}', null, 'run-1'"
)
CONTACTS = {
    "the names": "select count(*) from vekha.contact",
    "keep a name": "select vekha.keep_contact('city-2021', 'b', 'B', null)",
    "begin a year": f"select vekha.append_as_door({YEAR})",
}
APPEND = {
    "append": f"select vekha.append({YEAR})",
    "keep a snapshot": "insert into vekha.snapshot values ('city-2021/year', 1, '', '', '')",
}
SNAPSHOTS = {"the snapshots": "select count(*) from vekha.snapshot"}
NEVER = {
    "put in a name": "insert into vekha.contact values ('city-2021', 'b', 'B')",
    "change a name": "update vekha.contact set name = 'C'",
    "erase a name": "delete from vekha.contact",
    "hide that a contact was changed": "delete from vekha.contact_change",
    "set a row aside": "insert into vekha.aside (stream, version, act) values ('city-2021/year', 2, 'a')",
    "take back that it was": "delete from vekha.aside",
    "judge receipts anew": "insert into vekha.receipt_rule values (99)",
    "insert an event": "insert into vekha.event (stream, version) values ('city-2021/year', 1)",
    "change an event": "update vekha.event set recorded_at = '2021-09-01'",
    "delete an event": "delete from vekha.event",
    "empty the log": "truncate vekha.event cascade",
    "change a seal": "update vekha.seal set position = 7",
    "delete a block": "delete from vekha.block",
    "rename the log": "update vekha.log set origin = 'vekha/other'",
    "silence the triggers": "alter table vekha.event disable trigger append_only",
    "replace the append": "drop function vekha.append",
    "forget a migration": "delete from vekha.migration",
    "become the owner": "set role vekha_owner",
    "put a function in the append's place": "create function vekha.append(text) returns void language sql as ''",
    "put a table beside the log": "create table vekha.made (id integer)",
}
ALL = {**READ, **NAME, **REPORTS, **SEAL, **PROJECT, **CONTACTS, **SNAPSHOTS, **APPEND, **NEVER}
MAY = {
    roles.WRITER: SNAPSHOTS | APPEND,
    roles.SEALER: READ | NAME | SEAL,
    roles.PROJECTOR: READ | REPORTS | PROJECT,
    roles.READER: READ | REPORTS | SNAPSHOTS,
    roles.REGISTRAR: READ | REPORTS | SNAPSHOTS | CONTACTS,
    roles.AUDITOR: READ | REPORTS | SNAPSHOTS | NAME,
}


@pytest.mark.parametrize("table", ["event", "seal", "block"])
@pytest.mark.parametrize("change", ["update vekha.{} set {} = {}", "delete from vekha.{}", "truncate vekha.{} cascade"])
async def test_a_stored_row_is_neither_changed_nor_removed(
    database_url: str, connection: psycopg.Connection, table: str, change: str
) -> None:
    """Not even by the owner, unless he means it and takes the triggers away first."""
    await put(database_url, record())
    seal_new(connection)
    column = {"event": "data", "seal": "position", "block": "no"}[table]

    with pytest.raises(psycopg.errors.RestrictViolation, match="the log is append-only"):
        connection.execute(change.format(table, column, column))

    assert [row.position for row in read_stream(connection, STREAM)] == [1]


@contextmanager
def login(stack: Stack, database_url: str, *groups: str, inherits: bool = True) -> Iterator[str]:
    """Make a login that owns nothing, a member of these groups; give its address.

    One that does not inherit has their rights only where it takes on their role.
    """
    name = f"login_{uuid4().hex[:12]}"
    role = sql.Identifier(name)
    with psycopg.connect(_superuser(stack, database_url), autocommit=True) as connection:
        kind = sql.SQL("inherit" if inherits else "noinherit")
        connection.execute(sql.SQL("create role {} login {} password {}").format(role, kind, sql.Literal(name)))
        if groups:
            roles.let_in(connection, name, groups)
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(sql.Identifier(connection.info.dbname), role)
        )
        try:
            yield psycopg.conninfo.make_conninfo(database_url, user=name, password=name)
        finally:
            connection.execute(sql.SQL("drop owned by {}").format(role))
            connection.execute(sql.SQL("drop role {}").format(role))


@pytest.fixture
async def lived_in(database_url: str) -> str:
    """Give the address of a log with two events, one of them sealed, with its read models and a name."""
    await put(database_url, record())
    with psycopg.connect(database_url, autocommit=True) as connection:
        seal_new(connection)
        connection.execute("insert into vekha.contact values ('city-2021', 'a', 'A')")
        roles.act_as(connection, roles.PROJECTOR)
        for model in READ_MODELS:
            rebuild(connection, model, swap=False)
    await put(database_url, record(version=2))
    return database_url


def test_the_doors_falsify_no_report(stack: Stack, lived_in: str) -> None:
    """Neither its rows nor how far it has come; to compare it with the log needs the worker's login, and the doors say so."""
    with login(stack, lived_in, *roles.OF_DOORS) as url:
        with psycopg.connect(url, autocommit=True) as doors:
            for attempt in PROJECT.values():
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    doors.execute(attempt)
        with pytest.MonkeyPatch.context() as patch:
            at = psycopg.conninfo.conninfo_to_dict(url)
            address = f"postgresql://{at['user']}:{at['password']}@{at['host']}:{at['port']}/{at['dbname']}"
            patch.setenv("DATABASE_URL", address)
            said = call(audit, ["rebuild", "--json"])
    assert (said.code, said.error()["code"]) == (3, "no-rights")


@pytest.mark.parametrize("group", MAY)
def test_a_member_may_do_what_its_group_is_for_and_nothing_else(stack: Stack, lived_in: str, group: str) -> None:
    """Each group is logged in as, and tries everything."""
    allowed = set()
    with login(stack, lived_in, group) as url, psycopg.connect(url) as connection:
        for what, statement in ALL.items():
            try:
                connection.execute(statement)
                allowed.add(what)
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable):
                pass
            finally:
                connection.rollback()
    assert allowed == set(MAY[group])


@pytest.mark.parametrize("short", [10, 0])
def test_a_login_that_takes_on_its_role_verifies(
    stack: Stack, lived_in: str, monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    """A long log too: each process has a session of its own."""
    monkeypatch.setattr(verify, "SHORT", short)
    with login(stack, lived_in, roles.AUDITOR, inherits=False) as url, psycopg.connect(url, autocommit=True) as looking:
        roles.act_as(looking, roles.AUDITOR)
        assert verify.verify(looking).count == 0


def test_a_short_log_is_verified_where_the_disk_is_full(stack: Stack, lived_in: str) -> None:
    """To export a snapshot writes a file: only the processes of a long log need it."""
    with psycopg.connect(_superuser(stack, lived_in), autocommit=True) as connection:
        connection.execute("revoke execute on function pg_export_snapshot() from public")
    with login(stack, lived_in, roles.AUDITOR) as url, psycopg.connect(url, autocommit=True) as looking:
        assert verify.verify(looking).count == 0


def test_a_stranger_may_not_even_look(stack: Stack, lived_in: str) -> None:
    """PostgreSQL lets everybody run a new function: that was taken away."""
    with login(stack, lived_in) as url, psycopg.connect(url, autocommit=True) as connection:
        for statement in ALL.values():
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


async def test_a_writer_appends_and_reads_nothing(stack: Stack, database_url: str) -> None:
    """Who is behind wants to read what came first: the worker is a reader too."""
    with login(stack, database_url, roles.WRITER) as url:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            assert (await append(connection, STREAM, 0, [record()])).outcome == "appended"
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await append(connection, STREAM, 0, [record(actor="school-7")])
    with login(stack, database_url, *roles.OF_WORKER) as url:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            assert (await append(connection, STREAM, 0, [record(actor="school-7")])).outcome == "behind"


TRAPS = """
create schema {login} authorization {login};
grant usage on schema {login} to public;
set role {login};
set search_path = {login}, pg_catalog;
create function max(integer) returns integer language plpgsql as $$ begin raise 'trapped'; end $$;
create function unnest(anyarray) returns setof anyelement language plpgsql as $$ begin raise 'trapped'; end $$;
"""
TRAP = """
create function trap({type}, {type}) returns {result} language plpgsql as $$ begin raise 'trapped'; end $$;
create operator {operator} (leftarg = {type}, rightarg = {type}, function = trap);
"""


@pytest.mark.parametrize(
    ("operator", "result"), [("=", "boolean"), ("<", "boolean"), (">", "boolean"), ("+", "integer")]
)
async def test_a_writers_own_names_are_not_run_with_the_owners_rights(
    stack: Stack, database_url: str, operator: str, result: str
) -> None:
    """Functions and operators that a login puts before PostgreSQL's own do not reach into the append."""
    with login(stack, database_url, roles.WRITER, roles.READER) as url:
        name = psycopg.conninfo.conninfo_to_dict(url)["user"]
        with psycopg.connect(_superuser(stack, database_url), autocommit=True) as superuser:
            superuser.execute(TRAPS.format(login=name))
            for type_ in ("integer", "bigint", "text"):
                superuser.execute(TRAP.format(type=type_, operator=operator, result=result))
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(f"set search_path = {name}, pg_catalog, vekha")
            with pytest.raises(psycopg.errors.RaiseException, match="trapped"):
                await connection.execute(f"select 1 {operator} 1")
            for expected, records in ((0, [record()]), (1, [record(version=2), record(version=3)])):
                assert (await append(connection, STREAM, expected, records)).outcome == "appended"
            with pytest.raises(LogWasCut):
                await append(connection, STREAM, 7, [record(version=8)])
            with pytest.raises(psycopg.errors.UniqueViolation):
                await connection.execute(APPEND["append"].replace("city-2022/year", STREAM))


async def test_the_keepers_work_with_the_rights_of_the_worker(stack: Stack, database_url: str) -> None:
    """Sealing and projecting need no owner, and leave nothing that belongs to the login."""
    with login(stack, database_url, *roles.OF_WORKER) as url:
        await put(url, record("city-2021/year"))
        with (
            psycopg.connect(database_url, autocommit=True) as connection,
            running(Sealer(url), Projector(url, READ_MODELS)),
        ):
            until(lambda: value(connection, "select coalesce(min(position), 0) from vekha.projection") == 1)
            for one in READ_MODELS:
                owner = value(
                    connection,
                    "select tableowner from pg_tables where schemaname = 'vekha_live' and tablename = %s",
                    one.name,
                )
                assert owner == roles.PROJECTOR


def test_a_connection_gives_up_what_it_does_not_need(stack: Stack, lived_in: str) -> None:
    """The owner itself, reading a report, cannot change one."""
    for address in (lived_in, _superuser(stack, lived_in)):
        with psycopg.connect(address, autocommit=True) as connection:
            roles.act_as(connection, roles.READER)
            assert value(connection, "select count(*) from vekha.event") == 2
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("delete from vekha_live.board")


@pytest.fixture
def server_log(stack: Stack, database_url: str) -> Callable[[], str]:
    """Give what the embedded server has logged since."""
    if in_database(stack.postgres.url("postgres"), "") != in_database(_superuser(stack, database_url), ""):
        pytest.skip("the log of a server that was given is not ours to read")
    file = stack.folder / "postgres.log"
    begin = file.stat().st_size

    def since() -> str:
        return file.read_bytes()[begin:].decode()

    return since


@pytest.mark.parametrize(
    "statement", ["update vekha.event set data = '{}'", "delete from vekha.seal", "truncate vekha.block"]
)
def test_the_owners_mistake_is_found_in_the_servers_log(
    connection: psycopg.Connection, server_log: Callable[[], str], statement: str
) -> None:
    """The transaction is rolled back, its trace is not: who, as whom, with what, on which table."""
    connection.execute("set application_name = 'a tired administrator'")
    with pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(statement)
    until(lambda: f"): {statement}" in server_log() or f"127.0.0.1): {statement}" in server_log())
    line = next(line for line in server_log().splitlines() if "LOG:  vekha: " in line)
    verb, table = statement.split(maxsplit=1)[0].upper(), next(w for w in statement.split() if w.startswith("vekha."))
    assert f"{verb} on {table} is" in line.replace("refused", "is refused", 1)
    assert f"logged in as {connection.info.user}, application a tired administrator" in line


def test_an_attempt_without_the_right_is_found_there_too(
    stack: Stack, lived_in: str, server_log: Callable[[], str]
) -> None:
    """By PostgreSQL itself: the login stands before the message, the statement below it."""
    with login(stack, lived_in, roles.READER) as url, psycopg.connect(url) as connection:
        name = connection.info.user
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from vekha.event where version = 1")
    until(lambda: "STATEMENT:  delete from vekha.event where version = 1" in server_log())
    assert any(f" {name}@" in line and "permission denied" in line for line in server_log().splitlines())


def test_a_migrator_brings_a_log_of_another_owner_up_to_date(empty_database: str) -> None:
    """A log that one login has owned so far passes to the group with all that it has."""
    assert migrate(empty_database)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        owners: dict[str, str] = dict(
            connection.execute("select tablename, tableowner from pg_tables where schemaname = 'vekha'").fetchall()
        )
        assert set(owners.values()) == {roles.OWNER}
        assert value(connection, "select proowner::regrole::text from pg_proc where proname = 'append'") == roles.OWNER
    assert migrate(empty_database), "once more changes nothing"


@pytest.mark.parametrize("name", ["event", "contact", "seal"])
def test_a_row_in_a_table_gives_nobody_rights(stack: Stack, lived_in: str, name: str) -> None:
    """A projector may name a read model as it likes: who owns what, and who reads it, goes by our own names."""
    with login(stack, lived_in, roles.PROJECTOR) as url, psycopg.connect(url, autocommit=True) as doors:
        doors.execute("insert into vekha.projection (name, version, position, fence) values (%s, 1, 0, 0)", (name,))
        assert migrate(lived_in)
        owner = value(doors, "select tableowner from pg_tables where schemaname = 'vekha' and tablename = %s", name)
        assert owner == roles.OWNER
        assert not value(doors, f"select has_table_privilege(%s, 'vekha.{name}', 'update')", doors.info.user)
    with psycopg.connect(lived_in, autocommit=True) as connection:
        readers = value(connection, "select has_table_privilege(%s, 'vekha.contact', 'select')", roles.READER)
        assert readers is False


def test_who_holds_the_place_of_who_migrates_is_told(lived_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any login can: nobody waits for it in silence."""
    monkeypatch.setattr("eventlog.migrate.PATIENCE_SECONDS", 1)
    with psycopg.connect(lived_in, autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", (LOCK,))
        with pytest.raises(MigrationHeld, match=f"{other.info.user}, .+, pid {other.info.backend_pid}"):
            migrate(lived_in)
    assert migrate(lived_in)


def test_a_function_of_a_strangers_does_not_become_the_owners(stack: Stack, lived_in: str) -> None:
    """Projectors could once make things in the schema: what is left of that keeps no migration from coming either."""
    with login(stack, lived_in, roles.PROJECTOR) as url, psycopg.connect(url, autocommit=True) as doors:
        with psycopg.connect(lived_in, autocommit=True) as owner:
            owner.execute(f"grant create on schema vekha to {roles.PROJECTOR}")
        doors.execute(
            "create function vekha.append(text) returns void language sql security definer as"
            " $$ alter table vekha.event disable trigger append_only $$"
        )
        doors.execute("revoke execute on function vekha.append(text) from public")
        assert migrate(lived_in)
        owned_by = "select proowner::regrole::text from pg_proc where oid = 'vekha.append(text)'::regprocedure"
        assert value(doors, owned_by) == doors.info.user
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            doors.execute("select vekha.append('now')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            doors.execute("create table vekha.made (id integer)")


def test_every_table_of_ours_has_an_owner_by_its_name(lived_in: str) -> None:
    """A new one has to be put into one of the lists."""
    with psycopg.connect(lived_in, autocommit=True) as connection:
        tables = connection.execute(
            "select schemaname || '.' || tablename, tableowner from pg_tables where schemaname like 'vekha%'"
        ).fetchall()
    assert tuple(model.name for model in READ_MODELS) == roles.READ_MODELS
    wanted = {f"vekha.{name}": roles.OWNER for name in roles.OF_OWNER}
    assert dict(tables) == wanted | {f"vekha_live.{name}": roles.PROJECTOR for name in roles.READ_MODELS}


def test_a_contact_that_takes_anothers_place_leaves_a_trace(stack: Stack, lived_in: str) -> None:
    """When, by which login, and what of it; not the name or the address, which can be erased."""
    keep = "select vekha.keep_contact('city-2021', %s, %s, %s)"
    changes = "select code, name_changed, email_changed, login from vekha.contact_change order by seq"
    with login(stack, lived_in, *roles.OF_DOORS) as url, psycopg.connect(url, autocommit=True) as doors:
        doors.execute(keep, ("b", "B", "b@example.org"))
        doors.execute(keep, ("b", "B", "b@example.org"))
        assert doors.execute(changes).fetchall() == []
        doors.execute(keep, ("b", "B", "thief@example.org"))
        assert doors.execute(changes).fetchall() == [("b", False, True, doors.info.user)]
        assert value(doors, "select email from vekha.contact where code = 'b'") == "thief@example.org"
        assert value(doors, "select count(*) from vekha.contact_change as c where strpos(c::text, 'example') > 0") == 0
    with psycopg.connect(lived_in, autocommit=True) as owner:
        for hide in ("delete from vekha.contact_change", "update vekha.contact_change set login = 'postgres'"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(hide)


def test_the_guards_stand_whatever_replication_role_a_session_has(stack: Stack, lived_in: str) -> None:
    """Set by a superuser for a login, it would silence triggers that are made as they usually are."""
    with psycopg.connect(_superuser(stack, lived_in), autocommit=True) as superuser:
        superuser.execute("set session_replication_role = 'replica'")
        for table in ("event", "seal", "block", "log", "aside", "contact_change", "receipt_rule"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                superuser.execute(f"truncate vekha.{table} cascade")


def test_whom_a_stack_lets_in_loses_what_its_login_no_longer_needs(stack: Stack, lived_in: str) -> None:
    """The doors could append as a worker once, and write reports: the next start takes that back."""
    with login(stack, lived_in, roles.WRITER, roles.PROJECTOR, *roles.OF_DOORS) as url:
        name = str(psycopg.conninfo.conninfo_to_dict(url)["user"])
        member = "select pg_has_role(%s, %s, 'member')"
        with psycopg.connect(_superuser(stack, lived_in), autocommit=True) as superuser:
            assert value(superuser, member, name, roles.WRITER)
            share(_superuser(stack, lived_in), lived_in.rpartition("/")[2], {name: roles.OF_DOORS})
            assert not value(superuser, member, name, roles.WRITER)
            assert not value(superuser, member, name, roles.PROJECTOR)
            assert all(value(superuser, member, name, group) for group in roles.OF_DOORS)


@pytest.fixture
def empty_database(database_url: str) -> Iterator[str]:
    """Give the address of an empty database."""
    name = f"empty_{uuid4().hex[:12]}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield in_database(database_url, name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_a_login_that_may_not_share_owns_the_log_itself(stack: Stack, database_url: str) -> None:
    """Its DATABASE_URL works as ever; the migration says what SQL would part the rights."""
    database = f"own_{uuid4().hex[:12]}"
    with login(stack, database_url) as url:
        own = psycopg.conninfo.make_conninfo(url, dbname=database)
        name = psycopg.conninfo.conninfo_to_dict(url)["user"]
        with psycopg.connect(_superuser(stack, database_url), autocommit=True) as admin:
            admin.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(database), sql.Identifier(str(name)))
            )
            try:
                told = subprocess.run(
                    [sys.executable, "-m", "eventlog.migrate"],
                    env=dict(os.environ) | {"DATABASE_URL": own},
                    cwd=ROOT,
                    check=True,
                    text=True,
                    capture_output=True,
                )
                assert "python -m eventlog.roles" in told.stderr
                with psycopg.connect(own, autocommit=True) as connection:
                    roles.act_as(connection, roles.READER)
                    assert value(connection, "select tableowner from pg_tables where tablename = 'event'") == name
                    assert value(connection, "select count(*) from vekha.event") == 0
            finally:
                admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(database)))


def _superuser(stack: Stack, database_url: str) -> str:
    """Give the address for a role that may make roles: the given one, or the superuser of our own server."""
    with psycopg.connect(database_url) as connection:
        may = value(connection, "select rolcreaterole or rolsuper from pg_roles where rolname = current_user")
        return database_url if may else stack.postgres.url(connection.info.dbname)
