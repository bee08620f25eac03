"""The start of NVIDIA's management library, which a wedged driver never answers: once for a whole process.

Opening the library talks to the driver, and so does counting boards; nothing is known of any board before. A
second ``nvmlInit`` would be counted, and a driver that was loaded anew could then not be opened any more by
closing and opening once. So whoever looks for boards again shares what was opened first.
"""

from __future__ import annotations

from dataclasses import dataclass

from nodeagent.devices.errors import DeadlineExceededError, DeviceError, DeviceUnreachableError
from nodeagent.devices.intime import CallsInTime
from nodeagent.devices.nvml_board import NvmlDevice
from nodeagent.devices.nvml_library import DriverReloadedError, NvmlLibrary

DRIVER_REMEDY = (
    "look for NVRM and Xid in the node's kernel log, then reset the GPUs (nvidia-smi --gpu-reset) or reboot"
    " the node"
)


class DriverSilentError(DeviceUnreachableError):
    """The driver takes the call and does not come back: nothing is known of any board."""

    reason = "DriverSilent"


@dataclass(frozen=True)
class OpenedLibrary:
    """The library, how many boards it has, and under which load of the driver that was."""

    library: NvmlLibrary
    count: int
    generation: int


class NvmlStart:
    """Opens the library and counts the boards, on a thread of its own.

    Attributes:
        boards: Calls on single boards while they are looked for; those that hang are shared, too.
    """

    def __init__(self) -> None:
        self.boards: CallsInTime[NvmlDevice] = CallsInTime()
        self._calls: CallsInTime[OpenedLibrary] = CallsInTime()
        self._library: NvmlLibrary | None = None

    def open(self, deadline_seconds: float) -> OpenedLibrary:
        """Returns the library as soon as it has said how many boards there are.

        Args:
            deadline_seconds: How long it has, from when it was asked first.

        Raises:
            DriverSilentError: It has not answered by then.
            DeviceError: ``pynvml``, the library or the driver is missing.
        """
        answer = self._calls.answers({"start": self._open}, deadline_seconds)["start"]
        if isinstance(answer, DeadlineExceededError):
            raise DriverSilentError(
                f"the NVIDIA driver does not answer for {deadline_seconds:g} s: {DRIVER_REMEDY}"
            )
        if isinstance(answer, DeviceError):
            raise answer
        return answer

    def _open(self) -> OpenedLibrary:
        if self._library is None:
            library = NvmlLibrary()
            library.open()
            self._library = library
        try:
            return self._counted(self._library)
        except DriverReloadedError:
            # It was opened anew with that, and nothing of ours was set yet that could be gone.
            return self._counted(self._library)

    @staticmethod
    def _counted(library: NvmlLibrary) -> OpenedLibrary:
        generation = library.generation
        return OpenedLibrary(library, int(library.call("nvmlDeviceGetCount")), generation)


PROCESS_START = NvmlStart()
"""The one of this process."""
