"""Plans without a table: points, each with «Срок: …», «Ответственные: …», «Результат: …» behind what is to be done.

Such a list is laid out as the table that it stands for, its labels as the headings: what a heading means, what a section
is and what a row lacks is decided where tables are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orders.documents.model import Cell, Document, Row, Table, Text
from orders.doubts import doubt

FEWEST = 2
"""Points with a deadline that make a list a plan: one may be a word by the way."""
_OF_DOING = r"(?:исполнени|реализаци|выполнени|проведени|представлени|завершени)[а-я]"
_LABEL = re.compile(
    rf"""(?<!\w)(?:
        (?P<deadline>(?:сроки?|дата|период)(?:\s+{_OF_DOING})?)
      | (?P<partners>соисполнител[ьи])
      | (?P<responsible>ответственн(?:ые|ый|ая|ое)(?:\s+(?:исполнител[ьи]|лиц[оа])|\s+за\s+{_OF_DOING})?|отв\.|исполнител[ьи])
      | (?P<result>(?:(?:ожидаем|планируем|предполагаем)ы[йе]\s+)?результаты?(?:\s+{_OF_DOING})?|вид\s+документа
                   |форма\s+(?:отч[её]та|{_OF_DOING}))
      | (?P<other>контроль|отметка\s+об?\s+{_OF_DOING}|примечани[ея])
    )\s*(?::|(?P<dash>[-–—])(?=\s))\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_ORDER = ("deadline", "responsible", "partners", "result", "other")
_NEAR = 20  # letters before a label that are looked at: a paragraph may hold thousands of labels
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,3})+|\d{1,2}(?=[.)]))[.)]?\s+(?=\S)")
_SECTION = re.compile(r"(?:раздел|этап|направление|блок|модуль)\b|[IVX]{1,5}[.)]?\s", re.IGNORECASE)
_END = re.compile(r"(?:(?<=[А-Яа-яё]{3})|(?<=[А-ЯЁ]{2})|(?<=[\d»)]))\.$")
_BULLETS = "-–—•*▪ "


@dataclass(slots=True)
class _Point:
    """A paragraph that is no label, and what stands behind each label that follows it: lines, each in the parts it came in."""

    number: str
    title: list[str]
    first: int  # its first block, and its last one
    last: int
    line: int | None
    values: dict[str, list[list[str]]] = field(default_factory=dict)
    open: str = ""  # the label that what follows may go on with

    def take(self, label: str, value: str) -> None:
        """Take what stands behind a label; a second time it goes below the first."""
        self.values.setdefault(label, []).append([value])
        self.open = label

    def goes_on(self, lead: str, *, full: bool) -> bool:
        """Tell whether a line without a number goes on with the title, or with what the last label names."""
        if _SECTION.match(lead):
            return False
        if full or lead[0].islower():
            return True
        if not self.open:
            return bool(self.number)
        return lead[0] in _BULLETS or self.values[self.open] == [[""]]

    def go_on(self, lead: str) -> None:
        """Take such a line."""
        if not self.open:
            self.title.append(lead)
        elif lead[0] in _BULLETS:
            self.values[self.open].append([lead])
        else:
            self.values[self.open][-1].append(lead)

    def said(self, label: str) -> str:
        """Return what stands behind a label."""
        return "\n".join(text for line in self.values.get(label, ()) if (text := _said(" ".join(line))))


def tabled(document: Document) -> Document | None:
    """Return the document with its list of labelled points as a table; None where there is no such list."""
    names: dict[str, str] = {}
    points = _points(document, names)
    if sum("deadline" in point.values for point in points) < FEWEST:
        return None
    heads = _heads(points)
    labelled = [n for n, point in enumerate(points) if point.values]
    first, last = labelled[0], labelled[-1]
    # What stands right before names a section too, unless it is the title of the plan.
    if first and heads[first - 1]:
        others = any(heads[n] and not points[n].number for n in range(first, last))
        first -= bool(points[first - 1].number) or (others and not re.search(r"\d", points[first - 1].title[0]))
    begin, end = points[first].first, points[last].last + 1
    if any(isinstance(block, Table) for block in document.blocks[begin:end]):
        return None
    shown = [name for name in _ORDER if name in names]
    numbered = any(points[n].number for n in labelled)
    head = (["№"] if numbered else []) + ["Мероприятие", *(names[name] for name in shown)]
    rows = [Row(tuple(map(Cell, head)), points[first].line)]
    for point, names_section in zip(points[first : last + 1], heads[first : last + 1], strict=True):
        title = _said(" ".join(point.title))
        if names_section:
            text = f"{point.number}. {title}" if point.number else title
            rows.append(Row((Cell(text), *(Cell("", "across") for _ in head[1:])), point.line))
        else:
            texts = ([point.number] if numbered else []) + [title, *map(point.said, shown)]
            rows.append(Row(tuple(map(Cell, texts)), point.line))
    seen = doubt("plan-of-a-list", {"text": ", ".join(names[name] for name in shown)}, line=points[first].line)
    blocks = (*document.blocks[:begin], Table(tuple(rows)), *document.blocks[end:])
    return Document(document.kind, blocks, (*document.findings, seen))


def _heads(points: Sequence[_Point]) -> list[bool]:
    """Tell which points name what follows: without labels and number, or as «2» does for «2.1». Others lack labels."""
    heads = []
    following = ""
    for point in reversed(points):
        heads.append(not point.values and (not point.number or following.startswith(f"{point.number}.")))
        following = point.number if point.values else following
    return heads[::-1]


def _points(document: Document, names: dict[str, str]) -> list[_Point]:
    """Return the paragraphs with the labels that follow each; `names` takes each label as it first stands."""
    points: list[_Point] = []
    lines = list(_lines(document))
    width = max((len(text) for _, _, text in lines), default=0)
    before = ""
    for at, block, text in lines:
        lead, labels = _cut(text)
        # Of a page's lines nobody says which are one paragraph: a full one goes on in the next.
        full = document.kind == "pdf" and len(before) + 1 + len(text.split(maxsplit=1)[0]) > width
        before = text
        if lead:
            found = _NUMBER.match(lead)
            if found is None and points and not block.heading and points[-1].goes_on(lead, full=full):
                points[-1].go_on(lead)
            else:
                title = lead[found.end() :] if found else lead
                points.append(_Point(found.group(1) if found else "", [title], at, at, block.line))
        for label, name, value in labels if points else ():
            names.setdefault(label, name)
            points[-1].take(label, value)
        if points and (labels or points[-1].open):
            points[-1].last = at
    return points


def _lines(document: Document) -> Iterator[tuple[int, Text, str]]:
    for at, block in enumerate(document.blocks):
        if isinstance(block, Text):
            yield from ((at, block, " ".join(line.split())) for line in block.text.split("\n") if line.strip())


def _cut(text: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return what stands before the labels of a line, and each label with its name and what stands behind it."""
    labels = [found for found in _LABEL.finditer(text) if _is_label(text, found)]
    if not labels:
        return text, []
    ends = [found.start() for found in labels[1:]] + [len(text)]
    cut = []
    for found, end in zip(labels, ends, strict=True):
        value = text[found.end() : end].strip()
        if value.count(")") > value.count("("):
            value = value.rstrip(" .;,").removesuffix(")")
        name = found.group().strip(" :-–—")
        cut.append((next(label for label in _ORDER if found[label]), name[:1].upper() + name[1:], value))
    return text[: labels[0].start()].strip(_BULLETS + ";,("), cut


def _is_label(text: str, found: re.Match[str]) -> bool:
    """Tell whether a label begins here, and not a word of a sentence: «сообщить срок: …» has none."""
    before = text[max(0, found.start() - _NEAR) : found.start()].rstrip()
    begins = not before.strip(_BULLETS) or before.endswith(("(", ";")) or text[found.start()].isupper()
    return begins or (not found["dash"] and before.endswith((".", ",")))


def _said(text: str) -> str:
    """Return a text without what ends a sentence: a table's fields have none; «г.» and «И.С.» keep their points."""
    return _END.sub("", text.strip(" ;,"))
