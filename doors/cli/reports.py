"""The forms in which a report is given, on the screen or in a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.problem import Problem, ProblemKind
from doors.cli.output import Door, Exit, put
from orders.troubles import why
from views.rendering import render
from views.report_table import ReportTable
from whole_files import write_whole

# The forms of a report, each with the endings of its files' names.
FORMS = {
    "text": (".txt",),
    "json": (".json",),
    "csv": (".csv",),
    "xlsx": (".xlsx",),
    "html": (".html", ".htm"),
}


@dataclass(frozen=True)
class Wanted:
    """How a report is asked for: its form, and the file that it goes into, none for the screen."""

    form: str
    out: Path | None


def wanted(at: Door, form: str | None, out: Path | None) -> Wanted:
    """Return the form that --format or the name of the file asks for; else that of the answer, JSON or text.

    Problem (INVALID) where two of them differ, a file's name tells no form, or a workbook has no file.
    """
    suffix = out.suffix.lower() if out is not None else ""
    of_suffix = next((name for name, endings in FORMS.items() if suffix in endings), None)
    if out is not None and of_suffix is None and (suffix or form is None):
        endings = ", ".join(ending for every in FORMS.values() for ending in every)
        raise Problem(
            ProblemKind.INVALID,
            "unknown-form",
            f"По имени файла не понять, каким ему быть: закончите его одним из {endings}.",
            f"The file's name does not tell its form: let it end with one of {endings}.",
            (str(out), None, None),
        )
    if form is not None and of_suffix not in (None, form):
        raise Problem(
            ProblemKind.INVALID,
            "two-forms",
            f"Вид отчёта назван по-разному (--format {form}, файл — {of_suffix}): оставьте один.",
            f"The report is asked for in different forms (--format {form}, the file is {of_suffix}): leave one.",
            (str(out), None, None),
        )
    chosen = form or of_suffix or ("json" if at.json else "text")
    if out is None and chosen == "xlsx":
        raise Problem(
            ProblemKind.INVALID,
            "needs-out",
            "Для xlsx укажите файл: --out отчёт.xlsx.",
            "For xlsx give a file: --out report.xlsx.",
        )
    return Wanted(chosen, out)


def give(at: Door, asked: Wanted, document: Callable[[], Mapping[str, Any]], table: Callable[[], ReportTable]) -> Exit:
    """Show a report in the asked form, made of its document or of its table: on the screen, or in a file."""
    form, out = asked.form, asked.out
    if form == "json":
        content: str | bytes = json.dumps(document(), ensure_ascii=False, indent=1) + "\n"
    else:
        content = render(table(), form, colour=out is None and sys.stdout.isatty())
    if out is None:
        put(str(content))
        return Exit.DONE
    try:
        write_whole(out, content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        ru, en = why(error)
        raise Problem(
            ProblemKind.INVALID,
            "cannot-write",
            f"Файл не записан: {ru}.",
            f"The file was not written: {en}.",
            (str(out), None, None),
        ) from error
    at.note(f"Записано: {out}", f"Written: {out}")
    return Exit.DONE
