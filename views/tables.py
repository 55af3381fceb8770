"""Reports as tables for people: what each says, in words of one language.

A table is made of typed rows and, where there is one, the definition that knows the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.events import AssignmentOpened, DeadlineMissed
from domain.roadmap import Roadmap
from projections.board import ACCEPTED, LEFT_OPEN, OPEN, REPORTED, UNDATED, BoardRow
from projections.discipline import FIGURES as COUNTED
from projections.discipline import LATE, ON_TIME, OPEN_OVERDUE, DisciplineRow
from projections.grounds import CountedAssignment
from projections.indicators import IndicatorRow, number
from projections.reports import DisciplineReport, IndicatorsReport, Report, Todo, WaitingRow
from views.names import Names, parts
from views.plain import one_line
from views.report_table import BAD, GOOD, HEADING, PALE, ReportColumn, ReportLine, ReportTable
from views.texts import RU, day, days_in, figure, known, text

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}
BODY, SECTION = "body", "section"  # what a page of what is overdue is grouped by
OVERDUE = "overdue"  # what an open assignment is called whose deadline has passed


def board_table(
    report: Report[BoardRow], roadmap: Roadmap | None, lang: str = RU, *, keys: bool = False
) -> ReportTable:
    """Return the board: one line an assignment under the heading of its measure; `keys`: beside labels, for commands."""
    names, rows = Names(roadmap, lang), report.rows
    undated = sum(row.stage == UNDATED for row in rows)
    overdue = sum(row.overdue for row in rows)
    summary = text("board.summary", lang, rows=len(rows), overdue=overdue, undated=undated)

    def line(row: BoardRow) -> ReportLine:
        stage, event, checkpoint = _stage(row), _last_event(row), _point(row, names, keys=keys)
        return ReportLine(
            (
                row.measure,
                checkpoint,
                names.body(row.body),
                text(f"role.{row.role}", lang),
                known(f"stage.{stage}", lang, stage),
                row.due_on,
                row.scheduled_on,
                row.days_late_on(report.as_of) or None,
                row.escalation_level or None,
                known(f"event.{event}", lang, event),
            ),
            group=_heading(row.measure, names),
            part=checkpoint or "",
            tone=_tone(row),
        )

    return ReportTable(
        text("title.board", lang),
        (*_notes(report, roadmap, lang), summary),
        _columns("measure? checkpoint? body role? stage due-on scheduled-on? !days-late !level last-event", lang),
        tuple(map(line, rows)),
        lang,
    )


def todo_table(
    todo: Todo, roadmaps: Mapping[str, Roadmap], lang: str = RU, *, decides: bool | None = None
) -> ReportTable:
    """Return what waits for somebody, in the order of its dates: each measure with the result that it promises.

    `decides`: of two parts, the one that waits for a decision, or the one that waits for the work itself.
    """
    several = len(todo.years) > 1
    names = {key: Names(roadmap, lang) for key, roadmap in roadmaps.items()}
    notes = [
        text("todo.note", lang, title=one_line(roadmaps[roadmap].title), as_of=day(as_of))
        for roadmap, as_of in todo.years
    ]

    def line(waiting: WaitingRow) -> ReportLine:
        row = waiting.row
        known_names = names[row.roadmap]
        stage = _stage(row)
        group = _heading(row.measure, known_names) + (f" [{row.roadmap}]" if several else "")
        point = _point(row, known_names, keys=True) or ""
        result = one_line(waiting.expected_result, 200)
        asked = waiting.asked_until and text(
            "todo.asked", lang, until=day(waiting.asked_until), reason=one_line(waiting.asked_because or "", 80)
        )
        return ReportLine(
            (
                row.due_on,
                known_names.body(row.body),
                known(f"stage.{stage}", lang, stage),
                row.days_late_on(waiting.as_of) or None,
                asked,
            ),
            group=group,
            part="; ".join(filter(None, (point, result and text("todo.result", lang, result=result)))),
            tone=_tone(row),
        )

    return ReportTable(
        text("title.todo" if decides is None else "title.todo.decide" if decides else "title.todo.do", lang),
        tuple(notes),
        _columns("due-on body stage !days-late asked", lang),
        tuple(line(waiting) for waiting in todo.rows if decides in (None, waiting.decides)),
        lang,
    )


def discipline_table(report: Report[DisciplineRow], roadmap: Roadmap | None, lang: str = RU) -> ReportTable:
    """Return executive discipline: one line a body, the total last."""
    names = Names(roadmap, lang)
    columns = _columns("body !due !on-time !late !open-overdue !withdrawn !share", lang)
    return ReportTable(
        text("title.discipline", lang),
        _notes(report, roadmap, lang),
        columns,
        tuple(
            ReportLine(
                (
                    text("total", lang) if row.body is None else names.body(row.body),
                    row.due,
                    row.on_time,
                    row.late,
                    row.open_overdue,
                    row.withdrawn,
                    None if row.share is None else round(row.share * 100, 2),
                ),
                tone=BAD if row.open_overdue else PALE if row.late else GOOD if row.due else "",
            )
            for row in report.rows
        ),
        lang,
    )


def counted_table(report: DisciplineReport, roadmap: Roadmap | None, lang: str = RU) -> ReportTable:
    """Return the assignments that figures of the discipline count, under their bodies, each with its event."""
    names = Names(roadmap, lang)
    figures = {row.body: row for row in report.rows if row.body is not None}
    notes = [
        text("counted.summary", lang, name=names.body(body), **{key: getattr(row, key) for key in COUNTED})
        for body, row in figures.items()
    ]
    counted = sorted(report.counted, key=lambda one: (one.body, COUNTED.index(one.counted_as)))
    return ReportTable(
        text("title.counted", lang),
        (*_notes(report, roadmap, lang), *notes),
        _columns("body? measure checkpoint due-on counted-as !days-late !record", lang),
        tuple(_counted(one, names) for one in counted),
        lang,
    )


def _counted(one: CountedAssignment, names: Names) -> ReportLine:
    lang = names.lang
    measure_number, key, body = parts(one.assignment)
    measure = names.measures.get(measure_number)
    return ReportLine(
        (
            names.body(body),
            f"{measure_number}. {one_line(measure.title, 60)}" if measure else measure_number,
            names.label(measure_number, key) or key,
            one.due_on,
            text(f"column.{one.counted_as.replace('_', '-')}", lang),
            one.days_late or None,
            None if one.event is None else one.event.position,
        ),
        group=names.body(body),
        tone={OPEN_OVERDUE: BAD, LATE: PALE, ON_TIME: GOOD}.get(one.counted_as, ""),
    )


def overdue_table(
    report: Report[BoardRow], roadmap: Roadmap | None, lang: str = RU, by: str = BODY, *, whole: bool = False
) -> ReportTable:
    """Return what is overdue, under each body or section of the plan, what has waited longest first.

    Printed on one A4 page, or `whole` on as many as it takes.
    """
    names = Names(roadmap, lang)
    sections = {section.number: section.title for section in roadmap.sections} if roadmap else {}
    groups: dict[str, list[ReportLine]] = {}
    for row in report.rows:
        measure = names.measures.get(row.measure)
        section = (measure and measure.section) or ""
        body = names.body(row.body)
        group = (
            f"{section}. {one_line(sections[section], HEADING)}" if section in sections else text("no-section", lang)
        )
        group = body if by == BODY else group
        stage = OVERDUE if row.stage == OPEN else row.stage
        point = row.checkpoint
        cells = (
            group,
            f"{row.measure}. {one_line(measure.title)}" if measure else row.measure,
            point and (names.label(row.measure, point) or point),
            *(() if by == BODY else (body,)),
            row.due_on,
            row.days_late_on(report.as_of),
            known(f"stage.{stage}", lang, stage),
        )
        groups.setdefault(group, []).append(ReportLine(cells, group=group, tone=BAD if stage == OVERDUE else PALE))
    return ReportTable(
        text("title.overdue", lang),
        (*_notes(report, roadmap, lang), text("overdue.summary", lang, rows=len(report.rows))),
        _columns(f"{by}? measure checkpoint{'' if by == BODY else ' body'} due-on !days-late stage", lang),
        tuple(line for lines in groups.values() for line in lines),
        lang,
        page=not whole,
    )


def indicators_table(report: IndicatorsReport, roadmap: Roadmap | None, lang: str = RU) -> ReportTable:
    """Return the target indicators: each under its text, all bodies together first, then each body."""
    names = Names(roadmap, lang)
    texts = {indicator.number: indicator for indicator in roadmap.indicators} if roadmap else {}
    events = {(one.indicator, one.body): one.event.position for one in report.values}

    def line(row: IndicatorRow) -> ReportLine:
        indicator = texts.get(row.number)
        said = f". {one_line(indicator.text, 300)}" if indicator else ""
        unit = one_line(indicator.unit, 20) if indicator else ""
        missing = row.answered == 0
        return ReportLine(
            (
                text("all-bodies", lang) if row.body is None else names.body(row.body),
                number(row.numerator),
                number(row.denominator),
                number(row.value),
                unit,
                _target(row.comparator, row.target, lang),
                text("missing", lang) if missing else _verdict(row, lang),
                text("answered-of", lang, answered=row.answered, expected=row.expected),
                None if row.body is None else events.get((row.number, row.body)),
            ),
            group=f"{row.number}{said}",
            tone=PALE if missing or row.reached is not row.so_far else {True: GOOD, False: BAD, None: ""}[row.reached],
        )

    return ReportTable(
        text("title.indicators", lang),
        _notes(report, roadmap, lang),
        _columns("body !numerator !denominator !value unit !target reached answered !record?", lang),
        tuple(map(line, report.rows)),
        lang,
    )


def status_table(document: Mapping[str, Any], roadmap: Roadmap | None, lang: str = RU) -> ReportTable:
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
    return ReportTable(
        text("title.status", lang),
        notes,
        _columns("measure title stage next-wake", lang),
        tuple(
            ReportLine(
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


def _standing(row: Mapping[str, Any], lang: str) -> str:
    """Return where a measure stands; where assignments are overdue, that and how many."""
    if row["overdue"]:
        return f"{text('stage.overdue', lang)}: {row['overdue']}"
    return known(f"stage.{row['stage']}", lang, row["stage"])


def _behind(unsealed: float, lag: int, lang: str) -> tuple[str, ...]:
    """Return how far the log is from being sealed, and the reports from the log; that neither is."""
    waits = text("status.unsealed", lang, seconds=figure(unsealed, lang)) if unsealed >= 1 else ""
    shown = text("status.lag", lang, lag=lag) if lag else ""
    return tuple(filter(None, (waits, shown))) or (text("status.level", lang),)


def _heading(number: str, names: Names) -> str:
    measure = names.measures.get(number)
    return f"{number}. {one_line(measure.title, 300)}" if measure else number


def _stage(row: BoardRow) -> str:
    """Return the stage; an open assignment whose deadline has passed is called by what matters."""
    return OVERDUE if row.overdue and row.stage == OPEN else row.stage


def _last_event(row: BoardRow) -> str:
    """Return what has happened last; a deadline that was over when the work came under control is missed, not begun."""
    late = row.overdue and row.last_event == AssignmentOpened.__name__
    return DeadlineMissed.__name__ if late else row.last_event


def _point(row: BoardRow, names: Names, *, keys: bool) -> str | None:
    """Return a checkpoint by number and label; where its key is a word of ours by the label, the key for commands only."""
    if not (key := row.checkpoint):
        return None
    label = names.label(row.measure, key)
    if not label or key.isdecimal():
        return f"{one_line(key)} · {label}" if label else key
    return f"{label} [{one_line(key)}]" if keys and not names.single(row.measure) else label


def _tone(row: BoardRow) -> str:
    if row.overdue:
        return BAD
    return {ACCEPTED: GOOD, UNDATED: PALE, LEFT_OPEN: BAD, REPORTED: PALE}.get(row.stage, "")


def _columns(keys: str, lang: str) -> tuple[ReportColumn, ...]:
    """Return columns by key: `!` before one of numbers, `?` after one that only files show."""
    return tuple(
        ReportColumn(text(f"column.{key.strip('!?')}", lang), key.startswith("!"), key.endswith("?"))
        for key in keys.split()
    )


def _notes(report: Report[Any], roadmap: Roadmap | None, lang: str) -> tuple[str, ...]:
    title = (one_line(roadmap.title),) if roadmap else ()
    said = text(
        "report.note",
        lang,
        roadmap=report.roadmap,
        as_of=day(report.as_of),
        position=text("none", lang) if report.position is None else report.position,
    )
    return (*title, said)


def _target(comparator: str, target: Decimal | None, lang: str) -> str | None:
    shown = number(target)
    return None if shown is None else f"{SIGNS[comparator]} {figure(shown, lang)}"


def _verdict(row: IndicatorRow, lang: str) -> str:
    """Say whether the target is reached: by all that have to answer, else by those who have so far."""
    if row.so_far is None:
        return text("incomparable", lang)
    said = "yes" if row.so_far else "no"
    return text(said if row.reached is not None else f"{said}-so-far", lang)
