"""The documents say what is so: links lead somewhere, commands exist, lists are those of the code."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from docs.generate import findings, interfaces
from doors.cli.admin import admin
from doors.cli.audit import audit
from doors.cli.output import Exit
from doors.cli.report import report
from doors.cli.starter import starter
from doors.cli.work import work
from settings import ROOT, Settings

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.glob("*.md")])
DOORS = {"admin": admin, "audit": audit, "report": report, "starter": starter, "worker": work}
SHARED = {"--json", "--lang", "--debug", "--roadmap"}  # told once for all doors
# Folders of the checkout; what a run leaves in var/ is not there in a new one.
ROOMS = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"var"}
ALLOWED_HOSTS = {"127.0.0.1", "localhost", "www.w3.org"}


def read(name: str) -> str:
    """Return the text of a page by its name under docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def shell_lines(page: str) -> Iterator[str]:
    """Yield the commands of all `sh` blocks of a page, continued lines joined, without comments."""
    for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if words := shlex.split(line, comments=True):
                yield shlex.join(words)


ALL_LINES = sorted({line for page in PAGES for line in shell_lines(page.read_text(encoding="utf-8"))})


def door_call(line: str) -> tuple[click.Command, list[str]] | None:
    """Return the door's command that a line calls, with its arguments; None where the line calls no door.

    An export's own verifier is none: its recipe is followed by tests/doors/test_inspection.py.
    """
    found = re.match(r"python (\w+)\.py ?(.*)", line)
    if found is None or found[1] == "verifier":
        return None
    door, arguments = DOORS[found[1]], shlex.split(found[2])
    if isinstance(door, click.Group):
        return door.commands[arguments[0]], arguments[1:]
    return door, arguments


def slug(heading: str) -> str:
    """Return the anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A file of the checkout, and in it the heading that is named."""
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    """What stands in backticks and begins with a folder of ours is a file or folder of ours."""
    for named in re.findall(r"`([\w.-]+/[\w./-]*)`", page.read_text(encoding="utf-8")):
        if named.partition("/")[0] in ROOMS:
            assert (ROOT / named).exists(), named


@pytest.mark.parametrize("line", [line for line in ALL_LINES if door_call(line)])
def test_every_door_in_a_page_takes_what_is_written(line: str) -> None:
    """The command exists and reads these arguments and options."""
    call = door_call(line)
    assert call is not None
    command, arguments = call
    command.make_context(line, list(arguments))


def test_every_other_command_in_a_page_exists() -> None:
    """Make targets and modules that are run."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in ALL_LINES:
        if line.startswith("make "):
            assert line.split()[1] in targets, line
        if module := re.match(r"python -m (\S+)", line):
            assert importlib.util.find_spec(module[1]), line


def test_the_interfaces_name_every_command_and_option() -> None:
    """A door cannot grow an option that nobody reads about."""
    page = read("interfaces.md")
    for name, door in DOORS.items():
        commands = door.commands.items() if isinstance(door, click.Group) else [("", door)]
        section = page.partition(f"## {name}.py")[2].partition("\n## ")[0]
        for command, what in commands:
            assert not command or f"`{command}" in section, f"{name} {command}"
            options = set(
                chain.from_iterable(option.opts for option in what.params if isinstance(option, click.Option))
            )
            for option in options - SHARED:
                assert f"`{option}" in section, f"{name} {command} {option}"


def test_the_generated_lists_are_those_of_the_code() -> None:
    """`python -m docs.generate` makes them anew."""
    assert read("findings.md") == findings()
    assert read("interfaces.md") == interfaces(read("interfaces.md"))


def test_every_exit_code_is_explained() -> None:
    """In the one table of the interfaces."""
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", read("interfaces.md"), re.MULTILINE)}
    assert codes == {*map(int, Exit), 130}


def test_every_setting_is_explained_and_no_other() -> None:
    """The operators' table against settings.py."""
    ours = {str(field.validation_alias or f"VEKHA_{name.upper()}") for name, field in Settings.model_fields.items()} | {
        "TEMPORAL_*"
    }
    assert set(re.findall(r"^\| `([A-Z][A-Z0-9_*]+)` \|", read("operators.md"), re.MULTILINE)) == ours


def test_every_dependency_has_its_reason() -> None:
    """A line each, and none too many."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.match(r"[\w.-]+", line)[0] for line in wanted}  # type: ignore[index]
    assert set(re.findall(r"^\| `([\w.-]+)` \|", read("dependencies.md"), re.MULTILINE)) == names


@pytest.mark.parametrize("page", [*PAGES, *sorted((DOCS / "pictures").glob("*.svg"))], ids=lambda page: page.name)
def test_no_page_names_a_machine(page: Path) -> None:
    """No address of anybody's network, no folder of anybody's machine."""
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"/(work|root|home|Users)/\w", text)
    hosts = set(re.findall(r"https?://([^/:\s\"'`)]+)", text))
    assert hosts <= ALLOWED_HOSTS
