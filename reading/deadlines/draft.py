"""What is known of one phrase while it is read: its plan, its dated entries, the points and findings so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from orders.findings import PlacedFinding
from reading.deadlines.moments import Moment
from reading.deadlines.shapes import Period
from reading.doubts import doubt


@dataclass(slots=True)
class Dated:
    """One dated entry of a phrase, before and after its years are settled.

    `op` is the grammar's rule of how the date stands («до …», «с … по …»), `joined` the separator before it.
    """

    op: str
    moments: list[Moment]
    text: str
    label: str
    bracketed: bool
    joined: str = ""

    @property
    def rule(self) -> str:
        """Return the names of the rules that read it."""
        return f"{self.op}/{'+'.join(m.rule for m in self.moments)}"

    @property
    def kind(self) -> str:
        """Return the kind of its last moment."""
        return self.moments[-1].kind

    @property
    def is_window(self) -> bool:
        """Tell whether it has a first day of its own."""
        return self.op in {"window", "during"} or (self.op == "point" and self.kind != "day")


@dataclass(frozen=True, slots=True)
class Point:
    """A checkpoint before its shift; `unit` when `due` is the last day of a month or the like.

    With `working` it is due so many working days after (before, if negative) `due`. A report is `about` a stretch that
    ends on that day, and no shift carries it before.
    """

    label: str
    start: date | None
    due: date
    rule: str
    unit: bool
    key: str = ""
    working: int = 0
    about: date | None = None
    in_turn: bool = False


@dataclass(slots=True)
class Draft:
    """One phrase in its plan, and what has been read of it so far; `signed` is the order's date.

    `within` is the month or quarter of the section that the phrase stands in. `behind` are reports on a time of the plan
    that are due after it; `repeats` when the points are those of a recurrence.
    """

    text: str
    period: Period | None
    signed: date | None
    findings: list[PlacedFinding] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    within: Period | None = None
    behind: list[Point] = field(default_factory=list)
    repeats: bool = False

    @property
    def month(self) -> Period | None:
        """Return the month that the phrase stands in, where it is one."""
        month = self.within
        return month if month and (month.start.year, month.start.month) == (month.end.year, month.end.month) else None

    @property
    def whole(self) -> tuple[date, date] | None:
        """Return the first and last day of the plan."""
        return (self.period.start, self.period.end) if self.period else None

    @property
    def is_school_year(self) -> bool:
        """Tell whether the plan is one for a school year."""
        return self.period is not None and self.period.is_school_year

    def note(self, code: str, reading: str = "", **params: str) -> None:
        """Add a finding; `text` in its words is the phrase, unless `params` say another."""
        self.findings.append(doubt(code, {"text": self.text, **params}, reading))

    def kind(self, *kinds: str) -> None:
        """Add kinds that are not there yet."""
        self.kinds += [kind for kind in kinds if kind not in self.kinds]
