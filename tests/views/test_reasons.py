"""Why a letter's outcome stands in the log, and why it went again: by which event it was due, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.codec import event_record
from domain.commands import Delivered, ResendLetters
from domain.events import Event, NoticeSuppressed
from domain.measure import MEASURE
from domain.records import EventRecord
from domain.workdays import Shift
from domain.year import YEAR, started
from tests.domain.examples import BY_DATE, POLICY, ROADMAP, UNDATED, WINDOW, day
from tests.domain.story import given, local, passed, report, schedule, send
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


def test_a_report_that_waits_is_explained_by_the_report_and_the_days() -> None:
    """Counted out; and where nobody stands above, that is said."""
    of = replace(BY_DATE, policy=replace(POLICY, unreviewed_after=(3, 5)))
    rows = records("example-2021/m/1.1", given(of, report(NOON), passed("2021-09-09")).lived)
    first, second = (place for place, row in enumerate(rows, 1) if row.type == "ReviewAwaited")
    found = explain(rows[:first])
    assert types(found)[-1] == "ExecutionReported"
    assert "через 3 рабочих дня после него, в 09:00, узнаёт контролирующее лицо" in found.rules[0]
    assert found.counted is not None
    assert (found.counted.start, found.counted.end) == (day("2021-09-02"), day("2021-09-07"))
    again = explain(rows[:second], "en")
    assert types(again)[-2:] == ["ExecutionReported", "ReviewAwaited"]
    assert "nobody stands above the controller" in again.rules[1]


def test_a_step_that_is_counted_from_a_schedule_is_explained_by_it() -> None:
    """Not from a date that was over when it was set."""
    of = replace(UNDATED, bodies=("school-6",))
    late = schedule("2021-11-01 23:59", ("autumn", "2021-09-01", "2021-09-30"))
    rows = records("example-2021/m/3.6", given(of, late, passed("2021-11-02")).lived)
    found = explain(rows)
    assert types(found) == ["MeasurePlanned", "ReminderIssued", "ScheduleSet", "DeadlineMissed"]
    assert "дни считают от 01.11.2021, а не от срока 30.09.2021" in found.rules[1]


def test_a_report_that_came_before_its_time_is_explained_by_the_date() -> None:
    """Which was set when the year was planned."""
    rows = records("example-2021/m/1.2", given(WINDOW, report(NOON)).lived)
    found = explain(rows)
    assert types(found) == ["MeasurePlanned"]
    assert "начало 01.10.2021" in found.rules[0]
    assert found.checkpoint is not None


def test_a_whole_month_is_said_to_be_moved_back_though_the_policy_moves_forward() -> None:
    """The sentence names the rule that the date went by."""
    of = replace(WINDOW, policy=replace(POLICY, shift=Shift.FOLLOWING))
    said = " ".join(explain(records("example-2021/m/1.2", given(of).lived)).rules)
    assert "на предшествующий рабочий день" in said
    assert "на следующий" not in said


@pytest.mark.parametrize(
    ("due", "due_on", "settled", "wanted"),
    [
        ("2021-09-15", "2021-09-20", "начальник управления", "срок по приказу — 15.09.2021, действует 20.09.2021"),
        ("2021-09-15", "2021-09-20", None, "почему, в ней не сказано"),
        ("2021-09-18", "2021-09-18", "начальник управления", "срок по приказу — 18.09.2021, действует 18.09.2021"),
        (
            "2021-09-18",
            "2021-09-17",
            "начальник управления",
            "18.09.2021 — нерабочий день; срок перенесён на 17.09.2021",
        ),
        ("2021-09-18", "2021-09-20", "начальник управления", "срок по приказу — 18.09.2021, действует 20.09.2021"),
        ("2021-09-15", "2021-09-15", None, "15.09.2021 — рабочий день, переноса нет"),
    ],
)
def test_a_date_is_explained_by_a_rule_only_where_the_rule_gives_it(
    due: str, due_on: str, settled: str | None, wanted: str
) -> None:
    """Else by the person who set it: the day of the order, the day in force, whose decision."""
    point = replace(BY_DATE.checkpoints[0], due=day(due), due_on=day(due_on), settled=settled)
    said = " ".join(explain(records("example-2021/m/1.1", given(replace(BY_DATE, checkpoints=(point,))).lived)).rules)
    assert wanted in said
    assert (settled or "") in said
    assert ("рабочий день" in said) == ("рабочий день" in wanted), "a rule that was not applied is not named"


def test_an_outcome_that_no_event_owes_is_said_to_be_one() -> None:
    """Somebody wrote it past Vekha."""
    story = given(BY_DATE, report(NOON)).posted(NOON)
    rows = records("example-2021/m/1.1", [story.lived[0], story.lived[-1]])
    assert MEASURE.fold(None, [story.lived[0]])
    assert any("audit.py replay" in rule for rule in explain(rows).rules)
