"""What could stop or mislead a reader is refused by the append, and found by the verification where it came past it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import psycopg
import pytest

from domain.codec import FACTS, MAX_ID, SCHEMA_VERSION, event_record, hear_command
from domain.commands import Received
from domain.events import SetAside
from domain.measure import MEASURE, planned
from domain.records import EventRecord, digest
from eventlog import roles, sessions
from eventlog.append import append, append_as_door, following
from eventlog.aside import set_aside
from eventlog.errors import ReceivedBefore, UnfitRow
from eventlog.read import read_stream
from eventlog.sealer import seal_new
from eventlog.sessions import AsyncConnection
from eventlog.verify import verify
from stack import Stack
from tests.domain.examples import BY_DATE, plan
from tests.eventlog.log import GIVEN, STREAM, beginning, put, put_past, record, value
from tests.eventlog.test_rights import login
from tests.logs.record import log_file

MEASURE_STREAM = "city-2021/m/2.7"
READABLE = (
    "select vekha.readable(%(type)s, %(schema_version)s, %(occurred_on)s, %(at)s, %(received_at)s, %(actor)s, %(command_id)s,"
    " %(data)s, %(command)s, %(writer)s)"
)


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[AsyncConnection]:
    """Give a session of ours."""
    async with await sessions.connect_async(database_url) as connection:
        yield connection


def test_the_log_takes_the_types_that_the_code_reads_and_no_other(connection: psycopg.Connection) -> None:
    """Where this fails: a new migration has to name the new type, or the new version."""
    text = value(connection, "select pg_get_functiondef('vekha.readable'::regproc)")
    assert set(re.findall(r"'([A-Z][A-Za-z]+)'::text", text)) == FACTS.keys() - {SetAside.__name__}
    assert re.findall(r"p_schema_version >= 1\) AND \(p_schema_version <= (\d+)", text) == [str(SCHEMA_VERSION)]
    for name in ("p_actor", "p_command_id"):
        assert re.search(rf"char_length\({name}\) >= 1\) AND \(char_length\({name}\) <= {MAX_ID}\)", text), text


async def test_a_log_that_was_lived_is_taken_as_it_is_and_not_accused(
    log: AsyncConnection, connection: psycopg.Connection
) -> None:
    """The committed log, with every kind of event."""
    rows = [EventRecord(**json.loads(line)) for line in log_file(1).read_text(encoding="utf-8").splitlines()]
    for stream, together in groupby(rows, key=lambda row: row.stream):
        some = list(together)
        assert (await append(log, stream, some[0].version - 1, some)).outcome == "appended"
    seal_new(connection)
    assert (verify(connection).size, verify(connection).count) == (len(rows), 0)


UNFIT: dict[str, dict[str, Any]] = {
    "a type that nobody knows": {"type": "Nonsense"},
    "what only a reader gives": {"type": SetAside.__name__},
    "a version of the future": {"schema_version": SCHEMA_VERSION + 1},
    "no version": {"schema_version": 0},
    "a list": {"data": "[1]"},
    "nothing": {"data": "null"},
    "no JSON": {"data": "{"},
    "a number": {"data": '{"a":NaN}'},
    "too much": {"data": json.dumps({"note": "а" * 2**23}, ensure_ascii=False)},
    "a command that is none": {"command": '"Close"'},
    "too much of a command": {"command": json.dumps({"note": "а" * 2**21}, ensure_ascii=False)},
    "nobody": {"actor": ""},
    "a sender without end": {"actor": "ш" * (MAX_ID + 1)},
    "a command's id without end": {"command_id": "ш" * (MAX_ID + 1)},
    "an empty id": {"command_id": ""},
    "a writer without end": {"writer": "w" * 201},
    "no time": {"at": "infinity"},
    "a time before all": {"received_at": "0044-03-15 00:00:00+00 BC"},
    "no day": {"occurred_on": "-infinity"},
    "a beginning in the middle": {"type": "YearStarted"},
    "another one": {"type": "MeasurePlanned"},
}


@pytest.mark.parametrize("what", UNFIT)
async def test_what_nobody_could_read_back_is_refused(
    log: AsyncConnection, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """By itself as behind another, and then neither is taken."""
    monkeypatch.setattr("eventlog.append._check_texts", lambda _: None)
    await append(log, STREAM, 0, [record()])
    for sound in (0, 1):
        rows = [record(version=2 + place) for place in range(sound)]
        rows.append(replace(record(version=2 + sound), **UNFIT[what]))
        with pytest.raises((UnfitRow, psycopg.DataError)):
            await append(log, STREAM, 1, rows)
    assert len(await following(log, STREAM, 0, 10)) == 1


LONGEST = "𝕏" * MAX_ID  # four bytes a letter
EXTREMES: dict[str, dict[str, Any]] = {
    "the first day": {"occurred_on": "0001-01-01"},
    "the last day": {"occurred_on": "9999-12-31"},
    "the first instant": {"sent_at": "0002-01-01T00:00:00+00:00"},
    "the last instant": {"sent_at": "9998-12-31T23:59:59.999999+00:00"},
    "names without end": {"id": LONGEST, "actor": LONGEST},
    "unseen letters": {"id": "\u202e\n\x7f", "actor": "\t"},
    "no command at all": {"id": "\ud800", "actor": 7, "type": "Nonsense", "more": 2**70},
    "as large as any": {"data": {"note": "𝕏" * 20_000}},
    "larger": {"data": {"note": "𝕏" * 30_000}},
    "letters that are written otherwise": {"data": {"note": '"\\u0000\x01'}},
}


@pytest.mark.parametrize("what", EXTREMES)
@pytest.mark.parametrize("by", ["school-6", "nobody"])
def test_whatever_the_rules_make_of_a_command_is_taken(connection: psycopg.Connection, what: str, by: str) -> None:
    """A row that the log refused would stop its stream: each try would come to the same."""
    plan_ = plan(BY_DATE)
    received_at = datetime(2021, 9, 10, tzinfo=UTC)
    sent: dict[str, Any] = {
        "id": "c",
        "type": "ReportProgress",
        "actor": by,
        "sent_at": None,
        "occurred_on": None,
        "data": {},
    }
    command = hear_command(sent | EXTREMES[what], received_at)
    state = MEASURE.fold(None, [planned(plan_, received_at, received_at)])
    assert state is not None
    made = MEASURE.turn(state, [Received(command, received_at)], received_at)
    assert made
    for event in made:
        row = event_record(event, MEASURE_STREAM, 2, "run-1")
        assert connection.execute(READABLE, {name: getattr(row, name) for name in GIVEN}).fetchone() == (True,)


@pytest.mark.parametrize(
    "stream",
    ["", "year", "city-2021", "/year", "city 2021/year", "city-2021/m", "city-2021/m/", "city-2021/m/1/2", "a/b/year"],
)
@pytest.mark.parametrize("type_", ["YearStarted", "MeasurePlanned"])
async def test_a_stream_of_no_form_is_refused(log: AsyncConnection, stream: str, type_: str) -> None:
    """No workflow is named so, and nobody would look there."""
    await append(log, STREAM, 0, [record()])
    with pytest.raises(UnfitRow, match="no name of a stream"):
        await append(log, stream, 0, [record(stream, type_=type_)])


async def test_a_stream_begins_as_its_kind_does_and_in_a_year_that_somebody_started(log: AsyncConnection) -> None:
    """Nobody else's reports stand before a plan, and no measure without its year."""
    for stream, type_ in ((STREAM, "MeasurePlanned"), (STREAM, "ProgressReported"), (MEASURE_STREAM, "YearStarted")):
        with pytest.raises(UnfitRow, match=f"does not begin with {type_}"):
            await append(log, stream, 0, [record(stream, type_=type_)])
    with pytest.raises(UnfitRow, match="nobody has started its year"):
        await append(log, MEASURE_STREAM, 0, [record(MEASURE_STREAM)])
    for stream, type_ in (
        (STREAM, "YearStarted"),
        (MEASURE_STREAM, "MeasurePlanned"),
        ("city-2021/m/year", "MeasurePlanned"),
    ):
        assert (await append(log, stream, 0, [record(stream, type_=type_)])).outcome == "appended"


# The deadline was missed on 30 September; both say to have come the day before.
MISSED: dict[str, Any] = {"type_": "DeadlineMissed", "actor": "clock", "at": "2021-09-30T15:00:00+00:00"}
DAY_BEFORE: dict[str, Any] = {"at": "2021-09-29T09:00:00+00:00", "received_at": "2021-09-29T09:00:00+00:00"}


def forged() -> list[EventRecord]:
    """Give a report and its acceptance of the day before the deadline, to stand behind its miss."""
    return [
        record(version=3, type_="ExecutionReported", command_id="f-1", **DAY_BEFORE),
        record(version=4, type_="ExecutionAccepted", command_id="f-2", actor="uo", **DAY_BEFORE),
    ]


@pytest.fixture
async def missed(database_url: str) -> str:
    """Give the address of a log with a missed deadline."""
    await put(database_url, record(**(DAY_BEFORE | {"at": "2021-09-01T09:00:00+00:00"})), record(version=2, **MISSED))
    return database_url


async def test_nobody_appends_a_receipt_of_the_day_before_a_missed_deadline(stack: Stack, missed: str) -> None:
    """The doors cannot append there at all; who has the worker's login is refused by the rule."""
    with login(stack, missed, *roles.OF_DOORS) as url:
        async with await sessions.connect_async(url) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await append(connection, STREAM, 2, forged())
            for row in forged():
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="by a worker alone"):
                    await append_as_door(connection, STREAM, row.version - 1, [row])
    with login(stack, missed, *roles.OF_WORKER) as url:
        async with await sessions.connect_async(url) as connection:
            for rows in (forged(), forged()[:1]):
                with pytest.raises(ReceivedBefore, match="city-2021/year/3"):
                    await append(connection, STREAM, 2, rows)
            later = replace(forged()[0], received_at="2021-09-30T15:00:00+00:00")
            with pytest.raises(ReceivedBefore, match="city-2021/year/4"):
                await append(connection, STREAM, 2, [later, forged()[1]])
            assert (await append(connection, STREAM, 2, [later])).outcome == "appended"


@pytest.mark.usefixtures("missed")
async def test_such_a_receipt_that_came_past_the_append_is_found(connection: psycopg.Connection) -> None:
    """Also where the row above it is older than one before that; an honest log says nothing."""
    seal_new(connection)
    assert verify(connection).count == 0
    older = record(version=3, type_="AssignmentOpened", actor="clock", at="2021-09-02T00:00:00+00:00")
    put_past(connection, older, *(replace(row, version=row.version + 1) for row in forged()))
    seal_new(connection)
    found = verify(connection)
    assert found.count == 2
    assert [(one.code, one.position, one.found) for one in found.discrepancies] == [
        ("received-before", position, f"{STREAM}/{position} 2021-09-29T09:00:00.000000Z") for position in (4, 5)
    ]
    assert {one.expected for one in found.discrepancies} == {"2021-09-30T15:00:00.000000Z"}


@pytest.mark.usefixtures("missed")
async def test_what_was_there_before_the_rule_is_not_judged_by_it(connection: psycopg.Connection) -> None:
    """A log of an older Vekha goes on being verified as it was."""
    put_past(connection, *forged())
    connection.execute("alter table vekha.receipt_rule disable trigger append_only")
    connection.execute("update vekha.receipt_rule set after_seq = (select max(seq) from vekha.event)")
    seal_new(connection)
    assert verify(connection).count == 0


async def test_a_receipt_far_ahead_binds_nobody_once_it_was_set_aside(
    log: AsyncConnection, connection: psycopg.Connection
) -> None:
    """Else one row would end its stream for ever."""
    ahead = record(version=2, data='{"nonsense":1}', received_at="9000-01-01T00:00:00+00:00")
    await append(log, STREAM, 0, [record(), ahead])
    with pytest.raises(ReceivedBefore):
        await append(log, STREAM, 2, [record(version=3)])
    set_aside(connection, STREAM, 2, "приказ № 1")
    assert (await append(log, STREAM, 2, [record(version=3)])).outcome == "appended"
    seal_new(connection)
    assert verify(connection).count == 0


async def test_a_row_that_was_set_aside_is_read_as_such_everywhere(
    log: AsyncConnection, connection: psycopg.Connection
) -> None:
    """With its act; its stream has no gap, and what is hashed is the row as it stands."""
    await append(log, STREAM, 0, [record(), record(version=2, data='{"nonsense":1}'), record(version=3)])
    seal_new(connection)
    before = verify(connection)
    set_aside(connection, STREAM, 2, "приказ № 1")
    login_name = connection.info.user
    for rows in (list(read_stream(connection, STREAM)), list(await following(log, STREAM, 0, 10))):
        assert [(row.version, row.type) for row in rows] == [
            (1, "YearStarted"),
            (2, "SetAside"),
            (3, "ProgressReported"),
        ]
        told = json.loads(rows[1].data)
        assert (told["act"], told["by"], told["was"]) == ("приказ № 1", login_name, "ProgressReported")
    assert verify(connection).head == before.head
    for forget in ("delete from vekha.aside", "update vekha.aside set act = 'b'", "truncate vekha.aside"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(forget)
    with pytest.raises(psycopg.errors.CheckViolation):
        set_aside(connection, STREAM, 1, "приказ № 2")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        set_aside(connection, STREAM, 9, "приказ № 2")


async def test_a_door_writes_no_more_than_its_two_kinds_of_event(log: AsyncConnection) -> None:
    """And never passes for a worker: the writer is the log's to give."""
    for data in ("{}", beginning("another"), beginning("city-2021").replace(digest(""), "0")):
        with pytest.raises(UnfitRow, match="no definition of this year"):
            await append_as_door(log, STREAM, 0, [record(data=data)])
    first = record(data=beginning("city-2021"), writer="run-1")
    assert (await append_as_door(log, STREAM, 0, [first])).outcome == "appended"
    erased = record(version=2, type_="ContactErased", data='{"act":"a","code":"c"}')
    for row in (erased, record(version=2)):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="by a worker alone"):
            await append_as_door(log, STREAM, 1, [row])
    await append(log, STREAM, 1, [record(version=2, type_="YearClosed", writer="run-1")])
    assert (await append_as_door(log, STREAM, 2, [replace(erased, version=3)])).outcome == "appended"
    assert [row.writer for row in await following(log, STREAM, 0, 9)] == ["door", "run-1", "door"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await append_as_door(log, MEASURE_STREAM, 0, [record(MEASURE_STREAM)])


def test_readable_is_asked_of_all_that_is_given(connection: psycopg.Connection) -> None:
    """What is missing is not readable either."""
    sound = {name: getattr(record(), name) for name in GIVEN}
    assert connection.execute(READABLE, sound).fetchone() == (True,)
    for name in ("type", "schema_version", "occurred_on", "at", "received_at", "actor", "data", "writer"):
        assert connection.execute(READABLE, sound | {name: None}).fetchone() != (True,)
