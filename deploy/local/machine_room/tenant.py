"""A pod on its GPUs: it starts, then serves its share of the requests or trains."""

from __future__ import annotations

from collections.abc import Sequence

from common.twin.gpu import SimulatedGpu
from common.twin.gpu_model import IDLE, Load
from common.twin.phases import StartPhase, training_load
from common.twin.served_model import dense_model
from common.twin.serving import Demand, ServingReplica
from deploy.local.machine_room.podview import PodView, billions_of_parameters


class Tenant:
    """One pod and the GPUs that it holds. A workload without requests of its own in the trace trains."""

    def __init__(self, pod: PodView, gpus: Sequence[SimulatedGpu], start: StartPhase, serves: bool) -> None:
        self.pod = pod
        self.gpus = list(gpus)
        self._start = start
        self._serves = serves
        self._age_seconds = 0.0
        self.replica = self._new_replica()

    @property
    def is_serving(self) -> bool:
        """Whether requests are sent to it."""
        return self._serves and self._age_seconds >= self._start.seconds

    @property
    def true_draw_watts(self) -> float:
        """What its GPUs draw now."""
        return sum(gpu.true_draw_watts for gpu in self.gpus)

    def restart(self) -> None:
        """Starts from nothing, as after a reboot of its node."""
        self._age_seconds = 0.0
        self.replica = self._new_replica()

    def step(self, demand: Demand, dt: float) -> None:
        """Loads its GPUs for the next ``dt`` seconds with its share of the demand."""
        load = self._load(demand, dt)
        self._age_seconds += dt
        for gpu in self.gpus:
            gpu.load = load

    def leave(self) -> None:
        """Leaves its GPUs idle."""
        for gpu in self.gpus:
            gpu.load = IDLE

    def _load(self, demand: Demand, dt: float) -> Load:
        starting = self._start.load_at(self._age_seconds)
        if starting is not None:
            return starting
        if not self._serves:
            return training_load(self._age_seconds)
        # Every GPU of a replica waits for the slowest one in each step of the model.
        compute_speed = min(gpu.compute_speed for gpu in self.gpus)
        memory_speed = min(gpu.memory_speed for gpu in self.gpus)
        return self.replica.step(demand, (compute_speed, memory_speed), dt)

    def _new_replica(self) -> ServingReplica:
        memory_gib = self.gpus[0].model.memory_gib
        billions = billions_of_parameters(self.pod.model)
        return ServingReplica(dense_model(self.pod.model, billions, len(self.gpus), memory_gib))
