"""The workflow of one measure: it lives the whole year and ends when the year closes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey

from workflows import MEASURE_WORKFLOW, RESUME, SUBMIT
from workflows.stream import Stream, StreamInput

with workflow.unsafe.imports_passed_through():
    from domain.measure import MEASURE, STAGE_NAMES, MeasureState, stage_of

STAGE = SearchAttributeKey.for_keyword("VekhaStage")
OVERDUE = SearchAttributeKey.for_int("VekhaOverdue")
NEXT_DUE = SearchAttributeKey.for_datetime("VekhaNextDue")

# What Temporal's own pages show to its operator, in the language of the office.
STAGE_WORDS = {
    "planned": "ещё не начато",
    "open": "в работе",
    "reported": "ждёт приёмки",
    "accepted": "снято с контроля",
    "withdrawn": "отозвано",
    "left-open": "не исполнено к закрытию",
}


@workflow.defn(name=MEASURE_WORKFLOW)
class MeasureWorkflow:
    """Waits for evidence, reminds, notices a missed date, escalates: by the rules of `domain.measure`."""

    @workflow.init
    def __init__(self, start: StreamInput) -> None:
        self._stream = Stream(MEASURE, start)
        self._shown: tuple[object, ...] = ()

    @workflow.run
    async def run(self, _start: StreamInput) -> list[str]:
        """Live until the year closes; return the assignments that were left open."""
        state = await self._stream.load()
        while not state.closed:
            self._show(state)
            self._stream.send_letters()
            state = await self._stream.step()
            if not state.closed:
                self._stream.continue_if_long()
        await self._stream.finish()
        self._show(self._stream.state)
        return sorted(key for key, item in state.assignments.items() if STAGE_NAMES[type(item.stage)] == "left-open")

    @workflow.signal(name=SUBMIT)
    def submit(self, record: Any) -> None:
        """Take a command: the record of `domain.codec.command_record`."""
        self._stream.submit(record)

    @workflow.signal(name=RESUME)
    def resume(self) -> None:
        """Go on after a halt."""
        self._stream.resume()

    def _show(self, state: MeasureState) -> None:
        """Show the operator of Temporal where the measure stands, where that has changed."""
        stages = Counter(STAGE_NAMES[type(item.stage)] for item in state.assignments.values())
        overdue = sum(item.overdue for item in state.assignments.values())
        due = MEASURE.due(state)
        stage = stage_of(state)
        shown = (stage, overdue, due.at if due else None, tuple(stages.items()))
        if shown == self._shown:
            return
        self._shown = shown
        workflow.upsert_search_attributes(
            [
                STAGE.value_set(stage),
                OVERDUE.value_set(overdue),
                NEXT_DUE.value_set(due.at) if due else NEXT_DUE.value_unset(),
            ]
        )
        workflow.set_current_details(_details(state, stages, overdue))


def _details(state: MeasureState, stages: Counter[str], overdue: int) -> str:
    measure = state.plan.measure
    due = MEASURE.due(state)
    lines = [f"**{measure.number}. {measure.title}**", "", f"Срок в приказе: {measure.deadline}", ""]
    if state.undated:
        lines.append("- сроков нет: ждёт графика")
    lines += [f"- {STAGE_WORDS[stage]}: {count}" for stage, count in stages.items()]
    if overdue:
        lines.append(f"- **просрочено: {overdue}**")
    if due:
        day = state.plan.policy.local_date(due.at)
        lines.append(f"- следующее событие: {day:%d.%m.%Y}")
    return "\n".join(lines)
