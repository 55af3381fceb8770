"""Whole documents: the example's order as it was transcribed by hand, the plans of the corpus as their gold says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.workdays import Calendar
from reading.bodies import Registry, RegistryEntry
from reading.importer import Imported, import_document
from tests.orders.test_deadlines import CALENDAR

CORPUS = Path(__file__).parent / "corpus"
ORDER = CORPUS / "order-969-1.md"
PLANS = sorted((CORPUS / "plans").glob("*.gold.yaml"))


def flat(text: str | None) -> str:
    """Return a text with its white space collapsed."""
    return " ".join(str(text or "").replace("\u00a0", " ").split())


def calendar_for(_: date, __: date) -> Calendar:
    """Return the calendar of the tests for any span."""
    return CALENDAR


def transcription() -> dict[str, Any]:
    """Return the careful reading of the order."""
    loaded: dict[str, Any] = yaml.safe_load((CORPUS / "order-969-1.transcription.yaml").read_text(encoding="utf-8"))
    return loaded


def imported() -> Imported:
    """Import the order with the registry of its transcription."""
    known = transcription()["bodies"]
    registry = Registry(tuple(RegistryEntry(b["code"], b["name"]) for b in known))
    return import_document(ORDER, registry=registry, calendar_for=calendar_for)


def test_the_order_gives_the_27_measures_of_its_transcription() -> None:
    """Numbers, texts, bodies, checkpoints: all as a careful reader took them."""
    wanted = [m for section in transcription()["sections"] for m in section["measures"]]
    got = imported().measures
    assert [m.number for m in got] == [m["number"] for m in wanted]
    assert len(got) == 27
    for mine, theirs in zip(got, wanted, strict=True):
        assert mine.number_in_source == theirs["number_in_source"]
        assert flat(mine.title) == flat(theirs["title"]), mine.number
        assert flat(mine.deadline) == flat(theirs["deadline"]["verbatim"])
        assert flat(mine.responsible_cell) == flat(theirs["responsible"]["cell_as_in_source"])
        assert flat(mine.expected_result) == flat(theirs["expected_result"])
        assert [b.code for b in mine.bodies] == (theirs["responsible"]["normalised"] or [])
        dates = [(str(c.start), str(c.due)) for c in mine.checkpoints]
        assert dates == [(i["start"], i["due"]) for i in theirs["deadline"]["items"]], mine.number


def test_the_order_gives_its_head_period_and_indicators() -> None:
    """Five indicators, three with a figure."""
    known, got = transcription(), imported()
    assert (got.order.number, str(got.order.date)) == (known["order"]["number"], known["order"]["date"])
    assert got.order.title == known["order"]["title"]
    assert got.order.signatory == known["order"]["signatory"]["name"]
    assert got.order.signatory_post == known["order"]["signatory"]["post"]
    assert [p.number for p in got.order.points] == ["1", "2", "2.1", "2.2", "3", "4"]
    assert got.period is not None
    assert (str(got.period.start), str(got.period.end)) == ("2021-09-01", "2022-08-31")
    items = known["indicators"]["items"]
    assert [i.text for i in got.indicators] == [i["verbatim"] for i in items]
    assert [i.target for i in got.indicators] == [i["target"] for i in items]


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("measure 1.1", "truncated-number"),
        ("measure 2.17", "truncated-number"),
        ("measure 1.3", "row-split"),
        ("measure 2.1, column Сроки", "compound-phrase"),
        ("measure 2.4, column Сроки", "compound-phrase"),
        ("measure 2.5, column Сроки", "non-working-day"),
        ("measure 2.7, column Сроки", "list-against-dates"),
        ("measure 2.16, column Сроки", "window-before-order"),
        ("measure 3.1, column Сроки", "year-ambiguous"),
        ("measure 3.4, column Ответственные", "shifted-columns"),
        ("measure 3.4, column Ответственные", "missing-body"),
        ("measure 3.6, column Сроки", "separate-plan"),
        ("indicator 1", "no-measurable-target"),
        ("indicator 3", "comparator-not-said"),
        ("indicator 5", "no-measurable-target"),
        ("measure 2.5", "abbreviation"),
        ("order", "damaged-glyphs"),
    ],
)
def test_the_order_raises_the_questions_of_a_careful_clerk(where: str, code: str) -> None:
    """Each at its place."""
    assert (where, code) in {(f.where, f.code) for f in imported().findings}


def test_the_five_events_of_2_7_have_their_hosts() -> None:
    """The list in the title is paired with the list of months."""
    measure = next(m for m in imported().measures if m.number == "2.7")
    assert [c.label for c in measure.checkpoints][:2] == [
        "день директора, МБОУ СОШ № 6",
        "семинар для завучей, МБОУ СОШ № 30",
    ]
    assert [c.bodies for c in measure.checkpoints] == [
        ("МБОУ СОШ № 6",),
        ("МБОУ СОШ № 30",),
        ("МБОУ СОШ № 1",),
        None,
        ("МБОУ СОШ № 30",),
    ]
    assert [c.key for c in measure.checkpoints] == ["1", "2", "3", "4", "5"]


def test_what_is_printed_is_the_shape_of_the_interfaces() -> None:
    """Keys of M, C and F, in both languages."""
    got = imported().to_json()
    assert set(got) == {"order", "period", "measures", "indicators", "account", "findings"}
    assert set(got["measures"][0]) == {"number", "number_in_source", "section", "title", "deadline", "kinds", "checkpoints",
                                       "responsible_cell", "bodies", "expected_result"}  # fmt: skip
    assert set(got["measures"][0]["checkpoints"][0]) == {"key", "label", "from", "due", "due_on", "rule", "bodies"}
    assert set(got["findings"][0]) == {"code", "severity", "where", "text", "reading", "file", "line", "column"}
    assert json.loads(json.dumps(got, ensure_ascii=False)) == got
    assert imported().to_json("en")["findings"][0]["text"] != got["findings"][0]["text"]


# --- the plans of the corpus -------------------------------------------------------------------------------

_CODES = {
    "glyph_swap": {"damaged-glyphs"}, "truncated_number": {"truncated-number"}, "deadline_before_order": {"before-order"},
    "non_working_day": {"non-working-day"}, "split_row": {"row-split"}, "shifted_column": {"shifted-columns"},
    "missing_responsible": {"missing-body"}, "ambiguous_year": {"year-ambiguous"}, "repeated_date": {"repeated-date"},
    "no_date": {"no-date", "end-taken", "separate-plan", "event-date-unknown"}, "deadline_outside_period": {"outside-period"},
    "no_responsible_column": {"no-responsible-column"},
}  # fmt: skip


@pytest.mark.parametrize("gold", PLANS, ids=lambda path: path.stem)
def test_every_measure_of_a_plan_is_as_its_gold_reading(gold: Path) -> None:
    """Texts, sections, bodies and dates, in docx, pdf, html and md."""
    wanted = yaml.safe_load(gold.read_text(encoding="utf-8"))
    got = import_document(gold.parent / wanted["file"], calendar_for=calendar_for).to_json()
    assert (got["order"]["number"], got["order"]["date"]) == (wanted["order"]["number"], wanted["order"]["date"])
    assert got["order"]["title"] == wanted["order"]["title"]
    assert got["period"] == wanted["order"]["period"]
    assert len(got["measures"]) == len(wanted["measures"])
    for mine, theirs in zip(got["measures"], wanted["measures"], strict=True):
        for key in ("number", "number_in_source", "section", "title", "responsible_cell", "expected_result"):
            assert flat(mine[key]) == flat(theirs[key]), (theirs["seq"], key)
        assert flat(mine["deadline"]) in {flat(theirs["deadline"]), flat(theirs.get("in_file", {}).get("deadline"))}
        assert mine["bodies"] == theirs["bodies"]
        if theirs["checkpoints_scored"]:
            dates = [(c["from"], c["due"]) for c in mine["checkpoints"]]
            golden = [(c["from"], c["due"]) for c in theirs["checkpoints"]]
            assert [due for _, due in dates] == [due for _, due in golden], theirs["seq"]
            assert [start for (start, _), (given, _) in zip(dates, golden, strict=True) if given] == [
                s for s, _ in golden if s
            ]


@pytest.mark.parametrize("gold", PLANS, ids=lambda path: path.stem)
def test_every_finding_of_a_gold_reading_is_made(gold: Path) -> None:
    """Derived days off are left to the calendar."""
    wanted = yaml.safe_load(gold.read_text(encoding="utf-8"))
    findings = import_document(gold.parent / wanted["file"], calendar_for=calendar_for).findings
    made = {(f.where.split(",")[0], f.code) for f in findings}
    for finding in wanted["findings"]:
        if finding["kind"] != "non_working_day_derived":
            assert any((finding["where"], code) in made for code in _CODES[finding["kind"]]), finding


def test_2000_rows_are_read(tmp_path: Path) -> None:
    """Each row with a deadline of its own."""
    head = "План на 2021-2022 учебный год\n\n| № | Мероприятие | Срок | Ответственный | Результат |\n|---|---|---|---|---|\n"
    rows = [
        f"| {n // 50 + 1}.{n % 50 + 1} | Мероприятие {n} | до {n % 28 + 1}.{n % 12 + 1:02}, с {n % 9 + 1} по {n % 9 + 15} марта, по графику {n} | МКУ ИМЦ, ОО, школа № {n} | Справка |"
        for n in range(2_000)
    ]
    path = tmp_path / "big.md"
    path.write_text(head + "\n".join(rows), encoding="utf-8")
    assert len(import_document(path).measures) == 2_000
