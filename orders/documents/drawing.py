"""Pages of a PDF that are drawn within a budget."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pdfminer.layout import LTChar, LTItem, LTLine, LTPage, LTRect
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import list_value, stream_value
from pdfplumber.page import Page, PDFPageAggregatorWithMarkedContent
from pdfplumber.pdf import PDF
from pdfplumber.table import Table, TableFinder

from orders.documents.budget import OverBudget

MAX_COMMANDS = 400_000
"""Bytes of drawing commands of a page, each form as often as it is drawn; a dense page of Word has 150,000."""
FORM = 100
"""What drawing a form costs beside its bytes."""
MAX_DRAWN = 15_000
"""Letters and pieces of lines of a page; a page of small print has 6,000."""
MAX_DRAWN_IN_ALL = 250_000
"""The same of all pages together; a plan of 300 rows on 60 pages has 150,000."""
MAX_CROSSED = 1_000_000
"""Where lines may cross on all pages together, each counted as often as there are lines; that plan has 300,000."""
_SHOWN = re.compile(rb"\((?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f\s]++>", re.DOTALL)
_ESCAPED = re.compile(rb"\\(?:[0-7]{1,3}|.)", re.DOTALL)


class Drawing:
    """What the pages of one document may still draw."""

    def __init__(self) -> None:
        self._page = self._commands = self._drawn = 0
        self._left, self._crossed = MAX_DRAWN_IN_ALL, MAX_CROSSED

    def foresee(self, sheets: Iterable[PDFPage]) -> None:
        """Count the letters of all pages as they stand in the file, two bytes a letter at most; OverBudget."""
        left = MAX_DRAWN_IN_ALL
        for page, sheet in enumerate(sheets, 1):
            for stream in sheet.contents:
                data = stream_value(stream).get_data()
                if len(data) > MAX_COMMANDS:
                    raise OverBudget("too-much-on-a-page", MAX_DRAWN, page)
                for shown in _SHOWN.findall(data):
                    left -= (len(_ESCAPED.sub(b".", shown)) - 2) // (4 if shown.startswith(b"<") else 2)
            if left < 0:
                raise OverBudget("too-much-drawn", MAX_DRAWN_IN_ALL, page)

    def turn_to(self, page: int) -> None:
        """Begin a page; one that is turned upright is drawn twice."""
        self._page, self._commands, self._drawn = page, MAX_COMMANDS, MAX_DRAWN

    def spend(self, *, commands: int = 0, drawn: int = 0, crossed: int = 0) -> None:
        """Take bytes of commands, letters and pieces of lines, and crossings from what is left; OverBudget."""
        self._commands -= commands
        self._drawn -= drawn
        self._left -= drawn
        self._crossed -= crossed
        if min(self._commands, self._drawn) < 0:
            raise OverBudget("too-much-on-a-page", MAX_DRAWN, self._page)
        if min(self._left, self._crossed) < 0:
            raise OverBudget("too-much-drawn", MAX_DRAWN_IN_ALL, self._page)


class BoundedPage(Page):
    """A page that is drawn within a budget."""

    def __init__(self, document: PDF, sheet: PDFPage, number: int, drawing: Drawing) -> None:
        super().__init__(document, sheet, number)
        self.drawing = drawing

    @property
    def layout(self) -> LTPage:
        """Return what the page draws; OverBudget."""
        if not hasattr(self, "_layout"):
            self.drawing.turn_to(self.page_number)
            device = _Device(self.pdf.rsrcmgr, pageno=self.page_number, laparams=self.pdf.laparams)
            device.drawing = self.drawing
            _Interpreter(self.pdf.rsrcmgr, device).process_page(self.page_obj)
            self._layout: LTPage = device.get_result()
        return self._layout

    def process_object(self, obj: LTItem) -> dict[str, Any]:
        """Return what is asked about a letter or a line, a tenth of what pdfplumber collects of each."""
        if not isinstance(obj, LTChar | LTLine | LTRect):
            return super().process_object(obj)
        left, above = self.mediabox[0], self.mediabox[1] + self.height
        found = {
            "x0": obj.x0 + left,
            "x1": obj.x1 + left,
            "y0": obj.y0,
            "y1": obj.y1,
            "top": above - obj.y1,
            "bottom": above - obj.y0,
            "doctop": self.initial_doctop + above - obj.y1,
            "width": obj.width,
            "height": obj.height,
            "page_number": self.page_number,
        }
        if isinstance(obj, LTChar):
            return found | {
                "object_type": "char",
                "text": obj.get_text(),
                "upright": obj.upright,
                "matrix": obj.matrix,
                "size": obj.size,
            }
        return found | {"object_type": "line" if isinstance(obj, LTLine) else "rect"}

    def find_tables(self, *_: object) -> list[Table]:
        """Return the tables that lines rule; OverBudget."""
        return _Finder(self).tables


class _Finder(TableFinder):
    """Holds each crossing of two lines against all others of both."""

    page: BoundedPage

    def get_edges(self) -> list[dict[str, Any]]:
        edges: list[dict[str, Any]] = super().get_edges()
        upright = sum(edge["orientation"] == "v" for edge in edges)
        self.page.drawing.spend(crossed=upright * (len(edges) - upright) * len(edges))
        return edges


class _Device(PDFPageAggregatorWithMarkedContent):
    drawing: Drawing

    def render_char(self, *args: Any, **kwargs: Any) -> float:
        self.drawing.spend(drawn=1)
        return super().render_char(*args, **kwargs)

    def paint_path(self, gstate: Any, stroke: bool, fill: bool, evenodd: bool, path: Sequence[Any]) -> None:
        self.drawing.spend(drawn=len(path))
        super().paint_path(gstate, stroke, fill, evenodd, path)


class _Interpreter(PDFPageInterpreter):
    """Draws a page; for each form in it pdfminer makes another of these, with the same device."""

    device: _Device

    def execute(self, streams: Sequence[object]) -> None:
        size = sum(len(stream_value(stream).get_data()) for stream in list_value(streams))
        self.device.drawing.spend(commands=FORM + size)
        super().execute(streams)
