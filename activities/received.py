"""What Temporal's server knows of signals: when each came, and which ones a run that was lost had been sent.

Lateness is judged by when the engine got a command, not by when a worker woke.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.codec import instant, instant_text
from domain.records import fingerprint
from wire.names import SUBMIT
from wire.payloads import record_in
from wire.signatures import LOST_SIGNALS, PART, PART_BYTES, Arrival, LostPart, LostRun

RUNS = 100
LOST = 8


class Receipts:
    """Reads workflows' own histories at the server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._times: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._lost: OrderedDict[str, list[Arrival]] = OrderedDict()

    async def times(self, workflow_id: str, run_id: str, digests: Sequence[str]) -> dict[str, str]:
        """Return the server's time of the first signal with each digest, as RFC 3339 texts by digest.

        A history is read once for as many of its signals as it has: ten thousand may have waited for a worker.
        """
        known = self._times.get(run_id, {})
        if not all(one in known for one in digests):
            known = {}
            try:
                async for event, record in self._signals(workflow_id, run_id):
                    known.setdefault(fingerprint(record), instant_text(event.event_time.ToDatetime(tzinfo=UTC)))
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:  # it was deleted: what the workflow saw has to do
                    raise
            self._times[run_id] = known
            if len(self._times) > RUNS:
                self._times.popitem(last=False)
        return {one: known[one] for one in digests if one in known}

    @activity.defn(name=LOST_SIGNALS)
    async def lost(self, asked: LostRun) -> LostPart:
        """Return the commands that a run of the workflow that asks was sent, or begun with, behind those given already."""
        workflow_id = activity.info().workflow_id or ""
        waiting = self._lost.pop(asked.run_id, None)
        if waiting is None:
            waiting = []
            try:
                waiting = [one async for one in self._arrivals(workflow_id, asked.run_id)]
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:  # nothing is left, or all that the server has kept
                    raise
        size, end = 0, asked.after
        while end < len(waiting):
            size += waiting[end].size
            if end > asked.after and (end - asked.after == PART or size > PART_BYTES):
                break
            end += 1
        if end == len(waiting):
            return LostPart(waiting[asked.after :], None)
        self._lost[asked.run_id] = waiting  # read once: the run has ended, and the next part is asked for at once
        if len(self._lost) > LOST:
            self._lost.popitem(last=False)
        return LostPart(waiting[asked.after : end], end)

    async def _arrivals(self, workflow_id: str, run_id: str) -> AsyncIterator[Arrival]:
        """Yield what a run's inbox began with, and what it was sent."""
        handle = self._client.get_workflow_handle(workflow_id, run_id=run_id)
        async for event in handle.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
                begun = event.workflow_execution_started_event_attributes
                for arrival in carried(await document_of(self._client, begun.input.payloads)):
                    yield arrival
            elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                signal = event.workflow_execution_signaled_event_attributes
                if signal.signal_name == SUBMIT:
                    record = await record_of(self._client, signal.input.payloads)
                    seen_at = instant_text(event.event_time.ToDatetime(tzinfo=UTC))
                    yield Arrival(record, seen_at, run_id, signal.input.ByteSize())

    async def _signals(self, workflow_id: str, run_id: str) -> AsyncIterator[tuple[HistoryEvent, Any]]:
        """Yield the commands of a run's history, each with its event."""
        handle = self._client.get_workflow_handle(workflow_id, run_id=run_id)
        async for event in handle.fetch_history_events():
            if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                continue
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name == SUBMIT:
                yield event, await record_of(self._client, signal.input.payloads)


def carried(start: Any) -> list[Arrival]:
    """Return the inbox that a run began with; whatever else it began with holds none."""
    inbox = start.get("inbox") if isinstance(start, dict) else None
    arrivals = []
    for one in inbox if isinstance(inbox, list) else []:
        try:
            arrivals.append(Arrival(**one))
            instant(arrivals[-1].seen_at)
            UUID(arrivals[-1].run_id)
        except (TypeError, ValueError, AttributeError):
            return []  # a stranger's
    return arrivals


async def record_of(client: Client, payloads: Sequence[Payload]) -> Any:
    """Return what a signal brought, as the workflow sees it."""
    return record_in(await _decoded(client, payloads)) if payloads else None


async def document_of(client: Client, payloads: Sequence[Payload]) -> Any:
    """Return what a run began with, or an activity answered: of any length, and null for what is no JSON."""
    if not payloads:
        return None
    try:
        return json.loads((await _decoded(client, payloads)).data)
    except (ValueError, RecursionError):
        return None


async def _decoded(client: Client, payloads: Sequence[Payload]) -> Payload:
    codec = client.data_converter.payload_codec
    return (await codec.decode(payloads[:1]))[0] if codec is not None else payloads[0]
