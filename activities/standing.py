"""What streams have come to, as far as this worker has folded them: kept in memory, with snapshots in the database behind.

Neither is trusted further than the log: an append at a version that the log is past, or has not reached, is refused there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from domain.codec import read_event
from domain.errors import Malformed, UnreadableEvent, VekhaError
from domain.events import Event, MeasurePlanned
from domain.measure import MEASURE
from domain.records import EventRecord, digest
from domain.roadmap import MeasurePlan, year_stream
from domain.snapshots import restored, shape, snapshot_of
from domain.turn import Decider
from domain.year import YEAR
from eventlog.append import following
from eventlog.errors import LogWasCut
from eventlog.read import read_some
from eventlog.sessions import AsyncConnection, Connection

CACHED = 10_000  # streams; one of a city's takes some ten kilobytes, and what measures share is kept once
PAGE = 1000
# A snapshot is written behind so many events, or so many bytes of them in sizes of the snapshot: a tenth of the log at most.
SNAPSHOT_EVENTS = 500
SNAPSHOT_PART = 10
NEAREST = (
    "select version, anchor, state from vekha.snapshot where stream = %s and shape = %s and version <= %s"
    " order by version desc limit 1"
)
KEEP = (
    "insert into vekha.snapshot (stream, version, shape, anchor, state) values (%s, %s, %s, %s, %s)"
    " on conflict (stream, version) do update"
    " set shape = excluded.shape, anchor = excluded.anchor, state = excluded.state"
)
CLOCK = "select data::json ->> 'offset_seconds', data::json ->> 'rehearsal' from vekha.event where stream = %s and version = 1"
NEWEST = 2**31 - 1


class NoStream(VekhaError):
    """The log has no event of a stream."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"the log has no stream {stream}")


@dataclass(frozen=True)
class Clock:
    """A year's clock: its shift against the engine's, and whether the year is played."""

    offset: timedelta
    rehearsal: bool


@dataclass(frozen=True)
class Standing:
    """A stream's state, the digest of its last event's data, and what was folded since its last snapshot.

    `answered` of the state is empty: which commands were answered is asked of the log.
    """

    decider: Decider[Any]
    state: Any
    anchor: str
    events: int
    size: int

    @property
    def version(self) -> int:
        """Return the version of the last event in the state."""
        version: int = self.state.version
        return version

    def grown(self, records: Sequence[EventRecord], state: Any) -> Standing:
        """Return the standing behind more records, which have come to `state`."""
        return replace(
            self,
            state=replace(state, version=records[-1].version, answered={}),
            anchor=digest(records[-1].data),
            events=self.events + len(records),
            size=self.size + sum(len(record.data) + len(record.command or "") for record in records),
        )


class Standings:
    """The states that this worker has at hand."""

    def __init__(self, most: int = CACHED) -> None:
        self._most = most
        self._known: OrderedDict[str, Standing] = OrderedDict()
        self._plans: dict[str, MeasurePlan] = {}
        self._clocks: dict[str, Clock] = {}

    async def clock(self, connection: AsyncConnection, stream: str) -> Clock:
        """Return the clock of a stream's year: from the log, once, since it never changes. NoStream without a year."""
        year = year_stream(stream.partition("/")[0])
        if year not in self._clocks:
            row = await (await connection.execute(CLOCK, (year,))).fetchone()
            if row is None:
                raise NoStream(year)
            self._clocks[year] = Clock(timedelta(seconds=float(row[0])), row[1] == "true")
        return self._clocks[year]

    async def of(self, connection: AsyncConnection, stream: str, version: int) -> Standing:
        """Return what a stream has come to, at `version` or later; at all that the log holds for who knows none, with 0.

        NoStream where the log has nothing of it, LogWasCut where it ends before, UnreadableEvent and ForeignEvent where it
        holds what cannot be read. What was folded before a failure, or before time was up, is kept for the next try.
        """
        standing = self._known.get(stream) or await self._loaded(connection, stream)
        # What is at hand may be the first part of a stream, where an earlier try ran out of time.
        if standing.version < version or version == 0:
            standing = await self._caught_up(connection, stream, standing)
        self.keep(stream, standing)
        if standing.version < version:
            self._known.pop(stream)  # the log may have been put back: what it holds is read anew
            raise LogWasCut(stream, version, standing.version)
        return standing

    async def after(self, connection: AsyncConnection, stream: str) -> Standing:
        """Return what a stream has come to by now, others' rows too."""
        known = self._known.get(stream)
        return await (self._caught_up(connection, stream, known) if known else self.of(connection, stream, 0))

    def keep(self, stream: str, standing: Standing) -> None:
        """Have a standing at hand; the one that was not asked for longest makes room."""
        self._known[stream] = standing
        self._known.move_to_end(stream)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def begin(self, stream: str, first: Event, record: EventRecord) -> None:
        """Have a stream at hand of which this worker has just appended the first event."""
        self.keep(stream, _begun(self._shared(first), [record]))

    def forget(self, stream: str) -> None:
        """Have it no longer at hand: what the log holds is read anew."""
        self._known.pop(stream, None)

    async def save(self, connection: AsyncConnection, stream: str, standing: Standing) -> Standing:
        """Write a snapshot where enough was folded since the last one."""
        if standing.events < SNAPSHOT_EVENTS:
            return standing
        text = snapshot_of(standing.state)
        if standing.size < SNAPSHOT_PART * len(text):
            return standing
        await connection.execute(KEEP, (stream, standing.version, shape(), standing.anchor, text))
        return replace(standing, events=0, size=0)

    async def _loaded(self, connection: AsyncConnection, stream: str) -> Standing:
        """Return the nearest snapshot that fits the log, or the first event."""
        rows = await following(connection, stream, 0, 1)
        if not rows:
            raise NoStream(stream)
        first = self._shared(read_event(rows[0]))
        snapshot = await (await connection.execute(NEAREST, (stream, shape(), NEWEST))).fetchone()
        place = await following(connection, stream, snapshot[0] - 1, 1) if snapshot is not None else ()
        return _told(snapshot, first, place) or _begun(first, rows)

    async def _caught_up(self, connection: AsyncConnection, stream: str, standing: Standing) -> Standing:
        while rows := await following(connection, stream, standing.version, PAGE):
            standing = await self.save(connection, stream, standing.grown(rows, _folded(standing, rows)))
            self.keep(stream, standing)
        return standing

    def _shared(self, first: Event) -> Event:
        """Let the measures of a year share what is the same for all: a registry of thousands is kept once."""
        if not isinstance(first.fact, MeasurePlanned):
            return first
        plan = first.fact.plan
        known = self._plans.setdefault(plan.roadmap, plan)
        if (known.registry, known.calendar, known.order) != (plan.registry, plan.calendar, plan.order):
            return first
        shared = replace(plan, registry=known.registry, calendar=known.calendar, order=known.order)
        return replace(first, fact=replace(first.fact, plan=shared))


def read_standing(connection: Connection, stream: str, version: int = NEWEST) -> Standing | None:
    """Return what a stream had come to at a version, for who only reads; None where the log has nothing of it.

    A snapshot spares most of the reading. UnreadableEvent and ForeignEvent where the rest cannot be read.
    """
    rows = read_some(connection, stream, 0, 1)
    if not rows:
        return None
    first = read_event(rows[0])
    snapshot = connection.execute(NEAREST, (stream, shape(), version)).fetchone()
    place = read_some(connection, stream, snapshot[0] - 1, 1) if snapshot is not None else ()
    standing = _told(snapshot, first, place) or _begun(first, rows)
    while rows := [row for row in read_some(connection, stream, standing.version, PAGE) if row.version <= version]:
        standing = standing.grown(rows, _folded(standing, rows))
    return standing


def _begun(first: Event, rows: Sequence[EventRecord]) -> Standing:
    """Return the standing of a stream behind its first event."""
    decider: Decider[Any] = MEASURE if isinstance(first.fact, MeasurePlanned) else YEAR
    before = decider.begin(first)
    return Standing(decider, before, "", 0, 0).grown(rows, decider.evolve(before, first))


def _told(snapshot: tuple[Any, ...] | None, first: Event, place: Sequence[EventRecord]) -> Standing | None:
    """Return the standing of a snapshot; None where it does not fit the event at its place, or tells nothing."""
    if snapshot is None:
        return None
    version, anchor, text = snapshot
    if not place or place[0].version != version or digest(place[0].data) != anchor:
        return None
    try:
        state = restored(first, text)
    except Malformed:
        return None
    decider: Decider[Any] = MEASURE if isinstance(first.fact, MeasurePlanned) else YEAR
    return Standing(decider, state, anchor, 0, 0)


def _folded(standing: Standing, rows: Sequence[EventRecord]) -> Any:
    """Return the state behind more rows. UnreadableEvent for one that cannot be read, or cannot stand where it does."""
    state = standing.state
    for row in rows:
        event = read_event(row)
        try:
            state = standing.decider.evolve(state, event)
        except (VekhaError, LookupError, ArithmeticError) as error:
            raise UnreadableEvent(f"{row.stream}/{row.version}", f"{type(error).__name__}: {error}") from error
        state = replace(state, version=row.version, answered={})
    return state
