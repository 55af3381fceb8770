"""Working days of Russia: the production calendar of `holidays`, and layers of further days from data files.

A layer is a file of `calendar_data/`: its version and ranges of days, both ends inclusive, each with its act. Decree
days are one such layer, off by default; a regional closure would be another.
"""

from __future__ import annotations

import importlib.util
import tomllib
import zoneinfo
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from domain.workdays import Calendar

if TYPE_CHECKING:
    from holidays import HolidayBase

DATA = Path(__file__).with_name("calendar_data")
DECREE = "ru-decree"
A_ZONE = Path("Europe", "Moscow")
KNOWN_YEARS = range(2005, 2100)  # the eight-hour, five-day week with today's holidays began in 2005
LONGEST = timedelta(days=12 * 366)
AROUND = timedelta(days=60)


def calendar_for(first: date, last: date, *, decree_days: bool = False) -> Calendar:
    """Return the working days from `first` to `last`, both inclusive; its version names every source.

    Transfers and working Saturdays are the library's. With `decree_days` the days of the President's decrees are
    off too.
    """
    russia: HolidayBase = _library().Russia(years=range(first.year, last.year + 1))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    off = {day for day in days if not russia.is_working_day(day)}
    sources = [f"holidays {version('holidays')} RU"]
    if decree_days:
        off.update(day for day in layer_days(DECREE) if first <= day <= last)
        sources.append(f"{DECREE} {_layer(DECREE)['version']}")
    return Calendar(" + ".join(sources), first, last, tuple(sorted(off)), tzdata_version())


@cache
def tzdata_version() -> str | None:
    """Return the version of the time zones that Python uses here, such as 2025b; None where they bear none.

    They are the system's, or else those of the package tzdata, as zoneinfo chooses.
    """
    for folder in map(Path, zoneinfo.TZPATH):
        if not (folder / A_ZONE).is_file():
            continue
        with suppress(OSError, UnicodeDecodeError):
            if (folder / "+VERSION").is_file():
                return (folder / "+VERSION").read_text(encoding="ascii").strip()[:40]
            with (folder / "tzdata.zi").open(encoding="utf-8") as file:
                first = file.readline().removeprefix("# version ").strip()
                return first[:40] if not first.startswith("#") else None
        return None
    with suppress(PackageNotFoundError):
        return version("tzdata")
    return None


def calendar_or_none(first: date, last: date) -> Calendar | None:
    """Return the calendar of a plan, with 60 days around it; None for years of which nobody knows the days off."""
    if first.year not in KNOWN_YEARS or last.year not in KNOWN_YEARS or last - first > LONGEST:
        return None
    return calendar_for(first - AROUND, last + AROUND)


def layer_days(name: str) -> Mapping[date, str]:
    """Return the days of a layer, each with the act behind it."""
    return {
        entry["from"] + timedelta(days=n): entry["act"]
        for entry in _layer(name)["days"]
        for n in range((entry["to"] - entry["from"]).days + 1)
    }


def last_known_year() -> int:
    """Return the last year whose transfers the library knows: later years are a guess without them."""
    years: Mapping[int, Any] = _library().RussiaStaticHolidays.special_public_holidays
    return max(years)


@cache
def _library() -> ModuleType:
    """Return the library's module of Russia alone: asked for by its name, it comes with 250 other countries.

    They cost every door that looks at a date half a second.
    """
    name = "holidays.countries.russia"
    package = importlib.util.find_spec("holidays")
    if package is None or package.submodule_search_locations is None:
        raise ModuleNotFoundError(name="holidays")
    file = Path(package.submodule_search_locations[0], "countries", "russia.py")
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name=name, path=str(file))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _layer(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
