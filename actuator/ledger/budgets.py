"""The next budget of a node: admission, cuts, and the epoch stamp. Everything but raises and releases."""

from __future__ import annotations

from msgspec.structs import replace

from actuator.ledger.reserve import is_confirmed, is_known, is_set_back, nameplate_watts
from actuator.ledger.scene import Scene
from actuator.ledger.views import FrequenciesView, NodeView
from actuator.ledger.writes import CreateFrequencies, WriteBudget
from common.api.frequencies import PowerBudget


def next_write(scene: Scene, node: NodeView, budget: PowerBudget, reason: str) -> WriteBudget:
    """Completes a budget with a new sequence, this leader's epoch and the reserve, and wraps it in a write.

    ``reservedWatts`` is the larger of the reserve before the write and what the write allows: the grant, or
    the nameplate where it gives the hardware back.
    """
    frequencies = node.frequencies
    assert frequencies is not None
    allowed = nameplate_watts(node) if budget.release else budget.grant_watts
    stamped = replace(
        budget,
        sequence=_next_sequence(scene, node),
        leader_epoch=scene.view.epoch,
        reserved_watts=max(scene.books.reserve[node.name], allowed),
    )
    former = _former_domain(node, budget)
    place = node.domain or frequencies.place
    return WriteBudget(node.name, frequencies.uid, frequencies.version, stamped, former, reason, place)


def introduce(scene: Scene, node: NodeView) -> CreateFrequencies | WriteBudget | None:
    """Returns the way to a first budget, which takes nothing away: it is the nameplate.

    The agent's confirmation of it tells what the node needs at least; only then a base can be chosen.
    """
    levels = scene.view.levels(node.domain)
    if not levels or node.identity is None or any(level.paused for level in levels):
        return None
    if node.frequencies is None:
        return CreateFrequencies(node.name, f"{node.domain} holds the node")
    watts = nameplate_watts(node)
    budget = PowerBudget(
        sequence=1,
        leader_epoch=scene.view.epoch,
        domain=node.domain,
        base_watts=watts,
        grant_watts=watts,
        reserved_watts=watts,
        lease_duration_seconds=lease_seconds(scene, node.domain),
    )
    return next_write(scene, node, budget, f"joins {node.domain}: booked at its nameplate until it confirms")


def adjust(scene: Scene, node: NodeView, frequencies: FrequenciesView) -> WriteBudget | None:
    """Returns a write that lowers, moves or stamps a node's budget, or None where it is as it should be."""
    present = frequencies.budget
    assert present is not None
    if present.leader_epoch > scene.view.epoch:
        return None
    changed, reason = _changed(scene, node, present)
    if changed == present:
        reason = _other_reason(scene, node, frequencies)
        if not reason:
            return None
    return next_write(scene, node, changed, reason)


def _other_reason(scene: Scene, node: NodeView, frequencies: FrequenciesView) -> str:
    """Returns why a budget is to be written although nothing in it changes; empty where it is not."""
    budget = frequencies.budget
    assert budget is not None
    if budget.leader_epoch != scene.view.epoch:
        return "new leader"
    if is_set_back(node):
        return "the store was restored"
    if node.domain not in ("", frequencies.place, budget.domain):
        return f"its labels put it into {node.domain}"
    return ""


def lease_seconds(scene: Scene, domain: str) -> int:
    """Returns the shortest lease along a domain's chain."""
    return min(level.lease_seconds for level in scene.view.levels(domain))


def _changed(scene: Scene, node: NodeView, present: PowerBudget) -> tuple[PowerBudget, str]:
    wanted = scene.wanted.get(node.name, present.grant_watts)
    if not is_confirmed(node):
        return _changed_unconfirmed(node, present, wanted)
    if not scene.view.levels(node.domain):
        return present, ""
    lowered = replace(present, grant_watts=max(min(wanted, present.grant_watts), present.base_watts))
    if not scene.is_covered(node.domain):
        return lowered, _reason(present, lowered)
    if present.release:
        return _held_again(scene, node, present), f"{node.domain} holds the node again"
    base = _next_base(scene, node, present)
    changed = replace(
        present,
        domain=node.domain,
        lease_duration_seconds=lease_seconds(scene, node.domain),
        base_watts=base,
        grant_watts=max(min(wanted, _held_watts(node, present)), base),
    )
    return changed, _reason(present, changed)


def _changed_unconfirmed(node: NodeView, present: PowerBudget, wanted: int) -> tuple[PowerBudget, str]:
    if is_set_back(node):
        return replace(present, grant_watts=present.base_watts, release=False), "the store was restored"
    if present.release or not is_known(node) or wanted >= present.grant_watts:
        return present, ""
    return replace(present, grant_watts=max(wanted, present.base_watts)), "lowered while it is silent"


def _held_watts(node: NodeView, present: PowerBudget) -> int:
    """Returns up to where a grant would only take watts away.

    A node whose object was lost is introduced at its nameplate again, but its agent still holds the limits
    from before: to grant it more than those is a raise, and waits for room like one.
    """
    status = node.frequencies.status if node.frequencies else None
    introduced = present.grant_watts <= present.base_watts
    if status is None or not introduced:
        return present.grant_watts
    return min(present.grant_watts, status.enforced_budget_watts)


def _held_again(scene: Scene, node: NodeView, present: PowerBudget) -> PowerBudget:
    base = scene.bases.watts.get(node.name, nameplate_watts(node))
    seconds = lease_seconds(scene, node.domain)
    return replace(
        present,
        release=False,
        domain=node.domain,
        base_watts=base,
        grant_watts=base,
        lease_duration_seconds=seconds,
    )


def _next_base(scene: Scene, node: NodeView, present: PowerBudget) -> int:
    chosen = scene.bases.watts.get(node.name, present.base_watts)
    if chosen <= present.base_watts:
        return chosen
    rise = min(chosen, present.grant_watts) - present.base_watts
    if rise <= 0 or rise > scene.base_room_watts(scene.books.levels[node.name]):
        return present.base_watts
    scene.books.add_base(node.name, rise)
    return present.base_watts + rise


def _reason(before: PowerBudget, after: PowerBudget) -> str:
    if after.domain != before.domain:
        return f"moves from {before.domain} to {after.domain}"
    if after.grant_watts < before.grant_watts:
        return f"grant lowered from {before.grant_watts} W to {after.grant_watts} W"
    if after.base_watts != before.base_watts:
        return f"base changes from {before.base_watts} W to {after.base_watts} W"
    return "the lease changes"


def _next_sequence(scene: Scene, node: NodeView) -> int:
    used = [write.budget.sequence for write in scene.budgets.of(node.name)]
    used.append(node.sequence_floor - 1)
    frequencies = node.frequencies
    if frequencies is not None:
        used.append(frequencies.budget.sequence if frequencies.budget else 0)
        used.append(frequencies.status.sequence if frequencies.status else 0)
    return max(0, *used) + 1


def _former_domain(node: NodeView, budget: PowerBudget) -> str:
    frequencies = node.frequencies
    if frequencies is None or frequencies.budget is None:
        return ""
    if not is_confirmed(node):
        return frequencies.former_domain
    return frequencies.budget.domain if frequencies.budget.domain != budget.domain else ""
