"""What a clerk reads holds none of our inner names: a law over every Russian sentence of views, doors, findings and letters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from settings import ROOT
from views.texts import TEXTS, calendar_said, text

ROOMS = ("views", "app", "doors", "activities")
FILES = sorted(
    [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    + [ROOT / "orders" / name for name in ("findings.py", "batch.py", "codes.py", "troubles.py")]
)
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
# What was stumbled over, each with its like.
INNER = re.compile(
    r"репетиц|эскалац|ступен|лестниц|\bстек|\bдвер[ьи]\b|проекци|реестр|holidays|LAW_|грамматик|никто не прочт|"
    r"не останавлив|длится долго|другом состоянии|правило чтения|отстаёт на|^нужен текст$|^Не хватает|"
    r"\bпоток(?:а|у|е|ом)?\b",
    re.IGNORECASE,
)
# Words that are typed, or name what an auditor looks for in the log.
TYPED = re.compile(r"ПОТОК/ВЕРСИЯ")


def sentences() -> Iterator[tuple[str, str]]:
    """Yield every Russian text of the code with its place; docstrings have none."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and RUSSIAN.search(node.value):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def test_no_sentence_has_an_inner_name() -> None:
    """Told with its place, all at once."""
    found = list(sentences())
    assert len(found) > 1000
    wrong = [f"{place}: {said}" for place, said in found if INNER.search(TYPED.sub("", said))]
    assert wrong == []


@pytest.mark.parametrize(
    "said",
    ["эскалация, ступень 2", "календарь holidays 0.109 RU", "Дверь исполнителей", "его поток стоит", "нужен текст"],
)
def test_the_law_sees_what_was_stumbled_over(said: str) -> None:
    """It would be no law that finds nothing."""
    assert INNER.search(said)


def test_every_text_has_both_languages() -> None:
    """And neither is the other."""
    for key, (ru, en) in TEXTS.items():
        assert ru
        assert en
        assert not RUSSIAN.search(en), key


def test_a_calendar_is_called_by_what_it_is() -> None:
    """The names of packages and files stay out."""
    version = "holidays 0.109 RU + ru-decree 2021-10-20 + мой слой"
    assert calendar_said(version, "ru") == (
        "по производственному календарю России (выпуск 0.109), с нерабочими днями по указам (на 20.10.2021), мой слой"
    )
    assert "holidays" not in calendar_said(version, "en")


def test_a_letter_says_what_to_do_and_nothing_else() -> None:
    """The sentences that people asked about, as they are now."""
    assert text("letter.reminder-interim.happened", on="01.12.2021") == (
        "К 01.12.2021 нужно коротко сообщить, как идёт работа."
    )
    assert text("letter.returned.happened", due_on="30.11.2021") == (
        "Ваш отчёт проверен и возвращён на доработку. Срок остаётся прежним: 30.11.2021."
    )
    assert "на само письмо отвечать не нужно" in text("letter.sign")
