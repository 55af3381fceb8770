"""What a careful clerk asks about a document that was read: the reader's table of codes.

The findings themselves are those of `findings`: one type for documents and for a roadmap.yaml. A finding of severity
error stops a start until a person has settled it, a warning does not, an info only says how something was read.
"""

from __future__ import annotations

from collections.abc import Mapping

from orders.findings import ERROR, INFO, WARNING, Kind, Place, PlacedFinding, Words, shown

SHOWN = 200

# `starter.py check` says the same of the file itself, or the number that was mended stands there.
SAID_BY_CHECK = {
    "missing-body": "no-body", "before-order": "due-before-order", "non-working-day": "non-working-due",
    "window-before-order": "window-before-order", "truncated-number": "", "number-qualified": "",
    "duplicate-number": "duplicate-number", "outside-period": "outside-period", "due-before-start": "due-before-start",
    "controller-missing": "no-controller", "signatory-missing": "no-controller",
}  # fmt: skip


def doubt(
    code: str,
    params: Mapping[str, str] | None = None,
    reading: str = "",
    where: str = "",
    line: int | None = None,
) -> PlacedFinding:
    """Return a finding of the table; `params` fill its words, `reading` is what was taken meanwhile.

    `where` names the measure's number and the column; `line` is the source's line, or the page of a PDF, from 1.
    """
    kind = READING[code]
    said = {name: shown(" ".join(value.split()), SHOWN) for name, value in (params or {}).items()}
    taken = Words(reading, reading) if reading else None
    return PlacedFinding(code, kind.severity, where, kind.words.fill(said), taken, "", Place(line, 1) if line else None)


READING: Mapping[str, Kind] = {
    # --- deadlines
    "deadline-not-understood": Kind(
        ERROR,
        Words(
            "Срок не понят: «{text}». Впишите контрольные точки с датами",
            "The deadline is not understood: “{text}”. Enter checkpoints with dates",
        ),
    ),
    "unread-words": Kind(
        WARNING,
        Words(
            "Слова рядом со сроком не разобраны: «{text}». Проверьте, не меняют ли они дату",
            "Words beside the deadline were not read: “{text}”. Check whether they change the date",
        ),
    ),
    "no-such-date": Kind(
        ERROR,
        Words(
            "Нет такой даты: «{text}». Впишите верную",
            "There is no such date: “{text}”. Enter the right one",
        ),
    ),
    "no-date": Kind(
        WARNING,
        Words(
            "Срок без даты: «{text}». Впишите контрольную точку с датой или оставьте без даты: исполнителя спросят о графике",
            "The deadline names no date: “{text}”. Enter a checkpoint with a date, or leave it: whoever is responsible will be asked for a schedule",
        ),
    ),
    "end-taken": Kind(
        WARNING,
        Words(
            "Срок без даты: «{text}». Взят конец периода. Проверьте его или впишите свой день",
            "The deadline names no date: “{text}”. The end of the period was taken. Check it, or enter a day of your own",
        ),
    ),
    "separate-plan": Kind(
        WARNING,
        Words(
            "Даты стоят в другом документе: «{text}». Впишите их оттуда",
            "The dates are in another document: “{text}”. Enter them from there",
        ),
    ),
    "year-not-said": Kind(
        WARNING,
        Words(
            "Год не назван: «{text}». Проверьте год в датах",
            "The year is not said: “{text}”. Check the year of the dates",
        ),
    ),
    "year-ambiguous": Kind(
        WARNING,
        Words(
            "Год можно понять двояко: «{text}» — {one} или {other}. Проверьте год в датах",
            "The year can be taken two ways: “{text}”: {one} or {other}. Check the year of the dates",
        ),
    ),
    "month-not-said": Kind(
        WARNING,
        Words(
            "Не сказано, какого месяца это число: «{text}». Проверьте даты",
            "It is not said of which month the day is: “{text}”. Check the dates",
        ),
    ),
    "outside-period": Kind(
        WARNING,
        Words(
            "Срок {due} вне периода плана {start} – {end}. Исправьте дату или период",
            "The due date {due} lies outside the plan's period {start} to {end}. Correct the date or the period",
        ),
    ),
    "report-behind-period": Kind(
        WARNING,
        Words(
            "Последний отчёт приходится на время после плана; уберите его, если он не нужен: «{text}»",
            "The last report is due after the plan's end; take it out if it is not wanted: “{text}”",
        ),
    ),
    "before-order": Kind(
        ERROR,
        Words(
            "Срок {due} раньше даты приказа {signed}. Впишите новый срок (due_on) и кто его назначил (settled)",
            "The due date {due} lies before the order's date {signed}. Enter another one (due_on) and who set it (settled)",
        ),
    ),
    "window-before-order": Kind(
        WARNING,
        Words(
            "Начало {start} раньше даты приказа {signed}: отсчёт пойдёт с даты приказа. Проверьте дату",
            "The start {start} lies before the order's date {signed}, which counts instead. Check the date",
        ),
    ),
    "non-working-day": Kind(
        WARNING,
        Words(
            "{due} — нерабочий день. Проверьте, на какой день его перенести",
            "{due} is a non-working day. Check to which day it is moved",
        ),
    ),
    "outside-calendar": Kind(INFO, Words("{due} вне производственного календаря", "{due} lies outside the calendar")),
    "compound-phrase": Kind(
        WARNING,
        Words(
            "В графе срока несколько сроков: «{text}». Проверьте, что каждому отвечает своя контрольная точка",
            "The field holds several deadlines: “{text}”. Check that each has a checkpoint of its own",
        ),
    ),
    "open-end": Kind(
        WARNING,
        Words(
            "Названо только начало: «{text}». Впишите, к какой дате исполнить",
            "Only the beginning is said: “{text}”. Enter by which date it is to be done",
        ),
    ),
    "approximate": Kind(
        WARNING,
        Words(
            "Срок приблизительный: «{text}». Взят последний день, исправьте, если нужен другой",
            "The deadline is approximate: “{text}”. Its last day was taken, correct it if another one is meant",
        ),
    ),
    "boundary": Kind(
        WARNING,
        Words(
            "Не сказано, входит ли сам названный срок: «{text}». Проверьте дату",
            "It is not said whether the bound itself is meant: “{text}”. Check the date",
        ),
    ),
    "due-before-start": Kind(
        ERROR,
        Words(
            "Окончание раньше начала: «{text}». Исправьте даты",
            "The end lies before the start: “{text}”. Correct the dates",
        ),
    ),
    "repeated-date": Kind(
        WARNING,
        Words(
            "Один срок назван дважды: «{text}». Взят один раз; если это разные сроки, впишите второй",
            "One date is named twice: “{text}”. It was taken once; enter the second one if they differ",
        ),
    ),
    "school-year-end": Kind(
        WARNING,
        Words(
            "Последний день учебного года не назван: «{text}». Впишите свой, если взят не тот",
            "The last day of the school year is not said: “{text}”. Enter yours if another one was taken",
        ),
    ),
    "school-term": Kind(
        WARNING,
        Words(
            "Границы четвертей в документе не названы: «{text}». Впишите даты вашего календарного графика",
            "The bounds of the school's terms are not in the document: “{text}”. Enter the dates of your calendar",
        ),
    ),
    "calendar-unit": Kind(
        INFO,
        Words(
            "Квартал, полугодие или время года взяты по календарю: «{text}». Исправьте, если у вас другие границы",
            "Quarters, halves and seasons were taken as the calendar has them: “{text}”. Correct them if yours differ",
        ),
    ),
    "season-named": Kind(
        WARNING,
        Words(
            "Дней этого периода в документе нет: «{text}». Взяты календарные месяцы, впишите свои даты, если они другие",
            "The document does not say the days of this season: “{text}”. The calendar's months were taken, enter your dates if they differ",
        ),
    ),
    "counted-from-signing": Kind(
        INFO,
        Words(
            "Срок отсчитан от подписания {signed}: «{text}»",
            "The term is counted from the signing on {signed}: “{text}”",
        ),
    ),
    "signing-unknown": Kind(
        WARNING,
        Words(
            "Срок считается от подписания, а его дата неизвестна: «{text}». Впишите дату приказа и срок",
            "The term counts from the signing, whose date is not known: “{text}”. Enter the order's date and the due date",
        ),
    ),
    "event-date-unknown": Kind(
        WARNING,
        Words(
            "Срок зависит от события, даты которого нет: «{text}». Впишите дату, когда она станет известна",
            "The deadline depends on an event without a date: “{text}”. Enter the date when it is known",
        ),
    ),
    "needs-calendar": Kind(
        WARNING,
        Words(
            "Срок в рабочих днях, а календаря нет: «{text}». Впишите дату сами",
            "The term is in working days, and there is no calendar: “{text}”. Enter the date yourself",
        ),
    ),
    "exception": Kind(
        WARNING,
        Words(
            "Исключение из срока не учтено: «{text}». Уберите лишние даты сами",
            "The exception in the deadline was not applied: “{text}”. Take the dates out yourself",
        ),
    ),
    "count-differs": Kind(
        WARNING,
        Words(
            "Названо раз: {said}, дат: {named}: «{text}». Допишите или уберите даты",
            "Said times: {said}, dates named: {named}: “{text}”. Add or take out dates",
        ),
    ),
    "bracketed-date": Kind(
        WARNING,
        Words(
            "Даты и в скобках, и вне их: «{text}». Оставьте те, к которым исполнить",
            "There are dates inside and outside the brackets: “{text}”. Keep those by which it is to be done",
        ),
    ),
    "month-list": Kind(
        WARNING,
        Words(
            "Перечень или промежуток? «{text}». Проверьте даты",
            "A list or a range? “{text}”. Check the dates",
        ),
    ),
    "weekday-differs": Kind(
        WARNING,
        Words(
            "День недели не подходит к дате: «{text}». Проверьте дату",
            "The weekday does not fit the date: “{text}”. Check the date",
        ),
    ),
    "time-of-day": Kind(INFO, Words("В сроке названо время: {text}", "The deadline names a time of day: {text}")),
    "date-in-words": Kind(INFO, Words("Дата словами: «{text}»", "The date is in words: “{text}”")),
    "roman-month": Kind(INFO, Words("Месяц римской цифрой: «{text}»", "The month is in Roman numerals: “{text}”")),
    "footnote": Kind(INFO, Words("Знак сноски в тексте: «{text}»", "A footnote mark in the text: “{text}”")),
    "foreign-digits": Kind(
        WARNING,
        Words(
            "Необычные цифры: «{text}». Проверьте, так ли они прочитаны",
            "Unusual digits: “{text}”. Check whether they were read rightly",
        ),
    ),
    "damaged-glyphs": Kind(
        WARNING,
        Words(
            "Повреждены знаки: «{text}». Проверьте, так ли они прочитаны",
            "Damaged glyphs: “{text}”. Check whether they were read rightly",
        ),
    ),
    "broken-word": Kind(
        WARNING,
        Words(
            "Слова разорваны или слиты: «{text}». Проверьте, так ли они прочитаны",
            "Words are broken or glued: “{text}”. Check whether they were read rightly",
        ),
    ),
    "misspelt": Kind(
        WARNING,
        Words(
            "Опечатка: «{text}». Проверьте, то ли слово прочитано",
            "A misspelling: “{text}”. Check whether the right word was read",
        ),
    ),
    "hidden-characters": Kind(
        WARNING,
        Words(
            "Невидимые или управляющие знаки: {text}. Проверьте текст и уберите их",
            "Invisible or control characters: {text}. Check the text and take them out",
        ),
    ),
    # --- bodies
    "missing-body": Kind(
        ERROR,
        Words(
            "Ответственный не назван. Впишите его код в bodies",
            "No responsible body is named. Enter its code in bodies",
        ),
    ),
    "bodies-too-long": Kind(
        ERROR,
        Words(
            "Ячейка ответственных слишком длинна: «{text}…». Впишите их в bodies сами",
            "The cell of bodies is too long: “{text}…”. Enter them in bodies yourself",
        ),
    ),
    "deadline-in-bodies": Kind(
        ERROR,
        Words(
            "В графе ответственных стоит срок: «{text}». Впишите ответственного",
            "The column of bodies holds a deadline: “{text}”. Enter who is responsible",
        ),
    ),
    "recommendation": Kind(
        WARNING,
        Words(
            "Это рекомендация, а не поручение: «{text}». Решите, контролировать ли её",
            "A recommendation, not an order: “{text}”. Decide whether it is to be controlled",
        ),
    ),
    "no-separator": Kind(
        WARNING,
        Words(
            "Между ответственными нет знака: «{text}». Проверьте, где кончается один и начинается другой",
            "Nothing separates the bodies: “{text}”. Check where one ends and the next begins",
        ),
    ),
    "one-or-several": Kind(
        WARNING,
        Words(
            "Один ответственный или несколько: «{text}»? Разделите или соедините их в bodies",
            "One body or several: “{text}”? Part them or join them in bodies",
        ),
    ),
    "number-range": Kind(
        WARNING,
        Words(
            "Вместо номеров назван промежуток: «{text}». Взяты все по порядку, уберите те, которых нет",
            "A range stands for numbers: “{text}”. All of them were taken, take out those that do not exist",
        ),
    ),
    "unclear-body": Kind(
        WARNING,
        Words(
            "Непонятно, кто это: «{text}». Проверьте название в bodies",
            "It is not clear who this is: “{text}”. Check the name in bodies",
        ),
    ),
    "words-beside-bodies": Kind(
        WARNING,
        Words(
            "Эти слова графы ответственных не вошли ни в одно название: «{text}». Проверьте, не пропущен ли кто",
            "These words of the column of bodies stand in none of the names: “{text}”. Check whether anybody is missing",
        ),
    ),
    "unknown-body": Kind(
        WARNING,
        Words(
            "Нет в справочнике: «{text}». Проверьте название или допишите справочник",
            "Not in the registry: “{text}”. Check the name, or add it to the registry",
        ),
    ),
    # --- documents and tables
    "no-plan-table": Kind(
        ERROR,
        Words(
            "План не найден: нужна таблица, где названы мероприятия и сроки, или пункты с пометками «Срок: …». Проверьте, тот ли это файл",
            "No plan was found: a table is wanted that names measures and times, or points with labels for times and bodies. Check whether it is the right file",
        ),
    ),
    "columns-not-recognised": Kind(
        ERROR,
        Words(
            "Столбцы таблицы не распознаны ({count}): {text}. Назовите в ней графы «Мероприятие», «Срок», «Ответственный» и прочтите файл снова",
            "The table's columns are not recognised ({count}): {text}. Head them with what is to be done, when and by whom, and read the file again",
        ),
    ),
    "no-measures": Kind(
        ERROR,
        Words(
            "В таблице нет мероприятий. Проверьте, тот ли это файл, или внесите их сами",
            "The table holds no measures. Check whether it is the right file, or enter them yourself",
        ),
    ),
    "columns-by-content": Kind(
        WARNING,
        Words(
            "Заголовков нет, столбцы узнаны по содержанию: {text}. Сверьте их с документом",
            "There are no headings; the columns were told by their content: {text}. Compare them with the document",
        ),
    ),
    "plan-of-a-list": Kind(
        WARNING,
        Words(
            "Таблицы плана нет: мероприятия взяты из пунктов с пометками ({text}), сверьте их с документом",
            "There is no plan table: the measures were taken from points with labels ({text}), compare them with the document",
        ),
    ),
    "plan-of-points": Kind(
        WARNING,
        Words(
            "Плана нет: мероприятиями взяты пункты приказа ({text}), сверьте их сроки и ответственных",
            "There is no plan: the order's points were taken for measures ({text}), compare their dates and bodies",
        ),
    ),
    "points-with-dates": Kind(
        WARNING,
        Words(
            "В пунктах приказа названы сроки, в плане этих поручений нет; внесите нужные сами: {text}",
            "Points of the order name dates and are not in the plan; enter those that are wanted yourself: {text}",
        ),
    ),
    "points-left-out": Kind(
        WARNING,
        Words(
            "Пункты и абзацы без пометок не перенесены; поручения среди них внесите сами: {text}",
            "Points and paragraphs without labels were not carried over; enter the orders among them yourself: {text}",
        ),
    ),
    "headings-guessed": Kind(
        WARNING,
        Words(
            "Номеров нет; строки без пометок взяты как заголовки разделов, поручения среди них внесите сами: {text}",
            "There are no numbers; lines without labels were taken as headings of sections; enter the orders among them yourself: {text}",
        ),
    ),
    "label-twice": Kind(
        WARNING,
        Words(
            "У пункта {point} пометка «{text}» стоит не раз: не слились ли здесь два поручения?",
            "The point {point} has the label “{text}” more than once: are two orders run together here?",
        ),
    ),
    "label-of-one": Kind(
        WARNING,
        Words(
            "Пометка «{text}» есть только у пункта {point}: она о нём или обо всём плане?",
            "Only the point {point} has the label “{text}”: is it about this point or about the whole plan?",
        ),
    ),
    "line-below-label": Kind(
        WARNING,
        Words(
            "Не ясно, относится ли строка «{text}» к пометке «{label}» над ней. Проверьте",
            "It is not clear whether the line “{text}” belongs to the label “{label}” above it. Check it",
        ),
    ),
    "columns-by-position": Kind(
        WARNING,
        Words(
            "Таблица без линий: столбцы и строки узнаны по месту слов, сверьте их с документом",
            "A table without lines: columns and rows were told by where the words stand; compare them with the document",
        ),
    ),
    "no-number-column": Kind(
        WARNING,
        Words(
            "В таблице нет номеров: мероприятиям даны номера 1, 2, 3… Исправьте, если у вас другие",
            "The table has no numbers: the measures are numbered 1, 2, 3… Correct them if yours differ",
        ),
    ),
    "no-responsible-column": Kind(
        ERROR,
        Words(
            "В таблице нет графы ответственных. Впишите их в bodies каждого мероприятия",
            "The table has no column of bodies. Enter them in the bodies of each measure",
        ),
    ),
    "ragged-row": Kind(
        WARNING,
        Words(
            "В строке {seen} ячеек вместо {wanted}. Сверьте её с документом",
            "The row has {seen} cells instead of {wanted}. Compare it with the document",
        ),
    ),
    "cells-moved": Kind(
        WARNING,
        Words(
            "Ячейки строки стоят не под своими заголовками, они взяты по порядку; сверьте: «{text}»",
            "The row's cells do not stand below their headings and were taken in their order; compare: “{text}”",
        ),
    ),
    "column-unnamed": Kind(
        WARNING,
        Words(
            "Графа без заголовка не прочитана: «{text}». Если в ней поручение, внесите его сами",
            "A column without a heading was not read: “{text}”. If it holds an order, enter it yourself",
        ),
    ),
    "no-deadline-column": Kind(
        WARNING,
        Words(
            "Графы сроков нет: срок мероприятия взят из строки с месяцем над ним. Сверьте",
            "There is no column of deadlines: a measure's deadline is the month that stands above it. Compare them",
        ),
    ),
    "section-empty": Kind(
        ERROR,
        Words(
            "Под строкой «{text}» ничего нет: это раздел или мероприятие без срока и ответственного?",
            "Nothing stands below the line “{text}”: is it a section, or a measure without deadline and body?",
        ),
    ),
    "section-guessed": Kind(
        WARNING,
        Words(
            "Строка «{text}» взята как раздел, а не мероприятие: ни срока, ни ответственного в ней нет. Если это мероприятие, внесите его сами",
            "The line “{text}” was taken for a section and no measure: it names neither time nor body. If it is one, enter it yourself",
        ),
    ),
    "row-not-read": Kind(
        ERROR,
        Words(
            "В этой строке таблицы прочитано не всё, внесите сами: «{text}»",
            "Not all of this row of the table was read, enter it yourself: “{text}”",
        ),
    ),
    "table-not-read": Kind(
        ERROR,
        Words(
            "Таблица со сроками не прочитана (строк: {count}); если в ней мероприятия, внесите их сами: «{text}»",
            "A table with dates was not read ({count} rows); if it holds measures, enter them yourself: “{text}”",
        ),
    ),
    "table-left-out": Kind(
        WARNING,
        Words(
            "Таблица не похожа на план и не перенесена (строк: {count}); если в ней есть поручения, внесите их сами: «{text}»",
            "A table that is no plan was not carried over ({count} rows); if it holds orders, enter them yourself: “{text}”",
        ),
    ),
    "text-not-read": Kind(
        WARNING,
        Words(
            "В тексте вне плана назван срок; если это поручение, внесите его сами: «{text}»",
            "The text beside the plan names a deadline; if it is an order, enter it yourself: “{text}”",
        ),
    ),
    "order-not-read": Kind(
        WARNING,
        Words(
            "В тексте вне плана есть пункт без срока; если это поручение, внесите его сами: «{text}»",
            "The text beside the plan has a point without a date; if it is an order, enter it yourself: “{text}”",
        ),
    ),
    "deadline-of-section": Kind(
        WARNING,
        Words(
            "Графа срока пуста: взят срок строки «{text}» над мероприятием. Проверьте дату",
            "The deadline's field is empty: the time of the line “{text}” above the measure was taken. Check the date",
        ),
    ),
    "columns-left-out": Kind(
        INFO,
        Words("Эти графы в дорожную карту не переносятся: {text}", "These columns are not carried over: {text}"),
    ),
    "row-left-out": Kind(
        INFO, Words("Строка не мероприятие, не перенесена: «{text}»", "No measure, not carried over: “{text}”")
    ),
    "row-split": Kind(
        WARNING,
        Words(
            "Строка была разорвана и соединена, вот продолжение: «{text}». Сверьте её с документом",
            "The row was cut and joined again; its rest is: “{text}”. Compare it with the document",
        ),
    ),
    "rows-under-one-number": Kind(
        WARNING,
        Words(
            "Под одним номером несколько строк, они соединены в одно мероприятие; вот продолжение: «{text}». Если это другое мероприятие, разделите их",
            "Several rows stand under one number and were joined into one measure; the rest of it is: “{text}”. If it is another measure, part them",
        ),
    ),
    "glued-rows": Kind(
        WARNING,
        Words(
            "Несколько строк слились в одну: {text}. Сверьте их с документом",
            "Several rows were glued into one: {text}. Compare them with the document",
        ),
    ),
    "repeated-heading": Kind(
        INFO, Words("Заголовок таблицы повторён среди строк", "The table's heading stands among its rows again")
    ),
    "span-too-large": Kind(
        WARNING,
        Words(
            "Слишком широкая ячейка: {span}. Сверьте таблицу с документом",
            "A cell spans too much: {span}. Compare the table with the document",
        ),
    ),
    "tracked-changes": Kind(
        WARNING,
        Words(
            "В документе есть исправления, взят новый текст: «{text}». Проверьте, приняты ли они",
            "The document has tracked changes, the new text was taken: “{text}”. Check whether they were accepted",
        ),
    ),
    "hidden-text": Kind(
        WARNING,
        Words(
            "Скрытый текст пропущен: «{text}». Если он нужен, внесите его сами",
            "Hidden text was left out: “{text}”. Enter it yourself if it is wanted",
        ),
    ),
    "markup-in-text": Kind(
        WARNING,
        Words(
            "Разметка в тексте оставлена как есть: «{text}». Проверьте текст",
            "Markup was kept as text: “{text}”. Check the text",
        ),
    ),
    "code-fence": Kind(
        INFO, Words("Таблица внутри блока кода прочитана как таблица", "A table in a code fence was read as a table")
    ),
    "converted": Kind(
        WARNING,
        Words(
            "Файл {text} переведён в .docx программой LibreOffice: сверьте таблицы с ним",
            "The {text} file was made a .docx by LibreOffice: compare the tables with it",
        ),
    ),
    "encoding-guessed": Kind(
        WARNING,
        Words(
            "Файл не в UTF-8, прочитан как {text}. Проверьте, верны ли буквы",
            "The file is not UTF-8, read as {text}. Check whether the letters are right",
        ),
    ),
    "rebuilt-pdf": Kind(
        WARNING,
        Words(
            "Оглавление PDF повреждено и составлено заново: сверьте, все ли страницы на месте",
            "The PDF's table of contents of objects is damaged and was made anew: check that no page is missing",
        ),
    ),
    "no-text-layer": Kind(
        ERROR,
        Words(
            "В PDF нет текста, только изображения страниц: это скан. Распознайте его или возьмите файл, из которого он сделан",
            "The PDF has no text, only pictures of its pages: it is a scan. Have it recognised, or take the file that it was made of",
        ),
    ),
    "page-without-text": Kind(
        ERROR,
        Words(
            "На этой странице нет текста, только изображение: распознайте её или внесите сами, что на ней",
            "This page has no text, only a picture: have it recognised, or enter yourself what it says",
        ),
    ),
    "long-text": Kind(
        WARNING,
        Words(
            "Очень длинный текст: {count} знаков. Проверьте, не слились ли строки",
            "A very long text: {count} characters. Check whether rows ran together",
        ),
    ),
    # --- the order and its measures
    "order-date-missing": Kind(
        WARNING,
        Words(
            "Дата приказа не найдена. Впишите date в order",
            "The order's date was not found. Enter date in order",
        ),
    ),
    "order-number-missing": Kind(
        WARNING,
        Words(
            "Номер приказа не найден. Впишите number в order",
            "The order's number was not found. Enter number in order",
        ),
    ),
    "order-number-damaged": Kind(
        WARNING,
        Words("Номер приказа повреждён: «{text}»; впишите его", "The order's number is damaged: “{text}”; enter it"),
    ),
    "amends": Kind(
        ERROR,
        Words(
            "Это приказ об изменении другого: «{text}». Начинают год по приказу, который он меняет, с этими изменениями",
            "This order amends another one: “{text}”. A year is started by the order that it amends, with these changes",
        ),
    ),
    "order-data-differ": Kind(
        WARNING,
        Words(
            "Дата или номер приказа названы по-разному: {one} и {other}. Проверьте, что верно",
            "The order's date or number is given in two ways: {one} and {other}. Check which is right",
        ),
    ),
    "period-of-season": Kind(
        WARNING,
        Words(
            "Период плана назван сезоном, его дней в документе нет: «{text}». Проверьте from и to в period",
            "The plan's period is a season, whose days the document does not say: “{text}”. Check from and to in period",
        ),
    ),
    "period-in-text": Kind(
        WARNING,
        Words(
            "В названиях период не назван, он взят из текста: «{text}». Проверьте from и to в period",
            "No title names the period, it was taken from the text: “{text}”. Check from and to in period",
        ),
    ),
    "period-differs": Kind(
        WARNING,
        Words(
            "Период плана назван по-разному: {one} и {other}. Проверьте from и to в period",
            "The plan's period is given in two ways: {one} and {other}. Check from and to in period",
        ),
    ),
    "period-missing": Kind(
        WARNING,
        Words(
            "Период плана не назван. Впишите from и to в period",
            "The plan's period is not said. Enter from and to in period",
        ),
    ),
    "truncated-number": Kind(
        WARNING,
        Words(
            "Номер обрезан: «{text}». Проверьте, какой взят вместо него",
            "The number is cut: “{text}”. Check which one was taken instead",
        ),
    ),
    "number-qualified": Kind(
        INFO, Words("Нумерация в каждом разделе своя: «{text}»", "Each section has its own numbers: “{text}”")
    ),
    "number-missing": Kind(
        WARNING,
        Words(
            "У мероприятия нет номера: «{text}». Проверьте, какой ему дан",
            "The measure has no number: “{text}”. Check which one it was given",
        ),
    ),
    "duplicate-number": Kind(
        ERROR,
        Words(
            "Номер {number} стоит дважды (строки {places}). Исправьте один из них",
            "The number {number} stands twice (lines {places}). Correct one of them",
        ),
    ),
    "missing-title": Kind(
        ERROR,
        Words(
            "Мероприятие не названо. Впишите, что сделать",
            "The measure has no title. Enter what is to be done",
        ),
    ),
    "missing-deadline": Kind(
        ERROR,
        Words(
            "Срок не указан. Впишите контрольную точку с датой",
            "No deadline is given. Enter a checkpoint with a date",
        ),
    ),
    "missing-value": Kind(
        WARNING,
        Words(
            "Графа «{column}» пуста. Впишите, что в ней должно стоять, если это важно",
            "The column “{column}” is empty. Enter what belongs there if it matters",
        ),
    ),
    "shifted-columns": Kind(
        ERROR,
        Words(
            "Столбцы сдвинуты: «{text}». Проверьте срок и ответственного",
            "The columns are shifted: “{text}”. Check the deadline and who is responsible",
        ),
    ),
    "list-against-dates": Kind(
        WARNING,
        Words(
            "Перечень из {items} пунктов сопоставлен со сроками ({dates}) по порядку. Проверьте пары",
            "A list of {items} items was paired with {dates} dates in order. Check the pairs",
        ),
    ),
    "list-differs": Kind(
        WARNING,
        Words(
            "В перечне {items} пунктов, а сроков {dates}. Проверьте, какой срок к чему",
            "The list has {items} items, but there are {dates} dates. Check which date belongs to what",
        ),
    ),
    "title-contradicts": Kind(
        WARNING,
        Words(
            "В названии «{title}», а в сроке {cell}. Проверьте, что верно",
            "The title says “{title}”, the deadline {cell}. Check which is right",
        ),
    ),
    "contradicts-section": Kind(
        WARNING,
        Words(
            "Срок {due} вне срока этапа «{stage}». Проверьте, что верно",
            "The due date {due} lies outside the stage's time “{stage}”. Check which is right",
        ),
    ),
    "no-measurable-target": Kind(
        WARNING,
        Words(
            "У показателя нет числа: «{text}». Впишите цель (target) или с чем сравнивать (baseline)",
            "The indicator has no figure: “{text}”. Enter a target, or what to compare with (baseline)",
        ),
    ),
    "several-values": Kind(
        WARNING,
        Words(
            "Значений несколько: {text}. Проверьте, какое из них цель",
            "There are several values: {text}. Check which of them is the target",
        ),
    ),
    "indicators-not-read": Kind(
        WARNING,
        Words(
            "Таблица показателей не прочитана, перенесите их сами: {text}",
            "A table of indicators was not read, enter them yourself: {text}",
        ),
    ),
    "direction-unclear": Kind(
        WARNING,
        Words(
            "Не сказано, что лучше — больше или меньше: «{text}»; исправьте comparator, если взято не то",
            "It is not said whether more or less is better: “{text}”; correct the comparator if it was taken wrongly",
        ),
    ),
    "comparator-not-said": Kind(
        INFO,
        Words(
            "Не сказано, «не менее» или «не более»: «{text}»", "It is not said whether at least or at most: “{text}”"
        ),
    ),
    "two-names": Kind(
        WARNING,
        Words(
            "Один орган назван двояко: «{one}» и «{other}». Оставьте в bodies один, если это он же",
            "One body under two names: “{one}” and “{other}”. Keep one in bodies if it is the same",
        ),
    ),
    "abbreviation": Kind(INFO, Words("Сокращение не раскрыто: {text}", "The abbreviation is never spelt out: {text}")),
    # --- guesses of the written roadmap
    "members-of-appendix": Kind(
        WARNING,
        Words(
            "Состав из приложения ({text}): {members}. Проверьте, что он вписан в members нужной группы",
            "Members from an appendix ({text}): {members}. Check that they stand in the members of the right group",
        ),
    ),
    "controller-missing": Kind(
        WARNING,
        Words(
            "Приказ не говорит, кто контролирует исполнение: впишите в policy строку controller с кодом из bodies или people",
            "The order does not say who controls it: enter a line “controller” with a code of bodies or people into policy",
        ),
    ),
    "signatory-missing": Kind(
        WARNING,
        Words(
            "Контроль оставил за собой тот, кто подписал, а подпись не найдена: «{text}». Впишите его в people и в controller",
            "Whoever signed keeps the control, and the signature was not found: “{text}”. Enter them in people and as controller",
        ),
    ),
    "plans-side-by-side": Kind(
        WARNING,
        Words(
            "В таблице два плана рядом: сначала прочитан левый, потом правый. Сверьте их с документом",
            "The table holds two plans side by side: the left one was read first, then the right one. Compare them with the document",
        ),
    ),
    "marks-without-months": Kind(
        ERROR,
        Words(
            "Отметки стоят под одним общим заголовком, чьи они, не сказано: «{text}». Впишите контрольные точки с датами",
            "The marks stand below one heading, and nothing says of which time each is: “{text}”. Enter checkpoints with dates",
        ),
    ),
    "measures-in-months": Kind(
        WARNING,
        Words(
            "Мероприятия стоят в клетках месяцев: каждая строка клетки взята как мероприятие этого месяца. Сверьте их с документом",
            "The measures stand in the fields of months: each line of a field was taken for a measure of its month. Compare them with the document",
        ),
    ),
    "by-content": Kind(
        WARNING,
        Words(
            "Столбцы этой таблицы узнаны по содержанию: сверьте мероприятие с документом",
            "The columns of this table were told by their content: compare the measure with the document",
        ),
    ),
    "second-titles": Kind(
        WARNING,
        Words(
            "Эти графы тоже похожи на мероприятия и не перенесены: {text}. Если в них поручения, внесите их сами",
            "These columns look like measures too and were not carried over: {text}. If they hold orders, enter them yourself",
        ),
    ),
    "bodies-of-section": Kind(
        WARNING,
        Words(
            "Графы ответственных нет: взято название раздела «{text}». Проверьте, он ли отвечает",
            "There is no column of bodies: the section's name “{text}” was taken. Check whether it is responsible",
        ),
    ),
    "too-many-dates": Kind(
        ERROR,
        Words(
            "Сроков слишком много ({count}), они не записаны: разделите мероприятие по годам",
            "There are too many dates ({count}), they were not written: divide the measure by years",
        ),
    ),
    "controller-guessed": Kind(
        WARNING,
        Words(
            "Контролирующее лицо взято из слов приказа, проверьте, оно ли это: «{text}»",
            "The controller is taken from the order's words, check whether it is the right one: “{text}”",
        ),
    ),
    "reports-to-guessed": Kind(
        INFO, Words("Подчинение в приказе не названо", "The order does not say who reports to whom")
    ),
    "indicator-bodies-guessed": Kind(
        WARNING,
        Words(
            "Не сказано, кто сообщает значения показателей. Проверьте bodies у каждого",
            "Who reports the indicators is not said. Check the bodies of each",
        ),
    ),
}
