"""The connection to NVIDIA's management library, which may lose its driver and find another."""

from __future__ import annotations

import contextlib
import importlib
import threading
from typing import Any

from nodeagent.devices.errors import (
    DeviceError,
    DeviceLostError,
    DeviceUnreachableError,
    NoPermissionError,
    NotSupportedError,
    OutOfRangeError,
)


class DriverReloadedError(DeviceUnreachableError):
    """The driver was loaded anew since the last call: limits and clock locks went with the one before."""

    reason = "DriverReloaded"


_ERRORS: dict[str, tuple[type[DeviceError], str]] = {
    "NVML_ERROR_NO_PERMISSION": (NoPermissionError, "needs root, in a container also CAP_SYS_ADMIN"),
    "NVML_ERROR_NOT_SUPPORTED": (NotSupportedError, ""),
    "NVML_ERROR_FUNCTION_NOT_FOUND": (NotSupportedError, "this driver is too old for it"),
    "NVML_ERROR_INVALID_ARGUMENT": (OutOfRangeError, ""),
    "NVML_ERROR_FREQ_NOT_SUPPORTED": (OutOfRangeError, ""),
    "NVML_ERROR_GPU_IS_LOST": (DeviceLostError, "fallen off the bus; needs a reset or a reboot"),
    "NVML_ERROR_RESET_REQUIRED": (DeviceLostError, "needs a reset"),
    "NVML_ERROR_NOT_FOUND": (DeviceLostError, "not on this node any more"),
    "NVML_ERROR_GPU_NOT_FOUND": (DeviceLostError, "not on this node any more"),
    "NVML_ERROR_TIMEOUT": (DeviceUnreachableError, ""),
    "NVML_ERROR_LIBRARY_NOT_FOUND": (
        DeviceUnreachableError,
        "libnvidia-ml.so.1 is not there: run with NVIDIA's container runtime, or mount the host's",
    ),
    "NVML_ERROR_LIB_RM_VERSION_MISMATCH": (
        DeviceUnreachableError,
        "the driver was updated under its library: start the agent again",
    ),
    "NVML_ERROR_DRIVER_NOT_LOADED": (DeviceUnreachableError, "the NVIDIA driver is not loaded"),
    "NVML_ERROR_UNINITIALIZED": (DeviceUnreachableError, "the NVIDIA driver is not loaded"),
}
_STALE = ("NVML_ERROR_UNINITIALIZED", "NVML_ERROR_DRIVER_NOT_LOADED")


class NvmlLibrary:
    """Calls functions of NVML by name; any thread may.

    ``generation`` counts the loads of the driver that were seen. Handles of an earlier one are worthless.

    Args:
        patience_seconds: How long to wait while another thread opens the library anew.

    Raises:
        DeviceUnreachableError: ``pynvml`` is not installed.
    """

    def __init__(self, patience_seconds: float = 1.0) -> None:
        self.generation = 0
        self._nvml = _pynvml()
        self._codes = {getattr(self._nvml, name): name for name in _ERRORS if hasattr(self._nvml, name)}
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()

    def open(self) -> None:
        """Opens the library.

        Raises:
            DeviceError: It is not there, or its driver is not.
        """
        try:
            self._nvml.nvmlInit()
        except self._nvml.NVMLError as error:
            raise self._own_error("nvmlInit", error) from error

    def constant(self, name: str) -> int:
        """Returns a constant of NVML's header, such as a clock type or a field id."""
        return int(getattr(self._nvml, name))

    def raw(self, function: str) -> Any:
        """Returns a function of the opened library itself, which answers a code; None where it has none."""
        return getattr(self._nvml.nvmlLib, function, None)

    def structure(self, name: str) -> Any:
        """Returns a new structure of NVML's header, its version filled in."""
        return getattr(self._nvml, name)()

    def call(self, function: str, *arguments: Any) -> Any:
        """Calls a function.

        Raises:
            DriverReloadedError: The driver was loaded since the last call; fetch handles again.
            DeviceError: What NVML answered, as the kind that tells what would help.
        """
        generation = self.generation
        try:
            return getattr(self._nvml, function)(*arguments)
        except self._nvml.NVMLError as error:
            if self._codes.get(error.value) in _STALE:
                self._open_again(generation)
                raise DriverReloadedError(
                    "the NVIDIA driver was loaded anew; what was set is gone"
                ) from error
            raise self._own_error(function, error) from error

    def failure(self, what: str, code: int) -> DeviceError | None:
        """Returns the error that a return code inside of an answer stands for; None for success."""
        return self._own_error(what, self._nvml.NVMLError(code)) if code else None

    def close(self) -> None:
        """Closes the library; what was set on the boards stays while persistence mode is on."""
        with contextlib.suppress(self._nvml.NVMLError):
            self._nvml.nvmlShutdown()

    def _open_again(self, generation: int) -> None:
        if not self._lock.acquire(timeout=self._patience_seconds):
            raise DeviceUnreachableError("the NVIDIA driver is being opened again by another call")
        try:
            if self.generation == generation:
                self.close()
                self.open()
                self.generation += 1
        finally:
            self._lock.release()

    def _own_error(self, function: str, error: Any) -> DeviceError:
        kind, remedy = _ERRORS.get(self._codes.get(error.value, ""), (DeviceError, ""))
        return kind(f"{function}: {error}" + (f" ({remedy})" if remedy else ""))


def _pynvml() -> Any:
    # The agent must run on nodes without NVIDIA's library, and without the time and memory that it takes.
    try:
        return importlib.import_module("pynvml")
    except ImportError as error:
        remedy = "install climatik[nvidia] (package nvidia-ml-py), or leave nvml out of --devices"
        raise DeviceUnreachableError(f"the Python module pynvml is missing: {remedy}") from error
