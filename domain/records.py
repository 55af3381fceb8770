"""Plain records that cross processes: the row of the event log and its canonical text.

Every field is JSON-native, so a record means the same to Temporal, to PostgreSQL and to an auditor's script.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event as the log keeps it.

    Instants are RFC 3339 texts in UTC with microseconds where there are any, dates are ISO texts.
    `data` and `command` are canonical JSON texts (see `canonical`), never parsed values: the text is what is hashed.
    `command` is the whole command and stands only in the first event that the command made.
    `writer` names the workflow chain that proposed the event (its first execution run id): a row by another
    writer in a stream that is being appended to is a stranger's.
    `id`, `recorded_at` and `position` are given by the log; `position` stays null until the row is sealed.
    """

    stream: str
    version: int
    type: str
    schema_version: int
    occurred_on: str
    at: str
    received_at: str
    actor: str
    command_id: str | None
    signed: bool
    data: str
    command: str | None
    writer: str
    id: str | None = None
    recorded_at: str | None = None
    position: int | None = None


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, letters as they are; NaN is a ValueError."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex; halves of surrogate pairs, which no UTF-8 has, are taken too."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def fingerprint(value: Any) -> str:
    """Return a digest by which any parsed JSON is known again, also what `canonical` refuses (NaN, endless nesting)."""
    try:
        return digest(json.dumps(value, sort_keys=True))
    except (ValueError, TypeError, RecursionError):
        return digest("nothing that could be told apart")
