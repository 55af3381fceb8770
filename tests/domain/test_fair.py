"""The rules that came with their second edition: nobody is told of time that they did not have, and answers are asked for.

A measure that was planned by the first edition goes on by it: what it decided then, it decides again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from domain.codec import read_event
from domain.errors import Reason, UnreadableEvent
from domain.events import (
    RULES,
    AssignmentOpened,
    DeadlineExtended,
    DeadlineMissed,
    Escalated,
    ExecutionReported,
    ExtensionRefused,
    ExtensionRequested,
    ReminderIssued,
    ReminderSuppressed,
    ReturnedForRework,
    ReviewAwaited,
    ScheduleSet,
)
from domain.measure import MEASURE, planned
from domain.records import EventRecord
from domain.replay import replay
from domain.roadmap import Completion, is_measure
from domain.snapshots import restored, snapshot_of
from domain.turn import Decider
from domain.year import YEAR, started
from tests.domain.examples import BY_DATE, POLICY, ROADMAP, UNDATED, WINDOW, day, measure, plan, point
from tests.domain.story import (
    Story,
    accept,
    ask_for_time,
    begun,
    extend,
    give_back,
    given,
    local,
    passed,
    reassign,
    refuse_time,
    report,
    schedule,
    withdraw,
)
from tests.logs.record import log_file

OLD = 1
NOON = "2021-09-02 12:00"
OPENED = given(BY_DATE, passed("2021-09-01"))
SCHOOL = "1.1/1/school-6"


# ------------------------------------------------------------------------------------------- dates that have passed


@pytest.mark.parametrize(
    ("until", "at"),
    [
        ("2021-10-15", "2021-10-21 12:00"),
        ("2021-10-01", "2021-10-01 18:00"),  # at the very end of its day
        ("2021-10-02", "2021-10-02 12:00"),  # a Saturday, whose working day is Friday
    ],
)
def test_a_deadline_is_not_moved_to_where_it_is_over_already(until: str, at: str) -> None:
    """Nobody would get time by it; asking for it is refused alike."""
    story = given(BY_DATE, passed("2021-10-01 12:00"))
    today = at.partition(" ")[0]
    story.when(extend(at, until)).refused(Reason.BAD_DATE, f"{until} < {today}")
    story.when(ask_for_time(at, until)).refused(Reason.BAD_DATE, f"{until} < {today}")


def test_a_deadline_is_moved_to_the_end_of_this_very_day() -> None:
    """An hour is time, too."""
    story = given(BY_DATE, passed("2021-10-01 12:00")).when(extend("2021-10-01 17:59", "2021-10-01"))
    assert isinstance(story.facts[0], DeadlineExtended)


def test_a_schedule_of_a_day_that_is_over_is_climbed_from_the_day_that_it_was_set() -> None:
    """It is missed at once, as it was, and whoever answers still has the days of each step."""
    of = replace(UNDATED, bodies=("school-6",))
    story = given(of, passed("2021-11-01")).when(
        schedule("2021-11-01 23:59", ("autumn", "2021-09-01", "2021-09-30")), passed("2021-11-30")
    )
    story.then(
        ScheduleSet,
        ReminderSuppressed,
        ReminderSuppressed,
        DeadlineMissed,
        AssignmentOpened,
        Escalated,
        Escalated,
        Escalated,
    )
    climbed = [event.at for event in story.events if isinstance(event.fact, Escalated)]
    # The 4th and 5th are days off here.
    assert climbed == [local("2021-11-02 09:00"), local("2021-11-08 09:00"), local("2021-11-10 09:00")]


# ----------------------------------------------------------------------------------------------- requests for time


def test_nobody_refuses_what_nobody_asked_for() -> None:
    """Neither before a request, nor a second time, nor once time was given, nor to who has the assignment now."""
    asked = OPENED.when(ask_for_time(NOON, "2021-10-15"))
    asked.when(refuse_time("2021-09-03 12:00")).then(ExtensionRefused)
    answered = asked.when(refuse_time("2021-09-03 12:00"))
    granted = asked.when(extend("2021-09-03 12:00", "2021-10-15"))
    passed_on = asked.when(reassign("2021-09-03 12:00", "school-1"))
    for story, body in ((OPENED, "school-6"), (answered, "school-6"), (granted, "school-6"), (passed_on, "school-1")):
        story.when(refuse_time("2021-09-06 12:00", body=body)).refused(Reason.NOT_ASKED, f"1.1/1/{body}")
    answered.when(ask_for_time("2021-09-06 12:00", "2021-10-15"), refuse_time("2021-09-07 12:00")).then(
        ExtensionRequested, ExtensionRefused
    )


# ---------------------------------------------------------------------------------------------------- early reports


def test_a_report_of_work_whose_time_has_not_begun_is_asked_about() -> None:
    """The refusal names the day; who has done it all the same says so."""
    story = given(WINDOW)
    story.when(report(NOON)).refused(Reason.NOT_OPEN, "1.2/october/school-6 2021-10-01")
    story.when(report(NOON, early=True)).then(ExecutionReported)
    story.when(report("2021-10-01 00:01")).then(AssignmentOpened, ExecutionReported)


def test_a_report_up_to_two_weeks_before_its_time_is_taken() -> None:
    """Nobody reports a course on its last day only; a minute before those two weeks the question is asked."""
    story = given(WINDOW)
    story.when(report("2021-09-16 23:59")).refused(Reason.NOT_OPEN, "1.2/october/school-6 2021-10-01")
    story.when(report("2021-09-17 00:00")).then(ExecutionReported)


def test_a_report_at_the_very_instant_at_which_its_time_begins_is_taken() -> None:
    """The clock opens the window a moment after it, and need not."""
    story = given(WINDOW, passed("2021-09-30")).when(report("2021-10-01 00:00"), passed("2021-10-02"))
    story.then(ExecutionReported)


def test_of_several_points_the_one_that_is_open_is_meant() -> None:
    """The report of October is not one of November, and need not say so."""
    of = measure(
        "1.9",
        ("school-6",),
        point("october", "2021-10-01", "2021-10-29"),
        point("november", "2021-10-30", "2021-11-30"),
    )
    story = given(of).when(report("2021-10-05 12:00"))
    assert story.facts[-1] == ExecutionReported("1.9/october/school-6", "", (), 0)
    early = given(of, passed("2021-10-04")).when(report("2021-10-05 12:00", checkpoint="november"))
    early.refused(Reason.NOT_OPEN, "1.9/november/school-6 2021-10-30")


# -------------------------------------------------------------------------------------------- reports without proof


PROVEN = replace(BY_DATE, policy=replace(POLICY, proof_needed=True))


def test_a_report_that_says_nothing_is_refused_where_the_policy_wants_proof() -> None:
    """A note or a file is enough, blanks are neither."""
    story = given(PROVEN)
    story.when(report(NOON)).refused(Reason.NO_PROOF, SCHOOL)
    story.when(report(NOON, note=" \n")).refused(Reason.NO_PROOF, SCHOOL)
    story.when(report(NOON, note="Опрос проведён.")).then(AssignmentOpened, ExecutionReported)
    given(BY_DATE).when(report(NOON)).then(AssignmentOpened, ExecutionReported)


# --------------------------------------------------------------------------------------------- reports that lie idle


REVIEWED = replace(BY_DATE, policy=replace(POLICY, unreviewed_after=(3, 5)))
FIRST = ReviewAwaited(SCHOOL, day("2021-09-02"), 1, "uo")


def reviews(story: Story) -> list[ReviewAwaited]:
    """Return how often the last `when` told that a report waits."""
    return [fact for fact in story.facts if isinstance(fact, ReviewAwaited)]


def test_a_report_that_lies_with_the_controller_reminds_him_and_then_who_stands_above() -> None:
    """Counted in working days from the report, at the hour of letters; then nobody is told any more."""
    of = plan(REVIEWED)
    higher = replace(of.registry, bodies=(*of.registry.bodies[1:], replace(of.registry.bodies[0], reports_to="imcro")))
    story = given(replace(of, registry=higher), report(NOON)).when(passed("2022-02-01"))
    assert reviews(story) == [FIRST, ReviewAwaited(SCHOOL, day("2021-09-02"), 2, "imcro")]
    told = [event.at for event in story.events if isinstance(event.fact, ReviewAwaited)]
    assert told == [local("2021-09-07 09:00"), local("2021-09-09 09:00")]
    assert [(one.kind, one.to) for one in story.letters()] == [("unreviewed", "uo"), ("unreviewed", "imcro")]


def test_where_nobody_stands_above_the_controller_is_told_again() -> None:
    """And over a person stands the body that they act for."""
    assert [one.to for one in reviews(given(REVIEWED, report(NOON)).when(passed("2022-02-01")))] == ["uo", "uo"]
    of = replace(REVIEWED, policy=replace(POLICY, controller="vasyutina", unreviewed_after=(3, 5)))
    assert [one.to for one in reviews(given(of, report(NOON)).when(passed("2022-02-01")))] == ["vasyutina", "uo"]


@pytest.mark.parametrize("decision", [accept, give_back, withdraw, lambda at: reassign(at, "school-1")])
def test_a_report_that_was_decided_on_waits_no_more(decision: object) -> None:
    """Whatever the decision was."""
    story = given(REVIEWED, report(NOON)).when(decision("2021-09-03 12:00"), passed("2022-02-01"))  # type: ignore[operator]
    assert reviews(story) == []


def test_a_second_report_waits_anew_and_has_letters_of_its_own() -> None:
    """Its days are counted from itself."""
    story = given(REVIEWED, report(NOON)).when(
        passed("2021-09-08"), give_back("2021-09-08 23:59"), report("2021-09-13 12:00"), passed("2021-09-17")
    )
    story.then(FIRST, ReturnedForRework, ExecutionReported, ReviewAwaited(SCHOOL, day("2021-09-13"), 1, "uo"))
    ids = [one.id for one in story.letters()]
    assert len(ids) == len(set(ids)) == 4


def test_a_report_that_others_made_unnecessary_reminds_nobody() -> None:
    """Where one is enough, the controller need not look at the second."""
    policy = replace(POLICY, completion=Completion.ANY, unreviewed_after=(3,))
    of = measure("2.8", ("school-1", "school-6"), point("1", "2021-08-24", "2021-09-30"), policy=policy)
    story = given(of, report(NOON, "school-1"), report(NOON, "school-6"))
    assert reviews(story.when(accept("2021-09-03 12:00", body="school-1"), passed("2022-02-01"))) == []


def test_a_snapshot_keeps_how_often_a_report_was_told_of_and_what_was_asked() -> None:
    """A long stream is not folded from its beginning each time."""
    story = given(REVIEWED, ask_for_time("2021-09-01 12:00", "2021-10-15"), report(NOON), passed("2021-09-08"))
    back = restored(story.lived[0], snapshot_of(story.state))
    assert back == replace(story.state, answered={})
    later = local("2021-12-01 12:00")
    assert MEASURE.turn(back, [], later) == MEASURE.turn(story.state, [], later)


# ---------------------------------------------------------------------------------------------- letters and their act


def test_letters_name_the_act_and_the_date_before() -> None:
    """Of all that the controller does by an act."""
    (moved,) = OPENED.when(extend(NOON, "2021-10-15")).letters()
    assert (moved.act, moved.was, moved.due_on) == ("приказ № 12", day("2021-09-30"), day("2021-10-15"))
    (gone,) = OPENED.when(withdraw(NOON)).letters()
    assert gone.act == "приказ № 14"
    assert {one.act for one in OPENED.when(reassign(NOON, "school-1")).letters()} == {"приказ № 15"}
    dated = given(UNDATED).when(schedule(NOON, ("autumn", "2021-10-01", "2021-11-26"))).letters()
    assert {(one.kind, one.act) for one in dated} == {("scheduled", "график от 17.09.2021")}


# ------------------------------------------------------------------------------------------------- the older edition


def test_a_measure_of_the_first_edition_goes_on_as_it_was() -> None:
    """Early and empty reports, refusals of nothing, dates of the past: taken, as they were, and no new letters."""
    given(WINDOW, rules=OLD).when(report(NOON)).then(ExecutionReported)
    given(BY_DATE, passed("2021-09-01"), rules=OLD).when(refuse_time(NOON)).then(ExtensionRefused)
    moved = given(BY_DATE, passed("2021-10-20"), rules=OLD).when(extend("2021-10-21 12:00", "2021-10-15"))
    assert isinstance(moved.facts[0], DeadlineExtended)
    of = replace(UNDATED, bodies=("school-6",))
    story = given(of, passed("2021-11-01"), rules=OLD).when(
        schedule("2021-11-01 23:59", ("autumn", "2021-09-01", "2021-09-30"))
    )
    assert [type(fact) for fact in story.facts].count(Escalated) == 3
    assert {one.kind for one in story.letters()} == {"escalation"}


def test_rules_of_a_later_edition_are_decided_by_nobody_here() -> None:
    """An older Vekha does not go on with a newer one's year by rules of its own."""
    at = local("2021-08-24 10:00")
    with pytest.raises(UnreadableEvent, match="edition 3"):
        begun([planned(plan(BY_DATE), at, at, rules=RULES + 1)])
    with pytest.raises(UnreadableEvent, match="edition 3"):
        YEAR.begin(started(ROADMAP, "", at, at, rules=RULES + 1))


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_log_of_every_schema_version_is_decided_again_without_a_difference(version: int) -> None:
    """By the rules that it began with."""
    streams: dict[str, list[EventRecord]] = defaultdict(list)
    for line in log_file(version).read_text(encoding="utf-8").splitlines():
        record = EventRecord(**json.loads(line))
        streams[record.stream].append(record)
    for stream, rows in streams.items():
        decider: Decider[Any] = MEASURE if is_measure(stream) else YEAR
        steps = replay(decider, [read_event(row) for row in rows])
        assert [step.difference for step in steps if step.difference] == [], stream


def test_reminders_of_the_deadline_go_on_beside_all_that() -> None:
    """What the first edition did, the second does."""
    given(REVIEWED).when(passed("2021-09-29")).then(AssignmentOpened, ReminderIssued, ReminderIssued)
