"""Lines that the width of a column made, joined again: on a page of a PDF and in a table drawn with characters."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BULLET = re.compile(r"(?:[-–—•▪●]|\d{1,2}[.)])\s")
_CUT_DATE = re.compile(r"(?<!\d)\d{1,2}\.\d{1,2}\.\d{0,3}$")
_LONGEST_CUT = 10
"""Letters that this looks at, with the one before it: a cell may have thousands of lines."""
_COMPOUND = re.compile(
    r"(?:учебно|научно|психолого|медико|социально|информационно|организационно|художественно|физкультурно|культурно|спортивно|"
    r"естественно|финансово|хозяйственно|административно|материально|лечебно|духовно|военно|нормативно|программно|контрольно|"
    r"консультативно|общественно|творчески|санитарно|природно|историко|литературно|экспертно|план|приём|кадрово|жилищно|"
    r"учител[а-яё]+|педагог[а-яё]*|преподавател[а-яё]+|школ[а-яё]|инженер[а-яё]*|сестр[а-яё]|член[а-яё]*|"
    r"январ[а-я]|феврал[а-я]|март[а-я]?|апрел[а-я]|ма[йя]|ию[нл][а-я]|август[а-я]?|(?:сент|окт|но|дек)[а-я]*бр[а-я])",
    re.IGNORECASE,
)
"""What a hyphen at a line's end belongs to; any other was made by the end of the line."""
_LONGEST_WORD = 40


def unwrapped(lines: Iterable[str]) -> str:
    """Return a cell's text with its lines joined; a line that begins with a bullet was begun by a person."""
    joined = ""
    for padded in lines:
        line = " ".join(padded.split())
        if not joined:
            joined = line
        elif _BULLET.match(line + " "):
            joined += "\n" + line
        elif _CUT_DATE.search(joined[-_LONGEST_CUT:]) and re.match(r"\d{1,4}(?![\d.])", line):
            joined += line  # a date that the column was too narrow for
        elif joined.endswith("-") and len(joined) > 1 and joined[-2].isalpha() and line[:1].islower():
            joined = joined + line if _compound(joined) else joined[:-1] + line
        else:
            joined += " " + line
    return joined


def _compound(head: str) -> bool:
    """Tell a hyphen of the word («педагог-организатор», «май-июнь», «ГИА-9») from one that the line's end made."""
    first = re.split(r"[\s,(«/]", head[-_LONGEST_WORD:-1])[-1]
    return first.isupper() or _COMPOUND.fullmatch(first) is not None
