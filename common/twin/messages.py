"""What crosses the socket between a driver of simulated devices and the process that hosts them.

One JSON object per line in either direction. A request names a verb and its arguments; its reply bears
the same ``id`` and either ``result`` or ``error``. Calls on one connection are answered in order.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all messages: snake_case on the wire, unknown fields dropped at decode."""


class DeviceInfo(Message, frozen=True):
    """What any device says about itself once: its product, ranges, and how closely it keeps a limit.

    With a limit in place for ``settle_seconds``, the mean true draw over any second is at most
    ``limit * (1 + one_second_excursion_ratio)``.
    """

    model_name: str
    min_limit_watts: float
    max_limit_watts: float
    default_limit_watts: float
    min_clock_mhz: int
    max_clock_mhz: int
    one_second_excursion_ratio: float
    settle_seconds: float


class GpuInfo(DeviceInfo, frozen=True, kw_only=True):
    """What a GPU says about itself once."""

    uuid: str
    index: int


class PackageInfo(DeviceInfo, frozen=True, kw_only=True):
    """What a CPU package says about itself once.

    Its energy counter starts again at zero after ``energy_range_millijoules``, as RAPL's does.
    """

    device: str
    package_id: int
    energy_range_millijoules: int


class NodeInventory(Message, frozen=True):
    """The devices of a node. ``rest_bound_watts`` bounds all that is neither GPU nor package."""

    node_name: str
    boot_id: str
    rest_bound_watts: float
    gpus: list[GpuInfo]
    packages: list[PackageInfo]


class DeviceReading(Message, frozen=True):
    """One look at a device.

    ``draw_watts`` is sampled and noisy (refreshed about every 100 ms). ``energy_millijoules`` integrates
    the true draw. ``requested_limit_watts`` is what was last asked for, ``enforced_limit_watts`` what the
    device obeys. ``clock_lock_mhz`` is None where no ceiling is set. Utilisation is in percent; a package
    has no memory utilisation. ``throttle_reasons`` hold NVML's names: ``gpu_idle``, ``sw_power_cap``,
    ``applications_clocks_setting``.
    """

    draw_watts: float
    energy_millijoules: int
    requested_limit_watts: float
    enforced_limit_watts: float
    clock_mhz: int
    clock_lock_mhz: int | None
    temperature_celsius: float
    utilisation_percent: int
    memory_utilisation_percent: int
    throttle_reasons: list[str]


class NodeReading(Message, frozen=True):
    """One look at the node as a whole, as a baseboard controller gives it.

    ``rest_watts`` is the noisy meter of all that is neither GPU nor package (memory, fans, NICs, losses).
    """

    boot_id: str
    rest_watts: float
    platform_watts: float
    uptime_seconds: float


class SettingDifference(Message, frozen=True):
    """A setting that is not as it was found when the node was built; ``setting`` is a field of a reading."""

    node: str
    device: str
    setting: str
    original: float | None
    current: float | None


class Truth(Message, frozen=True):
    """True draw (no sensor in between) of a node's parts and limits asked for, of one moment: for tests."""

    total_watts: float
    gpu_watts: dict[str, float]
    package_watts: dict[str, float]
    rest_watts: float
    limits_watts: dict[str, float] = {}


class Request(Message, frozen=True):
    """A call: ``verb`` on a ``device`` of a ``node``, with further arguments by name."""

    id: int
    verb: str
    node: str = ""
    device: str = ""
    arguments: dict[str, Any] = {}


class Failure(Message, frozen=True):
    """Why a call failed: the class name of the error, and words for a person."""

    kind: str
    message: str


class Reply(Message, frozen=True, omit_defaults=True):
    """The answer to the request of the same id."""

    id: int
    result: Any = None
    error: Failure | None = None


FAULT_HANG = "hang"
"""Calls get no answer while it lasts; a write lands when it ends, if its caller still waits."""
FAULT_LOST = "lost"
"""Every call fails with ``DeviceLostError``; the device goes on drawing."""
FAULT_NO_PERMISSION = "no_permission"
"""Writes fail with ``NoPermissionError``."""
FAULT_NOT_SUPPORTED = "not_supported"
"""Writes fail with ``NotSupportedError``."""
FAULT_IGNORED_WRITES = "ignored_writes"
"""Writes are answered as done, and change nothing."""
FAULT_FROZEN_READING = "frozen_reading"
"""Readings repeat the last one, energy counter included."""
FAULT_UNENFORCED_LIMIT = "unenforced_limit"
"""A limit reads back as set, and the device draws as if there were none."""

FAULTS = (
    FAULT_HANG,
    FAULT_LOST,
    FAULT_NO_PERMISSION,
    FAULT_NOT_SUPPORTED,
    FAULT_IGNORED_WRITES,
    FAULT_FROZEN_READING,
    FAULT_UNENFORCED_LIMIT,
)
