"""A named stack as a whole: brought up, found again, taken down."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn, get_args

import psycopg

from domain.errors import Unavailable
from eventlog.errors import MigrationChanged, SchemaVersionDiffers
from eventlog.migrate import NO_GROUPS, migrate
from eventlog.roles import MIGRATOR, OF_DOORS, OF_INSPECTOR, OF_WORKER
from settings import (
    FOR_DOORS,
    FOR_WORKER,
    NAMESPACE,
    ROOT,
    Endpoints,
    Settings,
    TemporalKind,
    plain_url,
    settings,
    temporal_config,
)
from stack import programs
from stack.home import Home, is_free, need_port, write_private
from stack.namespace import LASTING_RETENTION, apart, has_poller, prepare_namespace
from stack.postgres import PostgreSQL, ensure, share
from stack.process import Process
from stack.rest import come_to_rest
from stack.talk import step, tell
from stack.temporal import Temporal

LASTING = "up"
DATABASE = ROLE = "vekha"
WORKER_ROLE = "vekha_worker"
DOORS_ROLE = "vekha_doors"
INSPECTOR_ROLE = "vekha_inspector"
# What each login of a lasting stack may do; in others the first does all.
LOGINS = {ROLE: (MIGRATOR,), WORKER_ROLE: OF_WORKER, DOORS_ROLE: OF_DOORS, INSPECTOR_ROLE: OF_INSPECTOR}
_STOPPING = 30.0  # seconds for the worker to finish what it holds


class InUse(Unavailable):
    """Another session has the stack."""


class Stack:
    """The servers of the stack `name`, in `var/<name>/`."""

    def __init__(self, name: str, *, time_skipping: bool) -> None:
        self.name = name
        self.time_skipping = time_skipping
        self.folder = settings().var / name
        self.lasting = name == LASTING

    @property
    def postgres(self) -> PostgreSQL:
        """Its PostgreSQL."""
        home = Home.open(self.folder)
        keep = home.keep()
        if self.lasting:
            return PostgreSQL(home, settings().postgres_port, keep.password("postgres"), "VEKHA_POSTGRES_PORT")
        return PostgreSQL(home, keep.port("postgres"), keep.password("postgres"))

    @property
    def temporal(self) -> Temporal:
        """Its Temporal server."""
        postgres, keep = self.postgres, Home.open(self.folder).keep()
        port, ui_port, variable = keep.port("temporal"), None, None
        if self.lasting:
            port, ui_port, variable = settings().temporal_port, settings().ui_port, "VEKHA_TEMPORAL_PORT"
        bin_ = settings().var / "bin"
        return Temporal(postgres.home, keep, bin_, postgres, port, ui_port, self.time_skipping, variable)

    @property
    def worker(self) -> Process:
        """The worker of a lasting stack."""
        return Process("worker", self.folder)

    @property
    def ui(self) -> Process:
        """Temporal's Web UI of a lasting stack."""
        return Process("ui", self.folder)

    def up(self) -> Endpoints:
        """Start what does not run yet and give the addresses. Raises Unavailable."""
        if not Path("/proc/self/stat").exists():
            raise Unavailable(
                "Встроенные серверы работают только на Linux: здесь используйте docker compose up.",
                "The embedded servers run on Linux only: use docker compose up here.",
            )
        with self._lock():
            self._renew_ports()
            endpoints = self._services(settings())
            write_private(self.folder / FOR_DOORS, asdict(endpoints))
            if self.lasting:
                self._start_worker(endpoints)
        return endpoints

    def down(self) -> None:
        """Stop all its servers cleanly; the data stays."""
        if not self.folder.exists():
            return
        with self._lock():
            (self.folder / FOR_DOORS).unlink(missing_ok=True)
            self._stop_engine()
            self.postgres.stop()

    def change(self, kind: TemporalKind) -> Endpoints:
        """Let its Temporal be a server of another kind, new and empty; its years have to be recovered from the log.

        What runs is let come to rest before, while no door finds the stack: a command on its way is decided first. Nothing
        is changed where its Temporal is of this kind already. Raises Unavailable, the stack being as it was.
        """
        endpoints, temporal = self.up(), self.temporal
        before = temporal.kind()
        if before == kind:
            return endpoints
        temporal.provide(kind)
        with self._lock():
            (self.folder / FOR_DOORS).unlink(missing_ok=True)
            try:
                with step("жду, пока начатое закончится", "waiting until what has begun is done"):
                    come_to_rest(endpoints)
            except Unavailable:
                write_private(self.folder / FOR_DOORS, asdict(endpoints))
                raise
            self._stop_engine()
            temporal.forget(kind)  # an earlier move that was interrupted may have left something
            temporal.change(kind)
        try:
            return self.up()
        except Unavailable:
            with self._lock():
                self._stop_engine()
                self.temporal.change(before)
            self.up()
            raise

    def wipe(self) -> None:
        """Remove its data for good. Its servers must not run."""
        servers = self.folder / "servers"
        if servers.exists():
            shutil.rmtree(servers.resolve())
        if servers.is_symlink():
            servers.unlink()

    @contextmanager
    def session(self) -> Iterator[Endpoints]:
        """Have the stack to oneself, new and empty, and stop it at the end: on failure, Ctrl-C and SIGTERM as well.

        Raises InUse when another session has it, Unavailable when it cannot come up.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".session").open("w") as lock, _sigterm_raises():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(
                    f"Стек {self.name} уже занят другим запуском: дождитесь его конца.",
                    f"The stack {self.name} is in use by another run: wait for its end.",
                ) from None
            try:
                self.down()  # what a killed session may have left
                self.wipe()
                yield self.up()
            finally:
                with _undisturbed():
                    self.down()

    def forget_others(self) -> None:
        """Remove what a Temporal of another kind has left here."""
        temporal = self.temporal
        for kind in get_args(TemporalKind):
            if kind != temporal.kind():
                temporal.forget(kind)

    def _stop_engine(self) -> None:
        (self.folder / FOR_WORKER).unlink(missing_ok=True)
        self.worker.stop(seconds=_STOPPING)
        self.ui.stop(seconds=_STOPPING)
        self.temporal.stop()

    def _services(self, given: Settings) -> Endpoints:
        database_url = given.database_url if self.lasting else given.test_database_url
        if database_url is None:
            database_url = self._own_database()
        database_url = plain_url(database_url)
        prepare_log(database_url)
        if self.lasting and given.database_url is None:
            database_url = self._login(DOORS_ROLE)
        address, namespace, ui_url = None, NAMESPACE, None
        if not self.lasting:
            address = given.test_temporal_address
        elif os.environ.get("TEMPORAL_ADDRESS"):
            config = temporal_config()
            address, namespace = config["target_host"], config["namespace"]
        if address is None:
            temporal = self.temporal
            ru, en = temporal.name(temporal.kind())  # its programs first: building them has steps of its own
            starting = step(f"запускаю Temporal: {ru}", f"starting Temporal: {en}")
            with nullcontext() if temporal.alive() else starting:
                temporal.start()
            address = temporal.address
            ui_url = self._start_ui(temporal) if self.lasting else None
        else:
            there = address
            apart(lambda: prepare_namespace(there, namespace, LASTING_RETENTION, seconds=20))
        return Endpoints(database_url, address, namespace, ui_url)

    def _own_database(self) -> str:
        postgres = self.postgres
        postgres.start()
        keep = postgres.home.keep()
        passwords = {login: keep.password(login) for login in (LOGINS if self.lasting else [ROLE])}
        # Tests make a database each.
        make_database(postgres.url("postgres"), passwords, createdb=not self.lasting)
        return self._login(ROLE)

    def _login(self, role: str) -> str:
        """Give the address of our own database for a login."""
        return self.postgres.url(DATABASE, role=role, password=self.postgres.home.keep().password(role))

    def _start_ui(self, temporal: Temporal) -> str | None:
        port = settings().ui_port
        url = f"http://127.0.0.1:{port}"
        if temporal.kind() == "dev-server" or self.ui.pid is not None:
            return url
        try:
            if not programs.build_once(temporal.bin, programs.WEB_UI):
                return None
        except Unavailable as error:
            tell(f"Без веб-интерфейса Temporal: {error.ru}", f"No Web UI of Temporal: {error.en}")
            return None
        need_port(port, "веб-интерфейса Temporal", "VEKHA_UI_PORT")
        home = temporal.home
        config = home.make("ui")
        (config / "development.yaml").write_text(
            f"temporalGrpcAddress: {temporal.address}\nhost: 127.0.0.1\nport: {port}\n"
            f"enableUi: true\ndefaultNamespace: {NAMESPACE}\n",
            encoding="utf-8",
        )
        home.give(config / "development.yaml")
        program = home.lend(programs.WEB_UI.path(temporal.bin))
        self.ui.start(
            [program, "--root", config, "--config", ".", "--env", "development", "start"],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            cwd=config,
            user=home.user,
        )
        self.ui.await_ready(lambda: not is_free(port), seconds=60)
        return url

    def _start_worker(self, endpoints: Endpoints) -> None:
        script = ROOT / "worker.py"
        if not script.exists():
            return
        if settings().database_url is None:
            endpoints = replace(endpoints, database_url=self._login(WORKER_ROLE))
        write_private(self.folder / FOR_WORKER, asdict(endpoints))  # for workers that are started by hand
        if self.worker.pid is not None:
            return
        environment = dict(os.environ) | endpoints.environment()
        begun = datetime.now(UTC)
        with step("запускаю рабочий процесс Вехи", "starting the worker"):
            self.worker.start([sys.executable, script], env=environment, cwd=ROOT)
            self.worker.await_ready(lambda: has_poller(endpoints, since=begun), seconds=120)

    def _renew_ports(self) -> None:
        """Choose new ports when nothing of ours runs and one of the kept ones was taken meanwhile."""
        keep = Home.open(self.folder).keep()
        if self.postgres.process.pid is None and self.temporal.process.pid is None and not keep.ports_are_free():
            keep.forget_ports()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                tell(
                    f"Стек {self.name} сейчас готовит другой процесс, жду его…",
                    f"Another process is at work on the stack {self.name}, waiting for it…",
                )
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def make_database(admin_url: str, passwords: Mapping[str, str], *, createdb: bool = False) -> None:
    """Make the log's database where it is missing, and of `LOGINS` those that get a password here, as a superuser.

    `createdb`: they may make databases of their own.
    """
    for login, password in passwords.items():
        ensure(admin_url, login, password, [DATABASE] if login == ROLE else [], createdb=createdb)
    share(admin_url, DATABASE, {login: LOGINS[login] for login in passwords})


def prepare_log(database_url: str) -> None:
    """Bring the log's schema up to date. Raises Unavailable when the database does not answer or is another's."""
    try:
        if not migrate(database_url):
            tell(*NO_GROUPS)
    except psycopg.OperationalError as error:
        place, why = database_url.rpartition("@")[2], str(error).strip().rpartition("\n")[2]
        raise Unavailable(
            f"База данных {place} не отвечает: {why}. Проверьте DATABASE_URL.",
            f"The database {place} does not answer: {why}. Check DATABASE_URL.",
        ) from error
    except SchemaVersionDiffers as error:
        raise Unavailable(
            f"База данных создана более новой Вехой (схема {error.found}, здесь {error.wanted}): обновите программу.",
            f"The database was made by a newer Vekha (schema {error.found}, here {error.wanted}): update the program.",
        ) from error
    except MigrationChanged as error:
        raise Unavailable(
            f"Схема журнала не обновлена: {error}. Верните файлы программы в исходный вид.",
            f"The log's schema was not updated: {error}. Restore the program's files.",
        ) from error


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    """Let SIGTERM end the block the way Ctrl-C does, so that what stands behind `finally` is done."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers; whoever calls from another takes care of signals itself
        return

    def end(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Do not let a second, impatient Ctrl-C leave servers behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
