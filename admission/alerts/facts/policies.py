"""What a policy's status says that somebody should know of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import UNSET

from admission.alerts.facts.fact import Fact, being_deleted, condition_in
from common.alerts.notice import CRITICAL, WARNING
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.reference import reference

BREACH_PERCENT: Final = 50
"""A breach that is likelier than not is told of before it happens."""

_TELEMETRY_ADVICE: Final = "Find out why the source is silent; until it is back nothing is raised."


def policy_facts(policy: PowerCappingPolicy) -> Iterator[Fact]:
    """Yields the facts of one policy."""
    if being_deleted(policy):
        return
    yield from _over_cap(policy)
    yield from _advice_not_taken(policy)
    yield from _stale(policy)


def _over_cap(policy: PowerCappingPolicy) -> Iterator[Fact]:
    over = condition_in(policy.status.conditions, "WithinCap", "False")
    subject, advice = reference(POLICIES, policy), _summary(policy)
    if over is not None:
        summary = f"Policy {policy.key} draws more than its cap"
        yield Fact("PolicyOverCap", CRITICAL, subject, summary, over.message, advice)
        return
    forecast = policy.status.forecast_power
    percent = forecast.breach_probability_percent if forecast is not None else UNSET
    if forecast is not None and percent is not UNSET and percent >= BREACH_PERCENT:
        detail = (
            f"{percent} percent within {forecast.horizon_seconds} s; expected"
            f" {forecast.median_watts:,} W, at most {forecast.upper_bound_watts:,} W,"
            f" of {policy.status.effective_cap_watts or 0:,} W"
        )
        summary = f"Policy {policy.key} is likely to break its cap"
        yield Fact("PolicyBreachExpected", WARNING, subject, summary, detail, advice)


def _advice_not_taken(policy: PowerCappingPolicy) -> Iterator[Fact]:
    """Capping is called for and nothing may be done about it: the mode, a lever or a pause forbids it."""
    idle = condition_in(policy.status.conditions, "Acting", "False")
    if idle is None or not policy.status.capping_action_required:
        return
    summary = f"Policy {policy.key} needs capping and nothing acts on it"
    detail = f"{idle.reason}: {idle.message}"
    yield Fact("AdviceNotTaken", WARNING, reference(POLICIES, policy), summary, detail, _summary(policy))


def _stale(policy: PowerCappingPolicy) -> Iterator[Fact]:
    stale = condition_in(policy.status.conditions, "TelemetryStale", "True")
    if stale is not None:
        summary = f"Policy {policy.key} is judged by telemetry that is too old"
        yield Fact(
            "TelemetryStale", WARNING, reference(POLICIES, policy), summary, stale.message, _TELEMETRY_ADVICE
        )


def _summary(policy: PowerCappingPolicy) -> str:
    advice = policy.status.recommendation
    told = f"kubectl -n {policy.namespace} describe powercappingpolicy {policy.name}"
    return advice.summary if advice and advice.summary else f"See {told}"
