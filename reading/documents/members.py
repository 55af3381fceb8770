"""Appendices that list who is in a group: «Состав рабочей группы», a table or lines of people and their posts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from orders.findings import PlacedFinding
from reading.bodies import PERSON
from reading.documents.account import Account
from reading.documents.model import Document, Table, Text
from reading.doubts import doubt

_HEAD = re.compile(
    r"(?i)\s*состав\s+((?:[а-яё-]+\s+){0,4}?(?:групп|комисси|штаб|совет|комитет|оргкомитет|команд)[а-яё]*(?:\s+по\s.{3,80})?)"
)
_PLACE_IN_GROUP = re.compile(
    r"(?i)[\s,;(–—-]*(?:председател[ьи]|заместител[ьи]\s+председателя|секретар[ьи]|член[ы]?|руководител[ьи])"
    r"(?:\s+(?:рабочей\s+|экспертной\s+)?(?:группы|комиссии|штаба|совета|комитета|оргкомитета|команды))?[\s).;]*$"
)
MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Group:
    """A group and the posts of its members: names of people stay out of a roadmap."""

    name: str
    posts: tuple[str, ...]
    line: int | None


def groups_of(document: Document, account: Account) -> tuple[list[Group], list[PlacedFinding]]:
    """Return the groups whose members the document lists, each with a question."""
    found = []
    for at, block in enumerate(document.blocks):
        head = _HEAD.match(block.text) if isinstance(block, Text) else None
        if not head or not isinstance(block, Text):
            continue
        posts = tuple(dict.fromkeys(filter(None, _posts(document, at, account))))
        if posts:
            account.take("named", at, 0)
            found.append(Group(" ".join(head.group(1).split()), posts, block.line))
    asked = [
        doubt(
            "members-of-appendix",
            {"text": group.name, "members": "; ".join(group.posts)},
            where="bodies",
            line=group.line,
        )
        for group in found
    ]
    return found, asked


def _posts(document: Document, at: int, account: Account) -> Iterator[str]:
    """Yield the posts below a heading, in a table or in lines, as long as they name people."""
    for n, block in enumerate(document.blocks[at + 1 : at + MOST_LINES], at + 1):
        lines = (
            [" – ".join(c.text for c in row.cells if c.text and not c.merged) for row in block.rows]
            if isinstance(block, Table)
            else block.text.split("\n")
        )
        people = [(k, line) for k, line in enumerate(lines) if PERSON.search(line)]
        if not people:
            if n > at + 1 or isinstance(block, Table):
                return
            continue
        for k, line in people:
            account.take("named", n, k)
            yield _post(line)
        if isinstance(block, Table):
            return


def _post(line: str) -> str:
    """Return the post of «Иванов И.И. – начальник отдела, председатель комиссии»."""
    rest = " ".join(PERSON.sub("", line).split()).strip(" ,;.–—-0123456789)")
    return _PLACE_IN_GROUP.sub("", rest).strip(" ,;.–—-")
