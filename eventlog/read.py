"""Reading the log. Rows come as EventRecords; a position is null until the sealer has been by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import psycopg

from domain.records import EventRecord

COLUMNS = (
    "event.id, stream, event.version, type, schema_version, occurred_on, at, received_at, recorded_at, actor,"
    " command_id, signed, data, command, writer"
)
FROM = f"select {COLUMNS}, seal.position from vekha.event left join vekha.seal using (seq)"
SEALED = (
    f"select {COLUMNS}, seal.position from vekha.seal join vekha.event using (seq)"
    " where seal.position > %s order by seal.position limit %s"
)
PAGE = 5000

Connection = psycopg.Connection[tuple[Any, ...]]


def record_of(row: tuple[Any, ...]) -> EventRecord:
    """Return the record of a row of COLUMNS and position; instants as RFC 3339 in UTC, as they went in."""
    (id_, stream, version, type_, schema_version, occurred_on, at, received_at, recorded_at, actor) = row[:10]
    (command_id, signed, data, command, writer, position) = row[10:]
    return EventRecord(
        stream=stream,
        version=version,
        type=type_,
        schema_version=schema_version,
        occurred_on=occurred_on.isoformat(),
        at=at.astimezone(UTC).isoformat(),
        received_at=received_at.astimezone(UTC).isoformat(),
        actor=actor,
        command_id=command_id,
        signed=signed,
        data=data,
        command=command,
        writer=writer,
        id=str(id_),
        recorded_at=recorded_at.astimezone(UTC).isoformat(),
        position=position,
    )


def read_stream(connection: Connection, stream: str) -> Iterator[EventRecord]:
    """Yield a stream from its first event on."""
    version = 0
    while True:
        rows = connection.execute(
            f"{FROM} where stream = %s and event.version > %s order by event.version limit %s", (stream, version, PAGE)
        ).fetchall()
        yield from map(record_of, rows)
        if len(rows) < PAGE:
            return
        version = rows[-1][2]


def read_roadmap(connection: Connection, roadmap: str) -> Iterator[EventRecord]:
    """Yield all events of a roadmap in the order of their positions, what is not sealed yet last."""
    with connection.cursor() as cursor:
        cursor.execute(f"{FROM} where roadmap = %s order by seal.position nulls last, seq", (roadmap,))
        while rows := cursor.fetchmany(PAGE):
            yield from map(record_of, rows)


def events_of_command(connection: Connection, command_id: str) -> list[EventRecord]:
    """Return the events that commands of this id have made, in the order of their streams and versions."""
    rows = connection.execute(f"{FROM} where command_id = %s order by stream, event.version", (command_id,)).fetchall()
    return [record_of(row) for row in rows]


def read_sealed(connection: Connection, after: int, limit: int) -> list[EventRecord]:
    """Return the events behind a position, at most `limit`, in the order of their positions, without gaps."""
    rows = connection.execute(SEALED, (after, limit)).fetchall()
    return [record_of(row) for row in rows]
