"""What every kind of document is read into: blocks of text and tables in the order of the source."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from domain.errors import VekhaError
from orders.findings import PlacedFinding

MAX_FILE = 50_000_000
"""Bytes of a document; real orders with their appendices have under 5 MB."""
MAX_OPENED = 24_000_000
"""Bytes of one packed part once it is opened: a plan of 2,000 rows opens to 8 MB."""
MAX_OPENED_IN_ALL = 64_000_000
"""Bytes of all parts of a package once they are opened; pictures hardly get larger by it."""
MAX_SOURCE = 8_000_000
"""Bytes of a page or a text without the pictures in it; that plan as Word's page has 5 MB."""
MAX_SPAN = 63
"""Columns of a table: the most that Word allows. A wider cell counts as one column and is reported."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a table's grid.

    `merged` says that the field belongs to its left ("across", then the text is empty) or upper neighbour ("down",
    then the text is the neighbour's). Line breaks that a person set are kept, those of wrapping are not.
    """

    text: str
    merged: Literal["", "across", "down"] = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `line` is the source's line, or the page in a PDF, counted from 1."""

    cells: tuple[Cell, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table as it stands in the source; `follows_break` when a page begins with it.

    `listed` when it was made of a list: the numbers of its points are whole, no scan cut them.
    """

    rows: tuple[Row, ...]
    follows_break: bool = False
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph; `heading` when the source marks it so."""

    text: str
    line: int | None = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document in reading order; `margins` are the heads and feet of its pages and its notes, which belong to no place in it."""

    kind: Literal["docx", "pdf", "html", "md"]
    blocks: tuple[Text | Table, ...]
    findings: tuple[PlacedFinding, ...] = ()
    margins: tuple[Text | Table, ...] = ()

    @property
    def whole(self) -> tuple[Text | Table, ...]:
        """Return all that the document holds: the blocks, then the margins."""
        return (*self.blocks, *self.margins)


def with_table(document: Document, taken: AbstractSet[tuple[int, int]], table: Table, at: int) -> Document:
    """Return a document with a table behind block `at`, and without the lines (block, line) that it was made of."""
    blocks: list[Text | Table] = []
    for n, block in enumerate(document.blocks):
        if isinstance(block, Text):
            kept = [line for k, line in enumerate(block.text.split("\n")) if (n, k) not in taken]
            blocks += [Text("\n".join(kept), block.line, block.heading)] if kept else []
        else:
            blocks.append(block)
        if n == at:
            blocks.append(table)
    return replace(document, blocks=tuple(blocks))


class UnreadableDocument(VekhaError):
    """A file that cannot be read as a document; the door ends with 2 and one line `file:line:column: text`."""

    TEXTS: dict[str, tuple[str, str]] = {  # noqa: RUF012  a constant table
        "missing": ("файл не найден или недоступен", "the file is missing or cannot be opened"),
        "not-a-file": (
            "это папка, канал или устройство, а нужен файл",
            "a folder, a pipe or a device; a file is wanted",
        ),
        "empty": ("файл пуст", "the file is empty"),
        "too-large": ("файл больше {limit} МБ", "the file is larger than {limit} MB"),
        "opens-too-large": ("при распаковке файл слишком велик", "the file opens to too much"),
        "unknown-kind": (
            "вид файла не читается ({seen}): нужен .docx, .pdf, .html, .md или .txt; .doc, .odt и .rtf откройте в Word или LibreOffice, выберите «Сохранить как», вид файла .docx, и прочтите новый файл",
            "this kind of file is not read ({seen}): a .docx, .pdf, .html, .md or .txt is wanted; open a .doc, .odt or .rtf in Word or LibreOffice, choose “Save as” and the kind .docx, and read the new file",
        ),
        "damaged": ("файл повреждён ({seen}): сохраните его заново", "the file is damaged ({seen}): save it anew"),
        "password": ("файл защищён паролем: снимите защиту", "the file is protected by a password: take it off"),
        "encoding": (
            "не UTF-8 (смещение {seen}): сохраните файл в UTF-8",
            "not UTF-8 (offset {seen}): save the file as UTF-8",
        ),
        "too-many-pages": ("больше {limit} страниц", "more than {limit} pages"),
        "too-much-on-a-page": (
            "на этой странице больше {limit} букв и линий: оставьте в файле только план",
            "this page draws more than {limit} letters and lines: leave only the plan in the file",
        ),
        "too-much-drawn": (
            "на всех страницах больше {limit} букв и линий: оставьте в файле только план",
            "the pages draw more than {limit} letters and lines: leave only the plan in the file",
        ),
        "too-many-objects": (
            "больше {limit} объектов: сохраните файл заново, оставив только план",
            "more than {limit} objects: save the file anew with only the plan in it",
        ),
        "too-many-cells": (
            "больше {limit} строк, абзацев и ячеек: оставьте в файле только план",
            "more than {limit} lines, paragraphs and cells: leave only the plan in the file",
        ),
        "too-many-elements": (
            "больше {limit} элементов разметки: сохраните файл заново, оставив только план",
            "more than {limit} elements of markup: save the file anew with only the plan in it",
        ),
        "too-many-letters": (
            "больше {limit} букв: оставьте в файле только план",
            "more than {limit} letters: leave only the plan in the file",
        ),
        "too-many-rows": (
            "в плане больше {limit} мероприятий: разделите его",
            "more than {limit} measures in the plan: divide it",
        ),
        "too-deep": (
            "открыто больше {limit} вложенных элементов: сохраните файл заново, оставив только план",
            "more than {limit} elements are open at once: save the file anew with only the plan in it",
        ),
        "too-long": (
            "больше {limit} МБ текста и разметки без картинок: оставьте в файле только план",
            "more than {limit} MB of text and markup without pictures: leave only the plan in the file",
        ),
    }

    def __init__(
        self, code: str, file: Path, *, line: int | None = None, column: int | None = None, **params: str
    ) -> None:
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.params = params
        super().__init__(f"{file}: {self.text('en')}")

    def text(self, lang: str = "ru") -> str:
        """Return the sentence for people in `ru` or `en`."""
        russian, english = self.TEXTS[self.code]
        return (english if lang == "en" else russian).format_map(self.params)
