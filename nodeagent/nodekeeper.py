"""Keeps the Node object as it shall be: once a second at most, and again whenever somebody undid it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from common.api.core import NODES
from common.domains.budget import parent_chain
from common.domains.planning_share import planning_share_watts
from common.kube.client import Client, PatchKind
from common.kube.errors import KubeError
from nodeagent.noderesource import OfferSettings, capacity_patch, label_patch, offered_watts, taint_patch
from nodeagent.obedience.confirm import obeys
from nodeagent.obedience.verdict import Course
from nodeagent.snapshot import Snapshot
from nodeagent.world import World

log = logging.getLogger(__name__)

_PERIOD_SECONDS = 1.0


@dataclass(frozen=True)
class NodeKeeperSettings:
    """What is kept on the Node.

    Attributes:
        offer: How many watts pods can request.
        manage_taint: Whether the taint is set and taken away.
        dry_run: Nothing is written.
        boot_protected: Whether this boot began at base; None where no host unit says so.
    """

    offer: OfferSettings
    manage_taint: bool
    dry_run: bool
    boot_protected: bool | None = None


class NodeKeeper:
    """Patches the agent's own Node."""

    def __init__(self, client: Client, world: World, settings: NodeKeeperSettings) -> None:
        self._client = client
        self._world = world
        self._settings = settings
        self._snapshot: Snapshot | None = None
        self._obeyed_before = False

    def offer(self, snapshot: Snapshot) -> None:
        """Takes in the latest snapshot."""
        self._snapshot = snapshot

    async def run(self) -> None:
        """Keeps the Node right until cancelled."""
        while not self._settings.dry_run:
            await asyncio.sleep(_PERIOD_SECONDS)
            await self.keep_now()

    async def keep_now(self) -> None:
        """Writes what is not as it shall be."""
        node, snapshot = self._world.node, self._snapshot
        if node is None or snapshot is None:
            return
        watts = offered_watts(self._settings.offer, snapshot.standing.nameplate_watts, self._share_watts())
        await self._patch(capacity_patch(node, watts), subresource="status")
        await self._patch(label_patch(node, protected=self._settings.boot_protected), subresource="")
        uncapped = self._uncapped(snapshot)
        if self._settings.manage_taint and uncapped is not None:
            await self._patch(taint_patch(node, uncapped=uncapped), subresource="")

    def _share_watts(self) -> int | None:
        """The node's share of the caps above it; None before it has a base, or while the way up is broken."""
        budget, domains = self._world.spec.power_budget, self._world.domains
        if budget is None or domains is None:
            return None
        return planning_share_watts(budget.base_watts, parent_chain(budget.domain, domains.get) or ())

    def _uncapped(self, snapshot: Snapshot) -> bool | None:
        """Whether devices of a domain's node do not yet bear its caps; None where there is no word on it.

        Once they did under this process, only a cut that is on its way can make it otherwise: no reason for a
        taint.
        """
        verdict, standing = snapshot.verdict, snapshot.standing
        if verdict.course not in (Course.OBEY, Course.BASE) or verdict.budget_watts is None:
            return None
        if obeys(verdict.budget_watts, standing.powers):
            self._obeyed_before = True
        return not self._obeyed_before

    async def _patch(self, patch: dict[str, Any] | list[Any] | None, *, subresource: str) -> None:
        if patch is None:
            return
        kind: PatchKind = "json" if isinstance(patch, list) else "merge"
        try:
            await self._client.patch(
                NODES,
                self._world.node_name,
                patch,
                kind=kind,
                subresource=subresource,
            )
        except KubeError as error:
            log.warning("node not patched", extra={"patch": patch, "error": str(error)})
        else:
            log.info("node patched", extra={"patch": patch})
