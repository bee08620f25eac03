"""All nodes of a machine room, the pods on them, and the load that drives them; stepped in explicit time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from common.twin.driver import NodeDriver
from common.twin.node import SimulatedNode
from common.twin.phases import StartPhase
from common.twin.serving import Demand
from deploy.local.machine_room.assignment import GpuAssigner
from deploy.local.machine_room.playback import Playback
from deploy.local.machine_room.podview import PodView
from deploy.local.machine_room.tenant import Tenant

LOAD_INTERVAL_SECONDS = 0.1
"""How often loads are worked out anew; batches and queues change more slowly than watts."""


class Observer(Protocol):
    """Whoever looks at the room after every step."""

    def observe(self, room: MachineRoom, dt: float) -> None:
        """Is called after a step of ``dt`` seconds."""


class MachineRoom:
    """Hosted nodes by name; ``now`` counts simulated seconds."""

    def __init__(self, nodes: Sequence[SimulatedNode], playback: Playback, start: StartPhase) -> None:
        self.drivers: Mapping[str, NodeDriver] = {node.name: NodeDriver(node) for node in nodes}
        self.playback = playback
        self.tenants: dict[str, Tenant] = {}
        self.now = 0.0
        self.observers: list[Observer] = []
        self._start = start
        self._assigners = {node.name: GpuAssigner([gpu.uuid for gpu in node.gpus]) for node in nodes}
        self._next_load_at = 0.0

    @property
    def true_draw_watts(self) -> float:
        """What all nodes draw now."""
        return sum(driver.node.true_draw_watts for driver in self.drivers.values())

    def step(self, dt: float) -> None:
        """Lets ``dt`` seconds pass."""
        if self.now + 1e-9 >= self._next_load_at:
            self._drive()
            self._next_load_at = self.now + LOAD_INTERVAL_SECONDS
        for driver in self.drivers.values():
            driver.step(dt)
        self.now += dt
        for observer in self.observers:
            observer.observe(self, dt)

    def admit(self, pod: PodView) -> None:
        """Takes in what is known of a pod: it holds its GPUs once it is bound, and starts when it runs."""
        assigner = self._assigners.get(pod.node)
        if assigner is None:
            return
        known = self.tenants.get(pod.key)
        if known is not None and known.pod.uid != pod.uid:
            self.dismiss(pod.key)
            known = None
        uuids = assigner.assign(pod.key, pod.gpus)
        if known is None and uuids and pod.is_running:
            node = self.drivers[pod.node].node
            gpus = [gpu for gpu in node.gpus if gpu.uuid in uuids]
            self.tenants[pod.key] = Tenant(pod, gpus, self._start, self.playback.serves(pod.workload))

    def dismiss(self, key: str) -> None:
        """Frees the GPUs of a pod that is gone."""
        tenant = self.tenants.pop(key, None)
        if tenant is not None:
            tenant.leave()
        for assigner in self._assigners.values():
            assigner.release(key)

    def reboot(self, name: str) -> str:
        """Reboots a node; its pods start anew. Returns the new boot id."""
        node = self.drivers[name].node
        node.reboot()
        for tenant in self.tenants.values():
            if tenant.pod.node == name:
                tenant.restart()
        return node.boot_id

    def owners(self) -> dict[str, PodView]:
        """Returns the pod that each GPU in use works for, by the GPU's UUID."""
        return {gpu.uuid: tenant.pod for tenant in self.tenants.values() for gpu in tenant.gpus}

    def holders(self, node: str) -> list[tuple[PodView, list[str]]]:
        """Returns the pods that run on a node, each with the UUIDs of its GPUs."""
        return [
            (tenant.pod, [gpu.uuid for gpu in tenant.gpus])
            for tenant in self.tenants.values()
            if tenant.pod.node == node
        ]

    def _drive(self) -> None:
        serving = Counter(tenant.pod.workload for tenant in self.tenants.values() if tenant.is_serving)
        for tenant in self.tenants.values():
            whole = self.playback.demand(tenant.pod.workload, self.now)
            sharers = serving[tenant.pod.workload]
            tenant.step(_share(whole, sharers if tenant.is_serving else 0), LOAD_INTERVAL_SECONDS)


def _share(demand: Demand, sharers: int) -> Demand:
    share = demand.requests_per_second / sharers if sharers else 0.0
    return demand._replace(requests_per_second=share)
