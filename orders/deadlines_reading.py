"""From the items of a deadline to dated checkpoints: which days belong together, their years, recurrences, findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from domain.errors import OutsideCalendar
from domain.workdays import Calendar, Shift
from orders.deadlines_items import Item
from orders.deadlines_moments import (
    SEPTEMBER,
    SHORT_WEEKDAYS,
    WEEKDAYS,
    Moment,
    calendar_half,
    days_of,
    impossible,
    last_day,
    month_after,
    months_long,
    nth_weekday_or_none,
    number_named,
    weekday_named,
    weekday_ordinals,
)
from orders.deadlines_shapes import Checkpoint, Deadline, Period
from orders.deadlines_text import MONTH_NAMES, hides_time
from orders.doubts import doubt
from orders.findings import PlacedFinding

DATED = {"lead", "until", "before", "window", "open_from", "not_before", "point", "during"}
RECURRING = {"monthly", "each_month", "following", "month_of_quarter", "quarterly", "half_yearly", "termly", "yearly", "weekly", "daily",
              "seldom", "weekday_monthly"}  # fmt: skip
_REPEATED = {"monthly", "quarterly", "half_yearly", "weekday_monthly"}
"""Rules of points that a recurrence made."""
_REMARKS = {"clock": "time-of-day", "approx": "approximate", "except": "exception"}
_WITHOUT_DATE = {
    "separate_plan": ("separate-plan", "separate-plan"),
    "event": ("event", "event-date-unknown"),
    "unspecified": ("unspecified", "no-date"),
    "term_after_event": ("relative", "event-date-unknown"),
    "term_before_event": ("relative", "event-date-unknown"),
}
"""The kind and the finding of what names no date of its own."""
_AROUND = {"term_before_date": -1, "term_after_date": 1}
"""Terms that are counted from a date: before it or after it."""
_MARKED, _UNMARKED = re.compile(r"[xх+vV✓√]|да", re.IGNORECASE), re.compile(r"[-–—0]?|нет", re.IGNORECASE)
_ENDLESS = re.compile(r"(?:на\s*)?постоянн|систематич|регулярн|непрерывн|в\s*(?:постоянном|рабочем)", re.IGNORECASE)
_BARE_DATIVE = re.compile(r"(?i)(?:[а-я]+[рнл]ю|марту|августу)(?![а-я]).*")
"""A month in the dative without its «к»."""
_NEGATION = re.compile(r"(?<![а-я])(?:не|кроме|исключ)", re.IGNORECASE)


@dataclass(slots=True)
class _Dated:
    """One dated entry of a phrase, before and after its years are settled."""

    op: str
    moments: list[Moment]
    text: str
    label: str
    bracketed: bool
    joined: str = ""
    span: tuple[date, date] | None = None

    @property
    def rule(self) -> str:
        return f"{self.op}/{'+'.join(m.rule for m in self.moments)}"

    @property
    def kind(self) -> str:
        return self.moments[-1].kind

    @property
    def is_window(self) -> bool:
        return self.op in {"window", "during"} or (self.op == "point" and self.kind != "day")


@dataclass(frozen=True, slots=True)
class _Point:
    """A checkpoint before its shift; `unit` when `due` is the last day of a month or the like.

    With `working` it is due so many working days after (before, if negative) `due`.
    """

    label: str
    start: date | None
    due: date
    rule: str
    unit: bool
    key: str = ""
    working: int = 0


class Reading:
    """The reading of one phrase: what was found so far, and the decisions that need the whole of it."""

    def __init__(self, text: str, period: Period | None, signed: date | None) -> None:
        self.text = text
        self.period = period
        self.signed = signed
        self.findings: list[PlacedFinding] = []
        self.kinds: list[str] = []
        self.points: list[_Point] = []
        self.unread: list[str] = []

    # --- the whole phrase ---

    def read(self, items: Sequence[Item]) -> None:
        """Take the items of the whole phrase."""
        if self._read_matrix():
            return
        dated = self._collect(items)
        recurring = [item for item in items if item.op in RECURRING]
        dated = self._attach_days(self._without_reported(dated), recurring)
        dated = self._attach_years(dated)
        if recurring:
            dated = self._recur(recurring, dated)
        self._place_all(dated)
        self._undated(items)
        self._conclude(items)

    def _note(self, code: str, reading: str = "", **params: str) -> None:
        self.findings.append(doubt(code, {"text": self.text, **params}, reading))

    def _kind(self, *kinds: str) -> None:
        self.kinds += [kind for kind in kinds if kind not in self.kinds]

    def _read_matrix(self) -> bool:
        """Read a row of marks: four are the quarters of the calendar year, twelve its months."""
        cells = [cell.strip() for cell in self.text.split("|")]
        lengths = {4: 3, 12: 1}
        if len(cells) not in lengths or not all(_MARKED.fullmatch(c) or _UNMARKED.fullmatch(c) for c in cells):
            return False
        marked = [n for n, cell in enumerate(cells) if _MARKED.fullmatch(cell)]
        if not marked:
            self._kind("unspecified")
            self._note("no-date")
            return True
        length = lengths[len(cells)]
        if len(marked) == len(cells):
            self._kind("quarterly" if length > 1 else "monthly")
        else:
            self._kind("window" if length > 1 else "months")
        for n in marked:
            make = months_long(n * length + 1, length)
            moment = Moment(
                "mark", "quarter" if length > 1 else "month", str(n + 1), make=make, order=(n * length + 1, 1)
            )
            self._place(_Dated("point", [moment], f"{n + 1}", f"{n + 1}", bracketed=False))
        return True

    def _collect(self, items: Sequence[Item]) -> list[_Dated]:
        """Return the dated entries with their labels; words, times and remarks go to findings."""
        dated: list[_Dated] = []
        ahead, joined, comment = "", "", False
        for n, item in enumerate(items):
            after = items[n + 1] if n + 1 < len(items) else None
            if item.op == "point" and self._is_count(item, after):
                self.unread.append(item.text)
            elif item.op == "point" and n and self._names_only(items[n - 1], item):
                self.unread += [item.text] if items[n - 1].op == "words" else []
            elif item.op == "lead" and after and all(m.make for m in after.moments):
                ahead = f"{ahead} {item.text}".strip()  # «за I квартал - до 15 апреля» names, «декабрь - до 25» dates
            elif item.op in DATED and not (n and self._hangs_on(items[n - 1])):
                self._question(item, items[n - 1] if n and not joined else None)
                label = f"{ahead} {item.text}".strip()
                op = "point" if item.op == "lead" else item.op
                dated.append(_Dated(op, item.moments, item.text, label, item.bracketed, joined))
                ahead = ""
            elif item.op == "words":
                ahead = self._words(item, after, dated, ahead, comment=comment, joined=joined)
            elif item.op in _REMARKS:
                self._note(_REMARKS[item.op], text=item.text.strip() if item.op == "clock" else self.text)
            comment = item.op == "open-bracket" or (item.bracketed and item.op != "close-bracket")
            joined = item.op if item.op in {"comma", "and_", "pipe", "open-bracket", "close-bracket"} else ""
        return dated

    def _question(self, item: Item, before: Item | None) -> None:
        """Ask about a date that damage may have made of another; `before` stands right before it, without a separator."""
        if before and self._runs_on(before, item):
            self._note("month-list")
        if _BARE_DATIVE.fullmatch(item.text) or self._is_no_name(item):
            self._note("unread-words", text=item.text)
        if re.match("ориентировочно", item.text, re.IGNORECASE):
            self._note("approximate")

    @staticmethod
    def _is_no_name(item: Item) -> bool:
        """Tell a word behind a date's dash that may be the end of a range or of an ordinal: «октябрь-ноярь», «2-у»."""
        if not item.label:
            return False
        glued = re.search(rf"[а-я\d.]-{re.escape(item.label)}", item.text, re.IGNORECASE)
        bare = all(m.rule == "bare_day" for m in item.moments)
        return bool(glued) or bare or len(item.label) < 3 or hides_time(item.label)  # noqa: PLR2004  no name is so short

    @staticmethod
    def _runs_on(before: Item, item: Item) -> bool:
        """Tell «5 10 мая», «01.09 до 15.09»: days with nothing between them that says whether both are due."""
        bare = bool(before.moments) and all(m.rule == "bare_day" for m in before.moments)
        return (
            bare
            or bool(before.label)
            or (
                item.op in {"until", "before"}
                and before.op in {"point", "until", "before"}
                and any(m.kind == "day" for m in before.moments)
            )
        )

    def _words(
        self, item: Item, after: Item | None, dated: list[_Dated], ahead: str, *, comment: bool, joined: str
    ) -> str:
        """Take words as the name of the deadline before or behind them, else as unread; return what waits for the next."""
        words = item.text.strip(" -")
        plain = not _NEGATION.search(words) and not hides_time(words) and not re.fullmatch("(?i)г|года?", words)
        if dated and item.text.startswith("-") and any(m.rule == "bare_day" for m in dated[-1].moments):
            plain = False  # «2-у вторник»: a day that is no day
        if not words:
            if dated and after and after.op in DATED and not self.text.startswith("-"):
                self._note("month-list")
        elif plain and dated and (comment or (item.text.startswith("-") and not joined)):
            dated[-1].label += f" ({words})" if comment else f" - {words}"
        elif plain and self._leads(item, after) and (joined or not dated):
            return f"{ahead} {words}".strip() + (" -" if item.text.endswith("-") else ":")
        else:
            self.unread.append(words)
        return ahead

    def _without_reported(self, dated: list[_Dated]) -> list[_Dated]:
        """Leave out the time that a report is about («до 15 января (за 2021 год)»): it is no deadline."""
        about = [e for e in dated if e.text.lower().startswith("за ") and e.kind not in {"day", "month"}]
        if len(about) == len(dated):
            return dated
        self.unread += [e.text for e in about]
        return [e for e in dated if e not in about]

    @staticmethod
    def _is_count(item: Item, after: Item | None) -> bool:
        """Tell «5 мероприятий», «10 %»: a number before a word counts something and is no day."""
        counted = after is not None and after.op == "words" and not after.text.startswith("-")
        return counted and all(m.rule == "bare_day" for m in item.moments)

    @staticmethod
    def _names_only(before: Item, item: Item) -> bool:
        """Tell «после ЕГЭ 2022 года», «план на 2022 год»: the year belongs to the name before it."""
        undated = before.op in _WITHOUT_DATE or (before.op == "words" and re.match("(?i)(?:на|за)(?![а-я])", item.text))
        return bool(undated) and all(m.kind in {"year", "years", "school_year"} for m in item.moments)

    @staticmethod
    def _hangs_on(before: Item) -> bool:
        """Tell «по итогам I полугодия», «перед началом учебного года»: the date says only what comes first."""
        return (
            before.op == "event"
            and not before.label
            and not re.fullmatch(r"(?i)(?:(?:в|на)\s*)?(?:период|начале|конце|течени[еи])", before.text.strip())
        )

    @staticmethod
    def _leads(item: Item, after: Item | None) -> bool:
        """Tell whether words are the name of the deadline behind them: «Педсовет - октябрь», «семинар: май»."""
        if after is None or item.bracketed:
            return False
        return (item.text.endswith("-") and after.op in DATED) or (after.op == "comma" and after.text.startswith(":"))

    # --- days and years said elsewhere in the phrase ---

    def _attach_days(self, dated: list[_Dated], recurring: list[Item]) -> list[_Dated]:
        """Give a bare day the month of the next date («5, 10 мая»), or of the month before it («сентябрь (до 15)»)."""
        kept: list[_Dated] = []
        ahead: Moment | None = None
        monthly = any(item.op in RECURRING for item in recurring)
        for entry in reversed(dated):
            for n in reversed(range(len(entry.moments))):
                moment = entry.moments[n]
                if moment.day is None:
                    ahead = moment if moment.kind == "day" and moment.make else None
                elif ahead is not None and not (moment.rule == "day_number" and monthly):
                    entry.moments[n] = self._on_day(moment, ahead)
            kept.insert(0, entry)
        result: list[_Dated] = []
        for entry in kept:
            within = self._within(entry, result[-1]) if result and not monthly else None
            if within:
                result[-1] = within
            else:
                result.append(entry)
        return result

    def _within(self, entry: _Dated, month: _Dated) -> _Dated | None:
        """Return an entry that says which days of the month before it are meant; None where it stands for itself.

        «сентябрь (до 15)», «октябрь, 3 неделя», «октябрь (4-8.10)».
        """
        if month.op != "point" or month.kind != "month":
            return None
        like, label = month.moments[-1], f"{month.label} {entry.label}"
        stretches = [
            replace(m, make=days_of(like.order[0], *m.days), kind="week", year=like.year, order=like.order)
            for m in entry.moments
            if m.days
        ]
        if stretches:
            return replace(month, moments=stretches, label=label)
        bare = [m for m in entry.moments if m.day is not None]
        only_number = entry.op == "point" and bool(bare) and bare[0].rule == "bare_day"
        if only_number and entry.bracketed and like.year is not None:  # «май 2022 (1)»: rather the mark of a footnote
            self.unread.append(entry.text)
            return month
        if len(bare) == 1 and (entry.op != "point" or entry.bracketed or bare[0].rule == "day_number"):
            if only_number:
                self._note("bracketed-date")
            op = "until" if entry.op == "point" else entry.op
            return replace(entry, op=op, moments=[self._on_day(bare[0], like)], label=label, bracketed=False)
        if entry.bracketed and entry.joined == "open-bracket" and self._refines(entry, month):
            return replace(entry, label=label, bracketed=False)
        return None

    @staticmethod
    def _refines(entry: _Dated, month: _Dated) -> bool:
        """Tell whether dates are days of the month before them: «октябрь (4-8.10)»."""
        months = {m.order[0] for m in month.moments}
        return any(m.make for m in entry.moments) and all(
            m.kind == "day" and (m.make is None or {m.order[0]} == months) for m in entry.moments
        )

    @staticmethod
    def _on_day(bare: Moment, like: Moment) -> Moment:
        month, day = like.order[0], bare.day or 0
        return replace(
            bare, make=days_of(month, day, day) if day else impossible, year=like.year, day=None, order=(month, day)
        )

    def _attach_years(self, dated: list[_Dated]) -> list[_Dated]:
        """Spread a year said once over its neighbours; a year or school year beside months is only their year."""
        bare = [
            m
            for entry in dated
            for m in entry.moments
            if m.make and m.year is None and m.kind not in {"year", "school_year"}
        ]
        if self.period is None or not self.period.is_school_year:
            for entry in dated:
                entry.moments = [calendar_half(m) for m in entry.moments]
        kept: list[_Dated] = []
        for entry in dated:
            only_year = entry.op == "point" and entry.kind in {"year", "school_year"} and len(entry.moments) == 1
            said = entry.moments[0].year if only_year else None
            before = kept[-1] if kept else None
            if (
                said is not None
                and before
                and entry.joined in {"comma", "and_"}
                and self._says_year(before.moments[-1])
            ):
                kept.append(self._in_years_since(before, said))
            elif only_year and said is not None and bare:
                for other in dated:
                    other.moments = [self._in_year(m, said, school=entry.kind == "school_year") for m in other.moments]
            else:
                kept.append(entry)
        flat = [(entry, n) for entry in kept for n in range(len(entry.moments))]
        spread = [self._spread(flat, at) for at in range(len(flat))]
        for (entry, n), moment in zip(flat, spread, strict=True):
            entry.moments[n] = moment
        return kept

    @staticmethod
    def _in_years_since(before: _Dated, year: int) -> _Dated:
        """Return the entry again in the year that stands behind it alone: «май 2022, 2023», «март - апрель 2022, 2023»."""
        later = year - (before.moments[-1].year or year)
        moments = [m if m.year is None else replace(m, year=m.year + later) for m in before.moments]
        return replace(before, moments=moments, label=f"{before.label}, {year}", joined="comma")

    @staticmethod
    def _in_year(moment: Moment, year: int, *, school: bool) -> Moment:
        if moment.year is not None or not moment.make or moment.kind in {"year", "school_year"}:
            return moment
        second = school and moment.order[0] < SEPTEMBER and moment.kind != "school_half"
        return replace(moment, year=year + 1 if second else year)

    def _spread(self, flat: list[tuple[_Dated, int]], at: int) -> Moment:
        entry, n = flat[at]
        moment = entry.moments[n]
        if moment.year is not None or moment.make is None or moment.finding.endswith("-year"):
            return self._relative_year(moment)
        if moment.kind in {"year", "school_year", "school_half"}:
            return moment
        ahead = next((e.moments[k] for e, k in flat[at + 1 :] if self._says_year(e.moments[k])), None)
        behind = next((e.moments[k] for e, k in reversed(flat[:at]) if self._says_year(e.moments[k])), None)
        if ahead and ahead.year is not None:
            return replace(moment, year=ahead.year if moment.order <= ahead.order else ahead.year - 1)
        if behind and behind.year is not None:
            return replace(moment, year=behind.year if moment.order >= behind.order else behind.year + 1)
        return moment

    @staticmethod
    def _says_year(moment: Moment) -> bool:
        return moment.year is not None and moment.kind not in {"year", "years", "school_year", "school_half"}

    def _relative_year(self, moment: Moment) -> Moment:
        """Settle «текущего года» by the signing, «следующего года» as the year after it."""
        if moment.finding not in {"this-year", "next-year"} or moment.year is not None:
            return moment
        base = self.signed or (self.period.start if self.period else None)
        if base is None:
            return moment
        year = base.year + (moment.finding == "next-year")
        if (
            moment.kind in {"year", "school_year"}
            and moment.finding == "next-year"
            and self.period
            and moment.kind == "school_year"
        ):
            year = self.period.end.year
        self._note("year-not-said", str(year), text=moment.text)
        return replace(moment, year=year, finding="")

    # --- recurrences ---

    def _recur(self, recurring: list[Item], dated: list[_Dated]) -> list[_Dated]:
        """Make the checkpoints of «ежемесячно» and its kin; return the entries that stand for themselves."""
        ops = [item.op for item in recurring]
        following = next((item for item in recurring if item.op == "following"), None)
        numbered = any(m.day is not None for e in dated for m in e.moments)
        slots = [slot for e in dated for slot in self._slots(e)]
        if numbered and any(not 1 <= last <= 31 for _, last in slots):  # noqa: PLR2004  days of a month
            self._note("no-such-date")
            return []
        dated = [e for e in dated if any(m.day is None and m.days is None for m in e.moments)]
        if len(set(ops)) > 1 and {"weekly", "daily", "seldom", "termly"} & set(ops):  # «1 раз в месяц по средам»
            self._note("compound-phrase")
        if "yearly" in ops and not slots and "quarterly" not in ops and "monthly" not in ops:
            return self._yearly(recurring[ops.index("yearly")], dated, following)
        pace = self._pace(set(ops), following.text.lower() if following else "", named=bool(slots))
        if pace is None:
            return self._vague(recurring, dated)
        step, kind = pace
        self._kind(kind)
        text = recurring[0].text
        scope, dated = self._scope(dated, bare=step == 1 and not numbered)
        if dated and all(self._names_time(e) for e in dated) and (step > 1 or self._times(text) > 1):
            self._count(text, len(dated), yearly=12 // step)
            return dated
        if self.period is None and scope is None:
            self._note("year-not-said")
            return dated
        assert scope is not None  # noqa: S101  _scope gives the period's where there is one
        self._count(text, 1)
        if step == 3:  # noqa: PLR2004
            self._note("calendar-unit")
        weekday, dated = self._weekday_said(recurring, dated)
        after = self._months_after(recurring, slots if step > 1 and numbered else [])
        self._every(scope, step, slots, weekday, text, after=after)
        return dated

    @staticmethod
    def _names_time(entry: _Dated) -> bool:
        """Tell one of the times of a recurrence: «1 раз в полугодие: декабрь, май», «… до 15 января и до 15 июля»."""
        return (entry.op == "point" and entry.kind in {"month", "day"}) or (
            entry.op in {"until", "before"} and entry.kind == "day"
        )

    @staticmethod
    def _pace(ops: set[str], following: str, *, named: bool) -> tuple[int, str] | None:
        """Return the months from one time to the next and the kind; None for what is not counted in months."""
        if {"quarterly", "month_of_quarter"} & ops or "квартал" in following:
            return 3, "quarterly"
        if "half_yearly" in ops:
            return 6, "periodic"
        if {"monthly", "each_month", "weekday_monthly"} & ops or (following and (named or "месяц" in following)):
            return 1, "monthly"
        return None

    @staticmethod
    def _weekday_said(recurring: list[Item], dated: list[_Dated]) -> tuple[str, list[_Dated]]:
        """Return the words that name a weekday of each month («последняя пятница»), and the other entries."""
        said = next((item.text for item in recurring if item.op == "weekday_monthly"), "")
        named = [e for e in dated if all(m.rule == "weekday_of_month" and m.make is None for m in e.moments)]
        if said or not named:
            return said, dated
        return named[0].text, [e for e in dated if e is not named[0]]

    def _months_after(self, recurring: list[Item], slots: list[tuple[int | None, int]]) -> int:
        """Return how many months after the last one of its quarter (or the like) a time lies; `slots` are in doubt."""
        for item in recurring:
            if item.op == "month_of_quarter":
                return self._month_of_quarter(item.text)
            if item.op == "following":
                return 1
        return self._month_meant(slots) if slots else 0

    @staticmethod
    def _month_of_quarter(text: str) -> int:
        """Return how many months after a quarter's last month one lies: «последний месяц квартала» is 0."""
        number = number_named(text) or -1
        return 0 if number == -1 else number - 3 if "следующ" not in text.lower() else number

    def _slots(self, entry: _Dated) -> list[tuple[int | None, int]]:
        """Return the days of each month that an entry without a month names: a day, a window of days, a part of it."""
        moments = entry.moments
        if all(m.day is not None for m in moments):
            numbers = [m.day or 0 for m in moments]
            return [(numbers[0], numbers[-1])] if entry.op == "window" else [(None, n) for n in numbers]
        if any(m.days is None for m in moments):
            return []
        for finding in {m.finding for m in moments if m.finding}:
            self._note(finding, text=entry.text)
        bound = entry.op in {"until", "before"}
        return [(None if bound else m.days[0], m.days[1]) for m in moments if m.days]

    def _month_meant(self, slots: list[tuple[int | None, int]]) -> int:
        """Ask of which month «ежеквартально до 10 числа» speaks: the next one (1), if the day is early in it.

        Reports on a quarter are due by the 10th of the month after it (Свердловская обл., docs.cntd.ru 453106005).
        """
        after = int(max(day for _, day in slots) <= 15)  # noqa: PLR2004  the first half of a month
        self._note("month-not-said")
        return after

    def _scope(self, dated: list[_Dated], *, bare: bool) -> tuple[tuple[date, date] | None, list[_Dated]]:
        """Return the stretch that a recurrence runs through, and the entries that do not name it.

        «Ежемесячно» in a plan for a school year is September to May (ОРКСЭ-style plans and приказ № 115 п. 17: the
        teaching year); with a day («до 25 числа») it is every month of the plan.
        """
        whole = (self.period.start, self.period.end) if self.period else None
        if whole and bare and self.period and self.period.is_school_year:
            whole = self._teaching_year()
        wide = [
            e
            for e in dated
            if e.op in {"window", "open_from", "during", "until"}
            or e.kind in {"year", "school_year", "quarter", "half", "school_half", "season", "years"}
        ]
        wide = [e for e in wide if not (e.op == "until" and e.kind == "day")]
        if len(wide) != 1:
            return whole, dated
        entry, rest = wide[0], [e for e in dated if e is not wide[0]]
        span = self._settled(entry)
        if span is None:
            return whole, rest
        if entry.op == "open_from":
            return (span[0], whole[1] if whole and whole[1] > span[0] else span[1]), rest
        if entry.op == "until":
            return (whole[0] if whole else span[0], span[1]), rest
        return span, rest

    def _teaching_year(self) -> tuple[date, date]:
        assert self.period is not None  # noqa: S101  its callers ask for a school year first
        return max(self.period.start, date(self.period.start.year, 9, 1)), min(
            self.period.end, date(self.period.end.year, 5, 31)
        )

    def _every(
        self,
        scope: tuple[date, date],
        step: int,
        slots: list[tuple[int | None, int]],
        weekday: str,
        text: str,
        *,
        after: int,
    ) -> None:
        start, end = scope
        period_school = self.period is not None and self.period.is_school_year
        year, month = start.year, start.month
        while date(*month_after(year, month, min(after, 0)), 1) <= end:
            closing = month % step == 0 if step != 6 or not period_school else month in {12, 5}  # noqa: PLR2004
            if closing:
                length = 5 if step == 6 and period_school and month == 5 else step  # noqa: PLR2004  January to May
                first = max(start, date(*month_after(year, month, 1 - length), 1))
                named = MONTH_NAMES[month - 1]
                target = month_after(year, month, after)
                spans = self._dues(target, slots, weekday) if slots or weekday else [(first, last_day(*target))]
                if not slots and not weekday and not after and first <= end < spans[0][1]:
                    self._note("boundary", str(end))
                    spans = [(first, end)]
                for begin, due in spans:
                    if start <= due <= end and (self.signed is None or due >= self.signed):
                        label = f"{text}: {named} {year}"
                        rule = self._recurring_rule(step, weekday, bare=not slots)
                        self.points.append(_Point(label, begin, due, rule, unit=begin is not None))
            year, month = month_after(year, month)

    @staticmethod
    def _recurring_rule(step: int, weekday: str, *, bare: bool) -> str:
        name = {1: "monthly", 3: "quarterly", 6: "half_yearly"}[step]
        return "weekday_monthly" if weekday else name if bare else f"{name}/day_number"

    def _dues(
        self, target: tuple[int, int], slots: list[tuple[int | None, int]], weekday: str
    ) -> list[tuple[date | None, date]]:
        """Return each start (None for a bare day) and due day in a month; a day that it lacks is its last."""
        last = last_day(*target)
        if weekday:
            named = [nth_weekday_or_none(*target, weekday_named(weekday), nth) for nth in weekday_ordinals(weekday)]
            return [(None, day) for day in named if day]
        spans: list[tuple[date | None, date]] = []
        for first, final in slots:
            due = date(*target, min(final, last.day)) if final > 0 else last
            begin = None if first is None else self._begin(first, due)
            spans.append((begin, due))
        return spans

    @staticmethod
    def _begin(first: int, due: date) -> date:
        """Return day `first` of the month of `due` (less than one: back from its end), or of the month before it."""
        end = last_day(due.year, due.month)
        if first < 1:
            return date(due.year, due.month, end.day + first)
        if first <= due.day:
            return date(due.year, due.month, first)
        before = last_day(*month_after(due.year, due.month, -1))
        return before.replace(day=min(first, before.day))

    def _yearly(self, item: Item, dated: list[_Dated], following: Item | None) -> list[_Dated]:
        """Repeat each date in every year of the plan; without a date «ежегодно» is the whole plan and a finding."""
        self._kind("periodic")
        since = next((e for e in dated if e.op == "open_from" and e.kind in {"year", "day", "month"}), None)
        rest = [e for e in dated if e is not since and not (e.op != "until" and e.kind in {"year", "years"})]
        span = next((self._settled(e) for e in dated if self._names_years(e)), None)
        if self.period is None and span is None:
            if not rest:
                self._note("no-date")
            return dated
        first, last = span or ((self.period.start, self.period.end) if self.period else (date.min, date.max))
        since_span = self._settled(since) if since else None
        if since_span:
            first = max(first, since_span[0])
            last = max(last, last_day(*month_after(first.year, first.month, 11)) if first > last else last)
        self._count(item.text, max(1, len(rest)))
        if not rest:
            self._note("no-date")
            self._year_point(item.text, "yearly")
            return []
        return [entry for entry in rest if not self._each_year(entry, first, last, late=following is not None)]

    @staticmethod
    def _names_years(entry: _Dated) -> bool:
        """Tell «2022-2026 гг.», «с 2022 по 2026 годы»."""
        return entry.kind == "years" or (entry.op == "window" and all(m.kind == "year" for m in entry.moments))

    def _each_year(self, entry: _Dated, first: date, last: date, *, late: bool) -> bool:
        """Add an entry in every year of a stretch; False where it names its year or fits nowhere.

        A report on a year (`late`) that no year of the plan can hold is due in the next one.
        """
        if any(m.make is None or m.kind == "years" for m in entry.moments):
            return False
        if any(m.year is not None for m in entry.moments):
            said = self._settled(entry)
            if said is None:
                return True
            first = max(first, said[0])
            last = max(last, said[1])
            entry = replace(entry, moments=[replace(m, year=None) for m in entry.moments])
        spans = [span for year in range(first.year - 1, last.year + 2) if (span := self._span(entry, year))]
        fitting = [s for s in spans if first <= s[1] <= last and (self.signed is None or s[1] >= self.signed)]
        if not fitting and late:
            fitting = [s for s in spans if s[1] > last][:1]
        for span in fitting:
            self._add(entry, span)
        return bool(fitting)

    def _vague(self, recurring: list[Item], dated: list[_Dated]) -> list[_Dated]:
        """Read weekly, daily, by school terms, every other year: the whole stretch, with a finding; named months win."""
        names = {"daily": ("all-year",), "weekly": ("all-year", "periodic")}
        item = recurring[0]
        if item.op == "following":
            self._note("no-date")
            return dated
        self._kind(*names.get(item.op, ("periodic",)))
        points = [e for e in dated if e.op in {"point", "until", "before"} and e.kind in {"month", "day"}]
        if points and item.op not in names:
            self._count(item.text, len(points))
            return dated
        self._note("school-term" if item.op == "termly" else "no-date")
        if item.op == "seldom":
            return dated
        teaching = item.op in {"daily", "weekly", "termly"}
        scope, rest = self._scope(dated, bare=teaching)
        if scope and not (teaching and scope == (self.period and (self.period.start, self.period.end))):
            self.points.append(_Point(self.text, *scope, item.op, unit=True, key="year"))
        elif scope:
            self._year_point(self.text, item.op)
        return rest

    def _count(self, text: str, named: int, *, yearly: int = 1) -> None:
        """Compare the dates named with those said: «2 раза в год», «раз в полугодие» (`yearly` 2 in a plan for a year)."""
        said = self._times(text)
        if self.period and (self.period.end - self.period.start).days < 370:  # noqa: PLR2004  a year and some days
            said *= yearly
        if said not in {1, named}:
            self._note("count-differs", said=str(said), named=str(named))

    @staticmethod
    def _times(text: str) -> int:
        """Return how often «2 раза в год» says, of «1-2 раза» the most, of no number one."""
        found = re.search(r"(.*?)\s*раз", text, re.IGNORECASE)
        counts = re.findall(r"\d+", found.group(1)) if found else []
        number = int(counts[-1]) if counts else number_named(found.group(1)) if found and found.group(1) else None
        if number is None and re.match("дважды|трижды", text, re.IGNORECASE):
            return 2 if text.lower().startswith("дв") else 3
        return number or 1

    # --- placing in the period ---

    def _place_all(self, dated: list[_Dated]) -> None:
        piped = [e for e in dated if e.joined == "pipe"]
        if len(dated) == 2 and len(piped) == 1 and all(e.op == "point" for e in dated):  # noqa: PLR2004
            both = _Dated("window", [m for e in dated for m in e.moments], self.text, self.text, bracketed=False)
            self._place(both)
            return
        if any(e.bracketed for e in dated) and any(not e.bracketed for e in dated):
            self._note("bracketed-date")
        placed = len(self.points)
        for entry in self._joined_days(dated):
            self._place(entry)
        yearless = not re.search(r"(?:19|20)\d{2}", self.text)
        if yearless and any(a.due > b.due for a, b in pairwise(self.points[placed:])):
            self._note("year-not-said")

    def _joined_days(self, dated: list[_Dated]) -> list[_Dated]:
        """Join days in a row («19 и 20 мая») into one window."""
        result: list[_Dated] = []
        for entry in dated:
            before = result[-1] if result else None
            if (
                before
                and entry.joined in {"and_", "comma"}
                and entry.op == "point"
                and before.op in {"point", "row"}
                and entry.kind == before.kind == "day"
                and before.moments[-1].rule == "bare_day"
                and entry.moments[0].order == (before.moments[-1].order[0], before.moments[-1].order[1] + 1)
            ):
                label = f"{before.label} {'и' if entry.joined == 'and_' else ','} {entry.label}".replace(" ,", ",")
                result[-1] = replace(before, op="row", moments=[before.moments[0], entry.moments[-1]], label=label)
                if entry.moments[-1].rule == "bare_day":
                    continue
            else:
                result.append(entry)
        return [replace(e, op="window") if e.op == "row" else e for e in result]

    def _place(self, entry: _Dated) -> None:
        if any(m.kind == "term" for m in entry.moments):
            self._kind("relative")
            self._note("school-term", text=entry.text)
            return
        if entry.op != "window" and len(entry.moments) > 1:
            for moment in entry.moments:
                self._place(
                    replace(entry, moments=[moment], label=moment.text if entry.kind != "quarter" else entry.label)
                )
            return
        span = self._settled(entry)
        if span is not None:
            self._add(entry, span)

    def _settled(self, entry: _Dated) -> tuple[date, date] | None:
        """Return the entry's days once its year is settled, or note why there are none."""
        if any(m.make is None for m in entry.moments):
            self.unread.append(entry.text)
            return None
        if all(m.year is not None or m.kind == "years" for m in entry.moments):
            span = self._span(entry, None)
            if span is None:
                self._note("no-such-date", text=entry.text)
            return span
        if self.period is None:
            if self._span(entry, 2024) is None:  # a leap year: what even it does not have is no date
                self._note("no-such-date", text=entry.text)
            else:
                self._note("year-not-said", text=entry.text)
            return None
        return self._by_period(entry, self.period)

    def _by_period(self, entry: _Dated, period: Period) -> tuple[date, date] | None:
        """Choose the year that puts the entry into the plan: September to December the first, January to August the second.

        A bare August may be the preparatory one before the school year (facts: ask). In a plan of several years the
        first that is left after the signing is taken, with a finding.
        """
        ranked: list[tuple[int, int]] = []
        for year in range(period.start.year - 1, period.end.year + 2):
            span = self._span(entry, year) or self._stand_in(entry, year)
            if span is None:
                self._note("no-such-date", text=entry.text)
                return None
            start, end = span if entry.op not in {"until", "before"} else (span[1], span[1])
            inside = (period.start <= start <= period.end, period.start <= end <= period.end)
            score = {(True, True): 3, (False, True): 2, (True, False): 1}.get(inside, 0)
            distance = min(abs((end - period.start).days), abs((end - period.end).days))
            ranked.append((score * 10_000 - distance if score == 0 else score * 10_000, year))
        best = max(score for score, _ in ranked)
        years = [year for score, year in ranked if score == best]
        chosen = self._of_several(entry, years)
        others = [year for score, year in ranked if score >= 10_000 and year != chosen]  # noqa: PLR2004
        span = self._span(entry, chosen)
        if span is None:
            self._note("no-such-date", text=entry.text)
            return None
        if period.is_school_year and span[0].month == span[1].month == 8:  # noqa: PLR2004  August
            earlier = self._span(entry, period.start.year)
            if self.signed and earlier and earlier[1] >= self.signed and self.signed <= date(period.start.year, 8, 31):
                span = (max(earlier[0], self.signed) if earlier[0] != earlier[1] else earlier[0], earlier[1])
            self._note(
                "year-ambiguous", str(span[1]), text=entry.text, one=str(period.start.year), other=str(period.end.year)
            )
        elif others:
            self._note("year-not-said", str(span[1]), text=entry.text)
        if entry.kind in {"quarter", "half", "season"} and entry.op != "until" and best < 30_000 and best >= 10_000:  # noqa: PLR2004
            span = max(span[0], period.start), min(span[1], period.end)
            self._note("calendar-unit", f"{span[0]} – {span[1]}", text=entry.text)
        return span

    def _of_several(self, entry: _Dated, years: list[int]) -> int:
        for year in years:
            span = self._span(entry, year)
            if span and (self.signed is None or span[1] >= self.signed):
                return year
        return years[0]

    @staticmethod
    def _stand_in(entry: _Dated, year: int) -> tuple[date, date] | None:
        """Return the month of a date that does not exist in that year (29 February), to rank the year by."""
        month, day = entry.moments[-1].order
        return months_long(2, 1)(year) if (month, day) == (2, 29) else None

    @staticmethod
    def _span(entry: _Dated, year: int | None) -> tuple[date, date] | None:
        """Return the entry's first and last day, of a year that is not said in `year`; None where there is no such day."""
        try:
            first = entry.moments[0]
            assert first.make is not None  # noqa: S101  entries without it are unread
            start, end = first.make(first.year if first.year is not None else year or 0)
            if len(entry.moments) > 1:
                last = entry.moments[-1]
                assert last.make is not None  # noqa: S101  as above
                chosen = last.year if last.year is not None else start.year
                end = last.make(chosen)[1]
                if end < start and last.year is None:
                    end = last.make(chosen + 1)[1]
        except ValueError:
            return None
        return start, end

    def _add(self, entry: _Dated, span: tuple[date, date]) -> None:
        """Turn a placed entry into a point by the preposition before it."""
        start, end = span
        kind, first = entry.kind, entry.moments[0]
        for moment in entry.moments:
            if moment.finding and not moment.finding.endswith("-year"):
                self._note(moment.finding, str(end), text=entry.text)
        if entry.op == "window" and end < start:
            self._note("due-before-start", text=entry.text)
            return
        if entry.op in {"open_from", "not_before"}:
            self._kind("window")
            self._note("open-end", f"с {start}", text=entry.text)
            return
        if entry.op in {"until", "before"}:
            end = self._bound(entry, start, end)
            self._kind("by-date")
            self.points.append(_Point(entry.label, None, end, entry.rule, unit=kind != "day"))
            return
        if not entry.is_window:
            self._kind("by-date")
            self.points.append(_Point(entry.label, None, end, entry.rule, unit=False))
            return
        if entry.op == "window" and kind in {"day", "month"} and self.signed and start < self.signed <= end:
            self._note("window-before-order", str(self.signed), start=str(start), signed=str(self.signed))
        if kind == "school_year":
            self._note("school-year-end", str(end), text=entry.text)
        both_said = entry.op == "window" and first.year is not None and start.year != end.year
        self._kind(
            "months"
            if kind == "month" and not both_said
            else "all-year"
            if kind == "school_year" or (kind == "year" and entry.op == "during")
            else "window"
        )
        key = "year" if kind in {"school_year", "years"} or (kind == "year" and entry.op == "during") else ""
        self.points.append(_Point(entry.label, start, end, entry.rule, unit=kind != "day", key=key))

    def _bound(self, entry: _Dated, start: date, end: date) -> date:
        """Return the day that «до» or «к» names.

        «до» is inclusive (facts: usage in education, Supreme Court of the RF); «к сентябрю» means the state on
        31 August; the start and end of a stretch are its first and last day. All but a plain day carry a finding.
        """
        kind = entry.kind
        if kind == "day":
            return end
        if kind.startswith("part:"):
            name = kind.split(":")[1]
            if name == "start" and kind.endswith("school_year"):
                self.findings = [f for f in self.findings if f.code != "approximate"]
            if name == "start":
                end = start if entry.op == "before" else start - timedelta(days=1)
            elif name == "end":
                self.findings = [f for f in self.findings if f.code != "approximate"]
                if not entry.moments[0].rule.endswith("this_year") or not (self.period and self.period.is_school_year):
                    return end
            elif name == "middle":
                end = date(start.year, start.month, 15)
        elif kind == "school_year":
            end = start if entry.op == "before" else end
        elif entry.op == "before":
            end = start - timedelta(days=1)
        self._note("boundary", str(end), text=entry.text)
        return end

    # --- what has no date, or the whole period ---

    def _year_point(self, label: str, rule: str, span: tuple[date, date] | None = None) -> None:
        if span is None and self.period is None:
            self._note("year-not-said")
            return
        if span is None and self.period is not None:
            span = self.period.start, self.period.end
        assert span is not None  # noqa: S101  one of the two branches above gave it
        self.points.append(_Point(label, span[0], span[1], rule, unit=True, key="year"))

    def _undated(self, items: Sequence[Item]) -> None:
        for n, item in enumerate(items):
            after = items[n + 1].op if n + 1 < len(items) else ""
            if item.op == "all_year":
                self._whole_year(item, after)
            elif item.op in {"term_from", "urgent"}:
                self._term(item, depends=after == "event")
            elif item.op in _AROUND:
                self._term_around(item)
            elif item.op in _WITHOUT_DATE:
                if item.op == "event" and not item.label and after in DATED and not self._hangs_on(item):
                    continue  # «в период с … по …»: the words before a date
                kind, code = _WITHOUT_DATE[item.op]
                self._kind(kind)
                self._note(code, text=item.text)

    def _whole_year(self, item: Item, after: str) -> None:
        """Read «в течение года»: the whole plan, or the stretch that follows («всего периода с 2022 по 2027 годы»)."""
        self._kind("all-year")
        several_years = self.period is not None and (self.period.end - self.period.start).days > 366 + 31
        other_year = "календарн|финансов" if self.period and self.period.is_school_year else "год"
        if self.period and (several_years or self.period.is_school_year) and re.search(other_year, item.text.lower()):
            self._note("year-not-said", str(self.period.end), text=item.text)
        if _ENDLESS.match(item.text):
            self._note("no-date", text=item.text)
        if after in {"window", "point"} and len(self.points) == 1:
            self.kinds = ["all-year"]
        said = any(p.key == "year" for p in self.points) or bool({"monthly", "quarterly"} & set(self.kinds))
        if not (self.points and (after in DATED or said)):
            self._year_point(item.text, "all_year")

    def _term(self, item: Item, *, depends: bool) -> None:
        """Count a term from the signing: days and weeks on, months to the same day (ГК РФ ст. 191, 192).

        «Срочно» is 3 days, «оперативно» 10 (LAW_305378 п. 5.3.2).
        """
        self._kind("relative")
        if depends:
            self._note("event-date-unknown", text=item.text)
            return
        if self.signed is None:
            self._note("signing-unknown", text=item.text)
            return
        low = item.text.lower()
        if item.op == "urgent":
            due = self.signed + timedelta(days=10 if "оперативно" in low else 3)
        else:
            amount = number_named(re.sub(r"\(.*?\)", "", item.parts[0])) or 1
            if "рабоч" in low:
                self.points.append(_Point(item.text, self.signed, self.signed, item.op, unit=False, working=amount))
                return
            due = self._later(self.signed, amount, low)
        self._note("counted-from-signing", str(due), text=item.text, signed=str(self.signed))
        self.points.append(_Point(item.text, self.signed, due, item.op, unit=False))

    def _term_around(self, item: Item) -> None:
        """Count a term from a date: «за 10 дней до 1 сентября», «в течение 5 дней после 15 октября» (ГК РФ ст. 191)."""
        self._kind("relative")
        if any(m.kind == "term" for m in item.moments):
            self._note("school-term", text=item.text)
            return
        sign, low = _AROUND[item.op], item.parts[0].lower()
        span = self._settled(_Dated("point", item.moments, item.text, item.text, bracketed=False))
        if span is None:
            return
        part = item.moments[-1].kind.split(":")[:2]
        base = span[0] if part == ["part", "start"] or (sign < 0 and part != ["part", "end"]) else span[1]
        if item.moments[-1].kind != "day":
            self._note("boundary", str(base), text=item.text)
        if re.search("несколько|полтора|час", low):
            self._note("event-date-unknown", text=item.text)
            return
        amount = sign * (number_named(re.sub(r"\(.*?\)", "", low)) or 1)
        if "рабоч" in low:
            self.points.append(_Point(item.text, None, base, item.op, unit=False, working=amount))
        else:
            self.points.append(_Point(item.text, None, self._later(base, amount, low), item.op, unit=False))

    @staticmethod
    def _later(day: date, amount: int, text: str) -> date:
        if "недел" in text:
            return day + timedelta(weeks=amount)
        if "месяц" in text or "месяч" in text:
            year, month = month_after(day.year, day.month, amount)
            return (
                date(year, month, min(day.day, last_day(year, month).day))
                if "полу" not in text
                else day + timedelta(days=15)
            )
        if "год" in text or "лет" in text:
            return date(day.year + amount, day.month, min(day.day, last_day(day.year + amount, day.month).day))
        if "час" in text:
            return day + timedelta(days=-(-amount // 24))
        return day + timedelta(days=amount)

    # --- the end ---

    def _conclude(self, items: Sequence[Item]) -> None:
        if self.unread and (self.kinds or self.points):
            self._note("unread-words", text="; ".join(self.unread))
        elif self.unread:
            self._note("deadline-not-understood")
        elif not self.kinds and not any(
            f.severity == "error" or f.code in {"year-not-said", "exception"} for f in self.findings
        ):
            self._note("no-date")
        if not self.kinds:
            self._kind("unspecified")
        self._check_weekday()
        groups = [k for k in self.kinds if k != "periodic"]
        repeated = {p.rule.split("/")[0] in _REPEATED for p in self.points}
        year_too = len(self.points) > 1 and any(p.key == "year" for p in self.points)
        if len(groups) > 1 or len(repeated) > 1 or year_too:
            self._note("compound-phrase", text=" ".join(self.text.split()))
        broken = any(f.code == "broken-word" for f in self.findings)
        if broken and sum(item.op == "point" for item in items) > 1:
            self._note("month-list")

    def _check_weekday(self) -> None:
        said = re.search("(?i)" + "|".join((*WEEKDAYS, *SHORT_WEEKDAYS)), self.text)
        days = [
            p
            for p in self.points
            if not p.unit and p.rule.startswith(("point", "until", "before")) and "weekday" not in p.rule
        ]
        if said and len(self.points) == len(days) == 1 and days[0].due.weekday() != weekday_named(said.group()):
            self._note("weekday-differs", str(days[0].due))

    def deadline(self, calendar: Calendar | None, shift: Shift) -> Deadline:
        """Return the reading with its keys, shifted dates and the findings about single dates."""
        checkpoints: list[Checkpoint] = []
        seen: set[tuple[date | None, date]] = set()
        number = 0
        for point in self.points:
            made = self._finished(point, calendar, shift)
            if made is None:
                continue
            number += not point.key
            key = (
                point.key
                if point.key and all(c.key != point.key for c in checkpoints)
                else str(number or len(checkpoints) + 1)
            )
            if (made.start, made.due) in seen:
                self._note("repeated-date", str(made.due))
            seen.add((made.start, made.due))
            checkpoints.append(replace(made, key=key))
        return Deadline(tuple(self.kinds), tuple(checkpoints), _distinct(self.findings))

    def _finished(self, point: _Point, calendar: Calendar | None, shift: Shift) -> Checkpoint | None:
        due = point.due
        if point.working:
            if calendar is None:
                self._note("needs-calendar", text=point.label)
                return None
            try:
                due = calendar.add(due, point.working)
            except OutsideCalendar:
                self._note("needs-calendar", text=point.label)
                return None
            if point.rule == "term_from":
                self._note("counted-from-signing", str(due), text=point.label, signed=str(point.due))
        if self.signed and due < self.signed:
            self._note("before-order", due=str(due), signed=str(self.signed))
        if self.period and not self.period.start <= due <= self.period.end:
            self._note("outside-period", due=str(due), start=str(self.period.start), end=str(self.period.end))
        start = point.start or (self.signed if self.signed and self.signed <= due else None)
        label = " ".join(point.label.split())
        return Checkpoint("", label, start, due, self._shifted(point, due, calendar, shift), point.rule)

    def _shifted(self, point: _Point, due: date, calendar: Calendar | None, shift: Shift) -> date:
        """Shift a non-working date, never before the window's start, the end of a month never out of the month."""
        if calendar is None:
            return due
        try:
            if calendar.is_working(due):
                return due
            moved = calendar.shift(due, shift)
            if point.unit and moved > due and moved.month != due.month:
                moved = calendar.shift(due, Shift.PRECEDING)
        except OutsideCalendar:
            self._note("outside-calendar", due=str(due))
            return due
        if point.start and moved < point.start:
            moved = due
        self._note("non-working-day", str(moved), due=str(due), calendar=calendar.version)
        return moved


def _distinct(findings: Iterable[PlacedFinding]) -> tuple[PlacedFinding, ...]:
    kept: list[PlacedFinding] = []
    for finding in findings:
        if finding not in kept:
            kept.append(finding)
    return tuple(kept)
