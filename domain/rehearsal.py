"""The rehearsal: a whole year through the same `turn`, on a clock that jumps from moment to moment.

It is what the engine must equal: per stream the same events. Letters are taken as delivered at once.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from domain.codec import make_command
from domain.commands import Close, Command, Delivered, Received
from domain.events import ADMINISTRATOR, Event
from domain.measure import MEASURE, planned
from domain.roadmap import Roadmap, measure_stream, year_stream
from domain.turn import Decider, Item
from domain.year import YEAR, started


@dataclass(frozen=True, slots=True)
class Sent:
    """A command on its way: the measure it concerns, null for the year; `command.sent_at` is when it comes."""

    measure: str | None
    command: Command


@dataclass(frozen=True, slots=True)
class Lived:
    """An event of the rehearsed year at its place."""

    stream: str
    version: int
    event: Event


class _Stream:
    """One stream in memory: what the engine and the log are in the real year."""

    def __init__(self, name: str, decider: Decider[Any], first: Event) -> None:
        self.name = name
        self.decider = decider
        self.state = decider.evolve(decider.begin(first), first)

    def live(self, inbox: Sequence[Item], now: datetime) -> Iterator[Lived]:
        """Yield the events of a turn, and then those of the letters that it sent."""
        while events := self.decider.turn(self.state, inbox, now):
            for event in events:
                self.state = self.decider.evolve(self.state, event)
                yield Lived(self.name, self.state.version, event)
            inbox = self.post(now)

    def post(self, now: datetime) -> list[Item]:
        """Return that every letter on its way arrives."""
        return [Delivered(notice, "delivered", "rehearsal", now) for notice in self.state.outbox]


def rehearse(
    roadmap: Roadmap,
    source: str,
    started_at: datetime,
    sent: Iterable[Sent] = (),
    *,
    close_at: datetime | None = None,
    offset: timedelta | None = None,
) -> list[Lived]:
    """Return all events of a year in calendar order, from its start until nothing wakes, or until it is closed.

    Commands come at their `sent_at`. A moment and a command at the same instant: the command first, as in `turn`.
    """
    year_first = started(roadmap, source, started_at, started_at, offset)
    year = _Stream(year_stream(roadmap.id), YEAR, year_first)
    lived = [Lived(year.name, 1, year_first), *year.live(year.post(started_at), started_at)]
    streams: dict[str | None, _Stream] = {None: year}
    for measure in roadmap.measures:
        first = planned(roadmap.plan(measure), started_at, started_at)
        stream = _Stream(measure_stream(roadmap.id, measure.number), MEASURE, first)
        streams[measure.number] = stream
        lived.append(Lived(stream.name, 1, first))

    waiting = deque(
        (at, list(items))
        for at, items in groupby(sorted(sent, key=_sent_at), key=lambda item: max(_sent_at(item), started_at))
    )
    wakes: list[tuple[datetime, int, str]] = []

    def wake(order: int, number: str) -> None:
        stream = streams[number]
        if due := stream.decider.due(stream.state):
            heapq.heappush(wakes, (due.at, order, number))

    orders = {measure.number: order for order, measure in enumerate(roadmap.measures)}
    for key, order in orders.items():
        wake(order, key)
    while wakes or waiting:
        inboxes: dict[str | None, list[Item]] = {}
        if waiting and (not wakes or waiting[0][0] <= wakes[0][0]):
            # What comes at one instant is one turn's: a due moment of that instant is decided after all of it.
            at, items = waiting.popleft()
            for item in items:
                number = item.measure if item.measure in streams else None
                inboxes.setdefault(number, []).append(Received(item.command, at))
        else:
            at, order, key = heapq.heappop(wakes)
            due = streams[key].decider.due(streams[key].state)
            if due is None or due.at != at:
                continue  # a command has changed what comes next, and wound the clock anew
            inboxes[key] = []
        if close_at is not None and at > close_at:
            break
        for number, inbox in inboxes.items():
            lived.extend(streams[number].live(inbox, max(at, started_at)))
            if number is not None:
                wake(orders[number], number)
    if close_at is not None:
        lived.extend(_close(streams, roadmap, close_at))
    return lived


def _sent_at(item: Sent) -> datetime:
    return item.command.sent_at


def closing(roadmap: str, at: datetime, actor: str = ADMINISTRATOR) -> Command:
    """Return the command that closes a year; the same one for every try, so that a year is closed once."""
    return make_command(f"close-{roadmap}", actor, at, None, Close())


def _close(streams: dict[str | None, _Stream], roadmap: Roadmap, at: datetime) -> Iterator[Lived]:
    command = closing(roadmap.id, at)
    for stream in streams.values():
        yield from stream.live([Received(command, at)], at)
