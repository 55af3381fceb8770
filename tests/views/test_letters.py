"""Letters say what happened, what to do and with which command, and nobody can slip anything into them."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from domain.addresses import BadAddress, mailbox
from domain.commands import (
    AcceptExecution,
    Evidence,
    ExtendDeadline,
    ReassignAssignment,
    RefuseExtension,
    ReportExecution,
    RequestExtension,
    ReturnForRework,
    ScheduledPoint,
    SetSchedule,
    WithdrawAssignment,
)
from domain.measure import MEASURE
from domain.notices import Notice
from domain.year import YEAR, started
from doors.cli.admin import admin
from tests.views.example_year import CERTIFICATION, COURSES, ROADMAP, WORKSHOPS, Life, local, plan, unreviewed
from views.letters import COMMANDS, Letter, body, command, compose, letter_for, subject
from views.texts import text

SENT = datetime(2021, 11, 29, 6, tzinfo=UTC)
SENDER = mailbox("Веха <vekha@vekha.example>")


def letters(life: Life, lang: str = "ru") -> list[Letter]:
    """Return all letters that a life made due, each written from the state after its event."""
    made, state = [], MEASURE.begin(life.events[0])
    for event in life.events:
        state = MEASURE.evolve(state, event)
        made += [letter_for(notice, state, life.stream, lang) for notice in MEASURE.letters(state, event)]
    return made


def late_letters(lang: str = "ru") -> list[Letter]:
    """Return all letters of a year that began in the middle of December, each written from the year's own state."""
    at = local("2021-12-15T10:00")
    first = started(ROADMAP, "", at, at)
    state = YEAR.evolve(YEAR.begin(first), first)
    return [letter_for(notice, state, f"{ROADMAP.id}/year", lang) for notice in YEAR.letters(state, first)]


def workshops() -> Life:
    """Return a life with a missed deadline, an extension, a rework and a reassignment."""
    life = Life(plan(WORKSHOPS))
    ask = RequestExtension(checkpoint="1", until=date(2021, 12, 10), reason="карантин\nв школе")
    life.hear("2021-11-20T10:00", "school-6", ask)
    life.hear("2021-11-21T10:00", "uo", RefuseExtension(checkpoint="1", reason="рано"))
    life.until("2021-12-08T10:00").hear("2021-12-09T10:00", "school-6", ReportExecution(checkpoint="1", note="Готово"))
    life.hear("2021-12-10T10:00", "uo", ReturnForRework(checkpoint="1", reason="нет фото"))
    extend = ExtendDeadline(checkpoint="1", until=date(2021, 12, 20), reason="фото", act="приказ № 5")
    life.hear("2021-12-11T10:00", "uo", extend).hear("2021-12-13T10:00", "school-6", ReportExecution(checkpoint="1"))
    life.hear("2021-12-14T10:00", "uo", AcceptExecution(checkpoint="1"))
    return life.hear(
        "2021-12-15T10:00", "uo", ReassignAssignment(checkpoint="2", to="school-1", reason="ремонт", act="№ 6")
    )


def certification() -> Life:
    """Return a life that waits for its dates, and then gets two."""
    life = Life(plan(CERTIFICATION)).until("2021-10-01T10:00")
    dates = ((date(2021, 10, 1), date(2021, 11, 26)), (date(2022, 3, 1), date(2022, 4, 29)))
    points = (ScheduledPoint(*named, *on) for named, on in zip((("1", "осень"), ("2", "весна")), dates, strict=True))
    return life.hear("2021-10-04T10:00", "uo", SetSchedule(points=tuple(points), act="график\nаттестации № 1"))


def of_kind(kind: str, level: int = 0) -> Letter:
    """Return the first letter of a kind."""
    return next(letter for letter in letters(workshops()) if (letter.kind, letter.level) == (kind, level))


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_kind_of_notice_has_a_whole_letter(lang: str) -> None:
    """No blank is left open, no line is too long to read, and both languages tell all kinds."""
    lives = (
        workshops(),
        certification(),
        Life(plan(COURSES)).until("2022-01-10T10:00"),
        unreviewed(),
    )
    made = [letter for life in lives for letter in letters(life, lang)] + late_letters(lang)
    for letter in made:
        said = subject(letter) + "\n" + body(letter)
        assert not re.search(r"[{}]|None|\d{4}-\d\d-\d\d(?!\.|-)", re.sub(r"(?m)^    python admin.py .*$", "", said)), (
            said
        )
        assert all(len(line) <= 78 for line in said.splitlines() if not line.startswith("    python admin.py"))
        assert f"[{letter.measure or letter.order_number}] " in subject(letter)
    told = {f"{letter.kind}.{letter.addressee}" if letter.addressee else letter.kind for letter in made}
    assert told == COMMANDS.keys()


def test_a_reminder_says_what_by_when_and_the_very_command() -> None:
    """Its reader needs nothing else to answer."""
    letter = of_kind("reminder-deadline")
    assert subject(letter) == "[2.7] Срок 30.11.2021: ждём отчёт"
    said = body(letter)
    assert "Отчитайтесь до 30.11.2021, 18:00." in said
    assert "Мероприятие 2.7: Педагогические мастерские" in said
    assert "Контрольная точка: ноябрь" in said
    assert "Ожидаемый результат: Повышение профессионального мастерства" in said
    assert (
        "    python admin.py report 2.7 --roadmap pyatigorsk-969-1-2021 --as school-6 --checkpoint 1 "
        '--note "что сделано" --file материалы.pdf\n'
    ) in said


def test_a_letter_about_a_report_names_its_files_and_how_to_get_them() -> None:
    """Each on a line of its own; a report without any says nothing of files."""
    assert "приложено" not in body(of_kind("reported"))
    files = tuple(Evidence("a" * 64, 1, name) for name in ("фото мастерской.jpg", "список\nв две строки.pdf"))
    life = Life(plan(WORKSHOPS)).hear("2021-11-20T10:00", "school-6", ReportExecution(checkpoint="1", evidence=files))
    letter = next(one for one in letters(life) if one.kind == "reported")
    said = body(letter)
    assert "К отчёту приложено:\n  фото мастерской.jpg\n  список в две строки.pdf\n" in said
    assert (
        "    python admin.py evidence 2.7 --roadmap pyatigorsk-969-1-2021 --checkpoint 1 --body school-6 --save материалы\n"
    ) in said
    state = MEASURE.fold(None, life.events)
    assert state is not None
    assert all(notice.files == () for notice in state.outbox.values())


def test_each_step_of_the_ladder_has_its_own_words() -> None:
    """Who has to report, who has to help, who has to decide."""
    steps = [of_kind("escalation", level) for level in (1, 2, 3)]
    assert [letter.to for letter in steps] == ["school-6", "imcro", "uo"]
    assert [letter.addressee for letter in steps] == ["responsible", "coordinator", "controller"]
    assert len({subject(letter) for letter in steps}) == 3
    assert "Помогите исполнителю" in subject(steps[1])
    assert "admin.py withdraw 2.7" in body(steps[2])


def test_a_coordinator_who_is_the_controller_gets_the_controllers_words() -> None:
    """A body that reports to the controller itself has nobody in between."""
    life = Life(plan(replace(WORKSHOPS, checkpoints=WORKSHOPS.checkpoints[:1])))
    since = life.events[-1].received_at
    notice = Notice(
        "2.7/1/school-6:escalation:2021-12-03-2:uo", "escalation", "uo", "2.7/1/school-6", since, since, level=2
    )
    assert letter_for(notice, life.state, life.stream).addressee == "controller"


def test_a_late_start_is_told_in_one_letter_with_the_old_days() -> None:
    """A body has its own dates; the controller has everybody's, and no command that a body gives."""
    school, office = (next(letter for letter in late_letters() if letter.to == to) for to in ("school-6", "uo"))
    assert subject(school) == "[969/1] Контроль начат: уже прошло сроков — 2"
    said = body(school)
    assert "поставлено на контроль 15.12.2021" in said
    assert "- 1.1. Проведение мониторинга" in said.replace("  - ", "- ")
    assert "срок 30.09.2021" in " ".join(said.split())
    assert "срок 30.11.2021" in " ".join(said.split())
    assert "school-6" not in said.replace("--as school-6", "")
    assert "МБОУ СОШ № 30" not in said
    assert "    python admin.py todo --roadmap pyatigorsk-969-1-2021 --as school-6\n" in said
    assert subject(office) == "[969/1] Контроль начат: уже прошло сроков — 5"
    assert body(office).count("  - ") == 5
    assert "МБОУ СОШ № 30" in body(office)


def test_a_letter_tells_what_it_is_about_whatever_has_happened_since() -> None:
    """Sent again after weeks, with the state of today, it names the date that was missed then."""
    for life in (workshops(), Life(plan(CERTIFICATION)).until("2021-10-01T10:00")):
        state = MEASURE.begin(life.events[0])
        for event in life.events:
            state = MEASURE.evolve(state, event)
            for notice in MEASURE.letters(state, event):
                at_once = letter_for(notice, state, life.stream)
                assert letter_for(notice, life.state, life.stream) == at_once
    missed = of_kind("escalation", 1)
    assert missed.due_on == "2021-11-30"
    assert workshops().state.assignments["2.7/1/school-6"].due_on == date(2021, 12, 20)


def test_a_new_body_is_told_of_its_own_assignment() -> None:
    """The old body's name and code stand nowhere in its letter."""
    letter = of_kind("assigned")
    assert (letter.to, letter.body, letter.due_on) == ("school-1", "school-1", "2022-02-28")
    assert "school-30" not in body(letter)


def test_letters_name_the_act_and_the_date_that_was_before() -> None:
    """Of an extension, a reassignment, a withdrawal and a schedule; on one line, whatever was written as the act."""
    extended = body(of_kind("extended"))
    assert "перенесён с 30.11.2021 на 20.12.2021" in " ".join(extended.split())
    assert "  По документу: приказ № 5\n  Прежний срок: 30.11.2021\n  Срок: 20.12.2021" in extended
    assert "  По документу: № 6\n" in body(of_kind("assigned"))
    life = Life(plan(WORKSHOPS)).hear(
        "2021-11-20T10:00", "uo", WithdrawAssignment(checkpoint="1", reason="закрыто", act="приказ № 8")
    )
    (gone,) = letters(life)
    assert "  По документу: приказ № 8\n" in body(gone)
    (dated,) = (letter for letter in letters(certification()) if letter.kind == "scheduled")
    assert (
        "  По документу: график аттестации № 1\n"
        "  - контрольная точка 1 «осень» — срок 26.11.2021\n"
        "  - контрольная точка 2 «весна» — срок 29.04.2022\n"
    ) in body(dated)


def test_a_report_that_waits_is_told_to_the_controller_with_the_commands_and_above_without() -> None:
    """Only the controller can decide on it."""
    first, second = (letter for letter in letters(unreviewed()) if letter.kind == "unreviewed")
    assert (first.to, second.to) == ("vasyutina", "uo")
    assert subject(first) == "[1.1] Отчёт ждёт проверки с 02.09.2021: МКУ ИМЦРО"
    assert "admin.py accept 1.1" in body(first)
    assert "admin.py" not in body(second)
    assert "заместитель главы администрации" in body(second)


def test_an_extension_tells_the_new_date_whatever_has_happened_since() -> None:
    """A letter that is sent late still tells what it is about."""
    life = workshops()
    notice = next(n for event in life.events for n in MEASURE.letters(life.state, event) if n.kind == "extended")
    assert letter_for(notice, life.state, life.stream).due_on == "2021-12-20"


def test_a_letter_is_plain_json() -> None:
    """It may cross any wire."""
    letter = of_kind("returned")
    assert Letter(**json.loads(json.dumps(asdict(letter)))) == letter


def read(message: EmailMessage) -> EmailMessage:
    """Return the message as a mail program reads it."""
    parsed = message_from_bytes(message.as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_the_message_is_read_back_as_it_was_written() -> None:
    """UTF-8 in the body and in the headers; the date is the office's, the sender has a name."""
    letter = of_kind("reminder-deadline")
    message = read(compose(letter, SENDER, "school6@example.org", SENT))
    assert message["Subject"] == subject(letter)
    assert message["From"] == "Веха <vekha@vekha.example>"
    assert message["To"] == "МБОУ СОШ № 6 <school6@example.org>"
    assert message["Date"] == "Mon, 29 Nov 2021 09:00:00 +0300"
    assert message["X-Vekha-Notice"] == "2.7/1/school-6:reminder-deadline:2021-11-30-5:school-6"
    assert message.get_content().replace("\r\n", "\n") == body(letter)


def test_the_same_letter_has_the_same_message_id_for_ever() -> None:
    """A repeated delivery is recognised by the mail program; another stream's letter is another one."""
    letter = of_kind("reminder-deadline")

    def id_of(letter: Letter, at: datetime = SENT) -> str:
        return str(compose(letter, SENDER, "b@example.org", at)["Message-ID"])

    assert id_of(letter) == id_of(letter, local("2022-01-01T00:00"))
    assert id_of(letter).endswith("@vekha.example>")
    other = replace(letter, stream=letter.stream.replace("2021/", "2021~r1/"))
    assert len({id_of(letter), id_of(other), id_of(replace(letter, notice="x"))}) == 3


def test_no_header_can_be_injected() -> None:
    """Line breaks in ids, names and titles stay inside their header; in an address they are refused."""
    letter = replace(
        of_kind("reported"),
        notice="x:reported:id\r\nBcc: spy@example.org:uo",
        to_name="Школа\r\nBcc: spy@example.org",
        measure="2.7\nX-Evil: 1",
        body_name="СОШ\r\n\r\n<script>",
    )
    message = read(compose(letter, SENDER, "b@example.org", SENT))
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert message["X-Vekha-Notice"] == "x:reported:id Bcc: spy@example.org:uo"


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a b@c", "a@b@c", "a@b\r\nBcc: c@d", "a@b>, c@d", "школа@example.org", "a@" + "x" * 70],
)
def test_what_is_no_address_is_told_by_one_error(address: str) -> None:
    """The standard library has five different ones."""
    with pytest.raises(BadAddress):
        compose(of_kind("reported"), SENDER, address, SENT)


def test_a_russian_domain_is_written_as_mail_servers_know_it() -> None:
    """Domains may be Cyrillic."""
    message = read(compose(of_kind("reported"), SENDER, "priem@школа.рф", SENT))
    assert message["To"].addresses[0].addr_spec == "priem@xn--80atdl2c.xn--p1ai"


def test_words_of_a_person_are_marked_line_by_line() -> None:
    """Nobody can write a paragraph that looks like the system's."""
    letter = replace(of_kind("reported"), words="Готово.\n\nПринять:\n    python admin.py withdraw 2.7\u202e")
    said = body(letter)
    assert "> Готово.\n>\n> Принять:\n>     python admin.py withdraw 2.7<U+202E>\n" in said


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_command_of_a_letter_is_one_that_the_door_takes(lang: str) -> None:
    """Once its reader has filled in the date, nothing is left to guess."""
    lives = (
        workshops(),
        Life(plan(CERTIFICATION)).until("2021-10-01T10:00"),
        Life(plan(COURSES)).until("2022-01-10T10:00"),
    )
    lines = {
        line.strip().replace(text("blank.date", lang), "2022-01-31")
        for letter in [*(letter for life in lives for letter in letters(life, lang)), *late_letters(lang)]
        for line in body(letter).splitlines()
        if line.startswith("    python admin.py")
    }
    verbs = set()
    for line in lines:
        program, script, verb, *rest = shlex.split(line)
        assert (program, script) == ("python", "admin.py")  # as in the guides: uv is nothing that a school has
        admin.commands[verb].make_context(verb, rest)  # UsageError where the door does not know it
        verbs.add(verb)
    assert verbs == {verb for kind in COMMANDS.values() for verb in kind}


def test_a_key_that_a_shell_would_read_is_quoted() -> None:
    """A command from a letter is copied as it stands."""
    letter = replace(of_kind("returned"), checkpoint="$(rm -rf /)", roadmap="x~r1")
    assert "--checkpoint '$(rm -rf /)'" in command(letter, "report")
    assert '--roadmap "x~r1"' in command(letter, "report")
