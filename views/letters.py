"""Letters: what happened, what to do, by when, and the very command to answer with."""

from __future__ import annotations

import re
import shlex
import textwrap
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from domain.errors import VekhaError
from domain.measure import MeasureState, assignment_id
from domain.notices import Notice
from domain.roadmap import Addressee
from views.names import Names, parts
from views.plain import one_line, plain
from views.texts import RU, day, known, text

WIDTH = 78
ESCALATION = "escalation"
BLANKS = {
    "report": ("note", "file"),
    "progress": ("note",),
    "request-extension": ("until", "reason"),
    "accept": (),
    "return": ("reason",),
    "extend": ("until", "reason", "act"),
    "refuse-extension": ("reason",),
    "reassign": ("to", "reason", "act"),
    "withdraw": ("reason", "act"),
}
COMMANDS = {
    "reminder-deadline": ("report", "request-extension"),
    "reminder-interim": ("progress",),
    "reminder-schedule": ("schedule",),
    "interim-missed": ("progress",),
    "escalation.responsible": ("report", "request-extension"),
    "escalation.coordinator": ("report", "request-extension"),
    "escalation.controller": ("extend", "reassign", "withdraw"),
    "reported": ("accept", "return"),
    "returned": ("report",),
    "accepted": (),
    "extension-requested": ("extend", "refuse-extension"),
    "extended": ("report",),
    "extension-refused": ("report",),
    "withdrawn": (),
    "assigned": ("report",),
}
BY_BODY = frozenset(
    {"reported", "extension-requested"}
)  # these letters bring a body's words, the others the controller's
BY_CONTROLLER = frozenset({"accept", "return", "extend", "refuse-extension", "reassign", "withdraw", "schedule"})
PLAIN_WORD = re.compile(r"[\w@./:,+-]+")
TAMED = re.compile(r"[\w@./:,+~№… -]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a letter tells; every field is JSON-native.

    `notice` is the notice's id in `stream`. Dates are ISO texts, `due_time` is local to `zone`. `checkpoint` and
    `body` name the assignment and are null where the letter is about the whole measure; `due_on` is the date in
    force. `on` is the date that the notice is about, `level` the step of the ladder and `addressee` whom that step
    addresses; `words` is what a person wrote, `writer` who.
    """

    notice: str
    stream: str
    roadmap: str
    lang: str
    kind: str
    to: str
    to_name: str
    order_number: str
    order_date: str
    order_title: str
    measure: str
    title: str
    deadline: str
    expected_result: str
    controller: str
    controller_name: str
    due_time: str
    zone: str
    checkpoint: str | None = None
    label: str | None = None
    body: str | None = None
    body_name: str | None = None
    due_on: str | None = None
    on: str | None = None
    level: int = 0
    addressee: str | None = None
    words: str = ""
    writer: str = ""


class BadAddress(VekhaError):
    """What should be an e-mail address is none."""

    def __init__(self, address: str) -> None:
        super().__init__(f"no e-mail address: {one_line(address, 100)}")


def letter_for(notice: Notice, state: MeasureState, stream: str, lang: str = RU) -> Letter:
    """Return the letter of a notice that is due in a measure's stream; the state is that after its event."""
    plan, names = state.plan, Names(state.plan, lang)
    item = None
    if notice.assignment is not None:
        number, key, _ = parts(notice.assignment)
        # A reassigned assignment is told to its new body under the new body's name.
        moved = assignment_id(number, key, notice.to) if notice.kind == "assigned" else notice.assignment
        item = state.assignments[moved]
    letter = Letter(
        notice=notice.id,
        stream=stream,
        roadmap=stream.partition("/")[0],
        lang=lang,
        kind=notice.kind,
        to=notice.to,
        to_name=names.body(notice.to),
        order_number=plan.order.number,
        order_date=plan.order.date.isoformat(),
        order_title=plan.order.title,
        measure=plan.measure.number,
        title=plan.measure.title,
        deadline=plan.measure.deadline,
        expected_result=plan.measure.expected_result,
        controller=plan.policy.controller,
        controller_name=names.body(plan.policy.controller),
        due_time=f"{plan.policy.due_time:%H:%M}",
        zone=plan.policy.time_zone,
        on=notice.on.isoformat() if notice.on else None,
        level=notice.level,
        words=notice.words,
    )
    if item is None:
        return letter
    due_on = notice.on if notice.kind == "extended" and notice.on else item.due_on
    return replace(
        letter,
        checkpoint=item.checkpoint,
        label=names.label(plan.measure.number, item.checkpoint),
        body=item.body,
        body_name=names.body(item.body),
        due_on=due_on.isoformat(),
        addressee=_addressee(notice, item.body, plan.policy.controller) if notice.kind == ESCALATION else None,
        writer=names.body(item.body if notice.kind in BY_BODY else plan.policy.controller),
    )


def compose(letter: Letter, sender: str, recipient: str, sent_at: datetime, domain: str) -> EmailMessage:
    """Return the message: the same letter always under the same Message-ID.

    `sender` and `recipient` are bare addresses; BadAddress where one of them is none. `sent_at` is the Date, `domain`
    the right side of the Message-ID.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address("", sender)
    message["To"] = _address(letter.to_name, recipient)
    message["Subject"] = subject(letter)
    message["Date"] = sent_at.astimezone(ZoneInfo(letter.zone))
    message["Message-ID"] = f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{letter.stream}#{letter.notice}')}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Vekha-Notice"] = one_line(letter.notice, 500)
    message.set_content(body(letter), charset="utf-8", cte="8bit")
    return message


def subject(letter: Letter) -> str:
    """Return the subject: the measure's number and what is wanted."""
    said = text(f"letter.{_variant(letter)}.subject", letter.lang, **_blanks(letter))
    return one_line(text("letter.subject", letter.lang, number=letter.measure, said=said), 150)


def body(letter: Letter) -> str:
    """Return the letter's text, lines of at most 78 characters; only commands stay whole, to be copied."""
    return "\n\n".join(_paragraphs(letter)) + "\n"


def _paragraphs(letter: Letter) -> Iterator[str]:
    lang, variant, blanks = letter.lang, _variant(letter), _blanks(letter)
    yield text("letter.greeting", lang)
    yield _wrapped(text(f"letter.{variant}.happened", lang, **blanks))
    if letter.words.strip():
        # Marked line by line: what a person wrote can never pass for what the system says.
        yield "\n".join((text("letter.words", lang, who=letter.writer), *_quoted(letter.words)))
    yield "\n".join(_wrapped(line, "  ") for line in _facts(letter))
    todo = [_wrapped(text(f"letter.{variant}.todo", lang, **blanks))]
    for verb in COMMANDS[variant]:
        todo += ["", text(f"letter.command.{verb}", lang), f"    {command(letter, verb)}"]
    yield "\n".join(todo)
    yield "\n".join(
        (
            "-- ",
            _wrapped(
                text(
                    "letter.order",
                    lang,
                    number=one_line(letter.order_number),
                    date=day(letter.order_date),
                    title=one_line(letter.order_title, 1000),
                )
            ),
            _wrapped(text("letter.sign", lang)),
        )
    )


def command(letter: Letter, verb: str) -> str:
    """Return the command line that answers a letter, blanks left for what only its reader knows."""
    lang = letter.lang
    blank = {
        "note": ("--note", text("blank.done", lang)),
        "reason": ("--reason", text("blank.reason", lang)),
        "file": ("--file", text("blank.file", lang)),
        "until": ("--until", letter.on if letter.kind == "extension-requested" else text("blank.date", lang)),
        "act": ("--act", text("blank.act", lang)),
        "to": ("--to", text("blank.body", lang)),
    }
    words = ["python", "admin.py", verb, letter.measure]
    words += ["--roadmap", letter.roadmap, "--as", (letter.controller if verb in BY_CONTROLLER else letter.body) or ""]
    if verb == "schedule":
        due = text("blank.date", lang)
        words += ["--point", f"1:{due}:{due}", *(str(word) for word in blank["act"])]
    else:
        words += ["--checkpoint", letter.checkpoint or ""]
        words += ["--body", letter.body or ""] if verb in BY_CONTROLLER else []
        words += [str(word) for name in BLANKS[verb] for word in blank[name]]
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    # Double quotes mean the same to every shell that an office may have; what they do not tame is left to shlex.
    if PLAIN_WORD.fullmatch(word):
        return word
    return f'"{word}"' if TAMED.fullmatch(word) else shlex.quote(one_line(word))


def _variant(letter: Letter) -> str:
    return f"{ESCALATION}.{letter.addressee}" if letter.kind == ESCALATION else letter.kind


def _blanks(letter: Letter) -> dict[str, str]:
    nothing = text("none", letter.lang)
    return {
        "due_on": day(letter.due_on) if letter.due_on else nothing,
        "due_time": letter.due_time,
        "on": day(letter.on) if letter.on else nothing,
        "body": letter.body_name or nothing,
        "controller": letter.controller_name,
        "deadline": one_line(letter.deadline),
        "level": str(letter.level),
    }


def _facts(letter: Letter) -> Iterator[str]:
    lang = letter.lang
    yield text("letter.measure", lang, number=letter.measure, title=one_line(letter.title, 1000))
    if letter.checkpoint is not None:
        yield text("letter.checkpoint", lang, label=one_line(letter.label or letter.checkpoint))
    if letter.body_name is not None:
        yield text("letter.body", lang, body=letter.body_name)
    if letter.due_on is None:
        yield text("letter.undated", lang)
    else:
        zone = known(f"zone.{letter.zone}", lang, letter.zone)
        yield text("letter.due", lang, due_on=day(letter.due_on), due_time=letter.due_time, zone=zone)
    if letter.expected_result.strip():
        yield text("letter.expected", lang, result=one_line(letter.expected_result, 1000))


def _addressee(notice: Notice, responsible: str, controller: str) -> str:
    """Return in what role the ladder reaches somebody: a body without a coordinator goes straight to the controller."""
    if notice.to == responsible:
        return Addressee.RESPONSIBLE.value
    return Addressee.CONTROLLER.value if notice.to == controller else Addressee.COORDINATOR.value


def _address(name: str, spec: str) -> Address:
    local, _, domain = spec.rpartition("@")
    try:
        return Address(display_name=one_line(name), addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError) as error:  # all that the standard library raises for one mistake
        raise BadAddress(spec) from error


def _wrapped(line: str, indent: str = "") -> str:
    return textwrap.fill(line, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _quoted(words: str) -> Iterator[str]:
    for line in plain(words.replace("\r\n", "\n").replace("\r", "\n")).strip("\n").split("\n"):
        yield textwrap.fill(line, WIDTH, initial_indent="> ", subsequent_indent="> ") or ">"
