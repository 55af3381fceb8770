"""`make demo`: the year 2021-22 of order 969/1 on the real engine with skipped time, shown and checked.

The year is started as starter.py starts it, and its commands are sent as admin.py sends them. What comes out has to
be what the scenario's inventory says; any difference fails the demo.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time as clock
from collections import Counter
from collections.abc import Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from app import reports
from app.contacts import contacts_beside, keep_contacts
from app.evidence import keep
from app.log import Connection, Year
from app.problem import as_problem
from app.time_skipping import OutOfStep, Player
from app.years import Patience
from domain.codec import read_event
from domain.events import CommandRefused, Escalated, NoticeOutcome
from domain.rehearsal import Sent
from domain.roadmap import measure_stream
from doors.cli.output import Door, Exit, quiet_logs
from doors.cli.work import engine_worker, log_keepers
from ending import end
from eventlog.read import read_roadmap
from eventlog.sessions import connect
from orders.scenario import Step, load_scenario
from orders.yaml_file import load_roadmap
from projections.projector import lag
from settings import ROOT, Endpoints, Settings, settings
from stack import Stack
from views.documents import board_document, discipline_document, indicators_document
from views.events import event_document
from views.language import from_environment
from views.rendering import to_text
from views.sentences import tell
from views.tables import board_table, discipline_table, indicators_table

EXAMPLE = ROOT / "examples" / "pyatigorsk-2021-22"
SHOWN = "2.7"
UNSEALED = "select count(*) from vekha.event left join vekha.seal using (seq) where roadmap = %s and position is null"
DAYS = (date(2021, 12, 31), date(2022, 5, 31))
CLOSES_AFTER = timedelta(days=20)  # after the period: by then the last ladder has been climbed
LOG_LEVEL = 30  # warnings


def main() -> int:
    """Play the demo on servers of its own; return the exit code."""
    quiet_logs(LOG_LEVEL)
    at = Door(json=False, lang=from_environment())
    try:
        with Stack("demo", time_skipping=True).session() as endpoints:
            return asyncio.run(_demo(at, endpoints))
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the outermost edge: whatever happened, one line
        if "--debug" in sys.argv:
            raise
        return at.fail(as_problem(error))


async def _demo(at: Door, endpoints: Endpoints) -> Exit:
    begun = clock.monotonic()
    results = _results(settings().var / "demo")
    os.environ |= endpoints.environment()
    configuration = Settings(mail_dir=results / "letters", evidence_dir=results / "evidence", smtp_host=None)
    loaded = load_roadmap(EXAMPLE / "roadmap.yaml")
    roadmap = loaded.roadmap
    assert roadmap is not None, "the example is kept sound by the tests"  # noqa: S101
    steps = load_scenario(EXAMPLE / "scenario.yaml", roadmap.policy.zone)
    sent = [_sent(step, configuration) for step in steps]
    close_at = roadmap.policy.instant(roadmap.period.last + CLOSES_AFTER, time(12))

    client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
    player = Player(client)
    async with log_keepers(endpoints.database_url), engine_worker(player.client, endpoints.database_url, configuration):
        with connect(endpoints.database_url) as connection:
            keep_contacts(connection, roadmap.id, contacts_beside(EXAMPLE / "roadmap.yaml", roadmap)[0])
            at.note(
                f"Год по приказу № {roadmap.order.number}: {len(roadmap.measures)} мероприятий, команд {len(sent)}…",
                f"The year of order № {roadmap.order.number}: {len(roadmap.measures)} measures, {len(sent)} commands…",
            )
            year = await player.start(connection, roadmap, loaded.source)
            played = await player.play(connection, year, loaded.source, sent, close_at)
            await settled(connection, played.year)
            inventory = _write(connection, played.year, results)
            _show(at, connection, played.year)
    took = clock.monotonic() - begun
    return _verdict(at, inventory, results, took)


def _results(folder: Path) -> Path:
    """Return the folder of results, emptied of an earlier demo's."""
    for name in ("letters", "evidence"):
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for file in (*folder.glob("*.json"), *folder.glob("*.jsonl")):
        if file.name != "stack.json":
            file.unlink()
    return folder


def _sent(step: Step, configuration: Settings) -> Sent:
    return step.sent(keep(step.files, configuration.evidence_dir))


async def settled(connection: Connection, year: Year) -> None:
    """Wait until the log of a year is sealed to its end and the reports show all of it; OutOfStep where that stops."""
    patience = Patience()
    while True:
        unsealed = connection.execute(UNSEALED, (year.roadmap.id,)).fetchall()[0][0]
        behind = lag(connection)
        if not (unsealed or behind):
            return
        if not await patience.lasts((unsealed, behind)):
            raise OutOfStep(f"{unsealed} events have no position, the reports lack {behind}")


def _write(connection: Connection, year: Year, results: Path) -> dict[str, Any]:
    """Write the log and the reports as files; return the inventory of what happened."""
    zone = year.roadmap.policy.zone
    records = list(read_roadmap(connection, year.roadmap.id))
    with (results / "log.jsonl").open("w", encoding="utf-8") as log:
        log.writelines(json.dumps(event_document(record, zone), ensure_ascii=False) + "\n" for record in records)
    board = board_document(reports.board(connection, year))
    documents = {
        "board": board,
        **{f"board-{day}": board_document(reports.board(connection, year, day)) for day in DAYS},
        "discipline": discipline_document(reports.discipline(connection, year)),
        "indicators": indicators_document(reports.indicators(connection, year)),
    }
    for name, document in documents.items():
        text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        (results / f"{name}.json").write_text(text, encoding="utf-8")
    facts = [read_event(record).fact for record in records]
    letters = Counter(type(fact).__name__ for fact in facts if isinstance(fact, NoticeOutcome))
    inventory = {
        "events": dict(sorted(Counter(record.type for record in records).items())),
        "refusals": dict(sorted(Counter(fact.reason for fact in facts if isinstance(fact, CommandRefused)).items())),
        "escalations": {
            str(level): count
            for level, count in sorted(Counter(fact.level for fact in facts if isinstance(fact, Escalated)).items())
        },
        "letters": {**dict(sorted(letters.items())), "files": len(list((results / "letters").rglob("*.eml")))},
        "stages": {row["assignment"]: row["stage"] for row in board["rows"]},
    }
    (results / "inventory.json").write_text(
        json.dumps(inventory, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return inventory


def _show(at: Door, connection: Connection, year: Year) -> None:
    """Print what a person would look at first."""
    roadmap = reports.dated(connection, year)
    tables = [board_table(reports.board(connection, year, day), roadmap, at.lang) for day in DAYS]
    tables += [
        board_table(reports.board(connection, year), roadmap, at.lang),
        discipline_table(reports.discipline(connection, year), roadmap, at.lang),
        indicators_table(reports.indicators(connection, year), roadmap, at.lang),
    ]
    colour = sys.stdout.isatty()
    for table in tables:
        sys.stdout.write(to_text(table, colour=colour) + "\n")
    shown = measure_stream(roadmap.id, SHOWN)
    lines = [
        tell(record, roadmap, at.lang) for record in read_roadmap(connection, roadmap.id) if record.stream == shown
    ]
    sys.stdout.write(at.say(f"История мероприятия {SHOWN}", f"History of measure {SHOWN}") + "\n")
    sys.stdout.write("\n".join(lines) + "\n\n")


def _verdict(at: Door, inventory: dict[str, Any], results: Path, took: float) -> Exit:
    """Compare with the committed inventory and say where to look."""
    expected = json.loads((EXAMPLE / "inventory.json").read_text(encoding="utf-8"))
    differences = list(_differences(expected, inventory))
    if differences:
        at.note("Год прошёл не так, как записано в inventory.json:", "The year did not go as inventory.json says:")
        for difference in differences:
            at.note(f"  {difference}", f"  {difference}")
        return Exit.FINDING
    events = sum(inventory["events"].values())
    at.note(
        f"Всё сошлось с inventory.json: событий {events}, писем {inventory['letters']['files']}; год прошёл за {took:.0f} с.\n"
        f"Смотрите {results}: log.jsonl, board*.json, discipline.json, indicators.json, letters/*/*.eml.",
        f"All as inventory.json says: {events} events, {inventory['letters']['files']} letters; the year took {took:.0f} s.\n"
        f"See {results}: log.jsonl, board*.json, discipline.json, indicators.json, letters/*/*.eml.",
    )
    return Exit.DONE


def _differences(expected: dict[str, Any], found: dict[str, Any], path: str = "") -> Sequence[str]:
    lines: list[str] = []
    for key in sorted(expected.keys() | found.keys()):
        left, right = expected.get(key), found.get(key)
        if isinstance(left, dict) and isinstance(right, dict):
            lines += _differences(left, right, f"{path}{key}.")
        elif left != right:
            lines.append(f"{path}{key}: {left} → {right}")
    return lines


if __name__ == "__main__":
    end(main())
