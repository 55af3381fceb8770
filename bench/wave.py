"""A wave: the deadlines of many measures fall on one instant, and staff send commands to others meanwhile.

Real years on the real clock: their instant lies a little ahead while they are started. Times are the log's own, from the
instant, or from the sending of a command, to the writing of its row.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from app.log import Connection
from app.years import start_year
from bench import bare
from bench.contestants import EXAMPLE, MEASURES, NOTE, Bench, worker
from bench.figures import Demand, Result, Spread, percentile
from bench.processors import Meter
from domain.codec import command_record, make_command
from domain.commands import ReportProgress
from domain.roadmap import Checkpoint, Measure, Roadmap, measure_stream
from orders.calendars import calendar_for
from orders.yaml_file import load_roadmap
from wire.names import SUBMIT, TASK_LIMIT

A_YEAR = 500  # measures: so many cities stand in one engine
BODIES = 5  # a pair of measures: every other one has three, and 2,990 measures have 7,475 deadlines
PAUSE_SECONDS = 0.1  # between two commands
WARM_SECONDS = 5.0  # of commands before the instant
STARTED_A_SECOND = 25  # at least, with a margin that the machine can have
SETTLED_SECONDS = 20.0
LIMIT_SECONDS = 900.0
LOOK_SECONDS = 0.5
KINDS = ("DeadlineMissed", "InterimMissed")
LETTERS = ("NoticeDelivered", "NoticeFiled", "NoticeFailed", "NoticeSuppressed")
ANSWERS = "select command_id, recorded_at from vekha.event where command_id = any(%s)"
BARE_ANSWERS = "select command_id, recorded_at from bare.event where command_id = any(%s)"
Send = Callable[[str], Coroutine[Any, Any, None]]
VARIANTS = ("plain", "letters", "killed", "two workers")


@dataclass(frozen=True)
class Size:
    """How many measures are open, and how many of them wake at the instant."""

    open: int = 1400
    waking: int = 300


@dataclass(frozen=True)
class Found:
    """What one wave did, in seconds: how late its rows were, how long staff waited for theirs; rows too many or too few."""

    late: Sequence[float]
    waited: Sequence[float]
    wrong: int
    others: float
    letters_a_second: float = 0.0

    def told(self) -> str:
        """Return one line."""
        late = f"{statistics.median(self.late):.1f}, {percentile(self.late, 0.9):.1f}, last {max(self.late):.1f} s"
        waited = f"{statistics.median(self.waited):.3f}, {percentile(self.waited, 0.9):.3f} s, worst {max(self.waited):.2f} s"
        letters = f"; {self.letters_a_second:.0f} letters a second" if self.letters_a_second else ""
        return f"rows late {late}; {len(self.waited)} commands took {waited}{letters}; others {self.others:.0f} %"


async def wave(bench: Bench, rounds: int, size: Size) -> Result:
    """Measure waves without letters, with them, with a worker killed in the midst, with two workers, and of bare timers."""
    found: dict[str, list[Found]] = {name: [] for name in (*VARIANTS, "bare timers")}
    for number in range(rounds):
        print(f"  round {number + 1}", flush=True)
        for name, one in zip(found, await _round(bench, size), strict=True):
            found[name].append(one)
    figures: dict[str, Spread] = {}
    demands: list[Demand] = []
    for name, ones in found.items():
        middle = Spread(tuple(1000 * statistics.median(one.waited) for one in ones), "ms")
        most = Spread(tuple(1000 * percentile(one.waited, 0.9) for one in ones), "ms")
        figures |= {f"{name}, commands to others, 50 %": middle, f"{name}, commands to others, 90 %": most}
        figures[f"{name}, rows late, 50 %"] = Spread(tuple(statistics.median(one.late) for one in ones), "s")
        figures[f"{name}, rows late, 90 %"] = Spread(tuple(percentile(one.late, 0.9) for one in ones), "s")
        figures[f"{name}, rows late, the last"] = Spread(tuple(max(one.late) for one in ones), "s")
        if name in {"plain", "letters"}:
            demands.append(Demand(f"{name}: a command, median, ms", middle.median, at_most=100))
            demands.append(Demand(f"{name}: a command, 90 %, ms", most.median, at_most=1000))
        if name != "bare timers":
            wrong = max(one.wrong for one in ones)
            demands.append(Demand(f"{name}: rows of the wave missing or doubled", wrong, at_most=0))
    figures["letters, sent"] = Spread(tuple(one.letters_a_second for one in found["letters"]), "a second")
    return Result(
        f"wave: of {size.open} open measures {size.waking} wake at one instant, a command every {PAUSE_SECONDS} s to others",
        figures,
        tuple(demands),
    )


async def _round(bench: Bench, size: Size) -> list[Found]:
    found = []
    async with AsyncExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        process = await running.enter_async_context(worker(bench, "worker.py", ready=False, VEKHA_MAIL_DIR=folder))
        later = datetime.now(UTC) + timedelta(days=30)
        staffed = await years(bench, "others", size.open - size.waking, later, letters=False)
        to_staff = _to_staff(bench, staffed)

        async def second() -> None:
            await running.enter_async_context(worker(bench, "worker.py", ready=False, VEKHA_MAIL_DIR=folder))

        async def kill() -> None:
            process.kill()
            await second()

        for name in VARIANTS:
            if name == "two workers":
                await second()
            incident = kill if name == "killed" else None
            found.append(await _one(bench, size, to_staff, letters=name in {"letters", "killed"}, incident=incident))
            print(f"  {name}: {found[-1].told()}", flush=True)
        await end(bench, staffed)
    found.append(await _bare(bench, size))
    print(f"  bare timers: {found[-1].told()}", flush=True)
    return found


async def _one(
    bench: Bench,
    size: Size,
    to_staff: Send,
    *,
    letters: bool,
    incident: Callable[[], Awaitable[None]] | None,
) -> Found:
    """Let one wave come and go."""
    instant = datetime.now(UTC).replace(microsecond=0) + timedelta(
        seconds=size.waking / STARTED_A_SECOND + SETTLED_SECONDS
    )
    waking = await years(bench, "waking", size.waking, instant, letters=letters)
    ids = [year.id for year in waking]
    deadlines = sum(len(measure.bodies) for year in waking for measure in year.measures)
    due = (1 + letters) * deadlines
    rows = "select count(*) from vekha.event where roadmap = any(%s) and type = any(%s)"

    def there(kinds: Sequence[str]) -> int:
        return _count(bench.connection, rows, ids, kinds)

    killed = incident is None

    async def done() -> bool:
        nonlocal killed
        if not killed and incident is not None and there(KINDS) > due / 2:
            killed = True
            await incident()
        return there(KINDS) >= due and (not letters or there(LETTERS) >= deadlines)

    waited, others = await _staff(bench, instant, to_staff, ANSWERS, done)
    query = (
        "select extract(epoch from recorded_at - at)::float from vekha.event where roadmap = any(%s) and type = any(%s)"
    )
    late = [row[0] for row in bench.connection.execute(query, (ids, list(KINDS))).fetchall()]
    once = (
        "select count(*), count(distinct (stream, type, data)),"
        " extract(epoch from max(recorded_at) - min(recorded_at))::float"
        " from vekha.event where roadmap = any(%s) and type = any(%s)"
    )
    wrong, letters_a_second = 0, 0.0
    for kinds, wanted in ((KINDS, due), (LETTERS, deadlines * letters)):
        row = bench.connection.execute(once, (ids, list(kinds))).fetchone()
        assert row is not None
        wrong += abs(row[0] - wanted) + abs(row[1] - wanted)
        if kinds is LETTERS and row[2]:
            letters_a_second = wanted / row[2]
    await end(bench, waking)
    return Found(late, waited, wrong, others, letters_a_second)


async def _staff(
    bench: Bench, instant: datetime, send: Send, answers: str, done: Callable[[], Awaitable[bool]]
) -> tuple[list[float], float]:
    """Send commands from before the instant until the wave is done.

    Return how many seconds each waited for its row, and how many percent of the processors others took meanwhile.
    """
    await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds() - WARM_SECONDS))
    assert datetime.now(UTC) < instant, "the years were not started in time: this machine is too busy"
    meter = Meter(bench.stack)
    sent: dict[str, datetime] = {}
    tasks: set[asyncio.Task[None]] = set()
    until, look = time.monotonic() + LIMIT_SECONDS, time.monotonic()
    for number in count():
        id_ = f"wave-{number}-{uuid.uuid4().hex[:12]}"
        sent[id_] = datetime.now(UTC)
        tasks.add(asyncio.create_task(send(id_)))
        await asyncio.sleep(PAUSE_SECONDS)
        if time.monotonic() < look + LOOK_SECONDS or datetime.now(UTC) < instant:
            continue
        look = time.monotonic()
        assert look < until, f"the wave is not over after {LIMIT_SECONDS} s"
        if await done():
            break
    await asyncio.gather(*tasks)
    while True:
        there: dict[str, datetime] = dict(bench.connection.execute(answers, (list(sent),)).fetchall())
        if len(there) == len(sent):
            return [(there[id_] - at).total_seconds() for id_, at in sent.items()], meter.others()
        assert time.monotonic() < until, f"{len(sent) - len(there)} of {len(sent)} commands have no answer"
        await asyncio.sleep(LOOK_SECONDS)


def _to_staff(bench: Bench, roadmaps: Sequence[Roadmap]) -> Send:
    """Return what sends a command of this id to any of the years' measures, the same ones each time."""
    chance = random.Random(1)  # noqa: S311 - the same ones each time, no secret

    async def send(id_: str) -> None:
        year = chance.choice(roadmaps)
        measure = chance.choice(year.measures)
        body = measure.bodies[0]
        request = ReportProgress(checkpoint="1", body=body, note=NOTE)
        record = command_record(make_command(id_, body, datetime.now(UTC), None, request))
        await bench.client.get_workflow_handle(measure_stream(year.id, measure.number)).signal(SUBMIT, record)

    return send


async def years(bench: Bench, name: str, measures: int, instant: datetime, *, letters: bool) -> list[Roadmap]:
    """Start real years with so many measures in all, whose deadlines fall on this instant."""
    loaded = load_roadmap(EXAMPLE)
    assert loaded.roadmap is not None
    begun = []
    for first in range(0, measures, A_YEAR):
        year = _year(loaded.roadmap, name, range(first, min(first + A_YEAR, measures)), instant, letters=letters)
        await start_year(bench.client, bench.connection, year, loaded.source)
        begun.append(year)
    return begun


def _year(example: Roadmap, name: str, places: Sequence[int], instant: datetime, *, letters: bool) -> Roadmap:
    """Return a year of the example's bodies; where letters are wanted, each body owes an interim report at the instant too."""
    day, begun = instant.date(), datetime.now(UTC).date() - timedelta(days=1)
    codes = [body.code for body in example.registry.bodies if not body.members]
    point = Checkpoint("1", "1", begun, day, day, "by-date", interim=(day,) if letters else ())
    return replace(
        example,
        id=f"bench-{name}-{uuid.uuid4().hex[:8]}",
        order=replace(example.order, date=begun),
        period=replace(example.period, first=begun, last=day + timedelta(days=30)),
        policy=replace(example.policy, time_zone="UTC", due_time=instant.time(), reminders=()),
        calendar=calendar_for(begun - timedelta(days=30), day + timedelta(days=60)),
        measures=tuple(_measure(place, codes, point) for place in places),
        indicators=(),
        findings=(),
    )


def _measure(place: int, codes: Sequence[str], point: Checkpoint) -> Measure:
    many = BODIES // 2 + place % 2
    bodies = tuple(codes[(place + further) % len(codes)] for further in range(many))
    return Measure(str(place), None, f"Мероприятие {place}", "до срока", ", ".join(bodies), bodies, (point,), "справка")


async def end(bench: Bench, roadmaps: Sequence[Roadmap]) -> None:
    """End the workflows of these years."""
    for year in roadmaps:
        streams = [f"{year.id}/year", *(measure_stream(year.id, measure.number) for measure in year.measures)]
        await asyncio.gather(*(bench.client.get_workflow_handle(stream).terminate() for stream in streams))


async def _bare(bench: Bench, size: Size) -> Found:
    """Let bare timers ring at one instant, with a row each, and send commands to bare workflows."""
    bench.connection.execute(bare.TABLE)
    name = f"bare-wave-{uuid.uuid4().hex[:6]}"
    async with worker(bench, "-m", "bench.bare", ready=True):
        instant = datetime.now(UTC) + timedelta(seconds=size.waking / STARTED_A_SECOND + SETTLED_SECONDS)
        staffed = [f"{name}/m/{place}" for place in range(MEASURES)]
        places = random.Random(1)  # noqa: S311 - as above
        started: list[Any] = [
            await bench.client.start_workflow(
                bare.BareMeasure.run, stream, id=stream, task_queue=bare.TASK_QUEUE, task_timeout=TASK_LIMIT
            )
            for stream in staffed
        ]
        for place in range(size.waking):
            stream = f"{name}/t/{place}"
            started.append(
                await bench.client.start_workflow(
                    bare.BareTimer.run,
                    args=[stream, instant.isoformat()],
                    id=stream,
                    task_queue=bare.TASK_QUEUE,
                    task_timeout=TASK_LIMIT,
                )
            )

        async def send(id_: str) -> None:
            await started[places.randrange(MEASURES)].signal(SUBMIT, {"id": id_, "note": NOTE})

        rows = "select count(*) from bare.event where stream like %s"
        rung = f"{name}/t/%"

        async def done() -> bool:
            return _count(bench.connection, rows, rung) >= size.waking

        waited, others = await _staff(bench, instant, send, BARE_ANSWERS, done)
        query = "select extract(epoch from recorded_at - %s)::float from bare.event where stream like %s"
        late = [row[0] for row in bench.connection.execute(query, (instant, rung)).fetchall()]
        await asyncio.gather(*(handle.terminate() for handle in started[:MEASURES]))
    return Found(late, waited, abs(len(late) - size.waking), others)


def _count(connection: Connection, query: str, *values: object) -> int:
    row = connection.execute(
        query,
        [list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value for value in values],
    ).fetchone()
    return int(row[0]) if row else 0
