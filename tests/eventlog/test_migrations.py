"""Migrations: each applied once, unchanged, by one at a time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from eventlog import migrate as module
from eventlog.errors import MigrationChanged, SchemaVersionDiffers
from eventlog.migrate import check_version, migrate, migrations
from eventlog.sealer import seal_new
from eventlog.verify import verify
from tests.eventlog.log import put, record, value

FOLDER = module.FOLDER
APPLIED = "select count(*) from vekha.migration"


@pytest.fixture
def empty(connection: psycopg.Connection) -> psycopg.Connection:
    """Give a connection to a database without our schema."""
    connection.execute("drop schema vekha cascade")
    return connection


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the migrations' folder, which is used instead of it."""
    folder = Path(shutil.copytree(module.FOLDER, tmp_path / "migrations"))
    monkeypatch.setattr(module, "FOLDER", folder)
    return folder


def test_migrations_are_numbered_without_gaps() -> None:
    """A version is the number of the last file."""
    assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))


def test_four_at_once_migrate_an_empty_database_once(database_url: str, empty: psycopg.Connection) -> None:
    """They wait for each other, and the later ones find nothing to do."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [database_url] * 4))

    assert value(empty, APPLIED) == len(migrations())
    check_version(empty)


def test_a_new_migration_is_applied_to_what_is_there(
    database_url: str, connection: psycopg.Connection, files: Path
) -> None:
    """Until then the database differs from the program."""
    new = len(migrations()) + 1
    (files / f"{new:04}_more.sql").write_text("create table more (id integer);")
    with pytest.raises(SchemaVersionDiffers) as differs:
        check_version(connection)

    migrate(database_url)

    check_version(connection)
    assert (differs.value.found, differs.value.wanted) == (new - 1, new)
    assert value(connection, "select count(*) from vekha.more") == 0


def test_a_migration_that_fails_leaves_nothing_behind(
    database_url: str, connection: psycopg.Connection, files: Path
) -> None:
    """Each runs in a transaction of its own."""
    new = len(migrations()) + 1
    (files / f"{new:04}_more.sql").write_text("create table more (id integer); select 1 / 0;")

    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(database_url)

    assert value(connection, APPLIED) == new - 1
    assert value(connection, "select to_regclass('vekha.more')") is None


def test_an_applied_migration_may_not_be_edited(database_url: str, files: Path) -> None:
    """A database of the old text would pass for one of the new."""
    first = next(files.glob("0001*"))
    first.write_text(first.read_text() + "-- changed\n")

    with pytest.raises(MigrationChanged, match="migration 1 was changed"):
        migrate(database_url)


def test_a_database_of_a_newer_program_is_left_alone(database_url: str, connection: psycopg.Connection) -> None:
    """Neither the migration nor the doors go on."""
    connection.execute("insert into vekha.migration values (9999, '')")

    with pytest.raises(SchemaVersionDiffers):
        migrate(database_url)
    with pytest.raises(SchemaVersionDiffers, match="has version 9999, this program needs"):
        check_version(connection)


def test_the_command_tells_in_a_line_what_kept_it(database_url: str, connection: psycopg.Connection) -> None:
    """A database of a newer program, one with tables of others, one that does not answer."""
    connection.execute("insert into vekha.migration values (9999, '')")
    strange = psycopg.conninfo.make_conninfo(database_url, dbname="nowhere")
    for url, why in ((database_url, "has version 9999"), (strange, "nowhere")):
        environment = {**os.environ, "DATABASE_URL": url}
        run = subprocess.run(
            [sys.executable, "-m", "eventlog.migrate"], env=environment, capture_output=True, check=False, text=True
        )
        (line,) = run.stderr.splitlines()
        assert (run.returncode, why in line) == (3, True)


def test_a_database_without_a_log_has_version_0(empty: psycopg.Connection) -> None:
    """It is told like any other difference."""
    with pytest.raises(SchemaVersionDiffers) as differs:
        check_version(empty)

    assert differs.value.found == 0


@pytest.mark.parametrize("told", [True, False])
def test_the_command_migrates_the_database_it_is_told(
    database_url: str, empty: psycopg.Connection, *, told: bool
) -> None:
    """Without an address it says what is missing."""
    environment = {**os.environ, "DATABASE_URL": database_url if told else ""}

    run = subprocess.run([sys.executable, "-m", "eventlog.migrate"], env=environment, capture_output=True, check=False)

    assert (run.returncode == 0) is told
    assert told or b"DATABASE_URL" in run.stderr
    assert (value(empty, "select to_regclass('vekha.event')") is not None) is told


def go_back(
    database_url: str, connection: psycopg.Connection, files: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Make the log anew as a program of this schema version would have, which knew no groups of rights."""
    connection.execute("drop schema vekha cascade")
    for migration in migrations():
        if migration.number > number:
            next(files.glob(f"{migration.number:04}_*.sql")).unlink()
    with monkeypatch.context() as patch:
        patch.setattr("eventlog.migrate.become_owner", lambda _: False)
        migrate(database_url)


def go_on(database_url: str, files: Path) -> None:
    """Bring it up to today's schema."""
    shutil.rmtree(files)
    shutil.copytree(FOLDER, files)
    migrate(database_url)


async def test_a_log_that_was_sealed_before_there_was_a_chain_gets_one(
    database_url: str, connection: psycopg.Connection, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same that the sealer would have made."""
    go_back(database_url, connection, files, monkeypatch, 3)
    connection.execute(
        "insert into vekha.event (id, stream, version, type, schema_version, occurred_on, at, received_at, actor,"
        " command_id, signed, data, writer) select gen_random_uuid(), 'a/year', version, 'ProgressReported', 1,"
        " '2021-09-30', '2021-09-30', '2021-09-30', 'school-6', 'c', false, '{}', 'run-1' from generate_series(1, 7) as version"
    )
    connection.execute("insert into vekha.seal select seq, seq from vekha.event")
    for no, first, last in ((1, 1, 3), (2, 4, 6), (3, 7, 7)):
        connection.execute(
            "insert into vekha.block (no, first_position, last_position, floor_seq, snapshot, system_identifier)"
            " select %s, %s, %s, 0, pg_current_snapshot(), system_identifier::text from pg_control_system()",
            (no, first, last),
        )

    go_on(database_url, files)

    result = verify(connection)
    assert (result.size, result.blocks, result.discrepancies) == (7, 4, [])
    await put(database_url, record("a/year", 8))
    seal_new(connection)
    assert (verify(connection).size, verify(connection).count) == (8, 0)


def test_who_could_append_before_the_function_was_changed_still_can(
    database_url: str, connection: psycopg.Connection, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody else."""
    go_back(database_url, connection, files, monkeypatch, 4)
    connection.execute("grant execute on function vekha.append to pg_monitor")

    go_on(database_url, files)

    may = "select has_function_privilege(%s, 'vekha.append'::regproc, 'execute')"
    assert [value(connection, may, role) for role in ("pg_monitor", "pg_read_all_data")] == [True, False]
