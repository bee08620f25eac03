"""What the host unit left behind: whether this boot began at base."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from nodeagent.state.files import write_durably

BOOT_FILE = "boot.json"


@dataclass(frozen=True)
class BootRecord:
    """What became of the base at a boot.

    Attributes:
        boot_id: The kernel's boot.
        held: Whether the devices were at base when the unit ended, or nothing had to be.
        outcome: The same in plain words.
    """

    boot_id: str
    held: bool
    outcome: str


def save_record(directory: Path, record: BootRecord) -> None:
    """Keeps the record for the agent.

    Raises:
        OSError: The state directory cannot be written.
    """
    write_durably(directory / BOOT_FILE, json.dumps(asdict(record)).encode())


def is_boot_protected(directory: Path, boot_id: str) -> bool | None:
    """Returns whether this boot began at base; None where no host unit ever ran, or left nothing readable.

    Args:
        directory: The state directory.
        boot_id: The kernel's present boot.
    """
    try:
        found = json.loads((directory / BOOT_FILE).read_bytes())
        return bool(found["held"]) and bool(boot_id) and found["boot_id"] == boot_id
    except (OSError, ValueError, KeyError, TypeError):
        return None
