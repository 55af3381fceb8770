"""Reading what a state of the past is folded from: all of a year that can matter, and no more.

Interim reports and requests are without number, and of them a board shows the last alone. So the database leaves out,
before anything is sent, each that another one of the same assignment covers by the rules of `projections.as_of`. Among
an assignment's commands the true ones come first, then those that are not true yet. Of the ones the last is kept; of the
others the first, which keeps all that follows it from being true. Behind another command of the stream that is not true
yet nothing more is left out that may be true. The state is the same as of the whole log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from domain.records import EventRecord
from eventlog.read import COLUMNS, PAGE, record_of
from projections.as_of import EVER, When, end_of
from projections.board import MARKS

LAST = 2**31 - 1  # a version beyond all

PAST = f"""
with unknown as (
    select stream, min(version) as since from vekha.event
    where roadmap = %(roadmap)s
    and case when actor = 'clock' and command_id is null then at else received_at end > %(known_at)s
    group by stream
), sent as (
    select stream, version, type = any(%(marks)s) as mark, split_part(data, '"', 4) as assignment,
           least(received_at, ((occurred_on + 1)::timestamp at time zone %(zone)s) - interval '1 microsecond') > %(on)s
           as later
    from vekha.event left join unknown using (stream)
    where roadmap = %(roadmap)s and (actor <> 'clock' or command_id is not null) and version < coalesce(since, {LAST})
    and (type = any(%(marks)s) or received_at > %(on)s)
), barrier as (
    select stream, min(version) as upto from sent where later and not mark group by stream
), first_later as (
    select stream, assignment, min(version) as since from sent where later and mark group by stream, assignment
), mark as (
    select stream, assignment, version, version < coalesce(upto, {LAST}) as plain, version = since as first
    from sent left join barrier using (stream) left join first_later using (stream, assignment)
    where mark and version <= coalesce(since, {LAST})
), kept as (
    select stream, version from mark where first or not plain
    union all select stream, max(version) from mark where plain and first is not true group by stream, assignment
)
select {", ".join(COLUMNS)}, position
from vekha.event left join unknown using (stream)
-- Few are left, of which the positions are looked up one by one.
left join lateral (select position from vekha.seal where seal.seq = event.seq limit 1) as seal on true
where roadmap = %(roadmap)s and case
    when version >= coalesce(since, {LAST}) then %(beyond)s
    else type <> all(%(marks)s) or (stream, version) in (select stream, version from kept)
end
order by position nulls last, seq
"""


def read_past(
    connection: psycopg.Connection[Any],
    roadmap: str,
    on: When,
    known_at: When | None,
    zone: ZoneInfo,
    *,
    beyond: bool = False,
) -> Iterator[EventRecord]:
    """Yield what can matter for the state of a roadmap on two axes of time, in the order of the log.

    With `beyond` also all that was not known at `known_at`. The records come in pages, from one snapshot; the
    connection is in a transaction until the last one is taken.
    """
    asked = {
        "roadmap": roadmap,
        "on": end_of(on, zone),
        "known_at": EVER if known_at is None else end_of(known_at, zone),
        "zone": zone.key,
        "marks": list(MARKS),
        "beyond": beyond,
    }
    with connection.transaction(), connection.cursor(name="past") as cursor:
        connection.execute("set local jit = off")  # compiling the query takes longer than a million rows do
        cursor.execute(PAST, asked)
        while rows := cursor.fetchmany(PAGE):
            yield from map(record_of, rows)
