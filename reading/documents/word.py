"""Word files: python-docx opens the package, the body is read in order with merges, numbering and tracked changes.

Nothing outside the file is fetched: entities are not resolved and external templates and pictures are never opened.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from reading.documents.budget import Budget
from reading.documents.drawn import parted
from reading.documents.model import (
    MAX_OPENED,
    MAX_OPENED_IN_ALL,
    MAX_SPAN,
    Cell,
    Document,
    Row,
    Table,
    Text,
    UnreadableDocument,
)
from reading.documents.wrapping import set_lines

MAX_PARTS = 5_000
_FIELDS = {"p", "tc", "tr", "tbl"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The same text box once more, for old readers."""
_SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:delText"), qn("w:pPr"), qn("w:rPr"),
            qn("w:txbxContent"), _FALLBACK}  # fmt: skip
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def read_word(content: bytes, path: Path, budget: Budget) -> Document:
    """Return the blocks of a .docx; UnreadableDocument for anything that is none, OverBudget."""
    _check(content, path, budget)
    try:
        opened = docx.Document(io.BytesIO(content))
        body = opened.element.body
        numbering = _Numbering(opened)
    except Exception as error:  # python-docx raises whatever the broken part makes it stumble over
        raise UnreadableDocument("damaged", path, seen=type(error).__name__) from error
    reader = _Reader(numbering, budget)
    blocks = list(reader.blocks(body))
    margins = [block for part in _margins(opened) for block in reader.blocks(part)]
    return Document("docx", tuple(blocks), tuple(budget.findings), tuple(dict.fromkeys(margins)))


def _margins(document: Any) -> Iterator[Any]:
    """Yield what holds paragraphs in the heads and feet of pages, in footnotes and in endnotes; each part once."""
    parts = {r.target_part.partname: r for r in document.part.rels.values() if not r.is_external}
    for relation in parts.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind not in {"header", "footer", "footnotes", "endnotes"}:
            continue
        part = relation.target_part
        root = part.element if hasattr(part, "element") else parse_xml(part.blob)
        if kind in {"header", "footer"}:
            yield root
        else:  # the lines that part notes from the text are notes too, of a type of their own
            yield from (note for note in root if note.get(qn("w:type")) is None)


def _check(content: bytes, path: Path, budget: Budget) -> None:
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
        infos = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableDocument("damaged", path, seen=type(error).__name__) from error
    if any(info.flag_bits & 1 for info in infos):
        raise UnreadableDocument("password", path)
    names = {info.filename for info in infos}
    if not any(name.startswith("word/") for name in names):
        raise UnreadableDocument(
            "unknown-kind", path, seen="xlsx" if any(n.startswith("xl/") for n in names) else "zip"
        )
    parts = [info.file_size for info in infos if info.filename.endswith((".xml", ".rels"))]
    if (
        len(infos) > MAX_PARTS
        or any(size > MAX_OPENED for size in parts)
        or sum(i.file_size for i in infos) > MAX_OPENED_IN_ALL
    ):
        raise UnreadableDocument("opens-too-large", path)
    for info in infos:
        try:
            with package.open(info) as part:  # what it says of its size may be a lie
                _count(part.read(info.file_size + 1), budget)
        except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise UnreadableDocument("damaged", path, seen=type(error).__name__) from error


def _count(part: bytes, budget: Budget) -> None:
    """Count the elements of a part, whatever its name, before any of them becomes an object; a picture has none."""

    def begun(name: str, _: object) -> None:
        budget.spend(elements=1, fields=int(name.rpartition(":")[2] in _FIELDS))

    parser = expat.ParserCreate()
    parser.StartElementHandler = begun
    with contextlib.suppress(expat.ExpatError):  # no XML, or broken: python-docx will say so
        parser.Parse(part, True)  # noqa: FBT003  at once: a long attribute in pieces is read anew with each


class _Numbering:
    """The numbers that Word shows before paragraphs and does not keep in their text."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._list_of: dict[str, str] = {}
        self._of_style: dict[str, Any] = {}
        self._counts: dict[tuple[str, int], int] = {}
        for style in document.styles.element.findall(qn("w:style")):
            numbered = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if numbered is not None:
                self._of_style[style.get(qn("w:styleId")) or ""] = numbered
        part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        if part is None:
            return
        root = part.element if hasattr(part, "element") else parse_xml(part.blob)
        for abstract in root.findall(qn("w:abstractNum")):
            levels = {}
            for level in abstract.findall(qn("w:lvl")):
                depth = _number(level.get(qn("w:ilvl")))
                levels[depth] = (
                    _val(level, "w:numFmt") or "decimal",
                    _val(level, "w:lvlText") or "",
                    _number(_val(level, "w:start") or "1"),
                )
            self._levels[abstract.get(qn("w:abstractNumId")) or ""] = levels
        for num in root.findall(qn("w:num")):
            self._list_of[num.get(qn("w:numId")) or ""] = _val(num, "w:abstractNumId") or ""

    def label(self, paragraph: Any) -> str:
        """Return what stands before the paragraph: «1.2.» or, for bullets, «- »."""
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return ""
        numbered = properties.find(qn("w:numPr"))
        if numbered is None:
            numbered = self._of_style.get(_val(properties, "w:pStyle") or "")
        if numbered is None:
            return ""
        number, depth = _val(numbered, "w:numId") or "", _number(_val(numbered, "w:ilvl"))
        abstract = self._list_of.get(number)
        levels = self._levels.get(abstract or "", {})
        if abstract is None or depth not in levels:
            return ""
        form, pattern, _ = levels[depth]
        if form == "bullet":
            return "- "
        key = (abstract, depth)
        self._counts[key] = self._counts.get(key, levels[depth][2] - 1) + 1
        for deeper in [k for k in self._counts if k[0] == abstract and k[1] > depth]:
            del self._counts[deeper]

        def shown(match: re.Match[str]) -> str:
            level = int(match.group(1)) - 1
            count = self._counts.get((abstract, level), levels.get(level, ("", "", 1))[2])
            return _formatted(count, levels.get(level, ("decimal", "", 1))[0])

        return re.sub(r"%(\d)", shown, pattern) + " "


def _formatted(count: int, form: str) -> str:
    if form.endswith("Roman"):
        text = ""
        for value, letters in _ROMAN:
            text += letters * (count // value)
            count %= value
        return text.upper() if form.startswith("upper") else text
    return str(count)


def _number(value: str | None) -> int:
    """Return the number that an attribute holds; 0 where it holds none, or one that no document has."""
    return int(value) if value and re.fullmatch(r"[0-9]{1,9}", value) else 0


def _val(element: Any, name: str) -> str | None:
    child = element.find(qn(name))
    return child.get(qn("w:val")) if child is not None else None


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Yield the text boxes of a paragraph, not those of boxes in it."""
    for box in paragraph.iter(qn("w:txbxContent")):
        if next(box.iterancestors(_FALLBACK, qn("w:txbxContent"), qn("w:p")), None) is paragraph:
            yield box


class _Reader:
    def __init__(self, numbering: _Numbering, budget: Budget) -> None:
        self.numbering = numbering
        self.budget = budget

    def blocks(self, body: Any) -> Iterator[Text | Table]:
        paragraphs: list[str] = []
        for child in body:
            if child.tag == qn("w:p"):
                paragraphs.append(self._paragraph(child))
                for box in _boxes(child):
                    yield from self._read(paragraphs)
                    yield from self.blocks(box)
            elif child.tag == qn("w:tbl"):
                yield from self._read(paragraphs)
                nested = child.findall(f".//{qn('w:tc')}/{qn('w:tbl')}")
                if nested and len(child.findall(qn("w:tr"))) <= 2:  # noqa: PLR2004  a frame around the real tables
                    for cell in child.iter(qn("w:tc")):
                        if next((a for a in cell.iterancestors(qn("w:tbl"))), None) is child:
                            yield from self.blocks(cell)
                else:
                    yield self._table(child)
            elif child.tag in {qn("w:sdt"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml"), qn("w:sdtContent")}:
                yield from self._read(paragraphs)
                yield from self.blocks(child)
        yield from self._read(paragraphs)

    def _read(self, paragraphs: list[str]) -> Iterator[Text | Table]:
        """Yield what paragraphs hold, and the tables that are drawn in their lines; none of them is left."""
        pieces = [*parted([line for text in paragraphs for line in text.split("\n")], self.budget)]
        # Without a table each paragraph is a text, however many lines it has.
        for piece in pieces if len(pieces) > 1 else [paragraphs]:
            if isinstance(piece, Table):
                yield piece
            else:
                yield from map(Text, filter(None, map(set_lines, piece)))
        paragraphs.clear()

    def _paragraph(self, paragraph: Any) -> str:
        label = self.numbering.label(paragraph)
        text = "".join(self._pieces(paragraph))
        self.budget.spend(letters=len(text))
        return label + text

    def _pieces(self, node: Any) -> Iterator[str]:
        for child in node:
            if child.tag in {qn("w:del"), qn("w:ins"), qn("w:moveFrom")} and not any(
                f.code == "tracked-changes" for f in self.budget.findings
            ):
                text = "".join(t.text or "" for t in child.iter(qn("w:t"), qn("w:delText")))
                self.budget.doubt("tracked-changes", {"text": text[:80]}, line=None)
            if child.tag in _SKIPPED or not isinstance(child.tag, str):
                continue
            if child.tag == qn("w:t"):
                yield child.text or ""
            elif child.tag in {qn("w:br"), qn("w:cr")}:
                yield "\n"
            elif child.tag == qn("w:tab"):
                yield "\t"
            elif child.tag == qn("w:noBreakHyphen"):
                yield "-"
            elif child.tag in {qn("w:footnoteReference"), qn("w:endnoteReference")}:
                yield "*"
            elif child.tag == qn("w:r") and self._unseen(child):
                continue
            else:
                yield from self._pieces(child)

    def _unseen(self, run: Any) -> bool:
        properties = run.find(qn("w:rPr"))
        if properties is None:
            return False
        off = {"0", "false", "off"}
        marks = {name: properties.find(qn(name)) for name in ("w:vanish", "w:strike", "w:dstrike")}
        active = {name for name, mark in marks.items() if mark is not None and mark.get(qn("w:val")) not in off}
        if not active:
            return False
        text = "".join(t.text or "" for t in run.iter(qn("w:t")))
        if text.strip():
            self.budget.doubt(
                "hidden-text" if "w:vanish" in active else "tracked-changes", {"text": text[:80]}, line=None
            )
        return True

    def _table(self, table: Any) -> Table:
        """Return the rows; a merge that goes on from nothing is read as it stands."""
        above: dict[int, str] = {}
        rows: list[Row] = []
        for row in self._rows(table):
            fields: list[Cell] = [Cell("", "across")] * self._skipped(row)
            deleted = row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None
            if deleted:
                self.budget.doubt(
                    "tracked-changes",
                    {"text": "".join(t.text or "" for t in row.iter(qn("w:t"), qn("w:delText")))[:80]},
                    line=None,
                )
                continue
            for cell in self._cells(row):
                properties = cell.find(qn("w:tcPr"))
                across = self._across(properties)
                merge = properties.find(qn("w:vMerge")) if properties is not None else None
                text = self._cell(cell)
                at = len(fields)
                if merge is not None and merge.get(qn("w:val")) != "restart" and at in above:
                    fields.append(Cell(above[at] if not text else f"{above[at]}\n{text}".strip(), "down"))
                else:
                    above.pop(at, None)
                    if merge is not None and merge.get(qn("w:val")) == "restart":
                        above[at] = text
                    fields.append(Cell(text))
                self.budget.spend(fields=across - 1)
                fields += [Cell("", "across")] * (across - 1)
            rows.append(Row(tuple(fields)))
        return Table(tuple(rows))

    def _rows(self, table: Any) -> Iterator[Any]:
        for child in table:
            if child.tag == qn("w:tr"):
                yield child
            elif child.tag in {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")}:
                yield from self._rows(child)

    def _cells(self, row: Any) -> Iterator[Any]:
        for child in row:
            if child.tag == qn("w:tc"):
                yield child
            elif child.tag in {qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml")}:
                yield from self._cells(child)

    def _skipped(self, row: Any) -> int:
        properties = row.find(qn("w:trPr"))
        before = _number(_val(properties, "w:gridBefore")) if properties is not None else 0
        return before if before <= MAX_SPAN else 0

    def _across(self, properties: Any) -> int:
        value = _val(properties, "w:gridSpan") if properties is not None else None
        across = _number(value)
        if across > MAX_SPAN:
            self.budget.doubt("span-too-large", {"span": str(across)}, line=None)
            return 1
        return max(1, across)

    def _cell(self, cell: Any) -> str:
        parts: list[str] = []
        for block in self.blocks(cell):
            if isinstance(block, Text):
                parts.append(block.text)
            else:
                parts += [" ".join(c.text for c in row.cells if c.text) for row in block.rows]
        return "\n".join(part for part in parts if part)
