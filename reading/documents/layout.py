"""Plan tables: which rows are measures, sections, or the rest of a row that a page cut.

What the columns hold is told by `columns`. A table that fits no plan is left to the account, which asks about it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from orders.findings import PlacedFinding
from reading.bodies import read_bodies
from reading.deadlines import is_deadline
from reading.documents.account import Account
from reading.documents.aligning import aligned
from reading.documents.columns import (
    MATRIX,
    MAX_HEADING,
    TIMES,
    Column,
    Field,
    alone,
    by_content,
    header_of,
    headings,
    is_count,
    names_indicators,
    number_like,
    spread,
    time_of,
)
from reading.documents.header import PLAN_TITLE
from reading.documents.model import Cell, Document, Row, Table, Text
from reading.doubts import doubt

_SECTION = re.compile(
    r"(?:(?:раздел|этап|направление|блок|модуль|задача|цель|подпрограмма|глава)\s*№?\s*)?((?:[IVXivx]{1,5}|\d{1,2}(?:\.\d{1,2})*|[ЗзОо])(?![\w]))\s*[.):]?\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)


_NO_MEASURE = re.compile(r"(?:примечани[ея]|итого|всего)(?![а-я])", re.IGNORECASE)
_BEFORE_TITLE = re.compile(r"(\d{1,2}(?:\.\d{1,3})+|\d{1,2}(?=[.)]))[.)]?\s+(?=\S)")
_NAMED_SECTION = re.compile(
    r"(?:(?i:раздел|этап|направление|блок|модуль|задача|цель|подпрограмма|глава)\s*№?\s*(?:[IVX]{1,5}|\d{1,2})[.):]?|(?:[IVX]{1,5}|\d{1,2})[.)])"
    r"\s*[А-ЯЁA-Z«\"].*[^.:;,]"
)
LONGEST_MARK = 2
"""Letters of a mark."""
_UNFINISHED = re.compile(
    r"(?i)(?:[,–—-]|(?<![а-яё])(?:и|или|в|во|на|по|с|со|для|о|об|от|до|к|ко|из|за|при|под|над|не))$"
)
"""What no sentence ends with."""


@dataclass(slots=True, eq=False)
class Section:
    """A row that names what follows; `number` is "" where there is none.

    `time` is the month or quarter that it names, `above` the section that it stands in.
    """

    number: str
    title: str
    line: int | None = None
    time: str = ""
    above: Section | None = None
    sure: bool = True  # its cell spans the table, or its number says so

    @property
    def path(self) -> tuple[Section, ...]:
        """Return the sections from the outermost one to this one."""
        return (*(self.above.path if self.above else ()), self)

    @property
    def name(self) -> str:
        """Return its number, else the titles of its path."""
        return self.number or " / ".join(section.title for section in self.path)


@dataclass(slots=True)
class PlanRow:
    """One measure as the table has it, parts of cut rows joined; `responsible` is None without such a column.

    `places` are the block and the row of each part.
    """

    number: str
    title: str
    deadlines: list[tuple[Column, str]]
    responsible: str | None
    result: str | None
    stage: str
    section: Section | None
    line: int | None
    table: int
    findings: list[PlacedFinding] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    places: list[tuple[int, int]] = field(default_factory=list)
    layout: tuple[Column, ...] = ()
    of_bodies: list[str] = field(default_factory=list)  # what each column of bodies says


@dataclass(frozen=True, slots=True)
class Plan:
    """The rows of all plan tables of a document; without rows the findings say what was seen instead."""

    columns: tuple[Column, ...]
    rows: tuple[PlanRow, ...]
    sections: tuple[Section, ...]
    findings: tuple[PlacedFinding, ...]
    first_table: int | None
    listed: bool = False


def read_plan(document: Document, account: Account | None = None) -> Plan:
    """Find the plan's tables and read their rows; what was read of them is taken from the account."""
    reader = _PlanReader(document, account or Account(document))
    tables = [(at, block) for at, block in enumerate(document.blocks) if isinstance(block, Table)]
    for at, table in tables:
        reader.take(at, table)
    if reader.first is None:
        for at, table in tables:
            reader.take_by_content(at, table)
    return reader.plan(tables)


def torn(before: str, text: str) -> bool:
    """Tell whether a text is the rest of the one before: that is open, or this begins in the middle of a sentence."""
    opened = before.count("«") > before.count("»") or before.count("(") > before.count(")")
    return text[:1].islower() or opened or _UNFINISHED.search(before.rstrip()) is not None


class _PlanReader:
    def __init__(self, document: Document, account: Account) -> None:
        self.document = document
        self.account = account
        self.columns: tuple[Column, ...] = ()
        self.shown: tuple[Column, ...] = ()
        self.rows: list[PlanRow] = []
        self.sections: list[Section] = []
        self.section: Section | None = None
        self.stages: list[Section] = []
        self.unsure: list[tuple[Section, int, tuple[int, int], Row]] = []  # with the rows before and its place
        self.filled: set[int] = set()  # the sections that have rows, by identity
        self.findings: list[PlacedFinding] = []
        self.first: int | None = None
        self.listed = False
        self.moved: dict[tuple[int, int], dict[int, int]] = {}  # where the fields of a row were, and are
        self.last = -1  # the block of the last plan table
        self.left_out: dict[str, None] = {}
        self.second: dict[str, None] = {}
        self.guessing = False
        self.headed = False  # the tables have headings of their own that are their sections
        self.above_first: Section | None = None
        self.numbered: dict[str, Section] = {}

    def take(self, at: int, table: Table) -> None:
        """Read a table that has the plan's headings, or goes on where the last one was cut."""
        table = _trimmed(table, len(self.columns))
        above = self._above(at)
        timeless = bool(self.columns) and not any(column.field in TIMES for column in self.columns)
        header = header_of(table, timed=timeless or (above is not None and bool(above.time)))
        if header is not None and self._credible(table, header[0]):
            columns, first, skip = header
            before = tuple(table.rows[:first])
            goes_on = self.columns and any(sum(bool(c.text) for c in row.cells) > 1 for row in before)
            if goes_on and self._continues(Table(before)):
                self._read(at, table, 0, first)
            else:
                for n in range(first):
                    if sum(bool(c.text) for c in table.rows[n].cells) <= 1:
                        self.account.take("head", at, n)
            if self.columns and at != self.first and [c.heading for c in columns] != [c.heading for c in self.columns]:
                self.section = None
            self.columns = columns
            self.shown = self.shown or columns
            self._under(at, above)
            self.first = at if self.first is None else self.first
            for n in range(first, skip):
                self.account.take("heading", at, n)
            self._read(at, table, skip)
        elif names_indicators(table):
            pass
        elif self.columns and self._continues(table) and not self._others_between(at):
            self._under(at, above)
            self._read(at, table, 0)
        elif self.columns and self._beside(at) and (guessed := by_content(table)) is not None:
            self._under(at, above)
            self._guessed(at, table, guessed)

    def _credible(self, table: Table, columns: Sequence[Column]) -> bool:
        """Tell headings from a row of the plan that is read on: «Проверочные работы | весь месяц | завуч» names two columns."""
        if not self.columns or not self._continues(table):
            return True
        known = {column.field for column in columns} - {"other"}
        return len(known) > 2 or all(column.field != "other" or not column.heading for column in columns)  # noqa: PLR2004

    def _others_between(self, at: int) -> bool:
        """Tell whether a table that is no plan stands between the plan's last one and this one: then it goes on with that."""
        return any(isinstance(block, Table) for block in self.document.blocks[self.last + 1 : at])

    def _above(self, at: int) -> Section | None:
        """Return the section that the line right above a table names: a number and a title, or a month; no point of an order."""
        line = self.document.blocks[at - 1] if at else None
        if not isinstance(line, Text) or len(line.text) > MAX_HEADING:
            return None
        text = " ".join(line.text.split())
        if time := time_of(text):
            return Section("", text, line.line, time)
        if found := _SECTION.fullmatch(text) if _NAMED_SECTION.fullmatch(text) else None:
            return Section(found.group(1), found.group(2), line.line, time_of(found.group(2)))
        return Section("", text, line.line) if line.heading or PLAN_TITLE.match(text) else None

    def _beside(self, at: int) -> bool:
        """Tell whether nothing but the number of a page stands between a table and the plan's last one."""
        between = self.document.blocks[self.last + 1 : at]
        return all(isinstance(block, Text) and len(block.text) <= len("- 100 -") for block in between)

    def _under(self, at: int, above: Section | None) -> None:
        """Begin the section that a line above a table names; above the first one only where others have theirs too."""
        if above is None or any(above.title == s.title for s in (self.section, self.above_first) if s and not s.number):
            return  # the title of a plan stands anew above each of its pages
        if self.first is not None and not above.number and not above.time and not (self.above_first or self.headed):
            return  # the first table has no heading of its own
        self.headed = self.headed or not (above.number or above.time)
        self.account.take("section", at - 1, 0)
        if self.first is None and not above.time:
            self.above_first = above
            return
        if self.above_first is not None:
            self.sections.insert(0, self.above_first)
            for row in self.rows:
                row.section = row.section or self.above_first
            self.filled.add(id(self.above_first))
            self.above_first = None
        self._begin(above)

    def take_by_content(self, at: int, table: Table) -> None:
        """Read a table of a document that names no plan's columns anywhere."""
        columns = by_content(table)
        if columns is not None and (not self.columns or len(columns) == len(self.columns)):
            self.first = at if self.first is None else self.first
            self._guessed(at, table, columns)

    def _guessed(self, at: int, table: Table, columns: tuple[Column, ...]) -> None:
        skip = self._heads_unknown(table.rows[0], columns)
        if skip:
            heads = (" ".join(text.split()) for text in spread(table.rows[0]))
            columns = tuple(replace(c, heading=head or c.heading) for c, head in zip(columns, heads, strict=False))
            self.account.take("heading", at, 0)
        self.columns = columns
        self.shown = self.shown or columns
        self.findings.append(
            doubt("columns-by-content", {"text": ", ".join(c.heading for c in columns)}, line=table.rows[0].line)
        )
        self.guessing = True
        self._read(at, table, skip)
        self.guessing = False

    @staticmethod
    def _heads_unknown(row: Row, columns: Sequence[Column]) -> int:
        """Return 1 where the first row of a table is one of headings that nobody knows: no time in the column of times."""
        times = [c.text for c, column in zip(row.cells, columns, strict=False) if column.field == "deadline"]
        full = all(cell.text for cell in row.cells) and all(len(cell.text) <= MAX_HEADING for cell in row.cells)
        return int(
            full and bool(times) and not any(map(is_deadline, times)) and not any(c.isdigit() for t in times for c in t)
        )

    def plan(self, tables: Sequence[tuple[int, Table]]) -> Plan:
        """Return what was read of all tables."""
        self._unnamed()
        findings = list(self.findings)
        if self.first is None:
            findings.append(_refusal(tables))
        elif not self.rows:
            findings.append(doubt("no-measures"))
        else:
            self._hold()
            fields = {column.field for column in self.shown}
            if "number" not in fields and not self._numbered_titles():
                findings.append(doubt("no-number-column"))
            if "responsible" not in fields:
                findings.append(doubt("no-responsible-column"))
            if not fields & TIMES:
                findings.append(doubt("no-deadline-column"))
            self._stages()
            if self.second:
                findings.append(doubt("second-titles", {"text": " | ".join(self.second)}))
            if self.left_out:
                findings.append(doubt("columns-left-out", {"text": " | ".join(self.left_out)}))
        listed = any(table.listed for _, table in tables)
        return Plan(self.shown, tuple(self.rows), (*self.sections, *self.stages), tuple(findings), self.first, listed)

    def _hold(self) -> None:
        """Hold each row of the tables against the measures that were made of it."""
        made: dict[tuple[int, int], list[PlanRow]] = {}
        for row in self.rows:
            for place in row.places:
                made.setdefault(place, []).append(row)
        for place, rows in made.items():
            carried = [t for r in rows for t in (r.number, r.title, *(t for _, t in r.deadlines), r.responsible or "", r.result or "", r.stage)]  # fmt: skip
            self.account.hold([place], carried)

    def _stages(self) -> None:
        """Make sections of what a column of stages says beside the rows."""
        last: tuple[str, Section | None] = "", None
        for row in self.rows:
            if not row.stage:
                continue
            if last != (row.stage, row.section) or not self.stages:
                name = " ".join(row.stage.split())
                self.stages.append(Section("", name, row.line, time_of(name), row.section))
                last = row.stage, row.section
            row.section = self.stages[-1]

    def _unnamed(self) -> None:
        """Take a line with a title alone, below which nothing stands, for a measure, and ask; one that holds others is a section."""
        parents = {id(section.above) for section in self.sections if section.above}
        guessed: list[PlacedFinding] = []
        for section, before, place, row in reversed(self.unsure):
            if id(section) in self.filled:
                guessed.append(doubt("section-guessed", {"text": section.title[:120]}, line=section.line))
                continue
            asked = doubt("section-empty", {"text": section.title[:120]}, line=section.line)
            if id(section) in parents:
                self.findings.append(asked)
                continue
            made = self._row(*place, row)
            made.section = section.above
            made.findings.append(asked)
            self.rows.insert(before, made)
            self.sections.remove(section)
            self.account.retake("section", "measure", *place)
        self.findings += reversed(guessed)

    def _numbered_titles(self) -> bool:
        """Take the numbers out of the titles where each title begins with one of its own."""
        found = [_BEFORE_TITLE.match(row.title) for row in self.rows]
        own = {(id(row.section), row.stage, m.group(1)) for row, m in zip(self.rows, found, strict=True) if m}
        if len(own) < len(self.rows):
            return False
        for row, match in zip(self.rows, found, strict=True):
            if match:
                row.number, row.title = match.group(1), row.title[match.end() :]
        return True

    def _continues(self, table: Table) -> bool:
        """Tell whether a table without headings has the shape of the plan: its columns, and a number or nothing first."""
        wide = [row for row in table.rows if any(c.text for c in row.cells)]
        if not wide or any(len(row.cells) != len(self.columns) for row in wide[:3]):
            return False
        number = self._at("number")
        if number is None or len(wide) < 2:  # noqa: PLR2004
            return True
        firsts = [row.cells[number].text for row in wide if number < len(row.cells)]
        return all(not t or number_like(t) or _section_like(t) for t in firsts)

    def _at(self, name: Field) -> int | None:
        return next((n for n, column in enumerate(self.columns) if column.field == name), None)

    def _read(self, at: int, table: Table, skip: int, end: int | None = None) -> None:
        fresh = skip == 0 and bool(self.rows)
        prefixes = self._prefixes(table)
        self.last, self.listed = at, table.listed
        for n, row in enumerate(table.rows[skip:end], skip):
            if any(cell.text for cell in row.cells) and not self._is_apart(at, n, row):
                found = aligned(row, self.columns)
                if found is not None:
                    self.moved[at, n] = found[1]
                    text = " | ".join(cell.text for cell in found[0].cells if cell.text)
                    self.findings.append(doubt("cells-moved", {"text": text[:120]}, line=row.line))
                self._take_row(at, n, found[0] if found else row, prefixes, fresh=fresh)
                fresh = False

    def _is_apart(self, at: int, n: int, row: Row) -> bool:
        """Tell a row that is neither a measure nor a section: headings again, the columns' numbers, a remark."""
        texts = [cell.text for cell in row.cells]
        if self._is_heading(texts):
            self.findings.append(doubt("repeated-heading", line=row.line))
        if is_count(texts) or self._is_heading(texts) or self._names_others(row):
            self.account.take("heading", at, n)
            return True
        text = alone(row) or ("" if self._own(row, *TIMES, "responsible") else self._sum(row))
        if not _NO_MEASURE.match(text):
            return False
        self.findings.append(doubt("row-left-out", {"text": text[:120]}, line=row.line))
        self.account.take("named", at, n)
        return True

    def _sum(self, row: Row) -> str:
        """Return what stands first in a row that may be a sum: «Итого по программе: | | 450»."""
        return next((cell.text for cell in row.cells if cell.text and not cell.merged), "")

    def _take_row(self, at: int, n: int, row: Row, prefixes: set[str], *, fresh: bool) -> None:
        """Take a row for a section, the rest of the one before, or a measure; else nobody takes it and the account asks."""
        own = [cell for cell in row.cells if cell.text and not cell.merged]
        section = self._section(row, own, fresh=fresh) or self._numbered_section(row, own, prefixes)
        if section is not None:
            self.account.take("section", at, n)
            if not section.sure:
                self.unsure.append((section, len(self.rows), (at, n), row))
            self._begin(section)
        elif self._goes_on(row, fresh=fresh):
            self._join(at, n, row, page=fresh)
        elif not self._nameless(row):
            if self.listed:
                self._leave(row, prefixes)
            self._add(at, n, row)

    def _add(self, at: int, n: int, row: Row) -> None:
        """Take a row for a measure, or for several that are glued in it."""
        made = self._unglued(at, n, row)
        self.rows += made
        self._taken(at, n, row)
        if self.section:
            self.filled.add(id(self.section))

    def _taken(self, at: int, n: int, row: Row) -> None:
        """Take the fields of a row that are parts of a measure, and those that are named and not carried over."""
        moved = self.moved.get((at, n), {})
        fields = [(k, moved.get(k, k)) for k in self.account.fields(at, n) if moved.get(k, k) < len(self.columns)]
        self.account.take("measure", at, n, [k for k, to in fields if self.columns[to].field != "other"])
        other = [(k, to) for k, to in fields if self.columns[to].field == "other"]
        self.account.take("named", at, n, [k for k, _ in other])
        said = [self.columns[to] for _, to in other if row.cells[to].text.strip(" -–—") and self.columns[to].heading]
        self.left_out |= dict.fromkeys(column.heading for column in said if not column.second)
        self.second |= dict.fromkeys(column.heading for column in said if column.second)

    def _begin(self, section: Section) -> None:
        """Begin a section below the one that has no rows yet, else beside the last one; months stand above or below all others.

        Two lines with numbers of one kind in a row are beside each other.
        """
        last = self.section
        section.above = None if self.listed else self._place(section, last)
        if last is not None and section.above is last and last.above and not last.above.time and not last.time:
            above = last.above  # the last one has no rows of its own: it stands where the one that it stood in does
            if not self._numbers_below(above, last):
                last.above = above.above
        self.section = section
        self.sections.append(section)
        self.numbered[section.number] = section

    def _place(self, section: Section, last: Section | None) -> Section | None:
        if last is None:
            return None
        empty = id(last) not in self.filled
        if section.time:
            month = next((s for s in reversed(last.path) if s.time), None)
            return month.above if month else last if empty else None
        if last.time:
            return last if empty or last.above is None else last.above.above
        if empty and not _alike(section.number, last.number):
            return last
        return last.above

    @staticmethod
    def _numbers_below(above: Section, section: Section) -> bool:
        """Tell «2.1» below «2»."""
        return bool(above.number) and section.number.startswith(f"{above.number}.")

    def _prefixes(self, table: Table) -> set[str]:
        """Return what stands before the last point of the table's numbers: «2» where there is a «2.7»."""
        number = self._at("number")
        if number is None:
            return set()
        texts = [row.cells[number].text.strip().rstrip(".)") for row in table.rows if number < len(row.cells)]
        dotted = {text.rpartition(".")[0] for text in texts if re.fullmatch(r"\d{1,2}(?:\.\d{1,3})+", text)}
        return dotted | {text[:-1] for text in texts if re.fullmatch(r"\d{1,2}(?:\.\d{1,3})*[а-я]", text)}

    def _numbered_section(self, row: Row, own: list[Cell], prefixes: set[str]) -> Section | None:
        """Return the section of a row that has only a number and a title, where the number is others' first part."""
        number, title = self._at("number"), self._at("title")
        if len(own) != 2 or number is None or title is None or max(number, title) >= len(row.cells):  # noqa: PLR2004
            return None
        said = row.cells[number].text.strip().rstrip(".)")
        if own != [row.cells[number], row.cells[title]] or not (said in prefixes or re.fullmatch("[IVX]{1,5}", said)):
            return None
        name = " ".join(row.cells[title].text.split())
        return Section(said, name, row.line, time_of(name))

    def _leave(self, row: Row, prefixes: set[str]) -> None:
        """End the section whose points have its number before theirs, where a point is none of them."""
        number = self._at("number")
        said = row.cells[number].text if number is not None else ""
        number_of = self.section.number if self.section else ""
        if said and number_of in prefixes and not re.match(rf"{re.escape(number_of)}[.а-я]", said):
            self.section = self.numbered.get(said.rpartition(".")[0])

    def _unglued(self, at: int, n: int, row: Row) -> list[PlanRow]:
        """Cut a row that holds several: two numbers in one field, and as many lines in each of the others."""
        number = self._at("number")
        said = row.cells[number].text.split() if number is not None and number < len(row.cells) else []
        if len(said) < 2 or not all(re.fullmatch(r"\d{1,2}(?:\.\d{1,3}){0,3}[.)]?", text) for text in said):  # noqa: PLR2004
            return [self._row(at, n, row)]
        lines = [said if k == number else cell.text.split("\n") for k, cell in enumerate(row.cells)]
        if any(len(parts) not in {1, len(said)} or (len(parts) == 1 and parts[0]) for parts in lines):
            whole = self._row(at, n, row)
            whole.findings.append(doubt("glued-rows", {"text": " ".join(said)}, line=row.line))
            return [whole]
        made = []
        for k in range(len(said)):
            cells = tuple(Cell(parts[k] if len(parts) > 1 else "") for parts in lines)
            made.append(self._row(at, n, Row(cells, row.line)))
            made[-1].findings.append(doubt("glued-rows", {"text": " ".join(said)}, said[k], line=row.line))
        return made

    def _is_heading(self, texts: list[str]) -> bool:
        plain = [" ".join(t.lower().split()) for t in texts]
        return plain == [" ".join(c.heading.lower().split()) for c in self.columns][: len(plain)] and len(plain) > 1

    def _names_others(self, row: Row) -> bool:
        """Take other headings in the middle of a table: what follows is read by them."""
        texts = spread(row)
        if len(texts) != len(self.columns) or not any(re.match("№|n п", t.lower()) for t in texts):
            return False
        columns = headings(texts)
        if columns is None:
            return False
        self.columns = columns
        return True

    def _section(self, row: Row, own: list[Cell], *, fresh: bool) -> Section | None:
        """Return the section that a row with one text names; the rest of a cut title is none."""
        if len(own) != 1 or any(cell.merged == "down" and cell.text for cell in row.cells):
            return None
        at = next(n for n, cell in enumerate(row.cells) if cell is own[0])
        number, title = self._at("number"), self._at("title")
        text = own[0].text
        time = time_of(text)
        spans = (at + 1 < len(row.cells) and row.cells[at + 1].merged == "across") or len(row.cells) == 1
        if not spans and not time:
            if number is not None and at == number:
                if re.fullmatch(r"[\d.)\s]*", text):
                    return None
            elif at in {title, 0}:
                if fresh or (self.rows and (torn(self.rows[-1].title, text) or not self.rows[-1].title)):
                    return None
            else:
                return None
        found = None if time else _SECTION.fullmatch(" ".join(text.split()))
        if found and found.group(2):
            raw = found.group(1)
            sound = raw.translate(str.maketrans("ЗзОо", "3300"))
            name = found.group(2).strip()
            section = Section(sound, name, row.line, time or time_of(name))
            if sound != raw:
                self.findings.append(doubt("damaged-glyphs", {"text": raw}, sound, f"section {sound}", line=row.line))
            return section
        return Section("", " ".join(text.split()), row.line, time, sure=spans or bool(time))

    def _own(self, row: Row, *names: Field) -> str:
        """Return what a row itself says in some columns; a field that is merged with the one above says nothing."""
        said = (
            row.cells[n].text
            for n, column in enumerate(self.columns)
            if column.field in names and n < len(row.cells) and not row.cells[n].merged
        )
        return "\n".join(filter(None, said))

    def _bodies(self, texts: Sequence[str]) -> str | None:
        """Return what the columns of bodies say together, None where there is none; another column holds other bodies."""
        columns = [column for column in self.columns if column.field == "responsible"]
        said = [(text, column.again) for text, column in zip(texts, columns, strict=True) if text]
        plain = "\n".join(text for text, _ in said)
        parted = "".join((("\n" if again else ";\n") if k else "") + text for k, (text, again) in enumerate(said))
        same = plain == parted or [b.name for b in read_bodies(plain)[0]] == [b.name for b in read_bodies(parted)[0]]
        return (plain if same else parted) if columns else None

    def _nameless(self, row: Row) -> bool:
        """Tell a row without number and title that goes on with nothing: only a person knows what it is."""
        title, number = self._at("title"), self._at("number")
        named = any(row.cells[n].text for n in (title, number) if n is not None and n < len(row.cells))
        return not named

    def _goes_on(self, row: Row, *, fresh: bool) -> bool:
        """Tell whether a row is the rest of the one before in the same columns: it has nothing of a measure's own.

        A measure's own are a title that begins a sentence, and a time or a body beside it.
        """
        if not self.rows or self.rows[-1].layout is not self.columns:
            return False
        number, title = self._at("number"), self._own(row, "title")
        measure = bool(title) and bool(self._own(row, *TIMES, "responsible"))
        merged = any(
            column.field == "title" and n < len(row.cells) and row.cells[n].merged == "down" and row.cells[n].text
            for n, column in enumerate(self.columns)
        )
        if number is None:
            return not merged and (not title or (torn(self.rows[-1].title, title) and (fresh or not measure)))
        if number >= len(row.cells):
            return False
        cell = row.cells[number]
        if cell.merged == "down" and cell.text:
            stage = self._at("stage")  # the number is that of a stage where both are merged: its rows are measures
            staged = stage is not None and stage < len(row.cells) and row.cells[stage].merged == "down"
            return not (staged and measure)
        if cell.text:
            return False
        return merged or not title or not measure or title[:1].islower() or (fresh and torn(self.rows[-1].title, title))

    def _join(self, at: int, n: int, row: Row, *, page: bool) -> None:
        last = self.rows[-1]
        fresh = self._row(last.table, n, row)
        merged_down = any(c.merged == "down" for c in row.cells)
        gap = "\n" if merged_down else " "

        def glue(a: str, b: str, n: int | None) -> str:
            if n is not None and n < len(row.cells) and row.cells[n].merged == "down":
                return a
            if a.endswith("-") and b[:1].islower() and gap == " ":
                return a[:-1] + b
            return f"{a}{gap}{b}".strip() if b else a

        last.title = glue(last.title, fresh.title, self._at("title"))
        times = [k for k, own in _times(self.columns).items() if own]
        last.deadlines = [
            (column, glue(text, other, k))
            for k, (column, text), (_, other) in zip(times, last.deadlines, fresh.deadlines, strict=True)
        ]
        if last.responsible is not None:
            columns = [k for k, column in enumerate(self.columns) if column.field == "responsible"]
            both = zip(columns, last.of_bodies, fresh.of_bodies, strict=True)
            last.of_bodies = [glue(text, more, k) for k, text, more in both]
            last.responsible = self._bodies(last.of_bodies)
        if last.result is not None:
            last.result = glue(last.result, fresh.result or "", self._at("result"))
        last.stage = glue(last.stage, fresh.stage, self._at("stage"))
        last.places.append((at, n))
        self._taken(at, n, row)
        apart = self._own(row, "title") or self._own(row, "responsible")
        if merged_down and apart and self._own(row, *TIMES):
            rest = " ".join(c.text for c in row.cells if c.text and not c.merged)
            last.findings.append(doubt("rows-under-one-number", {"text": rest[:120]}, line=row.line))
        if page or not merged_down:
            last.findings.append(
                doubt("row-split", {"text": " ".join(c.text for c in row.cells if c.text)[:80]}, line=row.line)
            )

    def _row(self, at: int, n: int, row: Row) -> PlanRow:
        def text(*names: Field) -> str | None:
            found = [
                row.cells[n].text
                for n, column in enumerate(self.columns)
                if column.field in names and n < len(row.cells) and row.cells[n].text
            ]
            if not any(column.field in names for column in self.columns):
                return None
            return "\n".join(found)

        deadlines: list[tuple[Column, str]] = []
        for k, own in _times(self.columns).items():
            column = self.columns[k]
            if own:
                deadlines.append((column, _time(row, k, self.columns)))
            elif more := row.cells[k].text if k < len(row.cells) else "":
                deadlines[-1] = (deadlines[-1][0], f"{deadlines[-1][1]}\n{more}".strip())
        of_bodies = [
            row.cells[k].text if k < len(row.cells) else ""
            for k, column in enumerate(self.columns)
            if column.field == "responsible"
        ]
        made = PlanRow(
            text("number") or "", text("title") or "", deadlines, self._bodies(of_bodies), text("result"), text("stage") or "",
            self.section, row.line, at, columns={c.field: c.heading for c in reversed(self.columns)},
            places=[(at, n)], layout=self.columns, of_bodies=of_bodies,
        )  # fmt: skip
        if len(row.cells) != len(self.columns) and len(row.cells) > 1:
            made.findings.append(
                doubt("ragged-row", {"seen": str(len(row.cells)), "wanted": str(len(self.columns))}, line=row.line)
            )
        if self.guessing:
            made.findings.append(doubt("by-content", line=row.line))
        unread = [
            c.text
            for c, column in zip(row.cells, self.columns, strict=False)
            if c.text and not column.heading and column.field == "other"
        ]
        if unread:
            made.findings.append(doubt("column-unnamed", {"text": " | ".join(unread)}, line=row.line))
        return made


def _trimmed(table: Table, width: int) -> Table:
    """Return a table without the columns behind the plan's that hold nothing."""
    if not width or all(len(row.cells) <= width for row in table.rows):
        return table
    if any(cell.text for row in table.rows for cell in row.cells[width:]):
        return table
    return replace(table, rows=tuple(Row(row.cells[:width], row.line) for row in table.rows))


def _times(columns: Sequence[Column]) -> dict[int, bool]:
    """Return the columns of time, and of each whether it is one of its own: not below the heading of the one before."""
    times = [n for n, column in enumerate(columns) if column.field in TIMES]
    return {n: not (columns[n].again and n - 1 in times) for n in times}


def _time(row: Row, at: int, columns: Sequence[Column]) -> str:
    """Return what a row says in a column of time; a mark that spans several months stands for each of them."""
    if at >= len(row.cells):
        return ""
    left = at
    while left > 0 and row.cells[left].merged == "across" and columns[at].field in MATRIX:
        left -= 1
    text = row.cells[left].text
    return text if left == at or (columns[left].field == columns[at].field and len(text) <= LONGEST_MARK) else ""


def _alike(one: str, other: str) -> bool:
    """Tell numbers of one kind: both Roman, or with as many points."""
    if not one or not other:
        return False
    return one.isalpha() == other.isalpha() and one.count(".") == other.count(".")


def _section_like(text: str) -> bool:
    return bool(_SECTION.match(text)) or len(text) > 12 or bool(time_of(text))  # noqa: PLR2004  a title in the first column


def _refusal(tables: Sequence[tuple[int, Table]]) -> PlacedFinding:
    """Say what was seen where no table is a plan."""
    if not tables:
        return doubt("no-plan-table")
    widest = max(
        (table for _, table in tables), key=lambda t: (len(t.rows), max((len(r.cells) for r in t.rows), default=0))
    )
    first = next((row for row in widest.rows if any(c.text for c in row.cells)), None)
    if first is None:
        return doubt("no-plan-table")
    seen = " | ".join(" ".join(c.text.split())[:30] for c in first.cells[:12] if c.merged != "across")
    return doubt("columns-not-recognised", {"text": seen[:200], "count": str(len(first.cells))}, line=first.line)
