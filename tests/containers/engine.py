"""A Docker Engine with Compose for the tests, installed and run apart from any other, with data of its own.

It takes root, and a Debian whose packages can be had: the engine from its own release, Compose and what the stand-ins for
the official images are made of from the next one. Nothing of it is left running.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NEXT = "trixie"
OLDEST_COMPOSE = (2, 23, 1)
ENGINE = ["docker.io", "iptables", "mmdebstrap"]
ROOT_FILES = ["python3-venv", "postgresql-17", "gosu", "busybox", "netcat-openbsd", "ca-certificates", "tzdata"]
BASE = "vekha-test-base"


class NoEngineError(Exception):
    """No engine can be had here, and why."""


@dataclass(frozen=True)
class Engine:
    """An engine, by the environment in which `docker` and `docker compose` speak with it."""

    environment: Mapping[str, str]

    def docker(self, *arguments: str, **options: object) -> str:
        """Run the client; return what it said."""
        return _run(["docker", *arguments], env={**os.environ, **self.environment}, **options)


@contextmanager
def an_engine(folder: Path) -> Iterator[Engine]:
    """Give an engine while the block lasts, with its data in `folder`. Raises NoEngineError."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoEngineError("no root, or no Debian, to install an engine of its own")
    try:
        _install()
        compose = _compose(folder)
    except subprocess.CalledProcessError as error:
        last = (error.stdout or "").strip().rpartition("\n")[2]
        raise NoEngineError(f"the packages of an engine cannot be had: {last}") from error
    shutil.rmtree(folder / "exec", ignore_errors=True)  # a killed engine leaves it behind, and the next one stumbles
    address, rules = f"unix://{folder / 'docker.sock'}", _run(["iptables-save"])
    with (folder / "dockerd.log").open("w") as log:
        engine = subprocess.Popen(
            [
                "dockerd",
                f"--data-root={folder / 'data'}",
                f"--exec-root={folder / 'exec'}",
                f"--pidfile={folder / 'dockerd.pid'}",
                f"--host={address}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        plugins = folder / "client" / "cli-plugins"
        plugins.mkdir(parents=True, exist_ok=True)
        (plugins / "docker-compose").unlink(missing_ok=True)
        (plugins / "docker-compose").symlink_to(compose)
        one = Engine({"DOCKER_HOST": address, "DOCKER_CONFIG": str(plugins.parent)})
        _await(one, engine, folder)
        yield one
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(timeout=60)
        subprocess.run(["ip", "link", "delete", "docker0"], check=False, capture_output=True)
        subprocess.run(["iptables-restore"], check=False, capture_output=True, text=True, input=rules)


def make_base(engine: Engine, folder: Path) -> None:
    """Make the image that the stand-ins are built on: the next Debian, with what they run."""
    build = [
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join(ROOT_FILES)}",
        NEXT,
        "-",
        f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {_mirror()} {NEXT} main",
    ]
    with (folder / "base.log").open("w") as log, subprocess.Popen(build, stdout=subprocess.PIPE, stderr=log) as made:
        engine.docker("import", "-", BASE, stdin=made.stdout)
    assert made.returncode == 0, (folder / "base.log").read_text()


def _install() -> None:
    if all(shutil.which(program) for program in ("dockerd", "iptables", "mmdebstrap", "docker")):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update"], env=quiet)
    _run(["apt-get", "install", "--yes", "--no-install-recommends", *ENGINE], env=quiet)


def _compose(folder: Path) -> Path:
    """Give a Compose that is new enough: out of the next Debian's package, whose plugin needs nothing else."""
    place = folder / "compose"
    program = place / "usr" / "libexec" / "docker" / "cli-plugins" / "docker-compose"
    if not program.exists():
        apt = folder / "apt"
        for part in ("lists/partial", "cache/archives/partial"):
            (apt / part).mkdir(parents=True, exist_ok=True)
        keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
        (apt / "sources.list").write_text(f"deb [signed-by={keyring}] {_mirror()} {NEXT} main\n", encoding="ascii")
        options = [
            f"-oDir::Etc::sourcelist={apt / 'sources.list'}",
            "-oDir::Etc::sourceparts=-",
            f"-oDir::State::lists={apt / 'lists'}",
            f"-oDir::Cache={apt / 'cache'}",
            "-oAPT::Sandbox::User=root",
        ]
        _run(["apt-get", *options, "update"])
        _run(["apt-get", *options, "download", "docker-compose"], cwd=apt)
        (package,) = apt.glob("docker-compose_*.deb")
        _run(["dpkg-deb", "-x", str(package), str(place)])
    told = _run([str(program), "version", "--short"])
    version = tuple(int(part) for part in re.findall(r"\d+", told)[:3])
    if version < OLDEST_COMPOSE:
        raise NoEngineError(f"Compose {told.strip()} is too old")
    return program


def _mirror() -> str:
    """Return where this machine has its Debian packages from."""
    places = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    text = "\n".join(place.read_text(encoding="utf-8") for place in places if place.is_file())
    found = re.search(r"^(?:URIs: *|deb (?:\[.*?\] )?)(\S+/debian)/?(?: |$)", text, re.MULTILINE)
    if found is None:
        raise NoEngineError("the machine's sources of packages are not Debian's")
    return found[1]


def _await(engine: Engine, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        environment = {**os.environ, **engine.environment}
        if not subprocess.run(["docker", "version"], env=environment, check=False, capture_output=True).returncode:
            return
        time.sleep(0.2)
    last = (folder / "dockerd.log").read_text(encoding="utf-8").strip().rpartition("\n")[2]
    raise NoEngineError(f"the engine does not run here: {last}")


def _run(command: Sequence[str], **options: object) -> str:
    ended: subprocess.CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload]
        command, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )
    return ended.stdout
