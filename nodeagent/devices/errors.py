"""What a call on a device can end in; each is a reason of its own in status and metrics."""

from __future__ import annotations


class DeviceError(Exception):
    """Base of every failure of a device call. ``reason`` is its CamelCase name in status and metrics."""

    reason = "DeviceError"


class NotSupportedError(DeviceError):
    """The device has no such setting: asking again never helps."""

    reason = "NotSupported"


class NoPermissionError(DeviceError):
    """This process may not write the setting: other rights would help."""

    reason = "NoPermission"


class DeviceLostError(DeviceError):
    """The device is gone from the bus, or its driver is."""

    reason = "DeviceLost"


class OutOfRangeError(DeviceError):
    """The value lies outside the device's own range."""

    reason = "OutOfRange"


class DeadlineExceededError(DeviceError):
    """The call has not come back in time; what it asked for may still happen."""

    reason = "DeadlineExceeded"


class DeviceUnreachableError(DeviceError):
    """The driver or the process behind the device cannot be reached at present."""

    reason = "DeviceUnreachable"
