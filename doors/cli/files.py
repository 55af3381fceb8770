"""Files that a door writes: whole or not at all, and one line where it cannot."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.problem import Problem, ProblemKind
from orders.troubles import why


def check_suffix(path: Path, *endings: str) -> None:
    """Let pass a file whose name says what will be in it, or says nothing; USAGE for one that says something else."""
    if path.suffix.lower() in {"", *endings}:
        return
    raise Problem(
        ProblemKind.INVALID,
        "wrong-suffix",
        f"имя файла обещает другое: закончите его на {' или '.join(endings)}",
        f"the file's name says otherwise: let it end with {' or '.join(endings)}",
        (str(path), None, None),
    )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then put it there at once; USAGE where that is not allowed."""
    write_all([(path, content)])


def write_all(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write all files or none: each lies beside its place before the first is put there; USAGE where one cannot."""
    parts: list[tuple[Path, Path]] = []
    try:
        for path, content in files:
            with _told(path):
                parts.append((_part(path, content), path))
        for part, path in parts:
            with _told(path):
                part.replace(path)
    finally:
        for part, _ in parts:
            part.unlink(missing_ok=True)


def _part(path: Path, content: bytes) -> Path:
    path.parent.stat()  # mkstemp would tidy «nowhere/..» away, and putting the file there would fail
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        ru, en = why(error)
        raise Problem(
            ProblemKind.INVALID,
            "cannot-write",
            f"файл не записать: {ru}",
            f"the file cannot be written: {en}",
            (str(path), None, None),
        ) from error
