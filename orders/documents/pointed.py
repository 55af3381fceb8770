"""Orders whose measures are their points: «2. Руководителям школ в срок до 27 июня представить …».

Such points are laid out as the table that they stand for; what a title, a time and a body mean is decided where tables are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from orders.bodies import BODY_HEAD, PERSON
from orders.documents.header import AMENDS, Line, Order, is_ordering, order_lines, points_of
from orders.documents.model import Cell, Document, Row, Table, Text
from orders.doubts import doubt
from orders.findings import PlacedFinding

_MONTH = r"(?:январ|феврал|март|апрел|ма[йяе]|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]*"
_YEAR = r"(?:\s*(?:20\d\d|с\.\s?г\.|т\.\s?г\.)(?:\s*(?:г\.|год[а-я]*))?|\s+(?:текущего|сего)\s+года)"
_DAY = rf"[«\"]?\d{{1,2}}[»\"]?(?:\s+{_MONTH}{_YEAR}?|\.\d{{2}}(?:\.(?:20)?\d\d(?!\d))?(?:\s*г(?:\.|ода))?)"
_TIMES = re.compile(
    rf"(?i)(?<![\w.])(?:(?:в\s+)?(?:срок\s+)?(?:до|не\s+позднее|к)\s+(?:{_DAY}|\d{{1,2}}\s+числа[^.;]{{0,60}}|(?:начала|конца)\s+{_MONTH}{_YEAR}?)"
    rf"|с\s+[«\"]?\d{{1,2}}(?:[»\"]?\s+{_MONTH}{_YEAR}?|\.\d{{2}}(?:\.(?:20)?\d\d)?)?\s+(?:по|до)\s+{_DAY}"
    r"|(?:ежемесячно|ежеквартально|ежегодно|еженедельно|постоянно)(?:\s*,?\s*(?:в\s+срок\s+)?(?:до|не\s+позднее)\s+\d{1,2}(?:-?го)?\s+числа[^.;,]{0,60})?"
    r"|в\s+течение\s+(?:\d{1,3}|одного|двух|трех|трёх|пяти|десяти|всего|года|месяца|учебного)(?:\s+(?:рабочих|календарных|учебного)?\s*(?:дн[а-я]+|месяц[а-я]*|год[а-я]*|недел[а-я]+))?"
    rf"|в\s+{_MONTH}(?:\s*[-–—]\s*{_MONTH})?{_YEAR}|(?<!от\s){_DAY}(?=\s)(?!\s*(?:№|N\s)))"
)
"""What says when a point is to be done; «от 7 мая» is the date of an act."""
_INFINITIVE = re.compile(
    r"(?<![А-Яа-яё-])[а-яё]{2,}(?:ть|ти|чь)(?:ся)?(?![а-яё-])|(?<![А-Яа-яё-])[А-ЯЁ][а-яё]+(?:ть|ти|чь)(?:ся)?(?![а-яё-])"
)
_OF_THE_ORDER = re.compile(
    r"(?i)(?:контроль|.{0,60}(?:возложить|оставляю\s+за\s+собой)|считать\s+утратившим|признать\s+утратившим|утвердить|настоящ(?:ий|ее)|"
    r"приказ\s+вступает|создать\s+(?:комисси|рабоч)|внести\s+(?:в|следующ))"
)
"""How points begin that say something of the order itself."""


@dataclass(frozen=True, slots=True)
class _Duty:
    """A point that is a measure."""

    number: str
    text: str
    time: str
    body: str
    line: int | None


def pointed(document: Document) -> Document | None:
    """Return the document with those of an order's points that are measures as a table; None where none names a time."""
    lines = order_lines(document, None)
    ordering = next((n for n, line in enumerate(lines) if is_ordering(line.text)), None)
    if ordering is None or any(AMENDS.search(line.text) for line in lines[:12]):
        return None
    points = points_of(lines, ordering)
    leads: dict[str, str] = {}
    duties: dict[int, _Duty] = {}
    for n, (point, _) in enumerate(points):
        body = _addressee(point.text) or next((of for lead, of in leads.items() if point.number.startswith(lead)), "")
        if point.text.rstrip().endswith(":") and not _TIMES.search(point.text):
            leads[f"{point.number}."] = body
        elif not _OF_THE_ORDER.match(point.text) and (body or _TIMES.search(point.text)):
            times = "; ".join(found.group().strip() for found in _TIMES.finditer(point.text))
            duties[n] = _Duty(point.number, point.text.rstrip(" ;."), times, body, point.line)
    if not any(duty.time for duty in duties.values()):
        return None
    return _laid(document, lines, [(duties.get(n), told) for n, (_, told) in enumerate(points)])


def dated_points(order: Order) -> list[PlacedFinding]:
    """Return a question about points that name a time beside a plan that was read from a table."""
    dated = [p for p in order.points if _TIMES.search(p.text) and not _OF_THE_ORDER.match(p.text)]
    if not dated:
        return []
    text = "; ".join(f"{point.number}. {point.text[:80]}" for point in dated[:10])
    return [doubt("points-with-dates", {"text": text}, where="order", line=dated[0].line)]


def _addressee(text: str) -> str:
    """Return whom a point is addressed to: what stands before what they have to do, or a person in brackets."""
    verb = _INFINITIVE.search(text)
    led = text if text.rstrip().endswith(":") else ""
    before = _TIMES.sub("", text[: verb.start()] if verb else led).strip(" ,:–—-")
    if before and BODY_HEAD.match(before):
        return " ".join(re.sub(r"(?:\s|,)+(?:в\s+срок)$", "", before).split())
    bracketed = re.search(r"\(([^()]*)\)", text)
    return bracketed.group(1).strip() if bracketed and PERSON.search(bracketed.group(1)) else ""


def _laid(document: Document, lines: list[Line], points: list[tuple[_Duty | None, list[int]]]) -> Document:
    """Return the document with its duties as a table behind its points, whose lines they are no more."""
    taken = {(lines[n].block, lines[n].at) for duty, told in points if duty for n in told}
    last = max(lines[n].block for _, told in points for n in told)
    duties = [duty for duty, _ in points if duty]
    rows = [Row(tuple(map(Cell, ("№", "Мероприятие", "Срок", "Ответственный"))), duties[0].line)]
    rows += [Row(tuple(map(Cell, (d.number, d.text, d.time, d.body))), d.line) for d in duties]
    blocks: list[Text | Table] = []
    for n, block in enumerate(document.blocks):
        if isinstance(block, Text):
            kept = [line for at, line in enumerate(block.text.split("\n")) if (n, at) not in taken]
            blocks += [Text("\n".join(kept), block.line, block.heading)] if kept else []
        else:
            blocks.append(block)
        if n == last:
            blocks.append(Table(tuple(rows), listed=True))
    asked = doubt("plan-of-points", {"text": ", ".join(duty.number for duty in duties)}, line=duties[0].line)
    return Document(document.kind, tuple(blocks), (*document.findings, asked))
