"""Policies that share GPUs: whose limits meet on one device, and what is guaranteed on which node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from common.api.policy import PowerCappingPolicy
from common.domains.tree import DomainTree
from recommender.logic.facts import Crowding, select_pods
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World

Overlaps = Mapping[str, Mapping[str, frozenset[str]]]
"""By policy key: the other policies on its GPUs, each with the UUIDs that they share."""


def find_overlaps(world: World, telemetry: TelemetryState) -> Overlaps:
    """Returns which policies share GPUs, through one pod or through several on one board."""
    policies_of: dict[str, list[str]] = defaultdict(list)
    for key, policy in world.policies.items():
        for pod in select_pods(policy, world):
            policies_of[pod.key].append(key)
    shared: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for uuid, holders in telemetry.known.holders.items():
        keys = {key for holder in holders for key in policies_of.get(holder, ())}
        for key in keys if len(keys) > 1 else ():
            for other in keys - {key}:
                shared[key][other].add(uuid)
    return {
        key: {other: frozenset(found) for other, found in others.items()} for key, others in shared.items()
    }


def crowded_guarantees(world: World, tree: DomainTree, caps: Mapping[str, int]) -> Mapping[str, Crowding]:
    """Returns, by policy key, the lowest domain where guarantees together exceed the effective cap.

    Each policy counts in a domain with the part of its guarantee that its pods there claim.

    Args:
        world: Policies and pods.
        tree: The domains.
        caps: Effective cap by domain, in watts.
    """
    claimed: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for key, policy in world.policies.items():
        for node, _, watts in _claims(policy, world):
            for domain in tree.chain(tree.leaf_of(node) or ""):
                claimed[domain][key] += watts
    found: dict[str, Crowding] = {}
    for domain in sorted(claimed, key=lambda name: -len(tree.chain(name))):
        total = round(sum(claimed[domain].values()))
        if total > caps.get(domain, total):
            for key in claimed[domain]:
                found.setdefault(key, Crowding(domain, total, caps[domain]))
    return found


def _claims(policy: PowerCappingPolicy, world: World) -> Iterator[tuple[str, int, float]]:
    """Yields a node, GPUs (a pod without any counts as one) and guaranteed watts for each pod of a policy."""
    if not policy.spec.guaranteed_watts:
        return
    pods = [(pod.node, max(1, pod.gpus)) for pod in select_pods(policy, world)]
    parts = sum(part for _, part in pods)
    for node, part in pods:
        yield node, part, policy.spec.guaranteed_watts * part / parts


def guaranteed_by_node(world: World) -> dict[str, int]:
    """Returns the watts above their part of the floor that guarantees claim on each node.

    A guarantee goes to its policy's GPUs in equal parts; a pod without any counts as one. Of a node's floor,
    its pods have as much as they hold of its GPUs.
    """
    claimed: dict[str, float] = defaultdict(float)
    held: dict[str, float] = defaultdict(float)
    for policy in world.policies.values():
        for node, part, watts in _claims(policy, world):
            claimed[node] += watts
            held[node] += part
    extra = {}
    for node, watts in claimed.items():
        view = world.nodes.get(node)
        share = min(1.0, held[node] / len(view.gpus)) if view and view.gpus else 0.0
        extra[node] = max(0, round(watts - share * (view.floor_watts if view else 0)))
    return extra
