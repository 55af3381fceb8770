"""Days, months, quarters, weeks and parts of them, as stretches of a calendar year that is not said yet.

A moment knows its first and last day in any year (`make`); which year is meant is for `placing` to decide.
"""

from __future__ import annotations

import calendar as months_of
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lark import Token, Tree


@dataclass(frozen=True, slots=True)
class Moment:
    """A named stretch of days; `make` builds it for a calendar year, `year` is the year said.

    What lacks a month has no `make`: `day` is a bare day, `days` the first and last day of a stretch (see `days_of`).
    """

    rule: str
    kind: str
    text: str
    make: Callable[[int], tuple[date, date]] | None = None
    year: int | None = None
    day: int | None = None
    days: tuple[int, int] | None = None
    finding: str = ""
    order: tuple[int, int] = (0, 0)


MAY, AUGUST, SEPTEMBER, DECEMBER = 5, 8, 9, 12
QUARTER, HALF, YEAR = 3, 6, 12
"""Months of each."""
LONGEST_MONTH = 31
"""Its days."""
_CENTURY, _PAIR = 100, 2
_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_NUMBERS = {
    "один": 1, "одно": 1, "одну": 1, "перв": 1, "два": 2, "две": 2, "двух": 2, "втор": 2, "дважды": 2, "три": 3, "трех": 3,
    "трет": 3, "четыр": 4, "четверт": 4, "пят": 5, "шест": 6, "сем": 7, "восьм": 8, "девят": 9, "десят": 10,
    "четырнадцат": 14, "пятнадцат": 15, "двадцат": 20, "тридцат": 30, "последн": -1,
}  # fmt: skip
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
WEEKDAYS = ("понедельник", "вторник", "сред", "четверг", "пятниц", "суббот", "воскресень")
_WEEKDAY_LETTERS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
SHORT_WEEKDAYS = tuple(f"(?<![а-я]){letters}(?![а-я])" for letters in _WEEKDAY_LETTERS)
_SEASONS = {"зим": 12, "весн": 3, "весенн": 3, "лет": 6, "осен": 9}
_ORDINAL_PIECE = re.compile(
    r"(\d{1,2})|(?<![a-z])(iv|i{1,3})(?![a-z])|(перв|втор|трет|четверт|последн)[а-я]*", re.IGNORECASE
)


def _month(text: str) -> int:
    low = text.lower()
    return next(
        n for n, stem in enumerate(_MONTHS, 1) if low.startswith(stem) and (stem != "ма" or not low.startswith("мар"))
    )


def number_named(text: str) -> int | None:
    """Return the first number that a phrase names in digits or words."""
    if found := re.search(r"\d+", text):
        return int(found.group())
    words = re.findall("[а-я]+", text.lower())
    for word in words:
        for stem in sorted(_NUMBERS, key=len, reverse=True):
            if word.startswith(stem):
                return _NUMBERS[stem]
    return None


def _ordinals(text: str) -> tuple[list[int], bool]:
    """Return the ordinals of «I, II и IV квартал» and whether two of them are a range."""
    values: list[int] = []
    for digits, roman, word in _ORDINAL_PIECE.findall(text):
        values.append(int(digits) if digits else _ROMAN[roman.lower()] if roman else _NUMBERS[word.lower()])
    dash = re.search(r"-\s*(?:\d|i|перв|втор|трет|четв)", text, re.IGNORECASE)
    return values, _are_two(values) and dash is not None


def _are_two(values: Sequence[object]) -> bool:
    return len(values) == _PAIR


def last_day(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, months_of.monthrange(year, month)[1])


def month_after(year: int, month: int, step: int = 1) -> tuple[int, int]:
    """Return the year and month that lie `step` months on (back, if negative)."""
    index = year * 12 + month - 1 + step
    return index // 12, index % 12 + 1


def months_long(first: int, count: int) -> Callable[[int], tuple[date, date]]:
    """Return the stretch of `count` months from month `first` on."""

    def make(year: int) -> tuple[date, date]:
        return date(year, first, 1), last_day(*month_after(year, first, count - 1))

    return make


def days_of(month: int, first: int, last: int) -> Callable[[int], tuple[date, date]]:
    """Return days `first` to `last` of a month; zero is the month's last day, less than zero counts from it."""

    def make(year: int) -> tuple[date, date]:
        end = last_day(year, month).day
        return date(year, month, first if first > 0 else end + first), date(year, month, last if last > 0 else end)

    return make


def _year_said(tree: Tree[Token]) -> tuple[int | str | None, int | None]:
    """Return the year beside a moment: a number, "this" or "next", and the first year of a school year."""
    for token in tree.children:
        if not isinstance(token, Token):
            continue
        if token.type == "YEAR":
            return int(token), None
        if token.type == "THISYEAR":
            return ("next" if re.match("следующ|будущ", token, re.IGNORECASE) else "this"), None
        if token.type == "SCHOOLYEAR" and tree.data != "school_year":
            pair = _year_pair(str(token))
            return None, pair[0] if pair else None
    return None, None


def _year_pair(text: str) -> tuple[int, int] | None:
    found = re.search(r"((?:19|20)?\d{2})\s*[-/]\s*((?:19|20)?\d{2})", text)
    if not found:
        return None
    first, second = (_whole_year(int(g)) for g in found.groups())
    return (first, second) if second >= first else None


def _whole_year(said: int) -> int:
    """Return the year that two digits or four say."""
    return said if said >= _CENTURY else 2000 + said


@dataclass(frozen=True, slots=True)
class _Node:
    """One node of the grammar's tree: its words, its tokens by their types, and what is said of the year beside it.

    `base` is a moment with the year that is named, `school` the first year of a school year, `inner` the moments of a
    node inside («конец мая»).
    """

    said: str
    tokens: dict[str, str]
    base: Moment
    school: int | None
    inner: list[Moment]

    def unknown(self) -> list[Moment]:
        return [replace(self.base, kind="unknown")]

    def in_month(
        self, month: int, day: int, make: Callable[[int], tuple[date, date]], kind: str, finding: str = ""
    ) -> Moment:
        """Return a stretch of a month, in the year that is said or in the month's year of the school year."""
        year = self.base.year if self.school is None else self.school + (month < SEPTEMBER)
        finding = self.base.finding or finding
        return replace(self.base, kind=kind, make=make, year=year, order=(month, day), finding=finding)

    def whole_month(self, month: int) -> Moment:
        return self.in_month(month, 1, months_long(month, 1), "month")


def moments_of(tree: Tree[Token], text: str) -> list[Moment]:
    """Return the moments that one node of the grammar's tree names."""
    rule = str(tree.data)
    said = text[tree.meta.start_pos : tree.meta.end_pos]
    year, school = _year_said(tree)
    base = Moment(rule, "day", said, year=year if isinstance(year, int) else None)
    if isinstance(year, str):
        base = replace(base, finding=f"{year}-year")
    inner = next((t for t in tree.children if isinstance(t, Tree)), None)
    tokens = {t.type: str(t) for t in tree.children if isinstance(t, Token)}
    node = _Node(said, tokens, base, school, moments_of(inner, text) if inner else [])
    return _READERS.get(rule, _Node.unknown)(node)


def _day_and_month(node: _Node) -> list[Moment]:
    number = node.tokens.get("NUM", node.tokens.get("DAYNO", ""))
    day, month = number_named(number) or 0, _month(node.tokens["MONTH"])
    return [node.in_month(month, day, days_of(month, day, day) if day else impossible, "day")]


def _bare_day(node: _Node) -> list[Moment]:
    return [replace(node.base, day=number_named(node.said))]


def _day_number(node: _Node) -> list[Moment]:
    return [replace(node.base, day=number_named(node.said) if re.search(r"\d", node.said) else LONGEST_MONTH)]


def _month_alone(node: _Node) -> list[Moment]:
    return [node.whole_month(_month(node.tokens["MONTH"]))]


def _month_of_years(node: _Node) -> list[Moment]:
    pair = _year_pair(node.tokens["YEARPAIR"])
    if pair is None or "YEARS" not in node.tokens:
        return node.unknown()
    month = node.whole_month(_month(node.tokens["MONTH"]))
    return [replace(month, year=year) for year in range(pair[0], pair[1] + 1)]


def _numeric_month(node: _Node) -> list[Moment]:
    month, year = (int(x) for x in re.split("[./]", node.tokens["MY"]))
    return [replace(node.whole_month(month), year=year)]


def _school_years(node: _Node) -> list[Moment]:
    pair = _year_pair(node.said)
    made = replace(
        node.base, kind="school_year", make=_school_year, year=pair[0] if pair else None, order=(SEPTEMBER, 1)
    )
    return [replace(made, finding="next-year" if re.search("следующ|очередн", node.said, re.IGNORECASE) else "")]


def _years(node: _Node) -> list[Moment]:
    if "/" in node.said and "YEARS" not in node.tokens:  # «2021/2022»
        return _school_years(node)
    pair = _year_pair(node.said)
    if pair is None:
        return node.unknown()
    first, last = date(pair[0], 1, 1), date(pair[1], DECEMBER, 31)
    return [replace(node.base, kind="years", make=lambda _: (first, last), year=pair[0])]


def _year(node: _Node) -> list[Moment]:
    named = int(node.tokens["YEAR"]) if "YEAR" in node.tokens else None
    return [replace(node.base, kind="year", make=months_long(1, YEAR), year=named, order=(1, 1))]


def _weekday_of_month(node: _Node) -> list[Moment]:
    if "MONTH" not in node.tokens:
        return node.unknown()
    said = node.tokens["NTHDAY"]
    month, weekday = _month(node.tokens["MONTH"]), weekday_named(said)
    return [node.in_month(month, 15, nth_days(month, weekday, nth), "day") for nth in weekday_ordinals(said)]


def _season(node: _Node) -> list[Moment]:
    first = next(m for stem, m in _SEASONS.items() if node.tokens["SEASON"].lower().startswith(stem))
    named = re.search("(?i)период|сезон", node.tokens["SEASON"])  # «летний период» has bounds of its own in many places
    finding = "season-named" if named else "calendar-unit"
    return [node.in_month(first, 1, months_long(first, QUARTER), "season", finding)]


def impossible(year: int) -> tuple[date, date]:
    """Stand for a day that no year has."""
    raise ValueError(year)


def _numeric_date(node: _Node) -> list[Moment]:
    numbers = [int(x) for x in re.split(r"[./-]", node.tokens.get("DMY") or node.tokens["ISO"])]
    if "ISO" in node.tokens:
        numbers.reverse()
    day, month, *years = numbers
    year = _whole_year(years[0]) if years else None
    sound = 1 <= month <= DECEMBER and 1 <= day <= LONGEST_MONTH
    make = days_of(month, day, day) if sound else impossible
    return [replace(node.base, make=make, year=year, order=(month, day))]


def _school_year(year: int) -> tuple[date, date]:
    return date(year, 9, 1), date(year + 1, 5, 31)


def _quarters(node: _Node) -> list[Moment]:
    """Return calendar quarters, halves of the calendar or school year, or terms (which have no dates here)."""
    base, school = replace(node.base, kind=node.base.rule), node.school
    text = node.tokens[base.kind.upper()]
    numbers, is_range = _ordinals(re.sub("(?i)полугоди.*|квартал.*|кв[. ].*|учебн.*|четверт[иь].*", "", text))
    per_year = {"quarter": 4, "half": 2, "term": 4}[base.kind]
    if base.kind == "term":
        return [replace(base, finding="school-term")]
    if not numbers or any(not 1 <= n <= per_year for n in numbers):
        return [replace(base, kind="unknown")]
    if base.kind == "half" and (school is not None or base.year is None):
        made = [
            replace(base, kind="school_half", make=_school_half(n), year=school, order=(9 if n == 1 else 1, 1))
            for n in numbers
        ]
    else:
        length = YEAR // per_year
        made = [
            replace(base, make=months_long((n - 1) * length + 1, length), order=((n - 1) * length + 1, 1))
            for n in numbers
        ]
    if is_range and numbers[1] > numbers[0] and made[0].kind == "quarter":
        first, last = numbers
        return [replace(made[0], make=months_long((first - 1) * QUARTER + 1, QUARTER * (last - first + 1)))]
    return made


def _school_half(number: int) -> Callable[[int], tuple[date, date]]:
    """Return September to December, or January to May of the year after; `year` is the school year's first."""

    def make(year: int) -> tuple[date, date]:
        return (date(year, 9, 1), date(year, 12, 31)) if number == 1 else (date(year + 1, 1, 1), date(year + 1, 5, 31))

    return make


def calendar_half(moment: Moment) -> Moment:
    """Return the half of the calendar year: what «I полугодие» means outside of a school year's plan."""
    if moment.kind != "school_half" or moment.year is not None:
        return moment
    first = 1 if moment.order[0] == SEPTEMBER else 7
    return replace(moment, kind="half", make=months_long(first, 6), order=(first, 1))


_PARTS = {"нач": "start", "сер": "middle", "кон": "end", "око": "end", "зав": "end", "перв": "start", "последн": "end"}
_PART = re.compile(
    r"(?:(нач|сер|кон|око|зав)[а-я]*|(перв|последн)[а-я]+\s*числ[а-я]+)|(перв|втор|[12]|ii?)[\s\-а-я]*?половин[а-я]*",
    re.IGNORECASE,
)


def _part(node: _Node) -> list[Moment]:
    """Return the start, middle, end or a half of a month or of a longer stretch; several («начало и конец года»).

    Parts with a dash between them are one stretch. Without a whole they are parts of every month.
    """
    base, text, wholes = node.base, node.tokens["PART"], node.inner
    names = []
    for part, days, half in _PART.findall(text):
        first = half.lower() in {"перв", "1", "i"}
        names.append(f"half-{1 if first else 2}" if half else _PARTS[(part or days).lower()])
    if not wholes:
        return [replace(base, kind="unknown", days=_MONTH_PARTS[name], finding="approximate") for name in names]
    ranged = len(names) > 1 and re.search(r"-\s*(?=[а-я])", re.sub(r"\d-", "", text)) is not None
    made = []
    for whole in wholes:
        if whole.make is None or whole.kind in {"unknown", "term", "day"}:
            made.append(whole if whole.kind == "term" else replace(base, kind="unknown"))
            continue
        stretches = [_stretch(whole.make, name) for name in names]
        if ranged:
            stretches = [_from_to(stretches[0], stretches[-1])]
        unnamed = whole.kind == "year" and whole.year is None  # «1 половина года»: of the calendar's or the school's?
        for name, stretch in zip(names[-len(stretches) :], stretches, strict=True):
            finding = whole.finding or ("" if name.startswith("half") and not unnamed else "approximate")
            if whole.kind == "school_year" and (name == "end" or name.startswith("half")):
                finding = whole.finding or "school-year-end"
            kind = f"part:{name}:{whole.kind}"
            made.append(replace(whole, rule=f"{base.rule}/{whole.rule}", kind=kind, text=base.text, make=stretch,
                                finding=finding))  # fmt: skip
    return made


def _from_to(
    first: Callable[[int], tuple[date, date]], last: Callable[[int], tuple[date, date]]
) -> Callable[[int], tuple[date, date]]:
    return lambda year: (first(year)[0], last(year)[1])


_MONTH_PARTS = {"start": (1, 10), "middle": (11, 20), "end": (21, 0), "half-1": (1, 15), "half-2": (16, 0)}


def _stretch(make: Callable[[int], tuple[date, date]], name: str) -> Callable[[int], tuple[date, date]]:
    """Cut a stretch: of a month days 1-10, 11-20, 21-end (halves 1-15, 16-end); of longer ones the outer months."""

    def cut(year: int) -> tuple[date, date]:
        start, end = make(year)
        if (start.year, start.month) == (end.year, end.month):
            return days_of(start.month, *_MONTH_PARTS[name])(start.year)
        months = (end.year - start.year) * 12 + end.month - start.month + 1
        if name == "half-1":
            return start, last_day(*month_after(start.year, start.month, months // 2 - 1))
        if name == "half-2":
            return date(*month_after(start.year, start.month, months // 2), 1), end
        if name == "start":
            return start, last_day(start.year, start.month)
        if name == "end":
            return date(end.year, end.month, 1), end
        middle = month_after(start.year, start.month, (months - 1) // 2)
        return date(*middle, 1), last_day(*middle)

    return cut


def _tenths(node: _Node) -> list[Moment]:
    """Return ten-day stretches of a month (1-10, 11-20, 21-end) or its weeks (days 1-7, 8-14, …; no calendar's)."""
    base, tokens = replace(node.base, kind=node.base.rule), node.tokens
    token = tokens.get("DECADE") or tokens["WEEK"]
    numbers, is_range = _ordinals(re.sub("(?i)декад.*|недел.*", "", token))
    length, most = (10, 3) if base.kind == "decade" else (7, 5)
    spans = []
    for n in numbers:
        if n == -1:
            spans.append((21, 0) if base.kind == "decade" else (-6, 0))
        elif 1 <= n <= most:
            start = (n - 1) * length + 1
            spans.append(
                (
                    start,
                    0 if base.kind == "decade" and n == most else min(start + length - 1, 28 if n < most else 0) or 0,
                )
            )
        else:
            return [replace(base, kind="unknown")]
    if is_range:
        spans = [(spans[0][0], spans[1][1])]
    finding = "approximate" if base.kind == "week" else ""
    if "MONTH" not in tokens:
        return [replace(base, kind="unknown", days=span, finding=finding) for span in spans]
    month = _month(tokens["MONTH"])
    return [
        node.in_month(month, first if first > 0 else 25, days_of(month, first, last), base.kind, finding)
        for first, last in spans
    ]


def weekday_named(text: str) -> int:
    """Return the weekday that a text names, 0 for Monday."""
    low = text.lower()
    if low in _WEEKDAY_LETTERS:
        return _WEEKDAY_LETTERS.index(low)
    return next(n for n, stem in enumerate(WEEKDAYS) if stem in low)


def weekday_ordinals(text: str) -> list[int]:
    """Return which of a month's such weekdays are meant: «1 и 3 четверг», -1 for the last."""
    return _ordinals(re.sub("(?i)" + "|".join(WEEKDAYS) + "|кажд[а-я]+", "", text))[0] or [1]


def nth_days(month: int, weekday: int, nth: int) -> Callable[[int], tuple[date, date]]:
    """Return the n-th (-1: last) such weekday of a month, in any year."""
    return lambda year: (_nth(year, month, weekday, nth),) * 2


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the n-th (-1: last) such weekday of a month; ValueError where a fifth is missing."""
    if nth == -1:
        last = last_day(year, month)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return date(year, month, 1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1))


def nth_weekday_or_none(year: int, month: int, weekday: int, nth: int) -> date | None:
    """Return the n-th such weekday of a month, None where it has none."""
    try:
        return _nth(year, month, weekday, nth)
    except ValueError:
        return None


_READERS: dict[str, Callable[[_Node], list[Moment]]] = {
    "day_and_month": _day_and_month,
    "numeric_date": _numeric_date,
    "iso_date": _numeric_date,
    "bare_day": _bare_day,
    "day_number": _day_number,
    "month": _month_alone,
    "month_of_years": _month_of_years,
    "numeric_month": _numeric_month,
    "quarter": _quarters,
    "half": _quarters,
    "term": _quarters,
    "school_year": _school_years,
    "years": _years,
    "year_alone": _year,
    "this_year": _year,
    "part": _part,
    "decade": _tenths,
    "week": _tenths,
    "weekday_of_month": _weekday_of_month,
    "season": _season,
}
"""What reads the node of each rule of the grammar."""
