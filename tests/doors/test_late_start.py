"""A year that begins late is started after a question; what is wrong with the contacts is told before."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path

import pytest
import yaml

from domain.codec import read_event
from domain.events import NoticeSuppressed, YearStarted
from domain.notices import BEFORE_START
from doors.cli.audit import audit
from doors.cli.starter import starter
from eventlog.read import read_roadmap
from tests.doors.calling import Said, script, until
from tests.doors.conftest import Office, small_roadmap


def facts(office: Office, roadmap: str) -> list[object]:
    """Return what has happened in a year."""
    return [read_event(record).fact for record in read_roadmap(office.connection, roadmap)]


async def test_nobody_asked_nothing_started(office: Office, tmp_path: Path) -> None:
    """Without a terminal and without --yes: one line says what to do, after it was told who would get what."""
    file = small_roadmap(tmp_path)
    people = await office.call(starter, "start", str(file))
    assert (people.code, people.out) == (2, "")
    assert "--yes" in people.err.splitlines()[-1]
    assert "МБОУ СОШ № 6" in people.err
    assert "--rehearsal-from" in people.err
    english = await office.call(starter, "start", str(file), "--lang", "en")
    assert "The year begins late" in english.err
    scripts = await office.call(starter, "start", str(file), "--json")
    assert (scripts.code, scripts.error()["code"]) == (2, "late-start")
    assert facts(office, file.stem) == []


async def test_whoever_agreed_gets_a_quiet_past(office: Office, tmp_path: Path) -> None:
    """Everything is missed, nobody gets a letter for each; the auditor finds no difference. A repeat asks nothing."""
    file = small_roadmap(tmp_path)
    said = await office.call(starter, "start", str(file), "--yes", "--json")
    assert said.code == 0, said
    assert said.document("start")["roadmap"] == file.stem
    told = int(said.err.partition("не уйдёт писем: ")[2].partition(")")[0])
    assert told > 20

    def spared() -> int:
        found = [fact for fact in facts(office, file.stem) if isinstance(fact, NoticeSuppressed)]
        return sum(fact.detail == BEFORE_START for fact in found)

    await until(lambda: spared() == told)
    kinds = Counter(type(fact).__name__ for fact in facts(office, file.stem))
    assert kinds["DeadlineMissed"] > 5
    first = facts(office, file.stem)[0]
    assert isinstance(first, YearStarted)
    assert first.quiet_past
    assert (await office.call(audit, "replay", "--roadmap", file.stem)).code == 0
    status = (await office.call(starter, "status", "--roadmap", file.stem, "--json")).document("status")
    assert sum(one["overdue"] for one in status["measures"]) == kinds["DeadlineMissed"]
    assert "просрочено: " in (await office.call(starter, "status", "--roadmap", file.stem)).out
    history = (await office.call(audit, "history", "--roadmap", file.stem)).out
    assert "не отправляется" in history
    again = await office.call(starter, "start", str(file))
    assert again.code == 0
    assert "опозданием" not in again.err


async def test_a_rehearsal_of_the_past_asks_nothing(office: Office, tmp_path: Path) -> None:
    """It writes to nobody."""
    said = await office.call(starter, "start", str(small_roadmap(tmp_path)), "--rehearsal-from", "2021-12-15")
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize(("answer", "code"), [("нет\n", 1), ("\n", 1), ("да\n", 0)])
async def test_a_person_at_a_terminal_is_asked(office: Office, tmp_path: Path, answer: str, code: int) -> None:
    """Only a yes starts the year."""
    file = small_roadmap(tmp_path)
    ours, theirs = os.openpty()
    try:
        os.write(ours, answer.encode())
        said: Said = await asyncio.to_thread(script, "starter.py", "start", str(file), stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert said.code == code, said
    assert "Начать год? [д/н]" in said.err
    assert bool(facts(office, file.stem)) == (code == 0)


async def test_a_misspelt_code_in_the_contacts_starts_nothing(office: Office, tmp_path: Path) -> None:
    """It is an error with its line for check and start; an addressee without an address is a warning."""
    file = small_roadmap(tmp_path)
    contacts = tmp_path / "contacts.yaml"
    lines = [{"code": code, "name": "Имя", "email": "a@b.example"} for code in ("uo", "imrco", "school-6")]
    contacts.write_text(yaml.safe_dump(lines, allow_unicode=True), encoding="utf-8")
    for command in (["check"], ["start", "--yes"]):
        said = await office.call(starter, command[0], str(file), *command[1:], "--json")
        assert said.code == 1
        errors = [one for one in said.document("check")["findings"] if one["severity"] == "error"]
        assert [(one["code"], one["file"], one["line"]) for one in errors] == [("unknown-contact", str(contacts), 4)]
        assert "imcro" in errors[0]["text"]
    assert facts(office, file.stem) == []
    contacts.write_text(contacts.read_text(encoding="utf-8").replace("imrco", "imcro"), encoding="utf-8")
    checked = (await office.call(starter, "check", str(file), "--json")).document("check")["findings"]
    missing = {one["where"] for one in checked if one["code"] == "no-address"}
    assert missing >= {"contact school-1", "contact school-30"}
    assert not missing & {"contact uo", "contact imcro", "contact school-6"}
    started = await office.call(starter, "start", str(file))
    assert started.code == 2
    assert "нет адреса, а письма положены: МБОУ СОШ № 1 (school-1)" in started.err


async def test_a_roadmap_without_contacts_is_told_once(office: Office, tmp_path: Path) -> None:
    """Not for each body."""
    checked = await office.call(starter, "check", str(small_roadmap(tmp_path)), "--json")
    codes = [one["code"] for one in checked.document("check")["findings"]]
    assert codes.count("no-contacts") == 1
    assert "no-address" not in codes
