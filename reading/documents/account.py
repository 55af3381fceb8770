"""What each piece of a document was taken for. Nothing is lost in silence: what nobody took is told, with its place and words.

A piece is a line of a paragraph or a field of a table. Readers take pieces; what they say they carried over is held
against what they made of it, and a piece whose words are not there counts as one that nobody took.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from orders.findings import PlacedFinding, Words
from reading.bodies import PERSON
from reading.deadlines import is_deadline
from reading.documents.model import Document, Row, Table, Text
from reading.doubts import doubt

Use = Literal["head", "heading", "section", "measure", "indicator", "point", "named", "asked"]
"""The order's head and the plan's title, headings of columns, what becomes a part of the roadmap, what is known and has no
place there, what a person is asked about."""
Place = tuple[int, int, int]
"""The block, its line or row, the field of the row; all from 0."""

USES: Mapping[Use, Words] = {
    "measure": Words("строки мероприятий", "rows of measures"),
    "section": Words("названия разделов", "names of sections"),
    "indicator": Words("строки показателей", "rows of indicators"),
    "point": Words("пункты приказа", "points of the order"),
    "head": Words("шапка и названия", "head and titles"),
    "heading": Words("заголовки граф", "headings of columns"),
    "named": Words(
        "не относится к мероприятиям (подписи, грифы, пояснения)", "not carried over (signatures, stamps, remarks)"
    ),
    "asked": Words("не прочитано, см. замечания", "not read, see the findings"),
}
LONGEST_CELL = 60
"""Letters of a cell that may be a deadline."""
MOST_ROWS = 3
"""Rows of a table that was not read that a finding shows."""
SHOWN = 160
"""Letters of what was not read that a finding shows."""
_DAY = r"(?:\d{1,2}[.\s]+(?:\d{2}(?!\d)|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)|конца|начала)"
_DUE = re.compile(
    rf"(?i)(?<!\w)(?:в\s+срок\b|до\s+[«\"]?{_DAY}|не\s+позднее|сроки?(?:\s+[а-я]+)?\s*[:–—-]|к\s+[«\"]?{_DAY}|"
    rf"ежемесячн|ежеквартальн|еженедельн|ежегодн|с\s+\d{{1,2}}(?:[.\s]\S+)?\s+по\s+{_DAY})"
)
"""What says until when something is to be done."""
_MONTHLY = re.compile(
    r"(?i)(?:ть|ти|чь)(?:ся)?(?![а-яё]).*(?<![а-яё])в\s+(?:январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре|октябре|ноябре|декабре)"
)
"""What says to do something in a month."""
LONGEST_LINE = 1_000
"""Letters of a line that are looked through for what may stand far apart in it."""
_BOUND = re.compile(r"(?i)(?<![а-яё])не\s+(?:менее|более|ниже|выше)(?:\s+чем)?\s+\d")
_MEASURED = re.compile(
    r"(?i)\A\W*(?:\d{1,2}[.)]\s*)?(?:доля|процент|количество|число|численность|уровень|охват|удельный\s+вес|средн[а-яё]+|коэффициент|показатель)\s"
    r"(?=.*(?:\d\s*(?:%|процент|балл|ед|чел|шт)|не\s+(?:менее|более|ниже|выше)|до\s+\d))"
)
"""What says how much is to be reached."""
_ROW = re.compile(
    r"(?i)\A\s*\d{1,3}(?:\.\d{1,3})*[.)]?\s+(?!(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек))[^\d\W].*(?<![а-яё])"
    r"(?:январ|феврал|март|апрел|ма[йея](?![а-яё])|июн[ьяе]|июл[ьяе]|август|сентябр|октябр|ноябр|декабр|квартал|полугоди|постоянно|\d{1,2}\.\d{2}(?!\d))"
)
"""A row of a table that nobody could read as one: a number, words, a time."""
_ORDERS = re.compile(
    r"\s*\d{1,2}(?:\.\d{1,2})*[.)]?\s+(?:[А-ЯЁ][а-яё]+(?:ть|ти|чь)(?:ся)?|[А-ЯЁ][а-яё]+(?:у|ю|ам|ям|ому|ой|ей|ым|им)\s.{2,80}?[а-яё]{2,}(?:ть|ти|чь)(?:ся)?)(?![а-яё])"
)
"""A point that orders something."""
_AIMS = re.compile(r"(?i)\W*(?:(?:основны[ея]|главны[ея])\s+)?(?:задач[аи]|цел[ьи])(?![а-яё])")
_RULES = re.compile(r"(?i)\s*(?:положение|порядок|правила|инструкция|регламент|устав|памятка)(?![а-яё])")
"""How a text is called whose points are rules, and no orders."""
_STAMP = re.compile(
    r"(?i)\s*(?:утвержд|согласован|рассмотрен|принят[оаы]?(?!\w)|приложени|протокол|ознакомлен|м\.\s?п\.|подпис|исп(?:олнитель)?\.?\s*:|"
    r"тел(?:ефон)?\.?\s*[:+(\d]|эл\.\s|e-mail|страница\s|примечани|\*|_{3,})"
)
_PAGE = re.compile(r"[-–—\s]*\d{1,3}[-–—\s]*|стр(?:аница|\.)\s*\d+(?:\s*из\s*\d+)?", re.IGNORECASE)


class Account:
    """What the pieces of one document were taken for; the first to take a piece has it."""

    def __init__(self, document: Document) -> None:
        self.pieces: dict[Place, str] = {}
        self.lines: dict[tuple[int, int], int | None] = {}
        for block, content in enumerate(document.whole):
            for at, (line, texts) in enumerate(_rows(content)):
                self.lines[block, at] = line
                self.pieces |= {(block, at, n): text for n, text in texts if text.strip()}
        self.uses: dict[Place, Use] = {}
        self._by_row: dict[tuple[int, int], list[Place]] = {}
        for place in self.pieces:
            self._by_row.setdefault(place[:2], []).append(place)

    def take(self, use: Use, block: int, at: int, fields: Iterable[int] | None = None) -> None:
        """Take a line or row, or some of its fields."""
        for n in self.fields(block, at) if fields is None else fields:
            if (block, at, n) in self.pieces:
                self.uses.setdefault((block, at, n), use)

    def retake(self, before: Use, use: Use, block: int, at: int) -> None:
        """Take what was something else before."""
        for place in self._of_row(block, at):
            if self.uses.get(place) == before:
                self.uses[place] = use

    def fields(self, block: int, at: int) -> list[int]:
        """Return the fields of a row that hold something of their own."""
        return [n for b, a, n in self._of_row(block, at) if (b, a) == (block, at)]

    def hold(self, places: Iterable[tuple[int, int]], carried: Iterable[str]) -> None:
        """Hold what measures carry against the rows they were made of: what is missing there was not carried over."""
        letters = _letters("".join(carried))
        for block, at in places:
            for place in self._of_row(block, at):
                if self.uses.get(place) == "measure" and _letters(self.pieces[place]) not in letters:
                    del self.uses[place]

    def left(self) -> list[Place]:
        """Return what nobody took, in the document's order."""
        return [place for place in self.pieces if place not in self.uses]

    def count(self) -> dict[Use, int]:
        """Return how many lines and rows are of each use: a row is what its first taken field is, else asked about."""
        rows: dict[tuple[int, int], Use] = {}
        for block, at, n in self.pieces:
            use = self.uses.get((block, at, n), "asked")
            if rows.get((block, at), "asked") in {"asked", "named"} or use == "measure":
                rows[block, at] = use
        counted = Counter(rows.values())
        return {use: counted[use] for use in USES}

    @property
    def rows(self) -> int:
        """Return how many lines and rows of the document hold anything."""
        return len({(block, at) for block, at, _ in self.pieces})

    def to_json(self) -> dict[str, int]:
        """Return the counts of the interfaces; `rows` is their sum."""
        return {"rows": self.rows} | {str(use): count for use, count in self.count().items()}

    def say(self, lang: str = "ru") -> str:
        """Return the sum for a person: «строк 57 = мероприятия 27 + …»."""
        parts = [f"{USES[use].say(lang)} {count}" for use, count in self.count().items() if count]
        return f"{'lines and rows' if lang == 'en' else 'строк документа'} {self.rows} = {' + '.join(parts)}"

    def _of_row(self, block: int, at: int) -> list[Place]:
        return self._by_row.get((block, at), [])


def told(account: Account, document: Document) -> list[PlacedFinding]:
    """Name what is known to have no place in a roadmap, and return a finding for each piece that is left."""
    findings: list[PlacedFinding] = []
    rules = any(_RULES.match(text) and len(text) <= LONGEST_CELL for text in account.pieces.values())
    aims = _aims(account)
    by_block: dict[int, list[Place]] = {}
    for place in account.left():
        by_block.setdefault(place[0], []).append(place)
    for block, places in by_block.items():
        content = document.whole[block]
        whole = {place[0] for place in account.uses} & {block}
        if isinstance(content, Table) and not whole:
            findings += _table_left(account, block, content)
        elif isinstance(content, Table):
            findings += _cells_left(account, block, places)
        else:
            orders = (
                []
                if rules
                else [p for p in places if p not in aims and _ORDERS.match(account.pieces[p][:LONGEST_LINE])]
            )
            findings += _lines_left(account, block, places, orders)
    return findings


def _aims(account: Account) -> set[Place]:
    """Return the numbered lines below «Задачи»: what is to be reached, and by the plan itself."""
    found: set[Place] = set()
    below = False
    for place, text in account.pieces.items():
        below = bool(_AIMS.match(text)) or (below and bool(_ORDERS.match(text[:LONGEST_LINE])))
        if below:
            found.add(place)
    return found


def _lines_left(account: Account, block: int, places: list[Place], orders: list[Place]) -> Iterator[PlacedFinding]:
    for place in places:
        text = account.pieces[place]
        account.take("asked" if is_due(text) or place in orders else "named", *place[:2])
        if place in orders and not is_due(text):
            yield doubt("order-not-read", {"text": _shown(text)}, where="document", line=account.lines[block, place[1]])
        elif is_due(text):
            yield doubt("text-not-read", {"text": _shown(text)}, where="document", line=account.lines[block, place[1]])


def is_due(text: str) -> bool:
    """Tell whether a line may say what is to be done until when, or how much; a signature, a stamp or a page's number does not."""
    if _PAGE.fullmatch(text) or _STAMP.match(text) or (PERSON.search(text) and len(text) <= LONGEST_CELL):
        return False
    near = text[:LONGEST_LINE]
    return bool(_DUE.search(text) or _BOUND.search(text)) or any(p.search(near) for p in (_MEASURED, _MONTHLY, _ROW))


def _cells_left(account: Account, block: int, places: list[Place]) -> Iterator[PlacedFinding]:
    """Yield a finding for each row of a table that was read in which something was not."""
    rows: dict[int, list[str]] = {}
    for place in places:
        rows.setdefault(place[1], []).append(account.pieces[place])
        account.uses[place] = "asked"
    for at, texts in rows.items():
        yield doubt("row-not-read", {"text": _shown(" | ".join(texts))}, where="table", line=account.lines[block, at])


def _table_left(account: Account, block: int, table: Table) -> Iterator[PlacedFinding]:
    """Yield a finding for a table that nobody read; one of a few lines without a date is a letterhead or a signature."""
    rows = [[c.text for c in row.cells if c.text and not c.merged] for row in table.rows]
    said = [(at, texts) for at, texts in enumerate(rows) if texts]
    if not said:
        return
    dated = any(
        len(text) <= LONGEST_CELL and is_deadline(text) for _, texts in said for text in texts if len(texts) > 1
    )
    few = len(said) <= 4 and max(len(texts) for _, texts in said) <= 3  # noqa: PLR2004  a letterhead or a signature
    behind = any(use == "measure" for (at, _, _), use in account.uses.items() if at < block)
    few = few and (not behind or any(PERSON.search(text) or _STAMP.match(text) for _, texts in said for text in texts))
    use: Use = "named" if few and not dated and not any(is_due(t) for _, texts in said for t in texts) else "asked"
    for at, _ in said:
        account.take(use, block, at)
    if use == "asked":
        first = _shown(" / ".join(" | ".join(texts) for _, texts in said[:MOST_ROWS]))
        code = "table-not-read" if dated else "table-left-out"
        line = account.lines[block, said[0][0]]
        yield doubt(code, {"text": first, "count": str(len(said))}, where="table", line=line)


def _rows(content: Text | Table) -> Iterator[tuple[int | None, list[tuple[int, str]]]]:
    if isinstance(content, Text):
        yield from ((content.line, [(0, line)]) for line in content.text.split("\n"))
    else:
        yield from ((row.line, _own(row)) for row in content.rows)


def _own(row: Row) -> list[tuple[int, str]]:
    return [(n, cell.text) for n, cell in enumerate(row.cells) if not cell.merged]


def _letters(text: str) -> str:
    """Return letters and digits alone: lines that were joined and hyphens that were taken out make no difference."""
    return re.sub(r"[\W_]+", "", text).lower()


def _shown(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"
