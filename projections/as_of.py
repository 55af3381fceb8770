"""The log as it stood at the end of a day: what every report with `--as-of` is folded from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

from domain.codec import instant
from domain.events import CLOCK
from domain.records import EventRecord


def as_of(records: Iterable[EventRecord], day: date, time_zone: str) -> Iterator[EventRecord]:
    """Yield the events that count up to the end of `day` in the office's time zone.

    What the clock brought counts by its planned moment, what people sent by when it was received. Within a stream an
    event never counts before the one it follows: a deadline that a returned report missed in hindsight was not
    missed while the report stood. The records of a stream come in its order; streams may be mixed.
    """
    zone = ZoneInfo(time_zone)
    ended: set[str] = set()
    for record in records:
        moment = record.at if record.actor == CLOCK else record.received_at
        if record.stream in ended or instant(moment).astimezone(zone).date() > day:
            ended.add(record.stream)
        else:
            yield record
