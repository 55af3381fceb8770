"""The files of reports: the controller's letter names them, and the door gives them out under their names."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import islice
from pathlib import Path

import pytest

from doors.cli.admin import admin
from doors.cli.attachments import names_for
from eventlog.evidence import stored
from tests.doors.calling import files, until
from tests.doors.conftest import Office

LONG = "ы" * 190


async def report(office: Office, body: str, note: str, *attached: Path) -> None:
    """Let a body report on measure 1.3."""
    named = [word for file in attached for word in ("--file", str(file))]
    assert (await office.call(admin, "report", "1.3", "--as", body, "--note", note, *named)).code == 0


async def test_the_letter_about_a_report_names_its_files(office: Office, tmp_path: Path) -> None:
    """And the command that gives them out."""
    file = tmp_path / "Программа наставника.docx"
    file.write_text("программа школы № 30")
    await report(office, "school-30", "готово", file)

    def letters() -> list[str]:
        found = []
        for path in (office.var / "letters").rglob("*reported*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            found.append(message.get_content())
        return found

    await until(lambda: any("Программа наставника.docx" in said for said in letters()))
    (said,) = [one for one in letters() if "Программа наставника.docx" in one]
    assert "К отчёту приложено:" in said
    assert (
        f"python admin.py evidence 1.3 --roadmap {office.roadmap} --checkpoint 1 --body school-30 --save материалы".replace(
            office.roadmap, f'"{office.roadmap}"' if f'"{office.roadmap}"' in said else office.roadmap
        )
        in said
    )


async def test_files_are_saved_under_their_names_and_nothing_is_written_over(office: Office, tmp_path: Path) -> None:
    """Two bodies sent a file of one name; what lay in the folder stays; the same again saves nothing twice."""
    sources = []
    for body in ("school-1", "school-6"):
        folder = tmp_path / body
        folder.mkdir()
        (folder / "отчёт.pdf").write_text(f"отчёт {body}")
        sources.append(folder / "отчёт.pdf")
    await report(office, "school-1", "", sources[0])
    await report(office, "school-6", "", sources[1])
    listed = await office.call(admin, "evidence", "1.3", "--body", "school-6")
    assert (listed.code, listed.err) == (0, "")
    assert "МБОУ СОШ № 6, контрольная точка 1 «до 15.09»: отчёт.pdf" in listed.out
    assert "--save" in listed.out

    out = tmp_path / "материалы"
    out.mkdir()
    (out / "отчёт.pdf").write_text("моё")
    saved = await office.call(admin, "evidence", "1,3", "--checkpoint", "1", "--save", str(out), "--json")
    assert saved.code == 0, saved
    document = saved.document("attachments")
    by_body = {one["body"]: Path(one["saved"]) for one in document["files"]}
    assert by_body["school-1"].name == "отчёт (school-1).pdf"
    assert by_body["school-6"].name == "отчёт (school-6).pdf"
    assert by_body["school-6"].read_text() == "отчёт school-6"
    assert (out / "отчёт.pdf").read_text() == "моё"
    there = files(out)
    again = await office.call(admin, "evidence", "1.3", "--save", str(out))
    assert (again.code, files(out)) == (0, there)


async def test_a_file_that_is_no_more_what_it_was_is_told_and_not_saved(office: Office, tmp_path: Path) -> None:
    """The others are; the exit code says that something is wrong."""
    good, bad, lost = (tmp_path / name for name in ("хорошая.txt", "чужая.txt", "пропала.txt"))
    for file in (good, bad, lost):
        file.write_text(f"{file.name} {tmp_path}")
    named = [word for file in (good, bad, lost) for word in ("--file", str(file))]
    sent = await office.call(admin, "progress", "2.3", "--as", "uo", *named, "--json")
    (event,) = sent.document("answer")["events"]
    places = [stored(office.var / "evidence", one["sha256"]) for one in event["data"]["evidence"]]
    places[1].chmod(0o640)
    places[1].write_text("подменено")
    places[2].unlink()
    out = tmp_path / "out"
    said = await office.call(admin, "evidence", "2.3", "--save", str(out))
    assert said.code == 1
    assert "хорошая.txt" in files(out)
    assert not {"чужая.txt", "пропала.txt"} & files(out)
    assert "чужая.txt: файл в хранилище не тот" in said.out
    assert "пропала.txt: файла в хранилище нет" in said.out
    places[1].unlink()


async def test_a_folder_that_cannot_be_written_is_told(office: Office, tmp_path: Path) -> None:
    """In one line, with what is in the way."""
    file = tmp_path / "справка.txt"
    file.write_text(f"{tmp_path}")
    assert (await office.call(admin, "progress", "1.4", "--as", "uo", "--file", str(file))).code in {0, 1}
    assert (await office.call(admin, "progress", "2.3", "--as", "uo", "--file", str(file))).code == 0
    said = await office.call(admin, "evidence", "2.3", "--save", str(file / "здесь"))
    assert said.code == 2
    assert "файл не записать" in said.line()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("отчёт.pdf", "отчёт.pdf"),
        ("../../etc/passwd", "etcpasswd"),
        ("..", "_"),
        ("", "_"),
        (".profile", "profile"),
        ("C:\\CON", "C_CON"),
        ("con.txt", "_con.txt"),
        ("план?.docx", "план_.docx"),
        ("\u202efdp.exe", "fdp.exe"),
        ("a\nb.txt", "ab.txt"),
        ("отчёт. ", "отчёт"),
        ("архив.tar.gz", "архив.tar.gz"),
        (f"{LONG}.pdf", f"{'ы' * 100}.pdf"),
    ],
)
def test_a_name_is_safe_wherever_it_came_from(name: str, safe: str) -> None:
    """No path, nothing hidden, nothing that a system keeps for itself, no longer than a disk takes."""
    first, second, third = islice(names_for(name, "school-6"), 3)
    assert first == safe
    assert len({first, second, third}) == 3
    assert all(len(one.encode()) <= 255 and "/" not in one for one in (first, second, third))
