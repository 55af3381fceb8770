"""Documents of any kind → blocks of text and tables, told apart by their content."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from orders.documents.markdown import read_markdown
from orders.documents.model import MAX_FILE, Cell, Document, Row, Table, Text, UnreadableDocument
from orders.documents.page import read_page
from orders.doubts import doubt
from orders.findings import PlacedFinding

__all__ = ["Cell", "Document", "Row", "Table", "Text", "UnreadableDocument", "read_document"]

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<\s*(?:!doctype\s+html|html|head|body|table|div|p|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_OLD = {"cp1251": "Windows-1251", "koi8-r": "KOI8-R", "cp866": "CP866"}
"""What old files are written in; the commonest Russian letters tell which."""
_OTHER = {b"{\\rtf": "rtf", b"\xd0\xcf\x11\xe0": "doc", b"Rar!": "rar", b"7z\xbc\xaf": "7z", b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg",
          b"GIF8": "gif", b"II*\x00": "tiff", b"MM\x00*": "tiff", b"AT&TFORM": "djvu", b"\x1f\x8b": "gzip"}  # fmt: skip


def read_document(path: Path) -> Document:
    """Read a .docx, a .pdf with a text layer, a page or Markdown; UnreadableDocument for everything else.

    The content decides what a file is, its name is never asked; at most 50 MB are read.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableDocument("not-a-file", path)  # a pipe would be waited for, a device has no end
        if found.st_size > MAX_FILE:
            raise UnreadableDocument("too-large", path, limit=str(MAX_FILE // 1_000_000))
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise UnreadableDocument("missing", path) from error
    if not content.strip():
        raise UnreadableDocument("empty", path)
    if content.startswith(b"PK"):
        from orders.documents.word import read_word  # noqa: PLC0415  python-docx is loaded for a .docx only

        return read_word(content, path)
    if b"%PDF-" in content[:1024]:
        from orders.documents.pdf import read_pdf  # noqa: PLC0415  pdfplumber is loaded for a .pdf only

        return read_pdf(content, path)
    for mark, kind in _OTHER.items():
        if content.startswith(mark):
            raise UnreadableDocument("unknown-kind", path, seen=kind)
    text, findings = _decoded(content, path)
    document = read_page(text) if _HTML.match(text) else read_markdown(text)
    return Document(document.kind, document.blocks, (*findings, *document.findings))


def _decoded(content: bytes, path: Path) -> tuple[str, list[PlacedFinding]]:
    """Return the text: by its byte order mark, as declared, as UTF-8, or in an old encoding with a finding."""
    findings: list[PlacedFinding] = []
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        text, findings = _decoded_bytes(content, path)
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        if text.count("\x00") > max(10, len(text) // 100):
            raise UnreadableDocument("unknown-kind", path, line=line, column=None, seen="NUL")
        findings.append(doubt("hidden-characters", {"text": "\\x00"}, line=line))
        text = text.replace("\x00", "")
    return text, findings


def _decoded_bytes(content: bytes, path: Path) -> tuple[str, list[PlacedFinding]]:
    declared = _DECLARED.search(content[:4096])
    if declared:
        name = declared.group(1).decode("ascii").lower()
        try:
            return content.decode(name), []
        except (LookupError, UnicodeDecodeError):
            pass
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        name = max(_OLD, key=lambda code: sum(c in "оеаинтсрвл" for c in content[:100_000].decode(code, "replace")))
        text = content.decode(name, errors="replace")
        letters = sum("а" <= c.lower() <= "я" for c in text)
        if letters * 3 < len(text.split()) * 2 + sum(c.isalpha() for c in text):
            raise UnreadableDocument("encoding", path, line=line, seen=str(error.start)) from error
        return text, [doubt("encoding-guessed", {"text": _OLD[name]}, _OLD[name], line=line)]
