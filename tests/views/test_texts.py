"""Every text stands in both languages and can be filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from domain import commands, events, measure
from domain.errors import Reason
from views.plain import one_line, plain
from views.texts import TEXTS, counted, day, days_in, known, moment, text


def blanks(template: str) -> set[str]:
    """Return the names of a template's blanks."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_both_languages_say_the_same() -> None:
    """Each text exists in Russian and in English, with the same blanks."""
    for key, (russian, english) in TEXTS.items():
        assert russian.strip(), key
        assert english.strip(), key
        assert blanks(russian) == blanks(english), key


def test_every_reason_stage_command_and_event_has_its_words() -> None:
    """A new case in the domain does not go out as a bare code."""
    wanted = {f"refusal.{reason}" for reason in Reason}
    wanted |= {f"stage.{name}" for name in measure.STAGE_NAMES.values()}
    wanted |= {f"command.{kind.__name__}" for kind in commands.Request.__args__}
    facts = [kind for kind in events.MeasureFact.__args__ if "assignment" in kind.__dataclass_fields__]
    wanted |= {f"event.{kind.__name__}" for kind in facts}
    assert wanted - TEXTS.keys() == set()


@pytest.mark.parametrize(
    ("n", "said"),
    [(1, "1 день"), (2, "2 дня"), (5, "5 дней"), (11, "11 дней"), (21, "21 день"), (0, "0 дней"), (112, "112 дней")],
)
def test_russian_numbers_agree_with_their_nouns(n: int, said: str) -> None:
    """1 день, 2 дня, 5 дней."""
    assert counted("days", n, "ru") == said


def test_a_year_has_four_digits() -> None:
    """The first day that can be asked for is a day as any other."""
    assert day(date.min) == day("0001-01-01") == "01.01.0001"
    assert moment(datetime(500, 1, 1, 21, 30, tzinfo=UTC), ZoneInfo("Etc/GMT-3")) == "02.01.0500 00:30"


def test_english_has_two_forms() -> None:
    """One day, several days."""
    assert [counted("days", n, "en") for n in (1, 2)] == ["1 day", "2 days"]


def test_dates_are_shown_as_people_write_them() -> None:
    """30.09.2021, also inside a refusal's detail."""
    assert days_in("2021-09-30..2021-10-01") == "30.09.2021..01.10.2021"


def test_a_code_without_words_stands_for_itself() -> None:
    """What data brings is never an error on the screen."""
    assert known("stage.nonsense", "ru", "nonsense") == "nonsense"
    assert text("measure", "en", number="2.7") == "measure 2.7"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("готово", "готово"),
        ("\x1b[2Jпусто", "<U+001B>[2Jпусто"),
        ("отчёт\u202efdp.exe", "отчёт<U+202E>fdp.exe"),
        ("a\x00b\u2066c", "a<U+0000>b<U+2066>c"),
        ("две\nстроки", "две\nстроки"),
        ("a\udc80b", "a<U+DC80>b"),
    ],
)
def test_hidden_characters_are_written_out(written: str, shown: str) -> None:
    """Nothing that a person wrote steers a terminal or turns a line around."""
    assert plain(written) == shown


def test_one_line_is_one_line_and_not_endless() -> None:
    """Line breaks of every kind become spaces; what is too long ends in an ellipsis."""
    assert one_line(" a\r\nb\u2028c\td ") == "a b c d"
    assert one_line("слово " * 100, 20) == "слово слово слово с…"
