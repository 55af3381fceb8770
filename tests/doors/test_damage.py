"""What the auditor is told of a log that somebody changed past Vekha: where, in one line, and with exit code 1."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import psycopg
import pytest

from domain.errors import UnreadableEvent
from doors.audit import audit
from doors.output import PAGE, Door
from eventlog.roles import PROJECTOR, act_as
from projections.projector import follow, take_over
from projections.read_models import READ_MODELS
from stack import Endpoints
from tests.conftest import a_database
from tests.doors.calling import Said, call
from tests.doors.lived import example, keep
from tests.eventlog.log import value
from tests.eventlog.tampering import unguarded

ROADMAP, RECORDS = example()
CHANGED = 300  # a position: a report in the stream of measure 2.7
HARM = {
    "no JSON": "data = '{'",
    "nested without end": "data = repeat('[', 100000)",
    "no object": "data = 'null'",
    "no fields": "data = '{}'",
    "another type": "type = 'ExecutionAccepted'",
    "no time of ours": "at = 'infinity'",
    "a time before all": "received_at = '0100-01-01 BC'",
}


@pytest.fixture(scope="module")
def sound(endpoints: Endpoints, migrated_template: str) -> Iterator[str]:
    """Give the name of a database with the example's year and its reports, which nobody is connected to."""
    with a_database(endpoints, migrated_template) as database_url:
        asyncio.run(keep(database_url, RECORDS))
        with psycopg.connect(database_url, autocommit=True) as connection:
            act_as(connection, PROJECTOR)
            for model in READ_MODELS:
                fence = take_over(connection, model)
                while fence is not None and follow(connection, model, fence):
                    pass
        yield database_url.rpartition("/")[2]


@pytest.fixture
def log(endpoints: Endpoints, sound: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """Give a superuser's connection to a copy of it, its guards taken away, with the doors pointed there."""
    with a_database(endpoints, sound) as database_url:
        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.setenv("VEKHA_LANG", "ru")
        with psycopg.connect(database_url, autocommit=True) as connection:
            unguarded(connection)
            yield connection


def ask(*arguments: str) -> Said:
    """Ask audit.py about the year."""
    return call(audit, [*arguments, "--roadmap", ROADMAP.id])


@pytest.mark.parametrize("harm", HARM)
def test_a_changed_event_is_a_finding_wherever_it_is_read(log: psycopg.Connection, harm: str) -> None:
    """Never a defect of the program: one line that names the command to run next."""
    log.execute(
        f"update vekha.event set {HARM[harm]} where seq = (select seq from vekha.seal where position = {CHANGED})"
    )
    asked = [("verify",), ("rebuild",), ("explain", str(CHANGED))]
    answers = [call(audit, one) for one in asked] + [
        ask("replay"),
        ask("silence"),
        ask("state", "--as-of", "2021-12-31"),
    ]
    assert [said.code for said in answers] == [1] * len(answers)
    for said in answers[1:]:
        assert "audit.py verify" in said.err, said
        assert len(said.err.splitlines()) == 1


def test_a_history_goes_on_behind_an_event_that_cannot_be_read(log: psycopg.Connection) -> None:
    """It is told in its place, and counts: exit code 1."""
    log.execute(
        f"update vekha.event set data = '{{' where seq = (select seq from vekha.seal where position = {CHANGED})"
    )
    said = ask("history")
    assert said.code == 1
    (line,) = [line for line in said.out.splitlines() if "которую не прочесть" in line]
    assert "/m/2.7/" in line
    assert len(said.out.splitlines()) == len(RECORDS)
    scripts = ask("history", "--json")
    assert scripts.code == 1
    assert [one["position"] for one in scripts.document("history")["events"] if one["data"] is None] == [CHANGED]


def test_a_long_answer_that_breaks_off_is_one_document_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """What was told already stays, the reason stands at its end, and the exit code says so."""

    def numbers() -> Iterator[int]:
        yield from range(PAGE)
        raise UnreadableEvent("a/year/501", "dict wanted")

    code = Door(json=True, lang="ru").answer_each("events", numbers(), lambda one: {"number": one}, str)
    document = json.loads(capsys.readouterr().out)
    assert (code, len(document["events"]), document["error"]["code"]) == (1, PAGE, "damaged")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update vekha.projection set position = 99999 where name = 'board'", "учтено будто бы 99999 записей"),
        (
            "update vekha.projection set status = 'quarantined', error = 'стой' where name = 'board'",
            "стоит на месте: стой",
        ),
        ("update vekha_live.board set stage = 'reported' where stage = 'accepted'", "ОТЛИЧАЕТСЯ, строк: "),
    ],
)
def test_a_report_that_cannot_be_relied_on_is_found_and_mended(log: psycopg.Connection, change: str, told: str) -> None:
    """One that says to know more than the log has, or stands still, differs even where its rows are right."""
    log.execute(change)
    said = call(audit, ["rebuild"])
    assert said.code == 1
    assert told in said.out
    assert call(audit, ["rebuild", "--swap"]).code == 0
    healed = call(audit, ["rebuild", "--json"])
    assert healed.code == 0
    board = healed.document("rebuild")["projections"][0]
    assert (board["taken"], board["size"], board["error"]) == (len(RECORDS), len(RECORDS), None)


def test_a_report_that_is_behind_says_how_far_it_has_come(log: psycopg.Connection) -> None:
    """It is no difference, but nobody takes it for the whole."""
    log.execute("truncate vekha_live.board")
    log.execute("update vekha.projection set position = 0 where name = 'board'")
    said = call(audit, ["rebuild"])
    assert said.out.startswith(f"board: совпадает, учтено записей: 0 из {len(RECORDS)}\n")


def test_a_gap_among_the_positions_does_not_hold_up_a_rebuild_for_ever(log: psycopg.Connection) -> None:
    """It is told where it is."""
    last = value(log, "select max(position) from vekha.seal")
    log.execute("update vekha.seal set position = %s where position = %s", (2**62, last))
    said = call(audit, ["rebuild"])
    assert (said.code, said.line()) == (1, f"board: за записью {last - 1} в журнале разрыв: выполните audit.py verify.")


def test_tables_that_are_not_ours_are_told_so(log: psycopg.Connection) -> None:
    """It is no defect of the program: exit code 3."""
    log.execute("drop table vekha.seal cascade")
    said = call(audit, ["verify"])
    assert (said.code, said.line().partition(":")[0]) == (3, "Таблицы базы данных не такие, какими их делает Веха")


@pytest.mark.usefixtures("log")
def test_a_silence_of_a_period_that_ends_before_it_begins_is_no_good_news() -> None:
    """Nothing is due in it, which would read as if all was well."""
    said = ask("silence", "--from", "2021-12-01", "--to", "2021-11-01", "--json")
    assert (said.code, said.error()["code"]) == (2, "period-reversed")


@pytest.mark.usefixtures("log")
def test_codes_are_put_into_words() -> None:
    """Kinds of letters, bodies, stages and places of findings, for people; scripts get the codes."""
    letters = ask("silence", "--from", "2021-09-14", "--to", "2021-09-14").out
    assert "напоминание о сроке → МБОУ СОШ № 1: доставлено (репетиция)" in letters
    assert "[в работе]" in ask("replay", "1.3").out
    assert "замечание (мероприятие 3.4, графа «Ответственные»)" in call(audit, ["explain", "1"]).out
    assert json.loads(ask("silence", "--json").out)["notices"][0]["kind"] == "reminder-deadline"
    assert ask("state", "--as-of", "2021-08-30T12:00:00+03:00").out.startswith(
        "Состояние на 30.08.2021 12:00 (UTC+03:00) "
    )
    said = call(audit, ["explain", "нет"])
    assert said.line() == "НОМЕР: нужно целое число от 1. Подсказка: --help."
