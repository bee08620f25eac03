"""Uninstall: device limits and domains are given back, step by step, each write under the Lease."""

from __future__ import annotations

import logging
from typing import Any

from msgspec.structs import replace

from actuator.config import ActuatorSettings
from actuator.input.picture import Assumptions, ledger_view
from actuator.input.sources import Sources
from actuator.ledger.reserve import is_released, nameplate_watts
from actuator.ledger.views import NodeView
from actuator.ledger.writes import WriteBudget
from actuator.logic.setpoints import SetPoints, is_request
from actuator.output.bodies import (
    budget_body,
    conditions_body,
    farewell_body,
    finalizer_body,
    keeps_budget,
    let_go_body,
)
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.names import FINALIZER_RELEASE, MANAGER_ACTUATOR
from common.api.resource import Resource, T
from common.clock import SystemClock
from common.kube.client import Client
from common.kube.election import Leadership
from common.kube.errors import KubeError, RetryableError

log = logging.getLogger(__name__)


class _NotLeadingError(RetryableError):
    """Somebody else may hold the Lease by now: nothing is written any more."""


class NodeRelease:
    """Gives back what the local copies show; whoever calls it repeats each step until nothing is left.

    Args:
        client: Where to write.
        sources: Local copies, and what nodes without an agent are assumed to draw.
        settings: Of the actuator.
        leadership: The term under which it is written.

    Attributes:
        released: How many nodes have confirmed, or had nothing to confirm.
    """

    def __init__(
        self, client: Client, sources: Sources, settings: ActuatorSettings, leadership: Leadership
    ) -> None:
        self._client = client
        self._sources = sources
        self._leadership = leadership
        self._assumed = Assumptions(settings.unknown_gpu_node_watts, settings.unknown_cpu_node_watts)
        self.released = 0

    async def free_nodes(self) -> list[str]:
        """Does what can be done now for each node; returns those that are yet to confirm."""
        picture = self._sources.picture()
        view = ledger_view(picture, self._assumed, self._leadership.epoch, SystemClock().now())
        waiting = []
        for item in picture.objects.values():
            if is_request(item) or FINALIZER_RELEASE not in item.metadata.finalizers:
                continue
            try:
                if not await self._advance(view.nodes[item.name], item):
                    waiting.append(item.name)
            except KubeError as error:
                log.info("tried again", extra={"node": item.name, "error": str(error)})
                waiting.append(item.name)
        return waiting

    async def free_domains(self) -> list[str]:
        """Does what can be done now to take our word and our finalizer off; returns who bears either."""
        left = []
        for domain in self._sources.picture().domains.values():
            try:
                if await self._free(domain):
                    continue
            except KubeError as error:
                log.info("tried again", extra={"domain": domain.name, "error": str(error)})
            left.append(f"PowerDomain/{domain.name}")
        return left

    async def _free(self, domain: PowerDomain) -> bool:
        """Does the next step for a domain; whether there was none left to do."""
        if domain.status.enforcement is not None:
            await self._apply(POWER_DOMAINS, conditions_body(domain.metadata, []), "status")
        elif FINALIZER_RELEASE in domain.metadata.finalizers:
            await self._apply(POWER_DOMAINS, finalizer_body(domain.metadata, held=False))
        else:
            return True
        return False

    async def _advance(self, node: NodeView, item: NodeFrequencies) -> bool:
        """Does the next step for a node; whether it is done."""
        frequencies = node.frequencies
        assert frequencies is not None
        if _is_done(node, item):
            self._require_lead()
            if keeps_budget(item):
                await self._client.patch(NODE_FREQUENCIES, item.name, let_go_body(item.metadata))
            else:
                await self._apply(NODE_FREQUENCIES, farewell_body(item.metadata))
            self._require_lead()
            await self._client.delete(NODE_FREQUENCIES, item.name, uid=item.metadata.uid)
            self.released += 1
            return True
        budget = frequencies.budget
        if budget is None or not budget.release:
            await self._ask(node, item)
        return False

    async def _ask(self, node: NodeView, item: NodeFrequencies) -> None:
        """Writes the release, without any set points."""
        frequencies = node.frequencies
        assert frequencies is not None
        budget = frequencies.budget
        if budget is None:
            if item.spec != SetPoints().spec(item.name):
                body = farewell_body(item.metadata)
                body["metadata"]["finalizers"] = [FINALIZER_RELEASE]
                await self._apply(NODE_FREQUENCIES, body)
            return
        released = replace(
            budget,
            sequence=max(budget.sequence, frequencies.status.sequence if frequencies.status else 0) + 1,
            leader_epoch=max(budget.leader_epoch, self._leadership.epoch),
            reserved_watts=max(nameplate_watts(node), budget.reserved_watts, budget.grant_watts),
            release=True,
        )
        write = WriteBudget(node.name, frequencies.uid, frequencies.version, released, "", "uninstall")
        await self._apply(NODE_FREQUENCIES, budget_body(write, SetPoints()))

    def _require_lead(self) -> None:
        if not self._leadership.valid():
            raise _NotLeadingError(
                "the Lease climatik-actuator is held no more: is an actuator still running?"
            )

    async def _apply(self, resource: Resource[T], body: dict[str, Any], subresource: str = "") -> None:
        self._require_lead()
        await self._client.apply(resource, body, field_manager=MANAGER_ACTUATOR, subresource=subresource)


def _is_done(node: NodeView, item: NodeFrequencies) -> bool:
    """Whether the agent has confirmed, or there is nothing that it could confirm."""
    frequencies = node.frequencies
    assert frequencies is not None
    if frequencies.budget is not None:
        return is_released(node) or frequencies.status is None or frequencies.powered_off
    empty = item.spec == SetPoints().spec(item.name)
    return empty and item.status.observed_generation >= item.metadata.generation
