"""The documents that scripts rely on are what their schemas say."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource

from domain.codec import event_record
from domain.commands import AcceptExecution, Close, MeasureIndicator, ReportExecution
from domain.rehearsal import rehearse
from projections.as_of import as_of
from projections.board import board
from projections.grounds import Grounds
from projections.indicators import indicators
from projections.reports import (
    IndicatorsReport,
    Report,
    Todo,
    WaitingRow,
    discipline_report,
    indicators_report,
    overdue,
)
from tests.views.example_year import (
    CERTIFICATION,
    MONITORING,
    ROADMAP,
    START,
    WORKSHOPS,
    ZONE,
    Life,
    YearLife,
    local,
    plan,
    sealed,
)
from views.documents import (
    board_document,
    discipline_document,
    indicators_document,
    overdue_document,
    row_record,
    todo_document,
)
from views.events import event_document

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
SCHEMAS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    (f"{name}.json", Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)


def check(name: str, document: object) -> None:
    """Hold a document, as JSON carries it, against its schema: ValidationError where it does not fit."""
    checker = FormatChecker(["date"])
    validator = Draft202012Validator(SCHEMAS[name], registry=REGISTRY, format_checker=checker)
    validator.validate(json.loads(json.dumps(document, allow_nan=False)))


def of_year(year: YearLife) -> IndicatorsReport:
    """Return the indicators that a year has come to."""
    readings = tuple(indicators(year.records))
    return indicators_report(Report(ROADMAP.id, 7, date(2021, 12, 31), readings), Grounds(year.records))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_closed_and_named_after_its_file(name: str) -> None:
    """Every key is known: an unknown one is a mistake on one side or the other."""
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"{name}.json"
    assert schema["additionalProperties"] is False
    with pytest.raises(ValidationError):
        check(name, {"surprise": 1})


def test_the_board_of_every_day_fits() -> None:
    """Undated, planned, open, late, accepted and left open rows alike."""
    workshops = (
        Life(plan(WORKSHOPS))
        .until("2021-12-08T10:00")
        .hear("2021-12-09T10:00", "school-6", ReportExecution(checkpoint="1"))
    )
    workshops.hear("2021-12-10T10:00", "uo", AcceptExecution(checkpoint="1")).close("2022-08-31T10:00")
    lives = (workshops, Life(plan(MONITORING)).until("2021-10-08T10:00"), Life(plan(CERTIFICATION)))
    for day in (date(2021, 8, 24), date(2021, 10, 1), date(2021, 12, 9), date(2022, 8, 31)):
        rows = board(as_of(sealed(*lives), day, ZONE, day))
        found = Report(ROADMAP.id, 42, day, tuple(rows))
        check("board", board_document(found))
        waiting = tuple(WaitingRow(row, day, at % 2 == 0, "", None, None) for at, row in enumerate(rows))
        check("todo", todo_document(Todo(((ROADMAP.id, day),), 42, waiting)))
        check("discipline", discipline_document(discipline_report(found, Grounds(sealed(*lives)))))
        check("overdue", overdue_document(overdue(found), "section"))


def test_indicators_fit_answered_or_not() -> None:
    """Null for what is missing."""
    year = YearLife()
    check("indicators", indicators_document(of_year(year)))
    year.hear(
        "2022-06-01T10:00", "school-1", MeasureIndicator(indicator="2", numerator=Decimal(1), denominator=Decimal(3))
    )
    year.hear(
        "2022-06-01T10:00", "school-1", MeasureIndicator(indicator="5", numerator=Decimal(1), baseline=Decimal(0))
    )
    found = of_year(year)
    assert [(one.indicator, one.body) for one in found.values] == [("2", "school-1"), ("5", "school-1")]
    check("indicators", indicators_document(found))


def test_events_fit_sealed_or_not() -> None:
    """Position, id and recorded_at are null until the log has given them."""
    life = (
        Life(plan(WORKSHOPS))
        .until("2021-12-08T10:00")
        .hear("2021-12-09T10:00", "school-6", ReportExecution(checkpoint="1"))
    )
    year = YearLife().hear("2022-08-31T10:00", "uo", Close())
    check("history", {"events": [event_document(record, ZONE) for record in life.records + year.records]})
    event = event_document(life.records[-2], ZONE)
    assert event["received_at"] == "2021-12-09T10:00:00+03:00"
    assert event["data"]["days_late"] == 9
    assert event["position"] is None


def test_a_whole_rehearsed_year_fits() -> None:
    """Its events and its rows."""
    lived = rehearse(ROADMAP, "id: …", local(START), close_at=local("2022-08-31T20:00"))
    records = [event_record(item.event, item.stream, item.version, "rehearsal") for item in lived]
    rows = [row_record(row, date(2022, 8, 31)) for row in board(records)]
    check("rehearse", {"events": [event_document(record, ZONE) for record in records], "rows": rows})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("row", {"stage": "fine"}),
        ("row", {"due_on": "30.09.2021"}),
        ("row", {"days_late": -1}),
        ("row", {"overdue": None}),
    ],
)
def test_a_wrong_value_does_not_fit(name: str, wrong: dict[str, Any]) -> None:
    """The schema is more than a list of keys."""
    (row,) = board(Life(plan(CERTIFICATION)).records)
    good = row_record(row, date(2021, 9, 1))
    check(name, good)
    with pytest.raises(ValidationError):
        check(name, {**good, **wrong})
