"""Why an event stands in the log: the rule that made it, the events that it follows from, the days counted out.

Everything is derived from the stream itself, by the same state that decided it: nothing is guessed, and an event that
no rule accounts for is said to be one (`audit.py replay` is the proof, this is the explanation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar, assert_never

from domain.codec import encode, read_event
from domain.errors import OutsideCalendar, Reason
from domain.events import (
    AssignmentOpened,
    AssignmentReassigned,
    AssignmentWithdrawn,
    CommandRefused,
    ContactErased,
    DeadlineExtended,
    DeadlineMissed,
    Escalated,
    ExecutionAccepted,
    ExecutionReported,
    ExtensionRefused,
    ExtensionRequested,
    Fact,
    IndicatorMeasured,
    InterimMissed,
    LeftOpenAtClose,
    LetterResent,
    MeasureClosed,
    MeasureCompleted,
    MeasurePlanned,
    NoticeDelivered,
    NoticeFailed,
    NoticeFiled,
    NoticeOutcome,
    NoticeSuppressed,
    ProgressReported,
    ReminderIssued,
    ReminderSuppressed,
    ReturnedForRework,
    ReviewAwaited,
    ScheduleSet,
    SetAside,
    YearClosed,
    YearStarted,
)
from domain.measure import MEASURE, Assignment, MeasureState
from domain.records import EventRecord
from domain.roadmap import Addressee, Checkpoint, MeasurePlan, is_measure
from domain.turn import Decider, Ledger
from domain.workdays import Calendar, Shift
from domain.year import YEAR, YearState
from orders.findings import where_said
from views.names import Names, parts
from views.plain import one_line
from views.refusals import refusal
from views.tables import SIGNS
from views.texts import RU, calendar_said, counted, day, days_in, known, moment, text

S = TypeVar("S", bound=Ledger)
# What comes without number and explains nothing but answers to itself: `behind` says what of it is needed all the same.
GROWN = (
    ProgressReported,
    ExtensionRequested,
    ExtensionRefused,
    CommandRefused,
    NoticeDelivered,
    NoticeSuppressed,
    NoticeFiled,
)
Letter = NoticeOutcome | LetterResent
# What has happened once and for all, by the refusal that names it.
IN_THE_WAY: Mapping[str, tuple[type[Fact], ...]] = {
    Reason.COMPLETED: (MeasureCompleted,),
    Reason.CLOSED: (MeasureClosed,),
    Reason.ALREADY_DATED: (ScheduleSet, MeasurePlanned),
}
# What moves an assignment from stage to stage.
STAGED = (
    AssignmentOpened,
    ExecutionReported,
    ExecutionAccepted,
    ReturnedForRework,
    AssignmentWithdrawn,
    AssignmentReassigned,
    LeftOpenAtClose,
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Days counted out by the frozen calendar: after `start`, so many working ones, up to `end`; before it where negative."""

    start: date
    end: date
    working_days: int
    days: tuple[date, ...]
    days_off: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an event is there: `rules` in words, `chain` the events behind it in order, the dates and the days it rests on.

    `checkpoint` is the one that it is about, `checkpoints` are all whose dates it rests on or has set.

    `policy` has the values of the control policy that the rules name.
    """

    rules: tuple[str, ...]
    policy: Mapping[str, Any]
    chain: tuple[EventRecord, ...]
    checkpoint: Checkpoint | None
    counted: Counted | None
    checkpoints: tuple[Checkpoint, ...] = ()


class _Stream(Generic[S]):
    """A stream up to an event, with the state before each of its events."""

    def __init__(self, decider: Decider[S], records: Sequence[EventRecord]) -> None:
        self.decider = decider
        self.records = records
        self.events = [read_event(record) for record in records]
        self.before: list[S] = [decider.begin(self.events[0])]
        for event in self.events:
            self.before.append(decider.evolve(self.before[-1], event))

    def last(self, until: int, wanted: Callable[[Fact], bool]) -> list[int]:
        """Return the place of the last event before `until` that is wanted, as a list of one; empty for none."""
        return next(([at] for at in range(until - 1, -1, -1) if wanted(self.events[at].fact)), [])

    def owed(self, at: int, notice: str) -> list[int]:
        """Return the place of the event that made a letter due, as a list of one; empty where none did."""
        for place in range(at - 1, -1, -1):
            due = self.decider.letters(self.before[place + 1], self.events[place])
            if any(one.id == notice for one in due):
                return [place]
        return []

    def behind(self, at: int, fact: Letter) -> list[int]:
        """Return what a letter's outcome, or its being sent again, follows from: what made it due, and its last try."""
        tried = self.last(at, lambda one: isinstance(one, NoticeFailed | LetterResent) and one.notice == fact.notice)
        return [*self.owed(at, fact.notice), *tried]

    def letter(self, at: int, fact: Letter, names: Names) -> Iterator[str]:
        """Yield why a letter was due, and what became of it."""
        owed = self.owed(at, fact.notice)
        if not owed:
            yield text("why.letter.unowed", names.lang, notice=one_line(fact.notice))
            return
        notice = self.before[owed[0] + 1].outbox[fact.notice]
        yield text(
            "why.letter",
            names.lang,
            kind=known(f"kind.{notice.kind}", names.lang, one_line(notice.kind)),
            event=text(f"event.{type(self.events[owed[0]].fact).__name__}", names.lang),
            to=names.body(notice.to),
        )
        detail = "" if isinstance(fact, LetterResent) else fact.detail
        yield text(
            f"why.letter.{type(fact).__name__}",
            names.lang,
            detail=known(f"rule.{detail}", names.lang, one_line(detail) or "—"),
        )

    def chain(self, at: int, causes: Callable[[int], Sequence[int]]) -> list[int]:
        """Return the places of all that an event follows from, in the order of the stream, without itself."""
        found: set[int] = set()
        waiting = list(causes(at))
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += causes(place)
        return sorted(found)


def commands_behind(record: EventRecord) -> set[str]:
    """Return the ids of the commands that may stand behind an event: its own, and for a letter those its notice names."""
    commands = {record.command_id} if record.command_id is not None else set()
    if isinstance(fact := read_event(record).fact, Letter):
        commands.update(fact.notice.split(":"))
    return commands


def explain(records: Sequence[EventRecord], lang: str = RU) -> Explanation:
    """Explain the last of these records: they are its stream up to it, where what is GROWN may be left out.

    It must not be left out where it is of `commands_behind`, nor the last request for more time of each assignment.
    """
    if is_measure(records[0].stream):
        return _Measure(records, lang).explanation()
    return _Year(records, lang).explanation()


class _Measure:
    """Explains the last event of a measure's stream."""

    def __init__(self, records: Sequence[EventRecord], lang: str) -> None:
        self.stream = _Stream(MEASURE, records)
        self.lang = lang
        self.at = len(records) - 1
        self.event = self.stream.events[self.at]
        self.before: MeasureState = self.stream.before[self.at]
        self.after: MeasureState = self.stream.before[self.at + 1]

    @cached_property
    def plan(self) -> MeasurePlan:
        return self.after.plan

    @cached_property
    def names(self) -> Names:
        return Names(self.plan, self.lang)

    def explanation(self) -> Explanation:
        """Return why the event is there."""
        counting = self._counting()
        rules = [*self._rules(), *([] if counting is None else [self._counted_words(counting)])]
        if (point := self._checkpoint()) is not None:
            rules += self._date_words(point)
        places = self.stream.chain(self.at, self._causes)
        chain = tuple(self.stream.records[place] for place in places)
        points = self._dates_set() if point is None else (point,)
        return Explanation(tuple(rules), self._policy(), chain, point, counting, points)

    # ------------------------------------------------------------------------------------------ what it follows from

    def _causes(self, at: int) -> Sequence[int]:  # noqa: C901, PLR0911, PLR0912 (the closed union of facts, a case each)
        stream, fact = self.stream, self.stream.events[at].fact
        if at == 0:
            return []
        match fact:
            case MeasurePlanned() | YearStarted() | YearClosed() | ContactErased() | IndicatorMeasured() | SetAside():
                return []
            case ScheduleSet():
                return [0, *stream.last(at, lambda one: isinstance(one, ReminderIssued))]
            case ReminderIssued(assignment=asked):
                return [0] if asked is None else self._dated(at, asked)
            case AssignmentOpened(assignment=key) | InterimMissed(assignment=key):
                return self._dated(at, key)
            case ReminderSuppressed(assignment=key, rule=rule):
                return [*self._dated(at, key), *(self._staged(at, key) if rule == "reported" else [])]
            case ProgressReported(assignment=key) | ExtensionRequested(assignment=key):
                return [*self._dated(at, key), *self._staged(at, key)]
            case ExecutionReported(assignment=key) | LeftOpenAtClose(assignment=key):
                return [*self._dated(at, key), *self._staged(at, key), *self._missed(at, key)]
            case ExecutionAccepted(assignment=key) | ReturnedForRework(assignment=key):
                return self._staged(at, key)
            case ReviewAwaited(assignment=key, since=since):
                before = stream.last(
                    at, lambda one: isinstance(one, ReviewAwaited) and (one.assignment, one.since) == (key, since)
                )
                return [*self._staged(at, key), *before]
            case AssignmentWithdrawn(assignment=key) | AssignmentReassigned(assignment=key):
                return [*self._dated(at, key), *self._staged(at, key)]
            case DeadlineMissed(assignment=key):
                returned = [
                    place for place in self._staged(at, key) if _is(stream.events[place].fact, ReturnedForRework)
                ]
                return [*self._dated(at, key), *returned]
            case Escalated(assignment=key):
                return self._climbed(at, key)
            case DeadlineExtended(assignment=key) | ExtensionRefused(assignment=key):
                return [*self._dated(at, key), *stream.last(at, lambda one: _is(one, ExtensionRequested, key))]
            case MeasureCompleted():
                return [
                    place
                    for place in range(at)
                    if isinstance(stream.events[place].fact, ExecutionAccepted | AssignmentWithdrawn)
                ]
            case CommandRefused():
                return self._refused(at, fact)
            case NoticeDelivered() | NoticeFailed() | NoticeSuppressed() | NoticeFiled() | LetterResent():
                return self.stream.behind(at, fact)
            case MeasureClosed():
                return [
                    place
                    for place in range(at)
                    if isinstance(stream.events[place].fact, LeftOpenAtClose | MeasureCompleted)
                ]
            case _:
                assert_never(fact)

    def _dated(self, at: int, key: str) -> list[int]:
        """Return where the date in force of an assignment was set, and where the body got it."""
        found: list[int] = []
        for place in range(at - 1, -1, -1):
            fact = self.stream.events[place].fact
            if isinstance(fact, AssignmentReassigned) and fact.successor == key:
                key = fact.assignment
                found.append(place)
            elif _is(fact, DeadlineExtended, key) or isinstance(fact, ScheduleSet | MeasurePlanned):
                return [*found, place]
        return found

    def _staged(self, at: int, key: str) -> list[int]:
        """Return what brought an assignment to the stage it was in."""
        return self.stream.last(
            at,
            lambda one: (
                (isinstance(one, STAGED) and one.assignment == key)
                or (isinstance(one, AssignmentReassigned) and one.successor == key)
            ),
        )

    def _missed(self, at: int, key: str) -> list[int]:
        return self.stream.last(at, lambda one: _is(one, DeadlineMissed, key))

    def _climbed(self, at: int, key: str) -> list[int]:
        """Return the missed deadline, the step below, and the day from which days are counted anew."""
        missed = self._missed(at, key)
        below = self.stream.last(at, lambda one: _is(one, Escalated, key))
        item = self.stream.before[at].assignments[key]
        again = self.stream.last(
            at,
            lambda one: (
                isinstance(one, ScheduleSet)
                or _is(one, ReturnedForRework, key)
                or (isinstance(one, AssignmentReassigned) and one.successor == key)
            ),
        )
        return [
            *missed,
            *(place for place in below if place > max(missed)),
            *(again if item.counts_from and item.counts_from > item.due_on else []),
        ]

    def _refused(self, at: int, fact: CommandRefused) -> Sequence[int]:
        """Return what stood in the way of a command; where nothing did but the plan, the plan."""
        found: list[int] = []
        if fact.reason in IN_THE_WAY:
            found = self.stream.last(at, lambda one: isinstance(one, IN_THE_WAY[fact.reason]))
        elif fact.reason == Reason.WRONG_STAGE:
            found = self._staged(at, fact.detail.partition(" ")[0])
        elif fact.reason in {Reason.BAD_DATE, Reason.NOT_OPEN} and (key := self._meant(at)):
            found = self._dated(at, key)
        elif fact.reason == Reason.ID_REUSED:
            id_ = self.stream.events[at].command_id
            found = next(([place] for place in range(at) if self.stream.events[place].command_id == id_), [])
        return found or [0]

    def _meant(self, at: int) -> str | None:
        """Return the one assignment that a refused command can have meant, where there is only one."""
        request = command.request if (command := self.stream.events[at].command) else None
        point, body = getattr(request, "checkpoint", None), getattr(request, "body", None)
        found = [
            item.id
            for item in self.stream.before[at].assignments.values()
            if point in (None, item.checkpoint) and body in (None, item.body)
        ]
        return found[0] if len(found) == 1 else None

    # ----------------------------------------------------------------------------------------------- by which rule

    def _rules(self) -> Iterator[str]:  # noqa: C901, PLR0912, PLR0915 (the closed union of facts, a case each)
        fact, policy, names = self.event.fact, self.plan.policy, self.names
        due_time, notify_at = f"{policy.due_time:%H:%M}", f"{policy.notify_at:%H:%M}"
        match fact:
            case MeasurePlanned(plan=plan):
                yield self._say(
                    "planned",
                    order=one_line(plan.order.number),
                    date=day(plan.order.date),
                    number=one_line(plan.measure.number),
                    responsible=one_line(plan.measure.responsible),
                )
                for point in plan.measure.checkpoints:
                    yield from self._date_words(point)
                if not plan.measure.checkpoints:
                    yield self._say("undated", phrase=one_line(plan.measure.deadline), after=policy.undated_after)
            case AssignmentOpened(assignment=key):
                item = self.before.assignments[key]
                late = item.dated_at > policy.instant(item.starts_on, policy.opens_at)
                yield self._say(
                    "opened.late" if late else "opened",
                    on=day(item.starts_on),
                    time=f"{policy.opens_at:%H:%M}",
                    dated=moment(item.dated_at, names.zone),
                )
            case ReminderIssued(kind="deadline", days_before=days, on=date() as on):
                each = ", ".join(map(str, policy.reminders))
                yield self._say("reminder", each=each, before=self._working(days), on=day(on), time=notify_at)
            case ReminderIssued(days_before=days, on=date() as on):
                yield self._say("reminder.interim", before=self._working(days), on=day(on), time=notify_at)
            case ReminderIssued(to=to):
                yield self._say(
                    "schedule-asked", after=self._working(policy.undated_after), to=names.body(to), time=notify_at
                )
            case ReminderSuppressed(days_before=days, on=on, rule=rule):
                said = known(f"rule.{rule}", self.lang, one_line(rule))
                yield self._say("suppressed", before=self._working(days), on=day(on), rule=said)
            case ProgressReported():
                yield self._say("progress")
            case InterimMissed(on=on, to=to):
                yield self._say("interim", on=day(on), time=due_time, to=names.body(to))
            case ExecutionReported(assignment=key, days_late=days):
                yield self._say(
                    "reported.late" if days else "reported",
                    received=moment(self.event.received_at, names.zone),
                    due=day(self.before.assignments[key].due_on),
                    time=due_time,
                    late=counted("days", days, self.lang),
                )
                if self.event.occurred_on < policy.local_date(self.event.received_at):
                    yield self._say("words", said=day(self.event.occurred_on))
            case ExecutionAccepted():
                yield self._say("accepted", controller=names.body(policy.controller))
            case ReviewAwaited(since=since, level=level, to=to):
                yield from self._review(since, level, to)
            case ReturnedForRework():
                yield self._say("returned", controller=names.body(policy.controller))
            case DeadlineMissed(assignment=key, due_on=due):
                if any(
                    isinstance(self.stream.events[place].fact, ReturnedForRework) for place in self._causes(self.at)
                ):
                    yield self._say("missed.returned", due=day(due), time=due_time)
                else:
                    yield self._say("missed", due=day(due), time=due_time)
            case Escalated(assignment=key, level=level, to=to):
                yield from self._step(self.before.assignments[key], level, to)
            case ExtensionRequested(until=until):
                yield self._say("asked", until=day(until), controller=names.body(policy.controller))
            case DeadlineExtended(assignment=key, due_on=due, until=until):
                item = self.before.assignments[key]
                yield self._say(
                    "extended",
                    controller=names.body(policy.controller),
                    due=day(due),
                    until=day(until),
                    scheduled=day(item.scheduled_on),
                )
            case ExtensionRefused(assignment=key):
                yield self._say(
                    "extension-refused",
                    controller=names.body(policy.controller),
                    due=day(self.before.assignments[key].due_on),
                )
            case AssignmentWithdrawn():
                yield self._say("withdrawn", controller=names.body(policy.controller))
            case AssignmentReassigned(assignment=key):
                due = self.before.assignments[key].due_on
                yield self._say("reassigned", controller=names.body(policy.controller), due=day(due))
            case ScheduleSet(checkpoints=points):
                yield self._say(
                    "schedule", controller=names.body(policy.controller), phrase=one_line(self.plan.measure.deadline)
                )
                for point in points:
                    yield from self._date_words(point)
            case MeasureCompleted(rule=rule):
                yield self._say("completed", rule=known(f"rule.{rule}", self.lang, one_line(rule)))
            case CommandRefused(reason=reason, detail=detail):
                yield self._say("refused", refusal=refusal(reason, detail, self.lang, names, self.event.command))
            case NoticeDelivered() | NoticeFailed() | NoticeSuppressed() | NoticeFiled() | LetterResent():
                yield from self.stream.letter(self.at, fact, names)
            case LeftOpenAtClose(stage=stage, needed=needed):
                yield self._say(
                    "left-open" if needed else "left-open.unneeded",
                    stage=known(f"stage.{stage}", self.lang, one_line(stage)),
                    rule=text(f"completion.{policy.completion.value}", self.lang),
                )
            case MeasureClosed():
                yield self._say("measure-closed")
            case SetAside(act=act):
                yield self._say("set-aside", act=one_line(act))
            case YearStarted() | YearClosed() | ContactErased() | IndicatorMeasured():
                return  # of the year's stream
            case _:
                assert_never(fact)

    def _step(self, item: Assignment, level: int, to: str) -> Iterator[str]:
        """Yield which step of the ladder it is, from where its days are counted and why it goes where it goes."""
        policy = self.plan.policy
        step = policy.escalation[level - 1]
        yield self._say(
            "escalated",
            level=level,
            of=len(policy.escalation),
            after=self._working(step.after),
            addressee=text(f"addressee.{step.to.value}", self.lang),
            to=self.names.body(to),
            time=f"{policy.notify_at:%H:%M}",
        )
        if item.counts_from is not None and item.counts_from > item.due_on:
            yield self._say("counted-again", due=day(item.due_on), start=day(item.counts_from))
        if step.to is Addressee.COORDINATOR and self.plan.registry.coordinator(item.body) is None:
            yield self._say("no-coordinator", body=self.names.body(item.body))

    def _review(self, since: date, level: int, to: str) -> Iterator[str]:
        """Yield after how long a report that waits is told of, and to whom."""
        policy, above = self.plan.policy, level > 1
        yield self._say(
            "review",
            since=day(since),
            after=self._working(policy.unreviewed_after[level - 1]),
            addressee=text("addressee.above" if above else "addressee.controller", self.lang),
            to=self.names.body(to),
            time=f"{policy.notify_at:%H:%M}",
        )
        if above and self.plan.registry.above(policy.controller) is None:
            yield self._say("nobody-above", controller=self.names.body(policy.controller))

    # ----------------------------------------------------------------------------------------------- dates and days

    def _checkpoint(self) -> Checkpoint | None:
        """Return the checkpoint whose date the event rests on, if it is about one."""
        fact, key = self.event.fact, getattr(self.event.fact, "assignment", None)
        if isinstance(fact, CommandRefused):
            key = self._meant(self.at)
        elif isinstance(fact, Letter) and (owed := self.stream.owed(self.at, fact.notice)):
            key = getattr(self.stream.events[owed[0]].fact, "assignment", None)
        if key is None:
            return None
        _, point, _ = parts(key)
        return next((one for one in self.plan.measure.checkpoints if one.key == point), None)

    def _dates_set(self) -> tuple[Checkpoint, ...]:
        """Return the checkpoints whose dates the event has set."""
        match self.event.fact:
            case MeasurePlanned(plan=plan):
                return plan.measure.checkpoints
            case ScheduleSet(checkpoints=points):
                return points
            case _:
                return ()

    def _date_words(self, point: Checkpoint) -> Iterator[str]:
        """Yield how a date came to be: the phrase, its reading, the person's decision, the shift and its calendar."""
        plan = self.plan
        yield self._say(
            "date",
            phrase=one_line(plan.measure.deadline),
            point=self.names.checkpoint(plan.measure.number, point.key),
            due=day(point.due),
        )
        if (found := _computed(plan, point)) is None:
            key = "set-by-hand" if point.settled else "set-by-hand.unsaid"
            settled = one_line(point.settled or "")
            yield self._say(key, due=day(point.due), due_on=day(point.due_on), settled=settled)
            return
        if point.settled:
            yield self._say("settled", settled=one_line(point.settled))
        rule, moved = found
        still = "not-shifted" if _works(plan.calendar, point.due) else "kept"
        yield self._say(
            "begins-then" if moved < point.starts_on else "shifted" if moved != point.due else still,
            due=day(point.due),
            due_on=day(point.due_on),
            calendar=calendar_said(one_line(plan.calendar.version), self.lang),
            shift=text(f"shift.{rule.value}", self.lang),
        )

    def _counting(self) -> Counted | None:
        """Return the working days that the event's moment was counted by."""
        fact, plan = self.event.fact, self.plan
        match fact:
            case ReminderIssued(on=date() as on, days_before=days) | ReminderSuppressed(on=on, days_before=days):
                return _count(plan.calendar, on, -days)
            case ReminderIssued():
                start = plan.policy.local_date(self.before.started_at)
                return _count(plan.calendar, start, plan.policy.undated_after)
            case ReviewAwaited(since=since, level=level):
                return _count(plan.calendar, since, plan.policy.unreviewed_after[level - 1])
            case Escalated(assignment=key, level=level):
                item = self.before.assignments[key]
                start = max(item.due_on, item.counts_from or item.due_on)
                return _count(plan.calendar, start, plan.policy.escalation[level - 1].after)
            case _:
                return None

    def _counted_words(self, one: Counted) -> str:
        return self._say(
            "counted.back" if one.working_days < 0 else "counted",
            start=day(one.start),
            end=day(one.end),
            days=", ".join(f"{each:%d.%m}" for each in one.days),
            off=", ".join(f"{each:%d.%m}" for each in one.days_off) or text("none", self.lang),
            calendar=calendar_said(one_line(self.plan.calendar.version), self.lang),
        )

    def _policy(self) -> Mapping[str, Any]:
        return {**encode(self.plan.policy), "calendar": self.plan.calendar.version}

    def _working(self, days: int) -> str:
        return counted("working-days", days, self.lang)

    def _say(self, key: str, **values: object) -> str:
        return text(f"why.{key}", self.lang, **values)


class _Year:
    """Explains the last event of a year's own stream."""

    def __init__(self, records: Sequence[EventRecord], lang: str) -> None:
        self.stream = _Stream(YEAR, records)
        self.lang = lang
        self.at = len(records) - 1
        self.state: YearState = self.stream.before[self.at]

    def explanation(self) -> Explanation:
        """Return why the event is there."""
        chain = tuple(self.stream.records[place] for place in self.stream.chain(self.at, self._causes))
        policy = {**encode(self.state.definition.policy), "calendar": self.state.definition.calendar.version}
        return Explanation(tuple(self._rules()), policy, chain, None, None)

    def _causes(self, at: int) -> Sequence[int]:
        if at == 0:
            return []
        match self.stream.events[at].fact:
            case IndicatorMeasured(indicator=number, body=body):
                earlier = self.stream.last(
                    at,
                    lambda one: isinstance(one, IndicatorMeasured) and (one.indicator, one.body) == (number, body),
                )
                return [0, *earlier]
            case CommandRefused(reason=Reason.CLOSED):
                return self.stream.last(at, lambda one: isinstance(one, YearClosed))
            case NoticeDelivered() | NoticeFailed() | NoticeSuppressed() | NoticeFiled() | LetterResent() as fact:
                return self.stream.behind(at, fact)
            case _:
                return [0]

    def _rules(self) -> Iterator[str]:
        definition, names = self.state.definition, Names(self.state.definition, self.lang)
        match self.stream.events[self.at].fact:
            case YearStarted() as fact:
                yield text(
                    "why.year-started",
                    self.lang,
                    order=one_line(definition.order.number),
                    date=day(definition.order.date),
                    sha256=fact.source_sha256,
                    calendar=calendar_said(one_line(definition.calendar.version), self.lang),
                )
                for finding in definition.findings:
                    if finding.decision is not None:
                        yield text(
                            "why.decision",
                            self.lang,
                            where=one_line(where_said(finding.where, self.lang).removesuffix(": ") or finding.where),
                            found=days_in(one_line(finding.text)),
                            by=one_line(finding.decision.by),
                            text=one_line(finding.decision.text),
                        )
            case IndicatorMeasured(indicator=number, body=body):
                indicator = next(one for one in definition.indicators if one.number == number)
                yield text(
                    "why.indicator",
                    self.lang,
                    number=number,
                    text=one_line(indicator.text),
                    kind=text(f"indicator-kind.{indicator.kind.value}", self.lang),
                    target=_target(indicator.comparator, indicator.target, self.lang),
                    body=names.body(body),
                )
            case CommandRefused(reason=reason, detail=detail):
                yield text(
                    "why.refused",
                    self.lang,
                    refusal=refusal(reason, detail, self.lang, names, self.stream.events[self.at].command),
                )
            case NoticeDelivered() | NoticeFailed() | NoticeSuppressed() | NoticeFiled() | LetterResent() as fact:
                yield from self.stream.letter(self.at, fact, names)
            case ContactErased(code=code, act=act):
                controller = names.body(definition.policy.controller)
                yield text("why.erased", self.lang, code=code, act=one_line(act), controller=controller)
            case YearClosed():
                controller = names.body(definition.policy.controller)
                yield text("why.year-closed", self.lang, controller=controller)
            case SetAside(act=act):
                yield text("why.set-aside", self.lang, act=one_line(act))
            case _:
                return  # of a measure's stream


def _target(comparator: str, target: object, lang: str) -> str:
    return text("why.no-target", lang) if target is None else f"{SIGNS[comparator]} {target}"


def _is(fact: Fact, kind: type[Any], assignment: str | None = None) -> bool:
    return isinstance(fact, kind) and (assignment is None or fact.assignment == assignment)


def _computed(plan: MeasurePlan, point: Checkpoint) -> tuple[Shift, date] | None:
    """Return the rule that gives the date in force and the day it moves to; None where none does: a person set the date."""
    rules = [plan.policy.shift]
    if plan.policy.shift is Shift.FOLLOWING and (point.due + timedelta(days=1)).day == 1:
        rules.append(Shift.PRECEDING)  # a whole month is never moved forwards: its result is still that month's
    for rule in rules:
        works = rule is Shift.NONE or _works(plan.calendar, point.due)
        moved = point.due if works else plan.calendar.reach(point.due, -1 if rule is Shift.PRECEDING else 1)
        if max(moved, point.starts_on) == point.due_on:
            return rule, moved
    return None


def _works(calendar: Calendar, on: date) -> bool:
    """Tell whether a day counts as a working one: beyond the frozen span every day does, as in `Calendar.reach`."""
    try:
        return calendar.is_working(on)
    except OutsideCalendar:
        return True


def _count(calendar: Calendar, start: date, working_days: int) -> Counted:
    """Count working days out from a day that does not count itself."""
    end = calendar.reach(start, working_days)
    step = 1 if working_days > 0 else -1
    between = [start + timedelta(days=step * n) for n in range(1, abs((end - start).days) + 1)]
    working = tuple(each for each in between if _works(calendar, each))
    return Counted(start, end, working_days, working, tuple(each for each in between if each not in working))
