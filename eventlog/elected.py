"""One of many: work that only one process of all may do at a time, with the others standing by.

Who holds an advisory lock of the database does the work, on the very connection that holds the lock: whoever loses the
connection loses both at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import psycopg
import structlog

from eventlog.roles import Connection, act_as

CONNECT_SECONDS = 5
STANDBY_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
# A session that has been silent for so long belongs to a machine that is gone or asleep: the lock must not go with it.
SILENCE = "60s"
# What others hold is waited for in pieces, each with a word to the log.
LOCK_PATIENCE = "30s"

log = structlog.get_logger("elected")


def work_elected(
    role: str, database_url: str, lock: int, stop: threading.Event, work: Callable[[Connection], None], *, group: str
) -> None:
    """Do `work(connection)` while holding the advisory lock, until `stop` is set.

    The connection is in autocommit mode and has the rights of `group` only (eventlog/roles.py). Whatever fails is told to the log and tried again, with growing pauses; where
    the work returns early, the election is repeated.
    """
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = time.monotonic()
        try:
            with psycopg.connect(
                database_url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name=f"vekha {role}"
            ) as connection:
                act_as(connection, group)
                connection.execute(f"set lock_timeout = '{LOCK_PATIENCE}'")
                connection.execute(f"set idle_session_timeout = '{SILENCE}'")
                connection.execute(f"set idle_in_transaction_session_timeout = '{SILENCE}'")
                if _elected(connection, lock, stop):
                    log.info("elected", role=role)
                    work(connection)
            continue
        except psycopg.Error as error:
            log.warning("database failed", role=role, error=str(error).strip(), sqlstate=error.sqlstate)
        except Exception:  # the edge of a thread: it must not end unnoticed, nor for good
            log.exception("work failed", role=role)
        if time.monotonic() - began > LONGEST_PAUSE_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        stop.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _elected(connection: Connection, lock: int, stop: threading.Event) -> bool:
    """Wait until the lock is ours; False when `stop` comes first."""
    while not stop.is_set():
        # Asked again and again: a statement that waits would hold back vacuum, and could not be stopped.
        row = connection.execute("select pg_try_advisory_lock(%s)", (lock,)).fetchone()
        if row is not None and row[0]:
            return True
        stop.wait(STANDBY_SECONDS)
    return False
