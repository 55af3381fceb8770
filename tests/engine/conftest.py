"""The engine of the tests: the real servers, a worker in this process, a year played with skipped time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from temporalio.client import Client

from doors.playing import Player
from doors.services import Connection
from doors.work import engine_worker, log_keepers
from settings import Settings


@dataclass
class Engine:
    """Everything that a year needs to run."""

    player: Player
    connection: Connection
    database_url: str
    configuration: Settings

    @property
    def client(self) -> Client:
        """Return the client whose workflows can be moved in time."""
        return self.player.client


@pytest.fixture
async def engine(
    database_url: str, temporal_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    """Give a running engine on a database of its own; what still runs at the end is ended."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VEKHA_VAR", str(tmp_path))
    configuration = Settings()
    player = Player(temporal_client)
    async with AsyncExitStack() as running:
        await running.enter_async_context(log_keepers(database_url))
        await running.enter_async_context(engine_worker(player.client, database_url, configuration))
        with psycopg.connect(database_url, autocommit=True) as connection:
            yield Engine(player, connection, database_url, configuration)
        await end_all(temporal_client)


async def end_all(client: Client) -> None:
    """End every workflow that a test left running, so that no later worker takes it for its own."""
    async for execution in client.list_workflows("ExecutionStatus = 'Running'"):
        await client.get_workflow_handle(execution.id).terminate("the test is over")
