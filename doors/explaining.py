"""`audit.py explain`: why an event is there, from the phrase of the order to the day that was counted."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import click

from domain.codec import encode, read_event
from domain.events import ExtensionRequested, MeasurePlanned
from domain.records import EventRecord
from domain.roadmap import Checkpoint, MeasurePlan, Roadmap, is_measure, year_stream
from doors.output import Door, DoorError, Exit, command, door, told
from doors.services import Connection, open_log, read_year
from eventlog.read import read_behind, read_place, read_position
from views.events import event_document
from views.plain import one_line
from views.reasons import GROWN, commands_behind, explain
from views.sentences import tell
from views.texts import text

MOST_POSITION = 2**63 - 1  # as the database counts
MOST_VERSION = 2**31 - 1
PARTS = re.compile("[/+]")  # a date is read by several rules: until/numeric_date
VERSION = re.compile(r"[0-9]{1,10}")
DEADLINES = "Сроки"  # the column of the order's table, as findings name it
SCHEDULE = "schedule"  # the rule of a date that the controller set by an act


@command(
    "explain",
    help=told(
        "Почему эта запись есть. Правило, рабочие дни, фраза приказа, события до неё.",
        "Why an event is there. The rule, the working days, the order's phrase, the events before it.",
    ),
)
@click.argument("position", type=click.IntRange(min=1), required=False, metavar=told("[НОМЕР]", "[POSITION]"))
@click.option("--event", "place", help=told("запись по месту: ПОТОК/ВЕРСИЯ", "an event by its place: STREAM/VERSION"))
@door
def explain_event(at: Door, position: int | None, place: str | None) -> Exit:
    """Tell the rule, the chain of events and, where a date is behind it, the phrase and the days counted out."""
    with open_log() as connection:
        record = _found(connection, position, place)
        grown = [kind.__name__ for kind in GROWN]
        stream = read_behind(connection, record, grown, ExtensionRequested.__name__, commands_behind(record))
        roadmap = record.stream.partition("/")[0]
        year = read_year(connection, roadmap)
        beginning = read_place(connection, year_stream(roadmap), 1)
    definition = year.roadmap if year else None
    explanation = explain(stream, at.lang)
    first = read_event(stream[0]).fact
    date = _date(first.plan, explanation.checkpoint, definition) if isinstance(first, MeasurePlanned) else None
    chain = [*([beginning] if beginning and is_measure(record.stream) else []), *explanation.chain]
    zone = definition.policy.zone if definition else ZoneInfo("UTC")
    document: dict[str, Any] = {
        "event": event_document(record, zone),
        "text": tell(record, definition, at.lang),
        "rules": [*explanation.rules, *_read_words(at, date)],
        "policy": explanation.policy,
        "date": date,
        "counted": None if explanation.counted is None else encode(explanation.counted),
        "chain": [
            {
                "position": one.position,
                "stream": one.stream,
                "version": one.version,
                "type": one.type,
                "text": tell(one, definition, at.lang),
            }
            for one in chain
        ],
    }
    lines = [document["text"], text("why", at.lang), *(f"  {rule}." for rule in document["rules"])]
    lines += [text("why.chain", at.lang), *(f"  {one['position'] or '—'}  {one['text']}" for one in document["chain"])]
    return at.answer(document, "\n".join(lines if chain else [*lines[:-1], text("why.chain.nothing", at.lang)]))


def _found(connection: Connection, position: int | None, place: str | None) -> EventRecord:
    """Return the event that is meant; DoorError (USAGE) where nothing or two things are named, or nothing is there."""
    if (position is None) == (place is None):
        raise DoorError(
            Exit.USAGE,
            "which-event",
            "Назовите одну запись: её номер или --event ПОТОК/ВЕРСИЯ (номера есть в history --json).",
            "Name one event: its position, or --event STREAM/VERSION (history --json has the positions).",
        )
    if position is not None:
        asked = str(position)
        record = read_position(connection, position) if position <= MOST_POSITION else None
    else:
        asked = place or ""
        stream, _, version = asked.rpartition("/")
        readable = stream.isprintable() and VERSION.fullmatch(version) and int(version) <= MOST_VERSION
        record = read_place(connection, stream, int(version)) if readable else None
    if record is None:
        raise DoorError(
            Exit.USAGE,
            "unknown-event",
            f"Записи {asked} в журнале нет: посмотрите номера в history --json.",
            f"The log has no event {asked}: look the positions up with history --json.",
        )
    return record


def _date(plan: MeasurePlan, point: Checkpoint | None, roadmap: Roadmap | None) -> dict[str, Any] | None:
    """Return what a date rests on: the order's phrase, its reading then and by today's grammar, calendar and shift."""
    if point is None:
        return None
    return {
        "phrase": plan.measure.deadline,
        "checkpoint": point.key,
        "due": point.due.isoformat(),
        "due_on": point.due_on.isoformat(),
        "rule": point.rule,
        "settled": point.settled,
        "calendar": plan.calendar.version,
        "shift": plan.policy.shift.value,
        "grammar": _grammar(plan, point, roadmap),
        "decisions": [
            {"finding": finding.text, "by": finding.decision.by, "text": finding.decision.text}
            for finding in (roadmap.findings if roadmap else ())
            if finding.decision and finding.where == f"measure {plan.measure.number}, column {DEADLINES}"
        ],
    }


def _grammar(plan: MeasurePlan, point: Checkpoint, roadmap: Roadmap | None) -> dict[str, Any] | None:
    """Return the grammar's rules that give this date for the phrase, and their sources; None where none do."""
    from orders.deadlines import Period, read_deadline  # noqa: PLC0415  lark is loaded for those who read
    from orders.deadlines.rules import RULES  # noqa: PLC0415  the same

    period = Period(roadmap.period.first, roadmap.period.last) if roadmap else None
    read = read_deadline(
        plan.measure.deadline, period, signed=plan.order.date, calendar=plan.calendar, shift=plan.policy.shift
    )
    found = next((one.rule for one in read.checkpoints if one.due == point.due), None)
    if found is None:
        return None
    sources = (RULES[rule].source for rule in PARTS.split(found) if rule in RULES)
    return {"rule": found, "sources": list(dict.fromkeys(sources))}


def _read_words(at: Door, date: dict[str, Any] | None) -> list[str]:
    """Return how today's grammar sees the date; a schedule's dates come from an act and not from the phrase."""
    if date is None or date["rule"] == SCHEDULE:
        return []
    grammar = date["grammar"]
    said = (
        text("why.read.otherwise", at.lang)
        if grammar is None
        else text("why.read", at.lang, source="; ".join(grammar["sources"]))
    )
    return [
        said,
        *(
            text("why.decided", at.lang, **{key: one_line(value) for key, value in decision.items()})
            for decision in date["decisions"]
        ),
    ]
