"""Mail servers: whom a refusal is about, what they say in whatever bytes, and that many letters share a connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from structlog.testing import capture_logs

from activities.answers import LONGEST, cleaned
from activities.auditor import auditors_letter
from activities.mail import DelayedError, Session, UndeliverableError, deliver, post_for
from domain.codec import event_record, read_event
from domain.commands import ReportExecution
from domain.events import NoticeFailed
from domain.notices import Notice
from domain.year import YEAR, started
from eventlog.checkpoints import Checkpoint, Parcel, Signer
from settings import Settings
from tests.doors.calling import until
from tests.mail.office import OK, Answer, PostOffice, listening, open_office
from tests.views.example_year import MONITORING, ROADMAP, Life, local, plan

ADDRESS = "chief@office.example"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def letter(to: str = ADDRESS) -> EmailMessage:
    """Give a letter."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "vekha@office.example", to, "Срок"
    message.set_content("Отчитайтесь.")
    return message


async def sent(configuration: Settings) -> str | Exception:
    """Send a letter; return where it went, or why it did not."""
    try:
        return await post_for(configuration).send(letter(), "name")
    except (UndeliverableError, DelayedError) as error:
        return error


async def trouble(configuration: Settings) -> tuple[type[Exception], bool | None]:
    """Send a letter that does not go; return what kind of failure it was, and whether it is about us."""
    error = await sent(configuration)
    assert isinstance(error, Exception), error
    assert "@" not in str(error)
    return type(error), getattr(error, "ours", None)


FINAL = (UndeliverableError, None)
OURS = (DelayedError, True)
THEIRS = (DelayedError, False)


@pytest.mark.parametrize(
    ("stage", "answer", "kind"),
    [
        # The addressee is refused: that is the end.
        ("answers", "550 5.1.1 <chief@office.example>: Recipient address rejected: User unknown", FINAL),
        ("answers", "550 no such user", FINAL),
        ("answers", "550 Requested action not taken: mailbox unavailable", FINAL),
        ("answers", "550 5.4.1 Recipient address rejected: Access denied", FINAL),
        ("answers", "551 5.1.6 User has moved", FINAL),
        ("answers", "552 5.2.2 Mailbox full", FINAL),
        ("answers", "553 5.1.3 bad address syntax", FINAL),
        ("answers", "554 delivery error: this user has no account here", FINAL),
        ("answers", "556 5.1.10 domain does not accept mail", FINAL),
        # So is this very letter.
        ("letters", "552 5.3.4 Message too big for system", FINAL),
        ("letters", "554 5.6.0 message content rejected", FINAL),
        ("letters", "554 Transaction failed", FINAL),
        # We are refused, whatever the code and the stage: somebody has to look, and the letter waits.
        ("senders", "550 5.1.8 sender address rejected: domain not found", OURS),
        ("senders", "553 5.7.1 Sender address rejected: not owned by user", OURS),
        ("senders", "550 no", OURS),
        ("senders", "530 5.7.0 Must issue a STARTTLS command first", OURS),
        ("senders", "530 5.7.0 Authentication required", OURS),
        ("senders", "452 4.3.1 Insufficient system storage", OURS),
        ("senders", "451 4.7.1 try again later", OURS),
        ("answers", "530 5.7.0 Authentication required", OURS),
        ("answers", "535 5.7.8 authentication failed", OURS),
        ("answers", "534 too weak", OURS),
        ("answers", "538 encryption required", OURS),
        ("answers", "503 need MAIL first", OURS),
        ("answers", "554 5.7.1 <chief@office.example>: Relay access denied", OURS),
        ("answers", "550 relay not permitted", OURS),
        ("answers", "550 5.1.8 Sender address rejected: Domain not found", OURS),
        ("answers", "550 5.7.1 daily sending quota exceeded", OURS),
        ("answers", "550 Message rate limit exceeded, try again later", OURS),
        ("answers", "550 Превышен лимит писем для отправителя".encode(), OURS),
        ("answers", "550 Превышен лимит писем".encode("cp1251"), OURS),
        ("answers", "421 4.7.0 Too many connections", OURS),
        ("answers", "451 4.7.1 Greylisted", OURS),
        ("answers", "450 Requested mail action not taken", OURS),
        ("answers", "452 too many recipients today", OURS),
        ("letters", "554 5.7.1 [2] Message rejected under suspicion of SPAM", OURS),
        ("letters", "550 5.7.26 unauthenticated email is not accepted", OURS),
        ("letters", "550 spam message rejected", OURS),
        ("letters", "452 4.3.1 insufficient storage", OURS),
        ("answers", "999 what", OURS),
        ("answers", "354 go on", OURS),
        # The addressee, for now.
        ("answers", "450 4.2.0 mailbox busy", THEIRS),
        ("answers", "452 4.2.2 mailbox full", THEIRS),
    ],
)
async def test_a_refusal_is_final_only_where_it_is_about_the_addressee_or_the_letter(
    stage: str, answer: Answer, kind: tuple[type[Exception], bool | None]
) -> None:
    """By the stage that was answered, the code, the enhanced code and, where these leave it open, the words."""
    async with listening(open_office(**{stage: [answer]})) as configuration:
        with capture_logs() as logs:
            assert await trouble(configuration) == kind
        assert [log["event"] for log in logs if log["log_level"] == "error"] == ["letters do not leave"] * (
            kind == OURS
        )
        assert not any("@" in str(log) for log in logs)
        assert await sent(configuration) == "SMTP"  # what was refused once is sent the next time


WORDS = "пользователь не найден, ящика нет"
TOLD = {
    "UTF-8": (WORDS.encode(), WORDS),
    "Windows-1251": (WORDS.encode("cp1251"), WORDS),
    "KOI8-R": (WORDS.encode("koi8-r"), None),
    "NUL and controls": (b"no \x00such\x07 \x1b[2Juser\x9f\x7f", None),
    "halves of surrogates": (b"no \xed\xa0\x80 such \xed\xb0\x80 user", None),
    "a byte that no table has": (b"\x98 \xff\xfe", None),
    "an address": (b'<chief@office.example> (chief@[10.0.0.1], "a"@b.example, x@xn--80a.example) unknown', None),
    "the mailbox alone": (b"user CHIEF unknown; chief, 'chief', chief.", "user … unknown; …, '…', …."),
    "very long": (b"no such user " + b"x" * 7000, None),
    "long with addresses": (b"chief@office.example " * 380, None),
    "bidi and zero width": ("no\u202e such\u200b user".encode(), "no such user"),
}


@pytest.mark.parametrize("name", TOLD)
async def test_whatever_a_server_says_can_be_written_down_and_read_again(name: str) -> None:
    """In the tables that are usual in Russia, with what no text may hold, with addresses: one clean line."""
    raw, wanted = TOLD[name]
    async with listening(open_office(answers=[b"550 5.1.1 " + raw])) as configuration:
        error = await sent(configuration)
    assert isinstance(error, UndeliverableError)
    detail = str(error)
    assert detail.startswith("550 5.1.1 ")
    assert "chief" not in detail.casefold()
    assert "@" not in detail
    assert len(detail) <= LONGEST
    assert detail.isprintable()
    if wanted is not None:
        assert detail == f"550 5.1.1 {wanted}"
    at = local("2021-09-01T10:00")
    life = Life(plan(MONITORING))
    event = replace(life.events[0], fact=NoticeFailed("1.1/1/uo:reported:x:uo", detail), at=at)
    assert read_event(event_record(event, life.stream, 2, "me")) == event


@pytest.mark.parametrize("raw", [b"550 " + b"no " * 400_000, b"no reply\r\n" * 5, b"\xff" * 50])
async def test_what_is_no_answer_of_a_mail_server_ends_the_connection_and_not_the_letter(raw: bytes) -> None:
    """A megabyte of answer, or none that has a code: the letter is tried again, the next one goes by a new connection."""
    office = open_office(answers=[raw])
    async with listening(office) as configuration, post_for(configuration).session() as session:
        with pytest.raises(DelayedError) as caught:
            await session.send(letter(), "one")
        assert caught.value.ours
        assert len(str(caught.value)) <= LONGEST
        assert await session.send(letter(), "two") == "SMTP"
    assert (office.connections, len(office.arrived)) == (2, 1)


def test_an_address_is_never_cut_in_half_and_shown() -> None:
    """Not at the place up to which a long answer is looked at."""
    for before in range(1970, 2010):
        assert "chief" not in cleaned("x" * 40 + " " + "y" * (before - 41) + " chief@office.example", limit=3000)
    assert cleaned("a" * 5000) == ""
    assert cleaned("\ud800 x \udfff") == "? x ?"


async def test_many_letters_go_by_one_connection() -> None:
    """A refused addressee in between is the others' business not at all."""
    office = open_office(answers=[OK, "550 5.1.1 no such user", "450 4.2.0 busy", OK])
    async with listening(office) as configuration, post_for(configuration).session() as session:
        assert await session.send(letter(), "1") == "SMTP"
        with pytest.raises(UndeliverableError):
            await session.send(letter(), "2")
        with pytest.raises(DelayedError):
            await session.send(letter(), "3")
        assert await session.send(letter(), "4") == "SMTP"
    assert (office.connections, len(office.arrived)) == (1, 2)


async def test_a_server_that_refuses_us_is_asked_once_a_session() -> None:
    """A hundred letters with a wrong password are no hundred logins: an account would be locked."""
    office = open_office()
    async with listening(office) as given:
        configuration = given.model_copy(update={"smtp_user": "vekha", "smtp_password": SecretStr("wrong")})
        with capture_logs() as logs:
            async with post_for(configuration).session() as session:
                for name in ("1", "2", "3"):
                    with pytest.raises(DelayedError) as caught:
                        await session.send(letter(), name)
                    assert caught.value.ours
                    assert "535" in str(caught.value)
        assert len([log for log in logs if log["log_level"] == "error"]) == 1
        tried = office.logins
        assert tried in {1, 2}  # each way of logging in that the server offers
        right = configuration.model_copy(update={"smtp_password": SecretStr("right")})
        assert await sent(right) == "SMTP"
    assert len(office.arrived) == 1


async def test_a_sender_who_is_refused_is_not_offered_again_and_again() -> None:
    """Nor is a server that has said that it closes."""
    for office in (open_office(senders=["550 5.7.1 no"]), open_office(answers=["421 4.7.0 closing"])):
        async with listening(office) as configuration, post_for(configuration).session() as session:
            for name in ("1", "2"):
                with pytest.raises(DelayedError):
                    await session.send(letter(), name)
        assert (office.connections, len(office.arrived)) == (1, 0)


async def test_a_connection_that_was_lost_between_two_letters_is_made_again() -> None:
    """Servers end what has been silent, or has carried its share."""
    office = open_office()
    async with listening(office, timeout=0.05) as configuration, post_for(configuration).session() as session:
        assert await session.send(letter(), "1") == "SMTP"
        client = session._client  # type: ignore[attr-defined]  # noqa: SLF001 - to wait for what the server does
        await until(lambda: not client.is_connected)
        assert await session.send(letter(), "2") == "SMTP"
    assert (office.connections, len(office.arrived)) == (2, 2)


@asynccontextmanager
async def saying(greeting: bytes) -> AsyncIterator[Settings]:
    """Give the settings of a server that says one thing to everybody."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield Settings(smtp_host="127.0.0.1", smtp_port=server.sockets[0].getsockname()[1], smtp_timeout=5)


@pytest.mark.parametrize(
    "greeting", [b"554 5.7.1 your host is blocked\r\n", b"421 too busy\r\n", b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"]
)
async def test_a_server_that_does_not_let_us_in_is_tried_again(greeting: bytes) -> None:
    """Nothing was refused to the addressee: the letter waits, and somebody is told."""
    async with saying(greeting) as configuration:
        assert await trouble(configuration) == OURS


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    """No such host, nobody behind the port, a name that is none."""
    async with listening(PostOffice()) as configuration:
        pass
    assert await trouble(configuration) == OURS
    for host in ("nowhere.invalid", "a" * 70 + ".example"):
        assert await trouble(configuration.model_copy(update={"smtp_host": host})) == OURS


async def test_a_server_without_the_tls_that_is_asked_for_gets_no_password() -> None:
    """The letter waits."""
    office = open_office()
    async with listening(office) as given:
        credentials = {"smtp_user": "vekha", "smtp_password": SecretStr("right")}
        for tls in ("starttls", "implicit"):
            changes = {**credentials, "smtp_tls": tls, "smtp_timeout": 5.0}
            assert await trouble(given.model_copy(update=changes)) == OURS
    assert office.logins == 0


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give a server's certificate for localhost, which this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "cert.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return context


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_letters_go_over_tls(certificate: ssl.SSLContext, tls: str) -> None:
    """From the first byte, as on port 465, or after STARTTLS; a certificate that does not fit is refused."""
    office = open_office()
    kind = {"implicit": certificate} if tls == "implicit" else {"tls_context": certificate, "require_starttls": True}
    async with listening(office, **kind) as given:
        configuration = given.model_copy(update={"smtp_tls": tls, "smtp_host": "localhost"})
        assert await sent(configuration) == "SMTP"
        assert await trouble(configuration.model_copy(update={"smtp_host": "127.0.0.1"})) == OURS
        assert await trouble(configuration.model_copy(update={"smtp_tls": "none", "smtp_timeout": 1.0})) == OURS
    assert len(office.arrived) == 1


async def test_the_sender_may_have_a_name(tmp_path: Path) -> None:
    """In From it is shown; the envelope, the Message-ID and the auditor's letter have the address alone."""
    office = open_office()
    async with listening(office) as given:
        configuration = Settings(
            smtp_host=given.smtp_host,
            smtp_port=given.smtp_port,
            smtp_from="Веха <vekha@edu.example>",
            checkpoint_dir=tmp_path,
        )
        assert await told(configuration, ADDRESS) == ("delivered", "SMTP")
        signer = Signer(tmp_path / "key")
        point = Checkpoint("vekha/x", 7, bytes(32))
        parcel = Parcel(point.origin, point.size, signer.public_keys(point.origin), signer.sign(point))
        await asyncio.to_thread(auditors_letter(configuration, ADDRESS), parcel)
    assert len(office.arrived) == 2
    for message in office.arrived:
        (sender,) = message["From"].addresses
        assert (sender.display_name, sender.addr_spec) == ("Веха", "vekha@edu.example")
        assert message["Message-ID"].endswith("@edu.example>")


def owed() -> tuple[Notice, Life]:
    """Return a letter to the controller about a report of the first of September 2021, and the life that owes it."""
    life = Life(plan(MONITORING)).until("2021-08-31T10:00")
    life.hear("2021-09-01T10:00", "school-6", ReportExecution(note="готово"))
    at = local("2021-09-01T10:00")
    notice = Notice("1.1/1/school-6:reported:c-1:uo", "reported", "uo", "1.1/1/school-6", at, at, words="готово")
    return notice, life


async def told(
    configuration: Settings, address: str | None, *, stream: str | None = None, session: Session | None = None
) -> tuple[str, str]:
    """Send that letter at NOW; return what became of it."""
    notice, life = owed()
    async with post_for(configuration).session() as own:
        return await deliver(
            session or own,
            notice,
            state=life.state,
            stream=stream or life.stream,
            address=address,
            now=NOW,
            configuration=configuration,
        )


async def test_a_letter_bears_the_day_of_its_sending_and_tells_the_day_of_its_event() -> None:
    """A mail program sorts it where its reader looks, not years back."""
    office = open_office()
    async with listening(office) as configuration:
        assert await told(configuration, ADDRESS) == ("delivered", "SMTP")
        assert await told(configuration.model_copy(update={"lang": "en"}), ADDRESS)
    russian, english = office.arrived
    assert russian["Date"] == "Mon, 02 Mar 2026 12:30:00 +0300"
    assert "Дата события: 01.09.2021" in russian.get_content()
    assert "Date of the event: 01.09.2021" in english.get_content()


async def test_each_outcome_is_told_as_what_it_is(tmp_path: Path) -> None:
    """Delivered is what a mail server took, and nothing else."""
    async with listening(open_office(answers=["550 5.1.1 no such user"])) as configuration:
        assert await told(configuration, ADDRESS) == ("failed", "550 5.1.1 no such user")
        assert await told(configuration, None) == ("failed", "no address for uo")
        assert await told(configuration, "nobody at all") == ("failed", "no good address for uo")
        assert await told(configuration, "школа@office.example") == ("failed", "no good address for uo")
        played = "pyatigorsk-969-1-2021~r1/m/1.1"
        assert await told(configuration, ADDRESS, stream=played) == ("suppressed", "rehearsal")
    files = Settings(mail_dir=tmp_path)
    for address, stream in ((ADDRESS, None), (None, None), (ADDRESS, played)):
        outcome, detail = await told(files, address, stream=stream)
        assert outcome == "filed"
        message = message_from_bytes((tmp_path / detail).read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        assert message["To"].addresses[0].addr_spec == (address or "uo@vekha.invalid")
        assert (tmp_path / detail).parent == tmp_path / "2021-09-01"  # a folder a day


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    """The disk is full, or somebody put a file there."""
    (tmp_path / "letters").write_text("")
    with pytest.raises(DelayedError) as caught:
        await told(Settings(mail_dir=tmp_path / "letters"), ADDRESS)
    assert caught.value.ours


async def test_the_letter_of_a_late_year_goes_like_any_other() -> None:
    """It is the year's own, and about no measure."""
    at = local("2021-12-15T10:00")
    first = started(ROADMAP, "", at, at)
    state = YEAR.evolve(YEAR.begin(first), first)
    office = open_office()
    async with listening(office) as configuration, post_for(configuration).session() as session:
        for notice in state.outbox.values():
            outcome = await deliver(
                session,
                notice,
                state=state,
                stream="pyatigorsk-969-1-2021/year",
                address=ADDRESS,
                now=NOW,
                configuration=configuration,
            )
            assert outcome == ("delivered", "SMTP")
    assert office.connections == 1
    assert len(office.arrived) == len(state.outbox) > 2
    assert len({message["Message-ID"] for message in office.arrived}) == len(state.outbox)
