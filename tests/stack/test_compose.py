"""docker-compose.yml and the Dockerfile held against the embedded stack; tests/containers runs them on a real engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import NAMESPACE, ROOT, Endpoints, Settings
from stack import jobs, machine, postgres, programs, temporal

OF_LOGINS = {login: f"{login.upper()}_DB_PASSWORD" for login in (temporal.ROLE, *machine.LOGINS)}
PREFIX, OURS = "${VEKHA_IMAGES:-}", "vekha:0.1.0"
PASSWORDS = ("POSTGRES_PASSWORD", *OF_LOGINS.values())
JOBS = {"databases", "temporal-schema", "temporal-namespace", "migrate"}
DOORS = {"doors", "inspector"}
USERS = {
    "migrate": machine.ROLE,
    "worker": machine.WORKER_ROLE,
    "doors": machine.DOORS_ROLE,
    "inspector": machine.INSPECTOR_ROLE,
}


@pytest.fixture(scope="module")
def compose() -> Any:
    """Read docker-compose.yml."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_images_are_pinned_to_the_versions_of_the_embedded_stack(compose: Any) -> None:
    """The same Temporal here and there; nothing called latest."""
    images = {name: service["image"] for name, service in compose["services"].items()}
    assert images["temporal"] == f"{PREFIX}temporalio/server:{programs.TEMPORAL}"
    assert images["temporal-schema"] == f"{PREFIX}temporalio/admin-tools:{programs.TEMPORAL}"
    assert images["temporal-ui"] == f"{PREFIX}temporalio/ui:{programs.UI}"
    assert all(re.search(r":\d+\.\d+", image) for image in images.values())
    assert {image.startswith(PREFIX) for name, image in images.items() if image != OURS} == {True}


def test_our_image_is_built_once_at_every_up(compose: Any) -> None:
    """By one job, which all the others wait for: an upgrade takes effect, and nobody looks for the image elsewhere."""
    ours = {name: service for name, service in compose["services"].items() if service["image"] == OURS}
    assert ours.keys() == (JOBS | DOORS | {"worker"}) - {"temporal-schema"}
    built = {name: service["pull_policy"] for name, service in ours.items()}
    assert built == dict.fromkeys(ours, "never") | {"databases": "build"}
    assert {name for name, service in compose["services"].items() if "build" in service} == {"databases"}


def test_nobody_may_more_than_its_part(compose: Any) -> None:
    """No capabilities but those of PostgreSQL's beginning, no new privileges, nothing written beside the volumes."""
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert ("cap_add" in service) is (name == "postgres")


def test_the_key_is_the_workers_alone(compose: Any) -> None:
    """Its volume is mounted nowhere else; the inspector writes nothing at all."""
    mounts = {name: service.get("volumes", []) for name, service in compose["services"].items()}
    assert [name for name, some in mounts.items() if any(str(one).startswith("keys:") for one in some)] == ["worker"]
    assert "vekha:/var/lib/vekha:ro" in mounts["inspector"]
    for name in DOORS:
        (files,) = [one for one in mounts[name] if isinstance(one, dict)]
        assert (files["source"], files["target"]) == ("./files", "/files")


def test_ports_are_the_embedded_ones_on_the_loopback(compose: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No port is open to the network, and the doors find the services where `make up` has them."""
    for name in ("POSTGRES", "TEMPORAL", "UI"):
        monkeypatch.delenv(f"VEKHA_{name}_PORT", raising=False)
    usual = Settings()
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {
        "postgres": [f"127.0.0.1:${{VEKHA_POSTGRES_PORT:-{usual.postgres_port}}}:5432"],
        "temporal": [f"127.0.0.1:${{VEKHA_TEMPORAL_PORT:-{usual.temporal_port}}}:7233"],
        "temporal-ui": [f"127.0.0.1:${{VEKHA_UI_PORT:-{usual.ui_port}}}:8080"],
    }


def test_every_password_must_be_given(compose: Any) -> None:
    """None has a default, none stands in the file."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in PASSWORDS:
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text
    for service in compose["services"].values():
        for variable, value in service.get("environment", {}).items():
            if variable.endswith(("PASSWORD", "PWD")):
                assert value.startswith("${"), variable


def test_a_service_begins_when_what_it_needs_is_there(compose: Any) -> None:
    """Jobs are waited for to their end, servers until they are healthy; what stays up tells its health."""
    services = compose["services"]
    for name, service in services.items():
        assert ("healthcheck" in service) is (name not in JOBS | DOORS)
        # A door that waited would repeat all jobs with every command, the superuser's among them.
        assert ("depends_on" in service) is (name not in DOORS | {"postgres"})
        for needed, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed in JOBS else "service_healthy"
            assert how["condition"] == wanted, (name, needed)
    assert services["worker"]["depends_on"].keys() == {"migrate", "temporal-namespace"}
    assert services["temporal"]["depends_on"].keys() == {"temporal-schema"}


def test_the_server_is_set_up_like_the_embedded_one(compose: Any) -> None:
    """The same variables, databases, schemas and dynamic configuration, without time skipping."""
    services = compose["services"]
    environment = services["temporal"]["environment"]
    assert environment["DB"] == services["temporal-schema"]["environment"]["SQL_PLUGIN"] == temporal.PLUGIN
    assert environment["NUM_HISTORY_SHARDS"] == f"${{VEKHA_HISTORY_SHARDS:-{temporal.HISTORY_SHARDS}}}"
    assert [environment["DBNAME"], environment["VISIBILITY_DBNAME"]] == list(temporal.DATABASES)
    assert environment["POSTGRES_USER"] == services["temporal-schema"]["environment"]["SQL_USER"] == temporal.ROLE
    (script,) = services["temporal-schema"]["command"]
    for database, schema in temporal.DATABASES.items():
        assert f"{database}:{schema.rpartition('/')[2]}" in script
        assert schema.startswith("postgresql/v12/")
    dynamic = yaml.safe_load((ROOT / compose["configs"]["temporal-dynamic"]["file"]).read_text(encoding="utf-8"))
    assert dynamic == yaml.safe_load(temporal.dynamic_config(time_skipping=False))
    options = dict(one.removeprefix("-c").split("=", 1) for one in services["postgres"]["command"][1:])
    assert options.items() <= postgres.OPTIONS.items()
    assert postgres.OPTIONS.keys() - options.keys() == {"listen_addresses", "unix_socket_directories"}
    assert environment["DYNAMIC_CONFIG_FILE_PATH"] == services["temporal"]["configs"][0]["target"]


def test_our_processes_get_the_environment_that_the_stack_gives(compose: Any) -> None:
    """The same names; and every VEKHA_ variable is one that the settings know."""
    worker = compose["services"]["worker"]["environment"]
    assert worker.keys() >= Endpoints("", "", "").environment().keys()
    assert worker["TEMPORAL_NAMESPACE"] == NAMESPACE
    known = {f"VEKHA_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in worker if name.startswith("VEKHA_")} <= known
    # Folders lie in the volume; all that sends checkpoints and letters away can be set from outside.
    beyond = {name for name in known if name.startswith(("VEKHA_SMTP_", "VEKHA_CHECKPOINT_"))}
    assert beyond - worker.keys() == {"VEKHA_SMTP_TIMEOUT", "VEKHA_CHECKPOINT_DIR"}


def test_each_service_logs_into_the_log_as_what_it_does(compose: Any) -> None:
    """One login each, with its own password; the job that makes them gets them all, and nobody else a second one.

    Passwords stand in no address: whatever is in them, no part of one is taken for a host and told.
    """
    environments = {name: service.get("environment", {}) for name, service in compose["services"].items()}
    urls = {name: given["DATABASE_URL"] for name, given in environments.items() if "DATABASE_URL" in given}
    assert urls == {name: f"postgresql://{login}@postgres:5432/{machine.DATABASE}" for name, login in USERS.items()}
    passwords = {name: environments[name]["PGPASSWORD"] for name in USERS}
    assert passwords == {name: f"${{{OF_LOGINS[login]}}}" for name, login in USERS.items()}
    assert set(OF_LOGINS.values()) <= set(environments["databases"])


def test_a_password_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, before anything is made."""
    monkeypatch.setenv("POSTGRES_ADMIN_URL", "postgresql://postgres@127.0.0.1:1/postgres")
    monkeypatch.setenv("TEMPORAL_DB_PASSWORD", "")
    monkeypatch.setenv("VEKHA_LANG", "en")
    assert jobs.main("databases") == 3
    assert capsys.readouterr().err == "The environment variable TEMPORAL_DB_PASSWORD is not set.\n"


@pytest.mark.parametrize("password", ["a b", 'a"b', "a'b", "a\\b", "a$b", "пароль", "a\nb"])
def test_a_password_that_would_break_something_is_named(
    password: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the first job, with its variable and no piece of it; what breaks addresses elsewhere does no harm here."""
    monkeypatch.setenv("POSTGRES_ADMIN_URL", "postgresql://postgres@127.0.0.1:1/postgres")
    for name in OF_LOGINS.values():
        monkeypatch.setenv(name, "a@b/c#d:e")
    monkeypatch.setenv("VEKHA_DOORS_DB_PASSWORD", password)
    monkeypatch.setenv("VEKHA_LANG", "en")
    assert jobs.main("databases") == 3
    told = capsys.readouterr().err
    assert told.startswith("The password in VEKHA_DOORS_DB_PASSWORD will not do")
    assert password not in told
    assert "a@b" not in told


@pytest.mark.parametrize("arguments", [[], ["heath"]])
def test_a_job_that_is_not_there_is_told_with_those_that_are(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person may call them too: exit code 2 and one line."""
    monkeypatch.delenv("VEKHA_LANG", raising=False)
    assert jobs.main(*arguments) == 2
    assert capsys.readouterr().err == "Назовите одну работу из: databases, migrate, namespace, health.\n"


def test_a_setting_that_cannot_be_read_is_told_by_a_job(
    own_var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also in the reader's language, which is a setting like it."""
    monkeypatch.setenv("VEKHA_SMTP_PORT", "many")
    monkeypatch.setenv("VEKHA_LANG", "en")
    assert jobs.main("health") == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("The environment variable VEKHA_SMTP_PORT cannot be read")
    assert own_var.exists()


def test_the_jobs_are_the_stacks_own_code(compose: Any) -> None:
    """Roles, schema, namespace and search attributes are made by what the embedded stack uses, so they are the same."""
    commands = {
        name: compose["services"][name].get("command") for name in ("databases", "migrate", "temporal-namespace")
    }
    assert all(command[:3] == ["python", "-m", "stack.jobs"] for command in commands.values())
    health = compose["services"]["worker"]["healthcheck"]["test"]
    for job in [*(command[3] for command in commands.values()), health[-1]]:
        assert callable(getattr(jobs, job))


def test_our_image_is_pinned_locked_and_not_root() -> None:
    """Its Python has a version, its packages have hashes, its user is nobody special."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any(re.fullmatch(r"FROM \$\{IMAGES\}python:3\.\d+\.\d+-\S+", line) for line in lines)
    assert any(line.endswith("--require-hashes --requirement requirements-run.lock") for line in lines)
    users = [line for line in lines if line.startswith("USER")]
    assert users == ["USER 10001:10001"]
