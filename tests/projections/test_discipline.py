"""Discipline counts what was due, and says who reported it in time."""

from __future__ import annotations

from datetime import date

from domain.commands import AcceptExecution, ReportExecution, WithdrawAssignment
from domain.roadmap import Completion
from projections.board import board
from projections.discipline import DisciplineRow, discipline
from tests.views.example_year import CERTIFICATION, MONITORING, WORKSHOPS, Life, plan, sealed
from views.documents import discipline_record

OCTOBER = date(2021, 10, 7)


def table(day: date, *lives: Life) -> dict[str | None, DisciplineRow]:
    """Return the discipline of lives by body, the total under null."""
    return {row.body: row for row in discipline(board(sealed(*lives)), day)}


def monitoring() -> Life:
    """Return a measure where one reports in time, one late, one never, and one is withdrawn."""
    life = Life(plan(MONITORING)).hear("2021-09-20T10:00", "school-1", ReportExecution())
    life.hear("2021-10-04T10:00", "school-6", ReportExecution())
    withdraw = WithdrawAssignment(body="school-30", reason="закрыта", act="приказ № 7")
    return life.hear("2021-10-05T10:00", "uo", withdraw).until("2021-10-07T12:00")


def test_in_time_late_open_and_withdrawn_are_told_apart() -> None:
    """The total is the sum of its bodies, and withdrawn assignments are in no denominator."""
    rows = table(OCTOBER, monitoring())
    assert rows["school-1"] == DisciplineRow("school-1", on_time=1, late=0, open_overdue=0, withdrawn=0)
    assert rows["school-6"] == DisciplineRow("school-6", on_time=0, late=1, open_overdue=0, withdrawn=0)
    assert rows["imcro"] == DisciplineRow("imcro", on_time=0, late=0, open_overdue=1, withdrawn=0)
    assert rows["school-30"] == DisciplineRow("school-30", on_time=0, late=0, open_overdue=0, withdrawn=1)
    assert rows[None] == DisciplineRow(None, on_time=1, late=1, open_overdue=1, withdrawn=1)


def test_the_share_is_a_number_from_0_to_1_and_null_where_nothing_was_due() -> None:
    """Nothing due is not zero per cent."""
    rows = table(OCTOBER, monitoring())
    assert discipline_record(rows[None]) == {
        "body": None,
        "due": 3,
        "on_time": 1,
        "late": 1,
        "open_overdue": 1,
        "withdrawn": 1,
        "share": 0.3333,
    }
    assert discipline_record(rows["school-30"])["share"] is None


def test_acceptance_changes_no_count() -> None:
    """What matters is when it was reported, not how quickly the controller worked."""
    life = monitoring()
    before = table(OCTOBER, life)
    assert table(OCTOBER, life.hear("2021-10-07T13:00", "uo", AcceptExecution(body="school-6"))) == before


def test_what_is_due_later_is_not_counted_yet() -> None:
    """An early report counts from its due date on, and nobody is blamed on the due day before its hour."""
    life = Life(plan(WORKSHOPS)).hear("2021-11-20T10:00", "school-6", ReportExecution(checkpoint="1"))
    assert table(date(2021, 11, 29), life)["school-6"].due == 0
    assert table(date(2021, 11, 30), life)["school-6"].on_time == 1
    waiting = Life(plan(MONITORING)).until("2021-09-30T12:00")
    assert table(date(2021, 9, 30), waiting)[None].due == 0


def test_undated_assignments_are_in_no_count() -> None:
    """They are shown on the board as undated; nothing can be late without a date."""
    rows = table(OCTOBER, Life(plan(CERTIFICATION)).until("2021-10-01T10:00"))
    assert rows["imcro"].due == 0


def test_what_others_made_unnecessary_is_not_due() -> None:
    """Where anybody's report completes the checkpoint, the others have missed nothing."""
    life = Life(plan(MONITORING, Completion.ANY)).hear("2021-09-20T10:00", "school-1", ReportExecution())
    life.hear("2021-09-21T10:00", "uo", AcceptExecution(body="school-1")).until("2021-10-07T12:00")
    rows = table(OCTOBER, life)
    assert (rows[None].due, rows["school-1"].on_time, rows["school-6"].due) == (1, 1, 0)


def test_an_empty_board_has_a_total_of_nothing() -> None:
    """No rows, no division."""
    assert [discipline_record(row)["share"] for row in discipline([], OCTOBER)] == [None]
