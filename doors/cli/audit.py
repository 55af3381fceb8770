"""The auditor's door: the history in plain words, every decision made again, the projections rebuilt."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import click

from app.log import Connection, find_year, open_log
from app.problem import Problem, ProblemKind
from domain.codec import encode, event_record, read_event
from domain.errors import ForeignEvent
from domain.events import Event
from domain.measure import MEASURE, STAGE_NAMES, MeasureState, stage_of
from domain.records import EventRecord
from domain.replay import Difference, Step, replay
from domain.roadmap import is_measure
from domain.turn import Decider
from domain.year import YEAR, YearState
from doors.cli.aside import set_row_aside
from doors.cli.codes import roadmap_option
from doors.cli.evidence_check import evidence
from doors.cli.explaining import explain_event
from doors.cli.history import history, measure_argument, records_of
from doors.cli.inspection import COMMANDS
from doors.cli.output import Door, Exit, Group, door, told
from doors.cli.past import state
from doors.cli.reconcile import reconcile
from doors.cli.silence import silence
from doors.cli.when import DAY
from eventlog.roles import PROJECTOR
from orders.calendars import tzdata_version
from projections.as_of import as_of
from projections.projector import Difference as TableDifference
from projections.projector import Fenced, GapInLog, Projection, RowDifference, rebuild
from projections.read_models import READ_MODELS
from settings import database_url
from views.events import event_document
from views.plain import one_line
from views.sentences import numbered
from views.texts import text

# Characters that people are shown of a differing row, and of one text in it; the document has all of them.
ROW_LIMIT = 1000
CELL_LIMIT = 120


@click.group(
    cls=Group,
    help=told(
        "Команды проверяющего: история, решения заново, сверка, выгрузка.",
        "The auditor's commands: history, replay, verification, export.",
    ),
)
def audit() -> None:
    """Hold the commands together."""


@audit.command(
    "replay", help=told("Каждое решение принять заново и сравнить с журналом.", "Make every decision again.")
)
@measure_argument
@roadmap_option
@click.option("--to", "last", type=DAY, help=told("по этот день включительно", "up to this day"))
@door
def replay_decisions(at: Door, measure: str | None, roadmap: str | None, last: date | None) -> Exit:
    """Show the state after each event; FINDING where the log does not say what the rules say."""
    with open_log() as connection:
        year = find_year(connection, roadmap)
        records = list(records_of(connection, year, measure))
    if last is not None:
        records = list(as_of(records, last, year.roadmap.policy.zone, last))
    again = decided_again(records)
    zone = year.roadmap.policy.zone
    document = {
        "steps": [{"event": event_document(row, zone), "state": _state(step.state)} for row, step in again.steps],
        "differences": again.differences,
    }
    lines = [f"{numbered(row, year.roadmap, at.lang)} [{_state_words(at, step.state)}]" for row, step in again.steps]
    for found in again.differences:
        place = f"{found['stream']}/{found['version']}"
        # Each by itself: a long one must not hide the other.
        wanted, there = (
            one_line(json.dumps(found[side], ensure_ascii=False), ROW_LIMIT)
            if found[side]
            else at.say("ничего", "nothing")
            for side in ("expected", "found")
        )
        lines.append(
            at.say(
                f"РАСХОЖДЕНИЕ: запись {place}: по правилам {wanted}, в журнале {there}",
                f"DIFFERENCE: event {place}: by the rules {wanted}, the log has {there}",
            )
        )
    then, now = year.roadmap.calendar.tzdata, tzdata_version()
    if again.differences and then != now:
        at.note(
            f"Год начат с часовыми поясами версии {then or '(не записана)'}, здесь {now or '(не известна)'}: различия в"
            " моментах могут быть от этого. Повторите там, где версия та же.",
            f"The year was started with time zones of version {then or '(not written down)'}, here it is"
            f" {now or '(not known)'}: differences of moments may come from that. Repeat it where the version is the same.",
        )
    lines.append(
        at.say(
            f"Воспроизведено событий: {len(again.steps)}, расхождений: {len(again.differences)}.",
            f"{len(again.steps)} events replayed, {len(again.differences)} differences.",
        )
    )
    return at.answer(document, "\n".join(lines), Exit.FINDING if again.differences else Exit.DONE)


@dataclass(frozen=True)
class Again:
    """Every event with its step of the replay, and the differences found."""

    steps: list[tuple[EventRecord, Step[Any]]]
    differences: list[dict[str, Any]]


def decided_again(records: Iterable[EventRecord]) -> Again:
    """Make every decision of these streams again; the streams have to be there from their beginnings."""
    again = Again([], [])
    for stream, rows in _by_stream(records).items():
        decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
        for row, step in zip(rows, replay(decider, [read_event(row) for row in rows]), strict=True):
            again.steps.append((row, step))
            if step.difference is not None:
                again.differences.append(_difference(stream, step.difference))
    return again


@audit.command(
    "rebuild", help=told("Пересобрать отчёты из журнала и сравнить.", "Rebuild the projections from the log.")
)
@click.option("--swap", is_flag=True, help=told("заменить прежние пересобранными", "put the rebuilt ones in place"))
@door
def rebuild_projections(at: Door, *, swap: bool) -> Exit:
    """Rebuild every projection beside the live one; FINDING where they differ and nothing was swapped.

    By the worker's login: who may write a report could falsify one, so the doors' may not.
    """
    with open_log(PROJECTOR, url=database_url(worker=True)) as connection:
        found = {model.name: _rebuild(connection, model, swap=swap) for model in READ_MODELS}
    document = {"projections": [_rebuilt_record(name, difference) for name, difference in found.items()]}
    differ = any(not difference.equal for difference in found.values())
    lines = [line for name, difference in found.items() for line in _rebuilt(at, name, difference, swapped=swap)]
    return at.answer(document, "\n".join(lines), Exit.FINDING if differ and not swap else Exit.DONE)


def _rebuilt_record(name: str, difference: TableDifference) -> dict[str, Any]:
    record: dict[str, Any] = encode(replace(difference, stops=()))
    del record["stops"]
    return {"name": name, **record}


def _rebuild(connection: Connection, model: Projection[Any], *, swap: bool) -> TableDifference:
    """Rebuild a read model; Problem (FINDING) where the log has a gap, (UNAVAILABLE) where the table is newer.

    ForeignEvent where the log has what only a newer program can take up.
    """
    try:
        found = rebuild(connection, model, swap=swap)
    except GapInLog as gap:
        raise Problem(
            ProblemKind.FINDING,
            "damaged",
            f"{model.name}: за записью {gap.position} в журнале разрыв: выполните audit.py verify.",
            f"{model.name}: the log has a gap behind event {gap.position}: run audit.py verify.",
        ) from gap
    except Fenced as error:
        raise Problem(
            ProblemKind.UNAVAILABLE,
            "newer-table",
            f"{model.name}: таблицу сделала более новая Веха, эта её не заменит: обновите Веху.",
            f"{model.name}: a newer Vekha made the table, this one does not replace it: update Vekha.",
        ) from error
    for stop in found.stops:
        if isinstance(stop.cause, ForeignEvent):
            raise stop.cause from stop
    return found


def _rebuilt(at: Door, name: str, difference: TableDifference, *, swapped: bool) -> Iterator[str]:
    """Yield the lines of one projection: what came out of it, then its differing rows."""
    position, size = difference.position, difference.size
    if difference.equal:
        yield f"{name}: " + at.say(
            f"совпадает, учтено записей: {position} из {size}", f"equal, {position} of {size} events taken"
        )
        return
    found = at.say("отличалась, заменена", "differed, replaced") if swapped else at.say("ОТЛИЧАЕТСЯ", "DIFFERS")
    if difference.error is not None:
        yield (
            f"{name}: {found}: "
            + at.say("дальше этой записи не идёт: ", "a stream stands still: ")
            + one_line(difference.error, ROW_LIMIT)
            + at.say("; выполните audit.py verify", "; run audit.py verify")
        )
    if difference.taken > position:
        yield f"{name}: {found}: " + at.say(
            f"учтено будто бы {difference.taken} записей, а в журнале их {size}",
            f"{difference.taken} events are said to be taken, the log has {size}",
        )
    if not difference.differing:
        return
    if not difference.comparable:
        yield f"{name}: {found}: " + at.say(
            "таблицу сделала другая версия Вехи", "another version of Vekha made the table"
        )
        return
    some = len(difference.shown)
    count = at.say(f"строк: {difference.differing}", f"rows: {difference.differing}")
    if some < difference.differing:
        count += at.say(f", показаны первые {some}", f", the first {some} are shown")
    yield f"{name}: {found}, {count}"
    for row in difference.shown:
        yield one_line(f"{name}: {row.stream}: {'/'.join(row.key)}: {_row_words(at, row)}", ROW_LIMIT)


def _row_words(at: Door, row: RowDifference) -> str:
    cells = [(cell.column, _cell_words(cell.live), _cell_words(cell.rebuilt)) for cell in row.cells]
    if row.kind == "missing":
        return at.say("строки не было, по журналу: ", "no such row, by the log: ") + ", ".join(
            f"{column} {rebuilt}" for column, _, rebuilt in cells
        )
    if row.kind == "surplus":
        return at.say("лишняя строка, по журналу её нет: ", "a row that the log does not give: ") + ", ".join(
            f"{column} {live}" for column, live, _ in cells
        )
    return "; ".join(
        at.say(f"{column} было {live}, по журналу {rebuilt}", f"{column} was {live}, by the log {rebuilt}")
        for column, live, rebuilt in cells
    )


def _cell_words(value: Any) -> str:
    """Return a value as JSON writes it, a text without its quotes unless it is empty."""
    record = encode(value)
    return one_line(record, CELL_LIMIT) if isinstance(record, str) and record else json.dumps(record)


for command in (history, *COMMANDS, evidence, silence, state, explain_event, reconcile, set_row_aside):
    audit.add_command(command)


def _by_stream(records: Iterable[EventRecord]) -> dict[str, list[EventRecord]]:
    streams: dict[str, list[EventRecord]] = defaultdict(list)
    for record in records:
        streams[record.stream].append(record)
    return streams


def _state(state: MeasureState | YearState) -> dict[str, Any]:
    """Return the state as a document: the assignments of a measure, or the values of a year."""
    if isinstance(state, YearState):
        return {"closed": state.closed, "values": [encode(value) for value in state.values.values()]}
    return {
        "stage": stage_of(state),
        "assignments": [
            {
                "assignment": item.id,
                "stage": STAGE_NAMES[type(item.stage)],
                "due_on": item.due_on.isoformat(),
                "overdue": item.overdue,
                "escalation_level": item.level,
            }
            for item in state.assignments.values()
        ],
        "letters_on_their_way": sorted(state.outbox),
    }


def _state_words(at: Door, state: MeasureState | YearState) -> str:
    if isinstance(state, YearState):
        return at.say("год закрыт", "closed") if state.closed else at.say("год идёт", "open")
    return text(f"stage.{stage_of(state)}", at.lang)


def _difference(stream: str, difference: Difference) -> dict[str, Any]:
    return {
        "stream": stream,
        "version": difference.version,
        "expected": _told(stream, difference.version, difference.expected),
        "found": _told(stream, difference.version, difference.found),
    }


def _told(stream: str, version: int, event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    record = event_record(event, stream, version, "")
    return {"type": record.type, "at": record.at, "actor": record.actor, "data": encode(event.fact)}
