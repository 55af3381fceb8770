"""From the items of a phrase to its dated entries: what each is called, and which words and numbers are no dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reading.deadlines.draft import Dated, Draft
from reading.deadlines.items import DATED, Item, hangs_on, is_count, names_only
from reading.deadlines.text import hides_time

_REMARKS = {"clock": "time-of-day", "approx": "approximate", "except": "exception"}
_BARE_DATIVE = re.compile(r"(?i)(?:[а-я]+[рнл]ю|марту|августу)(?![а-я]).*")
"""A month in the dative without its «к»."""
_SHORTEST_NAME = 3
"""Letters of a word that can name a deadline."""
_NEGATION = re.compile(r"(?<![а-я])(?:не|кроме|исключ)", re.IGNORECASE)


def collect(draft: Draft, items: Sequence[Item]) -> list[Dated]:
    """Return the dated entries with their labels; words, times and remarks go to findings."""
    dated: list[Dated] = []
    ahead, joined, comment = "", "", False
    for n, item in enumerate(items):
        after = items[n + 1] if n + 1 < len(items) else None
        if item.op == "point" and is_count(item, after):
            draft.unread.append(item.text)
        elif item.op == "point" and n and names_only(items[n - 1], item):
            draft.unread += [item.text] if items[n - 1].op == "words" else []
        elif item.op == "lead" and after and all(m.make for m in after.moments):
            ahead = f"{ahead} {item.text}".strip()  # «за I квартал - до 15 апреля» names, «декабрь - до 25» dates
        elif item.op in DATED and not (n and hangs_on(items[n - 1])):
            _question(draft, item, items[n - 1] if n and not joined else None)
            label = f"{ahead} {item.text}".strip()
            op = "point" if item.op == "lead" else item.op
            entry = Dated(op, [*item.moments], item.text, label, item.bracketed, joined)
            if op == "window":
                dated += _windows(entry)
            elif dated and _is_term(dated[-1]) and _dates_term(entry, items[n - 1]):
                dated[-1] = replace(
                    entry, label=f"{dated[-1].label} {item.text}", bracketed=False, joined=dated[-1].joined
                )
            else:
                dated.append(entry)
            ahead = ""
        elif item.op == "words":
            ahead = _words(draft, item, after, dated, ahead, comment=comment, joined=joined)
        elif item.op in _REMARKS:
            draft.note(_REMARKS[item.op], text=item.text.strip() if item.op == "clock" else draft.text)
        comment = item.op == "open-bracket" or (item.bracketed and item.op != "close-bracket")
        joined = item.op if item.op in {"comma", "and_", "pipe", "open-bracket", "close-bracket"} else ""
    return dated


def _windows(entry: Dated) -> list[Dated]:
    """Return a window for each of its ends: «в июне-сентябре 2008-2010 годов» is three of them.

    A school term has no days of its own: «1 четверть - 29.10» says which day of it is meant.
    """
    first, *ends = entry.moments
    dates = [m for m in entry.moments if m.kind == "day"]
    if {m.kind for m in entry.moments} == {"term", "day"} and len(dates) == 1:
        return [replace(entry, op="point", moments=dates)]
    return [replace(entry, moments=[first, end]) for end in ends]


def _is_term(entry: Dated) -> bool:
    return entry.op == "point" and entry.kind == "term" and len(entry.moments) == 1


def _dates_term(entry: Dated, before: Item) -> bool:
    """Tell the date of the term before it: «1 четверть: до 29.10», «1 четверть (29.10)»."""
    introduced = before.op == "open-bracket" or (before.op == "comma" and before.text.startswith(":"))
    return introduced and all(m.kind == "day" for m in entry.moments)


def _question(draft: Draft, item: Item, before: Item | None) -> None:
    """Ask about a date that damage may have made of another; `before` stands right before it, without a separator."""
    if before and _runs_on(before, item):
        draft.note("month-list")
    if _BARE_DATIVE.fullmatch(item.text) or _is_no_name(item):
        draft.note("unread-words", text=item.text)
    if re.match("ориентировочно", item.text, re.IGNORECASE):
        draft.note("approximate")


def _is_no_name(item: Item) -> bool:
    """Tell a word behind a date's dash that may be the end of a range or of an ordinal: «октябрь-ноярь», «2-у»."""
    if not item.label:
        return False
    glued = re.search(rf"[а-я\d.]-{re.escape(item.label)}", item.text, re.IGNORECASE)
    bare = all(m.rule == "bare_day" for m in item.moments)
    return bool(glued) or bare or len(item.label) < _SHORTEST_NAME or hides_time(item.label)


def _runs_on(before: Item, item: Item) -> bool:
    """Tell «5 10 мая», «01.09 до 15.09», «2009 2011»: times with nothing between them that says whether both are due."""
    bare = bool(before.moments) and all(m.rule == "bare_day" for m in before.moments)
    years = all(m.kind in {"year", "years"} for m in (*before.moments, *item.moments))
    return (
        bare
        or (before.op == item.op == "point" and years)
        or bool(before.label)
        or (
            item.op in {"until", "before"}
            and before.op in {"point", "until", "before"}
            and any(m.kind == "day" for m in before.moments)
        )
    )


def _words(
    draft: Draft, item: Item, after: Item | None, dated: list[Dated], ahead: str, *, comment: bool, joined: str
) -> str:
    """Take words as the name of the deadline before or behind them, else as unread; return what waits for the next."""
    words = item.text.strip(" -")
    plain = not _NEGATION.search(words) and not hides_time(words) and not re.fullmatch("(?i)г|года?", words)
    if dated and item.text.startswith("-") and any(m.rule == "bare_day" for m in dated[-1].moments):
        plain = False  # «2-у вторник»: a day that is no day
    if not words:
        if dated and after and after.op in DATED and not draft.text.startswith("-"):
            draft.note("month-list")
    elif plain and dated and (comment or (item.text.startswith("-") and not joined)):
        dated[-1].label += f" ({words})" if comment else f" - {words}"
    elif plain and _leads(item, after) and (joined or not dated):
        return f"{ahead} {words}".strip() + (" -" if item.text.endswith("-") else ":")
    else:
        draft.unread.append(words)
    return ahead


def without_reported(draft: Draft, dated: list[Dated]) -> list[Dated]:
    """Leave out the time that a report is about («до 15 января (за 2021 год)»): it is no deadline."""
    about = [e for e in dated if e.text.lower().startswith("за ") and e.kind not in {"day", "month"}]
    if len(about) == len(dated):
        return dated
    draft.unread += [e.text for e in about]
    return [e for e in dated if e not in about]


def _leads(item: Item, after: Item | None) -> bool:
    """Tell whether words are the name of the deadline behind them: «Педсовет - октябрь», «семинар: май»."""
    if after is None or item.bracketed:
        return False
    return (item.text.endswith("-") and after.op in DATED) or (after.op == "comma" and after.text.startswith(":"))
