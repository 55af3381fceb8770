"""A day or a moment as people name it at a door: 30.09.2021 or 2021-09-30, and where it fits an instant."""

from __future__ import annotations

import re
from datetime import date

import click

from domain.codec import instant
from projections.as_of import When

FORMS = (
    re.compile("(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})"),
)


def read_day(text: str) -> date:
    """Read 30.09.2021 or 2021-09-30; ValueError for what is neither, or no day of the calendar."""
    found = next((found for form in FORMS if (found := form.fullmatch(text.strip()))), None)
    if found is None:
        raise ValueError(text)
    return date(int(found["year"]), int(found["month"]), int(found["day"]))


class Day(click.ParamType[date]):
    """A day: 30.09.2021, as people write it, or 2021-09-30, as programs do."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day."""
        if not isinstance(value, str):
            return value
        try:
            return read_day(value)
        except ValueError:
            self.fail(f"{value!r} is no day.", param, ctx)  # doors.cli.output says what is wanted


class Moment(click.ParamType[When]):
    """A day, to its end in the office's time zone, or an RFC 3339 instant with its offset."""

    name = "moment"

    def convert(self, value: str | When, param: click.Parameter | None, ctx: click.Context | None) -> When:
        """Return the day or, in UTC, the instant."""
        if not isinstance(value, str):
            return value
        try:
            return instant(value) if ":" in value else read_day(value)
        except ValueError:
            self.fail(f"{value!r} is neither a day nor an instant with an offset.", param, ctx)


DAY = Day()
MOMENT = Moment()
