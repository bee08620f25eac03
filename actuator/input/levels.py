"""What is over its cap: policies, nodes whose floors do not fit, domains with draw that nobody holds."""

from __future__ import annotations

from collections.abc import Iterator

from actuator.input.picture import Picture
from actuator.ladder.scene import Level
from common.api.domain import PowerDomain
from common.api.frequencies import NodeFrequencies
from common.api.meta import find_condition
from common.api.policy import MODE_AUTO, PowerCappingPolicy

POLICY = "policy"
NODE = "node"
DOMAIN = "domain"


def levels(picture: Picture) -> Iterator[Level]:
    """Yields draw and cap of everything that has both."""
    for policy in picture.policies:
        yield from _policy(policy)
    for item in picture.objects.values():
        yield from _node(item)
    for domain in picture.domains.values():
        yield from _domain(domain)


def split(subject: str) -> tuple[str, str]:
    """Returns kind and key of a subject."""
    kind, _, key = subject.partition("/")
    return kind, key


def _policy(policy: PowerCappingPolicy) -> Iterator[Level]:
    status = policy.status
    power, cap = status.current_power, status.effective_cap_watts
    if power is None or cap is None or not power.measured_pods:
        return
    forecast = status.forecast_power
    foreseen = forecast.upper_bound_watts if forecast else power.watts
    yield Level(f"{POLICY}/{policy.key}", power.watts, cap, max(foreseen, power.watts))


def _node(item: NodeFrequencies) -> Iterator[Level]:
    """Only a node whose agent says that floors do not fit: any other is held by its devices."""
    budget = item.spec.power_budget
    obeyed = find_condition(item.status.conditions, "BudgetObeyed")
    if budget is None or obeyed is None or not item.status.last_updated:
        return
    unable = obeyed.status == "False" and obeyed.reason == "FloorsTooHigh"
    draw = item.status.draw_watts if unable else min(item.status.draw_watts, budget.grant_watts)
    yield Level(f"{NODE}/{item.name}", draw, budget.grant_watts, draw)


def _domain(domain: PowerDomain) -> Iterator[Level]:
    """Only a domain whose cap is held: what is drawn over it is drawn by nodes that nobody vouches for."""
    observed, enforcement = domain.status.observed, domain.status.enforcement
    if domain.spec.update_policy.update_mode != MODE_AUTO or observed is None or enforcement is None:
        return
    yield Level(
        f"{DOMAIN}/{domain.name}",
        observed.power_watts,
        enforcement.effective_cap_watts,
        max(observed.forecast_watts, observed.power_watts),
    )
