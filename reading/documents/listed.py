"""Plans without a table: points, each with «Срок: …», «Ответственные: …», «Результат: …» behind what is to be done.

Such a list is laid out as the table that it stands for, its labels as the headings: what a heading means, what a section
is and what a row lacks is decided where tables are read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from orders.findings import PlacedFinding
from reading.bodies import BODY_HEAD, PERSON
from reading.documents.model import Cell, Document, Row, Table, Text
from reading.doubts import doubt

FEWEST = 2
"""Points with a deadline that make a list a plan: one may be a word by the way."""
MOST_OTHERS = 8
"""Labels of a document's own that are known as such: a table has few columns."""
_OF_DOING = r"(?:(?:исполнени|реализаци|выполнени|проведени|представлени|завершени)[а-я]|исп\.|вып\.)"
_BODY = r"(?:исполнител[ьи]|исп\.|лиц[оа])"
_LABEL = re.compile(
    rf"""(?<!\w)(?:
        (?P<title>(?:наименование\s+)?мероприяти[ея])
      | (?P<deadline>(?:сроки?|дата|период)(?:\s+{_OF_DOING})?)
      | (?P<partners>соисполнител[ьи])
      | (?P<responsible>(?:ответственн(?:ые|ый|ая|ое)|отв\.?)(?:\s+{_BODY}|\s+за\s+{_OF_DOING})?|исполнител[ьи])
      | (?P<result>(?:(?:ожидаем|планируем|предполагаем)ы[йе]\s+)?результаты?(?:\s+{_OF_DOING})?|вид\s+документа
                   |форма\s+(?:отч[её]та|{_OF_DOING}))
      | (?P<other>контроль|отметка\s+об?\s+{_OF_DOING}|примечани[ея])
    )\s*(?::|[-–—](?=\s))\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_MARK = re.compile(r"[:–—]|-\s")
_ORDER = ("deadline", "responsible", "partners", "result")
_OWN = re.compile(r"([А-ЯЁ][^\W\d_]*(?: [^\W\d_]+){0,3}):\s*")
MOST_NAMED = 10
"""Points and lines that one finding names."""
LONGEST_HEADING = 120
_NEAR = 20  # letters before a label that are looked at: a paragraph may hold thousands of labels
_NUMBER = re.compile(
    r"(?:[Мм]ероприятие (?:№ ?)?)?(\d{1,2}(?:\.\d{1,3})+|\d{1,2}(?=[.)]))[.)]?(?:\s+(?=\S)|(?<=[.)])(?=[А-ЯЁ«])|$)"
)
_BARE_NUMBER = re.compile(r"(\d{1,2})\s+(?=[А-ЯЁ])")
_ITEM = re.compile(r"[-–—•*▪]\s*|[а-я]\)\s*")
_SECTION = re.compile(
    r"(?:раздел|глава|этап|направление|блок|модуль|задача)\s*(?:№|\d|[IVX]{1,5}\b|[:.«\"–—-])|[IVX]{1,5}[.)]?\s",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"(?:слушали|выступил|повестка)|(?:\S+\s+){0,4}(?:приказыва|реши|постанов|обязыва|распоряж)[а-я]*\s*:?$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"[^,;:]*(?<!\w)[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.\s?)?[А-ЯЁ][а-яё-]+")
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
    item: bool = False  # behind a bullet or a letter
    heading: bool = False  # the source marks it so
    after: str = ""  # the label that it may go on with: one that stood alone, or stands in the same paragraph
    loose: list[tuple[int, int, int | None]] = field(default_factory=list)  # lines of the title that may be headings
    values: dict[str, list[list[str]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    open: str = ""  # the label that what follows may go on with

    def take(self, label: str, name: str, value: str) -> None:
        """Take what stands behind a label; a second time it goes below the first."""
        if label in self.values and label in _ORDER:
            self.twice.append(name)
        self.values.setdefault(label, []).append([value])
        self.names.setdefault(label, name)
        self.open = label

    @property
    def listing(self) -> bool:
        """Tell whether the open label stood alone: what it names are the lines below."""
        return bool(self.open) and self.values[self.open][0][0] == ""

    def goes_on(self, lead: str, *, full: bool) -> bool:
        """Tell whether a line without a number goes on with the title, or with what the last label names."""
        if full or _SECTION.match(lead):
            return full
        if not self.open:
            return bool(self.number) or self.item or lead[0].islower()
        said = self.values[self.open]
        if _ITEM.match(lead):
            return self.listing or said[-1][-1].endswith((":", ","))
        if lead[0].islower() or said == [[""]] or said[-1][-1].endswith((":", ",")):
            return True
        body = BODY_HEAD.match(lead) or PERSON.match(lead)
        named = self.listing or said[-1][-1].endswith(";")
        return named and body is not None and not _SIGNATURE.fullmatch(lead)

    def go_on(self, lead: str, at: int, line: int | None, *, full: bool) -> None:
        """Take such a line: what begins anew stays a line of its own."""
        item = _ITEM.match(lead) is not None
        anew = not full and not lead[0].islower()
        if not self.open:
            if anew and not item:
                self.loose.append((len(self.title), at, line))
            self.title.append(lead)
            return
        said = self.values[self.open]
        if item or (anew and said != [[""]] and not said[-1][-1].endswith(",")):
            said.append([lead])
        else:
            said[-1].append(lead)

    def said(self, label: str) -> str:
        """Return what stands behind a label."""
        return "\n".join(text for line in self.values.get(label, ()) if (text := _said(" ".join(line))))

    @property
    def marked(self) -> bool:
        """Tell whether it is seen to be a heading."""
        return self.heading or self.title[0].isupper() or _SECTION.match(self.title[0]) is not None

    @property
    def talk(self) -> bool:
        """Tell whether it is a sentence by the way, neither a point nor a heading."""
        if self.number or self.values or self.item:
            return False
        sentence = self.title[-1].endswith(".") or sum(map(len, self.title)) > LONGEST_HEADING
        return sentence and not self.marked

    @property
    def name(self) -> str:
        """Return what a person knows the point by."""
        return f"{self.number} «{_said(' '.join(self.title))[:60]}»".lstrip()


def tabled(document: Document) -> Document | None:
    """Return the document with its list of labelled points as a table; None where there is no such list."""
    points: list[_Point] = []
    talk: list[_Point] = []
    for point in _points(document):
        (talk if point.talk else points).append(point)
    if sum("deadline" in point.values for point in points) < FEWEST:
        return None
    heads = _heads(points)
    labelled = [n for n, p in enumerate(points) if "deadline" in p.values or (p.number and "responsible" in p.values)]
    first, last = labelled[0], labelled[-1]
    # What stands right before names a section too, unless it is the title of the plan.
    if first and heads[first - 1]:
        before = points[first - 1]
        others = any(heads[n] and not points[n].number for n in range(first, last))
        titled = re.search(r"\d", " ".join(before.title)) and not _SECTION.match(before.title[0])
        first -= bool(before.number) or (others and not titled)
    begin, end = points[first].first, points[last].last + 1
    if any(isinstance(block, Table) for block in document.blocks[begin:end]):
        return None
    within = points[first : last + 1]
    names: dict[str, str] = {}
    for point in within:
        for label, name in point.names.items():
            names.setdefault(label, name)
    shown = sorted(names, key=lambda label: _ORDER.index(label) if label in _ORDER else len(_ORDER))
    numbered = any(points[n].number for n in labelled)
    head = (["№"] if numbered else []) + ["Мероприятие", *(names[name] for name in shown)]
    rows = [Row(tuple(map(Cell, head)), points[first].line)]
    for point, names_section in zip(within, heads[first : last + 1], strict=True):
        title = _said(" ".join(point.title))
        if names_section:
            text = f"{point.number}. {title}" if point.number else title
            rows.append(Row((Cell(text), *(Cell("", "across") for _ in head[1:])), point.line))
        else:
            texts = ([point.number] if numbered else []) + [title, *map(point.said, shown)]
            rows.append(Row(tuple(map(Cell, texts)), point.line))
    seen = doubt("plan-of-a-list", {"text": ", ".join(names[name] for name in shown)}, line=points[first].line)
    blocks = (*document.blocks[:begin], Table(tuple(rows), listed=True), *document.blocks[end:])
    left = [p for n, p in enumerate(points) if not first <= n <= last and (p.number or p.values)]
    guessed = [] if numbered else [p for p, head in zip(within, heads[first:], strict=False) if head and not p.marked]
    unread = {"points-left-out": [*(p for p in talk if begin <= p.first < end), *left], "headings-guessed": guessed}
    findings = (
        seen,
        *(doubt(code, {"text": _named(of)}, line=of[0].line) for code, of in unread.items() if of),
        *_doubts(within),
        *(_doubt_of_line(point) for point in points[first : last + 2] if point.after and not point.values),
    )
    return replace(document, blocks=blocks, findings=(*document.findings, *findings))


def _named(points: Sequence[_Point]) -> str:
    more = f"; … ({len(points)})" if len(points) > MOST_NAMED else ""
    return "; ".join(point.name for point in points[:MOST_NAMED]) + more


def _doubt_of_line(point: _Point) -> PlacedFinding:
    return doubt("line-below-label", {"text": point.title[0], "label": point.after}, line=point.line)


def _doubts(points: Sequence[_Point]) -> Iterator[PlacedFinding]:
    """Yield what a person has to say: whether points are run together, whose a line or a label is."""
    for point in points:
        for name in dict.fromkeys(point.twice):
            yield doubt("label-twice", {"point": point.name, "text": name}, line=point.line)
    end = points[-1]
    below = end.values[end.open] if end.listing else []
    if len(below) > 2 and not _ITEM.match(below[-1][0]):  # noqa: PLR2004  the label's own line, and the first
        text = " ".join(below[-1])
        yield doubt("line-below-label", {"text": text, "label": end.names[end.open]}, line=end.line)
    # What is said of the whole plan stands above its first point or below its last.
    begin = next(point for point in points if point.values)
    used = Counter(_stems(name) for point in points for name in point.names.values())
    for point, labels in ((begin, ("deadline",)), (end, _ORDER)):
        for label in labels:
            own = point.names.get(label, "")
            if used[_stems(own)] == 1 and len(points) > FEWEST:
                yield doubt("label-of-one", {"point": point.name, "text": own}, line=point.line)


def _stems(name: str) -> str:
    """Return what «Ответственный» and «Ответственные», «Срок» and «Сроки» have in common."""
    return " ".join(word[:4].lower() for word in name.split())


def _heads(points: Sequence[_Point]) -> list[bool]:
    """Tell which points name what follows: without labels and number, or as «2» does for «2.1». Others lack labels."""
    heads = []
    following = ""
    for point in reversed(points):
        above = following.startswith(f"{point.number}.") if point.number else not point.item
        heads.append(not point.values and above)
        following = point.number if point.values else following
    return heads[::-1]


def _points(document: Document) -> list[_Point]:
    """Return the paragraphs with the labels that follow each."""
    points: list[_Point] = []
    lines = list(_lines(document))
    width = max((len(text) for _, _, text in lines), default=0)
    own = _own_labels([text for _, _, text in lines])
    before = ""
    for at, block, text in lines:
        lead, labels = _cut(text, own if points and points[-1].open else frozenset())
        # Of a page's lines nobody says which are one paragraph: a full one goes on in the next.
        full = document.kind == "pdf" and len(before) + 1 + len(text.split(maxsplit=1)[0]) > width
        before = text
        titled = bool(labels) and labels[0][0] == "title"
        if lead or titled:
            found = _NUMBER.match(lead) or (None if full else _BARE_NUMBER.match(lead))
            if not (found or titled or block.heading) and points and points[-1].goes_on(lead, full=full):
                points[-1].go_on(lead, at, block.line, full=full)
            else:
                title = labels.pop(0)[2] if titled else lead[found.end() :] if found else lead.lstrip(_BULLETS)
                item = titled or _ITEM.match(lead) is not None
                clear = found or item or block.heading or _SECTION.match(lead) or lead.isupper()
                near = points and points[-1].open and (points[-1].listing or points[-1].last == at)
                above = points[-1] if near and not clear else None
                after = above.names[above.open] if above else ""
                number = found.group(1) if found else ""
                points.append(_Point(number, [title], at, at, block.line, item, block.heading, after))
        for label, name, value in labels if points else ():
            points[-1].take(label, name, value)
        if points and (labels or points[-1].open):
            points[-1].last = at
    return _parted(points)


def _parted(points: Sequence[_Point]) -> list[_Point]:
    """Part what followed a point without labels: nothing says that it is its title. Below «2» of «2.1» it is talk."""
    parted: list[_Point] = []
    following = ""
    for point in reversed(points):
        if not point.values and point.loose:
            cuts = [*point.loose, (len(point.title), 0, None)]
            if not following.startswith(f"{point.number}."):
                parted += [
                    _Point("", point.title[n:end], at, at, line)
                    for (n, at, line), (end, _, _) in reversed(list(pairwise(cuts)))
                ]
            point.title = point.title[: cuts[0][0]]
        parted.append(point)
        following = point.number if point.values else following
    return [point for point in reversed(parted) if point.number or point.values or not _TALK.match(point.title[0])]


def _lines(document: Document) -> Iterator[tuple[int, Text, str]]:
    for at, block in enumerate(document.blocks):
        if isinstance(block, Text):
            yield from ((at, block, " ".join(line.split())) for line in block.text.split("\n") if line.strip())


def _own_labels(lines: Sequence[str]) -> frozenset[str]:
    """Return what other lines than the known labels begin with again and again: «Место проведения: …».

    What the first label of a point follows is a title: «Директорам школ: …».
    """
    known = [found.lastgroup if (found := _LABEL.match(line)) else None for line in lines]
    opens = next(filter(None, known), None)
    begun: Counter[str] = Counter()
    titles = set()
    for n, line in enumerate(lines):
        if known[n] is None and (found := _OWN.match(line)):
            begun[found.group(1)] += 1
            if opens and known[n + 1 : n + 2] == [opens]:
                titles.add(found.group(1))
    return frozenset(name for name, count in begun.most_common(MOST_OTHERS) if count > 1 and name not in titles)


def _cut(text: str, own: frozenset[str]) -> tuple[str, list[tuple[str, str, str]]]:
    """Return what stands before the labels of a line, and each label with its name and what stands behind it."""
    labels: list[tuple[str, re.Match[str]]] = []
    for found in _LABEL.finditer(text) if _MARK.search(text) else ():
        if _is_label(text, found, first=not labels):
            labels.append((found.lastgroup or "", found))
    begins = _OWN.match(text)
    if begins and begins.group(1) in own and not (labels and labels[0][1].start() == 0):
        labels.insert(0, ("other", begins))
    if not labels:
        return text, []
    ends = [found.start() for _, found in labels[1:]] + [len(text)]
    cut = []
    for (label, found), end in zip(labels, ends, strict=True):
        name = found.group().strip(" :-–—")
        name = name[:1].upper() + name[1:]
        cut.append((f"other {name}" if label == "other" else label, name, text[found.end() : end].strip("*_ ")))
    return text[: labels[0][1].start()].strip(_BULLETS + ";,("), cut


def _is_label(text: str, found: re.Match[str], *, first: bool) -> bool:
    """Tell whether a label begins here, and not a word of a sentence: «сообщить срок: …» has none."""
    before = text[max(0, found.start() - _NEAR) : found.start()].rstrip()
    colon = ":" in found.group()
    if found["title"]:
        return colon and (not before or _NUMBER.fullmatch(before) is not None)
    begins = not before.strip(_BULLETS) or before.endswith(("(", ";")) or text[found.start()].isupper()
    return begins or ((colon or not first) and before.endswith((".", ",")))


def _said(text: str) -> str:
    """Return a text without what ends a sentence or its bracket: a table's fields have none; «г.» and «И.С.» keep their points."""
    text = text.strip(" ;,")
    if text.count(")") > text.count("(") and text.rstrip(" .;,").endswith(")"):
        text = text.rstrip(" .;,")[:-1].strip(" ;,")
    return _END.sub("", text)
