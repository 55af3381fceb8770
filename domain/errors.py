"""The error tree of Vekha.

VekhaError
├── OutsideCalendar    a day beyond the frozen calendar
├── Malformed          a record that is no command, event or definition
│   └── UnreadableEvent  a row of the log that holds no event, or not where it stands
├── UnknownRow         an event whose assignment is not there
├── ForeignEvent       an event that this version cannot take up
├── Refused            a command that may not happen, with its reason
└── TwoTongued         carries its sentence for people in both languages
    ├── Unavailable    a service is missing
    └── BadSettings    a setting that cannot be read
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

Lang = Literal["ru", "en"]


class Reason(StrEnum):
    """Why a command was refused."""

    UNREADABLE = "unreadable"
    ID_REUSED = "id-reused"
    WRONG_STREAM = "wrong-stream"
    UNKNOWN_MEASURE = "unknown-measure"
    UNKNOWN_ACTOR = "unknown-actor"
    UNKNOWN_BODY = "unknown-body"
    UNKNOWN_ASSIGNMENT = "unknown-assignment"
    UNKNOWN_INDICATOR = "unknown-indicator"
    AMBIGUOUS = "ambiguous"
    NOT_RESPONSIBLE = "not-responsible"
    NOT_CONTROLLER = "not-controller"
    WRONG_STAGE = "wrong-stage"
    COMPLETED = "completed"
    CLOSED = "closed"
    YEAR_OPEN = "year-open"
    NOT_OPEN = "not-open"
    NOT_ASKED = "not-asked"
    NO_PROOF = "no-proof"
    UNDATED = "undated"
    ALREADY_DATED = "already-dated"
    BAD_DATE = "bad-date"
    BAD_VALUE = "bad-value"
    NOTHING_FAILED = "nothing-failed"
    IN_THE_FUTURE = "in-the-future"
    BEFORE_ORDER = "before-order"
    EVIDENCE_MISSING = "evidence-missing"


class VekhaError(Exception):
    """The root: everything that Vekha raises on purpose."""


class OutsideCalendar(VekhaError):
    """A day beyond the calendar that was frozen into the definition."""

    def __init__(self, day: date, first: date, last: date) -> None:
        self.day = day
        super().__init__(f"{day} lies outside the calendar of {first} to {last}")


class Malformed(VekhaError):
    """A record that is no command, event or definition; `where` is the path to the value inside the record."""

    def __init__(self, where: str, problem: str) -> None:
        self.where = where
        self.problem = problem
        super().__init__(f"{where}: {problem}" if where else problem)


class UnreadableEvent(Malformed):
    """A row of the log that holds no event, or one that cannot stand there: somebody wrote it past Vekha."""


class UnknownRow(VekhaError):
    """An event of an assignment that the board has no row for: events of its stream are missing before it."""

    def __init__(self, roadmap: str, assignment: str) -> None:
        super().__init__(f"{roadmap}: no row {assignment}")


class ForeignEvent(VekhaError):
    """An event of a type or schema version that this version of Vekha does not know."""

    def __init__(self, type_: str, schema_version: int) -> None:
        self.type = type_
        self.schema_version = schema_version
        super().__init__(f"event type {type_} of schema version {schema_version} is not known here")


class Refused(VekhaError):
    """A command that may not happen. `reason` is a stable code, `detail` names what it is about, in no language."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else str(reason))


class TwoTongued(VekhaError):
    """An error that carries its sentence for people in both languages."""

    def __init__(self, ru: str, en: str) -> None:
        self.ru = ru
        self.en = en
        super().__init__(en)

    def text(self, lang: Lang) -> str:
        """Give the sentence in the language `lang`."""
        return self.ru if lang == "ru" else self.en


class Unavailable(TwoTongued):
    """A service, or something that it needs, is missing: the doors print the sentence and end with 3."""


class BadSettings(TwoTongued):
    """The environment holds a value that cannot be read: the doors print the sentence and end with 2."""
