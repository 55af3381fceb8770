"""`admin.py evidence`: the files that reports of a measure brought, listed, and given out under their own names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BufferedReader
from itertools import chain, count
from pathlib import Path
from typing import Any

import click

from app.log import find_year, open_log
from app.problem import Problem, ProblemKind
from domain.codec import in_file_name, read_fact
from domain.commands import Evidence
from domain.events import ExecutionReported, ProgressReported
from domain.roadmap import measure_stream
from doors.cli.codes import body_of, checkpoint_of, measure_argument, measure_of, roadmap_option
from doors.cli.output import Door, Exit, command, door, told
from eventlog.evidence import check_store, open_stored, sha256_of
from eventlog.read import read_files
from orders.troubles import why
from settings import settings
from views.names import Names, parts
from views.plain import one_line
from views.texts import counted, day

BYTES = 200  # of a name without its suffix; file systems take 255
SUFFIX = 10  # letters of the longest suffix
CHUNK = 1024 * 1024
# What some system takes for more than a letter of a name, and the names that some system keeps for itself.
UNFIT = re.compile(r'[<>:"/\\|?*]')
TAKEN = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
WORDS = {
    "missing": ("файла в хранилище нет: скажите системному администратору (audit.py evidence)",
                "the store does not have it: tell the system administrator (audit.py evidence)"),
    "altered": ("файл в хранилище не тот, что был приложен: скажите системному администратору (audit.py evidence)",
                "the store's file is not the one that was attached: tell the system administrator (audit.py evidence)"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attached:
    """A file, and the report that brought it."""

    file: Evidence
    assignment: str
    kind: str
    occurred_on: date
    position: int | None


@command(
    "evidence",
    help=told(
        "Файлы, приложенные к отчётам мероприятия: перечислить или сохранить в папку.",
        "The files attached to a measure's reports: list them, or save them into a folder.",
    ),
)
@measure_argument
@click.option(
    "--checkpoint", metavar=told("КЛЮЧ", "KEY"), help=told("только этой контрольной точки", "of this checkpoint only")
)
@click.option("--body", metavar=told("КОД", "CODE"), help=told("только этой организации", "of this body only"))
@click.option(
    "--save",
    "folder",
    metavar=told("ПАПКА", "FOLDER"),
    type=click.Path(path_type=Path, file_okay=False),
    help=told("сохранить сюда под своими именами", "save here under their own names"),
)
@roadmap_option
@door
def evidence(
    at: Door, measure: str, *, checkpoint: str | None, body: str | None, folder: Path | None, roadmap: str | None
) -> Exit:
    """Tell each file with who sent it and when; FINDING where one that should be saved is not as it was attached."""
    with open_log() as connection:
        year = find_year(connection, roadmap)
        number = measure_of(year.roadmap, measure)
        point = None if checkpoint is None else checkpoint_of(year.roadmap, number, checkpoint)
        sender = None if body is None else body_of(year.roadmap.registry, body)
        kinds = [ProgressReported.__name__, ExecutionReported.__name__]
        records = read_files(connection, measure_stream(year.roadmap.id, number), kinds)
        found = [one for record in records for one in _attached(read_fact(record), record.occurred_on, record.position)]
    files = [
        one for one in found if point in (None, parts(one.assignment)[1]) and sender in (None, parts(one.assignment)[2])
    ]
    storage = settings().evidence_dir
    if files and folder is not None:
        check_store(storage)
    names = Names(year.roadmap, at.lang)
    rows, lines, code = [], [], Exit.DONE
    for one in files:
        trouble, saved = (None, None) if folder is None else _saved(one, folder, storage)
        code = Exit.FINDING if trouble else code
        rows.append(_record(one, trouble, saved))
        became = f": {at.say(*WORDS[trouble])}" if trouble else f" → {saved}" if saved else ""
        lines.append(
            f"{day(one.occurred_on)} {names.body(parts(one.assignment)[2])}, "
            f"{names.checkpoint(number, parts(one.assignment)[1])}: {one_line(one.file.name)}{became}"
        )
    lines.append(
        at.say(
            f"Приложено к отчётам: {counted('files', len(files), 'ru')}.",
            f"Attached to reports: {counted('files', len(files), 'en')}.",
        )
    )
    if files and folder is None:
        lines.append(at.say("Сохранить их: --save ПАПКА.", "To save them: --save FOLDER."))
    return at.answer({"roadmap": year.roadmap.id, "measure": number, "files": rows}, "\n".join(lines), code)


def _attached(fact: object, occurred_on: str, position: int | None) -> Iterator[Attached]:
    if isinstance(fact, ProgressReported | ExecutionReported):
        for file in fact.evidence:
            yield Attached(file, fact.assignment, type(fact).__name__, date.fromisoformat(occurred_on), position)


def _record(one: Attached, trouble: str | None, saved: Path | None) -> dict[str, Any]:
    _, checkpoint, body = parts(one.assignment)
    return {
        "name": one.file.name,
        "sha256": one.file.sha256,
        "size": one.file.size,
        "checkpoint": checkpoint,
        "body": body,
        "event": one.kind,
        "position": one.position,
        "occurred_on": one.occurred_on.isoformat(),
        "saved": None if saved is None else str(saved),
        "problem": trouble,
    }


def _saved(one: Attached, folder: Path, storage: Path) -> tuple[str | None, Path | None]:
    """Put a file into the folder; return a code of WORDS where the store has it no more as it was, and where it lies.

    Nothing that is there is written over: the same content stays, and other content gets a name beside it. Problem
    (INVALID) where the folder cannot be written to.
    """
    source = open_stored(storage, one.file.sha256)
    if source is None:
        return "missing", None
    with source:
        try:
            if sha256_of(source) != one.file.sha256:
                return "altered", None
            folder.mkdir(parents=True, exist_ok=True)
            for name in names_for(one.file.name, parts(one.assignment)[2]):
                path = folder / name
                if not (path.exists() or path.is_symlink()):
                    _copy(source, path)
                    return None, path
                if path.is_file() and _same(path, one.file):
                    return None, path
        except OSError as error:
            ru, en = why(error)
            raise Problem(
                ProblemKind.INVALID, "cannot-write", f"файл не записать: {ru}", f"the file cannot be written: {en}",
                (str(folder), None, None),
            ) from error  # fmt: skip
    raise AssertionError("names do not end")


def names_for(name: str, body: str) -> Iterator[str]:
    """Yield the names that a file may be saved by: its own made safe, with the body's code, then numbered."""
    safe = UNFIT.sub("_", "".join(filter(in_file_name, name))).strip(" .")
    if not safe or TAKEN.match(safe):
        safe = f"_{safe}"
    stem, dot, suffix = safe.rpartition(".")
    if not stem or len(suffix) > SUFFIX:  # a point within a name
        stem, dot, suffix = safe, "", ""
    short = stem.encode()[:BYTES].decode(errors="ignore").rstrip(" .")
    beside = chain(("", f" ({body})"), (f" ({body} {number})" for number in count(2)))
    return (f"{short}{mark}{dot}{suffix}" for mark in beside)


def _copy(source: BufferedReader, path: Path) -> None:
    """Write a file that is not there yet, whole or not at all."""
    source.seek(0)
    with path.open("xb") as copy:
        try:
            while chunk := source.read(CHUNK):
                copy.write(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _same(path: Path, file: Evidence) -> bool:
    with path.open("rb") as there:
        return path.stat().st_size == file.size and sha256_of(there) == file.sha256
