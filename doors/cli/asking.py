"""Asking before what cannot be taken back: a question at a terminal, and for scripts the key --yes."""

from __future__ import annotations

import sys

import click

from app.problem import Problem, ProblemKind
from doors.cli.output import Door, told

AGREED = frozenset({"y", "yes", "д", "да"})
yes_option = click.option("--yes", is_flag=True, help=told("не спрашивать, делать сразу", "do not ask, do it at once"))


def ask(at: Door, question: tuple[str, str], undone: tuple[str, str], *, agreed: bool, code: str) -> None:
    """Ask a question, in Russian and in English, and go on where the answer is yes, or was given by `agreed`.

    Problem (INVALID, `code`) where nobody is there to be asked, (FINDING, `not-agreed`) where the answer is no; both say
    `undone`, what has not been done.
    """
    if agreed:
        return
    if not sys.stdin or not sys.stdin.isatty():
        raise Problem(
            ProblemKind.INVALID,
            code,
            f"{undone[0]} Подтвердить некому: если всё верно, повторите с ключом --yes.",
            f"{undone[1]} Nobody is there to agree: if that is what you want, repeat with --yes.",
        )
    at.note(f"{question[0]} [д/н]", f"{question[1]} [y/n]")
    if sys.stdin.readline().strip().casefold() not in AGREED:
        raise Problem(ProblemKind.FINDING, "not-agreed", *undone)
