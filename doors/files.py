"""Files that a door writes: whole or not at all, and one line where it cannot."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from doors.output import DoorError, Exit


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then put it there at once; USAGE where that is not allowed."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DoorError(
            Exit.USAGE,
            "cannot-write",
            f"файл не записать: {reason}",
            f"the file cannot be written: {reason}",
            (str(path), None, None),
        ) from error
