"""What the image installs: all that the program needs to run, in the versions that were tested, and nothing else."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from settings import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS: list[str] = PROJECT["tool"]["importlinter"]["root_packages"]


def name_of(requirement: str) -> str:
    """Return the name that a requirement begins with, as pip compares names."""
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def locked(file: str) -> set[str]:
    """Return the requirements of a lock, each with its version, its condition and its hashes."""
    lines = (line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if "#" not in line)
    return set(re.split(r"\n(?=\S)", "\n".join(lines)))


def test_the_image_has_the_versions_that_were_tested() -> None:
    """The lock of the image is a part of the whole one, hashes included: all that is declared, and no tool of the tests."""
    run = locked("requirements-run.lock")
    assert run < locked("requirements.lock")
    names = {name_of(requirement) for requirement in run}
    assert {name_of(requirement) for requirement in PROJECT["project"]["dependencies"]} <= names
    assert names.isdisjoint(map(name_of, PROJECT["project"]["optional-dependencies"]["dev"]))


def test_whatever_the_program_imports_is_in_the_image() -> None:
    """In a function too: where the tests run everything is there."""
    files = [*ROOT.glob("*.py"), *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]
    ours = {*ROOMS, *(file.stem for file in ROOT.glob("*.py"))}
    imported = {
        name.partition(".")[0]
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([one.name for one in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    foreign = imported - ours - sys.stdlib_module_names
    assert "temporalio" in foreign
    there = {name_of(requirement) for requirement in locked("requirements-run.lock")}
    packages = packages_distributions()
    assert {name for name in foreign if there.isdisjoint(map(name_of, packages.get(name, [])))} == set()
