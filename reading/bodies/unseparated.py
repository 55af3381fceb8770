"""Bodies that stand beside each other without any separator, told by the word that begins the next one."""

from __future__ import annotations

import re
from itertools import pairwise

from reading.bodies.naming import is_group
from reading.bodies.words import (
    ABBREVIATION,
    AWAITS_NOUN,
    COMPOUND,
    GOVERNS,
    LEGAL,
    NEXT_IN_NOMINATIVE,
    NOMINATIVE_ORGAN,
    NOMINATIVE_ROLE,
    ORGANS,
    PERSON,
    PLURAL,
    SUBSTANTIVE,
    starts,
)

_AUTHORITY = re.compile(
    r"(?:городское\s+|районное\s+|муниципальное\s+)?(?:управлени|отдел|комитет|департамент|министерств)[а-яё]*\s+\S|(?:Г|Р)?УО$|МОУО$|РОО$",
    re.IGNORECASE,
)
"""An authority that is named whole: what a school or a centre is never part of."""

_GROUP_HERE = re.compile(r"(?:ОО|ОУ|ДОУ|ДОО|ШМО|ГМО|РМО|ШНОР|ШНСУ)$")

_INSTITUTION = re.compile(r"[РГМ]?(?:ДДТ|ДДЮТ|ДТДМ|ДЮСШ|СШОР|СЮТ|СЮН|ДШИ|ДМШ|ДХШ|ДЮЦ|ЦДТ|ЦВР|ФОК)")
"""A kind of institution that stands for its only one in a town: two of them are two bodies."""

_ORGAN = re.compile("(?i:" + "|".join(ORGANS) + ")")

_FORM = re.compile(r"(?i)(?:[а-яё]+ое\s+)+(?:учреждение|предприятие)(?:\s+(?:культуры|дополнительного\s+образования))?")
"""A legal form in words, before the name."""

_TERRITORY = re.compile(r"А?(?:МР|ГО|МО|МГО)|АР|ГМР|АГ")
"""The district of an authority: «УО АМР», «ОО АМО»."""


def unseparated(chunk: str) -> list[str]:
    """Cut before each word that begins a body where the one before is complete."""
    protected = _protected(chunk)
    words = [(m.start(), m.group()) for m in re.finditer(r"\S+", chunk)]
    cuts = [0]
    for n in range(1, len(words)):
        at, word = words[n]
        if any(a < at < b for a, b in protected) or at <= cuts[-1]:
            continue
        before, current = words[n - 1][1], chunk[cuts[-1] : at].strip(" ,")
        if _begins_here(chunk[at:], word.strip(".,;"), before, current):
            cuts.append(at)
    pieces = [
        chunk[a:b].strip(" ,.;") if not PERSON.search(chunk[a:b]) else chunk[a:b].strip(" ,;")
        for a, b in zip(cuts, [*cuts[1:], len(chunk)], strict=True)
    ]
    return [p for p in pieces if p]


def _protected(chunk: str) -> list[tuple[int, int]]:
    spans = [m.span() for m in re.finditer(r"«[^»]*»|\"[^\"]*\"|\([^()]*\)", chunk)]
    spans += [m.span() for m in PERSON.finditer(chunk)]
    return spans + [m.span() for m in COMPOUND.finditer(chunk)]


def _begins_here(rest: str, word: str, before: str, current: str) -> bool:
    if GOVERNS.fullmatch(before) or before.endswith(("-", "–", "—", "№", ",")):
        return False
    if PERSON.match(rest):  # the post of several people is not the one of a person behind it
        several = _several_posts(current) and not re.fullmatch(r".*:|имени|им\.", before)
        return bool(PERSON.search(current)) or several
    if SUBSTANTIVE.fullmatch(before) or PERSON.fullmatch(current):
        return not SUBSTANTIVE.fullmatch(before) and word[:1].isupper() and bool(starts(rest))
    adjective = SUBSTANTIVE.fullmatch(word) or SUBSTANTIVE.fullmatch(rest.split(maxsplit=1)[0])
    if NOMINATIVE_ROLE.fullmatch(word) or (adjective and starts(rest)):
        generic = re.fullmatch(r"директора|учителя|педагога|повара", word, re.IGNORECASE)
        complete = starts(current) is not None
        return complete and not (generic and word[:1].islower()) and not AWAITS_NOUN.fullmatch(before)
    if word[:1].isupper() and _named_whole(rest) and not re.fullmatch(LEGAL, before):
        return starts(current) is not None and not AWAITS_NOUN.fullmatch(before)
    return _organ_begins(word, before, current)


def proven(pieces: list[str]) -> bool:
    """Tell pieces that can be nothing but bodies beside each other: people, and whoever is no post of theirs."""
    return all(
        PERSON.fullmatch(re.sub(r"\s*\([^()]*\)$", "", one))
        and (PERSON.match(other) or is_group(other) or _ORGAN.match(other))
        for one, other in pairwise(pieces)
    )


def _several_posts(text: str) -> bool:
    """Tell «классные руководители …» from «заместитель директора …»."""
    words = text.split(" ")
    first = re.fullmatch(r"(?i)[а-яё-]+[ыи]е|(?:кл(?:ас)?|соц|ст|муз)\.", words[0])
    return any(PLURAL.fullmatch(w) for w in words[1 if first else 0 :][:1])


def _named_whole(text: str) -> bool:
    """Tell «Городская библиотека …», «Музыкальный руководитель»: an adjective and its organ or post in the nominative."""
    named = NEXT_IN_NOMINATIVE.match(text[:1].lower() + text[1:])
    return bool(named and (NOMINATIVE_ORGAN.fullmatch(named.group(1)) or NOMINATIVE_ROLE.fullmatch(named.group(1))))


def _organ_begins(word: str, before: str, current: str) -> bool:
    """Tell whether a word begins another organisation: «УО ОО», «Управление образования МКУ …», «… Отдел …»."""
    if _TERRITORY.fullmatch(word) and re.fullmatch(r"(?:Г|Р)?УО", current):
        return False
    if _INSTITUTION.fullmatch(word) and _INSTITUTION.fullmatch(before):
        return True
    if re.fullmatch(LEGAL, word) and before.endswith(("»", '"')):  # «МБУК «МЦКДР» МБУК «МЦБ»»
        return bool(re.match(LEGAL, current))
    abbreviated = bool(ABBREVIATION.fullmatch(before)) and not NOMINATIVE_ROLE.fullmatch(before)
    if _GROUP_HERE.fullmatch(word):
        whole = abbreviated and not re.fullmatch(LEGAL, before)
        return whole or (bool(_AUTHORITY.match(current)) and not NOMINATIVE_ROLE.fullmatch(before))
    if ABBREVIATION.fullmatch(word) and _AUTHORITY.match(current):
        return abbreviated or bool(re.fullmatch(LEGAL, word))
    capital = word[:1].isupper() and not word.isupper()
    return (
        capital
        and bool(NOMINATIVE_ORGAN.fullmatch(word))
        and starts(current) is not None
        and not re.fullmatch(LEGAL, before)
        and not _FORM.fullmatch(current)
    )
