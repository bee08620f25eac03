"""What each node should be granted: the plan's watts, made to fit under the caps as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from actuator.ledger.reserve import is_confirmed, nameplate_watts, reserve_watts
from actuator.ledger.scene import Scene
from actuator.ledger.views import LedgerView, NodeView
from common.domains.budget import scale_factor


def fit_targets(scene: Scene, targets: Mapping[str, int]) -> dict[str, int]:
    """Returns the watts to be granted to every admitted node that stays.

    A node without a target keeps its grant, and so does every node of a paused domain. Where the targets of a
    domain do not fit, everything above the bases is scaled by one factor, as the agents do by themselves.
    """
    view, books, bases = scene.view, scene.books, scene.bases
    staying = {name: base for name, base in bases.watts.items() if name not in scene.leavers}
    wanted = {name: _wanted(view, view.nodes[name], base, targets) for name, base in staying.items()}
    base_sums, sums = dict.fromkeys(view.domains, 0), dict.fromkeys(view.domains, 0)
    for name, node in view.nodes.items():
        fixed = _fixed_watts(scene, node)
        for level in books.levels[name]:
            base_sums[level] += fixed + staying.get(name, 0)
            sums[level] += fixed + wanted.get(name, 0)
    factors = {
        name: scale_factor(domain.cap_watts, base_sums[name], sums[name])
        for name, domain in view.domains.items()
    }
    return {
        name: _scaled(staying[name], watts, [factors[level] for level in books.levels[name]])
        for name, watts in wanted.items()
    }


def _wanted(view: LedgerView, node: NodeView, base: int, targets: Mapping[str, int]) -> int:
    budget = node.frequencies.budget if node.frequencies else None
    granted = budget.grant_watts if budget is not None and not budget.release else base
    paused = any(level.paused for level in view.levels(node.domain))
    watts = granted if paused else targets.get(node.name, granted)
    return max(min(watts, nameplate_watts(node)), base)


def _fixed_watts(scene: Scene, node: NodeView) -> int:
    """Returns what no grant decides: all of a node that leaves or that nobody vouches for.

    Of an admitted node, what it draws beyond the grant that it has confirmed: its devices refuse.
    """
    reserve = scene.books.reserve[node.name]
    if node.name in scene.leavers:
        return nameplate_watts(node)
    if node.name not in scene.bases.watts:
        return reserve
    budget = node.frequencies.budget if node.frequencies else None
    if budget is None or not is_confirmed(node):
        return 0
    return max(reserve_watts(node) - budget.grant_watts, 0)  # a raise in flight is no refusal


def _scaled(base: int, watts: int, factors: list[Fraction]) -> int:
    return base + int((watts - base) * min(factors, default=Fraction(1)))
