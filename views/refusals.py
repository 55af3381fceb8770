"""Refusals in words. What the domain records beside a reason is a code, in no language; here it is told."""

from __future__ import annotations

import re

from domain.commands import Addressed, Command, MeasureIndicator, Request
from domain.errors import Reason
from views.names import Names, parts
from views.plain import one_line
from views.texts import RU, TEXTS, days_in, known, text

ANY = "*"  # what was left open of checkpoint/body
CHOICES = 6  # assignments that are named where several fit
SHIFTED = re.compile(r"(?P<until>\S+) (?P<due>\S+)")
REVERSED = re.compile(r"(?P<start>\S+)\.\.(?P<due>\S+)")
COMPARED = re.compile(r"(?P<numerator>\S+) > (?P<denominator>\S+)")
PASSED = re.compile(r"(?P<until>\S+) < (?P<today>\S+)")
OPENS = re.compile(r"(?P<assignment>\S+) (?P<day>\S+)")
VALUED = re.compile(r"(?P<what>key|to) (?P<value>.*)")
# Details that are told by a sentence of their own.
SHAPES = (
    (Reason.BAD_DATE, PASSED, "detail.passed"),
    (Reason.BAD_DATE, REVERSED, "detail.reversed"),
    (Reason.NOT_OPEN, OPENS, "detail.opens"),
    (Reason.BAD_VALUE, COMPARED, "detail.compared"),
)


def refusal(
    reason: str, detail: str, lang: str = RU, names: Names | None = None, command: Command | None = None
) -> str:
    """Return a refusal in words: what happened and what to do; `reason` is a code of `domain.errors.Reason`.

    `command` is what was refused, where it is known: with it the words are more exact.
    """
    key = f"refusal.{reason}"
    if reason == Reason.EVIDENCE_MISSING:  # a line for each file, `name (SHA-256)`: people know it by its name
        detail = ", ".join(line.rpartition(" (")[0] or line for line in detail.split("\n"))
    known_names = names or Names(None, lang)
    if reason == Reason.AMBIGUOUS:
        words = _choices(detail, known_names)
    else:
        words = days_in(_told(reason, one_line(detail), known_names, command.request if command else None))
    return text(key if key in TEXTS else "refusal.other", lang, reason=one_line(reason), detail=words)


def _choices(detail: str, names: Names) -> str:
    """Return the assignments of which one has to be named, each as it is typed."""
    found = [one for one in detail.split(", ") if one.count("/") > 1]
    if not found:
        return one_line(detail)
    said = []
    for one in found[:CHOICES]:
        _, key, body = parts(one)
        said.append(text("detail.choice", names.lang, key=one_line(key), code=one_line(body), body=names.body(body)))
    more = len(found) - CHOICES
    return "; ".join([*said, *([text("detail.more", names.lang, count=more)] if more > 0 else [])])


def _told(reason: str, detail: str, names: Names, request: Request | None) -> str:
    """Return the detail in words; one of another shape stays as it is."""
    lang = names.lang
    match reason:
        case Reason.WRONG_STAGE:
            assignment, separator, stage = detail.rpartition(" ")
            if separator:
                said = known(f"stage.{stage}", lang, stage)
                told = text("detail.stage", lang, what=_assignment(assignment, names), stage=said)
            else:
                told = f"{_assignment(detail, names)}: {text('detail.there-already', lang)}"
        case Reason.UNKNOWN_ASSIGNMENT:
            told = _asked(detail, names)
        case Reason.NOT_RESPONSIBLE:
            senders, _, what = detail.rpartition(" ")
            who = ", ".join(names.body(one) for one in senders.split("/")) if senders else ""
            told = "; ".join(filter(None, (who, _asked(what, names), _answering(what, names, request))))
        case Reason.NOT_CONTROLLER:
            told = names.body(detail)
        case Reason.NOT_ASKED | Reason.NO_PROOF:
            told = _assignment(detail, names)
        case Reason.BAD_DATE | Reason.BAD_VALUE | Reason.NOT_OPEN:
            told = _value(reason, detail, names)
            if reason == Reason.BAD_VALUE and detail == "baseline" and isinstance(request, MeasureIndicator):
                told = text("detail.baseline-wanted" if request.baseline is None else "detail.baseline-unwanted", lang)
        case _:
            told = detail
    return told


def _answering(what: str, names: Names, request: Request | None) -> str:
    """Return who answers by the roadmap for what was asked for; nothing where the words name them already."""
    if isinstance(request, MeasureIndicator):
        bodies = names.answering(request.indicator)
    else:
        number = names.number or (request.measure if isinstance(request, Addressed) else None)
        bodies = names.responsible(number, what.partition("/")[0]) if number and what.count("/") == 1 else ()
    return text("detail.answering", names.lang, bodies=", ".join(map(names.body, bodies))) if bodies else ""


def _value(reason: str, detail: str, names: Names) -> str:
    """Return what is wrong with a date or a value."""
    lang = names.lang
    for kind, shape, key in SHAPES:
        if reason == kind and (found := shape.fullmatch(detail)):
            groups = found.groupdict()
            if "assignment" in groups:
                groups["assignment"] = _assignment(groups["assignment"], names)
            return text(key, lang, **groups)
    if reason == Reason.BAD_DATE and (found := SHIFTED.fullmatch(detail)):
        later = found["until"] > found["due"]  # only before the shift from a day off
        return text("detail.not-later.shifted" if later else "detail.not-later", lang, **found.groupdict())
    if reason == Reason.BAD_VALUE and (found := VALUED.fullmatch(detail)):
        return text(f"detail.{found['what']}", lang, value=found["value"])
    return known(f"detail.{detail}", lang, detail)


def _assignment(id_: str, names: Names) -> str:
    """Return an assignment by its names; what is no id stays as it is."""
    return names.assignment(id_) if id_.count("/") > 1 else id_


def _asked(what: str, names: Names) -> str:
    """Return what was asked for: checkpoint/body, what was left open passed over; an assignment by its names."""
    point, _, body = what.partition("/")
    if ANY not in {point, body}:
        return _assignment(what, names)
    said = [] if point == ANY else [text("checkpoint-key", names.lang, key=point)]
    return ", ".join(said if body == ANY else [*said, text("detail.body", names.lang, body=names.body(body))])
