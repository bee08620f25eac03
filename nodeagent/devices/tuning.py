"""Settings of devices beyond a watt limit and a clock ceiling, where a device has any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

MEMORY_CLOCK = "memory-clock-mhz"
ENERGY_PREFERENCE = "energy-performance-preference"
UNSET = "default"
"""The value that lets go of a setting."""


@runtime_checkable
class TunableDevice(Protocol):
    """A device with further settings; what was written goes back with the others when it is given back."""

    def tunings(self) -> Mapping[str, tuple[str, ...]]:
        """Returns the settings that the device has, by name, with the values that each takes."""
        ...

    def write_tuning(self, name: str, value: str) -> None:
        """Writes one.

        Raises:
            NotSupportedError: The device has no such setting.
            OutOfRangeError: It does not take this value.
            DeviceError: It could not be written.
        """
        ...
