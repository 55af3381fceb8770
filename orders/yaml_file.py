"""A roadmap.yaml to the definition: text -> values with places -> shape -> meaning -> domain."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path

from domain.roadmap import Decision, Roadmap, Severity
from orders.checks import UNCOUNTABLE, Notes, doubts, errors
from orders.compile import compiled
from orders.findings import DECIDED, PlacedFinding, Words
from orders.positions import Tree
from orders.schema import Document, FindingPart
from orders.yaml_text import in_file, shaped, source_of, tree_of


@dataclass(frozen=True)
class Loaded:
    """What a file says: the definition, none where an error stands among the findings, and the text it came from.

    `document` and `tree` are what the definition was made of, each value with its place. `sketch` is the definition as far
    as it can be told with its errors, for further findings only; none where days or groups cannot be counted.
    `source` is the text as it goes into the log: without a byte order mark and with plain line ends.
    """

    roadmap: Roadmap | None
    source: str
    findings: tuple[PlacedFinding, ...]
    document: Document | None = field(default=None, compare=False, repr=False)
    tree: Tree | None = field(default=None, compare=False, repr=False)
    sketch: Roadmap | None = field(default=None, compare=False, repr=False)

    @property
    def blocked(self) -> bool:
        """Tell whether an error keeps the year from starting."""
        return self.roadmap is None or any(finding.blocks for finding in self.roadmap.findings)


def load_roadmap(path: Path | str) -> Loaded:
    """Read a roadmap.yaml; UnreadableFile, with all problems that were found, where it cannot be read as one."""
    return read_roadmap(source_of(path), str(path))


def read_roadmap(source: str, file: str = "roadmap.yaml") -> Loaded:
    """Read the text of a roadmap.yaml; `file` names it in the findings."""
    tree = tree_of(source, file)
    document = shaped(Document, tree, file)
    notes = Notes(file, tree)
    errors(document, notes)
    written = [_written(at, part, notes) for at, part in enumerate(document.findings)]
    wrong = {finding.code for finding in notes.found if finding.severity is Severity.ERROR}
    if wrong & UNCOUNTABLE:
        return Loaded(None, source, tuple(sorted((*notes.found, *written), key=in_file)))
    roadmap = compiled(document)
    doubtful = Notes(file, tree)
    doubts(document, roadmap, doubtful)
    # A doubt that a person wrote down takes the place of ours.
    names = {(finding.code, finding.where) for finding in written}
    ours = [finding for finding in doubtful.found if (finding.code, finding.where) not in names]
    findings = tuple(sorted((*notes.found, *ours, *written), key=in_file))
    if wrong:
        return Loaded(None, source, findings, document, tree, roadmap)
    definition = replace(roadmap, findings=tuple(finding.finding() for finding in findings))
    return Loaded(definition, source, findings, document, tree, definition)


def _written(at: int, part: FindingPart, notes: Notes) -> PlacedFinding:
    severity = part.severity
    reading = Words(part.reading, part.reading) if part.reading else None
    decision = None
    if part.decision:
        # Settled: it stays in sight, and stops nothing any more.
        severity = Severity.INFO
        decision = Decision(part.decision.by, part.decision.text)
        said = DECIDED.fill({"by": decision.by, "text": decision.text})
        reading = said if reading is None else Words(f"{reading.ru}; {said.ru}", f"{reading.en}; {said.en}")
    place = notes.tree.place(("findings", at))
    where = unicodedata.normalize("NFC", part.where)
    return PlacedFinding(part.code, severity, where, Words(part.text, part.text), reading, notes.file, place, decision)
