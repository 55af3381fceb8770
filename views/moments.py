"""The moments of the clock in words."""

from __future__ import annotations

from collections.abc import Iterable

from domain.roadmap import Roadmap
from projections.moments import Moment
from views.names import Names
from views.texts import RU

KINDS = {
    "opening": ("начало работы", "opens"),
    "reminder": ("напоминание", "reminder"),
    "interim": ("срок промежуточного отчёта", "interim report due"),
    "deadline": ("срок", "deadline"),
    "review": ("отчёт ждёт проверки", "report waits to be checked"),
    "escalation": ("сообщение о нарушении", "escalation"),
}


def kind_said(moment: Moment, lang: str = RU) -> str:
    """Return what a moment is, an escalation with its step."""
    return KINDS[moment.kind][lang == "en"] + ("" if moment.level is None else f" {moment.level}")


def moments_text(moments: Iterable[Moment], roadmap: Roadmap, lang: str = RU) -> str:
    """Return the calendar as lines: day and time, what happens, to which assignment, who is told."""
    names = Names(roadmap, lang)
    lines = []
    for moment in moments:
        to = f" → {names.actor(moment.to)}" if moment.to else ""
        said = f"{kind_said(moment, lang):<28} {moment.assignment or '—'}{to}"
        lines.append(f"{moment.at:%d.%m.%Y %H:%M}  {said}")
    return "\n".join(lines)
