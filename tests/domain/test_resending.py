"""Letters that failed are sent again, by who may, and by nobody twice."""

from __future__ import annotations

import pytest

from domain.commands import Delivered, ResendLetters
from domain.errors import Reason
from domain.events import CommandRefused, LetterResent, NoticeDelivered, NoticeFailed
from domain.measure import MEASURE
from domain.notices import LETTER_LIMIT
from domain.replay import replay
from domain.silence import told
from domain.turn import Item
from domain.year import YEAR, started
from tests.domain.examples import BY_DATE, ROADMAP
from tests.domain.story import Story, accept, begun, close, give_back, given, local, passed, report, send

NOON = "2021-09-02 12:00"
FAILED = given(BY_DATE, report(NOON), give_back(NOON)).posted("2021-09-02 12:01", "failed")
AGAIN = "2021-09-06 09:00"


def resend(at: str = AGAIN, by: str = "uo", notice: str | None = None, id_: str | None = None) -> Item:
    """Send failed letters again."""
    return send(by, at, ResendLetters(notice=notice), id_=id_)


@pytest.mark.parametrize("by", ["uo", "vasyutina", "administrator"])
def test_all_that_failed_goes_again(by: str) -> None:
    """By the controller, who speaks for it, or the administrator; each is due again from then on, under its old id."""
    failed = list(FAILED.state.failed)
    assert len(failed) == 2
    story = FAILED.when(send(by, AGAIN, ResendLetters()))
    story.then(*(LetterResent(notice) for notice in failed))
    assert list(story.state.outbox) == failed
    assert {notice.since for notice in story.state.outbox.values()} == {local(AGAIN)}
    assert not story.state.failed
    after = story.posted("2021-09-06 09:01")
    assert [event.fact for event in after.events] == [NoticeDelivered(notice, "там") for notice in failed]
    assert not after.state.outbox


def test_one_letter_goes_again_where_one_is_named() -> None:
    """The other stays where it failed."""
    first, second = FAILED.state.failed
    story = FAILED.when(send("uo", AGAIN, ResendLetters(notice=second)))
    story.then(LetterResent(second))
    assert (list(story.state.outbox), list(story.state.failed)) == ([second], [first])


def test_sent_twice_it_happens_once() -> None:
    """The repeat makes nothing; the next one is refused, since nothing has failed any more."""
    item = send("uo", AGAIN, ResendLetters())
    story = FAILED.when(item, item)
    assert len(story.facts) == 2
    FAILED.when(item).when(send("uo", AGAIN, ResendLetters())).refused(Reason.NOTHING_FAILED)


@pytest.mark.parametrize(
    ("story", "by", "notice", "reason"),
    [
        (FAILED, "school-6", None, Reason.NOT_CONTROLLER),
        (FAILED, "stranger", None, Reason.NOT_CONTROLLER),
        (FAILED, "uo", "1.1/1/school-6:reported:x:uo", Reason.NOTHING_FAILED),
        (given(BY_DATE), "uo", None, Reason.NOTHING_FAILED),
        (given(BY_DATE, report(NOON)), "uo", None, Reason.NOTHING_FAILED),
        (given(BY_DATE, report(NOON)).posted(NOON), "uo", None, Reason.NOTHING_FAILED),
        (FAILED.when(close("2021-09-03 12:00")), "uo", None, Reason.CLOSED),
    ],
)
def test_it_is_refused(story: Story, by: str, notice: str | None, reason: Reason) -> None:
    """To whom it does not belong, for what has not failed, after the close."""
    story.when(send(by, AGAIN, ResendLetters(notice=notice))).refused(reason)


def test_another_measure_is_another_stream() -> None:
    """As with every command."""
    FAILED.when(send("uo", AGAIN, ResendLetters(measure="9.9"))).refused(Reason.WRONG_STREAM, "9.9")


def test_a_measure_that_is_completed_still_sends_its_last_letter_again() -> None:
    """That its work was accepted is news too."""
    done = given(BY_DATE, report(NOON), accept(NOON)).posted(NOON, "failed")
    assert done.state.completed
    story = done.when(send("uo", AGAIN, ResendLetters()))
    assert len(story.facts) == 2


def test_the_auditor_sees_the_second_try_with_its_own_three_days() -> None:
    """Failed, on its way again, missing after three days, delivered: and no difference in the replay."""
    story = FAILED.when(send("uo", AGAIN, ResendLetters()))
    events = story.lived
    again = local(AGAIN)

    def outcomes(now: object) -> set[str]:
        return {one.outcome for one in told(MEASURE, events, now) if one.kind != "reminder-deadline"}  # type: ignore[arg-type]

    assert {one.outcome for one in told(MEASURE, FAILED.lived, again)} == {"failed"}
    assert outcomes(again + LETTER_LIMIT) == {"under-way"}
    assert outcomes(again + 2 * LETTER_LIMIT) == {"missing"}
    whole = story.posted("2021-09-06 09:05").lived
    assert {one.outcome for one in told(MEASURE, whole, again)} == {"delivered"}
    assert [step.difference for step in replay(MEASURE, whole) if step.difference] == []


def test_the_years_own_letters_go_again_too() -> None:
    """Those about what a late start found missed; the year refuses by the same rules."""
    at = local("2021-12-15 10:00")
    first = started(ROADMAP, "", at, at)
    state = YEAR.evolve(YEAR.begin(first), first)
    notices = list(state.outbox)
    assert len(notices) > 3
    state = YEAR.advance(state, [Delivered(notice, "failed", "550", at) for notice in notices], at)[1]
    assert list(state.failed) == notices
    (refused,), _ = YEAR.advance(state, [send("school-6", AGAIN, ResendLetters())], at)
    assert refused.fact == CommandRefused("not-controller", "school-6")
    events, after = YEAR.advance(state, [send("uo", AGAIN, ResendLetters())], at)
    assert [event.fact for event in events] == [LetterResent(notice) for notice in notices]
    assert (list(after.outbox), after.failed) == (notices, {})
    nothing, _ = YEAR.advance(after, [send("uo", AGAIN, ResendLetters())], at)
    assert nothing[0].fact == CommandRefused("nothing-failed", "")
    elsewhere, _ = YEAR.advance(state, [send("uo", AGAIN, ResendLetters(measure="9.9"))], at)
    assert elsewhere[0].fact == CommandRefused("unknown-measure", "9.9")


def test_only_the_last_outcome_counts_as_failed() -> None:
    """A letter that fails again can go again; one that was delivered at last cannot."""
    story = FAILED.when(send("uo", AGAIN, ResendLetters())).posted("2021-09-06 10:00", "failed")
    assert [type(event.fact) for event in story.events] == [NoticeFailed] * 2
    assert len(story.when(send("uo", "2021-09-07 09:00", ResendLetters())).facts) == 2
    assert passed("2021-09-07")
    assert begun(story.lived).failed.keys() == FAILED.state.failed.keys()


def test_where_the_failure_is_left_out_nothing_is_sent_again() -> None:
    """A stream that is read in part, or was written past Vekha, is folded all the same; the replay says what is wrong."""
    story = FAILED.when(send("uo", AGAIN, ResendLetters()))
    without = [event for event in story.lived if not isinstance(event.fact, NoticeFailed)]
    assert begun(without).outbox.keys() == FAILED.state.failed.keys()
    assert begun(without).failed == {}
    assert [step.difference for step in replay(MEASURE, without) if step.difference]
