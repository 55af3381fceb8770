"""The plan of a year as a picture for an A3 sheet: measures down, months across, the load of bodies below."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from domain.measure import assignments_of
from domain.roadmap import Checkpoint, Measure, Roadmap
from views.names import Names
from views.plain import one_line
from views.texts import RU

MONTHS = {
    "ru": ("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
}  # fmt: skip
A3 = (16.54, 11.69)  # inches, landscape
DPI = 150
ROW = 0.235  # inches of a measure's row
MOST_ROWS, MOST_BODIES = 200, 40
PAD = 388  # points between the left edge of the names and the field
SECTIONS = ("#4c78a8", "#59a14f", "#b07aa1", "#e0913a", "#76b7b2", "#9c755f")
WORDS = {
    "ru": ("без срока", "окно", "срок", "промежуточный отчёт", "Сроков и отчётов в неделю, по исполнителям", "показаны первые", "окно на весь год", "самые занятые {shown} из {all}"),
    "en": ("no date", "window", "deadline", "interim report", "Deadlines and reports a week, by body", "the first are shown:", "all-year window", "the {shown} busiest of {all}"),
}  # fmt: skip
LONG = timedelta(days=200)
BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)


def plan_png(roadmap: Roadmap, lang: str = RU) -> bytes:
    """Return the picture; its height grows beyond A3 where there are more measures than fit."""
    measures = roadmap.measures[:MOST_ROWS]
    marks = list(load(roadmap))
    weeks = Counter((_monday(day), code) for day, code in marks)
    every = [code for code, _ in Counter(code for _, code in marks).most_common()]
    bodies = every[:MOST_BODIES]
    first, last = _span(roadmap)
    upper, lower = max(len(measures), 4) * ROW, max(len(bodies), 2) * ROW * 0.9
    height = max(A3[1], upper + lower + 2.2)
    figure = Figure(figsize=(A3[0], height), dpi=DPI, facecolor="white")
    figure.text(0.012, 1 - 0.3 / height, _wrapped(roadmap.title), va="top", fontsize=13, fontweight="bold")
    left, width, free = 0.335, 0.655, height - 2.0
    share = upper / (upper + lower)
    top = figure.add_axes((left, (0.55 + free * (1 - share) + 0.12) / height, width, (free * share - 0.12) / height))
    bottom = figure.add_axes((left, 0.55 / height, width, (free * (1 - share) - 0.25) / height))
    _measures(top, roadmap, measures, lang)
    _bodies(bottom, weeks, bodies, Names(roadmap, lang), lang, count=len(every))
    for axes in (top, bottom):
        _months(axes, first, last, lang, named=axes is top)
    figure.text(0.012, 0.16 / height, _foot(roadmap, len(measures), lang), fontsize=7, color="#666666")
    out = io.BytesIO()
    FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # a sign that the font has not stands as a box
        figure.savefig(out, format="png")
    return out.getvalue()


def _measures(axes: Axes, roadmap: Roadmap, measures: tuple[Measure, ...], lang: str) -> None:
    words = WORDS["en" if lang == "en" else "ru"]
    colours = {section.number: SECTIONS[at % len(SECTIONS)] for at, section in enumerate(roadmap.sections)}
    for row, measure in enumerate(measures):
        colour = colours.get(measure.section or "", SECTIONS[0])
        if row % 2:
            axes.axhspan(row - 0.5, row + 0.5, color="#f5f5f5", zorder=0)
        if row and measure.section != measures[row - 1].section:
            axes.axhline(row - 0.5, color="#555555", linewidth=0.9, zorder=2)
        for point in measure.checkpoints:
            _point(axes, row, point, colour)
        if not measure.checkpoints:
            middle = _number(roadmap.period.first + (roadmap.period.last - roadmap.period.first) / 2)
            axes.text(middle, row, words[0], ha="center", va="center", fontsize=7.5, style="italic", color="#a33")
    axes.set_ylim(max(len(measures), 1) - 0.5, -0.5)
    axes.set_yticks(range(len(measures)), [_label(measure) for measure in measures], fontsize=7.2)
    axes.tick_params(axis="y", length=0, pad=PAD)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")
    axes.legend(
        handles=[
            Patch(facecolor=SECTIONS[0], alpha=0.75, label=words[1]),
            Patch(facecolor=SECTIONS[0], alpha=0.25, label=words[6]),
            Line2D([], [], marker="D", color="#c22", linestyle="", markersize=5, label=words[2]),
            Line2D([], [], marker="o", markerfacecolor="white", color="#333", linestyle="", markersize=4.5, label=words[3]),
        ],
        loc="lower right", bbox_to_anchor=(1, 1.022), ncols=4, frameon=False, fontsize=8,
    )  # fmt: skip


def _point(axes: Axes, row: int, point: Checkpoint, colour: str) -> None:
    start, due = _number(point.starts_on), _number(point.due_on) + 1
    whole_year = point.due_on - point.starts_on > LONG
    tall = 0.3 if whole_year else 0.56
    axes.barh(row, due - start, left=start, height=tall, color=colour, alpha=0.25 if whole_year else 0.75, zorder=1)
    axes.plot(due - 0.5, row, marker="D", color="#c22", markersize=4.6, zorder=4, clip_on=False)
    for day in point.interim:
        axes.plot(_number(day), row, marker="o", markerfacecolor="white", color="#333", markersize=4, zorder=3)
    if not whole_year:
        said = f"{point.due_on:%d.%m}"
        axes.text(due + 1.5, row, said, va="center", fontsize=6.3, color="#333", zorder=5)


def _bodies(
    axes: Axes, weeks: Counter[tuple[date, str]], bodies: list[str], names: Names, lang: str, *, count: int
) -> None:
    """Draw how many marks each body has a week; `count` is how many bodies there are, these among them."""
    most = max(weeks.values(), default=1)
    for (week, code), marks in weeks.items():
        if code not in bodies:
            continue
        row = bodies.index(code)
        strong = marks / most
        axes.barh(row, 7, left=_number(week), height=0.86, color="#c0504d", alpha=0.18 + 0.72 * strong, zorder=1)
        axes.text(
            _number(week) + 3.5, row, str(marks), ha="center", va="center", fontsize=6.5,
            color="white" if strong > 0.55 else "#222", zorder=3,  # noqa: PLR2004  dark fields take white figures
        )  # fmt: skip
    for row in range(1, len(bodies), 2):
        axes.axhspan(row - 0.5, row + 0.5, color="#f5f5f5", zorder=0)
    axes.set_ylim(max(len(bodies), 2) - 0.5, -0.5)
    axes.set_yticks(range(len(bodies)), [one_line(names.body(code), 60) for code in bodies], fontsize=7.2)
    axes.tick_params(axis="y", length=0, pad=PAD)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")
    words = WORDS["en" if lang == "en" else "ru"]
    title = words[4] if len(bodies) == count else f"{words[4]} ({words[7].format(shown=len(bodies), all=count)})"
    axes.set_title(title, loc="left", fontsize=9, fontweight="bold", pad=4)


def _months(axes: Axes, first: date, last: date, lang: str, *, named: bool) -> None:
    axes.set_xlim(_number(first), _number(last))
    axes.set_xticks([])
    day = first
    while day < last:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        axes.axvline(_number(day), color="#bbbbbb", linewidth=0.6, zorder=0.5)
        if named:
            name = MONTHS["en" if lang == "en" else "ru"][day.month - 1]
            said = f"{name} {day.year}" if day == first or day.month == 1 else name
            said = said if following <= last else ""
            middle = (_number(day) + _number(min(following, last))) / 2
            axes.text(middle, 1.004, said, transform=axes.get_xaxis_transform(), ha="center", va="bottom", fontsize=7.5)
        day = following
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_color("#999999")


def load(roadmap: Roadmap) -> Iterator[tuple[date, str]]:
    """Yield a day and a body for each deadline and interim report that the body has: a group's are its members'."""
    for measure in roadmap.measures:
        points = {point.key: point for point in measure.checkpoints}
        for item in assignments_of(roadmap.plan(measure), measure.checkpoints, BEFORE_ALL).values():
            yield from ((day, item.body) for day in (*points[item.checkpoint].interim, item.due_on))


def _span(roadmap: Roadmap) -> tuple[date, date]:
    """Return the first day of the first month, and a week after the last month: marks at its end stay whole."""
    days = [roadmap.period.first, roadmap.period.last]
    days += [day for m in roadmap.measures for p in m.checkpoints for day in (p.starts_on, p.due_on)]
    return min(days).replace(day=1), (max(days).replace(day=1) + timedelta(days=32)).replace(day=1) + timedelta(days=9)


def _label(measure: Measure) -> str:
    return _escaped(f"{measure.number}  {one_line(measure.title, 79)}")


def _wrapped(text: str) -> str:
    lines = textwrap.wrap(one_line(text, 400), 130)[:2]
    return _escaped("\n".join(lines))


def _foot(roadmap: Roadmap, shown: int, lang: str) -> str:
    more = "" if shown == len(roadmap.measures) else f" · {WORDS['en' if lang == 'en' else 'ru'][5]} {shown}"
    return _escaped(f"{one_line(roadmap.id)} · {one_line(roadmap.calendar.version)}{more}")


def _escaped(text: str) -> str:
    return text.replace("$", r"\$")  # matplotlib would read mathematics between two of them


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _number(day: date) -> float:
    return float(day.toordinal())
