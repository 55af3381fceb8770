"""What a superuser can do to a log whose triggers he has taken away: a change of each kind, at random places."""

from __future__ import annotations

import random
from collections.abc import Callable

import psycopg

from eventlog.chain import ROW, START, Tree, leaf_of, link_of

TABLES = ("event", "seal", "block")
EDITS = {
    "seq": "seq + 100000",
    "id": "gen_random_uuid()",
    "stream": "stream || 'x'",
    "version": "version + 1000",
    "type": "type || 'x'",
    "schema_version": "schema_version + 1",
    "occurred_on": "occurred_on - 1",
    "at": "at + interval '1 microsecond'",
    "received_at": "received_at - interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 microsecond'",
    "actor": "actor || ' '",
    "command_id": "case when command_id is null then '' end",
    "signed": "not signed",
    "data": "data || ' '",
    "command": "case when command is null then '' end",
    "writer": "upper(writer)",
    "xid": "(xid::text::bigint + 1)::text::xid8",
    "roadmap": "roadmap || 'x'",
}


def unguarded(connection: psycopg.Connection) -> None:
    """Take the guards away: triggers, keys between tables, what is generated."""
    for table in TABLES:
        connection.execute(f"alter table vekha.{table} disable trigger append_only")
    connection.execute("alter table vekha.seal drop constraint if exists seal_seq_fkey")
    connection.execute("alter table vekha.seal drop constraint seal_hash_check, alter column hash drop not null")
    connection.execute("alter table vekha.event alter column roadmap drop expression if exists")
    connection.execute("alter table vekha.event alter column seq drop identity if exists")


def edit(column: str) -> Callable[[psycopg.Connection, random.Random, int], None]:
    """Return a change of one column of an event."""

    def change(connection: psycopg.Connection, chance: random.Random, size: int) -> None:
        seq = _seq(connection, chance.randint(1, size))
        connection.execute(f"update vekha.event set {column} = {EDITS[column]} where seq = %s", (seq,))
        if column == "seq":
            connection.execute("update vekha.seal set seq = seq + 100000 where seq = %s", (seq,))

    return change


def delete(connection: psycopg.Connection, chance: random.Random, size: int) -> None:
    """Take out an event, now and then with its seal."""
    position = chance.randint(1, size)
    connection.execute("delete from vekha.event where seq = %s", (_seq(connection, position),))
    if chance.random() < 0.5:
        connection.execute("delete from vekha.seal where position = %s", (position,))


def insert(connection: psycopg.Connection, chance: random.Random, size: int) -> None:
    """Put in an event, the positions behind it moved on; or just a row with an old transaction id."""
    _add(connection)
    if chance.random() < 0.5:
        return
    place = chance.randint(1, size)
    connection.execute("update vekha.seal set position = position + 1000000 where position >= %s", (place,))
    connection.execute("update vekha.seal set position = position - 999999 where position > 1000000")
    connection.execute(
        "insert into vekha.seal select %s, 999999, hash from vekha.seal where position = %s", (place, place + 1)
    )
    connection.execute("update vekha.block set last_position = last_position + 1 where last_position = %s", (size,))


def swap(connection: psycopg.Connection, chance: random.Random, size: int) -> None:
    """Let two events change their places."""
    one, other = chance.sample(range(1, size + 1), 2)
    first, second = _seq(connection, one), _seq(connection, other)
    for position, seq in ((one, -1), (other, first), (one, second)):
        connection.execute("update vekha.seal set seq = %s where position = %s", (seq, position))


def cut(connection: psycopg.Connection, chance: random.Random, size: int) -> None:
    """Cut the tail off, blocks and all: what is left is a sound log."""
    blocks = connection.execute("select no, last_position from vekha.block where no > 0 order by no").fetchall()
    no, last = chance.choice(blocks[:-1])
    connection.execute("delete from vekha.event where seq in (select seq from vekha.seal where position > %s)", (last,))
    connection.execute("delete from vekha.seal where position > %s", (last,))
    connection.execute("delete from vekha.block where no > %s", (no,))
    assert last < size


def resize(connection: psycopg.Connection, chance: random.Random, size: int) -> None:
    """Make a hash longer, shorter, or nothing; or put what it should be compared with into it as well."""
    hash_ = chance.choice(["hash || '\\x00'", "'\\x00' || hash", "substr(hash, 1, 31)", "''", "null", "hash || hash"])
    connection.execute(f"update vekha.seal set hash = {hash_} where position = %s", (chance.randint(1, size),))


def rechain(connection: psycopg.Connection, chance: random.Random, size: int) -> None:
    """Change an event and make the whole chain anew, as the sealer would have: what is there is a sound log."""
    edit(chance.choice(["actor", "at", "data", "signed"]))(connection, chance, size)
    forge(connection)


def forge(connection: psycopg.Connection) -> None:
    """Make hashes, heads and roots anew from the events that are there."""
    head, tree = START, Tree()
    rows = connection.execute(f"select position, {ROW} from vekha.seal join vekha.event using (seq) order by position")
    ends = {row[0] for row in connection.execute("select last_position from vekha.block where no > 0").fetchall()}
    for position, row in rows.fetchall():
        leaf = leaf_of(row)
        head = link_of(head, leaf)
        tree.add(leaf)
        connection.execute("update vekha.seal set hash = %s where position = %s", (head, position))
        if position in ends:
            connection.execute(
                "update vekha.block set head = %s, merkle_root = %s, frontier = %s where last_position = %s and no > 0",
                (head, tree.root(), tree.frontier, position),
            )


def _add(connection: psycopg.Connection) -> None:
    connection.execute(
        "insert into vekha.event (seq, id, stream, version, type, schema_version, occurred_on, at, received_at, actor,"
        " signed, data, writer, xid, roadmap) select 999999, gen_random_uuid(), stream, version + 5000, type,"
        " schema_version, occurred_on, at, received_at, actor, signed, data, writer, xid, roadmap"
        " from vekha.event limit 1"
    )


def _seq(connection: psycopg.Connection, position: int) -> int:
    row = connection.execute("select seq from vekha.seal where position = %s", (position,)).fetchone()
    assert row is not None
    return int(row[0])


KINDS = {
    **{f"edit {column}": edit(column) for column in EDITS},
    "delete": delete,
    "insert": insert,
    "swap": swap,
    "cut": cut,
    "resize a hash": resize,
    "rechain": rechain,
}
