"""The careful clerk: what is wrong or doubtful in a roadmap that can be read.

`errors` looks at the document as written: any of them keeps it from being a roadmap. `doubts` looks at the compiled
roadmap too, with errors in it as far as days can be counted: warnings and information, which stop nothing, and that nobody controls, which stops a start until it is decided. A finding is named by its code and its `where`; one that a
person wrote down under the same name takes the place of ours, with the decision.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from graphlib import CycleError, TopologicalSorter

from domain.roadmap import Checkpoint, ControlPolicy, Measure, Roadmap
from orders.calendars import DECREE, last_known_year, layer_days
from orders.findings import TEXTS, PlacedFinding, Spot, shown
from orders.positions import Path, Tree
from orders.schema import CheckpointPart, Document, MeasurePart

YEARS = range(2005, 2101)  # the eight-hour, five-day week with today's holidays began in 2005
LONGEST_PERIOD = timedelta(days=10 * 366)
BEHIND = timedelta(days=60)
"""How long after a plan's end the report on its last month or quarter may be due."""
RECURRENCE = re.compile(r"(?:monthly|quarterly|half_yearly|weekday_monthly|yearly)")
LONGEST_LEAD = timedelta(days=2 * 366)
SILENT_WINDOW = timedelta(days=124)
MAX_NESTING = 10
MAX_ASSIGNMENTS = 10_000  # of one measure; a city has some hundreds
MAX_YEAR_MEGABYTES = 1000  # of plans in the log, each with the whole registry; a city has one

UNCOUNTABLE = frozenset(
    (
        "period-reversed", "period-out-of-range", "order-after-period", "order-long-before-period", "group-cycle",
        "group-too-deep", "too-many-assignments", "too-large-year",
    )
)  # fmt: skip
"""Errors by which days or assignments cannot be counted: what further findings need."""

# Cyrillic letters that look like Latin ones.
LOOK_ALIKE = str.maketrans("аеорсухіѕјвкмнтАЕОРСУХІЅЈВКМНТ", "aeopcyxisjbkmhtAEOPCYXISJBKMHT")

COLUMNS = {
    "number": "№п/п",
    "title": "Мероприятия",
    "deadline": "Сроки",
    "checkpoints": "Сроки",
    "responsible": "Ответственные",
    "bodies": "Ответственные",
    "expected_result": "Результаты исполнения",
}
# What the shift did: -1 backwards, 1 forwards, 0 nothing.
RULES = {
    -1: ("предшествующий рабочий день", "the preceding working day"),
    1: ("следующий рабочий день", "the following working day"),
    0: ("без переноса", "not moved"),
}


@dataclass
class Notes:
    """Findings as they are made, each placed in the file."""

    file: str
    tree: Tree
    found: list[PlacedFinding] = field(default_factory=list)

    def add(self, code: str, where: str, path: Path, /, **values: object) -> None:
        """Note a finding of the table; values from outside are made fit to be shown."""
        kind = TEXTS[code]
        said = {name: shown(value, 200) for name, value in values.items()}
        reading = kind.reading.fill(said) if kind.reading else None
        place = self.tree.place(path)
        self.found.append(PlacedFinding(code, kind.severity, where, kind.words.fill(said), reading, self.file, place))

    def line(self, path: Path) -> int:
        """Return the line of a value."""
        return self.tree.place(path).line


def column(measure: str, key: str, point: str | None = None) -> str:
    """Return the `where` of a measure's cell; a checkpoint is named where the measure has several."""
    return str(Spot(measure, COLUMNS.get(key, key), point))


def place_names(document: Document, path: Path) -> str:
    """Return the `where` of a path in the file."""
    match path:
        case ("measures", int() as at, str() as key, *_):
            return column(document.measures[at].number, key)
        case _:
            return ".".join(str(part) for part in path)


# ----------------------------------------------------------------------------------------------------------- errors


def errors(document: Document, notes: Notes) -> None:
    """Note everything that keeps the document from being a roadmap."""
    for path, characters in notes.tree.hidden():
        notes.add("hidden-characters", place_names(document, path), path, characters=characters)
    _registry(document, notes)
    _measures(document, notes)
    _indicators(document, notes)
    _period(document, notes)


def _registry(document: Document, notes: Notes) -> None:
    codes: dict[str, Path] = {}
    paths: list[tuple[str, Path]] = [(body.code, ("bodies", at, "code")) for at, body in enumerate(document.bodies)]
    paths += [(person.code, ("people", at, "code")) for at, person in enumerate(document.people)]
    for code, path in paths:
        first = codes.setdefault(code.casefold(), path)  # files are named by codes, and some disks know no case
        if first != path:
            notes.add("duplicate-code", code, path, code=code, first=notes.line(first))
    bodies = {body.code for body in document.bodies}
    for at, body in enumerate(document.bodies):
        _known(body.members or (), bodies, f"body {body.code}", ("bodies", at, "members"), notes)
        if body.reports_to is not None:
            _known((body.reports_to,), bodies, f"body {body.code}", ("bodies", at, "reports_to"), notes)
    for at, person in enumerate(document.people):
        _known((person.body,), bodies, f"person {person.code}", ("people", at, "body"), notes)
    _reports_to(document, notes)
    _groups(document, notes)
    everybody = bodies | {person.code for person in document.people}
    _controller(document.policy.controller, everybody, "policy", ("policy", "controller"), notes)
    if document.policy.controller is None and default_controller(document) is None:
        notes.add("no-controller", "policy", ("policy",))


def default_controller(document: Document) -> str | None:
    """Return the first body that reports to nobody and is no group."""
    return next(iter(_tops(document)), None)


def _tops(document: Document) -> list[str]:
    return [body.code for body in document.bodies if body.reports_to is None and body.members is None]


def _is_above_all(document: Document, code: str) -> bool:
    """Tell the one body that others report to and that reports to nobody itself.

    A registry without `reports_to` says nothing of who is above whom: its first body is as good as any other.
    """
    above = {body.reports_to for body in document.bodies}
    return [top for top in _tops(document) if top in above] == [code]


def _known(
    codes: Iterable[str], known: set[str], where: str, path: Path, notes: Notes, *, code: str = "unknown-body"
) -> None:
    for at, name in enumerate(codes):
        if name not in known:
            ru, en = hint(name, known)
            place = (*path, at) if (*path, at) in notes.tree.values else path
            notes.add(code, where, place, code=name, hint_ru=ru, hint_en=en)


def hint(name: str, known: set[str]) -> tuple[str, str]:
    """Return what may be meant: a code that looks the same in Latin letters, or one nearly the same."""
    latin = unicodedata.normalize("NFKC", name).translate(LOOK_ALIKE)
    same = next((code for code in sorted(known) if code.casefold() == latin.casefold()), None)
    if same and latin.casefold() != name.casefold():
        return (
            f" (похоже на «{same}», но другими буквами: кириллицей)",
            f" (looks like “{same}” but in other letters: Cyrillic)",
        )
    near = [same] if same else difflib.get_close_matches(name, sorted(known), n=1)
    return (f" (может быть, «{near[0]}»?)", f" (perhaps “{near[0]}”?)") if near else ("", "")


def _reports_to(document: Document, notes: Notes) -> None:
    above = {body.code: body.reports_to for body in document.bodies}
    walked: set[str] = set()
    for body in document.bodies:
        chain: dict[str, None] = {}
        code: str | None = body.code
        while code is not None and code not in chain and code not in walked:
            chain[code] = None
            code = above.get(code)
        walked.update(chain)
        if code in chain:  # a circle is told once, from the body at which the walk came into it
            circle = [*chain][[*chain].index(code) :]
            at = next(at for at, inner in enumerate(document.bodies) if inner.code == code)
            numbers = ", ".join(item.number for item in document.measures if set(circle) & set(item.bodies))
            notes.add(
                "reports-to-self" if len(circle) == 1 else "reports-to-cycle",
                f"body {code}",
                ("bodies", at, "reports_to"),
                code=code,
                chain=" → ".join([*circle, code]),
                measures_ru=f" (мероприятия {numbers})" if numbers else "",
                measures_en=f" (measures {numbers})" if numbers else "",
            )


def _groups(document: Document, notes: Notes) -> None:
    """Note groups that hold themselves, and measures that would open into more assignments than can be controlled."""
    members = {body.code: body.members or () for body in document.bodies}
    places = {body.code: at for at, body in enumerate(document.bodies)}
    sizes: dict[str, int] = {}
    levels: dict[str, int] = {}
    try:
        for code in TopologicalSorter(members).static_order():
            inside = members.get(code, ())
            # Counted with repetition, as opening them walks them.
            sizes[code] = sum(sizes[inner] for inner in inside) or 1
            levels[code] = max((levels[inner] for inner in inside), default=0) + 1
            if levels[code] == MAX_NESTING + 1:
                notes.add("group-too-deep", f"body {code}", ("bodies", places[code], "members"), limit=MAX_NESTING)
    except CycleError as error:
        circle = error.args[1][::-1]
        path: Path = ("bodies", places[circle[0]], "members")
        notes.add("group-cycle", f"body {circle[0]}", path, chain=" → ".join(circle))
        return
    for at, part in enumerate(document.measures):
        here = sum(sizes.get(code, 1) for code in part.bodies)
        points = [
            sum(sizes.get(code, 1) for code in point.bodies) if point.bodies else here for point in part.checkpoints
        ]
        if max(here, sum(points)) > MAX_ASSIGNMENTS:
            where, path = column(part.number, "bodies"), ("measures", at, "bodies")
            notes.add("too-many-assignments", where, path, limit=MAX_ASSIGNMENTS)


def _controller(code: str | None, everybody: set[str], where: str, path: Path, notes: Notes) -> None:
    if code is not None:
        _known((code,), everybody, where, path, notes, code="unknown-controller")


def _measures(document: Document, notes: Notes) -> None:
    bodies = {body.code for body in document.bodies}
    everybody = bodies | {person.code for person in document.people}
    each = sum(len(part.model_dump_json().encode()) for part in (*document.bodies, *document.people))
    if (megabytes := each * len(document.measures) // 1_000_000) > MAX_YEAR_MEGABYTES:
        notes.add("too-large-year", "bodies", ("bodies",), megabytes=megabytes, limit=MAX_YEAR_MEGABYTES)
    _unique("section", "duplicate-section", [part.number for part in document.sections], ("sections",), notes)
    sections = {part.number for part in document.sections}
    numbers = [part.number for part in document.measures]
    _unique("measure", "duplicate-number", numbers, ("measures",), notes)
    for at, part in enumerate(document.measures):
        path: Path = ("measures", at)
        if part.section is not None and part.section not in sections:
            notes.add("unknown-section", f"measure {part.number}", (*path, "section"), number=part.section)
        if not part.bodies:
            notes.add("no-body", column(part.number, "bodies"), (*path, "bodies"))
        _known(part.bodies, bodies, column(part.number, "bodies"), (*path, "bodies"), notes)
        if part.policy is not None:
            where = f"measure {part.number}"
            _controller(part.policy.controller, everybody, where, (*path, "policy", "controller"), notes)
        _checkpoints(document, part, path, notes, bodies)


def _unique(thing: str, code: str, numbers: list[str], path: Path, notes: Notes) -> None:
    first: dict[str, int] = {}
    for at, number in enumerate(numbers):
        if first.setdefault(number, at) != at:
            line = notes.line((*path, first[number], "number"))
            notes.add(code, f"{thing} {number}", (*path, at, "number"), number=number, first=line)


def point_key(at: int, point: CheckpointPart) -> str:
    """Return the key of a checkpoint: as written, else its place in the list from 1."""
    return point.key or str(at + 1)


def point_where(part: MeasurePart, key: str) -> str:
    """Return the `where` of a checkpoint's dates."""
    return column(part.number, "checkpoints", key if len(part.checkpoints) > 1 else None)


def _checkpoints(document: Document, part: MeasurePart, above: Path, notes: Notes, bodies: set[str]) -> None:
    keys: dict[str, Path] = {}
    for at, point in enumerate(part.checkpoints):
        path: Path = (*above, "checkpoints", at)
        key = point_key(at, point)
        where = point_where(part, key)
        first = keys.setdefault(key, path)
        if first != path:
            notes.add("duplicate-checkpoint", where, (*path, "key"), key=key, first=notes.line((*first, "key")))
        _known(point.bodies or (), bodies, where, (*path, "bodies"), notes)
        _dates(document, point, where, path, notes)


def _dates(document: Document, point: CheckpointPart, where: str, path: Path, notes: Notes) -> None:
    order, first, last = document.order.date, document.period.first, document.period.last
    due, due_path = (point.due, (*path, "due")) if point.due_on is None else (point.due_on, (*path, "due_on"))
    start = max(point.starts_on, order)
    if point.due < point.starts_on:
        notes.add("due-before-start", where, (*path, "due"), due=point.due, start=point.starts_on)
    elif due < point.starts_on:
        notes.add("due-before-start", where, due_path, due=due, start=point.starts_on)
    elif due < order:
        notes.add("due-before-order", where, due_path, due=due, day=order)
    for day, name in ((point.starts_on, "from"), (point.due, "due"), (point.due_on, "due_on")):
        if day is not None and first <= last < day <= last + BEHIND and RECURRENCE.match(point.rule):
            notes.add("report-behind-period", where, (*path, name), day=day, last=last)
        elif day is not None and first <= last < day:
            notes.add("outside-period", where, (*path, name), day=day, first=first, last=last)
    for at, day in enumerate(point.interim):
        if not start <= day < due:
            notes.add("interim-outside-window", where, (*path, "interim", at), day=day, start=start, due=due)


def _indicators(document: Document, notes: Notes) -> None:
    bodies = {body.code for body in document.bodies}
    numbers = [part.number for part in document.indicators]
    _unique("indicator", "duplicate-indicator", numbers, ("indicators",), notes)
    first, last = min(document.period.first, document.order.date), document.period.last
    for at, part in enumerate(document.indicators):
        path: Path = ("indicators", at)
        where = f"indicator {part.number}"
        _known(part.bodies, bodies, where, (*path, "bodies"), notes)
        if part.reference is not None:
            _known((part.reference,), bodies, where, (*path, "reference"), notes)
        if sum((part.target is not None, part.reference is not None, part.baseline)) > 1:
            notes.add("indicator-two-targets", where, path)
        if part.due is not None and not first <= part.due <= last:
            notes.add("outside-period", where, (*path, "due"), day=part.due, first=first, last=last)


def _period(document: Document, notes: Notes) -> None:
    order, first, last = document.order.date, document.period.first, document.period.last
    if last < first:
        notes.add("period-reversed", "period", ("period", "to"))
    elif {first.year, last.year, order.year} - set(YEARS) or last - first > LONGEST_PERIOD:
        notes.add("period-out-of-range", "period", ("period", "from"))
    elif order > last:
        notes.add("order-after-period", "order", ("order", "date"), day=order)
    elif first - order > LONGEST_LEAD:
        notes.add("order-long-before-period", "order", ("order", "date"), day=order)


# ----------------------------------------------------------------------------------------------------------- doubts


def doubts(document: Document, roadmap: Roadmap, notes: Notes) -> None:
    """Note what a careful clerk would ask about."""
    if document.id is None:
        notes.add("id-by-default", "id", (), id=roadmap.id)
    if default_controller(document) is None and document.policy.controller is None:
        pass  # told among the errors
    elif document.policy.controller is None and not _is_above_all(document, roadmap.policy.controller):
        notes.add("no-controller", "policy", ("policy",))
    elif document.policy.controller is None:
        notes.add("controller-by-default", "policy", ("policy",), code=roadmap.policy.controller)
    if roadmap.period.last.year > last_known_year():
        notes.add("calendar-not-published", "period", ("period", "to"), year=roadmap.period.last.year)
    _time_doubts(roadmap.policy, "policy", ("policy", "due_time"), notes)
    _body_doubts(document, roadmap, notes)
    for at, (part, measure) in enumerate(zip(document.measures, roadmap.measures, strict=True)):
        _measure_doubts(roadmap, part, measure, ("measures", at), notes)
    for at, indicator in enumerate(roadmap.indicators):
        if indicator.target is None and indicator.reference is None and not indicator.baseline:
            where, path = f"indicator {indicator.number}", ("indicators", at)
            notes.add("indicator-without-target", where, path, number=indicator.number)


def _time_doubts(policy: ControlPolicy, where: str, path: Path, notes: Notes) -> None:
    """Note a due day that is over before it begins."""
    if policy.due_time <= policy.opens_at:
        times = {"due_time": f"{policy.due_time:%H:%M}", "opens_at": f"{policy.opens_at:%H:%M}"}
        notes.add("due-time-before-opening", where, path, **times)


def _body_doubts(document: Document, roadmap: Roadmap, notes: Notes) -> None:
    used = set(_answering(document, roadmap))
    names = {body.code: body.name for body in document.bodies}
    for at, body in enumerate(document.bodies):
        where, path = f"body {body.code}", ("bodies", at)
        if body.members == ():
            notes.add("group-without-members", where, path, name=body.name)
        if body.sample:
            members = ", ".join(names.get(code, code) for code in body.members or ())
            notes.add("sample-members", where, path, name=body.name, members=members)
        if body.code not in used:
            notes.add("unused-body", where, path, name=body.name)


def _answering(document: Document, roadmap: Roadmap) -> Iterator[str]:
    """Yield the codes that have something to do: they answer, report values, control, or are told."""
    yield roadmap.policy.controller
    for person in document.people:
        yield person.body
    for body in document.bodies:
        yield from (body.members or ())
        yield body.reports_to or ""
    for measure in document.measures:
        yield from measure.bodies
        for point in measure.checkpoints:
            yield from (point.bodies or ())
    for indicator in document.indicators:
        yield from (*indicator.bodies, indicator.reference or "")


def _measure_doubts(roadmap: Roadmap, part: MeasurePart, measure: Measure, path: Path, notes: Notes) -> None:
    if part.policy is not None and measure.policy is not None and (part.policy.due_time or part.policy.opens_at):
        _time_doubts(measure.policy, f"measure {part.number}", (*path, "policy", "due_time"), notes)
    if not measure.checkpoints:
        notes.add("undated", column(part.number, "deadline"), (*path, "checkpoints"), deadline=part.deadline)
    if len(part.checkpoints) > 1 and any(point.key is None for point in part.checkpoints):
        keys = ", ".join(point.key for point in measure.checkpoints)
        notes.add("keys-by-default", column(part.number, "checkpoints"), (*path, "checkpoints"), keys=keys)
    # From the signing to the end of the plan there may be one August only: then it says which.
    augusts = sum(
        roadmap.order.date <= date(year, 8, 31) and date(year, 8, 1) <= roadmap.period.last
        for year in range(roadmap.order.date.year, roadmap.period.last.year + 1)
    )
    if augusts > 1 and re.search(r"(?<!\w)август[аеу]?(?!\w)(?!\s*\d{4})", part.deadline, re.IGNORECASE):
        dues = ", ".join(str(point.due) for point in measure.checkpoints)
        notes.add("bare-august", column(part.number, "deadline"), (*path, "deadline"), due=dues)
    for at, (written, point) in enumerate(zip(part.checkpoints, measure.checkpoints, strict=True)):
        where, place = point_where(part, point.key), (*path, "checkpoints", at)
        _point_doubts(roadmap, written, point, where=where, path=place, notes=notes)


def _point_doubts(
    roadmap: Roadmap, written: CheckpointPart, point: Checkpoint, *, where: str, path: Path, notes: Notes
) -> None:
    order, calendar, add = roadmap.order.date, roadmap.calendar, notes.add
    if written.starts_on < order:
        add("window-before-order", where, (*path, "from"), start=written.starts_on, day=order)
    if point.due < roadmap.period.first:
        add("before-period", where, (*path, "due"), due=point.due, first=roadmap.period.first)
    due = written.due_on or point.due
    if calendar.first <= due <= calendar.last and not calendar.is_working(due):
        ru, en = RULES[(point.due_on > due) - (point.due_on < due)]
        add("non-working-due", where, (*path, "due"), due=due, due_on=point.due_on, rule_ru=ru, rule_en=en)
    if not roadmap.policy.decree_days and (act := layer_days(DECREE).get(point.due_on)):
        add("decree-day", where, (*path, "due"), due_on=point.due_on, act=act)
    if written.due_on is not None and written.settled is None and written.due_on != written.due:
        add("due-on-unexplained", where, (*path, "due_on"), due_on=written.due_on, computed=written.due)
    if point.due_on - point.starts_on > SILENT_WINDOW and not point.interim:
        add("silent-window", where, (*path, "from"))
