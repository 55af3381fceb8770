"""What waits for somebody: all that waits, by date, with what is expected, in every open year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from doors.cli.admin import admin
from doors.cli.starter import starter
from tests.doors.conftest import Office, small_roadmap


async def waiting(office: Office, code: str) -> list[dict[str, Any]]:
    """Return the rows that wait for somebody."""
    said = await office.call(admin, "todo", "--as", code, "--json")
    assert said.code == 0, said
    rows: list[dict[str, Any]] = said.document("todo")["rows"]
    return rows


async def test_a_request_for_more_time_waits_for_the_controller(office: Office) -> None:
    """With its date and reason, until it is answered; the last request is the one that counts."""
    assert not any(row["asked_until"] for row in await waiting(office, "vasyutina"))
    ask = ("request-extension", "1.1", "--as", "imcro", "--reason")
    assert (await office.call(admin, *ask, "карантин", "--until", "2021-10-08")).code == 0
    assert (await office.call(admin, *ask, "и ремонт", "--until", "2021-10-15")).code == 0
    asked = [row for row in await waiting(office, "vasyutina") if row["asked_until"]]
    assert [(row["assignment"], row["asked_until"], row["asked_because"]) for row in asked] == [
        ("1.1/1/imcro", "2021-10-15", "и ремонт")
    ]
    people = await office.call(admin, "todo", "--as", "vasyutina")
    assert "до 15.10.2021:" in people.out
    assert "«и ремонт»" in people.out
    assert [row["asked_until"] for row in await waiting(office, "imcro") if row["measure"] == "1.1"] == ["2021-10-15"]

    refuse = ("refuse-extension", "1.1", "--as", "vasyutina", "--body", "imcro", "--reason", "рано")
    assert (await office.call(admin, *refuse)).code == 0
    assert not any(row["asked_until"] for row in await waiting(office, "vasyutina"))
    assert (await office.call(admin, *ask, "снова", "--until", "2021-10-15")).code == 0
    assert (await office.call(admin, "report", "1.1", "--as", "imcro")).code == 0
    rows = [row for row in await waiting(office, "vasyutina") if row["measure"] == "1.1"]
    assert [(row["stage"], row["asked_until"]) for row in rows] == [("reported", None)]


async def test_what_waits_stands_by_date_with_the_expected_result(office: Office) -> None:
    """Not by the numbers of measures; what has no date is last."""
    for measure, body in (("1.1", "imcro"), ("1.3", "school-6")):
        await office.call(admin, "report", measure, "--as", body)  # the first may be reported already
    rows = await waiting(office, "vasyutina")
    assert [(row["measure"], row["due_on"]) for row in rows] == [
        ("1.3", "2021-09-15"),
        ("1.1", "2021-09-30"),
        ("2.3", "2022-08-31"),
        ("3.6", None),
    ]
    assert all(row["expected_result"] for row in rows)
    people = await office.call(admin, "todo", "--as", "vasyutina")
    assert "ожидаемый результат: " in people.out
    decide, work = people.out.index("Решить"), people.out.index("Исполнить")
    places = [people.out.index(f"\n{number}. ") for number in ("1.3", "1.1", "3.6", "2.3")]
    assert [decide, *places[:3], work, places[3]] == sorted([decide, *places, work])
    assert (
        "Решить" not in (await office.call(admin, "todo", "--as", "school-30")).out
    )  # who decides nothing has one part


async def test_all_open_years_are_covered(office: Office, tmp_path: Path) -> None:
    """And one may be asked for; whom only one of them knows is answered by that one."""
    started = await office.call(
        starter, "start", str(small_roadmap(tmp_path)), "--rehearsal-from", "2021-08-24", "--json"
    )
    other = started.document("start")["roadmap"]
    rows = await waiting(office, "school-6")
    assert {row["roadmap"] for row in rows} == {office.roadmap, other}
    people = await office.call(admin, "todo", "--as", "school-6")
    assert f"[{other}]" in people.out
    one = await office.call(admin, "todo", "--as", "school-6", "--roadmap", other, "--json")
    assert {row["roadmap"] for row in one.document("todo")["rows"]} == {other}
    unknown = await office.call(admin, "todo", "--as", "schol-6")
    assert unknown.code == 2
    assert "school-6 (МБОУ СОШ № 6)" in unknown.line()
    assert (await office.call(starter, "close", "--roadmap", other)).code == 0
