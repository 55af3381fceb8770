"""The workflow of one measure: it lives the whole year and ends when the year closes."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

from wire.names import MEASURE_WORKFLOW
from wire.signatures import StreamInput
from workflows.stream import Stream


@workflow.defn(name=MEASURE_WORKFLOW)
class MeasureWorkflow:
    """Waits for evidence and for its moments; what they mean is decided by the rules of `domain.measure`."""

    @workflow.init
    def __init__(self, start: StreamInput) -> None:
        self._stream = Stream(start)

    @workflow.run
    async def run(self, _start: StreamInput) -> None:
        """Live until the year closes."""
        await self._stream.begin()
        while not self._stream.closed:
            self._stream.send_letters()
            self._stream.continue_if_long()
            await self._stream.step()
        await self._stream.finish()

    @workflow.signal(dynamic=True)
    def hear(self, name: str, arguments: Sequence[RawValue]) -> None:
        """Take any signal."""
        self._stream.hear(name, arguments)
