"""What the agent can be asked to do instead of running: show the devices, or give them back."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nodeagent.devices.device import SAME_LIMIT_WATTS, Device, DeviceSet
from nodeagent.devices.errors import DeviceError
from nodeagent.devices.restorable import RestorableDevice
from nodeagent.state.store import Original, StateStore

log = logging.getLogger(__name__)


def probe_table(hardware: DeviceSet) -> str:
    """Reads every device once and returns a table for people; a device that fails has its reason there."""
    head = ("device", "model", "draw W", "limit W", "range W", "clock MHz", "ceiling MHz", "range MHz")
    rows = [head, *(_probe_row(device) for device in hardware.devices)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    count = len(hardware.devices)
    lines.append(f"{count} devices; everything else of the node is bound by {hardware.rest_bound_watts:,} W")
    return "\n".join(lines) + "\n"


def restore(devices: Sequence[Device], store: StateStore) -> dict[str, str]:
    """Puts the saved originals back; what was restored for certain is forgotten.

    Args:
        devices: The devices that are there.
        store: The state directory.

    Returns:
        What went wrong, by device; empty where everything is as it was found.
    """
    if store.broken:
        return {"state": store.broken}
    by_id = {device.info.id: device for device in devices}
    wrong: dict[str, str] = {}
    for name, original in store.originals.items():
        failure = _restore_one(by_id.get(name), original)
        if failure:
            wrong[name] = failure
        log.info("restored", extra={"device": name, "failure": failure or "none"})
    store.forget_originals(set(store.originals) - set(wrong))
    return wrong


def _restore_one(device: Device | None, original: Original) -> str:
    if device is None:
        return "the device is not there any more; its original settings stay saved"
    try:
        if original.settings and isinstance(device, RestorableDevice):
            device.restore_settings(original.settings)
            return ""
        found = device.read()
        if abs(found.limit_watts - original.limit_watts) > SAME_LIMIT_WATTS:
            device.write_power_limit(original.limit_watts)
        if not found.clock_limit_known or found.clock_limit_mhz != original.clock_limit_mhz:
            device.write_clock_limit(original.clock_limit_mhz)
        seen = device.read()
    except DeviceError as error:
        return f"{error.reason}: {error}"
    if abs(seen.limit_watts - original.limit_watts) > SAME_LIMIT_WATTS:
        return f"{seen.limit_watts:,.0f} W were read back instead of {original.limit_watts:,.0f} W"
    if seen.clock_limit_mhz != original.clock_limit_mhz:
        return "the clock ceiling was not taken"
    return ""


def _probe_row(device: Device) -> tuple[str, ...]:
    info = device.info
    watts = f"{info.floor_watts}-{info.nameplate_watts}"
    clocks = f"{info.minimum_clock_mhz}-{info.maximum_clock_mhz}"
    try:
        seen = device.read()
    except DeviceError as error:
        return (info.id, info.model, error.reason, "", watts, "", "", clocks)
    ceiling = "none" if seen.clock_limit_mhz is None else str(seen.clock_limit_mhz)
    draw, limit = f"{seen.draw_watts:.0f}", f"{seen.limit_watts:.0f}"
    return (info.id, info.model, draw, limit, watts, str(seen.clock_mhz), ceiling, clocks)
