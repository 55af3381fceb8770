"""The letter to the auditor: a checkpoint a day, and a warning where the log contradicts one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from activities.mail import post_for
from domain.addresses import address
from eventlog.checkpoints import Parcel, log_folder
from settings import Settings
from views.texts import text

COMMAND = "python audit.py verify --checkpoint latest.txt --key key.pub"


def auditors_letter(configuration: Settings, recipient: str) -> Callable[[Parcel], None]:
    """Return what writes to the auditor, at most one letter of each kind a day (UTC), under a Message-ID of its own.

    By SMTP where it is set, else as a file. What was sent is remembered beside the checkpoints. Raises what the post
    raises.
    """
    post = post_for(configuration)

    def deliver(parcel: Parcel) -> None:
        kind = "alarm" if parcel.note is None else "checkpoint"
        today = datetime.now(UTC).date().isoformat()
        sent = log_folder(configuration.checkpoint_dir, parcel.origin) / f"mailed-{kind}"
        if sent.exists() and sent.read_text(encoding="ascii") == today:
            return
        name = f"{kind}-{parcel.origin}"
        letter = _letter(parcel, kind, f"{today}-{name}", recipient, configuration)
        asyncio.run(post.send(letter, f"{today}/{name}"))
        sent.parent.mkdir(parents=True, exist_ok=True)
        sent.write_text(today, encoding="ascii")

    return deliver


def _letter(parcel: Parcel, kind: str, name: str, recipient: str, configuration: Settings) -> EmailMessage:
    lang, sender = configuration.lang, configuration.smtp_sender
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = address(recipient)
    message["Subject"] = text(f"auditor.{kind}.subject", lang, origin=parcel.origin, size=parcel.size)
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = f"<{uuid.uuid5(uuid.NAMESPACE_URL, name)}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    said = text(f"auditor.{kind}.body", lang, origin=parcel.origin, size=parcel.size)
    todo = text(f"auditor.{kind}.todo", lang)
    message.set_content(f"{said}\n\n{todo}\n\n    {COMMAND}\n", charset="utf-8", cte="8bit")
    for file, content in (("latest.txt", parcel.note), ("key.pub", parcel.keys)):
        if parcel.note is not None and content is not None:
            # As bytes: the ends of lines are signed too.
            message.add_attachment(content.encode(), maintype="application", subtype="octet-stream", filename=file)
    return message
