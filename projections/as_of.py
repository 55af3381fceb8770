"""Two axes of time: what was true on a day, as the log knew it on another. Every report of the past is folded from here.

- **Known.** What people send is known from its receipt. What the clock brings is known from its planned moment: the
  plan is made when the year starts, so a machine that was off does not change what could be known.
- **True.** What people send is true from its receipt, or from the end of the day on which it happened in the sender's
  words where that is earlier. What the clock brings is true from its planned moment.

Nothing is known before what stands before it in its stream. Nothing is true before the command that it follows about
the same assignment or value; a backdated command may go before the clock's events, and that is all that backdating does.
Known on a day itself is therefore all that was received by its end, whatever people say later: a report as of a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from domain.codec import read_day, read_fact, read_instant
from domain.events import (
    CLOCK,
    AssignmentReassigned,
    IndicatorMeasured,
    MeasurePlanned,
    ScheduleSet,
    SetAside,
    YearStarted,
)
from domain.records import EventRecord

When = date | datetime  # a day counts to its end in the office's time zone, an instant to itself
EVER = datetime.max.replace(tzinfo=UTC)
FOUNDATION = ""  # the plan or the schedule, which every other event of the stream rests on
NO_TIME = datetime.min.replace(tzinfo=UTC)


class AsOf:
    """Tells which events count: true `on` a day or at an instant, `known_at` another (null: all that is there).

    The records have to come in the order of their streams; streams may be mixed.
    """

    def __init__(self, on: When, known_at: When | None, zone: ZoneInfo) -> None:
        self._zone = zone
        self._on = end_of(on, zone)
        self._known_at = EVER if known_at is None else end_of(known_at, zone)
        self._unknown: set[str] = set()
        self._sent: dict[tuple[str, str], datetime] = defaultdict(lambda: NO_TIME)
        self._all: dict[tuple[str, str], datetime] = defaultdict(lambda: NO_TIME)

    def counts(self, record: EventRecord) -> bool:
        """Tell whether this event, the next one of its stream, was true and known by then; what was set aside never was."""
        if record.stream in self._unknown or record.type == SetAside.__name__:
            return False
        moment = read_instant(record, record.at if by_clock(record) else record.received_at)
        if moment > self._known_at:
            self._unknown.add(record.stream)
            return False
        # What was known by then was true by then: the sender's words only ever go back.
        return self._known_at <= self._on or self._true_from(record, moment) <= self._on

    def _true_from(self, record: EventRecord, moment: datetime) -> datetime:
        keys = _about(record)
        from_clock = by_clock(record)
        if from_clock:
            moment = max(moment, *(self._all[key] for key in keys))
        else:
            said = end_of(read_day(record), self._zone)
            moment = max(min(moment, said), *(self._sent[key] for key in keys))
        for key in keys[1:]:
            self._all[key] = max(self._all[key], moment)
            if not from_clock or key == keys[0]:
                self._sent[key] = moment
        return moment


def as_of(records: Iterable[EventRecord], on: When, zone: ZoneInfo, known_at: When | None) -> Iterator[EventRecord]:
    """Yield the events that were true `on` a day or at an instant, as they were known at another."""
    chosen = AsOf(on, known_at, zone)
    return filter(chosen.counts, records)


def end_of(when: When, zone: ZoneInfo) -> datetime:
    """Return the last instant that still counts: the end of a day in the office's time zone, an instant itself."""
    return when if isinstance(when, datetime) else datetime.combine(when, time.max, zone)


def by_clock(record: EventRecord) -> bool:
    """Tell whether the clock brought it: anybody may call themselves so in a command."""
    return record.actor == CLOCK and record.command_id is None


def _about(record: EventRecord) -> list[tuple[str, str]]:
    """Return what the event has to follow, the foundation of its stream first; what it is about itself behind that."""
    fact = read_fact(record)
    own: list[str]
    match fact:
        case MeasurePlanned() | ScheduleSet() | YearStarted():
            own = [FOUNDATION]
        case AssignmentReassigned(assignment=old, successor=new):
            own = [old, new]
        case IndicatorMeasured(indicator=number, body=body):
            own = [f"{number}/{body}"]
        case _:
            assignment: str | None = getattr(fact, "assignment", None)
            own = [] if assignment is None else [assignment]
    return [(record.stream, name) for name in (FOUNDATION, *own)]
