"""What the host says of itself."""

from __future__ import annotations

from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""The kernel's own, the same in every container; a Node's status may still name the boot before."""


def boot_id(path: Path = BOOT_ID) -> str:
    """Returns the id of this boot; empty where the kernel does not tell."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
