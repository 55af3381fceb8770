"""The scenario of the example lives through the rehearsal as its comments say, and a bad scenario is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.commands import ReportExecution, SetSchedule
from domain.events import (
    CommandRefused,
    DeadlineMissed,
    Escalated,
    ExecutionAccepted,
    Fact,
    IndicatorMeasured,
    InterimMissed,
    LeftOpenAtClose,
    MeasureCompleted,
)
from domain.rehearsal import Lived, rehearse
from domain.roadmap import Roadmap
from orders.findings import UnreadableFile
from orders.scenario import Step, load_scenario
from orders.yaml_file import Loaded, load_roadmap

EXAMPLE = Path(__file__).parents[2] / "examples" / "pyatigorsk-2021-22"
MOSCOW = ZoneInfo("Europe/Moscow")


@cache
def loaded() -> Loaded:
    """Return the example's roadmap."""
    return load_roadmap(EXAMPLE / "roadmap.yaml")


def roadmap() -> Roadmap:
    """Return its definition."""
    found = loaded().roadmap
    assert found is not None
    return found


@cache
def steps() -> tuple[Step, ...]:
    """Return the example's scenario."""
    return load_scenario(EXAMPLE / "scenario.yaml", roadmap().policy.zone)


@cache
def year() -> tuple[Lived, ...]:
    """Return the year that it makes."""
    start, close = datetime(2021, 8, 24, 9, 30, tzinfo=MOSCOW), datetime(2022, 9, 30, 12, tzinfo=MOSCOW)
    return tuple(rehearse(roadmap(), loaded().source, start, [step.sent() for step in steps()], close_at=close))


def facts() -> Iterable[Fact]:
    """Return what happened, in order."""
    return (lived.event.fact for lived in year())


def test_people_work_at_working_hours_and_one_thing_after_the_other() -> None:
    """Never at the very moment of the clock, and minutes apart where one measure is concerned."""
    last: dict[str | None, datetime] = {}
    for step in steps():
        local = step.at.astimezone(MOSCOW)
        assert roadmap().calendar.is_working(local.date()), local
        assert time(9, 0) < local.time() < time(18, 0), local
        assert step.at - last.get(step.measure, datetime.min.replace(tzinfo=MOSCOW)) >= timedelta(minutes=4), step
        last[step.measure] = step.at
    assert steps()[0].at >= datetime(2021, 8, 24, tzinfo=MOSCOW)
    assert steps()[-1].at < datetime(2022, 9, 1, tzinfo=MOSCOW)


def test_every_kind_of_entry_is_in_it() -> None:
    """Eleven things that people do."""
    assert len({type(step.request) for step in steps()}) == 11


def test_the_year_ends_as_its_comments_say() -> None:
    """Almost everything is executed; two assignments are left open, and every refusal is meant."""
    assert sorted(fact.assignment for fact in facts() if isinstance(fact, LeftOpenAtClose)) == [
        "2.5/1/gmo",
        "2.6/year/shmo",
    ]
    assert sum(isinstance(fact, MeasureCompleted) for fact in facts()) == 25
    assert sum(isinstance(fact, ExecutionAccepted) for fact in facts()) == 78
    assert [fact.reason for fact in facts() if isinstance(fact, CommandRefused)] == [
        "id-reused",
        "not-controller",
        "completed",
        "unknown-actor",
        "unknown-measure",
        "not-responsible",
        "bad-value",
    ]


def test_deadlines_are_missed_and_the_ladder_is_climbed() -> None:
    """Some are late; who never reports is told to the controller in the end."""
    missed = {fact.assignment for fact in facts() if isinstance(fact, DeadlineMissed)}
    assert missed == {"3.1/1/school-30", "1.3/1/school-6", "2.5/1/gmo", "3.4/february/imcro", "2.6/year/shmo"}
    levels = Counter(fact.assignment for fact in facts() if isinstance(fact, Escalated))
    assert levels == {
        "3.1/1/school-30": 1,
        "1.3/1/school-6": 1,
        "2.5/1/gmo": 3,
        "3.4/february/imcro": 2,
        "2.6/year/shmo": 3,
    }
    assert sum(isinstance(fact, InterimMissed) for fact in facts()) == 7


def test_values_of_all_indicators_come_but_one() -> None:
    """School 30 never sends its fourth; school 6 corrects its third."""
    values = Counter((fact.indicator, fact.body) for fact in facts() if isinstance(fact, IndicatorMeasured))
    schools = {(number, school) for number in "12345" for school in ("school-1", "school-6", "school-30")}
    assert set(values) == {*schools, ("1", "uo")} - {("4", "school-30")}
    assert values["3", "school-6"] == 2


def test_files_go_along_with_their_content() -> None:
    """SHA-256, size and name are those of the files beside the scenario."""
    sent = [step.sent().command.request for step in steps() if step.files]
    assert len(sent) == 9
    for request in sent:
        assert isinstance(request, ReportExecution)
        assert all(item.size > 0 and len(item.sha256) == 64 for item in request.evidence)
    assert {"protocol-2.7-1.pdf", "gia-2021.txt"} <= {
        item.name for request in sent if isinstance(request, ReportExecution) for item in request.evidence
    }


ACCEPT = "{at: 2021-09-14 11:20, as: a, do: accept, measure: '1'}"


def write(folder: Path, text: str) -> Path:
    """Return a scenario of that text."""
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_entry_becomes_a_command(tmp_path: Path) -> None:
    """Ids by place where none is written; local time; the measure both in the envelope and in the request."""
    text = (
        "- {at: 2021-09-14 11:20, as: school-1, do: report, measure: 1.3, note: да, occurred_on: 2021-09-13}\n"
        "- {at: 2021-09-20 15:30, as: boss, do: schedule, measure: 3.6, id: s, act: график,"
        " points: [{key: a, label: б, from: 2021-10-01, due: 2021-10-02}]}\n"
    )
    first, second = load_scenario(write(tmp_path, text), MOSCOW)
    assert (first.id, first.actor, first.measure) == ("scenario-0001", "school-1", "1.3")
    assert first.sent().command.sent_at.isoformat() == "2021-09-14T08:20:00+00:00"
    assert str(first.sent().command.occurred_on) == "2021-09-13"
    assert first.request == ReportExecution(measure="1.3", note="да")
    assert second.id == "s"
    assert isinstance(second.request, SetSchedule)
    assert second.request.points[0].key == "a"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{at: 2021-09-14 11:20, as: a, do: dance, measure: '1'}", "1:37 one-of"),
        ("{at: 2021-09-14 11:20, as: a, measure: '1'}", "1:3 missing-field"),
        ("{at: 2021-09-14 11:20, as: a, do: return, measure: '1'}", "1:3 missing-field"),
        ("{at: 2021-09-14 11:20, as: a, do: accept, measure: '1', reason: x}", "1:59 unknown-key"),
        ("{at: 2021-09-14, as: a, do: accept, measure: '1'}", "1:8 bad-minute"),
        ("{at: 2021-06-31 11:20, as: a, do: accept, measure: '1'}", "1:8 bad-minute"),
        ("{at: 2021-09-14 11:20, as: a, do: indicator, indicator: '1', numerator: много}", "1:75 number-wanted"),
        ("{at: 2021-09-14 11:20, as: a, do: report, measure: '1', files: [none.txt]}", "1:67 no-such-file"),
        ("{at: 2021-09-14 11:20, as: a, do: report, measure: '1', files: [/etc/hostname]}", "1:67 no-such-file"),
        (f"{ACCEPT}\n- {ACCEPT.replace('11:20', '11:19')}", "2:8 not-in-order"),
        ("text", "1:3 mapping-wanted"),
    ],
)
def test_a_bad_entry_is_told_at_its_place(tmp_path: Path, entry: str, expected: str) -> None:
    """As in a roadmap.yaml: file, line, column and a sentence."""
    with pytest.raises(UnreadableFile) as caught:
        load_scenario(write(tmp_path, f"- {entry}\n"), MOSCOW)
    (found,) = caught.value.problems
    assert found.place is not None
    assert f"{found.place.line}:{found.place.column} {found.code}" == expected
