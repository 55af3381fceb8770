"""Who has to be told what: letters follow from events, by rule.

A notice's id is made of what it is about, never of a version or a clock, so that the same year makes the same ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.events import (
    CLOCK,
    AssignmentReassigned,
    AssignmentWithdrawn,
    DeadlineExtended,
    Escalated,
    Event,
    ExecutionAccepted,
    ExecutionReported,
    ExtensionRefused,
    ExtensionRequested,
    Fact,
    InterimMissed,
    ReminderIssued,
    ReturnedForRework,
    ReviewAwaited,
    ScheduleSet,
)

# So long a letter is tried again, counted from the receipt of its event; then it counts as failed.
LETTER_LIMIT = timedelta(days=3)
BEFORE_START = "before-start"


@dataclass(frozen=True, slots=True)
class Notice:
    """One letter that is due: its kind, whom it goes to, since when, and the facts that it tells.

    `since` is the receipt of its event, for one of the clock when it was decided, and after that the receipt of a command
    that sends it again; `happened_at` is the event's own moment: the planned one of the clock, else the receipt. `due_on`
    is the date in force of the assignment after the event, `was` the one before it where the event moved it, `on` the date
    that the letter is about, `level` the step of the ladder, `words` what a person wrote, `act` the act that they named and
    `files` the names of the files that a report brought. With a `rule` the letter is not sent, by that rule. In an outbox
    words, act and files are left out: they stand in the event at `version`, however many letters wait.
    """

    id: str
    kind: str
    to: str
    assignment: str | None
    since: datetime
    happened_at: datetime
    on: date | None = None
    level: int = 0
    words: str = ""
    due_on: date | None = None
    rule: str = ""
    version: int = 0
    files: tuple[str, ...] = ()
    act: str = ""
    was: date | None = None


def of_clock(event: Event) -> bool:
    """Tell whether the clock made an event; anybody may call themselves so in a command."""
    return event.actor == CLOCK and event.command_id is None


def notices(
    event: Event,
    controller: str,
    due_on: date | None,
    quiet_until: datetime | None = None,
    *,
    scheduled: Iterable[str] = (),
) -> Iterator[Notice]:
    """Yield the letters that an event makes due; `due_on` is the date in force of the assignment it concerns.

    Those of moments that were planned before `quiet_until` are not sent. `scheduled` are the bodies that a schedule gave
    dates to.
    """
    fact = event.fact
    happened_at = event.at if of_clock(event) else event.received_at
    rule = BEFORE_START if quiet_until is not None and happened_at < quiet_until and of_clock(event) else ""

    def notice(kind: str, to: str, mark: object, *, on: date | None = None, level: int = 0, words: str = "") -> Notice:
        assignment: str | None = getattr(fact, "assignment", None)
        id_ = f"{assignment or 'measure'}:{kind}:{mark}:{to}"
        was = fact.due_on if isinstance(fact, DeadlineExtended) else None
        return Notice(
            *(id_, kind, to, assignment, event.received_at, happened_at, on, level, words, due_on, rule),
            files=files_of(fact) if kind == "reported" else (),
            act=act_of(fact),
            was=was,
        )

    match fact:
        case ReminderIssued(kind=kind, days_before=days, on=on, to=to):
            yield notice(f"reminder-{kind}", to, f"{on or 'start'}-{days}", on=on)
        case InterimMissed(on=on, to=to):
            yield notice("interim-missed", to, on, on=on)
        case Escalated(level=level, to=to):
            # A deadline can be missed again after an extension, and climb again: the date tells the climbs apart. The
            # day of the step does not: two climbs that are counted from a return, or over a holiday, may share it.
            yield notice("escalation", to, f"{due_on}-{level}", level=level)
        case ReviewAwaited(since=since, level=level, to=to):
            yield notice("unreviewed", to, f"{since}-{level}", on=since, level=level)
        case ExecutionReported(note=note):
            yield notice("reported", controller, event.command_id, words=note)
        case ExtensionRequested(until=until, reason=reason):
            yield notice("extension-requested", controller, event.command_id, on=until, words=reason)
        case ExecutionAccepted(assignment=assignment, note=note):
            yield notice("accepted", _body(assignment), event.command_id, words=note)
        case ReturnedForRework(assignment=assignment, reason=reason):
            yield notice("returned", _body(assignment), event.command_id, words=reason)
        case DeadlineExtended(assignment=assignment, until=until, reason=reason):
            yield notice("extended", _body(assignment), event.command_id, on=until, words=reason)
        case ExtensionRefused(assignment=assignment, reason=reason):
            yield notice("extension-refused", _body(assignment), event.command_id, words=reason)
        case AssignmentWithdrawn(assignment=assignment, reason=reason):
            yield notice("withdrawn", _body(assignment), event.command_id, words=reason)
        case AssignmentReassigned(assignment=assignment, to=to, reason=reason):
            yield notice("withdrawn", _body(assignment), event.command_id, words=reason)
            yield notice("assigned", to, event.command_id, words=reason)
        case ScheduleSet():
            for body in scheduled:
                yield notice("scheduled", body, event.command_id)
        case _:
            return  # the other facts tell nobody anything


def words_of(fact: Fact) -> str:
    """Return what a person wrote in a fact that letters bring along; empty where nobody did."""
    words: str = getattr(fact, "note", "") or getattr(fact, "reason", "")
    return words


def files_of(fact: Fact) -> tuple[str, ...]:
    """Return the names of the files that a report brought; none for another fact."""
    return tuple(file.name for file in fact.evidence) if isinstance(fact, ExecutionReported) else ()


def act_of(fact: Fact) -> str:
    """Return the act that a person named in a fact; empty where it has none."""
    act: str = getattr(fact, "act", "")
    return act


def _body(assignment: str) -> str:
    return assignment.rsplit("/", 1)[1]
