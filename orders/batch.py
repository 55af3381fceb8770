"""A batch: many commands in one table (.csv or .xlsx), a row each.

Above the rows stands one with the names of the columns, in Russian or as in a scenario (`HEADINGS`), and above that may
stand titles. `do`, `as`, `measure` and whatever the command needs besides (`note`, `reason`, `act`, `until`, `numerator`,
…); `files` holds names separated by semicolons or line breaks, relative to the table. A row without an `id` is called by the
table's content and its place, so that a table sent twice happens once.

A table is read as a spreadsheet leaves it: its code page, its dates, its numbers. What a spreadsheet has made of a measure's
number is not guessed, and no cell is passed over unsaid.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from domain.roadmap import Roadmap
from orders import codes
from orders.codes import Known
from orders.counted import counts_whole
from orders.findings import UNREADABLE, Cell, Place, PlacedFinding, UnreadableFile, Words, shown
from orders.positions import Tree, Trouble
from orders.scenario import Step, steps_of
from orders.troubles import why
from orders.yaml_text import bytes_of, not_opened, not_utf_8, problem

MAX_ROWS = 5000
MAX_COLUMNS = 50
MAX_TITLES = 20  # rows above the names of the columns
MAX_MEGABYTES = 5
MAX_OPENED = 50_000_000  # what a workbook may unpack to
DELIMITERS = ";\t,"
WORKBOOKS = frozenset({".xlsx", ".xlsm"})
NO_TEXTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # a workbook under another name

NEEDED = ("do", "as")
# What a column may be called; the first of each is how we call it.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "as": ("кто", "отправитель", "от кого", "кто действует"),
    "do": ("что сделать", "действие", "команда"),
    "measure": ("мероприятие", "номер мероприятия", "№ мероприятия", "номер", "№"),
    "checkpoint": ("контрольная точка", "точка"),
    "body": ("исполнитель", "организация"),
    "note": ("пояснение", "примечание"),
    "early": ("досрочно", "раньше времени"),
    "reason": ("причина",),
    "act": ("основание",),
    "until": ("новый срок", "перенести на", "до какого дня"),
    "to": ("кому", "новый исполнитель", "кому передать"),
    "indicator": ("показатель", "номер показателя", "№ показателя"),
    "numerator": ("числитель",),
    "denominator": ("знаменатель",),
    "baseline": ("прежнее значение",),
    "occurred_on": ("когда было", "дата события"),
    "files": ("файлы", "файл"),
    "id": ("номер команды",),
}
VERBS: Mapping[str, tuple[str, ...]] = {
    "report": ("отчитаться", "отчёт", "отчёт об исполнении"),
    "progress": ("сообщить", "промежуточная информация", "ход работы"),
    "accept": ("принять", "снять с контроля"),
    "return": ("вернуть", "вернуть на доработку"),
    "request-extension": ("попросить перенести срок", "просьба о переносе срока", "попросить о переносе"),
    "extend": ("перенести срок", "перенести"),
    "refuse-extension": ("отказать в переносе", "отказать в переносе срока"),
    "withdraw": ("снять поручение", "снять"),
    "reassign": ("передать", "передать поручение"),
    "indicator": ("показатель", "сообщить показатель", "значение показателя"),
}
DATES = frozenset({"until", "occurred_on"})
FIGURES = frozenset({"numerator", "denominator", "baseline"})
FRACTION = re.compile(r"[0-9]*\.[0-9]*[1-9][0-9]*")
RUSSIAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: 0?0:00(?::00)?)?", re.ASCII)
# What a spreadsheet shows of 1.10 once it has made a date of it: 01.окт, 01.10.2021.
MONTHS = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
SHOWN_DATE = re.compile(rf"([0-9]{{1,2}})\.(?:({'|'.join(MONTHS)})|([0-9]{{1,2}})\.[0-9]{{4}})", re.IGNORECASE)
DAY_NUMBERS = range(36526, 73051)  # 2000 to 2099 in a spreadsheet's count of days

Cells = Sequence[Any]


@dataclass(frozen=True)
class Row:
    """The cells of a row and its number as a spreadsheet shows it: a line break in a cell begins no row."""

    number: int
    cells: Cells


def load_batch(path: Path, roadmap: Roadmap, now: datetime) -> tuple[Step, ...]:
    """Read a table of commands to a year, all sent at `now`; UnreadableFile with all problems and their places."""
    workbook = path.suffix.lower() in WORKBOOKS
    head, rows = _parted(_workbook(path) if workbook else _text(path), path)
    if len(rows) > MAX_ROWS:
        raise _unreadable(path, "list-too-long", Cell(rows[MAX_ROWS].number, 1), limit=str(MAX_ROWS))
    tree = _Reading(roadmap, head, day_numbers=workbook).tree(rows, now.astimezone(roadmap.policy.zone))
    if not tree.data and not tree.troubles:
        raise _unreadable(path, "empty-file", Place(1, 1))
    name = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    try:
        return steps_of(tree, path, roadmap.policy.zone, name)
    except UnreadableFile as error:
        raise UnreadableFile(tuple(map(_of_a_table, error.problems))) from error


# ------------------------------------------------------------------------------------------------- from file to rows


def _text(path: Path) -> list[Row]:
    """Return the rows of a CSV; semicolons, tabs or commas, as the names of its columns are divided."""
    source = _source(path)
    by_count = sorted(DELIMITERS, key=source.count, reverse=True)
    broken: csv.Error | None = None
    found: list[Row] | None = None
    for delimiter in by_count:
        try:
            rows = list(_divided(source, delimiter))
        except csv.Error as error:
            broken = broken or error
            continue
        if _head_at(rows) is not None:
            return rows
        found = found if found is not None else rows
    if found is None or broken is not None:
        raise _unreadable(path, "bad-quotes", None) from broken
    return found


def _divided(source: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(source), delimiter=delimiter, strict=True)
    for number, cells in enumerate(reader, start=1):
        yield Row(number, cells)


def _source(path: Path) -> str:
    """Return the text of a CSV in UTF-8, or as a spreadsheet writes it: in Windows-1251 or UTF-16."""
    raw = bytes_of(path, MAX_MEGABYTES)
    if raw.startswith(NO_TEXTS):
        raise not_opened(path, "это не .csv: сохраните таблицу как .xlsx или .csv", "no .csv: save it as .xlsx or .csv")
    try:
        text = raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        trouble = not_utf_8(raw, error.start)
        try:
            text = raw.decode("cp1251" if trouble.values.get("guess") == "Windows-1251" else "utf-8")
        except UnicodeDecodeError:
            raise UnreadableFile((problem(str(path), trouble),)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _workbook(path: Path) -> list[Row]:
    """Return the rows of a workbook's first sheet."""
    # openpyxl comes with numpy: both are loaded for those who give a workbook
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        if path.stat().st_size > MAX_MEGABYTES * 1_000_000:
            raise _unreadable(path, "file-too-large", None, limit=str(MAX_MEGABYTES))
        with zipfile.ZipFile(path) as packed:
            if sum(item.file_size for item in packed.infolist()) > MAX_OPENED:
                raise _unreadable(path, "file-too-large", None, limit=str(MAX_OPENED // 1_000_000))
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            rows = book.worksheets[0].iter_rows(
                max_row=MAX_TITLES + MAX_ROWS + 1, max_col=MAX_COLUMNS + 1, values_only=True
            )
            return [Row(number, cells) for number, cells in enumerate(rows, start=1)]
        finally:
            book.close()
    except OSError as error:
        raise not_opened(path, *why(error)) from error
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise not_opened(
            path, "это не таблица .xlsx, или она повреждена", "no .xlsx workbook, or a damaged one"
        ) from error


def _parted(rows: Sequence[Row], path: Path) -> tuple[Row, Sequence[Row]]:
    """Return the row with the names of the columns, and those below it."""
    at = _head_at(rows)
    if at is not None:
        return rows[at], [row for row in rows[at + 1 :] if any(map(_filled, row.cells))]
    filled = [row for row in rows[:MAX_TITLES] if any(map(_filled, row.cells))]
    if not filled:
        raise _unreadable(path, "empty-file", Place(1, 1))
    nearest = max(filled, key=lambda row: len(set(map(_column, row.cells)) & HEADINGS.keys()))
    lacking = next(name for name in NEEDED if name not in set(map(_column, nearest.cells)))
    raise _unreadable(
        path, "missing-column", Cell(nearest.number, 1), field=f"{HEADINGS[lacking][0]} ({lacking})", field_en=lacking
    )


def _head_at(rows: Sequence[Row]) -> int | None:
    for at, row in enumerate(rows[:MAX_TITLES]):
        if set(map(_column, row.cells)).issuperset(NEEDED):
            return at
    return None


# ------------------------------------------------------------------------------------------------- from rows to entries


class _Reading:
    """Reads the rows below the names of the columns, for one year."""

    def __init__(self, roadmap: Roadmap, head: Row, *, day_numbers: bool) -> None:
        self._roadmap = roadmap
        self._head = head
        self._day_numbers = day_numbers
        self._tree = Tree(data=[])
        registry = roadmap.registry
        self._whole = frozenset(one.number for one in roadmap.indicators if counts_whole(one))
        self._known: Mapping[str, Known] = {
            "as": codes.senders(registry),
            "body": codes.bodies(registry),
            "to": codes.bodies(registry),
            "measure": codes.measures(roadmap),
            "indicator": codes.indicators(roadmap),
        }

    def tree(self, rows: Sequence[Row], now: datetime) -> Tree:
        """Return the rows as a scenario's entries, each cell with its line and column."""
        names = [_column(cell) for cell in self._head.cells]
        self._check_names(names)
        for row in rows:
            self._row(row, names, now)
        return self._tree

    def _check_names(self, names: Sequence[str | None]) -> None:
        for column, (cell, name) in enumerate(zip(self._head.cells, names, strict=True), start=1):
            place = self._cell(self._head, column)
            if name is None and _filled(cell):
                known = "; ".join(f"{words[0]} ({one})" for one, words in HEADINGS.items())
                self._trouble("unknown-column", place, column=shown(_said(cell)), known=known)
            elif name is not None and name in names[: column - 1]:
                self._trouble("column-twice", place, column=shown(_said(cell)))

    def _row(self, row: Row, names: Sequence[str | None], now: datetime) -> None:
        at = len(self._tree.data)
        entry: dict[str, Any] = {"at": f"{now:%Y-%m-%d %H:%M}"}
        for column, cell in enumerate(row.cells, start=1):
            if not _filled(cell):
                continue
            place, name = self._cell(row, column), names[column - 1] if column <= len(names) else None
            if name is None:
                if column > len(names) or not _filled(self._head.cells[column - 1]):
                    self._trouble("cell-without-heading", place, text=shown(_said(cell)))
                continue
            self._tree.values[at, name] = self._tree.keys[at, name] = place
            said = self._value(name, cell, place)
            self._tree.texts[at, name] = said
            entry[name] = (
                [part.strip() for part in re.split("[;\n]", said) if part.strip()] if name == "files" else said
            )
        self._check_point(entry, self._tree.values.get((at, "checkpoint")))
        for name in FIGURES & entry.keys() if entry.get("indicator") in self._whole else ():
            if FRACTION.fullmatch(entry[name]):
                self._trouble("not-whole", self._tree.values[at, name], value=shown(entry[name]))
        if "do" in entry and entry["do"] not in VERBS:
            verbs = "; ".join(f"{words[0]} ({one})" for one, words in VERBS.items())
            self._trouble("unknown-verb", self._tree.values[at, "do"], verb=shown(entry["do"]), known=verbs)
            return
        self._tree.values[at,] = Cell(row.number, 1)
        self._tree.data.append(entry)

    def _value(self, name: str, cell: Any, place: Place) -> str:
        """Return what a cell says, in the words of a scenario."""
        if name == "do":
            return _named(_said(cell), VERBS) or _said(cell)
        if name in DATES:
            return self._date(cell)
        if name in FIGURES:
            return re.sub(r"\s", "", _said(cell)).replace(",", ".")
        if name in {"measure", "indicator"}:
            return self._number(name, cell, place)
        if name in self._known:
            return self._code(name, _said(cell), place)
        return _said(cell)

    def _number(self, name: str, cell: Any, place: Place) -> str:
        """Return the number of a measure or an indicator; what a spreadsheet may have made of several is asked about."""
        known, said = self._known[name], _said(cell)
        date_said = _date_of(cell)
        if date_said is not None and codes.understood(said, known, codes.number) is None:
            self._trouble("number-became-date", place, value=date_said[0], number=date_said[1])
            return said
        # By its comma a text tells that it was a number, too.
        value = None if isinstance(cell, str) and "," not in cell else codes.value_of(said)
        meant = codes.of_number(value, known) if value is not None else []
        if meant and (len(meant) > 1 or codes.number(meant[0]) != codes.number(said)):
            self._trouble("number-lost-zero", place, value=shown(said), numbers=", ".join(meant))
            return said
        return self._code(name, said, place)

    def _code(self, name: str, said: str, place: Place) -> str:
        known = self._known[name]
        fold = codes.number if name in {"measure", "indicator"} else codes.code
        found = codes.understood(said, known, fold)
        if found is None:
            ru, en = codes.listed(said, known, fold)
            self._trouble("unknown-code", place, code=shown(said), known=ru, known_en=en)
        return found or said

    def _check_point(self, entry: dict[str, Any], place: Place | None) -> None:
        """Hold a checkpoint against those of its measure, where the order gave it dates."""
        known = codes.checkpoints(self._roadmap, entry.get("measure", ""))
        if place is None or not known:
            return
        said = entry["checkpoint"]
        found = codes.understood(said, known, codes.number)
        if found is None:
            ru, en = codes.listed(said, known, codes.number)
            self._trouble("unknown-code", place, code=shown(said), known=ru, known_en=en)
        entry["checkpoint"] = found or said

    def _date(self, cell: Any) -> str:
        said = _said(cell)
        if self._day_numbers and isinstance(cell, int | float) and int(cell) in DAY_NUMBERS:
            from openpyxl.utils.datetime import from_excel  # noqa: PLC0415  it is loaded: a workbook is read

            return f"{from_excel(int(cell)):%Y-%m-%d}"
        if found := RUSSIAN_DATE.fullmatch(said):
            return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
        return said

    def _cell(self, row: Row, column: int) -> Cell:
        """Return where a cell stands, below the name that the table itself gives its column."""
        heads = self._head.cells
        return Cell(
            row.number,
            column,
            shown(_said(heads[column - 1])) if column <= len(heads) and _filled(heads[column - 1]) else "",
        )

    def _trouble(self, code: str, place: Place, /, **values: str) -> None:
        self._tree.troubles.append(Trouble(code, place, values))


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _said(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\r\n", "\n").replace("\r", "\n").strip()


def _date_of(cell: Any) -> tuple[str, str] | None:
    """Return the date that a spreadsheet made of a number, as people see it, and that number; None for no date."""
    if isinstance(cell, datetime | date):
        return f"{cell:%d.%m.%Y}", f"{cell.day}.{cell.month}"
    found = SHOWN_DATE.fullmatch(_said(cell))
    if found is None:
        return None
    month = MONTHS.index(found[2].casefold()) + 1 if found[2] else int(found[3])
    return shown(_said(cell)), f"{int(found[1])}.{month}"


def _column(cell: Any) -> str | None:
    """Return the column that a heading names; None for another."""
    return _named(_said(cell), HEADINGS) if _filled(cell) else None


def _named(said: str, names: Mapping[str, tuple[str, ...]]) -> str | None:
    wanted = _plain(said)
    return next((name for name, words in names.items() if wanted == name or wanted in map(_plain, words)), None)


def _plain(words: str) -> str:
    letters = unicodedata.normalize("NFC", words).casefold().replace("ё", "е")
    return " ".join(letters.split()).rstrip(" :*.")


def _of_a_table(found: PlacedFinding) -> PlacedFinding:
    """Return a problem in the words of a table: its fields are columns."""
    field = found.where.rpartition(".")[2]
    code = {"missing-field": "missing-cell", "unknown-key": "cell-not-wanted"}.get(found.code)
    if code is None or field not in HEADINGS:
        return found
    words: Words = UNREADABLE[code].words.fill({"column": f"{HEADINGS[field][0]} ({field})", "column_en": field})
    return replace(found, code=code, words=words)


def _unreadable(path: Path, code: str, place: Place | None, **values: str) -> UnreadableFile:
    return UnreadableFile((problem(str(path), Trouble(code, place, values)),))
