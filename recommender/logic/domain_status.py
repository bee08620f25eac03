"""The recommender's part of a domain's status: what is drawn under it, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from common.api.domain import DomainForecast, Observed, PowerDomain
from common.api.meta import Condition, rfc3339, set_condition
from common.domains.tree import DomainTree, Problem
from common.models.outlook import Outlook
from recommender.logic.domain_parts import DomainParts, attribution_status, domain_parts, say_parts
from recommender.logic.expectation import expect_of_domain
from recommender.logic.staleness import source_conditions, stale_condition
from recommender.logic.text import counted, listed, percent, watts
from recommender.model.nodes import NodeView
from recommender.model.telemetry import TelemetryState

OBSERVED = "Observed"


@dataclass(frozen=True)
class DomainDraw:
    """A domain's draw; nodes that nobody measures count in full, as far as a nameplate is known."""

    watts: float
    nameplate_watts: int
    nodes: tuple[str, ...]
    unmeasured: tuple[str, ...]
    parts: DomainParts = field(default_factory=DomainParts)


def domain_draw(
    tree: DomainTree, name: str, nodes: Mapping[str, NodeView], telemetry: TelemetryState
) -> DomainDraw:
    """Sums the draw of a domain's nodes."""
    members = [node for node in tree.nodes_of(name) if node in nodes]
    measured = telemetry.draws.nodes
    unmeasured = tuple(node for node in members if node not in measured)
    return DomainDraw(
        watts=sum(measured[node].total_watts for node in members if node in measured)
        + sum(nodes[node].nameplate_watts for node in unmeasured),
        nameplate_watts=sum(nodes[node].nameplate_watts for node in members),
        nodes=tuple(members),
        unmeasured=unmeasured,
        parts=domain_parts(members, nodes, telemetry.draws),
    )


def observed(draw: DomainDraw, cap_watts: int | None, outlook: Outlook | None, now: datetime) -> Observed:
    """Returns ``status.observed``; headroom is negative over the cap, and 0 without a cap."""
    upper = outlook.upper_watts(draw.nameplate_watts) if outlook else draw.watts
    return Observed(
        nodes=len(draw.nodes),
        power_watts=round(draw.watts),
        headroom_watts=cap_watts - round(draw.watts) if cap_watts is not None else 0,
        forecast_watts=math.ceil(max(upper, draw.watts)),
        forecast=_forecast(draw, cap_watts, outlook),
        attribution=attribution_status(draw.parts, round(draw.watts)),
        last_updated=rfc3339(now),
    )


def _forecast(draw: DomainDraw, cap_watts: int | None, outlook: Outlook | None) -> DomainForecast | UnsetType:
    if outlook is None:
        return UNSET
    return expect_of_domain(outlook, cap_watts, max(draw.nameplate_watts, math.ceil(draw.watts)))


def domain_conditions(
    domain: PowerDomain, draw: DomainDraw, cap_watts: int | None, telemetry: TelemetryState, now: datetime
) -> list[Condition]:
    """Returns the recommender's conditions of a domain, with times."""
    told = [_observed(draw, cap_watts), stale_condition(telemetry, draw.nodes), *source_conditions(telemetry)]
    return stamp(domain, told, now)


def broken_condition(domain: PowerDomain, problems: Sequence[Problem], now: datetime) -> Condition:
    """Returns the condition of a domain that has no place in the tree."""
    reason = problems[0].reason if problems else "NotInTree"
    text = "; ".join(problem.message for problem in problems) or "this domain is not in the tree yet"
    condition = Condition(type=OBSERVED, status="False", reason=reason, message=text)
    return stamp(domain, [condition], now)[0]


def stamp(domain: PowerDomain, new: list[Condition], now: datetime) -> list[Condition]:
    """Gives conditions the generation and the time since when they are as they are."""
    kinds = {condition.type for condition in new}
    stamped = [one for one in domain.status.conditions if one.type in kinds]
    generation = domain.metadata.generation
    for condition in new:
        stamped = set_condition(
            stamped, msgspec.structs.replace(condition, observed_generation=generation), now
        )
    return stamped


def _observed(draw: DomainDraw, cap_watts: int | None) -> Condition:
    if not draw.nodes:
        text = "no node is in this domain: check spec.nodeSelector, or give it child domains that have nodes"
        return Condition(type=OBSERVED, status="False", reason="NoNodes", message=text)
    drawn = f"{counted(len(draw.nodes), 'node')} draw {watts(draw.watts)}"
    if cap_watts is not None:
        drawn += f" of {watts(cap_watts)} ({percent(draw.watts, cap_watts)})"
    if draw.unmeasured:
        text = f"{drawn}; not measured, counted at nameplate: {listed(draw.unmeasured)}"
        if draw.parts.estimated:
            text += f" (likely {watts(draw.parts.estimated)} of {watts(draw.parts.nameplate)})"
        return Condition(type=OBSERVED, status="False", reason="NotAllMeasured", message=text)
    return Condition(
        type=OBSERVED, status="True", reason="Measured", message=f"{drawn}: {say_parts(draw.parts)}"
    )
