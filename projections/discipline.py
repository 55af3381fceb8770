"""Executive discipline: how many of the due assignments each body reported in time.

It is a function of the board's rows and a day, so it needs no table of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from projections.board import WITHDRAWN, BoardRow


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


def discipline(rows: Iterable[BoardRow], day: date) -> list[DisciplineRow]:
    """Return a row for each body of the board at the end of a day, by code, and the total last."""
    bodies: dict[str, list[BoardRow]] = {}
    for row in rows:
        bodies.setdefault(row.body, []).append(row)
    everything = [row for body in bodies.values() for row in body]
    return [*(_count(body, bodies[body], day) for body in sorted(bodies)), _count(None, everything, day)]


def discipline_record(row: DisciplineRow) -> dict[str, Any]:
    """Return the discipline row of interfaces.md; `share` is on_time ÷ due, 0..1, null where nothing was due."""
    return {
        "body": row.body,
        "due": row.due,
        "on_time": row.on_time,
        "late": row.late,
        "open_overdue": row.open_overdue,
        "withdrawn": row.withdrawn,
        "share": round(row.on_time / row.due, 4) if row.due else None,
    }


def _count(body: str | None, rows: list[BoardRow], day: date) -> DisciplineRow:
    withdrawn = sum(row.stage == WITHDRAWN for row in rows)
    due = [row for row in rows if row.due_on is not None and row.due_on <= day and row.stage != WITHDRAWN]
    reported = [row.days_late for row in due if row.days_late is not None]
    return DisciplineRow(
        body=body,
        on_time=sum(days == 0 for days in reported),
        late=sum(days > 0 for days in reported),
        open_overdue=sum(row.days_late is None and row.missed for row in due),
        withdrawn=withdrawn,
    )
