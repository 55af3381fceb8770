"""The stack of this test run, as its users see it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.testing import TimeSkipper
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from stack import Endpoints, Stack, jobs
from stack.namespace import has_poller
from stack.process import until
from wire.names import LETTERS_QUEUE, TASK_QUEUE


@workflow.defn
class Sleeper:
    """Waits for half a year."""

    @workflow.run
    async def run(self) -> str:
        """Wait."""
        await workflow.sleep(timedelta(days=180))
        return "rested"


@activity.defn
async def nothing() -> None:
    """Stand for what sends letters."""


def test_coming_up_again_changes_nothing(stack: Stack, endpoints: Endpoints) -> None:
    """`up` starts only what does not run."""
    before = stack.postgres.process.pid, stack.temporal.process.pid
    assert stack.up() == endpoints
    assert (stack.postgres.process.pid, stack.temporal.process.pid) == before


def test_a_test_gets_a_migrated_database(database_url: str) -> None:
    """The database of a test has the log's tables."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM vekha.migration").fetchone()
    assert row is not None
    assert row[0] > 0


async def test_a_worker_that_takes_work_is_healthy(
    endpoints: Endpoints, temporal_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The health of the worker's container is that somebody on it asks for work."""
    for name, value in endpoints.environment().items():
        monkeypatch.setenv(name, value)
    begun = datetime.now(UTC)
    assert not has_poller(endpoints, since=begun)
    runner = UnsandboxedWorkflowRunner()
    async with (
        Worker(temporal_client, task_queue=TASK_QUEUE, workflows=[Sleeper], workflow_runner=runner),
        Worker(temporal_client, task_queue=LETTERS_QUEUE, activities=[nothing]),
    ):
        assert await asyncio.to_thread(until, lambda: has_poller(endpoints, since=begun), seconds=30)
        assert await asyncio.to_thread(jobs.main, "health") == 0
    assert not has_poller(endpoints, since=begun, host="elsewhere")


async def test_half_a_year_passes_in_a_moment(temporal_client: Client) -> None:
    """The stack's server skips time."""
    skipper = TimeSkipper(temporal_client)
    runner = UnsandboxedWorkflowRunner()  # the sandbox would import this module, and the stack with it
    async with Worker(skipper.client, task_queue="stack-test", workflows=[Sleeper], workflow_runner=runner):
        result = await skipper.client.execute_workflow(Sleeper.run, id="sleeper", task_queue="stack-test")
    assert result == "rested"
