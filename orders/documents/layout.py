"""Plan tables: which column is what, which rows are measures, sections, or the rest of a row that a page cut.

Columns are recognised by their headings (26 layouts of real plans) and, where a table has none, by what
stands in them. A table that fits neither is refused with what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from orders.bodies import BODY_HEAD, PERSON
from orders.deadlines import is_deadline
from orders.documents.model import Cell, Document, Row, Table, Text
from orders.doubts import doubt
from orders.findings import PlacedFinding

Field = Literal[
    "number", "title", "deadline", "start", "end", "year", "quarter", "month", "responsible", "result", "stage", "other"
]
MAX_HEADING = 120
"""Characters of a heading; what is longer is a measure."""
MAX_COLUMNS = 40
"""Columns of a plan; the widest real one has 17 (a matrix of months)."""

TIMES = frozenset(("deadline", "start", "end", "year", "quarter", "month"))
"""The fields that say when."""

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_MONTHS = ("янв", "фев", "мар", "апр", "ма[йя]", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_HEADINGS: tuple[tuple[Field, re.Pattern[str]], ...] = (
    ("number", re.compile(r"(?:№+|n|no|nn|#|номер)?\s*(?:п\s*[/.\\]?\s*п\.?)?|(?:№|номер|n)\s.{0,14}|п\s*[/.\\]?\s*н\.?|№\S{0,4}")),
    ("quarter", re.compile(r"(?:.{0,20}\s)?(?:i{1,3}|iv|[1-4])(?:-?[а-я]{1,2})?\s*(?:кв\.?|квартал)(?:\s.*)?")),
    ("month", re.compile(r"(?:.{0,20}\s)?(?:" + "|".join(_MONTHS) + r")[а-я]{0,7}\.?(?:\s*\d{4}.{0,6})?")),
    ("other", re.compile(
        r".*(?:отметка|корректировк|примечани|фактическ|последстви|связь\s+с|источник|финанс|дальнейшее|направленность).*"
        r"|(?!.*(?:срок|дат[аы]|ответствен|исполнител|мероприят)).*(?:класс(?:ы)?$|место|участник|аудитори|категори|объем|форма\s+провед|выполнени[ея]$|контрол[ья]\s*$).*"
    )),
    ("start", re.compile(r".*(?:срок|дата|начал).*начал.*|(?:планов[а-я]+\s+)?начал[оа](?:\s.*)?")),
    ("end", re.compile(r".*(?:срок|дата|реализац).*(?:окончан|завершен|конец|конц).*|(?:планов[а-я]+\s+)?(?:окончани|завершени)[ея].*")),
    ("responsible", re.compile(r"отв(?:[.-].*)?|.*(?:ответствен|исполнител[ьи]|исполняющ|кто\s+(?:проводит|отвечает|исполняет)).*|(?:организатор|куратор|координатор)[а-я]*")),
    ("deadline", re.compile(r".*(?:срок|дата|даты|период|время\s|время$|когда|месяц|график).*")),
    ("result", re.compile(r".*(?:результат|вид\s+документа|ожидаем|предполагаем|показател|индикатор|итог|выход|форма\s+(?:отчет|представлен|завершен)|продукт|подтвержда).*")),
    ("stage", re.compile(r".*этап.*|(?:раздел|блок|модуль)[а-я]*")),
    ("title", re.compile(r".*(?:мероприят|содержани|наименовани|направлени|дела|действи|вид\s+(?:деятельност|работ)|виды\s+(?:деятельност|работ)|вопрос|тема|задач|работ|событи|шаги|меры).*")),
)  # fmt: skip
_NAMES_TIME = re.compile(r"(?:период|сроки?|даты?|время)", re.IGNORECASE)
_TITLE_RANK = (
    r"мероприят",
    r"содержани",
    r"действи|дела|работ|событи|меры|шаги",
    r"направлени|вопрос|тема",
    r"наименовани|задач",
)
_SECTION = re.compile(
    r"(?:(?:раздел|этап|направление|блок|модуль)\s*№?\s*)?((?:[IVXivx]{1,5}|\d{1,2}(?:\.\d{1,2})*|[ЗзОо])(?![\w]))\s*[.):]?\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)


_NO_MEASURE = re.compile(r"(?:примечани[ея]|итого|всего)(?![а-я])", re.IGNORECASE)
_BEFORE_TITLE = re.compile(r"(\d{1,2}(?:\.\d{1,3})+|\d{1,2}(?=[.)]))[.)]?\s+(?=\S)")
_NAMED_SECTION = re.compile(
    r"(?:(?i:раздел|этап|направление|блок|модуль)\s*№?\s*(?:[IVX]{1,5}|\d{1,2})[.):]?|(?:[IVX]{1,5}|\d{1,2})[.)])"
    r"\s*[А-ЯЁA-Z«\"].*[^.:;,]"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading as it stands, what it holds, and the year, quarter or month where it is one."""

    field: Field
    heading: str
    ordinal: int = 0
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A row that names what follows; `number` is "" where there is none."""

    number: str
    title: str
    line: int | None = None


@dataclass(slots=True)
class PlanRow:
    """One measure as the table has it, parts of cut rows joined; `responsible` is None without such a column."""

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


@dataclass(frozen=True, slots=True)
class Plan:
    """The rows of all plan tables of a document; without rows the findings say what was seen instead."""

    columns: tuple[Column, ...]
    rows: tuple[PlanRow, ...]
    sections: tuple[Section, ...]
    findings: tuple[PlacedFinding, ...]
    first_table: int | None
    listed: bool = False


def read_plan(document: Document) -> Plan:
    """Find the plan's tables and read their rows."""
    reader = _PlanReader()
    tables = [(at, block) for at, block in enumerate(document.blocks) if isinstance(block, Table)]
    for at, table in tables:
        reader.take(at, table, _above(document, at))
    if reader.first is None:
        for at, table in tables:
            reader.take_by_content(at, table)
    return reader.plan(tables)


class _PlanReader:
    def __init__(self) -> None:
        self.columns: tuple[Column, ...] = ()
        self.shown: tuple[Column, ...] = ()
        self.rows: list[PlanRow] = []
        self.sections: list[Section] = []
        self.section: Section | None = None
        self.findings: list[PlacedFinding] = []
        self.first: int | None = None
        self.left_out: dict[str, None] = {}
        self.above_first: Section | None = None
        self.numbered: dict[str, Section] = {}

    def take(self, at: int, table: Table, above: Section | None) -> None:
        """Read a table that has the plan's headings, or goes on where the last one was cut; `above` may head it."""
        header = _header(table)
        if header is not None:
            columns, skip = header
            if self.columns and at != self.first and [c.heading for c in columns] != [c.heading for c in self.columns]:
                self.section = None
            self.columns = columns
            self.shown = self.shown or columns
            self._under(above)
            self.first = at if self.first is None else self.first
            self._read(at, table, skip)
        elif self.columns and self._continues(table):
            self._under(above)
            self._read(at, table, 0)

    def _under(self, above: Section | None) -> None:
        """Begin the section that a line above a table names; above the first one only where others have theirs too."""
        if above is None:
            return
        if self.first is None:
            self.above_first = above
            return
        if self.above_first is not None:
            self.sections.insert(0, self.above_first)
            for row in self.rows:
                row.section = row.section or self.above_first
            self.above_first = None
        self.section = above
        self.sections.append(above)

    def take_by_content(self, at: int, table: Table) -> None:
        columns = _by_content(table)
        if columns is None or (self.columns and len(columns) != len(self.columns)):
            return
        self.columns = self.shown = columns
        self.first = at if self.first is None else self.first
        self.findings.append(
            doubt("columns-by-content", {"text": ", ".join(c.heading for c in columns)}, line=table.rows[0].line)
        )
        self._read(at, table, 0)

    def plan(self, tables: Sequence[tuple[int, Table]]) -> Plan:
        findings = list(self.findings)
        if self.first is None:
            findings.append(_refusal(tables))
        elif not self.rows:
            findings.append(doubt("no-measures"))
        else:
            fields = {column.field for column in self.shown}
            if "number" not in fields and not self._numbered_titles():
                findings.append(doubt("no-number-column"))
            if "responsible" not in fields:
                findings.append(doubt("no-responsible-column"))
            if self.left_out:
                findings.append(doubt("columns-left-out", {"text": " | ".join(self.left_out)}))
        listed = any(table.listed for _, table in tables)
        return Plan(self.shown, tuple(self.rows), tuple(self.sections), tuple(findings), self.first, listed)

    def _numbered_titles(self) -> bool:
        """Take the numbers out of the titles where each title begins with one of its own."""
        found = [_BEFORE_TITLE.match(row.title) for row in self.rows]
        if len({m.group(1) for m in found if m}) < len(self.rows):
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
        return all(not t or _number_like(t) or _section_like(t) for t in firsts)

    def _at(self, name: Field) -> int | None:
        return next((n for n, column in enumerate(self.columns) if column.field == name), None)

    def _read(self, at: int, table: Table, skip: int) -> None:
        fresh = skip == 0 and bool(self.rows)
        prefixes = self._prefixes(table)
        for row in table.rows[skip:]:
            texts = [cell.text for cell in row.cells]
            if not any(texts) or _is_count(texts):
                continue
            if self._is_heading(texts):
                self.findings.append(doubt("repeated-heading", line=row.line))
                continue
            own = [cell for cell in row.cells if cell.text and not cell.merged]
            if len(own) == 1 and _NO_MEASURE.match(own[0].text):
                self.findings.append(doubt("row-left-out", {"text": own[0].text[:120]}, line=row.line))
                continue
            section = self._section(row, own, fresh=fresh) or self._numbered_section(row, own, prefixes)
            if section is not None:
                self.section = section
                self.sections.append(section)
                self.numbered[section.number] = section
            elif self.rows and self._goes_on(row, fresh=fresh):
                self._join(row, page=fresh)
            else:
                if table.listed:
                    self._leave(row, prefixes)
                self.rows += self._unglued(at, row)
            fresh = False

    def _prefixes(self, table: Table) -> set[str]:
        """Return what stands before the last point of the table's numbers: «2» where there is a «2.7»."""
        number = self._at("number")
        if number is None:
            return set()
        texts = [row.cells[number].text.strip().rstrip(".)") for row in table.rows if number < len(row.cells)]
        return {text.rpartition(".")[0] for text in texts if re.fullmatch(r"\d{1,2}(?:\.\d{1,3})+", text)}

    def _numbered_section(self, row: Row, own: list[Cell], prefixes: set[str]) -> Section | None:
        """Return the section of a row that has only a number and a title, where the number is others' first part."""
        number, title = self._at("number"), self._at("title")
        if len(own) != 2 or number is None or title is None or max(number, title) >= len(row.cells):  # noqa: PLR2004
            return None
        said = row.cells[number].text.strip().rstrip(".)")
        if own != [row.cells[number], row.cells[title]] or not (said in prefixes or re.fullmatch("[IVX]{1,5}", said)):
            return None
        return Section(said, " ".join(row.cells[title].text.split()), row.line)

    def _leave(self, row: Row, prefixes: set[str]) -> None:
        """End the section whose points have its number before theirs, where a point is none of them."""
        number = self._at("number")
        said = row.cells[number].text if number is not None else ""
        if said and self.section and self.section.number in prefixes and not said.startswith(f"{self.section.number}."):
            self.section = self.numbered.get(said.rpartition(".")[0])

    def _unglued(self, at: int, row: Row) -> list[PlanRow]:
        """Cut a row that holds several: two numbers in one field, and as many lines in each of the others."""
        number = self._at("number")
        said = row.cells[number].text.split() if number is not None and number < len(row.cells) else []
        if len(said) < 2 or not all(re.fullmatch(r"\d{1,2}(?:\.\d{1,3}){0,3}[.)]?", text) for text in said):  # noqa: PLR2004
            return [self._row(at, row)]
        lines = [said if n == number else cell.text.split("\n") for n, cell in enumerate(row.cells)]
        if any(len(parts) not in {1, len(said)} or (len(parts) == 1 and parts[0]) for parts in lines):
            whole = self._row(at, row)
            whole.findings.append(doubt("glued-rows", {"text": " ".join(said)}, line=row.line))
            return [whole]
        made = []
        for n in range(len(said)):
            cells = tuple(Cell(parts[n] if len(parts) > 1 else "") for parts in lines)
            made.append(self._row(at, Row(cells, row.line)))
            made[-1].findings.append(doubt("glued-rows", {"text": " ".join(said)}, said[n], line=row.line))
        return made

    def _is_heading(self, texts: list[str]) -> bool:
        plain = [" ".join(t.lower().split()) for t in texts]
        return plain == [" ".join(c.heading.lower().split()) for c in self.columns][: len(plain)] and len(plain) > 1

    def _section(self, row: Row, own: list[Cell], *, fresh: bool) -> Section | None:
        """Return the section that a row with one text names; the rest of a cut title is none."""
        if len(own) != 1 or any(cell.merged == "down" and cell.text for cell in row.cells):
            return None
        at = next(n for n, cell in enumerate(row.cells) if cell is own[0])
        number, title = self._at("number"), self._at("title")
        text = own[0].text
        spans = (at + 1 < len(row.cells) and row.cells[at + 1].merged == "across") or len(row.cells) == 1
        if not spans:
            if number is not None and at == number:
                if re.fullmatch(r"[\d.)\s]*", text):
                    return None
            elif at in {title, 0}:
                if fresh or (number is not None and text[:1].islower()) or (self.rows and not self.rows[-1].title):
                    return None
            else:
                return None
        found = _SECTION.fullmatch(" ".join(text.split()))
        if found and found.group(2):
            raw = found.group(1)
            sound = raw.translate(str.maketrans("ЗзОо", "3300"))
            section = Section(sound, found.group(2).strip(), row.line)
            if sound != raw:
                self.findings.append(doubt("damaged-glyphs", {"text": raw}, sound, f"section {sound}", line=row.line))
            return section
        return Section("", " ".join(text.split()), row.line)

    def _goes_on(self, row: Row, *, fresh: bool) -> bool:
        """Tell whether a row is the rest of the one before: no number of its own, and cut or merged."""
        number, title = self._at("number"), self._at("title")
        if number is None:
            first = row.cells[title].text if title is not None and title < len(row.cells) else ""
            return not first or (fresh and first[:1].islower())
        if number >= len(row.cells):
            return False
        cell = row.cells[number]
        if cell.merged == "down" and cell.text:
            return True
        if cell.text:
            return False
        said = row.cells[title].text if title is not None and title < len(row.cells) else ""
        merged = title is not None and title < len(row.cells) and row.cells[title].merged == "down"
        deadline = any(
            column.field in {"deadline", "end"} and n < len(row.cells) and row.cells[n].text
            for n, column in enumerate(self.columns)
        )
        if fresh or merged or not said or said[:1].islower():
            return True
        return not deadline and self._at("deadline") is not None

    def _join(self, row: Row, *, page: bool) -> None:
        last = self.rows[-1]
        fresh = self._row(last.table, row)
        merged_down = any(c.merged == "down" for c in row.cells)
        gap = "\n" if merged_down else " "

        def glue(a: str, b: str, n: int | None) -> str:
            if n is not None and n < len(row.cells) and row.cells[n].merged == "down":
                return a
            if a.endswith("-") and b[:1].islower() and gap == " ":
                return a[:-1] + b
            return f"{a}{gap}{b}".strip() if b else a

        last.title = glue(last.title, fresh.title, self._at("title"))
        last.deadlines = [
            (column, glue(text, other, self._at(column.field)))
            for (column, text), (_, other) in zip(last.deadlines, fresh.deadlines, strict=True)
        ]
        if last.responsible is not None:
            last.responsible = glue(last.responsible, fresh.responsible or "", self._at("responsible"))
        if last.result is not None:
            last.result = glue(last.result, fresh.result or "", self._at("result"))
        if page or not merged_down:
            last.findings.append(
                doubt("row-split", {"text": " ".join(c.text for c in row.cells if c.text)[:80]}, line=row.line)
            )

    def _row(self, at: int, row: Row) -> PlanRow:
        def text(*names: Field) -> str | None:
            found = [
                row.cells[n].text
                for n, column in enumerate(self.columns)
                if column.field in names and n < len(row.cells) and row.cells[n].text
            ]
            if not any(column.field in names for column in self.columns):
                return None
            return "\n".join(found)

        deadlines = [
            (column, row.cells[n].text if n < len(row.cells) else "")
            for n, column in enumerate(self.columns)
            if column.field in TIMES
        ]
        made = PlanRow(
            text("number") or "", text("title") or "", deadlines, text("responsible"), text("result"), text("stage") or "",
            self.section, row.line, at, columns={c.field: c.heading for c in reversed(self.columns)},
        )  # fmt: skip
        if len(row.cells) != len(self.columns) and len(row.cells) > 1:
            made.findings.append(
                doubt("ragged-row", {"seen": str(len(row.cells)), "wanted": str(len(self.columns))}, line=row.line)
            )
        unread = [
            c.text
            for c, column in zip(row.cells, self.columns, strict=False)
            if c.text and not column.heading and column.field == "other"
        ]
        self.left_out |= dict.fromkeys(
            column.heading
            for c, column in zip(row.cells, self.columns, strict=False)
            if c.text.strip(" -–—") and column.heading and column.field == "other"
        )
        if unread:
            made.findings.append(doubt("column-unnamed", {"text": " | ".join(unread)}, line=row.line))
        return made


def _above(document: Document, at: int) -> Section | None:
    """Return the section that the line right above a table names: a number and a title, no point of an order."""
    line = document.blocks[at - 1] if at else None
    if not isinstance(line, Text) or len(line.text) > MAX_HEADING:
        return None
    text = " ".join(line.text.split())
    found = _SECTION.fullmatch(text) if _NAMED_SECTION.fullmatch(text) else None
    return Section(found.group(1), found.group(2), line.line) if found else None


# --- columns -----------------------------------------------------------------------------------------------


def _header(table: Table) -> tuple[tuple[Column, ...], int] | None:
    """Return the columns and the number of rows that name them, or None where the first rows name no plan."""
    for texts, skip in named_rows(table):
        columns = headings(texts)
        if columns is not None:
            return columns, skip
    return None


def named_rows(table: Table) -> Iterator[tuple[list[str], int]]:
    """Yield what each of the first rows would name its columns, with the row below it where both do, and its end."""
    for n, row in enumerate(table.rows[:8]):
        if len(row.cells) > MAX_COLUMNS:
            return
        texts = _spread(row)
        below = table.rows[n + 1] if n + 1 < len(table.rows) else None
        if below is not None and _is_subheading(row, below):
            yield _under(texts, [c.text if c.merged != "down" else "" for c in below.cells]), n + 2
        else:
            yield texts, n + 1


def _spread(row: Row) -> list[str]:
    """Return each column's heading, that of a merged cell for all it covers."""
    texts: list[str] = []
    for cell in row.cells:
        texts.append(texts[-1] if cell.merged == "across" and texts else cell.text)
    return texts


def _under(above: list[str], below: list[str]) -> list[str]:
    """Return each heading with the one below it; one that stands over several fields goes for all of them."""
    texts: list[str] = []
    over = ""
    for a, b in zip(above, below, strict=True):
        over = a or (over if b else "")
        texts.append(f"{over} {b}".strip() if b and over != b else over)
    return texts


def _is_subheading(row: Row, below: Row) -> bool:
    if len(below.cells) != len(row.cells):
        return False
    parts = [b.text for a, b in zip(row.cells, below.cells, strict=True) if b.text and b.merged != "down"]
    covered = all(not b.text or b.merged == "down" or a.merged == "across" or _field(b.text) in {"quarter", "month", "start", "end"}
                  or re.fullmatch(r"(?i)i{1,3}|iv|0?[1-9]|1[0-2]|\d{4}.{0,12}|начал.*|оконч.*", b.text.strip())
                  for a, b in zip(row.cells, below.cells, strict=True))  # fmt: skip
    return (
        len(parts) > 1
        and covered
        and any(c.merged == "down" or not c.text for c in below.cells)
        and len(parts) < len(row.cells)
    )


def headings(texts: list[str]) -> tuple[Column, ...] | None:
    """Return the columns that headings name; None unless there is a title and a time."""
    if len(texts) < 2 or not any(texts):  # noqa: PLR2004
        return None
    columns = [_column(text) for text in texts]
    titles = [n for n, c in enumerate(columns) if c.field == "title"]
    if not titles and (stage := next((n for n, c in enumerate(columns) if c.field == "stage"), None)) is not None:
        columns[stage] = replace(columns[stage], field="title")
        titles = [stage]
    best = min(titles, key=lambda n: _rank(texts[n]), default=None)
    staged = any(c.field == "stage" for c in columns)
    for n in titles:
        if n != best:
            over = not staged and best is not None and n < best and re.match(r"направлени|задач", _plain(texts[n]))
            columns[n] = replace(columns[n], field="stage" if over else "other")
            staged = staged or bool(over)
    results = [n for n, c in enumerate(columns) if c.field == "result"]
    for n in results:
        if n != min(results, key=lambda n: "результат" not in texts[n].lower()):
            columns[n] = replace(columns[n], field="other")
    numbers = [n for n, c in enumerate(columns) if c.field == "number"]
    for n in numbers:
        if n != numbers[0] or n != 0 or (not texts[n] and len(numbers) > 1):
            columns[n] = replace(columns[n], field="other" if n else "number")
    _settle_years(columns)
    timed = any(c.field in TIMES - {"start"} for c in columns)
    data = any(
        len(text) > MAX_HEADING
        or (c.field == "deadline" and is_deadline(text) and not _NAMES_TIME.match(text))
        or re.fullmatch(r"[\d.]+", text)
        for c, text in zip(columns, texts, strict=True)
    )
    return tuple(columns) if best is not None and timed and not data else None


def _settle_years(columns: list[Column]) -> None:
    """Keep a column a year only where several are the plan's one way to say when; else it holds a year's sums."""
    years = [n for n, c in enumerate(columns) if c.field == "year"]
    if len(years) > 1 and not any(c.field in TIMES - {"start", "year"} for c in columns):
        return
    for n in years:
        alone = len(years) == 1 and _NAMES_TIME.match(columns[n].heading)
        columns[n] = replace(columns[n], field="deadline" if alone else "other")


def _rank(text: str) -> int:
    return next((n for n, pattern in enumerate(_TITLE_RANK) if re.search(pattern, _plain(text))), len(_TITLE_RANK))


@lru_cache(maxsize=4096)  # the headings of a long plan stand on each page, and its first rows are asked too
def _column(text: str) -> Column:
    name = _field(text)
    plain = _plain(text)
    year = re.search(r"(?:19|20)\d{2}", plain)
    ordinal = 0
    if name == "quarter":
        found = re.search(r"(?<![a-z])(iv|i{1,3})(?![a-z])|([1-4])(?=\D*кв)", plain)
        ordinal = _ROMAN[found.group(1)] if found and found.group(1) else int(found.group(2)) if found else 0
    elif name == "month":
        named = (n for n, stem in enumerate(_MONTHS, 1) if re.search(rf"(?<![а-я]){stem}", plain))
        ordinal = next(named, 0) or int(plain.rpartition(" ")[2])
    said = year if name in {"year", "quarter", "month"} else None
    return Column(name, " ".join(text.split()), ordinal, int(said.group()) if said else None)


def _plain(text: str) -> str:
    """Return a heading in small letters, words that a narrow column cut whole again."""
    return re.sub(r"(?<=[а-я])-\s*(?=[а-я])", "", " ".join(text.lower().replace("ё", "е").split()))


def _field(text: str) -> Field:
    plain = _plain(text)
    if re.fullmatch(r"(?:квартал[а-я]*|сроки?.*квартал[а-я]*|по кварталам)\s+(?:i{1,3}|iv|[1-4])", plain):
        return "quarter"
    if re.fullmatch(r".*\b(?:i{1,3}|iv)", plain) and re.search(r"кварт|срок|период", plain):
        return "quarter"
    if re.fullmatch(r".*месяц.*\s(?:0?[1-9]|1[0-2])", plain):
        return "month"
    if re.fullmatch(r"(?:.*(?:срок|период|год|реализ).*\s)?20\d{2}(?:\s*г\S*)?", plain):
        return "year"
    for name, pattern in _HEADINGS:
        if pattern.fullmatch(plain):
            return name
    return "other"


_UNNAMED: dict[Field, str] = {
    "number": "номер", "title": "мероприятие", "deadline": "срок", "responsible": "ответственный", "result": "результат",
    "other": "прочее",
}  # fmt: skip
"""What a column without a heading is called: the language of the documents, as headings are."""


def _by_content(table: Table) -> tuple[Column, ...] | None:
    """Return the columns of a table without headings by what stands in them; None where that is not clear."""
    rows = [row for row in table.rows if sum(bool(c.text) for c in row.cells) > 1]
    if len(rows) < 2 or len(rows[0].cells) > MAX_COLUMNS:  # noqa: PLR2004
        return None
    width = max(len(row.cells) for row in rows)
    shares: list[dict[str, float]] = []
    for n in range(width):
        texts = [row.cells[n].text for row in rows if n < len(row.cells) and row.cells[n].text]
        count = max(1, len(texts))
        shares.append(
            {
                "number": sum(bool(_number_like(t)) for t in texts) / count,
                "deadline": sum(is_deadline(t) for t in texts) / count,
                "responsible": sum(bool(BODY_HEAD.match(t) or PERSON.match(t)) for t in texts) / count,
                "length": sum(map(len, texts)) / count,
            }
        )
    deadline = max(range(width), key=lambda n: shares[n]["deadline"] - shares[n]["number"])
    if shares[deadline]["deadline"] < 0.6:  # noqa: PLR2004  most of the column
        return None
    fields: list[Field] = ["other"] * width
    fields[deadline] = "deadline"
    rest = [n for n in range(width) if n != deadline]
    if rest and shares[rest[0]]["number"] > 0.8:  # noqa: PLR2004
        fields[rest.pop(0)] = "number"
    title = max(
        (n for n in rest if n < deadline or not any(m < deadline for m in rest)),
        key=lambda n: shares[n]["length"],
        default=None,
    )
    if title is None:
        return None
    fields[title] = "title"
    bodies = [n for n in rest if n != title and shares[n]["responsible"] > 0.7]  # noqa: PLR2004
    if bodies:
        fields[min(bodies, key=lambda n: abs(n - deadline))] = "responsible"
    left = [n for n in rest if fields[n] == "other" and n > deadline]
    if left:
        fields[left[-1]] = "result"
    return tuple(Column(name, _UNNAMED[name]) for name in fields)


def _is_count(texts: list[str]) -> bool:
    """Tell the row «1 2 3 4 5» that numbers the columns."""
    said = [t.strip(" .") for t in texts if t.strip()]
    return len(said) > 2 and said == [str(n) for n in range(1, len(said) + 1)]  # noqa: PLR2004


def _number_like(text: str) -> bool:
    return re.fullmatch(r"\s*\.?\d{0,2}[ЗзОоlI]?(?:\.\d{0,3}[ЗзОоlI]?){0,4}\s*[.)]?\s*", text) is not None and any(
        c.isdigit() for c in text
    )


def _section_like(text: str) -> bool:
    return bool(_SECTION.match(text)) or len(text) > 12  # noqa: PLR2004  a title in the first column


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
