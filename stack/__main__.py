"""`python -m stack up|down|status`: what `make up` and `make down` call."""

from __future__ import annotations

import argparse
import os
import sys

from domain.errors import BadSettings, TwoTongued
from stack.machine import LASTING, Stack
from stack.talk import tell


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Gives the exit code: 0 done, 1 not running, 2 wrong usage, 3 something needed is missing."""
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status"])
    parser.add_argument("--name", default=LASTING, help="the stack (default: %(default)s)")
    parser.add_argument("--time-skipping", action="store_true", help="for experiments: let clocks be moved forward")
    parser.add_argument("--lang", choices=["ru", "en"])
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    chosen = parser.parse_args(arguments)
    if chosen.lang:
        os.environ["VEKHA_LANG"] = chosen.lang
    try:
        stack = Stack(chosen.name, time_skipping=chosen.time_skipping)
        return {"up": _up, "down": _down, "status": _status}[chosen.command](stack)
    except TwoTongued as error:
        if chosen.debug:
            raise
        tell(error.ru, error.en)
        return 2 if isinstance(error, BadSettings) else 3
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the outermost edge: a full disk, a folder that may not be written to, …
        if chosen.debug:
            raise
        what = f"{type(error).__name__}: {error}"
        tell(f"Не получилось: {what}. С ключом --debug видно больше.", f"It failed: {what}. See more with --debug.")
        return 3


def _up(stack: Stack) -> int:
    endpoints = stack.up()
    tell(f"Стек {stack.name} работает.", f"The stack {stack.name} runs.")
    tell(
        f"  Temporal:       {endpoints.temporal_address}, пространство имён {endpoints.temporal_namespace}",
        f"  Temporal:   {endpoints.temporal_address}, namespace {endpoints.temporal_namespace}",
    )
    if endpoints.ui_url:
        tell(f"  Веб-интерфейс:  {endpoints.ui_url}", f"  Web UI:     {endpoints.ui_url}")
    place = endpoints.database_url.rpartition("@")[2]
    file = stack.folder / "stack.json"
    tell(f"  База данных:    {place} (пароль в {file})", f"  Database:   {place} (password in {file})")
    tell(f"  Журналы:        {stack.folder}/*.log", f"  Logs:       {stack.folder}/*.log")
    return 0


def _down(stack: Stack) -> int:
    stack.down()
    tell(f"Стек {stack.name} остановлен, данные сохранены.", f"The stack {stack.name} is stopped, its data is kept.")
    return 0


def _status(stack: Stack) -> int:
    if not stack.folder.exists():
        tell(f"Стека {stack.name} здесь нет.", f"There is no stack {stack.name} here.")
        return 1
    parts = [
        ("PostgreSQL", "PostgreSQL", stack.postgres.alive()),
        ("Temporal", "Temporal", stack.temporal.alive()),
    ]
    if stack.lasting:
        parts += [
            ("рабочий процесс", "worker", stack.worker.pid is not None),
            ("веб-интерфейс", "Web UI", stack.ui.pid is not None),
        ]
    for ru, en, up in parts:
        tell(f"{ru:16} {'работает' if up else 'не работает'}", f"{en:16} {'runs' if up else 'does not run'}")
    return 0 if all(up for _, _, up in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
