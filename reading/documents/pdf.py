"""PDF with a text layer: tables by their ruling lines, else by their headings; the text line by line."""

from __future__ import annotations

import base64
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from reading.documents.budget import Budget, OverBudget
from reading.documents.drawing import DamagedPage, NotOpened, Sheet, is_encrypted, is_rebuilt, opened, plain, sheets
from reading.documents.model import MAX_OPENED, Cell, Document, Row, Table, Text, UnreadableDocument
from reading.documents.ruled import CUT, Fields, lines_of
from reading.documents.unruled import Grid, Line, unruled

MAX_PAGES = 600
"""Pages of a document; a plan of 2,000 rows has 150 to 460."""
MAX_OBJECTS = 50_000
"""Objects that stand in the file unpacked; a tagged plan of 2,000 rows has 35,000."""
MAX_LINES = 1_000_000
"""Line ends of a file, which is gone through line by line where its table is broken; 50 MB of pictures have 400,000."""
MAX_FIELDS = 100_000
"""Fields into which the lines of all pages cut them; a matrix of 2,000 rows and 17 columns has 40,000."""
AN_OBJECT = 80
"""Bytes of an object that stands in a stream with others, at least half of what real ones have."""
ZLIB = 1_032
"""How many times larger than a stream may be what zlib makes of it, at most (zlib.net, technical details)."""
_ENCRYPTED = re.compile(b"/" + b"".join(b"(?:%c|#%02x)" % (c, c) for c in b"Encrypt"), re.IGNORECASE)
"""The name as it stands, or with its letters in hexadecimal. Without a password too nothing shows how much is packed."""
MAX_WRAPPINGS = 5
"""Filters of one stream; real ones have two."""
PIECE = 1_000_000
"""Bytes that are packed or unpacked at once."""
_STREAM = re.compile(rb"(?<!end)stream\r?\n")


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
        if is_encrypted(document):
            _check(plain(document), path)
        if is_rebuilt(document):
            budget.doubt("rebuilt-pdf", line=None)
        grid: Grid | None = None
        left = MAX_FIELDS
        for sheet in sheets(document):
            fields = Fields(sheet.segments)
            left -= fields.count
            if left < 0:
                raise OverBudget("too-much-drawn", MAX_FIELDS, sheet.number)
            if sheet.pictured and not sheet.letters:
                budget.doubt("page-without-text", line=sheet.number)
            read, grid = _page(sheet, fields, grid, budget)
            blocks += read
    except DamagedPage as error:
        raise UnreadableDocument("damaged", path, seen="PDF", line=error.number) from error
    finally:
        document.close()
    if not any(isinstance(block, Table) or block.text.strip() for block in blocks):
        budget.findings = [f for f in budget.findings if f.code != "page-without-text"]
        budget.doubt("no-text-layer", line=None)
    return Document("pdf", tuple(_whole_words(blocks, budget)), tuple(budget.findings))


def _whole_words(blocks: list[Text | Table], budget: Budget) -> Iterator[Text | Table]:
    """Yield the blocks with the words joined that a narrow column cut: neither half stands anywhere else."""
    texts = [c.text for b in blocks if isinstance(b, Table) for row in b.rows for c in row.cells if c.merged != "down"]
    words = Counter(word for text in texts for word in re.findall(r"\w+", text.lower()))
    told: set[str] = set()

    def joined(found: re.Match[str]) -> str:
        first, rest = found.groups()
        whole = words[(first + rest).lower()] > 0
        apart = max(words[first.lower()], words[rest.lower()]) > 1
        apart = apart or bool(_WORDS_OF_TIME & {first.lower(), rest.lower()})
        if len(rest) == 1:  # a letter that is no word is the end of one
            apart = rest.lower() in _WORDS_OF_A_LETTER
        if apart and not whole:
            return f"{first} {rest}"
        if found.group() not in told:
            told.add(found.group())
            budget.doubt("broken-word", {"text": f"{first} {rest}"}, first + rest, line=None)
        return first + rest

    for block in blocks:
        if isinstance(block, Text):
            yield block
            continue
        rows = (
            Row(tuple(Cell(_without_cuts(c.text, joined), c.merged) for c in row.cells), row.line) for row in block.rows
        )
        yield replace(block, rows=tuple(rows))


def _without_cuts(text: str, joined: Callable[[re.Match[str]], str]) -> str:
    """Return a text with its words whole, one after another: a word may be cut twice."""
    while CUT in text:
        text, count = _CUT.subn(joined, text, count=1)
        text = text if count else text.replace(CUT, "")
    return text


_WORDS_OF_A_LETTER = "авиоксуя"
_WORDS_OF_TIME = frozenset(
    ("течение", "течении", "месяца", "месяц", "года", "году", "год", "квартала", "квартал", "полугодия", "полугодие", "недели",
     "неделя", "период", "числа", "каждого", "последняя", "первая", "вторая", "третья", "учебного", "позднее")
)  # fmt: skip
"""Words of a field of time, which narrow columns part and which are no halves."""
_CUT = re.compile(rf"(\w+){CUT} (\w+)")


def _check(content: bytes, path: Path) -> None:
    """Refuse a PDF that is cut (its last line is missing), whose objects are too many or whose streams open to too much.

    Of an encrypted one pdfium opens the streams of objects before anybody can look into them: only small ones are let in.
    """
    if b"%%EOF" not in content[-4096:]:
        raise UnreadableDocument("damaged", path, seen="%%EOF")
    if content.count(b" obj") > MAX_OBJECTS or content.count(b"\n") + content.count(b"\r") > MAX_LINES:
        raise UnreadableDocument("too-many-objects", path, limit=str(MAX_OBJECTS))
    total = objects = unseen = 0
    whole = memoryview(content)
    encrypted = _ENCRYPTED.search(content) is not None
    for n, found in enumerate(_STREAM.finditer(content)):
        end = content.find(b"endstream", found.end())
        if end < 0:
            break
        said = content[max(0, found.start() - 1_000) : found.start()].rpartition(b" obj")[2]
        holds = b"/ObjStm" in said
        if encrypted and (holds or b"#" in said):
            unseen += (end - found.end()) * ZLIB
            if unseen > 4 * MAX_OPENED or said.count(b"Decode") > 1:
                raise UnreadableDocument("password", path)
        size = _opened(whole[found.end() : end], MAX_OBJECTS * AN_OBJECT if holds else 4 * MAX_OPENED)
        total += size
        objects += size * holds
        if n > MAX_OBJECTS or objects > MAX_OBJECTS * AN_OBJECT:
            raise UnreadableDocument("too-many-objects", path, limit=str(MAX_OBJECTS))
        if total > 4 * MAX_OPENED:
            raise UnreadableDocument("opens-too-large", path)


def _opened(data: bytes | memoryview, most: int) -> int:
    """Return how many bytes a stream opens to, whatever it is wrapped in: a bomb may be packed twice.

    Of each wrapping little more than `most` bytes are opened, and they are kept only where there is another in it.
    """
    size = 0
    head, end = bytes(data[:2]), bytes(data[-64:])
    with suppress(zlib.error, ValueError):
        for _ in range(MAX_WRAPPINGS):
            if _is_packed(head):
                packed, head, end = data, b"", b""
                for piece in _unpacked(packed, most):
                    size += len(piece)
                    head, end = head or piece[:2], (end + piece)[-64:]
                if not _is_packed(head) and not end.rstrip().endswith(b">"):
                    break
                data = b"".join(_unpacked(packed, most))
            elif end.rstrip().endswith(b"~>"):
                data = base64.a85decode(bytes(data).strip().removeprefix(b"<~").removesuffix(b"~>"))
                size += len(data)
            elif end.rstrip().endswith(b">"):
                data = bytes.fromhex(bytes(data).strip().removesuffix(b">").decode("ascii"))
                size += len(data)
            else:
                break
            head, end = bytes(data[:2]), bytes(data[-64:])
    return size


def _is_packed(head: bytes) -> bool:
    """Tell how zlib begins a stream."""
    return len(head) > 1 and head[0] & 0x0F == 8 and (head[0] * 256 + head[1]) % 31 == 0  # noqa: PLR2004  its header


def _unpacked(data: bytes | memoryview, most: int) -> Iterator[bytes]:
    """Yield what zlib makes of a stream, piece by piece, until it is more than `most` bytes."""
    unpacker, size = zlib.decompressobj(), 0
    for start in range(0, len(data), PIECE):
        packed: bytes | memoryview = data[start : start + PIECE]
        while packed and not unpacker.eof and size <= most:
            piece = unpacker.decompress(packed, PIECE)
            size += len(piece)
            yield piece
            packed = unpacker.unconsumed_tail
        if unpacker.eof or size > most:
            return


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
