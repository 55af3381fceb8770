"""The picture of a year stands whatever its texts are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from domain.roadmap import Body, Registry
from orders.yaml_file import load_roadmap
from projections.moments import Moment
from tests.views.example_year import MONITORING as MEASURE
from tests.views.example_year import ROADMAP
from views.chart import load, plan_png
from views.plan import plan_ics

EXAMPLE = Path(__file__).parents[2] / "examples" / "pyatigorsk-2021-22" / "roadmap.yaml"


def test_strange_titles_and_no_measures_make_a_picture_too() -> None:
    """Dollars are no mathematics, a sign without a glyph is a box, a missing measure is an empty field."""
    roadmap = load_roadmap(EXAMPLE).roadmap
    assert roadmap is not None
    strange = replace(roadmap.measures[0], title="$\\frac{1}$ 😀 \u202e" + "щ" * 3000)
    for measures in ((strange,), ()):
        changed = replace(roadmap, title="$x_$" * 200, measures=measures, indicators=())
        assert plan_png(changed, "en").startswith(b"\x89PNG")


def test_the_load_of_a_group_is_its_members() -> None:
    """A polyclinic that is a member of two groups, and named beside one, has each of its dates, and each once."""
    point = MEASURE.checkpoints[0]
    dates = tuple(point.due_on + timedelta(days=7 * week) for week in range(20))
    every_week = replace(
        MEASURE,
        bodies=("clinics", "clinic-1"),
        checkpoints=tuple(replace(point, key=str(at), due_on=day, interim=()) for at, day in enumerate(dates)),
    )
    of_another_group = replace(
        MEASURE, number="9.9", bodies=("everybody",), checkpoints=(replace(point, interim=(point.starts_on,)),)
    )
    registry = Registry(
        (
            Body("clinics", "Поликлиники", members=("clinic-1", "clinic-2")),
            Body("everybody", "Все", members=("clinics", "hospital")),
            *(Body(code, code) for code in ("clinic-1", "clinic-2", "hospital")),
        )
    )
    roadmap = replace(ROADMAP, registry=registry, measures=(every_week, of_another_group), indicators=())
    found = Counter(code for _, code in load(roadmap))
    assert found == {"clinic-1": 22, "clinic-2": 22, "hospital": 2}
    assert plan_png(roadmap).startswith(b"\x89PNG")


def test_a_title_cannot_break_out_of_its_line_in_the_calendar() -> None:
    """Line ends, commas and semicolons are escaped."""
    roadmap = load_roadmap(EXAMPLE).roadmap
    assert roadmap is not None
    title = "Отчёт; итоги, план\r\nEND:VEVENT\r\nX-EVIL:1"
    changed = replace(roadmap, measures=(replace(roadmap.measures[0], title=title),))
    moment = Moment(datetime(2021, 9, 30, 18, tzinfo=roadmap.policy.zone), "deadline", "1.1/1/imcro", None)
    lines = plan_ics([moment], changed).replace(b"\r\n ", b"").split(b"\r\n")
    assert lines.count(b"END:VEVENT") == 1
    assert not any(line.startswith(b"X-EVIL") for line in lines)
