"""What a turn asks of the world before the rules decide: the evidence store, and whether the year has closed."""

from __future__ import annotations

from pathlib import Path

from app.evidence import keep
from app.sending import send
from app.years import close_year
from domain.codec import make_command
from domain.commands import Close, ReportExecution
from domain.errors import Reason
from domain.events import ADMINISTRATOR
from domain.roadmap import measure_stream
from doors.cli.audit import decided_again
from eventlog.evidence import stored
from tests.engine.conftest import Engine
from tests.engine.roadmaps import Definition, some
from tests.engine.test_commands import records_of, until


async def test_a_report_is_decided_with_its_files_in_the_store_and_not_without(
    engine: Engine, example: Definition, tmp_path: Path
) -> None:
    """A file that is gone refuses the report; a store that is gone lets it wait, and nothing is lost."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    stream, store = measure_stream(year.roadmap.id, "2.3"), engine.configuration.evidence_dir
    (tmp_path / "act.txt").write_text("акт")
    evidence = keep([tmp_path / "act.txt"], store)

    def report(id_: str) -> ReportExecution:
        return ReportExecution(note=id_, evidence=evidence, early=True)

    async def sent(id_: str, wait: float) -> tuple[str, str | None]:
        command = make_command(id_, "uo", year.now(), None, report(id_))
        answer = await send(engine.client, engine.connection, stream, command, wait)
        return answer.outcome, answer.reason

    file = stored(store, evidence[0].sha256)
    file.rename(tmp_path / "away")
    assert await sent("gone", 30) == ("refused", Reason.EVIDENCE_MISSING.value)
    (tmp_path / "away").rename(file)
    store.rename(tmp_path / "unmounted")
    assert (await sent("waits", 0.5))[0] == "queued"
    (tmp_path / "unmounted").rename(store)
    await until(lambda: any(record.command_id == "waits" for record in records_of(engine, year, "2.3")), 60)
    records = records_of(engine, year, "2.3")
    assert [(record.type, record.command_id) for record in records if record.command_id] == [
        ("CommandRefused", "gone"),
        ("ExecutionReported", "waits"),
    ]
    assert not decided_again(records).differences


async def test_a_measure_closes_after_its_year_and_not_before(engine: Engine, example: Definition) -> None:
    """Whoever tells a measure alone to close is refused, in the administrator's name too; the year's own word counts."""
    year = await engine.player.start(engine.connection, some(example.roadmap, "2.3"), example.source)
    stream = measure_stream(year.roadmap.id, "2.3")
    early = make_command("close-early", ADMINISTRATOR, year.now(), None, Close())
    answer = await send(engine.client, engine.connection, stream, early, 30)
    assert (answer.outcome, answer.reason) == ("refused", Reason.YEAR_OPEN.value)
    assert await close_year(engine.client, engine.connection, year) == ["2.3/year/uo"]
    records = records_of(engine, year, "2.3")
    assert records[-1].type == "MeasureClosed"
    assert not decided_again(records).differences
