"""The calendar against a list of every day of 2021 and 2022 that was checked by hand."""

from __future__ import annotations

import csv
import zoneinfo
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from domain.workdays import Shift
from orders.calendars import calendar_for, last_known_year, tzdata_version

DAYS = Path(__file__).with_name("ru_calendar_2021_2022.csv")
FIRST, LAST = date(2021, 1, 1), date(2022, 12, 31)


def listed_days() -> Iterator[tuple[date, bool, bool]]:
    """Yield each day, whether the office works, and whether a decree made it non-working."""
    with DAYS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield date.fromisoformat(row["date"]), row["working"] == "1", bool(row["extra_non_working_decree"])


@pytest.mark.parametrize("decree_days", [False, True])
def test_every_day_of_two_years_is_as_listed(decree_days: bool) -> None:
    """Moved days and working Saturdays are known; decree days are off only where the layer is on."""
    calendar = calendar_for(FIRST, LAST, decree_days=decree_days)
    listed = list(listed_days())
    assert len(listed) == 730
    expected = {day: working and not (decree and decree_days) for day, working, decree in listed}
    assert {day: calendar.is_working(day) for day in expected} == expected


def test_decree_days_are_a_layer_of_their_own_off_by_default() -> None:
    """2.5 of the example is due on a moved day off: 03.11.2021 without the layer, 29.10 with it."""
    due = date(2021, 11, 5)
    assert calendar_for(FIRST, LAST).shift(due, Shift.PRECEDING) == date(2021, 11, 3)
    assert calendar_for(FIRST, LAST, decree_days=True).shift(due, Shift.PRECEDING) == date(2021, 10, 29)


def test_the_version_names_the_library_and_the_layers() -> None:
    """Every computed date can say where its calendar came from."""
    assert calendar_for(FIRST, LAST).version.startswith("holidays 0.")
    assert calendar_for(FIRST, LAST, decree_days=True).version.endswith(" RU + ru-decree 2021-10-20")


def test_the_last_year_with_known_transfers_can_be_told() -> None:
    """Beyond it the calendar is a guess, and a finding says so."""
    assert 2026 <= last_known_year() < 2100


def test_the_version_of_the_time_zones_stands_beside_the_calendars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system tells it in either of its files, or the package where the system has none; else nobody knows it."""
    assert calendar_for(date(2021, 9, 1), date(2021, 9, 30)).tzdata == tzdata_version()
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Moscow").write_bytes(b"TZif")
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path / "nowhere"), str(tmp_path)))
    for name, text, told in (
        ("none", "", None),
        ("tzdata.zi", "# This file is in the public domain.\n", None),
        ("tzdata.zi", "# version 2025b\n# more\n", "2025b"),
        ("+VERSION", "2024a\n", "2024a"),
    ):
        (tmp_path / name).write_text(text, encoding="ascii")
        tzdata_version.cache_clear()
        assert tzdata_version() == told
    monkeypatch.setattr(zoneinfo, "TZPATH", ())
    tzdata_version.cache_clear()
    assert tzdata_version() == version("tzdata")
    tzdata_version.cache_clear()
