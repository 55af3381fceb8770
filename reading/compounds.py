"""Hyphens at the ends of lines: of a compound word, or made by the end of the line."""

from __future__ import annotations

import re

_ADVERBS = re.compile(
    r"учебно|научно|психолого|медико|социально|информационно|организационно|художественно|физкультурно|культурно|спортивно|"
    r"естественно|финансово|хозяйственно|административно|материально|лечебно|духовно|военно|нормативно|программно|контрольно|"
    r"консультативно|общественно|творчески|санитарно|природно|историко|литературно|экспертно|кадрово|жилищно|план",
    re.IGNORECASE,
)
_NOUNS = re.compile(
    r"учит[а-яё]*|рук|педагог[а-яё]*|преподавател[а-яё]+|школ[аыеу]|инженер[а-яё]*|сестр[аыеу]|член[а-яё]*",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"январ[ьяе]|феврал[ьяе]|март[ае]?|апрел[ьяе]|ма[йяе]|ию[нл][ьяе]|август[ае]?|(?:сентя|октя|ноя|дека)бр[ьяе]",
    re.IGNORECASE,
)
_ENDING = re.compile(r"ическ|[а-яё]{1,4}(?![а-яё])")
"""What may follow a noun as a part of the same word: «педагог-ического», «инженер-ного»."""


def is_compound(first: str, second: str) -> bool:
    """Tell «педагог-психолог», «май-июнь» and «ЕГЭ-тренинг» from «обра-зования»; the parts are as the lines have them."""
    if first.isupper() or _MONTHS.fullmatch(first) or _ADVERBS.fullmatch(first):
        return True
    return _NOUNS.fullmatch(first) is not None and not _ENDING.match(second)
