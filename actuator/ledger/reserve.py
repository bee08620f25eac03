"""Rule 1: what a node is booked at."""

from __future__ import annotations

from actuator.ledger.views import NodeView
from common.api.names import PROTOCOL_VERSION


def is_known(node: NodeView) -> bool:
    """Whether an agent of a protocol that we speak has spoken, on this object, Node and boot.

    After the store was set back to an earlier state, only of a sequence that was written since: one number
    may stand for two grants, and what the agent obeys now is not in the store.
    """
    frequencies, identity = node.frequencies, node.identity
    if frequencies is None or identity is None or frequencies.status is None:
        return False
    status = frequencies.status
    return (
        frequencies.protocol_version == PROTOCOL_VERSION
        and not is_doubted(node)
        and status.uid == frequencies.uid
        and (status.node_uid, status.boot_id) == (identity.uid, identity.boot_id)
    )


def is_doubted(node: NodeView) -> bool:
    """Whether all that the agent has confirmed is of before the store was set back."""
    status = node.frequencies.status if node.frequencies else None
    return status is not None and status.sequence < node.sequence_floor


def is_set_back(node: NodeView) -> bool:
    """Whether the budget is of before a restore: older than its mark, or than what its agent confirmed."""
    frequencies = node.frequencies
    if frequencies is None or frequencies.budget is None:
        return False
    status = frequencies.status
    confirmed = status.sequence if status is not None and status.uid == frequencies.uid else 0
    return frequencies.budget.sequence < max(node.sequence_floor, confirmed)


def is_confirmed(node: NodeView) -> bool:
    """Whether the agent has confirmed the budget that the object holds."""
    frequencies = node.frequencies
    if frequencies is None or frequencies.budget is None or frequencies.status is None:
        return False
    return is_known(node) and frequencies.status.sequence == frequencies.budget.sequence


def is_released(node: NodeView) -> bool:
    """Whether the agent has confirmed that the hardware was given back."""
    frequencies = node.frequencies
    return bool(frequencies and frequencies.budget and frequencies.budget.release and is_confirmed(node))


def nameplate_watts(node: NodeView) -> int:
    """Returns the most that the node can draw: the agent's word on this very Node, or the assumption."""
    status = node.frequencies.status if node.frequencies else None
    if status is not None and node.identity is not None and status.node_uid == node.identity.uid:
        return status.nameplate_watts or node.assumed_nameplate_watts
    return max(node.assumed_nameplate_watts, status.nameplate_watts if status else 0)


def reserve_watts(node: NodeView) -> int:
    """Returns the watts that the node is booked at.

    ``max(grant, enforced)`` once this object's sequence is confirmed under the present Node and boot;
    ``reservedWatts`` while it is not; the nameplate where nobody vouches: no agent has spoken on this object
    and boot or since the store was restored, its status is ahead of the spec, or the hardware was given back.
    """
    frequencies = node.frequencies
    if frequencies is None or not is_known(node):
        return nameplate_watts(node)
    budget, status = frequencies.budget, frequencies.status
    if budget is None or status is None or status.sequence > budget.sequence:
        return nameplate_watts(node)
    if status.sequence < budget.sequence:
        return budget.reserved_watts
    return nameplate_watts(node) if budget.release else max(budget.grant_watts, status.enforced_budget_watts)


def base_watts(node: NodeView) -> int:
    """Returns what remains of the node at the deepest cut: its base, or all of it where nobody obeys."""
    budget = node.frequencies.budget if node.frequencies else None
    if budget is None or budget.release or not is_known(node):
        return reserve_watts(node)
    return budget.base_watts
