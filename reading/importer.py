"""From a signed document to the measures of a roadmap: plain values and the findings a person settles.

Reads the document, finds the plan, repairs what the scan lost where the document itself says how, and names every
doubt. Nothing is written and nothing outside the file is opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from domain.workdays import Calendar, Shift
from orders.findings import PlacedFinding
from reading.bodies import BODY_HEAD, PERSON, Body, Registry, body_key, read_bodies
from reading.deadlines import Checkpoint, Deadline, Period, is_deadline, read_deadline
from reading.deadlines.moments import AUGUST
from reading.deadlines.text import MONTH_NAMES
from reading.documents import Document, Text, UnreadableDocument, read_document
from reading.documents.account import Account, told
from reading.documents.budget import MAX_ROWS
from reading.documents.columns import MATRIX, Column
from reading.documents.header import Order, read_order, read_period, season_in
from reading.documents.indicators import Indicator, read_indicators
from reading.documents.layout import Plan, PlanRow, Section, read_plan
from reading.documents.listed import tabled
from reading.documents.members import Group, groups_of
from reading.documents.pointed import dated_points, pointed
from reading.documents.rearranged import dashed, of_months, side_by_side, uncarded
from reading.doubts import doubt
from reading.numbers import numbers_of

OCTOBER = 10
"""Orders of November and December are rather about the next year."""
CalendarFor = Callable[[date, date], Calendar | None]
"""Gives the calendar that covers two dates; the caller decides where it comes from."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure as read: M of the interfaces."""

    number: str
    number_in_source: str | None
    section: str
    title: str
    deadline: str
    kinds: tuple[str, ...]
    checkpoints: tuple[Checkpoint, ...]
    responsible_cell: str | None
    bodies: tuple[Body, ...]
    expected_result: str | None
    line: int | None = None
    heading: Section | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the shape M of the interfaces."""
        return {
            "number": self.number,
            "number_in_source": self.number_in_source,
            "section": self.section,
            "title": self.title,
            "deadline": self.deadline,
            "kinds": list(self.kinds),
            "checkpoints": [c.to_json() for c in self.checkpoints],
            "responsible_cell": self.responsible_cell,
            "bodies": [b.code or b.verbatim for b in self.bodies],
            "expected_result": self.expected_result,
        }


@dataclass(frozen=True, slots=True)
class Imported:
    """All that a document says, and all that is doubtful about it."""

    order: Order
    period: Period | None
    sections: tuple[Section, ...]
    measures: tuple[Measure, ...]
    indicators: tuple[Indicator, ...]
    findings: tuple[PlacedFinding, ...]
    account: Account
    groups: tuple[Group, ...] = ()

    def to_json(self, lang: str = "ru") -> dict[str, Any]:
        """Return the document of `starter.py import`."""
        day = self.order.date
        return {
            "order": {
                "number": self.order.number or None,
                "date": day.isoformat() if day else None,
                "title": self.order.title,
            },
            "period": {"from": self.period.start.isoformat(), "to": self.period.end.isoformat()}
            if self.period
            else {"from": None, "to": None},
            "measures": [m.to_json() for m in self.measures],
            "indicators": [i.to_json() for i in self.indicators],
            "account": self.account.to_json(),
            "findings": [f.to_json(lang) for f in self.findings],
        }


def import_document(
    path: Path,
    *,
    registry: Registry | None = None,
    calendar_for: CalendarFor | None = None,
    shift: Shift = Shift.PRECEDING,
    period: Period | None = None,
    signed: date | None = None,
) -> Imported:
    """Read a document; UnreadableDocument where it cannot be opened, everything else is a finding.

    `period` and `signed` stand in for what the document does not say or says wrongly.
    """
    document = read_document(path)
    return imported(
        document, path, registry=registry, calendar_for=calendar_for, shift=shift, period=period, signed=signed
    )


def imported(
    document: Document,
    path: Path,
    *,
    registry: Registry | None = None,
    calendar_for: CalendarFor | None = None,
    shift: Shift = Shift.PRECEDING,
    period: Period | None = None,
    signed: date | None = None,
) -> Imported:
    """Return what the blocks of a document say; UnreadableDocument where they are too many for a plan."""
    document = of_months(side_by_side(document))
    account = Account(document)
    plan = read_plan(document, account)
    if plan.first_table is None and (listed := _of_no_table(document)) is not None:
        document, account = listed, Account(listed)
        plan = read_plan(document, account)
    if len(plan.rows) > MAX_ROWS:
        raise UnreadableDocument("too-many-rows", path, line=plan.rows[MAX_ROWS].line, limit=str(MAX_ROWS))
    order, findings = read_order(document, plan.first_table, account)
    found_period, of_period = (period, ()) if period else read_period(order, document, plan.first_table)
    signed = signed or order.date
    calendar = (
        calendar_for(_first_day(found_period, signed), found_period.end) if calendar_for and found_period else None
    )
    guessed = _next_year(signed) if found_period is None and signed else None
    reader = _Measures(plan, found_period or guessed, signed, calendar, shift, registry, guessed=guessed is not None)
    measures = reader.read()
    indicators, of_indicators = read_indicators(document, plan, found_period, account)
    findings += [*dated_points(order), *(_of_control(order) if measures else ())]
    if plan.rows:
        findings += of_period
    if plan.rows and found_period is None:
        findings.append(doubt("period-missing", where="order"))
    elif plan.rows and found_period and period is None and (season := season_in(order)):
        found = f"{found_period.start} – {found_period.end}"
        findings.append(doubt("period-of-season", {"text": season}, found, "order"))
    elsewhere = [replace(f, where=f.where or "table") for f in (*document.findings, *plan.findings)]
    findings = [*findings, *elsewhere, *reader.findings, *of_indicators, *_of_words(document, measures)]
    groups, of_groups = groups_of(document, account)
    findings += [*of_groups, *told(account, document)]
    return Imported(
        order,
        found_period,
        plan.sections,
        measures,
        tuple(indicators),
        tuple(replace(f, file=str(path)) for f in findings),
        account,
        tuple(groups),
    )


def _of_no_table(document: Document) -> Document | None:
    """Return the document with the table that its lists, cards or points stand for; None where it has none."""
    cards = uncarded(document)
    return tabled(document) or (tabled(cards) if cards else None) or dashed(document) or pointed(document)


def _of_control(order: Order) -> list[PlacedFinding]:
    """Ask who controls, where the order does not say it, or says only that whoever signed does."""
    if order.control is None:
        return [doubt("controller-missing", where="policy")]
    unknown = not (order.control.whom or order.signatory_post or order.signatory)
    return [doubt("signatory-missing", {"text": order.control.text}, where="policy")] if unknown else []


def _next_year(signed: date) -> Period:
    """Return the days that an order without a period is likely to speak of: to the end of its year, at its end of the next."""
    return Period(signed, date(signed.year + (signed.month > OCTOBER), 12, 31))


def _first_day(period: Period | None, signed: date | None) -> date:
    days = [d for d in (period.start if period else None, signed) if d]
    return min(days)


# --- measures ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Measures:
    """Turns rows into measures, one after another, and keeps the findings with their places."""

    plan: Plan
    period: Period | None
    signed: date | None
    calendar: Calendar | None
    shift: Shift
    registry: Registry | None
    guessed: bool = False
    findings: list[PlacedFinding] = field(default_factory=list)
    spans: dict[int, Period] = field(default_factory=dict)
    within: Period | None = None

    def read(self) -> tuple[Measure, ...]:
        numbers = numbers_of(self.plan.rows, listed=self.plan.listed)
        self._time_sections()
        measures = tuple(self._measure(row, *number) for row, number in zip(self.plan.rows, numbers, strict=True))
        self._duplicates(measures)
        return measures

    def _time_sections(self) -> None:
        """Settle the days of the sections that name months, by their order: an August before September begins the year."""
        timed = [section for section in self.plan.sections if section.time]
        for n, section in enumerate(timed):
            read = read_deadline(section.time, self.period, signed=None, calendar=None, shift=Shift.NONE)
            if not read.checkpoints:
                self.findings += [f.at("table", section.line) for f in read.findings]
                continue
            span = Period(min(c.start or c.due for c in read.checkpoints), max(c.due for c in read.checkpoints))
            unsure = [f for f in read.findings if f.code in {"year-ambiguous", "year-not-said"}]
            if unsure and self.period and span.start.month == AUGUST:
                first = not any(earlier.time.lower().startswith(("май", "июнь", "июль")) for earlier in timed[:n])
                year = self.period.start.year if first and n + 1 < len(timed) else span.start.year
                span = Period(date(year, AUGUST, 1), date(year, AUGUST, 31))
                unsure = [] if n + 1 < len(timed) or not first else unsure
            self.findings += [f.at("table", section.line) for f in unsure]
            self.spans[id(section)] = span

    def _span(self, section: Section | None) -> tuple[Section, Period] | None:
        """Return the nearest section around a row that names a month or the like, and its days."""
        return next(
            ((s, self.spans[id(s)]) for s in reversed(section.path if section else ()) if id(s) in self.spans), None
        )

    def _measure(self, row: PlanRow, number: str, problems: tuple[PlacedFinding, ...]) -> Measure:
        where = f"measure {number}"
        self._add(where, row, (*problems, *row.findings))
        row.deadlines = _with_pace(row.deadlines)
        around = self._span(row.section)
        self.within = around[1] if around else None
        if around and not any(text.strip(" -–—") for _, text in row.deadlines):
            if row.deadlines:
                self._add(where, row, [doubt("deadline-of-section", {"text": around[0].title}, around[0].time)])
            row.deadlines = [(Column("deadline", ""), around[0].time)]
        deadline, read, responsible, moved = self._deadline(row, where)
        bodies, of_bodies = (
            read_bodies(responsible, self.registry) if responsible is not None and not moved else self._of_section(row)
        )
        if moved and not responsible:
            of_bodies = (doubt("missing-body"),)
        of_bodies = tuple(doubt("missing-body") if f.code == "deadline-in-bodies" else f for f in of_bodies)
        title = row.title or row.stage
        for name, text in (("title", title), ("result", row.result)):
            if text is not None and not text.strip(" -–—"):
                self._add(
                    where,
                    row,
                    [
                        doubt(
                            "missing-title" if name == "title" else "missing-value",
                            {"column": row.columns.get(name, name)},
                        )
                    ],
                    row.columns.get(name),
                )
        if len(title) > 1_000:  # noqa: PLR2004  the longest real title has 700 characters
            self._add(where, row, [doubt("long-text", {"count": str(len(title))})], row.columns.get("title"))
        read = self._with_last(row, self._paired(row, read, where), where)
        if self.guessed and read.checkpoints and not re.search(r"20\d\d|\.\d\d\.\d\d", deadline):
            dues = ", ".join(str(point.due) for point in read.checkpoints[:3])
            self._add(where, row, [doubt("year-not-said", {"text": deadline}, dues)], self._heading(row))
        self._add(where, row, _against_title(title, read, self.period, self.signed), row.columns.get("title"))
        self._add(where, row, self._against_section(row, read), row.columns.get("deadline"))
        self._add(where, row, (*read.findings, *_unused_dates(deadline, read)), self._heading(row))
        if self.registry is None or of_bodies:
            self._add(where, row, of_bodies, row.columns.get("responsible"))
        return Measure(
            number, row.number.strip().rstrip(".)") or None, row.section.name if row.section else row.stage, title, deadline, read.kinds,
            read.checkpoints, "" if moved == "emptied" else responsible, bodies, row.result, row.line, row.section,
        )  # fmt: skip

    def _of_section(self, row: PlanRow) -> tuple[tuple[Body, ...], tuple[PlacedFinding, ...]]:
        """Return the body that a plan without a column of bodies names in its sections, with a question."""
        title = row.section.title if row.section and row.responsible is None else ""
        named = BODY_HEAD.match(title) and (PERSON.search(title) or "«" in title)  # «Организация питания» is no body
        bodies = read_bodies(title, self.registry)[0] if named and not is_deadline(title) else ()
        return bodies, (doubt("bodies-of-section", {"text": title}),) if bodies else ()

    def _add(self, where: str, row: PlanRow, findings: Iterable[PlacedFinding], column: str | None = None) -> None:
        place = f"{where}, column {column}" if column else where
        self.findings += [f.at(place, row.line) for f in findings]

    @staticmethod
    def _heading(row: PlanRow) -> str | None:
        return row.deadlines[0][0].heading if row.deadlines else None

    # --- deadlines ---

    def _deadline(self, row: PlanRow, where: str) -> tuple[str, Deadline, str | None, str]:
        """Return the deadline's words and reading, the cell of bodies, and "emptied" or "shared" where it was shifted.

        A deadline in the column of bodies is taken for the deadline: instead of an empty one, or for the dates of a
        «в течение года».
        """
        columns = [column for column, _ in row.deadlines]
        said = " | ".join(text for _, text in row.deadlines) if any(text for _, text in row.deadlines) else ""
        responsible = row.responsible
        if len(columns) == 1 and responsible and is_deadline(responsible):
            heading = row.columns.get("responsible")
            if not said.strip(" -–—"):
                self._add(where, row, [doubt("shifted-columns", {"text": responsible})], heading)
                return responsible, self._read(responsible), "", "emptied"
            read, there = self._read(said), self._read(responsible)
            if read.kinds == ("all-year",) and there.checkpoints:
                self._add(
                    where,
                    row,
                    [doubt("shifted-columns", {"text": responsible}, "; ".join(c.label for c in there.checkpoints))],
                    heading,
                )
                kinds = ("all-year", *(k for k in there.kinds if k != "all-year"))
                return said, Deadline(kinds, there.checkpoints, (*read.findings, *there.findings)), responsible, ""
            if _is_body(said):
                self._add(where, row, [doubt("shifted-columns", {"text": f"{said} / {responsible}"})], heading)
                return responsible, there, said, ""
        if len(columns) == 1 and responsible is not None and not responsible.strip(" -–—") and _is_body(said):
            self._add(where, row, [doubt("shifted-columns", {"text": said})], columns[0].heading)
            return "", self._by_columns(row, ""), said, ""
        if len(columns) == 1 and not said.strip(" -–—") and row.result and is_deadline(row.result):
            self._add(where, row, [doubt("shifted-columns", {"text": row.result})], row.columns.get("result"))
            return row.result, self._read(row.result), responsible, ""
        return said, self._by_columns(row, said), responsible, ""

    def _read(self, phrase: str, within: Period | None = None) -> Deadline:
        return read_deadline(
            phrase, within or self.period, signed=self.signed, calendar=self.calendar, shift=self.shift,
            within=None if within else self.within,
        )  # fmt: skip

    def _read_in(self, text: str, stretch: Deadline) -> Deadline:
        """Read what stands in a column of a month: «1 неделя», «до 10» are of this one."""
        around = self.within
        if stretch.checkpoints and (start := stretch.checkpoints[0].start):
            self.within = Period(start, stretch.checkpoints[0].due)
        read = self._read(text)
        self.within = around
        return read

    def _by_columns(self, row: PlanRow, said: str) -> Deadline:
        """Read the deadline's columns: one, start and end, a matrix of quarters or months, or several waves."""
        cells = [(column, text.strip()) for column, text in row.deadlines]
        fields = [column.field for column, _ in cells]
        if not said.strip():
            return Deadline(("unspecified",), (), (doubt("missing-deadline"),))
        if fields == ["deadline"]:
            text = cells[0][1]
            quarters = "квартал" in cells[0][0].heading.lower() and _ORDINALS.fullmatch(text)
            return self._read(f"{text} квартал" if quarters else text)
        if set(fields) <= {"start", "end", "deadline"} and "end" in fields:
            return self._start_and_end(cells)
        matrix = [(c, t) for c, t in cells if c.field in MATRIX]
        if matrix:
            if any(column.again and column.field == "year" for column in row.layout):
                return Deadline(("unspecified",), (), (doubt("marks-without-months", {"text": said}),))
            return self._matrix(matrix, [(c, t) for c, t in cells if c.field not in MATRIX and t])
        waves = [self._read(text) for _, text in cells if text.strip("-–— ")]
        return _merged(waves)

    def _start_and_end(self, cells: list[tuple[Column, str]]) -> Deadline:
        start = next((t for c, t in cells if c.field in {"start", "deadline"} and t), "")
        end = next((t for c, t in cells if c.field == "end" and t), "")
        firsts, lasts = start.split("\n"), end.split("\n")
        if len(firsts) == len(lasts) > 1:
            return _merged([self._read(f"{a} | {b}") for a, b in zip(firsts, lasts, strict=True)])
        if start and end and start != end:
            return self._read(f"{start} | {end}")
        return self._read(end or start)

    def _matrix(self, matrix: list[tuple[Column, str]], other: list[tuple[Column, str]]) -> Deadline:
        """Read a row of years, quarters or months: a mark takes the whole, a text in a field is a date of its own."""
        parts: list[Deadline] = []
        marked = 0
        for column, text in matrix:
            if not text or re.fullmatch(r"[-–—0]+|нет", text, re.IGNORECASE):
                continue
            name = _span_name(column)
            year = f" {column.year} г." if column.year and column.field != "year" else ""
            if re.fullmatch(r"[xхXХ+vV*✓√●•∙■]|да|\*+", text):
                marked += 1
                parts.append(self._read(f"{name}{year}"))
            elif re.fullmatch(r"(?:до\s*)?\d{1,2}", text) and column.field == "month":
                genitive = re.sub("[ьй]$", "я", name) if name[-1] in "ьй" else name + "а"
                parts.append(self._read(f"{text} {genitive}{year}"))
            elif column.field == "year" and column.year:
                parts.append(self._read(text, Period(date(column.year, 1, 1), date(column.year, 12, 31))))
            else:
                parts.append(self._read_in(text, self._read(f"{name}{year}")))
        parts += [self._read(text) for _, text in other]
        if not parts:
            return Deadline(("unspecified",), (), (doubt("missing-deadline"),))
        merged = _merged(parts)
        length, kind = {"quarter": (4, "quarterly"), "month": (12, "monthly")}.get(matrix[0][0].field, (0, ""))
        kinds = (kind,) if marked == len(matrix) == length else merged.kinds
        return replace(merged, kinds=kinds)

    def _paired(self, row: PlanRow, read: Deadline, where: str) -> Deadline:
        """Pair a list in the title with as many dates; else a date named twice is one date."""
        items = [
            m.group(1).strip(" ;,.") for m in re.finditer(r"(?m)^\s*(?:[-–—•▪●]|\d{1,2}\))\s*(.+?)\s*$", row.title)
        ]
        dated = read.checkpoints
        heading = self._heading(row)
        if len(items) > 1 and len(dated) > 1 and len(items) == len(dated):
            self._add(
                where,
                row,
                [doubt("list-against-dates", {"items": str(len(items)), "dates": str(len(dated))})],
                heading,
            )
            named = tuple(replace(c, label=item, bodies=_host(item)) for c, item in zip(dated, items, strict=True))
            return Deadline(read.kinds, named, tuple(f for f in read.findings if f.code != "repeated-date"))
        if len(items) > 1 and len(dated) > 1:
            self._add(
                where, row, [doubt("list-differs", {"items": str(len(items)), "dates": str(len(dated))})], heading
            )
        kept: list[Checkpoint] = []
        for checkpoint in dated:
            if all((c.start, c.due) != (checkpoint.start, checkpoint.due) for c in kept):
                kept.append(checkpoint if checkpoint.key == "year" else replace(checkpoint, key=str(len(kept) + 1)))
        return replace(read, checkpoints=tuple(kept))

    def _with_last(self, row: PlanRow, read: Deadline, where: str) -> Deadline:
        """Add the report on the plan's last month or quarter, due after its end: twelve reports of a year are twelve."""
        if not read.behind:
            return read
        dues = ", ".join(str(point.due) for point in read.behind)
        self._add(where, row, [doubt("report-behind-period", {"text": row.title[:80]}, dues)], self._heading(row))
        points = (*read.checkpoints, *read.behind)
        return replace(read, checkpoints=tuple(replace(c, key=c.key or str(n)) for n, c in enumerate(points, 1)))

    def _against_section(self, row: PlanRow, read: Deadline) -> list[PlacedFinding]:
        """Hold the dates against a stage that names its own time: «I этап (сентябрь - декабрь 2021)»."""
        name = "\n".join(section.title for section in row.section.path) if row.section else ""
        said = re.search(r"\(([^()]{4,80})\)|[:,–—-]\s*([^,:()–—]{4,60}(?:[-–—][^,:()]{3,40})?)$", name)
        phrase = (said.group(1) or said.group(2)).strip() if said else ""
        if not phrase or not is_deadline(phrase) or not read.checkpoints:
            return []
        stage = self._read(phrase)
        if not stage.checkpoints:
            return []
        first = min(c.start or c.due for c in stage.checkpoints)
        last = max(c.due for c in stage.checkpoints)
        out = [c for c in read.checkpoints if c.due > last or c.due < first]
        return [doubt("contradicts-section", {"due": str(out[0].due), "stage": phrase})] if out else []

    def _duplicates(self, measures: Sequence[Measure]) -> None:
        seen: dict[str, Measure] = {}
        for measure in measures:
            first = seen.setdefault(measure.number, measure)
            if first is not measure:
                places = f"{first.line or '?'}, {measure.line or '?'}"
                params = {"number": measure.number, "places": places}
                where = f"measure {measure.number}"
                self.findings.append(doubt("duplicate-number", params, where=where, line=measure.line))


def _with_pace(cells: list[tuple[Column, str]]) -> list[tuple[Column, str]]:
    """Return the column of deadlines with what a column «Периодичность» beside it says in brackets."""
    pace = [text for column, text in cells if _PACE.match(column.heading)]
    others = [(column, text) for column, text in cells if not _PACE.match(column.heading)]
    if len(pace) != 1 or len(others) != 1 or not pace[0].strip():
        return cells if len(pace) != 1 or len(others) != 1 else others
    column, text = others[0]
    return [(column, f"{text} ({pace[0]})" if text.strip(" -–—") else pace[0])]


_PACE = re.compile(r"(?i)периодичн")
_ORDINALS = re.compile(r"(?i)(?:[1-4]|i{1,3}|iv)(?:\s*(?:[,;–-]|и)\s*(?:[1-4]|i{1,3}|iv))*")
"""Quarters without their word, below a heading that has it."""


def _span_name(column: Column) -> str:
    """Return what a column of a matrix stands for, as a deadline would say it."""
    if column.field == "year":
        return f"в течение {column.year} года"
    if column.field == "quarter":
        return ("I", "II", "III", "IV")[column.ordinal - 1] + " квартал"
    return MONTH_NAMES[column.ordinal - 1]


def _is_body(text: str) -> bool:
    """Tell whether a cell names a body and no time."""
    return (
        bool(BODY_HEAD.match(text) or PERSON.match(text))
        and not is_deadline(text)
        and not re.search(r"\d{2}\.\d{2}", text)
    )


def _merged(parts: Sequence[Deadline]) -> Deadline:
    """Join readings of several fields into one, keys counted anew."""
    kinds = tuple(dict.fromkeys(kind for part in parts for kind in part.kinds))
    checkpoints = [c for part in parts for c in part.checkpoints]
    findings = [f for part in parts for f in part.findings]
    return Deadline(kinds, tuple(replace(c, key=str(n)) for n, c in enumerate(checkpoints, 1)), tuple(findings))


def _host(item: str) -> tuple[str, ...] | None:
    """Return the organisation that a list's item ends with: «день директора, МБОУ СОШ № 6»."""
    found = re.search(r",\s*((?:[А-ЯЁ]{2,}\b[^,]*№\s*\d+|[А-ЯЁ]{2,}\b[^,]*«[^»]+»))\s*$", item)
    return (found.group(1),) if found else None


# --- what contradicts, what is said in two ways -----------------------------------------------------------


_DATE_LIKE = re.compile(r"(?<![\d.:№])(\d{1,2})\.(\d{2})(?:\.(?:20)?\d{2})?(?![\d.:])(?!\s*(?:ч|мск|мин))")


def _unused_dates(phrase: str, read: Deadline) -> list[PlacedFinding]:
    """Ask about dates of a deadline that came to nothing, where nothing else is asked about it."""
    if any(finding.severity != "info" for finding in read.findings):
        return []
    used = {(day.day, day.month) for c in read.checkpoints for day in (c.start, c.due) if day}
    said = [m for m in _DATE_LIKE.finditer(phrase) if 1 <= int(m.group(2)) <= 12 and 1 <= int(m.group(1)) <= 31]  # noqa: PLR2004  months, days
    lost = [m.group() for m in said if (int(m.group(1)), int(m.group(2))) not in used and "время" not in phrase]
    return [doubt("unread-words", {"text": "; ".join(lost)})] if lost and not _has_clock(read) else []


def _has_clock(read: Deadline) -> bool:
    return any(finding.code == "time-of-day" for finding in read.findings)


_IN_TITLE = re.compile(
    r"(?<![а-яё\d.])(?:(с|со|до|к|по|от)\s+)?(\d{1,2}(?:\.\d{2}\.\d{4}|\.\d{2}(?![\d.])|\s+(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)(?:\s+\d{4})?))",
    re.IGNORECASE,
)
_MONTH_IN_TITLE = re.compile(
    r"(?<![а-яё])в\s+(январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре|октябре|ноябре|декабре)(?:\s+(\d{4}))?",
    re.IGNORECASE,
)


def _against_title(title: str, read: Deadline, period: Period | None, signed: date | None) -> list[PlacedFinding]:
    """Hold the dates of the cell against those that the title names.

    A day of the title that lies before the whole window, or a month of it that no checkpoint touches, contradicts.
    A later day does not: preparing for it ends before it.
    """
    if not read.checkpoints or "all-year" in read.kinds:
        return []
    first = min(c.start if c.start and c.start != signed else c.due for c in read.checkpoints)
    last = max(c.due for c in read.checkpoints)
    found = []
    for preposition, phrase in _IN_TITLE.findall(title[:1_000]):
        if preposition.lower() in {"от", "с", "со"}:
            continue
        day = read_deadline(phrase, period, signed=signed, calendar=None, shift=Shift.NONE)
        if len(day.checkpoints) == 1 and day.checkpoints[0].due < first:
            found.append(doubt("title-contradicts", {"title": phrase, "cell": f"{first} – {last}"}))
    for month, year in _MONTH_IN_TITLE.findall(title[:1_000]):
        span = read_deadline(f"в {month} {year}".strip(), period, signed=signed, calendar=None, shift=Shift.NONE)
        if not span.checkpoints or "periodic" in read.kinds or "monthly" in read.kinds:
            continue
        start, end = span.checkpoints[0].start or span.checkpoints[0].due, span.checkpoints[0].due
        if end < first or start > last:
            found.append(doubt("title-contradicts", {"title": month, "cell": f"{first} – {last}"}))
    return found


_GENERIC = {"ОО", "ОУ", "МО", "ДОУ"}
_KNOWN = {
    "ФГОС", "ГИА", "ЕГЭ", "ОГЭ", "ВПР", "РПР", "ФЗ", "РФ", "СМИ", "МКУ", "МБУ", "МАУ", "МУ", "МБОУ", "МАОУ", "МКОУ", "МОУ", "МБДОУ", "МДОУ", "ГБУ", "ГБОУ", "ГАУ",
    "ОО", "ОУ", "СОШ", "ООШ", "ДОУ", "ГВЭ", "ФИПИ", "ФЦТ", "ИКТ", "УМК", "ООП", "ФИО", "ФИС", "НОКО", "МБУДО", "ФГБУ", "ФГБОУ",
}  # fmt: skip
"""Abbreviations of federal law and of every school's sign: nobody asks what they mean."""


def _of_words(document: Document, measures: Sequence[Measure]) -> list[PlacedFinding]:
    return [*_two_names(measures), *_abbreviations(document, measures), *_spoilt_words(document)]


def _two_names(measures: Sequence[Measure]) -> list[PlacedFinding]:
    """Find bodies that are written in two ways: with and without «МКУ», by their first letters."""
    used: dict[str, str] = {}
    for measure in measures:
        for body in measure.bodies:
            if body.kind != "person":
                used.setdefault(re.sub(r"[\s.«»\"-]+", "", body.name.lower()), body.name)
    own: dict[str, str] = {}
    initials: dict[str, str] = {}
    pairs: dict[tuple[str, str], None] = {}
    for name in sorted(used.values()):
        short = re.sub(r"(?<![А-ЯЁ])(?:М[БАК]?(?:Д?О)?У(?:ДО|ДПО)?|МУ)\s+", "", name)
        first = own.setdefault(body_key(short), name)
        if first != name:
            pairs[first, name] = None
        if letters := _initials(name):
            initials.setdefault(body_key(letters), name)
    # Two names in full that begin alike are two bodies; one of the two is short where it is one.
    for key, name in initials.items():
        if (one := own.get(key)) is not None and one != name:
            pairs[one, name] = None
    return [doubt("two-names", {"one": one, "other": other}, where="table") for one, other in sorted(pairs)]


def _initials(name: str) -> str:
    """Return the first letters of a name; prepositions count for nothing, and «ОО» is nobody's initials."""
    letters = "".join(w[0].upper() for w in re.findall(r"[А-Яа-яЁё]+", name) if len(w) > 2)  # noqa: PLR2004  «по», «и», «с»
    number = "".join(f" {n}" for n in re.findall(r"\d+", name))
    return letters + number if len(letters) > 1 and letters not in _GENERIC else ""


def _abbreviations(document: Document, measures: Sequence[Measure]) -> list[PlacedFinding]:
    """Find abbreviations of the table that the document never spells out, nor introduces by «далее -»."""
    text = _all_text(document)
    introduced = set(re.findall(r"\(\s*далее\s*[-–—:]?\s*([А-ЯЁ]{2,8})", text))
    words = re.findall(r"[А-Яа-яЁё]+", text)
    strings = "".join(w[0].lower() for w in words if len(w) > 1 and not w.isupper())
    found: list[PlacedFinding] = []
    seen: set[str] = set()
    for measure in measures:
        piece = " ".join([measure.title, *(b.verbatim for b in measure.bodies)])
        for short in re.findall(r"(?<![А-ЯЁа-яё«\"-])([А-ЯЁ]{2,8})(?![А-ЯЁа-яё])", piece):
            if short in seen or short in _KNOWN or short in introduced:
                continue
            seen.add(short)
            if short.lower() not in strings:
                where = f"measure {measure.number}"
                found.append(doubt("abbreviation", {"text": short}, where=where, line=measure.line))
    return found


_CONFUSED = {"з": "вэ", "3": "зэ", "0": "о", "6": "б"}
"""What a scan writes, and the letters that stood there."""
_STEM = 6


def _spoilt_words(document: Document) -> list[PlacedFinding]:
    """Find words that the scan spoilt: one glyph away from a word that the same document has right.

    «Зажнейшие» stands beside «важнейших». Digits inside of words count too.
    """
    words: dict[str, str] = {}
    lines: dict[str, int | None] = {}
    counts: dict[str, int] = {}
    for text, line in _texts(document):
        for word in re.findall(r"[А-Яа-яЁё0-9]{5,}", text):
            stem = word.lower()[:_STEM]
            counts[stem] = counts.get(stem, 0) + 1
            words.setdefault(stem, word)
            lines.setdefault(stem, line)
    found = []
    for stem, word in words.items():
        if re.search(r"(?<=[а-яё])[0З36](?=[а-яё])|^[03](?=[а-яё]{3})", word):
            found.append(doubt("damaged-glyphs", {"text": word}, where="table", line=lines[stem]))
            continue
        if counts[stem] > 1 or len(stem) < _STEM:
            continue
        right = next((r for other in _CONFUSED.get(stem[0], "") if (r := other + stem[1:]) in counts), None)
        if right:
            found.append(doubt("damaged-glyphs", {"text": word}, words[right], "order", line=lines[stem]))
    return found


def _texts(document: Document) -> Iterable[tuple[str, int | None]]:
    for block in document.blocks:
        if isinstance(block, Text):
            yield block.text, block.line
        else:
            for row in block.rows:
                for cell in row.cells:
                    if not cell.merged:
                        yield cell.text, row.line


def _all_text(document: Document) -> str:
    return "\n".join(text for text, _ in _texts(document))
