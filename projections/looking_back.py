"""A state of the past beside what is known of it now, and what was learnt in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain.codec import read_instant
from domain.records import EventRecord
from projections.as_of import When, as_of, end_of
from projections.past import Connection, mark_of, read_marks, read_past
from projections.state import State


@dataclass(frozen=True)
class Past:
    """The state asked for; where it is not what is known now, also the state by today's knowledge and what came since.

    `later` are the first of what came since, in the order of the log, and `later_count` tells how many there are.
    """

    then: State
    now: State | None
    later_count: int
    later: Sequence[EventRecord]


def look_back(
    connection: Connection, roadmap: str, on: When, known_at: When | None, zone: ZoneInfo, *, limit: int
) -> Past:
    """Fold a roadmap into both states; `later` is what a read model shows and the log learnt after `known_at`."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")  # one log for all that is read
        then = State()
        with read_past(connection, roadmap, on, known_at, zone) as records:
            for record in as_of(records, on, zone, known_at):
                then.take(record)
        if known_at is None:
            return Past(then, None, 0, ())
        now, after = State(), end_of(known_at, zone)
        count, later = 0, []
        marks: dict[
            tuple[str, str], int
        ] = {}  # the last that counts of each: those before it count too, and are not read
        with read_past(connection, roadmap, on, None, zone) as records:
            for record in as_of(records, on, zone, None):
                if not now.take(record):
                    continue
                if mark := mark_of(record):
                    marks[mark] = record.version
                elif read_instant(record, record.received_at) > after:
                    count += 1
                    later += [record] if count <= limit else []
        more, others = read_marks(connection, roadmap, marks, after, limit=limit)
    later = sorted((*later, *others), key=lambda record: (record.position is None, record.position or 0))
    return Past(then, now, count + more, later[:limit])
