"""From objects to rows: pure, so that tests and other front ends can use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from climatik.status.read import Snapshot
from common.api.domain import PowerDomain
from common.api.frequencies import NodeFrequencies
from common.api.meta import Condition, find_condition, parse_time
from common.api.policy import MODE_OFF, PowerCappingPolicy


@dataclass(frozen=True)
class DomainRow:
    """A domain; ``depth`` is its place in the tree, watts are None where nobody has reported them."""

    name: str
    depth: int
    mode: str
    cap_watts: int | None
    reserved_watts: int | None
    draw_watts: int | None
    heartbeat_age_seconds: float | None
    troubles: str


@dataclass(frozen=True)
class NodeRow:
    """A node; ``state`` says whether its agent obeys the grant, draws of a silent one are None."""

    name: str
    domain: str
    grant_watts: int | None
    enforced_watts: int | None
    draw_watts: int | None
    state: str


@dataclass(frozen=True)
class PolicyRow:
    """A policy with the summary of what is advised."""

    namespace: str
    name: str
    mode: str
    cap_watts: int | None
    draw_watts: int | None
    advice: str


@dataclass(frozen=True)
class Overview:
    """All rows, in the order in which they are shown."""

    domains: list[DomainRow]
    nodes: list[NodeRow]
    policies: list[PolicyRow]


def overview(snapshot: Snapshot) -> Overview:
    """Makes the rows: domains as a tree, the rest by name."""
    return Overview(
        [_domain(domain, depth, snapshot.now) for domain, depth in _as_tree(snapshot.domains)],
        [_node(node, snapshot.now) for node in sorted(snapshot.nodes, key=lambda each: each.name)],
        [_policy(policy, snapshot.now) for policy in sorted(snapshot.policies, key=lambda each: each.key)],
    )


def to_plain(shown: Overview) -> dict[str, Any]:
    """Returns the rows as plain JSON types."""
    return asdict(shown)


def _as_tree(domains: Iterable[PowerDomain]) -> Iterator[tuple[PowerDomain, int]]:
    """Yields each domain after its parent, with its depth; those whose parent is missing or circular last."""
    left = {domain.name: domain for domain in sorted(domains, key=lambda each: each.name)}

    def below(parent: str, depth: int) -> Iterator[tuple[PowerDomain, int]]:
        for domain in [each for each in left.values() if each.spec.parent == parent]:
            if left.pop(domain.name, None) is not None:
                yield domain, depth
                yield from below(domain.name, depth + 1)

    yield from below("", 0)
    for domain in list(left.values()):
        yield domain, 0


def _domain(domain: PowerDomain, depth: int, now: datetime) -> DomainRow:
    enforcement, observed = domain.status.enforcement, domain.status.observed
    heartbeat = parse_time(enforcement.heartbeat_time) if enforcement else None
    return DomainRow(
        name=domain.name,
        depth=depth,
        mode=_mode(domain),
        cap_watts=enforcement.effective_cap_watts if enforcement else domain.spec.cap_watts,
        reserved_watts=enforcement.reserved_watts if enforcement else None,
        draw_watts=observed.power_watts if observed and _is_recent(observed.last_updated, now) else None,
        heartbeat_age_seconds=max(0.0, (now - heartbeat).total_seconds()) if heartbeat else None,
        troubles=_troubles(domain),
    )


_BAD_WHEN_TRUE = frozenset({"BootUnprotected", "TelemetryStale"})
_USUAL = frozenset({("LoadTarget", "Announced"), ("LoadTarget", "Ramping"), ("LoadTarget", "Released")})
"""Conditions that are False in the usual course of things, by type and reason."""


def _troubles(domain: PowerDomain) -> str:
    usual = _USUAL | ({("Enforced", "NotEnforced")} if _mode(domain) == MODE_OFF else frozenset())
    return ", ".join(
        f"{each.type}: {each.reason}"
        for each in domain.status.conditions
        if each.status == ("True" if each.type in _BAD_WHEN_TRUE else "False")
        and (each.type, each.reason) not in usual
    )


def _mode(domain: PowerDomain) -> str:
    return domain.spec.update_policy.update_mode


AGENT_SECONDS = 120.0
"""Agents write each 30 s at least; draws older than four times that say nothing of the present."""
RECOMMENDER_SECONDS = 600.0
"""The recommender writes each ``--refresh-seconds``, which are 60 by default, at least."""


def _is_recent(stamp: str, now: datetime, within_seconds: float = RECOMMENDER_SECONDS) -> bool:
    told = parse_time(stamp)
    return told is not None and (now - told).total_seconds() <= within_seconds


def _node(node: NodeFrequencies, now: datetime) -> NodeRow:
    wanted, confirmed = node.spec.power_budget, node.status.power_budget
    recent = _is_recent(node.status.last_updated, now, AGENT_SECONDS)
    return NodeRow(
        name=node.name,
        domain=wanted.domain if wanted else "",
        grant_watts=wanted.grant_watts if wanted else None,
        enforced_watts=confirmed.enforced_budget_watts if confirmed else None,
        draw_watts=node.status.draw_watts if recent else None,
        state=_state(node, recent=recent),
    )


def _state(node: NodeFrequencies, *, recent: bool) -> str:
    wanted, confirmed = node.spec.power_budget, node.status.power_budget
    if wanted is None:
        return "no grant"
    if confirmed is None or confirmed.uid != node.metadata.uid or not recent:
        return "silent"
    if confirmed.sequence < wanted.sequence:
        return "pending"
    return "releasing" if wanted.release else _obedience(node.status.conditions)


def _obedience(conditions: list[Condition]) -> str:
    obeyed = find_condition(conditions, "BudgetObeyed")
    if obeyed is not None and obeyed.status == "False":
        return "pending" if obeyed.reason == "Writing" else "cannot obey"
    degraded = find_condition(conditions, "Degraded")
    return "degraded" if degraded is not None and degraded.status == "True" else "obeys"


def _policy(policy: PowerCappingPolicy, now: datetime) -> PolicyRow:
    spec, status = policy.spec, policy.status
    drawn = status.current_power
    return PolicyRow(
        namespace=policy.namespace,
        name=policy.name,
        mode=spec.update_policy.update_mode,
        cap_watts=spec.power_cap_limit if status.effective_cap_watts is None else status.effective_cap_watts,
        draw_watts=drawn.watts if drawn and _is_recent(status.last_updated, now) else None,
        advice=status.recommendation.summary if status.recommendation else "",
    )
