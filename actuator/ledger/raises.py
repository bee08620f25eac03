"""Rule 2: lower first. A raise is written only when every level of the tree has room for it."""

from __future__ import annotations

from collections.abc import Iterator, Set

from msgspec.structs import replace

from actuator.ledger.budgets import next_write
from actuator.ledger.reserve import is_confirmed
from actuator.ledger.scene import Scene
from actuator.ledger.views import NodeView
from actuator.ledger.writes import WriteBudget
from common.api.frequencies import PowerBudget


def raises(scene: Scene, busy: Set[str]) -> Iterator[WriteBudget]:
    """Yields the raises that fit now, the node with the smallest part of what it wants first.

    Args:
        scene: The world, with everything already decided entered in its books.
        busy: Nodes that are not to be written now.
    """
    for node, budget in _candidates(scene, busy):
        grant = _affordable(scene, node, budget)
        if grant is None:
            continue
        write = next_write(scene, node, replace(budget, grant_watts=grant), _reason(budget, grant))
        scene.books.add_reserve(node.name, write.budget.reserved_watts - scene.books.reserve[node.name])
        yield write


def _candidates(scene: Scene, busy: Set[str]) -> list[tuple[NodeView, PowerBudget]]:
    found = []
    for name, wanted in scene.wanted.items():
        node = scene.view.nodes[name]
        budget = node.frequencies.budget if node.frequencies else None
        if (
            budget is not None
            and name not in busy
            and wanted > budget.grant_watts
            and _may(scene, node, budget)
        ):
            found.append((budget.grant_watts / wanted, node, budget))
    found.sort(key=lambda item: (item[0], item[1].name))
    return [(node, budget) for _, node, budget in found]


def _may(scene: Scene, node: NodeView, budget: PowerBudget) -> bool:
    """Whether a node may be raised: it obeys this leader, and no other hand still reaches its domains."""
    return (
        is_confirmed(node)
        and budget.leader_epoch == scene.view.epoch
        and not budget.release
        and not scene.is_unstamped(node.name)
        and not any(level.paused for level in scene.view.levels(node.domain))
    )


def _affordable(scene: Scene, node: NodeView, budget: PowerBudget) -> int | None:
    wanted, reserve = scene.wanted[node.name], scene.books.reserve[node.name]
    room = scene.room_watts(scene.books.levels[node.name])
    if room < 0:
        return None  # also within its own reserve: a level that is over its cap takes no raise at all
    grant = min(wanted, reserve + room)
    rise = grant - budget.grant_watts
    if rise <= 0 or (grant < wanted and rise < scene.settings.minimum_raise_watts):
        return None
    return grant


def _reason(budget: PowerBudget, grant: int) -> str:
    return f"grant raised from {budget.grant_watts} W to {grant} W"
