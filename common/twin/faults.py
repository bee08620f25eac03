"""Faults of devices, each until a moment of simulated time or until it is cleared."""

from __future__ import annotations

import math

from common.twin.errors import DeviceLostError, NoPermissionError, NotSupportedError
from common.twin.messages import (
    FAULT_FROZEN_READING,
    FAULT_HANG,
    FAULT_IGNORED_WRITES,
    FAULT_LOST,
    FAULT_NO_PERMISSION,
    FAULT_NOT_SUPPORTED,
    FAULTS,
)


class DeviceFaults:
    """Which devices of a node are broken, how, and until when (seconds of the node's simulated time)."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def inject(self, device: str, kind: str, now: float, seconds: float | None = None) -> None:
        """Breaks a device for so long; None means until cleared.

        Raises:
            ValueError: a kind that does not exist.
        """
        if kind not in FAULTS:
            raise ValueError(f"fault {kind!r} does not exist; choose one of {', '.join(FAULTS)}")
        self._until[device, kind] = math.inf if seconds is None else now + seconds

    def clear(self, device: str = "") -> None:
        """Mends one device, or all."""
        self._until = {key: end for key, end in self._until.items() if device and key[0] != device}

    def active(self, device: str, kind: str, now: float) -> bool:
        """Whether a device suffers from a fault now."""
        return bool(self._until) and now < self._until.get((device, kind), -math.inf)

    def hangs(self, device: str, now: float) -> bool:
        """Whether calls on a device get no answer now."""
        return self.active(device, FAULT_HANG, now)

    def freezes(self, device: str, now: float) -> bool:
        """Whether readings of a device repeat the last one now."""
        return self.active(device, FAULT_FROZEN_READING, now)

    def check(self, device: str, now: float) -> None:
        """Raises ``DeviceLostError`` where any call fails now."""
        if self.active(device, FAULT_LOST, now):
            raise DeviceLostError(f"{device} has fallen off the bus; reset the device or reboot the node")

    def admits_write(self, device: str, now: float) -> bool:
        """Whether a write changes anything now.

        Raises:
            DeviceLostError: the device is gone.
            NoPermissionError: the caller may not write.
            NotSupportedError: the device has no such setting.
        """
        self.check(device, now)
        if self.active(device, FAULT_NO_PERMISSION, now):
            raise NoPermissionError(f"{device}: this account may not write settings; run as root")
        if self.active(device, FAULT_NOT_SUPPORTED, now):
            raise NotSupportedError(f"{device}: the board has no such setting")
        return not self.active(device, FAULT_IGNORED_WRITES, now)
