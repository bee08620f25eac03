"""The series that the forecaster learns: nodes, domains and policies."""

from __future__ import annotations

from common.domains.tree import DomainTree
from recommender.logic.domain_status import domain_draw
from recommender.logic.facts import select_pods
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World


def node_series(node: str) -> str:
    """Returns the name by which the forecaster knows a node's draw."""
    return f"node/{node}"


def domain_series(domain: str) -> str:
    """Returns the name by which the forecaster knows a domain's draw."""
    return f"domain/{domain}"


def policy_series(key: str) -> str:
    """Returns the name by which the forecaster knows the draw of a policy's pods."""
    return f"policy/{key}"


def levels(world: World, tree: DomainTree, telemetry: TelemetryState) -> dict[str, float]:
    """Returns the present draw of every series that is measured at all."""
    draws = telemetry.draws
    found = {node_series(name): draw.total_watts for name, draw in draws.nodes.items()}
    for name in tree.domains:
        total = domain_draw(tree, name, world.nodes, telemetry)
        if len(total.unmeasured) < len(total.nodes):
            found[domain_series(name)] = total.watts
    return found | _policy_levels(world, telemetry)


def _policy_levels(world: World, telemetry: TelemetryState) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, policy in world.policies.items():
        keys = [pod.key for pod in select_pods(policy, world)]
        watts = [telemetry.draws.pods[pod].watts for pod in keys if pod in telemetry.draws.pods]
        if watts:
            found[policy_series(key)] = sum(watts)
    return found
