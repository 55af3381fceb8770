"""The log is append-only: for its owner's mistakes by triggers, for everybody else by rights."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from eventlog.append import append, following
from eventlog.migrate import grant_use
from eventlog.read import read_stream
from eventlog.sealer import seal_new
from stack import Stack
from tests.eventlog.log import STREAM, put, record, value


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


@pytest.fixture
def application_role(stack: Stack, database_url: str) -> Iterator[str]:
    """Give the name of a role that owns nothing and may use the log, with a password of the same name."""
    name = f"app_{uuid4().hex[:12]}"
    role = sql.Identifier(name)
    with psycopg.connect(_superuser(stack, database_url), autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login password {}").format(role, sql.Literal(name)))
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(sql.Identifier(connection.info.dbname), role)
        )
        grant_use(connection, name)
        yield name
        connection.execute(sql.SQL("drop owned by {}").format(role))
        connection.execute(sql.SQL("drop role {}").format(role))


async def test_the_application_appends_through_the_function(database_url: str, application_role: str) -> None:
    """And reads what it has appended."""
    url = psycopg.conninfo.make_conninfo(database_url, user=application_role, password=application_role)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        assert (await append(connection, STREAM, 0, [record()])).outcome == "appended"
        assert [row.version for row in await following(connection, STREAM, 0, 10)] == [1]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into vekha.event (stream, version) values ('city-2021/year', 1)",
        "insert into vekha.seal values (2, 2)",
        "insert into vekha.block select * from vekha.block",
        "update vekha.event set recorded_at = '2021-09-01'",
        "delete from vekha.event",
        "truncate vekha.event cascade",
        "alter table vekha.event disable trigger append_only",
        "drop function vekha.append",
        "update vekha.projection set position = 0",
    ],
)
async def test_the_application_can_do_nothing_else(database_url: str, application_role: str, statement: str) -> None:
    """A plain insert could backdate an event."""
    await put(database_url, record())
    url = psycopg.conninfo.make_conninfo(database_url, user=application_role, password=application_role)
    with (
        psycopg.connect(url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_a_role_that_was_granted_nothing_may_not_even_append(connection: psycopg.Connection) -> None:
    """PostgreSQL lets everybody run a new function: that was taken away."""
    assert not value(connection, "select has_function_privilege('pg_monitor', 'vekha.append'::regproc, 'execute')")


def _superuser(stack: Stack, database_url: str) -> str:
    """Give the address for a role that may make roles: the given one, or the superuser of our own server."""
    with psycopg.connect(database_url) as connection:
        may = value(connection, "select rolcreaterole or rolsuper from pg_roles where rolname = current_user")
        return database_url if may else stack.postgres.url(connection.info.dbname)
