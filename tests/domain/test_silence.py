"""No letter that was due is lost without a word, and no moment of the clock."""

from __future__ import annotations

from domain.commands import ReportExecution
from domain.events import NoticeDelivered
from domain.measure import MEASURE
from domain.silence import told
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


def test_a_letter_without_an_outcome_is_missing() -> None:
    """Whichever it is; the others are not accused."""
    events = life().events
    outcomes = [event for event in events if isinstance(event.fact, NoticeDelivered)]
    for gone in outcomes:
        letters = told(MEASURE, [event for event in events if event is not gone], local(NOW))
        assert isinstance(gone.fact, NoticeDelivered)
        assert [one.id for one in letters if one.outcome is None] == [gone.fact.notice]


def test_a_moment_that_left_no_event_is_missing() -> None:
    """The clock should have brought it by now."""
    events = Life(plan(WORKSHOPS)).until("2021-11-20T10:00").events
    assert [one for one in told(MEASURE, events, local("2021-11-20T10:00")) if one.version is None] == []
    (silent,) = (one for one in told(MEASURE, events, local(NOW)) if one.version is None)
    assert (silent.kind, silent.to, silent.outcome) == ("ReminderIssued", "clock", None)
