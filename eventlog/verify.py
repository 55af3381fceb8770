"""Verification: the whole log against its chain, its blocks, and checkpoints kept outside the database.

Chain and blocks alone find whatever was edited, moved, put in or taken out. Who rules the database can cut the tail,
or make the whole chain anew: that only an outside checkpoint finds.

The log is read in segments of equal size. Each can be looked at by itself, since the chain goes on from the hash that is
stored before it and its subtree stands in the Merkle tree as it is: of a long log, several processes look at some each.
What a segment cannot know, the blocks' roots and the way from one segment to the next, is compared in order.
"""

from __future__ import annotations

import gc
import os
import signal
import struct
import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing import get_context, parent_process
from typing import NamedTuple

from psycopg.conninfo import make_conninfo

from domain.errors import Unavailable
from eventlog.chain import LEAF, SIZE, START, Tree, levels_of, links_of, peaks_of
from eventlog.checkpoints import Checkpoint
from eventlog.read import EXTENT, STANDING
from eventlog.sessions import Connection, check_encoding, connect

HEIGHT = 14  # of the tree of a segment: 16,384 events; shorter ones and longer ones took longer
SEGMENT = 1 << HEIGHT
SHORT = 1 << 15  # what a log must be longer than, to be worth starting processes for
AHEAD = 4 * (os.cpu_count() or 1)  # segments that may be under way: what is known must not pile up
PAGE = 20_000
TOLD = 100  # findings that are kept; all are counted
BEFORE_ALL = -(2**63)
NEXT = "select min(position) from vekha.seal where position > %s"
BEFORE = "select position, coalesce(hash, '') from vekha.seal where position <= %s order by position desc limit 1"
MISSING = START  # stands for the leaf of an event that is not there, and for what is no hash at all
NOTHING = f"'\\x{MISSING.hex()}'::bytea"
# Both tables are read along their keys: looking up each event by itself takes the database twice as long. It makes the
# leaves: who can make it lie about a leaf can make it lie about the row, and rows take it and the reader longer to pass on
# than leaves. Strings of all leaves and all hashes cost less than rows of them; their order is ours to make.
SEALS = f"""
select string_agg(int8send(position), ''),
       string_agg(case when event.id is null then {NOTHING} else {LEAF} end, ''),
       string_agg(case when length(hash) = {SIZE} then hash else {NOTHING} end, '')
from (select * from vekha.seal where position > %(low)s and position <= %(high)s) as seal
left join (select * from vekha.event where seq between %(first)s and %(last)s) as event using (seq)
"""
ENDS = "select last_position from vekha.block where last_position > %s and last_position <= %s"
BLOCKS = f"""
select no, first_position, last_position, head, merkle_root, frontier from vekha.block
where no > %s order by no limit {PAGE}
"""
SHARED = "select current_setting('role'), pg_export_snapshot()"
SEEN = "set transaction isolation level repeatable read, read only"
# Not sealed, and not on its way to be: what lies below a sealed event for longer than any transaction lasts. What the
# keys tell is asked of them first: the events themselves would all be read.
UNSEALED = """
with left_out as materialized (
    select seq from vekha.event where not exists (select from vekha.seal where seal.seq = event.seq)
)
select count(*), min(seq) from left_out join vekha.event using (seq)
where recorded_at < now() - interval '60 seconds'
   or pg_visible_in_snapshot(xid, (select snapshot from vekha.block order by no desc limit 1))
   or xid < pg_snapshot_xmin((select snapshot from vekha.block order by no desc limit 1))
"""
# The key on `seq` keeps events from being sealed twice. It can be taken away, and a backup that is put back makes it last.
TWICE = """
select count(*), min(seq) from (
    select seq from vekha.seal
    where not exists (select from pg_index where indrelid = 'vekha.seal'::regclass and indisunique and indisvalid
                      and indkey::text = (select attnum::text from pg_attribute
                                          where attrelid = 'vekha.seal'::regclass and attname = 'seq'))
    group by seq having count(*) > 1
) as twice
"""
POSITION = "select max(position) from vekha.seal where seq = %s"
# Received before the moment of a row above it in its stream, since the append refuses that; behind what was set aside
# nothing is held to it.
RECEIVED = f"""
select coalesce(position, 0), to_char(latest at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       concat(stream, '/', version, ' ', to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
       count(*) over ()
from (
    select seq, stream, version, received_at,
           max(case when actor = 'clock' and command_id is null then at else received_at end)
           over (partition by stream order by version rows between unbounded preceding and 1 preceding) as latest
    from vekha.event where {STANDING}
) as event left join vekha.seal using (seq)
where received_at < latest and seq > (select after_seq from vekha.receipt_rule)
order by seq limit {{limit}}
"""

# The number of a segment, and where checkpoints end.
_Asked = tuple[int, Collection[int]]
# The address of the database, the role and the snapshot.
_Seen = tuple[str, str, str]


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
class Findings:
    """What does not fit: the first TOLD findings, and how many there are."""

    count: int = 0
    discrepancies: list[Discrepancy] = field(default_factory=list)

    def find(self, code: str, position: int, expected: object, found: object) -> None:
        """Take a finding down."""
        self.count += 1
        if len(self.discrepancies) < TOLD:
            self.discrepancies.append(Discrepancy(code, position, _told(expected), _told(found)))

    def take(self, others: Findings) -> None:
        """Take down what was found elsewhere."""
        self.count += others.count
        self.discrepancies += others.discrepancies[: TOLD - len(self.discrepancies)]


@dataclass
class Verification(Findings):
    """What was read, what it came to, and what does not fit."""

    origin: str = ""
    size: int = 0
    blocks: int = 0
    head: bytes = START
    root: bytes | None = None


class _End(NamedTuple):
    """A place where something may be compared: the hash stored there, and the peaks of the segment's tree up to it.

    No peaks where the segment is not sound up to there.
    """

    position: int
    head: bytes
    peaks: list[bytes] | None


class _Sealed(NamedTuple):
    """Sealed events one after the other: their positions, their leaves, and the hashes that are stored for them."""

    positions: tuple[int, ...]
    leaves: tuple[bytes, ...]
    hashes: tuple[bytes, ...]


class _Seals(NamedTuple):
    """Events without a seal and events with two of them: how many, and the `seq` of the first; where that one is again.

    And the events that say to have been received before what stands above them: where, not before when, which one and when,
    and how many there are.
    """

    without: int
    first_without: int | None
    twice: int
    first_twice: int | None
    again: int | None
    early: list[tuple[int, str, str, int]]


class _Segment(NamedTuple):
    """What one segment holds: what does not fit in it, and its ends in order, the last one where its events end."""

    findings: Findings
    ends: list[_End]


def verify(connection: Connection, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
    """Verify the log as it stands, in one snapshot; memory does not grow with it."""
    check_encoding(connection)
    with connection.transaction():
        connection.execute(SEEN)
        (size,) = connection.execute("select coalesce(max(position), 0) from vekha.seal").fetchone() or (0,)
        if size <= SHORT:
            return verify_seen(connection, checkpoints)
        role, snapshot = connection.execute(SHARED).fetchone() or ("none", "")
        seen = (make_conninfo(connection.info.dsn, password=connection.info.password), role, snapshot)
        try:
            # A fork has everything loaded already.
            with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork"), initializer=_begin) as pool:
                seals = pool.submit(_count_elsewhere, seen)
                look = partial(_look_elsewhere, seen)
                return _verified(connection, checkpoints, partial(_ahead, pool, look), seals.result)
        except BrokenProcessPool as error:
            raise Unavailable(
                "Проверка прервана: система завершила один из её процессов, возможно, не хватило памяти. Повторите.",
                "The verification was broken off: the system ended one of its processes, perhaps for want of memory."
                " Repeat it.",
            ) from error


def verify_seen(connection: Connection, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
    """Verify the log as the connection's transaction sees it."""
    return _verified(connection, checkpoints, partial(map, partial(_look, connection)), partial(_count, connection))


def leaves(connection: Connection) -> Iterator[bytes]:
    """Yield the leaves of all sealed events; ValueError where an event is missing."""
    for number in _numbers(connection):
        yield from _leaves(connection, number * SEGMENT, (number + 1) * SEGMENT)


def leaf_at(connection: Connection, position: int) -> bytes:
    """Return the leaf of one event; ValueError where it is missing."""
    for leaf in _leaves(connection, position - 1, position):
        return leaf
    raise ValueError(f"the event at {position} is missing")


def _leaves(connection: Connection, low: int, high: int) -> tuple[bytes, ...]:
    positions, leaves, _ = _sealed(connection, low, high)
    if MISSING in leaves:
        raise ValueError(f"the event at {positions[leaves.index(MISSING)]} is missing")
    return leaves


def _verified(
    connection: Connection,
    checkpoints: Sequence[Checkpoint],
    look_at: Callable[[Iterable[_Asked]], Iterable[_Segment]],
    count_seals: Callable[[], _Seals],
) -> Verification:
    """Verify the log by what `look_at` says of its segments, and `count_seals` of events with no seal, or two."""
    row = connection.execute("select origin from vekha.log").fetchone()
    result = Verification(origin=row[0] if row else "")
    for checkpoint in checkpoints:
        if checkpoint.origin != result.origin:
            result.find("other-log", 0, checkpoint.origin, result.origin)
    ours = sorted((one for one in checkpoints if one.origin == result.origin), key=lambda one: one.size)
    sizes = frozenset(checkpoint.size for checkpoint in ours)
    walk = _Walk(connection, result, ours)
    for segment in look_at((number, sizes) for number in _numbers(connection)):
        walk.pass_by(segment)
    walk.end()
    seals = count_seals()
    if seals.without:
        result.find("unsealed", result.size, None, f"{seals.without}, seq {seals.first_without}")
    if seals.twice:
        result.find("twice", seals.again or 0, None, f"{seals.twice}, seq {seals.first_twice}")
    for position, latest, found, _ in seals.early:
        result.find("received-before", position, latest, found)
    result.count += seals.early[0][-1] - len(seals.early) if seals.early else 0
    return result


def _ahead(
    pool: ProcessPoolExecutor, look: Callable[[_Asked], _Segment], asked: Iterable[_Asked]
) -> Iterator[_Segment]:
    """Yield what processes say, in order, with a few segments under way."""
    coming: deque[Future[_Segment]] = deque()
    for one in asked:
        coming.append(pool.submit(look, one))
        if len(coming) > AHEAD:
            yield coming.popleft().result()
    while coming:
        yield coming.popleft().result()


def _begin() -> None:
    """Make a process ready to look."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to tell of
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # rows hold no cycles, and looking for some among so many takes a quarter of its time


def _end_with_parent() -> None:
    """End this process when the parent is killed: it would wait for ever, and its snapshot would hold back vacuum."""
    parent = parent_process()
    assert parent is not None, "only a child begins so"  # noqa: S101
    parent.join()
    os._exit(1)


def _look_elsewhere(seen: _Seen, asked: _Asked) -> _Segment:
    return _look(_seeing(*seen), asked)


def _count_elsewhere(seen: _Seen) -> _Seals:
    return _count(_seeing(*seen))


@cache
def _seeing(conninfo: str, role: str, snapshot: str) -> Connection:
    """Return this process's connection, which sees what the snapshot does and may what the parent's may."""
    connection = connect(conninfo, autocommit=False)
    # The processes are what is parallel here.
    connection.execute(
        "select set_config('role', %s, false), set_config('max_parallel_workers_per_gather', '0', false)", (role,)
    )
    connection.commit()
    connection.execute(SEEN)
    connection.execute(f"set transaction snapshot '{snapshot}'")
    return connection


def _look(connection: Connection, asked: _Asked) -> _Segment:
    """Look at the segment of a number; tell its ends where blocks end, at the given sizes, and where it ends itself."""
    number, sizes = asked
    low, high = number * SEGMENT, (number + 1) * SEGMENT
    before, head = connection.execute(BEFORE, (low,), binary=True).fetchone() or (0, START)
    positions, leaves, stored = _sealed(connection, low, high)
    links = links_of((head, *stored[:-1]), leaves)
    findings = Findings()
    sound = len(leaves)
    if tuple(links) != stored or positions != tuple(range(before + 1, before + 1 + sound)):
        sound = _compare(before, zip(positions, leaves, stored, links, strict=True), findings)
    levels = levels_of(leaves[:sound])
    wanted = {row[0] for row in connection.execute(ENDS, (low, high)).fetchall()} | {*sizes, positions[-1]}
    ends = [
        _End(positions[place], stored[place], peaks_of(levels, place + 1) if place < sound else None)
        for place in (bisect_left(positions, position) for position in sorted(wanted))
        if place < len(positions) and positions[place] in wanted
    ]
    return _Segment(findings, ends)


def _count(connection: Connection) -> _Seals:
    """Count the events that nobody has sealed, those with two seals, and those received before what stands above them."""
    without, first_without = connection.execute(UNSEALED).fetchone() or (0, None)
    twice, first_twice = connection.execute(TWICE).fetchone() or (0, None)
    (again,) = connection.execute(POSITION, (first_twice,)).fetchone() or (None,)
    early = connection.execute(RECEIVED.format(limit=TOLD)).fetchall()
    return _Seals(without, first_without, twice, first_twice, again, early)


def _compare(before: int, seals: Iterable[tuple[int, bytes, bytes, bytes]], findings: Findings) -> int:
    """Take down what does not fit in a segment, and return how many of its events come before that.

    Each seal is its position, its event's leaf, its hash, and the hash that the leaf leads to.
    """
    sound = 0
    for position, leaf, stored, link in seals:
        if position != before + 1:
            findings.find("gap", before + 1, before + 1, position)
        elif leaf == MISSING:
            findings.find("missing", position, stored, None)
        elif link != stored:
            findings.find("changed", position, stored, link)
        sound += not findings.count
        before = position
    return sound


class _Walk:
    """The way through all segments: at each end, whatever says something about it is compared."""

    def __init__(self, connection: Connection, result: Verification, checkpoints: Sequence[Checkpoint]) -> None:
        self._result = result
        self._tree = Tree()  # over the segments that were passed by
        self._sound = True  # every leaf so far is there as it was sealed; from then on the roots tell nothing new
        self._blocks = _blocks(connection)
        self._block = next(self._blocks, None)
        self._block_no, self._first = 0, 1  # what the next block should be
        self._waiting = list(checkpoints)
        self._compare(_End(0, START, []))
        self._result.root = self._tree.root()

    def pass_by(self, segment: _Segment) -> None:
        """Compare whatever ends in the next segment."""
        self._result.take(segment.findings)
        tree = None
        for end in segment.ends:
            self._result.size, self._result.head = end.position, end.head
            tree = self._compare(end)
        self._sound = tree is not None
        self._result.root = tree.root() if tree else None
        if tree and tree.size % SEGMENT == 0:
            self._tree = tree

    def end(self) -> None:
        """Tell what blocks and checkpoints know of behind the last event, and the reverse."""
        position = self._result.size
        if self._block is not None:
            self._result.find("cut-tail", position + 1, self._block.last, position)
        elif self._first != position + 1:
            self._result.find("block-order", self._first, f"{self._block_no}/{self._first}", None)
        for checkpoint in self._waiting:
            self._result.find("cut-tail", position + 1, checkpoint.size, position)
        self._result.blocks = self._block_no

    def _compare(self, end: _End) -> Tree | None:
        """Compare the blocks and checkpoints up to an end; return the tree there, where it can be told."""
        tree = None
        if self._sound and end.peaks is not None:
            tree = self._tree.joined(end.position - self._tree.size, end.peaks)
        while self._block is not None and self._block.last <= end.position:
            self._check(self._block, end, tree)
            self._block = next(self._blocks, None)
        while self._waiting and self._waiting[0].size <= end.position:
            checkpoint = self._waiting.pop(0)
            root = tree.root() if tree and checkpoint.size == end.position else None
            if checkpoint.root != root:
                self._result.find("rewritten", end.position, checkpoint.root, root)
        return tree

    def _check(self, block: _Block, end: _End, tree: Tree | None) -> None:
        if (block.no, block.first) != (self._block_no, self._first):
            wanted = f"{self._block_no}/{self._first}"
            self._result.find("block-order", self._first, wanted, f"{block.no}/{block.first}")
        self._block_no, self._first = block.no + 1, block.last + 1
        if block.last == end.position:
            if block.head != end.head:
                self._result.find("block-head", end.position, end.head, block.head)
            if tree and (block.root, block.frontier) != (root := tree.root(), tree.frontier):
                self._result.find("block-root", end.position, root, block.root)


def _numbers(connection: Connection) -> Iterator[int]:
    """Yield the numbers of the segments that hold anything."""
    after = BEFORE_ALL
    while (row := connection.execute(NEXT, (after,)).fetchone()) and row[0] is not None:
        number = (row[0] - 1) // SEGMENT
        yield number
        after = (number + 1) * SEGMENT


def _sealed(connection: Connection, low: int, high: int) -> _Sealed:
    """Return the sealed events behind one position up to another, in order."""
    first, last, _ = connection.execute(EXTENT, (low, high)).fetchone() or (None, None, None)
    between = {"low": low, "high": high, "first": first, "last": last}
    # Never prepared: a plan for any segment would not know how little of the log it is.
    row = connection.execute(SEALS, between, binary=True, prepare=False).fetchone()
    if row is None or not row[0]:
        return _Sealed((), (), ())
    count = len(row[0]) // 8
    layouts = (f">{count}q", f"{SIZE}s" * count, f"{SIZE}s" * count)
    sealed = _Sealed(*map(struct.unpack, layouts, row))
    if sorted(sealed.positions) != list(sealed.positions):  # events that were committed out of the order of their `seq`
        sealed = _Sealed(*zip(*sorted(zip(*sealed, strict=True)), strict=True))
    return sealed


def _blocks(connection: Connection) -> Iterator[_Block]:
    no = -1
    while rows := connection.execute(BLOCKS, (no,), binary=True).fetchall():
        yield from (_Block(*row) for row in rows)
        no = rows[-1][0]


def _told(value: object) -> str | None:
    return value.hex() if isinstance(value, bytes) else None if value is None else str(value)
