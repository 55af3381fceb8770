"""Contacts: the names and addresses of people, kept beside the log and never in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.log import Connection
from app.problem import ProblemKind, Rejected
from domain.roadmap import Roadmap
from orders.contacts import CONTACTS, Contact, contact_findings, load_contacts
from orders.findings import PlacedFinding, UnreadableFile

CHANGES = """
    select changed_at at time zone 'UTC', code, name_changed, email_changed, login from vekha.contact_change
    where roadmap = split_part(%s, '~', 1) order by seq
"""


@dataclass(frozen=True)
class ContactChange:
    """That a name or an address took another's place, in UTC by the database's clock, and by which of its logins."""

    changed_at: datetime
    code: str
    name_changed: bool
    email_changed: bool
    login: str


def contacts_beside(roadmap_file: Path, roadmap: Roadmap) -> tuple[tuple[Contact, ...], tuple[PlacedFinding, ...]]:
    """Read the contacts.yaml beside a roadmap.yaml and return it, empty where there is none, with its findings.

    Rejected (INVALID) where it cannot be read as contacts.
    """
    file = roadmap_file.with_name(CONTACTS)
    try:
        contacts = load_contacts(file, roadmap) if file.exists() else None
    except UnreadableFile as error:
        raise Rejected(error.problems, ProblemKind.INVALID) from error
    return contacts or (), contact_findings(roadmap, contacts, file)


def keep_contacts(connection: Connection, roadmap: str, contacts: Iterable[Contact]) -> None:
    """Put contacts in place of those that are known of the same codes; a code that was erased stays without.

    The database keeps that a name or an address took another's place, when and by which login (`vekha.contact_change`).
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "select vekha.keep_contact(%s, %s, %s, %s)",
            [(roadmap, contact.code, contact.name, contact.email) for contact in contacts],
        )


def contact_changes(connection: Connection, roadmap: str) -> list[ContactChange]:
    """Return what became of the contacts of a year, or of the year that a rehearsal plays, in order."""
    rows = connection.execute(CHANGES, (roadmap,)).fetchall()
    return [ContactChange(row[0].replace(tzinfo=UTC), *row[1:]) for row in rows]
