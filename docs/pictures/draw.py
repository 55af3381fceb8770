"""Draw the pictures of the README from the results of `make demo`: run `.venv/bin/python -m docs.pictures.draw`.

Nothing is made up: the tables are those that the demo prints, cut to some lines, and each cut is shown by `…`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.style import Style
from rich.text import Text

from orders.yaml_file import load_roadmap
from projections.board import BoardRow
from projections.discipline import DisciplineRow
from projections.indicators import IndicatorRow
from projections.reports import IndicatorsReport, Report
from settings import ROOT, settings
from views.rendering import to_text
from views.report_table import ReportTable
from views.tables import board_table, discipline_table, indicators_table

R = TypeVar("R")
CONSOLE = Console()
WIDTH = 100
MEASURES = ("1.3.", "2.4.", "2.5.", "3.1.")
INDICATORS = ("1.", "4.")
# Quiet colours that can be read on white, on a screen and on paper.
COLOURS = {1: "#b02020", 2: "#146e32", 3: "#8c5a00"}  # by the number that a terminal gives them
SIZE, STEP, LINE, EDGE = 15, 9.03, 20, 14  # of a letter, from letter to letter, from line to line, around it all
RUN = re.compile(r"\S+(?: \S+)*")


def main() -> None:
    """Write the pictures, in both languages."""
    example = load_roadmap(ROOT / "examples" / "pyatigorsk-2021-22" / "roadmap.yaml").roadmap
    assert example is not None, "the example is kept sound by the tests"  # noqa: S101
    demo = settings().var / "demo"
    for lang in ("ru", "en"):
        board = board_table(_report(demo / "board-2022-05-31.json", _board_row), example, lang)
        discipline = discipline_table(_report(demo / "discipline.json", _discipline_row), example, lang)
        values = _report(demo / "indicators.json", _indicator_row)
        report = IndicatorsReport(values.roadmap, values.position, values.as_of, values.rows, ())
        indicators = indicators_table(report, example, lang)
        parts = [_cut(board, MEASURES), to_text(discipline, width=WIDTH, colour=True), _cut(indicators, INDICATORS)]
        _draw("\n".join(parts), ROOT / "docs" / "pictures" / f"demo.{lang}.svg")


def _report(file: Path, row: Callable[[dict[str, Any]], R]) -> Report[R]:
    """Return a report of the demo, read back from its document."""
    found = json.loads(file.read_text(encoding="utf-8"))
    as_of = date.fromisoformat(found["as_of"])
    return Report(found["roadmap"], found["position"], as_of, tuple(map(row, found["rows"])))


def _board_row(row: dict[str, Any]) -> BoardRow:
    dates = {key: row[key] and date.fromisoformat(row[key]) for key in ("scheduled_on", "due_on")}
    given = {key: row[key] for key in row.keys() - {"overdue"}}
    return BoardRow(**given | dates, roadmap="", missed=row["overdue"], counted_to=None, version=0)


def _discipline_row(row: dict[str, Any]) -> DisciplineRow:
    return DisciplineRow(**{key: row[key] for key in row.keys() - {"due", "share"}})


def _indicator_row(row: dict[str, Any]) -> IndicatorRow:
    numbers = ("numerator", "denominator", "value", "target", "baseline")
    return IndicatorRow(**row | {key: None if row[key] is None else Decimal(str(row[key])) for key in numbers})


def _cut(table: ReportTable, wanted: Sequence[str]) -> str:
    """Return the text of a table with only these groups; `…` stands where lines were left out."""
    kept = {group for group in (line.group for line in table.lines) if group.startswith(tuple(wanted))}
    head = to_text(replace(table, lines=()), width=WIDTH, colour=True).rstrip().splitlines()[:-1]
    # All lines take part, so that the columns are as wide as in the demo.
    text = to_text(table, width=WIDTH, colour=True).splitlines()
    lines = text[: len(head)]
    rest = groupby(text[len(head) :], key=lambda line: not line.strip())
    blocks = [list(block) for blank, block in rest if not blank]
    groups = list(dict.fromkeys(line.group for line in table.lines))
    left_out = False
    for group, block in zip(groups, blocks, strict=True):
        if group not in kept:
            left_out = True
            continue
        lines += ["…"] if left_out else [""]
        lines += block
        left_out = False
    return "\n".join([*lines, "…" if left_out else "", ""])


def _draw(text: str, file: Path) -> None:
    """Write text with a terminal's colours as a picture: each run of words stands at its column."""
    lines = text.rstrip("\n").split("\n")
    shown = [
        f'<text x="{EDGE + (at + run.start()) * STEP:.1f}" y="{EDGE + SIZE + row * LINE}"{_look(style)}>{escape(run[0])}</text>'
        for row, line in enumerate(lines)
        for at, style, words in _pieces(line)
        for run in RUN.finditer(words)
    ]
    width, height = WIDTH * STEP + 2 * EDGE, len(lines) * LINE + 2 * EDGE
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" font-size="{SIZE}" fill="#222"\n'
        ' font-family="DejaVu Sans Mono, Liberation Mono, Menlo, Consolas, monospace">\n'
        f'<rect width="100%" height="100%" rx="8" fill="#fff"/>\n{chr(10).join(shown)}\n</svg>\n'
    )
    file.write_text(picture, encoding="utf-8")


def _pieces(line: str) -> Iterator[tuple[int, Style, str]]:
    """Yield the pieces of a line that look alike: the column, the look, the words."""
    at = 0
    for segment in Text.from_ansi(line).render(CONSOLE):
        yield at, segment.style or Style.null(), segment.text
        at += segment.cell_length


def _look(style: Style) -> str:
    number = style.color.number if style.color else None
    fill = "#777" if style.dim else COLOURS.get(number or 0)
    return (f' fill="{fill}"' if fill else "") + (' font-weight="bold"' if style.bold else "")


if __name__ == "__main__":
    main()
