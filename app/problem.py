"""What goes wrong in a use case: said once, in both languages, for every door to make its own sign of it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from domain.errors import BadSettings, ForeignEvent, TwoTongued, Unavailable, UnknownRow, UnreadableEvent, VekhaError
from orders.findings import PlacedFinding


class ProblemKind(Enum):
    """What sort of failure it is. A command line makes an exit code of it, a web page would make a status."""

    INVALID = auto()  # what was asked cannot be read, or asks for what is not there
    FINDING = auto()  # it was understood, and what was found forbids it
    UNAVAILABLE = auto()  # a service cannot be reached, or has another schema version
    UNANSWERED = auto()  # the engine has the command, no answer came in time
    BUG = auto()


class Problem(TwoTongued):
    """A failure to be told to a person, in both languages.

    `place` is file, line and column, each null where there is none; lines and columns count from 1.
    """

    def __init__(
        self,
        kind: ProblemKind,
        code: str,
        ru: str,
        en: str,
        place: tuple[str | None, int | None, int | None] | None = None,
    ) -> None:
        self.kind = kind
        self.code = code
        self.place = place or (None, None, None)
        super().__init__(ru, en)


class Rejected(VekhaError):
    """Findings that keep a file from being used, to be told a line each."""

    def __init__(self, findings: Sequence[PlacedFinding], kind: ProblemKind) -> None:
        self.findings = findings
        self.kind = kind
        super().__init__(f"{len(findings)} findings")


def as_problem(error: Exception) -> Problem:
    """Return the failure as it is told to a person; what nobody foresaw is a bug."""
    match error:
        case Problem():
            return error
        case Unavailable():
            return Problem(ProblemKind.UNAVAILABLE, "unavailable", error.ru, error.en)
        case BadSettings():
            return Problem(ProblemKind.INVALID, "bad-settings", error.ru, error.en)
        case ForeignEvent():
            return Problem(
                ProblemKind.UNAVAILABLE,
                "newer-log",
                f"В журнале есть событие {error.type} версии {error.schema_version}, этой программе неизвестное:"
                " обновите Веху.",
                f"The log has an event {error.type} of version {error.schema_version} that this program does not know:"
                " update Vekha.",
            )
        case UnknownRow() | UnreadableEvent():
            ru, en = (
                ("В журнале не хватает записей", "Events are missing from the log")
                if isinstance(error, UnknownRow)
                else ("В журнале есть запись, которую не прочесть", "The log has an event that cannot be read")
            )
            return Problem(
                ProblemKind.FINDING,
                "damaged",
                f"{ru} ({error}): выполните audit.py verify.",
                f"{en} ({error}): run audit.py verify.",
            )
        case _:
            what = f"{type(error).__name__}: {error}"[:300]
            kind = "vekha" if isinstance(error, VekhaError) else "bug"
            return Problem(
                ProblemKind.BUG,
                kind,
                f"Внутренняя ошибка: {what}. Повторите с --debug и пришлите вывод разработчикам.",
                f"Internal error: {what}. Repeat with --debug and send the output to the developers.",
            )
