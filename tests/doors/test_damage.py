"""What the auditor is told of a log that somebody changed past Vekha: where, in one line, and with exit code 1."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.errors import UnreadableEvent
from doors.cli.admin import admin
from doors.cli.audit import audit
from doors.cli.output import PAGE, Door
from doors.cli.report import report
from doors.cli.starter import starter
from eventlog.aside import set_aside
from eventlog.roles import PROJECTOR, act_as
from eventlog.sealer import LOCK, seal_new
from projections.projector import follow, position_of_all, stopped, take_over
from projections.read_models import READ_MODELS
from stack import Endpoints
from tests.conftest import a_database
from tests.doors.calling import Said, call
from tests.doors.lived import example, keep
from tests.eventlog.log import put_past, record, value
from tests.eventlog.tampering import unguarded

ROADMAP, RECORDS = example()
STREAM = f"{ROADMAP.id}/m/2.7"
# A position: a report in that stream.
CHANGED = next(place for place, row in enumerate(RECORDS, 1) if (row.stream, row.type) == (STREAM, "ExecutionReported"))
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
def whole(
    endpoints: Endpoints, sound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[psycopg.Connection]:
    """Give a superuser's connection to a copy of it, with the doors pointed there."""
    with a_database(endpoints, sound) as database_url:
        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.setenv("VEKHA_VAR", str(tmp_path))  # checkpoints of a lasting stack are another log's
        monkeypatch.setenv("VEKHA_LANG", "ru")
        with psycopg.connect(database_url, autocommit=True) as connection:
            yield connection


@pytest.fixture
def log(whole: psycopg.Connection) -> psycopg.Connection:
    """Give the same, its guards taken away."""
    unguarded(whole)
    return whole


def ask(*arguments: str) -> Said:
    """Ask audit.py about the year."""
    return call(audit, [*arguments, "--roadmap", ROADMAP.id])


@pytest.mark.parametrize("harm", HARM)
def test_a_changed_event_is_a_finding_wherever_it_is_read(log: psycopg.Connection, harm: str) -> None:
    """Never a defect of the program: one line that names the command to run next."""
    log.execute(
        f"update vekha.event set {HARM[harm]} where seq = (select seq from vekha.seal where position = {CHANGED})"
    )
    answers = [call(audit, ["explain", str(CHANGED)]), ask("replay"), ask("silence")]
    if harm != "no time of ours":  # the moment of sending, which no report goes by
        answers.append(ask("state", "--as-of", "2021-12-31"))
    assert [said.code for said in (call(audit, ["verify"]), *answers)] == [1, *[1 for _ in answers]]
    for said in answers:
        assert "audit.py verify" in said.err, said
        assert len(said.err.splitlines()) == 1
    rebuilt = call(audit, ["rebuild"])
    if "time" in harm:  # neither is a time of any row of a report
        assert rebuilt.code == 0
    else:
        assert (
            rebuilt.code,
            f"board: ОТЛИЧАЕТСЯ: дальше этой записи не идёт: board stops before position {CHANGED}" in rebuilt.out,
        ) == (
            1,
            True,
        )


ACT = ("--act", "распоряжение № 5")


def follow_all(connection: psycopg.Connection) -> None:
    """Bring every read model up to the log."""
    with connection.transaction():
        connection.execute(f"set local role {PROJECTOR}")
        for model in READ_MODELS:
            fence = take_over(connection, model)
            while fence is not None and follow(connection, model, fence):
                pass


def spoil(connection: psycopg.Connection, stream: str = STREAM) -> str:
    """Write a row that nobody can read behind a stream, and one that anybody can; return the place of the former."""
    version = value(connection, "select max(version) from vekha.event where stream = %s", stream) + 1
    now = dict.fromkeys(("at", "received_at"), "2022-09-30T15:00:00+00:00")
    put_past(connection, record(stream, version, "ProgressReported", data='{"nonsense":1}', **now))
    put_past(connection, record(stream, version + 1, "CommandRefused", data='{"detail":"","reason":"closed"}', **now))
    seal_new(connection)
    follow_all(connection)
    return f"{stream}/{version}"


def test_an_unreadable_row_stops_its_own_stream_until_it_is_set_aside(whole: psycopg.Connection) -> None:
    """Told where and what to do; set aside by an act, it is told by each who looks, and all goes on."""
    place = spoil(whole)
    assert position_of_all(whole) == len(RECORDS) + 2
    status = call(starter, ["status", "--roadmap", ROADMAP.id])
    assert (status.code, status.err.splitlines()[-1].partition(":")[0]) == (0, "ТРЕВОГА")
    assert f"audit.py set-aside {place}" in status.err
    document = call(starter, ["status", "--roadmap", ROADMAP.id, "--json"]).document("status")
    assert [(one["projection"], f"{one['stream']}/{one['version']}") for one in document["stopped"]] == [
        ("board", place)
    ]
    assert {one["number"] for one in document["measures"] if one["stage"] == "unreadable"} == {"2.7"}
    assert ask("replay").code == 1
    assert ask("replay", "1.3").code == 0
    named = call(audit, ["verify", "--json"])
    assert named.code == 1
    assert [(one["code"], one["found"]) for one in named.document("verify")["discrepancies"]] == [("unreadable", place)]
    assert call(report, ["board", "--roadmap", ROADMAP.id]).code == 0

    aside = call(audit, ["set-aside", place, *ACT, "--json"])
    assert aside.code == 0
    assert call(audit, ["set-aside", place, *ACT, "--json"]).out == aside.out, "a repeat says the same"
    assert aside.document("set-aside")["act"] == ACT[1]
    follow_all(whole)

    assert stopped(whole) == []
    verified = call(audit, ["verify"])
    assert (verified.code, verified.out.splitlines()[0].partition(",")[0][:-11]) == (0, f"Запись {place} отложена")
    assert call(audit, ["verify", "--json"]).document("verify")["set_aside"] == [aside.document("set-aside")]
    told = [line for line in ask("history", "2.7").out.splitlines() if "отложена" in line]
    assert len(told) == 1
    assert ACT[1] in told[0]
    for command in (("replay", "2.7"), ("state", "--as-of", "2022-05-31"), ("silence",)):
        assert "2.7" in ask(*command).out
    # The other row was made by nobody's command; the one that was set aside makes no difference.
    assert [one["version"] for one in differences("2.7")] == [int(place.rpartition("/")[2]) + 1]
    assert call(audit, ["rebuild"]).code == 0
    assert call(audit, ["explain", "--event", place]).code == 0


def differences(measure: str) -> list[dict[str, Any]]:
    """Return what a replay of a measure finds."""
    found: list[dict[str, Any]] = ask("replay", measure, "--json").document("replay")["differences"]
    return found


def test_a_years_own_stream_with_an_unreadable_row_stops_no_measure(whole: psycopg.Connection) -> None:
    """Its definition is read, the year is told as it stands, and the row is named."""
    place = spoil(whole, f"{ROADMAP.id}/year")
    status = call(starter, ["status", "--roadmap", ROADMAP.id])
    assert status.code == 0
    assert f"audit.py set-aside {place}" in status.err
    assert call(admin, ["show", "2.7", "--roadmap", ROADMAP.id]).code == 0
    assert call(audit, ["set-aside", place, *ACT]).code == 0
    assert call(starter, ["status", "--roadmap", ROADMAP.id]).err == ""


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (f"{STREAM}/2", "readable"),
        (f"{STREAM}/999", "unknown-event"),
        (f"{STREAM}", "bad-place"),
        (f"{STREAM}/0", "bad-place"),
        ("нет", "bad-place"),
    ],
)
@pytest.mark.usefixtures("log")
def test_what_can_be_read_is_not_set_aside(place: str, code: str) -> None:
    """Nobody hides a missed deadline so, and nothing that is not there."""
    said = call(audit, ["set-aside", place, *ACT, "--json"])
    assert (said.code, said.error()["code"]) == (2, code)


def test_what_begins_a_stream_is_not_set_aside(log: psycopg.Connection) -> None:
    """Without it there is no stream that could go on."""
    log.execute("update vekha.event set data = '{}' where stream = %s and version = 1", (STREAM,))
    said = call(audit, ["set-aside", f"{STREAM}/1", *ACT, "--json"])
    assert (said.code, said.error()["code"]) == (2, "first-event")
    assert call(audit, ["set-aside", f"{STREAM}/1", "--act", " "]).code == 2


def test_a_row_that_was_hidden_so_is_found(log: psycopg.Connection) -> None:
    """By who rules the database: the rules can take it up."""
    set_aside(log, STREAM, 5, "тихо")
    seal_new(log)
    found = call(audit, ["verify", "--json"])
    assert found.code == 1
    (one,) = found.document("verify")["discrepancies"]
    assert (one["code"], one["found"]) == ("readable-aside", f"{STREAM}/5")


def test_differences_under_other_time_zones_explain_themselves(
    log: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where there are any, and only where the versions differ."""
    monkeypatch.setattr("doors.cli.audit.tzdata_version", lambda: "1999z")
    assert "часовыми поясами" not in ask("replay", "2.7").err
    log.execute(
        "update vekha.event set at = at + interval '1 hour' where stream = %s and type = 'AssignmentOpened'", (STREAM,)
    )
    said = ask("replay", "2.7")
    assert said.code == 1
    assert f"с часовыми поясами версии {ROADMAP.calendar.tzdata}, здесь 1999z" in said.err
    monkeypatch.setattr("doors.cli.audit.tzdata_version", lambda: ROADMAP.calendar.tzdata)
    assert "часовыми поясами" not in ask("replay", "2.7").err


def test_who_holds_the_sealers_place_is_told(whole: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """While events wait for their position."""
    monkeypatch.setattr("doors.cli.starter.ALARM_SECONDS", 0.0)
    put_past(whole, record(STREAM, 900, "CommandRefused", data='{"detail":"","reason":"closed"}'))
    whole.execute("select pg_advisory_lock(%s)", (LOCK,))
    said = call(starter, ["status", "--roadmap", ROADMAP.id])
    assert f"сейчас номера даёт: {whole.info.user}" in said.err


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
            "insert into vekha.quarantine values ('board', 'pyatigorsk-969-1-2021/m/2.7', 9, 300, 'стой')",
            "board: ОТЛИЧАЕТСЯ: дальше этой записи не идёт: стой; выполните audit.py verify",
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
    assert "напоминание о сроке → МБОУ СОШ № 1: доставлено (пробный год)" in letters
    assert "[в работе]" in ask("replay", "1.3").out
    assert "замечание (мероприятие 3.4, графа «Ответственные»)" in call(audit, ["explain", "1"]).out
    assert json.loads(ask("silence", "--json").out)["notices"][0]["kind"] == "reminder-deadline"
    assert ask("state", "--as-of", "2021-08-30T12:00:00+03:00").out.startswith(
        "Состояние на 30.08.2021 12:00 (UTC+03:00) "
    )
    said = call(audit, ["proof", "нет"])
    assert said.line() == "НОМЕР: нужно целое число от 1. Подсказка: --help."
