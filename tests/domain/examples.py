"""Named example values: a small calendar, the bodies of a town, and a measure of each kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

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
)
from domain.workdays import Calendar, Shift


def day(text: str) -> date:
    """Return the day of an ISO text."""
    return date.fromisoformat(text)


def calendar(first: str, last: str, *holidays: str) -> Calendar:
    """Return a calendar whose days off are the weekends and these holidays."""
    begin, end = day(first), day(last)
    days = (begin + timedelta(days=n) for n in range((end - begin).days + 1))
    off = {item for item in days if item.weekday() > 4} | {day(text) for text in holidays}
    return Calendar("weekends and a few holidays", begin, end, tuple(sorted(off)))


CALENDAR = calendar(
    "2021-07-01",
    "2022-09-30",
    *("2021-11-04", "2021-11-05", "2021-12-31", "2022-01-03", "2022-01-04", "2022-01-05", "2022-01-06", "2022-01-07"),
    *("2022-02-23", "2022-03-07", "2022-03-08", "2022-05-02", "2022-05-03", "2022-05-09", "2022-05-10", "2022-06-13"),
)
ORDER = Order("969/1", day("2021-08-24"), "Об утверждении Дорожной карты", "Н.А. Васютина")
PERIOD = Period(day("2021-08-24"), day("2022-05-31"))
REGISTRY = Registry(
    bodies=(
        Body("uo", "Управление образования"),
        Body("imcro", "МКУ ИМЦРО", reports_to="uo"),
        Body("oo", "ОО", members=("school-1", "school-6", "school-30"), sample=True),
        Body("school-1", "МБОУ СОШ № 1", reports_to="imcro"),
        Body("school-6", "МБОУ СОШ № 6", reports_to="imcro"),
        Body("school-30", "МБОУ СОШ № 30", reports_to="imcro"),
        Body("gmo", "Городское методическое объединение", members=()),
        Body("everybody", "ИМЦРО и все школы", members=("imcro", "oo")),
    ),
    people=(
        Person("vasyutina", "uo", "заместитель главы"),
        Person("ivanova", "school-6", "завуч"),
        Person("petrov", "imcro"),
    ),
)
POLICY = ControlPolicy(controller="uo")
SCHOOLS = ("school-1", "school-6", "school-30")


def point(
    key: str, starts_on: str, due: str, *, interim: tuple[str, ...] = (), bodies: tuple[str, ...] | None = None
) -> Checkpoint:
    """Return a checkpoint whose due date is a working day, or is moved to the preceding one."""
    due_on = CALENDAR.shift(day(due), Shift.PRECEDING)
    interims = tuple(day(text) for text in interim)
    return Checkpoint(key, key, day(starts_on), day(due), due_on, "written", interim=interims, bodies=bodies)


def measure(
    number: str, bodies: tuple[str, ...], *checkpoints: Checkpoint, policy: ControlPolicy | None = None
) -> Measure:
    """Return a measure with its cells filled by rote."""
    return Measure(
        number, "1", f"Мероприятие {number}", "по плану", ", ".join(bodies), bodies, checkpoints, "Отчёт", policy
    )


# «до 30.09», one body.
BY_DATE = measure("1.1", ("school-6",), point("1", "2021-08-24", "2021-09-30"))
# «октябрь»: its last day is a Sunday, so it is due on Friday the 29th.
WINDOW = measure("1.2", ("school-6",), point("october", "2021-10-01", "2021-10-31"))
# «в течение года», with interim reports.
YEAR_LONG = measure(
    "1.3",
    ("school-6",),
    point("year", "2021-09-01", "2022-05-31", interim=("2021-10-29", "2021-12-30", "2022-03-25")),
)
# «декабрь, февраль, апрель», a host school each.
SEMINARS = measure(
    "2.7",
    ("imcro",),
    point("december", "2021-12-01", "2021-12-31", bodies=("school-1",)),
    point("february", "2022-02-01", "2022-02-28", bodies=("school-6",)),
    point("april", "2022-04-01", "2022-04-30", bodies=("school-30",)),
)
# «по отдельному графику».
UNDATED = measure("3.6", ("imcro", "oo"))
# A group beside its leading centre; all, the lead or anybody completes it.
TOGETHER = measure("1.4", ("imcro", "oo"), point("1", "2021-08-24", "2021-09-30"))
BY_LEAD = replace(TOGETHER, number="1.5", policy=replace(POLICY, completion=Completion.LEAD))
BY_ANY = replace(TOGETHER, number="1.6", policy=replace(POLICY, completion=Completion.ANY))
# A group that nobody has listed answers as one.
ASSOCIATION = measure("1.7", ("gmo",), point("1", "2021-08-24", "2021-09-30"))
MEASURES = (BY_DATE, WINDOW, YEAR_LONG, TOGETHER, BY_LEAD, BY_ANY, ASSOCIATION, SEMINARS, UNDATED)

SHARE = Indicator("1", "Доля", IndicatorKind.SHARE, "%", ">=", ("oo",), day("2022-05-31"), target=Decimal(60))
MEAN = Indicator("2", "Балл", IndicatorKind.MEAN, "балл", ">=", ("oo",), day("2022-05-31"), reference="imcro")
COUNT = Indicator("3", "Число", IndicatorKind.COUNT, "ед.", ">=", ("everybody",), day("2022-05-31"))
GROWTH = Indicator("4", "Рост", IndicatorKind.SHARE, "%", ">", ("oo",), day("2022-05-31"), baseline=True)

ROADMAP = Roadmap(
    id="example-2021",
    order=ORDER,
    title="Дорожная карта",
    period=PERIOD,
    policy=POLICY,
    registry=REGISTRY,
    sections=(Section("1", "Управление"),),
    measures=MEASURES,
    indicators=(SHARE, MEAN, COUNT, GROWTH),
    calendar=CALENDAR,
)


def plan(of: Measure, **changes: object) -> MeasurePlan:
    """Return the plan of a measure of the example; `changes` replace what it lives by."""
    return replace(ROADMAP.plan(of), **changes)  # type: ignore[arg-type]
