"""The life of a measure, from the plan to the close."""

from __future__ import annotations

from dataclasses import replace

from domain.events import (
    AssignmentOpened,
    AssignmentReassigned,
    AssignmentWithdrawn,
    DeadlineExtended,
    DeadlineMissed,
    Escalated,
    ExecutionAccepted,
    ExecutionReported,
    ExtensionRefused,
    ExtensionRequested,
    InterimMissed,
    LeftOpenAtClose,
    MeasureClosed,
    MeasureCompleted,
    MeasurePlanned,
    ProgressReported,
    ReminderIssued,
    ReminderSuppressed,
    ReturnedForRework,
    ScheduleSet,
)
from domain.measure import Accepted, Open, Planned, Reported, Withdrawn
from domain.roadmap import Addressee, Completion, EscalationStep, Role
from domain.workdays import Shift
from tests.domain.examples import (
    ASSOCIATION,
    BY_ANY,
    BY_DATE,
    BY_LEAD,
    CALENDAR,
    POLICY,
    SCHOOLS,
    SEMINARS,
    TOGETHER,
    UNDATED,
    WINDOW,
    YEAR_LONG,
    calendar,
    day,
    measure,
    plan,
    point,
)
from tests.domain.story import (
    accept,
    ask_for_time,
    close,
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
    together,
    withdraw,
)

SCHOOL = "1.1/1/school-6"


def test_a_measure_begins_with_its_whole_plan() -> None:
    """The first event holds the definition, so that the stream is readable alone."""
    story = given(BY_DATE)
    assert [type(event.fact) for event in story.lived] == [MeasurePlanned]
    assert story.only.stage == Planned()
    assert story.stage == "planned"


def test_a_window_opens_on_its_first_day_and_not_before() -> None:
    """The opening is a moment of the clock: midnight of the office."""
    story = given(WINDOW).when(passed("2021-09-30"))
    story.then()
    story = story.when(passed("2021-10-01 00:00"))
    story.then(AssignmentOpened("1.2/october/school-6"))
    assert story.events[0].at == local("2021-10-01 00:00")
    assert story.only.stage == Open()


def test_a_window_that_began_before_the_year_opens_at_the_start() -> None:
    """Nothing can happen to a measure before it is under control."""
    story = given(BY_DATE, started="2021-09-02 10:00").when(passed("2021-09-02"))
    story.then(AssignmentOpened)
    assert story.events[0].at == local("2021-09-02 10:00")


def test_reminders_go_out_in_the_morning_of_working_days() -> None:
    """Five and one working days before the due date, at nine."""
    story = given(BY_DATE, passed("2021-09-01")).when(passed("2021-09-30 12:00"))
    story.then(
        ReminderIssued(SCHOOL, "deadline", 5, day("2021-09-30"), "school-6"),
        ReminderIssued(SCHOOL, "deadline", 1, day("2021-09-30"), "school-6"),
    )
    assert [event.at for event in story.events] == [local("2021-09-23 09:00"), local("2021-09-29 09:00")]


def test_a_reminder_whose_day_was_over_before_the_start_is_suppressed() -> None:
    """Nothing silent: the reminder that came too late stands in the log with its rule."""
    story = given(BY_DATE, started="2021-09-27 10:00").when(passed("2021-09-29"))
    story.then(
        ReminderSuppressed(SCHOOL, "deadline", 5, day("2021-09-30"), "school-6", "too-late"),
        AssignmentOpened,
        ReminderIssued,
    )


def test_who_has_reported_is_not_reminded() -> None:
    """The reminder is suppressed, with its rule."""
    story = given(BY_DATE, report("2021-09-24 12:00")).when(passed("2021-09-30"))
    story.then(ReminderSuppressed(SCHOOL, "deadline", 1, day("2021-09-30"), "school-6", "reported"))


def test_progress_closes_nothing() -> None:
    """Interim information never changes the stage."""
    story = given(BY_DATE, passed("2021-09-01")).when(progress("2021-09-02 12:00", note="опрос идёт"))
    story.then(ProgressReported(SCHOOL, "опрос идёт", ()))
    assert story.only.stage == Open()


def test_a_report_asks_for_acceptance_and_acceptance_completes_the_measure() -> None:
    """The way of a measure that needs no reminder."""
    story = given(BY_DATE, passed("2021-09-01")).when(
        report("2021-09-02 12:00", note="готово"), accept("2021-09-03 12:00", note="принято")
    )
    story.then(
        ExecutionReported(SCHOOL, "готово", (), 0), ExecutionAccepted(SCHOOL, "принято"), MeasureCompleted("all")
    )
    assert story.stage == "completed"


def test_a_completed_measure_wakes_no_more() -> None:
    """Completion is state: the stream stays, without a timer."""
    story = given(BY_DATE, report("2021-09-02 12:00"), accept("2021-09-03 12:00"))
    story.when(passed("2022-09-01")).then()


def test_a_report_before_the_window_is_taken() -> None:
    """Who is early, and says so, is in time; the window has nothing to open then."""
    story = given(WINDOW).when(report("2021-09-01 12:00", early=True), passed("2021-10-01"))
    story.then(ExecutionReported)
    assert story.only.stage == Reported(0)


def test_a_report_at_exactly_the_due_moment_is_in_time() -> None:
    """18:00 is inclusive, and no deadline is missed that evening."""
    story = given(BY_DATE, passed("2021-09-30 17:59")).when(report("2021-09-30 18:00"), passed("2021-10-07"))
    story.then(ExecutionReported(SCHOOL, "", (), 0))


def test_a_report_a_second_after_the_due_moment_is_a_day_late() -> None:
    """The moment that lies before the command is decided first, even when both come in one turn."""
    story = given(BY_DATE, passed("2021-09-30 12:00")).when(together("2021-10-01 08:00", report("2021-09-30 18:01")))
    story.then(DeadlineMissed(SCHOOL, day("2021-09-30")), ExecutionReported(SCHOOL, "", (), 1))


def test_a_report_that_waited_over_the_deadline_is_in_time() -> None:
    """Nobody is late because a machine was off: one turn decides the report before the moment."""
    story = given(BY_DATE, passed("2021-09-30 12:00")).when(together("2021-10-04 08:00", report("2021-09-30 17:00")))
    story.then(ExecutionReported(SCHOOL, "", (), 0))


def test_two_commands_of_one_turn_count_in_the_order_of_their_receipt() -> None:
    """The inbox may be in any order; the moment between the two is decided between them."""
    late, early = report("2021-10-01 09:30"), progress("2021-09-30 17:00")
    story = given(BY_DATE, passed("2021-09-30 12:00")).when(together("2021-10-01 10:00", late, early))
    story.then(ProgressReported, DeadlineMissed, Escalated, ExecutionReported)


def test_days_late_are_calendar_days_of_the_office() -> None:
    """Half past midnight in Moscow is the next day, though it is still the day before in UTC."""
    story = given(BY_DATE, passed("2021-10-02")).when(report("2021-10-04 00:30"))
    story.then(ExecutionReported(SCHOOL, "", (), 4))


def test_what_nobody_reports_climbs_the_whole_ladder() -> None:
    """The body after one working day, its coordinator after three, the controller after five."""
    story = given(BY_DATE, passed("2021-09-30 12:00")).when(passed("2022-08-01"))
    story.then(
        DeadlineMissed(SCHOOL, day("2021-09-30")),
        Escalated(SCHOOL, 1, "school-6"),
        Escalated(SCHOOL, 2, "imcro"),
        Escalated(SCHOOL, 3, "uo"),
    )
    assert [event.at for event in story.events[1:]] == [
        local("2021-10-01 09:00"),
        local("2021-10-05 09:00"),
        local("2021-10-07 09:00"),
    ]
    assert story.only.stage == Open()
    assert story.only.overdue


def test_a_body_that_reports_to_nobody_is_escalated_to_the_controller() -> None:
    """A step of the ladder always finds somebody."""
    story = given(ASSOCIATION, passed("2021-10-01")).when(passed("2021-10-05"))
    story.then(Escalated("1.7/1/gmo", 2, "uo"))


def test_a_late_report_stops_the_ladder() -> None:
    """From then on it waits for the controller, and stays overdue until it is accepted."""
    story = given(BY_DATE, passed("2021-10-01")).when(report("2021-10-04 12:00"), passed("2021-11-01"))
    story.then(ExecutionReported(SCHOOL, "", (), 4))
    assert story.only.overdue
    accepted = story.when(accept("2021-11-02 12:00")).only
    assert not accepted.overdue
    assert accepted.stage == Accepted(days_late=4)


def test_a_return_before_the_due_date_leaves_the_deadline_as_it_is() -> None:
    """Back to open; the clock did not stop."""
    story = given(BY_DATE, report("2021-09-02 12:00")).when(give_back("2021-09-03 12:00"), passed("2021-09-30"))
    story.then(ReturnedForRework(SCHOOL, "нет протокола"), ReminderIssued, ReminderIssued, DeadlineMissed)


def test_a_return_after_the_due_date_misses_it_then_and_climbs_from_the_return() -> None:
    """A report in time that was not good enough: missed at the return, the ladder is counted from its day."""
    story = given(BY_DATE, report("2021-09-30 12:00"), passed("2021-10-08")).when(
        give_back("2021-10-11 12:00"), passed("2021-10-18")
    )
    story.then(ReturnedForRework, DeadlineMissed, Escalated, Escalated, Escalated)
    assert [event.at for event in story.events[1:]] == [
        local("2021-09-30 18:00"),
        local("2021-10-12 09:00"),
        local("2021-10-14 09:00"),
        local("2021-10-18 09:00"),
    ]


def test_a_second_report_after_a_return_counts_by_its_own_day() -> None:
    """The first report was in time, the one that is accepted was not."""
    story = given(BY_DATE, report("2021-09-30 12:00"), give_back("2021-10-01 12:00")).when(report("2021-10-04 08:00"))
    story.then(ExecutionReported(SCHOOL, "", (), 4))


def test_the_ladder_goes_on_after_a_return_where_it_stood() -> None:
    """The body has been told before: the next step is its coordinator's."""
    story = given(BY_DATE, report("2021-10-04 12:00")).when(give_back("2021-10-11 12:00"), passed("2021-10-15"))
    story.then(ReturnedForRework, Escalated(SCHOOL, 2, "imcro"))


def test_an_extension_moves_the_due_date_and_never_the_scheduled_one() -> None:
    """The first date stays for ever."""
    story = given(BY_DATE, passed("2021-09-24")).when(extend("2021-09-27 12:00", "2021-10-15"))
    story.then(DeadlineExtended(SCHOOL, day("2021-09-30"), day("2021-10-15"), "карантин", "приказ № 12"))
    assert (story.only.scheduled_on, story.only.due_on) == (day("2021-09-30"), day("2021-10-15"))
    story.when(passed("2021-10-15")).then(ReminderIssued, ReminderIssued, DeadlineMissed(SCHOOL, day("2021-10-15")))


def test_a_reminder_that_an_extension_came_too_late_for_is_suppressed() -> None:
    """Nobody is reminded today of what would have been a reminder this morning; one at this very moment is issued."""
    late = given(BY_DATE, passed("2021-10-07")).when(extend("2021-10-08 09:01", "2021-10-15"))
    late.then(DeadlineExtended, ReminderSuppressed(SCHOOL, "deadline", 5, day("2021-10-15"), "school-6", "too-late"))
    prompt = given(BY_DATE, passed("2021-10-07")).when(extend("2021-10-08 09:00", "2021-10-15"))
    prompt.then(DeadlineExtended, ReminderIssued(SCHOOL, "deadline", 5, day("2021-10-15"), "school-6"))


def test_an_extension_to_a_day_off_ends_on_the_working_day_before() -> None:
    """The policy's shift holds for every date."""
    story = given(BY_DATE).when(extend("2021-09-27 12:00", "2021-10-16"))
    assert story.only.due_on == day("2021-10-15")


def test_a_deadline_missed_can_be_missed_again_after_an_extension() -> None:
    """The extension clears the fact, and the ladder begins anew."""
    story = given(BY_DATE, passed("2021-10-07")).when(extend("2021-10-08 12:00", "2021-10-15"))
    assert not story.only.overdue
    story.when(passed("2021-10-22")).then(
        ReminderIssued,
        DeadlineMissed(SCHOOL, day("2021-10-15")),
        Escalated(SCHOOL, 1, "school-6"),
        Escalated(SCHOOL, 2, "imcro"),
        Escalated(SCHOOL, 3, "uo"),
    )


def test_a_request_for_time_changes_nothing_until_it_is_granted() -> None:
    """Only the controller moves a date."""
    story = given(BY_DATE).when(ask_for_time("2021-09-27 12:00", "2021-10-15"))
    story.then(AssignmentOpened, ReminderIssued, ExtensionRequested(SCHOOL, day("2021-10-15"), "карантин"))
    assert story.only.due_on == day("2021-09-30")


def test_a_request_for_time_can_be_refused() -> None:
    """The due date stays, and is missed."""
    story = given(BY_DATE, ask_for_time("2021-09-27 12:00", "2021-10-15"))
    story = story.when(refuse_time("2021-09-28 12:00"), passed("2021-09-30"))
    story.then(ExtensionRefused(SCHOOL, "срок прежний"), ReminderIssued, DeadlineMissed)


def test_what_is_withdrawn_is_left_alone() -> None:
    """Out of the plan by an act: no reminder and no deadline any more, and it is never complete."""
    story = given(BY_DATE).when(withdraw("2021-08-24 12:00"), passed("2022-08-01"))
    story.then(AssignmentOpened, AssignmentWithdrawn(SCHOOL, "школа закрыта", "приказ № 14"))
    assert story.only.stage == Withdrawn()
    assert story.stage == "withdrawn"


def test_withdrawing_the_last_open_assignment_completes_the_measure() -> None:
    """The others have done what was asked."""
    story = given(TOGETHER, passed("2021-09-01"))
    for body in ("imcro", "school-1", "school-6"):
        story = story.when(report("2021-09-02 12:00", body), accept("2021-09-03 12:00", body=body))
    story = story.when(withdraw("2021-09-06 12:00", body="school-30"))
    story.then(AssignmentWithdrawn, MeasureCompleted("all"))


def test_a_reassigned_assignment_goes_on_with_the_same_dates() -> None:
    """The old one is withdrawn, the new one has the dates and starts its own ladder."""
    story = given(BY_DATE, passed("2021-09-01")).when(reassign("2021-09-02 12:00", "school-1"))
    story.then(AssignmentReassigned(SCHOOL, "school-1", "1.1/1/school-1", "реорганизация", "приказ № 15"))
    assert story.assignment(SCHOOL).stage == Withdrawn()
    successor = story.assignment("1.1/1/school-1")
    assert (successor.stage, successor.due_on, successor.role) == (Open(), day("2021-09-30"), Role.LEAD)
    done = story.when(report("2021-09-03 12:00", "school-1"), accept("2021-09-06 12:00"))
    done.then(ExecutionReported, ExecutionAccepted, MeasureCompleted)


def test_a_window_that_was_reassigned_before_it_began_opens_for_its_new_body() -> None:
    """On its own day."""
    story = given(WINDOW, reassign("2021-09-01 12:00", "school-1"))
    assert story.assignment("1.2/october/school-1").stage == Planned()
    story.when(passed("2021-10-01")).then(AssignmentOpened("1.2/october/school-1"))


def test_what_was_reported_and_then_reassigned_is_open_again() -> None:
    """The report was the other body's."""
    story = given(BY_DATE, report("2021-09-01 12:00"), reassign("2021-09-02 12:00", "school-1"))
    assert story.assignment("1.1/1/school-1").stage == Open()


def test_who_takes_over_an_overdue_assignment_climbs_from_the_day_of_the_act() -> None:
    """The date is missed for the new body too, but its ladder is not counted from a day when it knew nothing."""
    story = given(BY_DATE, passed("2021-10-08")).when(reassign("2021-10-11 12:00", "school-1"), passed("2021-10-12"))
    story.then(AssignmentReassigned, DeadlineMissed, Escalated("1.1/1/school-1", 1, "school-1"))
    assert story.events[-1].at == local("2021-10-12 09:00")


def test_interim_reports_are_asked_for_and_missed() -> None:
    """A year-long measure is heard of every quarter, or its coordinator is told."""
    story = given(YEAR_LONG, passed("2021-09-01")).when(passed("2021-10-29"))
    story.then(
        ReminderIssued("1.3/year/school-6", "interim", 5, day("2021-10-29"), "school-6"),
        InterimMissed("1.3/year/school-6", day("2021-10-29"), "imcro"),
    )
    assert story.events[-1].at == local("2021-10-29 18:00")


def test_progress_up_to_the_very_moment_is_an_interim_report() -> None:
    """Then the next interim report is the one that is asked for."""
    story = given(YEAR_LONG, passed("2021-10-25")).when(progress("2021-10-29 18:00"), passed("2021-12-29"))
    story.then(ProgressReported, ReminderIssued)


def test_progress_after_a_missed_interim_report_is_not_the_next_one() -> None:
    """On the evening of the day itself it does not count for December."""
    story = given(YEAR_LONG, passed("2021-10-29 18:30")).when(progress("2021-10-29 19:00"), passed("2021-12-30"))
    story.then(ProgressReported, ReminderIssued, InterimMissed)


def test_an_interim_report_that_was_missed_is_not_missed_again_by_a_return() -> None:
    """Reported and returned on the evening of the interim date: it has been counted already."""
    story = given(YEAR_LONG, passed("2021-10-29 18:00")).when(
        report("2021-10-29 18:30"), give_back("2021-10-29 18:45"), passed("2021-12-01")
    )
    story.then(ExecutionReported, ReturnedForRework)


def test_an_interim_report_that_came_is_not_forgotten_by_a_return() -> None:
    """Progress counts for the next interim date, whatever happens to the report of execution."""
    story = given(YEAR_LONG, progress("2021-10-04 12:00")).when(
        report("2021-10-05 12:00"), give_back("2021-10-06 12:00"), passed("2021-12-01")
    )
    story.then(ExecutionReported, ReturnedForRework)


def test_interim_dates_that_passed_while_it_was_reported_are_not_missed() -> None:
    """Nobody owes progress on what waits for the controller."""
    story = given(YEAR_LONG, report("2021-10-05 12:00")).when(passed("2021-11-01"), give_back("2021-11-02 12:00"))
    story.then(ReturnedForRework)


def test_an_interim_date_on_the_due_date_takes_no_reminder_from_it() -> None:
    """Two things are asked for on one day: each has its own reminder."""
    of = measure("1.8", ("school-6",), point("1", "2021-09-01", "2021-10-31", interim=("2021-10-29",)))
    story = given(of, passed("2021-10-01")).when(passed("2021-10-29"))
    key, due = "1.8/1/school-6", day("2021-10-29")
    story.then(
        ReminderIssued(key, "deadline", 5, due, "school-6"),
        ReminderIssued(key, "interim", 5, due, "school-6"),
        ReminderIssued(key, "deadline", 1, due, "school-6"),
        InterimMissed,
        DeadlineMissed,
    )


def test_every_checkpoint_of_a_measure_has_its_own_body_and_dates() -> None:
    """A host school each; the measure completes with the last of them."""
    story = given(SEMINARS)
    assert list(story.state.assignments) == ["2.7/december/school-1", "2.7/february/school-6", "2.7/april/school-30"]
    story = story.when(report("2021-12-20 12:00", "school-1"), accept("2021-12-21 12:00"))
    assert story.stage == "planned"
    story = story.when(report("2022-02-20 12:00", "school-6"), accept("2022-02-21 12:00"))
    story = story.when(report("2022-04-20 12:00", "school-30"), accept("2022-04-21 12:00"))
    assert story.facts[-1] == MeasureCompleted("all")
    assert story.stage == "completed"


def test_a_group_opens_into_an_assignment_for_each_member() -> None:
    """The centre leads, the schools support."""
    story = given(TOGETHER)
    roles = {item.body: item.role for item in story.state.assignments.values()}
    assert roles == {"imcro": Role.LEAD, **dict.fromkeys(SCHOOLS, Role.SUPPORT)}


def test_groups_in_groups_are_opened_and_a_body_named_twice_answers_once() -> None:
    """It keeps the first role that it was given."""
    story = given(measure("1.9", ("school-6", "everybody", "oo"), point("1", "2021-09-01", "2021-09-30")))
    assert {item.body: item.role for item in story.state.assignments.values()} == {
        "school-6": Role.LEAD,
        **dict.fromkeys(("imcro", "school-1", "school-30"), Role.SUPPORT),
    }


def test_a_group_without_members_answers_as_one() -> None:
    """There is one assignment, to the group itself."""
    assert given(ASSOCIATION).only.body == "gmo"


def test_a_measure_of_all_bodies_completes_with_the_last() -> None:
    """Three of four are not enough."""
    story = given(TOGETHER)
    for body in ("imcro", *SCHOOLS):
        assert story.stage != "completed"
        story = story.when(report("2021-09-02 12:00", body), accept("2021-09-03 12:00", body=body))
    assert story.stage == "completed"


def test_a_measure_of_the_lead_completes_with_the_lead() -> None:
    """The schools' reports do not complete it, the centre's does."""
    story = given(BY_LEAD, report("2021-09-02 12:00", "school-1"))
    story.when(accept("2021-09-03 12:00", body="school-1")).then(ExecutionAccepted)
    story = story.when(report("2021-09-06 12:00", "imcro"), accept("2021-09-07 12:00", body="imcro"))
    story.then(ExecutionReported, ExecutionAccepted, MeasureCompleted("lead"))


def test_without_its_lead_a_measure_needs_all_the_others() -> None:
    """Withdrawing the lead leaves nobody whose word is enough."""
    story = given(BY_LEAD, withdraw("2021-09-01 12:00", body="imcro"))
    for body in SCHOOLS:
        assert story.stage != "completed"
        story = story.when(report("2021-09-02 12:00", body), accept("2021-09-03 12:00", body=body))
    assert story.stage == "completed"


def test_a_measure_of_anybody_completes_with_the_first_and_the_others_are_left_alone() -> None:
    """Whoever is still open then was not needed."""
    story = given(BY_ANY, report("2021-09-02 12:00", "school-30")).when(accept("2021-09-03 12:00", body="school-30"))
    story.then(ExecutionAccepted, MeasureCompleted("any"))
    story = story.when(passed("2022-08-01"), close("2022-08-02 12:00"))
    story.then(
        *(LeftOpenAtClose(f"1.6/1/{body}", "open", needed=False) for body in ("imcro", "school-1", "school-6")),
        MeasureClosed(completed=True),
    )


def test_an_executed_checkpoint_stops_the_clock_of_its_other_bodies() -> None:
    """Where one is enough, nobody else is reminded of that checkpoint; the other checkpoint goes on."""
    of = replace(
        measure(
            "1.9",
            ("school-1", "school-6"),
            point("a", "2021-09-01", "2021-09-30"),
            point("b", "2021-10-01", "2021-10-29"),
        ),
        policy=replace(POLICY, completion=Completion.ANY),
    )
    story = given(of, report("2021-09-02 12:00", "school-1", checkpoint="a"), accept("2021-09-03 12:00"))
    story = story.when(passed("2021-10-01 12:00"))
    story.then(AssignmentOpened("1.9/b/school-1"), AssignmentOpened("1.9/b/school-6"))


def test_a_measure_without_dates_asks_for_its_schedule_once() -> None:
    """After ten working days; it is shown as undated, never as fine."""
    story = given(UNDATED).when(passed("2022-08-01"))
    story.then(ReminderIssued(None, "schedule", 0, None, "imcro"))
    assert story.events[0].at == local("2021-09-07 09:00")
    assert story.stage == "undated"


def test_a_schedule_gives_an_undated_measure_its_assignments() -> None:
    """Dates on days off are moved by the policy; the group opens as in any measure."""
    story = given(UNDATED).when(
        schedule("2021-09-20 12:00", ("autumn", "2021-10-01", "2021-11-27"), ("spring", "2022-03-01", "2022-04-29"))
    )
    story.then(ReminderIssued, ScheduleSet)
    assert story.assignment("3.6/autumn/school-6").due_on == day("2021-11-26")
    assert len(story.state.assignments) == 8
    assert story.stage == "planned"


def test_a_scheduled_date_is_never_shifted_before_its_start() -> None:
    """A weekend's event is due on the weekend, whatever the rule says."""
    story = given(UNDATED, schedule("2021-09-20 12:00", ("trip", "2021-10-02", "2021-10-03")))
    assert story.assignment("3.6/trip/imcro").due_on == day("2021-10-02")


def test_a_schedule_that_comes_early_is_not_asked_for() -> None:
    """There is nothing left to remind of."""
    story = given(UNDATED).when(
        schedule("2021-08-25 12:00", ("autumn", "2021-10-01", "2021-11-26")), passed("2021-09-30")
    )
    story.then(ScheduleSet)


def test_the_close_finds_what_is_open() -> None:
    """Every live assignment is left open with the stage it had; the measure's stream ends."""
    story = given(TOGETHER, passed("2021-10-10"), report("2021-10-11 12:00", "imcro")).when(close("2022-06-30 12:00"))
    story.then(
        LeftOpenAtClose("1.4/1/imcro", "reported", needed=True),
        *(LeftOpenAtClose(f"1.4/1/{body}", "open", needed=True) for body in SCHOOLS),
        MeasureClosed(completed=False),
    )
    assert story.stage == "closed"


def test_a_measure_that_never_got_a_date_is_left_open_by_all_its_bodies() -> None:
    """It was nobody's to report, and is not forgotten for that."""
    given(UNDATED, passed("2021-09-30")).when(close("2022-06-30 12:00")).then(
        *(LeftOpenAtClose(f"3.6/-/{body}", "undated", needed=True) for body in ("imcro", *SCHOOLS)),
        MeasureClosed(completed=False),
    )


def test_a_closed_measure_wakes_no_more() -> None:
    """Whatever was planned is over."""
    given(BY_DATE, close("2021-09-01 12:00")).when(passed("2022-08-01")).then()


def test_a_policy_without_reminders_and_ladder_only_notices_the_missed_date() -> None:
    """Both may be left empty."""
    of = replace(BY_DATE, policy=replace(POLICY, reminders=(), escalation=()))
    given(of, passed("2021-09-01")).when(passed("2022-08-01")).then(DeadlineMissed)


def test_two_steps_of_the_ladder_on_one_day_are_both_taken_in_order() -> None:
    """Equal days are no reason to leave a step out."""
    ladder = (EscalationStep(1, Addressee.RESPONSIBLE), EscalationStep(1, Addressee.CONTROLLER))
    of = replace(BY_DATE, policy=replace(POLICY, escalation=ladder))
    story = given(of, passed("2021-09-30")).when(passed("2021-10-01"))
    story.then(Escalated(SCHOOL, 1, "school-6"), Escalated(SCHOOL, 2, "uo"))


def test_a_reminder_beyond_the_beginning_of_the_calendar_came_too_late() -> None:
    """A due date right after the first day that the calendar knows stops no measure."""
    short = plan(BY_DATE, calendar=calendar("2021-09-28", "2022-09-30"))
    story = given(short, started="2021-09-29 10:00").when(passed("2021-09-30"))
    story.then(ReminderSuppressed, ReminderSuppressed, AssignmentOpened, DeadlineMissed)


def test_the_ladder_of_a_return_after_the_last_day_of_the_calendar_is_climbed() -> None:
    """Where the calendar ends every day counts as a working day: what is overdue stays under control."""
    story = given(BY_DATE, report("2021-09-30 12:00")).when(give_back("2022-10-20 12:00"), passed("2022-10-25"))
    story.then(ReturnedForRework, DeadlineMissed, Escalated, Escalated, Escalated)
    assert story.events[-1].at == local("2022-10-25 09:00")


def test_a_year_that_starts_outside_its_calendar_asks_for_a_schedule_all_the_same() -> None:
    """An order of another year, started by mistake, stops no measure."""
    story = given(UNDATED, started="2026-01-12 10:00").when(passed("2026-02-01"))
    story.then(ReminderIssued)
    assert story.events[0].at == local("2026-01-22 09:00")


def test_a_measure_without_bodies_asks_its_controller_for_the_schedule() -> None:
    """There is nobody else to ask; and no assignments are never complete."""
    story = given(measure("3.7", ())).when(passed("2021-09-30"), close("2022-06-30 12:00"))
    story.then(ReminderIssued(None, "schedule", 0, None, "uo"), MeasureClosed(completed=False))


def test_a_due_date_on_a_day_off_stays_where_the_policy_says_so() -> None:
    """Reminders and the ladder are counted from it in working days all the same."""
    of = replace(BY_DATE, policy=replace(POLICY, shift=Shift.NONE))
    story = given(of).when(extend("2021-09-01 12:00", "2021-10-16"), passed("2021-10-18"))
    story.then(AssignmentOpened, DeadlineExtended, ReminderIssued, ReminderIssued, DeadlineMissed, Escalated)
    moments = [event.at for event in story.events[2:]]
    assert moments == [
        local("2021-10-11 09:00"),
        local("2021-10-15 09:00"),
        local("2021-10-16 18:00"),
        local("2021-10-18 09:00"),
    ]
    assert not CALENDAR.is_working(day("2021-10-16"))
