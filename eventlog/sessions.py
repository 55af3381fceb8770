"""Connections to PostgreSQL: each one of ours is opened here, and whatever a session could be told from outside is set.

Environment variables (PGOPTIONS, PGTZ, PGCLIENTENCODING), `alter role … set`, `alter database … set` and the server's own
configuration all set how a session writes and reads values, how long it may wait and what it may do. What our statements
mean, and what is hashed of a row, must not depend on any of them. Set after connecting, by one statement: that comes after
all of these, and needs nothing of a pooler but that a session stays one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from domain.errors import VekhaError

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

Connection = psycopg.Connection[tuple[Any, ...]]
AsyncConnection = psycopg.AsyncConnection[tuple[Any, ...]]

ENCODING = "UTF8"
SETTINGS = {
    "client_encoding": ENCODING,  # the binary form of a row, which is hashed, has texts in it
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "array_nulls": "on",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "search_path": "pg_catalog, pg_temp",  # every name of ours says its schema
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
}
SINCE_17 = {"transaction_timeout": "0"}
_17 = 170000


def connect(database_url: str, *, autocommit: bool = True, **options: Any) -> Connection:
    """Open a session; `options` are those of libpq. Errors are psycopg's."""
    connection: Connection = psycopg.connect(database_url, autocommit=True, client_encoding=ENCODING, **options)
    try:
        connection.execute(_set(connection.info.server_version), prepare=False)
        connection.autocommit = autocommit
    except BaseException:
        connection.close()
        raise
    return connection


async def connect_async(database_url: str, **options: Any) -> AsyncConnection:
    """Open a session in autocommit mode; `options` are those of libpq. Errors are psycopg's."""
    connection: AsyncConnection = await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, client_encoding=ENCODING, **options
    )
    try:
        await configure(connection)
    except BaseException:
        await connection.close()
        raise
    return connection


def check_encoding(connection: Connection) -> None:
    """Let nobody hash rows in a session of another encoding than ours: VekhaError."""
    if connection.info.encoding != "utf-8":
        raise VekhaError(f"rows are hashed in UTF-8, this session has {connection.info.encoding}")


def pool(database_url: str, *, min_size: int, max_size: int) -> AsyncConnectionPool[AsyncConnection]:
    """Return a pool of sessions in autocommit mode, to be opened with `async with`."""
    from psycopg_pool import AsyncConnectionPool  # noqa: PLC0415  for workers: no door shall wait for it

    return AsyncConnectionPool(
        database_url,
        min_size=min_size,
        max_size=max_size,
        open=False,
        kwargs={"autocommit": True, "client_encoding": ENCODING},
        configure=configure,
    )


async def configure(connection: AsyncConnection) -> None:
    """Set what could be set otherwise from outside."""
    await connection.execute(_set(connection.info.server_version), prepare=False)


def _set(server_version: int) -> str:
    settings = SETTINGS | (SINCE_17 if server_version >= _17 else {})
    calls = [f"set_config('{name}', '{value}', false)" for name, value in settings.items()]
    # A commit that was told is on the disk. More than that, a standby's word, is the operator's to ask for.
    calls.append(
        "case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', false) end"
    )
    return f"select {', '.join(calls)}"
