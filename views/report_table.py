"""A report as rows and columns of typed cells, before it has a form: made by `views.tables`, shown by `views.rendering`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from views.texts import RU

ReportCell = str | int | float | date | None
BAD, GOOD, PALE = "bad", "good", "pale"
HEADING = 90  # characters of a heading that is repeated in each line of a sheet


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column: its header, whether it holds numbers, and whether only files show it (a screen is narrow)."""

    header: str
    numeric: bool = False
    files_only: bool = False


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A row of cells; `group` and `part` are the headings that it stands under, `tone` is how it is coloured."""

    cells: tuple[ReportCell, ...]
    group: str = ""
    part: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A report ready to be shown: a title, remarks under it, columns and lines, all in one language.

    `empty` is what is said where there are no lines, if there is more to say than that. `page`: made for one upright A4 page; where it is to be printed, what does not fit is left out and counted.
    """

    title: str
    notes: tuple[str, ...]
    columns: tuple[ReportColumn, ...]
    lines: tuple[ReportLine, ...]
    lang: str = RU
    page: bool = False
    empty: str = ""
