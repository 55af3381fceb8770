"""`audit.py state`: what was true on a day, as the log knew it on another, and what was learnt since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import click

from app.log import Year, find_year, open_log
from doors.cli.codes import roadmap_option
from doors.cli.output import Door, Exit, command, door, told
from doors.cli.reports import check_come, dated, today
from doors.cli.when import MOMENT
from projections.as_of import When
from projections.board import row_record
from projections.discipline import discipline, discipline_record
from projections.indicators import indicator_record, judge
from projections.looking_back import look_back
from projections.state import State
from views.events import event_document
from views.state import state_text

Rows = Sequence[Mapping[str, Any]]
LISTED = 100
# The tables of a state, each with the keys that its rows are told apart by.
TABLES: Mapping[str, tuple[str, ...]] = {
    "board": ("assignment",),
    "discipline": ("body",),
    "indicators": ("number", "body"),
}


@command(
    "state",
    help=told(
        "Что было верно в этот день и что об этом знали.",
        "What was true on a day, as it was known on another.",
    ),
)
@roadmap_option
@click.option(
    "--as-of",
    "on",
    type=MOMENT,
    help=told("на конец этого дня или на этот момент", "at the end of this day, or at this instant"),
)
@click.option(
    "--known-at",
    type=MOMENT,
    help=told(
        "по тому, что было известно к этому дню или моменту", "by what was known on this day, or at this instant"
    ),
)
@click.option(
    "--later",
    "limit",
    type=click.IntRange(min=0),
    default=LISTED,
    help=told("сколько показать из узнанного после", "how much to list of what was learnt later"),
)
@door
def state(at: Door, roadmap: str | None, on: When | None, known_at: When | None, limit: int) -> Exit:
    """Show board, discipline and indicators on two axes of time, and what was learnt after `known_at`."""
    with open_log() as connection:
        year = find_year(connection, roadmap)
        check_come(year, on, "--as-of")
        check_come(year, known_at, "--known-at")
        on = on or today(year)
        past = look_back(connection, year.roadmap.id, on, known_at, year.roadmap.policy.zone, limit=limit)
        names = dated(connection, year)
    zone = year.roadmap.policy.zone
    day = on if not isinstance(on, datetime) else on.astimezone(zone).date()
    then = _rows(past.then, day)
    document = {
        "roadmap": year.roadmap.id,
        "position": past.then.position,
        "as_of": _named(on, year),
        "known_at": None if known_at is None else _named(known_at, year),
        **then,
        "later_count": past.later_count,
        "later": [event_document(record, zone) for record in past.later],
        "changed": [] if past.now is None else list(_changed(then, _rows(past.now, day))),
    }
    return at.answer(document, "" if at.json else state_text(document, day, past.later, names, at.lang))


def _rows(state: State, day: date) -> dict[str, Rows]:
    board = state.board
    return {
        "board": [row_record(row, day) for row in board],
        "discipline": [discipline_record(row) for row in discipline(board, day)],
        "indicators": [indicator_record(row) for row in judge(state.readings)],
    }


def _changed(then: Mapping[str, Rows], now: Mapping[str, Rows]) -> Iterator[dict[str, Any]]:
    """Yield {"table", "then", "now"} for each row that differs; null where it was not, or is no longer, there."""
    for table, keys in TABLES.items():
        before = {tuple(row[key] for key in keys): row for row in then[table]}
        after = {tuple(row[key] for key in keys): row for row in now[table]}
        for key in dict.fromkeys((*after, *before)):
            if before.get(key) != after.get(key):
                yield {"table": table, "then": before.get(key), "now": after.get(key)}


def _named(when: When, year: Year) -> str:
    return (when.astimezone(year.roadmap.policy.zone) if isinstance(when, datetime) else when).isoformat()
