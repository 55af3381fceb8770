"""A linter for orders: phrases against dates, cells against bodies."""

from __future__ import annotations

from pathlib import Path

import pytest

from orders.yaml_file import read_roadmap
from reading.second_look import second_look

EXAMPLE = (Path(__file__).parents[2] / "examples" / "pyatigorsk-2021-22" / "roadmap.yaml").read_text(encoding="utf-8")


def new(old: str = "", put: str = "") -> list[tuple[str, str, str, str]]:
    """Return what the second look adds to the example with one change: code, where, text, reading."""
    assert old in EXAMPLE
    loaded = read_roadmap(EXAMPLE.replace(old, put, 1), "roadmap.yaml")
    assert loaded.roadmap is not None
    added = [finding for finding in second_look(loaded, "roadmap.yaml") if finding not in loaded.findings]
    assert all(finding.place for finding in added)
    return [(f.code, f.where, f.text(), f.reading.ru if f.reading else "") for f in added]


def test_the_sound_example_raises_nothing_more() -> None:
    """What a person decided there is not asked again."""
    assert new() == []


@pytest.mark.parametrize(
    ("old", "put", "code", "where"),
    [
        ("deadline: до 30.09", "deadline: до 30.10", "phrase-differs", "measure 1.1, column Сроки"),
        ("from: 2022-05-01, due: 2022-06-30", "from: 2022-05-01, due: 2022-05-31", "phrase-differs", "measure 2.14, column Сроки"),
        ("from: 2022-08-01, due", "from: 2022-08-15, due", "start-differs", "measure 2.17, column Сроки"),
        ("responsible: МКУ ИМЦРО, ГМО", "responsible: МКУ ИМЦРО", "cell-differs", "measure 2.5, column Ответственные"),
        ("responsible: ГМО, ШМО", "responsible: ГМО, ШМО, Управление образования", "cell-differs", "measure 2.6, column Ответственные"),
        ("deadline: до 15.09", "deadline: до 15.09, по мере поступления", "compound-phrase", "measure 1.3, column Сроки"),
    ],
)  # fmt: skip
def test_a_contradiction_is_told_with_both_readings(old: str, put: str, code: str, where: str) -> None:
    """At its place, as a doubt that stops nothing."""
    found = [(c, w) for c, w, *_ in new(old, put)]
    assert (code, where) in found


def test_points_of_a_recurrence_that_open_all_at_once_are_told() -> None:
    """Written one after another they are not; nor is a point that a person settled."""
    point = '- {{key: "{key}", from: {start}, due: 2021-{month}-05, rule: monthly/day_number}}\n      '
    months = {"10": "2021-09-06", "11": "2021-10-06", "12": "2021-11-06"}
    old = '- {key: "1", from: 2021-08-24, due: 2021-09-30, rule: by-date}\n      '.rstrip()
    in_turn, at_once = (
        "".join(point.format(key=n, start=start or first, month=n) for n, first in months.items()).rstrip()
        for start in ("", "2021-08-24")
    )
    assert "opens-early" not in {code for code, *_ in new(old, in_turn)}
    told = [(where, text) for code, where, text, _ in new(old, at_once) if code == "opens-early"]
    assert [where for where, _ in told] == [f"measure 1.1, column Сроки, checkpoint {n}" for n in ("11", "12")]
    assert "2021-11-05" in told[0][1]
    settled = at_once.replace("rule: monthly/day_number", "rule: monthly/day_number, settled: так решили")
    assert "opens-early" not in {code for code, *_ in new(old, settled)}


def test_both_readings_stand_in_the_sentence() -> None:
    """What the phrase says, and what is in force."""
    ((_, _, text, reading),) = new("deadline: до 30.09", "deadline: до 30.10")
    assert text == "срок «до 30.10» читается как 2021-08-24…2021-10-30"
    assert reading == "написано 2021-08-24…2021-09-30"


@pytest.mark.parametrize(
    ("old", "put"),
    [
        ("responsible: МКУ ИМЦРО, ГМО", "responsible: ИМЦ развития, ГМО"),  # another name for one body
        ('bodies: [oo]\n    checkpoints:\n      - {key: "1", from: 2021-08-24, due: 2021-09-15', 'bodies: [school-1, school-6, school-30]\n    checkpoints:\n      - {key: "1", from: 2021-08-24, due: 2021-09-15'),
        ("due: 2021-09-30, rule: by-date}", "due: 2021-09-29, rule: by-date, settled: решение}"),
    ],
)  # fmt: skip
def test_what_a_person_may_write_otherwise_is_no_doubt(old: str, put: str) -> None:
    """Names, opened groups, dates with their decision."""
    assert new(old, put) == []
