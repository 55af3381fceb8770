"""`python -m stack` and sessions, as processes of their own."""

from __future__ import annotations

import ast
import os
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from settings import ROOT, Endpoints
from stack import Stack
from stack.__main__ import main
from stack.process import until


def test_two_at_once_make_one_stack(lone: Stack) -> None:
    """The second waits for the first and finds the work done; `down` stops everything and keeps the data."""
    up = [sys.executable, "-m", "stack", "up", "--name", "lone", "--time-skipping"]
    both = [subprocess.Popen(up, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=300)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    assert lone.postgres.alive()
    assert lone.temporal.alive()
    written = lone.folder / "stack.json"
    assert Endpoints.read(written) == lone.up()
    assert written.stat().st_mode & 0o077 == 0
    assert main(["status", "--name", "lone"]) == 0
    assert main(["down", "--name", "lone"]) == 0
    assert lone.postgres.process.pid is None
    assert lone.temporal.process.pid is None
    assert not written.exists()
    assert lone.postgres.data.exists()
    assert main(["status", "--name", "lone"]) == 1


_SESSION = """
import signal
from stack import Stack
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits that it is ignored
with Stack("lone", time_skipping=True).session():
    print("up", flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_session_that_is_ended_leaves_no_server(lone: Stack, end: signal.Signals) -> None:
    """Neither Ctrl-C nor a service manager's SIGTERM leaves anything running."""
    session = subprocess.Popen(
        [sys.executable, "-c", _SESSION], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert session.stdout is not None
    with session.stdout:
        assert session.stdout.readline() == "up\n"
        servers = [lone.postgres.process, lone.temporal.process]
        assert all(server.pid for server in servers)
        session.send_signal(end)
        session.wait(timeout=120)
    assert until(lambda: not any(server.pid for server in servers), seconds=1)


def test_a_taken_port_ends_with_3_and_one_line(
    own_var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the port and the setting that moves it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("VEKHA_POSTGRES_PORT", str(port))
        assert main(["up"]) == 3
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert str(port) in told[0]
    assert "VEKHA_POSTGRES_PORT" in told[0]
    assert own_var.exists()


@pytest.mark.parametrize("arguments", [["move"], ["up", "--to", "server"]])
def test_only_a_move_has_a_goal(arguments: list[str], own_var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage: exit code 2, and nothing is begun."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "--to" in capsys.readouterr().err
    assert not (own_var / "up").exists()


def test_only_the_lasting_stack_of_this_machine_is_moved(
    own_var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A Temporal that was given is somebody else's."""
    assert main(["move", "--to", "server", "--name", "lone"]) == 2
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    assert main(["move", "--to", "server"]) == 2
    assert capsys.readouterr().err.count("make up") == 2
    assert not (own_var / "up").exists()


def test_a_database_that_does_not_answer_ends_with_3_and_one_line(
    own_var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DATABASE_URL is taken at its word, and its password is not shown."""
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://vekha:secret@127.0.0.1:1/vekha")
    assert main(["up", "--lang", "en"]) == 3
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "127.0.0.1:1/vekha" in told
    assert "secret" not in told
    assert own_var.exists()


def test_a_wrong_setting_ends_with_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The line names the variable."""
    monkeypatch.setenv("VEKHA_UI_PORT", "many")
    assert main(["status"]) == 2
    assert "VEKHA_UI_PORT" in capsys.readouterr().err


def test_whatever_loads_temporals_client_ends_at_once() -> None:
    """Python's own ending aborts now and then where that client's thread still runs, after the work is done."""
    rooms: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "root_packages"
    ]
    others = []
    for file in [*ROOT.glob("*.py"), *(file for room in rooms for file in (ROOT / room).rglob("*.py"))]:
        tree = ast.parse(file.read_text(encoding="utf-8")).body[-1]
        if not isinstance(tree, ast.If) or ast.unparse(tree.test) != "__name__ == '__main__'":
            continue
        if ast.unparse(tree.body[-1]).partition("(")[0] not in {"run", "end"}:
            others.append(".".join(file.relative_to(ROOT).with_suffix("").parts))
    assert others
    look = f"import sys; import {', '.join(others)}; sys.exit('temporalio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=False).returncode == 0, others


def test_what_was_written_is_seen_though_a_process_ends_at_once() -> None:
    """Both streams are flushed, and the exit code is the one that was meant; a reader who went away changes nothing."""
    told = "import sys, ending; print('out', end=''); print('err', end='', file=sys.stderr); ending.end(3)"
    ran = subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "out", "err")
    closed = subprocess.run(["/bin/sh", "-c", f'"{sys.executable}" -c "{told}" >&- 2>&-'], cwd=ROOT, check=False)
    assert closed.returncode == 3


def test_an_old_python_is_told_kindly(tmp_path: Path) -> None:
    """The preparation runs before anything is installed, and still ends with a sentence and 3."""
    for program in ("sh", "dirname", "cmp", "cp", "mkdir"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")  # what the question for 3.11 gets from an older one
    python.chmod(0o755)
    (tmp_path / "stack").mkdir()
    script = tmp_path / "stack" / "prepare.sh"
    script.write_bytes((ROOT / "stack" / "prepare.sh").read_bytes())
    (tmp_path / "requirements.lock").touch()
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path), "VEKHA_LANG": os.environ.get("VEKHA_LANG", "ru")}
    ran = subprocess.run(["/bin/sh", script], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 3
    assert ran.stderr.count("\n") == 1
    assert "Python 3.11" in ran.stderr
