"""The projector: keeps read models up to the sealed log.

A read model is a table and a pure fold; nothing of it is written down anywhere but in the log, so it can be thrown
away and folded again. Each of its rows belongs to one stream and needs nothing but the rows of that stream and the next
event:

    @dataclass(frozen=True, slots=True)
    class Count:
        type: str
        events: int

    def fold(rows: Mapping[str, Count], record: EventRecord) -> Mapping[str, Count | None]:
        known = rows.get(record.type, Count(record.type, 0))
        return {record.type: replace(known, events=known.events + 1)}

    COUNTS = Projection(
        name="counts",
        version=1,
        primary_key=("type",),
        row=Count,
        key=lambda row: row.type,
        fold=fold,
    )

Its table is `vekha.counts (stream text, type text, events bigint, primary key (stream, type))`: the projector makes it of
the row's fields (projections/tables.py). The fold gets the stream's rows by key and gives back those that
change, None for one that goes; where a stream does not concern the read model, it gives an empty mapping. It must not
change what it gets. Raise `version` whenever the fold or the row's fields change: then the projector rebuilds the table,
with the old one in place until it is done.

A batch is folded in memory and written together with its checkpoint: an event counts once, however often the projector
is killed. An event that a fold cannot take quarantines its projection: the table stays as it was before that event,
`vekha.projection` says why, the others go on. A restart or a rebuild tries again.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Generic, TypeVar

import psycopg
import structlog

from domain.errors import VekhaError
from domain.records import EventRecord
from eventlog.elected import work_elected
from eventlog.roles import PROJECTOR, Connection
from eventlog.sealer import CHANNEL
from projections.feed import read_feed

LOCK = 8_360_116
BATCH = 2000
LONG_BATCH = 20_000  # of a rebuild
SHOWN = 30
POLL_SECONDS = 0.5
FOLLOWING = "following"
QUARANTINED = "quarantined"
LIVE = "vekha"
SHADOW = "vekha_shadow"
REBUILD_LOCK = 8_360_117

R = TypeVar("R")
Key = Hashable
log = structlog.get_logger("projector")


@dataclass(frozen=True)
class Projection(Generic[R]):
    """A read model: how its table looks and how it is folded.

    `row` is a dataclass, whose fields are plain values or null. `primary_key` are those of them that tell the rows of
    a stream apart. `key` gives what the fold calls a row by; it must depend on the primary key alone.

    `passes_over` are the types that the fold changes nothing for, and `marks` those of which the last says all that
    those before it said of the same assignment: the database need not send them (projections/feed.py).
    """

    name: str
    version: int
    primary_key: tuple[str, ...]
    row: type[R]
    key: Callable[[R], Key]
    fold: Callable[[Mapping[Any, R], EventRecord], Mapping[Any, R | None]]
    passes_over: Collection[str] = ()
    marks: Collection[str] = ()

    @property
    def columns(self) -> list[str]:
        """Return the names of the table's columns after `stream`, in order."""
        return [field.name for field in fields(self.row)]  # type: ignore[arg-type]  # a dataclass, as said above


class PoisonousEvent(VekhaError):
    """An event that a projection cannot take, and why."""

    def __init__(self, projection: str, record: EventRecord, cause: Exception) -> None:
        assert record.position is not None, "only sealed events are projected"  # noqa: S101 - read_feed's promise
        self.position = record.position
        self.cause = cause
        place = f"position {record.position}, {record.type} {record.stream}/{record.version}"
        super().__init__(f"{projection} stops before {place}: {type(cause).__name__}: {cause}".replace("\0", ""))


class GapInLog(VekhaError):
    """Sealed events that should follow a position are not there."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"the log has no event behind position {position}")


class Fenced(VekhaError):
    """Another projector, or a newer program, has taken over: this one may not write any more."""

    def __init__(self, projection: str) -> None:
        super().__init__(f"{projection} is in the hands of another projector or of a newer program")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a column has in the live table and in the rebuilt one."""

    column: str
    live: Any
    rebuilt: Any


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that differs: its stream, its key there, and the columns that tell its two sides apart.

    `kind` is `changed`, `missing` (the log gives a row that the live table lacks) or `surplus` (a live row that the log
    does not give); the cells of the latter two have only one side.
    """

    stream: str
    key: tuple[str, ...]
    kind: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a rebuilt table differs from the live one at the same position, of the `size` events of the log.

    `taken` is how far the live one says to have come: a log that is shorter was cut, or somebody wrote into
    `vekha.projection`. `error` is why it stands still, null while it follows. `rows` counts the rebuilt table, `differing`
    all rows that are not the same in both; `shown` are the first of them by stream and key, at most SHOWN. Tables of two
    versions are not `comparable`: then all rows of both differ, and none is shown.
    """

    position: int
    taken: int
    size: int
    error: str | None
    rows: int
    comparable: bool
    differing: int
    shown: tuple[RowDifference, ...]

    @property
    def equal(self) -> bool:
        """Tell whether the live table is what the log gives, and goes on with it."""
        return not self.differing and self.taken == self.position and self.error is None


class Projector:
    """Feeds read models from one database's log; `run` it in a thread."""

    def __init__(self, database_url: str, projections: Sequence[Projection[Any]]) -> None:
        self._database_url = database_url
        self._projections = projections

    def run(self, stop: threading.Event) -> None:
        """Follow the log until `stop` is set; outlives restarts of the database, stands by for another projector."""

        def work(connection: Connection) -> None:
            try:
                self._follow(connection, stop)
            except Fenced as error:
                log.warning("fenced", error=str(error))

        work_elected("projector", self._database_url, LOCK, stop, work, group=PROJECTOR)

    def _follow(self, connection: Connection, stop: threading.Event) -> None:
        connection.execute(f"listen {CHANNEL}")
        fences = [(projection, take_over(connection, projection)) for projection in self._projections]
        followed = [(projection, fence) for projection, fence in fences if fence is not None]
        while not stop.is_set():
            # A batch each in turn: one that has a long way to catch up does not hold up the others.
            took = [follow(connection, projection, fence) for projection, fence in followed]
            if not any(took):
                list(connection.notifies(timeout=POLL_SECONDS, stop_after=1))


def take_over(connection: Connection, projection: Projection[Any]) -> int | None:
    """Prepare a projection to be followed from here, with its table made or rebuilt; return the fence to follow with.

    None where a newer program has made the table: it is left alone. A quarantine is lifted, to try again.
    """
    version = _ensure(connection, projection)
    if version > projection.version:
        log.error("projection is newer than this program", projection=projection.name, version=version)
        return None
    error = None
    if version < projection.version:
        try:
            rebuild(connection, projection, swap=True)
        except PoisonousEvent as poison:
            error = str(poison)
            log.exception("projection quarantined", projection=projection.name)
    row = connection.execute(
        "update vekha.projection set fence = fence + 1, status = %s, error = %s where name = %s returning fence",
        (FOLLOWING if error is None else QUARANTINED, error, projection.name),
    ).fetchone()
    return None if row is None else row[0]


def follow(connection: Connection, projection: Projection[Any], fence: int) -> bool:
    """Take the next batch of events, if there are any; tell whether there were. Fenced where another one took over.

    An event that cannot be taken quarantines the projection, with all before it written.
    """
    row = connection.execute(
        "select position, status from vekha.projection where name = %s and fence = %s", (projection.name, fence)
    ).fetchone()
    if row is None:
        raise Fenced(projection.name)
    position, status = row
    if status != FOLLOWING:
        return False
    records, end = _feed(connection, projection, position, BATCH)
    if end == position:
        return False
    with connection.transaction():
        if _lock(connection, projection.name) != (projection.version, position, fence):
            raise Fenced(projection.name)
        poison = _Table(projection, LIVE).take(connection, records)
        if poison is None:
            reached, status, error = end, FOLLOWING, None
        else:
            reached, status, error = poison.position - 1, QUARANTINED, str(poison)
        connection.execute(
            "update vekha.projection set position = %s, status = %s, error = %s where name = %s",
            (reached, status, error, projection.name),
        )
    if poison is not None:
        log.error("projection quarantined", projection=projection.name, error=error, exc_info=poison.cause)
    return True


def position_of_all(connection: Connection) -> int:
    """Return the position that every projection shows, those in quarantine left aside; 0 where none is followed."""
    row = connection.execute("select min(position) from vekha.projection where status = %s", (FOLLOWING,)).fetchone()
    return row[0] or 0 if row else 0


def lag(connection: Connection) -> int:
    """Return by how many sealed events the slowest projection is behind, those in quarantine included."""
    row = connection.execute(
        "select (select last_position from vekha.block order by no desc limit 1) - min(position) from vekha.projection"
    ).fetchone()
    return row[0] or 0 if row else 0


def rebuild(connection: Connection, projection: Projection[Any], *, swap: bool) -> Difference:
    """Fold a projection from the whole log beside the live one, and compare them; with `swap` put it in place.

    The live table is read and followed meanwhile; it is held only for the comparison and the swap, both at its own
    position. Where it was made by another version nothing can be compared.
    PoisonousEvent and GapInLog where the log cannot be folded so far, Fenced where a newer program made the table.
    """
    if _ensure(connection, projection) > projection.version:
        raise Fenced(projection.name)
    connection.execute("select pg_advisory_lock(%s)", (REBUILD_LOCK,))
    try:
        shadow = _Table(projection, SHADOW)
        shadow.drop(connection)
        shadow.create(connection)
        position = 0
        while (ahead := _goal(connection, _lock(connection, projection.name)[1]) - position) > BATCH:
            position = _rebuild_some(connection, projection, shadow, position, position + ahead)
        with connection.transaction():
            version, taken, _ = _lock(connection, projection.name)
            target = _goal(connection, taken)
            _rebuild_some(connection, projection, shadow, position, target)
            difference = _compare(connection, projection, target, comparable=version == projection.version)
            if swap:
                _swap(connection, projection, target)
        shadow.drop(connection)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (REBUILD_LOCK,))
    return difference


class _Table(Generic[R]):
    """The table of a projection in a schema, and how events go into it."""

    def __init__(self, projection: Projection[R], schema: str) -> None:
        self._projection = projection
        # Here and not above: doors that only read do not wait for SQLAlchemy to load.
        from projections.tables import statements  # noqa: PLC0415

        self._statements = statements(
            schema,
            projection.name,
            projection.row,  # type: ignore[arg-type]  # every class is hashable, mypy does not see it of type[R]
            projection.primary_key,
        )

    def create(self, connection: Connection) -> None:
        """Make the table, empty."""
        connection.execute(self._statements.create)

    def drop(self, connection: Connection) -> None:
        """Remove the table where it is."""
        connection.execute(self._statements.drop)

    def take(self, connection: Connection, records: Sequence[EventRecord]) -> PoisonousEvent | None:
        """Fold events into the table; give back what could not be taken, with all before it written."""
        try:
            with connection.transaction():
                return self._fold(connection, records)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(records) == 1:
                return PoisonousEvent(self._projection.name, records[0], error)
        # The table refused a row of the batch: its halves show whose.
        half = len(records) // 2
        return self.take(connection, records[:half]) or self.take(connection, records[half:])

    def _fold(self, connection: Connection, records: Sequence[EventRecord]) -> PoisonousEvent | None:
        rows = self._read(connection, {record.stream for record in records})
        changed: dict[tuple[str, Key], R] = {}
        gone: dict[tuple[str, Key], R] = {}
        poison = None
        for record in records:
            stream = rows[record.stream]
            try:
                changes = self._projection.fold(stream, record)
            except Exception as error:  # whatever a fold fails of, the other projections go on
                poison = PoisonousEvent(self._projection.name, record, error)
                break
            for key, row in changes.items():
                if row is not None:
                    stream[key] = changed[record.stream, key] = row
                elif key in stream:
                    gone[record.stream, key] = stream.pop(key)
                    changed.pop((record.stream, key), None)
        self._write(connection, changed, gone)
        return poison

    def _read(self, connection: Connection, streams: Iterable[str]) -> dict[str, dict[Key, R]]:
        rows: dict[str, dict[Key, R]] = defaultdict(dict)
        for stream, *values in connection.execute(self._statements.load, {"streams": list(streams)}).fetchall():
            row = self._projection.row(*values)
            rows[stream][self._projection.key(row)] = row
        return rows

    def _write(
        self, connection: Connection, changed: Mapping[tuple[str, Key], R], gone: Mapping[tuple[str, Key], R]
    ) -> None:
        # First what went: a row may have come back since.
        for statement, rows, names in (
            (self._statements.delete, gone, self._projection.primary_key),
            (self._statements.upsert, changed, self._projection.columns),
        ):
            if rows:
                values = {name: [getattr(row, name) for row in rows.values()] for name in names}
                connection.execute(statement, {"stream": [stream for stream, _ in rows], **values})


def _ensure(connection: Connection, projection: Projection[Any]) -> int:
    """Make the table and its checkpoint at the log's beginning where there are none; return the table's version."""
    with connection.transaction():
        made = connection.execute(
            "insert into vekha.projection (name, version, position, fence, status) values (%s, %s, 0, 0, %s)"
            " on conflict do nothing",
            (projection.name, projection.version, FOLLOWING),
        )
        if made.rowcount:
            _Table(projection, LIVE).create(connection)
        return _lock(connection, projection.name)[0]


def _lock(connection: Connection, name: str) -> tuple[int, int, int]:
    """Return (version, position, fence), which nobody else changes before the end of the transaction.

    Whoever writes or swaps a read model begins with this, so that they wait for each other here and nowhere else.
    """
    row = connection.execute(
        "select version, position, fence from vekha.projection where name = %s for update", (name,)
    ).fetchone()
    assert row is not None  # noqa: S101 - _ensure has made it, and checkpoints are never deleted
    return row[0], row[1], row[2]


def _goal(connection: Connection, taken: int) -> int:
    """Return how far to rebuild: as far as the live table has come, and no farther than the log."""
    row = connection.execute("select max(position) from vekha.seal").fetchone()
    return min(taken, row[0] or 0 if row else 0)


def _rebuild_some(connection: Connection, projection: Projection[Any], shadow: _Table[Any], after: int, to: int) -> int:
    """Fold the events behind one position up to another into a shadow table; return the latter."""
    while after < to:
        before = after
        records, after = _feed(connection, projection, before, min(LONG_BATCH, to - before))
        if after == before:
            raise GapInLog(before)
        if poison := shadow.take(connection, records):
            raise poison
    return after


def _feed(connection: Connection, projection: Projection[Any], after: int, limit: int) -> tuple[list[EventRecord], int]:
    """Return what a projection needs of the next events, and the position of the last of them."""
    return read_feed(connection, after, limit, passes_over=projection.passes_over, marks=projection.marks)


def _compare(connection: Connection, projection: Projection[Any], position: int, *, comparable: bool) -> Difference:
    """Compare row by row inside the database: only the rows that are shown come out of it."""
    live, rebuilt = (f"{schema}.{projection.name}" for schema in (LIVE, SHADOW))
    rows, live_rows, size, taken, error = connection.execute(
        f"select (select count(*) from {rebuilt}), (select count(*) from {live}), (select max(position) from vekha.seal),"
        " position, case when status <> %s then coalesce(error, status) end from vekha.projection where name = %s",
        (FOLLOWING, projection.name),
    ).fetchall()[0]
    told = partial(Difference, position, taken, size or 0, error, rows)
    if not comparable:
        return told(comparable=False, differing=rows + live_rows, shown=())
    key = ", ".join(["stream", *projection.primary_key])
    columns = ["stream", *projection.columns]
    # Each output has a name of its own, so that the order is by the key of the join.
    sides = ", ".join(f"{side}.{name} as {side}_{name}" for side in ("live", "rebuilt") for name in columns)
    found = connection.execute(
        f"select count(*) over (), {sides} from {live} as live full join {rebuilt} as rebuilt using ({key})"
        f" where live.* is distinct from rebuilt.* order by {key} limit {SHOWN}"
    ).fetchall()
    shown = tuple(_row_difference(projection, values[: len(columns)], values[len(columns) :]) for _, *values in found)
    return told(comparable=True, differing=found[0][0] if found else 0, shown=shown)


def _row_difference(projection: Projection[Any], live: Sequence[Any], rebuilt: Sequence[Any]) -> RowDifference:
    """Tell two sides of a row apart; the first value of each is its stream, null where that side has no row."""
    sides = dict(zip(projection.columns, zip(live[1:], rebuilt[1:], strict=True), strict=True))
    kind = "missing" if live[0] is None else "surplus" if rebuilt[0] is None else "changed"
    place = 0 if rebuilt[0] is None else 1
    return RowDifference(
        live[0] or rebuilt[0],
        tuple(str(sides[name][place]) for name in projection.primary_key),
        kind,
        tuple(
            Cell(name, was, given)
            for name, (was, given) in sides.items()
            if was != given and name not in projection.primary_key
        ),
    )


def _swap(connection: Connection, projection: Projection[Any], position: int) -> None:
    """Put the shadow table, which goes up to a position, in the live one's place.

    A projector that followed an older version, or from elsewhere, is fenced.
    """
    _Table(projection, LIVE).drop(connection)
    connection.execute(f"alter table {SHADOW}.{projection.name} set schema {LIVE}")
    connection.execute(
        "update vekha.projection set fence = fence + (version <> %(version)s or position <> %(position)s)::int,"
        " version = %(version)s, position = %(position)s, status = %(status)s, error = null where name = %(name)s",
        {"version": projection.version, "position": position, "status": FOLLOWING, "name": projection.name},
    )
