"""`audit.py state`: what was true on a day, as the log knew it on another, and what was learnt since."""

from __future__ import annotations

import click

from app.log import find_year, open_log
from app.reports import check_come, dated, today
from doors.cli.codes import roadmap_option
from doors.cli.output import Door, Exit, command, door, told
from doors.cli.when import MOMENT
from projections.as_of import When
from projections.looking_back import look_back
from projections.reports import state_report
from views.documents import state_document
from views.state import state_text

LISTED = 100


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
    found = state_report(past, year.roadmap.id, on, known_at, zone)
    return at.answer(state_document(found, zone), "" if at.json else state_text(found, names, at.lang))
