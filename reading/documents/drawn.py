"""Tables of plain text: drawn with characters, as legal databases and old printers have them, or set with tabs.

In «├────┼────┤», «|----+----|» and «+----+» each letter has its place, so cells that reach over several columns or rows
are seen as they are drawn. Where the places do not agree, since spaces were lost on the way, the bars of each line are
counted instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from reading.documents.budget import Budget
from reading.documents.columns import headings, indicator_column
from reading.documents.grid import Spanning, grid
from reading.documents.model import MAX_SPAN, Cell, Row, Table
from reading.documents.wrapping import unwrapped

_BARS = "│┃║|¦"
_CORNERS = "┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬╒╕╘╛╞╡╤╧╪╓╖╙╜╟╢╥╨╫┏┓┗┛┣┫┳┻╋+"
_LEVEL = "─━═—–_=-"
_BAR = re.compile(f"[{_BARS}]")
BOX_BAR = re.compile("[│┃║¦]")
_LETTERS = "LT¬"
"""Corners as the printers of old legal databases had them, in rules only."""
_RULE = re.compile(rf"[\s{_BARS}{_CORNERS}{_LEVEL}]+|[\s{_LETTERS}+-]*-{{3}}[\s{_LETTERS}+-]*")
_STROKE = re.compile(rf"[{_CORNERS}{_LEVEL}]{{3}}")
_NOT_MARKDOWN = re.compile(rf"[{_CORNERS}─━═—–_]")
_RULED = re.compile(rf"[{_LEVEL}]{{3,}}|[{_CORNERS.removesuffix('+')}─━═]+")


def is_rule(line: str) -> bool:
    """Tell whether a line of text is a rule: of a drawn table, or by itself."""
    drawn = line.strip().strip("/\\")
    return _RULE.fullmatch(drawn) is not None and _STROKE.search(drawn) is not None


def drawn_spans(lines: Sequence[str]) -> dict[int, int]:
    """Return where tables begin among lines of text, and the line behind the end of each."""
    spans = {}
    first = 0
    while first < len(lines):
        end, rules = first, []
        while end < len(lines) and ((rule := is_rule(lines[end])) or _is_row(lines[end])):
            rules += [lines[end]] if rule else []
            end += 1
        # A table in Markdown has one rule, of bars and hyphens only; with such rules as its first and last line it is drawn.
        closed = len(rules) > 1 and is_rule(lines[first]) and is_rule(lines[end - 1])
        if len(rules) < end - first and (closed or any(_NOT_MARKDOWN.search(rule) for rule in rules)):
            end = _end_below(lines, first, end) if closed else end
            spans[first] = end
        elif _heads_tabbed(lines[first]):
            # Only behind the headings of a plan: tabs also move signatures to the right.
            end = next((n for n in range(first + 1, len(lines)) if "\t" not in lines[n].strip()), len(lines))
            spans[first] = end
        first = max(end, first + 1)
    return spans


def _end_below(lines: Sequence[str], first: int, end: int) -> int:
    """Return the end of a table whose headings alone are drawn: its rows stand below them, each word under its heading."""
    heads = [line for line in lines[first:end] if not is_rule(line)]
    walls = _walls(lines[first:end])
    if len(heads) > MOST_HEADS or len(walls) < 3 or is_rule(lines[first + 1]) or not _heads_plan(heads):  # noqa: PLR2004
        return end
    below = end
    while below < len(lines) and lines[below].strip() and not _FENCE.match(lines[below]):
        if all(wall >= len(lines[below]) or lines[below][wall] == " " for wall in walls[1:-1]):
            below += 1
        else:
            break
    return below


def _walls(lines: Sequence[str]) -> list[int]:
    """Return where the upright lines of a table meet its rules."""
    rule = next((line for line in lines if is_rule(line)), "")
    return [at for at, sign in enumerate(rule) if sign in _BARS + _CORNERS + _LETTERS]


def _heads_plan(heads: Sequence[str]) -> bool:
    """Tell whether drawn headings are those of a plan or of indicators."""
    cells = [[" ".join(text.split()) for text in _BAR.split(line.strip().strip(_BARS))] for line in heads]
    width = max(map(len, cells))
    texts = [" ".join(row[n] for row in cells if n < len(row)).strip() for n in range(width)]
    return headings(texts) is not None or indicator_column(texts) is not None


MOST_HEADS = 6
"""Lines of drawn headings."""
_FENCE = re.compile(r"\s*(?:```|~~~)")


def _below(lines: Sequence[str], number: int | None, walls: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows below drawn headings: one begins where the first field does, or where each line has all of them."""
    rows: list[tuple[int | None, list[list[str]]]] = []
    for n, line in enumerate(lines):
        fields = [line[left:right].strip() for left, right in pairwise([0, *walls[1:-1], max(len(line), walls[-1])])]
        budget.spend(fields=len(fields), line=None if number is None else number + n)
        if fields[0] or not rows:
            rows.append((None if number is None else number + n, [[] for _ in fields]))
        for parts, text in zip(rows[-1][1], fields, strict=True):
            parts.append(text)
    for at, cells in rows:
        yield Row(tuple(Cell(unwrapped(filter(None, texts))) for texts in cells), at)


def parted(lines: Sequence[str], budget: Budget, number: int | None = None) -> Iterator[Sequence[str] | Table]:
    """Yield the lines before, between and behind the tables of a text, and these tables; see `drawn_table`. OverBudget."""
    after = 0
    for first, end in drawn_spans(lines).items():
        yield lines[after:first]
        yield drawn_table(lines[first:end], number, budget)
        after = end
    yield lines[after:]


def drawn_table(lines: Sequence[str], number: int | None, budget: Budget) -> Table:
    """Return the table of lines that `drawn_spans` has told, the first of which has that number in the source. OverBudget."""
    numbers = [None if number is None else number + n for n in range(len(lines))]
    if _heads_tabbed(lines[0]):
        return Table(tuple(_tabbed(lines, numbers, budget)))
    drawn = next((n for n in range(len(lines), 0, -1) if is_rule(lines[n - 1]) or _is_row(lines[n - 1])), len(lines))
    if drawn < len(lines):
        head = drawn_table(lines[:drawn], number, budget)
        first = None if number is None else number + drawn
        return Table((*head.rows, *_below(lines[drawn:], first, _walls(lines[:drawn]), budget)))
    even = [line.replace("\u00a0", " ").expandtabs().rstrip() for line in lines]
    places = _places(even)
    if places is None:
        return Table(tuple(_counted(even, numbers, budget)))
    return Table(grid(_laid(even, numbers, places, budget), budget))


def _heads_tabbed(line: str) -> bool:
    return "\t" in line and headings([" ".join(text.split()) for text in line.split("\t")]) is not None


def _tabbed(lines: Sequence[str], numbers: Sequence[int | None], budget: Budget) -> Iterator[Row]:
    for number, line in zip(numbers, lines, strict=True):
        cells = [Cell(" ".join(text.split())) for text in line.rstrip("\n").split("\t")]
        budget.spend(fields=len(cells), line=number)
        yield Row(tuple(cells), number)


def _is_row(line: str) -> bool:
    drawn = line.strip()
    return len(drawn) > 1 and (drawn[0] in "|├╟╠┣╞" or BOX_BAR.search(drawn) is not None)


def _places(lines: Sequence[str]) -> list[int] | None:
    """Return where the upright lines of a table stand; null where they do not stand below each other."""
    places: set[int] = set()
    bars: Counter[int] = Counter()
    rows = [line for line in lines if not is_rule(line)]
    for line in lines:
        if is_rule(line):
            places.update(at for at, sign in enumerate(line) if sign in _BARS + _CORNERS + "/\\")
        else:
            bars.update(at for at, sign in enumerate(line) if sign in _BARS)
            places.update(at for at, sign in enumerate(line) if sign in _CORNERS and sign != "+")
    ordered = sorted(places | {at for at, times in bars.items() if 2 * times >= len(rows)})
    if not 1 < len(ordered) <= MAX_SPAN + 1:
        return None
    ends = {(len(line) - len(line.lstrip()), len(line) - 1) for line in rows}
    return ordered if ends == {(ordered[0], ordered[-1])} and not any(_ruled(rows[0], ordered)) else None


@dataclass(slots=True)
class _Cell:
    """A cell from one upright line to another, with its lines as they are drawn; `down` is how many rows it takes."""

    left: int
    right: int
    lines: list[str] = field(default_factory=list)
    down: int = 1

    def take(self, line: str, places: Sequence[int]) -> None:
        """Take what of a line stands in the cell."""
        self.lines.append(line[places[self.left] + 1 : places[self.right]].rstrip())

    def spanning(self, room: int) -> Spanning:
        """Return the cell for a grid; a line whose next word had room at its end was ended by a person."""
        parts: list[list[str]] = []
        before = ""
        for line in filter(None, self.lines):
            if parts and len(before) + 1 + len(line.split(maxsplit=1)[0]) > room:
                parts[-1].append(line)
            else:
                parts.append([line])
            before = line
        return Spanning("\n".join(map(unwrapped, parts)), self.right - self.left, self.down)


def _laid(
    lines: Sequence[str], numbers: Sequence[int | None], places: Sequence[int], budget: Budget
) -> list[tuple[int | None, list[Spanning]]]:
    """Return the rows, each with the cells that begin in it as they span."""
    rows: list[tuple[int | None, list[_Cell]]] = []
    cells: list[_Cell] = []  # of the row that the line is in, from left to right
    ruled = [True] * (len(places) - 1)  # where a rule stands between that row and the next line
    for number, line in zip(numbers, lines, strict=True):
        here = _ruled(line, places)
        if any(here) or is_rule(line):
            for cell in cells:
                if not any(here[cell.left : cell.right]):
                    cell.take(line, places)
            ruled = [before or now for before, now in zip(ruled, here, strict=True)]
            continue
        if any(ruled):
            cells, begun = _row(line, cells, places, ruled)
            budget.spend(fields=len(begun), line=number)
            rows.append((number, begun))
            ruled = here
        for cell in cells:
            cell.take(line, places)
    room: Counter[tuple[int, int]] = Counter()
    for cell in (cell for _, row in rows for cell in row):
        room[cell.left, cell.right] = max(room[cell.left, cell.right], *map(len, cell.lines))
    return [(number, [cell.spanning(room[cell.left, cell.right]) for cell in row]) for number, row in rows]


def _ruled(line: str, places: Sequence[int]) -> list[bool]:
    """Tell for each field of a line whether a rule stands in it."""
    fields = [line[left + 1 : right].strip() for left, right in pairwise(places)]
    return list(map(bool, fields)) if is_rule(line) else [_RULED.fullmatch(text) is not None for text in fields]


def _row(
    line: str, above: Sequence[_Cell], places: Sequence[int], ruled: Sequence[bool]
) -> tuple[list[_Cell], list[_Cell]]:
    """Return the cells of the row that begins with a line, and of these the ones that begin with it too."""
    walls = [n for n, place in enumerate(places) if line[place] in _BARS]
    passing = {(cell.left, cell.right): cell for cell in above if not any(ruled[cell.left : cell.right])}
    cells, begun = [], []
    for left, right in pairwise(walls):
        cell = passing.get((left, right))
        if cell is None:
            cell = _Cell(left, right)
            begun.append(cell)
        else:
            cell.down += 1
        cells.append(cell)
    return cells, begun


def _counted(lines: Sequence[str], numbers: Sequence[int | None], budget: Budget) -> Iterator[Row]:
    """Yield the rows by the bars of each line: what stands between two rules is one row, however many lines it takes."""
    cells: list[list[str]] = []
    for n, line in enumerate(lines):
        if not is_rule(line):
            fields = _BAR.split(line.strip())
            fields = fields[not fields[0].strip() : len(fields) - (not fields[-1].strip())]
            budget.spend(fields=len(fields), line=numbers[n])
            cells += [[] for _ in range(len(fields) - len(cells))]
            for parts, text in zip(cells, fields, strict=False):
                parts.append(text)
        if cells and (n + 1 == len(lines) or is_rule(lines[n + 1])):
            yield Row(tuple(Cell(unwrapped(filter(str.strip, parts))) for parts in cells), numbers[n])
            cells = []
