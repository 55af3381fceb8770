"""How many deadlines are read rightly: ours, dateparser and natasha on the same phrases, in one run.

    python bench/deadlines.py [FILE.tsv …]

The phrases are those of the corpora whose due dates are known: real ones with their source (`deadlines.tsv`), and our
own second set in the words of such plans (`phrases.tsv`, made to break the grammar, which has been mended since). A general parser gets every help: Russian only, day
first, dates in the plan's school year, search inside the phrase, and the last date it finds counts as the due date.
"""

from __future__ import annotations

import csv
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from domain.workdays import Shift  # noqa: E402  the project is no package
from orders.calendars import calendar_or_none  # noqa: E402
from reading.deadlines import Period, read_deadline  # noqa: E402

PERIOD, SIGNED = Period(date(2021, 9, 1), date(2022, 8, 31)), date(2021, 8, 24)
Reader = Callable[[str], tuple[set[str], bool]]
"""Gives the due dates of a phrase and whether the reader voiced a doubt."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the peers' warnings about their own parts out of the figures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def ours() -> Reader:
    """Return our reader, with the production calendar that its doors use."""
    calendar = calendar_or_none(PERIOD.start, PERIOD.end)

    def read(phrase: str) -> tuple[set[str], bool]:
        got = read_deadline(phrase, PERIOD, signed=SIGNED, calendar=calendar, shift=Shift.NONE)
        return {str(c.due) for c in got.checkpoints}, bool(got.findings)

    return read


def by_dateparser() -> Reader:
    """Return dateparser's search with the settings that suit these phrases best."""
    from dateparser.search import search_dates  # noqa: PLC0415  the bench's extra

    settings: dict[str, Any] = {
        "DATE_ORDER": "DMY",
        "PREFER_DAY_OF_MONTH": "last",
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": datetime.combine(SIGNED, datetime.min.time()),
    }

    def read(phrase: str) -> tuple[set[str], bool]:
        found = search_dates(phrase, languages=["ru"], settings=settings) or []
        return {str(found[-1][1].date())} if found else set(), False

    return read


def by_natasha() -> Reader:
    """Return natasha's dates; a year or day that it leaves out is filled from the school year as we fill it."""
    from natasha import DatesExtractor, MorphVocab  # noqa: PLC0415  the bench's extra

    extract = DatesExtractor(MorphVocab())

    def read(phrase: str) -> tuple[set[str], bool]:
        facts = [match.fact for match in extract(phrase)]
        dates = set()
        for fact in facts[-1:]:
            month = fact.month or 12
            year = fact.year or (2021 if month >= 9 else 2022)
            last = 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days
            dates.add(str(date(year, month, min(fact.day or last, last))))
        return dates, False

    return read


def phrases(path: Path) -> list[tuple[str, set[str]]]:
    """Return the phrases with known due dates that name a year or lie in the plan's; none that can be read two ways."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [
            (r["phrase"], set(re.findall(r"\d{4}-\d{2}-\d{2}", r["due"])), r["doc_type"])
            for r in csv.DictReader(lines, delimiter="\t")
            if " or " not in r["due"]
        ]
    return [
        (phrase, due) for phrase, due, kind in rows if due and kind != "calendar/exam-schedule" and "|" not in phrase
    ]


def main() -> None:
    """Print a table for each file."""
    corpus = ROOT / "tests/orders/corpus"
    readers = [
        (name, made(make)) for name, make in (("vekha", ours), ("dateparser", by_dateparser), ("natasha", by_natasha))
    ]
    for path in [Path(name) for name in sys.argv[1:]] or [corpus / "deadlines.tsv", corpus / "phrases.tsv"]:
        compare(path, readers)


def made(make: Callable[[], Reader]) -> Reader:
    """Return a reader that has read one phrase already, so that its start is not measured."""
    with quiet():
        read = make()
        read("до 30.09")
    return read


def compare(path: Path, readers: list[tuple[str, Reader]]) -> None:
    """Print one line for each reader on the phrases of one file."""
    known = phrases(path)
    print(f"{path.name}: {len(known)} phrases with a known due date")
    print(f"{'reader':<12}{'right':>8}{'wrong, said so':>16}{'wrong in silence':>18}{'nothing':>9}{'ms a phrase':>13}")
    for name, read in readers:
        with quiet():
            started = time.perf_counter()
            results = [(due, *read(phrase)) for phrase, due in known]
            took = (time.perf_counter() - started) / len(known) * 1000
        right = sum(got == due for due, got, _ in results)
        nothing = sum(not got for _, got, _ in results)
        said = sum(bool(got) and got != due and doubt for due, got, doubt in results)
        silent = len(known) - right - nothing - said
        share = f"{right / len(known):.0%}"
        print(f"{name:<12}{share:>8}{said:>16}{silent:>18}{nothing:>9}{took:>13.2f}")


if __name__ == "__main__":
    main()
