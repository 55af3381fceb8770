"""The log and the engine behind the doors, opened where a command needs them; the years that the log knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import psycopg
from psycopg.conninfo import conninfo_to_dict

from activities.standing import read_standing
from app.problem import Problem, ProblemKind
from domain.codec import read_event
from domain.errors import BadSettings, UnreadableEvent
from domain.events import YearClosed, YearStarted
from domain.measure import MEASURE, MeasureState
from domain.records import EventRecord
from domain.roadmap import MeasurePlan, Roadmap, measure_stream, year_stream
from domain.year import YearState
from eventlog.errors import SchemaVersionDiffers
from eventlog.migrate import check_version
from eventlog.read import read_some, read_stream
from eventlog.roles import READER, act_as
from eventlog.sessions import connect
from settings import database_url, remedy

Connection = psycopg.Connection
CONNECT_SECONDS = 5
CLOSED = f"select received_at from vekha.event where stream = %s and type = '{YearClosed.__name__}' order by version"
NAMED = 20  # years that a complaint names
LOCK_SECONDS = 10  # for what others hold: a table, or a rebuild under way


def check_period(first: date | None, last: date | None) -> None:
    """Let pass a period that ends when it begins, or later; Problem (INVALID) for another: nothing is in it."""
    if first and last and last < first:
        raise Problem(
            ProblemKind.INVALID,
            "period-reversed",
            "Период кончается раньше, чем начинается.",
            "The period ends before it begins.",
        )


@dataclass(frozen=True)
class _Trouble:
    """What errors of the database are told as; `{why}` stands for its own words, `{remedy}` for what to do."""

    errors: tuple[type[psycopg.Error], ...]
    kind: ProblemKind
    code: str
    ru: str
    en: str


# The first that fits: a narrow kind of error stands before the one that it is a kind of.
TROUBLES = (
    _Trouble(
        (psycopg.errors.InsufficientPrivilege,),
        ProblemKind.UNAVAILABLE,
        "no-rights",
        "У этого входа в базу данных нет прав на такую команду: войдите другим, см. docs/operators.md ({why}).",
        "This login to the database has no rights for such a command: take another, see docs/operators.md ({why}).",
    ),
    _Trouble(
        (psycopg.DataError,),
        ProblemKind.FINDING,
        "damaged",
        "В журнале есть то, чего там быть не может ({why}): выполните audit.py verify.",
        "The log has what cannot be there ({why}): run audit.py verify.",
    ),
    _Trouble(
        (psycopg.ProgrammingError,),
        ProblemKind.UNAVAILABLE,
        "schema",
        "Таблицы базы данных не такие, какими их делает Веха: их меняли мимо неё ({why}).",
        "The tables of the database are not as Vekha makes them: they were changed past it ({why}).",
    ),
    _Trouble(
        (psycopg.errors.LockNotAvailable,),
        ProblemKind.UNAVAILABLE,
        "locked",
        f"База данных занята: {LOCK_SECONDS} с кто-то держит нужную таблицу или пересборку. Повторите позже; кто это —"
        " в pg_stat_activity.",
        f"The database is busy: for {LOCK_SECONDS} s somebody has held a table or a rebuild that is needed. Repeat"
        " later; pg_stat_activity tells who it is.",
    ),
    _Trouble(
        (psycopg.errors.ReadOnlySqlTransaction,),
        ProblemKind.UNAVAILABLE,
        "read-only",
        "База данных открыта только для чтения, а этой команде нужно писать: вероятно, это запасной сервер; укажите"
        " в DATABASE_URL основной.",
        "The database is read-only, and this command has to write: it is probably a standby; name the primary server in"
        " DATABASE_URL.",
    ),
    _Trouble(
        (psycopg.InternalError, psycopg.errors.DiskFull, psycopg.errors.OutOfMemory, psycopg.errors.IoError),
        ProblemKind.UNAVAILABLE,
        "database-failed",
        "Сервер базы данных сообщает о сбое, смотрите его журнал ({why}).",
        "The database server reports a failure, look into its log ({why}).",
    ),
    _Trouble(
        (psycopg.OperationalError,),
        ProblemKind.UNAVAILABLE,
        "no-database",
        "База данных не отвечает: {remedy} ({why}).",
        "The database does not answer: {remedy} ({why}).",
    ),
)


@contextmanager
def open_log(group: str = READER, *, url: str | None = None) -> Iterator[Connection]:
    """Open the log with the rights of a group of roles and no more, where there are groups (eventlog/roles.py).

    `url` is its address, by default the doors'.

    Problem (UNAVAILABLE) where it is out of reach, of another version or closed to this login; (FINDING) where it holds
    what no log of ours can, such as an instant after the year 9999.

    BadSettings for an address that is none.
    """
    url = url or database_url()
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise BadSettings(
            "DATABASE_URL не читается: нужно postgresql://имя:пароль@узел:порт/база.",
            "DATABASE_URL cannot be read: postgresql://name:password@host:port/database is wanted.",
        ) from error
    try:
        with connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            connection.execute(f"set lock_timeout = '{LOCK_SECONDS}s'")
            act_as(connection, group)
            check_version(connection)
            yield connection
    except SchemaVersionDiffers as error:
        ru, en = (
            ("её сделала более новая Веха, обновите программу", "a newer Vekha made it, update the program")
            if error.found > error.wanted
            else ("выполните make up или python -m eventlog.migrate", "run make up or python -m eventlog.migrate")
        )
        raise Problem(
            ProblemKind.UNAVAILABLE,
            "schema-version",
            f"Схема базы данных версии {error.found}, программе нужна {error.wanted}: {ru}.",
            f"The database has schema version {error.found}, this program needs {error.wanted}: {en}.",
        ) from error
    except psycopg.Error as error:
        for trouble in TROUBLES:
            if isinstance(error, trouble.errors):
                why, (ru, en) = _words(error), remedy("DATABASE_URL")
                raise Problem(
                    trouble.kind,
                    trouble.code,
                    trouble.ru.format(why=why, remedy=ru),
                    trouble.en.format(why=why, remedy=en),
                ) from error
        raise


def _words(error: psycopg.Error) -> str:
    return " ".join((error.diag.message_primary or str(error)).split())[:200]


@dataclass(frozen=True)
class Year:
    """A year as the log has it now."""

    state: YearState
    started_at: datetime
    closed_at: datetime | None
    rehearsal: bool
    damaged: str | None = None  # the event of the year's own stream that cannot be read; its measures go on

    @property
    def roadmap(self) -> Roadmap:
        """Return the definition in force."""
        return self.state.definition

    def now(self) -> datetime:
        """Return the moment it is in this year, in UTC: a played year's clock is shifted."""
        return datetime.now(UTC) + self.state.offset


def find_year(connection: Connection, roadmap: str | None) -> Year:
    """Return the year that is meant: the named one, or the only one that is open.

    Problem (INVALID) where there is none or more than one to choose from.
    """
    if roadmap is None:
        roadmap = _the_open_one(connection)
    check_started(connection, roadmap)
    year = read_year(connection, roadmap)
    assert year is not None, "its first event is there"  # noqa: S101
    return year


def check_started(connection: Connection, roadmap: str) -> None:
    """Let pass a year that the log knows; Problem (INVALID) for another."""
    started = _started(connection)
    if roadmap not in started:
        ru, en = _some(started)
        raise Problem(
            ProblemKind.INVALID,
            "unknown-roadmap",
            f"Дорожная карта {roadmap} не начата. Есть: {ru}.",
            f"The roadmap {roadmap} was not started. There are: {en}.",
        )


def check_owner(record: EventRecord, roadmap: str | None) -> None:
    """Let pass a record of the year that was named, if one was; Problem (INVALID) for one of another year."""
    owner, place = record.stream.partition("/")[0], record.position or f"{record.stream}/{record.version}"
    if roadmap not in (None, owner):
        raise Problem(
            ProblemKind.INVALID,
            "other-roadmap",
            f"Запись {place} — другого года, {owner}: назовите его в --roadmap или уберите этот ключ.",
            f"The event {place} is of another year, {owner}: name it with --roadmap, or leave the option out.",
        )


def read_year(connection: Connection, roadmap: str) -> Year | None:
    """Return a year by its id; None where the log does not know it.

    Its definition has to be readable (else UnreadableEvent); what else of its own stream is not stops no measure.
    """
    stream, damaged = year_stream(roadmap), None
    try:
        standing = read_standing(connection, stream)
    except UnreadableEvent as error:
        version = error.where.rpartition(f"{stream}/")[2]
        if not version.isdecimal() or version == "1":
            raise
        damaged = error.where
        standing = read_standing(connection, stream, int(version) - 1)
    if standing is None:
        return None
    first = read_event(read_some(connection, stream, 0, 1)[0])
    closed = connection.execute(CLOSED, (stream,)).fetchone()
    rehearsal = isinstance(first.fact, YearStarted) and first.fact.rehearsal
    state = replace(standing.state, closed=closed is not None)
    return Year(state, first.at, closed[0].astimezone(UTC) if closed else None, rehearsal, damaged)


def read_measure(connection: Connection, roadmap: str, number: str) -> tuple[list[EventRecord], MeasureState | None]:
    """Return the rows of a measure's stream and the state they come to; no rows, no state."""
    records = list(read_stream(connection, measure_stream(roadmap, number)))
    return records, MEASURE.fold(None, map(read_event, records))


def plans(roadmap: Roadmap) -> dict[str, MeasurePlan]:
    """Return the plans of all measures by their streams."""
    return {measure_stream(roadmap.id, measure.number): roadmap.plan(measure) for measure in roadmap.measures}


def _started(connection: Connection) -> list[str]:
    rows = connection.execute("select roadmap from vekha.event where type = 'YearStarted' order by seq").fetchall()
    return [row[0] for row in rows]


def open_years(connection: Connection) -> list[str]:
    """Return the ids of the years that are not closed, in the order in which they were started."""
    rows = connection.execute("select roadmap from vekha.event where type = 'YearClosed'").fetchall()
    closed = {row[0] for row in rows}
    return [roadmap for roadmap in _started(connection) if roadmap not in closed]


def _the_open_one(connection: Connection) -> str:
    open_ones = open_years(connection)
    if len(open_ones) == 1:
        return open_ones[0]
    if not open_ones:
        raise Problem(
            ProblemKind.INVALID,
            "no-roadmap",
            "Открытых дорожных карт нет: начните год командой starter.py start или укажите --roadmap.",
            "No roadmap is open: start a year with starter.py start or give --roadmap.",
        )
    ru, en = _some(open_ones)
    raise Problem(
        ProblemKind.INVALID,
        "which-roadmap",
        f"Открыто несколько дорожных карт, укажите --roadmap: {ru}.",
        f"Several roadmaps are open, give --roadmap: {en}.",
    )


def _some(roadmaps: Sequence[str]) -> tuple[str, str]:
    """Name the first of some years, and how many more there are, in both languages."""
    named, more = ", ".join(roadmaps[:NAMED]) or "—", len(roadmaps) - NAMED
    return (f"{named} и ещё {more}", f"{named} and {more} more") if more > 0 else (named, named)
