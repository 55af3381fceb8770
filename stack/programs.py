"""The programs of Temporal.

The server and its tools are built from their Go modules into `var/bin/`, once a version, for all stacks; the CLI with its
development server comes with a Python package, whose hash stands in requirements.lock.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Unavailable
from stack.home import need_space
from stack.talk import step

TEMPORAL = "1.32.2"
UI = "2.58.1"
GO = "1.26"  # the oldest Go that builds this Temporal
OLDEST_DEV_SERVER = "1.32.0"
DISK = 3.0  # gigabytes that the build should find


TOO_OLD = re.compile(r"requires go >= \S+ \(running go [^)]*\)")
NOT_GOT = re.compile(r"(?P<module>\S+@v\S+): (?:reading|Get) \S+: (?P<why>.+)")


@dataclass(frozen=True)
class Program:
    """A Go program: its name here, its package and version."""

    name: str
    package: str
    version: str

    def path(self, bin_: Path) -> Path:
        """Where it lies once it is built; the version in the name is the stamp."""
        return bin_ / f"{self.name}-{self.version}"


SERVER = Program("temporal-server", "go.temporal.io/server/cmd/server", TEMPORAL)
SQL_TOOL = Program("temporal-sql-tool", "go.temporal.io/server/cmd/tools/sql", TEMPORAL)
WEB_UI = Program("temporal-ui", "github.com/temporalio/ui-server/v2/cmd/server", UI)


def build_once(bin_: Path, program: Program) -> bool:
    """Build what one can do without, and tell whether it is there; a build that has failed is not tried at each start.

    Raises Unavailable, with how to have it tried again, the first time that it fails.
    """
    if built(bin_, program):
        return True
    failed = bin_ / f"{program.path(bin_).name}.failed"
    if failed.exists():
        return False
    try:
        build(bin_, program)
    except Unavailable as error:
        if not (bin_ / f"{program.name}.log").exists():
            raise  # no Go yet, or no room: it was not tried
        failed.write_text(f"{error.en}\n", encoding="utf-8")
        raise Unavailable(
            f"{error.ru}. Больше не пробую; чтобы попробовать снова, удалите {failed}",
            f"{error.en}. It is not tried again; to have it tried, remove {failed}",
        ) from error
    return True


def built(bin_: Path, *programs: Program) -> bool:
    """Tell whether all `programs` are there already."""
    return all(program.path(bin_).exists() for program in programs)


def build(bin_: Path, *programs: Program) -> None:
    """Build those `programs` that are missing. Raises Unavailable: no Go, no room, or Go's own last words."""
    if built(bin_, *programs):
        return
    bin_.mkdir(parents=True, exist_ok=True)
    with (bin_ / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two stacks may come up at once: the second finds the work done
        for program in programs:
            if not program.path(bin_).exists():
                _build(bin_, program)


def dev_server() -> Path | None:
    """Find a Temporal CLI whose development server is new enough: the package's, else one on PATH."""
    candidates = [Path(sysconfig.get_path("scripts")) / "temporal"]
    candidates += [Path(found)] if (found := shutil.which("temporal")) else []
    return next((one for one in candidates if one.exists() and _is_new_enough(one)), None)


def _build(bin_: Path, program: Program) -> None:
    go = shutil.which("go")
    if go is None:
        raise Unavailable(
            f"Для сборки {program.name} нужен Go {GO} или новее, а его нет: установите Go.",
            f"Building {program.name} takes Go {GO} or newer, and there is none: install Go.",
        )
    need_space(bin_, DISK, "сборке Temporal", "building Temporal")
    log = bin_ / f"{program.name}.log"
    title = f"{program.name} {program.version}"
    with (
        tempfile.TemporaryDirectory(dir=bin_) as folder,
        log.open("w", encoding="utf-8") as output,
        step(f"собираю {title} (один раз, это минуты)", f"building {title} (once, it takes minutes)"),
    ):
        ended = subprocess.run(
            [go, "install", f"{program.package}@v{program.version}"],
            env=_go_environment(bin_, os.environ) | {"GOBIN": folder},
            cwd=folder,  # outside of any Go module
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        if ended.returncode == 0:
            (made,) = Path(folder).iterdir()
            made.rename(program.path(bin_))
            return
    ru, en = _cause(log.read_text(encoding="utf-8", errors="replace"))
    raise Unavailable(f"{title} не собрался: {ru}. Журнал: {log}", f"{title} was not built: {en}. Log: {log}")


def _cause(output: str) -> tuple[str, str]:
    """Return why Go built nothing, in Russian and English: an old Go, a module that it could not get, else its last words."""
    if old := TOO_OLD.search(output):
        return f"{old[0]} — нужен Go новее", f"{old[0]} — a newer Go is needed"
    if module := NOT_GOT.search(output):
        name, why = module["module"], module["why"].strip()
        return f"модуль {name} не скачался ({why})", f"the module {name} could not be fetched ({why})"
    last = output.strip().rpartition("\n")[2]
    return last, last


def _go_environment(bin_: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Give Go's environment; without a usable home its caches go beside the programs.

    A module may ask for a newer patch release of Go than is installed. Go fetches it, unless it is told not to: some images
    do, by a file; who does by a variable is obeyed.
    """
    environment = {"GOTOOLCHAIN": "auto"} | dict(environment)
    home = environment.get("HOME")
    if home and os.access(home, os.W_OK):
        return environment
    caches = bin_.absolute().parent / "go"
    flags = f"{environment.get('GOFLAGS', '')} -modcacherw".strip()  # so that the folder can simply be removed
    return {"GOPATH": str(caches), "GOCACHE": str(caches / "build"), "GOFLAGS": flags} | environment


def _is_new_enough(cli: Path) -> bool:
    """Ask the CLI for its server's version: `temporal version 1.7.0 (Server 1.32.0, UI 2.50.0)`."""
    told = subprocess.run([cli, "--version"], check=False, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    version = re.search(r"Server (\d+)\.(\d+)\.(\d+)", told.stdout)
    oldest = tuple(int(part) for part in OLDEST_DEV_SERVER.split("."))
    return version is not None and tuple(int(part) for part in version.groups()) >= oldest
