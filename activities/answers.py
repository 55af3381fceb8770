"""What mail servers answer: foreign bytes made into a text that the log can hold, and whom a refusal is about."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500
LOOKED_AT = 4 * LONGEST
ADDRESS = re.compile(r"(?:\"[^\"\s]*\"|[^\s<>()\[\],;:\"']+)@[^\s<>()\[\],;:\"']*")
# An enhanced status code (RFC 3463): class, subject, detail.
ENHANCED = re.compile(r"\s*#?([245])\.(\d{1,3})\.(\d{1,3})\b")
TEMPORARY, PERMANENT = range(400, 500), range(500, 600)
# Commands not known or out of order, and authentication: whatever the stage, it is we who are refused.
OF_US = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
MAILBOX_SUBJECTS = frozenset({"1", "2"})
POLICY = "7"
TOLD_BY_WORDS = frozenset({"", "0", "3", "5"})  # subjects that leave open whom a refusal is about
SENDER = frozenset({("1", "7"), ("1", "8")})  # of the addresses these two are the sender's
TOO_LARGE = ("3", "4")
# Said without a code that tells: who is kept out for sending too much, or for being who they are, may try again.
WORDS_OF_US = re.compile(
    r"relay|authenti|authori[sz]|sender|limit|too many|send\w* quota|daily|spam|block|black.?list|banned|reputation|policy"
    r"|\bspf\b|dkim|dmarc|helo|client host|your (?:ip|host|domain)|later|temporar"
    r"|отправител|лимит|слишком много|спам|блокир|авториз|аутентиф|позже",
    re.IGNORECASE,
)


def cleaned(text: str | bytes, limit: int = LONGEST, *, mailbox: str = "") -> str:
    """Return a foreign text fit for the log: one line, at most `limit` characters, without addresses and hidden characters.

    Nor is the name of a `mailbox` told, the part of an address before the @. Bytes, also those that a
    library kept as halves of surrogates, are read as UTF-8, else as Windows-1251, which is usual in Russia.
    """
    whole = _decoded(text)
    begin = whole[:LOOKED_AT] if len(whole) <= LOOKED_AT else whole[:LOOKED_AT].rpartition(" ")[0]  # no half address
    shown = "".join(letter for letter in begin if letter.isspace() or unicodedata.category(letter)[0] != "C")
    line = ADDRESS.sub("…", " ".join(shown.split()))
    if mailbox:
        line = re.sub(rf"(?<![\w.-]){re.escape(mailbox)}(?![\w-])", "…", line, flags=re.IGNORECASE)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _decoded(text: str | bytes) -> str:
    try:
        raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # halves of surrogates that stand for no byte
        raw = str(text).encode("utf-8", "replace")
    for encoding in ("utf-8", "cp1251"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def final(code: int, text: str) -> bool:
    """Tell whether an answer to the addressee or to the letter itself (RCPT, DATA) will be the same tomorrow."""
    return code in PERMANENT and not about_us(code, text)


def about_us(code: int, text: str) -> bool:
    """Tell whether an answer at RCPT or DATA refuses us, the sender, and not this mailbox or this letter.

    A doubt counts as about us: then the letter is tried again, and somebody is told.
    """
    said = ENHANCED.match(text)
    subject, detail = (said[2], said[3]) if said else ("", "")
    if code in OF_US or subject == POLICY or (subject, detail) in SENDER:
        return True
    if code in TEMPORARY:
        return subject not in MAILBOX_SUBJECTS
    return code not in PERMANENT or (
        subject in TOLD_BY_WORDS and (subject, detail) != TOO_LARGE and WORDS_OF_US.search(text) is not None
    )
