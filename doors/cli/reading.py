"""The administrator's door to what people wrote: import an order, read one deadline.

The readers are loaded when they are asked for: their libraries (lark, pdfium, python-docx) would slow every door.
"""

from __future__ import annotations

import difflib
import stat
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.problem import Problem, ProblemKind
from domain.roadmap import Severity
from doors.cli.files import check_suffix, write_whole
from doors.cli.output import Door, Exit, command, door, told
from doors.cli.when import DAY
from orders.findings import PlacedFinding
from orders.troubles import why
from views.plain import plain
from views.texts import day as day_said
from views.texts import days_in

if TYPE_CHECKING:
    from reading.importer import Imported

MOST_BYTES = 5_000_000  # of a file that stands where the roadmap goes; a roadmap.yaml has four at most
MOST_DIFFERENCES = 200
# What the document itself does not say is an error of its draft; but it was read whole, as a table that stands alone is.
UNSAID = {"controller-missing", "signatory-missing", "order-date-missing", "order-number-missing", "period-missing"}
MOST_MEASURES = 1000  # the most that a roadmap.yaml holds (orders.schema)


@command("import", help=told("Прочитать приказ: docx, pdf, html, md, txt.", "Read an order: docx, pdf, html, md, txt."))
@click.argument("file", metavar=told("ФАЙЛ", "FILE"), type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help=told("написать дорожную карту сюда", "write the roadmap here")
)
@door
def import_order(at: Door, file: Path, out: Path | None) -> Exit:
    """Tell what the document says and what is doubtful; FINDING where something must be settled first."""
    if out is not None:
        check_suffix(out, ".yaml", ".yml")
    read = read_order(file)
    imported = _judged(read, out or file)
    wrong = {finding.code for finding in imported.findings if finding.severity == "error"}
    code = Exit.FINDING if wrong - UNSAID else Exit.DONE
    if out is not None and imported.measures:
        code = max(code, _written(at, out, read))
    elif out is not None:
        at.note(f"{out}: не записано, мероприятий не найдено.", f"{out}: not written, no measures were found.")
    elif not at.json:
        at.note(
            "Дорожная карта не записана. Чтобы её записать, добавьте --out ФАЙЛ.yaml.",
            "No roadmap was written. To write it, add --out FILE.yaml.",
        )
    if at.json:
        return at.answer(imported.to_json(at.lang), "", code)
    lines = [
        *(finding.line(at.lang, marked=True) for finding in imported.findings),
        _account(at, imported),
        _summary(at, imported),
    ]
    return at.answer({}, "\n".join(lines), code)


@command(help=told("Прочитать один срок: «до 30.09».", "Read one phrase of a deadline."))
@click.argument("phrase", metavar=told("ФРАЗА", "PHRASE"))
@click.option("--from", "first", type=DAY, required=True, help=told("начало плана", "the plan's first day"))
@click.option("--to", "last", type=DAY, required=True, help=told("конец плана", "the plan's last day"))
@click.option("--signed", type=DAY, help=told("дата приказа", "the order's date"))
@door
def deadline(at: Door, phrase: str, first: date, last: date, signed: date | None) -> Exit:
    """Tell the checkpoints of a phrase and what is doubtful about them."""
    from domain.workdays import Shift  # noqa: PLC0415  lark and holidays are loaded for those who read
    from orders.calendars import calendar_or_none  # noqa: PLC0415  the same
    from reading.deadlines import Period, read_deadline  # noqa: PLC0415  the same

    period = Period(first, last)
    if period.end < period.start:
        raise Problem(
            ProblemKind.INVALID, "period-reversed", "Период кончается раньше, чем начинается.", "The period ends first."
        )
    calendar = calendar_or_none(min(period.start, signed or period.start), period.end)
    read = read_deadline(phrase, period, signed=signed, calendar=calendar, shift=Shift.PRECEDING)
    lines = [
        f"{point.key}. {point.label}: "
        + (f"{day_said(point.start)} – " if point.start else "")
        + day_said(point.due)
        + (f" → {day_said(point.due_on)}" if point.due_on != point.due else "")
        for point in read.checkpoints
    ]
    lines = lines or [at.say("Дат нет.", "No dates.")]
    lines += [_without_file(finding, at) for finding in read.findings]
    code = Exit.FINDING if any(finding.severity == "error" for finding in read.findings) else Exit.DONE
    return at.answer(read.to_json(at.lang), "\n".join(lines), code)


def read_order(file: Path) -> Imported:
    """Read a document; one line where it cannot be opened as one."""
    from orders.calendars import calendar_or_none  # noqa: PLC0415  lark and the readers of documents stay out of others
    from reading.documents import UnreadableDocument  # noqa: PLC0415  the same
    from reading.importer import import_document  # noqa: PLC0415  the same

    try:
        return import_document(file, calendar_for=calendar_or_none)
    except UnreadableDocument as error:
        place = (str(file), error.line, (error.column or 1) if error.line else None)
        raise Problem(ProblemKind.INVALID, error.code, error.text("ru"), error.text("en"), place) from error


def _judged(imported: Imported, file: Path) -> Imported:
    """Return what was imported with the errors that `check` finds in its draft, these first, and no others.

    One that the document shows itself stands in its words and at its place, any other in those of `check`.
    """
    from orders.findings import Spot, UnreadableFile  # noqa: PLC0415  the same
    from orders.yaml_file import read_roadmap  # noqa: PLC0415  the same
    from reading.doubts import SAID_BY_CHECK  # noqa: PLC0415  for those who read orders
    from reading.second_look import second_look  # noqa: PLC0415  the same
    from reading.yaml_write import draft_of  # noqa: PLC0415  the same

    if not imported.measures:
        return imported
    text, guesses = draft_of(imported)
    try:
        checked = second_look(read_roadmap(text, str(file)), str(file))
    except UnreadableFile as error:
        checked = error.problems
    said = {(finding.code, finding.where) for finding in imported.findings}
    guessed = [replace(guess, file=str(file)) for guess in guesses if (guess.code, guess.where) not in said]
    left = [*imported.findings, *guessed]
    blocking = []
    for wrong in (finding for finding in checked if finding.severity is Severity.ERROR):
        spot = Spot.read(wrong.where)
        same = next(
            (
                f
                for f in left
                if wrong.code in {f.code, SAID_BY_CHECK.get(f.code)}
                and (f.where == wrong.where or (spot and (of := Spot.read(f.where)) and of.measure == spot.measure))
            ),
            None,
        )
        if same is not None:
            left.remove(same)
        blocking.append(replace(same or wrong, severity=Severity.ERROR))
    rest = [replace(f, severity=Severity.WARNING) if f.severity is Severity.ERROR else f for f in left]
    return replace(imported, findings=(*blocking, *rest))


def _without_file(finding: PlacedFinding, at: Door) -> str:
    reading = f" → {finding.reading.say(at.lang)}" if finding.reading else ""
    return days_in(f"{finding.text(at.lang)}{reading}")


def _summary(at: Door, imported: Imported) -> str:
    number = imported.order.number or "?"
    day = f"{imported.order.date:%d.%m.%Y}" if imported.order.date else "?"
    count = Counter(str(finding.severity) for finding in imported.findings)
    points = sum(len(measure.checkpoints) for measure in imported.measures)
    return at.say(
        f"Приказ № {number} от {day}: мероприятий {len(imported.measures)}, контрольных точек {points}, "
        f"показателей {len(imported.indicators)}; ошибок {count['error']}, предупреждений {count['warning']}, "
        f"сведений {count['info']}.",
        f"Order No. {number} of {day}: {len(imported.measures)} measures, {points} checkpoints, "
        f"{len(imported.indicators)} indicators; {count['error']} errors, {count['warning']} warnings, "
        f"{count['info']} notes.",
    )


def _account(at: Door, imported: Imported) -> str:
    """Say what each line and row of the document was taken for."""
    said = imported.account.say(at.lang)
    return f"{said[:1].upper()}{said[1:]}."


def _written(at: Door, out: Path, imported: Imported) -> Exit:
    """Write the roadmap; where a file is there already, show the differences and leave it as it is."""
    from reading.yaml_write import roadmap_text  # noqa: PLC0415  for those who write

    if len(imported.measures) > MOST_MEASURES:
        raise Problem(
            ProblemKind.INVALID,
            "too-many-measures",
            f"мероприятий больше {MOST_MEASURES}: такая дорожная карта не читается, разделите её",
            f"more than {MOST_MEASURES} measures: no roadmap holds them, divide it",
            (str(out), None, None),
        )
    text = roadmap_text(imported)
    try:
        if not stat.S_ISREG(out.stat().st_mode):
            raise Problem(
                ProblemKind.INVALID,
                "cannot-write",
                "здесь папка, канал или устройство, а нужен файл",
                "a folder, a pipe or a device; a file is wanted",
                (str(out), None, None),
            )
        with out.open("rb") as file:
            there = file.read(MOST_BYTES).decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except FileNotFoundError:
        write_whole(out, text.encode())
        at.note(f"Записано: {out}", f"Written: {out}")
        return Exit.DONE
    except (OSError, ValueError) as error:
        ru, en = why(error)
        raise Problem(
            ProblemKind.INVALID, "cannot-open", f"файл не открывается: {ru}", f"the file cannot be opened: {en}",
            (str(out), None, None),
        ) from error  # fmt: skip
    if there == text:
        at.note(f"{out}: как в приказе, ничего не изменено.", f"{out}: as the order says, nothing changed.")
        return Exit.DONE
    names = (
        at.say(f"{out} (стоит в файле)", f"{out} (what the file has)"),
        at.say("приказ (дал бы он)", "order (what it would give)"),
    )
    lines = [*difflib.unified_diff(there.splitlines(), text.splitlines(), *names, lineterm="", n=1)]
    told_lines = "\n".join(plain(line) for line in lines[:MOST_DIFFERENCES])
    at.note(told_lines, told_lines)
    if len(lines) > MOST_DIFFERENCES:
        left = len(lines) - MOST_DIFFERENCES
        at.note(f"… и ещё строк: {left}", f"… and {left} lines more")
    at.note(
        f"{out}: файл уже есть и отличается от приказа; он не изменён. «-» — строки файла, «+» — строки из приказа:"
        " внесите нужные сами или укажите в --out новое имя.",
        f"{out}: the file exists and differs from the order; it is left as it is. “-” are the file's lines, “+” the order's:"
        " put in by hand what you want, or name a new file in --out.",
    )
    return Exit.FINDING
