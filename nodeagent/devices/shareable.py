"""Boards that can be divided into instances, each with a UUID of its own."""

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
