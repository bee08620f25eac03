"""What devices say about themselves, as messages."""

from __future__ import annotations

from typing import Any

from common.twin.cpu import SimulatedCpu
from common.twin.device import DeviceModel, SimulatedDevice
from common.twin.gpu import SimulatedGpu
from common.twin.messages import DeviceReading, GpuInfo, PackageInfo


def gpu_info(gpu: SimulatedGpu) -> GpuInfo:
    """Describes a GPU: identity and ranges."""
    return GpuInfo(uuid=gpu.uuid, index=gpu.index, **_ranges(gpu.model))


def package_info(package: SimulatedCpu) -> PackageInfo:
    """Describes a CPU package: identity, ranges, and where its energy counter wraps."""
    return PackageInfo(
        device=package.device,
        package_id=package.package_id,
        energy_range_millijoules=int(package.model.energy_range_joules * 1000.0),
        **_ranges(package.model),
    )


def _ranges(model: DeviceModel) -> dict[str, Any]:
    """Returns the fields of ``DeviceInfo``."""
    return {
        "model_name": model.name,
        "min_limit_watts": model.min_limit_watts,
        "max_limit_watts": model.max_limit_watts,
        "default_limit_watts": model.default_limit_watts,
        "min_clock_mhz": model.clocks.min_clock_mhz,
        "max_clock_mhz": model.clocks.max_clock_mhz,
        "one_second_excursion_ratio": model.regulator.one_second_excursion_ratio,
        "settle_seconds": model.regulator.settle_seconds,
    }


def reading(device: SimulatedDevice) -> DeviceReading:
    """Takes one look at a device."""
    return DeviceReading(
        draw_watts=device.draw_watts,
        energy_millijoules=device.energy_millijoules,
        requested_limit_watts=device.requested_limit_watts,
        enforced_limit_watts=device.enforced_limit_watts,
        clock_mhz=device.reported_clock_mhz,
        clock_lock_mhz=device.clock_lock_mhz,
        temperature_celsius=device.temperature_celsius,
        utilisation_percent=device.utilisation_percent,
        memory_utilisation_percent=device.memory_utilisation_percent,
        throttle_reasons=device.throttle_reasons,
    )
