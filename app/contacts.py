"""Contacts: the names and addresses of people, kept beside the log and never in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.log import Connection
from app.problem import ProblemKind, Rejected
from domain.roadmap import Roadmap
from orders.contacts import CONTACTS, Contact, contact_findings, load_contacts
from orders.findings import PlacedFinding, UnreadableFile


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
