"""``python -m deploy.local.machine_room``: hosts simulated nodes until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from common.clock import SystemClock
from common.kube import Client, load_config
from common.service.app import EXIT_USAGE, Service, run
from common.service.metrics import CONTENT_TYPE
from common.service.settings import SettingsError, load
from common.twin.phases import StartPhase
from deploy.local.machine_room.dcgm import render_dcgm
from deploy.local.machine_room.fleet import Fleet, even_fleet, read_fleet
from deploy.local.machine_room.kubelet import Kubelet
from deploy.local.machine_room.pace import Pacer
from deploy.local.machine_room.playback import Playback
from deploy.local.machine_room.podresources import serving
from deploy.local.machine_room.recorder import Recorder
from deploy.local.machine_room.room import MachineRoom
from deploy.local.machine_room.server import SocketServer
from deploy.local.machine_room.settings import RoomSettings
from deploy.local.machine_room.trace import read_trace
from deploy.local.machine_room.verbs import Verbs
from deploy.local.machine_room.vllm import render_vllm

PROGRAM = "machine-room"
SHIPPED_TRACE = Path(__file__).parents[1] / "traces" / "chat-and-code.csv"
STEP_SECONDS = 0.02
_LONGEST_SOCKET_PATH = 107
"""``sun_path`` of a Unix socket's address holds 108 bytes with its end mark (unix(7))."""


def main() -> int:
    """Runs the process and returns its exit status."""
    settings = load(
        RoomSettings,
        sys.argv[1:],
        os.environ,
        program=PROGRAM,
        description="Hosts simulated GPU nodes in real time: devices, load, exporters, records of true draw.",
    )
    try:
        _check_socket("--socket", settings.socket)
        fleet = _fleet(settings)
        room = _room(settings, fleet)
    except SettingsError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return EXIT_USAGE
    service = Service(PROGRAM, settings)
    _add_exporter(service, "/metrics/dcgm", lambda: render_dcgm(room))
    _add_exporter(service, "/metrics/vllm", lambda: render_vllm(room))
    return run(service, lambda: _host(settings, service, fleet, room))


def _check_socket(flag: str, path: str) -> None:
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        raise SettingsError(
            f"{flag}: {path}: longer than {_LONGEST_SOCKET_PATH} bytes; choose a shorter path"
        )


def _fleet(settings: RoomSettings) -> Fleet:
    if settings.fleet:
        return read_fleet(Path(settings.fleet))
    return even_fleet(settings.nodes, settings.racks, settings.gpus_per_node, settings.gpu_model)


def _room(settings: RoomSettings, fleet: Fleet) -> MachineRoom:
    playback = Playback(read_trace(Path(settings.trace) if settings.trace else SHIPPED_TRACE))
    if settings.autostart:
        playback.start(0.0, settings.trace_speed)
    nodes = [node.build(settings.seed) for node in fleet.nodes]
    return MachineRoom(nodes, playback, StartPhase(settings.start_seconds))


def _add_exporter(service: Service, path: str, render: Callable[[], str]) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=render().encode(), headers={"Content-Type": CONTENT_TYPE})

    service.add_route("GET", path, answer)


async def _host(settings: RoomSettings, service: Service, fleet: Fleet, room: MachineRoom) -> None:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        if settings.output:
            recorder = Recorder(Path(settings.output), clock.now().timestamp())
            stack.callback(recorder.close)
            room.observers.append(recorder)
        pacer = Pacer(room.step, STEP_SECONDS, clock)
        server = SocketServer(Verbs(room), pacer.catch_up)
        await stack.enter_async_context(server.listening(Path(settings.socket)))
        if settings.pod_resources:
            folder = Path(settings.pod_resources)
            _check_socket("--pod-resources", str(folder / f"{max(room.drivers, key=len, default='')}.sock"))
            await stack.enter_async_context(serving(room, folder))
        if settings.standalone:
            await pacer.run()
            return
        client = await stack.enter_async_context(Client(load_config(settings.kubeconfig), user_agent=PROGRAM))
        kubelet = Kubelet(client, room, {node.name: node.rack for node in fleet.nodes})
        service.health.ready("kubelet", lambda: kubelet.unready)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(pacer.run())
            tasks.create_task(kubelet.run())


if __name__ == "__main__":
    raise SystemExit(main())
