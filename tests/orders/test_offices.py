"""Plans as other offices lay them out: what must come out was written down before the reader first saw them.

At first sight 14 of the first 20 came out right, 5 raised a question, and one was wrong in silence (the section named
between two tables). Of the 15 of a second set 10 were right, 4 raised a question, one was wrong in silence (a remark below a
row was taken for a section). The reader was mended with them, so they say that what broke is mended, not how the next one fares.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from reading.importer import import_document

SOUND = Path(__file__).parent / "corpus" / "badinput" / "d00-base.docx"
YEAR = "План мероприятий на 2021-2022 учебный год"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def p(*texts: str) -> str:
    """Return a paragraph of Word for each text; what begins with «<» is markup inside of it."""
    return "".join(f"<w:p>{t if t.startswith('<') else r(t)}</w:p>" for t in texts)


def r(text: str) -> str:
    """Return a run."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def tc(content: str, across: int = 1, merge: str = "") -> str:
    """Return a cell of paragraphs; `merge` is "restart" or "continue"."""
    merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    inner = content if content.startswith(("<w:p", "<w:tbl")) else p(content)
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{across}"/>{merged}</w:tcPr>{inner}</w:tc>'


def tr(*cells: str) -> str:
    """Return a row; a text is a plain cell."""
    return "<w:tr>" + "".join(c if c.startswith("<w:tc>") else tc(c) for c in cells) + "</w:tr>"


def tbl(*rows: str) -> str:
    """Return a table."""
    return "<w:tbl>" + "".join(rows) + "</w:tbl>"


@dataclass(frozen=True)
class Office:
    """One document: its kind by how it begins, the measures (number, title, deadline, bodies), findings it must raise."""

    source: str
    wanted: list[tuple[str, str, str, str | None]]
    codes: frozenset[str] = frozenset()
    sections: tuple[str, ...] = ()


HEAD = tr("№", "Мероприятие", "Срок", "Ответственный")
A = ("1", "Анализ результатов", "до 1 октября", "ИМЦ")
B = ("2", "Семинар для учителей", "ноябрь", "Управление образования")
C = ("3", "Итоговый отчет", "до 25 мая", "ИМЦ")
MD = "| № | Мероприятие | Срок | Ответственный |\n|---|---|---|---|\n"
TH = "<tr><th>№<th>Мероприятие<th>Срок<th>Ответственный</tr>"


def md(*rows: tuple[str, ...]) -> str:
    """Return rows with pipes."""
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


OFFICES = {
    "heading of three merged rows": Office(
        p(YEAR) + tbl(
            tr(tc("ДОРОЖНАЯ КАРТА", 5)),
            tr(tc("№ п/п", merge="restart"), tc("Мероприятие", merge="restart"), tc("Сроки", 2), tc("Ответственный", merge="restart")),
            tr(tc("", merge="continue"), tc("", merge="continue"), "начало", "окончание", tc("", merge="continue")),
            tr("1", "Анализ результатов", "01.09.2021", "01.10.2021", "ИМЦ"),
            tr("2", "Семинар для учителей", "01.11.2021", "30.11.2021", "Управление образования")),
        [("1", "Анализ результатов", "01.09.2021 | 01.10.2021", "ИМЦ"), ("2", "Семинар для учителей", "01.11.2021 | 30.11.2021", "Управление образования")]),
    "a table inside a cell": Office(
        p(YEAR) + tbl(HEAD, tr("1", tc(p("Анализ результатов") + tbl(tr("ЕГЭ", "ОГЭ")) + "<w:p/>"), "до 1 октября", "ИМЦ"), tr(*B)),
        [("1", "Анализ результатов ЕГЭ ОГЭ", "до 1 октября", "ИМЦ"), B]),
    "lists inside cells": Office(
        p(YEAR) + tbl(HEAD, tr("1", tc(p("Проведение:", "- диктанта", "- опроса")), "до 1 октября", tc(p("ИМЦ", "Управление образования"))), tr(*B)),
        [("1", "Проведение: - диктанта - опроса", "до 1 октября", "ИМЦ Управление образования"), B]),
    "number before the title": Office(
        p(YEAR) + tbl(tr("Мероприятие", "Срок", "Ответственный"), tr("1.1. Анализ результатов", "до 1 октября", "ИМЦ"), tr("1.2. Семинар для учителей", "ноябрь", "Управление образования")),
        [("1.1", "Анализ результатов", "до 1 октября", "ИМЦ"), ("1.2", "Семинар для учителей", "ноябрь", "Управление образования")]),
    "tables with sections between": Office(
        p(YEAR, "1. Аналитическая работа") + tbl(HEAD, tr(*A)) + p("2. Методическая работа") + tbl(HEAD, tr("1", *B[1:]), tr("2", *C[1:])),
        [("1.1", *A[1:]), ("2.1", *B[1:]), ("2.2", *C[1:])], sections=("1", "2", "2")),
    "sections between without headings again": Office(
        p(YEAR, "Раздел I. Анализ") + tbl(HEAD, tr(*A), tr(*B)) + p("Раздел II. Итоги") + tbl(tr(*C), tr("4", "Совещание", "июнь", "ИМЦ")),
        [A, B, C, ("4", "Совещание", "июнь", "ИМЦ")], sections=("I", "I", "II", "II")),
    "footnotes": Office(
        p(YEAR) + tbl(HEAD, tr("1", tc(f'<w:p>{r("Анализ результатов")}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>'), tc(f'<w:p>{r("до 1 октября")}<w:r><w:footnoteReference w:id="3"/></w:r></w:p>'), "ИМЦ"), tr(*B)),
        [("1", "Анализ результатов*", "до 1 октября*", "ИМЦ"), B], frozenset({"footnote"})),
    "tracked changes": Office(
        p(YEAR) + tbl(HEAD, tr("1", "Анализ результатов", tc(f'<w:p><w:del>{r("до 1 сентября").replace("w:t", "w:delText").replace("w:delTexts", "w:ts")}</w:del><w:ins>{r("до 1 октября")}</w:ins></w:p>'), "ИМЦ"),
            "<w:tr><w:trPr><w:ins/></w:trPr>" + "".join(tc(t) for t in B) + "</w:tr>", "<w:tr><w:trPr><w:del/></w:trPr>" + "".join(tc(t) for t in C) + "</w:tr>"),
        [A, B], frozenset({"tracked-changes"})),
    "the title in a text box": Office(
        f"<w:p><w:r><w:pict><w:txbxContent>{p(YEAR)}</w:txbxContent></w:pict></w:r></w:p>" + tbl(HEAD, tr(*A), tr(*B)), [A, B]),
    "the plan in a text box": Office(
        p(YEAR) + f"<w:p><w:r><w:pict><w:txbxContent>{tbl(HEAD, tr(*A), tr(*B))}</w:txbxContent></w:pict></w:r></w:p>", [A, B]),
    "heading rows again, numbers of columns": Office(
        p(YEAR) + tbl(HEAD, tr("1", "2", "3", "4"), tr(*A), HEAD, tr("1", "2", "3", "4"), tr(*B)), [A, B]),
    "sections of a page in the table's middle": Office(
        p(YEAR) + tbl(HEAD, tr(*A)) + "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>" + tbl(tr(*B), tr(*C)), [A, B, C]),
    "deadline merged over rows": Office(
        p(YEAR) + tbl(HEAD, tr("1", "Анализ результатов", tc("до 1 октября", merge="restart"), "ИМЦ"), tr("2", "Семинар для учителей", tc("", merge="continue"), "ИМЦ")),
        [A, ("2", "Семинар для учителей", "до 1 октября", "ИМЦ")]),
    "page with spans": Office(
        f"<html><p>{YEAR}</p><table>{TH}<tr><td colspan=4>I. Анализ</td></tr><tr><td>1<td>Анализ результатов<td>до 1 октября<td rowspan=2>ИМЦ</tr><tr><td>2<td>Семинар для учителей<td>ноябрь</tr></table>",
        [A, ("2", "Семинар для учителей", "ноябрь", "ИМЦ")], sections=("I", "I")),
    "page with a table in a cell": Office(
        f"<html><p>{YEAR}</p><table>{TH}<tr><td>1<td>Анализ результатов<table><tr><td>ЕГЭ<td>ОГЭ</table><td>до 1 октября<td>ИМЦ</tr><tr>" + "".join(f"<td>{t}" for t in B) + "</table>",
        [("1", "Анализ результатов ЕГЭ ОГЭ", "до 1 октября", "ИМЦ"), B]),
    "page saved by Word": Office(
        f"<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style>p.MsoNormal {{mso-style-parent:\"\"}}</style><!--[if gte mso 9]><xml><o:p></o:p></xml><![endif]--></head><body><p class=MsoNormal><b><span style='mso-bidi-font-size:12.0pt'>{YEAR}<o:p></o:p></span></b></p>"
        "<table class=MsoTableGrid border=1><thead><tr style='mso-yfti-irow:0'><td><p class=MsoNormal>№<o:p></o:p></p></td><td><p>Меропри&shy;ятие</p></td><td><p>Срок<![if !supportMisalignedColumns]></p></td><td><p>Ответственный</p></td></tr></thead>"
        "<tr><td><p class=MsoListParagraph><![if !supportLists]><span style='mso-list:Ignore'>1.<span style='font:7.0pt'>&nbsp;&nbsp;</span></span><![endif]></p></td><td><p>Анализ\nрезультатов<o:p></o:p></p></td><td><p>до 1&nbsp;октября</p></td><td><p>ИМЦ</p></td></tr></table>",
        [A]),
    "missing outer pipes": Office(
        f"{YEAR}\n\n№ | Мероприятие | Срок | Ответственный\n---|---|---|---\n" + "".join(" | ".join(row) + "\n" for row in (A, B)), [A, B]),
    "a row with a pipe too few": Office(
        f"{YEAR}\n\n{MD}" + md(A) + "| 2 | Семинар для учителей | ноябрь |\n", [A, ("2", "Семинар для учителей", "ноябрь", "")], frozenset({"ragged-row", "missing-body"})),
    "no line under the heading": Office(f"{YEAR}\n\n| № | Мероприятие | Срок | Ответственный |\n" + md(A, B), [A, B]),
    "bodies under their post": Office(
        f"{YEAR}\n\n| № | Мероприятие | Срок исполнения | Исполнитель (ФИО) | Контроль |\n|---|---|---|---|---|\n" + md((*A, "Иванова А.А."), (*B, "Иванова А.А.")), [A, B], frozenset({"columns-left-out"})),
    # --- a second set, written after the reader was mended with the first
    "co-executors": Office(
        f"{YEAR}\n\n| № | Мероприятие | Срок | Ответственный исполнитель | Соисполнители |\n|---|---|---|---|---|\n" + md((*A, "Школы"), (*B, "")),
        [("1", "Анализ результатов", "до 1 октября", "ИМЦ Школы"), B]),
    "directions merged at the left": Office(
        p(YEAR) + tbl(tr("Направление", "Мероприятия", "Срок", "Ответственный"), tr(tc("Аналитическое", merge="restart"), *A[1:]), tr(tc("", merge="continue"), *B[1:]), tr("Методическое", *C[1:])),
        [A, B, C], sections=("Аналитическое", "Аналитическое", "Методическое")),
    "controls around rows and cells": Office(
        p(YEAR) + tbl(HEAD, f"<w:sdt><w:sdtContent>{tr(*A)}</w:sdtContent></w:sdt>",
            "<w:tr>" + tc("2") + f'<w:sdt><w:sdtContent>{tc(f"<w:p><w:hyperlink>{r(B[1])}</w:hyperlink></w:p>")}</w:sdtContent></w:sdt>' + tc(f'<w:p><w:fldSimple w:instr="DATE">{r(B[2])}</w:fldSimple></w:p>') + tc(B[3]) + "</w:tr>"),
        [A, B]),
    "text that was moved": Office(
        p(YEAR) + tbl(HEAD, tr("1", tc(f'<w:p><w:moveFrom>{r("Анализ")}</w:moveFrom>{r("Анализ результатов")}</w:p>'), *A[2:]), tr("2", tc(f'<w:p>{r("Семинар ")}<w:moveTo>{r("для учителей")}</w:moveTo></w:p>'), *B[2:])),
        [A, B], frozenset({"tracked-changes"})),
    "a sum below": Office(p(YEAR) + tbl(HEAD, tr(*A), tr(*B), tr(tc("Итого мероприятий: 2", 4))), [A, B]),
    "headings cut by hand": Office(
        p(YEAR) + tbl(tr("№", "Меро-приятие", tc(p("Срок испол-", "нения")), tc(p("Ответст-", "венный"))), tr(*A), tr(*B)), [A, B]),
    "one number over two rows": Office(
        p(YEAR) + tbl(HEAD, tr(tc("1", merge="restart"), "Сбор данных", "до 1 октября", "ИМЦ"), tr(tc("", merge="continue"), "Отчет", "до 25 мая", "ИМЦ"), tr(*B)),
        [("1", "Сбор данных Отчет", "до 1 октября до 25 мая", "ИМЦ ИМЦ"), B]),
    "paragraphs with tabs": Office(
        p(YEAR) + "".join(f"<w:p>{'<w:r><w:tab/></w:r>'.join(r(t) for t in row)}</w:p>" for row in (("№", "Мероприятие", "Срок", "Ответственный"), A, B)),
        [A, B]),
    "page with a caption and headings at the left": Office(
        f"<html><table><caption>{YEAR}</caption>{TH}<tbody>" + "".join("<tr><th scope=row>" + "<td>".join(row) for row in (A, B)) + "<tfoot><tr><td colspan=4>Всего: 2</table>",
        [A, B]),
    "columns that change places": Office(
        f"<html><p>{YEAR}</p><table>{TH}<tr><td>" + "<td>".join(A) + "</table><table><tr><th>№<th>Мероприятие<th>Ответственный<th>Срок<tr><td>" + "<td>".join((B[0], B[1], B[3], B[2])) + "</table>",
        [A, B]),
    "a grid of plus signs": Office(
        f"{YEAR}\n\n+---+-------------+----------+---------------+\n| № | Мероприятие | Срок     | Ответственный |\n+===+=============+==========+===============+\n| 1 | Анализ      | до 1     | ИМЦ           |\n|   | результатов | октября  |               |\n+---+-------------+----------+---------------+\n| 3 | Итоговый    | до 25    | ИМЦ           |\n|   | отчет       | мая      |               |\n+---+-------------+----------+---------------+\n",
        [A, C]),
    "columns of spaces": Office(
        f"{YEAR}\n\n  №   Мероприятие          Срок           Ответственный\n----  -------------------  -------------  -------------\n  1   Анализ результатов   до 1 октября   ИМЦ\n", [], frozenset({"no-plan-table"})),
    "headings with breaks": Office(
        f"{YEAR}\n\n| №<br>п/п | Наименование<br>мероприятия | Срок<br>исполнения | Ответственный<br>исполнитель |\n|---|---|---|---|\n" + md(A, B), [A, B]),
    "a remark below a row": Office(
        p(YEAR) + tbl(HEAD, tr(*A), tr("", tc("Примечание: сроки уточняются приказом", 3)), tr(*B)),
        [A, B], frozenset({"row-left-out"}), sections=("", "")),
    "a plan of the head without an order": Office(
        "<html><p align=right>УТВЕРЖДАЮ<br>Директор школы<br>И.И. Иванов<br>30.08.2021</p><center>ПЛАН РАБОТЫ<br>на 2021 / 2022 учебный год</center><table><tr><td><b>№</b><td><b>Содержание</b><td><b>Дата</b><td><b>Отв.</b><tr><td>" + "<td>".join(A) + "<tr><td>" + "<td>".join(B) + "</table>",
        [A, B]),
}  # fmt: skip


def put(source: str, path: Path) -> None:
    """Write the document."""
    if not source.startswith("<w:"):
        path.write_text(source, encoding="utf-8")
        return
    text = f'<?xml version="1.0" encoding="utf-8"?><w:document xmlns:w="{W}"><w:body>{source}</w:body></w:document>'
    with zipfile.ZipFile(SOUND) as sound, zipfile.ZipFile(path, "w") as package:
        for name in sound.namelist():
            package.writestr(name, text.encode() if name == "word/document.xml" else sound.read(name))


@pytest.mark.parametrize("name", OFFICES)
def test_a_plan_comes_out_as_its_office_meant_it(name: str, tmp_path: Path) -> None:
    """Numbers, titles, deadlines, bodies, sections, and the questions that a clerk would ask."""
    office = OFFICES[name]
    put(office.source, tmp_path / "plan")
    imported = import_document(tmp_path / "plan")
    got = [
        tuple(" ".join(text.split()) if text is not None else None for text in (m.number, m.title, m.deadline, m.responsible_cell))
        for m in imported.measures
    ]  # fmt: skip
    assert got == office.wanted
    codes = {finding.code for finding in imported.findings}
    assert office.codes <= codes
    assert "period-missing" not in codes
    if office.sections:
        assert tuple(m.section for m in imported.measures) == office.sections
