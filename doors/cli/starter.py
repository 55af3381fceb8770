"""The administrator's door: check a definition, rehearse it, start the year, look at it, close it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from activities.standing import read_standing
from app.contacts import contacts_beside, keep_contacts
from app.engine import standing_still
from app.log import Connection, Year, find_year, open_log, read_year
from app.problem import Problem, ProblemKind, Rejected
from app.reports import board as board_of
from app.years import close_year, first_moment, recover_year, start_year
from domain.codec import event_record
from domain.errors import Unavailable, UnreadableEvent
from domain.measure import MEASURE, UNDATED, MeasureState, stage_of
from domain.rehearsal import Sent, rehearse
from domain.roadmap import Roadmap, Severity, measure_stream
from doors.cli.asking import ask, yes_option
from doors.cli.checking import check, load, roadmap_file
from doors.cli.codes import roadmap_option
from doors.cli.late import ask_about_the_past
from doors.cli.output import Door, Exit, Group, door, told
from doors.cli.plans import what_if_answer, write_plan
from doors.cli.reading import deadline, import_order
from doors.cli.when import DAY
from eventlog.checkpoints import rotate
from eventlog.elected import holder
from eventlog.roles import REGISTRAR
from eventlog.sealer import ALARM_SECONDS, LOCK, unsealed_seconds
from orders.findings import PlacedFinding, UnreadableFile
from orders.scenario import load_scenario
from projections.board import ACCEPTED, WITHDRAWN, board
from projections.moments import moments
from projections.projector import lag, stopped
from projections.reports import Report
from settings import connect_temporal, settings
from views.documents import moments_document, row_record
from views.events import event_document
from views.moments import moments_text
from views.names import Names, parts
from views.plain import one_line
from views.rendering import to_text
from views.tables import board_table, status_table
from views.texts import day, moment, text

NOTED = 10  # streams that stand still and are told to people


@click.group(
    cls=Group,
    help=told(
        "Команды администратора: проверить, прожить год пробно, начать и закрыть год.",
        "The administrator's commands: check, rehearse, start and close a year.",
    ),
)
def starter() -> None:
    """Hold the commands together."""


starter.add_command(check)
starter.add_command(import_order)
starter.add_command(deadline)


@starter.command(
    help=told(
        "Показать, что случится за год само: напоминания, сроки, сообщения о нарушениях.",
        "Show what the year brings by itself: reminders, deadlines, notices of those missed.",
    )
)
@roadmap_file
@click.option("--ics", type=click.Path(path_type=Path), help=told("файл для календаря", "a calendar file"))
@click.option("--xlsx", type=click.Path(path_type=Path), help=told("таблица", "a workbook"))
@click.option("--png", type=click.Path(path_type=Path), help=told("картина года, лист А3", "a picture of the year, A3"))
@click.option(
    "--what-if",
    "layer",
    type=click.Path(path_type=Path),
    help=told("какие сроки сдвинет новый календарь (.toml, .yaml)", "what a new calendar would move (.toml, .yaml)"),
)
@door
def plan(at: Door, file: Path, *, layer: Path | None, **files: Path | None) -> Exit:
    """Show what the clock will do when nobody reports anything."""
    roadmap, source = _startable(file)
    if layer is not None:
        return what_if_answer(at, roadmap, layer)
    found = moments(rehearse(roadmap, source, first_moment(roadmap)), roadmap)
    write_plan(at, found, roadmap, files)
    return at.answer(moments_document(found), moments_text(found, roadmap, at.lang))


@starter.command(
    "rehearse",
    help=told("Проиграть год заранее, ничего не записывая.", "Play the year beforehand, writing nothing down."),
)
@roadmap_file
@click.option("--scenario", type=click.Path(path_type=Path), help=told("что сделают люди", "what people will do"))
@door
def rehearse_year(at: Door, file: Path, scenario: Path | None) -> Exit:
    """Play the year through the same turn as the engine and show its calendar and its end."""
    roadmap, source = _startable(file)
    sent = _scenario(scenario, roadmap) if scenario else []
    lived = rehearse(roadmap, source, first_moment(roadmap), sent)
    records = [event_record(item.event, item.stream, item.version, "rehearsal") for item in lived]
    zone = roadmap.policy.zone
    today = lived[-1].event.at.astimezone(zone).date()
    end = Report(roadmap.id, None, today, tuple(board(records)))
    rows = [row_record(row, today) for row in end.rows]
    document = {"events": [event_document(record, zone) for record in records], "rows": rows}
    lines = [moments_text(moments(lived, roadmap), roadmap, at.lang), "", to_text(board_table(end, roadmap, at.lang))]
    return at.answer(document, "\n".join(lines))


@starter.command(help=told("Начать год по дорожной карте.", "Start the year of a roadmap."))
@roadmap_file
@click.option(
    "--rehearsal-from",
    type=DAY,
    help=told("пробный год: прошедшее с этого дня, со сдвинутыми часами", "play a past year from this day"),
)
@yes_option
@door
async def start(at: Door, file: Path, rehearsal_from: date | None, *, yes: bool) -> Exit:
    """Record the definition, then start its workflows; a repeat starts only what is missing.

    A real year of which some dates have passed is started after a question only.
    """
    roadmap, source = _startable(file)
    contacts, findings = contacts_beside(file, roadmap)
    if errors := [finding for finding in findings if finding.severity is Severity.ERROR]:
        raise Rejected(errors, ProblemKind.FINDING)
    first, last = roadmap.order.date, roadmap.period.last
    if rehearsal_from and not first <= rehearsal_from <= last:
        raise Problem(
            ProblemKind.INVALID,
            "bad-day",
            f"--rehearsal-from: день вне года, выберите от {first:%d.%m.%Y} до {last:%d.%m.%Y}.",
            f"--rehearsal-from: the day lies outside the year, choose one from {first} to {last}.",
        )
    client = await connect_temporal()
    with open_log(REGISTRAR) as connection:
        real = rehearsal_from is None  # a played year writes to nobody
        new = read_year(connection, roadmap.id) is None
        if real and new:
            _warn(at, findings)
            ask_about_the_past(at, roadmap, datetime.now(UTC), agreed=yes)
        keep_contacts(connection, roadmap.id, contacts)
        begun = await start_year(client, connection, roadmap, source, rehearsal_from=rehearsal_from)
    if real and not new:
        _warn(at, findings)
    lines = at.say(
        f"Год {begun['roadmap']} идёт: начато мероприятий {begun['started']}, уже шло {begun['already_running']}.",
        f"The year {begun['roadmap']} is running: {begun['started']} measures started, {begun['already_running']} ran already.",
    )
    return at.answer(begun, lines)


@starter.command(help=told("Показать, как идёт год.", "Show how the year goes."))
@roadmap_option
@door
async def status(at: Door, roadmap: str | None) -> Exit:
    """Tell each measure's stage and next wake, how far sealing and projections are, and what stands still in Temporal."""
    with open_log() as connection:
        year = find_year(connection, roadmap)
        broken = {year.damaged} if year.damaged else set()
        rows = [_measure_status(connection, year, measure.number, broken) for measure in year.roadmap.measures]
        waiting = unsealed_seconds(connection)
        document: dict[str, Any] = {
            "roadmap": year.roadmap.id,
            "state": "closed" if year.state.closed else "open",
            "measures": rows,
            "unsealed_seconds": waiting,
            "projection_lag": lag(connection),
            "stopped": [
                {"projection": one.projection, "stream": one.stream, "version": one.version, "error": one.error}
                for one in stopped(connection, year.roadmap.id)
            ],
        }
        sealing = holder(connection, LOCK) if waiting > ALARM_SECONDS else None
    still = [] if year.state.closed else await _standing_still(at, year.roadmap)
    document["standing_still"] = still
    if waiting > ALARM_SECONDS:
        at.note(
            f"ТРЕВОГА: записи журнала ждут номера уже {waiting:.0f} с: проверьте, работает ли worker.py;"
            f" сейчас номера даёт: {sealing or 'никто'}.",
            f"ALARM: events have waited {waiting:.0f} s for their position, nobody seals the log: look at the worker;"
            f" the sealer's place is taken by: {sealing or 'nobody'}.",
        )
    broken |= {f"{one['stream']}/{one['version']}" for one in document["stopped"]}
    for place in sorted(broken):
        at.note(
            f"ТРЕВОГА: запись {place} не прочесть, дальше неё ничего не идёт: выполните audit.py verify; когда ясно, откуда"
            f" она, audit.py set-aside {place}.",
            f"ALARM: the event {place} cannot be read, its stream stands still: run audit.py verify; when it is clear where"
            f" it came from, audit.py set-aside {place}.",
        )
    for one in (still or [])[:NOTED]:
        said = f"{one['stream']}: {one['text']} — {one['advice']}."
        at.note(f"СТОИТ {said}", f"STANDS STILL {said}")
    if (rest := len(still or []) - NOTED) > 0:
        at.note(f"И ещё {rest}, все — в status --json.", f"And {rest} more, all in status --json.")
    return at.answer(document, to_text(status_table(document, year.roadmap, at.lang)))


async def _standing_still(at: Door, roadmap: Roadmap) -> list[dict[str, str]] | None:
    """Return what stands still, as `audit.py reconcile` would say it; None where Temporal does not answer."""
    try:
        found = await standing_still(roadmap)
    except (Problem, Unavailable) as told:
        at.note(f"Что стоит в Temporal, не узнать. {told.ru}", f"What stands still in Temporal is not known. {told.en}")
        return None
    return [
        {"stream": one.stream, "code": one.code, "text": one.text(at.lang), "advice": one.advice(at.lang)}
        for one in found
    ]


@starter.command(
    help=told("Вернуть год из журнала, если Temporal его потерял.", "Bring a year back that Temporal lost.")
)
@roadmap_option
@door
async def recover(at: Door, roadmap: str | None) -> Exit:
    """Start again what the log has and the engine has not, each measure where it stood."""
    client = await connect_temporal()
    with open_log() as connection:
        found = await recover_year(client, connection, find_year(connection, roadmap))
    lines = at.say(
        f"Год {found['roadmap']} идёт: возвращено мероприятий {found['started']}, шло и так {found['already_running']}.",
        f"The year {found['roadmap']} is running: {found['started']} measures came back, {found['already_running']} ran.",
    )
    return at.answer(found, lines)


@starter.command(help=told("Закрыть год.", "Close the year."))
@roadmap_option
@yes_option
@door
async def close(at: Door, roadmap: str | None, *, yes: bool) -> Exit:
    """Close the year and every measure, for good; what is open is recorded as left open.

    A real year is closed after a question only; one that is played, or closed already, without.
    """
    client = await connect_temporal()
    with open_log() as connection:
        year = find_year(connection, roadmap)
        if not (year.rehearsal or year.state.closed):
            _ask_to_close(at, connection, year, agreed=yes)
        left_open = await close_year(client, connection, year)
        said = at.say(f"Год {year.roadmap.id} закрыт.", f"The year {year.roadmap.id} is closed.")
        lines = [said, *_left_open_lines(at, connection, year, left_open)]
    document = {"roadmap": year.roadmap.id, "left_open": left_open}
    if year.closed_at is not None:  # before this command
        lines = list(_closed_before(at, year, year.closed_at, left_open))
    return at.answer(document, "\n".join(lines))


def _closed_before(at: Door, year: Year, closed_at: datetime, left_open: Sequence[str]) -> Iterator[str]:
    """Yield when a year was closed and, in one line, what it left open."""
    id_, when = year.roadmap.id, moment(closed_at, year.roadmap.policy.zone)
    yield at.say(
        f"Год {id_} уже закрыт: {when}. Сейчас ничего не изменилось.",
        f"The year {id_} is closed already: {when}. Nothing was changed now.",
    )
    if left_open:
        numbers = ", ".join(dict.fromkeys(parts(assignment)[0] for assignment in left_open))
        yield at.say(
            f"Не исполнено поручений: {len(left_open)}, мероприятия {numbers}. Подробно — report.py board --roadmap {id_}.",
            f"Assignments left open: {len(left_open)}, of the measures {numbers}. Each: report.py board --roadmap {id_}.",
        )


def _ask_to_close(at: Door, connection: Connection, year: Year, *, agreed: bool) -> None:
    rows = board_of(connection, year).rows
    waiting = sum(row.stage not in {ACCEPTED, WITHDRAWN} for row in rows)
    last = year.roadmap.period.last
    at.note(
        f"Год {year.roadmap.id} (период до {day(last)}): не снято с контроля поручений — {waiting} из {len(rows)}.\n"
        "Закрыть год можно один раз: после этого ни отчётов, ни решений он не принимает.",
        f"The year {year.roadmap.id} (its period lasts until {day(last)}): {waiting} of {len(rows)} assignments are under"
        " control.\nA year is closed once and for all: after that it takes neither reports nor decisions.",
    )
    ask(
        at,
        ("Закрыть год?", "Close the year?"),
        ("Год не закрыт.", "The year was not closed."),
        agreed=agreed,
        code="close-unasked",
    )


def _left_open_lines(at: Door, connection: Connection, year: Year, left_open: Sequence[str]) -> Iterator[str]:
    """Yield what a year left open: each measure with its title, below it the checkpoints with the bodies' names."""
    if left_open:
        yield at.say(f"Не исполнено поручений: {len(left_open)}.", f"Assignments left open: {len(left_open)}.")
    for number, found in groupby(left_open, key=lambda assignment: parts(assignment)[0]):
        # The dates of a schedule are in the measure's own stream.
        standing = read_standing(connection, measure_stream(year.roadmap.id, number))
        state = standing.state if standing is not None else None
        names = Names(state.plan if isinstance(state, MeasureState) else year.roadmap, at.lang)
        yield f"{number}. {one_line(names.measures[number].title)}"
        for key, same in groupby(found, key=lambda assignment: parts(assignment)[1]):
            point = text("stage.undated", at.lang) if key == UNDATED else names.checkpoint(number, key)
            yield f"    {point}: {'; '.join(names.body(parts(one)[2]) for one in same)}"


@starter.command("new-key", help=told("Сменить ключ контрольных записей.", "Change the key of the checkpoints."))
@door
def new_key(at: Door) -> Exit:
    """Put a new key beside the old one, which signs for some more days too."""
    path = settings().checkpoint_key
    if not path.exists():
        raise Problem(
            ProblemKind.INVALID,
            "no-key",
            f"Ключа {path} нет: он появится, когда рабочий процесс (worker.py) подпишет первую запись.",
            f"There is no key {path}: it is made when a worker signs the first checkpoint.",
        )
    last = rotate(path, datetime.now(UTC).date())
    lines = at.say(
        f"Новый ключ создан; прежний подписывает вместе с ним по {last:%d.%m.%Y} включительно. Перезапустите рабочие процессы"
        " и передайте проверяющему новый key.pub.",
        f"There is a new key; the old one signs beside it up to {last}. Restart the workers, and give the auditor the new"
        " key.pub.",
    )
    return at.answer({"key": str(path), "old_key_until": last.isoformat()}, lines)


def _startable(file: Path) -> tuple[Roadmap, str]:
    """Return a definition that nothing keeps from starting, with its text."""
    loaded = load(file)
    if loaded.roadmap is None or loaded.blocked:
        raise Rejected([finding for finding in loaded.findings if finding.severity == "error"], ProblemKind.FINDING)
    return loaded.roadmap, loaded.source


def _warn(at: Door, findings: Sequence[PlacedFinding]) -> None:
    for finding in findings:
        at.note(finding.line("ru"), finding.line("en"))


def _scenario(file: Path, roadmap: Roadmap) -> list[Sent]:
    try:
        return [step.sent() for step in load_scenario(file, roadmap.policy.zone)]
    except UnreadableFile as error:
        raise Rejected(error.problems, ProblemKind.INVALID) from error


def _measure_status(connection: Connection, year: Year, number: str, broken: set[str]) -> dict[str, Any]:
    """Return where a measure stands; the place of an event that it stands still at goes into `broken`."""
    try:
        standing = read_standing(connection, measure_stream(year.roadmap.id, number))
    except UnreadableEvent as error:
        broken.add(error.where)
        return {"number": number, "stage": "unreadable", "overdue": 0, "next_wake": None}
    state = standing.state if standing is not None else None
    due = MEASURE.due(state) if state else None
    zone = year.roadmap.policy.zone
    return {
        "number": number,
        "stage": stage_of(state) if state else "not-started",
        "overdue": sum(item.overdue for item in state.assignments.values()) if state else 0,
        "next_wake": due.at.astimezone(zone).isoformat() if due else None,
    }
