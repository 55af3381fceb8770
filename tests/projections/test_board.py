"""The board says of every assignment what really happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.commands import (
    AcceptExecution,
    ExtendDeadline,
    ReassignAssignment,
    ReportExecution,
    ReportProgress,
    Request,
    ReturnForRework,
    ScheduledPoint,
    SetSchedule,
    WithdrawAssignment,
)
from domain.errors import UnknownRow
from domain.measure import STAGE_NAMES, LeftOpen, Reported
from domain.records import EventRecord
from domain.roadmap import Completion
from projections.as_of import as_of
from projections.board import BoardRow, board, fold
from tests.views.example_year import (
    CERTIFICATION,
    COURSES,
    MONITORING,
    WORKSHOPS,
    ZONE,
    Life,
    YearLife,
    plan,
    sealed,
    unreviewed,
)
from views.documents import row_record

END = date(2022, 8, 31)


def rows(*lives: Life | YearLife) -> dict[str, BoardRow]:
    """Return the rows of lives by assignment."""
    return {row.assignment: row for row in board(sealed(*lives))}


def board_on(records: Iterable[EventRecord], day: date) -> list[BoardRow]:
    """Return the board at the end of a day, as it was known then."""
    return board(as_of(records, day, ZONE, day))


def report(checkpoint: str | None = None, body: str | None = None) -> ReportExecution:
    """Return a report of execution."""
    return ReportExecution(checkpoint=checkpoint, body=body, note="готово")


def test_a_group_opens_into_a_row_for_each_member_and_the_first_named_body_leads() -> None:
    """Who answers for what is opened by the domain, and the year's own stream makes no rows."""
    given_board = rows(Life(plan(MONITORING)), YearLife())
    assert [(row.body, row.role, row.stage) for row in given_board.values()] == [
        ("imcro", "lead", "planned"),
        ("school-1", "support", "planned"),
        ("school-30", "support", "planned"),
        ("school-6", "support", "planned"),
    ]
    assert {row.due_on for row in given_board.values()} == {date(2021, 9, 30)}
    assert {row.last_event for row in given_board.values()} == {"MeasurePlanned"}


def test_a_checkpoint_with_bodies_of_its_own_makes_rows_for_them_only() -> None:
    """The host school of a checkpoint answers for it, and nobody else."""
    assert list(rows(Life(plan(WORKSHOPS)))) == ["2.7/1/school-6", "2.7/2/school-30"]


def test_a_report_in_time_is_not_late_and_waits_for_acceptance() -> None:
    """Reported is a stage, accepted the next one; neither is overdue."""
    life = Life(plan(WORKSHOPS)).until("2021-11-02T10:00").hear("2021-11-30T18:00", "school-6", report("1"))
    row = rows(life)["2.7/1/school-6"]
    assert (row.stage, row.days_late, row.overdue) == ("reported", 0, False)
    life.hear("2021-12-02T10:00", "uo", AcceptExecution(checkpoint="1"))
    row = rows(life)["2.7/1/school-6"]
    assert (row.stage, row.days_late, row.overdue, row.last_event) == ("accepted", 0, False, "ExecutionAccepted")


def test_a_report_that_lies_with_the_controller_is_seen_to_lie_there() -> None:
    """It stays where it is, and the last that happened to it is the reminder."""
    row = rows(unreviewed())["1.1/1/imcro"]
    assert (row.stage, row.last_event) == ("reported", "ReviewAwaited")


def test_a_late_report_keeps_its_days_and_stays_overdue_until_it_is_accepted() -> None:
    """Lateness is a fact beside the stage, not a stage."""
    life = Life(plan(WORKSHOPS)).until("2021-12-08T10:00").hear("2021-12-09T10:00", "school-6", report("1"))
    row = rows(life)["2.7/1/school-6"]
    assert (row.stage, row.days_late_on(END), row.overdue, row.escalation_level) == ("reported", 9, True, 3)
    row = rows(life.hear("2021-12-10T10:00", "uo", AcceptExecution(checkpoint="1")))["2.7/1/school-6"]
    assert (row.stage, row.days_late_on(END), row.overdue) == ("accepted", 9, False)


def test_an_open_overdue_row_grows_older_day_by_day() -> None:
    """Its days are counted when it is read; on the due day itself it is one day late already."""
    row = rows(Life(plan(WORKSHOPS)).until("2021-12-01T12:00"))["2.7/1/school-6"]
    assert row.overdue
    assert [row.days_late_on(date(2021, 11, 30)), row.days_late_on(date(2021, 12, 1)), row.days_late_on(END)] == [
        1,
        1,
        274,
    ]


def test_a_returned_report_counts_no_longer() -> None:
    """A report in time that was sent back after the deadline leaves the assignment open and overdue."""
    life = Life(plan(WORKSHOPS)).hear("2021-11-20T10:00", "school-6", report("1"))
    life.hear("2021-12-10T10:00", "uo", ReturnForRework(checkpoint="1", reason="нет фото"))
    row = rows(life)["2.7/1/school-6"]
    assert (row.stage, row.days_late, row.overdue, row.days_late_on(date(2021, 12, 10))) == ("open", None, True, 10)


def test_an_extension_moves_the_due_date_and_never_the_scheduled_one() -> None:
    """The first plan stays visible; what was missed and how far it climbed begins anew."""
    life = Life(plan(WORKSHOPS)).until("2021-12-08T10:00")
    extend = ExtendDeadline(checkpoint="1", until=date(2021, 12, 18), reason="карантин", act="приказ № 5")
    row = rows(life.hear("2021-12-08T11:00", "uo", extend))["2.7/1/school-6"]
    assert (row.scheduled_on, row.due_on) == (date(2021, 11, 30), date(2021, 12, 17))
    assert (row.overdue, row.escalation_level, row.days_late_on(END)) == (False, 0, 0)


def test_a_withdrawn_row_stays_and_is_not_overdue() -> None:
    """Out of every denominator, but visibly."""
    life = Life(plan(WORKSHOPS)).until("2021-12-08T10:00")
    row = rows(life.hear("2021-12-08T11:00", "uo", WithdrawAssignment(checkpoint="1", reason="…", act="№ 5")))[
        "2.7/1/school-6"
    ]
    assert (row.stage, row.overdue, row.days_late_on(END)) == ("withdrawn", False, 0)


def test_a_reassigned_assignment_ends_here_and_begins_there() -> None:
    """The successor has the same dates and a ladder of its own."""
    life = Life(plan(WORKSHOPS)).until("2021-12-02T10:00")
    reassign = ReassignAssignment(checkpoint="1", to="school-1", reason="ремонт", act="№ 6")
    after = rows(life.hear("2021-12-02T11:00", "uo", reassign))
    old, new = after["2.7/1/school-6"], after["2.7/1/school-1"]
    assert (old.stage, new.stage, new.body, new.due_on) == ("withdrawn", "open", "school-1", old.due_on)
    assert new.overdue, "the deadline has passed for the successor too"
    assert old.last_event == "AssignmentReassigned"


def test_an_undated_measure_is_shown_as_undated_until_its_schedule_is_set() -> None:
    """Undated is never fine; the schedule replaces the row, it does not stand beside it."""
    life = Life(plan(CERTIFICATION)).until("2021-10-01T10:00")
    (row,) = rows(life).values()
    assert (row.assignment, row.checkpoint, row.stage, row.due_on) == ("3.6/-/imcro", None, "undated", None)
    assert row.last_event == "ReminderIssued"
    assert row_record(row, END)["overdue"] is False
    points = (
        ScheduledPoint("a", "первый этап", date(2021, 10, 4), date(2021, 11, 1)),
        ScheduledPoint("b", "второй этап", date(2021, 10, 4), date(2022, 3, 1)),
    )
    after = rows(life.hear("2021-10-02T10:00", "uo", SetSchedule(points=points, act="график")))
    assert [(row.assignment, row.stage, row.scheduled_on) for row in after.values()] == [
        ("3.6/a/imcro", "planned", date(2021, 11, 1)),
        ("3.6/b/imcro", "planned", date(2022, 3, 1)),
    ]


def test_what_the_close_finds_open_grows_no_older() -> None:
    """The count of days ends with the year."""
    row = rows(Life(plan(WORKSHOPS)).until("2022-03-01T10:00").close("2022-08-31T20:00"))["2.7/2/school-30"]
    assert (row.stage, row.overdue, row.last_event) == ("left-open", True, "LeftOpenAtClose")
    assert row.days_late_on(date(2030, 1, 1)) == (END - date(2022, 2, 28)).days


def test_a_refusal_leaves_every_row_as_it_was() -> None:
    """A refused command concerns no assignment."""
    life = Life(plan(WORKSHOPS)).until("2021-11-02T10:00")
    before = rows(life)
    assert rows(life.hear("2021-11-03T10:00", "school-30", report("1"))) == before


def test_a_row_of_interfaces_has_its_keys_and_plain_json_values() -> None:
    """The shape that scripts rely on."""
    life = Life(plan(WORKSHOPS)).until("2021-12-01T12:00")
    assert row_record(rows(life)["2.7/1/school-6"], date(2021, 12, 1)) == {
        "assignment": "2.7/1/school-6",
        "measure": "2.7",
        "checkpoint": "1",
        "body": "school-6",
        "role": "lead",
        "stage": "open",
        "scheduled_on": "2021-11-30",
        "due_on": "2021-11-30",
        "overdue": True,
        "days_late": 1,
        "escalation_level": 1,
        "last_event": "Escalated",
    }


def test_measures_stand_in_the_order_of_their_numbers() -> None:
    """2.10 comes after 2.9, as a person reads."""
    late = Life(plan(WORKSHOPS))
    early = Life(plan(COURSES))
    assert [row.measure for row in board(sealed(late, early))] == ["1.2", "2.7", "2.7"]


def test_an_event_before_its_stream_began_is_an_error() -> None:
    """A hole in the log is never folded over."""
    opened = Life(plan(WORKSHOPS)).until("2021-11-02T10:00").records[1]
    with pytest.raises(UnknownRow, match=r"2\.7/1/school-6"):
        fold({}, opened)


# ------------------------------------------------------------------------------------------- as of a day


def test_as_of_counts_a_deadline_by_its_moment_and_a_report_by_when_it_came() -> None:
    """A worker that was off until October changes nothing about September."""
    life = Life(plan(MONITORING)).hear("2021-09-30T17:59", "school-1", report())
    life.until("2021-10-07T12:00")  # everything since then is decided only now
    on_the_day = {row.body: row for row in board_on(sealed(life), date(2021, 9, 30))}
    assert on_the_day["school-1"].stage == "reported"
    assert on_the_day["school-6"].overdue
    assert on_the_day["school-6"].escalation_level == 0
    the_day_before = board_on(sealed(life), date(2021, 9, 29))
    assert {row.stage for row in the_day_before} == {"open"}
    assert not any(row.overdue for row in the_day_before)


def test_as_of_a_deadline_missed_in_hindsight_was_not_missed_while_the_report_stood() -> None:
    """An event never counts before the one it follows in its stream."""
    life = Life(plan(WORKSHOPS)).hear("2021-11-20T10:00", "school-6", report("1"))
    life.hear("2021-12-10T10:00", "uo", ReturnForRework(checkpoint="1", reason="нет фото"))
    between = {row.assignment: row for row in board_on(sealed(life), date(2021, 12, 5))}
    assert (between["2.7/1/school-6"].stage, between["2.7/1/school-6"].overdue) == ("reported", False)


def test_as_of_a_reminder_that_a_schedule_made_too_late_waits_for_the_schedule() -> None:
    """The dates of a schedule are not known before it was set, nor what they made too late."""
    life = Life(plan(CERTIFICATION)).until("2021-10-01T10:00")
    point = ScheduledPoint("a", "этап", date(2021, 10, 4), date(2021, 10, 5))
    life.hear("2021-10-04T10:00", "uo", SetSchedule(points=(point,), act="график")).until("2021-10-04T12:00")
    assert [row.stage for row in board_on(sealed(life), date(2021, 10, 3))] == ["undated"]


def test_the_day_ends_at_midnight_of_the_office() -> None:
    """23:59 in Moscow is the same day, half past midnight is not, whatever the day is in UTC."""
    late = Life(plan(WORKSHOPS)).hear("2021-11-20T23:59", "school-6", report("1"))
    later = Life(plan(WORKSHOPS)).hear("2021-11-21T00:30", "school-6", report("1"))
    stages = [board_on(life.records, date(2021, 11, 20))[0].stage for life in (late, later)]
    assert stages == ["reported", "open"]


# ------------------------------------------------------------------------------------------- any life

BODIES = ("imcro", "school-1", "school-6", "school-30", "uo")
REQUESTS: st.SearchStrategy[Request] = st.one_of(
    st.builds(ReportExecution, checkpoint=st.just("1"), body=st.sampled_from([None, *BODIES])),
    st.builds(ReportProgress, checkpoint=st.just("1")),
    st.builds(AcceptExecution, checkpoint=st.just("1"), body=st.sampled_from(BODIES)),
    st.builds(ReturnForRework, checkpoint=st.just("1"), body=st.sampled_from(BODIES), reason=st.just("нет")),
    st.builds(
        ExtendDeadline,
        checkpoint=st.just("1"),
        body=st.sampled_from(BODIES),
        until=st.dates(date(2021, 9, 1), date(2022, 2, 1)),
        reason=st.just("…"),
        act=st.just("№ 1"),
    ),
    st.builds(
        WithdrawAssignment,
        checkpoint=st.just("1"),
        body=st.sampled_from(BODIES),
        reason=st.just("…"),
        act=st.just("№ 2"),
    ),
    st.builds(
        ReassignAssignment,
        checkpoint=st.just("1"),
        body=st.sampled_from(BODIES),
        to=st.sampled_from(BODIES),
        reason=st.just("…"),
        act=st.just("№ 3"),
    ),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    rule=st.sampled_from(Completion),
    steps=st.lists(st.tuples(st.integers(0, 12), st.sampled_from(BODIES), REQUESTS), max_size=14),
    closed=st.booleans(),
)
def test_the_board_says_what_the_measure_itself_says(
    rule: Completion, steps: list[tuple[int, str, Request]], closed: bool
) -> None:
    """Whatever happens, each row equals the assignment in the state of the domain."""
    life, day = Life(plan(MONITORING, rule)), date(2021, 9, 10).toordinal()
    for days, actor, request in steps:
        day += days
        life.hear(f"{date.fromordinal(day)}T10:00", actor, request)
    life.until(f"{date.fromordinal(day + 10)}T12:00")
    if closed:
        life.close(f"{date.fromordinal(day + 11)}T12:00")
    folded = rows(life)
    assert folded.keys() == life.state.assignments.keys()
    for key, item in life.state.assignments.items():
        row = folded[key]
        assert (row.stage, row.body, row.role, row.scheduled_on, row.due_on, row.overdue, row.escalation_level) == (
            STAGE_NAMES[type(item.stage)],
            item.body,
            item.role.value,
            item.scheduled_on,
            item.due_on,
            item.overdue,
            item.level,
        )
        if isinstance(item.stage, Reported):
            assert row.days_late == item.stage.days_late
        assert isinstance(item.stage, LeftOpen) == (row.counted_to is not None)
