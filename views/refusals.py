"""Refusals in words. What the domain records beside a reason is a code, in no language; here it is told."""

from __future__ import annotations

import re

from domain.errors import Reason
from views.plain import one_line
from views.texts import RU, TEXTS, days_in, known, text

ANY = "*"  # what was left open of checkpoint/body
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


def refusal(reason: str, detail: str, lang: str = RU) -> str:
    """Return a refusal in words: what happened and what to do; `reason` is a code of `domain.errors.Reason`."""
    key = f"refusal.{reason}"
    if reason == Reason.EVIDENCE_MISSING:  # a line for each file, `name (SHA-256)`: people know it by its name
        detail = ", ".join(line.rpartition(" (")[0] or line for line in detail.split("\n"))
    words = days_in(_told(reason, one_line(detail), lang))
    return text(key if key in TEXTS else "refusal.other", lang, reason=one_line(reason), detail=words)


def _told(reason: str, detail: str, lang: str) -> str:
    """Return the detail in words; one of another shape stays as it is."""
    for kind, shape, key in SHAPES:
        if reason == kind and (said := shape.fullmatch(detail)):
            return text(key, lang, **said.groupdict())
    match reason:
        case Reason.WRONG_STAGE:
            assignment, separator, stage = detail.rpartition(" ")
            now = known(f"stage.{stage}", lang, stage) if separator else text("detail.there-already", lang)
            told = f"{assignment or detail}: {now}"
        case Reason.UNKNOWN_ASSIGNMENT:
            told = _asked(detail, lang)
        case Reason.NOT_RESPONSIBLE:
            senders, _, what = detail.rpartition(" ")
            told = "; ".join(filter(None, (senders.replace("/", ", "), _asked(what, lang))))
        case Reason.BAD_DATE if found := SHIFTED.fullmatch(detail):
            later = found["until"] > found["due"]  # only before the shift from a day off
            told = text("detail.not-later.shifted" if later else "detail.not-later", lang, **found.groupdict())
        case Reason.BAD_VALUE if found := VALUED.fullmatch(detail):
            told = text(f"detail.{found['what']}", lang, value=found["value"])
        case Reason.BAD_VALUE:
            told = known(f"detail.{detail}", lang, detail)
        case _:
            told = detail
    return told


def _asked(what: str, lang: str) -> str:
    """Return what was asked for: checkpoint/body, what was left open passed over; anything else as it is."""
    point, _, body = what.partition("/")
    if ANY not in {point, body}:
        return what
    said = [] if point == ANY else [text("checkpoint-key", lang, key=point)]
    return ", ".join(said if body == ANY else [*said, text("detail.body", lang, body=body)])
