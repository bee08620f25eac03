"""Topology spread: whether a pod may move to a node without the skew that its author forbids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from common.api.core import Node, Pod
from common.api.placement import PlacedPod
from common.api.selector import LabelSelector


def too_skewed(pod: PlacedPod, target: Node, nodes: Iterable[Node], neighbours: Iterable[Pod]) -> bool:
    """Whether a hard constraint would be broken by the pod's replacement on a node.

    Counted without the moving pod itself. Every node with the topology key counts as a place where the pod
    could be, which is the strictest reading: at worst a move is left that the scheduler would allow.

    Args:
        pod: The pod that moves.
        target: Where to.
        nodes: All nodes.
        neighbours: The pods of its namespace.
    """
    where = {node.name: node.metadata.labels for node in nodes}
    bound = [
        one for one in neighbours if one.spec.node_name in where and one.metadata.uid != pod.metadata.uid
    ]
    hard = (
        one
        for one in pod.spec.topology_spread_constraints
        if one.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule"
    )
    return any(_skewed(one, target, where, bound) for one in hard)


def _skewed(
    constraint: Mapping[str, Any], target: Node, where: Mapping[str, Mapping[str, str]], bound: list[Pod]
) -> bool:
    key = constraint.get("topologyKey", "")
    place = target.metadata.labels.get(key)
    if place is None:
        return True
    selector = msgspec.convert(constraint.get("labelSelector") or {}, LabelSelector)
    counts = Counter({labels[key]: 0 for labels in where.values() if key in labels})
    for pod in bound:
        value = where[pod.spec.node_name].get(key)
        if (
            value is not None
            and not pod.metadata.deletion_timestamp
            and selector.matches(pod.metadata.labels)
        ):
            counts[value] += 1
    return counts[place] + 1 - min(counts.values()) > int(constraint.get("maxSkew", 1))
