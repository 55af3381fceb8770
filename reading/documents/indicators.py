"""The targets of a plan: listed below a heading of indicators, and in tables of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from orders.findings import PlacedFinding
from reading.deadlines import Period
from reading.documents.account import Account
from reading.documents.columns import INDICATOR_UNIT, headings, indicator_column, named_rows, plain_heading
from reading.documents.header import PLAN_TITLE, TITLE
from reading.documents.layout import Plan
from reading.documents.model import Document, Table, Text
from reading.doubts import doubt

MAX_HEADING = 80
"""Characters of a heading over indicators; what is longer is one of them."""
_HEAD = re.compile(r"(?:целев\w+\s+)?(?:индикатор|показател)", re.IGNORECASE)
_COMPARATORS = (
    (re.compile(r"(?:не\s+(?:менее|ниже|меньше|хуже)|как\s+минимум|минимум)", re.IGNORECASE), ">="),
    (re.compile(r"(?:не\s+(?:более|выше|больше)|максимум)", re.IGNORECASE), "<="),
    (re.compile(r"(?:более|свыше|больше|выше)(?=\s+(?:чем\s+)?\d)", re.IGNORECASE), ">"),
    (re.compile(r"(?:менее|меньше|ниже)(?=\s+(?:чем\s+)?\d)", re.IGNORECASE), "<"),
    (re.compile(r"\bдо(?=\s+\d)", re.IGNORECASE), ">="),
)
_TIMES_MORE = re.compile(r"(?i)(?<![а-яё])в\s+\d{1,3}(?:[.,]\d{1,3})?\s*раз")
"""A growth and no value: «в 1,5 раза»."""
_BY = re.compile(
    r"(?i)(?:сниж|уменьш|сокращ|рост|увелич|повыш|прирост)[а-яё]*(?:\s+[а-яё]+){0,4}?\s+на\s+(?:не\s+менее\s+(?:чем\s+)?(?:на\s+)?)?\d"
)
"""By how much it changes, and no value: «снижение на 10 %»."""
_BOUND = re.compile(
    r"(?i)(?:не\s+(?:менее|ниже|меньше|хуже|более|выше|больше)|минимум|максимум)\s+(\d{1,6}(?:[.,]\d{1,3})?)\s*([а-яё]{1,20}\.?)?"
)
"""A value that is said to be a bound, whatever it counts."""
_WAY = re.compile(r"направлени|динамик|тенденци|желаем")
_WAYS = (
    (re.compile(r"(?i)рост|увелич|повыш|прирост|больше|максим|↑|возраст"), ">="),
    (re.compile(r"(?i)сниж|уменьш|сокращ|меньше|миним|↓|убыв"), "<="),
)
_VALUE = re.compile(
    r"(\d{1,6}(?:[.,]\d{1,3})?)\s*(%|процент\w*|п\.\s?п\.|балл\w*|чел(?:овек\w*|\.)|шт\.?|ед\.?|школ\w*|раз\w*)",
    re.IGNORECASE,
)
_YEAR_BESIDE = re.compile(r"(20\d{2})\s*(?:г(?:од[а-я]*|\.)?)?")
_LESS_IS_BETTER = re.compile(
    r"(?i)(?<![а-я])(?:не\s+(?:сда|преодол|освоивш|получивш|посеща|выполн|охвач|явивш|устран)|неуспева|отчисл|нарушени|правонаруш|преступ|"
    r"травм|жалоб|просроч|заболев|смертн|второгод|пропуск|низк|отсев|дефицит|задолженн|износ|авари|потер|безработ|неисполн|необоснован)"
)
"""Words of what is better when it is less."""
_MORE_IS_BETTER = re.compile(
    r"(?i)удовлетвор|охва[тч]|обеспеченност|обученн|трудоустро|участ|победител|приз[её]р|успеваем|подключ|приведенн|перешедш|предоставляем|"
    r"получивш|прошедш|занимающ|повысивш|подготовлен|выполнен|исполнен|реализован|доступн|готовност|заработн|доход|посещен|провед[её]нн|"
    r"открыт|созданн|введ[её]нн|освоивш|сдавш|достигш|качеств|рост|увелич|повыш|средн[а-яё]+\s+балл|цифров|рассмотренн|формирован|овладе|компетенц|развити|обеспечени|вовлеч"
)
"""Words of what is better when it is more."""
_PARTS_LESS = re.compile(r"(?i)(?<![а-яё])не\s+[а-яё]+|[а-яё]*(?:неуспева|неисполн|невыполн|недоступ)[а-яё]*")
"""A word that is denied says nothing of the kind."""
_MARK = re.compile(r"\s*(?:[-–—•*]|\d{1,2}[.)])\s*")
_PAGE = re.compile(r"[-–—\s]*\d{1,3}[-–—\s]*|стр(?:аница|\.)\s*\d+.*", re.IGNORECASE)


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


def read_indicators(
    document: Document, plan: Plan, period: Period | None, account: Account
) -> tuple[list[Indicator], list[PlacedFinding]]:
    """Return the targets named under a heading of indicators and in tables of them, numbered through.

    Of values by years that of the plan's last year is the target; a base value is none.
    """
    findings: list[PlacedFinding] = []
    read = [_valued(text, period) for text in _listed(document, plan.first_table, account)]
    of_plan = {block for row in plan.rows for block, _ in row.places}
    for at, block in enumerate(document.blocks):
        if isinstance(block, Table) and at not in of_plan:
            read += _tabled(at, block, period, findings, account)
    if not read and (line := _heads_unread(document, account)) is not None:
        findings.append(doubt("indicators-not-read", {"text": line.text}, where="document", line=line.line))
    indicators = [replace(indicator, number=str(n)) for n, (indicator, _) in enumerate(read, 1)]
    for indicator, (_, doubtful) in zip(indicators, read, strict=True):
        where = f"indicator {indicator.number}"
        findings += [replace(doubtful, where=where)] if doubtful else []
        if indicator.target is None:
            findings.append(doubt("no-measurable-target", {"text": indicator.text[:120]}, where=where))
        elif indicator.comparator is None and not _MORE_IS_BETTER.search(_PARTS_LESS.sub(" ", indicator.text)):
            meanwhile = "<=" if less_is_better(indicator.text) else ">="
            findings.append(doubt("direction-unclear", {"text": indicator.text[:120]}, meanwhile, where))
        elif indicator.comparator is None:
            findings.append(doubt("comparator-not-said", {"text": indicator.text[:120]}, ">=", where))
    return indicators, findings


def _heads_unread(document: Document, account: Account) -> Text | None:
    """Return a line that has the headings of indicators and their values, and that nobody took: a table without lines."""
    for at, block in enumerate(document.blocks):
        free = account.uses.get((at, 0, 0)) in {None, "head"}
        if isinstance(block, Text) and free and len(block.text) <= 2 * MAX_HEADING:
            plain = plain_heading(block.text)
            valued = INDICATOR_UNIT.search(plain) or re.search(r"значени|план|(?:20\d\d.*){2}", plain)
            if _HEAD.search(plain) and valued and not TITLE.match(block.text) and not PLAN_TITLE.match(block.text):
                return block
    return None


def less_is_better(text: str) -> bool:
    """Tell what is rather meant to fall, where its direction is not said."""
    return _LESS_IS_BETTER.search(text) is not None


def _listed(document: Document, table_at: int | None, account: Account) -> list[str]:
    """Return the items after a heading of indicators, before the plan or else after it."""
    at = table_at if table_at is not None else len(document.blocks)
    return _items(document.blocks[:at], 0, account) or _items(document.blocks[at:], at, account, ended=True)


def _items(blocks: Sequence[Text | Table], first: int, account: Account, *, ended: bool = False) -> list[str]:
    """Return the items below a heading: each ends with «;» or «.», whatever the scan's line breaks.

    With `ended`, the heading ends with «:» or with nothing, and what follows an item that ends the list («.» after «;»),
    or has neither such an end nor a value, is a signature and no item.
    """
    start = next((n for n, block in enumerate(blocks) if _heads_items(block, ended=ended)), None)
    if start is None:
        return []
    items: list[str] = []
    for item, lines in _parted(blocks, start, first, account, ended=ended):
        items.append(item)
        _take(account, lines)
    if items:
        account.take("head", first + start, 0)
    return items


def _parted(
    blocks: Sequence[Text | Table], start: int, first: int, account: Account, *, ended: bool
) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield the items below a heading with their lines, up to a point of the order: that says what is to be done with them."""
    item = mark = ""
    told = False
    lines: list[tuple[int, int]] = []
    for block, at, text, begins in _lines_below(blocks, start):
        if account.uses.get((first + block, at, 0)) == "point":
            break
        if text.endswith(":"):
            item, lines = "", []
            continue
        if begins and item:
            yield item, lines
            item, lines, told = "", [], True
        item = f"{item} {text}".strip()
        lines.append((first + block, at))
        if text.endswith((";", ".")):
            yield item.rstrip(";").strip() if item.endswith(";") else item, lines
            if ended and mark == ";" and text.endswith("."):
                return
            item, lines, told, mark = "", [], True, text[-1]
    if item and (_VALUE.search(item) or (told and not ended)):
        yield item, lines


def _heads_items(block: Text | Table, *, ended: bool) -> bool:
    """Tell a heading of indicators: a paragraph, or the first line of one in a text."""
    if not isinstance(block, Text):
        return False
    line = _first_line(block)
    return (
        _HEAD.search(line) is not None
        and not TITLE.match(line)
        and not re.match(r"\s*(?:№|N\s)", line)  # the headings of a table without lines
        and len(line) < MAX_HEADING
        and not line.endswith((";", ",", ".") if ended else (";", ","))
    )


def _first_line(block: Text) -> str:
    return block.text.split("\n", maxsplit=1)[0].rstrip()


def _lines_below(blocks: Sequence[Text | Table], start: int) -> Iterator[tuple[int, int, str, bool]]:
    """Yield the lines below a heading with their places, without bullets and numbers of pages, up to the next heading.

    The last of each tells whether a bullet or a number begins it.
    """
    for n, block in enumerate(blocks[start:], start):
        if n > start and (not isinstance(block, Text) or block.heading or PLAN_TITLE.match(block.text)):
            return
        for at, line in enumerate(block.text.split("\n") if isinstance(block, Text) else ()):
            if (n, at) != (start, 0) and not _PAGE.fullmatch(line):
                mark = _MARK.match(line)
                yield n, at, line[mark.end() if mark else 0 :].strip(), mark is not None


def _take(account: Account, lines: Sequence[tuple[int, int]]) -> None:
    for block, at in lines:
        account.take("indicator", block, at)


def _tabled(
    at: int, table: Table, period: Period | None, findings: list[PlacedFinding], account: Account
) -> list[tuple[Indicator, PlacedFinding | None]]:
    """Return the rows of a table headed «Показатель | Единица измерения | значение…» or with years; each with its doubt."""
    if not any(indicator_column(heads) is not None for heads, _, _ in named_rows(table)) or any(
        headings(heads) for heads, _, _ in named_rows(table)
    ):
        return []
    heads, first, skip = next(named for named in named_rows(table) if indicator_column(named[0]) is not None)
    plain = [plain_heading(head) for head in heads]
    name = indicator_column(heads) or 0
    unit = next((n for n, h in enumerate(plain) if n != name and INDICATOR_UNIT.search(h)), None)
    values = [
        n
        for n, h in enumerate(plain)
        if n not in {name, unit} and _VALUED.search(h) and not _BASE.search(h) and h != plain[name]
    ]
    if not values:
        findings.append(
            doubt("indicators-not-read", {"text": " | ".join(heads)[:200]}, where="table", line=table.rows[0].line)
        )
        for n in range(len(table.rows)):
            account.take("asked", at, n)
        return []
    for n in range(first, skip):
        account.take("heading", at, n)
    way = next((n for n, h in enumerate(plain) if n not in {name, unit, *values} and _WAY.match(h)), None)
    chosen = values[0] if len(values) == 1 else _of_period([(n, plain[n]) for n in values], period)
    result: list[tuple[Indicator, PlacedFinding | None]] = []
    for n, row in enumerate(table.rows[skip:], skip):
        cells = [" ".join(c.text.split()) for c in row.cells]
        if len(cells) <= max(name, unit or 0, *values) or not cells[name] or row.cells[name].merged:
            continue  # the account asks, where it says anything
        if cells[name].isdigit():
            account.take("heading", at, n)
            continue
        if not any(cells[k] for k in (*values, *([] if unit is None else [unit]))):
            account.take("section", at, n)  # a row that names a group of indicators
            continue
        said = cells[chosen] if chosen is not None else ""
        measured = cells[unit] if unit is not None else ""
        doubtful = None
        if len(values) > 1:
            by_head = "; ".join(f"{heads[k]} – {cells[k]}" for k in values)
            doubtful = doubt(
                "several-values", {"text": by_head}, heads[chosen] if chosen is not None else "", line=row.line
            )
        account.take("indicator", at, n, [k for k in (name, unit, chosen) if k is not None])
        account.take("named", at, n)  # numbers, weights, values of other years
        wanted = cells[way] if way is not None and way < len(cells) else ""
        result.append((_directed(_of_cells(cells[name], said, measured), wanted), doubtful))
    return result


_VALUED = re.compile(r"значени|план|целев|20\d\d|результат|норматив|критери|величин")
_BASE = re.compile(
    r"базов|исходн|факт|текущ|начал|предыдущ|отчетн|источник|ответствен|срок|метод|(?<![а-я])вес(?![а-я])|удельн"
)
_FIGURE = re.compile(r"(?<![\d.,])(\d{1,3}(?:\s\d{3})+|\d{1,9})(?:[.,](\d{1,3}))?(?![\d.,]*\d)")


def _directed(indicator: Indicator, wanted: str) -> Indicator:
    """Return an indicator with the direction that a column of its own says: «рост», «снижение»."""
    return replace(indicator, comparator=_said_way(wanted)) if indicator.comparator is None else indicator


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
    comparator = _of_falling(comparator, f"{name} {said}")
    if _BY.search(said):
        return Indicator("", text, None, comparator or _said_way(said), None)
    figures = _FIGURE.findall(said)
    if len(figures) != 1 or _TIMES_MORE.search(said):
        return Indicator("", text, None, comparator, None)
    whole, part = figures[0]
    own = _VALUE.search(said)
    unit = own.group(2) if own else measured
    if not unit and (bracketed := re.search(r"[,(]\s*(%|процент\w*|чел\w*\.?|ед\w*\.?|шт\.?|балл\w*)\s*\)?\s*$", name)):
        unit = bracketed.group(1)
    sound = "%" if re.match(r"%|процент", unit, re.IGNORECASE) else unit.strip() or None
    return Indicator("", text, float(re.sub(r"\s", "", whole) + (f".{part}" if part else "")), comparator, sound)


def _valued(text: str, period: Period | None) -> tuple[Indicator, PlacedFinding | None]:
    """Return the indicator of an item; of values by years, «70 % в 2022 году, 80 % в 2023 году», that of the plan's last year."""
    comparator = next((sign for pattern, sign in _COMPARATORS if pattern.search(text)), None)
    comparator = _of_falling(comparator, text)
    if _BY.search(text):
        return Indicator("", text, None, comparator or _said_way(text), None), None
    found = [m for m in _VALUE.finditer(text) if not _TIMES_MORE.match(text, max(0, m.start() - 2))]
    if not found and (bound := _BOUND.search(text)):
        unit = None if re.match(r"(?i)(?:к|в|на|до)$", bound.group(2) or "") else bound.group(2)
        return Indicator("", text, float(bound.group(1).replace(",", ".")), comparator, unit), None
    if not found:
        return Indicator("", text, None, comparator, None), None
    value, doubtful = found[0], None
    if len(found) > 1:
        value, year = _last_year(text, found, period)
        said = "; ".join(match.group() for match in found)
        doubtful = doubt("several-values", {"text": said}, f"{value.group()}" + (f", {year}" if year else ""))
    unit = "%" if re.match(r"%|процент", value.group(2), re.IGNORECASE) else value.group(2)
    return Indicator("", text, float(value.group(1).replace(",", ".")), comparator, unit), doubtful


def _said_way(text: str) -> str | None:
    """Return the direction that words of a change say."""
    return next((sign for words, sign in _WAYS if words.search(text)), None)


def _of_falling(comparator: str | None, text: str) -> str | None:
    """Return the direction of «снижение до 5 %»: what falls to a value is not above it; «доля жалоб – до 5 %» says none."""
    if comparator is None or re.search(
        r"(?i)не\s+(?:менее|ниже|меньше|хуже|более|выше|больше)|свыше|минимум|максимум", text
    ):
        return comparator
    if not re.search(r"(?i)(?<![а-яё])до\s+\d", text):
        return comparator
    return "<=" if _WAYS[1][0].search(text) else None if less_is_better(text) else comparator


def _last_year(text: str, found: Sequence[re.Match[str]], period: Period | None) -> tuple[re.Match[str], int]:
    """Return the value beside the last year that lies in the plan, and that year; the first value where no year is named."""
    years = [
        (int(year.group(1)), n)
        for n, match in enumerate(found)
        for year in _YEAR_BESIDE.finditer(text, match.end(), found[n + 1].start() if n + 1 < len(found) else len(text))
    ]
    inside = [(year, n) for year, n in years if period is None or period.start.year <= year <= period.end.year]
    year, n = max(inside, default=(0, 0))
    return found[n], year
