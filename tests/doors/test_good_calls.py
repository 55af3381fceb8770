"""Every command of the doors in its good case: what people read, what scripts get, and the exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import uuid4

import click
import pytest

from doors.cli.admin import admin
from doors.cli.administrator import starter
from doors.cli.audit import audit
from doors.cli.report import report
from projections.projector import position_of_all
from tests.doors.calling import until
from tests.doors.conftest import EXAMPLE, Office, small_roadmap

# Each command once, in an order that a life may have; {} is the evidence file.
LIFE = [
    ("report 1.1 --as imcro --note готово --file {}", ["ExecutionReported"]),
    ("return 1.1 --as vasyutina --reason мало", ["ReturnedForRework"]),
    ("request-extension 1.1 --as imcro --until 2021-10-15 --reason карантин", ["ExtensionRequested"]),
    ("refuse-extension 1.1 --as vasyutina --reason рано", ["ExtensionRefused"]),
    ("extend 1.1 --as vasyutina --until 2021-10-15 --reason карантин --act приказ", ["DeadlineExtended"]),
    ("progress 2.3 --as uo --note идёт --occurred-on 2021-08-24", ["ProgressReported"]),
    ("withdraw 1.3 --as vasyutina --body school-1 --reason слияние --act приказ", ["AssignmentWithdrawn"]),
    ("reassign 1.3 --as vasyutina --body school-6 --to imcro --reason ремонт --act приказ", ["AssignmentReassigned"]),
    ("schedule 3.6 --as vasyutina --point 1:2021-09-01:2021-12-01:Справка --act график", ["ScheduleSet"]),
    ("indicator 2 --as school-1 --numerator 1 --denominator 4", ["IndicatorMeasured"]),
    ("report 1.1 --as imcro", ["ExecutionReported"]),
    ("accept 1.1 --as vasyutina", ["ExecutionAccepted", "MeasureCompleted"]),
    ("report 2.3 --as uo --early", ["ExecutionReported"]),
    ("return 2.3 --as vasyutina --reason рано", ["ReturnedForRework"]),
]


async def test_every_command_is_recorded_and_told(office: Office, tmp_path: Path) -> None:
    """The answer comes when the event is committed; the same again with its id is a repeat, told in words."""
    file = tmp_path / "справка.txt"
    file.write_text("сделано")
    for line, types in LIFE:
        id_ = uuid4().hex
        arguments = [str(file) if word == "{}" else word for word in line.split()]
        said = await office.call(admin, *arguments, "--command-id", id_, "--json")
        answer = said.document("answer")
        assert (said.code, answer["outcome"], answer["repeated"]) == (0, "recorded", False), line
        assert [event["type"] for event in answer["events"]][: len(types)] == types
        again = await office.call(admin, *arguments, "--command-id", id_)
        assert (again.code, again.err) == (0, "")
        assert again.out.startswith("Эта команда уже выполнена раньше")


async def test_a_note_of_blanks_is_no_note(office: Office) -> None:
    """It is recorded as none, and nothing is said of it."""
    said = await office.call(admin, "progress", "2.3", "--as", "uo", "--note", " \t ", "--json")
    (event,) = said.document("answer")["events"]
    assert event["data"]["note"] == ""


@pytest.mark.parametrize(
    ("group", "line", "schema", "words"),
    [
        (admin, "todo --as vasyutina", "todo", None),
        (admin, "show 1.1", "show", "1.1"),
        (audit, "history", "history", "год начат"),
        (audit, "history 1.1 --from 2021-08-24 --to 2021-08-24", "history", "1.1"),
        (audit, "replay", "replay", "расхождений: 0"),
        (audit, "replay 1.1 --to 2021-08-24", "replay", "расхождений: 0"),
        (audit, "rebuild", "rebuild", "совпадает"),
        (audit, "reconcile", "reconcile", "расхождений: 0"),
        (audit, "evidence", "evidence", "расхождений: 0"),
        (audit, "silence", "silence", "пропало: 0"),
        (audit, "silence --from 2021-08-24 --to 2021-08-24", "silence", "пропало: 0"),
        (report, "board", "board", "1.1"),
        (report, "board --as-of 2021-08-24", "board", "1.1"),
        (report, "discipline", "discipline", None),
        (report, "indicators", "indicators", "Целевые показатели"),
        (report, "overdue", "overdue", "Просрочено поручений: 0"),
        (report, "overdue --by section --as-of 24.08.2021", "overdue", "Что просрочено"),
        (report, "discipline --body school-1", "discipline", "МБОУ СОШ № 1"),
        (audit, "explain 1.1", "explain", "Почему"),
        (starter, "status", "status", "1.1"),
    ],
)
async def test_a_question_is_answered_to_people_and_scripts(
    office: Office, group: click.Group, line: str, schema: str, words: str | None
) -> None:
    """Text in Russian, text in English, one document; options stand before or after."""
    command, *rest = line.split()
    russian = await office.call(group, command, "--roadmap", office.roadmap, *rest) if command != "rebuild" else None
    english = await office.call(group, *line.split(), "--lang", "en")
    scripts = await office.call(group, command, "--json", *rest)
    assert [said.code for said in (russian, english, scripts) if said] == [0] * (3 if russian else 2)
    assert all(said.err == "" for said in (russian, english, scripts) if said)
    scripts.document(schema)
    if russian and words:
        assert words in russian.out
    assert english.out
    assert not russian or english.out != russian.out


async def test_a_rebuild_shows_what_differs_until_it_is_swapped(office: Office) -> None:
    """Somebody changed a row, removed one and made one up: each is shown with what the log gives; 1 until it is mended."""
    measure = f"{office.roadmap}/m/1.4"
    counted = office.connection.execute("select count(*) from vekha.event").fetchall()[0][0]
    await until(lambda: position_of_all(office.connection) >= counted)
    query = "select assignment from vekha_live.board where stream = %s order by assignment limit 2"
    first, second = (row[0] for row in office.connection.execute(query, (measure,)))
    for statement, *values in (
        ("update vekha_live.board set stage = 'reported', missed = true where assignment = %s", first),
        ("delete from vekha_live.board where assignment = %s", second),
        (
            "update vekha_live.indicators set body = 'nobody', numerator = 7.50 where indicator = '1' and body = %s",
            "school-1",
        ),
    ):
        assert office.connection.execute(statement, values).rowcount == 1, statement

    russian = await office.call(audit, "rebuild")
    assert (russian.code, russian.err) == (1, "")
    head, changed, missing, indicators, surplus, lost = russian.out.splitlines()
    assert (head, indicators) == ("board: ОТЛИЧАЕТСЯ, строк: 2", "indicators: ОТЛИЧАЕТСЯ, строк: 2")
    assert changed == (
        f"board: {measure}: {first}: stage было reported, по журналу planned; missed было true, по журналу false"
    )
    assert missing.startswith(f"board: {measure}: {second}: строки не было, по журналу: ")
    assert ", stage planned, " in missing
    assert surplus.startswith(f"indicators: {office.roadmap}/year: 1/nobody: лишняя строка, по журналу её нет: ")
    assert surplus.endswith(", numerator 7.50")
    assert ": 1/school-1: строки не было, по журналу: " in lost
    scripts = await office.call(audit, "rebuild", "--json")
    board, _ = scripts.document("rebuild")["projections"]
    assert (board["comparable"], board["differing"]) == (True, 2)
    assert [(row["key"], row["kind"]) for row in board["shown"]] == [([first], "changed"), ([second], "missing")]
    assert board["shown"][0]["cells"][0] == {"column": "stage", "live": "reported", "rebuilt": "planned"}

    swapped = await office.call(audit, "rebuild", "--swap", "--lang", "en")
    assert swapped.code == 0
    assert swapped.out.startswith("board: differed, replaced, rows: 2\n")
    assert "stage was reported, by the log planned" in swapped.out
    again = await office.call(audit, "rebuild")
    assert again.code == 0
    assert re.fullmatch(r"board: совпадает, учтено записей: (\d+) из \1\nindicators: совпадает, .+\n", again.out)


BEGINNINGS = {
    "board.csv": b"\xef\xbb\xbf",
    "board.html": b"<!doctype html>",
    "board.HTM": b"<!doctype html>",
    "board.json": b"{",
    "board.txt": "Ход исполнения".encode(),
    "доска.xlsx": b"PK",
}


@pytest.mark.parametrize("name", BEGINNINGS)
async def test_the_name_of_a_file_decides_what_it_becomes(office: Office, tmp_path: Path, name: str) -> None:
    """`--out board.xlsx` is a workbook; whoever asked is told where it is."""
    out = tmp_path / name
    said = await office.call(report, "board", "--out", str(out))
    assert (said.code, said.out) == (0, "")
    assert str(out) in said.err
    assert out.read_bytes().startswith(BEGINNINGS[name])


@pytest.mark.parametrize("form", ["csv", "html", "json", "text", "xlsx"])
async def test_a_file_without_an_ending_becomes_what_is_asked_for(office: Office, tmp_path: Path, form: str) -> None:
    """Its name contradicts nothing."""
    out = tmp_path / "board"
    said = await office.call(report, "board", "--format", form, "--out", str(out))
    assert (said.code, said.out) == (0, "")
    assert out.stat().st_size > 0


async def test_dates_are_written_as_people_write_them(office: Office) -> None:
    """By who sends, who looks back and who asks: 24.08.2021 is 2021-08-24."""
    sent = await office.call(admin, "progress", "2.3", "--as", "uo", "--occurred-on", "24.08.2021", "--json")
    assert sent.document("answer")["events"][0]["occurred_on"] == "2021-08-24"
    both = [
        (await office.call(report, "board", "--as-of", day, "--json")).document("board")
        for day in ("24.08.2021", "2021-08-24")
    ]
    assert both[0] == both[1]
    assert both[0]["as_of"] == "2021-08-24"
    point = "весна:01.03.2022:29.04.2022:весенняя сессия"
    refused = await office.call(
        admin, "schedule", "1.4", "--as", "vasyutina", "--act", "график", "--point", point, "--json"
    )
    assert refused.document("answer")["reason"] == "already-dated"  # read, sent and answered


async def test_a_file_is_checked_planned_and_rehearsed_without_any_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office: Office
) -> None:
    """Nobody has to be there for that."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    file = str(small_roadmap(tmp_path))
    for command in ("check", "plan", "rehearse"):
        text = await office.call(starter, command, file)
        assert (text.code, text.err) == (0, "")
        assert len(text.out.splitlines()) > 3
        scripts = await office.call(starter, command, file, "--json")
        assert scripts.code == 0
        scripts.document(command)
    whole = await office.call(
        starter, "rehearse", str(EXAMPLE), "--json", "--scenario", str(EXAMPLE.with_name("scenario.yaml"))
    )
    assert whole.code == 0
    assert {row["stage"] for row in json.loads(whole.out)["rows"]} >= {"accepted", "open"}


async def test_a_second_year_is_started_seen_and_closed(office: Office, tmp_path: Path) -> None:
    """A repeated start says what runs already; a closed year is named to be seen."""
    file = str(small_roadmap(tmp_path))
    started = await office.call(starter, "start", file, "--rehearsal-from", "2021-08-24")
    assert started.code == 0
    roadmap = started.out.split()[1]
    assert started.out == f"Год {roadmap} идёт: начато мероприятий 5, уже шло 0.\n"
    closed = await office.call(starter, "close", "--roadmap", roadmap, "--json")
    assert closed.code == 0
    left = [assignment.partition("/")[0] for assignment in closed.document("close")["left_open"]]
    assert len(left) > 5
    assert left == sorted(left)  # as in the roadmap, whichever measure ended first
    again = await office.call(starter, "close", "--roadmap", roadmap)
    assert again.code == 0
    status = await office.call(starter, "status", "--roadmap", roadmap, "--json")
    assert status.document("status")["state"] == "closed"


async def test_numbers_and_codes_are_understood_as_people_write_them(office: Office) -> None:
    """By every door that takes one; the log has them as the roadmap writes them."""
    for group, line in (
        (admin, "show 1,1"),
        (admin, "evidence 2,3."),
        (admin, "todo --as School-6"),
        (audit, "history 1.1. --body SCHOOL-6 --actor Uo"),
        (audit, "replay 1,1"),
    ):
        said = await office.call(group, *line.split())
        assert (said.code, said.err) == (0, ""), line
    said = await office.call(admin, "progress", "2,3", "--as", "UO", "--body", "Uo", "--note", "идёт", "--json")
    (event,) = said.document("answer")["events"]
    assert (event["actor"], event["stream"]) == ("uo", f"{office.roadmap}/m/2.3")
    assert event["data"]["assignment"].endswith("/uo")
    near = await office.call(admin, "show", "1.11")
    assert "Похожие: 1.1 (" in near.line()


async def test_a_table_as_an_office_makes_it_is_carried_out(office: Office, tmp_path: Path) -> None:
    """Excel's CSV with a title, Russian names and a line break; what is wrong in it is told with its line, and nothing sent."""
    table = tmp_path / "отчёты.csv"
    text = 'Отчёты за сентябрь;;;\r\nКто;Что сделать;№;Пояснение\r\nUO;сообщить;2,3;"10\r\n20"\r\n'
    table.write_bytes(text.encode("cp1251"))
    said = await office.call(admin, "batch", str(table), "--json")
    assert said.code == 0, said
    (answer,) = json.loads(said.out)["answers"]
    assert [event["data"]["note"] for event in answer["events"]] == ["10\n20"]
    before = len(office.records())
    table.write_bytes((text + "schol-6;сообщить;2.3;\r\n").encode("cp1251"))
    wrong = await office.call(admin, "batch", str(table))
    assert (wrong.code, len(office.records())) == (2, before)
    assert wrong.line().startswith(
        f"{table}:4:1: строка 4, столбец A «Кто»: «schol-6» нет в дорожной карте. Похожие: school-6 ("
    )
