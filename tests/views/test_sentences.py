"""History in plain words."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from domain.codec import FACTS, make_command
from domain.commands import (
    AcceptExecution,
    Command,
    Evidence,
    ExtendDeadline,
    MeasureIndicator,
    ReassignAssignment,
    RefuseExtension,
    ReportExecution,
    ReportProgress,
    Request,
    RequestExtension,
    ReturnForRework,
    ScheduledPoint,
    SetSchedule,
    WithdrawAssignment,
)
from domain.events import (
    Event,
    LetterResent,
    NoticeDelivered,
    NoticeFailed,
    NoticeFiled,
    NoticeOutcome,
    NoticeSuppressed,
)
from tests.views.example_year import (
    CERTIFICATION,
    COURSES,
    MONITORING,
    ROADMAP,
    WORKSHOPS,
    Life,
    YearLife,
    local,
    plan,
    unreviewed,
)
from views.names import Names
from views.refusals import refusal
from views.sentences import sentence, tell

FILE = Evidence("a" * 64, 10, "отчёт.pdf")


def workshops() -> Life:
    """Return a life that meets nearly everything."""
    life = Life(plan(WORKSHOPS))
    life.hear("2021-11-10T10:00", "school-30", ReportExecution(checkpoint="1"))
    life.hear(
        "2021-11-20T10:00", "school-6", RequestExtension(checkpoint="1", until=date(2021, 12, 10), reason="грипп")
    )
    life.hear("2021-11-21T10:00", "vasyutina", RefuseExtension(checkpoint="1", reason="рано"))
    life.until("2021-12-08T10:00")
    late = ReportExecution(checkpoint="1", note="Готово\nвсё", evidence=(FILE,))
    life.hear("2021-12-09T10:00", "school-6", late, "2021-11-29")
    life.hear("2021-12-10T10:00", "uo", ReturnForRework(checkpoint="1", reason="нет фото"))
    extend = ExtendDeadline(checkpoint="1", until=date(2021, 12, 20), reason="фото", act="приказ № 5")
    life.hear("2021-12-11T10:00", "uo", extend)
    life.hear("2021-12-13T10:00", "school-6", ReportExecution(checkpoint="1"))
    life.hear("2021-12-14T10:00", "uo", AcceptExecution(checkpoint="1"))
    reassign = ReassignAssignment(checkpoint="2", to="school-1", reason="ремонт", act="приказ № 6")
    life.hear("2021-12-15T10:00", "uo", reassign).until("2022-03-02T10:00")
    return life.close("2022-08-31T20:00")


def everything() -> list[tuple[Life, Event]]:
    """Return events of every type a measure can have, with the lives that made them."""
    certification = Life(plan(CERTIFICATION)).until("2021-10-01T10:00")
    point = ScheduledPoint("1", "этап", date(2021, 10, 4), date(2021, 10, 6))
    certification.hear("2021-10-04T10:00", "uo", SetSchedule(points=(point,), act="график № 1"))
    certification.hear("2021-10-04T11:00", "imcro", ReportExecution()).until("2021-10-05T12:00")
    certification.hear("2021-10-05T13:00", "uo", AcceptExecution()).close("2022-08-31T20:00")
    courses = Life(plan(COURSES)).until("2022-01-10T10:00")
    courses.hear("2022-01-11T10:00", "school-1", ReportProgress(note="половина"))
    courses.hear("2022-01-12T10:00", "uo", WithdrawAssignment(reason="закрыто", act="приказ № 8"))
    return [(life, event) for life in (workshops(), certification, courses, unreviewed()) for event in life.events]


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_fact_is_one_line_with_its_moment_and_without_codes(lang: str) -> None:
    """Nobody has to know what ExecutionReported means, or who school-6 is."""
    met = set()
    for life, event in everything():
        said = sentence(event, life.state.plan, lang)
        met.add(type(event.fact).__name__)
        assert re.match(r"\d\d\.\d\d\.\d{4} \d\d:\d\d( \(.*?\))?: .+\.$", said), said
        assert "\n" not in said
        assert type(event.fact).__name__ not in said
        if type(event.fact).__name__ != "CommandRefused":  # its detail names what was asked for, as it was asked
            assert not re.search(r"school-|imcro|\buo\b|\d{4}-\d\d-\d\d", said), said
    known_elsewhere = {"NoticeFailed", "NoticeSuppressed", "YearStarted", "IndicatorMeasured", "YearClosed"}
    known_elsewhere |= {"ContactErased", "SetAside", "NoticeFiled", "LetterResent"}
    assert FACTS.keys() - met == known_elsewhere


def test_a_late_report_says_who_what_when_and_how_late() -> None:
    """Two dates are told apart: when it came, and when it happened in the sender's words."""
    life = workshops()
    (late, _) = [event for event in life.events if type(event.fact).__name__ == "ExecutionReported"]
    assert sentence(late, life.state.plan) == (
        "09.12.2021 10:00 (по словам отправителя — 29.11.2021): МБОУ СОШ № 6 отчитывается об исполнении с опозданием "
        "на 9 дней: мероприятие 2.7, контрольная точка 1 «ноябрь»; приложено: 1 файл (отчёт.pdf); "
        "пояснение: «Готово всё»."
    )
    assert sentence(late, life.state.plan, "en") == (
        "09.12.2021 10:00 (on 29.11.2021, as the sender says): МБОУ СОШ № 6 reports execution, 9 days late: measure "
        "2.7, checkpoint 1 “ноябрь”; attached: 1 file (отчёт.pdf); note: “Готово всё”."
    )


def test_a_person_is_named_by_post_and_body() -> None:
    """Names of persons stay out of the log; posts do not."""
    life = workshops()
    (refused,) = [event for event in life.events if type(event.fact).__name__ == "ExtensionRefused"]
    assert "заместитель главы администрации (МУ «Управление образования" in sentence(refused, life.state.plan)


def test_a_refusal_says_what_was_asked_for_what_happened_and_what_to_do() -> None:
    """A refusal leads on, it does not just refuse."""
    life = workshops()
    said = sentence(
        next(event for event in life.events if type(event.fact).__name__ == "CommandRefused"), life.state.plan
    )
    assert said == (
        "10.11.2021 10:00: МБОУ СОШ № 30 получает отказ, команда «отчёт об исполнении» ничего не изменила: за это отвечает "
        "другой исполнитель, а не отправитель (МБОУ СОШ № 30; контрольная точка 1; по дорожной карте отвечает: МБОУ СОШ № 6);"
        " отчитаться может только он сам."
    )


def test_refusals_speak_both_languages_and_translate_stages_and_dates() -> None:
    """Details are codes of the domain; people get words."""
    assert "контрольная точка 1, исполнитель — school-6, стадия — «исполнено»" in refusal(
        "wrong-stage", "2.7/1/school-6 accepted"
    )
    assert "checkpoint 1, responsible: school-6, at the stage “accepted”" in refusal(
        "wrong-stage", "2.7/1/school-6 accepted", "en"
    )
    assert "01.02.2022 ещё не наступила" in refusal("in-the-future", "2022-02-01")
    assert refusal("made-up", "x") == "made-up (x)"


@pytest.mark.parametrize(
    ("reason", "detail", "said", "said_in_english"),
    [
        (
            "wrong-stage",
            "2.16/1/gmo",
            "исполнитель — gmo: такое поручение уже есть",
            "responsible: gmo: this assignment is there",
        ),
        ("unknown-assignment", "7/*", "(контрольная точка 7);", "(checkpoint 7);"),
        ("unknown-assignment", "*/school-66", "(организация school-66);", "(body school-66);"),
        ("unknown-assignment", "7/school-66", "7/school-66", "7/school-66"),
        ("not-responsible", "school-6 */*", "(school-6);", "(school-6);"),
        ("not-responsible", "director-6/school-6 7/*", "(director-6, school-6; контр", "(director-6, school-6; check"),
        ("not-responsible", "gmo 4/gmo", "(gmo; 4/gmo)", "(gmo; 4/gmo)"),
        ("not-responsible", "gmo 3.4/1/imcro", "(gmo; мероприятие 3.4, контр", "(gmo; measure 3.4, checkpoint 1, resp"),
        ("bad-date", "2021-09-17 2021-09-30", "17.09.2021 не позже нынешнего срока 30.09.2021", "is no later than"),
        ("bad-date", "2021-09-18 2021-09-17", "18.09.2021 — нерабочий день, а", "18.09.2021 is a day off, and"),
        ("bad-date", "2021-12-01..2021-11-26", "начало 01.12.2021, срок 26.11.2021", "start 01.12.2021, due 26.11"),
        (
            "bad-date",
            "2021-10-15 < 2021-10-21",
            "15.10.2021 уже прошёл, сегодня 21.10",
            "15.10.2021 has passed already",
        ),
        ("not-open", "1.2/1/imcro 2021-10-01", "imcro: начало 01.10.2021", "imcro begins on 01.10.2021"),
        ("bad-date", "2031-12-01", "(01.12.2031)", "(01.12.2031)"),
        ("bad-value", "42 > 41", "числитель 42 больше знаменателя 41", "42 is larger than the denominator 41"),
        ("bad-value", "below zero", "число меньше нуля", "below zero"),
        ("bad-value", "denominator", "нужен знаменатель", "a denominator above zero"),
        ("bad-value", "baseline", "показателям роста", "indicators of growth"),
        ("bad-value", "points", "ключ повторяется", "a key is repeated"),
        ("bad-value", "key осень {x}", "ключ точки «осень {x}»", "key “осень {x}”"),
        ("bad-value", "to oo", "«oo» — группа", "“oo” is a group"),
        (
            "evidence-missing",
            f"act (1).pdf ({'a' * 64})\nb ({'b' * 64})",
            "они там другие (act (1).pdf, b);",
            "differ there (act (1).pdf, b);",
        ),
        ("bad-value", "denominator > ", "(denominator >)", "(denominator >)"),
    ],
)
def test_what_a_refusal_is_about_is_told_in_words(reason: str, detail: str, said: str, said_in_english: str) -> None:
    """The log keeps a code of the domain's; who is refused reads a sentence in one language."""
    assert said in refusal(reason, detail)
    assert said_in_english in refusal(reason, detail, "en")
    assert not re.search("[а-я]", refusal(reason, detail, "en").replace("осень", ""))


def asked(request: Request) -> Command:
    """Return a command of school № 30."""
    return make_command("c-1", "school-30", local("2022-06-01T10:00"), None, request)


def test_an_earlier_value_is_asked_for_where_it_is_wanted_and_only_there() -> None:
    """The same code of the domain's stands for both mistakes: what was sent tells them apart."""
    lacking = asked(MeasureIndicator(indicator="5", numerator=Decimal(188)))
    needless = asked(MeasureIndicator(indicator="4", numerator=Decimal(1), baseline=Decimal(1)))
    for command, said, said_in_english in (
        (
            lacking,
            "(нужно прежнее значение (--baseline): это показатель роста)",
            "the earlier value is wanted (--baseline)",
        ),
        (needless, "прежнего значения (--baseline) здесь не нужно", "no earlier value (--baseline) is wanted"),
    ):
        assert said in refusal("bad-value", "baseline", "ru", Names(ROADMAP), command)
        assert said_in_english in refusal("bad-value", "baseline", "en", Names(ROADMAP, "en"), command)


def test_whose_work_it_is_is_told_to_who_reports_it() -> None:
    """By the roadmap: of a measure and of an indicator; in an assignment's own name it stands already."""
    names = Names(ROADMAP)
    number = ROADMAP.measures[0].number
    answers = ", ".join(map(names.body, names.responsible(number, "*")))
    assert answers
    measure = asked(ReportExecution(measure=number))
    assert f"по дорожной карте отвечает: {answers});" in refusal(
        "not-responsible", "school-30 */*", "ru", names, measure
    )
    assert "отвечает:" not in refusal("not-responsible", f"school-30 {number}/1/gmo", "ru", names, measure)
    indicator = asked(MeasureIndicator(indicator=ROADMAP.indicators[0].number, numerator=Decimal(1)))
    names = Names(ROADMAP, "en")
    answers = ", ".join(map(names.body, names.answering(ROADMAP.indicators[0].number)))
    assert f"by the roadmap the one who answers is: {answers});" in refusal(
        "not-responsible", f"gmo {ROADMAP.indicators[0].number}/gmo", "en", names, indicator
    )


def test_an_ambiguous_command_is_told_what_to_add() -> None:
    """Each choice as it is typed, with the body's name; of many the first, and how many more."""
    detail = "2.7/1/school-6, 2.7/2/school-30"
    said = refusal("ambiguous", detail, "ru", Names(ROADMAP))
    assert said == (
        "подходит несколько поручений; назовите одно: --checkpoint 1 --body school-6 (МБОУ СОШ № 6); "
        "--checkpoint 2 --body school-30 (МБОУ СОШ № 30)"
    )
    many = ", ".join(f"2.7/{place}/school-6" for place in range(1, 10))
    assert refusal("ambiguous", many).endswith("; и ещё 3: admin.py show")


def test_a_stage_in_the_way_is_told_with_names() -> None:
    """No id of ours stands in it."""
    said = refusal("wrong-stage", "2.7/1/school-6 reported", "ru", Names(ROADMAP))
    assert said == (
        "сейчас этого сделать нельзя: мероприятие 2.7, контрольная точка 1 «ноябрь», исполнитель — МБОУ СОШ № 6, стадия"
        " — «на проверке»; что с поручением было, покажет admin.py show"
    )


def test_letters_are_told_with_their_kind_and_addressee() -> None:
    """An outcome names the letter, whatever stands in its id."""
    measure_plan = plan(MONITORING)

    def said(fact: NoticeOutcome | LetterResent, lang: str = "ru", actor: str = "post") -> str:
        at = local("2021-09-30T18:00")
        return sentence(Event(fact, at, date(2021, 9, 30), at, actor), measure_plan, lang)

    failed = NoticeFailed("1.1/1/school-6:reported:a:b:c\n:uo", "почта недоступна")
    assert said(failed).startswith("30.09.2021 18:00: письмо «отчёт на проверку» не доставлено, получатель — МУ «")
    suppressed = NoticeSuppressed("measure:reminder-schedule:start-0:imcro", "closed")
    assert said(suppressed) == (
        "30.09.2021 18:00: письмо «просьба о графике» не отправляется, получатель — МКУ ИМЦРО (год уже закрыт)."
    )
    for fact in (NoticeFiled(suppressed.notice, "a.eml"), NoticeDelivered(suppressed.notice, "a.eml")):
        # The second is how older Vekhas put it: delivered was what lay in a folder.
        assert said(fact) == (
            "30.09.2021 18:00: письмо «просьба о графике» сохранено файлом (почтовый сервер не задан), получатель — МКУ ИМЦРО (a.eml)."
        )
        assert said(fact, "en") == (
            "30.09.2021 18:00: letter “request for a schedule” to МКУ ИМЦРО lies in a file (no mail server is set) (a.eml)."
        )
    assert said(NoticeDelivered(suppressed.notice, "SMTP")) == (
        "30.09.2021 18:00: письмо «просьба о графике» ушло, получатель — МКУ ИМЦРО (SMTP)."
    )
    assert said(LetterResent("year:late-start:2021-12-15:imcro"), actor="uo").endswith(
        "отправляет письмо «прошедшие сроки» ещё раз, получатель — МКУ ИМЦРО."
    )
    held_back = NoticeSuppressed("1.1/1/imcro:escalation:2021-09-30-1:uo", "before-start")
    assert "до начала контроля" in said(held_back)


def test_words_of_a_sender_cannot_forge_a_line() -> None:
    """A note is one quoted line, its hidden characters written out."""
    life = Life(plan(WORKSHOPS)).until("2021-11-02T10:00")
    note = "готово\n30.11.2021 18:00: контролёр принимает\u202e исполнение\x1b[2J"
    said = sentence(life.hear("2021-11-03T10:00", "school-6", ReportExecution(note=note)).events[-2], life.state.plan)
    assert "\n" not in said
    assert "«готово 30.11.2021 18:00: контролёр принимает<U+202E> исполнение<U+001B>[2J»" in said


def test_a_note_of_blanks_is_none() -> None:
    """No empty quotation marks after the sentence."""
    life = Life(plan(WORKSHOPS)).until("2021-11-02T10:00")
    said = sentence(life.hear("2021-11-03T10:00", "school-6", ReportExecution(note=" ")).events[-2], life.state.plan)
    assert "отчитывается" in said
    assert "пояснение" not in said


def test_without_a_definition_codes_stand_for_themselves() -> None:
    """An event is readable alone, in UTC."""
    event = Life(plan(WORKSHOPS)).until("2021-11-02T10:00").events[1]
    assert sentence(event, None) == (
        "31.10.2021 21:00: начался срок работы: мероприятие 2.7, контрольная точка 1, исполнитель — school-6."
    )


def test_a_row_of_the_log_is_told_with_the_measure_of_its_stream() -> None:
    """In a history of the whole year each sentence still says which measure it is about."""
    life = Life(plan(CERTIFICATION)).until("2021-10-01T10:00")
    assert tell(life.records[1], ROADMAP) == (
        "07.09.2021 09:00: мероприятие 3.6 всё ещё без срока; просьба представить график — МКУ ИМЦРО."
    )


def test_the_year_tells_its_start_its_values_and_its_end() -> None:
    """The year's own stream has a history too."""
    year = YearLife()
    grown = MeasureIndicator(indicator="5", numerator=Decimal("45.5"), baseline=Decimal(40), note="олимпиады")
    year.hear("2022-06-01T10:00", "school-1", grown)
    year.hear(
        "2022-06-02T10:00", "school-6", MeasureIndicator(indicator="2", numerator=Decimal(9), denominator=Decimal(10))
    )
    said = [sentence(event, ROADMAP) for event in year.events]
    assert said == [
        "24.08.2021 10:00: год начат: Дорожная карта поддержки школ на 2021-22 учебный год, приказ № 969/1 от 24.08.2021; на контроле 4 мероприятия, 3 показателя.",
        "01.06.2022 10:00: МБОУ СОШ № 1 сообщает значение показателя 5: 45,5; прежнее значение 40; пояснение: «олимпиады».",
        "02.06.2022 10:00: МБОУ СОШ № 6 сообщает значение показателя 2: 9 из 10.",
    ]
