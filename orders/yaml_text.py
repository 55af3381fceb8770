"""What all our YAML files share: from bytes to values that have the wanted shape, every problem with its place."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from orders.findings import UNREADABLE, Place, PlacedFinding, UnreadableFile, shown
from orders.positions import Path as YamlPath
from orders.positions import Tree, Trouble, UnreadableYaml, read_tree
from orders.schema import Part
from orders.troubles import why

MAX_MEGABYTES = 4  # the year of a city is 40 kB; the scanner reads about half a megabyte a second
MAX_PROBLEMS = 100
MAX_DETAILS = 1_000  # looked at, of which the first in the file are told

T = TypeVar("T")


def source_of(path: Path | str) -> str:
    """Return the text of a file, without a byte order mark and with plain line ends; UnreadableFile if there is none."""
    raw = bytes_of(path, MAX_MEGABYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile((problem(str(path), not_utf_8(raw, error.start)),)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def bytes_of(path: Path | str, megabytes: int) -> bytes:
    """Return the content of a file; UnreadableFile where it cannot be read or is larger than that."""
    try:
        if stat.S_IFMT(Path(path).stat().st_mode) not in {stat.S_IFREG, stat.S_IFDIR}:
            raise not_opened(
                path, "это канал или устройство", "a pipe or a device"
            )  # it would be waited for without end
        with Path(path).open("rb") as file:
            raw = file.read(megabytes * 1_000_000 + 1)
    except (OSError, ValueError) as error:
        raise not_opened(path, *why(error)) from error
    if len(raw) > megabytes * 1_000_000:
        trouble = Trouble("file-too-large", None, {"limit": str(megabytes)})
        raise UnreadableFile((problem(str(path), trouble),))
    return raw


def not_utf_8(raw: bytes, offset: int) -> Trouble:
    """Return what bytes are that are not UTF-8 from an offset on."""
    before = raw[:offset].rpartition(b"\n")
    place = Place(raw[:offset].count(b"\n") + 1, len(before[2].decode("utf-8", "replace")) + 1)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Trouble("not-utf-8", place, {"guess": "UTF-16"})
    letters = [letter for letter in raw.decode("utf-8", "replace") if not letter.isascii()]
    if letters.count("\ufffd") * 2 < len(letters):
        return Trouble("damaged-utf-8", place)
    return Trouble("not-utf-8", place, {"guess": "Windows-1251"})


def tree_of(source: str, file: str) -> Tree:
    """Return the values of a YAML text with their places; UnreadableFile where it is broken or empty."""
    try:
        tree = read_tree(source)
    except UnreadableYaml as error:
        raise UnreadableFile((problem(file, error.trouble),)) from error
    if tree.data is None and not tree.troubles:
        raise UnreadableFile((problem(file, Trouble("empty-file", Place(1, 1))),))
    return tree


def shaped(kind: type[T], tree: Tree, file: str) -> T:
    """Return the values in the wanted shape; UnreadableFile with all that does not fit it."""
    troubles = list(tree.troubles)
    try:
        value = TypeAdapter(kind).validate_python(tree.data)
    except ValidationError as error:
        known = {trouble.path for trouble in troubles}
        details = error.errors(include_url=False)
        fields = _fields(kind)
        troubles += [_trouble(detail, tree, fields) for detail in details[:MAX_DETAILS] if detail["loc"] not in known]
    else:
        if not troubles:
            return value
    problems = sorted((problem(file, trouble) for trouble in troubles), key=in_file)
    raise UnreadableFile(tuple(problems[:MAX_PROBLEMS]))


def in_file(finding: PlacedFinding) -> tuple[int, int]:
    """Return the key that sorts findings as they stand in the file."""
    return (finding.place.line, finding.place.column) if finding.place else (0, 0)


# Pydantic's kinds of error, in our codes; the schema's own errors carry our codes already.
_CODES = {
    "missing": "missing-field",
    "extra_forbidden": "unknown-key",
    "string_type": "text-wanted",
    "tuple_type": "list-wanted",
    "model_type": "mapping-wanted",
    "model_attributes_type": "mapping-wanted",
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
    "union_tag_invalid": "one-of",
    "union_tag_not_found": "missing-field",
    "decimal_type": "number-wanted",
    "decimal_parsing": "number-wanted",
    "decimal_max_digits": "number-too-long",
    "decimal_max_places": "number-too-long",
    "decimal_whole_digits": "number-too-long",
    "finite_number": "number-wanted",
}


def _fields(kind: Any) -> str:
    """Return how an entry of a file that is a list of one kind is written: `: - {code: …, name: …}`."""
    entry = next(iter(get_args(kind)), None)
    if not (isinstance(entry, type) and issubclass(entry, Part)):
        return ""
    return ": - {" + ", ".join(f"{field.alias or name}: …" for name, field in entry.model_fields.items()) + "}"


def _trouble(detail: ErrorDetails, tree: Tree, fields: str) -> Trouble:
    path = _path(detail, tree)
    context = detail.get("ctx", {})
    code = _CODES.get(detail["type"], detail["type"])
    if code not in UNREADABLE:
        return Trouble("bad-value", tree.place(path), {"problem": shown(detail["msg"], 200)}, path)
    values = {name: shown(value, 200) for name, value in context.items()}
    if code == "list-wanted" and (
        isinstance(detail["input"], dict) or not path
    ):  # no single code, but entries without their dashes
        return Trouble("entries-wanted", tree.place(path), {"fields": fields if not path else ""}, path)
    if code == "unknown-key":
        return Trouble(code, tree.key_place(path), {"key": shown(path[-1])} | _hint(str(path[-1])), path)
    if code == "missing-field":
        values["field"] = str(path[-1])
    if "expected_tags" in context:
        values["expected"] = shown(context["expected_tags"], 200)
    if code in {"text-too-long", "list-too-long", "out-of-range"}:
        values["limit"] = _limit(context)
    return Trouble(code, tree.place(path), values, path)


def _path(detail: ErrorDetails, tree: Tree) -> YamlPath:
    """Return the path in the file: a union's choice stands in pydantic's path alone, its key in the file's."""
    loc = detail["loc"]
    path: YamlPath = ()
    for at, part in enumerate(loc):
        inner = (*path, part)
        if at == len(loc) - 1 or (inner in tree.values and inner not in tree.texts):
            path = (*path, part)
    if detail["type"].startswith("union_tag"):
        path = (*path, detail["ctx"]["discriminator"].strip("'"))
    return path


def _limit(context: Mapping[str, Any]) -> str:
    signs = {"ge": "≥ ", "le": "≤ ", "max_length": ""}
    return next(f"{sign}{context[name]}" for name, sign in signs.items() if name in context)


def _hint(key: str) -> dict[str, str]:
    known = {field.alias or name for part in _parts(Part) for name, field in part.model_fields.items()}
    near = difflib.get_close_matches(key, sorted(known), n=1)
    if not near:
        return {"hint_ru": "", "hint_en": ""}
    return {"hint_ru": f": может быть, «{near[0]}»?", "hint_en": f": perhaps “{near[0]}”?"}


def _parts(kind: type[Part]) -> Iterator[type[Part]]:
    for part in kind.__subclasses__():
        yield part
        yield from _parts(part)


def not_opened(path: Path | str, ru: str, en: str) -> UnreadableFile:
    """Return the error of a file that could not be opened, with why in both languages."""
    return UnreadableFile((problem(str(path), Trouble("cannot-open", None, {"problem": ru, "problem_en": en})),))


def problem(file: str, trouble: Trouble) -> PlacedFinding:
    """Return a trouble in the words of `UNREADABLE`, with its file and place."""
    kind = UNREADABLE[trouble.code]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in trouble.path).removeprefix(".")
    words = kind.words.fill(trouble.values)
    return PlacedFinding(trouble.code, kind.severity, shown(where, 200), words, None, file, trouble.place)
