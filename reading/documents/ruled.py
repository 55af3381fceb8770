"""Tables of a PDF that lines rule: the lines cut the page into fields, and what no line parts is one cell.

Linear in the letters and in the fields: each letter is given to its field once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from reading.documents.drawing import Letter, Segment
from reading.documents.model import Cell, Row
from reading.documents.wrapping import unwrapped

SNAP = 3.0
"""Points that two pieces of one line may lie apart."""
CUT = "\ue000"
"""Stands where a word may have been cut without a hyphen; the words of the whole document tell."""
MANY_LETTERS = 3
"""Letters that have no room beside a word that was cut."""
SPACE = 2.0
"""Points between two letters of different words."""


class Word(NamedTuple):
    """One word with its box, in points from the upper left corner."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float


@dataclass(slots=True)
class Box:
    """A cell: its columns and rows in the page's fields, the first one included and the last one not."""

    left: int
    top: int
    right: int
    bottom: int
    letters: list[Letter] = field(default_factory=list)

    @property
    def corners(self) -> tuple[tuple[int, int], ...]:
        """Return where lines cross at its ends."""
        return (self.left, self.top), (self.left, self.bottom), (self.right, self.top), (self.right, self.bottom)


@dataclass(slots=True)
class Ruled:
    """A table: its cells, and how high it begins on its page."""

    boxes: list[Box]
    top: float
    xs: Sequence[float] = ()

    def rows(self, line: int) -> tuple[Row, ...]:
        """Return the rows; a field that a cell above reaches over has its text, one to the right has none."""
        lefts, tops = sorted({b.left for b in self.boxes}), sorted({b.top for b in self.boxes})
        fields = {(top, left): Cell("", "across") for top in tops for left in lefts}
        for box in self.boxes:
            lines = lines_of(box.letters)
            cut = [self._is_cut(a, b, box) for a, b in pairwise(lines)]
            text = unwrapped(
                " ".join(word.text for word in words) + (CUT if n < len(cut) and cut[n] else "")
                for n, words in enumerate(lines)
            )
            for top in tops[bisect_right(tops, box.top) - 1 :]:
                if top >= box.bottom:
                    break
                for left in lefts[bisect_right(lefts, box.left) - 1 :]:
                    if left >= box.right:
                        break
                    own = text if left == box.left else ""
                    fields[top, left] = (
                        Cell(own, "down") if top > box.top else Cell(own, "" if left == box.left else "across")
                    )
        return tuple(Row(tuple(fields[top, left] for left in lefts), line) for top in tops)

    def _is_cut(self, line: Sequence[Word], below: Sequence[Word], box: Box) -> bool:
        """Tell whether a line may have been too narrow for its only word, which then goes on in the next."""
        word, rest = line[-1], below[0].text
        letter = (word.x1 - word.x0) / len(word.text)
        room = self.xs[box.right] - word.x1 if self.xs else MANY_LETTERS * letter
        return (
            len(line) == 1
            and room < MANY_LETTERS * letter
            and re.fullmatch("[А-Яа-яё]{5,}", word.text) is not None
            and re.match("[а-яё]", rest) is not None
        )


def lines_of(letters: Iterable[Letter]) -> list[list[Word]]:
    """Return the words of the letters, line by line."""
    lines: list[list[Letter]] = []
    last = 0.0
    for middle, letter in sorted(((a.top + a.bottom) / 2, a) for a in letters):
        if not lines or middle - last > SNAP:
            lines.append([])
        lines[-1].append(letter)
        last = middle
    words = (_words(line) for line in lines)
    return [line for line in words if line]


def _words(line: list[Letter]) -> list[Word]:
    words: list[Word] = []
    part: list[Letter] = []
    for letter in sorted(line):
        space = letter.text.isspace()
        if part and (space or letter.x0 - part[-1].x1 > SPACE):
            words.append(_word(part))
            part = []
        if not space:
            part.append(letter)
    return [*words, _word(part)] if part else words


def _word(letters: Sequence[Letter]) -> Word:
    lefts, tops, rights, bottoms, texts = zip(*letters, strict=True)
    return Word("".join(texts), lefts[0], max(rights), min(tops), max(bottoms))


class Fields:
    """The fields into which the lines of a page cut it."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.xs, upright = _positions([s for s in segments if s.upright])
        self.ys, level = _positions([s for s in segments if not s.upright])
        self._upright = [_covered(spans, self.ys) for spans in upright]
        self._level = [_covered(spans, self.xs) for spans in level]

    @property
    def count(self) -> int:
        """Return how many fields there are."""
        return len(self.xs) * len(self.ys)

    def tables(self, letters: Iterable[Letter]) -> tuple[list[Ruled], list[Letter]]:
        """Return the tables of at least two cells from top to bottom, and the letters that stand in none."""
        boxes, owners = self._boxes()
        parts = _together(boxes)
        tables = [part for part in parts if len(part) > 1]
        kept = {id(box) for part in tables for box in part}
        owners = {field: box for field, box in owners.items() if id(box) in kept}
        left: list[Letter] = []
        for letter in letters:
            column = bisect_right(self.xs, (letter.x0 + letter.x1) / 2) - 1
            row = bisect_right(self.ys, (letter.top + letter.bottom) / 2) - 1
            box = owners.get((column, row))
            (left if box is None else box.letters).append(letter)
        found = [Ruled(part, self.ys[min(box.top for box in part)], self.xs) for part in tables]
        return sorted(found, key=lambda table: table.top), left

    def _boxes(self) -> tuple[list[Box], dict[tuple[int, int], Box]]:
        """Return the cells: fields that no line parts, where lines close them; and the cell of each field."""
        seen: set[tuple[int, int]] = set()
        boxes: list[Box] = []
        holed: list[Box] = []
        owners: dict[tuple[int, int], Box] = {}
        for x in range(len(self.xs) - 1):
            for y in range(len(self.ys) - 1):
                if (x, y) in seen:
                    continue
                region, closed = self._region(x, y, seen)
                columns, rows = [a for a, _ in region], [b for _, b in region]
                box = Box(min(columns), min(rows), max(columns) + 1, max(rows) + 1)
                if not closed:
                    continue
                if len(region) == (box.right - box.left) * (box.bottom - box.top):
                    boxes.append(box)
                elif self._is_walled(box):
                    holed.append(box)
                owners.update(dict.fromkeys(region, box))
        return self._filled(boxes, holed, owners), owners

    def _region(self, x: int, y: int, seen: set[tuple[int, int]]) -> tuple[list[tuple[int, int]], bool]:
        """Return the fields that hang together with this one, and whether lines close them."""
        waiting, region, closed = [(x, y)], [], True
        seen.add((x, y))
        while waiting:
            a, b = waiting.pop()
            region.append((a, b))
            for wall, near in (
                (self._upright[a][b], (a - 1, b)), (self._upright[a + 1][b], (a + 1, b)),
                (self._level[b][a], (a, b - 1)), (self._level[b + 1][a], (a, b + 1)),
            ):  # fmt: skip
                if wall or near in seen:
                    continue
                if not (0 <= near[0] < len(self.xs) - 1 and 0 <= near[1] < len(self.ys) - 1):
                    closed = False
                    continue
                seen.add(near)
                waiting.append(near)
        return region, closed

    def _is_walled(self, box: Box) -> bool:
        upright = (self._upright[x][y] for x in (box.left, box.right) for y in range(box.top, box.bottom))
        return all(upright) and all(
            self._level[y][x] for y in (box.top, box.bottom) for x in range(box.left, box.right)
        )

    @staticmethod
    def _filled(boxes: list[Box], holed: list[Box], owners: dict[tuple[int, int], Box]) -> list[Box]:
        """Return the cells, those with words in frames or on a ground of their own among them: such a frame is none.

        What goes around a whole table is no cell either.
        """
        kept = {id(box): box for box in boxes}
        for box in holed:
            places = [(x, y) for x in range(box.left, box.right) for y in range(box.top, box.bottom)]
            inside = {id(owner): owner for place in places if (owner := owners.get(place)) and id(owner) in kept}
            if all(len(part) == 1 for part in _together(inside.values())):
                for each in inside:
                    del kept[each]
                kept[id(box)] = box
                owners.update(dict.fromkeys(places, box))
        return list(kept.values())


def _positions(segments: Sequence[Segment]) -> tuple[list[float], list[list[tuple[float, float]]]]:
    """Return where lines lie, and from where to where at each place: pieces that lie or end close by are one line."""
    places: list[float] = []
    spans: list[list[tuple[float, float]]] = []
    last = 0.0
    for segment in sorted(segments, key=lambda s: s.at):
        if not places or segment.at - last > SNAP:
            places.append(segment.at)
            spans.append([])
        spans[-1].append((segment.start, segment.end))
        last = segment.at
    return places, [_joined(lines) for lines in spans]


def _joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + SNAP:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _covered(spans: Sequence[tuple[float, float]], places: Sequence[float]) -> list[bool]:
    """Return for each two places in a row whether a line reaches from one to the other."""
    covered: list[bool] = []
    at = 0
    for start, end in pairwise(places):
        while at < len(spans) and spans[at][1] < end - SNAP:
            at += 1
        covered.append(at < len(spans) and spans[at][0] <= start + SNAP)
    return covered


def _together(boxes: Iterable[Box]) -> list[list[Box]]:
    """Return the cells by tables: those that share a corner belong together."""
    at: dict[tuple[int, int], list[Box]] = {}
    parts: dict[int, list[Box]] = {}
    for box in boxes:
        near = {id(part): part for corner in box.corners if (part := at.get(corner)) is not None}
        into = max(near.values(), key=len, default=[])
        parts[id(into)] = into
        for part in near.values():
            if part is not into:
                into += parts.pop(id(part))
                at.update((corner, into) for other in part for corner in other.corners)
        into.append(box)
        at.update((corner, into) for corner in box.corners)
    return list(parts.values())
