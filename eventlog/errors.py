"""What can be wrong with the log.

LogError
├── LogWasCut            the writer knows more of a stream than the log holds
├── CommandRepeated      a command that should be fresh has been answered
├── UnfitRow             a row that nobody could read back, or where none may stand
├── ReceivedBefore       a row that would have been received before the moment of the row above it
├── SchemaVersionDiffers the database was made by another version of Vekha
├── HalfRestored         a backup is being put back, and its tables are not all there
├── MigrationChanged     an applied migration no longer has the text it was applied with
└── BadCheckpoint        a checkpoint that proves nothing, or that the log contradicts

Unavailable
├── MigrationHeld        somebody has held the place of who migrates for longer than that takes
└── StoreMissing         the evidence store is not there, as a whole
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from domain.errors import Unavailable, VekhaError


class LogError(VekhaError):
    """Anything wrong with the log."""


class LogWasCut(LogError):
    """The writer knows more of a stream than the log holds: rows are gone, or it is another database."""

    def __init__(self, stream: str, expected_version: int, stored_version: int) -> None:
        super().__init__(f"stream {stream} ends at {stored_version}, its writer knows version {expected_version}")


class CommandRepeated(LogError):
    """A command that its writer took for a fresh one has been answered in this stream before."""

    def __init__(self, stream: str, command_id: str) -> None:
        super().__init__(f"stream {stream} has answered command {command_id} before")


class UnfitRow(LogError):
    """A row that the log refuses because nobody could read it back, or because no stream begins so."""


class ReceivedBefore(LogError):
    """A row that the log refuses because it says to have been received before the moment of the row above it."""


class SchemaVersionDiffers(LogError):
    """The database was made by another version of Vekha; `make up` or the migration job brings it up to date."""

    def __init__(self, found: int, wanted: int) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(f"the log's schema has version {found}, this program needs {wanted}")


class HalfRestored(LogError):
    """A backup is being put back: what its last block says is sealed is not there yet."""

    def __init__(self, wanted: int, found: int) -> None:
        super().__init__(
            f"the last block ends at {wanted}, the seals at {found}: is a backup being put back? Otherwise audit.py verify"
        )


class MigrationChanged(LogError):
    """An applied migration no longer has the text it was applied with."""

    def __init__(self, number: int) -> None:
        super().__init__(f"migration {number} was changed after it had been applied")


class BadCheckpoint(LogError):
    """A checkpoint that proves nothing, or that the log contradicts; `code` tells why."""

    WHY: ClassVar[Mapping[str, tuple[str, str]]] = {
        "not-a-checkpoint": ("это не контрольная запись", "this is no checkpoint"),
        "bad-key": ("открытый ключ не читается", "the public key cannot be read"),
        "bad-signature": ("подпись неверна", "the signature is wrong"),
        "other-key": ("подписано другим ключом", "it was signed with another key"),
        "expired-key": (
            "подписано ключом, срок которого к тому дню истёк",
            "it was signed with a key that had expired by then",
        ),
        "undated": (
            "в ней нет дня, а срок ключа истёк: сверьте со своим прежним key.pub",
            "it bears no day, and its key has expired: check it with the key.pub you kept before",
        ),
        "other-log": ("это запись другого журнала", "it is of another log"),
        "rewritten": ("журнал переписан: он противоречит записи", "the log was rewritten: it contradicts it"),
    }

    def __init__(self, code: str) -> None:
        self.code = code
        self.ru, self.en = self.WHY[code]
        super().__init__(self.en)


class MigrationHeld(Unavailable):
    """Somebody has held the lock of who migrates for longer than that takes: `holder` is the session in words."""

    def __init__(self, holder: str, seconds: int) -> None:
        super().__init__(
            f"Обновить базу данных нельзя: уже {seconds} с это место занимает {holder}. Дождитесь его или завершите этот сеанс.",
            f"The database cannot be migrated: for {seconds} s {holder} has held that place. Wait for it, or end that session.",
        )


class StoreMissing(Unavailable):
    """The evidence store as a whole is not there or cannot be read: of no file in it can anything be said."""

    def __init__(self, storage: Path, ru: str, en: str) -> None:
        super().__init__(
            f"Хранилище приложенных файлов {storage} не читается ({ru}): проверьте VEKHA_EVIDENCE_DIR и подключён ли диск;"
            " папка нужна одна для всех команд и рабочих процессов.",
            f"The evidence store {storage} cannot be read ({en}): check VEKHA_EVIDENCE_DIR and whether its disk is mounted;"
            " all doors and workers need the same folder.",
        )
