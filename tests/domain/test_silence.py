"""No letter that was due is lost without a word, and no moment of the clock."""

from __future__ import annotations

from domain.commands import ReportExecution
from domain.events import NoticeDelivered
from domain.measure import MEASURE
from domain.notices import LETTER_LIMIT
from domain.silence import RECORDING_LIMIT, told
from tests.views.example_year import WORKSHOPS, Life, local, plan

NOW = "2021-12-09T10:00"


def life() -> Life:
    """Give a measure that was reminded, missed its date, was escalated and reported late."""
    return Life(plan(WORKSHOPS)).until(NOW).hear(NOW, "school-6", ReportExecution(checkpoint="1"))


def test_in_a_year_where_all_went_well_nobody_was_left_untold() -> None:
    """Reminders, escalations and the report's letter were delivered."""
    letters = told(MEASURE, life().events, local(NOW))
    assert {one.kind for one in letters} >= {"reminder-deadline", "escalation", "reported"}
    assert {one.outcome for one in letters} <= {"delivered", "suppressed"}
    assert [one.due_at for one in letters] == sorted(one.due_at for one in letters)


def test_a_letter_without_an_outcome_is_on_its_way_as_long_as_it_is_tried_and_then_missing() -> None:
    """Whichever it is; the others are not accused. The workflow tries for three days, and not a day longer."""
    events = life().events
    outcomes = [event for event in events if isinstance(event.fact, NoticeDelivered)]
    assert len(outcomes) > 3
    for gone in outcomes:
        assert isinstance(gone.fact, NoticeDelivered)
        left = [event for event in events if event is not gone]
        (due,) = (one for one in told(MEASURE, events, local(NOW)) if one.id == gone.fact.notice)
        assert due.version is not None
        sent_at = events[due.version - 1].received_at
        for after, outcome in ((LETTER_LIMIT, "under-way"), (LETTER_LIMIT + 2 * RECORDING_LIMIT, "missing")):
            letters = told(MEASURE, left, sent_at + after)
            assert [(one.id, one.outcome) for one in letters if one.version and one.outcome_version is None] == [
                (gone.fact.notice, outcome)
            ]


def test_a_letter_of_a_moment_that_was_recorded_late_is_tried_from_then_on() -> None:
    """The machine stood still for a month: nothing is missing on the morning after."""
    late = Life(plan(WORKSHOPS)).until("2021-11-20T10:00").until(NOW)
    events = [event for event in late.events if not isinstance(event.fact, NoticeDelivered)]
    letters = told(MEASURE, events, local("2021-12-10T10:00"))
    told_late = [one for one in letters if one.kind == "escalation"]
    assert told_late
    assert {one.outcome for one in told_late} == {"under-way"}


def test_every_moment_that_left_no_event_is_missing() -> None:
    """Not only the first: the clock should have brought all of them by now, each in its turn."""
    lived = Life(plan(WORKSHOPS)).until("2021-11-20T10:00").events
    assert [one for one in told(MEASURE, lived, local("2021-11-20T10:00")) if one.version is None] == []
    silent = [one for one in told(MEASURE, lived, local(NOW)) if one.version is None]
    brought = [event for event in Life(plan(WORKSHOPS)).until(NOW).events[len(lived) :] if event.actor == "clock"]
    assert [(one.kind, one.due_at) for one in silent] == [(type(event.fact).__name__, event.at) for event in brought]
    assert {one.kind for one in silent} >= {"ReminderIssued", "DeadlineMissed", "Escalated"}
    assert {(one.to, one.outcome, one.detail) for one in silent} == {("clock", "missing", "2.7/1/school-6")}
    assert len({one.id for one in silent}) == len(silent)


def test_a_moment_that_is_just_due_is_on_its_way() -> None:
    """A wake may be delayed, and a worker may be restarting."""
    lived = Life(plan(WORKSHOPS)).until("2021-11-20T10:00").events
    first, *_ = (one for one in told(MEASURE, lived, local(NOW)) if one.version is None)
    (due,) = (one for one in told(MEASURE, lived, first.due_at) if one.version is None)
    assert (due.id, due.outcome) == (first.id, "under-way")
