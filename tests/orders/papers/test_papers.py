"""The papers are whole: each is read, stands in the half of its name and comes onto paper; and the score sees what is ill."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from reading.documents import read_document
from tests.orders.papers.notation import ASK, FOLDERS, HALVES, LATER, Paper, days_of, half_of, papers, read_paper
from tests.orders.papers.score import (
    Question,
    ReadIndicator,
    Reading,
    ReadMeasure,
    folded,
    read,
    report,
    score,
    score_half,
)
from tests.orders.papers.writing import write

ALL = [(folder, paper) for folder in FOLDERS for paper in papers(folder)]


def test_the_papers_are_of_many_kinds_and_in_the_halves_of_their_names() -> None:
    """The kinds that offices send, about as often as they send them; no name is in two folders."""
    kinds = Counter(paper.kind for _, paper in ALL)
    folders = Counter(folder for folder, _ in ALL)
    assert kinds["docx"] >= 40
    assert kinds["html"] >= 25
    assert kinds["md"] >= 20
    assert kinds["txt"] >= 10
    assert kinds["pdf"] >= 25
    assert [paper.name for folder, paper in ALL if folder in HALVES and half_of(paper.name) != folder] == []
    assert min(folders[half] for half in HALVES) >= 50
    assert folders[LATER] >= 40
    assert len({paper.name for _, paper in ALL}) == len(ALL)
    assert len({paper.about for _, paper in ALL}) == len(ALL)


@pytest.mark.parametrize("paper", [paper for _, paper in ALL], ids=lambda paper: paper.name)
def test_a_paper_holds_what_its_label_says(paper: Paper, tmp_path: Path) -> None:
    """Each title, deadline and indicator of the label stands in the document; nothing of the margin does."""
    source = folded("\n".join(_words(block) for block in paper.blocks))
    for measure in paper.measures:
        assert measure.title
        assert folded(measure.title)[:12] in source
        assert folded(measure.deadline) in source
    for words in (*(i.name for i in paper.indicators), *paper.others):
        assert folded(words)[:20] in source
    assert not re.search(r"[{}&]|\d{4}-\d\d-\d\d", "\n".join(_words(block) for block in paper.blocks))
    assert write(paper, tmp_path).stat().st_size > 200


def _words(block: object) -> str:
    rows = getattr(block, "rows", None)
    return str(getattr(block, "text", "")) if rows is None else "\n".join(cell.text for row in rows for cell in row)


@pytest.mark.parametrize("kind", ["docx", "html", "html word site", "md", "md drawn", "txt", "txt tabs", "pdf a5 torn"])
def test_what_is_written_can_be_opened(kind: str, tmp_path: Path) -> None:
    """The words of a paper are those of the file, whatever its kind."""
    paper = read_paper("a", SMALL.replace("kind: md", f"kind: {kind}"))
    document = read_document(write(paper, tmp_path))
    assert folded("Покрасить забор") in folded(str(document))
    assert "2024-05-01" not in str(document)


SMALL = """kind: md
about: a fake
order: 7-п | 2024-01-10
period: 2024-01-01..2024-12-31
controller: заместителя директора Попову П.П.
indicator: 1 | Доля окрашенных заборов | 90 | % | >=
indicator: 2 | Доля упавших заборов | 5 | % | ask
---
О плане на 2024 год
% table n t d b
!№|Мероприятие|Срок|Ответственный
§|I. Двор|<|<|<
|1|Покрасить забор школы|до 1 мая {2024-05-01}|завхоз,& Поликлиника № 2
|2|Побелить деревья во дворе|весной {ask}|^
|3|Починить качели на площадке|июнь {2024-06-01..2024-06-30}|дворник
|4|Посадить цветы у входа|2-3 неделя мая {2024-05-19 or 2024-05-21?}| {ask}
% table
!Показатель|Значение
!Доля окрашенных заборов|90
!Доля упавших заборов|5
"""

RIGHT = Reading(
    ("7-п", date(2024, 1, 10)),
    (date(2024, 1, 1), date(2024, 12, 31)),
    "заместитель директора",
    (
        ReadMeasure(
            "1", "Покрасить забор школы", (date(2024, 5, 1),), (), (("завхоз",), ("Поликлиника №2",)), ("Двор",)
        ),
        ReadMeasure("2", "Побелить деревья во дворе", (), (), (("завхоз",), ("Поликлиника № 2",)), ("I. Двор",)),
        ReadMeasure(
            "3",
            "Починить качели на площадке",
            (date(2024, 6, 30),),
            ((date(2024, 6, 30), date(2024, 6, 1)),),
            (("дворник",),),
            ("Двор",),
        ),
        ReadMeasure("4", "Посадить цветы у входа", (date(2024, 5, 21),), (), (), ("Двор",)),
    ),
    (
        ReadIndicator("1", "Доля окрашенных заборов: 90 %", 90, ">=", "%"),
        ReadIndicator("2", "Доля упавших заборов: 5 %", 5, None, "%"),
    ),
    (Question("comparator-not-said", "indicator 2", "какая сторона лучше?"),),
)
FAKE = read_paper("fake", SMALL)
FIRST = RIGHT.measures[0]


def counted(reading: Reading) -> Counter[str]:
    """Return the counts of the fake paper."""
    return score(FAKE, reading).counts


def test_a_right_reading_is_well() -> None:
    """Nothing lost, nothing wrong, nothing needlessly asked."""
    counts = counted(RIGHT)
    assert [key for key in counts if re.search("wrong|lost|invented|crash| asked$", key) and "rightly" not in key] == []
    assert counts["deadlines right"] == 3
    assert counts["deadlines rightly asked"] == 1
    assert counts["bodies right"] == 3
    assert counts["bodies rightly asked"] == 1
    assert (counts["goals right"], counts["directions right"], counts["directions rightly asked"]) == (2, 1, 1)
    assert (counts["controllers right"], counts["sections right"], counts["starts right"]) == (1, 4, 1)


@pytest.mark.parametrize(
    ("reading", "key"),
    [
        (Reading(crash="IndexError()"), "documents crashed"),
        (Reading(crash="IndexError()"), "measures lost, in silence"),
        (Reading(refused="не распознан"), "measures lost, told"),
        (replace(RIGHT, measures=RIGHT.measures[1:]), "measures lost, in silence"),
        (
            replace(RIGHT, measures=RIGHT.measures[1:], questions=(Question("x", "table", "Не прочитано: «Покрасить забор школы»"),)),
            "measures lost, told",
        ),
        (replace(RIGHT, measures=(*RIGHT.measures, ReadMeasure("5", "Директор", (date(2024, 5, 1),)))), "measures invented, in silence"),
        (replace(RIGHT, measures=(replace(FIRST, dues=(date(2025, 5, 1),)), *RIGHT.measures[1:])), "deadlines wrong in silence"),
        (replace(RIGHT, measures=(replace(FIRST, dues=()), *RIGHT.measures[1:])), "deadlines asked"),
        (
            replace(
                RIGHT,
                measures=(replace(FIRST, dues=(date(2025, 5, 1),)), *RIGHT.measures[1:]),
                questions=(Question("year-ambiguous", "measure 1, column Срок", ""),),
            ),
            "deadlines asked",
        ),
        (
            replace(
                RIGHT,
                measures=(replace(FIRST, dues=(date(2025, 5, 1),)), *RIGHT.measures[1:]),
                questions=(Question("one-or-several", "measure 1, column Ответственный", ""),),
            ),
            "deadlines wrong in silence",
        ),
        (
            replace(RIGHT, measures=(replace(FIRST, bodies=(("завхоз",), ("Поликлиника № 3",))), *RIGHT.measures[1:])),
            "bodies wrong in silence",
        ),
        (replace(RIGHT, measures=(replace(FIRST, bodies=(("завхоз",),)), *RIGHT.measures[1:])), "bodies wrong in silence"),
        (replace(RIGHT, measures=(replace(FIRST, number="11"), *RIGHT.measures[1:])), "numbers wrong"),
        (replace(RIGHT, measures=(replace(FIRST, sections=("Улица",)), *RIGHT.measures[1:])), "sections wrong"),
        (replace(RIGHT, indicators=RIGHT.indicators[:1]), "indicators lost, in silence"),
        (replace(RIGHT, indicators=(*RIGHT.indicators, ReadIndicator("3", "Бюджет", 1, None, None))), "indicators invented"),
        (replace(RIGHT, indicators=(replace(RIGHT.indicators[0], goal=9), RIGHT.indicators[1])), "goals wrong in silence"),
        (replace(RIGHT, questions=()), "directions wrong in silence"),
        (replace(RIGHT, controller="Поликлиника"), "controllers wrong in silence"),
        (replace(RIGHT, order=("11", date(2024, 1, 10))), "order numbers wrong in silence"),
        (replace(RIGHT, period=(date(2023, 1, 1), date(2023, 12, 31))), "periods wrong in silence"),
    ],
)  # fmt: skip
def test_an_ill_reading_is_seen(reading: Reading, key: str) -> None:
    """Each way to be wrong has its count."""
    assert counted(reading)[key] >= 1


@pytest.mark.parametrize("paper", [paper for _, paper in ALL], ids=lambda paper: paper.name)
def test_a_reading_that_is_the_label_is_well(paper: Paper) -> None:
    """No label contradicts itself, and no two measures of a paper are taken for one another."""
    measures = tuple(
        ReadMeasure(
            m.number or f"x{at}",
            m.title,
            next((dues for dues in m.dues if dues is not ASK), ()),
            m.starts,
            tuple((name,) for name in m.bodies or ()),
            (m.section,),
        )
        for at, m in enumerate(paper.measures)
    )
    goals = tuple(
        ReadIndicator(
            str(at), i.name, next((goal for goal in i.goals if goal is not ASK), None), i.direction[:2], i.unit
        )
        for at, i in enumerate(paper.indicators)
    )
    questions = tuple(
        Question("asked", f"indicator {at}", "") for at, i in enumerate(paper.indicators) if i.direction == "ask"
    )
    period = next((period for period in paper.period if period), None)
    order = (paper.order[0], next(iter(paper.order[1]), None))
    counts = score(
        paper, Reading(order, period, paper.controller.removeprefix("ask"), measures, goals, questions)
    ).counts
    ill = [key for key in counts if re.search("wrong|lost|invented|crash| asked$", key) and "rightly" not in key]
    assert ill == []


def test_the_days_of_labels() -> None:
    """What the margin writes shortly."""
    assert days_of("2024-02", [])[0] == ((date(2024, 2, 29),),)
    assert days_of("2024-Q3~2025-Q1", [])[0] == ((date(2024, 9, 30), date(2024, 12, 31), date(2025, 3, 31)),)
    assert days_of("2024-01-25~2024-03-25?", [])[0] == ((date(2024, 1, 25), date(2024, 2, 25), date(2024, 3, 25)), ASK)
    assert days_of("end or ask", [date(2024, 8, 31)])[0] == ((date(2024, 8, 31),), ASK)
    with pytest.raises(ValueError, match="no date"):
        days_of("2024-5-1", [])


def test_a_half_is_scored_with_any_reader(tmp_path: Path) -> None:
    """The papers of a half are counted, here by a reader that reads nothing; sums have their shares."""
    total: Counter[str] = Counter()
    for _, result in islice(score_half("mend", tmp_path, lambda _: Reading()), 5):
        total += result.counts
    assert total["documents"] == 5
    assert total["measures lost, in silence"] == total["measures"]
    assert any(re.match(r"measures lost, in silence\s+\d+\s+100.0 %", line) for line in report(total))


def test_the_reader_is_asked_for_what_it_says(tmp_path: Path) -> None:
    """A reading is taken over as it is; what cannot be opened is a refusal, no crash."""
    reading = read(write(FAKE, tmp_path))
    assert reading.order == ("7-п", date(2024, 1, 10)) or not reading.crash
    assert [m.title for m in reading.measures][:1] == ["Покрасить забор школы"]
    assert read(tmp_path / "missing.docx").refused
