"""What a document may ask of its readers, counted before it is done: a small file can ask for days of it."""

from __future__ import annotations

from collections.abc import Mapping

from orders.findings import PlacedFinding
from reading.doubts import doubt

MAX_FIELDS = 40_000
"""Lines, paragraphs, rows and cells; a plan of 2,000 rows and six columns has 26,000 as Word writes it."""
MAX_ELEMENTS = 250_000
"""Elements of a page or of all parts of a Word file, with the marks of letters and lines; that plan has 150,000."""
MAX_LETTERS = 1_000_000
"""Letters; that plan has 600,000."""
MAX_ROWS = 2_000
"""Measures of a plan; a roadmap.yaml holds 500."""
DOUBT = 10
"""Fields that a finding costs: it is a line of the answer."""


class OverBudget(Exception):
    """A document asks for more than is done: the code of UnreadableDocument, the limit, the line or page where there is one."""

    def __init__(self, code: str, limit: int, line: int | None = None) -> None:
        super().__init__(code)
        self.code, self.limit, self.line = code, limit, line


class Budget:
    """What the readers of one document may still take, and what they have found doubtful."""

    def __init__(self) -> None:
        self.findings: list[PlacedFinding] = []
        self._fields, self._elements, self._letters = MAX_FIELDS, MAX_ELEMENTS, MAX_LETTERS

    def spend(self, *, fields: int = 0, elements: int = 0, letters: int = 0, line: int | None = None) -> None:
        """Take from what is left; OverBudget, at the source's line if it is said, where that is too little."""
        self._fields -= fields
        self._elements -= elements
        self._letters -= letters
        if self._fields < 0:
            raise OverBudget("too-many-cells", MAX_FIELDS, line)
        if self._elements < 0:
            raise OverBudget("too-many-elements", MAX_ELEMENTS, line)
        if self._letters < 0:
            raise OverBudget("too-many-letters", MAX_LETTERS, line)

    def doubt(self, code: str, params: Mapping[str, str] | None = None, reading: str = "", *, line: int | None) -> None:
        """Keep a finding about the document as a whole or a line of it; OverBudget."""
        self.spend(fields=DOUBT, line=line)
        self.findings.append(doubt(code, params, reading, line=line))
