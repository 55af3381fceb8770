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

from domain.errors import TwoTongued, Unavailable
from eventlog.roles import MIGRATOR
from settings import NAMESPACE, Endpoints, database_url, plain_url, settings, temporal_config
from stack import temporal
from stack.machine import DATABASE, ROLE, prepare_log
from stack.namespace import LASTING_RETENTION, has_poller, prepare_namespace
from stack.postgres import ensure, share

_FRESH = timedelta(seconds=90)  # a worker asks again after a minute at the latest


def databases() -> None:
    """Make the roles and databases of Temporal and of the log, as POSTGRES_ADMIN_URL's superuser."""
    admin = plain_url(os.environ["POSTGRES_ADMIN_URL"])
    ensure(admin, temporal.ROLE, os.environ["TEMPORAL_DB_PASSWORD"], list(temporal.DATABASES))
    ensure(admin, ROLE, os.environ["VEKHA_DB_PASSWORD"], [DATABASE])
    share(admin, DATABASE, {ROLE: (MIGRATOR,)})


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


def main(name: str) -> int:
    """Run the job `name`. Gives the exit code: 0 done, 3 a service is missing."""
    try:
        {"databases": databases, "migrate": migrate, "namespace": namespace, "health": health}[name]()
    except TwoTongued as error:
        print(error.text(settings().lang), file=sys.stderr)  # noqa: T201 - a job's log is its standard error
        return 3
    except (psycopg.Error, RPCError, RuntimeError) as error:  # a server that is not there yet: the job is run again
        print(f"{name}: {error}".strip(), file=sys.stderr)  # noqa: T201
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
