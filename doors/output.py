"""How a door speaks: people get text, scripts get one JSON document, and a failure is one line with its exit code."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from itertools import pairwise
from typing import Any, TypeVar

import click
import structlog

from domain.errors import VekhaError
from orders.findings import PlacedFinding
from settings import BadSettings, Lang, TwoTongued, Unavailable
from views.plain import one_line

T = TypeVar("T")


class Exit(IntEnum):
    """What a door ends with."""

    DONE = 0
    FINDING = 1  # a finding of severity error, a refusal, a difference
    USAGE = 2  # wrong usage, unreadable or invalid input
    SERVICE = 3  # a service cannot be reached or has another schema version
    QUEUED = 4  # the engine has the command, no answer came in time
    BUG = 70


class DoorError(TwoTongued):
    """A failure to be told to the person at the door, in both languages, with its exit code.

    `place` is file, line and column, each null where there is none; lines and columns count from 1.
    """

    def __init__(
        self,
        exit_code: Exit,
        code: str,
        ru: str,
        en: str,
        place: tuple[str | None, int | None, int | None] | None = None,
    ) -> None:
        self.exit_code = exit_code
        self.code = code
        self.place = place or (None, None, None)
        super().__init__(ru, en)


class Findings(VekhaError):
    """Findings that keep a definition from being used, to be told a line each."""

    def __init__(self, findings: Sequence[PlacedFinding], exit_code: Exit) -> None:
        self.findings = findings
        self.exit_code = exit_code
        super().__init__(f"{len(findings)} findings")


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
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        elif lines:
            sys.stdout.write(lines.rstrip("\n") + "\n")
        return code

    def note(self, ru: str, en: str) -> None:
        """Tell people something beside the answer."""
        sys.stderr.write(self.say(ru, en) + "\n")

    def fail(self, error: DoorError) -> Exit:
        """Tell a failure in one line, or one document, and return its exit code."""
        file, line, column = error.place
        told = error.text(self.lang)
        if self.json:
            document = {"code": error.code, "text": told, "file": file, "line": line, "column": column}
            sys.stdout.write(json.dumps({"error": document}, ensure_ascii=False) + "\n")
        else:
            place = ":".join(str(part) for part in error.place if part is not None)
            sys.stderr.write(one_line(f"{place}: {told}" if place else told, 2000) + "\n")
        return error.exit_code


def from_environment() -> Lang:
    """Return the language that the environment asks for; Russian where it says nothing that can be read."""
    return "en" if os.environ.get("VEKHA_LANG") == "en" else "ru"


def told(ru: str, en: str) -> str:
    """Return a text of the help pages, in the environment's language."""
    return en if from_environment() == "en" else ru


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
        return asyncio.run(result) if isinstance(result, Coroutine) else result

    return wrapped


def main(group: click.Command) -> None:
    """Run a door and end the process with its exit code; a traceback only with --debug."""
    arguments = sys.argv[1:]
    english = from_environment() == "en" or "--lang=en" in arguments or "en" in _after(arguments, "--lang")
    at = Door("--json" in arguments, "en" if english else "ru")
    debug = "--debug" in arguments
    quiet_logs(logging.DEBUG if debug else logging.WARNING)
    try:
        code = group.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.UsageError as error:
        code = at.fail(_usage(error))
    except (KeyboardInterrupt, click.Abort):
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: say no more
        code = Exit.DONE
    except Findings as error:
        code = at.answer({"findings": [finding.to_json(at.lang) for finding in error.findings]}, "", error.exit_code)
        sys.stderr.writelines(f"{finding.line(at.lang)}\n" for finding in error.findings if not at.json)
    except Exception as error:  # the outermost edge: whatever happened, one line
        if debug:
            raise
        code = at.fail(as_door_error(error))
    sys.exit(code if isinstance(code, int) else Exit.DONE)


def quiet_logs(level: int) -> None:
    """Send what is logged to standard error, so that standard output holds nothing but the answer."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def as_door_error(error: Exception) -> DoorError:
    """Return the failure as a door tells it."""
    match error:
        case DoorError():
            return error
        case Unavailable():
            return DoorError(Exit.SERVICE, "unavailable", error.ru, error.en)
        case BadSettings():
            return DoorError(Exit.USAGE, "bad-settings", error.ru, error.en)
        case _:
            what = f"{type(error).__name__}: {error}"[:300]
            kind = "vekha" if isinstance(error, VekhaError) else "bug"
            return DoorError(
                Exit.BUG,
                kind,
                f"Внутренняя ошибка: {what}. Повторите с --debug и пришлите вывод разработчикам.",
                f"Internal error: {what}. Repeat with --debug and send the output to the developers.",
            )


def _after(arguments: list[str], option: str) -> list[str]:
    return [after for before, after in pairwise(arguments) if before == option]


def _usage(error: click.UsageError) -> DoorError:
    """Put click's words about a wrong call into both languages."""
    name = getattr(getattr(error, "param", None), "human_readable_name", "") or ""
    match error:
        case click.NoSuchOption():
            ru, en = f"Нет такого ключа: {error.option_name}.", f"There is no such option: {error.option_name}."
        case click.MissingParameter():
            ru, en = f"Не хватает: {name}.", f"Missing: {name}."
        case click.BadParameter():
            ru, en = f"{name}: неверное значение ({error.message})", f"{name}: {error.message}"
        case _:
            ru, en = f"Неверный вызов: {error.format_message()}", error.format_message()
    return DoorError(Exit.USAGE, "usage", f"{ru} Подсказка: --help.", f"{en} See --help.")
