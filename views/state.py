"""A state of the past in words: its three tables, and what was learnt later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timezone

from domain.roadmap import Roadmap
from projections.as_of import When
from projections.board import BoardRow
from projections.discipline import DisciplineRow
from projections.indicators import IndicatorRow, number
from projections.reports import StateReport
from views.documents import Row, changes
from views.names import Names
from views.rendering import to_text
from views.sentences import numbered
from views.tables import board_table, discipline_table, indicators_table
from views.texts import RU, known, text
from views.texts import day as day_said


def state_text(report: StateReport, roadmap: Roadmap, lang: str = RU) -> str:
    """Return the state as tables; where it was asked for by past knowledge, what came since and what that changes."""
    then, known_at, later = report.then, report.known_at, report.later
    asked = {"as_of": _when(report.as_of), "known_at": known_at and _when(known_at)}
    parts = [text("state.now" if known_at is None else "state.then", lang, **asked), ""]
    for table in (
        board_table(then.board, roadmap, lang),
        discipline_table(then.discipline, roadmap, lang),
        indicators_table(then.indicators, roadmap, lang),
    ):
        parts += [to_text(table).rstrip("\n"), ""]
    if known_at is not None:
        parts += [text("state.later", lang, **asked)]
        parts += [numbered(record, roadmap, lang) for record in later]
        if report.later_count == 0:
            parts += [f"  {text('nothing', lang)}"]
        elif report.later_count > len(later):
            parts += [f"  {text('state.more', lang, count=report.later_count, shown=len(later))}"]
        parts += [text("state.changed", lang)]
        changed = _changes(report, Names(roadmap, lang))
        parts += [f"  {line}" for line in changed] or [f"  {text('nothing', lang)}"]
    return "\n".join(parts)


def _when(when: When) -> str:
    """Return a day, or an instant with its offset, as people write it."""
    if not isinstance(when, datetime):
        return day_said(when)
    offset = when.utcoffset()
    assert offset is not None, "an instant has one"  # noqa: S101
    seconds = f":{when:%S}" if when.second or when.microsecond else ""
    return f"{day_said(when)} {when:%H:%M}{seconds} ({timezone(offset)})"


def _changes(report: StateReport, names: Names) -> Iterator[str]:
    """Yield a line for each row that later knowledge changes: what it is about, and each field before and after."""
    day, lang = report.then.board.as_of, names.lang
    for one in changes(report):
        then = {} if one.then is None else _fields(one.then, day)
        now = {} if one.now is None else _fields(one.now, day)
        said = ", ".join(
            f"{text(label, lang).lower()} {_value(then.get(label), lang)} → {_value(now.get(label), lang)}"
            for label in now or then
            if then.get(label) != now.get(label)
        )
        row = one.now or one.then
        assert row is not None, "one of them is there"  # noqa: S101
        yield f"{_subject(row, names)}: {said}"


def _fields(row: Row, day: date) -> Mapping[str, object]:
    """Return what of a row is told where it changes, by the key of its name."""
    match row:
        case BoardRow():
            return {
                "column.stage": row.stage,
                "column.due-on": row.due_on,
                "stage.overdue": row.overdue,
                "column.days-late": row.days_late_on(day),
                "column.level": row.escalation_level,
                "column.last-event": row.last_event,
            }
        case DisciplineRow():
            return {
                "column.due": row.due,
                "column.on-time": row.on_time,
                "column.late": row.late,
                "column.open-overdue": row.open_overdue,
                "column.withdrawn": row.withdrawn,
            }
        case IndicatorRow():
            return {
                "column.numerator": number(row.numerator),
                "column.denominator": number(row.denominator),
                "column.value": number(row.value),
                "column.target": number(row.target),
                "column.reached": row.reached,
                "column.so-far": row.so_far,
                "column.answered": row.answered,
            }


def _subject(row: Row, names: Names) -> str:
    body = text("all-bodies", names.lang) if row.body is None else names.body(row.body)
    match row:
        case BoardRow():
            point = names.checkpoint(row.measure, row.checkpoint) if row.checkpoint else ""
            return ", ".join(part for part in (names.measure(row.measure), point, body) if part)
        case IndicatorRow():
            return text("state.indicator", names.lang, number=row.number, body=body)
        case DisciplineRow():
            return text("state.discipline", names.lang, body=body)


def _value(value: object, lang: str) -> str:
    match value:
        case None:
            return text("none", lang)
        case bool():
            return text("yes" if value else "no", lang)
        case date():
            return day_said(value)
        case str():
            return known(f"stage.{value}", lang, known(f"event.{value}", lang, value))
        case float():
            return str(value).replace(".", ",") if lang == RU else str(value)
        case _:
            return str(value)
