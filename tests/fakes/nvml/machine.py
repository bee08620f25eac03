"""The boards behind the imitated library, as a test sees and changes them while the agent runs.

`Machine` and `Gpu` mirror the structures of ``machine.h``. A load or a fault that is set counts from the last
call that the agent made: time on a board passes when it is looked at.
"""

import contextlib
import ctypes
import enum
import mmap
from collections.abc import Iterator
from pathlib import Path

MAX_GPUS = 8
IDLE_WATTS = 70.0
MIN_CLOCK_MHZ = 345


class Fault(enum.IntFlag):
    """What can be wrong with a board; what that stands for is told in ``machine.h``."""

    NO_PERMISSION = 1
    NOT_SUPPORTED = 2
    LOST = 4
    HANG = 8
    IGNORES = 16
    OLD_FIELDS = 32
    UNENFORCED = 64


class Hang(enum.IntFlag):
    """Where a wedged driver stops answering."""

    INIT = 1
    COUNT = 2
    HANDLE = 4


class Gpu(ctypes.Structure):
    _fields_ = [
        ("uuid", ctypes.c_char * 96),
        ("name", ctypes.c_char * 96),
        ("load", ctypes.c_double),
        ("faults", ctypes.c_uint32),
        ("foreign_limit_mw", ctypes.c_uint32),
        ("mig_enabled", ctypes.c_uint32),
        ("has_profiles", ctypes.c_uint32),
        ("min_limit_mw", ctypes.c_uint32),
        ("max_limit_mw", ctypes.c_uint32),
        ("default_limit_mw", ctypes.c_uint32),
        ("requested_limit_mw", ctypes.c_uint32),
        ("persistence", ctypes.c_uint32),
        ("clock_lock_mhz", ctypes.c_uint32),
        ("memory_clock_lock_mhz", ctypes.c_uint32),
        ("setter_calls", ctypes.c_uint32),
        ("generation", ctypes.c_uint32),
        ("updated_seconds", ctypes.c_double),
        ("draw_watts", ctypes.c_double),
        ("mean_watts", ctypes.c_double),
        ("clock_mhz", ctypes.c_double),
        ("energy_mj", ctypes.c_double),
    ]

    @contextlib.contextmanager
    def failing(self, fault: Fault) -> Iterator[None]:
        """The fault holds inside of the block, and is lifted after it."""
        self.faults |= fault
        try:
            yield
        finally:
            self.faults &= ~fault


class Machine(ctypes.Structure):
    _fields_ = [
        ("size_bytes", ctypes.c_uint32),
        ("gpu_count", ctypes.c_uint32),
        ("driver_loaded", ctypes.c_uint32),
        ("driver_generation", ctypes.c_uint32),
        ("manual_time", ctypes.c_uint32),
        ("calls", ctypes.c_uint32),
        ("driver_hangs", ctypes.c_uint32),
        ("setters", ctypes.c_uint32),
        ("kill_at", ctypes.c_uint32),
        ("kill_after", ctypes.c_uint32),
        ("now_seconds", ctypes.c_double),
        ("gpus", Gpu * MAX_GPUS),
    ]

    def advance(self, seconds: float) -> None:
        """Lets time pass, where it is this machine's own."""
        self.now_seconds += seconds

    @contextlib.contextmanager
    def hanging(self, where: Hang) -> Iterator[None]:
        """The driver is wedged inside of the block; calls that wait come back after it."""
        self.driver_hangs |= where
        try:
            yield
        finally:
            self.driver_hangs &= ~where

    def unload_driver(self) -> None:
        """The kernel module goes away, and with it every setting."""
        self.driver_loaded = 0

    def load_driver(self) -> None:
        """The kernel module is loaded (anew): boards are at their defaults, open libraries are stale."""
        self.driver_generation += 1
        self.driver_loaded = 1


def create(path: Path, *, gpus: int = MAX_GPUS, manual_time: bool = True) -> Machine:
    """Makes the file that stands for a machine and returns it mapped; name it in ``FAKE_NVML_MACHINE``."""
    path.write_bytes(bytes(ctypes.sizeof(Machine)))
    with path.open("r+b") as file:
        machine = Machine.from_buffer(mmap.mmap(file.fileno(), ctypes.sizeof(Machine)))
    machine.size_bytes = ctypes.sizeof(Machine)
    machine.gpu_count = gpus
    machine.manual_time = manual_time
    for index in range(gpus):
        _equip(machine.gpus[index], index)
    machine.load_driver()
    return machine


def _equip(gpu: Gpu, index: int) -> None:
    gpu.uuid = f"GPU-00000000-0000-0000-0000-{index:012d}".encode()
    gpu.name = b"Imitated H100"
    gpu.min_limit_mw = 200_000
    gpu.max_limit_mw = gpu.default_limit_mw = gpu.requested_limit_mw = 700_000
    gpu.generation = 1
    gpu.draw_watts = gpu.mean_watts = IDLE_WATTS
    gpu.clock_mhz = MIN_CLOCK_MHZ
