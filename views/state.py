"""A state of the past in words: its three tables, and what was learnt later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from domain.records import EventRecord
from domain.roadmap import Roadmap
from views.names import Names
from views.sentences import numbered
from views.tables import board_table, discipline_table, indicators_table, render
from views.texts import RU, days_in, known, text
from views.texts import day as day_said

MAKERS = {"board": board_table, "discipline": discipline_table, "indicators": indicators_table}
# What of a row is told where it changes, with the key of its name.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "board": {
        "stage": "column.stage",
        "due_on": "column.due-on",
        "overdue": "stage.overdue",
        "days_late": "column.days-late",
        "escalation_level": "column.level",
        "last_event": "column.last-event",
    },
    "discipline": {
        "due": "column.due",
        "on_time": "column.on-time",
        "late": "column.late",
        "open_overdue": "column.open-overdue",
        "withdrawn": "column.withdrawn",
    },
    "indicators": {
        "numerator": "column.numerator",
        "denominator": "column.denominator",
        "value": "column.value",
        "target": "column.target",
        "reached": "column.reached",
        "so_far": "column.so-far",
        "answered": "column.answered",
    },
}


def state_text(
    document: Mapping[str, Any], day: date, later: Sequence[EventRecord], roadmap: Roadmap, lang: str = RU
) -> str:
    """Return the state as tables; where it was asked for by past knowledge, what came since and what that changes.

    `day` is the office's day of the document's `as_of`, `later` are its events.
    """
    known_at = document["known_at"]
    asked = {"as_of": _when(document["as_of"]), "known_at": known_at and _when(known_at)}
    parts = [text("state.now" if known_at is None else "state.then", lang, **asked), ""]
    for name, make in MAKERS.items():
        rows = {key: document[key] for key in ("roadmap", "position")} | {
            "as_of": day.isoformat(),
            "rows": document[name],
        }
        parts += [str(render(make(rows, roadmap, lang), "text")).rstrip("\n"), ""]
    if known_at is not None:
        parts += [text("state.later", lang, **asked)]
        parts += [numbered(record, roadmap, lang) for record in later]
        if document["later_count"] == 0:
            parts += [f"  {text('nothing', lang)}"]
        elif document["later_count"] > len(later):
            parts += [f"  {text('state.more', lang, count=document['later_count'], shown=len(later))}"]
        parts += [text("state.changed", lang)]
        names = Names(roadmap, lang)
        parts += [f"  {line}" for line in _changes(document["changed"], names)] or [f"  {text('nothing', lang)}"]
    return "\n".join(parts)


def _when(named: str) -> str:
    """Return a day, or an instant with its offset, as people write it."""
    if "T" not in named:
        return day_said(named)
    at = datetime.fromisoformat(named)
    return f"{day_said(at)} {at:%H:%M}{f':{at:%S}' if at.second or at.microsecond else ''} ({at:%Z})"


def _changes(changed: Sequence[Mapping[str, Any]], names: Names) -> Iterator[str]:
    """Yield a line for each row that later knowledge changes: what it is about, and each field before and after."""
    for one in changed:
        then, now = one["then"] or {}, one["now"] or {}
        said = ", ".join(
            f"{text(label, names.lang).lower()} {_value(then.get(key), names.lang)} → {_value(now.get(key), names.lang)}"
            for key, label in FIELDS[one["table"]].items()
            if then.get(key) != now.get(key)
        )
        yield f"{_subject(one['table'], now or then, names)}: {said}"


def _subject(table: str, row: Mapping[str, Any], names: Names) -> str:
    body = text("all-bodies", names.lang) if row["body"] is None else names.body(row["body"])
    match table:
        case "board":
            point = names.checkpoint(row["measure"], row["checkpoint"]) if row["checkpoint"] else ""
            return ", ".join(part for part in (names.measure(row["measure"]), point, body) if part)
        case "indicators":
            return text("state.indicator", names.lang, number=row["number"], body=body)
        case _:
            return text("state.discipline", names.lang, body=body)


def _value(value: object, lang: str) -> str:
    match value:
        case None:
            return text("none", lang)
        case bool():
            return text("yes" if value else "no", lang)
        case str():
            return known(f"stage.{value}", lang, known(f"event.{value}", lang, days_in(value)))
        case float():
            return str(value).replace(".", ",") if lang == RU else str(value)
        case _:
            return str(value)
