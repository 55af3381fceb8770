"""Pages of school sites: HTML as browsers see it (selectolax on lexbor), the plan's table among layout tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from orders.documents.grid import Spanning, grid
from orders.documents.model import Document, Table, Text
from orders.doubts import doubt
from orders.findings import PlacedFinding

_UNSEEN = {"script", "style", "noscript", "template", "head", "select", "svg", "iframe", "object", "title"}
_STRUCK = {"del", "s", "strike"}
_BLOCK = {"p", "div", "li", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "table", "section", "article",
          "header", "footer", "main", "body", "center", "blockquote", "form", "dl", "dt", "dd", "tbody", "thead", "html",
          "nav", "aside", "pre", "hr", "fieldset", "figure", "caption", "tfoot"}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
MAX_DEPTH = 400
"""Nesting of elements; browsers stop at 512."""


def read_page(source: str) -> Document:
    """Return the blocks of a page. Tables that hold other tables are layout and only their content counts."""
    return _read(LexborHTMLParser(source).root, 0)


def read_fragment(source: str, line: int) -> Document:
    """Return the blocks of a piece of HTML that stands in another document after that line."""
    return _read(LexborHTMLParser(source).root, line)


def _read(root: LexborNode | None, line: int) -> Document:
    reader = _PageReader(line or None)
    if root is not None:
        reader.walk(root, 0)
        reader.flush()
    return Document("html", tuple(reader.blocks), tuple(reader.findings))


class _PageReader:
    def __init__(self, line: int | None) -> None:
        self.line = line
        self.blocks: list[Text | Table] = []
        self.findings: list[PlacedFinding] = []
        self._loose: list[str] = []

    def flush(self, *, heading: bool = False) -> None:
        """End the open paragraph."""
        text = _lines("".join(self._loose))
        self._loose.clear()
        if text:
            self.blocks.append(Text(text, self.line, heading))

    def walk(self, node: LexborNode, depth: int) -> None:
        """Read what is below a node, in order; deeper than MAX_DEPTH is not shown by browsers either."""
        if depth > MAX_DEPTH:
            return
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                self._loose.append(re.sub(r"\s+", " ", child.text(deep=False) or ""))
            elif child.tag == "br":
                self._loose.append("\n")
            elif _seen(child, self.findings):
                self._element(child, depth)

    def _element(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag == "table" and not any(inner.mem_id != node.mem_id for inner in node.css("table")):
            self.flush()
            self.blocks.append(_table(node, self.findings, self.line))
        elif tag in _BLOCK:
            self.flush()
            self.walk(node, depth + 1)
            self.flush(heading=re.fullmatch("h[1-6]", tag) is not None)
        else:
            self.walk(node, depth + 1)


def _seen(node: LexborNode, findings: list[PlacedFinding]) -> bool:
    tag = node.tag or ""
    if tag in _UNSEEN or tag.startswith("-") or tag == "!doctype":
        return False
    style = node.attributes.get("style") or ""
    if _HIDDEN.search(style) or "hidden" in node.attributes:
        findings.append(doubt("hidden-text", {"text": _lines(node.text(deep=True) or "")[:80]}))
        return False
    if tag in _STRUCK:
        findings.append(doubt("tracked-changes", {"text": _lines(node.text(deep=True) or "")[:80]}))
        return False
    return True


def _table(table: LexborNode, findings: list[PlacedFinding], line: int | None) -> Table:
    rows = []
    for row in table.css("tr"):
        cells = [
            Spanning(_lines(_text(cell, findings)), _span(cell, "colspan"), _span(cell, "rowspan"))
            for cell in row.iter()
            if cell.tag in {"td", "th"}
        ]
        rows.append((line, cells))
    most = len(rows)
    sound = [
        (at, [Spanning(c.text, c.across, min(c.down, most - n)) for c in cells]) for n, (at, cells) in enumerate(rows)
    ]
    return Table(grid(sound, findings))


def _span(cell: LexborNode, name: str) -> int:
    digits = re.match(r"\s*(\d{1,9})", cell.attributes.get(name) or "")
    return max(1, int(digits.group(1))) if digits else 1


def _text(node: LexborNode, findings: list[PlacedFinding]) -> str:
    return "".join(_pieces(node, findings, 0))


def _pieces(node: LexborNode, findings: list[PlacedFinding], depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield re.sub(r"[^\S\u00a0]+", " ", child.text(deep=False) or "")
        elif tag == "br":
            yield "\n"
        elif _seen(child, findings):
            if tag == "sup" and re.fullmatch(r"\s*[\d*]{1,3}\)?\s*", child.text(deep=True) or ""):
                yield "*"
                continue
            block = tag in _BLOCK
            if block:
                yield "\n"
            if tag == "li":
                yield "- "
            yield from _pieces(child, findings, depth + 1)
            if block:
                yield "\n"


def _lines(text: str) -> str:
    """Return the text with its set line breaks, spaces collapsed, no empty lines."""
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))
