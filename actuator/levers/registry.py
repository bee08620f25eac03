"""The levers that the ladder pulls itself, by rung. Those that act by themselves are not among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actuator.ladder.action import Lever, Rung
from actuator.levers.evict import EvictLever
from actuator.levers.migrate import MigrateLever, MigrationSettings
from actuator.levers.place_store import PlaceStore
from common.kube.client import Client


def levers(
    client: Client,
    may_write: Callable[[], bool],
    store: PlaceStore | None = None,
    migration: MigrationSettings | None = None,
) -> Mapping[Rung, Lever]:
    """Returns the lever of each rung; that of migration where there is a store of places."""
    evict = EvictLever(client, may_write)
    found: list[Lever] = [evict]
    if store is not None:
        found.append(MigrateLever(client, store, evict, migration or MigrationSettings(), may_write))
    return {lever.rung: lever for lever in found}
