"""Rows that nobody can take up: what is wrong with one, and setting it aside by an act, so that its stream goes on.

Such a row stays where it is, sealed and hashed as it stands; readers get the event SetAside in its place
(eventlog/read.py). That it was set aside, when, by which login and by which act can be neither changed nor taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.codec import read_event
from domain.errors import VekhaError
from domain.measure import MEASURE
from domain.roadmap import is_measure
from domain.turn import Decider
from domain.year import YEAR
from eventlog.read import SOUND, read_stream, record_of
from eventlog.sessions import Connection

RAW = f"select {SOUND}, position from vekha.event left join vekha.seal using (seq) where stream = %s and version = %s"
ALL = """
select stream, version, position, act, login, set_aside_at
from vekha.aside join vekha.event using (stream, version) left join vekha.seal using (seq)
where %(roadmap)s::text is null or roadmap = %(roadmap)s
order by stream, version
"""
SET_ASIDE = "insert into vekha.aside (stream, version, act) values (%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A row that was set aside: its place, its position (null until it is sealed), and by what act, login and when."""

    stream: str
    version: int
    position: int | None
    act: str
    login: str
    set_aside_at: datetime


def rows_aside(connection: Connection, roadmap: str | None = None) -> list[AsideRow]:
    """Return what was set aside, of a roadmap or of all, in the order of streams."""
    return [AsideRow(*row) for row in connection.execute(ALL, {"roadmap": roadmap}).fetchall()]


def why_not(connection: Connection, stream: str, version: int) -> str | None:
    """Return why the row at a place cannot be taken up behind those before it; None where it can.

    LookupError where there is no such row. Errors are those of reading where what stands before it cannot be read either.
    """
    found = connection.execute(RAW, (stream, version)).fetchone()
    if found is None:
        raise LookupError(f"{stream}/{version}")
    decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
    before = (read_event(row) for row in read_stream(connection, stream) if row.version < version)
    state = decider.fold(None, before)
    try:
        event = read_event(record_of(found))
        decider.evolve(decider.begin(event) if state is None else state, event)
    except (VekhaError, LookupError, ArithmeticError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def set_aside(connection: Connection, stream: str, version: int, act: str) -> None:
    """Set a row aside by an act. psycopg's errors: UniqueViolation where it is, InsufficientPrivilege for who may not."""
    connection.execute(SET_ASIDE, (stream, version, act))
