"""Calling the doors as people and scripts do: in this process where that is enough, else as the scripts themselves."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from doors.cli.output import main
from settings import ROOT

SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "docs" / "schemas").glob("*.json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (f"{name}.json", Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)


@dataclass(frozen=True)
class Said:
    """What a door answered."""

    code: int
    out: str
    err: str

    def document(self, schema: str) -> Any:
        """Return the one JSON document that was answered, held against its schema."""
        found = json.loads(self.out)
        checker = FormatChecker(["date"])
        Draft202012Validator(SCHEMAS[schema], registry=REGISTRY, format_checker=checker).validate(found)
        return found

    def error(self) -> dict[str, Any]:
        """Return what went wrong, as scripts are told it."""
        found: dict[str, Any] = self.document("error")["error"]
        return found

    def line(self) -> str:
        """Return what went wrong, as people are told it: one line, and nothing else."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        return line


def call(group: click.Command, arguments: Sequence[str]) -> Said:
    """Call a door in this process, with its own ending, its own streams and its own complaints."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["door", *arguments])
        try:
            main(group)
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Said(int(code), _text(out), _text(err))


def script(name: str, *arguments: str | bytes, environment: dict[str, str] | None = None, **options: Any) -> Said:
    """Run a door as its users do: the script in the project's root, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, name, *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        check=False,
        **options,
    )
    return Said(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        await asyncio.sleep(0.01)


def files(folder: Path) -> set[str]:
    """Return every file below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
