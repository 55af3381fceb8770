"""Evidence: files go into the store (`eventlog.evidence`) before a command speaks of them.

The door streams a file under a temporary name and renames it to its SHA-256, so that a half-written file never has
a name. The same content is kept once.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from app.problem import Problem, ProblemKind
from domain.codec import MAX_FILE_BYTES, MAX_FILE_NAME, MAX_FILES, in_file_name
from domain.commands import Evidence
from eventlog.evidence import make_store, stored
from orders.troubles import why

LIMIT = MAX_FILE_BYTES
CHUNK = 1024 * 1024


def keep(files: Sequence[Path], storage: Path) -> tuple[Evidence, ...]:
    """Put the files of one command into the store and return what the event will say of them.

    All are inspected before the first is copied: a bad one leaves nothing behind.
    """
    inspect(files)
    return tuple(_keep(file, storage) for file in files)


def inspect(files: Sequence[Path]) -> None:
    """Look at the files of one command without keeping them.

    Problem (INVALID) for a file that is missing, no ordinary file, unreadable, empty, or larger than LIMIT bytes, and for
    more than MAX_FILES files.
    """
    if len(files) > MAX_FILES:
        ru, en = f"это {MAX_FILES + 1}-й файл, а в одной команде их не больше {MAX_FILES}", "is one file too many"
        raise _problem(files[MAX_FILES], ru, f"{en}: a command has {MAX_FILES} at most")
    for file in files:
        _check(file)


def _check(file: Path) -> None:
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _problem(file, "это не обычный файл", "is no ordinary file")
        with file.open("rb"):
            pass
    except OSError as error:
        ru, en = why(error)
        raise _problem(file, f"не читается ({ru})", f"cannot be read ({en})") from error
    _check_size(file, status.st_size)


def _check_size(file: Path, size: int) -> None:
    if size == 0:
        raise _problem(file, "пустой файл (0 байт)", "is empty (0 bytes)")
    if size > LIMIT:
        raise _problem(file, f"больше {LIMIT >> 20} МБ", f"is larger than {LIMIT >> 20} MB")


def _keep(file: Path, storage: Path) -> Evidence:
    try:
        make_store(storage)
        handle, name = tempfile.mkstemp(dir=storage, prefix=".incoming-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as copy:
                sha256, size = _copy(file, copy)
            place = stored(storage, sha256)
            place.parent.mkdir(mode=0o750, exist_ok=True)
            temporary.chmod(0o440)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        ru, en = why(error)
        raise _problem(file, f"не сохранён ({ru})", f"could not be kept ({en})") from error
    return Evidence(sha256, size, _plain_name(file.name))


def _copy(file: Path, copy: BinaryIO) -> tuple[str, int]:
    """Copy a file to the disk; return its SHA-256 and size, measured on the way: it may change meanwhile."""
    checksum, size = hashlib.sha256(), 0
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            _check_size(file, size)
            checksum.update(chunk)
            copy.write(chunk)
    _check_size(file, size)
    copy.flush()
    os.fsync(copy.fileno())
    return checksum.hexdigest(), size


def _plain_name(name: str) -> str:
    """Return a file's name as a command may have it: without anything that could steer a terminal or a path."""
    return "".join(filter(in_file_name, unicodedata.normalize("NFC", name)))[:MAX_FILE_NAME] or "file"


def _problem(file: Path, ru: str, en: str) -> Problem:
    place = (str(file), None, None)
    return Problem(ProblemKind.INVALID, "bad-file", f"{ru}. Ничего не отправлено.", f"{en}. Nothing was sent.", place)
