"""All read models that the projector keeps up to the log."""

from __future__ import annotations

from typing import Any

from projections.board import BOARD
from projections.indicators import INDICATORS
from projections.projector import Projection

READ_MODELS: tuple[Projection[Any], ...] = (BOARD, INDICATORS)
