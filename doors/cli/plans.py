"""The plan of a year as files, and what a new decree would move.

matplotlib and icalendar are loaded when their files are asked for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.problem import Problem, ProblemKind, Rejected
from domain.roadmap import Roadmap
from doors.cli.files import check_suffix, write_all
from doors.cli.output import Door, Exit
from orders.findings import UnreadableFile
from projections.moments import Moment
from views.names import Names


def write_plan(at: Door, moments: Sequence[Moment], roadmap: Roadmap, files: Mapping[str, Path | None]) -> None:
    """Write the files that were asked for, all or none; Problem (INVALID) where two of them would be one."""
    asked = {form: path for form, path in files.items() if path is not None}
    for form, path in asked.items():
        check_suffix(path, f".{form}")
    if len({os.path.abspath(path) for path in asked.values()}) < len(asked):  # noqa: PTH100  resolve() raises for some names
        raise Problem(
            ProblemKind.INVALID,
            "same-file",
            "один файл назван дважды: дайте каждому виду плана своё имя",
            "one file is named twice: give each form of the plan a name of its own",
        )
    write_all([(path, _made(form, moments, roadmap, at.lang)) for form, path in asked.items()])
    for path in asked.values():
        at.note(f"Записано: {path}", f"Written: {path}")


def _made(form: str, moments: Sequence[Moment], roadmap: Roadmap, lang: str) -> bytes:
    if form == "png":
        from views.chart import plan_png  # noqa: PLC0415  matplotlib takes a second to load

        return plan_png(roadmap, lang)
    from views.plan import plan_ics, plan_table  # noqa: PLC0415  icalendar is loaded for those who ask

    if form == "ics":
        return plan_ics(moments, roadmap, lang)
    from views.rendering import to_xlsx  # noqa: PLC0415  openpyxl is loaded for those who ask

    return to_xlsx(plan_table(moments, roadmap, lang))


def what_if_answer(at: Door, roadmap: Roadmap, file: Path) -> Exit:
    """Tell the dates that a further layer of days off would move."""
    from orders.what_if import read_layer, what_if  # noqa: PLC0415  for those who ask

    try:
        layer = read_layer(file)
    except UnreadableFile as error:
        raise Rejected(error.problems, ProblemKind.INVALID) from error
    moved = what_if(roadmap, layer)
    names = Names(roadmap, at.lang)
    lines = [
        f"{names.measure(item.measure)}{f', {names.checkpoint(item.measure, item.checkpoint)}' if item.checkpoint else ''}: "
        f"{item.due_on:%d.%m.%Y} → {item.would_be:%d.%m.%Y}"
        for item in moved
    ]
    lines.append(
        at.say(
            f"Сдвинулось бы сроков: {len(moved)} (нерабочие дни версии {layer.version}).",
            f"{len(moved)} would move (days off of version {layer.version}).",
        )
    )
    document = {"calendar": layer.version, "moved": [item.to_json() for item in moved]}
    return at.answer(document, "\n".join(lines))
