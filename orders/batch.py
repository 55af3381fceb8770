"""A batch: many commands in one table (.csv or .xlsx), a row each, the columns named as in a scenario.

`do`, `as`, `measure` and whatever the command needs besides (`note`, `reason`, `act`, `until`, `numerator`, …); `files`
holds names separated by semicolons, relative to the table. A row without an `id` is called by the table's content and
its place, so that a table sent twice happens once.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orders.findings import Place, UnreadableFile
from orders.positions import Tree, Trouble
from orders.scenario import Step, steps_of
from orders.troubles import why
from orders.yaml_text import not_opened, problem, source_of

MAX_ROWS = 5000
MAX_BYTES = 5_000_000
MAX_OPENED = 50_000_000  # what a workbook may unpack to

NEEDED = frozenset({"as", "do"})

Cells = Sequence[Any]


def load_batch(path: Path, zone: ZoneInfo, now: datetime) -> tuple[Step, ...]:
    """Read a table of commands, all of them sent at `now`; UnreadableFile with all problems and their places."""
    rows = _workbook(path) if path.suffix.lower() == ".xlsx" else _text(path)
    if len(rows) > MAX_ROWS:
        raise _unreadable(path, "list-too-long", Place(MAX_ROWS + 1, 1), limit=str(MAX_ROWS))
    named = {str(cell or "").strip() for cell in rows[0]} if rows else NEEDED
    for field in sorted(NEEDED - named):  # else every row would be told to lack it
        raise _unreadable(path, "missing-column", Place(1, 1), field=field)
    tree = _tree(rows, now.astimezone(zone))
    if not tree.data:
        raise _unreadable(path, "empty-file", Place(1, 1))
    name = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return steps_of(tree, path, zone, name)


def _text(path: Path) -> list[Cells]:
    """Return the rows of a CSV; semicolons, commas or tabs, as its first line has them."""
    source = source_of(path)
    first = source.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        return list(csv.reader(source.splitlines(), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _unreadable(path, "bad-value", None, problem=str(error)) from error


def _workbook(path: Path) -> list[Cells]:
    """Return the rows of a workbook's first sheet."""
    # openpyxl comes with numpy: both are loaded for those who give a workbook
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        if path.stat().st_size > MAX_BYTES:
            raise _unreadable(path, "file-too-large", None, limit=str(MAX_BYTES // 1_000_000))
        with zipfile.ZipFile(path) as packed:
            if sum(item.file_size for item in packed.infolist()) > MAX_OPENED:
                raise _unreadable(path, "file-too-large", None, limit=str(MAX_OPENED // 1_000_000))
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            return list(sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=50, values_only=True))
        finally:
            book.close()
    except OSError as error:
        raise not_opened(path, *why(error)) from error
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise not_opened(
            path, "это не таблица .xlsx, или она повреждена", "no .xlsx workbook, or a damaged one"
        ) from error


def _tree(rows: Sequence[Cells], now: datetime) -> Tree:
    """Return the rows as a scenario's entries, each cell with its line and column."""
    header, *lines = rows or [[]]
    names = [str(name or "").strip() for name in header]
    tree = Tree(data=[])
    for line, cells in enumerate(lines, start=2):
        filled = [(column, name, cell) for column, (name, cell) in enumerate(zip(names, cells, strict=False), start=1)]
        entry: dict[str, Any] = {}
        at = len(tree.data)
        for column, name, cell in filled:
            if not name or cell is None or str(cell).strip() == "":
                continue
            path = (at, name)
            tree.values[path] = tree.keys[path] = Place(line, column)
            if name == "measure" and not isinstance(cell, str):
                # A spreadsheet has made a number of it: 2.10 and 2.1 are no longer told apart.
                tree.troubles.append(Trouble("text-wanted", Place(line, column), {}, path))
            tree.texts[path] = _cell(cell)
            entry[name] = [part.strip() for part in _cell(cell).split(";")] if name == "files" else _cell(cell)
        if entry:
            tree.values[at,] = Place(line, 1)
            tree.data.append({"at": f"{now:%Y-%m-%d %H:%M}", **entry})
    return tree


def _cell(value: Any) -> str:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _unreadable(path: Path, code: str, place: Place | None, **values: str) -> UnreadableFile:
    return UnreadableFile((problem(str(path), Trouble(code, place, values)),))
