"""The logins of docker-compose.yml run a year, and each can do no more than its part."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from datetime import time
from pathlib import Path

import psycopg
import pytest
from temporalio.client import Client

from app import evidence
from app.time_skipping import Player
from doors.cli.demo import CLOSES_AFTER
from doors.cli.work import engine_worker, log_keepers, notary_of
from eventlog.read import read_roadmap
from eventlog.roles import NEEDS, lacking
from orders.scenario import load_scenario
from settings import ROOT, Settings
from stack import Stack, jobs, machine, temporal
from tests.engine.comparing import assert_equal
from tests.engine.roadmaps import EXAMPLE, Definition, some
from tests.eventlog.log import beginning

NUMBERS = ("1.3", "2.7")
CHANGES = (
    "update vekha.event set data = '{}'",
    "delete from vekha.event",
    "truncate vekha.event cascade",
    "truncate vekha.seal",
    "delete from vekha.block",
    "update vekha.log set origin = 'vekha/other'",
    "alter table vekha.event disable trigger all",
    "set role vekha_owner",
)
YEAR = (
    "('city-2022/year', 0, null, gen_random_uuid(), 'YearStarted', 1, '2021-09-01', now(), now(), 'administrator', null,"
    f" false, '{beginning('city-2022')}', null, 'run-1')"
)
APPEND, BEGIN = f"select vekha.append{YEAR}", f"select vekha.append_as_door{YEAR}"


async def test_a_year_is_run_by_logins_that_cannot_change_what_was_written(
    lone: Stack, example: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made by the jobs, migrated by the migrator, worked by the worker, begun by the doors, read by the inspector."""
    lone.postgres.start()
    keep = lone.postgres.home.keep()
    monkeypatch.setenv("POSTGRES_ADMIN_URL", lone.postgres.url("postgres"))
    for login in (temporal.ROLE, *machine.LOGINS):
        monkeypatch.setenv(f"{login.upper()}_DB_PASSWORD", keep.password(login))
    urls = {
        login: lone.postgres.url(machine.DATABASE, role=login, password=keep.password(login))
        for login in machine.LOGINS
    }
    monkeypatch.setenv("DATABASE_URL", urls["vekha"])
    assert [jobs.main(job) for job in ("databases", "migrate", "databases", "migrate")] == [0, 0, 0, 0]
    endpoints = lone.up()
    client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
    roadmap = some(example.roadmap, *NUMBERS)
    sent = [
        step.sent(evidence.keep(step.files, Settings().evidence_dir))
        for step in load_scenario(EXAMPLE / "scenario.yaml", roadmap.policy.zone)
        if step.measure is None or step.measure in NUMBERS
    ]
    close_at = roadmap.policy.instant(roadmap.period.last + CLOSES_AFTER, time(12))

    async with AsyncExitStack() as running:
        worker, given = urls["vekha_worker"], Settings()
        await running.enter_async_context(log_keepers(worker, notary=notary_of(given)))
        await running.enter_async_context(engine_worker(client, worker, given))
        doors = running.enter_context(psycopg.connect(urls["vekha_doors"], autocommit=True))
        player = Player(client)
        year = await player.start(doors, roadmap, example.source)
        played = await player.play(doors, year, example.source, sent, close_at, calendar=False)
        assert_equal(read_roadmap(doors, year.roadmap.id), played.rehearsed)
        of_year = f"--roadmap {year.roadmap.id}"
        for call in (f"report.py board {of_year}", f"audit.py replay {of_year}", "audit.py verify"):
            assert await called(call, urls["vekha_inspector"]) == 0
        assert await called("audit.py rebuild", urls["vekha_worker"]) == 0
        assert await called("audit.py rebuild --swap", urls["vekha_doors"]) == 3

    for login, able in (("vekha_worker", True), ("vekha_doors", False), ("vekha_inspector", False)):
        with psycopg.connect(urls[login]) as connection:
            assert all(not lacking(connection, job) for job in NEEDS) is able, login
    with psycopg.connect(lone.postgres.url(machine.DATABASE), autocommit=True) as superuser:
        superuser.execute("revoke execute on function vekha.append from vekha_writer")
    with psycopg.connect(urls["vekha_worker"], autocommit=True) as worker_login:
        assert [right.partition("(")[0] for right in lacking(worker_login, "temporal")] == ["execute on vekha.append"]
        assert jobs.main("migrate") == 0  # which is what such a worker advises
        assert lacking(worker_login, "temporal") == []
    for login in ("vekha_worker", "vekha_doors", "vekha_inspector"):
        assert refused(urls[login], *CHANGES), login
    assert refused(urls["vekha_inspector"], APPEND, BEGIN)
    assert refused(urls["vekha_doors"], APPEND)
    with psycopg.connect(urls["vekha_doors"]) as connection:
        connection.execute(BEGIN)  # what the inspector lacks is the right, not the words
        connection.rollback()


async def called(call: str, database_url: str) -> int:
    """Run a door with a login, as a process of its own; return its exit code."""
    script, *arguments = call.split()
    environment = dict(os.environ) | {"DATABASE_URL": database_url}
    process = await asyncio.create_subprocess_exec(sys.executable, script, *arguments, env=environment, cwd=Path(ROOT))
    return await process.wait()


def refused(database_url: str, *statements: str) -> bool:
    """Tell whether a login lacks the right to each of these."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in statements:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    return True
