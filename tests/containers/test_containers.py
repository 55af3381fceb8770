"""docker-compose.yml run for real: what it starts, what it keeps apart, what it survives, by the guide's own commands."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from settings import ROOT
from stack import programs
from stack.home import free_port
from tests.containers.engine import Engine, NoEngineError, an_engine, make_base
from tests.doors.conftest import small_roadmap

GUIDE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8").partition("\n## Containers\n")[2]
STAYING = {"postgres", "temporal", "temporal-ui", "worker"}
PASSWORDS = ("POSTGRES", "TEMPORAL_DB", "VEKHA_DB", "VEKHA_WORKER_DB", "VEKHA_DOORS_DB", "VEKHA_INSPECTOR_DB")
AWKWARD = "@/#:%?"  # each breaks an address that a password stands in
IMAGES = {
    "postgres": "postgres:17.10-bookworm",
    "server": f"temporalio/server:{programs.TEMPORAL}",
    "admin-tools": f"temporalio/admin-tools:{programs.TEMPORAL}",
    "ui": f"temporalio/ui:{programs.UI}",
    "python": "python:3.11.15-slim-bookworm",
}
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass
class Project:
    """A copy of the checkout with passwords and ports of its own, and the containers that its compose file makes."""

    folder: Path
    engine: Engine
    name: str = "vekha"
    passwords: dict[str, str] = field(
        default_factory=lambda: {f"{one}_PASSWORD": secrets.token_urlsafe(12) + AWKWARD for one in PASSWORDS}
    )
    ports: dict[str, str] = field(
        default_factory=lambda: {f"VEKHA_{one}_PORT": str(free_port(())) for one in ("POSTGRES", "TEMPORAL", "UI")}
    )

    @property
    def environment(self) -> dict[str, str]:
        """What its commands run with."""
        given = {**os.environ, **self.engine.environment, **self.passwords, **self.ports}
        given |= {"COMPOSE_PROJECT_NAME": self.name, "VEKHA_LANG": "en"}
        return given | ({"VEKHA_CHECKPOINT_COPY": str(self.copy)} if self.copy.exists() else {})

    @property
    def copy(self) -> Path:
        """Where checkpoints are kept a second time, if it is there."""
        return self.folder / "copy"

    def sh(self, script: str) -> str:
        """Run commands of the guide as they stand there."""
        ended = subprocess.run(
            ["/bin/sh", "-eu", "-c", script.replace("sudo ", "")],
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert ended.returncode == 0, (script, ended.stdout[-3000:], ended.stderr[-3000:])
        return ended.stdout

    def compose(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `docker compose`."""
        ended = subprocess.run(
            ["docker", "compose", *arguments],
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert not check or ended.returncode == 0, (arguments, ended.stdout[-3000:], ended.stderr[-3000:])
        return ended

    def door(self, *call: str, service: str = "doors") -> str:
        """Run a door in a container; return what it answers."""
        return self.compose("run", "--rm", "--no-TTY", service, "python", *call).stdout

    def sound(self) -> int:
        """Look that log and engine agree and every decision is made again; return how many commands were decided."""
        for check in ("verify", "replay"):
            self.door("audit.py", check, service="inspector")
        self.door("audit.py", "reconcile")
        events = json.loads(self.door("audit.py", "history", "--json"))["events"]
        return len({one["command_id"] for one in events} - {None})

    def services(self) -> dict[str, dict[str, Any]]:
        """Return what runs, by service."""
        lines = self.compose("ps", "--format", "json").stdout.splitlines()
        return {one["Service"]: one for one in map(json.loads, lines)}

    def await_health(self, seconds: float = 90) -> None:
        """Wait until all that stays is up and healthy."""
        end = time.monotonic() + seconds
        while {name for name, one in self.services().items() if one["Health"] == "healthy"} < STAYING:
            assert time.monotonic() < end, self.services()
            time.sleep(0.5)

    def kill(self, *names: str) -> None:
        """Kill the main process of services, as a power cut would: `docker kill` would count as stopped by hand."""
        for name in names:
            told = self.engine.docker("inspect", "--format", "{{.State.Pid}}", self.services()[name]["ID"])
            os.kill(int(told), 9)


def guide(title: str) -> str:
    """Return the commands that stand in the guide below a bold title, or first of all."""
    found = re.search(rf"{re.escape(title)}.*?\n```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def lines(project: Project) -> list[str]:
    """Return what the worker has logged."""
    return project.engine.docker("logs", project.services()["worker"]["ID"]).splitlines()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Give an engine with stand-ins for the official images."""
    server, sql_tool = (one.path(ROOT / "var" / "bin") for one in (programs.SERVER, programs.SQL_TOOL))
    if not (server.exists() and sql_tool.exists()):
        pytest.skip("no Temporal server is built here: VEKHA_TEMPORAL=server make test builds one")
    folder = Path(tempfile.mkdtemp(prefix="containers-", dir=ROOT / "var"))
    try:
        with an_engine(folder) as one:
            make_base(one, folder)
            context = folder / "standins"
            shutil.copytree(ROOT / "tests" / "containers" / "standins", context)
            shutil.copy2(server, context / "temporal-server")
            shutil.copy2(sql_tool, context / "temporal-sql-tool")
            shutil.copy2(CERTIFICATES, context / "certificates.crt")
            for stage, image in IMAGES.items():
                one.docker("build", "--target", stage, "--tag", image, str(context))
            yield one
    except NoEngineError as error:
        pytest.skip(str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def a_copy(folder: Path) -> Path:
    """Copy what the checkout has, as git knows it."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    for name in listed.stdout.decode().splitlines():
        if not name.startswith(("tests/", "bench/")) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def project(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Give the containers, up by the guide's own commands, with a year that has begun."""
    one = Project(a_copy(tmp_path_factory.mktemp("project")), engine)
    one.copy.mkdir()
    os.chown(one.copy, 10001, 10001)
    try:
        one.sh(guide("Compose 2.23.1 or newer"))
        file = small_roadmap(one.folder / "files")
        file.rename(file.with_name("roadmap.yaml"))
        one.door("starter.py", "start", "/files/roadmap.yaml", "--rehearsal-from", "2021-08-24")
        yield one
    finally:
        one.compose("down", "--volumes", check=False)


def test_a_door_takes_files_and_gives_files(project: Project) -> None:
    """In the folder that both sides see; and it says nothing of jobs, which are not repeated for it."""
    (project.folder / "files" / "plan.txt").write_text("Программы наставников.", encoding="utf-8")
    report = ("report", "1.3", "--as", "school-6", "--note", "См. файл.", "--file", "/files/plan.txt")
    called = project.compose("run", "--rm", "--no-TTY", "doors", "python", "admin.py", *report)
    assert "plan.txt" in called.stdout
    assert called.stderr == ""
    project.door("starter.py", "plan", "/files/roadmap.yaml", "--xlsx", "/files/plan.xlsx")
    assert (project.folder / "files" / "plan.xlsx").stat().st_size > 0
    project.door("admin.py", "accept", "1.3", "--body", "school-6", "--as", "vasyutina")
    project.door("audit.py", "evidence")
    project.sound()


def test_each_keeps_to_its_part(project: Project) -> None:
    """The key is the worker's, the inspector writes nothing, and PostgreSQL's log names who tried."""
    assert project.door("-c", "import os; print(os.listdir('/var/lib/vekha/keys'))") == "[]\n"
    assert list(project.copy.glob("*/latest.txt"))
    keys = project.compose("exec", "--no-TTY", "worker", "ls", "/var/lib/vekha/keys").stdout
    assert keys == "checkpoint.key\n"
    project.compose("exec", "--no-TTY", "worker", "python", "starter.py", "new-key")
    project.compose("restart", "worker")
    project.await_health()
    tried = project.compose(
        "run", "--rm", "--no-TTY", "inspector", "python", "audit.py", "rebuild", "--swap", check=False
    )
    assert tried.returncode == 3
    assert re.search(r"vekha_inspector@vekha .*permission denied", project.compose("logs", "postgres").stdout)
    wrote = project.compose("run", "--rm", "--no-TTY", "inspector", "touch", "/var/lib/vekha/x", check=False)
    assert "Read-only file system" in wrote.stderr


def test_the_workers_log_is_a_document_a_line(project: Project) -> None:
    """Also while the services that it needs are away, and libraries tell of it."""
    project.compose("stop", "postgres")
    try:
        end = time.monotonic() + 60
        while not any('"database failed"' in line for line in lines(project)):
            assert time.monotonic() < end, lines(project)
            time.sleep(0.5)
    finally:
        project.compose("start", "postgres")
    project.compose("restart", "worker")  # of which the SDK tells
    project.await_health()
    assert any('"logger": "temporalio.' in line for line in lines(project))
    for line in lines(project):
        assert isinstance(json.loads(line), dict), line


def test_health_is_told_without_a_false_alarm(project: Project) -> None:
    """A process that has talked to Temporal ends as it should, every time."""
    loop = "for i in $(seq 15); do python -m stack.jobs health || exit; done; echo well"
    assert project.compose("exec", "--no-TTY", "worker", "sh", "-c", loop).stdout.endswith("well\n")


@pytest.mark.parametrize("names", [("worker",), ("temporal",), ("postgres",), tuple(sorted(STAYING))], ids="+".join)
def test_what_is_killed_comes_back(project: Project, names: tuple[str, ...]) -> None:
    """By itself, with everything that it knew; a command goes through at once."""
    before = project.sound()
    project.kill(*names)
    project.await_health()
    project.door("admin.py", "progress", "2.3", "--as", "uo")
    assert project.sound() == before + 1


def test_down_and_up_loses_nothing(project: Project) -> None:
    """And is done in less than the time that a server waits for its former address."""
    before = project.sound()
    project.compose("down")
    begun = time.monotonic()
    project.compose("up", "--detach", "--wait")
    assert time.monotonic() - begun < 60
    assert project.sound() == before


def test_an_upgrade_takes_effect_by_up_alone(project: Project) -> None:
    """A changed checkout makes a new image and a new worker; the database goes on as it is."""
    before, events = project.services(), project.sound()
    (project.folder / "README.md").write_text("Another version.", encoding="utf-8")
    project.compose("up", "--detach", "--wait")
    after = project.services()
    assert after["postgres"]["ID"] == before["postgres"]["ID"]
    assert after["worker"]["ID"] != before["worker"]["ID"]
    assert project.door("-c", "print(open('README.md').read())") == "Another version.\n"
    assert project.sound() == events


def test_a_password_that_will_not_do_is_told_by_the_first_job(project: Project) -> None:
    """Once, by its variable; nothing else begins."""
    wrong = Project(project.folder, project.engine, "wrong", project.passwords | {"TEMPORAL_DB_PASSWORD": 'a"b'})
    try:
        assert wrong.compose("up", "--detach", "--wait", check=False).returncode != 0
        told = wrong.compose("logs", "databases").stdout
        assert "TEMPORAL_DB_PASSWORD" in told
        assert 'a"b' not in told
    finally:
        wrong.compose("down", "--volumes")


def test_a_backup_comes_back_elsewhere(project: Project, tmp_path: Path) -> None:
    """By the guide's commands: the same log, its evidence and its key, and the year goes on."""
    events = project.sound()
    project.sh(guide("**Backup**"))
    fresh = a_copy(tmp_path / "restored")
    for name in ("backup", "backup-key", "files"):
        shutil.copytree(project.folder / name, fresh / name)
    os.chown(fresh / "files", 10001, -1)
    restored = Project(fresh, project.engine, "restored", project.passwords)
    try:
        restored.sh(guide("**Restore**"))
        assert restored.sound() == events
        restored.door("audit.py", "evidence")
        for folder in ("keys", "checkpoints"):
            names = ["exec", "--no-TTY", "worker", "ls", "-R", f"/var/lib/vekha/{folder}"]
            assert restored.compose(*names).stdout == project.compose(*names).stdout
        restored.door("admin.py", "progress", "2.3", "--as", "uo")
        assert restored.sound() == events + 1
    finally:
        restored.compose("down", "--volumes", check=False)
