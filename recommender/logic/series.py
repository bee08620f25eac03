"""The series that the forecaster learns: nodes, domains and policies."""

from __future__ import annotations

from collections.abc import Mapping

from common.domains.tree import DomainTree
from recommender.logic.domain_status import domain_draw
from recommender.logic.facts import select_pods
from recommender.model.names import domain_series, load_series, node_series, policy_series
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World


def levels(
    world: World, tree: DomainTree, telemetry: TelemetryState, tokens: Mapping[str, float]
) -> dict[str, float]:
    """Returns the present value of every series that is measured at all.

    Args:
        world: Nodes, pods and policies.
        tree: The domains.
        telemetry: What is drawn, in watts.
        tokens: Generated per second, by pod key, of inference servers whose load is known.
    """
    draws = telemetry.draws
    found = {node_series(name): draw.total_watts for name, draw in draws.nodes.items()}
    for name in tree.domains:
        total = domain_draw(tree, name, world.nodes, telemetry)
        if len(total.unmeasured) < len(total.nodes):
            found[domain_series(name)] = total.watts
    return found | _policy_levels(world, telemetry, tokens)


def _policy_levels(world: World, telemetry: TelemetryState, tokens: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, policy in world.policies.items():
        keys = [pod.key for pod in select_pods(policy, world)]
        watts = [telemetry.draws.pods[pod].watts for pod in keys if pod in telemetry.draws.pods]
        if watts:
            found[policy_series(key)] = sum(watts)
        served = [tokens[pod] for pod in keys if pod in tokens] if tokens else []
        if served:
            found[load_series(key)] = sum(served)
    return found
