"""What a sound roadmap.yaml means: defaults, shifts, doubts and decisions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from domain.addresses import address
from domain.codec import decode, encode
from domain.roadmap import Checkpoint, Roadmap, Severity
from orders.contacts import Contact, contact_findings, load_contacts
from orders.findings import TEXTS, UNREADABLE, UnreadableFile
from orders.yaml_file import Loaded, read_roadmap
from tests.domain.examples import ROADMAP

BASE = (Path(__file__).with_name("badinput") / "_base.yaml").read_text(encoding="utf-8")
POINT = "{from: 2025-09-01, due: 2025-09-30}"


def changed(*changes: tuple[str, str]) -> Loaded:
    """Return the sound text with replacements, read."""
    text = BASE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return read_roadmap(text)


def definition(*changes: tuple[str, str]) -> Roadmap:
    """Return the definition of the changed text."""
    roadmap = changed(*changes).roadmap
    assert roadmap is not None
    return roadmap


def point(*changes: tuple[str, str]) -> Checkpoint:
    """Return the first checkpoint of the changed text."""
    return definition(*changes).measures[0].checkpoints[0]


def codes(loaded: Loaded) -> dict[str, str]:
    """Return the findings' severities by code."""
    return {finding.code: finding.severity.value for finding in loaded.findings}


def test_what_is_left_out_has_a_default_and_is_said() -> None:
    """id, controller, keys, labels, the responsible cell and the title."""
    loaded = changed()
    assert codes(loaded) == {"id-by-default": "info", "controller-by-default": "warning"}
    roadmap = loaded.roadmap
    assert roadmap is not None
    assert (roadmap.id, roadmap.title) == ("order-15-2025", roadmap.order.title)
    assert roadmap.policy.controller == "uo"
    assert roadmap.policy.reminders == (10, 3, 1)
    measure = roadmap.measures[0]
    assert measure.responsible == "МКУ «Методический центр»"
    assert (measure.checkpoints[0].key, measure.checkpoints[0].label) == ("1", "до 30.09")
    assert roadmap.calendar.first == date(2025, 6, 26)  # 60 days before the order
    assert roadmap.calendar.last == date(2026, 12, 29)  # 120 days after the period


def test_nobody_controls_who_is_not_named_and_not_above_all_others() -> None:
    """The first of the bodies is as good as any other: a year would be controlled by a polyclinic."""
    level = BASE.replace("    reports_to: uo\n", "")
    assert read_roadmap(level).blocked
    assert codes(read_roadmap(level)) == {"id-by-default": "info", "no-controller": "error"}
    named = read_roadmap(level.replace("shift: preceding", "shift: preceding\n  controller: imc"))
    assert (named.blocked, "no-controller" in codes(named)) == (False, False)
    decided = "findings:\n  - {code: no-controller, severity: error, where: policy, text: кто, decision: {by: Зуев, text: первая}}\n"
    assert not read_roadmap(level + decided).blocked  # said on purpose
    one = BASE.replace("    reports_to: uo\n", "", 1)
    assert codes(read_roadmap(one))["controller-by-default"] == "warning"


def test_a_compiled_definition_survives_the_log() -> None:
    """The codec takes it and gives it back."""
    roadmap = definition()
    assert decode(Roadmap, encode(roadmap)) == roadmap


@pytest.mark.parametrize(
    ("shift", "point_", "due_on"),
    [
        ("preceding", "{from: 2025-09-01, due: 2025-09-28}", date(2025, 9, 26)),
        ("following", "{from: 2025-09-01, due: 2025-09-28}", date(2025, 9, 29)),
        ("none", "{from: 2025-09-01, due: 2025-09-28}", date(2025, 9, 28)),
        # Never before the window's start:
        ("preceding", "{from: 2025-09-27, due: 2025-09-28}", date(2025, 9, 27)),
        # Whole months are never left forwards:
        ("following", "{from: 2026-05-01, due: 2026-05-31}", date(2026, 5, 29)),
        # A written date is not moved:
        ("preceding", "{from: 2025-09-01, due: 2025-09-28, due_on: 2025-09-27, settled: устно}", date(2025, 9, 27)),
    ],
)
def test_a_non_working_due_date_moves_by_the_policy(shift: str, point_: str, due_on: date) -> None:
    """And the reading says to which day."""
    loaded = changed(("shift: preceding", f"shift: {shift}"), (POINT, point_))
    assert loaded.roadmap is not None
    assert loaded.roadmap.measures[0].checkpoints[0].due_on == due_on
    assert codes(loaded)["non-working-due"] == "info"
    (found,) = (finding for finding in loaded.findings if finding.code == "non-working-due")
    assert found.reading is not None
    assert str(due_on) in found.reading.ru


def test_decree_days_move_a_due_date_only_where_the_policy_says_so() -> None:
    """05.11.2021 was a moved day off inside the decree days."""
    year = [("date: 2025-08-25", "date: 2021-08-24"), ("from: 2025-09-01\n", "from: 2021-09-01\n")]
    year += [
        ("to: 2026-08-31", "to: 2022-08-31"),
        ("{from: 2025-10-01, due: 2025-10-31}", "{from: 2021-10-01, due: 2021-10-29}"),
    ]
    due = (POINT, "{from: 2021-10-25, due: 2021-11-05}")
    assert point(*year, due).due_on == date(2021, 11, 3)
    assert point(*year, due, ("shift: preceding", "decree_days: true")).due_on == date(2021, 10, 29)
    assert codes(changed(*year, due))["decree-day"] == "info"


def test_a_measure_narrows_the_policy_of_the_year() -> None:
    """What it does not write stays as the year has it."""
    roadmap = definition(("bodies: [imc]", "bodies: [imc]\n    policy: {completion: any, reminders: [2, 2, 7]}"))
    narrowed = roadmap.measures[0].policy
    assert narrowed is not None
    assert (narrowed.completion, narrowed.reminders, narrowed.controller) == ("any", (7, 2), "uo")
    assert roadmap.plan(roadmap.measures[0]).policy == narrowed
    assert roadmap.plan(roadmap.measures[1]).policy == roadmap.policy


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ([(POINT, "{from: 2025-08-01, due: 2025-09-30}")], "window-before-order", "warning"),
        ([(POINT, "{from: 2025-08-25, due: 2025-08-29}")], "before-period", "info"),
        ([(f"\n      - {POINT}", " []")], "undated", "warning"),
        ([(POINT, f"{POINT}\n      - {{from: 2025-10-01, due: 2025-10-31}}")], "keys-by-default", "warning"),
        ([(POINT, "{from: 2025-09-01, due: 2026-08-31}")], "silent-window", "info"),
        ([(POINT, "{from: 2025-09-01, due: 2025-09-28, due_on: 2025-09-26}")], "due-on-unexplained", "warning"),
        ([("deadline: до 30.09", "deadline: август")], "bare-august", "warning"),
        ([("name: Школы", "name: Школы\n    members: []")], "group-without-members", "warning"),
        ([("name: Школы", "name: Школы\n    members: [imc]\n    sample: true")], "sample-members", "warning"),
        ([("code: oo", "code: other\n    name: Другие\n  - code: oo")], "unused-body", "info"),
        ([("to: 2026-08-31", "to: 2028-08-31")], "calendar-not-published", "warning"),
        (
            [("measures:\n", 'indicators:\n  - {number: "1", text: рост, kind: count, bodies: [oo]}\nmeasures:\n')],
            "indicator-without-target",
            "warning",
        ),
    ],
)
def test_a_careful_clerk_asks(changes: list[tuple[str, str]], code: str, severity: str) -> None:
    """And the year can start all the same."""
    loaded = changed(*changes)
    assert codes(loaded)[code] == severity
    assert not loaded.blocked


def test_august_is_no_doubt_where_the_plan_has_but_one() -> None:
    """What prepares a school year ends before it."""
    loaded = changed(("deadline: до 30.09", "deadline: август"), ("to: 2026-08-31", "to: 2026-07-31"))
    assert "bare-august" not in codes(loaded)


@pytest.mark.parametrize("phrase", ["август 2026", "до августовской конференции", "к 1 августа 2026"])
def test_august_with_a_year_is_no_doubt(phrase: str) -> None:
    """Only the bare month can be either of two."""
    assert "bare-august" not in codes(changed(("deadline: до 30.09", f"deadline: {phrase}")))


def written(severity: str, decision: str) -> tuple[str, str]:
    """Return a change that adds a finding about 1.1."""
    finding = (
        "findings:\n"
        "  - code: bare-august\n"
        f"    severity: {severity}\n"
        "    where: measure 1.1, column Сроки\n"
        "    text: Который август?\n"
        f"{decision}"
        "measures:\n"
    )
    return ("measures:\n", finding)


DECISION = "    decision: {by: Петрова, text: прошлый}\n"


def test_an_error_that_nobody_settled_blocks_the_start() -> None:
    """The roadmap can be looked at, not started."""
    loaded = changed(written("error", ""))
    assert loaded.roadmap is not None
    assert loaded.blocked
    assert [finding.code for finding in loaded.roadmap.findings if finding.blocks] == ["bare-august"]


@pytest.mark.parametrize(
    ("due_time", "opens_at", "wrong"), [("00:00", "00:00", True), ("08:00", "09:00", True), ("18:00", "09:00", False)]
)
def test_a_due_day_that_is_over_before_it_begins_blocks_the_start(due_time: str, opens_at: str, *, wrong: bool) -> None:
    """Whoever reports on the day itself would be late; of the year and of one measure alike."""
    times = f'due_time: "{due_time}", opens_at: "{opens_at}"'
    written_time = 'due_time: "18:00"'
    year = changed((written_time, f'due_time: "{due_time}"\n  opens_at: "{opens_at}"'))
    one = changed(("bodies: [imc]", f"bodies: [imc]\n    policy: {{{times}}}"))
    for loaded, where in ((year, "policy"), (one, "measure 1.1")):
        found = [finding for finding in loaded.findings if finding.code == "due-time-before-opening"]
        assert [finding.where for finding in found] == [where] * wrong
        assert loaded.blocked is wrong
    decided = DECISION.replace("прошлый", "так в приказе")
    settled = written("error", decided)[1].replace("bare-august", "due-time-before-opening")
    settled = settled.replace("measure 1.1, column Сроки", "policy")
    assert not changed((written_time, f'due_time: "{due_time}"'), ("measures:\n", settled)).blocked


def test_what_a_year_asks_of_reports_and_of_who_checks_them_is_off_where_it_is_not_written() -> None:
    """As it was; the numbers in order, each once."""
    policy = definition().policy
    assert (policy.unreviewed_after, policy.proof_needed) == ((), False)
    policy = definition(("policy:\n", "policy:\n  unreviewed_after: [6, 3, 6]\n  proof_needed: true\n")).policy
    assert (policy.unreviewed_after, policy.proof_needed) == ((3, 6), True)


def test_a_settled_finding_stays_in_sight_as_information() -> None:
    """With who settled it, and how."""
    loaded = changed(written("error", DECISION))
    assert not loaded.blocked
    assert codes(loaded)["bare-august"] == "info"
    (found,) = (finding for finding in loaded.findings if finding.code == "bare-august")
    assert found.line("ru").endswith("Который август? → решено (Петрова): прошлый")
    assert found.finding().severity is Severity.INFO


def test_a_written_finding_takes_the_place_of_ours() -> None:
    """The same code at the same place is told once, in the words of the person."""
    loaded = changed(("deadline: до 30.09", "deadline: август"), written("warning", DECISION))
    assert [finding.text() for finding in loaded.findings if finding.code == "bare-august"] == ["Который август?"]


def test_findings_are_told_in_both_languages() -> None:
    """And as the shape F, whose place names the measure's number and the column."""
    (found,) = (f for f in changed((POINT, "{from: 2025-08-01, due: 2025-09-30}")).findings if "before" in f.code)
    assert found.to_json("en") == {
        "code": "window-before-order",
        "severity": "warning",
        "where": "measure 1.1, column Сроки",
        "text": "begins on 2025-08-01, before the order of 2025-08-25",
        "reading": "opens on 2025-08-25",
        "file": "roadmap.yaml",
        "line": 28,
        "column": 16,
    }
    assert found.line() == (
        "roadmap.yaml:28:16: мероприятие 1.1, графа «Сроки»: начало 2025-08-01 раньше приказа от 2025-08-25"
        " → открывается 2025-08-25"
    )


def test_every_code_has_the_same_gaps_in_both_languages() -> None:
    """Neither sentence says less than the other."""
    for code, kind in {**UNREADABLE, **TEXTS}.items():
        for words in (kind.words, kind.reading):
            if words:
                russian, english = (
                    {name.removesuffix("_ru").removesuffix("_en") for name in re.findall(r"{(\w+)}", text)}
                    for text in (words.ru, words.en)
                )
                assert russian == english, code


def test_contacts_are_read_by_code(tmp_path: Path) -> None:
    """Names and addresses, apart from the definition."""
    path = tmp_path / "contacts.yaml"
    path.write_text("- {code: uo, name: Управление, email: uo@town.example}\n", encoding="utf-8")
    assert load_contacts(path) == (Contact("uo", "Управление", "uo@town.example"),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("- {code: uo, name: У, email: nobody}", "bad-email"),
        ('- {code: uo, name: У, email: "a@b.example, c@d.example"}', "bad-email"),
        ('- {code: uo, name: У, email: "a@b.example\\nBcc: c@d.example"}', "bad-email"),
        ('- {code: uo, name: "У\\eX", email: a@b.example}', "control-character"),
        ("- {code: uo, name: У, email: a@b.example}\n- {code: uo, name: У, email: a@b.example}", "code-twice"),
        ("code: uo", "entries-wanted"),
        ("- {code: uo, name: У, email: школа@b.example}", "email-not-latin"),
        ("- {code: uo, name: У, email: с@b.example}", "email-not-latin"),
        ("- {code: uo, name: У, email: mmc@enск.example}", "email-mixed"),
        (f"- {{code: uo, name: У, email: a@{'b' * 70}.example}}", "bad-email"),
        (f"- {{code: uo, name: У, email: a@{'b.' * 130}example}}", "text-too-long"),
    ],
)
def test_bad_contacts_are_refused(tmp_path: Path, text: str, code: str) -> None:
    """No address can carry a second one or a header of its own."""
    path = tmp_path / "contacts.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile) as caught:
        load_contacts(path)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert code in {"entries-wanted", "code-twice"} or [
        problem.place and problem.place.line for problem in caught.value.problems
    ] == [1]


def test_contacts_without_their_dashes_are_told_how_an_entry_is_written(tmp_path: Path) -> None:
    """A mapping by code is the likely slip; a list of codes would be no help."""
    path = tmp_path / "contacts.yaml"
    path.write_text("uo:\n  name: Управление\n  email: uo@town.example\n", encoding="utf-8")
    with pytest.raises(UnreadableFile) as caught:
        load_contacts(path)
    (told,) = caught.value.problems
    assert "начинается с «- »: - {code: …, name: …, email: …}" in told.text()
    assert "“- ”: - {code: …, name: …, email: …}" in told.text("en")


def test_all_that_is_wrong_in_contacts_is_told_at_once(tmp_path: Path) -> None:
    """No address, a domain in two alphabets, a code twice, a code that nobody has: one look, in the file's order."""
    path = tmp_path / "contacts.yaml"
    path.write_text(
        "- {code: uo, name: У, email: нет}\n"
        "- {code: imcro, name: И, email: mmc@enск.example}\n"
        "- {code: imcro, name: И, email: i@b.example}\n"
        "- {code: shcool-6, name: Ш, email: s6@b.example}\n",
        encoding="utf-8",
    )
    with pytest.raises(UnreadableFile) as caught:
        load_contacts(path, ROADMAP)
    assert [(one.code, one.place and one.place.line) for one in caught.value.problems] == [
        ("bad-email", 1),
        ("email-mixed", 2),
        ("code-twice", 3),
        ("unknown-contact", 4),
    ]


@pytest.mark.parametrize("email", ["a@b.example", "priem@школа.рф", "o'neil+x@b.example", "vekha@localhost"])
def test_every_address_that_is_read_can_be_written_to(tmp_path: Path, email: str) -> None:
    """By the one rule of whoever reads and whoever writes; the domain may be Cyrillic."""
    path = tmp_path / "contacts.yaml"
    path.write_text(f"- {{code: uo, name: Управление, email: {email}}}\n", encoding="utf-8")
    (contact,) = load_contacts(path)
    assert address(contact.email).addr_spec.isascii()


def test_contacts_are_held_against_the_roadmap(tmp_path: Path) -> None:
    """A code that nobody has is an error with its line and what may be meant; an addressee without address a warning."""
    path = tmp_path / "contacts.yaml"
    path.write_text(
        "- {code: uo, name: У, email: uo@b.example}\n"
        "- {code: shcool-6, name: Ш, email: s6@b.example}\n"
        "- {code: imcro, name: И, email: i@b.example}\n"
        "- {code: ivanova, name: Завуч, email: z@b.example}\n",
        encoding="utf-8",
    )
    found = contact_findings(ROADMAP, load_contacts(path), path)
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert [(one.code, one.place and one.place.line) for one in errors] == [("unknown-contact", 2)]
    assert "school-6" in errors[0].text("ru")
    assert "school-6" in errors[0].text("en")
    warned = [one for one in found if one.severity is Severity.WARNING]
    assert {one.code for one in warned} == {"no-address"}
    assert {one.where for one in warned} == {"contact school-1", "contact school-6", "contact school-30", "contact gmo"}
    assert [one.code for one in contact_findings(ROADMAP, None, path)] == ["no-contacts"]
    assert contact_findings(replace(ROADMAP, measures=()), (), path) == ()


@pytest.mark.parametrize(("after", "missing"), [((), []), ((3,), []), ((3, 6), ["contact uo"])])
def test_who_stands_above_the_controller_needs_an_address_where_letters_go_there(
    after: tuple[int, ...], missing: list[str]
) -> None:
    """The controller is a person here; the second reminder of a report goes to the office."""
    policy = replace(ROADMAP.policy, controller="vasyutina", unreviewed_after=after)
    roadmap = replace(ROADMAP, policy=policy, measures=(replace(ROADMAP.measures[0], bodies=("imcro",)),))
    everybody = tuple(Contact(code, code, f"{code}@b.example") for code in ("vasyutina", "imcro", "school-6"))
    roadmap = replace(
        roadmap,
        registry=replace(
            roadmap.registry, bodies=tuple(replace(body, reports_to=None) for body in roadmap.registry.bodies)
        ),
    )
    assert [one.where for one in contact_findings(roadmap, everybody, "contacts.yaml")] == missing
