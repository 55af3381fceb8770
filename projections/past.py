"""Reading what a state of the past is folded from: all of a year that can matter, and no more.

Interim reports and requests are without number, and of them a board shows the last alone. So the database leaves out,
before anything is sent, each that another one of the same assignment covers by the rules of `projections.as_of`. Among
an assignment's commands the true ones come first, then those that are not true yet. Of the ones the last is kept; of the
others the first, which keeps all that follows it from being true. Behind another command of the stream that is not true
yet, its barrier, nothing more is left out that may be true. The state is the same as of the whole log.

It takes one look at every event, by all processes that the database has for a query, to find in each stream where the
unknown and the barrier begin, and of each assignment the last mark that may be kept; then what is kept is looked up.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import psycopg

from domain.records import EventRecord
from eventlog.read import PAGE, SOUND, STANDING, record_of
from projections.as_of import EVER, When, by_clock, end_of
from projections.board import MARKS

LAST = 2**31 - 1  # a version beyond all
SENT = "(actor <> 'clock' or command_id is not null)"
MARK = f"(type = any(%(marks)s) and {SENT})"
ASSIGNMENT = "split_part(data, '\"', 4)"
UNKNOWN = f"(case when {SENT} then received_at else at end > %(known_at)s)"
LATER = f"""
({SENT} and received_at > %(on)s
 and ((occurred_on + 1)::timestamp at time zone %(zone)s) - interval '1 microsecond' > %(on)s)
"""

# What was set aside is out of it.
EVENT = f"(select * from vekha.event where {STANDING}) as event"

PAST = f"""
with mark as (
    select stream, {ASSIGNMENT} as assignment, min(version) filter (where {UNKNOWN}) as unknown,
           min(version) filter (where {LATER}) as later,
           max(version) filter (where not {UNKNOWN} and not {LATER}) as last
    from {EVENT} where roadmap = %(roadmap)s and {MARK} group by 1, 2
), other as (
    select stream, min(version) filter (where {UNKNOWN}) as unknown, min(version) filter (where {LATER}) as barrier
    from {EVENT} where roadmap = %(roadmap)s and not {MARK} group by stream
), whole as (
    select stream, coalesce(min(unknown), {LAST}) as unknown, coalesce(min(barrier), {LAST}) as barrier
    from (select stream, unknown, barrier from other union all select stream, unknown, null from mark) as part
    group by stream
), part as (
    select stream, assignment, whole.unknown, barrier, coalesce(later, {LAST}) as later, last
    from mark join whole using (stream)
), kept as (
    select stream, found.version from part cross join lateral (
        select version from {EVENT}
        where stream = part.stream and version <= last and version < least(part.unknown, barrier, later)
        and {MARK} and {ASSIGNMENT} = assignment
        order by version desc limit 1
    ) as found
    union
    select stream, later from part where later < unknown
    union
    select stream, version
    from (
        select stream, unknown, barrier, max(least(later, coalesce(last, 0))) as upto
        from part where barrier < {LAST} group by stream, unknown, barrier
    ) as barred cross join lateral (
        select version, {ASSIGNMENT} as assignment from {EVENT}
        where stream = barred.stream and version >= barrier and version <= upto and version < unknown and {MARK} offset 0
    ) as behind join part using (stream, assignment)
    where version < later
), past as (
    select event.* from {EVENT} join whole using (stream)
    where roadmap = %(roadmap)s and not {MARK} and version < unknown
    union all
    select one.* from kept cross join lateral (
        select * from vekha.event where event.stream = kept.stream and event.version = kept.version limit 1
    ) as one
)
select {SOUND}, position
from past
-- Few are left: they and their positions are looked up one by one.
left join lateral (select position from vekha.seal where seal.seq = past.seq limit 1) as seal on true
order by position nulls last, seq
"""
# Marks of assignments up to a version of each.
COVERED = f"""
from {EVENT}
join unnest(%(streams)s::text[], %(assignments)s::text[], %(versions)s::int[]) as last(stream, assignment, upto)
using (stream)
where roadmap = %(roadmap)s and received_at > %(after)s and {MARK} and {ASSIGNMENT} = assignment and version <= upto
"""
COUNT_COVERED = f"select count(*) {COVERED}"
# Their places first, and the rows of only those that are asked for.
FIRST_COVERED = f"""
select {SOUND}, position
from (
    select seq, position from (select seq {COVERED}) as covered left join vekha.seal using (seq)
    order by position nulls last, seq limit %(limit)s
) as first join vekha.event using (seq)
order by position nulls last, seq
"""

Connection = psycopg.Connection[Any]
Marks = Mapping[tuple[str, str], int]


@contextmanager
def read_past(
    connection: Connection, roadmap: str, on: When, known_at: When | None, zone: ZoneInfo
) -> Iterator[Iterator[EventRecord]]:
    """Give, for the block, what can matter for the state of a roadmap on two axes of time, in the order of the log.

    The records come in pages, and not by a cursor: for that the database uses one process only. The connection is busy
    with them, and in a transaction, until the block ends.
    """
    asked = {
        "roadmap": roadmap,
        "on": end_of(on, zone),
        "known_at": EVER if known_at is None else end_of(known_at, zone),
        "zone": zone.key,
        "marks": list(MARKS),
    }
    with connection.transaction(), connection.cursor() as cursor:
        connection.execute("set local jit = off")  # compiling the query takes longer than a million rows do
        # It is a generator, and says so nowhere.
        with closing(cast("Generator[Any]", cursor.stream(PAST, asked, size=PAGE))) as rows:
            yield map(record_of, rows)


def mark_of(record: EventRecord) -> tuple[str, str] | None:
    """Return the stream and the assignment that a mark is about; None for another event."""
    is_mark = record.type in MARKS and not by_clock(record)
    return (record.stream, record.data.split('"')[3]) if is_mark else None


def read_marks(
    connection: Connection, roadmap: str, last: Marks, after: datetime, *, limit: int
) -> tuple[int, list[EventRecord]]:
    """Return how many marks came after a moment, of each assignment up to its last one, and the first of them.

    `last` are versions by `mark_of`. At most `limit` come, in the order of the log.
    """
    asked = {
        "roadmap": roadmap,
        "streams": [stream for stream, _ in last],
        "assignments": [assignment for _, assignment in last],
        "versions": list(last.values()),
        "after": after,
        "marks": list(MARKS),
        "limit": limit,
    }
    row = connection.execute(COUNT_COVERED, asked).fetchone()
    count = row[0] if row else 0
    return count, [record_of(row) for row in connection.execute(FIRST_COVERED, asked).fetchall()] if count else []
