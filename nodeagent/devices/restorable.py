"""Devices that can say every setting they have, and take it back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable


@runtime_checkable
class RestorableDevice(Protocol):
    """A device with more settings than a watt limit and a clock ceiling.

    What ``read_settings`` returned before the first write is what ``restore_settings`` is to be given. Names
    and values are the driver's own text, fit for a file. Both calls block and come from the device's thread.
    """

    def read_settings(self) -> Mapping[str, str]:
        """Returns every setting that a write of this driver may change; raises ``DeviceError``."""
        ...

    def restore_settings(self, found: Mapping[str, str]) -> None:
        """Puts settings back as they were found; raises ``DeviceError`` where one was not taken."""
        ...
