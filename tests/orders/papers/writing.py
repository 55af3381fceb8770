"""Puts a paper on paper: .docx, .html, .md, .txt and .pdf, each in several manners (the options of `kind`)."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import matplotlib as mpl
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tests.orders.paper import Field, drawn, laid
from tests.orders.papers.notation import Block, Paper, Table, Text

STYLES = {"#": "Heading 1", "##": "Heading 2", "-": "List Bullet", "1#": "List Number"}


def write(paper: Paper, folder: Path) -> Path:
    """Write the document into the folder and return its path."""
    path = folder / f"{paper.name}.{paper.kind}"
    {"docx": _docx, "html": _html, "md": _md, "txt": _txt, "pdf": _pdf}[paper.kind](paper, path)
    return path


def _width(table: Table) -> int:
    return max(c + cell.across for _, c, cell in laid(table.rows))


def _docx(paper: Paper, path: Path) -> None:
    document = docx.Document()
    section = document.sections[0]
    if "landscape" in paper.options:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    for block in paper.blocks:
        if isinstance(block, Table):
            _docx_table(document, block, paper.options)
        elif block.style == "header":
            section.header.paragraphs[0].text = block.text
        elif block.style == "footer":
            section.footer.paragraphs[0].text = block.text
        elif block.style == "page":
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        elif block.text or "tight" not in paper.options:
            paragraph = document.add_paragraph(style=STYLES.get(block.style))
            paragraph.add_run(block.text).bold = block.style == "==" or None
            if block.style in ("==", ">>"):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if block.style == "==" else WD_ALIGN_PARAGRAPH.RIGHT
    document.save(str(path))


def _docx_table(document: Any, block: Table, options: frozenset[str]) -> None:
    table = document.add_table(rows=len(block.rows), cols=_width(block))
    if "nogrid" not in options:
        table.style = "Table Grid"
    for r, c, cell in laid(block.rows):
        field = table.cell(r, c)
        if cell.across > 1 or cell.down > 1:
            field = field.merge(table.cell(r + cell.down - 1, c + cell.across - 1))
        parts = cell.text.split("\n") if "paragraphs" in options else [cell.text]
        for n, part in enumerate(parts):
            paragraph = field.paragraphs[0] if n == 0 else field.add_paragraph()
            if part.startswith("1#"):
                paragraph.style = document.styles["List Number"]
            paragraph.add_run(part.removeprefix("1#").strip()).bold = r < block.heads or None


def _html(paper: Paper, path: Path) -> None:
    parts = []
    if "pre" in paper.options:
        parts.append(f"<pre>\n{html.escape(_letters(paper, 'plus'))}\n</pre>")
    else:
        parts += [_html_block(block, paper.options) for block in paper.blocks]
    body = "\n".join(parts)
    if "site" in paper.options:
        body = (
            "<div id='menu'><ul><li><a href='/'>Главная</a></li><li><a href='/news'>Новости</a></li>"
            "<li><a href='/docs'>Документы</a></li></ul></div><table class='layout'><tr><td class='left'>"
            "<p>Телефон горячей линии: 8-800-555-00-00</p><p>Режим работы: пн-пт 9:00-18:00</p></td>"
            f"<td class='content'>{body}</td></tr></table><div id='footer'>© 2011-2026 Официальный сайт. "
            "Дата последнего изменения: 14.03.2025</div>"
        )
    encoding = "windows-1251" if "cp1251" in paper.options else "utf-8"
    page = f"<!DOCTYPE html>\n<html><head><meta charset='{encoding}'><title>Документ</title></head><body>\n{body}\n</body></html>\n"
    path.write_bytes(page.encode(encoding))


def _html_block(block: Block, options: frozenset[str]) -> str:
    if isinstance(block, Text):
        text = html.escape(block.text).replace("\n", "<br>")
        if "word" in options:
            text = text.replace(" № ", " №&nbsp;")
        tags = {"#": "<h1>{}</h1>", "##": "<h2>{}</h2>", "-": "<ul><li>{}</li></ul>", "1#": "<ol><li>{}</li></ol>",
                ">>": "<p align='right'>{}</p>", "==": "<p align='center'><b>{}</b></p>", "page": "<hr>"}  # fmt: skip
        if block.style == "raw":
            return block.text
        if block.style in ("header", "footer"):
            return ""
        plain = (
            "<p class='MsoNormal'><span style='font-size:14.0pt'>{}</span></p>" if "word" in options else "<p>{}</p>"
        )
        return tags.get(block.style, plain).format(text or "&nbsp;")
    rows = []
    for r, row in enumerate(block.rows):
        heading = r < block.heads and "th" in options
        if "th" in options and r == block.heads:
            rows.append("</thead><tbody>")
        rows.append("<tr>" + "".join(_html_cell(cell, options, "th" if heading else "td") for cell in row) + "</tr>")
    inner = "\n".join(rows)
    return f"<table border=1><thead>{inner}</tbody></table>" if "th" in options else f"<table border=1>{inner}</table>"


def _html_cell(cell: Field, options: frozenset[str], tag: str) -> str:
    lines = [html.escape(line) for line in cell.text.split("\n")]
    inner = (
        "".join(f"<p class='MsoNormal'>{line or '&nbsp;'}</p>" for line in lines)
        if "word" in options
        else "<br>".join(lines)
    )
    across = f" colspan='{cell.across}'" if cell.across > 1 else ""
    down = f" rowspan='{cell.down}'" if cell.down > 1 else ""
    return f"<{tag}{across}{down}>{inner}</{tag}>"


def _md(paper: Paper, path: Path) -> None:
    lines: list[str] = []
    for block in paper.blocks:
        if isinstance(block, Text):
            text = block.text.replace("\n", "<br>")
            mark = {"#": "# ", "##": "## ", "-": "- ", "1#": "1. "}.get(block.style, "")
            if block.style in ("header", "footer"):
                continue
            if block.style == "page":
                text = "---"
            if block.style == "==" and text:
                text = f"**{text}**"
            lines += [mark + text] if mark in ("- ", "1. ") else [mark + text, ""]
            continue
        if lines and lines[-1]:
            lines.append("")
        if "htmltables" in paper.options:
            lines += [_html_block(block, frozenset()), ""]
            continue
        if "drawn" in paper.options:
            lines += ["```", *drawn(block.rows, "bars"), "```", ""]
            continue
        texts = {(r, c): cell.text.replace("\n", "<br>") for r, c, cell in laid(block.rows)}
        rows = [[texts.get((r, c), "") for c in range(_width(block))] for r in range(len(block.rows))]
        if "nohead" in paper.options:
            rows.insert(0, [""] * _width(block))
        piped = ["| " + " | ".join(row) + " |" for row in rows]
        lines += [piped[0], "|" + "---|" * _width(block), *piped[1:], ""]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _txt(paper: Paper, path: Path) -> None:
    style = next((one for one in ("tabs", "plus", "bars") if one in paper.options), "box")
    encoding = "windows-1251" if "cp1251" in paper.options else "utf-8"
    path.write_bytes((_letters(paper, style) + "\n").encode(encoding))


def _letters(paper: Paper, style: str) -> str:
    lines: list[str] = []
    for block in paper.blocks:
        if isinstance(block, Text):
            if block.style not in ("header", "footer"):
                lines += block.text.split("\n")
        elif style == "tabs":
            texts = {(r, c): cell.text.replace("\n", " ") for r, c, cell in laid(block.rows)}
            lines += ["\t".join(texts.get((r, c), "") for c in range(_width(block))) for r in range(len(block.rows))]
        else:
            lines += drawn(block.rows, style)
    return "\n".join(lines)


SIZE, LINE, LETTER, MARGIN = 8.0, 11.0, 5.0, 42.0  # points


def _pdf(paper: Paper, path: Path) -> None:
    with mpl.rc_context({"pdf.fonttype": 42}), PdfPages(path) as pages:
        _Sheets(pages, paper).write()


class _Sheets:
    """Draws page after page; a table goes on at the next one, its rows torn or whole, with or without its headings."""

    def __init__(self, pages: Any, paper: Paper) -> None:
        self.pages = pages
        self.paper = paper
        short, long = (420.0, 595.0) if "a5" in paper.options else (595.0, 842.0)
        self.width, self.height = (short, long) if "portrait" in paper.options else (long, short)
        self.room = self.width - 2 * MARGIN
        self.number = 0
        marks = {block.style: block.text for block in paper.blocks if isinstance(block, Text)}
        self.header, self.footer = marks.get("header", ""), marks.get("footer", "")
        self._begin()

    def _begin(self) -> None:
        self.figure = Figure(figsize=(self.width / 72, self.height / 72))
        self.number += 1
        self.y = MARGIN
        for text, y in ((self.header, MARGIN - 24), (self.footer, self.height - MARGIN + 10)):
            self._text(MARGIN, y, text.replace("#", str(self.number)))

    def _end(self) -> None:
        self.pages.savefig(self.figure)

    def _next(self) -> None:
        self._end()
        self._begin()

    def _text(self, x: float, y: float, text: str, *, bold: bool = False) -> None:
        if text:
            weight = "bold" if bold else "normal"
            self.figure.text(
                x / self.width, 1 - (y + LINE) / self.height, text, fontsize=SIZE, fontweight=weight, parse_math=False
            )

    def write(self) -> None:
        for block in self.paper.blocks:
            if isinstance(block, Table):
                self._table(block)
            elif block.style == "page":
                self._next()
            elif block.style not in ("header", "footer"):
                self._paragraph(block)
        self._end()

    def _paragraph(self, block: Text) -> None:
        indent = self.room / 2 if block.style == ">>" else 0
        mark = "• " if block.style == "-" else ""
        for part in block.text.split("\n"):
            for line in textwrap.wrap(mark + part, int((self.room - indent) / LETTER)) or [""]:
                if self.y > self.height - MARGIN - LINE:
                    self._next()
                middle = (self.room - len(line) * LETTER) / 2 if block.style == "==" else indent
                self._text(MARGIN + max(0, middle), self.y, line)
                self.y += LINE + 2
        self.y += 3

    def _table(self, table: Table) -> None:
        places = laid(table.rows)
        shares = table.widths or _shares(places, _width(table))
        lefts = [MARGIN + self.room * sum(shares[:n]) / sum(shares) for n in range(len(shares) + 1)]
        lines = {
            (r, c): [
                line
                for part in cell.text.split("\n")
                for line in textwrap.wrap(part, max(4, int((lefts[c + cell.across] - lefts[c] - 6) / LETTER))) or [""]
            ]
            for r, c, cell in places
        }
        heights = [
            max([len(lines[r, c]) for r, c, cell in places if r == n and cell.down == 1] or [1])
            for n in range(len(table.rows))
        ]
        for r, c, cell in places:
            heights[r + cell.down - 1] += max(0, len(lines[r, c]) - sum(heights[r : r + cell.down]))
        strips = [(r, n) for r, height in enumerate(heights) for n in range(height)]  # a strip is one line of a row
        at = 0
        while at < len(strips):
            count = self._fitting(strips, at, heights)
            if count == 0:
                if self.y == MARGIN:
                    raise ValueError("a row is higher than a page")
                self._next()
                if "repeat" in self.paper.options and at:
                    self._strips(places, lines, lefts, [s for s in strips if s[0] < table.heads], heights)
                continue
            self._strips(places, lines, lefts, strips[at : at + count], heights)
            at += count
        self.y += LINE

    def _fitting(self, strips: Sequence[tuple[int, int]], at: int, heights: Sequence[int]) -> int:
        """Return how many strips fit onto this page: whole rows, or any number where rows may be torn."""
        y, fitting = self.y, 0
        for n, (r, line) in enumerate(strips[at:], 1):
            y += LINE + (6 if line == heights[r] - 1 else 0)
            if y > self.height - MARGIN:
                break
            if "torn" in self.paper.options or line == heights[r] - 1:
                fitting = n
        return fitting

    def _strips(
        self,
        places: Sequence[tuple[int, int, Field]],
        lines: dict[tuple[int, int], list[str]],
        lefts: Sequence[float],
        strips: Sequence[tuple[int, int]],
        heights: Sequence[int],
    ) -> None:
        tops: dict[tuple[int, int], float] = {}
        for r, line in strips:
            tops[r, line] = self.y
            self.y += LINE + (6 if line == heights[r] - 1 else 0)
        shown = sorted({r for r, _ in strips})
        for r, c, cell in places:
            own = [(row, line) for row, line in strips if r <= row < r + cell.down]
            if not own:
                continue
            top = tops[own[0]]
            bottom = tops[own[-1]] + LINE + (6 if own[-1][1] == heights[own[-1][0]] - 1 else 4)
            box = (lefts[c], top, lefts[c + cell.across], bottom)
            for x0, y0, x1, y1 in ((box[0], top, box[2], top), (box[0], bottom, box[2], bottom), (box[0], top, box[0], bottom), (box[2], top, box[2], bottom)):  # fmt: skip
                if "unruled" not in self.paper.options:
                    self.figure.add_artist(Line2D([x0 / self.width, x1 / self.width], [1 - y0 / self.height, 1 - y1 / self.height], linewidth=0.5, color="black"))  # fmt: skip
            before = sum(heights[r : own[0][0]]) + own[0][1]  # lines of the cell that stand on an earlier page
            if own[0][0] not in shown:
                continue
            for n, text in enumerate(lines[r, c][before : before + len(own)]):
                self._text(lefts[c] + 3, tops[own[n]], text)


def _shares(places: Sequence[tuple[int, int, Field]], count: int) -> list[float]:
    longest = [4.0] * count
    for _, c, cell in places:
        if cell.across == 1:
            longest[c] = max([longest[c], *[min(45.0, len(line)) for line in cell.text.split("\n")]])
    return longest
