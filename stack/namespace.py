"""The namespace of Vekha on a Temporal server: registered, with its search attributes, and tried."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unavailable
from settings import Endpoints
from stack.watching import polled
from wire.names import LETTERS_QUEUE, TASK_QUEUE

T = TypeVar("T")

SEARCH_ATTRIBUTES = {
    "VekhaRoadmap": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "VekhaMeasure": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "VekhaStage": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "VekhaOverdue": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "VekhaNextDue": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "VekhaAlarm": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}
# How long Temporal keeps a closed history. Open ones stay as long as they are open; the log is the archive.
LASTING_RETENTION = timedelta(days=365)
SHORT_RETENTION = timedelta(days=3)

# What a server answers while it is coming up, or before its caches know a new namespace.
_NOT_YET = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.NOT_FOUND,
    RPCStatusCode.INVALID_ARGUMENT,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.UNKNOWN,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.RESOURCE_EXHAUSTED,
}


async def prepare_namespace(address: str, namespace: str, retention: timedelta, *, seconds: float = 120) -> None:
    """Register the namespace and its search attributes where they are missing, and wait until both can be used.

    Raises Unavailable when the server has not come so far within `seconds`, or does not allow it.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            client = await Client.connect(address, namespace=namespace)
            await _register(client, retention)
            await _add_search_attributes(client)
            await _try(client)
        except RuntimeError as error:  # the SDK's way to say that nobody listens
            last = str(error)
        except RPCError as error:
            last = error.message
            if error.status not in _NOT_YET:
                break
        else:
            return
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.05)
    raise Unavailable(
        f"Temporal по адресу {address} не готов к работе: {last}",
        f"Temporal at {address} is not ready for work: {last}",
    )


def has_poller(endpoints: Endpoints, *, since: datetime, host: str | None = None) -> bool:
    """Tell whether a worker has asked for work, and for letters, `since` then, on `host` where that is given."""

    async def pollers() -> bool:
        client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
        return all([await polled(client, queue, since=since, host=host) for queue in (TASK_QUEUE, LETTERS_QUEUE)])

    return apart(pollers)


def apart(make: Callable[[], Coroutine[None, None, T]]) -> T:
    """Run a coroutine to its end in a thread and loop of its own, so that callers may have a running loop."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(lambda: asyncio.run(make())).result()


async def _register(client: Client, retention: timedelta) -> None:
    kept = Duration()
    kept.FromTimedelta(retention)
    register = RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=kept)
    try:
        # Asked first: whoever may only use a namespace may still look whether it is there.
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as missing:
        if missing.status != RPCStatusCode.NOT_FOUND:
            raise
        try:
            await client.workflow_service.register_namespace(register)
        except RPCError as taken:
            if taken.status != RPCStatusCode.ALREADY_EXISTS:
                raise


async def _add_search_attributes(client: Client) -> None:
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = {name: type_ for name, type_ in SEARCH_ATTRIBUTES.items() if name not in known.custom_attributes}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )


async def _try(client: Client) -> None:
    """Ask each part of the server for something: history, matching, visibility with our attributes."""
    try:
        await client.get_workflow_handle("vekha/none").describe()
    except RPCError as error:
        # History answers so when it knows the namespace and has no such workflow.
        if error.status != RPCStatusCode.NOT_FOUND or "namespace" in error.message.lower():
            raise
    await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=TASK_QUEUE))
    )
    await client.count_workflows(" OR ".join(f"{name} IS NOT NULL" for name in SEARCH_ATTRIBUTES))
