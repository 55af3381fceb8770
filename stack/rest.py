"""Waiting until an engine is at rest: what came to its workflows is decided, and nothing of theirs is under way."""

from __future__ import annotations

import asyncio
import time

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError

from domain.errors import Unavailable
from settings import Endpoints
from stack.namespace import apart
from wire.names import ALARM
from wire.signatures import POST

SECONDS = 60.0
EVERY_SECONDS = 0.2
AT_ONCE = 32
NAMED = 5


def come_to_rest(endpoints: Endpoints) -> None:
    """Wait until nothing is under way in any workflow. Raises Unavailable where something still is after SECONDS."""
    try:
        restless = apart(lambda: _wait(endpoints))
    except RPCError as error:
        raise Unavailable(
            f"Temporal не отвечает: {error.message}. Ничего не изменено.",
            f"Temporal does not answer: {error.message}. Nothing was changed.",
        ) from error
    if restless:
        named = ", ".join(restless[:NAMED]) + (f" (+{len(restless) - NAMED})" if len(restless) > NAMED else "")
        raise Unavailable(
            f"Ещё не всё решено: {named}. Ничего не изменено: выполните python audit.py reconcile, сделайте, что там"
            " сказано, и повторите.",
            f"Not all is decided yet: {named}. Nothing was changed: run python audit.py reconcile, do what it says, and"
            " repeat.",
        )


async def _wait(endpoints: Endpoints) -> list[str]:
    client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
    end = time.monotonic() + SECONDS
    while True:
        restless = await _restless(client)
        if not restless or time.monotonic() > end:
            return restless
        await asyncio.sleep(EVERY_SECONDS)


async def _restless(client: Client) -> list[str]:
    places = asyncio.Semaphore(AT_ONCE)

    async def look(workflow_id: str) -> str | None:
        async with places:
            found = await client.get_workflow_handle(workflow_id).describe()
            return None if _rests(found) else workflow_id

    running = [one.id async for one in client.list_workflows("ExecutionStatus = 'Running'")]
    return sorted(one for one in await asyncio.gather(*map(look, running)) if one is not None)


def _rests(found: WorkflowExecutionDescription) -> bool:
    """Tell whether a workflow only waits: for a command, for a moment, or for a mail server to take letters again.

    One that was halted does not: what waits in it waits for a person's word, and would be forgotten.
    """
    if found.status is not WorkflowExecutionStatus.RUNNING:
        return True
    if found.typed_search_attributes.get(ALARM) or found.raw_description.HasField("pending_workflow_task"):
        return False
    tried_later = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    return all(
        one.activity_type.name == POST and one.attempt > 1 and one.state == tried_later
        for one in found.raw_description.pending_activities
    )
