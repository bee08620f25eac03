"""What a simulated device can refuse, named after the failures that NVML and sysfs tell apart."""

from __future__ import annotations


class TwinError(Exception):
    """Base of everything that a call on a simulated device can end in."""


class NotSupportedError(TwinError):
    """The device has no such setting (NVML_ERROR_NOT_SUPPORTED): asking again never helps."""


class NoPermissionError(TwinError):
    """The caller may not write this setting (NVML_ERROR_NO_PERMISSION): other rights would help."""


class DeviceLostError(TwinError):
    """The device fell off the bus (NVML_ERROR_GPU_IS_LOST), or the node has none of that name."""


class OutOfRangeError(TwinError):
    """The value lies outside the device's own range (NVML_ERROR_INVALID_ARGUMENT)."""


class CallTimeoutError(TwinError):
    """The device did not answer before the caller's deadline: what was asked may still happen."""


class ConnectionLostError(TwinError):
    """The process that hosts the devices cannot be reached, or hung up in the middle of a call."""


_BY_NAME = {
    kind.__name__: kind for kind in (NotSupportedError, NoPermissionError, DeviceLostError, OutOfRangeError)
}


def error_from_wire(name: str, message: str) -> TwinError:
    """Returns the error of that class name; an unknown name becomes a plain ``TwinError``."""
    return _BY_NAME.get(name, TwinError)(message)
