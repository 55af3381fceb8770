"""`admin.py todo`: what waits for the one who asks, in all years that are open, by date."""

from __future__ import annotations

from app.log import open_log
from app.reports import dated
from app.todo import todo as waiting_for
from app.todo import years_asked
from doors.cli.codes import as_option, roadmap_option, sender_of
from doors.cli.output import Door, Exit, command, door, told
from orders import codes
from views.documents import todo_document
from views.rendering import to_text
from views.tables import todo_table


@command("todo", help=told("Что ждёт действия: отчёты, сроки, приёмка, просьбы.", "What waits for somebody."))
@roadmap_option
@as_option
@door
def todo(at: Door, roadmap: str | None, actor: str) -> Exit:
    """Show what waits for the one who asks: the controller's reports and requests, a body's assignments."""
    with open_log() as connection:
        years = years_asked(connection, roadmap)
        waiting = waiting_for(connection, years, actor)
        if not waiting.years:
            everybody = {code: name for year in years for code, name in codes.senders(year.roadmap.registry).items()}
            sender_of(everybody, actor)
        roadmaps = {year.roadmap.id: dated(connection, year) for year in years}
    both = len({row.decides for row in waiting.rows}) > 1
    tables = [
        to_text(todo_table(waiting, roadmaps, at.lang, decides=decides)).rstrip("\n")
        for decides in ((True, False) if both else (None,))
    ]
    return at.answer(todo_document(waiting), "\n\n".join(tables))
