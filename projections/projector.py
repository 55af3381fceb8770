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

Its table is `vekha_live.counts (stream text, type text, events bigint, primary key (stream, type))`: the projector makes it of
the row's fields (projections/tables.py). The fold gets the stream's rows by key and gives back those that
change, None for one that goes; where a stream does not concern the read model, it gives an empty mapping. It must not
change what it gets. Raise `version` whenever the fold or the row's fields change: then the projector rebuilds the table,
with the old one in place until it is done.

A batch is folded in memory and written together with its checkpoint: an event counts once, however often the projector
is killed. An event that a fold cannot take stops its own stream: the rows of that stream stay as they were before it,
`vekha.quarantine` says why, all other streams go on. A restart tries again, and so does the projector as soon as the event
has been set aside (`vekha.aside`).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Generic, TypeVar

import psycopg
import structlog

from domain.errors import VekhaError
from domain.records import EventRecord
from eventlog.elected import work_elected
from eventlog.read import SOUND, STANDING, record_of
from eventlog.roles import PROJECTOR
from eventlog.sealer import CHANNEL
from eventlog.sessions import Connection
from projections.feed import read_feed

LOCK = 8_360_116
BATCH = 2000
LONG_BATCH = 20_000  # of a rebuild
SHOWN = 30
LONGEST = 2000  # characters of what is kept of an error
POLL_SECONDS = 0.5
LIVE = "vekha_live"
SHADOW = "vekha_shadow"
REBUILD_LOCK = 8_360_117
# Where a read model stands, the streams it has stopped in, and those of them whose event was set aside since.
PLACE = """
select position,
       array(select stream from vekha.quarantine where projection = name),
       array(select stream from vekha.quarantine join vekha.aside using (stream, version) where projection = name)
from vekha.projection where name = %s and fence = %s
"""
OF_STREAM = (
    f"select {SOUND}, position from vekha.event join vekha.seal using (seq)"
    f" where stream = %s and version >= %s and position <= %s and {STANDING} order by version"
)
STOP = """
insert into vekha.quarantine (projection, stream, version, position, error) values (%s, %s, %s, %s, %s)
"""

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
        self.stream = record.stream
        self.version = record.version
        self.cause = cause
        place = f"position {record.position}, {record.type} {record.stream}/{record.version}"
        super().__init__(
            f"{projection} stops before {place}: {type(cause).__name__}: {cause}".replace("\0", "")[:LONGEST]
        )


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
    `vekha.projection`. `error` is where a stream stands still in either and why, null where all go on; `stops` are those of
    the rebuilt one. `rows` counts the rebuilt table, `differing`
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
    stops: tuple[PoisonousEvent, ...] = field(default=(), compare=False)

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

        work_elected("projector", self._database_url, LOCK, stop, work, group=PROJECTOR, left=_Behind().left)

    def _follow(self, connection: Connection, stop: threading.Event) -> None:
        connection.execute(f"listen {CHANNEL}")
        fences = [(projection, take_over(connection, projection)) for projection in self._projections]
        followed = [(projection, fence) for projection, fence in fences if fence is not None]
        while not stop.is_set():
            # A batch each in turn: one that has a long way to catch up does not hold up the others.
            took = [follow(connection, projection, fence) for projection, fence in followed]
            if not any(took):
                list(connection.notifies(timeout=POLL_SECONDS, stop_after=1))


class _Behind:
    """Looks again and again whether the projector that works comes forward."""

    def __init__(self) -> None:
        self._position: int | None = None

    def left(self, connection: Connection) -> str | None:
        """Return how far reports are behind where they have not moved since the last look; None where they have."""
        position, before = position_of_all(connection), self._position
        behind = lag(connection)
        self._position = position
        return f"reports are {behind} events behind and stand still" if behind > 0 and position == before else None


def take_over(connection: Connection, projection: Projection[Any]) -> int | None:
    """Prepare a projection to be followed from here, with its table made or rebuilt; return the fence to follow with.

    None where a newer program has made the table: it is left alone. Streams that have stopped are tried again.
    """
    version = _ensure(connection, projection)
    if version > projection.version:
        log.error("projection is newer than this program", projection=projection.name, version=version)
        return None
    if version < projection.version:
        _warn(rebuild(connection, projection, swap=True).stops)
    row = connection.execute(
        "update vekha.projection set fence = fence + 1 where name = %s returning fence", (projection.name,)
    ).fetchone()
    if row is None:
        return None
    fence: int = row[0]
    stopped = connection.execute("select stream from vekha.quarantine where projection = %s", (projection.name,))
    _try_again(connection, projection, fence, [stream for (stream,) in stopped.fetchall()])
    return fence


def follow(connection: Connection, projection: Projection[Any], fence: int) -> bool:
    """Take the next batch of events, if there are any; tell whether there were. Fenced where another one took over.

    An event that cannot be taken stops its stream there, with all before it written.
    """
    row = connection.execute(PLACE, (projection.name, fence)).fetchone()
    if row is None:
        raise Fenced(projection.name)
    position, stopped, released = row
    if released:
        _try_again(connection, projection, fence, released)
        return True
    records, end = _feed(connection, projection, position, BATCH, stopped)
    if end == position:
        return False
    with connection.transaction():
        if _lock(connection, projection.name) != (projection.version, position, fence):
            raise Fenced(projection.name)
        stops = _Table(projection, LIVE).take(connection, records)
        _stop(connection, projection, stops)
        connection.execute("update vekha.projection set position = %s where name = %s", (end, projection.name))
    _warn(stops)
    return True


def _try_again(connection: Connection, projection: Projection[Any], fence: int, streams: Iterable[str]) -> None:
    """Fold what a read model has not taken of streams in which it stopped, each in a transaction; Fenced as `follow`."""
    for stream in streams:
        with connection.transaction():
            version, position, current = _lock(connection, projection.name)
            if (version, current) != (projection.version, fence):
                raise Fenced(projection.name)
            lifted = connection.execute(
                "delete from vekha.quarantine where projection = %s and stream = %s returning version",
                (projection.name, stream),
            ).fetchone()
            if lifted is None:
                continue
            rows = connection.execute(OF_STREAM, (stream, lifted[0], position)).fetchall()
            stops = _Table(projection, LIVE).take(connection, [record_of(row) for row in rows])
            _stop(connection, projection, stops)
        _warn(stops)


def _stop(connection: Connection, projection: Projection[Any], stops: Iterable[PoisonousEvent]) -> None:
    """Keep where streams have stopped."""
    for stop in stops:
        connection.execute(STOP, (projection.name, stop.stream, stop.version, stop.position, str(stop)))


def _warn(stops: Iterable[PoisonousEvent]) -> None:
    for stop in stops:
        log.error("a stream stands still in a report: run audit.py verify", error=str(stop), exc_info=stop.cause)


@dataclass(frozen=True, slots=True)
class Stopped:
    """A stream in which a projection stopped before an event that it cannot take: why, in the program's words."""

    projection: str
    stream: str
    version: int
    error: str
    position: int


def stopped(connection: Connection, roadmap: str | None = None) -> list[Stopped]:
    """Return where projections have stopped, in a roadmap or anywhere, in the order of streams."""
    rows = connection.execute(
        "select projection, stream, version, error, position from vekha.quarantine"
        " where %(roadmap)s::text is null or split_part(stream, '/', 1) = %(roadmap)s order by stream, projection",
        {"roadmap": roadmap},
    ).fetchall()
    return [Stopped(*row) for row in rows]


def position_of_all(connection: Connection) -> int:
    """Return the position that every projection has reached, streams that stand still left aside; 0 where there is none."""
    row = connection.execute("select min(position) from vekha.projection").fetchone()
    return row[0] or 0 if row else 0


def lag(connection: Connection) -> int:
    """Return by how many sealed events the slowest projection is behind."""
    row = connection.execute(
        "select (select last_position from vekha.block order by no desc limit 1) - min(position) from vekha.projection"
    ).fetchone()
    return row[0] or 0 if row else 0


def rebuild(connection: Connection, projection: Projection[Any], *, swap: bool) -> Difference:
    """Fold a projection from the whole log beside the live one, and compare them; with `swap` put it in place.

    The live table is read and followed meanwhile; it is held only for the comparison and the swap, both at its own
    position. Where it was made by another version nothing can be compared. An event that cannot be taken stops its stream,
    as it does in the live table. GapInLog where the log cannot be folded so far, Fenced where a newer program made the table.
    """
    if _ensure(connection, projection) > projection.version:
        raise Fenced(projection.name)
    connection.execute("select pg_advisory_lock(%s)", (REBUILD_LOCK,))
    try:
        shadow = _Table(projection, SHADOW)
        shadow.drop(connection)
        shadow.create(connection)
        position = 0
        stops: dict[str, PoisonousEvent] = {}
        while (ahead := _goal(connection, _lock(connection, projection.name)[1]) - position) > BATCH:
            position = _rebuild_some(connection, shadow, position, position + ahead, stops)
        with connection.transaction():
            version, taken, _ = _lock(connection, projection.name)
            target = _goal(connection, taken)
            _rebuild_some(connection, shadow, position, target, stops)
            difference = _compare(connection, projection, target, comparable=version == projection.version)
            if swap:
                _swap(connection, projection, target)
                _stop(connection, projection, stops.values())
        shadow.drop(connection)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (REBUILD_LOCK,))
    error = difference.error or next(map(str, stops.values()), None)
    return replace(difference, error=error, stops=tuple(stops.values()))


class _Table(Generic[R]):
    """The table of a projection in a schema, and how events go into it."""

    def __init__(self, projection: Projection[R], schema: str) -> None:
        self.projection = projection
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

    def take(self, connection: Connection, records: Sequence[EventRecord]) -> list[PoisonousEvent]:
        """Fold events into the table; give back the first of each stream that could not be taken, with all before it written."""
        try:
            with connection.transaction():
                return self._fold(connection, records)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(records) == 1:
                return [PoisonousEvent(self.projection.name, records[0], error)]
        # The table refused a row of the batch: its halves show whose.
        half = len(records) // 2
        stops = self.take(connection, records[:half])
        gone = {stop.stream for stop in stops}
        return [*stops, *self.take(connection, [record for record in records[half:] if record.stream not in gone])]

    def _fold(self, connection: Connection, records: Sequence[EventRecord]) -> list[PoisonousEvent]:
        rows = self._read(connection, {record.stream for record in records})
        changed: dict[tuple[str, Key], R] = {}
        gone: dict[tuple[str, Key], R] = {}
        stops: dict[str, PoisonousEvent] = {}
        for record in records:
            if record.stream in stops:
                continue
            stream = rows[record.stream]
            try:
                changes = self.projection.fold(stream, record)
            except Exception as error:  # whatever a fold fails of, the other streams go on
                stops[record.stream] = PoisonousEvent(self.projection.name, record, error)
                continue
            for key, row in changes.items():
                if row is not None:
                    stream[key] = changed[record.stream, key] = row
                elif key in stream:
                    gone[record.stream, key] = stream.pop(key)
                    changed.pop((record.stream, key), None)
        self._write(connection, changed, gone)
        return list(stops.values())

    def _read(self, connection: Connection, streams: Iterable[str]) -> dict[str, dict[Key, R]]:
        rows: dict[str, dict[Key, R]] = defaultdict(dict)
        for stream, *values in connection.execute(self._statements.load, {"streams": list(streams)}).fetchall():
            row = self.projection.row(*values)
            rows[stream][self.projection.key(row)] = row
        return rows

    def _write(
        self, connection: Connection, changed: Mapping[tuple[str, Key], R], gone: Mapping[tuple[str, Key], R]
    ) -> None:
        # First what went: a row may have come back since.
        for statement, rows, names in (
            (self._statements.delete, gone, self.projection.primary_key),
            (self._statements.upsert, changed, self.projection.columns),
        ):
            if rows:
                values = {name: [getattr(row, name) for row in rows.values()] for name in names}
                connection.execute(statement, {"stream": [stream for stream, _ in rows], **values})


def _ensure(connection: Connection, projection: Projection[Any]) -> int:
    """Make the table and its checkpoint at the log's beginning where there are none; return the table's version."""
    with connection.transaction():
        made = connection.execute(
            "insert into vekha.projection (name, version, position, fence) values (%s, %s, 0, 0) on conflict do nothing",
            (projection.name, projection.version),
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


def _rebuild_some(
    connection: Connection, shadow: _Table[Any], after: int, to: int, stops: dict[str, PoisonousEvent]
) -> int:
    """Fold the events behind one position up to another into a shadow table; return the latter.

    Streams that have stopped are in `stops`, and more may be after it.
    """
    projection = shadow.projection
    while after < to:
        before = after
        records, after = _feed(connection, projection, before, min(LONG_BATCH, to - before), stops)
        if after == before:
            raise GapInLog(before)
        stops |= {stop.stream: stop for stop in shadow.take(connection, records)}
    return after


def _feed(
    connection: Connection, projection: Projection[Any], after: int, limit: int, stopped: Collection[str]
) -> tuple[list[EventRecord], int]:
    """Return what a projection needs of the next events, and the position of the last of them."""
    return read_feed(
        connection, after, limit, passes_over=projection.passes_over, marks=projection.marks, stopped=stopped
    )


def _compare(connection: Connection, projection: Projection[Any], position: int, *, comparable: bool) -> Difference:
    """Compare row by row inside the database: only the rows that are shown come out of it."""
    live, rebuilt = (f"{schema}.{projection.name}" for schema in (LIVE, SHADOW))
    rows, live_rows, size, taken, error = connection.execute(
        f"select (select count(*) from {rebuilt}), (select count(*) from {live}), (select max(position) from vekha.seal),"
        " position, (select min(error) from vekha.quarantine where projection = name) from vekha.projection where name = %s",
        (projection.name,),
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

    A projector that followed an older version, or from elsewhere, is fenced. No stream stands still in it any more.
    """
    _Table(projection, LIVE).drop(connection)
    connection.execute(f"alter table {SHADOW}.{projection.name} set schema {LIVE}")
    connection.execute(
        "update vekha.projection set fence = fence + (version <> %(version)s or position <> %(position)s)::int,"
        " version = %(version)s, position = %(position)s where name = %(name)s",
        {"version": projection.version, "position": position, "name": projection.name},
    )
    connection.execute("delete from vekha.quarantine where projection = %s", (projection.name,))
