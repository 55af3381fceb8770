"""The auditor's tools at their door: exit codes, documents, exports that anybody can check."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.records import canonical
from doors.cli.audit import audit as door
from eventlog import verifier
from eventlog.chain import root_from
from eventlog.checkpoints import Checkpoint, Notary, Signer, log_folder, read_checkpoint, rotate
from eventlog.evidence import make_store, stored
from eventlog.sealer import seal_new
from settings import ROOT
from stack import Endpoints
from tests.conftest import a_database
from tests.doors.calling import call, files
from tests.eventlog.log import put, put_past, record, value
from tests.eventlog.test_evidence import pipe
from tests.views.test_schemas import check

SIZE = 11
CONTENT = b"abc"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
EVIDENCE = canonical({"evidence": [{"sha256": SHA256, "size": len(CONTENT), "name": "акт.pdf"}]})
OLD_EXPORT = (
    Path(__file__).parents[1] / "exports" / "format-1.zip"
)  # made by the release before exports could carry files
Audit = Callable[..., tuple[int, Any]]


@dataclass(frozen=True)
class Sound:
    """A sound log of SIZE events in two blocks.

    In `folder` its keys, its checkpoints, its evidence and two exports: `out/one`, and `out/files`, which carries the files.
    """

    database_url: str
    origin: str
    folder: Path


@pytest.fixture(scope="module")
async def sound(
    endpoints: Endpoints, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Sound]:
    """Give the log that the tests look at, one for all of them: what they harm are copies."""
    folder = tmp_path_factory.mktemp("sound")
    with a_database(endpoints, migrated_template) as url:
        await put(url, *(record("a/year", version, command_id="c", command="{}") for version in range(1, 6)))
        notary = Notary(Signer(folder / "keys" / "checkpoint.key"), [folder / "checkpoints"])
        with psycopg.connect(url, autocommit=True) as connection:
            seal_new(connection)
            await put(url, *(record("a/year", version, data=EVIDENCE, signed=True) for version in range(6, 12)))
            seal_new(connection)
            notary.publish(connection)
            origin = str(value(connection, "select origin from vekha.log"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATABASE_URL", url)
            patch.setenv("VEKHA_VAR", str(folder))
            assert call(door, ["export", str(folder / "out" / "one")]).code == 0
            make_store(folder / "evidence")
            stored(folder / "evidence", SHA256).parent.mkdir()
            stored(folder / "evidence", SHA256).write_bytes(CONTENT)
            (folder / "evidence" / "nobody.txt").write_bytes(b"no event names it")
            assert call(door, ["export", str(folder / "out" / "files"), "--evidence"]).code == 0
        yield Sound(url, origin, folder)


@pytest.fixture
def origin(sound: Sound) -> str:
    """Give the origin of the log."""
    return sound.origin


@pytest.fixture
def beside(sound: Sound, tmp_path: Path) -> Path:
    """Give a copy of all that lies beside the sound log: `tmp_path`."""
    return Path(shutil.copytree(sound.folder, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def audit(sound: Sound, beside: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Give audit.py at the sound log: it returns exit code and document."""
    monkeypatch.setenv("DATABASE_URL", sound.database_url)
    monkeypatch.setenv("VEKHA_VAR", str(beside))

    def run(*arguments: object) -> tuple[int, Any]:
        said = call(door, [*map(str, arguments), "--json", "--lang", "en"])
        return said.code, json.loads(said.out)

    return run


@pytest.fixture
def checkpoints(beside: Path, origin: str) -> Path:
    """Give the folder of the log's checkpoints."""
    return log_folder(beside / "checkpoints", origin)


@pytest.fixture
def exported(beside: Path) -> Path:
    """Give an export of the log."""
    return beside / "out" / "one"


@pytest.fixture
def own_log(audit: Audit, checkpoints: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the database of an empty log, with `audit` at it and nothing of it outside."""
    del audit  # which has set the address before
    shutil.rmtree(checkpoints)
    monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url


def test_a_sound_log_is_verified_with_the_last_checkpoint(audit: Audit) -> None:
    """Exit code 0, and what it came to."""
    code, document = audit("verify")
    check("verify", document)
    assert (code, document["size"], document["blocks"], document["count"]) == (0, SIZE, 3, 0)
    assert document["checkpoints"] == [{"size": SIZE, "root": document["root"]}]


@pytest.fixture
def copied(audit: Audit, sound: Sound, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the database of a copy of the sound log, with `audit` at it."""
    del audit  # which has set the address before
    with a_database(endpoints, sound.database_url.rpartition("/")[2]) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield url


def test_a_changed_event_is_exit_one(audit: Audit, copied: str) -> None:
    """With its position."""
    with psycopg.connect(copied, autocommit=True) as connection:
        connection.execute("alter table vekha.event disable trigger append_only")
        connection.execute("update vekha.event set received_at = received_at - interval '1 hour' where version = 6")
    code, document = audit("verify")
    check("verify", document)
    assert code == 1
    assert [(one["code"], one["position"]) for one in document["discrepancies"]] == [
        ("changed", 6),
        ("rewritten", 11),
        ("received-before", 6),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nonsense", "not-a-checkpoint"),
        ("", "not-a-checkpoint"),
        (None, "unreadable"),
        ("{signed by another key}", "other-key"),
        ("{another log}", "other-log"),
        ("{a changed size}", "bad-signature"),
    ],
)
def test_a_checkpoint_that_proves_nothing_is_exit_two(  # noqa: PLR0917 - fixtures
    audit: Audit, checkpoints: Path, origin: str, tmp_path: Path, text: str | None, expected: str
) -> None:
    """One line each, and a code."""
    good = (checkpoints / "latest.txt").read_text()
    signer, stranger = Signer(tmp_path / "keys" / "checkpoint.key"), Signer(tmp_path / "stranger")
    notes = {
        "{signed by another key}": stranger.sign(Checkpoint(origin, SIZE, bytes(32))).replace(
            f"— {origin}", f"— {origin}x"
        ),
        "{another log}": signer.sign(Checkpoint("vekha/other", SIZE, bytes(32))),
        "{a changed size}": good.replace(f"\n{SIZE}\n", "\n12\n"),
    }
    file = tmp_path / "given.txt"
    if text is not None:
        file.write_text(notes.get(text, text))

    code, document = audit("verify", "--checkpoint", file, "--key", checkpoints / "key.pub")

    check("error", document)
    assert (code, document["error"]["code"]) == (2, expected)


def test_a_checkpoint_named_as_the_guide_does_is_found_where_it_is_kept(
    audit: Audit, checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its bare name, and that is told; a file of that name that lies here comes first, whatever it is."""
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    named = ["--checkpoint", "latest.txt", "--key", "key.pub"]
    for command in (["verify"], ["proof", "3"], ["export", "out.zip"]):
        said = call(door, [*command, *named, "--lang", "en"])
        assert (said.code, said.err.count("is not here, what Vekha itself keeps was taken")) == (0, 2), said
        assert str(checkpoints / "latest.txt") in said.err
    assert audit("verify", "--since", "1999-01-01.txt")[0] == 2
    (tmp_path / "desk" / "latest.txt").write_text("no checkpoint")
    assert audit("verify", *named)[1]["error"]["code"] == "not-a-checkpoint"


def test_an_event_is_proved_by_its_path(audit: Audit, checkpoints: Path) -> None:
    """Up to the root that was signed; one that the checkpoint does not cover is exit code 2."""
    code, document = audit("proof", 7)
    check("proof", document)
    assert code == 0
    point = read_checkpoint(document["checkpoint"], (checkpoints / "key.pub").read_text())
    path = [bytes.fromhex(one) for one in document["path"]]
    assert root_from(path, bytes.fromhex(document["leaf"]), 6, point.size) == point.root
    assert audit("proof", SIZE + 1)[0] == 2


def test_an_export_is_the_same_each_time(audit: Audit, exported: Path, tmp_path: Path) -> None:
    """As a folder and as a ZIP, byte for byte; nothing is written over."""
    code, document = audit("export", tmp_path / "two")
    check("export", document)
    assert (code, document["size"], document["problems"]) == (0, SIZE, [])
    names = sorted(path.name for path in exported.iterdir())
    assert names == sorted([*verifier.FILES, "manifest.json"])
    assert all((exported / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)
    for name in ("one.zip", "two.zip"):
        assert audit("export", tmp_path / name)[0] == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert audit("export", tmp_path / "two")[0] == 2
    assert len((exported / "evidence.jsonl").read_text().splitlines()) == 6

    code, document = audit("verify-export", tmp_path / "one.zip")
    check("verify-export", document)
    assert (code, document) == (0, {"files": None, "problems": []})


def test_the_verifier_needs_nothing_of_ours(exported: Path, checkpoints: Path, tmp_path: Path) -> None:
    """Python alone, in isolated mode, in a folder of its own, with the auditor's own checkpoint and key."""
    shutil.move(exported, tmp_path / "elsewhere")
    own = ["--checkpoint", str(checkpoints / "latest.txt"), "--key", str(checkpoints / "key.pub")]
    for arguments in (["--self-test"], ["."], [".", *own]):
        run = [sys.executable, "-I", "-S", "verifier.py", *arguments]
        done = subprocess.run(run, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr


def test_the_recipe_of_the_guide_checks_an_export_in_a_folder_of_its_own(
    audit: Audit, checkpoints: Path, tmp_path: Path
) -> None:
    """The commands as they stand in the auditor's guide, where an auditor would give them; also of a damaged export."""
    guide = (ROOT / "docs" / "auditor.md").read_text(encoding="utf-8")
    (recipe,) = [block for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL) if "python verifier.py" in block]
    for damage in (False, True):
        desk, export = tmp_path / f"desk-{damage}", tmp_path / f"export-{damage}"
        desk.mkdir()
        assert audit("export", export)[0] == 0
        if damage:
            events = export / "events.jsonl"
            events.write_text(events.read_text().replace('"actor":"school-6"', '"actor":"school-7"', 1))
        shutil.make_archive(str(desk / "journal"), "zip", export)
        for name in ("latest.txt", "key.pub"):
            shutil.copy(checkpoints / name, desk)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        run = ["sh", "-e", "-c", recipe]
        done = subprocess.run(run, cwd=desk, env={"PATH": path}, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout.splitlines()[-1] == "ok") == (int(damage), not damage), done
        assert sorted(path.name for path in desk.iterdir()) == ["journal.zip", "key.pub", "latest.txt", "proverka"]


def test_an_export_carries_the_files_that_events_name(audit: Audit, beside: Path, tmp_path: Path) -> None:
    """Each once, and no other; the same bytes each time, the same log as without them; the ZIP too."""
    one, two, plain = beside / "out" / "files", tmp_path / "two", beside / "out" / "one"
    code, document = audit("export", two, "--evidence")
    check("export", document)
    assert (code, document["files"], document["problems"]) == (0, 1, [])
    assert files(one) == {*verifier.FILES, "manifest.json", f"evidence/{SHA256}"}
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in files(one))
    assert (one / "evidence" / SHA256).read_bytes() == CONTENT
    assert all((one / name).read_bytes() == (plain / name).read_bytes() for name in verifier.FILES)
    for name in ("one.zip", "two.zip"):
        assert audit("export", tmp_path / name, "--evidence")[0] == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    for source in (two, tmp_path / "one.zip"):
        code, document = audit("verify-export", source)
        check("verify-export", document)
        assert (code, document) == (0, {"files": 1, "problems": []})


@pytest.fixture
async def two_years(audit: Audit, own_log: str, beside: Path) -> Path:
    """Give the folder of an export of the year `a` out of a log that holds the years `a` and `b`; `audit` is at it."""
    notary = Notary(Signer(beside / "keys" / "checkpoint.key"), [beside / "checkpoints"])
    await put(own_log, *(record("a/year", version) for version in (1, 2)))
    await put(own_log, *(record("b/year", version, data=canonical({"secret": "b"})) for version in (1, 2)))
    await put(own_log, record("a/m/1.1", 1), record("a/year", 3, data=EVIDENCE, signed=True), record("b/year", 3))
    with psycopg.connect(own_log, autocommit=True) as connection:
        seal_new(connection)
        notary.publish(connection)
    code, document = audit("export", beside / "a", "--roadmap", "a")
    check("export", document)
    assert (code, document["roadmap"], document["size"], document["problems"]) == (0, "a", 7, [])
    return beside / "a"


def test_an_export_of_one_year_tells_nothing_of_another(audit: Audit, two_years: Path) -> None:
    """Its own events whole, of the others leaves; the chain and the signed root hold, also for the verifier alone."""
    text = "".join(path.read_text() for path in two_years.glob("*.jsonl"))
    assert '"a/year"' in text
    assert "b/year" not in text
    assert "secret" not in text
    lines = [json.loads(line) for line in (two_years / "events.jsonl").read_text().splitlines()]
    assert [sorted(line) == ["hash", "leaf", "position"] for line in lines] == [0, 0, 1, 1, 0, 0, 1]
    assert json.loads((two_years / "manifest.json").read_text())["roadmap"] == "a"
    code, document = audit("verify-export", two_years)
    assert (code, document["problems"]) == (0, [])
    alone = subprocess.run(
        [sys.executable, "-I", "-S", "verifier.py", "."], cwd=two_years, capture_output=True, text=True, check=False
    )
    assert (alone.returncode, alone.stdout) == (0, "ok\n")
    assert "This is one year, a: 4 events are its own, 3 more are leaves alone." in alone.stderr
    assert audit("export", two_years.parent / "b", "--roadmap", "nobody")[1]["error"]["code"] == "unknown-roadmap"
    assert audit("export", two_years.parent / "again", "--roadmap", "a", "--evidence")[1]["files"] == 1
    assert audit("verify-export", two_years.parent / "again")[1] == {"files": 1, "problems": []}


@pytest.mark.parametrize(
    ("position", "change", "told"),
    [
        (3, lambda line: line | {"leaf": "00" * 32}, "position 3: not as it was sealed"),
        (2, lambda line: line | {"data": "{}", "actor": "me"}, "position 2: not as it was sealed"),
        (2, None, "position 6: events of the same year are hidden before it: a/year/2…2"),
        (1, None, "position 2: events of the same year are hidden before it: a/year/1…1"),
    ],
)
def test_what_was_changed_or_hidden_in_an_export_of_one_year_is_found(
    audit: Audit, two_years: Path, position: int, change: Callable[[Any], Any] | None, told: str
) -> None:
    """A leaf that is another's, an event that was rewritten, one of the year's own that only its leaf stands for."""
    file = two_years / "events.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    line = lines[position - 1]
    hidden = {"position": line.get("position"), "leaf": verifier.leaf_of(line).hex(), "hash": line["hash"]}
    lines[position - 1] = hidden if change is None else change(line)
    file.write_text("".join(map(verifier.line_of, lines)))
    manifest = json.loads((two_years / "manifest.json").read_text())
    manifest["files"]["events.jsonl"] = verifier.digest(file)
    (two_years / "manifest.json").write_text(canonical(manifest) + "\n")
    code, document = audit("verify-export", two_years)
    assert code == 1
    assert any(told in problem for problem in document["problems"]), document


def test_a_leaf_alone_stands_in_no_export_of_the_whole_log(audit: Audit, two_years: Path) -> None:
    """Who calls an export of one year whole is found out."""
    manifest = json.loads((two_years / "manifest.json").read_text())
    del manifest["roadmap"]
    (two_years / "manifest.json").write_text(canonical({**manifest, "format": verifier.FORMAT}) + "\n")
    code, document = audit("verify-export", two_years)
    assert (code, "events.jsonl:3: no event" in document["error"]["text"]) == (2, True)


def test_a_proof_of_another_years_event_is_asked_about(audit: Audit, two_years: Path) -> None:
    """Whoever names the year means an event of it."""
    del two_years
    assert audit("proof", 2, "--roadmap", "a")[0] == 0
    code, document = audit("proof", 3, "--roadmap", "a")
    assert (code, document["error"]["code"]) == (2, "other-roadmap")


def test_the_verifier_checks_the_files_alone(beside: Path) -> None:
    """It needs nothing of ours for that either."""
    folder = beside / "out" / "files"
    run = [sys.executable, "-I", "-S", "verifier.py", "."]
    sound = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)
    assert (sound.returncode, sound.stdout) == (0, "ok\n"), sound.stderr
    (folder / "evidence" / SHA256).write_bytes(b"abd")
    harmed = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)
    assert (harmed.returncode, f"{SHA256}: its content is not its name" in harmed.stdout) == (1, True)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda file: file.unlink(), f"evidence/{SHA256}: missing, the event at position 6 names it"),
        (lambda file: shutil.rmtree(file.parent), f"evidence/{SHA256}: missing, the event at position 6 names it"),
        (lambda file: file.write_bytes(b"abd"), f"evidence/{SHA256}: its content is not its name"),
        (lambda file: file.write_bytes(b"ab"), f"evidence/{SHA256}: 2 bytes, 3 by the event at position 6"),
        (lambda file: file.with_name("ab" * 32).write_bytes(b""), f"evidence/{'ab' * 32}: no event names it"),
        (lambda file: file.with_name("x.txt").write_bytes(b""), "evidence/x.txt: no event names it"),
        (lambda file: (file.unlink(), file.symlink_to("/etc/passwd")), f"evidence/{SHA256}: no plain file"),
        (pipe, f"evidence/{SHA256}: no plain file"),
        (lambda file: (file.unlink(), file.mkdir()), f"evidence/{SHA256}: no plain file"),
    ],
)
def test_a_damaged_file_of_an_export_is_told(
    audit: Audit, beside: Path, harm: Callable[[Path], object], told: str
) -> None:
    """Exit code 1, with its name."""
    folder = beside / "out" / "files"
    harm(folder / "evidence" / SHA256)
    code, document = audit("verify-export", folder)
    assert (code, told in document["problems"]) == (1, True), document


def test_a_packed_file_that_was_changed_is_told(audit: Audit, beside: Path, tmp_path: Path) -> None:
    """Packed by hand, with an entry for the folder: whole as it is, told where a file was changed."""
    folder = beside / "out" / "files"
    for content, expected in ((CONTENT, 0), (b"abd", 1)):
        (folder / "evidence" / SHA256).write_bytes(content)
        packed = Path(shutil.make_archive(str(tmp_path / f"packed-{expected}"), "zip", folder))
        assert "evidence/" in zipfile.ZipFile(packed).namelist()
        assert audit("verify-export", packed)[0] == expected


def test_an_export_of_before_is_verified_as_before(audit: Audit, tmp_path: Path) -> None:
    """By today's door, today's verifier, and its own; a changed line of it is told."""
    assert audit("verify-export", OLD_EXPORT) == (0, {"files": None, "problems": []})
    with zipfile.ZipFile(OLD_EXPORT) as packed:
        packed.extractall(tmp_path / "old")
    for script in ("verifier.py", verifier.__file__):
        run = [sys.executable, "-I", "-S", script, "."]
        done = subprocess.run(run, cwd=tmp_path / "old", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
    _line(tmp_path / "old", 4, actor="school-30")
    assert "position 4" in verifier.check(tmp_path / "old")[0][1]


def test_an_export_that_does_not_say_that_it_carries_files_has_none(audit: Audit, beside: Path) -> None:
    """And one that says so without any lacks them."""
    without, carrying = beside / "out" / "one", beside / "out" / "files"
    shutil.copytree(carrying / "evidence", without / "evidence")
    assert "evidence: does not belong to the export" in audit("verify-export", without)[1]["problems"]
    shutil.rmtree(without / "evidence")
    shutil.copyfile(carrying / "manifest.json", without / "manifest.json")
    assert audit("verify-export", without)[1]["problems"] == [
        f"evidence/{SHA256}: missing, the event at position 6 names it"
    ]


def test_an_export_tells_what_the_store_does_not_have(audit: Audit, beside: Path, tmp_path: Path) -> None:
    """What is missing or altered there; where the store is not there as a whole, nothing is written."""
    file = stored(beside / "evidence", SHA256)
    file.unlink()
    code, document = audit("export", tmp_path / "without", "--evidence")
    assert (code, document["files"], len(document["problems"])) == (1, 0, 1)
    file.write_bytes(b"abd")
    code, document = audit("export", tmp_path / "altered.zip", "--evidence")
    assert (code, document["problems"]) == (1, [f"evidence/{SHA256}: its content is not its name"])
    shutil.rmtree(beside / "evidence")
    code, document = audit("export", tmp_path / "nothing", "--evidence")
    assert (code, document["error"]["code"]) == (3, "unavailable")
    assert not (tmp_path / "nothing").exists()
    assert audit("export", tmp_path / "nothing")[0] == 0


def _line(folder: Path, number: int, **changes: object) -> None:
    """Change an event of an export, and the manifest with it."""
    lines = (folder / "events.jsonl").read_text().splitlines()
    lines[number - 1] = json.dumps(json.loads(lines[number - 1]) | changes, ensure_ascii=False, separators=(",", ":"))
    _events(folder, lines)


def _events(folder: Path, lines: list[str]) -> None:
    (folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["events.jsonl"] = verifier.digest(folder / "events.jsonl")
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _lines(folder: Path) -> list[str]:
    return (folder / "events.jsonl").read_text().splitlines()


OTHER = {
    "position": 99,
    "seq": 77,
    "id": "00000000-0000-0000-0000-000000000001",
    "stream": "b/year",
    "version": 9,
    "type": "YearClosed",
    "schema_version": 2,
    "occurred_on": "2021-09-29",
    "at": "2021-09-30T15:00:00.000001+00:00",
    "received_at": "2021-09-30T15:00:00+00:00",
    "recorded_at": "2021-09-30T15:00:00+00:00",
    "actor": "school-7",
    "command_id": "d",
    "signed": None,
    "data": "{ }",
    "command": "[]",
    "writer": "run-2",
    "xid": 1,
    "roadmap": "b",
    "hash": "00" * 32,
}


@pytest.mark.parametrize("column", OTHER)
def test_a_changed_column_of_an_export_is_found(exported: Path, column: str) -> None:
    """Also where the manifest was made to fit."""
    _line(exported, 4, **{column: OTHER[column]})
    assert "position 4" in verifier.check(exported)[0][1]


@pytest.mark.parametrize(
    ("harm", "code", "words"),
    [
        (lambda folder: _events(folder, [*_lines(folder)[:4], *_lines(folder)[5:]]), 1, "position 5: missing"),
        (lambda folder: _events(folder, _lines(folder)[:-1]), 1, "the log ends at 10"),
        (lambda folder: _events(folder, _lines(folder)[:5]), 1, "the log ends at 5"),
        (lambda folder: (folder / "manifest.json").unlink(), 2, "not finished"),
        (lambda folder: (folder / "evidence.jsonl").unlink(), 2, "evidence.jsonl is missing"),
        (lambda folder: (folder / "evidence.jsonl").write_text(""), 1, "evidence.jsonl: is not as it was exported"),
        (lambda folder: (folder / "extra.txt").write_text(""), 1, "extra.txt: does not belong"),
        (lambda folder: (folder / "events.jsonl").write_text("{"), 2, "events.jsonl:1: no JSON"),
        (lambda folder: (folder / "events.jsonl").write_text("[]\n"), 2, "events.jsonl:1: no event"),
        (lambda folder: (folder / "blocks.jsonl").write_text("{}\n"), 2, "blocks.jsonl"),
        (lambda folder: (folder / "key.pub").write_text("x"), 2, "public key"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": "vekha-export/9"}'), 2, "another kind"),
    ],
)
def test_a_damaged_export_is_told_in_a_line(
    audit: Audit, exported: Path, harm: Callable[[Path], object], code: int, words: str
) -> None:
    """Exit code 1 for what differs, 2 for what is no export."""
    harm(exported)
    found, document = audit("verify-export", exported)
    told = " ".join(document["problems"]) if "problems" in document else document["error"]["text"]
    assert (found, words in told) == (code, True), told


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("manifest.json", None, "нет manifest.json: это не выгрузка, или она не закончена"),
        ("evidence.jsonl", None, "нет evidence.jsonl: выгрузка не закончена или разобрана"),
        ("events.jsonl", "{", "events.jsonl:1: это не JSON"),
        ("key.pub", "x", "открытый ключ не читается"),
        ("checkpoint.txt", "x", "контрольная запись не читается"),
    ],
)
def test_what_is_wrong_with_an_export_is_told_in_russian_too(
    exported: Path, capsys: pytest.CaptureFixture[str], name: str, content: str | None, told: str
) -> None:
    """By the door in the language that is asked for; by the verifier, which knows no languages, in both."""
    (exported / name).unlink()
    if content is not None:
        (exported / name).write_text(content)
    said = call(door, ["verify-export", str(exported), "--lang", "ru"])
    assert (said.code, said.line()) == (2, f"Выгрузка не проверена: {told}.")
    assert verifier.main([str(exported)]) == 2
    assert capsys.readouterr().err.startswith(f"{told} / ")


def test_the_file_that_is_wrong_is_the_one_that_is_named(audit: Audit, checkpoints: Path, tmp_path: Path) -> None:
    """The key where the key is; a file that is not there once."""
    (tmp_path / "bad.pub").write_text("vekha/x")
    for arguments, told in (
        (("--key", tmp_path / "bad.pub"), f"{tmp_path}/bad.pub: the public key cannot be read."),
        (("--key", tmp_path / "no.pub"), f"{tmp_path}/no.pub: No such file or directory."),
        (("--checkpoint", tmp_path / "no.txt"), f"{tmp_path}/no.txt: No such file or directory."),
    ):
        given = {"--checkpoint": checkpoints / "latest.txt"} | dict([arguments])
        code, document = audit("verify", *(word for option in given.items() for word in option))
        assert (code, document["error"]["text"]) == (2, told)


def test_events_behind_the_signed_end_are_found(exported: Path) -> None:
    """Anybody can go on with a chain: what no checkpoint covers proves nothing, however well it fits."""
    lines = _lines(exported)
    last = json.loads(lines[-1])
    forged = {**last, "position": SIZE + 1, "seq": last["seq"] + 1, "version": SIZE + 1, "data": "{}"}
    leaf = hashlib.sha256(b"\x00" + verifier.row_bytes(forged)).digest()
    forged["hash"] = hashlib.sha256(b"\x02" + bytes.fromhex(last["hash"]) + leaf).hexdigest()
    _events(exported, [*lines, verifier.line_of(forged).rstrip("\n")])
    assert [english for _, english in verifier.check(exported)] == [
        f"position {SIZE + 1}: the last block ends at {SIZE}, the log at {SIZE + 1}",
        f"position {SIZE + 1}: the signed checkpoint ends at {SIZE}, the log at {SIZE + 1}",
    ]
    blocks = (exported / "blocks.jsonl").read_text().splitlines(keepends=True)
    (exported / "blocks.jsonl").write_text("".join(blocks[:-1]))
    assert "blocks.jsonl: is not as it was exported" in verifier.check(exported)[0][1]


@pytest.mark.parametrize("data", ["{", "", "x", None, "[" * 100_000])
def test_an_event_whose_data_is_no_json_is_told_as_changed(exported: Path, data: str | None) -> None:
    """It neither stops the verifier nor passes."""
    _line(exported, 4, data=data)
    assert verifier.check(exported)[0][1].startswith("position 4: not as it was sealed")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("events.jsonl", "[" * 100_000),
        ("blocks.jsonl", '{"a":' * 100_000),
        ("evidence.jsonl", "[" * 100_000),
        ("manifest.json", "[" * 100_000),
        ("events.jsonl", '{"position": Infinity}'),
        ("blocks.jsonl", '{"no":Infinity,"first":1,"last":1,"head":"","root":""}'),
        ("blocks.jsonl", '{"no":true,"first":1,"last":1,"head":"","root":""}'),
    ],
)
def test_what_no_export_holds_is_told_in_a_line(exported: Path, name: str, line: str) -> None:
    """By the verifier as by the door: exit code 2."""
    (exported / name).write_text(line)
    assert verifier.main([str(exported)]) == 2
    assert call(door, ["verify-export", str(exported)]).code == 2


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda line: line.replace("{", '{"actor":"school-30",', 1),  # twice: readers differ in which one counts
        lambda line: line + " ",
        lambda line: line + "\r",
        lambda line: json.dumps(json.loads(line)),
    ],
)
def test_an_event_that_is_written_otherwise_is_found(exported: Path, rewrite: Callable[[str], str]) -> None:
    """Each event has one text, and each text one reading: its hash alone would not tell."""
    first, *others = _lines(exported)
    _events(exported, [rewrite(first), *others])
    assert [english for _, english in verifier.check(exported)] == ["events.jsonl:1: not written as an export is"]


@pytest.mark.parametrize("moment", ["2021-09-30T18:00:00+03:00", "2021-09-30T15:00:00Z", "2021-09-30T15:00"])
def test_an_instant_has_one_text(exported: Path, moment: str) -> None:
    """Also where another text means the same, or where only some Pythons can read it."""
    _line(exported, 4, at=moment)
    with pytest.raises(verifier.Unreadable, match=r"events\.jsonl:4: no event"):
        verifier.check(exported)


@pytest.mark.parametrize("field", ["size", "origin", "more"])
def test_a_manifest_says_what_the_checkpoint_says(exported: Path, field: str) -> None:
    """It is signed by nobody: whatever it adds is found."""
    manifest = json.loads((exported / "manifest.json").read_text())
    (exported / "manifest.json").write_text(json.dumps(manifest | {field: 5}))
    assert [english for _, english in verifier.check(exported)] == [
        "manifest.json: does not say what the checkpoint and the files do"
    ]


@pytest.mark.parametrize("name", [*verifier.FILES, "manifest.json"])
def test_a_file_that_is_no_plain_one_is_not_opened(exported: Path, tmp_path: Path, name: str) -> None:
    """A link, a pipe that would wait for ever, a folder: exit code 2."""
    file = exported / name
    file.rename(tmp_path / "moved")
    makers: list[Callable[[], None]] = [
        lambda: file.symlink_to(tmp_path / "moved"),
        lambda: os.mkfifo(file),
        file.mkdir,
    ]
    for make in makers:
        make()
        with pytest.raises(verifier.Unreadable, match="is no plain file"):
            verifier.check(exported)
        file.rmdir() if file.is_dir() else file.unlink()
    (exported / name).write_bytes((tmp_path / "moved").read_bytes())
    (exported / "folder").mkdir()
    assert verifier.check(exported) == [("folder: к выгрузке не относится", "folder: does not belong to the export")]


def test_a_mistyped_option_of_the_verifier_is_not_passed_over(
    exported: Path, checkpoints: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who believes to have brought a checkpoint must not read «ok»."""
    note = str(checkpoints / "latest.txt")
    for wrong in (
        ["--checkpoints", note],
        ["--checkpoint"],
        ["--checkpoint", note, "--checkpoint", note],
        ["--key", note, note, "--checkpoint"],
        [note],
    ):
        assert verifier.main([str(exported), *wrong]) == 2
    assert "ok" not in capsys.readouterr().out


def test_who_brings_nothing_is_told_what_that_proves(
    exported: Path, checkpoints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the verifier and by the door; the key beside one's own checkpoint is one's own too."""
    own = tmp_path / "own"
    shutil.copytree(checkpoints, own)
    note, key = own / "latest.txt", own / "key.pub"
    assert verifier.main([str(exported)]) == 0
    assert "проверено лишь, что выгрузка цела" in capsys.readouterr().err
    assert verifier.main([str(exported), "--checkpoint", str(note)]) == 0
    assert "за вашей контрольной записью он ничего не доказывает" in capsys.readouterr().err
    assert verifier.main([str(exported), "--checkpoint", str(note), "--key", str(key)]) == 0
    assert capsys.readouterr().err == ""

    said = call(door, ["verify-export", str(exported), "--lang", "ru"])
    assert (said.code, said.out) == (0, f"Проверено записей: {SIZE}, расхождений: 0.\n")
    assert "проверено лишь, что выгрузка цела" in said.err
    assert call(door, ["verify-export", str(exported), "--checkpoint", str(note)]).err == ""
    key.write_text(Signer(tmp_path / "stranger").public_keys("vekha/other"))
    assert call(door, ["verify-export", str(exported), "--checkpoint", str(note)]).code == 2


def test_another_verifier_in_the_export_is_not_to_be_run(exported: Path) -> None:
    """It would say what its author likes."""
    (exported / "verifier.py").write_text("print('ok')")
    said = call(door, ["verify-export", str(exported), "--lang", "ru"])
    assert "verifier.py: не такой, каким был выгружен" in said.out
    assert "не запускайте его" in said.err


def test_a_zip_is_not_for_the_verifier_and_text_is_no_zip(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both say what to do, in Russian too."""
    (tmp_path / "text.zip").write_text("text")
    os.mkfifo(tmp_path / "pipe.zip")
    said = call(door, ["verify-export", str(tmp_path / "pipe.zip"), "--lang", "ru"])
    assert (said.code, said.line()) == (2, "Выгрузка не проверена: это не папка и не файл.")
    assert verifier.main([str(tmp_path / "text.zip")]) == 2
    assert capsys.readouterr().err.startswith("это файл: распакуйте ZIP и укажите папку / ")
    assert verifier.main([str(exported), "--key", "нет"]) == 2
    assert capsys.readouterr().err == "нет нет / нет is not there\n"
    said = call(door, ["verify-export", str(tmp_path / "text.zip"), "--lang", "ru"])
    assert (said.code, said.line()) == (2, "Выгрузка не проверена: это не ZIP, или он повреждён или зашифрован.")


@pytest.mark.usefixtures("audit")
def test_an_export_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    """And leaves nothing behind."""
    (tmp_path / "file").touch()
    before = files(tmp_path)
    for target in ("/proc/nowhere", str(tmp_path / "file" / "one")):
        said = call(door, ["export", target, "--lang", "ru"])
        assert said.code == 2
        assert said.line().startswith(f"{target}: выгрузка не записана: ")
    assert files(tmp_path) == before


def test_a_path_that_does_not_lead_to_the_signed_root_is_no_proof(
    copied: str, checkpoints: Path, tmp_path: Path
) -> None:
    """Another event was changed, or the checkpoint says otherwise: exit code 1, and nothing that looks like a proof."""
    assert call(door, ["proof", "2"]).code == 0
    key, other = checkpoints / "key.pub", tmp_path / "other.txt"
    origin = read_checkpoint((checkpoints / "latest.txt").read_text(), key.read_text()).origin
    other.write_text(Signer(tmp_path / "keys" / "checkpoint.key").sign(Checkpoint(origin, SIZE, bytes(32))))
    assert call(door, ["proof", "2", "--checkpoint", str(other), "--key", str(key)]).code == 1
    with psycopg.connect(copied, autocommit=True) as connection:
        connection.execute("alter table vekha.event disable trigger append_only")
        connection.execute("update vekha.event set actor = 'school-7' where version = 6")
    said = call(door, ["proof", "2", "--lang", "ru"])
    assert (said.code, said.line().partition(":")[0]) == (1, "Доказать нельзя")


@pytest.mark.parametrize("change", ["update vekha.log set origin = 'vekha/x'", "delete from vekha.log"])
def test_a_database_in_the_place_of_another_is_found_without_being_asked_for(
    copied: str, tmp_path: Path, change: str
) -> None:
    """Checkpoints that lie here and are of no log of this name are not passed over in silence."""
    with psycopg.connect(copied, autocommit=True) as connection:
        connection.execute("alter table vekha.log disable trigger all")
        connection.execute(change)
    said = call(door, ["verify", "--lang", "ru"])
    assert said.code == 1
    assert said.out.startswith("Журнал: контрольная запись другого журнала или база подменена; ожидалось vekha/")
    assert call(door, ["export", str(tmp_path / "out")]).code == 2


def test_an_older_checkpoint_says_how_far_it_goes(copied: str, checkpoints: Path, tmp_path: Path) -> None:
    """Of what came later only the database speaks."""
    with psycopg.connect(copied, autocommit=True) as connection:
        root = value(connection, "select merkle_root from vekha.block where last_position = 5")
        origin = value(connection, "select origin from vekha.log")
    older = tmp_path / "older.txt"
    older.write_text(Signer(tmp_path / "keys" / "checkpoint.key").sign(Checkpoint(origin, 5, root)))
    said = call(door, ["verify", "--checkpoint", str(older), "--key", str(checkpoints / "key.pub"), "--lang", "ru"])
    assert said.code == 0
    assert f"знает первые 5 записей, о записях 6–{SIZE} говорит только сама база" in said.err
    said = call(door, ["verify", "--checkpoint", str(older), "--lang", "ru"])
    assert said.line() == f"{tmp_path}/key.pub: нет такого файла; назовите файл открытого ключа: --key."


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "events.jsonl/../../evil", "notes.txt"])
def test_a_zip_with_foreign_paths_is_not_unpacked(audit: Audit, exported: Path, tmp_path: Path, name: str) -> None:
    """One line, exit code 2, and nothing written anywhere."""
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as packed:
        for path in exported.iterdir():
            packed.write(path, path.name)
        packed.writestr(name, "evil")
    code, document = audit("verify-export", tmp_path / "foreign.zip")
    assert code == 2
    assert "does not belong" in document["error"]["text"]
    (tmp_path / "half.zip").write_bytes((tmp_path / "foreign.zip").read_bytes()[:700])
    assert audit("verify-export", tmp_path / "half.zip")[0] == 2


def test_a_zip_that_is_a_bomb_or_points_elsewhere_does_no_harm(audit: Audit, exported: Path, tmp_path: Path) -> None:
    """A link is no file of an export; what unfolds a thousandfold is not unfolded."""
    for name, content, link in (("bomb.zip", bytes(50_000_000), False), ("link.zip", b"/etc/passwd", True)):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in exported.iterdir():
                if path.name != "events.jsonl":
                    packed.write(path, path.name)
            entry = zipfile.ZipInfo("events.jsonl")
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o120777 if link else 0o100644) << 16
            packed.writestr(entry, content)
        code, document = audit("verify-export", tmp_path / name)
        assert (code, set(document)) == (2, {"error"})
        assert "unfolds" in document["error"]["text"] or "events.jsonl:1: no JSON" in document["error"]["text"]


def test_a_checkpoint_by_an_expired_key_is_told_so(
    audit: Audit, checkpoints: Path, origin: str, tmp_path: Path
) -> None:
    """One line, exit code 2; what the key signed in its time is as good as ever, and a change of keys is told."""
    key = tmp_path / "keys" / "checkpoint.key"
    stolen, old_keys = Signer(key), tmp_path / "old.pub"
    old_keys.write_text((checkpoints / "key.pub").read_text())
    in_time = checkpoints / "in-time.txt"
    in_time.write_text((checkpoints / "latest.txt").read_text())
    rotate(key, datetime.now(UTC).date())
    (checkpoints / "key.pub").write_text(Signer(key).public_keys(origin))
    late = checkpoints / "late.txt"
    late.write_text(stolen.sign(Checkpoint(origin, SIZE, bytes(32), datetime.now(UTC) + timedelta(days=40))))

    assert audit("verify", "--checkpoint", in_time)[0] == 0
    code, document = audit("verify", "--checkpoint", late)
    assert (code, document["error"]["code"]) == (2, "expired-key")


def test_another_logs_checkpoint_is_told_so(audit: Audit, exported: Path, tmp_path: Path) -> None:
    """And one of this log that says otherwise is a difference."""
    signer = Signer(tmp_path / "keys" / "checkpoint.key")
    origin = json.loads((exported / "manifest.json").read_text())["origin"]
    other, otherwise = tmp_path / "other.txt", tmp_path / "otherwise.txt"
    other.write_text(signer.sign(Checkpoint("vekha/other", SIZE, bytes(32))))
    otherwise.write_text(signer.sign(Checkpoint(origin, SIZE, bytes(32))))

    code, document = audit("verify-export", exported, "--checkpoint", other)
    assert (code, "another log" in document["error"]["text"]) == (2, True)
    code, document = audit("verify-export", exported, "--checkpoint", otherwise)
    assert (code, len(document["problems"])) == (1, 1)


def test_an_event_of_the_future_is_whole_but_unknown(audit: Audit, own_log: str, tmp_path: Path) -> None:
    """The log holds; what this program cannot explain is told."""
    notary = Notary(Signer(tmp_path / "keys" / "checkpoint.key"), [tmp_path / "checkpoints"])
    with psycopg.connect(own_log, autocommit=True) as connection:
        put_past(connection, record("a/year", type_="WeatherForecast"), record("a/year", 2, schema_version=99))
        seal_new(connection)
        notary.publish(connection)
    assert audit("export", tmp_path / "future")[0] == 0
    code, document = audit("verify-export", tmp_path / "future")
    assert code == 1
    assert document["problems"] == [
        "position 1: WeatherForecast 1 comes from a newer Vekha",
        "position 2: ProgressReported 99 comes from a newer Vekha",
    ]


async def test_an_event_of_two_megabytes_is_whole(audit: Audit, own_log: str, tmp_path: Path) -> None:
    """No door takes so much; a log that holds it is read, exported and checked as any other."""
    much = json.dumps({"note": "я" * 1_000_000}, ensure_ascii=False)
    await put(own_log, record("a/year"), record("a/year", 2, data=much))
    notary = Notary(Signer(tmp_path / "keys" / "checkpoint.key"), [tmp_path / "checkpoints"])
    with psycopg.connect(own_log, autocommit=True) as connection:
        seal_new(connection)
        notary.publish(connection)
    assert audit("verify")[0] == 0
    assert audit("export", tmp_path / "much")[0] == 0
    assert audit("verify-export", tmp_path / "much")[0] == 0


def test_pure_python_and_openssl_agree_on_signatures(tmp_path: Path) -> None:
    """The auditor's Ed25519 takes what ours signs, and nothing that was changed by a bit."""
    signer = Signer(tmp_path / "key")
    for size in range(1, 6):
        point = Checkpoint("vekha/x", size, bytes([size]) * 32)
        key = signer.public_keys("vekha/x")
        assert verifier.read_note(signer.sign(point), key) == (point.origin, point.size, point.root)
        public = base64.b64decode(key.split("+", 2)[2])[1:]
        signature = base64.b64decode(signer.sign(point).split()[-1])[4:]
        assert verifier.ed25519_verify(public, point.text().encode(), signature)
        for bit in range(0, 512, 37):
            changed = (int.from_bytes(signature, "big") ^ (1 << bit)).to_bytes(64, "big")
            assert not verifier.ed25519_verify(public, point.text().encode(), changed)


# ------------------------------------------------------------------------------------------------------- evidence

NOBODYS = [{"path": "nobody.txt", "size": 17}]


def test_a_sound_store_has_what_the_log_names(audit: Audit) -> None:
    """Exit code 0; what no event names is told beside, and is no finding."""
    code, document = audit("evidence")
    check("evidence", document)
    assert (code, document["files"], document["count"], document["findings"]) == (0, 1, 0, [])
    assert document["unnamed"] == {"count": 1, "bytes": 17, "files": NOBODYS}


@pytest.mark.parametrize(
    ("harm", "code", "instead"),
    [
        (lambda file: file.unlink(), "missing", None),
        (lambda file: (file.unlink(), file.mkdir()), "missing", None),
        (lambda file: file.write_bytes(b"abd"), "altered", hashlib.sha256(b"abd").hexdigest()),
        (lambda file: file.write_bytes(b"ab"), "wrong-size", "2"),
        (lambda file: file.write_bytes(b"abcd"), "wrong-size", "4"),
    ],
)
def test_a_store_that_was_harmed_is_told(
    audit: Audit, beside: Path, harm: Callable[[Path], object], code: str, instead: str | None
) -> None:
    """Exit code 1; once, with the first event that names it and how many do; for people in both languages."""
    harm(stored(beside / "evidence", SHA256))
    found, document = audit("evidence")
    check("evidence", document)
    assert (found, document["count"]) == (1, 1)
    assert document["findings"] == [
        {
            "code": code,
            "sha256": SHA256,
            "size": 3,
            "name": "акт.pdf",
            "stream": "a/year",
            "version": 6,
            "position": 6,
            "events": 6,
            "found": instead,
        }
    ]
    for lang in ("ru", "en"):
        said = call(door, ["evidence", "--lang", lang])
        assert (said.code, said.out.startswith("a/year/6 (")) == (1, True)
        assert f"акт.pdf, {SHA256}: " in said.out


def test_a_store_that_is_not_there_is_no_finding(audit: Audit, beside: Path) -> None:
    """It is a service that is missing: exit code 3, also where its disk is not mounted and the folder is empty."""
    shutil.rmtree(beside / "evidence")
    assert audit("evidence")[0] == 3
    (beside / "evidence").mkdir()
    code, document = audit("evidence")
    assert (code, document["error"]["code"]) == (3, "unavailable")
    assert "VEKHA_EVIDENCE_DIR" in document["error"]["text"]


def test_every_way_of_naming_a_file_is_looked_at(audit: Audit, copied: str) -> None:
    """Another size of the same file, a form that old logs may have, what was written past Vekha."""
    entries: list[Any] = [{"sha256": SHA256, "size": 4, "name": "b"}, {"sha256": "../x", "size": 1, "name": "c"}]
    entries += [7, {"sha256": 7, "size": "x", "name": None}, {"sha256": SHA256, "size": 10**30, "name": "d"}]
    rows = [record("b/m/1", 1, data=canonical({"evidence": entries})), record("b/m/1", 2, data='{"evidence"')]
    rows.append(record("b/m/1", 3, data='{"evidence":[{"sha256":"\\ud800","size":1,"name":"\\ud800"}]}'))
    with psycopg.connect(copied, autocommit=True) as connection:
        put_past(connection, *rows)
    code, document = audit("evidence")
    check("evidence", document)
    assert code == 1
    told = [(one["code"], one["sha256"], one["size"], one["version"]) for one in document["findings"]]
    assert told == [
        ("missing", "", -1, 1),
        ("missing", "../x", 1, 1),
        ("missing", "?", 1, 3),
        ("wrong-size", SHA256, -1, 1),
        ("wrong-size", SHA256, 4, 1),
    ]


def test_findings_without_number_are_counted(audit: Audit, copied: str, beside: Path) -> None:
    """A hundred are listed, of what is missing and of what nobody names; the count says how many there are."""
    entries = [{"sha256": f"{number:064x}", "size": 1, "name": "a"} for number in range(150)]
    with psycopg.connect(copied, autocommit=True) as connection:
        put_past(connection, record("b/m/1", 1, data=canonical({"evidence": entries})))
    for number in range(149):
        (beside / "evidence" / f"{number}\udcff.txt").write_bytes(b"12")  # a name that is no UTF-8
    code, document = audit("evidence")
    check("evidence", document)
    assert (code, document["count"], len(document["findings"])) == (1, 150, 100)
    unnamed = document["unnamed"]
    assert (unnamed["count"], unnamed["bytes"], len(unnamed["files"])) == (150, 149 * 2 + 17, 100)
    assert audit("evidence", "--roadmap", "b")[0] == 2  # which was never started


MANY = """
insert into vekha.event (id, stream, version, type, schema_version, occurred_on, at, received_at, actor, signed, data, writer)
select gen_random_uuid(), 'b/m/1', number, 'ProgressReported', 1, '2022-09-01', now(), now(), 'a', false,
       '{"evidence":[' || (select string_agg('{"sha256":"' || encode(sha256((number || '/' || file)::bytea), 'hex')
                                             || '","size":1,"name":"' || repeat('a', 100) || '"}', ',')
                           from generate_series(1, 10) as file) || ']}', 'w'
from generate_series(1, 10000) as number
"""


def test_the_memory_of_the_check_does_not_grow_with_the_log(audit: Audit, copied: str) -> None:
    """A hundred thousand files, 20 MB of names, and as many findings: a process takes hardly more than for one."""
    script = (
        "import re, sys; from pathlib import Path; from doors.cli.audit import audit; from doors.cli.output import main\n"
        "try: main(audit)\n"
        "except SystemExit as end: code = end.code\n"
        # Not ru_maxrss: a process inherits that from the one that started it.
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(code, peak, file=sys.stderr)"
    )
    del audit  # which has set the address before
    peaks = []
    for expected in (0, 1):
        if expected:
            with psycopg.connect(copied, autocommit=True) as connection:
                connection.execute(MANY)
        run = [sys.executable, "-c", script, "evidence", "--json"]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
        code, peak = map(int, done.stderr.split())
        assert (code, json.loads(done.stdout)["count"]) == (expected, expected * 100_000)
        peaks.append(peak / 1024)
    assert peaks[1] - peaks[0] < 25, peaks
