"""Markdown and plain text: pipe tables as scanners' software writes them, tables in HTML, tables drawn with characters."""

from __future__ import annotations

import html
import re
from itertools import pairwise

from reading.documents.budget import MAX_FIELDS, MAX_LETTERS, Budget
from reading.documents.drawn import BOX_BAR, drawn_spans, drawn_table, is_rule
from reading.documents.model import Cell, Document, Row, Table, Text
from reading.documents.page import read_page

_DELIMITER = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_BREAK = re.compile(r"<\s*br\s*/?\s*>", re.IGNORECASE)
_NOTE = re.compile(r"<sup>\s*[\d*]{1,3}\)?\s*</sup>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|span|p|div|font|center|small|big|sub|sup|tt|nobr)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE
)
_STRUCK = re.compile(r"~~[^~]{1,2000}~~|<(?:del|s|strike)>.{0,2000}?</(?:del|s|strike)>", re.IGNORECASE | re.DOTALL)
_OTHER_TAG = re.compile(r"<\s*/?\s*[a-z][^<>]{0,200}>|\]\(\s*(?:javascript|data|vbscript):", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.{1,2000}?\S)\1|(\*\*|__)(?=\S)(\S)\3")
FULL_LINE = 50
"""Letters of a line that was wrapped and not ended, in a text of 60 to 80 letters a line."""
_ITEM = re.compile(r"\s*(?:[-*•]\s|\d{1,2}(?:\.\d{1,2})*[.)]\s|[IVX]{1,5}[.)]\s)")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")


def read_markdown(source: str, budget: Budget) -> Document:
    """Return the document's blocks; lines are counted from 1. OverBudget."""
    # The spaces that fill a drawn table cost nothing.
    budget.spend(letters=len(source) - source.count(" "), line=source.count("\n", 0, MAX_LETTERS) + 1)
    blocks: list[Text | Table] = []
    lines = source.splitlines()
    budget.spend(fields=len(lines), line=MAX_FIELDS + 1)
    drawn = drawn_spans(lines)
    at = 0
    while at < len(lines):
        line = lines[at]
        if _FENCE.match(line):
            budget.doubt("code-fence", line=at + 1)
            at += 1
        elif re.match(r"\s*<table\b", line, re.IGNORECASE):
            end = next(
                (n for n in range(at, len(lines)) if re.search("</table>", lines[n], re.IGNORECASE)), len(lines) - 1
            )
            blocks += read_page("\n".join(lines[at : end + 1]), budget, after=at).blocks
            at = end + 1
        elif at in drawn:
            blocks.append(drawn_table(lines[at : drawn[at]], at + 1, budget))
            at = drawn[at]
        elif _is_row(lines, at):
            end = at
            while end < len(lines) and _is_row(lines, end):
                end += 1
            table = _table(lines[at:end], at, budget)
            blocks += [table] if table.rows else []  # nothing but a line of dashes
            at = end
        elif not line.strip() or is_rule(line):
            at += 1
        else:
            end = at
            while end < len(lines) and _goes_on(lines, end) and end not in drawn:
                end += 1
                following = lines[end] if end < len(lines) else ""
                if lines[end - 1].endswith("  ") or lines[end - 1].startswith("#") or _ITEM.match(following):
                    break
            blocks.append(_paragraph(lines[at:end], at, budget))
            at = end
    return Document("md", tuple(blocks), tuple(budget.findings))


def _goes_on(lines: list[str], at: int) -> bool:
    """Tell whether a paragraph that has begun goes on with a line."""
    return bool(lines[at].strip()) and not (_is_row(lines, at) or is_rule(lines[at]) or _FENCE.match(lines[at]))


def _is_row(lines: list[str], at: int) -> bool:
    line = lines[at].strip()
    if line.startswith("|") or (BOX_BAR.search(line) and len(line) > 1):
        return True
    if "|" not in line:
        return False
    near = lines[max(0, at - 1) : at] + lines[at + 1 : at + 2]
    return _DELIMITER.fullmatch(line) is not None or any("|" in n for n in near)


def _table(lines: list[str], first: int, budget: Budget) -> Table:
    rows: list[Row] = []
    for n, line in enumerate(lines, first + 1):
        if _DELIMITER.fullmatch(line.strip()) and "-" in line:
            continue
        cut = _split(BOX_BAR.sub("|", line))
        budget.spend(fields=len(cut), line=n)
        rows.append(Row(tuple(Cell(_cell(text, n, budget)) for text in cut), n))
    return Table(tuple(rows))


def _split(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip())
    if cells and not cells[0].strip():
        cells = cells[1:]
    if cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _cell(text: str, line: int, budget: Budget) -> str:
    return "\n".join(" ".join(part.split()) for part in _plain(text, line, budget).split("\n")).strip()


def _plain(text: str, line: int, budget: Budget) -> str:
    if _STRUCK.search(text):
        budget.doubt("tracked-changes", {"text": " ".join(text.split())[:80]}, line=line)
        text = _STRUCK.sub("", text)
    text = _TAG.sub("", _NOTE.sub("*", _BREAK.sub("\n", text)))
    text = _ESCAPE.sub(r"\1", _STRONG.sub(lambda m: m.group(2) or m.group(4), html.unescape(text)))
    if _OTHER_TAG.search(text):
        budget.doubt("markup-in-text", {"text": " ".join(text.split())[:80]}, line=line)
    return text


def _paragraph(lines: list[str], first: int, budget: Budget) -> Text:
    """Return a paragraph with the lines that a person set, for Markdown too: many a text is called so."""
    text = _plain("\n".join(_set(lines)), first + 1, budget).strip()
    heading = lines[0].lstrip().startswith("#") or (
        lines[0].strip().startswith("**") and lines[-1].strip().endswith("**")
    )
    return Text(re.sub(r"^#+\s*|^[-*]\s+(?=\d)", "", text), first + 1, heading)


def _set(lines: list[str]) -> list[str]:
    """Return the lines that a person set: a full one goes on in the next, but not where that is moved in or in capitals, or where it ends with «;».

    Behind a bullet or a number the rest of a paragraph is moved in as far as its first word.
    """
    kept = [lines[0].strip()]
    for before, line in pairwise(lines):
        moved_in = len(line) - len(line.lstrip()) > _indent(before)
        if (
            len(before.rstrip()) < FULL_LINE
            or before.rstrip().endswith(";")
            or moved_in
            or before.isupper()
            or line.isupper()
        ):
            kept.append(line.strip())
        else:
            kept[-1] += f" {line.strip()}"
    return kept


def _indent(line: str) -> int:
    """Return where a line's words begin."""
    item = _ITEM.match(line)
    return item.end() if item else len(line) - len(line.lstrip())
