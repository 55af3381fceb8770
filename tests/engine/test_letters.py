"""Letters: they arrive once, every outcome is in the log without an address, and nobody waits for the post."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import yaml
from temporalio.client import Client

from activities.auditor import auditors_letter
from app.contacts import keep_contacts
from app.log import Year, read_measure, read_year
from app.sending import send
from app.years import close_year, start_year
from domain.codec import make_command, read_event
from domain.commands import ExtendDeadline, ReportExecution, ReportProgress, RequestExtension
from domain.events import NoticeOutcome
from domain.roadmap import measure_stream, year_stream
from doors.cli.admin import admin
from doors.cli.audit import audit
from doors.cli.reconcile import reconcile
from doors.cli.work import engine_worker
from eventlog.checkpoints import Checkpoint, Parcel, Signer, read_checkpoint
from orders.contacts import Contact
from orders.yaml_file import load_roadmap
from settings import Settings
from stack import Endpoints
from tests.doors.calling import Said, call
from tests.doors.conftest import silent_worker
from tests.engine.conftest import Engine
from tests.engine.test_commands import records_of, signal, until
from tests.mail.office import PostOffice, listening, open_office

ADDRESS = "chief@office.example"


async def year_with_post(
    engine: Engine,
    client: Client,
    folder: Path,
    configuration: Settings,
    *,
    email: str = ADDRESS,
    turns_per_run: int | None = None,
    late: bool = False,
) -> Year:
    """Start a real year that begins today: a worker sends to nobody in a played one. Its controller has this address.

    A `late` one should have begun two months ago, and its only measure was due a month ago.
    """
    await engine.stop_worker()
    await engine.worker.enter_async_context(engine_worker(client, engine.database_url, configuration))
    today = datetime.now(UTC).date() - timedelta(days=60 * late)
    file = folder / "roadmap.yaml"
    definition = {
        "id": f"test-{uuid.uuid4().hex[:12]}",
        "title": "Карта на сегодня",
        "order": {"number": "1", "date": today - timedelta(days=1), "title": "О карте"},
        "period": {"from": today - timedelta(days=1), "to": today + timedelta(days=200)},
        "policy": {"time_zone": "Europe/Moscow", "controller": "chief", "undated_after": 10},
        "bodies": [{"code": "uo", "name": "Управление"}],
        "people": [{"code": "chief", "body": "uo"}],
        "measures": [
            {
                "number": "1.1",
                "title": "Мониторинг",
                "deadline": "до срока",
                "bodies": ["uo"],
                "checkpoints": [
                    {
                        "key": "1",
                        "from": today - timedelta(days=1),
                        "due": today + timedelta(days=30 if late else 100),
                        "rule": "by-date",
                    }
                ],
                "expected_result": "Справка",
            }
        ],
    }
    file.write_text(yaml.safe_dump(definition, allow_unicode=True, sort_keys=False), encoding="utf-8")
    loaded = load_roadmap(file)
    assert loaded.roadmap is not None, loaded.findings
    if email:
        contact = Contact(code="chief", name="Начальник управления", email=email)
        keep_contacts(engine.connection, loaded.roadmap.id, [contact])
    await start_year(client, engine.connection, loaded.roadmap, loaded.source, turns_per_run=turns_per_run)
    year = read_year(engine.connection, loaded.roadmap.id)
    assert year is not None
    return year


async def report(engine: Engine, year: Year) -> str:
    """Report the measure as executed, which makes a letter to the controller due; return the letter's notice."""
    command = make_command("report", "uo", year.now(), None, ReportExecution(note="готово"))
    stream = measure_stream(year.roadmap.id, "1.1")
    answer = await send(engine.client, engine.connection, stream, command, 30)
    assert answer.outcome == "recorded"
    return "1.1/1/uo:reported:report:chief"


def outcomes(engine: Engine, year: Year, number: str = "1.1") -> list[tuple[str, str, str]]:
    """Return type, notice and detail of each letter's outcome in the log."""
    facts = [read_event(record).fact for record in records_of(engine, year, number)]
    return [(type(fact).__name__, fact.notice, fact.detail) for fact in facts if isinstance(fact, NoticeOutcome)]


async def test_a_letter_arrives_under_an_id_of_its_own(engine: Engine, temporal_client: Client, tmp_path: Path) -> None:
    """The Message-ID is the notice's, the outcome is in the log, and no address is."""
    office = PostOffice()
    office.hand.set()
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration)
        notice = await report(engine, year)
        await until(lambda: bool(outcomes(engine, year)))
    (message,) = office.arrived
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{measure_stream(year.roadmap.id, '1.1')}#{notice}")
    assert message["X-Vekha-Notice"] == notice
    assert message["Message-ID"] == f"<{name}@office.example>"
    assert message["To"].addresses[0].addr_spec == ADDRESS
    assert "готово" in message.get_content()
    assert outcomes(engine, year) == [("NoticeDelivered", notice, "SMTP")]
    assert not any("@" in record.data for record in records_of(engine, year, "1.1"))


async def test_a_letter_refused_for_good_is_a_fact_with_its_reason(
    engine: Engine, temporal_client: Client, tmp_path: Path
) -> None:
    """The server's words are told, but for the address that they repeat."""
    office = PostOffice([f"550 5.1.1 <{ADDRESS}>: Recipient address rejected: no such user"])
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration)
        notice = await report(engine, year)
        await until(lambda: bool(outcomes(engine, year)))
    ((kind, told, detail),) = outcomes(engine, year)
    assert (kind, told) == ("NoticeFailed", notice)
    assert "550 5.1.1" in detail
    assert "no such user" in detail
    assert "@" not in detail
    assert office.arrived == []


async def test_a_letter_that_failed_is_sent_again_by_the_door(
    engine: Engine, temporal_client: Client, endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once: a repeat is told what it did, the next is refused; everybody else's eyes see what happened."""
    for name, value in endpoints.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", engine.database_url)
    office = PostOffice(["550 5.1.1 no such user"])
    async with listening(office) as configuration:
        with silent_worker():
            year = await year_with_post(engine, temporal_client, tmp_path, configuration)
            notice = await report(engine, year)
            await until(lambda: bool(outcomes(engine, year)))

            async def door(*arguments: str) -> Said:
                return await asyncio.to_thread(call, admin, ["resend", *arguments])

            stranger = await door("--as", "uo", "--json", "--command-id", "stranger")
            assert (stranger.code, json.loads(stranger.out)["answers"][0]["reason"]) == (1, "not-controller")
            asked = ("--as", "administrator", "--command-id", "again", "--json")
            for repeated in (False, True):
                said = await door(*asked)
                (answer,) = json.loads(said.out)["answers"]
                assert (said.code, answer["outcome"], answer["repeated"]) == (0, "recorded", repeated)
                assert [event["data"] for event in answer["events"]] == [{"notice": notice}]
            await until(lambda: office.held == 1)
            # The first try of this letter is over and in the log, the second hangs: nothing is lost between them.
            monkeypatch.setattr("doors.cli.reconcile.TOLERANCE", timedelta())
            assert (await asyncio.to_thread(call, reconcile, [])).code == 0
            office.hand.set()
            await until(lambda: len(outcomes(engine, year)) > 1)
            for arguments in ((), ("1.1",), ("--notice", notice)):
                nothing = await door(*arguments, "--as", "chief")
                assert nothing.code == 1
                assert "ещё раз нечего" in nothing.out + nothing.err
            assert (await asyncio.to_thread(call, audit, ["replay"])).code == 0
            history = (await asyncio.to_thread(call, audit, ["history", "1.1"])).out
            told = await asyncio.to_thread(call, audit, ["silence", "--json"])
            version = next(r.version for r in records_of(engine, year, "1.1") if r.type == "LetterResent")
            stream = measure_stream(year.roadmap.id, "1.1")
            why = await asyncio.to_thread(call, audit, ["explain", "--event", f"{stream}/{version}", "--json"])
    assert [kind for kind, _, _ in outcomes(engine, year)] == ["NoticeFailed", "NoticeDelivered"]
    assert [message["X-Vekha-Notice"] for message in office.arrived] == [notice]
    assert "администратор отправляет письмо «отчёт на проверку» ещё раз" in history
    assert {one["id"]: one["outcome"] for one in told.document("silence")["notices"]}[notice] == "delivered"
    assert [link["type"] for link in why.document("explain")["chain"]][-2:] == ["ExecutionReported", "NoticeFailed"]


async def test_a_letter_refused_for_now_is_tried_again(engine: Engine, temporal_client: Client, tmp_path: Path) -> None:
    """It arrives in the end, once."""
    office = PostOffice(["451 4.7.1 greylisted, come back later"])
    office.hand.set()
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration)
        notice = await report(engine, year)
        await until(lambda: bool(outcomes(engine, year)))
    assert outcomes(engine, year) == [("NoticeDelivered", notice, "SMTP")]
    assert len(office.arrived) == 1


async def test_a_server_that_is_not_there_yet_gets_the_letter_later(
    engine: Engine, temporal_client: Client, tmp_path: Path
) -> None:
    """Nobody listens at first."""
    office = PostOffice()
    office.hand.set()
    async with listening(PostOffice()) as configuration:
        pass
    year = await year_with_post(engine, temporal_client, tmp_path, configuration)
    notice = await report(engine, year)
    handle = engine.client.get_workflow_handle(measure_stream(year.roadmap.id, "1.1"))
    while all(item.attempt < 2 for item in (await handle.describe()).raw_description.pending_activities):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    async with listening(office, configuration.smtp_port):
        await until(lambda: bool(outcomes(engine, year)))
    assert outcomes(engine, year) == [("NoticeDelivered", notice, "SMTP")]


async def test_a_run_that_takes_a_letter_over_tries_it_for_what_is_left_of_its_time(
    engine: Engine, temporal_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens, and the measure continues as new: its busiest days do not put off the word that a letter failed."""
    async with listening(PostOffice()) as configuration:
        pass
    year = await year_with_post(engine, temporal_client, tmp_path, configuration, turns_per_run=3)
    notice = await report(engine, year)
    handle = engine.client.get_workflow_handle(measure_stream(year.roadmap.id, "1.1"))
    first = (await handle.describe()).run_id
    sent = 0
    while (second := await handle.describe()).run_id == first or not second.raw_description.pending_activities:
        sent += 1
        command = make_command(f"note-{sent}", "uo", year.now(), None, ReportProgress(note="дальше"))
        assert (await send(engine.client, engine.connection, handle.id, command, 30)).outcome == "recorded"
    assert outcomes(engine, year) == []
    # The time of the second run is not over, that of the letter is.
    monkeypatch.setattr("activities.post.LETTER_LIMIT", second.start_time - year.now())
    await until(lambda: bool(outcomes(engine, year)))
    ((kind, told, _),) = outcomes(engine, year)
    assert (kind, told) == ("NoticeFailed", notice)


@pytest.mark.parametrize("email", ["", "nobody at all"])
async def test_a_letter_to_nobody_known_is_a_fact(
    engine: Engine, temporal_client: Client, tmp_path: Path, email: str
) -> None:
    """No address, or none that is one: the log says to whose code the letter could not go."""
    office = PostOffice()
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration, email=email)
        notice = await report(engine, year)
        await until(lambda: bool(outcomes(engine, year)))
    ((kind, told, detail),) = outcomes(engine, year)
    assert (kind, told) == ("NoticeFailed", notice)
    assert "chief" in detail
    assert office.arrived == []


async def test_a_mail_server_that_hangs_delays_no_command(
    engine: Engine, temporal_client: Client, tmp_path: Path
) -> None:
    """A report sent meanwhile is recorded while the letter still hangs; then the letter arrives all the same."""
    office = PostOffice()
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration)
        notice = await report(engine, year)
        await until(lambda: office.held == 1)
        command = make_command("meanwhile", "uo", year.now(), None, ReportProgress(note="дальше"))
        stream = measure_stream(year.roadmap.id, "1.1")
        answer = await send(engine.client, engine.connection, stream, command, 30)
        assert (answer.outcome, office.held) == ("recorded", 1)
        assert outcomes(engine, year) == []
        office.hand.set()
        await until(lambda: bool(outcomes(engine, year)))
    assert outcomes(engine, year) == [("NoticeDelivered", notice, "SMTP")]


def waiting(engine: Engine, year: Year) -> set[str]:
    """Return the letters that have no outcome yet."""
    _, state = read_measure(engine.connection, year.roadmap.id, "1.1")
    assert state is not None
    return {*state.outbox}


async def test_letters_that_hang_delay_no_command_that_waited(
    engine: Engine, temporal_client: Client, tmp_path: Path
) -> None:
    """A command whose time has to be asked of the server goes another way than the letters of a hundred requests."""
    office = PostOffice()
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration)
        until_then = year.roadmap.period.last
        requests = [
            make_command(f"ask-{number}", "uo", year.now(), None, RequestExtension(until=until_then, reason="карантин"))
            for number in range(105)
        ]
        await signal(engine, year, "1.1", *requests)
        await until(lambda: len(waiting(engine, year)) == len(requests) and office.held > 0)
        an_hour_ago = year.now() - timedelta(hours=1)
        waited = make_command("waited", "uo", an_hour_ago, None, ReportProgress(note="час назад"))
        await signal(engine, year, "1.1", waited)
        await until(lambda: any(record.command_id == "waited" for record in records_of(engine, year, "1.1")), 20)
        assert outcomes(engine, year) == []


async def test_without_a_mail_server_letters_are_files(engine: Engine, temporal_client: Client, tmp_path: Path) -> None:
    """Whole, readable by a mail program, and named in the log."""
    year = await year_with_post(engine, temporal_client, tmp_path, engine.configuration)
    notice = await report(engine, year)
    await until(lambda: bool(outcomes(engine, year)))
    (folder,) = engine.configuration.mail_dir.iterdir()
    (file,) = folder.iterdir()
    assert outcomes(engine, year) == [("NoticeFiled", notice, f"{folder.name}/{file.name}")]
    assert folder.name == year.now().date().isoformat()
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    assert message["To"].addresses[0].addr_spec == ADDRESS
    assert "готово" in message.get_content()


async def test_a_letter_that_leaves_names_the_act_and_the_date_before(
    engine: Engine, temporal_client: Client, tmp_path: Path
) -> None:
    """Read from the event when it is sent, as the words of people are."""
    year = await year_with_post(engine, temporal_client, tmp_path, engine.configuration)
    due_on = year.roadmap.measures[0].checkpoints[0].due_on
    request = ExtendDeadline(until=due_on + timedelta(days=30), reason="карантин", act="приказ № 12")
    command = make_command("extend", "chief", year.now(), None, request)
    await send(engine.client, engine.connection, measure_stream(year.roadmap.id, "1.1"), command, 30)
    await until(lambda: bool(outcomes(engine, year)))
    (file,) = engine.configuration.mail_dir.rglob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    said = message.get_content()
    assert "> карантин" in said
    assert "По документу: приказ № 12" in said
    assert f"Прежний срок: {due_on:%d.%m.%Y}" in said


async def test_letters_still_on_their_way_at_the_close_are_suppressed(
    engine: Engine, temporal_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The year does not wait for the post for ever; the log says that they were not sent."""
    monkeypatch.setattr("workflows.stream.CLOSING_LIMIT", timedelta(seconds=1))
    office = PostOffice()
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration)
        notice = await report(engine, year)
        await until(lambda: office.held == 1)
        left_open = await close_year(engine.client, engine.connection, year)
        assert left_open == ["1.1/1/uo"]
        await until(lambda: bool(outcomes(engine, year)))
        assert outcomes(engine, year) == [("NoticeSuppressed", notice, "closed")]
        for stream in (measure_stream(year.roadmap.id, "1.1"), year_stream(year.roadmap.id)):
            await temporal_client.get_workflow_handle(stream).result()


async def test_the_auditor_gets_a_checkpoint_by_post_that_holds_there(tmp_path: Path) -> None:
    """Ends of lines are signed too: what the mail server was given is the checkpoint byte for byte."""
    signer = Signer(tmp_path / "key")
    point = Checkpoint("vekha/x", 7, bytes(32))
    parcel = Parcel(point.origin, point.size, signer.public_keys(point.origin), signer.sign(point))
    office = PostOffice()
    office.hand.set()
    async with listening(office) as given:
        deliver = auditors_letter(given.model_copy(update={"checkpoint_dir": tmp_path}), ADDRESS)
        for _ in range(2):
            await asyncio.to_thread(deliver, parcel)
    (letter,) = office.arrived
    assert letter["To"] == ADDRESS
    attached = {part.get_filename(): part.get_content().decode() for part in letter.iter_attachments()}
    assert read_checkpoint(attached["latest.txt"], attached["key.pub"]) == point


async def test_a_late_year_writes_one_letter_about_its_past(
    engine: Engine, temporal_client: Client, tmp_path: Path
) -> None:
    """From its own stream; the measure was escalated to its end and sent nothing."""
    office = open_office()
    async with listening(office) as configuration:
        year = await year_with_post(engine, temporal_client, tmp_path, configuration, late=True)
        stream = year_stream(year.roadmap.id)

        def ended() -> set[str]:
            rows = engine.connection.execute("select type from vekha.event where stream = %s", (stream,)).fetchall()
            return {kind for (kind,) in rows} - {"YearStarted"}

        await until(lambda: ended() == {"NoticeDelivered", "NoticeFailed"})
        await until(lambda: len(outcomes(engine, year)) == 3)
    assert [(kind, detail) for kind, _, detail in outcomes(engine, year)] == [("NoticeSuppressed", "before-start")] * 3
    (message,) = office.arrived
    assert message["X-Vekha-Notice"].startswith("year:late-start:")
    assert message["To"].addresses[0].addr_spec == ADDRESS  # the body itself has no address here: its letter has failed
    assert "1.1. Мониторинг" in message.get_content()
