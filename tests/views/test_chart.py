"""The picture of a year stands whatever its texts are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orders.yaml_file import load_roadmap
from views.chart import plan_png
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


def test_a_title_cannot_break_out_of_its_line_in_the_calendar() -> None:
    """Line ends, commas and semicolons are escaped."""
    roadmap = load_roadmap(EXAMPLE).roadmap
    assert roadmap is not None
    title = "Отчёт; итоги, план\r\nEND:VEVENT\r\nX-EVIL:1"
    changed = replace(roadmap, measures=(replace(roadmap.measures[0], title=title),))
    row = {"at": "2021-09-30T18:00:00+03:00", "kind": "deadline", "assignment": "1.1/1/imcro", "to": None}
    lines = plan_ics([row], changed).replace(b"\r\n ", b"").split(b"\r\n")
    assert lines.count(b"END:VEVENT") == 1
    assert not any(line.startswith(b"X-EVIL") for line in lines)
