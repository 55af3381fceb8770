"""A running year moves from one kind of Temporal to the other and back, by the one command that operators are told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from settings import FOR_DOORS, ROOT, settings
from stack import Stack, programs, rest
from stack.__main__ import main
from stack.machine import LASTING, WORKER_ROLE
from stack.namespace import has_poller
from stack.process import until
from stack.temporal import DATABASES
from tests.doors.calling import Said, script
from tests.doors.conftest import small_roadmap

REPORT = ("report", "1.3", "--as", "school-6", "--note", "Программы наставников.")
ACCEPT = ("accept", "1.3", "--body", "school-6", "--as", "vasyutina")
PROGRESS = ("progress", "2.3", "--as", "uo")


@pytest.fixture
def lasting(own_var: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Give the stack of `make up`, which does not run yet, on the development server; no Go builds it a Web UI."""
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", "/bin"]))
    monkeypatch.setenv("VEKHA_TEMPORAL", "dev-server")
    monkeypatch.delenv("TEMPORAL_NAMESPACE", raising=False)
    one = Stack(LASTING, time_skipping=False)
    assert one.folder.parent == own_var
    yield one
    one.down()
    one.wipe()


def done(*call: str) -> Said:
    """Run a door that has to end with 0."""
    name, *arguments = call
    said = script(f"{name}.py", *arguments)
    assert said.code == 0, said
    return said


def decided() -> int:
    """Look that log and engine agree; return how many commands were decided."""
    done("audit", "reconcile")
    events = done("audit", "history", "--json").document("history")["events"]
    return len({one["command_id"] for one in events} - {None})


def test_a_running_year_moves_to_the_server_and_back(
    lasting: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is started, reported in, moved, accepted in, moved back and goes on, from its log alone."""
    if not programs.built(settings().var / "bin", programs.SERVER, programs.SQL_TOOL):
        pytest.skip("no Temporal server is built here: VEKHA_TEMPORAL=server make test builds one")
    monkeypatch.setenv("VEKHA_LANG", "en")
    assert main(["up"]) == 0
    monkeypatch.delenv("VEKHA_TEMPORAL")
    told = capsys.readouterr().err
    assert f"the development server, with all its data in one file {lasting.temporal.file}" in told
    assert "python -m stack move --to server" in told
    done("starter", "start", str(small_roadmap(tmp_path)), "--rehearsal-from", "2021-08-24")
    done("admin", *REPORT)
    before = decided()

    # What is not decided yet would be lost: then nothing is moved, and the doors find everything as it was.
    worker = lasting.worker.pid
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)
    assert script("admin.py", *PROGRESS, "--wait", "0").code == 4
    with monkeypatch.context() as patch:
        patch.setattr(rest, "SECONDS", 1.0)
        assert main(["move", "--to", "server"]) == 3
    assert "/m/2.3. Nothing was changed" in capsys.readouterr().err
    assert (lasting.temporal.kind(), (lasting.folder / FOR_DOORS).exists()) == ("dev-server", True)
    os.kill(worker, signal.SIGCONT)

    assert main(["move", "--to", "server"]) == 0
    assert "Temporal is now the server on PostgreSQL; 1 years came back." in capsys.readouterr().err
    assert not lasting.temporal.file.exists()
    assert decided() == before + 1  # the command that was on its way, and nothing else
    done("admin", *ACCEPT)
    assert main(["move", "--to", "server"]) == 0  # a repeat finds all done
    assert decided() == before + 2

    assert main(["move", "--to", "dev-server"]) == 0
    assert lasting.temporal.file.exists()
    with psycopg.connect(lasting.postgres.url("postgres")) as connection:
        names = {row[0] for row in connection.execute("select datname from pg_database").fetchall()}
    assert names.isdisjoint(DATABASES)
    done("admin", *PROGRESS)
    assert decided() == before + 3
    for check in ("verify", "replay", "rebuild"):
        done("audit", check)
    assert main(["status"]) == 0
    by_hand(lasting)


def by_hand(stack: Stack) -> None:
    """Start a worker beside the stack, and see that it takes the worker's login and not that of the doors."""
    endpoints = stack.up()
    stack.worker.stop(seconds=30)
    begun = datetime.now(UTC)
    with subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        try:
            assert until(lambda: has_poller(endpoints, since=begun), seconds=60)
            with psycopg.connect(stack.postgres.url("postgres")) as connection:
                logins = connection.execute(
                    "select distinct usename from pg_stat_activity where datname = 'vekha' and application_name <> ''"
                ).fetchall()
            assert logins == [(WORKER_ROLE,)]
            done("admin", *PROGRESS)
        finally:
            worker.terminate()
