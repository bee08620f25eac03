"""What KWOK does not play of a kubelet: registration, GPUs for pods, allocatable made from capacity."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from common.api.core import NODES, PODS, Pod
from common.kube import Client, Informer, KubeError
from common.twin.node import SimulatedNode
from deploy.local.machine_room.podview import view
from deploy.local.machine_room.registration import node_object, status_patch
from deploy.local.machine_room.room import MachineRoom

log = logging.getLogger(__name__)

_FIELD_MANAGER = "machine-room"
_SYNC_SECONDS = 0.5
"""A kubelet looks at its node's status every 10 s; this one hurries, so that trials need not wait."""


class Kubelet:
    """The kubelet of every node of a room. ``racks`` gives each node's rack by its name."""

    def __init__(self, client: Client, room: MachineRoom, racks: Mapping[str, str]) -> None:
        self._client = client
        self._room = room
        self._racks = racks
        self._nodes = Informer(client, NODES)
        self._pods = Informer(client, PODS)
        self._registered: set[str] = set()
        self._pods.on_change(self._on_pod)

    @property
    def unready(self) -> str | None:
        """What is missing before pods can be placed; None when nothing is."""
        missing = self._room.drivers.keys() - self._registered
        if missing:
            return f"not registered yet: {', '.join(sorted(missing))}"
        return None if self._pods.synced else "pods are not known yet"

    async def run(self) -> None:
        """Registers the nodes and keeps them and their pods right until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._nodes.run())
            tasks.create_task(self._pods.run())
            await self._nodes.wait_synced()
            while True:
                for driver in self._room.drivers.values():
                    await self._sync_node(driver.node)
                self._admit_waiting()
                await asyncio.sleep(_SYNC_SECONDS)

    async def _sync_node(self, node: SimulatedNode) -> None:
        try:
            if node.name not in self._registered:
                await self._register(node)
            elif (live := self._nodes.get(node.name)) is not None:
                patch = status_patch(live, node)
                if patch is not None:
                    await self._client.patch(NODES, node.name, patch, subresource="status")
        except KubeError as error:
            log.warning("node status not written", extra={"node": node.name, "error": str(error)})

    async def _register(self, node: SimulatedNode) -> None:
        body = node_object(node, self._racks[node.name])
        live = await self._client.apply(NODES, body, field_manager=_FIELD_MANAGER)
        patch = status_patch(live, node)
        if patch is not None:
            await self._client.patch(NODES, node.name, patch, subresource="status")
        self._registered.add(node.name)
        log.info("registered", extra={"node": node.name, "gpus": len(node.gpus)})

    def _admit_waiting(self) -> None:
        """Gives GPUs to pods that found none free when they were bound."""
        for pod in self._pods.items():
            if pod.key not in self._room.tenants and (seen := view(pod)) is not None:
                self._room.admit(seen)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        seen = view(new) if new is not None else None
        if seen is not None:
            self._room.admit(seen)
        elif old is not None:
            self._room.dismiss(old.key)
