"""The store of evidence: each file under the SHA-256 of its content, in one folder that doors and workers share.

A store holds the file MARK, from the first time that it is written to: so a folder where its disk is not mounted is not
taken for a store that lost its files.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BufferedReader
from pathlib import Path

from domain.codec import SHA256
from domain.commands import Evidence
from eventlog.errors import StoreMissing
from orders.troubles import why

MARK = ".vekha-evidence"
SHELF = re.compile("[0-9a-f]{2}")
FILES_REMEMBERED = 10_000


def stored(storage: Path, sha256: str) -> Path:
    """Return where the file of that SHA-256, 64 hexadecimal digits, lies in a store."""
    return storage / sha256[:2] / sha256


def make_store(storage: Path) -> None:
    """Make the store where it is not there yet; OSError where that cannot be."""
    storage.mkdir(mode=0o750, parents=True, exist_ok=True)
    if not (storage / MARK).exists():
        (storage / MARK).touch(mode=0o440)


def check_store(storage: Path) -> None:
    """Demand that the store as a whole is there and can be read; StoreMissing, which says what to do."""
    try:
        with os.scandir(storage) as entries:
            if any(entry.name == MARK or SHELF.fullmatch(entry.name) for entry in entries):
                return
    except OSError as error:
        raise StoreMissing(storage, *why(error)) from error
    raise StoreMissing(storage, "папка пуста", "the folder is empty")


def missing(evidence: Sequence[Evidence], storage: Path) -> tuple[str, ...]:
    """Return the SHA-256 of each file that the store does not have as it is described, in size and in content.

    StoreMissing where the store is not there or a file in it cannot be read: then nothing is known, and to be asked
    again. It reads whole files, each once while it stays what it is: call it off the event loop.
    """
    lost = [file.sha256 for file in evidence if not _holds(storage, file)]
    if lost:
        check_store(storage)
    return tuple(dict.fromkeys(lost))


def stored_files(storage: Path) -> Iterator[tuple[str, int]]:
    """Yield path within the store and size in bytes of all that lies in it, in the order of the paths.

    Of one folder after the other: memory does not grow with the store. Nothing of a store that is not there; StoreMissing
    where a folder cannot be read.
    """

    def fail(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise StoreMissing(storage, *why(error)) from error

    for folder, inner, names in os.walk(storage, onerror=fail):
        inner.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path != storage / MARK:
                yield str(path.relative_to(storage)), path.lstat().st_size


def open_stored(storage: Path, sha256: str) -> BufferedReader | None:
    """Open a file of the store, as it lies there; None where it is not there, StoreMissing where nothing can be said."""
    if not SHA256.fullmatch(sha256):
        return None
    path = stored(storage, sha256)
    try:
        return path.open("rb") if path.is_file() else None
    except OSError as error:
        raise StoreMissing(storage, *why(error)) from error


def sha256_of(file: BufferedReader) -> str:
    """Return the SHA-256 of an open file's content from its beginning, in hex; OSError where it cannot be read."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _holds(storage: Path, file: Evidence) -> bool:
    if not SHA256.fullmatch(file.sha256):
        return False
    path = stored(storage, file.sha256)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != file.size:
            return False
        identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        return _remembered_sha256(path, identity) == file.sha256
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StoreMissing(storage, *why(error)) from error


@lru_cache(FILES_REMEMBERED)
def _remembered_sha256(path: Path, _identity: tuple[int, ...]) -> str:
    """Return the SHA-256 of a file, read once while it is the same to its file system: nobody sets a ctime."""
    with path.open("rb") as file:
        return sha256_of(file)
