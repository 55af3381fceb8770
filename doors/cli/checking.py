"""The administrator's door to a definition: read it and tell all that is wrong or doubtful in it."""

from __future__ import annotations

from pathlib import Path

import click

from app.contacts import contacts_beside
from app.problem import ProblemKind, Rejected
from domain.roadmap import Severity
from doors.cli.output import Door, Exit, command, door, told
from orders.findings import UnreadableFile
from orders.yaml_file import Loaded, load_roadmap

roadmap_file = click.argument("file", metavar="ROADMAP.YAML", type=click.Path(path_type=Path))


@command(help=told("Проверить дорожную карту.", "Check a roadmap."))
@roadmap_file
@door
def check(at: Door, file: Path) -> Exit:
    """Tell every finding; FINDING while an error is open."""
    from reading.second_look import second_look  # noqa: PLC0415  lark is loaded for those who read phrases

    loaded = load(file)
    addresses = contacts_beside(file, loaded.sketch)[1] if loaded.sketch else ()
    findings = (*second_look(loaded, str(file)), *addresses)
    blocked = loaded.blocked or any(finding.severity is Severity.ERROR for finding in addresses)
    code = Exit.FINDING if blocked else Exit.DONE
    lines = [finding.line(at.lang) for finding in findings]
    if code is Exit.DONE:
        count = len(loaded.roadmap.measures) if loaded.roadmap else 0
        lines.append(
            at.say(
                f"Можно начинать: мероприятий {count}, замечаний {len(lines)}.",
                f"Ready to start: {count} measures, {len(lines)} findings.",
            )
        )
    else:
        errors = sum(item.severity == "error" and item.decision is None for item in findings)
        lines.append(at.say(f"Начинать нельзя: ошибок {errors}.", f"Not ready to start: {errors} errors."))
    return at.answer({"findings": [finding.to_json(at.lang) for finding in findings]}, "\n".join(lines), code)


def load(file: Path) -> Loaded:
    """Read a definition; all that keeps it from being read is told, a line each."""
    try:
        return load_roadmap(file)
    except UnreadableFile as error:
        raise Rejected(error.problems, ProblemKind.INVALID) from error
