"""The workflow of a year: it starts the measures, takes the values of indicators, and closes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from workflows import RESUME, ROADMAP_WORKFLOW, SUBMIT
from workflows.stream import Stream, StreamInput

with workflow.unsafe.imports_passed_through():
    from activities.signatures import CLOSE_MEASURES, START_MEASURES, YearOrder
    from domain.year import YEAR, YearState

# One try of starting or closing all measures; what was done in a try that failed is found done by the next.
ALL_MEASURES_LIMIT = timedelta(minutes=10)
HEARTBEAT_LIMIT = timedelta(seconds=30)


@workflow.defn(name=ROADMAP_WORKFLOW)
class RoadmapWorkflow:
    """The year's own stream. The measures are workflows of their own: no parent, so that nothing ends with it."""

    @workflow.init
    def __init__(self, start: StreamInput) -> None:
        self._start = start
        self._stream = Stream(YEAR, start)

    @workflow.run
    async def run(self, _start: StreamInput) -> None:
        """Start what is not running yet, live until the year closes, and close every measure."""
        state = await self._stream.load()
        if not state.closed:
            await self._all_measures(START_MEASURES, state)
        while not state.closed:
            workflow.set_current_details(_details(state))
            state = await self._stream.step()
            if not state.closed:
                self._stream.continue_if_long()
        await self._all_measures(CLOSE_MEASURES, state)
        await self._stream.finish()

    @workflow.signal(name=SUBMIT)
    def submit(self, record: Any) -> None:
        """Take a command: the record of `domain.codec.command_record`."""
        self._stream.submit(record)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on after a halt."""
        self._stream.resume()

    async def _all_measures(self, activity: str, state: YearState) -> None:
        start = self._start
        order = YearOrder(state.definition.id, start.offset_microseconds, start.turns_per_run, start.jitter_seconds)
        await workflow.execute_activity(
            activity, order, start_to_close_timeout=ALL_MEASURES_LIMIT, heartbeat_timeout=HEARTBEAT_LIMIT
        )


def _details(state: YearState) -> str:
    definition = state.definition
    return "\n".join(
        [
            f"**{definition.title}**",
            "",
            f"Приказ № {definition.order.number} от {definition.order.date:%d.%m.%Y}",
            "",
            f"- мероприятий: {len(definition.measures)}",
            f"- показателей: {len(definition.indicators)}, значений получено: {len(state.values)}",
        ]
    )
