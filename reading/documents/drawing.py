"""What the pages of a PDF show, drawn by pdfium: letters with their boxes and ruled lines, within a budget.

pdfium reads a page at once, forms in forms as often as they are drawn. So what it will be asked to do is counted first,
by pdfminer, in the copy that pdfium itself writes of the file: both then read the same objects.
"""

from __future__ import annotations

import ctypes
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import hypot
from tempfile import TemporaryFile
from typing import Any, BinaryIO, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream, dict_value, resolve1
from pdfminer.psparser import PSKeyword

from reading.documents.budget import OverBudget

MAX_COMMANDS = 400_000
"""Bytes of drawing commands of a page, each form as often as it is drawn; a dense page of Word has 150,000."""
MAX_COMMANDS_IN_ALL = 30_000_000
"""The same of all pages together; a plan of 2,000 rows on 150 such pages has 22 million."""
FORM = 100
"""What drawing a form costs beside its bytes."""
MAX_DRAWN = 15_000
"""Letters of a page, and pieces of lines of a page; a page of small print has 6,000."""
MAX_LETTERS_DRAWN = 700_000
"""Letters of all pages; a plan of 2,000 rows has 600,000."""
MAX_PIECES_DRAWN = 220_000
"""Pieces of lines of all pages; that plan has 80,000, or 200,000 where each border of a cell is drawn as a box."""
MAX_FORMS = 12
"""How deep forms stand in forms."""
MAX_CODES = 500_000
"""Letters that the fonts explain in ranges; a font has some hundreds, and at most 65,536."""
MAX_INLINE = 4_000_000
"""Dots of the pictures that stand among the commands; larger ones stand in objects of their own and are not opened."""
_DO = re.compile(rb"/([^\s/\[\]()<>{}%]+)\s+Do(?![^\s/\[\]()<>{}%])")
_INLINE = re.compile(rb"(?<!\S)BI\s(.{0,400}?)\sID\s", re.DOTALL)
_SIDE = re.compile(rb"/(?:W|H|Width|Height)\s+(\d{1,9})")
_RANGE = re.compile(rb"<([0-9A-Fa-f]{2,8})>\s*<([0-9A-Fa-f]{2,8})>")
_HYPHENS = {2, 0xAD, 0xFFFE}
"""The last one of a line as pdfium gives it, and the soft one."""


class DamagedPage(Exception):
    """A page whose commands are missing or cannot be unpacked: what it showed is lost."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class NotOpened(Exception):
    """A file that pdfium makes no document of, whether or not a password keeps it from it."""

    def __init__(self, *, protected: bool) -> None:
        super().__init__(protected)
        self.protected = protected


class Letter(NamedTuple):
    """A letter in points from the upper left corner of its page, turned upright."""

    x0: float
    top: float
    x1: float
    bottom: float
    text: str


class Segment(NamedTuple):
    """A piece of an upright or level line: where it lies across, and from where to where along."""

    at: float
    start: float
    end: float
    upright: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page shows; spaces that nobody wrote are left out."""

    number: int
    letters: list[Letter]
    segments: list[Segment]
    pictured: bool = False


def opened(content: bytes) -> pypdfium2.PdfDocument:
    """Open a PDF, its table of objects made anew where it is broken; NotOpened."""
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        protected = error.err_code in {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}
        raise NotOpened(protected=protected) from error


def is_rebuilt(document: pypdfium2.PdfDocument) -> bool:
    """Tell whether the table of the file's objects was missing or wrong."""
    return not pdfium.FPDF_DocumentHasValidCrossReferenceTable(document)


def is_encrypted(document: pypdfium2.PdfDocument) -> bool:
    """Tell whether the file is encrypted, though it opens without a password."""
    return bool(pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0)


def plain(document: pypdfium2.PdfDocument) -> bytes:
    """Return the file as pdfium writes it: not encrypted, its objects unpacked, its streams packed as they were."""
    copy = BytesIO()
    document.save(copy, flags=pdfium.FPDF_REMOVE_SECURITY)
    return copy.getvalue()


def sheets(document: pypdfium2.PdfDocument) -> Iterator[Sheet]:
    """Draw the pages of a document, one at a time; OverBudget before too much is done, DamagedPage."""
    with TemporaryFile() as copy:
        document.save(copy, flags=pdfium.FPDF_REMOVE_SECURITY)
        if Foreseen().foresee(copy) != len(document):
            raise DamagedPage(len(document))  # it says that it has fewer pages than it has
    letters = 0
    for number in range(1, len(document) + 1):
        page = _Page(document, number)
        letters += page.count
        page.close()
        if page.count > MAX_DRAWN:
            raise OverBudget("too-much-on-a-page", MAX_DRAWN, number)
        if letters > MAX_LETTERS_DRAWN:
            raise OverBudget("too-much-drawn", MAX_LETTERS_DRAWN, number)
    left = MAX_PIECES_DRAWN
    for number in range(1, len(document) + 1):
        page = _Page(document, number)
        pieces = list(page.pieces(min(left, MAX_DRAWN)))
        left -= len(pieces)
        letters_there, angle = page.letters()
        pictured = page.is_pictured()
        page.close()
        yield Sheet(number, *_upright(letters_there, pieces, angle), pictured=pictured)


class Foreseen:
    """Counts what the pages of a document will ask pdfium to do."""

    def __init__(self) -> None:
        self._forms: dict[int, int] = {}
        self._fonts: set[int] = set()
        self._codes = MAX_CODES
        self._left = MAX_COMMANDS_IN_ALL
        self._number = 0

    def foresee(self, file: BinaryIO) -> int:
        """Return the number of pages; OverBudget where one of them, or all of them, draw too much; DamagedPage."""
        try:
            for number, sheet in enumerate(PDFPage.create_pages(PDFDocument(_Parser(file))), 1):
                self._number = number
                self._spend(self._page(sheet))
        except (OverBudget, DamagedPage):
            raise
        except Exception as error:  # pdfminer raises whatever the broken object makes it stumble over
            raise DamagedPage(self._number) from error
        return self._number

    def _spend(self, size: int) -> None:
        self._left -= size
        if size > MAX_COMMANDS:
            raise OverBudget("too-much-on-a-page", MAX_DRAWN, self._number)
        if self._left < 0 or self._codes < 0:
            raise OverBudget("too-much-drawn", MAX_LETTERS_DRAWN, self._number)

    def _page(self, sheet: PDFPage) -> int:
        streams = [resolve1(content) for content in sheet.contents]
        if not all(isinstance(stream, PDFStream) for stream in streams):
            raise DamagedPage(self._number)
        size = 0
        data = []
        for stream in streams:
            data.append(_commands(stream, self._number))
            size += len(data[-1])
            if size > MAX_COMMANDS:
                return size
        return size + self._drawn(b"\n".join(data), dict_value(sheet.resources or {}), MAX_FORMS)

    def _drawn(self, commands: bytes, resources: dict[str, Any], deep: int) -> int:
        """Return what the forms of these commands cost, and count the fonts beside them."""
        for found in _INLINE.findall(commands):
            sides = [int(side) for side in _SIDE.findall(found)]
            if len(sides) > 1 and sides[0] * sides[1] > MAX_INLINE:
                return MAX_COMMANDS + 1
        self._explained(resources)
        named = Counter(_DO.findall(commands))
        forms = dict_value(resources.get("XObject") or {})
        return sum(n * self._form(forms.get(name.decode("latin-1")), resources, deep) for name, n in named.items())

    def _form(self, reference: Any, around: dict[str, Any], deep: int) -> int:
        """Return what one form costs each time: its bytes and those of the forms in it."""
        form = resolve1(reference)
        if not isinstance(form, PDFStream) or _name(form.get("Subtype")) != "Form":
            return 0
        key = form.objid or id(form)
        if key not in self._forms:
            if not deep:
                return MAX_COMMANDS + 1
            self._forms[key] = 0  # one that draws itself is drawn once
            own = dict_value(form.get("Resources") or around)
            data = _commands(form, self._number)
            self._forms[key] = FORM + len(data) + (self._drawn(data, own, deep - 1) if len(data) <= MAX_COMMANDS else 0)
        return self._forms[key]

    def _explained(self, resources: dict[str, Any]) -> None:
        """Count the codes that fonts explain, and what the letters of drawn fonts cost."""
        for reference in dict_value(resources.get("Font") or {}).values():
            font = resolve1(reference)
            key = getattr(reference, "objid", id(font))
            if key in self._fonts or not isinstance(font, dict):
                continue
            self._fonts.add(key)
            explained = resolve1(font.get("ToUnicode"))
            if isinstance(explained, PDFStream):
                data = _commands(explained, self._number)
                self._codes -= len(data) // 8
                for first, last in _RANGE.findall(data):
                    self._codes -= min(256, max(0, int(last, 16) - int(first, 16)))
            for reference_drawn in dict_value(font.get("CharProcs") or {}).values():
                drawn = resolve1(reference_drawn)
                if isinstance(drawn, PDFStream):
                    data = _commands(drawn, self._number)
                    self._left -= len(data) + self._drawn(data, dict_value(font.get("Resources") or {}), MAX_FORMS - 1)


class _Picture(PDFStream):
    """A stream that says that it is a picture, without what is in it."""


class _Parser(PDFParser):
    """Reads all objects but pictures: one may be as large as the file, and pdfminer would hold it three times."""

    def do_keyword(self, pos: int, token: PSKeyword) -> None:
        """Put the dictionary alone in the place of a picture."""
        last = self.curstack[-1][1] if token is self.KEYWORD_STREAM and self.curstack else None
        if isinstance(last, dict) and getattr(last.get("Subtype"), "name", "") == "Image":
            self.pop(1)
            self.add_results((pos, _Picture(last, b"")))  # so that what follows is not gone through
        else:
            super().do_keyword(pos, token)


def _commands(stream: PDFStream, number: int) -> bytes:
    """Return the commands of a stream; DamagedPage where they are packed and broken, or called a picture."""
    if isinstance(stream, _Picture):
        raise DamagedPage(number)
    if _name(stream.get("Filter")) == "FlateDecode" and not stream.get("DecodeParms") and stream.rawdata:
        try:
            return zlib.decompressobj().decompress(stream.rawdata, MAX_COMMANDS_IN_ALL)
        except zlib.error as error:
            raise DamagedPage(number) from error
    return bytes(stream.get_data())


def _name(value: Any) -> str:
    """Return the name that an object is, "" where it is none; a list of one name is that name."""
    value = resolve1(value)
    if isinstance(value, list) and len(value) == 1:
        value = resolve1(value[0])
    return str(getattr(value, "name", ""))


class _Page:
    """A page and its text as pdfium holds them, until it is closed."""

    def __init__(self, document: pypdfium2.PdfDocument, number: int) -> None:
        self.number = number
        self._page = pdfium.FPDF_LoadPage(document, number - 1)
        self._text = pdfium.FPDFText_LoadPage(self._page) if self._page else None
        if not self._text:
            raise DamagedPage(number)
        self.count = max(0, pdfium.FPDFText_CountChars(self._text))

    def close(self) -> None:
        pdfium.FPDFText_ClosePage(self._text)
        pdfium.FPDF_ClosePage(self._page)

    def letters(self) -> tuple[list[Letter], int]:
        """Return the letters as they stand, and the angle at which most of them do, in degrees clockwise."""
        text, box = self._text, pdfium.FS_RECTF()
        unicode_of, box_of, angle_of = (
            pdfium.FPDFText_GetUnicode,
            pdfium.FPDFText_GetLooseCharBox,
            pdfium.FPDFText_GetCharAngle,
        )
        found: list[Letter] = []
        angles: Counter[int] = Counter()
        for n in range(self.count):
            code = unicode_of(text, n)
            if code in {10, 13} or (code == 32 and pdfium.FPDFText_IsGenerated(text, n) == 1):  # noqa: PLR2004  a space
                continue
            if not box_of(text, n, box):
                continue
            found.append(Letter(box.left, -box.top, box.right, -box.bottom, _letter(code)))
            if not n % 8:
                angles[round(angle_of(text, n) * 2 / 3.14159) % 4] += 1
        return found, (angles.most_common(1)[0][0] * 90 if angles else 0)

    def is_pictured(self) -> bool:
        """Tell whether a picture stands on the page: of a scan it is all that does."""
        count = max(0, pdfium.FPDFPage_CountObjects(self._page))
        kinds = (pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(self._page, n)) for n in range(count))
        return any(kind == pdfium.FPDF_PAGEOBJ_IMAGE for kind in kinds)

    def pieces(self, most: int) -> Iterator[tuple[float, float, float, float]]:
        """Yield the straight pieces of what is drawn, from point to point, y upwards; OverBudget after too many."""
        objects = (
            pdfium.FPDFPage_GetObject(self._page, n) for n in range(max(0, pdfium.FPDFPage_CountObjects(self._page)))
        )
        for count, piece in enumerate(_pieces(objects, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))):
            if count >= most:
                code, limit = (
                    ("too-much-on-a-page", MAX_DRAWN) if most == MAX_DRAWN else ("too-much-drawn", MAX_PIECES_DRAWN)
                )
                raise OverBudget(code, limit, self.number)
            yield piece


@cache
def _letter(code: int) -> str:
    if code in _HYPHENS:
        return "-"
    return chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd"  # noqa: PLR2004  no halves of letters


_Matrix = tuple[float, float, float, float, float, float]


def _pieces(objects: Iterator[Any], outer: _Matrix) -> Iterator[tuple[float, float, float, float]]:
    matrix = pdfium.FS_MATRIX()
    for drawn in objects:
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind not in {pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM}:
            continue
        pdfium.FPDFPageObj_GetMatrix(drawn, matrix)
        own = _times((matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f), outer)
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            count = max(0, pdfium.FPDFFormObj_CountObjects(drawn))
            yield from _pieces((pdfium.FPDFFormObj_GetObject(drawn, n) for n in range(count)), own)
        else:
            yield from _path(drawn, own)


def _times(a: _Matrix, b: _Matrix) -> _Matrix:
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def _path(path: Any, m: _Matrix) -> Iterator[tuple[float, float, float, float]]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    if not fill.value and not stroke.value:
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    last = first = (0.0, 0.0)
    for n in range(max(0, pdfium.FPDFPath_CountSegments(path))):
        segment = pdfium.FPDFPath_GetPathSegment(path, n)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (m[0] * x.value + m[2] * y.value + m[4], m[1] * x.value + m[3] * y.value + m[5])
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield (*last, *point)
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment) and last != first:
            yield (*last, *first)


def _upright(
    letters: list[Letter], pieces: list[tuple[float, float, float, float]], angle: int
) -> tuple[list[Letter], list[Segment]]:
    """Turn a page by the angle at which its letters stand, whatever it says of itself; y of the pieces runs upwards."""

    def turned(x: float, y: float) -> tuple[float, float]:
        return {0: (x, -y), 90: (-y, -x), 180: (-x, y), 270: (y, x)}[angle]

    if angle:
        boxes = ((turned(a.x0, -a.top), turned(a.x1, -a.bottom), a.text) for a in letters)
        letters = [Letter(min(a, c), min(b, d), max(a, c), max(b, d), text) for (a, b), (c, d), text in boxes]
    segments = []
    for x0, y0, x1, y1 in pieces:
        (a, b), (c, d) = turned(x0, y0), turned(x1, y1)
        if abs(a - c) < STRAIGHT < hypot(a - c, b - d):
            segments.append(Segment((a + c) / 2, min(b, d), max(b, d), upright=True))
        elif abs(b - d) < STRAIGHT < hypot(a - c, b - d):
            segments.append(Segment((b + d) / 2, min(a, c), max(a, c), upright=False))
    return letters, segments


STRAIGHT = 1.0
"""Points that a line may deviate, and that it is long at least."""
