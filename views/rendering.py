"""How tables look: on a terminal, as csv, as a workbook, as a page of HTML.

What people wrote stays words: no cell can become a formula, steer a terminal or pass for markup.
"""

from __future__ import annotations

import csv as csv_module
import html as html_module
import io
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from views.plain import one_line, plain
from views.report_table import BAD, GOOD, HEADING, PALE, ReportCell, ReportColumn, ReportLine, ReportTable
from views.texts import day, figure, text

TONES = {BAD: "red", GOOD: "green", PALE: "yellow"}
FILLS = {BAD: "FFF4CCCC", GOOD: "FFD9EAD3", PALE: "FFFFF2CC"}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
GAP = 2
# Of A4 at a size that can be read: characters across, on its side and upright, and rows of an upright page's table.
LANDSCAPE, UPRIGHT, PAGE_ROWS = 128, 87, 46
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


def render(table: ReportTable, form: str, *, width: int = 100, colour: bool = False) -> str | bytes:
    """Return a table in one of the forms text, csv, html (texts) and xlsx (bytes)."""
    if form == "text":
        return to_text(table, width=width, colour=colour)
    forms: Mapping[str, Callable[[ReportTable], str | bytes]] = {"csv": to_csv, "html": to_html, "xlsx": to_xlsx}
    return forms[form](table)


def to_text(table: ReportTable, *, width: int = 100, colour: bool = False) -> str:
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


def to_csv(table: ReportTable) -> str:
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


def to_xlsx(table: ReportTable) -> bytes:
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


def _on_a_page(table: ReportTable) -> ReportTable:
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
    kept: list[ReportLine] = []
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


def to_html(table: ReportTable) -> str:
    """Return the table as one page that needs nothing else, and prints well."""
    table = _on_a_page(table) if table.page else table
    shown = [index for index, column in enumerate(table.columns) if not column.files_only]

    def cells(tag: str, values: Iterable[tuple[ReportColumn, str]]) -> str:
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


def _block(columns: Sequence[ReportColumn], widths: Sequence[int], lines: Iterable[tuple[list[str], str]]) -> RichTable:
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


def _file_cells(table: ReportTable, line: ReportLine) -> tuple[ReportCell, ...]:
    """Return the cells as a file keeps them: without headings between the lines, the heading leads each line."""
    return (line.group, *line.cells[1:]) if line.group and table.columns[0].files_only else line.cells


def _sheet_cells(table: ReportTable, line: ReportLine) -> tuple[ReportCell, ...]:
    """Return the cells as a sheet shows them: a heading that stands in each line is cut, so that it stays a line."""
    first, *rest = _file_cells(table, line)
    return (one_line(first, HEADING) if line.group and isinstance(first, str) else first, *rest)


def _words(cell: ReportCell, lang: str) -> str:
    if cell is None:
        return text("none", lang)
    if isinstance(cell, str):
        return cell
    return day(cell) if isinstance(cell, date) else figure(cell, lang)


def _for_csv(cell: ReportCell, lang: str) -> str:
    if isinstance(cell, str):
        return _harmless(plain(cell))
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else figure(cell, lang)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(DANGEROUS) or cell.startswith(DANGEROUS) else cell


def _put(target: Any, cell: ReportCell) -> None:
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
