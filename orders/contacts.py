"""Whom to write to: names and e-mail addresses by code. Personal data: they never go into the definition or the log.

A contacts.yaml is a list of {code, name, email}.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from domain.addresses import MAX_ADDRESS, BadAddress, ForeignLetters, address
from domain.roadmap import Roadmap
from orders.checks import hint
from orders.findings import TEXTS, Place, PlacedFinding, UnreadableFile, shown
from orders.positions import Trouble
from orders.schema import Code, Part, ShortText
from orders.yaml_text import in_file, problem, shaped, source_of, tree_of

CONTACTS = "contacts.yaml"


def _email(value: str) -> str:
    try:
        address(value)
    except ForeignLetters as error:
        raise PydanticCustomError("email-not-latin", "{value}", {"value": shown(value)}) from error
    except BadAddress as error:
        raise PydanticCustomError("bad-email", "{value}", {"value": shown(value)}) from error
    return value


# What is taken here can be written to: one address and nothing else, by the rule of whoever writes the letter.
Email = Annotated[str, Field(max_length=MAX_ADDRESS), AfterValidator(_email)]


@dataclass(frozen=True)
class Contact:
    """The name and address of a body or a person, and where in the file they stand."""

    code: str
    name: str
    email: str
    place: Place | None = field(default=None, compare=False)


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
    return tuple(Contact(part.code, part.name, part.email, tree.place((at, "code"))) for at, part in enumerate(parts))


def contact_findings(
    roadmap: Roadmap, contacts: tuple[Contact, ...] | None, file: Path | str
) -> tuple[PlacedFinding, ...]:
    """Return what is wrong or missing in the contacts of a roadmap: codes that nobody has, addressees without an address.

    `file` is where the contacts stand, or would stand where there is none (`contacts` null).
    """
    if contacts is None:
        return (_finding("no-contacts", "contacts", file, None, name=CONTACTS),)
    registry = roadmap.registry
    names = {body.code: body.name for body in registry.bodies}
    names |= {person.code: person.post or person.code for person in registry.people}
    found = []
    for contact in contacts:
        if contact.code not in names:
            ru, en = hint(contact.code, set(names))
            where = f"contact {contact.code}"
            found.append(
                _finding("unknown-contact", where, file, contact.place, code=contact.code, hint_ru=ru, hint_en=en)
            )
    known = {contact.code for contact in contacts}
    addressees = [code for code in dict.fromkeys(_addressees(roadmap)) if code in names]
    missing = [code for code in addressees if code not in known]
    found += [_finding("no-address", f"contact {code}", file, None, code=code, name=names[code]) for code in missing]
    return tuple(sorted(found, key=in_file))


def _addressees(roadmap: Roadmap) -> Iterator[str]:
    """Yield whom letters go to: who answers, who coordinates them, who controls, who stands above those."""
    registry = roadmap.registry
    for measure in roadmap.measures:
        policy = measure.policy or roadmap.policy
        controller = policy.controller
        yield controller
        if len(policy.unreviewed_after) > 1:
            yield registry.above(controller) or controller
        cells = (measure.bodies, *(point.bodies or () for point in measure.checkpoints))
        for body in (body for codes in cells for code in codes for body in registry.open_group(code)):
            yield body
            yield registry.coordinator(body) or controller


def _finding(code: str, where: str, file: Path | str, place: Place | None, /, **values: str) -> PlacedFinding:
    kind = TEXTS[code]
    said = {name: shown(value, 200) for name, value in values.items()}
    reading = kind.reading.fill(said) if kind.reading else None
    return PlacedFinding(code, kind.severity, where, kind.words.fill(said), reading, str(file), place)
