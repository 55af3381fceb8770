"""The life of one measure: state, the clock's next moment, decide, evolve.

An assignment (checkpoint × body) is the unit of control. Its stage says where it stands; that it is overdue is a
fact beside the stage. The rules follow the order (points 2-4) and the agencies' rules of execution control
(LAW_305378 п. 5.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from domain.commands import (
    AcceptExecution,
    Addressed,
    Close,
    Command,
    EraseContact,
    ExtendDeadline,
    MeasureIndicator,
    ReassignAssignment,
    Received,
    RefuseExtension,
    ReportExecution,
    ReportProgress,
    RequestExtension,
    ResendLetters,
    ReturnForRework,
    ScheduledPoint,
    SetSchedule,
    Unreadable,
    WithdrawAssignment,
)
from domain.errors import OutsideCalendar, Reason, Refused, UnreadableEvent
from domain.events import (
    CLOCK,
    RULES,
    AssignmentOpened,
    AssignmentReassigned,
    AssignmentWithdrawn,
    CommandRefused,
    DeadlineExtended,
    DeadlineMissed,
    Escalated,
    Event,
    ExecutionAccepted,
    ExecutionReported,
    ExtensionRefused,
    ExtensionRequested,
    Fact,
    InterimMissed,
    LeftOpenAtClose,
    MeasureClosed,
    MeasureCompleted,
    MeasurePlanned,
    ProgressReported,
    ReminderIssued,
    ReminderSuppressed,
    ReturnedForRework,
    ReviewAwaited,
    ScheduleSet,
)
from domain.notices import Notice, notices
from domain.roadmap import Addressee, Checkpoint, Completion, MeasurePlan, Role
from domain.turn import (
    Decider,
    Due,
    Ledger,
    check_evidence,
    check_ruler,
    check_sender,
    held_back,
    known_rules,
    resent,
)

# ---------------------------------------------------------------------------------------------------------- state


@dataclass(frozen=True, slots=True)
class Planned:
    """The window has not begun; a report is taken already."""


@dataclass(frozen=True, slots=True)
class Open:
    """Waits for the report."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Waits for the controller."""

    days_late: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """Off control."""

    days_late: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Taken out of the plan by an act."""


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """The year's end found it open."""


Stage = Planned | Open | Reported | Accepted | Withdrawn | LeftOpen
STAGE_NAMES: Mapping[type[Stage], str] = {
    Planned: "planned",
    Open: "open",
    Reported: "reported",
    Accepted: "accepted",
    Withdrawn: "withdrawn",
    LeftOpen: "left-open",
}

UNDATED = "-"  # stands for the checkpoint in the id of what never got a date
SOON = timedelta(days=14)
"""So long before its time work may be reported without a question."""
FAIR = 2
"""The edition of the rules from which on nobody is told of time that they did not have, and answers are asked for."""
# As keys are written in a roadmap: they stand in the ids of assignments.
SCHEDULE_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
URGENCY = ("open", "reported", "planned", "accepted", "withdrawn", "left-open")


@dataclass(frozen=True)
class Assignment:
    """Checkpoint × body.

    `dated_at` is when its dates were set: a reminder planned before that came too late to be sent. `counts_from` is
    the day of the last return or reassignment, or of the schedule, from which the ladder is counted when it is later than the
    due date. `reported_on` is the day of the last report, `reviews` how often its waiting was told; `asked` tells whether a
    request for more time waits for its answer.
    `reminded` holds the reminders already decided, as (kind, day, working days before); `interims_past` counts the interim
    reports that came or were missed. `next_due` is derived from the rest and the plan.
    """

    id: str
    checkpoint: str
    body: str
    role: Role
    starts_on: date
    scheduled_on: date
    due_on: date
    interim: tuple[date, ...]
    dated_at: datetime
    stage: Stage = field(default_factory=Planned)
    missed: bool = False
    level: int = 0
    counts_from: date | None = None
    reminded: frozenset[tuple[str, date, int]] = frozenset()
    interims_past: int = 0
    reported_on: date | None = None
    reviews: int = 0
    asked: bool = False
    next_due: Due | None = None

    @property
    def live(self) -> bool:
        """Tell whether anything can still happen to it."""
        return isinstance(self.stage, Planned | Open | Reported)

    @property
    def overdue(self) -> bool:
        """Tell whether its deadline was missed and it is not settled yet."""
        return self.missed and not isinstance(self.stage, Accepted | Withdrawn)


@dataclass(frozen=True, kw_only=True)
class MeasureState(Ledger):
    """What one measure has come to, by the edition `rules` of the rules.

    With `quiet_past` no letter goes for what was planned before `started_at`.
    """

    plan: MeasurePlan
    started_at: datetime
    quiet_past: bool = False
    rules: int = 1
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    schedule_asked: bool = False
    completed: bool = False

    @property
    def undated(self) -> bool:
        """Tell whether the measure still waits for its dates: shown so, never as fine."""
        return not self.assignments

    def checkpoint(self, key: str) -> list[Assignment]:
        """Return the assignments of a checkpoint that are not withdrawn."""
        return [
            item
            for item in self.assignments.values()
            if item.checkpoint == key and not isinstance(item.stage, Withdrawn)
        ]


def planned(
    plan: MeasurePlan, at: datetime, received_at: datetime, *, quiet_past: bool = True, rules: int = RULES
) -> Event:
    """Return the first event of a measure's stream; `quiet_past` and `rules` as in its year."""
    return Event(MeasurePlanned(plan, quiet_past, rules), at, plan.policy.local_date(at), received_at, CLOCK)


def begin(first: Event) -> MeasureState:
    """Return the state before a stream's first event, made of that event."""
    if not isinstance(first.fact, MeasurePlanned):
        found = type(first.fact).__name__
        raise UnreadableEvent("version 1", f"a measure's stream begins with MeasurePlanned, not {found}")
    return MeasureState(
        plan=first.fact.plan,
        started_at=first.at,
        quiet_past=first.fact.quiet_past,
        rules=known_rules(first.fact),
    )


def stage_of(state: MeasureState) -> str:
    """Return the word for where the whole measure stands: the stage that asks for most stands for it."""
    if state.closed:
        return "closed"
    if state.completed:
        return "completed"
    if state.undated:
        return "undated"
    stages = {STAGE_NAMES[type(item.stage)] for item in state.assignments.values()}
    return next(name for name in URGENCY if name in stages)


def assignment_id(measure: str, checkpoint: str, body: str) -> str:
    """Return the id of an assignment: the same across amendments."""
    return f"{measure}/{checkpoint}/{body}"


# ------------------------------------------------------------------------------------------------------ the clock


def due(state: MeasureState) -> Due | None:
    """Return the next planned moment of the measure, if it has one."""
    if state.quiet_past and (held := held_back(state)):
        return held
    if state.completed or state.closed:
        return None
    if state.undated:
        return None if state.schedule_asked else _schedule_reminder(state)
    waiting = (item.next_due for item in state.assignments.values() if item.next_due)
    return min(waiting, key=lambda due: due.at, default=None)


def _schedule_reminder(state: MeasureState) -> Due:
    plan = state.plan
    day = plan.calendar.reach(plan.policy.local_date(state.started_at), plan.policy.undated_after)
    asked = next(iter(plan.measure.bodies), plan.policy.controller)
    fact = ReminderIssued(None, "schedule", 0, None, asked)
    return Due(plan.policy.instant(day, plan.policy.notify_at), fact)


def _replanned(state: MeasureState, item: Assignment) -> Assignment:
    """Return the assignment with its next moment: the earliest of all that its stage still has before it."""
    moments = () if not item.live or _done(state, item.checkpoint) else _moments(state.plan, item)
    return replace(item, next_due=min(moments, key=lambda due: due.at, default=None))


def _moments(plan: MeasurePlan, item: Assignment) -> Iterator[Due]:
    policy = plan.policy
    waits = isinstance(item.stage, Planned | Open)
    if isinstance(item.stage, Planned):
        yield Due(max(policy.instant(item.starts_on, policy.opens_at), item.dated_at), AssignmentOpened(item.id))
    yield from _reminders(plan, item, "deadline", item.due_on, policy.reminders)
    if waits and item.interims_past < len(item.interim):
        day = item.interim[item.interims_past]
        yield from _reminders(plan, item, "interim", day, (policy.interim_reminder,))
        told = plan.registry.coordinator(item.body) or policy.controller
        yield Due(policy.instant(day, policy.due_time), InterimMissed(item.id, day, told))
    if waits and not item.missed:
        yield Due(policy.instant(item.due_on, policy.due_time), DeadlineMissed(item.id, item.due_on))
    if waits and item.missed and item.level < len(policy.escalation):
        step = policy.escalation[item.level]
        day = plan.calendar.reach(max(item.due_on, item.counts_from or item.due_on), step.after)
        fact = Escalated(item.id, item.level + 1, _addressee(plan, item.body, step.to))
        yield Due(policy.instant(day, policy.notify_at), fact)
    if isinstance(item.stage, Reported) and item.reported_on and item.reviews < len(policy.unreviewed_after):
        day = plan.calendar.reach(item.reported_on, policy.unreviewed_after[item.reviews])
        to = plan.registry.above(policy.controller) if item.reviews else None
        awaited = ReviewAwaited(item.id, item.reported_on, item.reviews + 1, to or policy.controller)
        yield Due(policy.instant(day, policy.notify_at), awaited)


def _reminders(plan: MeasurePlan, item: Assignment, kind: str, on: date, before: Sequence[int]) -> Iterator[Due]:
    for days in before:
        if (kind, on, days) in item.reminded:
            continue
        at = plan.policy.instant(plan.calendar.reach(on, -days), plan.policy.notify_at)
        rule = "too-late" if at < item.dated_at else "reported" if isinstance(item.stage, Reported) else None
        if rule is None:
            yield Due(at, ReminderIssued(item.id, kind, days, on, item.body))
        else:
            yield Due(at, ReminderSuppressed(item.id, kind, days, on, item.body, rule))


def _addressee(plan: MeasurePlan, body: str, to: Addressee) -> str:
    if to is Addressee.RESPONSIBLE:
        return body
    if to is Addressee.COORDINATOR:
        return plan.registry.coordinator(body) or plan.policy.controller
    return plan.policy.controller


# --------------------------------------------------------------------------------------------------------- decide


def decide(state: MeasureState, received: Received) -> list[Fact]:
    """Return what a command makes happen: at least one fact, a refusal with its reason among them."""
    try:
        return _allowed(state, received)
    except Refused as refusal:
        return [CommandRefused(refusal.reason.value, refusal.detail)]


def _allowed(state: MeasureState, received: Received) -> list[Fact]:
    command, request = received.command, received.command.request
    if isinstance(request, Unreadable):
        raise Refused(Reason.UNREADABLE, request.problem)
    if state.closed:
        raise Refused(Reason.CLOSED, state.plan.roadmap)
    if isinstance(request, Close):
        check_ruler(state.plan.registry, state.plan.policy, command.actor)
        if not received.year_closed:
            raise Refused(Reason.YEAR_OPEN, state.plan.roadmap)
        return _close(state)
    if isinstance(request, ResendLetters):
        check_ruler(state.plan.registry, state.plan.policy, command.actor)
        _check_measure(state, request.measure)
        return [*resent(state, request)]
    check_sender(state.plan.registry, state.plan.policy, state.plan.order, received)
    if not isinstance(request, MeasureIndicator | EraseContact):
        _check_measure(state, request.measure)
    if state.completed:
        raise Refused(Reason.COMPLETED, state.plan.measure.number)
    match request:
        case ReportProgress():
            return _report_progress(state, received, request)
        case ReportExecution():
            return _report_execution(state, received, request)
        case AcceptExecution():
            return _accept(state, command, request)
        case ReturnForRework():
            item = _controlled(state, command, request, Reported)
            return [ReturnedForRework(item.id, request.reason)]
        case RequestExtension():
            return _request_extension(state, received, request)
        case ExtendDeadline():
            return _extend(state, received, request)
        case RefuseExtension():
            return _refuse_extension(state, command, request)
        case WithdrawAssignment():
            item = _controlled(state, command, request, Planned, Open, Reported)
            return _with_completion(
                state, AssignmentWithdrawn(item.id, request.reason, request.act), item.id, Withdrawn()
            )
        case ReassignAssignment():
            return _reassign(state, command, request)
        case SetSchedule():
            return _set_schedule(state, command, request)
        case MeasureIndicator():
            raise Refused(Reason.WRONG_STREAM, request.indicator)
        case EraseContact():
            raise Refused(Reason.WRONG_STREAM, request.code)


def _check_measure(state: MeasureState, asked: str | None) -> None:
    if asked not in (None, state.plan.measure.number):
        raise Refused(Reason.WRONG_STREAM, asked or "")


def _report_progress(state: MeasureState, received: Received, request: ReportProgress) -> list[Fact]:
    item = _own(state, received.command, request, Planned, Open, Reported)
    check_evidence(received, request.evidence)
    return [ProgressReported(item.id, request.note, request.evidence)]


def _report_execution(state: MeasureState, received: Received, request: ReportExecution) -> list[Fact]:
    item = _reported(state, received, request)
    policy = state.plan.policy
    if policy.proof_needed and not request.note.strip() and not request.evidence:
        raise Refused(Reason.NO_PROOF, item.id)
    check_evidence(received, request.evidence)
    late = received.received_at > policy.instant(item.due_on, policy.due_time)
    days = max(1, (policy.local_date(received.received_at) - item.due_on).days) if late else 0
    return [ExecutionReported(item.id, request.note, request.evidence, days)]


def _reported(state: MeasureState, received: Received, request: ReportExecution) -> Assignment:
    """Return the assignment that is reported: one that is open before one that is soon to be, and another only `early`."""
    command, now = received.command, received.received_at
    if request.early or state.rules < FAIR:
        return _own(state, command, request, Planned, Open)
    try:
        return _own(_begun(state, now), command, request, Open)
    except Refused as refused:
        if refused.reason is not Reason.NOT_OPEN:
            raise
    return _own(_begun(state, now + SOON), command, request, Open)


def _begun(state: MeasureState, now: datetime) -> MeasureState:
    """Return the state with each window open that begins by then: at its very instant a command comes before the clock."""
    policy = state.plan.policy
    begun = {
        item.id: replace(item, stage=Open())
        for item in state.assignments.values()
        if isinstance(item.stage, Planned) and policy.instant(item.starts_on, policy.opens_at) <= now
    }
    return replace(state, assignments={**state.assignments, **begun}) if begun else state


def _accept(state: MeasureState, command: Command, request: AcceptExecution) -> list[Fact]:
    item = _controlled(state, command, request, Reported)
    return _with_completion(state, ExecutionAccepted(item.id, request.note), item.id, Accepted(0))


def _request_extension(state: MeasureState, received: Received, request: RequestExtension) -> list[Fact]:
    item = _own(state, received.command, request, Planned, Open)
    _new_due_date(state, item, request.until, received.received_at)
    return [ExtensionRequested(item.id, request.until, request.reason)]


def _extend(state: MeasureState, received: Received, request: ExtendDeadline) -> list[Fact]:
    item = _controlled(state, received.command, request, Planned, Open)
    until = _new_due_date(state, item, request.until, received.received_at)
    return [DeadlineExtended(item.id, item.due_on, until, request.reason, request.act)]


def _refuse_extension(state: MeasureState, command: Command, request: RefuseExtension) -> list[Fact]:
    item = _controlled(state, command, request, Planned, Open, Reported)
    if state.rules >= FAIR and not item.asked:
        raise Refused(Reason.NOT_ASKED, item.id)
    return [ExtensionRefused(item.id, request.reason)]


def _reassign(state: MeasureState, command: Command, request: ReassignAssignment) -> list[Fact]:
    item = _controlled(state, command, request, Planned, Open, Reported)
    successor = assignment_id(state.plan.measure.number, item.checkpoint, request.to)
    if state.plan.registry.body(request.to) is None:
        raise Refused(Reason.UNKNOWN_BODY, request.to)
    if state.plan.registry.open_group(request.to) != (request.to,):
        raise Refused(Reason.BAD_VALUE, f"to {request.to}")  # a group with members: none of them could report
    if successor in state.assignments:
        raise Refused(Reason.WRONG_STAGE, successor)
    return [AssignmentReassigned(item.id, request.to, successor, request.reason, request.act)]


def _set_schedule(state: MeasureState, command: Command, request: SetSchedule) -> list[Fact]:
    plan = state.plan
    _check_controller(plan, command)
    if not state.undated:
        raise Refused(Reason.ALREADY_DATED, plan.measure.number)
    if not request.points or len({point.key for point in request.points}) < len(request.points):
        raise Refused(Reason.BAD_VALUE, "points")
    checkpoints = tuple(_scheduled(plan, point) for point in request.points)
    return [ScheduleSet(checkpoints, request.act)]


def _scheduled(plan: MeasurePlan, point: ScheduledPoint) -> Checkpoint:
    if not SCHEDULE_KEY.fullmatch(point.key):
        raise Refused(Reason.BAD_VALUE, f"key {point.key}")
    if not plan.order.date <= point.starts_on <= point.due:
        raise Refused(Reason.BAD_DATE, f"{point.starts_on}..{point.due}")
    due_on = max(_shifted(plan, point.due), point.starts_on)
    return Checkpoint(point.key, point.label, point.starts_on, point.due, due_on, rule="schedule")


def _close(state: MeasureState) -> list[Fact]:
    measure, registry = state.plan.measure, state.plan.registry
    if state.undated:
        bodies = dict.fromkeys(body for code in measure.bodies for body in registry.open_group(code))
        undated = (assignment_id(measure.number, UNDATED, body) for body in bodies)
        return [*(LeftOpenAtClose(key, "undated", needed=True) for key in undated), MeasureClosed(completed=False)]
    left = (item for item in state.assignments.values() if item.live)
    return [
        *(LeftOpenAtClose(item.id, STAGE_NAMES[type(item.stage)], not _done(state, item.checkpoint)) for item in left),
        MeasureClosed(state.completed),
    ]


def _own(state: MeasureState, command: Command, request: Addressed, *stages: type[Stage]) -> Assignment:
    """Return the assignment that the sender answers for; nobody else may report on it."""
    speaks_for = state.plan.registry.acts_for(command.actor)
    item = _find(state, request, speaks_for, stages)
    if item.body not in speaks_for:
        raise Refused(Reason.NOT_RESPONSIBLE, f"{command.actor} {item.id}")
    return _at_stage(item, stages)


def _controlled(state: MeasureState, command: Command, request: Addressed, *stages: type[Stage]) -> Assignment:
    """Return the assignment that the controller means."""
    _check_controller(state.plan, command)
    return _at_stage(_find(state, request, frozenset(), stages), stages)


def _check_controller(plan: MeasurePlan, command: Command) -> None:
    if plan.policy.controller not in plan.registry.acts_for(command.actor):
        raise Refused(Reason.NOT_CONTROLLER, command.actor)


def _at_stage(item: Assignment, stages: tuple[type[Stage], ...]) -> Assignment:
    if isinstance(item.stage, Planned) and Open in stages and Planned not in stages:
        raise Refused(Reason.NOT_OPEN, f"{item.id} {item.starts_on}")
    if not isinstance(item.stage, stages):
        raise Refused(Reason.WRONG_STAGE, f"{item.id} {STAGE_NAMES[type(item.stage)]}")
    return item


def _find(
    state: MeasureState, request: Addressed, speaks_for: frozenset[str], stages: tuple[type[Stage], ...]
) -> Assignment:
    """Return the one assignment that is meant; a body left out is the sender's own, a stage that fits breaks a tie."""
    if state.undated:
        raise Refused(Reason.UNDATED, state.plan.measure.number)
    asked = f"{request.checkpoint or '*'}/{request.body or '*'}"
    named = [
        item
        for item in state.assignments.values()
        if request.checkpoint in (None, item.checkpoint) and request.body in (None, item.body)
    ]
    if not named:
        raise Refused(Reason.UNKNOWN_ASSIGNMENT, asked)
    if request.body is None and speaks_for:
        named = [item for item in named if item.body in speaks_for]
        if not named:
            raise Refused(Reason.NOT_RESPONSIBLE, f"{'/'.join(sorted(speaks_for))} {asked}")
    fitting = [item for item in named if isinstance(item.stage, stages)] or named
    if len(fitting) > 1:
        raise Refused(Reason.AMBIGUOUS, ", ".join(item.id for item in fitting))
    return fitting[0]


def _new_due_date(state: MeasureState, item: Assignment, until: date, now: datetime) -> date:
    """Return the later due date, shifted by the policy's rule; one that is over already gives nobody time."""
    due_on, policy = _shifted(state.plan, until), state.plan.policy
    if due_on <= item.due_on:
        raise Refused(Reason.BAD_DATE, f"{until} {item.due_on}")
    if state.rules >= FAIR and policy.instant(due_on, policy.due_time) <= now:
        raise Refused(Reason.BAD_DATE, f"{until} < {policy.local_date(now)}")
    return due_on


def _shifted(plan: MeasurePlan, day: date) -> date:
    """Return the due date after the shift; a date from which the ladder could not be counted to its end is refused."""
    last = max((step.after for step in plan.policy.escalation), default=1)
    try:
        plan.calendar.add(day, last + 1)
        return plan.calendar.shift(day, plan.policy.shift)
    except OutsideCalendar as error:
        raise Refused(Reason.BAD_DATE, day.isoformat()) from error


def _with_completion(state: MeasureState, fact: Fact, assignment: str, stage: Stage) -> list[Fact]:
    """Return the fact, followed by the measure's completion where it was the last one missing."""
    item = replace(state.assignments[assignment], stage=stage)
    after = replace(state, assignments={**state.assignments, assignment: item})
    return [fact, MeasureCompleted(state.plan.policy.completion.value)] if _complete(after) else [fact]


def _complete(state: MeasureState) -> bool:
    executed = any(isinstance(item.stage, Accepted) for item in state.assignments.values())
    return executed and all(_done(state, key) for key in {item.checkpoint for item in state.assignments.values()})


def _done(state: MeasureState, key: str) -> bool:
    """Tell whether a checkpoint is executed by the measure's rule; withdrawn assignments do not count."""
    items = state.checkpoint(key)
    rule = state.plan.policy.completion
    if rule is Completion.ANY:
        return not items or any(isinstance(item.stage, Accepted) for item in items)
    if rule is Completion.LEAD:
        items = [item for item in items if item.role is Role.LEAD] or items
    return all(isinstance(item.stage, Accepted) for item in items)


# --------------------------------------------------------------------------------------------------------- evolve


def evolve(state: MeasureState, event: Event) -> MeasureState:
    """Return the state after an event; what only informs changes nothing."""
    match event.fact:
        case MeasurePlanned(plan=plan):
            return _put(state, assignments_of(plan, plan.measure.checkpoints, event.at))
        case ScheduleSet(checkpoints=checkpoints):
            dated = replace(state.plan, measure=replace(state.plan.measure, checkpoints=checkpoints))
            items = assignments_of(dated, checkpoints, event.at)
            if state.rules >= FAIR:  # of a day that was over when it was set the ladder is climbed from then on
                today = state.plan.policy.local_date(event.received_at)
                items = {key: replace(item, counts_from=today) for key, item in items.items()}
            return _put(replace(state, plan=dated), items)
        case AssignmentOpened(assignment=key):
            return _changed(state, key, stage=Open())
        case ReminderIssued(assignment=None):
            return replace(state, schedule_asked=True)
        case ReminderIssued(assignment=str() as key, kind=kind, on=date() as on, days_before=days):
            return _changed(state, key, reminded=state.assignments[key].reminded | {(kind, on, days)})
        case ReminderSuppressed(assignment=key, kind=kind, on=on, days_before=days):
            return _changed(state, key, reminded=state.assignments[key].reminded | {(kind, on, days)})
        case ProgressReported(assignment=key):
            item = state.assignments[key]
            today = state.plan.policy.local_date(event.received_at)
            passed = sum(day < today for day in item.interim)
            return _changed(state, key, interims_past=max(item.interims_past, min(passed + 1, len(item.interim))))
        case InterimMissed(assignment=key):
            return _changed(state, key, interims_past=state.assignments[key].interims_past + 1)
        case ExecutionReported(assignment=key, days_late=days):
            today = state.plan.policy.local_date(event.received_at)
            return _changed(state, key, stage=Reported(days), reported_on=today, reviews=0)
        case ReviewAwaited(assignment=key, level=level):
            return _changed(state, key, reviews=level)
        case ExtensionRequested(assignment=key):
            return _changed(state, key, asked=True)
        case ExtensionRefused(assignment=key):
            return _changed(state, key, asked=False)
        case ExecutionAccepted(assignment=key):
            stage = state.assignments[key].stage
            return _changed(state, key, stage=Accepted(stage.days_late if isinstance(stage, Reported) else 0))
        case ReturnedForRework(assignment=key):
            item = state.assignments[key]
            today = state.plan.policy.local_date(event.received_at)
            passed = sum(day < today for day in item.interim)
            past = max(item.interims_past, passed)  # what came or was missed today stays so
            return _changed(state, key, stage=Open(), counts_from=today, interims_past=past)
        case DeadlineMissed(assignment=key):
            return _changed(state, key, missed=True)
        case Escalated(assignment=key, level=level):
            return _changed(state, key, level=level)
        case DeadlineExtended(assignment=key, until=until):
            return _changed(state, key, due_on=until, dated_at=event.at, missed=False, level=0, asked=False)
        case AssignmentWithdrawn(assignment=key):
            return _changed(state, key, stage=Withdrawn())
        case AssignmentReassigned():
            return _reassigned(state, event.fact, event)
        case MeasureCompleted():
            return replace(state, completed=True)
        case LeftOpenAtClose(assignment=key) if key in state.assignments:
            return _changed(state, key, stage=LeftOpen())
        case MeasureClosed():
            return replace(state, closed=True)
        case _:
            return state


def assignments_of(plan: MeasurePlan, checkpoints: Sequence[Checkpoint], at: datetime) -> dict[str, Assignment]:
    """Return who answers for what at these points, by id, with dates set at an instant; no clock is wound yet."""
    registry, measure = plan.registry, plan.measure
    items: dict[str, Assignment] = {}
    for checkpoint in checkpoints:
        for place, code in enumerate(checkpoint.bodies or measure.bodies):
            for body in registry.open_group(code):
                key = assignment_id(measure.number, checkpoint.key, body)
                role = Role.LEAD if place == 0 else Role.SUPPORT
                # A body named twice, by itself and in a group, answers once, in its first role.
                items.setdefault(
                    key,
                    Assignment(
                        id=key,
                        checkpoint=checkpoint.key,
                        body=body,
                        role=role,
                        starts_on=checkpoint.starts_on,
                        scheduled_on=checkpoint.due_on,
                        due_on=checkpoint.due_on,
                        interim=checkpoint.interim,
                        dated_at=at,
                    ),
                )
    return items


def _reassigned(state: MeasureState, fact: AssignmentReassigned, event: Event) -> MeasureState:
    old = state.assignments[fact.assignment]
    new = replace(
        old,
        id=fact.successor,
        body=fact.to,
        stage=Planned() if isinstance(old.stage, Planned) else Open(),
        missed=False,
        level=0,
        asked=False,
        counts_from=state.plan.policy.local_date(event.received_at),
    )
    return _put(state, {old.id: replace(old, stage=Withdrawn()), new.id: new})


def _changed(state: MeasureState, key: str, **changes: object) -> MeasureState:
    return _put(state, {key: replace(state.assignments[key], **changes)})  # type: ignore[arg-type]


def replanned(state: MeasureState, items: Mapping[str, Assignment]) -> MeasureState:
    """Return the state with these assignments alone, the clock of each wound anew."""
    after = replace(state, assignments=items)
    return replace(after, assignments={key: _replanned(after, item) for key, item in items.items()})


def _put(state: MeasureState, items: Mapping[str, Assignment]) -> MeasureState:
    """Return the state with these assignments, the clock of their checkpoints wound anew."""
    after = replace(state, assignments={**state.assignments, **items})
    if state.plan.policy.completion is Completion.ALL:
        touched = items  # nobody else's clock stops
    else:
        keys = {item.checkpoint for item in items.values()}
        touched = {key: item for key, item in after.assignments.items() if item.checkpoint in keys}
    replanned = {key: _replanned(after, after.assignments[key]) for key in touched}
    return replace(after, assignments={**after.assignments, **replanned})


def _letters(state: MeasureState, event: Event) -> Iterator[Notice]:
    item = state.assignments.get(getattr(event.fact, "assignment", None) or "")
    quiet_until = state.started_at if state.quiet_past else None
    scheduled: Mapping[str, None] = {}
    if isinstance(event.fact, ScheduleSet) and state.rules >= FAIR:
        scheduled = dict.fromkeys(item.body for item in state.assignments.values())
    due_on = item.due_on if item else None
    return notices(event, state.plan.policy.controller, due_on, quiet_until, scheduled=scheduled)


MEASURE: Decider[MeasureState] = Decider(
    begin=begin,
    decide=decide,
    apply=evolve,
    due=due,
    letters=_letters,
    local_date=lambda state, instant: state.plan.policy.local_date(instant),
)
