"""Reading cells of the column «Ответственные»: separate bodies, named people, groups, by a registry or without one.

A cell is cut at what a person meant as separators (commas, semicolons, lines, «и» between two bodies) and, where none
stands, before words that begin a body. What could also be one body stays one body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from typing import Any, Literal, NamedTuple

from orders.deadlines import is_deadline
from orders.doubts import doubt
from orders.findings import PlacedFinding

Kind = Literal["body", "group", "person"]
LIMIT = 2_000
"""Characters of a cell that are read."""
MOST_NUMBERS = 30
"""Numbers that a range of schools («№ 1-5») may hold; a longer one is rather one number."""


@dataclass(frozen=True, slots=True)
class Body:
    """One body of a cell: its words as they stand, its name in the nominative, its code where the registry has it."""

    name: str
    kind: Kind
    verbatim: str
    code: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the plain record."""
        return {"code": self.code, "name": self.name, "kind": self.kind, "verbatim": self.verbatim}


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A body that the office knows: a code, a name, other ways to write it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    kind: Kind = "body"


@dataclass(frozen=True)
class Registry:
    """The bodies that the office knows, found by any of their names in any case."""

    entries: tuple[RegistryEntry, ...]

    @cached_property
    def _by_key(self) -> dict[str, RegistryEntry]:
        return {body_key(name): entry for entry in self.entries for name in (entry.name, *entry.aliases)}

    def find(self, name: str) -> RegistryEntry | None:
        """Return the entry of that name: exactly, or without the name of its head in brackets."""
        return self._by_key.get(body_key(name)) or self._by_key.get(body_key(re.sub(r"\s*\([^()]*\)", "", name)))


def read_bodies(cell: str, registry: Registry | None = None) -> tuple[tuple[Body, ...], tuple[PlacedFinding, ...]]:
    """Return the bodies of a cell in its order, and what is doubtful about them; never raises for any text."""
    findings: list[PlacedFinding] = []
    text = _tidy(cell[:LIMIT])
    if len(cell) > LIMIT:
        findings.append(doubt("bodies-too-long", {"text": text[:60]}))
        return (), tuple(findings)
    if not text.strip(" -–—.,;*xх"):
        return (), (doubt("missing-body", {"text": text}),)
    if is_deadline(text):
        return (), (doubt("deadline-in-bodies", {"text": text}),)
    recommended = re.match(r"(?:рекомендовать|предложить|просить)\s+", text, re.IGNORECASE)
    if recommended:
        findings.append(doubt("recommendation", {"text": text}))
        text = text[recommended.end() :]
    text = _NAMED_WITHIN.sub("; ", _NAMED_AS.sub("", text))
    text = _NUMBER_RANGE.sub(lambda m: _numbers(m, findings), text)
    bodies: list[Body] = []
    for n, part in enumerate(_TOGETHER.split(text)):
        for chunk in _joined(_coordinated(_pieces(part, beside=n > 0))):
            bodies += _bodies(chunk, bodies[-1] if bodies else None, findings, beside=n > 0)
    found = tuple(_registered(body, registry, findings) for body in bodies)
    unknown = [b for b in found if not BODY_HEAD.match(b.name) and not PERSON.search(b.verbatim) and b.code is None]
    findings += [doubt("unclear-body", {"text": b.verbatim}) for b in unknown]
    return found, tuple(findings) if found else (*findings, doubt("missing-body", {"text": text}))


def body_key(name: str) -> str:
    """Return what two spellings of one body have in common: no case endings, quotes or usual expansions."""
    text = name.lower().replace("ё", "е")
    for pattern, short in _EXPANSIONS:
        text = pattern.sub(short, text)
    words = re.findall(r"[а-яa-z]+|\d+", text)
    return " ".join(_ENDING.sub("", w) if len(w) > 4 else w for w in words)  # noqa: PLR2004  short words are abbreviations


def _numbers(match: re.Match[str], findings: list[PlacedFinding]) -> str:
    """Return «№№ 1-5» as the numbers in it, if they are few."""
    first, last = int(match.group(1)), int(match.group(2))
    if not first < last <= first + MOST_NUMBERS:
        return match.group()
    listed = ", ".join(str(n) for n in range(first, last + 1))
    findings.append(doubt("number-range", {"text": match.group()}, listed))
    return f"№ {listed}"


# --- words -------------------------------------------------------------------------------------------------

_ENDING = re.compile(
    "(?:иями|ями|ами|иям|иях|его|ого|ему|ому|ими|ыми|ов|ев|ам|ям|ах|ях|ом|ем|ой|ей|ий|ый|ая|яя|ое|ее|ые|ие|ия|ию|ии|ую|юю|у|ю|а|я|о|е|и|ы|ь)$"
)
_EXPANSIONS = (
    (re.compile(r"(?:муниципальн[а-я]+\s+)?(?:обще)?образовательн[а-я]+\s+(?:организаци|учреждени)[а-я]+"), "оо"),
    (re.compile(r"(?<![а-я])оу(?![а-я])"), "оо"),
    (re.compile(r"(?<![а-я])(?:зам\.?\s*директор[а-я]*|замдиректор[а-я]*)"), "заместитель директора"),
    (re.compile(r"(?<![а-я])зам\.?(?![а-я])"), "заместитель"),
    (re.compile(r"(?<![а-я])кл\.\s*"), "классный "),
    (re.compile(r"(?<![а-я])соц\.\s*"), "социальный "),
    (re.compile(r"(?<![а-я])(?:городск[а-я]+\s+методическ[а-я]+\s+объединени[а-я]+)"), "гмо"),
    (re.compile(r"(?<![а-я])(?:школьн[а-я]+\s+методическ[а-я]+\s+объединени[а-я]+)"), "шмо"),
    (re.compile(r"(?<![а-я])(?:районн[а-я]+\s+методическ[а-я]+\s+объединени[а-я]+)"), "рмо"),
)
_LEGAL = r"(?:М[БАК]?(?:О|Д|ДО)?У(?:ДО|ДПО)?|М[БАК]ОУДО|М[БАК]Н?ОУ|[ГО][БАК]{0,2}(?:П|Д)?О?У(?:ДПО|ДО)?|ФГ[БА]О?У|КГ[БАК]У|ООО|АНО|ЧОУ|НОУ|ТМК|МУП|[МГ]УП)"
_TOGETHER = re.compile(
    r"[,;]?\s*(?<![а-яё])(?:совместно\s+со?|при\s+(?:участии|поддержке|содействии)|с\s+(?:участием|привлечением)|"
    r"во\s+взаимодействии\s+со?)\s+",
    re.IGNORECASE,
)
"""What puts the bodies behind it into the instrumental or the genitive."""
_NAMED_AS = re.compile(
    r"^(?:(?:отв|ответственн\w+|исполнител\w+|соисполнител\w+)\s*[:–—-]\s*|отв\.\s*:?\s*)", re.IGNORECASE
)
_NAMED_WITHIN = re.compile(
    r"(?i)\s*[.,;\n]\s*(?:ответственн(?:ый|ая|ые)|(?:со)?исполнител[ьи]|контроль|отв\.)\s*(?::|\s[–—-]\s)\s*|\s*(?:→|->|=>)\s*"
)
"""What part the next body takes, or an arrow, between two bodies."""
_NUMBER_RANGE = re.compile(r"№+\s*(\d{1,3})\s*[-–—]\s*(\d{1,3})(?![\d\w-])(?!\s*-?\s*[а-яё]*\s*класс)")
_NUMBERED = re.compile(r"№+\s*\d+(?:\s*(?:,|и)\s*№?\s*\d+)*$")
_NEXT_NUMBER = re.compile(r"№?\s*\d{1,4}(?![\d\w-])(?!\s*кл)")
_SHORTENED = re.compile(r"им|гор|пос|ст|обл|зам|зав|отв|рук|кл|соц|пед|мед|гл|вед|спец|уч|ул|дер", re.IGNORECASE)
"""Words that end with a full stop of their own."""
_FIELD = r"(?:[А-ЯЁ]{1,3}[РЧ]|ИКТ|ОБЖ|БЖ)"
_FIELDS_BEFORE = re.compile(rf"(?<![а-яё])по\s+{_FIELD}(?:(?:,|\s+и)\s+{_FIELD})*$")
_AUTHORITY = re.compile(
    r"(?:городское\s+|районное\s+|муниципальное\s+)?(?:управлени|отдел|комитет|департамент|министерств)[а-яё]*\s+\S|(?:Г|Р)?УО$|МОУО$|РОО$",
    re.IGNORECASE,
)
"""An authority that is named whole: what a school or a centre is never part of."""
_OF_AUTHORITY = re.compile(
    r"(?:администрации|управления|комитета|отдела|министерства|департамента|правительства|района|города|округа|области|края|республики|организаций|учреждений|объединений|школ|районов|служб|центров)(?![а-яё])"
)
"""What an authority belongs to, in the genitive: the next line of its name."""
_STAFF = re.compile(
    r"(?:директора|заместители|завучи|руководители|заведующие|педагоги|учителя|воспитатели)(?![а-яё-])", re.IGNORECASE
)
"""Posts of schools, which two may share: «директора и педагоги школ»."""
_SHARED = re.compile(
    r"(?<!по)(?<!за)\s((?:школ|гимназий|лицеев|детских\s+садов|(?:[а-яё-]+[ыи]х\s+)?(?:организаций|учреждений)|[СД]?ОО|ОУ|ДОУ|СОШ|М[БАК]?Д?ОУ)"
    r"(?![а-яёА-ЯЁ]).*)$"
)
"""Several institutions in the genitive, with their names or numbers, at the end of a post."""
_NEXT_IN_NOMINATIVE = re.compile(r"[а-яё-]+(?:ый|ий|ая|ое|ые|ие)\s+([а-яё]+)")
_NEXT_IN_PLURAL = re.compile(r"[а-яё-]+(?:ые|ие)\s+([а-яё]+)")
_HYPHENATED = re.compile(r"([А-ЯЁа-яё]+)-\s*\n\s*([а-яё]+)")
_FIRST_PARTS = re.compile(
    r"(?i)(?:учебно|научно|психолого|медико|социально|информационно|организационно|художественно|физкультурно|культурно|спортивно|"
    r"естественно|финансово|хозяйственно|административно|материально|лечебно|духовно|военно|нормативно|программно|контрольно|консультативно|"
    r"учител[а-яё]+|педагог[а-яё]*|преподавател[а-яё]+|школ[а-яё]|инженер[а-яё]*|сестр[а-яё]|член[а-яё]*)$"
)
_GROUP_HERE = re.compile(r"(?:ОО|ОУ|ДОУ|ДОО|ШМО|ГМО|РМО|ШНОР|ШНСУ)$")
_INSTITUTION = re.compile(r"[РГМ]?(?:ДДТ|ДДЮТ|ДТДМ|ДЮСШ|СШОР|СЮТ|СЮН|ДШИ|ДМШ|ДХШ|ДЮЦ|ЦДТ|ЦВР|ФОК)")
"""A kind of institution that stands for its only one in a town: two of them are two bodies."""
_PERSON_TEXT = (
    r"(?:[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?|[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+[А-ЯЁ]\.\s?[А-ЯЁ]\.?(?![а-яё])"
    r"|[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]+(?:вич|вна|ична|ыч)(?:а|у|ой|е)?(?![а-яё]))"
)
PERSON = re.compile(_PERSON_TEXT)
_ROLES = [
    "директор",
    "заместител",
    "замдиректор",
    "завуч",
    "руководител",
    "учит",
    "уч\\.",
    "физрук",
    "министр",
    "педагог",
    "методист",
    "специалист",
    "начальник",
    "заведующ",
    "председател",
    "секретар",
    "куратор",
    "координатор",
    "наставник",
    "тьютор",
    "психолог",
    "логопед",
    "дефектолог",
    "библиотекар",
    "повар",
    "медсестр",
    "медработник",
    "фельдшер",
    "воспитател",
    "тренер",
    "советник",
    "инспектор",
    "бухгалтер",
    "завхоз",
    "вожат",
    "инженер",
    "лаборант",
    "преподавател",
    "инструктор",
    "администратор",
    "родител",
    "ученик",
    "учащи",
    "обучающи",
    "член",
    "представител",
    "эксперт",
    "оператор",
    "юрист",
    "кадровик",
    "завед",
    "работник",
    "сотрудник",
    "организатор",
    "ответственн",
    "глава",
    "главы",
    "рабочая\\s+групп",
    "рабочие\\s+групп",
    "рабочей\\s+групп",
    "мастер",
    "волонт[её]р",
    "помощник",
    "ассистент",
    "референт",
    "рук",
    "дир",
    "ректор",
    "проректор",
    "декан",
    "консультант",
    "врач",
    "медик",
    "программист",
    "техник",
    "дворник",
    "сторож",
    "вахтер",
    "вахтёр",
    "юрисконсульт",
    "делопроизв",
    "уполномоченн",
    "президент",
    "депутат",
    "участник",
    "исполнител",
    "зав\\.",
    "старост",
]
_ORGANS = [
    "управлени",
    "отдел",
    "департамент",
    "министерств",
    "комитет",
    "администрац",
    "центр",
    "школ",
    "гимнази",
    "лице",
    "совет",
    "комисси",
    "объединени",
    "служб",
    "институт",
    "учреждени",
    "организаци",
    "ассоциаци",
    "колледж",
    "техникум",
    "университет",
    "академи",
    "библиотек",
    "музе",
    "дом",
    "дворец",
    "станци",
    "больниц",
    "поликлиник",
    "детск",
    "сад",
    "сообществ",
    "бюро",
    "агентств",
    "фонд",
    "полици",
    "групп",
    "орган",
    "муниципалитет",
    "мэри",
    "правительств",
    "дума",
    "собрани",
    "отделени",
    "профсоюз",
    "профком",
    "педсовет",
    "методсовет",
    "методобъединени",
    "кафедр",
    "команд",
    "оргкомитет",
    "жюри",
    "штаб",
    "минпросвещен",
    "рособрнадзор",
    "минобрнаук",
    "минобразован",
    "предприяти",
    "коллектив",
    "актив",
    "отряд",
    "клуб",
    "лагер",
    "филиал",
    "движени",
    "самоуправлени",
    "прокуратур",
    "бухгалтери",
    "охрана",
    "компани",
    "редакци",
    "минздрав",
    "минспорт",
    "минкультур",
    "минстро",
    "минтруд",
    "минсоц",
    "минфин",
    "минсельхоз",
    "росгварди",
    "роспотребнадзор",
]
_ADJECTIVES = (
    r"(?:(?:кл\.|клас\.|физ\.|соц\.|гл\.|мед\.|пед\.|вед\.|ст\.|муз\.|классн|социальн|главн|ведущ|старш|младш|муниципальн|школьн|городск|районн|медицинск|"
    r"перв|ответственн|творческ|методическ|педагогическ|родительск|управляющ|предметн|общеобразовательн|образовательн|опорн|"
    r"базов|вс[еяю]|кажд|региональн|территориальн|краев|областн|окружн|пилотн|экспертн|проектн|временн|межведомственн|"
    r"психолого|цент|общественн|дошкольн|сельск|средн|начальн|кажд|един|независим|координационн|управленческ|административн|"
    r"технич|хозяйственн|постоянно|федеральн|исполнительн|общешкольн|научн|информационн|учебн|внештатн|опытн|молод|друг|"
    r"заинтересованн|ины|иные|подведомственн|спортивн|детск|культур|юн|"
    r"[а-яё-]{3,}(?=(?:ая|ое|ые|ий|ый)\s))[а-яё-]*\s*)"
)
_HEAD_WORD = (
    rf"(?:(?-i:{_LEGAL}(?![а-яёА-ЯЁ]))|(?:{'|'.join(_ROLES)})[а-яё-]*|(?:{'|'.join(_ORGANS)})[а-яё-]*|зам\.?(?![а-яё])|и\.\s?о\.|врио|ио(?![а-яё])"
    r"|(?-i:[А-ЯЁ]{2,}(?:[а-яё]{0,2}[А-ЯЁ]+)?(?![а-яё]))|педагог[а-яё-]*|школы?(?![а-яё]))"
)
BODY_HEAD = re.compile(rf"(?:{_ADJECTIVES}){{0,4}}{_HEAD_WORD}", re.IGNORECASE)
_ABBREVIATION = re.compile(r"[А-ЯЁ]{2,}(?:[а-яё]{0,2}[А-ЯЁ]+)?(?![а-яё])")
_NOMINATIVE_ROLE = re.compile(
    r"(?:директор|заместител[ьи]|замдиректора|завучи?|руководител[ьи]|учител[ья]|педагоги?|методисты?|специалисты?|начальники?|"
    r"заведующ(?:ий|ая|ие)|председател[ьи]|секретар[ьи]|кураторы?|координаторы?|наставники?|тьюторы?|психологи?|логопеды?|дефектологи?|"
    r"библиотекар[ьи]|повара?|медсестр[аы]|медработники?|фельдшеры?|воспитател[ьи]|тренеры?|советники?|инспекторы?|бухгалтеры?|завхоз|"
    r"вожат(?:ый|ая|ые)|глав[аы]|волонт[её]ры?|старост[аы]|сторож[аи]?|преподавател[ьи]|инструкторы?|ректор|проректор|декан|консультант|врач|программист|техник|дворник|сторож|вахт[её]р|юрисконсульт|делопроизводитель|президент|администратор|администрация|родители|учащиеся|ученики|обучающиеся|организаторы?|"
    r"руководителям|директорам|начальникам|начальнику|директору|заместителям|члены)(?:-[а-яё]+)*$",
    re.IGNORECASE,
)
_NOMINATIVE_ORGAN = re.compile(
    r"(?:управление|отделы?|органы|департамент|министерство|комитет|администрация|центр|школ[аы]|гимназия|лице[йи]|совет|комиссия|служба|институт|"
    r"актив|самоуправление|отделение|филиал|музей|библиотека|коллектив|штаб|клуб|общество|объединение|учреждение|организация)$",
    re.IGNORECASE,
)
_SUBSTANTIVE = re.compile(
    r"(?<![а-яё])(?:классн(?:ый|ые|ая)|социальн(?:ый|ые)|главн(?:ый|ые)|ведущи[йе]|старши[йе]|вед\.|гл\.|ст\.|ответственн(?:ый|ые|ая)|кл\.|клас\.|физ\.|соц\.|муниципальн(?:ый|ые)|школьн(?:ый|ые)|зам\.?|опорные|рабочая|творческая)$",
    re.IGNORECASE,
)
_MASCULINE = re.compile(
    r"(?:[а-яё-]+[ыи]й\s+){0,3}(?:отдел|комитет|департамент|центр|совет|институт|фонд|штаб)(?![а-яё])", re.IGNORECASE
)
"""Organs that «ответственный за …» may speak of."""
_AWAITS_NOUN = re.compile(
    r"(?!(?:заведу|управля|служа|уча|обуча)ю?щ|рабоч|дежурн|ответственн|вожат)[а-яё-]{3,}"
    r"(?:ый|ой|ая|яя|ое|ее|ые|ого|его|ых|их|ому|ему|ыми|ими|ую|юю|[кжшчщ]ий|[кжшчщ]ие)",
    re.IGNORECASE,
)
"""An adjective: the next line has its noun."""
_GOVERNS = re.compile(
    r"(?<![а-яё])(?:зам\.?|заместител\w*|и\.|о\.|и\.о\.|врио|по|при|для|от|из|в|с|со|и|на|за|над|совместно|под)$",
    re.IGNORECASE,
)
_COMPOUND = re.compile(
    r"(?:педагоги?|учител[ья])\s+(?:организатор|психолог|библиотекар|дефектолог|логопед|предметник|наставник)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:ответственн\w+\s+за|(?!(?:заведу|ве|управля|уча|обуча)(?:ющ|дущ|щ)|[а-яё]*ственн)[а-яё]{3,}(?:ющи|ящи|вши|ащи|ущи|нны|емы|имы)(?:й|е|м|х|ми|ая|ее)\b|(?:(?:на\s+базе|в|на|из|для|с)\s+)?котор\w+|в\s+том\s+числе|участв\w+|имеющ\w+|вошедш\w+|работающ\w+|согласно|по\s+(?:согласованию|направлени|принадлежности|компетенции|должности))",
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
_SUBJECTS = re.compile(
    r"^(?:учител|преподавател|педагог|специалист|методист)(?![а-яё]*-(?:орг|псих|библ|лог|деф))|\s(?:учител|преподавател)",
    re.IGNORECASE,
)
_EXAM = re.compile(
    r"(?:ГИА|ЕГЭ|ОГЭ|ГВЭ|ВПР|ВСОШ|ВсОШ|НИКО|РПР|ИСИ|ФГ|PISA|ФГОС(?:\s(?:НОО|ООО|СОО|ДО|ОВЗ))?)(?:-\d{1,2})?"
)
"""What a coordinator or an expert is for, and no body."""
_TEACHES = re.compile(r"уч(?:\.|ит\.?|ител[а-яё]+)\s*[а-яё]", re.IGNORECASE)
"""A teacher and the beginning of a subject: two letters behind «и» are another («башкирского языка и КБ»)."""
_SUBJECT = re.compile(r"ОБЖ|ОБЗР|ИЗО|МХК|ИКТ|ИВТ|ОРКСЭ|НВП")
"""School subjects that are written like bodies."""
_NO_BODY = re.compile(
    rf"{_SUBJECT.pattern}|{_EXAM.pattern}|{_FIELD}|ГО|ЧС|ПБ|ТБ|ОТ|ПДД|БДД|ЗОЖ|ГТО|СМИ|ПАВ|ДДТТ|ЦОС|ООП|ФОП|РИС"
)
"""Abbreviations of what a post is for: subjects, exams, safety."""
_OF_MANY = re.compile(
    r"(?:[а-яё-]+[ыи]х\s+)?(?:организаций|учреждений|предприятий|объединений|комиссий|служб|отделов|центров|советов|"
    r"групп|клубов|лагерей|отрядов|школ|районов|поселений|округов)(?![а-яё])"
)
"""What begins in the genitive goes on with a list: «руководители предприятий, организаций и учреждений»."""
_CLASS = (
    r"(?:1[01]|[1-9]|(?:I{1,3}|IV|VI{0,3}|IX|XI?)(?![А-Яа-яё]))(?:\s?[«\"][А-Яа-я][»\"]|-?[а-яё]{1,3}|\s?[А-Е])?(?!\w)"
)
"""A class or its number: «9», «9-х», «9А», «11 «Б»», «IX»."""
_TERRITORY = re.compile(r"А?(?:МР|ГО|МО|МГО)|АР|ГМР|АГ")
"""The district of an authority: «УО АМР», «ОО АМО»."""
_GENERIC_GROUP = re.compile(
    r"(?:ОО|ОУ|ДОУ|ДОО|ОДО|УДО|УДОД|ШМО|ГМО|РМО|МО|МТГ|ШНОР|ШНСУ|ППЭ|СОШ|НОО|ООО|МБДОУ|МДОУ|МДОО|МОУ|МБОУ|МКОУ|МАОУ|ОБЩЕОБРАЗОВАТЕЛЬНЫЕ)$"
)
_PLURAL = re.compile(
    r"(?:руководители|руководителям|директора|директорам|заместители|заместителям|завучи|учителя|учителям|педагоги|педагогам|методисты|методистам|"
    r"специалисты|специалистам|начальники|начальникам|заведующие|заведующим|председатели|координаторы|кураторы|наставники|тьюторы|психологи|логопеды|"
    r"воспитатели|родители|родителям|учащиеся|ученики|обучающиеся|школы|школам|гимназии|лицеи|организации|организациям|учреждения|учреждениям|отделы|"
    r"органы|органам|объединения|объединениям|центры|члены|представители|эксперты|педагоги-\w+|учителя-\w+|группы|комиссии|советы|сады|управления|"
    r"советники|библиотекари|работники|сотрудники|вожатые|волонт[её]ры|преподаватели|организаторы|главы|врачи|повара|медсестры|старосты|координаторы|предприятия|компании)$",
    re.IGNORECASE,
)
_DATIVE = {
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
        ("отдел|комитет|департамент|центр|институт|совет", "(?:ами|ов)", r"\1ы"),
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
_AGREEING = re.compile(r"(?i)(?:[ыи]ми|[ыи]х|[ыи]м|[ое]го|[ое]й)$")


# --- cutting -----------------------------------------------------------------------------------------------


def _tidy(cell: str) -> str:
    text = re.sub("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]", "", cell).replace(
        "\u00a0", " "
    )
    text = re.sub(r"(?m)^\s*(?:[-–—*]\s+|[•▪●◦·✓]\s*|\d{1,2}[.)]\s+(?=\D))", "", text)
    text = re.sub(r"[,;]?\s*(?:и\s+др(?:угие|\.)?|и\s+т\.\s?[дп]\.)\s*$", "", text)
    text = _HYPHENATED.sub(
        lambda m: f"{m.group(1)}-{m.group(2)}" if _compound(*m.groups()) else "".join(m.groups()), text
    )
    text = re.sub(r"(?<=[а-яё])\*+|\*+(?=\s|$)|<\s*[\d*]+\s*>", "", text)
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def _compound(first: str, second: str) -> bool:
    """Tell a hyphen of a compound («педагог-психолог») from one that a line break made («обра-зования»)."""
    return bool(_FIRST_PARTS.match(first)) and len(second) > 4  # noqa: PLR2004  «педагог-а» is no compound


class _Piece(NamedTuple):
    """A piece of a cell and the separator before it: a mark, a line break or «и»."""

    text: str
    joint: str


def _pieces(text: str, *, beside: bool) -> list[_Piece]:
    """Cut at separators outside of quotes and brackets; `beside`: behind «совместно с», in another case."""
    pieces: list[_Piece] = []
    start = depth = 0
    joint = ""
    quoted = False
    for at, c in enumerate(text):
        if c in "([«„“" and not (c == "“" and quoted):
            depth += 1
        elif c in ")]»”" or (c == "“" and depth):
            depth = max(0, depth - 1)
        elif c == '"':
            quoted = not quoted
        elif depth == 0 and not quoted and _separates(text, at, beside=beside):
            pieces.append(_Piece(text[start:at], joint))
            start = at + (3 if c == " " else 1)  # « и » goes with the space before it
            joint = "и" if c == " " else c
    pieces.append(_Piece(text[start:], joint))
    if depth or quoted:  # an unclosed quote or bracket: the marks say nothing
        pieces = [_Piece(raw, ",") for raw in re.split(r"[,;\n]", text)]
    plain = [_Piece(" ".join(raw.split()).strip(" ,;"), joint) for raw, joint in pieces]
    return [piece for piece in plain if piece.text]


def _separates(text: str, at: int, *, beside: bool) -> bool:
    c, before, after = text[at], text[:at].rstrip(), text[at + 1 :].lstrip()
    if c in ";,":
        return True
    if c == "/":
        return _slash_separates(before, after, spaced=text[at - 1 : at].isspace() and text[at + 1 : at + 2].isspace())
    if c == "\n":
        return _line_separates(before, after)
    if c == ".":
        return _stop_separates(before, text[at + 1 :])
    if c == " " and text[at + 1 : at + 3] == "и ":
        return _and_separates(before, _upright(text[at + 3 :]) if beside else text[at + 3 :])
    return False


def _slash_separates(before: str, after: str, *, spaced: bool) -> bool:
    """Tell «УО / ОО» from «и/или», «д/с», «2021/22» and «ссузов/вузов», which are one name."""
    if re.search(r"(?<![а-яё])и$", before) or re.match("или(?![а-яё])", after):
        return False
    paired = re.search(r"[а-яё](ов|ев|ей)$", before)
    if paired and re.match(rf"[а-яё]+{paired.group(1)}(?![а-яё])", after):
        return False
    shortened = re.search(r"(?<![а-яё])[а-яё]{1,2}$", before) and re.match(r"[а-яё]{1,2}(?![а-яё])", after)
    return spaced or not (shortened or before[-1:].isdigit() or after[:1].isdigit())


def _stop_separates(before: str, rest: str) -> bool:
    """Tell whether a full stop ends a body («Директор ОО. Зам. директора», «УО.ОО») and not a shortened word."""
    last, after = re.split(r"[\s.,]", before)[-1], rest.lstrip()
    if re.fullmatch("[А-ЯЁ]{2,}", last) and re.match("[А-ЯЁ]{2,}", rest):
        return True
    if re.search(rf"(?:{_PERSON_TEXT})$", before) and before.endswith("."):  # «Иванова И.И..Кл. руководители»
        return bool(_starts(after))
    return (
        len(last) > 1
        and rest[:1] in {" ", "\n"}
        and bool(_starts(after))
        and not _SUBSTANTIVE.search(last)
        and not _SHORTENED.fullmatch(last)
        and after[:1].isupper()
    )


def _line_separates(before: str, after: str) -> bool:
    if not before or before[-1] in ",;":
        return True
    if re.search(rf"(?:{_PERSON_TEXT})$", before):
        return bool(_starts(after))
    words = before.split()
    last = words[-1]
    if (
        _OF_AUTHORITY.match(after)
        or (_PLURAL.fullmatch(last) and _OF_MANY.match(after))
        or re.fullmatch(_LEGAL, last)
        or _GOVERNS.search(last)
        or _SUBSTANTIVE.search(last)
        or last.endswith("-")
        or _AWAITS_NOUN.fullmatch(last)
        or _COMPOUND.match(f"{last} {after}")
    ):
        return False
    single_role = _NOMINATIVE_ROLE.fullmatch(last) and _ABBREVIATION.match(after)
    if single_role:
        return False
    return bool(_starts(after))


def _and_separates(before: str, after: str) -> bool:
    """Tell whether «и» stands between two bodies and not inside the name of one."""
    head = re.split(r"[,;\n]", before)[-1].strip()
    word = after.split(maxsplit=1)[0] if after.split() else ""
    first = word.strip(",;.")
    if _NUMBERED.search(before) and _NEXT_NUMBER.match(after):  # «№ 5 и № 7», «№№ 2, 5 и 8»
        return True
    if not head or not first or _one_name(head, first):
        return False
    role_left = re.match(rf"(?:{_ADJECTIVES})*(?:{'|'.join(_ROLES)})", head, re.IGNORECASE)
    if _ABBREVIATION.match(first):
        taught = _TEACHES.match(head) and re.fullmatch("[А-ЯЁ]{2}", first) and not _GENERIC_GROUP.match(first)
        return not (taught or _NO_BODY.fullmatch(first) or (role_left and _of_institution(head)))
    if PERSON.match(after):
        return bool(PERSON.search(head))
    begins = _names_whole(first) or ((_SUBSTANTIVE.match(word) or word.startswith("зам.")) and _starts(after))
    noun = _NEXT_IN_NOMINATIVE.match(after)
    begins = begins or (noun and _names_whole(noun.group(1)))  # «и родительский комитет»
    if role_left and len(head.split()) == 1:
        return bool(begins)
    return bool(
        begins
        or ((noun := _NEXT_IN_PLURAL.match(after)) and _PLURAL.fullmatch(noun.group(1)))  # «и общественные организации»
    )


def _one_name(head: str, first: str) -> bool:
    """Tell «по УВР и ВР», «КДН и ЗП», «ГО и ЧС», «по связям с общественностью и СМИ»: what stands behind «и» is no body."""
    fields = _FIELDS_BEFORE.search(head) and re.fullmatch(_FIELD, first)
    abbreviated = re.search(r"(?:Т?КДН|ПК|ГО|О?НД|УНД|ФК|ОТ)$", head)
    return bool(fields or abbreviated or (first == "СМИ" and re.search(r"\sсо?\s", head)))


def _of_institution(post: str) -> bool:
    """Tell «методисты ИМЦ», «директор школы», «члены ГЭК»: «и» may add another institution to it."""
    named = BODY_HEAD.match(post)
    words = [w.strip('«»"(),.') for w in post[named.end() if named else 0 :].split()]
    return any(
        re.match("|".join(_ORGANS), w, re.IGNORECASE) or (_ABBREVIATION.match(w) and not _NO_BODY.fullmatch(w))
        for w in words
    )


def _names_whole(noun: str) -> bool:
    return bool(_NOMINATIVE_ROLE.fullmatch(noun) or _NOMINATIVE_ORGAN.fullmatch(noun))


def _starts(text: str) -> re.Match[str] | None:
    """Match a text that begins a body: a person, an organisation or a role, by itself or after its adjectives."""
    return PERSON.match(text) or BODY_HEAD.match(text)


def _coordinated(pieces: list[_Piece]) -> list[_Piece]:
    """Give a bare post the institution that the post behind «и» names: «директора и завучи школ № 1, 3», «… и педагоги ДОУ»."""
    result: list[_Piece] = []
    for n, piece in enumerate(pieces):
        after = pieces[n + 1].text if n + 1 < len(pieces) and pieces[n + 1].joint == "и" else ""
        both = _STAFF.fullmatch(piece.text) and _STAFF.match(after)
        shared = _SHARED.search(after) if both else None
        if shared is None:
            result.append(piece)
            continue
        numbers = takewhile(lambda other: other.text.isdigit(), pieces[n + 2 :]) if _NUMBERED.search(after) else ()
        result += [piece._replace(text=f"{piece.text} {shared.group(1)}"), *numbers]
    return result


def _joined(pieces: list[_Piece]) -> list[str]:
    """Put back what a comma or a line inside one body cut off: clauses, fields of a department, numbers of classes."""
    result: list[str] = []
    for chunk, joint in pieces:
        before = result[-1] if result else ""
        if joint in {"и", ";", "/"}:  # «и» was looked at already, and the others are no commas
            result.append(chunk)
            continue
        organ = re.search(rf"(?:^|\s)(?:{'|'.join(_ORGANS)})", before, re.IGNORECASE)
        belongs = (
            (_CLAUSE.match(chunk) and " " in chunk and not _QUALIFIED.match(chunk) and _one_number(before, chunk))
            or (organ and _TOPIC.match(chunk) and chunk[:1].islower())
            or re.match(rf"{_CLASS}(?:[\s,и-]+{_CLASS})*\s*кл(?:асс|\.|$)", chunk)
            or re.fullmatch(_CLASS, chunk)
            or (_SUBJECTS.search(before) and chunk[:1].islower() and not _starts(chunk))
            or (_SUBJECTS.search(before) and _SUBJECT.fullmatch(chunk))
            or _OF_MANY.match(chunk)
            or (_EXAM.fullmatch(chunk) and re.search(rf"(?:{_EXAM.pattern})$", before))
            or (_FIELDS_BEFORE.search(before) and re.match(rf"{_FIELD}(?![А-ЯЁа-яё])", chunk))
            or _agree(before, chunk)
            or (PERSON.fullmatch(before) and _own_post(chunk))
            or re.match(r"(?:и|или)\s+(?:др|т\.)", chunk)
        )
        if before and belongs and not re.search(r"№\s*\d+$", before) and not before.isdigit():
            result[-1] = f"{before}, {chunk}"
        else:
            result.append(chunk)
    return result


def _one_number(before: str, chunk: str) -> bool:
    """Tell whether «ответственный за» may speak of the body before it: one of one, several of several."""
    said = re.match("(?i)ответственн(ый|ая|ые|ым)", chunk)
    if not said:
        return True
    first = (before.split() or [""])[0]
    if said.group(1) == "ый":
        post = _NOMINATIVE_ROLE.fullmatch(first) or _SUBSTANTIVE.fullmatch(first) or _GOVERNS.fullmatch(first)
        one = PERSON.match(before) or _MASCULINE.match(before) or post
        return bool(one) and not _is_group(before) and not re.search("(?i)[ая]я$|сестра$", first)
    one = re.match("(?i)зам", first) or _NOMINATIVE_ROLE.fullmatch(first)
    return said.group(1) in {"ая", "ым"} or _is_group(before) or not one


def _agree(before: str, chunk: str) -> bool:
    """Tell adjectives of one noun: «по учебной, воспитательной и методической работе», «… медицинской и социальной помощи»."""
    last = re.search(r"[а-яё-]{3,}(ой|ого|ых|их)$", before)
    return bool(last) and bool(re.match(rf"[а-яё-]{{3,}}{last.group(1)}\s", chunk)) if last else False


def _own_post(chunk: str) -> bool:
    """Tell a person's own post («заведующий МБДОУ № 18») from other people («педагоги»)."""
    first, *rest = chunk.split()[:2]
    titled = _SUBSTANTIVE.fullmatch(first) and not first.startswith("зам")  # «кл. руководители»: the noun comes second
    return (
        first[:1].islower()
        and bool(_NOMINATIVE_ROLE.match(first) or _SUBSTANTIVE.fullmatch(first) or first in _DATIVE)
        and not any(_PLURAL.fullmatch(_DATIVE.get(word, word)) for word in (first, *(rest if titled else ())))
    )


def _bodies(chunk: str, before: Body | None, findings: list[PlacedFinding], *, beside: bool) -> list[Body]:
    """Return the bodies of one piece: several people, or bodies without a separator between them.

    A number alone («МБОУ СОШ № 1, № 6») is the school of that number beside the one `before`.
    """
    number = re.fullmatch(r"№?\s*(\d{1,4})", chunk)
    if number and before and re.search(r"№+\s*\d+$", before.name):
        return [Body(re.sub(r"№+\s*\d+$", f"№ {number.group(1)}", before.name), before.kind, chunk)]
    chunk = re.sub("№{2,}", "№", chunk)
    listed = re.fullmatch(r"(.{5,}?)\s*\(([^()]+)\)", chunk)
    if listed and len(people := PERSON.findall(listed.group(2))) > 1 and _is_group(listed.group(1)):
        return [Body(person, "person", person) for person in people]
    pieces = _unseparated(chunk)
    if len(pieces) > 1:
        findings.append(doubt("no-separator", {"text": chunk}, "; ".join(pieces)))
    names = [_nominative(_upright(piece) if beside else piece) for piece in pieces]
    return [Body(name, _kind(name), piece) for name, piece in zip(names, pieces, strict=True)]


def _unseparated(chunk: str) -> list[str]:
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
    return spans + [m.span() for m in _COMPOUND.finditer(chunk)]


def _begins_here(rest: str, word: str, before: str, current: str) -> bool:
    if _GOVERNS.fullmatch(before) or _SUBSTANTIVE.fullmatch(before) or before.endswith(("-", "–", "—", "№", ",")):
        return False
    if PERSON.match(rest):  # the post of several people is not the one of a person behind it
        several = _several_posts(current) and not re.fullmatch(r".*:|имени|им\.", before)
        return bool(PERSON.search(current)) or several
    if PERSON.fullmatch(current):
        return word[:1].isupper() and bool(_starts(rest))
    if _NOMINATIVE_ROLE.fullmatch(word) or (_SUBSTANTIVE.fullmatch(word) and _starts(rest)):
        generic = re.fullmatch(r"директора|учителя|педагога|повара", word, re.IGNORECASE)
        complete = _starts(current) is not None
        return complete and not (generic and word[:1].islower())
    if word[:1].isupper() and _named_organ(rest) and not re.fullmatch(_LEGAL, before):
        return _starts(current) is not None and not _AWAITS_NOUN.fullmatch(before)
    return _organ_begins(word, before, current)


def _several_posts(text: str) -> bool:
    """Tell «классные руководители …» from «заместитель директора …»."""
    words = text.split(" ")
    first = re.fullmatch(r"(?i)[а-яё-]+[ыи]е|(?:кл(?:ас)?|соц|ст|муз)\.", words[0])
    return any(_PLURAL.fullmatch(w) for w in words[1 if first else 0 :][:1])


def _named_organ(text: str) -> bool:
    """Tell «Городская библиотека …»: an adjective and its organ in the nominative."""
    named = _NEXT_IN_NOMINATIVE.match(text[:1].lower() + text[1:])
    return bool(named and _NOMINATIVE_ORGAN.fullmatch(named.group(1)))


def _organ_begins(word: str, before: str, current: str) -> bool:
    """Tell whether a word begins another organisation: «УО ОО», «Управление образования МКУ …», «… Отдел …»."""
    if _TERRITORY.fullmatch(word) and re.fullmatch(r"(?:Г|Р)?УО", current):
        return False
    if _INSTITUTION.fullmatch(word) and _INSTITUTION.fullmatch(before):
        return True
    abbreviated = bool(_ABBREVIATION.fullmatch(before)) and not _NOMINATIVE_ROLE.fullmatch(before)
    if _GROUP_HERE.fullmatch(word):
        whole = abbreviated and not re.fullmatch(_LEGAL, before)
        return whole or (bool(_AUTHORITY.match(current)) and not _NOMINATIVE_ROLE.fullmatch(before))
    if _ABBREVIATION.fullmatch(word) and _AUTHORITY.match(current):
        return abbreviated or bool(re.fullmatch(_LEGAL, word))
    capital = word[:1].isupper() and not word.isupper()
    return (
        capital
        and bool(_NOMINATIVE_ORGAN.fullmatch(word))
        and _starts(current) is not None
        and not re.fullmatch(_LEGAL, before)
    )


# --- naming ------------------------------------------------------------------------------------------------


def _is_group(text: str) -> bool:
    words = re.findall(r"[А-ЯЁа-яё-]+", text)[:4]
    if not words:
        return False
    if re.match(r"кажд|все(?![а-яё])|всем", words[0], re.IGNORECASE):
        return True
    if _PLURAL.fullmatch(words[0]) or (
        len(words) > 1 and re.search(r"(?:ые|ие|ым|им)$", words[0]) and any(_PLURAL.fullmatch(w) for w in words[1:])
    ):
        return True
    return bool(_GENERIC_GROUP.fullmatch(words[0])) and not re.search(r"[№«\"]|\d", text)


def _kind(text: str) -> Kind:
    if PERSON.match(text):
        return "person"
    return "group" if _is_group(text) else "body"


def _upright(text: str) -> str:
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


def _nominative(text: str) -> str:
    words = text.split()
    for n, word in enumerate(words[:3]):
        plain = _DATIVE.get(word.lower())
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


def _registered(body: Body, registry: Registry | None, findings: list[PlacedFinding]) -> Body:
    if registry is None:
        return body
    entry = registry.find(body.verbatim) or registry.find(body.name)
    if entry is None:
        findings.append(doubt("unknown-body", {"text": body.verbatim}))
        return body
    return replace(body, code=entry.code, name=entry.name, kind=entry.kind if entry.kind != "body" else body.kind)
