"""The plan of a year for people: every moment of the clock as a table, and as a calendar file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from domain.roadmap import Roadmap
from projections.moments import Moment
from views.moments import KINDS, kind_said
from views.names import Names, parts
from views.plain import one_line
from views.report_table import PALE, ReportColumn, ReportLine, ReportTable
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


def plan_table(moments: Iterable[Moment], roadmap: Roadmap, lang: str = RU) -> ReportTable:
    """Return the moments of `starter.py plan` as a table, one line a moment."""
    names = Names(roadmap, lang)
    english = lang == "en"
    lines = []
    for moment in moments:
        number, key, body = parts(moment.assignment) if moment.assignment else ("", "", "")
        lines.append(
            ReportLine(
                (
                    moment.at.date(),
                    f"{moment.at:%H:%M}",
                    kind_said(moment, lang),
                    number,
                    names.label(number, key) or key,
                    names.body(body) if body else "",
                    names.actor(moment.to) if moment.to else "",
                    one_line(names.measures[number].title) if number in names.measures else "",
                ),
                tone=PALE if moment.kind == "deadline" else "",
            )
        )
    title = "Plan of the year" if english else "План года"
    columns = tuple(ReportColumn(header[english]) for header in HEADERS)
    return ReportTable(title, (one_line(roadmap.title),), columns, tuple(lines), lang)


def plan_ics(moments: Iterable[Moment], roadmap: Roadmap, lang: str = RU) -> bytes:
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
    for moment in moments:
        at = moment.at.astimezone(UTC)
        what = f"{moment.kind}{'' if moment.level is None else moment.level}"
        same = f"{moment.assignment or moment.to or 'year'}/{what}"
        seen[same] += 1
        event = Event()
        event.add("uid", f"{roadmap.id}/{same}/{seen[same]}@vekha".replace(" ", "-"))
        event.add("dtstamp", stamp)
        event.add("dtstart", at)
        event.add("dtend", at + LENGTH)
        said = kind_said(moment, lang)
        if moment.assignment:
            number, key, body = parts(moment.assignment)
            label = names.label(number, key)
            title = one_line(names.measures[number].title, 120) if number in names.measures else ""
            event.add("summary", f"{said.capitalize()}: {number} {names.body(body)} — {title}")
            event.add("description", "\n".join(filter(None, (label, title, _letter_to(moment, names)))))
        else:
            event.add("summary", said.capitalize())
            event.add("description", _letter_to(moment, names))
        event.add("categories", [KINDS[moment.kind][lang == "en"]])
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _letter_to(moment: Moment, names: Names) -> str:
    return f"{'Letter' if names.lang == 'en' else 'Письмо'}: {names.actor(moment.to)}" if moment.to else ""
