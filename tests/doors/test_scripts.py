"""The scripts in the project's root, each a process of its own: no traceback, the right exit code, whole answers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from domain.roadmap import measure_stream
from doors.cli.admin import admin
from settings import ROOT
from tests.doors.calling import Said, script
from tests.doors.conftest import EXAMPLE, Office

HELP = """
import contextlib
import sys
import click
from doors.cli.admin import admin
from doors.cli.audit import audit
from doors.cli.report import report
from doors.cli.administrator import starter
from doors.cli.output import main
from doors.cli.work import work
for group in (admin, audit, report, starter, work):
    names = group.list_commands(click.Context(group)) if isinstance(group, click.Group) else []
    for command in [[], *([name] for name in names)]:
        sys.argv = ["door.py", *command, "--help"]
        with contextlib.suppress(SystemExit):
            main(group)
"""
CLICKS_WORDS = re.compile(r"Usage|Options|Commands|message|required|default|OPTIONS|ARGS|TEXT|FILE|PATH|RANGE|<=|%Y")

RUSSIAN = {name: value for name, value in os.environ.items() if not name.startswith("VEKHA_")}

# What a person's shell does, which a test's need not do: it lets Ctrl-C through.
LISTENING = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
CTRL_C = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
INTERRUPTED = """
import os, signal
import click
from doors.cli.interrupts import end_at_once
from doors.cli.output import run
signal.signal(signal.SIGINT, signal.default_int_handler)
end_at_once()
run(click.Command("door", callback=lambda: os.kill(os.getpid(), signal.SIGINT)))
"""


async def run(name: str, *arguments: str | bytes, **environment: str) -> Said:
    """Run a script while the worker of this process works on."""
    return await asyncio.to_thread(lambda: script(name, *arguments, environment=environment))


async def test_one_of_each_script_answers(office: Office) -> None:
    """All together, as on an ordinary morning."""
    said = await asyncio.gather(
        run("admin.py", "progress", "2.3", "--as", "uo", "--json"),
        run("audit.py", "--help"),
        run("report.py", "board", "--roadmap", office.roadmap),
        run("starter.py", "status", "--lang", "en", VEKHA_LANG="ru"),
    )
    assert [(one.code, one.err) for one in said] == [(0, "")] * 4
    assert said[0].document("answer")["outcome"] == "recorded"
    assert "1.1" in said[2].out


async def test_bytes_that_are_no_text_and_a_terminal_without_letters_break_nothing(office: Office) -> None:
    """One line and one document all the same; letters that a terminal lacks are replaced."""
    before = len(office.records())
    broken, scripts, poor = await asyncio.gather(
        run("admin.py", "progress", "2.3", "--as", "uo", "--note", b"\xff\xfe"),
        run("admin.py", "progress", "2.3", "--as", "uo", "--file", b"/\xff\xfe", "--json"),
        run("report.py", "board", PYTHONIOENCODING="ascii"),
    )
    assert broken.code == 2
    assert "--note" in broken.line()
    assert scripts.error()["code"] == "bad-file"
    assert (poor.code, poor.err) == (0, "")
    assert "1.1" in poor.out
    assert len(office.records()) == before


@pytest.mark.parametrize("name", ["starter", "admin", "audit", "report", "worker"])
def test_ctrl_c_while_a_door_is_loading_shows_no_traceback(name: str, tmp_path: Path) -> None:
    """It comes when click is imported; the process ends by the signal, as any program would."""
    (tmp_path / "click.py").write_text(CTRL_C, encoding="ascii")
    ended = subprocess.run(
        [sys.executable, "-c", f"{LISTENING}runpy.run_path('{name}.py', run_name='__main__')"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, b"", b"")


def test_ctrl_c_at_a_command_that_runs_ends_it_with_130() -> None:
    """The command may tidy up behind itself, and no traceback is shown."""
    ended = subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (130, b"", b"")


async def test_ctrl_c_at_a_command_on_its_way_tells_how_to_repeat_it(office: Office) -> None:
    """Without a worker there is no answer; the repeat that is proposed finds the one command, not a second."""
    await office.stop_worker()
    before = len(office.records())
    measure = office.client.get_workflow_handle(measure_stream(office.roadmap, "2.3"))
    known = (await measure.describe()).history_length
    report = ["report", "2.3", "--as", "uo", "--note", "Готово.", "--early"]
    waiting = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"{LISTENING}import sys; sys.argv = ['admin.py', *sys.argv[1:]];"
        " runpy.run_path('admin.py', run_name='__main__')",
        *report,
        "--wait",
        "3600",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async for event in measure.fetch_history_events(wait_new_event=True):
        if event.event_id > known and event.HasField("workflow_execution_signaled_event_attributes"):
            break
    waiting.send_signal(signal.SIGINT)
    _, told = await waiting.communicate()
    assert waiting.returncode == 130
    repeat = re.search(r"--command-id \S+?(?=:)", told.decode())
    assert repeat, told
    assert "Traceback" not in told.decode()
    await office.start_worker()
    said = await office.call(admin, *report, *repeat[0].split())
    assert said.code == 0, said
    reports = [record for record in office.records()[before:] if record.type == "ExecutionReported"]
    assert len(reports) == 1


@pytest.mark.parametrize("arguments", [["plan", str(EXAMPLE)], ["check", str(EXAMPLE), "--json"]])
def test_a_reader_that_goes_away_is_no_failure(arguments: list[str]) -> None:
    """As in `starter.py plan roadmap.yaml | head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        ended = subprocess.run(
            [sys.executable, "starter.py", *arguments],
            cwd=ROOT,
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_an_answer_that_cannot_be_written_is_told_in_a_line() -> None:
    """A full disk behind `>` is exit code 2; whoever closed standard output did not want an answer."""
    asked = [sys.executable, "starter.py", "plan", str(EXAMPLE)]
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        ended = subprocess.run(asked, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr.decode()) == (2, "Ответ не записать: на диске нет места.\n")
    closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *asked], cwd=ROOT, stderr=subprocess.PIPE, check=False)
    assert (closed.returncode, closed.stderr) == (0, b"")


def test_without_settings_the_remedy_is_told(tmp_path: Path) -> None:
    """Nothing is known of any server: exit code 3."""
    empty = dict.fromkeys(("DATABASE_URL", "TEMPORAL_ADDRESS"), "") | {"VEKHA_VAR": str(tmp_path)}
    said = script("report.py", "board", environment=empty)
    assert said.code == 3
    assert "make up" in said.line()


def test_an_unreadable_setting_is_told() -> None:
    """By its name: exit code 2."""
    said = script("report.py", "board", environment={"VEKHA_SMTP_PORT": "много", "VEKHA_LANG": "fr"})
    assert said.code == 2
    assert "VEKHA_" in said.line()


def test_with_debug_the_insides_are_shown(tmp_path: Path) -> None:
    """And only then."""
    environment = {"DATABASE_URL": "postgresql://127.0.0.1:1/x", "VEKHA_VAR": str(tmp_path)}
    assert "Traceback" in script("report.py", "board", "--debug", environment=environment).err


def test_every_command_has_help_in_both_languages() -> None:
    """Each page in one language, what the command line's library says of its own among it."""
    pages = {}
    for lang in ("ru", "en"):
        ended = subprocess.run(
            [sys.executable, "-c", HELP],
            cwd=ROOT,
            env={**os.environ, "VEKHA_LANG": lang},
            capture_output=True,
            check=False,
            text=True,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        pages[lang] = ended.stdout
    assert not any("а" <= letter <= "я" for letter in pages["en"].lower())
    assert "Снять с контроля." in pages["ru"]
    assert "Take off control." in pages["en"]
    assert pages["ru"].count("--json") == pages["en"].count("--json")
    assert CLICKS_WORDS.findall(pages["ru"]) == []
    assert "%Y" not in pages["en"]


def test_help_speaks_the_language_that_is_asked_for() -> None:
    """The option counts as in any other call, before the environment."""
    english = script("admin.py", "report", "--help", "--lang", "en", environment={"VEKHA_LANG": "ru"})
    russian = script("admin.py", "report", "--help", "--lang=ru", environment={"VEKHA_LANG": "en"})
    assert english.out.startswith("Usage: admin.py report [OPTIONS] MEASURE\n\n  Report of execution.")
    assert russian.out.startswith("Вызов: admin.py report [КЛЮЧИ] МЕРОПРИЯТИЕ\n\n  Отчёт об исполнении.")


LOGGING = """
import logging, os, warnings
import structlog
from doors.cli.output import log_as, log_to_stderr
from settings import settings
log_to_stderr(logging.WARNING)
log_as(settings())
try:
    raise ValueError("two\\nlines")
except ValueError:
    logging.getLogger("temporalio.worker").warning("from %s", "a library", exc_info=True)
    structlog.get_logger().exception("from us", what=1)
warnings.warn("from Python")
logging.getLogger("psycopg.pool").info("of each use")
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_libraries_log_has_the_form_of_our_own(form: str) -> None:
    """A document a line with the traceback in it, or a text; Python's warnings too."""
    ran = subprocess.run(
        [sys.executable, "-c", LOGGING],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env=RUSSIAN | {"VEKHA_LOG_FORMAT": form},
    )
    assert ran.stdout == ""
    if form == "text":
        assert "WARNING temporalio.worker: from a library\n" in ran.stderr
        return
    theirs, ours, python = (json.loads(line) for line in ran.stderr.splitlines())
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("from a library", "temporalio.worker", "warning")
    assert (ours["event"], ours["what"], ours["level"]) == ("from us", 1, "error")
    assert theirs["exception"].splitlines()[-2:] == ours["exception"].splitlines()[-2:] == ["ValueError: two", "lines"]
    assert "from Python" in python["event"]
    assert all(one["timestamp"] for one in (theirs, ours, python))
