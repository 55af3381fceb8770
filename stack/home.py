"""The folders of a stack, and the user that its servers run as.

`var/<name>/` belongs to the caller and holds addresses, logs and pid records; `var/<name>/servers/` belongs to the
servers. They never run as root. Where root keeps the checkout in a place that no other user may enter (a home of mode
0700), opening it to them would be wrong: then `servers` is a link to `/var/lib/vekha/<name>-<digest>`, and programs
that the servers' user cannot reach are lent to it there.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import shutil
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Unavailable
from stack.process import User, run_as, until
from whole_files import PRIVATE, write_whole

_FAR = Path("/var/lib/vekha")
_PORTS = range(20000, 30000)  # below the range from which the kernel takes ports for outgoing connections


@dataclass(frozen=True)
class Home:
    """The folders of one stack, made and owned as they should be."""

    folder: Path
    servers: Path
    user: User | None

    @classmethod
    def open(cls, folder: Path) -> Home:
        """Make what is missing. Raises Unavailable when it belongs to another user."""
        folder.mkdir(parents=True, exist_ok=True)
        link = folder / "servers"
        user = _servant(link)
        if link.is_symlink():
            link.readlink().mkdir(parents=True, exist_ok=True)
        elif not link.exists():
            if _reaches(user, folder):
                link.mkdir()
            else:
                digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
                far = _FAR / f"{folder.name}-{digest}"
                far.mkdir(parents=True, exist_ok=True)
                _FAR.chmod(0o755)  # whatever the umask
                link.symlink_to(far)
        servers = link.resolve()
        if user is None and servers.stat().st_uid != os.geteuid():
            owner = _name(servers.stat().st_uid)
            raise Unavailable(
                f"Папка {servers} принадлежит пользователю {owner}: запускайте от его имени или удалите её.",
                f"The folder {servers} belongs to {owner}: run as that user or remove it.",
            )
        servers.chmod(0o700)
        if user is not None:
            os.chown(servers, user.uid, user.gid)
        return cls(folder, servers, user)

    def make(self, name: str) -> Path:
        """Make the folder `name` for the servers."""
        path = self.servers / name
        path.mkdir(mode=0o700, exist_ok=True)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Hand `path` over to the servers' user."""
        if self.user is not None:
            os.chown(path, self.user.uid, self.user.gid)

    def lend(self, program: Path, *beside: Path) -> Path:
        """Give a path of `program` (a file or a folder) that the servers' user can reach: itself, or a copy.

        `beside` is what the program looks for in the folder that it lies in.
        """
        if _reaches(self.user, program):
            return program
        stamp = hashlib.sha256(f"{program} {program.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        folder = self.make("lent") / stamp
        if not folder.exists():
            half = folder.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            half.chmod(0o755)  # whatever the umask
            for one in (program, *beside):
                if one.is_dir():
                    shutil.copytree(one, half / one.name, symlinks=True)
                else:
                    shutil.copy2(one, half / one.name)
            half.rename(folder)
        return folder / program.name

    def keep(self) -> Keep:
        """Open what the stack must remember as long as its data."""
        return Keep(self.servers / "keep.json")


class Keep:
    """Passwords, ports and choices of a stack, beside its data and as long as it lives; for its owner's eyes only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, str | int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def password(self, role: str) -> str:
        """Give the password of `role`, made at first use."""
        return str(self._first(f"password.{role}", lambda: secrets.token_urlsafe(24)))

    def port(self, name: str) -> int:
        """Give the port of `name`, chosen free at first use."""
        return int(self._first(f"port.{name}", lambda: free_port(self._taken())))

    def choice(self, name: str) -> str | None:
        """Give what was once chosen for `name`."""
        value = self._kept.get(name)
        return None if value is None else str(value)

    def choose(self, name: str, value: str) -> None:
        """Remember a choice."""
        self._kept[name] = value
        write_private(self._path, self._kept)

    def ports_are_free(self) -> bool:
        """Tell whether nobody has taken a kept port."""
        return all(is_free(port) for port in self._taken())

    def forget_ports(self) -> None:
        """Let ports be chosen anew."""
        self._kept = {name: value for name, value in self._kept.items() if not name.startswith("port.")}
        write_private(self._path, self._kept)

    def _first(self, name: str, make: Callable[[], str | int]) -> str | int:
        if name not in self._kept:
            self._kept[name] = make()
            write_private(self._path, self._kept)
        return self._kept[name]

    def _taken(self) -> set[int]:
        return {int(value) for name, value in self._kept.items() if name.startswith("port.")}


def write_private(path: Path, value: object) -> None:
    """Write JSON that only its owner may read, never half of it."""
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1).encode(), PRIVATE)


def is_free(port: int) -> bool:
    """Tell whether nobody listens on `port` of this machine's loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: Iterable[int]) -> int:
    """Choose a free port at random, so that two stacks that start together do not choose the same."""
    while True:
        port = secrets.choice(_PORTS)
        if port not in taken and is_free(port):
            return port


def need_port(port: int, who: str, variable: str | None) -> None:
    """Make sure that `port` is free for `who`. Raises Unavailable, naming the `variable` that moves it."""
    # The last thread of a server that was just killed may hold its port a moment longer than its process lives.
    if until(lambda: is_free(port), seconds=2):
        return
    remedy_ru = f"задайте другой в {variable}" if variable else "повторите команду"
    remedy_en = f"set another one in {variable}" if variable else "run the command again"
    raise Unavailable(
        f"Порт {port} для {who} занят другой программой: остановите её или {remedy_ru}.",
        f"Port {port} for {who} is taken by another program: stop it or {remedy_en}.",
    )


def need_space(folder: Path, gigabytes: float, ru: str, en: str) -> None:
    """Make sure that `folder`'s disk has `gigabytes` left for what `ru` and `en` name. Raises Unavailable."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < gigabytes:
        raise Unavailable(
            f"Мало места на диске с {folder}: {ru} нужно {gigabytes:g} ГБ, есть {free:.1f} ГБ. Освободите место.",
            f"The disk of {folder} is too full: {en} needs {gigabytes:g} GB, {free:.1f} GB are left. Make room.",
        )


def _servant(servers: Path) -> User | None:
    """Choose whom the servers run as: ourselves; or, when we are root, the data's owner, who used sudo, or nobody."""
    if os.geteuid() != 0:
        return None
    owner = servers.stat().st_uid if servers.exists() else 0
    uid = owner or int(os.environ.get("SUDO_UID") or 0) or pwd.getpwnam("nobody").pw_uid
    try:
        return User(uid, pwd.getpwuid(uid).pw_gid)
    except KeyError:
        return User(uid, uid)


def _reaches(user: User | None, path: Path) -> bool:
    """Ask the system itself whether `user` can enter or run `path`."""
    test = run_as(user, ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", path.resolve()], env={}, cwd=Path("/"))
    return test.returncode == 0


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
