"""Any lives of any example measure: commands of all kinds at all times, for the properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from domain.codec import make_command
from domain.commands import (
    AcceptExecution,
    Close,
    Delivered,
    Evidence,
    ExtendDeadline,
    MeasureIndicator,
    ReassignAssignment,
    Received,
    RefuseExtension,
    ReportExecution,
    ReportProgress,
    Request,
    RequestExtension,
    ResendLetters,
    ReturnForRework,
    ScheduledPoint,
    SetSchedule,
    Unreadable,
    WithdrawAssignment,
)
from domain.events import Event
from domain.measure import MEASURE, MeasureState, Reported, planned
from domain.roadmap import Addressee, Completion, EscalationStep, MeasurePlan
from domain.turn import Item
from domain.workdays import Shift
from tests.domain.examples import MEASURES, POLICY, calendar, day, measure, plan, point
from tests.domain.story import begun, local

BEGIN = local("2021-08-24 10:00")
LATE = local("2021-12-15 10:00")  # most has been due by then
HARD = (
    EscalationStep(5, Addressee.CONTROLLER),
    EscalationStep(5, Addressee.CONTROLLER),
    EscalationStep(1, Addressee.COORDINATOR),
)
ODD = (
    # Two checkpoints that share a day; interim dates on the first day and on the due date.
    measure(
        "4.1",
        ("school-6", "oo", "school-6"),
        point("a", "2021-09-01", "2021-10-31", interim=("2021-09-01", "2021-10-29")),
        point("b", "2021-10-29", "2021-10-29", bodies=("imcro", "gmo")),
        policy=replace(POLICY, completion=Completion.LEAD, escalation=HARD, reminders=(1, 1, 5)),
    ),
    measure(
        "4.2",
        ("everybody",),
        point("a", "2021-08-24", "2021-08-24"),
        policy=replace(POLICY, reminders=(), escalation=()),
    ),
    measure("4.3", (), policy=replace(POLICY, shift=Shift.NONE)),
    # A controller who is reminded, and reports that have to say something.
    measure(
        "4.4",
        ("school-6", "imcro"),
        point("a", "2021-09-01", "2021-10-29"),
        point("b", "2021-11-01", "2021-11-30"),
        policy=replace(POLICY, unreviewed_after=(1, 3), proof_needed=True),
    ),
)
PLANS = (
    *(plan(item) for item in MEASURES),
    *(plan(item) for item in ODD),
    # A calendar that ends with the year, and one that begins with it.
    plan(MEASURES[0], calendar=calendar("2021-08-01", "2021-10-08")),
    plan(ODD[0], calendar=calendar("2021-09-30", "2021-11-08")),
)
ACTORS = (
    "uo",
    "uo",
    "uo",
    "vasyutina",
    "school-6",
    "school-6",
    "imcro",
    "school-1",
    "school-6",
    "school-30",
    "gmo",
    "ivanova",
    "stranger",
    "clock",
    "post",
)
PAUSES = (0, 0, 1, 24, 24 * 4, 24 * 15, 24 * 90)
BODIES = ("imcro", "school-1", "school-6", "school-30", "gmo", "oo")
LONG_AGO = datetime(2, 1, 1, tzinfo=UTC)
days = st.dates(date(2021, 8, 1), date(2022, 11, 1)) | st.sampled_from([date.min, date.max, day("2021-09-30")])


KINDS = (
    "progress",
    "report",
    "report",
    "report early",
    "report nothing",
    "accept",
    "accept",
    "return",
    "ask",
    "extend",
    "refuse",
    "withdraw",
    "reassign",
)


def about(kind: str, names: Mapping[str, Any], until: date, to: str) -> Request:
    """Return a request of a kind about an assignment."""
    made: Mapping[str, Callable[[], Request]] = {
        "progress": lambda: ReportProgress(**names, evidence=(Evidence("a" * 64, 10, "акт.pdf"),)),
        "report": lambda: ReportExecution(**names, note="готово"),
        "report early": lambda: ReportExecution(**names, note="готово", early=True),
        "report nothing": lambda: ReportExecution(**names, note=" "),
        "accept": lambda: AcceptExecution(**names),
        "return": lambda: ReturnForRework(**names, reason="причина"),
        "ask": lambda: RequestExtension(**names, until=until, reason="причина"),
        "extend": lambda: ExtendDeadline(**names, until=until, reason="причина", act="приказ"),
        "refuse": lambda: RefuseExtension(**names, reason="причина"),
        "withdraw": lambda: WithdrawAssignment(**names, reason="причина", act="приказ"),
        "reassign": lambda: ReassignAssignment(**names, to=to, reason="причина", act="приказ"),
    }
    return made[kind]()


wild_points = st.builds(ScheduledPoint, st.sampled_from(["autumn", "spring", "a/b"]), st.just("сессия"), days, days)
wild_requests: st.SearchStrategy[Request] = st.one_of(
    st.builds(
        about,
        st.sampled_from(KINDS),
        st.fixed_dictionaries(
            {
                "measure": st.sampled_from([None, "9.9"]),
                "checkpoint": st.sampled_from([None, "x", "1", "a"]),
                "body": st.sampled_from([None, "x", "oo", "school-6"]),
            }
        ),
        days,
        st.sampled_from(ACTORS),
    ),
    st.builds(SetSchedule, points=st.lists(wild_points, max_size=2).map(tuple), act=st.just("")),
    st.just(MeasureIndicator(indicator="1", numerator=Decimal(1))),
    st.just(Unreadable(problem="", text="")),
)
GOOD_POINTS = (
    ScheduledPoint("autumn", "осень", day("2021-10-01"), day("2021-11-28")),
    ScheduledPoint("spring", "весна", day("2022-03-01"), day("2022-04-29")),
)


def wild(draw: st.DrawFn) -> tuple[str, date | None, Request]:
    """Draw what makes no sense: a sender, a day of happening, a request."""
    occurred_on = draw(st.sampled_from([None, None, date.min, date.max, day("2021-09-30")]))
    return draw(st.sampled_from(ACTORS)), occurred_on, draw(wild_requests)


def sensible(draw: st.DrawFn, state: MeasureState) -> tuple[str, date | None, Request]:
    """Draw what may well be asked now: of an assignment that there is, by whom it may come."""
    if not state.assignments:
        return "uo", None, SetSchedule(points=GOOD_POINTS[: draw(st.integers(1, 2))], act="график")
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(["uo", "administrator"])), None, ResendLetters()
    live_ones = [key for key, item in state.assignments.items() if item.live]
    item = state.assignments[draw(st.sampled_from(live_ones or list(state.assignments)))]
    kind = draw(st.sampled_from(("accept", "accept", "return") if isinstance(item.stage, Reported) else KINDS))
    until = item.due_on + timedelta(days=draw(st.integers(1, 40)))
    names = {"checkpoint": item.checkpoint, "body": item.body}
    actor = item.body if kind.partition(" ")[0] in {"progress", "report", "ask"} else "uo"
    return actor, None, about(kind, names, until, draw(st.sampled_from(BODIES)))


@dataclass(frozen=True)
class Life:
    """A plan, what people do, and when the year closes."""

    plan: MeasurePlan
    items: tuple[Received, ...]
    closing: Received
    begin: datetime = BEGIN

    @property
    def first(self) -> Event:
        """Return the first event."""
        return planned(self.plan, self.begin, self.begin)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Give any life: most of what people ask makes sense, some is sent twice, some is mad; then the year closes.

    Some begin when most has been due already.
    """
    of = draw(st.sampled_from(PLANS))
    begin = draw(st.sampled_from([BEGIN, BEGIN, BEGIN, LATE]))
    state, at = begun([planned(of, begin, begin)]), begin
    items: list[Received] = []
    for number in range(draw(st.integers(0, 14))):
        # The next moment of the clock, or soon after it, or any time.
        due = MEASURE.due(state)
        at = max(
            at, draw(st.sampled_from([at, due.at if due else at])) + timedelta(hours=draw(st.sampled_from(PAUSES)))
        )
        if draw(st.integers(0, 9)) == 0:
            at = max(at - timedelta(days=1), begin)  # a clock that was set back
        chance = draw(st.integers(0, 9))
        if chance == 0 and items:
            item = replace(draw(st.sampled_from(items)), received_at=at)
        else:
            actor, occurred_on, request = wild(draw) if chance < 3 else sensible(draw, state)
            sent_at = draw(st.sampled_from([at, at, at - timedelta(hours=5), at + timedelta(days=400), LONG_AGO]))
            id_ = f"команда {draw(st.integers(0, 3)) if chance == 1 else number}"
            item = Received(make_command(id_, actor, sent_at, occurred_on, request), at)
        items.append(item)
        for event in MEASURE.turn(state, [item], at):
            state = MEASURE.evolve(state, event)
    close_at = max(at, begin) + timedelta(hours=draw(st.sampled_from(PAUSES)))
    if items and draw(st.integers(0, 4)) == 0:  # some commands come after the close
        close_at = draw(st.sampled_from(items)).received_at
    command = make_command("close-example-2021", "administrator", close_at, None, Close())
    return Life(of, tuple(items), Received(command, close_at), begin)


def live(life: Life, *, post: bool = True, outcome: Callable[[], str] = lambda: "delivered") -> list[Event]:
    """Return all events of a life: a turn for every item, the letters' outcomes after each, and the close at the end.

    An `outcome` that is empty is none yet.
    """
    events = [life.first]
    state = begun(events)
    for item in sorted((*life.items, life.closing), key=lambda item: item.received_at):
        inbox: list[Item] = [item]
        while made := MEASURE.turn(state, inbox, item.received_at):
            for event in made:
                state = MEASURE.evolve(state, event)
            events += made
            ends = [(notice, outcome()) for notice in state.outbox if post]
            inbox = [Delivered(notice, end, "", item.received_at) for notice, end in ends if end]
    return events
