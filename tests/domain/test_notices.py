"""Letters: who is told what, and that no two letters share an id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.commands import Delivered
from domain.events import Escalated, NoticeDelivered, NoticeFailed, NoticeSuppressed
from domain.measure import MEASURE
from domain.roadmap import Addressee, EscalationStep
from domain.workdays import Shift
from tests.domain.examples import BY_DATE, POLICY, SCHOOLS, SEMINARS, TOGETHER, UNDATED, YEAR_LONG, day
from tests.domain.story import (
    Happening,
    Story,
    accept,
    ask_for_time,
    extend,
    give_back,
    given,
    local,
    passed,
    progress,
    reassign,
    refuse_time,
    report,
    schedule,
    withdraw,
)

NOON = "2021-09-02 12:00"
OPENED = given(BY_DATE, passed("2021-09-01")).posted("2021-09-01 23:59")


@pytest.mark.parametrize(
    ("story", "happening", "letters"),
    [
        (OPENED, passed("2021-09-23"), [("reminder-deadline", "school-6")]),
        (given(YEAR_LONG, passed("2021-10-01")), passed("2021-10-28"), [("reminder-interim", "school-6")]),
        (given(YEAR_LONG, passed("2021-10-28")), passed("2021-10-29"), [("interim-missed", "imcro")]),
        (given(UNDATED), passed("2021-09-30"), [("reminder-schedule", "imcro")]),
        (OPENED, report(NOON), [("reported", "uo")]),
        (OPENED, ask_for_time(NOON, "2021-10-15"), [("extension-requested", "uo")]),
        (OPENED, extend(NOON, "2021-10-15"), [("extended", "school-6")]),
        (
            OPENED.when(ask_for_time("2021-09-02 09:00", "2021-10-15")),
            refuse_time(NOON),
            [("extension-refused", "school-6")],
        ),
        (OPENED, withdraw(NOON), [("withdrawn", "school-6")]),
        (OPENED, reassign(NOON, "school-1"), [("withdrawn", "school-6"), ("assigned", "school-1")]),
        (
            given(UNDATED),
            schedule(NOON, ("autumn", "2021-10-01", "2021-11-26"), ("spring", "2022-03-01", "2022-04-29")),
            [("scheduled", "imcro"), *(("scheduled", body) for body in SCHOOLS)],
        ),
        (OPENED.when(report(NOON)), accept(NOON), [("accepted", "school-6")]),
        (OPENED.when(report(NOON)), give_back(NOON), [("returned", "school-6")]),
        (OPENED.when(passed("2021-09-30")), passed("2021-10-01"), [("escalation", "school-6")]),
        (OPENED.when(passed("2021-10-01")), passed("2021-10-05"), [("escalation", "imcro")]),
        (OPENED.when(passed("2021-10-05")), passed("2021-10-07"), [("escalation", "uo")]),
        (OPENED, progress(NOON), []),
        (OPENED, report(NOON, "school-1"), []),
        (OPENED.when(passed("2021-09-29")), passed("2021-09-30"), []),
    ],
)
def test_everybody_is_told_what_concerns_them(
    story: Story, happening: Happening, letters: list[tuple[str, str]]
) -> None:
    """Words go to whom they are for; a missed date itself, progress and refusals need no letter."""
    assert [(notice.kind, notice.to) for notice in story.when(happening).letters()] == letters


@pytest.mark.parametrize(
    ("outcome", "fact"), [("delivered", NoticeDelivered), ("failed", NoticeFailed), ("suppressed", NoticeSuppressed)]
)
def test_the_outbox_holds_a_letter_until_its_outcome(outcome: str, fact: type) -> None:
    """Every letter that is due ends as an event; the second outcome of a letter makes nothing."""
    story = OPENED.when(report(NOON))
    (notice,) = story.state.outbox
    after = story.posted("2021-09-02 12:01", outcome)
    assert [event.fact for event in after.events] == [fact(notice, "там")]
    assert not after.state.outbox
    again = [Delivered(notice, "failed", "поздно", local("2021-09-02 12:02"))]
    assert MEASURE.turn(after.state, again, local("2021-09-02 12:02")) == []


def test_the_outcome_of_a_letter_that_nobody_owes_makes_nothing() -> None:
    """Whatever the post may say."""
    strange = [Delivered("1.1/1/school-6:reported:x:uo", "delivered", "там", local(NOON))]
    assert MEASURE.turn(OPENED.state, strange, local(NOON)) == []


def test_letters_still_find_their_outcome_after_the_close() -> None:
    """The post may be slower than the year."""
    story = OPENED.when(report(NOON)).posted("2022-07-01 12:00")
    assert not story.state.outbox


def ids(*stories: Story) -> list[str]:
    """Return the ids of all letters of these lives."""
    found = []
    for story in stories:
        whole = Story(given(story.state.plan).state, story.lived[:1], story.lived[1:])
        found += [notice.id for notice in whole.letters()]
    return found


def test_the_same_life_makes_the_same_letters() -> None:
    """An id is made of what the letter is about, never of a clock or a version."""
    lives = [
        given(TOGETHER, *happenings)
        for happenings in ([passed("2021-10-30")], [passed("2021-10-02"), passed("2021-10-30")])
    ]
    assert ids(lives[0]) == ids(lives[1])
    assert len(set(ids(lives[0]))) == 5 * 4


def test_reminders_of_one_date_have_ids_of_their_own_for_every_body_and_checkpoint() -> None:
    """Four bodies on one day, three checkpoints through the year."""
    found = ids(given(TOGETHER, passed("2021-09-30")), given(SEMINARS, passed("2022-05-31")))
    assert len(found) == len(set(found)) == 8 + 3 * 5


def test_two_returns_of_one_report_are_two_letters() -> None:
    """Each is known by the command that made it."""
    story = given(BY_DATE, report(NOON), give_back(NOON), report(NOON), give_back(NOON))
    found = ids(story)
    assert len(found) == len(set(found)) == 4


def test_a_climb_after_an_extension_has_letters_of_its_own() -> None:
    """Though both climbs are counted from one return, and take the same step on the same day."""
    story = given(BY_DATE, report("2021-09-30 12:00"), give_back("2021-10-20 12:00"), passed("2021-10-21"), rules=1)
    story = story.when(extend("2021-10-21 23:59", "2021-10-15"), passed("2021-10-25"))
    climbs = [event for event in story.lived if isinstance(event.fact, Escalated)]
    assert [
        (event.fact.level, event.occurred_on.isoformat()) for event in climbs if isinstance(event.fact, Escalated)
    ] == [
        (1, "2021-10-21"),
        (1, "2021-10-21"),
        (2, "2021-10-25"),
    ]
    found = ids(story)
    assert len(found) == len(set(found))


def test_two_climbs_over_one_weekend_have_letters_of_their_own() -> None:
    """Due on Saturday and then on Sunday, both are escalated on Monday."""
    ladder = (EscalationStep(1, Addressee.RESPONSIBLE),)
    of = replace(BY_DATE, policy=replace(POLICY, shift=Shift.NONE, escalation=ladder, reminders=()))
    story = given(of, extend("2021-09-01 12:00", "2021-10-02"), passed("2021-10-04"), rules=1)
    story = story.when(extend("2021-10-04 12:00", "2021-10-03"), passed("2021-10-30"))
    found = [notice for notice in ids(story) if ":escalation:" in notice]
    assert len(found) == len(set(found)) == 2
    assert story.only.due_on == day("2021-10-03")
