"""PDF with a text layer: tables by their ruling lines, else by their headings; the text line by line."""

from __future__ import annotations

import base64
import re
import zlib
from pathlib import Path

from orders.documents.budget import Budget, OverBudget
from orders.documents.drawing import DamagedPage, NotOpened, Sheet, is_rebuilt, opened, sheets
from orders.documents.model import MAX_OPENED, Document, Table, Text, UnreadableDocument
from orders.documents.ruled import Fields, lines_of
from orders.documents.unruled import Grid, Line, unruled

MAX_PAGES = 600
"""Pages of a document; a plan of 2,000 rows has 150 to 460."""
MAX_OBJECTS = 50_000
"""Objects that stand in the file unpacked; a tagged plan of 2,000 rows has 35,000."""
MAX_LINES = 1_000_000
"""Line ends of a file, which is gone through line by line where its table is broken; 50 MB of pictures have 400,000."""
MAX_FIELDS = 150_000
"""Fields into which the lines of all pages cut them; a matrix of 2,000 rows and 17 columns has 40,000."""
AN_OBJECT = 80
"""Bytes of an object that stands in a stream with others, at least half of what real ones have."""
MAX_WRAPPINGS = 5
"""Filters of one stream; real ones have two."""
_STREAM = re.compile(rb"stream\r?\n")


def read_pdf(content: bytes, path: Path, budget: Budget) -> Document:
    """Return the blocks of a PDF; UnreadableDocument for a broken or protected one, OverBudget."""
    _check(content, path)
    blocks: list[Text | Table] = []
    try:
        document = opened(content)
    except NotOpened as error:
        raise UnreadableDocument("password" if error.protected else "damaged", path, seen="PDF") from error
    try:
        if len(document) > MAX_PAGES:
            raise UnreadableDocument("too-many-pages", path, limit=str(MAX_PAGES))
        if is_rebuilt(document):
            budget.doubt("rebuilt-pdf", line=None)
        grid: Grid | None = None
        left = MAX_FIELDS
        for sheet in sheets(document):
            fields = Fields(sheet.segments)
            left -= fields.count
            if left < 0:
                raise OverBudget("too-much-drawn", MAX_FIELDS, sheet.number)
            read, grid = _page(sheet, fields, grid, budget)
            blocks += read
    except DamagedPage as error:
        raise UnreadableDocument("damaged", path, seen="PDF", line=error.number) from error
    finally:
        document.close()
    if not any(isinstance(block, Table) or block.text.strip() for block in blocks):
        budget.doubt("no-text-layer", line=None)
    return Document("pdf", tuple(blocks), tuple(budget.findings))


def _check(content: bytes, path: Path) -> None:
    """Refuse a PDF that is cut (its last line is missing), whose objects are too many or whose streams open to too much."""
    if b"%%EOF" not in content[-4096:]:
        raise UnreadableDocument("damaged", path, seen="%%EOF")
    if content.count(b" obj") > MAX_OBJECTS or content.count(b"\n") + content.count(b"\r") > MAX_LINES:
        raise UnreadableDocument("too-many-objects", path, limit=str(MAX_OBJECTS))
    total = objects = 0
    whole = memoryview(content)
    for n, found in enumerate(_STREAM.finditer(content)):
        end = content.find(b"endstream", found.end())
        if end < 0:
            break
        holds = b"/ObjStm" in content[max(0, found.start() - 1_000) : found.start()].rpartition(b" obj")[2]
        size = _opened(whole[found.end() : end], MAX_OBJECTS * AN_OBJECT if holds else 4 * MAX_OPENED)
        total += size
        objects += size * holds
        if n > MAX_OBJECTS or objects > MAX_OBJECTS * AN_OBJECT:
            raise UnreadableDocument("too-many-objects", path, limit=str(MAX_OBJECTS))
        if total > 4 * MAX_OPENED:
            raise UnreadableDocument("opens-too-large", path)


def _opened(data: bytes | memoryview, most: int) -> int:
    """Return how many bytes a stream opens to, whatever it is wrapped in: a bomb may be packed twice.

    Of each wrapping at most one byte more than `most` is opened.
    """
    size = 0
    for _ in range(MAX_WRAPPINGS):
        try:
            if len(data) > 1 and data[0] & 0x0F == 8 and (data[0] * 256 + data[1]) % 31 == 0:  # noqa: PLR2004  zlib's header
                data = zlib.decompressobj().decompress(data, most + 1)
            elif (end := bytes(data[-64:]).rstrip()).endswith(b"~>"):
                data = base64.a85decode(bytes(data).strip().removeprefix(b"<~").removesuffix(b"~>"))
            elif end.endswith(b">"):
                data = bytes.fromhex(bytes(data).strip().removesuffix(b">").decode("ascii"))
            else:
                break
        except (zlib.error, ValueError):
            break
        size += len(data)
    return size


def _page(sheet: Sheet, fields: Fields, before: Grid | None, budget: Budget) -> tuple[list[Text | Table], Grid | None]:
    """Return the blocks of a page, and the grid of a table without lines that may go on at the next one."""
    tables, loose = fields.tables(sheet.letters)
    number = sheet.number
    lines = [Line(tuple(words)) for words in lines_of(loose)]
    if not tables:
        own = [line for line in lines if not re.fullmatch(r"[-–—\s]*\d{1,3}[-–—\s]*", line.text)]  # a page's number
        blocks, grid = unruled(own, number, before)
        if any(isinstance(block, Table) for block in blocks):
            budget.doubt("columns-by-position", line=number)
        return blocks, grid
    placed: list[tuple[float, Text | Table]] = [
        (table.top, Table(table.rows(number), follows_break=n == 0 and number > 1)) for n, table in enumerate(tables)
    ]
    placed += [(line.middle, Text(line.text, number)) for line in lines]
    return [block for _, block in sorted(placed, key=lambda item: item[0])], None
