"""What a read model is fed with: of the sealed events those that it needs, in the order of their positions.

The database leaves out, before anything is sent, what a projection passes over, and of its marks all but the first and
the last of each assignment in the batch. The last says all that those before it said; the first shows, at its place, an
assignment that there is not. Whatever is not known here, a type or a version, is never left out.
"""

from __future__ import annotations

from collections.abc import Collection

from domain.codec import SCHEMA_VERSION
from domain.records import EventRecord
from eventlog.read import EXTENT, SOUND, STANDING, record_of
from eventlog.sessions import Connection

# Neither set aside, nor of a stream in which the read model stopped.
HERE = f"{STANDING} and stream <> all(%(stopped)s)"
# An event that is no mark is a group of its own. The range of `seq` keeps the database to the keys of both tables.
FEED = f"""
with kept as (
    select min(seq) as first, max(seq) as last
    from (select position, seq from vekha.seal where position > %(after)s and position <= %(to)s) as seal
    join (select seq, stream, type, data, schema_version between 1 and {SCHEMA_VERSION} as known
          from vekha.event where seq between %(first)s and %(last)s and {HERE}) as event using (seq)
    where not (known and type = any(%(passes_over)s))
    group by stream, case when known and type = any(%(marks)s) then split_part(data, '"', 4) else seq::text end
)
select {SOUND}, position
from (select * from vekha.seal where position > %(after)s and position <= %(to)s) as seal
join (select * from vekha.event where seq between %(first)s and %(last)s) as event using (seq)
where seq in (select first from kept union all select last from kept)
order by position
"""


def read_feed(
    connection: Connection,
    after: int,
    limit: int,
    *,
    passes_over: Collection[str],
    marks: Collection[str],
    stopped: Collection[str] = (),
) -> tuple[list[EventRecord], int]:
    """Return what is needed of the events behind a position, at most so many, and the position of the last of all.

    Nothing comes of `stopped` streams, nor what was set aside.
    Where there are no more events, and only then, that is `after` itself.
    """
    first, last, reached = connection.execute(EXTENT, (after, after + limit)).fetchone() or (None, None, None)
    if reached is None:
        return [], after
    asked = {
        "after": after,
        "to": reached,
        "first": first,
        "last": last,
        "passes_over": list(passes_over),
        "marks": list(marks),
        "stopped": list(stopped),
    }
    # Never prepared: a plan for any range would not know how little of the log it is.
    rows = connection.execute(FEED, asked, prepare=False).fetchall()
    return [record_of(row) for row in rows], reached
