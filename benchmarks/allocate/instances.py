"""Instances of a division: devices with concave value curves under nodes, racks and a cluster."""

from __future__ import annotations

import numpy as np

from common.algorithms.protocol import (
    NO_PARENT,
    UNCAPPED,
    CapTree,
    DemandLevel,
    Snapshot,
    ValueCurves,
    Watts,
)

STEPS = 5
"""Straight steps per curve, as from a slowdown model sampled at six limits."""


def datacenter(nodes: int, racks: int, devices: int, seed: int) -> Snapshot:
    """Returns a cluster whose caps bind at every level: 60 % of the demand, racks at 50 to 100 % of theirs.

    Args:
        nodes: How many; their own caps bind for about every fourth.
        racks: Over which they are spread evenly.
        devices: Per node.
        seed: Of everything random.
    """
    random = np.random.default_rng(seed)
    node_of = np.repeat(np.arange(nodes), devices)
    rack_of = np.arange(nodes) * racks // nodes
    curves = concave_curves(random, nodes * devices, STEPS)
    demand = curves.step_watts.sum(axis=1)
    floor = random.integers(100, 200, nodes * devices)
    by_node = np.bincount(node_of, weights=floor + demand).astype(np.int64)
    least = np.bincount(node_of, weights=floor).astype(np.int64)
    node_caps = np.maximum(least, (by_node * random.uniform(0.7, 1.6, nodes)).astype(np.int64))
    by_rack, least_rack = _sums(rack_of, by_node), _sums(rack_of, least)
    rack_caps = np.maximum(least_rack, (by_rack * random.uniform(0.5, 1.0, racks)).astype(np.int64))
    cluster_cap = max(int(least.sum()), int(by_node.sum() * 0.6))
    caps = CapTree(
        names=("cluster", *(f"rack-{i}" for i in range(racks)), *(f"node-{i}" for i in range(nodes))),
        parent=np.concatenate([[NO_PARENT], np.zeros(racks, dtype=np.int64), 1 + rack_of]),
        cap_watts=np.concatenate([[cluster_cap], rack_caps, node_caps]),
    )
    return _snapshot(caps, 1 + racks + node_of, floor, curves, random)


def random_nesting(seed: int) -> Snapshot:
    """Returns a small instance with up to four levels of groups, some of them without a cap."""
    random = np.random.default_rng(seed)
    groups, count = int(random.integers(2, 16)), int(random.integers(3, 60))
    parent = np.array([NO_PARENT, *(int(random.integers(0, number)) for number in range(1, groups))])
    group = random.integers(0, groups, count)
    curves = concave_curves(random, count, int(random.integers(1, 7)))
    floor = random.integers(0, 200, count)
    low, high = _rolled_up(parent, group, floor), _rolled_up(parent, group, floor + curves.step_watts.sum(1))
    caps = low + ((high - low) * random.uniform(0.1, 1.2, groups)).astype(np.int64)
    caps[random.random(groups) < 0.3] = UNCAPPED
    names = tuple(f"group-{number}" for number in range(groups))
    return _snapshot(CapTree(names, parent, caps), group, floor, curves, random)


def concave_curves(random: np.random.Generator, count: int, steps: int) -> ValueCurves:
    """Returns curves that rise ever less; their worth per watt falls step by step."""
    worth = np.cumprod(random.uniform(0.3, 0.95, (count, steps)), axis=1)
    return ValueCurves(
        random.integers(20, 160, (count, steps)), worth * random.uniform(0.5, 2.0, count)[:, None]
    )


def _snapshot(
    caps: CapTree, group: Watts, floor: Watts, curves: ValueCurves, random: np.random.Generator
) -> Snapshot:
    demand = curves.step_watts.sum(axis=1)
    count = len(group)
    return Snapshot(
        caps=caps,
        members=tuple(f"gpu-{number}" for number in range(count)),
        group=group,
        floor_watts=floor,
        ceiling_watts=floor + demand,
        draw_watts=floor,
        demand=(DemandLevel(0, demand, curves),),
        current_watts=floor + (demand * random.uniform(0, 1, count)).astype(np.int64),
        max_frequency=np.zeros(count, dtype=np.int64),
    )


def _rolled_up(parent: Watts, group: Watts, watts: Watts) -> Watts:
    total = np.bincount(group, weights=watts, minlength=len(parent)).astype(np.int64)
    for index in range(len(parent) - 1, 0, -1):
        total[parent[index]] += total[index]
    return total


def _sums(index: Watts, watts: Watts) -> Watts:
    return np.bincount(index, weights=watts).astype(np.int64)
