"""One pass over the domain tree: what nodes need, how the caps divide, what the statuses say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.api.domain import Observed, PowerDomain
from common.api.meta import Condition, rfc3339
from common.api.plan import PlanSpec, PlanStatus
from common.api.policy import PowerCappingPolicy
from common.domains.tree import DomainTree, Problem
from common.models.outlook import Outlook
from recommender.logic.division import Division, NodeNeed, divide_domains, node_need, with_guarantee
from recommender.logic.domain_status import broken_condition, domain_conditions, domain_draw, observed
from recommender.logic.facts import select_pods
from recommender.logic.overlaps import guaranteed_by_node
from recommender.logic.plans import KIND_NODE, make_plans
from recommender.model.names import domain_series, node_series
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World

Outlooks = Callable[[str], Outlook | None]


@dataclass(frozen=True)
class DomainReport:
    """The recommender's part of a domain's status."""

    observed: Observed
    conditions: list[Condition]


def node_needs(
    tree: DomainTree, world: World, telemetry: TelemetryState, outlooks: Outlooks,
    decided: Mapping[str, int],
) -> dict[str, NodeNeed]:  # fmt: skip
    """Says for every node of the tree what it must have and would like.

    Args:
        tree: The domains.
        world: Nodes, pods, policies and plans.
        telemetry: What is drawn.
        outlooks: What is expected, by series.
        decided: Watts by node of the last division; the plans on record may lag behind it.
    """
    planned = _planned(world) | dict(decided)
    priorities = _priorities(world, telemetry)
    guaranteed = guaranteed_by_node(world)
    needs = {}
    for name, view in world.nodes.items():
        domain = tree.leaf_of(name)
        if domain is None:
            continue
        draw = telemetry.draws.nodes.get(name)
        outlook = outlooks(node_series(name))
        drawn = draw.total_watts if draw else None
        upper = outlook.upper_watts(view.nameplate_watts) if outlook else float(view.nameplate_watts)
        need = node_need(view, domain, drawn, upper, planned.get(name, 0), priorities.get(name, {}))
        needs[name] = with_guarantee(need, guaranteed.get(name, 0))
    return needs


def plan_domains(
    tree: DomainTree, world: World, needs: Mapping[str, NodeNeed]
) -> tuple[Division, list[tuple[str, PlanSpec, PlanStatus]]]:
    """Divides the caps, and lays the outcome out as plans."""
    division = divide_domains(tree, needs.values(), world.now)
    return division, list(make_plans(tree, division, needs))


def report_domain(
    tree: DomainTree,
    name: str,
    world: World,
    telemetry: TelemetryState,
    division: Division,
    outlooks: Outlooks,
) -> DomainReport:
    """Works out the recommender's part of one domain's status."""
    draw = domain_draw(tree, name, world.nodes, telemetry)
    cap = division.caps.get(name)
    return DomainReport(
        observed=observed(draw, cap, outlooks(domain_series(name)), world.now),
        conditions=domain_conditions(tree.domains[name], draw, cap, telemetry, world.now),
    )


def broken_domain(domain: PowerDomain, problems: Sequence[Problem], now: datetime) -> DomainReport:
    """Says why a domain has no place in the tree; nothing is planned for it until that is mended."""
    return DomainReport(Observed(last_updated=rfc3339(now)), [broken_condition(domain, problems, now)])


def _planned(world: World) -> dict[str, int]:
    """Returns what the plans on record give each node."""
    entries = (entry for plan in world.plans.values() for entry in plan.status.entries)
    return {entry.name: entry.watts for entry in entries if entry.kind == KIND_NODE}


def _priorities(world: World, telemetry: TelemetryState) -> dict[str, dict[int, float]]:
    """Returns the draw on each node by the priority of its pods' policies; the highest policy counts."""
    level: dict[str, int] = {}
    for policy in _by_priority(world.policies.values()):
        level.update(dict.fromkeys((pod.key for pod in select_pods(policy, world)), policy.spec.priority))
    drawn: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for pod in world.pods:
        draw = telemetry.draws.pods.get(pod.key)
        if draw is not None:
            drawn[pod.node][level.get(pod.key, 0)] += draw.watts
    return drawn


def _by_priority(policies: Iterable[PowerCappingPolicy]) -> list[PowerCappingPolicy]:
    return sorted(policies, key=lambda policy: policy.spec.priority)
