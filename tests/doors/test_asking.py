"""What cannot be taken back is done after a question: the close of a year, and the start of one that is past."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import yaml

from doors.cli.starter import starter
from eventlog.read import read_roadmap
from tests.doors.calling import Said, script
from tests.doors.conftest import Office, small_roadmap


def types(office: Office, roadmap: str) -> set[str]:
    """Return the types of a year's events."""
    return {record.type for record in read_roadmap(office.connection, roadmap)}


async def at_a_terminal(answer: str, *arguments: str) -> Said:
    """Call the administrator's door at a terminal where somebody answers."""
    ours, theirs = os.openpty()
    try:
        os.write(ours, answer.encode())
        return await asyncio.to_thread(script, "starter.py", *arguments, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


async def test_a_real_year_is_closed_after_a_question_only(office: Office, tmp_path: Path) -> None:
    """Without a terminal --yes is needed; at one only a yes closes it. What was left open is told by names."""
    file = small_roadmap(tmp_path)
    year = file.stem
    assert (await office.call(starter, "start", str(file), "--yes")).code == 0
    close = ("close", "--roadmap", year)

    unasked = await office.call(starter, *close)
    assert (unasked.code, unasked.out) == (2, "")
    assert unasked.err.splitlines()[-1].startswith("Год не закрыт. Подтвердить некому")
    assert "--yes" in unasked.err
    assert "не снято с контроля поручений" in unasked.err
    scripts = await office.call(starter, *close, "--json")
    assert (scripts.code, scripts.error()["code"]) == (2, "close-unasked")
    english = await office.call(starter, *close, "--lang", "en")
    assert "The year was not closed. Nobody is there to agree" in english.err

    refused = await at_a_terminal("нет\n", *close)
    assert (refused.code, "Закрыть год? [д/н]" in refused.err) == (1, True)
    assert "YearClosed" not in types(office, year)

    closed = await office.call(starter, *close, "--yes")
    assert (closed.code, closed.err) == (0, "") or "Закрыть год?" not in closed.err
    lines = closed.out.splitlines()
    assert lines[0] == f"Год {year} закрыт."
    assert "    контрольная точка 1 «до 15.09»: МБОУ СОШ № 1; МБОУ СОШ № 6; МБОУ СОШ № 30" in lines
    assert any(line.startswith("3.6. ") for line in lines)
    assert "    без срока: МБУ ДО «ИМЦРО»" in lines or any(line.startswith("    без срока: ") for line in lines)
    assert "school-6" not in closed.out
    again = await office.call(starter, *close)
    assert (again.code, again.err) == (0, "")
    when, left = again.out.splitlines()
    assert re.fullmatch(rf"Год {year} уже закрыт: \d\d\.\d\d\.\d{{4}} \d\d:\d\d\. Сейчас ничего не изменилось\.", when)
    assert left.startswith("Не исполнено поручений: ")
    assert left.endswith(f"Подробно — report.py board --roadmap {year}.")
    english = await office.call(starter, *close, "--lang", "en")
    assert "is closed already" in english.out
    assert len(english.out.splitlines()) == 2


async def test_a_rehearsal_is_closed_without_a_question(office: Office, tmp_path: Path) -> None:
    """Nothing real ends with it."""
    started = await office.call(
        starter, "start", str(small_roadmap(tmp_path)), "--rehearsal-from", "2021-08-24", "--json"
    )
    roadmap = started.document("start")["roadmap"]
    closed = await office.call(starter, "close", "--roadmap", roadmap)
    assert (closed.code, closed.err) == (0, "")


async def test_a_year_that_is_over_is_started_after_a_question(office: Office, tmp_path: Path) -> None:
    """Also where no date of it has passed: it has none."""
    file = small_roadmap(tmp_path)
    definition = yaml.safe_load(file.read_text(encoding="utf-8"))
    definition["measures"] = [one for one in definition["measures"] if not one["checkpoints"]]
    assert definition["measures"]
    file.write_text(yaml.safe_dump(definition, allow_unicode=True, sort_keys=False), encoding="utf-8")
    said = await office.call(starter, "start", str(file))
    assert (said.code, said.out) == (2, "")
    assert "Это прошедший год: его период кончился 31.08.2022." in said.err
    assert "--rehearsal-from" in said.err
    assert said.err.splitlines()[-1].startswith("Год не начат. Подтвердить некому")
    assert types(office, file.stem) == set()
