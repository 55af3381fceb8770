"""Contacts: the names and addresses of people, kept beside the log and never in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from doors.output import Exit, Findings
from doors.services import Connection
from orders.contacts import Contact, load_contacts
from orders.findings import UnreadableFile

CONTACTS = "contacts.yaml"


def contacts_beside(roadmap_file: Path) -> tuple[Contact, ...]:
    """Read the contacts.yaml that lies beside a roadmap.yaml; none where there is no such file."""
    file = roadmap_file.with_name(CONTACTS)
    if not file.exists():
        return ()
    try:
        return load_contacts(file)
    except UnreadableFile as error:
        raise Findings(error.problems, Exit.USAGE) from error


def keep_contacts(connection: Connection, roadmap: str, contacts: Iterable[Contact]) -> None:
    """Put contacts in place of those that are known of the same codes; a code that was erased stays without.

    The database keeps that a name or an address took another's place, when and by which login (`vekha.contact_change`).
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "select vekha.keep_contact(%s, %s, %s, %s)",
            [(roadmap, contact.code, contact.name, contact.email) for contact in contacts],
        )
