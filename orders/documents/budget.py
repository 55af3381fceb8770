"""What a page of a PDF may ask to be drawn, counted before it is done: a small file can ask for days of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pdfminer.layout import LTPage
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import list_value, stream_value
from pdfplumber.page import Page, PDFPageAggregatorWithMarkedContent
from pdfplumber.pdf import PDF

MAX_COMMANDS = 400_000
"""Bytes of drawing commands of a page, each form as often as it is drawn; a dense page of Word has 150,000."""
FORM = 100
"""What drawing a form costs beside its bytes."""
MAX_DRAWN = 15_000
"""Letters and pieces of lines of a page; a page of small print has 6,000."""
MAX_DRAWN_IN_ALL = 600_000
"""The same of all pages together; a plan of 2,000 rows has 400,000. Reading so many takes up to 40 s of a processor."""


class OverBudget(Exception):
    """A page, or all pages together, draw more than is read: the code of UnreadableDocument, the page, the limit."""

    def __init__(self, code: str, page: int, limit: int) -> None:
        super().__init__(code)
        self.code, self.page, self.limit = code, str(page), str(limit)


class Budget:
    """What the pages of one document may still draw."""

    def __init__(self) -> None:
        self._page = self._commands = self._drawn = 0
        self._left = MAX_DRAWN_IN_ALL

    def turn_to(self, page: int) -> None:
        """Begin a page; one that is turned upright is drawn twice."""
        self._page, self._commands, self._drawn = page, MAX_COMMANDS, MAX_DRAWN

    def spend(self, *, commands: int = 0, drawn: int = 0) -> None:
        """Take bytes of commands, letters and pieces of lines from what is left; OverBudget where that is too little."""
        self._commands -= commands
        self._drawn -= drawn
        self._left -= drawn
        if min(self._commands, self._drawn) < 0:
            raise OverBudget("too-much-on-a-page", self._page, MAX_DRAWN)
        if self._left < 0:
            raise OverBudget("too-much-drawn", self._page, MAX_DRAWN_IN_ALL)


class BoundedPage(Page):
    """A page that is drawn within a budget."""

    def __init__(self, document: PDF, sheet: PDFPage, number: int, budget: Budget) -> None:
        super().__init__(document, sheet, number)
        self.budget = budget

    @property
    def layout(self) -> LTPage:
        """Return what the page draws; OverBudget."""
        if not hasattr(self, "_layout"):
            self.budget.turn_to(self.page_number)
            device = _Device(self.pdf.rsrcmgr, pageno=self.page_number, laparams=self.pdf.laparams)
            device.budget = self.budget
            _Interpreter(self.pdf.rsrcmgr, device).process_page(self.page_obj)
            self._layout: LTPage = device.get_result()
        return self._layout


class _Device(PDFPageAggregatorWithMarkedContent):
    budget: Budget

    def render_char(self, *args: Any, **kwargs: Any) -> float:
        self.budget.spend(drawn=1)
        return super().render_char(*args, **kwargs)

    def paint_path(self, gstate: Any, stroke: bool, fill: bool, evenodd: bool, path: Sequence[Any]) -> None:
        self.budget.spend(drawn=len(path))
        super().paint_path(gstate, stroke, fill, evenodd, path)


class _Interpreter(PDFPageInterpreter):
    """Draws a page; for each form in it pdfminer makes another of these, with the same device."""

    device: _Device

    def execute(self, streams: Sequence[object]) -> None:
        size = sum(len(stream_value(stream).get_data()) for stream in list_value(streams))
        self.device.budget.spend(commands=FORM + size)
        super().execute(streams)
