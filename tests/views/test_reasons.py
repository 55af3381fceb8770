"""Why a letter's outcome stands in the log, and why it went again: by which event it was due, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from domain.codec import event_record
from domain.commands import Delivered, ResendLetters
from domain.events import Event, NoticeSuppressed
from domain.measure import MEASURE
from domain.records import EventRecord
from domain.year import YEAR, started
from tests.domain.examples import BY_DATE, ROADMAP
from tests.domain.story import given, local, passed, report, send
from views.reasons import Explanation, explain

NOON = "2021-09-02 12:00"
LATE = local("2021-12-15 10:00")


def records(stream: str, events: Sequence[Event]) -> list[EventRecord]:
    """Return events as the rows of a stream."""
    return [event_record(event, stream, version, "me") for version, event in enumerate(events, start=1)]


def types(explanation: Explanation) -> list[str]:
    """Return the types of the events behind one."""
    return [record.type for record in explanation.chain]


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_letter_that_went_again_is_explained_by_its_failure(lang: str) -> None:
    """And its second outcome by its being sent again, its first by the event that made it due."""
    story = given(BY_DATE, report(NOON)).posted(NOON, "failed")
    story = story.when(send("uo", "2021-09-03 12:00", ResendLetters())).posted("2021-09-03 12:01", "filed")
    rows = records("example-2021/m/1.1", story.lived)
    assert [row.type for row in rows[-3:]] == ["NoticeFailed", "LetterResent", "NoticeFiled"]
    failed, again, filed = (explain(rows[: len(rows) - back], lang) for back in (2, 1, 0))
    assert types(failed)[-1] == "ExecutionReported"
    assert types(again)[-2:] == ["ExecutionReported", "NoticeFailed"]
    assert types(filed)[-3:] == ["ExecutionReported", "NoticeFailed", "LetterResent"]
    words = {
        "ru": ("не доставлено", "ещё раз", "сохранено файлом"),
        "en": ("not delivered", "again", "lies in a file"),
    }[lang]
    for found, word in zip((failed, again, filed), words, strict=True):
        assert any(word in rule for rule in found.rules), found.rules


def test_a_letter_that_a_late_start_held_back_is_explained_by_the_rule() -> None:
    """The event that it was due by stands before it, and the rule is told in words."""
    story = given(BY_DATE, started="2021-12-15 10:00").when(passed("2021-12-15 10:00"))
    last = max(place for place, event in enumerate(story.lived) if isinstance(event.fact, NoticeSuppressed))
    found = explain(records("example-2021/m/1.1", story.lived[: last + 1]))
    assert types(found)[-1] == "Escalated"
    assert any("до начала контроля" in rule for rule in found.rules)


def test_the_letters_of_the_year_itself_are_explained_by_its_start() -> None:
    """They stand in the year's own stream."""
    first = started(ROADMAP, "", LATE, LATE)
    state = YEAR.evolve(YEAR.begin(first), first)
    notice = next(iter(state.outbox))
    made, state = YEAR.advance(state, [Delivered(notice, "failed", "550", LATE)], LATE)
    again, state = YEAR.advance(state, [send("uo", "2021-12-16 10:00", ResendLetters())], LATE)
    rows = records("example-2021/year", [first, *made, *again])
    failed, resent = explain(rows[:2]), explain(rows)
    assert types(failed) == ["YearStarted"]
    assert any("прошедшие сроки" in rule for rule in failed.rules)
    assert types(resent) == ["YearStarted", "NoticeFailed"]


def test_an_outcome_that_no_event_owes_is_said_to_be_one() -> None:
    """Somebody wrote it past Vekha."""
    story = given(BY_DATE, report(NOON)).posted(NOON)
    rows = records("example-2021/m/1.1", [story.lived[0], story.lived[-1]])
    assert MEASURE.fold(None, [story.lived[0]])
    assert any("audit.py replay" in rule for rule in explain(rows).rules)
