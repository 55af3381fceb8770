"""A small year for the tests of projections and views, and a life that is really lived through `turn`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.codec import event_record, make_command
from domain.commands import Close, Command, Delivered, Received, ReportExecution, Request
from domain.events import Event
from domain.measure import MEASURE, MeasureState, planned
from domain.records import EventRecord
from domain.roadmap import (
    Body,
    Checkpoint,
    Completion,
    ControlPolicy,
    Indicator,
    IndicatorKind,
    Measure,
    MeasurePlan,
    Order,
    Period,
    Person,
    Registry,
    Roadmap,
    Section,
    measure_stream,
    year_stream,
)
from domain.workdays import Calendar
from domain.year import YEAR, YearState, started

ZONE = ZoneInfo("Europe/Moscow")
WEEKENDS = tuple(
    day for n in range(500) if (day := date(2021, 8, 1) + timedelta(days=n)).weekday() > 4 and day <= date(2022, 12, 1)
)
CALENDAR = Calendar("weekends-only", date(2021, 8, 1), date(2022, 12, 1), WEEKENDS)
ORDER = Order("969/1", date(2021, 8, 24), "Об утверждении Дорожной карты поддержки школ", "Н.А. Васютина")
REGISTRY = Registry(
    bodies=(
        Body("uo", "МУ «Управление образования администрации города Пятигорска»"),
        Body("imcro", "МКУ ИМЦРО", reports_to="uo"),
        Body("oo", "ОО", members=("school-1", "school-6", "school-30"), sample=True),
        Body("school-1", "МБОУ СОШ № 1", reports_to="imcro"),
        Body("school-6", "МБОУ СОШ № 6", reports_to="imcro"),
        Body("school-30", "МБОУ СОШ № 30", reports_to="imcro"),
    ),
    people=(Person("vasyutina", "uo", "заместитель главы администрации"),),
)
POLICY = ControlPolicy(controller="uo")


def point(key: str, label: str, starts_on: str, due_on: str, *, bodies: tuple[str, ...] | None = None) -> Checkpoint:
    """Return a checkpoint between two ISO dates."""
    first, last = date.fromisoformat(starts_on), date.fromisoformat(due_on)
    return Checkpoint(key, label, first, last, last, rule="by-date", bodies=bodies)


MONITORING = Measure(
    "1.1",
    "1",
    "Проведение мониторинга потребности в повышении квалификации",
    "до 30.09",
    "МКУ ИМЦРО, ОО",
    ("imcro", "oo"),
    (point("1", "до 30.09", "2021-08-24", "2021-09-30"),),
    "Изучение образовательных запросов педагогов",
)
COURSES = Measure(
    "1.2",
    "1",
    "Повышение квалификации учителей",
    "в течение года",
    "ОО",
    ("school-1",),
    (replace(point("year", "в течение года", "2021-09-01", "2022-05-31"), interim=(date(2021, 12, 30),)),),
    "Повышение профессиональной компетентности",
)
WORKSHOPS = Measure(
    "2.7",
    "2",
    "Педагогические мастерские",
    "ноябрь, февраль",
    "МКУ ИМЦРО, МБОУ СОШ № 6, № 30",
    ("imcro",),
    (
        point("1", "ноябрь", "2021-11-01", "2021-11-30", bodies=("school-6",)),
        point("2", "февраль", "2022-02-01", "2022-02-28", bodies=("school-30",)),
    ),
    "Повышение профессионального мастерства",
)
CERTIFICATION = Measure(
    "3.6",
    "3",
    "Аттестация педагогических кадров",
    "по отдельному графику",
    "МКУ ИМЦРО",
    ("imcro",),
    (),
    "Рост числа аттестованных педагогов",
)
SHARE = Indicator(
    "2", "педагоги, владеющие технологиями", IndicatorKind.SHARE, "%", ">=", ("oo",), date(2022, 8, 31), Decimal(90)
)
AVERAGE = Indicator(
    "1", "не ниже среднего по городу", IndicatorKind.MEAN, "балл", ">=", ("oo",), date(2022, 8, 31), reference="imcro"
)
GROWTH = Indicator(
    "5", "рост числа участников олимпиад", IndicatorKind.COUNT, "чел.", ">", ("oo",), date(2022, 8, 31), baseline=True
)
ROADMAP = Roadmap(
    "pyatigorsk-969-1-2021",
    ORDER,
    "Дорожная карта поддержки школ на 2021-22 учебный год",
    Period(date(2021, 8, 24), date(2022, 8, 31)),
    POLICY,
    REGISTRY,
    (Section("1", "Развитие кадрового потенциала"), Section("2", "Работа с педагогами"), Section("3", "Качество")),
    (MONITORING, COURSES, WORKSHOPS, CERTIFICATION),
    (AVERAGE, SHARE, GROWTH),
    CALENDAR,
)
START = "2021-08-24T10:00"


def local(text: str) -> datetime:
    """Return the instant of a local text of Moscow, as in 2021-09-30T18:00."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def plan(measure: Measure, rule: Completion = Completion.ALL) -> MeasurePlan:
    """Return the plan of a measure of the example year, completed by a rule."""
    whole = ROADMAP.plan(measure)
    return replace(whole, policy=replace(whole.policy, completion=rule))


def unreviewed() -> Life:
    """Return a life whose report lies with the controller until the one above is told."""
    of = plan(MONITORING)
    policy = replace(of.policy, controller="vasyutina", unreviewed_after=(3, 5))
    life = Life(replace(of, policy=policy)).hear("2021-09-02T12:00", "imcro", ReportExecution(note="готово"))
    return life.until("2021-09-10T10:00")


class Life:
    """A measure's stream in memory: what the engine and the log are in a real year."""

    def __init__(self, measure_plan: MeasurePlan, start: str = START) -> None:
        first = planned(measure_plan, local(start), local(start))
        self.stream = measure_stream(measure_plan.roadmap, measure_plan.measure.number)
        self.state: MeasureState = MEASURE.evolve(MEASURE.begin(first), first)
        self.events: list[Event] = [first]
        self.letters = MEASURE.letters(self.state, first)
        self.commands = 0

    @property
    def records(self) -> list[EventRecord]:
        """Return all events as rows of the log."""
        return [event_record(event, self.stream, n, "life") for n, event in enumerate(self.events, 1)]

    def until(self, now: str) -> Life:
        """Let the clock run to a local time; letters are delivered at once."""
        return self._live([], local(now))

    def hear(self, at: str, actor: str, request: Request, occurred_on: str | None = None) -> Life:
        """Let a command come at a local time."""
        return self._live([Received(self._command(at, actor, request, occurred_on), local(at))], local(at))

    def close(self, at: str) -> Life:
        """Let the year end at a local time."""
        return self.hear(at, "administrator", Close())

    def _command(self, at: str, actor: str, request: Request, occurred_on: str | None) -> Command:
        self.commands += 1
        day = date.fromisoformat(occurred_on) if occurred_on else None
        return make_command(f"c-{self.commands}", actor, local(at), day, request)

    def _live(self, inbox: list[Received | Delivered], now: datetime) -> Life:
        while events := MEASURE.turn(self.state, inbox, now):
            for event in events:
                self.state = MEASURE.evolve(self.state, event)
                self.events.append(event)
            inbox = [Delivered(notice, "delivered", "", now) for notice in self.state.outbox]
        return self


class YearLife:
    """The year's own stream in memory."""

    def __init__(self, roadmap: Roadmap = ROADMAP) -> None:
        first = started(roadmap, "id: …", local(START), local(START))
        self.stream = year_stream(roadmap.id)
        self.state: YearState = YEAR.evolve(YEAR.begin(first), first)
        self.events: list[Event] = [first]

    @property
    def records(self) -> list[EventRecord]:
        """Return all events as rows of the log."""
        return [event_record(event, self.stream, n, "life") for n, event in enumerate(self.events, 1)]

    def hear(self, at: str, actor: str, request: Request, occurred_on: str | None = None) -> YearLife:
        """Let a command come at a local time."""
        day = date.fromisoformat(occurred_on) if occurred_on else None
        command = make_command(f"y-{len(self.events)}", actor, local(at), day, request)
        for event in YEAR.turn(self.state, [Received(command, local(at))], local(at)):
            self.state = YEAR.evolve(self.state, event)
            self.events.append(event)
        return self


def sealed(*lives: Life | YearLife) -> Iterator[EventRecord]:
    """Yield the events of several streams as the sealed log would give them: mixed, with positions."""
    rows = [record for life in lives for record in life.records]
    rows.sort(key=lambda record: record.received_at)
    for position, record in enumerate(rows, 1):
        yield replace(record, position=position, id=f"{record.stream}-{record.version}", recorded_at=record.received_at)
