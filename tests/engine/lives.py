"""Lives that Hypothesis makes: what people do, when, and in which order, for the engine and the rehearsal alike.

An engine plays a life in seconds, a rehearsal in milliseconds. So many are made and rehearsed, and the engine is given
the few that together show the most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.years import first_moment
from domain.codec import make_command
from domain.commands import (
    AcceptExecution,
    ExtendDeadline,
    MeasureIndicator,
    ReassignAssignment,
    RefuseExtension,
    ReportExecution,
    ReportProgress,
    Request,
    RequestExtension,
    ReturnForRework,
    ScheduledPoint,
    SetSchedule,
    WithdrawAssignment,
)
from domain.events import CommandRefused
from domain.rehearsal import Lived, Sent, rehearse
from domain.roadmap import Measure, Roadmap

# Minutes of a working day, far from those at which the clock itself acts: between two steps of the test the clocks of
# the engine run on, and a busy machine may need a minute.
MINUTES = st.integers(9 * 60 + 15, 17 * 60 + 30)
LONGEST = timedelta(days=390)

# Two things that happened to one assignment, the second after the first; a refusal with its reason.
Step = tuple[str, str]


@dataclass(frozen=True)
class Story:
    """A roadmap and what people do in its year."""

    roadmap: Roadmap
    sent: tuple[Sent, ...]

    @property
    def close_at(self) -> datetime:
        """Return when its year ends."""
        return self.roadmap.policy.instant(self.roadmap.order.date + LONGEST + timedelta(days=1), time(12))


def made(strategy: st.SearchStrategy[Story], count: int) -> list[Story]:
    """Return so many stories, the same ones every time."""
    found: list[Story] = []

    @settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(story: Story) -> None:
        found.append(story)

    collect()
    return found


def richest(stories: Sequence[Story], count: int, source: str) -> list[Story]:
    """Return so many stories: each time the one whose rehearsal has most steps that those before it lack."""
    steps = [
        steps_of(rehearse(one.roadmap, source, first_moment(one.roadmap), one.sent, close_at=one.close_at))
        for one in stories
    ]
    left, seen, found = list(range(len(stories))), set[Step](), []
    for _ in range(count):
        best = max(left, key=lambda place: len(steps[place] - seen))
        left.remove(best)
        seen |= steps[best]
        found.append(stories[best])
    return found


def steps_of(lived: Sequence[Lived]) -> set[Step]:
    """Return the steps that a year shows."""
    last: dict[str, str] = {}
    steps = set()
    for item in lived:
        fact = item.event.fact
        kind = f"CommandRefused {fact.reason}" if isinstance(fact, CommandRefused) else type(fact).__name__
        about: str = getattr(fact, "assignment", None) or item.stream
        steps.add((last.get(about, ""), kind))
        last[about] = kind
    return steps


def requests(measure: Measure, roadmap: Roadmap) -> st.SearchStrategy[Request]:
    """Return any request about a measure, sensible or not."""
    bodies = [body.code for body in roadmap.registry.bodies]
    days = st.dates(roadmap.order.date, roadmap.period.last + timedelta(days=60))
    place = {
        "checkpoint": st.sampled_from([None, *(item.key for item in measure.checkpoints)]),
        "body": st.sampled_from([None, *measure.bodies, *bodies[:6]]),
    }
    words = st.sampled_from(["", "готово", "см. приложение"])
    act = st.just("приказ")
    return st.one_of(
        st.builds(ReportExecution, note=words, early=st.booleans(), **place),
        st.builds(ReportExecution, note=words, early=st.booleans(), **place),
        st.builds(AcceptExecution, note=words, **place),
        st.builds(AcceptExecution, note=words, **place),
        st.builds(ReportProgress, note=words, **place),
        st.builds(ReturnForRework, reason=words, **place),
        st.builds(RequestExtension, until=days, reason=words, **place),
        st.builds(ExtendDeadline, until=days, reason=words, act=act, **place),
        st.builds(RefuseExtension, reason=words, **place),
        st.builds(WithdrawAssignment, reason=words, act=act, **place),
        st.builds(ReassignAssignment, to=st.sampled_from(bodies), reason=words, act=act, **place),
        st.builds(SetSchedule, points=st.lists(points(days), min_size=1, max_size=2).map(tuple), act=act),
    )


def points(days: st.SearchStrategy[date]) -> st.SearchStrategy[ScheduledPoint]:
    """Return a point of a schedule, its dates in any order."""
    return st.builds(ScheduledPoint, key=st.sampled_from("ab"), label=st.just("точка"), starts_on=days, due=days)


def indicator_values(roadmap: Roadmap) -> st.SearchStrategy[Request]:
    """Return any value of any indicator."""
    numbers = st.integers(0, 120).map(Decimal)
    return st.builds(
        MeasureIndicator,
        indicator=st.sampled_from([item.number for item in roadmap.indicators] + ["9"]),
        numerator=numbers,
        denominator=st.none() | numbers,
        baseline=st.none() | numbers,
    )


def lives(roadmap: Roadmap, numbers: Sequence[str], most: int) -> st.SearchStrategy[tuple[Sent, ...]]:
    """Return up to so many commands about these measures, in calendar order, each at a minute of its own."""
    actors = [body.code for body in roadmap.registry.bodies] + [person.code for person in roadmap.registry.people]
    chosen = [item for item in roadmap.measures if item.number in numbers]
    about = st.one_of(
        *(st.tuples(st.just(item.number), requests(item, roadmap)) for item in chosen),
        *([st.tuples(st.none(), indicator_values(roadmap))] if len(chosen) > 1 else []),
    )
    controller = roadmap.policy.controller
    who = st.one_of(st.just(controller), st.sampled_from(actors))
    moments = st.tuples(st.integers(0, LONGEST.days), MINUTES)
    commands = st.lists(
        st.tuples(moments, who, about), min_size=most // 2, max_size=most, unique_by=lambda item: item[0]
    )
    return commands.map(lambda items: tuple(_sent(roadmap, items)))


def _sent(roadmap: Roadmap, items: Sequence[tuple[tuple[int, int], str, tuple[str | None, Request]]]) -> list[Sent]:
    sent = []
    for place, ((day, minute), actor, (number, request)) in enumerate(sorted(items, key=lambda item: item[0])):
        local = datetime.combine(roadmap.order.date + timedelta(days=day), time(minute // 60, minute % 60))
        at = local.replace(tzinfo=roadmap.policy.zone)
        sent.append(Sent(number, make_command(f"life-{place}", actor, at, None, request)))
    return sent
