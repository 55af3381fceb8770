"""Temporal of a stack, and what it takes to have one."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import GetClusterInfoRequest
from temporalio.client import Client

from domain.errors import Unavailable
from stack import Endpoints, Stack, programs
from stack.namespace import SEARCH_ATTRIBUTES
from stack.process import descendants
from stack.temporal import HISTORY_SHARDS, HISTORY_SHARDS_THROWN_AWAY


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
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert (programs.dev_server(tmp_path / "bin") == cli) is good


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
