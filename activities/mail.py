"""The post: SMTP where it is configured, else files that a mail program opens."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol

import aiosmtplib
import structlog

from activities.answers import about_us, cleaned, final
from domain.addresses import BadAddress
from domain.measure import MeasureState
from domain.notices import Notice
from domain.year import YearState
from settings import Settings
from views.letters import compose, letter_for
from whole_files import PRIVATE, write_whole

NOWHERE = "vekha.invalid"
REHEARSAL = "~"  # stands in the id of a year that is played
GOODBYE_SECONDS = 5.0
SERVICE_CLOSES = 421
logger = structlog.get_logger()


class UndeliverableError(Exception):
    """The letter cannot be delivered, however often it is tried. The text names no address and can stand in the log."""


class DelayedError(Exception):
    """The letter could not be delivered this time. The text names no address and can stand in the log.

    `ours` where it is not about the addressee: the mail server cannot be reached, or refuses us. Somebody has to look.
    """

    def __init__(self, text: str, *, ours: bool) -> None:
        self.ours = ours
        super().__init__(text)


class Session(Protocol):
    """One connection, or folder, for many letters one after the other."""

    async def send(self, message: EmailMessage, name: str) -> str:
        """Deliver the message and return where it went. `name` is a day, a slash and what is unique to it.

        UndeliverableError where this letter never can be, DelayedError where it is to be tried again.
        """


class Post(Session, Protocol):
    """A way for letters to leave, by themselves or many in a session."""

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Give what sends many letters; it connects with the first."""


class SmtpPost:
    """Letters go to a mail server."""

    def __init__(self, configuration: Settings) -> None:
        self._configuration = configuration

    async def send(self, message: EmailMessage, name: str) -> str:
        """Hand the message over to the server, by a connection of its own."""
        async with self.session() as session:
            return await session.send(message, name)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Give one connection to the server."""
        session = _SmtpSession(self._configuration)
        try:
            yield session
        finally:
            await session.end()


class _SmtpSession:
    """One connection at a time. Once the server has refused us, it is left alone for the rest of the session."""

    def __init__(self, configuration: Settings) -> None:
        self._configuration = configuration
        self._client: aiosmtplib.SMTP | None = None
        self._refused: str | None = None

    async def send(self, message: EmailMessage, _name: str) -> str:
        """Hand the message over to the server."""
        if self._refused is not None:
            raise DelayedError(self._refused, ours=True)
        client = await self._connected()
        try:
            await client.send_message(message)
        # The cause would bring the address along, into Temporal and the log.
        except aiosmtplib.SMTPSenderRefused as error:
            raise self._refuse(f"MAIL: {error.code} {error.message}") from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise self._judged("RCPT", error.recipients[0], message) from None
        except aiosmtplib.SMTPDataError as error:
            raise self._judged("DATA", error, message) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._drop()  # what else the server says would be taken for an answer to the next letter
            raise self._trouble(str(error) or type(error).__name__) from None
        return "SMTP"  # an address is personal and stays out of the log

    async def end(self) -> None:
        """Take leave of the server, which need not answer."""
        if self._client is not None:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=GOODBYE_SECONDS)
        self._drop()

    async def _connected(self) -> aiosmtplib.SMTP:
        """Return the client with a connection that lasts, TLS and login done."""
        if self._client is not None and self._client.is_connected:
            return self._client
        given = self._configuration
        password = given.smtp_password
        client = aiosmtplib.SMTP(
            hostname=given.smtp_host,
            port=given.smtp_port,
            username=given.smtp_user,
            password=password.get_secret_value() if password else None,
            use_tls=given.smtp_security == "implicit",
            start_tls=given.smtp_security == "starttls",
            timeout=given.smtp_timeout,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError, RuntimeError) as error:
            client.close()
            code = f"{error.code} " if isinstance(error, aiosmtplib.SMTPResponseException) else ""
            raise self._refuse(f"{given.smtp_host}:{given.smtp_port}: {code}{error}") from None
        self._client = client
        return client

    def _judged(
        self, stage: str, answer: aiosmtplib.SMTPResponseException, message: EmailMessage
    ) -> UndeliverableError | DelayedError:
        """Return what an answer about the addressee or the letter means."""
        said = cleaned(answer.message)
        told = cleaned(f"{answer.code} {answer.message}", mailbox=message["To"].addresses[0].username)
        if final(answer.code, said):
            return UndeliverableError(told)
        if answer.code == SERVICE_CLOSES:
            return self._refuse(f"{stage}: {told}")
        if about_us(answer.code, said):
            return self._trouble(f"{stage}: {told}")
        return DelayedError(told, ours=False)

    def _refuse(self, why: str) -> DelayedError:
        error = self._trouble(why)
        self._refused = str(error)
        return error

    def _trouble(self, why: str) -> DelayedError:
        told = cleaned(why)
        logger.error("letters do not leave", why=told)
        return DelayedError(told, ours=True)

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


class FilePost:
    """Letters become files in a folder a day, written whole or not at all; the same letter is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage, name: str) -> str:
        """Write the message into the folder."""
        try:
            return await asyncio.to_thread(self._write, message, name)
        except OSError as error:
            told = cleaned(error.strerror or type(error).__name__)
            logger.error("letters cannot be written", folder=str(self._folder), why=told)  # noqa: TRY400 - told is enough
            raise DelayedError(told, ours=True) from error

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Give the folder."""
        yield self

    def _write(self, message: EmailMessage, name: str) -> str:
        inside = file_name(name)
        file = self._folder / inside
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, message.as_bytes(policy=SMTP), PRIVATE)
        return inside


def file_name(name: str) -> str:
    """Return a letter's file in the folder of its day: readable, safe, and different for different letters."""
    day, _, rest = name.partition("/")
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", rest)[:120]
    return f"{day}/{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.eml"


def post_for(configuration: Settings) -> Post:
    """Return the post that the settings ask for."""
    return SmtpPost(configuration) if configuration.smtp_host else FilePost(configuration.mail_dir)


async def deliver(
    session: Session,
    notice: Notice,
    *,
    state: MeasureState | YearState,
    stream: str,
    address: str | None,
    now: datetime,
    configuration: Settings,
) -> tuple[str, str]:
    """Send the letter of a notice of a stream; DelayedError where it is to be tried again.

    Returns what became of it, as in `domain.commands.Delivered`: the outcome and its detail. `address` is the addressee's, null where none is known; `now`, the letter's Date, is by the clock of the year. A played
    year writes to nobody.
    """
    roadmap, mails = stream.partition("/")[0], configuration.smtp_host is not None
    if mails and REHEARSAL in roadmap:
        return "suppressed", "rehearsal"
    if mails and address is None:
        return "failed", f"no address for {notice.to}"
    letter = letter_for(notice, state, stream, configuration.lang)
    try:
        message = compose(letter, configuration.smtp_sender, address or f"{notice.to}@{NOWHERE}", now)
        went_to = await session.send(message, f"{letter.happened_on}/{notice.id}-{roadmap}")
    except BadAddress:
        return "failed", f"no good address for {notice.to}"
    except UndeliverableError as error:
        return "failed", str(error)
    return "delivered" if mails else "filed", went_to
