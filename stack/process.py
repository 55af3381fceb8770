"""One server process: started in a session of its own, known by pid and birth, and stopped for sure.

A pid alone proves nothing: after a crash or a reboot another process may carry it. So a record keeps the pid together
with the boot and the start time that the kernel gives, and a zombie counts as dead.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from domain.errors import Unavailable

# Processes started from here, kept so that they can be reaped: an unreaped one would stay a zombie.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class User:
    """Whom a server runs as when we are root; None in its place means: as ourselves."""

    uid: int
    gid: int


def run_as(
    user: User | None, argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end as `user`, with its output in one text."""
    return subprocess.run(
        argv,
        env=env,
        cwd=cwd,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **_identity(user),
    )


def until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until `condition` holds; False when it did not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def birth(pid: int) -> str | None:
    """Tell when the living process `pid` was born, in the kernel's own units; None for a dead one or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    state, start_ticks = fields[0], fields[19]
    if state in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{start_ticks}"


def descendants(pid: int) -> list[int]:
    """List `pid` and everything below it: PostgreSQL's backends leave the process group of their parent."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    found, ahead = [], [pid]
    while ahead:
        one = ahead.pop()
        found.append(one)
        ahead.extend(children.get(one, ()))
    return found


@dataclass(frozen=True)
class Process:
    """A supervised process: `folder`/`name`.pid is its record, `folder`/`name`.log what it says."""

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """Its pid while it lives, else None."""
        try:
            record = json.loads(self._record.read_text(encoding="ascii"))
            pid, born = int(record["pid"]), record["birth"]
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None
        _reap()
        return pid if born is not None and birth(pid) == born else None

    def start(self, argv: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, user: User | None = None) -> None:
        """Start it, out of reach of the caller's Ctrl-C. It must not be running."""
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                argv,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **_identity(user),
            )
        _children.append(child)
        self.adopt(child.pid)

    def adopt(self, pid: int) -> None:
        """Make `pid` the recorded process."""
        self._record.write_text(json.dumps({"pid": pid, "birth": birth(pid)}), encoding="ascii")

    def stop(self, *, by: signal.Signals = signal.SIGTERM, seconds: float) -> None:
        """Ask it to end by the signal `by`; kill it when it has not within `seconds`."""
        pid = self.pid
        if pid is None:
            self._record.unlink(missing_ok=True)
            return
        os.kill(pid, by)
        if not until(lambda: self.pid is None, seconds=seconds):
            self.kill()
        self._record.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill it and all its descendants at once, as a power cut would, and wait until they are gone."""
        pid = self.pid
        if pid is None:
            return
        family = descendants(pid)
        for member in family:
            try:
                os.kill(member, signal.SIGKILL)
            except ProcessLookupError:
                continue
        until(lambda: self.pid is None and not any(birth(member) for member in family), seconds=30)

    def await_ready(self, ready: Callable[[], bool], *, seconds: float = 600) -> None:
        """Wait until `ready`. Raises Unavailable as soon as the process has died, or after `seconds`."""
        until(lambda: ready() or self.pid is None, seconds=seconds)
        if self.pid is None:
            raise Unavailable(
                f"{self.name} остановился, не начав работу: {self.last_words()} Журнал: {self.log}",
                f"{self.name} stopped before it began to work: {self.last_words()} Log: {self.log}",
            )
        if not ready():
            raise Unavailable(
                f"{self.name} работает, но не отвечает уже {seconds:.0f} с. Журнал: {self.log}",
                f"{self.name} runs but has not answered for {seconds:.0f} s. Log: {self.log}",
            )

    def last_words(self) -> str:
        """Give the last line of the log, to be shown to a person."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n") if self.log.exists() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    @property
    def _record(self) -> Path:
        return self.folder / f"{self.name}.pid"


def _reap() -> None:
    for child in list(_children):
        if child.poll() is not None:
            _children.remove(child)


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity(user: User | None) -> _Identity:
    if user is None:
        return {}
    return {"user": user.uid, "group": user.gid, "extra_groups": []}
