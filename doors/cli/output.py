"""How a door speaks: people get text, scripts get one JSON document, and a failure is one line with its exit code."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NoReturn, TextIO, TypeVar

import click

from app.problem import Problem, ProblemKind, Rejected, as_problem
from domain.errors import (
    Lang,
)
from doors.cli.interrupts import tell_the_command
from ending import end
from orders.troubles import why
from views.language import from_environment
from views.plain import one_line
from views.texts import text

if TYPE_CHECKING:
    from settings import Settings

T = TypeVar("T")
LANGUAGES: tuple[Lang, ...] = ("ru", "en")
CLICKS_OWN = [
    (re.compile(pattern), ru, en)
    for pattern, ru, en in (
        (r"^Options$", "Ключи", None),
        (r"^Commands$", "Команды", None),
        (r"\[OPTIONS\]", "[КЛЮЧИ]", None),
        (r"COMMAND \[ARGS\]", "КОМАНДА [АРГУМЕНТЫ]", None),
        (r"^Show this message and exit\.$", "показать эту справку", "show this page"),
        (r"\[required\]", "[обязательно]", None),
        (r"\[default: ", "[по умолчанию: ", None),
        (r"(\S+)<=x<=(\S+)\]", r"от \1 до \2]", r"\1 to \2]"),
        (r"\[x>=(\S+)\]$", r"[от \1]", r"[\1 or more]"),
        (r"\bDAY$", "ДД.ММ.ГГГГ", "YYYY-MM-DD"),
        (r"\b(?:FLOAT|INTEGER)(?: RANGE)?$", "ЧИСЛО", "NUMBER"),
        (r"\b(?:PATH|FILE)$", "ФАЙЛ", "FILE"),
        (r"\bTEXT$", "ТЕКСТ", None),
        (r"\bMOMENT$", "ДЕНЬ|МОМЕНТ", "DAY|MOMENT"),
    )
]
LINE_LIMIT = 2000
PAGE = 500


class Exit(IntEnum):
    """What a door ends with."""

    DONE = 0
    FINDING = 1  # a finding of severity error, a refusal, a difference
    USAGE = 2  # wrong usage, unreadable or invalid input
    SERVICE = 3  # a service cannot be reached or has another schema version
    QUEUED = 4  # the engine has the command, no answer came in time
    BUG = 70


EXITS: Mapping[ProblemKind, Exit] = {
    ProblemKind.INVALID: Exit.USAGE,
    ProblemKind.FINDING: Exit.FINDING,
    ProblemKind.UNAVAILABLE: Exit.SERVICE,
    ProblemKind.UNANSWERED: Exit.QUEUED,
    ProblemKind.BUG: Exit.BUG,
}


@dataclass(frozen=True)
class Door:
    """The side of a door that a command speaks to."""

    json: bool
    lang: Lang

    def say(self, ru: str, en: str) -> str:
        """Return the text in the door's language."""
        return en if self.lang == "en" else ru

    def answer(self, document: Mapping[str, Any], lines: str, code: Exit = Exit.DONE) -> Exit:
        """Give the answer, the document to scripts and the lines to people, and return the exit code."""
        if self.json:
            put(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        elif lines:
            put(lines.rstrip("\n") + "\n")
        return code

    def answer_each(
        self, key: str, items: Iterable[T], document: Callable[[T], Mapping[str, Any]], line: Callable[[T], str]
    ) -> Exit:
        """Give an answer that may be as long as the log, page by page: `{key: [...]}` to scripts, a line each to people.

        People are told where there is nothing. The first page is there before anything is written, so that a failure to
        begin is told as one. One that comes later ends the same document, as its `error`.
        """
        written = 0
        try:
            for page in _pages(items):
                if self.json:
                    texts = [json.dumps(document(item), ensure_ascii=False) for item in page]
                    put(("," if written else f'{{"{key}": [') + "\n" + ",\n".join(texts))
                else:
                    put("".join(f"{line(item)}\n" for item in page))
                written += len(page)
        except Exception as error:
            if not (written and self.json):
                raise
            failure = as_problem(error)
            put(f'\n], "error": {json.dumps(self._document(failure), ensure_ascii=False)}}}\n')
            return EXITS[failure.kind]
        if self.json:
            put("\n]}\n" if written else f'{{"{key}": []}}\n')
        elif not written:
            put(f"{text('nothing', self.lang)}\n")
        return Exit.DONE

    def note(self, ru: str, en: str) -> None:
        """Tell people something beside the answer."""
        put(self.say(ru, en) + "\n", sys.stderr)

    def fail(self, error: Problem) -> Exit:
        """Tell a failure in one line, or one document, and return its exit code."""
        document = self._document(error)
        if self.json:
            put(json.dumps({"error": document}, ensure_ascii=False) + "\n")
        else:
            place = ":".join(str(part) for part in error.place if part is not None)
            put((one_line(f"{place}: ", LINE_LIMIT) + " " if place else "") + document["text"] + "\n", sys.stderr)
        return EXITS[error.kind]

    def _document(self, error: Problem) -> dict[str, Any]:
        file, line, column = error.place
        told = one_line(error.text(self.lang), LINE_LIMIT)
        return {"code": error.code, "text": told, "file": file, "line": line, "column": column}


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while page := list(islice(rest, PAGE)):
        yield page


def put(text: str, stream: TextIO | None = None) -> None:
    """Write and flush, by default to standard output; where the reader has gone (`| head`, `>&-`), say no more.

    Problem (INVALID) where the answer cannot be written, as on a full disk.
    """
    stream = stream or sys.stdout
    if stream is None:  # closed before we began
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # what is left in the buffer is flushed when the process ends
        os.close(nowhere)
        if isinstance(error, BrokenPipeError) or stream is sys.stderr:
            return
        ru, en = why(error)
        raise Problem(
            ProblemKind.INVALID, "cannot-write", f"Ответ не записать: {ru}.", f"The answer cannot be written: {en}."
        ) from error


def asked_for() -> Lang:
    """Return the language of what is told before a command is known: as `--lang` says, else as the environment."""
    arguments = sys.argv[1:]
    for lang in LANGUAGES:
        if f"--lang={lang}" in arguments or lang in _after(arguments, "--lang"):
            return lang
    return from_environment()


def told(ru: str, en: str) -> str:
    """Return a text of the help pages."""
    return en if asked_for() == "en" else ru


class HelpPage(click.HelpFormatter):
    """A help page on which click speaks the reader's language, and a day is asked for as it is written."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how the command is called."""
        super().write_usage(prog, _of_click(args), prefix or told("Вызов: ", "Usage: "))

    def write_heading(self, heading: str) -> None:
        """Write what a list is of."""
        super().write_heading(_of_click(heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list: options with what they are for, commands with what they do."""
        super().write_dl([(_of_click(name), _of_click(said)) for name, said in rows], col_max, col_spacing)


def _of_click(words: str) -> str:
    """Return the words with those of click's own in the reader's language."""
    for pattern, ru, en in CLICKS_OWN:
        words = pattern.sub(told(ru, en or r"\g<0>"), words)
    return words


class GivenTwice(click.UsageError):
    """An option that takes one value was given more than once; click would keep the last and say nothing."""

    def __init__(self, param: click.Option, ctx: click.Context) -> None:
        self.param = param
        super().__init__("given more than once", ctx)


class Command(click.Command):
    """A command of a door: nothing that was typed is dropped unsaid."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; GivenTwice where an option with one value has several."""
        if args:
            order = self.make_parser(ctx).parse_args(args=list(args))[2]
            for param, times in Counter(order).items():
                if isinstance(param, click.Option) and times > 1 and not (param.multiple or param.is_flag):
                    raise GivenTwice(param, ctx)
        return super().parse_args(ctx, args)


class Group(click.Group):
    """A door with its commands."""

    command_class = Command


def command(name: str | None = None, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Make a command of a function, as click does: for one that stands in a module of its own."""
    return click.command(name, cls=Command, **attributes)


def door(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that all doors share, and a Door as its first argument."""

    @click.option(
        "--json", "as_json", is_flag=True, help=told("ответ одним документом JSON", "answer in one JSON document")
    )
    @click.option("--lang", type=click.Choice(["ru", "en"]), help=told("язык ответа", "language of the answer"))
    @click.option(
        "--debug", is_flag=True, help=told("показать и внутренности ошибки", "show the insides of an error too")
    )
    @wraps(function)
    def wrapped(*, as_json: bool, lang: Lang | None, debug: bool, **values: Any) -> Any:  # noqa: ARG001 - read in main
        result = function(Door(as_json, lang or from_environment()), **values)
        if not isinstance(result, Coroutine):
            return result
        import asyncio  # noqa: PLC0415  for those who ask a service

        return asyncio.run(result)

    return wrapped


def run(group: click.Command) -> NoReturn:
    """Run a door as a process of its own and end it at once."""
    tell_the_command()
    try:
        main(group)
    except SystemExit as ended:
        put("")
        put("", sys.stderr)
        end(ended.code if isinstance(ended.code, int) else Exit.BUG)


def main(group: click.Command) -> NoReturn:
    """Run a door and end the process with its exit code; a traceback only with --debug."""
    arguments = sys.argv[1:]
    at = Door("--json" in arguments, asked_for())
    debug = "--debug" in arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a file's name may be no text, a terminal may lack letters
    log_to_stderr(logging.DEBUG if debug else logging.WARNING)
    click.Context.formatter_class = HelpPage
    # A broken session is no news: what came of it is told in the door's one line.
    logging.getLogger("psycopg").setLevel(logging.NOTSET if debug else logging.ERROR)
    try:
        code = group.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.UsageError as error:
        code = at.fail(_usage(error))
    except (KeyboardInterrupt, click.Abort):
        code = 130
    except Rejected as error:
        code = _tell_findings(at, error)
    except Exception as error:  # the outermost edge: whatever happened, one line
        if debug:
            raise
        code = at.fail(as_problem(error))
    sys.exit(code if isinstance(code, int) else Exit.DONE)


def _tell_findings(at: Door, error: Rejected) -> Exit:
    """Tell each finding in a line of its own; scripts get the first as the error, and all of them beside it."""
    findings = [finding.to_json(at.lang) for finding in error.findings]
    first = {key: findings[0][key] for key in ("code", "text", "file", "line", "column")}
    put("".join(f"{finding.line(at.lang)}\n" for finding in error.findings if not at.json), sys.stderr)
    return at.answer({"error": first, "findings": findings}, "", EXITS[error.kind])


def log_to_stderr(level: int) -> None:
    """Send what libraries log to standard error, so that standard output holds nothing but the answer."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")


def quiet_logs(level: int) -> None:
    """Send what we log ourselves to standard error as well: a worker runs in this process."""
    import structlog  # noqa: PLC0415 - a quarter of a second that only a worker has to spend

    log_to_stderr(level)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def log_as(given: Settings) -> None:
    """Log as the settings ask: what runs for long has something to tell."""
    import structlog  # noqa: PLC0415 - as above

    level = logging.getLevelNamesMapping()[given.log_level.upper()]
    logging.getLogger().setLevel(level)
    # Its pools tell of each use.
    logging.getLogger("psycopg").setLevel(level if level <= logging.DEBUG else max(level, logging.WARNING))
    before: list[Any] = [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso")]
    after: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if given.log_format == "json":
        # What libraries log is a document a line as well, with its traceback in it.
        ours = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        formatter = structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *before], processors=[ours, *after]
        )
        for handler in logging.getLogger().handlers:
            handler.setFormatter(formatter)
        logging.captureWarnings(capture=True)
    else:
        after[-1] = structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[structlog.contextvars.merge_contextvars, *before, *after],
    )


def _after(arguments: list[str], option: str) -> list[str]:
    return [after for before, after in pairwise(arguments) if before == option]


def _usage(error: click.UsageError) -> Problem:
    """Put click's words about a wrong call into both languages."""
    name = _name_of(getattr(error, "param", None))
    match error:
        case click.NoSuchOption():
            ru, en = f"Нет такого ключа: {error.option_name}.", f"There is no such option: {error.option_name}."
        case click.BadOptionUsage():
            ru, en = f"{error.option_name}: не хватает значения.", f"{error.option_name}: {error.message}"
        case click.exceptions.NoSuchCommand():
            known = _commands(error)
            ru = f"Нет такой команды: {error.command_name}. Есть: {known}."
            en = f"There is no such command: {error.command_name}. There are: {known}."
        case click.exceptions.NoArgsIsHelpError():
            ru, en = f"Не сказано, что делать. Есть: {_commands(error)}.", f"Say what to do: {_commands(error)}."
        case click.MissingParameter():
            ru, en = _missing(error, name)
        case GivenTwice():
            ru = f"{name}: ключ стоит дважды, а значение у него одно. Для каждого значения — своя команда."
            en = f"{name}: the option is given twice and has one value. Give a command for each value."
        case click.BadParameter():
            ru, en = _wanted(error)
            ru, en = f"{name}: {ru}.", f"{name}: {en}."
        case _:
            # What is left is an argument too many; click names it in brackets and nowhere else.
            extra = error.message.partition("(")[2].rstrip(")")
            ru, en = f"Лишнее: {extra}. Текст из нескольких слов возьмите в кавычки.", f"{error.message}."
    return Problem(ProblemKind.INVALID, "usage", f"{ru} Подсказка: --help.", f"{en} See --help.")


def _name_of(parameter: click.Parameter | None) -> str:
    """Return what a person types for a parameter."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return (parameter.metavar or parameter.name or "").strip("[]") if parameter else ""


def _missing(error: click.MissingParameter, name: str) -> tuple[str, str]:
    """Say what has to be given, an option as it is typed and what for."""
    parameter = error.param
    if not isinstance(parameter, click.Option) or error.ctx is None:
        return f"Не указано: {name}.", f"Missing: {name}."
    typed = f"{name} {_of_click(parameter.make_metavar(error.ctx))}"
    return f"Добавьте ключ {typed}: {parameter.help}.", f"Add {typed}."


def _commands(error: click.UsageError) -> str:
    context = error.ctx
    return (
        ", ".join(context.command.list_commands(context))
        if context and isinstance(context.command, click.Group)
        else ""
    )


def _wanted(error: click.BadParameter) -> tuple[str, str]:
    """Say what kind of value is wanted; in English click says it well enough, but for a date."""
    en = error.message.rstrip(".")
    match error.param and error.param.type:
        case click.ParamType(name="day"):  # doors.cli.when, which not every door loads
            wanted = "нужна существующая дата, ДД.ММ.ГГГГ или ГГГГ-ММ-ДД, например 30.09.2021 или 2021-09-30"
            en = "a date that exists is wanted, as YYYY-MM-DD or DD.MM.YYYY, for instance 2021-09-30 or 30.09.2021"
        case click.ParamType(name="moment"):
            wanted = (
                "нужен день, например 31.12.2021 или 2021-12-31, или момент со смещением, например"
                " 2021-12-31T18:00:00+03:00"
            )
            en = (
                "a day is wanted, for instance 2021-12-31 or 31.12.2021, or an instant with its offset, for instance"
                " 2021-12-31T18:00:00+03:00"
            )
        case click.Choice(choices=choices):
            wanted = f"нужно одно из: {', '.join(choices)}"
        case click.FloatRange(min=least, max=most):
            wanted = f"нужно число от {least:g} до {most:g}"
        case click.IntRange(min=least):
            wanted = f"нужно целое число от {least}"
        case click.Path() if "is not readable" in error.message or "is not writable" in error.message:
            wanted = "нет прав на этот файл: откройте доступ к нему этому пользователю"
            en = f"{en}: give this user the right to it"
        case click.Path():
            wanted = "нужен файл, а не папка"
        case _:
            wanted = f"неверное значение ({error.message})"
    return wanted, en
