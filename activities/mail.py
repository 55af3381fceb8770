"""The post: SMTP where it is configured, else files that a mail program opens."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol

import aiosmtplib

from settings import Settings


class Post(Protocol):
    """A way for letters to leave."""

    async def send(self, message: EmailMessage, name: str) -> str:
        """Deliver the message and return where it went; raise where it could not be. `name` is unique to it."""


class SmtpPost:
    """Letters go to a mail server: what it refuses for good is an UndeliverableError, else a DelayedError."""

    def __init__(self, configuration: Settings) -> None:
        self._configuration = configuration

    async def send(self, message: EmailMessage, _name: str) -> str:
        """Hand the message over to the server."""
        given = self._configuration
        password = given.smtp_password
        try:
            await aiosmtplib.send(
                message,
                hostname=given.smtp_host,
                port=given.smtp_port,
                username=given.smtp_user,
                password=password.get_secret_value() if password else None,
                start_tls=given.smtp_starttls,
                timeout=given.smtp_timeout,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _trouble(error) from None  # the cause would bring the address along, into Temporal and the log
        return "SMTP"  # an address is personal and stays out of the log


class FilePost:
    """Letters become files, written whole or not at all; the same letter is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage, name: str) -> str:
        """Write the message into the folder."""
        return await asyncio.to_thread(self._write, message, name)

    def _write(self, message: EmailMessage, name: str) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / file_name(name)
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".tmp")
        with os.fdopen(handle, "wb") as out:
            out.write(message.as_bytes(policy=SMTP))
        Path(temporary).replace(file)
        return file.name


PERMANENT = 500  # SMTP's codes from 500 on will be the same tomorrow


ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")


class UndeliverableError(Exception):
    """The letter cannot be delivered, however often it is tried. The text names no address."""


class DelayedError(Exception):
    """The letter could not be delivered this time. The text names no address."""


def _trouble(error: aiosmtplib.SMTPException | OSError) -> UndeliverableError | DelayedError:
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            answers = [(one.code, one.message) for one in refused]
        case aiosmtplib.SMTPResponseException(code=code, message=message):
            answers = [(code, message)]
        case _:
            return DelayedError(_without_addresses(f"{type(error).__name__}: {error}"))
    told = _without_addresses("; ".join(f"{code} {message}" for code, message in answers))
    return UndeliverableError(told) if all(code >= PERMANENT for code, _ in answers) else DelayedError(told)


def _without_addresses(text: str) -> str:
    return ADDRESS.sub("…", " ".join(text.split()))


def file_name(name: str) -> str:
    """Return a file's name for a letter: readable, safe, and different for different letters."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", name)[:120]
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.eml"


def post_for(configuration: Settings) -> Post:
    """Return the post that the settings ask for."""
    return SmtpPost(configuration) if configuration.smtp_host else FilePost(configuration.mail_dir)
