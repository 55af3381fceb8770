"""Files that a door writes: whole or not at all, and one line where it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import whole_files
from app.problem import Problem, ProblemKind
from orders.troubles import why


def check_suffix(path: Path, *endings: str) -> None:
    """Let pass a file whose name says what will be in it, or says nothing; Problem (INVALID) for one that says something else."""
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
    """Write a file whole or not at all; Problem (INVALID) where that is not allowed."""
    write_all([(path, content)])


def write_all(files: Sequence[tuple[Path, bytes]]) -> None:
    """Write all files or none; Problem (INVALID) where one cannot be written."""
    try:
        whole_files.write_all(files)
    except (OSError, ValueError) as error:
        ru, en = why(error)
        place = str(error.filename if isinstance(error, OSError) else files[0][0])
        raise Problem(
            ProblemKind.INVALID,
            "cannot-write",
            f"файл не записать: {ru}",
            f"the file cannot be written: {en}",
            (place, None, None),
        ) from error
