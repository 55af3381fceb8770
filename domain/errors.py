"""The error tree of Vekha.

VekhaError
├── OutsideCalendar    a day beyond the frozen calendar
├── Malformed          a record that is no command, event or definition
└── ForeignEvent       an event that this version cannot take up
"""

from __future__ import annotations

from datetime import date


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


class ForeignEvent(VekhaError):
    """An event of a type or schema version that this version of Vekha does not know."""

    def __init__(self, type_: str, schema_version: int) -> None:
        self.type = type_
        self.schema_version = schema_version
        super().__init__(f"event type {type_} of schema version {schema_version} is not known here")
