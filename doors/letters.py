"""Which streams of a year have letters that could not be delivered."""

from __future__ import annotations

from domain.codec import read_event
from domain.events import NoticeFailed
from domain.measure import MEASURE
from domain.roadmap import is_measure
from domain.year import YEAR
from doors.services import Connection, Year
from eventlog.read import read_stream

# Those that answered the command already are asked again: a repeat tells what became of it.
ASKED = (
    "select distinct stream from vekha.event where roadmap = %s"
    " and (type = %s or starts_with(command_id, %s)) order by stream"
)


def failed_letters(connection: Connection, year: Year, notice: str | None, command: str) -> list[str | None]:
    """Return the measures that have failed letters, null for the year itself; of these the one that owes `notice`.

    And those that have answered the command of that id.
    """
    streams = connection.execute(ASKED, (year.roadmap.id, NoticeFailed.__name__, f"{command}/")).fetchall()
    found: list[str | None] = []
    for (stream,) in streams:
        events = [read_event(record) for record in read_stream(connection, stream)]
        state = MEASURE.fold(None, events) if is_measure(stream) else YEAR.fold(None, events)
        assert state is not None, "it has events"  # noqa: S101
        answered = any(id_.startswith(f"{command}/") for id_ in state.answered)
        if answered or (notice in state.failed if notice is not None else state.failed):
            found.append(stream.partition("/m/")[2] or None)
    return found
