"""Words of people made safe to show: nothing they wrote may steer a terminal, turn a line around or forge one."""

from __future__ import annotations

import re

from domain.codec import hidden

BLANK = re.compile(r"[ \t\r\n\u2028\u2029\x0b\x0c\x85]+")


def plain(text: str) -> str:
    """Return the text with every hidden character but the newline written out, as in <U+202E>."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if letter == "\n" or not hidden(letter) else f"<U+{ord(letter):04X}>" for letter in text)


def one_line(text: str, limit: int = 300) -> str:
    """Return the text on one line, hidden characters written out, cut with an ellipsis beyond `limit` characters."""
    line = plain(BLANK.sub(" ", text).strip())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
