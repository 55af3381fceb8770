"""Evidence: files go into content-addressed storage before a command speaks of them.

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

from domain.commands import Evidence
from doors.output import DoorError, Exit
from orders.troubles import why

LIMIT = 100 * 1024 * 1024
CHUNK = 1024 * 1024
NAME_LIMIT = 200


def keep(files: Sequence[Path], storage: Path) -> tuple[Evidence, ...]:
    """Put files into the storage and return what the event will say of them.

    All are inspected before the first is copied: a bad one leaves nothing behind.
    """
    inspect(files)
    return tuple(_keep(file, storage) for file in files)


def inspect(files: Sequence[Path]) -> None:
    """Look at files without keeping them.

    DoorError (USAGE) for a file that is missing, no ordinary file, unreadable, empty, or larger than LIMIT bytes.
    """
    for file in files:
        _check(file)


def stored(storage: Path, sha256: str) -> Path:
    """Return where the file of that SHA-256 lies."""
    return storage / sha256[:2] / sha256


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
        storage.mkdir(mode=0o750, parents=True, exist_ok=True)
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
    """Return a file's name without anything that could steer a terminal or a path."""
    letters = (letter for letter in unicodedata.normalize("NFC", name) if unicodedata.category(letter)[0] != "C")
    return "".join(letters)[:NAME_LIMIT] or "file"


def _problem(file: Path, ru: str, en: str) -> DoorError:
    place = (str(file), None, None)
    return DoorError(Exit.USAGE, "bad-file", f"{ru}. Ничего не отправлено.", f"{en}. Nothing was sent.", place)
