"""Letters: what happened, what to do, by when, and the very command to answer with."""

from __future__ import annotations

import re
import shlex
import textwrap
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from domain.addresses import address
from domain.late import concerning
from domain.measure import MeasureState
from domain.notices import Notice
from domain.roadmap import Addressee, ControlPolicy, Order
from domain.year import YearState
from views.names import Names, parts
from views.plain import one_line, plain
from views.texts import RU, day, known, text

WIDTH = 78
ESCALATION = "escalation"
UNREVIEWED = "unreviewed"
SCHEDULED = "scheduled"
ABOVE = "above"
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
    "unreviewed.controller": ("accept", "return"),
    "unreviewed.above": (),
    "scheduled": (),
    "returned": ("report",),
    "accepted": (),
    "extension-requested": ("extend", "refuse-extension"),
    "extended": ("report",),
    "extension-refused": ("report",),
    "withdrawn": (),
    "assigned": ("report",),
    "late-start.responsible": ("todo",),
    "late-start.controller": ("todo",),
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
    force after the event, `was` the one before it where it was moved, `happened_on` the event's day. `on` is the date that
    the notice is about, `level` the step of the ladder and `addressee` in what role somebody is told; `words` is what a
    person wrote, `writer` who, `act` the act behind it, `files` names what a report brought, a line each. A letter about
    the whole year has no measure; `listed` has a line for each of many things that one tells.
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
    happened_on: str
    controller: str
    controller_name: str
    due_time: str
    zone: str
    measure: str = ""
    title: str = ""
    deadline: str = ""
    expected_result: str = ""
    listed: str = ""
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
    files: str = ""
    act: str = ""
    was: str | None = None


def letter_for(notice: Notice, state: MeasureState | YearState, stream: str, lang: str = RU) -> Letter:
    """Return the letter of a notice that is due in a stream. Whatever has happened since, it tells what it is about."""
    if isinstance(state, YearState):
        return _late_letter(notice, state, stream, lang)
    plan, names = state.plan, Names(state.plan, lang)
    letter = replace(
        _letter(notice, plan.policy, plan.order, names, stream),
        measure=plan.measure.number,
        title=plan.measure.title,
        deadline=plan.measure.deadline,
        expected_result=plan.measure.expected_result,
    )
    if notice.kind == SCHEDULED:
        return replace(letter, body=notice.to, body_name=names.body(notice.to), listed=_dates(state, notice.to, names))
    if notice.assignment is None:
        return letter
    number, key, body = parts(notice.assignment)
    if notice.kind == "assigned":
        body = notice.to  # a reassigned assignment is told to its new body under the new body's name
    controller = plan.policy.controller
    return replace(
        letter,
        checkpoint=key,
        label=names.label(number, key),
        body=body,
        body_name=names.body(body),
        addressee=_addressee(notice, body, controller) if notice.kind in (ESCALATION, UNREVIEWED) else None,
        writer=names.body(body if notice.kind in BY_BODY else controller),
    )


def _letter(notice: Notice, policy: ControlPolicy, order: Order, names: Names, stream: str) -> Letter:
    """Return what all letters tell."""
    return Letter(
        notice=notice.id,
        stream=stream,
        roadmap=stream.partition("/")[0],
        lang=names.lang,
        kind=notice.kind,
        to=notice.to,
        to_name=names.body(notice.to),
        order_number=order.number,
        order_date=order.date.isoformat(),
        order_title=order.title,
        happened_on=policy.local_date(notice.happened_at).isoformat(),
        controller=policy.controller,
        controller_name=names.body(policy.controller),
        due_time=f"{policy.due_time:%H:%M}",
        zone=policy.time_zone,
        due_on=notice.due_on.isoformat() if notice.due_on else None,
        on=notice.on.isoformat() if notice.on else None,
        level=notice.level,
        words=notice.words,
        files="\n".join(one_line(name, 120) for name in notice.files),
        act=notice.act,
        was=notice.was.isoformat() if notice.was else None,
    )


def _dates(state: MeasureState, body: str, names: Names) -> str:
    """Return the dates that a schedule gave to a body, a line each."""
    number = state.plan.measure.number
    items = sorted(
        (item for item in state.assignments.values() if item.body == body), key=lambda item: item.scheduled_on
    )
    return "\n".join(
        text("letter.date", names.lang, point=names.checkpoint(number, item.checkpoint), on=day(item.scheduled_on))
        for item in items
    )


def _late_letter(notice: Notice, state: YearState, stream: str, lang: str) -> Letter:
    """Return the letter about what was due before the year began."""
    definition, names = state.definition, Names(state.definition, lang)
    past = concerning(definition, state.started_at, notice.to)
    controls = any(one.controller == notice.to for one in past)
    lines = []
    for one in past:
        number, key, body = parts(one.assignment)
        lines.append(
            text(
                "letter.past-due.interim" if one.interim else "letter.past-due",
                lang,
                number=number,
                title=one_line(names.measures[number].title, 100),
                point=names.checkpoint(number, key),
                body=names.body(body),
                on=day(one.on),
            )
        )
    return replace(
        _letter(notice, definition.policy, definition.order, names, stream),
        body=notice.to,
        body_name=names.body(notice.to),
        addressee=(Addressee.CONTROLLER if controls else Addressee.RESPONSIBLE).value,
        listed="\n".join(lines),
    )


def compose(letter: Letter, sender: Address, recipient: str, sent_at: datetime) -> EmailMessage:
    """Return the message: the same letter always under the same Message-ID, in the sender's domain.

    `recipient` is a bare address; BadAddress where it is none. `sent_at` is the Date.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = address(recipient, one_line(letter.to_name))
    message["Subject"] = subject(letter)
    message["Date"] = sent_at.astimezone(ZoneInfo(letter.zone))
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{letter.stream}#{letter.notice}")
    message["Message-ID"] = f"<{name}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Vekha-Notice"] = one_line(letter.notice, 500)
    message.set_content(body(letter), charset="utf-8", cte="8bit")
    return message


def subject(letter: Letter) -> str:
    """Return the subject: the number of the measure, or of the order, and what is wanted."""
    said = text(f"letter.{_variant(letter)}.subject", letter.lang, **_blanks(letter))
    return one_line(text("letter.subject", letter.lang, number=letter.measure or letter.order_number, said=said), 150)


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
    if letter.files:
        yield "\n".join((text("letter.files", lang), *(_wrapped(line, "  ") for line in letter.files.splitlines())))
    yield "\n".join(_wrapped(line, "  ") for line in _facts(letter))
    todo = [_wrapped(text(f"letter.{variant}.todo", lang, **blanks))]
    for verb in (("evidence",) if letter.files else ()) + COMMANDS[variant]:
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
    if verb == "evidence":
        where = [
            "--checkpoint",
            letter.checkpoint or "",
            "--body",
            letter.body or "",
            "--save",
            text("blank.folder", lang),
        ]
        told = ["python", "admin.py", verb, letter.measure, "--roadmap", letter.roadmap, *where]
        return " ".join(map(_word, told))
    words = ["python", "admin.py", verb, *([letter.measure] if letter.measure else [])]
    words += ["--roadmap", letter.roadmap, "--as", (letter.controller if verb in BY_CONTROLLER else letter.body) or ""]
    if verb == "schedule":
        due = text("blank.date", lang)
        words += ["--point", f"1:{due}:{due}", *(str(word) for word in blank["act"])]
    elif letter.checkpoint is not None:
        words += ["--checkpoint", letter.checkpoint]
        words += ["--body", letter.body or ""] if verb in BY_CONTROLLER else []
        words += [str(word) for name in BLANKS[verb] for word in blank[name]]
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    # Double quotes mean the same to every shell that an office may have; what they do not tame is left to shlex.
    if PLAIN_WORD.fullmatch(word):
        return word
    return f'"{word}"' if TAMED.fullmatch(word) else shlex.quote(one_line(word))


def _variant(letter: Letter) -> str:
    return f"{letter.kind}.{letter.addressee}" if letter.addressee else letter.kind


def _blanks(letter: Letter) -> dict[str, str]:
    nothing = text("none", letter.lang)
    return {
        "due_on": day(letter.due_on) if letter.due_on else nothing,
        "due_time": letter.due_time,
        "on": day(letter.on) if letter.on else nothing,
        "was": day(letter.was) if letter.was else nothing,
        "body": letter.body_name or nothing,
        "controller": letter.controller_name,
        "deadline": one_line(letter.deadline),
        "level": str(letter.level),
        "happened_on": day(letter.happened_on),
        "count": str(len(letter.listed.splitlines())),
    }


def _facts(letter: Letter) -> Iterator[str]:
    lang = letter.lang
    if not letter.measure:
        yield from _listed(letter)
        return
    yield text("letter.measure", lang, number=letter.measure, title=one_line(letter.title, 1000))
    if letter.checkpoint is not None:
        yield text("letter.checkpoint", lang, label=one_line(letter.label or letter.checkpoint))
    if letter.body_name is not None:
        yield text("letter.body", lang, body=letter.body_name)
    yield text("letter.happened-on", lang, happened_on=day(letter.happened_on))
    if letter.act:
        yield text("letter.act", lang, act=one_line(letter.act, 1000))
    if letter.was is not None:
        yield text("letter.was", lang, was=day(letter.was))
    if letter.listed:
        yield from _listed(letter)
    elif letter.due_on is None:
        yield text("letter.undated", lang)
    else:
        zone = known(f"zone.{letter.zone}", lang, letter.zone)
        yield text("letter.due", lang, due_on=day(letter.due_on), due_time=letter.due_time, zone=zone)
    if letter.expected_result.strip():
        yield text("letter.expected", lang, result=one_line(letter.expected_result, 1000))


def _listed(letter: Letter) -> Iterator[str]:
    yield from (f"- {line}" for line in letter.listed.splitlines())


def _addressee(notice: Notice, responsible: str, controller: str) -> str:
    """Return in what role somebody is reached: a body without a coordinator goes straight to the controller."""
    if notice.kind == UNREVIEWED:
        return Addressee.CONTROLLER.value if notice.to == controller else ABOVE
    if notice.to == responsible:
        return Addressee.RESPONSIBLE.value
    return Addressee.CONTROLLER.value if notice.to == controller else Addressee.COORDINATOR.value


def _wrapped(line: str, indent: str = "") -> str:
    return textwrap.fill(line, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _quoted(words: str) -> Iterator[str]:
    for line in plain(words.replace("\r\n", "\n").replace("\r", "\n")).strip("\n").split("\n"):
        yield textwrap.fill(line, WIDTH, initial_indent="> ", subsequent_indent="> ") or ">"
