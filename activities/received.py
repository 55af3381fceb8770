"""The times of old signals: lateness is judged by when the engine got a command, not by when a worker woke."""

from __future__ import annotations

import json
from datetime import UTC

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from activities.signatures import RECEIVED, Arrivals
from domain.codec import instant_text
from domain.records import fingerprint


class Receipts:
    """Reads the workflow's own history at the server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name=RECEIVED)
    async def received(self, arrivals: Arrivals) -> dict[str, str]:
        """Return the server's time of the first signal with each digest, as RFC 3339 texts by digest."""
        handle = self._client.get_workflow_handle(arrivals.workflow_id, run_id=arrivals.run_id)
        wanted = set(arrivals.digests)
        times: dict[str, str] = {}
        async for event in handle.fetch_history_events():
            if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                continue
            for payload in event.workflow_execution_signaled_event_attributes.input.payloads:
                key = _fingerprint(payload.data)
                if key in wanted:
                    times.setdefault(key, instant_text(event.event_time.ToDatetime(tzinfo=UTC)))
        return times


def _fingerprint(data: bytes) -> str | None:
    try:
        return fingerprint(json.loads(data))
    except (ValueError, RecursionError):
        return None  # no JSON: the workflow has not seen it either
