"""What stands around the table: the order's number, date, title, points and signatory, the period, the indicators."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile

from orders.bodies import PERSON
from orders.deadlines import Period
from orders.documents.layout import Plan, headings, named_rows
from orders.documents.model import Document, Table, Text
from orders.doubts import doubt
from orders.findings import PlacedFinding

MAX_HEADING = 80
"""Characters of a heading over indicators; what is longer is one of them."""
_SHORTEST_TITLE = 8
_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_DATE = re.compile(
    r"[«\"„]?\s*(?<![\d.])(\d{1,2})\s*[»\"“]?\s*(?:\.\s*(\d{1,2})\s*\.|\s+(\d{2})\s+|\s*((?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]*)\s+)\s*((?:19|20)\d{2}|(?<=\.)\d{2})(?![\d.]\d|\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:№|(?<![A-Za-z])N(?=\s*\d))\s*([\dА-Яа-яA-Za-z][\dА-Яа-яA-Za-z/.-]*[\dА-Яа-яA-Za-z]|\d)")
_ACT = re.compile(r"(?:приказ|распоряжение|постановление|решение)", re.IGNORECASE)
_SPACED_ACT = re.compile(
    r"(?:п\s?р\s?и\s?к\s?а\s?з|р\s?а\s?с\s?п\s?о\s?р\s?я\s?ж\s?е\s?н\s?и\s?е|п\s?о\s?с\s?т\s?а\s?н\s?о\s?в\s?л\s?е\s?н\s?и\s?е|р\s?е\s?ш\s?е\s?н\s?и\s?е)(?:\s+(?:от\s|№|N\s|«|\d).{0,80})?",
    re.IGNORECASE,
)
_FIRST_LINES = 5
_NAMED_ACT = re.compile(rf"{_ACT.pattern}\s.{{2,200}}?\sот\s.{{6,30}}?(?:№|N)\s*\S{{1,30}}", re.IGNORECASE)
"""What a legal database calls an act: «Распоряжение Администрации … от 07.05.2014 № 504-р/адм»."""
_ORDERING = re.compile(
    r"(?:п\s?р\s?и\s?к\s?а\s?з\s?ы\s?в\s?а\s?ю|п\s?о\s?с\s?т\s?а\s?н\s?о\s?в\s?л\s?я\s?[юе]\s?т?|обязываю|распоряжаюсь|(?:\S+\s+){0,4}решил[аи]?)\s*:?",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(
    r"(?:в\s+цел|с\s+цел|на\s+основани|в\s+соответстви|во\s+исполнени|в\s+связи|руководствуясь|в\s+рамках|согласно|для\s)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:О[бБ]?|По|ПО)\s")
_PLAN_TITLE = re.compile(
    r"(?:муниципальн\w+\s+|комплексн\w+\s+)?(?:дорожная\s+карта|план(?:-график)?(?![а-я])|комплекс\s+мер|перечень\s+мероприятий|программа(?![а-я])|(?:сетевой\s+)?график(?![а-я])|мероприятия\s+по|календарный\s+план)",
    re.IGNORECASE,
)
_DATED_LINE = re.compile(r"\s*(?:от\s|№|[«\"]?\s*\d{1,2}\s*[»\".\s])", re.IGNORECASE)
_STAMP = re.compile(r"(?:утвержд|приложени)", re.IGNORECASE)
_POINT = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)[.)]?\s+(\S.*)", re.DOTALL)
_YEARS = r"((?:20)\d{2})\s*[-–—/]\s*((?:20)?\d{2})(?!\d)"
_MONTH_NAME = r"((?:январ|феврал|март|апрел|ма[йяе]|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]*)"
_MONTHS_NAMED = re.compile(
    rf"(?:на|в|за|с)\s+{_MONTH_NAME}(?:\s+(20\d{{2}})\s*г?[а-я.]*)?(?:\s*(?:[-–—]|по)\s*{_MONTH_NAME})?\s+(20\d{{2}})\s*г",
    re.IGNORECASE,
)
_INDICATOR_HEAD = re.compile(r"(?:целев\w+\s+)?(?:индикатор|показател)", re.IGNORECASE)
_COMPARATORS = (
    (re.compile(r"(?:не\s+(?:менее|ниже|меньше|хуже)|как\s+минимум|минимум)", re.IGNORECASE), ">="),
    (re.compile(r"(?:не\s+(?:более|выше|больше)|максимум)", re.IGNORECASE), "<="),
    (re.compile(r"(?:более|свыше|больше|выше)(?=\s+(?:чем\s+)?\d)", re.IGNORECASE), ">"),
    (re.compile(r"(?:менее|меньше|ниже)(?=\s+(?:чем\s+)?\d)", re.IGNORECASE), "<"),
    (re.compile(r"\bдо(?=\s+\d)", re.IGNORECASE), ">="),
)
_VALUE = re.compile(
    r"(\d{1,6}(?:[.,]\d{1,3})?)\s*(%|процент\w*|п\.\s?п\.|балл\w*|чел(?:овек\w*|\.)|шт\.?|ед\.?|школ\w*|раз\w*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Point:
    """One point of an order, as «2.1» and its text."""

    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """The act behind the plan; "" or None for what the document does not say."""

    number: str
    date: date | None
    title: str
    plan_title: str = ""
    signatory: str = ""
    signatory_post: str = ""
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """A target: `target` and `unit` are None without a figure, `comparator` where it is not said."""

    number: str
    text: str
    target: float | None
    comparator: str | None
    unit: str | None

    def to_json(self) -> dict[str, object]:
        """Return the record of the interfaces."""
        target = int(self.target) if self.target is not None and self.target == int(self.target) else self.target
        return {
            "number": self.number,
            "text": self.text,
            "target": target,
            "comparator": self.comparator,
            "unit": self.unit,
        }


def read_order(document: Document, table_at: int | None) -> tuple[Order, list[PlacedFinding]]:
    """Return what the text before the plan says of the order."""
    lines = _lines(document, table_at)
    findings: list[PlacedFinding] = []
    start = next((n for n, t in enumerate(lines) if _SPACED_ACT.fullmatch(t.text.strip(" .*:"))), None)
    ordering = next((n for n, t in enumerate(lines) if _ORDERING.match(t.text.strip())), None)
    end = ordering if ordering is not None and start is not None and ordering > start else (start or 0) + 14
    head = (
        [t for t in lines[max(0, start - 3) : start] if _DATED_LINE.match(t.text)] + list(lines[start:end])
        if start is not None
        else []
    )
    head_title = next((n for n, t in enumerate(head) if _TITLE.match(t.text)), len(head))
    above = "\n".join(t.text for t in head[:head_title] or head if not _PREAMBLE.match(t.text))
    if start is None and (named := next((t.text for t in lines[:_FIRST_LINES] if _NAMED_ACT.fullmatch(t.text)), None)):
        above = named
    dates, numbers = _dates(above), _NUMBER.findall(above)
    stamps = _stamps("\n".join(t.text for t in lines))
    when = dates[0] if dates else next((d for d, _ in stamps if d), None) or _approved("\n".join(t.text for t in lines))
    number = numbers[0] if numbers else next((n for _, n in stamps if n), "")
    for stamp_date, stamp_number in stamps:
        if (when and stamp_date and stamp_date != when) or (number and stamp_number and stamp_number != number):
            findings.append(
                doubt(
                    "order-data-differ",
                    {"one": f"{when} № {number}", "other": f"{stamp_date} № {stamp_number}"},
                    where="order",
                )
            )
    if when is None:
        findings.append(doubt("order-date-missing", where="order"))
    if not number:
        findings.append(doubt("order-number-missing", where="order"))
    plan_title = _plan_title(lines)
    points, signatory, post = _body_of_order(lines, ordering)
    title = _order_title(head[head_title:], lines)
    order = Order(number, when, title or plan_title, plan_title or title, signatory, post, points)
    return order, findings


def read_period(order: Order, document: Document, table_at: int | None) -> Period | None:
    """Return the plan's period from its titles, then from any text before the table."""
    texts = [order.plan_title, order.title, *(t.text for t in _lines(document, table_at))]
    for text in texts:
        period = period_of(text, order.date)
        if period:
            return period
    return None


def period_of(text: str, signed: date | None) -> Period | None:
    """Return the period that a title names: school years end on 31 August, years on 31 December."""
    text = " ".join(text.split())
    ways = (_school_years, _days, _months, _years, _quarter_or_half, _slashed_year, _one_year)
    found = (way(text) for way in ways)
    return _before_a_school_year(text, signed) or next(filter(None, found), None) or _until(text, signed)


def _before_a_school_year(text: str, signed: date | None) -> Period | None:
    """Return the months before «к началу 2012/2013 учебного года»: what prepares a year is over when it begins."""
    found = re.search(rf"(?<!\w)к\s+(?:началу\s+)?(?:нов[а-я]+\s+)?{_YEARS}\s*(?:г\.?г?\.?\s*)?уч", text, re.IGNORECASE)
    if not found:
        return None
    end = date(int(found.group(1)), 8, 31)
    return Period(signed if signed and signed.year == end.year and signed <= end else date(end.year, 1, 1), end)


def _school_years(text: str) -> Period | None:
    found = re.search(_YEARS + r"\s*(?:г\.?г?\.?\s*)?\(?\s*уч", text, re.IGNORECASE) or re.search(
        r"уч[а-я.]*\s*(?:год[а-я]*)?\s*" + _YEARS, text, re.IGNORECASE
    )
    if not found:
        return None
    first, last, before = int(found.group(1)), _second(int(found.group(1)), found.group(2)), text[: found.start()]
    if half := re.search(r"(?:(i{1,2}|[12]|перв|втор)[а-я-]*\s+полугоди)", before, re.IGNORECASE):
        second = half.group(1).lower() in {"ii", "2", "втор"}
        return Period(date(last, 1, 1), date(last, 8, 31)) if second else Period(date(first, 9, 1), date(first, 12, 31))
    if earlier := re.search(_YEARS + r"\s*(?:,|и)\s*$", before):
        first = min(first, int(earlier.group(1)))
    return Period(date(first, 9, 1), date(last, 8, 31)) if first < last else None


def _days(text: str) -> Period | None:
    span = re.search(r"(?:период\s+)?с\s+(\S.{2,25}?)\s+по\s+(\S.{2,25})", text, re.IGNORECASE)
    if span and (first := _dates(span.group(1))) and (last := _dates(span.group(2))) and first[0] <= last[0]:
        return Period(first[0], last[0])
    return None


def _months(text: str) -> Period | None:
    found = _MONTHS_NAMED.search(text)
    if not found:
        return None
    first, last, end = _month(found.group(1)), _month(found.group(3) or found.group(1)), int(found.group(4))
    start = int(found.group(2) or (end if first <= last else end - 1))
    return Period(date(start, first, 1), _month_end(end, last)) if (start, first) <= (end, last) else None


def _years(text: str) -> Period | None:
    found = re.search(_YEARS + r"\s*(?:-?\s*[хе]\s*)?(?:год|г)", text, re.IGNORECASE) or re.search(
        r"(20\d{2})\s*(?:г\.?|год)?\s*(?:,|и)\s*(20\d{2})\s*г", text, re.IGNORECASE
    )
    if found and (last := _second(int(found.group(1)), found.group(2))) >= int(found.group(1)):
        return Period(date(int(found.group(1)), 1, 1), date(last, 12, 31))
    return None


def _quarter_or_half(text: str) -> Period | None:
    part = re.search(r"на\s+(i{1,3}|iv|[1-4])[а-я-]*\s+(квартал|полугоди)[а-я]*\s+(20\d{2})", text, re.IGNORECASE)
    if not part:
        return None
    number = {"i": 1, "ii": 2, "iii": 3, "iv": 4}.get(part.group(1).lower()) or int(part.group(1))
    length, year = (3 if part.group(2).lower() == "квартал" else 6), int(part.group(3))
    if number * length > 12:  # noqa: PLR2004  a third half
        return None
    return Period(date(year, (number - 1) * length + 1, 1), _month_end(year, number * length))


def _slashed_year(text: str) -> Period | None:
    """Return the school year of «на 2021/22»: two years in a row, and nothing said of calendar years."""
    found = re.search(r"на\s+(20\d{2})\s*/\s*((?:20)?\d{2})(?!\d)", text, re.IGNORECASE)
    if not found or _second(int(found.group(1)), found.group(2)) != int(found.group(1)) + 1:
        return None
    return Period(date(int(found.group(1)), 9, 1), date(int(found.group(1)) + 1, 8, 31))


def _one_year(text: str) -> Period | None:
    found = re.search(r"(?:(?:на|в|за)\s+|^)(20\d{2})\s*г", text, re.IGNORECASE)
    return Period(date(int(found.group(1)), 1, 1), date(int(found.group(1)), 12, 31)) if found else None


def _until(text: str, signed: date | None) -> Period | None:
    found = re.search(r"(?:на\s+период\s+)?до\s+(20\d{2})\s*г", text, re.IGNORECASE)
    if found and signed and signed.year <= int(found.group(1)):
        return Period(signed, date(int(found.group(1)), 12, 31))
    return None


def _month_end(year: int, month: int) -> date:
    return date(year, 12, 31) if month == 12 else date.fromordinal(date(year, month + 1, 1).toordinal() - 1)  # noqa: PLR2004


def _second(first: int, text: str) -> int:
    return int(text) if len(text) == 4 else first // 100 * 100 + int(text)  # noqa: PLR2004


def read_indicators(
    document: Document, plan: Plan, period: Period | None
) -> tuple[list[Indicator], list[PlacedFinding]]:
    """Return the targets named under a heading of indicators and in tables of them, numbered through.

    Of values by years that of the plan's last year is the target; a base value is none.
    """
    findings: list[PlacedFinding] = []
    read: list[tuple[Indicator, PlacedFinding | None]] = [
        (_indicator(text), None) for text in _listed_indicators(document, plan.first_table)
    ]
    of_plan = {row.table for row in plan.rows}
    for at, block in enumerate(document.blocks):
        if isinstance(block, Table) and at not in of_plan:
            read += _tabled_indicators(block, period, findings)
    indicators = [replace(indicator, number=str(n)) for n, (indicator, _) in enumerate(read, 1)]
    for indicator, (_, doubtful) in zip(indicators, read, strict=True):
        where = f"indicator {indicator.number}"
        findings += [replace(doubtful, where=where)] if doubtful else []
        if indicator.target is None:
            findings.append(doubt("no-measurable-target", {"text": indicator.text[:120]}, where=where))
        elif indicator.comparator is None:
            findings.append(doubt("comparator-not-said", {"text": indicator.text[:120]}, ">=", where))
    return indicators, findings


def _listed_indicators(document: Document, table_at: int | None) -> list[str]:
    """Return the items after a heading of indicators, before the plan or else after it."""
    at = table_at if table_at is not None else len(document.blocks)
    return _items(document.blocks[:at]) or _items(document.blocks[at:], ended=True)


def _items(blocks: Sequence[Text | Table], *, ended: bool = False) -> list[str]:
    """Return the items below a heading: each ends with «;» or «.», whatever the scan's line breaks.

    With `ended`, the heading ends with «:» or with nothing, and what follows an item that ends the list («.» after «;»),
    or has neither such an end nor a value, is a signature and no item.
    """
    start = next(
        (
            n
            for n, b in enumerate(blocks)
            if isinstance(b, Text)
            and _INDICATOR_HEAD.search(b.text)
            and len(b.text) < MAX_HEADING
            and not b.text.rstrip().endswith((";", ",", ".") if ended else (";", ","))
        ),
        None,
    )
    if start is None:
        return []
    items: list[str] = []
    open_item = mark = ""
    for block in blocks[start + 1 :]:
        if not isinstance(block, Text) or block.heading or _PLAN_TITLE.match(block.text):
            break
        for line in block.text.split("\n"):
            text = re.sub(r"^\s*(?:[-–—•*]|\d{1,2}[.)])\s*", "", line).strip()
            if text.endswith(":"):
                open_item = ""
                continue
            open_item = f"{open_item} {text}".strip()
            if text.endswith((";", ".")):
                items.append(open_item.rstrip(";").strip() if open_item.endswith(";") else open_item)
                open_item = ""
                if ended and mark == ";" and text.endswith("."):
                    return items
                mark = text[-1]
    return [*items, open_item] if open_item and (not ended or _VALUE.search(open_item)) else items


def _tabled_indicators(
    table: Table, period: Period | None, findings: list[PlacedFinding]
) -> list[tuple[Indicator, PlacedFinding | None]]:
    """Return the rows of a table headed «Показатель | Единица измерения | значение…» or with years; each with its doubt."""
    found = next(
        ((heads, skip) for heads, skip in named_rows(table) if any(_INDICATOR_COLUMN.match(h.lower()) for h in heads)),
        None,
    )
    if found is None or any(headings(heads) for heads, _ in named_rows(table)):
        return []
    heads, skip = [" ".join(h.lower().replace("ё", "е").split()) for h in found[0]], found[1]
    name = next(n for n, h in enumerate(heads) if _INDICATOR_COLUMN.match(h))
    unit = next((n for n, h in enumerate(heads) if _UNIT_COLUMN.search(h)), None)
    values = [
        n
        for n, h in enumerate(heads)
        if n not in {name, unit} and _VALUE_COLUMN.search(h) and not _BASE_COLUMN.search(h)
    ]
    if not values:
        findings.append(
            doubt("indicators-not-read", {"text": " | ".join(found[0])[:200]}, where="table", line=table.rows[0].line)
        )
        return []
    chosen = values[0] if len(values) == 1 else _of_period([(n, heads[n]) for n in values], period)
    result: list[tuple[Indicator, PlacedFinding | None]] = []
    for row in table.rows[skip:]:
        cells = [" ".join(c.text.split()) for c in row.cells]
        if (
            len(cells) <= max(name, unit or 0, *values)
            or not cells[name]
            or row.cells[name].merged
            or cells[name].isdigit()
        ):
            continue
        if not any(cells[n] for n in (*values, *([] if unit is None else [unit]))):
            continue  # a row that names a group of indicators
        said = cells[chosen] if chosen is not None else ""
        measured = cells[unit] if unit is not None else ""
        doubtful = None
        if len(values) > 1:
            by_head = "; ".join(f"{found[0][n]} – {cells[n]}" for n in values)
            doubtful = doubt(
                "several-values", {"text": by_head}, found[0][chosen] if chosen is not None else "", line=row.line
            )
        result.append((_of_cells(cells[name], said, measured), doubtful))
    return result


_INDICATOR_COLUMN = re.compile(r"(?!.*значени)(?=.{0,80}$)(?:\S+\s+){0,3}?(?:показател|индикатор)")
_UNIT_COLUMN = re.compile(r"единиц|ед\.?\s*изм")
_VALUE_COLUMN = re.compile(r"значени|план|целев|20\d\d|результат|норматив|критери|величин")
_BASE_COLUMN = re.compile(r"базов|исходн|факт|текущ|начал|предыдущ|отчетн|источник|ответствен|срок|метод")
_FIGURE = re.compile(r"(?<![\d.,])(\d{1,3}(?:\s\d{3})+|\d{1,9})(?:[.,](\d{1,3}))?(?![\d.,]*\d)")


def _of_period(values: Sequence[tuple[int, str]], period: Period | None) -> int | None:
    """Return the column of the plan's last year; None where there is none, or two."""
    if period is None:
        return None
    years = [(n, [int(y) for y in re.findall(r"20\d\d", head)]) for n, head in values]
    inside = [(max(y), n) for n, y in years if y and period.start.year <= min(y) and max(y) <= period.end.year]
    last = max(inside, default=(0, None))
    return last[1] if sum(year == last[0] for year, _ in inside) == 1 else None


def _of_cells(name: str, said: str, measured: str) -> Indicator:
    """Return the indicator of a row: a value of one figure is a target, «10-15» is none."""
    text = f"{name}: {said}".rstrip(": ") + (f" {measured}" if measured and measured not in said else "")
    comparator = next((sign for pattern, sign in _COMPARATORS if pattern.search(said)), None) or next(
        (sign for pattern, sign in _COMPARATORS if pattern.search(measured)), None
    )
    figures = _FIGURE.findall(said)
    if len(figures) != 1:
        return Indicator("", text, None, comparator, None)
    whole, part = figures[0]
    own = _VALUE.search(said)
    unit = own.group(2) if own else measured
    if not unit and (bracketed := re.search(r"[,(]\s*(%|процент\w*|чел\w*\.?|ед\w*\.?|шт\.?|балл\w*)\s*\)?\s*$", name)):
        unit = bracketed.group(1)
    sound = "%" if re.match(r"%|процент", unit, re.IGNORECASE) else unit.strip() or None
    return Indicator("", text, float(re.sub(r"\s", "", whole) + (f".{part}" if part else "")), comparator, sound)


def _indicator(text: str) -> Indicator:
    value = _VALUE.search(text)
    comparator = next((sign for pattern, sign in _COMPARATORS if pattern.search(text)), None)
    if value is None:
        return Indicator("", text, None, comparator, None)
    unit = "%" if re.match(r"%|процент", value.group(2), re.IGNORECASE) else value.group(2)
    return Indicator("", text, float(value.group(1).replace(",", ".")), comparator, unit)


# --- parts -------------------------------------------------------------------------------------------------


def _lines(document: Document, table_at: int | None) -> list[Text]:
    """Return the paragraphs before the plan, cells of the small tables of a letterhead among them."""
    result: list[Text] = []
    for block in document.blocks[: table_at if table_at is not None else len(document.blocks)]:
        if isinstance(block, Text):
            result += [Text(line, block.line, block.heading) for line in block.text.split("\n")]
        elif len(block.rows) <= 4 and len(block.rows[0].cells) <= 3:  # noqa: PLR2004  a letterhead or a signature
            result += [Text(c.text, row.line) for row in block.rows for c in row.cells if c.text and not c.merged]
    return result


def _dates(text: str) -> list[date]:
    found = []
    for day, month, spaced, word, year in _DATE.findall(text):
        number = int(month or spaced or 0) or _month(word)
        try:
            found.append(date(_second(2000, year), number, int(day)))
        except ValueError:
            continue
    return found


def _month(word: str) -> int:
    """Return the month that a word names, 0 where it names none."""
    low = word.lower()
    months = (n for n, stem in enumerate(_MONTHS, 1) if low.startswith(stem) and (stem != "ма" or "март" not in low))
    return next(months, 0)


def _stamps(text: str) -> list[tuple[date | None, str]]:
    """Return date and number of «Утверждено приказом … от 24.08.2021 № 969/1» and «Приложение к приказу …»."""
    result = []
    for found in re.finditer(
        r"(?:утвержд[её]н[аоы]?(?![а-яё])|приложени|к\s+приказу|к\s+распоряжени|к\s+постановлени)", text, re.IGNORECASE
    ):
        piece = text[found.start() : found.start() + 220]
        if not _ACT.search(piece[:160].replace("приказу", "приказ")) and not re.search(
            r"приказ|распоряж|постановл", piece[:160], re.IGNORECASE
        ):
            continue
        after = re.search(r"\b[оО]т\s.{0,80}", piece, re.DOTALL)
        if not after:
            continue
        dates, numbers = _dates(after.group()), _NUMBER.findall(after.group())
        if dates or numbers:
            result.append((dates[0] if dates else None, numbers[0] if numbers else ""))
    return result


def _approved(text: str) -> date | None:
    """Return the date of «УТВЕРЖДАЮ»: a plan that its head signed without an order is in force from that day."""
    found = re.search(r"(?i:утверждаю)(?![а-яё]).{0,160}", text, re.DOTALL)
    return next(iter(_dates(found.group())), None) if found else None


def _plan_title(lines: Sequence[Text]) -> str:
    """Return the last title of a plan, with the lines that it goes on in: these begin with a small letter or a quote."""
    for n in reversed(range(len(lines))):
        if _PLAN_TITLE.match(lines[n].text):
            more = takewhile(lambda line: re.match(r"[а-яё«\"]", line.text), lines[n + 1 :])
            title = " ".join(line.text for line in (lines[n], *more))
            if len(title) > _SHORTEST_TITLE:
                return title
    return ""


def _order_title(after_head: Sequence[Text], lines: Sequence[Text]) -> str:
    parts: list[str] = []
    for line in after_head:
        if parts and any(pattern.match(line.text) for pattern in (_PREAMBLE, _ORDERING, _POINT, _STAMP, _DATED_LINE)):
            break
        if parts and line.text[:1].isupper() and _PLAN_TITLE.match(line.text):
            break
        parts.append(line.text)
    if parts:
        return " ".join(" ".join(parts).split())
    joined = " ".join(t.text for t in lines)
    quoted = re.search(r"«(Об?\s[^»]{10,400})»", joined)
    return quoted.group(1) if quoted else ""


def _body_of_order(lines: Sequence[Text], ordering: int | None) -> tuple[tuple[Point, ...], str, str]:
    """Return the points after «ПРИКАЗЫВАЮ», the signatory's name and post."""
    if ordering is None:
        return (), "", ""
    points: list[Point] = []
    rest: list[str] = []
    for line in lines[ordering + 1 :]:
        if _STAMP.match(line.text):
            break
        text = line.text.strip()
        found = _POINT.fullmatch(text)
        if found and not rest:
            points.append(Point(found.group(1), " ".join(found.group(2).split())))
        elif points and not rest and (text[:1].islower() or points[-1].text.endswith((":", ","))):
            points[-1] = Point(points[-1].number, f"{points[-1].text} {text}")
        elif points:
            rest.append(text)
    joined = " ".join(rest)
    person = PERSON.search(joined)
    if not person:
        return tuple(points), "", ""
    return tuple(points), person.group(), joined[: person.start()].strip() or joined[person.end() :].strip()
