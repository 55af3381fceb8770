"""Verification: the whole log against its chain, its blocks, and checkpoints kept outside the database.

Chain and blocks alone find whatever was edited, moved, put in or taken out. Who rules the database can cut the tail,
or make the whole chain anew: that only an outside checkpoint finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf
from typing import NamedTuple

from eventlog.chain import ROW, START, Tree, leaf_of
from eventlog.checkpoints import Checkpoint
from eventlog.roles import Connection

PAGE = 20_000
TOLD = 100  # findings that are kept; all are counted
ROWS = f"""
select position, hash, case when event.id is not null then {ROW} end
from vekha.seal left join vekha.event using (seq) where position > %s order by position limit {PAGE}
"""
BLOCKS = f"""
select no, first_position, last_position, head, merkle_root, frontier from vekha.block
where no > %s order by no limit {PAGE}
"""
# Not sealed, and not on its way to be: what lies below a sealed event for longer than any transaction lasts.
UNSEALED = """
select count(*), min(event.seq) from vekha.event
where not exists (select from vekha.seal where seal.seq = event.seq)
and (recorded_at < now() - interval '60 seconds'
     or pg_visible_in_snapshot(xid, (select snapshot from vekha.block order by no desc limit 1))
     or xid < pg_snapshot_xmin((select snapshot from vekha.block order by no desc limit 1)))
"""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """What should stand at a position and what stands there, as hex, numbers or words; null for nothing."""

    code: str
    position: int
    expected: str | None
    found: str | None


class _Block(NamedTuple):
    no: int
    first: int
    last: int
    head: bytes
    root: bytes
    frontier: bytes


@dataclass
class Verification:
    """What was read, what it came to, and what does not fit: the first TOLD findings, and how many there are."""

    origin: str
    size: int = 0
    blocks: int = 0
    head: bytes = START
    root: bytes | None = None
    count: int = 0
    discrepancies: list[Discrepancy] = field(default_factory=list)

    def find(self, code: str, position: int, expected: object, found: object) -> None:
        """Take a finding down."""
        self.count += 1
        if len(self.discrepancies) < TOLD:
            self.discrepancies.append(Discrepancy(code, position, _told(expected), _told(found)))


def verify(connection: Connection, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
    """Verify the log as it stands, in one snapshot; memory does not grow with it."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        return verify_seen(connection, checkpoints)


def verify_seen(connection: Connection, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
    """Verify the log as the connection's transaction sees it."""
    row = connection.execute("select origin from vekha.log").fetchone()
    result = Verification(row[0] if row else "")
    for checkpoint in checkpoints:
        if checkpoint.origin != result.origin:
            result.find("other-log", 0, checkpoint.origin, result.origin)
    ours = [checkpoint for checkpoint in checkpoints if checkpoint.origin == result.origin]
    _Walk(connection, result, sorted(ours, key=lambda one: one.size)).run(connection)
    unsealed = connection.execute(UNSEALED).fetchone()
    if unsealed and unsealed[0]:
        result.find("unsealed", result.size, None, f"{unsealed[0]}, seq {unsealed[1]}")
    return result


class _Walk:
    """The way through all events: at each place, whatever says something about it is compared."""

    def __init__(self, connection: Connection, result: Verification, checkpoints: Sequence[Checkpoint]) -> None:
        self._result = result
        self._tree = Tree()
        self._sound = True  # every leaf so far is there as it was sealed; from then on the roots tell nothing new
        self._blocks = _blocks(connection)
        self._block = next(self._blocks, None)
        self._block_no, self._first = 0, 1  # what the next block should be
        self._waiting = list(checkpoints)

    def run(self, connection: Connection) -> None:
        """Walk from the first event to the last."""
        result, add = self._result, self._tree.add
        before, position = START, 0
        stop = self._compare(position, before)
        for rows in _pages(connection):
            for found, stored, row in rows:
                position += 1
                if found != position:
                    result.find("gap", position, position, found)
                    self._sound, position = False, found
                elif row is None:
                    result.find("missing", position, stored, None)
                    self._sound = False
                else:
                    leaf = sha256(b"\x00" + row).digest()
                    link = sha256(b"\x02" + before + leaf).digest()
                    if link != stored:
                        result.find("changed", position, stored, link)
                        self._sound = False
                    add(leaf)
                before = stored
                if position >= stop:
                    stop = self._compare(position, before)
        self._end(position)
        result.size, result.blocks, result.head = position, self._block_no, before
        result.root = self._tree.root() if self._sound else None

    def _compare(self, position: int, head: bytes) -> float:
        """Compare the blocks and checkpoints up to a position; return the position where there are more."""
        while self._block is not None and self._block.last <= position:
            self._check(self._block, position, head)
            self._block = next(self._blocks, None)
        while self._waiting and self._waiting[0].size <= position:
            checkpoint = self._waiting.pop(0)
            root = self._tree.root() if self._sound and checkpoint.size == position else None
            if checkpoint.root != root:
                self._result.find("rewritten", position, checkpoint.root, root)
        ends = [self._block.last] if self._block else []
        return min([*ends, *(one.size for one in self._waiting[:1])], default=inf)

    def _check(self, block: _Block, position: int, head: bytes) -> None:
        if (block.no, block.first) != (self._block_no, self._first):
            wanted = f"block {self._block_no} from {self._first}"
            self._result.find("block-order", self._first, wanted, f"block {block.no} from {block.first}")
        self._block_no, self._first = block.no + 1, block.last + 1
        if block.last == position:
            if block.head != head:
                self._result.find("block-head", position, head, block.head)
            if self._sound and (block.root, block.frontier) != (self._tree.root(), self._tree.frontier):
                self._result.find("block-root", position, self._tree.root(), block.root)

    def _end(self, position: int) -> None:
        """Tell what blocks and checkpoints know of behind the last event, and the reverse."""
        if self._block is not None:
            self._result.find("cut-tail", position + 1, self._block.last, position)
        elif self._first != position + 1:
            self._result.find("block-order", self._first, f"blocks up to {position}", f"up to {self._first - 1}")
        for checkpoint in self._waiting:
            self._result.find("cut-tail", position + 1, checkpoint.size, position)


def leaves(connection: Connection) -> Iterator[bytes]:
    """Yield the leaves of all sealed events; ValueError where an event is missing."""
    for rows in _pages(connection):
        for position, _, row in rows:
            if row is None:
                raise ValueError(f"the event at {position} is missing")
            yield leaf_of(row)


def leaf_at(connection: Connection, position: int) -> bytes:
    """Return the leaf of one event; ValueError where it is missing."""
    row = connection.execute(ROWS, (position - 1,), binary=True).fetchone()
    if row is None or row[0] != position or row[2] is None:
        raise ValueError(f"the event at {position} is missing")
    return leaf_of(row[2])


def _pages(connection: Connection) -> Iterator[list[tuple[int, bytes, bytes | None]]]:
    """Yield the sealed events in pages, the next one read by the database while this one is worked on."""

    def page(after: int) -> list[tuple[int, bytes, bytes | None]]:
        return connection.execute(ROWS, (after,), binary=True).fetchall()

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(page, 0)
        while rows := coming.result():
            coming = pool.submit(page, rows[-1][0])
            yield rows


def _blocks(connection: Connection) -> Iterator[_Block]:
    no = -1
    while rows := connection.execute(BLOCKS, (no,), binary=True).fetchall():
        yield from (_Block(*row) for row in rows)
        no = rows[-1][0]


def _told(value: object) -> str | None:
    return value.hex() if isinstance(value, bytes) else None if value is None else str(value)
