"""A measure as it is shown: where each of its assignments stands, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.log import Connection, Year
from app.reports import board, dated
from domain.records import EventRecord
from domain.roadmap import Roadmap, measure_stream
from eventlog.read import read_some
from projections.board import BoardRow
from projections.reports import Report

SHOWN_EVENTS = 500  # of a measure, the last ones
LAST = "select coalesce(max(version), 0) from vekha.event where stream = %s"


@dataclass(frozen=True)
class ShownMeasure:
    """The rows of a measure, its last events and how many came `earlier`; `names` is the definition to read them by."""

    rows: Report[BoardRow]
    events: Sequence[EventRecord]
    earlier: int
    names: Roadmap


def show_measure(connection: Connection, year: Year, number: str) -> ShownMeasure:
    """Return a measure of a year by its number."""
    now = board(connection, year)
    stream = measure_stream(year.roadmap.id, number)
    found = connection.execute(LAST, (stream,)).fetchone()
    earlier = max((found[0] if found else 0) - SHOWN_EVENTS, 0)
    events = read_some(connection, stream, earlier, SHOWN_EVENTS)
    rows = replace(now, rows=tuple(row for row in now.rows if row.measure == number))
    return ShownMeasure(rows, events, earlier, dated(connection, year))
