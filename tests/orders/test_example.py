"""The example's roadmap against a careful transcription of the order, made apart from it."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from domain.roadmap import Addressee, Completion, EscalationStep, IndicatorKind, Roadmap, Severity
from domain.workdays import Shift
from orders.contacts import contact_findings, load_contacts
from orders.yaml_file import Loaded, load_roadmap

EXAMPLE = Path(__file__).parents[2] / "examples" / "pyatigorsk-2021-22"
# A copy of the transcription; one text of it that YAML cannot read (`fan_out` of rmo_heads) is put in quotes.
TRANSCRIPTION = Path(__file__).with_name("order-969-1.transcription.yaml")
CODES = {"oo_heads": "oo-heads", "rmo_heads": "rmo"}
EDITOR = "пример: редакция репозитория"


@cache
def example() -> Loaded:
    """Return the example as it is read."""
    return load_roadmap(EXAMPLE / "roadmap.yaml")


def roadmap() -> Roadmap:
    """Return its definition."""
    found = example().roadmap
    assert found is not None
    return found


@cache
def transcription() -> Any:
    """Return the transcription's values."""
    return yaml.safe_load(TRANSCRIPTION.read_text(encoding="utf-8"))


def transcribed_measures() -> list[tuple[str, Any]]:
    """Return the transcription's measures, each with the number of its section."""
    return [(str(part["n"]), row) for part in transcription()["sections"] for row in part["measures"]]


def test_the_year_can_start() -> None:
    """Every doubt of severity error is settled."""
    assert not example().blocked
    assert {finding.severity for finding in example().findings} == {Severity.WARNING, Severity.INFO}


def test_the_order_and_the_period_are_those_of_the_paper() -> None:
    """Number, date, titles and sections stand word for word."""
    found, paper = roadmap(), transcription()
    assert found.id == "pyatigorsk-969-1-2021"
    assert (found.order.number, found.order.date) == (paper["order"]["number"], date(2021, 8, 24))
    assert found.order.title == paper["order"]["title"]
    assert found.order.signatory == paper["order"]["signatory"]["post"]
    assert found.title == paper["roadmap"]["title"]
    assert (found.period.first, found.period.last) == (date(2021, 9, 1), date(2022, 8, 31))
    assert [(part.number, part.title) for part in found.sections] == [
        (str(part["n"]), part["title"]) for part in paper["sections"]
    ]


def test_27_measures_stand_word_for_word() -> None:
    """The cells are verbatim; for the lost body of 3.4 that is what the scan shows in its place."""
    assert len(roadmap().measures) == 27
    for measure, (section, row) in zip(roadmap().measures, transcribed_measures(), strict=True):
        responsible = row["responsible"]
        assert (measure.number, measure.section) == (row["number"], section)
        assert measure.title == row["title"]
        assert measure.deadline == row["deadline"]["verbatim"]
        assert measure.responsible == (responsible["verbatim"] or responsible["cell_as_in_source"])
        assert measure.expected_result == row["expected_result"]
        expected = [CODES.get(code, code) for code in responsible["normalised"] or ["imcro"]]
        assert list(measure.bodies) == expected


def test_every_date_is_the_transcribed_one() -> None:
    """A non-working due date moves to the preceding working day; a window opens on the order's date at the earliest."""
    for measure, (_, row) in zip(roadmap().measures, transcribed_measures(), strict=True):
        assert [
            (point.starts_on.isoformat(), point.due.isoformat(), point.due_on.isoformat())
            for point in measure.checkpoints
        ] == [
            (item.get("effective_start", item["start"]), item["due"], item.get("due_prev_workday", item["due"]))
            for item in row["deadline"]["items"]
        ]


def test_the_known_hard_places_are_read_as_settled() -> None:
    """2.5 and 2.7 are shifted, 2.16 opens with the order, 3.4 has three dates and 3.6 none."""
    due = {(m.number, point.key): point.due_on for m in roadmap().measures for point in m.checkpoints}
    assert due["2.5", "1"] == date(2021, 11, 3)
    assert [due["2.7", key] for key in "12345"] == [
        date(2021, 10, 29),
        date(2021, 10, 29),
        date(2021, 12, 30),
        date(2022, 2, 28),
        date(2022, 3, 31),
    ]
    assert [due["3.4", key] for key in ("december", "february", "april")] == [
        date(2021, 12, 30),
        date(2022, 2, 28),
        date(2022, 4, 29),
    ]
    hosts = [point.bodies for point in _measure("2.7")]
    assert hosts == [
        ("imcro", "school-6"),
        ("imcro", "school-30"),
        ("imcro", "school-1"),
        ("imcro",),
        ("imcro", "school-30"),
    ]
    assert _measure("2.16")[0].starts_on == roadmap().order.date
    assert _measure("3.6") == ()


def _measure(number: str) -> tuple[Any, ...]:
    measure = roadmap().measure(number)
    assert measure is not None
    return measure.checkpoints


def test_year_long_measures_report_at_the_end_of_each_quarter_of_the_school_year() -> None:
    """Else nothing would be heard for a year."""
    quarters = (date(2021, 11, 30), date(2022, 2, 28), date(2022, 5, 31))
    long = [point for m in roadmap().measures for point in m.checkpoints if (point.due - point.starts_on).days > 300]
    assert len(long) == 14
    assert {(point.key, point.interim) for point in long} == {("year", quarters)}


def test_the_policy_is_that_of_the_design() -> None:
    """The signatory controls (point 4 of the order), the rest as docs/design.md says."""
    policy = roadmap().policy
    assert policy.controller == "vasyutina"
    assert (policy.time_zone, policy.due_time, policy.opens_at) == ("Europe/Moscow", time(18), time(0))
    assert (policy.shift, policy.decree_days, policy.completion) == (Shift.PRECEDING, False, Completion.ALL)
    assert policy.reminders == (5, 1)
    assert policy.escalation == (
        EscalationStep(1, Addressee.RESPONSIBLE),
        EscalationStep(3, Addressee.COORDINATOR),
        EscalationStep(5, Addressee.CONTROLLER),
    )


def test_bodies_report_up_to_the_department() -> None:
    """Schools and associations to the centre, the centre to the department; the groups hold the three named schools."""
    registry = roadmap().registry
    schools = ("school-1", "school-6", "school-30")
    assert registry.open_group("oo") == registry.open_group("oo-heads") == schools
    for code in (*schools, "oo", "oo-heads", "gmo", "shmo", "rmo"):
        assert registry.coordinator(code) == "imcro"
    assert registry.coordinator("imcro") == "uo"
    assert registry.coordinator("uo") is None
    assert {code for code in ("gmo", "shmo", "rmo") if registry.open_group(code) == (code,)} == {"gmo", "shmo", "rmo"}


def test_five_indicators_stand_word_for_word() -> None:
    """Three shares of 90 %, one mean against the city, one count against the year before."""
    found = roadmap().indicators
    assert [item.text for item in found] == [row["verbatim"] for row in transcription()["indicators"]["items"]]
    assert {item.due_on for item in found} == {date(2022, 8, 31)}
    assert [(i.kind, i.comparator, i.target, i.reference, i.baseline) for i in found] == [
        (IndicatorKind.MEAN, ">=", None, "uo", False),
        (IndicatorKind.SHARE, ">=", Decimal(90), None, False),
        (IndicatorKind.SHARE, ">=", Decimal(90), None, False),
        (IndicatorKind.SHARE, ">=", Decimal(90), None, False),
        (IndicatorKind.COUNT, ">", None, None, True),
    ]
    assert {item.bodies for item in found} == {("oo",)}


def test_doubts_are_settled_by_name_or_stay_in_sight() -> None:
    """Four decisions of the example; everything else that a clerk would ask stands as a finding."""
    found = roadmap().findings
    assert {(f.code, f.where) for f in found if f.decision} == {
        ("lost-body", "measure 3.4, column Ответственные"),
        ("shifted-cells", "measure 3.4, column Сроки"),
        ("bare-august", "measure 3.1, column Сроки"),
        ("host-schools", "measure 2.7, column Ответственные"),
    }
    assert {f.decision.by for f in found if f.decision} == {EDITOR}
    assert {f.severity for f in found if f.decision} == {Severity.INFO}
    open_doubts = {(f.code, f.where) for f in found if not f.decision}
    assert {
        ("sample-members", "body oo"),
        ("group-without-members", "body gmo"),
        ("non-working-due", "measure 2.5, column Сроки"),
        ("decree-day", "measure 2.5, column Сроки"),
        ("non-working-due", "measure 2.7, column Сроки, checkpoint 3"),
        ("no-place", "measure 2.7, column Мероприятия, checkpoint 4"),
        ("window-before-order", "measure 2.16, column Сроки"),
        ("undated", "measure 3.6, column Сроки"),
        ("outside-plan", "measure 1.2, column Сроки"),
    } <= open_doubts


def test_names_and_addresses_stay_out_of_the_definition() -> None:
    """They are personal data: contacts.yaml has them, for every code that can get a letter."""
    contacts = load_contacts(EXAMPLE / "contacts.yaml")
    assert "@" not in example().source
    assert "Васютин" not in example().source
    assert "Лазаренко" not in example().source
    registry = roadmap().registry
    groups = {body.code for body in registry.bodies if body.members}
    assert {contact.code for contact in contacts} == {
        *(body.code for body in registry.bodies if body.code not in groups),
        *(person.code for person in registry.people),
    }
    assert all(contact.email.endswith("@pyatigorsk.example") for contact in contacts)
    assert contact_findings(roadmap(), contacts, EXAMPLE / "contacts.yaml") == ()


def test_the_order_itself_lies_beside_it() -> None:
    """The text as it was scanned."""
    assert "№ 969/1" in (EXAMPLE / "order.md").read_text(encoding="utf-8")
