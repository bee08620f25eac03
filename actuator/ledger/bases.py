"""Rule 7: which nodes are admitted, and what each one's base is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from actuator.ledger.reserve import is_known, nameplate_watts
from actuator.ledger.views import LedgerView, NodeView

KEEP_WITHIN_PERCENT = 5
"""A base that is at most so much under the one that would be chosen now stays: bases should not churn."""


@dataclass(frozen=True, slots=True)
class Bases:
    """Bases of the admitted nodes in watts, and why the others are not admitted, by node."""

    watts: Mapping[str, int]
    refused: Mapping[str, str]


def choose_bases(view: LedgerView, share_percent: int) -> Bases:
    """Chooses the bases: what the agent needs at least, and an even share of what is left.

    The bases of a domain's admitted nodes sum up to at most the lowest cap that may come, at every level. A
    node that was admitted once stays so when that cap is lowered: letting it go would only add watts.

    Args:
        view: The world.
        share_percent: How much of what ``minimumCapWatts`` leaves over is shared out.
    """
    left = {name: domain.minimum_watts for name, domain in view.domains.items()}
    counts = dict.fromkeys(view.domains, 0)
    needs: dict[str, int] = {}
    refused: dict[str, str] = {}
    for node in _in_order(view.nodes.values()):
        levels = [level.name for level in view.levels(node.domain)]
        if not levels or not is_known(node):
            continue
        need = _minimum_watts(node)
        short = next((level for level in levels if left[level] < need), None)
        if short is not None and not _is_admitted(node):
            refused[node.name] = _refusal(need, short, left[short])
            continue
        needs[node.name] = need
        for level in levels:
            left[level] -= need
            counts[level] += 1
    watts = {
        name: _base(view, view.nodes[name], need, _share(view, name, left, counts) * share_percent // 100)
        for name, need in needs.items()
    }
    return Bases(watts, refused)


def _in_order(nodes: Iterable[NodeView]) -> list[NodeView]:
    return sorted(nodes, key=lambda node: (not _is_admitted(node), node.name))


def _is_admitted(node: NodeView) -> bool:
    budget = node.frequencies.budget if node.frequencies else None
    return budget is not None and not budget.release and budget.base_watts < nameplate_watts(node)


def _minimum_watts(node: NodeView) -> int:
    status = node.frequencies.status if node.frequencies else None
    return status.minimum_budget_watts if status else 0


def _share(view: LedgerView, node: str, left: Mapping[str, int], counts: Mapping[str, int]) -> int:
    levels = view.levels(view.nodes[node].domain)
    shares = [left[level.name] // counts[level.name] for level in levels if level.shares_minimum]
    bounds = [left[level.name] // counts[level.name] for level in levels]
    return max(min(bounds), 0) if shares else 0


def _base(view: LedgerView, node: NodeView, need: int, share: int) -> int:
    wanted = max(min(need + share, nameplate_watts(node)), need)
    budget = node.frequencies.budget if node.frequencies else None
    if budget is None or budget.release:
        return wanted
    close = budget.base_watts * 100 >= wanted * (100 - KEEP_WITHIN_PERCENT)
    return budget.base_watts if need <= budget.base_watts <= wanted and close else wanted


def _refusal(need: int, domain: str, left: int) -> str:
    return (
        f"needs {need} W at least, but {domain} has {max(left, 0)} W left under its lowest cap: "
        f"raise spec.minimumCapWatts (or capWatts) of {domain}, or take nodes out of it"
    )
