"""The line for cron in docs/operators.md, run as it stands."""

from __future__ import annotations

import asyncio
import re
import subprocess

import psycopg
import pytest

from doors.cli.audit import audit
from doors.cli.output import Exit
from eventlog.roles import PROJECTOR, act_as
from settings import ROOT
from tests.doors.calling import until
from tests.doors.conftest import Office
from tests.eventlog.log import value

LINE = re.compile(r"^30 3 \* \* \*  cd /srv/vekha && (.+)$", re.MULTILINE)
CHANGE = (
    "update vekha_live.board set stage = 'withdrawn' where assignment = (select min(assignment) from vekha_live.board)"
)


async def nightly() -> str:
    """Run what cron would, in this checkout; return what it would mail."""
    (command,) = LINE.findall((ROOT / "docs" / "operators.md").read_text(encoding="utf-8"))
    assert "%" not in command, "cron takes that for the end of the line"
    done = await asyncio.to_thread(
        subprocess.run, ["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


async def all_projected(office: Office) -> None:
    """Wait until every read model has come as far as the log."""
    await until(
        lambda: value(
            office.connection,
            "select (select min(position) from vekha.projection) = (select count(*) from vekha.event)",
        )
    )


async def test_the_nightly_line_says_nothing_while_all_is_well_and_then_what_is_wrong(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row of a report that somebody changed is found, shown and told in the language that is set."""
    await all_projected(office)
    assert await nightly() == ""
    with psycopg.connect(office.database_url, autocommit=True) as connection:
        act_as(connection, PROJECTOR)
        connection.execute(CHANGE)
    assert re.search(
        r"^audit\.py rebuild: board: ОТЛИЧАЕТСЯ, строк: 1\nboard: .+withdrawn, по журналу ", await nightly()
    )
    monkeypatch.setenv("VEKHA_LANG", "en")
    told = await nightly()
    assert re.search(r"^audit\.py rebuild: board: DIFFERS, rows: 1\nboard: .+withdrawn, by the log ", told)
    assert "verify" not in told
    assert "reconcile" not in told
    assert (await office.call(audit, "rebuild")).code == Exit.FINDING
    assert (await office.call(audit, "rebuild", "--swap")).code == Exit.DONE
    assert (await office.call(audit, "rebuild")).code == Exit.DONE
