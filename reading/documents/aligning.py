"""Rows whose fields do not stand below their headings: in Word each row may be cut otherwise, though all look alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from reading.documents.columns import Column
from reading.documents.model import Cell, Row


class _Span(NamedTuple):
    """From which column of the grid to which, the end excluded."""

    start: int
    end: int


def aligned(row: Row, columns: Sequence[Column]) -> tuple[Row, dict[int, int]] | None:
    """Return a row with each field below the heading that it belongs to, and where each was and is; None where all stand well.

    The fields keep their order, each has a heading of its own, and they lie as near to these as can be.
    """
    heads = _heads(columns)
    fields = [span for span in _fields(row) if row.cells[span.start].text]
    crossing = [f for f in fields if not any(h.start <= f.start and f.end <= h.end for h in heads)]
    within = [f for f in crossing if f.end <= len(columns) and not any(f.start == h.start for h in heads)]
    whole = len(fields) == 1 or any(f.end - f.start > len(columns) // 2 for f in fields)
    if not within or whole or len(fields) > len(heads):
        return None
    chosen = _matched(fields, heads)
    cells = [Cell("")] * len(columns)
    moved = {}
    for field, head in zip(fields, chosen, strict=True):
        cells[head.start] = row.cells[field.start]
        moved[field.start] = head.start
    return Row(tuple(cells), row.line), moved


def _heads(columns: Sequence[Column]) -> list[_Span]:
    """Return the columns of the grid that each heading stands over."""
    starts = [n for n in range(len(columns)) if not n or not columns[n].again]
    return [_Span(a, b) for a, b in pairwise([*starts, len(columns)])]


def _fields(row: Row) -> list[_Span]:
    starts = [n for n, cell in enumerate(row.cells) if cell.merged != "across"]
    return [_Span(a, b) for a, b in pairwise([*starts, len(row.cells)])]


def _matched(fields: Sequence[_Span], heads: Sequence[_Span]) -> list[_Span]:
    """Return for each field a heading of its own, in their order: what lies most below its heading, then nearest to it."""
    best: list[tuple[float, list[_Span]]] = [(0.0, [])] * (len(heads) + 1)
    for n, field in enumerate(fields):
        following: list[tuple[float, list[_Span]]] = [(float("-inf"), [])] * (len(heads) + 1)
        for k in range(n, len(heads)):
            over = max(0, min(field.end, heads[k].end) - max(field.start, heads[k].start))
            far = abs(field.start + field.end - heads[k].start - heads[k].end)
            score, chosen = best[k]
            following[k + 1] = max(
                following[k], (score + 10 * over - far, [*chosen, heads[k]]), key=lambda found: found[0]
            )
        best = following
    return best[-1][1]
