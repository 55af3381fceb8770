"""What a careful clerk asks about a roadmap.yaml: one table of codes, each with its severity and its words.

Two classes of trouble: a file that cannot be read as a roadmap (UNREADABLE: exit 2), and one that can be read but is
wrong or doubtful in meaning (TEXTS: exit 1 where an error is among them). Codes are stable; words may change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.errors import VekhaError
from domain.roadmap import Decision, Finding, Severity

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
SHOWN_LENGTH = 60
MARKS = {ERROR: "!", WARNING: "?", INFO: "i"}


@dataclass(frozen=True)
class Words:
    """One sentence in both languages."""

    ru: str
    en: str

    def say(self, language: str) -> str:
        """Return the sentence in `en` or, for any other language, in Russian."""
        return self.en if language == "en" else self.ru

    def fill(self, values: Mapping[str, str]) -> Words:
        """Return the sentence with its gaps filled."""
        return Words(self.ru.format_map(values), self.en.format_map(values))


@dataclass(frozen=True)
class Place:
    """Where in the file, both counted from 1."""

    line: int
    column: int

    def said(self, language: str) -> str:
        """Return what stands behind the file's name, as compilers say it: `:3:12`."""
        del language  # figures are the same in all
        return f":{self.line}:{self.column}"


@dataclass(frozen=True)
class Cell(Place):
    """Where in a table: row and column as a spreadsheet counts them, and what the column is called; no `name`: the row."""

    name: str | None = None

    def said(self, language: str) -> str:
        """Return what stands behind the file's name: `:3:2: строка 3, столбец B «мероприятие»`."""
        row, column = ("row", "column") if language == "en" else ("строка", "столбец")
        said = f"{super().said(language)}: {row} {self.line}"
        if self.name is None:
            return said
        name = (f" “{self.name}”" if language == "en" else f" «{self.name}»") if self.name else ""
        return f"{said}, {column} {_letters(self.column)}{name}"


def _letters(column: int) -> str:
    """Return a column's letters as a spreadsheet has them: A, …, Z, AA, …"""
    before, letter = divmod(column - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + letter)


@dataclass(frozen=True)
class PlacedFinding:
    """A finding with its place and its words in both languages.

    `where` names the measure's number and the column (`measure 2.16, column Сроки`), or the path in the file.
    """

    code: str
    severity: Severity
    where: str
    words: Words
    reading: Words | None
    file: str
    place: Place | None = None
    decision: Decision | None = None

    def text(self, language: str = "ru") -> str:
        """Return the sentence for a person."""
        return self.words.say(language)

    def line(self, language: str = "ru", *, marked: bool = False) -> str:
        """Return `file:line:column: text` on one line, of a table its cell in words too, with the reading after it.

        `marked` puts what a draft puts before its remarks in front of the text: `!`, `?` or `i`.
        """
        at = self.place.said(language) if self.place else ""
        reading = f" → {self.reading.say(language)}" if self.reading else ""
        mark = f"{MARKS[self.severity]} " if marked else ""
        said = f"{mark}{where_said(self.where, language)}{self.text(language)}{reading}"
        return f"{shown(self.file, 500)}{at}: {' '.join(said.split())}"

    def at(self, where: str, line: int | None = None) -> PlacedFinding:
        """Return the same finding with its place, where it has none yet."""
        place = self.place or (Place(line, 1) if line else None)
        return replace(self, where=self.where or where, place=place)

    def to_json(self, language: str = "ru") -> dict[str, Any]:
        """Return the shape F of the interfaces."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "where": self.where,
            "text": self.text(language),
            "reading": self.reading.say(language) if self.reading else None,
            "file": self.file or None,
            "line": self.place.line if self.place else None,
            "column": self.place.column if self.place else None,
        }

    def finding(self) -> Finding:
        """Return the finding as the definition keeps it: in Russian, the order's language, and without a place."""
        reading = self.reading.ru if self.reading else None
        return Finding(self.code, self.severity, self.where, self.words.ru, reading, self.decision)


class UnreadableFile(VekhaError):
    """The file cannot be read as what it should be; `problems` are all that were found, in the file's order."""

    def __init__(self, problems: tuple[PlacedFinding, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.line() for problem in problems))


UnreadableRoadmap = UnreadableFile  # the name by which the doors ask for it


def shown(value: object, limit: int = SHOWN_LENGTH) -> str:
    """Return a text from outside fit for one line: cut, and with what does not print written as escapes."""
    text = str(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in cut)


@dataclass(frozen=True)
class Spot:
    """What of a measure a finding is about: the whole, a column by its heading, or one checkpoint by its key.

    `where` of a finding is its text, in files and in the log.
    """

    measure: str
    column: str | None = None
    checkpoint: str | None = None

    def __str__(self) -> str:
        """Return the text."""
        column = f", column {self.column}" if self.column else ""
        return f"measure {self.measure}{column}" + (f", checkpoint {self.checkpoint}" if self.checkpoint else "")

    @classmethod
    def read(cls, where: str) -> Spot | None:
        """Read the text; None for another place than a measure."""
        found = re.fullmatch(r"measure ([^,]+)(?:, column (.+?))?(?:, checkpoint (.+))?", where)
        return cls(*found.groups()) if found else None


def where_said(where: str, language: str = "ru") -> str:
    """Return the place in words before the sentence: «мероприятие 2.16, графа «Сроки»: »."""
    spot = Spot.read(where)
    if spot is None:
        number = where.removeprefix("indicator ")
        return "" if number == where else f"{'indicator' if language == 'en' else 'показатель'} {shown(number)}: "
    if language == "en":
        return f"{shown(where, 200)}: "
    column, key = spot.column, spot.checkpoint
    parts = [f"мероприятие {spot.measure}", f"графа «{column}»" if column else "", f"точка {key}" if key else ""]
    return shown(", ".join(part for part in parts if part), 200) + ": "


@dataclass(frozen=True)
class Kind:
    """One code's severity and words; `reading` says what was taken meanwhile."""

    severity: Severity
    words: Words
    reading: Words | None = None


def _unreadable(ru: str, en: str) -> Kind:
    return Kind(ERROR, Words(ru, en))


UNREADABLE: Mapping[str, Kind] = {
    "cannot-open": _unreadable("файл не открывается: {problem}", "the file cannot be opened: {problem_en}"),
    "empty-file": _unreadable("файл пуст", "the file is empty"),
    "file-too-large": _unreadable(
        "файл больше {limit} МБ: такой не читается, разделите его",
        "the file is larger than {limit} MB and is not read: divide it",
    ),
    "not-utf-8": _unreadable(
        "файл не в кодировке UTF-8 (похоже на {guess}): сохраните его в UTF-8",
        "the file is not UTF-8 (it looks like {guess}): save it as UTF-8",
    ),
    "damaged-utf-8": _unreadable("повреждённый текст: это не UTF-8", "damaged text: this is not UTF-8"),
    "control-character": _unreadable(
        "управляющий символ {character}: удалите его", "control character {character}: remove it"
    ),
    "lone-surrogate": _unreadable(
        "половина символа ({character}): такого текста не бывает", "half a character ({character}): no text holds that"
    ),
    "yaml-tab": _unreadable("отступ знаком табуляции: в YAML отступают пробелами", "tabs may not indent: use spaces"),
    "yaml-syntax": _unreadable("ошибка записи YAML: {problem}", "YAML syntax: {problem_en}"),
    "yaml-documents": _unreadable(
        "в файле два документа YAML: нужен один", "two YAML documents in one file: one is wanted"
    ),
    "yaml-alias": _unreadable(
        "ссылки YAML (*{name}) не поддерживаются: напишите значение целиком",
        "YAML aliases (*{name}) are not supported: write the value out",
    ),
    "yaml-tag": _unreadable("метки YAML ({tag}) не поддерживаются", "YAML tags ({tag}) are not supported"),
    "too-many-values": _unreadable(
        "больше {limit} ключей и значений: это не дорожная карта",
        "more than {limit} keys and values: that is no roadmap",
    ),
    "too-deep": _unreadable("слишком глубокая вложенность", "nested too deeply"),
    "duplicate-key": _unreadable("ключ «{key}» стоит дважды", "the key “{key}” stands twice"),
    "unknown-key": _unreadable("неизвестный ключ «{key}»{hint_ru}", "unknown key “{key}”{hint_en}"),
    "missing-column": _unreadable(
        "нет столбца «{field}»: над строками таблицы стоят имена столбцов, например: кто; что сделать; мероприятие; пояснение",
        "there is no column “{field_en}”: above the table's rows stand the names of its columns, such as as;do;measure;note",
    ),
    "unknown-column": _unreadable(
        "неизвестный столбец «{column}»: уберите его или назовите так, как он называется здесь: {known}",
        "unknown column “{column}”: remove it, or call it by its name here: {known}",
    ),
    "column-twice": _unreadable("столбец «{column}» стоит дважды", "the column “{column}” stands twice"),
    "cell-without-heading": _unreadable(
        "над ячейкой «{text}» нет имени столбца: впишите его или очистите ячейку",
        "the cell “{text}” stands below no column's name: give it one, or empty the cell",
    ),
    "missing-cell": _unreadable(
        "не заполнен столбец «{column}», для этого действия он нужен",
        "the column “{column_en}” is empty, and this action needs it",
    ),
    "cell-not-wanted": _unreadable(
        "столбец «{column}» для этого действия не нужен: очистите ячейку",
        "this action has no use for the column “{column_en}”: empty the cell",
    ),
    "unknown-verb": _unreadable(
        "неизвестное действие «{verb}». Есть: {known}", "unknown action “{verb}”. There are: {known}"
    ),
    "unknown-code": _unreadable(
        "«{code}» нет в дорожной карте. {known}",
        "the roadmap has no “{code}”. {known_en}",
    ),
    "number-lost-zero": _unreadable(
        "в ячейке число {value}, и не видно, какой это номер: {numbers}? Задайте столбцу формат «Текстовый» и впишите номер"
        " заново",
        "the cell holds the figure {value}, and it cannot be seen which number that is: {numbers}? Give the column the format"
        " “Text” and enter the number again",
    ),
    "number-became-date": _unreadable(
        "вместо номера в ячейке дата {value}: так бывает, когда в Excel вписывают {number}. Задайте столбцу формат «Текстовый»"
        " и впишите номер заново",
        "instead of a number the cell holds the date {value}: that happens where {number} is typed into Excel. Give the column"
        " the format “Text” and enter the number again",
    ),
    "not-whole": _unreadable(
        "{value}: этот показатель считает людей или организации, нужно целое число",
        "{value}: this indicator counts people or institutions, a whole number is wanted",
    ),
    "bad-quotes": _unreadable(
        "кавычки в таблице не сходятся: каждой открывающей нужна закрывающая",
        "the table's quotes do not match: each that opens needs one that closes",
    ),
    "missing-field": _unreadable("нет обязательного поля «{field}»", "the field “{field}” is missing"),
    "mapping-wanted": _unreadable("нужны пары «ключ: значение»", "pairs of “key: value” are wanted"),
    "list-wanted": _unreadable("нужен список: [код, код]", "a list is wanted: [code, code]"),
    "entries-wanted": _unreadable(
        "нужен список: каждая запись с новой строки и начинается с «- »{fields}",
        "a list is wanted: each entry begins a line with “- ”{fields}",
    ),
    "text-wanted": _unreadable(
        "здесь пусто или стоит список, а нужен текст: впишите его", "empty or a list, and a text is wanted: write one"
    ),
    "text-empty": _unreadable(
        "текст пуст: впишите его или уберите строку", "the text is empty: write it, or remove it"
    ),
    "text-too-long": _unreadable("текст длиннее {limit} знаков", "the text is longer than {limit} characters"),
    "list-too-long": _unreadable("в списке больше {limit} строк", "the list has more than {limit} items"),
    "list-too-short": _unreadable("список пуст", "the list is empty"),
    "whole-number-wanted": _unreadable("нужно целое число", "a whole number is wanted"),
    "number-wanted": _unreadable("нужно число", "a number is wanted"),
    "out-of-range": _unreadable("число вне пределов ({limit})", "the number is out of range ({limit})"),
    "number-too-long": _unreadable("в числе слишком много цифр", "the number has too many digits"),
    "bool-wanted": _unreadable("нужно true или false", "true or false is wanted"),
    "one-of": _unreadable("нужно одно из: {expected}", "one of these is wanted: {expected}"),
    "date-format": _unreadable(
        "«{value}» не дата: пишите год-месяц-день, например {example}",
        "“{value}” is no date: write year-month-day, for instance {example}",
    ),
    "date-not-instant": _unreadable(
        "нужна дата, а не момент времени: «{value}»", "a date is wanted, not an instant: “{value}”"
    ),
    "no-such-date": _unreadable("нет такой даты: «{value}»", "no such date: “{value}”"),
    "bad-time": _unreadable('«{value}» не время суток: пишите "18:00"', '“{value}” is no time of day: write "18:00"'),
    "unknown-zone": _unreadable(
        "неизвестный часовой пояс «{value}»: например, Europe/Moscow",
        "unknown time zone “{value}”: Europe/Moscow, for instance",
    ),
    "bad-code": _unreadable(
        "код «{value}» может состоять только из латинских букв, цифр, знаков - и _ (до 40)",
        "the code “{value}” may hold only Latin letters, digits, - and _ (at most 40)",
    ),
    "reserved-code": _unreadable("код «{value}» занят самой системой", "the code “{value}” is the system's own"),
    "bad-key": _unreadable(
        "ключ «{value}» может состоять только из строчных латинских букв, цифр и знака - (до 40)",
        "the key “{value}” may hold only small Latin letters, digits and - (at most 40)",
    ),
    "bad-id": _unreadable(
        "id «{value}»: от 3 до 60 строчных латинских букв, цифр и знаков -",
        "the id “{value}”: 3 to 60 small Latin letters, digits and -",
    ),
    "bad-number": _unreadable(
        "номер «{value}» может состоять только из букв, цифр, точек и знаков - и _ (до 40)",
        "the number “{value}” may hold only letters, digits, dots, - and _ (at most 40)",
    ),
    "ladder-order": _unreadable(
        "в escalation дни (after) идут не по возрастанию", "the steps of the escalation are not in the order of days"
    ),
    "code-twice": _unreadable("код «{code}» стоит дважды", "the code “{code}” stands twice"),
    "bad-minute": _unreadable(
        "«{value}» не момент: пишите 2021-09-14 11:20", "“{value}” is no moment: write 2021-09-14 11:20"
    ),
    "not-in-order": _unreadable(
        "запись раньше предыдущей: пишите по порядку времени", "earlier than the entry before: write them in order"
    ),
    "no-such-file": _unreadable("нет файла «{name}»", "there is no file “{name}”"),
    "bad-email": _unreadable("«{value}» не адрес электронной почты", "“{value}” is no e-mail address"),
    "email-not-latin": _unreadable(
        "в адресе «{value}» до знака @ стоят не латинские буквы: почта такой адрес не примет, исправьте его",
        "the address “{value}” has letters before the @ that are not Latin: mail does not take it, correct it",
    ),
    "email-mixed": _unreadable(
        "в адресе «{value}» в одном слове после знака @ стоят и латинские, и русские буквы: наберите его заново",
        "the address “{value}” has Latin and Cyrillic letters in one word behind the @: type it anew",
    ),
    "bad-value": _unreadable("недопустимое значение: {problem}", "invalid value: {problem}"),
}


TEXTS: Mapping[str, Kind] = {
    # --- errors: the year cannot start
    "hidden-characters": Kind(
        ERROR,
        Words("невидимые управляющие символы: {characters}", "hidden control characters: {characters}"),
    ),
    "period-reversed": Kind(
        ERROR, Words("период кончается раньше, чем начинается", "the period ends before it begins")
    ),
    "period-out-of-range": Kind(
        ERROR,
        Words(
            "период вне пределов: не больше десяти лет, с 2005 по 2100 год",
            "the period is out of range: at most ten years, from 2005 to 2100",
        ),
    ),
    "order-after-period": Kind(
        ERROR, Words("приказ от {day} издан после конца периода", "the order of {day} is later than the period")
    ),
    "order-long-before-period": Kind(
        ERROR,
        Words(
            "приказ от {day} издан больше чем за два года до периода",
            "the order of {day} is more than two years before the period",
        ),
    ),
    "duplicate-number": Kind(
        ERROR,
        Words(
            "номер {number} стоит дважды (впервые в строке {first})",
            "the number {number} stands twice (first in line {first})",
        ),
    ),
    "duplicate-checkpoint": Kind(
        ERROR,
        Words(
            "ключ контрольной точки «{key}» стоит дважды (впервые в строке {first})",
            "the checkpoint key “{key}” stands twice (first in line {first})",
        ),
    ),
    "duplicate-code": Kind(
        ERROR,
        Words(
            "код «{code}» стоит дважды (впервые в строке {first})",
            "the code “{code}” stands twice (first in line {first})",
        ),
    ),
    "duplicate-section": Kind(
        ERROR,
        Words(
            "раздел {number} стоит дважды (впервые в строке {first})",
            "section {number} stands twice (first in line {first})",
        ),
    ),
    "duplicate-indicator": Kind(
        ERROR,
        Words(
            "показатель {number} стоит дважды (впервые в строке {first})",
            "indicator {number} stands twice (first in line {first})",
        ),
    ),
    "unknown-body": Kind(ERROR, Words("неизвестная организация «{code}»{hint_ru}", "unknown body “{code}”{hint_en}")),
    "unknown-controller": Kind(
        ERROR,
        Words(
            "контролирующее лицо «{code}» не названо ни среди организаций, ни среди лиц{hint_ru}",
            "the controller “{code}” is neither a body nor a person{hint_en}",
        ),
    ),
    "no-controller": Kind(
        ERROR,
        Words(
            "не сказано, кто контролирует исполнение: впишите в policy строку controller с кодом организации или лица",
            "it is not said who controls: enter a line “controller” with the code of a body or a person into policy",
        ),
    ),
    "unknown-section": Kind(ERROR, Words("нет раздела «{number}»", "there is no section “{number}”")),
    "reports-to-self": Kind(
        ERROR,
        Words(
            "организация «{code}» подчинена самой себе{measures_ru}", "the body “{code}” reports to itself{measures_en}"
        ),
    ),
    "reports-to-cycle": Kind(
        ERROR, Words("подчинение по кругу: {chain}{measures_ru}", "bodies report in a circle: {chain}{measures_en}")
    ),
    "group-cycle": Kind(ERROR, Words("группа входит сама в себя: {chain}", "a group contains itself: {chain}")),
    "group-too-deep": Kind(
        ERROR,
        Words("группы вложены больше чем на {limit} уровней", "groups are nested deeper than {limit} levels"),
    ),
    "too-many-assignments": Kind(
        ERROR,
        Words("больше {limit} поручений в одном мероприятии", "more than {limit} assignments in one measure"),
    ),
    "too-large-year": Kind(
        ERROR,
        Words(
            "журнал хранит организации и лица с каждым мероприятием, для этого года {megabytes} МБ, а можно не больше {limit}:"
            " разделите дорожную карту или уберите лишних",
            "the log keeps bodies and people with each measure, {megabytes} MB for this year, {limit} at most: divide the"
            " roadmap, or take out who is not needed",
        ),
    ),
    "no-body": Kind(ERROR, Words("нет ответственного", "nobody is responsible")),
    "due-before-order": Kind(
        ERROR,
        Words(
            "срок {due} раньше приказа от {day}: напишите новый срок (due_on) и кто его назначил (settled)",
            "due on {due}, before the order of {day}: write another date (due_on) and who set it (settled)",
        ),
    ),
    "due-before-start": Kind(
        ERROR, Words("срок {due} раньше начала {start}", "due on {due}, before its start on {start}")
    ),
    "outside-period": Kind(
        ERROR,
        Words("дата {day} вне периода {first}…{last}", "the date {day} lies outside the period of {first} to {last}"),
    ),
    "interim-outside-window": Kind(
        ERROR,
        Words(
            "промежуточный отчёт {day} не попадает во время работы {start}…{due}",
            "the interim report of {day} lies outside the window of {start} to {due}",
        ),
    ),
    "indicator-two-targets": Kind(
        ERROR,
        Words(
            "у показателя больше одной цели: нужно одно из target, reference, baseline",
            "the indicator has more than one target: one of target, reference, baseline is wanted",
        ),
    ),
    "unknown-contact": Kind(
        ERROR,
        Words(
            "кода «{code}» нет среди организаций и лиц дорожной карты{hint_ru}: исправьте его или уберите строку",
            "the code “{code}” is no body or person of the roadmap{hint_en}: correct it or remove the line",
        ),
    ),
    # --- warnings and information: something was read in one of several ways
    "no-contacts": Kind(
        WARNING,
        Words(
            "рядом с дорожной картой нет файла {name}: адресов нет ни у кого",
            "there is no file {name} beside the roadmap: nobody has an address",
        ),
        Words("по почте письма не уйдут", "no letter leaves by mail"),
    ),
    "no-address": Kind(
        WARNING,
        Words(
            "нет адреса, а письма положены: {name} ({code})",
            "letters are due, and there is no address: {name} ({code})",
        ),
        Words("по почте эти письма не уйдут", "these letters do not leave by mail"),
    ),
    "controller-by-default": Kind(
        WARNING,
        Words("контролирующее лицо не названо", "the controller is not named"),
        Words(
            "контролирует «{code}»: остальные подчинены ей, она никому", "“{code}” controls: all others report to it"
        ),
    ),
    "id-by-default": Kind(INFO, Words("нет id", "there is no id"), Words("id: {id}", "id: {id}")),
    "keys-by-default": Kind(
        WARNING,
        Words(
            "у контрольных точек нет ключей: при правке списка поручения перепутаются",
            "the checkpoints have no keys: a change of the list would mix up assignments",
        ),
        Words("ключи по порядку: {keys}", "keys in order: {keys}"),
    ),
    "undated": Kind(
        WARNING,
        Words("срока нет: «{deadline}»", "there is no date: “{deadline}”"),
        Words("ждёт графика", "waits for a schedule"),
    ),
    "group-without-members": Kind(
        WARNING,
        Words("состав группы «{name}» не назван", "the members of the group “{name}” are not named"),
        Words("одно поручение на всю группу", "one assignment to the group itself"),
    ),
    "sample-members": Kind(
        WARNING,
        Words("состав группы «{name}» назван не полностью", "the members of the group “{name}” are a sample"),
        Words("поручения получают только названные: {members}", "only the named get assignments: {members}"),
    ),
    "window-before-order": Kind(
        WARNING,
        Words("начало {start} раньше приказа от {day}", "begins on {start}, before the order of {day}"),
        Words("открывается {day}", "opens on {day}"),
    ),
    "report-behind-period": Kind(
        INFO,
        Words(
            "отчёт приходится на {day}, после конца периода {last}",
            "the report is due on {day}, after the period's end on {last}",
        ),
    ),
    "before-period": Kind(
        INFO,
        Words("срок {due} раньше начала периода {first}", "due on {due}, before the period begins on {first}"),
        Words("после приказа, поэтому остаётся", "after the order, so it stays"),
    ),
    "non-working-due": Kind(
        INFO,
        Words("срок {due} падает на нерабочий день", "the due date {due} is a non-working day"),
        Words("исполнить до {due_on} включительно ({rule_ru})", "due on {due_on} ({rule_en})"),
    ),
    "decree-day": Kind(
        INFO,
        Words(
            "срок {due_on} падает на день, нерабочий по указу ({act})",
            "due on {due_on}, made non-working by decree ({act})",
        ),
        Words("такие дни сроков не сдвигают (decree_days: false)", "such days move no deadline (decree_days: false)"),
    ),
    "due-on-unexplained": Kind(
        WARNING,
        Words(
            "срок {due_on} написан вместо {computed}, но не сказано почему (settled)",
            "due on {due_on} is written instead of {computed}, without saying why (settled)",
        ),
        Words("действует {due_on}", "{due_on} is in force"),
    ),
    "due-time-before-opening": Kind(
        ERROR,
        Words(
            "срок истекает в {due_time}, а день поручения начинается в {opens_at}: отчёт в сам день срока будет опозданием;"
            ' напишите час конца дня, например due_time: "18:00"',
            "deadlines end at {due_time}, and the day of an assignment begins at {opens_at}: a report on the due day itself is"
            ' late; write the hour at which the day ends, such as due_time: "18:00"',
        ),
    ),
    "opens-early": Kind(
        WARNING,
        Words(
            "точка повторяющейся работы (срок {due}) открывается {start}, когда срок предыдущей ({before}) ещё не прошёл",
            "a point of a recurrence (due on {due}) opens on {start}, before the one before it is over ({before})",
        ),
        Words("открывается {start}", "opens on {start}"),
    ),
    "silent-window": Kind(
        INFO,
        Words(
            "работа длится больше четырёх месяцев, а промежуточных отчётов нет (interim)",
            "a window of more than four months without interim reports",
        ),
    ),
    "bare-august": Kind(
        WARNING,
        Words("«август» без года: до учебного года или после?", "“August” without a year: before the year or after?"),
        Words("{due}", "{due}"),
    ),
    "indicator-without-target": Kind(
        WARNING,
        Words("у показателя {number} нет измеримой цели", "indicator {number} has no measurable target"),
        Words("значение собирается, достижение не считается", "values are collected, reaching it is not judged"),
    ),
    "unused-body": Kind(
        INFO, Words("организация «{name}» ни за что не отвечает", "the body “{name}” answers for nothing")
    ),
    "phrase-differs": Kind(
        WARNING,
        Words("срок «{phrase}» читается как {read}", "the deadline “{phrase}” reads as {read}"),
        Words("написано {written}", "{written} is written"),
    ),
    "start-differs": Kind(
        INFO,
        Words("время работы «{phrase}» читается как {read}", "the window “{phrase}” reads as {read}"),
        Words("написано {written}", "{written} is written"),
    ),
    "cell-differs": Kind(
        WARNING,
        Words("в графе названы: {cell}", "the cell names: {cell}"),
        Words("отвечают: {written}", "{written} answer"),
    ),
    "calendar-not-published": Kind(
        WARNING,
        Words(
            "переносы выходных {year} года календарю ещё не известны",
            "the calendar does not know the moved days of {year} yet",
        ),
        Words("рабочие дни по общим правилам", "working days by the general rules"),
    ),
}

# A decision of a person, said after the reading.
DECIDED = Words("решено ({by}): {text}", "decided ({by}): {text}")
