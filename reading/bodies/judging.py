"""Looking at a body that came out of a cell for a second one inside it, which no separator showed."""

from __future__ import annotations

import re

from reading.bodies.naming import PEOPLE
from reading.bodies.words import BODY_HEAD, COMPOUND, LEGAL, NOMINATIVE_ORGAN, NOMINATIVE_ROLE, PERSON, PLURAL

_ALSO_GENITIVE = re.compile(
    r"(?:школ|гимнази|комисси|служб|групп|организаци|учреждени|объединени|управлени|администраци|библиотек|медсестр|старост|компани|"
    r"предприяти|глав|отделени|министерств)[ыияао]|(?:директор|учител|педагог|повар|врач|сторож|мастер)[ая]",
    re.IGNORECASE,
)
"""Nominatives that are genitives of one as well: «директора школы», «заместитель главы»."""


def holds_another(text: str) -> bool:
    """Tell a body whose words hold a second post or organ in the nominative, or a bracket that was torn apart."""
    if text.count("(") != text.count(")"):
        return True
    if re.search(rf"[»\"]\s+{LEGAL}\s", text):  # «Центр «Радуга» МБОУ …»
        return True
    text = re.sub(r"«[^»]*»|\"[^\"]*\"|\([^()]*\)|,.*", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*[-–—]\s*", "-", text)  # «Педагог - психолог», «заместитель – начальник отдела»: one
    if PERSON.search(text):  # and the post, whichever comes first
        return len(PERSON.findall(text)) > 1
    head = COMPOUND.match(text) or _HEAD.match(text)
    words = re.findall(r"(?<![а-яё-])[А-ЯЁа-яё-]+", text[head.end() :] if head else "")
    return any(
        any(known.fullmatch(word) for known in (NOMINATIVE_ROLE, NOMINATIVE_ORGAN, PLURAL, PEOPLE))
        and not _ALSO_GENITIVE.fullmatch(word)
        for word in words
    )


_HEAD = re.compile(rf"(?:{LEGAL}\s+)*(?:[А-ЯЁа-яё-]+(?:ые|ие|ый|ий|ая|ое)\s+){{0,4}}(?i:{BODY_HEAD.pattern})")
