"""Which node belongs to which domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.api.domain import PowerDomain


@dataclass(frozen=True)
class Assignment:
    """Nodes by domain, domains by node, and the nodes that more than one unrelated domain claims."""

    members: dict[str, tuple[str, ...]]
    leaf: dict[str, str]
    contested: dict[str, tuple[str, ...]]


def assign_nodes(
    domains: Mapping[str, PowerDomain],
    parent: Mapping[str, str],
    node_labels: Mapping[str, Mapping[str, str]],
) -> Assignment:
    """Gives every node to the deepest domain that selects it, if there is one deepest.

    Args:
        domains: The domains of a sound tree, by name.
        parent: The parent of each domain that has one.
        node_labels: Labels by node.
    """
    selectors = {n: d.spec.node_selector for n, d in domains.items() if d.spec.node_selector is not None}
    ancestors = {name: _ancestors(name, parent) for name in selectors}
    members: dict[str, list[str]] = {}
    leaf: dict[str, str] = {}
    contested: dict[str, tuple[str, ...]] = {}
    for node in sorted(node_labels):
        claimants = [name for name, selector in selectors.items() if selector.matches(node_labels[node])]
        deepest = _deepest(claimants, ancestors) if len(claimants) > 1 else claimants
        if len(deepest) > 1:
            contested[node] = tuple(deepest)
        elif deepest:
            leaf[node] = deepest[0]
            members.setdefault(deepest[0], []).append(node)
    return Assignment({name: tuple(nodes) for name, nodes in members.items()}, leaf, contested)


def _ancestors(name: str, parent: Mapping[str, str]) -> frozenset[str]:
    found = set()
    current = parent.get(name)
    while current is not None:
        found.add(current)
        current = parent.get(current)
    return frozenset(found)


def _deepest(claimants: list[str], ancestors: Mapping[str, frozenset[str]]) -> list[str]:
    """Drops every claimant that lies above another one."""
    above = frozenset[str]().union(*(ancestors[name] for name in claimants))
    return [name for name in claimants if name not in above]
