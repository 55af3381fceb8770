"""A connection to the test's database."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """Give a connection in autocommit mode."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection
