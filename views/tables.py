"""Tables for people: what each report says, and the forms in which it is shown (terminal, csv, xlsx, html).

A table is made of a document of interfaces.md and, where there is one, the definition that knows the names. What
people wrote stays words: no cell can become a formula, steer a terminal or pass for markup.
"""

from __future__ import annotations

import csv as csv_module
import html as html_module
import io
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from domain.events import AssignmentOpened, DeadlineMissed
from domain.roadmap import Roadmap
from projections.discipline import FIGURES as COUNTED
from views.names import Names, parts
from views.plain import one_line, plain
from views.texts import RU, day, days_in, known, text

Cell = str | int | float | date | None
Row = Mapping[str, Any]
Document = Mapping[str, Any]

BAD, GOOD, PALE = "bad", "good", "pale"
TONES = {BAD: "red", GOOD: "green", PALE: "yellow"}
FILLS = {BAD: "FFF4CCCC", GOOD: "FFD9EAD3", PALE: "FFFFF2CC"}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}
GAP = 2
BODY, SECTION = "body", "section"  # what a page of what is overdue is grouped by
# Of A4 at a size that can be read: characters across, on its side and upright, and rows of an upright page's table.
LANDSCAPE, UPRIGHT, PAGE_ROWS = 128, 87, 46
HEADING = 90  # characters of a heading that is repeated in each line of a sheet
WIDER = 1.25  # a letter, at most, than the digits that a column's width counts: fonts differ
ROW_POINTS, MOST_POINTS = 15, 400  # of a row of text, and the most that a workbook's row may have
PAGE_CSS = "@page{size:A4 portrait;margin:12mm}@media print{body{font-size:10pt;padding:0}th,td{padding:.1em .4em}}"
CSS = """
body{font:15px/1.4 "PT Sans","Segoe UI",Arial,sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#222}
h1{font-size:1.4em;margin-bottom:.2em}p{margin:.2em 0;color:#555}
table{border-collapse:collapse;width:100%;margin:1em 0}th,td{padding:.3em .6em;text-align:left;vertical-align:top}
th{border-bottom:2px solid #888}td{border-bottom:1px solid #ddd}.number{text-align:right;white-space:nowrap}
.group td{font-weight:bold;background:#f3f3f3}.part td{color:#555;font-style:italic}.bad{background:#f9e0e0}.good{background:#e6f2e0}.pale{background:#fff5d6}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}thead{display:table-header-group}}
""".strip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, whether it holds numbers, and whether only files show it (a screen is narrow)."""

    header: str
    numeric: bool = False
    files_only: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of cells; `group` and `part` are the headings that it stands under, `tone` is how it is coloured."""

    cells: tuple[Cell, ...]
    group: str = ""
    part: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A report ready to be shown: a title, remarks under it, columns and lines, all in one language.

    `empty` is what is said where there are no lines, if there is more to say than that. `page`: made for one upright A4 page; where it is to be printed, what does not fit is left out and counted.
    """

    title: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    lang: str = RU
    page: bool = False
    empty: str = ""


# ------------------------------------------------------------------------------------------------- what they say


def board_table(document: Document, roadmap: Roadmap | None, lang: str = RU, *, keys: bool = False) -> Table:
    """Return the board: one line an assignment under the heading of its measure; `keys`: beside labels, for commands."""
    return _assignments("title.board", document, roadmap, lang, keys=keys)


def todo_table(
    document: Document, roadmaps: Mapping[str, Roadmap], lang: str = RU, *, decides: bool | None = None
) -> Table:
    """Return what waits for somebody, in the order of its dates: each measure with the result that it promises.

    `decides`: of two parts, the one that waits for a decision, or the one that waits for the work itself.
    """
    several = len(document["years"]) > 1
    names = {key: Names(roadmap, lang) for key, roadmap in roadmaps.items()}
    notes = [
        text("todo.note", lang, title=one_line(roadmaps[year["roadmap"]].title), as_of=day(year["as_of"]))
        for year in document["years"]
    ]

    def line(row: Row) -> Line:
        known_names = names[row["roadmap"]]
        stage = _stage(row)
        group = _heading(row["measure"], known_names) + (f" [{row['roadmap']}]" if several else "")
        point = _point(row, known_names, keys=True) or ""
        result = one_line(row["expected_result"], 200)
        asked = row["asked_until"] and text(
            "todo.asked", lang, until=day(row["asked_until"]), reason=one_line(row["asked_because"], 80)
        )
        return Line(
            (
                _date(row["due_on"]),
                known_names.body(row["body"]),
                known(f"stage.{stage}", lang, stage),
                row["days_late"] or None,
                asked,
            ),
            group=group,
            part="; ".join(filter(None, (point, result and text("todo.result", lang, result=result)))),
            tone=_tone(row),
        )

    return Table(
        text("title.todo" if decides is None else "title.todo.decide" if decides else "title.todo.do", lang),
        tuple(notes),
        _columns("due-on body stage !days-late asked", lang),
        tuple(map(line, document["rows"])),
        lang,
    )


def discipline_table(document: Document, roadmap: Roadmap | None, lang: str = RU) -> Table:
    """Return executive discipline: one line a body, the total last."""
    names = Names(roadmap, lang)
    columns = _columns("body !due !on-time !late !open-overdue !withdrawn !share", lang)
    return Table(
        text("title.discipline", lang),
        _notes(document, roadmap, lang),
        columns,
        tuple(
            Line(
                (
                    text("total", lang) if row["body"] is None else names.body(row["body"]),
                    row["due"],
                    row["on_time"],
                    row["late"],
                    row["open_overdue"],
                    row["withdrawn"],
                    None if row["share"] is None else round(row["share"] * 100, 2),
                ),
                tone=BAD if row["open_overdue"] else PALE if row["late"] else GOOD if row["due"] else "",
            )
            for row in document["rows"]
        ),
        lang,
    )


def counted_table(document: Document, roadmap: Roadmap | None, lang: str = RU, **_own: object) -> Table:
    """Return the assignments that figures of the discipline count, under their bodies, each with its event."""
    names = Names(roadmap, lang)
    figures = {row["body"]: row for row in document["rows"]}
    notes = [
        text("counted.summary", lang, name=names.body(body), **{key: row[key] for key in COUNTED})
        for body, row in figures.items()
    ]
    counted = sorted(document["assignments"], key=lambda one: (one["body"], COUNTED.index(one["counted_as"])))
    return Table(
        text("title.counted", lang),
        (*_notes(document, roadmap, lang), *notes),
        _columns("body? measure checkpoint due-on counted-as !days-late !record", lang),
        tuple(_counted(one, names) for one in counted),
        lang,
    )


def _counted(one: Row, names: Names) -> Line:
    lang = names.lang
    number, key, body = parts(one["assignment"])
    measure = names.measures.get(number)
    figure = one["counted_as"]
    return Line(
        (
            names.body(body),
            f"{number}. {one_line(measure.title, 60)}" if measure else number,
            names.label(number, key) or key,
            _date(one["due_on"]),
            text(f"column.{figure.replace('_', '-')}", lang),
            one["days_late"] or None,
            one["event"] and one["event"]["position"],
        ),
        group=names.body(body),
        tone={"open_overdue": BAD, "late": PALE, "on_time": GOOD}.get(figure, ""),
    )


def overdue_table(
    document: Document, roadmap: Roadmap | None, lang: str = RU, by: str = BODY, *, whole: bool = False
) -> Table:
    """Return what is overdue, under each body or section of the plan, what has waited longest first.

    Printed on one A4 page, or `whole` on as many as it takes.
    """
    names = Names(roadmap, lang)
    sections = {section.number: section.title for section in roadmap.sections} if roadmap else {}
    groups: dict[str, list[Line]] = {}
    for row in document["rows"]:
        measure = names.measures.get(row["measure"])
        section = (measure and measure.section) or ""
        body = names.body(row["body"])
        group = (
            f"{section}. {one_line(sections[section], HEADING)}" if section in sections else text("no-section", lang)
        )
        group = body if by == BODY else group
        stage = "overdue" if row["stage"] == "open" else row["stage"]
        cells = (
            group,
            f"{row['measure']}. {one_line(measure.title)}" if measure else row["measure"],
            names.label(row["measure"], row["checkpoint"]) or row["checkpoint"],
            *(() if by == BODY else (body,)),
            _date(row["due_on"]),
            row["days_late"],
            known(f"stage.{stage}", lang, stage),
        )
        groups.setdefault(group, []).append(Line(cells, group=group, tone=BAD if stage == "overdue" else PALE))
    return Table(
        text("title.overdue", lang),
        (*_notes(document, roadmap, lang), text("overdue.summary", lang, rows=len(document["rows"]))),
        _columns(f"{by}? measure checkpoint{'' if by == BODY else ' body'} due-on !days-late stage", lang),
        tuple(line for lines in groups.values() for line in lines),
        lang,
        page=not whole,
    )


def indicators_table(document: Document, roadmap: Roadmap | None, lang: str = RU) -> Table:
    """Return the target indicators: each under its text, all bodies together first, then each body."""
    names = Names(roadmap, lang)
    texts = {indicator.number: indicator for indicator in roadmap.indicators} if roadmap else {}
    events = {(one["number"], one["body"]): one["event"]["position"] for one in document.get("values", ())}
    columns = _columns("body !numerator !denominator !value unit !target reached answered !record?", lang)

    def line(row: Row) -> Line:
        indicator = texts.get(row["number"])
        said = f". {one_line(indicator.text, 300)}" if indicator else ""
        unit = one_line(indicator.unit, 20) if indicator else ""
        missing = row["answered"] == 0
        return Line(
            (
                text("all-bodies", lang) if row["body"] is None else names.body(row["body"]),
                row["numerator"],
                row["denominator"],
                row["value"],
                unit,
                None if row["target"] is None else f"{SIGNS[row['comparator']]} {_figure(row['target'], lang)}",
                text("missing", lang) if missing else _verdict(row, lang),
                text("answered-of", lang, answered=row["answered"], expected=row["expected"]),
                events.get((row["number"], row["body"])),
            ),
            group=f"{row['number']}{said}",
            tone=PALE
            if missing or row["reached"] is not row["so_far"]
            else {True: GOOD, False: BAD, None: ""}[row["reached"]],
        )

    return Table(
        text("title.indicators", lang),
        _notes(document, roadmap, lang),
        columns,
        tuple(line(row) for row in document["rows"]),
        lang,
    )


def status_table(document: Document, roadmap: Roadmap | None, lang: str = RU) -> Table:
    """Return how the year runs: each measure, its stage and when it wakes next."""
    titles = {measure.number: measure.title for measure in roadmap.measures} if roadmap else {}
    notes = (
        text(
            "status.note",
            lang,
            roadmap=document["roadmap"],
            state=known(f"state.{document['state']}", lang, document["state"]),
        ),
        *_behind(document["unsealed_seconds"] or 0, document["projection_lag"], lang),
    )
    return Table(
        text("title.status", lang),
        notes,
        _columns("measure title stage next-wake", lang),
        tuple(
            Line(
                (
                    row["number"],
                    one_line(titles.get(row["number"], "")),
                    _standing(row, lang),
                    None if row["next_wake"] is None else days_in(row["next_wake"][:16].replace("T", " ")),
                ),
                tone=BAD if row["overdue"] else {"undated": PALE, "completed": GOOD}.get(row["stage"], ""),
            )
            for row in document["measures"]
        ),
        lang,
    )


def _standing(row: Row, lang: str) -> str:
    """Return where a measure stands; where assignments are overdue, that and how many."""
    if row["overdue"]:
        return f"{text('stage.overdue', lang)}: {row['overdue']}"
    return known(f"stage.{row['stage']}", lang, row["stage"])


def _behind(unsealed: float, lag: int, lang: str) -> tuple[str, ...]:
    """Return how far the log is from being sealed, and the reports from the log; that neither is."""
    waits = text("status.unsealed", lang, seconds=_figure(unsealed, lang)) if unsealed >= 1 else ""
    shown = text("status.lag", lang, lag=lag) if lag else ""
    return tuple(filter(None, (waits, shown))) or (text("status.level", lang),)


def _assignments(title: str, document: Document, roadmap: Roadmap | None, lang: str, *, keys: bool) -> Table:
    names = Names(roadmap, lang)
    rows: Sequence[Row] = document["rows"]
    undated = sum(row["stage"] == "undated" for row in rows)
    overdue = sum(row["overdue"] for row in rows)
    summary = text("board.summary", lang, rows=len(rows), overdue=overdue, undated=undated)
    return Table(
        text(title, lang),
        (*_notes(document, roadmap, lang), summary),
        _columns("measure? checkpoint? body role? stage due-on scheduled-on? !days-late !level last-event", lang),
        tuple(_assignment(row, names, keys=keys) for row in rows),
        lang,
    )


def _assignment(row: Row, names: Names, *, keys: bool) -> Line:
    lang, number = names.lang, row["measure"]
    stage, checkpoint = _stage(row), _point(row, names, keys=keys)
    return Line(
        (
            number,
            checkpoint,
            names.body(row["body"]),
            text(f"role.{row['role']}", lang),
            known(f"stage.{stage}", lang, stage),
            _date(row["due_on"]),
            _date(row["scheduled_on"]),
            row["days_late"] or None,
            row["escalation_level"] or None,
            known(f"event.{_last_event(row)}", lang, _last_event(row)),
        ),
        group=_heading(number, names),
        part=checkpoint or "",
        tone=_tone(row),
    )


def _heading(number: str, names: Names) -> str:
    measure = names.measures.get(number)
    return f"{number}. {one_line(measure.title, 300)}" if measure else number


def _stage(row: Row) -> str:
    """Return the stage; an open assignment whose deadline has passed is called by what matters."""
    return "overdue" if row["overdue"] and row["stage"] == "open" else str(row["stage"])


def _last_event(row: Row) -> str:
    """Return what has happened last; a deadline that was over when the work came under control is missed, not begun."""
    late = row["overdue"] and row["last_event"] == AssignmentOpened.__name__
    return DeadlineMissed.__name__ if late else str(row["last_event"])


def _point(row: Row, names: Names, *, keys: bool) -> str | None:
    """Return a checkpoint by number and label; where its key is a word of ours by the label, the key for commands only."""
    if not (key := row["checkpoint"]):
        return None
    label = names.label(row["measure"], key)
    if not label or key.isdecimal():
        return f"{one_line(key)} · {label}" if label else str(key)
    return f"{label} [{one_line(key)}]" if keys and not names.single(row["measure"]) else label


def _tone(row: Row) -> str:
    if row["overdue"]:
        return BAD
    return {"accepted": GOOD, "undated": PALE, "left-open": BAD, "reported": PALE}.get(row["stage"], "")


def _columns(keys: str, lang: str) -> tuple[Column, ...]:
    """Return columns by key: `!` before one of numbers, `?` after one that only files show."""
    return tuple(
        Column(text(f"column.{key.strip('!?')}", lang), key.startswith("!"), key.endswith("?")) for key in keys.split()
    )


def _notes(document: Document, roadmap: Roadmap | None, lang: str) -> tuple[str, ...]:
    title = (one_line(roadmap.title),) if roadmap else ()
    position = document["position"]
    said = text(
        "report.note",
        lang,
        roadmap=document["roadmap"],
        as_of=day(document["as_of"]),
        position=text("none", lang) if position is None else position,
    )
    return (*title, said)


def _verdict(row: Row, lang: str) -> str:
    """Say whether the target is reached: by all that have to answer, else by those who have so far."""
    if row["so_far"] is None:
        return text("incomparable", lang)
    said = "yes" if row["so_far"] else "no"
    return text(said if row["reached"] is not None else f"{said}-so-far", lang)


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


# ------------------------------------------------------------------------------------------------- how they look


def render(table: Table, form: str, *, width: int = 100, colour: bool = False) -> str | bytes:
    """Return a table in one of the forms text, csv, html (texts) and xlsx (bytes)."""
    if form == "text":
        return to_text(table, width=width, colour=colour)
    forms: Mapping[str, Callable[[Table], str | bytes]] = {"csv": to_csv, "html": to_html, "xlsx": to_xlsx}
    return forms[form](table)


def to_text(table: Table, *, width: int = 100, colour: bool = False) -> str:
    """Return the table for a terminal of so many columns; colours only where it has them."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        legacy_windows=False,
    )
    console.print(Text(plain(table.title), style="bold"))
    for note in table.notes:
        console.print(Text(plain(note), style="dim"))
    shown = [index for index, column in enumerate(table.columns) if not column.files_only]
    columns = [table.columns[index] for index in shown]
    lines = [[plain(_words(line.cells[index], table.lang)) for index in shown] for line in table.lines]
    widths = _widths([[column.header for column in columns], *lines], width)
    console.print()
    console.print(_block(columns, widths, [([column.header for column in columns], "bold")]))
    at = 0
    above = ""
    for (group, part), members in groupby(table.lines, key=lambda line: (line.group, line.part)):
        tones = [TONES.get(line.tone, "") for line in members]
        if group != above:
            console.print(Text(f"\n{plain(group)}", style="bold"))
            above = group
        if part:
            console.print(Text(plain(part), style="dim"))
        console.print(_block(columns, widths, list(zip(lines[at : at + len(tones)], tones, strict=True))))
        at += len(tones)
    if not table.lines:
        console.print(Text(plain(table.empty) or text("nothing", table.lang)))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def to_csv(table: Table) -> str:
    """Return the table as an office's spreadsheet reads it: semicolons and a byte order mark.

    Dates are those of every view, numbers have the decimal sign of the language. A text that could be taken for a formula is led by
    an apostrophe.
    """
    out = io.StringIO()
    writer = csv_module.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.header for column in table.columns])
    for line in table.lines:
        writer.writerow([_for_csv(cell, table.lang) for cell in _file_cells(table, line)])
    return "\ufeff" + out.getvalue()


def to_xlsx(table: Table) -> bytes:
    """Return the table as a workbook of one sheet: the title and the remarks above it, dates as dates.

    It prints on A4 as wide as a page, each row as high as its text, the headers on every page.
    """
    # openpyxl comes with numpy: both are loaded for those who ask for a workbook
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.properties import PageSetupProperties  # noqa: PLC0415
    from openpyxl.worksheet.worksheet import Worksheet  # noqa: PLC0415

    table = _on_a_page(table) if table.page else table
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 (a new workbook has one)
    sheet.title = text("sheet", table.lang)
    filed = [_sheet_cells(table, line) for line in table.lines]
    rows = [[column.header for column in table.columns]]
    rows += [[_words(cell, table.lang) for cell in cells] for cells in filed]
    across = UPRIGHT if table.page else LANDSCAPE
    widths = _shares(rows, across)
    last = get_column_letter(len(widths))
    for row, words in enumerate((table.title, *table.notes), 1):
        _put(sheet.cell(row, 1), words)
        sheet.cell(row, 1).font = Font(bold=row == 1, size=14 if row == 1 else 11)
        sheet.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(f"A{row}:{last}{row}")
        sheet.row_dimensions[row].height = _points([words], [sum(widths)]) + 5 * (row == 1)
    top = len(table.notes) + 3
    wrapped = Alignment(wrap_text=True, vertical="top")
    fills = {tone: PatternFill("solid", fgColor=colour) for tone, colour in FILLS.items()}
    for at, column in enumerate(table.columns, 1):
        _put(sheet.cell(top, at), column.header)
        sheet.cell(top, at).font = Font(bold=True)
        sheet.cell(top, at).alignment = wrapped
    for row, (line, cells) in enumerate(zip(table.lines, filed, strict=True), top + 1):
        for at, cell in enumerate(cells, 1):
            _put(sheet.cell(row, at), cell)
            sheet.cell(row, at).alignment = wrapped
            if line.tone:
                sheet.cell(row, at).fill = fills[line.tone]
    bold = [width * 4 // 5 for width in widths]
    for row, words_of_row in enumerate(rows, top):
        sheet.row_dimensions[row].height = _points(words_of_row, bold if row == top else widths)
    for at, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = WIDER * width + 1
    sheet.freeze_panes = f"A{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{last}{top + len(table.lines)}"
    sheet.print_title_rows = f"{top}:{top}"
    sheet.page_setup.orientation = "portrait" if table.page else "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 1 if table.page else 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4  # inches
    sheet.print_options.gridLines = True
    if (footer := sheet.oddFooter) is not None:  # it is there: so the types of openpyxl are asked
        footer.center.text = "&P / &N"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _points(cells: Sequence[str], widths: Sequence[int]) -> int:
    """Return how high a row of a workbook has to be for its cells to be read in columns of these widths."""
    return min(_text_rows(cells, widths) * ROW_POINTS, MOST_POINTS)


def _text_rows(cells: Sequence[str], widths: Sequence[int]) -> int:
    """Return how many rows of text the longest of some cells takes in columns of these widths."""
    return max(
        1 if len(cell) <= width else len(textwrap.wrap(cell, width)) for cell, width in zip(cells, widths, strict=True)
    )


def _on_a_page(table: Table) -> Table:
    """Return a table cut to one upright page: of each group the first lines, as many as fit, and what is left out told.

    Groups that find no room even so are left out as a whole.
    """
    groups = [list(lines) for _, lines in groupby(table.lines, key=lambda line: line.group)]
    rows = [[_words(cell, table.lang) for cell in line.cells] for line in table.lines]
    widths = _shares([[column.header for column in table.columns], *rows], UPRIGHT)
    high = {id(line): _text_rows(words[1:], widths[1:]) for line, words in zip(table.lines, rows, strict=True)}
    most = max(map(len, groups), default=0)
    while most > 1 and sum(1 + sum(high[id(line)] for line in group[:most]) for group in groups) > PAGE_ROWS:
        most -= 1
    kept: list[Line] = []
    room = PAGE_ROWS
    for group in groups:
        room -= 1 + sum(high[id(line)] for line in group[:most])
        if room < 0:
            break
        kept += group[:most]
    if len(kept) == len(table.lines):
        return table
    told = text("page.cut", table.lang, shown=len(kept), all=len(table.lines))
    return replace(table, lines=tuple(kept), notes=(*table.notes, told))


def to_html(table: Table) -> str:
    """Return the table as one page that needs nothing else, and prints well."""
    table = _on_a_page(table) if table.page else table
    shown = [index for index, column in enumerate(table.columns) if not column.files_only]

    def cells(tag: str, values: Iterable[tuple[Column, str]]) -> str:
        return "".join(
            f"<{tag}{' class=number' if column.numeric else ''}>{_escaped(value)}</{tag}>" for column, value in values
        )

    body = []
    above = ""
    for (group, part), members in groupby(table.lines, key=lambda line: (line.group, line.part)):
        if group != above:
            body.append(f'<tr class=group><td colspan="{len(shown)}">{_escaped(group)}</td></tr>')
            above = group
        if part:
            body.append(f'<tr class=part><td colspan="{len(shown)}">{_escaped(part)}</td></tr>')
        for line in members:
            values = ((table.columns[index], _words(line.cells[index], table.lang)) for index in shown)
            body.append(f"<tr{f' class={line.tone}' if line.tone else ''}>{cells('td', values)}</tr>")
    head = cells("th", ((table.columns[index], table.columns[index].header) for index in shown))
    notes = "".join(f"<p>{_escaped(note)}</p>\n" for note in table.notes)
    return (
        f'<!doctype html>\n<html lang="{table.lang}">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{_escaped(table.title)}</title>\n'
        f"<style>{CSS}{PAGE_CSS if table.page else ''}</style></head>\n<body>\n<h1>{_escaped(table.title)}</h1>\n{notes}"
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{chr(10).join(body)}\n</tbody>\n</table>\n"
        f"</body>\n</html>\n"
    )


def _block(columns: Sequence[Column], widths: Sequence[int], lines: Iterable[tuple[list[str], str]]) -> RichTable:
    block = RichTable.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        block.add_column(justify="right" if column.numeric else "left", width=width, overflow="fold")
    for cells, style in lines:
        block.add_row(*(Text(cell) for cell in cells), style=style)
    return block


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the widths of columns: as their longest cells, the widest narrowed until the whole fits."""
    columns = list(zip(*rows, strict=True))
    widths = [max(cell_len(cell) for cell in column) for column in columns]
    words = [max(cell_len(word) for cell in column for word in cell.split() or [""]) for column in columns]
    while sum(widths) + GAP * (len(widths) - 1) > width and max(widths) > 1:
        # Words are broken only where nothing else is left to narrow.
        loose = [at for at, least in enumerate(words) if widths[at] > least] or range(len(widths))
        widths[max(loose, key=lambda at: widths[at])] -= 1
    return widths


def _shares(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the widths of columns on paper: room for their longest words, the rest by how much text they hold."""
    columns = list(zip(*rows, strict=True))
    longest = [max(map(len, column)) for column in columns]
    widths = [min(max(len(word) for cell in column for word in cell.split() or [""]), 30) for column in columns]
    text_of = [sum(map(len, column)) for column in columns]
    for _ in range(width - sum(widths)):
        short = [at for at, least in enumerate(widths) if least < longest[at]]
        if not short:
            break
        widths[max(short, key=lambda at: text_of[at] / (widths[at] + 1))] += 1
    return [max(one, 1) for one in widths]


def _file_cells(table: Table, line: Line) -> tuple[Cell, ...]:
    """Return the cells as a file keeps them: without headings between the lines, the heading leads each line."""
    return (line.group, *line.cells[1:]) if line.group and table.columns[0].files_only else line.cells


def _sheet_cells(table: Table, line: Line) -> tuple[Cell, ...]:
    """Return the cells as a sheet shows them: a heading that stands in each line is cut, so that it stays a line."""
    first, *rest = _file_cells(table, line)
    return (one_line(first, HEADING) if line.group and isinstance(first, str) else first, *rest)


def _words(cell: Cell, lang: str) -> str:
    if cell is None:
        return text("none", lang)
    if isinstance(cell, str):
        return cell
    return day(cell) if isinstance(cell, date) else _figure(cell, lang)


def _figure(value: float, lang: str) -> str:
    figure = f"{value:.2f}".rstrip("0").rstrip(".")
    return figure.replace(".", ",") if lang == RU else figure


def _for_csv(cell: Cell, lang: str) -> str:
    if isinstance(cell, str):
        return _harmless(plain(cell))
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else _figure(cell, lang)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(DANGEROUS) or cell.startswith(DANGEROUS) else cell


def _put(target: Any, cell: Cell) -> None:
    """Put a value into a cell of openpyxl's."""
    if isinstance(cell, str):
        target.value = plain(cell)[:32_000]
        target.data_type = "s"  # a text, whatever it begins with
        target.quotePrefix = cell.startswith(DANGEROUS)
    else:
        target.value = cell
        target.number_format = "DD.MM.YYYY" if isinstance(cell, date) else "General"


def _escaped(words: str) -> str:
    return html_module.escape(plain(words))
