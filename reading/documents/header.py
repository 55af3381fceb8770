"""What stands around the table: the order's number, date, title, points and signatory, and the plan's period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from orders.findings import PlacedFinding
from reading.bodies import BODY_HEAD, PERSON
from reading.deadlines import Period
from reading.documents.account import Account, Use, is_due
from reading.documents.model import Document, Text
from reading.documents.points import (
    LONGEST_POST,
    POINT,
    STAMP,
    Control,
    Line,
    Point,
    control_of,
    is_ordering,
    ordering_of,
    points_of,
    sentences_of,
    signatory_in,
    signature_of,
)
from reading.doubts import doubt

_SHORTEST_TITLE = 8
LONGEST_LETTERHEAD = 8
"""Lines above the head of an act that may say whose it is."""
SHORTEST_PERIOD = 85
"""Days of what a point of an order may name as the time of a plan: shorter ones are those of an event."""
_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_DATE = re.compile(
    r"[«\"„]?\s*(?<![\d.])(\d{1,2})\s*[»\"“]?\s*(?:\.\s*(\d{1,2})\s*\.|\s+(\d{2})\s+|\s*((?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]*)(?:\s*[»\"“]\s*|\s+))\s*((?:19|20)\d{2}|(?<=\.)\d{2})(?![\d.]\d|\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:№|(?<![A-Za-z])N(?=\s*\d))\s*([^\W_][\w/.-]*[^\W_]|[^\W_])")
_ACT = re.compile(r"(?:приказ|распоряжение|постановление|решение)", re.IGNORECASE)
_SPACED_ACT = re.compile(
    r"(?:п\s?р\s?и\s?к\s?а\s?з|р\s?а\s?с\s?п\s?о\s?р\s?я\s?ж\s?е\s?н\s?и\s?е|п\s?о\s?с\s?т\s?а\s?н\s?о\s?в\s?л\s?е\s?н\s?и\s?е|р\s?е\s?ш\s?е\s?н\s?и\s?е)(?:\s+(?:от(?![а-я])|№|N\s|«|\d).{0,80})?",
    re.IGNORECASE,
)
_EDITION = re.compile(r"(?i)(?<![а-яё])в\s+ред(?:\.|акции)")
"""Dates of those that changed an act are not its own."""
_FIRST_LINES = 5
_ACT_OF = re.compile(
    r"(?:ПРИКАЗ|Приказ|РАСПОРЯЖЕНИЕ|Распоряжение|ПОСТАНОВЛЕНИЕ|Постановление|РЕШЕНИЕ|Решение|ПРОТОКОЛ|Протокол)(?![А-Яа-яё])[^:]{0,160}"
)
"""An act with whose it is, or with its number: «РЕШЕНИЕ РАЙОННОГО СОВЕТА ДЕПУТАТОВ», «ПРОТОКОЛ № 4 заседания комиссии»."""
_DAY_BELOW = 3
"""Lines below such a head that may say its date."""
_NAMED_ACT = re.compile(rf"{_ACT.pattern}\s.{{2,200}}?\sот\s.{{6,30}}?(?:№|N)\s*\S{{1,30}}", re.IGNORECASE)
"""What a legal database calls an act: «Распоряжение Администрации … от 07.05.2014 № 504-р/адм»."""
_PREAMBLE = re.compile(
    r"(?:в\s+цел|с\s+цел|на\s+основани|в\s+соответстви|во\s+исполнени|в\s+связи|руководствуясь|в\s+рамках|согласно|для\s)",
    re.IGNORECASE,
)
TITLE = re.compile(r"[«\"]?(?:О[бБ]?|По|ПО)\s")
"""How the title of an act begins."""
PLAN_TITLE = re.compile(
    r"(?:муниципальн\w+\s+|комплексн\w+\s+)?(?:дорожная\s+карта|план(?:-график)?(?![а-я])|комплекс\s+мер|перечень\s+мероприятий|программа(?![а-я])|(?:сетевой\s+)?график(?![а-я])|мероприятия\s+по|календарный\s+план)",
    re.IGNORECASE,
)
_DATED_LINE = re.compile(r"\s*(?:от(?![а-я])|№|[«\"]?\s*\d{1,2}\s*[»\".\s])", re.IGNORECASE)
_YEARS = r"((?:20)\d{2})\s*[-–—/]\s*((?:20)?\d{2})(?!\d)"
_MONTH_NAME = r"((?:январ|феврал|март|апрел|ма[йяе]|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]*)"
_MONTHS_NAMED = re.compile(
    rf"(?:на|в|за|с)\s+{_MONTH_NAME}(?:\s+(20\d{{2}})\s*г?[а-я.]*)?(?:\s*(?:[-–—]|по)\s*{_MONTH_NAME})?\s+(20\d{{2}})\s*г",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(
    r"(?:школ|гимнази|лице|сад|д/с|СОШ|ООШ|МБ?[ДО]*ОУ|ГБ[ПДО]*У|больниц|поликлиник|библиотек|колледж|училищ|центр|музе)",
    re.IGNORECASE,
)
"""What has a number of its own: «СОШ № 11»."""
_OWN_LINE = re.compile(
    rf"\s*(?:(?:{_ACT.pattern}|протокол)(?![а-я])|{_SPACED_ACT.pattern}|от(?![а-я])|№|N\s*\d|[«\"„]?\s*\d|г\.|г(?:ород)?\s|с\.|п(?:гт|ос)?\.)",
    re.IGNORECASE,
)
"""How a line begins that says an act's date and number."""
_NO_NUMBER = re.compile(r"(?:№|(?<![A-Za-z])N(?![A-Za-zА-Яа-я]))\s*(?![^\W_])(\S{0,12})")


@dataclass(frozen=True, slots=True)
class Order:
    """The act behind the plan; "" or None for what the document does not say.

    `organisation` is whose act it is, by the letterhead.
    """

    number: str
    date: date | None
    title: str
    plan_title: str = ""
    signatory: str = ""
    signatory_post: str = ""
    points: tuple[Point, ...] = ()
    control: Control | None = None
    organisation: str = ""


def read_order(document: Document, table_at: int | None, account: Account) -> tuple[Order, list[PlacedFinding]]:
    """Return what the text before the plan says of the order; the lines that say it are taken from the account."""
    lines = order_lines(document, table_at)
    start = next((n for n, t in enumerate(lines) if _SPACED_ACT.fullmatch(_in_russian(t.text))), None)
    ordering = ordering_of(lines)
    end = (start or 0) + 14
    if ordering is not None and start is not None and ordering > start:
        end = ordering if is_ordering(lines[ordering].text) else ordering + 1
    head = (
        [t for t in lines[max(0, start - 3) : start] if _DATED_LINE.match(t.text)] + list(lines[start:end])
        if start is not None
        else []
    )
    head_title = next((n for n, t in enumerate(head) if TITLE.match(t.text)), len(head))
    above = [t.text for t in head[:head_title] or head if not _PREAMBLE.match(t.text)]
    if start is None and (named := next((t.text for t in lines[:_FIRST_LINES] if _NAMED_ACT.fullmatch(t.text)), None)):
        above = [named]
    if not above:
        above = _head_of_act(lines)
    dates, number, damaged = _own_data(above)
    text = "\n".join(t.text for t in lines)
    stamps = _stamps(text)
    stamped = [d for d, _ in stamps if d]
    own = dates or stamped or _approved(text)
    when = own[0] if own else None
    number = number or ("" if damaged else next((n for _, n in stamps if n), ""))
    findings = _doubts(when, number, damaged, stamps)
    if other := next((day for day in own if day != when and day not in stamped), None):
        findings.append(doubt("order-data-differ", {"one": str(when), "other": str(other)}, str(when), "order"))
    plan_title = _plan_title(lines)
    body = _body_of_order(document, lines, ordering)
    title = _order_title(head[head_title:], lines)
    order = Order(
        number, when, title or plan_title, plan_title or title, body.signatory, body.post, body.points, body.control,
        _letterhead(lines[:start]) if start is not None else "",
    )  # fmt: skip
    if amended := next((t for t in lines[:12] if AMENDS.search(t.text)), None):
        findings.append(doubt("amends", {"text": amended.text[:160]}, where="order", line=amended.line))
    for n in body.told:
        use: Use = "point" if n in body.of_points else "head"
        account.take(use, lines[n].block, lines[n].at, [lines[n].field])
    for n, line in enumerate(lines):
        said = not is_due(line.text) and (line in head or _in_title(line.text, order))
        above_points = (
            ordering is not None and n <= ordering and (is_ordering(lines[ordering].text) or not is_due(line.text))
        )
        if n not in body.told and (said or above_points):
            account.take("head", line.block, line.at, [line.field])
    return order, findings


def _letterhead(above: Sequence[Line]) -> str:
    """Return whose act it is: the last body that is named above its head, with the lines that its name goes on in."""
    texts = [" ".join(line.text.split()) for line in above[-LONGEST_LETTERHEAD:]]
    named = [n for n, text in enumerate(texts) if BODY_HEAD.match(text) and not PERSON.search(text)]
    if not named:
        return ""
    more = takewhile(lambda text: text[:1].islower() or text.startswith(("«", '"', "(")), texts[named[-1] + 1 :])
    return " ".join([texts[named[-1]], *more])


def _head_of_act(lines: Sequence[Line]) -> list[str]:
    """Return the line that names an act and whose it is, and those right below that say its date and number."""
    at = next((n for n, line in enumerate(lines[: 2 * _FIRST_LINES]) if _ACT_OF.fullmatch(line.text)), None)
    if at is None:
        return []
    below = [line.text for line in lines[at + 1 : at + 1 + _DAY_BELOW]]
    return [lines[at].text, *(text for text in below if _DATED_LINE.match(text))]


def _doubts(
    when: date | None, number: str, damaged: str, stamps: Sequence[tuple[date | None, str]]
) -> list[PlacedFinding]:
    """Return what a person has to say of the order's date and number."""
    findings = [
        doubt(
            "order-data-differ",
            {"one": f"{when} № {number}", "other": f"{stamp_date} № {stamp_number}"},
            where="order",
        )
        for stamp_date, stamp_number in stamps
        if (when and stamp_date and stamp_date != when) or (number and stamp_number and stamp_number != number)
    ]
    if when is None:
        findings.append(doubt("order-date-missing", where="order"))
    if damaged and not number:
        findings.append(doubt("order-number-damaged", {"text": damaged}, where="order"))
    elif not number:
        findings.append(doubt("order-number-missing", where="order"))
    return findings


AMENDS = re.compile(r"(?i)^\s*о\s+(?:внесении\s+изменени|изменении\s|дополнении\s)")


def _in_russian(text: str) -> str:
    """Return a heading without the same in another language before it: «БҰЙРЫҚ / ПРИКАЗ»."""
    return re.sub(r"^(?:[^\W\d]+\s*/\s*|[^\W\d]*[ӘәҒғҚқҢңӨөҰұҮүҺһІі][^\W\d]*\s+)", "", text.strip(" .*:"))


def _in_title(text: str, order: Order) -> bool:
    said = " ".join(text.split())
    return len(said) > 3 and (said in order.title or said in order.plan_title)  # noqa: PLR2004


def _own_data(lines: Sequence[str]) -> tuple[list[date], str, str]:
    """Return the dates, the number and the damaged number of the lines that say an act's own: none of a school or an old act."""
    dates: list[date] = []
    number = damaged = ""
    for line in lines:
        if _EDITION.search(line):
            continue
        if not _OWN_LINE.match(line) and not (_dates(line) and not _INSTITUTION.search(line)):
            continue
        dates += _dates(line)
        own = next((f for f in _NUMBER.finditer(line) if not _of_institution(line[: f.start()])), None)
        number = number or (own.group(1) if own else "")
        broken = _NO_NUMBER.search(line)
        if broken and not number and not _of_institution(line[: broken.start()]):
            damaged = damaged or broken.group().strip()
    return dates, number, damaged


def _of_institution(before: str) -> bool:
    """Tell whether a number behind these words is that of a school or the like."""
    return _INSTITUTION.search(" ".join(before.split()[-2:])) is not None


def read_period(
    order: Order, document: Document, table_at: int | None
) -> tuple[Period | None, tuple[PlacedFinding, ...]]:
    """Return the plan's period from its titles and the order's points, then from any text before the table; and what is doubtful.

    Titles that name two periods, neither within the other, are asked about, and a period that stands in no title.
    """
    points = [point.text for point in order.points]
    days = next((period for text in (*points, order.title) if (period := _days(" ".join(text.split())))), None)
    if days and (days.end - days.start).days > SHORTEST_PERIOD:
        return days, ()
    named = [period for title in (order.plan_title, order.title) if (period := period_of(title, order.date))]
    if named:
        one, other = named[0], named[-1]
        apart = not (_within(one, other) or _within(other, one))
        said = {"one": f"{one.start} – {one.end}", "other": f"{other.start} – {other.end}"}
        return one, (doubt("period-differs", said, f"{one.start} – {one.end}", "order"),) if apart else ()
    texts = [*points, *(t.text for t in order_lines(document, table_at))]
    found = next(((period, text) for text in texts if (period := period_of(text, order.date))), None)
    if found:
        period, text = found
        of_order = text in points or _in_title(text, order)
        asked = doubt("period-in-text", {"text": text}, f"{period.start} – {period.end}", "order")
        return period, () if of_order else (asked,)
    return _year_in((order.plan_title, order.title), order.date), ()


def _within(inner: Period, outer: Period) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def period_of(text: str, signed: date | None) -> Period | None:
    """Return the period that a title names: school years end on 31 August, years on 31 December."""
    text = " ".join(text.split())
    ways = (
        lambda text: _budget(text, signed),
        _school_years,
        _days,
        _months,
        _years,
        _quarter_or_half,
        _slashed_year,
        _one_year,
    )
    found = (way(text) for way in ways)
    return _before_a_school_year(text, signed) or next(filter(None, found), None) or _until(text, signed)


def _year_in(titles: Sequence[str], signed: date | None) -> Period | None:
    """Return the one year that titles name however they say it, where the order is of it or of the year before: «летом 2024 года»."""
    years = {int(year) for title in titles for year in re.findall(r"(?<![\d.])(20\d{2})(?=\s*г)", title)}
    year = years.pop() if len(years) == 1 else None
    if year is None or (signed and signed.year not in {year - 1, year}):
        return None
    return Period(date(year, 1, 1), date(year, 12, 31))


_SEASON = re.compile(
    r"(?i)(?:осенн|зимн|весенн|летн|отопительн|паводк|пожароопасн|купальн|оздоровительн)[а-яё-]*\s+(?:[а-яё-]+\s+)?(?:период|сезон|кампани)"
)


def season_in(order: Order) -> str:
    """Return the title that names a season, whose days no calendar has: «осенне-зимний период 2022-2023 годов»."""
    return next((title for title in (order.plan_title, order.title) if _SEASON.search(title)), "")


def _before_a_school_year(text: str, signed: date | None) -> Period | None:
    """Return the months before «к началу 2012/2013 учебного года»: what prepares a year is over when it begins."""
    found = re.search(rf"(?<!\w)к\s+(?:началу\s+)?(?:нов[а-я]+\s+)?{_YEARS}\s*(?:г\.?г?\.?\s*)?уч", text, re.IGNORECASE)
    if not found:
        return None
    end = date(int(found.group(1)), 8, 31)
    return Period(signed if signed and signed.year == end.year and signed <= end else date(end.year, 1, 1), end)


_BUDGET = re.compile(
    r"на\s+(20\d{2})\s*г?[а-я.]*\s+и\s+(?:на\s+)?плановый\s+период\s+(20\d{2})\s*(?:г?[а-я.]*\s*и|[-–—])\s*(20\d{2})",
    re.IGNORECASE,
)


def _budget(text: str, signed: date | None) -> Period | None:
    """Return the years of a budget; of a plan that prepares it the time before them: «Порядок составления проекта бюджета …»."""
    found = _BUDGET.search(text)
    if not found:
        return None
    first, last = int(found.group(1)), int(found.group(3))
    if re.search(
        r"(?:составлени|подготовк|разработк|формировани)[а-я]*\s+(?:[а-я]+\s+){0,3}?(?:проект|прогноз|бюджет)",
        text,
        re.IGNORECASE,
    ):
        end = date(first - 1, 12, 31)
        return Period(signed if signed and signed <= end else date(first - 1, 1, 1), end)
    return Period(date(first, 1, 1), date(last, 12, 31))


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
    ways = (r"на\s+(20\d{2})\s*г", r"(?:(?:в|за)\s+|^)(20\d{2})\s*г")  # «об итогах за 2022 год и задачах на 2023 год»
    found = next(filter(None, (re.search(rf"(?i)(?<![а-яё]){way}|^{way}", text) for way in ways)), None)
    year = int(found.group(1) or found.group(2)) if found else 0
    return Period(date(year, 1, 1), date(year, 12, 31)) if year else None


def _until(text: str, signed: date | None) -> Period | None:
    found = re.search(r"(?:на\s+период\s+)?до\s+(20\d{2})\s*г", text, re.IGNORECASE)
    if found and signed and signed.year <= int(found.group(1)):
        return Period(signed, date(int(found.group(1)), 12, 31))
    return None


def _month_end(year: int, month: int) -> date:
    return date(year, 12, 31) if month == 12 else date.fromordinal(date(year, month + 1, 1).toordinal() - 1)  # noqa: PLR2004


def _second(first: int, text: str) -> int:
    return int(text) if len(text) == 4 else first // 100 * 100 + int(text)  # noqa: PLR2004


# --- parts -------------------------------------------------------------------------------------------------


def order_lines(document: Document, table_at: int | None) -> list[Line]:
    """Return the paragraphs before the plan, cells of the small tables of a letterhead among them."""
    result: list[Line] = []
    for n, block in enumerate(document.blocks[: table_at if table_at is not None else len(document.blocks)]):
        if isinstance(block, Text):
            result += [Line(line, block.line, n, at) for at, line in enumerate(block.text.split("\n"))]
        elif len(block.rows) <= 4 and len(block.rows[0].cells) <= 3:  # noqa: PLR2004  a letterhead or a signature
            for at, row in enumerate(block.rows):
                own = [(k, c.text) for k, c in enumerate(row.cells) if c.text and not c.merged]
                result += [Line(text, row.line, n, at, k) for k, text in own]
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


def _approved(text: str) -> list[date]:
    """Return the dates of «УТВЕРЖДАЮ»: a plan that its head signed without an order is in force from that day."""
    found = re.search(r"(?i:утверждаю)(?![а-яё]).{0,160}", text, re.DOTALL)
    return _dates(found.group()) if found else []


def _plan_title(lines: Sequence[Line]) -> str:
    """Return the last title of a plan, with the lines that it goes on in: these begin with a small letter or a quote."""
    for n in reversed(range(len(lines))):
        if PLAN_TITLE.match(lines[n].text):
            more = takewhile(lambda line: re.match(r"[а-яё«\"]", line.text), lines[n + 1 :])
            title = " ".join(line.text for line in (lines[n], *more))
            if len(title) > _SHORTEST_TITLE:
                return title
    return ""


def _order_title(after_head: Sequence[Line], lines: Sequence[Line]) -> str:
    parts: list[str] = []
    for line in after_head:
        if parts and (
            is_ordering(line.text)
            or control_of([line.text])
            or any(pattern.match(line.text) for pattern in (_PREAMBLE, POINT, STAMP, _DATED_LINE))
        ):
            break
        if parts and line.text[:1].isupper() and (PLAN_TITLE.match(line.text) or line.text.endswith(":")):
            break
        parts.append(line.text)
    if parts:
        return " ".join(" ".join(parts).split())
    joined = " ".join(t.text for t in lines)
    quoted = re.search(r"«(Об?\s[^»]{10,400})»", joined)
    return quoted.group(1) if quoted else ""


@dataclass(frozen=True, slots=True)
class _Body:
    """What stands below the head: the points, who signed, who controls, and which lines say so."""

    points: tuple[Point, ...] = ()
    signatory: str = ""
    post: str = ""
    control: Control | None = None
    told: frozenset[int] = frozenset()
    of_points: frozenset[int] = frozenset()


def _body_of_order(document: Document, lines: Sequence[Line], ordering: int | None) -> _Body:
    points = [] if ordering is None else points_of(lines, ordering)
    of_points = told = frozenset(n for _, of_point in points for n in of_point)
    controls = [(text, places) for text, places in sentences_of(lines) if not told & {*places}]
    control = control_of([*(text for text, _ in controls), *(point.text for point, _ in points)])
    above = {(line.block, line.at, line.field) for line in lines}
    rest = [line for line in order_lines(document, None) if (line.block, line.at, line.field) not in above]
    control = control or control_of([text for text, _ in sentences_of(rest)])
    told |= {n for text, places in controls for n in places if control and control.text in " ".join(text.split())}
    below = max(told, default=-1) + 1
    signatory, post = _signed(lines[below:]) if ordering is not None else ("", "")
    if not post and control is not None and not control.whom:
        signatory, post = next(filter(any, map(signature_of, (lines[below:], lines, rest))), (signatory, ""))
    return _Body(tuple(point for point, _ in points), signatory, post, control, told, of_points)


def _signed(lines: Sequence[Line]) -> tuple[str, str]:
    """Return the name and the post right below the points, on one line or several."""
    before: list[str] = []
    for line in takewhile(lambda line: not STAMP.match(line.text), lines):
        text = line.text.strip()
        if person := signatory_in(text):
            post = " ".join([*before, text[: person.start()]]).strip() or text[person.end() :].strip()
            return (person.group().strip(), post) if len(post) <= LONGEST_POST else ("", "")
        before.append(text)
    return "", ""
