"""The log as files for an auditor: byte for byte the same for the same checkpoint, checked by the verifier beside them.

What is exported is what a checkpoint covers, and where that is asked for each file that its events name, as it lies in the
evidence store. `manifest.json` is written last: without it an export was not finished.
"""

from __future__ import annotations

import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

from domain.records import canonical
from eventlog import verifier
from eventlog.checkpoints import read_checkpoint
from eventlog.evidence import check_store, open_stored
from eventlog.sessions import Connection
from eventlog.verifier import EVIDENCE, FIELDS, FILES, MANIFEST

FORMATS = {  # of one year, with files
    (False, False): verifier.FORMAT,
    (False, True): verifier.FORMAT_WITH_FILES,
    (True, False): verifier.FORMAT_OF_YEAR,
    (True, True): verifier.FORMAT_OF_YEAR_WITH_FILES,
}
PAGE = 10_000
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the time of every file in a ZIP
BIGGEST = 1 << 36  # bytes that a ZIP may unfold to
TIGHTEST = 100  # as many bytes of an export come out of one packed by others; a bomb makes a thousand of it
CARRIED = re.compile(f"{EVIDENCE}/([0-9a-f]{{64}})?")
EVENTS = f"""
select {", ".join("xid::text::bigint" if name == "xid" else name for name in FIELDS)}, encode(hash, 'hex')
from vekha.seal join vekha.event using (seq) where position > %s and position <= %s order by position limit {PAGE}
"""
BLOCKS = """
select no, first_position, last_position, encode(head, 'hex'), encode(merkle_root, 'hex') from vekha.block
where no > %s and last_position <= %s order by no limit 10000
"""


def export(
    connection: Connection,
    note: str,
    public_keys: str,
    folder: Path,
    *,
    storage: Path | None = None,
    roadmap: str | None = None,
) -> int:
    """Write what the checkpoint of a signed note covers into a new folder; return the number of events.

    With the evidence store `storage`, the files of the events too; the verifier tells which of them it did not have.
    With a `roadmap` only its events, and of all others their leaves, which the chain and the tree need; Unreadable
    where one of those is no event. BadCheckpoint for a note that proves nothing, FileExistsError where there is such a folder, StoreMissing where the
    store is not there as a whole.
    """
    checkpoint = read_checkpoint(note, public_keys)
    folder.mkdir(parents=True)
    (folder / "checkpoint.txt").write_text(note, encoding="utf-8")
    (folder / "key.pub").write_text(public_keys.strip() + "\n", encoding="utf-8")
    shutil.copyfile(verifier.__file__, folder / "verifier.py")
    if storage is not None:
        (folder / EVIDENCE).mkdir()
    count = 0
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        with _new(folder, "blocks.jsonl") as blocks:
            for block in _blocks(connection, checkpoint.size):
                _write(blocks, dict(zip(("no", "first", "last", "head", "root"), block, strict=True)))
        with (
            _new(folder, "events.jsonl") as events,
            _new(folder, "definitions.jsonl") as definitions,
            _new(folder, "evidence.jsonl") as evidence,
        ):
            beside = {"definitions.jsonl": definitions, "evidence.jsonl": evidence}
            for event in _events(connection, checkpoint.size):
                count += 1
                if roadmap is not None and event["roadmap"] != roadmap:
                    _write(events, _leaf_alone(event))
                    continue
                _write(events, event)
                for name, lines in verifier.derived(event).items():
                    for line in lines:
                        _write(beside[name], line)
                        if storage is not None and name == "evidence.jsonl":
                            _carry(storage, line["evidence"], folder / EVIDENCE)
    digests = {name: verifier.digest(folder / name) for name in FILES}
    format_ = FORMATS[roadmap is not None, storage is not None]
    manifest = {"format": format_, "origin": checkpoint.origin, "size": checkpoint.size, "files": digests}
    manifest |= {} if roadmap is None else {"roadmap": roadmap}
    (folder / MANIFEST).write_text(canonical(manifest) + "\n", encoding="utf-8")
    return count


def pack(folder: Path, archive: Path) -> None:
    """Put an export into a ZIP: the same bytes for the same export. FileExistsError where there is such a file."""
    with archive.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), LONG_AGO)
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, packed.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give the folder of an export, a ZIP unpacked for the while.

    verifier.Unreadable for a ZIP that cannot be read or holds what no export holds: paths above all.
    """
    if path.is_dir():
        yield path
        return
    if path.exists() and not path.is_file():  # a pipe would wait for ever
        raise verifier.Unreadable("no folder and no file", "это не папка и не файл")
    with tempfile.TemporaryDirectory(prefix="vekha-") as folder:
        try:
            with zipfile.ZipFile(path) as packed:
                names = packed.namelist()
                foreign = [name for name in names if name not in {*FILES, MANIFEST} and not CARRIED.fullmatch(name)]
                if foreign:
                    raise verifier.Unreadable(
                        f"{foreign[0]!r} does not belong to an export", f"{foreign[0]!r} к выгрузке не относится"
                    )
                if len(set(names)) < len(names) or sum(entry.file_size for entry in packed.infolist()) > BIGGEST:
                    raise verifier.Unreadable(
                        "no export: files twice, or too large ones",
                        "это не выгрузка: файлы повторяются или слишком велики",
                    )
                if any(entry.file_size > TIGHTEST * max(entry.compress_size, 1000) for entry in packed.infolist()):
                    raise verifier.Unreadable(
                        "no export: a file that unfolds to far more than it is",
                        "это не выгрузка: файл раскрывается во много раз",
                    )
                packed.extractall(folder)  # a symbolic link becomes a file: nothing is followed
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
            raise verifier.Unreadable(
                f"this is no ZIP, or a damaged one: {error}", "это не ZIP, или он повреждён или зашифрован"
            ) from None
        yield Path(folder)


def _leaf_alone(event: dict[str, Any]) -> dict[str, Any]:
    """Return what stands for an event of another year: nothing of it can be read."""
    try:
        leaf = verifier.leaf_of(event)
    except (ValueError, TypeError, OverflowError, struct.error) as error:
        position = event["position"]
        raise verifier.Unreadable(f"position {position}: no event", f"запись {position}: это не запись") from error
    return {"position": event["position"], "leaf": leaf.hex(), "hash": event["hash"]}


def _carry(storage: Path, evidence: Any, folder: Path) -> None:
    """Copy the file that an event names into a folder, where the store has it and the folder not yet."""
    name = evidence.get("sha256") if isinstance(evidence, dict) else None
    source = open_stored(storage, name) if isinstance(name, str) else None
    if source is None:
        check_store(storage)
        return
    with source:
        if not (folder / str(name)).exists():
            with (folder / str(name)).open("xb") as target:
                shutil.copyfileobj(source, target)


def _events(connection: Connection, size: int) -> Iterator[dict[str, Any]]:
    names = (*FIELDS, "hash")
    position = 0
    while rows := connection.execute(EVENTS, (position, size)).fetchall():
        for row in rows:
            yield {name: _plain(value) for name, value in zip(names, row, strict=True)}
        position = rows[-1][0]


def _blocks(connection: Connection, size: int) -> Iterator[tuple[Any, ...]]:
    no = 0
    while rows := connection.execute(BLOCKS, (no, size)).fetchall():
        yield from rows
        no = rows[-1][0]


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:
            return value


@contextmanager
def _new(folder: Path, name: str) -> Iterator[TextIO]:
    with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
        yield file


def _write(file: TextIO, line: dict[str, Any]) -> None:
    file.write(verifier.line_of(line))
