"""The whole status of one policy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import msgspec

from common.algorithms.registry import DEFAULT
from common.api.meta import Condition, rfc3339, set_condition
from common.api.policy import CurrentPower, ForecastPower, PolicyStatus, PowerCappingPolicy, Recommendation
from recommender.logic.advice import (
    Settings,
    advise,
    chosen_algorithms,
    unusable,
)
from recommender.logic.besides import measured_besides
from recommender.logic.board_snapshot import board_snapshot
from recommender.logic.carry_over import NOTE, carried_over
from recommender.logic.containers import PodLimits, recommend_containers
from recommender.logic.expectation import expect
from recommender.logic.facts import PolicyFacts
from recommender.logic.former import former_clocks, former_limits
from recommender.logic.node_advice import node_advice
from recommender.logic.policy_conditions import policy_conditions
from recommender.logic.replicas import former_advice, replica_ceilings, too_many
from recommender.logic.summary import compare, omitted, summarize
from recommender.model.telemetry import TelemetryState
from recommender.model.usage import Usage

MOST_ENTRIES = 64


def policy_status(
    facts: PolicyFacts, settings: Settings, telemetry: TelemetryState, usage: Usage, now: datetime
) -> PolicyStatus:
    """Works out a policy's status around the device settings that are advised."""
    forecast = forecast_power(facts)
    return PolicyStatus(
        conditions=stamp(facts.policy, policy_conditions(facts, settings, telemetry), now),
        observed_generation=facts.policy.metadata.generation,
        capping_action_required=facts.required,
        last_updated=rfc3339(now),
        effective_cap_watts=facts.cap.watts,
        current_power=CurrentPower(
            watts=round(facts.draw_watts), pods=len(facts.pods), measured_pods=facts.measured,
            source=facts.source, **measured_besides(facts),
        ),
        forecast_power=forecast,
        recommendation=_recommendation(facts, settings, forecast, telemetry, usage, now),
        comparison=compare(facts, settings, forecast),
    )  # fmt: skip


def stamp(policy: PowerCappingPolicy, new: list[Condition], now: datetime) -> list[Condition]:
    """Gives conditions their times and generation; those of the past that are not in ``new`` go."""
    generation = policy.metadata.generation
    kinds = {condition.type for condition in new}
    stamped = [one for one in policy.status.conditions if one.type in kinds]
    for condition in new:
        observed = msgspec.structs.replace(condition, observed_generation=generation)
        stamped = set_condition(stamped, observed, now)
    return stamped


def forecast_power(facts: PolicyFacts) -> ForecastPower | None:
    """Returns the outlook of a policy's draw, at most what its devices can draw; None without history."""
    outlook = facts.outlook
    if outlook is None or not facts.measured:
        return None
    return expect(outlook, facts.cap.watts, max(facts.ceiling_watts, math.ceil(facts.draw_watts)))


def advised_settings(facts: PolicyFacts) -> Settings:
    """Returns the device settings; with stale telemetry none is raised or lifted."""
    if facts.cap.watts is None or not facts.boards:
        return advise_nothing(facts)
    budget = max(0, facts.cap.watts - math.ceil(facts.host_watts))
    snapshot = board_snapshot(
        facts.policy, facts.boards, budget, facts.racks, throttle=facts.required, floors=facts.floors
    )
    settings = advise(snapshot, chosen_algorithms(facts.policy.spec))
    return _not_raised(facts, settings) if facts.untold else settings


def _not_raised(facts: PolicyFacts, settings: Settings) -> Settings:
    """Returns settings of which none is above the one advised before, nor left out where there was one."""
    limits, clocks = former_limits(facts.policy), former_clocks(facts.policy)
    return replace(
        settings,
        watts=_at_most(facts, settings.watts, limits),
        frequency=_at_most(facts, settings.frequency, clocks),
    )


def _at_most(facts: PolicyFacts, new: Mapping[str, int], former: Mapping[str, int]) -> dict[str, int]:
    held = {board.uuid: former[board.uuid] for board in facts.boards if board.uuid in former}
    return {**new, **{uuid: min(value, new.get(uuid, value)) for uuid, value in held.items()}}


def advise_nothing(facts: PolicyFacts) -> Settings:
    """Returns empty settings that still carry what is wrong with the algorithms asked for."""
    chosen = chosen_algorithms(facts.policy.spec)
    names = tuple(one.name for one in chosen) or (DEFAULT,)
    problems = unusable(chosen)
    return Settings(watts={}, frequency={}, algorithms=(DEFAULT,) if problems else names, problems=problems)


def _recommendation(
    facts: PolicyFacts, settings: Settings, forecast: ForecastPower | None, telemetry: TelemetryState,
    usage: Usage, now: datetime,
) -> Recommendation:  # fmt: skip
    limits = pod_limits(facts, settings, telemetry)
    containers = recommend_containers(facts.pods, telemetry.draws, usage, limits)
    kept = carried_over(facts)
    ceilings = (
        former_advice(facts.policy)
        if kept
        else replica_ceilings(facts, telemetry.known, containers, now.timestamp())
    )
    summary = summarize(facts, settings, forecast, too_many(facts, ceilings))
    full = Recommendation(
        summary=f"{summary} {NOTE}" if kept else summary,
        containers=containers,
        nodes=node_advice(facts.boards, settings) or kept,
        replicas=ceilings.advice,
        replica_budget_watts=ceilings.budget_watts,
        schedule=facts.deferred.schedule[:MOST_ENTRIES],
        slowdowns=list(facts.floors.advice[:MOST_ENTRIES]),
    )
    return msgspec.structs.replace(
        full,
        containers=full.containers[:MOST_ENTRIES],
        nodes=full.nodes[:MOST_ENTRIES],
        omitted=omitted(full, MOST_ENTRIES),
    )


def pod_limits(facts: PolicyFacts, settings: Settings, telemetry: TelemetryState) -> dict[str, PodLimits]:
    """Returns what each pod can draw, and what the advice (or else its part of the cap) leaves it."""
    cap = facts.cap.watts
    share = min(1.0, cap / facts.ceiling_watts) if cap is not None and facts.ceiling_watts else 1.0
    limits = {}
    for pod in facts.pods:
        ceiling, draw = facts.ceilings[pod.key], telemetry.known.pods.get(pod.key)
        allowed = ceiling * share
        if draw and any(uuid in settings.watts for uuid in draw.gpus):
            allowed = draw.host_watts + sum(settings.watts.get(uuid, 0) for uuid in draw.gpus)
        limits[pod.key] = PodLimits(ceiling, allowed)
    return limits
