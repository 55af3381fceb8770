"""Records: what is written is read back the same, and whatever comes over the wire stops nobody."""

from __future__ import annotations

import hashlib
import json
import types
import typing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.codec import (
    FACTS,
    REQUESTS,
    SCHEMA_VERSION,
    command_record,
    decode,
    encode,
    event_record,
    hear_command,
    instant,
    instant_text,
    make_command,
    read_command,
    read_event,
)
from domain.commands import Command, Evidence, MeasureIndicator, Received, ReportProgress, Request, Unreadable
from domain.errors import ForeignEvent, Malformed, Reason
from domain.events import CommandRefused, Event, ExecutionReported, Fact, ProgressReported
from domain.records import canonical, digest
from domain.roadmap import ControlPolicy, EscalationStep, Roadmap
from domain.workdays import Calendar
from tests.domain.examples import BY_DATE, ROADMAP, UNDATED, plan
from tests.domain.story import given as story_of
from tests.domain.story import local, passed, report

calm = settings(derandomize=True, deadline=None, max_examples=40)
thorough = settings(derandomize=True, deadline=None, max_examples=250)

AT = datetime(2021, 9, 2, 9, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
ids = texts.filter(bool)
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is the strategy's
decimals = st.decimals(-(10**14), 10**14, places=6) | st.integers(-(10**14), 10**14).map(Decimal)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    types.NoneType: st.none(),
    str: texts,
    bool: st.booleans(),
    int: st.integers(-(2**63) + 1, 2**63 - 1),
    Decimal: decimals,
    datetime: instants,
    time: st.times(),
    date: st.dates(),
}
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters() | st.sampled_from("\x00\ud800\udfff")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Return any values of a type, by its hints."""
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return st.one_of([values(arm) for arm in typing.get_args(kind)])
    if typing.get_origin(kind) is tuple:
        return st.lists(values(typing.get_args(kind)[0]), max_size=2).map(tuple)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(typing.cast("type", kind), **{field.name: values(hints[field.name]) for field in fields(kind)})
    return st.sampled_from(kind) if issubclass(kind, Enum) else PLAIN[kind]


def commands_of(kind: type[Request]) -> st.SearchStrategy[Command]:
    """Return any commands of one kind."""
    return st.builds(make_command, ids, ids, instants, st.none() | st.dates(), values(kind))


def again(command: Command) -> Command:
    """Return the command as it is read from its record, as the log keeps it."""
    return read_command(json.loads(canonical(command_record(command))), AT)


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_is_read_back_from_its_row(name: str) -> None:
    """And writing it again gives the same text: what is hashed does not depend on who wrote it."""

    @calm
    @given(values(FACTS[name]), instants, instants, st.dates(), texts)
    def holds(fact: Fact, at: datetime, received_at: datetime, day: date, actor: str) -> None:
        event = Event(fact, at, day, received_at, actor, "c")
        row = event_record(event, "example/m/1.1", 7, "me")
        assert read_event(row) == event
        assert event_record(read_event(row), "example/m/1.1", 7, "me") == row
        assert (row.type, row.signed, row.command) == (name, False, None)

    holds()


@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_is_read_back_from_its_record(name: str) -> None:
    """With its sender, its dates and its digest; the digest does not depend on the moment of sending."""

    @calm
    @given(commands_of(REQUESTS[name]), instants)
    def holds(command: Command, other: datetime) -> None:
        assert again(command) == command
        later = make_command(command.id, command.actor, other, command.occurred_on, command.request)
        assert later.digest == command.digest

    holds()


def test_the_list_of_facts_and_requests_is_whole() -> None:
    """A new one that nobody can write down would be found here."""
    assert set(FACTS.values()) == set(typing.get_args(Fact))
    assert set(REQUESTS.values()) == set(typing.get_args(Request))


def test_the_digest_tells_contents_apart() -> None:
    """Another id, sender, day, kind or word makes another command."""
    base = ("a", "school-6", None, ReportProgress(note="раз"))
    others = [
        ("b", *base[1:]),
        ("a", "school-1", None, base[3]),
        ("a", "school-6", date(2021, 9, 2), base[3]),
        ("a", "school-6", None, ReportProgress(note="два")),
        ("a", "school-6", None, ReportProgress(note="раз", checkpoint="1")),
    ]
    digests = {make_command(id_, actor, AT, day, request).digest for id_, actor, day, request in [base, *others]}
    assert len(digests) == 6


@thorough
@given(json_values)
def test_any_json_value_is_taken_as_a_command(record: Any) -> None:
    """What cannot be read becomes Unreadable, is refused, and can be written down."""
    command = hear_command(record, AT)
    assert isinstance(command.request, Unreadable)
    assert_it_can_be_kept(command)


@thorough
@given(st.sampled_from([*REQUESTS]).flatmap(lambda name: commands_of(REQUESTS[name])), st.data())
def test_a_command_with_one_value_spoilt_is_still_taken(command: Command, data: st.DataObject) -> None:
    """Any value in any place: it is read as another command, or not at all, and nothing is raised."""
    record = command_record(command)
    inner = record["data"] if data.draw(st.booleans()) else record
    inner[data.draw(st.sampled_from([*inner, "strange"]))] = data.draw(json_values)
    assert_it_can_be_kept(hear_command(record, AT))


def assert_it_can_be_kept(command: Command) -> None:
    """Demand that the log can hold the command, and that a measure answers it."""
    text = canonical(command_record(command))
    assert text.encode()
    assert "\x00" not in command.id + command.actor
    assert "\\u0000" not in text.replace("\\\\u0000", "")  # a NUL; the escape of a backslash before u0000 is none
    assert 0 < len(command.id) <= 200
    assert again(command) == command
    assert len(story_of(BY_DATE).when(Received(command, local("2021-08-24 10:00"))).lived) > 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "\ud800"),
        ("id", "a\x00b"),
        ("id", ""),
        ("id", "x" * 201),
        ("id", 7),
        ("actor", "\udfff"),
        ("actor", "a\x00b"),
        ("actor", None),
        ("sent_at", "2021-09-02T12:00:00"),
        ("sent_at", "0001-01-01T00:00:00+03:00"),
        ("sent_at", "0001-01-01T00:00:00Z"),
        ("sent_at", "9999-12-31T23:59:59-12:00"),
        ("sent_at", 0),
        ("occurred_on", "2021-02-30"),
        ("occurred_on", "вчера"),
        ("type", "Fact"),
        ("type", ["ReportProgress"]),
        ("data", []),
        ("data", {"note": "x" * 20_001}),
        ("data", {"note": "\ud800"}),
        ("data", {"note\x00": ""}),
        ("data", {"evidence": [{"sha256": "a", "size": 10**30, "name": "b"}]}),
        ("data", {"evidence": [{"sha256": "a", "size": True, "name": "b"}]}),
        ("data", {"evidence": [{"sha256": "a", "size": 1.0, "name": "b"}]}),
        ("data", {"evidence": [{"sha256": "a", "size": 1}]}),
        ("data", {"evidence": None}),
        ("strange\ud800", 1),
    ],
)
def test_what_no_command_may_hold_makes_it_unreadable(key: str, value: Any) -> None:
    """Each of these once was a way to stop a measure."""
    record = {"id": "a", "actor": "school-6", "type": "ReportProgress", "data": {}, key: value}
    command = hear_command(record, AT)
    assert isinstance(command.request, Unreadable)
    assert_it_can_be_kept(command)


GOOD = {"sha256": "0f" * 32, "size": 100 * 1024 * 1024, "name": "ы" * 200}


@pytest.mark.parametrize("kind", ["ReportProgress", "ReportExecution"])
@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"sha256": "0f" * 31}, "[1].sha256"),
        ({"sha256": "0F" * 32}, "[1].sha256"),
        ({"sha256": "0f" * 32 + "\n"}, "[1].sha256"),
        ({"sha256": "../" + "0f" * 30 + "0"}, "[1].sha256"),
        ({"sha256": "٠" * 64}, "[1].sha256"),
        ({"size": 0}, "[1].size"),
        ({"size": -1}, "[1].size"),
        ({"size": 100 * 1024 * 1024 + 1}, "[1].size"),
        ({"name": ""}, "[1].name"),
        ({"name": "ы" * 201}, "[1].name"),
        ({"name": "a/b"}, "[1].name"),
        ({"name": "a\\b"}, "[1].name"),
        ({"name": ".."}, "[1].name"),
        ({"name": "a\nb"}, "[1].name"),
        ({"name": "a\x1b[31m"}, "[1].name"),
        ({"name": "fdp.\u202eexe"}, "[1].name"),
        ({"name": "a\u2066b"}, "[1].name"),
        ({"name": "a\u2028b"}, "[1].name"),
    ],
)
def test_evidence_that_no_file_can_be_makes_a_command_unreadable(kind: str, wrong: dict[str, Any], place: str) -> None:
    """At the door, with its place; what a log took up before is read on as it was, and decided as it was."""
    record = {"id": "a", "actor": "school-6", "type": kind, "data": {"evidence": [GOOD, GOOD | wrong]}}
    request = hear_command(record, AT).request
    assert isinstance(request, Unreadable)
    assert request.problem.startswith(f"data.evidence{place}: ")
    assert_it_can_be_kept(hear_command(record, AT))

    before = read_command(record, AT)
    assert type(before.request).__name__ == kind
    (taken,) = story_of(BY_DATE, passed("2021-09-01")).when(Received(before, local("2021-09-02 12:00"))).events
    assert isinstance(taken.fact, ProgressReported | ExecutionReported)
    assert read_event(event_record(taken, "example/m/1.1", 7, "me")) == taken


def test_a_command_names_fifty_files_at_most() -> None:
    """The largest that may come is taken; one file more is not."""
    for count, kind in ((50, ReportProgress), (51, Unreadable)):
        record = {"id": "a", "actor": "school-6", "type": "ReportProgress", "data": {"evidence": [GOOD] * count}}
        assert type(hear_command(record, AT).request) is kind


def test_a_record_nested_without_end_is_unreadable() -> None:
    """The one who tells about it must not fall into it."""
    record: Any = {}
    for _ in range(100_000):
        record = [record]
    assert_it_can_be_kept(read_command(record, AT))
    assert read_command({"id": "a", "actor": "b", "type": "Close", "data": record}, AT).id == "a"


def test_an_unreadable_command_says_what_it_was() -> None:
    """The problem with its place, and the beginning of the record; id and sender are kept where they can be."""
    command = read_command({"id": "a", "actor": "school-6", "type": "ReportProgress", "data": {"note": 7}}, AT)
    assert (command.id, command.actor, command.sent_at) == ("a", "school-6", AT)
    assert command.request == Unreadable(
        problem="data.note: str wanted, int found",
        text='{"actor": "school-6", "data": {"note": 7}, "id": "a", "type": "ReportProgress"}',
    )


def test_the_same_unreadable_record_is_the_same_command() -> None:
    """Sent twice it is refused once, though it has no id of its own."""
    one, other, third = (read_command(record, AT) for record in ([1], [1], [2]))
    assert one == other
    assert one.id != third.id


def test_a_command_without_a_moment_of_sending_was_sent_when_it_came() -> None:
    """Nothing else is known."""
    assert read_command({"id": "a", "actor": "b", "type": "Close"}, AT).sent_at == AT


@pytest.mark.parametrize(
    "text",
    [
        *("NaN", "Infinity", "-Infinity", "sNaN", "1e15", "-1e15", "1e999999999", "0.0000001"),
        *("0e-999999999", "0e999999", "1." + "0" * 100, "9" * 5000, "", "семь", "1,5", "0x10"),
    ],
)
def test_a_number_that_no_report_holds_is_unreadable(text: str) -> None:
    """Too large, too fine, no number at all, or a zero that fills a page."""
    data = {"indicator": "1", "numerator": text}
    record = {"id": "a", "actor": "b", "type": "MeasureIndicator", "data": data}
    assert isinstance(read_command(record, AT).request, Unreadable)


@pytest.mark.parametrize("text", ["0", "61.5", "-1", "999999999999999", "0.000001", "1E+5", "61.50"])
def test_a_number_that_a_report_may_hold_is_kept_as_written(text: str) -> None:
    """The digits are the sender's."""
    record = {"id": "a", "actor": "b", "type": "MeasureIndicator", "data": {"indicator": "1", "numerator": text}}
    request = read_command(record, AT).request
    assert isinstance(request, MeasureIndicator)
    assert str(request.numerator) == text


def test_a_whole_definition_is_read_back() -> None:
    """Its text does not change on the way: the year's hash can be checked."""
    text = canonical(encode(ROADMAP))
    assert decode(Roadmap, json.loads(text)) == ROADMAP
    assert canonical(encode(decode(Roadmap, json.loads(text)))) == text


@calm
@given(values(ControlPolicy))
def test_any_policy_is_read_back(policy: ControlPolicy) -> None:
    """Enums, times of day, the ladder."""
    assert decode(ControlPolicy, json.loads(canonical(encode(policy)))) == policy


def test_defaults_may_be_left_out_of_a_record_and_nothing_else() -> None:
    """The error says where."""
    assert decode(ControlPolicy, {"controller": "uo"}) == ControlPolicy("uo")
    with pytest.raises(Malformed, match=r"^policy\.controller: is missing$"):
        decode(ControlPolicy, {}, "policy")
    steps = [{"after": 1, "to": "controller"}, {"after": 2, "to": "mayor"}]
    with pytest.raises(Malformed, match=r"^policy\.escalation\[1\]\.to: cannot be read as Addressee: 'mayor'$"):
        decode(ControlPolicy, {"controller": "uo", "escalation": steps}, "policy")
    with pytest.raises(Malformed, match="unknown key"):
        decode(EscalationStep, {"after": 1, "to": "controller", "by": "post"})


@pytest.mark.parametrize(
    ("type_", "version"), [("MeasureExploded", 1), ("MeasureClosed", SCHEMA_VERSION + 1), ("MeasureClosed", 0)]
)
def test_a_row_of_a_kind_or_version_that_is_not_known_is_foreign(type_: str, version: int) -> None:
    """Newer events stop an older worker, they are not guessed at."""
    row = event_record(story_of(BY_DATE).lived[0], "example/m/1.1", 1, "me")
    with pytest.raises(ForeignEvent) as raised:
        read_event(replace(row, type=type_, schema_version=version, data='{"completed":true}'))
    assert (raised.value.type, raised.value.schema_version) == (type_, version)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"data": "{"},
        {"data": "[]"},
        {"data": "{}"},
        {"at": "yesterday"},
        {"at": "2021-09-02T12:00:00"},
        {"received_at": ""},
        {"occurred_on": "30.09.2021"},
        {"command": "not json"},
    ],
)
def test_a_row_that_cannot_be_read_is_malformed(spoilt: dict[str, str]) -> None:
    """An auditor sees an error of ours, with its place, whatever stands in the log."""
    event = story_of(BY_DATE).when(report("2021-09-02 12:00")).events[-1]
    row = event_record(event, "example/m/1.1", 2, "me")
    with pytest.raises(Malformed):
        read_event(replace(row, **spoilt))  # type: ignore[arg-type]


def test_a_command_that_was_changed_in_the_log_is_unreadable_there() -> None:
    """It is no error of the reader: the replay will show the difference."""
    event = story_of(BY_DATE).when(report("2021-09-02 12:00")).events[-1]
    row = replace(event_record(event, "example/m/1.1", 2, "me"), command='{"id":"x"}')
    command = read_event(row).command
    assert command is not None
    assert isinstance(command.request, Unreadable)


def test_a_lived_life_is_read_back_whole() -> None:
    """Clock events, commands, refusals and the plan."""
    story = story_of(UNDATED, passed("2021-10-01"), report("2021-10-01 23:59"))
    for version, event in enumerate(story.lived, start=1):
        assert read_event(event_record(event, "example/m/3.6", version, "me")) == event


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2021-09-30T18:00:00+03:00", "2021-09-30T15:00:00+00:00"),
        ("2021-09-30T15:00:00Z", "2021-09-30T15:00:00+00:00"),
        ("2021-09-30T15:00:00.000001+00:00", "2021-09-30T15:00:00.000001+00:00"),
    ],
)
def test_instants_are_written_in_utc(text: str, wanted: str) -> None:
    """Microseconds stand only where there are any."""
    assert instant_text(instant(text)) == wanted


def test_canonical_text_is_one_text() -> None:
    """Sorted keys, no blanks, letters as they are; what is no number is no JSON."""
    assert canonical({"б": 1, "а": ["х", None]}) == '{"а":["х",null],"б":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(float("nan"))


def test_the_digest_is_sha256_of_utf8() -> None:
    """So that an auditor's own tool gives the same."""
    assert digest("веха") == hashlib.sha256("веха".encode()).hexdigest()
    assert len(digest("\ud800")) == 64


def test_what_has_no_record_is_an_error_of_the_programmer() -> None:
    """A float has no one text."""
    with pytest.raises(TypeError, match="no record for float"):
        encode(1.5)


def test_facts_keep_their_texts_however_long() -> None:
    """Only what people send is limited."""
    fact = ProgressReported("1.1/1/school-6", "о" * 30_000, (Evidence("a" * 64, 1, "акт.pdf"),))
    assert decode(ProgressReported, encode(fact), "ProgressReported") == fact
    assert CommandRefused(Reason.UNREADABLE.value, "") == decode(CommandRefused, {"reason": "unreadable", "detail": ""})


def test_the_calendar_is_read_back_with_its_days() -> None:
    """Frozen into the plan of every measure."""
    assert decode(Calendar, encode(plan(BY_DATE).calendar)) == plan(BY_DATE).calendar
