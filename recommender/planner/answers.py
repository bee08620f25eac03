"""Plans as messages."""

from __future__ import annotations

import math
from collections.abc import Sequence

from recommender.planner.options import options_of
from recommender.planner.plan import Plan, Row
from recommender.planner.service_state import ServiceKey, Weights
from recommender.planner.wire import planner_pb2 as pb


def answer(
    plan: Plan, unknown: Sequence[ServiceKey], weights: Weights
) -> pb.CalculateOptimalReplicasResponse:
    """Returns a plan as the response, with what is not known as problems."""
    return pb.CalculateOptimalReplicasResponse(
        deploymentReplicas=[_row(row, weights) for row in plan.rows],
        problems=[
            pb.DeploymentProblem(
                name=key.name,
                namespace=key.namespace,
                reason="no such Deployment: check name and namespace; nothing is planned for it",
            )
            for key in unknown
        ],
        provenGap=plan.gap,
        plannedWatts=plan.watts,
        tokensPerSecondPerWatt=plan.tokens_per_watt,
    )


def explanation(plan: Plan, unknown: Sequence[ServiceKey], weights: Weights) -> pb.ExplainPlanResponse:
    """Returns a plan with all options that services had."""
    return pb.ExplainPlanResponse(
        plan=answer(plan, unknown, weights), options=[_options(row) for row in plan.rows], method=plan.method
    )


def _row(row: Row, weights: Weights) -> pb.DeploymentReplicas:
    key, option = row.service.key, row.option
    message = pb.DeploymentReplicas(
        name=key.name, namespace=key.namespace, optimalReplicas=row.replicas, reason=row.reason
    )
    if option is None:
        return message
    message.replicaWatts = option.replica_watts
    if math.isfinite(option.seconds_between_tokens):
        message.secondsBetweenTokens = option.seconds_between_tokens
    if row.service.model is not None and option.tokens_per_second > 0:
        message.joulesPerToken = option.expected_watts / option.tokens_per_second
    kilowatts = option.expected_watts / 1000.0
    if weights.usd_per_kwh or weights.usd_per_replica_hour:
        message.usdPerHour = kilowatts * weights.usd_per_kwh + row.replicas * weights.usd_per_replica_hour
    if weights.gco2_per_kwh:
        message.gramsCo2PerHour = kilowatts * weights.gco2_per_kwh
    return message


def _options(row: Row) -> pb.DeploymentOptions:
    table = options_of(row.service)
    columns = (table.replicas, table.speed, table.watts, table.tokens_per_second)
    chosen = (row.option.replicas, row.option.speed) if row.option else None
    return pb.DeploymentOptions(
        name=row.service.key.name,
        namespace=row.service.key.namespace,
        options=[
            pb.ReplicaOption(
                replicas=int(replicas),
                clocksPercent=100 * speed,
                watts=watts,
                tokensPerSecond=tokens,
                chosen=(replicas, speed) == chosen,
            )
            for replicas, speed, watts, tokens in zip(*(each.tolist() for each in columns), strict=True)
        ],
    )
