"""Broken and hostile roadmap.yaml files: each is told in one line with its place, and quickly."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.findings import PlacedFinding, UnreadableFile
from orders.yaml_file import load_roadmap, read_roadmap

BAD = Path(__file__).with_name("badinput")
BASE = (BAD / "_base.yaml").read_text(encoding="utf-8")

# file: (exit class, the codes of its errors, line and column of the first)
EXPECTED = {
    "_base": (0, [], None),
    "y03-huge-number": (2, ["number-too-long"], (12, 15)),
    "y04-deep-list": (2, ["too-deep"], (1, 31)),
    "y10-tabs": (2, ["yaml-tab"], (2, 1)),
    "y12-cp1251": (2, ["not-utf-8"], (4, 10)),
    "y14-bidi": (1, ["hidden-characters"], (24, 12)),
    "y15-nul": (2, ["control-character"], (24, 12)),
    "y16-duplicate-key": (2, ["duplicate-key"], (25, 5)),
    "y18-missing-title": (2, ["missing-field"], (23, 5)),
    "y23-reports-to-cycle": (1, ["no-controller", "reports-to-cycle"], (9, 3)),
    "y24-reports-to-self": (1, ["reports-to-self"], (18, 17)),
    "y26-unknown-zone": (2, ["unknown-zone"], (9, 14)),
    "y27-yes-no-on": (0, [], None),
    "y29-comment-only": (2, ["empty-file"], (1, 1)),
    "y32-path-traversal": (2, ["bad-code"], (16, 11)),
    "y37-instant": (2, ["date-not-instant"], (28, 33)),
    "y44-truncated": (2, ["yaml-syntax"], (36, 30)),
    "y45-homoglyph": (1, ["unknown-body"], (33, 14)),
    "y46-nfd": (1, ["duplicate-number"], (30, 13)),
    "y47-long-title": (2, ["text-too-long"], (24, 12)),
    "y48-ansi": (1, ["hidden-characters"], (24, 12)),
    "y49-merge-key": (2, ["unknown-key"], (30, 5)),
    "y50-year-9999": (1, ["outside-period"], (28, 33)),
    "y50b-year-0000": (2, ["no-such-date"], (28, 33)),
    "y51-number-list": (2, ["text-wanted"], (30, 13)),
    "y52-bodies-string": (2, ["list-wanted"], (26, 13)),
    "y55-crlf": (0, [], None),
    "y56-bad-utf8": (2, ["damaged-utf-8"], (24, 18)),
    "y59-due-time-25": (2, ["bad-time"], (10, 13)),
    "y60-undefined-alias": (2, ["yaml-alias"], (26, 13)),
    "y62-lone-surrogate": (2, ["lone-surrogate"], (24, 12)),
    "y67-sql-like": (0, [], None),
    "y69-date-quoted-ru": (2, ["date-format"], (28, 33)),
}


def checked(path: Path) -> tuple[int, list[PlacedFinding]]:
    """Return the exit class of a file and the errors in it."""
    try:
        loaded = load_roadmap(path)
    except UnreadableFile as error:
        return 2, list(error.problems)
    errors = [finding for finding in loaded.findings if finding.severity == "error"]
    assert bool(errors) == (loaded.roadmap is None)
    return int(loaded.blocked), errors


def problems(text: str) -> list[str]:
    """Return what is wrong with a text, as `line:column code`."""
    try:
        findings = read_roadmap(text).findings
    except UnreadableFile as error:
        findings = error.problems
    return [f"{f.place.line}:{f.place.column} {f.code}" for f in findings if f.severity == "error" and f.place]


def changed(*changes: tuple[str, str]) -> str:
    """Return the sound text with replacements, each of something that stands in it once."""
    text = BASE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_every_file_of_the_folder_is_expected() -> None:
    """No broken input lies about untested."""
    assert {path.stem for path in BAD.glob("*.yaml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_broken_file_is_told_at_its_place_in_one_line(name: str) -> None:
    """The exit class, the code and the place are as listed; a line holds nothing that does not print."""
    exit_class, codes, place = EXPECTED[name]
    path = BAD / f"{name}.yaml"
    found_class, errors = checked(path)
    assert (found_class, [error.code for error in errors]) == (exit_class, codes)
    if place:
        assert errors[0].place is not None
        assert (errors[0].place.line, errors[0].place.column) == place
    for error in errors:
        for language in ("ru", "en"):
            line = error.line(language)
            assert line.isprintable()
            assert re.match(rf"{re.escape(str(path))}:\d+:\d+: \S", line)
            assert "{" not in line
        assert re.search("[а-я]", error.text("ru"))
        assert not re.search("[а-я]", error.words.en.replace("1й", "").replace("оо", ""))


def test_all_of_them_together_stay_small() -> None:
    """A process of its own reads every file within 200 MB."""
    script = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from orders.findings import UnreadableFile\n"
        "from orders.yaml_file import load_roadmap\n"
        "for path in Path(sys.argv[1]).glob('*.yaml'):\n"
        "    try:\n"
        "        load_roadmap(path)\n"
        "    except UnreadableFile:\n"
        "        pass\n"
        # Not ru_maxrss: a process inherits that from the one that started it.
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, str(BAD)], cwd=root, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 200 * 1024  # kilobytes


def test_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    """The text that goes into the log, and so its hash, is the same."""
    marked = tmp_path / "roadmap.yaml"
    marked.write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    plain = load_roadmap(BAD / "_base.yaml")
    for path in (BAD / "y55-crlf.yaml", marked):
        loaded = load_roadmap(path)
        assert (loaded.source, loaded.roadmap) == (plain.source, plain.roadmap)


def test_booleans_of_old_yaml_are_texts() -> None:
    """`no`, `yes` and `on` stay what is written."""
    roadmap = load_roadmap(BAD / "y27-yes-no-on.yaml").roadmap
    assert roadmap is not None
    assert [body.code for body in roadmap.registry.bodies][-1] == "no"
    assert (roadmap.measures[0].expected_result, roadmap.measures[1].deadline) == ("yes", "on")


@pytest.mark.parametrize(
    "change",
    [
        ("bodies: [imc]", "bodies: [imk]"),
        ("bodies: [imc]", "bodies: []"),
        ("due: 2025-09-30", "due: 9999-12-31"),
        ("shift: preceding", "controller: boss"),
    ],
)
def test_an_error_hides_no_other_finding(change: tuple[str, str]) -> None:
    """What is told when it is mended was told beside it."""
    assert "group-without-members" not in {f.code for f in read_roadmap(BASE).findings}
    doubtful = ("bodies:\n", "bodies:\n  - {code: gmo, name: ГМО, members: []}\n")
    mended, wrong = read_roadmap(changed(doubtful)), read_roadmap(changed(doubtful, change))
    assert wrong.roadmap is None
    assert mended.roadmap is not None
    told = {(f.code, f.where) for f in mended.findings}
    assert ("group-without-members", "body gmo") in told
    assert {(f.code, f.where) for f in wrong.findings if f.severity != "error"} >= {
        (code, where) for code, where in told if code not in {"controller-by-default", "unused-body", "no-controller"}
    }


def test_a_look_alike_is_named() -> None:
    """«оо» in Cyrillic letters is told from oo in Latin ones."""
    (finding,) = (f for f in load_roadmap(BAD / "y45-homoglyph.yaml").findings if f.severity == "error")
    assert "«oo», но другими буквами" in finding.text("ru")
    assert finding.where == "measure 1.2, column Ответственные"


def test_all_errors_of_meaning_come_at_once() -> None:
    """The list of issue 3: unknown body, a number twice, a key twice, due before order and before start."""
    text = changed(
        ("bodies: [imc]", "bodies: [imk]"),
        ('number: "1.2"', 'number: "1.1"'),
        (
            "from: 2025-09-01, due: 2025-09-30}",
            "key: a, from: 2025-08-01, due: 2025-08-20}\n      - {key: a, from: 2025-09-01, due: 2025-09-30}",
        ),
        ("from: 2025-10-01, due: 2025-10-31", "from: 2025-10-31, due: 2025-10-01"),
    )
    assert problems(text) == [
        "26:14 unknown-body",
        "28:41 due-before-order",
        "29:15 duplicate-checkpoint",
        "31:13 duplicate-number",
        "36:33 due-before-start",
    ]


def test_all_errors_of_shape_come_at_once() -> None:
    """What does not fit the schema is told together, with what is doubled or misspelt."""
    text = changed(
        ("  date: 2025-08-25", "  date: 25.08.2025"),
        ("shift: preceding", "shift: backwards"),
        ("reminders: [10, 3, 1]", "reminders: [10, 0, x]"),
        ("    title: Планы школ", "    titel: Планы школ"),
        ("    deadline: октябрь", "    deadline: октябрь\n    deadline: ноябрь"),
    )
    assert problems(text) == [
        "3:9 date-format",
        "11:10 one-of",
        "12:19 out-of-range",
        "12:22 whole-number-wanted",
        "30:5 missing-field",
        "31:5 unknown-key",
        "33:5 duplicate-key",
    ]
    with pytest.raises(UnreadableFile) as caught:
        read_roadmap(text)
    assert "может быть, «title»?" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("reports_to: uo\n  - code: oo", "reports_to: xx\n  - code: oo", "18:17 unknown-body"),
        ("shift: preceding", "controller: boss", "11:15 unknown-controller"),
        ("code: oo\n", "code: IMC\n", "19:11 duplicate-code"),
        ("code: oo\n", "code: clock\n", "19:11 reserved-code"),
        ("name: Школы", "name: Школы\n    members: [oo]", "21:14 group-cycle"),
        ("name: Школы", "name: Школы\n    members: [nobody]", "21:15 unknown-body"),
        ("bodies: [imc]", "bodies: []", "26:13 no-body"),
        ("bodies: [imc]", "bodies: [imc]\n    section: '7'", "27:14 unknown-section"),
        ("bodies: [imc]", "bodies: [imc]\n    policy: {controller: boss}", "27:26 unknown-controller"),
        ("bodies: [imc]", "bodies: [imc]\n    policy: {decree_days: true}", "27:14 unknown-key"),
        ("due: 2025-09-30}", "due: 2025-09-30, interim: [2025-09-30]}", "28:55 interim-outside-window"),
        ("due: 2025-09-30}", "due: 2025-09-30, due_on: 2025-08-31}", "28:53 due-before-start"),
        ("due: 2025-09-30}", "due: 2025-09-30, due_on: 2026-09-01}", "28:53 outside-period"),
        ("due: 2025-09-30}", "due: 2025-09-30, bodies: [imk]}", "28:54 unknown-body"),
        ("due: 2025-09-30}", "due: 2025-09-31}", "28:33 no-such-date"),
        ("to: 2026-08-31", "to: 2025-08-31", "7:7 period-reversed"),
        ("to: 2026-08-31", "to: 2036-08-31", "6:9 period-out-of-range"),
        ("date: 2025-08-25", "date: 2026-12-01", "3:9 order-after-period"),
        ("date: 2025-08-25", "date: 2021-08-25", "3:9 order-long-before-period"),
        ("measures:\n", "people: [{code: petrova, body: xx}]\nmeasures:\n", "22:32 unknown-body"),
        ("order:\n", "id: A/B\norder:\n", "1:5 bad-id"),
        ("order:\n", "---\na: 1\n---\norder:\n", "3:1 yaml-documents"),
        ("order:\n", "order: !!python/object:os.system\n", "1:8 yaml-tag"),
        ("order:\n", "order: &x\n", None),
        ('number: "1.2"', "number: 1/2", "30:13 bad-number"),
        ('number: "1.2"', "number: ..", "30:13 bad-number"),
        ('  due_time: "18:00"', "  due_time: 18:00", None),
        ('  number: "15"', "  number: 15", None),
        (
            "reminders: [10, 3, 1]",
            "escalation: [{after: 3, to: coordinator}, {after: 1, to: controller}]",
            "12:15 ladder-order",
        ),
        ("reminders: [10, 3, 1]", "escalation: [{after: 1, to: mayor}]", "12:31 one-of"),
    ],
)
def test_one_fault_is_told_at_its_place(old: str, new: str, expected: str | None) -> None:
    """One fault a row, whatever follows from it; a few rows are none."""
    found = problems(changed((old, new)))
    assert expected in found if expected else not found


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty-file"),
        (b"\xef\xbb\xbf\n\n", "empty-file"),
        (b"---\n", "empty-file"),
        ("порядок: 1".encode("utf-16"), "not-utf-8"),
        ("заказ: порядок".encode("cp1251"), "not-utf-8"),
        (b"- 1\n- 2\n", "mapping-wanted"),
        (b"text\n", "mapping-wanted"),
        (b"a: [1, 2\n", "yaml-syntax"),
        (b"a: b: c\n", "yaml-syntax"),
        (b'a: "\\U00110000"\n', "yaml-syntax"),
        (b"? [a]\n: 1\n", "text-wanted"),
        (b"a: &a [*a, *a]\n", "yaml-alias"),
        (b"#" * 4_000_001, "file-too-large"),
    ],
)
def test_what_is_no_roadmap_is_refused(tmp_path: Path, raw: bytes, code: str) -> None:
    """Empty, in another encoding, broken or something else."""
    path = tmp_path / "roadmap.yaml"
    path.write_bytes(raw)
    with pytest.raises(UnreadableFile) as caught:
        load_roadmap(path)
    assert code in [problem.code for problem in caught.value.problems]


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """Missing, a folder, a pipe, a name that no file has: no line, one sentence in the reader's language."""
    os.mkfifo(tmp_path / "pipe")
    for name, why in {
        "none.yaml": ("нет такого файла", "No such file or directory"),
        "": ("это папка", "Is a directory"),
        "pipe": ("это канал или устройство", "a pipe or a device"),
        "x\0": ("у файла не может быть такого имени", "embedded null byte"),
    }.items():
        with pytest.raises(UnreadableFile) as caught:
            load_roadmap(tmp_path / name)
        (problem,) = caught.value.problems
        assert (problem.code, problem.place) == ("cannot-open", None)
        assert problem.text("ru") == f"файл не открывается: {why[0]}"
        assert problem.text("en") == f"the file cannot be opened: {why[1]}"


def test_groups_that_blow_up_are_refused() -> None:
    """A chain of groups, each holding two of the next, would open into thousands of assignments."""
    levels = "".join(
        f"  - {{code: g{n}a, name: г, members: [g{n + 1}a, g{n + 1}b]}}\n"
        f"  - {{code: g{n}b, name: г, members: [g{n + 1}a, g{n + 1}b]}}\n"
        for n in range(8)
    )
    levels += "".join(f"  - {{code: s{n}, name: ш}}\n" for n in range(40))
    schools = ", ".join(f"s{n}" for n in range(40))
    text = changed(
        (
            "measures:\n",
            f"{levels}  - {{code: g8a, name: г, members: [{schools}]}}\n  - {{code: g8b, name: г}}\nmeasures:\n",
        ),
        ("bodies: [imc]", "bodies: [g0a, g0b]"),
    )
    assert [found.split()[1] for found in problems(text)] == ["too-many-assignments"]


def test_groups_nested_too_deeply_are_refused() -> None:
    """Opening them is a recursion of the domain."""
    chain = "".join(f"  - {{code: g{n}, name: г, members: [g{n + 1}]}}\n" for n in range(1900))
    text = changed(("measures:\n", chain + "  - {code: g1900, name: г}\nmeasures:\n"))
    assert [found.split()[1] for found in problems(text)] == ["group-too-deep"]


def test_long_chains_of_bodies_are_read() -> None:
    """Two thousand levels of reporting need neither recursion nor patience."""
    chain = "".join(f"  - {{code: b{n}, name: б, reports_to: b{n + 1}}}\n" for n in range(1900))
    text = changed(("measures:\n", chain + "  - {code: b1900, name: б, reports_to: uo}\nmeasures:\n"))
    assert problems(text) == []


@pytest.mark.parametrize("members", [("oo", "oo"), ("g1", "g2", "g3")])
def test_a_group_in_itself_is_spelt_out(members: tuple[str, ...]) -> None:
    """From the outer to the inner one, back to the outer."""
    codes = list(dict.fromkeys(members))
    groups = "".join(
        f"  - {{code: {code}, name: г, members: [{codes[(at + 1) % len(codes)]}]}}\n" for at, code in enumerate(codes)
    )
    text = changed(("code: oo\n    name: Школы\n    reports_to: uo\n", "code: last\n    name: Школы\n" + groups))
    (found,) = (f for f in read_roadmap(text).findings if f.code == "group-cycle")
    chain = found.text("en").removeprefix("a group contains itself: ").split(" → ")
    assert chain[0] == chain[-1]
    assert all(codes[(codes.index(a) + 1) % len(codes)] == b for a, b in pairwise(chain))


def test_a_decision_hides_no_error() -> None:
    """What keeps the file from meaning anything cannot be settled by a finding of the same name."""
    settled = (
        "findings:\n  - code: unknown-body\n    severity: error\n    where: measure 1.1, column Ответственные\n"
        "    text: кто это\n    decision: {by: я, text: ладно}\nmeasures:\n"
    )
    assert problems(changed(("measures:\n", settled), ("bodies: [imc]", "bodies: [imk]"))) == ["32:14 unknown-body"]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_whatever_is_done_to_the_text_is_told_or_read(data: st.DataObject) -> None:
    """No damage makes another exception than the one with the problems, and every line prints."""
    text = BASE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        put = data.draw(st.sampled_from(["", "0", "-", ": ", "[", "]", "{", "}", "\n", "\n  ", "&a ", "*a", "!!x ", "'", '"',
                                         "|", "~", "9999-12-31", "2025-02-30", "oo", "\\u0000", "\u202e", "%", "#", "\t"]))  # fmt: skip
        text = text[:at] + put + text[at + length :]
    try:
        findings = read_roadmap(text).findings
    except UnreadableFile as error:
        findings = error.problems
        assert findings
    assert all(finding.line(language).isprintable() for finding in findings for language in ("ru", "en"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n" * 1_000, "999:4 too-many-values"),
        (BASE + '  - number: "9.9"\n' * 200, "37:5 missing-field"),
        ("a: " + "!" * 900_000, "1:4 yaml-tag"),
        ("%YAML 9.9\n---\n" + BASE, "1:1 yaml-syntax"),
    ],
    ids=["values", "problems", "tag", "version"],
)
def test_a_file_of_too_much_is_told_early(text: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could be gone through for minutes is not: here with bounds a fortieth of the real ones."""
    monkeypatch.setattr("orders.positions.MAX_VALUES", 1_000)
    monkeypatch.setattr("orders.yaml_text.MAX_DETAILS", 25)
    assert problems(text)[0] == told
    assert len(problems(text)) <= 26
