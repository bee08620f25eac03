"""Joins what the kubelet says with what the API server says, and tells the control loop of every change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nodeagent.pods.follower import Follower, Holdings
from nodeagent.pods.local_pods import LocalPods
from nodeagent.pods.tenancy import Holder, PodFacts, Tenancy


class PodDesk:
    """Keeps the tenancy of one node.

    Args:
        on_change: Called with every new tenancy.
    """

    def __init__(self, on_change: Callable[[Tenancy], None]) -> None:
        self.tenancy = Tenancy(followed=True)
        self._on_change = on_change
        self._follower: Follower | None = None
        self._pods: LocalPods | None = None

    def open(self, follower: Follower, pods: LocalPods | None) -> None:
        """Takes the two sources; without ``pods`` nothing but the kubelet's answers is known."""
        self._follower, self._pods = follower, pods

    async def run(self) -> None:
        """Follows both sources until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self._follower is not None:
                tasks.create_task(self._follower.run())
            if self._pods is not None:
                tasks.create_task(self._pods.run())

    async def look(self) -> None:
        """Asks the kubelet once."""
        if self._follower is not None:
            await self._follower.look()

    def holdings_changed(self, holdings: Holdings) -> None:
        """Takes in a new answer of the kubelet."""
        self._join(holdings)

    def pods_changed(self) -> None:
        """Takes in a change of the node's pods: one that came or went may hold other GPUs now."""
        if self._follower is not None:
            self._join(self._follower.holdings)
            self._follower.hurry()

    def _join(self, holdings: Holdings) -> None:
        holders = {
            board: living
            for board, found in holdings.holders.items()
            if (living := tuple(holder for holder in found if not self._has_ended(holder)))
        }
        keys = {holder.key for found in holders.values() for holder in found}
        facts = {key: seen for key in keys if (seen := self._facts(key)) is not None}
        tenancy = Tenancy(True, holdings.known, holdings.reason, holdings.message, holders, facts)
        if tenancy != self.tenancy:
            self.tenancy = tenancy
            self._on_change(tenancy)

    def _facts(self, key: str) -> PodFacts | None:
        return None if self._pods is None else self._pods.facts(key)

    def _has_ended(self, holder: Holder) -> bool:
        facts = self._facts(holder.key)
        return facts is not None and facts.ended
