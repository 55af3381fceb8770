"""The doors that read: an order, a deadline; broken documents through the whole door."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from doors.cli.output import Exit
from doors.cli.reading import UNSAID
from doors.cli.starter import starter
from tests.doors.calling import Said
from tests.doors.calling import call as said
from tests.views.test_schemas import check

ROOT = Path(__file__).parents[2]
ORDER = ROOT / "examples" / "pyatigorsk-2021-22" / "order.md"
BAD = ROOT / "tests" / "orders" / "corpus" / "badinput"
YAML = ROOT / "tests" / "orders" / "badinput"
QUOTED = re.compile("“[^”]*”|: “[^”]*$|(?:→|measure|column|not recognised) .*")
PLANS = sorted((ROOT / "tests" / "orders" / "corpus" / "plans").glob("doc*.*"))
SOUND = """МБОУ СОШ № 3

ПРИКАЗ

от 10.01.2023 № 5

О работе в 2023 году

приказываю:

1. Утвердить план на 2023 год.
2. Контроль оставляю за собой.

Директор С.С. Сидорова

| № | Мероприятие | Срок | Ответственный | Результат |
|---|---|---|---|---|
| 1 | Смотр | до 1 марта | Завуч | Справка |
"""
YEAR = ["--from", "2021-09-01", "--to", "2022-08-31", "--signed", "2021-08-24"]


def call(*arguments: str) -> Result:
    """Go through the door in this process."""
    return CliRunner().invoke(starter, list(arguments), standalone_mode=False)


def answer(*arguments: str) -> Any:
    """Return the document of a call."""
    return json.loads(call(*arguments, "--json").stdout)


def through(*arguments: str) -> Said:
    """Go through the whole door, its ending included."""
    return said(starter, arguments)


def test_the_order_is_told_as_its_schema_says() -> None:
    """27 measures; the lost body of 3.4 must be settled first."""
    document = answer("import", str(ORDER))
    check("import", document)
    assert len(document["measures"]) == 27
    assert call("import", str(ORDER)).return_value == Exit.FINDING


@pytest.mark.parametrize("plan", [plan for plan in PLANS if plan.suffix != ".yaml"], ids=lambda plan: plan.name)
def test_every_plan_is_told_as_the_schema_says(plan: Path) -> None:
    """In all formats and layouts."""
    check("import", answer("import", str(plan)))


def test_people_get_a_line_a_finding_and_a_summary() -> None:
    """`file:line:column: text`, as compilers say it."""
    lines = call("import", str(ORDER)).stdout.splitlines()
    assert (
        f"{ORDER}:114:1: ! мероприятие 3.4, графа «Ответственные»: Ответственный не назван. Впишите его код в bodies"
        in lines
    )
    assert lines[-1].startswith("Приказ № 969/1 от 24.08.2021: мероприятий 27,")
    assert "27 measures" in call("import", str(ORDER), "--lang", "en").stdout


@pytest.mark.parametrize(
    ("phrase", "kinds", "dues"),
    [
        ("до 30.09", ["by-date"], ["2021-09-30"]),
        ("Ноябрь 2021г., февраль 2022г", ["months"], ["2021-11-30", "2022-02-28"]),
        ("по отдельному графику", ["separate-plan"], []),
        ("", ["unspecified"], []),
    ],
)
def test_a_deadline_is_told_as_its_schema_says(phrase: str, kinds: list[str], dues: list[str]) -> None:
    """Kinds, checkpoints, findings."""
    document = answer("deadline", phrase, *YEAR)
    check("deadline", document)
    assert document["kinds"] == kinds
    assert [point["due"] for point in document["checkpoints"]] == dues


def test_a_deadline_is_told_with_its_dates_as_people_write_them() -> None:
    """Also where they stand in a finding."""
    told = call("deadline", "сентябрь-октябрь", *YEAR).stdout
    assert "01.09.2021 – 31.10.2021 → 29.10.2021" in told
    assert "31.10.2021 — нерабочий день" in told
    assert not re.search(r"\d{4}-\d\d-\d\d", told)


def test_a_deadline_that_is_not_understood_is_a_finding_of_severity_error() -> None:
    """It ends with 1 and invents nothing."""
    got = call("deadline", "когда рак на горе свистнет", *YEAR)
    assert got.return_value == Exit.FINDING
    assert "не понят" in got.stdout
    assert call("deadline", "до 30.09", *YEAR).return_value == Exit.DONE


@pytest.mark.parametrize(
    "days", [("0001-01-01", "0001-12-31"), ("9999-01-01", "9999-12-31"), ("2021-09-01", "2900-08-31")]
)
def test_years_without_a_calendar_are_read_without_a_shift(days: tuple[str, str]) -> None:
    """The ends of time raise nothing."""
    check("deadline", answer("deadline", "до 30.09", "--from", days[0], "--to", days[1]))


def rows() -> list[dict[str, str]]:
    """Return the table of broken documents."""
    with (BAD / "documents.tsv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.mark.parametrize(
    "document",
    [
        *(plan for plan in PLANS if plan.suffix != ".yaml"),
        ROOT / "tests" / "orders" / "corpus" / "kinds" / "t1-crash.docx",
        ORDER,
    ],
    ids=lambda path: path.name,
)
def test_an_import_counts_the_errors_that_the_check_of_its_draft_counts(document: Path, tmp_path: Path) -> None:
    """On the screen, in the summary and in the code; those that block come first, each line with its mark."""
    draft = tmp_path / "draft.yaml"
    imported = said(starter, ["import", str(document), "--out", str(draft)])
    checked = said(starter, ["check", str(draft)])
    read = said(starter, ["import", str(document), "--json"]).document("import")
    wrong = {one["code"] for one in read["findings"] if one["severity"] == "error"}
    assert imported.code == bool(wrong - UNSAID)
    assert checked.code == bool(wrong)
    marks = [mark[1] for line in imported.out.splitlines()[:-2] if (mark := re.search(r": ([!?i]) ", line))]
    assert len(marks) == len(imported.out.splitlines()) - 2
    errors = marks.count("!")
    assert marks[:errors] == ["!"] * errors
    assert f"ошибок {errors}," in imported.out.splitlines()[-1]
    assert checked.out.splitlines()[-1] == f"Начинать нельзя: ошибок {errors}."
    guessed = [line for line in imported.out.splitlines() if "Контролирующее лицо взято из слов" in line]
    assert len(guessed) == draft.read_text(encoding="utf-8").count("code: controller-guessed")


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"])
def test_a_broken_document_ends_the_door_as_the_table_says(row: dict[str, str]) -> None:
    """One line where it cannot be read, findings else; the exit code; never a traceback."""
    got = through("import", str(BAD / row["file"]))
    assert got.code == int(row["ends_with"])
    assert "Traceback" not in got.err + got.out
    if row["ends_with"] == "2":
        assert len(got.err.splitlines()) == 1
        assert row["file"] in got.err
        assert not got.out
        error = json.loads(through("import", str(BAD / row["file"]), "--json").out)
        check("error", error)
        assert error["error"]["code"] == row["findings"]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"])
def test_a_broken_document_is_told_to_scripts_and_in_english(row: dict[str, str], tmp_path: Path) -> None:
    """The same code and sound JSON; no Russian but what is quoted of the document; nothing written where it is unreadable."""
    out = tmp_path / "roadmap.yaml"
    file = str(BAD / row["file"])
    code = int(row["ends_with"])
    english = said(starter, ["import", file, "--lang", "en", "--out", str(out)])
    assert english.code == code
    for line in (english.out + english.err).replace(str(tmp_path), "").splitlines():
        assert not re.search("[а-яё]", QUOTED.sub("", line), re.IGNORECASE), line
    assert out.exists() == (int(row["measures"] or 0) > 0)
    scripts = said(starter, ["import", file, "--lang", "en", "--json"])
    assert (scripts.code, scripts.err) == (code, "")
    scripts.document("error" if code == Exit.USAGE else "import")


@pytest.mark.parametrize("path", sorted(YAML.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_broken_roadmap_is_told_to_scripts_and_in_english(path: Path) -> None:
    """The code of the exit is that of people in Russian; sound JSON; no Russian but what is quoted of the file."""
    code = said(starter, ["check", str(path)]).code
    english = said(starter, ["check", str(path), "--lang", "en"])
    scripts = said(starter, ["check", str(path), "--lang", "en", "--json"])
    assert english.code == scripts.code == code
    for line in (english.out + english.err).splitlines():
        assert not re.search("[а-яё]", QUOTED.sub("", line), re.IGNORECASE), line
    assert json.loads(scripts.out)["error" if code == Exit.USAGE else "findings"]
    assert scripts.err == ""


def test_a_device_is_no_place_for_a_roadmap() -> None:
    """It would be read without end."""
    got = said(starter, ["import", str(BAD / "d00-base.docx"), "--out", "/dev/zero"])
    assert got.code == Exit.USAGE
    assert "/dev/zero" in got.err.splitlines()[-1]


def test_differences_without_end_are_not_told_to_the_end(tmp_path: Path) -> None:
    """Who named the wrong file gets a page, and what to do."""
    out = tmp_path / "roadmap.yaml"
    out.write_text("".join(f"строка {n}\n" for n in range(1_000)), encoding="utf-8")
    got = said(starter, ["import", str(BAD / "d00-base.docx"), "--out", str(out)])
    assert got.code == Exit.FINDING
    assert len(got.err.splitlines()) < 210


def test_what_is_not_there_is_one_line() -> None:
    """Exit code 2."""
    got = through("import", "nothing.docx")
    assert (got.code, got.err.splitlines()) == (2, ["nothing.docx: файл не найден или недоступен"])


def test_out_writes_the_roadmap_once_and_then_only_shows_the_differences(tmp_path: Path) -> None:
    """A person's corrections are never overwritten."""
    out = tmp_path / "roadmap.yaml"
    assert call("import", str(ORDER), "--out", str(out)).return_value == Exit.FINDING  # the order has errors
    written = out.read_text(encoding="utf-8")
    equal = call("import", str(ORDER), "--out", str(out))
    assert "ничего не изменено" in equal.stderr
    edited = written.replace("bodies: []", "bodies: [mku-imcro]")
    out.write_text(edited, encoding="utf-8")
    differs = call("import", str(ORDER), "--out", str(out))
    assert differs.return_value == Exit.FINDING
    assert "-    bodies: [mku-imcro]\n" in differs.stderr
    assert "укажите в --out новое имя" in differs.stderr.splitlines()[-1]
    assert "name a new file in --out" in call("import", str(ORDER), "--out", str(out), "--lang", "en").stderr
    assert "+    bodies: []\n" in differs.stderr
    assert out.read_text(encoding="utf-8") == edited
    check("import", json.loads(call("import", str(ORDER), "--out", str(out), "--json").stdout))


def test_a_sound_plan_ends_with_0_when_it_is_written_and_when_it_is_there(tmp_path: Path) -> None:
    """Equal is done, different is 1."""
    source, out = str(tmp_path / "order.md"), tmp_path / "roadmap.yaml"
    Path(source).write_text(SOUND, encoding="utf-8")
    assert call("import", source, "--out", str(out)).return_value == Exit.DONE
    assert call("import", source, "--out", str(out)).return_value == Exit.DONE
    out.write_text("# мой файл\n", encoding="utf-8")
    assert call("import", source, "--out", str(out)).return_value == Exit.FINDING


def test_an_unwritable_path_is_one_line(tmp_path: Path) -> None:
    """Exit code 2, nothing left behind."""
    got = through("import", str(BAD / "d00-base.docx"), "--out", str(tmp_path / "nowhere" / "roadmap.yaml"))
    assert got.code == Exit.USAGE
    assert len(got.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_file_that_may_not_be_read_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not as a folder."""
    closed = tmp_path / "roadmap.yaml"
    closed.touch()
    monkeypatch.setattr(os, "access", lambda *_: False)  # a root who runs the tests may read everything
    monkeypatch.delenv("VEKHA_LANG", raising=False)
    told = through("check", str(closed))
    assert told.code == 2
    assert "нет прав на этот файл" in told.line()
    assert "give this user the right" in through("check", str(closed), "--lang", "en").line()
