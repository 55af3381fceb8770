"""Cutting a cell at what a person meant as separators: marks, lines, «и» between two bodies."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from reading.bodies.naming import GENERIC_GROUP, in_nominative, is_group, oblique, upright
from reading.bodies.words import (
    ABBREVIATION,
    ADJECTIVES,
    AWAITS_NOUN,
    BODY_HEAD,
    COMPOUND,
    EXAM,
    FIELD,
    FIELDS_BEFORE,
    GOVERNS,
    LEGAL,
    NEXT_IN_NOMINATIVE,
    NOMINATIVE_ORGAN,
    NOMINATIVE_ROLE,
    NUMBERED,
    OF_MANY,
    ORGANS,
    PERSON,
    PERSON_TEXT,
    PLURAL,
    ROLES,
    SUBJECT,
    SUBSTANTIVE,
    starts,
)
from reading.compounds import is_compound

_NEXT_NUMBER = re.compile(r"№?\s*\d{1,4}(?![\d\w-])(?!\s*кл)")

_SHORTENED = re.compile(r"им|гор|пос|ст|обл|зам|пом|зав|отв|рук|кл|соц|пед|мед|гл|вед|спец|уч|ул|дер", re.IGNORECASE)
"""Words that end with a full stop of their own."""

_OF_AUTHORITY = re.compile(
    r"(?:администрации|мэрии|управления|комитета|отдела|министерства|департамента|правительства|района|города|округа|области|края|республики|организаций|учреждений|объединений|школ|районов|служб|центров)(?![а-яё])",
    re.IGNORECASE,
)
"""What an authority belongs to, in the genitive: the next line of its name."""

_AGENCY = re.compile(r"(?:Т?КДН|ПДН|О?МВД|УМВД|ОВД|О?ГИБДД|УФСБ|МЧС|ОНД|ЦСОН)")
_SQUAD = re.compile(r"О?ПДН|О?ГИБДД|ОУУП|ОНД")
"""What an agency is made of: «ПДН ОМВД»."""
_OFFICER = re.compile(
    r"инспектор|сотрудник|представител|начальник|специалист|член|секретар|председател|глав", re.IGNORECASE
)
"""Agencies that no post of a school belongs to, and the posts that they have themselves."""
_RELATIONAL = re.compile(
    r"(?i)(?:руководител|председател|представител)[ьи]|(?:начальник|сотрудник|работник)и?|члены?|заведующ(?:ий|ая|ие)|"
    r"филиалы?|актив|глав[аы]"
)
"""Words that say nothing without what they are of."""
_WHOLE = re.compile(r"(?i)(?:мин|рос)[а-яё]{4,}")
"""An authority in one word: «Рособрнадзор», «Минпросвещения»."""
_PUPILS = re.compile(r"(?i)родител|учен|уча|обуча|волонт")
"""People of a school that need no school in their name."""
_EITHER = re.compile(
    "школы|группы|гимназии|комиссии|службы|учреждения|организации|объединения|отделения|предприятия|библиотеки",
    re.IGNORECASE,
)
"""Several of them, or of one in the genitive."""
_SHORT_POST = re.compile(r"(?i)(?:за[мв]|пом|кл|соц|рук|уч|учит|препод|воспит|физ|муз|библ)[.-]")
_BARE_ORGAN = re.compile(
    r"(?:управление|отделы?|департамент|комитет|администрация|центр|совет|комиссия|служба|бухгалтерия|органы|коллектив)",
    re.IGNORECASE,
)
"""An organ whose name goes on in the next line."""
_NEXT_IN_PLURAL = re.compile(r"[а-яё-]+(?:ые|ие)\s+([а-яё]+)")

_HYPHENATED = re.compile(r"([А-ЯЁа-яё]+)-\s*\n\s*([а-яё]+)")

_TEACHES = re.compile(r"уч(?:\.|ит\.?|ител[а-яё]+)\s*[а-яё]", re.IGNORECASE)
"""A teacher and the beginning of a subject: two letters behind «и» are another («башкирского языка и КБ»)."""

_GENITIVE_OF_MANY = re.compile(
    r"(?:[оеё]в|услуг|школ|дорог|служб|групп|сил|дел|прав|лиц|мест|вод|наук|рек|закупок|ниц|тек|культур|ссуд|сетей|техник|систем|программ|бумаг|касс)$"
)
"""Several of a kind, in the genitive; «акимат» and «домком» are bodies."""
_AGENT = re.compile(r"(?:тор|ёр|ист|лог|гог|[^и]ник|чик|щик|вод|граф|вед|ент|ант)$")
"""How people are called, one of them: «звукооператор»."""
_NO_BODY = re.compile(
    rf"{SUBJECT.pattern}|{EXAM.pattern}|{FIELD}|ГО|ЧС|ПБ|ТБ|ОТ|ПДД|БДД|ЗОЖ|ГТО|ПАВ|ДДТТ|ЦОС|ООП|ФОП|РИС"
)
"""Abbreviations of what a post is for: subjects, exams, safety."""


def tidy(cell: str) -> str:
    """Return a cell without marks of lists, hidden characters and hyphens of line breaks; its lines stay lines."""
    text = re.sub("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]", "", cell).replace(
        "\u00a0", " "
    )
    text = re.sub(r"(?m)^\s*(?:[•▪●◦·✓]\s*|\d{1,2}[.)]\s+(?=\D))|(?<=[;,])\s+\d{1,2}\)\s+(?=\D)", "", text)
    if re.match(r"\s*[-–—*]\s", text):  # a list; else a dash at the start of a line is the one of «Иванова – директор»
        text = re.sub(r"(?m)^\s*[-–—*]\s+", "", text)
    text = re.sub(r"\s*\n\s*(?=(?:и|[–—-])\s)|(?<=\sи)\s*\n\s*|(?<=\s[–—-])\s*\n\s*", " ", text)
    text = re.sub(r"[,;]?\s*(?:и\s+др(?:угие|\.)?|и\s+т\.\s?[дп]\.)\s*$", "", text)
    text = _HYPHENATED.sub(
        lambda m: f"{m.group(1)}-{m.group(2)}" if is_compound(*m.groups()) else "".join(m.groups()), text
    )
    text = re.sub(r"(?<=[а-яё])\*+|\*+(?=\s|$)|<\s*[\d*]+\s*>", "", text)
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


Verdict = Literal["apart", "together", "unsure"]
"""What two neighbours in a cell are: two bodies, parts of one, or parts of one with nothing that would prove it."""


class Piece(NamedTuple):
    """A piece of a cell and the separator before it: a mark, a line break or «и»."""

    text: str
    joint: str


def cut(text: str, unsure: list[str], *, beside: bool) -> list[Piece]:
    """Cut at separators outside of quotes and brackets; `beside`: behind «совместно с», in another case.

    What was left together without proof is added to `unsure`.
    """
    text = _unwrapped(text, unsure)
    outside = _outside(text, nested=True) or _outside(text, nested=False)  # «ЦВР «Радуга»: one mark closes both
    if outside is None:  # an unclosed quote or bracket: the marks say nothing
        pieces = [Piece(raw, ",") for raw in re.split(r"[,;\n]", text)]
    else:
        pieces, start, joint = [], 0, ""
        for at in outside:
            if _separates(text, at, unsure, beside=beside):
                pieces.append(Piece(text[start:at], joint))
                start = at + (3 if text[at] == " " else 1)  # « и » goes with the space before it
                joint = "и" if text[at] == " " else text[at]
        pieces.append(Piece(text[start:], joint))
    plain = [Piece(" ".join(raw.split()).strip(" ,;"), joint) for raw, joint in pieces]
    return [piece for piece in plain if piece.text]


def _outside(text: str, *, nested: bool) -> list[int] | None:
    """Return the places outside of quotes and brackets, or None where one is not closed."""
    places: list[int] = []
    depth = 0
    quoted = False
    for at, c in enumerate(text):
        if c in "([«„“" and not (c == "“" and quoted):
            depth += 1 if nested or c in "([" or depth == 0 else 0
        elif c in ")]»”" or (c == "“" and depth):
            depth = max(0, depth - 1)
        elif c == '"':
            quoted = not quoted
        elif depth == 0 and not quoted:
            places.append(at)
    return None if depth or quoted else places


def _separates(text: str, at: int, unsure: list[str], *, beside: bool) -> bool:
    c, before, after = text[at], text[:at].rstrip(), text[at + 1 :].lstrip()
    if c in ";,":
        return True
    if c == "/":
        return _slash_separates(before, after, spaced=text[at - 1 : at].isspace() and text[at + 1 : at + 2].isspace())
    if c == "\n":  # `_unwrapped` has left those that separate
        return True
    if c == ".":
        return _stop_separates(before, text[at + 1 :])
    if c == " " and text[at + 1 : at + 3] == "и ":
        verdict = _at_and(before, upright(text[at + 3 :]) if beside else text[at + 3 :])
        if verdict == "unsure":
            unsure.append(_around(before, f"и {after[2:]}"))
        return verdict == "apart"
    return False


def _around(before: str, after: str) -> str:
    """Return the place where two pieces meet, for a person to look at."""
    return f"{re.split(r'[,;/]', before)[-1].strip()} {re.split('[,;/]', after, maxsplit=1)[0].strip()}".strip()


def _slash_separates(before: str, after: str, *, spaced: bool) -> bool:
    """Tell «УО / ОО» from «и/или», «д/с», «2021/22» and «ссузов/вузов», which are one name."""
    if re.search(r"(?<![а-яё])и$", before) or re.match("или(?![а-яё])", after):
        return False
    paired = re.search(r"[а-яё](ов|ев|ей)$", before)
    if paired and re.match(rf"[а-яё]+{paired.group(1)}(?![а-яё])", after):
        return False
    shortened = re.search(r"(?<![а-яё])[а-яё]{1,2}$", before) and re.match(r"[а-яё]{1,2}(?![а-яё.])", after)
    return spaced or not (shortened or after[:1].isdigit())


def _stop_separates(before: str, rest: str) -> bool:
    """Tell whether a full stop ends a body («Директор ОО. Зам. директора», «УО.ОО») and not a shortened word."""
    last, after = re.split(r"[\s.,;/]", before)[-1], rest.lstrip()
    if re.fullmatch("[А-ЯЁ]{2,}", last) and re.match("[А-ЯЁ]{2,}", rest):
        return True
    if re.search(rf"(?:{PERSON_TEXT})$", before) and before.endswith("."):  # «Иванова И.И..Кл. руководители»
        return bool(starts(after))
    return (
        (len(last) > 1 or last == ")" or bool(re.search(r"\s№?\s*\d$", before)))
        and rest[:1] in {" ", "\n"}
        and bool(starts(after))
        and not SUBSTANTIVE.search(last)
        and (not _SHORTENED.fullmatch(last) or bool(re.search(r"(?i)кл\.\s*рук$", before)))
        and after[:1].isupper()
    )


def _unwrapped(text: str, unsure: list[str]) -> str:
    """Return a text without the line breaks of a narrow column: those that begin no other body."""
    first, *lines = text.split("\n")
    whole = first
    for n, line in enumerate(lines):
        inside = whole.count("«") > whole.count("»") or whole.count("(") > whole.count(")") or whole.count('"') % 2
        verdict = "together" if inside else _at_line(whole.rstrip(), "\n".join(lines[n:]).lstrip())
        if verdict == "unsure":
            unsure.append(_around(whole.split("\n")[-1], line))
        whole += ("\n" if verdict == "apart" else " ") + line
    return whole


def _at_line(before: str, after: str) -> Verdict:
    """Tell whether a line begins another body or goes on with the one before."""
    if not before or not after or before[-1] in ",;":
        return "apart"
    last, first = before.rsplit(maxsplit=1)[-1], after.split(maxsplit=1)[0]
    goes_on: Verdict
    if PERSON.match(after):
        return _at_person(before, after)
    if re.search(rf"(?:{PERSON_TEXT})$", before):
        goes_on = "together" if re.match(r"[(–—-]", after) else "unsure"
        return "apart" if starts(after) else goes_on
    if _calls_for_more(before, after):
        of_adjective = AWAITS_NOUN.fullmatch(last) and oblique(last) and re.fullmatch(LEGAL, first)
        return "unsure" if of_adjective else "together"
    if not starts(after):
        of_what = _RELATIONAL.fullmatch(last) and first.rstrip(".,;").endswith("ка")  # «руководитель / кружка»
        complete = in_nominative(first) and not (_cut_short(last) or of_what)
        return "unsure" if complete else "together"
    of_several = re.match(r"(?i)администрации\s+\S+[ыи]х\s", after)  # or several of them
    goes_on = "unsure" if of_several else "together"
    return goes_on if _goes_on(last, after) else _post_and_office(before, after)


def _at_person(before: str, after: str) -> Verdict:
    """Tell a person in the next line whose post stands in this one («зам. директора / Иванова И.И.») from another body."""
    *_, ahead, post = ["", *(part.strip() for part in re.split(r"[,;\n]|\sи\s", before) if part.strip())]
    if re.search(r"(?:^|\s)(?:(?:имени|им\.)(?:\s+[а-яё]+){0,4}|\S*:)$", before):
        return "together"
    of_another = PERSON.search(post) or (PERSON.fullmatch(ahead) and post[:1].islower())
    if not _one_post(post) or of_another:
        return "apart"
    return "unsure" if re.match(rf"{PERSON_TEXT}\s*[–—-]\s", after) else "together"  # who has a post of his own


def _cut_short(last: str) -> bool:
    """Tell a shortened word («соц.»): what stands behind it says the rest."""
    return last.endswith(".") and not PERSON.search(last)


def _calls_for_more(before: str, after: str) -> bool:
    """Tell a line that does not end a name: by a preposition, an adjective, a legal form, a dash; or a bracket behind it."""
    last, first = before.rsplit(maxsplit=1)[-1], re.split(r"[\s,;]", after, maxsplit=1)[0]
    adjective = last.rsplit(".", maxsplit=1)[-1].strip("()")
    return bool(
        after.startswith("(")
        or (re.fullmatch(rf"{LEGAL}|ДО|ДПО|ДОД", last) and not re.search(r"\s(?:ОУ|ООО|УДО)$", before))
        or re.search(
            r"(?i)(?<![а-яё]\.)(?<![а-яё]\.\s)(?<![а-яё])рук\.?$|(?:бюджет|автоном|казен|унитар)ное\s+(?:учреждение|предприятие)$",
            before,
        )
        or GOVERNS.search(last)
        or (SUBSTANTIVE.search(last) and not re.search(r"\d\s*кл\.$", before))
        or (
            AWAITS_NOUN.fullmatch(adjective)
            and not (oblique(adjective) and _begins_whole(after, first) and not _EITHER.fullmatch(first))
        )
        or last.endswith(("-", "–", "—", ":"))
        or COMPOUND.match(f"{last} {after}")
        or EXAM.fullmatch(f"{last} {first}")
    )


def _post_and_office(before: str, after: str) -> Verdict:
    """Tell a bare post with its office in the next line («сотрудники / ГИБДД») from two bodies.

    «Библиотекарь / РЦОИ» may be either: the post belongs to an office that sends such people, or asks for any.
    """
    *_, body = re.split(r"[,;\n]", before)
    last = body.split()[-1]
    head = last.rstrip(".")
    if last.endswith(("»", '"')):
        return "apart"
    if ABBREVIATION.match(after) and oblique(head):
        return "unsure"
    if _AGENCY.match(after):
        of_it = (
            _OFFICER.match(head)
            or re.fullmatch("(?i)отдел[аы]?|(?:отделени|управлени)[ея]", head)
            or (_SQUAD.fullmatch(head) and not _SQUAD.match(after))
        )
        led = re.match("(?i)директор|заведующ", head)
        return "together" if of_it else "unsure" if led else "apart"
    bare = BODY_HEAD.fullmatch(head) and not (ABBREVIATION.fullmatch(head) or oblique(head) or _EITHER.fullmatch(head))
    first = re.split(r"[\s,;]", after)[0]
    named = re.fullmatch("[А-ЯЁ][а-яё]+[бвгджзклмнпрстфхцчшщьо]", first) and not oblique(
        first
    )  # no genitive: «Профком»
    if not bare or named or _WHOLE.fullmatch(head) or _in_nominative(after):
        return "apart"
    posts = PLURAL.fullmatch(head) and re.match("|".join(ROLES), head, re.IGNORECASE) and not _PUPILS.match(head)
    of_each = posts and (GENERIC_GROUP.match(first) or first == "ГПД")
    of_this = (_RELATIONAL.match(head) and body.strip() == last) or (
        re.fullmatch(LEGAL, first) and re.match("(?i)(?:ди)?ректор", head)
    )
    return "together" if of_each or of_this else "unsure"


def _in_nominative(text: str) -> bool:
    """Tell a text that begins with a post or an organ in the nominative, also behind its adjective."""
    word = text.split(maxsplit=1)[0]
    noun = _NEXT_IN_PLURAL.match(text) or NEXT_IN_NOMINATIVE.match(text[:1].lower() + text[1:])
    return bool(
        _names_whole(re.split("[,;]", word)[0].rstrip("."))
        or SUBSTANTIVE.match(word)
        or _SHORT_POST.match(word)
        or PLURAL.fullmatch(re.split("[,;]", word)[0])
        or (noun and (_names_whole(noun.group(1)) or PLURAL.fullmatch(noun.group(1))))
    )


def _goes_on(last: str, after: str) -> bool:
    """Tell a line that begins in the genitive, with a subject or a territory: no body begins so."""
    first = re.split(r"[\s,;]", after, maxsplit=1)[0].rstrip(".")
    if OF_MANY.match(after) or _OF_AUTHORITY.match(after) or _NO_BODY.fullmatch(first) or re.match("ПК и ПРО", after):
        return True
    if re.fullmatch("Р[А-Я]|РСО|КБР|КЧР|ХМАО|ЯНАО", first):
        return True
    if _EITHER.fullmatch(first):  # or several of them, behind a whole name
        return bool(NOMINATIVE_ROLE.fullmatch(last) or PLURAL.fullmatch(last) or _BARE_ORGAN.fullmatch(last))
    return oblique(first) and not _masculine(after)


def _one_post(text: str) -> bool:
    """Tell «зам. директора по УВР», the post of the person on the next line, from posts of several and from organs."""
    first = re.split(r"[\s]", text, maxsplit=1)[0]
    return bool(
        (
            re.match(
                rf"(?i)зам|зав|и\.\s?о\.|гл\.|вед\.|ст\.|кл\.\s*рук|соц\.|ответственн(?:ый|ая)\s|(?:[а-яё]+(?:ый|ий|ая)\s+)+(?:{'|'.join(ROLES)})",
                text,
            )
            and starts(text)
        )
        or NOMINATIVE_ROLE.fullmatch(first)
        or re.fullmatch("(?i)методисту|директору|начальнику|специалисту|заместителю", first)
    ) and not is_group(text)


def _at_and(before: str, after: str) -> Verdict:
    """Tell whether «и» stands between two bodies or inside the name of one."""
    head = re.split(r"[,;/\n]", before)[-1].strip()
    word = re.split(r"[\s/]", after)[0]
    first = word.strip(",;.")
    if NUMBERED.search(before) and _NEXT_NUMBER.match(after):  # «№ 5 и № 7», «№№ 2, 5 и 8»
        return "apart"
    if NUMBERED.search(before) and starts(after) and re.match(r"[^,;\n]*?№\s*\d", after) and not oblique(first):
        return "apart"  # «больница № 1 и поликлиника № 2»
    if not head or not first or _one_name(head, first):
        return "together"
    role_left = re.match(rf"(?:{ADJECTIVES})*(?:{'|'.join(ROLES)})", head, re.IGNORECASE)
    if ABBREVIATION.match(first):
        taught = _TEACHES.match(head) and re.fullmatch("[А-ЯЁ]{2}", first) and not GENERIC_GROUP.match(first)
        named: Verdict = "unsure" if role_left and _of_institution(head) else "apart"
        return "together" if taught or _NO_BODY.fullmatch(first) else named
    if PERSON.match(after) or _begins_whole(after, word):
        return "apart"
    of_many = _GENITIVE_OF_MANY.search(first) and " " in head and not _AGENT.search(first)  # «рынка и услуг»
    inside = oblique(first) or OF_MANY.match(after) or (of_many and not starts(after))
    may_begin = in_nominative(first) or first[:1].isupper() or starts(after)
    return "unsure" if not inside and (may_begin or _is_complete(head)) else "together"


def _is_complete(head: str) -> bool:
    """Tell a body that nothing is missing of: one word, a name in quotes or with its bracket, a person."""
    last = head.rsplit(maxsplit=1)[-1]
    closed = head.endswith(("»", ")", '"')) or re.search(rf"(?:{PERSON_TEXT})$", head) is not None
    alone = " " not in head and not _RELATIONAL.fullmatch(head) and not AWAITS_NOUN.fullmatch(head)
    return closed or (alone and (_names_whole(last) or PLURAL.fullmatch(last) is not None))


def _begins_whole(text: str, word: str) -> bool:
    """Tell a text that begins with a post or an organ in the nominative, in full, shortened or behind its adjectives."""
    if not starts(text):
        return False
    first = word.strip(",;.")
    noun, several = NEXT_IN_NOMINATIVE.match(text), _NEXT_IN_PLURAL.match(text)
    return bool(
        _names_whole(first)
        or SUBSTANTIVE.match(word)
        or _SHORT_POST.match(word)
        or re.match(r"и\.\s?о\.|врио|(?i:вс[её]|кажд(?:ый|ая|ое))(?![а-яё])", text)
        or (noun and _names_whole(noun.group(1)))  # «и родительский комитет»
        or (several and PLURAL.fullmatch(several.group(1)))  # «и общественные организации»
        or (first[:1].isupper() and not oblique(first))
        or _masculine(text)
    )


def _masculine(text: str) -> bool:
    """Tell «городской центр» from «городской библиотеки»: the adjective ends alike in both."""
    noun = re.match(r"[а-яё-]+ой\s+([а-яё]+[бвгджзклмнпрстфхцчшщ])(?![а-яё])", text)
    return noun is not None and _names_whole(noun.group(1))


def _one_name(head: str, first: str) -> bool:
    """Tell «по УВР и ВР», «КДН и ЗП», «ГО и ЧС», «по связям с общественностью и СМИ»: what stands behind «и» is no body."""
    fields = FIELDS_BEFORE.search(head) and re.fullmatch(FIELD, first)
    abbreviated = re.search(r"(?<![А-ЯЁ])(?:Т?КДН|ПК|ГО|О?НД|УНД|ФК|ОТ)$", head)
    abbreviated = abbreviated and re.fullmatch("ЗП|ЗПП?|ПРО?|ЧС|С|[ТПЭБ]Б|защит[еы]", first)
    return bool(fields or abbreviated or (first == "СМИ" and re.search(r"\sсо?\s", head)))


def _of_institution(post: str) -> bool:
    """Tell «методисты ИМЦ», «директор школы», «члены ГЭК»: «и» may add another institution to it."""
    named = BODY_HEAD.match(post)
    words = [w.strip('«»"(),.') for w in post[named.end() if named else 0 :].split()]
    return any(
        re.match(rf"(?!поселени)(?:{'|'.join(ORGANS)})", w, re.IGNORECASE)
        or (ABBREVIATION.match(w) and not _NO_BODY.fullmatch(w))
        for w in words
    )


def _names_whole(noun: str) -> bool:
    return bool(NOMINATIVE_ROLE.fullmatch(noun) or NOMINATIVE_ORGAN.fullmatch(noun))
