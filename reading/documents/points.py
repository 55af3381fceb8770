"""What an order orders: its points, who controls it, and who signed it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reading.bodies import BODY_HEAD, PERSON

_ORDERING = re.compile(
    r"(?:п\s?р\s?и\s?к\s?а\s?з\s?ы\s?в\s?а\s?ю|п\s?о\s?с\s?т\s?а\s?н\s?о\s?в\s?л\s?я\s?[юе]\s?т?|обязываю|распоряжаюсь|(?:\S+\s+){0,4}решил[аи]?)\s*:?",
    re.IGNORECASE,
)
_ORDERING_END = re.compile(
    r"(?i)(?<![а-яё])(?:приказываю|постановля(?:ет|ю)|обязываю|распоряжаюсь|решил[аи]?|п\s?р\s?и\s?к\s?а\s?з\s?ы\s?в\s?а\s?ю)\s*:\s*$"
)
STAMP = re.compile(r"(?:утвержд|приложени)", re.IGNORECASE)
POINT = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)([.)]?)\s+(\S.*)", re.DOTALL)
_ITEM = re.compile(r"([а-я])\)\s*(\S.*)", re.DOTALL)
_GOES_ON = re.compile(r"[-–—•]\s|[А-ЯЁ]\.\s?[А-ЯЁ]\.\W*$")
"""A bullet, and the initials of somebody whose name ends the line above."""
_INITIALS_FIRST = re.compile(r"[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.\s?)?[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s*$")
_OPEN = re.compile(r"(?i)(?:[,:–—-]|(?<![а-яё])(?:и|или|в|во|на|по|с|со|для|о|об|от|до|к|за|при|под|над|не|№))\s*$")
"""How a line ends that goes on in the next one."""
_ACT = re.compile(r"(?i)\s*(?:п\s?р\s?и\s?к\s?а\s?з|распоряжение|постановление|решение|протокол)(?![а-яё])")
_OF_ORDERS = re.compile(
    r"(?i)(?:утвердить|создать|принять|признать|назначить|считать|внести|опубликовать|разместить|ознакомить|довести|установить|контроль)"
)
"""How points begin that no list of something else has."""
INFINITIVE = re.compile(
    r"(?<![А-Яа-яё-])[а-яё]{2,}(?:ть|ти|чь)(?:ся)?(?![а-яё-])|(?<![А-Яа-яё-])[А-ЯЁ][а-яё]+(?:ть|ти|чь)(?:ся)?(?![а-яё-])"
)
FARTHEST = 3
"""How far a number may lie from the one before: some points may be lost."""
_CONTROL = re.compile(r"(?i)(?<![а-яё])контрол[ья](?![а-яё])")
_WHOLE = re.compile(r"(?i)исполнени|выполнени|реализаци|соблюдени")
"""Control of the order, not of one event."""
_WHOM = (
    re.compile(r"(?is)(?:возл[а-я]+|возлаг[а-я]+)\s+на\s+(.+)"),
    re.compile(r"(?is)(?:возл[а-я]+|возлаг[а-я]+)\s.+\sна\s+(?![\d«])(.+)"),
    re.compile(r"(?is)(?:закреп[а-я]+|остав[а-я]+|сохран[а-я]+)\s+за\s+(.+)"),
    re.compile(r"(?is)(?<![а-яё])осуществля(?:ет|ют)\s+(.+)"),
)
_MYSELF = re.compile(r"(?i)\s*(?:собой|себя)(?![а-яё])")
_SENTENCE = re.compile(r"(?<=[а-яё\d»)]{2})[.;]\s+(?=[А-ЯЁ\d])")
LONGEST_POINT = 5_000
"""Letters of a text that are looked through for who controls."""
LONGEST_POST = 200
"""Letters of a post below an order; what is longer is a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or a field of a small table, with its place."""

    text: str
    line: int | None
    block: int
    at: int
    field: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """One point of an order, as «2.1» and its text."""

    number: str
    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """The sentence that says who controls an order; `whom` are its words for them, "" where whoever signs keeps it."""

    text: str
    whom: str


def is_ordering(text: str) -> bool:
    """Tell the line that points of an order follow: «ПРИКАЗЫВАЮ:», or the end of a preamble, «…, приказываю:»."""
    return _ORDERING.match(text.strip()) is not None or _ORDERING_END.search(text) is not None


def ordering_of(lines: Sequence[Line]) -> int | None:
    """Return the place of the line that orders, else of the one above points that only an order has; -1 stands above all."""
    said = next((n for n, line in enumerate(lines) if is_ordering(line.text)), None)
    if said is not None:
        return said
    for n, line in enumerate(lines):
        first = POINT.fullmatch(line.text.strip())
        if first and first.group(1) == "1" and first.group(2):
            texts = [point.text for point, _ in points_of(lines, n - 1)]
            does = [INFINITIVE.search(text) is not None for text in texts]
            of_act = len(does) > 1 and all(does) and any(_ACT.match(line.text) for line in lines[:n])
            return n - 1 if of_act or (any(does) and any(map(_OF_ORDERS.match, texts))) else None
    return None


def points_of(lines: Sequence[Line], ordering: int) -> list[tuple[Point, list[int]]]:
    """Return the points below the line that orders them, each with its lines; they end where anything else begins.

    «а) …» below a point that ends with a colon is a point of its own: «1а».
    """
    points: list[tuple[Point, list[int]]] = []
    lead = ""
    for n, line in enumerate(lines[ordering + 1 :], ordering + 1):
        text = line.text.strip()
        found = POINT.fullmatch(text)
        if found and points and not _follows(found.group(1), points[-1][0].number, marked=bool(found.group(2))):
            found = None
        item = _ITEM.fullmatch(text) if points and not found else None
        if STAMP.match(line.text) and not found:
            break
        if item and (lead or points[-1][0].text.endswith(":")):
            lead = lead or points[-1][0].number
            points.append((Point(f"{lead}{item.group(1)}", " ".join(item.group(2).split()), line.line), [n]))
        elif found:
            lead = ""
            points.append((Point(found.group(1), " ".join(found.group(3).split()), line.line), [n]))
        elif points and _continues(points[-1][0].text, text, same=line.block == lines[n - 1].block):
            point, told = points[-1]
            points[-1] = replace(point, text=f"{point.text} {text}"), [*told, n]
        elif points:
            break
    return points


def _continues(before: str, text: str, *, same: bool) -> bool:
    """Tell whether a line goes on with the point above it; `same` says that both are of one paragraph."""
    ended = before.endswith((".", ";", "!", "?"))
    begun = text[:1].islower() or (not ended and (text[:1].isdigit() or same))
    return begun or _OPEN.search(before) is not None or _GOES_ON.match(text) is not None


def _follows(number: str, before: str, *, marked: bool) -> bool:
    """Tell the number of a point from one in the middle of a sentence: «… до / 15 ноября»."""
    first, last = int(number.split(".", maxsplit=1)[0]), int(re.split(r"\D", before)[0])
    return last <= first <= last + FARTHEST if marked or "." in number else first == last + 1


def control_of(texts: Sequence[str]) -> Control | None:
    """Return who controls the order by its texts: of several the last that speaks of the whole order, else the last."""
    found = [control for text in texts for control in _controls(text)]
    whole = [control for control in found if _WHOLE.search(control.text)]
    return next(reversed(whole or found), None)


def _controls(text: str) -> Iterator[Control]:
    if not _CONTROL.search(text):
        return
    for sentence in _SENTENCE.split(" ".join(text.split())[:LONGEST_POINT]):
        said = _CONTROL.search(sentence)
        whom = next(filter(None, (way.search(sentence) for way in _WHOM)), None) if said else None
        if whom:
            yield Control(sentence, "" if _MYSELF.match(whom.group(1)) else whom.group(1).strip(" .;"))
        elif said and re.search(r"(?i)(?:на\s+себя|за\s+собой)", sentence):
            yield Control(sentence, "")


def sentences_of(lines: Sequence[Line]) -> list[tuple[str, list[int]]]:
    """Return the lines that speak of control with those that they go on in, and the places of these."""
    found: list[tuple[str, list[int]]] = []
    for n, line in enumerate(lines):
        if not _CONTROL.search(line.text) or (found and n <= found[-1][1][-1]):
            continue
        text, told = line.text.strip(), [n]
        for k, after in enumerate(lines[n + 1 : n + 4], n + 1):
            more = after.text.strip()
            if text.endswith(".") or not (more[:1].islower() or _OPEN.search(text)):
                break
            text, told = f"{text} {more}", [*told, k]
        found.append((text, told))
    return found


def signatory_in(text: str) -> re.Match[str] | None:
    """Find who signs in the line below an order: «Директор С.П. Лаптева» is no «Директор С.П.»."""
    return _INITIALS_FIRST.search(text) or PERSON.search(text)


def signature_of(lines: Sequence[Line]) -> tuple[str, str]:
    """Return the name and the post of the first line that is a signature, "" for what no line says."""
    for n, line in enumerate(lines):
        text = " ".join(line.text.split())
        person = signatory_in(text)
        if not person or POINT.match(text) or _CONTROL.search(text):
            continue
        post = f"{text[: person.start()]} {text[person.end() :]}".strip(" ,.–—-_/")
        if not post and n:
            post = lines[n - 1].text.strip(" ,.–—-_/")
        if len(post) <= LONGEST_POST and BODY_HEAD.match(post) and not re.search(r"[:;?]", post):
            return person.group().strip(), post
    return "", ""
