"""Chooses the node that a pod moves to: one that may take it, with room, watts and cool air."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from actuator.gate.refusal import Refusal
from actuator.placement.admits import mild_taints, unwilling
from actuator.placement.demands import demand, free, lacking, take
from actuator.placement.hot import is_warm
from actuator.placement.spread import too_skewed
from common.api.core import Node, Pod
from common.api.domain import PowerDomain
from common.api.names import WATTS_RESOURCE
from common.api.placement import PlacedPod
from common.api.places import LABEL_HOSTNAME
from common.domains.tree import DomainTree

_UNSCORED = 50
"""A domain without a placement score counts as neither cool nor warm."""


@dataclass
class Site:
    """What is known of the nodes in one round; room is used up as places are given away.

    Attributes:
        nodes: By name.
        domains: By name.
        tree: Which node is where.
        pods_on: The pods that are bound to a node.
        pods_in: The pods of a namespace.
    """

    nodes: Mapping[str, Node]
    domains: Mapping[str, PowerDomain]
    tree: DomainTree
    pods_on: Callable[[str], Sequence[Pod]]
    pods_in: Callable[[str], Sequence[Pod]]
    _free: dict[str, dict[str, float]] = field(default_factory=dict)
    _promised: Counter[str] = field(default_factory=Counter)

    def left(self, node: str) -> dict[str, float]:
        """Returns what is left on a node."""
        if node not in self._free:
            self._free[node] = free(self.nodes[node], self.pods_on(node))
        return self._free[node]

    def headroom_watts(self, domain: str) -> int | None:
        """Returns the watts that a domain has left after what was promised in this round; None if unknown."""
        observed = self.domains[domain].status.observed
        return None if observed is None else observed.headroom_watts - self._promised[domain]

    def promise(self, pod: Pod, node: str, watts: int) -> None:
        """Takes a pod's demand from a node and its watts from the domains above."""
        take(self.left(node), demand(pod))
        for domain in self._above(node):
            self._promised[domain] += watts

    def new_domains(self, source: str, target: str) -> list[str]:
        """Returns the domains whose draw would grow if a pod moved."""
        kept = set(self._above(source))
        return [domain for domain in self._above(target) if domain not in kept]

    def _above(self, node: str) -> Sequence[str]:
        return self.tree.chain(self.tree.leaf_of(node) or "")


def choose_place(site: Site, pod: PlacedPod, watts: int, relieved: Iterable[str]) -> str | Refusal:
    """Returns the node to move a pod to, which then counts as taken; or why there is none.

    Args:
        site: What is known of the nodes.
        pod: The pod that moves.
        watts: What it draws.
        relieved: Nodes whose draw is to fall: moving among them would not help.
    """
    barred, reasons, fitting = frozenset(relieved), Counter[str](), []
    for node in site.nodes.values():
        if node.name == pod.spec.node_name or node.name in barred:
            continue
        reason = _unfit(site, pod, node, watts)
        if reason:
            reasons[reason] += 1
        else:
            fitting.append(node)
    if not fitting:
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()) or "no other node"
        return Refusal("NoPlace", f"no node can take it: {told}")
    best = min(fitting, key=lambda node: _rank(site, pod, node))
    site.promise(pod, best.name, watts)
    return best.name


def _unfit(site: Site, pod: PlacedPod, node: Node, watts: int) -> str:
    """Returns what keeps a node from taking a pod; the cheap questions first."""
    reason = unwilling(pod.spec, node)
    if reason:
        return reason
    if LABEL_HOSTNAME not in node.metadata.labels:
        return f"without label {LABEL_HOSTNAME}"
    short = lacking(site.left(node.name), demand(pod))
    if short:
        return f"short of {short}"
    constraints = pod.spec.topology_spread_constraints
    if constraints and too_skewed(pod, node, site.nodes.values(), site.pods_in(pod.namespace)):
        return "against topology spread"
    names = site.new_domains(pod.spec.node_name, node.name)
    return next(filter(None, (_unfit_domain(site, name, watts) for name in names)), "")


def _unfit_domain(site: Site, name: str, watts: int) -> str:
    if is_warm(site.domains[name]):
        return "warm"
    headroom = site.headroom_watts(name)
    return "" if headroom is None or headroom >= watts else "without headroom in their domain"


def _rank(site: Site, pod: PlacedPod, node: Node) -> tuple[int, int, float, str]:
    """Returns the order of preference: untainted, cool air, then the tightest fit in watts."""
    leaf = site.tree.leaf_of(node.name)
    observed = site.domains[leaf].status.observed if leaf else None
    score = observed.placement_score if observed else None
    cool = score if isinstance(score, int) else _UNSCORED
    return mild_taints(pod.spec, node), -cool, site.left(node.name).get(WATTS_RESOURCE, 0.0), node.name
