"""The program that ``python -m nodeagent --watchdog`` becomes; its one argument are its orders."""

from __future__ import annotations

import sys
from pathlib import Path

from nodeagent.watchdog.orders import read_orders
from nodeagent.watchdog.process import Watchdog, watch


def main() -> int:
    """Watches until the process is asked to stop; returns its exit status."""
    orders = read_orders(sys.argv[1])
    watchdog = Watchdog(
        Path(orders.state_dir),
        orders.find_devices,
        deadline_seconds=orders.device_deadline_seconds,
        silence_seconds=orders.watchdog_silence_seconds,
    )
    watch(watchdog)
    return 0
