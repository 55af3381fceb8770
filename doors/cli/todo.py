"""`admin.py todo`: what waits for the one who asks, in all years that are open, by date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from app.log import Connection, Year, find_year, open_log, open_years
from domain.codec import read_fact
from domain.events import DeadlineExtended, ExtensionRefused, ExtensionRequested
from domain.roadmap import Roadmap
from doors.cli.codes import as_option, roadmap_option, sender_of
from doors.cli.output import Door, Exit, command, door, told
from doors.cli.reports import board_rows, dated
from eventlog.read import read_last
from orders import codes
from projections.board import OPEN, PLANNED, REPORTED, UNDATED, row_record
from views.tables import to_text, todo_table

# The last of these says whether a request for more time still waits for its answer.
ASKING = (ExtensionRequested.__name__, DeadlineExtended.__name__, ExtensionRefused.__name__)


@command("todo", help=told("Что ждёт действия: отчёты, сроки, приёмка, просьбы.", "What waits for somebody."))
@roadmap_option
@as_option
@door
def todo(at: Door, roadmap: str | None, actor: str) -> Exit:
    """Show what waits for the one who asks: the controller's reports and requests, a body's assignments."""
    with open_log() as connection:
        asked: Sequence[str | None] = (open_years(connection) if roadmap is None else []) or [roadmap]
        years = [find_year(connection, one) for one in asked]
        theirs = {year.roadmap.id: _known(year, actor) for year in years}
        if not any(theirs.values()):
            everybody = {code: name for year in years for code, name in codes.senders(year.roadmap.registry).items()}
            sender_of(everybody, actor)
        roadmaps: Mapping[str, Roadmap] = {year.roadmap.id: dated(connection, year) for year in years}
        found = [(year, code) for year in years if (code := theirs[year.roadmap.id]) is not None]
        waiting: list[tuple[bool, dict[str, Any]]] = []
        told_years, position = [], 0
        for year, code in found:
            board, position, day = board_rows(connection, year, None)
            told_years.append({"roadmap": year.roadmap.id, "as_of": day.isoformat()})
            waiting += _waiting(connection, year, code, [row_record(row, day) for row in board])
    waiting.sort(key=lambda one: one[1]["due_on"] or date.max.isoformat())
    only = told_years[0] if len(told_years) == 1 else {"roadmap": None, "as_of": None}
    document = {**only, "position": position, "years": told_years, "rows": [row for _, row in waiting]}
    parts = {decides: [row for decided, row in waiting if decided is decides] for decides in (True, False)}
    tables = [
        to_text(
            todo_table({**document, "rows": rows}, roadmaps, at.lang, decides=decides if all(parts.values()) else None)
        )
        for decides, rows in parts.items()
        if rows or (not waiting and not decides)
    ]
    return at.answer(document, "\n\n".join(table.rstrip("\n") for table in tables))


def _known(year: Year, actor: str) -> str | None:
    return codes.understood(actor, codes.senders(year.roadmap.registry), codes.code)


def _waiting(
    connection: Connection, year: Year, actor: str, board: list[dict[str, Any]]
) -> Iterator[tuple[bool, dict[str, Any]]]:
    """Yield the rows that wait for somebody, each with what its measure promises and the request for more time.

    Before each stands whether it waits for a decision, else for the work itself.
    """
    roadmap = year.roadmap
    speaks_for = roadmap.registry.acts_for(actor)
    asked = {
        fact.assignment: fact
        for record in read_last(connection, roadmap.id, ASKING)
        if isinstance(fact := read_fact(record), ExtensionRequested)
    }
    for row in board:
        measure = roadmap.measure(row["measure"])
        policy = (measure.policy if measure else None) or roadmap.policy
        request = asked.get(row["assignment"]) if row["stage"] in {OPEN, PLANNED} else None
        decides = policy.controller in speaks_for and (row["stage"] in {REPORTED, UNDATED} or request is not None)
        if decides or (row["body"] in speaks_for and row["stage"] in {OPEN, PLANNED, UNDATED}):
            yield (
                decides,
                {
                    "roadmap": roadmap.id,
                    **row,
                    "expected_result": measure.expected_result if measure else "",
                    "asked_until": request.until.isoformat() if request else None,
                    "asked_because": request.reason if request else None,
                },
            )
