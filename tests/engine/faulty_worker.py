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

import activities.turn
from doors.cli.work import engine_worker, log_keepers
from eventlog.append import Appended, append
from settings import database_url, settings, temporal_config
from wire.payloads import CONVERTER
from wire.signatures import POST, TURN, TurnOrder

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
        if kind == TURN and _begins(input.args[0]):
            # A run begins by asking where its stream stands: after the first one, that is in the middle of continue-as-new.
            await pause_at(CONTINUE_AS_NEW, folder)
        elif kind == POST:
            await pause_at(LETTER, folder)
        return await super().execute_activity(input)


def _begins(order: TurnOrder) -> bool:
    return order.version > 0 and not order.shown


async def append_with_pauses(*arguments: Any) -> Appended:
    """Append as the worker does, with a pause before and behind it."""
    folder = Path(os.environ["FAULT_FOLDER"])
    await pause_at(BEFORE_APPEND, folder)
    answer = await append(*arguments)
    await pause_at(AFTER_COMMIT, folder)
    return answer


async def main() -> None:
    """Work until killed."""
    vars(activities.turn)["append"] = append_with_pauses
    client = await Client.connect(**temporal_config(), interceptors=[Faults()], data_converter=CONVERTER)
    async with log_keepers(database_url()), engine_worker(client, database_url(), settings()):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
