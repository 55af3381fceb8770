"""The kinds of standing still: what is wrong, and what to do, in both languages; their codes are those of `audit.py reconcile`."""

from __future__ import annotations

Words = tuple[tuple[str, str], tuple[str, str]]

_RECOVER = ("выполните starter.py recover", "run starter.py recover")
_WORKER = (
    "проверьте, работает ли worker.py и что он пишет в своём журнале",
    "see whether worker.py runs, and what it logs",
)
_LOG = (
    "посмотрите, что пишет в своём журнале worker.py; когда причина устранена, всё пойдёт дальше само",
    "see what worker.py logs; once the cause is gone, it goes on by itself",
)
# What is wrong, and what to do.
WORDS: dict[str, Words] = {
    "no-workflow": (
        ("открыто в журнале, а процесса в Temporal нет", "open in the log, no workflow in Temporal"),
        _RECOVER,
    ),
    "workflow-ended": (("открыто в журнале, а процесс завершён", "open in the log, its workflow has ended"), _RECOVER),
    "wrong-workflow": (
        ("под этим именем в Temporal идёт чужой процесс", "somebody else's workflow runs under this name in Temporal"),
        _RECOVER,
    ),
    "wrong-attributes": (
        (
            "у процесса в Temporal не те поисковые атрибуты, его не найти в списках",
            "the workflow has wrong search attributes in Temporal, lists do not find it",
        ),
        _RECOVER,
    ),
    "task-failing": (
        ("процесс не может сделать ни шага", "the workflow cannot take a step"),
        (
            "посмотрите, что пишет worker.py, и выполните starter.py recover: процесс начнётся заново с того, что в журнале",
            "see what worker.py logs, and run starter.py recover: it begins anew from what the log has",
        ),
    ),
    "activity-failing": (
        ("шаг не удаётся и повторяется снова и снова", "a step fails, and is tried again and again"),
        _LOG,
    ),
    "letters-wait": (
        (
            "письма ждут: почтовый сервер их пока не принял",
            "letters wait: the mail server has not taken them yet",
        ),
        (
            "проверьте почтовый сервер и VEKHA_SMTP_*; письма пойдут сами, три дня их пробуют снова",
            "look at the mail server and VEKHA_SMTP_*; letters go by themselves then, for three days they are tried again",
        ),
    ),
    "no-rights": (
        ("у входа worker.py в базу данных нет нужных прав", "the login of worker.py lacks rights in the database"),
        (
            "верните их: make up, а на своём сервере — как сказано в docs/operators.md; дальше всё пойдёт само",
            "give them back: make up, on a server of your own as docs/operators.md says; then it goes on by itself",
        ),
    ),
    "activity-paused": (
        ("шаг остановлен рукой в Temporal", "a step was paused by hand in Temporal"),
        ("снимите паузу: temporal activity unpause", "take the pause back: temporal activity unpause"),
    ),
    "alarm": (
        ("остановлено: в его записи писал кто-то мимо Вехи", "halted: somebody wrote among its events past Vekha"),
        (
            "сверьте записи командой audit.py replay, затем пошлите процессу в Temporal сигнал resume",
            "compare the events with audit.py replay, then send the workflow the signal resume",
        ),
    ),
    "run-full": (
        (
            "процесс скоро не сможет принимать команды или писать свою историю",
            "the workflow will soon take no more commands, or have no room for its history",
        ),
        (
            "проверьте worker.py; если не пройдёт, завершите процесс (terminate): starter.py recover вернёт и присланное ему",
            "look at worker.py; where it stays so, terminate the workflow: starter.py recover brings back all it was sent",
        ),
    ),
    "no-turn": (("ждёт рабочего процесса", "waits for a worker"), _LOG),
    "moment-overdue": (
        ("наступило время, а в журнале ничего не появилось", "a moment has passed and left no event"),
        _WORKER,
    ),
    "no-worker": (
        ("никто не берёт работу: команды и сроки ждут", "nobody takes work: commands and deadlines wait"),
        ("запустите worker.py (make up)", "start worker.py (make up)"),
    ),
    "no-letter-worker": (
        ("никто не отправляет письма", "nobody sends letters"),
        ("запустите worker.py (make up)", "start worker.py (make up)"),
    ),
    "not-sealed": (
        (
            "новым записям журнала никто не даёт номеров, отчёты не обновляются",
            "nobody seals the log, and the reports stand still",
        ),
        _WORKER,
    ),
    "not-shown": (("отчёты отстали от журнала", "the reports are behind the log"), _LOG),
    "report-stopped": (
        (
            "в отчётах нет всех записей: одну из них отчёт учесть не смог",
            "the reports lack events: there is one that a report could not take",
        ),
        (
            "выполните audit.py verify: он назовёт запись и скажет, что делать",
            "run audit.py verify: it names the event, and what to do",
        ),
    ),
}
