"""One of many: work that only one process of all may do at a time, with the others standing by.

Who holds an advisory lock of the database does the work, on the very connection that holds the lock: whoever loses the
connection loses both at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import structlog

from eventlog.roles import act_as
from eventlog.sessions import Connection, connect

CONNECT_SECONDS = 5
STANDBY_SECONDS = 0.2
LOOK_SECONDS = 60.0  # between two looks of who stands by, whether the one elected does its work
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
# A session that has been silent for so long belongs to a machine that is gone or asleep: the lock must not go with it.
SILENCE = "60s"
# What others hold is waited for in pieces, each with a word to the log.
LOCK_PATIENCE = "30s"

# The roles of other sessions, their names and those of their programs are shown to everybody.
HOLDER = """
select pid, usename, application_name from pg_locks join pg_stat_activity using (pid)
where locktype = 'advisory' and classid = 0 and objid = %s and objsubid = 1 and granted
  and database = (select oid from pg_database where datname = current_database())
"""

log = structlog.get_logger("elected")


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that holds an advisory lock: its process at the server, its login and what its program calls itself."""

    pid: int
    login: str
    application: str

    def __str__(self) -> str:
        return f"{self.login}, {self.application or '—'}, pid {self.pid}"


def holder(connection: Connection, lock: int) -> Holder | None:
    """Return who holds an advisory lock of this database; None where nobody does."""
    row = connection.execute(HOLDER, (lock,)).fetchone()
    return None if row is None else Holder(*row)


def work_elected(
    role: str,
    database_url: str,
    lock: int,
    stop: threading.Event,
    work: Callable[[Connection], None],
    *,
    group: str,
    left: Callable[[Connection], str | None],
) -> None:
    """Do `work(connection)` while holding the advisory lock, until `stop` is set.

    The connection is in autocommit mode and has the rights of `group` only (eventlog/roles.py). Whatever fails is told to the log and tried again, with growing pauses; where
    the work returns early, the election is repeated. Who stands by looks now and then what is `left` undone by the one that
    holds the lock, and tells the log who that is: any login of the database can take it, and do nothing.
    """
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = time.monotonic()
        try:
            with connect(database_url, connect_timeout=CONNECT_SECONDS, application_name=f"vekha {role}") as connection:
                act_as(connection, group)
                connection.execute(f"set lock_timeout = '{LOCK_PATIENCE}'")
                connection.execute(f"set idle_session_timeout = '{SILENCE}'")
                connection.execute(f"set idle_in_transaction_session_timeout = '{SILENCE}'")
                if _elected(connection, lock, stop, left):
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


def _elected(
    connection: Connection, lock: int, stop: threading.Event, left: Callable[[Connection], str | None]
) -> bool:
    """Wait until the lock is ours; False when `stop` comes first."""
    look_at = time.monotonic()
    while not stop.is_set():
        # Asked again and again: a statement that waits would hold back vacuum, and could not be stopped.
        row = connection.execute("select pg_try_advisory_lock(%s)", (lock,)).fetchone()
        if row is not None and row[0]:
            return True
        if time.monotonic() >= look_at:
            if undone := left(connection):
                log.error(
                    "the work of others is left undone: see who holds its lock",
                    undone=undone,
                    holder=str(holder(connection, lock)),
                )
            look_at = time.monotonic() + LOOK_SECONDS
        stop.wait(STANDBY_SECONDS)
    return False
