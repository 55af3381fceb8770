"""What a deadline is read into: the plan's period, checkpoints, and the whole reading of a phrase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from orders.findings import PlacedFinding


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a plan covers, both inclusive."""

    start: date
    end: date

    @property
    def is_school_year(self) -> bool:
        """Tell whether the plan runs through one school year (1 September to the next summer)."""
        return self.start.month in {8, 9} and self.end.year == self.start.year + 1 and self.end.month in range(5, 10)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One dated result: `due` as written, `due_on` after the shift, `start` where a window begins (`from` in JSON).

    `rule` names the grammar's rules that read it; `bodies` are the bodies of this checkpoint alone. One that is
    `in_turn` opens when the one before is due: nobody said so.
    """

    key: str
    label: str
    start: date | None
    due: date
    due_on: date
    rule: str
    bodies: tuple[str, ...] | None = None
    in_turn: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the shape C of the interfaces."""
        return {
            "key": self.key,
            "label": self.label,
            "from": self.start.isoformat() if self.start else None,
            "due": self.due.isoformat(),
            "due_on": self.due_on.isoformat(),
            "rule": self.rule,
            "bodies": list(self.bodies) if self.bodies is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a phrase says: kinds (several for a compound phrase), checkpoints, findings.

    `behind` are reports on a time of the plan that are due after its end.
    """

    kinds: tuple[str, ...]
    checkpoints: tuple[Checkpoint, ...]
    findings: tuple[PlacedFinding, ...]
    behind: tuple[Checkpoint, ...] = ()

    def to_json(self, lang: str = "ru") -> dict[str, Any]:
        """Return the document of `starter.py deadline`."""
        return {
            "kinds": list(self.kinds),
            "checkpoints": [c.to_json() for c in self.checkpoints],
            "findings": [f.to_json(lang) for f in self.findings],
        }
