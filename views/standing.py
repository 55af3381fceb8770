"""Where a stream stands, in a few lines for the operator who looks at Temporal's own pages: in the language of the office."""

from __future__ import annotations

from collections import Counter

from domain.measure import STAGE_NAMES, MeasureState
from domain.turn import Due
from domain.year import YearState
from views.texts import RU, day, text


def standing_text(state: MeasureState | YearState, due: Due | None, lang: str = RU) -> str:
    """Return the lines, in Markdown: what it is, how many assignments are at which stage, what comes next."""
    if isinstance(state, YearState):
        definition = state.definition
        lines = [
            f"**{definition.title}**",
            "",
            text(
                "standing.year",
                lang,
                number=definition.order.number,
                date=day(definition.order.date),
                measures=len(definition.measures),
                indicators=len(definition.indicators),
                values=len(state.values),
            ),
        ]
    else:
        measure = state.plan.measure
        stages = Counter(STAGE_NAMES[type(item.stage)] for item in state.assignments.values())
        overdue = sum(item.overdue for item in state.assignments.values())
        lines = [
            f"**{measure.number}. {measure.title}**",
            "",
            text("standing.deadline", lang, deadline=measure.deadline),
            "",
        ]
        if state.undated:
            lines.append(f"- {text('stage.undated', lang)}")
        lines += [f"- {text(f'stage.{stage}', lang)}: {count}" for stage, count in stages.items()]
        if overdue:
            lines.append(f"- **{text('stage.overdue', lang)}: {overdue}**")
        if due is not None:
            lines.append(f"- {text('standing.next', lang, on=day(state.plan.policy.local_date(due.at)))}")
    if state.outbox:
        lines.append(f"- {text('standing.letters', lang, count=len(state.outbox))}")
    return "\n".join(lines)
