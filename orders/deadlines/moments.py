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
_CENTURY = 100
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
    return len(values) == 2  # noqa: PLR2004  a pair


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


def moments_of(tree: Tree[Token], text: str) -> list[Moment]:  # noqa: PLR0911, PLR0912, C901  one branch a rule
    """Return the moments that one node of the grammar's tree names."""
    rule = str(tree.data)
    said = text[tree.meta.start_pos : tree.meta.end_pos]
    tokens = {t.type: str(t) for t in tree.children if isinstance(t, Token)}
    year, school = _year_said(tree)
    base = Moment(rule, "day", said, year=year if isinstance(year, int) else None)
    if isinstance(year, str):
        base = replace(base, finding=f"{year}-year")

    def in_month(
        month: int, day: int, make: Callable[[int], tuple[date, date]], kind: str, finding: str = ""
    ) -> Moment:
        chosen = base.year if school is None else school + (month < SEPTEMBER)
        return replace(base, kind=kind, make=make, year=chosen, order=(month, day), finding=base.finding or finding)

    if rule == "day_and_month":
        day, month = number_named(tokens.get("NUM", tokens.get("DAYNO", ""))) or 0, _month(tokens["MONTH"])
        return [in_month(month, day, days_of(month, day, day) if day else impossible, "day")]
    if rule in {"numeric_date", "iso_date"}:
        return [_numeric_date(base, tokens)]
    if rule == "bare_day":
        return [replace(base, day=number_named(said))]
    if rule == "day_number":
        return [replace(base, day=number_named(said) if re.search(r"\d", said) else 31)]
    if rule == "month":
        month = _month(tokens["MONTH"])
        return [in_month(month, 1, months_long(month, 1), "month")]
    if rule == "month_of_years":
        month, pair = _month(tokens["MONTH"]), _year_pair(tokens["YEARPAIR"])
        if pair is None or "YEARS" not in tokens:
            return [replace(base, kind="unknown")]
        return [
            replace(in_month(month, 1, months_long(month, 1), "month"), year=y) for y in range(pair[0], pair[1] + 1)
        ]
    if rule == "numeric_month":
        month, number = (int(x) for x in re.split("[./]", tokens["MY"]))
        return [replace(in_month(month, 1, months_long(month, 1), "month"), year=number)]
    if rule in {"quarter", "half", "term"}:
        return _quarters(replace(base, kind=rule), tokens[rule.upper()], school=school)
    if rule == "years" and "/" in said and "YEARS" not in tokens:
        rule = "school_year"  # «2021/2022»
    if rule == "school_year":
        pair = _year_pair(said)
        made = replace(base, kind="school_year", make=_school_year, year=pair[0] if pair else None, order=(9, 1))
        return [replace(made, finding="next-year" if re.search("следующ|очередн", said, re.IGNORECASE) else "")]
    if rule == "years":
        pair = _year_pair(said)
        if pair is None:
            return [replace(base, kind="unknown")]
        return [replace(base, kind="years", make=lambda _: (date(pair[0], 1, 1), date(pair[1], 12, 31)), year=pair[0])]
    if rule in {"year_alone", "this_year"}:
        named = int(tokens["YEAR"]) if "YEAR" in tokens else None
        return [replace(base, kind="year", make=months_long(1, 12), year=named, order=(1, 1))]
    if rule == "part":
        whole = next((t for t in tree.children if isinstance(t, Tree)), None)
        return _part(base, tokens["PART"], moments_of(whole, text) if whole else [])
    if rule in {"decade", "week"}:
        return _tenths(replace(base, kind=rule), tokens, in_month)
    if rule == "weekday_of_month":
        if "MONTH" not in tokens:
            return [replace(base, kind="unknown")]
        month, weekday = _month(tokens["MONTH"]), weekday_named(tokens["NTHDAY"])
        return [
            in_month(month, 15, _nth_days(month, weekday, nth), "day") for nth in weekday_ordinals(tokens["NTHDAY"])
        ]
    if rule == "season":
        first = next(m for stem, m in _SEASONS.items() if tokens["SEASON"].lower().startswith(stem))
        return [in_month(first, 1, months_long(first, 3), "season", "calendar-unit")]
    return [replace(base, kind="unknown")]


def impossible(year: int) -> tuple[date, date]:
    """Stand for a day that no year has."""
    raise ValueError(year)


def _numeric_date(base: Moment, tokens: dict[str, str]) -> Moment:
    numbers = [int(x) for x in re.split(r"[./-]", tokens.get("DMY") or tokens["ISO"])]
    if "ISO" in tokens:
        numbers.reverse()
    day, month, *years = numbers
    year = _whole_year(years[0]) if years else None
    sound = 1 <= month <= DECEMBER and 1 <= day <= LONGEST_MONTH
    return replace(base, make=days_of(month, day, day) if sound else impossible, year=year, order=(month, day))


def _school_year(year: int) -> tuple[date, date]:
    return date(year, 9, 1), date(year + 1, 5, 31)


def _quarters(base: Moment, text: str, *, school: int | None) -> list[Moment]:
    """Return calendar quarters, halves of the calendar or school year, or terms (which have no dates here)."""
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


def _part(base: Moment, text: str, wholes: list[Moment]) -> list[Moment]:
    """Return the start, middle, end or a half of a month or of a longer stretch; several («начало и конец года»).

    Parts with a dash between them are one stretch. Without a whole they are parts of every month.
    """
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


def _tenths(base: Moment, tokens: dict[str, str], in_month: Callable[..., Moment]) -> list[Moment]:
    """Return ten-day stretches of a month (1-10, 11-20, 21-end) or its weeks (days 1-7, 8-14, …; no calendar's)."""
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
        in_month(month, first if first > 0 else 25, days_of(month, first, last), base.kind, finding)
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


def _nth_days(month: int, weekday: int, nth: int) -> Callable[[int], tuple[date, date]]:
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
