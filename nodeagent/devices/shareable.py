"""Boards that pods can hold under other names than their UUID: by instance, or by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from nodeagent.devices.device import DeviceInfo


@runtime_checkable
class ShareableDevice(Protocol):
    """A device whose instances can be held one by one; limit and draw are the board's all the same."""

    @property
    def info(self) -> DeviceInfo:
        """What the board said about itself when it was found."""
        ...

    def instance_uuids(self) -> Sequence[str]:
        """Returns the UUIDs of its instances now; may be called beside any other call, from any thread.

        Raises:
            DeviceError: The board does not answer.
        """
        ...

    def minor_number(self) -> int:
        """Returns the N of its file /dev/nvidiaN; may be called beside any other call, from any thread.

        Raises:
            DeviceError: The board does not answer, or has no such file.
        """
        ...
