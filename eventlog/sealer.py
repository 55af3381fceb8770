"""The sealer: gives every committed event its gapless position, a moment after its commit.

Appends take no common lock, so `seq` has gaps and events become visible out of its order. The sealer takes up, block
by block, what its last block could not see yet: no event is passed over, however late its transaction commits.
Positions follow the versions within a stream, because only who sees version n committed can insert n + 1.

One sealer of all is elected, the others stand by; should two ever run, the primary key of `block` lets only one of
them write each block. Every block is announced on CHANNEL and goes on with the chain (eventlog/chain.py); a notary signs
what the log has come to and keeps that outside the database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog

from eventlog.chain import ROW, Tree, leaf_of, link_of
from eventlog.checkpoints import Notary
from eventlog.elected import work_elected
from eventlog.errors import HalfRestored
from eventlog.roles import SEALER
from eventlog.sessions import Connection, check_encoding

LOCK = 8_360_115
CHANNEL = "vekha_sealed"
# Between two looks. What was committed meanwhile shares a block and its checkpoint: sealing each event by itself, at a
# fifth of this pause, took a quarter of a lone command's time (docs/benchmarks.md).
PAUSE_SECONDS = 0.1
ALARM_SECONDS = 60.0  # an event has its position within a second; one that waits for so long is an alarm

HERE = "(select system_identifier::text from pg_control_system())"
LAST_BLOCK = f"""
select no, last_position, floor_seq, snapshot::text, pg_current_snapshot()::text, system_identifier = {HERE},
       head, frontier
from vekha.block order by no desc limit 1
"""
UNSEEN = """
xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot) and not pg_visible_in_snapshot(xid, %(snapshot)s::pg_snapshot)
and seq > %(floor_seq)s
"""
# The columns that are hashed, with the position that the event gets.
TAKEN = """
select seq, {row} from (
    select %(last_position)s::bigint + row_number() over (order by seq) as position, event.*
    from vekha.event where {where}
) as taken order by seq
"""
NEW = TAKEN.format(row=ROW, where=UNSEEN)
LEFT_OUT = TAKEN.format(row=ROW, where="not exists (select from vekha.seal where seal.seq = event.seq)")
ENDS = """
select coalesce(max(position), 0), coalesce(max(seq), 0), (select coalesce(max(seq), 0) from vekha.event) from vekha.seal
"""
COPY = "copy vekha.seal (position, seq, hash) from stdin (format binary)"
NEW_BLOCK = f"""
insert into vekha.block (no, first_position, last_position, floor_seq, snapshot, system_identifier, head, merkle_root,
                         frontier)
values (%s, %s, %s, %s, %s::pg_snapshot, {HERE}, %s, %s, %s)
"""
OLDEST_UNSEALED = f"""
select extract(epoch from clock_timestamp() - min(recorded_at))::float8
from (select seq, recorded_at from vekha.event where {UNSEEN}
      union all
      select seq, recorded_at from vekha.event where seq > (select coalesce(max(seq), 0) from vekha.seal)) as candidate
where not exists (select from vekha.seal where seal.seq = candidate.seq)
"""

log = structlog.get_logger("sealer")


@dataclass(frozen=True, slots=True)
class Block:
    """Where the log stands: the last block, and the snapshot that the next one will be judged by.

    Events up to `floor_seq` are settled, whatever their transaction ids say: these may come from another cluster.
    `here` tells whether the block was written in this cluster.
    """

    no: int
    last_position: int
    floor_seq: int
    snapshot: str
    now: str
    here: bool
    head: bytes
    frontier: bytes


class Sealer:
    """The sealer of one database; `run` it in a thread."""

    def __init__(self, database_url: str, notary: Notary | None = None) -> None:
        self._database_url = database_url
        self._notary = notary

    def run(self, stop: threading.Event) -> None:
        """Seal until `stop` is set; outlives restarts of the database and stands by while another one seals."""

        def work(connection: Connection) -> None:
            seal_what_moved_in(connection)
            if self._notary:
                self._notary.publish(connection)
            look_at = time.monotonic()
            while not stop.is_set():
                if time.monotonic() >= look_at:
                    _warn_of_waiting(connection)
                    look_at = time.monotonic() + ALARM_SECONDS
                try:
                    sealed = seal_new(connection)
                except psycopg.errors.UniqueViolation:
                    log.warning("another sealer was faster")  # its block stands, ours was rolled back
                    sealed = 0
                if sealed and self._notary:
                    self._notary.publish(connection)
                stop.wait(PAUSE_SECONDS)

        work_elected("sealer", self._database_url, LOCK, stop, work, group=SEALER, left=left_waiting)


def seal_new(connection: Connection) -> int:
    """Seal, as one block, what was committed since the last one; return how many events that were.

    UniqueViolation where another sealer was faster: then nothing was changed.
    """
    check_encoding(connection)
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        last = _last_block(connection)
        rows = _judge(connection, NEW, last).fetchall()
        if rows:
            _write(connection, last, rows, last.floor_seq)
    return len(rows)


def seal_what_moved_in(connection: Connection) -> None:
    """After a restore into another cluster, seal what the old one had left unsealed and begin with a fresh snapshot.

    Transaction ids start anew there, so the last snapshot tells nothing: ids may lie below it, where new events would
    be passed over, or above the new ones, where old events would be taken up again and again. So all that is there
    is settled by its place, with writers shut out for the moment. HalfRestored while tables are still on their way: sealed
    now, all their events would have two seals.
    """
    if _last_block(connection).here:
        return
    check_encoding(connection)
    with connection.transaction():
        # Each statement has a snapshot of its own, all of them taken while nobody writes.
        connection.execute("set transaction isolation level read committed")
        connection.execute("select vekha.hold_writers()")
        last = _last_block(connection)
        position, sealed, seq = connection.execute(ENDS).fetchone() or (0, 0, 0)
        if position != last.last_position or sealed > seq:
            raise HalfRestored(last.last_position, position)
        rows = _judge(connection, LEFT_OUT, last).fetchall()
        _write(connection, last, rows, seq)
    log.warning("log was moved to this cluster", sealed=len(rows))


def unsealed_seconds(connection: Connection) -> float:
    """Return the age of the oldest event that waits for its position, in seconds; 0 where none does.

    It does not only ask what the sealer would take: events behind the last sealed one count, whatever their ids say.
    """
    row = _judge(connection, OLDEST_UNSEALED, _last_block(connection)).fetchone()
    return row[0] or 0.0 if row else 0.0


def left_waiting(connection: Connection) -> str | None:
    """Return what a sealer that works would have done; None where nothing has waited for so long as to be an alarm."""
    waiting = unsealed_seconds(connection)
    return f"events wait for a position, the first for {waiting:.0f} s" if waiting > ALARM_SECONDS else None


def _warn_of_waiting(connection: Connection) -> None:
    """Tell the log of the program where events wait that a sealer at work does not take."""
    waiting = unsealed_seconds(connection)
    if waiting > ALARM_SECONDS:
        log.error("events wait for a position: run audit.py verify", seconds=round(waiting))


def _judge(connection: Connection, query: str, last: Block) -> psycopg.Cursor[tuple[Any, ...]]:
    """Run a query with UNSEEN for the last block."""
    # Never prepared: a plan for any snapshot would read the whole log, one for this snapshot reads its end.
    values = {"snapshot": last.snapshot, "floor_seq": last.floor_seq, "last_position": last.last_position}
    return connection.execute(query, values, prepare=False, binary=True)


def _last_block(connection: Connection) -> Block:
    row = connection.execute(LAST_BLOCK).fetchone()
    assert row is not None  # noqa: S101 - the migration writes block 0, and blocks are never deleted
    return Block(*row)


def _write(connection: Connection, last: Block, rows: Sequence[tuple[int, bytes]], floor_seq: int) -> None:
    """Write the block of these events, given by their seq and what of them is hashed."""
    head, tree = last.head, Tree.of(last.last_position, last.frontier)
    seals = []
    for position, (seq, row) in enumerate(rows, start=last.last_position + 1):
        leaf = leaf_of(row)
        head = link_of(head, leaf)
        tree.add(leaf)
        seals.append((position, seq, head))
    block = (last.no + 1, last.last_position + 1, tree.size, floor_seq, last.now, head, tree.root(), tree.frontier)
    connection.execute(NEW_BLOCK, block)
    with connection.cursor().copy(COPY) as copy:
        copy.set_types(["int8", "int8", "bytea"])
        for seal in seals:
            copy.write_row(seal)
    connection.execute("select pg_notify(%s, %s)", (CHANNEL, str(tree.size)))
