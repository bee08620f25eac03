"""What the actuator states of every domain in its conditions, and whether that stands there already."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from actuator.gate.mode import domain_refusal
from actuator.input.picture import Picture
from actuator.ledger.scene import Scene
from actuator.logic.conditions import domain_conditions
from actuator.logic.loadtarget import load_target_condition
from common.api.domain import PowerDomain
from common.api.meta import Condition, find_condition, set_condition

Statements = dict[str, list[Condition]]
"""Conditions by domain."""


def statements(picture: Picture, scene: Scene, now: datetime) -> Statements:
    """Returns what is to be stated of every domain now."""
    found, members = {}, _members(scene)
    for name, view in scene.view.domains.items():
        domain = picture.domains[name]
        refusal = None if view.enforced else domain_refusal(domain, view.cap_watts or None)
        conditions = domain_conditions(scene, view, members[name], refusal, picture.problems(name))
        booked = scene.books.reserved_total[name]
        target = load_target_condition(domain.spec, view.cap_watts, booked, now) if view.enforced else None
        found[name] = _dated(domain, [*conditions, *filter(None, [target])], now)
    return found


def outdated(picture: Picture, stated: Statements) -> frozenset[str]:
    """Returns the domains whose conditions are to be written at once."""
    return frozenset(name for name, found in stated.items() if differs(picture.domains[name], found))


def differs(domain: PowerDomain, conditions: list[Condition]) -> bool:
    """Whether status, reason or generation has changed; a new figure in a message waits for the heartbeat."""
    for condition in conditions:
        live = find_condition(domain.status.conditions, condition.type)
        if live is None or _verdict(live) != _verdict(condition):
            return True
    return False


def _members(scene: Scene) -> dict[str, list[str]]:
    """Returns the nodes that count in each domain."""
    members: dict[str, list[str]] = {name: [] for name in scene.view.domains}
    for node, levels in scene.books.levels.items():
        for level in levels:
            members[level].append(node)
    return members


def _dated(domain: PowerDomain, conditions: list[Condition], now: datetime) -> list[Condition]:
    """Gives each condition the time of its last transition, and nothing of what others wrote."""
    dated = []
    for bare in conditions:
        condition = replace(bare, observed_generation=domain.metadata.generation)
        found = set_condition(domain.status.conditions, condition, now)
        dated.append(next(one for one in found if one.type == condition.type))
    return dated


def _verdict(condition: Condition) -> tuple[str, str, int]:
    return (condition.status, condition.reason, condition.observed_generation)
