"""A PowerDomain's conditions: its cap, its place in the tree, and what a reboot would let loose."""

from __future__ import annotations

from actuator.ledger.reserve import is_confirmed, is_known, nameplate_watts
from actuator.ledger.scene import Scene
from actuator.ledger.views import DomainView
from actuator.logic.wording import counted
from common.api.meta import Condition
from common.domains.tree import Problem

ENFORCED = "Enforced"
TREE_VALID = "TreeValid"
BOOT_UNPROTECTED = "BootUnprotected"

_NAMED_NODES = 5
"""So many nodes are named in a message; the rest are counted."""


def domain_conditions(
    scene: Scene, domain: DomainView, members: list[str], refusal: str | None, problems: list[Problem]
) -> list[Condition]:
    """Returns the actuator's conditions of a domain.

    Args:
        scene: The books.
        domain: The domain.
        members: The nodes that count in it.
        refusal: Why its cap is not held, if it is not.
        problems: What is wrong with its place in the tree.
    """
    if refusal is not None:
        return [
            Condition(type=ENFORCED, status="False", reason="NotEnforced", message=refusal),
            _tree(problems),
        ]
    return [_boot(scene, members), _enforced(scene, domain, members), _tree(problems)]


def _enforced(scene: Scene, domain: DomainView, members: list[str]) -> Condition:
    booked, cap = scene.books.reserved_total[domain.name], domain.cap_watts
    if booked > cap:
        text = (
            f"{booked:,} W are booked under a cap of {cap:,} W; no node is given more{_why(scene, members)}"
        )
        return Condition(type=ENFORCED, status="False", reason="OverBooked", message=text)
    reason = "Paused" if domain.paused else "Holding"
    hold = "; paused: no raises, cuts are obeyed" if domain.paused else ""
    nodes = f"{counted(len(members), 'node')}{_owing(scene, members)}"
    text = f"{booked:,} W of {cap:,} W are booked on {nodes}{hold}"
    return Condition(type=ENFORCED, status="True", reason=reason, message=text)


def _why(scene: Scene, members: list[str]) -> str:
    nodes = scene.view.nodes
    unheard = [name for name in members if not is_known(nodes[name])]
    refused = [name for name in members if name in scene.bases.refused]
    parts = [
        _listed(unheard, "counted at nameplate, as no agent vouches for them"),
        _listed(refused, "not admitted, as their base does not fit"),
        _owing(scene, members),
    ]
    return "".join(part for part in parts if part)


def _owing(scene: Scene, members: list[str]) -> str:
    nodes = scene.view.nodes
    waiting = [name for name in members if is_known(nodes[name]) and not is_confirmed(nodes[name])]
    return _listed(waiting, "yet to confirm, and booked at what they may still draw")


def _listed(names: list[str], what: str) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:_NAMED_NODES])
    more = f" and {len(names) - _NAMED_NODES} more" if len(names) > _NAMED_NODES else ""
    return f"; {what}: {shown}{more}"


def _tree(problems: list[Problem]) -> Condition:
    if not problems:
        text = "the domain has its place in the tree"
        return Condition(type=TREE_VALID, status="True", reason="Valid", message=text)
    text = "; ".join(problem.message for problem in problems[:_NAMED_NODES])
    return Condition(type=TREE_VALID, status="False", reason=problems[0].reason, message=text)


def _boot(scene: Scene, members: list[str]) -> Condition:
    at_risk, nodes = 0, 0
    for name in members:
        node = scene.view.nodes[name]
        if name in scene.bases.watts and not node.boot_protected:
            at_risk += nameplate_watts(node) - scene.books.base[name]
            nodes += 1
    if not nodes:
        text = "every node writes its base before the kubelet starts"
        return Condition(type=BOOT_UNPROTECTED, status="False", reason="Protected", message=text)
    text = (
        f"a reboot takes the limits off {counted(nodes, 'node')}: up to {at_risk:,} W more in all, until the "
        "agent runs again; where something writes limits before the kubelet starts, label the node "
        "climatik.io/boot-protected=true"
    )
    return Condition(type=BOOT_UNPROTECTED, status="True", reason="BareAfterBoot", message=text)
