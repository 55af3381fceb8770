"""What people ask for. A command has an id made by its sender: sent twice, it happens once.

As a record (over Temporal, in the log): {"id", "type", "actor", "sent_at", "occurred_on", "data"}; `type` is the
name of the request's class and `data` its fields. An assignment is named by `checkpoint` and `body`; either may be
left out where only one can be meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves execution: its SHA-256 in hex, its size in bytes, its name at the sender's.

    What a command may say of it, `domain.codec.hear_command` checks; old logs may hold other forms.
    """

    sha256: str
    size: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A request that concerns one assignment; `measure`, where given, must be the one that receives it."""

    measure: str | None = None
    checkpoint: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportProgress(Addressed):
    """Interim information; it never closes an assignment."""

    note: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportExecution(Addressed):
    """The report of execution: asks for acceptance.

    With `early` the sender knows that the window of the assignment is far from begun, and reports all the same.
    """

    note: str = ""
    evidence: tuple[Evidence, ...] = ()
    early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptExecution(Addressed):
    """The controller takes the assignment off control."""

    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnForRework(Addressed):
    """The controller sends the report back; the clock did not stop."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExtension(Addressed):
    """The responsible body asks for more time."""

    until: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendDeadline(Addressed):
    """The controller moves a due date, by an act and with a reason."""

    until: date
    reason: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseExtension(Addressed):
    """The controller leaves the due date where it is."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAssignment(Addressed):
    """The controller takes an assignment out of the plan, by an act."""

    reason: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignAssignment(Addressed):
    """The controller gives an assignment to another body, by an act."""

    to: str
    reason: str
    act: str


@dataclass(frozen=True, slots=True)
class ScheduledPoint:
    """One dated result of a schedule that was missing in the order."""

    key: str
    label: str
    starts_on: date
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSchedule:
    """The controller gives an undated measure its dates."""

    measure: str | None = None
    points: tuple[ScheduledPoint, ...]
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureIndicator:
    """A body reports the value of a target indicator; `baseline` is the earlier value where growth is wanted."""

    indicator: str
    numerator: Decimal
    body: str | None = None
    denominator: Decimal | None = None
    baseline: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseContact:
    """The name and address behind a code are erased for good, by an act; a year that is over does it too."""

    code: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendLetters:
    """Letters that failed are sent again: all of the stream, or the one whose notice is named."""

    measure: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """The year ends: what is open is recorded as left open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A record that is no command; it is refused, with what it said."""

    problem: str
    text: str


Request = (
    ReportProgress
    | ReportExecution
    | AcceptExecution
    | ReturnForRework
    | RequestExtension
    | ExtendDeadline
    | RefuseExtension
    | WithdrawAssignment
    | ReassignAssignment
    | SetSchedule
    | MeasureIndicator
    | EraseContact
    | ResendLetters
    | Close
    | Unreadable
)


@dataclass(frozen=True, slots=True)
class Command:
    """A request with its sender.

    `sent_at` is the sender's moment; `occurred_on` is when the thing happened in the sender's words, null for the
    day of sending. `digest` is the content that a repeat must share: all but `sent_at`.
    """

    id: str
    actor: str
    sent_at: datetime
    occurred_on: date | None
    request: Request
    digest: str


@dataclass(frozen=True, slots=True)
class Received:
    """A command with the instant at which the engine got it; lateness is judged by that.

    `year_closed` says, to a measure that is asked to close, whether its year has closed before.
    `missing` has the SHA-256 of each file that the command names and the evidence store did not have then, or had with
    other content.
    """

    command: Command
    received_at: datetime
    year_closed: bool = True
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a letter: `outcome` is delivered, filed, failed or suppressed; `detail` says where to or why."""

    notice: str
    outcome: str
    detail: str
    received_at: datetime
