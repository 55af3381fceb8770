"""`audit.py explain`: why an event is there, from the phrase of the order to the day that was counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click

from app.log import Connection, check_owner, find_year, open_log, read_year
from app.problem import Problem, ProblemKind
from domain.codec import encode, read_event
from domain.events import ExtensionRequested, MeasurePlanned, ScheduleSet
from domain.records import EventRecord
from domain.roadmap import Checkpoint, MeasurePlan, Roadmap, is_measure, year_stream
from doors.cli.codes import roadmap_option
from doors.cli.history import records_of
from doors.cli.output import Door, Exit, command, door, told
from eventlog.read import read_behind, read_place, read_position
from orders.findings import Spot
from views.events import event_document
from views.plain import one_line
from views.reasons import GROWN, commands_behind, explain
from views.sentences import tell
from views.texts import text

MOST_POSITION = 2**63 - 1  # as the database counts
MOST_VERSION = 2**31 - 1
PARTS = re.compile("[/+]")  # a date is read by several rules: until/numeric_date
VERSION = re.compile(r"[0-9]{1,10}")
WHOLE = re.compile(r"[0-9]+")
SETTING = {MeasurePlanned.__name__, ScheduleSet.__name__}
SCHEDULE = "schedule"  # the rule of a date that the controller set by an act


@command(
    "explain",
    help=told(
        "Почему эта запись есть. Правило, рабочие дни, фраза приказа, события до неё.",
        "Why an event is there. The rule, the working days, the order's phrase, the events before it.",
    ),
)
@click.argument("what", required=False, metavar=told("[ЗАПИСЬ|МЕРОПРИЯТИЕ]", "[RECORD|MEASURE]"))
@click.option("--event", "place", help=told("запись по месту: ПОТОК/ВЕРСИЯ", "an event by its place: STREAM/VERSION"))
@click.option(
    "--measure",
    help=told("мероприятие: откуда его сроки (если номер целый)", "a measure: its dates (where its number is whole)"),
)
@roadmap_option
@door
def explain_event(at: Door, what: str | None, place: str | None, measure: str | None, roadmap: str | None) -> Exit:
    """Tell the rule, the chain of events and, where a date is behind it, the phrase and the days counted out.

    Of a measure what has set its dates is explained. A number without a point is a record's.
    """
    with open_log() as connection:
        record = _found(connection, roadmap, *_named(what, place, measure))
        grown = [kind.__name__ for kind in GROWN]
        stream = read_behind(connection, record, grown, ExtensionRequested.__name__, commands_behind(record))
        owner = record.stream.partition("/")[0]
        year = read_year(connection, owner)
        beginning = read_place(connection, year_stream(owner), 1)
    definition = year.roadmap if year else None
    explanation = explain(stream, at.lang)
    first = read_event(stream[0]).fact
    plan = first.plan if isinstance(first, MeasurePlanned) else None
    date = _date(plan, explanation.checkpoint, definition) if plan else None
    read = [point for point in explanation.checkpoints if point.rule != SCHEDULE]
    decided = _decisions(plan, read, definition) if plan else []
    chain = [*([beginning] if beginning and is_measure(record.stream) else []), *explanation.chain]
    zone = definition.policy.zone if definition else ZoneInfo("UTC")
    document: dict[str, Any] = {
        "event": event_document(record, zone),
        "text": tell(record, definition, at.lang),
        "rules": [*explanation.rules, *_read_words(at, date), *_decided_words(at, decided)],
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


def _named(what: str | None, place: str | None, measure: str | None) -> tuple[str, str]:
    """Return what is to be explained: "record", "event" or "measure", and its name; Problem (INVALID) for none or two."""
    given = [("event", place), ("measure", measure), ("record" if what and WHOLE.fullmatch(what) else "measure", what)]
    named = [(kind, name) for kind, name in given if name is not None]
    if len(named) != 1:
        raise Problem(
            ProblemKind.INVALID,
            "which-event",
            "Назовите что-то одно: номер записи (он стоит в history), мероприятие или --event ПОТОК/ВЕРСИЯ.",
            "Name one thing: the number of a record (history has them), a measure, or --event STREAM/VERSION.",
        )
    return named[0]


def _found(connection: Connection, roadmap: str | None, kind: str, name: str) -> EventRecord:
    """Return the event that is meant; Problem (INVALID) where there is none, or it is another year's than was named."""
    if kind == "measure":
        return _that_set_its_dates(connection, roadmap, name)
    if kind == "record":
        known = len(name) <= len(str(MOST_POSITION)) and int(name) <= MOST_POSITION
        record = read_position(connection, int(name)) if known else None
    else:
        stream, _, version = name.rpartition("/")
        readable = stream.isprintable() and VERSION.fullmatch(version) and int(version) <= MOST_VERSION
        record = read_place(connection, stream, int(version)) if readable else None
    if record is None:
        raise Problem(
            ProblemKind.INVALID,
            "unknown-event",
            f"Записи {name} в журнале нет: номера стоят в audit.py history.",
            f"The log has no event {name}: audit.py history has the numbers.",
        )
    check_owner(record, roadmap)
    return record


def _that_set_its_dates(connection: Connection, roadmap: str | None, number: str) -> EventRecord:
    """Return the event that gave a measure its dates: its plan or, where the order had none, the schedule."""
    year = find_year(connection, roadmap)
    records = records_of(connection, year, number)
    setting = [record for record in records if record.type in SETTING]
    if not setting:
        raise Problem(
            ProblemKind.INVALID,
            "unknown-event",
            f"Мероприятие {number} ещё не поставлено на контроль: выполните starter.py recover.",
            f"Measure {number} is not under control yet: run starter.py recover.",
        )
    return setting[-1]


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
        "decisions": _decisions(plan, (point,), roadmap),
    }


def _decisions(plan: MeasurePlan, points: Sequence[Checkpoint], roadmap: Roadmap | None) -> list[dict[str, str]]:
    """Return how people settled what was doubtful about the dates of these checkpoints, or of all the measure's."""
    from reading.documents.columns import says_when  # noqa: PLC0415  the readers' libraries are for those who ask

    keys = {point.key for point in points}

    def about_them(where: str) -> bool:
        spot = Spot.read(where)
        if spot is None or spot.measure != plan.measure.number or spot.checkpoint not in {None, *keys}:
            return False
        # What names a checkpoint and no column is about its date.
        return bool(keys) and (says_when(spot.column) if spot.column else spot.checkpoint is not None)

    return [
        {"finding": finding.text, "by": finding.decision.by, "text": finding.decision.text}
        for finding in (roadmap.findings if roadmap else ())
        if finding.decision and about_them(finding.where)
    ]


def _grammar(plan: MeasurePlan, point: Checkpoint, roadmap: Roadmap | None) -> dict[str, Any] | None:
    """Return the grammar's rules that give this date for the phrase, and their sources; None where none do."""
    from reading.deadlines import Period, read_deadline  # noqa: PLC0415  lark is loaded for those who read
    from reading.deadlines.rules import RULES  # noqa: PLC0415  the same

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
    return [said]


def _decided_words(at: Door, decisions: Sequence[dict[str, str]]) -> list[str]:
    return [text("why.decided", at.lang, **{key: one_line(value) for key, value in one.items()}) for one in decisions]
