"""Rules 5 and 9: how a node leaves. Giving hardware back is a raise to its nameplate, and waits like one."""

from __future__ import annotations

from msgspec.structs import replace

from actuator.ledger.budgets import next_write
from actuator.ledger.reserve import is_released, nameplate_watts
from actuator.ledger.scene import Scene
from actuator.ledger.views import FrequenciesView, LedgerView, NodeView
from actuator.ledger.writes import FinishRelease, WriteBudget


def is_leaving(view: LedgerView, node: NodeView) -> bool:
    """Whether a node with a budget is to be let go.

    Because no domain holds it any more, somebody deletes its object, or a person says that the machine is
    off. A Node object that is gone does not count as leaving: deleting it frees nothing.
    """
    frequencies = node.frequencies
    if frequencies is None or frequencies.budget is None:
        return False
    if frequencies.powered_off:
        return True
    if node.identity is None:
        return not view.levels(frequencies.budget.domain)
    held = bool(node.claims) or bool(view.levels(node.domain))
    return frequencies.deleting or not held


def leave(scene: Scene, node: NodeView) -> WriteBudget | FinishRelease | None:
    """Returns the next step of a node on its way out, or None while it must wait."""
    frequencies = node.frequencies
    assert frequencies is not None
    assert frequencies.budget is not None
    done = _finished(scene, node, frequencies)
    if done:
        return FinishRelease(node.name, frequencies.uid, frequencies.version, done)
    if frequencies.budget.release or not _may_rise(scene, node):
        return None
    released = replace(frequencies.budget, release=True)
    write = next_write(scene, node, released, "no power domain holds the node any more")
    raised = nameplate_watts(node) - scene.books.reserve[node.name]
    scene.books.add_reserve(node.name, max(raised, 0))
    return write


def _finished(scene: Scene, node: NodeView, frequencies: FrequenciesView) -> str:
    if frequencies.powered_off:
        return "a person says that the machine is off"
    if is_released(node):
        return "the agent has given the hardware back"
    if frequencies.status is None and node.identity is not None:
        return "no agent ever obeyed it"
    if node.identity is None and not scene.books.levels[node.name]:
        return "its Node is gone, and no cap is held where it was"
    return ""


def _may_rise(scene: Scene, node: NodeView) -> bool:
    levels = scene.books.levels[node.name]
    rise = nameplate_watts(node) - scene.books.reserve[node.name]
    return rise <= 0 or (not scene.is_unstamped(node.name) and rise <= scene.room_watts(levels))
