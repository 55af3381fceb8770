"""All read models side by side: what a year had come to, folded from the log in one pass."""

from __future__ import annotations

from domain.records import EventRecord
from projections.board import BOARD, BoardRow, order
from projections.folding import Folding
from projections.grounds import Grounds
from projections.indicators import INDICATORS, Reading


class State:
    """Board and readings after the events that were taken so far; `position` is the highest among them, 0 for none."""

    def __init__(self) -> None:
        self._board = Folding(BOARD)
        self._readings = Folding(INDICATORS)
        self.grounds = Grounds()
        self.position = 0

    def take(self, record: EventRecord) -> bool:
        """Take the next event of its stream, and tell whether any read model shows it."""
        self.position = max(self.position, record.position or 0)
        self.grounds.take(record)
        shown = [folding.take(record) for folding in (self._board, self._readings)]
        return any(shown)

    @property
    def board(self) -> list[BoardRow]:
        """Return the board's rows as a person reads them."""
        return sorted(self._board.rows, key=order)

    @property
    def readings(self) -> list[Reading]:
        """Return the readings of the indicators, for `judge`."""
        return self._readings.rows
