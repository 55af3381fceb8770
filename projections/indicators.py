"""Target indicators: the values that bodies reported, beside the target or the baseline.

What is missing is null and never zero; where nothing can be compared, nothing is reached or missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from operator import eq, ge, gt, le, lt
from typing import Any

from psycopg import Connection

from domain.codec import FACTS, read_fact
from domain.errors import UnknownRow
from domain.events import Fact, IndicatorMeasured, YearStarted
from domain.records import EventRecord
from domain.roadmap import Indicator, IndicatorKind, Registry
from domain.year import expected_bodies
from projections.folding import Folding
from projections.projector import Projection
from projections.reading import read_rows

COMPARE = {">=": ge, ">": gt, "<=": le, "<": lt, "=": eq}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one body reported of one indicator, with what is needed to judge it.

    `place` is the indicator's place in the order, `expected` whether the body has to answer: the reference body
    only gives the value to compare with. `baseline` is the earlier value, in the indicator's own unit. The numbers
    are null until the body answers.
    """

    roadmap: str
    indicator: str
    body: str
    place: int
    expected: bool
    kind: str
    comparator: str
    target: Decimal | None
    reference: str | None
    growth: bool
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    baseline: Decimal | None = None


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """The value of an indicator for one body, or for all that answered where `body` is null.

    `so_far` is how those who have answered compare, `reached` the same once all have: null before.
    """

    number: str
    body: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    target: Decimal | None
    comparator: str
    baseline: Decimal | None
    reached: bool | None
    so_far: bool | None
    answered: int
    expected: int


Key = tuple[str, str]
Readings = Mapping[Key, Reading]


def fold(readings: Readings, record: EventRecord) -> Mapping[Key, Reading]:
    """Return the readings, by (indicator, body), that an event makes or changes; those of measures make none.

    `readings` are those of the event's stream before it.
    """
    roadmap, found, _ = record.stream.rpartition("/year")
    return _folded(readings, read_fact(record), roadmap) if found else {}


def _folded(readings: Readings, fact: Fact, roadmap: str) -> dict[Key, Reading]:
    match fact:
        case YearStarted(definition=definition):
            return {
                (reading.indicator, reading.body): reading
                for place, indicator in enumerate(definition.indicators)
                for reading in _asked(roadmap, place, indicator, definition.registry)
            }
        case IndicatorMeasured(indicator=number, body=body):
            if (known := readings.get((number, body))) is None:
                raise UnknownRow(roadmap, f"{number}/{body}")
            reported = replace(known, numerator=fact.numerator, denominator=fact.denominator, baseline=fact.baseline)
            return {(number, body): reported}
        case _:
            return {}


INDICATORS: Projection[Reading] = Projection(
    name="indicators",
    version=2,
    primary_key=("indicator", "body"),
    row=Reading,
    key=lambda reading: (reading.indicator, reading.body),
    fold=fold,
    passes_over=tuple(FACTS.keys() - {YearStarted.__name__, IndicatorMeasured.__name__}),
)


def read_indicators(connection: Connection[Any], roadmap: str) -> tuple[list[Reading], int]:
    """Return the readings of a roadmap, for `judge`, and the position of the log that they reflect."""
    return read_rows(connection, INDICATORS, roadmap)


def indicators(records: Iterable[EventRecord]) -> list[Reading]:
    """Return all readings that a log makes; the streams of measures are passed over."""
    return Folding(INDICATORS).all(records)


def judge(readings: Iterable[Reading]) -> list[IndicatorRow]:
    """Return, for each indicator in the order's order, its aggregate and then a row for each body that has to answer."""
    numbers: dict[str, list[Reading]] = {}
    for reading in sorted(readings, key=lambda reading: (reading.place, reading.body)):
        numbers.setdefault(reading.indicator, []).append(reading)
    return [row for group in numbers.values() for row in _judge(group)]


def number(value: Decimal | None) -> int | float | None:
    """Return a plain number: whole where it is whole, else with at most six digits after the point."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(round(value, 6))


def value_of(kind: str, numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    """Return the value in the indicator's unit: per cent, a mean, or the numerator; null where it cannot be made.

    Shares and means are exact here; they are rounded when shown, never before they are compared.
    """
    if numerator is None or kind == IndicatorKind.COUNT:
        return numerator
    if not denominator:
        return None
    return numerator * (100 if kind == IndicatorKind.SHARE else 1) / denominator


def _asked(roadmap: str, place: int, indicator: Indicator, registry: Registry) -> Iterator[Reading]:
    bodies = expected_bodies(registry, indicator)
    others = [indicator.reference] if indicator.reference and indicator.reference not in bodies else []
    for body in (*bodies, *others):
        yield Reading(
            roadmap=roadmap,
            indicator=indicator.number,
            body=body,
            place=place,
            expected=body in bodies,
            kind=indicator.kind.value,
            comparator=indicator.comparator,
            target=indicator.target,
            reference=indicator.reference,
            growth=indicator.baseline,
        )


def _judge(group: Sequence[Reading]) -> Iterator[IndicatorRow]:
    first = group[0]
    expected = [reading for reading in group if reading.expected]
    answered = [reading for reading in expected if reading.numerator is not None]
    reference = next((_value(reading) for reading in group if reading.body == first.reference), None)

    def row(body: str | None, readings: Sequence[Reading], of: int) -> IndicatorRow:
        numerator = _sum([reading.numerator for reading in readings])
        denominator = _sum([reading.denominator for reading in readings])
        # Earlier counts add up to an earlier count; earlier shares and means say nothing together.
        adds_up = len(readings) == 1 or first.kind == IndicatorKind.COUNT
        baseline = _sum([reading.baseline for reading in readings]) if first.growth and adds_up else None
        value = value_of(first.kind, numerator, denominator)
        target = baseline if first.growth else reference if first.reference else first.target
        so_far = None if value is None or target is None else COMPARE[first.comparator](value, target)
        return IndicatorRow(
            first.indicator,
            body,
            numerator,
            denominator,
            _shown(value),
            _shown(target),
            first.comparator,
            baseline,
            so_far if len(readings) == of else None,
            so_far,
            len(readings),
            of,
        )

    yield row(None, answered, len(expected))
    for reading in expected:
        yield row(reading.body, [reading] if reading in answered else [], 1)


def _value(reading: Reading) -> Decimal | None:
    return value_of(reading.kind, reading.numerator, reading.denominator)


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum of what everybody gave; null where nobody answered, or somebody left this number out."""
    given = [value for value in values if value is not None]
    return sum(given, Decimal(0)) if given and len(given) == len(values) else None


def _shown(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.01"), ROUND_HALF_UP)
