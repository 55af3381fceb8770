"""History in plain words: each event is one sentence that says when, who and what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from domain.codec import read_event
from domain.commands import Evidence
from domain.events import (
    CLOCK,
    POST,
    AssignmentOpened,
    AssignmentReassigned,
    AssignmentWithdrawn,
    CommandRefused,
    ContactErased,
    DeadlineExtended,
    DeadlineMissed,
    Escalated,
    Event,
    ExecutionAccepted,
    ExecutionReported,
    ExtensionRefused,
    ExtensionRequested,
    IndicatorMeasured,
    InterimMissed,
    LeftOpenAtClose,
    LetterResent,
    MeasureClosed,
    MeasureCompleted,
    MeasurePlanned,
    NoticeDelivered,
    NoticeFailed,
    NoticeFiled,
    NoticeSuppressed,
    ProgressReported,
    ReminderIssued,
    ReminderSuppressed,
    ReturnedForRework,
    ReviewAwaited,
    ScheduleSet,
    SetAside,
    YearClosed,
    YearStarted,
)
from domain.records import EventRecord
from domain.roadmap import Checkpoint
from views.names import Definition, Names
from views.plain import one_line
from views.refusals import refusal
from views.texts import RU, TEXTS, counted, day, known, moment, text

LETTER_KINDS = tuple(key.removeprefix("kind.") for key in TEXTS if key.startswith("kind."))


def tell(record: EventRecord, definition: Definition | None, lang: str = RU) -> str:
    """Return a row of the log as one sentence; its stream says which measure it is about."""
    _, found, measure = record.stream.partition("/m/")
    return sentence(read_event(record), definition, lang, measure if found else None)


def numbered(record: EventRecord, definition: Definition | None, lang: str = RU) -> str:
    """Return a row as `tell` does, behind its number in the log, by which it is asked for; a dash until it is sealed."""
    return f"{record.position or '—':>6}  {tell(record, definition, lang)}"


def sentence(event: Event, definition: Definition | None, lang: str = RU, measure: str | None = None) -> str:
    """Return an event as one sentence in `ru` or `en`, times in the definition's zone (UTC without one).

    `measure` is the number of the measure whose stream it stands in, where the definition is a whole roadmap.
    """
    if isinstance(event.fact, YearStarted):
        definition = event.fact.definition
    if isinstance(event.fact, MeasurePlanned):
        definition = event.fact.plan
    names = Names(definition, lang, measure)
    return text("sentence", lang, when=_when(event, names), said=_Speaker(event, names).said())


def _when(event: Event, names: Names) -> str:
    if isinstance(event.fact, SetAside):
        return moment(event.fact.set_aside_at, names.zone)
    instant = event.at if event.actor == CLOCK else event.received_at
    when = moment(instant, names.zone)
    if event.actor in (CLOCK, POST) or event.occurred_on == instant.astimezone(names.zone).date():
        return when
    return text("when.claimed", names.lang, when=when, occurred_on=day(event.occurred_on))


class _Speaker:
    """Tells what happened; the blanks that many sentences share are filled here."""

    def __init__(self, event: Event, names: Names) -> None:
        self.event = event
        self.names = names
        self.lang = names.lang

    def said(self) -> str:  # noqa: C901, PLR0911, PLR0912 (the closed union of facts, a case each)
        fact = self.event.fact
        match fact:
            case MeasurePlanned(plan=plan):
                dated = bool(plan.measure.checkpoints)
                return self._say(
                    "said.MeasurePlanned" if dated else "said.MeasurePlanned.undated",
                    number=plan.measure.number,
                    title=one_line(plan.measure.title),
                    points=self._points(plan.measure.checkpoints),
                )
            case AssignmentOpened():
                return self._say("said.AssignmentOpened")
            case ReminderIssued(kind=kind, days_before=before, on=on, to=to):
                return self._say(
                    f"said.ReminderIssued.{kind}",
                    on=self._day(on),
                    before=counted("working-days", before, self.lang),
                    measure=self.names.measure(self.names.number),
                    to=self.names.body(to),
                )
            case ReminderSuppressed(days_before=before, on=on, rule=rule):
                return self._say(
                    "said.ReminderSuppressed",
                    on=day(on),
                    before=counted("working-days", before, self.lang),
                    rule=known(f"rule.{rule}", self.lang, rule),
                )
            case ProgressReported(note=note, evidence=evidence):
                return self._say("said.ProgressReported", note=self._note(note), evidence=self._files(evidence))
            case InterimMissed(on=on, to=to):
                return self._say("said.InterimMissed", on=day(on), to=self.names.body(to))
            case ExecutionReported(note=note, evidence=evidence, days_late=late):
                return self._say(
                    "said.ExecutionReported.late" if late else "said.ExecutionReported",
                    late=counted("days", late, self.lang),
                    note=self._note(note),
                    evidence=self._files(evidence),
                )
            case ExecutionAccepted(note=note):
                return self._say("said.ExecutionAccepted", note=self._note(note))
            case ReviewAwaited(since=since, to=to):
                return self._say("said.ReviewAwaited", since=day(since), to=self.names.body(to))
            case ReturnedForRework(reason=reason):
                return self._say("said.ReturnedForRework", reason=self._reason(reason))
            case DeadlineMissed(due_on=due_on):
                return self._say("said.DeadlineMissed", due_on=day(due_on))
            case Escalated(level=level, to=to):
                return self._say("said.Escalated", level=level, to=self.names.body(to))
            case ExtensionRequested(until=until, reason=reason):
                return self._say("said.ExtensionRequested", until=day(until), reason=self._reason(reason))
            case DeadlineExtended(due_on=due_on, until=until, reason=reason, act=act):
                return self._say(
                    "said.DeadlineExtended",
                    due_on=day(due_on),
                    until=day(until),
                    reason=self._reason(reason),
                    act=self._act(act),
                )
            case ExtensionRefused(reason=reason):
                return self._say("said.ExtensionRefused", reason=self._reason(reason))
            case AssignmentWithdrawn(reason=reason, act=act):
                return self._say("said.AssignmentWithdrawn", reason=self._reason(reason), act=self._act(act))
            case AssignmentReassigned(to=to, reason=reason, act=act):
                return self._say(
                    "said.AssignmentReassigned",
                    to=self.names.body(to),
                    reason=self._reason(reason),
                    act=self._act(act),
                )
            case ScheduleSet(checkpoints=checkpoints, act=act):
                return self._say(
                    "said.ScheduleSet",
                    measure=self.names.measure(self.names.number),
                    points=self._points(checkpoints),
                    act=self._act(act),
                )
            case MeasureCompleted(rule=rule):
                return self._say(
                    "said.MeasureCompleted",
                    measure=self.names.measure(self.names.number),
                    rule=known(f"rule.{rule}", self.lang, rule),
                )
            case CommandRefused(reason=reason, detail=detail):
                command = self.event.command
                kind = type(command.request).__name__ if command else "Unreadable"
                return self._say(
                    "said.CommandRefused",
                    command=text(f"command.{kind}", self.lang),
                    refusal=refusal(reason, detail, self.lang, self.names, command),
                )
            case NoticeDelivered(detail=detail) | NoticeFiled(detail=detail) if detail.endswith(".eml"):
                return self._letter("NoticeFiled", fact.notice, detail)  # older Vekhas called a file delivered too
            case NoticeDelivered() | NoticeFailed() | NoticeSuppressed() | NoticeFiled():
                return self._letter(type(fact).__name__, fact.notice, fact.detail)
            case LetterResent(notice=notice):
                return self._letter("LetterResent", notice, "")
            case LeftOpenAtClose(stage=stage, needed=needed):
                return self._say(
                    "said.LeftOpenAtClose" if needed else "said.LeftOpenAtClose.unneeded",
                    stage=known(f"stage.{stage}", self.lang, stage),
                )
            case MeasureClosed(completed=completed):
                return self._say(
                    "said.MeasureClosed.completed" if completed else "said.MeasureClosed.open",
                    measure=self.names.measure(self.names.number),
                )
            case YearStarted(definition=roadmap, rehearsal=rehearsal):
                started = self._say(
                    "said.YearStarted",
                    title=one_line(roadmap.title),
                    order=one_line(roadmap.order.number),
                    date=day(roadmap.order.date),
                    measures=counted("measures", len(roadmap.measures), self.lang),
                    indicators=counted("indicators", len(roadmap.indicators), self.lang),
                )
                return text("said.YearStarted.rehearsal", self.lang, started=started) if rehearsal else started
            case IndicatorMeasured(indicator=number, body=body, baseline=baseline, note=note):
                return self._say(
                    "said.IndicatorMeasured",
                    number=number,
                    body="" if body == self.event.actor else f" ({self.names.body(body)})",
                    value=self._value(fact),
                    baseline=""
                    if baseline is None
                    else text("said.baseline", self.lang, baseline=self._number(baseline)),
                    note=self._note(note),
                )
            case ContactErased(code=code, act=act):
                return self._say("said.ContactErased", code=code, act=act)
            case YearClosed():
                return self._say("said.YearClosed")
            case SetAside(act=act, by=by):
                return self._say("said.SetAside", act=one_line(act), by=one_line(by))

    def _say(self, key: str, **values: object) -> str:
        assignment: str | None = getattr(self.event.fact, "assignment", None)
        what = self.names.assignment(assignment, self.event.actor) if assignment else ""
        return text(key, self.lang, actor=self.names.actor(self.event.actor), what=what, **values)

    def _letter(self, said: str, notice: str, detail: str) -> str:
        about, _, to = notice.rpartition(":")
        kinds = [(about.find(f":{kind}:"), kind) for kind in LETTER_KINDS if f":{kind}:" in about]
        kind = min(kinds)[1] if kinds else ""
        detail = known(f"rule.{detail}", self.lang, one_line(detail))
        return self._say(
            f"said.{said}",
            kind=known(f"kind.{kind}", self.lang, one_line(notice)),
            to=self.names.body(to),
            detail=f" ({detail})" if detail else "",
        )

    def _points(self, checkpoints: Sequence[Checkpoint]) -> str:
        return "; ".join(
            text("said.point", self.lang, label=one_line(point.label or point.key), due_on=day(point.due_on))
            for point in checkpoints
        )

    def _value(self, fact: IndicatorMeasured) -> str:
        if fact.denominator is None:
            return self._number(fact.numerator)
        return text(
            "said.ratio", self.lang, numerator=self._number(fact.numerator), denominator=self._number(fact.denominator)
        )

    def _files(self, evidence: Sequence[Evidence]) -> str:
        if not evidence:
            return ""
        listed = ", ".join(one_line(item.name, 80) for item in evidence)
        return text("said.files", self.lang, files=f"{counted('files', len(evidence), self.lang)} ({listed})")

    def _note(self, note: str) -> str:
        return text("said.note", self.lang, note=one_line(note)) if note.strip() else ""

    def _reason(self, reason: str) -> str:
        return text("said.reason", self.lang, reason=one_line(reason)) if reason else ""

    def _act(self, act: str) -> str:
        return text("said.act", self.lang, act=one_line(act)) if act else ""

    def _day(self, on: date | None) -> str:
        return day(on) if on else text("none", self.lang)

    def _number(self, value: Decimal) -> str:
        figure = f"{value.normalize():f}"
        return figure.replace(".", ",") if self.lang == RU else figure
