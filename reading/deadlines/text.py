"""Putting a deadline's text in order before the grammar reads it, and saying what was put in order.

Nothing here changes what a sound text means: dashes, spaces, digits, marks and the damage of scans only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from orders.findings import PlacedFinding
from reading.doubts import doubt

LIMIT = 600
"""Characters of a deadline cell that are read; the longest of 2,000 real ones has under 200."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]")
_FOOTNOTE = re.compile(
    r"\*+\)?|[¹²³⁴⁵⁶⁷⁸⁹⁰]+|<\s*[\d*]{1,3}\s*>|\[\s*\d{1,2}\s*\](?!\d)|(?:(?<=\d{4})|(?<=г\.))\s\d\)\s*\Z"
)
_DASHES = re.compile("[\u2010-\u2015\u2212\u00ac\ufe58\ufe63\uff0d]")
_QUOTES = str.maketrans(dict.fromkeys("«»„“”\"'`‘’", " ") | {"ё": "е", "Ё": "Е", "\u00a0": " ", "\t": " ", "\r": "\n"})
_LOOKALIKE = str.maketrans("aceopxyktmhbABCEHKMOPTXY", "асеорхуктмнвАВСЕНКМОРТХУ")
_MIXED = re.compile(r"[A-Za-z]*[А-Яа-я][А-Яа-яA-Za-z]*|(?<![^\s,;(])[aceopxykACEOPXYK]+(?![^\s,;)])")
_NUMBER_SIGN = re.compile(r"(?<!\w)N[ro]?\s?(?=\d)")
_LATIN = re.compile("[A-Za-z]")
_DIGIT_SHAPES = str.maketrans("ЗзОоOoIlІіб", "33000011116")
_SPOILT = r"[\dЗзОоOoIlІіб]"
_SPOILT_DATE = re.compile(
    rf"(?<![\w.])(?=[^\s\d]{{0,4}}\d){_SPOILT}{{1,2}}\s?\.\s?{_SPOILT}{{2}}(?:\s?\.\s?{_SPOILT}{{2,4}})?(?![^\W_])"
)
_SPOILT_DAY = re.compile(
    rf"(?<!\w)(?!\d\d)(?=\S?[Зз\dIl]){_SPOILT}{{2}}(?=\s*(?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр))"
)
_SPOILT_ROMAN = re.compile(
    r"(?i)(?<!\w)([ilіпш1уv|]{1,3})(?=\s*(?:-\s*(?:й|ый|ой|я|ая|ом|м)\s*)?(?:квартал|кв(?![а-я])|полугоди|четверт|триместр|декад))"
)
"""A Roman ordinal as scans and keyboards give it: «ll квартал», «П квартал», «1У квартал»."""
_ROMAN_SHAPES = str.maketrans("lіпшу1|", "iiпшvii")
_SPOILT_YEAR = re.compile(r"(?<!\w)2[ОоOo0]\d[\dОоOo](?!\w)|(?<!\w)2[ОоOo][\dОоOo]\d(?!\w)")
_ZERO_FOR_O = re.compile(r"(?i)(?<![\d.])0(?=[а-я]{4})")
_SPACED_DATE = re.compile(
    r"(?<!\d)(\d{1,2})\s*\.\s*(0\d|1[0-2]|[1-9](?=\s*\.\s*(?:19|20)\d{2}(?!\d)))(?:\s*\.\s*((?:19|20)\d{2}|\d{2}(?!\d)))?(?!\d)"
    r"(?!\s*(?:час|ч\.|мск|янв|фев|март|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек))"
)
_COMMA_DATE = re.compile(r"(?<!\d)([0-3]?\d),(0\d|1[0-2])(?:[.,]((?:19|20)\d{2}))?(?!\d)(?!\s*[а-я]*(?:час|числ))")
_GLUED_DATES = re.compile(r"(?<!\d)(\d{1,2}\.\d{1,2}\.20\d{2})(?=\d{1,2}\.\d{1,2}\.20\d{2}(?!\d))")
_DASHED_DATE = re.compile(
    r"(?<![\d-])([0-3]?\d)-(0[1-9]|1[0-2])-(\d{2})(?![\d-])(?!\s*(?:янв|фев|март|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|числ|клас|кл))"
)
_SPACED_OUT = re.compile(
    r"(?<![\d.])(\d{1,2})(?:\s+|\s*[.:;]\s*)(0\d|1[0-2])(?:\s+|\s*[.:;]\s*)((?:19|20)\s?\d\s?\d)(?![\d:])(?!\s*(?:час|ч\.|мск))"
)
"""A whole date whose points or year fell apart: «15 10.2021», «15:10:2021», «30.09.20 21»."""
_DOTTED_TWICE = re.compile(r"(?<=\d)\.\s?\.+(?=\s?\d)")
_POINTS_FOR_DASH = re.compile(r"(?<=[А-Яа-я])\s?\.{2,3}\s?(?=[А-Яа-я])")
_ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_ROMAN = "(?:[XХ][IІ]{0,2}|[IІ][VXХ]|V[IІ]{0,3}|[IІ]{1,3})"
_ROMAN_IN_DATE = re.compile(
    rf"(?<![\d.])(\d{{1,2}})\s*[./-]\s*({_ROMAN})(?![A-Za-zА-Яа-я])(?:\s*[./-]\s*((?:19|20)?\d\d)(?!\d))?"
)
_ROMAN_ALONE = re.compile(rf"(?<!\w){_ROMAN}(?!\w)")
_LAST_ORDINAL, _CROSS = 5, 10
"""Roman numerals to V are quarters and stages too, and X is a mark in a cell."""
_ROMAN_ONLY = re.compile(
    rf"(?:{_ROMAN}(?!\w)|[\s.,;/-]|(?<!\w)(?:с|по|до|к|в|и)(?!\w)|(?<!\d)(?:19|20)\d\d(?!\d)|г(?:ода?|\.)?(?!\w))+"
)
_TENS = {"двадцать": 20, "тридцать": 30}
_ORDINALS = {
    "перв": 1, "втор": 2, "треть": 3, "четверт": 4, "пят": 5, "шест": 6, "седьм": 7, "восьм": 8, "девят": 9,
    "десят": 10, "одиннадцат": 11, "двенадцат": 12, "тринадцат": 13, "четырнадцат": 14, "пятнадцат": 15,
    "шестнадцат": 16, "семнадцат": 17, "восемнадцат": 18, "девятнадцат": 19, "двадцат": 20, "тридцат": 30,
}  # fmt: skip
_DATE_IN_WORDS = re.compile(
    r"(?i)(?<![а-я])(?:(двадцать|тридцать)\s+)?("
    + "|".join(sorted(_ORDINALS, key=len, reverse=True))
    + r")(?:ого|его|ое|ему|ому)"
    r"(?=\s+(?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр|числ))"
)
_CARDINALS = {
    "один": 1, "одно": 1, "двух": 2, "два": 2, "две": 2, "трех": 3, "три": 3, "четыр": 4, "шест": 6, "сем": 7, "восем": 8,
}  # fmt: skip
_RESTATED = re.compile(r"(?<!\d)(\d{1,2})\s*\(\s*([а-я]+(?:\s[а-я]+)?)\s*\)")
"""A number and in brackets its words: «15 (пятнадцатого) октября»."""
_SOFT_STEMS = ("январ", "феврал", "апрел", "июн", "июл", "сентябр", "октябр", "ноябр", "декабр")
_HARD_STEMS = ("март", "август")
MONTH_NAMES = ("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь",
                "декабрь")  # fmt: skip
MONTH_FORMS = tuple(
    [stem + end for stem in _SOFT_STEMS for end in "ьяюе"]
    + [stem + end for stem in _HARD_STEMS for end in ("", "а", "у", "е")]
)
_MARKS = re.compile(
    r"(?m)(?:(?<=\n)|(?<=;)|(?<=,)|^)\s*(?:(\d{1,2})\s*[.)](?!\d)|([а-и])\))\s*|(?<![\w.(])(\d{1,2})\)\s*"
)
_LETTERS = "абвгдежзи"
_KEYWORDS = ("ежемесячно", "ежеквартально", "ежегодно", "еженедельно", "ежедневно", "постоянно", "течение", "графику",
             "отдельному", "квартал", "полугодие", "учебного", "включительно", "позднее", "каждый", "понедельник",
             "вторник", "четверг", "каникул", "необходимости")  # fmt: skip
_SHORTEST_WORD, _LONG_WORD = 3, 5
"""Letters of a word that can hide a time («и», «в» cannot), and of one that a slip leaves recognisable."""
_TIME_WORDS = frozenset(
    (*MONTH_FORMS, *_KEYWORDS, "май", "мая", "мае", "янв", "фев", "февр", "апр", "авг", "сент", "окт", "нояб", "дек", "декада",
     "декаде", "декады", "неделя", "неделе", "недели", "среда", "суббота", "пятница", "полугодие", "далее", "года", "году")
)  # fmt: skip
_GAP = r"(?:-\s*|\s)?"
_BROKEN = re.compile(
    "(?i)(?:(?<![а-я])|(?<=ь))(?:"
    + "|".join(
        [_GAP.join((*stem, "[ьяюе]")) for stem in _SOFT_STEMS]
        + [f"{_GAP.join(stem)}(?:{_GAP}[ауе])?" for stem in _HARD_STEMS]
        + [_GAP.join(word) for word in _KEYWORDS]
    )
    + ")"
)
_MONTH_STEMS = "(?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)"
_MONTH_AHEAD = rf"(?=\s*{_MONTH_STEMS})"
_WRAP = re.compile(
    r"(?i)\s*\n\s*(?!\s*(?:\d|[ivx]{1,4}(?![a-z])|до(?![а-я])|с(?![а-я])|к(?![а-я])|в(?![а-я])|не(?![а-я])|на(?![а-я])|[-(]|еже|раз|кажд|"
    r"посто|срочн|перв|втор|трет|четв|последн|начал|середин|кон[ец]|осен|зим|весн|лет[оа]|январ|феврал|март|апрел|ма[йя]|июн|июл|август|"
    r"сентябр|октябр|ноябр|декабр|янв|фев|апр|авг|сент|окт|нояб|дек|[^\s]+\s*[-:]\s))"
)
_PLAIN = (
    (re.compile(r"[^\S\n]+"), " "),
    (re.compile(r"(?i)(?<![а-я])теч(?![а-я])\.?"), "течение"),
    (re.compile(r"-{2,}"), "-"),
    (re.compile(r"(?i)(?<=\d{4})\s*\.\s?г(?![а-я])\.?"), " г."),
    (re.compile(r"(?i)(?<=\d)\s*\n\s*(?=г(?:од[а-я]*|г)?\.?(?![а-я]))"), " "),
    (re.compile(rf"(?i)(?<![\d.,-])(\d{{1,2}})-(?={_MONTH_STEMS}[яа])"), r"\1 "),  # «25-сентября»
    (re.compile(r"[^\S\n]*\n\s*-\s*\n\s*"), " - "),
    (re.compile(rf"(?i)({_MONTH_STEMS}[а-я]*\.?)\s*[(\[]\s*((?:19|20)\d{{2}})\s*(?:г\.?|года?)?\s*[)\]]"), r"\1 \2"),
    (re.compile(r"(?i)(?<![а-я])в(?=(?:начале|конце|середине|течени[еи])(?![а-я]))"), "в "),
    (re.compile(r"(?<=\d)\.(?=\s*(?:-|по\s|до\s)|\s*[тс]\.\s?г)"), ""),  # «25.10.-05.11.», «01.12. с.г.»
    (re.compile(r"(?i)(?<![а-я])(до|с|со|по|к|в|на|не\s+позднее|от|и|за|-)\s*\n\s*"), r"\1 "),
    (re.compile(r"(?<=\d)\s*\n" + _MONTH_AHEAD, re.IGNORECASE), " "),
    (re.compile(r"(?<=[а-я])\s*\n\s*(?=(?:19|20)\d{2}(?!\d))"), " "),
    (_WRAP, " "),
    (re.compile(r"[\s-]+$"), ""),
)
"""Line breaks of narrow columns and points before a dash, which mean nothing."""
_WRAPPED = re.compile(r"(?<=[А-Яа-я])-\s+(?=[а-я])")
_WORD = re.compile(r"[А-Яа-я]{5,}")
_DIGIT_IN_WORD = re.compile(r"(?<![\w])[А-Яа-я\d]*[А-Яа-я]\d[А-Яа-я\d]*")
_LETTER_SHAPES = str.maketrans("0364", "озбч")


def tidy(phrase: str) -> tuple[str, list[PlacedFinding]]:
    """Return the text as the grammar wants it and what had to be put in order. Letters keep their case."""
    findings: list[PlacedFinding] = []
    text = unicodedata.normalize("NFC", phrase)
    text = _report(findings, "hidden-characters", _INVISIBLE, "", text)
    text = _report(findings, "footnote", _FOOTNOTE, "", text)
    text = _plain_digits(text, findings)
    text = "№".join(unicodedata.normalize("NFKC", part) for part in text.split("№"))  # NFKC would make it «No»
    text = _NUMBER_SIGN.sub("№ ", _DASHES.sub("-", text).translate(_QUOTES))
    text = _unnumbered(text)
    text = _plain_months(text, findings)
    text = _MIXED.sub(lambda m: _one_alphabet(m.group(), findings), text)
    for pattern in (_SPOILT_DATE, _SPOILT_DAY, _SPOILT_YEAR):
        text = pattern.sub(lambda m: _as_digits(m.group(), findings), text)
    text = _SPOILT_ROMAN.sub(lambda m: _as_roman(m.group(), findings), text)
    text = _ZERO_FOR_O.sub(lambda m: _mended(m.group(), "о", findings), text)
    text = _COMMA_DATE.sub(lambda m: _dotted(m, findings), text)
    text = _report(findings, "broken-word", _GLUED_DATES, r"\1, ", text)
    text = _DASHED_DATE.sub(lambda m: _mended(m.group(), ".".join(m.groups()), findings), text)
    text = _DOTTED_TWICE.sub(lambda m: _mended(m.group(), ".", findings), text)
    text = _POINTS_FOR_DASH.sub(lambda m: _mended(m.group(), " - ", findings), text)
    text = _SPACED_OUT.sub(lambda m: _whole_date(m, findings), text)
    text = _SPACED_DATE.sub(lambda m: ".".join(g for g in m.groups() if g), text)
    text = _RESTATED.sub(lambda m: m.group(1) if _in_words(m.group(2)) == int(m.group(1)) else m.group(), text)
    text = _DATE_IN_WORDS.sub(lambda m: _from_words(m, findings), text)
    if re.search(r"\w[\s-]*-\s*\Z", text):  # «сентябрь-»: the end of a range may be lost
        findings.append(doubt("month-list", {"text": text}))
    for pattern, plain in _PLAIN:
        text = pattern.sub(plain, text)
    return text.strip(), findings


def repairs(text: str, sound: dict[str, str]) -> Iterator[tuple[str, PlacedFinding]]:
    """Yield texts with ever more damage mended, for a text with words that the grammar does not know.

    `sound` maps phrases without their spaces to themselves: a text of the same letters is such a phrase.
    """
    lettered = _DIGIT_IN_WORD.sub(lambda m: _lettered(m.group()), text)
    if lettered != text:
        yield lettered, doubt("damaged-glyphs", {"text": text})
        text = lettered
    joined = _BROKEN.sub(lambda m: re.sub(r"[\s-]+", "", m.group()) + " ", text)
    if joined.replace(" ", "") != text.replace(" ", "") or joined.strip() != text:
        yield joined.strip(), doubt("broken-word", {"text": text})
    unwrapped = _WRAPPED.sub("", joined).strip()
    if unwrapped != joined.strip():
        yield unwrapped, doubt("broken-word", {"text": text})
    spelt = _WORD.sub(lambda m: _nearest(m.group()), unwrapped)
    if spelt != unwrapped:
        yield spelt, doubt("misspelt", {"text": text})
    letters = re.sub(r"[\s-]+", "", text).lower()
    if letters in sound:
        yield sound[letters], doubt("broken-word", {"text": text})


def _report(findings: list[PlacedFinding], code: str, pattern: re.Pattern[str], by: str, text: str) -> str:
    found = pattern.search(text)
    if not found:
        return text
    shown = found.group().encode("unicode_escape").decode() if code == "hidden-characters" else text
    findings.append(doubt(code, {"text": shown}))
    return pattern.sub(by, text)


def _plain_digits(text: str, findings: list[PlacedFinding]) -> str:
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    if plain != text:
        findings.append(doubt("foreign-digits", {"text": text}, plain))
    return plain


def _one_alphabet(word: str, findings: list[PlacedFinding]) -> str:
    """Return a word of both alphabets in Cyrillic letters; Latin «c» alone is the preposition."""
    if not _LATIN.search(word):
        return word
    plain = word.translate(_LOOKALIKE)
    if _LATIN.search(plain):
        return word
    if len(word) > 1:
        findings.append(doubt("damaged-glyphs", {"text": word}, plain))
    return plain


def _unnumbered(text: str) -> str:
    """Return a list without its numbers or letters, an item a line: «1) сентябрь 2) май», «а) до 1 октября; б) …»."""
    marks = list(_MARKS.finditer(text))
    said = [m.group(2) or m.group(1) or m.group(3) for m in marks]
    letters = all(m.group(2) for m in marks)
    wanted = list(_LETTERS) if letters else [str(n) for n in range(1, len(said) + 1)]
    if said[1:] == [] or said != wanted[: len(said)]:  # one number is no list
        return text
    return _MARKS.sub("\n", text).strip()


def _plain_months(text: str, findings: list[PlacedFinding]) -> str:
    """Return the text with months in Roman numerals («15.IX.2021», «IX-XI 2021») as dates and names.

    Numerals alone are months only beside a year, or where one is no quarter and no mark in a cell (VI to IX, XI, XII).
    """

    def number(roman: str) -> int:
        return _ROMAN_MONTHS.index(roman.replace("І", "I").replace("Х", "X")) + 1

    def in_date(match: re.Match[str]) -> str:
        day, month, year = match.groups()
        plain = f"{day}.{number(month):02}" + (f".{year}" if year else "")
        findings.append(doubt("roman-month", {"text": match.group()}, plain))
        return plain

    plain = _ROMAN_IN_DATE.sub(in_date, text)
    numerals = [number(n) for n in _ROMAN_ALONE.findall(plain)]
    if not _ROMAN_ONLY.fullmatch(plain.strip()):
        return plain
    if not (re.search(r"(?:19|20)\d\d", plain) or any(n > _LAST_ORDINAL and n != _CROSS for n in numerals)):
        return plain
    named = _ROMAN_ALONE.sub(lambda m: MONTH_NAMES[number(m.group()) - 1], plain)
    findings.append(doubt("roman-month", {"text": text}, named))
    return named


def _as_digits(text: str, findings: list[PlacedFinding]) -> str:
    plain = text.translate(_DIGIT_SHAPES)
    if plain != text and any(c.isdigit() for c in text + plain):
        findings.append(doubt("damaged-glyphs", {"text": text}, plain))
    return plain


def _as_roman(text: str, findings: list[PlacedFinding]) -> str:
    """Return the Roman ordinal that was meant, where these shapes make one; a sound ordinal stays as it is."""
    plain = text.lower().translate(_ROMAN_SHAPES).replace("п", "ii").replace("ш", "iii").upper()
    if text.isdecimal() or plain not in {"I", "II", "III", "IV"} or plain == text.upper():
        return text
    return _mended(text, plain, findings)


def _dotted(match: re.Match[str], findings: list[PlacedFinding]) -> str:
    day, month, year = match.groups()
    if not (year or re.fullmatch(r"\d\d,0\d", f"{day},{month}")):  # «30,09», not «5,08»
        return match.group()
    plain = ".".join(g for g in (day, month, year) if g)
    findings.append(doubt("damaged-glyphs", {"text": match.group()}, plain))
    return plain


def _mended(text: str, plain: str, findings: list[PlacedFinding]) -> str:
    findings.append(doubt("damaged-glyphs", {"text": text}, plain))
    return plain


def _whole_date(match: re.Match[str], findings: list[PlacedFinding]) -> str:
    day, month, year = match.groups()
    plain = f"{day}.{month}.{year.replace(' ', '')}"
    if re.sub(r"\s", "", match.group()) == plain and " " not in year:
        return plain
    return _mended(match.group(), plain, findings)


def _in_words(text: str) -> int:
    """Return the number that one or two words say, 0 where they say none."""
    numbers = {**_CARDINALS, **_ORDINALS, **_TENS}
    stems = sorted(numbers, key=len, reverse=True)
    said = [next((numbers[stem] for stem in stems if word.startswith(stem)), None) for word in text.lower().split()]
    return sum(n for n in said if n) if None not in said else 0


def _from_words(match: re.Match[str], findings: list[PlacedFinding]) -> str:
    tens, ordinal = match.groups()
    number = _TENS.get((tens or "").lower(), 0) + _ORDINALS[ordinal.lower()]
    findings.append(doubt("date-in-words", {"text": match.group()}, str(number)))
    return str(number)


def _lettered(word: str) -> str:
    """Return the month or key word that digits for letters hide: «сентя6рь»."""
    plain = word.translate(_LETTER_SHAPES)
    return plain if plain.lower() in MONTH_FORMS or plain.lower() in _KEYWORDS else word


@lru_cache(maxsize=4096)
def hides_time(text: str) -> bool:
    """Tell whether words look like a month or a word of time that damage hides: «ноярь», «авгу ст», «пнстоянно»."""
    words = re.findall("[а-я]+", text.lower())
    pairs = {a + b for a, b in pairwise(words)}
    if pairs & _TIME_WORDS or {*words} & {*MONTH_FORMS, "декада", "декаде", "квартал", "полугодие"}:
        return True
    unknown = [w for w in {*words, *pairs} if len(w) >= _SHORTEST_WORD and w not in _TIME_WORDS]
    return any(_one_slip(w, form) for w in unknown for form in _TIME_WORDS)


def _nearest(word: str) -> str:
    """Return the month or key word that is one slip away (a letter lost, added, changed, or two swapped)."""
    low = word.lower()
    if low in MONTH_FORMS or low in _KEYWORDS:
        return word
    near = {form for form in (*MONTH_FORMS, *_KEYWORDS) if len(form) >= _LONG_WORD and _one_slip(low, form)}
    return min(near) if len({form[:3] for form in near}) == 1 else word


def _one_slip(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (rest_a[:2] == rest_b[:2][::-1] and rest_a[2:] == rest_b[2:])
    )
