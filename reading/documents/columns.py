"""What the columns of a plan hold: told by their headings and, where there are none, by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from reading.bodies import BODY_HEAD, PERSON
from reading.deadlines import is_deadline
from reading.deadlines.text import MONTH_NAMES
from reading.documents.model import Row, Table

Field = Literal[
    "number", "title", "deadline", "start", "end", "year", "quarter", "month", "responsible", "result", "stage", "other"
]
MAX_HEADING = 120
"""Characters of a heading; what is longer is a measure."""
LONGEST_HEADING = 1_000
"""Letters of a heading that are looked through: of a longer text the beginning says what it is."""
MAX_COLUMNS = 40
"""Columns of a plan; the widest real one has 17 (a matrix of months)."""

TIMES: frozenset[Field] = frozenset(("deadline", "start", "end", "year", "quarter", "month"))
"""The fields that say when."""

MATRIX: frozenset[Field] = frozenset(("year", "quarter", "month"))
"""The fields of a matrix: a mark in one says that its whole stretch is meant."""

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_MONTHS = ("янв", "фев", "мар", "апр", "ма[йя]", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_HEADINGS: tuple[tuple[Field, re.Pattern[str]], ...] = (
    ("number", re.compile(r"(?:№+|n|no|nn|#|номер)?\s*(?:п\s*[/.\\]?\s*п\.?)?|(?:№|номер|n)\s.{0,14}|(?:№\s*)?[пр]\s*[/.\\]?\s*[нс]\.?(?:\s*№)?|№\S{0,4}")),
    ("quarter", re.compile(r"(?:.{0,20}\s)?(?:i{1,3}|iv|[1-4])(?:-?[а-я]{1,2})?\s*(?:кв\.?|квартал)(?:\s.*)?")),
    ("month", re.compile(r"(?:.{0,20}\s)?(?:" + "|".join(_MONTHS) + r")[а-я]{0,7}\.?(?:\s*\d{4}.{0,6})?")),
    ("other", re.compile(
        r".*(?:отметка|корректировк|примечани|фактическ|последстви|связь\s+с|источник|финанс|дальнейшее|направленность).*"
        r"|(?!.*(?:срок|дат[аы]|ответствен|исполнител|мероприят|содержани|вопрос|тема|направлени)).*(?:класс(?:ы)?$|место|участник|аудитори|категори|объем|форма\s+провед|выполнени[ея]$|контрол[ья]\s*$).*"
    )),
    ("start", re.compile(r".*(?:срок|дата|начал).*начал.*|(?:планов[а-я]+\s+)?начал[оа](?:\s.*)?")),
    ("end", re.compile(r".*(?:срок|дата|реализац).*(?:окончан|завершен|конец|конц).*|(?:планов[а-я]+\s+)?(?:окончани|завершени)[ея].*")),
    ("responsible", re.compile(r"отв(?!ет[аы]?(?:\s|$)|еденн).*|исп(?:олн[а-я]{0,4})?\..*|.*(?:ответствен|исполнител[ьи]|исполняющ|кто(?:$|\s+(?!провер|посещ|участв|приглаш|контрол|присутств)[а-я])).*|отвеча[а-я]+(?:\s.*)?|проводящ.*|(?:организатор|куратор|координатор)[а-я]*")),
    ("deadline", re.compile(r".*(?:срок|дата|даты|период|время\s|время$|когда|месяц|график).*")),
    ("result", re.compile(r".*(?:результат|вид\s+документа|ожидаем|предполагаем|показател|индикатор|итог|выход|форма\s+(?:отчет|представлен|завершен)|продукт|подтвержда).*")),
    ("stage", re.compile(r".*этап.*|(?:раздел|блок|модуль)[а-я]*")),
    ("title", re.compile(r".*(?:мероприят|содержани|наименовани|направлени|дела|действи|вид\s+(?:деятельност|работ)|виды\s+(?:деятельност|работ)|вопрос|тема|задач|работ|событи|шаги|меры|решени[ея]|поручени[ея]|что(?:$|\s+(?:надо|нужно|необходимо|сделать))).*")),
)  # fmt: skip
_MONTH_NAME = r"(?:январь|февраль|март|апрель|май|июнь|июль|август|сентябрь|октябрь|ноябрь|декабрь)"
_TIME_ROW = re.compile(
    rf"(?i)((?:{_MONTH_NAME}(?:\s*(?:[-–—,/]|и)\s*{_MONTH_NAME})*|(?:i{{1,3}}|iv|[1-4])(?:-?[йя]|-?ый|-?ое)?\s*(?:квартал|полугодие|четверть)|"
    r"(?:перв|втор|трет|четв[её]рт)[а-я]+\s+(?:квартал|полугодие|четверть))"
    r"(?:[\s,(]*(?:19|20)\d\d(?:\s*[-–/]\s*(?:19|20)?\d\d)?(?:\s*(?:учебн[а-я]+\s*)?(?:г\.|г(?![а-я])|года?(?![а-я])))?\)?)?)(?=\s*(?:$|[.:–—(«\"-]))"
)
_COUNTED = re.compile(r"(?i)(?:(?:этап|шаг|№)\s*)?(?:[ivx]{1,5}|\d{1,2})[.)]?(?:\s*-?\s*(?:й|ый)?\s*(?:этап|шаг))?")
_NAMES_TIME = re.compile(r"(?:период|сроки?|даты?|время)", re.IGNORECASE)
_TITLE_RANK = (
    r"мероприят|поручени",
    r"решени[ея]",
    r"содержани",
    r"действи|дела|работ|событи|меры|шаги",
    r"направлени|вопрос|тема",
    r"наименовани|задач",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading as it stands, what it holds, and the year, quarter or month where it is one.

    With `again` its heading is the one that stands over the column before, and over both. With `second` it is headed as
    the column of titles is, and is not that column.
    """

    field: Field
    heading: str
    ordinal: int = 0
    year: int | None = None
    again: bool = False
    second: bool = False


def header_of(table: Table, *, timed: bool = False) -> tuple[tuple[Column, ...], int, int] | None:
    """Return the columns, the first of the rows that name them and the row below; None where the first rows name no plan.

    A table without a column of time is a plan where rows of it name months or quarters, or where `timed`: a line above it does.
    """
    timed = timed or any(time_of(text) for row in table.rows if (text := alone(row)))
    for texts, first, skip in named_rows(table):
        columns = headings(texts, timed=timed)
        if columns is not None:
            again = _merged_headings(table.rows[first], table.rows[skip - 1])
            columns = tuple(replace(column, again=n in again) for n, column in enumerate(columns))
            below = _below_headings(table, columns, skip)
            return _parted(columns, table.rows[below:]), first, below
    return None


def _below_headings(table: Table, columns: Sequence[Column], skip: int) -> int:
    """Return the first row below the headings in which the heading of the titles does not go on: «Объём» over «всего | 2020 | 2021»."""
    title = next(n for n, column in enumerate(columns) if column.field == "title")
    while skip < len(table.rows) and title < len(table.rows[skip].cells):
        cell = table.rows[skip].cells[title]
        if cell.merged != "down" or not cell.text or " ".join(cell.text.split()) not in columns[title].heading:
            break
        skip += 1
    return skip


def _merged_headings(above: Row, below: Row) -> set[int]:
    """Return the columns whose heading is merged with the one before, in the last row of headings."""
    return {
        n
        for n, (over, cell) in enumerate(zip(above.cells, below.cells, strict=False))
        if cell.merged == "across" or (cell.merged == "down" and over.merged == "across")
    }


def alone(row: Row) -> str:
    """Return the text of a row that has one only, else nothing."""
    own = [cell.text for cell in row.cells if cell.text and not cell.merged]
    return own[0] if len(own) == 1 else ""


def time_of(text: str) -> str:
    """Return the month or quarter that a heading names: «Октябрь, 2016 год», «I квартал», «Май. Декада спорта»."""
    found = _TIME_ROW.match(" ".join(text.split()))
    return found.group(1).strip(" ,(") if found else ""


def _parted(columns: tuple[Column, ...], rows: Sequence[Row]) -> tuple[Column, ...]:
    """Tell apart two columns below one heading: what counts stages or names groups stands first, the titles behind it."""
    parted = list(columns)
    for n in range(len(parted) - 1):
        one, other = parted[n : n + 2]
        if not other.again or "title" not in {one.field, other.field} or not _parts(rows, n + 1):
            continue
        firsts = [
            row.cells[n].text for row in rows if n < len(row.cells) and row.cells[n].text and not row.cells[n].merged
        ]
        counted = bool(firsts) and all(_COUNTED.fullmatch(text.strip()) for text in firsts)
        free = all(column.field != "number" for column in parted)
        parted[n] = replace(one, field="number" if counted and free else "stage")
        parted[n + 1] = replace(other, field="title", again=False)
    return tuple(parted)


def _parts(rows: Sequence[Row], at: int) -> bool:
    """Tell whether the rows have a field of their own in a column whose heading stands over the one before too."""
    own = [row for row in rows if at < len(row.cells) and row.cells[at].text and not row.cells[at].merged]
    wider = [row for row in own if at + 1 < len(row.cells) and row.cells[at + 1].merged == "across"]
    return len(own) > len(wider)


def named_rows(table: Table) -> Iterator[tuple[list[str], int, int]]:
    """Yield what each of the first rows would name its columns, with the row below it where both do, its place and its end."""
    for n, row in enumerate(table.rows[:8]):
        if len(row.cells) > MAX_COLUMNS:
            return
        texts = spread(row)
        below = table.rows[n + 1] if n + 1 < len(table.rows) else None
        if below is not None and _is_subheading(row, below):
            yield _under(texts, [c.text if c.merged != "down" else "" for c in below.cells]), n, n + 2
        else:
            yield texts, n, n + 1


def spread(row: Row) -> list[str]:
    """Return each column's heading, that of a merged cell for all it covers."""
    texts: list[str] = []
    for cell in row.cells:
        texts.append(texts[-1] if cell.merged == "across" and texts else cell.text)
    return texts


def _under(above: list[str], below: list[str]) -> list[str]:
    """Return each heading with the one below it; one that stands over several fields goes for all of them."""
    texts: list[str] = []
    over = ""
    for a, b in zip(above, below, strict=True):
        over = a or (over if b else "")
        texts.append(f"{over} {b}".strip() if b and over != b else over)
    return texts


def _is_subheading(row: Row, below: Row) -> bool:
    if len(below.cells) != len(row.cells) or alone(row):
        return False
    if is_count([cell.text for cell in below.cells]) and below.cells[0].text and below.cells[0].merged != "down":
        return False  # numbers of all columns, not of months below one heading
    parts = [b.text for a, b in zip(row.cells, below.cells, strict=True) if b.text and b.merged != "down"]
    covered = all(not b.text or b.merged == "down" or a.merged == "across" or field_of(b.text) in {"quarter", "month", "start", "end"}
                  or re.fullmatch(r"(?i)i{1,3}|iv|0?[1-9]|1[0-2]|\d{4}.{0,12}|начал.*|оконч.*", b.text.strip())
                  for a, b in zip(row.cells, below.cells, strict=True))  # fmt: skip
    return (
        len(parts) > 1
        and covered
        and any(c.merged == "down" or not c.text for c in below.cells)
        and len(parts) < len(row.cells)
    )


def headings(texts: list[str], *, timed: bool = False) -> tuple[Column, ...] | None:
    """Return the columns that headings name; None unless there is a title and a time, or, where `timed`, a body instead."""
    if len(texts) < 2 or not any(texts):  # noqa: PLR2004
        return None
    columns = [_column(text) for text in _months_named(texts)]
    columns = [replace(column, heading=" ".join(text.split())) for column, text in zip(columns, texts, strict=True)]
    titles = [n for n, c in enumerate(columns) if c.field == "title"]
    if not titles and (stage := next((n for n, c in enumerate(columns) if c.field == "stage"), None)) is not None:
        columns[stage] = replace(columns[stage], field="title")
        titles = [stage]
    fields = {c.field for c in columns}
    matrix = sum(c.field in {"quarter", "month"} for c in columns) >= FEWEST_MONTHS
    known = ("responsible" in fields and fields & (TIMES - {"start"})) or ("number" in fields and matrix)
    if not titles and known and not _heads_indicators(texts):
        # «Что необходимо сделать …», «Акция»: a heading like a sentence or a rare one, between those that are known
        free = next((n for n, c in enumerate(columns) if c.field == "other" and c.heading), None)
        titles = [] if free is None else [free]
        columns = [replace(c, field="title") if n == free else c for n, c in enumerate(columns)]
    best = min(titles, key=lambda n: _rank(texts[n]), default=None)
    staged = any(c.field == "stage" for c in columns)
    for n in titles:
        if best is None or columns[n].heading != columns[best].heading or abs(n - best) > columns.count(columns[best]):
            over = (
                not staged
                and best is not None
                and n < best
                and re.match(r"направлени|задач|вид", plain_heading(texts[n]))
            )
            columns[n] = replace(columns[n], field="stage" if over else "other", second=not over)
            staged = staged or bool(over)
    results = [n for n, c in enumerate(columns) if c.field == "result"]
    for n in results:
        if n != min(results, key=lambda n: "результат" not in texts[n].lower()):
            columns[n] = replace(columns[n], field="other")
    numbers = [n for n, c in enumerate(columns) if c.field == "number"]
    for n in numbers:
        if n != numbers[0] or n != 0 or (not texts[n] and len(numbers) > 1):
            columns[n] = replace(columns[n], field="other" if n else "number")
    _settle_years(columns)
    named = any(c.field in TIMES - {"start"} for c in columns) or (
        timed and any(c.field in {"responsible", "number"} and c.heading for c in columns)
    )
    short = {c.field for c, text in zip(columns, texts, strict=True) if len(text) <= MAX_HEADING}
    sentences = len(short & {"number", "deadline", "responsible", "result"}) > 1
    spans = [c for c in columns if c.field in MATRIX]
    one_time = len(spans) == 1 and is_deadline(spans[0].heading) and not short & {"number", "responsible"}
    data = one_time or any(
        (len(text) > MAX_HEADING and not sentences)
        or (c.field == "deadline" and is_deadline(text) and not _NAMES_TIME.match(text))
        or (re.fullmatch(r"\d[\d.–-]*", text) and c.field not in MATRIX)
        for c, text in zip(columns, texts, strict=True)
    )
    return tuple(columns) if best is not None and named and not data else None


def _months_named(texts: list[str]) -> list[str]:
    """Return headings with months by name that are numerals: «IX, X, XI …», «9, 10, 11, 12, 1 …», at least three in a row."""
    numbers = [_month_numbered(text) for text in texts]
    said = [number for number in numbers if number]
    follows = all(b == a % YEAR + 1 for a, b in pairwise(said))
    below = sum(" " in text.strip() for text, number in zip(texts, numbers, strict=True) if number)
    whole = len(said) == YEAR == below
    roman = any(text.strip().isalpha() for text, number in zip(texts, numbers, strict=True) if number)
    if len(said) < FEWEST_MONTHS or not follows or not (roman or whole or said[0] >= AUGUST) or max(said) <= QUARTERS:
        return texts
    return [_month_of(text, number) if number else text for text, number in zip(texts, numbers, strict=True)]


def _month_of(text: str, number: int) -> str:
    year = re.search(r"(?:19|20)\d{2}", text)
    return MONTH_NAMES[number - 1] + (f" {year.group()}" if year else "")


def _month_numbered(text: str) -> int:
    plain = text.strip().lower().replace("х", "x").replace("і", "i")
    if plain in _ROMAN_MONTHS:
        return _ROMAN_MONTHS.index(plain) + 1
    if len(plain) > LONGEST_MONTH:
        return 0
    below = re.fullmatch(r"(?:[^\d]*(?:19|20)\d{2}\s*\S*\s+|\D*(?:месяц|срок|период)\D*\s)?(0?[1-9]|1[0-2])", plain)
    return int(below.group(1)) if below else 0


LONGEST_MONTH = 60
"""Letters of a heading that ends with the number of a month."""
YEAR, QUARTERS, AUGUST, FEWEST_MONTHS = 12, 4, 8, 3
_ROMAN_MONTHS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


def _settle_years(columns: list[Column]) -> None:
    """Keep a column a year only where several are the plan's one way to say when; else it holds a year's sums."""
    years = [n for n, c in enumerate(columns) if c.field == "year"]
    if len(years) > 1 and not any(c.field in TIMES - {"start", "year"} for c in columns):
        return
    for n in years:
        alone = len(years) == 1 and _NAMES_TIME.match(columns[n].heading)
        columns[n] = replace(columns[n], field="deadline" if alone else "other")


def _rank(text: str) -> int:
    return next(
        (n for n, pattern in enumerate(_TITLE_RANK) if re.search(pattern, plain_heading(text))), len(_TITLE_RANK)
    )


@lru_cache(maxsize=4096)  # the headings of a long plan stand on each page, and its first rows are asked too
def _column(text: str) -> Column:
    name = field_of(text)
    plain = plain_heading(text)
    year = re.search(r"(?:19|20)\d{2}", plain)
    ordinal = 0
    if name == "quarter":
        found = re.search(r"(?<![a-z])(iv|i{1,3})(?![a-z])|([1-4])(?=\D*кв)", plain)
        ordinal = _ROMAN[found.group(1)] if found and found.group(1) else int(found.group(2)) if found else 0
    elif name == "month":
        named = (n for n, stem in enumerate(_MONTHS, 1) if re.search(rf"(?<![а-я]){stem}", plain))
        ordinal = next(named, 0) or int(plain.rpartition(" ")[2])
    said = year if name in {"year", "quarter", "month"} else None
    return Column(name, " ".join(text.split()), ordinal, int(said.group()) if said else None)


def says_when(heading: str) -> bool:
    """Tell whether a column of this heading holds times."""
    return field_of(heading) in TIMES


def plain_heading(text: str) -> str:
    """Return a heading in small letters, words that a narrow column cut whole again."""
    return re.sub(r"(?<=[а-я])-\s*(?=[а-я])", "", " ".join(text.lower().replace("ё", "е").split()))


def field_of(text: str) -> Field:
    """Return what a column with this heading holds."""
    plain = plain_heading(text[:LONGEST_HEADING])
    if re.fullmatch(r"(?:квартал[а-я]*|сроки?.*квартал[а-я]*|по кварталам)\s+(?:i{1,3}|iv|[1-4])", plain):
        return "quarter"
    if re.fullmatch(r".*\b(?:i{1,3}|iv)", plain) and re.search(r"кварт|срок|период", plain):
        return "quarter"
    if re.fullmatch(r".*месяц.*\s(?:0?[1-9]|1[0-2])", plain):
        return "month"
    if re.fullmatch(r"(?:.*(?:срок|период|год|реализ).*\s)?20\d{2}(?:\s*г\S*)?", plain):
        return "year"
    for name, pattern in _HEADINGS:
        if pattern.fullmatch(plain):
            return name
    return "other"


_YEAR = re.compile(r"\s*(?:19|20)\d\d\s*(?:г\.?)?\s*")
"""A year alone: of many things besides measures."""
_FULL_NAME = re.compile(r"\s*(?:[А-ЯЁ][а-яё]+\s+){2}[А-ЯЁ][а-яё]+\s*")
_UNNAMED: dict[Field, str] = {
    "number": "номер", "title": "мероприятие", "deadline": "срок", "responsible": "ответственный", "result": "результат",
    "other": "прочее",
}  # fmt: skip
"""What a column without a heading is called: the language of the documents, as headings are."""


def by_content(table: Table) -> tuple[Column, ...] | None:
    """Return the columns of a table without headings by what stands in them; None where that is not clear."""
    rows = [row for row in table.rows if sum(bool(c.text) for c in row.cells) > 1]
    if len(rows) < 2 or len(rows[0].cells) > MAX_COLUMNS:  # noqa: PLR2004
        return None
    width = max(len(row.cells) for row in rows)
    shares: list[dict[str, float]] = []
    for n in range(width):
        texts = [row.cells[n].text for row in rows if n < len(row.cells) and row.cells[n].text]
        count = max(1, len(texts))
        shares.append(
            {
                "number": sum(bool(number_like(t)) for t in texts) / count,
                "deadline": sum(is_deadline(t) and not _YEAR.fullmatch(t) for t in texts) / count,
                "responsible": sum(bool(BODY_HEAD.match(t) or PERSON.match(t)) for t in texts) / count,
                "length": sum(map(len, texts)) / count,
            }
        )
    deadline = max(range(width), key=lambda n: shares[n]["deadline"] - shares[n]["number"])
    if shares[deadline]["deadline"] < 0.6:  # noqa: PLR2004  most of the column
        return None
    fields: list[Field] = ["other"] * width
    fields[deadline] = "deadline"
    rest = [n for n in range(width) if n != deadline]
    if rest and shares[rest[0]]["number"] > 0.8:  # noqa: PLR2004
        fields[rest.pop(0)] = "number"
    title = max(
        (n for n in rest if n < deadline or not any(m < deadline for m in rest)),
        key=lambda n: shares[n]["length"],
        default=None,
    )
    if title is None:
        return None
    fields[title] = "title"
    titles = [row.cells[title].text for row in rows if title < len(row.cells)]
    if 2 * sum(bool(PERSON.match(text) or _FULL_NAME.fullmatch(text)) for text in titles) >= len(rows):
        return None  # people: who is on duty, who is in a group
    bodies = [n for n in rest if n != title and shares[n]["responsible"] > 0.7]  # noqa: PLR2004
    if bodies:
        fields[min(bodies, key=lambda n: abs(n - deadline))] = "responsible"
    left = [n for n in rest if fields[n] == "other" and n > deadline]
    if left:
        fields[left[-1]] = "result"
    return tuple(Column(name, _UNNAMED[name]) for name in fields)


def is_count(texts: list[str]) -> bool:
    """Tell the row «1 2 3 4 5» that numbers the columns."""
    said = [t.strip(" .") for t in texts if t.strip()]
    return len(said) > 2 and said == [str(n) for n in range(1, len(said) + 1)]  # noqa: PLR2004


def number_like(text: str) -> bool:
    """Tell what may be a measure's number, whole, cut or with letters for digits."""
    return re.fullmatch(r"\s*\.?\d{0,2}[ЗзОоlI]?(?:\.\d{0,3}[ЗзОоlI]?){0,4}\s*[.)]?\s*", text) is not None and any(
        c.isdigit() for c in text
    )


# --- indicators --------------------------------------------------------------------------------------------


_INDICATORS = re.compile(r"показател|индикатор")
_NO_INDICATOR = re.compile(
    r"(?:вес|удельн|код|источник|единиц|ед\.|значени|план|факт|метод|формул|расчет|ответственн|срок|динамик|балл|коэффициент|№|достижени)"
)
"""How a heading begins that names no indicators, though the word stands in it."""
_MONEY = re.compile(
    r"косгу|кбк|целев[а-я]+\s+стать|вид\s+расход|бюджетн[а-я]+\s+классиф|лицев|сумма|(?:тыс|млн)\.?\s*руб|^всего"
)
"""What only tables of a budget are headed with."""


def indicator_column(heads: Sequence[str]) -> int | None:
    """Return the column of the indicators' names; None where there is none, or the figures are those of a budget."""
    plain = [plain_heading(head) for head in heads]
    if any(_MONEY.search(head) for head in plain):
        return None
    names = [n for n, head in enumerate(plain) if _INDICATORS.search(head) and not _NO_INDICATOR.match(head)]
    return min(names, key=lambda n: (not _INDICATORS.search(plain[n][:MAX_HEADING]), n), default=None)


def names_indicators(table: Table) -> bool:
    """Tell whether the first rows of a table name indicators beside their unit or value, and no plan."""
    named = [heads for heads, _, _ in named_rows(table)]
    return any(map(_heads_indicators, named)) and not any(headings(heads) for heads in named)


def _heads_indicators(heads: Sequence[str]) -> bool:
    name = indicator_column(heads)
    others = [plain_heading(head) for n, head in enumerate(heads) if n != name and head]
    return (
        name is not None
        and len(heads[name]) <= 2 * MAX_HEADING
        and all(len(head) <= MAX_HEADING for head in others)
        and any(INDICATOR_UNIT.search(head) or INDICATOR_VALUE.search(head) for head in others)
    )


INDICATOR_UNIT = re.compile(r"единиц|ед\.?\s*изм")
INDICATOR_VALUE = re.compile(r"значени|планов|план$|^план|целев|^\D{0,20}20\d\d|результат|норматив|критери|величин")
