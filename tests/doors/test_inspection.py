"""The auditor's tools at their door: exit codes, documents, exports that anybody can check."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.records import canonical
from doors.audit import audit as door
from eventlog import verifier
from eventlog.chain import root_from
from eventlog.checkpoints import Checkpoint, Notary, Signer, log_folder, read_checkpoint, rotate
from eventlog.sealer import seal_new
from stack import Endpoints
from tests.conftest import a_database
from tests.doors.calling import call
from tests.eventlog.log import put, record, value
from tests.views.test_schemas import check

SIZE = 11
EVIDENCE = canonical({"evidence": [{"sha256": "ab" * 32, "size": 3, "name": "акт.pdf"}]})
Audit = Callable[..., tuple[int, Any]]


@dataclass(frozen=True)
class Sound:
    """A sound log of SIZE events in two blocks; in `folder` its keys, its checkpoints and an export, `out/one`."""

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


def test_a_changed_event_is_exit_one(
    audit: Audit, sound: Sound, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its position."""
    with a_database(endpoints, sound.database_url.rpartition("/")[2]) as database_url:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("alter table vekha.event disable trigger append_only")
            connection.execute("update vekha.event set received_at = received_at - interval '1 hour' where version = 6")
        monkeypatch.setenv("DATABASE_URL", database_url)
        code, document = audit("verify")
    check("verify", document)
    assert code == 1
    assert [(one["code"], one["position"]) for one in document["discrepancies"]] == [("changed", 6), ("rewritten", 11)]


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
    assert (code, document) == (0, {"problems": []})


def test_the_verifier_needs_nothing_of_ours(exported: Path, checkpoints: Path, tmp_path: Path) -> None:
    """Python alone, in isolated mode, in a folder of its own, with the auditor's own checkpoint and key."""
    shutil.move(exported, tmp_path / "elsewhere")
    own = ["--checkpoint", str(checkpoints / "latest.txt"), "--key", str(checkpoints / "key.pub")]
    for arguments in (["--self-test"], ["."], [".", *own]):
        run = [sys.executable, "-I", "-S", "verifier.py", *arguments]
        done = subprocess.run(run, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr


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
    assert "position 4" in verifier.check(exported)[0][0]


def _blocks(folder: Path, **changes: str) -> None:
    """Change the last block of an export."""
    *others, last = (folder / "blocks.jsonl").read_text().splitlines()
    (folder / "blocks.jsonl").write_text("\n".join([*others, json.dumps(json.loads(last) | changes)]) + "\n")


@pytest.mark.parametrize(
    ("harm", "english", "russian"),
    [
        (
            lambda folder: _events(folder, [*_lines(folder)[:4], *_lines(folder)[5:]]),
            "position 5: missing, 6 stands there",
            "запись 5: её нет, на её месте 6",
        ),
        (
            lambda folder: _events(folder, _lines(folder)[:-1]),
            "position 11: the log ends at 10, block 2 knows 11",
            "запись 11: журнал кончается записью 10, а блок 2 знает 11",
        ),
        (
            lambda folder: _events(folder, _lines(folder)[:5]),
            "position 6: the log ends at 5, the checkpoint of vekha/",
            "запись 6: журнал кончается записью 5, а контрольная запись журнала vekha/",
        ),
        (
            lambda folder: _line(folder, 4, actor="school-7"),
            "position 4: not as it was sealed: ",
            "запись 4: не та, что была запечатана: ожидалось ",
        ),
        (
            lambda folder: (folder / "evidence.jsonl").write_text(""),
            "evidence.jsonl: is not as it was exported",
            "evidence.jsonl: не тот, что был выгружен",
        ),
        (
            lambda folder: (folder / "evidence.jsonl").write_text(""),
            "evidence.jsonl: is not what the events say, at position 6",
            "evidence.jsonl: не то, что говорят записи журнала, на записи 6",
        ),
        (
            lambda folder: (folder / "definitions.jsonl").write_text("{}\n"),
            "definitions.jsonl: has more than the events say",
            "definitions.jsonl: в нём больше, чем говорят записи журнала",
        ),
        (
            lambda folder: (folder / "extra.txt").write_text(""),
            "extra.txt: does not belong to the export",
            "extra.txt: к выгрузке не относится",
        ),
        (
            lambda folder: _blocks(folder, no="3"),
            "blocks.jsonl: block 2 from position 6 expected, 3 from 6 found",
            "blocks.jsonl: ожидался блок 2 с записи 6, есть 3 с 6",
        ),
        (
            lambda folder: _blocks(folder, head="00" * 32),
            "position 11: block 2: the chain's head differs",
            "запись 11: блок 2: вершина цепочки другая",
        ),
        (
            lambda folder: _blocks(folder, root="00" * 32),
            f"position 11: block 2: root {'00' * 32} expected, ",
            f"запись 11: блок 2: ожидался корень {'00' * 32}, есть ",
        ),
    ],
)
def test_what_differs_in_an_export_is_told(
    exported: Path,
    capsys: pytest.CaptureFixture[str],
    harm: Callable[[Path], object],
    english: str,
    russian: str,
) -> None:
    """Exit code 1. By the door in the language that is asked for, by the verifier, which knows no languages, in both."""
    harm(exported)
    for lang, words in (("en", english), ("ru", russian)):
        said = call(door, ["verify-export", str(exported), "--lang", lang])
        assert (said.code, words in said.out) == (1, True), said
    assert verifier.main([str(exported)]) == 1
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith(russian))
    assert f" / {english}" in line


@pytest.mark.parametrize(
    ("name", "content", "english", "russian"),
    [
        (
            "manifest.json",
            None,
            "manifest.json is missing: no export, or one that was not finished",
            "нет manifest.json: это не выгрузка, или она не закончена",
        ),
        (
            "evidence.jsonl",
            None,
            "evidence.jsonl is missing: the export was not finished, or was taken apart",
            "нет evidence.jsonl: выгрузка не закончена или разобрана",
        ),
        ("events.jsonl", "{", "events.jsonl:1: no JSON", "events.jsonl:1: это не JSON"),
        ("events.jsonl", "[]\n", "events.jsonl:1: no event", "events.jsonl:1: это не запись журнала"),
        ("blocks.jsonl", "{}\n", "blocks.jsonl:1: no block", "blocks.jsonl:1: это не блок"),
        ("key.pub", "x", "the public key cannot be read", "открытый ключ не читается"),
        ("checkpoint.txt", "x", "the checkpoint cannot be read", "контрольная запись не читается"),
        ("checkpoint.txt", b"\xff", "a file is not UTF-8", "в файле не UTF-8"),
        (
            "manifest.json",
            '{"format": "vekha-export/9"}',
            "an export of another kind, vekha-export/9: use the verifier that lies in it",
            "выгрузка другого вида, vekha-export/9: проверьте её тем verifier.py, что лежит в ней",
        ),
    ],
)
def test_what_is_no_export_is_told(  # noqa: PLR0917 - fixtures
    exported: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str | bytes | None,
    english: str,
    russian: str,
) -> None:
    """One line, exit code 2, in the same languages."""
    (exported / name).unlink()
    if content is not None:
        (exported / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for lang, line in (
        ("en", f"The export was not verified: {english}."),
        ("ru", f"Выгрузка не проверена: {russian}."),
    ):
        said = call(door, ["verify-export", str(exported), "--lang", lang])
        assert (said.code, said.line()) == (2, line)
    assert verifier.main([str(exported)]) == 2
    assert capsys.readouterr().err == f"{russian} / {english}\n"


def test_the_file_that_is_wrong_is_the_one_that_is_named(audit: Audit, checkpoints: Path, tmp_path: Path) -> None:
    """The key where the key is; a file that is not there once."""
    (tmp_path / "bad.pub").write_text("vekha/x")
    for arguments, told in (
        (("--key", tmp_path / "bad.pub"), f"{tmp_path}/bad.pub: the public key cannot be read."),
        (("--key", tmp_path / "no.pub"), f"{tmp_path}/no.pub: the file cannot be read."),
        (("--checkpoint", tmp_path / "no.txt"), f"{tmp_path}/no.txt: the file cannot be read."),
    ):
        given = {"--checkpoint": checkpoints / "latest.txt"} | dict([arguments])
        code, document = audit("verify", *(word for option in given.items() for word in option))
        assert (code, document["error"]["text"]) == (2, told)


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


async def test_an_event_of_the_future_is_whole_but_unknown(audit: Audit, own_log: str, tmp_path: Path) -> None:
    """The log holds; what this program cannot explain is told."""
    await put(own_log, record("a/year", type_="WeatherForecast"), record("a/year", 2, schema_version=99))
    notary = Notary(Signer(tmp_path / "keys" / "checkpoint.key"), [tmp_path / "checkpoints"])
    with psycopg.connect(own_log, autocommit=True) as connection:
        seal_new(connection)
        notary.publish(connection)
    assert audit("export", tmp_path / "future")[0] == 0
    code, document = audit("verify-export", tmp_path / "future")
    assert code == 1
    assert document["problems"] == [
        "position 1: WeatherForecast 1 comes from a newer Vekha",
        "position 2: ProgressReported 99 comes from a newer Vekha",
    ]
    told = call(door, ["verify-export", str(tmp_path / "future"), "--lang", "ru"]).out
    assert told.startswith("запись 1: WeatherForecast 1 — из более новой Вехи\n")


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
