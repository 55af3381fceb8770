"""Pages of school sites: HTML as browsers see it (selectolax on lexbor), the plan's table among layout tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reading.documents.budget import Budget, OverBudget
from reading.documents.columns import headings
from reading.documents.drawn import parted
from reading.documents.grid import Spanning, grid
from reading.documents.model import Document, Table, Text
from reading.documents.wrapping import set_lines

_UNSEEN = {"script", "style", "noscript", "template", "head", "select", "svg", "iframe", "object", "title"}
_STRUCK = {"del", "s", "strike"}
_BLOCK = {"p", "div", "li", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "table", "section", "article",
          "header", "footer", "main", "body", "center", "blockquote", "form", "dl", "dt", "dd", "tbody", "thead", "html",
          "nav", "aside", "pre", "hr", "fieldset", "figure", "caption", "tfoot"}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TAG = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(?:(?P<raw>script|style)(?=[\s/>]).*?(?:</(?P=raw)[^>]*+|\Z)"
    r"|(?P<ends>/?)(?P<name>[a-z][^\s/>]*+)(?P<attributes>(?:[^>=]++|=\s*+(?:\"[^\"]*+\"?|'[^']*+'?)|=)*+)"
    r"|[!?/][^>]*+)>?",
    re.IGNORECASE | re.DOTALL,
)
_READ = re.compile(r"hidden|display|span", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([^\s/=][^\s/=]*+)(?:\s*+=\s*+(\"[^\"]*+\"?|'[^']*+'?|\S*+))?+")
_MARKS = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_END_THEMSELVES = {"area", "base", "body", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img",
                   "input", "li", "link", "meta", "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead",
                   "tr", "track", "wbr"}  # fmt: skip
MAX_DEPTH = 400
"""Nesting of elements that is read; browsers stop at 512."""
MAX_OPEN = 1_000
"""Elements that are open at once; careless pages forget to end some hundreds."""
MAX_SAME_MARKS = 6
"""Of equal open marks of letters a parser remembers three, here with and without `hidden`."""


def read_page(source: str, budget: Budget, *, after: int = 0) -> Document:
    """Return the blocks of a page. OverBudget.

    Tables that hold other tables and do not name a plan's columns are layout: only their content counts.

    `after` is the line that it stands after where it is a piece of another document.
    """
    root = LexborHTMLParser(_bounded(source, budget, after)).root
    reader = _PageReader(budget, after or None)
    if root is not None:
        reader.walk(root, 0)
        reader.flush()
    return Document("html", tuple(reader.blocks), tuple(budget.findings))


def _bounded(source: str, budget: Budget, after: int) -> str:
    """Return a page with nothing in its tags but what is read, where the tags are not too many and not too deep.

    The parser looks through all open elements at each tag and through all attributes of a tag at each of them, and it
    opens what was marked bold and not closed anew in each block: so what it gets is just what was counted here.
    """
    opened: Counter[str] = Counter()
    deep = marked = 0

    def tag(found: re.Match[str]) -> str:
        nonlocal deep, marked
        name = (found["name"] or "").lower()
        if not name:
            return "<!---->"  # nothing at all could join what stands before and after it
        ends = found["ends"]
        if name in _BLOCK:
            budget.spend(elements=1 + marked, line=None)
        else:
            budget.spend(elements=1)
        if name not in _END_THEMSELVES and (not ends or opened[name]):
            step = -1 if ends else 1
            if name in _MARKS and opened[name] + (step > 0) <= MAX_SAME_MARKS:
                marked += step
            opened[name] += step
            deep += step
            if deep > MAX_OPEN:
                raise OverBudget("too-deep", MAX_OPEN, after + source.count("\n", 0, found.start()) + 1)
        return f"<{ends}{name}{_kept(found['attributes'])}>"

    return _TAG.sub(tag, source)


def _kept(attributes: str) -> str:
    """Return the attributes that are read: the spans, and that nobody sees the element, however that is said."""
    if not _READ.search(attributes):
        return ""
    kept: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(attributes):
        plain = value.strip("\"'")
        if name.lower() in {"colspan", "rowspan"}:
            kept.setdefault(name.lower(), f' {name}="{plain.strip()[:9]}"' if plain.strip()[:9].isdigit() else "")
        elif name.lower() == "hidden" or (name.lower() == "style" and _HIDDEN.search(plain)):
            kept["hidden"] = " hidden"
    return "".join(kept.values())


class _PageReader:
    def __init__(self, budget: Budget, line: int | None) -> None:
        self.budget = budget
        self.line = line
        self.blocks: list[Text | Table] = []
        self._loose: list[str] = []
        self._set = False  # within <pre>, where spaces and line ends are the writer's

    def flush(self, *, heading: bool = False) -> None:
        """End the open paragraph, and take the tables that are drawn in it for tables."""
        lines = "".join(self._loose).splitlines()
        self._loose.clear()
        for piece in parted(lines, self.budget, self.line):
            if isinstance(piece, Table):
                self.blocks.append(piece)
            elif text := _lines("\n".join(piece)):
                self.budget.spend(fields=1, letters=len(text), line=self.line)
                self.blocks.append(Text(text, self.line, heading))

    def walk(self, node: LexborNode, depth: int) -> None:
        """Read what is below a node, in order; deeper than MAX_DEPTH is not shown by browsers either."""
        if depth > MAX_DEPTH:
            return
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                text = child.text(deep=False) or ""
                self._loose.append(text if self._set else re.sub(r"\s+", " ", text))
            elif child.tag == "br":
                self._loose.append("\n")
            elif _seen(child, self.budget):
                self._element(child, depth)

    def _element(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag == "table" and (not _holds_table(node) or _names_columns(node)):
            self.flush()
            for caption in (child for child in node.iter() if child.tag == "caption"):
                self.walk(caption, depth + 1)
                self.flush(heading=True)
            self.blocks.append(_table(node, self.budget, self.line))
        elif tag in _BLOCK:
            self.flush()
            around, self._set = self._set, self._set or tag == "pre"
            self.walk(node, depth + 1)
            self.flush(heading=re.fullmatch("h[1-6]", tag) is not None)
            self._set = around
        else:
            self.walk(node, depth + 1)


def _seen(node: LexborNode, budget: Budget) -> bool:
    tag = node.tag or ""
    if tag in _UNSEEN or tag.startswith("-") or tag == "!doctype":
        return False
    if "hidden" in node.attributes:
        budget.doubt("hidden-text", {"text": _lines(node.text(deep=True) or "")[:80]}, line=None)
        return False
    if tag in _STRUCK:
        budget.doubt("tracked-changes", {"text": _lines(node.text(deep=True) or "")[:80]}, line=None)
        return False
    return True


def _holds_table(node: LexborNode) -> bool:
    return any(inner.mem_id != node.mem_id for inner in node.css("table"))


def _names_columns(table: LexborNode) -> bool:
    """Tell whether one of the first rows names the columns of a plan, so that a table in its cells is their text."""
    rows = [row for row in islice(_rows(table), 8) if not _holds_table(row)]
    return any(headings([_lines(cell.text(deep=True) or "") for cell in _fields(row)]) for row in rows)


def _rows(table: LexborNode) -> Iterator[LexborNode]:
    """Yield the rows of a table, not those of tables in it."""
    for child in table.iter():
        if child.tag == "tr":
            yield child
        elif child.tag in {"tbody", "thead", "tfoot"}:
            yield from _rows(child)


def _fields(row: LexborNode) -> list[LexborNode]:
    return [cell for cell in row.iter() if cell.tag in {"td", "th"}]


def _table(table: LexborNode, budget: Budget, line: int | None) -> Table:
    rows = []
    for row in _rows(table):
        fields = _fields(row)
        budget.spend(fields=len(fields) + 1, line=line)
        cells = [Spanning(_text(cell, budget), _span(cell, "colspan"), _span(cell, "rowspan")) for cell in fields]
        rows.append((line, cells))
    most = len(rows)
    sound = [
        (at, [Spanning(c.text, c.across, min(c.down, most - n)) for c in cells]) for n, (at, cells) in enumerate(rows)
    ]
    return Table(grid(sound, budget))


def _span(cell: LexborNode, name: str) -> int:
    digits = re.match(r"\s*(\d{1,9})", cell.attributes.get(name) or "")
    return max(1, int(digits.group(1))) if digits else 1


def _text(node: LexborNode, budget: Budget) -> str:
    text = _lines("".join(_pieces(node, budget, 0)))
    budget.spend(letters=len(text))
    return text


def _pieces(node: LexborNode, budget: Budget, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield re.sub(r"[^\S\u00a0]+", " ", child.text(deep=False) or "")
        elif tag == "br":
            yield "\n"
        elif _seen(child, budget):
            if tag == "sup" and re.fullmatch(r"\s*[\d*]{1,3}\)?\s*", child.text(deep=True) or ""):
                yield "*"
                continue
            block = tag in _BLOCK
            if block:
                yield "\n"
            if tag == "li":
                yield "- "
            yield from _pieces(child, budget, depth + 1)
            if block:
                yield "\n"


def _lines(text: str) -> str:
    """Return the text with its set line breaks, spaces collapsed, no empty lines, no places to break a word."""
    return set_lines(text.replace("\u00ad", ""))
