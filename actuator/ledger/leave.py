"""Rules 5 and 9: how a node leaves. Giving hardware back is a raise to its nameplate, and waits like one."""

from __future__ import annotations

from msgspec.structs import replace

from actuator.ledger.bases import Bases
from actuator.ledger.books import Books
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


def choose_leavers(view: LedgerView, books: Books, bases: Bases) -> frozenset[str]:
    """Returns the leaving nodes whose nameplates fit beside the bases of the others, one after the other.

    The rest wait as they are: room that is divided over many who leave would be enough for none.
    """
    sums = dict.fromkeys(view.domains, 0)
    for name, levels in books.levels.items():
        for level in levels:
            sums[level] += bases.watts.get(name, books.reserve[name])
    chosen = set()
    for name in sorted(name for name, node in view.nodes.items() if is_leaving(view, node)):
        rise = nameplate_watts(view.nodes[name]) - bases.watts.get(name, books.reserve[name])
        levels = books.levels[name]
        if all(sums[level] + rise <= view.domains[level].cap_watts for level in levels):
            chosen.add(name)
            for level in levels:
                sums[level] += rise
    return frozenset(chosen)


def leave(scene: Scene, node: NodeView) -> WriteBudget | FinishRelease | None:
    """Returns the next step of a node on its way out, or None while it must wait."""
    frequencies = node.frequencies
    assert frequencies is not None
    assert frequencies.budget is not None
    if frequencies.budget.leader_epoch > scene.view.epoch:
        return None
    done = _finished(scene, node, frequencies)
    if done:
        return FinishRelease(node.name, frequencies.uid, frequencies.version, done)
    if frequencies.budget.release or node.name not in scene.leavers or not _may_rise(scene, node):
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
    """Whether every cap that counts the node has room for its nameplate."""
    levels = scene.books.levels[node.name]
    rise = nameplate_watts(node) - scene.books.reserve[node.name]
    return not levels or (not scene.is_unstamped(node.name) and max(rise, 0) <= scene.room_watts(levels))
