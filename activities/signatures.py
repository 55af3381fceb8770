"""The signatures of the activities: their names and the records that cross Temporal.

Records are JSON-native; a payload stays far below Temporal's limit of 2 MB because the log is read in pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.records import EventRecord

APPEND = "append"
NOTIFY = "notify"
RECEIVED = "received"
START_MEASURES = "start-measures"
CLOSE_MEASURES = "close-measures"

PAGE = 500


@dataclass(frozen=True)
class Proposal:
    """Events to append after `expected_version`; none of them is a question for what follows it.

    `records` are EventRecords where they leave and plain objects of the same fields where they arrive.
    """

    stream: str
    expected_version: int
    records: list[Any]


@dataclass(frozen=True)
class Answer:
    """What the log answered: the proposal was `appended` as it stood, or the rows that it holds instead, at most PAGE.

    A question is answered by rows, and counts as appended.
    """

    appended: bool
    rows: list[EventRecord]


@dataclass(frozen=True)
class LetterOrder:
    """A letter to be sent: the stream that made it due and the notice's id in it."""

    stream: str
    notice: str


@dataclass(frozen=True)
class LetterOutcome:
    """What became of it: delivered, failed or suppressed, and where to or why."""

    outcome: str
    detail: str


@dataclass(frozen=True)
class Arrivals:
    """A question for the times at which signals reached the server; `digests` are of the signals' records."""

    workflow_id: str
    run_id: str
    digests: list[str]


@dataclass(frozen=True)
class YearOrder:
    """An order that concerns all measures of a year. `offset_microseconds` is the shift of a played year's clock."""

    roadmap: str
    offset_microseconds: int
    turns_per_run: int
    jitter_seconds: float
