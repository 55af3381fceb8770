"""Every session is as we set it, whatever the environment, the role, the database or the server say."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from domain.errors import VekhaError
from eventlog import sessions
from eventlog.append import append
from eventlog.sealer import Sealer, seal_new
from eventlog.verify import verify
from settings import ROOT
from stack import Stack
from tests.eventlog.log import STREAM, record, running, until, value
from tests.eventlog.test_rights import login

OTHERWISE = {
    "client_encoding": "WIN1251",
    "DateStyle": "German, DMY",
    "IntervalStyle": "iso_8601",
    "TimeZone": "Asia/Kathmandu",
    "extra_float_digits": "-5",
    "bytea_output": "escape",
    "array_nulls": "off",
    "standard_conforming_strings": "off",
    "transform_null_equals": "on",
    "search_path": "public",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "statement_timeout": "2s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "4s",
    "idle_session_timeout": "5s",
}
ROOMS = (
    "activities",
    "app",
    "doors",
    "domain",
    "eventlog",
    "orders",
    "projections",
    "reading",
    "stack",
    "views",
    "wire",
    "workflows",
)


@pytest.fixture
def strange(stack: Stack, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the address of a login for which all is set otherwise: by its role, its database and the environment."""
    with login(stack, database_url, "vekha_owner") as url:
        name = str(psycopg.conninfo.conninfo_to_dict(url)["user"])
        with psycopg.connect(stack.postgres.url("postgres"), autocommit=True) as superuser:
            for place, (setting, otherwise) in enumerate(OTHERWISE.items()):
                whose = sql.SQL("role {}").format(sql.Identifier(name))
                if place % 2:
                    whose = sql.SQL("database {}").format(sql.Identifier(database_url.rpartition("/")[2]))
                given = sql.SQL("{}").format(sql.Literal(otherwise))
                superuser.execute(sql.SQL("alter {} set {} = {}").format(whose, sql.Identifier(setting), given))
            superuser.execute(sql.SQL("alter role {} set synchronous_commit = 'off'").format(sql.Identifier(name)))
        monkeypatch.setenv("PGCLIENTENCODING", "WIN1251")
        monkeypatch.setenv("PGTZ", "Asia/Kathmandu")
        monkeypatch.setenv("PGDATESTYLE", "German, DMY")
        monkeypatch.setenv("PGOPTIONS", "-c standard_conforming_strings=off -c default_transaction_read_only=on")
        yield url


def asked(names: list[str]) -> str:
    """Give the query for settings."""
    return f"select {', '.join(f'current_setting($${name}$$)' for name in names)}"


async def test_whatever_is_set_from_outside_is_set_by_us(strange: str) -> None:
    """One after the other: a session alone, an asynchronous one, one of a pool."""
    names, wanted = list(sessions.SETTINGS), tuple(sessions.SETTINGS.values())
    assert OTHERWISE.keys() == sessions.SETTINGS.keys()
    with psycopg.connect(strange, autocommit=True) as plain:
        bare = plain.execute(asked(names)).fetchone() or ()
        assert all(one != ours for one, ours in zip(bare, wanted, strict=True)), "the test sets all of them otherwise"
    for autocommit in (True, False):
        with sessions.connect(strange, autocommit=autocommit) as alone:
            alone.rollback()
            assert alone.execute(asked(names)).fetchone() == wanted
            assert value(alone, "select current_setting('synchronous_commit')") == "on"
            assert (alone.autocommit, alone.info.encoding) == (autocommit, "utf-8")
    async with await sessions.connect_async(strange) as other:
        assert await (await other.execute(asked(names))).fetchone() == wanted
    async with sessions.pool(strange, min_size=1, max_size=1) as pool, pool.connection() as pooled:
        assert await (await pooled.execute(asked(names))).fetchone() == wanted


async def test_a_sealer_of_strange_settings_makes_no_false_alarm(strange: str, connection: psycopg.Connection) -> None:
    """The texts of a row are hashed in UTF-8, whoever seals and whoever verifies."""
    async with await sessions.connect_async(strange) as log:
        await append(log, STREAM, 0, [record(data='{"note":"Ёлка «№ 7» 👩‍🏫"}')])
    with running(Sealer(strange)):
        until(lambda: value(connection, "select count(*) from vekha.seal") == 1)
    with sessions.connect(strange) as looking:
        assert (verify(looking).size, verify(looking).count) == (1, 0)


def test_nobody_hashes_in_another_encoding(database_url: str) -> None:
    """A session that was opened past the helper is turned away, before anything is sealed."""
    with psycopg.connect(database_url, autocommit=True, client_encoding="WIN1251") as past:
        for hashing in (seal_new, verify):
            with pytest.raises(VekhaError, match="UTF-8"):
                hashing(past)


def test_sessions_are_opened_in_one_place() -> None:
    """Neither psycopg's connect nor a pool of its own stands anywhere else in the program."""
    found = []
    files = [*ROOT.glob("*.py"), *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]
    assert len(files) > 100
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            owner = ast.unparse(node.value) if isinstance(node, ast.Attribute) else ""
            opens = name == "connect" and owner.startswith("psycopg")
            opens = opens or (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith(("ConnectionPool", "AsyncConnection.connect"))
            )
            if opens:
                found.append(file.relative_to(ROOT).as_posix())
    assert set(found) == {"eventlog/sessions.py"}
