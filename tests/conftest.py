"""The real servers for the tests: one stack a run, a fresh database a test.

The stack is `test`, or `test-2` and so on while another run in this checkout has that. `VEKHA_TEST_DATABASE_URL` (its
role may create databases) and `VEKHA_TEST_TEMPORAL_ADDRESS` (with time skipping on) put other servers in its place.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from temporalio.client import Client

from domain.errors import Unavailable
from eventlog.migrate import migrate
from settings import ROOT, settings
from stack import Endpoints, Stack
from stack.home import free_port
from stack.machine import InUse
from wire.payloads import CONVERTER


def in_database(url: str, database: str) -> str:
    """Give `url` with another database."""
    return f"{url.rpartition('/')[0]}/{database}"


@contextmanager
def a_database(endpoints: Endpoints, template: str = "template1") -> Iterator[str]:
    """Give the address of a database made from `template`, for a while."""
    name = f"test_{uuid4().hex[:12]}"
    made = sql.Identifier(name)
    # A connection a time: tests kill the server in between.
    with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, sql.Identifier(template)))
    try:
        yield in_database(endpoints.database_url, name)
    finally:
        with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
            # Not WITH (FORCE): an owner may not end an autovacuum worker, and that refuses when one is at work. A plain
            # DROP sends the workers away itself and waits for those that are leaving.
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND backend_type = 'client backend'",
                (name,),
            )
            connection.execute(sql.SQL("DROP DATABASE {}").format(made))


def pytest_xdist_setupnodes() -> None:
    """Try the servers once before several processes want them: what is missing ends the run here, in one line."""
    try:
        with Stack("test", time_skipping=True).session():
            pass
    except InUse:  # by another run, which shows that they are there
        pass
    except Unavailable as error:
        pytest.exit(error.text(settings().lang), returncode=3)


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Iterator[Stack]:
    """Give the running stack of this test run, with time skipping on; its addresses are the fixture `endpoints`."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with ExitStack() as closing:
        for number in count(1):
            one = Stack("test" if number == 1 else f"test-{number}", time_skipping=True)
            try:
                # The first run builds the servers for minutes: let the person see it.
                with capture.global_and_fixture_disabled():
                    closing.enter_context(one.session())
            except InUse:
                continue
            except Unavailable as error:
                pytest.exit(error.text(settings().lang), returncode=3)
            yield one
            return


@pytest.fixture(scope="session")
def endpoints(stack: Stack) -> Endpoints:
    """Give the addresses of the stack."""
    return stack.up()


@pytest.fixture(scope="session")
def migrated_template(endpoints: Endpoints) -> Iterator[str]:
    """Give the name of a migrated database that nobody is connected to."""
    with a_database(endpoints) as url:
        migrate(url)
        yield url.rpartition("/")[2]


@pytest.fixture
def database_url(endpoints: Endpoints, migrated_template: str) -> Iterator[str]:
    """Give the address of a migrated database for one test."""
    with a_database(endpoints, migrated_template) as url:
        yield url


@pytest.fixture(scope="session")
async def temporal_client(endpoints: Endpoints) -> Client:
    """Give a client connected to the stack's Temporal."""
    return await Client.connect(
        endpoints.temporal_address, namespace=endpoints.temporal_namespace, data_converter=CONVERTER
    )


@pytest.fixture
def own_var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty `var` that the servers' user can enter, with the programs that are built already."""
    bin_ = settings().var / "bin"
    (ROOT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="tests-", dir=ROOT / "var"))
    folder.chmod(0o755)
    (folder / "bin").symlink_to(bin_)
    monkeypatch.setenv("VEKHA_VAR", str(folder))
    monkeypatch.setenv("VEKHA_LANG", "ru")
    for name in ("VEKHA_TEST_DATABASE_URL", "VEKHA_TEST_TEMPORAL_ADDRESS", "DATABASE_URL", "TEMPORAL_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("VEKHA_POSTGRES_PORT", "VEKHA_TEMPORAL_PORT", "VEKHA_UI_PORT"):
        monkeypatch.setenv(name, str(free_port(())))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def lone(own_var: Path) -> Iterator[Stack]:
    """Give a stack whose servers do not run yet."""
    one = Stack("lone", time_skipping=True)
    assert one.folder.parent == own_var
    yield one
    one.down()
    one.wipe()
