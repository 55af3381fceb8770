"""The importer's eye over a roadmap.yaml: each phrase against the dates beside it, each cell against its bodies.

Silent where both say the same, and where a person has already asked or decided at that place.
"""

from __future__ import annotations

from datetime import date

from domain.roadmap import Severity
from domain.workdays import Shift
from orders.checks import RECURRENCE, Notes, column, point_key, point_where
from orders.findings import PlacedFinding
from orders.schema import Document, MeasurePart
from orders.yaml_file import Loaded
from orders.yaml_text import in_file
from reading.bodies import body_key, read_bodies
from reading.deadlines import Period, read_deadline
from reading.doubts import SAID_BY_CHECK


def second_look(loaded: Loaded, file: str) -> tuple[PlacedFinding, ...]:
    """Return the findings of a definition together with those of a second look, in the file's order."""
    document, tree = loaded.document, loaded.tree
    if document is None or tree is None:
        return loaded.findings
    notes = Notes(file, tree)
    asked = {finding.where.partition(", checkpoint")[0] for finding in loaded.findings}
    settled = {
        f.where.partition(", checkpoint")[0] for f in loaded.findings if f.severity is not Severity.INFO or f.decision
    }
    for at, part in enumerate(document.measures):
        if column(part.number, "deadline") not in settled:
            _phrase(document, part, at, notes, asked=column(part.number, "deadline") in asked)
        _turns(part, at, notes)
        if part.responsible and column(part.number, "responsible") not in asked:
            _cell(document, part, at, notes)
    return tuple(sorted((*loaded.findings, *notes.found), key=in_file))


def _phrase(document: Document, part: MeasurePart, at: int, notes: Notes, *, asked: bool) -> None:
    """Hold the dates that are written against those that the phrase gives."""
    where, path = column(part.number, "deadline"), ("measures", at, "deadline")
    signed = document.order.date
    period = Period(document.period.first, document.period.last)
    read = read_deadline(part.deadline, period, signed=signed, calendar=None, shift=Shift.NONE)
    written = {(max(point.starts_on, signed), point.due) for point in part.checkpoints}
    said = {(signed if c.in_turn else max(c.start or signed, signed), c.due) for c in read.checkpoints}
    dates = {due for _, due in written} - {point.due for point in read.behind}
    if any(point.settled for point in part.checkpoints):
        return
    dues = {due for _, due in said}
    if said and dates != dues:
        notes.add("phrase-differs", where, path, phrase=part.deadline, read=_days(said), written=_days(written))
    elif said and {s for s in said if s[0] > signed} - written:
        notes.add("start-differs", where, path, phrase=part.deadline, read=_days(said), written=_days(written))
    elif not asked:
        place = notes.tree.place(path)
        kept = [f for f in read.findings if f.severity is not Severity.INFO and f.code not in SAID_BY_CHECK]
        for finding in kept:
            # What stands in the file was decided by a person, a phrase that nobody can read too: no error any more.
            severe = Severity.WARNING if finding.severity is Severity.ERROR else finding.severity
            notes.found.append(
                PlacedFinding(finding.code, severe, where, finding.words, finding.reading, notes.file, place)
            )


def _turns(part: MeasurePart, at: int, notes: Notes) -> None:
    """Find points of a recurrence that open before the one before them is over: all would be asked for at once."""
    last: dict[str, date] = {}
    for place, point in sorted(enumerate(part.checkpoints), key=lambda one: one[1].due):
        if point.settled or not RECURRENCE.match(point.rule):
            continue
        before = last.get(point.rule)
        last[point.rule] = point.due
        if before is not None and point.starts_on <= before < point.due:
            where = point_where(part, point_key(place, point))
            path = ("measures", at, "checkpoints", place, "from")
            notes.add("opens-early", where, path, due=point.due, start=point.starts_on, before=before)


def _days(points: set[tuple[date, date]]) -> str:
    return ", ".join(f"{start}…{due}" for start, due in sorted(points)) or "—"


def _cell(document: Document, part: MeasurePart, at: int, notes: Notes) -> None:
    """Hold the bodies that are written against those that the cell names; another name for one body is no doubt."""
    found, _ = read_bodies(part.responsible or "")
    if not found:
        return
    names = {body.code: body.name for body in document.bodies}
    members = {body.code: set(body.members or ()) for body in document.bodies}
    codes = {body_key(name): code for code, name in names.items()}
    written = {*part.bodies, *(code for point in part.checkpoints for code in point.bodies or ())}
    unnamed = [body for body in found if codes.get(body_key(body.name)) not in written]
    missing = [body for body in unnamed if not _opened(codes.get(body_key(body.name)), members, written)]
    named = {codes.get(body_key(body.name)) for body in found}
    inside = {code for group in named if group for code in members.get(group, ())}
    added = [code for code in part.bodies if code not in named and code not in inside]
    if len(missing) != len(added):
        cell = ", ".join(body.name for body in found)
        where, path = column(part.number, "responsible"), ("measures", at, "responsible")
        notes.add(
            "cell-differs", where, path, cell=cell, written=", ".join(names.get(code, code) for code in part.bodies)
        )


def _opened(code: str | None, members: dict[str, set[str]], written: set[str]) -> bool:
    """Tell whether a group is written as its members."""
    return bool(code and members.get(code) and members[code] <= written)
