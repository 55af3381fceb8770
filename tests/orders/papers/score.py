"""Holds what the reader reads in the papers of one folder against their labels, and counts.

`python -m tests.orders.papers.score mend` prints the sums; `--each` also what was not right, paper by paper. The rules
of counting are told in README.md.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

import click
from ruamel.yaml import YAML

from domain.roadmap import Severity
from reading.documents.model import UnreadableDocument
from reading.importer import import_document
from reading.yaml_write import roadmap_text
from tests.orders.papers.notation import ASK, FOLDERS, Indicator, Measure, Paper, papers
from tests.orders.papers.writing import write


@dataclass(frozen=True)
class ReadMeasure:
    """One measure as the reader has it; a body is its words and its name."""

    number: str
    title: str
    dues: tuple[date, ...]
    starts: tuple[tuple[date, date], ...] = ()
    bodies: tuple[tuple[str, ...], ...] = ()
    sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadIndicator:
    """One indicator as the reader has it."""

    number: str
    name: str
    goal: float | None
    direction: str | None
    unit: str | None


@dataclass(frozen=True)
class Question:
    """A finding of severity error or warning."""

    code: str
    where: str
    text: str
    error: bool = False


@dataclass(frozen=True)
class Reading:
    """All that the reader said of a document; `crash` and `refused` are the words of how it ended otherwise."""

    order: tuple[str, date | None] = ("", None)
    period: tuple[date, date] | None = None
    controller: str = ""
    measures: tuple[ReadMeasure, ...] = ()
    indicators: tuple[ReadIndicator, ...] = ()
    questions: tuple[Question, ...] = ()
    crash: str = ""
    refused: str = ""


def read(path: Path) -> Reading:
    """Read a document with the reader, and its draft for the controller; never raises."""
    try:
        imported = import_document(path)
        controller = _controller(roadmap_text(imported))
    except UnreadableDocument as refusal:
        return Reading(refused=str(refusal))
    except Exception as crash:  # whatever it is, it is what is counted
        return Reading(crash=repr(crash))
    titles: dict[str, tuple[str, ...]] = {}
    for section in imported.sections:
        titles[section.number] = (*titles.get(section.number, ()), section.title)
    return Reading(
        (imported.order.number, imported.order.date),
        (imported.period.start, imported.period.end) if imported.period else None,
        controller,
        tuple(
            ReadMeasure(
                m.number,
                m.title,
                tuple(sorted({c.due for c in m.checkpoints if c.due})),
                tuple((c.due, c.start) for c in m.checkpoints if c.due and c.start),
                tuple((b.verbatim, b.name) for b in m.bodies),
                (m.section, *titles.get(m.section, ())),
            )
            for m in imported.measures
        ),
        tuple(ReadIndicator(i.number, i.text, i.target, i.comparator, i.unit) for i in imported.indicators),
        tuple(
            Question(f.code, f.where, f.text(), f.severity is Severity.ERROR)
            for f in imported.findings
            if f.severity in (Severity.ERROR, Severity.WARNING)
        ),
    )


def _controller(draft: str) -> str:
    """Return the names and posts of the controller in a draft."""
    tree = YAML(typ="safe").load(draft)
    code = (tree.get("policy") or {}).get("controller")
    parts = [*(tree.get("bodies") or ()), *(tree.get("people") or ())]
    return " ".join(
        str(part.get(key) or "") for part in parts if code and part["code"] == code for key in ("name", "post")
    )


@dataclass
class Score:
    """Counts by what was counted, and what was not right, in words."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, key: str, note: str = "") -> None:
        """Count one; a note is what a person looks at."""
        self.counts[key] += 1
        if note:
            self.notes.append(f"{key}: {note}")


def folded(text: str) -> str:
    """Return the letters and digits of a text, small, without blanks: words split by a layout stay the same."""
    return re.sub(r"[\W_]", "", text.casefold().replace("ё", "е"))


def score(paper: Paper, reading: Reading) -> Score:
    """Count one paper."""
    result = Score()
    result.add("documents")
    if reading.crash:
        result.add("documents crashed", reading.crash)
    places = _paired([m.title for m in paper.measures], [m.title for m in reading.measures])
    for label, place in zip(paper.measures, places, strict=True):
        result.add("measures")
        if place is not None:
            _measure(result, label, reading.measures[place], reading)
        else:
            kind = "told" if _lost_is_told(label.title, reading, not reading.measures) else "in silence"
            result.add(f"measures lost, {kind}", label.title)
    for at, extra in enumerate(reading.measures):
        if at not in places:
            kind = "asked" if _asked(reading, extra.number, "deadline") else "in silence"
            result.add(f"measures invented, {kind}", extra.title)
    _indicators(result, paper, reading)
    _head(result, paper, reading)
    result.counts["questions"] += len(reading.questions)
    return result


def _paired(labels: Sequence[str], read_ones: Sequence[str]) -> list[int | None]:
    """Return for each label the place of what was read for it: the same words, else what begins with or holds them."""
    found: dict[int, int] = {}
    for alike in (_same, _begins, _holds, _near):
        for at, label in enumerate(labels):
            if at not in found:
                left = (n for n in range(len(read_ones)) if n not in found.values())
                place = next((n for n in left if alike(folded(label), folded(read_ones[n]))), None)
                if place is not None:
                    found[at] = place
    return [found.get(at) for at in range(len(labels))]


LEAST = 6
"""Letters that two titles must share to be one."""


def _same(label: str, one: str) -> bool:
    return label == one


def _begins(label: str, one: str) -> bool:
    short = min(len(label), len(one))
    return short >= LEAST and label[:short] == one[:short]


def _holds(label: str, one: str) -> bool:
    return len(label) >= LEAST and label in one


def _near(label: str, one: str) -> bool:
    return SequenceMatcher(None, label, one, autojunk=False).ratio() > 0.85


def _lost_is_told(title: str, reading: Reading, all_lost: bool) -> bool:
    """Tell whether a question names the first words of a title; where nothing was read, any error does."""
    if reading.refused or (all_lost and any(question.error for question in reading.questions)):
        return True
    words = folded(title)[:20]
    return any(words in folded(question.text) for question in reading.questions)


PARTS = {
    "deadline": r"срок|дат|период|врем|когда|месяц|окончан|начал|quarter|deadline",
    "bodies": r"ответств|исполн|\bкто|отвеча|провер|bod",
    "title": r"мероприят|содерж|наимен|назван|работ|задач|title",
}
ABOUT_BODIES = re.compile(r"bod(y|ies)|separator|one-or-several|number-range|recommendation|responsible")
ABOUT_NEITHER = re.compile(r"^(number|duplicate-number|truncated-number|abbreviation|two-names|missing-title|row-)")


def _asked(reading: Reading, number: str, part: str) -> bool:
    """Tell whether a question is about this part («deadline», «bodies») of the measure."""
    for question in reading.questions:
        where = re.match(r"measure ([^,]+)(?:, column ([^,]+))?", question.where)
        if not where or where[1] != number:
            continue
        column = (where[2] or "").casefold()
        named = next((name for name, words in PARTS.items() if re.search(words, column)), "")
        if not named and not ABOUT_NEITHER.search(question.code):
            named = "bodies" if ABOUT_BODIES.search(question.code) else "deadline"
        if named == part:
            return True
    return False


def _measure(result: Score, label: Measure, found: ReadMeasure, reading: Reading) -> None:
    result.add("measures found")
    at = f"{label.number or '-'} {label.title[:40]}"
    if label.number is not None:
        own = found.number == label.number or found.number.endswith((f".{label.number}", f"-{label.number}"))
        result.add("numbers right" if own else "numbers wrong", "" if own else f"{at}: {found.number}")
    if label.section:
        own = any(
            one and (folded(one) in folded(label.section) or folded(label.section) in folded(one))
            for one in found.sections
        )
        result.add("sections right" if own else "sections wrong", "" if own else f"{at}: {found.sections}")
    asked = _asked(reading, found.number, "deadline") or not found.dues
    said = f"{at}: «{label.deadline}» {[str(day) for day in found.dues]}"
    _count(result, "deadlines", said, right=found.dues in label.dues, asked=asked, may_ask=ASK in label.dues)
    for due, start in label.starts:
        own = (due, start) in found.starts
        result.add("starts right" if own else "starts wrong", "" if own else f"{at}: {found.starts}")
    asked = _asked(reading, found.number, "bodies") or (not found.bodies and label.bodies != ())
    right = label.bodies is not None and _same_bodies(label.bodies, found.bodies)
    said = f"{at}: {[words[0] for words in found.bodies]}"
    _count(result, "bodies", said, right=right, asked=asked, may_ask=label.may_ask or label.bodies is None)


def _count(result: Score, what: str, said: str, *, right: bool, asked: bool, may_ask: bool) -> None:
    """Count a value: right, rightly asked about, asked about though it is plain, or wrong in silence."""
    result.add(what)
    if right:
        result.add(f"{what} right")
    elif asked and may_ask:
        result.add(f"{what} rightly asked")
    elif asked:
        result.add(f"{what} asked", said)
    else:
        result.add(f"{what} wrong in silence", said)


def _same_bodies(labels: Iterable[str], read_ones: Sequence[tuple[str, ...]]) -> bool:
    left = list(read_ones)
    for label in labels:
        one = next((one for one in left if any(_same_body(label, words) for words in one)), None)
        if one is None:
            return False
        left.remove(one)
    return not left


def _same_body(label: str, one: str) -> bool:
    """Tell whether two names are of one body, whatever its case and what stands in brackets; numbers are names too."""
    bare = [folded(re.sub(r"\([^)]*\)", "", text)) or folded(text) for text in (label, one)]
    if re.findall(r"\d+", bare[0]) != re.findall(r"\d+", bare[1]):
        return False
    return (
        bare[0] in bare[1]
        or bare[1] in bare[0]
        or SequenceMatcher(None, bare[0], bare[1], autojunk=False).ratio() > 0.8
    )


def _indicators(result: Score, paper: Paper, reading: Reading) -> None:
    places = _paired([i.name for i in paper.indicators], [i.name for i in reading.indicators])
    for label, place in zip(paper.indicators, places, strict=True):
        result.add("indicators")
        if place is not None:
            _indicator(result, label, reading.indicators[place], reading)
        else:
            kind = "told" if _lost_is_told(label.name, reading, not reading.indicators) else "in silence"
            kind = "told" if any(q.code == "indicators-not-read" for q in reading.questions) else kind
            result.add(f"indicators lost, {kind}", label.name)
    for at, extra in enumerate(reading.indicators):
        if at not in places:
            result.add("indicators invented", extra.name)


def _indicator(result: Score, label: Indicator, found: ReadIndicator, reading: Reading) -> None:
    result.add("indicators found")
    mine = [q for q in reading.questions if q.where == f"indicator {found.number}"]
    said = f"{label.name[:40]}: {found.direction} {found.goal} {found.unit}"
    _count(result, "goals", said, right=found.goal in label.goals and found.goal is not None,
           asked=bool(mine) or found.goal is None, may_ask=ASK in label.goals)  # fmt: skip
    plain = label.direction.removesuffix("?")
    right = found.direction == plain or (label.direction.endswith("?") and found.direction in (None, "="))
    _count(result, "directions", said, right=right, asked=bool(mine), may_ask=label.direction == "ask")


def _head(result: Score, paper: Paper, reading: Reading) -> None:
    if reading.crash or reading.refused:
        return

    def questioned(*words: str) -> bool:
        return any(word in question.code for question in reading.questions for word in words)

    number, days = paper.order
    said = f"{reading.order}, {reading.period}, {reading.controller}"
    asked = questioned("order-number", "order-data")
    _count(
        result, "order numbers", said, right=folded(reading.order[0]) == folded(number), asked=asked, may_ask=not number
    )
    asked = questioned("order-date", "order-data")
    right = reading.order[1] in days or (reading.order[1] is None and not days)
    _count(result, "order dates", said, right=right, asked=asked, may_ask=ASK in days)
    if paper.measures:
        asked = questioned("period") or reading.period is None
        right = reading.period is not None and reading.period in paper.period
        _count(result, "periods", said, right=right, asked=asked, may_ask=None in paper.period)
        right = _same_person(paper.controller, reading.controller)
        asked = questioned("controller") or not reading.controller
        _count(result, "controllers", said, right=right, asked=asked, may_ask=paper.controller in ("", "ask"))


def _same_person(label: str, found: str) -> bool:
    stems = [{word[:5] for word in re.findall(r"\w{5,}", text.casefold())} for text in (label, found)]
    return bool(stems[0] & stems[1])


def report(total: Counter[str]) -> list[str]:
    """Return the sums as lines."""
    lines = []
    for key in sorted(total):
        whole = total.get(key.split(" ")[0], 0)
        part = f"  {100 * total[key] / whole:5.1f} %" if whole and " " in key else ""
        lines.append(f"{key:32}{total[key]:6}{part}")
    return lines


def score_half(half: str, folder: Path, reader: Callable[[Path], Reading] = read) -> Iterator[tuple[Paper, Score]]:
    """Write each paper of a half into the folder, read it and count it."""
    for paper in papers(half):
        yield paper, score(paper, reader(write(paper, folder)))


@click.command()
@click.argument("half", type=click.Choice(FOLDERS))
@click.option("--each", is_flag=True, help="Also what was not right, paper by paper.")
def main(half: str, *, each: bool) -> None:
    """Score the papers of a folder."""
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for paper, result in score_half(half, Path(folder)):
            total += result.counts
            for note in result.notes if each else ():
                click.echo(f"{paper.name}: {note}")
    for line in report(total):
        click.echo(line)


if __name__ == "__main__":
    main()
