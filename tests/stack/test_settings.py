"""Where services are looked for, and what is said when they are not there."""

from __future__ import annotations

import traceback
from dataclasses import asdict
from pathlib import Path

import pytest

import settings
from domain.errors import BadSettings, Unavailable
from settings import Endpoints
from stack.home import write_private

LASTING = Endpoints("postgresql://vekha:x@127.0.0.1:2/vekha", "127.0.0.1:3", "vekha", "http://127.0.0.1:4")


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))
    monkeypatch.setenv("VEKHA_VAR", str(tmp_path))


@pytest.fixture
def lasting(tmp_path: Path) -> Endpoints:
    """Leave the addresses of a lasting stack."""
    (tmp_path / "up").mkdir()
    write_private(tmp_path / "up" / "stack.json", asdict(LASTING))
    return LASTING


def test_the_environment_comes_first(lasting: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person sets counts more than what lies about."""
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://there/log")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "there:7233")
    assert settings.database_url() == "postgresql://there/log"
    assert settings.temporal_config() == {"target_host": "there:7233", "namespace": "vekha"}
    assert lasting.database_url != settings.database_url()


def test_the_lasting_stack_comes_second(lasting: Endpoints) -> None:
    """After `make up` nothing need be set."""
    assert settings.database_url() == lasting.database_url
    assert settings.temporal_config() == {"target_host": lasting.temporal_address, "namespace": "vekha"}


def test_without_either_the_sentence_says_what_to_do() -> None:
    """It names the command and the variable."""
    with pytest.raises(Unavailable, match="run make up or set DATABASE_URL"):
        settings.database_url()
    with pytest.raises(Unavailable, match="run make up or set TEMPORAL_ADDRESS"):
        settings.temporal_config()


SECRET = "s3cret-key"


@pytest.mark.parametrize(
    "broken",
    [
        f'[profile.default]\napi_key = "{SECRET}\n',
        f"[profile.default]\n{SECRET}\n",
        f'[profile.default]\napi_key = "{SECRET}" "{SECRET}"\n',
        f'[profile.default.tls]\nclient_cert_data = "{SECRET}"\nclient_cert_path = "x"\n',
    ],
)
def test_a_broken_file_of_temporals_is_told_without_what_stands_in_it(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lines may be keys: the place is told, in a traceback neither."""
    file = tmp_path / "temporal.toml"
    file.write_text(broken, encoding="utf-8")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    with pytest.raises(BadSettings, match="TEMPORAL_CONFIG_FILE") as caught:
        settings.temporal_config()
    assert ("строка 2, знак" in caught.value.ru, "line 2, column" in caught.value.en) == ("tls" not in broken,) * 2
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_a_silent_temporal_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence has the address that did not answer."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1"):
        await settings.connect_temporal()


def test_another_kind_of_database_is_refused() -> None:
    """The log needs PostgreSQL."""
    with pytest.raises(BadSettings):
        settings.plain_url("sqlite:///log.db")


def test_folders_follow_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable moves everything, another moves one thing."""
    assert settings.settings().evidence_dir == tmp_path / "evidence"
    monkeypatch.setenv("VEKHA_MAIL_DIR", "/elsewhere")
    assert settings.settings().mail_dir == Path("/elsewhere")


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ("vekha@edu.example", ("", "vekha@edu.example")),
        ("Веха <vekha@edu.example>", ("Веха", "vekha@edu.example")),
        ('"Отдел, Веха" <vekha@школа.рф>', ("Отдел, Веха", "vekha@xn--80atdl2c.xn--p1ai")),
        ("<vekha@edu.example>", ("", "vekha@edu.example")),
    ],
)
def test_the_sender_of_letters_may_have_a_name(
    given: str, sender: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As people write it in their mail programs."""
    monkeypatch.setenv("VEKHA_SMTP_FROM", given)
    found = settings.settings().smtp_sender
    assert (found.display_name, found.addr_spec) == sender


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"SMTP_FROM": "vekha"}, "SMTP_FROM"),
        ({"SMTP_FROM": "Веха vekha@edu.example"}, "SMTP_FROM"),
        ({"SMTP_FROM": "Веха <vekha>"}, "SMTP_FROM"),
        ({"SMTP_FROM": "веха@edu.example"}, "SMTP_FROM"),
        ({"SMTP_FROM": "a@edu.example, b@edu.example"}, "SMTP_FROM"),
        ({"SMTP_FROM": "Веха\nBcc: x@y <vekha@edu.example>"}, "SMTP_FROM"),
        ({"CHECKPOINT_MAIL": "auditor"}, "CHECKPOINT_MAIL"),
        ({"SMTP_HOST": "smtp://mail.example"}, "SMTP_HOST"),
        ({"SMTP_HOST": "mail.example:587"}, "SMTP_HOST"),
        ({"SMTP_HOST": "mail.example/x"}, "SMTP_HOST"),
        ({"SMTP_HOST": "mail example"}, "SMTP_HOST"),
        ({"SMTP_PORT": "0"}, "SMTP_PORT"),
        ({"SMTP_TLS": "ssl"}, "SMTP_TLS"),
        ({"SMTP_USER": "vekha"}, "SMTP_PASSWORD"),
        ({"SMTP_PASSWORD": "x"}, "SMTP_USER"),
        ({"SMTP_TLS": "implicit", "SMTP_STARTTLS": "true"}, "SMTP_TLS"),
        ({"SMTP_TIMEOUT": "0"}, "SMTP_TIMEOUT"),
    ],
)
def test_settings_of_the_mail_are_checked_when_they_are_read(
    variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in three days, when a letter has failed: the sentence names the variable, in both languages."""
    for name, value in variables.items():
        monkeypatch.setenv(f"VEKHA_{name}", value)
    with pytest.raises(BadSettings) as caught:
        settings.settings()
    for lang in ("ru", "en"):
        assert f"VEKHA_{named}" in caught.value.text(lang)


@pytest.mark.parametrize("host", ["mail.example", "почта.школа.рф", "10.0.0.1", "::1", "mail", "mail.example."])
def test_a_host_is_a_name_or_a_number(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else is."""
    monkeypatch.setenv("VEKHA_SMTP_HOST", host)
    assert settings.settings().smtp_host == host


@pytest.mark.parametrize(
    ("variables", "port", "security"),
    [
        ({}, 25, "none"),
        ({"SMTP_PORT": "587"}, 587, "none"),
        ({"SMTP_PORT": "587", "SMTP_STARTTLS": "true"}, 587, "starttls"),
        ({"SMTP_PORT": "587", "SMTP_TLS": "starttls"}, 587, "starttls"),
        ({"SMTP_PORT": "465"}, 465, "implicit"),
        ({"SMTP_PORT": "465", "SMTP_STARTTLS": "true"}, 465, "implicit"),
        ({"SMTP_PORT": "465", "SMTP_TLS": "none"}, 465, "none"),
        ({"SMTP_TLS": "implicit"}, 465, "implicit"),
        ({"SMTP_TLS": "implicit", "SMTP_PORT": "8465"}, 8465, "implicit"),
    ],
)
def test_port_465_begins_with_tls(
    variables: dict[str, str], port: int, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it is said otherwise; the older VEKHA_SMTP_STARTTLS goes on to work."""
    for name, value in variables.items():
        monkeypatch.setenv(f"VEKHA_{name}", value)
    found = settings.settings()
    assert (found.smtp_port, found.smtp_security) == (port, security)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("wakes_per_second", "2.5", "0"),
        ("sticky_seconds", "5", "61"),
        ("cached_workflows", "13700", "0"),
        ("history_shards", "1024", "0"),
    ],
)
def test_what_steers_the_engine_is_read_or_named(
    name: str, good: str, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that would stop it is refused before anything starts, with the variable's name."""
    variable = f"VEKHA_{name.upper()}"
    monkeypatch.setenv(variable, good)
    assert getattr(settings.settings(), name) == float(good)
    monkeypatch.setenv(variable, bad)
    with pytest.raises(BadSettings, match=variable):
        settings.settings()
