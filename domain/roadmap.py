"""The definition: what a signed order promises, as values. It is frozen when the year starts.

Every date here is already decided and carries its proof; nothing at run time reads a phrase or asks a holiday
library. Times of day are local to `ControlPolicy.time_zone`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.workdays import Calendar, Shift


class Severity(StrEnum):
    """How much a finding weighs: an open error stops the start of a year."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Completion(StrEnum):
    """Whose accepted executions complete a checkpoint: everybody's, the lead body's, or anybody's."""

    ALL = "all"
    LEAD = "lead"
    ANY = "any"


class Role(StrEnum):
    """The first-named body of a cell leads, the others support."""

    LEAD = "lead"
    SUPPORT = "support"


class Addressee(StrEnum):
    """Whom a step of the escalation ladder addresses."""

    RESPONSIBLE = "responsible"
    COORDINATOR = "coordinator"
    CONTROLLER = "controller"


class IndicatorKind(StrEnum):
    """How a value is made of numerator and denominator: a share in per cent, a mean, or the numerator itself."""

    SHARE = "share"
    MEAN = "mean"
    COUNT = "count"


@dataclass(frozen=True)
class Order:
    """The legal act behind the roadmap."""

    number: str
    date: date
    title: str
    signatory: str | None = None


@dataclass(frozen=True)
class Period:
    """The time that the roadmap covers, both days inclusive."""

    first: date
    last: date


@dataclass(frozen=True)
class Body:
    """Who answers: a department, a centre, a school, an association.

    `members` makes it a group: each member gets assignments of its own. A group with no members in the source
    answers as one. `sample` marks a member list that is known to be incomplete.
    """

    code: str
    name: str
    reports_to: str | None = None
    members: tuple[str, ...] | None = None
    sample: bool = False


@dataclass(frozen=True)
class Person:
    """A person by code and the body they act for. Names and addresses are contacts and stay out of the log."""

    code: str
    body: str
    post: str | None = None


@dataclass(frozen=True)
class Registry:
    """All bodies and persons that may appear in commands and letters."""

    bodies: tuple[Body, ...]
    people: tuple[Person, ...] = ()

    @cached_property
    def _bodies(self) -> dict[str, Body]:
        return {body.code: body for body in self.bodies}

    @cached_property
    def _people(self) -> dict[str, Person]:
        return {person.code: person for person in self.people}

    def body(self, code: str) -> Body | None:
        """Return the body of that code."""
        return self._bodies.get(code)

    def knows(self, code: str) -> bool:
        """Tell whether the code names a body or a person."""
        return code in self._bodies or code in self._people

    def acts_for(self, actor: str) -> frozenset[str]:
        """Return the codes in whose name an actor may speak: its own, and for a person that of the body."""
        person = self._people.get(actor)
        return frozenset((actor, person.body)) if person else frozenset((actor,))

    def open_group(self, code: str) -> tuple[str, ...]:
        """Return the bodies that a code stands for: the members of a group, groups in it opened too, else itself."""
        body = self._bodies.get(code)
        if body is None or not body.members:
            return (code,)
        return tuple(dict.fromkeys(inner for member in body.members for inner in self.open_group(member)))

    def coordinator(self, code: str) -> str | None:
        """Return whom a body reports to."""
        body = self._bodies.get(code)
        return body.reports_to if body else None

    def above(self, code: str) -> str | None:
        """Return who stands above: of a person the body that they act for, of a body whom it reports to; None for nobody."""
        person = self._people.get(code)
        return person.body if person else self.coordinator(code)


@dataclass(frozen=True)
class EscalationStep:
    """So many working days after the missed deadline, this addressee is told."""

    after: int
    to: Addressee


@dataclass(frozen=True)
class ControlPolicy:
    """How the year is controlled; a measure may narrow it.

    `reminders` are working days before the due date. `notify_at` is the time of day at which reminders and
    escalations are written. `undated_after` are the working days after the start, at the end of which a measure
    without a date is asked for its schedule. `interim_reminder` is the notice, in working days, before an interim
    report. `unreviewed_after` are working days after a report that nobody has decided on: at the end of the first number
    the controller is reminded, at the end of each further one who stands above them is told. With `proof_needed` a report
    of execution has a note or a file.
    """

    controller: str
    time_zone: str = "Europe/Moscow"
    due_time: time = time(18)
    opens_at: time = time(0)
    notify_at: time = time(9)
    shift: Shift = Shift.PRECEDING
    decree_days: bool = False
    reminders: tuple[int, ...] = (5, 1)
    interim_reminder: int = 5
    undated_after: int = 10
    escalation: tuple[EscalationStep, ...] = (
        EscalationStep(1, Addressee.RESPONSIBLE),
        EscalationStep(3, Addressee.COORDINATOR),
        EscalationStep(5, Addressee.CONTROLLER),
    )
    completion: Completion = Completion.ALL
    unreviewed_after: tuple[int, ...] = ()
    proof_needed: bool = False

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the office's time zone."""
        return ZoneInfo(self.time_zone)

    def instant(self, day: date, at: time) -> datetime:
        """Return the instant, in UTC, of a local time of day."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def local_date(self, instant: datetime) -> date:
        """Return the day that an instant falls on in the office's time zone."""
        return instant.astimezone(self.zone).date()


@dataclass(frozen=True)
class Checkpoint:
    """One dated result of a measure.

    `due` is the date as written, `due_on` the one after the shift. `rule` names the reading that gave the dates and
    `settled` the person's decision behind them, where there was a doubt. `interim` are the days by which interim
    reports are expected. `bodies`, where given, answer for this checkpoint instead of the measure's.
    """

    key: str
    label: str
    starts_on: date
    due: date
    due_on: date
    rule: str
    settled: str | None = None
    interim: tuple[date, ...] = ()
    bodies: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Measure:
    """One row of the road map, its cells verbatim beside their readings. The first of `bodies` leads."""

    number: str
    section: str | None
    title: str
    deadline: str
    responsible: str
    bodies: tuple[str, ...]
    checkpoints: tuple[Checkpoint, ...]
    expected_result: str
    policy: ControlPolicy | None = None


@dataclass(frozen=True)
class Section:
    """A heading of the table."""

    number: str
    title: str


@dataclass(frozen=True)
class Indicator:
    """A target indicator.

    The value is compared with `target`; or with the value that the body `reference` reports (a city's mean); or,
    with `baseline`, with the earlier value that each body reports beside its own. None of the three: the order set
    no measurable target. `bodies` are expected to answer, groups opened.
    """

    number: str
    text: str
    kind: IndicatorKind
    unit: str
    comparator: str
    bodies: tuple[str, ...]
    due_on: date
    target: Decimal | None = None
    reference: str | None = None
    baseline: bool = False


@dataclass(frozen=True)
class Decision:
    """How a person settled a finding."""

    by: str
    text: str


@dataclass(frozen=True)
class Finding:
    """Something that a careful clerk would ask about; `where` names the measure's number and the column."""

    code: str
    severity: Severity
    where: str
    text: str
    reading: str | None = None
    decision: Decision | None = None

    @property
    def blocks(self) -> bool:
        """Tell whether it stops the start: an error that nobody settled."""
        return self.severity is Severity.ERROR and self.decision is None


@dataclass(frozen=True)
class Roadmap:
    """The whole definition, compiled: dates decided, calendar frozen."""

    id: str
    order: Order
    title: str
    period: Period
    policy: ControlPolicy
    registry: Registry
    sections: tuple[Section, ...]
    measures: tuple[Measure, ...]
    indicators: tuple[Indicator, ...]
    calendar: Calendar
    findings: tuple[Finding, ...] = ()

    def measure(self, number: str) -> Measure | None:
        """Return the measure of that number."""
        return next((measure for measure in self.measures if measure.number == number), None)

    def plan(self, measure: Measure) -> MeasurePlan:
        """Return all that the life of one measure needs to know."""
        return MeasurePlan(
            roadmap=self.id,
            order=self.order,
            measure=measure,
            policy=measure.policy or self.policy,
            registry=self.registry,
            calendar=self.calendar,
        )


@dataclass(frozen=True)
class MeasurePlan:
    """One measure with the policy, registry and calendar that it lives by: its stream is readable alone."""

    roadmap: str
    order: Order
    measure: Measure
    policy: ControlPolicy
    registry: Registry
    calendar: Calendar


def year_stream(roadmap: str) -> str:
    """Return the stream and workflow id of the year itself."""
    return f"{roadmap}/year"


def measure_stream(roadmap: str, measure: str) -> str:
    """Return the stream and workflow id of a measure."""
    return f"{roadmap}/m/{measure}"


def streams_of(roadmap: Roadmap) -> list[str]:
    """Return the streams of a year: its own, and those of its measures in the order of the plan."""
    return [year_stream(roadmap.id), *(measure_stream(roadmap.id, measure.number) for measure in roadmap.measures)]


def is_measure(stream: str) -> bool:
    """Tell a measure's stream from a year's."""
    return "/m/" in stream
