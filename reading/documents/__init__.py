"""Documents of any kind → blocks of text and tables, told apart by their content."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from reading.documents.budget import Budget, OverBudget
from reading.documents.markdown import read_markdown
from reading.documents.model import MAX_FILE, MAX_SOURCE, Cell, Document, Row, Table, Text, UnreadableDocument

__all__ = ["Cell", "Document", "Row", "Table", "Text", "UnreadableDocument", "read_document"]

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<\s*(?:!doctype\s+html|html|head|body|table|div|p|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_OLD = {"cp1251": "Windows-1251", "koi8-r": "KOI8-R", "cp866": "CP866"}
"""What old files are written in; the commonest Russian letters tell which."""
_DECLARABLE = {name.encode() for name in (
    "utf-8", "utf8", "windows-1251", "cp1251", "koi8-r", "koi8-u", "ibm866", "cp866", "iso-8859-5", "x-mac-cyrillic",
    "us-ascii", "iso-8859-1", "windows-1252")}  # fmt: skip
"""What a page may say that it is written in: Python knows codecs that are no encodings of pages, and slow ones."""
SAMPLE = 100_000
"""Bytes or letters that show what the rest is written in."""
_PICTURE = re.compile(rb"(data:image/[a-z+.-]{1,20};base64,)[A-Za-z0-9+/=\s]{100,}+", re.IGNORECASE)
_OFFICE = {"rtf", "doc", "odt"}
"""What LibreOffice makes a .docx of."""
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.text"
LONGEST_CONVERSION = 120
"""Seconds that LibreOffice may take for a file."""
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
    if not content or content.isspace():
        raise UnreadableDocument("empty", path)
    try:
        return _read(content, path, Budget())
    except OverBudget as error:
        raise UnreadableDocument(error.code, path, line=error.line, limit=str(error.limit)) from error


def _read(content: bytes, path: Path, budget: Budget) -> Document:
    if content.startswith(b"PK") and _OPEN_DOCUMENT in content[:200]:
        return _converted(content, path, "odt", budget)
    if content.startswith(b"PK"):
        from reading.documents.word import read_word  # noqa: PLC0415  python-docx is loaded for a .docx only

        return read_word(content, path, budget)
    if b"%PDF-" in content[:1024]:
        from reading.documents.pdf import read_pdf  # noqa: PLC0415  pdfium is loaded for a .pdf only

        return read_pdf(content, path, budget)
    for mark, kind in _OTHER.items():
        if content.startswith(mark):
            return _converted(content, path, kind, budget)
    content = _PICTURE.sub(rb"\1", content)
    if len(content) > MAX_SOURCE:
        raise UnreadableDocument("too-long", path, limit=str(MAX_SOURCE // 1_000_000))
    text = _decoded(content, path, budget)
    if _HTML.match(text):
        from reading.documents.page import read_page  # noqa: PLC0415  the same

        return read_page(text, budget)
    return read_markdown(text, budget)


def _converted(content: bytes, path: Path, kind: str, budget: Budget) -> Document:
    """Read what LibreOffice makes of a .doc, .odt or .rtf, where it is installed; UnreadableDocument."""
    office = next(filter(None, map(shutil.which, ("soffice", "libreoffice"))), None)
    if kind not in _OFFICE or office is None:
        raise UnreadableDocument("unknown-kind", path, seen=kind)
    from reading.documents.word import read_word  # noqa: PLC0415  the same

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"order.{kind}")
        source.write_bytes(content)
        command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "docx",
                   "--outdir", folder, str(source)]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_CONVERSION)
            made = Path(folder, "order.docx").read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise UnreadableDocument("unknown-kind", path, seen=kind) from error
    budget.doubt("converted", {"text": f".{kind}"}, line=None)
    return read_word(made, path, budget)


def _decoded(content: bytes, path: Path, budget: Budget) -> str:
    """Return the text: by its byte order mark, as UTF-8, as declared, or in an old encoding with a finding."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        text = _decoded_bytes(content, path, budget)
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        if text.count("\x00") > max(10, len(text) // 100):
            raise UnreadableDocument("unknown-kind", path, line=line, column=None, seen="NUL")
        budget.doubt("hidden-characters", {"text": "\\x00"}, line=line)
        text = text.replace("\x00", "")
    return text


def _decoded_bytes(content: bytes, path: Path, budget: Budget) -> str:
    zeros = content[:SAMPLE:2].count(0), content[1:SAMPLE:2].count(0)  # of spaces, digits and line ends
    unmarked = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    if max(zeros) * 20 > min(len(content), SAMPLE) > 20 * min(zeros):
        budget.doubt("encoding-guessed", {"text": "UTF-16"}, "UTF-16", line=1)
        return content.decode(unmarked, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        declared = _DECLARED.search(content[:4096])
        if declared and declared.group(1).lower() in _DECLARABLE:
            with suppress(UnicodeDecodeError):
                return content.decode(declared.group(1).decode("ascii"))
        line = content.count(b"\n", 0, error.start) + 1
        column = len(content[: error.start].rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        name = max(_OLD, key=lambda code: sum(c in "оеаинтсрвл" for c in content[:SAMPLE].decode(code, "replace")))
        text = content.decode(name, errors="replace")
        sample = text[:SAMPLE]
        letters = sum("а" <= c.lower() <= "я" for c in sample)
        mixed = [c for c in content[:SAMPLE].decode("utf-8", "replace") if not c.isascii()]
        if letters * 3 < len(sample.split()) * 2 + sum(c.isalpha() for c in sample) or mixed.count("\ufffd") * 2 < len(
            mixed
        ):
            raise UnreadableDocument("encoding", path, line=line, column=column, seen=str(error.start)) from error
        budget.doubt("encoding-guessed", {"text": _OLD[name]}, _OLD[name], line=line)
        return text
