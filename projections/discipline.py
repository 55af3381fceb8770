"""Executive discipline: how many of the due assignments each body reported in time.

It is a function of the board's rows and a day, so it needs no table of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from projections.board import WITHDRAWN, BoardRow

# What an assignment is counted as: each is a figure of its body's row, and of the total.
ON_TIME, LATE, OPEN_OVERDUE, COUNTED_WITHDRAWN = FIGURES = ("on_time", "late", "open_overdue", "withdrawn")


@dataclass(frozen=True, slots=True)
class DisciplineRow:
    """The counts of one body, or of all together where `body` is null.

    An assignment is due from its due date on, once it is reported or its due moment has passed: so `due` is always
    the sum of `on_time`, `late` and `open_overdue`. Early reports of what is not due yet count later, withdrawn
    assignments never. What others executed by the measure's rule (lead, any) before it could be missed is not due.
    """

    body: str | None
    on_time: int
    late: int
    open_overdue: int
    withdrawn: int

    @property
    def due(self) -> int:
        """Return how many assignments the body has had to report by now."""
        return self.on_time + self.late + self.open_overdue

    @property
    def share(self) -> float | None:
        """Return on_time ÷ due, 0..1 with four digits after the point; null where nothing was due."""
        return round(self.on_time / self.due, 4) if self.due else None


def discipline(rows: Iterable[BoardRow], day: date) -> list[DisciplineRow]:
    """Return a row for each body of the board at the end of a day, by code, and the total last."""
    bodies: dict[str, list[BoardRow]] = {}
    for row in rows:
        bodies.setdefault(row.body, []).append(row)
    everything = [row for body in bodies.values() for row in body]
    return [*(_count(body, bodies[body], day) for body in sorted(bodies)), _count(None, everything, day)]


def counted_as(row: BoardRow, day: date) -> str | None:
    """Return which of the FIGURES counts an assignment at the end of a day; null where none does."""
    if row.stage == WITHDRAWN:
        return COUNTED_WITHDRAWN
    if row.due_on is None or row.due_on > day:
        return None
    if row.days_late is not None:
        return LATE if row.days_late else ON_TIME
    return OPEN_OVERDUE if row.missed else None


def _count(body: str | None, rows: list[BoardRow], day: date) -> DisciplineRow:
    counts = Counter(counted_as(row, day) for row in rows)
    return DisciplineRow(body, **{figure: counts[figure] for figure in FIGURES})
