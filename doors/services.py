"""The two services behind the doors, opened where a command needs them, and the years that the log knows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from temporalio.client import Client

from domain.codec import read_event
from domain.errors import Reason
from domain.events import Event, YearClosed, YearStarted
from domain.roadmap import Roadmap, year_stream
from doors.output import DoorError, Exit
from eventlog.migrate import SchemaVersionDiffers, check_version
from eventlog.read import read_stream
from settings import connect_temporal, database_url

Connection = psycopg.Connection
