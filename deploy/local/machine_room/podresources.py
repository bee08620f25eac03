"""Plays the kubelet's PodResources socket (v1) of every node of a room: who holds which simulated GPU.

Messages by the field numbers of ``k8s.io/kubelet/pkg/apis/podresources/v1/api.proto``. As with real kubelets,
each node has a socket of its own, and an agent sees only its node's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from deploy.local.machine_room.podview import GPU_RESOURCE, PodView
from deploy.local.machine_room.room import MachineRoom

_SERVICE = "v1.PodResourcesLister"
_GRACE_SECONDS = 0.2


@asynccontextmanager
async def serving(room: MachineRoom, folder: Path) -> AsyncIterator[None]:
    """Serves ``<node>.sock`` of every node in a folder for as long as the block lasts."""
    paths = {name: folder / f"{name}.sock" for name in room.drivers}
    _make_way(folder, paths.values())
    servers = [await _start(room, name, path) for name, path in paths.items()]
    try:
        yield
    finally:
        for server in servers:
            await server.stop(_GRACE_SECONDS)
        _make_way(folder, paths.values())


def _make_way(folder: Path, paths: Iterable[Path]) -> None:
    """Makes the folder, and removes the sockets that lie there."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        path.unlink(missing_ok=True)


async def _start(room: MachineRoom, node: str, path: Path) -> grpc.aio.Server:
    server = grpc.aio.server()
    answers = {
        "List": lambda: held(room.holders(node)),
        "GetAllocatableResources": lambda: offered(gpu.uuid for gpu in room.drivers[node].node.gpus),
    }
    methods = {name: grpc.unary_unary_rpc_method_handler(_method(answer)) for name, answer in answers.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, methods),))
    server.add_insecure_port(f"unix:{path}")
    await server.start()
    return server


def _method(answer: Callable[[], bytes]) -> Callable[[bytes, Any], Any]:
    async def respond(_request: bytes, _context: Any) -> bytes:
        return answer()

    return respond


def held(holders: Iterable[tuple[PodView, list[str]]]) -> bytes:
    """Returns a ``ListPodResourcesResponse``: pods with the UUIDs of their GPUs."""
    return b"".join(_field(1, _pod(pod, uuids)) for pod, uuids in holders)


def offered(uuids: Iterable[str]) -> bytes:
    """Returns an ``AllocatableResourcesResponse`` with GPUs alone."""
    return _field(1, _devices(list(uuids)))


def _pod(pod: PodView, uuids: list[str]) -> bytes:
    container = _field(1, pod.container.encode()) + _field(2, _devices(uuids))
    return _field(1, pod.name.encode()) + _field(2, pod.namespace.encode()) + _field(3, container)


def _devices(uuids: list[str]) -> bytes:
    return _field(1, GPU_RESOURCE.encode()) + b"".join(_field(2, uuid.encode()) for uuid in uuids)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
