"""The world at one moment, from the caches: what a cycle decides on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from common.api.core import Node, Pod
from common.api.domain import PowerDomain
from common.api.frequencies import NodeFrequencies
from common.api.plan import PowerPlan
from common.api.policy import PowerCappingPolicy
from recommender.model.nodes import NodeView, view_node
from recommender.model.pods import PodView, view_pod


@dataclass(frozen=True)
class Objects:
    """What the caches hold."""

    policies: tuple[PowerCappingPolicy, ...] = ()
    domains: tuple[PowerDomain, ...] = ()
    pods: tuple[Pod, ...] = ()
    nodes: tuple[Node, ...] = ()
    frequencies: tuple[NodeFrequencies, ...] = ()
    plans: tuple[PowerPlan, ...] = ()


@dataclass(frozen=True)
class PodGroup:
    """Pods of one namespace with the same labels."""

    labels: Mapping[str, str]
    pods: tuple[PodView, ...]


@dataclass(frozen=True)
class World:
    """Running pods and nodes as views; policies, domains and plans as they are.

    ``groups`` holds the pods of each namespace by equal labels, so that selectors look at replicas once.
    """

    now: datetime
    pods: tuple[PodView, ...]
    groups: Mapping[str, tuple[PodGroup, ...]]
    nodes: Mapping[str, NodeView]
    policies: Mapping[str, PowerCappingPolicy]
    domains: tuple[PowerDomain, ...]
    plans: Mapping[str, PowerPlan]


class PodViews:
    """Makes the view of each pod once: a pod that changes is another object in the cache."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Pod, PodView | None]] = {}

    def of(self, pods: Iterable[Pod]) -> tuple[PodView, ...]:
        """Returns the views of the running ones; those of pods that are gone are forgotten."""
        # The pods are held along with their views, so that no identity is used again.
        before = self._made
        self._made = {id(pod): before.get(id(pod)) or (pod, view_pod(pod)) for pod in pods}
        return tuple(view for _, view in self._made.values() if view is not None)


def view_world(objects: Objects, now: datetime, views: PodViews) -> World:
    """Builds the views, and leaves out objects that are being deleted."""
    settings = {one.name: one for one in objects.frequencies}
    pods = views.of(objects.pods)
    return World(
        now=now,
        pods=pods,
        groups=_group(pods),
        nodes={node.name: view_node(node, settings.get(node.name)) for node in objects.nodes},
        policies={one.key: one for one in _alive(objects.policies)},
        domains=tuple(one for one in objects.domains if not one.metadata.deletion_timestamp),
        plans={one.name: one for one in objects.plans},
    )


def _group(pods: Iterable[PodView]) -> dict[str, tuple[PodGroup, ...]]:
    alike: dict[str, dict[tuple[tuple[str, str], ...], list[PodView]]] = {}
    for pod in pods:
        same = alike.setdefault(pod.namespace, {})
        same.setdefault(pod.alike, []).append(pod)
    return {
        namespace: tuple(PodGroup(dict(labels), tuple(members)) for labels, members in same.items())
        for namespace, same in alike.items()
    }


def _alive(policies: Iterable[PowerCappingPolicy]) -> list[PowerCappingPolicy]:
    return [one for one in policies if not one.metadata.deletion_timestamp]
