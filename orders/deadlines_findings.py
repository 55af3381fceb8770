"""Findings: what a careful clerk would ask about a document that was read, by a stable code.

A code, its severity and its two texts stand in one table. A finding of severity error stops a start until a person
has settled it, a warning does not, an info only says how something was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One question about a document.

    `params` fill the texts of the code; `reading` is what was taken meanwhile ("" where nothing was).
    `where` names the measure's number and the column, `line` counts from 1 in files that have lines.
    """

    code: str
    params: dict[str, str] = field(default_factory=dict)
    reading: str = ""
    where: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def severity(self) -> Severity:
        """Return how grave the code is."""
        return TEXTS[self.code][0]

    def text(self, lang: str = "ru") -> str:
        """Return the sentence for people in `ru` or `en`."""
        _, russian, english = TEXTS[self.code]
        return (english if lang == "en" else russian).format_map(self.params)

    def at(self, where: str, file: str | None = None, line: int | None = None) -> Finding:
        """Return the same finding with its place."""
        return replace(self, where=where, file=file, line=line)

    def to_json(self, lang: str = "ru") -> dict[str, Any]:
        """Return the shape F of the interfaces."""
        return {
            "code": self.code,
            "severity": self.severity,
            "where": self.where,
            "text": self.text(lang),
            "reading": self.reading,
            "file": self.file,
            "line": self.line,
            "column": self.column,
        }


TEXTS: dict[str, tuple[Severity, str, str]] = {
    # --- deadlines
    "deadline-not-understood": ("error", "Срок не понят: «{text}»", "The deadline is not understood: “{text}”"),
    "unread-words": (
        "warning",
        "Слова рядом со сроком не разобраны: «{text}»",
        "Words beside the deadline were not read: “{text}”",
    ),
    "no-such-date": ("error", "Нет такой даты: «{text}»", "There is no such date: “{text}”"),
    "no-date": ("warning", "Срок без даты: «{text}»", "The deadline names no date: “{text}”"),
    "separate-plan": (
        "warning",
        "Даты стоят в другом документе: «{text}»",
        "The dates are in another document: “{text}”",
    ),
    "year-not-said": ("warning", "Год не назван: «{text}»", "The year is not said: “{text}”"),
    "year-ambiguous": (
        "warning",
        "Год можно понять двояко: «{text}» — {one} или {other}",
        "The year can be taken two ways: “{text}”: {one} or {other}",
    ),
    "outside-period": (
        "warning",
        "Срок {due} вне периода плана {start} – {end}",
        "The due date {due} lies outside the plan's period {start} to {end}",
    ),
    "before-order": (
        "error",
        "Срок {due} раньше даты приказа {signed}",
        "The due date {due} lies before the order's date {signed}",
    ),
    "window-before-order": (
        "warning",
        "Начало {start} раньше даты приказа {signed}",
        "The start {start} lies before the order's date {signed}",
    ),
    "non-working-day": (
        "warning",
        "{due} — нерабочий день (календарь {calendar})",
        "{due} is a non-working day (calendar {calendar})",
    ),
    "outside-calendar": ("info", "{due} вне производственного календаря", "{due} lies outside the calendar"),
    "compound-phrase": (
        "warning",
        "Срок составной: «{text}»",
        "The deadline is made of several: “{text}”",
    ),
    "open-end": ("warning", "Окончание не названо: «{text}»", "The end is not said: “{text}”"),
    "approximate": ("warning", "Срок приблизительный: «{text}»", "The deadline is approximate: “{text}”"),
    "boundary": (
        "warning",
        "Не сказано, входит ли сам срок: «{text}»",
        "It is not said whether the bound itself is meant: “{text}”",
    ),
    "due-before-start": (
        "error",
        "Окончание раньше начала: «{text}»",
        "The end lies before the start: “{text}”",
    ),
    "repeated-date": ("warning", "Один срок назван дважды: «{text}»", "One date is named twice: “{text}”"),
    "school-year-end": (
        "warning",
        "Конец учебного года не назван: «{text}»",
        "The end of the school year is not said: “{text}”",
    ),
    "school-term": (
        "warning",
        "Границы четвертей в документе не названы: «{text}»",
        "The bounds of the school's terms are not in the document: “{text}”",
    ),
    "calendar-unit": (
        "info",
        "Взяты календарные границы: «{text}»",
        "Calendar bounds were taken: “{text}”",
    ),
    "counted-from-signing": (
        "info",
        "Срок отсчитан от подписания {signed}: «{text}»",
        "The term is counted from the signing on {signed}: “{text}”",
    ),
    "signing-unknown": (
        "warning",
        "Дата подписания неизвестна, срок не отсчитать: «{text}»",
        "The signing date is unknown, the term cannot be counted: “{text}”",
    ),
    "event-date-unknown": (
        "warning",
        "Срок зависит от события без даты: «{text}»",
        "The deadline depends on an event without a date: “{text}”",
    ),
    "needs-calendar": (
        "warning",
        "Для рабочих дней нужен календарь: «{text}»",
        "Working days need a calendar: “{text}”",
    ),
    "exception": (
        "warning",
        "Исключение из срока не применено: «{text}»",
        "The exception in the deadline was not applied: “{text}”",
    ),
    "count-differs": (
        "warning",
        "Названо раз: {said}, дат: {named}: «{text}»",
        "Said times: {said}, dates named: {named}: “{text}”",
    ),
    "bracketed-date": (
        "warning",
        "Срок и в скобках, и вне их: «{text}»",
        "There are dates inside and outside the brackets: “{text}”",
    ),
    "month-list": (
        "warning",
        "Перечень или промежуток? «{text}»",
        "A list or a range? “{text}”",
    ),
    "weekday-differs": (
        "warning",
        "День недели не подходит к дате: «{text}»",
        "The weekday does not fit the date: “{text}”",
    ),
    "time-of-day": ("info", "В сроке названо время: {text}", "The deadline names a time of day: {text}"),
    "date-in-words": ("info", "Дата словами: «{text}»", "The date is in words: “{text}”"),
    "footnote": ("info", "Знак сноски в тексте: «{text}»", "A footnote mark in the text: “{text}”"),
    "foreign-digits": ("warning", "Необычные цифры: «{text}»", "Unusual digits: “{text}”"),
    "damaged-glyphs": ("warning", "Повреждены знаки: «{text}»", "Damaged glyphs: “{text}”"),
    "broken-word": ("warning", "Слова разорваны или слиты: «{text}»", "Words are broken or glued: “{text}”"),
    "misspelt": ("warning", "Опечатка: «{text}»", "A misspelling: “{text}”"),
    "hidden-characters": (
        "warning",
        "Невидимые или управляющие знаки: {text}",
        "Invisible or control characters: {text}",
    ),
    # --- bodies
    "missing-body": ("error", "Ответственный не назван", "No responsible body is named"),
    "bodies-too-long": (
        "error",
        "Ячейка ответственных слишком длинна: «{text}…»",
        "The cell of bodies is too long: “{text}…”",
    ),
    "deadline-in-bodies": (
        "error",
        "В графе ответственных стоит срок: «{text}»",
        "The column of bodies holds a deadline: “{text}”",
    ),
    "recommendation": ("warning", "Рекомендация, а не поручение: «{text}»", "A recommendation, not an order: “{text}”"),
    "no-separator": ("warning", "Между ответственными нет знака: «{text}»", "Nothing separates the bodies: “{text}”"),
    "unclear-body": ("warning", "Непонятно, кто это: «{text}»", "It is not clear who this is: “{text}”"),
    "unknown-body": ("warning", "Нет в справочнике: «{text}»", "Not in the registry: “{text}”"),
    # --- documents and tables
    "no-plan-table": ("error", "Таблица плана не найдена", "No plan table was found"),
    "columns-not-recognised": (
        "error",
        "Столбцы таблицы не распознаны ({count}): {text}",
        "The table's columns are not recognised ({count}): {text}",
    ),
    "no-measures": ("error", "В таблице нет мероприятий", "The table holds no measures"),
    "columns-by-content": (
        "warning",
        "Заголовков нет, столбцы узнаны по содержанию: {text}",
        "There are no headings; the columns were told by their content: {text}",
    ),
    "no-number-column": ("warning", "В таблице нет номеров", "The table has no numbers"),
    "no-responsible-column": ("error", "В таблице нет графы ответственных", "The table has no column of bodies"),
    "ragged-row": (
        "warning",
        "В строке {seen} ячеек вместо {wanted}",
        "The row has {seen} cells instead of {wanted}",
    ),
    "row-split": ("warning", "Строка разорвана, продолжение: «{text}»", "The row was cut; its rest: “{text}”"),
    "glued-rows": ("warning", "Несколько строк слились в одну: {text}", "Several rows were glued into one: {text}"),
    "repeated-heading": (
        "info",
        "Заголовок таблицы повторён среди строк",
        "The table's heading stands among its rows again",
    ),
    "span-too-large": ("warning", "Слишком широкая ячейка: {span}", "A cell spans too much: {span}"),
    "tracked-changes": (
        "warning",
        "В документе есть исправления, взят новый текст: «{text}»",
        "The document has tracked changes, the new text was taken: “{text}”",
    ),
    "hidden-text": ("warning", "Скрытый текст пропущен: «{text}»", "Hidden text was left out: “{text}”"),
    "markup-in-text": (
        "warning",
        "Разметка в тексте оставлена как есть: «{text}»",
        "Markup was kept as text: “{text}”",
    ),
    "code-fence": (
        "info",
        "Таблица внутри блока кода прочитана как таблица",
        "A table in a code fence was read as a table",
    ),
    "encoding-guessed": ("warning", "Файл не в UTF-8, прочитан как {text}", "The file is not UTF-8, read as {text}"),
    "no-text-layer": ("error", "В PDF нет текстового слоя", "The PDF has no text layer"),
    "long-text": ("warning", "Очень длинный текст: {count} знаков", "A very long text: {count} characters"),
    # --- the order and its measures
    "order-date-missing": ("warning", "Дата приказа не найдена", "The order's date was not found"),
    "order-number-missing": ("warning", "Номер приказа не найден", "The order's number was not found"),
    "order-data-differ": (
        "warning",
        "Дата или номер приказа названы по-разному: {one} и {other}",
        "The order's date or number is given in two ways: {one} and {other}",
    ),
    "period-missing": ("warning", "Период плана не назван", "The plan's period is not said"),
    "truncated-number": ("warning", "Номер обрезан: «{text}»", "The number is cut: “{text}”"),
    "number-qualified": (
        "info",
        "Нумерация в каждом разделе своя: «{text}»",
        "Each section has its own numbers: “{text}”",
    ),
    "number-missing": ("warning", "У мероприятия нет номера: «{text}»", "The measure has no number: “{text}”"),
    "duplicate-number": (
        "error",
        "Номер {number} стоит дважды (строки {places})",
        "The number {number} stands twice (lines {places})",
    ),
    "missing-title": ("error", "Мероприятие не названо", "The measure has no title"),
    "missing-deadline": ("error", "Срок не указан", "No deadline is given"),
    "missing-value": ("warning", "Пустая графа «{column}»", "The column “{column}” is empty"),
    "shifted-columns": ("error", "Столбцы сдвинуты: «{text}»", "The columns are shifted: “{text}”"),
    "list-against-dates": (
        "warning",
        "Перечень из {items} пунктов сопоставлен со сроками ({dates})",
        "A list of {items} items was paired with {dates} dates",
    ),
    "list-differs": (
        "warning",
        "В перечне {items} пунктов, а сроков {dates}",
        "The list has {items} items, but there are {dates} dates",
    ),
    "title-contradicts": (
        "warning",
        "В названии «{title}», а в сроке {cell}",
        "The title says “{title}”, the deadline {cell}",
    ),
    "contradicts-section": (
        "warning",
        "Срок {due} вне срока этапа «{stage}»",
        "The due date {due} lies outside the stage's time “{stage}”",
    ),
    "no-measurable-target": ("warning", "У показателя нет числа: «{text}»", "The indicator has no figure: “{text}”"),
    "comparator-not-said": (
        "info",
        "Не сказано, «не менее» или «не более»: «{text}»",
        "It is not said whether at least or at most: “{text}”",
    ),
    "two-names": (
        "warning",
        "Один орган назван двояко: «{one}» и «{other}»",
        "One body under two names: “{one}” and “{other}”",
    ),
    "abbreviation": ("info", "Сокращение не раскрыто: {text}", "The abbreviation is never spelt out: {text}"),
}
