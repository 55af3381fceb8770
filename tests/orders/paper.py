"""Plans put on paper in every kind of document: Markdown, HTML, Word, PDF, and drawn with characters."""

from __future__ import annotations

import html
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

WIDTH, HEIGHT, MARGIN, LINE = 842.0, 595.0, 40.0, 11.0  # points: A4 lying
LETTER = 5.2  # points that a letter of size 8 takes at most


@dataclass(frozen=True)
class Field:
    """One cell that spans columns and rows."""

    text: str
    across: int = 1
    down: int = 1


Row = Sequence[str | Field]
Block = str | Sequence[Row]
"""A paragraph, or a table."""


def to_markdown(blocks: Sequence[Block], path: Path) -> None:
    """Write pipes; a cell that spans stands once and leaves the other fields empty, as scanners leave them."""
    lines = []
    for block in blocks:
        if isinstance(block, str):
            lines += [block, ""]
            continue
        texts = {(r, c): cell.text.replace("\n", "<br>") for r, c, cell in laid(block)}
        width = 1 + max(c + cell.across - 1 for _, c, cell in laid(block))
        rows = ["| " + " | ".join(texts.get((r, c), "") for c in range(width)) + " |" for r in range(len(block))]
        lines += [rows[0], "|" + "---|" * width, *rows[1:], ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def to_html(blocks: Sequence[Block], path: Path) -> None:
    """Write a page with spans."""
    parts = ["<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>"]
    for block in blocks:
        if isinstance(block, str):
            parts.append(f"<p>{html.escape(block)}</p>")
            continue
        parts.append("<table>")
        for row in block:
            cells = [_field(cell) for cell in row]
            parts.append("<tr>" + "".join(_td(cell) for cell in cells) + "</tr>")
        parts.append("</table>")
    path.write_text("\n".join(parts), encoding="utf-8")


def _td(cell: Field) -> str:
    text = html.escape(cell.text).replace("\n", "<br>")
    return f"<td colspan={cell.across} rowspan={cell.down}>{text}</td>"


def to_word(blocks: Sequence[Block], path: Path) -> None:
    """Write a .docx with its merges."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        places = laid(block)
        table = document.add_table(rows=len(block), cols=1 + max(c for _, c, _ in places))
        for r, c, cell in places:
            field = table.cell(r, c)
            if cell.across > 1 or cell.down > 1:
                field = field.merge(table.cell(r + cell.down - 1, c + cell.across - 1))
            field.text = cell.text
    document.save(str(path))


def laid(table: Sequence[Row]) -> list[tuple[int, int, Field]]:
    """Return each cell with its row and column in the grid."""
    taken: set[tuple[int, int]] = set()
    places = []
    for r, row in enumerate(table):
        c = 0
        for cell in map(_field, row):
            while (r, c) in taken:
                c += 1
            places.append((r, c, cell))
            taken |= {(r + i, c + j) for i in range(cell.down) for j in range(cell.across)}
            c += cell.across
    return places


def _field(cell: str | Field) -> Field:
    return cell if isinstance(cell, Field) else Field(cell)


def to_pdf(blocks: Sequence[Block], path: Path, *, ruled: bool = True, turned: int = 0) -> None:
    """Draw pages; a table that does not fit goes on at the next one. `turned` is the page's /Rotate."""
    with mpl.rc_context({"pdf.fonttype": 42}), PdfPages(path) as pages:
        sheet = _Sheet(pages, ruled=ruled)
        for block in blocks:
            if isinstance(block, str):
                sheet.paragraph(block)
            else:
                sheet.table(block)
        sheet.end()
    if turned:
        whole = path.read_bytes()
        path.write_bytes(re.sub(rb"/Type /Page\b(?!s)", b"/Type /Page /Rotate %d" % turned, whole))


class _Sheet:
    def __init__(self, pages: Any, *, ruled: bool) -> None:
        self.pages = pages
        self.ruled = ruled
        self.begin()

    def begin(self) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        self.y = MARGIN

    def end(self) -> None:
        self.pages.savefig(self.figure)

    def text(self, x: float, y: float, text: str) -> None:
        self.figure.text(x / WIDTH, 1 - (y + LINE) / HEIGHT, text, fontsize=8)

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        if self.ruled:
            line = Line2D([x0 / WIDTH, x1 / WIDTH], [1 - y0 / HEIGHT, 1 - y1 / HEIGHT], linewidth=0.5, color="black")
            self.figure.add_artist(line)

    def paragraph(self, text: str) -> None:
        for line in textwrap.wrap(text, 130):
            self.text(MARGIN, self.y, line)
            self.y += LINE + 2
        self.y += 6

    def table(self, table: Sequence[Row]) -> None:
        places = laid(table)
        count = 1 + max(c + cell.across - 1 for _, c, cell in places)
        lefts = _columns(places, count)
        wrapped = {
            (r, c): [
                line
                for part in cell.text.split("\n")
                for line in textwrap.wrap(part, max(4, int((lefts[c + cell.across] - lefts[c] - 8) / LETTER))) or [""]
            ]
            for r, c, cell in places
        }
        heights = [
            max([len(wrapped[r, c]) for i, c, cell in places if i == r and cell.down == 1] or [1]) * LINE + 8
            for r in range(len(table))
        ]
        row = 0
        while row < len(table):
            first, tops = row, [self.y]
            while row < len(table) and tops[-1] + heights[row] < HEIGHT - MARGIN:
                tops.append(tops[-1] + heights[row])
                row += 1
            for r, c, cell in places:
                if first <= r < row:
                    bottom = tops[min(r + cell.down, row) - first]
                    self._cell((lefts[c], tops[r - first], lefts[c + cell.across], bottom), wrapped[r, c])
            self.y = tops[-1] + 14
            if row < len(table):
                self.end()
                self.begin()

    def _cell(self, box: tuple[float, float, float, float], lines: Sequence[str]) -> None:
        x0, y0, x1, y1 = box
        for line in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
            self.rule(*line)
        for n, text in enumerate(lines):
            self.text(x0 + 4, y0 + n * LINE, text)


def _columns(places: Sequence[tuple[int, int, Field]], count: int) -> list[float]:
    """Return the left edges by what the columns hold, and the right edge of the last."""
    longest = [
        max(
            [
                min(60, len(line))
                for _, c, cell in places
                if c == n and cell.across == 1
                for line in cell.text.split("\n")
            ]
            or [4]
        )
        for n in range(count)
    ]
    room = WIDTH - 2 * MARGIN
    widths = [room * max(5, length) / sum(max(5, n) for n in longest) for length in longest]
    return [MARGIN + sum(widths[:n]) for n in range(count + 1)]


ARMS = {  # up, down, left, right
    "box": dict(zip(("dr", "dl", "ur", "ul", "udr", "udl", "dlr", "ulr", "udlr", "lr", "ud"), "┌┐└┘├┤┬┴┼─│", strict=True)),
    "plus": {"lr": "-", "ud": "|"},
    "bars": {"lr": "-", "ud": "|", "dr": "/", "dl": "\\", "ur": "\\", "ul": "/", "udr": "|", "udl": "|", "dlr": "-", "ulr": "-"},
}  # fmt: skip
COLUMN = 22
"""Letters of a line in a drawn cell, unless a word is longer."""


def drawn(table: Sequence[Row], style: str) -> list[str]:
    """Draw a table with characters, words at the ends of lines cut as old printers do."""
    places = laid(table)
    count = 1 + max(c + cell.across - 1 for _, c, cell in places)
    widths = [
        max([min(COLUMN, len(cell.text)) for _, c, cell in places if c == n and cell.across == 1] or [3]) + 2
        for n in range(count)
    ]
    lefts = [sum(widths[:n]) + n for n in range(count + 1)]
    lines = {
        (r, c): [
            piece
            for part in cell.text.split("\n")
            for piece in _cut(part, lefts[c + cell.across] - lefts[c] - 3) or [""]
        ]
        for r, c, cell in places
    }
    heights = [
        max([len(lines[r, c]) for r, c, cell in places if r == n and cell.down == 1] or [1]) for n in range(len(table))
    ]
    for r, c, cell in places:
        heights[r + cell.down - 1] += max(0, len(lines[r, c]) - sum(heights[r : r + cell.down]) - cell.down + 1)
    tops = [sum(heights[:n]) + n for n in range(len(table) + 1)]
    arms: dict[tuple[int, int], set[str]] = defaultdict(set)
    letters: dict[tuple[int, int], str] = {}
    for r, c, cell in places:
        top, bottom, left, right = tops[r], tops[r + cell.down], lefts[c], lefts[c + cell.across]
        for y in (top, bottom):
            for x in range(left, right):
                arms[y, x].add("r")
                arms[y, x + 1].add("l")
        for x in (left, right):
            for y in range(top, bottom):
                arms[y, x].add("d")
                arms[y + 1, x].add("u")
        letters |= {
            (top + 1 + y, left + 2 + x): letter for y, line in enumerate(lines[r, c]) for x, letter in enumerate(line)
        }
    signs = {at: ARMS[style].get("".join(a for a in "udlr" if a in found), "+") for at, found in arms.items()}
    return [
        "".join(signs.get((y, x)) or letters.get((y, x), " ") for x in range(lefts[-1] + 1))
        for y in range(tops[-1] + 1)
    ]


def _cut(text: str, width: int) -> list[str]:
    """Wrap a text; a long word is cut with a hyphen where the line has room for four letters of it."""
    lines = [""]
    for word in text.split():
        rest = word
        while rest:
            gap = " " if lines[-1] else ""
            room = width - len(lines[-1]) - len(gap)
            if len(rest) <= room:
                lines[-1] += gap + rest
                rest = ""
            elif room > 4 and len(rest) > 7 and re.fullmatch("[а-яё]+", rest):
                at = min(room - 1, len(rest) - 3)
                lines[-1] += gap + rest[:at] + "-"
                rest = rest[at:]
                lines.append("")
            elif lines[-1]:
                lines.append("")
            else:
                lines[-1], rest = rest[:width], rest[width:]
                lines += [""] if rest else []
    return lines


def _in_letters(blocks: Sequence[Block], style: str) -> list[str]:
    return [line for block in blocks for line in ([block] if isinstance(block, str) else drawn(block, style)) + [""]]


def to_text(blocks: Sequence[Block], path: Path) -> None:
    """Write a text whose tables are drawn with box characters."""
    path.write_text("\n".join(_in_letters(blocks, "box")), encoding="utf-8")


def to_set_page(blocks: Sequence[Block], path: Path) -> None:
    """Write a page that shows such a text as it is, its tables drawn with pluses."""
    text = html.escape("\n".join(_in_letters(blocks, "plus")))
    path.write_text(f"<!DOCTYPE html><html><body><div><pre>\n{text}</pre></div></body></html>", encoding="utf-8")


def to_set_word(blocks: Sequence[Block], path: Path) -> None:
    """Write a .docx of such lines, its tables drawn with bars as legal databases send them."""
    document = docx.Document()
    for line in _in_letters(blocks, "bars"):
        document.add_paragraph(line)
    document.save(str(path))


KINDS: dict[str, Callable[[Sequence[Block], Path], None]] = {
    "md": to_markdown,
    "html": to_html,
    "docx": to_word,
    "pdf": to_pdf,
    "drawn text": to_text,
    "drawn page": to_set_page,
    "drawn docx": to_set_word,
}
