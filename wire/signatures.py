"""The signatures of the activities: their names and the records that cross Temporal.

Records are JSON-native. None of them grows with a stream: a turn is given a part of the inbox, at most PART commands and
PART_BYTES, and answers with where the stream has come to; the events themselves go from the worker to the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TURN = "turn"
LOST_SIGNALS = "lost-signals"
POST = "post"
START_MEASURES = "start-measures"
CLOSE_MEASURES = "close-measures"

PART = 100
PART_BYTES = 256_000


@dataclass
class Arrival:
    """A signal that waits: its record, when the workflow saw it, the run whose history has it, its bytes on the wire.

    `seen_at` is an RFC 3339 text by the engine's clock.
    """

    record: Any
    seen_at: str
    run_id: str
    size: int = 0


@dataclass(frozen=True)
class LetterOutcome:
    """What became of a letter: delivered, failed or suppressed, and where to or why."""

    notice: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class TurnOrder:
    """What a turn decides about, in the stream that is named like the workflow.

    `version` is how much of the stream the workflow knows, 0 where it has just begun: rows of another writer after it stop
    the stream, unless a person has said `resumed`. `now` is the engine's. `chain` names the workflow chain: its first
    execution run id. With `more` further arrivals wait, and the clock goes no further than these. With `give_up` letters that
    still wait are recorded as not sent. `waits_for` is the moment that the workflow's timer runs to, `shown` the digest of what
    Temporal's pages show already.
    """

    version: int
    now: str
    chain: str
    arrivals: list[Arrival] = field(default_factory=list)
    outcomes: list[LetterOutcome] = field(default_factory=list)
    more: bool = False
    resumed: bool = False
    give_up: bool = False
    waits_for: str | None = None
    shown: str = ""


@dataclass(frozen=True)
class Shown:
    """What Temporal's own pages show of a stream, and its digest. A year has no stage."""

    digest: str
    details: str
    stage: str | None = None
    overdue: int = 0
    next_due: str | None = None


@dataclass(frozen=True)
class TurnAnswer:
    """Where the stream has come to: its version, how many letters wait, whether it is closed.

    `due_at` is the next moment by the engine's clock, null for never; where the timer has to be wound for it, `wake_at` is when
    to look, no earlier, and `wake_for` says what for. `shown` is null where nothing has changed. With `stranger`, rows of another writer stand behind the known version, and nothing was done.
    """

    version: int
    letters: int = 0
    closed: bool = False
    due_at: str | None = None
    wake_at: str | None = None
    wake_for: str = ""
    shown: Shown | None = None
    stranger: bool = False


@dataclass(frozen=True)
class PostOrder:
    """An order to send letters that wait in the stream named like the workflow, which has come to `version`."""

    version: int


@dataclass(frozen=True)
class LostRun:
    """A question for signals of a run that ended before it had turned them; `after` is how many of them were given."""

    run_id: str
    after: int = 0


@dataclass(frozen=True)
class LostPart:
    """Signals of a lost run in their order, at most PART and PART_BYTES; `after` is null where there are no more."""

    arrivals: list[Arrival]
    after: int | None


@dataclass(frozen=True)
class YearOrder:
    """An order that concerns all measures of a year; `turns_per_run` goes on to their workflows."""

    roadmap: str
    turns_per_run: int


@dataclass
class StreamInput:
    """What a run begins with.

    `version` is how far the run before knew the stream, 0 for nobody; `inbox` what it had not turned yet. `lost_runs` ended in
    the midst, the oldest first: what they were sent is taken up first.
    """

    turns_per_run: int
    version: int = 0
    inbox: list[Arrival] = field(default_factory=list)
    lost_runs: list[str] = field(default_factory=list)
