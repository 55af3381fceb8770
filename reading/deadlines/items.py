"""From the text of a deadline to its items: the grammar at work, and the mending of damage that it cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from orders.findings import PlacedFinding, Words
from reading.deadlines.lexer import WordLexer
from reading.deadlines.moments import Moment, moments_of
from reading.deadlines.rules import RULES
from reading.deadlines.text import hides_time, repairs

DATED = {"lead", "until", "before", "window", "open_from", "not_before", "point", "during"}
RECURRING = {"monthly", "each_month", "following", "month_of_quarter", "quarterly", "half_yearly", "termly", "yearly", "weekly", "daily",
             "seldom", "weekday_monthly"}  # fmt: skip
WITHOUT_DATE = {
    "separate_plan": ("separate-plan", "separate-plan"),
    "event": ("event", "event-date-unknown"),
    "unspecified": ("unspecified", "no-date"),
    "term_after_event": ("relative", "event-date-unknown"),
    "term_before_event": ("relative", "event-date-unknown"),
}
"""The kind and the finding of what names no date of its own."""


@dataclass(slots=True)
class Item:
    """One deadline, recurrence, remark or separator of a phrase."""

    op: str
    text: str
    moments: list[Moment] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    label: str = ""
    bracketed: bool = False


@cache
def grammar() -> Lark:
    """Return the parser of `grammar.lark`, built once."""
    return Lark(
        (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer=WordLexer,
        propagate_positions=True,
        maybe_placeholders=False,
    )


@cache
def _sound_phrases() -> dict[str, str]:
    """Return the rules' examples without digits, by their letters alone."""
    examples = (example for rule in RULES.values() for example in rule.examples)
    return {re.sub(r"[\s-]+", "", e).lower(): e for e in examples if " " in e and not re.search(r"\d", e)}


@lru_cache(maxsize=4096)
def parsed(text: str) -> tuple[tuple[Item, ...], tuple[PlacedFinding, ...]]:
    """Return the items of a text, its damage mended where that leaves nothing unclear, and what was mended."""
    items = _items(text)
    if any(_unclear(item) for item in items):
        for mended, finding in repairs(text, _sound_phrases()):
            better = _items(mended)
            if not any(_unclear(item) for item in better):
                return tuple(better), (replace(finding, reading=Words(mended, mended)),)
    return tuple(items), ()


def _timed(items: list[Item]) -> list[Item]:
    """Read «с 8:00 8 ноября до 20:00 12 ноября» as one window: its prepositions stand before the times of day."""
    for n in range(len(items) - 3):
        first, start, second, end = items[n : n + 4]
        clocks = (
            first.op == second.op == "clock"
            and re.match("(?i)со? ?", first.text)
            and re.match("(?i)до|по", second.text)
        )
        if clocks and start.op == end.op == "point" and len(start.moments) == len(end.moments) == 1:
            text = f"{first.text} {start.text} {second.text} {end.text}"
            window = Item("window", text, moments=[*start.moments, *end.moments], bracketed=start.bracketed)
            return [*items[:n], first, second, window, *_timed(items[n + 4 :])]
    return items


def _unclear(item: Item) -> bool:
    """Tell what damage may hide a date: words of no rule, or «в течение» with words that name no time («учебоного года»)."""
    return item.op == "words" or (bool(item.label) and (item.op == "event" or hides_time(item.label)))


def _items(text: str) -> list[Item]:
    try:
        return _timed(list(_flat(grammar().parse(lowered(text)), text, bracketed=False)))
    except UnexpectedInput:
        pieces = re.split(r"([,;\n]\s*|\.\s+)", text)
    if len(pieces) == 1:
        return [Item("words", text, parts=[text])]
    items: list[Item] = []
    for piece in pieces:
        if piece.strip():
            items += [Item("comma", piece)] if re.fullmatch(r"[,;\n.]\s*", piece) else _items(piece.strip())
    return items


_EXAM = re.compile(r"([А-ЯЁ]{2,}-\d)")


def lowered(text: str) -> str:
    """Return a text of the same length in small letters, names of exams like «ОГЭ-9» as they stand.

    The lexer's patterns know small letters only: ignoring case costs them a quarter more time to build.
    """
    return "".join(
        part if place % 2 else "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in part)
        for place, part in enumerate(_EXAM.split(text))
    )


def _flat(tree: Tree[Token], text: str, *, bracketed: bool) -> Iterable[Item]:
    for child in tree.children:
        if isinstance(child, Token):
            continue
        if child.data == "note":
            yield Item("open-bracket", "(")
            yield from _flat(child, text, bracketed=True)
            yield Item("close-bracket", ")")
        else:
            yield _item(child, text, bracketed=bracketed)


def _item(tree: Tree[Token], text: str, *, bracketed: bool) -> Item:
    slice_ = text[tree.meta.start_pos : tree.meta.end_pos]
    item = Item("point" if tree.data == "named" else str(tree.data), slice_, bracketed=bracketed)
    for child in tree.children:
        if isinstance(child, Token):
            item.parts.append(text[child.start_pos : child.end_pos])
        elif child.data == "tail":
            item.label = text[child.meta.start_pos : child.meta.end_pos]
        else:
            item.moments += moments_of(child, text)
    return item


# --- items beside each other ---


def is_count(item: Item, after: Item | None) -> bool:
    """Tell «5 мероприятий», «10 %»: a number before a word counts something and is no day."""
    counted = after is not None and after.op == "words" and not after.text.startswith("-")
    return counted and all(m.rule == "bare_day" for m in item.moments)


def names_only(before: Item, item: Item) -> bool:
    """Tell «после ЕГЭ 2022 года», «план на 2022 год»: the year belongs to the name before it."""
    undated = before.op in WITHOUT_DATE or (before.op == "words" and re.match("(?i)(?:на|за)(?![а-я])", item.text))
    return bool(undated) and all(m.kind in {"year", "years", "school_year"} for m in item.moments)


def hangs_on(before: Item) -> bool:
    """Tell «по итогам I полугодия», «перед началом учебного года»: the date says only what comes first."""
    return (
        before.op == "event"
        and not before.label
        and not re.fullmatch(r"(?i)(?:(?:в|на)\s*)?(?:период|начале|конце|течени[еи])", before.text.strip())
    )
