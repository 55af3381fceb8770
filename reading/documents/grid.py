"""The grid of a table whose cells span columns and rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reading.documents.budget import Budget
from reading.documents.model import MAX_SPAN, Cell, Row


@dataclass(frozen=True, slots=True)
class Spanning:
    """A cell as the source writes it; `down` rows and `across` columns are covered, both at least 1."""

    text: str
    across: int = 1
    down: int = 1


def grid(rows: Iterable[tuple[int | None, list[Spanning]]], budget: Budget) -> tuple[Row, ...]:
    """Lay the cells of (line, cells) rows out, so that each row has a field for each column it reaches.

    A span wider than any real table counts as one field and is reported, so no document can make a grid huge. OverBudget.
    """
    covered: dict[int, tuple[int, str]] = {}  # column -> rows still covered from above, and the text there
    laid: list[Row] = []
    for line, cells in rows:
        fields: list[Cell] = []
        left = list(reversed(cells))
        while left or (len(fields) in covered):
            if len(fields) in covered:
                budget.spend(fields=1, line=line)
                rest, text = covered.pop(len(fields))
                if rest > 1:
                    covered[len(fields)] = rest - 1, text
                fields.append(Cell(text, "down"))
                continue
            cell = left.pop()
            across, down = _sound(cell.across, budget, line), _sound(cell.down, budget, line, most=10_000)
            budget.spend(fields=across - 1, line=line)
            for n in range(across):
                if down > 1:
                    covered[len(fields)] = down - 1, cell.text if n == 0 else ""
                fields.append(Cell("", "across") if n else Cell(cell.text))
        laid.append(Row(tuple(fields), line))
    return tuple(laid)


def _sound(span: int, budget: Budget, line: int | None, most: int = MAX_SPAN) -> int:
    if 1 <= span <= most:
        return span
    if span > most:
        budget.doubt("span-too-large", {"span": str(span)}, line=line)
    return 1
