"""Migrations: numbered SQL files, each applied once, in order, under a lock.

`python -m eventlog.migrate` applies them to DATABASE_URL.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from domain.records import digest
from eventlog.errors import MigrationChanged, SchemaVersionDiffers

FOLDER = Path(__file__).with_name("migrations")
SCHEMA = "vekha"
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


def migrate(database_url: str) -> None:
    """Bring a database up to date; nothing happens to one that is.

    SchemaVersionDiffers for a database of a newer Vekha, MigrationChanged where an applied file was edited.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (LOCK,))
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


def check_version(connection: psycopg.Connection) -> None:
    """Raise SchemaVersionDiffers where the database was not made by this version."""
    wanted = len(migrations())
    try:
        row = connection.execute(f"select coalesce(max(number), 0) from {SCHEMA}.migration").fetchone()
    except psycopg.errors.UndefinedTable:
        raise SchemaVersionDiffers(0, wanted) from None
    if row is None or row[0] != wanted:
        raise SchemaVersionDiffers(row[0] if row else 0, wanted)


def grant_use(connection: psycopg.Connection, role: str) -> None:
    """Let a role read, and append through the function, and nothing else. The owner of the schema needs no grant."""
    connection.execute(
        sql.SQL(
            "grant usage on schema vekha to {role}; grant select on all tables in schema vekha to {role};"
            " grant execute on function vekha.append to {role}"
        ).format(role=sql.Identifier(role))
    )


if __name__ == "__main__":
    if not (url := os.environ.get("DATABASE_URL")):
        sys.exit("DATABASE_URL is not set / не задан адрес базы данных DATABASE_URL")
    migrate(url)
