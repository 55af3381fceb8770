"""A year that begins late: what its start will send and what it will not, before anything is sent."""

from __future__ import annotations

import sys
from datetime import datetime

from domain.events import NoticeSuppressed
from domain.late import late_notices, past_due
from domain.measure import MEASURE, planned
from domain.roadmap import Roadmap
from doors.output import Door, DoorError, Exit
from views.names import Names

AGREED = frozenset({"y", "yes", "д", "да"})


def ask_about_the_past(at: Door, roadmap: Roadmap, now: datetime, *, agreed: bool) -> None:
    """Tell whom the start of a year will write about what has passed, and ask whether to go on; nothing where none has.

    DoorError (USAGE) where nobody is there to be asked and none has `agreed`, (FINDING) where the answer is no.
    """
    passed = list(past_due(roadmap, now))
    if not passed:
        return
    spared = sum(
        isinstance(event.fact, NoticeSuppressed)
        for measure in roadmap.measures
        if (state := MEASURE.fold(None, [planned(roadmap.plan(measure), now, now)]))
        for event in MEASURE.turn(state, [], now)
    )
    names = Names(roadmap, at.lang)
    written = [names.body(notice.to) for notice in late_notices(roadmap, now, now)]
    at.note(
        f"Год начинается с опозданием: уже прошло сроков — {len(passed)}, они сразу будут отмечены нарушенными.\n"
        f"Писем о каждом из них не будет (не уйдёт писем: {spared}). Вместо них уйдёт по одному письму обо всех сразу"
        f" (писем: {len(written)}): {'; '.join(written)}.\n"
        "Прошедший год проигрывают с --rehearsal-from.",
        f"The year begins late: {len(passed)} dates have passed and will count as missed at once.\n"
        f"No letters go about each of them ({spared} letters stay unsent). Instead one letter about all of them goes to"
        f" each of these ({len(written)} letters): {'; '.join(written)}.\n"
        "A past year is played with --rehearsal-from.",
    )
    if agreed:
        return
    if not sys.stdin or not sys.stdin.isatty():
        raise DoorError(
            Exit.USAGE,
            "late-start",
            "Год не начат: спросить некого. Если всё верно, повторите с ключом --yes.",
            "The year was not started: there is nobody to ask. If that is what you want, repeat with --yes.",
        )
    at.note("Начать год? [д/н]", "Start the year? [y/n]")
    if sys.stdin.readline().strip().casefold() not in AGREED:
        raise DoorError(Exit.FINDING, "not-started", "Год не начат.", "The year was not started.")
