"""`audit.py silence`: every letter that was due in an interval, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from domain.codec import encode, read_event
from domain.measure import MEASURE
from domain.roadmap import is_measure
from domain.silence import Told, told
from domain.turn import Decider
from domain.year import YEAR
from doors import output
from doors.output import Door, Exit, door
from doors.services import Connection, Year, find_year, open_log, roadmap_option
from eventlog.read import read_roadmap

DATE = click.DateTime(["%Y-%m-%d"])
ON_ITS_WAY = timedelta(hours=1)  # so long a letter, or a moment with its jitter, may be under way


@click.command(
    "silence", help=output.told("Каждое положенное письмо и что с ним стало.", "Every letter due, and its outcome.")
)
@roadmap_option
@click.option("--from", "first", type=DATE, help=output.told("с этого дня", "from this day on"))
@click.option("--to", "last", type=DATE, help=output.told("по этот день включительно", "up to this day"))
@door
def silence(at: Door, roadmap: str | None, first: datetime | None, last: datetime | None) -> Exit:
    """List what was due in the interval; FINDING where nothing became of a letter for longer than ON_ITS_WAY."""
    with open_log() as connection:
        year = find_year(connection, roadmap)
        zone = year.roadmap.policy.zone
        rows = [
            (stream, one)
            for stream, one in _letters(connection, year)
            if (first is None or one.due_at.astimezone(zone).date() >= first.date())
            and (last is None or one.due_at.astimezone(zone).date() <= last.date())
        ]
    rows.sort(key=lambda row: (row[1].due_at, row[0], row[1].id))
    soon = year.now() - ON_ITS_WAY
    documents = [_document(stream, one, soon) for stream, one in rows]
    missing = sum(document["outcome"] == "missing" for document in documents)
    lines = [
        f"{one.due_at.astimezone(zone):%d.%m.%Y %H:%M} {stream}/{one.version or '—'} {one.kind} → {one.to}:"
        f" {at.say(*WORDS[document['outcome']])} {one.detail}".rstrip()
        for (stream, one), document in zip(rows, documents, strict=True)
    ]
    lines.append(
        at.say(f"Положено писем: {len(rows)}, пропало: {missing}.", f"{len(rows)} letters due, {missing} missing.")
    )
    document = {"roadmap": year.roadmap.id, "notices": documents, "missing": missing}
    return at.answer(document, "\n".join(lines), Exit.FINDING if missing else Exit.DONE)


WORDS = {
    "delivered": ("доставлено", "delivered"),
    "failed": ("не доставлено", "failed"),
    "suppressed": ("подавлено правилом", "suppressed by a rule"),
    "under-way": ("в пути", "under way"),
    "missing": ("ПРОПАЛО", "MISSING"),
}


def _letters(connection: Connection, year: Year) -> Iterator[tuple[str, Told]]:
    streams = defaultdict(list)
    for record in read_roadmap(connection, year.roadmap.id):
        streams[record.stream].append(read_event(record))
    for stream, events in streams.items():
        decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
        for one in told(decider, events, year.now()):
            yield stream, one


def _document(stream: str, one: Told, soon: datetime) -> dict[str, Any]:
    open_outcome = "missing" if one.due_at < soon else "under-way"
    return {"stream": stream, **encode(one), "outcome": one.outcome or open_outcome}
