"""Tables of a PDF that no lines rule: columns by the words of their headings, rows by numbers or by the space between.

What cannot be told apart is left as text, and no plan is found there: cells are never mixed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from reading.deadlines import is_deadline
from reading.documents.columns import TIMES, Column, headings
from reading.documents.model import Cell, Row, Table, Text
from reading.documents.ruled import Word
from reading.documents.wrapping import unwrapped

MOST_HEADING_LINES = 4
GUTTER = 4.0
"""Points of white between two columns, from the top of the table to its end."""
CLOSE = 1.8
"""Heights of a letter between the middles of two lines of one heading, at most."""
APART = 1.3
"""How much more than the closest lines two rows lie apart, where anything but lines shows it."""
AFTER = 2.2
"""The same for what stands below a table and belongs to it no more."""

_NUMBER = re.compile(r"\.?\d|[IVX]+(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: its words from left to right."""

    words: tuple[Word, ...]

    @property
    def middle(self) -> float:
        """Return the height of the line on its page."""
        return float(min(w.top for w in self.words) + max(w.bottom for w in self.words)) / 2

    @property
    def text(self) -> str:
        """Return the words of the line."""
        return " ".join(word.text for word in self.words)

    def pieces(self) -> list[tuple[float, float, str]]:
        """Return what stands together: left, right, text; more than a space lies between two pieces."""
        found: list[tuple[float, float, str]] = []
        for word in self.words:
            space = 0.6 * (word.bottom - word.top)
            if found and word.x0 - found[-1][1] < space:
                found[-1] = (found[-1][0], word.x1, f"{found[-1][2]} {word.text}")
            else:
                found.append((word.x0, word.x1, word.text))
        return found


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns of a table: what they hold, and where each but the last ends."""

    columns: tuple[Column, ...]
    ends: tuple[float, ...]

    def fields(self, line: Line) -> list[str] | None:
        """Return the words of a line by columns; None where a word lies over the end of one."""
        fields = [""] * len(self.columns)
        for word in line.words:
            if any(word.x0 < end < word.x1 for end in self.ends):
                return None
            at = sum(end <= word.x0 for end in self.ends)
            fields[at] = f"{fields[at]} {word.text}".strip()
        return fields


def unruled(lines: Sequence[Line], page: int, before: Grid | None) -> tuple[list[Text | Table], Grid | None]:
    """Return the blocks of a page without ruling lines, and the grid that may go on at the next page.

    `before` is the grid of the page before. Without a table all lines come back as text.
    """
    start, grid, first = _heading(lines)
    table, after = _table(lines[first:], page, grid) if grid else (None, 0)
    if table is None and before is not None:
        start, first, grid = 0, 0, before
        table, after = _table(lines, page, before)
    if table is None or grid is None:
        return [Text(line.text, page) for line in lines], None
    rest = lines[first + after :]
    blocks: list[Text | Table] = [Text(line.text, page) for line in lines[:start]]
    names = [Row(tuple(Cell(column.heading) for column in grid.columns), page)] if first else []
    blocks.append(Table((*names, *table), follows_break=not first))
    further, last = unruled(rest, page, None)
    if not any(isinstance(block, Table) for block in further) and any(_is_measure(line, grid) for line in rest):
        return [Text(line.text, page) for line in lines], None
    return [*blocks, *further], last if rest else grid


def _is_measure(line: Line, grid: Grid) -> bool:
    """Tell whether a line that was left out of the table could be a row of it."""
    fields = grid.fields(line)
    return fields is not None and any(
        text and column.field in TIMES and is_deadline(text) for column, text in zip(grid.columns, fields, strict=True)
    )


def _heading(lines: Sequence[Line]) -> tuple[int, Grid | None, int]:
    """Return where the headings begin, the grid, and the first line below them."""
    for start in range(len(lines)):
        count = next((n for n in range(1, MOST_HEADING_LINES) if not _heads_too(lines, start + n)), MOST_HEADING_LINES)
        named = _stacked(lines[start : start + count])
        columns = headings([text for _, _, text in named])
        below = lines[start + count :]
        ends = _ends(named, below[: _end(below)]) if columns else None
        if columns and ends:
            return start, Grid(columns, ends), start + count
    return 0, None, 0


def _heads_too(lines: Sequence[Line], at: int) -> bool:
    """Tell whether a line goes on with the headings above it: close below, and neither a number nor a time in it."""
    if at >= len(lines):
        return False
    line, above = lines[at], lines[at - 1]
    height = max(word.bottom - word.top for word in line.words)
    texts = [text for _, _, text in line.pieces()]
    data = any(re.match(r"\d|[IVX]+\.", text) or is_deadline(text) for text in texts)
    return line.middle - above.middle < CLOSE * height and not data


def _stacked(lines: Sequence[Line]) -> list[tuple[float, float, str]]:
    """Return the headings of several lines: pieces above each other are one."""
    found: list[tuple[float, float, str]] = []
    for line in lines:
        for left, right, text in line.pieces():
            over = [n for n, (a, b, _) in enumerate(found) if a < right and left < b]
            if not over:
                found.append((left, right, text))
                continue
            a, b, said = found[over[0]]
            found[over[0]] = (min(a, left), max(b, right), f"{said} {text}")
            for n in reversed(over[1:]):
                a, b, said = found.pop(n)
                found[over[0]] = (min(found[over[0]][0], a), max(found[over[0]][1], b), f"{found[over[0]][2]} {said}")
    return sorted(found)


def _ends(named: Sequence[tuple[float, float, str]], below: Sequence[Line]) -> tuple[float, ...] | None:
    """Return the middle of the white between each two columns; None where there is none.

    Only lines of several pieces count: a section's title and a signature go across. A heading counts where nothing
    stands below it; else what stands below says how wide its column is.
    """
    texts = [(left, right) for line in below if len(p := line.pieces()) > 1 for left, right, _ in p]
    empty = [(a, b) for a, b, _ in named if not any(left < b and a < right for left, right in texts)]
    whites: list[tuple[float, float]] = []
    spans = sorted([*texts, *empty])
    reach = spans[0][1] if spans else 0.0
    for left, right in spans:
        if left - reach >= GUTTER:
            whites.append((reach, left))
        reach = max(reach, right)
    middles = [(left + right) / 2 for left, right, _ in named]
    ends = [(left + right) / 2 for left, right in whites]
    one_each = all(sum(a < end < b for end in ends) == 1 for a, b in pairwise(middles))
    return tuple(ends) if one_each and len(ends) == len(named) - 1 else None


def _gaps(lines: Sequence[Line]) -> list[float]:
    return [below.middle - above.middle for above, below in pairwise(lines)]


def _end(lines: Sequence[Line]) -> int:
    """Return how many lines there are before a space that no two rows have between them."""
    gaps = _gaps(lines)
    return next((n for n, gap in enumerate(gaps, 1) if gap > AFTER * median(gaps)), len(lines))


def _table(lines: Sequence[Line], page: int, grid: Grid) -> tuple[list[Row] | None, int]:
    """Return the rows below the headings and how many lines they take; None where rows cannot be told apart."""
    gaps = _gaps(lines)
    usual, end = min(gaps, default=0.0), _end(lines)
    rows: list[list[list[str]]] = []
    across: dict[int, str] = {}
    number = grid.columns[0].field == "number"
    spread = max(gaps[: end - 1], default=0.0) > APART * usual
    for n, line in enumerate(lines[:end]):
        fields = grid.fields(line)
        alone = len(line.pieces()) == 1 and _crosses(line, grid)
        if alone or (fields and number and re.match(r"(?:\d{1,2}|[IVX]+)\.?\s+\D", fields[0])):
            across[len(rows)] = line.text
            rows.append([])
            continue
        if fields is None or (number and fields[0] and not _NUMBER.match(fields[0])):
            end = n
            break
        fresh = bool(fields[0]) if number else n == 0 or not spread or gaps[n - 1] > APART * usual
        if fresh or not rows or (not rows[-1] and len(rows) - 1 in across):
            if number and not fields[0] and rows:
                return None, 0
            rows.append([])
        rows[-1].append(fields)
    if not rows or (not number and not _whole(rows, across, grid)):
        return None, 0
    return [_row(parts, across.get(n), page, grid) for n, parts in enumerate(rows)], end


def _crosses(line: Line, grid: Grid) -> bool:
    return any(line.words[0].x0 < end < line.words[-1].x1 for end in grid.ends)


def _whole(rows: Sequence[Sequence[Sequence[str]]], across: dict[int, str], grid: Grid) -> bool:
    """Tell whether each row without numbers has its title and its time, so that no row is a piece of another."""
    title = next(n for n, column in enumerate(grid.columns) if column.field == "title")
    times = [n for n, column in enumerate(grid.columns) if column.field in TIMES]
    return all(
        n in across or (row[0][title][:1].isupper() and any(line[t] for line in row for t in times))
        for n, row in enumerate(rows)
    )


def _row(parts: Sequence[Sequence[str]], across: str | None, page: int, grid: Grid) -> Row:
    if across is not None:
        return Row((Cell(across), *[Cell("", "across")] * (len(grid.columns) - 1)), page)
    texts = (unwrapped(fields[n] for fields in parts if fields[n]) for n in range(len(grid.columns)))
    return Row(tuple(map(Cell, texts)), page)
