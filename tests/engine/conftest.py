"""The engine of the tests: the real servers, a worker in this process, a year played with skipped time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from app.log import Connection
from app.time_skipping import Player
from doors.cli.work import engine_worker, log_keepers
from orders.yaml_file import load_roadmap
from settings import Settings
from tests.engine.roadmaps import EXAMPLE, Definition


@dataclass
class Engine:
    """Everything that a year needs to run; the worker can be taken away and given back."""

    player: Player
    connection: Connection
    database_url: str
    configuration: Settings
    worker: AsyncExitStack

    @property
    def client(self) -> Client:
        """Return the client whose workflows can be moved in time."""
        return self.player.client

    async def stop_worker(self) -> None:
        """Take the worker away."""
        await self.worker.aclose()

    async def start_worker(self) -> None:
        """Give a worker back."""
        await self.worker.enter_async_context(engine_worker(self.client, self.database_url, self.configuration))


@pytest.fixture(scope="session")
def example() -> Definition:
    """Give the year of order 969/1 with its text."""
    loaded = load_roadmap(EXAMPLE / "roadmap.yaml")
    assert loaded.roadmap is not None
    return Definition(loaded.roadmap, loaded.source)


@pytest.fixture
async def engine(
    database_url: str, temporal_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    """Give a running engine on a database of its own; what still runs at the end is ended."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VEKHA_VAR", str(tmp_path))
    async with running_engine(database_url, temporal_client) as engine:
        yield engine


@asynccontextmanager
async def running_engine(database_url: str, client: Client) -> AsyncIterator[Engine]:
    """Run a worker, a sealer and a projector on a database, as DATABASE_URL and VEKHA_VAR are set."""
    player = Player(client)
    async with AsyncExitStack() as running:
        await running.enter_async_context(log_keepers(database_url))
        connection = running.enter_context(psycopg.connect(database_url, autocommit=True))
        engine = Engine(player, connection, database_url, Settings(), AsyncExitStack())
        await engine.start_worker()
        yield engine
        await engine.stop_worker()
        await end_all(client)


async def end_all(client: Client) -> None:
    """End every workflow that a test left running, so that no later worker takes it for its own."""
    async for execution in client.list_workflows("ExecutionStatus = 'Running'"):
        try:
            await client.get_workflow_handle(execution.id).terminate("the test is over")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it ended by itself meanwhile
                raise
