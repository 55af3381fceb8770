"""A log outlives the program that wrote it: one of every schema version is kept here, and read by today's."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from domain.codec import FACTS, SCHEMA_VERSION, read_event
from domain.events import SetAside
from domain.measure import MEASURE, MeasureState
from domain.records import EventRecord
from domain.roadmap import is_measure
from domain.year import YEAR
from projections.board import board
from tests.logs.record import log_file, shapes, shapes_file

VERSIONS = range(1, SCHEMA_VERSION + 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_log_of_every_schema_version_is_read_folded_and_projected(version: int) -> None:
    """Every kind of fact is in it; old shapes are raised on the way; each stream ends, each assignment has its row."""
    lines = log_file(version).read_text(encoding="utf-8").splitlines()
    records = [EventRecord(**json.loads(line)) for line in lines]
    assert {record.schema_version for record in records} == {version}
    known = json.loads(shapes_file(version).read_text(encoding="utf-8"))
    # Nobody writes that something was set aside: the log gives it in another's place.
    happens = FACTS.keys() & known.keys() - {SetAside.__name__}
    assert {record.type for record in records} == happens, "kinds of facts that never happened"
    streams: dict[str, list[EventRecord]] = defaultdict(list)
    for record in records:
        streams[record.stream].append(record)
    assignments = set()
    for stream, rows in streams.items():
        events = [read_event(row) for row in rows]
        if is_measure(stream):
            state = MEASURE.fold(None, events)
            assert isinstance(state, MeasureState)
            assert state.closed
            assignments |= set(state.assignments)
        else:
            year = YEAR.fold(None, events)
            assert year is not None
            assert year.closed
    assert assignments
    assert {row.assignment for row in board(records)} >= assignments


def test_a_fact_keeps_its_shape_until_there_is_a_new_schema_version() -> None:
    """Where this fails: raise SCHEMA_VERSION, write an upcaster and run `python -m tests.logs.record`."""
    assert shapes() == json.loads(shapes_file(SCHEMA_VERSION).read_text(encoding="utf-8"))
