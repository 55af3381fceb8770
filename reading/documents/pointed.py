"""Orders whose measures are their points: «2. Руководителям школ в срок до 27 июня представить …».

Such points are laid out as the table that they stand for; what a title, a time and a body mean is decided where tables are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from orders.findings import PlacedFinding
from reading.bodies import BODY_HEAD, PERSON
from reading.documents.header import AMENDS, Order, order_lines
from reading.documents.model import Cell, Document, Row, Table, with_table
from reading.documents.points import INFINITIVE, Line, Point, ordering_of, points_of
from reading.doubts import doubt

_MONTH = r"(?:январ|феврал|март|апрел|ма[йяе]|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]*"
_YEAR = r"(?:\s*(?:20\d\d|с\.\s?г\.|т\.\s?г\.)(?:\s*(?:г\.|год[а-я]*))?|\s+(?:текущего|сего)\s+года)"
_ORDINAL = r"(?:перв|втор|треть|четв[её]рт|пят|шест|седьм|восьм|девят|десят|(?:один|две|три|четыр|пят|шест|сем|восем|девят)надцат|двадцат|тридцат)[а-я]+"
_DAY = rf"(?:[«\"]?\d{{1,2}}[»\"]?(?:\s+{_MONTH}{_YEAR}?|\.\d{{2}}(?:\.(?:20)?\d\d(?!\d))?(?:\s*г(?:\.|ода))?)|(?:двадцать\s+|тридцать\s+)?{_ORDINAL}\s+{_MONTH}{_YEAR}?)"
_SPAN = rf"(?:(?:I{{1,3}}|IV|[1-4](?:-?[а-я]{{1,2}})?|{_ORDINAL})\s+(?:квартал|полугоди)[а-я]*{_YEAR}?)"
_TIMES = re.compile(
    rf"(?i)(?<![\w.])(?:(?:в\s+)?(?:срок\s+)?(?:до|не\s+позднее|к)\s+(?:{_DAY}|\d{{1,2}}(?:-?го)?\s+числа[^.;]{{0,60}}|(?:начала|конца)\s+{_MONTH}{_YEAR}?|{_SPAN})"
    rf"|(?:ежедневно\s+)?с\s+[«\"]?\d{{1,2}}(?:[»\"]?\s+{_MONTH}{_YEAR}?|\.\d{{2}}(?:\.(?:20)?\d\d)?)?\s+(?:по|до)\s+{_DAY}|с\s+{_DAY}"
    r"|(?:ежедневно|ежемесячно|ежеквартально|ежегодно|еженедельно|постоянно)(?:\s+по\s+(?:понедельник|вторник|сред|четверг|пятниц|суббот)[а-я]*)?(?:\s*,?\s*(?:в\s+срок\s+)?(?:до|не\s+позднее)\s+\d{1,2}(?:-?го)?\s+числа[^.;,]{0,60}(?:,\s*следующ[а-яё]+\s+за\s+отч[её]тн[а-яё]+(?:\s+[а-яё]+)?)?)?"
    r"|в\s+течение\s+(?:\d{1,3}|одного|двух|трех|трёх|пяти|десяти|всего|года|месяца|учебного)(?:\s+(?:рабочих|календарных|учебного)?\s*(?:дн[а-я]+|месяц[а-я]*|год[а-я]*|недел[а-я]+))?"
    rf"|во?\s+{_SPAN}"
    rf"|в\s+{_MONTH}(?:\s*[-–—]\s*{_MONTH})?{_YEAR}|(?<!от\s){_DAY}(?=\s)(?!\s*(?:№|N\s)))"
)
"""What says when a point is to be done; «от 7 мая» is the date of an act."""
_DATIVE = re.compile(
    r"(?!(?:В|Во|При|Для|С|Со|По|К|На|За|Об?)\s)[А-ЯЁ]?[а-яё]+(?:ому|ему|ой|ей|ым|им|ам|ям|у|ю)(?:\s[^\s:;()]+){0,7}$"
)
"""Who has to do it, of a kind that no list of words has: «Национальной библиотеке»."""
_LAST_IN_BRACKETS = re.compile(
    r"(?i)\((?!приложени|согласно|далее|при\s|в\s|по\s|до\s|не\s|с\s|за\s|на\s)([а-яё][^()\d]{2,60})\)\s*[.;]?\s*$"
)
"""Whom a point names at its end: «очистить колодцы (участок сетей)»."""
_ASKED = re.compile(r"(?i)(?:рекомендовать|предложить|поручить|обязать|просить)\s+(?=[а-яё«])")
"""How a point begins that goes on with its addressee."""
_OF_THE_ORDER = re.compile(
    r"(?i)(?:контроль|.{0,60}(?:возложить|оставляю\s+за\s+собой)|считать\s+утратившим|признать\s+утратившим|утвердить|настоящ(?:ий|ее)|"
    r"приказ\s+вступает|создать\s+(?:комисси|рабоч)|внести\s+(?:в|следующ))"
)
"""How points begin that say something of the order itself."""


@dataclass(frozen=True, slots=True)
class _Duty:
    """A point that is a measure, or one that names a body or a time for those below it."""

    number: str
    text: str
    time: str
    body: str
    line: int | None
    leads: bool = False


def pointed(document: Document) -> Document | None:
    """Return the document with those of an order's points that are measures as a table; None where none names a time."""
    lines = order_lines(document, None)
    ordering = ordering_of(lines)
    if ordering is None or any(AMENDS.search(line.text) for line in lines[:12]):
        return None
    points = points_of(lines, ordering)
    leads: dict[str, _Duty] = {}
    duties: dict[int, _Duty] = {}
    for n, (point, _) in enumerate(points):
        duty = _duty(point, leads)
        if duty.leads:
            leads[point.number] = duties[n] = duty
        elif not _OF_THE_ORDER.match(point.text) and (duty.body or duty.time):
            duties[n] = duty
    if not any(duty.time for duty in duties.values()):
        return None
    below = {lead for duty in duties.values() if not duty.leads for lead in leads if _is_below(duty.number, lead)}
    duties = {n: duty for n, duty in duties.items() if not duty.leads or duty.number in below}
    others = [f"{p.number}. {p.text}" for n, (p, _) in enumerate(points) if n not in duties and _orders(p.text)]
    return _laid(document, lines, [(duties.get(n), told) for n, (_, told) in enumerate(points)], others)


def _orders(text: str) -> bool:
    """Tell a point that may order something and says neither who nor when."""
    return INFINITIVE.search(text) is not None and not _OF_THE_ORDER.match(text)


def _is_below(number: str, lead: str) -> bool:
    """Tell «2.1» and «2а» below «2»."""
    return number.startswith(lead) and re.match(r"[.а-я]", number[len(lead) :]) is not None


def _duty(point: Point, leads: Mapping[str, _Duty]) -> _Duty:
    """Return what a point says of who and when; what it does not say has the point that it stands below."""
    times = "; ".join(found.group().strip() for found in _TIMES.finditer(point.text))
    above = next((lead for number, lead in leads.items() if _is_below(point.number, number)), None)
    body = _addressee(point.text) or (above.body if above else "")
    made = _Duty(point.number, point.text.rstrip(" ;."), times or (above.time if above else ""), body, point.line)
    return replace(made, leads=point.text.rstrip().endswith(":"))


def dated_points(order: Order) -> list[PlacedFinding]:
    """Return a question about points that name a time beside a plan that was read from a table."""
    dated = [p for p in order.points if _TIMES.search(p.text) and not _OF_THE_ORDER.match(p.text)]
    if not dated:
        return []
    said = ((f"{point.number}. {point.text}", point.line) for point in dated)
    return [doubt("points-with-dates", {"text": text}, where="order", line=line) for text, line in said]


def _addressee(text: str) -> str:
    """Return whom a point is addressed to: what stands before what they have to do, or a person in brackets."""
    asked = _ASKED.match(text)
    start = asked.end() if asked else 0
    verb = INFINITIVE.search(text, start)
    led = text if text.rstrip().endswith(":") else ""
    before = _TIMES.sub("", text[start : verb.start()] if verb else led).strip(" ,:–—-")
    if before and (BODY_HEAD.match(before) or _DATIVE.match(before)):
        body = " ".join(re.sub(r"(?:\s|,)+(?:в\s+срок)$", "", before).split())
        return f"{text[:start]}{body}" if asked and re.match("(?i)реком|предл|прос", text) else body
    bracketed = re.search(r"\(([^()]*)\)", text)
    last = _LAST_IN_BRACKETS.search(text)
    named = bracketed.group(1).strip() if bracketed and PERSON.search(bracketed.group(1)) else ""
    return named or (last.group(1).strip() if last else "")


def _laid(
    document: Document, lines: Sequence[Line], points: list[tuple[_Duty | None, list[int]]], others: list[str]
) -> Document:
    """Return the document with its duties as a table behind its points, whose lines they are no more; leads are its sections.

    `others` are points that are neither.
    """
    taken = {(lines[n].block, lines[n].at) for duty, told in points if duty for n in told}
    last = max(lines[n].block for _, told in points for n in told)
    duties = [duty for duty, _ in points if duty]
    rows = [Row(tuple(map(Cell, ("№", "Мероприятие", "Срок", "Ответственный"))), duties[0].line)]
    for duty in duties:
        if duty.leads:
            rows.append(Row((Cell(f"{duty.number}. {duty.text}"), *(Cell("", "across") for _ in range(3))), duty.line))
        else:
            rows.append(Row(tuple(map(Cell, (duty.number, duty.text, duty.time, duty.body))), duty.line))
    numbers = ", ".join(duty.number for duty in duties if not duty.leads)
    asked = doubt("plan-of-points", {"text": numbers}, line=duties[0].line)
    left = [doubt("points-left-out", {"text": other}, line=duties[0].line) for other in others]
    made = with_table(document, taken, Table(tuple(rows), listed=True), last)
    return replace(made, findings=(*document.findings, asked, *left))
