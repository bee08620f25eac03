"""Uninstall: every node's hardware is given back, confirmed by its agent, and reported."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from actuator.config import ActuatorSettings
from actuator.input.sources import Sources
from actuator.levers.hot_nodes import remove_hot_taints
from actuator.levers.place_store import PlaceStore
from actuator.levers.release_moves import release_moves
from actuator.output.release_nodes import NodeRelease
from actuator.scaling.release import release_ceilings
from common.clock import SystemClock
from common.kube.client import Client
from common.kube.election import Leadership

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.25
_DOMAINS_SECONDS = 10.0
"""A domain takes two writes, each on the version that the local copy shows: a second at most."""


async def release_all(
    client: Client, sources: Sources, settings: ActuatorSettings, leadership: Leadership
) -> list[str]:
    """Gives everything back, device limits last, whatever domains and policies say.

    Run it with the actuator stopped: it holds the Lease itself. No cap is held any more from here on.

    Returns:
        Names of the nodes that did not confirm within the deadline, whose objects stay, of the workloads
        whose replica ceilings could not be taken back, and of what still bears a place, a taint or our
        finalizer.

    Raises:
        TimeoutError: The local copies were not complete in time.
        KubeError: What there is to give back could not be listed; it may be called again.
    """
    await sources.catch_up(settings.catch_up_seconds)
    await _follow_scaling(sources, settings.catch_up_seconds)
    ceilings = await release_ceilings(client, sources.scaling, SystemClock(), leadership.valid)
    for owner in ceilings:
        log.error("its replica ceiling still holds", extra={"object": owner})
    store = PlaceStore(client, settings.placeholder_image, settings.places_namespace)
    places = await release_moves(client, store, leadership.valid)
    taints = await remove_hot_taints(client, leadership.valid)
    for what in (*places, *taints):
        log.error("it still bears something of ours", extra={"object": what})
    nodes = NodeRelease(client, sources, settings, leadership)
    waiting = await _repeated(nodes.free_nodes, settings.release_deadline_seconds)
    for node in waiting:
        log.error("the agent did not confirm the release: its settings may still hold", extra={"node": node})
    domains = await _repeated(nodes.free_domains, _DOMAINS_SECONDS)
    for domain in domains:
        log.error("it keeps our finalizer, and cannot be deleted", extra={"object": domain})
    log.info("released", extra={"nodes": nodes.released, "unconfirmed": len(waiting)})
    return [*waiting, *ceilings, *places, *taints, *domains]


async def _follow_scaling(sources: Sources, deadline_seconds: float) -> None:
    sources.scaling.need()
    try:
        async with asyncio.timeout(deadline_seconds):
            await sources.scaling.wait_synced()
    except TimeoutError:
        kinds = ", ".join(sources.scaling.unsynced())
        raise TimeoutError(f"no full picture yet of {kinds}: may the actuator list them?") from None


async def _repeated(step: Callable[[], Awaitable[list[str]]], seconds: float) -> list[str]:
    """Does a step until it leaves nothing to be done, or the time is up; returns what is left."""
    ends = asyncio.get_running_loop().time() + seconds
    while (left := await step()) and asyncio.get_running_loop().time() < ends:  # noqa: ASYNC110 - no such event
        await asyncio.sleep(_POLL_SECONDS)
    return left
