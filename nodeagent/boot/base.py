"""Writes the base of a node once, before its kubelet starts, from what the last boot's agent left on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nodeagent.boot.record import BootRecord
from nodeagent.devices.device import DeviceSet
from nodeagent.devices.errors import DeviceError
from nodeagent.state.files import DirectoryLock, StateLockedError
from nodeagent.state.names import LOWERED_FILE
from nodeagent.watchdog.holding import Holding, read_holding
from nodeagent.watchdog.lowering import Lowered, Lowering

_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class BaseOrders:
    """How the base is written.

    Attributes:
        directory: The agent's state directory.
        boot_id: The present boot.
        find_devices: Opens the devices; raises ``DeviceError`` while their driver is not up.
        deadline_seconds: For each call of a device.
        patience_seconds: How long to wait for drivers: pods must not wait for ever.
    """

    directory: Path
    boot_id: str
    find_devices: Callable[[], DeviceSet]
    deadline_seconds: float
    patience_seconds: float


def write_base(
    orders: BaseOrders,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> BootRecord:
    """Lowers the node's devices to what fits its base; never raises a limit.

    Devices whose originals are not saved are left alone, as by the watchdog. Where an agent runs already,
    it holds the devices itself, and nothing is written.

    Raises:
        OSError: The state directory cannot be read or written.
    """
    try:
        lock = DirectoryLock(orders.directory)
    except StateLockedError:
        return BootRecord(orders.boot_id, True, "the agent runs and holds the devices itself")
    try:
        holding = read_holding(orders.directory)
        if holding is None:
            return BootRecord(orders.boot_id, True, "no grant holds, so there is no base to write")
        return _held(orders, holding, clock, sleep)
    finally:
        lock.release()


def _held(
    orders: BaseOrders, holding: Holding, clock: Callable[[], float], sleep: Callable[[float], None]
) -> BootRecord:
    ends = clock() + orders.patience_seconds
    while True:
        try:
            lowered = _lower(orders, holding)
            outcome = _in_words(lowered, holding)
            if lowered.charged_watts <= holding.base_watts:
                return BootRecord(orders.boot_id, True, outcome)
        except DeviceError as error:
            outcome = f"devices not found: {error.reason}: {error}"
        if clock() >= ends:
            return BootRecord(orders.boot_id, False, outcome)
        sleep(_AGAIN_SECONDS)


def _lower(orders: BaseOrders, holding: Holding) -> Lowered:
    lowering = Lowering(orders.find_devices(), orders.deadline_seconds, lambda: True)
    try:
        lowered = lowering.lower(holding)
    finally:
        lowering.close()
    if lowered.limits:
        # The agent would take limits that it did not write for a stranger's.
        word = {"bootID": orders.boot_id, "limits": dict(lowered.limits)}
        (orders.directory / LOWERED_FILE).write_text(json.dumps(word))
    return lowered


def _in_words(lowered: Lowered, holding: Holding) -> str:
    said = f"the devices allow {lowered.charged_watts:,} W, the base is {holding.base_watts:,} W"
    failed = "; ".join(f"{name}: {why}" for name, why in sorted(lowered.failures.items()))
    return f"{said}; {failed}" if failed else said
