"""`audit.py silence`: every letter that was due in an interval, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from domain.codec import encode, read_event
from domain.measure import MEASURE
from domain.roadmap import is_measure
from domain.silence import MISSING, UNDER_WAY, Told, told
from domain.turn import Decider
from domain.year import YEAR
from doors import output
from doors.output import Door, Exit, door
from doors.services import Connection, Year, find_year, open_log, roadmap_option
from eventlog.read import read_roadmap

DATE = click.DateTime(["%Y-%m-%d"])


@click.command(
    "silence", help=output.told("Каждое положенное письмо и что с ним стало.", "Every letter due, and its outcome.")
)
@roadmap_option
@click.option("--from", "first", type=DATE, help=output.told("с этого дня", "from this day on"))
@click.option("--to", "last", type=DATE, help=output.told("по этот день включительно", "up to this day"))
@door
def silence(at: Door, roadmap: str | None, first: datetime | None, last: datetime | None) -> Exit:
    """List what was due in the interval; FINDING where a letter, or a moment of the clock, is missing."""
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
    missing = sum(one.outcome == MISSING for _, one in rows)
    under_way = sum(one.outcome == UNDER_WAY for _, one in rows)
    lines = [
        f"{one.due_at.astimezone(zone):%d.%m.%Y %H:%M} {stream}/{one.version or '—'} {one.kind} → {one.to}:"
        f" {at.say(*WORDS[one.outcome])} {one.detail}".rstrip()
        for stream, one in rows
    ]
    lines.append(
        at.say(
            f"Положено писем: {len(rows)}, в пути: {under_way}, пропало: {missing}.",
            f"{len(rows)} letters due, {under_way} on their way, {missing} missing.",
        )
    )
    notices = [{"stream": stream, **encode(one)} for stream, one in rows]
    document = {"roadmap": year.roadmap.id, "notices": notices, "missing": missing}
    return at.answer(document, "\n".join(lines), Exit.FINDING if missing else Exit.DONE)


WORDS = {
    "delivered": ("доставлено", "delivered"),
    "failed": ("не доставлено", "failed"),
    "suppressed": ("подавлено правилом", "suppressed by a rule"),
    UNDER_WAY: ("в пути", "on its way"),
    MISSING: ("ПРОПАЛО", "MISSING"),
}


def _letters(connection: Connection, year: Year) -> Iterator[tuple[str, Told]]:
    streams = defaultdict(list)
    for record in read_roadmap(connection, year.roadmap.id):
        streams[record.stream].append(read_event(record))
    for stream, events in streams.items():
        decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
        for one in told(decider, events, year.now()):
            yield stream, one
