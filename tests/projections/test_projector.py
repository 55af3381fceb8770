"""The projector: every event once, whoever dies; what is poisonous stays outside; a rebuild tells the truth."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from domain.records import EventRecord
from eventlog.aside import set_aside
from eventlog.read import read_stream
from eventlog.roles import PROJECTOR, act_as
from eventlog.sealer import Sealer, seal_new
from projections.board import board
from projections.feed import read_feed
from projections.projector import (
    LOCK,
    SHOWN,
    Cell,
    Difference,
    Fenced,
    Projection,
    Projector,
    RowDifference,
    follow,
    lag,
    position_of_all,
    rebuild,
    stopped,
    take_over,
)
from tests.eventlog.log import holder, put_past, record, running, until, value

A, B = "a/year", "b/year"
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Count:
    """How many events of a type a stream holds."""

    type: str
    events: int
    last_note: str | None


def count(rows: Mapping[str, Count], event: EventRecord) -> Mapping[str, Count | None]:
    """Count an event; "Forgotten" takes away all counts of its stream."""
    if event.type == "Forgotten":
        return dict.fromkeys(rows)
    known = rows.get(event.type, Count(event.type, 0, None))
    return {event.type: replace(known, events=known.events + 1, last_note=event.data)}


@dataclass(frozen=True, slots=True)
class Weighed:
    """The same in a table of other columns."""

    type: str
    events: Decimal


def weigh(rows: Mapping[str, Weighed], event: EventRecord) -> Mapping[str, Weighed | None]:
    """Count an event."""
    known = rows.get(event.type, Weighed(event.type, Decimal(0)))
    return {event.type: replace(known, events=known.events + 1)}


COUNTS = Projection(
    name="counts",
    version=1,
    primary_key=("type",),
    row=Count,
    key=lambda row: row.type,
    fold=count,
)


def choking(type_: str) -> Callable[[Mapping[str, Count], EventRecord], Mapping[str, Count | None]]:
    """Give a fold that cannot take events of a type."""

    def fold(rows: Mapping[str, Count], event: EventRecord) -> Mapping[str, Count | None]:
        if event.type == type_:
            raise KeyError(type_)
        return count(rows, event)

    return fold


def event(stream: str, version: int = 1, type_: str = "ProgressReported") -> EventRecord:
    """Give a record of any type, which the append would not take."""
    return record(stream, version, type_)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Give a connection in autocommit mode."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def counted(connection: Connection, name: str = "counts") -> dict[tuple[str, str], int]:
    """Give the numbers of a read model."""
    rows = connection.execute(f"select stream, type, events from vekha_live.{name}").fetchall()
    return {(stream, type_): events for stream, type_, events in rows}


def state(connection: Connection, name: str = "counts") -> tuple[int, dict[str, str]]:
    """Give the position of a projection, and why it stands still in streams."""
    (position,) = connection.execute("select position from vekha.projection where name = %s", (name,)).fetchone() or (
        0,
    )
    return position, {one.stream: one.error for one in stopped(connection) if one.projection == name}


def own(connection: Connection, projection: Projection[Any]) -> int:
    """Take a projection over that nobody newer has."""
    fence = take_over(connection, projection)
    assert fence is not None
    return fence


async def test_a_read_model_follows_the_log(database_url: str, connection: Connection) -> None:
    """A door waits for the position of all, and sees its event counted then."""
    with running(Sealer(database_url), Projector(database_url, [COUNTS])):
        for version in range(1, 6):
            put_past(connection, event(A, version))
            until(lambda last=version: position_of_all(connection) == last)  # type: ignore[misc]
            assert counted(connection) == {(A, "ProgressReported"): version}
    assert lag(connection) == 0


async def test_rows_that_go_are_gone_even_when_they_come_back(connection: Connection) -> None:
    """In one batch as over several."""
    put_past(connection, event(A, 1), event(A, 2, "Kept"), event(A, 3, "Forgotten"), event(A, 4, "Kept"))
    seal_new(connection)
    fence = own(connection, COUNTS)
    assert follow(connection, COUNTS, fence)
    assert counted(connection) == {(A, "Kept"): 1}

    put_past(connection, event(A, 5, "Forgotten"), event(B, 1))
    seal_new(connection)
    assert follow(connection, COUNTS, fence)
    assert counted(connection) == {(B, "ProgressReported"): 1}
    assert not follow(connection, COUNTS, fence)


async def test_every_event_counts_once_however_often_projectors_die(
    database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of them stand by for each other, and whoever is elected is cut off again and again."""
    monkeypatch.setattr("projections.projector.BATCH", 3)
    monkeypatch.setattr("eventlog.elected.LONGEST_PAUSE_SECONDS", 0.1)
    expected = Counter[tuple[str, str]]()
    killed: set[int | None] = set()
    with running(Sealer(database_url), Projector(database_url, [COUNTS]), Projector(database_url, [COUNTS])):
        for version in range(1, 41):
            events = [event(stream, version, "Odd" if version % 2 else "Even") for stream in (A, B)]
            put_past(connection, *events)
            expected.update((event.stream, event.type) for event in events)
            if version % 5 == 0:
                # Somebody is at work on what was just written.
                until(lambda seen=2 * version - 10: position_of_all(connection) > seen)  # type: ignore[misc]
                killed.add(elected := holder(connection, LOCK))
                connection.execute("select pg_terminate_backend(%s)", (elected,))
        until(lambda: position_of_all(connection) == 80)

    assert counted(connection) == expected
    assert len(killed - {None}) > 3


async def test_a_projector_that_was_taken_over_writes_nothing_more(connection: Connection) -> None:
    """It may come back from a long sleep and know nothing of the other one."""
    put_past(connection, event(A))
    seal_new(connection)
    zombie = own(connection, COUNTS)
    fence = own(connection, COUNTS)

    with pytest.raises(Fenced):
        follow(connection, COUNTS, zombie)

    assert counted(connection) == {}
    follow(connection, COUNTS, fence)
    assert counted(connection) == {(A, "ProgressReported"): 1}


async def test_a_projector_that_is_overtaken_while_it_reads_writes_nothing(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its look at the checkpoint and its write another one has taken the same events."""
    put_past(connection, event(A))
    seal_new(connection)
    zombie = own(connection, COUNTS)

    def read_and_be_overtaken(slow: Connection, after: int, limit: int, **asked: Any) -> tuple[list[EventRecord], int]:
        monkeypatch.undo()
        read = read_feed(slow, after, limit, **asked)
        follow(connection, COUNTS, own(connection, COUNTS))
        return read

    monkeypatch.setattr("projections.projector.read_feed", read_and_be_overtaken)
    with pytest.raises(Fenced):
        follow(connection, COUNTS, zombie)

    assert counted(connection) == {(A, "ProgressReported"): 1}


WHY = "broken stops before position 2, Poison a/year/2: KeyError: 'Poison'"


async def test_a_poisonous_event_stops_its_own_stream_only(database_url: str, connection: Connection) -> None:
    """Of its own projection: what came before it is written, all other streams go on, and nobody waits for it."""
    broken = replace(COUNTS, name="broken", fold=choking("Poison"))
    put_past(connection, event(A, 1), event(A, 2, "Poison"), event(A, 3), event(B, 1))
    with running(Sealer(database_url), Projector(database_url, [broken, COUNTS])):
        until(lambda: position_of_all(connection) == 4)
        put_past(connection, event(A, 4), event(B, 2))
        until(lambda: position_of_all(connection) == 6)

        assert counted(connection, "broken") == {(A, "ProgressReported"): 1, (B, "ProgressReported"): 2}
        assert state(connection, "broken") == (6, {A: WHY})
        assert state(connection) == (6, {})
        assert [(one.stream, one.version) for one in stopped(connection, "a")] == [(A, 2)]
        assert stopped(connection, "b") == []
        assert lag(connection) == 0

    with running(Projector(database_url, [replace(broken, fold=count), COUNTS])):
        until(lambda: state(connection, "broken") == (6, {}))
    assert counted(connection, "broken") == counted(connection)


async def test_a_stream_goes_on_behind_an_event_that_was_set_aside(database_url: str, connection: Connection) -> None:
    """Without a restart; one that is stopped by another event further on stops there."""
    broken = replace(COUNTS, name="broken", fold=choking("Poison"))
    put_past(connection, event(A, 1), event(A, 2, "Poison"), event(A, 3), event(A, 4, "Poison"), event(A, 5))
    with running(Sealer(database_url), Projector(database_url, [broken])):
        until(lambda: state(connection, "broken") == (5, {A: WHY}))
        set_aside(connection, A, 2, "act 1")
        until(lambda: state(connection, "broken") == (5, {A: WHY.replace("2, ", "4, ").replace("/2:", "/4:")}))
        assert counted(connection, "broken") == {(A, "ProgressReported"): 2}
        set_aside(connection, A, 4, "act 2")
        until(lambda: state(connection, "broken") == (5, {}))
        put_past(connection, event(A, 6))
        until(lambda: position_of_all(connection) == 6)

    assert counted(connection, "broken") == {(A, "ProgressReported"): 4}
    assert rebuild(connection, broken, swap=False).equal
    assert list(board(read_stream(connection, A))) == []


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (Count("huge", 2**70, None), "NumericValueOutOfRange"),
        (Count("nul", 1, "\0"), "DataError"),
        (replace(Count("", 1, None), type=None), "NotNullViolation"),  # type: ignore[arg-type]
    ],
)
async def test_a_row_that_the_table_refuses_is_the_fault_of_its_event(
    connection: Connection, row: Count, complaint: str
) -> None:
    """The batch is taken event by event then, up to the one."""
    put_past(connection, event(A, 1, "Early"), event(B, 1, "Bad"), event(A, 2, "Late"))
    seal_new(connection)
    strict = replace(COUNTS, fold=lambda rows, event: {row.type: row} if event.type == "Bad" else count(rows, event))

    follow(connection, strict, own(connection, strict))

    assert counted(connection) == {(A, "Early"): 1, (A, "Late"): 1}
    position, errors = state(connection)
    assert (position, set(errors)) == (3, {B})
    assert f"counts stops before position 2, Bad b/year/1: {complaint}" in errors[B]


@pytest.fixture
async def followed(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> int:
    """Give the fence of a read model that has followed ten events, in small batches."""
    for name in ("BATCH", "LONG_BATCH"):
        monkeypatch.setattr(f"projections.projector.{name}", 3)
    put_past(connection, *(event(stream, version) for version in range(1, 6) for stream in (A, B)))
    seal_new(connection)
    fence = own(connection, COUNTS)
    while follow(connection, COUNTS, fence):
        pass
    return fence


@pytest.mark.usefixtures("followed")
def test_a_rebuild_equals_what_was_followed(connection: Connection) -> None:
    """And leaves nothing behind."""
    assert rebuild(connection, COUNTS, swap=False) == Difference(
        10, 10, 10, None, 2, comparable=True, differing=0, shown=()
    )
    assert rebuild(connection, COUNTS, swap=False).equal
    assert value(connection, "select to_regclass('vekha_shadow.counts')") is None


def test_a_rebuild_finds_what_a_hand_has_changed(connection: Connection, followed: int) -> None:
    """A row changed, a row removed, a row added: each with what was there and what the log gives."""
    connection.execute("update vekha_live.counts set events = 99, last_note = null where stream = %s", (A,))
    connection.execute("delete from vekha_live.counts where stream = %s", (B,))
    connection.execute("insert into vekha_live.counts values ('c/year', 'Invented', 1, null)")

    difference = rebuild(connection, COUNTS, swap=False)

    note = event(B, 5).data
    changed = RowDifference(
        A, ("ProgressReported",), "changed", (Cell("events", 99, 5), Cell("last_note", None, event(A, 5).data))
    )
    missing = RowDifference(
        B, ("ProgressReported",), "missing", (Cell("events", None, 5), Cell("last_note", None, note))
    )
    surplus = RowDifference("c/year", ("Invented",), "surplus", (Cell("events", 1, None),))
    assert difference == Difference(
        10, 10, 10, None, 2, comparable=True, differing=3, shown=(changed, missing, surplus)
    )
    assert not difference.equal
    assert counted(connection)[A, "ProgressReported"] == 99

    assert rebuild(connection, COUNTS, swap=True) == difference
    assert counted(connection) == {(A, "ProgressReported"): 5, (B, "ProgressReported"): 5}
    assert rebuild(connection, COUNTS, swap=True).equal
    assert not follow(connection, COUNTS, followed), "whoever follows it goes on, and finds nothing new"


@pytest.mark.usefixtures("followed")
def test_of_many_differing_rows_the_first_are_shown_and_all_are_counted(connection: Connection) -> None:
    """What a rebuild holds in memory does not grow with the damage."""
    connection.execute(
        "insert into vekha_live.counts select 'c/year', to_char(n, 'FM000'), n, null from generate_series(1, 500) n"
    )

    difference = rebuild(connection, COUNTS, swap=False)

    assert difference.differing == 500
    assert [row.key for row in difference.shown] == [(f"{n:03}",) for n in range(1, SHOWN + 1)]


async def test_a_swap_holds_up_neither_readers_nor_the_projector(database_url: str, connection: Connection) -> None:
    """A reader never sees the table missing, nor fewer events than before."""
    stop = threading.Event()
    sums: list[int] = []

    def read() -> None:
        with psycopg.connect(database_url, autocommit=True) as reader:
            while not stop.is_set():
                sums.append(int(value(reader, "select coalesce(sum(events), 0) from vekha_live.counts")))

    act_as(connection, PROJECTOR)  # the projector goes on with a table that is its group's
    with (
        running(Sealer(database_url), Projector(database_url, [COUNTS])),
        psycopg.connect(database_url, autocommit=True) as owner,
    ):
        put_past(owner, event(A))
        until(lambda: position_of_all(connection) == 1)
        reader = threading.Thread(target=read)
        reader.start()
        for version in range(2, 42):
            put_past(owner, event(A, version))
            if version % 4 == 0:
                until(lambda last=version: position_of_all(connection) == last)  # type: ignore[misc]
                assert rebuild(connection, COUNTS, swap=True).equal
        until(lambda: position_of_all(connection) == 41)
        stop.set()
        reader.join()

    assert sums == sorted(sums)
    assert len(set(sums)) > 5
    assert counted(connection) == {(A, "ProgressReported"): 41}


@pytest.mark.usefixtures("followed")
def test_a_projection_of_a_newer_version_is_rebuilt_when_it_is_taken_over(connection: Connection) -> None:
    """Its table may have other columns; the old one stays in place until then."""
    newer = Projection(
        name="counts", version=2, primary_key=("type",), row=Weighed, key=lambda row: row.type, fold=weigh
    )

    fence = own(connection, newer)

    assert value(connection, "select version from vekha.projection") == 2
    assert counted(connection) == {(A, "ProgressReported"): 5, (B, "ProgressReported"): 5}
    assert not follow(connection, newer, fence)


def test_an_older_program_leaves_a_newer_projection_alone(connection: Connection, followed: int) -> None:
    """Else two versions that run side by side would rebuild it against each other."""
    newer = replace(COUNTS, version=2)
    difference = rebuild(connection, newer, swap=True)

    assert difference == Difference(10, 10, 10, None, 2, comparable=False, differing=4, shown=()), (
        "the columns may be others"
    )
    assert take_over(connection, COUNTS) is None
    with pytest.raises(Fenced):
        follow(connection, COUNTS, followed)
    with pytest.raises(Fenced):
        rebuild(connection, COUNTS, swap=True)


async def test_a_rebuild_stops_where_following_does(connection: Connection, followed: int) -> None:
    """In the stream of the poisonous event; it says so, and the projector goes on with all others."""
    put_past(connection, event(A, 6, "Poison"), event(A, 7), event(B, 6))
    seal_new(connection)
    assert follow(connection, COUNTS, followed)
    newer = replace(COUNTS, version=2, fold=choking("Poison"))

    fence = own(connection, newer)

    why = "counts stops before position 11, Poison a/year/6: KeyError: 'Poison'"
    assert state(connection) == (13, {A: why})
    assert counted(connection) == {(A, "ProgressReported"): 5, (B, "ProgressReported"): 6}
    put_past(connection, event(B, 7))
    seal_new(connection)
    assert follow(connection, newer, fence)
    again = rebuild(connection, newer, swap=False)
    assert (again.error, again.differing, again.equal) == (why, 0, False)


def test_without_any_projection_there_is_nothing_to_wait_for(connection: Connection) -> None:
    """The doors ask before the first projector has run."""
    assert (position_of_all(connection), lag(connection)) == (0, 0)
