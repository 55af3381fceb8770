"""An office at work: a small year on the real servers, with a worker in this process and the doors around it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import psycopg
import pytest
import structlog
import yaml
from temporalio.client import Client

from app.log import Connection
from app.years import first_moment
from domain.records import EventRecord
from domain.rehearsal import rehearse
from doors.cli.administrator import starter
from doors.cli.work import engine_worker, log_keepers
from eventlog.read import read_roadmap
from orders.yaml_file import load_roadmap
from settings import ROOT, Settings
from stack import Endpoints
from tests.conftest import a_database
from tests.doors.calling import Said, call, files, until
from tests.engine.conftest import end_all

EXAMPLE = ROOT / "examples" / "pyatigorsk-2021-22" / "roadmap.yaml"
MEASURES = ("1.1", "1.3", "1.4", "2.3", "3.6")


@dataclass
class Office:
    """A started year and all that stands around it."""

    connection: Connection
    client: Client
    database_url: str
    var: Path
    roadmap_file: Path
    roadmap: str
    worker: AsyncExitStack

    async def call(self, group: click.Command, *arguments: str) -> Said:
        """Call a door while the worker of this process works on."""
        return await asyncio.to_thread(call, group, arguments)

    def records(self) -> list[EventRecord]:
        """Return the log of the year."""
        return list(read_roadmap(self.connection, self.roadmap))

    async def settled(self) -> None:
        """Wait until everything that the morning of the first day brings has happened."""
        loaded = load_roadmap(self.roadmap_file)
        assert loaded.roadmap is not None
        begin = first_moment(loaded.roadmap)
        expected = sum(item.event.at <= begin for item in rehearse(loaded.roadmap, loaded.source, begin))
        await until(lambda: len(self.records()) >= expected)

    def evidence(self) -> set[str]:
        """Return the files that are kept."""
        return files(self.var / "evidence")

    async def stop_worker(self) -> None:
        """Take the worker away; sealer and projector stay."""
        await self.worker.aclose()

    async def start_worker(self) -> None:
        """Give a worker back."""
        await self.worker.enter_async_context(engine_worker(self.client, self.database_url, Settings()))


def small_roadmap(folder: Path, **changes: Any) -> Path:
    """Write the example's roadmap with a few of its measures, under a name that no other test has."""
    definition = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    definition["id"] = f"test-{uuid4().hex[:12]}"
    definition["measures"] = [item for item in definition["measures"] if item["number"] in MEASURES]
    definition |= changes
    file = folder / f"{definition['id']}.yaml"
    file.write_text(yaml.safe_dump(definition, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


@contextmanager
def silent_worker() -> Iterator[None]:
    """Let the worker of this process log nothing: its streams are the doors' while they are called."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.reset_defaults()


@pytest.fixture(scope="module")
async def office(
    endpoints: Endpoints, migrated_template: str, temporal_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """Give an office whose year began this morning, on 24 August 2021."""
    var = tmp_path_factory.mktemp("office")
    file = small_roadmap(var)
    with pytest.MonkeyPatch.context() as patch, silent_worker():
        for name, value in {**endpoints.environment(), "VEKHA_VAR": str(var), "VEKHA_LANG": "ru"}.items():
            patch.setenv(name, value)
        with a_database(endpoints, migrated_template) as database_url:
            patch.setenv("DATABASE_URL", database_url)
            async with AsyncExitStack() as running:
                connection = running.enter_context(psycopg.connect(database_url, autocommit=True))
                await running.enter_async_context(log_keepers(database_url))
                office = Office(connection, temporal_client, database_url, var, file, "", AsyncExitStack())
                running.push_async_callback(end_all, temporal_client)
                running.push_async_callback(office.stop_worker)
                await office.start_worker()
                started = await office.call(
                    starter, "start", str(file), "--json", "--rehearsal-from", date(2021, 8, 24).isoformat()
                )
                assert started.code == 0, started
                office.roadmap = started.document("start")["roadmap"]
                await office.settled()
                yield office
