"""Lines of a text: those that the width of a column made are joined again, those that a person set are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reading.compounds import is_compound

_BULLET = re.compile(r"(?:[-–—•▪●]|\d{1,2}[.)])\s")
_CUT_DATE = re.compile(r"(?<!\d)\d{1,2}\.\d{1,2}\.\d{0,3}$")
_CUT_WORD = re.compile(r"([^\W\d_]{1,40})-$")
_END = 41
"""Letters at the end of a cell that both look at: it may have thousands of lines."""


def unwrapped(lines: Iterable[str]) -> str:
    """Return a cell's text with its lines joined; a line that begins with a bullet was begun by a person."""
    joined = ""
    for padded in lines:
        line = " ".join(padded.split())
        if not joined:
            joined = line
        elif _BULLET.match(line + " "):
            joined += "\n" + line
        elif _CUT_DATE.search(joined[-_END:]) and re.match(r"\d{1,4}(?![\d.])", line):
            joined += line  # a date that the column was too narrow for
        elif (cut := _CUT_WORD.search(joined[-_END:])) and (rest := re.match(r"[^\W\d_]+", line)) and line[0].islower():
            joined = (joined if is_compound(cut.group(1), rest.group()) else joined[:-1]) + line
        else:
            joined += " " + line
    return joined


def set_lines(text: str) -> str:
    """Return a text with the line breaks that stand in it, spaces collapsed and no empty lines."""
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))
