"""An event as others read it: the shape E of interfaces.md."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from domain.codec import read_instant
from domain.records import EventRecord


def event_document(record: EventRecord, zone: ZoneInfo) -> dict[str, Any]:
    """Return the event with its data as an object; instants are RFC 3339 with the offset of the roadmap's zone.

    `position`, `id` and `recorded_at` are null where the log has not given them yet, `data` where it is no object: such a
    row was written past Vekha. UnreadableEvent for one whose times cannot be told.
    """

    def local(moment: str) -> str:
        return read_instant(record, moment).astimezone(zone).isoformat()

    return {
        "position": record.position,
        "id": record.id,
        "stream": record.stream,
        "version": record.version,
        "type": record.type,
        "schema_version": record.schema_version,
        "occurred_on": record.occurred_on,
        "at": local(record.at),
        "received_at": local(record.received_at),
        "recorded_at": None if record.recorded_at is None else local(record.recorded_at),
        "actor": record.actor,
        "command_id": record.command_id,
        "signed": record.signed,
        "data": _object(record.data),
    }


def _object(data: str) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
