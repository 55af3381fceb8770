"""What happened. A fact says what; an event adds when, by whom and upon which command.

Facts are small and hold no instant taken from "now": the same year lived twice makes the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.commands import Command, Evidence
from domain.roadmap import Checkpoint, MeasurePlan, Roadmap

CLOCK = "clock"
POST = "post"
ADMINISTRATOR = "administrator"
# The edition of the rules that a year begun today lives by to its end; what came with each: docs/design.md.
RULES = 2


@dataclass(frozen=True, slots=True)
class MeasurePlanned:
    """The measure is under control from the event's `at` on.

    With `quiet_past` no letter goes for a moment that was planned before that; the year's own letters tell of those.
    `rules` is the edition of the rules that decide: those of a later one bind no measure that was planned before.
    """

    plan: MeasurePlan
    quiet_past: bool = False
    rules: int = 1


@dataclass(frozen=True, slots=True)
class AssignmentOpened:
    """The window of an assignment has begun."""

    assignment: str


@dataclass(frozen=True, slots=True)
class ReminderIssued:
    """A reminder is due to `to`: before a deadline, before an interim report, or for a missing schedule.

    `kind` is deadline, interim or schedule; `on` is the day it reminds of, null for a schedule.
    """

    assignment: str | None
    kind: str
    days_before: int
    on: date | None
    to: str


@dataclass(frozen=True, slots=True)
class ReminderSuppressed:
    """A reminder that the rules call for was not needed: `rule` says why (too-late, reported)."""

    assignment: str
    kind: str
    days_before: int
    on: date
    to: str
    rule: str


@dataclass(frozen=True, slots=True)
class ProgressReported:
    """Interim information came in."""

    assignment: str
    note: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class InterimMissed:
    """No interim report came by the day it was expected; the coordinator is told."""

    assignment: str
    on: date
    to: str


@dataclass(frozen=True, slots=True)
class ExecutionReported:
    """The body reports the assignment as executed; `days_late` is 0 when it came in time."""

    assignment: str
    note: str
    evidence: tuple[Evidence, ...]
    days_late: int


@dataclass(frozen=True, slots=True)
class ExecutionAccepted:
    """The controller took the assignment off control."""

    assignment: str
    note: str


@dataclass(frozen=True, slots=True)
class ReviewAwaited:
    """A report of `since` still waits for the controller's decision: `to` is told, as step `level` says."""

    assignment: str
    since: date
    level: int
    to: str


@dataclass(frozen=True, slots=True)
class ReturnedForRework:
    """The controller sent the report back."""

    assignment: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeadlineMissed:
    """The due moment passed without a report; the assignment stays under control."""

    assignment: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Escalated:
    """A step of the ladder: `to` is told that the assignment is overdue."""

    assignment: str
    level: int
    to: str


@dataclass(frozen=True, slots=True)
class ExtensionRequested:
    """The body asked for more time."""

    assignment: str
    until: date
    reason: str


@dataclass(frozen=True, slots=True)
class DeadlineExtended:
    """The controller moved the due date; the scheduled one stays for ever."""

    assignment: str
    due_on: date
    until: date
    reason: str
    act: str


@dataclass(frozen=True, slots=True)
class ExtensionRefused:
    """The due date stays."""

    assignment: str
    reason: str


@dataclass(frozen=True, slots=True)
class AssignmentWithdrawn:
    """Taken out of the plan by an act: out of every denominator, visibly."""

    assignment: str
    reason: str
    act: str


@dataclass(frozen=True, slots=True)
class AssignmentReassigned:
    """Another body answers from now on, with the same dates."""

    assignment: str
    to: str
    successor: str
    reason: str
    act: str


@dataclass(frozen=True, slots=True)
class ScheduleSet:
    """An undated measure got its dates, with the act behind them."""

    checkpoints: tuple[Checkpoint, ...]
    act: str


@dataclass(frozen=True, slots=True)
class MeasureCompleted:
    """Every checkpoint is executed by the measure's rule (all, lead, any)."""

    rule: str


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command that may not happen: `reason` is a stable code, `detail` the words behind it."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class NoticeDelivered:
    """A letter left by SMTP; of older Vekhas also one that became a file, whose name `detail` is then."""

    notice: str
    detail: str


@dataclass(frozen=True, slots=True)
class NoticeFailed:
    """A letter could not be delivered; `detail` says why."""

    notice: str
    detail: str


@dataclass(frozen=True, slots=True)
class NoticeSuppressed:
    """A letter was not sent by the rule that `detail` names."""

    notice: str
    detail: str


@dataclass(frozen=True, slots=True)
class NoticeFiled:
    """A letter became a file, `detail`, because no mail server is set: nobody was sent anything."""

    notice: str
    detail: str


NoticeOutcome = NoticeDelivered | NoticeFailed | NoticeSuppressed | NoticeFiled


@dataclass(frozen=True, slots=True)
class LetterResent:
    """A letter that had failed is on its way again."""

    notice: str


@dataclass(frozen=True, slots=True)
class LeftOpenAtClose:
    """The year's end found the assignment in `stage`; `needed` is false where others had completed its checkpoint."""

    assignment: str
    stage: str
    needed: bool


@dataclass(frozen=True, slots=True)
class MeasureClosed:
    """The measure's stream ends."""

    completed: bool


@dataclass(frozen=True, slots=True)
class YearStarted:
    """The definition in force, with the text it was made of.

    `rehearsal` marks a year that is played with a shifted clock; `offset_seconds` is the shift. With `quiet_past` whoever
    answers for what was due before the start gets one letter about all of it, and none by the moment. `rules` is the edition
    of the rules that its measures live by.
    """

    definition: Roadmap
    definition_sha256: str
    source: str
    source_sha256: str
    rehearsal: bool
    offset_seconds: Decimal
    quiet_past: bool = False
    rules: int = 1


@dataclass(frozen=True, slots=True)
class IndicatorMeasured:
    """A body reported the value of an indicator; the last value of a body counts."""

    indicator: str
    body: str
    numerator: Decimal
    denominator: Decimal | None
    baseline: Decimal | None
    note: str


@dataclass(frozen=True, slots=True)
class ContactErased:
    """The name and address behind a code are gone: the database takes them away with this event's append."""

    code: str
    act: str


@dataclass(frozen=True, slots=True)
class YearClosed:
    """The year is over; its measures are closed next."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """The row at this place (of type `was`) could not be taken up, and was set aside by an act: nothing follows from it.

    Nobody writes it as an event: the log gives it in the place of such a row.
    """

    act: str
    by: str
    was: str
    set_aside_at: datetime


MeasureFact = (
    MeasurePlanned
    | AssignmentOpened
    | ReminderIssued
    | ReminderSuppressed
    | ProgressReported
    | InterimMissed
    | ExecutionReported
    | ExecutionAccepted
    | ReviewAwaited
    | ReturnedForRework
    | DeadlineMissed
    | Escalated
    | ExtensionRequested
    | DeadlineExtended
    | ExtensionRefused
    | AssignmentWithdrawn
    | AssignmentReassigned
    | ScheduleSet
    | MeasureCompleted
    | CommandRefused
    | NoticeOutcome
    | LetterResent
    | LeftOpenAtClose
    | MeasureClosed
)
YearFact = YearStarted | IndicatorMeasured | ContactErased | CommandRefused | NoticeOutcome | LetterResent | YearClosed
Fact = MeasureFact | YearFact | SetAside


@dataclass(frozen=True, slots=True)
class Event:
    """A fact with its dates, which never change places.

    `at` is the planned moment of a clock event and the sender's moment of a command; `received_at` is when the
    engine got the command, or decided the moment; `occurred_on` is in the sender's words. `command` stands in the
    first event of a command only, `command_id` in all of them.
    """

    fact: Fact
    at: datetime
    occurred_on: date
    received_at: datetime
    actor: str
    command_id: str | None = None
    command: Command | None = None
