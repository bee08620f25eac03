"""Ends approvals when their time is over: what is due is read from the policies, so no restart forgets it."""

from __future__ import annotations

import asyncio
import logging

from admission.slack.approval import ended
from admission.slack.audit import Audit
from admission.slack.world import World
from admission.slack.writer import Writer
from common.api.approval import approval_of
from common.api.policy import POLICIES, PowerCappingPolicy
from common.clock import Clock
from common.kube.errors import KubeError, NotFound

log = logging.getLogger(__name__)


class Expiry:
    """Looks for approvals that have ended and takes them back."""

    def __init__(self, world: World, writer: Writer, audit: Audit, clock: Clock, look_seconds: float) -> None:
        self._world = world
        self._writer = writer
        self._audit = audit
        self._clock = clock
        self._look_seconds = look_seconds

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._look_seconds)

    async def look(self) -> None:
        """Takes back all that has ended; a policy that cannot be written is tried again at the next look."""
        now = self._clock.now()
        for policy in self._world.policies.items():
            if not ended(policy, now):
                continue
            try:
                await self._end(policy)
            except NotFound:
                continue
            except KubeError as error:
                log.error("an approval could not be ended", extra={"object": policy.key, "error": str(error)})

    async def _end(self, policy: PowerCappingPolicy) -> None:
        if await self._writer.end(policy.name, policy.namespace) is None:
            return  # the copy here lags
        approval = approval_of(policy)
        by = approval.by if approval and approval.by else "somebody"
        until = approval.until if approval else ""
        text = f"the approval by {by} has ended ({until}); mode and levers are as before it"
        subject = self._world.refer(POLICIES.kind, policy.name, policy.namespace)
        if subject is not None:
            self._audit.expired(subject, text)
