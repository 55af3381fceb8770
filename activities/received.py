"""What Temporal's server knows of signals: when each came, and which ones a run that was lost had been sent.

Lateness is judged by when the engine got a command, not by when a worker woke.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from typing import Any

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.signatures import LOST_SIGNALS, PART, PART_BYTES, Arrival, LostPart, LostRun
from domain.codec import instant_text
from domain.records import fingerprint
from workflows import SUBMIT

RUNS = 100


class Receipts:
    """Reads workflows' own histories at the server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._times: OrderedDict[str, dict[str, str]] = OrderedDict()

    async def times(self, workflow_id: str, run_id: str, digests: Sequence[str]) -> dict[str, str]:
        """Return the server's time of the first signal with each digest, as RFC 3339 texts by digest.

        A history is read once for as many of its signals as it has: ten thousand may have waited for a worker.
        """
        known = self._times.get(run_id, {})
        if not all(one in known for one in digests):
            known = {}
            async for event, record in self._signals(workflow_id, run_id):
                known.setdefault(fingerprint(record), instant_text(event.event_time.ToDatetime(tzinfo=UTC)))
            self._times[run_id] = known
            if len(self._times) > RUNS:
                self._times.popitem(last=False)
        return {one: known[one] for one in digests if one in known}

    @activity.defn(name=LOST_SIGNALS)
    async def lost(self, asked: LostRun) -> LostPart:
        """Return the commands that a run of the workflow that asks was sent, from an event on."""
        workflow_id = activity.info().workflow_id or ""
        arrivals: list[Arrival] = []
        size, after = 0, asked.after
        try:
            async for event, record in self._signals(workflow_id, asked.run_id):
                if event.event_id <= asked.after:
                    continue
                bytes_ = event.workflow_execution_signaled_event_attributes.input.ByteSize()
                if arrivals and (len(arrivals) == PART or size + bytes_ > PART_BYTES):
                    return LostPart(arrivals, after)
                size, after = size + bytes_, event.event_id
                seen_at = instant_text(event.event_time.ToDatetime(tzinfo=UTC))
                arrivals.append(Arrival(record, seen_at, asked.run_id, bytes_))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return LostPart(arrivals, None)  # all, or all that the server has kept

    async def _signals(self, workflow_id: str, run_id: str) -> AsyncIterator[tuple[HistoryEvent, Any]]:
        """Yield the commands of a run's history, each with its event."""
        handle = self._client.get_workflow_handle(workflow_id, run_id=run_id)
        async for event in handle.fetch_history_events():
            if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                continue
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name == SUBMIT:
                yield event, await record_of(self._client, signal.input.payloads)


async def record_of(client: Client, payloads: Sequence[Payload]) -> Any:
    """Return what a signal brought, as the workflow sees it."""
    if not payloads:
        return None
    codec = client.data_converter.payload_codec
    (payload,) = await codec.decode(payloads[:1]) if codec is not None else payloads[:1]
    try:
        return json.loads(payload.data)
    except (ValueError, RecursionError):
        encoding = payload.metadata.get("encoding", b"").decode(errors="replace")
        return f"{len(payload.data)} bytes of {encoding[:100]}"
