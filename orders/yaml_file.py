"""A roadmap.yaml to the definition: text -> values with places -> shape -> meaning -> domain."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.roadmap import Decision, Roadmap, Severity
from orders import schema
from orders.checks import Notes, doubts, errors
from orders.compile import compiled
from orders.findings import DECIDED, UNREADABLE, Place, PlacedFinding, UnreadableRoadmap, Words, shown
from orders.positions import Path as YamlPath
from orders.positions import Tree, Trouble, UnreadableYaml, read_tree
from orders.schema import Document, FindingPart

MAX_MEGABYTES = 1  # the year of a city is 40 kB; the scanner reads about half a megabyte a second
MAX_PROBLEMS = 100


@dataclass(frozen=True)
class Loaded:
    """What a file says: the definition, none where an error stands among the findings, and the text it came from.

    `source` is the text as it goes into the log: without a byte order mark and with plain line ends.
    """

    roadmap: Roadmap | None
    source: str
    findings: tuple[PlacedFinding, ...]

    @property
    def blocked(self) -> bool:
        """Tell whether an error keeps the year from starting."""
        return self.roadmap is None or any(finding.blocks for finding in self.roadmap.findings)


def load_roadmap(path: Path | str) -> Loaded:
    """Read a roadmap.yaml; UnreadableRoadmap, with all problems that were found, where it cannot be read as one."""
    source = _source(path)
    return read_roadmap(source, str(path))


def read_roadmap(source: str, file: str = "roadmap.yaml") -> Loaded:
    """Read the text of a roadmap.yaml; `file` names it in the findings."""
    try:
        tree = read_tree(source)
    except UnreadableYaml as error:
        raise UnreadableRoadmap((_problem(file, error.trouble),)) from error
    if not tree.values or tree.data is None:
        raise UnreadableRoadmap((_problem(file, Trouble("empty-file", Place(1, 1))),))
    document = _document(tree, file)
    notes = Notes(file, tree)
    errors(document, notes)
    roadmap = None
    if not notes.found:
        roadmap = compiled(document)
        doubts(document, roadmap, notes)
    findings = _with_decisions(document, notes)
    if roadmap is not None:
        roadmap = replace(roadmap, findings=tuple(finding.finding() for finding in findings))
    return Loaded(roadmap, source, findings)


# ------------------------------------------------------------------------------------------------------------- text


def _source(path: Path | str) -> str:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_MEGABYTES * 1_000_000 + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableRoadmap((_problem(str(path), Trouble("cannot-open", None, {"problem": reason})),)) from error
    if len(raw) > MAX_MEGABYTES * 1_000_000:
        trouble = Trouble("file-too-large", None, {"limit": str(MAX_MEGABYTES)})
        raise UnreadableRoadmap((_problem(str(path), trouble),))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableRoadmap((_problem(str(path), _encoding(raw, error.start)),)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(raw: bytes, offset: int) -> Trouble:
    before = raw[:offset].rpartition(b"\n")
    place = Place(raw[:offset].count(b"\n") + 1, len(before[2].decode("utf-8", "replace")) + 1)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Trouble("not-utf-8", place, {"guess": "UTF-16"})
    letters = [letter for letter in raw.decode("utf-8", "replace") if not letter.isascii()]
    if letters.count("\ufffd") * 2 < len(letters):
        return Trouble("damaged-utf-8", place)
    return Trouble("not-utf-8", place, {"guess": "Windows-1251"})


# ------------------------------------------------------------------------------------------------------------ shape


def _document(tree: Tree, file: str) -> Document:
    """Return the document of the values; UnreadableRoadmap with all that does not fit the schema."""
    troubles = list(tree.troubles)
    try:
        document = Document.model_validate(tree.data)
    except ValidationError as error:
        known = {trouble.path for trouble in troubles}
        details = error.errors(include_url=False, include_context=True)
        troubles += [_trouble(detail, tree) for detail in details if detail["loc"] not in known]
    else:
        if not troubles:
            return document
    problems = sorted((_problem(file, trouble) for trouble in troubles), key=_in_file)
    raise UnreadableRoadmap(tuple(problems[:MAX_PROBLEMS]))


def _in_file(problem: PlacedFinding) -> tuple[int, int]:
    return (problem.place.line, problem.place.column) if problem.place else (0, 0)


# Pydantic's kinds of error, in our codes; the schema's own errors carry our codes already.
_CODES = {
    "missing": "missing-field",
    "extra_forbidden": "unknown-key",
    "string_type": "text-wanted",
    "tuple_type": "list-wanted",
    "model_type": "mapping-wanted",
    "string_too_short": "text-empty",
    "string_too_long": "text-too-long",
    "too_long": "list-too-long",
    "too_short": "list-too-short",
    "int_type": "whole-number-wanted",
    "int_parsing": "whole-number-wanted",
    "int_parsing_size": "number-too-long",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
    "bool_type": "bool-wanted",
    "bool_parsing": "bool-wanted",
    "enum": "one-of",
    "literal_error": "one-of",
    "decimal_type": "number-wanted",
    "decimal_parsing": "number-wanted",
    "decimal_max_digits": "number-too-long",
    "decimal_max_places": "number-too-long",
    "decimal_whole_digits": "number-too-long",
    "finite_number": "number-wanted",
}


def _trouble(detail: ErrorDetails, tree: Tree) -> Trouble:
    path: YamlPath = detail["loc"]
    context = detail.get("ctx", {})
    code = _CODES.get(detail["type"], detail["type"])
    if code not in UNREADABLE:
        return Trouble("bad-value", tree.place(path), {"problem": shown(detail["msg"], 200)}, path)
    values = {name: shown(value, 120) for name, value in context.items()}
    if code == "unknown-key":
        return Trouble(code, tree.key_place(path), {"key": shown(path[-1])} | _hint(str(path[-1])), path)
    if code == "missing-field":
        values["field"] = str(path[-1])
    if code in {"text-too-long", "list-too-long", "out-of-range"}:
        values["limit"] = _limit(context)
    return Trouble(code, tree.place(path), values, path)


def _limit(context: dict[str, Any]) -> str:
    signs = {"ge": "≥ ", "le": "≤ ", "max_length": ""}
    return next(f"{sign}{context[name]}" for name, sign in signs.items() if name in context)


def _hint(key: str) -> dict[str, str]:
    parts = [kind for kind in vars(schema).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]
    known = {field.alias or name for part in parts for name, field in part.model_fields.items()}
    near = difflib.get_close_matches(key, sorted(known), n=1)
    if not near:
        return {"hint_ru": "", "hint_en": ""}
    return {"hint_ru": f": может быть, «{near[0]}»?", "hint_en": f": perhaps “{near[0]}”?"}


def _problem(file: str, trouble: Trouble) -> PlacedFinding:
    kind = UNREADABLE[trouble.code]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in trouble.path).removeprefix(".")
    words = kind.words.fill(trouble.values)
    return PlacedFinding(trouble.code, kind.severity, shown(where, 200), words, None, file, trouble.place)


# -------------------------------------------------------------------------------------------------------- decisions


def _with_decisions(document: Document, notes: Notes) -> tuple[PlacedFinding, ...]:
    """Return all findings in the file's order; one that a person wrote down takes the place of ours."""
    written = [_written(at, part, notes) for at, part in enumerate(document.findings)]
    names = {(finding.code, finding.where) for finding in written}
    ours = [finding for finding in notes.found if (finding.code, finding.where) not in names]
    return tuple(sorted((*ours, *written), key=_in_file))


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
