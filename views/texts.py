"""Everything that a view says to a person, by key, in Russian and in English.

Names of bodies and persons stand in the nominative wherever they come from outside: the sentences around them are
built so that nothing has to be declined, and verbs are in the present, which knows no gender.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

RU = "ru"
EN = "en"
LANGUAGES = (RU, EN)

ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


def text(key: str, lang: str = RU, /, **values: object) -> str:
    """Return the text of a key in a language (`ru` or `en`), its blanks filled in."""
    return TEXTS[key][LANGUAGES.index(lang)].format(**values)


def known(key: str, lang: str, fallback: str) -> str:
    """Return the text of a key that data made, or the fallback where there is none."""
    return text(key, lang) if key in TEXTS else fallback


def day(value: date | str) -> str:
    """Return a date as 30.09.2021; an ISO text is read first."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{value:%d.%m}.{value.year:04}"  # %Y has no leading zeros in the C library


def days_in(words: str) -> str:
    """Return the words with every ISO date in them as 30.09.2021."""
    return ISO_DATE.sub(r"\3.\2.\1", words)


def figure(value: float, lang: str) -> str:
    """Return a number with two digits after the sign of the language at most: 80,95 in Russian, 80.95 in English."""
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return shown.replace(".", ",") if lang == RU else shown


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """Return an instant as 30.09.2021 18:00 in a time zone."""
    there = instant.astimezone(zone)
    return f"{day(there)} {there:%H:%M}"


def counted(key: str, n: int, lang: str) -> str:
    """Return a number with its noun: 1 день, 2 дня, 5 дней."""
    forms = text(key, lang).split("|")
    if lang == EN:
        return f"{n} {forms[0 if n == 1 else 1]}"
    form = 0 if n % 10 == 1 else 1 if n % 10 in (2, 3, 4) else 2
    return f"{n} {forms[2 if n % 100 in (11, 12, 13, 14) else form]}"


def calendar_said(version: str, lang: str) -> str:
    """Return in words which calendar it was; what each part of its version is stands in `orders.calendars`."""
    said = []
    for part in version.split(" + "):
        source, _, rest = part.partition(" ")
        key = f"calendar.{source}"
        said.append(text(key, lang, version=days_in(rest.removesuffix(" RU"))) if key in TEXTS else part)
    return ", ".join(said)


_GENERAL = {
    "calendar.holidays": (
        "по производственному календарю России (выпуск {version})",
        "by Russia's calendar of working days (data {version})",
    ),
    "calendar.ru-decree": ("с нерабочими днями по указам (на {version})", "with days off by decree (as of {version})"),
    "days": ("день|дня|дней", "day|days"),
    "working-days": ("рабочий день|рабочих дня|рабочих дней", "working day|working days"),
    "measures": ("мероприятие|мероприятия|мероприятий", "measure|measures"),
    "indicators": ("показатель|показателя|показателей", "indicator|indicators"),
    "files": ("файл|файла|файлов", "file|files"),
    "none": ("—", "—"),
    "yes": ("да", "yes"),
    "no": ("нет", "no"),
    "yes-so-far": ("пока да", "so far yes"),
    "no-so-far": ("пока нет", "so far no"),
    "clock": ("часы", "the clock"),
    "post": ("почта", "the post"),
    "administrator": ("администратор", "the administrator"),
    "measure": ("мероприятие {number}", "measure {number}"),
    "this-measure": ("мероприятие", "the measure"),
    "checkpoint": ("контрольная точка «{label}»", "checkpoint “{label}”"),
    "checkpoint-key": ("контрольная точка {key}", "checkpoint {key}"),
    "checkpoint-both": ("контрольная точка {key} «{label}»", "checkpoint {key} “{label}”"),
    "responsible": ("исполнитель — {body}", "responsible: {body}"),
    # stages of an assignment, and what stands beside them
    "stage.undated": ("без срока", "no date"),
    "stage.planned": ("не начато", "planned"),
    "stage.open": ("в работе", "open"),
    "stage.reported": ("на проверке", "reported"),
    "stage.accepted": ("исполнено", "accepted"),
    "stage.withdrawn": ("снято", "withdrawn"),
    "stage.left-open": ("не исполнено к закрытию", "left open"),
    "stage.not-started": ("не поставлено на контроль", "not started"),
    "stage.completed": ("исполнено", "completed"),
    "stage.closed": ("контроль завершён", "closed"),
    "stage.unreadable": ("запись не прочесть", "cannot be read"),
    "stage.overdue": ("просрочено", "overdue"),
    "standing.year": (
        "Приказ № {number} от {date}\n\n- мероприятий: {measures}\n- показателей: {indicators}, значений получено: {values}",
        "Order No. {number} of {date}\n\n- measures: {measures}\n- indicators: {indicators}, values received: {values}",
    ),
    "standing.deadline": ("Срок в приказе: {deadline}", "Deadline in the order: {deadline}"),
    "standing.next": ("следующее событие: {on}", "next event: {on}"),
    "standing.letters": ("писем ждёт отправки: {count}", "letters waiting to be sent: {count}"),
    "state.open": ("идёт", "open"),
    "state.closed": ("закрыт", "closed"),
    "role.lead": ("ответственный", "lead"),
    "role.support": ("соисполнитель", "support"),
    # short names of events, for tables
    "event.MeasurePlanned": ("поставлено на контроль", "planned"),
    "event.AssignmentOpened": ("начато", "opened"),
    "event.ReminderIssued": ("напоминание", "reminder"),
    "event.ReminderSuppressed": ("напоминание не понадобилось", "reminder not needed"),
    "event.ProgressReported": ("промежуточная информация", "progress reported"),
    "event.InterimMissed": ("нет пром. информации", "no interim report"),
    "event.ExecutionReported": ("отчёт об исполнении", "execution reported"),
    "event.ExecutionAccepted": ("снято с контроля", "accepted"),
    "event.ReviewAwaited": ("отчёт ждёт проверки", "report waits to be checked"),
    "event.ReturnedForRework": ("возвращено на доработку", "returned for rework"),
    "event.DeadlineMissed": ("срок нарушен", "deadline missed"),
    "event.Escalated": ("сообщено о нарушении", "escalated"),
    "event.ExtensionRequested": ("просьба о переносе срока", "extension requested"),
    "event.DeadlineExtended": ("срок перенесён", "deadline extended"),
    "event.ExtensionRefused": ("перенос срока отклонён", "extension refused"),
    "event.AssignmentWithdrawn": ("поручение снято", "withdrawn"),
    "event.AssignmentReassigned": ("поручение передано", "reassigned"),
    "event.ScheduleSet": ("назначен график", "schedule set"),
    "event.LeftOpenAtClose": ("осталось открытым", "left open at close"),
    "event.YearStarted": ("год начат", "year started"),
    "event.NoticeSuppressed": ("письмо не отправляется", "letter not sent"),
    # commands, as a refusal names them
    "command.ReportProgress": ("промежуточная информация", "interim report"),
    "command.ReportExecution": ("отчёт об исполнении", "report of execution"),
    "command.AcceptExecution": ("снятие с контроля", "acceptance"),
    "command.ReturnForRework": ("возврат на доработку", "return for rework"),
    "command.RequestExtension": ("просьба о переносе срока", "request for more time"),
    "command.ExtendDeadline": ("перенос срока", "extension"),
    "command.RefuseExtension": ("отказ в переносе срока", "refusal of more time"),
    "command.WithdrawAssignment": ("снятие поручения", "withdrawal"),
    "command.ReassignAssignment": ("передача поручения", "reassignment"),
    "command.SetSchedule": ("назначение графика", "schedule"),
    "command.MeasureIndicator": ("значение показателя", "indicator value"),
    "command.EraseContact": ("стирание имени и адреса", "erasure of a name and address"),
    "command.ResendLetters": ("повторная отправка писем", "letters sent again"),
    "command.Close": ("закрытие года", "close of the year"),
    "command.Unreadable": ("нечитаемая команда", "unreadable command"),
}

_SENTENCES = {
    "sentence": ("{when}: {said}.", "{when}: {said}."),
    "when.claimed": (
        "{when} (по словам отправителя — {occurred_on})",
        "{when} (on {occurred_on}, as the sender says)",
    ),
    "said.note": ("; пояснение: «{note}»", "; note: “{note}”"),
    "said.files": ("; приложено: {files}", "; attached: {files}"),
    "said.reason": ("; причина: «{reason}»", "; reason: “{reason}”"),
    "said.act": ("; основание: {act}", "; act: {act}"),
    "said.MeasurePlanned": (
        "на контроль поставлено мероприятие {number} «{title}»; сроки: {points}",
        "measure {number} “{title}” is under control; dates: {points}",
    ),
    "said.MeasurePlanned.undated": (
        "на контроль поставлено мероприятие {number} «{title}»; срок в приказе не назван, нужен график",
        "measure {number} “{title}” is under control; the order names no date, a schedule is needed",
    ),
    "said.point": ("{label} — {due_on}", "{label}: {due_on}"),
    "said.AssignmentOpened": ("начался срок работы: {what}", "the time for the work begins: {what}"),
    "said.ReminderIssued.deadline": (
        "напоминание о сроке {on} (за {before}): {what}",
        "reminder of the deadline {on} ({before} before): {what}",
    ),
    "said.ReminderIssued.interim": (
        "напоминание о промежуточной информации к {on} (за {before}): {what}",
        "reminder of the interim report due {on} ({before} before): {what}",
    ),
    "said.ReminderIssued.schedule": (
        "{measure} всё ещё без срока; просьба представить график — {to}",
        "{measure} still has no date; asked for its schedule: {to}",
    ),
    "said.ReminderSuppressed": (
        "напоминание к {on} (за {before}) не отправляется — {rule}: {what}",
        "the reminder for {on} ({before} before) is not sent, {rule}: {what}",
    ),
    "rule.reported": ("отчёт уже получен", "the report is already in"),
    "rule.too-late": ("его день прошёл до назначения срока", "its day was over when the date was set"),
    "rule.closed": ("год уже закрыт", "the year is closed already"),
    "rule.rehearsal": ("пробный год", "a played year"),
    "rule.before-start": (
        "его день прошёл до начала контроля, об этом сказано в письме о начале года",
        "its day was over before control began; the letter about the year's start tells of it",
    ),
    "said.ProgressReported": (
        "{actor} сообщает, как идёт работа: {what}{evidence}{note}",
        "{actor} reports progress: {what}{evidence}{note}",
    ),
    "said.InterimMissed": (
        "к {on} промежуточная информация не поступила: {what}; об этом узнаёт — {to}",
        "no interim report came by {on}: {what}; told: {to}",
    ),
    "said.ExecutionReported": (
        "{actor} отчитывается об исполнении в срок: {what}{evidence}{note}",
        "{actor} reports execution in time: {what}{evidence}{note}",
    ),
    "said.ExecutionReported.late": (
        "{actor} отчитывается об исполнении с опозданием на {late}: {what}{evidence}{note}",
        "{actor} reports execution, {late} late: {what}{evidence}{note}",
    ),
    "said.ExecutionAccepted": (
        "{actor} принимает исполнение, поручение снято с контроля: {what}{note}",
        "{actor} accepts the execution, the assignment is off control: {what}{note}",
    ),
    "said.ReviewAwaited": (
        "отчёт от {since} всё ещё не проверен: {what}; об этом узнаёт — {to}",
        "the report of {since} is still not checked: {what}; told: {to}",
    ),
    "said.ReturnedForRework": (
        "{actor} возвращает отчёт на доработку: {what}{reason}",
        "{actor} returns the report for rework: {what}{reason}",
    ),
    "said.DeadlineMissed": (
        "срок {due_on} прошёл, отчёта нет: {what}; поручение остаётся на контроле",
        "the deadline {due_on} passed without a report: {what}; the assignment stays under control",
    ),
    "said.Escalated": (
        "срок нарушен, сообщение {level}: об этом узнаёт — {to}; {what}",
        "the deadline is missed, notice {level}; told: {to}; {what}",
    ),
    "said.ExtensionRequested": (
        "{actor} просит перенести срок на {until}: {what}{reason}",
        "{actor} asks for more time, until {until}: {what}{reason}",
    ),
    "said.DeadlineExtended": (
        "{actor} переносит срок с {due_on} на {until}: {what}{act}{reason}",
        "{actor} moves the deadline from {due_on} to {until}: {what}{act}{reason}",
    ),
    "said.ExtensionRefused": (
        "{actor} отказывает в переносе, срок остаётся прежним: {what}{reason}",
        "{actor} refuses more time, the deadline stays: {what}{reason}",
    ),
    "said.AssignmentWithdrawn": (
        "{actor} снимает поручение: {what}{act}{reason}",
        "{actor} withdraws the assignment: {what}{act}{reason}",
    ),
    "said.AssignmentReassigned": (
        "{actor} передаёт поручение другому исполнителю ({to}): {what}{act}{reason}",
        "{actor} gives the assignment to another body ({to}): {what}{act}{reason}",
    ),
    "said.ScheduleSet": (
        "{actor} назначает сроки: {measure}, {points}{act}",
        "{actor} sets the dates of {measure}: {points}{act}",
    ),
    "said.MeasureCompleted": ("{measure} исполнено: {rule}", "{measure} is completed: {rule}"),
    "rule.all": ("приняты отчёты всех исполнителей", "the reports of all bodies are accepted"),
    "rule.lead": ("принят отчёт ответственного исполнителя", "the report of the lead body is accepted"),
    "rule.any": ("принят отчёт одного из исполнителей", "the report of one of the bodies is accepted"),
    "said.CommandRefused": (
        "{actor} получает отказ, команда «{command}» ничего не изменила: {refusal}",
        "{actor} is refused, the command “{command}” changed nothing: {refusal}",
    ),
    "said.NoticeDelivered": ("письмо «{kind}» ушло, получатель — {to}{detail}", "letter “{kind}” sent to {to}{detail}"),
    "said.NoticeFailed": (
        "письмо «{kind}» не доставлено, получатель — {to}{detail}",
        "letter “{kind}” to {to} could not be delivered{detail}",
    ),
    "said.NoticeSuppressed": (
        "письмо «{kind}» не отправляется, получатель — {to}{detail}",
        "letter “{kind}” to {to} is not sent{detail}",
    ),
    "said.NoticeFiled": (
        "письмо «{kind}» сохранено файлом (почтовый сервер не задан), получатель — {to}{detail}",
        "letter “{kind}” to {to} lies in a file (no mail server is set){detail}",
    ),
    "said.LetterResent": (
        "{actor} отправляет письмо «{kind}» ещё раз, получатель — {to}",
        "{actor} sends the letter “{kind}” to {to} again",
    ),
    "said.LeftOpenAtClose": (
        "год закрыт, поручение не исполнено (было «{stage}»): {what}",
        "the year is closed, the assignment is left open (was “{stage}”): {what}",
    ),
    "said.LeftOpenAtClose.unneeded": (
        "год закрыт, отчёта нет, но он и не требовался — результат дали другие исполнители: {what}",
        "the year is closed without this report, which others had made unnecessary: {what}",
    ),
    "said.MeasureClosed.completed": (
        "контроль завершён, {measure} исполнено",
        "control ends, {measure} is completed",
    ),
    "said.MeasureClosed.open": (
        "контроль завершён, {measure}: исполнены не все поручения",
        "control ends, {measure} is not fully executed",
    ),
    "said.YearStarted": (
        "год начат: {title}, приказ № {order} от {date}; на контроле {measures}, {indicators}",
        "the year is started: {title}, order No. {order} of {date}; under control: {measures}, {indicators}",
    ),
    "said.YearStarted.rehearsal": (
        "{started}; год пробный: часы сдвинуты, по почте он никому не пишет",
        "{started}; it is played: its clock is shifted, and it mails nobody",
    ),
    "said.IndicatorMeasured": (
        "{actor} сообщает значение показателя {number}{body}: {value}{baseline}{note}",
        "{actor} reports the value of indicator {number}{body}: {value}{baseline}{note}",
    ),
    "said.ratio": ("{numerator} из {denominator}", "{numerator} of {denominator}"),
    "said.baseline": ("; прежнее значение {baseline}", "; earlier value {baseline}"),
    "said.ContactErased": (
        "имя и адрес за кодом {code} стёрты, основание: {act}",
        "the name and address behind {code} are erased, by {act}",
    ),
    "said.SetAside": (
        "отложена запись, которую нельзя прочесть, основание: {act} (вход в базу {by}); на сроки и отчёты она не влияет",
        "a record that cannot be read was set aside, by {act} (database login {by}); nothing follows from it",
    ),
    # letters to the auditor
    "auditor.checkpoint.subject": (
        "Веха: контрольная запись журнала, записей {size}",
        "Vekha: checkpoint of the log, {size} events",
    ),
    "auditor.checkpoint.body": (
        "В журнале {origin} записей: {size}. Сохраните приложенную контрольную запись latest.txt.",
        "The log {origin} has {size} events. Keep the checkpoint that is attached, latest.txt.",
    ),
    "auditor.checkpoint.todo": (
        "По ней видно, не обрезан ли и не переписан ли журнал. key.pub — тот, что вам дали в начале; проверка:",
        "It shows whether the log was cut or rewritten. Take the key.pub that you were handed at first; to check:",
    ),
    "auditor.alarm.subject": (
        "Веха: ТРЕВОГА, журнал противоречит контрольной записи",
        "Vekha: ALARM, the log contradicts its checkpoint",
    ),
    "auditor.alarm.body": (
        "Журнал {origin} больше не содержит того, что было подписано: его изменили или вернули из старой копии.",
        "The log {origin} no longer holds what was signed: it was changed, or restored from an older backup.",
    ),
    "auditor.alarm.todo": (
        "Дальше ничего не подписывается. Возьмите последнюю из своих контрольных записей и проверьте:",
        "Nothing more is signed. Take the last of the checkpoints that you keep, and check:",
    ),
    "said.YearClosed": ("год закрыт", "the year is closed"),
}

# What happened, and what to do about it.
_REFUSALS = {
    "refusal.unreadable": (
        "команду не удалось прочитать ({detail}); отправьте её заново через admin.py",
        "the command could not be read ({detail}); send it again through admin.py",
    ),
    "refusal.id-reused": (
        "команда с номером {detail} уже была, но с другим содержанием; отправьте эту с новым номером",
        "a command with the id {detail} has been here with other content; send this one under a new id",
    ),
    "refusal.year-open": (
        "год «{detail}» ещё не закрыт, а мероприятия закрываются вместе с ним: starter.py close",
        "the year “{detail}” is not closed yet, and its measures close with it: starter.py close",
    ),
    "refusal.wrong-stream": (
        "значение показателя {detail} относится к году, а не к мероприятию; отправьте его командой indicator",
        "the value of indicator {detail} belongs to the year, not to a measure; send it with the command indicator",
    ),
    "refusal.unknown-measure": (
        "мероприятия «{detail}» в дорожной карте нет; проверьте номер: report.py board",
        "the roadmap has no measure “{detail}”; look its number up: report.py board",
    ),
    "refusal.unknown-actor": (
        "отправителя «{detail}» в дорожной карте нет; укажите в --as код организации или сотрудника из неё",
        "the roadmap has no sender “{detail}”; give --as the code of one of its bodies or people",
    ),
    "refusal.unknown-body": (
        "организации «{detail}» в дорожной карте нет; укажите код из неё",
        "the roadmap has no body “{detail}”; give one of its codes",
    ),
    "refusal.unknown-assignment": (
        "такого поручения нет ({detail}); посмотрите, какие есть: admin.py show",
        "there is no such assignment ({detail}); see which there are: admin.py show",
    ),
    "refusal.unknown-indicator": (
        "показателя «{detail}» в приказе нет; посмотрите номера: report.py indicators",
        "the order has no indicator “{detail}”; see the numbers: report.py indicators",
    ),
    "refusal.ambiguous": (
        "подходит несколько поручений; назовите одно: {detail}",
        "several assignments fit; name one: {detail}",
    ),
    "refusal.not-responsible": (
        "за это отвечает другой исполнитель, а не отправитель ({detail}); отчитаться может только он сам",
        "another body answers for this, not the sender ({detail}); only the body itself may report",
    ),
    "refusal.not-controller": (
        "это решает только контролирующее лицо, а не «{detail}»; обратитесь к нему",
        "only the controller decides this, not “{detail}”; ask them",
    ),
    "refusal.wrong-stage": (
        "сейчас этого сделать нельзя: {detail}; что с поручением было, покажет admin.py show",
        "this cannot be done now: {detail}; admin.py show tells what has happened",
    ),
    "refusal.completed": (
        "мероприятие {detail} уже исполнено и снято с контроля; больше ничего не нужно",
        "measure {detail} is already completed and off control; nothing more is needed",
    ),
    "refusal.closed": (
        "год «{detail}» закрыт; изменить его уже нельзя",
        "the year “{detail}” is closed; it can no longer be changed",
    ),
    "refusal.nothing-failed": (
        "отправлять ещё раз нечего: такого недоставленного письма нет ({detail}); посмотрите, какие есть: audit.py silence",
        "there is nothing to send again: no such letter has failed ({detail}); see what became of each: audit.py silence",
    ),
    "refusal.not-open": (
        "время этой работы ещё не началось ({detail}); если она уже сделана, отправьте отчёт ещё раз с --early",
        "the time for this work has not begun ({detail}); if it is done all the same, send the report again with --early",
    ),
    "refusal.not-asked": (
        "отказывать не в чем: просьбы о переносе этого срока нет ({detail}); посмотрите поручение: admin.py show",
        "there is nothing to refuse: nobody has asked for more time ({detail}); see the assignment: admin.py show",
    ),
    "refusal.no-proof": (
        "в отчёте ничего нет ({detail}); приложите файл (--file) или напишите, что сделано (--note)",
        "the report says nothing ({detail}); attach a file (--file) or write what was done (--note)",
    ),
    "refusal.undated": (
        "у мероприятия {detail} ещё нет срока; сначала контролирующее лицо назначает график: admin.py schedule",
        "measure {detail} has no date yet; first the controller sets its schedule: admin.py schedule",
    ),
    "refusal.already-dated": (
        "у мероприятия {detail} сроки уже есть; перенести срок можно командой admin.py extend",
        "measure {detail} has its dates already; a deadline is moved with admin.py extend",
    ),
    "refusal.bad-date": (
        "дата не подходит ({detail}); новый срок должен быть впереди, позже прежнего, не раньше приказа и в пределах года",
        "the date does not fit ({detail}); a new deadline lies ahead, later than the old one, not before the order and within the year",
    ),
    "refusal.bad-value": (
        "значение не подходит ({detail}); поправьте его и отправьте снова",
        "the value does not fit ({detail}); correct it and send it again",
    ),
    "refusal.in-the-future": (
        "дата события {detail} ещё не наступила; укажите в --occurred-on день, когда это произошло",
        "the date {detail} has not come yet; give --occurred-on the day on which it happened",
    ),
    "refusal.before-order": (
        "дата {detail} раньше приказа; укажите в --occurred-on день после его подписания и проверьте часы компьютера",
        "the date {detail} lies before the order; give --occurred-on a day after its signing, and look at the computer's clock",
    ),
    "refusal.evidence-missing": (
        "приложенных файлов в хранилище нет, или они там другие ({detail}); приложите их ещё раз и отправьте новой командой",
        "the attached files are not in the store, or differ there ({detail}); attach them again in a new command",
    ),
    # what a refusal is about, where the domain records a code
    "detail.there-already": ("такое поручение уже есть", "this assignment is there already"),
    "detail.stage": ("{what}, стадия — «{stage}»", "{what}, at the stage “{stage}”"),
    "detail.choice": ("--checkpoint {key} --body {code} ({body})", "--checkpoint {key} --body {code} ({body})"),
    "detail.more": ("и ещё {count}: admin.py show", "and {count} more: admin.py show"),
    "detail.body": ("организация {body}", "body {body}"),
    "detail.not-later": (
        "{until} не позже нынешнего срока {due}",
        "{until} is no later than the present deadline {due}",
    ),
    "detail.not-later.shifted": (
        "{until} — нерабочий день, а рабочий рядом с ним не позже нынешнего срока {due}",
        "{until} is a day off, and the working day beside it no later than the present deadline {due}",
    ),
    "detail.opens": ("{assignment}: начало {day}", "{assignment} begins on {day}"),
    "detail.passed": (
        "срок {until} уже прошёл, сегодня {today}",
        "the deadline {until} has passed already, today is {today}",
    ),
    "detail.reversed": (
        "начало {start}, срок {due}: начало раньше приказа или позже срока",
        "start {start}, due {due}: the start lies before the order or after the due date",
    ),
    "detail.compared": (
        "числитель {numerator} больше знаменателя {denominator}",
        "the numerator {numerator} is larger than the denominator {denominator}",
    ),
    "detail.below zero": ("число меньше нуля", "a number below zero"),
    "detail.denominator": (
        "--denominator: нужен знаменатель больше нуля",
        "--denominator: a denominator above zero is wanted",
    ),
    "detail.baseline": (
        "--baseline: прежнее значение дают показателям роста и только им",
        "--baseline: an earlier value is given for indicators of growth and only for them",
    ),
    "detail.baseline-wanted": (
        "нужно прежнее значение (--baseline): это показатель роста",
        "the earlier value is wanted (--baseline): this is an indicator of growth",
    ),
    "detail.baseline-unwanted": (
        "прежнего значения (--baseline) здесь не нужно: это не показатель роста",
        "no earlier value (--baseline) is wanted here: this is no indicator of growth",
    ),
    "detail.answering": ("по дорожной карте отвечает: {bodies}", "by the roadmap the one who answers is: {bodies}"),
    "detail.points": (
        "--point: точек нет или ключ повторяется",
        "--point: there is none, or a key is repeated",
    ),
    "detail.key": (
        "ключ точки «{value}»: годятся строчные латинские буквы, цифры и дефис, до 40",
        "the point's key “{value}”: small Latin letters, digits and hyphens will do, at most 40",
    ),
    "detail.to": (
        "«{value}» — группа: назовите одну из её организаций",
        "“{value}” is a group: name one of its bodies",
    ),
    "refusal.other": ("{reason} ({detail})", "{reason} ({detail})"),
}

_LETTERS = {
    "letter.greeting": ("Здравствуйте!", "Good day,"),
    "letter.about": ("О чём письмо", "What this is about"),
    "letter.measure": ("Мероприятие {number}: {title}", "Measure {number}: {title}"),
    "letter.checkpoint": ("Контрольная точка: {label}", "Checkpoint: {label}"),
    "letter.body": ("Исполнитель: {body}", "Responsible: {body}"),
    "letter.happened-on": ("Дата события: {happened_on}", "Date of the event: {happened_on}"),
    "letter.due": (
        "Срок: {due_on}, {due_time} включительно ({zone})",
        "Deadline: {due_on}, {due_time} inclusive ({zone})",
    ),
    "zone.Europe/Moscow": ("московское время", "Moscow time"),
    "letter.was": ("Прежний срок: {was}", "Deadline before: {was}"),
    "letter.act": ("По документу: {act}", "By the act: {act}"),
    "letter.undated": ("Срок: не назначен", "Deadline: not set"),
    "letter.expected": ("Ожидаемый результат: {result}", "Expected result: {result}"),
    "letter.todo": ("Что сделать", "What to do"),
    "letter.order": (
        "Основание: приказ № {number} от {date} «{title}».",
        "By order No. {number} of {date}, “{title}”.",
    ),
    "letter.sign": (
        "Письмо составила система контроля «Веха». Отвечайте командой из письма; на само письмо отвечать не нужно: ответы на него не читаются.",
        "Written by Vekha, the execution control. Answer by the command above, not by mail: replies to this letter are not read.",
    ),
    "letter.subject": ("[{number}] {said}", "[{number}] {said}"),
    # names of the kinds of letters
    "kind.reminder-deadline": ("напоминание о сроке", "reminder of a deadline"),
    "kind.reminder-interim": ("напоминание о промежуточной информации", "reminder of an interim report"),
    "kind.reminder-schedule": ("просьба о графике", "request for a schedule"),
    "kind.interim-missed": ("нет промежуточной информации", "no interim report"),
    "kind.escalation": ("срок нарушен", "deadline missed"),
    "kind.reported": ("отчёт на проверку", "report to be checked"),
    "kind.unreviewed": ("отчёт ждёт проверки", "report waits to be checked"),
    "kind.scheduled": ("назначены сроки", "dates are set"),
    "kind.returned": ("отчёт возвращён", "report returned"),
    "kind.accepted": ("исполнение принято", "execution accepted"),
    "kind.extension-requested": ("просьба о переносе срока", "request for more time"),
    "kind.extended": ("срок перенесён", "deadline moved"),
    "kind.extension-refused": ("срок не перенесён", "deadline stays"),
    "kind.withdrawn": ("поручение снято", "assignment withdrawn"),
    "kind.assigned": ("новое поручение", "new assignment"),
    "kind.late-start": ("прошедшие сроки", "deadlines that have passed"),
    # by kind: the subject, what happened, what to do
    "letter.reminder-deadline.subject": ("Срок {due_on}: ждём отчёт", "Due {due_on}: your report is awaited"),
    "letter.reminder-deadline.happened": (
        "Подходит срок поручения: {due_on}, {due_time}. Отчёта об исполнении пока нет.",
        "An assignment of yours is due on {due_on}, {due_time}. No report of execution has come yet.",
    ),
    "letter.reminder-deadline.todo": (
        "Отчитайтесь до {due_on}, {due_time}. Если к сроку не успеть, заранее попросите о переносе.",
        "Report by {due_on}, {due_time}. Where that cannot be done, ask for more time beforehand.",
    ),
    "letter.reminder-interim.subject": (
        "К {on}: ждём промежуточную информацию",
        "By {on}: your interim report is awaited",
    ),
    "letter.reminder-interim.happened": (
        "К {on} нужно коротко сообщить, как идёт работа.",
        "A short word on how the work goes is expected by {on}.",
    ),
    "letter.reminder-interim.todo": (
        "Сообщите до {on}, {due_time}, что уже сделано. Отчёта об исполнении это не заменяет.",
        "Say by {on}, {due_time}, what has been done. It does not stand for the report of execution.",
    ),
    "letter.reminder-schedule.subject": ("Нет срока: нужен график", "No date: a schedule is needed"),
    "letter.reminder-schedule.happened": (
        "В приказе у мероприятия нет даты (написано: «{deadline}»), а график до сих пор не назначен.",
        "The order gives this measure no date (it says “{deadline}”), and no schedule has been set.",
    ),
    "letter.reminder-schedule.todo": (
        "Подготовьте график и передайте его контролирующему лицу ({controller}). Даты вносит оно само:",
        "Prepare the schedule and hand it to the controller ({controller}), who enters the dates:",
    ),
    "letter.interim-missed.subject": (
        "К {on} нет промежуточной информации",
        "No interim report by {on}",
    ),
    "letter.interim-missed.happened": (
        "Промежуточная информация ожидалась к {on} и не поступила: {body}.",
        "An interim report was expected by {on} and did not come: {body}.",
    ),
    "letter.interim-missed.todo": (
        "Выясните, как идёт работа. Исполнитель отвечает командой:",
        "Find out how the work goes. The responsible body answers with:",
    ),
    "letter.escalation.responsible.subject": (
        "Срок {due_on} нарушен: отчёта нет",
        "Deadline {due_on} missed: no report",
    ),
    "letter.escalation.responsible.happened": (
        "Срок вашего поручения прошёл {due_on}, а отчёта нет. Поручение остаётся на контроле. Если отчёт не придёт, о нарушении узнают те, кто координирует и контролирует исполнение.",
        "Your assignment was due on {due_on} and no report has come. It stays under control. Without a report, those who coordinate and control are told.",
    ),
    "letter.escalation.responsible.todo": (
        "Отчитайтесь сегодня. Если работа не закончена, попросите о переносе срока и назовите причину.",
        "Report today. If the work is not finished, ask for more time and say why.",
    ),
    "letter.escalation.coordinator.subject": (
        "Помогите исполнителю: срок {due_on} нарушен",
        "A body needs your help: deadline {due_on} missed",
    ),
    "letter.escalation.coordinator.happened": (
        "Вы координируете эту организацию: {body}. Срок её поручения прошёл {due_on}, отчёта по-прежнему нет.",
        "You coordinate this body: {body}. Its assignment was due on {due_on} and still no report has come.",
    ),
    "letter.escalation.coordinator.todo": (
        "Свяжитесь с исполнителем, выясните, что мешает, и помогите отчитаться. Отвечает сам исполнитель:",
        "Get in touch, find out what is in the way and help it report. The body itself answers with:",
    ),
    "letter.escalation.controller.subject": (
        "Нужно ваше решение: срок {due_on} нарушен",
        "Your decision is needed: deadline {due_on} missed",
    ),
    "letter.escalation.controller.happened": (
        "Исполнитель ({body}) не отчитался к {due_on}, отчёта по-прежнему нет. Об этом сроке это сообщение {level}-е.",
        "The responsible body ({body}) did not report by {due_on}, still no report has come. This is notice {level} about the date.",
    ),
    "letter.escalation.controller.todo": (
        "Решите, как быть: ждать отчёта (поручение остаётся на контроле), перенести срок, передать или снять поручение.",
        "Decide: wait for the report (the assignment stays under control), move the deadline, give the assignment to another body or withdraw it.",
    ),
    "letter.reported.subject": ("Отчёт на проверку: {body}", "A report to check: {body}"),
    "letter.reported.happened": (
        "Поступил отчёт об исполнении. Отчитался исполнитель: {body}.",
        "A report of execution has come in from {body}.",
    ),
    "letter.reported.todo": (
        "Проверьте подтверждающие материалы и примите исполнение — или верните на доработку, назвав причину.",
        "Check the evidence and accept the execution, or return it for rework and say why.",
    ),
    "letter.unreviewed.controller.subject": (
        "Отчёт ждёт проверки с {on}: {body}",
        "A report waits since {on}: {body}",
    ),
    "letter.unreviewed.controller.happened": (
        "Отчёт поступил {on} и до сих пор не проверен. Отчитался исполнитель: {body}.",
        "A report came in on {on} and has not been checked yet. It is from {body}.",
    ),
    "letter.unreviewed.controller.todo": (
        "Примите исполнение или верните отчёт на доработку, назвав причину.",
        "Accept the execution, or return the report for rework and say why.",
    ),
    "letter.unreviewed.above.subject": (
        "Отчёт не проверен с {on}: {body}",
        "A report not checked since {on}: {body}",
    ),
    "letter.unreviewed.above.happened": (
        "Отчёт исполнителя ({body}) поступил {on} и до сих пор не проверен. Проверить его должно контролирующее лицо: {controller}. Ему об этом уже напоминали.",
        "The report of {body} came in on {on} and has not been checked yet. The controller is to check it: {controller}, who has been reminded.",
    ),
    "letter.unreviewed.above.todo": (
        "Помогите, чтобы отчёт проверили: принять его или вернуть может только контролирующее лицо.",
        "See to it that the report is checked: only the controller can accept or return it.",
    ),
    "letter.scheduled.subject": ("Назначены сроки", "The dates are set"),
    "letter.scheduled.happened": (
        "В приказе у мероприятия не было даты (написано: «{deadline}»). Контролирующее лицо назначило сроки, по которым отвечаете вы ({body}).",
        "The order gave this measure no date (it says “{deadline}”). The controller has set the dates that you ({body}) answer for.",
    ),
    "letter.scheduled.todo": (
        "Отчитайтесь к каждому из этих сроков, до {due_time}. О каждом заранее придёт напоминание.",
        "Report by each of these dates, before {due_time}. A reminder comes before each.",
    ),
    "letter.returned.subject": ("Отчёт возвращён на доработку", "Your report was returned for rework"),
    "letter.returned.happened": (
        "Ваш отчёт проверен и возвращён на доработку. Срок остаётся прежним: {due_on}.",
        "Your report was checked and returned for rework. The deadline stays: {due_on}.",
    ),
    "letter.returned.todo": ("Исправьте замечания и отчитайтесь снова.", "Put it right and report again."),
    "letter.accepted.subject": ("Исполнение принято", "Execution accepted"),
    "letter.accepted.happened": (
        "Ваш отчёт принят, поручение снято с контроля. Спасибо!",
        "Your report is accepted and the assignment is off control. Thank you!",
    ),
    "letter.accepted.todo": ("Больше ничего делать не нужно.", "Nothing more is needed."),
    "letter.extension-requested.subject": (
        "Просят перенести срок на {on}: {body}",
        "More time is asked for, until {on}: {body}",
    ),
    "letter.extension-requested.happened": (
        "Исполнитель ({body}) просит перенести срок с {due_on} на {on}.",
        "The responsible body ({body}) asks to move the deadline from {due_on} to {on}.",
    ),
    "letter.extension-requested.todo": (
        "Перенесите срок, указав основание и причину, или откажите. Пока решения нет, действует прежний срок.",
        "Move the deadline, naming the act and the reason, or refuse. Until then the old deadline holds.",
    ),
    "letter.extended.subject": ("Срок перенесён на {due_on}", "Deadline moved to {due_on}"),
    "letter.extended.happened": (
        "Срок вашего поручения перенесён с {was} на {due_on}.",
        "Your deadline was moved from {was} to {due_on}.",
    ),
    "letter.extended.todo": ("Отчитайтесь до {due_on}, {due_time}.", "Report by {due_on}, {due_time}."),
    "letter.extension-refused.subject": ("Срок остаётся прежним: {due_on}", "The deadline stays: {due_on}"),
    "letter.extension-refused.happened": (
        "Вы просили о переносе срока. Контролирующее лицо оставило прежний срок: {due_on}.",
        "You asked for more time. The controller left the deadline where it was: {due_on}.",
    ),
    "letter.extension-refused.todo": ("Отчитайтесь до {due_on}, {due_time}.", "Report by {due_on}, {due_time}."),
    "letter.withdrawn.subject": ("Поручение снято", "Assignment withdrawn"),
    "letter.withdrawn.happened": (
        "Контролирующее лицо сняло с вас это поручение.",
        "The controller has withdrawn this assignment from you.",
    ),
    "letter.withdrawn.todo": ("По этому поручению отчитываться не нужно.", "No report on it is needed."),
    "letter.assigned.subject": ("Новое поручение, срок {due_on}", "A new assignment, due {due_on}"),
    "letter.assigned.happened": (
        "Контролирующее лицо передало вам поручение. Его срок прежний: {due_on}.",
        "The controller has given you an assignment. Its deadline is unchanged: {due_on}.",
    ),
    "letter.assigned.todo": ("Отчитайтесь до {due_on}, {due_time}.", "Report by {due_on}, {due_time}."),
    "letter.late-start.responsible.subject": (
        "Контроль начат: уже прошло сроков — {count}",
        "Control has begun: dates of yours that have passed: {count}",
    ),
    "letter.late-start.responsible.happened": (
        "Исполнение приказа поставлено на контроль {happened_on}. У вас ({body}) к этому дню уже прошло:",
        "The order came under control on {happened_on}. By then these dates of yours ({body}) had passed:",
    ),
    "letter.late-start.responsible.todo": (
        "Отчитайтесь о том, что уже сделано, и попросите о переносе там, где не успеть. Отдельных писем о каждом из этих сроков не будет, но поручения ждут отчёта.",
        "Report what has been done already, and ask for more time where that cannot be. No letters go about each of these dates, but the assignments wait for a report.",
    ),
    "letter.late-start.controller.subject": (
        "Контроль начат: уже прошло сроков — {count}",
        "Control has begun: dates that have passed: {count}",
    ),
    "letter.late-start.controller.happened": (
        "Исполнение приказа поставлено на контроль {happened_on}. К этому дню уже прошло:",
        "The order came under control on {happened_on}. By then these dates had passed:",
    ),
    "letter.late-start.controller.todo": (
        "Исполнителям об этом написано, по одному письму. Решите, какие сроки перенести.",
        "The bodies have been told, in one letter each. Decide which dates to move.",
    ),
    "letter.date": ("{point} — срок {on}", "{point}: due {on}"),
    "letter.past-due": (
        "{number}. {title}: {point}, {body} — срок {on}",
        "{number}. {title}: {point}, {body}: due {on}",
    ),
    "letter.past-due.interim": (
        "{number}. {title}: {point}, {body} — промежуточная информация к {on}",
        "{number}. {title}: {point}, {body}: interim report by {on}",
    ),
    # what the words of a person are
    "letter.words": ("Пояснение ({who}):", "Note ({who}):"),
    "letter.files": ("К отчёту приложено:", "Attached to the report:"),
    # what each command of a letter is for
    "letter.command.evidence": ("Сохранить приложенные файлы в папку:", "Save the attached files into a folder:"),
    "letter.command.report": ("Отчитаться об исполнении:", "Report execution:"),
    "letter.command.progress": ("Сообщить промежуточную информацию:", "Report progress:"),
    "letter.command.request-extension": ("Попросить о переносе срока:", "Ask for more time:"),
    "letter.command.accept": ("Принять:", "Accept:"),
    "letter.command.return": ("Вернуть на доработку:", "Return for rework:"),
    "letter.command.extend": ("Перенести срок:", "Move the deadline:"),
    "letter.command.refuse-extension": ("Отказать в переносе:", "Refuse more time:"),
    "letter.command.reassign": ("Передать другому исполнителю:", "Give it to another body:"),
    "letter.command.withdraw": ("Снять поручение:", "Withdraw it:"),
    "letter.command.schedule": ("Назначить график:", "Set the schedule:"),
    "letter.command.todo": ("Посмотреть, что ждёт:", "See what waits:"),
    # blanks in the commands
    "blank.done": ("что сделано", "what was done"),
    "blank.reason": ("причина", "the reason"),
    "blank.act": ("приказ № … от …", "order No. … of …"),
    "blank.file": ("материалы.pdf", "evidence.pdf"),
    "blank.folder": ("материалы", "evidence"),
    "blank.date": ("ГГГГ-ММ-ДД", "YYYY-MM-DD"),
    "blank.body": ("КОД", "CODE"),
}

_TABLES = {
    "title.board": ("Ход исполнения дорожной карты", "How the roadmap is executed"),
    "title.todo.decide": ("Решить", "To decide"),
    "title.todo.do": ("Исполнить", "To do"),
    "title.todo": ("Ждёт исполнения", "To be done"),
    "title.discipline": ("Исполнительская дисциплина", "Executive discipline"),
    "title.counted": ("Из чего сложена исполнительская дисциплина", "What the executive discipline counts"),
    "title.overdue": ("Что просрочено", "What is overdue"),
    "title.indicators": ("Целевые показатели", "Target indicators"),
    "title.status": ("Состояние года", "State of the year"),
    "sheet": ("Отчёт", "Report"),
    "nothing": ("Ничего нет.", "Nothing here."),
    "before-control": (
        "К {day} ничего ещё не было: контроль начат {began}.",
        "Nothing had happened by {day} yet: control began on {began}.",
    ),
    "todo.note": ("{title}: на {as_of}", "{title}: as of {as_of}"),
    "todo.result": ("ожидаемый результат: {result}", "expected result: {result}"),
    "todo.asked": ("до {until}: «{reason}»", "until {until}: “{reason}”"),
    "report.note": (
        "{roadmap}: по состоянию на {as_of}, последняя учтённая запись журнала — {position}",
        "{roadmap}: as of {as_of}, the last event taken into account is {position}",
    ),
    "board.summary": (
        "Поручений: {rows}, просрочено: {overdue}, без срока: {undated}",
        "Assignments: {rows}, overdue: {overdue}, without a date: {undated}",
    ),
    "counted.summary": (
        "{name}: в срок {on_time}, с опозданием {late}, просрочено {open_overdue}, снято {withdrawn}",
        "{name}: {on_time} on time, {late} late, {open_overdue} overdue, {withdrawn} withdrawn",
    ),
    "overdue.summary": ("Просрочено поручений: {rows}", "Assignments overdue: {rows}"),
    "page.cut": (
        "На странице {shown} из {all}, самые давние. Все — с ключом --all или на доске: report.py board",
        "{shown} of {all} are on this page, the longest overdue. All come with --all, or on the board: report.py board",
    ),
    "no-section": ("Вне разделов", "In no section"),
    "state.now": (
        "Состояние на {as_of} — по всему, что известно сейчас.",
        "The state of {as_of}, by all that is known now.",
    ),
    "state.then": (
        "Состояние на {as_of} — по тому, что было известно на {known_at}.",
        "The state of {as_of}, by what was known on {known_at}.",
    ),
    "state.later": (
        "Узнали после {known_at} (о времени до {as_of}):",
        "Learnt after {known_at} (about the time up to {as_of}):",
    ),
    "state.more": (
        "Всего: {count}, показано первых: {shown}. Больше — с --later ЧИСЛО.",
        "{count} in all, the first {shown} are shown. For more: --later NUMBER.",
    ),
    "state.changed": (
        "Что от этого меняется (как знали тогда → как известно теперь):",
        "What that changes (as known then → as known now):",
    ),
    "state.indicator": ("показатель {number}, {body}", "indicator {number}, {body}"),
    "state.discipline": ("дисциплина, {body}", "discipline, {body}"),
    "status.note": ("{roadmap}: год {state}", "{roadmap}: the year is {state}"),
    "status.level": ("Журнал и отчёты не отстают", "Log and reports are up to date"),
    "status.unsealed": (
        "Последние записи ждут номера уже {seconds} с",
        "The last events have waited {seconds} s for their position",
    ),
    "status.lag": ("В отчётах ещё не учтено записей: {lag}", "Events that the reports do not show yet: {lag}"),
    "total": ("Всего", "Total"),
    "all-bodies": ("Все вместе", "All together"),
    "missing": ("нет данных", "no data"),
    "incomparable": ("не с чем сравнить", "nothing to compare with"),
    "answered-of": ("{answered} из {expected}", "{answered} of {expected}"),
    "column.measure": ("Мероприятие", "Measure"),
    "column.title": ("Название", "Title"),
    "column.checkpoint": ("Точка", "Checkpoint"),
    "column.section": ("Раздел", "Section"),
    "column.counted-as": ("Посчитано как", "Counted as"),
    "column.record": ("Запись", "Record"),
    "column.so-far": ("Пока достигнут", "Reached so far"),
    "column.body": ("Исполнитель", "Body"),
    "column.role": ("Роль", "Role"),
    "column.stage": ("Стадия", "Stage"),
    "column.due-on": ("Срок", "Due"),
    "column.scheduled-on": ("Первоначальный срок", "First planned for"),
    "column.days-late": ("Дней опоздания", "Days late"),
    "column.level": ("Положено сообщений", "Level"),
    "column.last-event": ("Последнее событие", "Last event"),
    "column.asked": ("Просит перенести", "Asks for time"),
    "column.due": ("Срок наступил", "Due"),
    "column.on-time": ("В срок", "On time"),
    "column.late": ("С опозданием", "Late"),
    "column.open-overdue": ("Просрочено", "Overdue"),
    "column.withdrawn": ("Снято", "Withdrawn"),
    "column.share": ("Доля в срок, %", "On time, %"),
    "column.numerator": ("Числитель", "Numerator"),
    "column.denominator": ("Знаменатель", "Denominator"),
    "column.value": ("Значение", "Value"),
    "column.unit": ("Ед.", "Unit"),
    "column.target": ("Цель", "Target"),
    "column.reached": ("Достигнут", "Reached"),
    "column.answered": ("Ответили", "Answered"),
    "column.next-wake": ("Следующий шаг", "Next step"),
}

# Why an event is there: the rule behind it.
_REASONS = {
    "addressee.responsible": ("исполнитель", "the responsible body"),
    "addressee.coordinator": ("тот, кому исполнитель подчинён", "whom the body reports to"),
    "addressee.controller": ("контролирующее лицо", "the controller"),
    "addressee.above": ("тот, кому подчиняется контролирующее лицо", "who stands above the controller"),
    "shift.preceding": (
        "на предшествующий рабочий день, как принято при контроле поручений",
        "to the working day before, as is usual in the control of assignments",
    ),
    "shift.following": ("на следующий рабочий день, ГК РФ ст. 193", "to the next working day, Civil Code 193"),
    "shift.none": ("без переноса", "not shifted"),
    "completion.all": ("нужны отчёты всех исполнителей", "the reports of all bodies are needed"),
    "completion.lead": ("нужен отчёт ответственного исполнителя", "the report of the lead body is needed"),
    "completion.any": ("нужен отчёт одного из исполнителей", "the report of one of the bodies is needed"),
    "indicator-kind.share": (
        "доля в процентах, числитель ÷ знаменатель",
        "a share in per cent, numerator ÷ denominator",
    ),
    "indicator-kind.mean": ("среднее, числитель ÷ знаменатель", "a mean, numerator ÷ denominator"),
    "indicator-kind.count": ("число", "a count"),
    "event.CommandRefused": ("отказ", "refused"),
    "why": ("Почему:", "Why:"),
    "why.chain": ("Что к этому привело (номер записи):", "What led to it (position):"),
    "why.chain.nothing": ("С этого всё начинается.", "Everything begins with it."),
    "why.planned": (
        "год начат по приказу № {order} от {date}; мероприятие {number} — строка его таблицы, исполнители в ней: «{responsible}»",
        "the year was started by order No. {order} of {date}; measure {number} is a row of its table, the bodies in it: “{responsible}”",
    ),
    "why.undated": (
        "в графе «Сроки» даты нет («{phrase}»): ждём график; рабочих дней до напоминания о нём — {after}",
        "the order gives no date (“{phrase}”): a schedule is awaited; working days until it is asked for: {after}",
    ),
    "why.date": (
        "дата: в приказе написано «{phrase}»; {point} — {due}",
        "the date: the order says “{phrase}”; {point}: {due}",
    ),
    "why.settled": ("решил человек: «{settled}»", "a person settled the doubt: “{settled}”"),
    "why.set-by-hand": (
        "срок по приказу — {due}, действует {due_on}: так решил человек, в дорожной карте об этом сказано: «{settled}»",
        "the order says {due}, {due_on} is in force: a person decided so, and the roadmap says of it: “{settled}”",
    ),
    "why.set-by-hand.unsaid": (
        "срок по приказу — {due}, действует {due_on}: так решил человек, который готовил дорожную карту; почему, в ней не сказано",
        "the order says {due}, {due_on} is in force: a person who prepared the roadmap decided so, without saying why",
    ),
    "why.begins-then": (
        "срок не бывает раньше начала работы, поэтому он {due_on}, а не по правилу переноса для {due} ({shift}); {calendar}",
        "a deadline is never before the work begins, so it is {due_on} and not what the rule gives for {due} ({shift}); {calendar}",
    ),
    "why.shifted": (
        "{due} — нерабочий день; срок перенесён на {due_on} ({shift}); {calendar}",
        "{due} is a day off; the deadline was moved to {due_on} ({shift}); {calendar}",
    ),
    "why.not-shifted": (
        "{due} — рабочий день, переноса нет; {calendar}",
        "{due} is a working day, nothing was moved; {calendar}",
    ),
    "why.kept": (
        "{due} — нерабочий день, но срок остался ({shift}); {calendar}",
        "{due} is a day off, yet the deadline stays ({shift}); {calendar}",
    ),
    "why.read": (
        "прочитанная заново, эта фраза даёт ту же дату; почему так: {source}",
        "read anew, the phrase gives the same date; why so: {source}",
    ),
    "why.read.otherwise": (
        "сама по себе эта фраза такой даты не даёт: её поставил человек, который готовил дорожную карту",
        "by itself the phrase does not give this date: a person who prepared the roadmap set it",
    ),
    "why.decided": (
        "замечание к срокам: {finding} Решение ({by}): «{text}»",
        "finding about the dates: {finding} Settled ({by}): “{text}”",
    ),
    "why.counted": (
        "рабочие дни после {start}: {days}; нерабочие: {off}; итог — {end}; {calendar}",
        "working days after {start}: {days}; days off: {off}; it comes to {end}; {calendar}",
    ),
    "why.counted.back": (
        "рабочие дни до {start}: {days}; нерабочие: {off}; итог — {end}; {calendar}",
        "working days before {start}: {days}; days off: {off}; it comes to {end}; {calendar}",
    ),
    "why.opened": (
        "срок работы начинается {on} в {time}, так стоит в дорожной карте",
        "the time for the work begins on {on} at {time}, as the roadmap says",
    ),
    "why.opened.late": (
        "срок работы начался {on} в {time}, но на контроль поставлено позже — {dated}",
        "the time for the work began on {on} at {time}, but it came under control later, at {dated}",
    ),
    "why.reminder": (
        "напоминают за столько рабочих дней до срока: {each}; это — за {before} до {on}, в {time}",
        "reminders go so many working days before a deadline: {each}; this one {before} before {on}, at {time}",
    ),
    "why.reminder.interim": (
        "о промежуточной информации напоминают за {before} до {on}, в {time}",
        "an interim report is reminded of {before} before {on}, at {time}",
    ),
    "why.schedule-asked": (
        "срока нет через {after} после начала года: график просят у первого исполнителя ({to}), в {time}",
        "no date {after} after the year's start: the first body is asked for the schedule ({to}), at {time}",
    ),
    "why.suppressed": (
        "напоминание за {before} до {on} полагалось, но не отправлено: {rule}",
        "the reminder {before} before {on} was due, but not sent: {rule}",
    ),
    "why.progress": (
        "промежуточную информацию присылает исполнитель; поручения она не закрывает",
        "the responsible body sends interim information; it never closes an assignment",
    ),
    "why.interim": (
        "к {on}, {time} ждали промежуточную информацию, её не было: об этом узнаёт тот, кому исполнитель подчинён ({to})",
        "interim information was due by {on}, {time} and did not come: whom the body reports to is told ({to})",
    ),
    "why.reported": (
        "отчёт получен {received}, срок — {due}, {time} включительно: в срок",
        "the report was received at {received}, due on {due}, {time} inclusive: in time",
    ),
    "why.reported.late": (
        "отчёт получен {received}, срок — {due}, {time} включительно: опоздание {late}, дни календарные",
        "the report was received at {received}, due on {due}, {time} inclusive: {late} late, calendar days",
    ),
    "why.words": (
        "по словам отправителя это было {said}; опоздание считают по получению, а не по словам",
        "the sender says it was on {said}; lateness is judged by receipt, not by words",
    ),
    "why.accepted": (
        "снимает с контроля только контролирующее лицо ({controller}), и только то, о чём есть отчёт",
        "only the controller ({controller}) takes off control, and only what was reported",
    ),
    "why.review": (
        "отчёт от {since} не принят и не возвращён: через {after} после него, в {time}, узнаёт {addressee} — {to}",
        "the report of {since} is neither accepted nor returned: {after} after it, at {time}, {addressee} is told: {to}",
    ),
    "why.nobody-above": (
        "над контролирующим лицом ({controller}) никого нет, вместо него напоминают ему самому",
        "nobody stands above the controller ({controller}), who is reminded instead",
    ),
    "why.returned": (
        "вернуть отчёт может только контролирующее лицо ({controller}); срок остаётся прежним, а о его нарушении сообщают, считая дни не раньше, чем от возврата",
        "only the controller ({controller}) returns a report; the deadline stays, and the days to notices of its being missed are counted from the return at the earliest",
    ),
    "why.missed": (
        "срок — {due}, {time} включительно; к этому моменту отчёта не было",
        "the deadline is {due}, {time} inclusive; no report had come by then",
    ),
    "why.missed.returned": (
        "срок — {due}, {time} включительно; отчёт был, но возвращён на доработку, и нового к сроку нет",
        "the deadline is {due}, {time} inclusive; there was a report, but it was returned, and there is no new one",
    ),
    "why.escalated": (
        "сообщение {level} из {of}: через {after} после нарушенного срока, в {time}, узнаёт {addressee} — {to}",
        "notice {level} of {of}: {after} after the missed deadline, at {time}, {addressee} is told: {to}",
    ),
    "why.counted-again": (
        "дни считают от {start}, а не от срока {due}: в этот день отчёт вернули, поручение передали или назначили сам срок",
        "days are counted from {start}, not from the deadline {due}: that day the report was returned, the assignment given to another or the date itself set",
    ),
    "why.no-coordinator": (
        "исполнитель ({body}) никому не подчинён, поэтому узнаёт контролирующее лицо",
        "the body ({body}) reports to nobody, so the controller is told",
    ),
    "why.asked": (
        "просьба о {until} срока ещё не меняет: решает контролирующее лицо ({controller})",
        "asking for {until} moves no deadline yet: the controller ({controller}) decides",
    ),
    "why.extended": (
        "срок переносит только контролирующее лицо ({controller}), с основанием и причиной: {due} → {until}; первоначальный срок {scheduled} остаётся виден, а о нарушении сообщают уже по новому",
        "only the controller ({controller}) moves a deadline, by an act and with a reason: {due} → {until}; the first date {scheduled} stays in view, notices go by the new one",
    ),
    "why.extension-refused": (
        "решает контролирующее лицо ({controller}); остаётся срок {due}",
        "the controller ({controller}) decides; the deadline stays {due}",
    ),
    "why.withdrawn": (
        "снимает поручение только контролирующее лицо ({controller}), с основанием; в подсчёты оно больше не входит",
        "only the controller ({controller}) withdraws, by an act; the assignment no longer counts in the discipline",
    ),
    "why.reassigned": (
        "передаёт поручение только контролирующее лицо ({controller}), с основанием; срок прежний — {due}, а о его нарушении новым исполнителем сообщают, считая дни не раньше, чем от передачи",
        "only the controller ({controller}) gives an assignment to another, by an act; the deadline stays {due}, and the days to notices of its being missed are counted from this day at the earliest",
    ),
    "why.schedule": (
        "в приказе даты нет («{phrase}»); график назначает контролирующее лицо ({controller}), с основанием",
        "the order gives no date (“{phrase}”); the controller ({controller}) sets the schedule, by an act",
    ),
    "why.completed": ("правило исполнения выполнено: {rule}", "the rule of completion is met: {rule}"),
    "why.refused": (
        "почему отказано: {refusal}",
        "why it was refused: {refusal}",
    ),
    "why.letter": (
        "письмо «{kind}» полагается по событию «{event}»; получатель — {to}",
        "the letter “{kind}” is due by the event “{event}”; it goes to {to}",
    ),
    "why.letter.unowed": (
        "ни одна запись до этой такого письма не требует ({notice}): проверьте audit.py replay",
        "no event before this one makes such a letter due ({notice}): check with audit.py replay",
    ),
    "why.letter.NoticeDelivered": ("чем кончилось: доставлено ({detail})", "the outcome: delivered ({detail})"),
    "why.letter.NoticeFailed": ("чем кончилось: не доставлено ({detail})", "the outcome: not delivered ({detail})"),
    "why.letter.NoticeSuppressed": (
        "чем кончилось: не отправлено по правилу ({detail})",
        "the outcome: not sent, by a rule ({detail})",
    ),
    "why.letter.NoticeFiled": (
        "чем кончилось: почтовый сервер не задан, письмо сохранено файлом ({detail})",
        "the outcome: no mail server is set, the letter lies in a file ({detail})",
    ),
    "why.letter.LetterResent": (
        "его не доставили; администратор или контролирующее лицо отправляет его ещё раз",
        "it had failed; the administrator or the controller sends it again",
    ),
    "why.left-open": (
        "год закрыт, а поручение не снято с контроля (было «{stage}»)",
        "the year was closed while the assignment was under control (was “{stage}”)",
    ),
    "why.left-open.unneeded": (
        "год закрыт без этого отчёта (было «{stage}»), но он и не требовался: {rule}",
        "the year was closed without this report (was “{stage}”), which was not needed: {rule}",
    ),
    "why.measure-closed": (
        "год закрыт: контроль мероприятия кончается вместе с ним",
        "the year was closed: the control of the measure ends with it",
    ),
    "why.year-started": (
        "год начат администратором по приказу № {order} от {date}; действует текст дорожной карты с SHA-256 {sha256}; {calendar}",
        "the administrator started the year by order No. {order} of {date}; the roadmap's text with SHA-256 {sha256} is in force; {calendar}",
    ),
    "why.decision": (
        "замечание ({where}): {found} Решение ({by}): «{text}»",
        "finding ({where}): {found} Settled ({by}): “{text}”",
    ),
    "why.indicator": (
        "показатель {number} «{text}»: {kind}; цель: {target}; значение сообщает {body}, считается последнее",
        "indicator {number} “{text}”: {kind}; target: {target}; {body} reports the value, the last one counts",
    ),
    "why.no-target": ("числом не задана", "not set as a number"),
    "why.erased": (
        "имя и адрес стирает администратор или {controller}, с основанием; в журнале остаются код {code} и основание: {act}",
        "the administrator or {controller} erases a name and address by an act; the log keeps code {code} and ground: {act}",
    ),
    "why.year-closed": (
        "год закрывает администратор или контролирующее лицо ({controller}); дальше закрываются мероприятия",
        "the administrator or the controller ({controller}) closes the year; the measures are closed next",
    ),
    "why.set-aside": (
        "запись на этом месте никто не мог прочесть; её отложили по решению ({act}), и дальше всё идёт без неё",
        "nobody could read the record at this place; it was set aside by an act ({act}), and the stream goes on without it",
    ),
}

TEXTS: Mapping[str, tuple[str, str]] = _GENERAL | _SENTENCES | _REFUSALS | _LETTERS | _TABLES | _REASONS
