"""Where services are looked for, and what is said when they are not there."""

from __future__ import annotations

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
