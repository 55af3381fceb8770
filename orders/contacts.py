"""Whom to write to: names and e-mail addresses by code. Personal data: they never go into the definition or the log.

A contacts.yaml is a list of {code, name, email}.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from orders.findings import UnreadableFile
from orders.positions import Trouble
from orders.schema import Code, Part, ShortText, pattern
from orders.yaml_text import problem, shaped, source_of, tree_of

# One address and nothing else: no blank, comma or bracket that could make a second one or another header of it.
Email = Annotated[str, Field(max_length=254), pattern("bad-email", r"[^\s@,;:<>()\"\[\]\\]+@[^\s@,;:<>()\"\[\]\\]+")]


@dataclass(frozen=True)
class Contact:
    """The name and address of a body or a person."""

    code: str
    name: str
    email: str


class ContactPart(Part):
    """One line of the file."""

    code: Code
    name: ShortText
    email: Email


def load_contacts(path: Path | str) -> tuple[Contact, ...]:
    """Read a contacts.yaml; UnreadableFile, with all problems, where it cannot be read as one."""
    file = str(path)
    tree = tree_of(source_of(path), file)
    parts = shaped(tuple[ContactPart, ...], tree, file)
    troubles = [Trouble("control-character", tree.place(at), {"character": hidden}, at) for at, hidden in tree.hidden()]
    seen: set[str] = set()
    for at, part in enumerate(parts):
        if part.code in seen:
            troubles.append(Trouble("code-twice", tree.place((at, "code")), {"code": part.code}, (at, "code")))
        seen.add(part.code)
    if troubles:
        raise UnreadableFile(tuple(problem(file, trouble) for trouble in troubles))
    return tuple(Contact(part.code, part.name, part.email) for part in parts)
