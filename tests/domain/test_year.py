"""The year's own stream: its definition, the values of indicators, its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.commands import (
    Close,
    EraseContact,
    MeasureIndicator,
    ReportExecution,
    ReportProgress,
    Request,
    SetSchedule,
    Unreadable,
)
from domain.errors import Malformed, Reason
from domain.events import CommandRefused, ContactErased, Event, Fact, IndicatorMeasured, YearClosed, YearStarted
from domain.measure import planned
from domain.records import digest
from domain.roadmap import Decision, Finding, IndicatorKind, Measure, Severity
from domain.year import YEAR, YearState, begin, definition_digest, expected_bodies, started
from tests.domain.examples import BY_DATE, COUNT, GROWTH, MEAN, REGISTRY, ROADMAP, SCHOOLS, SHARE, plan
from tests.domain.story import local, send

AT = local("2021-08-24 10:00")
FIRST = started(ROADMAP, "текст", AT, AT)
NOON = "2022-05-30 12:00"


def year(*events: Event) -> YearState:
    """Return the state after events."""
    state = YEAR.fold(None, [FIRST, *events])
    assert state is not None
    return state


def answer(by: str, request: Request, state: YearState | None = None, at: str = NOON) -> Fact:
    """Return the one fact that a command makes."""
    item = send(by, at, request)
    (event,) = YEAR.turn(state or year(), [item], item.received_at)
    return event.fact


def value(of: str, numerator: str, denominator: str | None = None, **more: object) -> MeasureIndicator:
    """Return the request that reports a value."""
    below = None if denominator is None else Decimal(denominator)
    return MeasureIndicator(indicator=of, numerator=Decimal(numerator), denominator=below, **more)  # type: ignore[arg-type]


def test_a_year_begins_with_its_definition_and_the_text_it_was_made_of() -> None:
    """Both with their hashes, so that an auditor can compare the file."""
    fact = FIRST.fact
    assert isinstance(fact, YearStarted)
    assert (fact.definition, fact.source, fact.source_sha256) == (ROADMAP, "текст", digest("текст"))
    assert fact.definition_sha256 == definition_digest(ROADMAP)
    assert (fact.rehearsal, fact.offset_seconds) == (False, Decimal(0))
    assert year().definition == ROADMAP


def test_another_definition_has_another_digest() -> None:
    """Were it but a day of the calendar."""
    other = replace(ROADMAP, calendar=replace(ROADMAP.calendar, days_off=ROADMAP.calendar.days_off[1:]))
    assert definition_digest(other) != definition_digest(ROADMAP)
    assert definition_digest(replace(ROADMAP)) == definition_digest(ROADMAP)
    elsewhere = replace(ROADMAP, calendar=replace(ROADMAP.calendar, tzdata="1999z"))
    assert definition_digest(elsewhere) == definition_digest(ROADMAP), "other time zones make no other definition"
    doubt = Finding("silent-window", Severity.INFO, "measure 1.1", "окно длиннее четырёх месяцев")
    asked = replace(ROADMAP, findings=(doubt,))
    reworded = replace(ROADMAP, findings=(replace(doubt, text="работа длится больше четырёх месяцев"),))
    assert definition_digest(asked) == definition_digest(reworded), "nor do other words of a question"
    decided = replace(ROADMAP, findings=(replace(doubt, decision=Decision("Васютина", "так и нужно")),))
    assert definition_digest(decided) != definition_digest(asked), "a person's decision does"


@pytest.mark.parametrize("offset", [timedelta(), timedelta(days=-1700, microseconds=1), timedelta(microseconds=-1)])
def test_a_played_year_keeps_its_shift_to_the_microsecond(offset: timedelta) -> None:
    """It stands in the first event, and so in every run."""
    first = started(ROADMAP, "", AT, AT, offset)
    assert isinstance(first.fact, YearStarted)
    assert first.fact.rehearsal
    assert begin(first).offset == offset


def test_a_stream_that_begins_otherwise_is_no_year() -> None:
    """Nor is a measure's."""
    with pytest.raises(Malformed, match="begins with YearStarted, not MeasurePlanned"):
        YEAR.fold(None, [planned(plan(BY_DATE), AT, AT)])


@pytest.mark.parametrize(
    ("by", "request_", "fact"),
    [
        ("school-6", value("1", "12", "20"), IndicatorMeasured("1", "school-6", Decimal(12), Decimal(20), None, "")),
        ("ivanova", value("1", "0", "20"), IndicatorMeasured("1", "school-6", Decimal(0), Decimal(20), None, "")),
        ("school-6", value("1", "20", "20"), IndicatorMeasured("1", "school-6", Decimal(20), Decimal(20), None, "")),
        ("school-1", value("2", "99", "20"), IndicatorMeasured("2", "school-1", Decimal(99), Decimal(20), None, "")),
        ("imcro", value("2", "61.5", "1"), IndicatorMeasured("2", "imcro", Decimal("61.5"), Decimal(1), None, "")),
        ("petrov", value("3", "7"), IndicatorMeasured("3", "imcro", Decimal(7), None, None, "")),
        (
            "school-6",
            value("4", "12", "20", baseline=Decimal(50), body="school-6", note="по протоколу"),
            IndicatorMeasured("4", "school-6", Decimal(12), Decimal(20), Decimal(50), "по протоколу"),
        ),
    ],
)
def test_who_has_to_answer_reports_a_value(by: str, request_: MeasureIndicator, fact: IndicatorMeasured) -> None:
    """A share, a mean with the reference of a city, a count, a growth; a person speaks for their body."""
    assert answer(by, request_) == fact


def test_the_last_value_of_a_body_counts() -> None:
    """Each body has its own; a value sent twice is one event."""
    state = year()
    for by, numerator in (("school-6", "12"), ("school-1", "3"), ("school-6", "13")):
        item = send(by, NOON, value("1", numerator, "20"))
        state = YEAR.fold(state, YEAR.turn(state, [item, item], item.received_at)) or state
    assert {key: fact.numerator for key, fact in state.values.items()} == {
        ("1", "school-6"): Decimal(13),
        ("1", "school-1"): Decimal(3),
    }
    assert state.version == 4


@pytest.mark.parametrize(
    ("by", "request_", "detail"),
    [
        ("imcro", value("1", "1", "2"), "imcro 1/imcro"),
        ("uo", value("1", "1", "2"), "uo 1/uo"),
        ("school-6", value("1", "1", "2", body="school-1"), "school-6 1/school-1"),
        ("school-6", value("1", "1", "2", body="oo"), "school-6 1/oo"),
        ("uo", value("3", "1"), "uo 3/uo"),
    ],
)
def test_nobody_reports_for_another(by: str, request_: MeasureIndicator, detail: str) -> None:
    """Neither the controller, nor a school for its neighbour, nor for the group."""
    assert answer(by, request_) == CommandRefused(Reason.NOT_RESPONSIBLE, detail)


@pytest.mark.parametrize(
    ("request_", "detail"),
    [
        (value("1", "-1", "2"), "below zero"),
        (value("4", "1", "2", baseline=Decimal(-1)), "below zero"),
        (value("1", "1"), "denominator"),
        (value("1", "0", "0"), "denominator"),
        (value("2", "1", "-2"), "denominator"),
        (value("2", "1"), "denominator"),
        (value("3", "1", "0"), "denominator"),
        (value("1", "21", "20"), "21 > 20"),
        (value("1", "1", "2", baseline=Decimal(50)), "baseline"),
        (value("4", "1", "2"), "baseline"),
    ],
)
def test_a_value_that_cannot_be_is_refused(request_: MeasureIndicator, detail: str) -> None:
    """Below zero, of nothing, more than all; with a baseline where none belongs, or without."""
    assert answer("school-6", request_) == CommandRefused(Reason.BAD_VALUE, detail)


@pytest.mark.parametrize(
    ("by", "request_", "reason", "detail"),
    [
        ("school-6", value("99", "1", "2"), Reason.UNKNOWN_INDICATOR, "99"),
        ("stranger", value("1", "1", "2"), Reason.UNKNOWN_ACTOR, "stranger"),
        ("administrator", value("1", "1", "2"), Reason.UNKNOWN_ACTOR, "administrator"),
        ("school-6", ReportExecution(measure="9.9"), Reason.UNKNOWN_MEASURE, "9.9"),
        ("school-6", ReportProgress(), Reason.UNKNOWN_MEASURE, ""),
        ("uo", SetSchedule(measure="9.9", points=(), act=""), Reason.UNKNOWN_MEASURE, "9.9"),
        ("school-6", Unreadable(problem="no such command", text="{}"), Reason.UNREADABLE, "no such command"),
        ("school-6", Close(), Reason.NOT_CONTROLLER, "school-6"),
        ("imcro", Close(), Reason.NOT_CONTROLLER, "imcro"),
        ("stranger", Close(), Reason.NOT_CONTROLLER, "stranger"),
        ("school-6", EraseContact(code="uo", act="б/н"), Reason.NOT_CONTROLLER, "school-6"),
    ],
)
def test_what_the_year_does_not_do_is_refused(by: str, request_: Request, reason: Reason, detail: str) -> None:
    """What concerns a measure comes here only when there is no such measure to send it to."""
    assert answer(by, request_) == CommandRefused(reason, detail)


def test_values_are_of_a_day_that_has_been() -> None:
    """As with reports: not tomorrow's, and not older than the order."""
    for occurred_on, reason in (("2022-05-31", Reason.IN_THE_FUTURE), ("2021-08-23", Reason.BEFORE_ORDER)):
        item = send("school-6", NOON, value("1", "1", "2"), occurred_on=occurred_on)
        (event,) = YEAR.turn(year(), [item], item.received_at)
        assert event.fact == CommandRefused(reason, occurred_on)


@pytest.mark.parametrize("by", ["administrator", "uo", "vasyutina"])
def test_the_administrator_or_the_controller_closes_the_year(by: str) -> None:
    """Once; from then on everything is refused."""
    item = send(by, "2022-06-30 12:00", Close())
    events = YEAR.turn(year(), [item], item.received_at)
    assert [event.fact for event in events] == [YearClosed()]
    closed = year(*events)
    assert closed.closed
    assert YEAR.turn(closed, [item], item.received_at) == []
    for late in (Close(), value("1", "1", "2"), ReportProgress(measure="1.1")):
        assert answer("uo", late, closed, "2022-07-01 12:00") == CommandRefused(Reason.CLOSED, ROADMAP.id)


@pytest.mark.parametrize("by", ["administrator", "uo", "vasyutina"])
def test_who_rules_the_year_has_a_contact_erased(by: str) -> None:
    """Once, and in a year that is over too; the code stays, and its act."""
    erase = send(by, "2022-06-30 12:00", EraseContact(code="school-6", act="заявление от 29.06.2022"))
    closed = year(*YEAR.turn(year(), [send("uo", "2022-06-30 11:00", Close())], erase.received_at))
    for state in (year(), closed):
        events = YEAR.turn(state, [erase], erase.received_at)
        assert [event.fact for event in events] == [ContactErased("school-6", "заявление от 29.06.2022")]
        after = YEAR.evolve(state, events[0])
        assert YEAR.turn(after, [erase], erase.received_at) == []


def test_nobody_can_take_the_id_of_the_close_away_from_the_year() -> None:
    """A value that was sent under it keeps the year from nothing."""
    taken = send("school-6", NOON, value("1", "1", "2"), id_="close-example-2021")
    end = send("administrator", "2022-06-30 12:00", Close(), id_="close-example-2021")
    events = YEAR.turn(year(), [taken, end], end.received_at)
    assert [type(event.fact) for event in events] == [IndicatorMeasured, YearClosed]


def test_the_same_id_with_another_value_is_refused() -> None:
    """A correction is a command of its own."""
    items = [send("school-6", NOON, value("1", numerator, "2"), id_="a") for numerator in ("1", "2", "1")]
    events = YEAR.turn(year(), items, items[0].received_at)
    assert [type(event.fact) for event in events] == [IndicatorMeasured, CommandRefused]
    assert events[1].fact == CommandRefused(Reason.ID_REUSED, "a")


def test_a_year_has_no_clock_of_its_own() -> None:
    """Nothing happens to it while nobody asks."""
    assert YEAR.due(year()) is None
    assert YEAR.turn(year(), [], local("2023-01-01 12:00")) == []


def test_the_bodies_of_an_indicator_are_the_members_of_its_groups() -> None:
    """Each once, in the order of the registry."""
    assert expected_bodies(REGISTRY, SHARE) == SCHOOLS
    assert expected_bodies(REGISTRY, COUNT) == ("imcro", *SCHOOLS)
    assert expected_bodies(REGISTRY, replace(SHARE, bodies=("school-6", "everybody", "gmo"))) == (
        *("school-6", "imcro", "school-1", "school-30", "gmo"),
    )


def test_a_definition_finds_its_measures_by_number() -> None:
    """And says so when there is none."""
    found = ROADMAP.measure("2.7")
    assert isinstance(found, Measure)
    assert found.number == "2.7"
    assert ROADMAP.measure("9.9") is None
    assert (MEAN.kind, GROWTH.baseline) == (IndicatorKind.MEAN, True)
