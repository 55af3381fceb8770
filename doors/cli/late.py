"""A year that begins late: what its start will send and what it will not, before anything is sent."""

from __future__ import annotations

from datetime import datetime

from domain.events import NoticeSuppressed
from domain.late import late_notices, past_due
from domain.measure import MEASURE, planned
from domain.roadmap import Roadmap
from doors.cli.asking import ask
from doors.cli.output import Door
from views.names import Names
from views.texts import day


def ask_about_the_past(at: Door, roadmap: Roadmap, now: datetime, *, agreed: bool) -> None:
    """Tell whom the start of a year will write about what has passed, and ask whether to go on; nothing where none has.

    Problem (INVALID) where nobody is there to be asked and none has `agreed`, (FINDING) where the answer is no.
    """
    over = roadmap.policy.local_date(now) > roadmap.period.last
    passed = list(past_due(roadmap, now))
    if not passed and not over:
        return
    if over:
        at.note(
            f"Это прошедший год: его период кончился {day(roadmap.period.last)}.",
            f"This year is past: its period ended on {day(roadmap.period.last)}.",
        )
    if passed:
        _tell(at, roadmap, now, len(passed))
    at.note(
        "Посмотреть на прошедший год, никому не написав, можно с ключом --rehearsal-from.",
        "To look at a past year without writing to anybody, use --rehearsal-from.",
    )
    ask(
        at,
        ("Начать год?", "Start the year?"),
        ("Год не начат.", "The year was not started."),
        agreed=agreed,
        code="late-start",
    )


def _tell(at: Door, roadmap: Roadmap, now: datetime, passed: int) -> None:
    spared = sum(
        isinstance(event.fact, NoticeSuppressed)
        for measure in roadmap.measures
        if (state := MEASURE.fold(None, [planned(roadmap.plan(measure), now, now)]))
        for event in MEASURE.turn(state, [], now)
    )
    names = Names(roadmap, at.lang)
    written = [names.body(notice.to) for notice in late_notices(roadmap, now, now)]
    at.note(
        f"Год начинается с опозданием: уже прошло сроков — {passed}, они сразу будут отмечены нарушенными.\n"
        f"Писем о каждом из них не будет (не уйдёт писем: {spared}). Вместо них уйдёт по одному письму обо всех сразу"
        f" (писем: {len(written)}): {'; '.join(written)}.",
        f"The year begins late: {passed} dates have passed and will count as missed at once.\n"
        f"No letters go about each of them ({spared} letters stay unsent). Instead one letter about all of them goes to"
        f" each of these ({len(written)} letters): {'; '.join(written)}.",
    )
