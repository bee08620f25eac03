"""The informers behind the picture, and the proof that they have caught up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Set
from typing import Any

from actuator.gate.mode import is_paused
from actuator.input.picture import Picture
from actuator.input.pods import Pods
from actuator.input.versions import version_number
from actuator.input.workloads import Workloads
from actuator.scaling.sources import ScalingSources
from common.api.core import NAMESPACES, NODES, Namespace, Node
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.meta import KubeObject
from common.api.names import NAMESPACE
from common.api.plan import POWER_PLANS, PowerPlan
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.resource import T
from common.domains.last_valid import TreeKeeper
from common.domains.tree import DomainTree
from common.kube.client import Client
from common.kube.informer import Informer

_POLL_SECONDS = 0.05


class Sources:
    """Local copies of everything that the actuator looks at.

    Args:
        client: Where they come from.
        home: The namespace whose pause annotation stops everything but caps in all namespaces.
    """

    def __init__(self, client: Client, home: str = NAMESPACE) -> None:
        self._client = client
        self._home = home
        self.nodes: Informer[Node] = Informer(client, NODES)
        self.objects: Informer[NodeFrequencies] = Informer(client, NODE_FREQUENCIES)
        self.domains: Informer[PowerDomain] = Informer(client, POWER_DOMAINS)
        self.plans: Informer[PowerPlan] = Informer(client, POWER_PLANS)
        self.policies: Informer[PowerCappingPolicy] = Informer(client, POLICIES)
        self.namespaces: Informer[Namespace] = Informer(client, NAMESPACES)
        self.pods = Pods(client)
        self.scaling = ScalingSources(client, self.pods)
        self.workloads = Workloads(client, self.pods)
        self._keeper = TreeKeeper()
        self._tree: DomainTree | None = None
        self.nodes.on_change(self._on_node)
        self.domains.on_change(self._on_domain)

    async def run(self) -> None:
        """Follows everything until cancelled."""
        async with asyncio.TaskGroup() as group:
            for run in (informer.run for informer in self._informers()):
                group.create_task(run())
            group.create_task(self.pods.run())
            group.create_task(self.scaling.run())
            group.create_task(self.workloads.run())

    def on_change(self, wake: Callable[[], None]) -> None:
        """Calls ``wake`` at every change that may matter to a decision."""
        for informer in (self.objects, self.domains, self.plans, self.policies):
            informer.on_change(lambda _old, _new: wake())
        self.nodes.on_change(lambda old, new: wake() if _place(old) != _place(new) else None)
        self.namespaces.on_change(lambda old, new: wake() if _pauses(old) != _pauses(new) else None)

    def unsynced(self) -> list[str]:
        """Returns the kinds of which there is no full picture yet."""
        return [informer.resource.plural for informer in self._informers() if not informer.synced]

    async def wait_synced(self) -> None:
        """Waits for the first full picture of every kind."""
        for informer in self._informers():
            await informer.wait_synced()

    async def catch_up(self, deadline_seconds: float) -> None:
        """Lists consistently what grants stand on, and waits until the copies have reached that (rule 4).

        Raises:
            TimeoutError: If they have not in time.
            KubeError: If the lists cannot be had.
        """
        async with asyncio.timeout(deadline_seconds):
            await self.wait_synced()
            await self._reach(self.objects)
            await self._reach(self.domains)
            await self._reach(self.nodes)

    def picture(self) -> Picture:
        """Returns what is known now."""
        domains = {domain.name: domain for domain in self.domains.items()}
        return Picture(
            nodes={node.name: node for node in self.nodes.items()},
            objects={item.name: item for item in self.objects.items()},
            domains=domains,
            plans=tuple(self.plans.items()),
            policies=tuple(self.policies.items()),
            tree=self._present_tree(domains),
            paused_namespaces=self._paused_namespaces(),
        )

    def _paused_namespaces(self) -> frozenset[str]:
        spaces = self.namespaces.items()
        paused = frozenset(space.name for space in spaces if is_paused(space))
        return frozenset(space.name for space in spaces) if self._home in paused else paused

    def _informers(self) -> tuple[Informer[Any], ...]:
        return (self.nodes, self.objects, self.domains, self.plans, self.policies, self.namespaces)

    def _present_tree(self, domains: dict[str, PowerDomain]) -> DomainTree:
        """Builds the tree when labels or specs have changed; caps are read from ``domains`` each time."""
        if self._tree is None:
            staying = [domain for domain in domains.values() if not domain.metadata.deletion_timestamp]
            labels = {node.name: node.metadata.labels for node in self.nodes.items()}
            self._tree = self._keeper.build(staying, labels)
        return self._tree

    async def _reach(self, informer: Informer[T]) -> None:
        listed = await self._client.list(informer.resource)
        horizon = version_number(listed.resource_version)
        versions, skipped = _versions(listed.items), frozenset(listed.skipped)
        while not has_reached(_versions(informer.items()), versions, horizon, skipped):  # noqa: ASYNC110 - no such event
            await asyncio.sleep(_POLL_SECONDS)

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if old is None or new is None or old.metadata.labels != new.metadata.labels:
            self._tree = None

    def _on_domain(self, old: PowerDomain | None, new: PowerDomain | None) -> None:
        if old is None or new is None or _shape(old) != _shape(new):
            self._tree = None


def has_reached(
    copy: dict[str, int], listed: dict[str, int], horizon: int, skipped: Set[str] = frozenset()
) -> bool:
    """Whether a copy is at least as new as a consistent list, in what it holds and in what it lacks.

    Args:
        copy: Versions of the copy's objects, by name.
        listed: Versions of the listed objects, by name.
        horizon: The version of the list as a whole.
        skipped: Objects that are there but did not decode: the copy keeps what it had of them.
    """
    behind = any(copy.get(name, version) < version for name, version in listed.items())
    missing = listed.keys() - copy.keys()
    known = listed.keys() | skipped
    ghosts = any(name not in known and version <= horizon for name, version in copy.items())
    return not (behind or missing or ghosts)


def _versions(items: Iterable[KubeObject]) -> dict[str, int]:
    return {item.name: version_number(item.metadata.resource_version) for item in items}


def _shape(domain: PowerDomain) -> tuple[object, ...]:
    return (domain.metadata.uid, domain.metadata.deletion_timestamp, domain.spec)


def _pauses(namespace: Namespace | None) -> bool:
    return namespace is not None and is_paused(namespace)


def _place(node: Node | None) -> tuple[object, ...]:
    """What of a node matters here; its heartbeats do not."""
    if node is None:
        return ()
    metadata = node.metadata
    return (metadata.uid, metadata.labels, node.status.node_info.boot_id, node.status.capacity)
