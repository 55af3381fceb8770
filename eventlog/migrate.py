"""Migrations: numbered SQL files, each applied once, in order, under a lock.

`python -m eventlog.migrate` applies them to DATABASE_URL.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg

from domain.errors import VekhaError
from domain.records import digest
from eventlog.elected import holder
from eventlog.errors import MigrationChanged, MigrationHeld, SchemaVersionDiffers
from eventlog.roles import become_owner, give_rights
from eventlog.sessions import Connection, connect

FOLDER = Path(__file__).with_name("migrations")
SCHEMA = "vekha"
NO_GROUPS = (
    "Групп ролей нет: всем владеет один вход. SQL для администратора базы: python -m eventlog.roles",
    "There are no groups of roles: one login owns all. SQL for the database's administrator: python -m eventlog.roles",
)
# What others have made in the schema is not ours to close.
CLOSE = f"""
do $$
declare
    one text;
begin
    for one in select oid::regprocedure from pg_proc
               where pronamespace = '{SCHEMA}'::regnamespace and pg_has_role(proowner, 'usage') loop
        execute format('revoke execute on routine %s from public', one);
    end loop;
end $$
"""
PATIENCE_SECONDS = 60
LOCK = 8_360_114  # an arbitrary number: whoever migrates holds the advisory lock of it


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema: its number, its text and the text's SHA-256."""

    number: int
    text: str

    @property
    def sha256(self) -> str:
        """Return the digest that is kept beside the number."""
        return digest(self.text)


def migrations() -> list[Migration]:
    """Return all steps in order."""
    files = sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [Migration(int(file.name[:4]), file.read_text(encoding="utf-8")) for file in files]


def migrate(database_url: str) -> bool:
    """Bring a database up to date, with the rights of each group of roles; nothing happens to one that is.

    The answer is whether there are groups (eventlog/roles.py): False where this login may not make them, and owns all
    itself. SchemaVersionDiffers for a database of a newer Vekha, MigrationChanged where an applied file was edited.
    """
    with connect(database_url) as connection:
        _wait_for_others(connection)
        grouped = become_owner(connection)
        connection.execute(f"create schema if not exists {SCHEMA}")
        connection.execute(
            f"create table if not exists {SCHEMA}.migration (number integer primary key, sha256 text not null)"
        )
        applied: dict[int, str] = dict(connection.execute(f"select number, sha256 from {SCHEMA}.migration").fetchall())
        known = migrations()
        if applied and max(applied) > len(known):
            raise SchemaVersionDiffers(max(applied), len(known))
        for migration in known:
            if migration.number in applied:
                if applied[migration.number] != migration.sha256:
                    raise MigrationChanged(migration.number)
                continue
            with connection.transaction():
                connection.execute(f"set local search_path = {SCHEMA}")
                connection.execute(migration.text)
                connection.execute(
                    f"insert into {SCHEMA}.migration values (%s, %s)", (migration.number, migration.sha256)
                )
        # A dump that was restored without its privileges lets everybody run every function.
        connection.execute(CLOSE)
        if grouped:
            with connection.transaction():
                give_rights(connection)
    return grouped


def _wait_for_others(connection: Connection) -> None:
    """Wait until nobody else migrates; MigrationHeld where somebody holds that place for longer than a migration takes."""
    connection.execute(f"set lock_timeout = '{PATIENCE_SECONDS}s'")
    try:
        connection.execute("select pg_advisory_lock(%s)", (LOCK,))
    except psycopg.errors.LockNotAvailable as error:
        raise MigrationHeld(str(holder(connection, LOCK) or "?"), PATIENCE_SECONDS) from error
    connection.execute("set lock_timeout = 0")


def check_version(connection: psycopg.Connection) -> None:
    """Raise SchemaVersionDiffers where the database was not made by this version."""
    wanted = len(migrations())
    try:
        row = connection.execute(f"select coalesce(max(number), 0) from {SCHEMA}.migration").fetchone()
    except psycopg.errors.UndefinedTable:
        raise SchemaVersionDiffers(0, wanted) from None
    if row is None or row[0] != wanted:
        raise SchemaVersionDiffers(row[0] if row else 0, wanted)


def _main() -> None:
    if not (url := os.environ.get("DATABASE_URL")):
        sys.exit("DATABASE_URL is not set / не задан адрес базы данных DATABASE_URL")
    try:
        grouped = migrate(url)
    except (VekhaError, psycopg.Error) as error:
        why = " ".join(str(error).split())
        print(f"Схема журнала не обновлена / The log's schema was not updated: {why}", file=sys.stderr)  # noqa: T201
        sys.exit(3)
    if not grouped:
        print(NO_GROUPS[1], NO_GROUPS[0], sep="\n", file=sys.stderr)  # noqa: T201 - a job's log is its standard error


if __name__ == "__main__":
    _main()
