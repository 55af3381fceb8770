"""`audit.py history`: every event in plain words, of a year, a measure, a body, a sender, a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from app.log import Connection, Year, check_period, find_year, open_log
from app.problem import as_problem
from domain.codec import read_event
from domain.errors import ForeignEvent, UnreadableEvent
from domain.events import (
    ADMINISTRATOR,
    CLOCK,
    POST,
    LetterResent,
    MeasurePlanned,
    NoticeOutcome,
    ScheduleSet,
)
from domain.records import EventRecord
from domain.roadmap import Registry, Roadmap, measure_stream
from doors.cli.codes import body_of, measure_of, roadmap_option, sender_of
from doors.cli.output import Door, Exit, command, door, told
from doors.cli.when import DAY
from eventlog.read import read_roadmap, read_stream
from orders import codes
from views.events import event_document
from views.names import parts
from views.sentences import numbered

OWN_HANDS = (CLOCK, POST, ADMINISTRATOR)
measure_argument = click.argument("measure", required=False, metavar=told("[МЕРОПРИЯТИЕ]", "[MEASURE]"))


@command("history", help=told("История простыми словами.", "The history in plain words."))
@measure_argument
@roadmap_option
@click.option("--body", help=told("всё, что касается этой организации", "all that concerns this body"))
@click.option("--actor", help=told("всё, что прислал этот отправитель", "all that this sender sent"))
@click.option("--from", "first", type=DAY, help=told("с этого дня", "from this day on"))
@click.option("--to", "last", type=DAY, help=told("по этот день включительно", "up to this day"))
@door
def history(
    at: Door,
    *,
    measure: str | None,
    roadmap: str | None,
    body: str | None,
    actor: str | None,
    first: date | None,
    last: date | None,
) -> Exit:
    """Tell every event that fits all that was asked for; days are those of happening, in the sender's words.

    FINDING where one of them cannot be read.
    """
    check_period(first, last)
    with open_log() as connection:
        year = find_year(connection, roadmap)
        bodies = None if body is None else bodies_of(year, body)
        actor = None if actor is None else _actor(connection, year, actor)
        records = (
            record
            for record in records_of(connection, year, measure)
            if (first is None or record.occurred_on >= first.isoformat())
            and (last is None or record.occurred_on <= last.isoformat())
            and actor in (None, record.actor)
            and (bodies is None or bodies & concerned(record, year.roadmap.registry))
        )
        zone = year.roadmap.policy.zone
        unreadable: list[EventRecord] = []

        def document(record: EventRecord) -> dict[str, Any]:
            found = event_document(record, zone)
            if found["data"] is None:
                unreadable.append(record)
            return found

        def line(record: EventRecord) -> str:
            try:
                return _line(at, record, year.roadmap)
            except UnreadableEvent as error:
                unreadable.append(record)
                return as_problem(error).text(at.lang)

        code = at.answer_each("events", records, document, line)
        return Exit.FINDING if code is Exit.DONE and unreadable else code


def records_of(connection: Connection, year: Year, measure: str | None) -> Iterator[EventRecord]:
    """Return the events of a measure, or of the whole year, in the order of the log; Problem (INVALID) for no measure."""
    if measure is None:
        return read_roadmap(connection, year.roadmap.id)
    return read_stream(connection, measure_stream(year.roadmap.id, measure_of(year.roadmap, measure)))


def concerned(record: EventRecord, registry: Registry) -> set[str]:
    """Return the codes that an event concerns: who sent it, who answers, who is told; for a plan all that it names."""
    try:
        event = read_event(record)
    except (ForeignEvent, UnreadableEvent):
        return {record.actor}  # nothing else of it can be understood here
    fact, request = event.fact, event.command.request if event.command else None
    found = {*registry.acts_for(record.actor)}
    match fact:
        case MeasurePlanned(plan=plan):
            own = (*plan.measure.bodies, *(code for point in plan.measure.checkpoints for code in point.bodies or ()))
            found |= {body for code in own for body in registry.open_group(code)}
        case ScheduleSet(checkpoints=points):
            found |= {body for point in points for code in point.bodies or () for body in registry.open_group(code)}
    if isinstance(fact, NoticeOutcome | LetterResent):
        about, _, to = fact.notice.rpartition(":")
        found |= {to, parts(about.partition(":")[0])[2]}
    assignments = (getattr(fact, name, None) for name in ("assignment", "successor"))
    found |= {parts(key)[2] for key in assignments if key}
    named = (getattr(one, name, None) for one in (fact, request) for name in ("to", "body"))
    return found | {code for code in named if code}


def bodies_of(year: Year, asked: str) -> set[str]:
    """Return the body, and where it is a group its members; Problem (INVALID) where the registry has none such."""
    registry = year.roadmap.registry
    code = body_of(registry, asked)
    return {code, *registry.open_group(code)}


def _actor(connection: Connection, year: Year, code: str) -> str:
    """Return whom the registry knows, our own hands, and strangers who were refused; Problem (INVALID) for others."""
    asked = "select from vekha.event where roadmap = %s and actor = %s limit 1"
    if code.isprintable() and connection.execute(asked, (year.roadmap.id, code)).fetchone() is not None:
        return code
    return sender_of(codes.senders(year.roadmap.registry) | dict.fromkeys(OWN_HANDS, ""), code, "--actor")


def _line(at: Door, record: EventRecord, roadmap: Roadmap) -> str:
    try:
        return numbered(record, roadmap, at.lang)
    except ForeignEvent as error:
        return at.say(
            f"Запись {record.position or '—'}: событие {error.type} версии {error.schema_version}, этой программе"
            " неизвестное; обновите Веху.",
            f"Event {record.position or '—'}: {error.type} of version {error.schema_version}, unknown to this program;"
            " update Vekha.",
        )
