"""The name of a body in the nominative, and whether it is one body, several or a person."""

from __future__ import annotations

import re

from reading.bodies.registry import Kind
from reading.bodies.words import NOMINATIVE_ORGAN, NOMINATIVE_ROLE, PERSON, PLURAL

GENERIC_GROUP = re.compile(
    r"(?:ОО|ОУ|ДОУ|ДОО|ОДО|УДО|УДОД|ШМО|ГМО|РМО|МО|МТГ|ШНОР|ШНСУ|ППЭ|СОШ|НОО|ООО|МБДОУ|МДОУ|МДОО|МОУ|МБОУ|МКОУ|МАОУ|ОБЩЕОБРАЗОВАТЕЛЬНЫЕ)$"
)

DATIVE = {
    "руководителям": "руководители", "начальнику": "начальник", "начальникам": "начальники", "директору": "директор",
    "директорам": "директора", "департаменту": "департамент", "управлению": "управление", "органам": "органы",
    "организациям": "организации", "учреждениям": "учреждения", "министерству": "министерство", "комитету": "комитет",
    "отделу": "отдел", "отделам": "отделы", "заместителю": "заместитель", "заместителям": "заместители", "заведующему": "заведующий",
    "заведующей": "заведующая", "заведующим": "заведующие", "методисту": "методист", "методистам": "методисты", "педагогам": "педагоги",
    "учителям": "учителя", "школам": "школы", "специалисту": "специалист", "специалистам": "специалисты", "центру": "центр",
    "председателю": "председатель", "администрации": "администрация", "главе": "глава", "главам": "главы", "совету": "совет",
    "родителям": "родители", "координатору": "координатор", "координаторам": "координаторы", "куратору": "куратор",
    "гимназии": "гимназия", "школе": "школа", "лицею": "лицей", "объединениям": "объединения", "учреждению": "учреждение",
    "председателям": "председатели", "воспитателям": "воспитатели", "классным": "классные",
}  # fmt: skip

_SOFT = "руководител|учител|заместител|председател|воспитател|преподавател|представител|библиотекар|родител"

_VELAR = "педагог|начальник|наставник|психолог|работник|сотрудник|советник"

_HARD = "методист|специалист|координатор|куратор|тьютор|логопед|организатор|эксперт|инспектор"

_NEUTER = "управлени|объединени|учреждени|отделени"

_OBLIQUE = tuple(
    (re.compile(rf"(?i)((?:{stems})){ends}(?![а-яё])"), to)
    for stems, ends, to in (
        (_SOFT, "(?:ями|ей)", r"\1и"),
        (_SOFT, "(?:ем|я)", r"\1ь"),
        (_VELAR, "(?:ами|ов)", r"\1и"),
        (_HARD, "(?:ами|ов)", r"\1ы"),
        (f"{_VELAR}|{_HARD}", "(?:ом|а)", r"\1"),
        ("директор|учреждени", "(?:ами|ов)", r"\1а"),
        ("директор|отдел|комитет|департамент|центр|институт|совет", "(?:ом|а)", r"\1"),
        ("отдел|комитет|департамент|центр|институт|совет|орган", "(?:ами|ов)", r"\1ы"),
        (_NEUTER, "(?:ем|я)", r"\1е"),
        (_NEUTER, "(?:ями|й)", r"\1я"),
        ("министерств|агентств", "(?:ом|а)", r"\1о"),
        ("администраци|комисси|организаци|ассоциаци", "(?:ей|и)", r"\1я"),
        ("организаци|комисси", "(?:ями|й)", r"\1и"),
        ("служб|групп|школ", "(?:ой|ы)", r"\1а"),
        ("школ|служб", "ами", r"\1ы"),
        ("заведующ", "(?:ими|их)", r"\1ие"),
        ("заведующ", "(?:им|его)", r"\1ий"),
    )
)
"""Posts and organs in the instrumental and the genitive, and their nominative."""

_AGREES = {
    "ыми": "ые",
    "ими": "ие",
    "ых": "ые",
    "их": "ие",
    "ым": "ый",
    "им": "ий",
    "ого": "ый",
    "его": "ий",
    "ой": "ая",
    "ей": "яя",
}

_GENITIVE = re.compile(
    r"(?:об)?уча(?:ю)?щихся|[а-яё-]{4,}(?:[ыи]х|ого|его|[ое]й)|[а-яё]+(?:ников|телей|логов|истов)(?:-[а-яё]+)?|групп|школ|группы",
    re.IGNORECASE,
)
"""People and adjectives in the genitive."""
_AGREEING = re.compile(r"(?i)(?:[ыи]ми|[ыи]х|[ыи]м|[ое]го|[ое]й)$")


_ONE = {
    "школы": ("школа", "ая"), "гимназии": ("гимназия", "ая"), "лицеи": ("лицей", "ый"), "поликлиники": ("поликлиника", "ая"),
    "больницы": ("больница", "ая"), "библиотеки": ("библиотека", "ая"), "комиссии": ("комиссия", "ая"), "сады": ("сад", "ый"),
    "колледжи": ("колледж", "ый"), "техникумы": ("техникум", "ый"), "училища": ("училище", "ое"), "центры": ("центр", "ый"),
    "отделы": ("отдел", "ый"), "отделения": ("отделение", "ое"), "учреждения": ("учреждение", "ое"), "участки": ("участок", "ый"),
    "организации": ("организация", "ая"), "амбулатории": ("амбулатория", "ая"), "аптеки": ("аптека", "ая"), "дома": ("дом", "ый"),
    "музеи": ("музей", "ый"), "филиалы": ("филиал", "ый"), "бригады": ("бригада", "ая"),
}  # fmt: skip


def singular(name: str) -> str:
    """Return one of several that a number tells: «Поликлиники № 1» is «Поликлиника № 1», «Детские сады № 2» «Детский сад № 2»."""
    words = name.split()
    at = next((n for n, word in enumerate(words[:4]) if word.lower() in _ONE), None)
    if at is None or not all(re.search("(?:ые|ие)$", word) for word in words[:at]):
        return name
    noun, ending = _ONE[words[at].lower()]
    for n in range(at):
        stem = words[n][:-2]
        soft = {"ый": "ий", "ая": "ая", "ое": "ое"}[ending] if stem[-1:] in "кгхжшщч" else ending
        words[n] = stem + soft
    words[at] = noun.capitalize() if words[at][:1].isupper() else noun
    return " ".join(words)


def is_group(text: str) -> bool:
    """Tell several bodies of one kind: «руководители ОО», «все школы», «ШМО»."""
    words = re.findall(r"[А-ЯЁа-яё-]+", text)[:4]
    if not words:
        return False
    if re.match(r"кажд|все(?![а-яё])|всем", words[0], re.IGNORECASE):
        return True
    if PLURAL.fullmatch(words[0]) or (
        len(words) > 1 and re.search(r"(?:ые|ие|ым|им)$", words[0]) and any(PLURAL.fullmatch(w) for w in words[1:])
    ):
        return True
    return bool(GENERIC_GROUP.fullmatch(words[0])) and not re.search(r"[№«\"]|\d", text)


def kind_of(text: str) -> Kind:
    """Return whether a text names a person, a group or one body."""
    if PERSON.match(text):
        return "person"
    return "group" if is_group(text) else "body"


def upright(text: str) -> str:
    """Return a body behind «совместно с» or «при участии» in the nominative: its post or organ and what agrees with it."""
    words = text.split()
    for n, word in enumerate(words[:4]):
        plain = next((p.sub(to, word) for p, to in _OBLIQUE if p.search(word)), None)
        if plain is not None:
            words[n] = plain
            return " ".join(words)
        if not (agreeing := _AGREEING.search(word)):
            return text
        words[n] = word[: agreeing.start()] + _AGREES[agreeing.group().lower()]
    return text


def oblique(word: str) -> bool:
    """Tell a word of a body that is not in the nominative: «учителей», «Управления», «школьных», «обучающихся»."""
    if (
        NOMINATIVE_ROLE.fullmatch(word)
        or NOMINATIVE_ORGAN.fullmatch(word)
        or PLURAL.fullmatch(word)
        or word.lower() in DATIVE
    ):
        return False
    return any(p.match(word) for p, _ in _OBLIQUE) or bool(_GENITIVE.fullmatch(word))


def in_nominative(word: str) -> bool:
    """Tell a word that looks like the beginning of a name by its ending alone, known or not: «юнармейцы», «опека».

    Where the ending may be of a genitive as well («культуры», «спорта»), it is taken for one.
    """
    word = word.strip(" .,;:()").lower()
    return bool(_NOMINATIVE.fullmatch(word) or PEOPLE.fullmatch(word)) and not (_CASE.search(word) or oblique(word))


_CASE = re.compile(r"(?:[аояеыи]м|[аяыи]х|[ое]в|[ое]го)$|^[а-яё]{1,2}ая$|^[а-яё]{1,3}$")
"""Endings of other cases; and prepositions."""

PEOPLE = re.compile(
    r"(?i)[а-яё-]*(?:(?<!тех)(?<!мех)(?<!кли)(?<!тро)(?<!хро)ники|щики|чики|цы|тели|исты|ст[ыа]нты|[еёо]ры|[аи]нты|енты|логи|гоги|[ая]не)"
)
"""People of one kind by the ending, known or not: «дворники», «юнармейцы»."""


def is_people(text: str) -> bool:
    """Tell people of one kind whose name no list holds: «работодатели», «местные краеведы-энтузиасты»."""
    noun = next((word for word in text.split() if not re.fullmatch("(?i)[а-яё-]+[ыи]е", word)), "")
    return bool(PEOPLE.fullmatch(noun.strip(".,;").split("-")[-1]))


_NOMINATIVE = re.compile(
    r"[а-яё-]*(?:ый|[кгхжшщч]ий|(?<!е)(?<!а)ний|ая|яя|[ое]е|[ыи]е|о|ь|ка|[бвгджзклмнпрстфхцчшщ])"
    r"|[а-яё-]*(?<!ен)(?<!ан)(?<!т)(?<!в)ия"
)


def nominative(text: str) -> str:
    """Return a body that an order puts into the dative («директорам школ») in the nominative."""
    words = text.split()
    for n, word in enumerate(words[:3]):
        plain = DATIVE.get(word.lower())
        if word.lower() == "администрации" and re.match("[а-яё]+[ыи]х$", (words[n + 1 :] or [""])[0]):
            break  # «администрации сельских поселений»: several of them
        if plain is None:
            if re.search(r"(?:ым|им|ому|ему)$", word):
                continue
            break
        for k in range(n):
            words[k] = re.sub("ым$", "ые", re.sub("ому$", "ый", re.sub("им$", "ие", words[k])))
        words[n] = plain.capitalize() if word[:1].isupper() else plain
        break
    return " ".join(words).rstrip(" .,;") if not PERSON.search(text) else " ".join(words).rstrip(" ,;")
