"""What waits for somebody, in all years that are open or in one: reports, deadlines, decisions, requests for time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from app.log import Connection, Year, find_year, open_years
from app.reports import board
from domain.codec import read_fact
from domain.events import DeadlineExtended, ExtensionRefused, ExtensionRequested
from eventlog.read import read_last
from orders import codes
from projections.board import OPEN, PLANNED, REPORTED, UNDATED, BoardRow
from projections.reports import Report, Todo, WaitingRow

# The last of these says whether a request for more time still waits for its answer.
ASKING = (ExtensionRequested.__name__, DeadlineExtended.__name__, ExtensionRefused.__name__)


def years_asked(connection: Connection, roadmap: str | None) -> list[Year]:
    """Return the named year, else all that are open; Problem (INVALID) where there is none."""
    asked: Sequence[str | None] = (open_years(connection) if roadmap is None else []) or [roadmap]
    return [find_year(connection, one) for one in asked]


def todo(connection: Connection, years: Sequence[Year], actor: str) -> Todo:
    """Return what waits for a sender in those of the years whose registries know the code; no years where none does."""
    told: list[tuple[str, date]] = []
    waiting: list[WaitingRow] = []
    position = 0
    for year in years:
        code = codes.understood(actor, codes.senders(year.roadmap.registry), codes.code)
        if code is None:
            continue
        now = board(connection, year)
        position = now.position or 0
        told.append((year.roadmap.id, now.as_of))
        waiting += _waiting(connection, year, code, now)
    waiting.sort(key=lambda one: one.row.due_on or date.max)
    return Todo(tuple(told), position, tuple(waiting))


def _waiting(connection: Connection, year: Year, actor: str, now: Report[BoardRow]) -> Iterator[WaitingRow]:
    """Yield the rows that wait for somebody, each with what its measure promises and the request for more time."""
    roadmap = year.roadmap
    speaks_for = roadmap.registry.acts_for(actor)
    asked = {
        fact.assignment: fact
        for record in read_last(connection, roadmap.id, ASKING)
        if isinstance(fact := read_fact(record), ExtensionRequested)
    }
    for row in now.rows:
        measure = roadmap.measure(row.measure)
        policy = (measure.policy if measure else None) or roadmap.policy
        request = asked.get(row.assignment) if row.stage in {OPEN, PLANNED} else None
        decides = policy.controller in speaks_for and (row.stage in {REPORTED, UNDATED} or request is not None)
        if decides or (row.body in speaks_for and row.stage in {OPEN, PLANNED, UNDATED}):
            yield WaitingRow(
                row,
                now.as_of,
                decides,
                measure.expected_result if measure else "",
                request.until if request else None,
                request.reason if request else None,
            )
