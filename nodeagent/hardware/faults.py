"""What is wrong with one device: with the device or its watt limit, and apart from that with its clock."""

from __future__ import annotations

import logging
from collections.abc import Callable

from nodeagent.devices.errors import DeadlineExceededError, DeviceError
from nodeagent.hardware.fault import Fault, next_fault
from nodeagent.hardware.jobs import Change

log = logging.getLogger(__name__)

WRITE_IGNORED = "WriteIgnored"


class DeviceFaults:
    """Keeps the present faults of a device.

    Args:
        device: The device's id, for the log.
        clock: Monotonic seconds.
    """

    def __init__(self, device: str, clock: Callable[[], float]) -> None:
        self.fault: Fault | None = None
        self.clock_fault: Fault | None = None
        self._device = device
        self._clock = clock

    def hangs(self, seconds: float) -> None:
        """A call has not come back for so long."""
        if self.fault is None or self.fault.reason != DeadlineExceededError.reason:
            self._fail(DeadlineExceededError(f"no answer for {seconds:.1f} s"), on_write=False)

    def refused(self, error: DeviceError, change: Change | None) -> None:
        """A look (None) or a change ended in an error."""
        if change is not None and change.sets_clock:
            self.clock_fault = self._next(self.clock_fault, error.reason, str(error), on_write=True)
        else:
            self._fail(error, on_write=change is not None)

    def answered(self, change: Change | None, disobeyed: str) -> None:
        """A look or a change came back.

        Args:
            change: What was written; None after a mere look.
            disobeyed: What of it the device did not take; empty where it took it.
        """
        if change is not None and change.sets_clock:
            self.clock_fault = (
                self._next(self.clock_fault, WRITE_IGNORED, disobeyed, on_write=True) if disobeyed else None
            )
        elif disobeyed:
            self._note(self._next(self.fault, WRITE_IGNORED, disobeyed, on_write=True))
        elif self.fault is not None and (change is not None or not self.fault.on_write):
            log.info("device answers again", extra={"device": self._device})
            self.fault = None

    def _fail(self, error: DeviceError, *, on_write: bool) -> None:
        still_on_write = on_write or (self.fault is not None and self.fault.on_write)
        self._note(self._next(self.fault, error.reason, str(error), on_write=still_on_write))

    def _next(self, before: Fault | None, reason: str, message: str, *, on_write: bool) -> Fault:
        return next_fault(before, reason, message, on_write=on_write, now=self._clock())

    def _note(self, fault: Fault) -> None:
        if self.fault is None or self.fault.reason != fault.reason:
            details = {"device": self._device, "reason": fault.reason, "error": fault.message}
            log.warning("device failed; counted at nameplate", extra=details)
        self.fault = fault
