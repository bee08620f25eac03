"""The socket: each verb does its work, a hanging device keeps its own callers waiting and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from common.twin.messages import Reply, Request
from deploy.local.machine_room.room import MachineRoom
from deploy.local.machine_room.server import SocketServer
from deploy.local.machine_room.verbs import Verbs
from tests.unit.machine_room.rooms_for_tests import pod, run, small_room

pytestmark = pytest.mark.looptime


class Caller:
    """One connection of a driver."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, verb: str, node: str = "", device: str = "", **arguments: Any) -> None:
        request = Request(id=7, verb=verb, node=node, device=device, arguments=arguments)
        self.writer.write(msgspec.json.encode(request) + b"\n")
        await self.writer.drain()

    async def reply(self) -> Reply:
        return msgspec.json.decode(await self.reader.readline(), type=Reply)

    async def call(self, verb: str, node: str = "", device: str = "", **arguments: Any) -> Reply:
        await self.send(verb, node, device, **arguments)
        return await self.reply()


@pytest.fixture
def room() -> MachineRoom:
    return small_room()


@pytest.fixture
def gpu(room: MachineRoom) -> str:
    return room.drivers["node-1"].node.gpus[0].uuid


@pytest.fixture
async def path(room: MachineRoom, tmp_path: Path) -> AsyncIterator[Path]:
    socket = tmp_path / "twin.sock"
    async with SocketServer(Verbs(room), lambda: None).listening(socket):
        yield socket
    assert not socket.exists()


@pytest.fixture
async def caller(path: Path) -> AsyncIterator[Caller]:
    made = Caller(*await asyncio.open_unix_connection(path))
    yield made
    made.writer.close()


async def test_settings_reach_the_device_and_show_as_differences(caller: Caller, gpu: str) -> None:
    assert (await caller.call("set_power_limit", "node-1", gpu, watts=300)).error is None
    assert (await caller.call("set_clock_lock", "node-1", gpu, mhz=1200)).error is None
    assert (await caller.call("read", "node-1", gpu)).result["requested_limit_watts"] == 300.0
    assert len((await caller.call("differences")).result) == 2
    assert (await caller.call("reset", "node-1", gpu)).error is None
    assert (await caller.call("differences", "node-1")).result == []


async def test_load_and_trace_are_steered(caller: Caller, room: MachineRoom) -> None:
    room.admit(pod("p0"))
    assert (await caller.call("set_load", workload="chat", load_factor=2.0)).error is None
    assert room.playback.demand("chat", 0.0).requests_per_second == 40.0
    assert (await caller.call("start_trace", speed=2.0, offset_seconds=5.0)).error is None
    assert room.playback.position(room.now + 1.0) == 7.0


async def test_a_reboot_answers_with_the_new_boot_id(caller: Caller, room: MachineRoom) -> None:
    before = room.drivers["node-2"].node.boot_id
    after = (await caller.call("reboot", "node-2")).result
    assert after == room.drivers["node-2"].node.boot_id != before


async def test_inventory_truth_and_names(caller: Caller, room: MachineRoom) -> None:
    assert (await caller.call("nodes")).result == ["node-1", "node-2"]
    assert len((await caller.call("discover", "node-1")).result["gpus"]) == 2
    run(room, 0.1)
    truth = (await caller.call("truth", "node-1")).result
    assert truth["total_watts"] == pytest.approx(room.drivers["node-1"].node.true_draw_watts)
    assert (await caller.call("read_node", "node-1")).result["uptime_seconds"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        ({"verb": "explode"}, "ValueError", "explode"),
        ({"verb": "discover", "node": "node-9"}, "DeviceLostError", "node-9"),
        (
            {"verb": "set_power_limit", "node": "node-1", "device": "GPU-x", "watts": 300},
            "DeviceLostError",
            "GPU-x",
        ),
        ({"verb": "set_power_limit", "node": "node-1"}, "ValueError", "watts"),
        ({"verb": "set_load", "workload": "chat"}, "ValueError", "load_factor"),
    ],
)
async def test_bad_calls_are_told_why(caller: Caller, call: dict[str, Any], kind: str, message: str) -> None:
    error = (await caller.call(**call)).error
    assert error is not None
    assert error.kind == kind
    assert message in error.message


async def test_what_is_no_request_is_answered_too(caller: Caller) -> None:
    caller.writer.write(b"hello\n")
    error = (await caller.reply()).error
    assert error is not None
    assert "not a request" in error.message


async def test_a_hanging_device_keeps_only_its_own_callers_waiting(
    caller: Caller, path: Path, gpu: str
) -> None:
    await caller.call("inject_fault", "node-1", gpu, kind="hang")
    await caller.send("set_power_limit", "node-1", gpu, watts=300)
    other = Caller(*await asyncio.open_unix_connection(path))
    assert (await other.call("read", "node-1", "package-0")).error is None
    assert (await other.call("differences")).result == []
    await other.call("clear_faults")
    assert (await caller.reply()).error is None
    assert len((await other.call("differences")).result) == 1
    other.writer.close()


async def test_a_write_whose_caller_gave_up_never_lands(caller: Caller, path: Path, gpu: str) -> None:
    await caller.call("inject_fault", "node-1", gpu, kind="hang")
    other = Caller(*await asyncio.open_unix_connection(path))
    await other.send("set_power_limit", "node-1", gpu, watts=300)
    other.writer.close()
    await other.writer.wait_closed()
    await asyncio.sleep(0.05)
    await caller.call("clear_faults")
    await asyncio.sleep(0.05)
    assert (await caller.call("differences")).result == []


async def test_simulated_time_catches_up_before_a_call(room: MachineRoom, tmp_path: Path) -> None:
    caught_up: list[float] = []
    server = SocketServer(Verbs(room), lambda: caught_up.append(room.now))
    async with server.listening(tmp_path / "s"):
        caller = Caller(*await asyncio.open_unix_connection(tmp_path / "s"))
        await caller.call("nodes")
        caller.writer.close()
    assert caught_up == [0.0]
