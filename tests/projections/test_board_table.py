"""What the projector keeps in PostgreSQL is what the folds give, and is read back as they gave it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from domain.commands import MeasureIndicator, ReportExecution, ScheduledPoint, SetSchedule
from eventlog.sealer import seal_new
from projections.board import BOARD, board, read_board
from projections.indicators import INDICATORS, indicators, judge, read_indicators
from projections.projector import follow, rebuild, take_over
from projections.read_models import READ_MODELS
from tests.eventlog.log import put_past
from tests.views.example_year import CERTIFICATION, MONITORING, ROADMAP, WORKSHOPS, Life, YearLife, plan


def write(database_url: str, *lives: Life | YearLife, already: int = 0) -> None:
    """Write what lives have lived after so many events of each, and seal it; their years nobody needs here."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for life in lives:
            put_past(connection, *life.records[already:])
        seal_new(connection)


def project(connection: psycopg.Connection) -> None:
    """Bring every read model up to the log, as the projector does."""
    for model in READ_MODELS:
        fence = take_over(connection, model)
        assert fence is not None
        while follow(connection, model, fence):
            pass


@pytest.fixture
def connection(database_url: str) -> Iterable[psycopg.Connection]:
    """Give a connection to a fresh database."""
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


def test_the_table_reads_back_as_the_fold_gives_it(database_url: str, connection: psycopg.Connection) -> None:
    """Every field survives PostgreSQL: dates, nulls, numbers, and the order in which people read."""
    workshops = (
        Life(plan(WORKSHOPS))
        .until("2021-12-08T10:00")
        .hear("2021-12-09T10:00", "school-6", ReportExecution(checkpoint="1"))
    )
    monitoring = Life(plan(MONITORING)).until("2021-10-05T10:00").close("2021-10-06T10:00")
    lives = (workshops, monitoring, Life(plan(CERTIFICATION)))
    write(database_url, *lives)
    project(connection)
    rows, position = read_board(connection, ROADMAP.id)
    assert rows == board(record for life in lives for record in life.records)
    assert position == sum(len(life.events) for life in lives)


def test_rows_are_taken_up_where_the_last_batch_left_them(database_url: str, connection: psycopg.Connection) -> None:
    """A schedule replaces the undated row that an earlier batch wrote."""
    life = Life(plan(CERTIFICATION)).until("2021-10-01T10:00")
    write(database_url, life)
    project(connection)
    assert [row.stage for row in read_board(connection, ROADMAP.id)[0]] == ["undated"]
    before = len(life.events)
    point = ScheduledPoint("a", "этап", date(2021, 10, 4), date(2021, 11, 1))
    life.hear("2021-10-02T10:00", "uo", SetSchedule(points=(point,), act="график"))
    write(database_url, life, already=before)
    project(connection)
    rows, position = read_board(connection, ROADMAP.id)
    assert rows == board(life.records)
    assert [row.assignment for row in rows] == ["3.6/a/imcro"]
    assert position == len(life.events)


def test_indicators_read_back_as_the_fold_gives_them(database_url: str, connection: psycopg.Connection) -> None:
    """Decimals stay decimals; what is missing stays null."""
    year = YearLife()
    year.hear(
        "2022-06-01T10:00",
        "school-1",
        MeasureIndicator(indicator="2", numerator=Decimal("18.50"), denominator=Decimal(20)),
    )
    year.hear(
        "2022-06-02T10:00", "school-6", MeasureIndicator(indicator="5", numerator=Decimal(5), baseline=Decimal(4))
    )
    write(database_url, year, Life(plan(WORKSHOPS)))
    project(connection)
    readings, position = read_indicators(connection, ROADMAP.id)
    assert judge(readings) == judge(indicators(year.records))
    assert position == 4
    assert read_board(connection, ROADMAP.id)[0] == board(Life(plan(WORKSHOPS)).records)


def test_another_roadmap_shows_none_of_these_rows(database_url: str, connection: psycopg.Connection) -> None:
    """A rehearsal stands beside the real year, with its own rows; the position is the log's."""
    write(database_url, Life(plan(WORKSHOPS)))
    project(connection)
    assert read_board(connection, f"{ROADMAP.id}~r1") == ([], 1)


def test_before_the_first_projector_there_is_nothing_at_position_0(connection: psycopg.Connection) -> None:
    """A reader that comes too early gets an empty answer, not an error."""
    assert read_board(connection, ROADMAP.id) == ([], 0)
    assert read_indicators(connection, ROADMAP.id) == ([], 0)


def test_a_rebuild_finds_no_difference(database_url: str, connection: psycopg.Connection) -> None:
    """The tables hold what the log gives, and nothing else."""
    write(database_url, Life(plan(WORKSHOPS)).until("2021-12-08T10:00"), YearLife())
    project(connection)
    for model in (BOARD, INDICATORS):
        assert rebuild(connection, model, swap=True).equal
    assert len(read_board(connection, ROADMAP.id)[0]) == 2
