"""Layouts that stand for a plan's table and are none: plans side by side, cards, months with measures in their fields, lines with dashes.

Each is laid out as the table that it stands for, with a question; what its columns mean is decided where tables are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from orders.findings import PlacedFinding
from reading.bodies import BODY_HEAD
from reading.deadlines import is_deadline
from reading.documents.columns import field_of, named_rows, plain_heading, spread, time_of
from reading.documents.model import Cell, Document, Row, Table, Text, with_table
from reading.doubts import doubt

FEWEST_MONTHS = 3
"""Columns of months, or rows of them, that make a calendar."""
FEWEST_LINES = 3
"""Lines of a list with dashes."""
LONGEST_LABEL = 60
_STEM = 6
_MARK_LIKE = re.compile(r"[^\w]{0,3}|[xхXХvV]|\d{1,2}(?:[.,\s–-]+\d{1,2})*|да|нет", re.IGNORECASE)
"""What a field of a matrix holds: a mark, or days."""
_WHEN = re.compile(
    r"(?i)недел|декад|числ|течени|квартал|ежемес|постоян|(?<![а-яё])до\s+\d|^\s*с\s+\d|по\s+(?:плану|графику|мере)"
)
"""What says when, and of what nobody knows."""
_ITEM = re.compile(r"(?:[-–—•▪●*]|\d{1,2}[.)])\s*")
_DIRECTION = re.compile(r"работ|деятельност|направлени|мероприяти|воспитани|контрол|образовани")
"""How a column is headed whose fields are measures of one kind."""
_NUMBERED = re.compile(r"(?i)(?:мероприятие|пункт|задача|этап)?\s*№?\s*(\d{1,2}(?:\.\d{1,3})*)[.)]?")
_NAMED = re.compile(r"(?i)(?:наименование|содержание|название|мероприятие|задача|вид\s)")
_TIMED = re.compile(r"(?i)(?:сроки?|дата|период)(?![а-яё])")
_SAYS_WHEN = re.compile(
    r"(?i)\d|(?<![а-яё])(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|весн|лет|осен|зим|ежем|ежек|ежег|кварт|полуг|течени|постоян)"
)
"""What no misspelt word is taken for."""
_DASH = re.compile(r"\s[–—-]\s")
_BEFORE = re.compile(r"(?:(\d{1,2})[.)]\s+)?(\S.*)")


# --- plans side by side ---


def side_by_side(document: Document) -> Document:
    """Return the document with tables that hold two plans beside each other cut in two."""
    blocks: list[Text | Table] = []
    asked: list[PlacedFinding] = []
    for block in document.blocks:
        cut = _second_plan(block) if isinstance(block, Table) else None
        if isinstance(block, Table) and cut:
            blocks += [replace(block, rows=tuple(_part(row, 0, cut) for row in block.rows)),
                       replace(block, rows=tuple(_part(row, cut, None) for row in block.rows))]  # fmt: skip
            asked.append(doubt("plans-side-by-side", line=block.rows[0].line))
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks), findings=(*document.findings, *asked)) if asked else document


def _second_plan(table: Table) -> int | None:
    """Return the column that a second plan begins with: its headings are those of the first once more, each with a title and a time."""
    for texts, _, _ in named_rows(table):
        plain = [plain_heading(text) for text in texts]
        for at in range(2, len(texts) - 1):
            alike = plain[0] and plain[at][:_STEM] == plain[0][:_STEM] and plain[at - 1] != plain[at]
            if alike and all({"title", "deadline"} <= {*map(field_of, part)} for part in (texts[:at], texts[at:])):
                return at
    return None


def _part(row: Row, first: int, end: int | None) -> Row:
    """Return a part of a row; what spans both parts stands in both."""
    cells = row.cells[first:end]
    if first and cells and cells[0].merged == "across":
        cells = (Cell(spread(row)[first]), *cells[1:])
    return Row(cells, row.line)


# --- months whose fields are the measures ---


def of_months(document: Document) -> Document:
    """Return the document with each table whose fields under or beside months are measures as a table of them."""
    blocks = [(_calendar(block) if isinstance(block, Table) else None) or block for block in document.blocks]
    made = [new for new, old in zip(blocks, document.blocks, strict=True) if new is not old]
    asked = [doubt("measures-in-months", line=table.rows[0].line) for table in made if isinstance(table, Table)]
    return replace(document, blocks=tuple(blocks), findings=(*document.findings, *asked)) if asked else document


def _calendar(table: Table) -> Table | None:
    for texts, _, skip in named_rows(table):
        fields = [field_of(text) for text in texts]
        months = [n for n, field in enumerate(fields) if field in {"month", "quarter"}]
        body = next((n for n, field in enumerate(fields) if field == "responsible"), None)
        rows = table.rows[skip:]
        apart = len({texts[n] for n in months}) == len(months)  # and no row of one month that spans the table
        if len(months) >= FEWEST_MONTHS and apart and _hold_measures(rows, months):
            return _laid(_under_months(rows, texts, months, body), table, bodies=body is not None)
        if fields.count("deadline") != 1 or body is not None or len(texts) < FEWEST_MONTHS:
            continue
        time = fields.index("deadline")
        kinds = [n for n, text in enumerate(texts) if n != time and _DIRECTION.search(plain_heading(text))]
        timed = [row for row in rows if time < len(row.cells) and time_of(row.cells[time].text)]
        others = [n for n in range(len(texts)) if n not in {time, *kinds} and fields[n] != "number"]
        if len(kinds) > 1 and not others and len(timed) >= FEWEST_MONTHS and _hold_measures(timed, kinds):
            return _laid(_beside_months(rows, texts, time, kinds), table, bodies=False)
    return None


def _hold_measures(rows: Sequence[Row], columns: Sequence[int]) -> bool:
    """Tell whether most fields that are not empty say what is to be done, and not when."""
    texts = [row.cells[n].text for row in rows for n in columns if n < len(row.cells) and row.cells[n].text]
    said = [t for t in texts if not (_MARK_LIKE.fullmatch(t.strip()) or is_deadline(t) or _WHEN.search(t))]
    return len(texts) >= FEWEST_MONTHS and 2 * len(said) > len(texts) and any(" " in text for text in said)


_Laid = Iterator[tuple[str, str, str, int | None]]
"""Title, time, body and line of each measure; without a time the title is that of a section."""


def _under_months(rows: Sequence[Row], texts: Sequence[str], months: Sequence[int], body: int | None) -> _Laid:
    for row in rows:
        own = [c.text if c.merged != "across" else "" for c in row.cells]
        about = " ".join(
            t for n, t in enumerate(own) if t and n not in {*months, body} and field_of(texts[n]) != "number"
        )
        if about:
            yield " ".join(about.split()), "", "", row.line
        for n in months:
            for title in _measures_in(own[n] if n < len(own) else ""):
                yield (
                    title,
                    " ".join(texts[n].split()),
                    own[body] if body is not None and body < len(own) else "",
                    row.line,
                )


def _beside_months(rows: Sequence[Row], texts: Sequence[str], time: int, kinds: Sequence[int]) -> _Laid:
    for n in kinds:
        yield " ".join(texts[n].split()), "", "", rows[0].line
        for row in rows:
            for title in _measures_in(row.cells[n].text if n < len(row.cells) else ""):
                yield title, row.cells[time].text, "", row.line


def _measures_in(text: str) -> list[str]:
    """Return the measures of a field: each line that begins a sentence or an item is one."""
    found: list[str] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        item = _ITEM.match(line)
        said = line[item.end() :] if item else line
        if not said.strip(" -–—"):
            continue
        if found and not item and (line[0].islower() or found[-1].endswith(("-", ","))):
            found[-1] = f"{found[-1]} {said}"
        else:
            found.append(said)
    return found


def _laid(measures: _Laid, table: Table, *, bodies: bool) -> Table:
    heads = ("Мероприятие", "Срок", *(("Ответственный",) if bodies else ()))
    rows = [Row(tuple(map(Cell, heads)), table.rows[0].line)]
    for title, time, body, line in measures:
        said = (title, time, *((body,) if bodies else ()))
        merged = (Cell(title), *(Cell("", "across") for _ in heads[1:]))
        rows.append(Row(tuple(map(Cell, said)) if time else merged, line))
    return Table(tuple(rows))


# --- cards ---


def uncarded(document: Document) -> Document | None:
    """Return the document with its cards, «Срок | до 30 июня», as lines with labels; None where there are none."""
    cards = {
        n: lines for n, block in enumerate(document.blocks) if isinstance(block, Table) and (lines := _card(block))
    }
    blocks = [
        Text("\n".join(cards[n]), block.rows[0].line) if n in cards and isinstance(block, Table) else block
        for n, block in enumerate(document.blocks)
    ]
    return replace(document, blocks=tuple(blocks)) if cards else None


def _card(table: Table) -> list[str] | None:
    pairs = [[c.text for c in row.cells if not c.merged] for row in table.rows]
    if any(len(pair) != 2 or len(pair[0]) > LONGEST_LABEL for pair in pairs):  # noqa: PLR2004  a label and what it says
        return None
    if not any(_TIMED.match(label) for label, _ in pairs):
        return None
    return [_labelled(*pair) for pair in pairs]


def _labelled(label: str, said: str) -> str:
    plain, said = " ".join(label.split()).rstrip(":"), " ".join(said.split())
    if numbered := _NUMBERED.fullmatch(plain):
        return f"{numbered.group(1)}. {said}"
    return f"Мероприятие: {said}" if _NAMED.match(plain) else f"{plain}: {said}"


# --- lines with dashes ---


def dashed(document: Document) -> Document | None:
    """Return the document with its lines «Лыжный поход – февраль – Козлов А.» as a table; None where they are no list."""
    lines = [
        (n, at, line, block.line)
        for n, block in enumerate(document.blocks)
        if isinstance(block, Text)
        for at, line in enumerate(block.text.split("\n"))
    ]
    sure = [_parts(line) is not None for _, _, line, _ in lines]
    if sum(sure) < FEWEST_LINES:
        return None
    found = [(n, at, parts, of) for n, at, line, of in lines if (parts := _parts(line) or _numbered(line))]
    rows = [Row(tuple(map(Cell, ("№", "Мероприятие", "Срок", "Ответственный"))), found[0][3])]
    rows += [Row(tuple(map(Cell, parts)), of) for _, _, parts, of in found]
    asked = doubt("plan-of-a-list", {"text": "«… – срок – кто»"}, line=found[0][3])
    made = with_table(document, {(n, at) for n, at, _, _ in found}, Table(tuple(rows), listed=True), found[-1][0])
    return replace(made, findings=(*document.findings, asked))


def _numbered(line: str) -> tuple[str, str, str, str] | None:
    """Return a numbered line of the list without a time of its own: its words are a title, and a person says the rest."""
    said = _BEFORE.fullmatch(" ".join(line.split()))
    return (said.group(1), said.group(2), "", "") if said and said.group(1) else None


def _parts(line: str) -> tuple[str, str, str, str] | None:
    """Return number, title, time and body of such a line; None where not just one of its parts is a time."""
    said = _BEFORE.fullmatch(" ".join(line.split()))
    parts = [part.strip(" ;") for part in _DASH.split(said.group(2))] if said else []
    times = [n for n, part in enumerate(parts) if is_deadline(part) and _SAYS_WHEN.search(part)]
    if not said or not 2 <= len(parts) <= 3 or len(times) != 1:  # noqa: PLR2004  what, when and who
        return None
    others = [part for n, part in enumerate(parts) if n not in times]
    if len(others) > 1 and not BODY_HEAD.match(others[-1]) and not re.search(r"[А-ЯЁ]\.", others[-1]):
        return None
    return said.group(1) or "", others[0], parts[times[0]], others[1] if len(others) > 1 else ""
