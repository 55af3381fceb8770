"""Reading the log. Rows come as EventRecords; a position is null until the sealer has been by.

A row that was set aside (`vekha.aside`) comes as the event SetAside, which changes nothing: whoever folds a stream goes on
behind it, and its versions have no gap. What is hashed is read elsewhere, as it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC
from typing import Any

from domain.records import EventRecord
from eventlog.sessions import Connection

# In the order of EventRecord's fields.
COLUMNS = (
    *("stream", "version", "type", "schema_version", "occurred_on", "at", "received_at", "actor", "command_id"),
    *("signed", "data", "command", "writer", "id", "recorded_at"),
)
# Instants and days that Python has, and domain/codec.py takes; null for others, which only a hand past Vekha can have written.
_SOUND = {
    name: f"case when {name} between {first} and {last} then {name} end"
    for names, first, last in (
        (("occurred_on",), "'0001-01-01'", "'9999-12-31'"),
        (("at", "received_at", "recorded_at"), "'0002-01-01 00:00:00+00'", "'9998-12-31 23:59:59.999999+00'"),
    )
    for name in names
}
# What is read of an event as it stands.
SOUND = ", ".join(f"{_SOUND[name]} as {name}" if name in _SOUND else name for name in COLUMNS)
# And with what stands for one that was set aside. Its times lie before all others: nothing was received late because of it.
_BEFORE_ALL = "'0002-01-01 00:00:00+00'::timestamptz"
_INSTEAD = {
    "type": "'SetAside'",
    "schema_version": "1",
    "occurred_on": "(set_aside_at at time zone 'UTC')::date",
    "at": _BEFORE_ALL,
    "received_at": _BEFORE_ALL,
    "actor": "'administrator'",
    "command_id": "null",
    "command": "null",
    "data": "json_build_object('act', act, 'by', login, 'was', type, 'set_aside_at',"
    """ to_char(set_aside_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'))::text""",
}
SELECTED = ", ".join(
    f"case when act is null then {_SOUND.get(name, name)} else {_INSTEAD[name]} end as {name}"
    if name in _INSTEAD
    else f"{_SOUND[name]} as {name}"
    if name in _SOUND
    else name
    for name in COLUMNS
)
EVENTS = "vekha.event left join vekha.aside using (stream, version)"
STANDING = "not exists (select from vekha.aside where aside.stream = event.stream and aside.version = event.version)"
FROM = f"select {SELECTED}, position from {EVENTS} left join vekha.seal using (seq)"
STREAM = f"{FROM} where stream = %s and version > %s order by version limit %s"
ROADMAP = f"{FROM} where roadmap = %s order by position nulls last, seq"
OF_TYPES = f"{FROM} where roadmap = %s and event.type = any(%s) and position <= %s order by position"
POSITION = f"{FROM} where position = %s"
PLACE = f"{FROM} where stream = %s and version = %s"
COMMAND = f"{FROM} where event.command_id = %s order by stream, version"
SEALED = f"{FROM} where position > %s order by position limit %s"
# Without `offset 0` the database would look for the ends along the key of `seq`, from the ends of the whole log on.
EXTENT = """
select min(seq), max(seq), max(position)
from (select seq, position from vekha.seal where position > %s and position <= %s offset 0) as sealed
"""
# Of every type that is or will be: a key of this name is the list of the event's files.
EVIDENCE = """
select stream, version, position, data from vekha.event left join vekha.seal using (seq)
where strpos(data, '"evidence"') > 0 order by seq
"""
# What explains an event: of the types that grow without number only those with one of these command ids, and of the requests
# for more time the last one of each assignment.
BEHIND = f"""
{FROM} where stream = %(stream)s and version <= %(version)s
and (version = %(version)s or type <> all(%(grown)s) or command_id = any(%(commands)s) or version in (
    select max(version) from vekha.event
    where stream = %(stream)s and version < %(version)s and type = %(last)s group by data::json ->> 'assignment'))
order by version
"""
# Of one stream what names a file, of these types.
FILES = (
    f"{FROM} where stream = %s and type = any(%s) and act is null and strpos(data, '\"sha256\"') > 0 order by version"
)
# Of each assignment the last event of these types.
LAST = f"""
select distinct on (stream, data::json ->> 'assignment') {SELECTED}, position
from {EVENTS} left join vekha.seal using (seq)
where roadmap = %s and type = any(%s) and act is null
order by stream, data::json ->> 'assignment', version desc
"""
PAGE = 5000


def record_of(row: tuple[Any, ...]) -> EventRecord:
    """Return the record of a row of COLUMNS and position; instants as RFC 3339 in UTC, as they went in.

    What is no time that can be told comes as an empty text, which nobody can read as one.
    """
    stream, version, type_, schema_version, occurred_on, at, received_at, *rest = row
    actor, command_id, signed, data, command, writer, id_, recorded_at, position = rest
    return EventRecord(
        stream,
        version,
        type_,
        schema_version,
        "" if occurred_on is None else occurred_on.isoformat(),
        "" if at is None else at.astimezone(UTC).isoformat(),
        "" if received_at is None else received_at.astimezone(UTC).isoformat(),
        actor,
        command_id,
        signed,
        data,
        command,
        writer,
        str(id_),
        None if recorded_at is None else recorded_at.astimezone(UTC).isoformat(),
        position,
    )


def read_some(connection: Connection, stream: str, after: int, limit: int) -> list[EventRecord]:
    """Return what a stream holds after a version, in order, at most `limit` rows."""
    return [record_of(row) for row in connection.execute(STREAM, (stream, after, limit)).fetchall()]


def read_behind(
    connection: Connection, record: EventRecord, grown: Collection[str], last: str, commands: Collection[str]
) -> list[EventRecord]:
    """Return of an event's stream what can explain it, the event the last.

    Left out are the types `grown`, but for events of these commands and the last one of the type `last` of each assignment.
    """
    asked = {
        "stream": record.stream,
        "version": record.version,
        "grown": list(grown),
        "commands": list(commands),
        "last": last,
    }
    return [record_of(row) for row in connection.execute(BEHIND, asked).fetchall()]


def read_stream(connection: Connection, stream: str) -> Iterator[EventRecord]:
    """Yield a stream from its first event on."""
    version = 0
    while True:
        rows = read_some(connection, stream, version, PAGE)
        yield from rows
        if len(rows) < PAGE:
            return
        version += PAGE


def read_roadmap(connection: Connection, roadmap: str) -> Iterator[EventRecord]:
    """Yield all events of a roadmap in the order of their positions, what is not sealed yet last.

    They come in pages through a cursor of the server's, from one snapshot: memory does not grow with the log. The
    connection is in a transaction until the last one is taken.
    """
    with connection.transaction(), connection.cursor(name="roadmap") as cursor:
        cursor.execute(ROADMAP, (roadmap,))
        while rows := cursor.fetchmany(PAGE):
            yield from map(record_of, rows)


def read_last(connection: Connection, roadmap: str, types: Collection[str]) -> list[EventRecord]:
    """Return of each assignment of a roadmap the last event that is of one of these types; of each stream, where none names one."""
    return [record_of(row) for row in connection.execute(LAST, (roadmap, list(types))).fetchall()]


def read_files(connection: Connection, stream: str, types: Collection[str]) -> list[EventRecord]:
    """Return the events of a stream that are of one of these types and name a file, in order."""
    return [record_of(row) for row in connection.execute(FILES, (stream, list(types))).fetchall()]


def read_types(connection: Connection, roadmap: str, types: Collection[str], upto: int) -> Iterator[EventRecord]:
    """Yield the sealed events of a roadmap of some types, up to a position, in their order, as `read_roadmap` does."""
    with connection.transaction(), connection.cursor(name="types") as cursor:
        cursor.execute(OF_TYPES, (roadmap, list(types), upto))
        while rows := cursor.fetchmany(PAGE):
            yield from map(record_of, rows)


def read_evidence(connection: Connection) -> Iterator[tuple[str, int, int | None, str]]:
    """Yield stream, version, position and data of each event that may name files, in the order of their appends.

    In pages and from one snapshot, as `read_roadmap`.
    """
    with connection.transaction(), connection.cursor(name="evidence") as cursor:
        cursor.execute(EVIDENCE)
        while rows := cursor.fetchmany(PAGE // 10):  # an event with many files is a long one
            yield from rows


def read_position(connection: Connection, position: int) -> EventRecord | None:
    """Return the event at a position; None where there is none."""
    row = connection.execute(POSITION, (position,)).fetchone()
    return None if row is None else record_of(row)


def read_place(connection: Connection, stream: str, version: int) -> EventRecord | None:
    """Return the event at a place of a stream; None where there is none."""
    row = connection.execute(PLACE, (stream, version)).fetchone()
    return None if row is None else record_of(row)


def events_of_command(connection: Connection, command_id: str) -> list[EventRecord]:
    """Return the events that commands of this id have made, in the order of their streams and versions."""
    return [record_of(row) for row in connection.execute(COMMAND, (command_id,)).fetchall()]


def read_sealed(connection: Connection, after: int, limit: int) -> list[EventRecord]:
    """Return the events behind a position, at most `limit`, in the order of their positions, without gaps."""
    return [record_of(row) for row in connection.execute(SEALED, (after, limit)).fetchall()]
