"""`audit.py silence`: every letter that was due in an interval, what became of it, and who changed where letters go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import click

from app.log import Connection, Year, check_period, find_year, open_log
from domain.codec import encode, read_event
from domain.errors import Lang
from domain.measure import MEASURE
from domain.roadmap import is_measure
from domain.silence import MISSING, UNDER_WAY, Told, told
from domain.turn import Decider
from domain.year import YEAR
from doors.cli import output
from doors.cli.codes import roadmap_option
from doors.cli.output import Door, Exit, command, door
from doors.cli.when import DAY
from eventlog.contacts import ContactChange, contact_changes
from eventlog.read import read_roadmap
from views.names import Names
from views.plain import one_line
from views.texts import known, moment


@command(
    "silence", help=output.told("Каждое положенное письмо и что с ним стало.", "Every letter due, and its outcome.")
)
@roadmap_option
@click.option("--from", "first", type=DAY, help=output.told("с этого дня", "from this day on"))
@click.option("--to", "last", type=DAY, help=output.told("по этот день включительно", "up to this day"))
@door
def silence(at: Door, roadmap: str | None, first: date | None, last: date | None) -> Exit:
    """List what was due in the interval; FINDING where a letter, or a moment of the clock, is missing."""
    check_period(first, last)
    with open_log() as connection:
        year = find_year(connection, roadmap)
        zone = year.roadmap.policy.zone

        def asked(moment: datetime) -> bool:
            return (first or date.min) <= moment.astimezone(zone).date() <= (last or date.max)

        rows = [(stream, one) for stream, one in _letters(connection, year) if asked(one.due_at)]
        changes = [one for one in contact_changes(connection, year.roadmap.id) if asked(one.changed_at)]
    rows.sort(key=lambda row: (row[1].due_at, row[0], row[1].id))
    missing = sum(one.outcome == MISSING for _, one in rows)
    under_way = sum(one.outcome == UNDER_WAY for _, one in rows)
    names = Names(year.roadmap, at.lang)
    lines = [
        f"{moment(one.due_at, zone)} {stream}/{one.version or '—'} {_kind(one.kind, at.lang)} → {names.actor(one.to)}:"
        f" {at.say(*WORDS[one.outcome])}{_detail(one.detail, at.lang)}"
        for stream, one in rows
    ]
    lines.append(
        at.say(
            f"Положено писем: {len(rows)}, в пути: {under_way}, пропало: {missing}.",
            f"{len(rows)} letters due, {under_way} on their way, {missing} missing.",
        )
    )
    lines += [f"{moment(one.changed_at, zone)} {_changed(at, one, names)}" for one in changes]
    notices = [{"stream": stream, **encode(one)} for stream, one in rows]
    document = {
        "roadmap": year.roadmap.id,
        "notices": notices,
        "missing": missing,
        "contacts_changed": [encode(one) for one in changes],
    }
    return at.answer(document, "\n".join(lines), Exit.FINDING if missing else Exit.DONE)


WORDS = {
    "delivered": ("доставлено", "delivered"),
    "filed": ("сохранено файлом: почтовый сервер не задан", "lies in a file: no mail server is set"),
    "failed": ("не доставлено", "failed"),
    "suppressed": ("не отправлено по правилу", "suppressed by a rule"),
    UNDER_WAY: ("в пути", "on its way"),
    MISSING: ("ПРОПАЛО", "MISSING"),
}


def _changed(at: Door, one: ContactChange, names: Names) -> str:
    """Return what of a contact was changed and by which login; the name and the address themselves are not kept."""
    what = {
        (True, True): ("имя и адрес заменены", "name and address were replaced"),
        (True, False): ("имя заменено", "the name was replaced"),
        (False, True): ("адрес заменён", "the address was replaced"),
    }[one.name_changed, one.email_changed]
    ru, en = what
    who = names.actor(one.code)
    return at.say(
        f"{who}: {ru}, вход в базу данных {one_line(one.login)}.",
        f"{who}: {en}, by the database login {one_line(one.login)}.",
    )


def _kind(kind: str, lang: Lang) -> str:
    """Return what a letter, or a moment that left no event, is about."""
    return known(f"kind.{kind}", lang, known(f"event.{kind}", lang, kind))


def _detail(detail: str, lang: Lang) -> str:
    return f" ({known(f'rule.{detail}', lang, one_line(detail))})" if detail else ""


def _letters(connection: Connection, year: Year) -> Iterator[tuple[str, Told]]:
    streams = defaultdict(list)
    for record in read_roadmap(connection, year.roadmap.id):
        streams[record.stream].append(read_event(record))
    for stream, events in streams.items():
        decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
        for one in told(decider, events, year.now()):
            yield stream, one
