"""Working days as a value: the calendar is frozen into the definition and never asked of a library at run time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from domain.errors import OutsideCalendar


class Shift(StrEnum):
    """What happens to a due date on a non-working day.

    `preceding` is the custom of execution control (LAW_305378 п. 5.3.2), `following` that of ГК РФ ст. 193.
    """

    PRECEDING = "preceding"
    FOLLOWING = "following"
    NONE = "none"


@dataclass(frozen=True)
class Calendar:
    """The working days from `first` to `last`, both inclusive, by listing the days that are not.

    `version` says where the days come from; every computed date can name it. `tzdata` is the version of the time zones that
    the dates were computed with, null where nobody wrote it down.
    """

    version: str
    first: date
    last: date
    days_off: tuple[date, ...]
    tzdata: str | None = None

    @cached_property
    def _working(self) -> tuple[date, ...]:
        off = frozenset(self.days_off)
        days = (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))
        return tuple(day for day in days if day not in off)

    def is_working(self, day: date) -> bool:
        """Tell whether the office works on that day; OutsideCalendar beyond the frozen span."""
        self._check(day)
        at = bisect_left(self._working, day)
        return at < len(self._working) and self._working[at] == day

    def add(self, day: date, working_days: int) -> date:
        """Return the working day that lies so many working days after `day` (before it, where negative).

        The day itself is not counted, working or not; zero is refused as a question without an answer.
        """
        self._check(day)
        if working_days > 0:
            at = bisect_right(self._working, day) + working_days - 1
        elif working_days < 0:
            at = bisect_left(self._working, day) + working_days
        else:
            raise ValueError("zero working days away is no other day")
        if not 0 <= at < len(self._working):
            raise OutsideCalendar(day, self.first, self.last)
        return self._working[at]

    def reach(self, day: date, working_days: int) -> date:
        """Return the same as `add`; where the frozen span ends, every day beyond it counts as a working day.

        What is under control stays so when nobody knows the holidays: a ladder is rather climbed too early than never.
        """
        try:
            return self.add(day, working_days)
        except OutsideCalendar:
            step = timedelta(days=1 if working_days > 0 else -1)
            left = abs(working_days)
            while left:
                day += step
                left -= not self.first <= day <= self.last or self.is_working(day)
            return day

    def shift(self, day: date, rule: Shift) -> date:
        """Return the date itself on a working day, else the neighbour that the rule names."""
        if rule is Shift.NONE or self.is_working(day):
            return day
        return self.add(day, -1 if rule is Shift.PRECEDING else 1)

    def _check(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise OutsideCalendar(day, self.first, self.last)
