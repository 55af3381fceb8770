"""Write the lists in these documents anew, from the code they describe: `.venv/bin/python -m docs.generate`.

Findings come from `orders.findings`, events, commands and refusals from `domain`. A test holds the documents against
them.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path

from domain.codec import FACTS, REQUESTS
from domain.errors import Reason
from orders.findings import TEXTS, UNREADABLE, Kind
from reading.documents.budget import MAX_FIELDS, MAX_LETTERS, MAX_ROWS
from reading.documents.drawing import MAX_DRAWN, MAX_LETTERS_DRAWN
from reading.documents.model import MAX_FILE, UnreadableDocument
from reading.documents.pdf import MAX_PAGES
from reading.doubts import READING
from views.texts import text

DOCS = Path(__file__).parent
PLAIN = {str: "text", int: "number", bool: "true/false", date: "date", datetime: "instant", Decimal: "decimal as text"}
# Parts of the definition, which are no shapes of their own here.
PARTS = {
    "Roadmap": "the definition",
    "MeasurePlan": "one measure with its policy, registry and calendar",
    "Checkpoint": "a checkpoint",
}


def findings() -> str:
    """Return findings.md."""
    return "\n".join(
        [
            "# Findings: what a careful clerk asks about a roadmap",
            "",
            "`starter.py check` tells them all, each with its place; `starter.py start` is refused while an error is",
            "open. Codes are stable, words may change; `{…}` is filled in. After the arrow stands the reading that is",
            "taken meanwhile. A finding that a person wrote into the file (`findings:`) may have any code, and with a",
            "`decision` it is settled: told as information, stopping nothing.",
            "",
            "*Made by `python -m docs.generate` from `orders/findings.py`; do not edit.*",
            "",
            "## The file can be read",
            "",
            "Exit code 1 where an error is among them, else 0.",
            "",
            *_findings(TEXTS),
            "",
            "## The file cannot be read as a roadmap, a scenario or contacts",
            "",
            "All are errors; exit code 2.",
            "",
            *_findings(UNREADABLE),
            "",
            "## The document of an order cannot be read",
            "",
            "Told by `starter.py import`; exit code 2. A file has at most",
            f"{MAX_FILE // 1_000_000} MB, a PDF {MAX_PAGES} pages, {MAX_DRAWN} letters and lines a page and",
            f"{MAX_LETTERS_DRAWN} in all, every other file {MAX_FIELDS} lines, paragraphs, rows and cells and",
            f"{MAX_LETTERS} letters; a plan has at most {MAX_ROWS} measures. A place in a PDF is its page.",
            "",
            "| code | in Russian | in English |",
            "| --- | --- | --- |",
            *(f"| `{code}` | {_cell(ru)} | {_cell(en)} |" for code, (ru, en) in UnreadableDocument.TEXTS.items()),
            "",
            "## What the reading of an order asks",
            "",
            "Told by `starter.py import` and `starter.py deadline`, and by `check` where a phrase is doubtful; made from",
            "`reading/doubts.py`. The reading that was taken stands after an arrow.",
            "",
            *_findings(READING),
            "",
        ]
    )


def _findings(kinds: Mapping[str, Kind]) -> Iterator[str]:
    yield "| code | severity | in Russian | in English |"
    yield "| --- | --- | --- | --- |"
    for code, kind in kinds.items():
        said = [kind.words.ru, kind.words.en]
        if kind.reading:
            said = [f"{said[0]} → {kind.reading.ru}", f"{said[1]} → {kind.reading.en}"]
        yield f"| `{code}` | {kind.severity} | {_cell(said[0])} | {_cell(said[1])} |"


def events() -> str:
    """Return the table of all events."""
    return "\n".join(_types(FACTS, "event"))


def commands() -> str:
    """Return the table of all commands."""
    sendable = {name: kind for name, kind in REQUESTS.items() if name != "Unreadable"}
    return "\n".join(_types(sendable, "command"))


def refusals() -> str:
    """Return the table of all reasons for a refusal."""
    rows = [
        f"| `{reason}` | {_cell(text(f'refusal.{reason}', 'ru', detail='…'))} "
        f"| {_cell(text(f'refusal.{reason}', 'en', detail='…'))} |"
        for reason in Reason
    ]
    return "\n".join(["| reason | in Russian | in English |", "| --- | --- | --- |", *rows])


def _types(kinds: Mapping[str, type], what: str) -> Iterator[str]:
    yield f"| {what} | what it says | `data` |"
    yield "| --- | --- | --- |"
    for name, kind in kinds.items():
        first = (kind.__doc__ or "").strip().split("\n\n")[0]
        held = "; ".join(_field(kind, field) for field in fields(kind)) or "nothing"
        yield f"| `{name}` | {_cell(' '.join(first.split()))} | {held} |"


def _field(kind: type, field: Field[object]) -> str:
    told = _told(typing.get_type_hints(kind)[field.name])
    return (
        f"`{field.name}`: {told}" if field.default is MISSING else f"`{field.name}`?: {told.removesuffix(' or null')}"
    )


def _told(kind: typing.Any) -> str:
    """Return what a field holds, in words."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (arm for arm in typing.get_args(kind) if arm is not types.NoneType)
        return f"{_told(inner)} or null"
    if origin is tuple:
        return f"list of {_told(typing.get_args(kind)[0])}"
    if issubclass(kind, Enum):
        return " / ".join(str(member.value) for member in kind)
    if isinstance(kind, type) and is_dataclass(kind):
        inner = ", ".join(f"`{field.name}`" for field in fields(kind))
        return PARTS.get(kind.__name__, "{" + inner + "}")
    return PLAIN[kind]


def _cell(said: str) -> str:
    return said.replace("|", "\\|").replace("\n", " ")


GENERATED: Mapping[str, Callable[[], str]] = {"events": events, "commands": commands, "refusals": refusals}


def interfaces(document: str) -> str:
    """Return interfaces.md with its lists made anew, each between its two marks."""
    for name, make in GENERATED.items():
        marks = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert marks.search(document), f"interfaces.md has no place for {name}"  # noqa: S101
        made = make()
        document = marks.sub(lambda found, made=made: f"{found[1]}\n{made}\n\n{found[2]}", document)  # type: ignore[misc]
    return document


def main() -> None:
    """Write the documents."""
    (DOCS / "findings.md").write_text(findings(), encoding="utf-8")
    file = DOCS / "interfaces.md"
    file.write_text(interfaces(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
