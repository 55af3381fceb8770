"""What a stream has come to, as a record: so that a long one need not be folded from its first event each time.

A snapshot holds nothing that can be taken from the stream's first event, and nothing that only grows: the ids of answered
commands are asked of the log. It is valid for the rules that folded it and for no others (`SHAPE`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from domain.codec import decode, encode
from domain.errors import Malformed
from domain.events import Event, IndicatorMeasured
from domain.measure import (
    MEASURE,
    STAGE_NAMES,
    Accepted,
    Assignment,
    MeasureState,
    Reported,
    Stage,
    replanned,
)
from domain.notices import Notice
from domain.records import canonical
from domain.roadmap import Measure, Role
from domain.turn import Ledger
from domain.year import YEAR, YearState


@dataclass(frozen=True, slots=True)
class _Reminded:
    kind: str
    on: date
    days: int


@dataclass(frozen=True, slots=True)
class _Item:
    """An assignment; its next moment follows from the rest."""

    id: str
    checkpoint: str
    body: str
    role: Role
    starts_on: date
    scheduled_on: date
    due_on: date
    interim: tuple[date, ...]
    dated_at: datetime
    stage: str
    days_late: int
    missed: bool
    level: int
    counts_from: date | None
    reminded: tuple[_Reminded, ...]
    interims_past: int
    reported_on: date | None
    reviews: int
    asked: bool


@dataclass(frozen=True, slots=True)
class _Books:
    """What every stream keeps."""

    version: int
    moment: datetime | None
    outbox: tuple[Notice, ...]
    failed: tuple[Notice, ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class _Measure:
    books: _Books
    measure: Measure
    items: tuple[_Item, ...]
    schedule_asked: bool
    completed: bool


@dataclass(frozen=True, slots=True)
class _Year:
    books: _Books
    values: tuple[IndicatorMeasured, ...]


STAGES: Mapping[str, type[Stage]] = {name: kind for kind, name in STAGE_NAMES.items()}


@cache
def shape() -> str:
    """Return the digest of the rules: whatever in this package changes makes the snapshots of before unfit."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def snapshot_of(state: Ledger) -> str:
    """Return the canonical text of a state's snapshot; TypeError for a kind of state that has none."""
    match state:
        case MeasureState():
            record: Any = _Measure(
                _books(state),
                state.plan.measure,
                tuple(map(_item, state.assignments.values())),
                state.schedule_asked,
                state.completed,
            )
        case YearState():
            record = _Year(_books(state), tuple(state.values.values()))
        case _:
            raise TypeError(f"no snapshot of {type(state).__name__}")
    return canonical(encode(record))


def restored(first: Event, text: str) -> Ledger:
    """Return the state that a snapshot tells of the stream that begins with this event; Malformed where it tells none."""
    try:
        record = json.loads(text)
    except ValueError as error:
        raise Malformed("snapshot", "no JSON") from error
    if "values" in record:
        year = decode(_Year, record)
        begun = YEAR.begin(first)
        values = {(value.indicator, value.body): value for value in year.values}
        return replace(begun, values=values, **_ledger(year.books))
    told = decode(_Measure, record)
    state = MEASURE.begin(first)
    state = replace(
        state,
        plan=replace(state.plan, measure=told.measure),
        schedule_asked=told.schedule_asked,
        completed=told.completed,
        **_ledger(told.books),
    )
    return replanned(state, {item.id: _assignment(item) for item in told.items})


def _books(state: Ledger) -> _Books:
    return _Books(state.version, state.moment, tuple(state.outbox.values()), tuple(state.failed.values()), state.closed)


def _ledger(books: _Books) -> dict[str, Any]:
    return {
        "version": books.version,
        "moment": books.moment,
        "outbox": {notice.id: notice for notice in books.outbox},
        "failed": {notice.id: notice for notice in books.failed},
        "closed": books.closed,
    }


def _item(item: Assignment) -> _Item:
    stage = item.stage
    same = {field.name: getattr(item, field.name) for field in fields(_Item) if field.name not in _OWN}
    return _Item(
        **same,
        stage=STAGE_NAMES[type(stage)],
        days_late=stage.days_late if isinstance(stage, Reported | Accepted) else 0,
        reminded=tuple(_Reminded(*one) for one in sorted(item.reminded)),
    )


_OWN = frozenset({"stage", "days_late", "reminded"})


def _assignment(item: _Item) -> Assignment:
    if item.stage not in STAGES:
        raise Malformed("stage", f"no stage {item.stage}")
    kind: Any = STAGES[item.stage]
    same = {field.name: getattr(item, field.name) for field in fields(_Item) if field.name not in _OWN}
    return Assignment(
        **same,
        stage=kind(item.days_late) if kind in (Reported, Accepted) else kind(),
        reminded=frozenset((one.kind, one.on, one.days) for one in item.reminded),
    )
