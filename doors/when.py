"""A moment as people name it at a door: a whole day of the office, or an instant."""

from __future__ import annotations

import re
from datetime import date

import click

from domain.codec import instant
from projections.as_of import When

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Moment(click.ParamType[When]):
    """A day (2021-12-31, to its end in the office's time zone) or an RFC 3339 instant with its offset."""

    name = "moment"

    def convert(self, value: str | When, param: click.Parameter | None, ctx: click.Context | None) -> When:
        """Return the day or, in UTC, the instant."""
        if not isinstance(value, str):
            return value
        try:
            return date.fromisoformat(value) if DAY.fullmatch(value) else instant(value)
        except ValueError:
            self.fail(f"{value!r} is neither a day (YYYY-MM-DD) nor an instant with an offset (RFC 3339).", param, ctx)


MOMENT = Moment()
