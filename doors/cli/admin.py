"""The door of staff and controller: what waits, how it stands, and every command that a person may give."""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial, wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from app.evidence import inspect, keep
from app.failed_letters import failed_letters
from app.log import Year, find_year, open_log
from app.problem import Problem, ProblemKind, Rejected
from app.sending import Answered, send, stream_of, used_elsewhere
from app.showing import show_measure
from domain import commands
from domain.codec import DECIMAL_PLACES, MAX_ID, MAX_TEXT, decode, make_command, read_event
from domain.commands import Request, ScheduledPoint
from domain.errors import Malformed
from domain.events import ADMINISTRATOR
from domain.roadmap import Roadmap
from doors.cli.attachments import evidence
from doors.cli.codes import (
    as_option,
    body_of,
    checkpoint_of,
    contact_of,
    indicator_of,
    measure_argument,
    measure_of,
    roadmap_option,
    sender_of,
)
from doors.cli.output import Door, Exit, Group, door, told
from doors.cli.todo import todo
from doors.cli.when import DAY, read_day
from eventlog.read import events_of_command
from eventlog.roles import REGISTRAR
from orders import codes
from orders.batch import HEADINGS, VERBS, load_batch
from orders.counted import counts_whole
from orders.findings import UnreadableFile
from settings import connect_temporal, settings
from views.documents import board_document
from views.events import event_document
from views.names import Names
from views.refusals import refusal
from views.rendering import to_text
from views.sentences import numbered, tell
from views.tables import board_table

NEVER_BLANK = frozenset({"command-id", "notice", "reason", "act", "to", "indicator"})


class Seconds(click.FloatRange):
    """A number of seconds within bounds; `nan` is within any, and would wait for ever."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the number."""
        seconds = super().convert(value, param, ctx)
        return self.fail(f"{value} is no number of seconds", param, ctx) if math.isnan(seconds) else seconds


wait_option = click.option(
    "--wait",
    type=Seconds(0, 3600),
    default=10.0,
    show_default=True,
    help=told("сколько секунд ждать ответа", "seconds to wait for the answer"),
)


@click.group(
    cls=Group, help=told("Команды исполнителей и контролирующего лица.", "The commands of staff and controller.")
)
def admin() -> None:
    """Hold the commands together."""


def sends(function: Callable[..., Request], *, after_close: bool = False) -> Callable[..., Any]:
    """Make a command of a function that returns a request: send it, wait, tell the answer.

    The function gets the evidence that was kept and its own options. With `after_close` a closed year takes it too.
    """

    @roadmap_option
    @as_option
    @click.option(
        "--occurred-on",
        type=DAY,
        help=told("когда это было (по умолчанию сегодня)", "when it happened (by default today)"),
    )
    @click.option(
        "--command-id",
        help=told("номер команды: повтор с ним безвреден", "the command's id: a repeat with it is harmless"),
    )
    @wait_option
    @door
    @wraps(function)
    async def command(
        at: Door,
        *,
        roadmap: str | None,
        actor: str,
        occurred_on: date | None,
        command_id: str | None,
        wait: float,
        measure: str | None = None,
        files: Sequence[Path] = (),
        **values: Any,
    ) -> Exit:
        with open_log() as connection:
            year = find_year(connection, roadmap)
            actor = sender_of(codes.senders(year.roadmap.registry), actor)
            _check_texts({told("МЕРОПРИЯТИЕ", "MEASURE"): measure, "command-id": command_id, **values})
            measure = None if measure is None else measure_of(year.roadmap, measure)
            values = _meant(year, measure, values)
            repeated = command_id is not None and events_of_command(connection, command_id)
            if not (after_close or repeated):  # a repeat is answered after all
                _check_open(year)
            if files:
                values["evidence"] = keep(files, settings().evidence_dir)
            request = function(**({"measure": measure} if measure else {}), **values)
            if isinstance(request, commands.MeasureIndicator):
                _check_whole(year.roadmap, request)
            sent = make_command(command_id or str(uuid.uuid4()), actor, year.now(), occurred_on, request)
            stream = stream_of(year.roadmap, measure, sent)
            answer = used_elsewhere(connection, stream, sent)
            if answer is None:
                client = await connect_temporal()
                try:
                    answer = await send(client, connection, stream, sent, wait)
                except asyncio.CancelledError:  # Ctrl-C
                    _tell_interrupted(at, sent.id)
                    raise
        return _tell(at, year, answer)

    return command


def _meant(year: Year, measure: str | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a command with each code and number in them as the roadmap writes it."""
    roadmap, registry = year.roadmap, year.roadmap.registry
    reads: Mapping[str, Callable[[str], str]] = {
        "body": lambda asked: body_of(registry, asked),
        "to": lambda asked: body_of(registry, asked, "--to"),
        "checkpoint": lambda asked: checkpoint_of(roadmap, measure or "", asked),
        "indicator": lambda asked: indicator_of(roadmap, asked),
        "code": lambda asked: _contact_of(year, asked),
    }
    return {key: reads[key](value) if key in reads and value is not None else value for key, value in values.items()}


def addressed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what names one assignment: measure, checkpoint, body."""
    for option in (
        click.option(
            "--body", metavar=told("КОД", "CODE"), help=told("организация поручения", "the assignment's body")
        ),
        click.option("--checkpoint", metavar=told("КЛЮЧ", "KEY"), help=told("контрольная точка", "checkpoint")),
        measure_argument,
    ):
        function = option(function)
    return function


NOTE = click.option(
    "--note",
    default="",
    callback=lambda _context, _option, text: text if text.strip() else "",  # blanks say nothing
    help=told("пояснение", "a note"),
)
REASON = click.option("--reason", required=True, help=told("причина", "the reason"))
ACT = click.option("--act", required=True, help=told("основание: приказ, распоряжение", "the act behind it"))
UNTIL = click.option("--until", type=DAY, required=True, help=told("новый срок", "the new due date"))
FILES = click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help=told("подтверждающий файл, можно несколько", "evidence, repeatable"),
)

EARLY = click.option(
    "--early",
    is_flag=True,
    help=told("работа сделана до начала её срока", "the work was done before its time has begun"),
)


def _command(name: str, help_text: str, request: type[Any], *options: Callable[..., Any]) -> None:
    """Add one command about an assignment to the door."""

    def make(**values: Any) -> Request:
        made: Request = request(**values)
        return made

    command = sends(make)
    for option in reversed(options):
        command = option(command)
    admin.command(name, help=help_text)(addressed(command))


_command("progress", told("Промежуточная информация.", "Interim information."), commands.ReportProgress, NOTE, FILES)
_command("report", told("Отчёт об исполнении.", "Report of execution."), commands.ReportExecution, NOTE, FILES, EARLY)
_command("accept", told("Снять с контроля.", "Take off control."), commands.AcceptExecution, NOTE)
_command("return", told("Вернуть на доработку.", "Return for rework."), commands.ReturnForRework, REASON)
_command(
    "request-extension",
    told("Попросить перенести срок.", "Ask for more time."),
    commands.RequestExtension,
    UNTIL,
    REASON,
)
_command("extend", told("Перенести срок.", "Move the due date."), commands.ExtendDeadline, UNTIL, REASON, ACT)
_command("refuse-extension", told("Отказать в переносе срока.", "Refuse more time."), commands.RefuseExtension, REASON)
_command("withdraw", told("Снять поручение.", "Withdraw the assignment."), commands.WithdrawAssignment, REASON, ACT)
_command(
    "reassign",
    told("Передать поручение другой организации.", "Give the assignment to another body."),
    commands.ReassignAssignment,
    click.option("--to", required=True, metavar=told("КОД", "CODE"), help=told("кому", "to whom")),
    REASON,
    ACT,
)


@admin.command("schedule", help=told("Дать сроки мероприятию без сроков.", "Give an undated measure its dates."))
@measure_argument
@click.option(
    "--point",
    "points",
    multiple=True,
    required=True,
    metavar=told("КЛЮЧ:НАЧАЛО:СРОК[:НАЗВАНИЕ]", "KEY:FROM:DUE[:LABEL]"),
    help=told("точка: ключ, начало и срок (ДД.ММ.ГГГГ), название", "a point: key, start and due date, label"),
)
@ACT
@sends
def schedule(points: Sequence[str], act: str, measure: str | None = None) -> Request:
    """Set the schedule of an undated measure."""
    return commands.SetSchedule(measure=measure, points=tuple(_point(text) for text in points), act=act)


@admin.command("indicator", help=told("Сообщить значение показателя.", "Report the value of an indicator."))
@click.argument("indicator", metavar=told("ПОКАЗАТЕЛЬ", "INDICATOR"))
@click.option("--numerator", required=True, help=told("числитель", "numerator"))
@click.option("--denominator", help=told("знаменатель", "denominator"))
@click.option("--baseline", help=told("прежнее значение", "the earlier value"))
@click.option("--body", metavar=told("КОД", "CODE"), help=told("организация", "the body"))
@NOTE
@sends
def indicator(
    *, indicator: str, numerator: str, denominator: str | None, baseline: str | None, body: str | None, note: str
) -> Request:
    """Report the value of a target indicator."""
    return commands.MeasureIndicator(
        indicator=indicator,
        numerator=_number("numerator", numerator),
        denominator=None if denominator is None else _number("denominator", denominator),
        baseline=None if baseline is None else _number("baseline", baseline),
        body=body,
        note=note,
    )


@admin.command(
    "erase-contact",
    help=told(
        "Стереть имя и адрес за кодом. Сам код в журнале остаётся.",
        "Erase the name and address behind a code. The code itself stays in the log.",
    ),
)
@click.argument("code", metavar=told("КОД", "CODE"))
@ACT
@partial(sends, after_close=True)
def erase_contact(code: str, act: str) -> Request:
    """Erase a name and address; only the controller may."""
    return commands.EraseContact(code=code, act=act)


@admin.command(
    "resend",
    help=told(
        "Отправить ещё раз письма, которые не удалось доставить: мероприятия или всего года.",
        "Send letters again that could not be delivered: of a measure, or of the whole year.",
    ),
)
@click.argument("measure", required=False, metavar=told("[МЕРОПРИЯТИЕ]", "[MEASURE]"))
@click.option("--notice", metavar=told("ПИСЬМО", "NOTICE"), help=told("только это письмо", "this letter only"))
@roadmap_option
@as_option
@click.option(
    "--command-id",
    help=told("номер команды: повтор с ним безвреден", "the command's id: a repeat with it is harmless"),
)
@wait_option
@door
async def resend(
    at: Door,
    *,
    measure: str | None,
    notice: str | None,
    roadmap: str | None,
    actor: str,
    command_id: str | None,
    wait: float,
) -> Exit:
    """Give the command to the measure, or to each stream of the year in which a letter has failed."""
    base = command_id or str(uuid.uuid4())
    with open_log() as connection:
        year = find_year(connection, roadmap)
        known = codes.senders(year.roadmap.registry) | {ADMINISTRATOR: told("администратор", "the administrator")}
        actor = sender_of(known, actor)
        _check_texts({told("МЕРОПРИЯТИЕ", "MEASURE"): measure, "notice": notice, "command-id": command_id})
        measure = None if measure is None else measure_of(year.roadmap, measure)
        _check_open(year)
        streams = [measure] if measure is not None else failed_letters(connection, year, notice, base)
        if not streams:
            raise Problem(
                ProblemKind.FINDING,
                "nothing-failed",
                "Отправлять ещё раз нечего: недоставленных писем нет. Что стало с каждым письмом: audit.py silence.",
                "There is nothing to send again: no letter has failed. What became of each letter: audit.py silence.",
            )
        client = await connect_temporal()
        answers = []
        for number in streams:
            request = commands.ResendLetters(measure=number, notice=notice)
            sent = make_command(f"{base}/{number or 'year'}", actor, year.now(), None, request)
            answers.append(await send(client, connection, stream_of(year.roadmap, number, sent), sent, wait))
    return _tell_all(at, year, answers)


def _of_table(names: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Return what a table's columns or actions are called, in Russian and in English."""
    return ", ".join(words[0] for words in names.values()), ", ".join(names)


COLUMNS, ACTIONS = _of_table(HEADINGS), _of_table(VERBS)


@admin.command(
    help=told(
        "Выполнить таблицу команд (.csv, .xlsx): одна в строке, над ними имена столбцов.\n\n"
        f"Столбцы: {COLUMNS[0]}. Нужны первые два и те, которых просит действие.\n\n"
        f"Действия: {ACTIONS[0]}.\n\n"
        "Файлы перечисляют через точку с запятой; путь к ним — от папки, где лежит таблица.",
        "Give the commands of a table (.csv, .xlsx): one a row, below the names of the columns.\n\n"
        f"Columns: {COLUMNS[1]}. The first two are needed, and those that the action asks for.\n\n"
        f"Actions: {ACTIONS[1]}.\n\n"
        "Files are divided by semicolons; their paths begin in the table's folder.",
    )
)
@click.argument("file", metavar=told("ФАЙЛ", "FILE"), type=click.Path(path_type=Path))
@roadmap_option
@wait_option
@door
async def batch(at: Door, file: Path, roadmap: str | None, wait: float) -> Exit:
    """Read the whole table first, then send row after row; the same table sent again changes nothing."""
    with open_log() as connection:
        year = find_year(connection, roadmap)
        _check_open(year)
        try:
            steps = load_batch(file, year.roadmap, year.now())
        except UnreadableFile as error:
            raise Rejected(error.problems, ProblemKind.INVALID) from error
        for step in steps:
            inspect(step.files)
        sent = [step.sent(keep(step.files, settings().evidence_dir)) for step in steps]
        client = await connect_temporal()
        answers = []
        for item in sent:
            stream = stream_of(year.roadmap, item.measure, item.command)
            answers.append(await send(client, connection, stream, item.command, wait))
    return _tell_all(at, year, answers)


admin.add_command(todo)
admin.add_command(evidence)


@admin.command(
    help=told("Показать мероприятие: где стоит и что было.", "Show a measure: where it stands, what happened.")
)
@measure_argument
@roadmap_option
@door
def show(at: Door, measure: str, roadmap: str | None) -> Exit:
    """Show the rows and the events of one measure."""
    with open_log() as connection:
        year = find_year(connection, roadmap)
        measure = measure_of(year.roadmap, measure)
        plan = year.roadmap.measure(measure)
        assert plan is not None, "it has just been found"  # noqa: S101
        shown = show_measure(connection, year, measure)
    names, earlier = shown.names, shown.earlier
    document = board_document(shown.rows)
    document["events"] = [event_document(record, year.roadmap.policy.zone) for record in shown.events]
    document["earlier"] = earlier
    lines = [f"{plan.number}. {plan.title}", "", to_text(board_table(shown.rows, names, at.lang, keys=True))]
    if earlier:
        lines.append(
            at.say(
                f"… раньше было ещё записей: {earlier}; все показывает audit.py history {plan.number}",
                f"… {earlier} earlier events; audit.py history {plan.number} shows all",
            )
        )
    lines += [numbered(record, names, at.lang) for record in shown.events]
    return at.answer(document, "\n".join(lines))


def _tell(at: Door, year: Year, answer: Answered) -> Exit:
    """Tell what became of a command."""
    lines = _answer_lines(at, year, answer)
    return at.answer(_document(answer, year.roadmap.policy.zone), "\n".join(lines), _exit_of(answer))


def _tell_all(at: Door, year: Year, answers: Sequence[Answered]) -> Exit:
    """Tell what became of several commands."""
    zone = year.roadmap.policy.zone
    lines = [line for answer in answers for line in _answer_lines(at, year, answer)]
    code = max((_exit_of(answer) for answer in answers), default=Exit.DONE)
    return at.answer({"answers": [_document(answer, zone) for answer in answers]}, "\n".join(lines), code)


def _tell_interrupted(at: Door, command_id: str) -> None:
    """Tell what to do about a command of which the door no longer knows whether it went out."""
    at.note(
        f"Прервано; команда могла уйти. Повторите её с --command-id {command_id}: дважды ничего не произойдёт.",
        f"Interrupted; the command may have gone out. Repeat it with --command-id {command_id}: nothing happens twice.",
    )


def _document(answer: Answered, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "command_id": answer.command_id,
        "outcome": answer.outcome,
        "repeated": answer.repeated,
        "events": [event_document(record, zone) for record in answer.events],
        "reason": answer.reason,
    }


def _exit_of(answer: Answered) -> Exit:
    return {"recorded": Exit.DONE, "refused": Exit.FINDING, "queued": Exit.QUEUED}[answer.outcome]


def _answer_lines(at: Door, year: Year, answer: Answered) -> list[str]:
    if answer.outcome == "queued":
        return [
            at.say(
                f"Команда {answer.command_id} принята и ждёт обработки: через минуту посмотрите admin.py show."
                " Повторить её с --command-id безвредно.",
                f"Command {answer.command_id} is taken and waits: look at admin.py show in a minute."
                " A repeat with --command-id is harmless.",
            )
        ]
    lines = []
    if answer.repeated:
        lines.append(at.say("Эта команда уже выполнена раньше, вот её ответ:", "This command was answered before:"))
    if answer.outcome == "refused":
        command = read_event(answer.events[0]).command if answer.events else None
        words = refusal(answer.reason or "", answer.detail, at.lang, Names(year.roadmap, at.lang), command)
        said = at.say("Отказано: ", "Refused: ") + words
        return [*lines, said]
    return [*lines, *(tell(record, year.roadmap, at.lang) for record in answer.events)]


def _contact_of(year: Year, asked: str) -> str:
    """Return the code of a contact: a misspelt one would be told as erased while the name stays. Problem (INVALID)."""
    known = codes.senders(year.roadmap.registry)
    if codes.understood(asked, known, codes.code) is None:
        with open_log(REGISTRAR) as contacts:
            in_book = (year.roadmap.id.partition("~")[0], asked)
            found = contacts.execute("select from vekha.contact where roadmap = %s and code = %s", in_book).fetchone()
        if found is not None:
            return asked
    return contact_of(known, asked)


def _check_open(year: Year) -> None:
    if year.state.closed:
        raise Problem(
            ProblemKind.FINDING,
            "closed",
            f"Год {year.roadmap.id} закрыт: команды больше не принимаются.",
            f"The year {year.roadmap.id} is closed: no more commands are taken.",
        )


def _check_texts(texts: Mapping[str, Any]) -> None:
    for name, value in texts.items():
        limit = MAX_ID if name == "command-id" else MAX_TEXT
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and len(text) > limit:
                raise Problem(
                    ProblemKind.INVALID,
                    "bad-text",
                    f"{_shown(name)}: в тексте знаков {len(text)}, можно не больше {limit}: сократите его, подробности приложите"
                    " файлом.",
                    f"{_shown(name)}: the text has {len(text)} characters, {limit} at most: shorten it, attach the details as a"
                    " file.",
                )
            if isinstance(text, str) and ("\x00" in text or _broken(text)):
                raise Problem(
                    ProblemKind.INVALID,
                    "bad-text",
                    f"{_shown(name)}: в тексте есть знак, которого в нём быть не может: наберите его заново.",
                    f"{_shown(name)}: the text holds a character that no text may hold: type it anew.",
                )
        if name in NEVER_BLANK and isinstance(value, str) and not value.strip():
            raise Problem(
                ProblemKind.INVALID,
                "bad-text",
                f"--{name}: текст пуст, впишите его.",
                f"--{name}: the text is empty, write it.",
            )


def _shown(name: str) -> str:
    return name if name.isupper() else f"--{name.removesuffix('s')}"


def _broken(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _number(name: str, text: str) -> Decimal:
    try:
        return decode(Decimal, text.replace(",", "."))
    except Malformed:
        raise Problem(
            ProblemKind.INVALID,
            "bad-number",
            f"--{name} {text}: нужно число, до 15 цифр и до {DECIMAL_PLACES} после запятой.",
            f"--{name} {text}: a number is wanted, of at most 15 digits and {DECIMAL_PLACES} decimal places.",
        ) from None


def _check_whole(roadmap: Roadmap, request: commands.MeasureIndicator) -> None:
    """Refuse a part of a person or a school, where the indicator surely counts those: Problem (INVALID)."""
    indicator = next((one for one in roadmap.indicators if one.number == request.indicator), None)
    if indicator is None or not counts_whole(indicator):
        return
    for name in ("numerator", "denominator", "baseline"):
        value: Decimal | None = getattr(request, name)
        if value is not None and value != value.to_integral_value():
            raise Problem(
                ProblemKind.INVALID,
                "not-whole",
                f"--{name} {value}: показатель {indicator.number} считает людей или организации, нужно целое число.",
                f"--{name} {value}: the indicator {indicator.number} counts people or institutions, a whole number is wanted.",
            )


def _point(text: str) -> ScheduledPoint:
    key, _, rest = text.partition(":")
    first, _, rest = rest.partition(":")
    last, _, label = rest.partition(":")
    try:
        starts_on, due = read_day(first), read_day(last)
    except ValueError:
        raise Problem(
            ProblemKind.INVALID,
            "bad-point",
            f"--point {text}: нужно КЛЮЧ:НАЧАЛО:СРОК[:НАЗВАНИЕ], даты как 30.09.2021 или 2021-09-30.",
            f"--point {text}: KEY:FROM:DUE[:LABEL] is wanted, dates as 2021-09-30 or 30.09.2021.",
        ) from None
    return ScheduledPoint(key, label or key, starts_on, due)
