"""A read model folded in memory, for reports of the past and for lives that never reach a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

from domain.records import EventRecord
from projections.projector import Key, Projection

R = TypeVar("R")


class Folding(Generic[R]):
    """The rows of a read model after the events that were taken so far; it holds the rows and nothing else."""

    def __init__(self, projection: Projection[R]) -> None:
        self._projection = projection
        self._streams: defaultdict[str, dict[Key, R]] = defaultdict(dict)

    def take(self, record: EventRecord) -> bool:
        """Fold the next event of its stream, and tell whether it concerned the read model."""
        rows = self._streams[record.stream]
        changes = self._projection.fold(rows, record)
        for key, row in changes.items():
            if row is None:
                del rows[key]
            else:
                rows[key] = row
        return bool(changes)

    def all(self, records: Iterable[EventRecord]) -> list[R]:
        """Fold all of these and return the rows."""
        for record in records:
            self.take(record)
        return self.rows

    @property
    def rows(self) -> list[R]:
        """Return the rows, stream by stream."""
        return [row for rows in self._streams.values() for row in rows.values()]
