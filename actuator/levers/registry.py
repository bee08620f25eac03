"""The levers that the ladder pulls itself, by rung. Those that act by themselves are not among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actuator.ladder.action import Lever, Rung
from actuator.levers.evict import EvictLever
from common.kube.client import Client


def levers(client: Client, may_write: Callable[[], bool]) -> Mapping[Rung, Lever]:
    """Returns the lever of each rung."""
    return {lever.rung: lever for lever in (EvictLever(client, may_write),)}
