"""A worker that stops at a named point, to be killed there or to go on: the tests run it as a process of its own.

FAULT_FOLDER holds the conversation: the test writes a point's name into `armed`; the first activity that comes to
that point takes the file away as `reached` and waits until there is a `go`.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.signatures import APPEND, NOTIFY
from doors.work import engine_worker, log_keepers
from settings import database_url, settings, temporal_config

BEFORE_APPEND, AFTER_COMMIT, LETTER, CONTINUE_AS_NEW = "before-append", "after-commit", "letter", "continue-as-new"
POINTS = (BEFORE_APPEND, AFTER_COMMIT, LETTER, CONTINUE_AS_NEW)


async def pause_at(point: str, folder: Path) -> None:
    """Stop here when this point is armed."""
    try:
        if (folder / "armed").read_text() != point:
            return
        (folder / "armed").rename(folder / "reached")
    except FileNotFoundError:
        return  # nothing is armed, or another activity was first
    while not (folder / "go").exists():  # noqa: ASYNC110 - the other side is another process
        await asyncio.sleep(0.005)


class Faults(ClientInterceptor, Interceptor):
    """Lets activities stop before and after their work; a worker takes over what its client has."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Put the pauses around an activity."""
        return _Pausing(next)


class _Pausing(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        folder = Path(os.environ["FAULT_FOLDER"])
        kind = activity.info().activity_type
        writes = kind == APPEND and bool(input.args[0].records)
        if kind == APPEND:
            # A run begins by reading its stream: after the first one, that is in the middle of continue-as-new.
            await pause_at(BEFORE_APPEND if writes else CONTINUE_AS_NEW, folder)
        elif kind == NOTIFY:
            await pause_at(LETTER, folder)
        result = await super().execute_activity(input)
        if writes:
            await pause_at(AFTER_COMMIT, folder)
        return result


async def main() -> None:
    """Work until killed."""
    client = await Client.connect(**temporal_config(), interceptors=[Faults()])
    async with log_keepers(database_url()), engine_worker(client, database_url(), settings()):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
