"""What may not happen: every refusal is an event, with its reason; what is sent twice happens once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.codec import read_command
from domain.commands import Evidence, MeasureIndicator, Received, ReportExecution, ReportProgress, Request, SetSchedule
from domain.errors import Reason
from domain.events import (
    AssignmentReassigned,
    CommandRefused,
    DeadlineExtended,
    ExecutionAccepted,
    ExecutionReported,
    LeftOpenAtClose,
    MeasureClosed,
    ScheduleSet,
)
from domain.roadmap import Measure
from domain.turn import check_sender
from tests.domain.examples import (
    ASSOCIATION,
    BY_DATE,
    SEMINARS,
    TOGETHER,
    UNDATED,
    calendar,
    day,
    measure,
    plan,
    point,
)
from tests.domain.story import (
    Story,
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
    send,
    together,
    withdraw,
)

NOON = "2021-09-02 12:00"
AFTER = "2021-09-03 12:00"
POINT = ("autumn", "2021-10-01", "2021-11-26")
REPORTED = given(BY_DATE, report("2021-09-01 12:00"))
OPENED = given(BY_DATE, passed("2021-09-01"))
ASKED = OPENED.when(ask_for_time("2021-09-02 09:00", "2021-10-15"))
DATELESS = given(UNDATED, passed("2021-08-25"))

# Every command where it can happen, by whom it may come.
OF_THE_BODY: dict[str, tuple[Story, Callable[[str], Received]]] = {
    "progress": (OPENED, lambda by: progress(NOON, by)),
    "report": (OPENED, lambda by: report(NOON, by)),
    "request-extension": (OPENED, lambda by: ask_for_time(NOON, "2021-10-15", by)),
}
OF_THE_CONTROLLER: dict[str, tuple[Story, Callable[[str], Received]]] = {
    "accept": (REPORTED, lambda by: accept(NOON, by)),
    "return": (REPORTED, lambda by: give_back(NOON, by)),
    "extend": (OPENED, lambda by: extend(NOON, "2021-10-15", by)),
    "refuse-extension": (ASKED, lambda by: refuse_time(NOON, by)),
    "withdraw": (OPENED, lambda by: withdraw(NOON, by)),
    "reassign": (OPENED, lambda by: reassign(NOON, "school-1", by)),
    "schedule": (DATELESS, lambda by: schedule(NOON, POINT, by=by)),
}
EVERYTHING = {
    **{name: (story, make("school-6")) for name, (story, make) in OF_THE_BODY.items()},
    **{name: (story, make("uo")) for name, (story, make) in OF_THE_CONTROLLER.items()},
    "close": (OPENED, close(NOON)),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_command_sent_twice_happens_once(name: str) -> None:
    """In the same turn, a minute later, or after a year: the repeat makes no event."""
    story, command = EVERYTHING[name]
    once = story.when(command)
    assert once.facts
    assert not any(isinstance(fact, CommandRefused) for fact in once.facts)
    once.when(command).then()
    later = replace(command.command, sent_at=local("2022-08-01 12:00"))
    once.when(passed("2022-07-31")).when(Received(later, local("2022-08-01 12:00"))).then()
    assert story.when(together(NOON, command, command)).facts == once.facts


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_first_event_of_a_command_keeps_it_whole_and_all_of_them_name_it(name: str) -> None:
    """So an auditor can make the decision again."""
    story, received = EVERYTHING[name]
    events = [event for event in story.when(received).events if event.command_id is not None]
    assert [event.command for event in events] == [received.command, *[None] * (len(events) - 1)]
    assert {(event.command_id, event.actor) for event in events} == {(received.command.id, received.command.actor)}


@pytest.mark.parametrize("name", OF_THE_BODY)
@pytest.mark.parametrize("by", ["school-1", "imcro", "uo", "vasyutina", "petrov"])
def test_only_who_answers_for_it_reports(name: str, by: str) -> None:
    """Not another school, not the centre that coordinates, not the controller."""
    story, make = OF_THE_BODY[name]
    story.when(make(by)).refused(Reason.NOT_RESPONSIBLE)


@pytest.mark.parametrize("name", OF_THE_BODY)
def test_a_person_speaks_for_their_body(name: str) -> None:
    """The deputy of the school reports as the school."""
    story, make = OF_THE_BODY[name]
    assert not isinstance(story.when(make("ivanova")).facts[-1], CommandRefused)


@pytest.mark.parametrize("name", OF_THE_CONTROLLER)
@pytest.mark.parametrize("by", ["school-6", "ivanova", "imcro"])
def test_only_the_controller_decides(name: str, by: str) -> None:
    """Not the body itself, nor its coordinator."""
    story, make = OF_THE_CONTROLLER[name]
    story.when(make(by)).refused(Reason.NOT_CONTROLLER, by)


@pytest.mark.parametrize("name", OF_THE_CONTROLLER)
def test_a_person_of_the_controller_decides(name: str) -> None:
    """The deputy head who signed the order acts for the department."""
    story, make = OF_THE_CONTROLLER[name]
    assert not any(isinstance(fact, CommandRefused) for fact in story.when(make("vasyutina")).facts)


@pytest.mark.parametrize("name", [*OF_THE_BODY, *OF_THE_CONTROLLER])
@pytest.mark.parametrize("by", ["school-99", "", "clock", "administrator"])
def test_nobody_unknown_commands(name: str, by: str) -> None:
    """A code that the registry does not have is refused before anything else is looked at."""
    story, make = {**OF_THE_BODY, **OF_THE_CONTROLLER}[name]
    story.when(make(by)).refused(Reason.UNKNOWN_ACTOR, by)


@pytest.mark.parametrize("name", [*OF_THE_BODY, *OF_THE_CONTROLLER])
def test_a_completed_measure_refuses_what_comes_too_late(name: str) -> None:
    """With an event, like every refusal."""
    done = given(BY_DATE, report("2021-09-01 12:00"), accept("2021-09-01 13:00"))
    make = {**OF_THE_BODY, **OF_THE_CONTROLLER}[name][1]
    done.when(make("school-6" if name in OF_THE_BODY else "uo")).refused(Reason.COMPLETED, "1.1")


@pytest.mark.parametrize("name", [*OF_THE_BODY, *OF_THE_CONTROLLER])
def test_a_closed_measure_refuses_everything(name: str) -> None:
    """The year is over."""
    over = given(BY_DATE, close("2021-09-01 12:00"))
    make = {**OF_THE_BODY, **OF_THE_CONTROLLER}[name][1]
    over.when(make("school-6" if name in OF_THE_BODY else "uo")).refused(Reason.CLOSED)


def test_a_second_close_is_refused() -> None:
    """Another close than the first finds the measure closed."""
    given(BY_DATE, close("2021-09-01 12:00")).when(close("2021-09-02 12:00", by="uo")).refused(Reason.CLOSED)


@pytest.mark.parametrize("stranger", ["school-6", "imcro", "nobody", "clock"])
def test_a_measure_is_not_closed_by_whoever_signals_it_past_the_year(stranger: str) -> None:
    """The refusal is recorded, and the year's own close, of the same id, is obeyed afterwards."""
    story = given(BY_DATE).when(close("2021-09-01 12:00", by=stranger))
    story.refused(Reason.NOT_CONTROLLER, stranger)
    assert story.when(close("2021-09-02 12:00")).stage == "closed"


@pytest.mark.parametrize("closer", ["administrator", "uo"])
def test_the_administrator_and_the_controller_close_a_measure(closer: str) -> None:
    """As they close the year."""
    assert given(BY_DATE).when(close("2021-09-01 12:00", by=closer)).stage == "closed"


def test_nobody_can_take_the_id_of_the_close_away() -> None:
    """A sender who used it before, by chance or not, keeps no year from ending."""
    taken = given(BY_DATE, send("school-6", NOON, ReportProgress(), id_="close-example-2021"))
    story = taken.when(close("2021-09-03 12:00"))
    story.then(LeftOpenAtClose, MeasureClosed)
    story.when(close("2021-09-03 12:00")).then()


def test_the_same_id_with_other_content_is_refused_once() -> None:
    """The first one has happened; the second one is no repeat of it, a third like the second is one of that."""
    first = send("school-6", NOON, ReportProgress(note="раз"), id_="a")
    second = send("school-6", NOON, ReportProgress(note="два"), id_="a")
    story = OPENED.when(first).when(second)
    story.refused(Reason.ID_REUSED, "a")
    story.when(second).then()
    story.when(first).then()


def test_the_same_content_by_another_sender_is_another_command() -> None:
    """An id belongs to what was first sent with it."""
    story = OPENED.when(send("school-6", NOON, ReportProgress(), id_="a"))
    story.when(send("ivanova", NOON, ReportProgress(), id_="a")).refused(Reason.ID_REUSED)


def test_ids_may_hold_blanks_and_letters_of_any_script() -> None:
    """They are the sender's own."""
    story = OPENED.when(send("school-6", NOON, ReportProgress(), id_="отчёт № 1 от 02.09"))
    assert story.events[0].command_id == "отчёт № 1 от 02.09"


def test_what_cannot_be_read_is_refused_with_the_problem() -> None:
    """The record is no command; it still makes its event."""
    command = read_command({"id": "a", "actor": "school-6", "type": "Explode"}, local(NOON))
    OPENED.when(Received(command, local(NOON))).refused(Reason.UNREADABLE, "type: no such command")


def test_what_is_meant_for_another_measure_is_refused() -> None:
    """The sender named one and hit another."""
    OPENED.when(report(NOON, measure="2.7")).refused(Reason.WRONG_STREAM, "2.7")
    DATELESS.when(send("uo", NOON, SetSchedule(measure="2.7", points=(), act="акт"))).refused(
        Reason.WRONG_STREAM, "2.7"
    )


def test_an_indicator_is_no_matter_of_a_measure() -> None:
    """Its values belong to the year."""
    OPENED.when(send("school-6", NOON, MeasureIndicator(indicator="1", numerator=Decimal(1)))).refused(
        Reason.WRONG_STREAM, "1"
    )


@pytest.mark.parametrize(
    ("of", "command"),
    [
        (BY_DATE, report(NOON, checkpoint="2")),
        (BY_DATE, accept(NOON, body="school-1")),
        (BY_DATE, withdraw(NOON, body="school-6", checkpoint="nothing")),
        (TOGETHER, report(NOON, "school-6", body="oo")),
    ],
)
def test_an_assignment_that_there_is_not_is_refused(of: Measure, command: Received) -> None:
    """A group has no assignment of its own once it has opened into its members."""
    given(of).when(command).refused(Reason.UNKNOWN_ASSIGNMENT)


def test_the_controller_has_to_say_which_of_several_is_meant() -> None:
    """Two that fit are one too many; the refusal names them."""
    story = given(TOGETHER, report(NOON, "school-1"), report(NOON, "school-6"))
    story.when(accept(AFTER)).refused(Reason.AMBIGUOUS, "1.4/1/school-1, 1.4/1/school-6")
    story.when(accept(AFTER, body="school-6")).then(ExecutionAccepted("1.4/1/school-6", ""))


def test_a_body_with_several_checkpoints_has_to_name_one() -> None:
    """Two windows stand open for it."""
    of = measure("1.9", ("school-6",), point("a", "2021-09-01", "2021-09-30"), point("b", "2021-09-01", "2021-10-29"))
    story = given(of, passed("2021-09-01"))
    story.when(report(NOON)).refused(Reason.AMBIGUOUS, "1.9/a/school-6, 1.9/b/school-6")
    story.when(report(NOON, checkpoint="b")).then(ExecutionReported("1.9/b/school-6", "", (), 0))


def test_a_stage_that_fits_breaks_a_tie() -> None:
    """Only one of the two can be accepted: it is the one that is meant."""
    given(TOGETHER, report(NOON, "school-1")).when(accept(AFTER)).then(ExecutionAccepted("1.4/1/school-1", ""))


def test_a_school_reports_for_itself_in_a_measure_of_many() -> None:
    """A body left out is the sender's own."""
    story = given(TOGETHER, passed("2021-08-25")).when(report(NOON, "ivanova"))
    story.then(ExecutionReported("1.4/1/school-6", "", (), 0))


def test_the_host_of_another_checkpoint_does_not_report() -> None:
    """2.7 has a host school for each date."""
    given(SEMINARS).when(report("2021-12-02 12:00", "school-6", checkpoint="december")).refused(Reason.NOT_RESPONSIBLE)


def test_a_member_of_an_unlisted_group_does_not_report_for_it() -> None:
    """Nobody knows the members: the group speaks for itself."""
    given(ASSOCIATION).when(report(NOON, "school-6")).refused(Reason.NOT_RESPONSIBLE)


@pytest.mark.parametrize(
    ("story", "command", "stage"),
    [
        (OPENED, accept(NOON), "open"),
        (OPENED, give_back(NOON), "open"),
        (REPORTED, report(NOON), "reported"),
        (REPORTED, ask_for_time(NOON, "2021-10-15"), "reported"),
        (REPORTED, extend(NOON, "2021-10-15"), "reported"),
        (given(BY_DATE, withdraw("2021-09-01 12:00")), report(NOON), "withdrawn"),
        (given(BY_DATE, withdraw("2021-09-01 12:00")), progress(NOON), "withdrawn"),
        (given(BY_DATE, withdraw("2021-09-01 12:00")), withdraw(NOON), "withdrawn"),
        (given(BY_DATE, withdraw("2021-09-01 12:00")), refuse_time(NOON), "withdrawn"),
        (given(BY_DATE, withdraw("2021-09-01 12:00")), reassign(NOON, "school-1"), "withdrawn"),
    ],
)
def test_a_command_out_of_its_stage_is_refused(story: Story, command: Received, stage: str) -> None:
    """The refusal says where the assignment stands."""
    story.when(command).refused(Reason.WRONG_STAGE, f"1.1/1/school-6 {stage}")


def test_what_was_accepted_in_an_open_measure_is_not_accepted_again() -> None:
    """The others are still at work; this one is off control."""
    story = given(TOGETHER, report(NOON, "school-1"), accept(AFTER))
    story.when(accept(AFTER, body="school-1")).refused(Reason.WRONG_STAGE, "1.4/1/school-1 accepted")


@pytest.mark.parametrize("command", [report(NOON), accept(NOON), extend(NOON, "2021-10-15"), withdraw(NOON)])
def test_without_dates_there_is_nothing_to_act_on(command: Received) -> None:
    """The schedule comes first."""
    DATELESS.when(command).refused(Reason.UNDATED, "3.6")


def test_a_measure_with_dates_takes_no_schedule() -> None:
    """Dates are moved by extensions."""
    OPENED.when(schedule(NOON, POINT)).refused(Reason.ALREADY_DATED, "1.1")
    given(UNDATED, schedule(NOON, POINT)).when(schedule(AFTER, POINT)).refused(Reason.ALREADY_DATED, "3.6")


@pytest.mark.parametrize(
    "points",
    [
        (),
        (POINT, POINT),
        (("", *POINT[1:]),),
        (("a/b", *POINT[1:]),),
        ((" ", *POINT[1:]),),
        (("осень", *POINT[1:]),),
        (("x" * 41, *POINT[1:]),),
    ],
)
def test_a_schedule_needs_points_with_keys_of_their_own(points: tuple[tuple[str, str, str], ...]) -> None:
    """Keys stand in the ids of assignments: they are written as in the roadmap itself."""
    DATELESS.when(schedule(NOON, *points)).refused(Reason.BAD_VALUE)


@pytest.mark.parametrize(
    ("starts_on", "due"),
    [
        ("2021-11-26", "2021-10-01"),
        ("2021-08-23", "2021-10-01"),
        ("2021-10-01", "2022-09-29"),
        ("2021-10-01", "9999-12-31"),
        ("0001-01-01", "0001-01-01"),
    ],
)
def test_a_schedule_with_dates_that_cannot_be_is_refused(starts_on: str, due: str) -> None:
    """Back to front, before the order, or so late that the ladder would leave the calendar."""
    DATELESS.when(schedule(NOON, ("autumn", starts_on, due))).refused(Reason.BAD_DATE)


def test_a_schedule_of_one_day_is_fine() -> None:
    """It starts and is due on the order's own day: whoever sets it has missed it, and knows."""
    assert isinstance(DATELESS.when(schedule(NOON, ("autumn", "2021-08-24", "2021-08-24"))).facts[0], ScheduleSet)


@pytest.mark.parametrize("until", ["2021-09-30", "2021-09-01", "2021-06-30", "2022-09-29", "9999-12-31", "0001-01-01"])
def test_an_extension_goes_to_a_later_day_of_the_calendar(until: str) -> None:
    """Not to the same day, not back, and not where the ladder could not be counted; asked or granted alike."""
    OPENED.when(ask_for_time(NOON, until)).refused(Reason.BAD_DATE)
    OPENED.when(extend(NOON, until)).refused(Reason.BAD_DATE)


def test_an_extension_leaves_room_for_the_whole_ladder_in_the_calendar() -> None:
    """Five working days and one more: the last day that fits, and the first that does not."""
    OPENED.when(extend(NOON, "2022-09-22")).then(DeadlineExtended)
    OPENED.when(extend(NOON, "2022-09-23")).refused(Reason.BAD_DATE, "2022-09-23")


def test_an_extension_to_a_weekend_right_after_the_due_date_is_none() -> None:
    """Friday's deadline stays Friday's when Saturday is shifted to the working day before."""
    of = measure("1.9", ("school-6",), point("1", "2021-09-01", "2021-10-01"))
    given(of).when(extend(NOON, "2021-10-02")).refused(Reason.BAD_DATE, "2021-10-02 2021-10-01")


def test_an_extension_to_a_day_off_at_the_edge_of_the_calendar_is_refused() -> None:
    """The calendar begins with a Sunday: there is no working day before it to shift to."""
    story = given(plan(BY_DATE, calendar=calendar("2021-08-22", "2022-09-30")))
    story.when(ask_for_time(NOON, "2021-08-22")).refused(Reason.BAD_DATE)


@pytest.mark.parametrize("occurred_on", ["2021-09-03", "9999-12-31"])
def test_nothing_is_reported_before_it_happened(occurred_on: str) -> None:
    """A day after the receipt lies in the future."""
    command = send("school-6", NOON, ReportProgress(), occurred_on=occurred_on)
    OPENED.when(command).refused(Reason.IN_THE_FUTURE, occurred_on)


@pytest.mark.parametrize("occurred_on", ["2021-08-23", "0001-01-01"])
def test_nothing_happened_before_the_order(occurred_on: str) -> None:
    """Nobody can have carried out an order that was not given."""
    command = send("school-6", NOON, ReportProgress(), occurred_on=occurred_on)
    OPENED.when(command).refused(Reason.BEFORE_ORDER, occurred_on)


@pytest.mark.parametrize(
    ("sent", "refused"), [("2021-07-20 12:00", True), ("1970-01-01 12:00", True), ("2021-08-20 12:00", False)]
)
def test_nothing_was_sent_long_before_the_order(sent: str, *, refused: bool) -> None:
    """A clock that is some days wrong is anybody's, one that stands at its beginning tells nothing."""
    asked = OPENED.when(send("school-6", NOON, ReportProgress(), sent=sent))
    if refused:
        asked.refused(Reason.BEFORE_ORDER, sent[:10])
    else:
        assert asked.events[-1].at == local(sent)


def test_before_the_order_itself_a_command_is_heard() -> None:
    """A year may begin before its order takes effect: who then sends does so now."""
    of = plan(BY_DATE)
    check_sender(
        of.registry, of.policy, replace(of.order, date=day("2023-09-01")), send("school-6", NOON, ReportProgress())
    )


def test_what_happened_earlier_keeps_its_own_day() -> None:
    """Dates never change places: the day in the sender's words, the moment of sending, the moment of receipt."""
    command = send("school-6", "2021-10-01 12:00", ReportProgress(), occurred_on="2021-09-29", sent="2021-09-30 09:00")
    event = OPENED.when(passed("2021-09-30"), command).events[-1]
    assert event.occurred_on.isoformat() == "2021-09-29"
    assert (event.at, event.received_at) == (local("2021-09-30 09:00"), local("2021-10-01 12:00"))


def test_a_sender_whose_clock_runs_ahead_did_not_send_in_the_future() -> None:
    """The moment of receipt is the last that it can have been."""
    event = OPENED.when(send("school-6", NOON, ReportProgress(), sent="2031-01-01 12:00")).events[-1]
    assert event.at == event.received_at == local(NOON)
    assert event.occurred_on == local(NOON).date()


def test_an_assignment_goes_to_a_body_of_the_registry() -> None:
    """Not to a stranger, and not to a person."""
    OPENED.when(reassign(NOON, "school-99")).refused(Reason.UNKNOWN_BODY, "school-99")
    OPENED.when(reassign(NOON, "ivanova")).refused(Reason.UNKNOWN_BODY, "ivanova")


def test_an_assignment_does_not_go_to_whom_it_has_already() -> None:
    """Neither to its own body nor to another that answers for the same checkpoint."""
    OPENED.when(reassign(NOON, "school-6")).refused(Reason.WRONG_STAGE, "1.1/1/school-6")
    given(TOGETHER).when(reassign(NOON, "school-1", body="school-6")).refused(Reason.WRONG_STAGE, "1.4/1/school-1")


@pytest.mark.parametrize("to", ["oo", "everybody"])
def test_an_assignment_does_not_go_to_a_group_that_could_not_report_on_it(to: str) -> None:
    """A group with members opens into them; one assignment has one body."""
    OPENED.when(reassign(NOON, to)).refused(Reason.BAD_VALUE, f"to {to}")
    OPENED.when(reassign(NOON, "gmo")).then(AssignmentReassigned)


KEPT, LOST, OTHER = (
    Evidence(digit * 64, 10, name) for digit, name in (("a", "акт.pdf"), ("b", "б (1).pdf"), ("c", "в"))
)


@pytest.mark.parametrize("kind", [ReportProgress, ReportExecution])
def test_a_report_whose_files_are_not_in_the_store_is_refused(kind: type[ReportProgress | ReportExecution]) -> None:
    """With each of them by name and SHA-256; what the store lacks besides is no matter."""
    asked = send("school-6", NOON, kind(evidence=(KEPT, LOST, OTHER, LOST)))
    lost = replace(asked, missing=(LOST.sha256, OTHER.sha256, "d" * 64))
    told = f"б (1).pdf ({'b' * 64})\nв ({'c' * 64})\nб (1).pdf ({'b' * 64})"
    OPENED.when(lost).refused(Reason.EVIDENCE_MISSING, told)
    assert not isinstance(OPENED.when(replace(asked, missing=("d" * 64,))).facts[-1], CommandRefused)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (ReportExecution(evidence=(LOST,), checkpoint="x"), Reason.UNKNOWN_ASSIGNMENT),
        (ReportExecution(evidence=(LOST,), measure="9.9"), Reason.WRONG_STREAM),
        (ReportProgress(evidence=(LOST,), body="school-1"), Reason.UNKNOWN_ASSIGNMENT),
    ],
)
def test_what_else_is_wrong_is_told_before_the_store(request_: Request, reason: Reason) -> None:
    """So the answer, and the replay of it, is the same whatever the store has."""
    asked = send("school-6", NOON, request_)
    OPENED.when(asked).refused(reason)
    OPENED.when(replace(asked, missing=(LOST.sha256,))).refused(reason)
