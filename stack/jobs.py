"""The one-shot jobs of docker-compose.yml, where containers take the place of the embedded servers.

`python -m stack.jobs databases|migrate|namespace|health`, all from the environment that docker-compose.yml gives.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys

import psycopg
from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import BadSettings, TwoTongued, Unavailable
from ending import end
from eventlog.roles import READER, act_as
from eventlog.sessions import connect
from settings import NAMESPACE, Endpoints, database_url, plain_url, temporal_config
from stack import temporal
from stack.machine import LOGINS, make_database, prepare_log
from stack.namespace import LASTING_RETENTION, apart, prepare_namespace
from stack.postgres import ensure
from stack.talk import tell
from stack.watching import Glance, LogGlance, glance, log_glance, signs
from views.standstill import WORDS

_CONNECT_SECONDS = 5
_SAFE = re.compile(r"""[^\s"'`\\$\x00-\x1f\x7f-\U0010ffff]+""")


def databases() -> None:
    """Make the logins and databases of Temporal and of the log, as POSTGRES_ADMIN_URL's superuser.

    Passwords come by the logins' names, such as VEKHA_WORKER_DB_PASSWORD, the superuser's also as PGPASSWORD. Raises
    BadSettings where one is not given, or has what Temporal's configuration or a shell would read as something else.
    """
    admin = plain_url(_given("POSTGRES_ADMIN_URL"))
    passwords = {login: _password(login) for login in (temporal.ROLE, *LOGINS)}
    ensure(admin, temporal.ROLE, passwords.pop(temporal.ROLE), list(temporal.DATABASES))
    make_database(admin, passwords)


def migrate() -> None:
    """Bring the log's schema up to date."""
    prepare_log(database_url())


def namespace() -> None:
    """Register the namespace and its search attributes."""
    asyncio.run(prepare_namespace(*_temporal(), LASTING_RETENTION))


def health() -> None:
    """See whether the worker of this container asks Temporal for work and for letters. Raises Unavailable when it does not.

    What else stands still is told too, but is no reason to call this worker ill: starting it anew would mend nothing, and
    the doors, which can, wait for it.
    """
    there = Endpoints(database_url(), *_temporal())
    host = socket.gethostname()

    async def look() -> Glance:
        client = await Client.connect(there.temporal_address, namespace=there.temporal_namespace)
        return await glance(client, log, host=host)

    log = LogGlance((), 0, 0)
    try:
        with connect(there.database_url, connect_timeout=_CONNECT_SECONDS) as connection:
            act_as(connection, READER)
            log = log_glance(connection)
    except psycopg.Error as error:
        tell(f"База данных не отвечает: {error}", f"The database does not answer: {error}")
    seen = signs(apart(look), log)
    for code, streams in seen.items():
        (ru, en), (ru_advice, en_advice) = WORDS[code]
        tell(f"{ru}: {', '.join(streams)}; {ru_advice}", f"{en}: {', '.join(streams)}; {en_advice}")
    if "no-worker" in seen:
        raise Unavailable("Рабочий процесс не берёт работу.", "The worker takes no work.")
    if "no-letter-worker" in seen:
        raise Unavailable("Рабочий процесс не отправляет письма.", "The worker sends no letters.")


def _temporal() -> tuple[str, str]:
    config = temporal_config()
    return config["target_host"], config.get("namespace", NAMESPACE)


def _password(login: str) -> str:
    password = _given(name := f"{login.upper()}_DB_PASSWORD")
    if _SAFE.fullmatch(password):
        return password
    raise BadSettings(
        f"Пароль в {name} не подходит: берите латинские буквы и цифры, без пробелов, кавычек и знаков \\ и $.",
        f"The password in {name} will not do: take letters and digits, without spaces, quotes, \\ and $.",
    )


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
    end(main(*sys.argv[1:2]))
