"""YAML text to plain values with the place of each: mappings, lists, texts and None.

Scalars stay texts, whatever YAML would make of them: the schema knows what it wants, so that `no` is no boolean,
`1.10` keeps its zero and 0123 is not octal. Aliases, merge keys and tags are refused: a roadmap says what it means
where it means it, and no alias can blow up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from orders.findings import Place, shown

MAX_DEPTH = 20
MAX_VALUES = 60_000  # keys, values, lists and their ends; a year of 500 measures has 32,000
NULLS = frozenset(("", "~", "null", "Null", "NULL"))
# What no YAML may hold as it stands; a few may hide behind escapes, which the checks look for.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
# Letters that turn the reading order, and controls that came by escapes: they never reach a terminal or a report.
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# The parser goes through a tag anew for each letter of it.
LONG_TAG = re.compile(r"(?<![^\s\[{,:-])!\S{500}")
SURROGATE = re.compile(r"[\ud800-\udfff]")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Trouble:
    """Something that keeps the text from being read: a code of `findings.UNREADABLE` with its values."""

    code: str
    place: Place | None
    values: Mapping[str, str] = field(default_factory=dict)
    path: Path = ()


class UnreadableYaml(Exception):
    """The text is no YAML: nothing behind this place can be read."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble.code)


@dataclass
class Tree:
    """The values of a text, and where each value and each key stands."""

    data: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """Return where the value stands, or the nearest thing around it that does."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def hidden(self) -> Iterator[tuple[Path, str]]:
        """Yield the texts that hold hidden controls, with the names of these: U+202E, U+001B."""
        for path, text in self.texts.items():
            if letters := HIDDEN.findall(text):
                yield path, ", ".join(dict.fromkeys(code_point(letter) for letter in letters))

    def key_place(self, path: Path) -> Place:
        """Return where the key stands, else its value."""
        return self.keys.get(path) or self.place(path)


def read_tree(text: str) -> Tree:
    """Return the one document of a text; UnreadableYaml where YAML's own grammar is broken."""
    if found := CONTROL.search(text):
        place = _place_at(text, found.start())
        raise UnreadableYaml(Trouble("control-character", place, {"character": code_point(found.group())}))
    if found := LONG_TAG.search(text):
        raise UnreadableYaml(Trouble("yaml-tag", _place_at(text, found.start()), {"tag": shown(found.group(), 40)}))
    tree = Tree()
    events = _events(text)
    for event in events:
        if isinstance(event, StreamStartEvent | DocumentEndEvent | StreamEndEvent):
            continue
        if isinstance(event, DocumentStartEvent):
            if tree.values:
                tree.troubles.append(Trouble("yaml-documents", _place(event.start_mark)))
                break
            continue
        tree.data = _value(event, events, (), tree)
    return tree


def code_point(letter: str) -> str:
    """Return the name of a character that cannot be shown: U+202E."""
    return f"U+{ord(letter):04X}"


def _events(text: str) -> Iterator[Event]:
    last = Place(1, 1)
    try:
        for count, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
            last = _place(event.end_mark)
            if count > MAX_VALUES:
                raise UnreadableYaml(Trouble("too-many-values", last, {"limit": str(MAX_VALUES)}))
            yield event
    except MarkedYAMLError as error:
        raise UnreadableYaml(_syntax(error)) from error
    except (YAMLError, ValueError, OverflowError) as error:  # \U00110000 is a bare ValueError of chr()
        values = {"problem": "такого символа нет", "problem_en": shown(error)}
        raise UnreadableYaml(Trouble("yaml-syntax", last, values)) from error


def _value(event: Event, events: Iterator[Event], path: Path, tree: Tree) -> Any:
    place = tree.values[path] = _place(event.start_mark)
    if len(path) > MAX_DEPTH:
        raise UnreadableYaml(Trouble("too-deep", place))
    if isinstance(event, AliasEvent):
        tree.troubles.append(Trouble("yaml-alias", place, {"name": shown(event.anchor)}, path))
        return None
    tag = getattr(event, "tag", None)
    if tag is not None:
        tree.troubles.append(Trouble("yaml-tag", place, {"tag": shown(tag)}, path))
    if isinstance(event, ScalarEvent):
        return _scalar(event, place, path, tree)
    if isinstance(event, SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(inner := next(events), SequenceEndEvent):
            items.append(_value(inner, events, (*path, len(items)), tree))
        return items
    if isinstance(event, MappingStartEvent):
        return _mapping(events, path, tree)
    raise AssertionError(event)


def _mapping(events: Iterator[Event], path: Path, tree: Tree) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    while not isinstance(key := next(events), MappingEndEvent):
        place = _place(key.start_mark)
        if not isinstance(key, ScalarEvent):
            raise UnreadableYaml(Trouble("text-wanted", place))
        name = str(key.value)
        inner = (*path, name)
        if name in pairs:
            tree.troubles.append(Trouble("duplicate-key", place, {"key": shown(name)}, inner))
            _value(next(events), events, inner, Tree(troubles=tree.troubles))  # read over, its troubles kept
            continue
        tree.keys[inner] = place
        pairs[name] = _value(next(events), events, inner, tree)
    return pairs


def _scalar(event: ScalarEvent, place: Place, path: Path, tree: Tree) -> str | None:
    text = str(event.value)
    if event.style in {None, ""} and text in NULLS:
        return None
    if found := SURROGATE.search(text):
        tree.troubles.append(Trouble("lone-surrogate", place, {"character": code_point(found.group())}, path))
        return SURROGATE.sub("\ufffd", text)
    tree.texts[path] = text
    return text


# What the scanner says, in the words of a person; the rest is passed on as it is.
_SYNTAX = (
    (r"unexpected end of stream", "текст в кавычках не закрыт"),
    (r"mapping values are not allowed", "двоеточие не на месте: возьмите текст в кавычки или проверьте отступ"),
    (r"could not find expected ':'", "нет двоеточия после ключа"),
    (r"expected <block end>", "отступ не сходится с соседними строками"),
    (r"expected ',' or ']'", "список [ ] не закрыт"),
    (r"expected ',' or '}'", "пары { } не закрыты"),
    (r"cannot start any token", "с этого знака значение не начинается: возьмите текст в кавычки"),
    (r"unknown escape character", "неизвестный знак после \\ в кавычках"),
    (r"expected escape sequence", "после \\ в кавычках нужны шестнадцатеричные цифры"),
    (r"expected the node content", "здесь нет значения"),
    (r"expected '<document start>'", "здесь запись уже кончилась: проверьте отступ и скобки"),
    (r"(sequence entries|mapping keys) are not allowed", "здесь ничего не начинается: проверьте отступ"),
    (r"chomping or indentation|a comment or a line break", "после знаков | и > на той же строке ничего не пишут"),
    (r"incompatible YAML", "нужен YAML версии 1: уберите строку %YAML"),
    (r"expected alphabetic or numeric", "после знаков & и * нужно имя: возьмите текст в кавычки"),
)


def _syntax(error: MarkedYAMLError) -> Trouble:
    mark = error.problem_mark or error.context_mark
    place = _place(mark) if mark else None
    problem = str(error.problem or error.context or "")
    if "'\\t'" in problem:
        return Trouble("yaml-tab", place)
    russian = next((words for pattern, words in _SYNTAX if re.search(pattern, problem)), problem)
    return Trouble("yaml-syntax", place, {"problem": shown(russian, 120), "problem_en": shown(problem, 120)})


def _place(mark: StreamMark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _place_at(text: str, offset: int) -> Place:
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
