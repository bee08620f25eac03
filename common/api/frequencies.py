"""NodeFrequencies: the settings of one node's devices, and the node's side of the grant protocol."""

from __future__ import annotations

import msgspec

from common.api.meta import Condition, KubeObject, Struct
from common.api.names import GROUP, VERSION
from common.api.resource import Resource

DEVICE_PENDING = "Pending"
DEVICE_APPLIED = "Applied"
DEVICE_CLAMPED = "Clamped"
DEVICE_INERT = "Inert"
DEVICE_FAILED = "Failed"


class GpuFrequency(Struct, frozen=True):
    """A clock ceiling for a GPU, in MHz; GPUs by UUID."""

    gpu_id: str
    target_frequency: int


class CpuFrequency(Struct, frozen=True):
    """A clock ceiling for a CPU, in MHz."""

    cpu_id: int
    target_frequency: int


class GpuPowerLimit(Struct, frozen=True):
    """A watt limit for a GPU."""

    gpu_id: str
    watts: int


class PodPowerLimit(Struct, frozen=True):
    """A watt limit for a GPU that holds for exactly as long as a pod holds the GPU, or a part of it."""

    gpu_id: str
    pod_namespace: str
    pod_name: str
    watts: int
    pod_uid: str = msgspec.field(default="", name="podUID")


class CpuPowerLimit(Struct, frozen=True):
    """A watt limit for a CPU package."""

    package_id: int
    watts: int


class PowerBudget(Struct, frozen=True):
    """The grant (contract §4), written by the actuator's leader alone."""

    sequence: int
    leader_epoch: int
    domain: str
    base_watts: int
    grant_watts: int
    reserved_watts: int
    lease_duration_seconds: int
    release: bool = False


class FrequenciesSpec(Struct, frozen=True):
    """What the devices shall be set to; set points only ever lower what the budget allows."""

    node_name: str = ""
    gpu_frequencies: list[GpuFrequency] = []
    cpu_frequencies: list[CpuFrequency] = []
    gpu_power_limits: list[GpuPowerLimit] = []
    cpu_power_limits: list[CpuPowerLimit] = []
    pod_power_limits: list[PodPowerLimit] = []
    power_budget: PowerBudget | None = None


class BudgetStatus(Struct, frozen=True, omit_defaults=False):
    """The agent's confirmation: which sequence its devices obey, on which object, Node and boot."""

    uid: str
    sequence: int
    node_uid: str = msgspec.field(default="", name="nodeUID")
    boot_id: str = msgspec.field(default="", name="bootID")
    enforced_budget_watts: int = 0
    nameplate_watts: int = 0
    minimum_budget_watts: int = 0


class PodOnGpu(Struct, frozen=True):
    """A container that holds a GPU, or a part of one."""

    namespace: str
    name: str
    container: str = ""


class GpuStatus(Struct, frozen=True):
    """One GPU: what was asked for, what is enforced, how that went, and its own bounds (0 where unknown)."""

    gpu_id: str
    status: str = DEVICE_PENDING
    reason: str = ""
    owner: str = ""
    current_frequency: int = 0
    target_frequency: int | None = None
    requested_watts: int | None = None
    enforced_watts: int = 0
    minimum_watts: int = 0
    maximum_watts: int = 0
    maximum_frequency: int = 0
    draw_watts: int = 0
    pods: list[PodOnGpu] = []


class CpuStatus(Struct, frozen=True):
    """One CPU package or core: what was asked for, what is enforced, and how that went."""

    cpu_id: int
    status: str = DEVICE_PENDING
    reason: str = ""
    owner: str = ""
    current_frequency: int = 0
    target_frequency: int | None = None
    requested_watts: int | None = None
    enforced_watts: int = 0
    draw_watts: int = 0


class FrequenciesStatus(Struct, frozen=True):
    """Written by the node agent alone."""

    conditions: list[Condition] = []
    observed_generation: int = 0
    protocol_version: int = 0
    power_budget: BudgetStatus | None = None
    gpus: list[GpuStatus] = []
    cpus: list[CpuStatus] = []
    draw_watts: int = 0
    last_updated: str = ""


class NodeFrequencies(KubeObject, frozen=True):
    """The cluster-scoped settings object of a node."""

    spec: FrequenciesSpec = FrequenciesSpec()
    status: FrequenciesStatus = FrequenciesStatus()


NODE_FREQUENCIES = Resource(
    kind="NodeFrequencies",
    plural="nodefrequencies",
    type=NodeFrequencies,
    group=GROUP,
    version=VERSION,
)
