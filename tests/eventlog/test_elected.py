"""Work that one process does at a time: it goes on whatever the work fails of."""

from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from eventlog import roles, sealer, sessions
from eventlog.elected import work_elected
from eventlog.roles import SEALER
from eventlog.sessions import Connection
from stack import Stack
from tests.eventlog.log import put_past, record, running, until, value
from tests.eventlog.test_rights import login

LOCK = 77


def nothing(_: Connection) -> None:
    """Find nothing left undone."""


def test_work_that_fails_is_told_and_begun_again(database_url: str) -> None:
    """A thread that ended for good would not be missed before its work was."""
    stop = threading.Event()
    runs: list[int] = []

    def work(connection: Connection) -> None:
        runs.append(int(value(connection, "select 1")))
        if len(runs) == 1:
            raise LookupError("a mistake of ours")
        if len(runs) == 2:
            connection.execute("select 1 / 0")
        stop.set()

    with capture_logs() as told:
        work_elected("tester", database_url, LOCK, stop, work, group=SEALER, left=nothing)

    assert len(runs) == 3
    assert [entry["log_level"] for entry in told if entry["event"] != "elected"] == ["error", "warning"]


@pytest.mark.parametrize("others", [1, 3])
def test_only_one_works_at_a_time(database_url: str, others: int) -> None:
    """The others take their turn when it returns."""
    at_work: list[int] = []
    done: list[int] = []

    def run(number: int) -> None:
        stop = threading.Event()

        def work(_: Connection) -> None:
            at_work.append(number)
            assert at_work == [number]
            at_work.remove(number)
            done.append(number)
            stop.set()

        work_elected("tester", database_url, LOCK, stop, work, group=SEALER, left=nothing)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(others + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(done) == list(range(others + 1))


def test_who_holds_the_sealers_lock_and_does_nothing_is_told(
    stack: Stack, database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any login can take it, also one that may only look; a sealer that stands by says who it is."""
    monkeypatch.setattr("eventlog.elected.LOOK_SECONDS", 0.01)
    monkeypatch.setattr("eventlog.sealer.ALARM_SECONDS", 0.01)
    with (
        login(stack, database_url, *roles.OF_INSPECTOR) as url,
        sessions.connect(url, application_name="a long look") as inspector,
        capture_logs() as told,
    ):
        assert value(inspector, "select pg_try_advisory_lock(%s)", sealer.LOCK)
        name = inspector.info.user
        with running(sealer.Sealer(database_url)):
            until(
                lambda: (
                    value(connection, "select count(*) from pg_stat_activity where application_name = 'vekha sealer'")
                    > 0
                )
            )
            put_past(connection, record())
            until(lambda: any("undone" in entry for entry in told))
            assert value(connection, "select count(*) from vekha.seal") == 0
            inspector.close()
            until(lambda: value(connection, "select count(*) from vekha.seal") == 1)
    (alarm, *_) = [entry for entry in told if "undone" in entry]
    assert alarm["log_level"] == "error"
    assert alarm["holder"].startswith(f"{name}, a long look, pid ")
    assert "events wait for a position" in alarm["undone"]


def test_what_others_hold_is_waited_for_with_a_word(
    database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that somebody has locked: the log of the program tells it, and the work goes on when it is free."""
    monkeypatch.setattr("eventlog.elected.LOCK_PATIENCE", "20ms")
    stop = threading.Event()
    tries: list[int] = []

    def work(at_work: Connection) -> None:
        tries.append(1)
        if len(tries) == 3:
            connection.execute("rollback")
        at_work.execute("select count(*) from vekha.event")
        stop.set()

    connection.execute("begin; lock table vekha.event in access exclusive mode")
    with capture_logs() as told:
        work_elected("tester", database_url, LOCK, stop, work, group=SEALER, left=nothing)

    assert [entry["sqlstate"] for entry in told if entry["log_level"] == "warning"] == 2 * ["55P03"]
