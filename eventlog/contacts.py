"""What the database keeps of contacts besides themselves: that they were changed. It says neither names nor addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from eventlog.sessions import Connection

CHANGES = """
    select changed_at, code, name_changed, email_changed, login from vekha.contact_change
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


def contact_changes(connection: Connection, roadmap: str) -> list[ContactChange]:
    """Return what became of the contacts of a year, or of the year that a rehearsal plays, in order."""
    rows = connection.execute(CHANGES, (roadmap,)).fetchall()
    return [ContactChange(changed_at.astimezone(UTC), *rest) for changed_at, *rest in rows]
