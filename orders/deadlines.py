"""Reading deadlines as Russian plans write them: from a phrase and the plan's period to checkpoints.

The phrase is put in order (`deadlines_text`), parsed by the grammar (`deadlines.lark`; `deadlines_rules` gives each
rule its source and examples) and placed in the period here. What is not said is never made up: a date that rests on
a choice carries a finding with the reading, and what cannot be read is a finding without a date.
"""

from __future__ import annotations

import calendar as months_of
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from domain.errors import OutsideCalendar
from domain.workdays import Calendar, Shift
from orders.deadlines_rules import RULES
from orders.deadlines_text import LIMIT, MONTH_NAMES, hides_time, repairs, tidy
from orders.doubts import doubt
from orders.findings import PlacedFinding, Words


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a plan covers, both inclusive."""

    start: date
    end: date

    @property
    def is_school_year(self) -> bool:
        """Tell whether the plan runs through one school year (1 September to the next summer)."""
        return self.start.month in {8, 9} and self.end.year == self.start.year + 1 and self.end.month in range(5, 10)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One dated result: `due` as written, `due_on` after the shift, `start` where a window begins (`from` in JSON).

    `rule` names the grammar's rules that read it; `bodies` are the bodies of this checkpoint alone.
    """

    key: str
    label: str
    start: date | None
    due: date
    due_on: date
    rule: str
    bodies: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the shape C of the interfaces."""
        return {
            "key": self.key,
            "label": self.label,
            "from": self.start.isoformat() if self.start else None,
            "due": self.due.isoformat(),
            "due_on": self.due_on.isoformat(),
            "rule": self.rule,
            "bodies": list(self.bodies) if self.bodies is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Deadline:
    """What a phrase says: kinds (several for a compound phrase), checkpoints, findings."""

    kinds: tuple[str, ...]
    checkpoints: tuple[Checkpoint, ...]
    findings: tuple[PlacedFinding, ...]

    def to_json(self, lang: str = "ru") -> dict[str, Any]:
        """Return the document of `starter.py deadline`."""
        return {
            "kinds": list(self.kinds),
            "checkpoints": [c.to_json() for c in self.checkpoints],
            "findings": [f.to_json(lang) for f in self.findings],
        }


def read_deadline(
    phrase: str, period: Period | None, *, signed: date | None, calendar: Calendar | None, shift: Shift
) -> Deadline:
    """Read a deadline phrase; never raises for any text.

    `signed` is the order's date; `calendar` and `shift` give `due_on`, which equals `due` without a calendar.
    Without a period only dates that name their year are read.
    """
    if len(phrase) > LIMIT:
        return Deadline(("unspecified",), (), (doubt("deadline-not-understood", {"text": phrase[:60] + "…"}),))
    text, findings = tidy(phrase)
    items, mended = _parsed(text)
    reading = _Reading(text, period, signed)
    reading.findings += [*findings, *mended]
    try:
        reading.read(items)
    except OverflowError:
        reading.findings.append(doubt("deadline-not-understood", {"text": phrase}))
    return reading.deadline(calendar, shift)


def is_deadline(text: str) -> bool:
    """Tell whether a text is nothing but a deadline: every word of it belongs to a date or a recurrence."""
    if not text.strip() or len(text) > LIMIT:
        return False
    items, _ = _parsed(tidy(text)[0])
    solid = _DATED | _RECURRING | {"all_year", "urgent", "separate_plan", "term_from"}
    bare = any(m.make is None for item in items for m in item.moments)
    return not bare and any(i.op in solid for i in items) and not any(i.op in {"words", "event"} for i in items)


# --- from text to items ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Moment:
    """A named stretch of days; `make` builds it for a calendar year, `year` is the year said.

    What lacks a month has no `make`: `day` is a bare day, `days` the first and last day of a stretch (see `_days`).
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


@dataclass(slots=True)
class _Item:
    """One deadline, recurrence, remark or separator of a phrase."""

    op: str
    text: str
    moments: list[_Moment] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    label: str = ""
    bracketed: bool = False


@cache
def _grammar() -> Lark:
    return Lark(
        (Path(__file__).parent / "deadlines.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=False,
    )


@cache
def _sound_phrases() -> dict[str, str]:
    """Return the rules' examples without digits, by their letters alone."""
    examples = (example for rule in RULES.values() for example in rule.examples)
    return {re.sub(r"[\s-]+", "", e).lower(): e for e in examples if " " in e and not re.search(r"\d", e)}


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[tuple[_Item, ...], tuple[PlacedFinding, ...]]:
    items = _items(text)
    if any(_unclear(item) for item in items):
        for mended, finding in repairs(text, _sound_phrases()):
            better = _items(mended)
            if not any(_unclear(item) for item in better):
                return tuple(better), (replace(finding, reading=Words(mended, mended)),)
    return tuple(items), ()


def _timed(items: list[_Item]) -> list[_Item]:
    """Read «с 8:00 8 ноября до 20:00 12 ноября» as one window: its prepositions stand before the times of day."""
    for n in range(len(items) - 3):
        first, start, second, end = items[n : n + 4]
        clocks = (
            first.op == second.op == "clock"
            and re.match("(?i)со? ?", first.text)
            and re.match("(?i)до|по", second.text)
        )
        if clocks and start.op == end.op == "point" and len(start.moments) == len(end.moments) == 1:
            text = f"{first.text} {start.text} {second.text} {end.text}"
            window = _Item("window", text, moments=[*start.moments, *end.moments], bracketed=start.bracketed)
            return [*items[:n], first, second, window, *_timed(items[n + 4 :])]
    return items


def _unclear(item: _Item) -> bool:
    """Tell what damage may hide a date: words of no rule, or «в течение» with words that name no time («учебоного года»)."""
    return item.op == "words" or (bool(item.label) and (item.op == "event" or hides_time(item.label)))


def _items(text: str) -> list[_Item]:
    try:
        return _timed(list(_flat(_grammar().parse(_lowered(text)), text, bracketed=False)))
    except UnexpectedInput:
        pieces = re.split(r"([,;\n]\s*|\.\s+)", text)
    if len(pieces) == 1:
        return [_Item("words", text, parts=[text])]
    items: list[_Item] = []
    for piece in pieces:
        if piece.strip():
            items += [_Item("comma", piece)] if re.fullmatch(r"[,;\n.]\s*", piece) else _items(piece.strip())
    return items


_EXAM = re.compile(r"([А-ЯЁ]{2,}-\d)")


def _lowered(text: str) -> str:
    """Return a text of the same length in small letters, names of exams like «ОГЭ-9» as they stand.

    The lexer's patterns know small letters only: ignoring case costs them a quarter more time to build.
    """
    return "".join(
        part if place % 2 else "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in part)
        for place, part in enumerate(_EXAM.split(text))
    )


def _flat(tree: Tree[Token], text: str, *, bracketed: bool) -> Iterable[_Item]:
    for child in tree.children:
        if isinstance(child, Token):
            continue
        if child.data == "note":
            yield _Item("open-bracket", "(")
            yield from _flat(child, text, bracketed=True)
            yield _Item("close-bracket", ")")
        else:
            yield _item(child, text, bracketed=bracketed)


def _item(tree: Tree[Token], text: str, *, bracketed: bool) -> _Item:
    slice_ = text[tree.meta.start_pos : tree.meta.end_pos]
    item = _Item("point" if tree.data == "named" else str(tree.data), slice_, bracketed=bracketed)
    for child in tree.children:
        if isinstance(child, Token):
            item.parts.append(text[child.start_pos : child.end_pos])
        elif child.data == "tail":
            item.label = text[child.meta.start_pos : child.meta.end_pos]
        else:
            item.moments += _moments(child, text)
    return item


# --- moments -----------------------------------------------------------------------------------------------

SEPTEMBER = 9
_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_NUMBERS = {
    "один": 1, "одно": 1, "одну": 1, "перв": 1, "два": 2, "две": 2, "двух": 2, "втор": 2, "дважды": 2, "три": 3, "трех": 3,
    "трет": 3, "четыр": 4, "четверт": 4, "пят": 5, "шест": 6, "сем": 7, "восьм": 8, "девят": 9, "десят": 10,
    "четырнадцат": 14, "пятнадцат": 15, "двадцат": 20, "тридцат": 30, "последн": -1,
}  # fmt: skip
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_WEEKDAYS = ("понедельник", "вторник", "сред", "четверг", "пятниц", "суббот", "воскресень")
_WEEKDAY_LETTERS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_SHORT_WEEKDAYS = tuple(f"(?<![а-я]){letters}(?![а-я])" for letters in _WEEKDAY_LETTERS)
_SEASONS = {"зим": 12, "весн": 3, "весенн": 3, "лет": 6, "осен": 9}
_ORDINAL_PIECE = re.compile(
    r"(\d{1,2})|(?<![a-z])(iv|i{1,3})(?![a-z])|(перв|втор|трет|четверт|последн)[а-я]*", re.IGNORECASE
)


def _month(text: str) -> int:
    low = text.lower()
    return next(
        n for n, stem in enumerate(_MONTHS, 1) if low.startswith(stem) and (stem != "ма" or not low.startswith("мар"))
    )


def _number(text: str) -> int | None:
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
    values = []
    for digits, roman, word in _ORDINAL_PIECE.findall(text):
        values.append(int(digits) if digits else _ROMAN[roman.lower()] if roman else _NUMBERS[word.lower()])
    is_range = len(values) == 2 and re.search(r"-\s*(?:\d|i|перв|втор|трет|четв)", text, re.IGNORECASE) is not None  # noqa: PLR2004
    return values, is_range


def _last(year: int, month: int) -> date:
    return date(year, month, months_of.monthrange(year, month)[1])


def _next_month(year: int, month: int, step: int = 1) -> tuple[int, int]:
    index = year * 12 + month - 1 + step
    return index // 12, index % 12 + 1


def _months(first: int, count: int) -> Callable[[int], tuple[date, date]]:
    def make(year: int) -> tuple[date, date]:
        return date(year, first, 1), _last(*_next_month(year, first, count - 1))

    return make


def _days(month: int, first: int, last: int) -> Callable[[int], tuple[date, date]]:
    """Return days `first` to `last` of a month; zero is the month's last day, less than zero counts from it."""

    def make(year: int) -> tuple[date, date]:
        end = _last(year, month).day
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
    first, second = (int(g) if len(g) == 4 else 2000 + int(g) for g in found.groups())  # noqa: PLR2004
    return (first, second) if second >= first else None


def _moments(tree: Tree[Token], text: str) -> list[_Moment]:  # noqa: PLR0911, PLR0912, C901  one branch a rule
    rule = str(tree.data)
    said = text[tree.meta.start_pos : tree.meta.end_pos]
    tokens = {t.type: str(t) for t in tree.children if isinstance(t, Token)}
    year, school = _year_said(tree)
    base = _Moment(rule, "day", said, year=year if isinstance(year, int) else None)
    if isinstance(year, str):
        base = replace(base, finding=f"{year}-year")

    def in_month(
        month: int, day: int, make: Callable[[int], tuple[date, date]], kind: str, finding: str = ""
    ) -> _Moment:
        chosen = base.year if school is None else school + (month < SEPTEMBER)
        return replace(base, kind=kind, make=make, year=chosen, order=(month, day), finding=base.finding or finding)

    if rule == "day_and_month":
        day, month = _number(tokens.get("NUM", tokens.get("DAYNO", ""))) or 0, _month(tokens["MONTH"])
        return [in_month(month, day, _days(month, day, day) if day else _impossible, "day")]
    if rule in {"numeric_date", "iso_date"}:
        return [_numeric_date(base, tokens)]
    if rule == "bare_day":
        return [replace(base, day=_number(said))]
    if rule == "day_number":
        return [replace(base, day=_number(said) if re.search(r"\d", said) else 31)]
    if rule == "month":
        month = _month(tokens["MONTH"])
        return [in_month(month, 1, _months(month, 1), "month")]
    if rule == "month_of_years":
        month, pair = _month(tokens["MONTH"]), _year_pair(tokens["YEARPAIR"])
        if pair is None or "YEARS" not in tokens:
            return [replace(base, kind="unknown")]
        return [replace(in_month(month, 1, _months(month, 1), "month"), year=y) for y in range(pair[0], pair[1] + 1)]
    if rule == "numeric_month":
        month, number = (int(x) for x in re.split("[./]", tokens["MY"]))
        return [replace(in_month(month, 1, _months(month, 1), "month"), year=number)]
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
        return [replace(base, kind="year", make=_months(1, 12), year=named, order=(1, 1))]
    if rule == "part":
        whole = next((t for t in tree.children if isinstance(t, Tree)), None)
        return _part(base, tokens["PART"], _moments(whole, text) if whole else [])
    if rule in {"decade", "week"}:
        return _tenths(replace(base, kind=rule), tokens, in_month)
    if rule == "weekday_of_month":
        if "MONTH" not in tokens:
            return [replace(base, kind="unknown")]
        month, weekday = _month(tokens["MONTH"]), _weekday(tokens["NTHDAY"])
        return [
            in_month(month, 15, _nth_days(month, weekday, nth), "day") for nth in _weekday_ordinals(tokens["NTHDAY"])
        ]
    if rule == "season":
        first = next(m for stem, m in _SEASONS.items() if tokens["SEASON"].lower().startswith(stem))
        return [in_month(first, 1, _months(first, 3), "season", "calendar-unit")]
    return [replace(base, kind="unknown")]


def _impossible(year: int) -> tuple[date, date]:
    raise ValueError(year)


def _numeric_date(base: _Moment, tokens: dict[str, str]) -> _Moment:
    numbers = [int(x) for x in re.split(r"[./-]", tokens.get("DMY") or tokens["ISO"])]
    if "ISO" in tokens:
        numbers.reverse()
    day, month, *years = numbers
    year = (years[0] if years[0] > 99 else 2000 + years[0]) if years else None  # noqa: PLR2004  a year of two digits
    sound = 1 <= month <= 12 and 1 <= day <= 31  # noqa: PLR2004
    return replace(base, make=_days(month, day, day) if sound else _impossible, year=year, order=(month, day))


def _school_year(year: int) -> tuple[date, date]:
    return date(year, 9, 1), date(year + 1, 5, 31)


def _quarters(base: _Moment, text: str, *, school: int | None) -> list[_Moment]:
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
        length = 12 // per_year
        made = [
            replace(base, make=_months((n - 1) * length + 1, length), order=((n - 1) * length + 1, 1)) for n in numbers
        ]
    if is_range and numbers[1] > numbers[0] and len(made) == 2 and made[0].kind == "quarter":  # noqa: PLR2004
        return [replace(made[0], make=_months((numbers[0] - 1) * 3 + 1, 3 * (numbers[1] - numbers[0] + 1)))]
    return made


def _school_half(number: int) -> Callable[[int], tuple[date, date]]:
    """Return September to December, or January to May of the year after; `year` is the school year's first."""

    def make(year: int) -> tuple[date, date]:
        return (date(year, 9, 1), date(year, 12, 31)) if number == 1 else (date(year + 1, 1, 1), date(year + 1, 5, 31))

    return make


def _calendar_half(moment: _Moment) -> _Moment:
    """Return the half of the calendar year: what «I полугодие» means outside of a school year's plan."""
    if moment.kind != "school_half" or moment.year is not None:
        return moment
    first = 1 if moment.order[0] == SEPTEMBER else 7
    return replace(moment, kind="half", make=_months(first, 6), order=(first, 1))


_PARTS = {"нач": "start", "сер": "middle", "кон": "end", "око": "end", "зав": "end", "перв": "start", "последн": "end"}
_PART = re.compile(
    r"(?:(нач|сер|кон|око|зав)[а-я]*|(перв|последн)[а-я]+\s*числ[а-я]+)|(перв|втор|[12]|ii?)[\s\-а-я]*?половин[а-я]*",
    re.IGNORECASE,
)


def _part(base: _Moment, text: str, wholes: list[_Moment]) -> list[_Moment]:
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
            return _days(start.month, *_MONTH_PARTS[name])(start.year)
        months = (end.year - start.year) * 12 + end.month - start.month + 1
        if name == "half-1":
            return start, _last(*_next_month(start.year, start.month, months // 2 - 1))
        if name == "half-2":
            return date(*_next_month(start.year, start.month, months // 2), 1), end
        if name == "start":
            return start, _last(start.year, start.month)
        if name == "end":
            return date(end.year, end.month, 1), end
        middle = _next_month(start.year, start.month, (months - 1) // 2)
        return date(*middle, 1), _last(*middle)

    return cut


def _tenths(base: _Moment, tokens: dict[str, str], in_month: Callable[..., _Moment]) -> list[_Moment]:
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
    if is_range and len(spans) == 2:  # noqa: PLR2004
        spans = [(spans[0][0], spans[1][1])]
    finding = "approximate" if base.kind == "week" else ""
    if "MONTH" not in tokens:
        return [replace(base, kind="unknown", days=span, finding=finding) for span in spans]
    month = _month(tokens["MONTH"])
    return [
        in_month(month, first if first > 0 else 25, _days(month, first, last), base.kind, finding)
        for first, last in spans
    ]


def _weekday(text: str) -> int:
    low = text.lower()
    if low in _WEEKDAY_LETTERS:
        return _WEEKDAY_LETTERS.index(low)
    return next(n for n, stem in enumerate(_WEEKDAYS) if stem in low)


def _weekday_ordinals(text: str) -> list[int]:
    return _ordinals(re.sub("(?i)" + "|".join(_WEEKDAYS) + "|кажд[а-я]+", "", text))[0] or [1]


def _nth_days(month: int, weekday: int, nth: int) -> Callable[[int], tuple[date, date]]:
    return lambda year: (_nth(year, month, weekday, nth),) * 2


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the n-th (-1: last) such weekday of a month; ValueError where a fifth is missing."""
    if nth == -1:
        last = _last(year, month)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return date(year, month, 1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _nth_or_none(year: int, month: int, weekday: int, nth: int) -> date | None:
    try:
        return _nth(year, month, weekday, nth)
    except ValueError:
        return None


# --- from items to checkpoints -----------------------------------------------------------------------------

_DATED = {"lead", "until", "before", "window", "open_from", "not_before", "point", "during"}
_RECURRING = {"monthly", "each_month", "following", "month_of_quarter", "quarterly", "half_yearly", "termly", "yearly", "weekly", "daily",
              "seldom", "weekday_monthly"}  # fmt: skip
_REPEATED = {"monthly", "quarterly", "half_yearly", "weekday_monthly"}
"""Rules of points that a recurrence made."""
_REMARKS = {"clock": "time-of-day", "approx": "approximate", "except": "exception"}
_WITHOUT_DATE = {
    "separate_plan": ("separate-plan", "separate-plan"),
    "event": ("event", "event-date-unknown"),
    "unspecified": ("unspecified", "no-date"),
    "term_after_event": ("relative", "event-date-unknown"),
    "term_before_event": ("relative", "event-date-unknown"),
}
_AROUND = {"term_before_date": -1, "term_after_date": 1}
"""Terms that are counted from a date: before it or after it."""
"""The kind and the finding of what names no date of its own."""
_MARKED, _UNMARKED = re.compile(r"[xх+vV✓√]|да", re.IGNORECASE), re.compile(r"[-–—0]?|нет", re.IGNORECASE)
_ENDLESS = re.compile(r"(?:на\s*)?постоянн|систематич|регулярн|непрерывн|в\s*(?:постоянном|рабочем)", re.IGNORECASE)
_BARE_DATIVE = re.compile(r"(?i)(?:[а-я]+[рнл]ю|марту|августу)(?![а-я]).*")
"""A month in the dative without its «к»."""
_NEGATION = re.compile(r"(?<![а-я])(?:не|кроме|исключ)", re.IGNORECASE)


@dataclass(slots=True)
class _Dated:
    """One dated entry of a phrase, before and after its years are settled."""

    op: str
    moments: list[_Moment]
    text: str
    label: str
    bracketed: bool
    joined: str = ""
    span: tuple[date, date] | None = None

    @property
    def rule(self) -> str:
        return f"{self.op}/{'+'.join(m.rule for m in self.moments)}"

    @property
    def kind(self) -> str:
        return self.moments[-1].kind

    @property
    def is_window(self) -> bool:
        return self.op in {"window", "during"} or (self.op == "point" and self.kind != "day")


@dataclass(frozen=True, slots=True)
class _Point:
    """A checkpoint before its shift; `unit` when `due` is the last day of a month or the like.

    With `working` it is due so many working days after (before, if negative) `due`.
    """

    label: str
    start: date | None
    due: date
    rule: str
    unit: bool
    key: str = ""
    working: int = 0


class _Reading:
    """The reading of one phrase: what was found so far, and the decisions that need the whole of it."""

    def __init__(self, text: str, period: Period | None, signed: date | None) -> None:
        self.text = text
        self.period = period
        self.signed = signed
        self.findings: list[PlacedFinding] = []
        self.kinds: list[str] = []
        self.points: list[_Point] = []
        self.unread: list[str] = []

    # --- the whole phrase ---

    def read(self, items: Sequence[_Item]) -> None:
        if self._read_matrix():
            return
        dated = self._collect(items)
        recurring = [item for item in items if item.op in _RECURRING]
        dated = self._attach_days(self._without_reported(dated), recurring)
        dated = self._attach_years(dated)
        if recurring:
            dated = self._recur(recurring, dated)
        self._place_all(dated)
        self._undated(items)
        self._conclude(items)

    def _note(self, code: str, reading: str = "", **params: str) -> None:
        self.findings.append(doubt(code, {"text": self.text, **params}, reading))

    def _kind(self, *kinds: str) -> None:
        self.kinds += [kind for kind in kinds if kind not in self.kinds]

    def _read_matrix(self) -> bool:
        """Read a row of marks: four are the quarters of the calendar year, twelve its months."""
        cells = [cell.strip() for cell in self.text.split("|")]
        lengths = {4: 3, 12: 1}
        if len(cells) not in lengths or not all(_MARKED.fullmatch(c) or _UNMARKED.fullmatch(c) for c in cells):
            return False
        marked = [n for n, cell in enumerate(cells) if _MARKED.fullmatch(cell)]
        if not marked:
            self._kind("unspecified")
            self._note("no-date")
            return True
        length = lengths[len(cells)]
        if len(marked) == len(cells):
            self._kind("quarterly" if length > 1 else "monthly")
        else:
            self._kind("window" if length > 1 else "months")
        for n in marked:
            make = _months(n * length + 1, length)
            moment = _Moment(
                "mark", "quarter" if length > 1 else "month", str(n + 1), make=make, order=(n * length + 1, 1)
            )
            self._place(_Dated("point", [moment], f"{n + 1}", f"{n + 1}", bracketed=False))
        return True

    def _collect(self, items: Sequence[_Item]) -> list[_Dated]:
        """Return the dated entries with their labels; words, times and remarks go to findings."""
        dated: list[_Dated] = []
        ahead, joined, comment = "", "", False
        for n, item in enumerate(items):
            after = items[n + 1] if n + 1 < len(items) else None
            if item.op == "point" and self._is_count(item, after):
                self.unread.append(item.text)
            elif item.op == "point" and n and self._names_only(items[n - 1], item):
                self.unread += [item.text] if items[n - 1].op == "words" else []
            elif item.op == "lead" and after and all(m.make for m in after.moments):
                ahead = f"{ahead} {item.text}".strip()  # «за I квартал - до 15 апреля» names, «декабрь - до 25» dates
            elif item.op in _DATED and not (n and self._hangs_on(items[n - 1])):
                self._question(item, items[n - 1] if n and not joined else None)
                label = f"{ahead} {item.text}".strip()
                op = "point" if item.op == "lead" else item.op
                dated.append(_Dated(op, item.moments, item.text, label, item.bracketed, joined))
                ahead = ""
            elif item.op == "words":
                ahead = self._words(item, after, dated, ahead, comment=comment, joined=joined)
            elif item.op in _REMARKS:
                self._note(_REMARKS[item.op], text=item.text.strip() if item.op == "clock" else self.text)
            comment = item.op == "open-bracket" or (item.bracketed and item.op != "close-bracket")
            joined = item.op if item.op in {"comma", "and_", "pipe", "open-bracket", "close-bracket"} else ""
        return dated

    def _question(self, item: _Item, before: _Item | None) -> None:
        """Ask about a date that damage may have made of another; `before` stands right before it, without a separator."""
        if before and self._runs_on(before, item):
            self._note("month-list")
        if _BARE_DATIVE.fullmatch(item.text) or self._is_no_name(item):
            self._note("unread-words", text=item.text)
        if re.match("ориентировочно", item.text, re.IGNORECASE):
            self._note("approximate")

    @staticmethod
    def _is_no_name(item: _Item) -> bool:
        """Tell a word behind a date's dash that may be the end of a range or of an ordinal: «октябрь-ноярь», «2-у»."""
        if not item.label:
            return False
        glued = re.search(rf"[а-я\d.]-{re.escape(item.label)}", item.text, re.IGNORECASE)
        bare = all(m.rule == "bare_day" for m in item.moments)
        return bool(glued) or bare or len(item.label) < 3 or hides_time(item.label)  # noqa: PLR2004  no name is so short

    @staticmethod
    def _runs_on(before: _Item, item: _Item) -> bool:
        """Tell «5 10 мая», «01.09 до 15.09»: days with nothing between them that says whether both are due."""
        bare = bool(before.moments) and all(m.rule == "bare_day" for m in before.moments)
        return (
            bare
            or bool(before.label)
            or (
                item.op in {"until", "before"}
                and before.op in {"point", "until", "before"}
                and any(m.kind == "day" for m in before.moments)
            )
        )

    def _words(
        self, item: _Item, after: _Item | None, dated: list[_Dated], ahead: str, *, comment: bool, joined: str
    ) -> str:
        """Take words as the name of the deadline before or behind them, else as unread; return what waits for the next."""
        words = item.text.strip(" -")
        plain = not _NEGATION.search(words) and not hides_time(words) and not re.fullmatch("(?i)г|года?", words)
        if dated and item.text.startswith("-") and any(m.rule == "bare_day" for m in dated[-1].moments):
            plain = False  # «2-у вторник»: a day that is no day
        if not words:
            if dated and after and after.op in _DATED and not self.text.startswith("-"):
                self._note("month-list")
        elif plain and dated and (comment or (item.text.startswith("-") and not joined)):
            dated[-1].label += f" ({words})" if comment else f" - {words}"
        elif plain and self._leads(item, after) and (joined or not dated):
            return f"{ahead} {words}".strip() + (" -" if item.text.endswith("-") else ":")
        else:
            self.unread.append(words)
        return ahead

    def _without_reported(self, dated: list[_Dated]) -> list[_Dated]:
        """Leave out the time that a report is about («до 15 января (за 2021 год)»): it is no deadline."""
        about = [e for e in dated if e.text.lower().startswith("за ") and e.kind not in {"day", "month"}]
        if len(about) == len(dated):
            return dated
        self.unread += [e.text for e in about]
        return [e for e in dated if e not in about]

    @staticmethod
    def _is_count(item: _Item, after: _Item | None) -> bool:
        """Tell «5 мероприятий», «10 %»: a number before a word counts something and is no day."""
        counted = after is not None and after.op == "words" and not after.text.startswith("-")
        return counted and all(m.rule == "bare_day" for m in item.moments)

    @staticmethod
    def _names_only(before: _Item, item: _Item) -> bool:
        """Tell «после ЕГЭ 2022 года», «план на 2022 год»: the year belongs to the name before it."""
        undated = before.op in _WITHOUT_DATE or (before.op == "words" and re.match("(?i)(?:на|за)(?![а-я])", item.text))
        return bool(undated) and all(m.kind in {"year", "years", "school_year"} for m in item.moments)

    @staticmethod
    def _hangs_on(before: _Item) -> bool:
        """Tell «по итогам I полугодия», «перед началом учебного года»: the date says only what comes first."""
        return (
            before.op == "event"
            and not before.label
            and not re.fullmatch(r"(?i)(?:(?:в|на)\s*)?(?:период|начале|конце|течени[еи])", before.text.strip())
        )

    @staticmethod
    def _leads(item: _Item, after: _Item | None) -> bool:
        """Tell whether words are the name of the deadline behind them: «Педсовет - октябрь», «семинар: май»."""
        if after is None or item.bracketed:
            return False
        return (item.text.endswith("-") and after.op in _DATED) or (after.op == "comma" and after.text.startswith(":"))

    # --- days and years said elsewhere in the phrase ---

    def _attach_days(self, dated: list[_Dated], recurring: list[_Item]) -> list[_Dated]:
        """Give a bare day the month of the next date («5, 10 мая»), or of the month before it («сентябрь (до 15)»)."""
        kept: list[_Dated] = []
        ahead: _Moment | None = None
        monthly = any(item.op in _RECURRING for item in recurring)
        for entry in reversed(dated):
            for n in reversed(range(len(entry.moments))):
                moment = entry.moments[n]
                if moment.day is None:
                    ahead = moment if moment.kind == "day" and moment.make else None
                elif ahead is not None and not (moment.rule == "day_number" and monthly):
                    entry.moments[n] = self._on_day(moment, ahead)
            kept.insert(0, entry)
        result: list[_Dated] = []
        for entry in kept:
            within = self._within(entry, result[-1]) if result and not monthly else None
            if within:
                result[-1] = within
            else:
                result.append(entry)
        return result

    def _within(self, entry: _Dated, month: _Dated) -> _Dated | None:
        """Return an entry that says which days of the month before it are meant; None where it stands for itself.

        «сентябрь (до 15)», «октябрь, 3 неделя», «октябрь (4-8.10)».
        """
        if month.op != "point" or month.kind != "month":
            return None
        like, label = month.moments[-1], f"{month.label} {entry.label}"
        stretches = [
            replace(m, make=_days(like.order[0], *m.days), kind="week", year=like.year, order=like.order)
            for m in entry.moments
            if m.days
        ]
        if stretches:
            return replace(month, moments=stretches, label=label)
        bare = [m for m in entry.moments if m.day is not None]
        only_number = entry.op == "point" and bool(bare) and bare[0].rule == "bare_day"
        if only_number and entry.bracketed and like.year is not None:  # «май 2022 (1)»: rather the mark of a footnote
            self.unread.append(entry.text)
            return month
        if len(bare) == 1 and (entry.op != "point" or entry.bracketed or bare[0].rule == "day_number"):
            if only_number:
                self._note("bracketed-date")
            op = "until" if entry.op == "point" else entry.op
            return replace(entry, op=op, moments=[self._on_day(bare[0], like)], label=label, bracketed=False)
        if entry.bracketed and entry.joined == "open-bracket" and self._refines(entry, month):
            return replace(entry, label=label, bracketed=False)
        return None

    @staticmethod
    def _refines(entry: _Dated, month: _Dated) -> bool:
        """Tell whether dates are days of the month before them: «октябрь (4-8.10)»."""
        months = {m.order[0] for m in month.moments}
        return any(m.make for m in entry.moments) and all(
            m.kind == "day" and (m.make is None or {m.order[0]} == months) for m in entry.moments
        )

    @staticmethod
    def _on_day(bare: _Moment, like: _Moment) -> _Moment:
        month, day = like.order[0], bare.day or 0
        return replace(
            bare, make=_days(month, day, day) if day else _impossible, year=like.year, day=None, order=(month, day)
        )

    def _attach_years(self, dated: list[_Dated]) -> list[_Dated]:
        """Spread a year said once over its neighbours; a year or school year beside months is only their year."""
        bare = [
            m
            for entry in dated
            for m in entry.moments
            if m.make and m.year is None and m.kind not in {"year", "school_year"}
        ]
        if self.period is None or not self.period.is_school_year:
            for entry in dated:
                entry.moments = [_calendar_half(m) for m in entry.moments]
        kept: list[_Dated] = []
        for entry in dated:
            only_year = entry.op == "point" and entry.kind in {"year", "school_year"} and len(entry.moments) == 1
            said = entry.moments[0].year if only_year else None
            before = kept[-1] if kept else None
            if (
                said is not None
                and before
                and entry.joined in {"comma", "and_"}
                and self._says_year(before.moments[-1])
            ):
                kept.append(self._in_years_since(before, said))
            elif only_year and said is not None and bare:
                for other in dated:
                    other.moments = [self._in_year(m, said, school=entry.kind == "school_year") for m in other.moments]
            else:
                kept.append(entry)
        flat = [(entry, n) for entry in kept for n in range(len(entry.moments))]
        spread = [self._spread(flat, at) for at in range(len(flat))]
        for (entry, n), moment in zip(flat, spread, strict=True):
            entry.moments[n] = moment
        return kept

    @staticmethod
    def _in_years_since(before: _Dated, year: int) -> _Dated:
        """Return the entry again in the year that stands behind it alone: «май 2022, 2023», «март - апрель 2022, 2023»."""
        later = year - (before.moments[-1].year or year)
        moments = [m if m.year is None else replace(m, year=m.year + later) for m in before.moments]
        return replace(before, moments=moments, label=f"{before.label}, {year}", joined="comma")

    @staticmethod
    def _in_year(moment: _Moment, year: int, *, school: bool) -> _Moment:
        if moment.year is not None or not moment.make or moment.kind in {"year", "school_year"}:
            return moment
        second = school and moment.order[0] < SEPTEMBER and moment.kind != "school_half"
        return replace(moment, year=year + 1 if second else year)

    def _spread(self, flat: list[tuple[_Dated, int]], at: int) -> _Moment:
        entry, n = flat[at]
        moment = entry.moments[n]
        if moment.year is not None or moment.make is None or moment.finding.endswith("-year"):
            return self._relative_year(moment)
        if moment.kind in {"year", "school_year", "school_half"}:
            return moment
        ahead = next((e.moments[k] for e, k in flat[at + 1 :] if self._says_year(e.moments[k])), None)
        behind = next((e.moments[k] for e, k in reversed(flat[:at]) if self._says_year(e.moments[k])), None)
        if ahead and ahead.year is not None:
            return replace(moment, year=ahead.year if moment.order <= ahead.order else ahead.year - 1)
        if behind and behind.year is not None:
            return replace(moment, year=behind.year if moment.order >= behind.order else behind.year + 1)
        return moment

    @staticmethod
    def _says_year(moment: _Moment) -> bool:
        return moment.year is not None and moment.kind not in {"year", "years", "school_year", "school_half"}

    def _relative_year(self, moment: _Moment) -> _Moment:
        """Settle «текущего года» by the signing, «следующего года» as the year after it."""
        if moment.finding not in {"this-year", "next-year"} or moment.year is not None:
            return moment
        base = self.signed or (self.period.start if self.period else None)
        if base is None:
            return moment
        year = base.year + (moment.finding == "next-year")
        if (
            moment.kind in {"year", "school_year"}
            and moment.finding == "next-year"
            and self.period
            and moment.kind == "school_year"
        ):
            year = self.period.end.year
        self._note("year-not-said", str(year), text=moment.text)
        return replace(moment, year=year, finding="")

    # --- recurrences ---

    def _recur(self, recurring: list[_Item], dated: list[_Dated]) -> list[_Dated]:
        """Make the checkpoints of «ежемесячно» and its kin; return the entries that stand for themselves."""
        ops = [item.op for item in recurring]
        following = next((item for item in recurring if item.op == "following"), None)
        numbered = any(m.day is not None for e in dated for m in e.moments)
        slots = [slot for e in dated for slot in self._slots(e)]
        if numbered and any(not 1 <= last <= 31 for _, last in slots):  # noqa: PLR2004  days of a month
            self._note("no-such-date")
            return []
        dated = [e for e in dated if any(m.day is None and m.days is None for m in e.moments)]
        if len(set(ops)) > 1 and {"weekly", "daily", "seldom", "termly"} & set(ops):  # «1 раз в месяц по средам»
            self._note("compound-phrase")
        if "yearly" in ops and not slots and "quarterly" not in ops and "monthly" not in ops:
            return self._yearly(recurring[ops.index("yearly")], dated, following)
        pace = self._pace(set(ops), following.text.lower() if following else "", named=bool(slots))
        if pace is None:
            return self._vague(recurring, dated)
        step, kind = pace
        self._kind(kind)
        text = recurring[0].text
        scope, dated = self._scope(dated, bare=step == 1 and not numbered)
        if dated and all(self._names_time(e) for e in dated) and (step > 1 or self._times(text) > 1):
            self._count(text, len(dated), yearly=12 // step)
            return dated
        if self.period is None and scope is None:
            self._note("year-not-said")
            return dated
        assert scope is not None  # noqa: S101  _scope gives the period's where there is one
        self._count(text, 1)
        if step == 3:  # noqa: PLR2004
            self._note("calendar-unit")
        weekday, dated = self._weekday_said(recurring, dated)
        after = self._months_after(recurring, slots if step > 1 and numbered else [])
        self._every(scope, step, slots, weekday, text, after=after)
        return dated

    @staticmethod
    def _names_time(entry: _Dated) -> bool:
        """Tell one of the times of a recurrence: «1 раз в полугодие: декабрь, май», «… до 15 января и до 15 июля»."""
        return (entry.op == "point" and entry.kind in {"month", "day"}) or (
            entry.op in {"until", "before"} and entry.kind == "day"
        )

    @staticmethod
    def _pace(ops: set[str], following: str, *, named: bool) -> tuple[int, str] | None:
        """Return the months from one time to the next and the kind; None for what is not counted in months."""
        if {"quarterly", "month_of_quarter"} & ops or "квартал" in following:
            return 3, "quarterly"
        if "half_yearly" in ops:
            return 6, "periodic"
        if {"monthly", "each_month", "weekday_monthly"} & ops or (following and (named or "месяц" in following)):
            return 1, "monthly"
        return None

    @staticmethod
    def _weekday_said(recurring: list[_Item], dated: list[_Dated]) -> tuple[str, list[_Dated]]:
        """Return the words that name a weekday of each month («последняя пятница»), and the other entries."""
        said = next((item.text for item in recurring if item.op == "weekday_monthly"), "")
        named = [e for e in dated if all(m.rule == "weekday_of_month" and m.make is None for m in e.moments)]
        if said or not named:
            return said, dated
        return named[0].text, [e for e in dated if e is not named[0]]

    def _months_after(self, recurring: list[_Item], slots: list[tuple[int | None, int]]) -> int:
        """Return how many months after the last one of its quarter (or the like) a time lies; `slots` are in doubt."""
        for item in recurring:
            if item.op == "month_of_quarter":
                return self._month_of_quarter(item.text)
            if item.op == "following":
                return 1
        return self._month_meant(slots) if slots else 0

    @staticmethod
    def _month_of_quarter(text: str) -> int:
        """Return how many months after a quarter's last month one lies: «последний месяц квартала» is 0."""
        number = _number(text) or -1
        return 0 if number == -1 else number - 3 if "следующ" not in text.lower() else number

    def _slots(self, entry: _Dated) -> list[tuple[int | None, int]]:
        """Return the days of each month that an entry without a month names: a day, a window of days, a part of it."""
        moments = entry.moments
        if all(m.day is not None for m in moments):
            numbers = [m.day or 0 for m in moments]
            return [(numbers[0], numbers[-1])] if entry.op == "window" else [(None, n) for n in numbers]
        if any(m.days is None for m in moments):
            return []
        for finding in {m.finding for m in moments if m.finding}:
            self._note(finding, text=entry.text)
        bound = entry.op in {"until", "before"}
        return [(None if bound else m.days[0], m.days[1]) for m in moments if m.days]

    def _month_meant(self, slots: list[tuple[int | None, int]]) -> int:
        """Ask of which month «ежеквартально до 10 числа» speaks: the next one (1), if the day is early in it.

        Reports on a quarter are due by the 10th of the month after it (Свердловская обл., docs.cntd.ru 453106005).
        """
        after = int(max(day for _, day in slots) <= 15)  # noqa: PLR2004  the first half of a month
        self._note("month-not-said")
        return after

    def _scope(self, dated: list[_Dated], *, bare: bool) -> tuple[tuple[date, date] | None, list[_Dated]]:
        """Return the stretch that a recurrence runs through, and the entries that do not name it.

        «Ежемесячно» in a plan for a school year is September to May (ОРКСЭ-style plans and приказ № 115 п. 17: the
        teaching year); with a day («до 25 числа») it is every month of the plan.
        """
        whole = (self.period.start, self.period.end) if self.period else None
        if whole and bare and self.period and self.period.is_school_year:
            whole = self._teaching_year()
        wide = [
            e
            for e in dated
            if e.op in {"window", "open_from", "during", "until"}
            or e.kind in {"year", "school_year", "quarter", "half", "school_half", "season", "years"}
        ]
        wide = [e for e in wide if not (e.op == "until" and e.kind == "day")]
        if len(wide) != 1:
            return whole, dated
        entry, rest = wide[0], [e for e in dated if e is not wide[0]]
        span = self._settled(entry)
        if span is None:
            return whole, rest
        if entry.op == "open_from":
            return (span[0], whole[1] if whole and whole[1] > span[0] else span[1]), rest
        if entry.op == "until":
            return (whole[0] if whole else span[0], span[1]), rest
        return span, rest

    def _teaching_year(self) -> tuple[date, date]:
        assert self.period is not None  # noqa: S101  its callers ask for a school year first
        return max(self.period.start, date(self.period.start.year, 9, 1)), min(
            self.period.end, date(self.period.end.year, 5, 31)
        )

    def _every(
        self,
        scope: tuple[date, date],
        step: int,
        slots: list[tuple[int | None, int]],
        weekday: str,
        text: str,
        *,
        after: int,
    ) -> None:
        start, end = scope
        period_school = self.period is not None and self.period.is_school_year
        year, month = start.year, start.month
        while date(*_next_month(year, month, min(after, 0)), 1) <= end:
            closing = month % step == 0 if step != 6 or not period_school else month in {12, 5}  # noqa: PLR2004
            if closing:
                length = 5 if step == 6 and period_school and month == 5 else step  # noqa: PLR2004  January to May
                first = max(start, date(*_next_month(year, month, 1 - length), 1))
                named = MONTH_NAMES[month - 1]
                target = _next_month(year, month, after)
                spans = self._dues(target, slots, weekday) if slots or weekday else [(first, _last(*target))]
                if not slots and not weekday and not after and first <= end < spans[0][1]:
                    self._note("boundary", str(end))
                    spans = [(first, end)]
                for begin, due in spans:
                    if start <= due <= end and (self.signed is None or due >= self.signed):
                        label = f"{text}: {named} {year}"
                        rule = self._recurring_rule(step, weekday, bare=not slots)
                        self.points.append(_Point(label, begin, due, rule, unit=begin is not None))
            year, month = _next_month(year, month)

    @staticmethod
    def _recurring_rule(step: int, weekday: str, *, bare: bool) -> str:
        name = {1: "monthly", 3: "quarterly", 6: "half_yearly"}[step]
        return "weekday_monthly" if weekday else name if bare else f"{name}/day_number"

    def _dues(
        self, target: tuple[int, int], slots: list[tuple[int | None, int]], weekday: str
    ) -> list[tuple[date | None, date]]:
        """Return each start (None for a bare day) and due day in a month; a day that it lacks is its last."""
        last = _last(*target)
        if weekday:
            named = [_nth_or_none(*target, _weekday(weekday), nth) for nth in _weekday_ordinals(weekday)]
            return [(None, day) for day in named if day]
        spans: list[tuple[date | None, date]] = []
        for first, final in slots:
            due = date(*target, min(final, last.day)) if final > 0 else last
            begin = None if first is None else self._begin(first, due)
            spans.append((begin, due))
        return spans

    @staticmethod
    def _begin(first: int, due: date) -> date:
        """Return day `first` of the month of `due` (less than one: back from its end), or of the month before it."""
        end = _last(due.year, due.month)
        if first < 1:
            return date(due.year, due.month, end.day + first)
        if first <= due.day:
            return date(due.year, due.month, first)
        before = _last(*_next_month(due.year, due.month, -1))
        return before.replace(day=min(first, before.day))

    def _yearly(self, item: _Item, dated: list[_Dated], following: _Item | None) -> list[_Dated]:
        """Repeat each date in every year of the plan; without a date «ежегодно» is the whole plan and a finding."""
        self._kind("periodic")
        since = next((e for e in dated if e.op == "open_from" and e.kind in {"year", "day", "month"}), None)
        rest = [e for e in dated if e is not since and not (e.op != "until" and e.kind in {"year", "years"})]
        span = next((self._settled(e) for e in dated if self._names_years(e)), None)
        if self.period is None and span is None:
            if not rest:
                self._note("no-date")
            return dated
        first, last = span or ((self.period.start, self.period.end) if self.period else (date.min, date.max))
        since_span = self._settled(since) if since else None
        if since_span:
            first = max(first, since_span[0])
            last = max(last, _last(*_next_month(first.year, first.month, 11)) if first > last else last)
        self._count(item.text, max(1, len(rest)))
        if not rest:
            self._note("no-date")
            self._year_point(item.text, "yearly")
            return []
        return [entry for entry in rest if not self._each_year(entry, first, last, late=following is not None)]

    @staticmethod
    def _names_years(entry: _Dated) -> bool:
        """Tell «2022-2026 гг.», «с 2022 по 2026 годы»."""
        return entry.kind == "years" or (entry.op == "window" and all(m.kind == "year" for m in entry.moments))

    def _each_year(self, entry: _Dated, first: date, last: date, *, late: bool) -> bool:
        """Add an entry in every year of a stretch; False where it names its year or fits nowhere.

        A report on a year (`late`) that no year of the plan can hold is due in the next one.
        """
        if any(m.make is None or m.kind == "years" for m in entry.moments):
            return False
        if any(m.year is not None for m in entry.moments):
            said = self._settled(entry)
            if said is None:
                return True
            first = max(first, said[0])
            last = max(last, said[1])
            entry = replace(entry, moments=[replace(m, year=None) for m in entry.moments])
        spans = [span for year in range(first.year - 1, last.year + 2) if (span := self._span(entry, year))]
        fitting = [s for s in spans if first <= s[1] <= last and (self.signed is None or s[1] >= self.signed)]
        if not fitting and late:
            fitting = [s for s in spans if s[1] > last][:1]
        for span in fitting:
            self._add(entry, span)
        return bool(fitting)

    def _vague(self, recurring: list[_Item], dated: list[_Dated]) -> list[_Dated]:
        """Read weekly, daily, by school terms, every other year: the whole stretch, with a finding; named months win."""
        names = {"daily": ("all-year",), "weekly": ("all-year", "periodic")}
        item = recurring[0]
        if item.op == "following":
            self._note("no-date")
            return dated
        self._kind(*names.get(item.op, ("periodic",)))
        points = [e for e in dated if e.op in {"point", "until", "before"} and e.kind in {"month", "day"}]
        if points and item.op not in names:
            self._count(item.text, len(points))
            return dated
        self._note("school-term" if item.op == "termly" else "no-date")
        if item.op == "seldom":
            return dated
        teaching = item.op in {"daily", "weekly", "termly"}
        scope, rest = self._scope(dated, bare=teaching)
        if scope and not (teaching and scope == (self.period and (self.period.start, self.period.end))):
            self.points.append(_Point(self.text, *scope, item.op, unit=True, key="year"))
        elif scope:
            self._year_point(self.text, item.op)
        return rest

    def _count(self, text: str, named: int, *, yearly: int = 1) -> None:
        """Compare the dates named with those said: «2 раза в год», «раз в полугодие» (`yearly` 2 in a plan for a year)."""
        said = self._times(text)
        if self.period and (self.period.end - self.period.start).days < 370:  # noqa: PLR2004  a year and some days
            said *= yearly
        if said not in {1, named}:
            self._note("count-differs", said=str(said), named=str(named))

    @staticmethod
    def _times(text: str) -> int:
        """Return how often «2 раза в год» says, of «1-2 раза» the most, of no number one."""
        found = re.search(r"(.*?)\s*раз", text, re.IGNORECASE)
        counts = re.findall(r"\d+", found.group(1)) if found else []
        number = int(counts[-1]) if counts else _number(found.group(1)) if found and found.group(1) else None
        if number is None and re.match("дважды|трижды", text, re.IGNORECASE):
            return 2 if text.lower().startswith("дв") else 3
        return number or 1

    # --- placing in the period ---

    def _place_all(self, dated: list[_Dated]) -> None:
        piped = [e for e in dated if e.joined == "pipe"]
        if len(dated) == 2 and len(piped) == 1 and all(e.op == "point" for e in dated):  # noqa: PLR2004
            both = _Dated("window", [m for e in dated for m in e.moments], self.text, self.text, bracketed=False)
            self._place(both)
            return
        if any(e.bracketed for e in dated) and any(not e.bracketed for e in dated):
            self._note("bracketed-date")
        placed = len(self.points)
        for entry in self._joined_days(dated):
            self._place(entry)
        yearless = not re.search(r"(?:19|20)\d{2}", self.text)
        if yearless and any(a.due > b.due for a, b in pairwise(self.points[placed:])):
            self._note("year-not-said")

    def _joined_days(self, dated: list[_Dated]) -> list[_Dated]:
        """Join days in a row («19 и 20 мая») into one window."""
        result: list[_Dated] = []
        for entry in dated:
            before = result[-1] if result else None
            if (
                before
                and entry.joined in {"and_", "comma"}
                and entry.op == "point"
                and before.op in {"point", "row"}
                and entry.kind == before.kind == "day"
                and before.moments[-1].rule == "bare_day"
                and entry.moments[0].order == (before.moments[-1].order[0], before.moments[-1].order[1] + 1)
            ):
                label = f"{before.label} {'и' if entry.joined == 'and_' else ','} {entry.label}".replace(" ,", ",")
                result[-1] = replace(before, op="row", moments=[before.moments[0], entry.moments[-1]], label=label)
                if entry.moments[-1].rule == "bare_day":
                    continue
            else:
                result.append(entry)
        return [replace(e, op="window") if e.op == "row" else e for e in result]

    def _place(self, entry: _Dated) -> None:
        if any(m.kind == "term" for m in entry.moments):
            self._kind("relative")
            self._note("school-term", text=entry.text)
            return
        if entry.op != "window" and len(entry.moments) > 1:
            for moment in entry.moments:
                self._place(
                    replace(entry, moments=[moment], label=moment.text if entry.kind != "quarter" else entry.label)
                )
            return
        span = self._settled(entry)
        if span is not None:
            self._add(entry, span)

    def _settled(self, entry: _Dated) -> tuple[date, date] | None:
        """Return the entry's days once its year is settled, or note why there are none."""
        if any(m.make is None for m in entry.moments):
            self.unread.append(entry.text)
            return None
        if all(m.year is not None or m.kind == "years" for m in entry.moments):
            span = self._span(entry, None)
            if span is None:
                self._note("no-such-date", text=entry.text)
            return span
        if self.period is None:
            if self._span(entry, 2024) is None:  # a leap year: what even it does not have is no date
                self._note("no-such-date", text=entry.text)
            else:
                self._note("year-not-said", text=entry.text)
            return None
        return self._by_period(entry, self.period)

    def _by_period(self, entry: _Dated, period: Period) -> tuple[date, date] | None:
        """Choose the year that puts the entry into the plan: September to December the first, January to August the second.

        A bare August may be the preparatory one before the school year (facts: ask). In a plan of several years the
        first that is left after the signing is taken, with a finding.
        """
        ranked: list[tuple[int, int]] = []
        for year in range(period.start.year - 1, period.end.year + 2):
            span = self._span(entry, year) or self._stand_in(entry, year)
            if span is None:
                self._note("no-such-date", text=entry.text)
                return None
            start, end = span if entry.op not in {"until", "before"} else (span[1], span[1])
            inside = (period.start <= start <= period.end, period.start <= end <= period.end)
            score = {(True, True): 3, (False, True): 2, (True, False): 1}.get(inside, 0)
            distance = min(abs((end - period.start).days), abs((end - period.end).days))
            ranked.append((score * 10_000 - distance if score == 0 else score * 10_000, year))
        best = max(score for score, _ in ranked)
        years = [year for score, year in ranked if score == best]
        chosen = self._of_several(entry, years)
        others = [year for score, year in ranked if score >= 10_000 and year != chosen]  # noqa: PLR2004
        span = self._span(entry, chosen)
        if span is None:
            self._note("no-such-date", text=entry.text)
            return None
        if period.is_school_year and span[0].month == span[1].month == 8:  # noqa: PLR2004  August
            earlier = self._span(entry, period.start.year)
            if self.signed and earlier and earlier[1] >= self.signed and self.signed <= date(period.start.year, 8, 31):
                span = (max(earlier[0], self.signed) if earlier[0] != earlier[1] else earlier[0], earlier[1])
            self._note(
                "year-ambiguous", str(span[1]), text=entry.text, one=str(period.start.year), other=str(period.end.year)
            )
        elif others:
            self._note("year-not-said", str(span[1]), text=entry.text)
        if entry.kind in {"quarter", "half", "season"} and entry.op != "until" and best < 30_000 and best >= 10_000:  # noqa: PLR2004
            span = max(span[0], period.start), min(span[1], period.end)
            self._note("calendar-unit", f"{span[0]} – {span[1]}", text=entry.text)
        return span

    def _of_several(self, entry: _Dated, years: list[int]) -> int:
        for year in years:
            span = self._span(entry, year)
            if span and (self.signed is None or span[1] >= self.signed):
                return year
        return years[0]

    @staticmethod
    def _stand_in(entry: _Dated, year: int) -> tuple[date, date] | None:
        """Return the month of a date that does not exist in that year (29 February), to rank the year by."""
        month, day = entry.moments[-1].order
        return _months(2, 1)(year) if (month, day) == (2, 29) else None

    @staticmethod
    def _span(entry: _Dated, year: int | None) -> tuple[date, date] | None:
        """Return the entry's first and last day, of a year that is not said in `year`; None where there is no such day."""
        try:
            first = entry.moments[0]
            assert first.make is not None  # noqa: S101  entries without it are unread
            start, end = first.make(first.year if first.year is not None else year or 0)
            if len(entry.moments) > 1:
                last = entry.moments[-1]
                assert last.make is not None  # noqa: S101  as above
                chosen = last.year if last.year is not None else start.year
                end = last.make(chosen)[1]
                if end < start and last.year is None:
                    end = last.make(chosen + 1)[1]
        except ValueError:
            return None
        return start, end

    def _add(self, entry: _Dated, span: tuple[date, date]) -> None:
        """Turn a placed entry into a point by the preposition before it."""
        start, end = span
        kind, first = entry.kind, entry.moments[0]
        for moment in entry.moments:
            if moment.finding and not moment.finding.endswith("-year"):
                self._note(moment.finding, str(end), text=entry.text)
        if entry.op == "window" and end < start:
            self._note("due-before-start", text=entry.text)
            return
        if entry.op in {"open_from", "not_before"}:
            self._kind("window")
            self._note("open-end", f"с {start}", text=entry.text)
            return
        if entry.op in {"until", "before"}:
            end = self._bound(entry, start, end)
            self._kind("by-date")
            self.points.append(_Point(entry.label, None, end, entry.rule, unit=kind != "day"))
            return
        if not entry.is_window:
            self._kind("by-date")
            self.points.append(_Point(entry.label, None, end, entry.rule, unit=False))
            return
        if entry.op == "window" and kind in {"day", "month"} and self.signed and start < self.signed <= end:
            self._note("window-before-order", str(self.signed), start=str(start), signed=str(self.signed))
        if kind == "school_year":
            self._note("school-year-end", str(end), text=entry.text)
        both_said = entry.op == "window" and first.year is not None and start.year != end.year
        self._kind(
            "months"
            if kind == "month" and not both_said
            else "all-year"
            if kind == "school_year" or (kind == "year" and entry.op == "during")
            else "window"
        )
        key = "year" if kind in {"school_year", "years"} or (kind == "year" and entry.op == "during") else ""
        self.points.append(_Point(entry.label, start, end, entry.rule, unit=kind != "day", key=key))

    def _bound(self, entry: _Dated, start: date, end: date) -> date:
        """Return the day that «до» or «к» names.

        «до» is inclusive (facts: usage in education, Supreme Court of the RF); «к сентябрю» means the state on
        31 August; the start and end of a stretch are its first and last day. All but a plain day carry a finding.
        """
        kind = entry.kind
        if kind == "day":
            return end
        if kind.startswith("part:"):
            name = kind.split(":")[1]
            if name == "start" and kind.endswith("school_year"):
                self.findings = [f for f in self.findings if f.code != "approximate"]
            if name == "start":
                end = start if entry.op == "before" else start - timedelta(days=1)
            elif name == "end":
                self.findings = [f for f in self.findings if f.code != "approximate"]
                if not entry.moments[0].rule.endswith("this_year") or not (self.period and self.period.is_school_year):
                    return end
            elif name == "middle":
                end = date(start.year, start.month, 15)
        elif kind == "school_year":
            end = start if entry.op == "before" else end
        elif entry.op == "before":
            end = start - timedelta(days=1)
        self._note("boundary", str(end), text=entry.text)
        return end

    # --- what has no date, or the whole period ---

    def _year_point(self, label: str, rule: str, span: tuple[date, date] | None = None) -> None:
        if span is None and self.period is None:
            self._note("year-not-said")
            return
        if span is None and self.period is not None:
            span = self.period.start, self.period.end
        assert span is not None  # noqa: S101  one of the two branches above gave it
        self.points.append(_Point(label, span[0], span[1], rule, unit=True, key="year"))

    def _undated(self, items: Sequence[_Item]) -> None:
        for n, item in enumerate(items):
            after = items[n + 1].op if n + 1 < len(items) else ""
            if item.op == "all_year":
                self._whole_year(item, after)
            elif item.op in {"term_from", "urgent"}:
                self._term(item, depends=after == "event")
            elif item.op in _AROUND:
                self._term_around(item)
            elif item.op in _WITHOUT_DATE:
                if item.op == "event" and not item.label and after in _DATED and not self._hangs_on(item):
                    continue  # «в период с … по …»: the words before a date
                kind, code = _WITHOUT_DATE[item.op]
                self._kind(kind)
                self._note(code, text=item.text)

    def _whole_year(self, item: _Item, after: str) -> None:
        """Read «в течение года»: the whole plan, or the stretch that follows («всего периода с 2022 по 2027 годы»)."""
        self._kind("all-year")
        several_years = self.period is not None and (self.period.end - self.period.start).days > 366 + 31
        other_year = "календарн|финансов" if self.period and self.period.is_school_year else "год"
        if self.period and (several_years or self.period.is_school_year) and re.search(other_year, item.text.lower()):
            self._note("year-not-said", str(self.period.end), text=item.text)
        if _ENDLESS.match(item.text):
            self._note("no-date", text=item.text)
        if after in {"window", "point"} and len(self.points) == 1:
            self.kinds = ["all-year"]
        said = any(p.key == "year" for p in self.points) or bool({"monthly", "quarterly"} & set(self.kinds))
        if not (self.points and (after in _DATED or said)):
            self._year_point(item.text, "all_year")

    def _term(self, item: _Item, *, depends: bool) -> None:
        """Count a term from the signing: days and weeks on, months to the same day (ГК РФ ст. 191, 192).

        «Срочно» is 3 days, «оперативно» 10 (LAW_305378 п. 5.3.2).
        """
        self._kind("relative")
        if depends:
            self._note("event-date-unknown", text=item.text)
            return
        if self.signed is None:
            self._note("signing-unknown", text=item.text)
            return
        low = item.text.lower()
        if item.op == "urgent":
            due = self.signed + timedelta(days=10 if "оперативно" in low else 3)
        else:
            amount = _number(re.sub(r"\(.*?\)", "", item.parts[0])) or 1
            if "рабоч" in low:
                self.points.append(_Point(item.text, self.signed, self.signed, item.op, unit=False, working=amount))
                return
            due = self._later(self.signed, amount, low)
        self._note("counted-from-signing", str(due), text=item.text, signed=str(self.signed))
        self.points.append(_Point(item.text, self.signed, due, item.op, unit=False))

    def _term_around(self, item: _Item) -> None:
        """Count a term from a date: «за 10 дней до 1 сентября», «в течение 5 дней после 15 октября» (ГК РФ ст. 191)."""
        self._kind("relative")
        if any(m.kind == "term" for m in item.moments):
            self._note("school-term", text=item.text)
            return
        sign, low = _AROUND[item.op], item.parts[0].lower()
        span = self._settled(_Dated("point", item.moments, item.text, item.text, bracketed=False))
        if span is None:
            return
        part = item.moments[-1].kind.split(":")[:2]
        base = span[0] if part == ["part", "start"] or (sign < 0 and part != ["part", "end"]) else span[1]
        if item.moments[-1].kind != "day":
            self._note("boundary", str(base), text=item.text)
        if re.search("несколько|полтора|час", low):
            self._note("event-date-unknown", text=item.text)
            return
        amount = sign * (_number(re.sub(r"\(.*?\)", "", low)) or 1)
        if "рабоч" in low:
            self.points.append(_Point(item.text, None, base, item.op, unit=False, working=amount))
        else:
            self.points.append(_Point(item.text, None, self._later(base, amount, low), item.op, unit=False))

    @staticmethod
    def _later(day: date, amount: int, text: str) -> date:
        if "недел" in text:
            return day + timedelta(weeks=amount)
        if "месяц" in text or "месяч" in text:
            year, month = _next_month(day.year, day.month, amount)
            return (
                date(year, month, min(day.day, _last(year, month).day))
                if "полу" not in text
                else day + timedelta(days=15)
            )
        if "год" in text or "лет" in text:
            return date(day.year + amount, day.month, min(day.day, _last(day.year + amount, day.month).day))
        if "час" in text:
            return day + timedelta(days=-(-amount // 24))
        return day + timedelta(days=amount)

    # --- the end ---

    def _conclude(self, items: Sequence[_Item]) -> None:
        if self.unread and (self.kinds or self.points):
            self._note("unread-words", text="; ".join(self.unread))
        elif self.unread:
            self._note("deadline-not-understood")
        elif not self.kinds and not any(
            f.severity == "error" or f.code in {"year-not-said", "exception"} for f in self.findings
        ):
            self._note("no-date")
        if not self.kinds:
            self._kind("unspecified")
        self._check_weekday()
        groups = [k for k in self.kinds if k != "periodic"]
        repeated = {p.rule.split("/")[0] in _REPEATED for p in self.points}
        year_too = len(self.points) > 1 and any(p.key == "year" for p in self.points)
        if len(groups) > 1 or len(repeated) > 1 or year_too:
            self._note("compound-phrase", text=" ".join(self.text.split()))
        broken = any(f.code == "broken-word" for f in self.findings)
        if broken and sum(item.op == "point" for item in items) > 1:
            self._note("month-list")

    def _check_weekday(self) -> None:
        said = re.search("(?i)" + "|".join((*_WEEKDAYS, *_SHORT_WEEKDAYS)), self.text)
        days = [
            p
            for p in self.points
            if not p.unit and p.rule.startswith(("point", "until", "before")) and "weekday" not in p.rule
        ]
        if said and len(self.points) == len(days) == 1 and days[0].due.weekday() != _weekday(said.group()):
            self._note("weekday-differs", str(days[0].due))

    def deadline(self, calendar: Calendar | None, shift: Shift) -> Deadline:
        """Return the reading with its keys, shifted dates and the findings about single dates."""
        checkpoints: list[Checkpoint] = []
        seen: set[tuple[date | None, date]] = set()
        number = 0
        for point in self.points:
            made = self._finished(point, calendar, shift)
            if made is None:
                continue
            number += not point.key
            key = (
                point.key
                if point.key and all(c.key != point.key for c in checkpoints)
                else str(number or len(checkpoints) + 1)
            )
            if (made.start, made.due) in seen:
                self._note("repeated-date", str(made.due))
            seen.add((made.start, made.due))
            checkpoints.append(replace(made, key=key))
        return Deadline(tuple(self.kinds), tuple(checkpoints), _distinct(self.findings))

    def _finished(self, point: _Point, calendar: Calendar | None, shift: Shift) -> Checkpoint | None:
        due = point.due
        if point.working:
            if calendar is None:
                self._note("needs-calendar", text=point.label)
                return None
            try:
                due = calendar.add(due, point.working)
            except OutsideCalendar:
                self._note("needs-calendar", text=point.label)
                return None
            if point.rule == "term_from":
                self._note("counted-from-signing", str(due), text=point.label, signed=str(point.due))
        if self.signed and due < self.signed:
            self._note("before-order", due=str(due), signed=str(self.signed))
        if self.period and not self.period.start <= due <= self.period.end:
            self._note("outside-period", due=str(due), start=str(self.period.start), end=str(self.period.end))
        start = point.start or (self.signed if self.signed and self.signed <= due else None)
        label = " ".join(point.label.split())
        return Checkpoint("", label, start, due, self._shifted(point, due, calendar, shift), point.rule)

    def _shifted(self, point: _Point, due: date, calendar: Calendar | None, shift: Shift) -> date:
        """Shift a non-working date, never before the window's start, the end of a month never out of the month."""
        if calendar is None:
            return due
        try:
            if calendar.is_working(due):
                return due
            moved = calendar.shift(due, shift)
            if point.unit and moved > due and moved.month != due.month:
                moved = calendar.shift(due, Shift.PRECEDING)
        except OutsideCalendar:
            self._note("outside-calendar", due=str(due))
            return due
        if point.start and moved < point.start:
            moved = due
        self._note("non-working-day", str(moved), due=str(due), calendar=calendar.version)
        return moved


def _distinct(findings: Iterable[PlacedFinding]) -> tuple[PlacedFinding, ...]:
    kept: list[PlacedFinding] = []
    for finding in findings:
        if finding not in kept:
            kept.append(finding)
    return tuple(kept)
