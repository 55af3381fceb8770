"""Whatever is typed: one clear line, the right exit code, nothing half-done."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import pytest

from app.evidence import LIMIT
from doors.cli.admin import admin
from doors.cli.administrator import starter
from doors.cli.audit import audit
from doors.cli.report import report
from tests.doors.calling import Said
from tests.doors.conftest import EXAMPLE, Office, small_roadmap

LATIN_WORDS = re.compile(r"\b(?:the|is|not|does|must|no|such|invalid|valid|value|missing|match)\b", re.IGNORECASE)
HALF = "\udcff"  # what a byte that is no UTF-8 becomes in an argument

USAGE = [
    (admin, ["show", "9.9"], "unknown-measure", "9.9"),
    (admin, ["report", "9.9", "--as", "uo"], "unknown-measure", "9.9"),
    (admin, ["report", "", "--as", "uo"], "unknown-measure", "Есть: 1.1 ("),
    (admin, ["evidence", "9.9"], "unknown-measure", "9.9"),
    (admin, ["report", "1.1", "--as", "uo", "--checkpoint", "нет"], "unknown-checkpoint", "Есть: 1 ("),
    (admin, ["accept", "1.1", "--as", "uo", "--body", "schol-6"], "unknown-body", "school-6 (МБОУ СОШ № 6)"),
    (
        admin,
        ["reassign", "1.1", "--as", "uo", "--to", "schol-6", "--reason", "-", "--act", "-"],
        "unknown-body",
        "school-6 (МБОУ СОШ № 6)",
    ),
    (admin, ["indicator", "77", "--as", "uo", "--numerator", "1"], "unknown-indicator", "77"),
    (audit, ["history", "9.9"], "unknown-measure", "9.9"),
    (audit, ["replay", "9.9"], "unknown-measure", "9.9"),
    (audit, ["explain", "девять"], "unknown-measure", "Мероприятия девять нет"),
    (admin, ["report", "2.3", "--as", "ivanov"], "unknown-actor", "ivanov"),
    (admin, ["todo", "--as", "ivanov"], "unknown-actor", "ivanov"),
    (report, ["board", "--roadmap", "nowhere"], "unknown-roadmap", "nowhere"),
    (starter, ["close", "--roadmap", ""], "unknown-roadmap", "Есть"),
    (starter, ["start", str(EXAMPLE), "--rehearsal-from", "2031-08-24"], "bad-day", "31.08.2022"),
    (starter, ["start", str(EXAMPLE), "--rehearsal-from", "2021-08-23"], "bad-day", "24.08.2021"),
    (admin, ["report", "2.3", "--as", "uo", "--occurred-on", "32.09.2021"], "usage", "occurred"),
    (admin, ["extend", "2.3", "--as", "uo", "--until", "2021-02-30", "--reason", "-", "--act", "-"], "usage", "until"),
    (admin, ["indicator", "2", "--as", "uo", "--numerator", "два"], "bad-number", "numerator"),
    (
        admin,
        ["indicator", "4", "--as", "school-1", "--numerator", "35,5", "--denominator", "41"],
        "not-whole",
        "--numerator 35.5",
    ),
    (admin, ["indicator", "2", "--as", "uo", "--numerator", "nan"], "bad-number", "numerator"),
    (admin, ["indicator", "2", "--as", "uo", "--numerator", "1e99"], "bad-number", "numerator"),
    (admin, ["indicator", "2", "--as", "uo", "--numerator", "1", "--denominator", "0.0000001"], "bad-number", ""),
    (admin, ["schedule", "3.6", "--as", "uo", "--act", "-", "--point", "1:2021-09-01"], "bad-point", "1:2021-09-01"),
    (
        admin,
        ["schedule", "3.6", "--as", "uo", "--act", "-", "--point", "1:x:2021-09-01"],
        "bad-point",
        "как 30.09.2021",
    ),
    (
        admin,
        ["schedule", "3.6", "--as", "uo", "--act", "-", "--point", f"1:2021-09-01:2021-09-02:{HALF}"],
        "bad-text",
        "point",
    ),
    (admin, ["report", "2.3", "--as", "uo", "--wait", "nan"], "usage", "wait"),
    (admin, ["report", "2.3", "--as", "uo", "--wait", "-1"], "usage", "wait"),
    (admin, ["report", "2.3", "--as", "uo", "--wait", "скоро"], "usage", "wait"),
    (admin, ["report", "2.3", "--as", "uo", "--note", "ы" * 20_001], "bad-text", "note"),
    (admin, ["report", "2.3", "--as", "uo", "--note", "ы" * 1_000_000], "bad-text", "note"),
    (admin, ["report", "2.3", "--as", "uo", "--note", "а\0б"], "bad-text", "note"),
    (admin, ["report", "2.3", "--as", "uo", "--note", HALF], "bad-text", "note"),
    (admin, ["report", "2.3", "--as", "uo", "--checkpoint", HALF], "bad-text", "checkpoint"),
    (admin, ["report", "2.3", "--as", "uo", "--command-id", HALF], "bad-text", "command-id"),
    (admin, ["report", "2.3", "--as", "uo", "--command-id", ""], "bad-text", "command-id"),
    (admin, ["report", "2.3", "--as", "uo", "--command-id", "x" * 201], "bad-text", "command-id"),
    (admin, ["report", HALF, "--as", "uo"], "bad-text", "МЕРОПРИЯТИЕ"),
    (admin, ["report", "2.3\0", "--as", "uo"], "bad-text", "МЕРОПРИЯТИЕ"),
    (admin, ["show", HALF], "unknown-measure", "U+DCFF"),
    (admin, ["report", "2.3", "--as", HALF], "unknown-actor", "U+DCFF"),
    (admin, ["show", "2.3", "--roadmap", HALF], "unknown-roadmap", "U+DCFF"),
    (admin, ["show", "2.3", "--roadmap", "a\0"], "unknown-roadmap", "U+0000"),
    (admin, ["report", "2.3", "--as", "uo", "--file", HALF], "bad-file", "U+DCFF"),
    (admin, ["report", "2.3"], "usage", "--as"),
    (admin, ["report", "--as", "uo"], "usage", "МЕРОПРИЯТИЕ"),
    (admin, ["report", "2.3", "2.4", "--as", "uo"], "usage", "2.4"),
    (admin, ["report", "2.3", "--as"], "usage", "--as"),
    (admin, ["report", "2.3", "--as", "uo", "--nope"], "usage", "--nope"),
    (admin, ["return", "2.3", "--as", "uo"], "usage", "--reason"),
    (admin, ["raport", "2.3"], "usage", "raport"),
    (admin, [], "usage", "--help"),
    (report, ["board", "--format", "pdf"], "usage", "--format"),
    (report, ["board", "--format", "xlsx"], "needs-out", "--out"),
    (report, ["board", "--as-of", "вчера"], "usage", "--as-of"),
    (report, ["board", "--out", "/proc/nowhere/board.txt"], "cannot-write", "/proc/nowhere/board.txt"),
    (report, ["board", "--out", "/"], "usage", "--out"),
    (report, ["board", "--out", ""], "unknown-form", ".xlsx"),
    (report, ["board", "--out", "board"], "unknown-form", "board"),
    (report, ["board", "--out", "board.pdf"], "unknown-form", "board.pdf"),
    (report, ["board", "--out", "board.pdf", "--format", "csv"], "unknown-form", "board.pdf"),
    (report, ["board", "--out", "board.xlsx", "--format", "csv"], "two-forms", "--format csv, файл — xlsx"),
    (report, ["board", "--as-of", "24.09.2021"], "not-come", "24.09.2021"),
    (report, ["discipline", "--as-of", "2021-09-24"], "not-come", "24.09.2021"),
    (report, ["discipline", "--body", "school-99"], "unknown-body", "school-99"),
    (report, ["indicators", "--as-of", "2022-09-24"], "not-come", "24.09.2022"),
    (report, ["overdue", "--as-of", "9999-12-31"], "not-come", "31.12.9999"),
    (audit, ["state", "--as-of", "24.09.2021"], "not-come", "24.09.2021"),
    (audit, ["state", "--as-of", "2021-09-24T09:00:00+03:00"], "not-come", "24.09.2021 09:00"),
    (audit, ["state", "--known-at", "24.09.2021"], "not-come", "--known-at"),
    (starter, ["import", "nowhere.docx", "--out", "draft.xlsx"], "wrong-suffix", "draft.xlsx"),
    (starter, ["plan", str(EXAMPLE), "--xlsx", "plan.pdf"], "wrong-suffix", "plan.pdf"),
    (report, ["board", "--lang", "de"], "usage", "--lang"),
]


def refused_in_one_line(said: Said, code: int, fragment: str) -> None:
    """Hold an answer to people against what a failure may look like."""
    assert said.code == code, said
    line = said.line()
    assert fragment in line
    assert re.search("[а-яё]", line)
    assert not LATIN_WORDS.search(line), line
    assert "Traceback" not in line


@pytest.mark.parametrize(
    ("group", "arguments", "code", "fragment"),
    USAGE,
    ids=[
        " ".join([group.name or "", *arguments])[:60].encode("ascii", "replace").decode()
        for group, arguments, *_ in USAGE
    ],
)
async def test_a_wrong_call_is_told_and_does_nothing(
    office: Office, group: click.Group, arguments: list[str], code: str, fragment: str
) -> None:
    """For people a line in Russian, for scripts one document; the log and the evidence stay as they were."""
    before = (len(office.records()), office.evidence())
    refused_in_one_line(await office.call(group, *arguments), 2, fragment)
    scripts = await office.call(group, *arguments[:1], "--json", *arguments[1:])
    assert (scripts.code, scripts.err) == (2, "")
    assert scripts.error()["code"] == code
    assert (len(office.records()), office.evidence()) == before


@pytest.mark.parametrize("day", ["01.09.21", "1 сентября 2021", "31.02.2021", "2021-02-30"])
async def test_a_date_that_cannot_be_read_is_asked_for_as_people_write_it(office: Office, day: str) -> None:
    """In both forms that it may have, never by the letters that a program has for year, month and day."""
    asked = ("report", "2.3", "--as", "uo", "--occurred-on", day)
    russian, english = await office.call(admin, *asked), await office.call(admin, *asked, "--lang", "en")
    assert russian.line().startswith("--occurred-on: нужна существующая дата, ДД.ММ.ГГГГ или ГГГГ-ММ-ДД, например ")
    assert english.line().startswith("--occurred-on: a date that exists is wanted, as YYYY-MM-DD or DD.MM.YYYY, for ")


@pytest.mark.parametrize("command", ["board", "discipline", "indicators", "overdue"])
async def test_a_report_of_a_far_day_is_a_report(office: Office, command: str) -> None:
    """Before everything there is nothing."""
    said = await office.call(report, command, "--as-of", "0001-01-01", "--json")
    assert (said.code, said.err) == (0, "")
    assert said.document(command)["as_of"] == "0001-01-01"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["accept", "2.3", "--as", "vasyutina", "--body", "school-6"], "unknown-assignment"),
        (["report", "2.3", "--as", "uo", "--occurred-on", "2031-01-01"], "in-the-future"),
        (["report", "2.3", "--as", "uo", "--occurred-on", "0001-01-01"], "before-order"),
        (["report", "2.3", "--as", "school-1"], "not-responsible"),
        (["refuse-extension", "2.3", "--as", "vasyutina", "--reason", "рано"], "not-asked"),
    ],
)
async def test_a_command_that_the_rules_forbid_is_refused_and_recorded(
    office: Office, arguments: list[str], reason: str
) -> None:
    """The refusal is the answer: exit code 1, one line for people, and one event in the log."""
    scripts = await office.call(admin, *arguments, "--json")
    answer = scripts.document("answer")
    assert (scripts.code, answer["outcome"], answer["reason"]) == (1, "refused", reason)
    assert [event["type"] for event in answer["events"]] == ["CommandRefused"]
    people = await office.call(admin, *arguments)
    assert (people.code, people.err) == (1, "")
    assert people.out.startswith("Отказано: ")
    assert len(people.out.splitlines()) == 1


async def test_a_completed_measure_takes_no_more_reports(office: Office) -> None:
    """It says so, and the refusal is in the log."""
    assert (await office.call(admin, "withdraw", "1.1", "--as", "vasyutina", "--reason", "-", "--act", "-")).code == 0
    said = await office.call(admin, "report", "1.1", "--as", "imcro", "--json")
    answer = said.document("answer")
    assert (said.code, answer["outcome"]) == (1, "refused")
    people = await office.call(admin, "report", "1.1", "--as", "imcro")
    assert people.out.startswith("Отказано: ")


async def test_an_id_used_for_other_content_is_refused_in_the_same_measure_and_in_another(office: Office) -> None:
    """Whoever repeats an id has to repeat all of it."""
    first = await office.call(admin, "progress", "2.3", "--as", "uo", "--command-id", "same-id", "--json")
    assert first.code == 0
    other_note = await office.call(
        admin, "progress", "2.3", "--as", "uo", "--command-id", "same-id", "--note", "другое", "--json"
    )
    assert other_note.code == 1
    assert other_note.document("answer")["reason"] == "id-reused"
    before = len(office.records())
    other_measure = await office.call(admin, "progress", "1.4", "--as", "uo", "--command-id", "same-id", "--json")
    assert other_measure.code == 1
    assert other_measure.document("answer")["reason"] == "id-reused"
    assert len(office.records()) == before


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Give a file that is good evidence."""
    file = tmp_path / "хорошая.txt"
    file.write_text(f"сделано в {tmp_path}")
    return file


def _missing(file: Path) -> None:
    file.with_name("другое").touch()


def _huge(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.truncate(2 << 30)


def _just_too_large(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.truncate(LIMIT + 1)


def _dangling(file: Path) -> None:
    file.symlink_to(file.with_name("нет"))


def _loop(file: Path) -> None:
    file.symlink_to(file)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_missing, "не читается"),
        (Path.mkdir, "не обычный файл"),
        (os.mkfifo, "не обычный файл"),
        (Path.touch, "пустой"),
        (_huge, "больше 100 МБ"),
        (_just_too_large, "больше 100 МБ"),
        (_dangling, "не читается"),
        (_loop, "не читается"),
    ],
)
async def test_of_a_good_file_and_a_bad_one_neither_is_kept_nor_anything_sent(
    office: Office, tmp_path: Path, good: Path, make: object, words: str
) -> None:
    """The line names the file; the log and the evidence stay as they were."""
    bad = tmp_path / "плохая.pdf"
    assert callable(make)
    make(bad)
    before = (len(office.records()), office.evidence())
    arguments = ["progress", "2.3", "--as", "uo", "--file", str(good), "--file", str(bad)]
    refused_in_one_line(await office.call(admin, *arguments), 2, f"{bad}: ")
    scripts = await office.call(admin, *arguments, "--json")
    error = scripts.error()
    assert (scripts.code, scripts.err, error["code"], error["file"]) == (2, "", "bad-file", str(bad))
    assert words in error["text"]
    assert (len(office.records()), office.evidence()) == before


async def test_of_a_table_with_one_bad_file_nothing_is_kept_or_sent(office: Office, tmp_path: Path, good: Path) -> None:
    """Its rows are one order: a file of the last row keeps the first from being sent."""
    table = tmp_path / "отчёты.csv"
    (tmp_path / "пустая.pdf").touch()
    table.write_text(
        f"do,as,measure,files\nprogress,uo,2.3,{good.name}\nprogress,uo,2.3,пустая.pdf\n", encoding="utf-8"
    )
    before = (len(office.records()), office.evidence())
    refused_in_one_line(await office.call(admin, "batch", str(table)), 2, "пустая.pdf")
    assert (len(office.records()), office.evidence()) == before


async def test_a_storage_that_cannot_be_written_is_told(
    office: Office, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Evidence that is not kept is not sent."""
    (tmp_path / "storage").touch()
    monkeypatch.setenv("VEKHA_EVIDENCE_DIR", str(tmp_path / "storage"))
    before = len(office.records())
    said = await office.call(admin, "progress", "2.3", "--as", "uo", "--file", str(good))
    refused_in_one_line(said, 2, str(good))
    assert len(office.records()) == before


async def test_with_several_years_open_one_has_to_be_named_and_a_closed_one_takes_nothing(
    office: Office, good: Path, tmp_path: Path
) -> None:
    """Their list is in the line; what a closed year answered before, it answers again."""
    file = str(small_roadmap(tmp_path))
    started = await office.call(starter, "start", file, "--rehearsal-from", "2021-08-24", "--json")
    other = started.document("start")["roadmap"]
    several = await office.call(report, "board")
    refused_in_one_line(several, 2, f"{office.roadmap}, {other}")
    send = ["progress", "2.3", "--as", "uo", "--roadmap", other, "--command-id", "before-the-close"]
    assert (await office.call(admin, *send)).code == 0
    assert (await office.call(starter, "close", "--roadmap", other)).code == 0
    evidence = office.evidence()
    late = ["progress", "2.3", "--as", "uo", "--roadmap", other]
    refused_in_one_line(await office.call(admin, *late, "--file", str(good)), 1, other)
    scripts = await office.call(admin, *late, "--json")
    assert (scripts.code, scripts.err, scripts.error()["code"]) == (1, "", "closed")
    assert office.evidence() == evidence
    again = await office.call(admin, *send, "--json")
    assert again.code == 0
    assert again.document("answer")["repeated"] is True
    assert (await office.call(starter, "start", file, "--yes")).code == 0
    assert (await office.call(starter, "close", "--roadmap", Path(file).stem, "--yes")).code == 0
    refused_in_one_line(await office.call(starter, "start", file), 1, Path(file).stem)


@pytest.mark.parametrize("command", ["check", "plan", "rehearse", "start"])
@pytest.mark.parametrize("content", [None, b"", "\u0438\u043c\u044f: [".encode(), "имя: да".encode("cp1251"), b"\0"])
async def test_a_definition_that_cannot_be_read_is_told_with_its_place(
    office: Office, tmp_path: Path, command: str, content: bytes | None
) -> None:
    """Missing, empty, broken, in another encoding, no text at all: exit code 2, and the file is named."""
    file = tmp_path / "roadmap.yaml"
    if content is not None:
        file.write_bytes(content)
    before = len(office.records())
    said = await office.call(starter, command, str(file))
    assert (said.code, said.out) == (2, "")
    assert all(line.startswith(f"{file}:") and re.search("[а-яё]", line) for line in said.err.splitlines())
    scripts = await office.call(starter, command, str(file), "--json")
    assert (scripts.code, scripts.err) == (2, "")
    assert scripts.document("check")["findings"]
    assert len(office.records()) == before


@pytest.mark.parametrize("name", ["folder", "x" * 300, HALF])
async def test_a_definition_that_is_no_file_is_told(office: Office, tmp_path: Path, name: str) -> None:
    """A folder, a name that no file can have, a name that is no text."""
    file = tmp_path / name
    if name == "folder":
        file.mkdir()
    said = await office.call(starter, "check", str(file))
    assert said.code == 2
    assert said.line().startswith(f"{tmp_path}/")
    assert "файл не открывается" in said.line()
    scripts = await office.call(starter, "check", str(file), "--json")
    assert (scripts.code, scripts.err) == (2, "")


@pytest.mark.parametrize("command", ["check", "plan", "rehearse", "start"])
async def test_all_errors_of_a_definition_are_told_at_once(office: Office, tmp_path: Path, command: str) -> None:
    """Exit code 1, each with file, line and column, in Russian; nothing is started."""
    file = small_roadmap(tmp_path)
    text = file.read_text(encoding="utf-8")
    assert "due: 2021-09-30" in text
    text = text.replace("due: 2021-09-30", "due: 2021-01-30").replace("number: '2.3'", "number: '1.1'")
    file.write_text(text.replace("- imcro\n", "- imrco\n", 1), encoding="utf-8")
    before = len(office.records())
    said = await office.call(starter, command, str(file))
    assert said.code == 1
    lines = (said.out + said.err).splitlines()
    errors = [line for line in lines if re.match(rf"{re.escape(str(file))}:\d+:\d+: ", line)]
    for words in ("неизвестная организация «imrco»", "номер 1.1 стоит дважды", "раньше начала"):
        assert any(words in line for line in errors), words
    scripts = await office.call(starter, command, str(file), "--json")
    assert (scripts.code, scripts.err) == (1, "")
    found = [item for item in scripts.document("check")["findings"] if item["severity"] == "error"]
    assert {item["code"] for item in found} >= {"unknown-body", "duplicate-number", "due-before-start"}
    assert all(item["file"] == str(file) and item["line"] and item["column"] for item in found)
    assert len(office.records()) == before


async def test_contacts_that_cannot_be_read_start_nothing(office: Office, tmp_path: Path) -> None:
    """The file beside the roadmap is looked at first."""
    file = small_roadmap(tmp_path)
    contacts = tmp_path / "contacts.yaml"
    contacts.write_text("- {code: uo, name: Управление, email: нет}\n", encoding="utf-8")
    said = await office.call(starter, "start", str(file))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"{contacts}:1:")
    assert office.connection.execute(
        "select count(*) from vekha.event where roadmap = %s", (file.stem,)
    ).fetchone() == (0,)
