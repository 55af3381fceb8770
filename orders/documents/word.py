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

from orders.documents.model import MAX_OPENED, MAX_SPAN, Cell, Document, Row, Table, Text, UnreadableDocument
from orders.doubts import doubt
from orders.findings import PlacedFinding

MAX_PARTS = 5_000
MAX_FIELDS = 60_000
"""Paragraphs, rows and cells of a document; a plan of 2,000 rows and five columns has 22,000."""
MAX_ELEMENTS = 400_000
"""Elements of all its parts, with the marks of letters and lines; that plan has 150,000 as Word writes it."""
_FIELDS = {"p", "tc", "tr", "tbl"}
_SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:delText"), qn("w:pPr"), qn("w:rPr"),
            "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}  # fmt: skip
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def read_word(content: bytes, path: Path) -> Document:
    """Return the blocks of a .docx; UnreadableDocument for anything that is none."""
    _check(content, path)
    try:
        opened = docx.Document(io.BytesIO(content))
        body = opened.element.body
        numbering = _Numbering(opened)
    except Exception as error:  # python-docx raises whatever the broken part makes it stumble over
        raise UnreadableDocument("damaged", path, seen=type(error).__name__) from error
    reader = _Reader(numbering)
    blocks = list(reader.blocks(body))
    return Document("docx", tuple(blocks), tuple(reader.findings))


def _check(content: bytes, path: Path) -> None:
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
        or sum(i.file_size for i in infos) > 4 * MAX_OPENED
    ):
        raise UnreadableDocument("opens-too-large", path)
    counted = _Counted()
    for info in infos:
        try:
            counted.read(package.read(info))
        except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise UnreadableDocument("damaged", path, seen=type(error).__name__) from error
        except _TooMany as error:
            raise UnreadableDocument("too-many-cells", path, limit=str(MAX_FIELDS)) from error


class _TooMany(Exception):
    """More elements than are read."""


class _Counted:
    """The elements of a package, counted as they pass and before any of them becomes an object."""

    def __init__(self) -> None:
        self._fields = self._elements = 0

    def read(self, part: bytes) -> None:
        """Count those of a part, whatever its name; a picture has none. _TooMany."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._begun
        with contextlib.suppress(expat.ExpatError):  # no XML, or broken: python-docx will say so
            parser.ParseFile(io.BytesIO(part))

    def _begun(self, name: str, _: object) -> None:
        self._elements += 1
        self._fields += name.rpartition(":")[2] in _FIELDS
        if self._fields > MAX_FIELDS or self._elements > MAX_ELEMENTS:
            raise _TooMany


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
                depth = int(level.get(qn("w:ilvl")) or 0)
                levels[depth] = (
                    _val(level, "w:numFmt") or "decimal",
                    _val(level, "w:lvlText") or "",
                    int(_val(level, "w:start") or 1),
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
        number, depth = _val(numbered, "w:numId") or "", int(_val(numbered, "w:ilvl") or 0)
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


def _val(element: Any, name: str) -> str | None:
    child = element.find(qn(name))
    return child.get(qn("w:val")) if child is not None else None


class _Reader:
    def __init__(self, numbering: _Numbering) -> None:
        self.numbering = numbering
        self.findings: list[PlacedFinding] = []

    def blocks(self, body: Any) -> Iterator[Text | Table]:
        for child in body:
            if child.tag == qn("w:p"):
                text = self._paragraph(child)
                if text:
                    yield Text(text)
            elif child.tag == qn("w:tbl"):
                nested = child.findall(f".//{qn('w:tc')}/{qn('w:tbl')}")
                if nested and len(child.findall(qn("w:tr"))) <= 2:  # noqa: PLR2004  a frame around the real tables
                    for cell in child.iter(qn("w:tc")):
                        if next((a for a in cell.iterancestors(qn("w:tbl"))), None) is child:
                            yield from self.blocks(cell)
                else:
                    yield self._table(child)
            elif child.tag in {qn("w:sdt"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml"), qn("w:sdtContent")}:
                yield from self.blocks(child)

    def _paragraph(self, paragraph: Any) -> str:
        label = self.numbering.label(paragraph)
        text = "".join(self._pieces(paragraph))
        lines = [" ".join(line.split()) for line in (label + text).split("\n")]
        return "\n".join(line for line in lines if line)

    def _pieces(self, node: Any) -> Iterator[str]:
        for child in node:
            if child.tag in {qn("w:del"), qn("w:ins"), qn("w:moveFrom")} and not any(
                f.code == "tracked-changes" for f in self.findings
            ):
                text = "".join(t.text or "" for t in child.iter(qn("w:t"), qn("w:delText")))
                self.findings.append(doubt("tracked-changes", {"text": text[:80]}))
            if child.tag in _SKIPPED or not isinstance(child.tag, str):
                continue
            if child.tag == qn("w:t"):
                yield child.text or ""
            elif child.tag in {qn("w:br"), qn("w:cr")}:
                yield "\n"
            elif child.tag == qn("w:tab"):
                yield " "
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
            self.findings.append(
                doubt("hidden-text" if "w:vanish" in active else "tracked-changes", {"text": text[:80]})
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
                self.findings.append(
                    doubt(
                        "tracked-changes",
                        {"text": "".join(t.text or "" for t in row.iter(qn("w:t"), qn("w:delText")))[:80]},
                    )
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
        before = int(_val(properties, "w:gridBefore") or 0) if properties is not None else 0
        return before if 0 <= before <= MAX_SPAN else 0

    def _across(self, properties: Any) -> int:
        value = _val(properties, "w:gridSpan") if properties is not None else None
        across = int(value) if value and re.fullmatch(r"\d{1,12}", value) else 1
        if across > MAX_SPAN:
            self.findings.append(doubt("span-too-large", {"span": str(across)}))
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
