"""Lives of interim reports and requests, as any number of people send them, kept in a log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import psycopg
from hypothesis import strategies as st

from domain.commands import ReassignAssignment, ReportExecution, ReportProgress, Request, RequestExtension
from domain.records import EventRecord
from tests.eventlog.log import put_past
from tests.views.example_year import MONITORING, Life, plan

DAYS = st.dates(date(2021, 8, 20), date(2021, 11, 30))
BODIES = st.sampled_from(["school-1", "school-6"])
REQUESTS: st.SearchStrategy[Request] = st.sampled_from(
    [
        ReportProgress(note="идёт"),
        ReportProgress(note="идёт"),
        RequestExtension(until=date(2021, 12, 20), reason="карантин"),
        ReportExecution(note="готово"),
    ]
)
STEPS = st.lists(st.tuples(st.integers(0, 9), BODIES, REQUESTS, st.integers(-40, 20)), max_size=12)


def lived(steps: list[tuple[int, str, Request, int]], roadmap: str) -> list[EventRecord]:
    """Return a life of interim reports, its senders' words going back here and there; one assignment is given away."""
    life, day = Life(plan(MONITORING)), date(2021, 8, 25)
    for number, (days, body, request, back) in enumerate(steps):
        day += timedelta(days=days)
        said = max(date(2021, 8, 24), day + timedelta(days=min(back, 0)))
        life.hear(f"{day}T10:00", body, request, said.isoformat())
        if number == 5:
            to = ReassignAssignment(body="school-6", to="uo", reason="ремонт", act="приказ")
            life.hear(f"{day}T11:00", "uo", to)
    life.until(f"{day + timedelta(days=9)}T10:00")
    return [replace(record, stream=f"{roadmap}/m/1.1") for record in life.records]


async def keep(database_url: str, records: list[EventRecord]) -> None:
    """Write all records of a stream, whose year nobody needs here."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        put_past(connection, *records)
