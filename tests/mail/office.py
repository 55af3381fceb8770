"""A mail server that does what it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from settings import Settings

Answer = str | bytes
OK = "250 OK"


@dataclass
class PostOffice:
    """Answers to MAIL, RCPT and DATA in turn, then good ones; or a hand on the letter.

    `connections` counts those that greeted, `logins` who tried to log in.
    """

    answers: list[Answer] = field(default_factory=list)
    hand: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: list[EmailMessage] = field(default_factory=list)
    held: int = 0
    senders: list[Answer] = field(default_factory=list)
    letters: list[Answer] = field(default_factory=list)
    connections: int = 0
    logins: int = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count who greets."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> Answer:
        """Answer whether the sender is welcome."""
        answer = self.senders.pop(0) if self.senders else OK
        if answer == OK:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> Answer:
        """Answer whether the recipient is welcome."""
        answer = self.answers.pop(0) if self.answers else OK
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> Answer:  # noqa: N802
        """Take the letter, once the hand is gone."""
        if self.letters and (answer := self.letters.pop(0)) != OK:
            return answer
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.held += 1
        await self.hand.wait()
        self.held -= 1
        self.arrived.append(message)
        return "250 taken"

    def log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        """Let in whoever has the right password."""
        self.logins += 1
        assert isinstance(given, LoginPassword)
        return AuthResult(success=given.password == b"right", handled=False)


@asynccontextmanager
async def listening(
    office: PostOffice, port: int = 0, *, implicit: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[Settings]:
    """Give the settings of a worker that sends by this server; `options` are aiosmtpd's."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(office, authenticator=office.log_in, auth_require_tls=False, **options),
        "127.0.0.1",
        port,
        ssl=implicit,
    )
    try:
        port = server.sockets[0].getsockname()[1]
        yield Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_from="vekha@office.example")
    finally:
        office.hand.set()
        server.close()


def open_office(**answers: list[Answer]) -> PostOffice:
    """Give a mail server that takes letters at once, but for what it is told to answer by the stage."""
    office = PostOffice()
    for stage, wanted in answers.items():
        setattr(office, stage, wanted)
    office.hand.set()
    return office
