"""Write the committed log of today's schema version, and the shapes of its facts: `python -m tests.logs.record`.

Run it once a schema version, when SCHEMA_VERSION has been raised; files of earlier versions are never written again.
The log is the rehearsal of a few measures of the example's year with its scenario, chosen so that every kind of fact
happens. What the scenario lacks, or a rehearsal cannot tell, is added here: an erasure, and letters that did not go.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date, time
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any

from domain.codec import FACTS, SCHEMA_VERSION, event_record, make_command
from domain.commands import EraseContact, ResendLetters
from domain.events import (
    ADMINISTRATOR,
    Event,
    LetterResent,
    NoticeDelivered,
    NoticeFailed,
    NoticeFiled,
    NoticeSuppressed,
)
from domain.records import EventRecord
from domain.rehearsal import Sent, rehearse
from domain.roadmap import Roadmap
from orders.scenario import load_scenario
from orders.yaml_file import load_roadmap

FOLDER = Path(__file__).parent
EXAMPLE = FOLDER.parents[1] / "examples" / "pyatigorsk-2021-22"
# Reports, interim ones (1.4), a schedule (3.6), a reassignment (2.16), a withdrawal (2.15), a moved date (3.5), and
# something left open (2.5).
MEASURES = {"1.3", "1.4", "2.2", "2.5", "2.7", "2.15", "2.16", "3.4", "3.5", "3.6"}
# Of so many letters each: one becomes a file, the next to last fails and is sent again, the last is suppressed.
LETTERS = 20
FILED = 7


def log_file(version: int) -> Path:
    """Return the committed log of a schema version, an EventRecord a line."""
    return FOLDER / f"schema-{version}.jsonl"


def shapes_file(version: int) -> Path:
    """Return the committed shapes of a schema version's facts."""
    return FOLDER / f"shapes-{version}.json"


def shapes() -> dict[str, Any]:
    """Return how each fact, and all that it is made of, is written down: its fields, their types and defaults."""
    found: dict[str, Any] = {}
    for kind in FACTS.values():
        _add(kind, found)
    return dict(sorted(found.items()))


def _add(kind: Any, found: dict[str, Any]) -> None:
    for part in typing.get_args(kind):
        _add(part, found)
    if isinstance(kind, type) and issubclass(kind, Enum):
        found[kind.__name__] = sorted(str(member.value) for member in kind)
    elif is_dataclass(kind) and isinstance(kind, type) and kind.__name__ not in found:
        hints = typing.get_type_hints(kind)
        shape: dict[str, str] = {}
        found[kind.__name__] = shape
        for field in fields(kind):
            needed = field.default is MISSING and field.default_factory is MISSING
            shape[field.name] = f"{field.type}" + ("" if needed else ", may be left out")
            _add(hints[field.name], found)


def records() -> list[EventRecord]:
    """Return the rows of a small year of the example."""
    loaded = load_roadmap(EXAMPLE / "roadmap.yaml")
    assert loaded.roadmap is not None
    roadmap: Roadmap = dataclasses.replace(
        loaded.roadmap,
        # A controller who takes his time is reminded, and then whoever stands above him.
        policy=dataclasses.replace(loaded.roadmap.policy, unreviewed_after=(1, 3)),
        measures=tuple(measure for measure in loaded.roadmap.measures if measure.number in MEASURES),
    )
    steps = load_scenario(EXAMPLE / "scenario.yaml", roadmap.policy.zone)
    sent = [step.sent() for step in steps if step.measure is None or step.measure in MEASURES]
    erasure = EraseContact(code="school-6", act="приказ от 29.08.2022")
    erased_at = roadmap.policy.instant(date(2022, 8, 30), time(10))
    sent.append(Sent(None, make_command("erasure", roadmap.policy.controller, erased_at, None, erasure)))
    started_at = roadmap.policy.instant(roadmap.order.date, time(9))
    close_at = roadmap.policy.instant(date(2022, 9, 20), time(12))
    lived = rehearse(roadmap, loaded.source, started_at, sent, close_at=close_at)
    letters = count(1)
    versions: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))
    return [
        event_record(event, item.stream, next(versions[item.stream]), "recorded")
        for item in lived
        for event in _with_its_outcome(item.event, letters)
    ]


def _with_its_outcome(event: Event, letters: Iterator[int]) -> Iterator[Event]:
    """Yield what became of a letter where it is none that simply went, else the event as it is."""
    if not isinstance(event.fact, NoticeDelivered):
        yield event
        return
    number = next(letters)
    place, notice = number % LETTERS, event.fact.notice
    if place == 0:
        yield dataclasses.replace(event, fact=NoticeSuppressed(notice, "closed"))
    elif place == FILED:
        yield dataclasses.replace(event, fact=NoticeFiled(notice, "letter.eml"))
    elif place == LETTERS - 1:
        yield dataclasses.replace(event, fact=NoticeFailed(notice, "550 no such mailbox"))
        request = ResendLetters(notice=notice)
        command = make_command(f"again-{number}", ADMINISTRATOR, event.received_at, None, request)
        fact = LetterResent(notice)
        yield dataclasses.replace(event, fact=fact, actor=ADMINISTRATOR, command_id=command.id, command=command)
        yield event
    else:
        yield event


if __name__ == "__main__":
    log_file(SCHEMA_VERSION).write_text(
        "".join(json.dumps(asdict(record), ensure_ascii=False, sort_keys=True) + "\n" for record in records()),
        encoding="utf-8",
    )
    shapes_file(SCHEMA_VERSION).write_text(json.dumps(shapes(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
