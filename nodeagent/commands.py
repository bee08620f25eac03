"""What the agent can be asked to do instead of running: show the devices, or give them back."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nodeagent.devices.device import Device, DeviceSet, Reading
from nodeagent.devices.errors import DeviceError
from nodeagent.devices.restorable import RestorableDevice
from nodeagent.devices.tuning import TunableDevice
from nodeagent.state.originals import Original, changed_by_others
from nodeagent.state.store import StateStore

log = logging.getLogger(__name__)

_OVER_OTHERS = "it stays as it is, unless --restore-over-others is given"


def probe_table(hardware: DeviceSet) -> str:
    """Reads every device once and returns a table for people; a device that fails has its reason there."""
    head = ("device", "model", "draw W", "limit W", "range W", "clock MHz", "ceiling MHz", "range MHz")
    rows = [head, *(_probe_row(device) for device in hardware.devices)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines += [line for device in hardware.devices for line in _tuning_lines(device)]
    count = len(hardware.devices)
    lines.append(f"{count} devices; everything else of the node is bound by {hardware.rest_bound_watts:,} W")
    return "\n".join(lines) + "\n"


def restore(devices: Sequence[Device], store: StateStore, *, over_others: bool = False) -> dict[str, str]:
    """Puts the saved originals back; what was restored for certain is forgotten.

    Args:
        devices: The devices that are there.
        store: The state directory.
        over_others: Whether devices that somebody else changed since are put back, too.

    Returns:
        What went wrong, by device; empty where everything is as it was found.
    """
    if store.broken:
        return {"state": store.broken}
    by_id = {device.info.id: device for device in devices}
    wrong: dict[str, str] = {}
    for name in store.originals:
        failure = _restore_saved(by_id.get(name), store, name, over_others=over_others)
        if failure:
            wrong[name] = failure
        log.info("restored", extra={"device": name, "failure": failure or "none"})
    store.forget_originals(set(store.originals) - set(wrong))
    return wrong


def _restore_saved(device: Device | None, store: StateStore, name: str, *, over_others: bool) -> str:
    original = store.originals[name]
    if device is None:
        return "the device was not found; its original settings stay saved"
    try:
        seen = device.read()
        lowered = store.lowered_by_watchdog(name)
        others = changed_by_others(original, seen, device.info.nameplate_watts, lowered)
        if others and not over_others:
            return f"ForeignLimit: {others}: somebody changed it since; {_OVER_OTHERS}"
        # A crash while it is put back must not make our own writes look like somebody else's.
        store.note_writing({name: False})
        return _put_back(device, original, seen)
    except DeviceError as error:
        return f"{error.reason}: {error}"


def _put_back(device: Device, original: Original, found: Reading) -> str:
    if original.settings and isinstance(device, RestorableDevice):
        device.restore_settings(original.settings, clock_written=original.clock_written)
        return ""
    if not found.obeys(original.limit_watts):
        device.write_power_limit(original.limit_watts)
    clock_is_ours = original.clock_written or found.clock_limit_known
    if clock_is_ours and not _has_clock(found, original):
        device.write_clock_limit(original.clock_limit_mhz)
    seen = device.read()
    if not seen.obeys(original.limit_watts):
        return f"{seen.held_watts:,.0f} W were read back instead of {original.limit_watts:,.0f} W"
    if clock_is_ours and not _has_clock(seen, original):
        return "the clock ceiling was not taken"
    return ""


def _has_clock(reading: Reading, original: Original) -> bool:
    return reading.clock_limit_known and reading.clock_limit_mhz == original.clock_limit_mhz


def _tuning_lines(device: Device) -> list[str]:
    if not isinstance(device, TunableDevice):
        return []
    try:
        tunings = device.tunings()
    except DeviceError as error:
        return [f"{device.info.id}: {error.reason}: {error}"]
    return [f"{device.info.id} also takes {name}: {', '.join(values)}" for name, values in tunings.items()]


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
