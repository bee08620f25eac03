"""From objects to rows: pure, so that tests and other front ends can use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from climatik.status.read import Snapshot
from common.api.domain import PowerDomain
from common.api.frequencies import NodeFrequencies
from common.api.meta import Condition, parse_time
from common.api.policy import PowerCappingPolicy


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
    """A node; ``state`` says in one word whether its agent obeys the grant."""

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
        [_node(node) for node in sorted(snapshot.nodes, key=lambda each: each.name)],
        [_policy(policy) for policy in sorted(snapshot.policies, key=lambda each: each.key)],
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
        mode=domain.spec.update_policy.update_mode,
        cap_watts=enforcement.effective_cap_watts if enforcement else domain.spec.cap_watts,
        reserved_watts=enforcement.reserved_watts if enforcement else None,
        draw_watts=observed.power_watts if observed else None,
        heartbeat_age_seconds=max(0.0, (now - heartbeat).total_seconds()) if heartbeat else None,
        troubles=_troubles(domain.status.conditions),
    )


_BAD_WHEN_TRUE = frozenset({"BootUnprotected", "TelemetryStale"})


def _troubles(conditions: Iterable[Condition]) -> str:
    bad = [each for each in conditions if each.status == ("True" if each.type in _BAD_WHEN_TRUE else "False")]
    return ", ".join(f"{each.type}: {each.reason}" for each in bad)


def _node(node: NodeFrequencies) -> NodeRow:
    wanted, confirmed = node.spec.power_budget, node.status.power_budget
    reported = bool(node.status.last_updated)
    return NodeRow(
        name=node.name,
        domain=wanted.domain if wanted else "",
        grant_watts=wanted.grant_watts if wanted else None,
        enforced_watts=confirmed.enforced_budget_watts if confirmed else None,
        draw_watts=node.status.draw_watts if reported else None,
        state=_state(node),
    )


def _state(node: NodeFrequencies) -> str:
    wanted, confirmed = node.spec.power_budget, node.status.power_budget
    if wanted is None:
        return "no grant"
    if confirmed is None or confirmed.uid != node.metadata.uid:
        return "silent"
    if confirmed.sequence < wanted.sequence:
        return "pending"
    return "releasing" if wanted.release else "obeys"


def _policy(policy: PowerCappingPolicy) -> PolicyRow:
    spec, status = policy.spec, policy.status
    return PolicyRow(
        namespace=policy.namespace,
        name=policy.name,
        mode=spec.update_policy.update_mode,
        cap_watts=spec.power_cap_limit if status.effective_cap_watts is None else status.effective_cap_watts,
        draw_watts=status.current_power.watts if status.current_power else None,
        advice=status.recommendation.summary if status.recommendation else "",
    )
