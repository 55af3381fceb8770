"""Work that one process does at a time: it goes on whatever the work fails of."""

from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from eventlog.elected import work_elected
from eventlog.roles import SEALER
from eventlog.sessions import Connection
from tests.eventlog.log import value

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
