"""The plan of a year for people: every moment of the clock as a table, and as a calendar file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from domain.roadmap import Roadmap
from views.moments import KINDS, kind_said
from views.names import Names, parts
from views.plain import one_line
from views.tables import PALE, Column, Line, Table
from views.texts import RU

HEADERS = (
    ("Дата", "Date"),
    ("Время", "Time"),
    ("Что", "What"),
    ("Мероприятие", "Measure"),
    ("Контрольная точка", "Checkpoint"),
    ("Отвечает", "Answers"),
    ("Кому письмо", "Letter to"),
    ("Название", "Title"),
)
LENGTH = timedelta(minutes=15)  # a meeting without length is drawn as a line


def plan_table(rows: Iterable[Mapping[str, Any]], roadmap: Roadmap, lang: str = RU) -> Table:
    """Return the moments of `starter.py plan` as a table, one line a moment."""
    names = Names(roadmap, lang)
    english = lang == "en"
    lines = []
    for row in rows:
        at = datetime.fromisoformat(row["at"])
        number, key, body = parts(row["assignment"]) if row["assignment"] else ("", "", "")
        lines.append(
            Line(
                (
                    at.date(),
                    f"{at:%H:%M}",
                    kind_said(row, lang),
                    number,
                    names.label(number, key) or key,
                    names.body(body) if body else "",
                    names.actor(row["to"]) if row["to"] else "",
                    one_line(names.measures[number].title) if number in names.measures else "",
                ),
                tone=PALE if row["kind"] == "deadline" else "",
            )
        )
    title = "Plan of the year" if english else "План года"
    return Table(
        title, (one_line(roadmap.title),), tuple(Column(header[english]) for header in HEADERS), tuple(lines), lang
    )


def plan_ics(rows: Iterable[Mapping[str, Any]], roadmap: Roadmap, lang: str = RU) -> bytes:
    """Return the moments as a calendar file, in UTC.

    An event keeps its UID whenever the plan is made again, so that a calendar program moves it and doubles nothing.
    """
    names = Names(roadmap, lang)
    calendar = Calendar()
    calendar.add("prodid", "-//Vekha//plan//RU")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(roadmap.title))
    stamp = datetime(roadmap.order.date.year, roadmap.order.date.month, roadmap.order.date.day, tzinfo=UTC)
    seen: Counter[str] = Counter()
    for row in rows:
        at = datetime.fromisoformat(row["at"]).astimezone(UTC)
        what = f"{row['kind']}{row.get('level', '')}"
        same = f"{row['assignment'] or row['to'] or 'year'}/{what}"
        seen[same] += 1
        event = Event()
        event.add("uid", f"{roadmap.id}/{same}/{seen[same]}@vekha".replace(" ", "-"))
        event.add("dtstamp", stamp)
        event.add("dtstart", at)
        event.add("dtend", at + LENGTH)
        said = kind_said(row, lang)
        if row["assignment"]:
            number, key, body = parts(row["assignment"])
            label = names.label(number, key)
            title = one_line(names.measures[number].title, 120) if number in names.measures else ""
            event.add("summary", f"{said.capitalize()}: {number} {names.body(body)} — {title}")
            event.add("description", "\n".join(filter(None, (label, title, _told(row, names, lang)))))
        else:
            event.add("summary", said.capitalize())
            event.add("description", _told(row, names, lang))
        event.add("categories", [KINDS[row["kind"]][lang == "en"]])
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _told(row: Mapping[str, Any], names: Names, lang: str) -> str:
    return f"{'Letter' if lang == 'en' else 'Письмо'}: {names.actor(row['to'])}" if row["to"] else ""
