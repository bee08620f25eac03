"""MIG instances of a board: parts of it with UUIDs of their own, which pods can hold one by one."""

from __future__ import annotations

from typing import Any

from nodeagent.devices.errors import DeviceLostError, NotSupportedError
from nodeagent.devices.nvml_library import NvmlLibrary


def instance_uuids(library: NvmlLibrary, handle: Any) -> tuple[str, ...]:
    """Returns the UUIDs of a board's instances, in order; none where it is not divided.

    Raises:
        DeviceError: The board does not answer.
    """
    try:
        most = library.call("nvmlDeviceGetMaxMigDeviceCount", handle)
    except NotSupportedError:
        return ()
    handles = (_handle(library, handle, index) for index in range(most))
    return tuple(library.call("nvmlDeviceGetUUID", found) for found in handles if found is not None)


def _handle(library: NvmlLibrary, board: Any, index: int) -> Any:
    try:
        return library.call("nvmlDeviceGetMigDeviceHandleByIndex", board, index)
    except DeviceLostError:
        # NVML_ERROR_NOT_FOUND: no instance was made at this place.
        return None
