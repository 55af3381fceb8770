"""The auditor looks back: states on two axes of time, explanations and histories of a whole year in a real log."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from app.years import first_moment
from domain.codec import SCHEMA_VERSION, event_record
from domain.events import DeadlineMissed
from domain.records import EventRecord, canonical
from domain.rehearsal import Lived, rehearse
from domain.roadmap import measure_stream
from doors.cli.admin import admin
from doors.cli.audit import audit
from doors.cli.report import report
from eventlog.read import read_roadmap
from eventlog.sealer import seal_new
from orders.yaml_file import load_roadmap
from projections.projector import Projector, position_of_all
from projections.read_models import READ_MODELS
from stack import Endpoints
from tests.conftest import a_database
from tests.doors.calling import Said, call
from tests.doors.conftest import EXAMPLE
from tests.doors.lived import example, keep
from tests.eventlog.log import put_past, running, until
from views.names import Names
from views.refusals import refusal
from views.texts import calendar_said

ROADMAP, RECORDS = example()
BACKDATED = "2.2/1/school-1"  # reported on 31 August, said to have happened on the 30th


@pytest.fixture(scope="module")
def log(endpoints: Endpoints, migrated_template: str) -> Iterator[str]:
    """Give the address of a log that holds the example's year, closed, and nothing else, with its reports."""
    with a_database(endpoints, migrated_template) as database_url:
        asyncio.run(keep(database_url, RECORDS))
        with running(Projector(database_url, READ_MODELS)), psycopg.connect(database_url, autocommit=True) as seen:
            until(lambda: position_of_all(seen) == len(RECORDS))
        yield database_url


@pytest.fixture(autouse=True)
def at_the_door(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the doors at this log."""
    monkeypatch.setenv("DATABASE_URL", log)
    monkeypatch.setenv("VEKHA_LANG", "ru")


def ask(*arguments: str) -> Said:
    """Ask audit.py about the year."""
    return call(audit, [*arguments, "--roadmap", ROADMAP.id])


def answered(schema: str, *arguments: str) -> Any:
    """Return the document of a good answer, held against its schema."""
    said = ask(*arguments, "--json")
    assert (said.code, said.err) == (0, "")
    return said.document(schema)


def kept(log: str) -> list[EventRecord]:
    """Return the year as the log gives it, with its positions."""
    with psycopg.connect(log, autocommit=True) as connection:
        return list(read_roadmap(connection, ROADMAP.id))


# ------------------------------------------------------------------------------------------------------ state


def test_two_axes_show_who_knew_what_of_a_backdated_report() -> None:
    """Known on the day itself it waited; known now it was reported that day, and the report is listed as learnt later."""
    state = answered("state", "state", "--as-of", "2021-08-30", "--known-at", "2021-08-30")
    (row,) = [row for row in state["board"] if row["assignment"] == BACKDATED]
    assert row["stage"] == "open"
    assert [(event["type"], event["occurred_on"]) for event in state["later"]] == [("ExecutionReported", "2021-08-30")]
    (changed,) = [one for one in state["changed"] if one["table"] == "board"]
    assert changed["then"] == row
    assert changed["now"]["stage"] == "reported"
    assert state["later_count"] == 1
    now = answered("state", "state", "--as-of", "2021-08-30")
    assert (now["known_at"], now["later_count"], now["later"], now["changed"]) == (None, 0, [], [])
    assert changed["now"] in now["board"]


def test_people_read_what_was_learnt_later_and_what_it_changes() -> None:
    """In a sentence each, after the tables."""
    said = ask("state", "--as-of", "2021-08-30", "--known-at", "2021-08-30")
    assert "по тому, что было известно на 30.08.2021" in said.out
    assert "стадия в работе → на проверке" in said.out
    english = ask("state", "--as-of", "2021-08-30", "--known-at", "2021-08-30", "--lang", "en")
    assert "by what was known on 30.08.2021" in english.out
    assert "stage open → reported" in english.out


def test_of_what_was_learnt_later_the_first_are_listed_and_all_are_counted() -> None:
    """A reader of a long list asks for more of it."""
    asked = ("state", "--as-of", "2022-06-30", "--known-at", "2021-08-30")
    whole = answered("state", *asked, "--later", "10000")
    assert whole["later_count"] == len(whole["later"]) > 100
    some = answered("state", *asked)
    assert (some["later_count"], some["later"]) == (whole["later_count"], whole["later"][:100])
    assert {**some, "later": []} == {**whole, "later": []}
    assert f"Всего: {whole['later_count']}, показано первых: 2." in ask(*asked, "--later", "2").out
    none = ask(*asked, "--later", "0").out
    assert "показано первых: 0." in none
    assert ask(*asked, "--later", "-1").code == 2


@pytest.mark.parametrize("name", ["board", "discipline", "indicators"])
def test_a_report_of_a_day_is_the_state_as_it_was_known_that_day(name: str) -> None:
    """One mechanism: the same rows, the same position."""
    state = answered("state", "state", "--as-of", "2021-12-28", "--known-at", "2021-12-28")
    table = call(report, [name, "--as-of", "2021-12-28", "--json", "--roadmap", ROADMAP.id]).document(name)
    assert (table["rows"], table["position"]) == (state[name], state["position"])


def test_an_instant_is_an_axis_as_well() -> None:
    """Half an hour before the deadline it was not missed; instants are answered in the office's zone."""
    missed = next(one for one in RECORDS if one.type == "DeadlineMissed")
    at, assignment = missed.at, json.loads(missed.data)["assignment"]
    before = at.replace(":00:00", ":00:00", 1).replace("15:00:00", "14:30:00")
    states = [answered("state", "state", "--as-of", moment) for moment in (before, at)]
    overdue = [{row["assignment"]: row["overdue"] for row in state["board"]}[assignment] for state in states]
    assert overdue == [False, True]
    assert states[1]["as_of"].endswith("T18:00:00+03:00")


def test_a_state_of_now_is_the_whole_log(log: str) -> None:
    """Nothing is missing from it, and it reflects the last event."""
    state = answered("state", "state")
    assert state["position"] == len(kept(log)) == len(RECORDS)
    assert {row["stage"] for row in state["board"]} >= {"accepted", "withdrawn", "left-open"}


def test_a_state_before_everything_is_a_state() -> None:
    """There is nothing yet."""
    assert answered("state", "state", "--as-of", "0001-01-01", "--known-at", "0001-01-01")["board"] == []


def test_people_read_the_label_of_a_checkpoint_that_a_schedule_has_set() -> None:
    """Its key is a word for commands: documents keep it, and show has it beside the label where there are several."""
    year = ("--roadmap", ROADMAP.id)
    rows = call(report, ["board", *year, "--json"]).document("board")["rows"]
    keys = {row["checkpoint"] for row in rows if row["measure"] == "3.6"}
    assert keys
    board = call(report, ["board", *year])
    shown = call(admin, ["show", "3.6", *year])
    assert (board.code, shown.code) == (0, 0)
    for lines in (board.out, ask("state").out, shown.out):
        assert not {line.strip() for line in lines.splitlines()} & keys
        assert not re.search(r"(?m)^[a-z]+ · ", lines)


def test_of_a_day_before_control_a_report_says_when_it_began() -> None:
    """Nothing is no answer to who does not know that."""
    said = call(report, ["board", "--roadmap", ROADMAP.id, "--as-of", "2021-08-01"])
    assert (said.code, said.err) == (0, "")
    assert "К 01.08.2021 ничего ещё не было: контроль начат 24.08.2021." in said.out
    assert "Ничего нет" not in said.out


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
@pytest.mark.parametrize("day", ["01.01.2999", "9999-12-31", "2999-01-01T00:00:00+03:00"])
def test_of_a_day_to_come_there_is_no_state(option: str, day: str) -> None:
    """A plan is no report: nothing of it has happened. The same of today's evening, though it is not over."""
    said = ask("state", option, day)
    assert said.code == 2
    assert f"{option}: " in said.line()
    assert "ещё впереди" in said.line()
    today = datetime.now(UTC).date()
    assert answered("state", "state", option, today.isoformat())["board"]


@pytest.mark.parametrize("name", ["board", "discipline", "indicators", "overdue"])
def test_of_a_day_to_come_there_is_no_report(name: str) -> None:
    """Else the discipline of a month that nobody has lived yet would be 100 per cent."""
    said = call(report, [name, "--as-of", "01.01.2999", "--roadmap", ROADMAP.id])
    assert said.code == 2
    assert "ещё впереди" in said.line()
    assert call(report, [name, "--as-of", "31.12.2021", "--roadmap", ROADMAP.id]).code == 0


@pytest.mark.parametrize("wrong", ["31.09.2021", "2021-09-31", "2021-09-30T18:00", "вчера", "20210930", ""])
def test_what_is_no_moment_is_told_in_one_line(wrong: str) -> None:
    """A day, or an instant with its offset."""
    said = ask("state", "--as-of", wrong)
    assert said.code == 2
    assert "нужен день, например 31.12.2021 или 2021-12-31, или момент со смещением" in said.line()


# ---------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize("day", [None, "2021-12-31"])
def test_each_figure_of_the_discipline_leads_to_its_assignments_and_events(log: str, day: str | None) -> None:
    """As many as it says, each with the event that it is counted by."""
    asked = ["discipline", "--json", "--roadmap", ROADMAP.id, *(["--as-of", day] if day else [])]
    document = call(report, asked).document("discipline")
    records = {(record.stream, record.version): record for record in kept(log)}
    types = {
        "on_time": {"ExecutionReported"},
        "late": {"ExecutionReported"},
        "open_overdue": {"DeadlineMissed"},
        "withdrawn": {"AssignmentWithdrawn", "AssignmentReassigned"},
    }
    for row in document["rows"]:
        for figure, behind in types.items():
            own = [one for one in document["assignments"] if one["counted_as"] == figure]
            own = [one for one in own if row["body"] in (None, one["body"])]
            assert len(own) == row[figure], (row["body"], figure)
            for one in own:
                event = records[one["event"]["stream"], one["event"]["version"]]
                assert (event.type in behind, event.position) == (True, one["event"]["position"])
                assert json.loads(event.data)["assignment"] == one["assignment"]
                assert bool(json.loads(event.data).get("days_late")) == (figure == "late")
    assert {one["counted_as"] for one in document["assignments"]} >= {"on_time", "late", "withdrawn"}


def test_the_discipline_of_a_body_lists_what_it_counts() -> None:
    """Each assignment with its date, how it is counted, and the number to explain it by; of a group its members'."""
    whole = call(report, ["discipline", "--json", "--roadmap", ROADMAP.id]).document("discipline")
    own = [one for one in whole["assignments"] if one["body"] == "school-6"]
    asked = ["discipline", "--body", "school-6", "--roadmap", ROADMAP.id]
    listed = call(report, [*asked, "--json"]).document("discipline")
    assert listed["assignments"] == own
    assert [row["body"] for row in listed["rows"]] == ["school-6"]
    said = call(report, asked).out
    assert all(str(one["event"]["position"]) in said for one in own)
    assert said.count("В срок") > 1
    row = next(row for row in whole["rows"] if row["body"] == "school-6")
    assert f"в срок {row['on_time']}, с опозданием {row['late']}, просрочено {row['open_overdue']}" in said
    table = call(report, [*asked, "--format", "csv"]).out
    assert len(table.splitlines()) == len(own) + 1
    group = next(body for body in ROADMAP.registry.bodies if body.members and "school-6" in body.members)
    members = call(report, [*asked[:2], group.code, *asked[3:], "--json"]).document("discipline")
    assert {row["body"] for row in members["rows"]} == set(group.members or ())


def test_each_value_of_an_indicator_leads_to_its_event(log: str) -> None:
    """The last that its body has sent, with the same figure in it."""
    document = call(report, ["indicators", "--json", "--roadmap", ROADMAP.id]).document("indicators")
    records = {record.position: record for record in kept(log)}
    values = {(one["number"], one["body"]): records[one["event"]["position"]] for one in document["values"]}
    answered = [row for row in document["rows"] if row["body"] is not None and row["answered"]]
    assert answered
    for row in answered:
        assert float(json.loads(values[row["number"], row["body"]].data)["numerator"]) == row["numerator"]
    table = call(report, ["indicators", "--format", "csv", "--roadmap", ROADMAP.id]).out
    assert all(str(values[row["number"], row["body"]].position) in table for row in answered)


# ---------------------------------------------------------------------------------------------------- explain


def explained(log: str, type_: str, which: int) -> Any:
    """Return the explanation of one of the events of a type."""
    found = [record.position for record in kept(log) if record.type == type_]
    said = call(audit, ["explain", str(found[which]), "--json"])
    assert (said.code, said.err) == (0, "")
    return said.document("explain")


def test_an_escalation_names_its_step_its_days_and_the_phrase_of_the_order(log: str) -> None:
    """The ladder's step, counted out over the days off, back to the cell of the order and the year's start."""
    records = kept(log)
    level_two = next(one for one in records if one.type == "Escalated" and json.loads(one.data)["level"] == 2)
    document = call(audit, ["explain", str(level_two.position), "--json"]).document("explain")
    assert document["rules"][0].startswith("сообщение 2 из 3: через 3 рабочих дня")
    assert len(document["counted"]["days"]) == document["counted"]["working_days"] == 3
    assert document["counted"]["end"] == level_two.occurred_on
    assert [one["type"] for one in document["chain"]][-2:] == ["DeadlineMissed", "Escalated"]
    assert [one["type"] for one in document["chain"]][:2] == ["YearStarted", "MeasurePlanned"]
    phrases = {measure.number: measure.deadline for measure in ROADMAP.measures}
    assert document["date"]["phrase"] == phrases[level_two.stream.rpartition("/")[2]]


def test_a_refusal_gives_its_rule_and_what_stood_in_the_way(log: str) -> None:
    """Each refusal of the example, its reason in words."""
    for record in kept(log):
        if record.type == "CommandRefused":
            document = call(audit, ["explain", str(record.position), "--json"]).document("explain")
            fact = json.loads(record.data)
            assert document["rules"][0].endswith(refusal(fact["reason"], fact["detail"], "ru", Names(ROADMAP)))
            assert document["chain"]


def test_a_shifted_date_names_the_day_off_and_the_calendar(log: str) -> None:
    """31 October 2021 is a Sunday: the deadline is the 29th."""
    document = explained(log, "ReturnedForRework", -1)
    assert (document["date"]["due"], document["date"]["due_on"]) == ("2021-10-31", "2021-10-29")
    assert any(
        "31.10.2021 — нерабочий день" in rule and calendar_said(ROADMAP.calendar.version, "ru") in rule
        for rule in document["rules"]
    )
    assert document["date"]["grammar"] == {"rule": "point/month", "sources": document["date"]["grammar"]["sources"]}


def test_a_date_that_a_person_settled_says_so(log: str) -> None:
    """The order lost the months of 3.4: the grammar does not find them, a decision does."""
    (planned,) = [one for one in kept(log) if one.stream.endswith("/m/3.4") and one.type == "DeadlineMissed"][:1]
    document = call(audit, ["explain", str(planned.position), "--json"]).document("explain")
    assert document["date"]["grammar"] is None
    assert document["date"]["decisions"]
    assert any("Три точки по названным месяцам" in rule for rule in document["rules"])


def test_every_event_of_the_year_is_explained_in_both_languages(log: str) -> None:
    """One of each type, to people and to scripts."""
    one_of_each = {record.type: record for record in kept(log)}
    for record in one_of_each.values():
        place = f"{record.stream}/{record.version}"
        russian, english = (call(audit, ["explain", "--event", place, "--lang", lang]) for lang in ("ru", "en"))
        assert (russian.code, english.code, russian.err, english.err) == (0, 0, "", "")
        assert russian.out.splitlines()[1] == "Почему:"
        assert english.out.splitlines()[1] == "Why:"
        call(audit, ["explain", "--event", place, "--json"]).document("explain")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["explain"], "which-event"),
        (["explain", "1", "--event", "x/1"], "which-event"),
        (["explain", "999999"], "unknown-event"),
        (["explain", "99999999999999999999999"], "unknown-event"),
        (["explain", "0"], "unknown-event"),
        (["explain", "эскалация", "--roadmap", ROADMAP.id], "unknown-measure"),
        (["explain", "--measure", "9", "--roadmap", ROADMAP.id], "unknown-measure"),
        (["explain", "1", "--measure", "1.1"], "which-event"),
        (["explain", "1", "--roadmap", "another-year"], "other-roadmap"),
        (["explain", "1.1", "--roadmap", "another-year"], "unknown-roadmap"),
        (["explain", "1.1"], "no-roadmap"),
        (["explain", "--event", "nowhere/m/1/1"], "unknown-event"),
        (["explain", "--event", "1"], "unknown-event"),
        (["explain", "--event", f"{ROADMAP.id}/m/1.1/x"], "unknown-event"),
        (["explain", "--event", f"{ROADMAP.id}/m/1.1/99999999999"], "unknown-event"),
        (["explain", "--event", "\udcff/1"], "unknown-event"),
        (["explain", "--event", ""], "unknown-event"),
    ],
)
def test_an_event_that_is_not_there_is_told_in_one_line(arguments: list[str], code: str) -> None:
    """For people a line, for scripts the code."""
    said = call(audit, arguments)
    assert said.code == 2
    assert said.line()
    assert call(audit, [*arguments, "--json"]).error()["code"] == code


@pytest.mark.parametrize("named", [["3.4"], ["--measure", "3.4"]])
def test_a_measure_is_explained_by_what_has_set_its_dates(named: list[str]) -> None:
    """Each of its checkpoints, with the phrase and the decision; a year that is over is named, as everywhere."""
    document = answered("explain", "explain", *named)
    assert document["event"]["type"] == "MeasurePlanned"
    points = next(measure.checkpoints for measure in ROADMAP.measures if measure.number == "3.4")
    assert len(points) == 3
    assert all(any(point.label in rule for rule in document["rules"]) for point in points)
    assert any("Три точки по названным месяцам" in rule for rule in document["rules"])


def test_a_measure_that_got_a_schedule_is_explained_by_it() -> None:
    """The act that the controller named, not the phrase that had no date."""
    document = answered("explain", "explain", "3.6")
    assert document["event"]["type"] == "ScheduleSet"


async def lived_by(definition: dict[str, Any], folder: Path, database_url: str) -> list[Lived]:
    """Live the year of a definition, which nobody reports in, and keep it in a log; return its events."""
    file = folder / "roadmap.yaml"
    file.write_text(yaml.safe_dump(definition, allow_unicode=True, sort_keys=False), encoding="utf-8")
    loaded = load_roadmap(file)
    assert loaded.roadmap is not None, loaded.findings
    lived = rehearse(loaded.roadmap, loaded.source, first_moment(loaded.roadmap))
    await keep(database_url, [event_record(one.event, one.stream, one.version, "lived") for one in lived])
    return lived


async def test_a_decision_about_one_checkpoint_of_several_is_shown_with_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And with no other checkpoint; a decision about the whole column, by whatever heading, with each."""
    decided = [
        _decided("measure 2.7, column Сроки, checkpoint 3", "О третьей точке"),
        _decided("measure 2.7, checkpoint 3", "О ней же, графа не названа"),
        _decided("measure 2.7, column Срок исполнения, ежемесячно", "О графе целиком"),
        _decided("measure 2.7, column Ответственные", "Не о сроках"),
        _decided("measure 2.5, column Сроки", "О другом мероприятии"),
    ]
    definition = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    keys = [point.get("key") for measure in definition["measures"] if measure["number"] == "2.7" for point in measure["checkpoints"]]  # fmt: skip
    third = keys[2] or "3"
    definition["findings"] = [{**one, "where": one["where"].replace("point 3", f"point {third}")} for one in decided]
    definition["measures"] = [item for item in definition["measures"] if item["number"] in {"2.5", "2.7"}]
    definition["id"] = "decided-2021"
    lived = await lived_by(definition, tmp_path, database_url)
    monkeypatch.setenv("DATABASE_URL", database_url)
    shown = {}
    for one in lived:
        if isinstance(one.event.fact, DeadlineMissed) and one.stream.endswith("/m/2.7"):
            key = one.event.fact.assignment.split("/")[1]
            said = call(audit, ["explain", "--event", f"{one.stream}/{one.version}", "--json"]).document("explain")
            shown[key] = [decision["text"] for decision in said["date"]["decisions"]]
    assert len(shown) == len(keys)
    about = ["О третьей точке", "О ней же, графа не названа", "О графе целиком"]
    assert shown.pop(third) == about
    assert set(map(tuple, shown.values())) == {("О графе целиком",)}
    people = call(audit, ["explain", "2.7", "--roadmap", "decided-2021"])
    assert all(people.out.count(words) == 1 for words in about)
    assert "Не о сроках" not in people.out


async def test_a_date_that_a_person_set_is_explained_by_the_person(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """15.09.2021 is a working day: no rule moved 1.3 to the 20th, whoever set that date did."""
    definition = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    definition["id"] = "by-hand-2021"
    definition["findings"] = []
    definition["measures"] = [item for item in definition["measures"] if item["number"] == "1.3"]
    (point,) = definition["measures"][0]["checkpoints"]
    point |= {"due_on": date(2021, 9, 20), "settled": "начальник управления образования"}
    lived = await lived_by(definition, tmp_path, database_url)
    monkeypatch.setenv("DATABASE_URL", database_url)
    missed = next(one for one in lived if isinstance(one.event.fact, DeadlineMissed))
    for asked in (["1.3"], ["--event", f"{missed.stream}/{missed.version}"]):
        said = call(audit, ["explain", *asked])
        assert said.code == 0
        assert (
            "срок по приказу — 15.09.2021, действует 20.09.2021: так решил человек, в дорожной карте об этом сказано:"
            " «начальник управления образования»"
        ) in said.out
        assert "нерабочий" not in said.out
        assert "ГК РФ" not in said.out


def _decided(where: str, text: str) -> dict[str, Any]:
    return {
        "code": "doubt",
        "severity": "warning",
        "where": where,
        "text": "Сомнение.",
        "decision": {"by": "делопроизводитель", "text": text},
    }


# ---------------------------------------------------------------------------------------------------- history


def test_the_number_of_a_record_stands_where_it_is_told(log: str) -> None:
    """What `explain` and `proof` ask for is in the text of a history, of a replay and of what was learnt later."""
    records = kept(log)
    told = ask("history", "2.7").out.splitlines()
    own = [record for record in records if record.stream == measure_stream(ROADMAP.id, "2.7")]
    assert [int(line.split()[0]) for line in told] == [record.position for record in own]
    replayed = ask("replay", "2.7").out.splitlines()[:-1]
    assert [int(line.split()[0]) for line in replayed] == [record.position for record in own]
    learnt = next(one for one in records if one.type == "ExecutionReported" and BACKDATED in one.data)
    later = ask("state", "--as-of", "30.08.2021", "--known-at", "30.08.2021").out
    assert re.search(rf"^ *{learnt.position}  31\.08\.2021", later, re.MULTILINE)


def history(*arguments: str) -> list[dict[str, Any]]:
    """Return the events of a history."""
    events: list[dict[str, Any]] = answered("history", "history", *arguments)["events"]
    return events


def places(events: Sequence[dict[str, Any]]) -> list[tuple[str, int]]:
    """Return where events stand."""
    return [(event["stream"], event["version"]) for event in events]


def test_the_history_of_a_body_is_all_that_concerns_it_and_nothing_else() -> None:
    """What it sent, what is asked of it, what it is told; the plans that name it."""
    events = history("--body", "school-30")
    whole = history()
    own = {row["measure"] for row in answered("state", "state")["board"] if row["body"] == "school-30"}
    assert {event["data"]["plan"]["measure"]["number"] for event in events if event["type"] == "MeasurePlanned"} == own
    said = [event for event in whole if event["type"] not in {"MeasurePlanned", "YearStarted"}]
    wanted = [
        event
        for event in said
        if event["actor"] in {"school-30", *(one.code for one in ROADMAP.registry.people if one.body == "school-30")}
        or "school-30" in json.dumps(event["data"])
    ]
    assert places([event for event in events if event["type"] != "MeasurePlanned"]) == places(wanted)


def test_the_history_of_a_sender_is_what_it_sent() -> None:
    """A person, a body, the clock."""
    for actor in ("director-1", "imcro", "clock"):
        events = history("--actor", actor)
        assert {event["actor"] for event in events} == {actor}
        assert len(events) == sum(record.actor == actor for record in RECORDS)


def test_what_is_asked_for_is_asked_for_together() -> None:
    """A measure, a body and a time: what fits all of them, in the order of the log."""
    whole = history("2.7", "--body", "school-1")
    part = history("2.7", "--body", "school-1", "--from", "2021-12-01", "--to", "2021-12-28")
    wanted = [event for event in whole if "2021-12-01" <= event["occurred_on"] <= "2021-12-28"]
    assert places(part) == places(wanted)
    assert 0 < len(part) < len(whole)


def test_a_history_of_nothing_is_empty() -> None:
    """One document all the same; people are told so, as by a report."""
    assert history("--from", "2031-01-01") == []
    assert ask("history", "--from", "2031-01-01").out == "Ничего нет.\n"
    assert ask("history", "--from", "2031-01-01", "--lang", "en").out == "Nothing here.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "fragment"),
    [
        (["history", "9.9"], "unknown-measure", "Мероприятия 9.9 нет"),
        (
            ["history", "--body", "school-99"],
            "unknown-body",
            "--body school-99: организации с таким кодом в дорожной карте нет. ",
        ),
        (["history", "--actor", "nobody"], "unknown-actor", "--actor nobody: организации или человека"),
        (["history", "--actor", "\udcff"], "unknown-actor", "с таким кодом в дорожной карте нет"),
        (["history", "--from", "2021-12-01", "--to", "2021-11-01"], "period-reversed", "кончается раньше"),
        (["replay", "9.9"], "unknown-measure", "Мероприятия 9.9 нет"),
    ],
)
def test_a_history_of_what_is_not_there_is_told_in_one_line(arguments: list[str], code: str, fragment: str) -> None:
    """With what there is."""
    said = ask(*arguments)
    assert said.code == 2
    assert fragment in said.line()
    assert call(audit, [*arguments, "--roadmap", ROADMAP.id, "--json"]).error()["code"] == code


# --------------------------------------------------------------------------------------------------- replay


def test_the_replay_covers_the_year_itself_and_stops_at_a_day() -> None:
    """Values of indicators and the close are decided again like everything else."""
    whole = answered("replay", "replay")
    assert whole["differences"] == []
    assert len(whole["steps"]) == len(RECORDS)
    types = {step["event"]["type"] for step in whole["steps"] if step["event"]["stream"].endswith("/year")}
    assert types == {"YearStarted", "IndicatorMeasured", "CommandRefused", "YearClosed"}
    part = answered("replay", "replay", "--to", "2021-12-31")
    assert part["differences"] == []
    assert 0 < len(part["steps"]) < len(RECORDS)
    assert max(step["event"]["at"] for step in part["steps"]) < "2022"


async def test_a_changed_value_of_an_indicator_is_a_difference(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The year's stream is held to its commands as the measures are."""
    changed = [
        replace(record, data=record.data.replace('"numerator":"', '"numerator":"1'))
        if record.type == "IndicatorMeasured"
        else record
        for record in RECORDS
    ]
    await keep(database_url, changed)
    monkeypatch.setenv("DATABASE_URL", database_url)
    said = await asyncio.to_thread(ask, "replay", "--json")
    assert said.code == 1
    assert {one["stream"] for one in said.document("replay")["differences"]} == {f"{ROADMAP.id}/year"}


async def test_a_difference_is_shown_in_one_line_that_can_be_read(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the log writes it, cut where a note is of two megabytes; the document has all of it."""
    long = "ж" * 1_000_000
    first = next(record for record in RECORDS if record.type == "ReturnedForRework")
    changed = [
        replace(record, data=canonical(json.loads(record.data) | {"reason": long})) if record is first else record
        for record in RECORDS
    ]
    await keep(database_url, changed)
    monkeypatch.setenv("DATABASE_URL", database_url)
    said = await asyncio.to_thread(ask, "replay")
    (line,) = [line for line in said.out.splitlines() if line.startswith("РАСХОЖДЕНИЕ")]
    assert len(line) < 3000
    assert f'в журнале {{"type": "{first.type}", ' in line
    assert long in (await asyncio.to_thread(ask, "replay", "--json")).out


# ------------------------------------------------------------------------------------------ silence

LETTER = "2.7/4/imcro:reminder-deadline:2022-02-28-5:imcro"  # due on 18 February


def on_the_day(now: str, *, silent_since: str) -> list[EventRecord]:
    """Return the year as a log that is at `now` with its clock, and has nothing of measure 2.7 after `silent_since`."""
    first, *others = (record for record in RECORDS if record.at <= now)
    offset = (datetime.fromisoformat(now) - datetime.now(UTC)).total_seconds()
    shifted = replace(first, data=json.dumps({**json.loads(first.data), "offset_seconds": str(offset)}))
    stream = measure_stream(ROADMAP.id, "2.7")
    return [shifted, *(record for record in others if record.stream != stream or record.at <= silent_since)]


@pytest.mark.parametrize(
    ("now", "outcome", "code"),
    [
        ("2022-02-20T09:00:00+00:00", "under-way", 0),
        ("2022-02-22T09:00:00+00:00", "missing", 1),
    ],
)
async def test_a_letter_is_on_its_way_as_long_as_it_is_tried(
    database_url: str, monkeypatch: pytest.MonkeyPatch, now: str, outcome: str, code: int
) -> None:
    """A mail server that is down over a weekend is no alarm; a letter of which nothing came in three days is one."""
    records = [one for one in on_the_day(now, silent_since="2022-02-18T06:00:00+00:00") if LETTER not in one.data]
    await keep(database_url, records)
    monkeypatch.setenv("DATABASE_URL", database_url)
    said = await asyncio.to_thread(ask, "silence")
    assert (said.code, said.err) == (code, "")
    assert said.out.endswith(f"в пути: {1 - code}, пропало: {code}.\n")
    scripts = await asyncio.to_thread(ask, "silence", "--json")
    notices = scripts.document("silence")["notices"]
    assert [(one["id"], one["outcome"]) for one in notices if one["outcome_version"] is None] == [(LETTER, outcome)]


async def test_every_moment_that_a_stopped_clock_missed_is_named(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its assignment, in the order of the days."""
    await keep(database_url, on_the_day("2022-03-10T09:00:00+00:00", silent_since="2022-02-18T06:00:00+00:00"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    said = await asyncio.to_thread(ask, "silence", "--from", "2022-02-19")
    assert said.code == 1
    missing = re.findall(r"(?m)^(\S+) \S+ \S+/— (.+) → часы: ПРОПАЛО \((.+)\)$", said.out)
    assert missing == [
        ("25.02.2022", "напоминание", "2.7/4/imcro"),
        ("28.02.2022", "срок нарушен", "2.7/4/imcro"),
        ("01.03.2022", "начато", "2.7/5/imcro"),
        ("01.03.2022", "начато", "2.7/5/school-30"),
        ("01.03.2022", "сообщено о нарушении", "2.7/4/imcro"),
        ("03.03.2022", "сообщено о нарушении", "2.7/4/imcro"),
        ("05.03.2022", "сообщено о нарушении", "2.7/4/imcro"),
    ]
    assert said.out.endswith("в пути: 0, пропало: 7.\n")


# ------------------------------------------------------------------------------------------ a newer program's log


async def test_an_event_from_the_future_is_told_in_a_history_and_stops_a_state(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be listed, not understood: the state would be wrong, so there is none."""
    stranger = replace(RECORDS[1], version=2, type="MeasureDreamt", data="{}")
    await keep(database_url, RECORDS[:28])
    with psycopg.connect(database_url, autocommit=True) as connection:
        put_past(connection, stranger)
        seal_new(connection)
    monkeypatch.setenv("DATABASE_URL", database_url)
    told = await asyncio.to_thread(ask, "history")
    assert told.code == 0
    assert f"MeasureDreamt версии {SCHEMA_VERSION}, этой программе неизвестное" in told.out
    listed = await asyncio.to_thread(ask, "history", "--json")
    assert listed.document("history")["events"][-1]["type"] == "MeasureDreamt"
    for arguments in (("state",), ("explain", "29")):
        said = await asyncio.to_thread(call, audit, arguments)
        assert said.code == 3
        assert "обновите Веху" in said.line()
