"""Definitions for the tests of the engine: the example, and small ones made of its bodies and calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import uuid4

from domain.roadmap import Checkpoint, Measure, Roadmap

EXAMPLE = Path(__file__).parents[2] / "examples" / "pyatigorsk-2021-22"


@dataclass(frozen=True)
class Definition:
    """A roadmap and the text that it was made of."""

    roadmap: Roadmap
    source: str


def fresh(roadmap: Roadmap, measures: Iterable[Measure] | None = None) -> Roadmap:
    """Return the roadmap under a name that no other test has used, with other measures where they are given."""
    name = f"test-{uuid4().hex[:12]}"
    return replace(roadmap, id=name, measures=roadmap.measures if measures is None else tuple(measures))


def some(roadmap: Roadmap, *numbers: str) -> Roadmap:
    """Return the roadmap with only these of its measures, under a fresh name."""
    return fresh(roadmap, (item for item in roadmap.measures if item.number in numbers))


def measure(number: str, bodies: Sequence[str], *points: Checkpoint) -> Measure:
    """Return a small measure."""
    return Measure(
        number=number,
        section=None,
        title=f"Мероприятие {number}",
        deadline="до срока",
        responsible=", ".join(bodies),
        bodies=tuple(bodies),
        checkpoints=points,
        expected_result="справка",
    )


def point(key: str, starts_on: date, due_on: date, interim: Sequence[date] = ()) -> Checkpoint:
    """Return a checkpoint whose date needs no shift."""
    return Checkpoint(key, key, starts_on, due_on, due_on, "by-date", interim=tuple(interim))
