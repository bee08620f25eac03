"""GPU telemetry in the dialect of NVIDIA's DCGM exporter, with the pod that each GPU works for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from common.twin.errors import TwinError
from common.twin.messages import DeviceReading, GpuInfo
from deploy.local.machine_room.exposition import family
from deploy.local.machine_room.podview import PodView
from deploy.local.machine_room.room import MachineRoom

_FAMILIES: tuple[tuple[str, str, str, Callable[[DeviceReading], float]], ...] = (
    ("DCGM_FI_DEV_SM_CLOCK", "gauge", "SM clock frequency (in MHz).", lambda seen: seen.clock_mhz),
    (
        "DCGM_FI_DEV_GPU_TEMP",
        "gauge",
        "GPU temperature (in C).",
        lambda seen: round(seen.temperature_celsius),
    ),
    ("DCGM_FI_DEV_POWER_USAGE", "gauge", "Power draw (in W).", lambda seen: round(seen.draw_watts, 3)),
    (
        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
        "counter",
        "Total energy consumption since boot (in mJ).",
        lambda seen: seen.energy_millijoules,
    ),
    ("DCGM_FI_DEV_GPU_UTIL", "gauge", "GPU utilization (in %).", lambda seen: seen.utilisation_percent),
    (
        "DCGM_FI_DEV_MEM_COPY_UTIL",
        "gauge",
        "Memory utilization (in %).",
        lambda seen: seen.memory_utilisation_percent,
    ),
    (
        "DCGM_FI_DEV_POWER_MGMT_LIMIT",
        "gauge",
        "Current power limit for the device (in W).",
        lambda seen: seen.enforced_limit_watts,
    ),
)


def render_dcgm(room: MachineRoom) -> str:
    """Renders every GPU of the room; a GPU that cannot be read is left out."""
    seen = list(_readings(room))
    return "".join(
        family(name, kind, text, [(labels, value(reading)) for labels, reading in seen])
        for name, kind, text, value in _FAMILIES
    )


def _readings(room: MachineRoom) -> list[tuple[Mapping[str, str], DeviceReading]]:
    owners = room.owners()
    readings = []
    for node, driver in room.drivers.items():
        for gpu in driver.discover().gpus:
            try:
                reading = driver.read(gpu.uuid)
            except TwinError:
                continue
            readings.append((_labels(node, gpu, owners.get(gpu.uuid)), reading))
    return readings


def _labels(node: str, gpu: GpuInfo, owner: PodView | None) -> Mapping[str, str]:
    return {
        "gpu": str(gpu.index),
        "UUID": gpu.uuid,
        "device": f"nvidia{gpu.index}",
        "modelName": gpu.model_name,
        "Hostname": node,
        "namespace": owner.namespace if owner else "",
        "pod": owner.name if owner else "",
        "container": owner.container if owner else "",
    }
