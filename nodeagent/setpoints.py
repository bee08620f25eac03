"""Explicit set points of NodeFrequencies, matched with the devices that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from common.api.frequencies import FrequenciesSpec
from nodeagent.devices.device import KIND_CPU, KIND_GPU, DeviceInfo

T = TypeVar("T", str, int)


@dataclass(frozen=True)
class SetPoint:
    """What was asked for one device, as it was asked; None where nothing was."""

    watts: int | None = None
    clock_mhz: int | None = None


_NOTHING_ASKED = SetPoint()


@dataclass(frozen=True)
class SetPoints:
    """Set points by device, and those that no device of this node matches, by the id they name.

    Attributes:
        by_device: Set points by device id.
        unknown_gpus: Set points that name a GPU this node does not have, by ``gpuId``.
        unknown_cpus: Set points that name a CPU or package this node does not have, by number.
        notes: What to say of set points that do not hold now, in plain words, by device id.
    """

    by_device: Mapping[str, SetPoint] = field(default_factory=dict)
    unknown_gpus: Mapping[str, SetPoint] = field(default_factory=dict)
    unknown_cpus: Mapping[int, SetPoint] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    def of(self, device_id: str) -> SetPoint:
        """Returns the set point of a device; an empty one where there is none."""
        return self.by_device.get(device_id, _NOTHING_ASKED)


def match_set_points(spec: FrequenciesSpec, devices: Sequence[DeviceInfo]) -> SetPoints:
    """Returns the set points of a spec by device.

    A GPU goes by its UUID, a CPU by its package's number. A bad item costs only itself.
    """
    gpus = _merged(
        {g.gpu_id: g.watts for g in spec.gpu_power_limits},
        {g.gpu_id: g.target_frequency for g in spec.gpu_frequencies},
    )
    cpus = _merged(
        {c.package_id: c.watts for c in spec.cpu_power_limits},
        {c.cpu_id: c.target_frequency for c in spec.cpu_frequencies},
    )
    gpu_ids = {d.id for d in devices if d.kind == KIND_GPU}
    packages = {d.index: d.id for d in devices if d.kind == KIND_CPU}
    found = {name: point for name, point in gpus.items() if name in gpu_ids}
    found |= {packages[number]: point for number, point in cpus.items() if number in packages}
    return SetPoints(
        by_device=found,
        unknown_gpus={name: point for name, point in gpus.items() if name not in gpu_ids},
        unknown_cpus={number: point for number, point in cpus.items() if number not in packages},
    )


def clamped_watts(point: SetPoint, info: DeviceInfo) -> int | None:
    """Returns the watt limit that comes nearest to what was asked for and that the device takes."""
    if point.watts is None:
        return None
    return min(max(point.watts, info.floor_watts), info.nameplate_watts)


def clamped_clock_mhz(point: SetPoint, info: DeviceInfo) -> int | None:
    """Returns the clock ceiling that comes nearest to what was asked for and that the device takes."""
    if point.clock_mhz is None:
        return None
    return min(max(point.clock_mhz, info.minimum_clock_mhz), info.maximum_clock_mhz)


def _merged(watts: Mapping[T, int], clocks: Mapping[T, int]) -> dict[T, SetPoint]:
    return {name: SetPoint(watts.get(name), clocks.get(name)) for name in {**watts, **clocks}}
