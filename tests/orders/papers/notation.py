"""Reads a .paper: a document and, in its margin, what a careful clerk reads in it. The notation is told in README.md."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from tests.orders.paper import Field

HERE = Path(__file__).parent
HALVES = ("mend", "first-contact")
LATER = "second-contact"
"""Papers written after both halves had been read: all of them are read once, so no hash divides them."""
FOLDERS = (*HALVES, LATER)
ASK = None
"""The alternative of a label that is a question."""

Dues = tuple[date, ...]


@dataclass(frozen=True)
class Text:
    """A paragraph; `style` is one of "", "#", "##", "-", "1#", ">>", "==", "raw", "page", "header", "footer"."""

    text: str
    style: str = ""


@dataclass
class Table:
    """Rows of cells with their spans; `heads` of them are headings, `widths` are shares of the page in a PDF."""

    rows: list[list[Field]] = field(default_factory=list)
    heads: int = 0
    widths: tuple[float, ...] = ()


Block = Text | Table


@dataclass(frozen=True)
class Measure:
    """One measure as a clerk reads it.

    `title` is its whole text or its first words; `dues` are the sets of due days that may be read, ASK among them where
    a question is right; `starts` are the first days that the document names, by due day; `bodies` is None where they are
    asked about, empty where nobody is named; `may_ask` where a question about them is right too.
    """

    number: str | None
    title: str
    deadline: str
    dues: tuple[Dues | None, ...]
    bodies: tuple[str, ...] | None
    section: str = ""
    starts: tuple[tuple[date, date], ...] = ()
    may_ask: bool = False


@dataclass(frozen=True)
class Indicator:
    """One indicator; `goals` may hold ASK, `direction` is a comparator, one with «?» (not said, but plain), or "ask"."""

    number: str | None
    name: str
    goals: tuple[float | None, ...]
    unit: str
    direction: str


@dataclass
class Paper:
    """A document and its label; `order` and `period` hold "" and None for what the document does not say."""

    name: str
    kind: str
    about: str
    options: frozenset[str]
    blocks: list[Block] = field(default_factory=list)
    order: tuple[str, tuple[date | None, ...]] = ("", ())
    period: tuple[tuple[date, date] | None, ...] = ()
    controller: str = ""
    measures: list[Measure] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def half_of(name: str) -> str:
    """Return the half that a paper of this name belongs to: by its hash, so that nobody chooses; not of those in LATER."""
    return HALVES[hashlib.sha256(name.encode()).digest()[0] % 2]


def papers(folder: str) -> Iterator[Paper]:
    """Read the papers of one of FOLDERS in the order of their names."""
    for path in sorted((HERE / folder).glob("*.paper")):
        yield read_paper(path.stem, path.read_text(encoding="utf-8"))


def read_paper(name: str, source: str) -> Paper:
    """Read one paper; ValueError with its name where the notation is broken."""
    head, _, body = source.partition("\n---\n")
    paper = Paper(name, "", "", frozenset())
    reader = _Body(paper)
    try:
        for line in head.splitlines():
            key, _, value = line.partition(":")
            _head(paper, reader, key.strip(), value.strip())
        for line in body.rstrip("\n").split("\n"):
            reader.line(line)
    except (ValueError, IndexError, KeyError) as error:
        raise ValueError(f"{name}: {line}: {error!r}") from error
    return paper


def _head(paper: Paper, reader: _Body, key: str, value: str) -> None:
    if key == "kind":
        paper.kind, *options = value.split()
        paper.options = frozenset(options)
    elif key == "about":
        paper.about = value
    elif key == "order":
        number, days = value.split("|")
        paper.order = (
            "" if number.strip() == "-" else number.strip(),
            tuple(_day(day) for day in days.strip().split(" or ") if day not in ("-", "")),
        )
    elif key == "period":
        paper.period = tuple(_period(one) for one in value.split(" or "))
    elif key == "controller":
        paper.controller = value.strip("-")
    elif key == "indicator":
        number, name, goals, unit, direction = (part.strip() for part in value.split("|"))
        figures = tuple(ASK if goal == "ask" else float(goal.replace(",", ".")) for goal in goals.split(" or "))
        paper.indicators.append(Indicator(number.strip("-") or None, name, figures, unit, direction))
    elif key == "other":
        paper.others.append(value)
    elif key == "bodies":
        reader.bodies = _bodies(value)
    else:
        raise ValueError("no such key")


def _day(text: str) -> date | None:
    return ASK if text == "ask" else date.fromisoformat(text)


def _period(text: str) -> tuple[date, date] | None:
    if text in ("ask", "-"):
        return None
    first, last = text.split("..")
    return date.fromisoformat(first), date.fromisoformat(last)


def _bodies(text: str) -> tuple[str, ...] | None:
    if text == "ask":
        return None
    return tuple(part.strip() for part in text.split(";") if part.strip().strip("-"))


class _Body:
    """Takes a body line by line; `roles` are those of the columns of the table that is being read."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.bodies: tuple[str, ...] | None = ()
        self.section = ""
        self.of_section = ""
        self.roles: list[str] = []
        self.table: Table | None = None
        self.above: dict[str, str] = {}

    def line(self, line: str) -> None:
        if line.startswith("% "):
            self._directive(line[2:])
        elif line.startswith(("|", "!", "§|", "+|")):
            self._row(line)
        elif line.startswith("= "):
            self._labelled([part.strip() for part in line[2:].split("|")])
        elif line.startswith("§= "):
            self.section, _, self.of_section = (part.strip().strip("-") for part in line[3:].partition("|"))
        else:
            self.table = None
            found = re.match(r"(##|#|-|1#|>>|==) (.*)", line)
            style, text = found.groups() if found and self.paper.kind != "txt" else ("", line)
            self.paper.blocks.append(Text(text.replace(" // ", "\n"), style))

    def _directive(self, text: str) -> None:
        word, _, rest = text.partition(" ")
        if word == "table":
            self.roles = rest.split()
            self.table = Table()
            self.above = {}
            self.paper.blocks.append(self.table)
        elif word == "widths" and self.table:
            self.table.widths = tuple(float(share) for share in rest.split())
        elif word in ("page", "header", "footer", "raw"):
            self.table = None
            self.paper.blocks.append(Text(rest, word))
        else:
            raise ValueError("no such directive")

    def _row(self, line: str) -> None:
        if self.table is None:
            raise ValueError("a row outside a table")
        sort = line[: 2 if line[0] in "§+" else 1]
        texts = [cell.strip() for cell in line[len(sort) :].split("|")]
        said = [re.findall(r"\{([^{}]*)\}", text) for text in texts]
        plain = [re.sub(r"\s*\{[^{}]*\}", "", text).strip() for text in texts]
        self._put([re.sub(r"\s*&", "", text).replace("//", "\n") for text in plain], heading=sort == "!")
        labels: dict[str, str] = {}
        for at, values in enumerate(said):
            for value in values:
                tag, colon, rest = value.partition(":")
                role = self.roles[at] if at < len(self.roles) else ""
                labels[tag if colon else "d" if sort == "§|" else role] = rest.strip() if colon else value.strip()
        if sort == "§|":
            self.section = labels.get("s") or " ".join(text for text in plain if text not in ("", "<", "^"))
            self.of_section = labels.get("d", "")
        elif sort == "|" and "t" in self.roles:
            self._measure(plain, labels)
        elif sort == "+|":
            self._goes_on(plain)

    def _measure(self, plain: Sequence[str], labels: dict[str, str]) -> None:
        cells: dict[str, str] = {}
        for role, text in zip(self.roles, plain, strict=False):
            if role not in cells or not cells[role]:
                cells[role] = self.above.get(role, "") if text == "^" else text
        if "s" in cells:
            self.section = cells["s"].replace("//", " ")
        for role in cells:
            if role in "db" and plain[self.roles.index(role)] == "^" and "label " + role in self.above:
                labels.setdefault(role, self.above["label " + role])
        self.above = {**cells, **{"label " + role: text for role, text in labels.items()}}
        phrase = cells.get("d", "").replace("//", " ")
        when = labels.get("d") or (self.of_section if not phrase else "") or ("" if phrase else "ask")
        if not when:
            raise ValueError("no dates")
        bodies: str | None = None
        if "b" in labels:
            bodies = labels["b"]
        elif "b" in cells:
            bodies = ";".join(_trimmed(one) for one in cells["b"].replace("//", " ").split("&"))
        number = labels.get("n", cells.get("n", "")).strip("-").rstrip(".)") or None
        title = labels.get("t") or cells["t"].replace("//", " ")
        self._add(number, title, phrase, when, bodies)

    def _goes_on(self, plain: Sequence[str]) -> None:
        last = self.paper.measures.pop()
        rest = {role: text for role, text in zip(self.roles, plain, strict=False) if text}
        title = f"{last.title} {rest.get('t', '')}".strip()
        self.paper.measures.append(replace(last, title=title))

    def _labelled(self, parts: Sequence[str]) -> None:
        number, title, phrase, when, bodies = [*parts, *[""] * (5 - len(parts))]
        self._add(number.strip("-") or None, title, phrase, when or self.of_section or "ask", bodies or None)

    def _add(self, number: str | None, title: str, phrase: str, when: str, bodies: str | None) -> None:
        """Take a measure; `bodies` is the label, None where the document's own holds."""
        dues, starts = days_of(when, [last for _, last in filter(None, self.paper.period)])
        named = self.bodies if bodies is None else _bodies(bodies.removesuffix("?"))
        may_ask = (bodies or "").endswith("?")
        self.paper.measures.append(Measure(number, title, phrase, dues, named, self.section, starts, may_ask))

    def _put(self, texts: Sequence[str], *, heading: bool) -> None:
        table = self.table
        assert table is not None
        if heading and table.heads == len(table.rows):
            table.heads += 1
        row: list[Field] = []
        for at, text in enumerate(texts):
            if text == "<" and row:
                row[-1] = Field(row[-1].text, row[-1].across + 1, row[-1].down)
            elif text == "^":
                self._lengthen(table, at)
            else:
                row.append(Field(text))
        table.rows.append(row)

    @staticmethod
    def _lengthen(table: Table, column: int) -> None:
        for r in range(len(table.rows) - 1, -1, -1):
            for at, (c, cell) in enumerate(_columns(table.rows, r)):
                if c == column and r + cell.down == len(table.rows):
                    table.rows[r][at] = Field(cell.text, cell.across, cell.down + 1)
                    return
        raise ValueError("nothing above")


def _columns(rows: Sequence[Sequence[Field]], wanted: int) -> list[tuple[int, Field]]:
    """Return the cells of a row with their columns."""
    taken: set[tuple[int, int]] = set()
    for r, row in enumerate(rows):
        c, places = 0, []
        for cell in row:
            while (r, c) in taken:
                c += 1
            places.append((c, cell))
            taken |= {(r + i, c + j) for i in range(cell.down) for j in range(cell.across)}
            c += cell.across
        if r == wanted:
            return places
    return []


def _trimmed(body: str) -> str:
    return re.sub(r"^(и|а также|совместно с)\s+", "", body.strip(" ,;"))


def days_of(text: str, ends: Sequence[date]) -> tuple[tuple[Dues | None, ...], tuple[tuple[date, date], ...]]:
    """Return the alternatives of due days that a label means, and the starts it names as (due, start)."""
    starts: list[tuple[date, date]] = []
    found: list[Dues | None] = []
    asked = text.endswith("?")
    for alternative in text.removesuffix("?").split(" or "):
        if alternative.strip() == "ask":
            found.append(ASK)
            continue
        days: list[date] = []
        for token in alternative.split():
            if token == "end":
                days.append(ends[0])
            elif ".." in token:
                first, last = token.split("..")
                days.append(_last(last))
                starts.append((days[-1], date.fromisoformat(first)))
            elif "~" in token:
                days += _steps(*token.split("~"))
            else:
                days.append(_last(token))
        found.append(tuple(sorted(set(days))))
    if asked and ASK not in found:
        found.append(ASK)
    return tuple(found), tuple(starts)


def _last(token: str) -> date:
    """Return the last day of a day, a month, a quarter (Q), a half (H) or a year."""
    found = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|H([12])|(\d\d)(?:-(\d\d))?))?", token)
    if not found:
        raise ValueError(f"no date: {token}")
    year, quarter, half, month, day = found.groups()
    if day:
        return date(int(year), int(month), int(day))
    ends = int(month) if month else int(quarter) * 3 if quarter else int(half) * 6 if half else 12
    return date(int(year), ends, calendar.monthrange(int(year), ends)[1])


def _steps(first: str, last: str) -> list[date]:
    """Return what comes again from a token to another of the same kind: months by the month, quarters by the quarter."""
    months = 3 if "Q" in first else 6 if "H" in first else 12 if re.fullmatch(r"\d{4}", first) else 1
    days, at, stop = [], _last(first), _last(last)
    day = int(first[8:]) if re.fullmatch(r"\d{4}-\d\d-\d\d", first) else 31
    while at <= stop:
        days.append(at)
        year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
        at = date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))
    return days
