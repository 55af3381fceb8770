"""What a new decree would move: a further layer of non-working days laid over the calendar of a definition."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from domain.roadmap import Roadmap
from domain.workdays import Shift
from orders.compile import due_on
from orders.findings import ERROR, Place, PlacedFinding, UnreadableFile, Words, shown
from orders.schema import Day, Part, ShortText
from orders.yaml_text import shaped, source_of, tree_of

LONGEST = timedelta(days=366)


class DaysPart(Part):
    """A range of days off, both ends inclusive, with its act."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    act: ShortText = "—"


class LayerPart(Part):
    """A layer of days off, as the files of `calendar_data/` write it."""

    version: ShortText
    days: tuple[DaysPart, ...] = Field(min_length=1, max_length=400)


@dataclass(frozen=True)
class Moved:
    """A date that the layer would move; `checkpoint` is None for an indicator."""

    measure: str
    checkpoint: str | None
    due: date
    due_on: date
    would_be: date

    def to_json(self) -> dict[str, Any]:
        """Return the plain record."""
        return {
            "measure": self.measure,
            "checkpoint": self.checkpoint,
            "due": self.due.isoformat(),
            "due_on": self.due_on.isoformat(),
            "would_be": self.would_be.isoformat(),
        }


def read_layer(path: Path) -> LayerPart:
    """Read a layer from TOML or YAML; UnreadableFile, each problem with its place, where it is none."""
    source, file = source_of(path), str(path)
    if path.suffix.lower() != ".toml":
        return _sound(shaped(LayerPart, tree_of(source, file), file), file)
    try:
        return _sound(LayerPart.model_validate(_texts(tomllib.loads(source))), file)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        raise _unreadable(file, str(error), Place(int(at[1]), int(at[2])) if at else None) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _unreadable(file, f"{'.'.join(map(str, first['loc']))}: {first['msg']}", None) from error


def what_if(roadmap: Roadmap, layer: LayerPart) -> tuple[Moved, ...]:
    """Return the dates that move when the layer's days are off too; a date that a person set stays."""
    calendar = roadmap.calendar
    extra = {
        day
        for part in layer.days
        for n in range((part.last - part.first).days + 1)
        if calendar.first <= (day := part.first + timedelta(days=n)) <= calendar.last
    }
    changed = replace(
        calendar,
        version=f"{calendar.version} + {layer.version}",
        days_off=tuple(sorted({*calendar.days_off, *extra})),
    )
    moved = []
    for measure in roadmap.measures:
        rule = (measure.policy or roadmap.policy).shift
        for point in measure.checkpoints:
            computed = due_on(point, rule, point.starts_on, calendar)
            would_be = due_on(point, rule, point.starts_on, changed)
            if point.due_on == computed != would_be:
                moved.append(Moved(measure.number, point.key, point.due, point.due_on, would_be))
    for indicator in roadmap.indicators:
        would_be = changed.shift(indicator.due_on, Shift.PRECEDING)
        if would_be != indicator.due_on:
            moved.append(Moved(f"indicator {indicator.number}", None, indicator.due_on, indicator.due_on, would_be))
    return tuple(moved)


def _texts(value: Any) -> Any:
    """Return the values of a TOML as texts, as the schema takes them."""
    match value:
        case Mapping():
            return {key: _texts(inner) for key, inner in value.items()}
        case list():
            return [_texts(inner) for inner in value]
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return value


def _sound(layer: LayerPart, file: str) -> LayerPart:
    for part in layer.days:
        if not timedelta() <= part.last - part.first <= LONGEST:
            raise _unreadable(file, f"{part.first} … {part.last}", None)
    return layer


def _unreadable(file: str, problem: str, place: Place | None) -> UnreadableFile:
    said = shown(problem, 200)
    words = Words(f"не календарь: {said}", f"no calendar: {said}")
    return UnreadableFile((PlacedFinding("bad-calendar", ERROR, "", words, None, file, place),))
