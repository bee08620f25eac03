"""How many NVIDIA boards a node has, as its PCI bus says: with or without a driver."""

from __future__ import annotations

from pathlib import Path

_NVIDIA = "0x10de"
_DISPLAY_CONTROLLERS = "0x03"
"""Base class of the PCI Code and ID Assignment Specification; compute boards are 3D controllers, 0x0302."""


def count_nvidia_boards(sysfs_root: Path) -> int | None:
    """Returns how many there are; None where the bus cannot be seen.

    Args:
        sysfs_root: Where the host's sysfs is mounted.
    """
    bus = sysfs_root / "bus" / "pci" / "devices"
    if not bus.is_dir():
        return None
    return sum(_is_board(device) for device in bus.iterdir())


def _is_board(device: Path) -> bool:
    try:
        vendor, kind = ((device / name).read_text().strip() for name in ("vendor", "class"))
    except OSError:
        return False
    return vendor == _NVIDIA and kind.startswith(_DISPLAY_CONTROLLERS)
