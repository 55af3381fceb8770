"""What an e-mail address is: one rule for contacts, for the sender and for whoever writes a letter."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address

from domain.errors import VekhaError

MAX_ADDRESS = 254  # RFC 5321
LATIN = re.compile(r"[A-Za-z]")
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<spec>[^<>]*)>")


class BadAddress(VekhaError):
    """What should be an e-mail address is none."""


class ForeignLetters(BadAddress):
    """Letters before the @ that many mail servers do not take (SMTPUTF8), and that are mostly typed by mistake."""


class MixedLetters(BadAddress):
    """A domain with Latin and Cyrillic letters between two dots: two alphabets that look alike, and a slip of the hand."""


def address(spec: str, name: str = "") -> Address:
    """Return a bare address, its domain as mail servers know it, with a name to be shown; BadAddress for none."""
    local, _, domain = spec.rpartition("@")
    if not local.isascii():
        raise ForeignLetters(spec)
    if not spec.isprintable() or len(spec) > MAX_ADDRESS:
        raise BadAddress(spec)
    if any(LATIN.search(label) and CYRILLIC.search(label) for label in domain.split(".")):
        raise MixedLetters(spec)
    try:
        return Address(display_name=name, addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError) as error:  # all that the standard library raises for one mistake
        raise BadAddress(spec) from error


def mailbox(text: str) -> Address:
    """Return an address that may have a name before it, as in `Веха <vekha@edu.example>`; BadAddress for none."""
    found = MAILBOX.fullmatch(text.strip())
    if found is None:
        return address(text.strip())
    name = found["name"].strip().removeprefix('"').removesuffix('"')
    if not name.isprintable():
        raise BadAddress(text)
    return address(found["spec"].strip(), name)
