"""The Temporal server of one stack, of one of two kinds.

The real server on our PostgreSQL, built from its Go module and configured by environment variables alone; or the
development server of a Temporal CLI, which is there at once and keeps its data in one file. A stack stays with the kind it
began with, since the workflows of a year lie in that kind's database, until `python -m stack move`.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from domain.errors import Unavailable
from eventlog.sessions import connect
from settings import NAMESPACE, TemporalKind, settings
from stack import programs
from stack.home import Home, Keep, need_port, need_space
from stack.namespace import LASTING_RETENTION, SHORT_RETENTION, apart, prepare_namespace
from stack.postgres import PostgreSQL, ensure
from stack.process import Process, run_as
from stack.talk import tell

ROLE = "temporal"
DATABASES = {"temporal": "postgresql/v12/temporal", "temporal_visibility": "postgresql/v12/visibility"}
PLUGIN = "postgres12_pgx"
# Fixed for good when a database is made: servers that stay may grow, those of tests are thrown away.
HISTORY_SHARDS = 512
HISTORY_SHARDS_THROWN_AWAY = 16
_STOPPING = 60.0  # seconds

KEPT = "temporal"  # the name of the choice that a stack keeps
# What a stack says of its kind, in both languages; `{file}` is where the development server keeps its data.
NAMES: dict[TemporalKind, tuple[str, str]] = {
    "server": ("сервер на PostgreSQL", "the server on PostgreSQL"),
    "dev-server": (
        "сервер разработки, все данные в одном файле {file}",
        "the development server, with all its data in one file {file}",
    ),
}
Scalar = str | int | bool

DYNAMIC_CONFIG: dict[str, Scalar] = {
    # One partition halves the longest waits of a small installation.
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    # A workflow that continues as new need not wait; under skipped time the wait would be skipped twice.
    "history.workflowIdReuseMinimalInterval": "0s",
    # A workflow that cannot take a step is to be listed at its second failure.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": 2,
}
TIME_SKIPPING: dict[str, Scalar] = {
    "frontend.WorkflowTimeSkippingEnabled": True,
    # Else a skipped timer costs a second of real time and fires up to a second late.
    "history.timerProcessorMaxTimeShift": "1ms",
    "history.timerProcessorMaxPollRPS": 1000,
    "history.transferProcessorMaxPollRPS": 1000,
}
_INNER_PORTS = (
    "FRONTEND_HTTP_PORT",
    "FRONTEND_MEMBERSHIP_PORT",
    "HISTORY_GRPC_PORT",
    "HISTORY_MEMBERSHIP_PORT",
    "MATCHING_GRPC_PORT",
    "MATCHING_MEMBERSHIP_PORT",
    "WORKER_GRPC_PORT",
    "WORKER_MEMBERSHIP_PORT",
)


@dataclass(frozen=True)
class Temporal:
    """The Temporal server of one stack. `variable` names the setting that moves its port, where there is one."""

    home: Home
    keep: Keep
    bin: Path
    postgres: PostgreSQL
    port: int
    ui_port: int | None  # set in a lasting stack
    time_skipping: bool
    variable: str | None = None

    @property
    def lasting(self) -> bool:
        """Whether the stack is to stay."""
        return self.ui_port is not None

    @property
    def history_shards(self) -> int:
        """Into how many parts a new server's histories go; one that has a database already stays with what it has."""
        usual = HISTORY_SHARDS if self.lasting else HISTORY_SHARDS_THROWN_AWAY
        return settings().history_shards or usual

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def process(self) -> Process:
        """The server's process."""
        return Process("temporal", self.home.folder)

    def start(self) -> None:
        """Start it and wait until it can be worked with. Does nothing when it is alive. Raises Unavailable."""
        if self.process.pid is None:
            kind = self.kind()
            need_port(self.port, "Temporal", self.variable)
            if kind == "server":
                self._start_server()
            else:
                self._start_dev_server()
        self.process.await_ready(self._listens)
        retention = LASTING_RETENTION if self.lasting else SHORT_RETENTION
        apart(lambda: prepare_namespace(self.address, NAMESPACE, retention))

    def stop(self) -> None:
        """Stop it cleanly."""
        self.process.stop(by=signal.SIGTERM, seconds=_STOPPING)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        self.process.kill()

    def alive(self) -> bool:
        """Tell whether our own server runs and listens."""
        return self.process.pid is not None and self._listens()

    def kind(self) -> TemporalKind:
        """Choose the kind of server, once for the life of the stack, and see that its programs are there.

        VEKHA_TEMPORAL chooses. Else a server that is built already is taken. A lasting stack builds one where there is
        Go; one for the demo or the tests, and any without Go, takes the development server, which is there at once.
        Raises Unavailable where neither is to be had, or where the stack has begun with another kind than is asked for.
        """
        kept, asked = self.kept, settings().temporal
        if kept is not None and asked not in (None, kept):
            raise Unavailable(
                f"Этот стек начат так: {self.name(kept)[0]}; VEKHA_TEMPORAL={asked} просит другого. Уберите переменную, а чтобы"
                f" перевести его: python -m stack move --to {asked}.",
                f"This stack began as {self.name(kept)[1]}; VEKHA_TEMPORAL={asked} asks for another. Remove the variable, or"
                f" move the stack: python -m stack move --to {asked}.",
            )
        only = kept or asked
        refusals: list[Unavailable] = []
        for kind in [only] if only else self._preferred():
            try:
                self.provide(kind)
            except Unavailable as error:
                refusals.append(error)
            else:
                for refusal in refusals:
                    tell(
                        f"{refusal.ru} Беру другой: {self.name(kind)[0]}.", f"{refusal.en} Taking {self.name(kind)[1]}."
                    )
                self.keep.choose(KEPT, kind)
                return kind
        raise refusals[0]

    def name(self, kind: TemporalKind) -> tuple[str, str]:
        """Give what a kind of server is called, and what that means, in Russian and English."""
        ru, en = NAMES[kind]
        return ru.format(file=self.file), en.format(file=self.file)

    @property
    def file(self) -> Path:
        """Where the development server keeps its data."""
        return self.home.servers / "temporal" / "temporal.db"

    def provide(self, kind: TemporalKind) -> None:
        """See that the programs of a kind of server are there. Raises Unavailable."""
        if kind == "server":
            programs.build(self.bin, programs.SERVER, programs.SQL_TOOL)
        elif programs.dev_server() is None:
            raise Unavailable(
                "Сервера разработки Temporal здесь нет: поставьте Temporal CLI (команду temporal с сервером"
                f" {programs.OLDEST_DEV_SERVER} или новее).",
                "There is no development server of Temporal here: install the Temporal CLI (the command temporal with a server"
                f" {programs.OLDEST_DEV_SERVER} or newer).",
            )

    def change(self, kind: TemporalKind) -> None:
        """Make it a server of another kind from its next start on. It must not run."""
        self.keep.choose(KEPT, kind)

    def forget(self, kind: TemporalKind) -> None:
        """Remove what a server of this kind has kept; nothing happens where there is nothing. It must not run."""
        if kind == "dev-server":
            for file in self.file.parent.glob(f"{self.file.name}*"):  # SQLite has files beside it
                file.unlink()
            return
        if not self.postgres.data.exists():
            return
        self.postgres.start()
        with connect(self.postgres.url("postgres")) as superuser:
            for database in DATABASES:
                superuser.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))

    @property
    def kept(self) -> TemporalKind | None:
        """The kind that this stack has begun with, if it has."""
        kept = self.keep.choice(KEPT)
        return next((kind for kind in NAMES if kind == kept), None)

    def _preferred(self) -> tuple[TemporalKind, TemporalKind]:
        built = programs.built(self.bin, programs.SERVER, programs.SQL_TOOL)
        if built or (self.lasting and shutil.which("go")):
            return "server", "dev-server"
        return "dev-server", "server"

    def _start_server(self) -> None:
        password = self.keep.password(ROLE)
        self.postgres.start()
        ensure(self.postgres.url("postgres"), ROLE, password, list(DATABASES))
        self._update_schema(password)
        ports = {name: str(self.keep.port(name)) for name in _INNER_PORTS}
        for name, port in ports.items():
            need_port(int(port), f"Temporal ({name})", None)
        config = self.home.servers / "temporal.yaml"
        config.write_text(dynamic_config(time_skipping=self.time_skipping), encoding="utf-8")
        self.home.give(config)
        environment = _environment(self.home) | {
            "DB": PLUGIN,
            "POSTGRES_SEEDS": "127.0.0.1",
            "DB_PORT": str(self.postgres.port),
            "POSTGRES_USER": ROLE,
            "POSTGRES_PWD": password,
            "DBNAME": "temporal",
            "VISIBILITY_DBNAME": "temporal_visibility",
            "NUM_HISTORY_SHARDS": str(self.history_shards),
            "BIND_ON_IP": "127.0.0.1",
            "FRONTEND_GRPC_PORT": str(self.port),
            "DYNAMIC_CONFIG_FILE_PATH": str(config),
            "LOG_LEVEL": "warn",
        }
        self.process.start(
            [self.home.lend(programs.SERVER.path(self.bin)), "--allow-no-auth", "start"],
            env=environment | ports,
            cwd=self.home.make("temporal"),  # empty: the server would read a folder `config` there
            user=self.home.user,
        )

    def _start_dev_server(self) -> None:
        cli = programs.dev_server()
        assert cli is not None, "provided when its kind was chosen"  # noqa: S101
        folder = self.home.make(self.file.parent.name)
        need_space(folder, 1.0, "базе данных Temporal", "Temporal's database")
        values = DYNAMIC_CONFIG | (TIME_SKIPPING if self.time_skipping else {})
        options = ["--ip=127.0.0.1", f"--port={self.port}", f"--http-port={self.keep.port('FRONTEND_HTTP_PORT')}"]
        options += [f"--db-filename={self.file}", "--log-level=warn", f"--namespace={NAMESPACE}"]
        options += ["--ui-ip=127.0.0.1", f"--ui-port={self.ui_port}"] if self.lasting else ["--headless"]
        options += [f"--dynamic-config-value={key}={json.dumps(value)}" for key, value in values.items()]
        self.process.start(
            [self.home.lend(cli), "server", "start-dev", *options],
            env=_environment(self.home),
            cwd=folder,
            user=self.home.user,
        )

    def _update_schema(self, password: str) -> None:
        tool = self.home.lend(programs.SQL_TOOL.path(self.bin))
        environment = _environment(self.home) | {
            "SQL_PLUGIN": PLUGIN,
            "SQL_HOST": "127.0.0.1",
            "SQL_PORT": str(self.postgres.port),
            "SQL_USER": ROLE,
            "SQL_PASSWORD": password,
        }
        for database, schema in DATABASES.items():
            # The first leaves the version of an existing schema as it is.
            for arguments in (["setup-schema", "-v", "0.0"], ["update-schema", "--schema-name", schema]):
                told = run_as(
                    self.home.user, [tool, "--db", database, *arguments], env=environment, cwd=self.home.servers
                )
                if told.returncode != 0:
                    last = told.stdout.strip().rpartition("\n")[2]
                    raise Unavailable(
                        f"Схема Temporal в базе {database} не обновилась: {last}",
                        f"Temporal's schema in the database {database} was not updated: {last}",
                    )

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return False
        return True


def dynamic_config(*, time_skipping: bool) -> str:
    """Give the text of the server's dynamic configuration file."""
    values = DYNAMIC_CONFIG | (TIME_SKIPPING if time_skipping else {})
    return "".join(f"{key}:\n  - value: {json.dumps(value)}\n" for key, value in values.items())


def _environment(home: Home) -> dict[str, str]:
    """Give a server's environment: nothing of the caller's, whose TEMPORAL_* would be taken for the server's own."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home.servers), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
