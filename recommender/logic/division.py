"""The division of the caps over the nodes of the domain tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from common.algorithms.caps import members_by_group, sums
from common.algorithms.protocol import (
    GUARANTEED,
    NO_PARENT,
    UNCAPPED,
    CapTree,
    DemandLevel,
    Snapshot,
    Watts,
)
from common.algorithms.water_filling import divide
from common.domains.caps import effective_cap_watts
from common.domains.tree import DomainTree
from recommender.logic.demand import ask_watts, split_by_priority
from recommender.logic.heat import Wish, room_of, thermal_caps
from recommender.logic.postprocess import post_process
from recommender.model.nodes import NodeView


@dataclass(frozen=True)
class NodeNeed:
    """What a node must have and would like; ``ask_watts`` includes the floor."""

    node: str
    domain: str
    floor_watts: int
    ceiling_watts: int
    draw_watts: int
    ask_watts: int
    current_watts: int
    extra_by_priority: Mapping[int, int]
    vouched: bool


@dataclass(frozen=True)
class Division:
    """Who gets what.

    Attributes:
        snapshot: What was divided.
        watts: Whole watts per member of the snapshot.
        given: Watts by node.
        group_watts: Watts by domain, everything below it included.
        caps: Effective cap by domain; domains without one are absent.
    """

    snapshot: Snapshot
    watts: Watts
    given: Mapping[str, int]
    group_watts: Mapping[str, int]
    caps: Mapping[str, int]


def node_need(
    view: NodeView, domain: str, draw_watts: float | None, upper_watts: float, planned_watts: int,
    draw_by_priority: Mapping[int, float],
) -> NodeNeed:  # fmt: skip
    """Says what a node needs.

    A node that no agent vouches for cannot be held: it counts at its nameplate, or at its draw while nobody
    knows a nameplate. A node that nobody measures keeps what it has, and is given no more.
    """
    draw = round(draw_watts or 0.0)
    current = planned_watts or view.granted_watts
    if not view.vouched:
        fixed = max(view.nameplate_watts, draw)
        return NodeNeed(view.name, domain, fixed, fixed, draw, fixed, current, {}, vouched=False)
    floor, ceiling = min(view.floor_watts, view.nameplate_watts), view.nameplate_watts
    if draw_watts is None and current:
        ceiling = min(ceiling, max(floor, current))
    expected = ceiling if draw_watts is None else upper_watts
    ask = max(floor, ask_watts(expected, draw, view.granted_watts, ceiling))
    extra = split_by_priority(ask - floor, draw_by_priority)
    return NodeNeed(view.name, domain, floor, ceiling, draw, ask, current, extra, vouched=True)


def with_guarantee(need: NodeNeed, guaranteed_watts: int) -> NodeNeed:
    """Puts guaranteed watts before all that is asked for, and asks for them where the draw does not.

    Args:
        need: What the node needs without it.
        guaranteed_watts: Above the floor.
    """
    first = min(guaranteed_watts, need.ceiling_watts - need.floor_watts)
    if first <= 0 or not need.vouched:
        return need
    left, later = first, {}
    for priority, watts in sorted(need.extra_by_priority.items(), reverse=True):
        later[priority] = max(0, watts - left)
        left -= min(watts, left)
    ask = max(need.ask_watts, need.floor_watts + first)
    return replace(need, ask_watts=ask, extra_by_priority={GUARANTEED: first, **later})


def divide_domains(tree: DomainTree, needs: Iterable[NodeNeed], now: datetime) -> Division:
    """Divides every cap of the tree over its nodes, exactly, and without moving watts for nothing."""
    ordered = sorted(needs, key=lambda need: need.node)
    snapshot = _snapshot(tree, ordered, now)
    watts = post_process(snapshot, divide(snapshot))
    totals = sums(members_by_group(snapshot.caps, snapshot.group), watts).tolist()
    caps = snapshot.caps.cap_watts.tolist()
    names = snapshot.caps.names
    return Division(
        snapshot=snapshot,
        watts=watts,
        given=dict(zip(snapshot.members, watts.tolist(), strict=True)),
        group_watts=dict(zip(names, totals, strict=True)),
        caps={name: cap for name, cap in zip(names, caps, strict=True) if cap != UNCAPPED},
    )


def _snapshot(tree: DomainTree, needs: list[NodeNeed], now: datetime) -> Snapshot:
    caps = _cap_tree(tree, now, _caps_by_heat(tree, needs))
    index = {name: number for number, name in enumerate(caps.names)}
    return Snapshot(
        caps=caps,
        members=tuple(need.node for need in needs),
        group=_whole(index[need.domain] for need in needs),
        floor_watts=_whole(need.floor_watts for need in needs),
        ceiling_watts=_whole(need.ceiling_watts for need in needs),
        draw_watts=_whole(need.draw_watts for need in needs),
        demand=_levels(needs),
        current_watts=_whole(need.current_watts for need in needs),
        max_frequency=np.zeros(len(needs), dtype=np.int64),
    )


def _caps_by_heat(tree: DomainTree, needs: list[NodeNeed]) -> dict[str, int]:
    room = room_of(tree)
    if room is None:
        return {}
    floor, asked, ceiling = (defaultdict[str, float](float) for _ in range(3))
    for need in needs:
        for name in tree.chain(need.domain):
            floor[name] += need.floor_watts
            asked[name] += need.ask_watts
            ceiling[name] += need.ceiling_watts
    return thermal_caps(room, Wish(floor, asked, ceiling))


def _cap_tree(tree: DomainTree, now: datetime, by_heat: Mapping[str, int]) -> CapTree:
    names = [name for root in tree.roots() for name in tree.descendants(root)]
    index = {name: number for number, name in enumerate(names)}
    domains = (tree.domains[name] for name in names)
    caps = (effective_cap_watts(domain.spec, now, domain.status.observed) for domain in domains)
    return CapTree(
        names=tuple(names),
        parent=_whole(index[tree.parent[name]] if name in tree.parent else NO_PARENT for name in names),
        cap_watts=_whole(
            min(UNCAPPED if cap is None else cap, by_heat.get(name, UNCAPPED))
            for name, cap in zip(names, caps, strict=True)
        ),
    )


def _levels(needs: list[NodeNeed]) -> tuple[DemandLevel, ...]:
    levels: dict[int, Watts] = defaultdict(lambda: np.zeros(len(needs), dtype=np.int64))
    for row, need in enumerate(needs):
        for priority, watts in need.extra_by_priority.items():
            levels[priority][row] = watts
    return tuple(DemandLevel(priority, levels[priority]) for priority in sorted(levels, reverse=True))


def _whole(values: Iterable[int]) -> Watts:
    return np.fromiter(values, dtype=np.int64)
