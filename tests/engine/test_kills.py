"""Whatever is killed at whatever moment: every acknowledged command happens exactly once."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from app.log import Year, read_year
from app.years import start_year
from domain.codec import command_record, make_command
from domain.commands import ReportProgress, Request, RequestExtension
from domain.roadmap import measure_stream
from doors.cli.audit import decided_again
from eventlog.read import read_roadmap
from settings import ROOT
from stack import Endpoints, Stack
from tests.engine.conftest import end_all
from tests.engine.faulty_worker import AFTER_COMMIT, CONTINUE_AS_NEW, LETTER, POINTS
from tests.engine.roadmaps import Definition, some

KILLS = 2 * len(POINTS)  # at each point also after another kill
SEED = 20211105
TURNS_PER_RUN = 5  # so that continue-as-new is never far
POINT_SECONDS = 60.0
SETTLE_SECONDS = 120.0


@dataclass
class Fault:
    """The conversation with the faulty worker."""

    folder: Path

    def arm(self, point: str) -> None:
        """Let the next activity that comes to the point stop there."""
        for name in ("reached", "go"):
            (self.folder / name).unlink(missing_ok=True)
        (self.folder / "arming").write_text(point)
        (self.folder / "arming").rename(self.folder / "armed")

    def release(self) -> None:
        """Let it go on."""
        (self.folder / "go").touch()

    @property
    def reached(self) -> bool:
        """Tell whether something stands at the point."""
        return (self.folder / "reached").exists()


@dataclass
class Victims:
    """The running servers and the worker process, to be killed and started again."""

    stack: Stack
    endpoints: Endpoints
    database_url: str
    fault: Fault
    process: subprocess.Popen[bytes] | None = None

    def start_worker(self) -> None:
        """Start the faulty worker."""
        environment = {**os.environ, **self.endpoints.environment(), "DATABASE_URL": self.database_url}
        environment |= {"FAULT_FOLDER": str(self.fault.folder), "VEKHA_VAR": str(self.fault.folder)}
        with (self.fault.folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.engine.faulty_worker"], cwd=ROOT, env=environment, stderr=log
            )

    def kill_worker(self) -> None:
        """Kill it without a word."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def victims(stack: Stack, endpoints: Endpoints, database_url: str, tmp_path: Path) -> Iterator[Victims]:
    """Give a faulty worker on a database of its own."""
    victims = Victims(stack, endpoints, database_url, Fault(tmp_path))
    victims.start_worker()
    yield victims
    victims.kill_worker()
    stack.up()


@contextmanager
def log_of(url: str) -> Iterator[psycopg.Connection]:
    """Open the log."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


async def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for a condition; a server that is down just now is no answer."""
    end = time.monotonic() + seconds
    while True:
        with suppress(psycopg.OperationalError):
            if condition():
                return
        assert time.monotonic() < end, f"not within {seconds} s: {what} (seed {SEED})"
        await asyncio.sleep(0.02)


@dataclass
class Sender:
    """Sends commands one after the other and remembers which were acknowledged by the engine."""

    client: Client
    year: Year
    bodies: dict[str, str]
    acknowledged: list[str] = field(default_factory=list)

    async def send(self, measure: str, request: Request) -> None:
        """Send a command; it counts once the engine has acknowledged it."""
        id_ = f"command-{len(self.acknowledged)}-{time.monotonic_ns()}"
        command = make_command(id_, self.bodies[measure], self.year.now(), None, request)
        handle = self.client.get_workflow_handle(measure_stream(self.year.roadmap.id, measure))
        await handle.signal("submit", command_record(command))
        self.acknowledged.append(id_)


async def connected(endpoints: Endpoints) -> Client:
    """Connect as soon as the server answers."""
    end = time.monotonic() + POINT_SECONDS
    while True:
        try:
            client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
            await client.count_workflows()
        except (RuntimeError, RPCError):
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        else:
            return client


def worker_killed(victims: Victims) -> None:
    """Kill the worker; it is started again by the test, after a second command."""
    victims.kill_worker()


def temporal_killed(victims: Victims) -> None:
    """Kill Temporal and start it again."""
    victims.stack.temporal.kill()
    victims.stack.temporal.start()


def postgres_killed(victims: Victims) -> None:
    """Kill PostgreSQL, Temporal's database as well as the log's, and start it again."""
    victims.stack.postgres.kill()
    victims.stack.postgres.start()


@pytest.mark.parametrize("kill", [worker_killed, temporal_killed, postgres_killed])
async def test_every_acknowledged_command_happens_exactly_once(
    victims: Victims, example: Definition, kill: Callable[[Victims], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill at each named point, and again: gapless versions, one answer a command, every decision made again the same."""
    monkeypatch.setenv("DATABASE_URL", victims.database_url)
    sys.stdout.write(f"seed {SEED}\n")
    chance = random.Random(SEED)  # noqa: S311 - a test repeats itself
    wanted = ("1.4", "2.3", "2.10", "3.3")
    roadmap = some(example.roadmap, *wanted)
    bodies = {item.number: roadmap.registry.open_group(item.bodies[0])[0] for item in roadmap.measures}
    client = await connected(victims.endpoints)
    with log_of(victims.database_url) as connection:
        begun = await start_year(
            client, connection, roadmap, example.source, rehearsal_from=roadmap.order.date, turns_per_run=TURNS_PER_RUN
        )
        year = read_year(connection, begun["roadmap"])
    assert year is not None
    sender = Sender(client, year, bodies)
    for number in range(KILLS):
        point = POINTS[number % len(POINTS)]
        victims.fault.arm(point)
        measure = chance.choice(wanted)
        asks = RequestExtension(until=roadmap.period.last + timedelta(days=30), reason="проверка")
        progress = ReportProgress(note=f"раунд {number}")
        while not victims.fault.reached:  # a letter needs a request, continue-as-new its turns
            await sender.send(measure, asks if point == LETTER else progress)
            with suppress(AssertionError):
                await until(lambda: victims.fault.reached, 1.0 if point == CONTINUE_AS_NEW else 3.0, point)
        kill(victims)
        if kill is worker_killed:
            await sender.send(measure, progress)
            victims.start_worker()
        victims.fault.release()
        sender.client = client = await connected(victims.endpoints)

    def answered() -> bool:
        with log_of(victims.database_url) as connection:
            rows = connection.execute("select distinct command_id from vekha.event").fetchall()
        return {row[0] for row in rows} >= set(sender.acknowledged)

    await until(answered, SETTLE_SECONDS, "every acknowledged command is answered")
    with log_of(victims.database_url) as connection:
        records = list(read_roadmap(connection, year.roadmap.id))
    versions: dict[str, list[int]] = defaultdict(list)
    commands: dict[str, int] = defaultdict(int)
    for record in sorted(records, key=lambda record: (record.stream, record.version)):
        versions[record.stream].append(record.version)
        if record.command is not None and record.command_id is not None:
            commands[record.command_id] += 1
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    assert {command: commands[command] for command in sender.acknowledged} == dict.fromkeys(sender.acknowledged, 1)
    assert not decided_again(records).differences
    await end_all(client)


async def test_a_command_sent_before_the_restart_follows_the_one_whose_commit_was_never_told(
    victims: Victims, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL after the commit, a second command before the restart: both happen once, in their order."""
    monkeypatch.setenv("DATABASE_URL", victims.database_url)
    roadmap = some(example.roadmap, "2.3")
    client = await connected(victims.endpoints)
    with log_of(victims.database_url) as connection:
        begun = await start_year(client, connection, roadmap, example.source, rehearsal_from=roadmap.order.date)
        year = read_year(connection, begun["roadmap"])
    assert year is not None
    sender = Sender(client, year, {"2.3": "uo"})
    victims.fault.arm(AFTER_COMMIT)
    await sender.send("2.3", ReportProgress(note="первая"))
    await until(lambda: victims.fault.reached, POINT_SECONDS, "the commit")
    victims.kill_worker()
    await sender.send("2.3", ReportProgress(note="вторая"))
    victims.start_worker()

    def told() -> list[str]:
        with log_of(victims.database_url) as connection:
            rows = connection.execute(
                "select command_id from vekha.event where type = 'ProgressReported' order by version"
            )
            return [row[0] for row in rows]

    await until(lambda: len(told()) >= len(sender.acknowledged), POINT_SECONDS, "both commands")
    assert told() == sender.acknowledged
    await end_all(client)
