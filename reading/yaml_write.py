"""What was imported as a roadmap.yaml for people: verbatim phrases, guesses named, every doubt a comment at its place.

What is written reads back as a definition or as errors of meaning that a person must settle, never as a broken file.
`rewritten` writes a roadmap.yaml as it stands: ours does not change by it, not by a byte.
"""

from __future__ import annotations

import io
import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ruamel.yaml import YAML

from domain.roadmap import Order as DomainOrder
from domain.roadmap import Severity
from orders.checks import SILENT_WINDOW
from orders.compile import default_id
from orders.findings import PlacedFinding
from orders.schema import MOST_CHECKPOINTS, RESERVED
from reading.bodies import BODY_HEAD, PERSON, Body, body_key, read_bodies
from reading.bodies.naming import upright
from reading.deadlines import Checkpoint
from reading.documents.indicators import Indicator, less_is_better
from reading.documents.layout import Section
from reading.doubts import SAID_BY_CHECK, doubt
from reading.importer import Imported, Measure

WIDTH = 112
SHORT, LONG, MOST_SECTIONS = 500, 4000, 500  # the limits of the schema
LONGEST_CODE = 26
"""Letters of a code that is a whole name."""
LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e yo zh z i y k l m n o p r s t u f h c ch sh sch _ y _ e yu ya".replace("_", "").split(" "),
        strict=True,
    )
)
POLICY = """\
policy:
  time_zone: Europe/Moscow
  due_time: "18:00"  # до этого часа включительно
  opens_at: "00:00"
  notify_at: "09:00"
  shift: preceding  # нерабочий срок — на предшествующий рабочий день
  decree_days: false  # нерабочие дни по указу сроков не сдвигают
  reminders: [5, 1]  # за столько рабочих дней
  interim_reminder: 5
  undated_after: 10  # мероприятие без срока: через столько рабочих дней спросить график
  escalation:  # через столько рабочих дней после нарушенного срока
    - {after: 1, to: responsible}
    - {after: 3, to: coordinator}
    - {after: 5, to: controller}
  completion: all
  unreviewed_after: [3, 6]  # отчёт не проверен столько рабочих дней: напомнить контролирующему лицу, затем — тому, кто над ним
  proof_needed: true  # отчёт без пояснения и без файла не принимается"""
UNCONTROLLED = frozenset(("controller-missing", "signatory-missing"))
"""Without a controller no year is started: `check` says it by a code of its own."""
HEAD, NO_NAME = "руководитель", "организация, издавшая приказ"
"""The post and the body of who signed, where the order says neither."""
_BRACKETS = re.compile(r"\s*\(\W*\)")
"""Brackets that held a name only."""
MEASURE = re.compile(r"measure ([^,]+)(?:, .*)?")


def roadmap_text(imported: Imported) -> str:
    """Return the text of the roadmap.yaml that a person then corrects."""
    return draft_of(imported)[0]


def draft_of(imported: Imported) -> tuple[str, tuple[PlacedFinding, ...]]:
    """Return the same text with what was guessed in writing it; these findings have no file."""
    writer = _Writer(imported)
    text = rewritten("\n".join(writer.lines()) + "\n")
    return text, tuple(writer.guesses)


def rewritten(text: str) -> str:
    """Return a roadmap.yaml written again: values, comments and quotes as they stand."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(yaml.load(text), out)
    return out.getvalue()


def latin(name: str) -> str:
    """Return a name in small Latin letters, digits and hyphens, the words of a long one cut: «МКУ ИМЦРО» is `mku-imcro`."""
    letters = "".join(LATIN.get(letter, letter) for letter in name.lower())
    code = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    if len(code) <= LONGEST_CODE:
        return code
    words = [word for word in code.split("-") if len(word) > 2 or word.isdigit()]  # noqa: PLR2004  prepositions
    numbers = [word for word in words if word.isdigit()][:1]
    return "-".join([*(word[:5] for word in words if not word.isdigit()), "x"][:4] + numbers).removesuffix("-x")


@dataclass
class _Registry:
    """The bodies that the document names, each under a code made of its name, in the order they were met."""

    codes: dict[str, str] = field(default_factory=dict)
    bodies: list[tuple[str, Body]] = field(default_factory=list)
    people: set[str] = field(default_factory=set)

    def code(self, body: Body) -> str:
        key = body_key(body.name) or body.name
        if key not in self.codes:
            self.codes[key] = self.free(body.code or latin(body.name) or "body")
            self.bodies.append((self.codes[key], body))
        return self.codes[key]

    def free(self, wanted: str) -> str:
        """Return a code that nobody has: the wanted one, or the same with a number."""
        taken = {code for code, _ in self.bodies} | RESERVED | self.people
        number, code = 1, wanted
        while code in taken:
            number += 1
            code = f"{wanted[:36].strip('-')}-{number}"
        return code


class _Writer:
    """Writes one roadmap from top to bottom."""

    def __init__(self, imported: Imported) -> None:
        self.imported = imported
        findings = [_as_error(f) if f.code in UNCONTROLLED else f for f in imported.findings]
        self.remarks = _by_place(findings)
        self.order = {id(finding): n for n, finding in enumerate(findings)}
        self.registry = _Registry()
        self.sections = _section_numbers(imported.sections, imported.measures)
        self.numbers = [_number(measure.number, at) for at, measure in enumerate(imported.measures, 1)]
        self.bodies = [
            tuple(dict.fromkeys(self.registry.code(body) for body in measure.bodies)) for measure in imported.measures
        ]
        self.members = self._members()
        self.guesses: list[PlacedFinding] = []
        self.signed = imported.order.date or self._first_day()
        self.first, self.last = self._period()
        self.points = [[self._point(point, measure) for point in measure.checkpoints] for measure in imported.measures]
        self.person, self.controller = self._controller()

    def lines(self) -> Iterable[str]:
        """Yield the lines of the file."""
        measures = list(self._measures())
        indicators = list(self._indicators())
        yield from self._head()
        yield from ("", POLICY)
        yield from self._remarks("  ", where=("policy",))
        if self.controller:
            yield f"  controller: {self.controller}"
        yield from self._registry()
        yield from self._sections()
        yield from ("", "measures:", *measures)
        yield from indicators
        yield from self._findings()

    # --- the head ---

    def _head(self) -> Iterable[str]:
        order = self.imported.order
        number = order.number or "б/н"
        title = order.title or order.plan_title or "без названия"
        yield f"# Дорожная карта приказа № {_plain(number)} от {self.signed:%d.%m.%Y}, прочитанная starter.py import. Исправьте её и проверьте:"
        yield "# starter.py check. Ячейки стоят дословно (deadline, responsible, expected_result), рядом — их прочтение."
        yield "# «?» — предупреждение, «!» — вопрос, без ответа на который год не начать, «i» — как прочитано."
        yield from self._remarks("", where=("order", "table", "period", "document"))
        yield ""
        yield f"id: {default_id(DomainOrder(number, self.signed, title))[:60]}"
        yield from _entry("title", order.plan_title or title, 0)
        yield from ("", "order:")
        yield from _entry("number", number[:SHORT], 2)
        yield f"  date: {self.signed}"
        yield from _entry("title", title, 2)
        if order.signatory_post:  # the post: names stay out of the log
            yield from _entry("signatory", order.signatory_post, 2)
        yield from ("", "period:", f"  from: {self.first}", f"  to: {self.last}")

    def _first_day(self) -> date:
        self.guesses.append(_as_error(doubt("order-date-missing", where="order")))
        if self.imported.period:
            return self.imported.period.start
        return min((point.due for m in self.imported.measures for point in m.checkpoints), default=date(2021, 9, 1))

    def _period(self) -> tuple[date, date]:
        if self.imported.period:
            return self.imported.period.start, self.imported.period.end
        self.guesses.append(_as_error(doubt("period-missing", where="order")))
        dues = [point.due for measure in self.imported.measures for point in measure.checkpoints]
        return min([self.signed, *dues]), max([self.signed + timedelta(days=365), *dues])

    def _controller(self) -> tuple[tuple[str, str, str] | None, str | None]:
        """Return the person who signed (code, body, post), where they keep the control, and the controller's code."""
        order, control = self.imported.order, self.imported.order.control
        if control is not None and not control.whom and (order.signatory_post or order.signatory):
            # The name is for contacts.yaml: codes, names of bodies and posts go into the log.
            post = _BRACKETS.sub("", PERSON.sub("", order.signatory_post)).strip(" .,") or HEAD
            body = self._body_of(post)
            code = self.registry.free(_code_of_post(post))
            self.registry.people.add(code)
            self._guess("controller-guessed", f"{code} ({body})", "policy", text=PERSON.sub("…", control.text))
            return (code, body, post), code
        if control is not None and control.whom:
            # The post is the body: whoever has it is a person, whose name the log does not keep.
            found = read_bodies(_appointed(_BRACKETS.sub("", PERSON.sub("", control.whom)).strip(" .,")))[0]
            if found and (BODY_HEAD.match(found[0].name) or found[0].name[:1].islower()):  # «на Сидорову» names no post
                code = self.registry.code(replace(found[0], kind="body"))
                self._guess("controller-guessed", code, "policy", text=PERSON.sub("…", control.text))
                return None, code
        return None, None

    def _members(self) -> dict[str, list[str]]:
        """Return the codes of those whom an appendix lists, by the group that the plan names."""
        members: dict[str, list[str]] = {}
        for group in self.imported.groups:
            key = body_key(group.name)
            code = next(
                (code for code, body in self.registry.bodies if key and body_key(body.name) in {key, _first(key)}), None
            )
            if code is not None:
                posts = (read_bodies(post)[0] for post in group.posts)
                codes = [self.registry.code(replace(found[0], kind="body")) for found in posts if found]
                members[code] = [of for of in dict.fromkeys(codes) if of != code]
        return {code: of for code, of in members.items() if of}

    def _body_of(self, post: str) -> str:
        """Return the code of the body whose head signed: one that the table names, else that of the letterhead or the post."""
        inside = [(code, body) for code, body in self.registry.bodies if body_key(body.name) in body_key(post)]
        if inside:
            return max(inside, key=lambda item: len(item[1].name))[0]
        name = self.imported.order.organisation or (NO_NAME if post == HEAD else _after_dash(post))
        return self.registry.code(Body(name[:SHORT], "body", post))

    def _registry(self) -> Iterable[str]:
        top = self.person[1] if self.person else self.controller
        yield from (
            "",
            "# Коды придуманы из названий: их можно заменить везде сразу. Состав групп (members) впишите сами.",
            "bodies:",
        )
        for code, body in self.registry.bodies or [("body", Body("не назван", "body", ""))]:
            yield f"  - code: {code}"
            yield from _entry("name", body.name[:SHORT] or code, 4)
            if top and code != top:
                yield f"    reports_to: {top}"
            if code in self.members:
                yield f"    members: [{', '.join(self.members[code])}]"
            elif body.kind == "group":
                yield "    members: []"
        if top and len(self.registry.bodies) > 1:
            self._guess("reports-to-guessed", top, "bodies")
        if self.person:
            code, body_code, post = self.person
            yield from ("", "# Имена и адреса — в contacts.yaml: в журнал они не попадают.", "people:")
            yield from (f"  - code: {code}", f"    body: {body_code}")
            yield from _entry("post", post[:SHORT], 4)

    def _sections(self) -> Iterable[str]:
        if not self.sections:
            return
        yield from ("", "sections:")
        for section, number in self.sections:
            yield f'  - number: "{number}"'
            yield from _entry("title", _path(section) or number, 4)

    # --- the measures ---

    def _measures(self) -> Iterable[str]:
        numbers = {id(section): number for section, number in self.sections}
        titles = {number: _path(section) for section, number in self.sections}
        above = None
        for at, measure in enumerate(self.imported.measures):
            section = numbers.get(id(measure.heading))
            if section and section != above:
                yield from (f"  # ---- {section}. {_plain(titles[section])}", "")
                above = section
            yield from self._measure(measure, self.numbers[at], section, self.bodies[at], self.points[at])
            yield ""

    def _measure(
        self, measure: Measure, number: str, section: str | None, bodies: Sequence[str], points: Sequence[str]
    ) -> Iterable[str]:
        yield from self._remarks("  ", measure=measure.number)
        yield f'  - number: "{number}"'
        if section:
            yield f'    section: "{section}"'
        yield from _entry("title", measure.title, 4)
        yield from _entry("deadline", measure.deadline, 4)
        if measure.responsible_cell and measure.responsible_cell.strip():
            yield from _entry("responsible", measure.responsible_cell, 4)
        yield f"    bodies: [{', '.join(bodies)}]"
        if len(points) > MOST_CHECKPOINTS:
            self.guesses.append(doubt("too-many-dates", {"count": str(len(points))}, where=f"measure {number}"))
            points = ()
        yield "    checkpoints:" if points else "    checkpoints: []"
        yield from (f"      - {point}" for point in points)
        yield from _entry("expected_result", measure.expected_result or "", 4)

    def _point(self, point: Checkpoint, measure: Measure) -> str:
        start = point.start or min(self.signed, point.due)
        parts = [f'key: "{point.key}"']
        if len(measure.checkpoints) > 1:
            parts.append(f"label: {_quoted(point.label.strip()[:SHORT] or point.key)}")
        parts += [f"from: {start}", f"due: {point.due}"]
        if (
            point.due_on > point.due
        ):  # the shift that the policy would make carries a report before what it reports on ends
            parts += [f"due_on: {point.due_on}", "settled: отчёт не раньше конца отчётного периода"]
        parts.append(f"rule: {_quoted(point.rule)}")
        if interim := _interim(max(start, self.signed), point.due):
            parts.append(f"interim: [{', '.join(map(str, interim))}]")
        if point.bodies:
            hosts = [self.registry.code(body) for name in point.bodies for body in read_bodies(name)[0]]
            parts.append(f"bodies: [{', '.join(dict.fromkeys(hosts))}]")
        return "{" + ", ".join(parts) + "}"

    # --- indicators and findings ---

    def _indicators(self) -> Iterable[str]:
        if not self.imported.indicators:
            return
        answering = self._answering()
        self._guess("indicator-bodies-guessed", answering, "indicators")
        yield "indicators:"
        for at, indicator in enumerate(self.imported.indicators, 1):
            yield from self._remarks("  ", where=(f"indicator {indicator.number}",))
            yield f'  - number: "{_number(indicator.number, at)}"'
            yield from _entry("text", indicator.text, 4)
            yield from (f"    {line}" for line in _measured(indicator))
            yield from (f"    bodies: [{answering}]", "")

    def _answering(self) -> str:
        groups = Counter(
            code for bodies in self.bodies for code in bodies if dict(self.registry.bodies)[code].kind == "group"
        )
        every = Counter(code for bodies in self.bodies for code in bodies)
        return next((code for counter in (groups, every) for code, _ in counter.most_common(1)), "body")

    def _findings(self) -> Iterable[str]:
        kept: dict[tuple[str, str], PlacedFinding] = {}
        for finding in (*self.imported.findings, *self.guesses):
            if finding.severity is Severity.INFO or finding.code in SAID_BY_CHECK:
                continue
            found = re.fullmatch(r"measure (.+)", finding.where)
            same = kept.setdefault((finding.code, finding.where if found else finding.where or "table"), finding)
            if same.severity is not Severity.ERROR and finding.severity is Severity.ERROR:
                kept[finding.code, finding.where] = finding
        if not kept:
            return
        yield "# Вопросы к приказу; сначала те, без ответа на которые год не начать (error)."
        yield "# Исправьте и удалите вопрос или допишите к нему decision: {by: кто, text: как решено}."
        yield "findings:"
        blocking = sorted(
            kept.items(), key=lambda item: item[1].severity is not Severity.ERROR
        )  # as they stand, errors first
        for (code, where), finding in blocking:
            yield f"  - code: {code}"
            yield f"    severity: {finding.severity}"
            yield from _entry("where", where[:SHORT], 4)
            yield from _entry("text", finding.text(), 4)
            if finding.reading:
                yield from _entry("reading", finding.reading.ru, 4)
            yield ""

    def _remarks(self, indent: str, *, measure: str = "", where: Sequence[str] = ()) -> Iterable[str]:
        """Yield the findings of a place as comments; a reading follows its arrow."""
        marks = {Severity.ERROR: "!", Severity.WARNING: "?", Severity.INFO: "i"}
        # Where a number stands twice, all that is said of it stands at its first measure.
        found = [self.remarks.pop(f"measure {measure}", [])] if measure else [self.remarks.get(w, []) for w in where]
        for finding in sorted((f for findings in found for f in findings), key=lambda f: self.order[id(f)]):
            reading = f" → {finding.reading.ru}" if finding.reading else ""
            yield f"{indent}# {marks[finding.severity]} {_plain(finding.text() + reading)}"

    def _guess(self, code: str, reading: str, where: str, **params: str) -> None:
        self.guesses.append(doubt(code, params, reading, where))


def _appointed(whom: str) -> str:
    """Return whom something is laid on in the nominative: «главного инженера», «заведующую складом», «завуча»."""
    known = upright(whom)
    if known != whom:
        return known
    words = whom.split()
    for n, word in enumerate(words[:3]):
        plain = next((re.sub(end, to, word) for end, to in _ACCUSATIVE if re.search(end, word)), None)
        if plain is None or not word[:1].islower():
            break
        words[n] = plain
        if not re.search("(?:[ыо]й|ий|ая|яя)$", plain):
            break  # the noun: what stands behind it is of it
    return " ".join(words)


_ACCUSATIVE = (
    ("(?<=[гкх])ого$", "ий"), ("ого$", "ый"), ("его$", "ий"), ("ую$", "ая"), ("юю$", "яя"), ("ию$", "ия"),
    ("(?<=[бвгджзклмнпрстфхцчшщ])а$", ""), ("(?<=[лрн])я$", "ь"), ("(?<=[бвгджзклмнпрстфхцчшщ])у$", "а"),
)  # fmt: skip
"""Endings of one whom something is laid on, and those of who has it."""


def _after_dash(post: str) -> str:
    """Return the last of several posts of one person: «Заместитель главы - начальник управления»."""
    return re.split(r"\s[-–—]\s", post)[-1]


def _code_of_post(post: str) -> str:
    """Return the code of a person by the first whole word of the post: «И.о. директора школы» is `direktora`."""
    words = (latin(word) for word in _after_dash(post).split())
    return next((word for word in words if len(word) > 3 and word[0].isalpha()), "head")  # noqa: PLR2004  «И.о.», «зам.»


def _first(key: str) -> str:
    """Return the first two words of a group's name: «рабочая группа» is short for the whole."""
    return " ".join(key.split()[:2])


def _by_place(findings: Sequence[PlacedFinding]) -> dict[str, list[PlacedFinding]]:
    """Return the findings of each place; those of a measure's columns are the measure's."""
    found: dict[str, list[PlacedFinding]] = {}
    for finding in findings:
        at = MEASURE.fullmatch(finding.where)
        found.setdefault(f"measure {at.group(1)}" if at else finding.where, []).append(finding)
    return found


def _as_error(finding: PlacedFinding) -> PlacedFinding:
    return replace(finding, severity=Severity.ERROR)


def _path(section: Section) -> str:
    """Return the title of a section behind those of the unnumbered ones that it stands in."""
    return ": ".join([*(above.title for above in section.path[:-1] if not above.number), section.title])


def _section_numbers(sections: Sequence[Section], measures: Sequence[Measure]) -> list[tuple[Section, str]]:
    """Return each section with a number of its own; one that only holds others is told by their titles."""
    holds = {id(section.above) for section in sections if section.above and not section.above.number}
    holds -= {id(measure.heading) for measure in measures}
    taken: set[str] = set()
    numbered = []
    for at, section in enumerate([s for s in sections if id(s) not in holds], 1):
        number = _number(section.number, at)
        while number in taken:
            number += f"-{at}"
        taken.add(number)
        numbered.append((section, number))
    return numbered[:MOST_SECTIONS]


def _number(text: str | None, at: int) -> str:
    """Return a number as the schema takes it; one that has other characters loses them."""
    number = re.sub(r"[^\w.-]+", "-", text or "").strip("-_.")[:40]
    return number or str(at)


def _interim(start: date, due: date) -> list[date]:
    """Return the ends of the quarters of the school year inside a window longer than four months."""
    if due - start <= SILENT_WINDOW:
        return []
    ends = [
        date(year + (month == 12), month % 12 + 1, 1) - timedelta(days=1)  # noqa: PLR2004  December
        for year in range(start.year, min(due.year, 9998) + 1)
        for month in (2, 5, 8, 11)
    ]
    return [end for end in ends if start < end < due][:60]


def _measured(indicator: Indicator) -> Iterable[str]:
    mean = re.search(r"средн|балл", indicator.text, re.IGNORECASE)
    share = indicator.unit in {"%", "процент", "процентов"} or (indicator.unit or "").startswith("процент")
    yield f"kind: {'share' if share else 'mean' if mean else 'count'}"
    yield f"unit: {_quoted('%' if share else indicator.unit or ('балл' if mean else 'единиц'))}"
    yield f"comparator: {_quoted(indicator.comparator or ('<=' if less_is_better(indicator.text) else '>='))}"
    if indicator.target is not None:
        yield f"target: {indicator.target:g}"
    elif re.search(r"рост|увелич|повыш|сниж|уменьш", indicator.text, re.IGNORECASE):
        yield "baseline: true  # числа нет: сравнивается с прошлым годом"


# --- scalars -------------------------------------------------------------------------------------------------


def _entry(key: str, text: str, indent: int) -> list[str]:
    """Return a key with a text of any length: on its line, folded, or line by line where it has lines."""
    text = _sound(text)
    pad = " " * indent
    lines = text.split("\n")
    simple = all(re.fullmatch(r"[^\s](?:.*[^\s])?", line) and line.isprintable() for line in lines)
    if simple and len(lines) > 1:
        return [f"{pad}{key}: |-", *(f"{pad}  {line}" for line in lines)]
    if simple and len(text) + indent + len(key) > WIDTH and "  " not in text:
        folded = textwrap.wrap(text, WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
        return [f"{pad}{key}: >-", *(f"{pad}  {line}" for line in folded)]
    return [f"{pad}{key}: {_quoted(text, flow=False)}"]


def _sound(text: str) -> str:
    """Return what the schema takes: no half characters, at most its limit, a dash for nothing."""
    whole = text.strip().encode("utf-8", "replace").decode()
    return whole[:LONG] or "—"


def _quoted(text: str, *, flow: bool = True) -> str:
    """Return a text as YAML takes it in one line: bare where nothing in it can be mistaken."""
    words = (
        r"[А-Яа-яЁёA-Za-z«][А-Яа-яЁё A-Za-z0-9«»№().%/+–—_-]*"
        if flow
        else r"[А-Яа-яЁёA-Za-z«][А-Яа-яЁё A-Za-z0-9«»№().%/+–—_,;?-]*"
    )
    if (
        re.fullmatch(words, text)
        and text == text.strip()
        and not re.fullmatch(r"(?i)y|n|yes|no|on|off|true|false|null|nan|inf", text)
    ):
        return text
    whole = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in whole)


def _plain(text: str) -> str:
    """Return a text fit for a comment."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
