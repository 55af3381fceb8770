"""What can be wrong with the log.

LogError
├── LogWasCut            the writer knows more of a stream than the log holds
├── SchemaVersionDiffers the database was made by another version of Vekha
└── MigrationChanged     an applied migration no longer has the text it was applied with
"""

from __future__ import annotations

from domain.errors import VekhaError


class LogError(VekhaError):
    """Anything wrong with the log."""


class LogWasCut(LogError):
    """The writer knows more of a stream than the log holds: rows are gone, or it is another database."""

    def __init__(self, stream: str, expected_version: int, stored_version: int) -> None:
        super().__init__(f"stream {stream} ends at {stored_version}, its writer knows version {expected_version}")


class SchemaVersionDiffers(LogError):
    """The database was made by another version of Vekha; `make up` or the migration job brings it up to date."""

    def __init__(self, found: int, wanted: int) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(f"the log's schema has version {found}, this program needs {wanted}")


class MigrationChanged(LogError):
    """An applied migration no longer has the text it was applied with."""

    def __init__(self, number: int) -> None:
        super().__init__(f"migration {number} was changed after it had been applied")
