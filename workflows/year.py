"""The workflow of a year: it starts the measures, takes the values of indicators, and closes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue

from wire.names import RESTORE, YEAR_WORKFLOW
from wire.signatures import StreamInput
from workflows.stream import Stream

with workflow.unsafe.imports_passed_through():
    from wire.signatures import CLOSE_MEASURES, START_MEASURES, YearOrder

# One try of starting or closing all measures; what was done in a try that failed is found done by the next.
ALL_MEASURES_LIMIT = timedelta(minutes=10)
HEARTBEAT_LIMIT = timedelta(seconds=30)


@workflow.defn(name=YEAR_WORKFLOW)
class YearWorkflow:
    """The year's own stream. The measures are workflows of their own: no parent, so that nothing ends with it."""

    @workflow.init
    def __init__(self, start: StreamInput) -> None:
        self._start = start
        self._stream = Stream(start)
        self._restore = True

    @workflow.run
    async def run(self, _start: StreamInput) -> None:
        """Start what is not running yet, live until the year closes, and close every measure."""
        await self._stream.begin()
        while not self._stream.closed:
            if self._restore:
                self._restore = False
                await self._all_measures(START_MEASURES)
            self._stream.send_letters()
            self._stream.continue_if_long()
            await self._stream.step()
        await self._all_measures(CLOSE_MEASURES)
        await self._stream.finish()

    @workflow.signal(dynamic=True)
    def hear(self, name: str, arguments: Sequence[RawValue]) -> None:
        """Take any signal; one asks to see that every measure runs."""
        if name == RESTORE:
            self._restore = True
            self._stream.look()
        else:
            self._stream.hear(name, arguments)

    async def _all_measures(self, activity: str) -> None:
        year = workflow.info().workflow_id.removesuffix("/year")
        await workflow.execute_activity(
            activity,
            YearOrder(year, self._start.turns_per_run),
            start_to_close_timeout=ALL_MEASURES_LIMIT,
            heartbeat_timeout=HEARTBEAT_LIMIT,
        )
