"""A document without errors to the domain's definition: defaults filled, dates shifted, the calendar frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from domain.roadmap import (
    Body,
    Checkpoint,
    ControlPolicy,
    Indicator,
    Measure,
    Order,
    Period,
    Person,
    Registry,
    Roadmap,
    Section,
)
from domain.workdays import Calendar, Shift
from orders.calendars import calendar_for
from orders.checks import default_controller, point_key
from orders.schema import CheckpointPart, Document, MeasurePart

# Reminders look back from the first date, the ladder and extensions ahead of the last one.
DAYS_BEFORE, DAYS_AFTER = timedelta(days=60), timedelta(days=120)


def compiled(document: Document) -> Roadmap:
    """Return the roadmap that the document means; one that has not passed `checks.errors` is good for findings only.

    None of `checks.UNCOUNTABLE` may stand in it.
    """
    order = Order(document.order.number, document.order.date, document.order.title, document.order.signatory)
    period = Period(document.period.first, document.period.last)
    policy = ControlPolicy(**{"controller": default_controller(document), **document.policy.values()})
    first = min(order.date, period.first) - DAYS_BEFORE
    calendar = calendar_for(first, period.last + DAYS_AFTER, decree_days=policy.decree_days)
    names = {body.code: body.name for body in document.bodies}
    return Roadmap(
        id=document.id or default_id(order),
        order=order,
        title=document.title or order.title,
        period=period,
        policy=policy,
        registry=Registry(
            bodies=tuple(
                Body(body.code, body.name, body.reports_to, body.members, body.sample) for body in document.bodies
            ),
            people=tuple(Person(person.code, person.body, person.post) for person in document.people),
        ),
        sections=tuple(Section(part.number, part.title) for part in document.sections),
        measures=tuple(_measure(part, policy, order, calendar, names) for part in document.measures),
        indicators=tuple(
            Indicator(
                number=part.number,
                text=part.text,
                kind=part.kind,
                unit=part.unit,
                comparator=part.comparator,
                bodies=part.bodies,
                due_on=_shifted(part.due or period.last, Shift.PRECEDING, calendar),
                target=part.target,
                reference=part.reference,
                baseline=part.baseline,
            )
            for part in document.indicators
        ),
        calendar=calendar,
    )


def default_id(order: Order) -> str:
    """Return an id made of the order's number and year: `order-969-1-2021`."""
    number = re.sub(r"[^a-z0-9]+", "-", order.number.lower()).strip("-")[:40]
    return f"order-{number}-{order.date.year}" if number else f"order-{order.date}"


def _measure(
    part: MeasurePart, year: ControlPolicy, order: Order, calendar: Calendar, names: Mapping[str, str]
) -> Measure:
    policy = replace(year, **part.policy.values()) if part.policy else None
    return Measure(
        number=part.number,
        section=part.section,
        title=part.title,
        deadline=part.deadline,
        responsible=part.responsible or ", ".join(names.get(code, code) for code in part.bodies),
        bodies=part.bodies,
        checkpoints=tuple(
            _checkpoint(at, point, part, rule=(policy or year).shift, signed=order.date, calendar=calendar)
            for at, point in enumerate(part.checkpoints)
        ),
        expected_result=part.expected_result,
        policy=policy,
    )


def _checkpoint(
    at: int, point: CheckpointPart, part: MeasurePart, *, rule: Shift, signed: date, calendar: Calendar
) -> Checkpoint:
    starts_on = max(point.starts_on, signed)  # nobody can act on an order before it is given
    return Checkpoint(
        key=point_key(at, point),
        label=point.label or " ".join(part.deadline.split()),
        starts_on=starts_on,
        due=point.due,
        due_on=point.due_on or due_on(point, rule, starts_on, calendar),
        rule=point.rule,
        settled=point.settled,
        interim=tuple(sorted(set(point.interim))),
        bodies=point.bodies,
    )


def due_on(point: CheckpointPart | Checkpoint, rule: Shift, starts_on: date, calendar: Calendar) -> date:
    """Return the due date after the shift: never before the window's start, and never out of whole months forwards."""
    if point.due == date.max:  # an error of the document; it has no day after it
        return point.due
    whole_months = point.starts_on.day == 1 and (point.due + timedelta(days=1)).day == 1
    moved = _shifted(point.due, Shift.PRECEDING if whole_months and rule is Shift.FOLLOWING else rule, calendar)
    return max(moved, starts_on)


def _shifted(day: date, rule: Shift, calendar: Calendar) -> date:
    """Return the day after the shift; one beyond the calendar, which is an error of the document, as it is."""
    return calendar.shift(day, rule) if calendar.first <= day <= calendar.last else day
