"""The one-shot jobs of docker-compose.yml, where containers take the place of the embedded servers.

`python -m stack.jobs databases|migrate|namespace|health`, all from the environment that docker-compose.yml gives.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from datetime import UTC, datetime, timedelta

import psycopg
from temporalio.service import RPCError

from domain.errors import BadSettings, TwoTongued, Unavailable
from settings import NAMESPACE, Endpoints, database_url, plain_url, temporal_config
from stack import temporal
from stack.machine import LOGINS, make_database, prepare_log
from stack.namespace import LASTING_RETENTION, has_poller, prepare_namespace
from stack.postgres import ensure
from stack.talk import tell

_FRESH = timedelta(seconds=90)  # a worker asks again after a minute at the latest


def databases() -> None:
    """Make the logins and databases of Temporal and of the log, as POSTGRES_ADMIN_URL's superuser.

    Passwords come by the logins' names, such as VEKHA_WORKER_DB_PASSWORD. Raises BadSettings where one is not given.
    """
    admin = plain_url(_given("POSTGRES_ADMIN_URL"))
    ensure(admin, temporal.ROLE, _password(temporal.ROLE), list(temporal.DATABASES))
    make_database(admin, {login: _password(login) for login in LOGINS})


def migrate() -> None:
    """Bring the log's schema up to date."""
    prepare_log(database_url())


def namespace() -> None:
    """Register the namespace and its search attributes."""
    config = temporal_config()
    asyncio.run(prepare_namespace(config["target_host"], config.get("namespace", NAMESPACE), LASTING_RETENTION))


def health() -> None:
    """See whether the worker of this container asks Temporal for work. Raises Unavailable when it does not."""
    config = temporal_config()
    there = Endpoints(database_url(), config["target_host"], config.get("namespace", NAMESPACE))
    if not has_poller(there, since=datetime.now(UTC) - _FRESH, host=socket.gethostname()):
        raise Unavailable("Рабочий процесс не берёт работу.", "The worker takes no work.")


def _password(login: str) -> str:
    return _given(f"{login.upper()}_DB_PASSWORD")


def _given(name: str) -> str:
    if value := os.environ.get(name):
        return value
    raise BadSettings(f"Не задана переменная окружения {name}.", f"The environment variable {name} is not set.")


JOBS = {job.__name__: job for job in (databases, migrate, namespace, health)}


def main(name: str = "") -> int:
    """Run the job `name`. Gives the exit code: 0 done, 2 no such job, 3 a service or a setting is missing."""
    if name not in JOBS:
        known = ", ".join(JOBS)
        tell(f"Назовите одну работу из: {known}.", f"Name one job of: {known}.")
        return 2
    try:
        JOBS[name]()
    except TwoTongued as error:
        tell(error.ru, error.en)
        return 3
    except (psycopg.Error, RPCError, RuntimeError) as error:  # a server that is not there yet: the job is run again
        print(f"{name}: {error}".strip(), file=sys.stderr)  # noqa: T201
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
