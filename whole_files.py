"""Files that are written whole or not at all: the content lies beside its place until all of it is on the disk."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ORDINARY, PRIVATE = 0o666, 0o600  # rights of a new file: what the umask leaves of them, or its owner's alone


def write_whole(path: Path, content: bytes, rights: int = ORDINARY) -> None:
    """Write one file; as `write_all` does."""
    write_all([(path, content)], rights)


def write_all(files: Sequence[tuple[Path, bytes]], rights: int = ORDINARY) -> None:
    """Write all files or none: each lies on the disk beside its place before the first is put there.

    A link is followed. A file that is there keeps its rights and is not replaced where it is closed to writing; with
    PRIVATE it belongs to its owner alone afterwards, whatever it was. What is no file but a pipe or a device is written
    to, after the files.

    OSError, its `filename` the path as it was given, where one cannot be written: a folder, say, or a full disk.
    ValueError for a name that no file can have.
    """
    beside: list[tuple[Path, Path, Path]] = []
    streams: list[tuple[Path, bytes]] = []
    try:
        for path, content in files:
            with _named(path):
                place = Path(os.path.realpath(path)) if path.is_symlink() else path
                if path.exists() and not (_is_at(place, path) and (place.is_file() or place.is_dir())):
                    streams.append((path, content))
                else:
                    beside.append((path, place, _write_beside(place, content, rights)))
        for path, place, part in beside:
            with _named(path):
                part.replace(place)
    finally:
        for _, _, part in beside:
            part.unlink(missing_ok=True)
    for path, content in streams:
        with _named(path):
            path.write_bytes(content)


def _is_at(place: Path, path: Path) -> bool:
    """Tell whether a place is what a path leads to: `/dev/stdout` may lead to what has no place, a pipe or a lost file."""
    return place.exists() and place.samefile(path)


def _write_beside(place: Path, content: bytes, rights: int) -> Path:
    """Return the hidden neighbour of a place that holds the content, on the disk."""
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    keeps = stat.S_IMODE(place.stat().st_mode) & 0o777 if rights != PRIVATE and place.exists() else None
    if keeps is not None and not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    part = place.with_name(f".{secrets.token_hex(8)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if keeps is not None:
                os.fchmod(file.fileno(), keeps)
            os.fsync(file.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error name the file that was asked for, not what lies beside it for a moment."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
