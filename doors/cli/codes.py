"""The numbers and codes that a person types at a door: what is meant, or one line with the near ones before anything is done."""

from __future__ import annotations

import click

from app.problem import Problem, ProblemKind
from domain.roadmap import Registry, Roadmap
from doors.cli.output import told
from orders import codes
from orders.codes import Fold, Known, bodies, checkpoints, indicators, measures

measure_argument = click.argument("measure", metavar=told("МЕРОПРИЯТИЕ", "MEASURE"))
as_option = click.option(
    "--as", "actor", required=True, metavar=told("КОД", "CODE"), help=told("кто действует", "who acts")
)

roadmap_option = click.option(
    "--roadmap",
    help=told("дорожная карта (по умолчанию единственная открытая)", "roadmap (by default the only open one)"),
)


def measure_of(roadmap: Roadmap, asked: str) -> str:
    """Return the number of the measure that is meant; Problem (INVALID) where there is none."""
    return _meant(
        asked, measures(roadmap), codes.number, "unknown-measure",
        (f"Мероприятия {asked} нет.", f"There is no measure {asked}."),
    )  # fmt: skip


def indicator_of(roadmap: Roadmap, asked: str) -> str:
    """Return the number of the indicator that is meant; Problem (INVALID) where there is none."""
    return _meant(
        asked, indicators(roadmap), codes.number, "unknown-indicator",
        (f"Показателя {asked} нет.", f"There is no indicator {asked}."),
    )  # fmt: skip


def checkpoint_of(roadmap: Roadmap, measure: str, asked: str) -> str:
    """Return the key of the checkpoint that is meant; Problem (INVALID) where there is none.

    Of a measure that the order gave no dates the keys are not known here, and the words are left as they are.
    """
    if not (known := checkpoints(roadmap, measure)):
        return asked
    return _meant(
        asked, known, codes.number, "unknown-checkpoint",
        (f"--checkpoint {asked}: такой точки у мероприятия {measure} нет.",
         f"--checkpoint {asked}: measure {measure} has no such checkpoint."),
    )  # fmt: skip


def body_of(registry: Registry, asked: str, option: str = "--body") -> str:
    """Return the code of the body that is meant; Problem (INVALID) where there is none."""
    return _meant(
        asked, bodies(registry), codes.code, "unknown-body",
        (f"{option} {asked}: организации с таким кодом в дорожной карте нет.",
         f"{option} {asked}: the roadmap has no body of that code."),
    )  # fmt: skip


def sender_of(known: Known, asked: str, option: str = "--as") -> str:
    """Return the code of the sender that is meant, of those who are known; Problem (INVALID) where there is none."""
    return _meant(
        asked, known, codes.code, "unknown-actor",
        (f"{option} {asked}: организации или человека с таким кодом в дорожной карте нет.",
         f"{option} {asked}: the roadmap has no body or person of that code."),
    )  # fmt: skip


def contact_of(known: Known, asked: str) -> str:
    """Return the code of the body or person whose name and address are meant; Problem (INVALID) where there is none."""
    return _meant(
        asked, known, codes.code, "unknown-code",
        (f"{asked}: такого кода нет ни в дорожной карте, ни среди адресов. Ничего не стёрто.",
         f"{asked}: neither the roadmap nor the contacts have such a code. Nothing was erased."),
    )  # fmt: skip


def _meant(asked: str, known: Known, fold: Fold, code: str, none: tuple[str, str]) -> str:
    found = codes.understood(asked, known, fold)
    if found is None:
        ru, en = codes.listed(asked, known, fold)
        raise Problem(ProblemKind.INVALID, code, f"{none[0]} {ru}", f"{none[1]} {en}")
    return found
