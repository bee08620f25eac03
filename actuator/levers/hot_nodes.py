"""Keeps the taint of hot racks: new pods rather go elsewhere. Nothing is ever stopped or kept out by it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from actuator.gate.mode import is_paused
from actuator.input.picture import Picture
from actuator.placement.hot import (
    HotDomains,
    HotSettings,
    hot_patch,
    hot_taint,
    reasons_of_nodes,
    tainted_domains,
)
from common.api.core import NODES
from common.kube.client import Client
from common.kube.errors import KubeError, NotFound

log = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
_PARALLEL = 8
_ATTEMPTS = 5
"""Heartbeats are Leases: somebody else writes a Node seldom."""


class HotNodes:
    """One leader's look after the taints.

    Args:
        client: Where to, and the API server's time.
        picture: What is known now.
        settings: Hysteresis.
        may_write: Whether this process still leads and may change anything.
        enabled: Whether to set taints at all; those that are there go where not.
    """

    def __init__(
        self,
        client: Client,
        picture: Callable[[], Picture],
        settings: HotSettings,
        may_write: Callable[[], bool],
        *,
        enabled: bool = True,
    ) -> None:
        self._client = client
        self._picture = picture
        self._domains = HotDomains(settings)
        self._may_write = may_write
        self._enabled = enabled

    async def run(self) -> None:
        """Does rounds until cancelled."""
        while True:
            try:
                await self.round()
            except Exception:  # one broken round must not end the next ones
                log.exception("a round of taints failed")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Puts every node's taint right; nodes under a paused domain stay as they are."""
        picture = self._picture()
        nodes = dict(picture.nodes)
        hot = self._domains.look(picture.domains, tainted_domains(picture.tree, nodes), self._now())
        wanted = reasons_of_nodes(picture.tree, hot if self._enabled else {}, nodes)
        tree, paused = picture.tree, {name for name, one in picture.domains.items() if is_paused(one)}
        patches = {
            name: patch
            for name, reason in wanted.items()
            if (patch := hot_patch(nodes[name], reason))
            and paused.isdisjoint(tree.chain(tree.leaf_of(name) or ""))
        }
        slots = asyncio.Semaphore(_PARALLEL)
        await asyncio.gather(*(self._write(name, patch, slots) for name, patch in patches.items()))

    async def _write(self, node: str, patch: list[dict[str, object]], slots: asyncio.Semaphore) -> None:
        async with slots:
            if not self._may_write():
                return
            try:
                await self._client.patch(NODES, node, patch, kind="json")
            except NotFound:
                return
            except KubeError as error:  # somebody else wrote: seen anew in the next round
                log.info("a taint is written later", extra={"node": node, "error": str(error)})
                return
            log.info("taint of hot racks changed", extra={"node": node, "patch": str(patch[-1])})

    def _now(self) -> datetime:
        return self._client.clock.now() + timedelta(seconds=self._client.server_clock_offset_seconds)


async def remove_hot_taints(client: Client, may_write: Callable[[], bool]) -> list[str]:
    """Takes the taint off every node.

    Returns:
        Nodes that keep it.

    Raises:
        KubeError: The nodes could not be listed.
    """
    tainted = [node.name for node in (await client.list(NODES)).items if hot_taint(node) is not None]
    return [name for name in tainted if not await _removed(client, name, may_write)]


async def _removed(client: Client, name: str, may_write: Callable[[], bool]) -> bool:
    for _ in range(_ATTEMPTS):
        if not may_write():
            return False
        try:
            node = await client.get(NODES, name)
            patch = hot_patch(node, "")
            if patch is not None:
                await client.patch(NODES, name, patch, kind="json")
            return True
        except NotFound:
            return True
        except KubeError as error:
            log.info("tried again", extra={"node": name, "error": str(error)})
    return False
