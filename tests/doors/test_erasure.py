"""Personal data are erased, and nothing that was sealed moves: names and addresses never stood in the log."""

from __future__ import annotations

from pathlib import Path

import yaml

from app.contacts import keep_contacts
from doors.cli.admin import admin
from doors.cli.audit import audit
from doors.cli.starter import starter
from orders.contacts import Contact
from tests.doors.calling import Said, until
from tests.doors.conftest import Office, small_roadmap

ACT = ("--act", "заявление от 01.12.2021")


async def erase(office: Office, code: str, *more: str) -> Said:
    """Have the controller erase what stands behind a code."""
    return await office.call(admin, "erase-contact", code, "--as", "vasyutina", *ACT, *more)


def known(office: Office, roadmap: str) -> list[tuple[str, str]]:
    """Return codes and names that are kept for a year."""
    rows = office.connection.execute(
        "select code, name from vekha.contact where roadmap = %s order by code", (roadmap.partition("~")[0],)
    )
    return [(code, name) for code, name in rows.fetchall()]


async def test_a_name_goes_and_the_log_stays_whole(office: Office) -> None:
    """The event says by what act; a repeated start does not bring the name back."""
    people = [Contact("school-6", "Сидорова С. С.", "s6@example.org"), Contact("uo", "Васютина Н.", "uo@example.org")]
    keep_contacts(office.connection, office.roadmap.partition("~")[0], people)
    said = await erase(office, "school-6", "--json", "--command-id", "erase-1")
    (event,) = said.document("answer")["events"]
    assert (said.code, event["type"], event["data"]) == (0, "ContactErased", {"code": "school-6", "act": ACT[1]})
    assert known(office, office.roadmap) == [("uo", "Васютина Н.")]

    keep_contacts(office.connection, office.roadmap.partition("~")[0], people)
    assert known(office, office.roadmap) == [("uo", "Васютина Н.")]
    again = await erase(office, "school-6", "--json", "--command-id", "erase-1")
    assert again.document("answer")["repeated"]

    await until(lambda: all(record.position for record in office.records()))
    assert (await office.call(audit, "verify")).code == 0
    assert (await office.call(audit, "replay")).code == 0
    history = (await office.call(audit, "history")).out
    assert "имя и адрес за кодом school-6 стёрты, основание: заявление от 01.12.2021" in history
    assert "Сидорова" not in history
    log = office.connection.execute("select string_agg(event::text, '') from vekha.event").fetchone()
    assert log is not None
    assert "Сидорова" not in log[0]
    assert "example.org" not in log[0]


async def test_only_the_controller_has_it_done(office: Office) -> None:
    """And the refusal is recorded, as each is."""
    said = await office.call(admin, "erase-contact", "uo", "--as", "school-6", *ACT, "--json")
    assert (said.code, said.document("answer")["reason"]) == (1, "not-controller")
    assert (await office.call(admin, "erase-contact", "uo", "--as", "vasyutina", "--act", " ")).code == 2


async def test_a_code_that_nothing_stands_behind_is_not_told_as_erased(office: Office) -> None:
    """A misspelt one would leave the name where it is; one of a contact that the roadmap does not name is erased."""
    roadmap, before = office.roadmap.partition("~")[0], len(office.records())
    said = await erase(office, "schol-6")
    assert said.code == 2
    assert said.line().startswith("schol-6: такого кода нет")
    assert len(office.records()) == before
    keep_contacts(office.connection, roadmap, [Contact("guest", "Гость Г. Г.", "guest@example.org")])
    assert (await erase(office, "guest")).code == 0
    assert "guest" not in dict(known(office, roadmap))


async def test_a_year_that_is_over_forgets_too(office: Office, tmp_path: Path) -> None:
    """Its workflow has ended: the same rules decide at the door."""
    file = small_roadmap(tmp_path)
    contacts = [{"code": "school-6", "name": "Сидорова С. С.", "email": "s6@example.org"}]
    (tmp_path / "contacts.yaml").write_text(yaml.safe_dump(contacts, allow_unicode=True), encoding="utf-8")
    started = await office.call(starter, "start", str(file), "--rehearsal-from", "2021-08-24", "--json")
    roadmap = started.document("start")["roadmap"]
    assert (await office.call(starter, "close", "--roadmap", roadmap)).code == 0
    assert known(office, roadmap) == [("school-6", "Сидорова С. С.")]

    said = await erase(office, "school-6", "--roadmap", roadmap, "--json")
    assert said.code == 0, said
    assert [event["type"] for event in said.document("answer")["events"]] == ["ContactErased"]
    assert known(office, roadmap) == []
    assert (await office.call(audit, "replay", "--roadmap", roadmap)).code == 0


async def test_who_changed_where_letters_go_is_told(office: Office) -> None:
    """With the code, the moment and the login of the database; the addresses themselves stay out of it."""
    base = office.roadmap.partition("~")[0]
    keep_contacts(office.connection, base, [Contact("school-9", "Иванова И.", "s9@example.org")])
    assert "заменён" not in (await office.call(audit, "silence")).out
    keep_contacts(office.connection, base, [Contact("school-9", "Иванова И.", "thief@example.org")])

    said = await office.call(audit, "silence", "--json")
    (change,) = said.document("silence")["contacts_changed"]
    login = office.connection.info.user
    assert change | {"changed_at": ""} == {
        "changed_at": "", "code": "school-9", "name_changed": False, "email_changed": True, "login": login,
    }  # fmt: skip
    told = (await office.call(audit, "silence")).out
    assert f"адрес заменён, вход в базу данных {login}." in told
    assert "thief" not in told
    none = await office.call(audit, "silence", "--json", "--to", "2021-12-31")
    assert none.document("silence")["contacts_changed"] == []
