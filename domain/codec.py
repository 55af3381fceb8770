"""Values to plain records and back: the only place that knows how things are written down, and old shapes.

A record is JSON: dates and instants as ISO texts (instants in UTC), decimals as texts, enums as their values,
tuples as lists. Facts and requests are tagged by their class's name beside them, never inside.
"""

from __future__ import annotations

import json
import re
import types
import typing
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeGuard, TypeVar

from domain import commands, events
from domain.commands import Command, Evidence, Request, Unreadable
from domain.errors import ForeignEvent, Malformed, UnreadableEvent
from domain.events import Event, Fact
from domain.records import EventRecord, canonical, digest

T = TypeVar("T")
Reader = Callable[[Any, str], Any]

SCHEMA_VERSION = 3
FACTS: Mapping[str, type[Fact]] = {kind.__name__: kind for kind in typing.get_args(events.Fact)}
REQUESTS: Mapping[str, type[Request]] = {kind.__name__: kind for kind in typing.get_args(commands.Request)}

# Old shapes of an event's data, by (type, schema version), each made into the next version's. What is not named kept its
# shape, or was given fields that may be left out: so it was with versions 2 and 3.
UPCASTERS: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}

MAX_COMMAND = 100_000  # bytes of a command's record in UTF-8: what a door may send and a stream takes up
MAX_ID = 200
MAX_TEXT = 20_000
MAX_RAW = 2_000
MAX_INTEGER = 2**63 - 1
MAX_DECIMAL = Decimal(10) ** 15
DECIMAL_PLACES = 6
MAX_DECIMAL_TEXT = 40
MAX_FILES = 50  # of evidence, a command
MAX_FILE_BYTES = 100 * 1024 * 1024
MAX_FILE_NAME = 200
SHA256 = re.compile("[0-9a-f]{64}")
# Cc: controls; Cf: bidi and other invisible ones; Zl and Zp: separators that some readers take for a new line.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
SOFT_HYPHEN_AND_JOINERS = frozenset("\u00ad\u200c\u200d")
NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def encode(value: Any) -> Any:
    """Return the record of a value made of dataclasses and plain things."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no record for {type(value).__name__}")


def decode(kind: type[T], record: Any, where: str = "") -> T:
    """Return the value that a record describes; Malformed, with the place, where it does not fit."""
    value: T = _reader(typing.cast("typing.Hashable", kind))(record, where)
    return value


def instant_text(instant: datetime) -> str:
    """Return RFC 3339 in UTC, microseconds only where there are any."""
    return instant.astimezone(UTC).isoformat()


def instant(text: str) -> datetime:
    """Read an RFC 3339 text with an offset as an instant in UTC; ValueError without one.

    The first and the last year are refused: there the local date of some time zones cannot be told.
    """
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("an instant needs an offset")
    if not date.min.year < value.year < date.max.year:
        raise ValueError("an instant of no time that can be told")
    return value.astimezone(UTC)


def command_record(command: Command) -> dict[str, Any]:
    """Return the record of a command, as it goes over Temporal and into the log."""
    return {
        "id": command.id,
        "type": type(command.request).__name__,
        "actor": command.actor,
        "sent_at": instant_text(command.sent_at),
        "occurred_on": encode(command.occurred_on),
        "data": encode(command.request),
    }


def make_command(id_: str, actor: str, sent_at: datetime, occurred_on: date | None, request: Request) -> Command:
    """Return a command with the digest of its content."""
    content = [id_, type(request).__name__, actor, encode(occurred_on), encode(request)]
    return Command(id_, actor, sent_at.astimezone(UTC), occurred_on, request, digest(canonical(content)))


def command_size(command: Command) -> int:
    """Return the bytes of a command's record in UTF-8; one of more than MAX_COMMAND is refused."""
    return len(canonical(command_record(command)).encode())


def hear_command(record: Any, received_at: datetime) -> Command:
    """Return the command that a record from outside describes.

    An Unreadable one where it is too large to be taken up, or names what no file can be. What stands in the log is read by
    `read_command`, whatever the doors ask today.
    """
    raw = _raw(record)
    if (size := len(raw.encode(errors="surrogatepass"))) > MAX_COMMAND:
        return _unreadable_command(record, received_at, raw, f"{size} bytes, {MAX_COMMAND} at most")
    command = read_command(record, received_at)
    try:
        _check_evidence(command.request)
    except Malformed as error:
        return _unreadable_command(record, received_at, raw, str(error))
    return command


def read_command(record: Any, received_at: datetime) -> Command:
    """Return the command that a record describes.

    Anything may stand in a record that came over the wire: what cannot be read becomes an Unreadable command, which
    the decider refuses. A missing `sent_at` is taken as `received_at`.
    """
    try:
        return _strict_command(record, received_at)
    except Malformed as error:
        return _unreadable_command(record, received_at, _raw(record), str(error))


def _unreadable_command(record: Any, received_at: datetime, raw: str, problem: str) -> Command:
    id_ = record.get("id") if isinstance(record, dict) else None
    actor = record.get("actor") if isinstance(record, dict) else None
    return make_command(
        id_ if _is_id(id_) else f"unreadable-{digest(raw)[:16]}",
        actor if _is_id(actor) else "unknown",
        received_at,
        None,
        Unreadable(problem=_told(problem), text=_told(raw)),
    )


def hidden(letter: str) -> bool:
    """Tell whether a letter cannot be seen, but steers a terminal or turns a line around."""
    return unicodedata.category(letter) in HIDDEN and letter not in SOFT_HYPHEN_AND_JOINERS


def in_file_name(letter: str) -> bool:
    """Tell whether a letter may stand in the name of a file: not what is hidden, and no slash."""
    return not hidden(letter) and letter not in "/\\"


def _check_evidence(request: Request) -> None:
    """Refuse evidence that no file can be: Malformed, with the place."""
    files: tuple[Evidence, ...] = getattr(request, "evidence", ())
    if len(files) > MAX_FILES:
        raise Malformed("data.evidence", f"more than {MAX_FILES} files")
    for index, file in enumerate(files):
        where = f"data.evidence[{index}]"
        if not SHA256.fullmatch(file.sha256):
            raise Malformed(f"{where}.sha256", "64 hexadecimal digits are wanted, small letters")
        if not 1 <= file.size <= MAX_FILE_BYTES:
            raise Malformed(f"{where}.size", f"1 to {MAX_FILE_BYTES} bytes are wanted")
        if (
            not 1 <= len(file.name) <= MAX_FILE_NAME
            or file.name in {".", ".."}
            or not all(map(in_file_name, file.name))
        ):
            raise Malformed(f"{where}.name", f"a file's name of 1 to {MAX_FILE_NAME} characters is wanted, all visible")


def _raw(record: Any) -> str:
    try:
        return json.dumps(record, ensure_ascii=False, sort_keys=True, default=repr)
    except RecursionError:
        return "nested too deep to be told"


def _told(text: str) -> str:
    """Return the beginning of a text, what no text may hold written as JSON writes it."""
    return "".join(letter if _is_text(letter) else f"\\u{ord(letter):04x}" for letter in text[:MAX_RAW])


def _is_text(text: str) -> bool:
    """Tell whether a text can be kept: no NUL, which the log cannot hold, and no half of a surrogate pair."""
    return not NO_TEXT.search(text)


def _is_id(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID and _is_text(value)


def _strict_command(record: Any, received_at: datetime) -> Command:
    if not isinstance(record, dict):
        raise Malformed("", "a command is an object")
    unknown = sorted(str(key) for key in record if key not in {"id", "type", "actor", "sent_at", "occurred_on", "data"})
    if unknown:
        raise Malformed(unknown[0], "unknown key")
    for key in ("id", "actor"):
        if not _is_id(record.get(key)):
            raise Malformed(key, f"a text of 1 to {MAX_ID} characters is wanted")
    kind = record.get("type")
    if not isinstance(kind, str) or kind not in REQUESTS:
        raise Malformed("type", "no such command")
    sent_at = record.get("sent_at")
    occurred_on = record.get("occurred_on")
    return make_command(
        record["id"],
        record["actor"],
        received_at if sent_at is None else _reader(datetime)(sent_at, "sent_at"),
        None if occurred_on is None else _reader(date)(occurred_on, "occurred_on"),
        decode(REQUESTS[kind], record.get("data", {}), "data"),
    )


def event_record(event: Event, stream: str, version: int, writer: str) -> EventRecord:
    """Return the row of an event; a command's own row carries the whole command."""
    return EventRecord(
        stream=stream,
        version=version,
        type=type(event.fact).__name__,
        schema_version=SCHEMA_VERSION,
        occurred_on=event.occurred_on.isoformat(),
        at=instant_text(event.at),
        received_at=instant_text(event.received_at),
        actor=event.actor,
        command_id=event.command_id,
        signed=False,
        data=canonical(encode(event.fact)),
        command=None if event.command is None else canonical(command_record(event.command)),
        writer=writer,
    )


def read_event(record: EventRecord) -> Event:
    """Return the event of a row, old shapes raised to today's.

    ForeignEvent for what is not known here, UnreadableEvent for a row that holds what cannot be read.
    """
    fact = read_fact(record)
    try:
        received_at = _parsed(instant, record.received_at, "received_at")
        asked = None if record.command is None else _parsed(json.loads, record.command, "command")
        return Event(
            fact=fact,
            at=_parsed(instant, record.at, "at"),
            occurred_on=_parsed(date.fromisoformat, record.occurred_on, "occurred_on"),
            received_at=received_at,
            actor=record.actor,
            command_id=record.command_id,
            command=None if record.command is None else read_command(asked, received_at),
        )
    except Malformed as error:
        raise _unreadable(record, error) from error


def read_instant(record: EventRecord, text: str) -> datetime:
    """Return one of the instants of a row; UnreadableEvent where it is none."""
    try:
        return instant(text)
    except ValueError as error:
        raise _unreadable(record, Malformed("at", "no time that can be told")) from error


def read_day(record: EventRecord) -> date:
    """Return the day of a row in the sender's words; UnreadableEvent where it is none."""
    try:
        return date.fromisoformat(record.occurred_on)
    except ValueError as error:
        raise _unreadable(record, Malformed("occurred_on", "no day that can be told")) from error


def read_fact(record: EventRecord) -> Fact:
    """Return the fact of a row alone, which takes a fraction of the time; the same errors where it cannot be read."""
    try:
        return _fact(record)
    except Malformed as error:
        raise _unreadable(record, error) from error


def _unreadable(record: EventRecord, error: Malformed) -> UnreadableEvent:
    return UnreadableEvent(f"{record.stream}/{record.version}", str(error))


def _fact(record: EventRecord) -> Fact:
    data, version = _parsed(json.loads, record.data, record.type), record.schema_version
    if record.type not in FACTS or not 1 <= version <= SCHEMA_VERSION:
        raise ForeignEvent(record.type, version)
    while version < SCHEMA_VERSION:
        if upcast := UPCASTERS.get((record.type, version)):
            data = upcast(data)
        version += 1
    return decode(FACTS[record.type], data, record.type)


@cache
def _reader(kind: Any) -> Reader:
    """Return the function that reads one type; made once a type."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (arm for arm in typing.get_args(kind) if arm is not types.NoneType)
        read = _reader(inner)
        return lambda record, where: None if record is None else read(record, where)
    if origin is tuple:
        item = _reader(typing.get_args(kind)[0])
        return lambda record, where: tuple(
            item(value, f"{where}[{index}]") for index, value in enumerate(_instance(list, record, where))
        )
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if issubclass(kind, Enum):
        return lambda record, where: _parsed(kind, record, where)
    return _PLAIN[kind]


def _dataclass_reader(kind: Any) -> Reader:
    hints = typing.get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    required = [field.name for field in fields(kind) if field.default is MISSING]

    def read(record: Any, where: str) -> Any:
        _instance(dict, record, where)
        values = {}
        for key, value in record.items():
            place = f"{where}.{key}"
            if (reader := readers.get(key)) is None:
                raise Malformed(place, "unknown key")
            values[key] = reader(value, place)
        for name in required:
            if name not in values:
                raise Malformed(f"{where}.{name}", "is missing")
        return kind(**values)

    return read


def _instance(kind: type, record: Any, where: str) -> Any:
    if type(record) is not kind:
        raise Malformed(where, f"{kind.__name__} wanted, {type(record).__name__} found")
    return record


def _short_text(record: Any, where: str) -> str:
    text: str = _instance(str, record, where)
    if not _is_text(text):
        raise Malformed(where, "holds characters that no text may hold")
    if len(text) > MAX_TEXT and where.startswith("data"):
        raise Malformed(where, f"longer than {MAX_TEXT} characters")
    return text


def _parsed(parse: Callable[[str], Any], record: Any, where: str) -> Any:
    try:
        return parse(_instance(str, record, where))
    except (ValueError, InvalidOperation, OverflowError, RecursionError) as error:
        raise Malformed(where, f"cannot be read as {getattr(parse, '__name__', 'a value')}: {record[:40]!r}") from error


def _integer(record: Any, where: str) -> int:
    value: int = _instance(int, record, where)
    if abs(value) > MAX_INTEGER:
        raise Malformed(where, "too large a number")
    return value


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if len(text) > MAX_DECIMAL_TEXT or abs(value.adjusted()) > MAX_DECIMAL_TEXT:
        raise ValueError(text)  # a zero of a million places is worth nothing and stops whoever adds to it
    if not value.is_finite() or abs(value) >= MAX_DECIMAL or value != round(value, DECIMAL_PLACES):
        raise ValueError(text)
    return value


_PLAIN: Mapping[type, Reader] = {
    str: _short_text,
    int: _integer,
    bool: lambda record, where: _instance(bool, record, where),
    date: lambda record, where: _parsed(date.fromisoformat, record, where),
    time: lambda record, where: _parsed(time.fromisoformat, record, where),
    datetime: lambda record, where: _parsed(instant, record, where),
    Decimal: lambda record, where: _parsed(_decimal, record, where),
}
