"""What an operator is to be told of single nodes: agents that are silent, releases that wait."""

from __future__ import annotations

from collections.abc import Set

from actuator.ledger.leave import is_leaving
from actuator.ledger.reserve import is_confirmed, is_known, nameplate_watts
from actuator.ledger.scene import Scene
from actuator.ledger.views import NodeView


def unconfirmed(scene: Scene) -> dict[str, int]:
    """Returns the nodes that owe a confirmation, with the sequence that they confirmed last.

    A node that confirms late, but goes on confirming, changes that mark: it is slow, not silent.
    """
    return {
        name: _confirmed_sequence(node)
        for name, node in scene.view.nodes.items()
        if _has_budget(node) and node.identity is not None and not is_confirmed(node)
    }


def silence(scene: Scene, name: str, seconds: float) -> str:
    """Returns what to say of a node that has owed a confirmation for so many seconds."""
    node = scene.view.nodes[name]
    budget = node.frequencies.budget if node.frequencies else None
    sequence = budget.sequence if budget is not None else 0
    booked = f"the node stays booked at {scene.books.reserve[name]:,} W"
    remedy = "see to its agent (kubectl get pods -o wide, app climatik-nodeagent)"
    if not is_known(node):
        return f"no agent vouches for the node as it runs now: {booked}; {remedy}"
    return f"sequence {sequence} has not been confirmed for {seconds:.0f} s: {booked}; {remedy}"


def waiting_releases(scene: Scene, releasing: Set[str]) -> dict[str, str]:
    """Returns the nodes whose hardware cannot be given back yet, with the reason.

    Args:
        scene: The books.
        releasing: Nodes whose release is being written now.
    """
    return {
        name: _why_held(scene, node)
        for name, node in scene.view.nodes.items()
        if _has_budget(node) and is_leaving(scene.view, node) and name not in releasing
    }


def _why_held(scene: Scene, node: NodeView) -> str:
    budget = node.frequencies.budget if node.frequencies else None
    if budget is not None and budget.release:
        return (
            "the release was written, and its agent has yet to confirm that every setting is as it was found"
        )
    levels = ", ".join(scene.books.levels[node.name])
    return (
        f"its hardware is given back once {nameplate_watts(node):,} W, all that it may draw then, fit under "
        f"the cap of {levels}: others are lowered for it where their bases allow that; else raise the cap, "
        "or set updateMode Off there"
    )


def _has_budget(node: NodeView) -> bool:
    return node.frequencies is not None and node.frequencies.budget is not None


def _confirmed_sequence(node: NodeView) -> int:
    return node.frequencies.status.sequence if node.frequencies and node.frequencies.status else -1
