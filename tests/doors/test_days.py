"""Days at the doors: one way to read them, as people write them and as programs do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import click
import pytest

from doors.cli.admin import admin
from doors.cli.administrator import starter
from doors.cli.audit import audit
from doors.cli.report import report
from doors.cli.when import DAY, MOMENT, Day, Moment

# By these names days are asked for; what else is asked for by one of them is told apart by its command.
NAMES = {"--as-of", "--known-at", "--from", "--to", "--occurred-on", "--until", "--signed", "--rehearsal-from"}


def options() -> Iterator[tuple[str, click.Option]]:
    """Yield every option of every command, with its command's name."""
    for group in (admin, audit, report, starter):
        for name, command in group.commands.items():
            for option in command.params:
                if isinstance(option, click.Option):
                    yield name, option


def test_every_option_that_takes_a_day_takes_it_as_people_write_it() -> None:
    """No door has a way of its own; to whom something is given is no day."""
    assert not [name for name, option in options() if isinstance(option.type, click.DateTime)]
    asked = [option for name, option in options() if NAMES & {*option.opts} and name != "reassign"]
    assert len(asked) > 12
    for option in asked:
        assert isinstance(option.type, Day | Moment), option.opts
        for said in ("15.09.2021", "2021-09-15", "15.9.2021"):
            assert option.type.convert(said, option, None) == date(2021, 9, 15)


@pytest.mark.parametrize(
    "wrong", ["15.09.21", "2021.09.15", "09/15/2021", "31.02.2021", "0000-01-01", "١٥.٠٩.٢٠٢١", ""]
)
def test_what_is_no_day_is_none(wrong: str) -> None:
    """Two digits of a year are doubtful, and a day that is in no calendar is not moved to the next."""
    for kind in (DAY, MOMENT):
        with pytest.raises(click.BadParameter):
            kind.convert(wrong, None, None)


def test_an_instant_stays_one() -> None:
    """With its offset."""
    found = MOMENT.convert("2021-12-31T18:00:00+03:00", None, None)
    assert found == datetime.fromisoformat("2021-12-31T15:00:00+00:00")
