"""`audit.py evidence`: the evidence store held against the log, file by file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from app.log import Connection, find_year, open_log
from domain.codec import MAX_INTEGER, SHA256
from doors.cli.output import Door, Exit, command, door, told
from eventlog import verifier
from eventlog.errors import StoreMissing
from eventlog.evidence import check_store, open_stored, sha256_of, stored, stored_files
from eventlog.read import read_evidence
from orders.troubles import why
from settings import settings
from views.plain import one_line

LISTED = 100
WORDS = {
    "missing": ("файла в хранилище нет", "the store does not have it"),
    "wrong-size": (
        "в файле другое число байтов: {found} вместо {size}",
        "the file has {found} bytes instead of {size}",
    ),
    "altered": ("файл изменён, его SHA-256 теперь {found}", "the file was altered, its SHA-256 is {found} now"),
}


@dataclass(frozen=True)
class Named:
    """A file as events describe it: by how many of them, and by which first."""

    sha256: str
    size: int
    name: str
    stream: str
    version: int
    position: int | None
    events: int


@dataclass(frozen=True)
class Finding:
    """What is wrong with a file: a code of WORDS, with the size or the SHA-256 that was found instead."""

    code: str
    file: Named
    found: str | None = None


@command(
    "evidence",
    help=told("Сверить приложенные файлы с журналом.", "Hold the attached files against the log."),
)
@click.option(
    "--roadmap",
    help=told(
        "только файлы этой дорожной карты (по умолчанию всех)", "only the files of this roadmap (by default of all)"
    ),
)
@door
def evidence(at: Door, roadmap: str | None) -> Exit:
    """Look at every file that an event names; FINDING where one is not in the store as it was named.

    What the log says is put into a file of its own on the disk, and the store is gone through folder by folder: memory
    grows with neither.
    """
    storage = settings().evidence_dir
    with closing(sqlite3.connect("")) as said:
        with open_log() as connection:
            if roadmap is not None:
                find_year(connection, roadmap)
            _write_down(said, connection)
        found, count, files = [], 0, 0
        for one in _named(said, roadmap):
            if not files:
                check_store(storage)
            files += 1
            finding = _look(storage, one)
            if finding is not None:
                count += 1
                found += [finding] if count <= LISTED else []
        unnamed: list[tuple[str, int]] = []
        unnamed_count, unnamed_bytes = 0, 0
        for path, size in stored_files(storage):
            if not _is_named(said, path):
                unnamed_count, unnamed_bytes = unnamed_count + 1, unnamed_bytes + size
                shown = os.fsencode(path).decode(errors="backslashreplace")
                unnamed += [(shown, size)] if unnamed_count <= LISTED else []
    listed = [{"path": path, "size": size} for path, size in unnamed]
    document = {
        "roadmap": roadmap,
        "files": files,
        "count": count,
        "findings": [{"code": one.code, **asdict(one.file), "found": one.found} for one in found],
        "unnamed": {"count": unnamed_count, "bytes": unnamed_bytes, "files": listed},
    }
    lines = [_line(at, one) for one in found]
    lines += [
        at.say(
            f"Ни одно событие не называет: {one_line(path)}, байтов: {size}",
            f"No event names: {one_line(path)}, {size} bytes",
        )
        for path, size in unnamed
    ]
    lines.append(
        at.say(
            f"Файлов проверено: {files}, расхождений: {count}; лежит сверх названных событиями: {unnamed_count}.",
            f"Files checked: {files}, discrepancies: {count}; files that no event names: {unnamed_count}.",
        )
    )
    return at.answer(document, "\n".join(lines), Exit.FINDING if count else Exit.DONE)


def _write_down(said: sqlite3.Connection, connection: Connection) -> None:
    """Put what the events say of files into a table, a row each time that one is named."""
    said.execute(
        "create table named (sha256 text, size integer, name text, stream text, version integer, position integer)"
    )
    said.executemany("insert into named values (?, ?, ?, ?, ?, ?)", _rows(connection))
    said.execute("create index by_sha256 on named (sha256)")


def _rows(connection: Connection) -> Iterator[tuple[str, int, str, str, int, int | None]]:
    for stream, version, position, data in read_evidence(connection):
        event = {"data": data, "stream": stream, "position": position}
        for line in verifier.derived(event)["evidence.jsonl"]:
            file = line["evidence"] if isinstance(line["evidence"], dict) else {}
            yield _text(file.get("sha256")), _size(file.get("size")), _text(file.get("name")), stream, version, position


def _text(value: Any) -> str:
    """Return a text as a table can hold it; nothing for what is none: somebody has written that past Vekha."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def _size(value: Any) -> int:
    return value if type(value) is int and abs(value) <= MAX_INTEGER else -1


def _named(said: sqlite3.Connection, roadmap: str | None) -> Iterator[Named]:
    """Yield each file once, and once more for each other size that events give it."""
    query = """
        select sha256, size, name, stream, version, position, count(*), min(rowid) from named
        where ?1 is null or substr(stream, 1, length(?1) + 1) = ?1 || '/' group by sha256, size order by sha256, size
    """
    for row in said.execute(query, (roadmap,)):
        yield Named(*row[:-1])


def _is_named(said: sqlite3.Connection, path: str) -> bool:
    name = Path(path).name
    if not SHA256.fullmatch(name) or path != str(stored(Path(), name)):
        return False
    return said.execute("select 1 from named where sha256 = ?", (name,)).fetchone() is not None


def _look(storage: Path, one: Named) -> Finding | None:
    """Return what is wrong with a file, if anything is; StoreMissing where it cannot be read."""
    file = open_stored(storage, one.sha256)
    if file is None:
        return Finding("missing", one)
    with file:
        size = file.seek(0, os.SEEK_END)
        if size != one.size:
            return Finding("wrong-size", one, str(size))
        try:
            sha256 = sha256_of(file)
        except OSError as error:
            raise StoreMissing(storage, *why(error)) from error
    return None if sha256 == one.sha256 else Finding("altered", one, sha256)


def _line(at: Door, finding: Finding) -> str:
    file = finding.file
    what = at.say(*WORDS[finding.code]).format(found=finding.found, size=file.size)
    others = at.say(f" (и ещё событий: {file.events - 1})", f" (and {file.events - 1} events more)")
    named = f"{one_line(file.name)}, {one_line(file.sha256)}"
    return f"{file.stream}/{file.version}{others if file.events > 1 else ''}: {named}: {what}"
