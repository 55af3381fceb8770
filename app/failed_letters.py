"""Which streams of a year have letters that could not be delivered."""

from __future__ import annotations

from collections.abc import Mapping

from activities.standing import read_standing
from app.log import Connection, Year
from domain.events import NoticeFailed
from domain.notices import Notice

# Those that answered the command already are asked again: a repeat tells what became of it.
ASKED = (
    "select stream, coalesce(bool_or(starts_with(command_id, %s)), false) from vekha.event where roadmap = %s"
    " and (type = %s or starts_with(command_id, %s)) group by stream order by stream"
)


def failed_letters(connection: Connection, year: Year, notice: str | None, command: str) -> list[str | None]:
    """Return the measures that have failed letters, null for the year itself; of these the one that owes `notice`.

    And those that have answered the command of that id.
    """
    ids = f"{command}/"
    rows = connection.execute(ASKED, (ids, year.roadmap.id, NoticeFailed.__name__, ids)).fetchall()
    found: list[str | None] = []
    for stream, answered in rows:
        failed = {} if answered else _failed(connection, stream)
        if answered or (failed if notice is None else notice in failed):
            found.append(stream.partition("/m/")[2] or None)
    return found


def _failed(connection: Connection, stream: str) -> Mapping[str, Notice]:
    standing = read_standing(connection, stream)
    failed: Mapping[str, Notice] = standing.state.failed if standing is not None else {}
    return failed
