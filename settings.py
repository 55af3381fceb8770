"""What can be set from outside, and how to reach the two services.

Ours comes from the environment (`DATABASE_URL` and `VEKHA_*`); Temporal's own (`TEMPORAL_ADDRESS`,
`TEMPORAL_NAMESPACE`, TLS, API key, profiles) is read by `temporalio.envconfig`. Where neither names a service, the
lasting stack of this machine is used: `make up` leaves its addresses in `var/up/stack.json`, and those for the worker,
with its login, in `var/up/worker.json`.
"""

from __future__ import annotations

import json
import logging
import os
import re
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import BadSettings, Lang, Unavailable

if TYPE_CHECKING:
    from email.headerregistry import Address

    from temporalio.client import Client
    from temporalio.envconfig import ClientConnectConfig
    from temporalio.runtime import Runtime

ROOT = Path(__file__).resolve().parent
NAMESPACE = "vekha"
FOR_DOORS, FOR_WORKER = "stack.json", "worker.json"
IMPLICIT_TLS_PORT = 465
TemporalKind = Literal["server", "dev-server"]
HOST = re.compile(r"\w([\w.-]*\w)?\.?")


class Settings(BaseSettings):
    """Our own settings. An empty variable counts as not set."""

    # Defaults are taken as they stand: what checks an address is loaded by those who set one.
    model_config = SettingsConfigDict(
        env_prefix="VEKHA_", env_ignore_empty=True, frozen=True, populate_by_name=True, validate_default=False
    )

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    lang: Lang = "ru"
    var: Path = ROOT / "var"
    evidence_dir: Path = Path()  # `var`/evidence
    mail_dir: Path = Path()  # `var`/letters: where letters lie when no SMTP server is set

    checkpoint_dir: Path = Path()  # `var`/checkpoints: what the log had come to, signed, outside the database
    checkpoint_copy: Path | None = None  # a second folder for them: another disk, a bucket that only appends
    checkpoint_mail: str | None = None  # the auditor's address, for one checkpoint a day and every alarm
    checkpoint_url: str | None = Field(default=None, pattern="^(https?|s3)://.")  # a bucket that only appends
    checkpoint_token: SecretStr | None = None  # and what opens it: for http and https a bearer token,
    checkpoint_s3_key: str | None = None  # for s3://bucket/prefix an access key
    checkpoint_s3_secret: SecretStr | None = None
    checkpoint_s3_region: str = "us-east-1"
    checkpoint_s3_endpoint: str | None = Field(default=None, pattern="^https?://.")  # AWS in that region

    smtp_host: str | None = None
    smtp_port: int = Field(default=25, ge=1, le=65535)  # 465 with implicit TLS
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "implicit"] | None = None  # by default as the port and smtp_starttls say
    smtp_starttls: bool = False
    smtp_from: str = "vekha@localhost"  # an address, or a name with one: Веха <vekha@edu.example>
    smtp_timeout: float = Field(default=30, gt=0)  # seconds

    # So many measures that wait for one instant are woken in a second, the others after them: commands keep their time.
    wakes_per_second: float = Field(default=6, gt=0)
    # How long a task waits for the worker that has its workflow at hand, before any other may take it; a worker that ends
    # cleanly hands on at once. And how many workflows a worker keeps at hand.
    sticky_seconds: float = Field(default=10, gt=0, le=60)
    cached_workflows: int = Field(default=5000, ge=1)

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    # Which Temporal a stack of this machine is made with; None: as `stack/temporal.py` chooses.
    temporal: TemporalKind | None = None

    # The lasting stack of this machine listens here, on the loopback only.
    postgres_port: int = Field(default=25432, ge=1, le=65535)
    temporal_port: int = Field(default=7233, ge=1, le=65535)
    ui_port: int = Field(default=8233, ge=1, le=65535)
    # Of a Temporal server that is made here: fixed for good with its database. None: as `stack/temporal.py` has it.
    history_shards: int | None = Field(default=None, ge=1, le=16384)

    # Servers for `make demo` and `make test` instead of their own ones.
    test_database_url: str | None = None
    test_temporal_address: str | None = None

    @property
    def smtp_security(self) -> Literal["none", "starttls", "implicit"]:
        """Return how a connection to the mail server is made safe: port 465 begins with TLS unless it is said otherwise."""
        if self.smtp_tls is not None:
            return self.smtp_tls
        if self.smtp_port == IMPLICIT_TLS_PORT:
            return "implicit"
        return "starttls" if self.smtp_starttls else "none"

    @property
    def smtp_sender(self) -> Address:
        """Return the sender of letters."""
        from domain.addresses import mailbox  # noqa: PLC0415  for those who write letters

        return mailbox(self.smtp_from)

    @property
    def checkpoint_key(self) -> Path:
        """Return the file of the key that checkpoints are signed with."""
        return self.var / "keys" / "checkpoint.key"

    @property
    def checkpoint_folders(self) -> list[Path]:
        """Return the folders that checkpoints are written to."""
        return [self.checkpoint_dir, *([self.checkpoint_copy] if self.checkpoint_copy else [])]

    @model_validator(mode="before")
    @classmethod
    def _folders_follow_var(cls, given: dict[str, object]) -> dict[str, object]:
        var = Path(str(given.get("var", ROOT / "var"))).absolute()
        return (
            {
                "evidence_dir": var / "evidence",
                "mail_dir": var / "letters",
                "checkpoint_dir": var / "checkpoints",
            }
            | ({"smtp_port": IMPLICIT_TLS_PORT} if given.get("smtp_tls") == "implicit" else {})
            | given
            | {"var": var}
        )

    @field_validator("smtp_from", "checkpoint_mail")
    @classmethod
    def _an_address(cls, given: str | None) -> str | None:
        from domain.addresses import BadAddress, mailbox  # noqa: PLC0415  for those who set one

        try:
            return given and str(mailbox(given)) and given
        except BadAddress as error:
            raise ValueError(given) from error

    @field_validator("smtp_host")
    @classmethod
    def _a_host(cls, given: str | None) -> str | None:
        """Refuse what is more than a host's name or number: a scheme, a port, a path."""
        if given is not None and not HOST.fullmatch(given):
            IPv6Address(given)  # ValueError, which tells the variable
        return given

    @model_validator(mode="after")
    def _mail_fits_together(self) -> Self:
        """Raise BadSettings where two settings of the mail server contradict each other."""
        if (self.smtp_user is None) != (self.smtp_password is None):
            there, missing = ("USER", "PASSWORD") if self.smtp_password is None else ("PASSWORD", "USER")
            raise BadSettings(
                f"Задана VEKHA_SMTP_{there}, а VEKHA_SMTP_{missing} нет: задайте обе или уберите.",
                f"VEKHA_SMTP_{there} is set and VEKHA_SMTP_{missing} is not: set both, or neither.",
            )
        if self.smtp_starttls and self.smtp_tls not in (None, "starttls"):
            raise BadSettings(
                f"VEKHA_SMTP_TLS={self.smtp_tls} противоречит VEKHA_SMTP_STARTTLS: уберите вторую.",
                f"VEKHA_SMTP_TLS={self.smtp_tls} contradicts VEKHA_SMTP_STARTTLS: remove the latter.",
            )
        return self


@dataclass(frozen=True)
class Endpoints:
    """Where the services of one stack are. `database_url` holds a password."""

    database_url: str
    temporal_address: str
    temporal_namespace: str
    ui_url: str | None = None

    def environment(self) -> dict[str, str]:
        """Give the environment that points a process of ours at these services."""
        return {
            "DATABASE_URL": self.database_url,
            "TEMPORAL_ADDRESS": self.temporal_address,
            "TEMPORAL_NAMESPACE": self.temporal_namespace,
        }

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read what a stack wrote to `path`; None when it is not there or was cut short."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def settings() -> Settings:
    """Read the environment. Raises BadSettings, which names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper() or "?"
        name = name if name == "DATABASE_URL" else f"VEKHA_{name.removeprefix('VEKHA_')}"
        raise BadSettings(
            f"Переменная окружения {name} не читается: {first['input']!r}. Исправьте её или уберите.",
            f"The environment variable {name} cannot be read: {first['input']!r}. Correct it or remove it.",
        ) from None


def lasting_stack(*, worker: bool = False) -> Endpoints | None:
    """Give the addresses of the stack that `make up` started here, if there is one. Raises Unavailable.

    For a `worker` those with its login to the database, else those with the doors'.
    """
    path = settings().var / "up" / (FOR_WORKER if worker else FOR_DOORS)
    try:
        return Endpoints.read(path)
    except PermissionError:
        raise Unavailable(
            f"Стек запущен другим пользователем, {path} не читается: задайте DATABASE_URL и TEMPORAL_ADDRESS.",
            f"Another user runs the stack, {path} cannot be read: set DATABASE_URL and TEMPORAL_ADDRESS.",
        ) from None


def remedy(variable: str) -> tuple[str, str]:
    """Say what to do where a service does not answer, in both languages: `variable` has its address, where it is set."""
    if os.environ.get(variable):
        return f"проверьте {variable} и то, работает ли сервер", f"check {variable}, and whether the server runs"
    return "выполните make up", "run make up"


def plain_url(url: str) -> str:
    """Give `url` as libpq takes it: without the name of a driver. Raises BadSettings for another kind of database."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise BadSettings(
            "DATABASE_URL должен начинаться с postgresql:// — другие базы данных не поддерживаются.",
            "DATABASE_URL must begin with postgresql:// — other databases are not supported.",
        )
    return f"postgresql://{rest}"


def database_url(*, worker: bool = False) -> str:
    """Give the address of the log's database, for a `worker` or for a door. Raises Unavailable when none is known."""
    if given := settings().database_url:
        return plain_url(given)
    if lasting := lasting_stack(worker=worker):
        return lasting.database_url
    raise Unavailable(
        "База данных не задана: выполните make up или задайте DATABASE_URL.",
        "No database: run make up or set DATABASE_URL.",
    )


def temporal_config() -> ClientConnectConfig:
    """Give the connection to Temporal: environment and profile first, then the lasting stack. Raises Unavailable."""
    from temporalio.envconfig import ClientConfig  # noqa: PLC0415  half a second that only its callers pay

    try:
        config = ClientConfig.load_client_connect_config()
    except RuntimeError as error:
        ru, en = _place_in_config(str(error))
        # The error quotes the line of the file, which may be a key: neither it nor a traceback may repeat it.
        raise BadSettings(
            f"Настройки Temporal не читаются{ru}. Проверьте переменные TEMPORAL_* и файл TEMPORAL_CONFIG_FILE.",
            f"Temporal's settings cannot be read{en}. Check TEMPORAL_* and the file TEMPORAL_CONFIG_FILE.",
        ) from None
    if "target_host" not in config:
        lasting = lasting_stack()
        if lasting is None:
            raise Unavailable(
                "Temporal не задан: выполните make up или задайте TEMPORAL_ADDRESS.",
                "No Temporal: run make up or set TEMPORAL_ADDRESS.",
            )
        config["target_host"] = lasting.temporal_address
        config.setdefault("namespace", lasting.temporal_namespace)
    config.setdefault("namespace", NAMESPACE)
    return config


def _place_in_config(error: str) -> tuple[str, str]:
    """Return where in its file Temporal's configuration is wrong, as far as the error says, and nothing of what stands there."""
    found = re.search(r"at line (\d+), column (\d+)", error)
    return (f": строка {found[1]}, знак {found[2]}", f": line {found[1]}, column {found[2]}") if found else ("", "")


@cache
def _silent() -> Runtime:
    """Make a runtime of Temporal's client that tells nothing: it would on standard output, and errors say what came of it."""
    from temporalio import runtime  # noqa: PLC0415  half a second that only its callers pay

    return runtime.Runtime(telemetry=runtime.TelemetryConfig(logging=runtime.LoggingConfig("off")))


@cache
def _telling() -> Runtime:
    """Make a runtime of Temporal's client that tells our log what it warns of, such as calls that it tries again."""
    from temporalio import runtime  # noqa: PLC0415  half a second that only its callers pay

    forwarding = runtime.LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    worth = runtime.TelemetryFilter(core_level="WARN", other_level="ERROR")
    return runtime.Runtime(telemetry=runtime.TelemetryConfig(logging=runtime.LoggingConfig(worth, forwarding)))


async def connect_temporal(*, warns: bool = False) -> Client:
    """Connect to Temporal. Raises Unavailable when it is not set or does not answer.

    With `warns` the client tells the log of calls that it tries again.
    """
    from temporalio.client import Client  # noqa: PLC0415  half a second that only its callers pay

    from wire.payloads import CONVERTER  # noqa: PLC0415  the same

    config = temporal_config()
    try:
        return await Client.connect(**config, data_converter=CONVERTER, runtime=_telling() if warns else _silent())
    except RuntimeError as error:
        address = config["target_host"]
        ru, en = remedy("TEMPORAL_ADDRESS")
        raise Unavailable(
            f"Temporal не отвечает по адресу {address}: {ru}.", f"Temporal does not answer at {address}: {en}."
        ) from error
