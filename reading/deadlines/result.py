"""The end of a reading: findings about the whole phrase, keys, and the shift of non-working days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from domain.errors import OutsideCalendar
from domain.workdays import Calendar, Shift
from orders.findings import PlacedFinding
from reading.deadlines.draft import Draft, Point
from reading.deadlines.items import Item
from reading.deadlines.moments import SHORT_WEEKDAYS, WEEKDAYS, weekday_named
from reading.deadlines.shapes import Checkpoint, Deadline
from reading.doubts import doubt

_REPEATED = {"monthly", "quarterly", "half_yearly", "weekday_monthly"}
"""Rules of points that a recurrence made."""


def conclude(draft: Draft, items: Sequence[Item]) -> None:
    """Say what stayed unread, what the phrase lacks, and what of it a person should compare."""
    if draft.unread and (draft.kinds or draft.points):
        draft.note("unread-words", text="; ".join(draft.unread))
    elif draft.unread:
        draft.note("deadline-not-understood")
    elif not draft.kinds and not any(
        f.severity == "error" or f.code in {"year-not-said", "exception"} for f in draft.findings
    ):
        draft.note("no-date")
    if not draft.kinds:
        draft.kind("unspecified")
    _check_weekday(draft)
    groups = [k for k in draft.kinds if k != "periodic"]
    repeated = {p.rule.split("/")[0] in _REPEATED for p in draft.points}
    year_too = len(draft.points) > 1 and any(p.key == "year" for p in draft.points)
    if len(groups) > 1 or len(repeated) > 1 or year_too:
        draft.note("compound-phrase", text=" ".join(draft.text.split()))
    broken = any(f.code == "broken-word" for f in draft.findings)
    if broken and sum(item.op == "point" for item in items) > 1:
        draft.note("month-list")


def _check_weekday(draft: Draft) -> None:
    said = re.search("(?i)" + "|".join((*WEEKDAYS, *SHORT_WEEKDAYS)), draft.text)
    days = [
        p
        for p in draft.points
        if not p.unit and p.rule.startswith(("point", "until", "before")) and "weekday" not in p.rule
    ]
    if said and len(draft.points) == len(days) == 1 and days[0].due.weekday() != weekday_named(said.group()):
        draft.note("weekday-differs", str(days[0].due))


def finished_deadline(draft: Draft, calendar: Calendar | None, shift: Shift) -> Deadline:
    """Return the reading with its keys, shifted dates and the findings about single dates."""
    if draft.points:  # who finds a point there has no date to enter, but one to check
        end = str(max(point.due for point in draft.points))
        draft.findings = [
            doubt("end-taken", {"text": draft.text}, end) if f.code == "no-date" else f for f in draft.findings
        ]
    if draft.repeats:
        turns = _one_after_another(draft, [*draft.points, *draft.behind])
        draft.points, draft.behind = turns[: len(draft.points)], turns[len(draft.points) :]
    checkpoints: list[Checkpoint] = []
    seen: set[tuple[date | None, date]] = set()
    number = 0
    for point in draft.points:
        made = _finished(draft, point, calendar, shift)
        if made is None:
            continue
        number += not point.key
        key = (
            point.key
            if point.key and all(c.key != point.key for c in checkpoints)
            else str(number or len(checkpoints) + 1)
        )
        if (made.start, made.due) in seen:
            draft.note("repeated-date", str(made.due))
        seen.add((made.start, made.due))
        checkpoints.append(replace(made, key=key))
    findings = _distinct(draft.findings)
    behind = [made for point in draft.behind if (made := _finished(draft, point, calendar, shift)) is not None]
    return Deadline(tuple(draft.kinds), tuple(checkpoints), findings, tuple(behind))


def _one_after_another(draft: Draft, points: Sequence[Point]) -> list[Point]:
    """Return the points of a recurrence, those without a start opened on the day after the one before."""
    opened: list[Point] = []
    before: date | None = None
    for point in points:
        start = point.start
        if start is None and before is not None and before < point.due:
            start = max(before + timedelta(days=1), draft.signed or date.min)
        opened.append(replace(point, start=start, in_turn=start is not point.start))
        before = point.due
    return opened


def _finished(draft: Draft, point: Point, calendar: Calendar | None, shift: Shift) -> Checkpoint | None:
    due = point.due
    if point.working:
        if calendar is None:
            draft.note("needs-calendar", text=point.label)
            return None
        try:
            due = calendar.add(due, point.working)
        except OutsideCalendar:
            draft.note("needs-calendar", text=point.label)
            return None
        if point.rule == "term_from":
            draft.note("counted-from-signing", str(due), text=point.label, signed=str(point.due))
    if draft.signed and due < draft.signed:
        draft.note("before-order", due=str(due), signed=str(draft.signed))
    if draft.period and not draft.period.start <= due <= draft.period.end:
        draft.note("outside-period", due=str(due), start=str(draft.period.start), end=str(draft.period.end))
    start = point.start or (draft.signed if draft.signed and draft.signed <= due else None)
    label = " ".join(point.label.split())
    shifted = _shifted(draft, point, due, calendar, shift)
    return Checkpoint("", label, start, due, shifted, point.rule, in_turn=point.in_turn)


def _shifted(draft: Draft, point: Point, due: date, calendar: Calendar | None, shift: Shift) -> date:
    """Shift a non-working date, never before the window's start, the end of a month never out of the month."""
    if calendar is None:
        return due
    try:
        if calendar.is_working(due):
            return due
        moved = calendar.shift(due, shift)
        if point.unit and moved > due and moved.month != due.month:
            moved = calendar.shift(due, Shift.PRECEDING)
    except OutsideCalendar:
        draft.note("outside-calendar", due=str(due))
        return due
    if point.about and moved <= point.about < due:
        moved = calendar.shift(due, Shift.FOLLOWING)
    if point.start and moved < point.start:
        moved = due
    draft.note("non-working-day", str(moved), due=str(due))
    return moved


def _distinct(findings: Iterable[PlacedFinding]) -> tuple[PlacedFinding, ...]:
    kept: list[PlacedFinding] = []
    for finding in findings:
        if finding not in kept:
            kept.append(finding)
    return tuple(kept)
