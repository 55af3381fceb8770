"""`python -m stack up|down|status|move`: what `make up` and `make down` call, and how a stack gets another Temporal."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from typing import get_args

from domain.errors import BadSettings, TwoTongued
from ending import end
from eventlog.roles import READER, act_as
from eventlog.sessions import connect
from settings import FOR_DOORS, ROOT, TemporalKind
from stack.machine import LASTING, Stack
from stack.talk import tell
from stack.watching import log_glance


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Gives the exit code: 0 done, 1 not running, 2 wrong usage, 3 something needed is missing."""
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "move"])
    parser.add_argument("--name", default=LASTING, help="the stack (default: %(default)s)")
    parser.add_argument(
        "--to", choices=get_args(TemporalKind), help="of move: the Temporal that the lasting stack gets"
    )
    parser.add_argument("--time-skipping", action="store_true", help="for experiments: let clocks be moved forward")
    parser.add_argument("--lang", choices=["ru", "en"])
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    chosen = parser.parse_args(arguments)
    if chosen.lang:
        os.environ["VEKHA_LANG"] = chosen.lang
    if (chosen.command == "move") is not (chosen.to is not None):
        parser.error("--to goes with move")
    try:
        stack = Stack(chosen.name, time_skipping=chosen.time_skipping)
        if chosen.command == "move":
            return _move(stack, chosen.to)
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
    _tell_kind(stack)
    if endpoints.ui_url:
        tell(f"  Веб-интерфейс:  {endpoints.ui_url}", f"  Web UI:     {endpoints.ui_url}")
    place = endpoints.database_url.rpartition("@")[2]
    file = stack.folder / FOR_DOORS
    tell(f"  База данных:    {place} (пароль в {file})", f"  Database:   {place} (password in {file})")
    tell(f"  Журналы:        {stack.folder}/*.log", f"  Logs:       {stack.folder}/*.log")
    return 0


def _tell_kind(stack: Stack) -> None:
    """Say which Temporal this is and what that means, where it is the stack's own."""
    temporal = stack.temporal
    kind = temporal.kept
    if kind is None or not temporal.alive():
        return
    ru, en = temporal.name(kind)
    tell(f"                  {ru}", f"              {en}")
    if stack.lasting and kind == "dev-server":
        tell(
            "                  (для постоянной работы надёжнее сервер: python -m stack move --to server)",
            "              (to stay, the server is the safer one: python -m stack move --to server)",
        )


def _move(stack: Stack, kind: TemporalKind) -> int:
    """Give the lasting stack the other Temporal, and bring back every open year from the log.

    What the Temporal before had kept is removed at the end. After a failure, or an interruption, it can be called again.
    """
    os.environ.pop("VEKHA_TEMPORAL", None)  # --to says which
    if not stack.lasting or os.environ.get("TEMPORAL_ADDRESS"):
        raise BadSettings(
            "Перевести можно только Temporal, который запускает make up: уберите --name и TEMPORAL_ADDRESS.",
            "Only the Temporal that make up starts can be moved: remove --name and TEMPORAL_ADDRESS.",
        )
    endpoints = stack.change(kind)
    with connect(endpoints.database_url) as connection:
        act_as(connection, READER)
        years = log_glance(connection).roadmaps
    environment = dict(os.environ) | endpoints.environment()
    back = 0
    for year in years:
        recover = [sys.executable, str(ROOT / "starter.py"), "recover", "--roadmap", year]
        ended = subprocess.run(recover, env=environment, cwd=ROOT, check=False, stdin=subprocess.DEVNULL)
        if ended.returncode == 0:
            back += 1
            continue
        tell(
            f"Год {year} ещё не вернулся, почему — сказано выше: устраните это и повторите ту же команду.",
            f"The year {year} has not come back yet, why stands above: mend it and repeat the same command.",
        )
    if back < len(years):
        return 3
    stack.forget_others()
    ru, en = stack.temporal.name(kind)
    tell(
        f"Теперь Temporal — {ru}; возвращено лет: {len(years)}.", f"Temporal is now {en}; {len(years)} years came back."
    )
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
        carried = stack.temporal.alive() and stack.temporal.kept == "dev-server"  # has a Web UI of its own
        parts += [
            ("рабочий процесс", "worker", stack.worker.pid is not None),
            ("веб-интерфейс", "Web UI", carried or stack.ui.pid is not None),
        ]
    for ru, en, up in parts:
        tell(f"{ru:16} {'работает' if up else 'не работает'}", f"{en:16} {'runs' if up else 'does not run'}")
        if en == "Temporal":
            _tell_kind(stack)
    return 0 if all(up for _, _, up in parts) else 1


if __name__ == "__main__":
    end(main())
