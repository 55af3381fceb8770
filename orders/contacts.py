"""Whom to write to: names and e-mail addresses by code. Personal data: they never go into the definition or the log.

A contacts.yaml is a list of {code, name, email}.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from domain.addresses import MAX_ADDRESS, BadAddress, ForeignLetters, MixedLetters, address
from domain.roadmap import Roadmap
from orders.checks import hint
from orders.findings import TEXTS, Place, PlacedFinding, UnreadableFile, shown
from orders.positions import Tree, Trouble
from orders.schema import Code, Part, ShortText
from orders.yaml_text import in_file, problem, shaped, source_of, tree_of

CONTACTS = "contacts.yaml"


def _email(value: str) -> str:
    try:
        address(value)
    except ForeignLetters as error:
        raise PydanticCustomError("email-not-latin", "{value}", {"value": shown(value)}) from error
    except MixedLetters as error:
        raise PydanticCustomError("email-mixed", "{value}", {"value": shown(value)}) from error
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


def load_contacts(path: Path | str, roadmap: Roadmap | None = None) -> tuple[Contact, ...]:
    """Read a contacts.yaml; UnreadableFile, with all problems, where it cannot be read as one.

    With the `roadmap` that they are for, the problems of an unreadable file tell of codes that it lacks, too: who corrects
    one corrects all.
    """
    file = str(path)
    tree = tree_of(source_of(path), file)
    troubles = [Trouble("control-character", tree.place(at), {"character": hidden}, at) for at, hidden in tree.hidden()]
    seen: dict[str, Contact] = {}
    for at, code in _codes(tree):
        place = tree.place((at, "code"))
        if code in seen:
            troubles.append(Trouble("code-twice", place, {"code": shown(code)}, (at, "code")))
        seen.setdefault(code, Contact(code, "", "", place))
    problems = [problem(file, trouble) for trouble in troubles]
    try:
        parts = shaped(tuple[ContactPart, ...], tree, file)
    except UnreadableFile as error:
        problems += error.problems
    if problems:
        if roadmap is not None:
            problems += _unknown(roadmap, seen.values(), path)
        raise UnreadableFile(tuple(sorted(problems, key=in_file)))
    return tuple(Contact(part.code, part.name, part.email, tree.place((at, "code"))) for at, part in enumerate(parts))


def _codes(tree: Tree) -> Iterator[tuple[int, str]]:
    """Yield the codes that stand in a tree, whatever else is wrong with it, each with the place of its entry."""
    for at, entry in enumerate(tree.data if isinstance(tree.data, list) else []):
        if isinstance(entry, dict) and isinstance(code := entry.get("code"), str):
            yield at, code


def contact_findings(
    roadmap: Roadmap, contacts: tuple[Contact, ...] | None, file: Path | str
) -> tuple[PlacedFinding, ...]:
    """Return what is wrong or missing in the contacts of a roadmap: codes that nobody has, addressees without an address.

    `file` is where the contacts stand, or would stand where there is none (`contacts` null).
    """
    if contacts is None:
        return (_finding("no-contacts", "contacts", file, None, name=CONTACTS),)
    names = _names(roadmap)
    found = list(_unknown(roadmap, contacts, file))
    known = {contact.code for contact in contacts}
    addressees = [code for code in dict.fromkeys(_addressees(roadmap)) if code in names]
    missing = [code for code in addressees if code not in known]
    found += [_finding("no-address", f"contact {code}", file, None, code=code, name=names[code]) for code in missing]
    return tuple(sorted(found, key=in_file))


def _names(roadmap: Roadmap) -> dict[str, str]:
    registry = roadmap.registry
    names = {body.code: body.name for body in registry.bodies}
    return names | {person.code: person.post or person.code for person in registry.people}


def _unknown(roadmap: Roadmap, contacts: Iterable[Contact], file: Path | str) -> Iterator[PlacedFinding]:
    """Yield the contacts whose code the roadmap lacks."""
    names = _names(roadmap)
    for contact in contacts:
        if contact.code not in names:
            ru, en = hint(contact.code, set(names))
            where = f"contact {contact.code}"
            yield _finding("unknown-contact", where, file, contact.place, code=contact.code, hint_ru=ru, hint_en=en)


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
