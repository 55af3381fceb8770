"""What a measurement says: medians with their spread, ratios, and whether a demand is met."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Values of one thing measured several times, with their unit."""

    values: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        """Return the middle value."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        """Return the median, and from where to where the values went."""
        low, high = min(self.values), max(self.values)
        return f"{_short(self.median)} {self.unit} ({_short(low)}-{_short(high)}, n={len(self.values)})"

    def record(self) -> dict[str, object]:
        """Return what a file keeps."""
        return {"unit": self.unit, "median": self.median, "values": list(self.values)}


@dataclass(frozen=True)
class Demand:
    """What was promised of a figure: at most, or at least, so much."""

    what: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """Tell whether the promise is kept."""
        above = self.at_least is None or self.value >= self.at_least
        return above and (self.at_most is None or self.value <= self.at_most)

    def __str__(self) -> str:
        """Return one line for people."""
        wanted = f"at most {self.at_most}" if self.at_least is None else f"at least {self.at_least}"
        return f"{'ok    ' if self.met else 'MISSED'} {self.what}: {_short(self.value)}, {wanted} is demanded"

    def record(self) -> dict[str, object]:
        """Return what a file keeps."""
        bounds = {"at_most": self.at_most, "at_least": self.at_least}
        return {"what": self.what, "value": self.value, "met": self.met, **bounds}


@dataclass(frozen=True)
class Result:
    """All that one benchmark found."""

    name: str
    figures: dict[str, Spread]
    demands: tuple[Demand, ...]
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return a paragraph for people."""
        width = max(map(len, self.figures))
        lines = [f"  {name:{width}}  {spread}" for name, spread in self.figures.items()]
        return "\n".join([self.name, *lines, *(f"  {one}" for one in (*self.remarks, *self.demands))])

    def record(self) -> dict[str, object]:
        """Return what a file keeps."""
        return {
            "name": self.name,
            "figures": {name: spread.record() for name, spread in self.figures.items()},
            "remarks": list(self.remarks),
            "demands": [demand.record() for demand in self.demands],
        }


def ratio(rounds: Sequence[dict[str, float]], one: str, other: str) -> Spread:
    """Return how one contestant stands to another, round by round: what disturbs a round disturbs both."""
    return Spread(tuple(values[one] / values[other] for values in rounds), "times")


def spread(rounds: Sequence[dict[str, float]], name: str, unit: str) -> Spread:
    """Return a contestant's values over the rounds."""
    return Spread(tuple(values[name] for values in rounds), unit)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that so large a share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _short(value: float) -> str:
    number: Callable[[float], str] = "{:.0f}".format if value >= 100 else "{:.3g}".format
    return number(value)
