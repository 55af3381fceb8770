"""PDF with a text layer: tables by their ruling lines (pdfplumber), else by their headings; the text line by line."""

from __future__ import annotations

import base64
import io
import logging
import re
import zlib
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import PdfminerException

from orders.documents.budget import Budget, OverBudget
from orders.documents.drawing import BoundedPage, Drawing
from orders.documents.model import MAX_OPENED, Cell, Document, Row, Table, Text, UnreadableDocument
from orders.documents.unruled import Grid, Line, unruled

MAX_PAGES = 600
"""Pages of a document; a plan of 2,000 rows has 150 to 460."""
MAX_OBJECTS = 50_000
"""Objects that stand in the file unpacked; a tagged plan of 2,000 rows has 35,000."""
MAX_LINES = 1_000_000
"""Line ends of a file, which is gone through line by line where its table is broken; 50 MB of pictures have 400,000."""
AN_OBJECT = 80
"""Bytes of an object that stands in a stream with others, at least half of what real ones have."""
MAX_WRAPPINGS = 5
"""Filters of one stream; real ones have two."""
_STREAM = re.compile(rb"stream\r?\n")
_BULLET = re.compile(r"\s*(?:[-–—•▪●]\s|\d{1,2}[.)]\s)")


def read_pdf(content: bytes, path: Path, budget: Budget) -> Document:
    """Return the blocks of a PDF; UnreadableDocument for a broken or protected one, OverBudget."""
    _check(content, path)
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # what it makes of a broken page is told by the one line
    blocks: list[Text | Table] = []
    try:
        document = pdfplumber.open(io.BytesIO(content))
        sheets = _sheets(document, path)
        drawing = Drawing()
        drawing.foresee(sheets)
        grid: Grid | None = None
        for number, sheet in enumerate(sheets, 1):
            read, grid = _page(_upright(BoundedPage(document, sheet, number, drawing)), grid, budget)
            blocks += read
    except (UnreadableDocument, OverBudget):
        raise
    except Exception as error:  # pdfminer raises whatever the broken object makes it stumble over
        causes = (error, *(getattr(error, "args", ()) or ()), error.__cause__, error.__context__)
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in causes):
            raise UnreadableDocument("password", path) from error
        kind = error.args[0] if isinstance(error, PdfminerException) and error.args else error
        raise UnreadableDocument("damaged", path, seen=type(kind).__name__) from error
    if not any(isinstance(block, Table) or block.text.strip() for block in blocks):
        budget.doubt("no-text-layer", line=None)
    return Document("pdf", tuple(blocks), tuple(budget.findings))


def _sheets(document: PDF, path: Path) -> list[PDFPage]:
    sheets = list(islice(PDFPage.create_pages(document.doc), MAX_PAGES + 1))
    if len(sheets) > MAX_PAGES:
        raise UnreadableDocument("too-many-pages", path, limit=str(MAX_PAGES))
    return sheets


def _check(content: bytes, path: Path) -> None:
    """Refuse a PDF that is cut (its last line is missing), whose objects are too many or whose streams open to too much."""
    for mark in (b"%%EOF", b"startxref"):  # without the second one all lines would be gone through for it, backwards
        if mark not in content[-4096:]:
            raise UnreadableDocument("damaged", path, seen=mark.decode("ascii"))
    if content.count(b" obj") > MAX_OBJECTS or content.count(b"\n") + content.count(b"\r") > MAX_LINES:
        raise UnreadableDocument("too-many-objects", path, limit=str(MAX_OBJECTS))
    total = objects = 0
    for n, found in enumerate(_STREAM.finditer(content)):
        end = content.find(b"endstream", found.end())
        if end < 0:
            break
        holds = b"/ObjStm" in content[max(0, found.start() - 1_000) : found.start()].rpartition(b" obj")[2]
        size = _opened(content[found.end() : end], MAX_OBJECTS * AN_OBJECT if holds else 4 * MAX_OPENED)
        total += size
        objects += size * holds
        if n > MAX_OBJECTS or objects > MAX_OBJECTS * AN_OBJECT:
            raise UnreadableDocument("too-many-objects", path, limit=str(MAX_OBJECTS))
        if total > 4 * MAX_OPENED:
            raise UnreadableDocument("opens-too-large", path)


def _opened(data: bytes, most: int) -> int:
    """Return how many bytes a stream opens to, whatever it is wrapped in: a bomb may be packed twice.

    Of each wrapping at most one byte more than `most` is opened.
    """
    size = 0
    for _ in range(MAX_WRAPPINGS):
        try:
            if len(data) > 1 and data[0] & 0x0F == 8 and (data[0] * 256 + data[1]) % 31 == 0:  # noqa: PLR2004  zlib's header
                data = zlib.decompressobj().decompress(data, most + 1)
            elif data.rstrip().endswith(b"~>"):
                data = base64.a85decode(data.strip().removeprefix(b"<~").removesuffix(b"~>"))
            elif data.rstrip().endswith(b">"):
                data = bytes.fromhex(data.strip().removesuffix(b">").decode("ascii"))
            else:
                break
        except (zlib.error, ValueError):
            break
        size += len(data)
    return size


def _upright(page: BoundedPage) -> BoundedPage:
    """Return a page turned so that most of its letters stand upright; a table may be drawn along the long side."""
    counts = Counter(_turn(char["matrix"]) for char in page.chars)
    turn = counts.most_common(1)[0][0] if counts else 0
    if not turn:
        return page
    page.page_obj.attrs["Rotate"] = page.page_obj.rotate = (page.rotation + turn) % 360
    return BoundedPage(page.pdf, page.page_obj, page.page_number, page.drawing)


def _turn(matrix: tuple[float, ...]) -> int:
    """Return the degrees, clockwise, after which a letter with this matrix stands upright."""
    along, up = matrix[0], matrix[1]
    if abs(along) >= abs(up):
        return 0 if along >= 0 else 180
    return 90 if up > 0 else 270


def _page(page: Any, before: Grid | None, budget: Budget) -> tuple[list[Text | Table], Grid | None]:
    """Return the blocks of a page, and the grid of a table without lines that may go on at the next one."""
    found = sorted(page.find_tables(), key=lambda table: (table.bbox[1], table.bbox[0]))
    found = [t for t in found if len(t.rows) > 1 or len(t.rows[0].cells) > 1]
    number = page.page_number
    placed: list[tuple[float, Text | Table]] = [
        (table.bbox[1], Table(_rows(table, number), follows_break=table is found[0] and number > 1)) for table in found
    ]
    lines: dict[float, list[Any]] = {}
    for word in page.extract_words(x_tolerance=2, use_text_flow=False, keep_blank_chars=False):
        middle = (word["top"] + word["bottom"]) / 2
        if any(t.bbox[1] <= middle <= t.bbox[3] and t.bbox[0] - 1 <= word["x0"] <= t.bbox[2] for t in found):
            continue
        top = next((at for at in lines if abs(at - middle) < 3), middle)  # noqa: PLR2004  points: one line of text
        lines.setdefault(top, []).append(word)
    ordered = [(top, Line(tuple(sorted(words, key=lambda w: w["x0"])))) for top, words in sorted(lines.items())]
    if not found:
        own = [
            line for _, line in ordered if not re.fullmatch(r"[-–—\s]*\d{1,3}[-–—\s]*", line.text)
        ]  # a page's number
        blocks, grid = unruled(own, number, before, _unwrapped)
        if any(isinstance(block, Table) for block in blocks):
            budget.doubt("columns-by-position", line=number)
        return blocks, grid
    placed += [(top, Text(line.text, number)) for top, line in ordered]
    return [block for _, block in sorted(placed, key=lambda item: item[0])], None


def _rows(table: Any, page: int) -> tuple[Row, ...]:
    """Return the rows; a field that no cell of its row covers belongs to the cell that reaches over it."""
    texts = table.extract(x_tolerance=2)
    boxes = [row.cells for row in table.rows]
    columns = [next((row[n] for row in _narrowest_first(boxes, n) if row[n]), None) for n in range(len(boxes[0]))]
    rows = []
    for r, cells in enumerate(boxes):
        fields = []
        row_box = next((c for c in cells if c), None)
        for c, box in enumerate(cells):
            if box is not None:
                fields.append(Cell(_unwrapped(texts[r][c] or "")))
                continue
            column = columns[c]
            origin = None
            if column and row_box:
                x, y = (column[0] + column[2]) / 2, row_box[1] + 1
                origin = next(
                    (
                        (i, j)
                        for i in range(r)
                        for j, b in enumerate(boxes[i])
                        if b and b[0] <= x <= b[2] and b[1] <= y <= b[3]
                    ),
                    None,
                )
            fields.append(Cell(_unwrapped(texts[origin[0]][origin[1]] or ""), "down") if origin else Cell("", "across"))
        rows.append(Row(tuple(fields), page))
    return tuple(rows)


def _narrowest_first(boxes: list[Any], column: int) -> list[Any]:
    """Return the rows by the width of their cell in that column: the narrowest is the column itself."""
    return sorted((row for row in boxes if row[column]), key=lambda row: row[column][2] - row[column][0])


def _unwrapped(text: str) -> str:
    """Join the lines that the column's width made; a line that begins with a bullet was begun by a person."""
    joined = ""
    for line in text.split("\n"):
        line = " ".join(line.split())  # noqa: PLW2901  the line without its padding
        if not joined:
            joined = line
        elif _BULLET.match(line + " "):
            joined += "\n" + line
        elif re.search(r"(?<!\d)\d{1,2}\.\d{1,2}\.\d{0,3}$", joined) and re.match(r"\d{1,4}(?![\d.])", line):
            joined += line  # a date that the column was too narrow for
        elif joined.endswith("-") and len(joined) > 1 and joined[-2].isalpha() and line[:1].islower():
            joined = joined + line if _compound(joined, line) else joined[:-1] + line
        else:
            joined += " " + line
    return joined


def _compound(head: str, tail: str) -> bool:
    """Tell a hyphen of the word («педагог-организатор», «май-июнь») from one that the line's end made."""
    first = re.split(r"[\s,(]", head[:-1])[-1]
    second = re.split(r"[\s,.;)]", tail)[0]
    return len(first) > 3 and len(second) > 3 and not re.fullmatch("[бвгджзклмнпрстфхцчшщ]{2,}.*", second[:2])  # noqa: PLR2004
