"""`audit.py set-aside`: let a stream go on behind a row that nobody can take up, by a named act."""

from __future__ import annotations

from typing import Any

import click

from app.log import open_log
from app.problem import Problem, ProblemKind
from doors.cli.explaining import MOST_VERSION, VERSION
from doors.cli.output import Door, Exit, command, door, told
from eventlog.aside import AsideRow, rows_aside, set_aside, why_not
from eventlog.roles import OWNER
from views.plain import one_line

MOST_ACT = 2000  # characters


@command(
    "set-aside",
    help=told(
        "Отложить запись, которую не прочесть: дальше всё пойдёт без неё.",
        "Set aside a row that cannot be read: its stream goes on.",
    ),
)
@click.argument("place", metavar=told("ПОТОК/ВЕРСИЯ", "STREAM/VERSION"))
@click.option("--act", required=True, help=told("основание", "the act behind it"))
@door
def set_row_aside(at: Door, place: str, act: str) -> Exit:
    """Set aside one row, which the rules cannot take up; Problem (INVALID) where it can be, or where it begins its stream."""
    stream, _, number = place.rpartition("/")
    if not (stream.isprintable() and VERSION.fullmatch(number) and 1 <= int(number) <= MOST_VERSION):
        raise Problem(
            ProblemKind.INVALID,
            "bad-place",
            f"{place}: нужно ПОТОК/ВЕРСИЯ, как в starter.py status или audit.py history --json.",
            f"{place}: STREAM/VERSION is wanted, as starter.py status and audit.py history --json have it.",
        )
    if not act.strip() or len(act) > MOST_ACT or not act.isprintable():
        raise Problem(
            ProblemKind.INVALID,
            "bad-text",
            f"--act: назовите основание в одной строке, до {MOST_ACT} знаков.",
            f"--act: name the act in one line of at most {MOST_ACT} characters.",
        )
    version = int(number)
    with open_log(OWNER) as connection:
        known = {(row.stream, row.version): row for row in rows_aside(connection)}
        if (stream, version) not in known:
            _check(connection, stream, version)
            set_aside(connection, stream, version, act.strip())
            known = {(row.stream, row.version): row for row in rows_aside(connection)}
    row = known[stream, version]
    return at.answer(aside_record(row), aside_line(at, row))


def _check(connection: Any, stream: str, version: int) -> None:
    place = f"{stream}/{version}"
    try:
        why = why_not(connection, stream, version)
    except LookupError:
        raise Problem(
            ProblemKind.INVALID,
            "unknown-event",
            f"Записи {place} в журнале нет: места есть в starter.py status и в audit.py history --json.",
            f"The log has no event {place}: starter.py status and audit.py history --json have the places.",
        ) from None
    if why is None:
        raise Problem(
            ProblemKind.INVALID,
            "readable",
            f"Запись {place} читается и ничего не держит: откладывать её нельзя.",
            f"The event {place} can be read, and its stream does not stand still there: it may not be set aside.",
        )
    if version == 1:
        raise Problem(
            ProblemKind.INVALID,
            "first-event",
            f"Запись {place} — первая, без неё всего остального нет: отложить её нельзя, верните журнал из копии.",
            f"The event {place} begins its stream, without it there is none: it cannot be set aside, restore a backup.",
        )


def aside_record(row: AsideRow) -> dict[str, Any]:
    """Return what was set aside, as scripts read it."""
    return {
        "stream": row.stream,
        "version": row.version,
        "position": row.position,
        "act": row.act,
        "login": row.login,
        "set_aside_at": row.set_aside_at.isoformat(),
    }


def aside_line(at: Door, row: AsideRow) -> str:
    """Return what was set aside, as people read it."""
    act = one_line(row.act)
    return at.say(
        f"Запись {row.stream}/{row.version} отложена {row.set_aside_at:%d.%m.%Y}, основание: {act}; вход в базу {row.login}.",
        f"The event {row.stream}/{row.version} was set aside on {row.set_aside_at:%Y-%m-%d} by {act}; database login {row.login}.",
    )
