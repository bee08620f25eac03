"""Uninstall: every node's hardware is given back, confirmed by its agent, and reported."""

from __future__ import annotations

import asyncio
import logging

from msgspec.structs import replace

from actuator.config import ActuatorSettings
from actuator.input.picture import Assumptions, ledger_view
from actuator.input.sources import Sources
from actuator.ledger.reserve import is_released, nameplate_watts
from actuator.ledger.views import NodeView
from actuator.ledger.writes import WriteBudget
from actuator.levers.hot_nodes import remove_hot_taints
from actuator.levers.place_store import PlaceStore
from actuator.levers.release_moves import release_moves
from actuator.logic.setpoints import SetPoints, is_request
from actuator.output.bodies import budget_body, conditions_body, farewell_body, finalizer_body
from actuator.scaling.release import release_ceilings
from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.names import FINALIZER_RELEASE, MANAGER_ACTUATOR
from common.clock import SystemClock
from common.kube.client import Client
from common.kube.election import Leadership
from common.kube.errors import KubeError, RetryableError

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.25


async def release_all(
    client: Client, sources: Sources, settings: ActuatorSettings, leadership: Leadership
) -> list[str]:
    """Gives everything back, device limits last, whatever domains and policies say.

    Run it with the actuator stopped: it holds the Lease itself. No cap is held any more from here on.

    Returns:
        Names of the nodes that did not confirm within the deadline, whose objects stay, of the workloads
        whose replica ceilings could not be taken back, and of what still bears a place or a taint.
    """
    await sources.catch_up(settings.catch_up_seconds)
    ceilings = await release_ceilings(client, sources.scaling, SystemClock(), leadership.valid)
    for owner in ceilings:
        log.error("its replica ceiling still holds", extra={"object": owner})
    store = PlaceStore(client, settings.placeholder_image, settings.places_namespace)
    places = await release_moves(client, store, leadership.valid)
    taints = await remove_hot_taints(client, leadership.valid)
    for what in (*places, *taints):
        log.error("it still bears something of ours", extra={"object": what})
    releaser = _Releaser(client, sources, settings, leadership)
    deadline = asyncio.get_running_loop().time() + settings.release_deadline_seconds
    while (waiting := await releaser.step()) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(_POLL_SECONDS)
    await releaser.free_domains()
    for node in waiting:
        log.error("the agent did not confirm the release: its settings may still hold", extra={"node": node})
    log.info("released", extra={"nodes": releaser.released, "unconfirmed": len(waiting)})
    return [*waiting, *ceilings, *places, *taints]


class _NotLeadingError(RetryableError):
    """Somebody else may hold the Lease by now: nothing is written any more."""


class _Releaser:
    def __init__(
        self, client: Client, sources: Sources, settings: ActuatorSettings, leadership: Leadership
    ) -> None:
        self._client = client
        self._sources = sources
        self._leadership = leadership
        self._assumed = Assumptions(settings.unknown_gpu_node_watts, settings.unknown_cpu_node_watts)
        self.released = 0

    async def step(self) -> list[str]:
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

    async def free_domains(self) -> None:
        """Takes our finalizer and our word off every domain."""
        for domain in self._sources.picture().domains.values():
            held = FINALIZER_RELEASE in domain.metadata.finalizers
            try:
                if domain.status.enforcement is not None:
                    body = conditions_body(domain.metadata, [])
                    await self._apply(POWER_DOMAINS, body, "status")
                if held:
                    await self._apply(POWER_DOMAINS, finalizer_body(domain.metadata, held=False))
            except KubeError as error:
                log.warning(
                    "a domain keeps its finalizer", extra={"domain": domain.name, "error": str(error)}
                )

    async def _advance(self, node: NodeView, item: NodeFrequencies) -> bool:
        """Does the next step for a node; whether it is done."""
        frequencies = node.frequencies
        assert frequencies is not None
        if _is_done(node, item):
            if frequencies.budget is None or is_released(node):
                await self._apply(NODE_FREQUENCIES, farewell_body(item.metadata))
            else:  # the schema keeps a budget that nobody confirmed giving back: the object goes as a whole
                await self._let_go(item)
            self._require_lead()
            await self._client.delete(NODE_FREQUENCIES, item.name, uid=item.metadata.uid)
            self.released += 1
            return True
        budget = frequencies.budget
        if budget is None or not budget.release:
            await self._ask(node, item)
        return False

    async def _let_go(self, item: NodeFrequencies) -> None:
        self._require_lead()
        kept = [one for one in item.metadata.finalizers if one != FINALIZER_RELEASE]
        body = {"metadata": {"uid": item.metadata.uid, "finalizers": kept}}
        await self._client.patch(NODE_FREQUENCIES, item.name, body)

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

    async def _apply(self, resource: object, body: dict, subresource: str = "") -> None:  # type: ignore[type-arg]
        self._require_lead()
        await self._client.apply(
            resource,  # type: ignore[arg-type]
            body["metadata"]["name"],
            body,
            field_manager=MANAGER_ACTUATOR,
            subresource=subresource,
        )


def _is_done(node: NodeView, item: NodeFrequencies) -> bool:
    """Whether the agent has confirmed, or there is nothing that it could confirm."""
    frequencies = node.frequencies
    assert frequencies is not None
    if frequencies.budget is not None:
        return is_released(node) or frequencies.status is None or frequencies.powered_off
    empty = item.spec == SetPoints().spec(item.name)
    return empty and item.status.observed_generation >= item.metadata.generation
