"""What the agent left on disk about its node: the grant that it obeyed, and which devices it holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodeagent.state.names import GRANT_FILE, ORIGINALS_FILE


@dataclass(frozen=True)
class Holding:
    """What a node is held to.

    Attributes:
        base_watts: What it may draw whatever happens.
        lease_seconds: How long a grant stands without a heartbeat.
        devices: Devices whose originals are saved; no other may be written.
    """

    base_watts: int
    lease_seconds: int
    devices: frozenset[str]


def read_holding(directory: Path) -> Holding | None:
    """Returns what the node is held to; None where no grant holds, or none that can be read."""
    try:
        memory = _read(directory / GRANT_FILE)["memory"]
        if memory.get("released", False):
            return None
        budget = memory["budget"]
        base_watts = min(int(budget["baseWatts"]), int(budget["grantWatts"]))
        lease_seconds = int(budget["leaseDurationSeconds"])
        devices = frozenset(_read(directory / ORIGINALS_FILE)["devices"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Holding(base_watts, lease_seconds, devices)


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())
