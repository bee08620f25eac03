"""What can be set about the ledger."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LedgerSettings:
    """Frozen settings of the ledger.

    Attributes:
        base_share_percent: How much of what ``minimumCapWatts`` leaves over is shared out as bases.
        minimum_raise_watts: A raise that cannot be given in full waits for at least so much room.
        heartbeat_seconds: How often grants are renewed.
    """

    base_share_percent: int = 100
    minimum_raise_watts: int = 25
    heartbeat_seconds: float = 10.0
