"""What a comma cut off and still belongs to one body: clauses, subjects, numbers of classes, shared schools."""

from __future__ import annotations

import re
from itertools import takewhile

from reading.bodies.cutting import Piece
from reading.bodies.naming import DATIVE, in_nominative, is_group, oblique
from reading.bodies.words import (
    BODY_HEAD,
    EXAM,
    FIELD,
    FIELDS_BEFORE,
    GOVERNS,
    NOMINATIVE_ORGAN,
    NOMINATIVE_ROLE,
    NUMBERED,
    OF_MANY,
    ORGANS,
    PERSON,
    PLURAL,
    SUBJECT,
    SUBSTANTIVE,
    starts,
)

_STAFF = re.compile(
    r"(?:директора|заместители|завучи|руководители|заведующие|педагоги|учителя|воспитатели)(?![а-яё-])", re.IGNORECASE
)
"""Posts of schools, which two may share: «директора и педагоги школ»."""

_SHARED = re.compile(
    r"(?<!по)(?<!за)\s((?:школ|гимназий|лицеев|детских\s+садов|(?:[а-яё-]+[ыи]х\s+)?(?:организаций|учреждений)|[СД]?ОО|ОУ|ДОУ|СОШ|М[БАК]?Д?ОУ)"
    r"(?![а-яёА-ЯЁ]).*)$"
)
"""Several institutions in the genitive, with their names or numbers, at the end of a post."""

_MASCULINE = re.compile(
    r"(?:[а-яё-]+[ыи]й\s+){0,3}(?:отдел|комитет|департамент|центр|совет|институт|фонд|штаб)(?![а-яё])", re.IGNORECASE
)
"""Organs that «ответственный за …» may speak of."""

_CLAUSE = re.compile(
    r"(?:(?!(?:заведу|ве|управля|уча|обуча)(?:ющ|дущ|щ)|[а-яё]*ственн|[а-яё]*(?:район|сезон|воен|постоян|времен|цион|пенсион)н)[а-яё]{3,}(?:ющи|ящи|вши|ащи|ущи|нны|емы|имы)(?:й|е|м|х|ми|ая|ее)(?:ся)?\b|(?:(?:на\s+базе|в|на|из|для|с)\s+)?котор\w+|в\s+том\s+числе|участв\w+|имеющ\w+|вошедш\w+|работающ\w+|согласно|по\s+(?:согласованию|направлени|принадлежности|компетенции|должности))",
    re.IGNORECASE,
)

_QUALIFIED = re.compile(
    r"(?i:(?:заинтересованн|подведомственн|уполномоченн|привлеченн|назначенн|ответственн(?=[а-я]+\s+(?!за\s)))(?:ый|ая|ое|ые))\s+(?:[а-яё]+(?:ые|ие)\s+)?(?:[А-ЯЁ]{2,}|[а-яё]+)"
)
"""A participle that stands before its own body: «заинтересованные ФОИВ»."""

_TOPIC = re.compile(
    r"(?:образовани[яю]|культур[ыеу]|спорт[ау]|наук[иеу]|молод[её]жн\w+|молод[её]жи|физической|опек[иеу]|семьи|туризм\w*|инноваци\w+|информ\w+|методик\w*|"
    r"воспитани\w+|детства|попечительств\w*|социальн(?:ой|ым)|здравоохранени\w+|труда|занятости|печати|связи|делам|развити\w+|информатик\w+|"
    r"информационн\w+|оценк\w+|аттестаци\w+|мониторинга|туристск\w+|экологи\w+)",
    re.IGNORECASE,
)

_GENITIVE = re.compile(
    rf"(?!{BODY_HEAD.pattern})[а-яё]{{3,}}(?:ства|[аеи]ния|ости|уры|ики|ии)(?![а-яё])", re.IGNORECASE
)
"""What a department is for, known or not: «Отдел ЖКХ, строительства и архитектуры»."""

_SUBJECTS = re.compile(
    r"^(?:учител|преподавател|педагог|специалист|методист)(?![а-яё]*-(?:орг|псих|библ|лог|деф))|\s(?:учител|преподавател)",
    re.IGNORECASE,
)

_CLASS = (
    r"(?:1[01]|[1-9]|(?:I{1,3}|IV|VI{0,3}|IX|XI?)(?![А-Яа-яё]))(?:\s?[«\"][А-Яа-я][»\"]|-?[а-яё]{1,3}|\s?[А-Е])?(?!\w)"
)
"""A class or its number: «9», «9-х», «9А», «11 «Б»», «IX»."""


def coordinated(pieces: list[Piece]) -> list[Piece]:
    """Give a bare post the institution that the post behind «и» names: «директора и завучи школ № 1, 3», «… и педагоги ДОУ»."""
    result: list[Piece] = []
    for n, piece in enumerate(pieces):
        after = pieces[n + 1].text if n + 1 < len(pieces) and pieces[n + 1].joint == "и" else ""
        both = _STAFF.fullmatch(piece.text) and _STAFF.match(after)
        shared = _SHARED.search(after) if both else None
        if shared is None:
            result.append(piece)
            continue
        numbers = takewhile(lambda other: other.text.isdigit(), pieces[n + 2 :]) if NUMBERED.search(after) else ()
        result += [piece._replace(text=f"{piece.text} {shared.group(1)}"), *numbers]
    return result


def joined(pieces: list[Piece], unsure: list[str]) -> list[str]:
    """Put back what a comma or a line inside one body cut off: clauses, fields of a department, numbers of classes.

    What was put back without proof is added to `unsure`.
    """
    result: list[str] = []
    named: list[str] = []
    for chunk, joint in pieces:
        before = result[-1] if result else ""
        closed = joint in {"и", ";", "/"} or re.search(r"№\s*\d+$", before) or before.isdigit()
        if not before or closed:  # «и» was looked at already, and the others are no commas
            result.append(chunk)
        elif PERSON.fullmatch(before) and _own_post(chunk):
            result[-1] = f"{before}, {chunk}"
            named.append(result[-1])
        elif _describes(before, chunk):
            result[-1] = f"{before}, {chunk}"
            if not re.search("(?i)лиц[ао]$", before):  # who is «лицо» is said only by what he answers for
                unsure.append(result[-1])
        elif _goes_on(before, chunk):
            result[-1] = f"{before}, {chunk}"
            if _may_be_another(before, chunk):
                unsure.append(result[-1])
        else:
            result.append(chunk)
    if not 1 < len(named) == sum(bool(PERSON.match(body)) for body in result):  # else each person has a post here
        unsure += named
    return result


def _describes(before: str, chunk: str) -> bool:
    """Tell «ответственный за …», which may speak of the body before it or be another."""
    return bool(re.match(r"(?i)ответственн\w+\s+за\s", chunk)) and _one_number(before, chunk)


def _goes_on(before: str, chunk: str) -> bool:
    organ = re.search(rf"(?:^|\s)(?:{'|'.join(ORGANS)})", before, re.IGNORECASE)
    first = chunk.split(maxsplit=1)[0]
    return bool(
        (
            _CLAUSE.match(chunk)
            and re.match("[а-яё].* ", chunk)
            and not _QUALIFIED.match(chunk)
            and not _agrees_with_next(chunk)
        )
        or (
            organ
            and (_TOPIC.match(chunk) or _GENITIVE.match(chunk))
            and chunk[:1].islower()
            and not in_nominative(first)
        )
        or re.match(rf"{_CLASS}(?:[\s,и-]+{_CLASS})*\s*кл(?:асс|\.|$)", chunk)
        or re.fullmatch(_CLASS, chunk)
        or (_SUBJECTS.search(before) and " " in before and re.fullmatch("[а-яё-]+", first) and not _may_begin(chunk))
        or (_SUBJECTS.search(before) and SUBJECT.fullmatch(chunk))
        or OF_MANY.match(chunk)
        or (EXAM.fullmatch(chunk) and re.search(rf"(?:{EXAM.pattern})$", before))
        or (FIELDS_BEFORE.search(before) and re.match(rf"{FIELD}(?![А-ЯЁа-яё])", chunk))
        or _agree(before, chunk)
        or re.match(r"(?:и|или)\s+(?:др|т\.)", chunk)
    )


def _may_be_another(before: str, chunk: str) -> bool:
    """Tell a piece that was put back and may be a body: «ресурсоснабжающие организации», «хозяйства всех форм собственности»."""
    clause = None if _TAKES_OBJECT.match(chunk) else _CLAUSE.match(chunk)
    second = [*chunk.split(), ""][1]
    whole = any(known.fullmatch(second) for known in (PLURAL, NOMINATIVE_ROLE, NOMINATIVE_ORGAN))
    taught = _SUBJECTS.search(before) and not (_TAUGHT.match(chunk) or SUBJECT.match(chunk) or re.match(_CLASS, chunk))
    return bool(clause and (BODY_HEAD.match(chunk) or whole)) or bool(_NEUTER_ALSO.match(chunk)) or bool(taught)


_TAUGHT = re.compile(
    r"(?i)(?:(?:русск|родн|английск|иностранн|немецк|белорусск|казахск)[а-яё]+\s|математик|алгебр|геометр|физик|хими|биолог|географ|истори|обществ|"
    r"литератур|язык|музык|изо|черчени|технолог|труд|физ|информатик|информац|ритмик|эколог|астроном|окружающ|начальн|предмет|дополнительн|основ|"
    r"безопасн|искусств|хореограф|эконом|прав[ао]|мхк|обж|икт)"
)
"""What is taught: what stands behind a comma after a teacher is another subject."""
_TAKES_OBJECT = re.compile(
    r"(?i)(?:осуществля|реализу|име|вед|оказыва|провод|организу|обеспечива|выполня|занима|участву|вход|работа|отвеча|курир|исполня|представля)"
)
"""Participles that say nothing without what stands behind them."""
_NEUTER_ALSO = re.compile(
    r"(?!строительства|производства|делопроизводства|агентства)(?:[а-яё]*хозяйства|товарищества|общества|предприятия|агентства)(?![а-яё])"
)
"""Several of a kind, and one in the genitive."""


def _may_begin(chunk: str) -> bool:
    """Tell a piece that may begin another body, known or not."""
    return bool(starts(chunk)) or in_nominative(chunk.split(maxsplit=1)[0])


def _agrees_with_next(chunk: str) -> bool:
    """Tell a participle that stands before its own noun: «централизованные библиотечные системы»."""
    words = re.match(r"[а-яё]+(?:нн|ем|им)(ые|ая|ый|ое)\s+(\S+)", chunk)
    return bool(words) and not oblique(words.group(2)) and in_nominative(words.group(2)) if words else False


def _one_number(before: str, chunk: str) -> bool:
    """Tell whether «ответственный за» may speak of the body before it: one of one, several of several."""
    said = re.match("(?i)ответственн(ый|ая|ые|ым)", chunk)
    if not said:
        return True
    first = (before.split() or [""])[0]
    if said.group(1) == "ый":
        post = NOMINATIVE_ROLE.fullmatch(first) or SUBSTANTIVE.fullmatch(first) or GOVERNS.fullmatch(first)
        one = PERSON.match(before) or _MASCULINE.match(before) or post
        return bool(one) and not is_group(before) and not re.search("(?i)[ая]я$|сестра$", first)
    one = re.match("(?i)зам", first) or NOMINATIVE_ROLE.fullmatch(first)
    return said.group(1) in {"ая", "ым"} or is_group(before) or not one


def _agree(before: str, chunk: str) -> bool:
    """Tell adjectives of one noun: «по учебной, воспитательной и методической работе», «… медицинской и социальной помощи»."""
    last = re.search(r"[а-яё-]{3,}(ой|ого|ых|их)$", before)
    return bool(last) and bool(re.match(rf"[а-яё-]{{3,}}{last.group(1)}\s", chunk)) if last else False


def _own_post(chunk: str) -> bool:
    """Tell a person's own post («заведующий МБДОУ № 18») from other people («педагоги»)."""
    first, *rest = chunk.split()[:2]
    titled = SUBSTANTIVE.fullmatch(first) and not first.startswith("зам")  # «кл. руководители»: the noun comes second
    return (
        first[:1].islower()
        and bool(NOMINATIVE_ROLE.match(first) or SUBSTANTIVE.fullmatch(first) or first in DATIVE)
        and not any(PLURAL.fullmatch(DATIVE.get(word, word)) for word in (first, *(rest if titled else ())))
    )
