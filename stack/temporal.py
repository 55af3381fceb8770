"""The Temporal server of one stack.

The real server on our PostgreSQL, built from its Go module and configured by environment variables alone; or, where
that cannot be had, the development server of a Temporal CLI with its own database file. A stack stays with the kind it
began with: the workflows of a year lie in that kind's database.
"""

from __future__ import annotations

import json
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from domain.errors import Unavailable
from settings import NAMESPACE, settings
from stack import programs
from stack.home import Home, Keep, need_port, need_space
from stack.namespace import LASTING_RETENTION, SHORT_RETENTION, apart, prepare_namespace
from stack.postgres import PostgreSQL, ensure
from stack.process import Process, run_as

ROLE = "temporal"
DATABASES = {"temporal": "postgresql/v12/temporal", "temporal_visibility": "postgresql/v12/visibility"}
PLUGIN = "postgres12_pgx"
# Fixed for good when a database is made: servers that stay may grow, those of tests are thrown away.
HISTORY_SHARDS = 512
HISTORY_SHARDS_THROWN_AWAY = 16
_STOPPING = 60.0  # seconds

Kind = Literal["server", "dev-server"]
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

    def kind(self) -> Kind:
        """Choose the kind of server, once for the life of the stack, and see that its programs are there.

        A lasting stack takes a CLI that is on PATH, which is there at once; stacks for the demo and the tests take the
        real server, whose speed and defects are known. Raises Unavailable when there is nothing to be had.
        """
        kept = self.keep.choice("temporal")
        kinds: list[Kind] = ["dev-server", "server"] if self.lasting else ["server", "dev-server"]
        if kept is not None:
            kinds = [kind for kind in kinds if kind == kept]
        refusal: Unavailable | None = None
        for kind in kinds:
            try:
                if kind == "server":
                    programs.build(self.bin, programs.SERVER, programs.SQL_TOOL)
                elif programs.dev_server(self.bin) is None:
                    continue
            except Unavailable as error:
                refusal = error
            else:
                self.keep.choose("temporal", kind)
                return kind
        if kept != "server":
            try:
                programs.download_dev_server(self.bin)
            except Unavailable as error:
                refusal = refusal or error
            else:
                self.keep.choose("temporal", "dev-server")
                return "dev-server"
        assert refusal is not None  # noqa: S101 - every way that failed left one
        raise refusal

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
        cli = programs.dev_server(self.bin)
        if cli is None:
            raise Unavailable(
                f"Этот стек начат на Temporal CLI, а его больше нет: верните команду temporal (сервер {programs.TEMPORAL} или новее) на PATH.",
                f"This stack began on the Temporal CLI, which is gone: bring the command temporal back (server {programs.TEMPORAL} or newer).",
            )
        folder = self.home.make("temporal")
        need_space(folder, 1.0, "базе данных Temporal", "Temporal's database")
        values = DYNAMIC_CONFIG | (TIME_SKIPPING if self.time_skipping else {})
        options = ["--ip=127.0.0.1", f"--port={self.port}", f"--http-port={self.keep.port('FRONTEND_HTTP_PORT')}"]
        options += [f"--db-filename={folder / 'temporal.db'}", "--log-level=warn", f"--namespace={NAMESPACE}"]
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
