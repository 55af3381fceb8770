"""One law for all commands of all doors: an option that takes one value is refused when it is given twice."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from doors.cli.admin import admin
from doors.cli.administrator import starter as administrator
from doors.cli.audit import audit
from doors.cli.output import Command
from doors.cli.report import report
from doors.cli.starter import starter
from doors.cli.work import work
from tests.doors.calling import call

DOORS: tuple[click.Command, ...] = (admin, administrator, starter, audit, report, work)


def commands() -> Iterator[tuple[click.Command, str, click.Command]]:
    """Yield every door with each of its commands."""
    for door in DOORS:
        if not isinstance(door, click.Group):
            yield door, "", door
            continue
        context = click.Context(door)
        for name in door.list_commands(context):
            command = door.get_command(context, name)
            assert command is not None
            yield door, name, command


def single() -> Iterator[tuple[click.Command, str, str]]:
    """Yield every option with one value, by each of its names."""
    for door, name, command in commands():
        for option in command.params:
            if isinstance(option, click.Option) and not (option.multiple or option.is_flag):
                for spelt in option.opts:
                    yield door, name, spelt


SINGLE = list(single())


def test_the_walk_sees_all_doors() -> None:
    """It would prove nothing of a door that it passes by."""
    assert {door.name for door, *_ in SINGLE} == {"admin", "starter", "audit", "report", "work", None}
    assert len(SINGLE) > 100
    assert {("accept", "--body"), ("close", "--roadmap"), ("history", "--from")} <= {
        (name, one) for _, name, one in SINGLE
    }


@pytest.mark.parametrize(("door", "name", "option"), SINGLE, ids=lambda one: one if isinstance(one, str) else one.name)
def test_an_option_given_twice_is_refused(door: click.Command, name: str, option: str) -> None:
    """Before anything else is looked at: with other values, with the same, with an equals sign."""
    for values in ([option, "a", option, "b"], [option, "a", option, "a"], [f"{option}=a", f"{option}=b"]):
        said = call(door, [*([name] if name else []), *values])
        assert (said.code, said.out) == (2, "")
        assert said.line().startswith(f"{option}: ключ стоит дважды")


def test_every_command_keeps_the_law() -> None:
    """Also one that has no option with a value yet."""
    assert [f"{door.name} {name}" for door, name, command in commands() if not isinstance(command, Command)] == []


def test_an_option_that_may_be_repeated_counts_each_time() -> None:
    """Files and points; a flag said twice says the same."""
    context = click.Context(admin)
    for name, option, key in (("report", "--file", "files"), ("schedule", "--point", "points")):
        command = admin.get_command(context, name)
        assert command is not None
        given = command.make_context(
            name, ["1.1", "--as", "uo", "--act", "-", option, "a", option, "b", "--json", "--json"]
            if name == "schedule"
            else ["1.1", "--as", "uo", option, "a", option, "b", "--json", "--json"],
        )  # fmt: skip
        assert [str(one) for one in given.params[key]] == ["a", "b"]
