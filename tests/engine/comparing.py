"""What "the engine equals the rehearsal" means: per stream the same events, delivery outcomes as a set."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, get_args

from domain.codec import event_record
from domain.events import NoticeOutcome
from domain.records import EventRecord
from domain.rehearsal import Lived

DELIVERIES = {kind.__name__ for kind in get_args(NoticeOutcome)}
Comparable = tuple[Any, ...]


def rehearsed_records(lived: Iterable[Lived]) -> list[EventRecord]:
    """Return the rows that a rehearsal would have written."""
    return [event_record(item.event, item.stream, item.version, "rehearsal") for item in lived]


def comparable(records: Iterable[EventRecord]) -> tuple[dict[str, list[Comparable]], dict[str, set[str]]]:
    """Return, by stream, what must be the same in the same order, and the notices whose outcomes came.

    Versions are compared as ranks: outcomes of letters stand between the others at places of their own.
    """
    facts: dict[str, list[Comparable]] = defaultdict(list)
    delivered: dict[str, set[str]] = defaultdict(set)
    for record in sorted(records, key=lambda record: (record.stream, record.version)):
        if record.type in DELIVERIES:
            delivered[record.stream].add(json.loads(record.data)["notice"])
            continue
        rank = len(facts[record.stream]) + 1
        facts[record.stream].append(
            (
                rank,
                record.type,
                record.schema_version,
                record.occurred_on,
                record.at,
                record.actor,
                record.command_id,
                record.data,
            )
        )
    return dict(facts), dict(delivered)


def assert_equal(engine: Iterable[EventRecord], lived: Iterable[Lived]) -> None:
    """Fail at the first place where the engine and the rehearsal differ."""
    facts, delivered = comparable(engine)
    wanted_facts, wanted_delivered = comparable(rehearsed_records(lived))
    assert facts.keys() == wanted_facts.keys()
    for stream, wanted in wanted_facts.items():
        for found, expected in zip_longest(facts[stream], wanted):
            assert found == expected, f"{stream}: the engine has {found}, the rehearsal {expected}"
    assert delivered == wanted_delivered
