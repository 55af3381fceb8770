"""A scenario: what people will do in a year, for a rehearsal, a demo or a test.

A scenario.yaml is a list in calendar order. An entry says when (`at`, local to the office: 2021-09-14 11:20), who
(`as`: a code of the registry), what (`do`) and about which measure, checkpoint and body; the same `id` twice is one
command sent twice. What an entry may hold besides depends on `do`, one class each below. Files are named relative
to the scenario.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from domain.codec import MAX_TEXT, make_command
from domain.commands import (
    AcceptExecution,
    Evidence,
    ExtendDeadline,
    MeasureIndicator,
    ReassignAssignment,
    RefuseExtension,
    ReportExecution,
    ReportProgress,
    Request,
    RequestExtension,
    ReturnForRework,
    ScheduledPoint,
    SetSchedule,
    WithdrawAssignment,
)
from domain.rehearsal import Sent
from orders.findings import UnreadableFile, shown
from orders.positions import Tree, Trouble
from orders.schema import Day, Key, Part, ShortText
from orders.yaml_text import problem, shaped, source_of, tree_of


@dataclass(frozen=True)
class Step:
    """One command to come: the instant, the measure (null for the year), its parts, and the files to send with it."""

    id: str
    at: datetime
    actor: str
    measure: str | None
    request: Request
    occurred_on: date | None = None
    files: tuple[Path, ...] = ()

    def sent(self, evidence: tuple[Evidence, ...] | None = None) -> Sent:
        """Return the command on its way; `evidence` is what became of the files, else they are read here."""
        request = self.request
        if isinstance(request, ReportProgress | ReportExecution):
            found = tuple(evidence_of(file) for file in self.files) if evidence is None else evidence
            request = replace(request, evidence=found)
        return Sent(self.measure, make_command(self.id, self.actor, self.at, self.occurred_on, request))


def evidence_of(file: Path) -> Evidence:
    """Return what a command says of a file: its SHA-256, size and name."""
    content = file.read_bytes()
    return Evidence(hashlib.sha256(content).hexdigest(), len(content), file.name)


def load_scenario(path: Path, zone: ZoneInfo) -> tuple[Step, ...]:
    """Read a scenario.yaml, its times in the office's zone; UnreadableFile with all problems and their places."""
    return steps_of(tree_of(source_of(path), str(path)), path, zone, path.stem)


def steps_of(tree: Tree, path: Path, zone: ZoneInfo, name: str) -> tuple[Step, ...]:
    """Return the commands that a file's values describe; an entry without an id is called by `name` and its place."""
    file = str(path)
    entries = shaped(tuple[Entry, ...], tree, file)
    troubles = [Trouble("control-character", tree.place(at), {"character": hidden}, at) for at, hidden in tree.hidden()]
    for at, entry in enumerate(entries):
        if at and entry.at < entries[at - 1].at:
            troubles.append(Trouble("not-in-order", tree.place((at, "at")), {}, (at, "at")))
        for place, evidence in enumerate(_files(entry)):
            # A scenario of somebody else sends nothing from outside its own folder.
            if Path(evidence).is_absolute() or ".." in Path(evidence).parts or not (path.parent / evidence).is_file():
                where = (at, "files", place)
                troubles.append(Trouble("no-such-file", tree.place(where), {"name": shown(evidence)}, where))
    if troubles:
        raise UnreadableFile(tuple(problem(file, trouble) for trouble in troubles))
    return tuple(
        Step(
            id=entry.id or f"{name}-{at + 1:04}",
            at=entry.at.replace(tzinfo=zone),
            actor=entry.actor,
            measure=getattr(entry, "measure", None),
            request=entry.request(),
            occurred_on=entry.occurred_on,
            files=tuple(path.parent / evidence for evidence in _files(entry)),
        )
        for at, entry in enumerate(entries)
    )


# ---------------------------------------------------------------------------------------------------------- entries


def _minute(value: Any) -> datetime:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", value.strip(), re.ASCII):
        try:
            return datetime.fromisoformat(value.strip())
        except ValueError:
            pass  # told below: the 31st of June, 25 o'clock
    raise PydanticCustomError("bad-minute", "no such minute", {"value": shown(value)})


Minute = Annotated[datetime, BeforeValidator(_minute)]
# As long as the doors and the engine take a text.
Note = Annotated[str, Field(max_length=MAX_TEXT)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)]


def _yes(value: Any) -> Any:
    return {"да": True, "нет": False}.get(value.strip().casefold(), value) if isinstance(value, str) else value


Yes = Annotated[bool, BeforeValidator(_yes)]


class EntryPart(Part):
    """What every entry says; the rest of its fields are those of the request that it makes."""

    makes: ClassVar[Callable[..., Request]]

    at: Minute
    actor: ShortText = Field(alias="as")
    id: ShortText | None = None
    occurred_on: Day | None = None

    def request(self) -> Request:
        """Return what is asked for, its files left out."""
        fields = type(self).model_fields.keys() - EntryPart.model_fields.keys() - {"do", "files"}
        return type(self).makes(**{name: getattr(self, name) for name in fields})


class AboutAssignment(EntryPart):
    """An entry that concerns one assignment of a measure."""

    measure: ShortText
    checkpoint: ShortText | None = None
    body: ShortText | None = None


class AboutExecution(AboutAssignment):
    """An entry that tells what was done, with files that prove it."""

    note: Note = ""
    files: tuple[ShortText, ...] = ()


class ProgressEntry(AboutExecution):
    """Interim information."""

    makes = ReportProgress
    do: Literal["progress"]


class ReportEntry(AboutExecution):
    """The report of execution."""

    makes = ReportExecution
    do: Literal["report"]
    early: Yes = False


class AcceptEntry(AboutAssignment):
    """The controller accepts."""

    makes = AcceptExecution
    do: Literal["accept"]
    note: Note = ""


class ReturnEntry(AboutAssignment):
    """The controller returns for rework."""

    makes = ReturnForRework
    do: Literal["return"]
    reason: Said


class RequestExtensionEntry(AboutAssignment):
    """A body asks for more time."""

    makes = RequestExtension
    do: Literal["request-extension"]
    until: Day
    reason: Said


class ExtendEntry(AboutAssignment):
    """The controller grants more time."""

    makes = ExtendDeadline
    do: Literal["extend"]
    until: Day
    reason: Said
    act: Said


class RefuseExtensionEntry(AboutAssignment):
    """The controller grants no more time."""

    makes = RefuseExtension
    do: Literal["refuse-extension"]
    reason: Said


class ReassignEntry(AboutAssignment):
    """The controller gives an assignment to another body."""

    makes = ReassignAssignment
    do: Literal["reassign"]
    to: ShortText
    reason: Said
    act: Said


class WithdrawEntry(AboutAssignment):
    """The controller takes an assignment out of the plan."""

    makes = WithdrawAssignment
    do: Literal["withdraw"]
    reason: Said
    act: Said


class PointPart(Part):
    """One date of a schedule."""

    key: Key
    label: ShortText
    starts_on: Day = Field(alias="from")
    due: Day


def _points(parts: tuple[PointPart, ...]) -> tuple[ScheduledPoint, ...]:
    return tuple(ScheduledPoint(part.key, part.label, part.starts_on, part.due) for part in parts)


class ScheduleEntry(EntryPart):
    """The controller gives an undated measure its dates."""

    makes = SetSchedule
    do: Literal["schedule"]
    measure: ShortText
    points: Annotated[tuple[PointPart, ...], Field(min_length=1), AfterValidator(_points)]
    act: Said


class IndicatorEntry(EntryPart):
    """A body reports an indicator's value."""

    makes = MeasureIndicator
    do: Literal["indicator"]
    indicator: ShortText
    numerator: Decimal
    denominator: Decimal | None = None
    baseline: Decimal | None = None
    body: ShortText | None = None
    note: Note = ""


def _files(entry: EntryPart) -> tuple[str, ...]:
    return entry.files if isinstance(entry, AboutExecution) else ()


Entry = Annotated[
    ProgressEntry
    | ReportEntry
    | AcceptEntry
    | ReturnEntry
    | RequestExtensionEntry
    | ExtendEntry
    | RefuseExtensionEntry
    | ReassignEntry
    | WithdrawEntry
    | ScheduleEntry
    | IndicatorEntry,
    Field(discriminator="do"),
]
