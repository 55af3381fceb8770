"""The shape of roadmap.yaml: its keys, types and limits. What the values mean together is the business of `checks`.

All scalars come as texts (see `positions`); dates are ISO days, times "HH:MM" local to the policy's zone.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from domain.events import ADMINISTRATOR, CLOCK, POST
from domain.roadmap import Addressee, Completion, EscalationStep, IndicatorKind, Severity
from domain.workdays import Shift
from orders.findings import shown

MOST_CHECKPOINTS = 130
"""Of a measure: the months of ten years, and those around them."""
RESERVED = frozenset((CLOCK, POST, ADMINISTRATOR, "unknown"))  # actors of events that no person sends


def _date(value: Any) -> date:
    if not isinstance(value, str):
        raise PydanticCustomError("text-wanted", "a text is wanted")
    text = value.strip()
    if re.match(r"\d{4}-\d\d-\d\d[Tt ]", text):
        raise PydanticCustomError("date-not-instant", "a date is wanted", {"value": shown(text)})
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        russian = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII)
        example = f"{russian[3]}-{russian[2]:0>2}-{russian[1]:0>2}" if russian else "2021-09-30"
        raise PydanticCustomError("date-format", "not a date", {"value": shown(text), "example": example})
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("no-such-date", "no such date", {"value": shown(text)}) from error


def _time(value: Any) -> time:
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value.strip(), re.ASCII):
        return time.fromisoformat(value.strip())
    raise PydanticCustomError("bad-time", "no time of day", {"value": shown(value)})


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder or a path that leads out
        raise PydanticCustomError("unknown-zone", "no such zone", {"value": shown(value)}) from error
    return value


def pattern(code: str, allowed: str) -> AfterValidator:
    """Return a check of a whole text; one that does not match is a problem of this code."""

    def check(value: str) -> str:
        if not re.fullmatch(allowed, value):
            raise PydanticCustomError(code, "has other characters", {"value": shown(value)})
        return value

    return AfterValidator(check)


def _not_reserved(value: str) -> str:
    if value.casefold() in RESERVED:
        raise PydanticCustomError("reserved-code", "reserved", {"value": shown(value)})
    return value


def _text(limit: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=limit)


def _composed(value: Any) -> Any:
    """Bring a number to NFC: two that look the same are the same."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_date)]
TimeOfDay = Annotated[time, BeforeValidator(_time)]
Zone = Annotated[str, AfterValidator(_zone)]
ShortText = Annotated[str, _text(500)]
Text = Annotated[str, _text(4000)]
Code = Annotated[str, pattern("bad-code", r"[A-Za-z0-9_-]{1,40}"), AfterValidator(_not_reserved)]
Reference = Annotated[str, _text(500)]  # a code that the checks look up, so that a wrong one can be explained
Key = Annotated[str, pattern("bad-key", r"[a-z0-9][a-z0-9-]{0,39}")]
RoadmapId = Annotated[str, pattern("bad-id", r"[a-z0-9-]{3,60}")]
# A measure's number stands in stream names and assignment ids: no slash, no blank, no leading dot.
Number = Annotated[str, BeforeValidator(_composed), pattern("bad-number", r"[^\W_][\w.-]{0,39}")]
WorkingDays = Annotated[int, Field(ge=1, le=30)]  # must fit into the 60 days before the period in the calendar
Comparator = Literal[">=", ">", "<=", "<", "="]


class Part(BaseModel):
    """What all parts share: no unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OrderPart(Part):
    """The act behind the roadmap."""

    number: ShortText
    date: Day
    title: Text
    signatory: Text | None = None


class PeriodPart(Part):
    """Both days inclusive."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class StepPart(Part):
    """One step of the escalation: working days after the missed deadline."""

    after: int = Field(ge=1, le=60)
    to: Addressee


def _in_order(steps: tuple[StepPart, ...]) -> tuple[StepPart, ...]:
    days = [step.after for step in steps]
    if days != sorted(days):
        raise PydanticCustomError("ladder-order", "not in order")
    return steps


class MeasurePolicyPart(Part):
    """What a measure may narrow; what is left out stays as the year has it."""

    due_time: TimeOfDay | None = None
    opens_at: TimeOfDay | None = None
    notify_at: TimeOfDay | None = None
    shift: Shift | None = None
    reminders: tuple[WorkingDays, ...] | None = Field(default=None, max_length=10)
    interim_reminder: WorkingDays | None = None
    undated_after: int | None = Field(default=None, ge=1, le=60)
    escalation: Annotated[tuple[StepPart, ...], AfterValidator(_in_order)] | None = Field(default=None, max_length=10)
    completion: Completion | None = None
    unreviewed_after: tuple[WorkingDays, ...] | None = Field(default=None, max_length=10)
    proof_needed: bool | None = None
    controller: Reference | None = None

    def values(self) -> dict[str, Any]:
        """Return what is written, as fields of ControlPolicy."""
        written = {name: getattr(self, name) for name in type(self).model_fields if getattr(self, name) is not None}
        if "escalation" in written:
            written["escalation"] = tuple(EscalationStep(step.after, step.to) for step in written["escalation"])
        if "reminders" in written:
            written["reminders"] = tuple(sorted(set(written["reminders"]), reverse=True))
        if "unreviewed_after" in written:
            written["unreviewed_after"] = tuple(sorted(set(written["unreviewed_after"])))
        return written


class PolicyPart(MeasurePolicyPart):
    """The policy of the year."""

    time_zone: Zone | None = None
    decree_days: bool | None = None


class BodyPart(Part):
    """A body; `members: []` is a group whose members are not named, no `members` is no group."""

    code: Code
    name: ShortText
    reports_to: Reference | None = None
    members: tuple[Reference, ...] | None = Field(default=None, max_length=2000)
    sample: bool = False


class PersonPart(Part):
    """A person by code; names and addresses stay out (see `contacts`)."""

    code: Code
    body: Reference
    post: ShortText | None = None


class SectionPart(Part):
    """A heading of the table."""

    number: Number
    title: Text


class CheckpointPart(Part):
    """One dated result; `due` as written in the order, `due_on` where a person set another date."""

    key: Key | None = None
    label: ShortText | None = None
    starts_on: Day = Field(alias="from")
    due: Day
    due_on: Day | None = None
    rule: ShortText = "written"
    settled: Text | None = None
    interim: tuple[Day, ...] = Field(default=(), max_length=60)
    bodies: tuple[Reference, ...] | None = Field(default=None, max_length=200, min_length=1)


class MeasurePart(Part):
    """One row of the table."""

    number: Number
    section: Reference | None = None
    title: Text
    deadline: Text
    responsible: Text | None = None
    bodies: tuple[Reference, ...] = Field(max_length=200)
    checkpoints: tuple[CheckpointPart, ...] = Field(max_length=MOST_CHECKPOINTS)
    expected_result: Text
    policy: MeasurePolicyPart | None = None


class IndicatorPart(Part):
    """One target indicator; without `due` it is due at the period's end."""

    number: Number
    text: Text
    kind: IndicatorKind
    unit: ShortText = "%"
    comparator: Comparator = ">="
    bodies: tuple[Reference, ...] = Field(max_length=200, min_length=1)
    due: Day | None = None
    target: Annotated[Decimal, Field(max_digits=15, decimal_places=6)] | None = None
    reference: Reference | None = None
    baseline: bool = False


class DecisionPart(Part):
    """How a person settled a finding."""

    by: ShortText
    text: Text


class FindingPart(Part):
    """A doubt that a person wrote down, with the decision where there is one."""

    code: Key
    severity: Severity
    where: ShortText
    text: Text
    reading: Text | None = None
    decision: DecisionPart | None = None


class Document(Part):
    """The whole file."""

    id: RoadmapId | None = None
    title: Text | None = None
    order: OrderPart
    period: PeriodPart
    policy: PolicyPart = PolicyPart()
    bodies: tuple[BodyPart, ...] = Field(min_length=1, max_length=2000)
    people: tuple[PersonPart, ...] = Field(default=(), max_length=5000)
    sections: tuple[SectionPart, ...] = Field(default=(), max_length=500)
    measures: tuple[MeasurePart, ...] = Field(min_length=1, max_length=1000)
    indicators: tuple[IndicatorPart, ...] = Field(default=(), max_length=200)
    findings: tuple[FindingPart, ...] = Field(default=(), max_length=2000)
