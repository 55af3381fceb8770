"""Indicators: what is missing stays missing, and what is compared is compared exactly."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.commands import MeasureIndicator
from domain.errors import UnknownRow
from domain.roadmap import Roadmap
from projections.indicators import IndicatorRow, fold, indicators, judge, number
from tests.views.example_year import GROWTH, MONITORING, ROADMAP, SHARE, Life, YearLife, plan, sealed
from views.documents import indicator_record


def value(
    indicator: str, numerator: str, denominator: str | None = None, baseline: str | None = None
) -> MeasureIndicator:
    """Return the command that reports a value."""
    return MeasureIndicator(
        indicator=indicator,
        numerator=Decimal(numerator),
        denominator=None if denominator is None else Decimal(denominator),
        baseline=None if baseline is None else Decimal(baseline),
    )


def judged(life: YearLife) -> dict[tuple[str, str | None], IndicatorRow]:
    """Return the rows of a year by indicator and body."""
    return {(row.number, row.body): row for row in judge(indicators(sealed(life, Life(plan(MONITORING)))))}


def test_before_anybody_answers_everything_is_null_and_nothing_is_missed() -> None:
    """Missing is not zero: neither the value nor the judgement."""
    rows = judged(YearLife())
    assert [key for key in rows if key[0] == "2"] == [
        ("2", None),
        ("2", "school-1"),
        ("2", "school-30"),
        ("2", "school-6"),
    ]
    assert indicator_record(rows["2", None]) == {
        "number": "2",
        "body": None,
        "numerator": None,
        "denominator": None,
        "value": None,
        "target": 90,
        "comparator": ">=",
        "baseline": None,
        "reached": None,
        "so_far": None,
        "answered": 0,
        "expected": 3,
    }
    assert (rows["2", "school-1"].answered, rows["2", "school-1"].expected) == (0, 1)


def test_a_share_is_in_per_cent_and_the_aggregate_adds_up_numerators_and_denominators() -> None:
    """The aggregate is no mean of shares: a large school weighs more."""
    life = YearLife().hear("2022-06-01T10:00", "school-1", value("2", "18", "20"))
    rows = judged(life.hear("2022-06-01T11:00", "school-6", value("2", "10", "80")))
    assert (rows["2", "school-1"].value, rows["2", "school-1"].reached) == (Decimal(90), True)
    assert (rows["2", "school-6"].value, rows["2", "school-6"].reached) == (Decimal("12.5"), False)
    everybody = rows["2", None]
    assert [everybody.numerator, everybody.denominator, everybody.value] == [28, 100, 28]
    assert (everybody.answered, everybody.expected, everybody.reached, everybody.so_far) == (2, 3, None, False)


def test_a_target_is_reached_or_missed_only_once_all_have_answered() -> None:
    """One good answer of three is no success yet, one bad one no failure: it is so far."""
    life = YearLife().hear("2022-06-01T10:00", "school-1", value("2", "20", "20"))
    found = []
    for school, numerator in (("school-6", "19"), ("school-30", "1")):
        found.append(judged(life)["2", None])
        life = life.hear("2022-06-01T11:00", school, value("2", numerator, "20"))
    found.append(judged(life)["2", None])
    assert [(row.answered, row.so_far, row.reached) for row in found] == [
        (1, True, None),
        (2, True, None),
        (3, False, False),
    ]
    assert judged(life)["2", "school-1"].reached is True


def test_the_last_value_of_a_body_counts() -> None:
    """A correction replaces what was said before."""
    life = YearLife().hear("2022-06-01T10:00", "school-1", value("2", "1", "20"))
    assert judged(life.hear("2022-06-02T10:00", "school-1", value("2", "19", "20")))["2", "school-1"].value == 95


def test_a_value_is_compared_before_it_is_rounded() -> None:
    """89.996 per cent is shown as 90 and is still below 90."""
    row = judged(YearLife().hear("2022-06-01T10:00", "school-1", value("2", "22499", "25000")))["2", "school-1"]
    assert (row.value, row.reached) == (Decimal("90.00"), False)


def test_a_reference_body_gives_the_target_and_is_not_expected() -> None:
    """Not below the city's mean: without the city's value nothing can be compared."""
    life = YearLife().hear("2022-06-01T10:00", "school-1", value("1", "390", "100"))
    row = judged(life)["1", "school-1"]
    assert (row.value, row.target, row.reached) == (Decimal("3.9"), None, None)
    rows = judged(life.hear("2022-06-01T10:00", "imcro", value("1", "4000", "1000")))
    assert [rows["1", "school-1"].target, rows["1", "school-1"].reached] == [4, False]
    assert ("1", "imcro") not in rows
    assert (rows["1", None].answered, rows["1", None].expected) == (1, 3)


def test_growth_is_measured_against_each_bodys_own_baseline_and_their_sum() -> None:
    """The aggregate compares like with like: the baselines of those that answered."""
    life = YearLife().hear("2022-06-01T10:00", "school-1", value("5", "45", None, "40"))
    rows = judged(life.hear("2022-06-01T10:00", "school-6", value("5", "10", None, "16")))
    assert [rows["5", body].reached for body in ("school-1", "school-6", "school-30")] == [True, False, None]
    everybody = rows["5", None]
    assert [everybody.value, everybody.baseline, everybody.so_far, everybody.reached] == [55, 56, False, None]


def test_an_equal_value_is_no_growth() -> None:
    """More means more."""
    row = judged(YearLife().hear("2022-06-01T10:00", "school-1", value("5", "40", None, "40")))["5", "school-1"]
    assert row.reached is False


def test_an_indicator_without_a_measurable_target_is_never_reached_or_missed() -> None:
    """The order may set no number; then only the values are shown."""
    roadmap: Roadmap = replace(ROADMAP, indicators=(replace(SHARE, target=None),))
    row = judged(YearLife(roadmap).hear("2022-06-01T10:00", "school-1", value("2", "18", "20")))["2", "school-1"]
    assert [row.value, row.target, row.reached] == [90, None, None]


def test_earlier_shares_of_several_bodies_say_nothing_together() -> None:
    """Only counts add up: the aggregate of a share has no baseline."""
    growth_of_a_share = replace(SHARE, target=None, baseline=True, comparator=">")
    life = YearLife(replace(ROADMAP, indicators=(growth_of_a_share,)))
    life.hear("2022-06-01T10:00", "school-1", value("2", "18", "20", "80"))
    rows = judged(life.hear("2022-06-01T10:00", "school-6", value("2", "10", "20", "60")))
    assert [rows["2", body].reached for body in ("school-1", "school-6", None)] == [True, False, None]


def test_indicators_stand_in_the_order_of_the_order() -> None:
    """Not by number, but as the definition lists them; the aggregate comes first."""
    assert [row.number for row in judge(indicators(YearLife().records)) if row.body is None] == ["1", "2", "5"]


def test_a_value_of_an_indicator_that_no_year_asked_for_is_an_error() -> None:
    """A hole in the log is never folded over."""
    life = YearLife().hear("2022-06-01T10:00", "school-1", value(GROWTH.number, "45", None, "40"))
    with pytest.raises(UnknownRow, match="5/school-1"):
        fold({}, life.records[-1])


@pytest.mark.parametrize(
    ("value", "json"),
    [(None, None), (Decimal("90.00"), 90), (Decimal("1E+2"), 100), (Decimal("75.68"), 75.68), (Decimal(0), 0)],
)
def test_numbers_are_whole_where_they_are_whole(value: Decimal | None, json: float | None) -> None:
    """Zero stays zero, and null stays null."""
    shown = number(value)
    assert (shown, type(shown)) == (json, type(json))
